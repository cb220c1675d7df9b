/*
 * Puts closed bars and openings of a live feed together into instants. All subscribed series whose bar closes at one
 * instant belong to it; phases 3 to 5 of an instant wait for all of them, up to a grace, after which the missing ones
 * are named and the instant goes on without them. Bars that come later are late: an instant of their own.
 *
 * No clock and no I/O: the owner pushes what came with the time it came, and takes what is ready.
 */
#ifndef DUET_DATA_GRID_H
#define DUET_DATA_GRID_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/bar.h>
#include <duet/event.h>
#include <duet/status.h>

struct duet_grid; // opaque

struct duet_grid_series {
    uint32_t instrument;
    int64_t interval_ns;
};
struct duet_grid_options {
    const struct duet_grid_series *series; // copied; sorted by interval, then instrument
    uint32_t series_count;
    int64_t grace_ns; // wait this long after an instant for its bars
    int64_t begins_ns; // instants up to here are over already
};
DUET_MUST_CHECK enum duet_status duet_grid_create(const struct duet_grid_options *options, struct duet_grid **out);
void duet_grid_destroy(struct duet_grid *grid);

/** A bar closed. DUET_EEXIST: had already (dropped); DUET_EDATA: no such series, or times that cannot be. */
DUET_MUST_CHECK enum duet_status duet_grid_bar(struct duet_grid *grid, const struct duet_bar *bar);
DUET_MUST_CHECK enum duet_status duet_grid_opening(
    struct duet_grid *grid, uint32_t series, const struct duet_opening *opening);

struct duet_grid_instant {
    int64_t instant_ns;
    const struct duet_bar *closing; // sorted; valid until the next call
    const struct duet_opening *opening;
    const uint32_t *missing; // series
    uint32_t closing_count, opening_count, missing_count;
    bool late;
};
/** The next instant that is complete, or whose grace is over at `now_ns`; false: none yet. Never earlier than one that
 * was given out, but for late ones. */
bool duet_grid_next(struct duet_grid *grid, int64_t now_ns, struct duet_grid_instant *out);
/** When to ask again though nothing comes: the end of a grace; INT64_MAX: never. */
int64_t duet_grid_wake_ns(const struct duet_grid *grid);
/** Timers due at or after this instant have to wait: it is not complete. INT64_MAX: none waits. */
int64_t duet_grid_holds_ns(const struct duet_grid *grid, int64_t now_ns);

#endif
