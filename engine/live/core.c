#include "engine/live/core_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "broker/desk.h"

/* ------------------------------------------------------------------------------------------------------ inputs */

void duet_core_admit(struct duet_core *core, const struct duet_input *input, enum duet_event_type type) {
    struct duet_event event = {.type = (uint16_t)type};
    event.custom.size = sizeof(event.custom);
    event.custom.tag = input->kind;
    size_t size = input->size < sizeof(event.custom.data) ? input->size : sizeof(event.custom.data);
    if (size > 0) {
        memcpy(event.custom.data, input->bytes, size);
    }
    duet_bus_admit(core->bus, &event, input->time_ns);
}

static void take_nothing(struct duet_core *core, const struct duet_input *input) {}

static void take_stop(struct duet_core *core, const struct duet_input *input) {
    duet_component_stop(duet_host_component(core->host));
    core->stopped = true;
}

/** What becomes of each kind: looked at whole first, so that what is refused has changed nothing. */
static const struct {
    enum duet_status (*check)(const struct duet_core *core, const struct duet_input *input);
    void (*take)(struct duet_core *core, const struct duet_input *input);
} kinds[] = {
    [DUET_INPUT_SESSION] = {NULL, take_nothing},
    [DUET_INPUT_RESTART] = {NULL, duet_core_take_restart},
    [DUET_INPUT_INSTANT] = {duet_core_check_instant, duet_core_take_instant},
    [DUET_INPUT_TIME] = {NULL, duet_core_take_time},
    [DUET_INPUT_TRADE] = {duet_core_check_trade, duet_core_take_trade},
    [DUET_INPUT_QUOTE] = {duet_core_check_quote, duet_core_take_quote},
    [DUET_INPUT_REPORT] = {duet_core_check_report, duet_core_take_report},
    [DUET_INPUT_COMMAND] = {NULL, duet_core_take_command},
    [DUET_INPUT_CONNECTION] = {NULL, duet_core_take_connection},
    [DUET_INPUT_STALE] = {duet_core_check_stale, duet_core_take_stale},
    [DUET_INPUT_RESULT] = {NULL, duet_core_take_result},
    [DUET_INPUT_DROPPED] = {NULL, duet_core_take_dropped},
    [DUET_INPUT_RECONCILED] = {duet_core_check_reconciled, duet_core_take_reconciled},
    [DUET_INPUT_CONFIG] = {duet_core_check_config, duet_core_take_config},
    [DUET_INPUT_STOP] = {NULL, take_stop},
    [DUET_INPUT_END] = {NULL, duet_core_take_end},
};

static enum duet_status check_input(const struct duet_core *core, const struct duet_input *input) {
    enum duet_status status = duet_input_check(input);
    if (status == DUET_OK && (input->time_ns >= INT64_MAX / 2 || input->time_ns <= -(INT64_MAX / 2))) {
        status = duet_error(DUET_EDATA, "input %" PRIu64 ": a stamp that cannot be", input->number);
    }
    if (status == DUET_OK && core->stopped && input->kind != DUET_INPUT_RESTART) {
        status = duet_error(DUET_EDATA, "input %" PRIu64 ", %s: the session was stopped; only a RESTART can follow",
            input->number, duet_input_kind_name(input->kind));
    }
    if (status == DUET_OK && kinds[input->kind].check != NULL) {
        status = kinds[input->kind].check(core, input);
    }
    return status;
}

enum duet_status duet_core_fault(const struct duet_core *core) {
    enum duet_status status = core->failure != DUET_OK ? core->failure : duet_bus_fault(core->bus);
    for (size_t i = 0; status == DUET_OK && i < core->stack.count; i++) {
        const struct duet_component *component = core->stack.items[i];
        if (component->state == DUET_COMPONENT_FAULTED) {
            status = duet_error(DUET_ESTATE, "%s has failed; the log says why", component->name);
        }
    }
    return status;
}

enum duet_status duet_core_take(struct duet_core *core, const struct duet_input *input) {
    core->first_sequence = core->last_sequence = 0;
    enum duet_status status = check_input(core, input);
    if (status != DUET_OK) {
        return status;
    }
    duet_core_hand_over_early(core);
    kinds[input->kind].take(core, input);
    return duet_core_fault(core);
}

/* -------------------------------------------------------------------------------------------------- life: parts */

static void core_send(void *argument, const struct duet_event *event) {
    duet_core_effect(argument, &(struct duet_effect){.kind = DUET_EFFECT_SEND, .event = event});
}

static void core_query(void *argument, uint64_t order_id) {
    duet_core_effect(argument, &(struct duet_effect){.kind = DUET_EFFECT_QUERY, .order_id = order_id});
}

static void core_compute(void *argument, const struct duet_compute_request *request) {
    duet_core_effect(argument, &(struct duet_effect){.kind = DUET_EFFECT_COMPUTE, .compute = request});
}

static enum duet_status build_broker(struct duet_core *core, struct duet_venue_options *venue) {
    if (!core->live->broker_gateway) {
        venue->portfolio = core->portfolio;
        return duet_venue_create(venue, core->bus, &core->venue);
    }
    struct duet_desk_options desk = {.instruments = core->options.instruments,
        .portfolio = core->portfolio,
        .send = core_send,
        .query = core_query,
        .argument = core};
    return duet_desk_create(&desk, core->bus, &core->desk);
}

static enum duet_status build_monitor(struct duet_core *core) {
    const struct duet_live_config *live = core->live;
    if (live->monitor_s == 0) {
        return DUET_OK;
    }
    struct duet_monitor_options options = {.period_ns = live->monitor_s * DUET_SECOND_NS,
        .stop_loss = live->stop_loss,
        .take_profit = live->take_profit,
        .trailing = live->trailing,
        .max_age_ns = live->max_age_s * DUET_SECOND_NS,
        .instruments = core->options.instruments,
        .portfolio = core->portfolio};
    return duet_monitor_create(&options, core->bus, &core->monitor);
}

static enum duet_status build_series(struct duet_core *core) {
    const struct duet_core_options *options = &core->options;
    uint32_t instruments = options->instruments->count, count = options->series_count;
    core->series = duet_alloc(count, sizeof(*core->series));
    core->host_series = duet_alloc(count, sizeof(*core->host_series));
    core->closing = duet_alloc(count, sizeof(*core->closing));
    core->events = duet_alloc(count > instruments ? count : instruments, sizeof(*core->events));
    core->executing = duet_alloc(instruments, sizeof(*core->executing));
    core->stale_series = duet_alloc(instruments, sizeof(*core->stale_series));
    core->marked_ns = duet_alloc(instruments, sizeof(*core->marked_ns));
    for (uint32_t i = 0; i < instruments; i++) {
        core->executing[i] = UINT32_MAX;
        core->marked_ns[i] = INT64_MIN;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct duet_core_series *given = &options->series[i];
        DUET_ASSERT(given->instrument < instruments);
        core->series[i].last_close_ns = INT64_MIN;
        enum duet_status status =
            duet_window_init(&core->series[i].window, DUET_MARKET_WINDOW_BARS, options->config->guard);
        if (status != DUET_OK) {
            return status;
        }
        core->host_series[i] = (struct duet_host_series){.instrument = given->instrument,
            .interval_ns = given->interval_ns,
            .primary = given->primary,
            .window = &core->series[i].window};
        if (given->executes) {
            core->executing[given->instrument] = i;
        }
    }
    return DUET_OK;
}

static enum duet_status build_made(struct duet_core *core) {
    const struct duet_core_options *options = &core->options;
    struct duet_made_source *sources = duet_alloc(options->series_count, sizeof(*sources));
    core->zones = duet_alloc(options->series_count, sizeof(struct duet_zone *));
    enum duet_status status = DUET_OK;
    for (uint32_t i = 0; status == DUET_OK && i < options->series_count; i++) {
        const struct duet_core_series *given = &options->series[i];
        status = duet_zone_open(given->tz[0] != '\0' ? given->tz : "UTC", &core->zones[i]);
        sources[i] = (struct duet_made_source){.instrument = given->instrument,
            .interval_ns = given->interval_ns,
            .price_decimals = given->price_decimals,
            .quantity_decimals = options->instruments->items[given->instrument].quantity_decimals,
            .is_quotes = given->kind == DUET_KIND_QUOTES,
            .zone = core->zones[i]};
    }
    if (status == DUET_OK) {
        core->made = duet_made_create(options->instruments, sources, options->series_count, options->config->guard);
        status = duet_made_configure(core->made, options->config);
    }
    free(sources);
    return status;
}

static enum duet_status build(struct duet_core *core) {
    const struct duet_core_options *options = &core->options;
    struct duet_market_options market;
    enum duet_status status =
        duet_market_describe(options->config, options->instruments, options->zone, options->log, &market);
    if (status == DUET_OK) {
        status = duet_bus_create(&market.bus, &core->bus);
    }
    if (status == DUET_OK) {
        status = duet_portfolio_create(&market.portfolio, core->bus, &core->portfolio);
    }
    if (status == DUET_OK) {
        status = build_broker(core, &market.venue);
    }
    if (status == DUET_OK) {
        status = build_monitor(core);
    }
    if (status == DUET_OK) {
        status = build_series(core);
    }
    if (status == DUET_OK) {
        status = build_made(core);
    }
    if (status == DUET_OK) {
        struct duet_host_options host = {.plugin = options->plugin,
            .instruments = options->instruments,
            .portfolio = core->portfolio,
            .series = core->host_series,
            .series_count = options->series_count,
            .made = core->made,
            .strategy = 0,
            .compute = core_compute,
            .argument = core};
        status = duet_market_create_host(options->config, &host, core->bus, &core->host);
    }
    return status;
}

static enum duet_status bring_up(struct duet_core *core) {
    core->clock = duet_clock_virtual(0);
    core->env = (struct duet_env){.bus = core->bus, .log = core->options.log, .clock = &core->clock};
    struct duet_component *const components[] = {duet_portfolio_component(core->portfolio),
        core->venue != NULL ? duet_venue_component(core->venue) : duet_desk_component(core->desk),
        core->monitor != NULL ? duet_monitor_component(core->monitor) : NULL, duet_host_component(core->host)};
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < sizeof(components) / sizeof(components[0]); i++) {
        if (components[i] != NULL) {
            status = duet_stack_push(&core->stack, components[i]);
        }
    }
    return status == DUET_OK ? duet_stack_up(&core->stack, &core->env) : status;
}

/* --------------------------------------------------------------------------------------------------------- life */

enum duet_status duet_core_create(const struct duet_core_options *options, struct duet_core **out) {
    DUET_ASSERT(options->series_count > 0 && options->instruments->count > 0);
    struct duet_core *core = duet_alloc(1, sizeof(*core));
    core->options = *options;
    duet_live_config_init(&core->defaults);
    core->live = options->config->live != NULL ? options->config->live : &core->defaults;
    core->last_instant_ns = core->logical_ns = INT64_MIN;
    core->creating = true;
    enum duet_status status = build(core);
    if (status == DUET_OK) {
        duet_bus_tap(core->bus, duet_core_tap, core);
        duet_core_begin_trading(core);
        status = bring_up(core);
    }
    if (status == DUET_OK) {
        status = duet_core_fault(core);
    }
    core->creating = false;
    if (status != DUET_OK) {
        duet_core_destroy(core);
        return status;
    }
    core->wants_instants = duet_host_wants_instants(core->host);
    for (uint32_t i = 0; i < options->series_count; i++) {
        core->series[i].wanted = duet_host_wants(core->host, i);
    }
    *out = core;
    return DUET_OK;
}

void duet_core_destroy(struct duet_core *core) {
    if (core == NULL) {
        return;
    }
    core->quiet = true;
    duet_stack_down(&core->stack);
    duet_core_forget_early(core);
    free(core->early);
    duet_host_destroy(core->host);
    duet_made_destroy(core->made);
    for (uint32_t i = 0; core->zones != NULL && i < core->options.series_count; i++) {
        duet_zone_close(core->zones[i]);
    }
    free(core->zones);
    duet_monitor_destroy(core->monitor);
    duet_desk_destroy(core->desk);
    duet_venue_destroy(core->venue);
    duet_portfolio_destroy(core->portfolio);
    duet_bus_destroy(core->bus);
    for (uint32_t i = 0; core->series != NULL && i < core->options.series_count; i++) {
        duet_window_finish(&core->series[i].window);
    }
    free(core->series);
    free(core->host_series);
    free(core->closing);
    free(core->events);
    free(core->executing);
    free(core->stale_series);
    free(core->marked_ns);
    duet_live_config_finish(&core->defaults);
    free(core);
}

/* -------------------------------------------------------------------------------------------------------- views */

void duet_core_sequences(const struct duet_core *core, uint64_t *first, uint64_t *last) {
    *first = core->first_sequence;
    *last = core->last_sequence;
}

struct duet_portfolio *duet_core_portfolio(const struct duet_core *core) {
    return core->portfolio;
}

struct duet_desk *duet_core_desk(const struct duet_core *core) {
    return core->desk;
}

struct duet_bus *duet_core_bus(const struct duet_core *core) {
    return core->bus;
}

struct duet_host_run *duet_core_host(const struct duet_core *core) {
    return core->host;
}

const struct duet_made *duet_core_made(const struct duet_core *core) {
    return core->made;
}

const struct duet_instruments *duet_core_instruments(const struct duet_core *core) {
    return core->options.instruments;
}

void duet_core_each_order(
    const struct duet_core *core, bool (*each)(void *argument, const struct duet_order *order), void *argument) {
    duet_portfolio_each_order(core->portfolio, each, argument);
}

uint32_t duet_core_in_doubt(const struct duet_core *core) {
    return core->desk != NULL ? duet_desk_in_doubt(core->desk) : 0;
}

double duet_core_target(const struct duet_core *core, uint32_t instrument) {
    return duet_portfolio_wanted(core->portfolio, 0, instrument);
}

uint64_t duet_core_event_hash(const struct duet_core *core) {
    return duet_bus_event_hash(core->bus);
}

uint64_t duet_core_decision_hash(const struct duet_core *core) {
    struct duet_portfolio_counts counts;
    duet_portfolio_get_counts(core->portfolio, &counts);
    return counts.decision_hash;
}

int64_t duet_core_warm_up_left(const struct duet_core *core, uint32_t series) {
    DUET_ASSERT(series < core->options.series_count);
    const struct duet_core_series *given = &core->options.series[series];
    int64_t left = duet_host_warm_up_left(core->host, given->instrument);
    return given->primary ? left : duet_made_bars_for(core->made, series, left);
}

uint64_t duet_core_repeated_bars(const struct duet_core *core) {
    return core->repeated_bars;
}
