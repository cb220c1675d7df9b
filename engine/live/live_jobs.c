/* Periodic jobs of the daemon: what `jobs:` names, and the bars that scans look at. */
#include "engine/live/control.h"
#include "engine/live/live_private.h"

static void tell_health(void *argument) {
    live_tell_health(argument);
}

static void keep_snapshot(void *argument) {
    struct live_run *run = argument;
    duet_session_snapshot(run->live.session);
    duet_loop_wake(run->live.loop);
}

static void tell_listeners(void *argument, const struct duet_event *event) {
    struct live_run *run = argument;
    if (run->live.control != NULL) {
        duet_control_event(run->live.control, event);
    }
}

enum duet_status live_jobs_open(struct live_run *run) {
    const struct duet_live *live = &run->live;
    run->analyst = duet_analyst_create(
        &(struct duet_analyst_options){.offload = live->offload, .bars = duet_recent_bars, .argument = run->recent});
    run->jobs = duet_jobs_create(&(struct duet_jobs_options){.scheduler = live->scheduler,
        .loop = live->loop,
        .clock = &duet_clock_wall,
        .log = &run->log,
        .analyst = run->analyst,
        .instruments = &run->cast.instruments,
        .health = tell_health,
        .snapshot = keep_snapshot,
        .event = tell_listeners,
        .argument = run});
    return duet_jobs_set(run->jobs, live->live->jobs, live->live->job_count);
}

void live_jobs_close(struct live_run *run) {
    duet_jobs_destroy(run->jobs);
    run->jobs = NULL;
    duet_analyst_destroy(run->analyst);
    run->analyst = NULL;
}
