/*
 * An HTTP server for the control interface, on evhttp: routes in a table, a bearer token, limits on size and rate, one
 * format of errors. It checks who asks before anything else sees the request; what the request means is the caller's.
 *
 * Engine thread only; `base` is duet_loop_base(). The process must ignore SIGPIPE.
 */
#ifndef DUET_NET_HTTP_SERVER_H
#define DUET_NET_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/status.h>

struct duet_http_server; // opaque
struct duet_http_request; // opaque; lives until it is answered or its peer has gone
struct duet_log;

#define DUET_HTTP_GET 1u
#define DUET_HTTP_POST 2u
#define DUET_HTTP_DELETE 4u

struct duet_http_route {
    unsigned method; // DUET_HTTP_…
    const char *path; // "/api/v1/orders"; one part "*" of it matches one segment
    bool open; // answered without a token (health only)
    /** Answer now with duet_http_reply(), or later: hold on to `request`. */
    void (*handle)(void *argument, struct duet_http_request *request);
};

struct duet_http_server_options {
    const char *address; // "127.0.0.1:8000"; other than loopback only where `allow_remote`
    bool allow_remote;
    const char *token; // NULL: no token is asked for (refused unless loopback); compared in constant time
    size_t body_max; // 0: 64 KiB; beyond: 413
    size_t header_max; // 0: 8 KiB; beyond: 431
    uint32_t connections_max; // 0: 256
    double requests_per_s; // per peer address, bucket of as many; 0: 100; beyond: 429 with Retry-After
    const struct duet_http_route *routes; // static
    size_t route_count;
    void *argument; // of the handlers
    struct duet_log *log; // method, path, status, ms; never tokens
    void *base; // event_base
};

/**
 * Listens. DUET_EINVAL for an address, DUET_EIO where it cannot be bound. Before a handler runs: 400 for what is not
 * HTTP, 404 unknown path, 405 with Allow, 413, 429, 401 without or with a wrong token (WWW-Authenticate), 403 for a
 * request with an Origin or a Host that is not ours (a page of another site must change nothing).
 */
DUET_MUST_CHECK enum duet_status duet_http_server_create(
    const struct duet_http_server_options *options, struct duet_http_server **out);
/** Requests that are held are answered 503. */
void duet_http_server_destroy(struct duet_http_server *server);
/** The port that it listens on (for ":0"). */
uint16_t duet_http_server_port(const struct duet_http_server *server);

/** Parts of a request; valid until it is answered. "" or NULL where absent, as said. */
const char *duet_http_path(const struct duet_http_request *request);
/** The segment that "*" matched; "". */
const char *duet_http_segment(const struct duet_http_request *request);
/** Whether it showed the token, for routes that are open but say more to those who did. */
bool duet_http_is_authorized(const struct duet_http_request *request);
/** Value of a query parameter, decoded; NULL where absent. */
const char *duet_http_query(const struct duet_http_request *request, const char *name);
const char *duet_http_body(const struct duet_http_request *request, size_t *size);
/** Whole number of a query parameter within bounds, `fallback` where absent. False: it has been answered 422. */
bool duet_http_query_number(struct duet_http_request *request, const char *name, int64_t fallback, int64_t minimum,
    int64_t maximum, int64_t *out);

/** Answer; `request` is gone. `json` is copied. */
void duet_http_reply(struct duet_http_request *request, int status, const char *json, size_t size);
void duet_http_reply_type(
    struct duet_http_request *request, int status, const char *content_type, const char *bytes, size_t size);
/** {"ok":false,"error":{"code":CODE,"message":…}}; `request` is gone. */
void duet_http_reply_error(struct duet_http_request *request, int status, const char *code, const char *format, ...)
    DUET_PRINTF(4, 5);
/** Called when the peer, or the server, goes before the answer; the request is gone then. A peer that has closed its
 * sending half counts as gone. */
void duet_http_on_gone(struct duet_http_request *request, void (*gone)(void *argument), void *argument);

/* ---- the same, as a client: for `duet ctl` and for alerts ---- */

struct duet_http_answer {
    int status; // 0: no answer
    char *body; // zero-terminated; free()
    size_t size;
    char error[160]; // why there is no answer
};
/** Blocking; on a base of its own. `url`: http only, host and port. `token` may be NULL. */
DUET_MUST_CHECK enum duet_status duet_http_call(const char *method, const char *url, const char *token,
    const char *body, int64_t timeout_ns, struct duet_http_answer *out);
struct duet_http_exchange; // opaque; a POST under way
/** On the loop; `done` is called once. For alerts: no retry. `*out` (may be NULL) is valid until then. */
DUET_MUST_CHECK enum duet_status duet_http_post(void *base, const char *url, const char *body, int64_t timeout_ns,
    void (*done)(void *argument, int status, const char *error), void *argument, struct duet_http_exchange **out);
/** Let go of a POST whose `done` has not been called, and never will be. */
void duet_http_drop(struct duet_http_exchange *exchange);

#endif
