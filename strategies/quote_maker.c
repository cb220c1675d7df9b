/*
 * A bid and an offer around the middle of each quote. Both lean against the inventory, so that what is held is offered
 * more cheaply than it would be bought again, and neither side goes on beyond the largest position.
 */
#include <duet/strategy.h>

struct side {
    uint64_t order_id; // 0: none works
    double price; // as last asked for, before rounding
    bool is_refused; // not to be asked for again before the market moves
};
struct quote_maker { // one per instrument
    double half_spread_bps, size, max_position, skew;
    int64_t move_ticks;
    struct side bid, offer;
};
static const struct duet_param params[] = {
    DUET_PARAM_REAL(struct quote_maker, half_spread_bps, 1, 0, 1000, "distance of each side from the middle, in bps"),
    DUET_PARAM_REAL(struct quote_maker, size, 1, 1e-9, 1e15, "quantity of each order"),
    DUET_PARAM_REAL(struct quote_maker, max_position, 5, 1e-9, 1e15, "largest position, long or short"),
    DUET_PARAM_REAL(struct quote_maker, skew, 0.5, 0, 10, "half spreads that a full position moves both sides by"),
    DUET_PARAM_INT(struct quote_maker, move_ticks, 1, 1, 1000000, "moves smaller than this leave an order where it is"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    const struct quote_maker *self = state;
    if (self->size > self->max_position)
        return duet_fail(ctx, DUET_EINVAL, "size must not be above max_position");
    return DUET_OK;
}

static void withdraw(struct duet_context *ctx, struct side *side) {
    if (side->order_id != 0)
        (void)duet_cancel(ctx, side->order_id);
    *side = (struct side){0};
}

/** Have one order of `signed_quantity` at `price`. It is rounded away from the market by duet_limit(). */
static void quote(
    struct duet_context *ctx, struct side *side, double signed_quantity, double price, double least_move) {
    double move = price > side->price ? price - side->price : side->price - price;
    if ((side->order_id != 0 || side->is_refused) && move < least_move)
        return;
    withdraw(ctx, side);
    side->price = price;
    side->order_id = duet_limit(ctx, signed_quantity, price, signed_quantity > 0 ? "bid" : "offer");
    side->is_refused = side->order_id == 0;
}

static void on_quote(struct duet_context *ctx, void *state, const struct duet_quote *market) {
    struct quote_maker *self = state;
    if (market->bid <= 0 || market->ask <= market->bid) { // nobody on one side, or crossed: no middle to go by
        withdraw(ctx, &self->bid);
        withdraw(ctx, &self->offer);
        return;
    }
    double tick = duet_instrument(ctx, market->instrument).tick, held = duet_position(ctx).quantity;
    double middle = (market->bid + market->ask) / 2;
    double half = middle * self->half_spread_bps / 10000;
    double centre = middle - held / self->max_position * self->skew * half;
    double bid = centre - half, offer = centre + half;
    // Make, never take: each side stays a tick inside of what the other side of the market asks for.
    bid = bid < market->ask - tick ? bid : market->ask - tick;
    offer = offer > market->bid + tick ? offer : market->bid + tick;
    if (held + self->size <= self->max_position && bid > 0)
        quote(ctx, &self->bid, self->size, bid, (double)self->move_ticks * tick);
    else
        withdraw(ctx, &self->bid);
    if (held - self->size >= -self->max_position)
        quote(ctx, &self->offer, -self->size, offer, (double)self->move_ticks * tick);
    else
        withdraw(ctx, &self->offer);
}

static void on_order(struct duet_context *ctx, void *state, const struct duet_order_update *order) {
    struct quote_maker *self = state;
    struct side *side = order->order_id == self->bid.order_id     ? &self->bid
                        : order->order_id == self->offer.order_id ? &self->offer
                                                                  : NULL;
    (void)ctx;
    if (side == NULL)
        return;
    switch (order->status) {
    case DUET_ORDER_REJECTED:
    case DUET_ORDER_DENIED:
        side->is_refused = true;
        side->order_id = 0;
        break;
    case DUET_ORDER_FILLED:
    case DUET_ORDER_CANCELLED:
    case DUET_ORDER_EXPIRED:
        side->order_id = 0;
        break;
    default:
        break; // still working
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "quote_maker",
    .summary = "on quotes: a bid and an offer around the middle, leaning against the inventory",
    .scope = DUET_EACH_INSTRUMENT,
    .state_size = sizeof(struct quote_maker),
    .params = params,
    .init = init,
    .on_quote = on_quote,
    .on_order = on_order,
};
