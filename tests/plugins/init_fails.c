/* Fails where its parameter says so, with or without a line of its own. */
#include <duet/strategy.h>

struct init_fails {
    int64_t where; // 0 init, 1 init without a line, 2 on_start, 3 a nonsense protection, 4 nowhere
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct init_fails, where, 0, 0, 4, "which callback fails"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    struct init_fails *self = state;
    if (self->where == 0) {
        return duet_fail(ctx, DUET_EINVAL, "where=%d is not for me\nnever printed", (int)self->where);
    }
    if (self->where == 3) {
        duet_protect_entries(ctx, 1.5);
    }
    return self->where == 1 ? DUET_ESTATE : DUET_OK;
}

static enum duet_status on_start(struct duet_context *ctx, void *state) {
    struct init_fails *self = state;
    return self->where == 2 ? duet_fail(ctx, DUET_EIO, "cannot start") : DUET_OK;
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "init_fails",
    .state_size = sizeof(struct init_fails),
    .params = params,
    .init = init,
    .on_start = on_start,
};
