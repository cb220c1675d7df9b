/* The engine's half of the verbs in <duet/strategy.h>; orders and views have files of their own. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/host_private.h"

#define TEXT_MAX 400

/* ---- saying things ---- */

static enum duet_status verb_fail(struct duet_context *ctx, enum duet_status status, const char *format, ...) {
    struct duet_host_run *run = host_context_of(ctx)->run;
    char text[TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    text[strcspn(text, "\n")] = '\0'; // one line
    run->failed = true;
    if (host_is_live(run)) {
        duet_log_error(run->log, "strategy-failure", "strategy=%s text=%s", run->impl->name, text);
    }
    return duet_error(status, "strategy %s: %s", run->impl->name, text);
}

static void verb_log(struct duet_context *ctx, enum duet_log_level level, const char *format, ...) {
    const struct host_context *context = host_context_of(ctx);
    char text[TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    bool known = level >= DUET_LOG_ERROR && level <= DUET_LOG_DEBUG;
    enum duet_log_severity severity = known ? (enum duet_log_severity)level : DUET_SEVERITY_DEBUG;
    duet_log_write(context->run->log, severity, "strategy", "name=%s symbol=%s text=%s", context->run->impl->name,
        host_has_instrument(context) ? host_instrument(context)->symbol : "*", text);
}

/** A mistake of the plugin that has no order to be denied: an ERROR event and a line. */
void duet_host_complain(struct host_context *context, const char *message) {
    struct duet_host_run *run = context->run;
    duet_log_error(run->log, "strategy-misuse", "strategy=%s text=%s", run->impl->name, message);
    struct duet_event event = {.type = DUET_EVENT_ERROR};
    event.error.size = sizeof(event.error);
    event.error.error_type = DUET_EINVAL;
    duet_text_copy(event.error.component, sizeof(event.error.component), run->name);
    duet_text_copy(event.error.message, sizeof(event.error.message), message);
    (void)duet_bus_publish(run->bus, &event);
}

/* ---- asking in init ---- */

static struct duet_context *verb_on(struct duet_context *ctx, uint32_t instrument) {
    struct host_context *context = host_context_of(ctx);
    struct duet_host_run *run = context->run;
    if (instrument >= run->instrument_count) {
        return NULL;
    }
    struct host_context *other = &run->contexts[instrument];
    duet_host_refresh(other, ctx->now_ns);
    return &other->public;
}

/** First and last context that something asked of this one is meant for: itself, or in DUET_ALL every instrument. */
static void asked_range(const struct host_context *context, uint32_t *first, uint32_t *end) {
    bool is_all = context->run->impl->scope == DUET_ALL;
    *first = is_all ? 0 : context->public.instrument;
    *end = is_all ? context->run->instrument_count : *first + 1;
}

static enum duet_status verb_warm_up(struct duet_context *ctx, int64_t bars) {
    struct host_context *context = host_context_of(ctx);
    struct duet_host_run *run = context->run;
    if (run->phase != HOST_INIT) {
        return verb_fail(ctx, DUET_ESTATE, "duet_warm_up() belongs in init");
    }
    if (bars < 0) {
        return verb_fail(ctx, DUET_EINVAL, "duet_warm_up(%lld): not negative", (long long)bars);
    }
    uint32_t first, end;
    asked_range(context, &first, &end);
    for (uint32_t i = first; i < end; i++) {
        if (run->contexts[i].warm_up_bars < bars) {
            run->contexts[i].warm_up_bars = bars;
        }
    }
    duet_host_recount(run);
    return DUET_OK;
}

/** A series that is given, else one that is made. */
static enum duet_status subscribe_one(struct duet_host_run *run, uint32_t instrument, int64_t bars) {
    for (size_t i = 0; i < run->options.series_count; i++) {
        if (run->options.series[i].instrument == instrument && run->options.series[i].interval_ns == bars) {
            run->wanted[i] = true;
            return DUET_OK;
        }
    }
    if (run->options.made == NULL) {
        return duet_error(DUET_ENOTFOUND, "no such bars, and none are made here");
    }
    struct duet_made_series *item;
    enum duet_status status = duet_made_add(run->options.made, instrument, bars, &item);
    if (status == DUET_OK) {
        item->wanted = true;
    }
    return status;
}

static enum duet_status verb_subscribe(struct duet_context *ctx, int64_t interval_ns) {
    struct host_context *context = host_context_of(ctx);
    struct duet_host_run *run = context->run;
    if (run->phase != HOST_INIT) {
        return verb_fail(ctx, DUET_ESTATE, "duet_subscribe() belongs in init");
    }
    uint32_t first = ctx->instrument, end = first + 1;
    if (!host_has_instrument(context)) {
        asked_range(context, &first, &end);
    }
    bool found = false;
    enum duet_status status = DUET_OK;
    for (uint32_t i = first; i < end; i++) {
        status = subscribe_one(run, i, interval_ns);
        found |= status == DUET_OK;
    }
    if (!found) {
        // Not verb_fail(): a strategy may well go on without.
        run->refused = status;
        return duet_error_prefix(status, "strategy %s: %s", run->impl->name,
            host_has_instrument(context) ? host_instrument(context)->symbol : "any instrument");
    }
    return DUET_OK;
}

static void verb_protect_entries(struct duet_context *ctx, double stop_fraction) {
    struct host_context *context = host_context_of(ctx);
    struct duet_host_run *run = context->run;
    if (!(stop_fraction >= 0 && stop_fraction < 1)) {
        (void)verb_fail(ctx, DUET_EINVAL, "duet_protect_entries(%g): a fraction from 0 to below 1", stop_fraction);
        run->misused = true;
        return;
    }
    uint32_t first = ctx->instrument, end = first + 1;
    if (!host_has_instrument(context)) {
        asked_range(context, &first, &end);
    }
    for (uint32_t i = first; i < end; i++) {
        run->contexts[i].stop_fraction = stop_fraction;
        if (host_is_live(run)) { // else when it starts
            duet_portfolio_protect(run->options.portfolio, run->options.strategy, i, stop_fraction);
        }
    }
}

/* ---- timers, signals ---- */

static uint64_t verb_timer(struct duet_context *ctx, int64_t due_ns, int64_t period_ns, uint64_t cookie) {
    struct host_context *context = host_context_of(ctx);
    if (!host_is_live(context->run)) {
        duet_host_complain(context, "timers begin in on_start, not in init");
        return 0;
    }
    uint64_t timer = duet_host_timer_add(context, due_ns, period_ns, cookie);
    if (timer == 0) {
        duet_host_complain(context, "no room for another timer");
    }
    return timer;
}

static enum duet_status verb_timer_cancel(struct duet_context *ctx, uint64_t timer) {
    return duet_host_timer_cancel(host_context_of(ctx)->run, timer);
}

static void verb_signal(struct duet_context *ctx, int direction, double strength, const char *reason) {
    struct host_context *context = host_context_of(ctx);
    if (!(strength >= 0 && strength <= 1)) {
        duet_host_complain(context, "a signal's strength is from 0 to 1");
        return;
    }
    double wanted = direction > 0 ? strength : direction < 0 ? -strength : 0;
    if (duet_host_is_flat_already(context, wanted) ||
        !duet_host_may_order(context, DUET_MARKET, copysign(0.0, wanted), 0, reason)) {
        return;
    }
    struct duet_event event = {.type = DUET_EVENT_SIGNAL};
    event.signal = (struct duet_signal){.size = sizeof(event.signal),
        .instrument = ctx->instrument,
        .strategy = context->run->options.strategy,
        .direction = (direction > 0) - (direction < 0),
        .strength = strength};
    duet_text_copy(event.signal.reason, sizeof(event.signal.reason), reason != NULL ? reason : "");
    (void)duet_bus_publish(context->run->bus, &event); // refused: the bus says so in an ERROR event
}

const struct duet_host duet_host_table = {
    .size = sizeof(struct duet_host),
    .abi = DUET_STRATEGY_ABI,
    .fail = verb_fail,
    .log = verb_log,
    .on = verb_on,
    .warm_up = verb_warm_up,
    .subscribe = verb_subscribe,
    .protect_entries = verb_protect_entries,
    .target = duet_verb_target,
    .target_percent = duet_verb_target_percent,
    .rebalance = duet_verb_rebalance,
    .trade = duet_verb_trade,
    .order = duet_verb_order,
    .cancel = duet_verb_cancel,
    .cancel_all = duet_verb_cancel_all,
    .replace = duet_verb_replace,
    .close = duet_verb_close,
    .timer = verb_timer,
    .timer_cancel = verb_timer_cancel,
    .signal = verb_signal,
    .history = duet_verb_history,
    .latest = duet_verb_latest,
    .position = duet_verb_position,
    .account = duet_verb_account,
    .instrument = duet_verb_instrument,
    .find = duet_verb_find,
    .random = duet_verb_random,
    .compute = duet_verb_compute,
};
