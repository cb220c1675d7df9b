/*
 * The desk's insides. Only its own files include this:
 *
 *   desk.c         component, requests, the link
 *   desk_report.c  what the gateway says, and what is published of it
 *   desk_save.c    orders and fills that are kept; saving and loading
 */
#ifndef DUET_BROKER_DESK_STATE_H
#define DUET_BROKER_DESK_STATE_H

#include "broker/desk.h"

/** Orders that have ended are known while their ids lie in the last so many. */
#define DUET_DESK_ENDED_MAX 1024
/** Fill ids that are remembered; older ones are known by the cumulative quantity of their order. A power of two. */
#define DUET_DESK_FILLS_MAX 2048
/** An order's quantities stay below this, so that sums are safe. */
#define DUET_DESK_QUANTITY_MAX (INT64_C(1) << 61)

enum duet_desk_knowledge { DUET_DESK_HELD = 0, DUET_DESK_IN_DOUBT, DUET_DESK_KNOWN };

/** What the gateway has said of an order since the link was lost. */
enum duet_desk_word { DUET_DESK_SILENT = 0, DUET_DESK_UNKNOWN, DUET_DESK_TOLD };

/** Saved as it stands, hence without holes. */
struct duet_desk_order {
    uint64_t order_id;
    uint64_t replaces; // waits for the end of this one; 0: for none
    int64_t replaced_filled; // what that one had filled
    int64_t quantity, price, stop_price, expires_ns;
    int64_t booked; // Σ fills published
    int64_t told; // highest cumulative quantity that the gateway has named
    uint32_t instrument;
    uint16_t flags, strategy;
    int8_t side;
    uint8_t type, time_in_force, status;
    uint8_t knowledge; // enum duet_desk_knowledge
    uint8_t handed; // given to send(), once
    uint8_t word; // enum duet_desk_word
    uint8_t cancel; // asked for: enum duet_order_action, 0: not
    char reason[DUET_REASON_MAX];
};
static_assert(sizeof(struct duet_desk_order) == 112, "saved as it stands");

struct duet_desk_fill {
    uint64_t order_id;
    char fill_id[40];
    int64_t quantity, price;
    duet_money commission;
};
static_assert(sizeof(struct duet_desk_fill) == 80, "saved as it stands");

/** Counters and marks; saved as they stand. */
struct duet_desk_marks {
    uint64_t epoch; // of the connection reconciled with last
    uint64_t link_up;
    uint64_t reports; // all up to here were taken
    uint64_t reports_ahead; // bit i: report reports + 1 + i was taken too
    uint64_t last_id; // highest order id seen
    uint64_t fills; // booked so far; the next fill_id on the bus is one more
    uint64_t replacing; // the next submit waits for this order; 0: it does not
    struct duet_desk_counts counts;
};

struct duet_desk {
    struct duet_component component;
    struct duet_desk_options options;
    struct duet_bus *bus;
    struct duet_desk_marks marks;
    struct duet_desk_order *orders; // ascending id
    size_t count, capacity;
    struct duet_desk_fill *fills; // ring: fill number n is at n modulo its size
    uint64_t fill_chain[DUET_DESK_FILLS_MAX]; // number of the next older fill with that hash; 0: none
    uint64_t fill_heads[DUET_DESK_FILLS_MAX]; // by hash of the id
};

bool duet_desk_is_final(const struct duet_desk_order *order);

/* ---- desk.c ---- */

/** Give an order to send(), or where it cannot go any more, reject it. */
void duet_desk_hand_over(struct duet_desk *desk, struct duet_desk_order *order);
/** Ask the gateway to cancel, if the link is up; else that waits. */
void duet_desk_ask_cancel(struct duet_desk *desk, struct duet_desk_order *order);
/** `ended` is over: orders that waited to take its place go out, or never will. */
void duet_desk_release(struct duet_desk *desk, const struct duet_desk_order *ended);

/* ---- desk_report.c ---- */

/** The order is now `status`: publish it. */
void duet_desk_publish(struct duet_desk *desk, struct duet_desk_order *order, enum duet_order_status status,
    enum duet_reason reason, int64_t event_ns);
/** Something cannot be: counted, logged, an ERROR event. */
void duet_desk_anomaly(struct duet_desk *desk, uint64_t order_id, const char *what);

/* ---- desk_save.c ---- */

/** NULL where there is none. Valid until the next duet_desk_add(). */
struct duet_desk_order *duet_desk_find(const struct duet_desk *desk, uint64_t order_id);
/** A copy of `order`, whose id must be above all others; orders that ended long ago make room. */
struct duet_desk_order *duet_desk_add(struct duet_desk *desk, const struct duet_desk_order *order);
/** The fill with this id, if it is remembered. */
const struct duet_desk_fill *duet_desk_fill_find(const struct duet_desk *desk, const char *fill_id);
/** Remember a fill; its number, from 1 on, is its id on the bus. */
uint64_t duet_desk_fill_add(struct duet_desk *desk, const struct duet_desk_fill *fill);
/** As after init. */
void duet_desk_clear(struct duet_desk *desk);

#endif
