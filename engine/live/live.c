/*
 * The daemon's life: up, running, down. One source of the loop watches over it: signals, pending starts, the end of a
 * file, the deadline of a stop, the manager's watchdog. It sleeps until one of them is due or somebody wakes the loop.
 */
#include "engine/live/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/commands.h"
#include "engine/live/gateway.h"
#include "engine/live/live_private.h"
#include "engine/live/live_signals.h"

#define MS_NS INT64_C(1000000)
#define STATUS_NS DUET_SECOND_NS
/** A source that keeps the loop as long is told in the log. */
#define SLOW_NS (50 * MS_NS)
/** While a stop waits for the broker, or for a disk that is full. */
#define LOOK_NS (50 * MS_NS)

static int64_t wall_now_ns(void) {
    return duet_clock_now_ns(&duet_clock_wall);
}

static int64_t after_ms(int64_t ms) {
    return duet_monotonic_ns() + ms * MS_NS;
}

/* -------------------------------------------------------------------------------------------------------- start */

/** Keeps the line of the first. */
static void note_failure(struct live_run *run, enum duet_status status) {
    if (run->failure == DUET_OK) {
        run->failure = status;
        duet_text_copy(run->failure_text, sizeof(run->failure_text), duet_error_text());
    }
}

static void fail(struct live_run *run, enum duet_status status) {
    note_failure(run, status);
    duet_live_stop(&run->live, "failure");
}

static void arm(struct live_run *run) {
    if (live_command(run, DUET_COMMAND_ARM, "--arm") != DUET_OK) {
        duet_log_error(&run->log, "not-armed", "reason=%s", duet_error_text());
    }
}

/** Refused where the process before ended while its data was stale, or with an order in doubt: so again when that is
 * over, unless an operator has decided meanwhile. */
static void look_at_arming(struct live_run *run) {
    const struct duet_core *core = duet_session_core(run->live.session);
    struct duet_session_status status;
    duet_session_get_status(run->live.session, &status);
    if (!run->arms || status.waiting > 0 || duet_core_is_impeded(core)) {
        return;
    }
    bool is_wanted = duet_core_trading(core) == DUET_TRADING_REDUCING &&
                     strncmp(duet_core_trading_reason(core), DUET_RESTARTED, strlen(DUET_RESTARTED)) == 0;
    run->arms = is_wanted && duet_core_in_doubt(core) > 0;
    if (is_wanted && !run->arms) {
        arm(run);
    }
}

static void enter_running(struct live_run *run) {
    run->phase = LIVE_RUNNING;
    run->deadline_ns = INT64_MAX;
    // A session that is made here is armed from its first record on.
    run->arms = run->live.live->arm && duet_session_recovered(run->live.session);
    if (run->arms) {
        arm(run);
    }
    (void)duet_notify_send(&run->notify, "READY=1\nSTATUS=running");
    live_tell_started(run);
}

/** The feed comes last: files ahead of it, the gateway, or the file that is the feed. */
static void begin_feed(struct live_run *run) {
    struct duet_live *live = &run->live;
    enum duet_status status = duet_feed_file_begin(live->feed_file);
    if (status != DUET_OK) {
        fail(run, status);
        return;
    }
    if (live->live->feed_gateway) {
        run->phase = LIVE_HISTORY;
    } else {
        enter_running(run);
    }
    duet_loop_add(live->loop, duet_feed_file_source(live->feed_file));
}

static void begin_link(struct live_run *run) {
    struct duet_live *live = &run->live;
    run->phase = LIVE_LINK;
    run->deadline_ns = live->live->start_timeout_ms == 0 ? INT64_MAX : after_ms(live->live->start_timeout_ms);
    enum duet_status status = duet_gateway_create(live, &live->gateway);
    if (status != DUET_OK) {
        fail(run, status);
    }
}

static void look_at_parts(struct live_run *run) {
    enum duet_status status = duet_stack_continue(&run->stack, wall_now_ns());
    if (status == DUET_OK) {
        begin_feed(run);
    } else if (status != DUET_PENDING) {
        fail(run, status);
    }
}

static void look_at_link(struct live_run *run) {
    struct duet_gateway_status status;
    duet_gateway_get_status(run->live.gateway, &status);
    if (status.up && status.reconciled) {
        enter_running(run);
    } else if (duet_monotonic_ns() >= run->deadline_ns) {
        fail(run, duet_error(DUET_ETIMEOUT, "gateway %s: no answer within %lld ms%s%s", run->live.live->gateway,
                      (long long)run->live.live->start_timeout_ms, status.error[0] != '\0' ? ": " : "", status.error));
    }
}

static void look_at_feed(struct live_run *run) {
    enum duet_status failure;
    if (!duet_feed_file_is_over(run->live.feed_file, &failure)) {
        return;
    }
    if (failure != DUET_OK) {
        fail(run, failure);
    } else if (run->phase == LIVE_HISTORY) {
        begin_link(run);
    } else if (!run->live.live->feed_gateway) {
        duet_live_stop(&run->live, "the file is at its end");
    }
}

/* --------------------------------------------------------------------------------------------------------- stop */

void duet_live_stop(struct duet_live *live, const char *why) {
    struct live_run *run = live_run_of(live);
    if (live->stopping) {
        return;
    }
    live->stopping = true;
    duet_log_info(&run->log, "stopping", "why=%s on_stop=%s", why,
        live->live->on_stop == DUET_ON_STOP_LEAVE    ? "leave"
        : live->live->on_stop == DUET_ON_STOP_CANCEL ? "cancel"
                                                     : "flatten");
    (void)duet_notify_send(&run->notify, "STOPPING=1");
    run->deadline_ns = after_ms(live->live->stop_timeout_ms);
    if (live->loop != NULL) {
        duet_loop_wake(live->loop);
    }
}

/** What on_stop asks of the broker. A flattening session still needs prices, so its feed goes on. */
static void begin_leaving(struct live_run *run) {
    struct duet_live *live = &run->live;
    bool was_running = run->phase == LIVE_RUNNING;
    run->phase = LIVE_LEAVING;
    if (live->feed_file != NULL && live->live->on_stop != DUET_ON_STOP_FLATTEN) {
        duet_loop_remove(live->loop, duet_feed_file_source(live->feed_file));
    }
    if (!was_running || run->failure != DUET_OK || live->live->on_stop == DUET_ON_STOP_LEAVE) {
        return;
    }
    bool flatten = live->live->on_stop == DUET_ON_STOP_FLATTEN;
    if (live_command(run, flatten ? DUET_COMMAND_FLATTEN : DUET_COMMAND_CANCEL_ALL, "on_stop") != DUET_OK) {
        duet_log_error(&run->log, "on-stop", "reason=%s", duet_error_text());
    }
}

static bool has_left(const struct live_run *run) {
    const struct duet_live *live = &run->live;
    struct duet_session_status status;
    duet_session_get_status(live->session, &status);
    if (live->live->on_stop == DUET_ON_STOP_LEAVE || run->failure != DUET_OK) {
        return true;
    }
    return status.waiting == 0 && live_working_orders(run) == 0 &&
           (live->live->on_stop == DUET_ON_STOP_CANCEL || live_positions(run) == 0);
}

static void look_at_leaving(struct live_run *run) {
    struct duet_live *live = &run->live;
    if (!has_left(run) && duet_monotonic_ns() < run->deadline_ns) {
        return;
    }
    run->phase = LIVE_DOWN;
    enum duet_status status = duet_session_stop(live->session);
    if (status != DUET_OK) {
        note_failure(run, status);
    }
    duet_loop_stop(live->loop);
}

/* --------------------------------------------------------------------------------------------------------- watch */

/** A core that has faulted decides nothing more; its owner has to look. */
static void look_at_session(struct live_run *run) {
    struct duet_session_status status;
    duet_session_get_status(run->live.session, &status);
    if (status.fault != DUET_OK && run->failure == DUET_OK) {
        fail(run, duet_error(status.fault, "%s", status.error));
    }
}

static void look_at_signals(struct live_run *run) {
    if (duet_signals_stop() != 0) {
        duet_live_stop(&run->live, "signal");
    }
    if (duet_signals_take_reload()) {
        char answer[512];
        (void)duet_live_reload(&run->live, answer, sizeof(answer));
    }
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/** Signs of life and the status line, on their own grids. */
static int64_t tick(struct live_run *run, int64_t now_ns) {
    if (run->watchdog_ns <= now_ns) {
        (void)duet_notify_send(&run->notify, "WATCHDOG=1");
        run->watchdog_ns = now_ns + run->notify.watchdog_ns;
    }
    if (run->status_ns <= now_ns) {
        live_show_status(run);
        run->status_ns = now_ns + STATUS_NS;
    }
    return earlier(run->watchdog_ns, run->status_ns);
}

static enum duet_source_state watch_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct live_run *run = duet_container_of(source, struct live_run, watch);
    look_at_signals(run);
    look_at_session(run);
    if (run->live.stopping && run->phase < LIVE_LEAVING) {
        begin_leaving(run);
    }
    switch (run->phase) {
    case LIVE_PARTS:
        look_at_parts(run);
        break;
    case LIVE_LINK:
        look_at_link(run);
        break;
    case LIVE_RUNNING:
        look_at_arming(run);
        look_at_feed(run);
        break;
    case LIVE_HISTORY:
        look_at_feed(run);
        break;
    case LIVE_LEAVING:
        look_at_leaving(run);
        break;
    case LIVE_DOWN:
        return DUET_SOURCE_DONE;
    }
    // Everything here goes by time that only passes; the loop by the wall.
    int64_t now_ns = duet_monotonic_ns(), due_ns = earlier(tick(run, now_ns), run->deadline_ns);
    if (run->phase == LIVE_LEAVING) {
        due_ns = earlier(due_ns, now_ns + LOOK_NS);
    } else if (run->phase == LIVE_PARTS || run->phase == LIVE_LINK) {
        due_ns = now_ns + LOOK_NS;
    }
    *wake_ns = due_ns == INT64_MAX ? INT64_MAX : wall_now_ns() + (due_ns - now_ns);
    return run->live.stopping && run->phase < LIVE_LEAVING ? DUET_SOURCE_MORE : DUET_SOURCE_WAIT;
}

/* ------------------------------------------------------------------------------------------------------ the whole */

static enum duet_status run_loop(struct live_run *run) {
    run->watch = (struct duet_source){.name = "daemon", .run = watch_run};
    run->watchdog_ns = run->notify.watchdog_ns == 0 ? INT64_MAX : INT64_MIN;
    bool terminal = isatty(STDERR_FILENO) == 1 && !run->live.config->quiet && run->live.live->log_file == NULL;
    run->status_ns = terminal ? INT64_MIN : INT64_MAX;
    duet_signals_wake(run->live.loop);
    duet_loop_watch(run->live.loop, SLOW_NS, live_tell_slow, run);
    duet_loop_add(run->live.loop, &run->watch);
    enum duet_status status = duet_loop_run(run->live.loop);
    duet_loop_remove(run->live.loop, &run->watch);
    duet_signals_wake(NULL);
    return status;
}

static enum duet_status open_log(struct live_run *run) {
    const struct duet_live_config *live = run->live.live;
    struct duet_log_file_options options = {.path = live->log_file,
        .json = live->log_json,
        .bytes_max = live->log_max_mb << 20,
        .keep = live->log_keep,
        .before = live_clear_status,
        .argument = run};
    enum duet_status status = duet_log_file_open(&options, &run->log_file);
    if (status == DUET_OK) {
        run->log = (struct duet_log){.clock = &duet_clock_wall,
            .threshold = live_severity(run->live.config),
            .sink = duet_log_file_sink,
            .argument = run->log_file};
        run->live.log = &run->log;
    }
    return status;
}

static enum duet_status live_run(struct live_run *run) {
    struct duet_live *live = &run->live;
    enum duet_status status = duet_config_check(live->config);
    if (status == DUET_OK) {
        duet_live_config_complete(live->live);
        status = duet_live_config_check(live->config, run->command->real_money);
    }
    if (status == DUET_OK) {
        status = open_log(run);
    }
    if (status == DUET_OK) {
        duet_notify_init(&run->notify, &run->log);
        status = live_up(run);
    }
    if (status == DUET_OK) {
        status = run_loop(run);
    }
    live_clear_status(run);
    if (status == DUET_OK && run->failure != DUET_OK) {
        status = duet_error(run->failure, "%s", run->failure_text);
    }
    if (status == DUET_OK) {
        (void)live_tell_left(run);
        live_print_summary(run);
    }
    return status;
}

int duet_command_live(const struct duet_live_command *command) {
    struct live_run *run = duet_alloc(1, sizeof(*run));
    run->command = command;
    run->live.config = command->config;
    run->live.live = duet_config_live(command->config);
    run->live.began_ns = wall_now_ns();
    run->notify.fd = -1;
    run->deadline_ns = INT64_MAX;
    duet_signals_install();
    duet_crash_guard_install();
    enum duet_status status = live_run(run);
    if (status != DUET_OK && run->live.live->log_file != NULL) {
        duet_log_error(run->live.log, "failed", "reason=%s", duet_error_text()); // else it is the line below
    }
    int code = status == DUET_OK ? 0 : duet_complain(status);
    bool was_up = run->live.loop != NULL;
    live_down(run);
    duet_notify_finish(&run->notify);
    if (was_up) {
        duet_log_info(run->live.log, "ended", "code=%d", code);
    }
    duet_log_file_close(run->log_file);
    duet_config_finish(&run->latest);
    duet_signals_restore();
    free(run);
    return duet_finish_output(code);
}
