/*
 * The daemon's end of a gateway: connection, hello with a rising epoch, resubscription, history, heartbeats, and the
 * reconciliation after every connect. Turns its messages into inputs of the session, and effects into its lines.
 */
#ifndef DUET_ENGINE_LIVE_GATEWAY_H
#define DUET_ENGINE_LIVE_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/event.h>
#include <duet/status.h>

struct duet_gateway; // opaque
struct duet_live;

/** A component of the live stack in spirit: start is pending until the gateway has welcomed us and told its books. */
DUET_MUST_CHECK enum duet_status duet_gateway_create(struct duet_live *live, struct duet_gateway **out);
void duet_gateway_destroy(struct duet_gateway *gateway);
void duet_gateway_send(struct duet_gateway *gateway, const struct duet_event *order);
/** About an order; 0: for its books once more. Whoever is not connected asks when it is. */
void duet_gateway_ask(struct duet_gateway *gateway, uint64_t order_id);
/** Session's holds_ns: instants that are incomplete. */
int64_t duet_gateway_holds_ns(const struct duet_gateway *gateway);

struct duet_gateway_status {
    bool up, reconciled;
    uint64_t epoch, reconnects, messages, ignored, late_bars, missed_bars, feed_sequence;
    int64_t last_message_ns;
    char error[120];
};
void duet_gateway_get_status(const struct duet_gateway *gateway, struct duet_gateway_status *out);

#endif
