/* Whether what a feed tells can be: before it is taken, so that nothing of it has to be taken back. */
#include <inttypes.h>
#include <math.h>

#include "base/error.h"
#include "engine/live/core_private.h"

/** Prices beyond this could overflow a difference of two. */
#define PRICE_MAX (INT64_MAX / 4)

static bool price_fits(double price, int64_t scaled) {
    return isfinite(price) && scaled >= -PRICE_MAX && scaled <= PRICE_MAX;
}

static bool time_fits(int64_t ns) {
    return ns > -DUET_CORE_TIME_MAX && ns < DUET_CORE_TIME_MAX;
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

uint32_t duet_core_series_of(const struct duet_core *core, const struct duet_bar *bar, uint32_t from) {
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
        series = duet_core_series_of(core, bar, series);
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
