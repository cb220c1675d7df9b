/*
 * Market data of a gateway: each message is checked and scaled, bars and openings are put together into instants, and
 * every input carries the highest sequence up to which nothing is left outside of inputs, so that a resumption after it
 * loses nothing and repeats nothing.
 */
#include "engine/live/gateway_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/money.h"

/** Data of a time further ahead of our clock than this is a mistake. */
#define AHEAD_MAX_NS DUET_MINUTE_NS
#define VOLUME_MAX 9007199254740992.0 // 2^53
#define STALE_INTERVALS 3

int64_t gateway_now_ns(const struct duet_gateway *gateway) {
    return duet_session_now_ns(gateway->live->session);
}

int64_t gateway_last_instant_ns(const struct duet_gateway *gateway) {
    int64_t taken_ns = duet_session_last_instant_ns(gateway->live->session);
    return gateway->last_instant_ns > taken_ns ? gateway->last_instant_ns : taken_ns;
}

uint32_t gateway_series_find(const struct duet_gateway *gateway, uint32_t instrument, int64_t interval_ns) {
    const struct duet_core_series *series = gateway->live->series;
    uint32_t low = 0, high = gateway->live->series_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        bool below = series[middle].interval_ns != interval_ns ? series[middle].interval_ns < interval_ns
                                                               : series[middle].instrument < instrument;
        low = below ? middle + 1 : low;
        high = below ? high : middle;
    }
    bool found = low < gateway->live->series_count && series[low].instrument == instrument &&
                 series[low].interval_ns == interval_ns;
    return found ? low : UINT32_MAX;
}

/* ------------------------------------------------------------------------------------------ what resumes where */

static void pend(struct duet_gateway *gateway, uint64_t sequence, int64_t instant_ns) {
    // Whatever came before it and is held as long stands for it too: a day of trades is one entry, not millions.
    if (gateway->pending_head != gateway->pending_tail &&
        gateway->pending[(gateway->pending_tail - 1) & (gateway->pending_capacity - 1)].instant_ns >= instant_ns) {
        return;
    }
    if (gateway->pending_tail - gateway->pending_head == gateway->pending_capacity) {
        uint64_t capacity = gateway->pending_capacity == 0 ? 64 : 2 * gateway->pending_capacity;
        struct gateway_pending *ring = duet_alloc(capacity, sizeof(*ring));
        for (uint64_t i = gateway->pending_head; i != gateway->pending_tail; i++) {
            ring[i & (capacity - 1)] = gateway->pending[i & (gateway->pending_capacity - 1)];
        }
        free(gateway->pending);
        gateway->pending = ring;
        gateway->pending_capacity = capacity;
    }
    gateway->pending[gateway->pending_tail++ & (gateway->pending_capacity - 1)] =
        (struct gateway_pending){.sequence = sequence, .instant_ns = instant_ns};
}

/** Everything that was held for `instant_ns` or before goes into an input now, or has. */
static void settle(struct duet_gateway *gateway, int64_t instant_ns) {
    uint64_t mask = gateway->pending_capacity - 1;
    while (gateway->pending_head != gateway->pending_tail &&
           gateway->pending[gateway->pending_head & mask].instant_ns <= instant_ns) { // nothing earlier comes after it
        gateway->pending_head++;
    }
}

/** A resumption after this one loses nothing once what is being admitted is on disk. */
static uint64_t covered(struct duet_gateway *gateway) {
    uint64_t mask = gateway->pending_capacity - 1;
    gateway->resumed_to = gateway->pending_head == gateway->pending_tail
                              ? gateway->received
                              : gateway->pending[gateway->pending_head & mask].sequence - 1;
    return gateway->resumed_to;
}

/* ------------------------------------------------------------------------------------------------------ instants */

/* What a resumption tells has passed: orders would meet the prices of now. With a broker outside only its last bars are
 * decided upon, the others are told as history. They are known by what follows: newer bars, or the end of it. */

/** The instant that is held goes on its way; `passed`: newer ones have come. */
static void release_held(struct duet_gateway *gateway, bool passed) {
    struct duet_input_instant *instant = (void *)gateway->held.text;
    size_t size = gateway->held.length;
    if (size == 0) {
        return;
    }
    if (passed) {
        instant->flags |= DUET_INSTANT_HISTORY;
        gateway->passed += instant->closing;
    }
    gateway->held.length = 0;
    gateway_admit(gateway, DUET_INPUT_INSTANT, instant, size, gateway->held_sequence);
}

/** Whether more may follow of which the bars of this instant would be the past: it was over an interval ago. */
static bool may_have_passed(const struct duet_gateway *gateway, int64_t instant_ns) {
    const struct duet_live *live = gateway->live;
    return gateway->resuming && live->live->broker_gateway &&
           instant_ns < gateway_now_ns(gateway) - live->series[0].interval_ns;
}

void gateway_admit_instant(struct duet_gateway *gateway, const struct duet_input_instant *instant,
    const struct duet_bar *closing, const struct duet_opening *opening, const uint32_t *missing, uint64_t sequence) {
    release_held(gateway, true);
    duet_input_write_instant(&gateway->instant, instant, closing, opening, missing);
    gateway_admit(gateway, DUET_INPUT_INSTANT, gateway->instant.text, gateway->instant.length, sequence);
    if (instant->instant_ns > gateway->last_instant_ns) {
        gateway->last_instant_ns = instant->instant_ns;
    }
}

static void take_instants(struct duet_gateway *gateway) {
    struct duet_grid_instant ready;
    while (gateway->grid != NULL && !duet_session_is_full(gateway->live->session) &&
           duet_grid_next(gateway->grid, gateway_now_ns(gateway), &ready)) {
        struct duet_input_instant instant = {.instant_ns = ready.instant_ns,
            .flags = (ready.late ? DUET_INSTANT_LATE : 0) |
                     (gateway->live->live->opens_at_close ? DUET_INSTANT_OPENS_AT_CLOSE : 0),
            .closing = ready.closing_count,
            .opening = ready.opening_count,
            .missing = ready.missing_count};
        gateway->late_bars += ready.late ? ready.closing_count : 0;
        gateway->missed_bars += ready.missing_count;
        settle(gateway, ready.instant_ns);
        uint64_t sequence = covered(gateway);
        if (!may_have_passed(gateway, ready.instant_ns)) {
            gateway_admit_instant(gateway, &instant, ready.closing, ready.opening, ready.missing, sequence);
        } else if (ready.closing_count > 0) { // an opening of the past tells nobody anything
            release_held(gateway, true);
            instant.opening = 0;
            duet_input_write_instant(&gateway->held, &instant, ready.closing, NULL, ready.missing);
            gateway->held_sequence = sequence;
            gateway->last_instant_ns =
                ready.instant_ns > gateway->last_instant_ns ? ready.instant_ns : gateway->last_instant_ns;
        }
    }
}

/* ------------------------------------------------------------------------------------------------------ messages */

static bool positive(const char *text, unsigned decimals, int64_t *scaled, double *real) {
    if (text[0] == '\0' || !gateway_scaled(text, decimals, scaled) || *scaled <= 0 || *scaled > INT64_MAX / 4) {
        return false;
    }
    *real = duet_unscale(*scaled, decimals);
    return true;
}

static bool amount(const char *text, double *out) {
    *out = 0;
    return text[0] == '\0' || (duet_parse_double(text, out) && *out >= 0 && *out <= VOLUME_MAX);
}

static bool refuse(const struct duet_gateway_message *message, const char *why) {
    (void)duet_error(DUET_EDATA, "%s %s: %s", message->history ? "history of" : "feed of", message->symbol, why);
    return false;
}

/** Series of a bar or an opening, in *series. */
static bool find_series(
    const struct duet_gateway *gateway, const struct duet_gateway_message *message, uint32_t *series) {
    const struct duet_instrument *instrument = duet_instruments_find(gateway->instruments, message->symbol);
    *series = instrument != NULL ? gateway_series_find(gateway, instrument->index, message->interval_ns) : UINT32_MAX;
    if (*series == UINT32_MAX) {
        return refuse(message, "no series of this session");
    }
    int64_t now_ns = gateway_now_ns(gateway);
    if (message->time_ns > now_ns + AHEAD_MAX_NS || message->time_ns < 0) {
        return refuse(message, "a time that has not come; compare the clocks");
    }
    return true;
}

bool gateway_bar(const struct duet_gateway *gateway, const struct duet_gateway_message *message, uint32_t *series,
    struct duet_bar *out) {
    if (!find_series(gateway, message, series)) {
        return false;
    }
    const struct duet_core_series *of = &gateway->live->series[*series];
    unsigned decimals = of->price_decimals;
    *out = (struct duet_bar){.size = sizeof(*out),
        .instrument = of->instrument,
        .open_ns = message->time_ns,
        .close_ns = message->end_ns != 0 ? message->end_ns : message->time_ns + of->interval_ns,
        .interval_ns = of->interval_ns,
        .price_decimals = decimals};
    if (out->close_ns <= out->open_ns || out->close_ns > gateway_now_ns(gateway) + AHEAD_MAX_NS) {
        return refuse(message, "a bar that has not closed; compare the clocks");
    }
    if (!positive(message->open, decimals, &out->open_scaled, &out->open) ||
        !positive(message->high, decimals, &out->high_scaled, &out->high) ||
        !positive(message->low, decimals, &out->low_scaled, &out->low) ||
        !positive(message->close, decimals, &out->close_scaled, &out->close)) {
        return refuse(message, "a price that is not positive, or has more places than the instrument");
    }
    if (!amount(message->volume, &out->volume)) {
        return refuse(message, "volume is negative or above 2^53");
    }
    bool orderly = out->low_scaled <= out->open_scaled && out->low_scaled <= out->close_scaled &&
                   out->high_scaled >= out->open_scaled && out->high_scaled >= out->close_scaled;
    return orderly || refuse(message, "open and close do not lie between low and high");
}

/* Each takes one message; false: it could not be used, and is no sign that the feed lives. */

/** What the grid says of something that was put in; `instant_ns`: it belongs to. */
static bool take_answer(struct duet_gateway *gateway, enum duet_status status, uint64_t sequence, int64_t instant_ns) {
    if (status == DUET_OK) {
        pend(gateway, sequence, instant_ns);
    } else if (status == DUET_EFULL) { // left out it would be lost; from a new connection it comes again
        gateway_drop(gateway, duet_error_text());
    } else if (status != DUET_EEXIST) {
        gateway_ignore(gateway, duet_error_text());
    }
    return status == DUET_OK || status == DUET_EEXIST;
}

static bool take_bar(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    uint32_t series;
    struct duet_bar bar;
    if (!gateway_bar(gateway, message, &series, &bar)) {
        gateway_ignore(gateway, duet_error_text());
        return false;
    }
    return take_answer(gateway, duet_grid_bar(gateway->grid, &bar), message->sequence, bar.close_ns);
}

static bool take_opening(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    uint32_t series;
    double price;
    struct duet_opening opening = {.size = sizeof(opening), .open_ns = message->time_ns};
    if (!find_series(gateway, message, &series)) {
        gateway_ignore(gateway, duet_error_text());
        return false;
    }
    const struct duet_core_series *of = &gateway->live->series[series];
    if (!of->executes || gateway->live->live->opens_at_close) {
        return true; // other series inform and never fill
    }
    opening.instrument = of->instrument;
    if (!positive(message->open, of->price_decimals, &opening.open_scaled, &price)) {
        gateway_ignore(gateway, "an opening whose price is not positive, or has more places than the instrument");
        return false;
    }
    return take_answer(gateway, duet_grid_opening(gateway->grid, series, &opening), message->sequence, opening.open_ns);
}

/** The finest series of an instrument: it gives its decimals. UINT32_MAX: none. */
static uint32_t executing_series(const struct duet_gateway *gateway, uint32_t instrument) {
    for (uint32_t i = 0; i < gateway->live->series_count; i++) {
        if (gateway->live->series[i].instrument == instrument && gateway->live->series[i].executes) {
            return i;
        }
    }
    return UINT32_MAX;
}

/** Put what a tick made known of one series into the grid. */
static void put_made(struct duet_gateway *gateway, uint32_t series, unsigned made, const struct duet_bar *closed,
    const struct duet_opening *opening) {
    if ((made & DUET_TICK_CLOSED) != 0 && duet_grid_bar(gateway->grid, closed) < DUET_OK) {
        gateway_ignore(gateway, duet_error_text());
    }
    if ((made & DUET_TICK_OPENED) != 0 && gateway->live->series[series].executes &&
        !gateway->live->live->opens_at_close && duet_grid_opening(gateway->grid, series, opening) < DUET_OK) {
        gateway_ignore(gateway, duet_error_text());
    }
}

/** Bars of every series of an instrument whose gateway has trades only. */
static void build_bars(struct duet_gateway *gateway, const struct duet_trade *trade, uint64_t sequence) {
    int64_t held_ns = INT64_MIN;
    for (uint32_t i = 0; i < gateway->live->series_count; i++) {
        const struct duet_core_series *of = &gateway->live->series[i];
        if (of->instrument != trade->instrument) {
            continue;
        }
        struct duet_tick_bars *ticks = &gateway->series[i].ticks;
        struct duet_bar closed;
        struct duet_opening opening;
        uint64_t late = ticks->late;
        unsigned made =
            duet_tick_bars_take(ticks, trade->time_ns, trade->price_scaled, trade->quantity_scaled, &closed, &opening);
        put_made(gateway, i, made, &closed, &opening);
        if (ticks->late == late && ticks->bar.size != 0 && ticks->bar.close_ns > held_ns) {
            held_ns = ticks->bar.close_ns; // until the longest of its bars has closed it has to be told again
        }
    }
    if (held_ns != INT64_MIN) {
        pend(gateway, sequence, held_ns);
    }
}

static bool take_trade(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    const struct duet_instrument *instrument = duet_instruments_find(gateway->instruments, message->symbol);
    uint32_t series = instrument != NULL ? executing_series(gateway, instrument->index) : UINT32_MAX;
    struct duet_trade trade = {.size = sizeof(trade), .time_ns = message->time_ns, .side = message->side};
    if (series == UINT32_MAX || message->time_ns < 0 || message->time_ns > gateway_now_ns(gateway) + AHEAD_MAX_NS) {
        gateway_ignore(gateway, "a trade of no instrument here, or of a time that has not come");
        return false;
    }
    trade.instrument = instrument->index;
    if (!positive(message->price, gateway->live->series[series].price_decimals, &trade.price_scaled, &trade.price) ||
        !gateway_scaled(message->quantity, instrument->quantity_decimals, &trade.quantity_scaled) ||
        trade.quantity_scaled < 0) {
        gateway_ignore(gateway, "a trade whose price or quantity is none of the instrument");
        return false;
    }
    trade.quantity = duet_unscale(trade.quantity_scaled, instrument->quantity_decimals);
    gateway->tick_ns = trade.time_ns > gateway->tick_ns ? trade.time_ns : gateway->tick_ns;
    gateway->tick_came_ns = duet_monotonic_ns();
    if ((gateway->gives & DUET_GATEWAY_BARS) == 0) {
        build_bars(gateway, &trade, message->sequence);
    }
    if (gateway->live->plugin->impl->on_trade != NULL) {
        take_instants(gateway); // what closed before it is told before it
        release_held(gateway, true);
        gateway_admit(gateway, DUET_INPUT_TRADE, &trade, sizeof(trade), covered(gateway));
    }
    return true;
}

static bool take_quote(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    const struct duet_instrument *instrument = duet_instruments_find(gateway->instruments, message->symbol);
    uint32_t series = instrument != NULL ? executing_series(gateway, instrument->index) : UINT32_MAX;
    struct duet_quote quote = {.size = sizeof(quote), .time_ns = message->time_ns};
    if (series == UINT32_MAX || message->time_ns < 0 || message->time_ns > gateway_now_ns(gateway) + AHEAD_MAX_NS) {
        gateway_ignore(gateway, "a quote of no instrument here, or of a time that has not come");
        return false;
    }
    unsigned decimals = gateway->live->series[series].price_decimals;
    quote.instrument = instrument->index;
    bool sound = (message->bid[0] == '\0' || positive(message->bid, decimals, &quote.bid_scaled, &quote.bid)) &&
                 (message->ask[0] == '\0' || positive(message->ask, decimals, &quote.ask_scaled, &quote.ask)) &&
                 amount(message->bid_size, &quote.bid_size) && amount(message->ask_size, &quote.ask_size);
    if (!sound) {
        gateway_ignore(gateway, "a quote whose prices or sizes are none of the instrument");
        return false;
    }
    take_instants(gateway);
    release_held(gateway, true);
    gateway_admit(gateway, DUET_INPUT_QUOTE, &quote, sizeof(quote), covered(gateway));
    return true;
}

static void set_stale(struct duet_gateway *gateway, bool stale) {
    struct duet_input_stale input = {.series = UINT32_MAX, .stale = stale ? 1 : 0, .last_ns = gateway->last_message_ns};
    gateway->stale = stale;
    gateway_admit(gateway, DUET_INPUT_STALE, &input, sizeof(input), 0);
}

void gateway_take_feed(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    if (gateway->stage != GATEWAY_RUNNING) {
        gateway_ignore(gateway, "market data before start");
        return;
    }
    if (message->sequence <= gateway->received) {
        gateway_ignore(gateway, "market data that was had: seq does not rise");
        return;
    }
    gateway->received = message->sequence;
    bool (*const take)(struct duet_gateway *, const struct duet_gateway_message *) =
        message->type == DUET_GATEWAY_BAR       ? take_bar
        : message->type == DUET_GATEWAY_OPENING ? take_opening
        : message->type == DUET_GATEWAY_TRADE   ? take_trade
                                                : take_quote;
    if (take(gateway, message)) {
        gateway->fed_ns = duet_monotonic_ns();
        if (gateway->stale) {
            set_stale(gateway, false);
        }
    }
}

void gateway_pass_over(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    if (gateway->stage == GATEWAY_RUNNING && message->sequence > gateway->received) {
        gateway->received = message->sequence;
        gateway_wake(gateway);
    }
}

void gateway_take_resumed(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    if (gateway->stage != GATEWAY_RUNNING) {
        return;
    }
    take_instants(gateway);
    release_held(gateway, false);
    gateway->resuming = false;
    if (gateway->passed > 0) {
        gateway_alert(
            gateway, "missed", "%" PRIu32 " bars passed while the feed was away and are history now", gateway->passed);
        gateway->passed = 0;
    }
    uint64_t after, at = message->sequence != DUET_GATEWAY_SEQUENCE_UNSAID ? message->sequence : gateway->received;
    if (gateway->received == 0 && !gateway_resumes_after(gateway, &after)) {
        gateway->received = gateway->resumed_to = gateway->admitted = at;
        gateway->begun = true;
    }
    if (at < gateway->received) {
        gateway_alert(gateway, "missed",
            "the gateway's feed begins again at %" PRIu64 " after %" PRIu64
            ": it has lost its record; what passed between is not known",
            at, gateway->received);
        gateway->received = gateway->resumed_to = gateway->admitted = gateway->acked = at;
    }
}

bool gateway_resumes_after(const struct duet_gateway *gateway, uint64_t *after) {
    const struct duet_session *session = gateway->live->session;
    uint64_t durable = duet_session_feed_sequence(session);
    *after = gateway->resumed_to > durable ? gateway->resumed_to : durable;
    return *after > 0 || gateway->begun || duet_session_feed_has_begun(session);
}

/* --------------------------------------------------------------------------------------------------- life of a feed */

static void make_grid(struct duet_gateway *gateway) {
    const struct duet_live *live = gateway->live;
    struct duet_grid_series *series = duet_alloc(live->series_count, sizeof(*series));
    for (uint32_t i = 0; i < live->series_count; i++) {
        series[i] = (struct duet_grid_series){live->series[i].instrument, live->series[i].interval_ns};
        const struct duet_instrument *instrument = &gateway->instruments->items[live->series[i].instrument];
        gateway->series[i].ticks = (struct duet_tick_bars){.instrument = instrument->index,
            .price_decimals = live->series[i].price_decimals,
            .quantity_decimals = instrument->quantity_decimals,
            .interval_ns = live->series[i].interval_ns};
    }
    struct duet_grid_options options = {.series = series,
        .series_count = live->series_count,
        .grace_ns = live->live->bar_grace_ms * 1000000,
        .begins_ns = gateway_last_instant_ns(gateway)};
    enum duet_status status = duet_grid_create(&options, &gateway->grid);
    DUET_ASSERT(status == DUET_OK); // series are sorted, the grace was checked with the configuration
    free(series);
    gateway->grid_wake_ns = INT64_MAX;
}

void gateway_start_feed(struct duet_gateway *gateway) {
    const struct duet_live *live = gateway->live;
    const struct duet_strategy_impl *impl = live->plugin->impl;
    char line[DUET_GATEWAY_LINE_MAX];
    bool bars = (gateway->gives & DUET_GATEWAY_BARS) != 0;
    make_grid(gateway);
    for (uint32_t i = 0; i < live->series_count; i++) {
        const struct duet_core_series *series = &live->series[i];
        const char *symbol = gateway->instruments->items[series->instrument].symbol;
        bool trades = series->executes && (!bars || impl->on_trade != NULL);
        bool quotes = series->executes && impl->on_quote != NULL;
        if (bars) {
            (void)gateway_say(gateway, line, duet_gateway_subscribe(line, symbol, series->interval_ns, false, false));
        }
        if (trades || quotes) {
            (void)gateway_say(gateway, line, duet_gateway_subscribe(line, symbol, 0, trades, quotes));
        }
    }
    uint64_t after;
    bool resumes = gateway_resumes_after(gateway, &after);
    gateway->received = gateway->resumed_to = gateway->admitted = after;
    gateway->resuming = true;
    gateway->acked = 0; // told anew on each connection, after whatever it had led to
    gateway->has_acked = false;
    // A feed that has not begun is not resumed: what the gateway has kept is from before this session.
    (void)gateway_say(gateway, line, duet_gateway_start(line, resumes, after));
    gateway->fed_ns = duet_monotonic_ns();
}

void gateway_stop_feed(struct duet_gateway *gateway) {
    release_held(gateway, true); // the next resumption begins after it
    duet_grid_destroy(gateway->grid);
    gateway->grid = NULL;
    gateway->pending_head = gateway->pending_tail = 0;
    gateway->history_count = 0;
    gateway->tick_ns = 0;
}

/** Bars of ticks close by the clock: the time of the newest tick, and what has passed since. */
static int64_t close_bars(struct duet_gateway *gateway, int64_t now_ns) {
    if (gateway->tick_ns == 0 || (gateway->gives & DUET_GATEWAY_BARS) != 0) {
        return INT64_MAX;
    }
    int64_t tick_now_ns = gateway->tick_ns + (now_ns - gateway->tick_came_ns), due_ns = INT64_MAX;
    for (uint32_t i = 0; i < gateway->live->series_count; i++) {
        struct duet_bar closed;
        if (duet_tick_bars_close(&gateway->series[i].ticks, tick_now_ns, &closed)) {
            put_made(gateway, i, DUET_TICK_CLOSED, &closed, NULL);
        }
        int64_t next_ns = duet_tick_bars_due_ns(&gateway->series[i].ticks);
        due_ns = next_ns < due_ns ? next_ns : due_ns;
    }
    return due_ns == INT64_MAX ? INT64_MAX : now_ns + (due_ns - tick_now_ns);
}

static int64_t stale_after_ns(const struct duet_gateway *gateway) {
    const struct duet_live *live = gateway->live;
    return live->live->stale_ms > 0 ? live->live->stale_ms * 1000000 : STALE_INTERVALS * live->series[0].interval_ns;
}

int64_t gateway_look_after_feed(struct duet_gateway *gateway, int64_t now_ns) {
    int64_t due_ns = INT64_MAX;
    if (gateway->grid != NULL) {
        due_ns = close_bars(gateway, now_ns);
        take_instants(gateway);
        int64_t wake_ns = duet_grid_wake_ns(gateway->grid), wall_ns = gateway_now_ns(gateway);
        if (gateway->grid_wake_ns <= wall_ns && wake_ns > wall_ns) {
            duet_loop_wake(gateway->live->loop); // a grace is over: timers that it held may go, though nothing came
        }
        gateway->grid_wake_ns = wake_ns;
        if (wake_ns != INT64_MAX && wake_ns - wall_ns + now_ns < due_ns) {
            due_ns = now_ns + (wake_ns > wall_ns ? wake_ns - wall_ns : DUET_SECOND_NS / 1000);
        }
    }
    if (!gateway->stale && gateway->fed_ns != 0) {
        int64_t left_ns = gateway->fed_ns + stale_after_ns(gateway) - now_ns;
        if (left_ns <= 0) {
            set_stale(gateway, true);
        } else if (now_ns + left_ns < due_ns) {
            due_ns = now_ns + left_ns;
        }
    }
    return due_ns;
}

int64_t duet_gateway_holds_ns(const struct duet_gateway *gateway) {
    return gateway->grid != NULL ? duet_grid_holds_ns(gateway->grid, gateway_now_ns(gateway)) : INT64_MAX;
}
