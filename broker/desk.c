#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"

#include "broker/desk_state.h"

/* --------------------------------------------------------------------------------------------------- requests */

/** What limits a loss is as right after an outage as before it; anything else would meet another market. */
static bool outlasts_outage(const struct duet_desk_order *order) {
    return (order->flags & (DUET_ATTACHED | DUET_LOCAL)) != 0;
}

static void send_action(struct duet_desk *desk, const struct duet_desk_order *order, enum duet_order_action action) {
    struct duet_event event = {.type = DUET_EVENT_ORDER, .time_ns = duet_bus_now_ns(desk->bus)};
    event.order = (struct duet_order_event){.size = sizeof(event.order),
        .instrument = order->instrument,
        .order_id = order->order_id,
        .action = (uint8_t)action,
        .side = order->side,
        .type = order->type,
        .time_in_force = order->time_in_force,
        .flags = order->flags,
        .strategy = order->strategy,
        .quantity = order->quantity,
        .price = order->price,
        .stop_price = order->stop_price,
        .expires_ns = order->expires_ns};
    memcpy(event.order.reason, order->reason, sizeof(event.order.reason));
    if (desk->options.send != NULL) {
        desk->options.send(desk->options.argument, &event);
    }
}

static void ask(struct duet_desk *desk, uint64_t order_id) {
    if (desk->options.query != NULL) {
        desk->options.query(desk->options.argument, order_id);
    }
}

static void reject(struct duet_desk *desk, struct duet_desk_order *order, enum duet_reason reason) {
    duet_desk_publish(desk, order, DUET_ORDER_REJECTED, reason, 0);
}

void duet_desk_hand_over(struct duet_desk *desk, struct duet_desk_order *order) {
    DUET_ASSERT(order->handed == 0 && order->knowledge == DUET_DESK_HELD);
    order->replaces = 0;
    if (desk->marks.link_up != 0) {
        order->handed = 1;
        send_action(desk, order, DUET_SUBMIT);
    } else if (!outlasts_outage(order)) {
        reject(desk, order, DUET_REASON_DISCONNECTED);
    }
}

void duet_desk_ask_cancel(struct duet_desk *desk, struct duet_desk_order *order) {
    if (desk->marks.link_up != 0) {
        send_action(desk, order, DUET_CANCEL);
    }
}

void duet_desk_release(struct duet_desk *desk, const struct duet_desk_order *ended) {
    if (ended->cancel != DUET_REPLACE) {
        return; // nobody waits for it
    }
    for (size_t i = 0; i < desk->count; i++) {
        struct duet_desk_order *order = &desk->orders[i];
        if (order->replaces != ended->order_id || duet_desk_is_final(order)) {
            continue;
        }
        // What only reduces cannot be too much, and what is left of the position must not lose its stop.
        bool fits = ended->booked == order->replaced_filled || (order->flags & DUET_REDUCE_ONLY) != 0;
        bool gave_way = ended->status == DUET_ORDER_CANCELLED || ended->status == DUET_ORDER_EXPIRED;
        if (gave_way && fits) {
            duet_desk_hand_over(desk, order);
        } else { // what it was to replace has done its work, or part of it
            reject(desk, order, DUET_REASON_TOO_LATE);
        }
    }
}

/** Whether `request` is what duet_portfolio_replace() sends right after the REPLACE of `old`. */
static bool takes_place_of(const struct duet_order_event *request, const struct duet_desk_order *old) {
    return request->instrument == old->instrument && request->strategy == old->strategy && request->side == old->side &&
           request->type == old->type && request->flags == old->flags;
}

static enum duet_status take_submit(struct duet_desk *desk, const struct duet_order_event *request) {
    uint64_t replacing = desk->marks.replacing;
    desk->marks.replacing = 0;
    if (request->order_id <= desk->marks.last_id || request->instrument >= desk->options.instruments->count ||
        request->quantity <= 0 || request->quantity >= DUET_DESK_QUANTITY_MAX) {
        return duet_error(DUET_EINVAL,
            "order %" PRIu64 ": ids rise and are used once; quantity and instrument in range", request->order_id);
    }
    struct duet_desk_order new_order = {.order_id = request->order_id,
        .quantity = request->quantity,
        .price = request->price,
        .stop_price = request->stop_price,
        .expires_ns = request->expires_ns,
        .instrument = request->instrument,
        .flags = request->flags,
        .strategy = request->strategy,
        .side = request->side,
        .type = request->type,
        .time_in_force = request->time_in_force,
        .status = DUET_ORDER_SUBMITTED};
    memcpy(new_order.reason, request->reason, sizeof(new_order.reason));
    const struct duet_desk_order *old = replacing != 0 ? duet_desk_find(desk, replacing) : NULL;
    if (old != NULL && !duet_desk_is_final(old) && takes_place_of(request, old)) {
        new_order.replaces = old->order_id;
        new_order.replaced_filled = old->booked;
    }
    struct duet_desk_order *order = duet_desk_add(desk, &new_order);
    if (order->replaces == 0) {
        duet_desk_hand_over(desk, order);
    } else if (desk->marks.link_up == 0 && !outlasts_outage(order)) {
        reject(desk, order, DUET_REASON_DISCONNECTED);
    }
    return DUET_OK;
}

static void take_cancel(struct duet_desk *desk, const struct duet_order_event *request) {
    desk->marks.replacing = 0;
    struct duet_desk_order *order = duet_desk_find(desk, request->order_id);
    if (order == NULL || duet_desk_is_final(order)) {
        return; // crossed its end, which has been told
    }
    bool replaces = request->action == DUET_REPLACE;
    if (order->handed == 0) { // never left
        desk->marks.replacing = replaces ? order->replaces : 0;
        reject(desk, order, replaces ? DUET_REASON_REPLACED : DUET_REASON_USER);
        return;
    }
    if (replaces && desk->marks.link_up == 0 && !outlasts_outage(order)) {
        desk->marks.replacing = order->order_id; // what is to come in its place will be rejected, so it stays
        return;
    }
    if (order->cancel != DUET_REPLACE) {
        order->cancel = request->action;
    }
    desk->marks.replacing = replaces ? order->order_id : 0;
    duet_desk_ask_cancel(desk, order);
}

static enum duet_status handle_order(void *receiver, const struct duet_event *event) {
    struct duet_desk *desk = receiver;
    const struct duet_order_event *request = &event->order;
    switch (request->action) {
    case DUET_SUBMIT:
        return take_submit(desk, request);
    case DUET_CANCEL:
    case DUET_REPLACE:
        take_cancel(desk, request);
        return DUET_OK;
    default:
        return duet_error(DUET_EINVAL, "order %" PRIu64 ": action %u is none of submit, cancel and replace",
            request->order_id, (unsigned)request->action);
    }
}

/* --------------------------------------------------------------------------------------------------------- link */

/** What was to take an order's place goes nowhere, so that one stays, unless the gateway has let it go already. */
static void keep_replaced(struct duet_desk *desk, uint64_t order_id) {
    struct duet_desk_order *old = order_id != 0 ? duet_desk_find(desk, order_id) : NULL;
    if (old != NULL && old->cancel == DUET_REPLACE) {
        old->cancel = 0;
    }
}

/** `proof`: why an order that never left, and must not go out later, is rejected. */
static void lose_link(struct duet_desk *desk, enum duet_reason proof) {
    desk->marks.link_up = 0;
    desk->marks.epoch = 0;
    desk->marks.replacing = 0;
    for (size_t i = 0; i < desk->count; i++) {
        struct duet_desk_order *order = &desk->orders[i];
        order->word = DUET_DESK_SILENT;
        if (duet_desk_is_final(order) || order->knowledge != DUET_DESK_HELD) {
            continue;
        }
        if (order->handed != 0) {
            order->knowledge = DUET_DESK_IN_DOUBT;
        } else if (!outlasts_outage(order)) {
            keep_replaced(desk, order->replaces);
            reject(desk, order, proof);
        }
    }
}

void duet_desk_link_down(struct duet_desk *desk) {
    lose_link(desk, DUET_REASON_DISCONNECTED);
}

void duet_desk_restart(struct duet_desk *desk) {
    lose_link(desk, DUET_REASON_UNSENT_AT_CRASH);
}

static void reconcile(struct duet_desk *desk, struct duet_desk_order *order) {
    if (order->knowledge == DUET_DESK_IN_DOUBT && order->word == DUET_DESK_UNKNOWN) {
        reject(desk, order, DUET_REASON_UNSENT_AT_CRASH);
        return;
    }
    if (order->handed == 0) {
        if (order->replaces == 0) {
            duet_desk_hand_over(desk, order);
        }
        return;
    }
    if (order->word == DUET_DESK_SILENT) {
        ask(desk, order->order_id);
    }
    if (order->cancel != 0) {
        duet_desk_ask_cancel(desk, order);
    }
}

void duet_desk_reconciled(struct duet_desk *desk, uint64_t epoch, uint64_t sequence) {
    struct duet_desk_marks *marks = &desk->marks;
    marks->link_up = 1;
    marks->epoch = epoch;
    if (sequence < marks->reports) {
        duet_desk_anomaly(desk, 0, "the gateway has lost reports it made");
    }
    if (sequence != marks->reports) {
        marks->reports = sequence;
        marks->reports_ahead = 0;
    }
    for (size_t i = 0; i < desk->count; i++) {
        if (!duet_desk_is_final(&desk->orders[i])) {
            reconcile(desk, &desk->orders[i]);
        }
    }
}

bool duet_desk_may_send(const struct duet_desk *desk, uint64_t order_id, uint64_t epoch) {
    const struct duet_desk_order *order = duet_desk_find(desk, order_id);
    return order != NULL && desk->marks.link_up != 0 && desk->marks.epoch == epoch && order->handed != 0 &&
           order->knowledge == DUET_DESK_HELD && order->status == DUET_ORDER_SUBMITTED;
}

uint64_t duet_desk_reports(const struct duet_desk *desk) {
    return desk->marks.reports;
}

uint32_t duet_desk_in_doubt(const struct duet_desk *desk) {
    uint32_t count = 0;
    for (size_t i = 0; i < desk->count; i++) {
        count += !duet_desk_is_final(&desk->orders[i]) && desk->orders[i].knowledge == DUET_DESK_IN_DOUBT;
    }
    return count;
}

void duet_desk_get_counts(const struct duet_desk *desk, struct duet_desk_counts *out) {
    *out = desk->marks.counts;
}

/* --------------------------------------------------------------------------------------------------- component */

static enum duet_status desk_init(struct duet_component *component) {
    struct duet_desk *desk = duet_container_of(component, struct duet_desk, component);
    duet_desk_clear(desk);
    return duet_bus_subscribe(desk->bus, DUET_EVENT_ORDER, handle_order, desk, component, NULL);
}

static void desk_reset(struct duet_component *component) {
    duet_desk_clear(duet_container_of(component, struct duet_desk, component));
}

static const struct duet_component_impl desk_impl = {
    .size = sizeof(struct duet_component_impl),
    .type = "venue",
    .init = desk_init,
    .reset = desk_reset,
    .teardown = desk_reset,
};

enum duet_status duet_desk_create(
    const struct duet_desk_options *options, struct duet_bus *bus, struct duet_desk **out) {
    if (options->portfolio == NULL || options->instruments == NULL) {
        return duet_error(DUET_EINVAL, "a desk needs instruments and a portfolio");
    }
    struct duet_desk *desk = duet_alloc(1, sizeof(*desk));
    desk->component = (struct duet_component){.impl = &desk_impl, .name = "desk"};
    desk->options = *options;
    desk->bus = bus;
    desk->fills = duet_alloc(DUET_DESK_FILLS_MAX, sizeof(*desk->fills));
    *out = desk;
    return DUET_OK;
}

void duet_desk_destroy(struct duet_desk *desk) {
    if (desk == NULL) {
        return;
    }
    free(desk->orders);
    free(desk->fills);
    free(desk);
}

struct duet_component *duet_desk_component(struct duet_desk *desk) {
    return &desk->component;
}
