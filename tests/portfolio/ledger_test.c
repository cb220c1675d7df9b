/*
 * Positions and the ledger: worked examples by hand and from a conformance file, then 100,000 random fills against an
 * oracle that keeps fractions and sums in another way: a cost per unit of quantity as numerator and denominator,
 * rounded only where the contract says so, and cash from the list of all payments.
 */
#include "portfolio/stage.h"

#include <jansson.h>

#include "base/rng.h"
#include "support/shared.h"

static void flat_start(void) {
    stage_open(stage_options(100000), stage_stock, 1);
    duet_portfolio_mark(stage.portfolio, 0, 5000);
}

START_TEST(adding_to_a_position_averages_its_cost) {
    stage_trade(DUET_BUY, 100, 5000);
    stage_trade(DUET_BUY, 50, 5200);
    // 100 @ 50 then 50 @ 52: 7600 / 150 = 50.6667
    ck_assert_int_eq(stage_position()->quantity, 150);
    assert_money_eq(stage_position()->cost, "7600");
    ck_assert_double_eq_tol(stage.last_position.average_price, 50.666667, 1e-6);
    assert_money_eq(duet_portfolio_cash(stage.portfolio), "92400");
    stage_close();
}
END_TEST

START_TEST(a_partial_close_realizes_its_share) {
    stage_trade(DUET_BUY, 100, 5000);
    stage_trade(DUET_SELL, 60, 5500);
    ck_assert_int_eq(stage_position()->quantity, 40);
    assert_money_eq(stage_position()->realized, "300");
    assert_money_eq(stage_position()->cost, "2000");
    assert_money_eq(duet_portfolio_cash(stage.portfolio), "98300");
    stage_close();
}
END_TEST

START_TEST(a_reversal_closes_then_opens) {
    stage_trade(DUET_BUY, 100, 5000);
    stage_trade(DUET_SELL, 150, 4800);
    ck_assert_int_eq(stage_position()->quantity, -50);
    assert_money_eq(stage_position()->realized, "-200");
    assert_money_eq(stage_position()->cost, "-2400");
    ck_assert_double_eq(stage.last_position.average_price, 48);
    stage_close();
}
END_TEST

START_TEST(commissions_are_paid_from_cash_and_stay_out_of_realized) {
    uint64_t id = stage_market(DUET_BUY, 100);
    stage_fill(id, 100, 5000, 7 * DUET_MONEY_ONE);
    assert_money_eq(duet_portfolio_cash(stage.portfolio), "94993");
    assert_money_eq(stage_position()->commission, "7");
    assert_money_eq(stage_position()->realized, "0");
    assert_money_eq(stage.last_account.commission, "7");
    assert_money_eq(duet_portfolio_equity(stage.portfolio), "99993");
    stage_close();
}
END_TEST

START_TEST(cost_that_does_not_divide_is_released_half_even_and_the_last_part_takes_the_rest) {
    // 3 @ 33.34 = 100.02 and one cent of difference elsewhere: 100.03 / 3 = 33.343333333333(3)
    stage_trade(DUET_BUY, 1, 3335);
    stage_trade(DUET_BUY, 2, 3334);
    assert_money_eq(stage_position()->cost, "100.03");
    stage_trade(DUET_SELL, 1, 4000);
    assert_money_eq(stage_position()->cost, "66.686666666667"); // 100.03 - 33.343333333333
    assert_money_eq(stage_position()->realized, "6.656666666667");
    stage_trade(DUET_SELL, 1, 4000);
    assert_money_eq(stage_position()->cost, "33.343333333333"); // half of …667 is a tie: …333.5 releases …334
    stage_trade(DUET_SELL, 1, 4000);
    assert_money_eq(stage_position()->cost, "0");
    assert_money_eq(stage_position()->realized, "19.97"); // 3 · 40 - 100.03, to the last digit
    stage_close();
}
END_TEST

START_TEST(values_beyond_twelve_decimals_are_rounded_once_half_to_even) {
    // 8 + 8 + 6 decimals: 0.00000001 · 0.00005 = 5e-13 is a tie between 0 and 1e-12, and 0 is even.
    static const struct stage_terms coin = {8, 8, 1, 1, 1000000};
    stage_close();
    stage_open(stage_options(1000), coin, 1);
    duet_portfolio_mark(stage.portfolio, 0, 1);
    stage_trade(DUET_BUY, 5000, 1);
    assert_money_eq(stage_position()->cost, "0");
    stage_trade(DUET_BUY, 15000, 1); // 1.5e-12: the even neighbour is 2e-12
    assert_money_eq(stage_position()->cost, "0.000000000002");
    assert_money_eq(duet_portfolio_cash(stage.portfolio), "999.999999999998");
    stage_close();
}
END_TEST

START_TEST(a_multiplier_scales_value_and_gain) {
    static const struct stage_terms future = {2, 0, 25, 1, 50000000}; // 50 per point
    stage_close();
    struct duet_portfolio_options options = stage_options(100000);
    options.leverage = 20;
    stage_open(options, future, 1);
    duet_portfolio_mark(stage.portfolio, 0, 400000);
    stage_trade(DUET_BUY, 2, 400000);
    duet_portfolio_mark(stage.portfolio, 0, 401025);
    assert_money_eq(stage_position()->value, "401025"); // 2 · 4010.25 · 50
    assert_money_eq(duet_portfolio_equity(stage.portfolio), "101025");
    stage_trade(DUET_SELL, 2, 401025);
    assert_money_eq(stage_position()->realized, "1025");
    stage_close();
}
END_TEST

START_TEST(a_fill_values_the_position_at_its_price_before_slippage) {
    uint64_t id = stage_market(DUET_BUY, 10);
    struct duet_event event = {.type = DUET_EVENT_FILL};
    event.fill = (struct duet_fill){.size = sizeof(event.fill),
        .fill_id = stage.next_fill_id++,
        .order_id = id,
        .side = DUET_BUY,
        .quantity = 10,
        .price = 5103,
        .slippage = 3};
    (void)duet_bus_publish(stage.bus, &event);
    ck_assert_int_eq(stage_position()->mark, 5100);
    assert_money_eq(duet_portfolio_equity(stage.portfolio), "99999.7");
    assert_money_eq(stage_counts().slippage, "0.3");
    assert_money_eq(stage_counts().traded, "510.3");
    stage_close();
}
END_TEST

START_TEST(fills_booked_in_a_batch_are_announced_as_each_left_the_account) {
    uint64_t first = stage_market(DUET_BUY, 10), second = stage_market(DUET_BUY, 20);
    struct duet_event input = {.type = DUET_EVENT_CUSTOM};
    duet_bus_admit(stage.bus, &input, 7);
    struct duet_event event = {.type = DUET_EVENT_FILL};
    event.fill = (struct duet_fill){
        .size = sizeof(event.fill), .fill_id = 1, .order_id = first, .side = DUET_BUY, .quantity = 10, .price = 5000};
    duet_portfolio_book(stage.portfolio, &event.fill);
    (void)duet_bus_publish(stage.bus, &event);
    assert_money_eq(duet_portfolio_cash(stage.portfolio), "99500");
    ck_assert_uint_eq(stage.counts[DUET_EVENT_POSITION], 0);
    event.fill.fill_id = 2;
    event.fill.order_id = second;
    event.fill.quantity = 20;
    duet_portfolio_book(stage.portfolio, &event.fill);
    (void)duet_bus_publish(stage.bus, &event);
    assert_money_eq(duet_portfolio_cash(stage.portfolio), "98500");
    duet_bus_drain(stage.bus);
    ck_assert_uint_eq(stage.counts[DUET_EVENT_POSITION], 2);
    ck_assert_int_eq(stage.last_position.quantity, 30);
    assert_money_eq(duet_portfolio_cash_at_fill(stage.portfolio), "98500");
    ck_assert_uint_eq(stage_counts().fills, 2);
    ck_assert_uint_eq(stage_counts().duplicates, 0);
    ck_assert_uint_eq(stage_counts().anomalies, 0);
    (void)duet_bus_publish(stage.bus, &event);
    ck_assert_uint_eq(stage_counts().duplicates, 1);
    stage_close();
}
END_TEST

/* ------------------------------------------------------------------------------------------------ conformance */

#define TRADING "conformance/backtrader/trading.json"

static json_t *conformance(const char *name) {
    json_t *root = duet_shared_has(TRADING) ? json_load_file(duet_shared_path(TRADING), 0, &(json_error_t){0}) : NULL;
    if (root == NULL) {
        return NULL;
    }
    json_t *part = json_incref(json_object_get(root, name));
    json_decref(root);
    return part;
}

static double number(const json_t *object, const char *key) {
    return json_number_value(json_object_get(object, key));
}

START_TEST(position_arithmetic_agrees_with_the_reference) {
    json_t *part = conformance("position_test");
    if (part == NULL) {
        stage_close();
        return;
    }
    const json_t *start = json_object_get(part, "start");
    stage_trade(DUET_BUY, (int64_t)number(start, "size"), (int64_t)(number(start, "price") * 100 + 0.5));
    size_t index;
    json_t *step;
    json_array_foreach(json_object_get(part, "steps"), index, step) {
        int64_t size = (int64_t)number(step, "size");
        const json_t *expect = json_object_get(step, "expect");
        int64_t before = stage_position()->quantity;
        stage_trade(
            size > 0 ? DUET_BUY : DUET_SELL, size > 0 ? size : -size, (int64_t)(number(step, "price") * 100 + 0.5));
        int64_t after = stage_position()->quantity;
        ck_assert_int_eq(after, (int64_t)number(expect, "size"));
        ck_assert_double_eq_tol(stage.last_position.average_price, number(expect, "price"), 1e-12);
        int64_t opened = (before > 0) == (size > 0) ? size : (after > 0) == (size > 0) ? after : 0;
        ck_assert_int_eq(opened, (int64_t)number(expect, "opened"));
        ck_assert_int_eq(size - opened, (int64_t)number(expect, "closed"));
    }
    ck_assert_uint_eq(index, 3);
    json_decref(part);
    stage_close();
}
END_TEST

START_TEST(stock_commission_agrees_with_the_reference) {
    json_t *part = conformance("commission_stock");
    if (part == NULL) {
        stage_close();
        return;
    }
    // A rate of 50 %, as the reference has it.
    struct duet_costs costs = {0};
    ck_assert_int_eq(duet_costs_parse_commission("50%", &costs), DUET_OK);
    ck_assert_double_eq((double)costs.rate / 1e12, number(part, "commission_rate"));
    int64_t size = (int64_t)number(part, "size"), price = (int64_t)(number(part, "price") * 100);
    duet_money commission;
    ck_assert_int_eq(
        duet_costs_commission(&costs, &stage.instruments.items[0], size, price, true, &commission), DUET_OK);
    ck_assert_double_eq(duet_money_to_double(commission), number(part, "commission"));
    duet_portfolio_mark(stage.portfolio, 0, price);
    stage_trade(DUET_BUY, size, price);
    ck_assert_double_eq(duet_money_to_double(stage_position()->cost), number(part, "operation_cost"));
    ck_assert_double_eq(duet_money_to_double(stage_position()->value), number(part, "value"));
    duet_portfolio_mark(stage.portfolio, 0, (int64_t)(number(part, "new_price") * 100));
    ck_assert_double_eq(duet_money_to_double(stage_position()->value - stage_position()->cost), number(part, "pnl"));
    json_decref(part);
    stage_close();
}
END_TEST

/* ------------------------------------------------------------------------------------------------------ oracle */

/** Decimal digits, schoolbook: value of price · quantity · multiplier in 10^-12 by repeated division by ten. */
static duet_money oracle_value(int64_t price, int64_t quantity, const struct stage_terms *terms) {
    duet_money value = (duet_money)price * quantity * terms->multiplier;
    bool negative = value < 0;
    value = negative ? -value : value;
    int places = (int)(terms->price_decimals + terms->quantity_decimals + 6) - 12;
    for (; places < 0; places++) {
        value *= 10;
    }
    duet_money unit = 1;
    for (; places > 0; places--) {
        unit *= 10;
    }
    duet_money whole = value / unit, rest = value % unit;
    if (rest > unit - rest || (rest == unit - rest && whole % 2 == 1)) {
        whole++;
    }
    return negative ? -whole : whole;
}

struct oracle {
    int64_t held;
    duet_money cost, paid, received, fees, gains;
};

static duet_money oracle_share(duet_money cost, int64_t part, int64_t all) {
    bool negative = cost < 0;
    duet_money product = (negative ? -cost : cost) * part;
    duet_money whole = product / all, rest = product - whole * all;
    if (2 * rest > all || (2 * rest == all && whole % 2 == 1)) {
        whole++;
    }
    return negative ? -whole : whole;
}

/** One unit of direction at a time would be slow; two steps, close and open, are the definition. */
static void oracle_fill(
    struct oracle *oracle, int side, int64_t quantity, int64_t price, duet_money fee, const struct stage_terms *terms) {
    oracle->fees += fee;
    int64_t against = oracle->held * side < 0 ? (oracle->held < 0 ? -oracle->held : oracle->held) : 0;
    int64_t closes = quantity < against ? quantity : against;
    if (closes > 0) {
        duet_money share = closes == against ? oracle->cost : oracle_share(oracle->cost, closes, against);
        duet_money worth = oracle_value(price, closes, terms);
        *(side > 0 ? &oracle->paid : &oracle->received) += worth;
        oracle->gains += side < 0 ? worth - share : -worth - share;
        oracle->cost -= share;
    }
    int64_t opens = quantity - closes;
    if (opens > 0) {
        duet_money worth = oracle_value(price, opens, terms);
        *(side > 0 ? &oracle->paid : &oracle->received) += worth;
        oracle->cost += side > 0 ? worth : -worth;
    }
    oracle->held += side * quantity;
}

static void run_against_oracle(struct stage_terms terms, int64_t price_top, int64_t quantity_top, uint64_t seed) {
    stage_close();
    struct duet_portfolio_options options = stage_options(1000000000);
    options.leverage = 1000;
    stage_open(options, terms, 1);
    struct duet_rng rng;
    duet_rng_seed(&rng, seed);
    struct oracle oracle = {0};
    duet_portfolio_mark(stage.portfolio, 0, price_top);
    for (int i = 0; i < 25000; i++) {
        int side = duet_rng_below(&rng, 2) == 0 ? DUET_BUY : DUET_SELL;
        int64_t quantity = 2 + (int64_t)duet_rng_below(&rng, (uint64_t)quantity_top);
        uint64_t id = stage_market(side, quantity);
        int64_t first = 1 + (int64_t)duet_rng_below(&rng, (uint64_t)quantity - 1);
        for (int part = 0; part < 2; part++) {
            int64_t filled = part == 0 ? first : quantity - first;
            int64_t price = 1 + (int64_t)duet_rng_below(&rng, (uint64_t)price_top);
            duet_money fee = (duet_money)duet_rng_below(&rng, 1000000007);
            stage_fill(id, filled, price, fee);
            oracle_fill(&oracle, side, filled, price, fee, &terms);
            ck_assert_int_eq(stage_position()->quantity, oracle.held);
            ck_assert(stage_position()->cost == oracle.cost);
            ck_assert(stage_position()->realized == oracle.gains);
            duet_money cash = 1000000000 * DUET_MONEY_ONE + oracle.received - oracle.paid - oracle.fees;
            ck_assert(duet_portfolio_cash(stage.portfolio) == cash);
            int64_t mark = 1 + (int64_t)duet_rng_below(&rng, (uint64_t)price_top);
            duet_portfolio_mark(stage.portfolio, 0, mark);
            ck_assert(duet_portfolio_equity(stage.portfolio) == cash + oracle_value(mark, oracle.held, &terms));
            ck_assert(duet_portfolio_ledger_balances(stage.portfolio));
        }
    }
    ck_assert_uint_eq(stage_counts().fills, 50000);
    ck_assert_uint_eq(stage_counts().anomalies, 0);
}

START_TEST(a_hundred_thousand_random_fills_agree_with_the_oracle_to_the_last_digit) {
    run_against_oracle((struct stage_terms){4, 0, 1, 1, 1000000}, 1500000, 500, 20240229);
    run_against_oracle((struct stage_terms){7, 5, 1, 1, 12500000}, 990000007, 300000, 7);
    stage_close();
}
END_TEST

START_TEST(values_out_of_range_fault_the_run_and_change_nothing) {
    stage_close();
    struct duet_portfolio_options options = stage_options(1);
    options.initial_cash = DUET_ACCOUNT_MAX / 2;
    stage_open(options, (struct stage_terms){0, 0, 1, 1, 1000000}, 1);
    duet_portfolio_mark(stage.portfolio, 0, 1000000000);
    stage_trade(DUET_BUY, 500000000, 1000000000); // 5e17 of 6.3e17
    duet_money equity = duet_portfolio_equity(stage.portfolio);
    duet_portfolio_mark(stage.portfolio, 0, INT64_C(4000000000)); // 2e18 is past 2^100 · 10^-12
    ck_assert(duet_portfolio_equity(stage.portfolio) == equity);
    ck_assert_int_eq(duet_portfolio_component(stage.portfolio)->state, DUET_COMPONENT_FAULTED);
    struct duet_order_event request = stage_request(DUET_BUY, DUET_QUANTITY_MAX);
    ck_assert_str_eq(duet_reason_name(stage_denied(request)), "OVERFLOW");
    stage_close();
}
END_TEST

DUET_TEST_MAIN("ledger", flat_start, adding_to_a_position_averages_its_cost, a_partial_close_realizes_its_share,
    a_reversal_closes_then_opens, commissions_are_paid_from_cash_and_stay_out_of_realized,
    cost_that_does_not_divide_is_released_half_even_and_the_last_part_takes_the_rest,
    values_beyond_twelve_decimals_are_rounded_once_half_to_even, a_multiplier_scales_value_and_gain,
    a_fill_values_the_position_at_its_price_before_slippage,
    fills_booked_in_a_batch_are_announced_as_each_left_the_account, position_arithmetic_agrees_with_the_reference,
    stock_commission_agrees_with_the_reference, a_hundred_thousand_random_fills_agree_with_the_oracle_to_the_last_digit,
    values_out_of_range_fault_the_run_and_change_nothing)
