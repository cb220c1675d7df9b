/*
 * Orders against single trades and quotes: which of them an order may meet, at which price, and what it waits for. All
 * prices are worked out by hand from docs/fills.md. Lines as in stage.h; ticks are a millisecond apart unless told.
 */
#include "broker/answers.h"

static void tick_input(int64_t later_ns) {
    stage.now_ns += later_ns;
    stage_input();
}

#define MILLISECOND (DUET_SECOND_NS / 1000)

static void trade_after(int64_t later_ns, double price) {
    tick_input(later_ns);
    const struct duet_trade trade = {
        .size = sizeof(trade), .time_ns = stage.now_ns, .price = price, .price_scaled = p(price)};
    duet_venue_trade(stage.venue, &trade);
    duet_bus_drain(stage.bus);
}

static void quote_after(int64_t later_ns, double bid, double ask) {
    tick_input(later_ns);
    const struct duet_quote quote = {.size = sizeof(quote),
        .time_ns = stage.now_ns,
        .bid = bid,
        .ask = ask,
        .bid_scaled = p(bid),
        .ask_scaled = p(ask)};
    duet_venue_quote(stage.venue, &quote);
    duet_bus_drain(stage.bus);
}

static void trade_at(double price) {
    trade_after(MILLISECOND, price);
}

static void quote_at(double bid, double ask) {
    quote_after(MILLISECOND, bid, ask);
}

/* ----------------------------------------------------------------------------------------------- which, and when */

START_TEST(an_order_meets_no_tick_of_the_time_of_its_acceptance) {
    stage_up("duet-1", 100000, NULL);
    tick_input(MILLISECOND);
    duet_bus_drain(stage.bus);
    send(market(10));
    quote_after(0, 99, 101);
    trade_after(0, 100);
    ck_assert_str_eq(stage.line, "");
    quote_after(1, 98, 102); // a nanosecond is later
    ck_assert_str_eq(stage.line, "3:B10@102");
    stage_down();
}
END_TEST

START_TEST(what_is_sent_on_a_fill_waits_for_a_later_tick) {
    stage_up("duet-1", 100000, NULL);
    strategy_up();
    answers[0] = market(-10);
    answer_count = 1;
    send(market(10));
    quote_at(99, 101);
    quote_after(0, 99.5, 101.5);
    ck_assert_str_eq(stage.line, "3:B10@101");
    quote_at(100, 102);
    ck_assert_str_eq(stage.line, "3:B10@101 3:S10@100");
    stage_down();
}
END_TEST

START_TEST(ticks_of_another_instrument_fill_nothing) {
    stage_up("duet-1", 100000, NULL);
    send(on(1, market(10)));
    trade_at(100);
    quote_at(99, 101);
    ck_assert_str_eq(stage.line, "");
    stage_down();
}
END_TEST

START_TEST(an_order_past_its_time_meets_no_tick) {
    stage_up("duet-1", 100000, NULL);
    send(lasting(limit(10, 99), DUET_DAY));
    struct duet_order_event until = lasting(limit(10, 99), DUET_GTD);
    until.expires_ns = stage.now_ns + DUET_HOUR_NS;
    send(until);
    trade_after(DUET_HOUR_NS, 98); // at the second one's time: too late for it
    ck_assert_str_eq(stage.line, "3:B10@98");
    duet_venue_expire(stage.venue, stage.now_ns);
    duet_bus_drain(stage.bus);
    ck_assert_str_eq(stage.line, "3:B10@98 3:Expired(TIME)");
    stage_down();
}
END_TEST

/* --------------------------------------------------------------------------------------------------- which price */

START_TEST(a_market_order_pays_the_ask_gets_the_bid_or_takes_the_trade) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    quote_at(99.98, 100.02);
    send(market(-4));
    quote_at(99.97, 100.01);
    send(market(-6));
    trade_at(99.5);
    ck_assert_str_eq(stage.line, "3:B10@100.02 3:S4@99.97 3:S6@99.5");
    ck_assert_uint_eq(stage.last_fill.liquidity, DUET_LIQUIDITY_TAKER);
    stage_down();
}
END_TEST

START_TEST(a_limit_needs_a_trade_to_go_through_it_and_a_quote_only_to_touch_it) {
    stage_up("duet-1", 100000, NULL);
    send(limit(10, 99));
    trade_at(99.5);
    trade_at(99); // somebody dealt there; who stood in line is not known
    ck_assert_str_eq(stage.line, "");
    trade_at(98.99);
    ck_assert_str_eq(stage.line, "3:B10@99");
    ck_assert_uint_eq(stage.last_fill.liquidity, DUET_LIQUIDITY_MAKER);
    send(limit(-10, 101));
    quote_at(100.99, 101.01);
    ck_assert_str_eq(stage.line, "3:B10@99");
    quote_at(101, 101.02); // somebody bids what we ask
    ck_assert_str_eq(stage.line, "3:B10@99 3:S10@101");
    stage_down();
}
END_TEST

START_TEST(a_limit_that_rested_fills_at_its_price_and_one_that_crosses_at_the_better_one) {
    stage_up("duet-1", 100000, NULL);
    send(limit(10, 99));
    quote_at(99.5, 100);
    quote_at(97, 98); // the market came through 99 on its way
    ck_assert_str_eq(stage.line, "3:B10@99");
    ck_assert_uint_eq(stage.last_fill.liquidity, DUET_LIQUIDITY_MAKER);
    send(limit(10, 99));
    quote_at(97, 98); // was there already when it came
    ck_assert_str_eq(stage.line, "3:B10@99 3:B10@98");
    ck_assert_uint_eq(stage.last_fill.liquidity, DUET_LIQUIDITY_TAKER);
    stage_down();
}
END_TEST

START_TEST(a_stop_is_set_off_by_a_touch_and_fills_at_the_price_that_did_it) {
    stage_up("duet-1", 100000, NULL);
    send(market(20));
    trade_at(100);
    send(stop(-10, 99));
    trade_at(99.01);
    ck_assert_str_eq(stage.line, "3:B20@100");
    trade_at(99);
    ck_assert_str_eq(stage.line, "3:B20@100 3:S10@99");
    send(stop(-10, 98));
    quote_at(98.01, 98.2);
    quote_at(97.5, 98.4); // the bid is what a seller gets, through its stop or not
    ck_assert_str_eq(stage.line, "3:B20@100 3:S10@99 3:S10@97.5");
    stage_down();
}
END_TEST

START_TEST(a_stop_limit_is_triggered_by_one_tick_and_may_fill_by_the_same) {
    stage_up("duet-1", 100000, NULL);
    stage.verbose = true;
    send(stop_limit(10, 102, 103));
    quote_at(101, 102.5);
    ck_assert_str_eq(stage.line, "3:A1 3:B10@102.5 3:F1");
    send(stop_limit(10, 104, 104.5));
    quote_at(104.8, 105); // triggered, and beyond its limit
    ck_assert_str_eq(stage.line, "3:A1 3:B10@102.5 3:F1 3:A2 3:T2");
    quote_at(104, 104.6);
    quote_at(104, 104.5);
    ck_assert_str_eq(stage.line, "3:A1 3:B10@102.5 3:F1 3:A2 3:T2 3:B10@104.5 3:F2");
    stage_down();
}
END_TEST

/* ------------------------------------------------------------------------------------------- sides, sizes, haste */

START_TEST(a_side_that_nobody_quotes_fills_nothing) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    send(lasting(market(5), DUET_IOC));
    quote_at(99, 0);
    quote_at(0, 0);
    ck_assert_str_eq(stage.line, "");
    quote_at(0, 101);
    ck_assert_str_eq(stage.line, "3:B10@101 3:B5@101");
    stage_down();
}
END_TEST

START_TEST(fills_are_whole_whatever_size_was_quoted) {
    stage_up("duet-1", 100000, NULL);
    send(market(500));
    tick_input(MILLISECOND);
    const struct duet_quote thin = {.size = sizeof(thin),
        .time_ns = stage.now_ns,
        .bid_scaled = p(99),
        .ask_scaled = p(101),
        .bid_size = 1,
        .ask_size = 1};
    duet_venue_quote(stage.venue, &thin);
    duet_bus_drain(stage.bus);
    ck_assert_str_eq(stage.line, "3:B500@101");
    stage_down();
}
END_TEST

START_TEST(what_is_immediate_meets_one_later_tick_and_goes) {
    stage_up("duet-1", 100000, NULL);
    send(lasting(limit(10, 99), DUET_IOC));
    send(lasting(limit(10, 101), DUET_FOK));
    quote_after(0, 98, 98.5); // of the time of their acceptance: not theirs
    ck_assert_str_eq(stage.line, "");
    quote_at(100, 100.5);
    ck_assert_str_eq(stage.line, "3:Cancelled(UNFILLED) 3:B10@100.5");
    stage_down();
}
END_TEST

START_TEST(slippage_is_taken_from_market_and_stop_fills_only) {
    const struct duet_costs costs = {.slippage_rate = INT64_C(1000000000)}; // 10 bps
    stage_up("duet-1", 100000, &costs);
    send(market(10));
    send(limit(10, 100));
    quote_at(99.9, 100);
    // 100 · 1.001 = 100.10
    ck_assert_str_eq(stage.line, "3:B10@100.1 3:B10@100");
    stage_down();
}
END_TEST

START_TEST(backtrader_fills_limits_on_a_touch_of_a_trade_too) {
    stage_up("backtrader", 100000, NULL);
    send(limit(10, 99));
    trade_at(99);
    ck_assert_str_eq(stage.line, "3:B10@99");
    stage_down();
}
END_TEST

START_TEST(a_crossed_quote_fills_each_side_at_what_it_names) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    quote_at(101, 100);
    send(market(-10));
    quote_at(101, 100);
    ck_assert_str_eq(stage.line, "3:B10@100 3:S10@101");
    stage_down();
}
END_TEST

START_TEST(of_two_ways_out_that_one_tick_opens_the_first_is_taken) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    trade_at(100);
    send(flagged(stop(-10, 102), DUET_REDUCE_ONLY));
    send(flagged(limit(-10, 100), DUET_REDUCE_ONLY));
    trade_at(101); // at or below 102, and through 100
    ck_assert_str_eq(stage.line, "3:B10@100 3:S10@101 3:Cancelled(REDUCE_ONLY)");
    stage_down();
}
END_TEST

START_TEST(a_gap_between_ticks_fills_a_stop_where_it_ends) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    trade_at(100);
    send(flagged(stop(-10, 95), DUET_REDUCE_ONLY));
    send(flagged(limit(-4, 105), DUET_REDUCE_ONLY));
    trade_at(99); // the limit rests
    trade_after(17 * 3600 * DUET_SECOND_NS, 110); // overnight: it sells at its own price all the same
    trade_after(17 * 3600 * DUET_SECOND_NS, 90); // cut to the 6 that are left
    ck_assert_str_eq(stage.line, "3:B10@100 3:S4@105 3:S6@90 3:Cancelled(REDUCE_ONLY)");
    stage_down();
}
END_TEST

DUET_TEST_MAIN("ticks", NULL, an_order_meets_no_tick_of_the_time_of_its_acceptance,
    what_is_sent_on_a_fill_waits_for_a_later_tick, ticks_of_another_instrument_fill_nothing,
    an_order_past_its_time_meets_no_tick, a_market_order_pays_the_ask_gets_the_bid_or_takes_the_trade,
    a_limit_needs_a_trade_to_go_through_it_and_a_quote_only_to_touch_it,
    a_limit_that_rested_fills_at_its_price_and_one_that_crosses_at_the_better_one,
    a_stop_is_set_off_by_a_touch_and_fills_at_the_price_that_did_it,
    a_stop_limit_is_triggered_by_one_tick_and_may_fill_by_the_same, a_side_that_nobody_quotes_fills_nothing,
    fills_are_whole_whatever_size_was_quoted, what_is_immediate_meets_one_later_tick_and_goes,
    slippage_is_taken_from_market_and_stop_fills_only, backtrader_fills_limits_on_a_touch_of_a_trade_too,
    a_crossed_quote_fills_each_side_at_what_it_names, of_two_ways_out_that_one_tick_opens_the_first_is_taken,
    a_gap_between_ticks_fills_a_stop_where_it_ends)
