/* The risk gate: every denial by name, in the order in which they are asked, and what cash and leverage allow. */
#include "portfolio/stage.h"

static void stocks(void) {
    stage_open(stage_options(1000), (struct stage_terms){2, 0, 5, 10, 1000000}, 2);
    duet_portfolio_mark(stage.portfolio, 0, 1000); // 10.00, lots of 10, ticks of 0.05
    duet_portfolio_mark(stage.portfolio, 1, 1000);
}

#define assert_denied(request, name) ck_assert_str_eq(duet_reason_name(stage_denied(request)), (name))
#define assert_passes(request) assert_denied(request, "NONE")

static struct duet_order_event typed(int side, int64_t quantity, int type, int64_t price, int64_t stop_price) {
    struct duet_order_event request = stage_request(side, quantity);
    request.type = (uint8_t)type;
    request.price = price;
    request.stop_price = stop_price;
    return request;
}

static void with_options(struct duet_portfolio_options options) {
    stage_close();
    stage_open(options, (struct stage_terms){2, 0, 5, 10, 1000000}, 3);
    for (uint32_t i = 0; i < 3; i++) {
        duet_portfolio_mark(stage.portfolio, i, 1000);
    }
}

START_TEST(an_order_needs_a_price_to_be_checked_at) {
    stage_close();
    stage_open(stage_options(1000), stage_stock, 1);
    assert_denied(stage_request(DUET_BUY, 1), "NO_PRICE");
    duet_portfolio_mark(stage.portfolio, 0, 1000);
    assert_passes(stage_request(DUET_BUY, 1));
    duet_portfolio_mark(stage.portfolio, 0, -5);
    assert_denied(stage_request(DUET_BUY, 1), "BAD_PRICE");
    stage_close();
}
END_TEST

START_TEST(bad_quantities_prices_and_fields_are_named) {
    assert_denied(stage_request(DUET_BUY, 0), "BAD_QUANTITY");
    assert_denied(stage_request(DUET_BUY, -10), "BAD_QUANTITY");
    assert_denied(stage_request(DUET_BUY, INT64_MAX), "BAD_QUANTITY");
    assert_denied(typed(DUET_BUY, 10, DUET_LIMIT, 0, 0), "BAD_PRICE");
    assert_denied(typed(DUET_BUY, 10, DUET_LIMIT, -100, 0), "BAD_PRICE");
    assert_denied(typed(DUET_BUY, 10, DUET_STOP, 0, 0), "BAD_PRICE");
    assert_denied(typed(DUET_BUY, 10, DUET_STOP_LIMIT, 1000, 0), "BAD_PRICE");
    assert_denied(typed(DUET_BUY, 10, DUET_LIMIT, INT64_MAX, 0), "BAD_PRICE");
    assert_denied(typed(DUET_BUY, 10, DUET_MARKET, 1000, 0), "BAD_REQUEST");
    assert_denied(typed(DUET_BUY, 10, DUET_LIMIT, 1000, 1000), "BAD_REQUEST");
    assert_denied(typed(DUET_BUY, 10, DUET_ORDER_TYPE_COUNT, 0, 0), "BAD_REQUEST");
    assert_denied(stage_request(0, 10), "BAD_REQUEST");
    struct duet_order_event request = stage_request(DUET_BUY, 10);
    request.time_in_force = DUET_GTD;
    assert_denied(request, "BAD_REQUEST"); // without an expiry
    request.expires_ns = 5;
    stage_tick();
    assert_passes(request);
    request.time_in_force = DUET_GTC;
    assert_denied(request, "BAD_REQUEST");
    request = stage_request(DUET_BUY, 10);
    request.flags = 32; // nobody's
    assert_denied(request, "BAD_REQUEST");
    request = stage_request(DUET_BUY, 10);
    request.instrument = 2;
    assert_denied(request, "BAD_REQUEST");
    stage_close();
}
END_TEST

START_TEST(off_lot_and_off_tick_are_refused_not_rounded) {
    assert_denied(stage_request(DUET_BUY, 15), "OFF_LOT");
    assert_denied(typed(DUET_BUY, 10, DUET_LIMIT, 1003, 0), "OFF_TICK");
    assert_denied(typed(DUET_BUY, 10, DUET_STOP, 0, 1004), "OFF_TICK");
    assert_passes(typed(DUET_BUY, 10, DUET_LIMIT, 1005, 0));
    stage_close();
}
END_TEST

START_TEST(reduce_only_is_cut_to_the_position_or_refused) {
    struct duet_order_event request = stage_request(DUET_SELL, 50);
    request.flags = DUET_REDUCE_ONLY;
    assert_denied(request, "REDUCE_ONLY"); // flat
    stage_trade(DUET_BUY, 30, 1000);
    enum duet_reason denied;
    uint64_t id = duet_portfolio_submit(stage.portfolio, &request, &denied);
    ck_assert_int_eq(denied, DUET_REASON_NONE);
    ck_assert_int_eq(request.quantity, 30);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, id)->quantity, 30);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 0); // reduce-only ones apart
    request.side = DUET_BUY;
    assert_denied(request, "REDUCE_ONLY"); // would add
    stage_close();
}
END_TEST

START_TEST(limits_on_order_value_and_position_are_kept) {
    struct duet_portfolio_options options = stage_options(100000);
    options.limits =
        (struct duet_limits){.max_order_quantity = 100, .max_position = 150, .max_notional = 900 * DUET_MONEY_ONE};
    with_options(options);
    assert_denied(stage_request(DUET_BUY, 110), "MAX_ORDER_QUANTITY");
    assert_denied(stage_request(DUET_BUY, 100), "MAX_NOTIONAL"); // 1000
    assert_passes(typed(DUET_BUY, 100, DUET_LIMIT, 900, 0)); // 900 at its limit
    assert_denied(stage_request(DUET_BUY, 60), "MAX_POSITION"); // 100 work already
    assert_passes(stage_request(DUET_BUY, 50));
    assert_passes(stage_request(DUET_SELL, 90)); // the other side counts by itself
    assert_denied(stage_request(DUET_SELL, 70), "MAX_POSITION"); // short 160
    struct duet_order_event request = stage_request(DUET_SELL, 70);
    request.instrument = 1;
    assert_passes(request);
    stage_close();
}
END_TEST

START_TEST(what_reduces_passes_the_position_limit) {
    struct duet_portfolio_options options = stage_options(100000);
    with_options(options);
    stage_trade(DUET_BUY, 400, 1000);
    stage.portfolio->options.limits.max_position = 150;
    assert_denied(stage_request(DUET_BUY, 10), "MAX_POSITION");
    assert_passes(stage_request(DUET_SELL, 100)); // still 300 afterwards, but less than before
    assert_denied(stage_request(DUET_SELL, 600), "MAX_POSITION"); // through zero to short 300
    stage_close();
}
END_TEST

START_TEST(a_long_needs_cash_for_value_and_commission) {
    struct duet_portfolio_options options = stage_options(1001);
    ck_assert_int_eq(duet_costs_parse_commission("0.1%", &options.costs), DUET_OK);
    with_options(options);
    assert_denied(stage_request(DUET_BUY, 110), "CASH");
    assert_passes(stage_request(DUET_BUY, 100)); // 1000 + 1 = 1001, exactly
    assert_denied(stage_request(DUET_BUY, 10), "CASH"); // the working order has claimed it
    struct duet_order_event other = stage_request(DUET_BUY, 10);
    other.instrument = 1;
    assert_denied(other, "CASH");
    stage_close();
}
END_TEST

START_TEST(a_limit_is_checked_at_its_price_and_slippage_counts_at_market) {
    struct duet_portfolio_options options = stage_options(1000);
    ck_assert_int_eq(duet_costs_parse_slippage("1tick", &options.costs), DUET_OK);
    with_options(options);
    assert_denied(stage_request(DUET_BUY, 100), "CASH"); // 10.05
    assert_passes(typed(DUET_BUY, 100, DUET_LIMIT, 1000, 0)); // limits do not slip
    stage_close();
}
END_TEST

START_TEST(claims_end_with_their_orders) {
    uint64_t id = stage_market(DUET_BUY, 100);
    assert_denied(stage_request(DUET_BUY, 10), "CASH");
    stage_fill(id, 40, 1000, 0); // 400 paid, 600 claimed
    assert_denied(stage_request(DUET_BUY, 10), "CASH");
    ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, id), DUET_OK);
    ck_assert(stage.portfolio->claimed_cash == 0 && stage.portfolio->claimed_gross == 0);
    assert_passes(stage_request(DUET_BUY, 60));
    stage_close();
}
END_TEST

START_TEST(what_a_market_sell_frees_can_be_spent_in_the_same_instant) {
    stage_trade(DUET_BUY, 100, 1000);
    struct duet_order_event rotate = stage_request(DUET_BUY, 100);
    rotate.instrument = 1;
    assert_denied(rotate, "CASH");
    assert_passes(stage_request(DUET_SELL, 100));
    assert_passes(rotate);
    rotate.quantity = 10;
    assert_denied(rotate, "CASH");
    stage_close();
}
END_TEST

START_TEST(a_resting_sell_frees_nothing_yet) {
    stage_trade(DUET_BUY, 100, 1000);
    assert_passes(typed(DUET_SELL, 100, DUET_LIMIT, 1100, 0));
    struct duet_order_event rotate = stage_request(DUET_BUY, 100);
    rotate.instrument = 1;
    assert_denied(rotate, "CASH");
    stage_close();
}
END_TEST

START_TEST(shorts_are_limited_by_exposure) {
    assert_denied(stage_request(DUET_SELL, 110), "LEVERAGE");
    assert_passes(stage_request(DUET_SELL, 100));
    struct duet_order_event other = stage_request(DUET_SELL, 10);
    other.instrument = 1;
    assert_denied(other, "LEVERAGE");
    stage_close();
}
END_TEST

START_TEST(proceeds_of_a_short_do_not_pay_for_longs) {
    stage_trade(DUET_SELL, 100, 1000); // cash 2000, equity 1000, gross 1000
    struct duet_order_event other = stage_request(DUET_BUY, 10);
    other.instrument = 1;
    assert_denied(other, "LEVERAGE");
    assert_passes(stage_request(DUET_BUY, 100)); // covering always passes
    stage_close();
}
END_TEST

START_TEST(a_full_reversal_is_possible_at_leverage_one) {
    stage_trade(DUET_BUY, 100, 1000);
    assert_passes(stage_request(DUET_SELL, 200));
    stage_close();
}
END_TEST

START_TEST(a_reducing_order_passes_without_cash) {
    struct duet_portfolio_options options = stage_options(1000);
    ck_assert_int_eq(duet_costs_parse_commission("5/order", &options.costs), DUET_OK);
    with_options(options);
    uint64_t id = stage_market(DUET_SELL, 90);
    stage_fill(id, 90, 1000, 5 * DUET_MONEY_ONE);
    duet_portfolio_mark(stage.portfolio, 0, 2000); // equity 95, gross 1800
    assert_passes(stage_request(DUET_BUY, 90));
    assert_denied(stage_request(DUET_BUY, 10), "CASH"); // 1805 of 1895 are claimed by the cover
    stage_close();
}
END_TEST

START_TEST(leverage_multiplies_the_exposure_allowed) {
    struct duet_portfolio_options options = stage_options(1000);
    options.leverage = 2.5;
    with_options(options);
    assert_denied(stage_request(DUET_BUY, 260), "LEVERAGE");
    assert_passes(stage_request(DUET_BUY, 250));
    stage_close();
}
END_TEST

START_TEST(unchecked_shorts_follow_the_other_engine) {
    struct duet_portfolio_options options = stage_options(1000);
    options.shorts_unchecked = true;
    with_options(options);
    assert_passes(stage_request(DUET_SELL, 5000));
    assert_denied(stage_request(DUET_BUY, 110), "CASH");
    ck_assert_int_eq(duet_portfolio_affordable(stage.portfolio, 0, DUET_SELL, 5000, 1000), DUET_REASON_NONE);
    stage_close();
}
END_TEST

START_TEST(the_check_at_the_fill_uses_the_price_of_the_fill) {
    const struct duet_portfolio *portfolio = stage.portfolio;
    ck_assert_int_eq(duet_portfolio_affordable(portfolio, 0, DUET_BUY, 100, 1000), DUET_REASON_NONE);
    ck_assert_int_eq(duet_portfolio_affordable(portfolio, 0, DUET_BUY, 100, 1005), DUET_REASON_CASH);
    ck_assert_int_eq(duet_portfolio_affordable(portfolio, 0, DUET_SELL, 100, 1000), DUET_REASON_NONE);
    ck_assert_int_eq(duet_portfolio_affordable(portfolio, 0, DUET_SELL, 110, 1000), DUET_REASON_LEVERAGE);
    stage_trade(DUET_BUY, 100, 1000);
    ck_assert_int_eq(duet_portfolio_affordable(portfolio, 0, DUET_SELL, 100, 1), DUET_REASON_NONE); // reduces
    // At 20.00 the long is worth 2000 and equity is 2000, so 200 may be sold: short 100 worth 2000. 210 may not.
    ck_assert_int_eq(duet_portfolio_affordable(portfolio, 0, DUET_SELL, 200, 2000), DUET_REASON_NONE);
    ck_assert_int_eq(duet_portfolio_affordable(portfolio, 0, DUET_SELL, 210, 2000), DUET_REASON_LEVERAGE);
    ck_assert_int_eq(duet_portfolio_affordable(portfolio, 0, DUET_BUY, INT64_MAX, 1000), DUET_REASON_OVERFLOW);
    stage_close();
}
END_TEST

START_TEST(too_many_working_orders_are_refused) {
    struct duet_portfolio_options options = stage_options(1000000000);
    with_options(options);
    stage.silent = true;
    for (int i = 0; i < DUET_PORTFOLIO_ORDERS_MAX; i++) {
        ck_assert_uint_ne(stage_market(DUET_BUY, 10), 0);
    }
    assert_denied(stage_request(DUET_BUY, 10), "ORDERS_MAX");
    stage_close();
}
END_TEST

static struct duet_order_event flood_request;

static enum duet_status flood(void *receiver, const struct duet_event *event) {
    (void)event;
    enum duet_reason *last = receiver;
    for (int i = 0; i < 5000 && *last == DUET_REASON_NONE; i++) {
        struct duet_order_event request = flood_request;
        (void)duet_portfolio_submit(stage.portfolio, &request, last);
    }
    return DUET_OK;
}

START_TEST(an_order_that_finds_no_room_on_the_bus_is_denied_and_claims_nothing) {
    with_options(stage_options(1000000000));
    stage.silent = true;
    enum duet_reason last = DUET_REASON_NONE;
    flood_request = stage_request(DUET_BUY, 10);
    ck_assert_int_eq(duet_bus_subscribe(stage.bus, DUET_EVENT_CUSTOM, flood, &last, NULL, NULL), DUET_OK);
    stage_tick();
    ck_assert_str_eq(duet_reason_name(last), "QUEUE_FULL");
    struct duet_portfolio_counts counts = stage_counts();
    ck_assert_uint_eq(counts.denied[DUET_REASON_QUEUE_FULL], 1);
    ck_assert_uint_eq(counts.orders, stage.counts[DUET_EVENT_ORDER]);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), (int64_t)counts.orders * 10);
    ck_assert_int_eq(duet_bus_fault(stage.bus), DUET_OK);
    stage_close();
}
END_TEST

START_TEST(denials_are_counted_by_name_with_their_first_time) {
    stage_tick();
    stage_tick();
    int64_t first_ns = duet_bus_now_ns(stage.bus);
    assert_denied(stage_request(DUET_BUY, 110), "CASH");
    stage_tick();
    assert_denied(stage_request(DUET_BUY, 110), "CASH");
    struct duet_order_event request = stage_request(DUET_BUY, 10);
    request.order_id = 4711;
    duet_portfolio_deny(stage.portfolio, &request, DUET_REASON_WARMUP);
    ck_assert_uint_eq(stage.last_denial.order_id, 0); // it never became one
    struct duet_portfolio_counts counts = stage_counts();
    ck_assert_uint_eq(counts.denied[DUET_REASON_CASH], 2);
    ck_assert_int_eq(counts.first_denied_ns[DUET_REASON_CASH], first_ns);
    ck_assert_uint_eq(counts.denied[DUET_REASON_WARMUP], 1);
    ck_assert_int_eq(counts.first_denied_ns[DUET_REASON_WARMUP], first_ns + 1);
    ck_assert_uint_eq(counts.orders, 0);
    stage_close();
}
END_TEST

START_TEST(no_equity_is_ruin_working_orders_go_and_nothing_new_comes) {
    stage_trade(DUET_SELL, 100, 1000);
    uint64_t resting = stage_market(DUET_BUY, 10);
    duet_portfolio_mark(stage.portfolio, 0, 1999);
    ck_assert(!duet_portfolio_is_ruined(stage.portfolio));
    duet_portfolio_mark(stage.portfolio, 0, 2000); // 2000 in cash, 2000 owed
    ck_assert(duet_portfolio_is_ruined(stage.portfolio));
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, resting)->status, DUET_ORDER_CANCELLED);
    assert_denied(stage_request(DUET_BUY, 10), "RUINED");
    duet_portfolio_mark(stage.portfolio, 0, 500); // for good, even where the price comes back
    ck_assert(duet_portfolio_is_ruined(stage.portfolio));
    assert_denied(stage_request(DUET_BUY, 10), "RUINED");
    struct duet_order_event end = stage_request(DUET_BUY, 100);
    end.flags = DUET_REDUCE_ONLY | DUET_AT_END;
    assert_passes(end); // the run itself still closes at its end
    stage_close();
}
END_TEST

START_TEST(options_out_of_range_are_refused) {
    struct duet_portfolio_options good = stage_options(1000);
    good.instruments = &stage.instruments;
    struct duet_portfolio *portfolio;
    struct duet_portfolio_options bad[] = {good, good, good, good, good};
    bad[0].initial_cash = 0;
    bad[1].leverage = 0;
    bad[2].leverage = 1e9;
    bad[3].cash_buffer = 1;
    bad[4].limits.max_position = -1;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(duet_portfolio_create(&bad[i], stage.bus, &portfolio), DUET_EINVAL);
    }
    stage_close();
}
END_TEST

DUET_TEST_MAIN("gate", stocks, an_order_needs_a_price_to_be_checked_at, bad_quantities_prices_and_fields_are_named,
    off_lot_and_off_tick_are_refused_not_rounded, reduce_only_is_cut_to_the_position_or_refused,
    limits_on_order_value_and_position_are_kept, what_reduces_passes_the_position_limit,
    a_long_needs_cash_for_value_and_commission, a_limit_is_checked_at_its_price_and_slippage_counts_at_market,
    claims_end_with_their_orders, what_a_market_sell_frees_can_be_spent_in_the_same_instant,
    a_resting_sell_frees_nothing_yet, shorts_are_limited_by_exposure, proceeds_of_a_short_do_not_pay_for_longs,
    a_full_reversal_is_possible_at_leverage_one, a_reducing_order_passes_without_cash,
    leverage_multiplies_the_exposure_allowed, unchecked_shorts_follow_the_other_engine,
    the_check_at_the_fill_uses_the_price_of_the_fill, too_many_working_orders_are_refused,
    an_order_that_finds_no_room_on_the_bus_is_denied_and_claims_nothing,
    denials_are_counted_by_name_with_their_first_time, no_equity_is_ruin_working_orders_go_and_nothing_new_comes,
    options_out_of_range_are_refused)
