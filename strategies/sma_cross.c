/*
 * Long while the fast average of closes is above the slow one, flat otherwise; acts on the cross only.
 *
 * What decides is fast_sum · slow - slow_sum · fast over scaled integers. It is kept exactly, bar by bar, so two
 * averages that are equal are equal here, and the order in which prices were added does not matter.
 */
#include <duet/strategy.h>

#define WINDOW_MAX 1024

__extension__ typedef __int128 exact;

struct sma_cross {
    int64_t fast, slow;
    double size;
    exact difference; // fast_sum · slow - slow_sum · fast
    int64_t count; // closes seen, up to slow
    int64_t next; // slot of the next close, and of the one that leaves the slow window then
    int64_t leaving; // slot of the close that leaves the fast window next
    int64_t side; // sign of the last difference that was not zero
    int64_t closes[WINDOW_MAX]; // a ring of `slow`; 0 before the first round, as if the sums began empty
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct sma_cross, fast, 10, 1, WINDOW_MAX - 1, "fast average, bars"),
    DUET_PARAM_INT(struct sma_cross, slow, 50, 2, WINDOW_MAX, "slow average, bars"),
    DUET_PARAM_REAL(struct sma_cross, size, 100, 0, 1e9, "units held while long"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    struct sma_cross *self = state;
    if (self->fast >= self->slow) {
        return duet_fail(ctx, DUET_EINVAL, "fast must be below slow");
    }
    self->leaving = self->slow - self->fast;
    return duet_warm_up(ctx, self->slow);
}

/** Take one close into both windows. Prices are within 2^53, so their differences fit. */
static void take(struct sma_cross *self, int64_t close) {
    int64_t into_fast = close - self->closes[self->leaving];
    int64_t into_slow = close - self->closes[self->next];
    self->difference += (exact)into_fast * self->slow - (exact)into_slow * self->fast;
    self->closes[self->next] = close;
    self->next = self->next + 1 == self->slow ? 0 : self->next + 1;
    self->leaving = self->leaving + 1 == self->slow ? 0 : self->leaving + 1;
    self->count += self->count < self->slow;
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct sma_cross *self = state;
    take(self, bar->close_scaled);
    if (self->count < self->slow) {
        return;
    }
    int64_t side = (self->difference > 0) - (self->difference < 0);
    if (side == 0 || side == self->side) {
        return; // equal averages are no cross; whichever side comes next is held against the last one
    }
    bool crossed = self->side != 0;
    self->side = side;
    if (crossed && duet_is_warm(ctx)) {
        duet_target(ctx, side > 0 ? self->size : 0, side > 0 ? "cross up" : "cross down");
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "sma_cross",
    .scope = DUET_EACH_INSTRUMENT,
    .state_size = sizeof(struct sma_cross),
    .params = params,
    .init = init,
    .on_bar = on_bar,
    .summary = "long while a fast moving average is above a slow one; exact arithmetic",
};
