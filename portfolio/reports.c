#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "portfolio/exact.h"
#include "portfolio/state.h"

void duet_portfolio_anomaly(struct duet_portfolio *portfolio, uint64_t order_id, const char *what) {
    portfolio->counts.anomalies++;
    if (portfolio->component.env != NULL) {
        duet_log_error(portfolio->component.env->log, "report-refused", "order=%" PRIu64 " why=%s", order_id, what);
    }
    struct duet_event event = {.type = DUET_EVENT_ERROR};
    event.error.size = sizeof(event.error);
    event.error.error_type = DUET_ESTATE;
    event.error.order_id = order_id;
    duet_text_copy(event.error.component, sizeof(event.error.component), "portfolio");
    duet_text_copy(event.error.message, sizeof(event.error.message), what);
    (void)duet_bus_publish(portfolio->bus, &event);
}

/* ------------------------------------------------------------------------------------------------------ status */

static const char *status_refusal(const struct duet_order_entry *entry, const struct duet_order_status_event *report) {
    const struct duet_order *order = &entry->order;
    bool again = entry->late && (report->status == order->status || report->status == DUET_ORDER_FILLED);
    if (!again && !duet_order_can_become(order->status, report->status)) {
        return "no such transition";
    }
    if (report->status == DUET_ORDER_TRIGGERED && order->type != DUET_STOP && order->type != DUET_STOP_LIMIT) {
        return "only stop orders are triggered";
    }
    if (report->cumulative != order->filled) {
        return "cumulative quantity and fills differ";
    }
    if ((report->status == DUET_ORDER_FILLED) != (order->filled >= order->quantity)) {
        return "filled quantity and status differ";
    }
    if (report->status == DUET_ORDER_PARTIALLY_FILLED && order->filled == 0) {
        return "partially filled without a fill";
    }
    return NULL;
}

enum duet_status duet_portfolio_handle_status(void *receiver, const struct duet_event *event) {
    struct duet_portfolio *portfolio = receiver;
    const struct duet_order_status_event *report = &event->status;
    if (report->status == DUET_ORDER_DENIED) {
        return DUET_OK; // our own
    }
    struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, report->order_id);
    const char *refusal = entry == NULL ? "unknown order" : status_refusal(entry, report);
    if (refusal != NULL) {
        duet_portfolio_anomaly(portfolio, report->order_id, refusal);
        return DUET_OK;
    }
    entry->order.status = report->status;
    entry->order.reason_code = report->reason_code;
    entry->order.updated_ns = event->time_ns;
    entry->late = false;
    if (duet_order_is_final(report->status) && entry->working) {
        duet_orders_unbook(portfolio, entry);
        struct duet_portfolio_counts *counts = &portfolio->counts;
        counts->rejected += report->status == DUET_ORDER_REJECTED;
        counts->cancelled += report->status == DUET_ORDER_CANCELLED;
        counts->expired += report->status == DUET_ORDER_EXPIRED;
        duet_sizing_order_ended(portfolio, entry);
        if (report->status == DUET_ORDER_REJECTED && report->reason_code == DUET_REASON_UNSENT_AT_CRASH) {
            duet_protect_unsent(portfolio, &entry->order);
        }
    }
    return DUET_OK;
}

/* ------------------------------------------------------------------------------------------------- what is booked */

static double money_double(duet_money money) {
    return (duet_fits_int64(money) ? (double)(int64_t)money : (double)money) / 1e12;
}

static void take_position(const struct duet_portfolio_slot *slot, struct duet_event *out) {
    const struct duet_position_state *state = &slot->state;
    *out = (struct duet_event){.type = DUET_EVENT_POSITION};
    struct duet_position_event *position = &out->position;
    position->size = sizeof(*position);
    position->instrument = slot->instrument->index;
    position->quantity = state->quantity;
    position->cost = state->cost;
    position->realized = state->realized;
    position->mark = state->mark;
    position->commission = state->commission;
    if (state->quantity != 0) {
        double units = duet_unscale(state->quantity, slot->instrument->quantity_decimals);
        double multiplier = (double)slot->instrument->multiplier / 1e6;
        position->average_price = money_double(state->cost) / (units * multiplier);
    }
}

static void take_account(const struct duet_portfolio *portfolio, struct duet_event *out) {
    *out = (struct duet_event){.type = DUET_EVENT_ACCOUNT};
    out->account.size = sizeof(out->account);
    out->account.cash = portfolio->head.cash;
    out->account.equity = portfolio->head.equity;
    out->account.realized = -portfolio->ledger.income;
    out->account.commission = portfolio->ledger.commission;
}

/** Room for one more booked fill; the ring doubles where a batch is larger than any before. */
static struct duet_booked_fill *booked_add(struct duet_booked_fills *booked) {
    if (booked->tail - booked->head == booked->capacity) { // also while there is none
        uint64_t capacity = booked->capacity == 0 ? 64 : 2 * booked->capacity;
        struct duet_booked_fill *fills = duet_alloc(capacity, sizeof(*fills));
        for (uint64_t i = booked->head; i != booked->tail; i++) {
            fills[i & (capacity - 1)] = booked->fills[i & (booked->capacity - 1)];
        }
        free(booked->fills);
        booked->fills = fills;
        booked->capacity = capacity;
    }
    return &booked->fills[booked->tail++ & (booked->capacity - 1)];
}

static const char *fill_refusal(const struct duet_order_entry *entry, const struct duet_fill *fill) {
    if (entry == NULL) {
        return "fill of an unknown order";
    }
    const struct duet_order *order = &entry->order;
    bool is_late = (fill->flags & DUET_LATE) != 0 && order->status != DUET_ORDER_DENIED;
    if (duet_order_is_final(order->status) && !is_late) {
        return "fill of an order that is final";
    }
    if (fill->fill_id == 0 || fill->quantity <= 0 || fill->side != order->side ||
        fill->instrument != order->instrument) {
        return "fill does not fit its order";
    }
    if (fill->quantity > order->quantity - order->filled && !is_late) {
        return "fill of more than is left";
    }
    return NULL;
}

/** Post a fill, and keep what was so after it for its announcement. False: refused, the reason has been said. */
static bool book_fill(struct duet_portfolio *portfolio, const struct duet_fill *fill) {
    struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, fill->order_id);
    const char *refusal = fill_refusal(entry, fill);
    if (refusal != NULL) {
        duet_portfolio_anomaly(portfolio, fill->order_id, refusal);
        return false;
    }
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[fill->instrument];
    struct duet_fill_effect effect;
    duet_money slippage = 0;
    enum duet_status status = DUET_OK;
    if (fill->slippage != 0) {
        status = duet_slot_notional(slot, fill->slippage, fill->quantity, &slippage);
    }
    if (status == DUET_OK) {
        status = duet_ledger_fill(portfolio, fill, &effect);
    }
    if (status != DUET_OK) {
        duet_portfolio_overflow(portfolio, "fill");
        return false;
    }
    portfolio->fill_ids[fill->fill_id & (DUET_FILL_WINDOW - 1)] = fill->fill_id;
    entry->order.filled_notional += effect.notional;
    entry->order.commission += fill->commission;
    duet_orders_fill(portfolio, entry, fill->quantity);
    portfolio->counts.fills++;
    portfolio->counts.slippage += slippage;
    portfolio->counts.traded += duet_money_magnitude(effect.notional);
    struct duet_booked_fill *booked = booked_add(&portfolio->booked);
    booked->fill_id = fill->fill_id;
    booked->effect = effect;
    take_position(slot, &booked->position);
    take_account(portfolio, &booked->account);
    return true;
}

static bool is_duplicate(const struct duet_portfolio *portfolio, const struct duet_fill *fill) {
    return fill->fill_id != 0 && portfolio->fill_ids[fill->fill_id & (DUET_FILL_WINDOW - 1)] == fill->fill_id;
}

void duet_portfolio_book(struct duet_portfolio *portfolio, const struct duet_fill *fill) {
    if (is_duplicate(portfolio, fill)) {
        return; // counted when its event comes
    }
    (void)book_fill(portfolio, fill);
}

/** The oldest booked fill, if it is this one. */
static struct duet_booked_fill *booked_first(struct duet_booked_fills *booked, uint64_t fill_id) {
    if (booked->head == booked->tail) {
        return NULL;
    }
    struct duet_booked_fill *first = &booked->fills[booked->head & (booked->capacity - 1)];
    return first->fill_id == fill_id ? first : NULL;
}

/** Book a fill that nobody has booked yet. NULL: refused, or there already. */
static struct duet_booked_fill *book_late(struct duet_portfolio *portfolio, const struct duet_fill *fill) {
    if (is_duplicate(portfolio, fill)) {
        portfolio->counts.duplicates++;
        return NULL;
    }
    return book_fill(portfolio, fill) ? booked_first(&portfolio->booked, fill->fill_id) : NULL;
}

enum duet_status duet_portfolio_handle_fill(void *receiver, const struct duet_event *event) {
    struct duet_portfolio *portfolio = receiver;
    const struct duet_fill *fill = &event->fill;
    struct duet_booked_fill *booked = booked_first(&portfolio->booked, fill->fill_id);
    if (booked == NULL) {
        booked = book_late(portfolio, fill);
        if (booked == NULL) {
            return DUET_OK;
        }
    }
    const struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, fill->order_id);
    bool is_late = (fill->flags & DUET_LATE) != 0;
    if (entry == NULL || (!is_late && !duet_order_can_fill(entry->order.status))) {
        duet_portfolio_anomaly(portfolio, fill->order_id, "fill of an order that cannot fill");
    }
    // In a handler these only queue, so the entry stays where it is.
    portfolio->announced_cash = booked->account.account.cash;
    booked->position.event_ns = booked->account.event_ns = event->event_ns;
    (void)duet_bus_publish(portfolio->bus, &booked->position);
    (void)duet_bus_publish(portfolio->bus, &booked->account);
    portfolio->booked.head++;
    duet_protect_fill(portfolio, fill, &booked->effect);
    duet_portfolio_check_ruin(portfolio);
    return DUET_OK;
}

duet_money duet_portfolio_cash_at_fill(const struct duet_portfolio *portfolio) {
    return portfolio->announced_cash;
}
