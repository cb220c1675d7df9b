/* Features and signals: the figures by hand, and the way through the pool by counts and order. */
#include <math.h>
#include <stdio.h>

#include <duet/loop.h>

#include "components/pool.h"
#include "engine/live/features.h"

#define MINUTE_NS (INT64_C(60) * 1000000000)

static struct duet_bar bars[DUET_FEATURE_BARS_MAX];

static void set_bar(size_t index, double close, double volume) {
    bars[index] = (struct duet_bar){.size = sizeof(bars[index]),
        .close_ns = (int64_t)(index + 1) * MINUTE_NS,
        .open = close,
        .high = close + 1,
        .low = close - 1,
        .close = close,
        .volume = volume};
}

/** close = 100, 101, 102 … */
static void rising(size_t count) {
    for (size_t i = 0; i < count; i++) {
        set_bar(i, 100 + (double)i, 1000);
    }
}

static struct duet_features features_of(size_t count) {
    struct duet_features features;
    ck_assert_msg(duet_features_of("XYZ", bars, count, &features) == DUET_OK, "%s", duet_error_text());
    return features;
}

#define NEAR 1e-12

START_TEST(the_figures_of_a_straight_line) {
    rising(60); // 100 … 159
    bars[59].volume = 1500;
    struct duet_features features = features_of(60);
    ck_assert_str_eq(features.symbol, "XYZ");
    ck_assert_int_eq(features.close_ns, 60 * MINUTE_NS);
    ck_assert_double_eq(features.close, 159);
    ck_assert_double_eq_tol(features.values[DUET_FEATURE_RETURN_1], 159.0 / 158 - 1, NEAR);
    ck_assert_double_eq_tol(features.values[DUET_FEATURE_RETURN_5], 159.0 / 154 - 1, NEAR);
    ck_assert_double_eq_tol(features.values[DUET_FEATURE_RETURN_20], 159.0 / 139 - 1, NEAR);
    ck_assert_double_eq_tol(features.values[DUET_FEATURE_SMA_RATIO], 154.5 / 134.5 - 1, NEAR); // 150…159, 110…159
    ck_assert_double_eq(features.values[DUET_FEATURE_RSI_14], 100);
    ck_assert_double_eq_tol(features.values[DUET_FEATURE_ATR_14], 2, NEAR); // each range is 2, and no gap exceeds it
    ck_assert_double_eq_tol(features.values[DUET_FEATURE_VOLUME_RATIO], 1.5, NEAR);
}
END_TEST

START_TEST(the_volatility_of_a_zigzag) {
    // Returns +1 and -1/2 in turn: mean 0.25, each 0.75 away, so the sample deviation is 0.75 · sqrt(20/19).
    for (size_t i = 0; i < 21; i++) {
        set_bar(i, i % 2 == 0 ? 100 : 200, 10);
    }
    struct duet_features features = features_of(21);
    ck_assert_double_eq_tol(features.values[DUET_FEATURE_VOLATILITY_20], 0.75 * sqrt(20.0 / 19), NEAR);
    ck_assert_double_eq(features.values[DUET_FEATURE_RETURN_20], 0);
    // 20 changes of 100, up and down in turn. The first 14 average 50 each; six more, up first, by Wilder.
    double up = 50, down = 50;
    for (int i = 0; i < 6; i++) {
        up += ((i % 2 == 0 ? 100 : 0) - up) / 14;
        down += ((i % 2 == 1 ? 100 : 0) - down) / 14;
    }
    ck_assert_double_eq_tol(features.values[DUET_FEATURE_RSI_14], 100 * up / (up + down), 1e-9);
}
END_TEST

START_TEST(too_few_bars_leave_a_feature_undefined) {
    rising(20);
    struct duet_features features = features_of(20);
    ck_assert(isnan(features.values[DUET_FEATURE_RETURN_20]));
    ck_assert(isnan(features.values[DUET_FEATURE_SMA_RATIO]));
    ck_assert(!isnan(features.values[DUET_FEATURE_RSI_14]));
    ck_assert(!isnan(features.values[DUET_FEATURE_RETURN_5]));
    features = features_of(1);
    ck_assert(isnan(features.values[DUET_FEATURE_RETURN_1]));
    struct duet_ticker_signal signal;
    duet_signal_of(&features, &signal);
    ck_assert_int_eq(signal.direction, 0);
    ck_assert_double_eq(signal.strength, 0);
    ck_assert_str_eq(signal.reason, "1 bars, 50 are needed");
    ck_assert_int_eq(duet_features_of("XYZ", bars, 0, &features), DUET_EDATA);
    set_bar(0, -5, 1);
    ck_assert_int_eq(duet_features_of("XYZ", bars, 1, &features), DUET_EDATA);
}
END_TEST

START_TEST(votes_make_direction_and_strength_and_mirrored_the_opposite) {
    static const struct {
        double trend, momentum, rsi;
        int direction;
        double strength;
        const char *reason;
    } rows[] = {
        {0.02, 0.05, 50, 1, 2.0 / 3, "trend +1, momentum +1, rsi +0"},
        {0.02, 0.05, 80, 1, 1.0 / 3, "trend +1, momentum +1, rsi -1"},
        {0.02, 0.01, 80, 0, 0, "trend +1, momentum +0, rsi -1"},
        {-0.02, -0.05, 50, -1, 2.0 / 3, "trend -1, momentum -1, rsi +0"},
        {0.001, 0.001, 20, 1, 1.0 / 3, "trend +0, momentum +0, rsi +1"},
        {0, 0, 50, 0, 0, "trend +0, momentum +0, rsi +0"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct duet_features features = {.bars = 60};
        features.values[DUET_FEATURE_VOLATILITY_20] = 0.01;
        features.values[DUET_FEATURE_SMA_RATIO] = rows[i].trend;
        features.values[DUET_FEATURE_RETURN_20] = rows[i].momentum;
        features.values[DUET_FEATURE_RSI_14] = rows[i].rsi;
        struct duet_ticker_signal signal, mirrored;
        duet_signal_of(&features, &signal);
        ck_assert_int_eq(signal.direction, rows[i].direction);
        ck_assert_double_eq_tol(signal.strength, rows[i].strength, NEAR);
        ck_assert_str_eq(signal.reason, rows[i].reason);
        features.values[DUET_FEATURE_SMA_RATIO] *= -1;
        features.values[DUET_FEATURE_RETURN_20] *= -1;
        features.values[DUET_FEATURE_RSI_14] = 100 - rows[i].rsi;
        duet_signal_of(&features, &mirrored);
        ck_assert_int_eq(mirrored.direction, -signal.direction);
        ck_assert_double_eq(mirrored.strength, signal.strength);
    }
}
END_TEST

/* ---- through the pool ---- */

static struct pool pool;
static struct duet_analyst *analyst;
static unsigned told, fetched;
static struct gate gate;

/** Every symbol has the same bars, but those that begin with a small letter, which have none. */
static size_t fetch(void *argument, const char *symbol, struct duet_bar *out, size_t capacity) {
    fetched++;
    if (symbol[0] >= 'a' && symbol[0] <= 'z') {
        return 0;
    }
    memcpy(out, bars, 60 * sizeof(*out));
    return 60;
}

static void analyst_up(struct duet_offload_options options) {
    rising(60);
    told = fetched = 0;
    pool_up(&pool, options);
    analyst = duet_analyst_create(&(struct duet_analyst_options){.offload = pool.offload, .bars = fetch});
}

static void analyst_down(void) {
    pool_stop(&pool);
    duet_analyst_destroy(analyst);
    pool_down(&pool);
}

static enum duet_status block(void *job, const volatile bool *cancelled) {
    gate_pass(&gate);
    return DUET_OK;
}

/** Keep the pool's only worker busy until the gate opens. */
static void keep_busy(void) {
    gate = (struct gate)GATE_SHUT;
    const struct duet_offload_request request = {.name = "block", .work = block};
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    gate_await(&gate, 1);
}

static void hear_features(void *argument, enum duet_status status, const struct duet_features *out, const char *error) {
    struct duet_features *copy = argument;
    told++;
    ck_assert_int_eq(status, DUET_OK);
    *copy = *out;
}

static void hear_signal(
    void *argument, enum duet_status status, const struct duet_ticker_signal *out, const char *error) {
    struct duet_ticker_signal *copy = argument;
    told++;
    ck_assert_int_eq(status, DUET_OK);
    *copy = *out;
}

START_TEST(now_and_later_say_the_same) {
    analyst_up((struct duet_offload_options){.workers = 2});
    struct duet_features now, later;
    ck_assert_int_eq(duet_features_compute_now(analyst, "XYZ", &now), DUET_OK);
    ck_assert_int_eq(duet_features_compute(analyst, "XYZ", hear_features, &later), DUET_OK);
    pool_until(&pool, &told, 1);
    ck_assert_mem_eq(&now, &later, sizeof(now));
    struct duet_ticker_signal signal_now, signal_later;
    ck_assert_int_eq(duet_signal_generate_now(analyst, "XYZ", &signal_now), DUET_OK);
    ck_assert_int_eq(duet_signal_generate(analyst, "XYZ", hear_signal, &signal_later), DUET_OK);
    pool_until(&pool, &told, 2);
    ck_assert_int_eq(signal_later.direction, 1);
    ck_assert_str_eq(signal_later.reason, signal_now.reason);
    ck_assert_int_eq(duet_features_compute(analyst, "none", hear_features, &later), DUET_ENOTFOUND);
    struct duet_operation_summary summary;
    duet_offload_summary(pool.offload, "signal", &summary);
    ck_assert_uint_eq(summary.total, 1);
    analyst_down();
}
END_TEST

START_TEST(equal_questions_are_computed_once) {
    analyst_up((struct duet_offload_options){.workers = 1});
    keep_busy();
    struct duet_features answers[5];
    struct duet_ticker_signal signal;
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(duet_features_compute(analyst, "XYZ", hear_features, &answers[i]), DUET_OK);
    }
    ck_assert_int_eq(duet_features_compute(analyst, "ABC", hear_features, &answers[4]), DUET_OK);
    ck_assert_int_eq(duet_signal_generate(analyst, "XYZ", hear_signal, &signal), DUET_OK); // another kind
    gate_open(&gate);
    pool_until(&pool, &told, 6);
    for (size_t i = 1; i < 4; i++) {
        ck_assert_mem_eq(&answers[i], &answers[0], sizeof(answers[0]));
    }
    ck_assert_str_eq(answers[3].symbol, "XYZ");
    ck_assert_str_eq(answers[4].symbol, "ABC");
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.joined, 3);
    ck_assert_uint_eq(counts.accepted, 4); // with the one that blocked
    analyst_down();
}
END_TEST

static struct duet_watch_row rows[128];
static size_t row_count, failed_count, peak_count;
static void hear_watchlist(void *argument, const struct duet_watch_row *out, size_t count, size_t failed, size_t peak) {
    told++;
    memcpy(rows, out, count * sizeof(rows[0]));
    row_count = count;
    failed_count = failed;
    peak_count = peak;
}

static char names[102][DUET_SYMBOL_MAX];
static const char *symbols[102];
static void name_symbols(void) {
    for (int i = 0; i < 102; i++) {
        snprintf(names[i], sizeof(names[i]), "%s%03d", i % 10 == 7 ? "none" : "S", 101 - i);
        symbols[i] = names[i];
    }
}

static void check_rows(void) {
    ck_assert_uint_eq(row_count, 102);
    ck_assert_uint_eq(failed_count, 10); // 7, 17 … 97
    for (size_t i = 0; i < 102; i++) {
        ck_assert_str_eq(rows[i].symbol, names[i]); // in the order of the question
        if (i % 10 == 7) {
            ck_assert_int_eq(rows[i].status, DUET_ENOTFOUND);
            ck_assert_ptr_nonnull(strstr(rows[i].error, "no bars of it here"));
        } else {
            ck_assert_int_eq(rows[i].status, DUET_OK);
            ck_assert_str_eq(rows[i].signal.features.symbol, names[i]);
            ck_assert_int_eq(rows[i].signal.direction, 1);
        }
    }
}

START_TEST(a_watchlist_of_102_goes_through_a_window_of_ten) {
    analyst_up((struct duet_offload_options){.workers = 3});
    name_symbols();
    ck_assert_int_eq(duet_signals_watchlist(analyst, symbols, 102, hear_watchlist, NULL), DUET_OK);
    ck_assert_uint_eq(told, 0);
    ck_assert_uint_le(fetched, 12); // ten, and what failed among them
    pool_until(&pool, &told, 1);
    check_rows();
    ck_assert_uint_eq(peak_count, DUET_WATCHLIST_WINDOW);
    ck_assert_uint_eq(pool_counts(&pool).accepted, 92);
    ck_assert_uint_eq(duet_signals_watchlist_now(analyst, symbols, 102, rows), 10);
    check_rows();
    analyst_down();
}
END_TEST

START_TEST(a_watchlist_waits_where_the_queue_is_shorter_than_its_window) {
    analyst_up((struct duet_offload_options){.workers = 1, .queue_max = 2});
    name_symbols();
    keep_busy();
    ck_assert_int_eq(duet_signals_watchlist(analyst, symbols, 102, hear_watchlist, NULL), DUET_OK);
    ck_assert_uint_eq(pool_counts(&pool).refused, 1); // two wait, the third did not find room
    gate_open(&gate);
    pool_until(&pool, &told, 1);
    check_rows();
    ck_assert_uint_le(peak_count, DUET_WATCHLIST_WINDOW);
    analyst_down();
}
END_TEST

START_TEST(a_watchlist_of_nothing_known_is_told_later_too) {
    analyst_up((struct duet_offload_options){.workers = 1});
    const char *const unknown[] = {"a", "b"};
    ck_assert_int_eq(duet_signals_watchlist(analyst, unknown, 2, hear_watchlist, NULL), DUET_OK);
    ck_assert_uint_eq(told, 0);
    pool_until(&pool, &told, 1);
    ck_assert_uint_eq(failed_count, 2);
    ck_assert_int_eq(duet_signals_watchlist(analyst, unknown, 0, hear_watchlist, NULL), DUET_EINVAL);
    analyst_down();
}
END_TEST

START_TEST(a_stop_in_the_middle_tells_every_watchlist) {
    analyst_up((struct duet_offload_options){.workers = 1});
    name_symbols();
    keep_busy();
    ck_assert_int_eq(duet_signals_watchlist(analyst, symbols, 102, hear_watchlist, NULL), DUET_OK);
    gate_open(&gate);
    pool_stop(&pool);
    ck_assert_uint_eq(told, 1);
    ck_assert_uint_eq(row_count, 102);
    ck_assert_uint_gt(failed_count, 10);
    ck_assert_int_eq(rows[101].status, DUET_ESTATE);
    analyst_down();
}
END_TEST

START_TEST(features_and_signals_are_written_for_people_and_programs) {
    rising(60);
    struct duet_ticker_signal signal;
    struct duet_features features = features_of(20);
    duet_signal_of(&features, &signal);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    struct duet_json json = {.stream = stream};
    duet_signal_write(&json, NULL, &signal);
    fclose(stream);
    ck_assert_ptr_nonnull(
        strstr(text, "{\"symbol\":\"XYZ\",\"time\":\"1970-01-01T00:20:00Z\",\"close\":119,\"bars\":20,"));
    ck_assert_ptr_nonnull(strstr(text, "\"return_20\":null"));
    ck_assert_ptr_nonnull(strstr(text, "\"rsi_14\":100"));
    ck_assert_ptr_nonnull(strstr(text, "\"direction\":0,\"strength\":0,\"reason\":\"20 bars, 50 are needed\"}"));
    free(text);
}
END_TEST

DUET_TEST_MAIN("features", NULL, the_figures_of_a_straight_line, the_volatility_of_a_zigzag,
    too_few_bars_leave_a_feature_undefined, votes_make_direction_and_strength_and_mirrored_the_opposite,
    now_and_later_say_the_same, equal_questions_are_computed_once, a_watchlist_of_102_goes_through_a_window_of_ten,
    a_watchlist_waits_where_the_queue_is_shorter_than_its_window, a_watchlist_of_nothing_known_is_told_later_too,
    a_stop_in_the_middle_tells_every_watchlist, features_and_signals_are_written_for_people_and_programs)
