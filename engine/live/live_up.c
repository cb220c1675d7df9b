/*
 * Up, in order, each part leaning on those before it; and down in reverse. The feed is not here: it comes last, once
 * everything that could be told of market data is up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "data/tick_series.h"
#include "engine/live/alerts.h"
#include "engine/live/compute_process.h"
#include "engine/live/control.h"
#include "engine/live/gateway.h"
#include "engine/live/live_private.h"
#include "engine/live/live_signals.h"

static enum duet_status open_cast(struct live_run *run) {
    const struct duet_config *config = run->live.config;
    enum duet_status status = duet_plugin_open(config->strategy, &run->plugin);
    if (status != DUET_OK) {
        return status;
    }
    run->has_plugin = true;
    run->live.plugin = &run->plugin;
    status = duet_cast_open(config, NULL, NULL, &run->cast);
    if (status != DUET_OK) {
        return status;
    }
    run->series = duet_alloc(run->cast.count, sizeof(*run->series));
    for (size_t i = 0; i < run->cast.count; i++) {
        const struct duet_cast_series *item = &run->cast.items[i];
        if (run->live.live->feed_gateway && duet_series_is_ticks(item->series)) {
            return duet_error(DUET_EINVAL,
                "%s: files of trades and quotes play where the file is the feed; ahead of a gateway give bars",
                item->series->info.path);
        }
        run->series[i] = (struct duet_core_series){.instrument = item->series->instrument,
            .price_decimals = item->series->info.price_decimals,
            .interval_ns = item->series->interval_ns,
            .kind = item->series->info.kind,
            .primary = item->primary,
            .executes = item->executes};
        duet_text_copy(run->series[i].tz, sizeof(run->series[i].tz), item->series->info.tz);
    }
    run->live.series = run->series;
    run->live.series_count = (uint32_t)run->cast.count;
    return DUET_OK;
}

/** Journal, core, recovery. The file's clock comes before, since records are stamped from here on. */
static enum duet_status open_session(struct live_run *run) {
    struct duet_live *live = &run->live;
    enum duet_status status =
        duet_feed_file_create(live, &run->cast, live->live->feed_gateway ? 0 : live->live->speed, &live->feed_file);
    if (status != DUET_OK) {
        return status;
    }
    live->clock = live->live->feed_gateway ? &duet_clock_wall : duet_feed_file_clock(live->feed_file);
    struct duet_session_options options = {.config = live->config,
        .live = live->live,
        .plugin = &run->plugin,
        .instruments = &run->cast.instruments,
        .series = run->series,
        .series_count = (uint32_t)run->cast.count,
        .zone = run->cast.zone,
        .clock = live->clock,
        .log = &run->log};
    live_effects_set(run, &options);
    run->recent =
        duet_recent_create(&run->cast.instruments, run->series, (uint32_t)run->cast.count, DUET_FEATURE_BARS_MAX);
    return duet_session_open(&options, &live->session);
}

static enum duet_status open_loop(struct live_run *run) {
    struct duet_live *live = &run->live;
    enum duet_status status = duet_bus_create(&(struct duet_bus_options){.log = &run->log}, &run->bus);
    if (status == DUET_OK) {
        status = duet_loop_libevent_create(run->bus, NULL, &live->loop);
    }
    if (status == DUET_OK) {
        run->env = (struct duet_env){.bus = run->bus, .log = &run->log, .clock = &duet_clock_wall, .loop = live->loop};
        duet_loop_add(live->loop, duet_session_source(live->session));
    }
    return status;
}

/** Kept in the journal, for a person. */
static void keep_dead_letter(void *argument, const char *name, uint32_t attempts, const char *error) {
    struct live_run *run = argument;
    if (run->phase != LIVE_DOWN) {
        duet_session_dead_letter(run->live.session, name, attempts, error);
    }
}

/** Somebody has to look: what gave up does not come back by itself, and no new risk is taken without it. */
static void hear_supervisor(void *argument, const struct duet_component *component, uint32_t restarts, bool gave_up) {
    struct live_run *run = argument;
    char text[128];
    snprintf(text, sizeof(text), "%s %s (%u)", component->name, gave_up ? "stays down" : "was restarted", restarts);
    if (run->live.alerts != NULL) {
        duet_alerts_send(run->live.alerts, "restart", text);
    }
    if (gave_up && live_command(run, DUET_COMMAND_HALT, text) != DUET_OK) {
        duet_log_error(&run->log, "not-halted", "reason=%s", duet_error_text());
    }
}

static enum duet_status make_parts(struct live_run *run) {
    struct duet_live *live = &run->live;
    const struct duet_live_config *config = live->live;
    struct duet_offload_options offload = {.workers = (uint32_t)config->workers,
        .queue_max = (uint32_t)config->queue,
        .processes = config->process_pool ? (uint32_t)config->workers : 0,
        .stop_timeout_ns = config->stop_timeout_ms * 1000000,
        .log = &run->log,
        .dead_letter = keep_dead_letter,
        .argument = run};
    struct duet_supervisor_options supervisor = {
        .clock = &duet_clock_wall, .log = &run->log, .event = hear_supervisor, .argument = run};
    enum duet_status status = duet_offload_create(&offload, &live->offload);
    if (status == DUET_OK) {
        run->compute_function = duet_compute_register(live->offload, &run->plugin);
        status = duet_scheduler_create(&duet_clock_wall, &run->log, &live->scheduler);
    }
    if (status == DUET_OK) {
        status = duet_supervisor_create(&supervisor, &live->supervisor);
    }
    if (status == DUET_OK) {
        status = live_jobs_open(run);
    }
    return status;
}

static enum duet_status bring_up(struct live_run *run) {
    struct duet_live *live = &run->live;
    struct duet_component *const components[] = {duet_offload_component(live->offload),
        duet_scheduler_component(live->scheduler), duet_supervisor_component(live->supervisor)};
    const size_t count = sizeof(components) / sizeof(components[0]);
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < count; i++) {
        status = duet_stack_push(&run->stack, components[i]);
    }
    for (size_t i = 0; status == DUET_OK && i + 1 < count; i++) {
        status = duet_supervisor_watch(live->supervisor, components[i]);
    }
    if (status == DUET_OK) {
        run->stack_is_up = true;
        status = duet_stack_up(&run->stack, &run->env);
    }
    return status == DUET_PENDING ? DUET_OK : status; // the loop waits for it
}

static enum duet_status open_control(struct live_run *run) {
    struct duet_live *live = &run->live;
    enum duet_status status = duet_alerts_create(live, &live->alerts);
    if (status == DUET_OK && strcmp(live->live->api, "off") != 0) {
        status = duet_control_create(live, &live->control);
    }
    return status;
}

/** Last, since what a start takes is no lag of the loop. */
static enum duet_status begin_probe(struct live_run *run) {
    struct duet_live *live = &run->live;
    return duet_lag_create(live->loop, live->live->lag_probe_ms * 1000000, 0, &live->lag);
}

enum duet_status live_up(struct live_run *run) {
    enum duet_status (*const steps[])(struct live_run *) = {
        open_cast, open_session, open_loop, make_parts, bring_up, open_control, begin_probe};
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < sizeof(steps) / sizeof(steps[0]); i++) {
        status = steps[i](run);
        if (status == DUET_OK && duet_signals_stop() != 0) {
            status = duet_error(DUET_ESTATE, "stopped by a signal while starting; nothing was begun");
        }
    }
    return status;
}

/** From any state of live_up(). */
void live_down(struct live_run *run) {
    struct duet_live *live = &run->live;
    run->phase = LIVE_DOWN;
    live->stopping = true;
    duet_gateway_destroy(live->gateway);
    live->gateway = NULL;
    duet_control_destroy(live->control);
    live->control = NULL;
    duet_alerts_destroy(live->alerts);
    live->alerts = NULL;
    if (run->stack_is_up) {
        duet_stack_down(&run->stack);
    }
    live_jobs_close(run);
    duet_supervisor_destroy(live->supervisor);
    duet_scheduler_destroy(live->scheduler);
    bool left_behind = live->offload != NULL && duet_offload_abandoned(live->offload) > 0;
    duet_offload_destroy(live->offload);
    duet_lag_destroy(live->lag);
    if (live->loop != NULL && live->session != NULL) {
        duet_loop_remove(live->loop, duet_session_source(live->session));
    }
    duet_session_close(live->session);
    duet_recent_destroy(run->recent);
    duet_feed_file_destroy(live->feed_file);
    duet_loop_destroy(live->loop);
    duet_bus_destroy(run->bus);
    free(run->series);
    duet_cast_close(&run->cast);
    if (run->has_plugin && !left_behind) { // a thread may be in its code to the very end
        duet_plugin_close(&run->plugin);
    }
}
