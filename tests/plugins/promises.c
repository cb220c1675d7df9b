/*
 * Short stories, one per promise, picked by the parameter `story`; tests/cli/promises_test.py says what must come of
 * each. Every callback that a story hears is logged with its time.
 */
#include <signal.h>

#include <duet/strategy.h>

struct promises {
    int64_t story, bars;
    uint64_t first, second;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct promises, story, 0, 0, 99, "which one"),
    {0},
};

enum story {
    EXPIRE_INSIDE_A_BAR = 1,
    EXPIRY_CANCELS_ANOTHER,
    PAIR,
    SHORT_UNDER_A_LIMIT,
    CLOSE_MORE_THAN_ONE_ORDER,
    INTERRUPTED,
    REPLACED_TWICE,
    TARGET_AFTER_CANCEL,
    HELD_TO_THE_END,
};

static long long seconds(const struct duet_context *ctx) {
    return (long long)(duet_now(ctx) / DUET_SECOND_NS);
}

static uint64_t limit_until(struct duet_context *ctx, double price, int64_t expires_ns, const char *reason) {
    struct duet_order_request request = {.size = sizeof(request),
        .side = DUET_BUY,
        .type = DUET_LIMIT,
        .time_in_force = DUET_GTD,
        .quantity = 1,
        .price = price,
        .expires_ns = expires_ns,
        .reason = reason};
    return duet_order(ctx, &request);
}

static enum duet_status init(struct duet_context *ctx, void *state) {
    const struct promises *self = state;
    if (self->story == SHORT_UNDER_A_LIMIT || self->story == CLOSE_MORE_THAN_ONE_ORDER) {
        duet_protect_entries(ctx, 0.05);
    }
    return DUET_OK;
}

static void replace_twice(struct duet_context *ctx, struct promises *self) {
    if (self->bars == 1) {
        self->first = duet_limit(ctx, 10, 95, "rests");
        self->second = duet_limit(ctx, 10, 94, "rests too");
    } else if (self->bars == 2) {
        duet_replace(ctx, self->first, 5, 95, 0);
        duet_replace(ctx, self->first, 5, 95, 0);
        duet_cancel(ctx, self->second);
        duet_replace(ctx, self->second, 5, 94, 0);
    }
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct promises *self = state;
    int64_t half_a_minute_on = duet_now(ctx) + 30 * DUET_SECOND_NS;
    self->bars++;
    switch (self->story) {
    case EXPIRE_INSIDE_A_BAR:
        if (self->bars == 1) {
            self->first = limit_until(ctx, 50, half_a_minute_on, "inside");
        }
        break;
    case EXPIRY_CANCELS_ANOTHER:
        if (self->bars == 1) {
            self->first = limit_until(ctx, 50, half_a_minute_on, "first");
            self->second = limit_until(ctx, 51, half_a_minute_on + 1, "second");
            limit_until(ctx, 52, half_a_minute_on, "third");
        }
        break;
    case PAIR:
        if (self->bars == 1) {
            duet_buy(ctx, ctx->instrument == 0 ? 200 : -200, "pair");
        }
        if (self->bars == 3) {
            duet_close(ctx, "out");
        }
        break;
    case SHORT_UNDER_A_LIMIT:
        if (self->bars == 1) {
            duet_sell(ctx, 10, "short");
        }
        break;
    case CLOSE_MORE_THAN_ONE_ORDER:
        if (self->bars <= 2) {
            duet_buy(ctx, 10, "long");
        } else if (self->bars == 3) {
            duet_close(ctx, "out");
        }
        break;
    case REPLACED_TWICE:
        replace_twice(ctx, self);
        break;
    case TARGET_AFTER_CANCEL:
        if (self->bars == 1) {
            duet_target(ctx, 5, "called back");
            duet_cancel_all(ctx);
            duet_target(ctx, 5, "meant");
        } else if (self->bars == 2) {
            duet_target(ctx, 5, "repeated");
        }
        break;
    case HELD_TO_THE_END:
        if (self->bars == 1) {
            duet_buy(ctx, 10, "long");
        }
        break;
    case INTERRUPTED:
        duet_log(ctx, DUET_LOG_INFO, "trace %lld bar", seconds(ctx));
        if (self->bars == 5) {
            (void)raise(SIGINT); // as Ctrl-C would
        }
        break;
    default:
        break;
    }
}

static void on_order(struct duet_context *ctx, void *state, const struct duet_order_update *order) {
    struct promises *self = state;
    duet_log(ctx, DUET_LOG_INFO, "trace %lld order %llu status %d reason %d", seconds(ctx),
        (unsigned long long)order->order_id, order->status, order->reason_code);
    if (order->status == DUET_ORDER_EXPIRED && self->story == EXPIRE_INSIDE_A_BAR) {
        duet_buy(ctx, 1, "instead");
    }
    if (order->status == DUET_ORDER_EXPIRED && self->story == EXPIRY_CANCELS_ANOTHER &&
        order->order_id == self->first) {
        duet_cancel(ctx, self->second);
    }
}

static void on_fill(struct duet_context *ctx, void *state, const struct duet_fill_update *fill) {
    duet_log(ctx, DUET_LOG_INFO, "trace %lld fill %llu %g at %g", seconds(ctx), (unsigned long long)fill->order_id,
        fill->side * fill->quantity, fill->price);
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "promises",
    .state_size = sizeof(struct promises),
    .params = params,
    .init = init,
    .on_bar = on_bar,
    .on_order = on_order,
    .on_fill = on_fill,
};
