/*
 * Trades and quotes as series: what is stored is what was written, in the order of time, from the file and from the
 * cache alike. Values of real files are those of the manifest and of their own lines.
 */
#include "data/tick_series.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/time.h"
#include "support/folder.h"
#include "support/shared.h"
#include "support/suite.h"

static char source[96], cache[96];
static struct duet_series_options options;

static void in_a_folder_of_its_own(void) {
    duet_test_fresh_folder();
    snprintf(source, sizeof(source), "%s/T.csv", duet_test_folder);
    snprintf(cache, sizeof(cache), "%s/cache/duet", duet_test_folder);
    options = (struct duet_series_options){.cache_folder = cache};
}

static enum duet_status opening(const char *path, const char *keys, struct duet_series **out) {
    char text[4200];
    struct duet_data_spec spec;
    snprintf(text, sizeof(text), "T=%s%s", path, keys);
    ck_assert_int_eq(duet_data_spec_parse(text, &spec), DUET_OK);
    enum duet_status status = duet_series_open(&spec, &options, out);
    duet_data_spec_finish(&spec);
    return status;
}

static struct duet_series *opened(const char *path, const char *keys) {
    struct duet_series *series = NULL;
    enum duet_status status = opening(path, keys, &series);
    ck_assert_msg(status == DUET_OK, "%s", duet_error_text());
    return series;
}

static struct duet_series *of_text(const char *text, const char *keys) {
    FILE *file = fopen(source, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return opened(source, keys);
}

static struct duet_trade trade_at(const struct duet_series *series, uint64_t index) {
    struct duet_trade trade;
    duet_series_trade(series, index, &trade);
    return trade;
}

static struct duet_quote quote_at(const struct duet_series *series, uint64_t index) {
    struct duet_quote quote;
    duet_series_quote(series, index, &quote);
    return quote;
}

START_TEST(trades_come_with_price_quantity_and_side) {
    struct duet_series *series = of_text("timestamp,price,amount,side\n"
                                         "2024-01-02T10:00:00.001Z,100.25,1.5,buy\n"
                                         "2024-01-02T10:00:00.002Z,100.2,0.25,sell\n",
        "");
    ck_assert_int_eq(series->info.kind, DUET_KIND_TRADES);
    ck_assert_uint_eq(series->count, 2);
    ck_assert_int_eq(series->interval_ns, 0);
    ck_assert_uint_eq(series->info.price_decimals, 2);
    ck_assert_uint_eq(series->info.quantity_decimals, 2);
    struct duet_trade first = trade_at(series, 0), second = trade_at(series, 1);
    ck_assert_int_eq(first.time_ns, INT64_C(1704189600001000000)); // date -u -d 2024-01-02T10:00 +%s
    ck_assert_double_eq(first.price, 100.25);
    ck_assert_int_eq(first.price_scaled, 10025);
    ck_assert_int_eq(first.quantity_scaled, 150);
    ck_assert_int_eq(first.side, 1);
    ck_assert_int_eq(second.price_scaled, 10020);
    ck_assert_double_eq(second.quantity, 0.25);
    ck_assert_int_eq(second.side, -1);
    ck_assert_int_eq(series->last_close_ns, second.time_ns);
    duet_series_close(series);
}
END_TEST

START_TEST(repeated_stamps_keep_the_order_of_the_file_and_rows_out_of_order_are_sorted) {
    struct duet_series *series = of_text("timestamp,price,amount\n"
                                         "1704189600,3,1\n1704189602,5,1\n1704189602,4,1\n"
                                         "1704189601,1,1\n1704189602,6,1\n1704189601,2,1\n",
        "");
    static const int64_t expected[] = {3, 1, 2, 5, 4, 6};
    ck_assert_uint_eq(series->count, 6);
    for (uint64_t i = 0; i < 6; i++) {
        ck_assert_int_eq(trade_at(series, i).price_scaled, expected[i]);
    }
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_OUT_OF_ORDER], 2);
    ck_assert_uint_eq(series->info.warning_line[DUET_DATA_OUT_OF_ORDER], 5);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_DUPLICATE], 0);
    ck_assert_uint_eq(duet_series_find(series, INT64_C(1704189601000000000)), 1);
    ck_assert_uint_eq(duet_series_find(series, INT64_C(1704189602000000001)), 6);
    duet_series_close(series);
}
END_TEST

START_TEST(a_file_from_the_latest_to_the_earliest_row_is_turned_round) {
    struct duet_series *series = of_text("timestamp,price,amount\n"
                                         "1704189602,4,1\n1704189602,3,1\n1704189601,2,1\n1704189600,1,1\n",
        "");
    ck_assert(series->info.descending);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_OUT_OF_ORDER], 0);
    for (int64_t i = 0; i < 4; i++) {
        ck_assert_int_eq(trade_at(series, (uint64_t)i).price_scaled, i + 1);
    }
    duet_series_close(series);
}
END_TEST

START_TEST(decimals_that_show_up_late_count_for_all_rows) {
    struct duet_series *series = of_text("timestamp,bid,ask\n"
                                         "2024-01-02 10:00:00,7,8\n2024-01-02 10:00:01,7.5,8\n"
                                         "2024-01-02 10:00:02,7.25,8.125\n",
        "");
    ck_assert_int_eq(series->info.kind, DUET_KIND_QUOTES);
    ck_assert_uint_eq(series->info.price_decimals, 3);
    ck_assert_int_eq(quote_at(series, 0).bid_scaled, 7000);
    ck_assert_int_eq(quote_at(series, 1).bid_scaled, 7500);
    ck_assert_int_eq(quote_at(series, 2).ask_scaled, 8125);
    ck_assert(!series->ticks_wide);
    duet_series_close(series);
}
END_TEST

START_TEST(prices_that_units_cannot_hold_stay_the_doubles_that_were_written) {
    struct duet_series *series = of_text("timestamp,price,amount\n"
                                         "1704189600,0.30000000000000004,1\n1704189601,123456789012.345,2\n",
        "");
    ck_assert(series->ticks_wide);
    ck_assert_double_eq(trade_at(series, 0).price, strtod("0.30000000000000004", NULL));
    ck_assert_double_eq(trade_at(series, 1).price, strtod("123456789012.345", NULL));
    ck_assert_uint_eq(series->info.price_decimals, 7); // nine would leave 64 bits
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_ROUNDED_PRICE], 1);
    ck_assert_uint_eq(series->info.warning_line[DUET_DATA_ROUNDED_PRICE], 2);
    duet_series_close(series);
}
END_TEST

START_TEST(given_decimals_are_those_of_the_series) {
    struct duet_series *more = of_text("timestamp,price,amount\n1704189600,2.5,1\n", ",decimals=4");
    ck_assert_int_eq(trade_at(more, 0).price_scaled, 25000);
    duet_series_close(more);
    struct duet_series *fewer =
        of_text("timestamp,price,amount\n1704189600,2.50,1\n1704189601,2.26,1\n", ",decimals=1");
    ck_assert(fewer->ticks_wide);
    ck_assert_int_eq(trade_at(fewer, 0).price_scaled, 25);
    ck_assert_int_eq(trade_at(fewer, 1).price_scaled, 23);
    ck_assert_double_eq(trade_at(fewer, 1).price, 2.26);
    ck_assert_uint_eq(fewer->info.warnings[DUET_DATA_ROUNDED_PRICE], 1);
    duet_series_close(fewer);
}
END_TEST

START_TEST(odd_quotes_are_kept_and_counted_by_name) {
    struct duet_series *series = of_text("timestamp,bid,ask,bid_size,ask_size\n"
                                         "2024-01-02 10:00:00,7,8,10,20\n"
                                         "2024-01-02 10:00:01,9,8,10,20\n" // crossed
                                         "2024-01-02 10:00:02,0,8,0,20\n" // nobody bids
                                         "2024-01-02 10:00:03,7,,10,\n" // nobody asks
                                         "2024-01-02 10:00:04,-7,8,10,20\n",
        "");
    ck_assert_uint_eq(series->count, 4);
    ck_assert_uint_eq(series->info.rows, 5);
    ck_assert_uint_eq(series->info.skipped, 1);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_CROSSED_QUOTE], 1);
    ck_assert_uint_eq(series->info.warning_line[DUET_DATA_CROSSED_QUOTE], 3);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_ZERO_PRICE], 2);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_NEGATIVE_PRICE], 1);
    ck_assert_double_eq(quote_at(series, 0).ask_size, 20);
    ck_assert_int_eq(quote_at(series, 2).bid_scaled, 0);
    ck_assert_int_eq(quote_at(series, 3).ask_scaled, 0);
    duet_series_close(series);
}
END_TEST

START_TEST(a_trade_without_a_price_above_zero_is_left_out_and_counted) {
    struct duet_series *series = of_text("timestamp,price,amount\n"
                                         "1704189600,0,1\n1704189601,5,0\n1704189602,-1,1\n1704189603,6,1\n",
        "");
    ck_assert_uint_eq(series->count, 2);
    ck_assert_uint_eq(series->info.rows, 4);
    ck_assert_uint_eq(series->info.skipped, 2);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_ZERO_PRICE], 1);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_NEGATIVE_PRICE], 1);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_ZERO_VOLUME], 1);
    duet_series_close(series);
}
END_TEST

START_TEST(a_row_in_error_is_refused_with_its_line_or_skipped_where_that_was_asked_for) {
    const char *text = "timestamp,price,amount\n1704189600,5,1\n1704189601,x,1\n1704189602,6,1\n";
    FILE *file = fopen(source, "w");
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    struct duet_series *series = NULL;
    ck_assert_int_eq(opening(source, "", &series), DUET_EDATA);
    ck_assert_msg(
        strstr(duet_error_text(), "T.csv:3: column \"price\": \"x\" is not a number") != NULL, "%s", duet_error_text());
    series = opened(source, ",on_error=skip");
    ck_assert_uint_eq(series->count, 2);
    ck_assert_uint_eq(series->info.skipped, 1);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_SKIPPED_ERROR], 1);
    duet_series_close(series);
}
END_TEST

START_TEST(columns_may_be_named_for_trades_and_quotes) {
    struct duet_series *series = of_text("1704189600,7,8\n1704189601,9,9\n", ",columns=time,ask,bid");
    ck_assert_int_eq(series->info.kind, DUET_KIND_QUOTES);
    ck_assert_int_eq(quote_at(series, 0).ask_scaled, 7);
    duet_series_close(series);
    series = opened(source, ",columns=time,-,price");
    ck_assert_int_eq(series->info.kind, DUET_KIND_TRADES);
    ck_assert_int_eq(trade_at(series, 1).price_scaled, 9);
    ck_assert_double_eq(trade_at(series, 1).quantity, 0);
    duet_series_close(series);
    struct duet_data_spec spec;
    ck_assert_int_eq(duet_data_spec_parse("T=x.csv,columns=time,bid,-", &spec), DUET_EINVAL);
    ck_assert_str_eq(duet_error_text(), "columns=: \"ask\" is missing");
}
END_TEST

/* --------------------------------------------------------------------------------------------------- the cache */

static void write_many(uint64_t rows) {
    FILE *file = fopen(source, "w");
    ck_assert_ptr_nonnull(file);
    fputs("timestamp,bid,ask,bid_size,ask_size\n", file);
    for (uint64_t i = 0; i < rows; i++) {
        fprintf(file, "%llu,%llu.%02llu,%llu.%02llu,%llu,1\n", (unsigned long long)(1704189600000 + i / 3),
            (unsigned long long)(100 + i % 7), (unsigned long long)(i % 100), (unsigned long long)(108 + i % 5),
            (unsigned long long)(i % 97), (unsigned long long)i);
    }
    ck_assert_int_eq(fclose(file), 0);
}

static void cache_path(char *out, size_t size) {
    DIR *folder = opendir(cache);
    ck_assert_ptr_nonnull(folder);
    out[0] = '\0';
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            snprintf(out, size, "%s/%s", cache, entry->d_name);
        }
    }
    (void)closedir(folder);
}

START_TEST(cold_and_warm_give_identical_ticks) {
    write_many(10000);
    struct duet_series *cold = opened(source, ""), *warm = opened(source, "");
    ck_assert(!cold->info.from_cache && warm->info.from_cache);
    ck_assert_uint_eq(warm->count, 10000);
    for (uint64_t i = 0; i < 10000; i++) {
        ck_assert_int_eq(duet_series_verify(warm, i), DUET_OK);
        struct duet_quote a = quote_at(cold, i), b = quote_at(warm, i);
        ck_assert_int_eq(memcmp(&a, &b, sizeof(a)), 0);
        ck_assert_double_eq(b.bid_size, (double)i);
        ck_assert_int_eq(b.time_ns, (int64_t)(1704189600000 + i / 3) * 1000000);
    }
    warm->info.from_cache = false;
    warm->info.load_s = cold->info.load_s;
    ck_assert_int_eq(memcmp(&cold->info, &warm->info, sizeof(cold->info)), 0);
    duet_series_close(cold);
    duet_series_close(warm);
}
END_TEST

START_TEST(a_damaged_block_of_ticks_is_found_before_it_is_used) {
    write_many(10000);
    duet_series_close(opened(source, ""));
    char path[4096];
    cache_path(path, sizeof(path));
    int fd = open(path, O_RDWR);
    unsigned char byte;
    off_t place = 4096 + 5000 * 40 + 9;
    ck_assert_int_eq(pread(fd, &byte, 1, place), 1);
    byte ^= 1;
    ck_assert_int_eq(pwrite(fd, &byte, 1, place), 1);
    ck_assert_int_eq(close(fd), 0);
    struct duet_series *series = opened(source, "");
    ck_assert(series->info.from_cache);
    ck_assert_int_eq(duet_series_verify(series, 0), DUET_OK);
    ck_assert_int_eq(duet_series_verify(series, 5000), DUET_EDATA);
    duet_series_close(series);
    series = opened(source, "");
    ck_assert(!series->info.from_cache); // it has been removed, and built anew
    duet_series_close(series);
}
END_TEST

START_TEST(a_changed_file_is_read_again) {
    struct duet_series *series = of_text("timestamp,price,amount\n1704189600,5,1\n", "");
    duet_series_close(series);
    series = of_text("timestamp,price,amount\n1704189600,5,1\n1704189601,6,1\n", "");
    ck_assert(!series->info.from_cache);
    ck_assert_uint_eq(series->count, 2);
    duet_series_close(series);
}
END_TEST

/* --------------------------------------------------------------------------------------------------- real files */

struct real_file {
    const char *path, *keys, *dialect;
    enum duet_data_kind kind;
    uint64_t rows;
    const char *first, *last; // UTC
    double price; // of the first row: of a trade, or the bid
};

/* Rows and labels are the manifest's; zones those that the dialects state, New York's winter for HistData. */
static const struct real_file real_files[] = {
    {"histdata/quote_tick_data_EURUSD_202001.csv", "", "histdata_ticks", DUET_KIND_QUOTES, 9500,
        "2020-01-01T22:00:00.065Z", "2020-01-02T04:00:52.125Z", 1.1212},
    {"truefx/usdjpy-ticks.csv", "", "truefx", DUET_KIND_QUOTES, 1000, "2013-01-01T22:00:00.295Z",
        "2013-01-01T22:35:13.494Z", 86.655},
    {"mtgox/trades-mgtox-usd-2013-01-01.csv", "", "mtgox", DUET_KIND_TRADES, 2331, "2013-01-01T00:04:19.486096Z",
        "2013-01-01T23:58:31.193969Z", 13.51001},
    {"kraken/BCHEUR.csv", "", "kraken_trades", DUET_KIND_TRADES, 148, "2023-01-01T00:03:56Z", "2023-01-01T23:19:47Z",
        90.54},
    {"freqtrade/public_trades_list.csv", "", "freqtrade_trades", DUET_KIND_TRADES, 1000, "2023-02-02T09:20:00.138Z",
        "2023-02-02T09:23:27.493Z", 1666.8},
    {"binance_aggtrades/XRPETH-aggTrades-2019-10-11.csv", "", "binance_aggtrades", DUET_KIND_TRADES, 12477,
        "2019-10-11T00:00:11.620Z", "2019-10-13T11:19:28.844Z", 0.00141342},
    {"backtrader/ticksample.csv", "", "csv", DUET_KIND_TRADES, 135, "2015-09-23T20:57:42.146Z",
        "2015-09-23T21:00:00.238Z", 3067},
    {"backtrader/bidask.csv", ",dates=dmy", "csv", DUET_KIND_QUOTES, 10, "2010-03-02T16:53:50Z", "2010-03-02T16:53:59Z",
        0.5346},
};

static int64_t utc(const char *text) {
    int year, month, day, hour, minute, second, used = 0;
    ck_assert_int_eq(sscanf(text, "%d-%d-%dT%d:%d:%d%n", &year, &month, &day, &hour, &minute, &second, &used), 6);
    char digits[10] = "000000000";
    for (size_t i = 0; text[used] == '.' && text[used + 1 + (int)i] != 'Z'; i++) {
        digits[i] = text[used + 1 + (int)i];
    }
    int64_t seconds = (duet_days_from_civil(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
    return seconds * DUET_SECOND_NS + strtoll(digits, NULL, 10);
}

START_TEST(every_tick_file_of_the_manifest_is_a_series) {
    if (!duet_shared_has("data/ticks")) {
        return;
    }
    for (size_t i = 0; i < sizeof(real_files) / sizeof(real_files[0]); i++) {
        const struct real_file *file = &real_files[i];
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", duet_shared_path("data/ticks"), file->path);
        struct duet_series *series = opened(path, file->keys);
        ck_assert_msg(series->info.kind == file->kind, "%s", file->path);
        ck_assert_str_eq(series->info.dialect, file->dialect);
        ck_assert_uint_eq(series->info.rows, file->rows);
        ck_assert_uint_eq(series->count, file->rows);
        ck_assert_int_eq(duet_series_tick_ns(series, 0), utc(file->first));
        ck_assert_int_eq(duet_series_tick_ns(series, series->count - 1), utc(file->last));
        ck_assert_double_eq(series->trades != NULL ? trade_at(series, 0).price : quote_at(series, 0).bid, file->price);
        ck_assert(!series->ticks_wide);
        duet_series_close(series);
    }
}
END_TEST

START_TEST(sides_are_read_whichever_way_they_are_written) {
    if (!duet_shared_has("data/ticks")) {
        return;
    }
    char path[4096];
    // "ask": the order that came was a sell; True: the buyer was the one that waited, so the seller came.
    snprintf(path, sizeof(path), "%s", duet_shared_path("data/ticks/mtgox/trades-mgtox-usd-2013-01-01.csv"));
    struct duet_series *series = opened(path, "");
    ck_assert_int_eq(trade_at(series, 0).side, -1);
    ck_assert_int_eq(trade_at(series, 1).side, 1);
    duet_series_close(series);
    snprintf(
        path, sizeof(path), "%s", duet_shared_path("data/ticks/binance_aggtrades/XRPETH-aggTrades-2019-10-11.csv"));
    series = opened(path, "");
    ck_assert_int_eq(trade_at(series, 0).side, -1);
    duet_series_close(series);
}
END_TEST

DUET_TEST_MAIN("tick_series", in_a_folder_of_its_own, trades_come_with_price_quantity_and_side,
    repeated_stamps_keep_the_order_of_the_file_and_rows_out_of_order_are_sorted,
    a_file_from_the_latest_to_the_earliest_row_is_turned_round, decimals_that_show_up_late_count_for_all_rows,
    prices_that_units_cannot_hold_stay_the_doubles_that_were_written, given_decimals_are_those_of_the_series,
    odd_quotes_are_kept_and_counted_by_name, a_trade_without_a_price_above_zero_is_left_out_and_counted,
    a_row_in_error_is_refused_with_its_line_or_skipped_where_that_was_asked_for,
    columns_may_be_named_for_trades_and_quotes, cold_and_warm_give_identical_ticks,
    a_damaged_block_of_ticks_is_found_before_it_is_used, a_changed_file_is_read_again,
    every_tick_file_of_the_manifest_is_a_series, sides_are_read_whichever_way_they_are_written)
