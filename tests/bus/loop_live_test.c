/*
 * What a daemon needs of the libevent loop: shares of work that are bounded and even, no wake-ups for nothing, and time
 * that is asked for anew. Counts and order only, never speed.
 */
#include <duet/loop.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "support/suite.h"

#define MS INT64_C(1000000)

static struct duet_bus *bus;
static struct duet_loop *loop;

static void set_up(const struct duet_clock *clock) {
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &bus), DUET_OK);
    ck_assert_int_eq(duet_loop_libevent_create(bus, clock, &loop), DUET_OK);
}
static void tear_down(void) {
    duet_loop_destroy(loop);
    duet_bus_destroy(bus);
}
static int64_t wall(void) {
    return duet_clock_now_ns(&duet_clock_wall);
}

/* ---- shares ---- */

static char turns[4096];
static unsigned polls, rounds;
static void note(char who) {
    size_t used = strlen(turns);
    if (used + 1 < sizeof(turns)) {
        turns[used] = who;
    }
}

/** Has always more; writes its name down each time it gets its share. */
static enum duet_source_state greedy_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    ck_assert_uint_gt(budget, 0);
    ck_assert_uint_le(budget, 4096);
    for (uint32_t i = 0; i < budget && !duet_bus_halted(bus); i++) {
        struct duet_event event = {.type = DUET_EVENT_CUSTOM};
        (void)duet_bus_input(bus, &event, wall());
    }
    note(source->name[0]);
    if (source->name[0] == 'a' && ++rounds == 100) {
        duet_loop_stop(loop);
    }
    return DUET_SOURCE_MORE;
}
static enum duet_status note_timer(void *receiver, const struct duet_event *event) {
    note('t');
    return DUET_OK;
}
/** A descriptor that stays readable: nobody takes the byte. */
static void poll_readable(evutil_socket_t fd, short what, void *argument) {
    polls++;
    note('p');
}
START_TEST(each_turn_gives_every_ready_party_one_share) {
    set_up(NULL);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    struct event *readable = event_new(duet_loop_base(loop), ends[0], EV_READ | EV_PERSIST, poll_readable, NULL);
    ck_assert_int_eq(event_add(readable, NULL), 0);
    struct duet_source a = {.name = "a", .run = greedy_run}, b = {.name = "b", .run = greedy_run};
    duet_loop_add(loop, &a);
    duet_loop_add(loop, &b);
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_TIMER, note_timer, NULL, NULL, NULL), DUET_OK);
    struct duet_event timer = {.type = DUET_EVENT_TIMER};
    ck_assert_int_eq(duet_bus_schedule(bus, 1, DUET_CLASS_TIMER, &timer, NULL), DUET_OK);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    // The timer that is due comes with the first turn; then descriptor, a and b take turns.
    ck_assert_int_eq(strncmp(turns, "tabpabpabp", 10), 0);
    ck_assert_uint_eq(rounds, 100);
    ck_assert_uint_eq(polls, 99);
    ck_assert_ptr_null(strstr(turns, "aa"));
    ck_assert_ptr_null(strstr(turns, "pp"));
    event_free(readable);
    close(ends[0]);
    close(ends[1]);
    tear_down();
}
END_TEST

/** Due every millisecond on its grid; a point that has passed is taken with the next run. */
struct ticker {
    struct duet_source source;
    int64_t next_ns, period_ns;
    unsigned runs, early;
    unsigned stop_at;
};
static enum duet_source_state ticker_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct ticker *self = duet_container_of(source, struct ticker, source);
    int64_t now_ns = wall();
    if (self->next_ns == 0) {
        self->next_ns = now_ns + self->period_ns;
    } else if (now_ns >= self->next_ns) {
        self->runs++;
        self->next_ns += self->period_ns * ((now_ns - self->next_ns) / self->period_ns + 1);
        if (self->runs == self->stop_at) {
            duet_loop_stop(loop);
        }
    } else {
        self->early++;
    }
    *wake_ns = self->next_ns;
    return DUET_SOURCE_WAIT;
}
static enum duet_source_state flood_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    for (uint32_t i = 0; i < budget && !duet_bus_halted(bus); i++) {
        struct duet_event event = {.type = DUET_EVENT_CUSTOM};
        (void)duet_bus_input(bus, &event, wall());
    }
    return DUET_SOURCE_MORE;
}
START_TEST(a_flood_leaves_every_turn_to_timers_that_are_due) {
    set_up(NULL);
    struct duet_source flood = {.name = "flood", .run = flood_run};
    struct ticker ticker = {.source = {.name = "ticker", .run = ticker_run}, .period_ns = MS, .stop_at = 20};
    duet_loop_add(loop, &flood);
    duet_loop_add(loop, &ticker.source);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK); // the suite's time limit is the assertion
    ck_assert_uint_eq(ticker.early, 0);
    tear_down();
}
END_TEST

/* ---- sleep ---- */

START_TEST(an_idle_loop_wakes_for_its_timers_only) {
    set_up(NULL);
    struct ticker probe = {.source = {.name = "probe", .run = ticker_run}, .period_ns = 100 * MS, .stop_at = 10};
    struct ticker minute = {.source = {.name = "minute", .run = ticker_run}, .period_ns = 60000 * MS, .stop_at = 10};
    duet_loop_add(loop, &probe.source);
    duet_loop_add(loop, &minute.source);
    struct rusage before, after;
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &before), 0);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &after), 0);
    // Ten waits; a few more, should the kernel's clocks not agree to the microsecond.
    ck_assert_int_le(after.ru_nvcsw - before.ru_nvcsw, 40);
    ck_assert_uint_eq(probe.runs, 10);
    ck_assert_uint_le(probe.early + minute.early, 10);
    tear_down();
}
END_TEST

START_TEST(many_wakes_are_one_look) {
    set_up(NULL);
    struct ticker ticker = {.source = {.name = "ticker", .run = ticker_run}, .period_ns = 50 * MS, .stop_at = 1};
    duet_loop_add(loop, &ticker.source);
    for (int i = 0; i < 100000; i++) {
        duet_loop_wake(loop);
    }
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_uint_le(ticker.early, 10);
    tear_down();
}
END_TEST

/* ---- time ---- */

/** The wall clock, moved by hand. */
static int64_t offset_ns;
static int64_t moved_now(const struct duet_clock *clock) {
    return wall() + offset_ns;
}
static const struct duet_clock moved_clock = {.now_ns = moved_now};

struct waiter {
    struct duet_source source;
    unsigned runs;
};
/** Waits ten milliseconds of a clock that then goes back by an hour. */
static enum duet_source_state waiter_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct waiter *self = duet_container_of(source, struct waiter, source);
    *wake_ns = moved_now(NULL) + 10 * MS;
    if (self->runs++ == 0) {
        offset_ns = -INT64_C(3600) * DUET_SECOND_NS;
    } else {
        duet_loop_stop(loop);
    }
    return DUET_SOURCE_WAIT;
}
START_TEST(a_clock_that_is_put_back_makes_nobody_wait_for_its_return) {
    set_up(&moved_clock);
    struct waiter waiter = {.source = {.name = "waiter", .run = waiter_run}};
    duet_loop_add(loop, &waiter.source);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK); // within the suite's time limit
    ck_assert_uint_eq(waiter.runs, 2);
    tear_down();
}
END_TEST

/* ---- mail of a loop that leaves the bus to its sources ---- */

struct postman {
    struct duet_source source;
    size_t taken;
    unsigned runs;
};
static enum duet_source_state postman_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct postman *self = duet_container_of(source, struct postman, source);
    self->runs++;
    self->taken += duet_bus_take_posted(bus, wall(), budget);
    if (self->taken == 3) {
        duet_loop_stop(loop);
    }
    return DUET_SOURCE_WAIT; // for ever
}
static void *post_three(void *argument) {
    for (int i = 0; i < 3; i++) {
        usleep(3000);
        struct duet_event event = {.type = DUET_EVENT_CUSTOM};
        ck_assert_int_eq(duet_bus_post(bus, &event), DUET_OK);
    }
    return NULL;
}
START_TEST(posts_wake_the_source_that_takes_the_mail_itself) {
    set_up(NULL);
    duet_loop_leave_bus(loop);
    struct postman postman = {.source = {.name = "postman", .run = postman_run}};
    duet_loop_add(loop, &postman.source);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, post_three, NULL), 0);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    pthread_join(thread, NULL);
    ck_assert_uint_le(postman.runs, 5);
    tear_down();
}
END_TEST

static int slow_runs;
static char slow_name[32];
static int64_t slow_took_ns;

static void hear_slow(void *argument, const char *source, int64_t took_ns) {
    ck_assert_ptr_eq(argument, &slow_runs);
    slow_runs++;
    snprintf(slow_name, sizeof(slow_name), "%s", source);
    slow_took_ns = took_ns;
}
static enum duet_source_state sleepy_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    usleep(30000);
    return DUET_SOURCE_DONE;
}
START_TEST(who_holds_the_others_up_is_named) {
    set_up(NULL);
    duet_loop_watch(loop, 25 * DUET_SECOND_NS / 1000, hear_slow, &slow_runs);
    struct duet_source sleepy = {.name = "sleepy", .run = sleepy_run};
    duet_loop_add(loop, &sleepy);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_int_eq(slow_runs, 1);
    ck_assert_str_eq(slow_name, "sleepy");
    ck_assert_int_ge(slow_took_ns, 30 * DUET_SECOND_NS / 1000);
    tear_down();
}
END_TEST

DUET_TEST_MAIN("loop_live", NULL, who_holds_the_others_up_is_named, each_turn_gives_every_ready_party_one_share,
    a_flood_leaves_every_turn_to_timers_that_are_due, an_idle_loop_wakes_for_its_timers_only, many_wakes_are_one_look,
    a_clock_that_is_put_back_makes_nobody_wait_for_its_return, posts_wake_the_source_that_takes_the_mail_itself)
