/*
 * A bit of everything, decided by bars, timers and the run's own random numbers: targets, limits, protective stops,
 * signals. For sessions that are recorded and played again.
 */
#include <duet/strategy.h>

struct varied {
    int64_t bars, timers;
    uint64_t resting; // a limit order
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    duet_protect_entries(ctx, 0.02);
    return duet_warm_up(ctx, 3);
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct varied *self = state;
    self->bars++;
    size_t count;
    const struct duet_bar *bars = duet_history(ctx, 0, 3, &count);
    if (!duet_is_warm(ctx) || count < 3) {
        return;
    }
    double mean = (bars[0].close + bars[1].close + bars[2].close) / 3;
    if (self->bars % 2 == 0) {
        duet_target(ctx, bar->close > mean ? 10 + (double)(duet_random(ctx) % 7) : 0, "mean");
    } else {
        duet_signal(ctx, bar->close > mean ? 1 : 0, 0.125, "signal");
    }
    duet_timer(ctx, duet_now(ctx) + bar->interval_ns / 2, 0, (uint64_t)self->bars);
}

static void on_timer(struct duet_context *ctx, void *state, uint64_t cookie) {
    struct varied *self = state;
    size_t count;
    const struct duet_bar *last = duet_history(ctx, 0, 1, &count);
    self->timers++;
    if (self->resting != 0) {
        (void)duet_cancel(ctx, self->resting);
    }
    self->resting = cookie % 3 == 0 && last != NULL ? duet_limit(ctx, 2, last->close * 0.999, "timer") : 0;
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "varied",
    .scope = DUET_EACH_INSTRUMENT,
    .state_size = sizeof(struct varied),
    .init = init,
    .on_bar = on_bar,
    .on_timer = on_timer,
};
