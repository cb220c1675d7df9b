/* What the files of the daemon share: struct duet_live and all that only they look at. */
#ifndef DUET_ENGINE_LIVE_PRIVATE_H
#define DUET_ENGINE_LIVE_PRIVATE_H

#include "base/log.h"
#include "engine/cast.h"
#include "engine/host.h"
#include "engine/live/features.h"
#include "engine/live/feed_file.h"
#include "engine/live/jobs.h"
#include "engine/live/live.h"
#include "engine/live/log_file.h"
#include "engine/live/notify.h"
#include "engine/live/recent.h"

enum live_phase {
    LIVE_PARTS, // components come up; some start may be pending
    LIVE_HISTORY, // files go ahead of a gateway's feed
    LIVE_LINK, // the gateway has yet to welcome us and tell its books
    LIVE_RUNNING,
    LIVE_LEAVING, // on_stop: cancel and flatten wait for the broker
    LIVE_DOWN,
};

struct live_run {
    struct duet_live live;
    const struct duet_live_command *command;
    struct duet_config latest; // of the last reload: what the core goes by; zeroed before the first
    enum live_phase phase;
    struct duet_plugin plugin;
    bool has_plugin;
    struct duet_cast cast;
    struct duet_core_series *series;
    struct duet_bus *bus; // of the daemon's own parts; the core has another
    struct duet_env env;
    struct duet_stack stack;
    bool stack_is_up; // or on its way
    struct duet_source watch;
    struct duet_log log;
    struct duet_log_file *log_file;
    struct duet_notify notify;
    int64_t watchdog_ns; // monotonic; of the next sign of life
    int64_t deadline_ns; // monotonic; of a start or a stop under way; INT64_MAX: none
    int64_t status_ns; // monotonic; of the next status line; INT64_MAX: there is no terminal
    bool arms; // told so by the configuration, and refused at the start: once more when nothing is in the way
    bool status_shown; // a line stands on the terminal
    int64_t slow_told_ns; // monotonic; of the last line about a slow source
    uint64_t slow_untold; // since then
    enum duet_status failure; // why the daemon goes down, where it is not asked to
    char failure_text[256];
    struct duet_recent *recent; // the latest bars
    struct duet_analyst *analyst; // signals of them, for scans
    struct duet_jobs *jobs;
    uint32_t compute_function; // of the process pool
};

static inline struct live_run *live_run_of(struct duet_live *live) {
    return duet_container_of(live, struct live_run, live);
}

/* live_up.c: everything but the feed, in order; what has come up goes down again by live_down(). */
enum duet_status live_up(struct live_run *run);
void live_down(struct live_run *run);

/* live_effects.c: what the session lets out. */
void live_effects_set(struct live_run *run, struct duet_session_options *options);
/** An operator command of our own. */
enum duet_status live_command(struct live_run *run, enum duet_command command, const char *why);

/* live_jobs.c */
/** Once scheduler and pool are made: the jobs of the configuration, and what scans need. */
enum duet_status live_jobs_open(struct live_run *run);
/** After those two were stopped, before they are gone. */
void live_jobs_close(struct live_run *run);

/* live_report.c: what people see. */
enum duet_log_severity live_severity(const struct duet_config *config);
void live_tell_started(struct live_run *run);
/** For duet_loop_watch(); a line a second at most. */
void live_tell_slow(void *run, const char *source, int64_t took_ns);
void live_tell_health(struct live_run *run);
/** What stays behind: orders that work, positions. Returns how many of both. */
size_t live_tell_left(struct live_run *run);
uint32_t live_working_orders(const struct live_run *run);
uint32_t live_positions(const struct live_run *run);
void live_show_status(struct live_run *run);
void live_clear_status(void *run);
/** At the end, on standard output. */
void live_print_summary(struct live_run *run);

#endif
