/*
 * Faulted components are brought back. A virtual clock moves in steps of 100 ms; what happens is written down as
 * "<second>:<what> ", so that each test ends by comparing one line. The last tests run on libevent and the wall clock.
 */
#include "components/supervisor.h"

#include <stdio.h>
#include <string.h>

#include <duet/loop.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "support/suite.h"

#define S DUET_SECOND_NS
#define BEGIN_NS (100000 * S)

static char trace[8192];
static struct duet_clock test_clock;
static const struct duet_clock *the_clock;
static struct duet_bus *bus;
static struct duet_loop *loop;
static struct duet_env env;
static struct duet_stack stack;
static struct duet_supervisor *supervisor;

static void note(const char *what) {
    size_t used = strlen(trace);
    snprintf(trace + used, sizeof(trace) - used, "%.1f:%s ", (double)(duet_clock_now_ns(&test_clock) - BEGIN_NS) / 1e9,
        what);
}

/* ---- the patient ---- */

struct patient {
    struct duet_component component;
    enum duet_status answer; // of start
    int failures_left; // starts that fail before
    int starts;
};
static struct patient link_patient, feed_patient;

static void patient_note(struct duet_component *component, const char *verb) {
    char what[64];
    snprintf(what, sizeof(what), "%s.%s", component->name, verb);
    note(what);
}
static enum duet_status patient_start(struct duet_component *component) {
    struct patient *patient = duet_container_of(component, struct patient, component);
    patient->starts++;
    patient_note(component, "start");
    if (patient->failures_left > 0) {
        patient->failures_left--;
        return duet_error(DUET_EIO, "no answer");
    }
    return patient->answer;
}
static void patient_stop(struct duet_component *component) {
    patient_note(component, "stop");
}
static void patient_reset(struct duet_component *component) {
    patient_note(component, "reset");
}
#define PATIENT \
    .size = sizeof(struct duet_component_impl), .start = patient_start, .stop = patient_stop, .reset = patient_reset
static const struct duet_component_impl link_impl = {PATIENT, .type = "link", .start_timeout_ns = 3 * S};
static const struct duet_component_impl feed_impl = {PATIENT, .type = "feed", .needs = {{NULL, "link"}}};

static void hear(void *argument, const struct duet_component *component, uint32_t restarts, bool gave_up) {
    char what[64];
    snprintf(what, sizeof(what), "%s %s %u", component->name, gave_up ? "GIVEN-UP" : "BACK", restarts);
    note(what);
}

/* ---- the driver: last in the loop, so that what is due at a step is done before the next ---- */

struct plan {
    double second;
    void (*act)(void);
};
static const struct plan *plan;
static size_t plan_count, plan_next;
static int64_t end_ns;

static enum duet_source_state driver_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    size_t before = plan_next;
    while (plan_next < plan_count &&
           BEGIN_NS + (int64_t)(plan[plan_next].second * 1e9) <= duet_clock_now_ns(&test_clock)) {
        plan[plan_next++].act();
    }
    if (plan_next != before) {
        return DUET_SOURCE_MORE; // others see it at this step still
    }
    if (test_clock.virtual_ns >= end_ns) {
        duet_loop_stop(loop);
        return DUET_SOURCE_DONE;
    }
    test_clock.virtual_ns += S / 10;
    struct duet_event event = {.type = DUET_EVENT_CUSTOM};
    (void)duet_bus_input(bus, &event, test_clock.virtual_ns);
    return DUET_SOURCE_MORE;
}
static void drive(double until_s, const struct plan *steps, size_t count) {
    plan = steps;
    plan_count = count;
    plan_next = 0;
    end_ns = BEGIN_NS + (int64_t)(until_s * 1e9);
    struct duet_source driver = {.name = "driver", .run = driver_run};
    duet_loop_add(loop, &driver);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    duet_loop_remove(loop, &driver);
}
#define DRIVE(until_s, ...)                              \
    drive((until_s), (const struct plan[]){__VA_ARGS__}, \
        sizeof((const struct plan[]){__VA_ARGS__}) / sizeof(struct plan))

static void link_faults(void) {
    note("fault");
    duet_component_fault(&link_patient.component, DUET_EIO, "line cut");
}
static void link_started(void) {
    duet_component_started(&link_patient.component, DUET_OK);
}
static void link_start_failed(void) {
    duet_component_started(&link_patient.component, DUET_EDENIED);
}
static void link_stopped(void) {
    duet_component_stop(&link_patient.component);
}
static void feed_faults(void) {
    duet_component_fault(&feed_patient.component, DUET_EIO, "nothing comes");
}
static void nothing(void) {}

/** A supervisor below a link and a feed that needs it; all up at second 0. */
static void with_options(struct duet_supervisor_options options) {
    options.clock = the_clock;
    options.event = hear;
    ck_assert_int_eq(duet_supervisor_create(&options, &supervisor), DUET_OK);
    link_patient = (struct patient){.component = {.impl = &link_impl, .name = "link"}};
    feed_patient = (struct patient){.component = {.impl = &feed_impl, .name = "feed"}};
    stack = (struct duet_stack){0};
    ck_assert_int_eq(duet_stack_push(&stack, duet_supervisor_component(supervisor)), DUET_OK);
    ck_assert_int_eq(duet_stack_push(&stack, &link_patient.component), DUET_OK);
    ck_assert_int_eq(duet_stack_push(&stack, &feed_patient.component), DUET_OK);
    ck_assert_int_eq(duet_supervisor_watch(supervisor, &link_patient.component), DUET_OK);
    ck_assert_int_eq(duet_supervisor_watch(supervisor, &feed_patient.component), DUET_OK);
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_OK);
    trace[0] = '\0';
}
static void finish(void) {
    duet_stack_down(&stack);
    duet_supervisor_destroy(supervisor);
    duet_loop_destroy(loop);
    duet_bus_destroy(bus);
}
static void on_virtual_time(void) {
    test_clock = duet_clock_virtual(BEGIN_NS);
    the_clock = &test_clock;
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &bus), DUET_OK);
    ck_assert_int_eq(duet_loop_sync_create(bus, &loop), DUET_OK);
    env = (struct duet_env){.bus = bus, .clock = the_clock, .loop = loop};
}
static const struct duet_supervisor_options by_default;

START_TEST(a_faulted_component_is_stopped_and_started_after_the_back_off) {
    with_options(by_default);
    DRIVE(3, {1, link_faults});
    ck_assert_str_eq(trace, "1.0:fault 1.5:link.stop 1.5:link.start 1.5:link BACK 1 ");
    ck_assert_int_eq(link_patient.component.state, DUET_COMPONENT_RUNNING);
    finish();
}
END_TEST

START_TEST(the_back_off_doubles_up_to_its_cap) {
    with_options((struct duet_supervisor_options){.backoff_first_ns = S, .backoff_max_ns = 5 * S});
    link_patient.failures_left = 4;
    DRIVE(30, {1, link_faults});
    // 1 s, 2 s, 4 s, then 5 s each
    ck_assert_str_eq(trace, "1.0:fault 2.0:link.stop 2.0:link.start 4.0:link.start 8.0:link.start 13.0:link.start "
                            "18.0:link.start 18.0:link BACK 1 ");
    finish();
}
END_TEST

START_TEST(who_faults_again_soon_waits_longer_and_who_was_well_for_long_does_not) {
    with_options((struct duet_supervisor_options){.backoff_first_ns = S, .backoff_max_ns = 5 * S});
    DRIVE(40, {1, link_faults}, {3, link_faults}, {20, link_faults});
    ck_assert_str_eq(trace, "1.0:fault 2.0:link.stop 2.0:link.start 2.0:link BACK 1 "
                            "3.0:fault 5.0:link.stop 5.0:link.start 5.0:link BACK 2 "
                            "20.0:fault 21.0:link.stop 21.0:link.start 21.0:link BACK 3 ");
    finish();
}
END_TEST

START_TEST(it_gives_up_after_so_many_attempts_within_the_window_and_says_so_once) {
    with_options((struct duet_supervisor_options){
        .backoff_first_ns = S, .backoff_max_ns = S, .restarts_max = 3, .window_ns = 60 * S});
    link_patient.failures_left = 100;
    DRIVE(50, {1, link_faults});
    ck_assert_str_eq(
        trace, "1.0:fault 2.0:link.stop 2.0:link.start 3.0:link.start 4.0:link.start 4.0:link GIVEN-UP 0 ");
    ck_assert_int_eq(link_patient.starts, 4); // with the one at the beginning
    // Somebody else brings it up; from then on it is watched again.
    link_patient.failures_left = 0;
    ck_assert_int_eq(duet_component_start(&link_patient.component), DUET_OK);
    trace[0] = '\0';
    DRIVE(80, {70, link_faults}); // the attempts lie behind the window
    ck_assert_str_eq(trace, "70.0:fault 71.0:link.stop 71.0:link.start 71.0:link BACK 1 ");
    finish();
}
END_TEST

START_TEST(attempts_that_lie_apart_are_never_too_many) {
    with_options((struct duet_supervisor_options){.backoff_first_ns = S, .restarts_max = 2, .window_ns = 20 * S});
    DRIVE(50, {1, link_faults}, {12, link_faults}, {24, link_faults}, {36, link_faults});
    ck_assert_int_eq(link_patient.starts, 5);
    ck_assert_ptr_null(strstr(trace, "GIVEN-UP"));
    finish();
}
END_TEST

START_TEST(a_pending_start_completes_from_the_loop) {
    with_options(by_default);
    link_patient.answer = DUET_PENDING;
    DRIVE(6, {1, link_faults}, {3, link_started});
    ck_assert_str_eq(trace, "1.0:fault 1.5:link.stop 1.5:link.start 3.0:link BACK 1 ");
    finish();
}
END_TEST

START_TEST(a_pending_start_that_fails_or_times_out_is_tried_again) {
    with_options(by_default);
    link_patient.answer = DUET_PENDING;
    DRIVE(20, {1, link_faults}, {2, link_start_failed}, {15, link_started});
    // Begun at 1.5; refused at 2, again after 1 s; 3 s without an answer, again after 2 s; 3 s more, again after 4 s.
    ck_assert_str_eq(trace, "1.0:fault 1.5:link.stop 1.5:link.start 2.0:link.stop 3.0:link.start 6.0:link.stop "
                            "8.0:link.start 11.0:link.stop 15.0:link.start 15.0:link BACK 1 ");
    finish();
}
END_TEST

START_TEST(who_needs_another_waits_for_it_first) {
    with_options((struct duet_supervisor_options){.backoff_first_ns = S});
    link_patient.answer = DUET_PENDING;
    DRIVE(10, {1, link_faults}, {1, feed_faults}, {4, link_started});
    ck_assert_str_eq(trace, "1.0:fault 2.0:link.stop 2.0:link.start 4.0:link BACK 1 4.0:feed.stop 4.0:feed.start "
                            "4.0:feed BACK 1 ");
    finish();
}
END_TEST

START_TEST(what_somebody_stopped_stays_stopped) {
    with_options(by_default);
    link_patient.answer = DUET_PENDING;
    DRIVE(9, {1, link_stopped}, {8, nothing});
    ck_assert_str_eq(trace, "1.0:link.stop ");
    link_patient.answer = DUET_OK;
    ck_assert_int_eq(duet_component_start(&link_patient.component), DUET_OK);
    trace[0] = '\0';
    link_patient.answer = DUET_PENDING;
    DRIVE(20, {10, link_faults}, {12, link_stopped}); // in the middle of our start
    ck_assert_str_eq(trace, "10.0:fault 10.5:link.stop 10.5:link.start 12.0:link.stop ");
    finish();
}
END_TEST

START_TEST(a_fault_that_is_stopped_before_its_turn_is_over) {
    with_options(by_default);
    DRIVE(9, {1, link_faults}, {1.2, link_stopped});
    ck_assert_str_eq(trace, "1.0:fault 1.2:link.stop ");
    finish();
}
END_TEST

START_TEST(reset_comes_between_where_it_is_asked_for) {
    with_options((struct duet_supervisor_options){.reset = true});
    DRIVE(3, {1, link_faults});
    ck_assert_str_eq(trace, "1.0:fault 1.5:link.stop 1.5:link.reset 1.5:link.start 1.5:link BACK 1 ");
    finish();
}
END_TEST

START_TEST(nothing_is_restarted_once_it_is_stopped_itself) {
    with_options(by_default);
    DRIVE(1, {1, link_faults});
    duet_component_stop(duet_supervisor_component(supervisor));
    DRIVE(5, {4, nothing});
    ck_assert_str_eq(trace, "1.0:fault ");
    ck_assert_int_eq(link_patient.component.state, DUET_COMPONENT_FAULTED);
    ck_assert_int_eq(duet_component_start(duet_supervisor_component(supervisor)), DUET_OK);
    DRIVE(9, {8, nothing});
    ck_assert_int_eq(link_patient.component.state, DUET_COMPONENT_RUNNING);
    finish();
}
END_TEST

START_TEST(watching_twice_and_bad_numbers_are_refused) {
    with_options(by_default);
    ck_assert_int_eq(duet_supervisor_watch(supervisor, &link_patient.component), DUET_EEXIST);
    struct duet_supervisor *other;
    ck_assert_int_eq(
        duet_supervisor_create(&(struct duet_supervisor_options){.clock = the_clock, .backoff_first_ns = -1}, &other),
        DUET_EINVAL);
    finish();
}
END_TEST

/* ---- on libevent ---- */

static void on_libevent(void) {
    duet_loop_destroy(loop);
    the_clock = &duet_clock_wall;
    ck_assert_int_eq(duet_loop_libevent_create(bus, the_clock, &loop), DUET_OK);
    env = (struct duet_env){.bus = bus, .clock = the_clock, .loop = loop};
}

static void stop_when_back(void *argument, const struct duet_component *component, uint32_t restarts, bool gave_up) {
    ck_assert(!gave_up);
    if (restarts < 3) {
        duet_component_fault(&link_patient.component, DUET_EIO, "again");
    } else {
        duet_loop_stop(loop);
    }
}
START_TEST(a_sleeping_loop_wakes_for_a_fault_and_for_the_end_of_the_back_off) {
    on_libevent();
    with_options((struct duet_supervisor_options){.backoff_first_ns = 2000000, .backoff_max_ns = 8000000});
    duet_stack_down(&stack);
    duet_supervisor_destroy(supervisor);
    const struct duet_supervisor_options options = {
        .clock = the_clock, .backoff_first_ns = 2000000, .backoff_max_ns = 8000000, .event = stop_when_back};
    ck_assert_int_eq(duet_supervisor_create(&options, &supervisor), DUET_OK);
    stack.items[0] = duet_supervisor_component(supervisor);
    stack.items[0]->stack = &stack;
    ck_assert_int_eq(duet_supervisor_watch(supervisor, &link_patient.component), DUET_OK);
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_OK);
    duet_component_fault(&link_patient.component, DUET_EIO, "line cut");
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_int_eq(link_patient.component.state, DUET_COMPONENT_RUNNING);
    ck_assert_int_eq(feed_patient.component.state, DUET_COMPONENT_RUNNING);
    finish();
}
END_TEST

/** Brings a stack up from the loop, as the daemon does: goes on whenever woken, and at the deadline. */
struct riser {
    struct duet_source source;
    enum duet_status status;
};
static enum duet_source_state riser_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct riser *riser = duet_container_of(source, struct riser, source);
    riser->status = duet_stack_continue(&stack, duet_clock_now_ns(the_clock));
    if (riser->status != DUET_PENDING) {
        duet_loop_stop(loop);
        return DUET_SOURCE_DONE;
    }
    for (size_t i = 0; i < stack.count; i++) {
        if (stack.items[i]->state == DUET_COMPONENT_STARTING) {
            *wake_ns = stack.items[i]->start_deadline_ns;
        }
    }
    return DUET_SOURCE_WAIT;
}
static enum duet_source_state starter_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    duet_component_started(&link_patient.component, DUET_OK);
    duet_loop_wake(loop);
    return DUET_SOURCE_DONE;
}
static const struct duet_component_impl slow_impl = {PATIENT, .type = "link", .start_timeout_ns = 5000000};
START_TEST(a_stack_comes_up_from_the_loop_or_times_out_there) {
    on_libevent();
    with_options(by_default);
    duet_stack_down(&stack);
    link_patient.answer = DUET_PENDING;
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_PENDING);
    struct riser riser = {.source = {.name = "riser", .run = riser_run}};
    struct duet_source starter = {.name = "starter", .run = starter_run};
    duet_loop_add(loop, &riser.source);
    duet_loop_add(loop, &starter);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_int_eq(riser.status, DUET_OK);
    ck_assert_int_eq(feed_patient.component.state, DUET_COMPONENT_RUNNING);
    duet_loop_remove(loop, &riser.source);
    duet_loop_remove(loop, &starter);
    duet_stack_down(&stack);

    link_patient.component.impl = &slow_impl;
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_PENDING);
    duet_loop_add(loop, &riser.source);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_int_eq(riser.status, DUET_ETIMEOUT);
    ck_assert_str_eq(duet_error_line(), "link did not start within 5 ms");
    ck_assert_int_eq(duet_supervisor_component(supervisor)->state, DUET_COMPONENT_NEW);
    duet_loop_remove(loop, &riser.source);
    finish();
}
END_TEST

DUET_TEST_MAIN("supervisor", on_virtual_time, a_faulted_component_is_stopped_and_started_after_the_back_off,
    the_back_off_doubles_up_to_its_cap, who_faults_again_soon_waits_longer_and_who_was_well_for_long_does_not,
    it_gives_up_after_so_many_attempts_within_the_window_and_says_so_once, attempts_that_lie_apart_are_never_too_many,
    a_pending_start_completes_from_the_loop, a_pending_start_that_fails_or_times_out_is_tried_again,
    who_needs_another_waits_for_it_first, what_somebody_stopped_stays_stopped,
    a_fault_that_is_stopped_before_its_turn_is_over, reset_comes_between_where_it_is_asked_for,
    nothing_is_restarted_once_it_is_stopped_itself, watching_twice_and_bad_numbers_are_refused,
    a_sleeping_loop_wakes_for_a_fault_and_for_the_end_of_the_back_off,
    a_stack_comes_up_from_the_loop_or_times_out_there)
