/*
 * The lifecycle, told as traces: probes append "<name>.<verb> " to `trace` when called, and "!" when told to fail, so
 * most tests end by comparing one line.
 */
#include <duet/component.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "support/suite.h"

struct probe {
    struct duet_component component;
    const char *failing_verb; // may be NULL
    enum duet_status answer; // of start, unless it fails; DUET_PENDING
    bool subscribes;
    unsigned heard;
    unsigned work; // run state: counts while running, 0 after init
    bool publishes_at_start;
};

static char trace[4096];
static struct duet_bus *bus;
static struct duet_clock run_clock;
static struct duet_env env;
static struct duet_stack stack;
static struct probe probes[4];
static const char *const names[4] = {"portfolio", "venue", "strategy", "feed"};

static struct probe *probe_of(struct duet_component *component) {
    return duet_container_of(component, struct probe, component);
}

static enum duet_status probe_note(struct duet_component *component, const char *verb) {
    struct probe *probe = probe_of(component);
    bool fails = probe->failing_verb != NULL && strcmp(probe->failing_verb, verb) == 0;
    size_t used = strlen(trace);
    snprintf(trace + used, sizeof(trace) - used, "%s.%s%s ", component->name, verb, fails ? "!" : "");
    return fails ? DUET_EIO : DUET_OK;
}
static enum duet_status probe_hear(void *receiver, const struct duet_event *event) {
    struct probe *probe = receiver;
    probe->heard++;
    probe->work += 3;
    return DUET_OK;
}
static enum duet_status probe_init(struct duet_component *component) {
    struct probe *probe = probe_of(component);
    probe->work = 0;
    if (probe->subscribes) {
        enum duet_status status =
            duet_bus_subscribe(component->env->bus, DUET_EVENT_CUSTOM, probe_hear, probe, component, NULL);
        ck_assert_int_eq(status, DUET_OK);
    }
    return probe_note(component, "init");
}
static enum duet_status probe_start(struct duet_component *component) {
    struct probe *probe = probe_of(component);
    enum duet_status status = probe_note(component, "start");
    if (probe->publishes_at_start) {
        struct duet_event event = {.type = DUET_EVENT_CUSTOM};
        (void)duet_bus_publish(component->env->bus, &event);
    }
    return status != DUET_OK ? status : probe->answer;
}
static void probe_stop(struct duet_component *component) {
    (void)probe_note(component, "stop");
}
static void probe_reset(struct duet_component *component) {
    (void)probe_note(component, "reset");
    probe_of(component)->work = 0;
}
static void probe_teardown(struct duet_component *component) {
    (void)probe_note(component, "teardown");
}

#define PROBE_IMPL                                                                                            \
    .size = sizeof(struct duet_component_impl), .init = probe_init, .start = probe_start, .stop = probe_stop, \
    .reset = probe_reset, .teardown = probe_teardown
static const struct duet_component_impl service_impl = {PROBE_IMPL, .type = "service"};
static const struct duet_component_impl venue_impl = {
    PROBE_IMPL, .type = "venue", .needs = {{"portfolio", "service"}}, .start_timeout_ns = 2 * DUET_SECOND_NS};
static const struct duet_component_impl strategy_impl = {PROBE_IMPL, .type = "strategy", .needs = {{NULL, "venue"}}};
static const struct duet_component_impl bare_impl = {.size = sizeof(bare_impl), .type = "bare"};

static void four_components(void) {
    trace[0] = '\0';
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &bus), DUET_OK);
    run_clock = duet_clock_virtual(1000 * DUET_SECOND_NS);
    env = (struct duet_env){.bus = bus, .clock = &run_clock};
    stack = (struct duet_stack){0};
    const struct duet_component_impl *const impls[] = {&service_impl, &venue_impl, &strategy_impl, &service_impl};
    for (size_t i = 0; i < 4; i++) {
        probes[i] = (struct probe){.component = {.impl = impls[i], .name = names[i]}};
        ck_assert_int_eq(duet_stack_push(&stack, &probes[i].component), DUET_OK);
    }
}

static size_t subscribers(void) {
    return duet_bus_subscriber_count(bus, DUET_EVENT_CUSTOM);
}
static void expect_states(const char *expected) {
    char text[128] = "";
    for (size_t i = 0; i < 4; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? " " : "",
            duet_component_state_name(probes[i].component.state));
    }
    ck_assert_str_eq(text, expected);
}

/* ---- one component: every state and verb ---- */

/** Bring a fresh component, subscribed to CUSTOM, into a state. */
static struct probe in_state(enum duet_component_state state) {
    return (struct probe){.component = {.impl = &service_impl, .name = "probe"},
        .subscribes = true,
        .answer = state == DUET_COMPONENT_STARTING ? DUET_PENDING : DUET_OK};
}
static void enter_state(struct probe *probe, enum duet_component_state state) {
    if (state == DUET_COMPONENT_NEW) {
        return;
    }
    ck_assert_int_eq(duet_component_init(&probe->component, &env), DUET_OK);
    if (state != DUET_COMPONENT_READY) {
        ck_assert_int_eq(duet_component_start(&probe->component), probe->answer);
    }
    if (state == DUET_COMPONENT_FAULTED) {
        duet_component_fault(&probe->component, DUET_EIO, "lost");
    }
    ck_assert_int_eq(probe->component.state, state);
}
static enum duet_status call(struct probe *probe, enum duet_component_verb verb) {
    switch (verb) {
    case DUET_VERB_INIT:
        return duet_component_init(&probe->component, &env);
    case DUET_VERB_START:
        return duet_component_start(&probe->component);
    case DUET_VERB_STOP:
        duet_component_stop(&probe->component);
        return DUET_OK;
    case DUET_VERB_RESET:
        return duet_component_reset(&probe->component);
    default:
        duet_component_teardown(&probe->component);
        return DUET_OK;
    }
}

START_TEST(every_state_answers_every_verb_as_the_table_in_the_manual_says) {
    static const struct {
        enum duet_component_state state;
        enum duet_component_verb verb;
        enum duet_status status;
        enum duet_component_state after;
        const char *calls;
        const char *line;
    } rows[] = {
        {DUET_COMPONENT_NEW, DUET_VERB_INIT, DUET_OK, DUET_COMPONENT_READY, "probe.init ", NULL},
        {DUET_COMPONENT_NEW, DUET_VERB_START, DUET_ESTATE, DUET_COMPONENT_NEW, "",
            "probe must be initialized before starting"},
        {DUET_COMPONENT_NEW, DUET_VERB_STOP, DUET_OK, DUET_COMPONENT_NEW, "", NULL},
        {DUET_COMPONENT_NEW, DUET_VERB_RESET, DUET_ESTATE, DUET_COMPONENT_NEW, "",
            "probe must be initialized before resetting"},
        {DUET_COMPONENT_NEW, DUET_VERB_TEARDOWN, DUET_OK, DUET_COMPONENT_NEW, "", NULL},
        {DUET_COMPONENT_READY, DUET_VERB_INIT, DUET_ESTATE, DUET_COMPONENT_READY, "", "probe is already initialized"},
        {DUET_COMPONENT_READY, DUET_VERB_START, DUET_OK, DUET_COMPONENT_RUNNING, "probe.start ", NULL},
        {DUET_COMPONENT_READY, DUET_VERB_STOP, DUET_OK, DUET_COMPONENT_READY, "", NULL},
        {DUET_COMPONENT_READY, DUET_VERB_RESET, DUET_OK, DUET_COMPONENT_READY, "probe.reset ", NULL},
        {DUET_COMPONENT_READY, DUET_VERB_TEARDOWN, DUET_OK, DUET_COMPONENT_NEW, "probe.teardown ", NULL},
        {DUET_COMPONENT_STARTING, DUET_VERB_INIT, DUET_ESTATE, DUET_COMPONENT_STARTING, "",
            "probe is already initialized"},
        {DUET_COMPONENT_STARTING, DUET_VERB_START, DUET_ESTATE, DUET_COMPONENT_STARTING, "",
            "probe is already starting"},
        {DUET_COMPONENT_STARTING, DUET_VERB_STOP, DUET_OK, DUET_COMPONENT_READY, "probe.stop ", NULL},
        {DUET_COMPONENT_STARTING, DUET_VERB_RESET, DUET_ESTATE, DUET_COMPONENT_STARTING, "",
            "probe must be stopped before resetting"},
        {DUET_COMPONENT_STARTING, DUET_VERB_TEARDOWN, DUET_OK, DUET_COMPONENT_NEW, "probe.stop probe.teardown ", NULL},
        {DUET_COMPONENT_RUNNING, DUET_VERB_INIT, DUET_ESTATE, DUET_COMPONENT_RUNNING, "",
            "probe is already initialized"},
        {DUET_COMPONENT_RUNNING, DUET_VERB_START, DUET_ESTATE, DUET_COMPONENT_RUNNING, "", "probe is already running"},
        {DUET_COMPONENT_RUNNING, DUET_VERB_STOP, DUET_OK, DUET_COMPONENT_READY, "probe.stop ", NULL},
        {DUET_COMPONENT_RUNNING, DUET_VERB_RESET, DUET_ESTATE, DUET_COMPONENT_RUNNING, "",
            "probe must be stopped before resetting"},
        {DUET_COMPONENT_RUNNING, DUET_VERB_TEARDOWN, DUET_OK, DUET_COMPONENT_NEW, "probe.stop probe.teardown ", NULL},
        {DUET_COMPONENT_FAULTED, DUET_VERB_INIT, DUET_ESTATE, DUET_COMPONENT_FAULTED, "",
            "probe is already initialized"},
        {DUET_COMPONENT_FAULTED, DUET_VERB_START, DUET_ESTATE, DUET_COMPONENT_FAULTED, "",
            "probe has faulted and must be stopped before starting"},
        {DUET_COMPONENT_FAULTED, DUET_VERB_STOP, DUET_OK, DUET_COMPONENT_READY, "probe.stop ", NULL},
        {DUET_COMPONENT_FAULTED, DUET_VERB_RESET, DUET_ESTATE, DUET_COMPONENT_FAULTED, "",
            "probe must be stopped before resetting"},
        {DUET_COMPONENT_FAULTED, DUET_VERB_TEARDOWN, DUET_OK, DUET_COMPONENT_NEW, "probe.stop probe.teardown ", NULL},
    };
    ck_assert_uint_eq(sizeof(rows) / sizeof(rows[0]), DUET_COMPONENT_STATE_COUNT * DUET_VERB_COUNT);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct probe probe = in_state(rows[i].state);
        enter_state(&probe, rows[i].state);
        trace[0] = '\0';
        ck_assert_int_eq(call(&probe, rows[i].verb), rows[i].status);
        ck_assert_int_eq(probe.component.state, rows[i].after);
        ck_assert_str_eq(trace, rows[i].calls);
        if (rows[i].line != NULL) {
            ck_assert_str_eq(duet_error_line(), rows[i].line);
        }
        duet_component_teardown(&probe.component);
        ck_assert_uint_eq(subscribers(), 0);
    }
    duet_bus_destroy(bus);
}
END_TEST

static unsigned deliveries_after_custom(struct probe *probe) {
    unsigned before = probe->heard;
    struct duet_event event = {.type = DUET_EVENT_CUSTOM};
    (void)duet_bus_publish(bus, &event);
    return probe->heard - before;
}
START_TEST(deliveries_begin_with_init_end_with_stop_and_are_gone_after_teardown) {
    struct probe probe = in_state(DUET_COMPONENT_RUNNING);
    enter_state(&probe, DUET_COMPONENT_READY);
    ck_assert_uint_eq(deliveries_after_custom(&probe), 1);
    ck_assert_int_eq(duet_component_start(&probe.component), DUET_OK);
    ck_assert_uint_eq(deliveries_after_custom(&probe), 1);
    duet_component_stop(&probe.component);
    ck_assert_uint_eq(deliveries_after_custom(&probe), 0);
    ck_assert_int_eq(duet_component_start(&probe.component), DUET_OK); // stop, then start, works
    ck_assert_uint_eq(deliveries_after_custom(&probe), 1);
    duet_component_teardown(&probe.component);
    ck_assert_uint_eq(deliveries_after_custom(&probe), 0);
    ck_assert_uint_eq(subscribers(), 0);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(a_failed_init_leaves_no_subscription_and_the_state_new) {
    struct probe probe = in_state(DUET_COMPONENT_READY);
    probe.failing_verb = "init";
    ck_assert_int_eq(duet_component_init(&probe.component, &env), DUET_EIO);
    ck_assert_int_eq(probe.component.state, DUET_COMPONENT_NEW);
    ck_assert_ptr_null(probe.component.env);
    ck_assert_uint_eq(subscribers(), 0);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(a_failed_start_leaves_the_component_ready_and_unheard) {
    struct probe probe = in_state(DUET_COMPONENT_READY);
    enter_state(&probe, DUET_COMPONENT_READY);
    probe.failing_verb = "start";
    ck_assert_int_eq(duet_component_start(&probe.component), DUET_EIO);
    ck_assert_int_eq(probe.component.state, DUET_COMPONENT_READY);
    ck_assert_uint_eq(deliveries_after_custom(&probe), 0);
    probe.failing_verb = NULL;
    ck_assert_int_eq(duet_component_start(&probe.component), DUET_OK);
    duet_component_teardown(&probe.component);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(reset_equals_the_snapshot_after_init) {
    struct probe probe = in_state(DUET_COMPONENT_RUNNING);
    enter_state(&probe, DUET_COMPONENT_READY);
    const struct probe snapshot = probe;
    ck_assert_int_eq(duet_component_start(&probe.component), DUET_OK);
    ck_assert_uint_eq(deliveries_after_custom(&probe), 1);
    ck_assert_uint_ne(probe.work, snapshot.work);
    duet_component_stop(&probe.component);
    ck_assert_int_eq(duet_component_reset(&probe.component), DUET_OK);
    probe.heard = 0; // the test's own tally
    ck_assert_int_eq(memcmp(&probe, &snapshot, sizeof(probe)), 0);
    ck_assert_uint_eq(subscribers(), 1);
    duet_component_teardown(&probe.component);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(a_thousand_lives_leave_the_subscriber_count_unchanged) {
    struct probe probe = in_state(DUET_COMPONENT_RUNNING);
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(duet_component_init(&probe.component, &env), DUET_OK);
        ck_assert_uint_eq(subscribers(), 1);
        duet_component_teardown(&probe.component);
        ck_assert_uint_eq(subscribers(), 0);
    }
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(a_component_with_no_callbacks_lives_too) {
    struct duet_component bare = {.impl = &bare_impl, .name = "bare"};
    ck_assert_int_eq(duet_component_init(&bare, &env), DUET_OK);
    ck_assert_int_eq(duet_component_start(&bare), DUET_OK);
    duet_component_stop(&bare);
    ck_assert_int_eq(duet_component_reset(&bare), DUET_OK);
    duet_component_teardown(&bare);
    ck_assert_int_eq(bare.state, DUET_COMPONENT_NEW);
    duet_bus_destroy(bus);
}
END_TEST

static char life[1024];
static enum duet_status hear_life(void *receiver, const struct duet_event *event) {
    const struct duet_lifecycle_event *change = &event->lifecycle;
    size_t used = strlen(life);
    snprintf(life + used, sizeof(life) - used, "%s.%s:%s>%s ", change->component,
        duet_component_verb_name((enum duet_component_verb)change->transition),
        duet_component_state_name((enum duet_component_state)change->previous),
        duet_component_state_name((enum duet_component_state)change->current));
    return DUET_OK;
}
START_TEST(each_change_of_state_is_a_lifecycle_event) {
    life[0] = '\0';
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_LIFECYCLE, hear_life, NULL, NULL, NULL), DUET_OK);
    struct probe probe = in_state(DUET_COMPONENT_STARTING);
    enter_state(&probe, DUET_COMPONENT_STARTING);
    duet_component_started(&probe.component, DUET_OK);
    duet_component_fault(&probe.component, DUET_EIO, "line cut");
    duet_component_stop(&probe.component);
    duet_component_stop(&probe.component);
    duet_component_teardown(&probe.component);
    ck_assert_str_eq(life, "probe.init:NEW>READY probe.start:READY>STARTING probe.start:STARTING>RUNNING "
                           "probe.start:RUNNING>FAULTED probe.stop:FAULTED>READY probe.teardown:READY>NEW ");
    duet_bus_destroy(bus);
}
END_TEST

static struct duet_error_event last_error;
static unsigned error_count;
static enum duet_status hear_error(void *receiver, const struct duet_event *event) {
    last_error = event->error;
    error_count++;
    return DUET_OK;
}
START_TEST(a_fault_ends_deliveries_and_says_so_once) {
    error_count = 0;
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_ERROR, hear_error, NULL, NULL, NULL), DUET_OK);
    struct probe probe = in_state(DUET_COMPONENT_RUNNING);
    enter_state(&probe, DUET_COMPONENT_RUNNING);
    duet_component_fault(&probe.component, DUET_EIO, "line cut");
    duet_component_fault(&probe.component, DUET_EIO, "again");
    ck_assert_uint_eq(error_count, 1);
    ck_assert_int_eq(last_error.error_type, DUET_EIO);
    ck_assert_str_eq(last_error.component, "probe");
    ck_assert_str_eq(last_error.message, "line cut");
    ck_assert_uint_eq(deliveries_after_custom(&probe), 0);
    duet_component_teardown(&probe.component);
    duet_bus_destroy(bus);
}
END_TEST

/* ---- stacks ---- */

START_TEST(goes_up_bottom_first_and_down_top_first_in_two_passes) {
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_OK);
    expect_states("RUNNING RUNNING RUNNING RUNNING");
    duet_stack_down(&stack);
    expect_states("NEW NEW NEW NEW");
    ck_assert_str_eq(trace, "portfolio.init venue.init strategy.init feed.init "
                            "portfolio.start venue.start strategy.start feed.start "
                            "feed.stop strategy.stop venue.stop portfolio.stop "
                            "feed.teardown strategy.teardown venue.teardown portfolio.teardown ");
    trace[0] = '\0';
    duet_stack_down(&stack); // again: nothing
    ck_assert_str_eq(trace, "");
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(what_is_published_at_start_reaches_peers_that_start_later) {
    probes[0].publishes_at_start = true;
    probes[2].subscribes = true;
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_OK);
    ck_assert_uint_eq(probes[2].heard, 1);
    duet_stack_down(&stack);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(unwinds_in_reverse_what_was_done_wherever_a_verb_fails) {
    const char *const up[2][4] = {{"portfolio.init", "venue.init", "strategy.init", "feed.init"},
        {"portfolio.start", "venue.start", "strategy.start", "feed.start"}};
    for (size_t k = 0; k < 4; k++) {
        for (size_t pass = 0; pass < 2; pass++) {
            char expected[512] = "";
            size_t used = 0;
#define EXPECT(...) used += (size_t)snprintf(expected + used, sizeof(expected) - used, __VA_ARGS__)
            for (size_t i = 0; i < 4 && (pass == 1 || i <= k); i++) {
                EXPECT("%s%s ", up[0][i], pass == 0 && i == k ? "!" : "");
            }
            for (size_t i = 0; pass == 1 && i <= k; i++) {
                EXPECT("%s%s ", up[1][i], i == k ? "!" : "");
            }
            for (size_t i = k; pass == 1 && i > 0; i--) {
                EXPECT("%s.stop ", names[i - 1]);
            }
            for (size_t i = pass == 1 ? 4 : k; i > 0; i--) {
                EXPECT("%s.teardown ", names[i - 1]);
            }
#undef EXPECT
            trace[0] = '\0';
            probes[k].failing_verb = pass == 0 ? "init" : "start";
            probes[k].subscribes = true;
            ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_EIO);
            ck_assert_str_eq(trace, expected);
            expect_states("NEW NEW NEW NEW");
            ck_assert_uint_eq(subscribers(), 0);

            probes[k].failing_verb = NULL;
            ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_OK); // can come up after any failure
            duet_stack_down(&stack);
            probes[k].subscribes = false;
        }
    }
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(a_dependency_must_stand_below_and_be_up) {
    struct probe lone = {.component = {.impl = &strategy_impl, .name = "lone"}};
    ck_assert_int_eq(duet_component_init(&lone.component, &env), DUET_EINVAL);
    ck_assert_str_eq(duet_error_line(), "lone needs venue, which is not there");

    struct duet_stack upside_down = {0};
    struct probe strategy = {.component = {.impl = &strategy_impl, .name = "first"}};
    struct probe venue = {.component = {.impl = &venue_impl, .name = "paper"}};
    ck_assert_int_eq(duet_stack_push(&upside_down, &strategy.component), DUET_OK);
    ck_assert_int_eq(duet_stack_push(&upside_down, &venue.component), DUET_OK);
    ck_assert_int_eq(duet_stack_up(&upside_down, &env), DUET_EINVAL);
    ck_assert_str_eq(duet_error_line(), "first needs paper, which must be pushed before it");

    ck_assert_int_eq(duet_component_init(&probes[1].component, &env), DUET_EINVAL);
    ck_assert_str_eq(duet_error_line(), "venue needs portfolio, which is NEW");
    ck_assert_str_eq(trace, "");
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(finds_peers_by_name_and_type) {
    ck_assert_ptr_eq(duet_component_find(&stack, "venue", NULL), &probes[1].component);
    ck_assert_ptr_eq(duet_component_find(&stack, NULL, "service"), &probes[0].component);
    ck_assert_ptr_eq(duet_component_find(&stack, "feed", "service"), &probes[3].component);
    ck_assert_ptr_null(duet_component_find(&stack, "feed", "venue"));
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(refuses_a_name_twice_and_one_component_too_many) {
    struct probe twin = {.component = {.impl = &service_impl, .name = "venue"}};
    ck_assert_int_eq(duet_stack_push(&stack, &twin.component), DUET_EEXIST);
    static struct duet_component many[DUET_STACK_MAX];
    static char labels[DUET_STACK_MAX][8];
    for (size_t i = 4; i < DUET_STACK_MAX; i++) {
        snprintf(labels[i], sizeof(labels[i]), "c%zu", i);
        many[i] = (struct duet_component){.impl = &bare_impl, .name = labels[i]};
        ck_assert_int_eq(duet_stack_push(&stack, &many[i]), DUET_OK);
    }
    many[0] = (struct duet_component){.impl = &bare_impl, .name = "late"};
    ck_assert_int_eq(duet_stack_push(&stack, &many[0]), DUET_EFULL);
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_OK);
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_ESTATE); // and stays up
    expect_states("RUNNING RUNNING RUNNING RUNNING");
    duet_stack_down(&stack);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(a_pending_start_holds_back_what_stands_above_until_it_completes) {
    probes[1].answer = DUET_PENDING;
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_PENDING);
    expect_states("RUNNING STARTING READY READY");
    ck_assert_int_eq(duet_stack_continue(&stack, run_clock.virtual_ns), DUET_PENDING);
    duet_component_started(&probes[1].component, DUET_OK);
    ck_assert_int_eq(duet_stack_continue(&stack, run_clock.virtual_ns), DUET_OK);
    expect_states("RUNNING RUNNING RUNNING RUNNING");
    duet_component_started(&probes[1].component, DUET_EIO); // too late to matter
    expect_states("RUNNING RUNNING RUNNING RUNNING");
    duet_stack_down(&stack);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(a_pending_start_that_fails_unwinds_with_its_reason) {
    probes[1].answer = DUET_PENDING;
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_PENDING);
    trace[0] = '\0';
    duet_component_started(&probes[1].component, DUET_EDENIED);
    ck_assert_int_eq(duet_stack_continue(&stack, run_clock.virtual_ns), DUET_EDENIED);
    ck_assert_str_eq(duet_error_line(), "venue did not start: refused by a rule");
    ck_assert_str_eq(trace, "venue.stop portfolio.stop feed.teardown strategy.teardown venue.teardown "
                            "portfolio.teardown ");
    expect_states("NEW NEW NEW NEW");
    probes[1].answer = DUET_OK;
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_OK);
    duet_stack_down(&stack);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(a_pending_start_times_out_at_its_deadline) {
    probes[1].answer = DUET_PENDING;
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_PENDING);
    int64_t deadline_ns = run_clock.virtual_ns + 2 * DUET_SECOND_NS;
    ck_assert_int_eq(duet_stack_continue(&stack, deadline_ns - 1), DUET_PENDING);
    ck_assert_int_eq(duet_stack_continue(&stack, deadline_ns), DUET_ETIMEOUT);
    ck_assert_str_eq(duet_error_line(), "venue did not start within 2000 ms");
    expect_states("NEW NEW NEW NEW");
    ck_assert_int_eq(duet_stack_continue(&stack, deadline_ns), DUET_ESTATE);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(a_stack_partly_up_comes_down_whole) {
    probes[1].answer = DUET_PENDING;
    probes[2].subscribes = true;
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_PENDING);
    duet_stack_down(&stack);
    expect_states("NEW NEW NEW NEW");
    ck_assert_uint_eq(subscribers(), 0);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(a_stack_reset_stops_and_resets_top_first_and_can_start_again) {
    ck_assert_int_eq(duet_stack_up(&stack, &env), DUET_OK);
    duet_component_fault(&probes[3].component, DUET_EIO, "lost");
    trace[0] = '\0';
    duet_stack_reset(&stack);
    expect_states("READY READY READY READY");
    ck_assert_str_eq(trace, "feed.stop strategy.stop venue.stop portfolio.stop "
                            "feed.reset strategy.reset venue.reset portfolio.reset ");
    ck_assert_int_eq(duet_stack_continue(&stack, run_clock.virtual_ns), DUET_OK);
    expect_states("RUNNING RUNNING RUNNING RUNNING");
    duet_stack_down(&stack);
    duet_bus_destroy(bus);
}
END_TEST

DUET_TEST_MAIN("component", four_components, every_state_answers_every_verb_as_the_table_in_the_manual_says,
    deliveries_begin_with_init_end_with_stop_and_are_gone_after_teardown,
    a_failed_init_leaves_no_subscription_and_the_state_new, a_failed_start_leaves_the_component_ready_and_unheard,
    reset_equals_the_snapshot_after_init, a_thousand_lives_leave_the_subscriber_count_unchanged,
    a_component_with_no_callbacks_lives_too, each_change_of_state_is_a_lifecycle_event,
    a_fault_ends_deliveries_and_says_so_once, goes_up_bottom_first_and_down_top_first_in_two_passes,
    what_is_published_at_start_reaches_peers_that_start_later, unwinds_in_reverse_what_was_done_wherever_a_verb_fails,
    a_dependency_must_stand_below_and_be_up, finds_peers_by_name_and_type,
    refuses_a_name_twice_and_one_component_too_many, a_pending_start_holds_back_what_stands_above_until_it_completes,
    a_pending_start_that_fails_unwinds_with_its_reason, a_pending_start_times_out_at_its_deadline,
    a_stack_partly_up_comes_down_whole, a_stack_reset_stops_and_resets_top_first_and_can_start_again)
