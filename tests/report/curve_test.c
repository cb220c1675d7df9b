/* The equity curve, on lists short enough to check by eye. */
#include "report/curve.h"

#include "report/fixture.h"
#include "support/suite.h"

static struct duet_curve curve;

static void from_ten(void) {
    duet_curve_init(&curve, 10 * DUET_MONEY_ONE, duet_curve_utc_day_end, NULL);
}

/** One value in tenths per day, each at the midnight that ends the day; day 0 is the first. */
static void take_days(const int *tenths, size_t count) {
    for (size_t i = 0; i < count; i++) {
        duet_curve_take(&curve, (int64_t)(i + 1) * DUET_DAY_NS, tenths[i] * (DUET_MONEY_ONE / 10), 0);
    }
}

START_TEST(an_instant_at_midnight_belongs_to_the_day_it_ends) {
    take_days((const int[]){100, 101, 102}, 3);
    ck_assert_uint_eq(curve.day_count, 3);
    for (uint64_t i = 0; i < 3; i++) {
        ck_assert_int_eq(duet_curve_day(&curve, i).day, (int64_t)i);
        ck_assert_int_eq(duet_curve_day(&curve, i).last_ns, (int64_t)(i + 1) * DUET_DAY_NS);
    }
    assert_money(duet_curve_day(&curve, 2).equity, "10.2");
}
END_TEST

START_TEST(a_day_keeps_its_last_value_only) {
    duet_curve_take(&curve, 1, money("10"), 0);
    duet_curve_take(&curve, 2, money("12"), 0);
    duet_curve_take(&curve, 3, money("11"), 0);
    duet_curve_take(&curve, DUET_DAY_NS + 1, money("13"), 0);
    ck_assert_uint_eq(curve.day_count, 2);
    assert_money(duet_curve_day(&curve, 0).equity, "11");
    ck_assert_int_eq(duet_curve_day(&curve, 0).last_ns, 3);
    assert_money(duet_curve_day(&curve, 1).equity, "13");
}
END_TEST

START_TEST(initial_cash_is_the_first_peak) {
    take_days((const int[]){90, 95, 110}, 3);
    assert_near(curve.worst_fraction, 0.1, 1e-15);
    assert_money(curve.worst_amount, "1");
    ck_assert_int_eq(curve.worst_peak_ns, DUET_DAY_NS); // nothing is known before the first instant
    ck_assert_int_eq(curve.worst_ns, DUET_DAY_NS);
    ck_assert_int_eq(curve.worst_recovered_ns, 3 * DUET_DAY_NS);
}
END_TEST

START_TEST(a_drawdown_runs_from_the_last_instant_at_the_peak) {
    take_days((const int[]){100, 120, 120, 120, 60, 90, 120, 130}, 8);
    assert_near(curve.worst_fraction, 0.5, 1e-15);
    ck_assert_int_eq(curve.worst_peak_ns, 4 * DUET_DAY_NS);
    ck_assert_int_eq(curve.worst_ns, 5 * DUET_DAY_NS);
    ck_assert_int_eq(curve.worst_recovered_ns, 7 * DUET_DAY_NS); // the peak again is enough
    ck_assert_int_eq(curve.longest_ns, 3 * DUET_DAY_NS);
}
END_TEST

START_TEST(the_deepest_is_by_fraction_and_the_longest_by_time) {
    // 10 to 8 is a fifth in one day, 100 to 85 is less but more money and takes longer.
    take_days((const int[]){100, 80, 100, 1000, 900, 850, 900, 1000}, 8);
    assert_near(curve.worst_fraction, 0.2, 1e-15);
    assert_money(curve.worst_amount, "2");
    ck_assert_int_eq(curve.worst_recovered_ns, 3 * DUET_DAY_NS);
    ck_assert_int_eq(curve.longest_ns, 4 * DUET_DAY_NS);
}
END_TEST

START_TEST(what_never_comes_back_is_not_recovered) {
    take_days((const int[]){100, 90, 80, 99}, 4);
    ck_assert_int_eq(curve.worst_ns, 3 * DUET_DAY_NS);
    ck_assert_int_eq(curve.worst_recovered_ns, 0);
    ck_assert(curve.under);
    ck_assert_int_eq(curve.peak_ns, DUET_DAY_NS);
}
END_TEST

START_TEST(equity_below_zero_is_a_drawdown_of_more_than_all) {
    take_days((const int[]){100, -50}, 2);
    assert_near(curve.worst_fraction, 1.5, 1e-15);
}
END_TEST

START_TEST(a_deeper_dip_by_one_unit_is_seen) {
    // Near the rounding of doubles: the floor must never hide it.
    duet_money peak = money("1000017.790590000001"), dip = money("970841.588219999999");
    duet_curve_take(&curve, 1, peak, 0);
    duet_curve_take(&curve, 2, dip, 0);
    duet_curve_take(&curve, 3, peak, 0);
    duet_curve_take(&curve, 4, dip + 1000, 0);
    ck_assert_int_eq(curve.worst_ns, 2);
    duet_curve_take(&curve, 5, dip - 1000000, 0);
    ck_assert_int_eq(curve.worst_ns, 5);
    ck_assert_int_eq(curve.worst_peak_ns, 3);
    ck_assert_int_eq(curve.worst_recovered_ns, 0);
}
END_TEST

START_TEST(drawdowns_are_kept_deepest_first_with_the_one_under_way) {
    take_days((const int[]){100, 95, 100, 110, 88, 110, 120, 108, 114}, 9);
    struct duet_curve_drawdown deepest[DUET_CURVE_DRAWDOWNS_MAX];
    ck_assert_uint_eq(duet_curve_drawdowns(&curve, deepest), 3);
    assert_near(deepest[0].depth, 0.2, 1e-15);
    ck_assert_int_eq(deepest[0].peak_ns, 4 * DUET_DAY_NS);
    ck_assert_int_eq(deepest[0].trough_ns, 5 * DUET_DAY_NS);
    ck_assert_int_eq(deepest[0].end_ns, 6 * DUET_DAY_NS);
    assert_near(deepest[1].depth, 0.1, 1e-15); // 120 to 108, not over
    ck_assert_int_eq(deepest[1].trough_ns, 8 * DUET_DAY_NS);
    ck_assert_int_eq(deepest[1].end_ns, 0);
    assert_near(deepest[2].depth, 0.05, 1e-15);
    ck_assert_int_eq(deepest[2].end_ns, 3 * DUET_DAY_NS);
    assert_money(duet_curve_day(&curve, 2).peak, "10");
    assert_money(duet_curve_day(&curve, 7).peak, "12");
    assert_money(duet_curve_day(&curve, 8).peak, "12");
}
END_TEST

/** Every drawdown of these days, found by looking at each day; the deepest first. */
static uint32_t drawdowns_by_hand(const int *tenths, int count, struct duet_curve_drawdown *out) {
    uint32_t found = 0;
    int peak = 100, at = 0;
    for (int i = 0; i < count; i++) {
        if (tenths[i] >= peak) {
            peak = tenths[i];
            at = i;
            continue;
        }
        struct duet_curve_drawdown *one = &out[found++];
        *one = (struct duet_curve_drawdown){.peak_ns = (at + 1) * DUET_DAY_NS};
        for (; i < count && tenths[i] < peak; i++) {
            if ((double)(peak - tenths[i]) / peak > one->depth) {
                one->depth = (double)(peak - tenths[i]) / peak;
                one->trough_ns = (i + 1) * DUET_DAY_NS;
            }
        }
        one->end_ns = i < count ? (i + 1) * DUET_DAY_NS : 0;
        i--;
        for (uint32_t k = found - 1; k > 0 && out[k].depth > out[k - 1].depth; k--) {
            struct duet_curve_drawdown swap = out[k];
            out[k] = out[k - 1];
            out[k - 1] = swap;
        }
    }
    return found < DUET_CURVE_DRAWDOWNS_MAX ? found : DUET_CURVE_DRAWDOWNS_MAX;
}

START_TEST(the_ten_deepest_are_those_that_a_look_at_every_day_finds) {
    enum { DAYS = 3000 };
    static int tenths[DAYS];
    static struct duet_curve_drawdown expected[DAYS];
    uint32_t noise = 12345;
    tenths[0] = 100;
    for (int i = 1; i < DAYS; i++) {
        noise = noise * 1664525 + 1013904223;
        tenths[i] = tenths[i - 1] + (int)(noise >> 16) % 41 - 19;
        tenths[i] = tenths[i] < 20 ? 20 : tenths[i];
    }
    take_days(tenths, DAYS);
    uint32_t count = drawdowns_by_hand(tenths, DAYS, expected);
    struct duet_curve_drawdown deepest[DUET_CURVE_DRAWDOWNS_MAX];
    ck_assert_uint_eq(count, DUET_CURVE_DRAWDOWNS_MAX);
    ck_assert_uint_eq(duet_curve_drawdowns(&curve, deepest), count);
    for (uint32_t i = 0; i < count; i++) {
        assert_near(deepest[i].depth, expected[i].depth, 1e-12);
        ck_assert_int_eq(deepest[i].peak_ns, expected[i].peak_ns);
        ck_assert_int_eq(deepest[i].trough_ns, expected[i].trough_ns);
        ck_assert_int_eq(deepest[i].end_ns, expected[i].end_ns);
    }
    assert_near(curve.worst_fraction, expected[0].depth, 1e-12);
}
END_TEST

START_TEST(exposure_counts_time_held_and_leverage_by_time) {
    duet_curve_take(&curve, 0, money("10"), 0);
    duet_curve_take(&curve, 10, money("10"), money("5")); // half from 10 to 20
    duet_curve_take(&curve, 20, money("10"), money("20")); // double from 20 to 25
    duet_curve_expose(&curve, 25, money("10"), 0); // sold at an opening
    duet_curve_take(&curve, 40, money("10"), 0);
    ck_assert_int_eq(curve.exposed_ns, 15);
    assert_near(curve.leverage_ns, 10 * 0.5 + 5 * 2.0, 1e-15);
    ck_assert_int_eq(curve.last_ns, 40);
}
END_TEST

START_TEST(a_later_state_of_one_instant_replaces_the_earlier) {
    duet_curve_take(&curve, DUET_DAY_NS, money("10"), money("10"));
    duet_curve_take(&curve, DUET_DAY_NS, money("9"), 0);
    ck_assert_uint_eq(curve.day_count, 1);
    assert_money(duet_curve_day(&curve, 0).equity, "9");
    ck_assert_int_eq(curve.exposed_ns, 0);
}
END_TEST

START_TEST(days_before_1970_are_days) {
    int64_t day;
    ck_assert_int_eq(duet_curve_utc_day_end(NULL, -1, &day), 0);
    ck_assert_int_eq(day, -1);
    ck_assert_int_eq(duet_curve_utc_day_end(NULL, -DUET_DAY_NS, &day), 0);
    ck_assert_int_eq(day, -1);
    ck_assert_int_eq(duet_curve_utc_day_end(NULL, 0, &day), DUET_DAY_NS);
    ck_assert_int_eq(day, 0);
}
END_TEST

DUET_TEST_MAIN("curve", from_ten, an_instant_at_midnight_belongs_to_the_day_it_ends, a_day_keeps_its_last_value_only,
    initial_cash_is_the_first_peak, a_drawdown_runs_from_the_last_instant_at_the_peak,
    the_deepest_is_by_fraction_and_the_longest_by_time, what_never_comes_back_is_not_recovered,
    equity_below_zero_is_a_drawdown_of_more_than_all, a_deeper_dip_by_one_unit_is_seen,
    drawdowns_are_kept_deepest_first_with_the_one_under_way, the_ten_deepest_are_those_that_a_look_at_every_day_finds,
    exposure_counts_time_held_and_leverage_by_time, a_later_state_of_one_instant_replaces_the_earlier,
    days_before_1970_are_days)
