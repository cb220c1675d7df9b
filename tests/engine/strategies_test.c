/*
 * The bundled strategies. sma_cross is held against an oracle that knows no running sums: at each bar it adds both
 * windows up anew.
 */
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "engine/stage.h"

static struct stage stage;

#define BARS_MAX 4000

struct decision {
    int64_t ns;
    int side;
    int64_t quantity;
};
static struct decision decisions[BARS_MAX];
static size_t decision_count;

static void note_orders(void *argument, const struct duet_event *event) {
    if (event->type == DUET_EVENT_ORDER && event->order.instrument == 0 && event->order.action == DUET_SUBMIT) {
        decisions[decision_count++] = (struct decision){event->time_ns, event->order.side, event->order.quantity};
    }
}

static void begin(const char *name) {
    stage_host(&stage, NULL, name);
    stage_up(&stage);
    decision_count = 0;
    duet_bus_tap(stage.bus, note_orders, NULL);
}

static int64_t sum_of_last(const int64_t *closes, int64_t count, int64_t length) {
    int64_t sum = 0;
    for (int64_t i = count - length; i < count; i++) {
        sum += closes[i];
    }
    return sum;
}

/** What the rule of FILLS "Goldens" decides; entries of 100 units. */
static size_t ask_oracle(const int64_t *closes, int64_t count, int64_t fast, int64_t slow, struct decision *out) {
    size_t decided = 0;
    int last_side = 0;
    bool is_long = false;
    for (int64_t seen = slow; seen <= count; seen++) {
        int64_t difference = sum_of_last(closes, seen, fast) * slow - sum_of_last(closes, seen, slow) * fast;
        int side = difference > 0 ? 1 : difference < 0 ? -1 : 0;
        if (side != 0 && last_side != 0 && side != last_side && (side > 0) != is_long) {
            is_long = side > 0;
            out[decided++] = (struct decision){seen * DUET_MINUTE_NS, side, 100};
        }
        last_side = side != 0 ? side : last_side;
    }
    return decided;
}

/** A walk of whole cents in small steps: equal averages come up now and then. */
static void walk(int64_t *closes, size_t count, uint64_t seed) {
    struct duet_rng rng;
    duet_rng_seed(&rng, seed);
    int64_t close = 10000;
    for (size_t i = 0; i < count; i++) {
        close += (int64_t)duet_rng_below(&rng, 7) - 3;
        closes[i] = close;
    }
}

static void check_against_oracle(const char *fast, const char *slow, int64_t bars, uint64_t seed) {
    static int64_t closes[BARS_MAX];
    static struct decision expected[BARS_MAX];
    walk(closes, (size_t)bars, seed);
    size_t count = ask_oracle(closes, bars, strtoll(fast, NULL, 10), strtoll(slow, NULL, 10), expected);
    ck_assert_uint_ge(count, 3);
    stage_market(&stage, false, 1000000);
    stage_param(&stage, "fast", fast);
    stage_param(&stage, "slow", slow);
    begin("sma_cross");
    for (int64_t i = 0; i < bars; i++) {
        stage_minute(&stage, closes[i], NO_BAR);
    }
    ck_assert_uint_eq(decision_count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(decisions[i].ns, expected[i].ns);
        ck_assert_int_eq(decisions[i].side, expected[i].side);
        ck_assert_int_eq(decisions[i].quantity, expected[i].quantity);
    }
    struct duet_portfolio_counts counts;
    duet_portfolio_get_counts(stage.portfolio, &counts);
    for (size_t i = 0; i < DUET_REASON_COUNT; i++) {
        ck_assert_uint_eq(counts.denied[i], 0);
    }
    stage_down(&stage);
}

START_TEST(sma_cross_decides_as_sums_added_anew_do) {
    check_against_oracle("10", "50", BARS_MAX, 1);
    check_against_oracle("3", "7", 2000, 2);
    check_against_oracle("1", "2", 500, 3);
    check_against_oracle("100", "1024", BARS_MAX, 4);
}
END_TEST

START_TEST(sma_cross_refuses_a_fast_average_that_is_not_faster) {
    stage_market(&stage, false, 1000);
    stage_param(&stage, "fast", "50");
    stage_host(&stage, NULL, "sma_cross");
    ck_assert_int_eq(stage_try_up(&stage), DUET_EINVAL);
    ck_assert_str_eq(duet_error_text(), "strategy sma_cross: fast must be below slow");
    stage_down(&stage);
}
END_TEST

START_TEST(buy_and_hold_buys_each_instrument_once_with_an_equal_share) {
    stage_market(&stage, false, 100000);
    begin("buy_and_hold");
    stage_minute(&stage, 1000, NO_BAR);
    stage_minute(&stage, 1100, 2000);
    for (int i = 0; i < 50; i++) {
        stage_minute(&stage, 900 + i, 2100 - i);
    }
    // Half of 100000 at 10.00, filled there; then half of 105000 at 20.00, of which 50000 of cash allow 2500.
    ck_assert_int_eq(duet_portfolio_position(stage.portfolio, 0)->quantity, 5000);
    ck_assert_int_eq(duet_portfolio_position(stage.portfolio, 1)->quantity, 2500);
    ck_assert_uint_eq(decision_count, 1);
    stage_down(&stage);
}
END_TEST

START_TEST(trend_is_long_in_a_rise_and_protected_by_a_stop) {
    stage_market(&stage, false, 100000);
    begin("trend");
    int64_t price = 10000;
    for (int i = 0; i < 60; i++) {
        stage_minute(&stage, price++, NO_BAR);
    }
    ck_assert_int_gt(duet_portfolio_position(stage.portfolio, 0)->quantity, 0);
    ck_assert_uint_gt(decision_count, 0);
    size_t stops = 0;
    for (size_t i = 0; i < decision_count; i++) {
        stops += decisions[i].side == DUET_SELL;
    }
    ck_assert_uint_eq(stops, 1);
    stage_minute(&stage, 8000, NO_BAR); // far below the stop at 5 % under the entry
    ck_assert_int_eq(duet_portfolio_position(stage.portfolio, 0)->quantity, 0);
    stage_down(&stage);
}
END_TEST

DUET_TEST_MAIN("strategies", NULL, sma_cross_decides_as_sums_added_anew_do,
    sma_cross_refuses_a_fast_average_that_is_not_faster, buy_and_hold_buys_each_instrument_once_with_an_equal_share,
    trend_is_long_in_a_rise_and_protected_by_a_stop)
