/*
 * The venue's insides: working orders, and the few steps that change them. Only the files of this room that make up the
 * venue include this.
 *
 *   book.c   where working orders live: by instrument in order of submission, and by id
 *   match.c  which price meets which order (the rules of a profile), and the batches
 *   fill.c   what a met order becomes: fill, cut, cancel
 *   venue.c  component, requests, reports, expiry, end
 */
#ifndef DUET_BROKER_BOOK_H
#define DUET_BROKER_BOOK_H

#include "broker/venue.h"
#include "broker/venue_inline.h"

/** One working order. Its address is stable until it is removed. */
struct duet_working {
    struct duet_working *next, *previous; // of its instrument, in order of submission; `next` also links free ones
    uint64_t order_id;
    uint64_t rank; // order of submission over all instruments
    uint32_t instrument;
    uint16_t flags, strategy;
    int8_t side;
    uint8_t type, time_in_force, status;
    bool triggered; // a stop-limit that is a limit by now
    bool rested; // has met a price without filling: what fills it later takes from it
    int64_t quantity, filled, price, stop_price;
    int64_t opening_from_ns; // meets openings from here on
    int64_t range_from_ns; // meets ranges of bars that open from here on
    int64_t tick_after_ns; // meets trades and quotes of later inputs
    int64_t expires_ns; // INT64_MAX: never
    char reason[DUET_REASON_MAX];
};

struct duet_side_book { // orders of one instrument
    struct duet_working *first, *last;
    uint32_t count;
};

/** An order and the opening it meets. */
struct duet_meeting {
    struct duet_working *order;
    const struct duet_event *opening;
    uint32_t class; // lower ones first
};

struct duet_venue {
    struct duet_venue_head head; // first; see venue_inline.h
    struct duet_component component;
    struct duet_venue_options options;
    struct duet_bus *bus;

    struct duet_side_book *books; // one per instrument
    uint32_t *hot; // head.hot_count indices, ascending; room for all instruments
    struct duet_working **by_id; // open addressing, capacity a power of two
    uint32_t id_capacity, working_count;
    struct duet_working *free_orders;
    struct order_block *blocks;

    struct duet_meeting *batch; // of an opening; scratch
    uint32_t batch_capacity;

    uint64_t next_fill_id, next_rank;
    int64_t opened_ns; // openings up to here are over
    int64_t now_ns; // orders are accepted as of here; INT64_MIN: as stamped
    int64_t late_open_ns; // of the openings being met after their bars have closed; INT64_MIN: none is
    bool ended;
    struct duet_venue_counts counts;
};

/* book.c */
void duet_book_init(struct duet_venue *venue);
void duet_book_finish(struct duet_venue *venue);
/** Forget every order; memory is kept for the next. */
void duet_book_clear(struct duet_venue *venue);
/** Copy `order` in behind all others of its instrument, and rank it last of all. Its id must not be there yet. */
struct duet_working *duet_book_add(struct duet_venue *venue, const struct duet_working *order);
/** `order` is gone after this. */
void duet_book_remove(struct duet_venue *venue, struct duet_working *order);
struct duet_working *duet_book_find(const struct duet_venue *venue, uint64_t order_id);

/* venue.c */
/** Publish that `order` is now `status`; final ones leave the book, and `order` is gone. `event_ns`: when it happened.
 */
void duet_venue_report(struct duet_venue *venue, struct duet_working *order, enum duet_order_status status,
    enum duet_reason reason, int64_t event_ns);

/* match.c: a price that an order meets, before slippage */
struct duet_offer {
    int64_t price;
    bool slips; // market and stop orders lose the slippage, limits never do
    uint8_t liquidity;
};

/* fill.c */
/** Fill `order` as far as position (reduce-only) and cash allow; what they do not allow is cancelled. `order` is gone
 * after this: a bar has no volume, so fills are whole. */
void duet_venue_fill(
    struct duet_venue *venue, struct duet_working *order, const struct duet_offer *offer, int64_t timestamp_ns);

#endif
