/*
 * What a run is held against, on files short enough to follow: the run trades A from Monday, 2024-01-08, to Friday, and
 * is flat all the time, for only the benchmark is looked at.
 */
#include "engine/benchmark.h"

#include <math.h>

#include "base/error.h"
#include "engine/backtest.h"
#include "support/folder.h"
#include "support/suite.h"

static struct duet_config config;
static struct duet_backtest *backtest;

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(duet_test_path(name), "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void set(const char *key, const char *value) {
    ck_assert_msg(duet_config_set(&config, key, value, NULL) == DUET_OK, "%s", duet_error_text());
}

static void add(const char *key, const char *symbol, const char *name) {
    char text[4200];
    snprintf(text, sizeof(text), "%s=%s", symbol, duet_test_path(name));
    set(key, text);
}

static void five_days(void) {
    duet_test_fresh_folder();
    duet_config_init(&config);
    write_file("a.csv", "date,open,high,low,close,volume\n"
                        "2024-01-08,10.00,11.00,9.00,10.00,1\n"
                        "2024-01-09,20.00,21.00,19.00,20.00,1\n"
                        "2024-01-10,20.00,31.00,19.00,30.00,1\n"
                        "2024-01-11,30.00,31.00,14.00,15.00,1\n"
                        "2024-01-12,15.00,41.00,14.00,40.00,1\n");
    set("strategy", "buy_and_hold");
    set("cache", "off");
    set("cash", "1000");
    add("data", "A", "a.csv");
}

static const struct duet_result *run(void) {
    const struct duet_backtest_options options = {0};
    duet_backtest_destroy(backtest);
    ck_assert_msg(duet_backtest_run(&config, &options, &backtest) == DUET_OK, "%s", duet_error_text());
    return duet_backtest_result(backtest);
}

static void assert_days(const struct duet_result *result, const double *expected, size_t count) {
    ck_assert_ptr_nonnull(result->benchmark);
    ck_assert_uint_eq(result->curve->day_count, count);
    for (size_t i = 0; i < count; i++) {
        bool same = isnan(expected[i]) ? isnan(result->benchmark[i]) : fabs(result->benchmark[i] - expected[i]) < 1e-9;
        ck_assert_msg(same, "day %zu is %.17g, not %.17g", i, result->benchmark[i], expected[i]);
    }
}

static void done(void) {
    duet_backtest_destroy(backtest);
    backtest = NULL;
    duet_config_finish(&config);
}

START_TEST(buy_and_hold_is_what_the_run_would_have_had) {
    // Bought at 20.00 on the second day, the first opening after a close: 50 units, nothing left.
    const struct duet_result *result = run();
    ck_assert_str_eq(result->benchmark_name, "buy and hold");
    assert_days(result, (const double[]){1000, 1000, 1500, 750, 2000}, 5);
    ck_assert(result->buy_and_hold.final_equity == 2000 * DUET_MONEY_ONE);
    done();
}
END_TEST

START_TEST(buy_and_hold_pays_the_costs_of_the_run) {
    set("commission", "1/order");
    // 49 units for 980 and 1 of commission leave 19.
    assert_days(run(), (const double[]){1000, 19 + 980, 19 + 49 * 30, 19 + 49 * 15, 19 + 49 * 40}, 5);
    done();
}
END_TEST

START_TEST(of_two_instruments_each_gets_half_and_keeps_its_last_price) {
    write_file("b.csv", "date,open,high,low,close,volume\n"
                        "2024-01-08,5.00,5.00,5.00,5.00,1\n"
                        "2024-01-10,5.00,9.00,5.00,8.00,1\n"
                        "2024-01-11,8.00,9.00,5.00,6.00,1\n");
    add("data", "B", "b.csv");
    // A: 25 at 20 on the 9th. B: 100 at 5 on the 10th; no bar on the 9th and none on the 12th.
    assert_days(run(), (const double[]){1000, 500 + 500, 25 * 30 + 800, 25 * 15 + 600, 25 * 40 + 600}, 5);
    done();
}
END_TEST

START_TEST(a_file_of_its_own_begins_at_its_last_close_before_the_run) {
    write_file("s.csv", "date,open,high,low,close,volume\n"
                        "2024-01-04,70.00,70.00,70.00,70.00,1\n"
                        "2024-01-05,90.00,90.00,90.00,100.00,1\n"
                        "2024-01-08,100.00,120.00,100.00,110.00,1\n"
                        "2024-01-10,100.00,130.00,100.00,121.00,1\n"
                        "2024-01-11,100.00,130.00,90.00,99.00,1\n"
                        "2024-01-12,99.00,130.00,90.00,105.00,1\n"
                        "2024-01-15,99.00,999.00,90.00,999.00,1\n");
    add("benchmark", "S", "s.csv");
    const struct duet_result *result = run();
    ck_assert_str_eq(result->benchmark_name, "S");
    assert_days(result, (const double[]){1100, 1100, 1210, 990, 1050}, 5); // the 9th has the close of the 8th
    ck_assert_uint_eq(result->data_count, 1); // and it is no data of the run
    done();
}
END_TEST

START_TEST(without_a_close_before_the_run_its_first_opening_is_the_base) {
    write_file("s.csv", "date,open,high,low,close,volume\n2024-01-08,50.00,60.00,50.00,60.00,1\n"
                        "2024-01-12,50.00,60.00,40.00,45.00,1\n");
    add("benchmark", "S", "s.csv");
    assert_days(run(), (const double[]){1200, 1200, 1200, 1200, 900}, 5);
    done();
}
END_TEST

START_TEST(what_begins_after_the_run_is_unknown_until_then_and_told) {
    write_file("s.csv", "date,open,high,low,close,volume\n2024-01-10,50.00,60.00,50.00,60.00,1\n"
                        "2024-01-11,50.00,60.00,40.00,45.00,1\n2024-01-12,50.00,60.00,40.00,45.00,1\n");
    add("benchmark", "S", "s.csv");
    const struct duet_result *result = run();
    assert_days(result, (const double[]){NAN, NAN, 1200, 900, 900}, 5);
    bool told = false;
    for (size_t i = 0; i < result->warning_count; i++) {
        told |= strcmp(result->warnings[i].code, "benchmark_late") == 0;
    }
    ck_assert(told);
    done();
}
END_TEST

START_TEST(a_bar_that_has_not_closed_is_not_known) {
    // Hours: the one of 23:00 closes with the day; weeks: that of the 8th closes after the run.
    write_file("h.csv", "time,open,high,low,close,volume\n2024-01-08 22:00,10.00,10.00,10.00,10.00,1\n"
                        "2024-01-08 23:00,10.00,11.00,10.00,11.00,1\n2024-01-09 00:00,11.00,99.00,11.00,99.00,1\n"
                        "2024-01-09 23:30,12.00,99.00,12.00,55.00,1\n");
    add("benchmark", "H", "h.csv");
    assert_days(run(), (const double[]){1100, 9900, 5500, 5500, 5500}, 5);
    done();
}
END_TEST

START_TEST(a_day_is_not_told_by_what_comes_after_it) {
    static const char *const tails[] = {"2024-01-11,1.00,1.00,1.00,1.00,1\n", "2024-01-11,77.00,77.00,77.00,77.00,1\n"};
    for (int i = 0; i < 2; i++) {
        char text[400];
        snprintf(text, sizeof(text),
            "date,open,high,low,close,volume\n2024-01-08,50.00,60.00,50.00,60.00,1\n"
            "2024-01-09,50.00,60.00,40.00,45.00,1\n2024-01-10,50.00,60.00,40.00,55.00,1\n%s",
            tails[i]);
        write_file("s.csv", text);
        add("benchmark", "S", "s.csv");
        const struct duet_result *result = run();
        assert_days(result, (const double[]){1200, 900, 1100, i == 0 ? 20 : 1540, i == 0 ? 20 : 1540}, 5);
    }
    done();
}
END_TEST

START_TEST(a_daily_file_fits_a_run_of_minutes) {
    // The run's last instants are at 10:02 and 10:01; a daily bar of the same days counts to them all the same.
    write_file("m.csv", "time,open,high,low,close,volume\n2024-01-08 10:00,1.00,1.00,1.00,1.00,1\n"
                        "2024-01-08 10:01,1.00,1.00,1.00,1.00,1\n2024-01-09 10:00,1.00,1.00,1.00,1.00,1\n");
    write_file("s.csv", "date,open,high,low,close,volume\n2024-01-08,50.00,60.00,50.00,60.00,1\n"
                        "2024-01-09,60.00,60.00,40.00,45.00,1\n2024-01-10,50.00,60.00,40.00,55.00,1\n");
    duet_config_clear_data(&config);
    add("data", "M", "m.csv");
    add("benchmark", "S", "s.csv");
    assert_days(run(), (const double[]){1200, 900}, 2);
    done();
}
END_TEST

START_TEST(a_series_of_the_run_is_named_by_its_symbol) {
    set("benchmark", "A");
    const struct duet_result *result = run();
    ck_assert_str_eq(result->benchmark_name, "A");
    assert_days(result, (const double[]){1000, 2000, 3000, 1500, 4000}, 5); // from its opening at 10.00
    done();
}
END_TEST

START_TEST(none_is_none) {
    set("benchmark", "none");
    const struct duet_result *result = run();
    ck_assert_ptr_null(result->benchmark);
    ck_assert_str_eq(result->benchmark_name, "");
    ck_assert(result->buy_and_hold.available); // that line stays
    done();
}
END_TEST

START_TEST(what_cannot_be_held_against_is_refused_with_what_can) {
    const struct duet_backtest_options options = {0};
    set("benchmark", "SPY");
    ck_assert_int_eq(duet_backtest_run(&config, &options, &backtest), DUET_EINVAL);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "benchmark: \"SPY\" is no series of this run"));
    set("benchmark", "SPY=/nowhere/spy.csv");
    ck_assert_int_eq(duet_backtest_run(&config, &options, &backtest), DUET_EDATA);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "/nowhere/spy.csv"));
    write_file("z.csv", "time,open,high,low,close,volume\n2024-01-08T10:00:00Z,1.00,1.00,1.00,1.00,1\n"
                        "2024-01-09T10:00:00Z,1.00,1.00,1.00,1.00,1\n");
    add("benchmark", "Z", "z.csv");
    ck_assert_int_eq(duet_backtest_run(&config, &options, &backtest), DUET_EINVAL);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "its times carry no zone"));
    done();
}
END_TEST

DUET_TEST_MAIN("benchmark", five_days, buy_and_hold_is_what_the_run_would_have_had,
    buy_and_hold_pays_the_costs_of_the_run, of_two_instruments_each_gets_half_and_keeps_its_last_price,
    a_file_of_its_own_begins_at_its_last_close_before_the_run,
    without_a_close_before_the_run_its_first_opening_is_the_base,
    what_begins_after_the_run_is_unknown_until_then_and_told, a_bar_that_has_not_closed_is_not_known,
    a_day_is_not_told_by_what_comes_after_it, a_daily_file_fits_a_run_of_minutes,
    a_series_of_the_run_is_named_by_its_symbol, none_is_none, what_cannot_be_held_against_is_refused_with_what_can)
