/* Longer bars, worked out by hand; and against pandas and backtrader where the conformance material is there. */
#include "data/aggregate.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "data/bars.h"
#include "data/series.h"
#include "data/zone.h"
#include "support/shared.h"
#include "support/suite.h"

#define M DUET_MINUTE_NS
#define MADE_MAX 8192

static struct duet_aggregate aggregate;
static struct duet_bar made[MADE_MAX];
static size_t made_count;

static void make(const char *bars) {
    struct duet_aggregate_options options = {.instrument = 3, .price_decimals = 2, .quantity_decimals = 3};
    ck_assert_int_eq(duet_bars_parse(bars, &options.bars), DUET_OK);
    ck_assert_msg(duet_aggregate_init(&aggregate, &options) == DUET_OK, "%s", duet_error_text());
    made_count = 0;
}

static void close_by(int64_t now_ns) {
    while (duet_aggregate_next(&aggregate, now_ns, &made[made_count])) {
        made_count++;
        ck_assert_uint_lt(made_count, MADE_MAX);
    }
}

static struct duet_bar minute(int64_t minute, const int64_t prices[4], double volume) {
    return (struct duet_bar){.size = sizeof(struct duet_bar),
        .instrument = 3,
        .open_ns = minute * M,
        .close_ns = (minute + 1) * M,
        .interval_ns = M,
        .open = (double)prices[0] / 100,
        .high = (double)prices[1] / 100,
        .low = (double)prices[2] / 100,
        .close = (double)prices[3] / 100,
        .volume = volume,
        .open_scaled = prices[0],
        .high_scaled = prices[1],
        .low_scaled = prices[2],
        .close_scaled = prices[3],
        .price_decimals = 2};
}

/** A minute's bar, and what it closes. */
static void take(int64_t at_minute, int64_t open, int64_t high, int64_t low, int64_t close, double volume) {
    const struct duet_bar bar = minute(at_minute, (const int64_t[]){open, high, low, close}, volume);
    close_by(bar.close_ns - 1);
    duet_aggregate_bar(&aggregate, &bar);
    close_by(bar.close_ns);
}

static void is(size_t index, int64_t opens, int64_t closes, int64_t open, int64_t high, int64_t low, int64_t close,
    double volume) {
    ck_assert_uint_lt(index, made_count);
    const struct duet_bar *bar = &made[index];
    ck_assert_int_eq(bar->open_ns, opens);
    ck_assert_int_eq(bar->close_ns, closes);
    ck_assert_int_eq(bar->open_scaled, open);
    ck_assert_int_eq(bar->high_scaled, high);
    ck_assert_int_eq(bar->low_scaled, low);
    ck_assert_int_eq(bar->close_scaled, close);
    ck_assert_double_eq(bar->open, (double)open / 100);
    ck_assert_double_eq(bar->high, (double)high / 100);
    ck_assert_double_eq(bar->low, (double)low / 100);
    ck_assert_double_eq(bar->close, (double)close / 100);
    ck_assert_double_eq(bar->volume, volume);
    ck_assert_uint_eq(bar->size, sizeof(*bar));
    ck_assert_uint_eq(bar->instrument, 3);
    ck_assert_uint_eq(bar->price_decimals, 2);
    ck_assert_int_eq(bar->interval_ns, aggregate.options.bars);
}

/* ---------------------------------------------------------------------------------------------------------- time */

START_TEST(five_minutes_make_one_bar_that_closes_with_the_last) {
    make("5m");
    take(0, 100, 110, 95, 105, 1.5);
    take(1, 105, 120, 104, 106, 2);
    take(2, 106, 107, 90, 92, 0.001);
    take(3, 92, 93, 91, 93, 4);
    ck_assert_uint_eq(made_count, 0);
    ck_assert_int_eq(duet_aggregate_due_ns(&aggregate), 5 * M);
    take(4, 93, 96, 92, 95, 0);
    is(0, 0, 5 * M, 100, 120, 90, 95, 7.501);
    ck_assert_uint_eq(made[0].flags, 0);
    ck_assert_uint_eq(made_count, 1);
    ck_assert_int_eq(duet_aggregate_due_ns(&aggregate), INT64_MAX);
}
END_TEST

START_TEST(a_bar_closes_by_the_clock_when_its_last_minute_is_missing) {
    make("5m");
    take(0, 100, 110, 95, 105, 1);
    close_by(5 * M - 1);
    ck_assert_uint_eq(made_count, 0);
    close_by(5 * M);
    is(0, 0, 5 * M, 100, 110, 95, 105, 1);
    close_by(50 * M); // spans without anything in them yield no bar
    ck_assert_uint_eq(made_count, 1);
    take(31, 100, 100, 100, 100, 1);
    close_by(35 * M);
    is(1, 30 * M, 35 * M, 100, 100, 100, 100, 1);
    ck_assert_uint_eq(made[1].flags, 0); // a hole in the data is none in the bar
}
END_TEST

START_TEST(data_that_begins_or_ends_inside_of_a_span_is_marked) {
    make("5m");
    take(3, 100, 110, 95, 105, 1);
    take(4, 100, 100, 100, 100, 1);
    is(0, 0, 5 * M, 100, 110, 95, 100, 2);
    ck_assert_uint_eq(made[0].flags, DUET_BAR_PARTIAL);
    take(5, 101, 102, 100, 102, 1);
    take(6, 102, 103, 101, 103, 1);
    ck_assert(duet_aggregate_flush(&aggregate, &made[made_count++]));
    is(1, 5 * M, 7 * M, 101, 103, 100, 103, 2); // known when its last minute closed
    ck_assert_uint_eq(made[1].flags, DUET_BAR_PARTIAL);
    ck_assert(!duet_aggregate_flush(&aggregate, &made[made_count]));
    ck_assert_int_eq(duet_aggregate_due_ns(&aggregate), INT64_MAX);
}
END_TEST

START_TEST(what_comes_after_its_span_is_over_is_left_out_and_counted) {
    make("5m");
    take(0, 100, 110, 95, 105, 1);
    close_by(5 * M);
    take(4, 500, 500, 500, 500, 1);
    ck_assert_uint_eq(aggregate.state.late, 1);
    take(5, 101, 102, 100, 102, 1);
    take(4, 500, 500, 500, 500, 1);
    ck_assert_uint_eq(aggregate.state.late, 2);
    take(9, 102, 102, 102, 102, 1);
    is(1, 5 * M, 10 * M, 101, 102, 100, 102, 2);
}
END_TEST

START_TEST(a_shorter_bar_that_reaches_over_the_edge_belongs_where_it_ends) {
    make("5m");
    struct duet_bar bar = minute(4, (const int64_t[]){100, 100, 100, 100}, 1);
    bar.close_ns = 6 * M; // of two minutes
    duet_aggregate_bar(&aggregate, &bar);
    close_by(9 * M);
    ck_assert_uint_eq(made_count, 0);
    close_by(10 * M);
    is(0, 5 * M, 10 * M, 100, 100, 100, 100, 1);
    ck_assert_uint_eq(made[0].flags, 0);
}
END_TEST

START_TEST(it_goes_on_from_a_copy_of_its_state) {
    make("5m");
    take(0, 100, 110, 95, 105, 1.5);
    take(1, 105, 120, 104, 106, 2);
    struct duet_aggregate_state saved = aggregate.state;
    make("5m");
    aggregate.state = saved;
    take(4, 93, 96, 92, 95, 0);
    is(0, 0, 5 * M, 100, 120, 92, 95, 3.5);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------ counted */

START_TEST(every_n_pieces_make_a_tick_bar) {
    make("tick:3");
    for (int64_t i = 0; i < 7; i++) {
        take(10 + i, 100 + i, 110 + i, 90 + i, 105 + i, 1);
    }
    ck_assert_uint_eq(made_count, 2);
    is(0, 10 * M, 13 * M, 100, 112, 90, 107, 3);
    is(1, 13 * M, 16 * M, 103, 115, 93, 110, 3);
    ck_assert_uint_eq(made[0].flags, 0);
    ck_assert(duet_aggregate_flush(&aggregate, &made[made_count++]));
    is(2, 16 * M, 17 * M, 106, 116, 96, 111, 1);
    ck_assert_uint_eq(made[2].flags, DUET_BAR_PARTIAL);
}
END_TEST

START_TEST(the_piece_that_fills_a_volume_bar_belongs_to_it_and_nothing_is_carried_over) {
    make("volume:10");
    take(0, 100, 100, 100, 100, 6);
    take(1, 101, 101, 101, 101, 25.5);
    take(2, 102, 102, 102, 102, 9.999);
    take(3, 103, 103, 103, 103, 0.001);
    take(4, 104, 104, 104, 104, 10);
    ck_assert_uint_eq(made_count, 3);
    is(0, 0, 2 * M, 100, 101, 100, 101, 31.5);
    is(1, 2 * M, 4 * M, 102, 103, 102, 103, 10);
    is(2, 4 * M, 5 * M, 104, 104, 104, 104, 10);
}
END_TEST

START_TEST(a_value_bar_is_full_when_price_times_quantity_is) {
    make("value:50");
    take(0, 1000, 1000, 900, 1000, 2); // 10.00 · 2 = 20
    take(1, 1000, 1100, 1000, 1000, 2.999); // 29.99: 49.99
    take(2, 1000, 1000, 1000, 1000, 0.001); // 0.01
    take(3, 5000, 5000, 5000, 5000, 1);
    ck_assert_uint_eq(made_count, 2);
    is(0, 0, 3 * M, 1000, 1100, 900, 1000, 5);
    is(1, 3 * M, 4 * M, 5000, 5000, 5000, 5000, 1);
}
END_TEST

/* --------------------------------------------------------------------------------------------------------- renko */

START_TEST(bricks_stand_on_multiples_and_turn_after_two_sizes) {
    make("renko:1");
    take(0, 10040, 10060, 10030, 10040, 5); // nearest edge: 100
    take(1, 10040, 10120, 9950, 10099, 1); // not there yet
    take(2, 10099, 10150, 10090, 10100, 2); // there: 100 to 101
    ck_assert_uint_eq(made_count, 1);
    is(0, 0, 3 * M, 10000, 10100, 9950, 10100, 8);
    take(3, 10100, 10110, 9905, 9901, 1); // a turn wants 99.00
    ck_assert_uint_eq(made_count, 1);
    take(4, 9901, 9910, 9890, 9900, 1);
    ck_assert_uint_eq(made_count, 2);
    is(1, 3 * M, 5 * M, 10000, 10110, 9900, 9900, 2);
    take(5, 9900, 10150, 9890, 10099, 1); // and back up at 101.00
    ck_assert_uint_eq(made_count, 2);
    take(6, 10099, 10200, 10099, 10100, 1);
    is(2, 5 * M, 7 * M, 10000, 10100, 9890, 10100, 2);
}
END_TEST

START_TEST(one_bar_may_close_several_bricks_in_order) {
    make("renko:0.5");
    take(0, 1000, 1000, 1000, 1000, 3);
    take(1, 1000, 1230, 990, 1220, 4); // 10.5, 11, 11.5, 12
    ck_assert_uint_eq(made_count, 4);
    is(0, 0, 2 * M, 1000, 1050, 990, 1050, 7); // the wick and the volume are the first one's
    is(1, 2 * M, 2 * M, 1050, 1100, 1050, 1100, 0);
    is(2, 2 * M, 2 * M, 1100, 1150, 1100, 1150, 0);
    is(3, 2 * M, 2 * M, 1150, 1200, 1150, 1200, 0);
    take(2, 1220, 1225, 1000, 1040, 1); // down from 11.50: 11, 10.5
    ck_assert_uint_eq(made_count, 6);
    is(4, 2 * M, 3 * M, 1150, 1225, 1100, 1100, 1);
    is(5, 3 * M, 3 * M, 1100, 1100, 1050, 1050, 0);
    ck_assert(duet_aggregate_flush(&aggregate, &made[made_count++]));
    is(6, 3 * M, 3 * M, 1050, 1050, 1040, 1040, 0);
    ck_assert_uint_eq(made[6].flags, DUET_BAR_PARTIAL);
}
END_TEST

START_TEST(a_brick_finer_than_prices_is_refused) {
    struct duet_aggregate_options options = {.bars = DUET_BARS_RENKO(0.001), .price_decimals = 2};
    ck_assert_int_eq(duet_aggregate_init(&aggregate, &options), DUET_ENOTFOUND);
    ck_assert_str_eq(duet_error_text(), "no bars of renko:0.001: prices here have 2 decimals");
    options.price_decimals = 3;
    ck_assert_int_eq(duet_aggregate_init(&aggregate, &options), DUET_OK);
    options.price_decimals = 12;
    ck_assert_int_eq(duet_aggregate_init(&aggregate, &options), DUET_OK);
    ck_assert_int_eq(aggregate.size, 1000000000);
}
END_TEST

/* ---------------------------------------------------------------------------------------------------------- trades */

static bool trade(double second, int64_t price, int64_t quantity) {
    int64_t ns = (int64_t)(second * 1e9);
    close_by(ns);
    bool opens = duet_aggregate_trade(&aggregate, ns, price, quantity);
    close_by(ns);
    return opens;
}

START_TEST(trades_make_bars_of_time_that_the_next_span_does_not_share) {
    make("1m");
    ck_assert(trade(60, 10050, 1500));
    ck_assert(!trade(70, 10100, 500));
    ck_assert(!trade(71, 9990, 0)); // a quote's middle
    ck_assert(!trade(119.999, 10010, 1));
    ck_assert_uint_eq(made_count, 0);
    ck_assert(trade(120, 7, 1)); // the first instant of the next
    ck_assert_uint_eq(made_count, 1);
    is(0, M, 2 * M, 10050, 10100, 9990, 10010, 2.001);
    ck_assert_uint_eq(made[0].flags, 0);
    ck_assert(!trade(119, 7, 1));
    ck_assert_uint_eq(aggregate.state.late, 1);
}
END_TEST

START_TEST(trades_make_bars_that_are_not_of_time) {
    make("tick:2");
    ck_assert(trade(1, 100, 1000));
    ck_assert(!trade(2.5, 103, 1000));
    ck_assert(trade(2.5, 99, 500));
    ck_assert(!trade(4, 98, 0));
    is(0, DUET_SECOND_NS, 5 * DUET_SECOND_NS / 2, 100, 103, 100, 103, 2);
    is(1, 5 * DUET_SECOND_NS / 2, 4 * DUET_SECOND_NS, 99, 99, 98, 98, 0.5);
    make("value:3");
    (void)trade(1, 100, 2999);
    (void)trade(2, 100, 1);
    is(0, DUET_SECOND_NS, 2 * DUET_SECOND_NS, 100, 100, 100, 100, 3);
}
END_TEST

/* -------------------------------------------------------------------------------------------------- other programs */

static struct duet_zone *zone; // of the last one

/** All bars of a file, `bars` long, in made[]; the unfinished last one too. */
static void aggregate_file(const char *name, const char *keys, const char *bars, const char *zone_name) {
    char text[2048];
    struct duet_data_spec spec;
    struct duet_series *series = NULL;
    duet_zone_close(zone);
    zone = NULL;
    snprintf(text, sizeof(text), "X=%s%s", duet_shared_path(name), keys);
    ck_assert_msg(duet_data_spec_parse(text, &spec) == DUET_OK, "%s", duet_error_text());
    ck_assert_msg(duet_series_open(&spec, &(struct duet_series_options){.no_cache = true}, &series) == DUET_OK, "%s",
        duet_error_text());
    ck_assert_int_eq(duet_zone_open(zone_name, &zone), DUET_OK);
    struct duet_aggregate_options options = {.price_decimals = series->info.price_decimals, .zone = zone};
    ck_assert_int_eq(duet_bars_parse(bars, &options.bars), DUET_OK);
    ck_assert_msg(duet_aggregate_init(&aggregate, &options) == DUET_OK, "%s", duet_error_text());
    made_count = 0;
    for (uint64_t i = 0; i < series->count; i++) {
        struct duet_bar bar;
        duet_series_bar(series, i, &bar);
        close_by(bar.close_ns - 1);
        duet_aggregate_bar(&aggregate, &bar);
        close_by(bar.close_ns);
    }
    made_count += duet_aggregate_flush(&aggregate, &made[made_count]);
    duet_series_close(series);
    duet_data_spec_finish(&spec);
}

static json_t *load(const char *name) {
    json_error_t error;
    json_t *root = json_load_file(duet_shared_path(name), 0, &error);
    ck_assert_msg(root != NULL, "%s", error.text);
    return root;
}

/** pandas labels a bar with the midnight that begins its last day, or with an edge. */
enum label { LEFT, RIGHT, LAST_DAY };

static void equals_pandas(const json_t *root, const char *name, enum label label) {
    const json_t *wanted = json_object_get(json_object_get(root, "resample"), name);
    ck_assert_uint_eq(made_count, (size_t)json_integer_value(json_object_get(wanted, "bars")));
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(wanted, "rows"), index, row) {
        const struct duet_bar *bar = &made[json_integer_value(json_object_get(row, "i"))];
        int64_t ns;
        bool is_date;
        ck_assert_int_eq(duet_time_parse(json_string_value(json_object_get(row, "label")), &ns, &is_date), DUET_OK);
        struct duet_span span = duet_span_of(aggregate.options.zone, aggregate.options.bars, bar->open_ns);
        ck_assert_int_eq(ns, label == LEFT    ? bar->open_ns
                             : label == RIGHT ? span.close_ns
                                              : span.close_ns - DUET_DAY_NS);
        ck_assert_double_eq(bar->open, json_number_value(json_object_get(row, "open")));
        ck_assert_double_eq(bar->high, json_number_value(json_object_get(row, "high")));
        ck_assert_double_eq(bar->low, json_number_value(json_object_get(row, "low")));
        ck_assert_double_eq(bar->close, json_number_value(json_object_get(row, "close")));
        ck_assert_double_eq(bar->volume, json_number_value(json_object_get(row, "volume")));
    }
    ck_assert_uint_ge(index, 8);
}

#define EURUSD "conformance/backtesting_py/EURUSD.csv"
#define GOOG "conformance/backtesting_py/GOOG.csv"

START_TEST(the_six_resamplings_of_pandas_come_out) {
    json_t *root = load("conformance/pandas/values.json");
    aggregate_file(EURUSD, "", "4h", "UTC");
    equals_pandas(root, "EURUSD_4h_left", LEFT);
    aggregate_file(EURUSD, "", "1w", "UTC");
    equals_pandas(root, "EURUSD_1W_sun_right", LAST_DAY);
    aggregate_file(EURUSD, ",stamp=close", "4h", "UTC"); // closed=right says that labels are ends
    equals_pandas(root, "EURUSD_4h_closed_right_label_right", RIGHT);
    aggregate_file(EURUSD, "", "1d", "+07:00"); // days from 17:00 on
    equals_pandas(root, "EURUSD_1D_origin_17h", LEFT);
    aggregate_file(GOOG, "", "1q", "UTC");
    equals_pandas(root, "GOOG_quarter", LAST_DAY);
    aggregate_file(GOOG, "", "1w", "UTC");
    for (size_t i = 0; i < made_count; i++) {
        ck_assert_int_eq(made[i].open_ns % DUET_WEEK_NS, 4 * DUET_DAY_NS); // Mondays
    }
    json_t *weeks = json_object_get(json_object_get(root, "resample"), "GOOG_week_fri");
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(weeks, "rows"), index, row) { // as labelled by their Fridays
        int64_t ns;
        bool is_date;
        ck_assert_int_eq(duet_time_parse(json_string_value(json_object_get(row, "label")), &ns, &is_date), DUET_OK);
        const struct duet_bar *bar = &made[json_integer_value(json_object_get(row, "i"))];
        ck_assert_int_eq(bar->open_ns + 4 * DUET_DAY_NS, ns);
        ck_assert_double_eq(bar->close, json_number_value(json_object_get(row, "close")));
        ck_assert_double_eq(bar->volume, json_number_value(json_object_get(row, "volume")));
    }
    ck_assert_uint_eq(made_count, 446);
    json_decref(root);
}
END_TEST

START_TEST(the_weeks_of_backtrader_come_out_and_their_average) {
    aggregate_file("conformance/backtrader/datas/2006-day-001.txt", "", "1w", "UTC");
    ck_assert_uint_eq(made_count, 52);
    ck_assert_uint_eq(made[51].flags, DUET_BAR_PARTIAL); // the data ends on its Friday
    json_t *root = load("conformance/backtrader/indicators.json");
    size_t index, checked = 0;
    json_t *test;
    json_array_foreach(json_object_get(root, "tests"), index, test) {
        if (strcmp(json_string_value(json_object_get(test, "test")), "test_data_resample") != 0) {
            continue;
        }
        const json_t *at = json_object_get(test, "check_indexes_0based");
        for (size_t i = 0; i < json_array_size(at); i++, checked++) {
            json_int_t last = json_integer_value(json_array_get(at, i));
            double sum = 0;
            for (json_int_t k = last - 29; k <= last; k++) {
                sum += made[k].close;
            }
            char text[32];
            snprintf(text, sizeof(text), "%.6f", sum / 30);
            ck_assert_str_eq(
                text, json_string_value(json_array_get(json_array_get(json_object_get(test, "expected"), 0), i)));
        }
    }
    ck_assert_uint_eq(checked, 3);
    json_decref(root);
    static struct duet_bar weeks[64];
    memcpy(weeks, made, sizeof(weeks));
    // The same weeks as backtrader's own file of them has.
    aggregate_file("conformance/backtrader/datas/2006-week-001.txt", ",interval=1d", "1w", "UTC");
    ck_assert_uint_eq(made_count, 52);
    for (size_t i = 0; i < 52; i++) {
        ck_assert_double_eq(made[i].open, weeks[i].open);
        ck_assert_double_eq(made[i].high, weeks[i].high);
        ck_assert_double_eq(made[i].low, weeks[i].low);
        ck_assert_double_eq(made[i].close, weeks[i].close);
    }
}
END_TEST

int main(void) {
    static const TTest *tests[20];
    size_t count = 0;
    const TTest *const own[] = {five_minutes_make_one_bar_that_closes_with_the_last,
        a_bar_closes_by_the_clock_when_its_last_minute_is_missing, data_that_begins_or_ends_inside_of_a_span_is_marked,
        what_comes_after_its_span_is_over_is_left_out_and_counted,
        a_shorter_bar_that_reaches_over_the_edge_belongs_where_it_ends, it_goes_on_from_a_copy_of_its_state,
        every_n_pieces_make_a_tick_bar, the_piece_that_fills_a_volume_bar_belongs_to_it_and_nothing_is_carried_over,
        a_value_bar_is_full_when_price_times_quantity_is, bricks_stand_on_multiples_and_turn_after_two_sizes,
        one_bar_may_close_several_bricks_in_order, a_brick_finer_than_prices_is_refused,
        trades_make_bars_of_time_that_the_next_span_does_not_share, trades_make_bars_that_are_not_of_time};
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        tests[count++] = own[i];
    }
    if (duet_shared_has("conformance/pandas/values.json")) {
        tests[count++] = the_six_resamplings_of_pandas_come_out;
        tests[count++] = the_weeks_of_backtrader_come_out_and_their_average;
    }
    return duet_suite_run("aggregate", NULL, tests, count);
}
