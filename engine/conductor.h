/*
 * The conductor plays history: it merges the series of a run and works off each instant in the order that DESIGN 4
 * fixes.
 *
 *   (-) trades and quotes of now, each on its own: the venue, marks, its reports, TRADE or QUOTE, and what follows
 *   (0) where openings become known with their bars' closes: those of the bars that close now, instead of (6)
 *   (1) the venue takes every range that closes now, then instruments are marked at their closes
 *   (2) its reports drain; orders that end now expire
 *   (3) BARs, shorter interval first, then by symbol, each drained; made bars (engine/made.h) are admitted here
 *   (4) INSTANT, once; the equity curve takes its point
 *   (5) results of what strategies had computed, then timers
 *   (6) every opening of this instant with pending orders, as one batch
 *   (7) reports
 *
 * It is a source for either loop. Bars are decoded one at a time into the windows that strategies may see; nothing
 * later than the present is ever decoded, but for the time label of the next bar and, at its opening, its open.
 */
#ifndef DUET_ENGINE_CONDUCTOR_H
#define DUET_ENGINE_CONDUCTOR_H

#include <signal.h>

#include <duet/bus.h>
#include <duet/loop.h>

#include "broker/venue.h"
#include "data/merge.h"
#include "data/series.h"
#include "engine/holder.h"
#include "engine/made.h"
#include "engine/window.h"
#include "portfolio/portfolio.h"
#include "report/curve.h"

/** One series on stage. */
struct duet_player {
    struct duet_series *series; // borrowed
    struct duet_window window; // what strategies may see
    uint64_t next; // index of the bar that closes next
    uint64_t start, end; // first and one past the last index of the run
    uint64_t verified; // records below this have been checked
    int64_t close_ns; // of bar `next`, or the time of tick `next`; INT64_MAX at the end
    int64_t first_ns; // of the first tick played; INT64_MAX: none yet
    uint32_t instrument;
    bool is_ticks; // trades or quotes
    bool executes; // its openings and ranges, or its ticks, fill orders and mark the position
    bool wanted; // the strategy gets its bars
};

struct duet_conductor {
    struct duet_source source;
    struct duet_bus *bus;
    struct duet_venue *venue;
    struct duet_portfolio *portfolio;
    const struct duet_instruments *instruments;
    struct duet_player *players; // sorted by (interval, symbol), those of ticks first; owned by the caller
    uint32_t player_count;
    bool has_ticks;
    struct duet_made *made; // longer bars, of the players in their order; NULL: none
    struct duet_event made_last; // the last of them that was told at this instant; type NONE: none was
    uint32_t *executing; // player of each instrument; UINT32_MAX none
    struct duet_merge *merge; // NULL for a single series
    struct duet_curve *curve;
    struct duet_holder *holder;
    bool wants_instants;
    bool opening; // phases 6 and 7 are being worked off
    bool opens_at_close; // openings are met when their bars close, as phase 0
    int64_t from_ns; // the curve begins with the first bar that opens at or after it
    int64_t openings_done_ns;
    int64_t last_ns; // latest instant worked off
    uint64_t bars, bars_total; // the total counts ticks too
    uint64_t ticks;
    uint32_t *closing; // players whose bar closes now; scratch
    struct duet_event *events;
    /** Offloaded work that was asked for becomes inputs of the present; false: there was none. NULL: there never is. */
    bool (*join)(void *argument);
    /** After each instant's equity is known; NULL: nobody wants it. */
    void (*on_instant)(void *argument, int64_t ns);
    /** Now and then; may be NULL. */
    void (*on_progress)(void *argument, uint64_t bars_done, uint64_t bars_total);
    void *argument;
    const volatile sig_atomic_t *interrupted; // not 0: stop before the next instant; NULL: nobody interrupts
    enum duet_status failure; // DUET_EDATA where a block of the cache is damaged
    uint64_t instants, progress_due;
};

/**
 * Everything up to and including `argument` but closing, events, executing, merge and has_ticks is set by the caller;
 * this adds those. `players` have series, instrument, start, end, executes, wanted and an initialised window.
 */
DUET_MUST_CHECK enum duet_status duet_conductor_init(struct duet_conductor *conductor);
void duet_conductor_finish(struct duet_conductor *conductor);

/** After the last bar: pending orders expire; with `close` positions are sold at their last close. */
void duet_conductor_end(struct duet_conductor *conductor, bool close);

#endif
