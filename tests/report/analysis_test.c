/* What the report is made of: days, months, years, drawdowns and the table of figures, on runs checked by hand. */
#include "report/analysis.h"

#include "base/error.h"
#include "report/fixture.h"
#include "report/sample.h"
#include "support/suite.h"

static struct duet_curve curve;
static struct duet_result result;
static struct duet_analysis analysis;

static void empty(void) {
    result = (struct duet_result){.initial_cash = money("1000"), .curve = &curve};
    duet_curve_init(&curve, result.initial_cash, duet_curve_utc_day_end, NULL);
}

/** Equity at the end of a day. */
static void day_ends(const char *date, const char *equity) {
    duet_curve_take(&curve, at(date) + DUET_DAY_NS, money(equity), 0);
}

static void compute(void) {
    result.final_equity = curve.last;
    result.start_ns = curve.day_count > 0 ? curve.first_ns - DUET_DAY_NS : 0;
    result.end_ns = curve.last_ns;
    ck_assert_int_eq(duet_analysis_compute(&result, NULL, &analysis), DUET_OK);
}

static const struct duet_figure *figure(const char *key) {
    for (size_t i = 0; i < analysis.figure_count; i++) {
        if (strcmp(analysis.figures[i].key, key) == 0) {
            return &analysis.figures[i];
        }
    }
    ck_abort_msg("no figure %s", key);
}

static double value(const char *key) {
    const struct duet_figure *found = figure(key);
    ck_assert_msg(found->stat.na == NULL, "%s is not defined: %s", key, found->stat.na);
    return found->stat.value;
}

static void held_against(const double *values) {
    result.benchmark = duet_alloc(curve.day_count, sizeof(double));
    memcpy(result.benchmark, values, curve.day_count * sizeof(double));
    duet_text_copy(result.benchmark_name, sizeof(result.benchmark_name), "buy and hold");
}

static void done(void) {
    duet_analysis_finish(&analysis);
    duet_curve_finish(&curve);
    duet_result_finish(&result);
}

START_TEST(days_have_their_changes_and_drawdowns) {
    day_ends("2021-03-01", "1100"); // a Monday
    day_ends("2021-03-02", "1045");
    duet_curve_take(&curve, at("2021-03-03T12:00"), money("1210"), 0);
    day_ends("2021-03-03", "1149.5");
    compute();
    ck_assert_uint_eq(analysis.day_count, 3);
    assert_near(analysis.days[0].change, 0.1, 1e-12);
    assert_near(analysis.days[1].change, -0.05, 1e-12);
    assert_near(analysis.days[2].change, 0.1, 1e-12);
    ck_assert(analysis.days[0].drawdown == 0);
    assert_near(analysis.days[1].drawdown, 0.05, 1e-12);
    assert_near(analysis.days[2].drawdown, 0.05, 1e-12); // below noon's 1210
    ck_assert_int_eq(analysis.days[2].ns, at("2021-03-04"));
    ck_assert(isnan(analysis.days[2].benchmark) && isnan(analysis.days[2].benchmark_change));
    ck_assert_str_eq(analysis.benchmark, "");
    ck_assert_str_eq(analysis.convention, "duet-1");
    done();
}
END_TEST

START_TEST(a_weekend_day_has_no_change_of_its_own) {
    day_ends("2021-03-05", "1100"); // Friday
    day_ends("2021-03-07", "1200");
    day_ends("2021-03-08", "1320");
    compute();
    ck_assert(isnan(analysis.days[1].change));
    assert_near(analysis.days[2].change, 0.2, 1e-12);
    ck_assert_uint_eq(analysis.stats.daily_returns, 2);
    done();
}
END_TEST

START_TEST(months_and_years_begin_where_the_ones_before_ended) {
    day_ends("2020-12-30", "1200");
    day_ends("2020-12-31", "1100");
    day_ends("2021-01-04", "1210");
    day_ends("2021-03-01", "605");
    held_against((const double[]){1000, 1050, 1155, 1155});
    compute();
    ck_assert_uint_eq(analysis.month_count, 3);
    ck_assert_int_eq(analysis.months[0].year, 2020);
    ck_assert_int_eq(analysis.months[0].month, 12);
    assert_near(analysis.months[0].change, 0.1, 1e-12);
    assert_near(analysis.months[1].change, 0.1, 1e-12);
    ck_assert_int_eq(analysis.months[2].month, 3); // nothing in February
    assert_near(analysis.months[2].change, -0.5, 1e-12);
    assert_near(analysis.months[1].benchmark_change, 0.1, 1e-12);
    ck_assert_uint_eq(analysis.year_count, 2);
    ck_assert_int_eq(analysis.years[1].month, 0);
    assert_near(analysis.years[0].change, 0.1, 1e-12);
    assert_near(analysis.years[1].change, -0.45, 1e-12);
    assert_near(analysis.years[0].benchmark_change, 0.05, 1e-12);
    assert_near(value("best_month"), 0.1, 1e-12);
    assert_near(value("worst_month"), -0.5, 1e-12);
    assert_near(value("winning_months"), 2.0 / 3, 1e-12);
    assert_near(value("worst_year"), -0.45, 1e-12);
    done();
}
END_TEST

START_TEST(drawdowns_are_those_of_every_instant) {
    day_ends("2021-03-01", "1100");
    duet_curve_take(&curve, at("2021-03-02T12:00"), money("880"), 0);
    day_ends("2021-03-02", "1100");
    day_ends("2021-03-03", "990");
    compute();
    ck_assert_uint_eq(analysis.drawdown_count, 2);
    assert_near(analysis.drawdowns[0].depth, 0.2, 1e-12);
    ck_assert_int_eq(analysis.drawdowns[0].start_ns, at("2021-03-02"));
    ck_assert_int_eq(analysis.drawdowns[0].trough_ns, at("2021-03-02T12:00"));
    ck_assert_int_eq(analysis.drawdowns[0].end_ns, at("2021-03-03"));
    assert_near(analysis.drawdowns[1].depth, 0.1, 1e-12);
    ck_assert_int_eq(analysis.drawdowns[1].end_ns, 0);
    assert_near(value("max_drawdown"), analysis.drawdowns[0].depth, 1e-15);
    done();
}
END_TEST

/** 130 days of +2 % and -1 % in turn, the benchmark moving half as much. */
static void in_turn(void) {
    static double benchmark[130];
    double equity = 1000, other = 1000;
    for (int i = 0; i < 130; i++) {
        equity *= i % 2 == 0 ? 1.02 : 0.99;
        other *= i % 2 == 0 ? 1.01 : 0.995;
        benchmark[i] = other;
        duet_curve_take(&curve, at("2021-03-01") + (i + 1) * DUET_DAY_NS, (duet_money)(equity * 1e6) * 1000000, 0);
    }
    held_against(benchmark);
    result.weekend_bars = true; // every day counts, 365 a year
    compute();
}

START_TEST(rolling_figures_begin_with_the_full_window) {
    in_turn();
    ck_assert(isnan(analysis.days[124].rolling_sharpe) && isnan(analysis.days[124].rolling_volatility));
    // √365 times 0.0150598..., the sample deviation of 63 times 0.02 and 63 times -0.01, in decimals.
    assert_near(analysis.days[125].rolling_volatility, 0.2877186125366240535597, 1e-6);
    assert_near(analysis.days[125].rolling_sharpe, 6.343002921883246330682, 1e-6);
    assert_near(analysis.days[125].rolling_beta, 2, 1e-6);
    assert_near(analysis.days[129].rolling_sharpe, analysis.days[127].rolling_sharpe, 1e-6);
    done();
}
END_TEST

START_TEST(a_benchmark_that_moves_half_as_much_has_a_beta_of_two) {
    in_turn();
    ck_assert_str_eq(analysis.benchmark, "buy and hold");
    assert_near(value("beta"), 2, 1e-6);
    assert_near(value("correlation"), 1, 1e-6);
    ck_assert(fabs(value("alpha")) < 1e-5);
    // 65 wins and 65 losses: the mean of r - b is 0.25 %, its sample deviation 0.0075 · √(130/129).
    assert_near(value("tracking_error"), sqrt(365.0) * 0.0075 * sqrt(130.0 / 129), 1e-6);
    assert_near(value("information_ratio"), sqrt(365.0) * 0.0025 / (0.0075 * sqrt(130.0 / 129)), 1e-6);
    assert_near(value("up_capture"), 2, 1e-6);
    assert_near(value("down_capture"), 2, 1e-6);
    assert_near(value("benchmark_return"), pow(1.01 * 0.995, 65) - 1, 1e-9);
    assert_near(value("excess_return"), pow(1.02 * 0.99, 65) - pow(1.01 * 0.995, 65), 1e-6);
    assert_near(value("benchmark_max_drawdown"), 0.005, 1e-9);
    assert_near(value("omega"), 2, 1e-6);
    assert_near(value("tail_ratio"), 2, 1e-6);
    assert_near(value("var_95"), -0.01, 1e-6);
    assert_near(value("cvar_99"), -0.01, 1e-6);
    assert_near(value("ulcer_index"), 0.01 / sqrt(2), 1e-6);
    ck_assert(value("stability") > 0.99);
    done();
}
END_TEST

START_TEST(without_a_benchmark_its_figures_say_so) {
    day_ends("2021-03-01", "1100");
    compute();
    static const char *const keys[] = {"benchmark_return", "alpha", "beta", "information_ratio", "tracking_error",
        "correlation", "up_capture", "down_capture", "excess_return"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        ck_assert_msg(figure(keys[i])->stat.na != NULL, "%s", keys[i]);
        ck_assert_str_eq(figure(keys[i])->stat.na, "no benchmark");
    }
    done();
}
END_TEST

START_TEST(a_run_without_bars_has_figures_and_reasons) {
    result = (struct duet_result){0};
    ck_assert_int_eq(duet_analysis_compute(&result, "duet-1", &analysis), DUET_OK);
    ck_assert_uint_eq(analysis.day_count, 0);
    ck_assert_uint_gt(analysis.figure_count, 60);
    ck_assert_ptr_nonnull(figure("sharpe")->stat.na);
    ck_assert_ptr_nonnull(figure("median_net")->stat.na);
    duet_analysis_finish(&analysis);
}
END_TEST

START_TEST(medians_and_sides_come_from_the_trades) {
    struct sample sample;
    sample_run(&sample); // +19 (long, 10 at 50 and 52, 1 of commission), -11
    ck_assert_int_eq(duet_analysis_compute(&sample.result, NULL, &analysis), DUET_OK);
    assert_money(figure("median_net")->money, "4");
    assert_near(value("median_trade"), (0.038 - 0.022) / 2, 1e-12);
    assert_near(value("median_holding_s"), 3600, 1e-12);
    assert_money(figure("largest_win")->money, "19");
    assert_money(figure("net_long")->money, "8");
    assert_near(value("win_rate_long"), 0.5, 1e-12);
    assert_near(value("payoff_ratio"), 19.0 / 11, 1e-12);
    ck_assert_str_eq(figure("net_short")->stat.na, "no short trade");
    assert_money(figure("commission")->money, "10.5151");
    duet_analysis_finish(&analysis);
    sample_finish(&sample);
}
END_TEST

START_TEST(an_unknown_convention_is_refused_with_the_nearest) {
    ck_assert_int_eq(duet_analysis_compute(&result, "duet1", &analysis), DUET_EINVAL);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "did you mean \"duet-1\"?"));
    duet_text_copy(result.statistics, sizeof(result.statistics), "nonsense");
    ck_assert_int_eq(duet_analysis_compute(&result, NULL, &analysis), DUET_EINVAL);
    done();
}
END_TEST

START_TEST(no_key_stands_twice_in_a_convention) {
    for (size_t i = 0; duet_convention_name(i) != NULL; i++) {
        ck_assert_int_eq(duet_analysis_compute(&result, duet_convention_name(i), &analysis), DUET_OK);
        for (size_t a = 0; a < analysis.figure_count; a++) {
            const struct duet_figure *one = &analysis.figures[a];
            ck_assert(one->group != NULL && one->label != NULL && one->formula != NULL);
            for (size_t b = 0; b < a; b++) {
                ck_assert_str_ne(one->key, analysis.figures[b].key);
            }
        }
        duet_analysis_finish(&analysis);
    }
    done();
}
END_TEST

DUET_TEST_MAIN("analysis", empty, days_have_their_changes_and_drawdowns, a_weekend_day_has_no_change_of_its_own,
    months_and_years_begin_where_the_ones_before_ended, drawdowns_are_those_of_every_instant,
    rolling_figures_begin_with_the_full_window, a_benchmark_that_moves_half_as_much_has_a_beta_of_two,
    without_a_benchmark_its_figures_say_so, a_run_without_bars_has_figures_and_reasons,
    medians_and_sides_come_from_the_trades, an_unknown_convention_is_refused_with_the_nearest,
    no_key_stands_twice_in_a_convention)
