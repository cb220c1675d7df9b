/*
 * A small stage for strategies: bus, portfolio, venue and hosts, and two instruments whose minute bars a test plays one
 * instant at a time, in the phases of DESIGN 4. AAA and BBB: two price decimals, whole units. Bars are flat lines at
 * their close, and the next bar opens there.
 */
#ifndef DUET_TESTS_STAGE_H
#define DUET_TESTS_STAGE_H

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "broker/venue.h"
#include "engine/host.h"
#include "engine/host_private.h"
#include "portfolio/portfolio.h"
#include "support/suite.h"

#undef fail // of Check; the host table has a slot of that name

#define STAGE_INSTRUMENTS 2
#define STAGE_HOSTS 2
/** A close that says: this instrument has no bar at this instant. */
#define NO_BAR 0

struct stage {
    struct duet_bus *bus;
    struct duet_instruments instruments;
    struct duet_portfolio *portfolio;
    struct duet_venue *venue;
    struct duet_window windows[STAGE_INSTRUMENTS + 1];
    struct duet_host_series series[STAGE_INSTRUMENTS + 1]; // the minutes of both, then the hours of AAA
    struct duet_plugin plugins[STAGE_HOSTS];
    struct duet_host_run *hosts[STAGE_HOSTS];
    size_t host_count;
    struct duet_stack stack;
    struct duet_env env;
    struct duet_clock clock;
    int64_t now_ns;
    /* what the next host is made with */
    const char *names[8], *values[8];
    size_t param_count;
    int64_t trade_from_ns;
    uint64_t seed;
    void (*compute)(void *argument, const struct duet_compute_request *request);
    void *argument; // of compute
};

static inline void stage_market(struct stage *stage, bool guard, int64_t cash_units) {
    memset(stage, 0, sizeof(*stage));
    struct duet_instrument items[STAGE_INSTRUMENTS] = {
        {.symbol = "BBB", .currency = "USD"}, {.symbol = "AAA", .currency = "USD"}};
    for (size_t i = 0; i < STAGE_INSTRUMENTS; i++) {
        items[i].price_decimals = 2;
        items[i].tick_scaled = items[i].lot_scaled = 1;
        items[i].multiplier = 1000000;
    }
    stage->trade_from_ns = INT64_MIN;
    stage->clock = duet_clock_virtual(0);
    ck_assert_int_eq(duet_instruments_create(items, STAGE_INSTRUMENTS, &stage->instruments), DUET_OK);
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &stage->bus), DUET_OK);
    struct duet_portfolio_options portfolio = {
        .initial_cash = cash_units * DUET_MONEY_ONE, .leverage = 1, .instruments = &stage->instruments};
    portfolio.margin_check_longs = true;
    ck_assert_int_eq(duet_portfolio_create(&portfolio, stage->bus, &stage->portfolio), DUET_OK);
    struct duet_venue_options venue = {
        .profile = duet_fill_profile_find("duet-1"), .instruments = &stage->instruments, .portfolio = stage->portfolio};
    ck_assert_int_eq(duet_venue_create(&venue, stage->bus, &stage->venue), DUET_OK);
    for (uint32_t i = 0; i <= STAGE_INSTRUMENTS; i++) {
        ck_assert_int_eq(duet_window_init(&stage->windows[i], 4, guard), DUET_OK);
        bool hours = i == STAGE_INSTRUMENTS;
        stage->series[i] = (struct duet_host_series){.instrument = hours ? 0 : i,
            .interval_ns = hours ? DUET_HOUR_NS : DUET_MINUTE_NS,
            .primary = !hours,
            .window = &stage->windows[i]};
    }
    ck_assert_int_eq(duet_stack_push(&stage->stack, duet_portfolio_component(stage->portfolio)), DUET_OK);
    ck_assert_int_eq(duet_stack_push(&stage->stack, duet_venue_component(stage->venue)), DUET_OK);
}

static inline void stage_param(struct stage *stage, const char *name, const char *value) {
    stage->names[stage->param_count] = name;
    stage->values[stage->param_count++] = value;
}

/** Add a strategy; `impl` NULL: the plugin `name`. */
static inline struct duet_host_run *stage_host(
    struct stage *stage, const struct duet_strategy_impl *impl, const char *name) {
    size_t index = stage->host_count++;
    struct duet_plugin *plugin = &stage->plugins[index];
    if (impl != NULL) {
        plugin->impl = impl;
        memset(plugin->sha256, 'a', 64);
    } else {
        ck_assert_msg(duet_plugin_open(name, plugin) == DUET_OK, "%s", duet_error_text());
    }
    struct duet_host_options options = {.plugin = plugin,
        .param_names = stage->names,
        .param_values = stage->values,
        .param_count = stage->param_count,
        .instruments = &stage->instruments,
        .portfolio = stage->portfolio,
        .series = stage->series,
        .series_count = STAGE_INSTRUMENTS + 1,
        .trade_from_ns = stage->trade_from_ns,
        .seed = stage->seed,
        .strategy = (uint16_t)index,
        .compute = stage->compute,
        .argument = stage->argument};
    ck_assert_int_eq(duet_host_create(&options, stage->bus, &stage->hosts[index]), DUET_OK);
    ck_assert_int_eq(duet_stack_push(&stage->stack, duet_host_component(stage->hosts[index])), DUET_OK);
    return stage->hosts[index];
}

static inline enum duet_status stage_try_up(struct stage *stage) {
    stage->env = (struct duet_env){.bus = stage->bus, .clock = &stage->clock};
    return duet_stack_up(&stage->stack, &stage->env);
}

static inline void stage_up(struct stage *stage) {
    ck_assert_msg(stage_try_up(stage) == DUET_OK, "%s", duet_error_text());
}

/** A bar closes at `close_ns` in series `index`: into the window, and as an admitted event. */
static inline struct duet_event stage_close(struct stage *stage, size_t index, int64_t close_scaled) {
    struct duet_bar *bar = duet_window_next(&stage->windows[index]);
    int64_t interval_ns = stage->series[index].interval_ns;
    double close = duet_unscale(close_scaled, 2);
    *bar = (struct duet_bar){.size = sizeof(*bar),
        .instrument = stage->series[index].instrument,
        .open_ns = stage->now_ns - interval_ns,
        .close_ns = stage->now_ns,
        .interval_ns = interval_ns,
        .open = close,
        .high = close,
        .low = close,
        .close = close,
        .volume = 1000,
        .open_scaled = close_scaled,
        .high_scaled = close_scaled,
        .low_scaled = close_scaled,
        .close_scaled = close_scaled,
        .price_decimals = 2};
    struct duet_event event = {.type = DUET_EVENT_BAR, .event_ns = stage->now_ns, .bar = bar};
    duet_bus_admit(stage->bus, &event, stage->now_ns);
    return event;
}

/** One minute passes; both instruments close, or one where the other is NO_BAR. Whole cents. */
static inline void stage_minute(struct stage *stage, int64_t aaa, int64_t bbb) {
    stage->now_ns += DUET_MINUTE_NS;
    const int64_t closes[STAGE_INSTRUMENTS] = {aaa, bbb};
    struct duet_event events[STAGE_INSTRUMENTS + 1];
    size_t count = 0;
    for (size_t i = 0; i < STAGE_INSTRUMENTS; i++) {
        if (closes[i] != NO_BAR) {
            events[count] = stage_close(stage, i, closes[i]);
            duet_venue_range(stage->venue, events[count++].bar);
        }
    }
    duet_bus_drain(stage->bus);
    for (size_t i = 0; i < count; i++) {
        duet_portfolio_mark(stage->portfolio, events[i].bar->instrument, events[i].bar->close_scaled);
    }
    duet_venue_expire(stage->venue, stage->now_ns);
    if (aaa != NO_BAR && stage->now_ns % DUET_HOUR_NS == 0) {
        events[count++] = stage_close(stage, STAGE_INSTRUMENTS, aaa);
    }
    for (size_t i = 0; i < count; i++) {
        duet_bus_cause(stage->bus, &events[i]);
        (void)duet_bus_dispatch(stage->bus, &events[i]);
        duet_bus_drain(stage->bus);
    }
    struct duet_event instant = events[count - 1];
    instant.type = DUET_EVENT_INSTANT;
    (void)duet_bus_dispatch(stage->bus, &instant);
    duet_bus_drain(stage->bus);
    (void)duet_bus_run_scheduled(stage->bus, stage->now_ns, DUET_CLASS_TIMER);
    struct duet_event openings[STAGE_INSTRUMENTS];
    uint32_t opening_count = 0;
    for (uint32_t i = 0; i < STAGE_INSTRUMENTS; i++) {
        if (closes[i] != NO_BAR) {
            struct duet_event *event = &openings[opening_count++];
            *event = (struct duet_event){.type = DUET_EVENT_OPENING, .event_ns = stage->now_ns};
            event->opening = (struct duet_opening){
                .size = sizeof(event->opening), .instrument = i, .open_ns = stage->now_ns, .open_scaled = closes[i]};
            duet_bus_admit(stage->bus, event, stage->now_ns);
        }
    }
    duet_venue_openings(stage->venue, openings, opening_count);
    duet_bus_drain(stage->bus);
    duet_venue_openings_done(stage->venue, stage->now_ns);
}

static inline void stage_down(struct stage *stage) {
    duet_stack_down(&stage->stack);
    for (size_t i = 0; i < stage->host_count; i++) {
        duet_host_destroy(stage->hosts[i]);
        if (stage->plugins[i].library != NULL) {
            duet_plugin_close(&stage->plugins[i]);
        }
    }
    duet_venue_destroy(stage->venue);
    duet_portfolio_destroy(stage->portfolio);
    duet_bus_destroy(stage->bus);
    duet_instruments_finish(&stage->instruments);
    for (size_t i = 0; i <= STAGE_INSTRUMENTS; i++) {
        duet_window_finish(&stage->windows[i]);
    }
}

static inline uint64_t stage_denied(const struct stage *stage, enum duet_reason reason) {
    struct duet_portfolio_counts counts;
    duet_portfolio_get_counts(stage->portfolio, &counts);
    return counts.denied[reason];
}

#endif
