/* Bars from ticks, against numbers worked out by hand and against a program that knows all ticks beforehand. */
#include "data/tick_bars.h"

#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

#define S DUET_SECOND_NS

static struct duet_tick_bars bars;
static struct duet_bar closed;
static struct duet_opening opening;

/** Minutes of instrument 3; prices in cents, quantities in thousandths. */
static void minutes(void) {
    bars = (struct duet_tick_bars){
        .instrument = 3, .price_decimals = 2, .quantity_decimals = 3, .interval_ns = DUET_MINUTE_NS};
    memset(&closed, 0, sizeof(closed));
    memset(&opening, 0, sizeof(opening));
}
static unsigned take(double second, int64_t price, int64_t quantity) {
    return duet_tick_bars_take(&bars, (int64_t)(second * 1e9), price, quantity, &closed, &opening);
}

START_TEST(the_first_tick_opens_and_the_clock_closes) {
    ck_assert_int_eq(duet_tick_bars_due_ns(&bars), INT64_MAX);
    ck_assert_uint_eq(take(61.5, 10050, 1500), DUET_TICK_OPENED);
    ck_assert_uint_eq(opening.size, sizeof(opening));
    ck_assert_uint_eq(opening.instrument, 3);
    ck_assert_int_eq(opening.open_ns, 60 * S); // that of the interval, not of the tick
    ck_assert_int_eq(opening.open_scaled, 10050);
    ck_assert_uint_eq(take(70, 10100, 500), 0);
    ck_assert_uint_eq(take(71, 9990, 0), 0);
    ck_assert_uint_eq(take(119.999, 10010, 1), 0);
    ck_assert_int_eq(duet_tick_bars_due_ns(&bars), 120 * S);
    ck_assert(!duet_tick_bars_close(&bars, 120 * S - 1, &closed));
    ck_assert(duet_tick_bars_close(&bars, 120 * S, &closed));
    const struct duet_bar expected = {.size = sizeof(expected),
        .instrument = 3,
        .open_ns = 60 * S,
        .close_ns = 120 * S,
        .interval_ns = 60 * S,
        .open = 100.5,
        .high = 101,
        .low = 99.9,
        .close = 100.1,
        .volume = 2.001,
        .open_scaled = 10050,
        .high_scaled = 10100,
        .low_scaled = 9990,
        .close_scaled = 10010,
        .price_decimals = 2};
    ck_assert_mem_eq(&closed, &expected, sizeof(expected));
    ck_assert(!duet_tick_bars_close(&bars, 500 * S, &closed));
    ck_assert_int_eq(duet_tick_bars_due_ns(&bars), INT64_MAX);
}
END_TEST

START_TEST(a_tick_of_a_later_interval_closes_and_opens_at_once) {
    (void)take(60, 100, 1);
    ck_assert_uint_eq(take(250, 200, 7), DUET_TICK_CLOSED | DUET_TICK_OPENED);
    ck_assert_int_eq(closed.close_ns, 120 * S); // at its own time; the minutes between have no bar
    ck_assert_int_eq(closed.close_scaled, 100);
    ck_assert_int_eq(opening.open_ns, 240 * S);
    ck_assert_int_eq(opening.open_scaled, 200);
    ck_assert(duet_tick_bars_close(&bars, 300 * S, &closed));
    ck_assert_double_eq(closed.volume, 0.007);
}
END_TEST

START_TEST(a_tick_on_the_boundary_belongs_to_the_next_bar) {
    (void)take(60, 100, 1);
    ck_assert_uint_eq(take(120, 200, 1), DUET_TICK_CLOSED | DUET_TICK_OPENED);
    ck_assert_int_eq(closed.high_scaled, 100);
    ck_assert_int_eq(bars.bar.open_scaled, 200);
}
END_TEST

START_TEST(late_ticks_are_left_out_and_counted) {
    (void)take(120, 100, 1);
    ck_assert_uint_eq(take(119.9, 1, 1), 0);
    ck_assert_uint_eq(bars.late, 1);
    ck_assert_int_eq(bars.bar.low_scaled, 100);
    (void)take(130, 101, 1);
    ck_assert_uint_eq(take(125, 102, 1), 0); // out of order, but of this bar
    ck_assert_uint_eq(bars.late, 1);
    ck_assert(duet_tick_bars_close(&bars, 180 * S, &closed));
    ck_assert_uint_eq(take(179, 1, 1), 0); // its bar is closed
    ck_assert_uint_eq(take(-5, 1, 1), 0);
    ck_assert_uint_eq(duet_tick_bars_take(&bars, INT64_MAX, 1, 1, &closed, &opening), 0);
    ck_assert_uint_eq(bars.late, 4);
    ck_assert_int_eq(duet_tick_bars_due_ns(&bars), INT64_MAX);
}
END_TEST

START_TEST(sums_are_exact_where_doubles_are_not) {
    bars.quantity_decimals = 1;
    for (int i = 0; i < 10; i++) {
        (void)take(60, 100, 1); // ten times 0.1
    }
    ck_assert(duet_tick_bars_close(&bars, 120 * S, &closed));
    ck_assert(closed.volume == 1.0);
    (void)take(120, 100, INT64_MAX - 1);
    (void)take(121, 100, 5);
    ck_assert_int_eq(bars.volume_scaled, INT64_MAX);
    (void)take(122, 100, -5);
    ck_assert_int_eq(bars.volume_scaled, INT64_MAX);
}
END_TEST

/* ---- against another program ---- */

struct tick {
    int64_t time_ns, price, quantity;
};
static uint64_t seed = 88172645463325252u;
static uint64_t chance(uint64_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

/** The bar of one interval from the whole list; false: no tick in it. */
static bool bar_from_list(
    const struct tick *ticks, size_t count, int64_t open_ns, int64_t interval_ns, int64_t out[5]) {
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (ticks[i].time_ns < open_ns || ticks[i].time_ns >= open_ns + interval_ns) {
            continue;
        }
        int64_t price = ticks[i].price;
        if (!any) {
            out[0] = out[1] = out[2] = price;
            out[4] = 0;
        }
        any = true;
        out[1] = price > out[1] ? price : out[1];
        out[2] = price < out[2] ? price : out[2];
        out[3] = price;
        out[4] += ticks[i].quantity;
    }
    return any;
}

#define TICKS 3000
START_TEST(bars_equal_those_made_from_the_whole_list) {
    static struct tick ticks[TICKS];
    const int64_t intervals[] = {S, 5 * S, DUET_MINUTE_NS, 15 * DUET_MINUTE_NS};
    for (size_t round = 0; round < 4; round++) {
        int64_t interval_ns = intervals[round], now_ns = 1700000000 * S;
        for (size_t i = 0; i < TICKS; i++) {
            now_ns += (int64_t)chance(3 * S);
            ticks[i] = (struct tick){now_ns, 10000 + (int64_t)chance(500), (int64_t)chance(9)};
        }
        minutes();
        bars.interval_ns = interval_ns;
        int64_t next_ns = ticks[0].time_ns - ticks[0].time_ns % interval_ns;
        size_t made = 0;
        for (size_t i = 0; i <= TICKS; i++) {
            unsigned known = 0;
            // Now and then the clock is quicker than the next tick.
            if (i == TICKS || chance(2) == 0) {
                known = duet_tick_bars_close(&bars, i < TICKS ? ticks[i].time_ns : INT64_MAX, &closed)
                            ? DUET_TICK_CLOSED
                            : 0;
            }
            if (i < TICKS) {
                known |=
                    duet_tick_bars_take(&bars, ticks[i].time_ns, ticks[i].price, ticks[i].quantity, &closed, &opening);
            }
            if ((known & DUET_TICK_CLOSED) == 0) {
                continue;
            }
            int64_t expected[5] = {0};
            while (!bar_from_list(ticks, TICKS, next_ns, interval_ns, expected)) {
                next_ns += interval_ns;
            }
            ck_assert_int_eq(closed.open_ns, next_ns);
            ck_assert_int_eq(closed.close_ns, next_ns + interval_ns);
            ck_assert_int_eq(closed.open_scaled, expected[0]);
            ck_assert_int_eq(closed.high_scaled, expected[1]);
            ck_assert_int_eq(closed.low_scaled, expected[2]);
            ck_assert_int_eq(closed.close_scaled, expected[3]);
            ck_assert_double_eq(closed.volume, (double)expected[4] / 1000);
            next_ns += interval_ns;
            made++;
        }
        int64_t rest[5];
        for (; next_ns <= now_ns; next_ns += interval_ns) {
            ck_assert(!bar_from_list(ticks, TICKS, next_ns, interval_ns, rest));
        }
        ck_assert_uint_gt(made, 3);
        ck_assert_uint_eq(bars.late, 0);
    }
}
END_TEST

DUET_TEST_MAIN("tick_bars", minutes, the_first_tick_opens_and_the_clock_closes,
    a_tick_of_a_later_interval_closes_and_opens_at_once, a_tick_on_the_boundary_belongs_to_the_next_bar,
    late_ticks_are_left_out_and_counted, sums_are_exact_where_doubles_are_not,
    bars_equal_those_made_from_the_whole_list)
