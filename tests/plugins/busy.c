/*
 * Does whatever a strategy can do, by chance: targets, every order type and time in force, cancels, replacements,
 * closes, signals, timers, answers to fills; looks at history and at a second series. What it sees goes into a sum that
 * decides what it does next, so a run that differs anywhere differs from there on.
 */
#include <duet/strategy.h>

struct busy {
    int64_t calm, warm_up_bars;
    double stop_fraction;
    bool timeless; // nothing that hangs on when it was told
    uint64_t seen; // a fold of everything
    uint64_t last_order;
    int64_t hours;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct busy, calm, 4, 1, 1000, "acts about every so many bars"),
    DUET_PARAM_INT(struct busy, warm_up_bars, 20, 0, 1000, "bars"),
    DUET_PARAM_REAL(struct busy, stop_fraction, 0.01, 0, 0.5, "of the protective stops; 0: none"),
    DUET_PARAM_BOOL(struct busy, timeless, false, "no timers and no GTD orders"),
    {0},
};

static void see(struct busy *self, double value) {
    union {
        double real;
        uint64_t bits;
    } as = {.real = value};
    self->seen = (self->seen ^ as.bits) * UINT64_C(0x9e3779b97f4a7c15);
    self->seen ^= self->seen >> 29;
}

static enum duet_status init(struct duet_context *ctx, void *state) {
    struct busy *self = state;
    self->hours = duet_subscribe(ctx, DUET_HOUR_NS) == DUET_OK;
    duet_protect_entries(ctx, self->stop_fraction);
    return duet_warm_up(ctx, self->warm_up_bars);
}

static enum duet_status on_start(struct duet_context *ctx, void *state) {
    const struct busy *self = state;
    if (self->timeless) {
        return DUET_OK;
    }
    duet_timer(ctx, duet_now(ctx) + 7 * DUET_MINUTE_NS, 7 * DUET_MINUTE_NS, 1);
    duet_timer(ctx, duet_now(ctx) + 11 * DUET_MINUTE_NS + 30 * DUET_SECOND_NS, 0, 2);
    return DUET_OK;
}

static uint64_t send(struct duet_context *ctx, double price, uint64_t chance, bool timeless) {
    static const int types[] = {DUET_LIMIT, DUET_STOP, DUET_STOP_LIMIT, DUET_MARKET};
    struct duet_instrument_info info = duet_instrument(ctx, ctx->instrument);
    double ticks = (double)(int64_t)(price / info.tick), away = (double)(chance >> 8 & 31) - 10;
    struct duet_order_request request = {.size = sizeof(request),
        .side = (chance & 1) != 0 ? DUET_BUY : DUET_SELL,
        .type = types[chance >> 1 & 3],
        .time_in_force = (int32_t)((chance >> 3) % DUET_TIME_IN_FORCE_COUNT),
        .flags = (chance >> 6 & 7) == 0 ? DUET_REDUCE_ONLY : 0,
        .quantity = (double)(1 + (chance >> 16 & 15)),
        .reason = "raw"};
    if (request.type == DUET_LIMIT || request.type == DUET_STOP_LIMIT) {
        request.price = (ticks - request.side * away) * info.tick;
    }
    if (request.type == DUET_STOP || request.type == DUET_STOP_LIMIT) {
        request.stop_price = (ticks + request.side * away) * info.tick;
    }
    if (request.time_in_force == DUET_GTD && timeless) {
        request.time_in_force = DUET_DAY;
    } else if (request.time_in_force == DUET_GTD) {
        request.expires_ns = duet_now(ctx) + (int64_t)(1 + (chance >> 20 & 15)) * 50 * DUET_SECOND_NS;
    }
    return duet_order(ctx, &request);
}

static void act(struct duet_context *ctx, struct busy *self, double price) {
    uint64_t chance = duet_random(ctx) ^ self->seen;
    uint64_t order = 0;
    switch (chance % 12) {
    case 0:
        order = duet_target(ctx, (double)(chance >> 8 & 31) - 16, "target");
        break;
    case 1:
        order = duet_target_percent(ctx, (double)(chance >> 8 & 7) / 20, "weight");
        break;
    case 2:
        order = duet_rebalance(ctx, 0.2, 0.02, "rebalance");
        break;
    case 3:
        order = duet_close(ctx, "close");
        break;
    case 4:
        see(self, (double)duet_cancel_all(ctx));
        break;
    case 5:
        order = duet_replace(ctx, self->last_order, 0, 0, 0);
        break;
    case 6:
        duet_signal(ctx, (int)(chance >> 8 & 1), 0.1, "signal");
        break;
    case 7:
        if (!self->timeless) {
            duet_timer(ctx, duet_now(ctx) + (int64_t)(chance >> 8 & 255) * DUET_SECOND_NS, 0, 3);
        }
        break;
    default:
        order = send(ctx, price, chance >> 4, self->timeless);
    }
    self->last_order = order != 0 ? order : self->last_order;
    see(self, (double)order);
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct busy *self = state;
    size_t count = 0, hours = 0;
    const struct duet_bar *last = duet_history(ctx, 0, 30, &count);
    see(self, bar->close);
    see(self, (double)count);
    see(self, count > 0 ? last[0].low : 0);
    if (self->hours) {
        const struct duet_bar *hour = duet_history(ctx, DUET_HOUR_NS, 3, &hours);
        see(self, hours > 0 ? hour[hours - 1].high : 0);
    }
    see(self, duet_account(ctx).equity);
    see(self, duet_position(ctx).working);
    if (duet_is_warm(ctx) && (int64_t)(self->seen % (uint64_t)self->calm) == 0) {
        act(ctx, self, bar->close);
    }
}

static void on_fill(struct duet_context *ctx, void *state, const struct duet_fill_update *fill) {
    struct busy *self = state;
    see(self, fill->price * (double)fill->side);
    see(self, (double)fill->fill_id);
    if (self->seen % 5 == 0) {
        act(ctx, self, fill->price);
    }
}

static void on_order(struct duet_context *ctx, void *state, const struct duet_order_update *order) {
    struct busy *self = state;
    see(self, (double)order->order_id + order->filled / 3);
    see(self, (double)(order->status * 100 + order->reason_code));
}

static void on_timer(struct duet_context *ctx, void *state, uint64_t cookie) {
    struct busy *self = state;
    see(self, (double)cookie);
    if (cookie == 2) {
        duet_timer(ctx, duet_now(ctx) + 13 * DUET_MINUTE_NS + 17 * DUET_SECOND_NS, 0, 2);
    }
    const struct duet_bar *last = duet_latest(ctx, ctx->instrument);
    if (last != NULL && duet_is_warm(ctx)) {
        act(ctx, self, last->close);
    }
}

static void on_stop(struct duet_context *ctx, void *state) {
    duet_buy(ctx, 1, "too late");
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "busy",
    .state_size = sizeof(struct busy),
    .params = params,
    .init = init,
    .on_start = on_start,
    .on_bar = on_bar,
    .on_fill = on_fill,
    .on_order = on_order,
    .on_timer = on_timer,
    .on_stop = on_stop,
    .summary = "everything a strategy can do, by chance",
};
