/*
 * Enters when selling is spent: long when Wilder's RSI rises back through `oversold`, out when it reaches `leave` or
 * after `hold_bars`. With `shorts` the mirror image from 100 down.
 */
#include <duet/strategy.h>

struct rsi_reversal {
    int64_t length, hold_bars;
    double oversold, leave, weight, stop_fraction;
    bool shorts;
    int64_t side, held_bars;
    double last; // RSI of the bar before
    struct duet_rsi rsi;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct rsi_reversal, length, 14, 2, 1000, "RSI, bars"),
    DUET_PARAM_REAL(struct rsi_reversal, oversold, 30, 1, 50, "enter on the way up through this"),
    DUET_PARAM_REAL(struct rsi_reversal, leave, 55, 1, 99, "leave at or above this"),
    DUET_PARAM_INT(struct rsi_reversal, hold_bars, 20, 0, 100000, "leave after so many bars; 0: never"),
    DUET_PARAM_REAL(struct rsi_reversal, weight, 0.9, 0, 1, "share of equity while in"),
    DUET_PARAM_REAL(struct rsi_reversal, stop_fraction, 0.08, 0, 0.5, "stop below entry price; 0: none"),
    DUET_PARAM_BOOL(struct rsi_reversal, shorts, false, "also sell on the way down through 100 - oversold"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    struct rsi_reversal *self = state;
    if (self->leave <= self->oversold) {
        return duet_fail(ctx, DUET_EINVAL, "leave must be above oversold");
    }
    duet_rsi_init(&self->rsi, self->length);
    self->last = (double)NAN;
    duet_protect_entries(ctx, self->stop_fraction);
    // Wilder's mean remembers long: after ten windows what came before the first weighs under a 20,000th.
    return duet_warm_up(ctx, 10 * self->length + 1);
}

static int64_t next_side(struct rsi_reversal *self, double rsi) {
    if (self->side != 0) {
        bool is_done = self->side > 0 ? rsi >= self->leave : rsi <= 100 - self->leave;
        self->held_bars++;
        return is_done || (self->hold_bars > 0 && self->held_bars >= self->hold_bars) ? 0 : self->side;
    }
    self->held_bars = 0;
    if (self->last < self->oversold && rsi >= self->oversold) {
        return 1;
    }
    return self->shorts && self->last > 100 - self->oversold && rsi <= 100 - self->oversold ? -1 : 0;
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct rsi_reversal *self = state;
    double rsi = duet_rsi_update(&self->rsi, bar->close);
    if (duet_is_warm(ctx) && !isnan(self->last)) {
        int64_t side = next_side(self, rsi);
        if (side != self->side) {
            self->side = side;
            duet_target_percent(ctx, (double)side * self->weight, side == 0 ? "rsi left" : "rsi turned");
        }
    }
    self->last = rsi;
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "rsi_reversal",
    .state_size = sizeof(struct rsi_reversal),
    .params = params,
    .init = init,
    .on_bar = on_bar,
    .summary = "long when the RSI rises back out of oversold, for a while; stop; shorts if wanted",
};
