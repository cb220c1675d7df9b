/*
 * A stage for the venue: real bus, real portfolio, and a conductor in miniature that plays days of four prices. Prices
 * are in ticks of 0.01 (p(98.5) is 9850). What happens is written down as one line of text:
 *
 *   3:B10@101 3:A2 4:Cancelled(USER)      fills; with `verbose`, also every status, as its first letter and order id
 *
 * A bar's number counts from its opening on: what ends at the close of bar 3 says 3, what expires after it 4.
 */
#ifndef DUET_TESTS_BROKER_STAGE_H
#define DUET_TESTS_BROKER_STAGE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/venue.h"
#include "broker/venue_inline.h"

#include "support/suite.h"

#define STAGE_INSTRUMENTS 3
#define STAGE_LINE_MAX 4096

struct stage {
    struct duet_bus *bus;
    struct duet_instruments instruments;
    struct duet_portfolio *portfolio;
    struct duet_venue *venue;
    struct duet_stack stack;
    struct duet_env env;
    int64_t now_ns; // of the present instant
    int bar; // number of the bar that is open, or opens next
    bool verbose;
    char line[STAGE_LINE_MAX];
    size_t length;
    struct duet_fill last_fill;
    uint64_t opening_sequence[STAGE_INSTRUMENTS], fill_cause[STAGE_INSTRUMENTS]; // of the last of each
    struct duet_order_status_event last_status;
};

static struct stage stage; // one test, one stage

static inline int64_t p(double price) {
    return llround(price * 100);
}

static inline void stage_note(const char *text) {
    size_t length = strlen(text);
    ck_assert_uint_lt(stage.length + length + 2, STAGE_LINE_MAX);
    memcpy(stage.line + stage.length, text, length + 1);
    stage.length += length;
}

static inline void stage_tap(void *argument, const struct duet_event *event) {
    (void)argument;
    char text[96];
    if (event->type == DUET_EVENT_FILL) {
        stage.last_fill = event->fill;
        stage.fill_cause[event->fill.instrument] = event->cause_sequence;
        snprintf(text, sizeof(text), "%s%d:%c%lld@%.10g", stage.length > 0 ? " " : "", stage.bar,
            event->fill.side > 0 ? 'B' : 'S', (long long)event->fill.quantity, (double)event->fill.price / 100);
        stage_note(text);
    }
    if (event->type == DUET_EVENT_ORDER_STATUS) {
        stage.last_status = event->status;
        static const char *const words[DUET_ORDER_STATUS_COUNT] = {[DUET_ORDER_DENIED] = "Denied",
            [DUET_ORDER_REJECTED] = "Rejected",
            [DUET_ORDER_CANCELLED] = "Cancelled",
            [DUET_ORDER_EXPIRED] = "Expired"};
        const char *word = words[event->status.status];
        if (word != NULL) {
            snprintf(text, sizeof(text), "%s%d:%s(%s)", stage.length > 0 ? " " : "", stage.bar, word,
                duet_reason_name(event->status.reason_code));
            stage_note(text);
        } else if (stage.verbose) {
            snprintf(text, sizeof(text), "%s%d:%c%llu", stage.length > 0 ? " " : "", stage.bar,
                duet_order_status_name(event->status.status)[0], (unsigned long long)event->status.order_id);
            stage_note(text);
        }
    }
}

/** Bar 3 opens next, and the close of bar 2 was 100. `costs` may be NULL. */
static inline void stage_up(const char *profile, double cash, const struct duet_costs *costs) {
    stage = (struct stage){.now_ns = 20 * DUET_DAY_NS, .bar = 3};
    struct duet_instrument items[STAGE_INSTRUMENTS];
    for (int i = 0; i < STAGE_INSTRUMENTS; i++) {
        items[i] =
            (struct duet_instrument){.price_decimals = 2, .tick_scaled = 1, .lot_scaled = 1, .multiplier = 1000000};
        snprintf(items[i].symbol, sizeof(items[i].symbol), "%c", 'A' + i);
        snprintf(items[i].currency, sizeof(items[i].currency), "USD");
    }
    ck_assert_int_eq(duet_instruments_create(items, STAGE_INSTRUMENTS, &stage.instruments), DUET_OK);
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &stage.bus), DUET_OK);
    struct duet_portfolio_options portfolio = {.initial_cash = (duet_money)llround(cash * 100) * (DUET_MONEY_ONE / 100),
        .leverage = 1,
        .margin_check_longs = true,
        .shorts_unchecked = duet_fill_profile_find(profile)->short_sales_unchecked,
        .instruments = &stage.instruments};
    struct duet_venue_options venue = {.profile = duet_fill_profile_find(profile), .instruments = &stage.instruments};
    if (costs != NULL) {
        portfolio.costs = *costs;
        venue.costs = *costs;
    }
    ck_assert_int_eq(duet_portfolio_create(&portfolio, stage.bus, &stage.portfolio), DUET_OK);
    venue.portfolio = stage.portfolio;
    ck_assert_int_eq(duet_venue_create(&venue, stage.bus, &stage.venue), DUET_OK);
    ck_assert_int_eq(duet_stack_push(&stage.stack, duet_portfolio_component(stage.portfolio)), DUET_OK);
    ck_assert_int_eq(duet_stack_push(&stage.stack, duet_venue_component(stage.venue)), DUET_OK);
    stage.env = (struct duet_env){.bus = stage.bus};
    ck_assert_int_eq(duet_stack_up(&stage.stack, &stage.env), DUET_OK);
    duet_bus_tap(stage.bus, stage_tap, NULL);
    // An input gives the bus its time, and the marks give the gate its prices.
    struct duet_event custom = {.type = DUET_EVENT_CUSTOM, .custom = {.size = sizeof(custom.custom)}};
    (void)duet_bus_input(stage.bus, &custom, stage.now_ns);
    for (uint32_t i = 0; i < STAGE_INSTRUMENTS; i++) {
        duet_portfolio_mark(stage.portfolio, i, p(100));
    }
}

static inline void stage_down(void) {
    ck_assert(duet_portfolio_ledger_balances(stage.portfolio));
    ck_assert_int_eq(duet_bus_fault(stage.bus), DUET_OK);
    duet_bus_tap(stage.bus, NULL, NULL);
    duet_stack_down(&stage.stack);
    duet_venue_destroy(stage.venue);
    duet_portfolio_destroy(stage.portfolio);
    duet_bus_destroy(stage.bus);
    duet_instruments_finish(&stage.instruments);
}

/** Events published by the venue itself, as a call outside of any input would publish them, wait for this. */
static inline void stage_input(void) {
    static struct duet_event custom;
    custom = (struct duet_event){.type = DUET_EVENT_CUSTOM, .custom = {.size = sizeof(custom.custom)}};
    duet_bus_admit(stage.bus, &custom, stage.now_ns);
}

/** Phases 6 and 7 of the present instant; `opens[i]` of instrument i, 0: it does not open now. */
static inline void stage_openings(const int64_t opens[STAGE_INSTRUMENTS]) {
    struct duet_event events[STAGE_INSTRUMENTS] = {0};
    uint32_t hot_count, count = 0;
    const uint32_t *hot = duet_venue_hot(stage.venue, &hot_count);
    ck_assert_uint_eq(hot_count, duet_venue_hot_count(stage.venue));
    for (uint32_t i = 0; i < hot_count; i++) {
        if (opens[hot[i]] != 0) {
            events[count++] = (struct duet_event){.type = DUET_EVENT_OPENING,
                .opening = {.size = sizeof(struct duet_opening),
                    .instrument = hot[i],
                    .open_ns = stage.now_ns,
                    .open_scaled = opens[hot[i]]}};
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        duet_bus_admit(stage.bus, &events[i], stage.now_ns);
        stage.opening_sequence[events[i].opening.instrument] = events[i].sequence;
    }
    if (count > 0) {
        duet_venue_openings(stage.venue, events, count);
        duet_bus_drain(stage.bus);
    }
    duet_venue_openings_done(stage.venue, stage.now_ns);
}

static inline void stage_open(double open) {
    stage_openings((int64_t[STAGE_INSTRUMENTS]){p(open)});
}

/** Phases 1 and 2 at the end of a bar of `interval_ns` that opened that long ago; then what is due expires. */
static inline void stage_closings(const struct duet_bar *bars, size_t count, int64_t interval_ns) {
    stage.now_ns += interval_ns;
    struct duet_event events[STAGE_INSTRUMENTS];
    struct duet_bar copies[STAGE_INSTRUMENTS];
    for (size_t i = 0; i < count; i++) {
        copies[i] = bars[i];
        copies[i].size = sizeof(copies[i]);
        copies[i].open_ns = stage.now_ns - interval_ns;
        copies[i].close_ns = stage.now_ns;
        copies[i].interval_ns = interval_ns;
        copies[i].price_decimals = 2;
        events[i] = (struct duet_event){.type = DUET_EVENT_BAR, .event_ns = stage.now_ns, .bar = &copies[i]};
        duet_bus_admit(stage.bus, &events[i], stage.now_ns);
        duet_venue_range(stage.venue, &copies[i]);
    }
    for (size_t i = 0; i < count; i++) {
        duet_portfolio_mark(stage.portfolio, copies[i].instrument, copies[i].close_scaled);
    }
    duet_bus_drain(stage.bus);
    stage.bar++;
    if (duet_venue_next_expiry_ns(stage.venue) <= stage.now_ns) {
        stage_input();
        duet_venue_expire(stage.venue, stage.now_ns);
        duet_bus_drain(stage.bus);
    }
}

static inline struct duet_bar bar_of(uint32_t instrument, double open, double high, double low, double close) {
    return (struct duet_bar){.instrument = instrument,
        .open = open,
        .high = high,
        .low = low,
        .close = close,
        .open_scaled = p(open),
        .high_scaled = p(high),
        .low_scaled = p(low),
        .close_scaled = p(close)};
}

static inline void stage_close(double open, double high, double low, double close) {
    struct duet_bar bar = bar_of(0, open, high, low, close);
    stage_closings(&bar, 1, DUET_DAY_NS);
}

/** One whole bar of the first instrument. */
static inline void stage_bar(double open, double high, double low, double close) {
    stage_open(open);
    stage_close(open, high, low, close);
}

static inline uint64_t stage_send(const struct duet_order_event *order) {
    struct duet_order_event request = *order;
    request.size = sizeof(request);
    return duet_portfolio_submit(stage.portfolio, &request, NULL);
}

static inline struct duet_order_event market(int64_t signed_quantity) {
    return (struct duet_order_event){
        .side = signed_quantity > 0 ? DUET_BUY : DUET_SELL, .type = DUET_MARKET, .quantity = llabs(signed_quantity)};
}
static inline struct duet_order_event limit(int64_t signed_quantity, double price) {
    struct duet_order_event order = market(signed_quantity);
    order.type = DUET_LIMIT;
    order.price = p(price);
    return order;
}
static inline struct duet_order_event stop(int64_t signed_quantity, double stop_price) {
    struct duet_order_event order = market(signed_quantity);
    order.type = DUET_STOP;
    order.stop_price = p(stop_price);
    return order;
}
static inline struct duet_order_event stop_limit(int64_t signed_quantity, double stop_price, double price) {
    struct duet_order_event order = stop(signed_quantity, stop_price);
    order.type = DUET_STOP_LIMIT;
    order.price = p(price);
    return order;
}

static inline uint64_t send_market(int64_t signed_quantity) {
    struct duet_order_event order = market(signed_quantity);
    return stage_send(&order);
}

static inline double stage_equity(void) {
    return duet_money_to_double(duet_portfolio_equity(stage.portfolio));
}
static inline int64_t stage_position(uint32_t instrument) {
    return duet_portfolio_position(stage.portfolio, instrument)->quantity;
}

#endif
