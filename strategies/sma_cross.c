/*
 * Long while the fast average of closes is above the slow one, flat otherwise; acts on the cross only.
 *
 * The averages are compared as sums of scaled integers, fast_sum · slow against slow_sum · fast, so two averages
 * that are equal are equal here, and the order in which prices were added does not matter.
 */
#include <duet/strategy.h>

#define WINDOW_MAX 1024

__extension__ typedef __int128 exact;

struct sma_cross {
    int64_t fast, slow;
    double size;
    exact fast_sum, slow_sum;
    int64_t count; // closes seen, up to slow
    int64_t next; // slot of the next close, and of the oldest once the window is full
    int64_t side; // sign of the last difference that was not zero
    int64_t closes[WINDOW_MAX];
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
    return duet_warm_up(ctx, self->slow);
}

/** Take one close into both sums. */
static void take(struct sma_cross *self, int64_t close) {
    if (self->count >= self->fast) {
        int64_t leaving = self->next - self->fast;
        self->fast_sum -= self->closes[leaving < 0 ? leaving + self->slow : leaving];
    }
    if (self->count == self->slow) {
        self->slow_sum -= self->closes[self->next];
    } else {
        self->count++;
    }
    self->fast_sum += close;
    self->slow_sum += close;
    self->closes[self->next] = close;
    self->next = self->next + 1 == self->slow ? 0 : self->next + 1;
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct sma_cross *self = state;
    take(self, bar->close_scaled);
    if (self->count < self->slow) {
        return;
    }
    exact difference = self->fast_sum * self->slow - self->slow_sum * self->fast;
    int64_t side = (difference > 0) - (difference < 0);
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
