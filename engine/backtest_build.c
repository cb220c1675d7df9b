/* What a backtest is made of, from its configuration, and brought up. */
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/backtest_private.h"
#include "engine/market.h"
#include "report/conventions/convention.h"

static void load_progress(void *argument, const char *path, uint64_t done, uint64_t total) {
    struct duet_backtest *backtest = argument;
    if (backtest->options.progress != NULL) {
        backtest->options.progress(backtest->options.argument, "load", done, total);
    }
}

static int64_t curve_day_end(const void *argument, int64_t ns, int64_t *day) {
    const struct duet_zone *zone = argument;
    int64_t local_ns = ns + duet_zone_offset_ns(zone, ns);
    *day = local_ns >= 0 ? local_ns / DUET_DAY_NS : -((-local_ns + DUET_DAY_NS - 1) / DUET_DAY_NS);
    return duet_zone_next_midnight_ns(zone, ns);
}

static void keep_decision(void *argument, const struct duet_order_event *request, int64_t now_ns) {
    struct duet_backtest *backtest = argument;
    duet_decisions_add(&backtest->decisions, request, now_ns, backtest->conductor.opening || backtest->over);
}

static enum duet_status build_market(struct duet_backtest *backtest) {
    const struct duet_config *config = backtest->config;
    const struct duet_instruments *instruments = &backtest->cast.instruments;
    struct duet_market_options options;
    enum duet_status status =
        duet_market_describe(config, instruments, backtest->cast.zone, backtest->options.log, &options);
    if (status == DUET_OK) {
        status = duet_bus_create(&options.bus, &backtest->bus);
    }
    if (status == DUET_OK && duet_backtest_wants_decisions(config)) {
        backtest->decisions.instruments = instruments;
        options.portfolio.on_decision = keep_decision;
        options.portfolio.argument = backtest;
    }
    if (status == DUET_OK) {
        status = duet_portfolio_create(&options.portfolio, backtest->bus, &backtest->portfolio);
    }
    if (status == DUET_OK) {
        options.venue.portfolio = backtest->portfolio;
        status = duet_venue_create(&options.venue, backtest->bus, &backtest->venue);
    }
    return status;
}

static enum duet_status build_players(struct duet_backtest *backtest) {
    const struct duet_cast *cast = &backtest->cast;
    backtest->players = duet_alloc(cast->count, sizeof(*backtest->players));
    backtest->host_series = duet_alloc(cast->count, sizeof(*backtest->host_series));
    for (size_t i = 0; i < cast->count; i++) {
        const struct duet_cast_series *item = &cast->items[i];
        struct duet_player *player = &backtest->players[i];
        *player = (struct duet_player){
            .series = item->series, .instrument = item->series->instrument, .executes = item->executes};
        enum duet_status status = duet_window_init(&player->window, DUET_MARKET_WINDOW_BARS, backtest->config->guard);
        if (status != DUET_OK) {
            return status;
        }
        backtest->host_series[i] = (struct duet_host_series){.instrument = player->instrument,
            .interval_ns = item->series->interval_ns,
            .primary = item->primary,
            .window = &player->window};
    }
    return duet_cast_make(cast, backtest->config, &backtest->made);
}

/** The conductor joins; nobody has to be woken. */
static void no_wake(void *argument) {}

/** Threads are made only for strategies that want them. */
static enum duet_status build_computer(struct duet_backtest *backtest) {
    const struct duet_config *config = backtest->config;
    if (backtest->plugin.impl->on_feature == NULL) {
        return DUET_OK;
    }
    if (config->offload_workers > 0) {
        const struct duet_offload_options options = {
            .workers = config->offload_workers < UINT32_MAX ? (uint32_t)config->offload_workers : UINT32_MAX,
            .log = backtest->options.log,
            .wake = no_wake};
        enum duet_status status = duet_offload_create(&options, &backtest->offload);
        if (status != DUET_OK) {
            return duet_error_prefix(status, "offload_workers");
        }
        status = duet_stack_push(&backtest->stack, duet_offload_component(backtest->offload));
        if (status != DUET_OK) {
            return status;
        }
    }
    backtest->computer = duet_computer_create(backtest->bus, backtest->offload);
    return DUET_OK;
}

static enum duet_status build_host(struct duet_backtest *backtest) {
    struct duet_host_options host = {.plugin = &backtest->plugin,
        .instruments = &backtest->cast.instruments,
        .portfolio = backtest->portfolio,
        .series = backtest->host_series,
        .series_count = backtest->cast.count,
        .made = backtest->made,
        .strategy = 0,
        .compute = backtest->computer != NULL ? duet_computer_ask : NULL,
        .argument = backtest->computer};
    return duet_market_create_host(backtest->config, &host, backtest->bus, &backtest->host);
}

enum duet_status duet_backtest_bring_up(struct duet_backtest *backtest) {
    backtest->clock = duet_clock_virtual(0);
    enum duet_status status = backtest->config->loop_libevent
                                  ? duet_loop_libevent_create(backtest->bus, &backtest->clock, &backtest->loop)
                                  : duet_loop_sync_create(backtest->bus, &backtest->loop);
    if (status != DUET_OK) {
        return status;
    }
    backtest->env = (struct duet_env){
        .bus = backtest->bus, .log = backtest->options.log, .clock = &backtest->clock, .loop = backtest->loop};
    struct duet_component *const components[] = {duet_portfolio_component(backtest->portfolio),
        duet_venue_component(backtest->venue), &backtest->recorder.component, duet_host_component(backtest->host)};
    for (size_t i = 0; status == DUET_OK && i < sizeof(components) / sizeof(components[0]); i++) {
        status = duet_stack_push(&backtest->stack, components[i]);
    }
    return status == DUET_OK ? duet_stack_up(&backtest->stack, &backtest->env) : status;
}

/** A live configuration may have series that only the market knows. */
static enum duet_status check_files(const struct duet_config *config) {
    for (size_t i = 0; i < config->data_count; i++) {
        if (duet_data_spec_is_gateway(&config->data[i])) {
            return duet_error(DUET_EINVAL, "data %s: path gateway is for `duet live`; say --data %s=FILE.csv",
                config->data[i].symbol, config->data[i].symbol);
        }
    }
    return DUET_OK;
}

enum duet_status duet_backtest_build(struct duet_backtest *backtest) {
    const struct duet_config *config = backtest->config;
    const struct duet_convention *convention = NULL;
    enum duet_status status = duet_config_check(config);
    if (status == DUET_OK) {
        status = duet_convention_find(config->statistics, &convention);
    }
    if (status == DUET_OK) {
        backtest->wants = convention->wants;
        status = check_files(config);
    }
    if (status == DUET_OK) {
        status = duet_plugin_open(config->strategy, &backtest->plugin);
    }
    if (status == DUET_OK) {
        status = duet_cast_open(config, load_progress, backtest, &backtest->cast);
    }
    if (status == DUET_OK) {
        status = duet_benchmark_open(config, &backtest->cast, &backtest->benchmark);
    }
    if (status == DUET_OK && config->report != NULL) {
        status = duet_make_folders(config->report);
    }
    if (status == DUET_OK) {
        status = build_market(backtest);
    }
    if (status == DUET_OK) {
        status = build_players(backtest);
    }
    if (status == DUET_OK) {
        status = build_computer(backtest);
    }
    if (status == DUET_OK) {
        status = build_host(backtest);
    }
    if (status == DUET_OK) {
        duet_curve_init(&backtest->curve, config->cash, curve_day_end, backtest->cast.zone);
        duet_holder_init(&backtest->holder, &backtest->cast.instruments, &config->costs, config->cash);
        status = duet_recorder_init(
            &backtest->recorder, config, backtest->portfolio, &backtest->cast.instruments, &backtest->curve);
        backtest->recorder.tape = backtest->wants == DUET_WANTS_NOTHING ? NULL : &backtest->tape;
    }
    return status;
}
