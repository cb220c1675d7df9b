#include "base/error.h"
#include "portfolio/exact.h"
#include "portfolio/state.h"

static const struct duet_order_entry nothing; // stands for "instead of no order"

/* ------------------------------------------------------------------------------------------------ single checks */

static bool has_limit(uint8_t type) {
    return type == DUET_LIMIT || type == DUET_STOP_LIMIT;
}

static bool has_stop(uint8_t type) {
    return type == DUET_STOP || type == DUET_STOP_LIMIT;
}

static bool price_is_bad(bool wanted, int64_t price) {
    return price < 0 || price > DUET_QUANTITY_MAX || (wanted && price == 0);
}

static enum duet_reason check_fields(const struct duet_portfolio *portfolio, const struct duet_order_event *request) {
    if (request->quantity <= 0 || request->quantity > DUET_QUANTITY_MAX) {
        return DUET_REASON_BAD_QUANTITY;
    }
    bool limit = has_limit(request->type), stop = has_stop(request->type);
    if (price_is_bad(limit, request->price) || price_is_bad(stop, request->stop_price) ||
        (request->type == DUET_MARKET && portfolio->head.slots[request->instrument].state.mark <= 0)) {
        return DUET_REASON_BAD_PRICE;
    }
    bool dated = request->time_in_force == DUET_GTD;
    if ((request->side != DUET_BUY && request->side != DUET_SELL) || request->type >= DUET_ORDER_TYPE_COUNT ||
        request->time_in_force >= DUET_TIME_IN_FORCE_COUNT || (!limit && request->price != 0) ||
        (!stop && request->stop_price != 0) || (!dated && request->expires_ns != 0) ||
        (dated && request->expires_ns <= duet_bus_now_ns(portfolio->bus)) ||
        (request->flags & ~(DUET_REDUCE_ONLY | DUET_ATTACHED | DUET_AT_END | DUET_LOCAL | DUET_OPERATOR)) != 0) {
        return DUET_REASON_BAD_REQUEST;
    }
    return DUET_REASON_NONE;
}

static enum duet_reason check_steps(const struct duet_instrument *instrument, const struct duet_order_event *request) {
    // Divisions are slow, and most orders have nothing to divide.
    if (instrument->lot_scaled != 1 && request->quantity % instrument->lot_scaled != 0) {
        return DUET_REASON_OFF_LOT;
    }
    if ((request->price != 0 && request->price % instrument->tick_scaled != 0) ||
        (request->stop_price != 0 && request->stop_price % instrument->tick_scaled != 0)) {
        return DUET_REASON_OFF_TICK;
    }
    return DUET_REASON_NONE;
}

/** Cut a reduce-only request to what is held. */
static enum duet_reason check_reduce_only(const struct duet_portfolio_slot *slot, struct duet_order_event *request) {
    if ((request->flags & DUET_REDUCE_ONLY) == 0) {
        return DUET_REASON_NONE;
    }
    int64_t reducible = request->side > 0 ? -slot->state.quantity : slot->state.quantity;
    if (reducible <= 0) {
        return DUET_REASON_REDUCE_ONLY;
    }
    if (request->quantity > reducible) {
        request->quantity = reducible;
    }
    return DUET_REASON_NONE;
}

static int64_t working_on(const struct duet_portfolio_slot *slot, int side, const struct duet_order_entry *instead) {
    const struct duet_order *order = &instead->order;
    int64_t working = side > 0 ? slot->working_buy : slot->working_sell;
    bool counted = instead->working && order->side == side && (order->flags & DUET_REDUCE_ONLY) == 0;
    return counted ? working - (order->quantity - order->filled) : working;
}

/** What is held, as far as market orders on this side get out of it before: no room for more on the other side. */
static int64_t taken_off(const struct duet_portfolio_slot *slot, int side) {
    int64_t held = slot->state.quantity, going = -slot->closing;
    if (slot->closing == 0 || (slot->closing > 0) != (side > 0) || (held > 0) != (going > 0)) {
        return 0;
    }
    bool all = going > 0 ? going > held : going < held;
    return all ? held : going;
}

static enum duet_reason check_limits(const struct duet_portfolio *portfolio, const struct duet_order_event *request,
    const struct duet_order_entry *instead) {
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[request->instrument];
    const struct duet_limits *limits = &portfolio->options.limits;
    unsigned decimals = slot->instrument->quantity_decimals;
    // What gets out of a position may be as large as the position: nobody is to be kept in it, or without a stop.
    bool limited = (request->flags & (DUET_REDUCE_ONLY | DUET_AT_END)) == 0;
    if (limits->max_order_quantity > 0 && limited &&
        duet_unscale(request->quantity, decimals) > limits->max_order_quantity) {
        return DUET_REASON_MAX_ORDER_QUANTITY;
    }
    if (limits->max_notional > 0 && limited) {
        duet_money notional;
        if (duet_slot_notional(slot, duet_gate_price(portfolio, request), request->quantity, &notional) != DUET_OK) {
            return DUET_REASON_OVERFLOW;
        }
        if (notional > limits->max_notional) {
            return DUET_REASON_MAX_NOTIONAL;
        }
    }
    if ((request->flags & DUET_REDUCE_ONLY) != 0) {
        duet_money closing = (duet_money)slot->closing + request->side * request->quantity;
        bool market = request->type == DUET_MARKET;
        return market && duet_money_magnitude(closing) > DUET_QUANTITY_MAX ? DUET_REASON_OVERFLOW : DUET_REASON_NONE;
    }
    duet_money working = (duet_money)working_on(slot, request->side, instead) + request->quantity;
    duet_money reached = slot->state.quantity - taken_off(slot, request->side) + request->side * working;
    if (working > DUET_QUANTITY_MAX || duet_money_magnitude(reached) > DUET_QUANTITY_MAX) {
        return DUET_REASON_OVERFLOW;
    }
    if (limits->max_position > 0 &&
        duet_unscale((int64_t)duet_money_magnitude(reached), decimals) > limits->max_position &&
        duet_gate_closing(slot, request->side, request->quantity, instead) < request->quantity) {
        return DUET_REASON_MAX_POSITION;
    }
    return DUET_REASON_NONE;
}

/* ------------------------------------------------------------------------------------------- cash and leverage */

int64_t duet_gate_price(const struct duet_portfolio *portfolio, const struct duet_order_event *request) {
    if (has_limit(request->type)) {
        return request->price;
    }
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[request->instrument];
    int64_t price = has_stop(request->type) ? request->stop_price : slot->state.mark;
    return duet_costs_slip(&portfolio->options.costs, slot->instrument, request->side, price);
}

int64_t duet_gate_closing(
    const struct duet_portfolio_slot *slot, int side, int64_t quantity, const struct duet_order_entry *instead) {
    int64_t held = side > 0 ? -slot->state.quantity : slot->state.quantity;
    if (held <= 0) {
        return 0;
    }
    int64_t closing = side > 0 ? slot->closing : -slot->closing;
    duet_money left =
        (duet_money)held - working_on(slot, side, instead != NULL ? instead : &nothing) - (closing > 0 ? closing : 0);
    return left <= 0 ? 0 : left < quantity ? (int64_t)left : quantity;
}

/** Gross exposure that this equity allows. */
static enum duet_status exposure_max(const struct duet_portfolio *portfolio, duet_money equity, duet_money *out) {
    if (portfolio->leverage == DUET_RATE_ONE) {
        *out = equity;
        return DUET_OK;
    }
    return duet_scaled_product(equity, portfolio->leverage, DUET_RATE_ONE, out);
}

/** Which of the two checks an opening order on `side` undergoes. */
static bool checks_cash(const struct duet_portfolio *portfolio, int side) {
    return side > 0 && portfolio->options.margin_check_longs && portfolio->leverage <= DUET_RATE_ONE;
}
static bool checks_exposure(const struct duet_portfolio *portfolio, int side) {
    if (side > 0) {
        return portfolio->options.margin_check_longs &&
               !(portfolio->options.shorts_unchecked && portfolio->leverage == DUET_RATE_ONE);
    }
    return !portfolio->options.shorts_unchecked;
}

enum duet_reason duet_gate_money(const struct duet_portfolio *portfolio, const struct duet_order_event *request,
    const struct duet_order_entry *instead, struct duet_claim *claim) {
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[request->instrument];
    bool market = request->type == DUET_MARKET;
    bool reduce_only = (request->flags & DUET_REDUCE_ONLY) != 0;
    *claim = (struct duet_claim){0};
    if (reduce_only && !market) {
        return DUET_REASON_NONE;
    }
    int64_t closing = duet_gate_closing(slot, request->side, request->quantity, instead);
    int64_t opening = reduce_only ? 0 : request->quantity - closing;
    int64_t price = duet_gate_price(portfolio, request);
    duet_money opened = 0, closed = 0, released = 0, commission;
    if ((opening > 0 && duet_slot_notional(slot, price, opening, &opened) != DUET_OK) ||
        (closing > 0 && (duet_slot_notional(slot, price, closing, &closed) != DUET_OK ||
                            duet_slot_notional(slot, slot->state.mark, closing, &released) != DUET_OK)) ||
        duet_costs_commission(
            &portfolio->options.costs, slot->instrument, request->quantity, price, true, &commission) != DUET_OK ||
        !duet_account_in_range(commission)) {
        return DUET_REASON_OVERFLOW;
    }
    if (request->side > 0) {
        claim->cash = opened + closed + commission;
    } else {
        claim->cash = commission - (market ? closed : 0);
    }
    claim->gross = opened - (market ? released : 0);
    if (opening == 0) {
        return DUET_REASON_NONE;
    }
    const struct duet_order_entry *gone = instead != NULL && instead->working ? instead : &nothing;
    if (checks_cash(portfolio, request->side) &&
        claim->cash > portfolio->head.cash - (portfolio->claimed_cash - gone->claimed_cash)) {
        return DUET_REASON_CASH;
    }
    if (checks_exposure(portfolio, request->side)) {
        duet_money allowed;
        if (exposure_max(portfolio, portfolio->head.equity - commission, &allowed) != DUET_OK) {
            return DUET_REASON_OVERFLOW;
        }
        if (portfolio->head.gross + (portfolio->claimed_gross - gone->claimed_gross) + claim->gross > allowed) {
            return DUET_REASON_LEVERAGE;
        }
    }
    return DUET_REASON_NONE;
}

enum duet_reason duet_portfolio_affordable(
    const struct duet_portfolio *portfolio, uint32_t instrument, int side, int64_t quantity, int64_t price) {
    struct duet_portfolio_slot *slot = &portfolio->head.slots[instrument];
    duet_slot_refresh(slot);
    int64_t held = side > 0 ? -slot->state.quantity : slot->state.quantity;
    if (quantity <= held) {
        return DUET_REASON_NONE;
    }
    duet_money notional, commission;
    if (quantity > DUET_QUANTITY_MAX || (held < 0 && quantity > DUET_QUANTITY_MAX + held) ||
        duet_slot_notional(slot, price, quantity, &notional) != DUET_OK ||
        duet_costs_commission(&portfolio->options.costs, slot->instrument, quantity, price, true, &commission) !=
            DUET_OK ||
        !duet_account_in_range(commission)) {
        return DUET_REASON_OVERFLOW;
    }
    if (checks_cash(portfolio, side) && notional + commission > portfolio->head.cash) {
        return DUET_REASON_CASH;
    }
    if (checks_exposure(portfolio, side)) {
        // Before and after, the position counts at the price of the fill.
        duet_money before = 0, after, allowed;
        int64_t reached = slot->state.quantity + side * quantity;
        if ((slot->state.quantity != 0 && duet_slot_notional(slot, price, slot->state.quantity, &before) != DUET_OK) ||
            duet_slot_notional(slot, price, reached, &after) != DUET_OK ||
            exposure_max(portfolio, portfolio->head.equity - slot->state.value + before - commission, &allowed) !=
                DUET_OK) {
            return DUET_REASON_OVERFLOW;
        }
        duet_money others = portfolio->head.gross - duet_money_magnitude(slot->state.value);
        if (others + duet_money_magnitude(after) > allowed) {
            return DUET_REASON_LEVERAGE;
        }
    }
    return DUET_REASON_NONE;
}

/* ---------------------------------------------------------------------------------------------------- the gate */

enum duet_reason duet_gate_check(struct duet_portfolio *portfolio, struct duet_order_event *request,
    const struct duet_order_entry *instead, struct duet_claim *claim) {
    *claim = (struct duet_claim){0};
    if (request->instrument >= portfolio->options.instruments->count) {
        return portfolio->ruined ? DUET_REASON_RUINED : DUET_REASON_BAD_REQUEST;
    }
    enum duet_reason refusal = duet_permit_check(portfolio, request, instead);
    if (refusal != DUET_REASON_NONE) {
        return refusal;
    }
    if (portfolio->ruined && (request->flags & (DUET_AT_END | DUET_OPERATOR)) == 0) {
        return DUET_REASON_RUINED;
    }
    struct duet_portfolio_slot *slot = &portfolio->head.slots[request->instrument];
    if (!slot->state.has_mark) {
        return DUET_REASON_NO_PRICE;
    }
    if (instead == NULL) {
        instead = &nothing;
    }
    enum duet_reason reason = check_fields(portfolio, request);
    reason = reason != DUET_REASON_NONE ? reason : check_steps(slot->instrument, request);
    reason = reason != DUET_REASON_NONE ? reason : check_reduce_only(slot, request);
    reason = reason != DUET_REASON_NONE ? reason : check_limits(portfolio, request, instead);
    reason = reason != DUET_REASON_NONE ? reason : duet_gate_money(portfolio, request, instead, claim);
    if (reason == DUET_REASON_NONE && portfolio->orders.working_count >= DUET_PORTFOLIO_ORDERS_MAX) {
        reason = DUET_REASON_ORDERS_MAX;
    }
    return reason;
}
