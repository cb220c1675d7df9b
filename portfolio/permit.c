/* Whether orders may go out at all: what the trading state of a session allows. */
#include <math.h>

#include "base/assert.h"
#include "base/money.h"
#include "base/text.h"
#include "portfolio/state.h"

void duet_portfolio_set_permit(struct duet_portfolio *portfolio, const struct duet_permit *permit) {
    portfolio->permit = *permit;
}

void duet_portfolio_block(struct duet_portfolio *portfolio, uint32_t instrument, enum duet_reason reason) {
    DUET_ASSERT(instrument < portfolio->options.instruments->count);
    if (portfolio->blocked == NULL) {
        if (reason == DUET_REASON_NONE) {
            return;
        }
        portfolio->blocked = duet_alloc(portfolio->options.instruments->count, sizeof(*portfolio->blocked));
    }
    portfolio->blocked[instrument] = (uint8_t)reason;
}

static enum duet_reason refuses_risk(const struct duet_portfolio *portfolio, uint32_t instrument) {
    if (portfolio->permit.risk != DUET_REASON_NONE || portfolio->blocked == NULL) {
        return portfolio->permit.risk;
    }
    return portfolio->blocked[instrument];
}

enum duet_reason duet_permit_check(
    const struct duet_portfolio *portfolio, struct duet_order_event *request, const struct duet_order_entry *instead) {
    const struct duet_permit *permit = &portfolio->permit;
    if ((request->flags & (DUET_AT_END | DUET_OPERATOR)) != 0) {
        return DUET_REASON_NONE;
    }
    if ((request->flags & DUET_LOCAL) != 0) {
        return permit->local;
    }
    enum duet_reason refusal = refuses_risk(portfolio, request->instrument);
    if (refusal == DUET_REASON_NONE) {
        return DUET_REASON_NONE;
    }
    if ((request->flags & DUET_REDUCE_ONLY) != 0) {
        return permit->reduce;
    }
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[request->instrument];
    int64_t closing = duet_gate_closing(slot, request->side, request->quantity, instead);
    if (closing <= 0 || (closing < request->quantity && request->type != DUET_MARKET)) {
        return refusal;
    }
    if (permit->reduce == DUET_REASON_NONE) {
        request->quantity = closing;
        request->flags |= DUET_REDUCE_ONLY;
    }
    return permit->reduce;
}

enum duet_reason duet_portfolio_refuses(const struct duet_portfolio *portfolio, uint64_t order_id) {
    const struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, order_id);
    if (entry == NULL) {
        return DUET_REASON_UNKNOWN_ORDER;
    }
    const struct duet_order *order = &entry->order;
    struct duet_order_event request = {.instrument = order->instrument,
        .side = order->side,
        .type = order->type,
        .flags = order->flags,
        .quantity = order->quantity};
    enum duet_reason refusal = duet_permit_check(portfolio, &request, entry);
    // What may now go out in part only has been given its id and quantity, so none of it goes.
    return refusal == DUET_REASON_NONE && request.quantity != order->quantity
               ? refuses_risk(portfolio, order->instrument)
               : refusal;
}

double duet_portfolio_wanted(const struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument) {
    if (who >= portfolio->wish_strategies || portfolio->wishes[who] == NULL) {
        return NAN;
    }
    const struct duet_wish *wish = &portfolio->wishes[who][instrument];
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[instrument];
    int64_t quantity;
    if (wish->said == DUET_TARGET_QUANTITY) {
        return wish->target;
    }
    if (wish->said == DUET_TARGET_NONE ||
        duet_sizing_weight(portfolio, slot, wish->target, &quantity) != DUET_REASON_NONE) {
        return NAN;
    }
    return duet_unscale(quantity, slot->instrument->quantity_decimals);
}
