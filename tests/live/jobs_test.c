/*
 * What `live.jobs` asks for, on a real loop with real programs. The clock of loop and scheduler is the wall's with an
 * offset, so that minutes pass when the test says so.
 */
#include "engine/live/jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "engine/live/features.h"
#include "support/folder.h"
#include "support/suite.h"

#define S DUET_SECOND_NS

static int64_t offset_ns;
static int64_t moved_now(const struct duet_clock *clock) {
    return duet_clock_now_ns(&duet_clock_wall) + offset_ns;
}
static const struct duet_clock moved_clock = {.now_ns = moved_now};

static struct duet_bus *bus;
static struct duet_loop *loop;
static struct duet_env env;
static struct duet_scheduler *scheduler;
static struct duet_jobs *jobs;
static struct duet_instruments instruments;
static struct duet_offload *offload;
static struct duet_analyst *analyst;
static char lines[65536];
static unsigned healths, snapshots;
static char events[4096];

/** What the log has to say before the loop is stopped, and how often. */
static const char *awaited;
static unsigned awaited_count;
static void (*on_awaited)(void); // instead of a stop, each time but the last

static unsigned count_of(const char *what) {
    unsigned count = 0;
    for (const char *at = strstr(lines, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}
static void keep_line(void *argument, enum duet_log_severity severity, const char *line) {
    size_t used = strlen(lines);
    snprintf(lines + used, sizeof(lines) - used, "%s\n", line);
    if (awaited != NULL && strstr(line, awaited) != NULL) {
        if (--awaited_count == 0) {
            duet_loop_stop(loop);
        } else if (on_awaited != NULL) {
            on_awaited();
        }
    }
}
static struct duet_log test_log = {.threshold = DUET_SEVERITY_INFO, .sink = keep_line};

static void note_health(void *argument) {
    healths++;
}
static void note_snapshot(void *argument) {
    snapshots++;
}
static void note_event(void *argument, const struct duet_event *event) {
    ck_assert_int_eq(event->type, DUET_EVENT_SIGNAL);
    ck_assert_uint_eq(event->sequence, 0);
    size_t used = strlen(events);
    snprintf(events + used, sizeof(events) - used, "%s%+d ", instruments.items[event->signal.instrument].symbol,
        event->signal.direction);
}

/** Prices of a symbol: "UP" rises, "DOWN" falls; "NONE" has no bars. */
static bool is_turned;
static size_t give_bars(void *argument, const char *symbol, struct duet_bar *out, size_t capacity) {
    if (strcmp(symbol, "NONE") == 0) {
        return 0;
    }
    size_t count = capacity < 100 ? capacity : 100;
    bool rises = (strcmp(symbol, "UP") == 0) != is_turned;
    for (size_t i = 0; i < count; i++) {
        // A zigzag along a slope: enough to move the averages, too little to stretch anything.
        double price = 100 + (rises ? 0.2 : -0.2) * (double)i + (i % 2 == 0 ? 0.5 : -0.5);
        out[i] = (struct duet_bar){.size = sizeof(out[i]),
            .open_ns = (int64_t)i * 60 * S,
            .close_ns = (int64_t)(i + 1) * 60 * S,
            .interval_ns = 60 * S,
            .open = price,
            .high = price + 1,
            .low = price - 1,
            .close = price,
            .volume = 1000};
    }
    return count;
}

static void set_up(void) {
    lines[0] = events[0] = '\0';
    duet_test_fresh_folder();
    const struct duet_instrument items[] = {
        {.symbol = "DOWN", .currency = "USD", .tick_scaled = 1, .lot_scaled = 1, .multiplier = 1000000},
        {.symbol = "NONE", .currency = "USD", .tick_scaled = 1, .lot_scaled = 1, .multiplier = 1000000},
        {.symbol = "UP", .currency = "USD", .tick_scaled = 1, .lot_scaled = 1, .multiplier = 1000000}};
    ck_assert_int_eq(duet_instruments_create(items, 3, &instruments), DUET_OK);
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &bus), DUET_OK);
    ck_assert_int_eq(duet_loop_libevent_create(bus, &moved_clock, &loop), DUET_OK);
    env = (struct duet_env){.bus = bus, .log = &test_log, .clock = &moved_clock, .loop = loop};
    ck_assert_int_eq(duet_scheduler_create(&moved_clock, &test_log, &scheduler), DUET_OK);
    ck_assert_int_eq(
        duet_offload_create(&(struct duet_offload_options){.workers = 2, .log = &test_log}, &offload), DUET_OK);
    analyst = duet_analyst_create(&(struct duet_analyst_options){.offload = offload, .bars = give_bars});
    const struct duet_jobs_options options = {.scheduler = scheduler,
        .loop = loop,
        .clock = &moved_clock,
        .log = &test_log,
        .analyst = analyst,
        .instruments = &instruments,
        .health = note_health,
        .snapshot = note_snapshot,
        .event = note_event};
    jobs = duet_jobs_create(&options);
    struct duet_component *const components[] = {duet_offload_component(offload), duet_scheduler_component(scheduler)};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(duet_component_init(components[i], &env), DUET_OK);
        ck_assert_int_eq(duet_component_start(components[i]), DUET_OK);
    }
}
static void tear_down(void) {
    duet_component_teardown(duet_scheduler_component(scheduler));
    duet_jobs_destroy(jobs);
    duet_component_teardown(duet_offload_component(offload));
    duet_analyst_destroy(analyst);
    duet_scheduler_destroy(scheduler);
    duet_offload_destroy(offload);
    duet_loop_destroy(loop);
    duet_bus_destroy(bus);
    duet_instruments_finish(&instruments);
}

static struct duet_live_job items[DUET_LIVE_JOBS_MAX];
static char texts[DUET_LIVE_JOBS_MAX][512];
static char names[DUET_LIVE_JOBS_MAX][32];
static size_t item_count;
static void want(const char *name, double period_s, const char *run) {
    snprintf(names[item_count], sizeof(names[0]), "%s", name);
    snprintf(texts[item_count], sizeof(texts[0]), "%s", run);
    items[item_count] = (struct duet_live_job){
        .name = names[item_count], .period_ns = (int64_t)(period_s * 1e9), .run = texts[item_count]};
    item_count++;
}
static void set_jobs(void) {
    ck_assert_int_eq(duet_jobs_set(jobs, items, item_count), DUET_OK);
}
static void run_until(const char *line, unsigned count) {
    awaited = line;
    awaited_count = count;
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    awaited = NULL;
    on_awaited = NULL;
}
static struct duet_job_state state_of(const char *name) {
    struct duet_job_state states[DUET_LIVE_JOBS_MAX];
    size_t count = duet_scheduler_jobs(scheduler, states, DUET_LIVE_JOBS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(states[i].name, name) == 0) {
            return states[i];
        }
    }
    return (struct duet_job_state){0};
}
/** Source that stops the loop as soon as a condition holds; looked at every few milliseconds. */
static bool (*condition)(void);
static enum duet_source_state condition_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    if (condition()) {
        duet_loop_stop(loop);
    }
    *wake_ns = moved_now(NULL) + 2000000;
    return DUET_SOURCE_WAIT;
}
static void run_until_true(bool (*holds)(void)) {
    struct duet_source source = {.name = "condition", .run = condition_run};
    condition = holds;
    duet_loop_add(loop, &source);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    duet_loop_remove(loop, &source);
}

/* ---- programs ---- */

static bool job_is_over(void) {
    struct duet_job_state state = state_of("job");
    return state.runs > 0 && state.began_ns == 0;
}
static void run_program(const char *run) {
    want("job", 3600, run);
    set_jobs();
    run_until_true(job_is_over);
}

START_TEST(each_line_of_a_program_is_a_line_of_the_log) {
    run_program("command: printf 'one\\ntwo \"quoted\"\\n\\nlast without end'");
    ck_assert_ptr_nonnull(strstr(lines, "job-output job=job line=\"one\"\n"));
    ck_assert_ptr_nonnull(strstr(lines, "job-output job=job line=\"two 'quoted'\"\n"));
    ck_assert_ptr_nonnull(strstr(lines, "job-output job=job line=\"last without end\"\n"));
    ck_assert_uint_eq(count_of("job-output"), 3); // an empty one says nothing
    ck_assert_uint_eq(state_of("job").failures, 0);
    tear_down();
}
END_TEST

START_TEST(what_a_program_says_is_bounded_and_the_rest_counted) {
    run_program("command: seq 1 250");
    ck_assert_uint_eq(count_of("job-output "), 100);
    ck_assert_ptr_nonnull(strstr(lines, "job-output-dropped job=job lines=150\n"));
    tear_down();
}
END_TEST

START_TEST(a_line_without_an_end_is_cut) {
    run_program("command: sh -c 'head -c 1000 /dev/zero | tr \"\\\\0\" x'");
    ck_assert_uint_eq(count_of("job-output "), 3); // 400, 400 and 200
    tear_down();
}
END_TEST

START_TEST(a_program_that_fails_says_how) {
    run_program("command: sh -c 'exit 3'");
    struct duet_job_state state = state_of("job");
    ck_assert_uint_eq(state.failures, 1);
    ck_assert_str_eq(state.error, "sh: exit code 3");
    ck_assert_ptr_nonnull(strstr(lines, "job-failed job=job why=\"sh: exit code 3\""));
    tear_down();
}
END_TEST

START_TEST(a_program_that_is_not_there_is_a_failure_and_no_end) {
    run_program("command: /nowhere/at/all");
    ck_assert_uint_eq(state_of("job").failures, 1);
    ck_assert_ptr_nonnull(strstr(state_of("job").error, "/nowhere/at/all"));
    tear_down();
}
END_TEST

START_TEST(a_program_reads_nothing_and_its_children_are_not_waited_for) {
    // cat ends at once; the sleeper keeps the pipe open.
    run_program("command: sh -c 'cat; sleep 60 & echo $!'");
    ck_assert_uint_eq(state_of("job").failures, 0);
    ck_assert_uint_eq(count_of("job-output "), 1);
    int pid = 0;
    ck_assert_int_eq(sscanf(strstr(lines, "line=\"") + 6, "%d", &pid), 1);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    tear_down();
}
END_TEST

/** "FILE" holds the process id of a program that sleeps. */
static char pid_path[512];
static int sleeper_pid;
static void want_sleeper(const char *name, double period_s) {
    char run[1024];
    snprintf(pid_path, sizeof(pid_path), "%s/pid", duet_test_folder);
    snprintf(run, sizeof(run), "command: sh -c 'echo $$ > %s.new; mv %s.new %s; exec sleep 600'", pid_path, pid_path,
        pid_path);
    want(name, period_s, run);
}
static bool sleeper_sleeps(void) {
    FILE *file = fopen(pid_path, "r");
    if (file == NULL) {
        return false;
    }
    ck_assert_int_eq(fscanf(file, "%d", &sleeper_pid), 1);
    (void)fclose(file);
    return true;
}
static void expect_dead(void) {
    ck_assert_int_ne(kill(sleeper_pid, 0), 0);
    ck_assert_int_eq(errno, ESRCH);
}

START_TEST(a_program_that_outlives_its_period_is_killed_and_runs_again) {
    want_sleeper("job", 100);
    set_jobs();
    run_until_true(sleeper_sleeps);
    offset_ns += 101 * S;
    run_until("job-timeout", 1);
    expect_dead();
    ck_assert_uint_eq(state_of("job").timeouts, 1);
    ck_assert_uint_eq(state_of("job").runs, 2); // at once the next
    tear_down();
}
END_TEST

START_TEST(a_stop_kills_at_once) {
    want_sleeper("job", 3600);
    set_jobs();
    run_until_true(sleeper_sleeps);
    duet_component_stop(duet_scheduler_component(scheduler));
    expect_dead();
    tear_down();
}
END_TEST

/* ---- the owner's ---- */

static void next_minute(void) {
    offset_ns += 60 * S;
}
START_TEST(health_tells_figures_and_what_is_under_way) {
    (void)duet_operation_begin(scheduler, "connect");
    want("health", 60, "health");
    want("keep", 120, "snapshot");
    set_jobs();
    on_awaited = next_minute;
    run_until("tasks", 4); // minutes 0, 1, 2, 3
    ck_assert_uint_eq(healths, 4);
    ck_assert_uint_ge(snapshots, 2); // 0, 2
    ck_assert_ptr_nonnull(strstr(lines, "tasks count=1 names=\"connect(0s)\""));
    ck_assert_ptr_nonnull(strstr(lines, "tasks count=1 names=\"connect(60s)\""));
    ck_assert_uint_eq(state_of("health").skipped, 0);
    tear_down();
}
END_TEST

/* ---- scans ---- */

static void next_scan(void) {
    offset_ns += 180 * S;
}
START_TEST(a_scan_tells_each_symbol_once_within_its_cooldown) {
    want("model", 180, "scan");
    set_jobs();
    run_until("scan-done", 1);
    ck_assert_str_eq(events, "DOWN-1 UP+1 ");
    ck_assert_ptr_nonnull(strstr(lines, "scan-signal job=model symbol=UP direction=+1"));
    ck_assert_ptr_nonnull(strstr(lines, "scan-done job=model symbols=3 failed=1 news=2 peak="));
    next_scan();
    run_until("scan-done", 1); // 180 s later: the same again is no news
    ck_assert_str_eq(events, "DOWN-1 UP+1 ");
    next_scan();
    run_until("scan-done", 1); // 360 s later it is
    ck_assert_str_eq(events, "DOWN-1 UP+1 DOWN-1 UP+1 ");
    is_turned = true;
    next_scan();
    run_until("scan-done", 1); // another direction is news at once
    ck_assert_str_eq(events, "DOWN-1 UP+1 DOWN-1 UP+1 DOWN+1 UP-1 ");
    ck_assert_uint_eq(state_of("model").runs, 4);
    ck_assert_uint_eq(state_of("model").failures, 0);
    tear_down();
}
END_TEST

static bool scan_is_under_way(void) {
    return state_of("model").began_ns != 0;
}
START_TEST(a_scan_that_is_left_alone_hurts_nobody) {
    want("model", 180, "scan");
    set_jobs();
    run_until_true(scan_is_under_way);
    ck_assert_int_eq(duet_jobs_set(jobs, NULL, 0), DUET_OK); // its answers are on their way
    set_jobs();
    run_until("scan-done", 1);
    ck_assert_uint_eq(count_of("scan-done"), 1);
    next_scan();
    run_until_true(scan_is_under_way);
    duet_component_stop(duet_scheduler_component(scheduler));
    tear_down();
}
END_TEST

/** Whether every job has done what is due by this minute; then the next one begins. */
static unsigned minute;
static bool quarter_is_over(void) {
    const struct {
        const char *name;
        unsigned every;
    } expected[] = {{"model", 3}, {"news", 5}, {"monitor", 1}};
    for (size_t i = 0; i < 3; i++) {
        struct duet_job_state state = state_of(expected[i].name);
        if (state.runs < 1 + minute / expected[i].every || state.began_ns != 0) {
            return false;
        }
    }
    if (minute == 15) {
        return true;
    }
    minute++;
    next_minute();
    return false;
}
START_TEST(scans_programs_and_health_keep_their_grids_over_a_quarter_of_an_hour) {
    want("model", 180, "scan");
    want("news", 300, "command: echo news");
    want("monitor", 60, "health");
    set_jobs();
    run_until_true(quarter_is_over);
    ck_assert_uint_eq(state_of("model").runs, 6); // 0, 180 … 900
    ck_assert_uint_eq(state_of("news").runs, 4); // 0, 300, 600, 900
    ck_assert_uint_eq(state_of("monitor").runs, 16);
    ck_assert_uint_eq(state_of("model").skipped + state_of("news").skipped + state_of("monitor").skipped, 0);
    ck_assert_uint_eq(count_of("line=\"news\""), 4);
    tear_down();
}
END_TEST

/* ---- the table ---- */

START_TEST(jobs_that_stay_go_on_and_others_end) {
    want("stay", 3600, "health");
    want_sleeper("go", 3600);
    set_jobs();
    run_until_true(sleeper_sleeps);
    ck_assert_uint_eq(state_of("stay").runs, 1);
    item_count = 0;
    want("new", 3600, "snapshot");
    want("stay", 3600, "health");
    set_jobs();
    expect_dead();
    ck_assert_ptr_null(state_of("go").name);
    ck_assert_uint_eq(state_of("stay").runs, 1); // not begun anew
    ck_assert_uint_eq(state_of("new").runs, 0);
    item_count = 0;
    want("stay", 1800, "health"); // changed
    set_jobs();
    ck_assert_uint_eq(state_of("stay").runs, 0);
    item_count = 0;
    want("odd", 60, "dance");
    ck_assert_int_eq(duet_jobs_set(jobs, items, item_count), DUET_EINVAL);
    tear_down();
}
END_TEST

DUET_TEST_MAIN("jobs", set_up, each_line_of_a_program_is_a_line_of_the_log,
    what_a_program_says_is_bounded_and_the_rest_counted, a_line_without_an_end_is_cut, a_program_that_fails_says_how,
    a_program_that_is_not_there_is_a_failure_and_no_end, a_program_reads_nothing_and_its_children_are_not_waited_for,
    a_program_that_outlives_its_period_is_killed_and_runs_again, a_stop_kills_at_once,
    health_tells_figures_and_what_is_under_way, a_scan_tells_each_symbol_once_within_its_cooldown,
    a_scan_that_is_left_alone_hurts_nobody, scans_programs_and_health_keep_their_grids_over_a_quarter_of_an_hour,
    jobs_that_stay_go_on_and_others_end)
