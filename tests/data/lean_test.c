/*
 * Files of the LEAN engine: what folders, names and rows say. Expected prices are worked out by hand from the rows.
 */
#include "data/lean.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "data/series_inline.h"
#include "support/folder.h"
#include "support/suite.h"

static char tree[128], path[512];
static struct duet_series *series;

static void fresh(void) {
    duet_test_fresh_folder();
    snprintf(tree, sizeof(tree), "%s/data", duet_test_folder);
}

/** A file within the tree; LEAN packs them, which is no matter here. */
static void put(const char *name, const char *text) {
    char folder[512];
    snprintf(path, sizeof(path), "%s/%s", tree, name);
    snprintf(folder, sizeof(folder), "%s", path);
    *strrchr(folder, '/') = '\0';
    ck_assert_int_eq(duet_make_folders(folder), DUET_OK);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static enum duet_status open_with(const char *what, const char *options) {
    struct duet_data_spec spec;
    char text[700];
    const struct duet_series_options no_cache = {.no_cache = true};
    snprintf(text, sizeof(text), "X=%s/%s%s%s", tree, what, *options != '\0' ? "," : "", options);
    ck_assert_msg(duet_data_spec_parse(text, &spec) == DUET_OK, "%s", duet_error_text());
    enum duet_status status = duet_series_open(&spec, &no_cache, &series);
    duet_data_spec_finish(&spec);
    return status;
}

static struct duet_bar bar_at(uint64_t index) {
    struct duet_bar bar = {0};
    ck_assert_uint_lt(index, series->count);
    duet_series_bar(series, index, &bar);
    return bar;
}

#define MINUTES "15300000,6448000,6449000,6447500,6448000,90\n17040000,6455000,6455000,6455000,6455001,10\n"

START_TEST(minutes_of_shares_are_dollars_at_new_york_time) {
    put("equity/usa/minute/aapl/20140605_trade.csv", MINUTES);
    ck_assert_msg(open_with("equity/usa/minute/aapl/20140605_trade.csv", "") == DUET_OK, "%s", duet_error_text());
    struct duet_bar bar = bar_at(0);
    ck_assert_int_eq(bar.open_ns, INT64_C(1401956100000000000)); // 2014-06-05 08:15 UTC
    ck_assert_double_eq(bar.open, 644.8);
    ck_assert_double_eq(bar.high, 644.9);
    ck_assert_double_eq(bar.low, 644.75);
    ck_assert_double_eq(bar.volume, 90);
    ck_assert_double_eq(bar_at(1).close, 645.5001);
    ck_assert_int_eq(series->interval_ns, DUET_MINUTE_NS);
    ck_assert_str_eq(series->info.tz, "America/New_York");
    ck_assert_str_eq(series->info.dialect, "lean");
    ck_assert(!series->info.tz_assumed);
    duet_series_close(series);
}
END_TEST

START_TEST(the_user_knows_better_than_the_folders) {
    put("equity/usa/minute/aapl/20140605_trade.csv", MINUTES);
    ck_assert_int_eq(
        open_with("equity/usa/minute/aapl/20140605_trade.csv", "lean=crypto,tz=+01:00,interval=30m"), DUET_OK);
    ck_assert_double_eq(bar_at(0).open, 6448000);
    ck_assert_int_eq(bar_at(0).open_ns, INT64_C(1401938100000000000)); // 04:15 at +01:00 is 03:15 UTC
    ck_assert_int_eq(series->interval_ns, 30 * DUET_MINUTE_NS);
    duet_series_close(series);
}
END_TEST

START_TEST(a_folder_is_one_series_and_its_quotes_are_left_out_aloud) {
    put("equity/usa/minute/aapl/20140605_trade.csv", MINUTES);
    put("equity/usa/minute/aapl/20140606_trade.csv", MINUTES);
    put("equity/usa/minute/aapl/20140606_quote.csv",
        "15300000,6446000,6446000,6446000,6446000,1,6450000,6450000,6450000,6451000,1\n"
        "15360000,,,,,,6450000,6450000,6450000,6450000,1\n"
        "15420000,6446000,6447000,6445000,6446000,1,6450000,6450000,6450000,6450000,1\n");
    ck_assert_msg(open_with("equity/usa/minute/aapl", "") == DUET_OK, "%s", duet_error_text());
    ck_assert_uint_eq(series->count, 4);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_LEFT_OUT], 1);
    duet_series_close(series);
    ck_assert_msg(open_with("equity/usa/minute/aapl", "kind=quotes") == DUET_OK, "%s", duet_error_text());
    ck_assert_uint_eq(series->info.rows, 3);
    ck_assert_uint_eq(series->count, 2); // one row lacks the bid
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_BLANK_CELL], 1);
    ck_assert_double_eq(bar_at(0).open, 644.8);
    ck_assert_double_eq(bar_at(0).close, 644.85);
    duet_series_close(series);
    ck_assert_int_eq(open_with("equity/usa/minute/aapl", "kind=quotes,price=ask"), DUET_OK);
    ck_assert_uint_eq(series->count, 3);
    ck_assert_double_eq(bar_at(0).close, 645.1);
    duet_series_close(series);
    ck_assert_int_eq(open_with("equity/usa/minute/aapl", "kind=quotes,price=bid"), DUET_OK);
    ck_assert_double_eq(bar_at(1).low, 644.5);
    duet_series_close(series);
}
END_TEST

START_TEST(factors_hold_up_to_and_with_their_day) {
    put("equity/usa/factor_files/abc.csv", "20200102,0.5,0.25,100\n20200106,0.8,0.5,100\n20501231,1,1,0\n");
    put("equity/usa/daily/abc.csv", "20200102 00:00,1000000,1100000,900000,1000000,100\n"
                                    "20200103 00:00,1000000,1100000,900000,1000000,100\n"
                                    "20200106 00:00,1000000,1100000,900000,1000000,100\n"
                                    "20200107 00:00,1000000,1100000,900000,1000000,100\n");
    ck_assert_msg(open_with("equity/usa/daily/abc.csv", "adjust=total") == DUET_OK, "%s", duet_error_text());
    ck_assert_double_eq(bar_at(0).close, 12.5); // 100 · 0.5 · 0.25
    ck_assert_double_eq(bar_at(1).high, 44); // 110 · 0.8 · 0.5: the second row reaches back to the first
    ck_assert_double_eq(bar_at(2).close, 40);
    ck_assert_double_eq(bar_at(3).close, 100);
    ck_assert_double_eq(bar_at(0).volume, 400);
    duet_series_close(series);
    ck_assert_int_eq(open_with("equity/usa/daily/abc.csv", "adjust=split"), DUET_OK);
    ck_assert_double_eq(bar_at(0).close, 25);
    ck_assert_double_eq(bar_at(2).close, 50);
    duet_series_close(series);
    put("equity/usa/daily/xyz.csv", "20200102 00:00,1000000,1100000,900000,1000000,100\n");
    ck_assert_int_eq(open_with("equity/usa/daily/xyz.csv", "adjust=total"), DUET_EDATA);
    ck_assert_msg(strstr(duet_error_text(), "factor_files/xyz.csv") != NULL, "%s", duet_error_text());
}
END_TEST

START_TEST(a_map_file_tells_which_rows_are_of_another_security) {
    put("equity/usa/map_files/goog.csv", "20140327,goocv,Q\n20140402,goocv,Q\n20501231,goog,Q\n");
    put("equity/usa/daily/goog.csv", "20140401 00:00,11350000,11360000,11340000,11350000,1\n"
                                     "20140402 00:00,11350000,11360000,11340000,11350000,1\n"
                                     "20140403 00:00,5690000,5870000,5640000,5690000,1\n");
    ck_assert_msg(open_with("equity/usa/daily/goog.csv", "") == DUET_OK, "%s", duet_error_text());
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_OTHER_SECURITY], 2);
    ck_assert_uint_eq(series->info.warning_line[DUET_DATA_OTHER_SECURITY], 1);
    duet_series_close(series);
}
END_TEST

START_TEST(forex_and_crypto_prices_stand_as_they_are) {
    put("forex/fxcm/minute/eurusd/20140501_quote.csv",
        "0,1.3873,1.3875,1.3872,1.3873,0,1.3875,1.3876,1.3874,1.3876,0\n");
    ck_assert_int_eq(open_with("forex/fxcm/minute/eurusd/20140501_quote.csv", ""), DUET_OK);
    ck_assert_str_eq(series->info.tz, "-05:00");
    ck_assert_double_eq(bar_at(0).close, 1.38745);
    ck_assert(!series->info.has_volume);
    duet_series_close(series);
    put("crypto/coinbase/minute/btcusd/20161007_trade.csv", "0,611.78,611.91,611.78,611.9,1.13872\n");
    ck_assert_int_eq(open_with("crypto/coinbase/minute/btcusd/20161007_trade.csv", ""), DUET_OK);
    ck_assert_double_eq(bar_at(0).high, 611.91);
    ck_assert_double_eq(bar_at(0).volume, 1.13872);
    duet_series_close(series);
}
END_TEST

START_TEST(rows_in_error_are_named_by_their_line_and_column) {
    put("equity/usa/minute/abc/20140605_trade.csv", MINUTES "17100000,1,2,x,1,1\n");
    ck_assert_int_eq(open_with("equity/usa/minute/abc/20140605_trade.csv", ""), DUET_EDATA);
    ck_assert_msg(
        strstr(duet_error_text(), ":3: column \"low\": \"x\" is not a number") != NULL, "%s", duet_error_text());
    ck_assert_int_eq(open_with("equity/usa/minute/abc/20140605_trade.csv", "on_error=skip"), DUET_OK);
    ck_assert_uint_eq(series->count, 2);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_SKIPPED_ERROR], 1);
    duet_series_close(series);
    put("equity/usa/minute/abc/20140605_trade.csv", MINUTES "86400000,1,2,1,1,1\n");
    ck_assert_int_eq(open_with("equity/usa/minute/abc/20140605_trade.csv", ""), DUET_EDATA);
    ck_assert_msg(strstr(duet_error_text(), ":3: column \"time\"") != NULL, "%s", duet_error_text());
    put("equity/usa/daily/abc.csv",
        "20140605 00:00,10000,20000,10000,10000,1\n39960204 00:00,10000,20000,10000,10000,1\n");
    ck_assert_int_eq(open_with("equity/usa/daily/abc.csv", ""), DUET_EDATA);
    ck_assert_msg(strstr(duet_error_text(), ":2: column \"time\"") != NULL, "%s", duet_error_text());
}
END_TEST

START_TEST(names_alone_do_not_make_a_file_lean) {
    put("equity/usa/minute/abc/20140605_trade.csv",
        "2020-01-02 09:30:00,1,2,1,1,1\n2020-01-02 09:31:00,1,2,1,1,1\n2020-01-02 09:32:00,1,2,1,1,1\n");
    ck_assert_msg(open_with("equity/usa/minute/abc/20140605_trade.csv", "") == DUET_OK, "%s", duet_error_text());
    ck_assert_str_eq(series->info.dialect, "csv");
    ck_assert_double_eq(bar_at(0).high, 2);
    duet_series_close(series);
}
END_TEST

DUET_TEST_MAIN("lean", fresh, minutes_of_shares_are_dollars_at_new_york_time, the_user_knows_better_than_the_folders,
    a_folder_is_one_series_and_its_quotes_are_left_out_aloud, factors_hold_up_to_and_with_their_day,
    a_map_file_tells_which_rows_are_of_another_security, forex_and_crypto_prices_stand_as_they_are,
    rows_in_error_are_named_by_their_line_and_column, names_alone_do_not_make_a_file_lean)
