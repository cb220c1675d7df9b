/* The verbs that send orders: the gate of warm-up and phase, exact scaling, then the portfolio. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "engine/host_private.h"

static struct duet_order_event blank_request(const struct host_context *context, const char *reason) {
    struct duet_order_event request = {.size = sizeof(request),
        .instrument = context->public.instrument,
        .action = DUET_SUBMIT,
        .side = DUET_BUY,
        .type = DUET_MARKET,
        .strategy = context->run->options.strategy};
    duet_text_copy(request.reason, sizeof(request.reason), reason != NULL ? reason : "");
    return request;
}

/** Why no order may go out now; NONE where it may. */
static enum duet_reason closed_because(struct host_context *context) {
    struct duet_host_run *run = context->run;
    if (!host_is_live(run)) {
        return DUET_REASON_STOPPED;
    }
    duet_host_refresh(context, duet_bus_now_ns(run->bus));
    return context->public.is_warm != 0 ? DUET_REASON_NONE : DUET_REASON_WARMUP;
}

/** Whether an order may go out; where not, that is said and booked. `size` may be any number. */
bool duet_host_may_order(struct host_context *context, int type, double size, double price, const char *reason) {
    if (!host_has_instrument(context)) {
        duet_host_complain(context, "an order needs duet_on(ctx, instrument)");
        return false;
    }
    enum duet_reason closed = closed_because(context);
    if (closed == DUET_REASON_NONE) {
        return true;
    }
    const struct duet_instrument *instrument = host_instrument(context);
    struct duet_order_event request = blank_request(context, reason);
    request.side = size < 0 ? DUET_SELL : DUET_BUY;
    request.type = (uint8_t)type;
    int64_t scaled;
    if (duet_scale(fabs(size), instrument->quantity_decimals, &scaled) == DUET_OK) {
        request.quantity = scaled;
    }
    if (duet_scale(price, instrument->price_decimals, &scaled) == DUET_OK) {
        request.price = type == DUET_LIMIT ? scaled : 0;
        request.stop_price = type == DUET_STOP ? scaled : 0;
    }
    duet_portfolio_deny(context->run->options.portfolio, &request, closed);
    return false;
}

/** Being flat and asked to be flat is no order, warm or not. */
bool duet_host_is_flat_already(const struct host_context *context, double wanted) {
    if (wanted != 0 || !host_has_instrument(context)) {
        return false;
    }
    const struct duet_portfolio *portfolio = context->run->options.portfolio;
    return duet_portfolio_position(portfolio, context->public.instrument)->quantity == 0 &&
           duet_portfolio_working(portfolio, context->public.instrument) == 0 && context->public.is_warm == 0;
}

uint64_t duet_verb_target(struct duet_context *ctx, double quantity, const char *reason) {
    struct host_context *context = host_context_of(ctx);
    const struct duet_host_options *options = &context->run->options;
    if (duet_host_is_flat_already(context, quantity) ||
        !duet_host_may_order(context, DUET_MARKET, quantity, 0, reason)) {
        return 0;
    }
    return duet_portfolio_target(options->portfolio, options->strategy, ctx->instrument, quantity, reason);
}

uint64_t duet_verb_target_percent(struct duet_context *ctx, double weight, const char *reason) {
    struct host_context *context = host_context_of(ctx);
    const struct duet_host_options *options = &context->run->options;
    // Its quantity is not known before it is sized; a denial says 0.
    if (duet_host_is_flat_already(context, weight) ||
        !duet_host_may_order(context, DUET_MARKET, copysign(0.0, weight), 0, reason)) {
        return 0;
    }
    return duet_portfolio_target_percent(options->portfolio, options->strategy, ctx->instrument, weight, reason);
}

uint64_t duet_verb_rebalance(struct duet_context *ctx, double weight, double band, const char *reason) {
    struct host_context *context = host_context_of(ctx);
    const struct duet_host_options *options = &context->run->options;
    if (duet_host_is_flat_already(context, weight) ||
        !duet_host_may_order(context, DUET_MARKET, copysign(0.0, weight), 0, reason)) {
        return 0;
    }
    return duet_portfolio_rebalance(options->portfolio, options->strategy, ctx->instrument, weight, band, reason);
}

uint64_t duet_verb_trade(struct duet_context *ctx, int type, double signed_quantity, double price, const char *reason) {
    struct host_context *context = host_context_of(ctx);
    const struct duet_host_options *options = &context->run->options;
    if (!duet_host_may_order(context, type, signed_quantity, price, reason)) {
        return 0;
    }
    return duet_portfolio_trade(
        options->portfolio, options->strategy, ctx->instrument, type, signed_quantity, price, reason);
}

uint64_t duet_verb_close(struct duet_context *ctx, const char *reason) {
    struct host_context *context = host_context_of(ctx);
    const struct duet_host_options *options = &context->run->options;
    if (duet_host_is_flat_already(context, 0) || !duet_host_may_order(context, DUET_MARKET, 0, 0, reason)) {
        return 0;
    }
    return duet_portfolio_close(options->portfolio, options->strategy, ctx->instrument, 0, reason);
}

/**
 * The integer that a plugin's double stands for, and whether it does: the nearest double of a decimal number does, so
 * does what arithmetic bent by no more than 1e-9 of it and a thousandth of the last place.
 */
static bool scale_exactly(double value, unsigned decimals, int64_t *out) {
    if (duet_scale(value, decimals, out) != DUET_OK) {
        return false;
    }
    double nearest = duet_unscale(*out, decimals);
    double allowed = fmin(fabs(value) * 1e-9, duet_unscale(1, decimals) * 1e-3);
    return nearest == value || fabs(nearest - value) <= allowed;
}

/** A number of an order in units of the instrument; the reason where it is none, or none that may be traded. */
static enum duet_reason scale_step(
    double value, unsigned decimals, int64_t step, enum duet_reason bad, enum duet_reason off, int64_t *out) {
    if (!isfinite(value)) {
        return bad;
    }
    if (!scale_exactly(value, decimals, out)) {
        return duet_scale(value, decimals, out) == DUET_OK ? off : bad;
    }
    return *out % step == 0 ? DUET_REASON_NONE : off;
}

static enum duet_reason fill_request(
    const struct duet_order_request *wish, const struct duet_instrument *instrument, struct duet_order_event *out) {
    bool known = (wish->side == DUET_BUY || wish->side == DUET_SELL) && wish->type >= 0 &&
                 wish->type < DUET_ORDER_TYPE_COUNT && wish->time_in_force >= 0 &&
                 wish->time_in_force < DUET_TIME_IN_FORCE_COUNT && (wish->flags & ~DUET_REDUCE_ONLY) == 0;
    if (!known) {
        return DUET_REASON_BAD_REQUEST;
    }
    out->side = (int8_t)wish->side;
    out->type = (uint8_t)wish->type;
    out->time_in_force = (uint8_t)wish->time_in_force;
    out->flags = (uint16_t)wish->flags;
    out->expires_ns = wish->expires_ns;
    enum duet_reason reason = scale_step(wish->quantity, instrument->quantity_decimals, instrument->lot_scaled,
        DUET_REASON_BAD_QUANTITY, DUET_REASON_OFF_LOT, &out->quantity);
    if (reason == DUET_REASON_NONE) {
        reason = scale_step(wish->price, instrument->price_decimals, instrument->tick_scaled, DUET_REASON_BAD_PRICE,
            DUET_REASON_OFF_TICK, &out->price);
    }
    if (reason == DUET_REASON_NONE) {
        reason = scale_step(wish->stop_price, instrument->price_decimals, instrument->tick_scaled,
            DUET_REASON_BAD_PRICE, DUET_REASON_OFF_TICK, &out->stop_price);
    }
    return reason;
}

uint64_t duet_verb_order(struct duet_context *ctx, const struct duet_order_request *given) {
    struct host_context *context = host_context_of(ctx);
    struct duet_portfolio *portfolio = context->run->options.portfolio;
    struct duet_order_request wish = {0};
    memcpy(&wish, given, given->size < sizeof(wish) ? given->size : sizeof(wish));
    int type = wish.type >= 0 && wish.type < DUET_ORDER_TYPE_COUNT ? wish.type : DUET_MARKET;
    double signed_quantity = wish.side == DUET_SELL ? -wish.quantity : wish.quantity;
    if (!duet_host_may_order(
            context, type, signed_quantity, type == DUET_STOP ? wish.stop_price : wish.price, wish.reason)) {
        return 0;
    }
    struct duet_order_event request = blank_request(context, wish.reason);
    enum duet_reason refused = fill_request(&wish, host_instrument(context), &request);
    if (refused != DUET_REASON_NONE) {
        duet_portfolio_deny(portfolio, &request, refused);
        return 0;
    }
    uint64_t order_id = duet_portfolio_submit(portfolio, &request, &refused);
    return refused == DUET_REASON_NONE ? order_id : 0;
}

/** One of this strategy's orders; NULL for a foreign or forgotten one. */
static const struct duet_order *own_order(const struct duet_host_run *run, uint64_t order_id) {
    const struct duet_order *order = duet_portfolio_order(run->options.portfolio, order_id);
    return order != NULL && order->strategy == run->options.strategy ? order : NULL;
}

enum duet_status duet_verb_cancel(struct duet_context *ctx, uint64_t order_id) {
    struct duet_host_run *run = host_context_of(ctx)->run;
    if (own_order(run, order_id) == NULL) {
        return duet_error(DUET_ENOTFOUND, "strategy %s: no order %llu of its own to cancel", run->impl->name,
            (unsigned long long)order_id);
    }
    return duet_portfolio_cancel(run->options.portfolio, order_id);
}

size_t duet_verb_cancel_all(struct duet_context *ctx) {
    const struct duet_host_options *options = &host_context_of(ctx)->run->options;
    return duet_portfolio_cancel_all(options->portfolio, options->strategy, ctx->instrument); // all where it has none
}

/** The number that replaces another; 0 stays 0 and means: as it was. */
static enum duet_reason scale_replacement(
    const struct duet_instrument *instrument, double quantity, double price, double stop_price, int64_t out[3]) {
    enum duet_reason reason = scale_step(quantity, instrument->quantity_decimals, instrument->lot_scaled,
        DUET_REASON_BAD_QUANTITY, DUET_REASON_OFF_LOT, &out[0]);
    if (reason == DUET_REASON_NONE) {
        reason = scale_step(price, instrument->price_decimals, instrument->tick_scaled, DUET_REASON_BAD_PRICE,
            DUET_REASON_OFF_TICK, &out[1]);
    }
    if (reason == DUET_REASON_NONE) {
        reason = scale_step(stop_price, instrument->price_decimals, instrument->tick_scaled, DUET_REASON_BAD_PRICE,
            DUET_REASON_OFF_TICK, &out[2]);
    }
    return reason;
}

uint64_t duet_verb_replace(
    struct duet_context *ctx, uint64_t order_id, double quantity, double price, double stop_price) {
    struct duet_host_run *run = host_context_of(ctx)->run;
    struct duet_portfolio *portfolio = run->options.portfolio;
    const struct duet_order *order = own_order(run, order_id);
    if (order == NULL) {
        duet_host_complain(host_context_of(ctx), "duet_replace(): no such order of its own");
        return 0;
    }
    struct host_context *context = &run->contexts[order->instrument];
    struct duet_order_event request = blank_request(context, order->reason);
    request.side = order->side;
    request.type = order->type;
    request.quantity = order->quantity - order->filled;
    request.price = order->price;
    request.stop_price = order->stop_price;
    if (!duet_host_may_order(context, order->type, order->side * quantity, price, request.reason)) {
        return 0;
    }
    int64_t scaled[3];
    enum duet_reason refused = scale_replacement(host_instrument(context), quantity, price, stop_price, scaled);
    if (refused == DUET_REASON_NONE) {
        uint64_t id = duet_portfolio_replace(portfolio, order_id, scaled[0], scaled[1], scaled[2], &refused);
        if (id != 0) {
            return refused == DUET_REASON_NONE ? id : 0; // its denial has been told
        }
    }
    duet_portfolio_deny(portfolio, &request, refused);
    return 0;
}
