/* Looks one bar ahead: past the end of what it was handed. Without --guard it reads memory that is not its own; with
 * it, it is caught. */
#include <duet/strategy.h>

struct peeks {
    int64_t back; // 0: beyond the bar of on_bar; 1: beyond the slice of history
    double seen;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct peeks, back, 0, 0, 1, "where from: 0 the bar, 1 history"),
    {0},
};

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct peeks *self = state;
    size_t count = 1;
    const struct duet_bar *slice = self->back == 0 ? bar : duet_history(ctx, 0, 5, &count);
    const volatile struct duet_bar *next = slice + count;
    self->seen += next->close;
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "peeks",
    .state_size = sizeof(struct peeks),
    .params = params,
    .on_bar = on_bar,
};
