/* What ends an order, what a fill costs, and which instruments have orders. Lines as in stage.h. */
#include "broker/answers.h"

/* -------------------------------------------------------------------------------------------------- endings */

START_TEST(ioc_and_fok_meet_one_opening_and_go) {
    static const uint8_t both[] = {DUET_IOC, DUET_FOK};
    for (int i = 0; i < 2; i++) {
        stage_up("duet-1", 100000, NULL);
        send(lasting(limit(10, 99), both[i]));
        stage_bar(100, 101, 90, 100);
        ck_assert_str_eq(stage.line, "3:Cancelled(UNFILLED)");
        send(lasting(limit(10, 99), both[i]));
        stage_bar(98, 101, 90, 100);
        ck_assert_str_eq(stage.line, "3:Cancelled(UNFILLED) 4:B10@98");
        stage_down();
    }
}
END_TEST

START_TEST(a_day_order_ends_with_its_day) {
    stage_up("duet-1", 100000, NULL);
    send(lasting(limit(10, 98), DUET_DAY));
    ck_assert_int_eq(duet_venue_next_expiry_ns(stage.venue), stage.now_ns + DUET_DAY_NS);
    stage_bar(100, 101, 99, 100);
    ck_assert_str_eq(stage.line, "4:Expired(TIME)");
    ck_assert_int_eq(duet_venue_next_expiry_ns(stage.venue), INT64_MAX);
    stage_bar(97, 101, 90, 100);
    ck_assert_str_eq(stage.line, "4:Expired(TIME)");
    stage_down();
}
END_TEST

static void send_until(double days) {
    struct duet_order_event order = lasting(limit(10, 98), DUET_GTD);
    order.expires_ns = stage.now_ns + (int64_t)(days * (double)DUET_DAY_NS);
    send(order);
}

START_TEST(a_range_that_closes_at_the_expiry_still_counts) {
    stage_up("duet-1", 100000, NULL);
    send_until(1);
    stage_bar(100, 101, 97, 100);
    ck_assert_str_eq(stage.line, "3:B10@98");
    stage_down();
}
END_TEST

START_TEST(a_range_that_closes_after_the_expiry_counts_for_backtrader_only) {
    stage_up("duet-1", 100000, NULL);
    send_until(0.5);
    stage_bar(100, 101, 97, 100);
    ck_assert_str_eq(stage.line, "4:Expired(TIME)");
    stage_down();
    stage_up("backtrader", 100000, NULL);
    send_until(0.5);
    stage_bar(100, 101, 97, 100);
    ck_assert_str_eq(stage.line, "3:B10@98");
    stage_down();
}
END_TEST

START_TEST(an_opening_at_the_expiry_does_not_count) {
    stage_up("duet-1", 100000, NULL);
    send_until(0.5);
    stage.now_ns += DUET_DAY_NS / 2;
    stage_input();
    duet_bus_drain(stage.bus);
    stage_open(97); // nobody has expired it yet
    ck_assert_str_eq(stage.line, "");
    stage_input();
    duet_venue_expire(stage.venue, stage.now_ns);
    duet_bus_drain(stage.bus);
    ck_assert_str_eq(stage.line, "3:Expired(TIME)");
    stage_down();
}
END_TEST

START_TEST(a_cancel_in_the_reports_comes_too_late_for_the_batch_just_matched) {
    stage_up("duet-1", 100000, NULL);
    strategy_up();
    send(market(10));
    cancels = send_market(5);
    stage_open(100);
    ck_assert_str_eq(stage.line, "3:B10@100 3:B5@100");
    ck_assert_int_eq(stage_position(0), 15);
    stage_down();
}
END_TEST

START_TEST(a_cancel_in_the_reports_ends_an_order_that_still_works) {
    stage_up("duet-1", 100000, NULL);
    strategy_up();
    send(market(10));
    struct duet_order_event order = limit(5, 99);
    cancels = stage_send(&order);
    stage_bar(100, 100, 90, 100);
    ck_assert_str_eq(stage.line, "3:B10@100 3:Cancelled(USER)");
    ck_assert_uint_eq(duet_venue_hot_count(stage.venue), 0);
    stage_down();
}
END_TEST

START_TEST(a_replaced_order_says_so_and_its_successor_stands_alone) {
    stage_up("duet-1", 100000, NULL);
    struct duet_order_event order = limit(5, 99);
    uint64_t id = stage_send(&order);
    struct duet_event replace = {
        .type = DUET_EVENT_ORDER, .order = {.size = sizeof(replace.order), .order_id = id, .action = DUET_REPLACE}};
    (void)duet_bus_publish(stage.bus, &replace);
    send(limit(5, 97));
    stage_bar(100, 100, 98, 100);
    ck_assert_str_eq(stage.line, "3:Cancelled(REPLACED)");
    stage_bar(100, 100, 96, 100);
    ck_assert_str_eq(stage.line, "3:Cancelled(REPLACED) 4:B5@97");
    stage_down();
}
END_TEST

START_TEST(a_cancel_of_nothing_is_counted) {
    stage_up("duet-1", 100000, NULL);
    struct duet_event cancel = {
        .type = DUET_EVENT_ORDER, .order = {.size = sizeof(cancel.order), .order_id = 77, .action = DUET_CANCEL}};
    (void)duet_bus_publish(stage.bus, &cancel);
    struct duet_venue_counts counts;
    duet_venue_get_counts(stage.venue, &counts);
    ck_assert_uint_eq(counts.too_late, 1);
    ck_assert_str_eq(stage.line, "");
    stage_down();
}
END_TEST

START_TEST(an_order_through_zero_without_cash_closes_and_opens_nothing) {
    stage_up("duet-1", 1000, NULL);
    send(market(-10));
    stage_bar(100, 100, 100, 100);
    send(market(19));
    stage_bar(110, 110, 110, 110); // 10 closed at a loss leave 900; 9 more want 990
    ck_assert_str_eq(stage.line, "3:S10@100 4:B10@110 4:Cancelled(MARGIN)");
    ck_assert_int_eq(stage_position(0), 0);
    stage_down();
}
END_TEST

START_TEST(a_reduce_only_order_is_cut_to_what_is_held_by_then) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    stage_bar(100, 100, 100, 100);
    send(flagged(stop(-10, 95), DUET_REDUCE_ONLY));
    send(market(-6));
    stage_bar(100, 100, 94, 95);
    ck_assert_str_eq(stage.line, "3:B10@100 4:S6@100 4:S4@95 4:Cancelled(REDUCE_ONLY)");
    ck_assert_int_eq(stage_position(0), 0);
    stage_down();
}
END_TEST

START_TEST(what_cannot_work_is_rejected_with_its_reason) {
    stage_up("duet-1", 100000, NULL);
    struct duet_order_event bad[] = {
        on(99, market(1)), flagged(market(1), 0), limit(1, 0), stop(1, -5), market(1), market(1)};
    bad[1].quantity = 0;
    bad[4].type = DUET_ORDER_TYPE_COUNT;
    bad[5].time_in_force = DUET_GTD; // since 1970
    static const char *const expected[] = {"3:Rejected(NOT_TRADED)", "3:Rejected(BAD_QUANTITY)",
        "3:Rejected(BAD_PRICE)", "3:Rejected(BAD_PRICE)", "3:Rejected(BAD_REQUEST)", "3:Rejected(TIME)"};
    for (size_t i = 0; i < 6; i++) {
        // Past the gate: the portfolio would have denied these.
        struct duet_event event = {.type = DUET_EVENT_ORDER, .order = bad[i]};
        event.order.size = sizeof(event.order);
        event.order.order_id = 1000 + i;
        stage.length = 0;
        (void)duet_bus_publish(stage.bus, &event);
        ck_assert_str_eq(stage.line, expected[i]);
    }
    ck_assert_uint_eq(duet_venue_hot_count(stage.venue), 0);
    stage_down();
}
END_TEST

START_TEST(what_still_works_when_the_data_ends_expires_and_positions_are_sold) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    stage_bar(100, 100, 100, 100);
    send(limit(10, 90));
    stage_bar(100, 103, 99, 103);
    stage_input();
    duet_venue_end(stage.venue);
    duet_bus_drain(stage.bus);
    ck_assert_str_eq(stage.line, "3:B10@100 5:Expired(END_OF_DATA)");
    stage_input();
    duet_venue_close_out(stage.venue, 0, p(103));
    duet_bus_drain(stage.bus);
    ck_assert_str_eq(stage.line, "3:B10@100 5:Expired(END_OF_DATA) 5:S10@103");
    ck_assert_uint_eq(stage.last_fill.flags & DUET_AT_END, DUET_AT_END);
    ck_assert_int_eq(stage_position(0), 0);
    ck_assert(fabs(stage_equity() - 100030) < 1e-6);
    send(market(1));
    ck_assert_str_eq(stage.line, "3:B10@100 5:Expired(END_OF_DATA) 5:S10@103 5:Rejected(END_OF_DATA)");
    stage_down();
}
END_TEST

/* -------------------------------------------------------------------------------------------- prices and costs */

START_TEST(slippage_moves_market_and_stop_fills_and_never_a_limit) {
    // 5 bps of 100.01 is 0.050005, of 102 it is 0.051: both end a tick further out.
    struct duet_costs costs = {.slippage_rate = INT64_C(500000000)};
    stage_up("duet-1", 100000, &costs);
    send(market(10));
    stage_bar(100.01, 100.01, 100.01, 100.01);
    ck_assert_str_eq(stage.line, "3:B10@100.07");
    ck_assert_int_eq(stage.last_fill.slippage, 6);
    send(stop(10, 102));
    stage_bar(101, 103, 100, 100);
    ck_assert_str_eq(stage.line, "3:B10@100.07 4:B10@102.06");
    send(limit(-10, 101));
    stage_bar(100, 103, 100, 100);
    ck_assert_str_eq(stage.line, "3:B10@100.07 4:B10@102.06 5:S10@101");
    ck_assert_int_eq(stage.last_fill.slippage, 0);
    send(market(-10));
    stage_bar(100.01, 100.01, 100.01, 100.01);
    ck_assert_str_eq(stage.line, "3:B10@100.07 4:B10@102.06 5:S10@101 6:S10@99.95");
    ck_assert_int_eq(stage.last_fill.slippage, 6);
    stage_down();
}
END_TEST

START_TEST(a_limit_that_rested_makes_and_one_that_crosses_at_once_takes) {
    stage_up("duet-1", 100000, NULL);
    send(limit(10, 101));
    stage_bar(100, 100, 100, 100);
    ck_assert_uint_eq(stage.last_fill.liquidity, DUET_LIQUIDITY_TAKER);
    send(limit(10, 98));
    stage_bar(100, 100, 97, 100);
    ck_assert_uint_eq(stage.last_fill.liquidity, DUET_LIQUIDITY_MAKER);
    ck_assert_str_eq(stage.line, "3:B10@100 4:B10@98");
    stage_down();
}
END_TEST

/** A millisecond later. */
static void trade_at(double price) {
    stage.now_ns += DUET_SECOND_NS / 1000;
    struct duet_trade trade = {
        .size = sizeof(trade), .time_ns = stage.now_ns, .price = price, .price_scaled = p(price)};
    stage_input();
    duet_venue_trade(stage.venue, &trade);
    duet_bus_drain(stage.bus);
}

static void quote_at(double bid, double ask) {
    stage.now_ns += DUET_SECOND_NS / 1000;
    struct duet_quote quote = {
        .size = sizeof(quote), .time_ns = stage.now_ns, .bid_scaled = p(bid), .ask_scaled = p(ask)};
    stage_input();
    duet_venue_quote(stage.venue, &quote);
    duet_bus_drain(stage.bus);
}

START_TEST(trades_fill_what_was_there_before_them) {
    stage_up("duet-1", 100000, NULL);
    strategy_up();
    answers[0] = market(1);
    answer_count = 1;
    send(market(10));
    trade_at(100.5);
    ck_assert_str_eq(stage.line, "3:B10@100.5");
    trade_at(101);
    ck_assert_str_eq(stage.line, "3:B10@100.5 3:B1@101");
    send(stop(-11, 99));
    trade_at(100);
    trade_at(98.5);
    ck_assert_str_eq(stage.line, "3:B10@100.5 3:B1@101 3:S11@98.5");
    send(limit(4, 97));
    trade_at(98);
    trade_at(97);
    trade_at(96.5);
    ck_assert_str_eq(stage.line, "3:B10@100.5 3:B1@101 3:S11@98.5 3:B4@97");
    stage_down();
}
END_TEST

START_TEST(quotes_fill_buyers_at_the_ask_and_sellers_at_the_bid) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    quote_at(99, 0);
    ck_assert_str_eq(stage.line, ""); // nobody offers
    quote_at(99, 101);
    ck_assert_str_eq(stage.line, "3:B10@101");
    send(market(-10));
    quote_at(99, 101);
    ck_assert_str_eq(stage.line, "3:B10@101 3:S10@99");
    stage_down();
}
END_TEST

/* ------------------------------------------------------------------------------------------------ the hot set */

START_TEST(instruments_with_orders_are_listed_in_ascending_order) {
    stage_up("duet-1", 100000, NULL);
    uint32_t count;
    uint64_t version = duet_venue_hot_version(stage.venue);
    (void)duet_venue_hot(stage.venue, &count);
    ck_assert_uint_eq(count, 0);
    send(on(2, limit(1, 50)));
    send(on(0, limit(1, 50)));
    uint64_t both = duet_venue_hot_version(stage.venue);
    ck_assert_uint_ne(both, version);
    send(on(0, limit(1, 51)));
    ck_assert_uint_eq(duet_venue_hot_version(stage.venue), both);
    const uint32_t *hot = duet_venue_hot(stage.venue, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(hot[0], 0);
    ck_assert_uint_eq(hot[1], 2);
    ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, 1), DUET_OK);
    hot = duet_venue_hot(stage.venue, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(hot[0], 0);
    stage_down();
}
END_TEST

START_TEST(thousands_of_orders_come_and_go_in_any_order) {
    stage_up("duet-1", 100000000, NULL);
    enum { MANY = 5000 };
    static uint64_t ids[MANY];
    for (int i = 0; i < MANY; i++) {
        struct duet_order_event order = on((uint32_t)(i % STAGE_INSTRUMENTS), limit(1, 50 + i * 0.001 * 5));
        order.price = 5000 + i % 1000;
        ids[i] = stage_send(&order);
    }
    // 1237 and 5000 have no common factor, so this visits each once.
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, ids[(i * 1237) % MANY]), DUET_OK);
        stage.length = 0;
    }
    struct duet_venue_counts counts;
    duet_venue_get_counts(stage.venue, &counts);
    ck_assert_uint_eq(counts.accepted, MANY);
    ck_assert_uint_eq(counts.cancelled, MANY);
    ck_assert_uint_eq(counts.too_late, 0);
    ck_assert_uint_eq(duet_venue_hot_count(stage.venue), 0);
    stage_down();
}
END_TEST

START_TEST(a_reset_venue_begins_again) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    stage_open(100);
    send(limit(10, 50));
    duet_stack_reset(&stage.stack);
    uint32_t count;
    (void)duet_venue_hot(stage.venue, &count);
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(duet_component_start(duet_portfolio_component(stage.portfolio)), DUET_OK);
    ck_assert_int_eq(duet_component_start(duet_venue_component(stage.venue)), DUET_OK);
    duet_portfolio_mark(stage.portfolio, 0, p(100));
    send(market(10));
    stage_open(100);
    ck_assert_uint_eq(stage.last_fill.fill_id, 1);
    ck_assert_uint_eq(stage.last_fill.order_id, 1);
    stage_down();
}
END_TEST

START_TEST(profiles_are_found_by_name) {
    size_t count;
    const struct duet_fill_profile *profiles = duet_fill_profiles(&count);
    ck_assert_uint_eq(count, 2);
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_eq(duet_fill_profile_find(profiles[i].name), &profiles[i]);
    }
    ck_assert_ptr_null(duet_fill_profile_find("duet-0"));
}
END_TEST

DUET_TEST_MAIN("venue", NULL, ioc_and_fok_meet_one_opening_and_go, a_day_order_ends_with_its_day,
    a_range_that_closes_at_the_expiry_still_counts, an_opening_at_the_expiry_does_not_count,
    a_range_that_closes_after_the_expiry_counts_for_backtrader_only,
    a_cancel_in_the_reports_comes_too_late_for_the_batch_just_matched,
    a_cancel_in_the_reports_ends_an_order_that_still_works, a_replaced_order_says_so_and_its_successor_stands_alone,
    a_cancel_of_nothing_is_counted, an_order_through_zero_without_cash_closes_and_opens_nothing,
    a_reduce_only_order_is_cut_to_what_is_held_by_then, what_cannot_work_is_rejected_with_its_reason,
    what_still_works_when_the_data_ends_expires_and_positions_are_sold,
    slippage_moves_market_and_stop_fills_and_never_a_limit,
    a_limit_that_rested_makes_and_one_that_crosses_at_once_takes, trades_fill_what_was_there_before_them,
    quotes_fill_buyers_at_the_ask_and_sellers_at_the_bid, instruments_with_orders_are_listed_in_ascending_order,
    thousands_of_orders_come_and_go_in_any_order, a_reset_venue_begins_again, profiles_are_found_by_name)
