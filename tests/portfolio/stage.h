/*
 * A portfolio on a bus of its own, with a broker that does as it is told: it accepts what arrives (unless `silent`) and
 * reports what the test says. Everything the portfolio publishes is kept for looking at.
 */
#ifndef DUET_TESTS_PORTFOLIO_STAGE_H
#define DUET_TESTS_PORTFOLIO_STAGE_H

#include <stdio.h>
#include <string.h>

#include <duet/bus.h>
#include <duet/component.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/money.h"
#include "components/instruments.h"
#include "portfolio/portfolio.h"
#include "portfolio/state.h"
#include "support/suite.h"

#define STAGE_ORDERS_MAX 256

struct stage {
    struct duet_bus *bus;
    struct duet_portfolio *portfolio;
    struct duet_instruments instruments;
    struct duet_env env;
    struct duet_stack stack;
    bool silent; // the broker answers nothing
    bool watching; // denials, orders … are kept
    uint64_t next_fill_id;
    struct duet_order_event orders[STAGE_ORDERS_MAX]; // ORDER events, the first so many
    size_t order_count;
    uint64_t counts[DUET_EVENT_TYPE_COUNT];
    struct duet_order_status_event last_denial;
    struct duet_error_event last_error;
    struct duet_position_event last_position;
    struct duet_account_event last_account;
};

static struct stage stage;

/** Decimals of prices and quantities, tick and lot in those, and multiplier in 10^-6. */
struct stage_terms {
    uint32_t price_decimals, quantity_decimals;
    int64_t tick, lot, multiplier;
};
static const struct stage_terms stage_stock = {2, 0, 1, 1, 1000000};

static inline void stage_report(uint64_t order_id, enum duet_order_status status, enum duet_reason reason) {
    const struct duet_order *order = duet_portfolio_order(stage.portfolio, order_id);
    struct duet_event event = {.type = DUET_EVENT_ORDER_STATUS};
    event.status = (struct duet_order_status_event){
        .size = sizeof(event.status), .order_id = order_id, .status = (uint8_t)status, .reason_code = (uint16_t)reason};
    if (order != NULL) {
        event.status.instrument = order->instrument;
        event.status.previous = order->status;
        event.status.strategy = order->strategy;
        event.status.side = order->side;
        event.status.type = order->type;
        event.status.quantity = order->quantity;
        event.status.cumulative = order->filled;
    }
    (void)duet_bus_publish(stage.bus, &event);
}

static inline enum duet_status stage_take(void *receiver, const struct duet_event *event) {
    (void)receiver;
    stage.counts[event->type]++;
    switch (event->type) {
    case DUET_EVENT_ORDER:
        if (stage.order_count < STAGE_ORDERS_MAX) {
            stage.orders[stage.order_count++] = event->order;
        }
        if (!stage.silent) {
            bool submit = event->order.action == DUET_SUBMIT;
            stage_report(event->order.order_id, submit ? DUET_ORDER_ACCEPTED : DUET_ORDER_CANCELLED,
                submit ? DUET_REASON_NONE : DUET_REASON_USER);
        }
        break;
    case DUET_EVENT_ORDER_STATUS:
        if (event->status.status == DUET_ORDER_DENIED) {
            stage.last_denial = event->status;
        }
        break;
    case DUET_EVENT_ERROR:
        stage.last_error = event->error;
        break;
    case DUET_EVENT_POSITION:
        stage.last_position = event->position;
        break;
    case DUET_EVENT_ACCOUNT:
        stage.last_account = event->account;
        break;
    default:
        break;
    }
    return DUET_OK;
}

static inline struct duet_portfolio_options stage_options(int64_t cash) {
    return (struct duet_portfolio_options){
        .initial_cash = cash * DUET_MONEY_ONE, .leverage = 1, .margin_check_longs = true};
}

/** `count` instruments A, B, … on equal terms. */
static inline void stage_open(struct duet_portfolio_options options, struct stage_terms terms, uint32_t count) {
    struct duet_instrument items[26] = {0};
    for (uint32_t i = 0; i < count; i++) {
        items[i].symbol[0] = (char)('A' + i);
        memcpy(items[i].currency, "USD", 4);
        items[i].price_decimals = terms.price_decimals;
        items[i].quantity_decimals = terms.quantity_decimals;
        items[i].tick_scaled = terms.tick;
        items[i].lot_scaled = terms.lot;
        items[i].multiplier = terms.multiplier;
    }
    stage = (struct stage){.next_fill_id = 1};
    ck_assert_int_eq(duet_instruments_create(items, count, &stage.instruments), DUET_OK);
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &stage.bus), DUET_OK);
    options.instruments = &stage.instruments;
    ck_assert_int_eq(duet_portfolio_create(&options, stage.bus, &stage.portfolio), DUET_OK);
    stage.env = (struct duet_env){.bus = stage.bus};
    ck_assert_int_eq(duet_stack_push(&stage.stack, duet_portfolio_component(stage.portfolio)), DUET_OK);
    ck_assert_int_eq(duet_stack_up(&stage.stack, &stage.env), DUET_OK);
    static const enum duet_event_type types[] = {DUET_EVENT_ORDER, DUET_EVENT_ORDER_STATUS, DUET_EVENT_FILL,
        DUET_EVENT_POSITION, DUET_EVENT_ACCOUNT, DUET_EVENT_ERROR};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        ck_assert_int_eq(duet_bus_subscribe(stage.bus, types[i], stage_take, NULL, &stage, NULL), DUET_OK);
    }
}

static inline void stage_close(void) {
    ck_assert(duet_portfolio_ledger_balances(stage.portfolio));
    duet_stack_down(&stage.stack);
    duet_portfolio_destroy(stage.portfolio);
    duet_bus_destroy(stage.bus);
    duet_instruments_finish(&stage.instruments);
}

/** Let time pass, so that requests are not of one instant. */
static inline void stage_tick(void) {
    struct duet_event event = {.type = DUET_EVENT_CUSTOM};
    (void)duet_bus_input(stage.bus, &event, duet_bus_now_ns(stage.bus) < 0 ? 1 : duet_bus_now_ns(stage.bus) + 1);
}

static inline struct duet_order_event stage_request(int side, int64_t quantity) {
    return (struct duet_order_event){.side = (int8_t)side, .quantity = quantity, .reason = "test"};
}

static inline uint64_t stage_market(int side, int64_t quantity) {
    struct duet_order_event request = stage_request(side, quantity);
    enum duet_reason denied;
    uint64_t id = duet_portfolio_submit(stage.portfolio, &request, &denied);
    ck_assert_str_eq(duet_reason_name(denied), duet_reason_name(DUET_REASON_NONE));
    return id;
}

static inline enum duet_reason stage_denied(struct duet_order_event request) {
    enum duet_reason denied;
    uint64_t id = duet_portfolio_submit(stage.portfolio, &request, &denied);
    if (denied != DUET_REASON_NONE) {
        ck_assert_int_eq(duet_portfolio_order(stage.portfolio, id)->status, DUET_ORDER_DENIED);
        ck_assert_uint_eq(stage.last_denial.order_id, id);
        ck_assert_int_eq(stage.last_denial.reason_code, denied);
    }
    return denied;
}

/** Fill part of an order, and report the status that follows. */
static inline void stage_fill(uint64_t order_id, int64_t quantity, int64_t price, duet_money commission) {
    const struct duet_order *order = duet_portfolio_order(stage.portfolio, order_id);
    ck_assert_ptr_nonnull(order);
    struct duet_event event = {.type = DUET_EVENT_FILL};
    event.fill = (struct duet_fill){.size = sizeof(event.fill),
        .instrument = order->instrument,
        .fill_id = stage.next_fill_id++,
        .order_id = order_id,
        .side = order->side,
        .strategy = order->strategy,
        .commission = commission,
        .quantity = quantity,
        .price = price};
    bool whole = order->filled + quantity == order->quantity;
    (void)duet_bus_publish(stage.bus, &event);
    stage_report(order_id, whole ? DUET_ORDER_FILLED : DUET_ORDER_PARTIALLY_FILLED, DUET_REASON_NONE);
}

/** Market order, filled whole at `price`. */
static inline uint64_t stage_trade(int side, int64_t quantity, int64_t price) {
    uint64_t id = stage_market(side, quantity);
    stage_fill(id, quantity, price, 0);
    return id;
}

static inline const struct duet_position_state *stage_position(void) {
    return duet_portfolio_position(stage.portfolio, 0);
}

static inline struct duet_portfolio_counts stage_counts(void) {
    struct duet_portfolio_counts counts;
    duet_portfolio_get_counts(stage.portfolio, &counts);
    return counts;
}

#define assert_money_eq(actual, expected_text)                                    \
    do {                                                                          \
        char text_[DUET_DECIMAL_TEXT_MAX];                                        \
        ck_assert_str_eq(duet_money_format((actual), 0, text_), (expected_text)); \
    } while (0)

#endif
