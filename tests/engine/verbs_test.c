/* The verbs: through a plugin that uses them all, and one by one where numbers and refusals matter. */
#include <stdio.h>
#include <string.h>

#include "engine/stage.h"

static struct stage stage;
static struct duet_context *a, *b; // of the first strategy

static void do_nothing(struct duet_context *ctx, void *state, const struct duet_bar *bar) {}
static const struct duet_strategy_impl quiet = {
    .size = sizeof(struct duet_strategy_impl), .abi = DUET_STRATEGY_ABI, .name = "quiet", .on_bar = do_nothing};

/** Two quiet strategies, and one minute in which both instruments close at 10.00 and 20.00. */
static void setup(void) {
    stage_market(&stage, false, 100000);
    a = &stage_host(&stage, &quiet, NULL)->contexts[0].public;
    b = &stage_host(&stage, &quiet, NULL)->contexts[0].public; // of the second strategy
    stage_up(&stage);
    stage_minute(&stage, 1000, 2000);
}

START_TEST(every_verb_works_from_a_plugin) {
    stage_down(&stage);
    stage_market(&stage, false, 100000);
    char path[1024];
    snprintf(path, sizeof(path), "%s/exerciser.so", getenv("DUET_PLUGINS"));
    struct duet_host_run *host = stage_host(&stage, NULL, path);
    stage_up(&stage);
    for (int i = 0; i < 13; i++) {
        stage_minute(&stage, 1000, 2000);
    }
    size_t size;
    const struct {
        int64_t step;
        double result[32];
        uint64_t ids[3];
        int64_t fills, orders, timers;
    } *seen = duet_host_states(host, &size);
    for (int i = 0; i < 12; i++) {
        ck_assert_msg(seen->result[i] == 1, "step %d", i);
    }
    ck_assert_int_eq(seen->fills, 6); // buy, sell, target, half, less, close
    ck_assert_int_eq(seen->timers, 1);
    ck_assert_uint_eq(stage_denied(&stage, DUET_REASON_OFF_TICK), 1);
    ck_assert_uint_eq(stage_denied(&stage, DUET_REASON_OFF_LOT), 1);
    stage_down(&stage);
}
END_TEST

static struct duet_order_request limit(double quantity, double price) {
    return (struct duet_order_request){.size = sizeof(struct duet_order_request),
        .side = DUET_BUY,
        .type = DUET_LIMIT,
        .quantity = quantity,
        .price = price};
}

/** Sends, expects `reason`, and where it went out that the portfolio has exactly `price_scaled`. */
static void check_order(struct duet_order_request request, enum duet_reason reason, int64_t price_scaled) {
    uint64_t before = stage_denied(&stage, reason);
    uint64_t id = duet_order(a, &request);
    duet_bus_drain(stage.bus);
    if (reason == DUET_REASON_NONE) {
        ck_assert_uint_ne(id, 0);
        ck_assert_int_eq(duet_portfolio_order(stage.portfolio, id)->price, price_scaled);
        return;
    }
    ck_assert_uint_eq(id, 0);
    ck_assert_uint_eq(stage_denied(&stage, reason), before + 1);
}

START_TEST(raw_orders_are_scaled_exactly_or_refused) {
    check_order(limit(1, 9.99), DUET_REASON_NONE, 999);
    check_order(limit(1, 0.07 * 100), DUET_REASON_NONE, 700); // 7.000000000000001
    check_order(limit(1, 9.995), DUET_REASON_OFF_TICK, 0);
    check_order(limit(1, 9.9900001), DUET_REASON_OFF_TICK, 0);
    check_order(limit(1.5, 9.99), DUET_REASON_OFF_LOT, 0);
    check_order(limit(0.1 + 0.2 + 0.7, 9.99), DUET_REASON_NONE, 999);
    check_order(limit(0, 9.99), DUET_REASON_BAD_QUANTITY, 0);
    check_order(limit(-1, 9.99), DUET_REASON_BAD_QUANTITY, 0);
    double nan = strtod("nan", NULL);
    check_order(limit(nan, 9.99), DUET_REASON_BAD_QUANTITY, 0);
    check_order(limit(1e30, 9.99), DUET_REASON_BAD_QUANTITY, 0);
    check_order(limit(1, nan), DUET_REASON_BAD_PRICE, 0);
    check_order(limit(1, 0), DUET_REASON_BAD_PRICE, 0);
    stage_down(&stage);
}
END_TEST

START_TEST(raw_orders_with_unknown_fields_are_refused) {
    struct duet_order_request request = limit(1, 9);
    request.type = 77;
    check_order(request, DUET_REASON_BAD_REQUEST, 0);
    request = limit(1, 9);
    request.side = 0;
    check_order(request, DUET_REASON_BAD_REQUEST, 0);
    request = limit(1, 9);
    request.time_in_force = -1;
    check_order(request, DUET_REASON_BAD_REQUEST, 0);
    request = limit(1, 9);
    request.flags = DUET_AT_END; // not a strategy's to give
    check_order(request, DUET_REASON_BAD_REQUEST, 0);
    stage_down(&stage);
}
END_TEST

START_TEST(an_older_request_is_read_as_far_as_it_goes) {
    struct duet_order_request request = limit(1, 9);
    request.size = offsetof(struct duet_order_request, stop_price);
    request.stop_price = 123.456789; // what would be rubbish behind it
    request.reason = (const char *)(uintptr_t)1;
    check_order(request, DUET_REASON_NONE, 900);
    stage_down(&stage);
}
END_TEST

START_TEST(fills_only_what_an_older_plugin_has_room_for) {
    struct duet_account account;
    memset(&account, 0x5a, sizeof(account));
    account.size = offsetof(struct duet_account, initial_cash);
    a->host->account(a, &account);
    ck_assert_double_eq(account.equity, 100000);
    ck_assert_uint_eq(account.size, offsetof(struct duet_account, initial_cash));
    unsigned char untouched[sizeof(double)];
    memset(untouched, 0x5a, sizeof(untouched));
    ck_assert_mem_eq(&account.initial_cash, untouched, sizeof(untouched));
    stage_down(&stage);
}
END_TEST

START_TEST(leaves_the_orders_of_another_strategy_alone) {
    uint64_t id = duet_limit(a, 5, 9, "mine");
    duet_bus_drain(stage.bus);
    ck_assert_uint_ne(id, 0);
    ck_assert_int_eq(duet_cancel(b, id), DUET_ENOTFOUND);
    ck_assert_uint_eq(duet_replace(b, id, 1, 0, 0), 0);
    ck_assert_uint_eq(duet_cancel_all(b), 0);
    ck_assert_int_eq(duet_cancel(a, id), DUET_OK);
    duet_bus_drain(stage.bus);
    ck_assert_int_eq(duet_cancel(a, id), DUET_ESTATE);
    ck_assert_uint_eq(duet_replace(a, id, 1, 0, 0), 0);
    ck_assert_uint_eq(stage_denied(&stage, DUET_REASON_TOO_LATE), 1);
    stage_down(&stage);
}
END_TEST

START_TEST(replaces_the_numbers_that_are_given) {
    uint64_t first = duet_limit(a, 5, 9, "mine");
    duet_bus_drain(stage.bus);
    uint64_t second = duet_replace(a, first, 0, 9.5, 0);
    duet_bus_drain(stage.bus);
    ck_assert_uint_ne(second, 0);
    const struct duet_order *order = duet_portfolio_order(stage.portfolio, second);
    ck_assert_int_eq(order->quantity, 5);
    ck_assert_int_eq(order->price, 950);
    ck_assert_str_eq(order->reason, "mine");
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 5);
    ck_assert_uint_eq(duet_replace(a, second, 0, 9.505, 0), 0);
    ck_assert_uint_eq(stage_denied(&stage, DUET_REASON_OFF_TICK), 1);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 5); // the old one stays
    stage_down(&stage);
}
END_TEST

START_TEST(values_a_position_at_its_last_price) {
    duet_buy(a, 100, "");
    duet_bus_drain(stage.bus);
    stage_minute(&stage, 1000, 2000); // filled at 10.00
    stage_minute(&stage, 1150, 2000);
    struct duet_position held = duet_position(a);
    ck_assert_double_eq(held.quantity, 100);
    ck_assert_double_eq(held.average_price, 10);
    ck_assert_double_eq(held.last_price, 11.5);
    ck_assert_double_eq(held.unrealized, 150);
    ck_assert_double_eq(held.realized, 0);
    ck_assert_double_eq(duet_account(a).equity, 100150);
    ck_assert_double_eq(duet_account(a).gross_exposure, 1150);
    stage_down(&stage);
}
END_TEST

START_TEST(an_order_without_an_instrument_is_an_error_event) {
    struct duet_bus_counts before, after;
    duet_bus_get_counts(stage.bus, &before);
    struct duet_context *all = &host_all(stage.hosts[0])->public;
    ck_assert_uint_eq(duet_buy(all, 1, ""), 0);
    ck_assert_double_eq(duet_position(all).quantity, 0);
    size_t count = 1;
    ck_assert_ptr_null(duet_history(all, 0, 1, &count));
    ck_assert_uint_eq(count, 0);
    duet_bus_get_counts(stage.bus, &after);
    ck_assert_uint_eq(after.by_type[DUET_EVENT_ERROR], before.by_type[DUET_EVENT_ERROR] + 1);
    stage_down(&stage);
}
END_TEST

START_TEST(warm_up_and_subscriptions_belong_in_init) {
    ck_assert_int_eq(duet_warm_up(a, 5), DUET_ESTATE);
    ck_assert_str_eq(duet_error_text(), "strategy quiet: duet_warm_up() belongs in init");
    ck_assert_int_eq(duet_subscribe(a, DUET_HOUR_NS), DUET_ESTATE);
    stage_down(&stage);
}
END_TEST

DUET_TEST_MAIN("verbs", setup, every_verb_works_from_a_plugin, raw_orders_are_scaled_exactly_or_refused,
    raw_orders_with_unknown_fields_are_refused, an_older_request_is_read_as_far_as_it_goes,
    fills_only_what_an_older_plugin_has_room_for, leaves_the_orders_of_another_strategy_alone,
    replaces_the_numbers_that_are_given, values_a_position_at_its_last_price,
    an_order_without_an_instrument_is_an_error_event, warm_up_and_subscriptions_belong_in_init)
