/*
 * Uses every way to trade that there is and looks nowhere that it may not: timers between bars, chance of the run's,
 * answers to fills and to orders that ended, orders in on_stop. What checks find in it is a false alarm.
 */
#include <duet/strategy.h>

struct restless {
    int64_t told;
};

static const struct duet_param params[] = {{0}};

static enum duet_status init(struct duet_context *ctx, void *state) {
    (void)state;
    return duet_warm_up(ctx, 3);
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct restless *self = state;
    size_t count;
    const struct duet_bar *last = duet_history(ctx, 0, 5, &count);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += last[i].close;
    }
    self->told++;
    if (!duet_is_warm(ctx)) {
        return;
    }
    (void)duet_timer(ctx, bar->close_ns + 37 * DUET_SECOND_NS, 0, (uint64_t)self->told);
    if (self->told % 3 == 0) {
        duet_limit(ctx, 1, bar->close * 0.999, "limit");
    }
    if (self->told % 5 == 0) {
        duet_stop(ctx, -1, bar->close * 0.998, "stop");
    }
    if (self->told % 7 == 0) {
        duet_target(ctx, bar->close * (double)count > sum ? 3 : -2, "target");
    }
}

static void on_timer(struct duet_context *ctx, void *state, uint64_t cookie) {
    (void)state;
    if (cookie % 4 == 0) {
        duet_buy(ctx, (double)(duet_random(ctx) % 3 + 1), "timer");
    }
}

static void on_order(struct duet_context *ctx, void *state, const struct duet_order_update *order) {
    (void)state;
    if (order->status == DUET_ORDER_EXPIRED || order->status == DUET_ORDER_CANCELLED) {
        duet_limit(ctx, 1, 1, "again");
    }
}

static void on_fill(struct duet_context *ctx, void *state, const struct duet_fill_update *fill) {
    (void)state;
    if (fill->order_id % 2 == 1) {
        duet_sell(ctx, 1, "answer");
    }
}

static void on_stop(struct duet_context *ctx, void *state) {
    (void)state;
    duet_target(ctx, 0, "the end");
    (void)duet_cancel_all(ctx);
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "restless",
    .scope = DUET_EACH_INSTRUMENT,
    .state_size = sizeof(struct restless),
    .params = params,
    .init = init,
    .on_bar = on_bar,
    .on_timer = on_timer,
    .on_order = on_order,
    .on_fill = on_fill,
    .on_stop = on_stop,
};
