/*
 * Periodic jobs. Most tests run on a virtual clock that a driver moves in steps, as a loop that wakes for other reasons
 * too would see it; jobs write "<name>@<second> " when they begin. The last ones run on libevent and the wall clock and
 * look at the grid only, never at how fast anything was.
 */
#include "components/scheduler.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "support/suite.h"

#define S DUET_SECOND_NS
#define BEGIN_S 1000

static char trace[65536];
static struct duet_clock test_clock;
static struct duet_bus *bus;
static struct duet_loop *loop;
static struct duet_env env;
static struct duet_scheduler *scheduler;
static struct duet_component *component;
static char log_lines[8192];

/* ---- the driver ---- */

static struct driver {
    struct duet_source source;
    int64_t step_ns, end_ns;
    void (*at_step)(int64_t second); // may be NULL
} driver;

static enum duet_source_state driver_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    int64_t now_ns = test_clock.virtual_ns + driver.step_ns;
    if (now_ns > driver.end_ns) {
        duet_loop_stop(loop);
        return DUET_SOURCE_DONE;
    }
    test_clock.virtual_ns = now_ns;
    struct duet_event event = {.type = DUET_EVENT_CUSTOM};
    (void)duet_bus_input(bus, &event, now_ns); // the loop's present follows
    if (driver.at_step != NULL) {
        driver.at_step(now_ns / S - BEGIN_S);
    }
    return DUET_SOURCE_MORE; // the next step with the next turn
}
/** Run for so many seconds in steps of so many milliseconds. */
static void drive(int64_t seconds, int64_t step_ms) {
    driver = (struct driver){.source = {.name = "driver", .run = driver_run},
        .step_ns = step_ms * 1000000,
        .end_ns = test_clock.virtual_ns + seconds * S,
        .at_step = driver.at_step};
    if (component->state == DUET_COMPONENT_READY) {
        ck_assert_int_eq(duet_component_start(component), DUET_OK);
    }
    // Last in the loop, so that what is due at a step is done before the next.
    duet_loop_add(loop, &driver.source);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    duet_loop_remove(loop, &driver.source);
}

static void keep_line(void *argument, enum duet_log_severity severity, const char *line) {
    size_t used = strlen(log_lines);
    snprintf(log_lines + used, sizeof(log_lines) - used, "%s\n", line);
}
static struct duet_log test_log = {.threshold = DUET_SEVERITY_INFO, .sink = keep_line};

static void on_virtual_time(void) {
    trace[0] = log_lines[0] = '\0';
    driver = (struct driver){0};
    test_clock = duet_clock_virtual(BEGIN_S * S);
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &bus), DUET_OK);
    ck_assert_int_eq(duet_loop_sync_create(bus, &loop), DUET_OK);
    env = (struct duet_env){.bus = bus, .clock = &test_clock, .loop = loop};
    ck_assert_int_eq(duet_scheduler_create(&test_clock, &test_log, &scheduler), DUET_OK);
    component = duet_scheduler_component(scheduler);
    ck_assert_int_eq(duet_component_init(component, &env), DUET_OK);
}
static void finish(void) {
    duet_component_teardown(component);
    duet_scheduler_destroy(scheduler);
    duet_loop_destroy(loop);
    duet_bus_destroy(bus);
}

/* ---- jobs ---- */

struct work {
    const char *name;
    enum duet_status answer;
    int fail_at; // run that fails; 0: none
    int runs, cancels;
    int64_t due_ns;
};

static void note(const char *name, int64_t ns) {
    size_t used = strlen(trace);
    snprintf(trace + used, sizeof(trace) - used, "%s@%lld ", name, (long long)(ns / S - BEGIN_S));
}
static enum duet_status work_run(void *argument, int64_t due_ns) {
    struct work *work = argument;
    note(work->name, due_ns);
    work->due_ns = due_ns;
    if (++work->runs == work->fail_at) {
        return duet_error(DUET_EIO, "%s lost its feed", work->name);
    }
    return work->answer;
}
static void work_cancel(void *argument) {
    struct work *work = argument;
    work->cancels++;
}
static void add(struct work *work, int64_t period_s, bool at_start) {
    const struct duet_job job = {.name = work->name,
        .period_ns = period_s * S,
        .run = work_run,
        .cancel = work_cancel,
        .argument = work,
        .at_start = at_start};
    ck_assert_int_eq(duet_scheduler_add(scheduler, &job), DUET_OK);
}
static struct duet_job_state state_of(const char *name) {
    struct duet_job_state states[DUET_JOBS_MAX];
    size_t count = duet_scheduler_jobs(scheduler, states, DUET_JOBS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(states[i].name, name) == 0) {
            return states[i];
        }
    }
    ck_abort_msg("no job %s", name);
    return states[0];
}

START_TEST(scans_of_a_quarter_of_an_hour_fall_on_their_grid) {
    struct work model = {.name = "model"}, news = {.name = "news"}, monitor = {.name = "monitor"};
    add(&model, 180, true);
    add(&news, 300, true);
    add(&monitor, 60, true);
    drive(900, 1000);
    ck_assert_str_eq(trace,
        "model@0 news@0 monitor@0 monitor@60 monitor@120 model@180 monitor@180 monitor@240 news@300 monitor@300 "
        "model@360 monitor@360 monitor@420 monitor@480 model@540 monitor@540 news@600 monitor@600 monitor@660 "
        "model@720 monitor@720 monitor@780 monitor@840 model@900 news@900 monitor@900 ");
    ck_assert_uint_eq(state_of("monitor").runs, 16);
    ck_assert_uint_eq(state_of("monitor").skipped, 0);
    finish();
}
END_TEST

START_TEST(a_loop_that_is_late_makes_no_later_run_late) {
    struct work job = {.name = "job"};
    add(&job, 10, false);
    drive(61, 700); // wakes at 0.7, 1.4, 2.1 …
    ck_assert_str_eq(trace, "job@10 job@20 job@30 job@40 job@50 job@60 ");
    ck_assert_int_eq(state_of("job").next_ns, (BEGIN_S + 70) * S);
    finish();
}
END_TEST

START_TEST(points_that_a_stalled_loop_missed_are_skipped_and_counted) {
    struct work job = {.name = "job"};
    add(&job, 10, true);
    drive(100, 35000); // wakes at 0, 35, 70
    ck_assert_str_eq(trace, "job@0 job@30 job@70 ");
    ck_assert_uint_eq(state_of("job").skipped, 2 + 3); // 10 and 20; 40, 50 and 60
    finish();
}
END_TEST

static void end_at_25(int64_t second) {
    if (second == 25) {
        duet_scheduler_done(scheduler, "job", DUET_OK);
        duet_scheduler_done(scheduler, "nobody", DUET_OK);
    }
}
START_TEST(a_job_that_is_under_way_is_skipped_never_doubled) {
    struct work job = {.name = "job", .answer = DUET_PENDING};
    const struct duet_job slow = {
        .name = "job", .period_ns = 10 * S, .run = work_run, .argument = &job, .deadline_ns = 1000 * S};
    ck_assert_int_eq(duet_scheduler_add(scheduler, &slow), DUET_OK);
    driver.at_step = end_at_25;
    drive(42, 1000);
    ck_assert_str_eq(trace, "job@10 job@30 ");
    struct duet_job_state state = state_of("job");
    ck_assert_uint_eq(state.runs, 2);
    ck_assert_uint_eq(state.skipped, 2); // at 20 and at 40
    ck_assert_uint_eq(state.failures, 0);
    ck_assert_int_eq(state.began_ns, (BEGIN_S + 30) * S);
    finish();
}
END_TEST

START_TEST(a_job_that_fails_runs_again_next_time) {
    struct work job = {.name = "job", .fail_at = 2};
    add(&job, 10, false);
    drive(41, 1000);
    ck_assert_str_eq(trace, "job@10 job@20 job@30 job@40 ");
    struct duet_job_state state = state_of("job");
    ck_assert_uint_eq(state.runs, 4);
    ck_assert_uint_eq(state.failures, 1);
    ck_assert_str_eq(state.error, "job lost its feed");
    ck_assert_ptr_nonnull(strstr(log_lines, "job-failed job=job why=\"job lost its feed\""));
    finish();
}
END_TEST

START_TEST(work_that_outlives_its_deadline_is_cancelled_and_counted) {
    struct work job = {.name = "job", .answer = DUET_PENDING};
    add(&job, 10, false); // its period is its deadline
    drive(31, 1000);
    ck_assert_str_eq(trace, "job@10 job@20 job@30 ");
    struct duet_job_state state = state_of("job");
    ck_assert_int_eq(job.cancels, 2);
    ck_assert_uint_eq(state.timeouts, 2);
    ck_assert_uint_eq(state.failures, 2);
    ck_assert_uint_eq(state.skipped, 0);
    ck_assert_str_eq(state.error, "not done after 10000 ms");
    duet_scheduler_done(scheduler, "job", DUET_OK); // the third, still under way
    ck_assert_int_eq(state_of("job").began_ns, 0);
    duet_scheduler_done(scheduler, "job", DUET_EIO); // nothing to end
    ck_assert_uint_eq(state_of("job").failures, 2);
    finish();
}
END_TEST

START_TEST(a_stop_cancels_what_is_pending_at_once_and_a_start_begins_the_grid_anew) {
    struct work job = {.name = "job", .answer = DUET_PENDING}, other = {.name = "other"};
    add(&job, 10, true);
    add(&other, 7, false);
    drive(3, 1000);
    ck_assert_int_eq(job.cancels, 0);
    duet_component_stop(component);
    ck_assert_int_eq(job.cancels, 1);
    ck_assert_int_eq(other.cancels, 0); // not under way
    struct duet_operation operations[4];
    ck_assert_uint_eq(duet_operations(scheduler, operations, 4), 0);
    duet_component_stop(component);
    ck_assert_int_eq(job.cancels, 1);
    trace[0] = '\0';
    drive(8, 1000); // begins at 3
    ck_assert_str_eq(trace, "job@3 other@10 ");
    finish();
}
END_TEST

START_TEST(a_clock_that_is_put_back_stops_no_job) {
    struct work job = {.name = "job"};
    add(&job, 10, false);
    drive(11, 1000);
    ck_assert_int_eq(job.runs, 1);
    test_clock.virtual_ns -= 500 * S;
    duet_loop_wake(loop); // the loop's own time never goes back
    drive(11, 1000);
    ck_assert_int_eq(job.runs, 2);
    ck_assert_int_eq(job.due_ns, (BEGIN_S - 500 + 21) * S);
    finish();
}
END_TEST

/* ---- the list of jobs ---- */

START_TEST(names_are_unique_and_numbers_checked) {
    struct work job = {.name = "job"};
    add(&job, 10, false);
    struct duet_job again = {.name = "job", .period_ns = 5, .run = work_run, .argument = &job};
    ck_assert_int_eq(duet_scheduler_add(scheduler, &again), DUET_EEXIST);
    again.name = "";
    ck_assert_int_eq(duet_scheduler_add(scheduler, &again), DUET_EINVAL);
    again.name = "other";
    again.period_ns = 0;
    ck_assert_int_eq(duet_scheduler_add(scheduler, &again), DUET_EINVAL);
    again.period_ns = 5;
    again.run = NULL;
    ck_assert_int_eq(duet_scheduler_add(scheduler, &again), DUET_EINVAL);
    ck_assert_int_eq(duet_scheduler_remove(scheduler, "other"), DUET_ENOTFOUND);
    ck_assert_int_eq(duet_scheduler_remove(scheduler, "job"), DUET_OK);
    static char names[DUET_JOBS_MAX + 1][8];
    for (int i = 0; i <= DUET_JOBS_MAX; i++) {
        snprintf(names[i], sizeof(names[i]), "j%d", i);
        again = (struct duet_job){.name = names[i], .period_ns = 5, .run = work_run};
        ck_assert_int_eq(duet_scheduler_add(scheduler, &again), i < DUET_JOBS_MAX ? DUET_OK : DUET_EFULL);
    }
    struct duet_job_state states[2];
    ck_assert_uint_eq(duet_scheduler_jobs(scheduler, states, 2), DUET_JOBS_MAX);
    ck_assert_str_eq(states[1].name, "j1");
    finish();
}
END_TEST

static struct work late = {.name = "late"}, doomed = {.name = "doomed", .answer = DUET_PENDING};
static enum duet_status replace_others(void *argument, int64_t due_ns) {
    note("self", due_ns);
    ck_assert_int_eq(duet_scheduler_remove(scheduler, "doomed"), DUET_OK);
    ck_assert_int_eq(duet_scheduler_remove(scheduler, "self"), DUET_OK);
    add(&late, 3, false);
    return DUET_PENDING;
}
START_TEST(a_job_may_remove_and_add_jobs_itself_too) {
    late.runs = doomed.runs = doomed.cancels = 0;
    add(&doomed, 4, false);
    const struct duet_job self = {.name = "self", .period_ns = 5 * S, .run = replace_others};
    ck_assert_int_eq(duet_scheduler_add(scheduler, &self), DUET_OK);
    add(&(struct work){.name = "last"}, 100, true);
    drive(12, 1000);
    ck_assert_str_eq(trace, "last@0 doomed@4 self@5 late@8 late@11 ");
    ck_assert_int_eq(doomed.cancels, 1);
    struct duet_job_state states[4];
    ck_assert_uint_eq(duet_scheduler_jobs(scheduler, states, 4), 2);
    finish();
}
END_TEST

static enum duet_status done_inside(void *argument, int64_t due_ns) {
    duet_scheduler_done(scheduler, "quick", DUET_OK);
    return DUET_PENDING;
}
START_TEST(work_that_is_done_before_its_run_returns_is_not_under_way) {
    const struct duet_job quick = {.name = "quick", .period_ns = 5 * S, .run = done_inside, .deadline_ns = S};
    ck_assert_int_eq(duet_scheduler_add(scheduler, &quick), DUET_OK);
    drive(21, 1000);
    ck_assert_uint_eq(state_of("quick").runs, 4);
    ck_assert_uint_eq(state_of("quick").failures, 0);
    ck_assert_int_eq(state_of("quick").began_ns, 0);
    finish();
}
END_TEST

/* ---- operations ---- */

START_TEST(operations_under_way_are_listed_with_their_age_and_jobs_with_them) {
    struct work job = {.name = "scan", .answer = DUET_PENDING};
    add(&job, 100, true);
    uint64_t connect = duet_operation_begin(scheduler, "connect");
    drive(10, 1000);
    uint64_t query = duet_operation_begin(scheduler, "query");
    struct duet_operation operations[4];
    ck_assert_uint_eq(duet_operations(scheduler, operations, 4), 3);
    ck_assert_str_eq(operations[0].name, "connect");
    ck_assert_int_eq(operations[0].began_ns, BEGIN_S * S);
    ck_assert_str_eq(operations[1].name, "scan");
    ck_assert_str_eq(operations[2].name, "query");
    ck_assert_int_eq(operations[2].began_ns, (BEGIN_S + 10) * S);
    duet_operation_end(scheduler, connect);
    duet_operation_end(scheduler, connect);
    duet_scheduler_done(scheduler, "scan", DUET_OK);
    ck_assert_uint_eq(duet_operations(scheduler, operations, 4), 1);
    ck_assert_uint_eq(operations[0].id, query);
    duet_component_stop(component);
    ck_assert_uint_eq(duet_operations(scheduler, operations, 4), 0);
    finish();
}
END_TEST

START_TEST(the_oldest_operation_is_forgotten_past_a_thousand) {
    uint64_t first = duet_operation_begin(scheduler, "first"), second = duet_operation_begin(scheduler, "second");
    for (int i = 2; i < 1024; i++) {
        (void)duet_operation_begin(scheduler, "more");
    }
    ck_assert_uint_eq(duet_operations_forgotten(scheduler), 0);
    (void)duet_operation_begin(scheduler, "one too many");
    ck_assert_uint_eq(duet_operations_forgotten(scheduler), 1);
    static struct duet_operation operations[1024];
    ck_assert_uint_eq(duet_operations(scheduler, operations, 1024), 1024);
    ck_assert_uint_eq(operations[0].id, second);
    duet_operation_end(scheduler, first);
    ck_assert_uint_eq(duet_operations(scheduler, operations, 1), 1024);
    ck_assert_ptr_nonnull(strstr(log_lines, "operations-forgotten"));
    finish();
}
END_TEST

/* ---- on libevent ---- */

static void on_libevent(void) {
    duet_component_teardown(component);
    duet_scheduler_destroy(scheduler);
    duet_loop_destroy(loop);
    ck_assert_int_eq(duet_loop_libevent_create(bus, &duet_clock_wall, &loop), DUET_OK);
    env = (struct duet_env){.bus = bus, .clock = &duet_clock_wall, .loop = loop};
    ck_assert_int_eq(duet_scheduler_create(&duet_clock_wall, &test_log, &scheduler), DUET_OK);
    component = duet_scheduler_component(scheduler);
    ck_assert_int_eq(duet_component_init(component, &env), DUET_OK);
}

static int64_t dues[8];
static size_t due_count;
static enum duet_status stop_after_eight(void *argument, int64_t due_ns) {
    ck_assert_int_ge(duet_clock_now_ns(&duet_clock_wall), due_ns); // never early
    dues[due_count++] = due_ns;
    if (due_count == 8) {
        duet_loop_stop(loop);
    }
    return DUET_OK;
}
START_TEST(on_libevent_it_keeps_the_same_grid) {
    on_libevent();
    const struct duet_job job = {.name = "job", .period_ns = 7000000, .run = stop_after_eight, .at_start = true};
    ck_assert_int_eq(duet_scheduler_add(scheduler, &job), DUET_OK);
    ck_assert_int_eq(duet_component_start(component), DUET_OK);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_uint_eq(due_count, 8);
    uint64_t points = 0;
    for (size_t i = 1; i < 8; i++) {
        ck_assert_int_gt(dues[i], dues[i - 1]);
        ck_assert_int_eq((dues[i] - dues[0]) % 7000000, 0);
        points += (uint64_t)((dues[i] - dues[i - 1]) / 7000000);
    }
    ck_assert_uint_eq(points, 7 + state_of("job").skipped);
    finish();
}
END_TEST

static enum duet_status stop_now(void *argument, int64_t due_ns) {
    duet_component_stop(component); // with its own loop running, and itself under way
    duet_loop_stop(loop);
    return DUET_PENDING;
}
START_TEST(a_stop_from_inside_a_job_ends_every_job) {
    on_libevent();
    struct work job = {.name = "pending", .answer = DUET_PENDING};
    const struct duet_job pending = {.name = "pending",
        .period_ns = 3600 * S,
        .run = work_run,
        .cancel = work_cancel,
        .argument = &job,
        .at_start = true};
    const struct duet_job stopper = {.name = "stopper", .period_ns = 3600 * S, .run = stop_now, .at_start = true};
    ck_assert_int_eq(duet_scheduler_add(scheduler, &pending), DUET_OK);
    ck_assert_int_eq(duet_scheduler_add(scheduler, &stopper), DUET_OK);
    ck_assert_int_eq(duet_component_start(component), DUET_OK);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_int_eq(job.cancels, 1);
    ck_assert_int_eq(state_of("pending").began_ns, 0);
    ck_assert_int_eq(state_of("stopper").began_ns, 0);
    finish();
}
END_TEST

static enum duet_status stop_loop(void *argument, int64_t due_ns) {
    duet_loop_stop(loop);
    return DUET_OK;
}
struct adder {
    struct duet_source source;
    bool is_done;
};
static enum duet_source_state add_a_job(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct adder *adder = duet_container_of(source, struct adder, source);
    if (!adder->is_done) {
        adder->is_done = true;
        const struct duet_job job = {.name = "job", .period_ns = 5000000, .run = stop_loop};
        ck_assert_int_eq(duet_scheduler_add(scheduler, &job), DUET_OK);
    }
    return DUET_SOURCE_WAIT;
}
START_TEST(a_job_added_while_the_loop_sleeps_is_run) {
    on_libevent();
    ck_assert_int_eq(duet_component_start(component), DUET_OK); // without jobs: would sleep for ever
    struct adder adder = {.source = {.name = "adder", .run = add_a_job}};
    duet_loop_add(loop, &adder.source); // runs after the scheduler has gone to sleep
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_uint_eq(state_of("job").runs, 1);
    duet_loop_remove(loop, &adder.source);
    finish();
}
END_TEST

DUET_TEST_MAIN("scheduler", on_virtual_time, scans_of_a_quarter_of_an_hour_fall_on_their_grid,
    a_loop_that_is_late_makes_no_later_run_late, points_that_a_stalled_loop_missed_are_skipped_and_counted,
    a_job_that_is_under_way_is_skipped_never_doubled, a_job_that_fails_runs_again_next_time,
    work_that_outlives_its_deadline_is_cancelled_and_counted,
    a_stop_cancels_what_is_pending_at_once_and_a_start_begins_the_grid_anew, a_clock_that_is_put_back_stops_no_job,
    names_are_unique_and_numbers_checked, a_job_may_remove_and_add_jobs_itself_too,
    work_that_is_done_before_its_run_returns_is_not_under_way,
    operations_under_way_are_listed_with_their_age_and_jobs_with_them,
    the_oldest_operation_is_forgotten_past_a_thousand, on_libevent_it_keeps_the_same_grid,
    a_stop_from_inside_a_job_ends_every_job, a_job_added_while_the_loop_sleeps_is_run)
