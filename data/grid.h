/*
 * Puts closed bars and openings of a live feed together into instants. All subscribed series whose bar closes at one
 * instant belong to it; phases 3 to 5 of an instant wait for all of them, up to a grace, after which the missing ones
 * are named and the instant goes on without them. Bars that come later are late: an instant of their own.
 *
 * No clock and no I/O: the owner pushes what came, and takes what is ready, after everything that one read has brought.
 *
 * Who is waited for. Of a series below a day: the next bar of its interval after the last one; before the first one
 * whatever its interval divides, but then it is never named missing. Day and week bars: a whole number of days or
 * weeks after the last one; month bars: the same day of a month; before the first one nobody waits for them. Within one
 * series bars come in order, so that a later one ends the wait for an earlier one. A series that was missing at
 * DUET_GRID_PATIENCE instants running (out of its trading hours, or dead) is waited for again, and named, only once it
 * has come back.
 *
 * How long. Until `grace_ns` after the instant, or after the first of it came where that was later: a feed that is
 * behind, or catches up, is put together just as well. An instant is not given out before `now_ns` has reached it; bars
 * of a far future are the owner's to refuse. What comes in time makes the same instants in whatever order the series
 * interleave.
 */
#ifndef DUET_DATA_GRID_H
#define DUET_DATA_GRID_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/bar.h>
#include <duet/event.h>
#include <duet/status.h>

struct duet_grid; // opaque

#define DUET_GRID_PATIENCE 3
/** Most bars and openings that wait together; beyond: DUET_EFULL. */
#define DUET_GRID_WAITING_MAX 262144

struct duet_grid_series {
    uint32_t instrument;
    int64_t interval_ns;
};
struct duet_grid_options {
    const struct duet_grid_series *series; // copied; sorted by interval, then instrument
    uint32_t series_count;
    int64_t grace_ns; // wait this long after an instant for its bars
    int64_t begins_ns; // instants up to here are over already; of this very one openings are in time, and bars late
};
/** DUET_EINVAL: series not sorted, twice, or without an interval; a negative grace. */
DUET_MUST_CHECK enum duet_status duet_grid_create(const struct duet_grid_options *options, struct duet_grid **out);
void duet_grid_destroy(struct duet_grid *grid);

/** A bar closed. DUET_EEXIST: had already, or over when it began (dropped); DUET_EDATA: no such series, or times that
 * cannot be. */
DUET_MUST_CHECK enum duet_status duet_grid_bar(struct duet_grid *grid, const struct duet_bar *bar);
/** A bar opened. As above; an opening that is not newer than the last one of its series is DUET_EEXIST. */
DUET_MUST_CHECK enum duet_status duet_grid_opening(
    struct duet_grid *grid, uint32_t series, const struct duet_opening *opening);

struct duet_grid_instant {
    int64_t instant_ns;
    const struct duet_bar *closing; // sorted; valid until the next call
    const struct duet_opening *opening; // sorted by series
    const uint32_t *missing; // series, ascending
    uint32_t closing_count, opening_count, missing_count;
    bool late; // its bars, or its openings, belong to a time that was given out before
};
/** The next instant that is complete, or whose grace is over at `now_ns`; false: none yet. Never earlier than one that
 * was given out, but for late ones. Openings may follow in an instant of the same time, which is not late. */
bool duet_grid_next(struct duet_grid *grid, int64_t now_ns, struct duet_grid_instant *out);
/** When to ask again though nothing comes: the end of a grace; INT64_MAX: never. Timers that were held may go then, so
 * whoever keeps them has to be woken too. */
int64_t duet_grid_wake_ns(const struct duet_grid *grid);
/** Timers due at or after this instant have to wait: it is not complete, or was not taken. INT64_MAX: none waits. */
int64_t duet_grid_holds_ns(const struct duet_grid *grid, int64_t now_ns);

#endif
