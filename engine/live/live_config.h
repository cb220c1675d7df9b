/*
 * The section `live:` of a configuration: what the daemon needs beyond a backtest. One table of keys (live_config.c)
 * drives file, --print-config, environment and the reference page, like config.c.
 *
 * Data of a session: the `data:` of the run. A series with a path is history (warm-up) and, with `feed: file`, the feed
 * itself; the path "gateway" is a series without a file, which needs interval= and decimals=.
 */
#ifndef DUET_ENGINE_LIVE_LIVE_CONFIG_H
#define DUET_ENGINE_LIVE_LIVE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <duet/money.h>
#include <duet/status.h>

#include "base/money.h"

struct duet_config;
struct duet_config_key; // engine/config.h

#define DUET_LIVE_JOBS_MAX 16
/** Letters of a session's name: an order id is name, dash, eight letters of time, dash, number, and at most 36. */
#define DUET_LIVE_NAME_MAX 16

struct duet_live_job {
    char *name;
    int64_t period_ns;
    char *run; // "scan", "command: …", "health", "snapshot"
};

enum duet_on_stop { DUET_ON_STOP_LEAVE = 0, DUET_ON_STOP_CANCEL, DUET_ON_STOP_FLATTEN };

/** Key by key as in `live:`; texts NULL where unset. */
struct duet_live_config {
    char *session; // journal file; default "duet-session.db"
    char *name; // of the session, prefix of order ids; default from the file's name
    bool feed_gateway; // feed: file|gateway
    double speed; // of a file: times faster than the wall, default 1; 0: as fast as it goes
    bool broker_gateway; // broker: paper|gateway
    char *gateway; // address; "127.0.0.1:7777", "unix:/path"
    char *gateway_token_file; // mode 0600
    bool real_money; // first switch; the second is --real-money on the command line
    int64_t bar_grace_ms; // 2000
    int64_t stale_ms; // 0: three intervals of the finest series
    int64_t heartbeat_ms; // 5000
    enum duet_on_stop on_stop;
    bool on_halt_none; // on_halt: keep-stops|none
    int64_t start_timeout_ms; // 10000
    int64_t stop_timeout_ms; // 5000
    bool opens_at_close; // open_known: close (the backtest knows it too)
    char *api; // "127.0.0.1:8000" by default; "off"
    bool api_remote; // other than loopback allowed
    char *token_file; // default SESSION.token, made 0600 where missing
    char *log_file; // NULL: standard error (journald)
    bool log_json; // log_format: text|json
    int64_t log_max_mb, log_keep; // rotation: 64, 5
    int64_t workers, queue; // offload: 8, 1000; ASYNC_FEATURES_WORKERS, ASYNC_FEATURES_QUEUE_SIZE
    bool process_pool; // ASYNC_FEATURES_USE_PROCESS_POOL
    int64_t monitor_s; // 60; position monitor
    double stop_loss, take_profit, trailing; // fractions; 0: none
    int64_t max_age_s;
    duet_money max_daily_loss; // 0: none; reached: halt
    int64_t snapshot_s; // 60
    char *alert_command, *alert_url; // run with the alert as JSON on standard input; POSTed as JSON
    int64_t lag_probe_ms; // 200
    struct duet_live_job jobs[DUET_LIVE_JOBS_MAX];
    size_t job_count;
    bool arm; // at the start, and again at every restart; not with real_money
};

void duet_live_config_init(struct duet_live_config *live);
void duet_live_config_finish(struct duet_live_config *live);
/** Set one key; unknown keys: DUET_EINVAL with the nearest. `where` as in duet_config_set(). */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_live_config_set(
    struct duet_live_config *live, const char *key, const char *value, const char *where);
/** One of `jobs:`; `every` as in "180s", `run` "scan", "health", "snapshot" or "command: FILE". */
DUET_MUST_CHECK enum duet_status duet_live_config_add_job(
    struct duet_live_config *live, const char *name, const char *every, const char *run);
/** The program of a "command: FILE" job; NULL for the others. */
const char *duet_live_job_command(const struct duet_live_job *job);
/** Environment over file: ASYNC_FEATURES_…; a bad value is DUET_EINVAL and names the variable. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_live_config_environment(struct duet_live_config *live);
/** Fill in what follows from the rest: name and token_file from session. */
void duet_live_config_complete(struct duet_live_config *live);
/** What cannot be said key by key, of a configuration with a section `live:`. Real money: limits and switches;
 * `second_switch`: --real-money was given. */
DUET_MUST_CHECK enum duet_status duet_live_config_check(const struct duet_config *config, bool second_switch);
/** One row after another, as duet_config_key(); jobs apart. NULL past the last. */
DUET_EXPORT const struct duet_config_key *duet_live_config_key(size_t index);
/** As the key is typed by default; NULL where it is unset then. */
const char *duet_live_config_default(size_t index);
/** The value of a row as duet_live_config_set() takes it, or NULL where it is unset; `out` as in duet_config_text(). */
const char *duet_live_config_text(const struct duet_live_config *live, size_t index, char out[DUET_DECIMAL_TEXT_MAX]);

#endif
