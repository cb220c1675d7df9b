/* Looks at every quote, and with every bar turns a position of one unit around. */
#include <duet/strategy.h>

struct ticker {
    int64_t quotes, bars;
    double bid;
};

static void on_quote(struct duet_context *ctx, void *state, const struct duet_quote *quote) {
    struct ticker *self = state;
    self->quotes++;
    self->bid = quote->bid;
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct ticker *self = state;
    if (self->bars++ % 2 == 0) {
        duet_buy(ctx, 1, "odd bar");
    } else {
        duet_sell(ctx, 1, "even bar");
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "ticker",
    .state_size = sizeof(struct ticker),
    .on_bar = on_bar,
    .on_quote = on_quote,
};
