/*
 * Long while the MACD is above its signal and the close above a slow average, so that it trades with the larger trend
 * only; flat otherwise, with a stop behind every entry.
 */
#include <duet/strategy.h>

struct macd_trend {
    int64_t fast, slow, signal, trend;
    double weight, stop_fraction;
    struct duet_macd macd;
    struct duet_sma average;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct macd_trend, fast, 12, 1, 500, "fast average, bars"),
    DUET_PARAM_INT(struct macd_trend, slow, 26, 2, 1000, "slow average, bars"),
    DUET_PARAM_INT(struct macd_trend, signal, 9, 1, 500, "average of their difference, bars"),
    DUET_PARAM_INT(struct macd_trend, trend, 200, 1, DUET_SMA_MAX, "average that the close has to be above, bars"),
    DUET_PARAM_REAL(struct macd_trend, weight, 0.9, 0, 1, "share of equity while long"),
    DUET_PARAM_REAL(struct macd_trend, stop_fraction, 0.1, 0, 0.5, "stop below entry price; 0: none"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    struct macd_trend *self = state;
    if (self->fast >= self->slow) {
        return duet_fail(ctx, DUET_EINVAL, "fast must be below slow");
    }
    duet_macd_init(&self->macd, self->fast, self->slow, self->signal, DUET_MEAN_EMA);
    duet_sma_init(&self->average, self->trend);
    duet_protect_entries(ctx, self->stop_fraction);
    // An exponential average forgets by a factor of 7.4 a window: after ten, nothing is left of its beginning.
    int64_t macd_bars = 10 * self->slow + self->signal;
    return duet_warm_up(ctx, macd_bars > self->trend ? macd_bars : self->trend);
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct macd_trend *self = state;
    (void)duet_macd_update(&self->macd, bar->close);
    double average = duet_sma_update(&self->average, bar->close);
    if (duet_is_warm(ctx) && duet_macd_ready(&self->macd)) {
        bool is_long = self->macd.histogram > 0 && bar->close > average;
        duet_target_percent(ctx, is_long ? self->weight : 0, is_long ? "macd up" : "macd down");
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "macd_trend",
    .state_size = sizeof(struct macd_trend),
    .params = params,
    .init = init,
    .on_bar = on_bar,
    .summary = "long while the MACD is above its signal and the close above a slow average",
};
