/* Inside the broadcast: its clients, and what a WebSocket needs beyond a stream of events. */
#ifndef DUET_NET_BROADCAST_PRIVATE_H
#define DUET_NET_BROADCAST_PRIVATE_H

#include <wslay/wslay.h>

#include "net/broadcast.h"
#include "net/http_private.h"

#define WEBSOCKET_KEY_LENGTH 24 // 16 bytes in base64
#define WEBSOCKET_ACCEPT_MAX 32

struct broadcast_client {
    struct broadcast_client *next;
    struct duet_broadcast *broadcast;
    struct http_connection *connection;
    struct bufferevent *bev; // the connection's
    wslay_event_context_ptr websocket; // NULL: a stream of events
    bool answered; // since it was last pinged
    bool closing; // its last bytes are on their way
    bool dying; // to be closed by the reaper: never while somebody walks the list
};

/** The value of Sec-WebSocket-Accept for a key of WEBSOCKET_KEY_LENGTH. */
void duet_websocket_accept(const char *key, char out[WEBSOCKET_ACCEPT_MAX]);
/** Whether the request asks for a WebSocket as it should. False: it has been answered 400 or 426. */
bool duet_websocket_check(struct duet_http_request *request);

/** Frames for the client's bufferevent. */
void duet_websocket_open(struct broadcast_client *client);
/** Take in what has arrived, and answer pings and closes. False: the client has said its last. */
bool duet_websocket_read(struct broadcast_client *client);
void duet_websocket_text(struct broadcast_client *client, const char *text, size_t size);
void duet_websocket_ping(struct broadcast_client *client);
void duet_websocket_close(struct broadcast_client *client, uint16_t code);

#endif
