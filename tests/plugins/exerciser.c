/*
 * Uses every verb, from outside: public headers only. On each bar of AAA one step; what came back is kept in the state,
 * where the test looks it up.
 */
#include <duet/strategy.h>

#define STEPS_MAX 32

struct exerciser {
    int64_t step;
    double result[STEPS_MAX]; // 1 where a step went as it must
    uint64_t limit_id, stop_id, timer;
    int64_t fills, orders, timers;
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    duet_protect_entries(ctx, 0);
    return duet_warm_up(ctx, 1);
}

/** What needs no position and no orders. */
static double look(struct duet_context *ctx, const struct duet_bar *bar) {
    uint32_t found;
    size_t count;
    struct duet_instrument_info info = duet_instrument(ctx, ctx->instrument);
    struct duet_account account = duet_account(ctx);
    const struct duet_bar *history = duet_history(ctx, 0, 2, &count);
    return duet_find(ctx, info.symbol, &found) == DUET_OK && found == ctx->instrument &&
           duet_find(ctx, "NONE", &found) == DUET_ENOTFOUND && info.price_decimals == 2 && info.tick == 0.01 &&
           info.lot == 1 && info.multiplier == 1 && account.cash == 100000 && account.initial_cash == 100000 &&
           account.equity == 100000 && count >= 1 && history[count - 1].close == bar->close &&
           duet_latest(ctx, ctx->instrument) == bar && duet_latest(ctx, 99) == NULL && duet_on(ctx, 99) == NULL &&
           duet_on(ctx, ctx->instrument) == ctx && duet_now(ctx) == bar->close_ns;
}

static double send_raw(struct duet_context *ctx, int type, double quantity, double price, double stop) {
    struct duet_order_request request = {.size = sizeof(request),
        .side = DUET_BUY,
        .type = type,
        .quantity = quantity,
        .price = price,
        .stop_price = stop,
        .reason = "raw"};
    return duet_order(ctx, &request) != 0;
}

static double step(struct duet_context *ctx, struct exerciser *self, const struct duet_bar *bar) {
    struct duet_position held = duet_position(ctx);
    switch (self->step) {
    case 0:
        return look(ctx, bar);
    case 1:
        return duet_buy(ctx, 10, "buy") != 0 && duet_position(ctx).working == 10;
    case 2:
        return held.quantity == 10 && held.average_price == 10 && duet_sell(ctx, 4, "sell") != 0;
    case 3:
        return held.quantity == 6 && duet_target(ctx, 20, "target") != 0 && duet_target(ctx, 20, "target") == 0;
    case 4:
        return held.quantity == 20 && duet_target_percent(ctx, 0.5, "half") != 0;
    case 5: // 50000 at 10
        return held.quantity == 5000 && duet_rebalance(ctx, 0.5, 0.01, "none") == 0 &&
               duet_rebalance(ctx, 0.4, 0.01, "less") != 0;
    case 6:
        return held.quantity == 4000 && duet_close(ctx, "close") != 0;
    case 7:
        self->limit_id = duet_limit(ctx, 5, 9.501, "limit"); // rounds to 9.50
        self->stop_id = duet_stop(ctx, 5, 12, "stop");
        return held.quantity == 0 && self->limit_id != 0 && self->stop_id != 0;
    case 8:
        self->limit_id = duet_replace(ctx, self->limit_id, 7, 9.25, 0);
        return self->limit_id != 0 && duet_cancel(ctx, self->stop_id) == DUET_OK &&
               duet_cancel(ctx, 999) == DUET_ENOTFOUND;
    case 9:
        return duet_position(ctx).working == 7 && duet_cancel_all(ctx) == 1;
    case 10:
        return duet_cancel(ctx, self->limit_id) == DUET_ESTATE && send_raw(ctx, DUET_LIMIT, 3, 9.255, 0) == 0 &&
               send_raw(ctx, DUET_LIMIT, 3.5, 9.25, 0) == 0 && send_raw(ctx, DUET_STOP_LIMIT, 3, 12.07, 12.03) != 0;
    case 11:
        duet_cancel_all(ctx);
        self->timer = duet_timer(ctx, duet_now(ctx) + DUET_MINUTE_NS, 0, 42);
        duet_signal(ctx, -1, 0, "flat");
        duet_log(ctx, DUET_LOG_INFO, "step %d", (int)self->step);
        return self->timer != 0 && duet_timer_cancel(ctx, self->timer) == DUET_OK &&
               duet_timer(ctx, duet_now(ctx) + DUET_MINUTE_NS, 0, 43) != 0 && duet_random(ctx) != duet_random(ctx);
    default:
        return 0;
    }
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct exerciser *self = state;
    if (ctx->instrument == 0 && self->step < STEPS_MAX) {
        self->result[self->step] = step(ctx, self, bar);
        self->step++;
    }
}

static void on_order(struct duet_context *ctx, void *state, const struct duet_order_update *order) {
    struct exerciser *self = state;
    self->orders++;
}
static void on_fill(struct duet_context *ctx, void *state, const struct duet_fill_update *fill) {
    struct exerciser *self = state;
    self->fills++;
}
static void on_timer(struct duet_context *ctx, void *state, uint64_t cookie) {
    struct exerciser *self = state;
    self->timers += cookie == 43;
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "exerciser",
    .state_size = sizeof(struct exerciser),
    .init = init,
    .on_bar = on_bar,
    .on_order = on_order,
    .on_fill = on_fill,
    .on_timer = on_timer,
    .summary = "uses every verb",
};
