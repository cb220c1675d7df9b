/*
 * One message to many listeners: WebSocket (wslay) and server-sent events over the control server's connections. Each
 * client has its own buffer; who lets it grow past the watermark, or stalls beyond the deadline, is dropped with a
 * warning, and nobody else waits for it.
 */
#ifndef DUET_NET_BROADCAST_H
#define DUET_NET_BROADCAST_H

#include <stddef.h>
#include <stdint.h>

#include <duet/status.h>

#include "net/http_server.h"

struct duet_broadcast; // opaque

struct duet_broadcast_options {
    size_t watermark_bytes; // per client; 0: 1 MiB
    int64_t stall_ns; // output not moving for so long: dropped; 0: 10 s
    int64_t ping_ns; // 0: 20 s
    uint32_t clients_max; // 0: 256; beyond: 503
    void *base;
    struct duet_log *log;
};
DUET_MUST_CHECK enum duet_status duet_broadcast_create(
    const struct duet_broadcast_options *options, struct duet_broadcast **out);
/** Closes every client (WebSocket 1001). Before the server: its connections go with it. */
void duet_broadcast_destroy(struct duet_broadcast *broadcast);

/** From a route's handler: turn the request into a listener. Answers 400 or 426 itself where it is no upgrade. */
void duet_broadcast_websocket(struct duet_broadcast *broadcast, struct duet_http_request *request);
void duet_broadcast_events(struct duet_broadcast *broadcast, struct duet_http_request *request);

/**
 * To everybody; `json` is one value without newlines; `event` names it ("fill", "order"), a plain word. Copied. A
 * WebSocket gets {"event":"fill","data":{…}}, a stream of events the lines "event: fill" and "data: {…}". Never calls
 * back, never closes: who is dropped for it goes from the loop.
 */
void duet_broadcast_send(struct duet_broadcast *broadcast, const char *event, const char *json, size_t size);

struct duet_broadcast_counts {
    uint32_t clients;
    uint64_t sent; // messages, once for each client that they were queued for
    uint64_t dropped_clients; // too slow, stalled or silent; not those who left
    uint64_t bytes_waiting;
};
void duet_broadcast_get_counts(const struct duet_broadcast *broadcast, struct duet_broadcast_counts *out);

#endif
