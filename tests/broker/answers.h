/* A strategy that answers fills, and short ways to send orders; on top of stage.h. */
#ifndef DUET_TESTS_BROKER_ANSWERS_H
#define DUET_TESTS_BROKER_ANSWERS_H

#include "broker/stage.h"

static inline void send(struct duet_order_event order) {
    (void)stage_send(&order);
}

static inline struct duet_order_event flagged(struct duet_order_event order, uint16_t flags) {
    order.flags = flags;
    return order;
}

static inline struct duet_order_event on(uint32_t instrument, struct duet_order_event order) {
    order.instrument = instrument;
    return order;
}

static inline struct duet_order_event lasting(struct duet_order_event order, uint8_t time_in_force) {
    order.time_in_force = time_in_force;
    return order;
}

/* A strategy that answers its first fill with what `answers` holds, or cancels `cancels`. */
static struct duet_order_event answers[2];
static int answer_count;
static uint64_t cancels;

static inline enum duet_status handle_fill(void *receiver, const struct duet_event *event) {
    (void)receiver;
    (void)event;
    for (int i = 0; i < answer_count; i++) {
        send(answers[i]);
    }
    answer_count = 0;
    if (cancels != 0) {
        (void)duet_portfolio_cancel(stage.portfolio, cancels);
        cancels = 0;
    }
    return DUET_OK;
}

static inline void strategy_up(void) {
    ck_assert_int_eq(duet_bus_subscribe(stage.bus, DUET_EVENT_FILL, handle_fill, &stage, NULL, NULL), DUET_OK);
}

#endif
