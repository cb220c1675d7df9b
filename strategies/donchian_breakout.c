/*
 * Follows breakouts as the turtles did: in when a close leaves the channel of the `entry` bars before it, out when one
 * leaves the narrower channel of the `leave` bars the other way. The size puts `risk` of equity behind `stop_atr`
 * average true ranges, so that calm markets are held in larger quantity than wild ones, and never more than `weight`.
 */
#include <duet/strategy.h>

struct donchian_breakout {
    int64_t entry, leave, atr_length;
    double risk, stop_atr, weight;
    bool shorts;
    int64_t side;
    double stop_price; // of the position; a close beyond it ends it
    struct duet_donchian wide, narrow; // of the bars before the present one
    struct duet_atr atr;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct donchian_breakout, entry, 20, 1, 1000, "channel to break, bars"),
    DUET_PARAM_INT(struct donchian_breakout, leave, 10, 1, 1000, "channel to leave by, bars"),
    DUET_PARAM_INT(struct donchian_breakout, atr_length, 20, 1, 1000, "average true range, bars"),
    DUET_PARAM_REAL(struct donchian_breakout, risk, 0.01, 0, 1, "share of equity lost at the stop"),
    DUET_PARAM_REAL(struct donchian_breakout, stop_atr, 2, 0.1, 100, "stop, average true ranges from the close"),
    DUET_PARAM_REAL(struct donchian_breakout, weight, 0.9, 0, 1, "largest share of equity"),
    DUET_PARAM_BOOL(struct donchian_breakout, shorts, false, "also sell breakouts to below"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    struct donchian_breakout *self = state;
    duet_donchian_init_previous(&self->wide, self->entry, true);
    duet_donchian_init_previous(&self->narrow, self->leave, true);
    duet_atr_init(&self->atr, self->atr_length);
    int64_t longest = self->entry > self->leave ? self->entry : self->leave;
    int64_t atr_bars = 10 * self->atr_length; // Wilder's mean remembers long
    return duet_warm_up(ctx, longest + 1 > atr_bars ? longest + 1 : atr_bars);
}

static int64_t next_side(const struct donchian_breakout *self, double close) {
    if (self->side > 0 && (close < self->narrow.lower || close < self->stop_price)) {
        return 0;
    }
    if (self->side < 0 && (close > self->narrow.upper || close > self->stop_price)) {
        return 0;
    }
    if (self->side != 0) {
        return self->side;
    }
    return close > self->wide.upper ? 1 : self->shorts && close < self->wide.lower ? -1 : 0;
}

/** Units of a position, unsigned. */
static double size(struct duet_context *ctx, const struct donchian_breakout *self, double close) {
    double equity = duet_account(ctx).equity, multiplier = duet_instrument(ctx, ctx->instrument).multiplier;
    double most = self->weight * equity / (close * multiplier);
    double distance = self->stop_atr * self->atr.value * multiplier;
    double sized = distance > 0 ? self->risk * equity / distance : most;
    return sized < most ? sized : most;
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct donchian_breakout *self = state;
    (void)duet_donchian_update(&self->wide, bar->high, bar->low);
    (void)duet_donchian_update(&self->narrow, bar->high, bar->low);
    (void)duet_atr_update(&self->atr, bar->high, bar->low, bar->close);
    if (!duet_is_warm(ctx) || bar->close <= 0) {
        return;
    }
    int64_t side = next_side(self, bar->close);
    if (side != self->side) {
        self->side = side;
        self->stop_price = bar->close - (double)side * self->stop_atr * self->atr.value;
        duet_target(ctx, side == 0 ? 0 : (double)side * size(ctx, self, bar->close), side == 0 ? "left" : "breakout");
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "donchian_breakout",
    .state_size = sizeof(struct donchian_breakout),
    .params = params,
    .init = init,
    .on_bar = on_bar,
    .summary = "in on a break of the channel, out at a narrower one; sized by volatility",
};
