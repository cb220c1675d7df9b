/*
 * A stage for the gateway desk: real bus, real portfolio, and a gateway that says what the test says. What happens is
 * one line of text: effects (they leave at once), and events:
 *
 *   s1 x1 ?1     order 1 handed over, its cancel asked for, asked about
 *   A T P4 F10 C4(USER) E4 R0(BROKER)   statuses with what had filled (A, T without), and the reason of an end
 *   +3@5000      a fill; +3@5000L: flagged LATE
 *   !            an anomaly; #: the portfolio would not book a report
 */
#ifndef DUET_TESTS_BROKER_DESK_STAGE_H
#define DUET_TESTS_BROKER_DESK_STAGE_H
#include "broker/desk.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "portfolio/portfolio.h"
#include "support/suite.h"

struct stage {
    struct duet_bus *bus;
    struct duet_instruments instruments;
    struct duet_portfolio *portfolio;
    struct duet_desk *desk;
    struct duet_stack stack;
    struct duet_env env;
    char effects[4096], events[4096];
    bool anomaly; // of the last report
    uint64_t reports; // numbered so far
    int64_t net; // Σ fills seen
};
static struct stage stage;

static inline void note(char *out, const char *text) {
    size_t used = strlen(out);
    ck_assert_uint_lt(used + strlen(text) + 2, 4096);
    snprintf(out + used, 4096 - used, "%s%s", used > 0 ? " " : "", text);
}

static inline void take_send(void *argument, const struct duet_event *event) {
    (void)argument;
    char text[32];
    ck_assert_int_eq(event->type, DUET_EVENT_ORDER);
    snprintf(text, sizeof(text), "%c%d", event->order.action == DUET_SUBMIT ? 's' : 'x', (int)event->order.order_id);
    note(stage.effects, text);
}

static inline void take_query(void *argument, uint64_t order_id) {
    (void)argument;
    char text[32];
    snprintf(text, sizeof(text), "?%d", (int)order_id);
    note(stage.effects, text);
}

static inline void tap_status(const struct duet_order_status_event *status) {
    char text[64];
    char letter = duet_order_status_name(status->status)[0];
    if (status->status == DUET_ORDER_ACCEPTED || status->status == DUET_ORDER_TRIGGERED) {
        snprintf(text, sizeof(text), "%c", letter);
    } else if (status->reason_code != DUET_REASON_NONE) {
        snprintf(
            text, sizeof(text), "%c%d(%s)", letter, (int)status->cumulative, duet_reason_name(status->reason_code));
    } else {
        snprintf(text, sizeof(text), "%c%d", letter, (int)status->cumulative);
    }
    note(stage.events, text);
}

static inline void tap(void *argument, const struct duet_event *event) {
    (void)argument;
    char text[64];
    if (event->type == DUET_EVENT_ORDER_STATUS) {
        tap_status(&event->status);
    } else if (event->type == DUET_EVENT_FILL) {
        stage.net += event->fill.side * event->fill.quantity;
        snprintf(text, sizeof(text), "%c%d@%d%s", event->fill.side > 0 ? '+' : '-', (int)event->fill.quantity,
            (int)event->fill.price, (event->fill.flags & DUET_LATE) != 0 ? "L" : "");
        note(stage.events, text);
    } else if (event->type == DUET_EVENT_ERROR) {
        note(stage.events, strcmp(event->error.component, "desk") == 0 ? "!" : "#");
    }
}

static inline void up(void) {
    stage = (struct stage){0};
    struct duet_instrument items[2] = {{.symbol = "A", .currency = "USD"}, {.symbol = "B", .currency = "USD"}};
    for (int i = 0; i < 2; i++) {
        items[i].price_decimals = 2;
        items[i].tick_scaled = items[i].lot_scaled = 1;
        items[i].multiplier = 1000000;
    }
    ck_assert_int_eq(duet_instruments_create(items, 2, &stage.instruments), DUET_OK);
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &stage.bus), DUET_OK);
    struct duet_portfolio_options portfolio = {
        .initial_cash = 10000000 * DUET_MONEY_ONE, .leverage = 4, .instruments = &stage.instruments};
    ck_assert_int_eq(duet_portfolio_create(&portfolio, stage.bus, &stage.portfolio), DUET_OK);
    struct duet_desk_options desk = {
        .instruments = &stage.instruments, .portfolio = stage.portfolio, .send = take_send, .query = take_query};
    ck_assert_int_eq(duet_desk_create(&desk, stage.bus, &stage.desk), DUET_OK);
    ck_assert_int_eq(duet_stack_push(&stage.stack, duet_portfolio_component(stage.portfolio)), DUET_OK);
    ck_assert_int_eq(duet_stack_push(&stage.stack, duet_desk_component(stage.desk)), DUET_OK);
    stage.env = (struct duet_env){.bus = stage.bus};
    ck_assert_int_eq(duet_stack_up(&stage.stack, &stage.env), DUET_OK);
    duet_bus_tap(stage.bus, tap, NULL);
    duet_portfolio_mark(stage.portfolio, 0, 5000);
    duet_portfolio_mark(stage.portfolio, 1, 5000);
}

/** Whatever was told, the books are what the fills add up to, and balance. */
static inline void down(void) {
    ck_assert(duet_portfolio_ledger_balances(stage.portfolio));
    ck_assert_int_eq(duet_portfolio_position(stage.portfolio, 0)->quantity, stage.net);
    ck_assert_ptr_null(strchr(stage.events, '#'));
    duet_stack_down(&stage.stack);
    duet_desk_destroy(stage.desk);
    duet_portfolio_destroy(stage.portfolio);
    duet_bus_destroy(stage.bus);
    duet_instruments_finish(&stage.instruments);
}

static inline void forget(void) {
    stage.effects[0] = stage.events[0] = '\0';
}

static inline void admit(void) {
    static struct duet_event custom;
    custom = (struct duet_event){.type = DUET_EVENT_CUSTOM, .custom = {.size = sizeof(custom.custom)}};
    duet_bus_admit(stage.bus, &custom, duet_bus_now_ns(stage.bus) + 1);
}

static inline void report(struct duet_desk_report said) {
    said.side = said.side != 0 ? said.side : DUET_BUY;
    said.fill_id = said.fill_id != NULL ? said.fill_id : "";
    admit();
    duet_desk_report(stage.desk, &said, &stage.anomaly);
    duet_bus_drain(stage.bus);
    // An anomaly that is returned is one that is published, and the other way round.
    ck_assert(stage.anomaly == (strchr(stage.events, '!') != NULL) || stage.events[0] == '\0' || !stage.anomaly);
}

static inline void say(uint64_t order_id, enum duet_order_status status, int64_t cumulative) {
    report((struct duet_desk_report){
        .order_id = order_id, .sequence = ++stage.reports, .status = (uint8_t)status, .cumulative = cumulative});
}

static inline void fill(uint64_t order_id, const char *id, int64_t quantity, int64_t cumulative) {
    report((struct duet_desk_report){.order_id = order_id,
        .sequence = ++stage.reports,
        .status = DUET_ORDER_PARTIALLY_FILLED,
        .fill_id = id,
        .fill_quantity = quantity,
        .fill_price = 5000,
        .cumulative = cumulative});
}

static inline void link_up(uint64_t epoch) {
    admit();
    duet_desk_reconciled(stage.desk, epoch, stage.reports);
    duet_bus_drain(stage.bus);
}

static inline void link_down(void) {
    admit();
    duet_desk_link_down(stage.desk);
    duet_bus_drain(stage.bus);
}

static inline void restart(void) {
    admit();
    duet_desk_restart(stage.desk);
    duet_bus_drain(stage.bus);
}

/** Returns its id. */
static inline uint64_t submit(int type, int side, int64_t quantity, uint16_t flags) {
    struct duet_order_event request = {.side = (int8_t)side,
        .type = (uint8_t)type,
        .quantity = quantity,
        .flags = flags,
        .price = type == DUET_LIMIT ? 4900 : 0,
        .stop_price = type == DUET_STOP ? (side > 0 ? 5100 : 4900) : 0,
        .reason = "test"};
    enum duet_reason denied;
    uint64_t id = duet_portfolio_submit(stage.portfolio, &request, &denied);
    ck_assert_str_eq(duet_reason_name(denied), duet_reason_name(DUET_REASON_NONE));
    return id;
}

#define happened(effects_, events_)                  \
    do {                                             \
        ck_assert_str_eq(stage.effects, (effects_)); \
        ck_assert_str_eq(stage.events, (events_));   \
        forget();                                    \
    } while (0)

#endif
