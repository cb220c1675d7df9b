/*
 * The broker side of a session whose orders go out through a gateway. Takes ORDER events like the simulated venue and
 * hands them over to be sent once they are durable; takes the gateway's reports as inputs and publishes ORDER_STATUS
 * and FILL. It knows of each order whether the other side has answered, and never sends one twice:
 *
 *   HELD      handed over or waiting, nothing heard; may be sent, once
 *   IN_DOUBT  was handed over before the link was lost or the process ended: never sent from now on, queried by id;
 *             holds its full exposure
 *   KNOWN     the gateway has answered
 *
 * While the link is down (from the start, duet_desk_link_down() or duet_desk_restart() until duet_desk_reconciled())
 * an order is REJECTED, DISCONNECTED, for it would meet another market when the link is back; but those that limit a
 * loss (ATTACHED, LOCAL) wait, and go out after reconciliation. A cancel waits in any case. A replacement goes out when
 * the order that it replaces has ended without another fill, or has ended unfilled where both only reduce, and is
 * REJECTED, TOO_LATE, otherwise. Where it is rejected for the link, what it was to replace stays.
 *
 * Part of the core: no I/O, no clock, saved with it.
 */
#ifndef DUET_BROKER_DESK_H
#define DUET_BROKER_DESK_H

#include <duet/component.h>

#include "components/instruments.h"
#include "portfolio/portfolio.h"

struct duet_desk; // opaque

struct duet_desk_options {
    const struct duet_instruments *instruments; // borrowed
    struct duet_portfolio *portfolio; // borrowed
    /** An ORDER is to be sent (SUBMIT, CANCEL). */
    void (*send)(void *argument, const struct duet_event *event);
    /** An order is in doubt: ask. */
    void (*query)(void *argument, uint64_t order_id);
    void *argument;
};

/** What the gateway says of one order; fields as in the ORDER_STATUS and FILL that come of it. */
struct duet_desk_report {
    uint64_t order_id;
    uint64_t sequence; // of the gateway's reports: 1, 2, 3 … over its life; 0: an answer to a query
    uint8_t status; // enum duet_order_status; DUET_ORDER_CREATED: the gateway does not know it
    int8_t side;
    uint16_t reason_code;
    uint32_t instrument;
    int64_t fill_quantity, fill_price, cumulative; // fill_quantity 0: no fill
    duet_money commission;
    int64_t venue_ns;
    const char *fill_id; // the gateway's; "" without a fill
};

DUET_MUST_CHECK enum duet_status duet_desk_create(
    const struct duet_desk_options *options, struct duet_bus *bus, struct duet_desk **out);
void duet_desk_destroy(struct duet_desk *desk);
/** Type "venue", like the simulated one. */
struct duet_component *duet_desk_component(struct duet_desk *desk);
/**
 * A report, as an input is being worked off (between admit and drain).
 *
 * A fill is booked once per fill id; the same id again is counted and ignored, with other content it is an anomaly
 * (true in *anomaly). A fill may come before the answer to its order, and after the order has ended. An overfill, or a
 * fill of an order that was rejected, is booked as it is and is an anomaly. Cumulative quantities only rise: a lower
 * one is old and ignored; one above the fills that are booked means that a fill is missing, which is an anomaly and is
 * asked for. What comes for an order that has ended is old, unless it says that a rejected order lives: an anomaly, and
 * that order is cancelled. CREATED (the gateway does not know the order) proves an order in doubt unsent; of any other
 * it proves nothing.
 */
void duet_desk_report(struct duet_desk *desk, const struct duet_desk_report *report, bool *anomaly);
/** The link is down: orders without an answer are in doubt from now on. */
void duet_desk_link_down(struct duet_desk *desk);
/** A process took the session up again: as link down. */
void duet_desk_restart(struct duet_desk *desk);
/**
 * The gateway has told all it knows under the new `epoch`, up to its report `sequence`. An order in doubt that it does
 * not know can never have arrived, and ends REJECTED, UNSENT_AT_CRASH. What waited goes out, cancels are asked for
 * again, and what was not spoken of is asked for. The link is up.
 */
void duet_desk_reconciled(struct duet_desk *desk, uint64_t epoch, uint64_t sequence);
/**
 * Asked last before the wire: whether this order may go out over the connection `epoch` now. False where it has been in
 * doubt or answered since it was handed over, or where the core has not reconciled with that connection.
 */
bool duet_desk_may_send(const struct duet_desk *desk, uint64_t order_id, uint64_t epoch);
/** Every report of the gateway up to this one has been taken; it begins after it when asked for everything. */
uint64_t duet_desk_reports(const struct duet_desk *desk);
/** Orders in doubt. */
uint32_t duet_desk_in_doubt(const struct duet_desk *desk);

struct duet_desk_counts {
    uint64_t fills, duplicates, stale, unknown; // reports: fills booked, seen before, older than known, of no order
    uint64_t anomalies;
};
void duet_desk_get_counts(const struct duet_desk *desk, struct duet_desk_counts *out);

struct duet_text;
/** Append the state; the same state gives the same bytes. */
void duet_desk_save(const struct duet_desk *desk, struct duet_text *out);
/** Take it from the front of `*bytes` into a desk that has seen nothing yet, and move both on. DUET_EDATA. */
DUET_MUST_CHECK enum duet_status duet_desk_load(struct duet_desk *desk, const unsigned char **bytes, size_t *size);

#endif
