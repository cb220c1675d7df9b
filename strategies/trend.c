/* Long while the fast average is above the slow one; every entry carries a stop. */
#include <duet/strategy.h>

struct trend { // one per instrument; flat, so the host saves and restores it
    int64_t fast_bars, slow_bars;
    double weight, stop_fraction;
    struct duet_sma fast, slow;
};
static const struct duet_param params[] = {
    DUET_PARAM_INT(struct trend, fast_bars, 10, 1, DUET_SMA_MAX, "fast average, bars"),
    DUET_PARAM_INT(struct trend, slow_bars, 50, 2, DUET_SMA_MAX, "slow average, bars"),
    DUET_PARAM_REAL(struct trend, weight, 0.9, 0, 1, "share of equity while long"),
    DUET_PARAM_REAL(struct trend, stop_fraction, 0.05, 0, 0.5, "stop below entry price"),
    {0},
};
static enum duet_status init(struct duet_context *ctx, void *state) {
    struct trend *self = state;
    if (self->fast_bars >= self->slow_bars)
        return duet_fail(ctx, DUET_EINVAL, "fast_bars must be below slow_bars");
    duet_sma_init(&self->fast, self->fast_bars);
    duet_sma_init(&self->slow, self->slow_bars);
    duet_protect_entries(ctx, self->stop_fraction); // reduce-only, from the filling opening on, survives a restart
    return duet_warm_up(ctx, self->slow_bars);
}
static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct trend *self = state;
    double fast = duet_sma_update(&self->fast, bar->close);
    double slow = duet_sma_update(&self->slow, bar->close);
    if (duet_is_warm(ctx))
        duet_target_percent(ctx, fast > slow ? self->weight : 0, "sma");
}
const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl), .abi = DUET_STRATEGY_ABI, .name = "trend", .scope = DUET_EACH_INSTRUMENT,
    .state_size = sizeof(struct trend), .params = params, .init = init, .on_bar = on_bar,
};
