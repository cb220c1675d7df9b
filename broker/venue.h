/*
 * The simulated venue: takes ORDER events, meets them with openings, ranges, trades and quotes, and reports
 * ORDER_STATUS and FILL. Which prices an order may meet, and when, is DESIGN 4; how it fills is a table of rules, the
 * fill profile.
 *
 * The conductor drives it in phases; see engine/conductor.h. All market calls are engine thread, between bus drains:
 * what the venue publishes there is worked off by the caller's duet_bus_drain().
 */
#ifndef DUET_BROKER_VENUE_H
#define DUET_BROKER_VENUE_H

#include <stdbool.h>

#include <duet/bar.h>
#include <duet/bus.h>
#include <duet/component.h>

#include "components/instruments.h"
#include "portfolio/costs.h"
#include "portfolio/portfolio.h"

struct duet_venue; // opaque

/** How orders fill: one row of a visible table. */
struct duet_fill_profile {
    const char *name; // "duet-1", "backtrader"
    const char *summary;
    int limit_through_ticks; // a limit fills only if the price goes this far beyond it; 0: touch
    bool stops_first; // of several orders of one bar, stops before limits; else in order of submission
    bool reduce_first; // at an opening, position-reducing orders first
    bool stop_limit_same_bar; // a stop-limit triggered inside a bar may fill at its limit in that bar (backtrader's
                              // rule)
    bool short_sales_unchecked; // cash is checked for buys only
};
/** NULL for an unknown name. `*count` profiles in a static table. */
const struct duet_fill_profile *duet_fill_profile_find(const char *name);
const struct duet_fill_profile *duet_fill_profiles(size_t *count);

struct duet_venue_options {
    const struct duet_fill_profile *profile;
    struct duet_costs costs;
    const struct duet_instruments *instruments; // borrowed
    struct duet_portfolio *portfolio; // borrowed: cash at the fill, positions for reduce-only
    /** First instant after the trading day in which `ns` lies (DAY orders); borrowed. NULL: days of UTC. */
    int64_t (*day_end_ns)(const void *argument, int64_t ns);
    const void *argument;
};

DUET_MUST_CHECK enum duet_status duet_venue_create(
    const struct duet_venue_options *options, struct duet_bus *bus, struct duet_venue **out);
void duet_venue_destroy(struct duet_venue *venue);
struct duet_component *duet_venue_component(struct duet_venue *venue);

/** Instruments with working orders, in ascending order; valid until the next call into the venue. */
const uint32_t *duet_venue_hot(const struct duet_venue *venue, uint32_t *count);
/** Changes whenever the set of hot instruments does; starts at 0. */
uint64_t duet_venue_hot_version(const struct duet_venue *venue);

/** Phase 1: a bar of an execution series closes; its range meets orders that were accepted before it opened. */
void duet_venue_range(struct duet_venue *venue, const struct duet_bar *bar);
/** Phase 6: every opening of this instant (OPENING events, admitted), as one batch: position-reducing orders first,
   then order of submission. Each report is caused by the opening that it met. */
void duet_venue_openings(struct duet_venue *venue, const struct duet_event *openings, uint32_t count);
/** Phases 6 and 7 of `ns` are over: an order accepted from now on at `ns` meets later openings only. */
void duet_venue_openings_done(struct duet_venue *venue, int64_t ns);
/** Before anything else at a new instant: expire what is due by `ns` (DAY, GTD). */
void duet_venue_expire(struct duet_venue *venue, int64_t ns);
/** When duet_venue_expire() has something to do next; INT64_MAX for never. */
int64_t duet_venue_next_expiry_ns(const struct duet_venue *venue);
/** A trade or quote passed: meets orders accepted before it. */
void duet_venue_trade(struct duet_venue *venue, const struct duet_trade *trade);
void duet_venue_quote(struct duet_venue *venue, const struct duet_quote *quote);
/** No more data: pending orders expire END_OF_DATA. */
void duet_venue_end(struct duet_venue *venue);
/** Fill a market order for the whole position at `price` now (--at-end close), flagged DUET_AT_END. */
void duet_venue_close_out(struct duet_venue *venue, uint32_t instrument, int64_t price);

#endif
