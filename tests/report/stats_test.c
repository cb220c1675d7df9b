/* duet-1 by hand: returns that can be summed in the head. */
#include "report/stats.h"

#include "report/fixture.h"
#include "support/suite.h"

static struct duet_curve curve;
static struct duet_result_data series;
static struct duet_result result;
static struct duet_stats stats;
static int64_t day; // of the next value

/** 1970-01-05 is a Monday. */
#define MONDAY 4

static void hundred_on_a_monday(void) {
    duet_curve_init(&curve, 100 * DUET_MONEY_ONE, duet_curve_utc_day_end, NULL);
    series = (struct duet_result_data){.interval_ns = DUET_MINUTE_NS};
    result = (struct duet_result){.curve = &curve, .data = &series, .data_count = 1};
    result.initial_cash = 100 * DUET_MONEY_ONE;
    result.weekend_bars = true;
    result.bars = 1;
    day = MONDAY;
}

static void take(const char *equity) {
    duet_curve_take(&curve, (day + 1) * DUET_DAY_NS, money(equity), 0);
    day++;
}

static void compute(void) {
    result.start_ns = curve.first_ns;
    result.end_ns = curve.last_ns;
    result.final_equity = curve.last;
    duet_stats_compute(&result, &stats);
}

/** `pairs` times +10 % and back to 100. */
static void take_zigzag(int pairs) {
    for (int i = 0; i < pairs; i++) {
        take("110");
        take("100");
    }
}

START_TEST(three_days_by_hand) {
    take("110");
    take("99");
    take("108.9"); // +10 %, -10 %, +10 %
    compute();
    ck_assert_uint_eq(stats.daily_returns, 3);
    assert_stat(stats.total_return, 0.089, 1e-15);
    // mean 1/30; deviations 2/30, -4/30, 2/30; squares 24/900; sample variance 12/900
    assert_stat(stats.volatility, sqrt(365) * sqrt(12.0 / 900), 1e-14);
    assert_stat(stats.best_day, 0.1, 1e-15);
    assert_stat(stats.worst_day, -0.1, 1e-15);
    assert_stat(stats.winning_days, 2.0 / 3, 1e-15);
    assert_stat(stats.max_drawdown, 0.1, 1e-15);
    ck_assert_str_eq(stats.sharpe.na, "under 30 returns");
    ck_assert_str_eq(stats.sortino.na, "under 30 returns");
    ck_assert_str_eq(stats.cagr.na, "under one year");
    ck_assert_str_eq(stats.annual_return.na, "under one year");
    ck_assert_str_eq(stats.calmar.na, "under one year");
}
END_TEST

START_TEST(sharpe_and_sortino_of_thirty_returns_by_hand) {
    take_zigzag(15); // 15 times +1/10 and 15 times -1/11
    compute();
    double up = 1.0 / 10, down = -1.0 / 11, mean = (up + down) / 2;
    double sample = (up - down) / 2 * sqrt(30.0 / 29);
    ck_assert_uint_eq(stats.daily_returns, 30);
    assert_stat(stats.sharpe, sqrt(365) * mean / sample, 1e-12);
    assert_stat(stats.sharpe_se, sqrt(365) * sqrt((1 + mean / sample * mean / sample / 2) / 30), 1e-12);
    assert_stat(stats.sortino, sqrt(365) * mean / sqrt(15 * down * down / 30), 1e-12);
}
END_TEST

START_TEST(twenty_nine_returns_are_too_few) {
    take_zigzag(14);
    take("110");
    compute();
    ck_assert_uint_eq(stats.daily_returns, 29);
    ck_assert_ptr_nonnull(stats.sharpe.na);
    ck_assert_ptr_nonnull(stats.sharpe_se.na);
    ck_assert_ptr_nonnull(stats.sortino.na);
}
END_TEST

START_TEST(equity_that_does_not_move_has_no_ratio) {
    for (int i = 0; i < 40; i++) {
        take("100");
    }
    compute();
    ck_assert_str_eq(stats.sharpe.na, "returns do not vary");
    ck_assert_str_eq(stats.sortino.na, "no losing day");
    assert_stat(stats.volatility, 0, 0);
    assert_stat(stats.max_drawdown, 0, 0);
    ck_assert_int_eq(stats.max_drawdown_start_ns, 0);
}
END_TEST

START_TEST(weekends_count_to_the_monday_after_them) {
    result.weekend_bars = false;
    take("101"); // Monday
    take("102");
    take("103");
    take("104");
    take("105"); // Friday
    take("200"); // Saturday
    take("300"); // Sunday
    take("210"); // Monday
    compute();
    assert_near(stats.periods, 252, 0);
    ck_assert_uint_eq(stats.daily_returns, 6);
    assert_stat(stats.best_day, 1.0, 1e-15); // 105 to 210
}
END_TEST

START_TEST(a_weekend_without_its_monday_is_a_return_of_its_own) {
    result.weekend_bars = false;
    day = MONDAY + 6;
    take("110"); // Sunday
    day += 1; // no Monday
    take("121"); // Tuesday
    day = MONDAY + 13;
    take("242"); // Sunday, the last day
    compute();
    ck_assert_uint_eq(stats.daily_returns, 3);
    assert_stat(stats.best_day, 1.0, 1e-15);
    assert_stat(stats.worst_day, 0.1, 1e-14);
}
END_TEST

START_TEST(with_weekend_bars_every_day_is_a_return) {
    day = MONDAY + 5;
    take("110");
    take("110");
    take("110");
    compute();
    assert_near(stats.periods, 365, 0);
    ck_assert_uint_eq(stats.daily_returns, 3);
    ck_assert_ptr_nonnull(strstr(stats.periods_why, "Saturday"));
}
END_TEST

START_TEST(weekly_and_monthly_bars_set_the_year) {
    result.weekend_bars = false;
    for (int week = 0; week < 3; week++) {
        day = MONDAY + 6 + 7 * week; // closes on Sunday midnight
        take("100");
    }
    series.interval_ns = DUET_WEEK_NS;
    compute();
    assert_near(stats.periods, 52, 0);
    ck_assert_uint_eq(stats.daily_returns, 3);
    series.interval_ns = DUET_MONTH_NS;
    compute();
    assert_near(stats.periods, 12, 0);
    series.interval_ns = 5 * DUET_DAY_NS;
    compute();
    assert_near(stats.periods, 73, 0);
}
END_TEST

START_TEST(growth_over_two_years_by_hand) {
    take("121");
    day += 2 * 365 - 1; // 730 days after the first instant
    take("121");
    compute();
    double years = 730 * 86400.0 / 31557600;
    assert_stat(stats.cagr, exp(log(1.21) / years) - 1, 1e-13);
    assert_stat(stats.annual_return, exp(log(1.21) * 365 / 2) - 1, 1e-13);
    ck_assert_str_eq(stats.calmar.na, "no drawdown");
}
END_TEST

START_TEST(calmar_is_cagr_over_the_deepest_drawdown) {
    take("80");
    day += 365;
    take("110");
    compute();
    assert_stat(stats.calmar, stats.cagr.value / 0.2, 1e-14);
}
END_TEST

START_TEST(a_year_less_a_day_is_not_a_year) {
    take("100");
    day += 363;
    take("110");
    compute();
    ck_assert_ptr_nonnull(stats.cagr.na);
    take("110");
    compute();
    ck_assert_ptr_null(stats.cagr.na);
}
END_TEST

START_TEST(ruin_leaves_no_ratio_that_pretends) {
    take_zigzag(20);
    take("-5");
    take("-4");
    day += 400;
    take("-4");
    compute();
    assert_stat(stats.total_return, -1.04, 1e-15);
    assert_stat(stats.max_drawdown, 115.0 / 110, 1e-15);
    ck_assert_str_eq(stats.cagr.na, "equity fell to zero or below");
    ck_assert_str_eq(stats.sharpe.na, "equity fell to zero or below");
    ck_assert_uint_eq(stats.daily_returns, 41); // up to the day of the fall
}
END_TEST

START_TEST(nothing_at_all_is_all_undefined) {
    compute();
    ck_assert_uint_eq(stats.daily_returns, 0);
    const struct duet_stat *const none[] = {&stats.sharpe, &stats.sortino, &stats.volatility, &stats.max_drawdown,
        &stats.exposure, &stats.win_rate, &stats.profit_factor, &stats.sqn, &stats.break_even_bps, &stats.best_day};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        ck_assert_ptr_nonnull(none[i]->na);
        ck_assert_double_eq(none[i]->value, 0);
    }
    result.curve = NULL;
    result.initial_cash = 0;
    duet_stats_compute(&result, &stats);
    ck_assert_str_eq(stats.total_return.na, "no initial cash");
}
END_TEST

START_TEST(break_even_is_what_a_side_may_cost) {
    take("103.1");
    result.counts.commission = money("5");
    result.counts.slippage = money("1.9");
    result.counts.traded = money("20000"); // earned 10 before costs on 20,000: 5 bps
    compute();
    assert_stat(stats.break_even_bps, 5, 1e-14);
}
END_TEST

START_TEST(exposure_is_time_held_over_time) {
    duet_curve_take(&curve, 100, money("100"), 0);
    duet_curve_take(&curve, 200, money("100"), money("50"));
    duet_curve_take(&curve, 300, money("100"), money("100"));
    duet_curve_take(&curve, 500, money("100"), 0);
    compute();
    assert_stat(stats.exposure, 0.75, 1e-15);
    assert_stat(stats.average_gross_leverage, (100 * 0.5 + 200 * 1) / 400.0, 1e-15);
}
END_TEST

START_TEST(trade_figures_by_hand) {
    struct duet_instruments instruments = two_instruments();
    duet_trades_create(&instruments, NULL, NULL, &result.trades);
    const int64_t exits[] = {13, 9, 12, 7}; // +3 -1 +2 -3 on 10
    for (int i = 0; i < 4; i++) {
        struct duet_fill entry = fill_of(0, +1, 1, 100000, "0", i * 10 * DUET_SECOND_NS);
        struct duet_fill leave = fill_of(0, -1, 1, exits[i] * 10000, "0", (i * 10 + 6) * DUET_SECOND_NS);
        duet_trades_take(result.trades, &entry, "");
        duet_trades_take(result.trades, &leave, "");
    }
    take("101");
    compute();
    duet_trades_destroy(result.trades);
    assert_stat(stats.win_rate, 0.5, 0);
    assert_stat(stats.profit_factor, 5.0 / 4, 1e-15);
    assert_money(stats.expectancy, "0.25");
    assert_money(stats.average_win, "2.5");
    assert_money(stats.average_loss, "-2");
    assert_stat(stats.average_trade, 0.025, 1e-13);
    assert_stat(stats.best_trade, 0.3, 1e-15);
    assert_stat(stats.worst_trade, -0.3, 1e-15);
    assert_stat(stats.average_holding_s, 6, 0);
    // squares about 1/4: 121/16, 25/16, 49/16, 169/16: 22.75; over 3
    assert_stat(stats.sqn, 2 * 0.25 / sqrt(22.75 / 3), 1e-14);
}
END_TEST

DUET_TEST_MAIN("stats", hundred_on_a_monday, three_days_by_hand, sharpe_and_sortino_of_thirty_returns_by_hand,
    twenty_nine_returns_are_too_few, equity_that_does_not_move_has_no_ratio, weekends_count_to_the_monday_after_them,
    a_weekend_without_its_monday_is_a_return_of_its_own, with_weekend_bars_every_day_is_a_return,
    weekly_and_monthly_bars_set_the_year, growth_over_two_years_by_hand, calmar_is_cagr_over_the_deepest_drawdown,
    a_year_less_a_day_is_not_a_year, ruin_leaves_no_ratio_that_pretends, nothing_at_all_is_all_undefined,
    break_even_is_what_a_side_may_cost, exposure_is_time_held_over_time, trade_figures_by_hand)
