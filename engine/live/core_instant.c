/* Instants: bars that close and open at one time. The phases are those of engine/conductor.c. */
#include <inttypes.h>

#include "base/log.h"
#include "broker/venue_inline.h"
#include "bus/bus_private.h"
#include "engine/live/core_private.h"

/** Missing series, each an event of its own. */
static void take_missing(struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_instant *instant = input->bytes;
    for (uint32_t i = 0; i < instant->missing; i++) {
        uint32_t series = duet_input_missing(input)[i];
        struct duet_input_stale stale = {.series = series, .stale = 1, .last_ns = core->series[series].last_close_ns};
        struct duet_input as_record = {.number = input->number,
            .time_ns = input->time_ns,
            .kind = DUET_INPUT_STALE,
            .size = sizeof(stale),
            .bytes = &stale};
        duet_core_admit(core, &as_record, DUET_EVENT_STALE);
        duet_core_set_stale(core, series, true);
    }
    if (instant->missing > 0) {
        duet_bus_drain(core->bus);
        duet_core_update_trading(core);
    }
}

/** Phase 0, where the feed knows closed bars only. */
static void take_openings_at_close(struct duet_core *core, const struct duet_input *input, uint32_t count) {
    uint32_t openings = 0;
    struct duet_event *events = core->events;
    const struct duet_input_instant *instant = input->bytes;
    uint32_t hot_count = 0;
    const uint32_t *hot = duet_venue_hot(core->venue, &hot_count);
    for (uint32_t i = 0; i < hot_count; i++) {
        for (uint32_t k = 0; k < count; k++) {
            const struct duet_bar *bar = &duet_input_closing(input)[k];
            bool is_new = bar->close_ns > core->series[core->closing[k]].last_close_ns;
            if (is_new && core->closing[k] == core->executing[hot[i]]) {
                struct duet_event *event = &events[openings++];
                *event = (struct duet_event){.type = DUET_EVENT_OPENING, .event_ns = bar->open_ns};
                event->opening = (struct duet_opening){.size = sizeof(event->opening),
                    .instrument = bar->instrument,
                    .open_ns = bar->open_ns,
                    .open_scaled = bar->open_scaled};
            }
        }
    }
    if (openings > 0) {
        duet_venue_openings_at_close(core->venue, events, openings, instant->instant_ns, input->time_ns);
    }
}

void duet_core_mark(struct duet_core *core, uint32_t instrument, int64_t price, int64_t ns) {
    if (ns < core->marked_ns[instrument]) {
        return;
    }
    core->marked_ns[instrument] = ns;
    duet_portfolio_mark_unsettled(core->portfolio, instrument, price);
    if (core->monitor != NULL) {
        duet_monitor_mark(core->monitor, instrument, price);
    }
}

/** Phase 1 of `count` bars: into the windows, ranges, marks. A bar that is not new keeps a NULL in its event. */
static void take_closings(struct duet_core *core, const struct duet_input *input, uint32_t count, bool history) {
    bool hot = !history && core->venue != NULL && duet_venue_hot_count(core->venue) > 0;
    uint64_t late = duet_made_late(core->made);
    for (uint32_t i = 0; i < count; i++) {
        const struct duet_bar *given = &duet_input_closing(input)[i];
        struct core_series *series = &core->series[core->closing[i]];
        struct duet_event *event = &core->events[i];
        *event = (struct duet_event){.type = DUET_EVENT_BAR, .event_ns = given->close_ns, .bar = NULL};
        if (given->close_ns <= series->last_close_ns) {
            core->repeated_bars++;
            duet_log_debug(
                core->options.log, "bar-repeated", "series=%u close_ns=%" PRId64, core->closing[i], given->close_ns);
            continue;
        }
        series->last_close_ns = given->close_ns;
        struct duet_bar *bar = duet_window_next(&series->window);
        *bar = *given;
        event->bar = bar;
        duet_bus_admit(core->bus, event, input->time_ns);
        duet_made_take(core->made, core->closing[i], bar);
        if (hot && core->options.series[core->closing[i]].executes) {
            duet_venue_range(core->venue, bar);
        }
    }
    if (duet_made_late(core->made) > late) {
        duet_log_warn(core->options.log, "made-late",
            "close_ns=%" PRId64 ": came after a longer bar that it belongs to had closed; left out of that",
            duet_input_closing(input)[0].close_ns);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct duet_bar *bar = core->events[i].bar;
        if (bar != NULL && core->options.series[core->closing[i]].executes) {
            duet_core_mark(core, bar->instrument, bar->close_scaled, bar->close_ns);
        }
    }
    duet_portfolio_settle(core->portfolio);
}

/** Phases 3 and 4. */
static void deliver(
    struct duet_core *core, const struct duet_input *input, uint32_t count, int64_t instant_ns, bool tells_instant) {
    struct duet_event last = {.type = DUET_EVENT_NONE}, last_made = {.type = DUET_EVENT_NONE};
    uint32_t cursor = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct duet_event *event = &core->events[i];
        const struct duet_core_series *given = &core->options.series[core->closing[i]];
        if (core->made->due_ns <= instant_ns) {
            duet_core_tell_made(
                core, instant_ns, input->time_ns, given->interval_ns, given->instrument, &cursor, &last_made);
        }
        last = event->bar != NULL ? *event : last;
        if (event->bar != NULL && core->series[core->closing[i]].wanted) {
            duet_bus_cause(core->bus, event);
            (void)duet_bus_dispatch(core->bus, event);
            duet_bus_drain(core->bus);
        }
    }
    if (core->made->due_ns <= instant_ns) {
        duet_core_tell_made(core, instant_ns, input->time_ns, DUET_MADE_ALL, 0, &cursor, &last_made);
    }
    if (tells_instant) {
        duet_core_tell_instant(core, last_made.type != DUET_EVENT_NONE ? &last_made : &last, instant_ns);
    }
}

/** Phases 6 and 7: openings of instruments with pending orders. */
static void take_openings(struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_instant *instant = input->bytes;
    const struct duet_opening *openings = duet_input_opening(input);
    uint32_t hot_count = 0, count = 0, next = 0;
    const uint32_t *hot = duet_venue_hot(core->venue, &hot_count);
    for (uint32_t i = 0; i < hot_count; i++) {
        while (next < instant->opening && openings[next].instrument < hot[i]) {
            next++;
        }
        if (next < instant->opening && openings[next].instrument == hot[i]) {
            struct duet_event *event = &core->events[count++];
            *event = (struct duet_event){
                .type = DUET_EVENT_OPENING, .event_ns = instant->instant_ns, .opening = openings[next]};
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        duet_bus_admit(core->bus, &core->events[i], input->time_ns);
    }
    if (count > 0) {
        duet_venue_openings(core->venue, core->events, count);
        duet_bus_drain(core->bus);
    }
}

/** Which series the bars belong to, and that these are alive. */
static void find_series(struct duet_core *core, const struct duet_input *input, uint32_t count, bool fresh) {
    uint32_t series = 0;
    for (uint32_t i = 0; i < count; i++) {
        series = duet_core_series_of(core, &duet_input_closing(input)[i], series);
        core->closing[i] = series++;
        if (fresh) {
            duet_core_set_stale(core, core->closing[i], false);
        }
    }
    if (fresh && count > 0) {
        duet_core_hear_feed(core);
    }
}

static void play_history(struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_instant *instant = input->bytes;
    // Told as it happened (a file's beginning), timers belong in between; fetched later, they come after it.
    bool as_it_happened = input->time_ns <= instant->instant_ns;
    find_series(core, input, instant->closing, false);
    duet_host_set_history(core->host, true);
    if (as_it_happened) {
        duet_core_advance(core, instant->instant_ns, instant->instant_ns, 0);
    }
    while (core->made->due_ns < instant->instant_ns) {
        duet_core_deliver_made(core, core->made->due_ns, input->time_ns);
    }
    take_closings(core, input, instant->closing, true);
    duet_bus_drain(core->bus);
    deliver(core, input, instant->closing, instant->instant_ns, true);
    if (as_it_happened) {
        duet_core_set_logical(core, instant->instant_ns);
        duet_core_run_timers(core, instant->instant_ns);
        duet_core_end_logical(core);
    }
    duet_host_set_history(core->host, false);
}

static void play_instant(struct duet_core *core, const struct duet_input *input, bool late) {
    const struct duet_input_instant *instant = input->bytes;
    bool at_close = (instant->flags & DUET_INSTANT_OPENS_AT_CLOSE) != 0 || core->options.config->opens_at_close ||
                    core->live->opens_at_close;
    int64_t now_ns = instant->instant_ns;
    if (!late) {
        duet_core_forget_unsent(core, input->time_ns);
        duet_core_roll_day(core, now_ns);
        duet_core_advance(core, now_ns, now_ns, 0);
    }
    duet_core_set_logical(core, late && input->time_ns > core->logical_ns ? input->time_ns
                                : late                                    ? core->logical_ns
                                                                          : now_ns);
    if (!late && duet_bus_next_scheduled_ns(core->bus) <= now_ns) {
        (void)duet_bus_run_scheduled(core->bus, now_ns, DUET_CLASS_REPORT);
    }
    take_missing(core, input);
    find_series(core, input, instant->closing, true);
    if (at_close && core->venue != NULL) {
        take_openings_at_close(core, input, instant->closing);
    }
    if (instant->closing > 0) {
        take_closings(core, input, instant->closing, false);
        duet_bus_drain(core->bus);
        duet_core_update_trading(core);
        duet_core_check_losses(core);
    }
    if (!late) {
        duet_core_expire(core, now_ns);
    }
    deliver(core, input, instant->closing, now_ns, !late);
    if (!late) {
        duet_core_run_timers(core, now_ns);
    }
    if (!at_close && core->venue != NULL) {
        take_openings(core, input);
    }
    if (!late) {
        duet_core_openings_done(core, now_ns);
        core->last_instant_ns = now_ns;
    }
    duet_core_end_logical(core);
    duet_core_go_on_flattening(core);
}

void duet_core_take_instant(struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_instant *instant = input->bytes;
    if ((instant->flags & DUET_INSTANT_HISTORY) != 0) {
        play_history(core, input);
    } else {
        play_instant(
            core, input, (instant->flags & DUET_INSTANT_LATE) != 0 || instant->instant_ns <= core->last_instant_ns);
    }
    duet_core_check_losses(core);
}
