/*
 * Market data as strategies see it. Prices come twice: as the double that
 * strtod() would give for the text in the file, and as an integer in units of
 * 10^-price_decimals, for sums that must be exact.
 *
 * Layouts are frozen within one major interface version (DUET_STRATEGY_ABI), so
 * a slice of bars can be indexed by a plugin of any minor version.
 */
#ifndef DUET_BAR_H
#define DUET_BAR_H

#include <assert.h>
#include <stdint.h>

#define DUET_SECOND_NS INT64_C(1000000000)
#define DUET_MINUTE_NS (60 * DUET_SECOND_NS)
#define DUET_HOUR_NS (60 * DUET_MINUTE_NS)
#define DUET_DAY_NS (24 * DUET_HOUR_NS)
/** Nominal lengths; such bars, and days, really close by the calendar. */
#define DUET_WEEK_NS (7 * DUET_DAY_NS)
#define DUET_MONTH_NS (30 * DUET_DAY_NS)
#define DUET_QUARTER_NS (92 * DUET_DAY_NS)
#define DUET_YEAR_NS (365 * DUET_DAY_NS)

/*
 * Bars that are not of time have a negative number where others have their interval: pass it to duet_subscribe() and
 * duet_history(), compare bar->interval_ns with it. A number that says nothing (size 0, negative, too large) is
 * refused there. Sizes are kept to the last place that is named.
 */
#define DUET_BARS_(kind, size, units)                                                       \
    ((double)(size) > 0 && (double)(size) * (units) < 1e17                                  \
            ? INT64_MIN + (INT64_C(kind) << 60) + (int64_t)((double)(size) * (units) + 0.5) \
            : -1)
/** Every n trades (of a series of bars: every n bars). */
#define DUET_BARS_TICKS(n) DUET_BARS_(1, n, 1.0)
/** Whenever at least `x` has changed hands, in units of the instrument; up to six decimal places. */
#define DUET_BARS_VOLUME(x) DUET_BARS_(2, x, 1e6)
/** Whenever price times quantity has come to at least `x`; up to two decimal places. */
#define DUET_BARS_VALUE(x) DUET_BARS_(3, x, 1e2)
/** Renko: whenever the price has gone on by a brick of `x`; up to nine decimal places. */
#define DUET_BARS_RENKO(x) DUET_BARS_(4, x, 1e9)

/**
 * Made from shorter bars (or trades) that do not reach over the whole of it: the first one, where the data begins
 * inside of its span, and the last one, where the data ends inside. Such bars do not count as warm-up; see
 * docs/plugins.md.
 */
#define DUET_BAR_PARTIAL 1u

/** One closed bar. Times are nanoseconds since 1970-01-01 UTC. */
struct duet_bar {
    uint32_t size; // sizeof(struct duet_bar)
    uint32_t instrument; // index, as in duet_instrument()
    int64_t open_ns; // first instant that belongs to the bar
    int64_t close_ns; // first instant after it; when the bar became known
    int64_t interval_ns; // nominal length, e.g. DUET_MINUTE_NS, or a DUET_BARS_…()
    double open, high, low, close;
    double volume;
    int64_t open_scaled, high_scaled, low_scaled, close_scaled;
    uint32_t price_decimals;
    uint32_t flags; // DUET_BAR_…
    uint64_t reserved[2];
};
static_assert(sizeof(struct duet_bar) == 128, "struct duet_bar is frozen");

/** One trade on the market. */
struct duet_trade {
    uint32_t size;
    uint32_t instrument;
    int64_t time_ns;
    double price, quantity;
    int64_t price_scaled, quantity_scaled;
    int32_t side; // +1 buyer was the aggressor, -1 seller, 0 unknown
    uint32_t flags;
    uint64_t reserved;
};
static_assert(sizeof(struct duet_trade) == 64, "struct duet_trade is frozen");

/** Best bid and offer. A side that is absent has price and size 0. */
struct duet_quote {
    uint32_t size;
    uint32_t instrument;
    int64_t time_ns;
    double bid, ask, bid_size, ask_size;
    int64_t bid_scaled, ask_scaled;
};
static_assert(sizeof(struct duet_quote) == 64, "struct duet_quote is frozen");

#endif
