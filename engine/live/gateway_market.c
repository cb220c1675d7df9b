/*
 * What single messages of market data become: each is checked and scaled, bars and openings go into the grid, ticks
 * into the bars that they make up, and to the strategy that asked for them.
 */
#include "engine/live/gateway_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"

/** Data of a time further ahead of our clock than this is a mistake. */
#define AHEAD_MAX_NS DUET_MINUTE_NS
#define VOLUME_MAX 9007199254740992.0 // 2^53

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
        gateway_pend(gateway, sequence, instant_ns);
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
void gateway_put_made(struct duet_gateway *gateway, uint32_t series, unsigned made, const struct duet_bar *closed,
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
        gateway_put_made(gateway, i, made, &closed, &opening);
        if (ticks->late == late && ticks->bar.size != 0 && ticks->bar.close_ns > held_ns) {
            held_ns = ticks->bar.close_ns; // until the longest of its bars has closed it has to be told again
        }
    }
    if (held_ns != INT64_MIN) {
        gateway_pend(gateway, sequence, held_ns);
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
        gateway_take_instants(gateway); // what closed before it is told before it
        gateway_release_held(gateway, true);
        gateway_admit(gateway, DUET_INPUT_TRADE, &trade, sizeof(trade), gateway_covered(gateway));
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
    gateway_take_instants(gateway);
    gateway_release_held(gateway, true);
    gateway_admit(gateway, DUET_INPUT_QUOTE, &quote, sizeof(quote), gateway_covered(gateway));
    return true;
}

bool gateway_take_market(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    switch (message->type) {
    case DUET_GATEWAY_BAR:
        return take_bar(gateway, message);
    case DUET_GATEWAY_OPENING:
        return take_opening(gateway, message);
    case DUET_GATEWAY_TRADE:
        return take_trade(gateway, message);
    default:
        return take_quote(gateway, message);
    }
}
