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

/** How orders fill: one row of a visible table (profiles.c). docs/fills.md says it at length, with examples. */
struct duet_fill_profile {
    const char *name; // "duet-1", "backtrader"
    const char *summary;
    int limit_through_ticks; // a limit fills only if the price goes this far beyond it; 0: touch
    bool stops_first; // of several orders of one range, stops before limits; else in order of submission
    bool reduce_first; // at an opening, position-reducing orders first
    bool stop_limit_same_bar; // a stop-limit triggered inside a bar may fill at its limit in that bar (backtrader's
                              // rule)
    bool short_sales_unchecked; // opening shorts need neither cash nor exposure; the portfolio is told so as well
    bool bar_outlives_expiry; // an order that may meet a bar's opening may meet its whole range; else no range that
                              // closes after the order's expiry
};
/** NULL for an unknown name. */
const struct duet_fill_profile *duet_fill_profile_find(const char *name);
/** The static table, `*count` rows, sorted by name. */
const struct duet_fill_profile *duet_fill_profiles(size_t *count);

/** Most orders that may work at one time; a further one is REJECTED ORDERS_MAX. */
#define DUET_VENUE_ORDERS_MAX (1u << 20)

struct duet_venue_options {
    const struct duet_fill_profile *profile;
    struct duet_costs costs;
    const struct duet_instruments *instruments; // borrowed
    struct duet_portfolio *portfolio; // borrowed: cash at the fill, positions for reduce-only
    /** First instant after the trading day in which `ns` lies (DAY orders); borrowed. NULL: days of UTC. */
    int64_t (*day_end_ns)(const void *argument, int64_t ns);
    const void *argument;
};

/** DUET_EINVAL without a profile, a portfolio or instruments. */
DUET_MUST_CHECK enum duet_status duet_venue_create(
    const struct duet_venue_options *options, struct duet_bus *bus, struct duet_venue **out);
void duet_venue_destroy(struct duet_venue *venue);
/**
 * Its lifecycle, type "venue". init subscribes to ORDER: SUBMIT is answered by ACCEPTED, or REJECTED with a reason;
 * CANCEL by CANCELLED, USER; REPLACE by CANCELLED, REPLACED: the order in its place comes as a SUBMIT of its own. A
 * cancel that crosses the end of its order is too late: it is counted, and the order's last status tells the rest.
 * reset: no orders, fill ids from 1 again.
 */
struct duet_component *duet_venue_component(struct duet_venue *venue);

/** Instruments with working orders, in ascending order; valid until the next call into the venue. Inline, and
 * without a call: broker/venue_inline.h. */
const uint32_t *duet_venue_hot(const struct duet_venue *venue, uint32_t *count);
/** Changes whenever the set of hot instruments does; starts at 0. */
uint64_t duet_venue_hot_version(const struct duet_venue *venue);

/*
 * The market calls. Of one instant T, in this order: (openings_at_close,) ranges, expire, openings, openings_done.
 * Reports are queued on the bus and caused by the event that the caller admitted last; every fill is booked with the
 * portfolio at once, so the next order of a batch meets the cash and the position which that fill left.
 */

/** Phase 1: a bar of an execution series closes; its range meets orders that were accepted before it opened. */
void duet_venue_range(struct duet_venue *venue, const struct duet_bar *bar);
/** `owner` of the TIMER input that causes expiries: "VENUE". */
#define DUET_VENUE_TIMER_OWNER UINT64_C(0x56454e5545)
/**
 * After phases 1 and 2, before any BAR of `ns`: EXPIRED, TIME for what is due by `ns` (DAY, GTD), caused by a TIMER
 * input that is admitted here; none where nothing expires. A range that closes at the expiry still counted; the opening
 * at the expiry does not.
 */
void duet_venue_expire(struct duet_venue *venue, int64_t ns);
/** When duet_venue_expire() has something to do next, or earlier; INT64_MAX for never. */
int64_t duet_venue_next_expiry_ns(const struct duet_venue *venue);
/**
 * Phase 6: every opening of one instant (OPENING events, admitted), as one batch: position-reducing orders first, then
 * order of submission. Each report is caused by the opening that it met. From the call on, an order accepted at this
 * instant meets later openings only, and ranges of bars that open later; an ATTACHED one, those that opened now too.
 */
void duet_venue_openings(struct duet_venue *venue, const struct duet_event *openings, uint32_t count);
/**
 * Phase 0, where openings become known only when their bars close (open_known: close): those of the bars that close at
 * `ns`, before their ranges. Admits them stamped `time_ns` in order of time, then instrument, meets those of each
 * instant as one batch, and drains. What is sent in answer is accepted at `ns`; an ATTACHED order may act in the range
 * of the bar whose opening filled its entry. Fills carry the opening's time and DUET_AT_CLOSE.
 */
void duet_venue_openings_at_close(
    struct duet_venue *venue, struct duet_event *openings, uint32_t count, int64_t ns, int64_t time_ns);
/**
 * Orders are accepted as of `ns` from now on, whatever their stamp: a live session learns of an instant some time after
 * it, and works it off as of then. INT64_MIN: as stamped, which is how it begins.
 */
void duet_venue_set_time(struct duet_venue *venue, int64_t ns);
/** Phases 6 and 7 of `ns` are over, also where there was no opening: as above for orders accepted from now on. */
void duet_venue_openings_done(struct duet_venue *venue, int64_t ns);
/**
 * A trade or quote of an execution series has passed, and is the input that was admitted last: it meets orders that
 * were accepted at an earlier time than that input's, so never one that was sent on a tick of the same time. A trade is
 * one price for both sides; of a quote buyers meet the ask and sellers the bid, and a limit there is met by a price
 * that is at it or better, for somebody stands there to deal with.
 */
void duet_venue_trade(struct duet_venue *venue, const struct duet_trade *trade);
void duet_venue_quote(struct duet_venue *venue, const struct duet_quote *quote);
/** No more data: pending orders expire END_OF_DATA, and later ones are rejected with that reason. */
void duet_venue_end(struct duet_venue *venue);
/**
 * --at-end close: sends a market order for the whole position through the portfolio, flagged DUET_AT_END, drains the
 * bus, and fills it at `price`. Orders with that flag which are already here are filled instead. Its last reports are
 * the caller's to drain.
 */
void duet_venue_close_out(struct duet_venue *venue, uint32_t instrument, int64_t price);

struct duet_venue_counts {
    uint64_t accepted, rejected, cancelled, expired, filled; // orders; `cancelled` for whatever reason
    uint64_t fills;
    uint64_t too_late; // cancels that crossed the end of their order
};
void duet_venue_get_counts(const struct duet_venue *venue, struct duet_venue_counts *out);

struct duet_text;
/** Append working orders and everything else that a venue has to know to go on. Between inputs only. */
void duet_venue_save(const struct duet_venue *venue, struct duet_text *out);
/** Into a venue of the same options, from the front of `*bytes` on, which is moved. DUET_EDATA; then it must be reset.
 */
DUET_MUST_CHECK enum duet_status duet_venue_load(struct duet_venue *venue, const unsigned char **bytes, size_t *size);

#endif
