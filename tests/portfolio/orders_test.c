/*
 * The order state machine, every pair of state and report, against the diagram of <duet/order.h> written out here; and
 * the order table: lookup, working orders, and memory that does not grow.
 */
#include "portfolio/stage.h"

#include "base/rng.h"

static void flat_start(void) {
    stage_open(stage_options(1000000000), stage_stock, 2);
    duet_portfolio_mark(stage.portfolio, 0, 5000);
    duet_portfolio_mark(stage.portfolio, 1, 5000);
}

/* ---------------------------------------------------------------------------------------------- state machine */

/** The arrows of the diagram; a stop order, so that TRIGGERED is among them. */
static const struct {
    enum duet_order_status from, to;
} arrows[] = {
    {DUET_ORDER_CREATED, DUET_ORDER_DENIED},
    {DUET_ORDER_CREATED, DUET_ORDER_SUBMITTED},
    {DUET_ORDER_SUBMITTED, DUET_ORDER_ACCEPTED},
    {DUET_ORDER_SUBMITTED, DUET_ORDER_REJECTED},
    {DUET_ORDER_ACCEPTED, DUET_ORDER_TRIGGERED},
    {DUET_ORDER_ACCEPTED, DUET_ORDER_PARTIALLY_FILLED},
    {DUET_ORDER_ACCEPTED, DUET_ORDER_FILLED},
    {DUET_ORDER_ACCEPTED, DUET_ORDER_CANCELLED},
    {DUET_ORDER_ACCEPTED, DUET_ORDER_EXPIRED},
    {DUET_ORDER_TRIGGERED, DUET_ORDER_PARTIALLY_FILLED},
    {DUET_ORDER_TRIGGERED, DUET_ORDER_FILLED},
    {DUET_ORDER_TRIGGERED, DUET_ORDER_CANCELLED},
    {DUET_ORDER_TRIGGERED, DUET_ORDER_EXPIRED},
    {DUET_ORDER_PARTIALLY_FILLED, DUET_ORDER_PARTIALLY_FILLED},
    {DUET_ORDER_PARTIALLY_FILLED, DUET_ORDER_FILLED},
    {DUET_ORDER_PARTIALLY_FILLED, DUET_ORDER_CANCELLED},
    {DUET_ORDER_PARTIALLY_FILLED, DUET_ORDER_EXPIRED},
};

static bool is_arrow(enum duet_order_status from, enum duet_order_status to) {
    for (size_t i = 0; i < sizeof(arrows) / sizeof(arrows[0]); i++) {
        if (arrows[i].from == from && arrows[i].to == to) {
            return true;
        }
    }
    return false;
}

START_TEST(the_table_has_exactly_the_arrows_of_the_diagram) {
    for (unsigned from = 0; from < DUET_ORDER_STATUS_COUNT; from++) {
        for (unsigned to = 0; to < DUET_ORDER_STATUS_COUNT; to++) {
            ck_assert_msg(duet_order_can_become(from, to) == is_arrow(from, to), "%s -> %s",
                duet_order_status_name(from), duet_order_status_name(to));
        }
    }
    stage_close();
}
END_TEST

static void publish_fill(uint64_t order_id, int64_t quantity) {
    struct duet_event event = {.type = DUET_EVENT_FILL};
    event.fill = (struct duet_fill){.size = sizeof(event.fill),
        .fill_id = stage.next_fill_id++,
        .order_id = order_id,
        .side = DUET_BUY,
        .quantity = quantity,
        .price = 5000};
    (void)duet_bus_publish(stage.bus, &event);
}

/** Bring a stop order for 4 to a state by legal steps. */
static uint64_t order_in(enum duet_order_status status) {
    stage.silent = true;
    struct duet_order_event request = stage_request(DUET_BUY, 4);
    request.type = DUET_STOP;
    request.stop_price = 5100;
    if (status == DUET_ORDER_DENIED) {
        request.stop_price = -1;
    }
    uint64_t id = duet_portfolio_submit(stage.portfolio, &request, NULL);
    if (status == DUET_ORDER_SUBMITTED || status == DUET_ORDER_DENIED) {
        return id;
    }
    if (status == DUET_ORDER_REJECTED) {
        stage_report(id, DUET_ORDER_REJECTED, DUET_REASON_ORDERS_MAX);
        return id;
    }
    stage_report(id, DUET_ORDER_ACCEPTED, DUET_REASON_NONE);
    if (status == DUET_ORDER_PARTIALLY_FILLED || status == DUET_ORDER_FILLED) {
        publish_fill(id, status == DUET_ORDER_FILLED ? 4 : 1);
    }
    if (status != DUET_ORDER_ACCEPTED) {
        stage_report(id, status, DUET_REASON_NONE);
    }
    return id;
}

START_TEST(every_report_in_every_state_is_taken_or_an_error) {
    for (unsigned from = DUET_ORDER_DENIED; from < DUET_ORDER_STATUS_COUNT; from++) {
        for (unsigned to = DUET_ORDER_SUBMITTED; to < DUET_ORDER_STATUS_COUNT; to++) {
            uint64_t id = order_in(from);
            ck_assert_int_eq(duet_portfolio_order(stage.portfolio, id)->status, from);
            if (is_arrow(from, to) && (to == DUET_ORDER_FILLED || to == DUET_ORDER_PARTIALLY_FILLED)) {
                int64_t left = 4 - duet_portfolio_order(stage.portfolio, id)->filled;
                publish_fill(id, to == DUET_ORDER_FILLED ? left : 1);
            }
            uint64_t errors = stage.counts[DUET_EVENT_ERROR];
            stage_report(id, to, DUET_REASON_USER);
            bool taken = is_arrow(from, to);
            ck_assert_msg(stage.counts[DUET_EVENT_ERROR] == errors + !taken, "%s -> %s", duet_order_status_name(from),
                duet_order_status_name(to));
            ck_assert_int_eq(duet_portfolio_order(stage.portfolio, id)->status, taken ? to : from);
            if (!taken) {
                ck_assert_uint_eq(stage.last_error.order_id, id);
            }
        }
    }
    stage_close();
}
END_TEST

START_TEST(a_fill_is_booked_in_live_states_only) {
    for (unsigned from = DUET_ORDER_DENIED; from < DUET_ORDER_STATUS_COUNT; from++) {
        uint64_t id = order_in(from);
        int64_t before = stage_position()->quantity;
        uint64_t errors = stage.counts[DUET_EVENT_ERROR];
        publish_fill(id, 1);
        bool live = from == DUET_ORDER_ACCEPTED || from == DUET_ORDER_TRIGGERED || from == DUET_ORDER_PARTIALLY_FILLED;
        ck_assert_msg(stage.counts[DUET_EVENT_ERROR] == errors + !live, "%s", duet_order_status_name(from));
        bool booked = live || from == DUET_ORDER_SUBMITTED; // a fact, if one that came before its acceptance
        ck_assert_int_eq(stage_position()->quantity, before + booked);
    }
    stage_close();
}
END_TEST

START_TEST(reports_that_contradict_the_order_are_errors_and_change_nothing) {
    uint64_t id = order_in(DUET_ORDER_ACCEPTED);
    stage_report(99, DUET_ORDER_ACCEPTED, DUET_REASON_NONE);
    ck_assert_str_eq(stage.last_error.message, "unknown order");
    stage_report(id, DUET_ORDER_FILLED, DUET_REASON_NONE); // nothing has filled
    ck_assert_uint_eq(stage.counts[DUET_EVENT_ERROR], 2);
    stage_report(id, DUET_ORDER_PARTIALLY_FILLED, DUET_REASON_NONE);
    ck_assert_uint_eq(stage.counts[DUET_EVENT_ERROR], 3);
    publish_fill(id, 5); // of 4
    publish_fill(id, 0);
    publish_fill(0, 1);
    ck_assert_uint_eq(stage.counts[DUET_EVENT_ERROR], 6);
    ck_assert_uint_eq(stage_counts().anomalies, 6);
    ck_assert_int_eq(stage_position()->quantity, 0);
    stage.silent = false;
    uint64_t market = stage_market(DUET_BUY, 1);
    stage_report(market, DUET_ORDER_TRIGGERED, DUET_REASON_NONE); // only stop orders are
    ck_assert_uint_eq(stage_counts().anomalies, 7);
    stage_close();
}
END_TEST

static void publish_late_fill(uint64_t order_id, int64_t quantity) {
    struct duet_event event = {.type = DUET_EVENT_FILL};
    event.fill = (struct duet_fill){.size = sizeof(event.fill),
        .fill_id = stage.next_fill_id++,
        .order_id = order_id,
        .side = DUET_BUY,
        .flags = DUET_LATE,
        .quantity = quantity,
        .price = 5000};
    (void)duet_bus_publish(stage.bus, &event);
}

START_TEST(a_late_fill_is_booked_in_every_state_but_denied) {
    static const enum duet_order_status ended[] = {
        DUET_ORDER_REJECTED, DUET_ORDER_CANCELLED, DUET_ORDER_EXPIRED, DUET_ORDER_FILLED};
    for (size_t i = 0; i < sizeof(ended) / sizeof(ended[0]); i++) {
        uint64_t id = order_in(ended[i]);
        int64_t before = stage_position()->quantity, filled = duet_portfolio_order(stage.portfolio, id)->filled;
        uint64_t errors = stage.counts[DUET_EVENT_ERROR];
        publish_late_fill(id, 1);
        ck_assert_int_eq(stage_position()->quantity, before + 1);
        ck_assert_int_eq(duet_portfolio_order(stage.portfolio, id)->filled, filled + 1);
        stage_report(id, ended[i], DUET_REASON_NONE); // told once more, with its new cumulative quantity
        ck_assert_uint_eq(stage.counts[DUET_EVENT_ERROR], errors);
        ck_assert_int_eq(duet_portfolio_order(stage.portfolio, id)->status, ended[i]);
        stage_report(id, ended[i], DUET_REASON_NONE); // but no more than once
        ck_assert_uint_eq(stage.counts[DUET_EVENT_ERROR], errors + 1);
        publish_late_fill(id, 5);
        stage_report(id, DUET_ORDER_FILLED, DUET_REASON_NONE);
        ck_assert_int_eq(duet_portfolio_order(stage.portfolio, id)->status, DUET_ORDER_FILLED);
        ck_assert_uint_eq(stage.counts[DUET_EVENT_ERROR], errors + 1);
    }
    int64_t before = stage_position()->quantity;
    publish_late_fill(order_in(DUET_ORDER_DENIED), 1);
    ck_assert_int_eq(stage_position()->quantity, before);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 0);
    ck_assert(stage.portfolio->claimed_cash == 0 && stage.portfolio->claimed_gross == 0);
    stage_close();
}
END_TEST

START_TEST(an_overfill_of_a_working_order_gives_back_no_more_than_it_claimed) {
    uint64_t id = order_in(DUET_ORDER_PARTIALLY_FILLED); // 1 of 4
    publish_late_fill(id, 7);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 0);
    stage_report(id, DUET_ORDER_FILLED, DUET_REASON_NONE);
    ck_assert_int_eq(stage_position()->quantity, 8);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 0);
    ck_assert(stage.portfolio->claimed_cash == 0 && stage.portfolio->claimed_gross == 0);
    ck_assert_uint_eq(stage.counts[DUET_EVENT_ERROR], 0);
    stage_close();
}
END_TEST

START_TEST(a_repeated_fill_is_ignored_and_counted) {
    uint64_t id = stage_market(DUET_BUY, 10);
    struct duet_event event = {.type = DUET_EVENT_FILL};
    event.fill = (struct duet_fill){
        .size = sizeof(event.fill), .fill_id = 77, .order_id = id, .side = DUET_BUY, .quantity = 4, .price = 5000};
    (void)duet_bus_publish(stage.bus, &event);
    (void)duet_bus_publish(stage.bus, &event);
    ck_assert_int_eq(stage_position()->quantity, 4);
    event.fill.fill_id = 78; // a second partial fill of the same size is another fill
    (void)duet_bus_publish(stage.bus, &event);
    ck_assert_int_eq(stage_position()->quantity, 8);
    ck_assert_uint_eq(stage_counts().duplicates, 1);
    ck_assert_uint_eq(stage_counts().fills, 2);
    ck_assert_uint_eq(stage.counts[DUET_EVENT_ERROR], 0);
    stage_close();
}
END_TEST

/* ------------------------------------------------------------------------------------------------------ table */

START_TEST(working_orders_outlive_the_window_and_final_ones_do_not) {
    stage.silent = false;
    struct duet_order_event limit = stage_request(DUET_BUY, 7);
    limit.type = DUET_LIMIT;
    limit.price = 100;
    uint64_t old = duet_portfolio_submit(stage.portfolio, &limit, NULL);
    uint64_t first = stage_trade(DUET_BUY, 1, 5000);
    for (int i = 0; i < 3 * DUET_ORDER_WINDOW; i++) {
        stage_trade(i % 2 == 0 ? DUET_SELL : DUET_BUY, 1, 5000);
    }
    ck_assert_ptr_null(duet_portfolio_order(stage.portfolio, first));
    const struct duet_order *order = duet_portfolio_order(stage.portfolio, old);
    ck_assert_ptr_nonnull(order);
    ck_assert_int_eq(order->quantity, 7);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 7);
    stage_fill(old, 3, 100, 0);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 4);
    ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, old), DUET_OK);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, old)->status, DUET_ORDER_CANCELLED); // until the next submit
    ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, old), DUET_ESTATE);
    stage_trade(DUET_BUY, 1, 5000);
    ck_assert_ptr_null(duet_portfolio_order(stage.portfolio, old));
    ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, old), DUET_ENOTFOUND);
    stage_close();
}
END_TEST

START_TEST(memory_does_not_grow_with_the_number_of_orders) {
    struct duet_order_table *table = &stage.portfolio->orders;
    uint64_t resting[100];
    for (int i = 0; i < 100; i++) {
        struct duet_order_event limit = stage_request(DUET_SELL, 1);
        limit.type = DUET_LIMIT;
        limit.price = 9000;
        resting[i] = duet_portfolio_submit(stage.portfolio, &limit, NULL);
    }
    struct duet_rng rng;
    duet_rng_seed(&rng, 1);
    for (int i = 0; i < 100000; i++) {
        int which = (int)duet_rng_below(&rng, 100);
        ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, resting[which]), DUET_OK);
        struct duet_order_event limit = stage_request(DUET_SELL, 1);
        limit.type = DUET_LIMIT;
        limit.price = 9000;
        resting[which] = duet_portfolio_submit(stage.portfolio, &limit, NULL);
        stage_tick();
    }
    ck_assert_uint_le(table->old_capacity, 128); // of 100 that rest, some for longer than the window
    ck_assert_uint_eq(table->working_count, 100);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), -100);
    ck_assert_uint_eq(duet_portfolio_cancel_all(stage.portfolio, UINT16_MAX, UINT32_MAX), 100);
    ck_assert_uint_eq(table->working_count, 0);
    ck_assert(stage.portfolio->claimed_cash == 0 && stage.portfolio->claimed_gross == 0);
    stage_close();
}
END_TEST

START_TEST(cancel_all_takes_one_strategy_on_one_instrument_or_all) {
    stage.silent = true;
    uint64_t ids[8];
    for (unsigned i = 0; i < 8; i++) {
        struct duet_order_event request = stage_request(DUET_BUY, 1);
        request.instrument = i / 4;
        request.strategy = (uint16_t)(i % 2);
        ids[i] = duet_portfolio_submit(stage.portfolio, &request, NULL);
        stage_report(ids[i], DUET_ORDER_ACCEPTED, DUET_REASON_NONE);
    }
    stage.order_count = 0;
    ck_assert_uint_eq(duet_portfolio_cancel_all(stage.portfolio, 1, 0), 2);
    ck_assert_uint_eq(stage.order_count, 2);
    ck_assert_uint_eq(stage.orders[0].order_id, ids[1]);
    ck_assert_int_eq(stage.orders[0].action, DUET_CANCEL);
    ck_assert_uint_eq(stage.orders[1].order_id, ids[3]);
    ck_assert_uint_eq(duet_portfolio_cancel_all(stage.portfolio, 1, 0), 0); // asked for already
    ck_assert_uint_eq(duet_portfolio_cancel_all(stage.portfolio, UINT16_MAX, UINT32_MAX), 6);
    stage_tick();
    ck_assert_uint_eq(duet_portfolio_cancel_all(stage.portfolio, UINT16_MAX, UINT32_MAX), 8); // no answer: ask again
    stage.silent = false;
    stage_tick();
    ck_assert_uint_eq(duet_portfolio_cancel_all(stage.portfolio, UINT16_MAX, UINT32_MAX), 8);
    ck_assert_uint_eq(stage_counts().cancelled, 8);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 0);
    stage_close();
}
END_TEST

START_TEST(a_replacement_takes_the_claims_of_the_order_it_replaces) {
    stage_close();
    stage_open(stage_options(1000), stage_stock, 1);
    duet_portfolio_mark(stage.portfolio, 0, 10000);
    struct duet_order_event limit = stage_request(DUET_BUY, 9);
    limit.type = DUET_LIMIT;
    limit.price = 10000;
    uint64_t old = duet_portfolio_submit(stage.portfolio, &limit, NULL);
    enum duet_reason denied;
    ck_assert_uint_eq(duet_portfolio_replace(stage.portfolio, old, 11, 0, 0, &denied), old + 1);
    ck_assert_int_eq(denied, DUET_REASON_CASH); // 1100 > 1000: the old one stays
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, old)->status, DUET_ORDER_ACCEPTED);
    uint64_t next = duet_portfolio_replace(stage.portfolio, old, 10, 9900, 0, &denied);
    ck_assert_int_eq(denied, DUET_REASON_NONE);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, old)->status, DUET_ORDER_CANCELLED);
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, next)->price, 9900);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 10);
    ck_assert_uint_eq(duet_portfolio_replace(stage.portfolio, old, 1, 0, 0, &denied), 0);
    ck_assert_int_eq(denied, DUET_REASON_TOO_LATE);
    ck_assert_uint_eq(duet_portfolio_replace(stage.portfolio, 99, 1, 0, 0, &denied), 0);
    ck_assert_int_eq(denied, DUET_REASON_UNKNOWN_ORDER);
    stage_close();
}
END_TEST

START_TEST(reset_is_as_after_init) {
    stage_trade(DUET_BUY, 10, 5000);
    uint64_t hash = stage_counts().decision_hash;
    duet_stack_reset(&stage.stack);
    ck_assert_int_eq(stage_position()->quantity, 0);
    ck_assert(!stage_position()->has_mark);
    ck_assert(duet_portfolio_cash(stage.portfolio) == 1000000000 * DUET_MONEY_ONE);
    ck_assert_ptr_null(duet_portfolio_order(stage.portfolio, 1));
    ck_assert_int_eq(duet_component_start(duet_portfolio_component(stage.portfolio)), DUET_OK);
    duet_portfolio_mark(stage.portfolio, 0, 5000);
    ck_assert_uint_eq(stage_trade(DUET_BUY, 10, 5000), 1); // ids and fill ids begin anew
    ck_assert_int_eq(stage_position()->quantity, 10);
    ck_assert_uint_eq(stage_counts().decision_hash, hash);
    stage_close();
}
END_TEST

START_TEST(the_decision_hash_knows_every_request_and_nothing_else) {
    uint64_t seen[16];
    size_t count = 0;
    seen[count++] = stage_counts().decision_hash;
    uint64_t id = stage_market(DUET_BUY, 10);
    seen[count++] = stage_counts().decision_hash;
    stage_fill(id, 10, 5000, 0);
    ck_assert_uint_eq(stage_counts().decision_hash, seen[count - 1]); // a fill decides nothing
    ck_assert_str_eq(duet_reason_name(stage_denied(stage_request(DUET_BUY, -1))), "BAD_QUANTITY");
    seen[count++] = stage_counts().decision_hash;
    struct duet_order_event request = stage_request(DUET_BUY, 1);
    duet_portfolio_deny(stage.portfolio, &request, DUET_REASON_WARMUP);
    seen[count++] = stage_counts().decision_hash;
    request = (struct duet_order_event){.side = DUET_SELL, .quantity = 3, .type = DUET_LIMIT, .price = 6000};
    id = duet_portfolio_submit(stage.portfolio, &request, NULL);
    seen[count++] = stage_counts().decision_hash;
    ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, id), DUET_OK);
    seen[count++] = stage_counts().decision_hash;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            ck_assert_uint_ne(seen[i], seen[k]);
        }
    }
    stage_close();
}
END_TEST

DUET_TEST_MAIN("orders", flat_start, the_table_has_exactly_the_arrows_of_the_diagram,
    every_report_in_every_state_is_taken_or_an_error, a_fill_is_booked_in_live_states_only,
    reports_that_contradict_the_order_are_errors_and_change_nothing, a_repeated_fill_is_ignored_and_counted,
    a_late_fill_is_booked_in_every_state_but_denied, an_overfill_of_a_working_order_gives_back_no_more_than_it_claimed,
    working_orders_outlive_the_window_and_final_ones_do_not, memory_does_not_grow_with_the_number_of_orders,
    cancel_all_takes_one_strategy_on_one_instrument_or_all, a_replacement_takes_the_claims_of_the_order_it_replaces,
    reset_is_as_after_init, the_decision_hash_knows_every_request_and_nothing_else)
