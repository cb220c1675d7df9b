#include "base/assert.h"
#include "base/money.h"
#include "base/text.h"
#include "portfolio/exact.h"
#include "portfolio/state.h"

/** Largest |weight|. */
#define WEIGHT_MAX 1000.0
/** A double this near (relatively) to a whole number of units is meant to be that number. */
#define NOISE 1e-10
/** Corrections of an estimate, at most. */
#define CORRECTIONS_MAX 64

static double absolute(double value) {
    return value < 0 ? -value : value;
}

struct duet_wish *duet_portfolio_wish(struct duet_portfolio *portfolio, uint16_t strategy, uint32_t instrument) {
    DUET_ASSERT(instrument < portfolio->options.instruments->count);
    if (strategy >= portfolio->wish_strategies) {
        uint32_t count = (uint32_t)strategy + 1;
        portfolio->wishes = duet_realloc(portfolio->wishes, count, sizeof(struct duet_wish *));
        for (uint32_t i = portfolio->wish_strategies; i < count; i++) {
            portfolio->wishes[i] = NULL;
        }
        portfolio->wish_strategies = count;
    }
    if (portfolio->wishes[strategy] == NULL) {
        portfolio->wishes[strategy] = duet_alloc(portfolio->options.instruments->count, sizeof(struct duet_wish));
    }
    return &portfolio->wishes[strategy][instrument];
}

void duet_sizing_order_ended(struct duet_portfolio *portfolio, struct duet_order_entry *entry) {
    if (entry->from_target && entry->order.status != DUET_ORDER_FILLED) {
        struct duet_wish *wish = duet_portfolio_wish(portfolio, entry->order.strategy, entry->order.instrument);
        entry->gave_up = (uint8_t)wish->kind;
        wish->kind = DUET_TARGET_NONE;
    }
}

/* ---------------------------------------------------------------------------------------------------- rounding */

/** Neighbours of `value` in units of 10^-decimals; equal where it is one of those units but for noise. */
static enum duet_status scale_between(double value, unsigned decimals, int64_t *below, int64_t *above) {
    int64_t nearest;
    enum duet_status status = duet_scale(value, decimals, &nearest);
    if (status != DUET_OK) {
        return status;
    }
    double back = duet_unscale(nearest, decimals);
    *below = *above = nearest;
    if (absolute(back - value) > NOISE * absolute(value)) {
        if (back > value) {
            *below = nearest - 1;
        } else {
            *above = nearest + 1;
        }
    }
    return DUET_OK;
}

static int64_t floor_to(int64_t value, int64_t step) {
    int64_t rest = value % step;
    return rest < 0 ? value - rest - step : value - rest;
}

static int64_t ceil_to(int64_t value, int64_t step) {
    return -floor_to(-value, step);
}

/** Signed quantity in whole lots, towards zero; `*rounded` where that changed it. */
static enum duet_status to_lots(
    const struct duet_instrument *instrument, double quantity, int64_t *out, bool *rounded) {
    int64_t below, above;
    enum duet_status status = scale_between(quantity, instrument->quantity_decimals, &below, &above);
    if (status != DUET_OK) {
        return status;
    }
    int64_t whole = quantity < 0 ? above : below;
    *out = whole - whole % instrument->lot_scaled;
    *rounded = below != above || *out != whole;
    return DUET_OK;
}

/** Price in whole ticks, up or down. */
static enum duet_status to_ticks(
    const struct duet_instrument *instrument, double price, bool up, int64_t *out, bool *rounded) {
    int64_t below, above;
    enum duet_status status = scale_between(price, instrument->price_decimals, &below, &above);
    if (status != DUET_OK) {
        return status;
    }
    *out = up ? ceil_to(above, instrument->tick_scaled) : floor_to(below, instrument->tick_scaled);
    *rounded = below != above || *out != below;
    return DUET_OK;
}

/* ----------------------------------------------------------------------------------------------------- weights */

/**
 * About how many lots `budget` buys at `price`, each commission counted `cost_factor` times. A double is close enough:
 * the caller corrects it exactly. + - * / only, so it is the same everywhere.
 */
static int64_t estimate_lots(const struct duet_portfolio *portfolio, const struct duet_portfolio_slot *slot,
    int64_t price, duet_money budget, double cost_factor) {
    const struct duet_instrument *instrument = slot->instrument;
    const struct duet_costs *costs = &portfolio->options.costs;
    double lot = duet_unscale(instrument->lot_scaled, instrument->quantity_decimals);
    double notional = duet_unscale(price, instrument->price_decimals) * lot * ((double)instrument->multiplier / 1e6);
    double variable =
        (notional * ((double)costs->rate / 1e12) + duet_money_to_double(costs->per_unit) * lot) * cost_factor;
    double fixed = duet_money_to_double(costs->per_order) * cost_factor;
    double minimum = duet_money_to_double(costs->minimum) * cost_factor;
    double money = duet_money_to_double(budget);
    double lots = (money - fixed) / (notional + variable);
    if (fixed + lots * variable < minimum) {
        lots = (money - minimum) / notional;
    }
    double most = (double)(DUET_QUANTITY_MAX / instrument->lot_scaled);
    return lots >= most ? DUET_QUANTITY_MAX / instrument->lot_scaled : lots > 0 ? (int64_t)(lots + NOISE) : 0;
}

/** Whether `lots` and their commission are within `budget`. */
static bool within(const struct duet_portfolio *portfolio, const struct duet_portfolio_slot *slot, int64_t price,
    int64_t lots, duet_money budget) {
    int64_t quantity = lots * slot->instrument->lot_scaled;
    duet_money notional, commission;
    return duet_slot_notional(slot, price, quantity, &notional) == DUET_OK &&
           duet_costs_commission(&portfolio->options.costs, slot->instrument, quantity, price, true, &commission) ==
               DUET_OK &&
           duet_account_in_range(commission) && notional + commission <= budget;
}

/** One lot, or as many as a double of this size cannot tell apart. */
static int64_t lots_step(int64_t lots) {
    return (lots >> 48) + 1;
}

enum duet_reason duet_sizing_weight(
    const struct duet_portfolio *portfolio, const struct duet_portfolio_slot *slot, double weight, int64_t *out) {
    *out = 0;
    if (!(absolute(weight) <= WEIGHT_MAX)) {
        return DUET_REASON_BAD_QUANTITY;
    }
    if (!slot->state.has_mark || slot->state.mark <= 0) {
        return DUET_REASON_NO_PRICE;
    }
    if (portfolio->head.equity <= 0) {
        return DUET_REASON_RUINED;
    }
    int side = weight < 0 ? -1 : 1;
    int64_t share;
    duet_money budget = portfolio->head.equity;
    if (duet_scale(absolute(weight), DUET_RATE_DECIMALS, &share) != DUET_OK ||
        duet_scaled_product(budget, portfolio->sizing_share, DUET_RATE_ONE, &budget) != DUET_OK ||
        duet_scaled_product(budget, share, DUET_RATE_ONE, &budget) != DUET_OK) {
        return DUET_REASON_OVERFLOW;
    }
    int64_t price = duet_costs_slip(&portfolio->options.costs, slot->instrument, side, slot->state.mark);
    int64_t lots = share == 0 ? 0 : estimate_lots(portfolio, slot, price, budget, 1);
    if (lots == 0 || within(portfolio, slot, price, lots, budget)) {
        for (int i = 0; i < CORRECTIONS_MAX && share != 0 && lots < DUET_QUANTITY_MAX / slot->instrument->lot_scaled &&
                        within(portfolio, slot, price, lots + 1, budget);
             i++) {
            lots++;
        }
    } else {
        for (int i = 0; i < CORRECTIONS_MAX && lots > 0 && !within(portfolio, slot, price, lots, budget); i++) {
            lots -= lots_step(lots);
        }
    }
    *out = side * lots * slot->instrument->lot_scaled;
    return DUET_REASON_NONE;
}

/** Cut a sized market order to what cash and leverage allow; left as it is where they allow nothing. */
static void cut_to_money(const struct duet_portfolio *portfolio, struct duet_order_event *request) {
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[request->instrument];
    struct duet_claim claim;
    enum duet_reason reason = duet_gate_money(portfolio, request, NULL, &claim);
    if (reason != DUET_REASON_CASH && reason != DUET_REASON_LEVERAGE) {
        return;
    }
    int64_t lot = slot->instrument->lot_scaled;
    int64_t closing = duet_gate_closing(slot, request->side, request->quantity, NULL);
    double factor = reason == DUET_REASON_CASH ? 1 : portfolio->options.leverage;
    duet_money room = portfolio->head.cash - portfolio->claimed_cash;
    if (reason == DUET_REASON_LEVERAGE) {
        duet_money released = 0;
        if (duet_scaled_product(portfolio->head.equity, portfolio->leverage, DUET_RATE_ONE, &room) != DUET_OK ||
            duet_slot_notional(slot, slot->state.mark, closing, &released) != DUET_OK) {
            return;
        }
        room += released - portfolio->head.gross - portfolio->claimed_gross;
    }
    int64_t lots = estimate_lots(portfolio, slot, duet_gate_price(portfolio, request), room, factor);
    struct duet_order_event cut = *request;
    for (int i = 0; i < CORRECTIONS_MAX; i++) {
        int64_t quantity = lots * lot + (reason == DUET_REASON_LEVERAGE ? closing : 0);
        if (quantity <= closing) {
            break;
        }
        cut.quantity = quantity < request->quantity ? quantity : request->quantity;
        if (duet_gate_money(portfolio, &cut, NULL, &claim) == DUET_REASON_NONE) {
            request->quantity = cut.quantity;
            return;
        }
        lots -= lots_step(lots);
    }
    if (closing > 0 && closing % lot == 0) {
        request->quantity = closing; // at least out of what is held the other way
    }
}

/* ----------------------------------------------------------------------------------------------------- targets */

static struct duet_order_event make_request(
    uint16_t who, uint32_t instrument, int type, int side, int64_t quantity, const char *reason) {
    struct duet_order_event request = {
        .size = sizeof(request),
        .instrument = instrument,
        .action = DUET_SUBMIT,
        .side = (int8_t)side,
        .type = (uint8_t)type,
        .time_in_force = DUET_GTC,
        .strategy = who,
        .quantity = quantity,
    };
    duet_text_copy(request.reason, sizeof(request.reason), reason != NULL ? reason : "");
    return request;
}

static uint64_t deny(struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, int type,
    double signed_quantity, const char *text, enum duet_reason reason) {
    struct duet_order_event request =
        make_request(who, instrument, type, signed_quantity < 0 ? DUET_SELL : DUET_BUY, 0, text);
    duet_portfolio_deny(portfolio, &request, reason);
    return 0;
}

/** Position and what working orders will make of it, without those that are just being cancelled. */
static int64_t expected_quantity(const struct duet_portfolio *portfolio, const struct duet_portfolio_slot *slot) {
    duet_money expected = (duet_money)slot->state.quantity + slot->working_buy - slot->working_sell + slot->closing;
    int64_t now_ns = duet_bus_now_ns(portfolio->bus);
    uint64_t next_id;
    for (uint64_t id = slot->first_id; id != 0; id = next_id) {
        const struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, id);
        const struct duet_order *order = &entry->order;
        next_id = entry->next_id;
        bool counted = (order->flags & DUET_REDUCE_ONLY) == 0 || order->type == DUET_MARKET;
        if (entry->cancel_ns == now_ns && counted) {
            expected -= order->side * (order->quantity - order->filled);
        }
    }
    return expected > INT64_MAX ? INT64_MAX : expected < -INT64_MAX ? -INT64_MAX : (int64_t)expected;
}

/** Whether an order rests that gets out of the position on this side. */
static bool is_protected(const struct duet_portfolio *portfolio, const struct duet_portfolio_slot *slot, int side) {
    bool found = false;
    for (uint64_t id = slot->first_id; id != 0 && !found;) {
        const struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, id);
        const struct duet_order *order = &entry->order;
        found = order->side == side && order->type != DUET_MARKET && (order->flags & DUET_REDUCE_ONLY) != 0;
        id = entry->next_id;
    }
    return found;
}

static uint64_t send_part(struct duet_portfolio *portfolio, const struct duet_order_event *part) {
    struct duet_order_event request = *part;
    enum duet_reason denied;
    uint64_t order_id = duet_portfolio_send(portfolio, &request, NULL, true, &denied);
    bool cut = request.quantity < part->quantity; // by the permit: more may be allowed later
    if (denied != DUET_REASON_NONE || cut) {
        duet_portfolio_wish(portfolio, part->strategy, part->instrument)->kind = DUET_TARGET_NONE;
    }
    return denied == DUET_REASON_NONE ? order_id : 0;
}

/**
 * What only gets out of a position is reduce-only: where a stop fills before it, even at the same opening, nothing is
 * left for it, and it must not open the other side. So where there is such a stop, what turns a position round goes in
 * two orders, out of the one and into the other.
 */
static uint64_t send_parts(struct duet_portfolio *portfolio, const struct duet_order_event *request) {
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[request->instrument];
    int64_t closing = duet_gate_closing(slot, request->side, request->quantity, NULL);
    struct duet_order_event out = *request, in = *request;
    if (closing == 0 || (closing < request->quantity && !is_protected(portfolio, slot, request->side))) {
        return send_part(portfolio, request);
    }
    out.quantity = closing;
    out.flags |= DUET_REDUCE_ONLY;
    uint64_t order_id = send_part(portfolio, &out);
    in.quantity -= closing;
    return in.quantity > 0 && order_id != 0 ? send_part(portfolio, &in) : order_id;
}

/** Send what is missing to `wanted`. */
static uint64_t target_send(struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, int64_t wanted,
    bool sized, const char *reason) {
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[instrument];
    duet_money missing = (duet_money)wanted - expected_quantity(portfolio, slot);
    if (missing == 0) {
        return 0;
    }
    int side = missing < 0 ? DUET_SELL : DUET_BUY;
    duet_money size = duet_money_magnitude(missing);
    size -= size % slot->instrument->lot_scaled;
    struct duet_wish *wish = duet_portfolio_wish(portfolio, who, instrument);
    if (size == 0) {
        return deny(portfolio, who, instrument, DUET_MARKET, side, reason, DUET_REASON_BELOW_LOT);
    }
    if (size > DUET_QUANTITY_MAX) {
        wish->kind = DUET_TARGET_NONE;
        return deny(portfolio, who, instrument, DUET_MARKET, side, reason, DUET_REASON_BAD_QUANTITY);
    }
    struct duet_order_event request = make_request(who, instrument, DUET_MARKET, side, (int64_t)size, reason);
    if (sized && slot->state.has_mark) {
        cut_to_money(portfolio, &request);
    }
    return send_parts(portfolio, &request);
}

/** Whether this target was the last one; else it is from now on. */
static bool is_repeated(struct duet_wish *wish, enum duet_target_kind kind, double target) {
    if (wish->kind == kind && !(wish->target < target) && !(wish->target > target)) {
        return true;
    }
    wish->kind = wish->said = kind;
    wish->target = target;
    return false;
}

uint64_t duet_portfolio_target(
    struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double quantity, const char *reason) {
    struct duet_wish *wish = duet_portfolio_wish(portfolio, who, instrument);
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[instrument];
    int64_t wanted;
    bool rounded;
    if (to_lots(slot->instrument, quantity, &wanted, &rounded) != DUET_OK) {
        return deny(portfolio, who, instrument, DUET_MARKET, quantity, reason, DUET_REASON_BAD_QUANTITY);
    }
    if (is_repeated(wish, DUET_TARGET_QUANTITY, quantity)) {
        return 0;
    }
    portfolio->counts.rounded += rounded;
    if (wanted == 0 && rounded && expected_quantity(portfolio, slot) == 0) {
        return deny(portfolio, who, instrument, DUET_MARKET, quantity, reason, DUET_REASON_BELOW_LOT);
    }
    return target_send(portfolio, who, instrument, wanted, false, reason);
}

static uint64_t weight_send(
    struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double weight, const char *reason) {
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[instrument];
    int64_t wanted;
    enum duet_reason refusal = duet_sizing_weight(portfolio, slot, weight, &wanted);
    bool was_flat = expected_quantity(portfolio, slot) == 0;
    bool is_zero = !(weight < 0) && !(weight > 0);
    if (refusal == DUET_REASON_NONE && wanted == 0 && !is_zero && was_flat) {
        refusal = DUET_REASON_BELOW_LOT;
    }
    if (refusal != DUET_REASON_NONE) {
        if (refusal != DUET_REASON_BELOW_LOT) {
            duet_portfolio_wish(portfolio, who, instrument)->kind = DUET_TARGET_NONE;
        }
        if (refusal == DUET_REASON_NO_PRICE && is_zero && was_flat) {
            return 0; // flat is where it is
        }
        return deny(portfolio, who, instrument, DUET_MARKET, weight, reason, refusal);
    }
    return target_send(portfolio, who, instrument, wanted, true, reason);
}

uint64_t duet_portfolio_target_percent(
    struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double weight, const char *reason) {
    if (is_repeated(duet_portfolio_wish(portfolio, who, instrument), DUET_TARGET_WEIGHT, weight)) {
        return 0;
    }
    return weight_send(portfolio, who, instrument, weight, reason);
}

uint64_t duet_portfolio_rebalance(struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double weight,
    double band, const char *reason) {
    struct duet_wish *wish = duet_portfolio_wish(portfolio, who, instrument);
    wish->kind = DUET_TARGET_NONE;
    wish->said = DUET_TARGET_WEIGHT;
    wish->target = weight;
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[instrument];
    const struct duet_instrument *terms = slot->instrument;
    double share = 0;
    if (slot->state.has_mark && portfolio->head.equity > 0) {
        share = duet_unscale(expected_quantity(portfolio, slot), terms->quantity_decimals) *
                duet_unscale(slot->state.mark, terms->price_decimals) * ((double)terms->multiplier / 1e6) /
                duet_money_to_double(portfolio->head.equity);
    }
    if (absolute(share - weight) <= band) {
        return 0;
    }
    return weight_send(portfolio, who, instrument, weight, reason);
}

/* ----------------------------------------------------------------------------------------------------- helpers */

uint64_t duet_portfolio_trade(struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, int type,
    double signed_quantity, double price, const char *reason) {
    DUET_ASSERT(instrument < portfolio->options.instruments->count);
    const struct duet_instrument *terms = portfolio->head.slots[instrument].instrument;
    int side = signed_quantity < 0 ? DUET_SELL : DUET_BUY;
    bool rounded, price_rounded = false;
    int64_t quantity, ticks = 0;
    if (type != DUET_MARKET && type != DUET_LIMIT && type != DUET_STOP) {
        return deny(portfolio, who, instrument, DUET_MARKET, signed_quantity, reason, DUET_REASON_BAD_REQUEST);
    }
    if (to_lots(terms, signed_quantity, &quantity, &rounded) != DUET_OK || (quantity == 0 && !rounded)) {
        return deny(portfolio, who, instrument, type, signed_quantity, reason, DUET_REASON_BAD_QUANTITY);
    }
    if (quantity == 0) {
        return deny(portfolio, who, instrument, type, signed_quantity, reason, DUET_REASON_BELOW_LOT);
    }
    if (type != DUET_MARKET) {
        bool up = (type == DUET_LIMIT) == (side == DUET_SELL);
        if (!(price > 0) || to_ticks(terms, price, up, &ticks, &price_rounded) != DUET_OK) {
            return deny(portfolio, who, instrument, type, signed_quantity, reason, DUET_REASON_BAD_PRICE);
        }
    }
    portfolio->counts.rounded += rounded || price_rounded;
    struct duet_order_event request = make_request(who, instrument, type, side, side * quantity, reason);
    *(type == DUET_STOP ? &request.stop_price : &request.price) = ticks;
    enum duet_reason denied;
    uint64_t order_id = duet_portfolio_submit(portfolio, &request, &denied);
    return denied == DUET_REASON_NONE ? order_id : 0;
}

uint64_t duet_portfolio_close(
    struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, uint16_t flags, const char *reason) {
    int64_t held = portfolio->head.slots[instrument].state.quantity;
    int side = held > 0 ? DUET_SELL : DUET_BUY;
    struct duet_order_event request = make_request(who, instrument, DUET_MARKET, side, side * -held, reason);
    request.flags = (uint16_t)(flags | DUET_REDUCE_ONLY);
    // Where the way out is closed, all stays; and protective stops stay in any case, for they go with the position, and
    // until it has gone the way out may still be refused.
    if (held == 0 || duet_permit_check(portfolio, &request, NULL) == DUET_REASON_NONE) {
        (void)duet_portfolio_cancel_unprotective(portfolio, instrument);
    }
    struct duet_wish *wish = duet_portfolio_wish(portfolio, who, instrument);
    *wish = (struct duet_wish){.stop_rate = wish->stop_rate, .said = DUET_TARGET_QUANTITY};
    if (held == 0) {
        return 0;
    }
    enum duet_reason denied;
    uint64_t order_id = duet_portfolio_send(portfolio, &request, NULL, false, &denied);
    return denied == DUET_REASON_NONE ? order_id : 0;
}
