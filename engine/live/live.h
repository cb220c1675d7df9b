/*
 * The daemon: everything that a running session is made of, brought up and down in order. What the control interface
 * shows it reads from here.
 *
 * Up: log, journal and core (recovery), offload, scheduler, supervisor, control, broker link, reconciliation, feed
 * last. Down, in reverse: feed first. SIGINT and SIGTERM go down within stop_timeout_ms, exit 0; a second one leaves at
 * once with 1. SIGHUP reloads limits, alerts, log level and jobs.
 */
#ifndef DUET_ENGINE_LIVE_LIVE_H
#define DUET_ENGINE_LIVE_LIVE_H

#include <stdbool.h>

#include "components/lag.h"
#include "components/offload.h"
#include "components/scheduler.h"
#include "components/supervisor.h"
#include "engine/config.h"
#include "engine/live/live_config.h"
#include "engine/live/session.h"

struct duet_alerts; // engine/live/alerts.h
struct duet_control; // engine/live/control.h
struct duet_gateway; // engine/live/gateway.h
struct duet_feed_file; // engine/live/feed_file.h

struct duet_live {
    struct duet_config *config;
    struct duet_live_config *live;
    const struct duet_plugin *plugin; // of the strategy
    const struct duet_core_series *series; // of the session
    uint32_t series_count;
    struct duet_loop *loop;
    const struct duet_clock *clock; // of the session
    struct duet_log *log;
    struct duet_session *session;
    struct duet_offload *offload;
    struct duet_scheduler *scheduler;
    struct duet_supervisor *supervisor;
    struct duet_lag *lag;
    struct duet_gateway *gateway; // NULL: none
    struct duet_feed_file *feed_file; // NULL: none
    struct duet_control *control; // NULL: off
    struct duet_alerts *alerts; // NULL: not yet, or no longer
    int64_t began_ns; // wall
    bool stopping;
};

struct duet_live_command {
    struct duet_config *config; // file, environment and command line applied, live: made where there was none; borrowed
    bool real_money; // second switch
    /** The same again from file and command line, for a reload; NULL: there is nothing to read again. */
    enum duet_status (*read)(void *argument, struct duet_config *config);
    /** For tests: as `step` of the session's options; NULL in service. */
    void (*step)(void *argument, const char *name);
    void *argument;
};
/** `duet live`, `duetd`: run until a signal or the end of a file feed; the exit code. */
DUET_EXPORT int duet_command_live(const struct duet_live_command *command);
/** Begin to go down in order; from the control interface or a signal. Once is enough. */
void duet_live_stop(struct duet_live *live, const char *why);
/** Read the configuration again (SIGHUP, reload), and open the log file anew. The answer names what was changed and
 * what needs a restart. Where the new one is wrong nothing changes. */
enum duet_status duet_live_reload(struct duet_live *live, char *answer, size_t size);

#endif
