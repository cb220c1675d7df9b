/*
 * One script over both loops, and what each loop promises about time, fairness, threads and stopping.
 */
#include <duet/loop.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/rng.h"
#include "support/suite.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOW 1
#endif
#endif
#ifndef SLOW
#define SLOW 0
#endif

/** For the handlers of millions of events: Check's own assertions cost a system call each. */
#define REQUIRE(condition)                  \
    do {                                    \
        if (!(condition)) {                 \
            ck_abort_msg("%s", #condition); \
        }                                   \
    } while (0)

enum loop_kind { SYNC, LIBEVENT_VIRTUAL, LIBEVENT_WALL };

static struct duet_bus *bus;
static struct duet_loop *loop;
static struct duet_clock test_clock;

static void set_up(enum loop_kind kind) {
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &bus), DUET_OK);
    test_clock = duet_clock_virtual(0);
    enum duet_status status = kind == SYNC
                                  ? duet_loop_sync_create(bus, &loop)
                                  : duet_loop_libevent_create(bus, kind == LIBEVENT_WALL ? NULL : &test_clock, &loop);
    ck_assert_int_eq(status, DUET_OK);
}
static void tear_down(void) {
    duet_loop_destroy(loop);
    duet_bus_destroy(bus);
}

static struct duet_event custom(uint32_t tag, uint64_t number) {
    struct duet_event event = {
        .type = DUET_EVENT_CUSTOM, .custom = {.size = sizeof(struct duet_custom_event), .tag = tag}};
    memcpy(event.custom.data, &number, sizeof(number));
    return event;
}
static uint64_t number_of(const struct duet_event *event) {
    uint64_t number;
    memcpy(&number, event->custom.data, sizeof(number));
    return number;
}
static void input(uint32_t tag, uint64_t number, int64_t time_ns) {
    struct duet_event event = custom(tag, number);
    (void)duet_bus_input(bus, &event, time_ns);
}
static void schedule(int64_t time_ns, enum duet_input_class input_class, uint32_t tag) {
    struct duet_event event = custom(tag, 0);
    ck_assert_int_eq(duet_bus_schedule(bus, time_ns, input_class, &event, NULL), DUET_OK);
}

static char trace[4096];
static enum duet_status note_tag(void *receiver, const struct duet_event *event) {
    size_t used = strlen(trace);
    snprintf(trace + used, sizeof(trace) - used, "%u@%lld ", event->custom.tag, (long long)event->time_ns);
    return DUET_OK;
}
static void attend(duet_handler handler, void *receiver) {
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_CUSTOM, handler, receiver, NULL, NULL), DUET_OK);
}

/* ---- sources ---- */

/** Feeds one input at each instant of a grid. */
struct grid_source {
    struct duet_source source;
    uint32_t tag;
    int64_t next_ns, step_ns, end_ns;
};
static enum duet_source_state grid_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct grid_source *self = duet_container_of(source, struct grid_source, source);
    if (source->wake_ns != INT64_MIN) {
        input(self->tag, (uint64_t)self->next_ns, self->next_ns);
        self->next_ns += self->step_ns;
    }
    *wake_ns = self->next_ns;
    return self->next_ns < self->end_ns ? DUET_SOURCE_WAIT : DUET_SOURCE_DONE;
}
static struct grid_source grid(uint32_t tag, int64_t first_ns, int64_t step_ns, int64_t end_ns) {
    return (struct grid_source){.source = {.name = "grid", .run = grid_run},
        .tag = tag,
        .next_ns = first_ns,
        .step_ns = step_ns,
        .end_ns = end_ns};
}

/** Has `left` inputs at once, or never an end; stops when told. */
struct burst_source {
    struct duet_source source;
    uint32_t tag;
    uint64_t left, fed;
};
static enum duet_source_state burst_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct burst_source *self = duet_container_of(source, struct burst_source, source);
    for (uint32_t i = 0; i < budget && self->left > 0 && !duet_bus_halted(bus); i++) {
        input(self->tag, self->fed++, duet_bus_now_ns(bus));
        self->left--;
    }
    return self->left > 0 ? DUET_SOURCE_MORE : DUET_SOURCE_DONE;
}
static struct burst_source burst(uint32_t tag, uint64_t count) {
    return (struct burst_source){.source = {.name = "burst", .run = burst_run}, .tag = tag, .left = count};
}

/** Waits until woken, then ends once `*done` is set. */
struct idle_source {
    struct duet_source source;
    atomic_bool done;
    unsigned runs;
};
static enum duet_source_state idle_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct idle_source *self = duet_container_of(source, struct idle_source, source);
    self->runs++;
    *wake_ns = INT64_MAX;
    return atomic_load(&self->done) ? DUET_SOURCE_DONE : DUET_SOURCE_WAIT;
}

/* ---- one script, both loops ---- */

/**
 * Three grids, two bursts and timers; one handler publishes derived events, one schedules, one leaves and comes back
 * during dispatch, one removes a source.
 */
static struct script {
    struct grid_source grids[3];
    struct burst_source bursts[2];
    uint64_t visitor;
    unsigned visits, derived, timers;
    struct duet_bar bar;
} script;

static enum duet_status script_visit(void *receiver, const struct duet_event *event) {
    script.visits++;
    return duet_bus_unsubscribe(bus, script.visitor);
}
static enum duet_status script_derive(void *receiver, const struct duet_event *event) {
    if (event->hop < 3 && number_of(event) % 5 != 0) {
        struct duet_event next = custom(event->custom.tag + 100, number_of(event) / 2);
        REQUIRE(duet_bus_publish(bus, &next) == DUET_PUBLISH_QUEUED);
        struct duet_event order = {.type = DUET_EVENT_ORDER, .order = {.order_id = event->sequence, .quantity = 7}};
        REQUIRE(duet_bus_publish(bus, &order) == DUET_PUBLISH_QUEUED);
        script.derived += 2;
    }
    return number_of(event) % 97 == 1 ? DUET_EDATA : DUET_OK;
}
static enum duet_status script_schedule(void *receiver, const struct duet_event *event) {
    if (event->hop == 0 && number_of(event) % 3 == 0 && event->custom.tag < 10) {
        struct duet_event timer = {.type = DUET_EVENT_TIMER,
            .timer = {.size = sizeof(timer.timer), .cookie = event->sequence, .due_ns = event->time_ns + 12}};
        ck_assert_int_eq(duet_bus_schedule(bus, event->time_ns + 12, DUET_CLASS_TIMER, &timer, NULL), DUET_OK);
        schedule(event->time_ns + 30, DUET_CLASS_REPORT, 50);
    }
    if (script.visitor != 0 && number_of(event) % 7 == 0) {
        (void)duet_bus_unsubscribe(bus, script.visitor);
        ck_assert_int_eq(
            duet_bus_subscribe(bus, DUET_EVENT_CUSTOM, script_visit, NULL, NULL, &script.visitor), DUET_OK);
    }
    if (event->time_ns >= 3000 && script.grids[1].source.state != DUET_SOURCE_DONE) {
        duet_loop_remove(loop, &script.grids[1].source);
        script.grids[1].source.state = DUET_SOURCE_DONE;
        duet_loop_add(loop, &script.bursts[1].source);
    }
    return DUET_OK;
}
static enum duet_status script_timer(void *receiver, const struct duet_event *event) {
    script.timers++;
    ck_assert_int_eq(event->time_ns, event->timer.due_ns);
    return DUET_OK;
}

struct outcome {
    uint64_t hash;
    struct duet_bus_counts counts;
    unsigned visits, derived, timers;
};
static struct outcome run_script(enum loop_kind kind) {
    set_up(kind);
    script = (struct script){.grids = {grid(1, 10, 10, 5000), grid(2, 15, 15, 5000), grid(3, 20, 100, 4900)},
        .bursts = {burst(4, 3000), burst(5, 1000)}};
    attend(script_derive, NULL);
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_CUSTOM, script_visit, NULL, NULL, &script.visitor), DUET_OK);
    attend(script_schedule, NULL);
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_TIMER, script_timer, NULL, NULL, NULL), DUET_OK);
    for (int i = 0; i < 3; i++) {
        duet_loop_add(loop, &script.grids[i].source);
    }
    duet_loop_add(loop, &script.bursts[0].source);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    struct outcome outcome = {
        .hash = duet_bus_event_hash(bus), .visits = script.visits, .derived = script.derived, .timers = script.timers};
    duet_bus_get_counts(bus, &outcome.counts);
    tear_down();
    return outcome;
}
START_TEST(the_same_script_gives_the_same_events_on_both_loops) {
    struct outcome sync = run_script(SYNC), live = run_script(LIBEVENT_VIRTUAL), again = run_script(SYNC);
    // 499 + 199 + 49 grid instants and 4000 burst inputs at least, so that the comparison means something.
    ck_assert_uint_gt(sync.counts.inputs, 4700);
    ck_assert_uint_gt(sync.derived, 1000);
    ck_assert_uint_gt(sync.timers, 100);
    ck_assert_uint_gt(sync.visits, 10);
    ck_assert_uint_gt(sync.counts.failed, 10);
    ck_assert_int_eq(memcmp(&sync.counts, &live.counts, sizeof(sync.counts)), 0);
    ck_assert_uint_eq(sync.hash, live.hash);
    ck_assert_uint_eq(sync.hash, again.hash);
    ck_assert_uint_eq(sync.visits, live.visits);
    ck_assert_uint_eq(sync.timers, live.timers);
}
END_TEST

/* ---- time ---- */

START_TEST(one_instant_takes_reports_sources_then_later_classes) {
    for (enum loop_kind kind = SYNC; kind <= LIBEVENT_VIRTUAL; kind++) {
        trace[0] = '\0';
        set_up(kind);
        attend(note_tag, NULL);
        struct grid_source first = grid(1, 100, 50, 200), second = grid(2, 100, 50, 200);
        duet_loop_add(loop, &first.source);
        duet_loop_add(loop, &second.source);
        schedule(100, DUET_CLASS_OPENING, 9);
        schedule(100, DUET_CLASS_TIMER, 7);
        schedule(100, DUET_CLASS_TIMER, 8); // after 7: order of the calls
        schedule(100, DUET_CLASS_RESULT, 6);
        schedule(100, DUET_CLASS_REPORT, 5);
        schedule(120, DUET_CLASS_OPENING, 4);
        schedule(90, DUET_CLASS_TIMER, 3);
        ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
        ck_assert_str_eq(trace, "3@90 5@100 1@100 2@100 6@100 7@100 8@100 9@100 4@120 1@150 2@150 ");
        tear_down();
    }
}
END_TEST

START_TEST(scheduled_inputs_fire_by_time_class_and_call_however_they_were_put_in) {
    enum { COUNT = 1000 };
    static uint64_t handles[COUNT];
    static struct {
        int64_t time_ns;
        uint32_t input_class;
    } keys[COUNT];
    set_up(SYNC);
    struct duet_rng rng;
    duet_rng_seed(&rng, 42);
    attend(note_tag, NULL);
    for (uint32_t i = 0; i < COUNT; i++) {
        keys[i].time_ns = (int64_t)duet_rng_below(&rng, 50);
        keys[i].input_class = (uint32_t)duet_rng_below(&rng, DUET_CLASS_COUNT);
        struct duet_event event = custom(i, 0);
        ck_assert_int_eq(
            duet_bus_schedule(bus, keys[i].time_ns, (enum duet_input_class)keys[i].input_class, &event, &handles[i]),
            DUET_OK);
    }
    for (uint32_t i = 0; i < COUNT; i += 3) {
        ck_assert_int_eq(duet_bus_unschedule(bus, handles[i]), DUET_OK);
        ck_assert_int_eq(duet_bus_unschedule(bus, handles[i]), DUET_ENOTFOUND);
    }
    size_t left = COUNT - (COUNT + 2) / 3;
    for (int64_t now = 0; now < 50; now++) {
        for (uint32_t input_class = 0; input_class < DUET_CLASS_COUNT; input_class++) {
            char expected[4096] = "";
            size_t used = 0, expected_count = 0;
            for (uint32_t i = 0; i < COUNT; i++) {
                if (i % 3 != 0 && keys[i].time_ns == now && keys[i].input_class == input_class) {
                    used += (size_t)snprintf(expected + used, sizeof(expected) - used, "%u@%lld ", i, (long long)now);
                    expected_count++;
                }
            }
            trace[0] = '\0';
            ck_assert_uint_eq(duet_bus_run_scheduled(bus, now, (enum duet_input_class)input_class), expected_count);
            ck_assert_str_eq(trace, expected);
            left -= expected_count;
        }
    }
    ck_assert_uint_eq(left, 0);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(bus), INT64_MAX);
    ck_assert_int_eq(duet_bus_unschedule(bus, handles[1]), DUET_ENOTFOUND);
    ck_assert_int_eq(duet_bus_unschedule(bus, 0), DUET_ENOTFOUND);
    tear_down();
}
END_TEST

START_TEST(the_schedule_is_bounded_and_takes_no_pointers) {
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){.scheduled_max = 3}, &bus), DUET_OK);
    struct duet_event event = custom(1, 0), bar = {.type = DUET_EVENT_BAR};
    uint64_t handle = 0;
    ck_assert_int_eq(duet_bus_schedule(bus, 5, DUET_CLASS_MARKET, &bar, NULL), DUET_EINVAL);
    ck_assert_int_eq(duet_bus_post(bus, &bar), DUET_EINVAL);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(duet_bus_schedule(bus, 5, DUET_CLASS_TIMER, &event, &handle), DUET_OK);
    }
    ck_assert_int_eq(duet_bus_schedule(bus, 5, DUET_CLASS_TIMER, &event, NULL), DUET_EFULL);
    ck_assert_int_eq(duet_bus_unschedule(bus, handle), DUET_OK);
    ck_assert_int_eq(duet_bus_schedule(bus, 5, DUET_CLASS_TIMER, &event, NULL), DUET_OK);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(scheduled_inputs_not_due_at_the_end_are_left) {
    set_up(SYNC);
    trace[0] = '\0';
    attend(note_tag, NULL);
    struct burst_source source = burst(1, 1);
    duet_loop_add(loop, &source.source);
    schedule(0, DUET_CLASS_TIMER, 2);
    schedule(1, DUET_CLASS_TIMER, 3);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_str_eq(trace, "1@0 2@0 ");
    ck_assert_int_eq(duet_bus_next_scheduled_ns(bus), 1);
    tear_down();
}
END_TEST

START_TEST(the_synchronous_loop_ends_where_nothing_could_ever_happen) {
    set_up(SYNC);
    struct idle_source idle = {.source = {.name = "idle", .run = idle_run}};
    duet_loop_add(loop, &idle.source);
    ck_assert_int_eq(duet_loop_run(loop), DUET_ESTATE);
    ck_assert_ptr_null(duet_loop_base(loop));
    tear_down();
}
END_TEST

/** A periodic timer whose owner stalls; each next one is scheduled from what was due. */
static struct {
    unsigned count;
    int64_t first_ns, early;
} periodic;
#define PERIOD_NS (5 * INT64_C(1000000))
static enum duet_status periodic_fire(void *receiver, const struct duet_event *event) {
    int64_t due_ns = event->timer.due_ns;
    periodic.early += duet_clock_now_ns(&duet_clock_wall) < due_ns;
    ck_assert_int_eq((due_ns - periodic.first_ns) % PERIOD_NS, 0);
    if (++periodic.count == 3) {
        usleep(12000); // a stall over two periods
    }
    if (periodic.count == 8) {
        ck_assert_int_eq(due_ns, periodic.first_ns + 7 * PERIOD_NS); // none lost, none shifted
        duet_loop_stop(loop);
        return DUET_OK;
    }
    struct duet_event next = *event;
    next.event_ns = 0;
    next.timer.due_ns += PERIOD_NS;
    return duet_bus_schedule(bus, next.timer.due_ns, DUET_CLASS_TIMER, &next, NULL);
}
START_TEST(wall_clock_timers_keep_their_grid_through_a_stall_and_are_never_early) {
    set_up(LIBEVENT_WALL);
    struct idle_source idle = {.source = {.name = "idle", .run = idle_run}};
    duet_loop_add(loop, &idle.source);
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_TIMER, periodic_fire, NULL, NULL, NULL), DUET_OK);
    periodic.count = 0;
    periodic.early = 0;
    periodic.first_ns = duet_clock_now_ns(&duet_clock_wall) + PERIOD_NS;
    struct duet_event timer = {.type = DUET_EVENT_TIMER, .timer = {.due_ns = periodic.first_ns}};
    ck_assert_int_eq(duet_bus_schedule(bus, periodic.first_ns, DUET_CLASS_TIMER, &timer, NULL), DUET_OK);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_uint_eq(periodic.count, 8);
    ck_assert_int_eq(periodic.early, 0);
    tear_down();
}
END_TEST

START_TEST(a_virtual_clock_skips_waits) {
    set_up(LIBEVENT_VIRTUAL);
    trace[0] = '\0';
    attend(note_tag, NULL);
    struct grid_source days = grid(1, DUET_DAY_NS, DUET_DAY_NS, 4 * DUET_DAY_NS);
    duet_loop_add(loop, &days.source);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK); // the suite's time limit is the assertion
    ck_assert_str_eq(trace, "1@86400000000000 1@172800000000000 1@259200000000000 ");
    tear_down();
}
END_TEST

/* ---- fairness and stopping ---- */

static struct {
    bool source, timer, mail, pipe;
    unsigned inputs;
} seen;
static enum duet_status see(void *receiver, const struct duet_event *event) {
    seen.inputs++;
    seen.source |= event->custom.tag == 2;
    seen.timer |= event->custom.tag == 3;
    seen.mail |= event->custom.tag == 4;
    if (seen.source && seen.timer && seen.mail && seen.pipe) {
        duet_loop_stop(loop);
    }
    return DUET_OK;
}
static void *post_one(void *argument) {
    usleep(2000);
    struct duet_event event = custom(4, 0);
    ck_assert_int_eq(duet_bus_post(bus, &event), DUET_OK);
    return NULL;
}
static void see_pipe(evutil_socket_t fd, short what, void *argument) {
    char byte;
    ck_assert_int_eq(read((int)fd, &byte, 1), 1);
    seen.pipe = true;
}
START_TEST(a_source_that_is_always_ready_starves_no_source_timer_mail_or_descriptor) {
    set_up(LIBEVENT_WALL);
    memset(&seen, 0, sizeof(seen));
    attend(see, NULL);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct event *readable = event_new(duet_loop_base(loop), ends[0], EV_READ, see_pipe, NULL);
    ck_assert_int_eq(event_add(readable, NULL), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    int64_t now_ns = duet_clock_now_ns(&duet_clock_wall);
    struct burst_source endless = burst(1, UINT64_MAX);
    struct grid_source other = grid(2, now_ns + 3000000, 1000000, INT64_MAX);
    duet_loop_add(loop, &endless.source);
    duet_loop_add(loop, &other.source);
    schedule(now_ns + 4000000, DUET_CLASS_TIMER, 3);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, post_one, NULL), 0);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert(seen.source && seen.timer && seen.mail && seen.pipe);
    pthread_join(thread, NULL);
    event_free(readable);
    close(ends[0]);
    close(ends[1]);
    tear_down();
}
END_TEST

static enum duet_status stop_at_third(void *receiver, const struct duet_event *event) {
    if (++seen.inputs == 3) {
        duet_loop_stop(loop);
    }
    return DUET_OK;
}
START_TEST(stop_from_a_handler_ends_the_run_after_the_current_input) {
    for (enum loop_kind kind = SYNC; kind <= LIBEVENT_WALL; kind++) {
        set_up(kind);
        memset(&seen, 0, sizeof(seen));
        attend(stop_at_third, NULL);
        struct burst_source endless = burst(1, UINT64_MAX);
        duet_loop_add(loop, &endless.source);
        ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
        ck_assert_uint_eq(seen.inputs, 3);
        ck_assert(!duet_bus_halted(bus));
        duet_loop_stop(loop); // before run: it returns at once
        ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
        ck_assert_uint_eq(seen.inputs, 3);
        tear_down();
    }
}
END_TEST

static void stop_on_signal(int number) {
    duet_loop_stop(loop);
}
START_TEST(stop_from_a_signal_handler_ends_an_idle_loop) {
    set_up(LIBEVENT_WALL);
    struct idle_source idle = {.source = {.name = "idle", .run = idle_run}};
    duet_loop_add(loop, &idle.source);
    struct sigaction action = {.sa_handler = stop_on_signal};
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    const struct itimerval soon = {.it_value = {.tv_usec = 20000}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_uint_eq(idle.runs, 1); // it slept
    tear_down();
}
END_TEST

static void *finish_idle(void *argument) {
    struct idle_source *idle = argument;
    usleep(5000);
    atomic_store(&idle->done, true);
    duet_loop_wake(loop);
    return NULL;
}
START_TEST(wake_from_another_thread_looks_at_waiting_sources_again) {
    set_up(LIBEVENT_WALL);
    struct idle_source idle = {.source = {.name = "idle", .run = idle_run}};
    duet_loop_add(loop, &idle.source);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, finish_idle, &idle), 0);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    pthread_join(thread, NULL);
    ck_assert_uint_ge(idle.runs, 2);
    tear_down();
}
END_TEST

static enum duet_status overflow_with_fills(void *receiver, const struct duet_event *event) {
    struct duet_event fill = {.type = DUET_EVENT_FILL};
    while (duet_bus_publish(bus, &fill) == DUET_PUBLISH_QUEUED) {
    }
    return DUET_OK;
}
START_TEST(a_fault_of_the_bus_ends_the_run_with_its_status) {
    for (enum loop_kind kind = SYNC; kind <= LIBEVENT_WALL; kind++) {
        set_up(kind);
        attend(overflow_with_fills, NULL);
        struct burst_source endless = burst(1, UINT64_MAX);
        duet_loop_add(loop, &endless.source);
        ck_assert_int_eq(duet_loop_run(loop), DUET_EFULL);
        ck_assert_uint_eq(endless.fed, 1);
        tear_down();
    }
}
END_TEST

/* ---- many events, many threads ---- */

#define MILLION (SLOW ? 100000u : 1000000u)

static enum duet_status nest(void *receiver, const struct duet_event *event) {
    // Some inputs cause two more, some of those one more.
    uint64_t number = number_of(event);
    unsigned more = event->hop == 0 ? (unsigned)(number % 3) : event->hop == 1 ? (unsigned)(number & 1) : 0;
    for (unsigned i = 0; i < more; i++) {
        struct duet_event next = custom(event->custom.tag * 10 + i, number * 7 + i);
        REQUIRE(duet_bus_publish(bus, &next) == DUET_PUBLISH_QUEUED);
    }
    return DUET_OK;
}
/** Each publisher's own inputs arrive in its order. */
static enum duet_status check_fifo(void *receiver, const struct duet_event *event) {
    uint64_t *next = receiver;
    if (event->hop == 0) {
        REQUIRE(number_of(event) == next[event->custom.tag]);
        next[event->custom.tag]++;
    }
    return DUET_OK;
}
static uint64_t run_three_publishers(enum loop_kind kind) {
    set_up(kind);
    uint64_t next[8] = {0};
    attend(nest, NULL);
    attend(check_fifo, next);
    struct burst_source sources[3];
    for (uint32_t i = 0; i < 3; i++) {
        sources[i] = burst(i + 1, MILLION / 6);
        duet_loop_add(loop, &sources[i].source);
    }
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    struct duet_bus_counts counts;
    duet_bus_get_counts(bus, &counts);
    ck_assert_uint_ge(counts.inputs + counts.derived, MILLION);
    uint64_t hash = duet_bus_event_hash(bus);
    tear_down();
    return hash;
}
START_TEST(a_million_nested_events_of_three_publishers_hash_alike_in_every_run) {
    uint64_t first = run_three_publishers(SYNC);
    ck_assert_uint_eq(run_three_publishers(SYNC), first);
    ck_assert_uint_eq(run_three_publishers(LIBEVENT_VIRTUAL), first);
}
END_TEST

#define POSTERS 8
#define POSTS (SLOW ? 5000u : 125000u)

struct record {
    int64_t time_ns;
    uint32_t tag, number;
};
static struct {
    struct record *records;
    size_t count;
    uint64_t next[POSTERS];
    pthread_t engine_thread;
    struct idle_source idle;
} posts;

static void record_input(void *argument, const struct duet_event *event) {
    if (event->hop == 0) {
        posts.records[posts.count++] = (struct record){event->time_ns, event->custom.tag, (uint32_t)number_of(event)};
    }
}
static enum duet_status take_post(void *receiver, const struct duet_event *event) {
    if (event->hop > 0) {
        return DUET_OK;
    }
    REQUIRE(pthread_equal(pthread_self(), posts.engine_thread));
    REQUIRE(number_of(event) == posts.next[event->custom.tag]++);
    if (number_of(event) % 10 == 3) {
        struct duet_event derived = custom(99, event->sequence);
        (void)duet_bus_publish(bus, &derived);
    }
    if (posts.count == (size_t)POSTERS * POSTS) {
        duet_loop_stop(loop);
    }
    return DUET_OK;
}
static void *post_many(void *argument) {
    const uint32_t *tag = argument;
    for (uint64_t i = 0; i < POSTS; i++) {
        struct duet_event event = custom(*tag, i);
        while (duet_bus_post(bus, &event) == DUET_EFULL) {
            usleep(200); // the loop needs the processor more
        }
    }
    return NULL;
}
static enum duet_source_state replay_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    for (uint32_t i = 0; i < budget && posts.count < (size_t)POSTERS * POSTS; i++) {
        const struct record *record = &posts.records[posts.count++];
        input(record->tag, record->number, record->time_ns);
    }
    return posts.count < (size_t)POSTERS * POSTS ? DUET_SOURCE_MORE : DUET_SOURCE_DONE;
}
START_TEST(posts_of_eight_threads_all_arrive_in_order_on_the_loop_thread_and_replay_alike) {
    posts.records = calloc((size_t)POSTERS * POSTS, sizeof(*posts.records));
    ck_assert_ptr_nonnull(posts.records);
    posts.engine_thread = pthread_self();
    set_up(LIBEVENT_WALL);
    attend(take_post, NULL);
    duet_bus_tap(bus, record_input, NULL);
    posts.idle = (struct idle_source){.source = {.name = "idle", .run = idle_run}};
    duet_loop_add(loop, &posts.idle.source);
    pthread_t threads[POSTERS];
    uint32_t tags[POSTERS];
    for (uint32_t i = 0; i < POSTERS; i++) {
        tags[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, post_many, &tags[i]), 0);
    }
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    for (uint32_t i = 0; i < POSTERS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_uint_eq(posts.next[i], POSTS);
    }
    struct duet_bus_counts counts;
    duet_bus_get_counts(bus, &counts);
    ck_assert_uint_eq(counts.inputs, (uint64_t)POSTERS * POSTS);
    ck_assert_uint_eq(counts.dropped, 0);
    uint64_t hash = duet_bus_event_hash(bus);
    tear_down();

    set_up(SYNC);
    posts.count = 0;
    memset(posts.next, 0, sizeof(posts.next));
    attend(take_post, NULL);
    struct duet_source replay = {.name = "replay", .run = replay_run};
    duet_loop_add(loop, &replay);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_uint_eq(duet_bus_event_hash(bus), hash);
    tear_down();
    free(posts.records);
}
END_TEST

static unsigned wakes;
static void count_wake(void *argument) {
    wakes++;
}
START_TEST(a_post_wakes_only_where_the_mailbox_was_empty) {
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){.mailbox_events = 4}, &bus), DUET_OK);
    duet_bus_on_posted(bus, count_wake, NULL);
    wakes = 0;
    struct duet_event event = custom(1, 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(duet_bus_post(bus, &event), DUET_OK);
    }
    ck_assert_int_eq(duet_bus_post(bus, &event), DUET_EFULL);
    ck_assert_uint_eq(wakes, 1);
    ck_assert_uint_eq(duet_bus_take_posted(bus, 5, 3), 3);
    ck_assert_int_eq(duet_bus_post(bus, &event), DUET_OK);
    ck_assert_uint_eq(wakes, 1);
    ck_assert_uint_eq(duet_bus_take_posted(bus, 5, 100), 2);
    ck_assert_int_eq(duet_bus_post(bus, &event), DUET_OK);
    ck_assert_uint_eq(wakes, 2);
    struct duet_bus_counts counts;
    duet_bus_get_counts(bus, &counts);
    ck_assert_uint_eq(counts.refused, 1);
    duet_bus_destroy(bus);
}
END_TEST

DUET_TEST_MAIN("loops", NULL, the_same_script_gives_the_same_events_on_both_loops,
    one_instant_takes_reports_sources_then_later_classes,
    scheduled_inputs_fire_by_time_class_and_call_however_they_were_put_in,
    the_schedule_is_bounded_and_takes_no_pointers, scheduled_inputs_not_due_at_the_end_are_left,
    the_synchronous_loop_ends_where_nothing_could_ever_happen,
    wall_clock_timers_keep_their_grid_through_a_stall_and_are_never_early, a_virtual_clock_skips_waits,
    a_source_that_is_always_ready_starves_no_source_timer_mail_or_descriptor,
    stop_from_a_handler_ends_the_run_after_the_current_input, stop_from_a_signal_handler_ends_an_idle_loop,
    wake_from_another_thread_looks_at_waiting_sources_again, a_fault_of_the_bus_ends_the_run_with_its_status,
    a_million_nested_events_of_three_publishers_hash_alike_in_every_run,
    posts_of_eight_threads_all_arrive_in_order_on_the_loop_thread_and_replay_alike,
    a_post_wakes_only_where_the_mailbox_was_empty)
