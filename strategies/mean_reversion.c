/*
 * Buys what has fallen unusually far and waits for it to come back: long when a close is below the lower Bollinger
 * band, flat again at the middle one; with `shorts` the same the other way round. After a stop it waits for the middle
 * before it enters again.
 */
#include <duet/strategy.h>

struct mean_reversion {
    int64_t length;
    double width, weight, stop_fraction;
    bool shorts;
    int64_t side; // what it wants to be: +1, 0, -1
    struct duet_bollinger bands;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct mean_reversion, length, 20, 2, 1000, "Bollinger window, bars"),
    DUET_PARAM_REAL(struct mean_reversion, width, 2, 0.1, 10, "bands, standard deviations from the mean"),
    DUET_PARAM_REAL(struct mean_reversion, weight, 0.9, 0, 1, "share of equity while in"),
    DUET_PARAM_REAL(struct mean_reversion, stop_fraction, 0, 0, 0.5, "stop below entry price; 0: none"),
    DUET_PARAM_BOOL(struct mean_reversion, shorts, false, "also sell above the upper band"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    struct mean_reversion *self = state;
    duet_bollinger_init(&self->bands, self->length, self->width);
    duet_protect_entries(ctx, self->stop_fraction);
    return duet_warm_up(ctx, self->length);
}

static int64_t next_side(const struct mean_reversion *self, double close) {
    const struct duet_bollinger *bands = &self->bands;
    bool is_back = self->side > 0 ? close >= bands->value : close <= bands->value;
    if (self->side != 0 && !is_back) {
        return self->side;
    }
    if (close < bands->lower) {
        return 1;
    }
    return self->shorts && close > bands->upper ? -1 : 0;
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct mean_reversion *self = state;
    (void)duet_bollinger_update(&self->bands, bar->close);
    if (!duet_is_warm(ctx) || !duet_bollinger_ready(&self->bands)) {
        return;
    }
    int64_t side = next_side(self, bar->close);
    if (side != self->side) {
        self->side = side;
        duet_target_percent(ctx, (double)side * self->weight, side == 0 ? "back at the mean" : "far from the mean");
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "mean_reversion",
    .state_size = sizeof(struct mean_reversion),
    .params = params,
    .init = init,
    .on_bar = on_bar,
    .summary = "long below the lower Bollinger band until the middle one; shorts if wanted",
};
