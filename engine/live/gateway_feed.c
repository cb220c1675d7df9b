/*
 * Market data of a gateway: bars and openings are put together into instants, what it kept is played back, and every
 * input carries the highest sequence up to which nothing is left outside of inputs, so that a resumption after it
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

void gateway_pend(struct duet_gateway *gateway, uint64_t sequence, int64_t instant_ns) {
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
uint64_t gateway_covered(struct duet_gateway *gateway) {
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
void gateway_release_held(struct duet_gateway *gateway, bool passed) {
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
    gateway_release_held(gateway, true);
    duet_input_write_instant(&gateway->instant, instant, closing, opening, missing);
    gateway_admit(gateway, DUET_INPUT_INSTANT, gateway->instant.text, gateway->instant.length, sequence);
    if (instant->instant_ns > gateway->last_instant_ns) {
        gateway->last_instant_ns = instant->instant_ns;
    }
}

void gateway_take_instants(struct duet_gateway *gateway) {
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
        uint64_t sequence = gateway_covered(gateway);
        if (!may_have_passed(gateway, ready.instant_ns)) {
            gateway_admit_instant(gateway, &instant, ready.closing, ready.opening, ready.missing, sequence);
        } else if (ready.closing_count > 0) { // an opening of the past tells nobody anything
            gateway_release_held(gateway, true);
            instant.opening = 0;
            duet_input_write_instant(&gateway->held, &instant, ready.closing, NULL, ready.missing);
            gateway->held_sequence = sequence;
            gateway->last_instant_ns =
                ready.instant_ns > gateway->last_instant_ns ? ready.instant_ns : gateway->last_instant_ns;
        }
    }
}

/* -------------------------------------------------------------------------------------------------- what it tells */

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
    if (gateway_take_market(gateway, message)) {
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
    gateway_take_instants(gateway);
    gateway_release_held(gateway, false);
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
    gateway_release_held(gateway, true); // the next resumption begins after it
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
            gateway_put_made(gateway, i, DUET_TICK_CLOSED, &closed, NULL);
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
        gateway_take_instants(gateway);
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
