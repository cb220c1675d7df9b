/*
 * Longer bars out of shorter ones, or out of trades (or quotes' middles), one instrument at a time, as they come.
 *
 * The same code makes them in a backtest, live and in a replay. The owner tells what happens in the order of time, and
 * at every instant, after what closes at it: `while (duet_aggregate_next(…))` gives the bars that are closed by then.
 *
 *   time     A bar closes when its span is over (data/span.h), by the clock and not by the next arrival. A span without
 *            anything in it yields no bar. A shorter bar belongs to the span that its last instant lies in.
 *   tick     Closes with the n-th trade (or shorter bar). The next one begins with the next trade.
 *   volume   Closes with the trade, or shorter bar, that brings its volume to the size or beyond. That one is not
 *            split, and what it brings beyond is not carried over: the next bar begins at nothing.
 *   value    The same with price times quantity; a shorter bar counts with its close.
 *   renko    The source is the close of a shorter bar, or the trade's price. Bricks stand on multiples of their size;
 *            the first price decides (rounded to the nearest, halves up) where the first one begins. After a brick up,
 *            the next one up closes when the price reaches its top plus one size, and one down when it reaches its
 *            bottom less one size, so that a turn takes two sizes from the last close. Reaching is enough. One price
 *            may close several, told in order, all with that instant as their close. open and close are the brick's
 *            edges. The wick against its direction goes to the lowest (highest) price since the last brick closed, the
 *            lows and highs of shorter bars included; there is none in its direction, and of several bricks only the
 *            first has one. Volume belongs to the first brick of an instant. Others differ: LEAN wants the price to go
 *            beyond the edge; classic bricks without wicks, and those that turn after one size, also exist.
 *
 * Prices are kept both as doubles and as integers, as they came. Volumes are summed as integers of at least 8 decimals,
 * exactly where a volume times 10^8 is below 2^53. A bar of time that begins with data from inside of its span, as the
 * first one, carries DUET_BAR_PARTIAL; so does what duet_aggregate_flush() gives.
 */
#ifndef DUET_DATA_AGGREGATE_H
#define DUET_DATA_AGGREGATE_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/bar.h>
#include <duet/money.h>
#include <duet/status.h>

#include "data/span.h"

struct duet_zone; // data/zone.h

struct duet_aggregate_options {
    int64_t bars; // a length of time, or one of DUET_BARS_…()
    uint32_t instrument, price_decimals;
    uint32_t quantity_decimals; // of the trades that it is given
    uint32_t reserved;
    const struct duet_zone *zone; // of its days; borrowed; NULL: UTC
};

/** What has to be kept to go on later; flat, without padding. */
struct duet_aggregate_state {
    duet_money volume, value; // of what is under way; value: in units of price times volume
    struct duet_bar bar; // under way; size 0: none
    int64_t due_ns; // when it closes; INT64_MAX: not known, or nothing is under way
    struct duet_span span; // of it, or of the last one
    int64_t last_ns; // when the last of it was told
    int64_t count; // told of this bar
    int64_t brick_open, brick_close; // renko: edges of the last one
    int64_t price; // renko: the last
    uint64_t begun; // 0: nothing has been told yet
    uint64_t late; // told after their span was over; left out
    uint64_t reserved;
};

struct duet_aggregate {
    struct duet_aggregate_options options;
    struct duet_aggregate_state state;
    duet_money limit; // of volume or value
    int64_t size; // of a brick, or how many make a bar
    double volume_scale;
    int64_t quantity_units; // of a trade's quantity, in those of the volume
    uint32_t kind; // enum duet_bars_kind
    uint32_t volume_decimals;
    int64_t reserved;
};

/** As duet_bars_check() of trades; DUET_ENOTFOUND also for bricks that are finer than prices are. */
DUET_MUST_CHECK enum duet_status duet_aggregate_init(
    struct duet_aggregate *aggregate, const struct duet_aggregate_options *options);

/** A shorter bar has closed. Nothing that closed before it may still be waiting to be asked for. */
static inline void duet_aggregate_bar(struct duet_aggregate *aggregate, const struct duet_bar *bar);
/** A trade; quantity 0 for a quote's middle. Ask for what has closed by `time_ns` before. True: it opened a bar. */
bool duet_aggregate_trade(
    struct duet_aggregate *aggregate, int64_t time_ns, int64_t price_scaled, int64_t quantity_scaled);
/** The next bar that is closed by `now_ns`; false: there is none (any more). */
bool duet_aggregate_next(struct duet_aggregate *aggregate, int64_t now_ns, struct duet_bar *out);
/** When that is due; INT64_MAX: nothing is under way, or it depends on what comes. */
static inline int64_t duet_aggregate_due_ns(const struct duet_aggregate *aggregate) {
    return aggregate->state.due_ns;
}
/** No more will come: what is under way as it stands, marked, and closing when the last of it did; false: nothing. */
bool duet_aggregate_flush(struct duet_aggregate *aggregate, struct duet_bar *out);

/* ---- the way of a bar into the span under way, inline because every bar of a run goes it ---- */

/** One more of whatever it is made of: a bar, its volume in our units, its last instant, and when it was told. */
void duet_aggregate_piece(struct duet_aggregate *aggregate, const struct duet_bar *bar, duet_money volume,
    int64_t inside_ns, int64_t told_ns);

static inline duet_money duet_aggregate_volume(const struct duet_aggregate *aggregate, double volume) {
    double scaled = __builtin_rint(volume * aggregate->volume_scale);
    return __builtin_expect(scaled < 0x1p62 && scaled > -0x1p62, 1) ? (int64_t)scaled
           : scaled < 0x1p120 && scaled > -0x1p120                  ? (duet_money)scaled
                                                                    : 0;
}

static inline void duet_aggregate_join(
    struct duet_aggregate_state *state, const struct duet_bar *bar, duet_money volume, int64_t told_ns) {
    struct duet_bar *sum = &state->bar;
    sum->high = bar->high > sum->high ? bar->high : sum->high;
    sum->low = bar->low < sum->low ? bar->low : sum->low;
    sum->close = bar->close;
    sum->high_scaled = bar->high_scaled > sum->high_scaled ? bar->high_scaled : sum->high_scaled;
    sum->low_scaled = bar->low_scaled < sum->low_scaled ? bar->low_scaled : sum->low_scaled;
    sum->close_scaled = bar->close_scaled;
    state->last_ns = told_ns;
    state->volume += volume;
}

static inline void duet_aggregate_bar(struct duet_aggregate *aggregate, const struct duet_bar *bar) {
    struct duet_aggregate_state *state = &aggregate->state;
    int64_t inside_ns = bar->close_ns - 1;
    duet_money volume = duet_aggregate_volume(aggregate, bar->volume);
    // Only bars of time know beforehand when they are due.
    if (__builtin_expect(
            state->due_ns != INT64_MAX && inside_ns < state->due_ns && inside_ns >= state->span.open_ns, 1)) {
        duet_aggregate_join(state, bar, volume, bar->close_ns);
    } else {
        duet_aggregate_piece(aggregate, bar, volume, inside_ns, bar->close_ns);
    }
}

#endif
