/* One strategy in one run: its states, contexts and lifecycle. */
#include "engine/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/host_private.h"

static void *state_at(const struct duet_host_run *run, size_t index) {
    return run->states + index * run->state_stride;
}

/** The context that belongs to a state. */
static struct host_context *state_context(struct duet_host_run *run, size_t index) {
    return run->impl->scope == DUET_ALL ? host_all(run) : &run->contexts[index];
}

enum duet_status duet_host_set_params(const struct duet_host_options *options, void *state) {
    const struct duet_strategy_impl *impl = options->plugin->impl;
    duet_plugin_set_defaults(impl, state);
    for (size_t i = 0; i < options->param_count; i++) {
        enum duet_status status = duet_plugin_set_param(impl, state, options->param_names[i], options->param_values[i]);
        if (status != DUET_OK) {
            return status;
        }
    }
    return DUET_OK;
}

/** Everything that init begins with: zeroed states with parameters, nothing seen, nothing asked for. */
static enum duet_status begin_anew(struct duet_host_run *run) {
    duet_host_timers_clear(run);
    run->timers_made = 0;
    duet_host_computations_clear(run);
    run->computations_made = 0;
    run->failed = run->misused = run->is_broken = run->is_history = false;
    run->refused = DUET_OK;
    run->deferred_count = 0;
    duet_rng_seed(&run->rng, duet_hash_mix(run->options.seed ^ DUET_HASH_SEED, (uint64_t)run->options.strategy + 1));
    for (size_t i = 0; i < run->options.series_count; i++) {
        run->wanted[i] = run->options.series[i].primary;
    }
    for (uint32_t i = 0; run->options.made != NULL && i < run->options.made->count; i++) {
        struct duet_made_series *item = run->options.made->items[i];
        item->wanted = item->host.primary;
    }
    for (uint32_t i = 0; i <= run->instrument_count; i++) {
        struct host_context *context = &run->contexts[i];
        context->warm_up_bars = context->bars = 0;
        context->stop_fraction = 0;
        context->public.is_warm = 0;
        context->public.now_ns = duet_bus_now_ns(run->bus);
    }
    duet_host_recount(run);
    memset(run->states, 0, run->state_stride * run->state_count);
    for (size_t i = 0; i < run->state_count; i++) {
        enum duet_status status = duet_host_set_params(&run->options, state_at(run, i));
        if (status != DUET_OK) {
            return status;
        }
    }
    return DUET_OK;
}

/** A failing callback ends the run; where the plugin left no line, one is made. */
static enum duet_status explain(struct duet_host_run *run, enum duet_status status, const char *callback) {
    if (status == DUET_OK && run->misused) {
        return DUET_EINVAL;
    }
    if (status == DUET_OK || run->failed || status == run->refused) {
        return status;
    }
    return duet_error(status, "strategy %s: %s: %s", run->impl->name, callback, duet_status_text(status));
}

/** A pending start makes no sense for a plugin; any foreign value is a failure too. */
static enum duet_status outcome(enum duet_status status) {
    return status <= DUET_OK ? status : DUET_EINVAL;
}

static enum duet_status init_plugin(struct duet_host_run *run) {
    enum duet_status status = DUET_OK;
    run->phase = HOST_INIT;
    for (size_t i = 0; run->impl->init != NULL && status == DUET_OK && i < run->state_count; i++) {
        struct host_context *context = state_context(run, i);
        host_enter_alone(context, "init");
        status = outcome(run->impl->init(&context->public, context->state));
        host_leave_alone(context);
        status = explain(run, status, "init");
    }
    run->phase = HOST_READY;
    return status;
}

/** What was waited for can be looked at: windows keep at least the bars of the warm-up. */
static void keep_history(const struct duet_host_run *run) {
    for (uint32_t i = 0; i < run->instrument_count; i++) {
        const struct host_context *context = &run->contexts[i];
        if (context->primary != NULL && context->primary->window != NULL && context->warm_up_bars > 0) {
            size_t count;
            (void)duet_window_slice(context->primary->window, (size_t)context->warm_up_bars, &count);
        }
    }
}

static struct duet_host_run *run_of(struct duet_component *component) {
    return duet_container_of(component, struct duet_host_run, component);
}

static void free_states(struct duet_host_run *run) {
    free(run->states);
    run->states = NULL;
    run->phase = HOST_DOWN;
}

static enum duet_status host_init(struct duet_component *component) {
    struct duet_host_run *run = run_of(component);
    run->log = component->env->log;
    run->initial_cash = duet_portfolio_cash(run->options.portfolio);
    size_t bytes = run->state_stride * run->state_count;
    run->states = aligned_alloc(DUET_STATE_ALIGNMENT, bytes);
    if (run->states == NULL) {
        return duet_error(DUET_ENOMEM, "strategy %s: no memory for %zu states of %zu bytes", run->impl->name,
            run->state_count, run->state_stride);
    }
    for (uint32_t i = 0; i <= run->instrument_count; i++) {
        run->contexts[i].state = state_at(run, run->impl->scope == DUET_ALL || i == run->instrument_count ? 0 : i);
    }
    enum duet_status status = begin_anew(run);
    if (status == DUET_OK) {
        status = init_plugin(run);
    }
    if (status == DUET_OK) {
        keep_history(run);
        status = duet_host_subscribe_all(run);
    }
    if (status != DUET_OK) {
        free_states(run);
    }
    return status;
}

static enum duet_status host_start(struct duet_component *component) {
    struct duet_host_run *run = run_of(component);
    if (run->is_broken) {
        return duet_error(DUET_ESTATE, "strategy %s: could not be reset; tear it down first", run->impl->name);
    }
    run->failed = false;
    run->phase = HOST_STARTING;
    for (uint32_t i = 0; i < run->instrument_count; i++) {
        if (run->contexts[i].stop_fraction > 0) {
            duet_portfolio_protect(run->options.portfolio, run->options.strategy, i, run->contexts[i].stop_fraction);
        }
    }
    enum duet_status status = DUET_OK;
    for (size_t i = 0; run->impl->on_start != NULL && status == DUET_OK && i < run->state_count; i++) {
        struct host_context *context = state_context(run, i);
        duet_host_refresh(context, duet_bus_now_ns(run->bus));
        host_enter_alone(context, "on_start");
        status = outcome(run->impl->on_start(&context->public, context->state));
        host_leave_alone(context);
        status = explain(run, status, "on_start");
        duet_host_deliver_deferred(run);
    }
    run->phase = status == DUET_OK ? HOST_RUNNING : HOST_READY;
    return status;
}

static void host_stop(struct duet_component *component) {
    struct duet_host_run *run = run_of(component);
    if (run->phase == HOST_RUNNING && run->impl->on_stop != NULL) {
        run->phase = HOST_STOPPING;
        for (size_t i = 0; i < run->state_count; i++) {
            struct host_context *context = state_context(run, i);
            duet_host_refresh(context, duet_bus_now_ns(run->bus));
            host_enter_alone(context, "on_stop");
            run->impl->on_stop(&context->public, context->state);
            host_leave_alone(context);
        }
    }
    run->phase = HOST_READY;
    duet_host_timers_clear(run); // computations stay: who asked is told when it runs again
}

static void host_reset(struct duet_component *component) {
    struct duet_host_run *run = run_of(component);
    enum duet_status status = begin_anew(run);
    if (status == DUET_OK) {
        status = init_plugin(run);
    }
    if (status != DUET_OK) {
        // It went well the first time, so the plugin remembers something outside of its state.
        run->is_broken = true;
        duet_log_error(run->log, "strategy-reset", "strategy=%s text=%s", run->impl->name, duet_error_text());
    }
}

static void host_teardown(struct duet_component *component) {
    struct duet_host_run *run = run_of(component);
    duet_host_timers_clear(run);
    free_states(run);
}

static const struct duet_component_impl host_impl = {
    .size = sizeof(struct duet_component_impl),
    .type = "strategy",
    .init = host_init,
    .start = host_start,
    .stop = host_stop,
    .reset = host_reset,
    .teardown = host_teardown,
    .needs = {{.type = "portfolio"}},
};

/** The caller's arrays need not outlive create, and init and reset come later. */
static void copy_params(struct duet_host_run *run, const struct duet_host_options *options) {
    run->param_texts = duet_alloc(2 * options->param_count + 1, sizeof(*run->param_texts));
    for (size_t i = 0; i < options->param_count; i++) {
        run->param_texts[i] = duet_strdup(options->param_names[i]);
        run->param_texts[options->param_count + i] = duet_strdup(options->param_values[i]);
    }
    run->options.param_names = (const char *const *)run->param_texts;
    run->options.param_values = (const char *const *)run->param_texts + options->param_count;
}

static void set_up_contexts(struct duet_host_run *run) {
    for (uint32_t i = 0; i <= run->instrument_count; i++) {
        struct host_context *context = &run->contexts[i];
        context->run = run;
        context->public = (struct duet_context){.size = sizeof(struct duet_context),
            .instrument = i < run->instrument_count ? i : DUET_NO_INSTRUMENT,
            .host = &duet_host_table,
            .instrument_count = run->instrument_count};
    }
    size_t given = run->options.series_count;
    size_t count = given + (run->options.made != NULL ? run->options.made->count : 0);
    for (size_t i = 0; i < count; i++) {
        const struct duet_host_series *series =
            i < given ? &run->options.series[i] : &run->options.made->items[i - given]->host;
        DUET_ASSERT(series->instrument < run->instrument_count);
        if (series->primary) {
            run->contexts[series->instrument].primary = series;
            run->contexts[series->instrument].primary_interval_ns = series->interval_ns;
        }
    }
}

const struct duet_host_series *duet_host_find_series(
    const struct duet_host_run *run, uint32_t instrument, int64_t interval_ns) {
    for (size_t i = 0; i < run->options.series_count; i++) {
        const struct duet_host_series *series = &run->options.series[i];
        if (series->instrument == instrument && series->interval_ns == interval_ns) {
            return series;
        }
    }
    const struct duet_made_series *item =
        run->options.made != NULL ? duet_made_find(run->options.made, instrument, interval_ns) : NULL;
    return item != NULL ? &item->host : NULL;
}

enum duet_status duet_host_create(
    const struct duet_host_options *options, struct duet_bus *bus, struct duet_host_run **out) {
    DUET_ASSERT(options->plugin->impl != NULL);
    DUET_ASSERT(options->instruments->count > 0);
    DUET_ASSERT(bus != NULL);
    struct duet_host_run *run = duet_alloc(1, sizeof(*run));
    run->options = *options;
    copy_params(run, options);
    run->impl = options->plugin->impl;
    run->bus = bus;
    run->instrument_count = options->instruments->count;
    run->contexts = duet_alloc((size_t)run->instrument_count + 1, sizeof(*run->contexts));
    run->wanted = duet_alloc(options->series_count + 1, sizeof(*run->wanted));
    run->state_count = run->impl->scope == DUET_ALL ? 1 : run->instrument_count;
    size_t size = run->impl->state_size > 0 ? run->impl->state_size : 1;
    run->state_stride = (size + DUET_STATE_ALIGNMENT - 1) / DUET_STATE_ALIGNMENT * DUET_STATE_ALIGNMENT;
    if (options->strategy == 0) {
        snprintf(run->name, sizeof(run->name), "%s", run->impl->name);
    } else {
        snprintf(run->name, sizeof(run->name), "%s.%u", run->impl->name, options->strategy);
    }
    run->component = (struct duet_component){.impl = &host_impl, .name = run->name};
    set_up_contexts(run);
    *out = run;
    return DUET_OK;
}

void duet_host_destroy(struct duet_host_run *host) {
    if (host == NULL) {
        return;
    }
    for (size_t i = 0; i < 2 * host->options.param_count; i++) {
        free(host->param_texts[i]);
    }
    free(host->param_texts);
    free(host->states);
    free(host->deferred);
    free(host->wanted);
    free(host->contexts);
    free(host);
}

struct duet_component *duet_host_component(struct duet_host_run *host) {
    return &host->component;
}

int64_t duet_host_warm_up_bars(const struct duet_host_run *host) {
    return host->warm_up_bars;
}

int64_t duet_host_warm_up_left(const struct duet_host_run *host, uint32_t instrument) {
    DUET_ASSERT(instrument < host->instrument_count);
    const struct host_context *context = &host->contexts[instrument];
    return context->bars < context->warm_up_bars ? context->warm_up_bars - context->bars : 0;
}

void duet_host_set_history(struct duet_host_run *host, bool history) {
    host->is_history = history;
    for (uint32_t i = 0; history && i <= host->instrument_count; i++) {
        host->contexts[i].public.is_warm = 0;
    }
}

bool duet_host_wants(const struct duet_host_run *host, size_t series_index) {
    DUET_ASSERT(series_index < host->options.series_count);
    return host->wanted[series_index];
}

bool duet_host_wants_instants(const struct duet_host_run *host) {
    return host->impl->on_instant != NULL;
}

const void *duet_host_states(const struct duet_host_run *host, size_t *size) {
    *size = host->states == NULL ? 0 : host->state_stride * host->state_count;
    return host->states;
}
