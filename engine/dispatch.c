/* From bus events to callbacks. The way of a BAR is the hot one: an index, a few stores, the call. */
#include <string.h>

#include "base/log.h"
#include "base/money.h"
#include "base/text.h"
#include "engine/host_private.h"

static inline bool is_unlikely(bool condition) {
    return __builtin_expect(condition, 0);
}

/** When the first of the last `warm_up_bars` bars of an instrument closed; INT64_MIN: it has not had as many. */
static int64_t warm_since_ns(const struct host_context *context) {
    size_t count = 0, wanted = context->warm_up_bars > 0 ? (size_t)context->warm_up_bars : 1;
    const struct duet_bar *bars = context->primary != NULL && context->primary->window != NULL
                                      ? duet_window_slice(context->primary->window, wanted, &count)
                                      : NULL;
    return count == wanted ? bars[0].close_ns : INT64_MIN;
}

/** Whether every instrument that has not had enough bars has stopped: another has since had as many as are wanted. */
static bool the_cold_have_stopped(const struct duet_host_run *run) {
    int64_t since_ns = INT64_MIN;
    for (uint32_t i = 0; i < run->instrument_count; i++) {
        int64_t own_ns = warm_since_ns(&run->contexts[i]);
        since_ns = own_ns > since_ns ? own_ns : since_ns;
    }
    for (uint32_t i = 0; i < run->instrument_count; i++) {
        const struct host_context *context = &run->contexts[i];
        bool is_cold = context->bars > 0 && context->bars < context->warm_up_bars && context->primary != NULL;
        const struct duet_bar *last = is_cold ? duet_window_last(context->primary->window) : NULL;
        if (last != NULL && last->close_ns >= since_ns) {
            return false;
        }
    }
    return true;
}

/** On the context of all; nothing changes within an instant but that more of them are warm. */
static bool all_are_warm(struct duet_host_run *run, int64_t now_ns) {
    if (run->warm_count == run->seen_count) {
        return run->seen_count > 0 || run->warm_up_bars == 0;
    }
    if (run->warm_count == 0 || now_ns == run->looked_ns) {
        return false;
    }
    run->looked_ns = now_ns;
    return the_cold_have_stopped(run);
}

/** Warmth comes once, history apart; what it hangs on never goes back. */
static void context_warm(struct host_context *context) {
    struct duet_host_run *run = context->run;
    bool enough = context->public.instrument != DUET_NO_INSTRUMENT ? context->bars >= context->warm_up_bars
                                                                   : all_are_warm(run, context->public.now_ns);
    context->public.is_warm = enough && !run->is_history && context->public.now_ns >= run->options.trade_from_ns;
}

void duet_host_refresh(struct host_context *context, int64_t now_ns) {
    context->public.now_ns = now_ns;
    if (context->public.is_warm == 0) {
        context_warm(context);
    }
}

void duet_host_recount(struct duet_host_run *run) {
    run->seen_count = run->warm_count = 0;
    run->looked_ns = INT64_MIN;
    run->warm_up_bars = 0;
    for (uint32_t i = 0; i < run->instrument_count; i++) {
        const struct host_context *context = &run->contexts[i];
        run->seen_count += context->bars > 0;
        run->warm_count += context->bars > 0 && context->bars >= context->warm_up_bars;
        run->warm_up_bars = run->warm_up_bars < context->warm_up_bars ? context->warm_up_bars : run->warm_up_bars;
    }
}

static void count_bar(struct duet_host_run *run, struct host_context *context) {
    context->bars++;
    if (is_unlikely(context->bars <= context->warm_up_bars || context->bars == 1)) {
        int64_t needed = context->warm_up_bars > 1 ? context->warm_up_bars : 1;
        run->seen_count += context->bars == 1;
        run->warm_count += context->bars == needed;
    }
}

/** Whether a series other than the primary one was subscribed to. */
static bool wants_interval(const struct duet_host_run *run, uint32_t instrument, int64_t interval_ns) {
    for (size_t i = 0; i < run->options.series_count; i++) {
        const struct duet_host_series *series = &run->options.series[i];
        if (series->instrument == instrument && series->interval_ns == interval_ns) {
            return run->wanted[i];
        }
    }
    const struct duet_made_series *item =
        run->options.made != NULL ? duet_made_find(run->options.made, instrument, interval_ns) : NULL;
    return item != NULL && item->wanted;
}

static enum duet_status handle_bar(void *receiver, const struct duet_event *event) {
    struct duet_host_run *run = receiver;
    const struct duet_bar *bar = event->bar;
    if (is_unlikely(run->phase != HOST_RUNNING || bar->instrument >= run->instrument_count)) {
        return DUET_OK;
    }
    struct host_context *context = &run->contexts[bar->instrument];
    if (bar->interval_ns == context->primary_interval_ns) {
        if ((bar->flags & DUET_BAR_PARTIAL) == 0) { // what is not whole warms nobody
            count_bar(run, context);
        }
    } else if (!wants_interval(run, bar->instrument, bar->interval_ns)) {
        return DUET_OK;
    }
    if (run->impl->scope == DUET_ALL) {
        context = host_all(run);
    }
    context->public.now_ns = event->time_ns;
    if (is_unlikely(context->public.is_warm == 0)) {
        context_warm(context);
    }
    if (run->impl->on_bar != NULL) {
        host_enter(context, "on_bar");
        run->impl->on_bar(&context->public, context->state, bar);
        host_leave();
    }
    return DUET_OK;
}

/** handle_bar() for one state per instrument: a context that is warm has nothing left to count. */
static enum duet_status handle_bar_of_each(void *receiver, const struct duet_event *event) {
    struct duet_host_run *run = receiver;
    const struct duet_bar *bar = event->bar;
    struct host_context *context = &run->contexts[bar->instrument];
    if (is_unlikely(run->phase != HOST_RUNNING || bar->instrument >= run->instrument_count ||
                    bar->interval_ns != context->primary_interval_ns || context->public.is_warm == 0 ||
                    run->impl->on_bar == NULL)) {
        return handle_bar(receiver, event);
    }
    context->bars++;
    context->public.now_ns = event->time_ns;
    host_enter(context, "on_bar");
    run->impl->on_bar(&context->public, context->state, bar);
    host_leave();
    return DUET_OK;
}

static enum duet_status handle_instant(void *receiver, const struct duet_event *event) {
    struct duet_host_run *run = receiver;
    if (run->phase == HOST_RUNNING) {
        struct host_context *context = host_all(run);
        duet_host_refresh(context, event->time_ns);
        host_enter(context, "on_instant");
        run->impl->on_instant(&context->public, context->state, event->event_ns);
        host_leave();
    }
    return DUET_OK;
}

static enum duet_status handle_trade(void *receiver, const struct duet_event *event) {
    struct duet_host_run *run = receiver;
    struct host_context *context = host_receiver(run, event->trade->instrument);
    if (run->phase == HOST_RUNNING && context != NULL) {
        duet_host_refresh(context, event->time_ns);
        host_enter(context, "on_trade");
        run->impl->on_trade(&context->public, context->state, event->trade);
        host_leave();
    }
    return DUET_OK;
}

static enum duet_status handle_quote(void *receiver, const struct duet_event *event) {
    struct duet_host_run *run = receiver;
    struct host_context *context = host_receiver(run, event->quote->instrument);
    if (run->phase == HOST_RUNNING && context != NULL) {
        duet_host_refresh(context, event->time_ns);
        host_enter(context, "on_quote");
        run->impl->on_quote(&context->public, context->state, event->quote);
        host_leave();
    }
    return DUET_OK;
}

/**
 * on_start runs outside of any input, and there a publish delivers before it returns: a report of an order sent in it
 * would call the plugin while it is being called. Such events wait here until it has returned.
 */
static bool must_wait(struct duet_host_run *run, const struct duet_event *event) {
    if (!run->is_alone) {
        return false;
    }
    if (run->deferred_count == DUET_HOST_DEFERRED_MAX) {
        duet_log_error(run->log, "callback-dropped", "strategy=%s type=%s: too many events caused in one callback",
            run->impl->name, duet_event_type_name((enum duet_event_type)event->type));
        return true;
    }
    if (run->deferred_count == run->deferred_capacity) {
        run->deferred_capacity = run->deferred_capacity == 0 ? 16 : run->deferred_capacity * 2;
        run->deferred = duet_realloc(run->deferred, run->deferred_capacity, sizeof(*run->deferred));
    }
    run->deferred[run->deferred_count++] = *event;
    return true;
}

static enum duet_status handle_signal(void *receiver, const struct duet_event *event) {
    struct duet_host_run *run = receiver;
    const struct duet_signal *signal = &event->signal;
    struct host_context *context = host_receiver(run, signal->instrument);
    if (signal->strategy == run->options.strategy || !host_is_live(run) || context == NULL || must_wait(run, event)) {
        return DUET_OK;
    }
    duet_host_refresh(context, event->time_ns);
    host_enter(context, "on_signal");
    run->impl->on_signal(&context->public, context->state, signal);
    host_leave();
    return DUET_OK;
}

static enum duet_status handle_status(void *receiver, const struct duet_event *event) {
    struct duet_host_run *run = receiver;
    const struct duet_order_status_event *status = &event->status;
    struct host_context *context = host_receiver(run, status->instrument);
    if (status->strategy != run->options.strategy || !host_is_live(run) || context == NULL || must_wait(run, event)) {
        return DUET_OK;
    }
    const struct duet_instrument *instrument = &run->options.instruments->items[status->instrument];
    struct duet_order_update update = {.size = sizeof(update),
        .instrument = status->instrument,
        .order_id = status->order_id,
        .status = status->status,
        .previous = status->previous,
        .reason_code = status->reason_code,
        .side = status->side,
        .type = status->type,
        .quantity = duet_unscale(status->quantity, instrument->quantity_decimals),
        .filled = duet_unscale(status->cumulative, instrument->quantity_decimals),
        .price = duet_unscale(status->price, instrument->price_decimals),
        .stop_price = duet_unscale(status->stop_price, instrument->price_decimals),
        .reason = status->reason};
    duet_host_refresh(context, event->time_ns);
    host_enter(context, "on_order");
    run->impl->on_order(&context->public, context->state, &update);
    host_leave();
    return DUET_OK;
}

static enum duet_status handle_fill(void *receiver, const struct duet_event *event) {
    struct duet_host_run *run = receiver;
    const struct duet_fill *fill = &event->fill;
    struct host_context *context = host_receiver(run, fill->instrument);
    if (fill->strategy != run->options.strategy || !host_is_live(run) || context == NULL || must_wait(run, event)) {
        return DUET_OK;
    }
    const struct duet_instrument *instrument = &run->options.instruments->items[fill->instrument];
    char reason[DUET_REASON_MAX] = "";
    const struct duet_order *order = duet_portfolio_order(run->options.portfolio, fill->order_id);
    if (order != NULL) {
        memcpy(reason, order->reason, sizeof(reason)); // the plugin may submit, and that may move the order table
    }
    struct duet_fill_update update = {.size = sizeof(update),
        .instrument = fill->instrument,
        .order_id = fill->order_id,
        .fill_id = fill->fill_id,
        .side = fill->side,
        .liquidity = fill->liquidity,
        .quantity = duet_unscale(fill->quantity, instrument->quantity_decimals),
        .price = duet_unscale(fill->price, instrument->price_decimals),
        .commission = duet_money_to_double(fill->commission),
        .time_ns = fill->timestamp_ns,
        .reason = reason};
    duet_host_refresh(context, event->time_ns);
    host_enter(context, "on_fill");
    run->impl->on_fill(&context->public, context->state, &update);
    host_leave();
    return DUET_OK;
}

static enum duet_status handle_timer(void *receiver, const struct duet_event *event) {
    struct duet_host_run *run = receiver;
    struct host_timer timer;
    if (run->phase != HOST_RUNNING || !duet_host_timer_fired(run, &event->timer, &timer)) {
        return DUET_OK;
    }
    struct host_context *context = &run->contexts[timer.context];
    duet_host_refresh(context, event->time_ns);
    if (run->impl->on_timer != NULL) {
        host_enter(context, "on_timer");
        run->impl->on_timer(&context->public, context->state, timer.cookie);
        host_leave();
    }
    return DUET_OK;
}

static enum duet_status handle_feature(void *receiver, const struct duet_event *event) {
    duet_host_computed(receiver, event);
    return DUET_OK;
}

void duet_host_deliver_deferred(struct duet_host_run *run) {
    for (size_t i = 0; i < run->deferred_count; i++) {
        struct duet_event event = run->deferred[i]; // copied: a callback may defer more
        if (event.type == DUET_EVENT_SIGNAL) {
            (void)handle_signal(run, &event);
        } else if (event.type == DUET_EVENT_ORDER_STATUS) {
            (void)handle_status(run, &event);
        } else {
            (void)handle_fill(run, &event);
        }
    }
    run->deferred_count = 0;
}

enum duet_status duet_host_subscribe_all(struct duet_host_run *run) {
    const struct duet_strategy_impl *impl = run->impl;
    const struct {
        enum duet_event_type type;
        duet_handler handler;
        bool is_wanted;
    } table[] = {
        {DUET_EVENT_BAR, impl->scope == DUET_ALL ? handle_bar : handle_bar_of_each,
            true}, // warm-up is counted in bars, whoever listens to them
        {DUET_EVENT_INSTANT, handle_instant, impl->on_instant != NULL},
        {DUET_EVENT_TRADE, handle_trade, impl->on_trade != NULL},
        {DUET_EVENT_QUOTE, handle_quote, impl->on_quote != NULL},
        {DUET_EVENT_SIGNAL, handle_signal, impl->on_signal != NULL}, // sized by the portfolio
        {DUET_EVENT_ORDER_STATUS, handle_status, impl->on_order != NULL},
        {DUET_EVENT_FILL, handle_fill, impl->on_fill != NULL},
        {DUET_EVENT_TIMER, handle_timer, impl->on_timer != NULL},
        {DUET_EVENT_FEATURE, handle_feature, impl->on_feature != NULL},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].is_wanted) {
            enum duet_status status =
                duet_bus_subscribe(run->bus, table[i].type, table[i].handler, run, &run->component, NULL);
            if (status != DUET_OK) {
                return status;
            }
        }
    }
    return DUET_OK;
}
