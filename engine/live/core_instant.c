/* Market data and the passing of time. The phases are those of engine/conductor.c. */
#include <inttypes.h>
#include <math.h>

#include "base/error.h"
#include "base/log.h"
#include "broker/venue_inline.h"
#include "bus/bus_private.h"
#include "data/tick_series.h"
#include "engine/live/core_private.h"

/** Prices beyond this could overflow a difference of two. */
#define PRICE_MAX (INT64_MAX / 4)
/** Times beyond this could overflow a sum with an interval. */
#define TIME_MAX (INT64_MAX / 2)

/* ------------------------------------------------------------------------------------------------------ checks */

static bool price_fits(double price, int64_t scaled) {
    return isfinite(price) && scaled >= -PRICE_MAX && scaled <= PRICE_MAX;
}

static bool time_fits(int64_t ns) {
    return ns > -TIME_MAX && ns < TIME_MAX;
}

static const char *bar_problem(const struct duet_bar *bar, int64_t instant_ns) {
    if (bar->size != sizeof(*bar) || bar->close_ns != instant_ns || bar->open_ns >= bar->close_ns ||
        !time_fits(bar->open_ns)) {
        return "a bar whose times cannot be";
    }
    if (!price_fits(bar->open, bar->open_scaled) || !price_fits(bar->high, bar->high_scaled) ||
        !price_fits(bar->low, bar->low_scaled) || !price_fits(bar->close, bar->close_scaled) ||
        !isfinite(bar->volume)) {
        return "a bar whose prices cannot be";
    }
    return NULL;
}

/** Index of a bar's series from `from` on; the number of series where there is none. Bars and series are sorted alike.
 */
static uint32_t series_of(const struct duet_core *core, const struct duet_bar *bar, uint32_t from) {
    uint32_t i = from;
    while (i < core->options.series_count && (core->options.series[i].instrument != bar->instrument ||
                                                 core->options.series[i].interval_ns != bar->interval_ns)) {
        i++;
    }
    return i;
}

static const char *instant_problem(const struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_instant *instant = input->bytes;
    if (!time_fits(instant->instant_ns)) {
        return "a time that cannot be";
    }
    uint32_t series = 0;
    for (uint32_t i = 0; i < instant->closing; i++) {
        const struct duet_bar *bar = &duet_input_closing(input)[i];
        const char *problem = bar_problem(bar, instant->instant_ns);
        if (problem != NULL) {
            return problem;
        }
        series = series_of(core, bar, series);
        if (series == core->options.series_count) {
            return "a bar of no series, or out of order";
        }
        if (bar->price_decimals != core->options.series[series].price_decimals) {
            return "a bar in other decimals than its series";
        }
        series++;
    }
    for (uint32_t i = 0; i < instant->opening; i++) {
        const struct duet_opening *opening = &duet_input_opening(input)[i];
        if (opening->size != sizeof(*opening) || opening->instrument >= core->options.instruments->count ||
            opening->open_ns != instant->instant_ns || !price_fits(0, opening->open_scaled) ||
            (i > 0 && opening[-1].instrument > opening->instrument)) {
            return "an opening that cannot be, or out of order";
        }
    }
    for (uint32_t i = 0; i < instant->missing; i++) {
        if (duet_input_missing(input)[i] >= core->options.series_count) {
            return "a series that is not there is missing";
        }
    }
    return NULL;
}

enum duet_status duet_core_check_instant(const struct duet_core *core, const struct duet_input *input) {
    const char *problem = core->ended ? "the feed has ended" : instant_problem(core, input);
    return problem == NULL
               ? DUET_OK
               : duet_error(DUET_EDATA, "input %" PRIu64 ", INSTANT: %s; it was not taken", input->number, problem);
}

enum duet_status duet_core_check_trade(const struct duet_core *core, const struct duet_input *input) {
    const struct duet_trade *trade = input->bytes;
    bool sound = !core->ended && trade->instrument < core->options.instruments->count && time_fits(trade->time_ns) &&
                 price_fits(trade->price, trade->price_scaled) && trade->price_scaled > 0 && trade->price > 0 &&
                 isfinite(trade->quantity);
    return sound ? DUET_OK
                 : duet_error(DUET_EDATA, "input %" PRIu64 ", TRADE: it cannot be; it was not taken", input->number);
}

enum duet_status duet_core_check_quote(const struct duet_core *core, const struct duet_input *input) {
    const struct duet_quote *quote = input->bytes;
    bool sound = !core->ended && quote->instrument < core->options.instruments->count && time_fits(quote->time_ns) &&
                 price_fits(quote->bid, quote->bid_scaled) && price_fits(quote->ask, quote->ask_scaled) &&
                 quote->bid_scaled >= 0 && quote->ask_scaled >= 0 && isfinite(quote->bid_size) &&
                 isfinite(quote->ask_size);
    return sound ? DUET_OK
                 : duet_error(DUET_EDATA, "input %" PRIu64 ", QUOTE: it cannot be; it was not taken", input->number);
}

/* ------------------------------------------------------------------------------------------- what is due by itself */

static void set_logical(struct duet_core *core, int64_t ns) {
    core->logical_ns = ns > core->logical_ns ? ns : core->logical_ns;
    if (core->venue != NULL) {
        duet_venue_set_time(core->venue, ns);
    }
}

static void end_logical(struct duet_core *core) {
    if (core->venue != NULL) {
        duet_venue_set_time(core->venue, INT64_MIN);
    }
}

static int64_t next_expiry_ns(const struct duet_core *core) {
    return core->venue != NULL ? duet_venue_head(core->venue)->next_expiry_ns : INT64_MAX;
}

/** Of timers and expiries. */
static int64_t next_due_ns(const struct duet_core *core) {
    int64_t scheduled_ns = duet_bus_next_scheduled_ns(core->bus), expiry_ns = next_expiry_ns(core);
    return scheduled_ns < expiry_ns ? scheduled_ns : expiry_ns;
}

/** How far the feed was behind the clock when it last told of an instant. */
static int64_t feed_lag_ns(const struct duet_core *core) {
    int64_t lag_ns = core->last_instant_ns != INT64_MIN ? core->unsent.instant_time_ns - core->last_instant_ns : 0;
    return lag_ns > 0 ? lag_ns : 0;
}

/**
 * A feed in real time may bring the last bar that a longer one is made of a little after the clock has closed that, or
 * much later, where it is behind and catches up. Until a feed that is away has come back, the clock closes nothing.
 */
static int64_t made_grace_ns(const struct duet_core *core) {
    if (!core->live->feed_gateway) {
        return 0;
    }
    return core->feed_down ? TIME_MAX : core->live->bar_grace_ms * 1000000 + feed_lag_ns(core);
}

static int64_t made_due_ns(const struct duet_core *core, int64_t grace_ns) {
    return core->made->due_ns < TIME_MAX && grace_ns < TIME_MAX ? core->made->due_ns + grace_ns : INT64_MAX;
}

int64_t duet_core_due_ns(const struct duet_core *core) {
    if (core->ended || core->stopped) {
        return INT64_MAX;
    }
    int64_t due_ns = next_due_ns(core), made_ns = made_due_ns(core, made_grace_ns(core));
    return due_ns < made_ns ? due_ns : made_ns;
}

static void expire(struct duet_core *core, int64_t ns) {
    if (next_expiry_ns(core) <= ns) {
        duet_venue_expire(core->venue, ns);
        duet_bus_drain(core->bus);
    }
}

static void run_timers(struct duet_core *core, int64_t ns) {
    if (duet_bus_next_scheduled_ns(core->bus) <= ns) {
        (void)duet_bus_run_scheduled(core->bus, ns, DUET_CLASS_TIMER);
    }
}

static void openings_done(struct duet_core *core, int64_t ns) {
    if (core->venue != NULL) {
        duet_venue_openings_done(core->venue, ns);
    }
}

/* ------------------------------------------------------------------------------------------------- longer bars */

static void tell_one(struct duet_core *core, const struct duet_made_series *item, const struct duet_bar *bar,
    int64_t stamp_ns, struct duet_event *event) {
    *event = (struct duet_event){.type = DUET_EVENT_BAR, .event_ns = bar->close_ns, .bar = bar};
    duet_bus_admit(core->bus, event, stamp_ns);
    if (item->wanted) {
        (void)duet_bus_dispatch(core->bus, event);
    }
    duet_bus_drain(core->bus);
}

/** As the conductor does: made bars that come before those of (interval, instrument). Stamped `stamp_ns`; *last becomes
 * the event of the last of them. */
static void tell_made(struct duet_core *core, int64_t now_ns, int64_t stamp_ns, int64_t interval_ns,
    uint32_t instrument, uint32_t *cursor, struct duet_event *last) {
    const struct duet_bar *bar;
    struct duet_made_series *item;
    while ((bar = duet_made_next(core->made, now_ns, interval_ns, instrument, cursor, &item)) != NULL) {
        tell_one(core, item, bar, stamp_ns, last);
    }
}

/** Phase 4. */
static void tell_instant(struct duet_core *core, const struct duet_event *last, int64_t instant_ns) {
    if (last->type != DUET_EVENT_NONE && core->wants_instants) {
        struct duet_event instant = *last;
        instant.type = DUET_EVENT_INSTANT;
        instant.event_ns = instant_ns;
        (void)duet_bus_dispatch(core->bus, &instant);
        duet_bus_drain(core->bus);
    }
}

/** Phases 3 and 4 of an instant at which no bar closes that was given. */
static void deliver_made(struct duet_core *core, int64_t now_ns, int64_t stamp_ns) {
    if (core->made->due_ns <= now_ns) {
        uint32_t cursor = 0;
        struct duet_event last = {.type = DUET_EVENT_NONE};
        tell_made(core, now_ns, stamp_ns, DUET_MADE_ALL, 0, &cursor, &last);
        tell_instant(core, &last, now_ns);
    }
}

/** What is closed of the bars that are made of the ticks of `source`. */
static void tell_made_of(struct duet_core *core, uint32_t source, int64_t now_ns) {
    const struct duet_bar *bar;
    struct duet_made_series *item;
    struct duet_event last = {.type = DUET_EVENT_NONE};
    while (core->made->due_ns <= now_ns && (bar = duet_made_next_of(core->made, source, now_ns, &item)) != NULL) {
        tell_one(core, item, bar, now_ns, &last);
    }
    tell_instant(core, &last, now_ns);
}

/** An instant without market data. Longer bars are told that were due so much earlier. */
static void play_due(struct duet_core *core, int64_t due_ns, int64_t grace_ns) {
    int64_t ns = due_ns > core->logical_ns ? due_ns : core->logical_ns;
    set_logical(core, ns);
    if (duet_bus_next_scheduled_ns(core->bus) <= due_ns) {
        (void)duet_bus_run_scheduled(core->bus, due_ns, DUET_CLASS_REPORT);
    }
    expire(core, due_ns);
    deliver_made(core, due_ns - grace_ns, due_ns);
    run_timers(core, due_ns);
    openings_done(core, ns);
    end_logical(core);
}

/** Work off what is due before `end_ns`, each as of when it was due; time begins at `begins_ns`, if it has not. Longer
 * bars are given so much grace. */
static void advance(struct duet_core *core, int64_t end_ns, int64_t begins_ns, int64_t grace_ns) {
    duet_bus_begin_time(core->bus, begins_ns);
    while (!core->ended && !core->stopped && duet_core_fault(core) == DUET_OK) {
        int64_t due_ns = next_due_ns(core), made_ns = made_due_ns(core, grace_ns);
        due_ns = made_ns < due_ns ? made_ns : due_ns;
        if (due_ns >= end_ns) {
            break;
        }
        play_due(core, due_ns, grace_ns);
    }
}

void duet_core_take_time(struct duet_core *core, const struct duet_input *input) {
    duet_core_roll_day(core, input->time_ns);
    advance(core, input->time_ns < INT64_MAX ? input->time_ns + 1 : INT64_MAX, input->time_ns, made_grace_ns(core));
    duet_core_check_losses(core);
}

/* ------------------------------------------------------------------------------------------------------ phases */

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

/** A price of an instrument as of `ns`; older ones than the present mark say nothing. */
static void mark(struct duet_core *core, uint32_t instrument, int64_t price, int64_t ns) {
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
    for (uint32_t i = 0; i < count; i++) {
        const struct duet_bar *bar = core->events[i].bar;
        if (bar != NULL && core->options.series[core->closing[i]].executes) {
            mark(core, bar->instrument, bar->close_scaled, bar->close_ns);
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
            tell_made(core, instant_ns, input->time_ns, given->interval_ns, given->instrument, &cursor, &last_made);
        }
        last = event->bar != NULL ? *event : last;
        if (event->bar != NULL && core->series[core->closing[i]].wanted) {
            duet_bus_cause(core->bus, event);
            (void)duet_bus_dispatch(core->bus, event);
            duet_bus_drain(core->bus);
        }
    }
    if (core->made->due_ns <= instant_ns) {
        tell_made(core, instant_ns, input->time_ns, DUET_MADE_ALL, 0, &cursor, &last_made);
    }
    if (tells_instant) {
        tell_instant(core, last_made.type != DUET_EVENT_NONE ? &last_made : &last, instant_ns);
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
        series = series_of(core, &duet_input_closing(input)[i], series);
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
        advance(core, instant->instant_ns, instant->instant_ns, 0);
    }
    while (core->made->due_ns < instant->instant_ns) {
        deliver_made(core, core->made->due_ns, input->time_ns);
    }
    take_closings(core, input, instant->closing, true);
    duet_bus_drain(core->bus);
    deliver(core, input, instant->closing, instant->instant_ns, true);
    if (as_it_happened) {
        set_logical(core, instant->instant_ns);
        run_timers(core, instant->instant_ns);
        end_logical(core);
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
        advance(core, now_ns, now_ns, 0);
    }
    set_logical(core, late && input->time_ns > core->logical_ns ? input->time_ns : late ? core->logical_ns : now_ns);
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
        expire(core, now_ns);
    }
    deliver(core, input, instant->closing, now_ns, !late);
    if (!late) {
        run_timers(core, now_ns);
    }
    if (!at_close && core->venue != NULL) {
        take_openings(core, input);
    }
    if (!late) {
        openings_done(core, now_ns);
        core->last_instant_ns = now_ns;
    }
    end_logical(core);
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

/* --------------------------------------------------------------------------------------------- trades and quotes */

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
    advance(core, input->time_ns, input->time_ns, 0);
    tell_made_of(core, index, input->time_ns); // a tick at the end of a span belongs to the next
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
        tell_made_of(core, index, input->time_ns);
    }
}

static void hear_price(struct duet_core *core, uint32_t instrument, int64_t price, int64_t ns) {
    if (price > 0) {
        mark(core, instrument, price, ns);
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
        advance(core, last_ns + 1, last_ns, 0);
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
