/*
 * Buys each instrument once, at the first chance, with an equal share of equity, and holds it: the benchmark.
 *
 * An order sized at one close may find too little cash at a higher opening. Then it is tried again at the next bar with
 * a hundredth less.
 */
#include <duet/strategy.h>

#define TRIES_MAX 20

struct buy_and_hold {
    double weight;
    int64_t tries;
    bool bought;
};

static const struct duet_param params[] = {
    DUET_PARAM_REAL(struct buy_and_hold, weight, 1, 0, 1, "share of equity to invest, all instruments together"),
    {0},
};

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct buy_and_hold *self = state;
    if (self->bought || !duet_is_warm(ctx)) {
        return;
    }
    self->bought = true;
    double smaller = 1 - (double)self->tries / 100;
    duet_target_percent(ctx, self->weight * smaller / ctx->instrument_count, "buy and hold");
}

static void on_order(struct duet_context *ctx, void *state, const struct duet_order_update *order) {
    struct buy_and_hold *self = state;
    bool short_of_cash = order->reason_code == DUET_REASON_MARGIN || order->reason_code == DUET_REASON_CASH;
    if (short_of_cash && order->filled == 0 && self->tries < TRIES_MAX) {
        self->tries++;
        self->bought = false;
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "buy_and_hold",
    .scope = DUET_EACH_INSTRUMENT,
    .state_size = sizeof(struct buy_and_hold),
    .params = params,
    .on_bar = on_bar,
    .on_order = on_order,
    .summary = "buys once with an equal share of equity per instrument, and holds",
};
