/* Says that it is warm before it is: its average remembers a thousand bars, and it asks for `asks` of them. */
#include <duet/strategy.h>

struct cold {
    int64_t asks;
    double average;
    bool has_average;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct cold, asks, 5, 0, 100000, "bars of warm-up that it asks for"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    const struct cold *self = state;
    return duet_warm_up(ctx, self->asks);
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct cold *self = state;
    self->average = self->has_average ? self->average + (bar->close - self->average) / 200 : bar->close;
    self->has_average = true;
    if (duet_is_warm(ctx)) {
        duet_target(ctx, bar->close > self->average ? 10 : 0, "cold");
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "cold",
    .state_size = sizeof(struct cold),
    .params = params,
    .init = init,
    .on_bar = on_bar,
};
