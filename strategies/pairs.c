/*
 * Two instruments that move together: when the ratio of their closes is unusually far from its mean, sells the dear one
 * and buys the cheap one, the same value of each, and takes both off when the ratio has come back. A ratio that runs on
 * to `stop` deviations is no longer a pair: out, and not in again before it has been back at its mean.
 *
 * It looks only where both closed at the same instant. The first instrument is the one whose symbol sorts first. Where
 * the order of one leg comes to nothing, the other leg is taken off again: half a pair is a bet on the market.
 */
#include <duet/strategy.h>

struct pairs {
    int64_t length;
    double enter, leave, stop, weight;
    int64_t side; // of the first instrument: +1 long, -1 short
    bool is_barred; // after a stop, until the ratio is back
    struct duet_bollinger ratio;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct pairs, length, 60, 5, 1000, "window of the ratio, bars"),
    DUET_PARAM_REAL(struct pairs, enter, 2, 0.1, 10, "enter at so many deviations"),
    DUET_PARAM_REAL(struct pairs, leave, 0.5, 0, 10, "leave within so many"),
    DUET_PARAM_REAL(struct pairs, stop, 4, 0.2, 100, "give up at so many"),
    DUET_PARAM_REAL(struct pairs, weight, 0.45, 0, 1, "share of equity in each of the two"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    struct pairs *self = state;
    if (ctx->instrument_count != 2) {
        return duet_fail(ctx, DUET_EINVAL, "takes two instruments, there are %u: --data A=… --data B=…",
            (unsigned)ctx->instrument_count);
    }
    if (!(self->leave < self->enter && self->enter < self->stop)) {
        return duet_fail(ctx, DUET_EINVAL, "leave < enter < stop is needed");
    }
    duet_bollinger_init(&self->ratio, self->length, self->enter);
    return duet_warm_up(ctx, self->length);
}

static int64_t next_side(struct pairs *self, double deviations) {
    double distance = fabs(deviations);
    self->is_barred = self->is_barred && distance > self->leave;
    if (self->side != 0) {
        self->is_barred = self->is_barred || distance >= self->stop;
        return distance <= self->leave || distance >= self->stop ? 0 : self->side;
    }
    return self->is_barred || distance < self->enter || distance >= self->stop ? 0 : deviations > 0 ? -1 : 1;
}

static void on_instant(struct duet_context *ctx, void *state, int64_t now_ns) {
    struct pairs *self = state;
    const struct duet_bar *first = duet_latest(ctx, 0), *second = duet_latest(ctx, 1);
    if (first == NULL || second == NULL || first->close_ns != now_ns || second->close_ns != now_ns ||
        first->close <= 0 || second->close <= 0) {
        return;
    }
    (void)duet_bollinger_update(&self->ratio, first->close / second->close);
    if (!duet_is_warm(ctx) || !duet_bollinger_ready(&self->ratio)) {
        return;
    }
    int64_t side = next_side(self, self->ratio.zscore);
    if (side != self->side) {
        self->side = side;
        const char *reason = side == 0 ? "ratio back" : "ratio apart";
        duet_target_percent(duet_on(ctx, 0), (double)side * self->weight, reason);
        duet_target_percent(duet_on(ctx, 1), (double)-side * self->weight, reason);
    }
}

static void on_order(struct duet_context *ctx, void *state, const struct duet_order_update *order) {
    struct pairs *self = state;
    bool has_ended = order->status == DUET_ORDER_DENIED || order->status == DUET_ORDER_REJECTED ||
                     order->status == DUET_ORDER_CANCELLED || order->status == DUET_ORDER_EXPIRED;
    if (self->side == 0 || !has_ended || (order->filled > 0 && order->filled >= order->quantity)) {
        return;
    }
    self->side = 0;
    self->is_barred = true;
    (void)duet_cancel_all(ctx);
    (void)duet_close(duet_on(ctx, 0), "other leg failed");
    (void)duet_close(duet_on(ctx, 1), "other leg failed");
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "pairs",
    .scope = DUET_ALL,
    .state_size = sizeof(struct pairs),
    .params = params,
    .init = init,
    .on_instant = on_instant,
    .on_order = on_order,
    .summary = "two instruments: sells the dear one and buys the cheap one until their ratio is back",
};
