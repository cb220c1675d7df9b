/* The probe: what it must see, and that it keeps to its grid and its room. */
#include <time.h>

#include "base/clock.h"
#include "components/lag.h"
#include "support/suite.h"

#define MS INT64_C(1000000)

static struct duet_bus *bus;
static struct duet_loop *loop;
static struct duet_lag *lag;

static void up(int64_t period_ns, uint32_t keep) {
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &bus), DUET_OK);
    ck_assert_int_eq(duet_loop_libevent_create(bus, NULL, &loop), DUET_OK);
    ck_assert_int_eq(duet_lag_create(loop, period_ns, keep, &lag), DUET_OK);
}

static void down(void) {
    duet_lag_destroy(lag);
    duet_loop_destroy(loop);
    duet_bus_destroy(bus);
}

/** Sleeps once inside the loop, for `busy_ns`; ends the loop at `end_ns`. Monotonic. */
struct sleeper {
    struct duet_source source;
    int64_t busy_ns, end_ns;
};

static enum duet_source_state sleeper_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct sleeper *self = duet_container_of(source, struct sleeper, source);
    if (self->busy_ns > 0) {
        const struct timespec nap = {.tv_nsec = self->busy_ns};
        nanosleep(&nap, NULL);
        self->busy_ns = 0;
        return DUET_SOURCE_MORE; // the probe has a turn before the end
    }
    int64_t left_ns = self->end_ns - duet_monotonic_ns();
    if (left_ns <= 0) {
        duet_loop_stop(loop);
        return DUET_SOURCE_DONE;
    }
    *wake_ns = duet_clock_now_ns(&duet_clock_wall) + left_ns;
    return DUET_SOURCE_WAIT;
}

static struct duet_lag_summary run_with(int64_t busy_ns, int64_t span_ns) {
    struct sleeper sleeper = {
        .source = {.name = "sleeper", .run = sleeper_run}, .busy_ns = busy_ns, .end_ns = duet_monotonic_ns() + span_ns};
    duet_loop_add(loop, &sleeper.source);
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    duet_loop_remove(loop, &sleeper.source);
    struct duet_lag_summary summary;
    duet_lag_get(lag, &summary);
    return summary;
}

START_TEST(sees_a_callback_of_fifty_milliseconds) {
    up(1 * MS, 0);
    struct duet_lag_summary summary = run_with(50 * MS, 60 * MS);
    ck_assert_double_ge(summary.max_ms, 45);
    ck_assert_uint_ge(summary.missed, 45); // each of them a sample, with its own lateness
    ck_assert_uint_gt(summary.samples, summary.missed);
    ck_assert_double_le(summary.p50_ms, summary.p95_ms);
    ck_assert_double_le(summary.p95_ms, summary.p99_ms);
    ck_assert_double_le(summary.p99_ms, summary.max_ms);
    duet_lag_clear(lag);
    duet_lag_get(lag, &summary);
    ck_assert_double_eq(summary.max_ms, 0);
    down();
}
END_TEST

START_TEST(keeps_to_its_grid) {
    up(5 * MS, 0);
    int64_t began_ns = duet_monotonic_ns();
    struct duet_lag_summary summary = run_with(0, 100 * MS);
    int64_t ended_ns = duet_monotonic_ns();
    // As many as there were points, however late each was: neither drift nor doubles.
    ck_assert_uint_ge(summary.samples, 18);
    ck_assert_uint_le(summary.samples, (uint64_t)((ended_ns - began_ns) / (5 * MS)) + 1);
    down();
}
END_TEST

START_TEST(a_long_sleep_does_not_take_more_room_than_there_is) {
    up(1 * MS, 10);
    struct duet_lag_summary summary = run_with(50 * MS, 52 * MS);
    ck_assert_uint_ge(summary.missed, 45);
    ck_assert_uint_le(summary.samples, 20);
    down();
}
END_TEST

START_TEST(knows_nothing_before_its_first_point) {
    up(3600 * INT64_C(1000000000), 0);
    struct duet_lag_summary summary = run_with(0, 1 * MS);
    ck_assert_uint_eq(summary.samples, 0);
    ck_assert_double_eq(summary.max_ms, 0);
    down();
}
END_TEST

DUET_TEST_MAIN("lag", NULL, sees_a_callback_of_fifty_milliseconds, keeps_to_its_grid,
    a_long_sleep_does_not_take_more_room_than_there_is, knows_nothing_before_its_first_point)
