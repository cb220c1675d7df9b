/* Trades and quotes, and the end of a feed. As engine/conductor_ticks.c. */
#include "broker/venue_inline.h"
#include "bus/bus_private.h"
#include "data/tick_series.h"
#include "engine/live/core_private.h"

uint64_t duet_core_ticks(const struct duet_core *core, uint32_t series, int64_t *last_ns) {
    *last_ns = core->series[series].last_close_ns;
    return core->series[series].ticks;
}

/** The series that a tick belongs to; UINT32_MAX where it comes from a gateway. */
static uint32_t tick_series(const struct duet_core *core, uint32_t instrument, enum duet_data_kind kind) {
    const struct duet_core_series *series = core->options.series;
    for (uint32_t i = 0; i < core->options.series_count && series[i].interval_ns == 0; i++) {
        if (series[i].instrument == instrument && series[i].kind == kind) {
            return i;
        }
    }
    return UINT32_MAX;
}

/**
 * A tick of a file is told as it happened: what was due before it comes first, and what is due with it after all ticks
 * of its time. Returns whether it fills and marks.
 */
static bool begin_tick(
    struct duet_core *core, const struct duet_input *input, uint32_t instrument, enum duet_data_kind kind) {
    uint32_t index = tick_series(core, instrument, kind);
    duet_core_roll_day(core, input->time_ns);
    if (index == UINT32_MAX) {
        return true;
    }
    duet_core_advance(core, input->time_ns, input->time_ns, 0);
    duet_core_tell_made_of(core, index, input->time_ns); // a tick at the end of a span belongs to the next
    core->series[index].ticks++;
    core->series[index].last_close_ns = input->time_ns;
    duet_core_set_stale(core, index, false);
    return core->options.series[index].executes;
}

/** It has been told: what it makes, or completes. Ticks of a gateway make nothing here. */
static void make_of_tick(struct duet_core *core, const struct duet_input *input, uint32_t instrument,
    enum duet_data_kind kind, int64_t price, int64_t quantity) {
    uint32_t index = tick_series(core, instrument, kind);
    if (index != UINT32_MAX && price > 0) {
        duet_made_take_tick(core->made, index, input->time_ns, price, quantity);
        duet_core_tell_made_of(core, index, input->time_ns);
    }
}

static void hear_price(struct duet_core *core, uint32_t instrument, int64_t price, int64_t ns) {
    if (price > 0) {
        duet_core_mark(core, instrument, price, ns);
        duet_portfolio_settle(core->portfolio);
    }
    duet_bus_drain(core->bus);
    duet_core_hear_feed(core);
    duet_core_check_losses(core);
    duet_core_update_trading(core);
}

void duet_core_take_trade(struct duet_core *core, const struct duet_input *input) {
    const struct duet_trade *trade = input->bytes;
    struct duet_event event = {.type = DUET_EVENT_TRADE, .event_ns = trade->time_ns, .trade = trade};
    bool executes = begin_tick(core, input, trade->instrument, DUET_KIND_TRADES);
    duet_bus_admit(core->bus, &event, input->time_ns);
    if (core->venue != NULL && executes) {
        duet_venue_trade(core->venue, trade);
    }
    hear_price(core, trade->instrument, executes ? trade->price_scaled : 0, trade->time_ns);
    (void)duet_bus_dispatch(core->bus, &event);
    duet_bus_drain(core->bus);
    make_of_tick(core, input, trade->instrument, DUET_KIND_TRADES, trade->price_scaled, trade->quantity_scaled);
}

void duet_core_take_quote(struct duet_core *core, const struct duet_input *input) {
    const struct duet_quote *quote = input->bytes;
    struct duet_event event = {.type = DUET_EVENT_QUOTE, .event_ns = quote->time_ns, .quote = quote};
    bool executes = begin_tick(core, input, quote->instrument, DUET_KIND_QUOTES);
    duet_bus_admit(core->bus, &event, input->time_ns);
    if (core->venue != NULL && executes) {
        duet_venue_quote(core->venue, quote);
    }
    hear_price(core, quote->instrument, executes ? duet_quote_mark(quote) : 0, quote->time_ns);
    (void)duet_bus_dispatch(core->bus, &event);
    duet_bus_drain(core->bus);
    make_of_tick(core, input, quote->instrument, DUET_KIND_QUOTES, duet_quote_mark(quote), 0);
}

/* ------------------------------------------------------------------------------------------------- the feed's end */

/** What is due with the last tick of a file comes after it. */
static void end_ticks(struct duet_core *core) {
    int64_t last_ns = INT64_MIN;
    for (uint32_t i = 0; i < core->options.series_count && core->options.series[i].interval_ns == 0; i++) {
        last_ns = core->series[i].last_close_ns > last_ns ? core->series[i].last_close_ns : last_ns;
    }
    if (last_ns > core->last_instant_ns) {
        duet_core_advance(core, last_ns + 1, last_ns, 0);
    }
}

void duet_core_take_end(struct duet_core *core, const struct duet_input *input) {
    end_ticks(core);
    duet_made_end(core->made);
    duet_component_stop(duet_host_component(core->host));
    core->ended = true;
    if (core->venue == NULL) {
        return;
    }
    duet_venue_end(core->venue);
    duet_bus_drain(core->bus);
    for (uint32_t i = 0; core->options.config->close_at_end && i < core->options.instruments->count; i++) {
        const struct duet_position_state *position = duet_portfolio_position(core->portfolio, i);
        if (position->quantity != 0) {
            duet_venue_close_out(core->venue, i, position->mark);
            duet_bus_drain(core->bus);
        }
    }
}
