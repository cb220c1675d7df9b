/*
 * The broker side of a session whose orders go out through a gateway. Takes ORDER events like the simulated venue and
 * hands them over to be sent once they are durable; takes the gateway's reports as inputs and publishes ORDER_STATUS
 * and FILL. It knows of each order whether the other side has answered, and never sends one twice:
 *
 *   HELD      handed over, not yet sent          a restart proves it unsent (new epoch, gateway knows nothing of it)
 *   IN_DOUBT  sent, nothing heard, link lost      queried by id, never repeated; holds its full exposure
 *   KNOWN     the gateway has answered
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
 * A report, as an input is being worked off (between admit and drain). What is older than what is known (lower
 * cumulative, status of a final order) is counted and ignored; a fill id that was there already is booked no second
 * time, with other content it is an anomaly (true in *anomaly); a jump in cumulative without its fill is an anomaly; an
 * overfill is booked as it is and is an anomaly.
 */
void duet_desk_report(struct duet_desk *desk, const struct duet_desk_report *report, bool *anomaly);
/** The link is down: orders without an answer are in doubt from now on. */
void duet_desk_link_down(struct duet_desk *desk);
/** A process took the session up again: as link down, for everything. */
void duet_desk_restart(struct duet_desk *desk);
/** The gateway has told all it knows under a new epoch: what it does not know now can never have arrived, and ends
 * REJECTED, UNSENT_AT_CRASH. */
void duet_desk_reconciled(struct duet_desk *desk);
uint32_t duet_desk_in_doubt(const struct duet_desk *desk);
struct duet_text;
void duet_desk_save(const struct duet_desk *desk, struct duet_text *out);
DUET_MUST_CHECK enum duet_status duet_desk_load(struct duet_desk *desk, const unsigned char **bytes, size_t *size);

#endif
