/*
 * Inside the HTTP server. evhttp owns its connections and tells nobody when one comes or goes, nor when it answers
 * with an error page of its own. So each connection has a record here, which holds a reference to its bufferevent and
 * listens on its buffers.
 */
#ifndef DUET_NET_HTTP_PRIVATE_H
#define DUET_NET_HTTP_PRIVATE_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#include "net/http_server.h"

#define HTTP_BODY_MAX ((size_t)64 << 10)
#define HTTP_HEADER_MAX ((size_t)8 << 10)
#define HTTP_CONNECTIONS_MAX 256u
#define HTTP_REQUESTS_PER_S 100.0
/** A request that does not arrive whole, an answer that is not read, or a connection without requests. */
#define HTTP_IDLE_S 30
/** What a peer may still send while its error page goes out, and how long. Closing on it would take the page away. */
#define HTTP_LINGER_MAX ((size_t)1 << 20)
#define HTTP_LINGER_S 1
/** Peer addresses whose rate is known; the one unused longest makes room. */
#define HTTP_PEERS_MAX 64
#define HTTP_PEER_TEXT_MAX 64

/** What evhttp has set on a bufferevent. */
struct http_callbacks {
    bufferevent_data_cb read, write;
    bufferevent_event_cb event;
    void *argument;
};

struct http_connection {
    struct http_connection *next;
    struct duet_http_server *server;
    struct bufferevent *bev; // a reference of our own
    struct evhttp_connection *evcon; // NULL until its first request
    struct duet_http_request *request; // being handled, or NULL
    struct event *soon; // runs before anything evhttp has just queued can leave
    struct evbuffer_cb_entry *in, *out;
    struct http_callbacks saved; // while it lingers
    bool excess; // one too many: every request is answered 503
    bool answering; // what goes out now is ours
    bool lingering, taken;
    size_t received; // bytes since the last request, or since it lingers
    int64_t quiet_since_ns; // no request since then
    void (*gone)(void *argument); // of a connection that was taken
    void *gone_argument;
};

struct duet_http_request {
    struct http_connection *connection;
    struct evhttp_request *raw;
    const char *path;
    char *segment; // evhttp_uridecode(), or NULL
    bool authorized; // it showed the token, or none is asked for
    struct evkeyvalq query;
    int64_t started_ns;
    void (*gone)(void *argument);
    void *gone_argument;
};

/** Requests that one peer address may make now. */
struct http_peer {
    char address[HTTP_PEER_TEXT_MAX];
    double allowed;
    int64_t seen_ns;
};

struct duet_http_server {
    struct duet_http_server_options options; // limits filled in
    struct evhttp *evhttp;
    struct evconnlistener *listener; // evhttp's
    struct http_connection *connections;
    struct http_peer peers[HTTP_PEERS_MAX];
    char *token;
    uint16_t port;
};

/* ---- http_connection.c ---- */

/** evhttp_set_bevcb(): a bufferevent for a connection just accepted, and its record. */
struct bufferevent *duet_http_accepted(struct event_base *base, void *server);
/** The record of the connection that `raw` came in on. */
struct http_connection *duet_http_connection_of(struct duet_http_server *server, struct evhttp_request *raw);
/** Wait for an answer that comes later, and notice when the peer goes meanwhile. */
void duet_http_hold(struct http_connection *connection);
/** Free records whose connections evhttp has freed. */
void duet_http_sweep(struct duet_http_server *server);
/** Answer all requests that are held, and write what can be written without waiting. */
void duet_http_flush_held(struct duet_http_server *server);

/**
 * Take the connection of a request out of HTTP: evhttp leaves it alone, its bytes are the caller's; `request` is gone.
 * `gone` is called when the server is destroyed; the bufferevent is gone then. Else duet_http_close() ends it; not from
 * inside a route's handler.
 */
struct http_connection *duet_http_take(struct duet_http_request *request, void (*gone)(void *argument), void *argument);
void duet_http_close(struct http_connection *connection);

/* ---- http_request.c ---- */

/** evhttp_set_gencb(): every request that evhttp understood. */
void duet_http_handle(struct evhttp_request *raw, void *server);
/** Free a request that is answered, gone or taken; leaves `raw` alone. */
void duet_http_request_free(struct duet_http_request *request);
/** Value of a header of the request, or NULL. */
const char *duet_http_header(const struct duet_http_request *request, const char *name);
/** Add a header to the answer. */
void duet_http_add_header(struct duet_http_request *request, const char *name, const char *value);
/** The body of an error: {"ok":false,…}. */
size_t duet_http_error_body(char *out, size_t size, const char *code, const char *message);

/* ---- http_guard.c ---- */

/** Everything that must hold before a handler sees the request. False: it has been answered. */
bool duet_http_admit(struct duet_http_request *request, const struct duet_http_route **route);

#endif
