/* Looks ahead: past the end of what it was handed. Without --guard it reads memory that is not its own; with it, it is
 * caught. */
#include <duet/strategy.h>

struct peeks {
    int64_t back; // 0: beyond the bar of on_bar; 1: beyond the slice of history; 2: of longer bars; 3: of another
    int64_t ahead; // so many bars more
    double seen;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct peeks, back, 0, 0, 3, "where from: 0 the bar, 1 history, 2 an hour's, 3 the last instrument"),
    DUET_PARAM_INT(struct peeks, ahead, 0, 0, 100000, "beyond the next"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    const struct peeks *self = state;
    return self->back == 2 ? duet_subscribe(ctx, DUET_HOUR_NS) : DUET_OK;
}

/* Not instrumented, as no plugin of a user is: a sanitizer would end the program before the page does. */
__attribute__((no_sanitize("address"))) static void on_bar(
    struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct peeks *self = state;
    size_t count = 1;
    const struct duet_bar *slice = self->back == 0   ? bar
                                   : self->back == 1 ? duet_history(ctx, 0, 5, &count)
                                   : self->back == 2 ? duet_history(ctx, DUET_HOUR_NS, 5, &count)
                                                     : duet_latest(ctx, ctx->instrument_count - 1);
    if (slice != NULL) {
        const volatile struct duet_bar *next = slice + count + self->ahead;
        self->seen += next->close;
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "peeks",
    .state_size = sizeof(struct peeks),
    .params = params,
    .init = init,
    .on_bar = on_bar,
};
