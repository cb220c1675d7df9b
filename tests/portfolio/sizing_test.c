/* Targets, weights, helpers, protective stops and signals: what is sent, and what is not. */
#include "portfolio/stage.h"

#include <math.h>

static void ten_thousand(void) {
    stage_open(stage_options(10000), stage_stock, 2);
    duet_portfolio_mark(stage.portfolio, 0, 10000); // 100.00
    duet_portfolio_mark(stage.portfolio, 1, 5000);
}

static void with_options(struct duet_portfolio_options options, struct stage_terms terms) {
    stage_close();
    stage_open(options, terms, 2);
    duet_portfolio_mark(stage.portfolio, 0, 10000);
    duet_portfolio_mark(stage.portfolio, 1, 5000);
}

static uint64_t target(double quantity) {
    return duet_portfolio_target(stage.portfolio, 0, 0, quantity, "t");
}
static uint64_t percent(double weight) {
    return duet_portfolio_target_percent(stage.portfolio, 0, 0, weight, "w");
}
/** Signed size of the last order that went out. */
static int64_t last_size(void) {
    const struct duet_order_event *order = &stage.orders[stage.order_count - 1];
    return order->side * order->quantity;
}
static const struct duet_order_event *last_order(void) {
    return &stage.orders[stage.order_count - 1];
}
static void fill_last(int64_t price) {
    stage_fill(last_order()->order_id, last_order()->quantity, price, 0);
}

/* ----------------------------------------------------------------------------------------------------- targets */

START_TEST(a_target_sends_the_difference_to_position_and_working_orders) {
    ck_assert_uint_ne(target(30), 0);
    ck_assert_int_eq(last_size(), 30);
    ck_assert_uint_ne(target(50), 0); // the first still works
    ck_assert_int_eq(last_size(), 20);
    stage_fill(1, 30, 10000, 0);
    stage_fill(2, 20, 10000, 0);
    ck_assert_uint_ne(target(-10), 0);
    ck_assert_int_eq(last_size(), -60); // through zero in one order
    fill_last(10000);
    ck_assert_uint_ne(target(0), 0);
    ck_assert_int_eq(last_size(), 10);
    fill_last(10000);
    ck_assert_int_eq(stage_position()->quantity, 0);
    stage_close();
}
END_TEST

START_TEST(repeating_the_last_target_is_no_order_even_after_a_stop_out) {
    ck_assert_uint_ne(target(30), 0);
    ck_assert_uint_eq(target(30), 0);
    fill_last(10000);
    ck_assert_uint_eq(target(30), 0);
    struct duet_order_event stop = stage_request(DUET_SELL, 30);
    stop.type = DUET_STOP;
    stop.stop_price = 9500;
    stop.flags = DUET_REDUCE_ONLY;
    uint64_t id = duet_portfolio_submit(stage.portfolio, &stop, NULL);
    stage_fill(id, 30, 9500, 0);
    ck_assert_int_eq(stage_position()->quantity, 0);
    ck_assert_uint_eq(target(30), 0); // stopped out
    ck_assert_uint_eq(target(0), 0); // nothing to do, but another target
    ck_assert_uint_ne(target(30), 0);
    stage_close();
}
END_TEST

START_TEST(a_target_whose_order_goes_out_again_is_still_the_target) {
    stage.silent = true;
    ck_assert_uint_ne(percent(0.5), 0);
    stage_report(1, DUET_ORDER_REJECTED, DUET_REASON_UNSENT_AT_CRASH);
    ck_assert_uint_eq(duet_portfolio_submit_again(stage.portfolio, 1), 2);
    ck_assert_int_eq(last_size(), 50);
    stage_report(2, DUET_ORDER_ACCEPTED, DUET_REASON_NONE);
    fill_last(10100); // more than half of equity at that price
    duet_portfolio_mark(stage.portfolio, 0, 10100);
    ck_assert_uint_eq(percent(0.5), 0); // no order of one unit to make it fit again
    ck_assert_uint_ne(target(30), 0);
    stage_report(3, DUET_ORDER_REJECTED, DUET_REASON_UNSENT_AT_CRASH);
    ck_assert_uint_ne(target(20), 0); // another has been said since
    ck_assert_uint_eq(duet_portfolio_submit_again(stage.portfolio, 3), 5);
    ck_assert_uint_eq(target(20), 0);
    stage_report(4, DUET_ORDER_REJECTED, DUET_REASON_BROKER);
    ck_assert_uint_ne(target(20), 0); // what is not sent again is an order again
    stage_close();
}
END_TEST

START_TEST(each_strategy_and_instrument_has_a_target_of_its_own) {
    ck_assert_uint_ne(duet_portfolio_target(stage.portfolio, 0, 0, 10, ""), 0);
    ck_assert_uint_ne(duet_portfolio_target(stage.portfolio, 0, 1, 10, ""), 0);
    ck_assert_uint_eq(duet_portfolio_target(stage.portfolio, 7, 0, 10, ""), 0); // the account is there already
    ck_assert_uint_ne(duet_portfolio_target(stage.portfolio, 7, 0, 12, ""), 0);
    ck_assert_int_eq(last_size(), 2);
    ck_assert_uint_eq(duet_portfolio_target(stage.portfolio, 0, 0, 10, ""), 0);
    stage_close();
}
END_TEST

START_TEST(a_target_that_was_not_reached_is_sent_again) {
    ck_assert_uint_eq(target(101), 0); // 10,100
    ck_assert_str_eq(duet_reason_name((enum duet_reason)stage.last_denial.reason_code), "CASH");
    duet_portfolio_mark(stage.portfolio, 0, 9900);
    ck_assert_uint_ne(target(101), 0);
    stage_report(last_order()->order_id, DUET_ORDER_CANCELLED, DUET_REASON_MARGIN);
    ck_assert_uint_ne(target(101), 0);
    fill_last(9900);
    ck_assert_uint_eq(target(101), 0);
    stage_close();
}
END_TEST

START_TEST(an_order_of_its_own_ends_a_strategys_target) {
    ck_assert_uint_ne(target(10), 0);
    fill_last(10000);
    ck_assert_uint_ne(duet_portfolio_trade(stage.portfolio, 0, 0, DUET_MARKET, -10, 0, ""), 0);
    fill_last(10000);
    ck_assert_uint_ne(target(10), 0);
    stage_close();
}
END_TEST

START_TEST(targets_are_rounded_to_lots_towards_zero) {
    with_options(stage_options(10000), (struct stage_terms){2, 3, 1, 50, 1000000}); // lots of 0.05
    ck_assert_uint_ne(target(0.3), 0); // 0.3 is six lots, whatever binary makes of it
    ck_assert_int_eq(last_size(), 300);
    ck_assert_uint_eq(stage_counts().rounded, 0);
    ck_assert_uint_ne(target(-0.339), 0);
    ck_assert_int_eq(last_size(), -600); // to -0.300
    ck_assert_uint_eq(stage_counts().rounded, 1);
    ck_assert_uint_ne(target(0), 0);
    ck_assert_uint_eq(target(0.049), 0);
    ck_assert_str_eq(duet_reason_name((enum duet_reason)stage.last_denial.reason_code), "BELOW_LOT");
    ck_assert_uint_eq(target(0.049), 0); // said once
    ck_assert_uint_eq(stage_counts().denied[DUET_REASON_BELOW_LOT], 1);
    stage_close();
}
END_TEST

START_TEST(a_target_that_is_no_number_is_refused) {
    ck_assert_uint_eq(target((double)INFINITY), 0);
    ck_assert_uint_eq(target((double)NAN), 0);
    ck_assert_uint_eq(target(1e30), 0);
    ck_assert_uint_eq(percent((double)NAN), 0);
    ck_assert_uint_eq(percent(1e6), 0);
    ck_assert_uint_eq(stage_counts().denied[DUET_REASON_BAD_QUANTITY], 5);
    ck_assert_uint_eq(stage_counts().orders, 0);
    stage_close();
}
END_TEST

/* ----------------------------------------------------------------------------------------------------- weights */

START_TEST(a_weight_is_the_largest_quantity_within_its_share_of_equity) {
    ck_assert_uint_ne(percent(0.5), 0);
    ck_assert_int_eq(last_size(), 50); // 5000 / 100
    ck_assert_uint_eq(percent(0.509), 0);
    ck_assert_uint_eq(stage.order_count, 1); // 50.9: the same 50 shares
    stage_close();
}
END_TEST

START_TEST(costs_and_buffer_are_left_aside) {
    struct duet_portfolio_options options = stage_options(10000);
    ck_assert_int_eq(duet_costs_parse_commission("1%", &options.costs), DUET_OK);
    with_options(options, stage_stock);
    ck_assert_uint_ne(percent(1), 0);
    ck_assert_int_eq(last_size(), 99); // 99 · 101 = 9999
    options.cash_buffer = 0.1;
    with_options(options, stage_stock);
    ck_assert_uint_ne(percent(1), 0);
    ck_assert_int_eq(last_size(), 89); // 89 · 101 = 8989 of 9000
    ck_assert_int_eq(duet_costs_parse_commission("0.5/unit+20/order", &options.costs), DUET_OK);
    options.cash_buffer = 0;
    with_options(options, stage_stock);
    ck_assert_uint_ne(percent(1), 0);
    ck_assert_int_eq(last_size(), 99); // 99 · 100.5 + 20 = 9969.5
    ck_assert_int_eq(duet_costs_parse_commission("1bps+min 150", &options.costs), DUET_OK);
    with_options(options, stage_stock);
    ck_assert_uint_ne(percent(1), 0);
    ck_assert_int_eq(last_size(), 98); // 9800 + 150
    ck_assert_int_eq(duet_costs_parse_commission("0", &options.costs), DUET_OK);
    ck_assert_int_eq(duet_costs_parse_slippage("1%", &options.costs), DUET_OK);
    with_options(options, stage_stock);
    ck_assert_uint_ne(percent(1), 0);
    ck_assert_int_eq(last_size(), 99); // 99 · 101
    stage_close();
}
END_TEST

START_TEST(the_largest_quantity_is_exact_to_the_lot) {
    // 10,000 / 0.03 = 333,333.33…; and exactly 400,000 at 0.025: neither side of a tie may be lost to a double.
    with_options(stage_options(10000), (struct stage_terms){3, 8, 1, 1, 1000000});
    duet_portfolio_mark(stage.portfolio, 0, 30);
    ck_assert_uint_ne(percent(1), 0);
    ck_assert_int_eq(last_size(), INT64_C(33333333333333));
    with_options(stage_options(10000), (struct stage_terms){3, 8, 1, 1, 1000000});
    duet_portfolio_mark(stage.portfolio, 0, 25);
    ck_assert_uint_ne(percent(1), 0);
    ck_assert_int_eq(last_size(), INT64_C(40000000000000));
    stage_close();
}
END_TEST

START_TEST(a_weight_that_repeats_does_not_follow_the_price_but_rebalance_does) {
    ck_assert_uint_ne(percent(0.5), 0);
    fill_last(10000);
    duet_portfolio_mark(stage.portfolio, 0, 20000); // 10,000 of 15,000
    ck_assert_uint_eq(percent(0.5), 0);
    ck_assert_uint_eq(duet_portfolio_rebalance(stage.portfolio, 0, 0, 0.5, 0.2, ""), 0); // 0.667 is within
    ck_assert_uint_ne(duet_portfolio_rebalance(stage.portfolio, 0, 0, 0.5, 0.1, ""), 0);
    ck_assert_int_eq(last_size(), -13); // 7500 / 200 = 37.5
    fill_last(20000);
    ck_assert_uint_eq(duet_portfolio_rebalance(stage.portfolio, 0, 0, 0.5, 0.1, ""), 0);
    stage_close();
}
END_TEST

START_TEST(weights_go_short_and_through_zero) {
    ck_assert_uint_ne(percent(-0.5), 0);
    ck_assert_int_eq(last_size(), -50);
    fill_last(10000);
    ck_assert_uint_ne(percent(0.5), 0);
    ck_assert_int_eq(last_size(), 100);
    fill_last(10000);
    ck_assert_uint_ne(percent(0), 0);
    ck_assert_int_eq(last_size(), -50);
    stage_close();
}
END_TEST

START_TEST(sizing_is_capped_by_cash_and_leverage) {
    ck_assert_uint_ne(percent(3), 0);
    ck_assert_int_eq(last_size(), 100);
    fill_last(10000);
    ck_assert_uint_ne(percent(-3), 0);
    ck_assert_int_eq(last_size(), -200); // short 100 is all that leverage 1 allows
    struct duet_portfolio_options options = stage_options(10000);
    options.leverage = 2;
    ck_assert_int_eq(duet_costs_parse_commission("1%", &options.costs), DUET_OK);
    with_options(options, stage_stock);
    ck_assert_uint_ne(percent(5), 0);
    ck_assert_int_eq(last_size(), 196); // 19,600 <= 2 · (10,000 - 196) = 19,608; 197 is not
    stage_close();
}
END_TEST

START_TEST(sizing_leaves_what_other_orders_have_claimed) {
    ck_assert_uint_ne(duet_portfolio_target(stage.portfolio, 0, 1, 150, ""), 0); // 7500
    ck_assert_uint_ne(percent(0.5), 0);
    ck_assert_int_eq(last_size(), 25); // not 50
    stage_close();
}
END_TEST

START_TEST(sizing_without_a_price_is_refused_but_flat_needs_none) {
    stage_close();
    stage_open(stage_options(10000), stage_stock, 1);
    ck_assert_uint_eq(percent(0), 0);
    ck_assert_uint_eq(stage_counts().denied[DUET_REASON_NO_PRICE], 0);
    ck_assert_uint_eq(percent(0.5), 0);
    ck_assert_uint_eq(stage_counts().denied[DUET_REASON_NO_PRICE], 1);
    duet_portfolio_mark(stage.portfolio, 0, 10000);
    ck_assert_uint_ne(percent(0.5), 0); // a denied target is not a last target
    stage_close();
}
END_TEST

START_TEST(a_weight_below_one_lot_says_so_once) {
    ck_assert_uint_eq(percent(0.001), 0);
    ck_assert_uint_eq(percent(0.001), 0);
    ck_assert_uint_eq(stage_counts().denied[DUET_REASON_BELOW_LOT], 1);
    ck_assert_uint_ne(percent(0.5), 0);
    fill_last(10000);
    ck_assert_uint_ne(percent(0.001), 0); // from a position it is a way out
    ck_assert_int_eq(last_size(), -50);
    stage_close();
}
END_TEST

START_TEST(a_signal_becomes_a_target) {
    struct duet_event event = {.type = DUET_EVENT_SIGNAL};
    event.signal = (struct duet_signal){.size = sizeof(event.signal), .direction = 1, .strength = 0.25, .reason = "up"};
    (void)duet_bus_publish(stage.bus, &event);
    ck_assert_int_eq(last_size(), 25);
    ck_assert_str_eq(last_order()->reason, "up");
    (void)duet_bus_publish(stage.bus, &event);
    ck_assert_uint_eq(stage.order_count, 1);
    fill_last(10000);
    event.signal.direction = 0;
    (void)duet_bus_publish(stage.bus, &event);
    ck_assert_int_eq(last_size(), -25);
    event.signal.strength = 2;
    (void)duet_bus_publish(stage.bus, &event);
    ck_assert_uint_eq(stage.counts[DUET_EVENT_ERROR], 1);
    stage_close();
}
END_TEST

/* ----------------------------------------------------------------------------------------------------- helpers */

START_TEST(helpers_round_prices_away_from_the_market_and_count_it) {
    with_options(stage_options(100000), (struct stage_terms){2, 0, 5, 1, 1000000}); // ticks of 0.05
    static const struct {
        int type;
        double quantity, price;
        int64_t expected;
    } cases[] = {
        {DUET_LIMIT, 1, 99.97, 9995}, // buy limit: lower
        {DUET_LIMIT, -1, 101.01, 10105}, // sell limit: higher
        {DUET_STOP, 1, 101.01, 10105}, // buy stop: higher
        {DUET_STOP, -1, 98.99, 9895}, // sell stop: lower
        {DUET_LIMIT, 1, 99.949999, 9990}, // between two units of the price
        {DUET_STOP, 1, 101.0500001, 10110},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t id = duet_portfolio_trade(stage.portfolio, 0, 0, cases[i].type, cases[i].quantity, cases[i].price, "");
        ck_assert_uint_ne(id, 0);
        int64_t price = cases[i].type == DUET_STOP ? last_order()->stop_price : last_order()->price;
        ck_assert_int_eq(price, cases[i].expected);
        ck_assert_uint_eq(stage_counts().rounded, i + 1);
    }
    ck_assert_uint_ne(duet_portfolio_trade(stage.portfolio, 0, 0, DUET_LIMIT, 1, 33.0 * 3.05, ""), 0);
    ck_assert_int_eq(last_order()->price, 10065); // 100.64999999999999 is 100.65
    ck_assert_uint_eq(stage_counts().rounded, 6);
    stage_close();
}
END_TEST

START_TEST(helpers_refuse_what_cannot_be_traded) {
    ck_assert_uint_eq(duet_portfolio_trade(stage.portfolio, 0, 0, DUET_LIMIT, 1, 0, ""), 0);
    ck_assert_uint_eq(duet_portfolio_trade(stage.portfolio, 0, 0, DUET_LIMIT, 1, (double)NAN, ""), 0);
    ck_assert_uint_eq(duet_portfolio_trade(stage.portfolio, 0, 0, DUET_STOP, 1, -5, ""), 0);
    ck_assert_uint_eq(stage_counts().denied[DUET_REASON_BAD_PRICE], 3);
    ck_assert_uint_eq(duet_portfolio_trade(stage.portfolio, 0, 0, DUET_MARKET, 0, 0, ""), 0);
    ck_assert_uint_eq(duet_portfolio_trade(stage.portfolio, 0, 0, DUET_MARKET, (double)NAN, 0, ""), 0);
    ck_assert_uint_eq(stage_counts().denied[DUET_REASON_BAD_QUANTITY], 2);
    ck_assert_uint_eq(duet_portfolio_trade(stage.portfolio, 0, 0, DUET_MARKET, -0.7, 0, ""), 0);
    ck_assert_uint_eq(stage_counts().denied[DUET_REASON_BELOW_LOT], 1);
    ck_assert_uint_eq(duet_portfolio_trade(stage.portfolio, 0, 0, DUET_STOP_LIMIT, 1, 1, ""), 0);
    ck_assert_uint_eq(stage_counts().denied[DUET_REASON_BAD_REQUEST], 1);
    ck_assert_uint_eq(duet_portfolio_trade(stage.portfolio, 0, 0, DUET_MARKET, 2.5, 0, ""), 1);
    ck_assert_int_eq(last_size(), 2);
    stage_close();
}
END_TEST

START_TEST(close_cancels_what_works_and_sells_the_position) {
    ck_assert_uint_eq(duet_portfolio_close(stage.portfolio, 0, 0, 0, ""), 0); // nothing to do
    stage_trade(DUET_BUY, 30, 10000);
    uint64_t resting = duet_portfolio_trade(stage.portfolio, 0, 0, DUET_LIMIT, 10, 90, "");
    ck_assert_uint_ne(duet_portfolio_close(stage.portfolio, 0, 0, 0, "out"), 0);
    ck_assert_int_eq(last_size(), -30);
    ck_assert_int_eq(last_order()->flags, DUET_REDUCE_ONLY);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, resting)->status, DUET_ORDER_CANCELLED);
    ck_assert_uint_eq(target(0), 0); // on its way already
    ck_assert_uint_ne(target(5), 0);
    ck_assert_int_eq(last_size(), 5);
    stage_close();
}
END_TEST

START_TEST(close_leaves_the_protection_to_go_with_the_position) {
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.05);
    stage_trade(DUET_BUY, 30, 10000);
    uint64_t stop = last_order()->order_id;
    stage.silent = true;
    uint64_t way_out = duet_portfolio_close(stage.portfolio, 0, 0, 0, "out");
    ck_assert_uint_ne(way_out, 0);
    stage_report(way_out, DUET_ORDER_REJECTED, DUET_REASON_DISCONNECTED);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, stop)->status, DUET_ORDER_ACCEPTED);
    stage.silent = false;
    way_out = duet_portfolio_close(stage.portfolio, 0, 0, 0, "out");
    stage_fill(way_out, 30, 10000, 0);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, stop)->status, DUET_ORDER_CANCELLED);
    stage_close();
}
END_TEST

/* -------------------------------------------------------------------------------------------- protective stops */

START_TEST(every_entry_fill_carries_a_reduce_only_stop) {
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.05);
    uint64_t id = stage_market(DUET_BUY, 30);
    stage_fill(id, 10, 10007, 0);
    const struct duet_order_event *stop = last_order();
    ck_assert_int_eq(stop->type, DUET_STOP);
    ck_assert_int_eq(stop->side, DUET_SELL);
    ck_assert_int_eq(stop->quantity, 10);
    ck_assert_int_eq(stop->flags, DUET_REDUCE_ONLY | DUET_ATTACHED | DUET_LOCAL);
    ck_assert_int_eq(stop->stop_price, 9506); // 95.0665, away from the market
    stage_fill(id, 20, 10100, 0);
    ck_assert_int_eq(last_order()->quantity, 20);
    ck_assert_int_eq(last_order()->stop_price, 9595);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 0);
    stage_close();
}
END_TEST

START_TEST(a_short_is_protected_from_above) {
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.05);
    uint64_t id = stage_market(DUET_SELL, 30);
    stage_fill(id, 30, 10007, 0);
    ck_assert_int_eq(last_order()->side, DUET_BUY);
    ck_assert_int_eq(last_order()->stop_price, 10508); // 105.0735
    stage_close();
}
END_TEST

START_TEST(protection_ends_with_the_position) {
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.05);
    stage_fill(stage_market(DUET_BUY, 30), 30, 10000, 0);
    uint64_t stop = last_order()->order_id;
    stage_fill(stage_market(DUET_SELL, 10), 10, 10000, 0); // a part: it stays
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, stop)->status, DUET_ORDER_ACCEPTED);
    stage_fill(stage_market(DUET_SELL, 20), 20, 10000, 0);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, stop)->status, DUET_ORDER_CANCELLED);
    ck_assert_uint_eq(stage.portfolio->orders.working_count, 0);
    stage_close();
}
END_TEST

START_TEST(a_reversal_changes_the_protection) {
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.05);
    stage_fill(stage_market(DUET_BUY, 30), 30, 10000, 0);
    uint64_t stop = last_order()->order_id;
    stage_fill(stage_market(DUET_SELL, 50), 50, 10000, 0);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, stop)->status, DUET_ORDER_CANCELLED);
    ck_assert_int_eq(last_order()->side, DUET_BUY);
    ck_assert_int_eq(last_order()->quantity, 20);
    ck_assert_int_eq(last_order()->stop_price, 10500);
    stage_close();
}
END_TEST

START_TEST(what_gets_out_of_a_position_never_opens_the_other_side) {
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.05);
    ck_assert_uint_ne(target(30), 0);
    ck_assert_int_eq(last_order()->flags, 0);
    fill_last(10000);
    uint64_t stop = last_order()->order_id;
    ck_assert_uint_ne(target(20), 0);
    ck_assert_int_eq(last_size(), -10);
    ck_assert_int_eq(last_order()->flags, DUET_REDUCE_ONLY);
    fill_last(10000);
    ck_assert_uint_ne(target(0), 0);
    ck_assert_int_eq(last_size(), -20);
    ck_assert_int_eq(last_order()->flags, DUET_REDUCE_ONLY);
    uint64_t way_out = last_order()->order_id;
    stage_fill(stop, 20, 9400, 0); // the venue cuts the stop of 30 to what is there, and the way out to nothing
    stage_report(way_out, DUET_ORDER_CANCELLED, DUET_REASON_REDUCE_ONLY);
    ck_assert_int_eq(stage_position()->quantity, 0);
    ck_assert_uint_eq(target(0), 0); // it is where it should be
    ck_assert_uint_eq(stage_counts().anomalies, 0);
    stage_close();
}
END_TEST

START_TEST(what_turns_a_protected_position_round_goes_out_and_in) {
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.05);
    ck_assert_uint_ne(target(30), 0);
    fill_last(10000);
    uint64_t stop = last_order()->order_id;
    size_t before = stage.order_count;
    ck_assert_uint_ne(target(-20), 0);
    ck_assert_uint_eq(stage.order_count, before + 2);
    struct duet_order_event out = stage.orders[before], in = stage.orders[before + 1];
    ck_assert_int_eq(out.side * out.quantity, -30);
    ck_assert_int_eq(out.flags, DUET_REDUCE_ONLY);
    ck_assert_int_eq(in.side * in.quantity, -20);
    ck_assert_int_eq(in.flags, 0);
    ck_assert_uint_eq(target(-20), 0); // on its way
    stage_fill(stop, 30, 9400, 0);
    stage_report(out.order_id, DUET_ORDER_CANCELLED, DUET_REASON_REDUCE_ONLY);
    stage_fill(in.order_id, 20, 9400, 0);
    ck_assert_int_eq(stage_position()->quantity, -20);
    ck_assert_uint_eq(target(-20), 0);
    stage_close();
}
END_TEST

START_TEST(what_goes_out_makes_no_room_for_more_on_the_other_side) {
    struct duet_portfolio_options options = stage_options(10000);
    options.limits.max_position = 25;
    with_options(options, stage_stock);
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.05);
    ck_assert_uint_ne(target(20), 0);
    fill_last(10000);
    ck_assert_uint_eq(target(-30), 0); // out with the 20, but not 30 short
    ck_assert_uint_eq(stage.last_denial.reason_code, DUET_REASON_MAX_POSITION);
    ck_assert_int_eq(last_size(), -20);
    fill_last(10000);
    ck_assert_int_eq(stage_position()->quantity, 0);
    ck_assert_uint_ne(target(-25), 0);
    ck_assert_int_eq(last_size(), -25);
    stage_close();
}
END_TEST

START_TEST(one_stop_that_fills_takes_the_others_with_it_and_not_itself) {
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.05);
    stage_fill(stage_market(DUET_BUY, 10), 10, 10000, 0);
    uint64_t first = last_order()->order_id;
    stage_fill(stage_market(DUET_BUY, 10), 10, 10000, 0);
    uint64_t second = last_order()->order_id;
    stage_fill(first, 10, 9500, 0);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, second)->status, DUET_ORDER_ACCEPTED);
    stage_fill(second, 10, 9500, 0);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, second)->status, DUET_ORDER_FILLED);
    ck_assert_uint_eq(stage.portfolio->orders.working_count, 0);
    ck_assert_uint_eq(stage_counts().cancelled, 0);
    ck_assert_uint_eq(stage_counts().anomalies, 0);
    stage_close();
}
END_TEST

START_TEST(protection_is_of_one_strategy_and_instrument_and_can_end) {
    duet_portfolio_protect(stage.portfolio, 1, 0, 0.05);
    stage_trade(DUET_BUY, 10, 10000); // strategy 0
    ck_assert_uint_eq(stage.portfolio->orders.working_count, 0);
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.05);
    duet_portfolio_protect(stage.portfolio, 0, 0, 0);
    stage_trade(DUET_BUY, 10, 10000);
    ck_assert_uint_eq(stage.portfolio->orders.working_count, 0);
    stage_close();
}
END_TEST

DUET_TEST_MAIN("sizing", ten_thousand, a_target_sends_the_difference_to_position_and_working_orders,
    repeating_the_last_target_is_no_order_even_after_a_stop_out, each_strategy_and_instrument_has_a_target_of_its_own,
    a_target_whose_order_goes_out_again_is_still_the_target, a_target_that_was_not_reached_is_sent_again,
    an_order_of_its_own_ends_a_strategys_target, targets_are_rounded_to_lots_towards_zero,
    a_target_that_is_no_number_is_refused, a_weight_is_the_largest_quantity_within_its_share_of_equity,
    costs_and_buffer_are_left_aside, the_largest_quantity_is_exact_to_the_lot,
    a_weight_that_repeats_does_not_follow_the_price_but_rebalance_does, weights_go_short_and_through_zero,
    sizing_is_capped_by_cash_and_leverage, sizing_leaves_what_other_orders_have_claimed,
    sizing_without_a_price_is_refused_but_flat_needs_none, a_weight_below_one_lot_says_so_once,
    a_signal_becomes_a_target, helpers_round_prices_away_from_the_market_and_count_it,
    helpers_refuse_what_cannot_be_traded, close_cancels_what_works_and_sells_the_position,
    close_leaves_the_protection_to_go_with_the_position, every_entry_fill_carries_a_reduce_only_stop,
    a_short_is_protected_from_above, protection_ends_with_the_position, a_reversal_changes_the_protection,
    what_gets_out_of_a_position_never_opens_the_other_side, what_turns_a_protected_position_round_goes_out_and_in,
    what_goes_out_makes_no_room_for_more_on_the_other_side, one_stop_that_fills_takes_the_others_with_it_and_not_itself,
    protection_is_of_one_strategy_and_instrument_and_can_end)
