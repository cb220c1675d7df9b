/* The latest bars of each instrument, as inputs bring them. */
#include "engine/live/recent.h"

#include "base/text.h"
#include "support/suite.h"

#define S DUET_SECOND_NS

static struct duet_instruments instruments;
static struct duet_recent *recent;
static struct duet_bar out[8];

/** A in minutes and in hours, B in hours only; four bars are kept. */
static void set_up(void) {
    const struct duet_instrument items[] = {
        {.symbol = "A", .currency = "USD", .tick_scaled = 1, .lot_scaled = 1, .multiplier = 1000000},
        {.symbol = "B", .currency = "USD", .tick_scaled = 1, .lot_scaled = 1, .multiplier = 1000000}};
    ck_assert_int_eq(duet_instruments_create(items, 2, &instruments), DUET_OK);
    const struct duet_core_series series[] = {{.instrument = 0, .interval_ns = DUET_MINUTE_NS},
        {.instrument = 0, .interval_ns = DUET_HOUR_NS}, {.instrument = 1, .interval_ns = DUET_HOUR_NS}};
    recent = duet_recent_create(&instruments, series, 3, 4);
}
static void tear_down(void) {
    duet_recent_destroy(recent);
    duet_instruments_finish(&instruments);
}

static void take(uint32_t instrument, int64_t interval_ns, int64_t close_s, double close) {
    const struct duet_bar bar = {.size = sizeof(bar),
        .instrument = instrument,
        .close_ns = close_s * S,
        .interval_ns = interval_ns,
        .close = close};
    const struct duet_input_instant head = {.instant_ns = close_s * S, .closing = 1};
    struct duet_text text = {0};
    duet_input_write_instant(&text, &head, &bar, NULL, NULL);
    const struct duet_input input = {
        .number = 1, .kind = DUET_INPUT_INSTANT, .size = (uint32_t)text.length, .bytes = text.text};
    duet_recent_take(recent, &input);
    duet_text_finish(&text);
}
static size_t ask(const char *symbol, size_t capacity) {
    return duet_recent_bars(recent, symbol, out, capacity);
}

START_TEST(the_last_bars_of_the_finest_series_are_kept_oldest_first) {
    ck_assert_uint_eq(ask("A", 8), 0);
    for (int i = 1; i <= 6; i++) {
        take(0, DUET_MINUTE_NS, 60 * i, i);
        take(0, DUET_HOUR_NS, 60 * i, 100 + i); // not the finest
    }
    take(1, DUET_HOUR_NS, 3600, 50);
    ck_assert_uint_eq(ask("A", 8), 4);
    for (int i = 0; i < 4; i++) {
        ck_assert_double_eq(out[i].close, i + 3);
    }
    ck_assert_uint_eq(ask("A", 2), 2);
    ck_assert_double_eq(out[0].close, 5);
    ck_assert_double_eq(out[1].close, 6);
    ck_assert_uint_eq(ask("B", 8), 1);
    ck_assert_double_eq(out[0].close, 50);
    ck_assert_uint_eq(ask("C", 8), 0);
    tear_down();
}
END_TEST

START_TEST(bars_that_are_not_newer_and_other_inputs_are_ignored) {
    take(0, DUET_MINUTE_NS, 120, 2);
    take(0, DUET_MINUTE_NS, 120, 3);
    take(0, DUET_MINUTE_NS, 60, 1);
    take(7, DUET_MINUTE_NS, 180, 9); // no such instrument
    duet_recent_take(recent, &(struct duet_input){.kind = DUET_INPUT_TIME});
    ck_assert_uint_eq(ask("A", 8), 1);
    ck_assert_double_eq(out[0].close, 2);
    tear_down();
}
END_TEST

DUET_TEST_MAIN("recent", set_up, the_last_bars_of_the_finest_series_are_kept_oldest_first,
    bars_that_are_not_newer_and_other_inputs_are_ignored)
