/* Answers every timer with one that is due at the same instant, which must not stop time. */
#include <duet/strategy.h>

struct rearms {
    int64_t fired, refused;
};

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    duet_timer(ctx, duet_now(ctx), 0, 1);
}

static void on_timer(struct duet_context *ctx, void *state, uint64_t cookie) {
    struct rearms *self = state;
    self->fired++;
    self->refused += duet_timer(ctx, duet_now(ctx), 0, cookie) == 0;
}

static void on_stop(struct duet_context *ctx, void *state) {
    const struct rearms *self = state;
    duet_log(ctx, DUET_LOG_INFO, "trace fired %lld refused %lld", (long long)self->fired, (long long)self->refused);
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "rearms",
    .state_size = sizeof(struct rearms),
    .on_bar = on_bar,
    .on_timer = on_timer,
    .on_stop = on_stop,
};
