/* Crashes in on_bar, in the way that its parameter says. */
#include <stdlib.h>

#include <duet/strategy.h>

struct crashes {
    int64_t way; // 0 a wild pointer, 1 abort, 2 touches the bar behind the last one, 3 an endless recursion
    volatile double seen;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct crashes, way, 0, 0, 3, "how"),
    {0},
};

static int dig(volatile int depth) {
    volatile char room[4096];
    room[depth % 4096] = (char)depth;
    return depth < 0 ? 0 : dig(depth + 1) + room[0];
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct crashes *self = state;
    if (self->way == 0) {
        *(volatile int *)(uintptr_t)(16 + bar->instrument) = 1;
    } else if (self->way == 1) {
        abort();
    } else if (self->way == 2) {
        self->seen = bar[1].close;
    } else {
        self->seen = dig(0);
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "crashes",
    .state_size = sizeof(struct crashes),
    .params = params,
    .on_bar = on_bar,
};
