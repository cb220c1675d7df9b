#include <inttypes.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/hash.h"
#include "portfolio/state.h"

static void publish_denial(
    struct duet_portfolio *portfolio, const struct duet_order_event *request, enum duet_reason reason) {
    struct duet_portfolio_counts *counts = &portfolio->counts;
    if (counts->denied[reason]++ == 0) {
        counts->first_denied_ns[reason] = duet_bus_now_ns(portfolio->bus);
    }
    struct duet_event event = {.type = DUET_EVENT_ORDER_STATUS};
    event.status = (struct duet_order_status_event){
        .size = sizeof(event.status),
        .instrument = request->instrument,
        .order_id = request->order_id,
        .status = DUET_ORDER_DENIED,
        .previous = DUET_ORDER_CREATED,
        .reason_code = (uint16_t)reason,
        .strategy = request->strategy,
        .side = request->side,
        .type = request->type,
        .quantity = request->quantity,
        .price = request->price,
        .stop_price = request->stop_price,
    };
    memcpy(event.status.reason, request->reason, DUET_REASON_MAX);
    (void)duet_bus_publish(portfolio->bus, &event);
}

/** A decision is a request as it was made, when it was made; what became of it is not part of it. */
static void fold_decision(struct duet_portfolio *portfolio, const struct duet_order_event *request) {
    uint64_t what = (uint64_t)request->instrument << 32 | (uint64_t)request->action << 24 |
                    (uint64_t)(uint8_t)request->side << 16 | (uint64_t)request->type << 8 | request->time_in_force;
    uint64_t who = (uint64_t)request->strategy << 16 | request->flags;
    uint64_t word = duet_hash_mix((uint64_t)duet_bus_now_ns(portfolio->bus) ^ UINT64_C(0x8ebc6af09c88c6e3),
                        what ^ UINT64_C(0x589965cc75374cc3)) +
                    duet_hash_mix((uint64_t)request->quantity ^ UINT64_C(0x1d8e4e27c47d124f),
                        (uint64_t)request->price ^ UINT64_C(0xeb44accab455d165)) +
                    duet_hash_mix((uint64_t)request->stop_price ^ UINT64_C(0xa0761d6478bd642f),
                        (uint64_t)request->expires_ns ^ UINT64_C(0xe7037ed1a0b428db));
    uint64_t *hash = &portfolio->counts.decision_hash;
    *hash = duet_hash_step(duet_hash_step(*hash, word), who);
    if (portfolio->options.on_decision != NULL) {
        portfolio->options.on_decision(portfolio->options.argument, request, duet_bus_now_ns(portfolio->bus));
    }
}

static void order_take_request(struct duet_order *order, const struct duet_order_event *request, int64_t now_ns) {
    order->instrument = request->instrument;
    order->strategy = request->strategy;
    order->flags = request->flags;
    order->side = request->side;
    order->type = request->type;
    order->time_in_force = request->time_in_force;
    order->quantity = request->quantity;
    order->price = request->price;
    order->stop_price = request->stop_price;
    order->expires_ns = request->expires_ns;
    order->created_ns = order->updated_ns = now_ns;
    memcpy(order->reason, request->reason, DUET_REASON_MAX);
}

uint64_t duet_portfolio_send(struct duet_portfolio *portfolio, struct duet_order_event *request,
    const struct duet_order_entry *instead, bool from_target, enum duet_reason *denied) {
    request->size = sizeof(*request);
    request->action = DUET_SUBMIT;
    request->reason[DUET_REASON_MAX - 1] = '\0';
    fold_decision(portfolio, request);
    struct duet_claim claim;
    enum duet_reason reason = duet_gate_check(portfolio, request, instead, &claim);
    struct duet_order_entry *entry = duet_order_table_add(&portfolio->orders);
    uint64_t order_id = request->order_id = entry->order.order_id;
    order_take_request(&entry->order, request, duet_bus_now_ns(portfolio->bus));
    if (reason == DUET_REASON_NONE) {
        entry->order.status = DUET_ORDER_SUBMITTED;
        entry->claim = claim;
        entry->from_target = from_target;
        duet_orders_book(portfolio, entry);
        portfolio->counts.orders++;
        struct duet_event event = {.type = DUET_EVENT_ORDER, .order = *request};
        if (duet_bus_publish(portfolio->bus, &event) == DUET_PUBLISH_REFUSED) {
            // Nobody has seen it, so it was never submitted.
            duet_orders_unbook(portfolio, entry);
            portfolio->counts.orders--;
            reason = DUET_REASON_QUEUE_FULL;
        }
    }
    if (reason != DUET_REASON_NONE) {
        entry->order.status = DUET_ORDER_DENIED;
        entry->order.reason_code = (uint16_t)reason;
        publish_denial(portfolio, request, reason);
    }
    if (denied != NULL) {
        *denied = reason;
    }
    return order_id;
}

/** An order that a strategy sends by itself ends what its last target said. */
static void forget_target(struct duet_portfolio *portfolio, const struct duet_order_event *request) {
    bool explicit_entry = (request->flags & (DUET_REDUCE_ONLY | DUET_AT_END)) == 0;
    if (explicit_entry && request->instrument < portfolio->options.instruments->count) {
        struct duet_wish *wish = duet_portfolio_wish(portfolio, request->strategy, request->instrument);
        wish->kind = wish->said = DUET_TARGET_NONE;
    }
}

uint64_t duet_portfolio_submit(
    struct duet_portfolio *portfolio, struct duet_order_event *request, enum duet_reason *denied) {
    forget_target(portfolio, request);
    return duet_portfolio_send(portfolio, request, NULL, false, denied);
}

uint64_t duet_portfolio_submit_again(struct duet_portfolio *portfolio, uint64_t order_id) {
    const struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, order_id);
    if (entry == NULL || !duet_order_is_final(entry->order.status) || entry->order.filled != 0) {
        return 0;
    }
    const struct duet_order *order = &entry->order;
    bool from_target = entry->from_target;
    enum duet_target_kind gave_up = (enum duet_target_kind)entry->gave_up;
    struct duet_order_event request = {.instrument = order->instrument,
        .side = order->side,
        .type = order->type,
        .time_in_force = order->time_in_force,
        .flags = order->flags,
        .strategy = order->strategy,
        .quantity = order->quantity,
        .price = order->price,
        .stop_price = order->stop_price,
        .expires_ns = order->expires_ns};
    memcpy(request.reason, order->reason, sizeof(request.reason));
    enum duet_reason denied;
    uint16_t flags = request.flags;
    uint64_t again = duet_portfolio_send(portfolio, &request, NULL, from_target, &denied);
    if (denied == DUET_REASON_NONE && request.flags == flags && gave_up != DUET_TARGET_NONE) {
        // The target is on its way again; said once more it is no order, unless another has been said since.
        struct duet_wish *wish = duet_portfolio_wish(portfolio, request.strategy, request.instrument);
        wish->kind = wish->kind == DUET_TARGET_NONE && wish->said == gave_up ? gave_up : wish->kind;
    }
    return again;
}

void duet_portfolio_deny(
    struct duet_portfolio *portfolio, const struct duet_order_event *request, enum duet_reason reason) {
    DUET_ASSERT(reason > DUET_REASON_NONE && reason < DUET_REASON_COUNT);
    struct duet_order_event denied = *request;
    denied.order_id = 0;
    denied.reason[DUET_REASON_MAX - 1] = '\0';
    fold_decision(portfolio, &denied);
    publish_denial(portfolio, &denied, reason);
}

/** `action` says why: DUET_CANCEL, or DUET_REPLACE where another order takes its place. */
static enum duet_status cancel_entry(
    struct duet_portfolio *portfolio, struct duet_order_entry *entry, enum duet_order_action action) {
    int64_t now_ns = duet_bus_now_ns(portfolio->bus);
    if (entry->cancel_ns == now_ns) {
        return DUET_OK; // asked for already, and answered before time goes on
    }
    const struct duet_order *order = &entry->order;
    struct duet_event event = {.type = DUET_EVENT_ORDER};
    event.order = (struct duet_order_event){
        .size = sizeof(event.order),
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
        .expires_ns = order->expires_ns,
    };
    memcpy(event.order.reason, order->reason, DUET_REASON_MAX);
    entry->cancel_ns = now_ns;
    if (entry->from_target) { // what is called back has not been reached; the same target is an order again
        entry->from_target = false;
        duet_portfolio_wish(portfolio, order->strategy, order->instrument)->kind = DUET_TARGET_NONE;
    }
    fold_decision(portfolio, &event.order);
    uint64_t order_id = order->order_id;
    if (duet_bus_publish(portfolio->bus, &event) == DUET_PUBLISH_REFUSED) {
        entry = duet_order_table_find(&portfolio->orders, order_id);
        entry->cancel_ns = INT64_MIN;
        return duet_error(DUET_EFULL, "no room to ask for the cancel of order %" PRIu64, order_id);
    }
    return DUET_OK;
}

static bool can_cancel(const struct duet_order_entry *entry) {
    return entry->working && entry->order.filled < entry->order.quantity;
}

enum duet_status duet_portfolio_cancel(struct duet_portfolio *portfolio, uint64_t order_id) {
    struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, order_id);
    if (entry == NULL) {
        return duet_error(DUET_ENOTFOUND, "there is no order %" PRIu64, order_id);
    }
    if (!can_cancel(entry)) {
        return duet_error(DUET_ESTATE, "order %" PRIu64 " is %s, too late to cancel", order_id,
            duet_order_status_name(entry->order.status));
    }
    return cancel_entry(portfolio, entry, DUET_CANCEL);
}

static size_t cancel_slot(
    struct duet_portfolio *portfolio, uint16_t strategy, struct duet_portfolio_slot *slot, bool protective_too) {
    size_t count = 0;
    for (uint64_t id = slot->first_id; id != 0;) {
        struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, id);
        uint64_t next_id = entry->next_id;
        bool meant = (strategy == UINT16_MAX || entry->order.strategy == strategy) &&
                     (protective_too || !duet_order_is_protective(&entry->order));
        if (meant && can_cancel(entry) && entry->cancel_ns != duet_bus_now_ns(portfolio->bus) &&
            cancel_entry(portfolio, entry, DUET_CANCEL) == DUET_OK) {
            count++;
            // Outside a handler the answers are in by now, and may have ended the next order too.
            const struct duet_order_entry *next = duet_order_table_find(&portfolio->orders, next_id);
            next_id = next == NULL || !next->working ? slot->first_id : next_id;
            if (next_id == id) {
                next_id = 0;
            }
        }
        id = next_id;
    }
    return count;
}

size_t duet_portfolio_cancel_all(struct duet_portfolio *portfolio, uint16_t strategy, uint32_t instrument) {
    DUET_ASSERT(instrument == UINT32_MAX || instrument < portfolio->options.instruments->count);
    if (instrument != UINT32_MAX) {
        return cancel_slot(portfolio, strategy, &portfolio->head.slots[instrument], true);
    }
    size_t count = 0;
    for (uint32_t i = 0; portfolio->orders.working_count > 0 && i < portfolio->options.instruments->count; i++) {
        count += cancel_slot(portfolio, strategy, &portfolio->head.slots[i], true);
    }
    return count;
}

size_t duet_portfolio_cancel_unprotective(struct duet_portfolio *portfolio, uint32_t instrument) {
    return cancel_slot(portfolio, UINT16_MAX, &portfolio->head.slots[instrument], false);
}

uint64_t duet_portfolio_replace(struct duet_portfolio *portfolio, uint64_t order_id, int64_t quantity, int64_t price,
    int64_t stop_price, enum duet_reason *denied) {
    struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, order_id);
    bool is_going = entry != NULL && entry->cancel_ns == duet_bus_now_ns(portfolio->bus);
    if (entry == NULL || is_going || !can_cancel(entry)) { // replaced twice, it would come back twice
        if (denied != NULL) {
            *denied = entry == NULL ? DUET_REASON_UNKNOWN_ORDER : DUET_REASON_TOO_LATE;
        }
        return 0;
    }
    const struct duet_order *order = &entry->order;
    struct duet_order_event request = {
        .instrument = order->instrument,
        .side = order->side,
        .type = order->type,
        .time_in_force = order->time_in_force,
        .flags = order->flags,
        .strategy = order->strategy,
        .quantity = quantity != 0 ? quantity : order->quantity - order->filled,
        .price = price != 0 ? price : order->price,
        .stop_price = stop_price != 0 ? stop_price : order->stop_price,
        .expires_ns = order->expires_ns,
    };
    memcpy(request.reason, order->reason, DUET_REASON_MAX);
    // Checked before the old order goes, so that a refusal leaves that one standing.
    struct duet_order_event checked = request;
    struct duet_claim claim;
    if (duet_gate_check(portfolio, &checked, entry, &claim) == DUET_REASON_NONE &&
        cancel_entry(portfolio, entry, DUET_REPLACE) != DUET_OK) {
        if (denied != NULL) {
            *denied = DUET_REASON_QUEUE_FULL;
        }
        return 0;
    }
    entry = duet_order_table_find(&portfolio->orders, order_id);
    return duet_portfolio_send(portfolio, &request, entry, false, denied);
}

const struct duet_order *duet_portfolio_order(const struct duet_portfolio *portfolio, uint64_t order_id) {
    const struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, order_id);
    return entry != NULL ? &entry->order : NULL;
}
