/*
 * The series of a run that no file or feed gives: longer bars, made of those that are given while they come. The same
 * for a backtest, a live session and its replay; what comes from outside, and is journaled, are the given ones alone.
 *
 * At every instant the owner first hands over each given bar that closes there (duet_made_take()), and then asks for
 * what is closed by then. Of a source of trades or quotes it asks before and after each tick (duet_made_next_of()): a
 * tick at the end of a span belongs to the next. Bars of time close when the clock says so, and so there may be
 * instants at which only made bars close: duet_made_due_ns() names the next. A made bar goes into its window when it is
 * asked for, and is told before the next one is: so no history shows a longer bar before its last shorter one was told.
 *
 * Two of the bars never count as warm-up and carry DUET_BAR_PARTIAL: the first of a series where the data begins inside
 * of its span, and, when the data is over (duet_made_end()), what was under way. That last one is put into its window
 * for on_stop to find, and is not told.
 */
#ifndef DUET_ENGINE_MADE_H
#define DUET_ENGINE_MADE_H

#include "components/instruments.h"
#include "data/aggregate.h"
#include "data/bars.h"
#include "data/series.h"
#include "engine/config.h"
#include "engine/host.h"

struct duet_text;

/** A series that is given. Sorted by interval, then instrument. */
struct duet_made_source {
    uint32_t instrument;
    int64_t interval_ns; // 0: trades or quotes
    uint32_t price_decimals;
    uint32_t quantity_decimals; // of its trades
    bool is_quotes;
    const struct duet_zone *zone; // of its days; borrowed; NULL: UTC
};

struct duet_made_series {
    struct duet_host_series host; // what strategies see of it
    struct duet_window window;
    struct duet_aggregate aggregate;
    uint32_t source; // what it is made of
    bool wanted; // the strategy gets its bars
    struct duet_made_series *next; // of the same source
};

struct duet_made {
    const struct duet_instruments *instruments; // borrowed
    struct duet_made_source *sources;
    struct duet_made_series **first; // by source
    uint32_t source_count;
    struct duet_made_series **items; // in the order in which their bars are told at one instant
    uint32_t count;
    int64_t due_ns; // of the earliest; INT64_MAX: none
    bool guard;
};

/** Nothing is made at first. `sources` are copied. */
struct duet_made *duet_made_create(
    const struct duet_instruments *instruments, const struct duet_made_source *sources, uint32_t count, bool guard);
void duet_made_destroy(struct duet_made *made);

/** Add what the data entries of `config` name (bars=), the first of each as the primary series of its instrument. What
 * a given series has is not made. DUET_EINVAL, with the symbol, where it cannot be. */
DUET_MUST_CHECK enum duet_status duet_made_configure(struct duet_made *made, const struct duet_config *config);
/** What bars= names first for `symbol`; 0: nothing is said. */
int64_t duet_made_primary(const struct duet_config *config, const char *symbol);

/** NULL: there is none. */
struct duet_made_series *duet_made_find(const struct duet_made *made, uint32_t instrument, int64_t bars);
/** Make it of the finest series of the instrument that it can be made of: its trades, else bars, else the middles of
 * its quotes. Where it is there already, that is it. DUET_ENOTFOUND, or DUET_EINVAL for a number that says nothing.
 * Before the first bar only. */
DUET_MUST_CHECK enum duet_status duet_made_add(
    struct duet_made *made, uint32_t instrument, int64_t bars, struct duet_made_series **out);

/** A given bar of `source` has closed. */
static inline void duet_made_take(struct duet_made *made, uint32_t source, const struct duet_bar *bar) {
    for (struct duet_made_series *item = made->first[source]; item != NULL; item = item->next) {
        duet_aggregate_bar(&item->aggregate, bar);
        int64_t due_ns = item->aggregate.state.due_ns;
        made->due_ns = due_ns < made->due_ns ? due_ns : made->due_ns;
    }
}

/** A trade of `source`, or the middle of a quote with quantity 0. */
static inline void duet_made_take_tick(
    struct duet_made *made, uint32_t source, int64_t time_ns, int64_t price_scaled, int64_t quantity_scaled) {
    for (struct duet_made_series *item = made->first[source]; item != NULL; item = item->next) {
        (void)duet_aggregate_trade(&item->aggregate, time_ns, price_scaled, quantity_scaled);
        int64_t due_ns = item->aggregate.state.due_ns;
        made->due_ns = due_ns < made->due_ns ? due_ns : made->due_ns;
    }
}

static inline int64_t duet_made_due_ns(const struct duet_made *made) {
    return made == NULL ? INT64_MAX : made->due_ns;
}

/**
 * The next made bar that is closed by `now_ns` and comes before the bars of (`interval_ns`, `instrument`) at one
 * instant, now in its window; NULL: none. `*cursor` is 0 at the beginning of an instant. `*item` is its series.
 */
const struct duet_bar *duet_made_next(struct duet_made *made, int64_t now_ns, int64_t interval_ns, uint32_t instrument,
    uint32_t *cursor, struct duet_made_series **item);
/** The same for the series of one source alone, whatever else comes at that instant. */
const struct duet_bar *duet_made_next_of(
    struct duet_made *made, uint32_t source, int64_t now_ns, struct duet_made_series **item);
/** The rest of an instant: before nothing. */
#define DUET_MADE_ALL (-1)

/** How many pieces came after their longer bar had closed, and were left out of it. */
uint64_t duet_made_late(const struct duet_made *made);

/** No more comes: see above. Once. */
void duet_made_end(struct duet_made *made);

/** How many of `warm_up` whole bars the primary series made of source `source` has before the one that opens at
 * `first`; warm_up where none is made, or it is not of time. */
uint64_t duet_made_warm_bars(
    const struct duet_made *made, uint32_t source, const struct duet_series *series, uint64_t first, uint64_t warm_up);

/**
 * Where the playing of `series`, which is source `source`, has to begin: no later than `start`, and so that every
 * primary series that is made of it has `warm_up` whole bars by the one that opens at `first`, and every other one is
 * whole by then. Bars that are not of time are counted from the beginning of the data. NULL: `start`.
 */
uint64_t duet_made_start(const struct duet_made *made, uint32_t source, const struct duet_series *series,
    uint64_t first, uint64_t start, uint64_t warm_up);

/** How many bars of source `source` make `bars` of the primary series that is made of it; 0 where none is made, and
 * where that cannot be said: volumes, values and bricks. */
int64_t duet_made_bars_for(const struct duet_made *made, uint32_t source, int64_t bars);

/** Everything that is needed to go on later; into one with the same series. DUET_EINVAL: other series, DUET_EDATA:
 * damaged. */
void duet_made_save(const struct duet_made *made, struct duet_text *out);
DUET_MUST_CHECK enum duet_status duet_made_load(struct duet_made *made, const unsigned char **bytes, size_t *size);

#endif
