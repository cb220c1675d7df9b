#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "net/http_private.h"

#define PAGE_HEAD_MAX 40 // "HTTP/1.1 400"; the version is what the peer wrote
#define PAGE_MAX 512

static void unlink_record(struct http_connection *connection) {
    struct http_connection **at = &connection->server->connections;
    while (*at != connection) {
        DUET_ASSERT(*at != NULL);
        at = &(*at)->next;
    }
    *at = connection->next;
}

/** evhttp frees the connection, or has freed it. */
static void forget(struct http_connection *connection) {
    struct duet_http_request *request = connection->request;
    unlink_record(connection);
    if (request != NULL) {
        // A request that evhttp has let go of is ours to free; else it goes with its connection.
        if (evhttp_request_get_connection(request->raw) == NULL) {
            evhttp_request_free(request->raw);
        }
        void (*gone)(void *) = request->gone;
        void *argument = request->gone_argument;
        duet_http_request_free(request);
        if (gone != NULL) {
            gone(argument);
        }
    }
    if (connection->gone != NULL) {
        connection->gone(connection->gone_argument);
    }
    evbuffer_remove_cb_entry(bufferevent_get_input(connection->bev), connection->in);
    evbuffer_remove_cb_entry(bufferevent_get_output(connection->bev), connection->out);
    event_free(connection->soon);
    bufferevent_decref(connection->bev);
    free(connection);
}

static void handle_closed(struct evhttp_connection *evcon, void *argument) {
    forget(argument);
}

/** bufferevent_free() takes the callbacks away; that is how to tell from outside that evhttp has let go. */
static bool is_dead(const struct http_connection *connection) {
    bufferevent_event_cb event = NULL;
    bufferevent_getcb(connection->bev, NULL, NULL, &event, NULL);
    return event == NULL;
}

void duet_http_sweep(struct duet_http_server *server) {
    for (struct http_connection *at = server->connections, *next; at != NULL; at = next) {
        next = at->next;
        if (is_dead(at)) {
            forget(at);
        }
    }
}

static void count_input(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *argument) {
    struct http_connection *connection = argument;
    connection->received += info->n_added;
}

static void watch_output(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *argument) {
    struct http_connection *connection = argument;
    if (info->n_added > 0 && !connection->answering && !connection->taken && !connection->lingering) {
        event_active(connection->soon, EV_TIMEOUT, 1);
    }
}

static void stop_lingering(struct http_connection *connection) {
    struct bufferevent *bev = connection->bev;
    struct http_callbacks saved = connection->saved;
    bufferevent_setcb(bev, NULL, saved.write, saved.event, saved.argument);
    saved.write(bev, saved.argument); // to evhttp its page has just been written: it closes
}

static void linger_read(struct bufferevent *bev, void *argument) {
    struct http_connection *connection = argument;
    struct evbuffer *input = bufferevent_get_input(bev);
    evbuffer_drain(input, evbuffer_get_length(input));
    if (connection->received > HTTP_LINGER_MAX) {
        stop_lingering(connection);
    }
}

static void linger_written(struct bufferevent *bev, void *argument) {
    (void)shutdown(bufferevent_getfd(bev), SHUT_WR);
}

static void linger_event(struct bufferevent *bev, short what, void *argument) {
    stop_lingering(argument);
}

/** Say it in our format, and read on for a while, so that the peer gets to see it. */
static void replace_page(struct http_connection *connection, int status) {
    struct bufferevent *bev = connection->bev;
    struct evbuffer *output = bufferevent_get_output(bev), *input = bufferevent_get_input(bev);
    const struct duet_http_server_options *options = &connection->server->options;
    const char *code = "bad_request", *phrase = "Bad Request", *message = "this is no HTTP request";
    char body[PAGE_MAX];
    if (status == HTTP_ENTITYTOOLARGE) {
        code = "body_too_large", phrase = "Content Too Large", message = "the body is too large";
    } else if (status == HTTP_EXPECTATIONFAILED) {
        code = "expectation_failed", phrase = "Expectation Failed", message = "only 100-continue can be expected";
    } else if (connection->received > options->header_max) {
        status = 431;
        code = "headers_too_large", phrase = "Request Header Fields Too Large", message = "the headers are too large";
    } else {
        status = HTTP_BADREQUEST;
    }
    size_t size = duet_http_error_body(body, sizeof(body), code, message);
    duet_log_debug(options->log, "http-refused", "status=%d reason=%s", status, code);
    connection->lingering = true;
    connection->received = 0;
    bufferevent_getcb(
        bev, &connection->saved.read, &connection->saved.write, &connection->saved.event, &connection->saved.argument);
    bufferevent_setcb(bev, linger_read, linger_written, linger_event, connection);
    evbuffer_drain(input, evbuffer_get_length(input));
    evbuffer_unfreeze(output, 1);
    evbuffer_drain(output, evbuffer_get_length(output));
    evbuffer_freeze(output, 1);
    evbuffer_add_printf(output,
        "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n"
        "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n%s",
        status, phrase, size, body);
    const struct timeval patience = {.tv_sec = HTTP_LINGER_S};
    bufferevent_set_timeouts(bev, &patience, &patience);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
}

/** evhttp has queued something of its own: a "100 Continue", or an error page. */
static void handle_soon(evutil_socket_t fd, short what, void *argument) {
    struct http_connection *connection = argument;
    char head[PAGE_HEAD_MAX + 1] = "";
    if (is_dead(connection) || connection->lingering || connection->taken) {
        return;
    }
    (void)evbuffer_copyout(bufferevent_get_output(connection->bev), head, PAGE_HEAD_MAX);
    long status = strtol(head + strcspn(head, " "), NULL, 10);
    if (status >= HTTP_BADREQUEST) {
        replace_page(connection, (int)status);
    }
}

/** Connections that count: those taken out of HTTP have limits of their own. */
static uint32_t count_connections(const struct duet_http_server *server, struct http_connection **quietest) {
    uint32_t count = 0;
    *quietest = NULL;
    for (struct http_connection *at = server->connections; at != NULL; at = at->next) {
        count += !at->taken;
        if (!at->taken && at->request == NULL &&
            (*quietest == NULL || at->quiet_since_ns < (*quietest)->quiet_since_ns)) {
            *quietest = at;
        }
    }
    return count;
}

struct bufferevent *duet_http_accepted(struct event_base *base, void *argument) {
    struct duet_http_server *server = argument;
    struct http_connection *quietest;
    struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);
    if (bev == NULL) {
        return NULL; // evhttp will fail in the same way
    }
    duet_http_sweep(server);
    struct http_connection *connection = duet_alloc(1, sizeof(*connection));
    if (count_connections(server, &quietest) >= server->options.connections_max) {
        // Who sits on connections must not keep the operator out: the one quiet longest makes room.
        connection->excess = quietest == NULL;
        if (quietest != NULL) {
            (void)shutdown(bufferevent_getfd(quietest->bev), SHUT_RDWR);
            quietest->quiet_since_ns = INT64_MAX;
        }
    }
    bufferevent_incref(bev);
    bufferevent_setwatermark(bev, EV_READ, 0, server->options.body_max + server->options.header_max + HTTP_HEADER_MAX);
    connection->server = server;
    connection->bev = bev;
    connection->soon = event_new(base, -1, 0, handle_soon, connection);
    connection->in = evbuffer_add_cb(bufferevent_get_input(bev), count_input, connection);
    connection->out = evbuffer_add_cb(bufferevent_get_output(bev), watch_output, connection);
    DUET_ASSERT(connection->soon != NULL && connection->in != NULL && connection->out != NULL);
    connection->quiet_since_ns = duet_monotonic_ns();
    connection->next = server->connections;
    server->connections = connection;
    return bev;
}

struct http_connection *duet_http_connection_of(struct duet_http_server *server, struct evhttp_request *raw) {
    struct evhttp_connection *evcon = evhttp_request_get_connection(raw);
    const struct bufferevent *bev = evhttp_connection_get_bufferevent(evcon);
    struct http_connection *at = server->connections;
    while (at != NULL && at->bev != bev) {
        at = at->next;
    }
    if (at != NULL && at->evcon == NULL) {
        at->evcon = evcon;
        evhttp_connection_set_closecb(evcon, handle_closed, at);
    }
    return at;
}

void duet_http_hold(struct http_connection *connection) {
    struct http_callbacks at;
    bufferevent_getcb(connection->bev, NULL, &at.write, &at.event, &at.argument);
    // No more requests are read, but the end of the connection is: evhttp frees it then.
    bufferevent_setcb(connection->bev, NULL, at.write, at.event, at.argument);
    bufferevent_set_timeouts(connection->bev, NULL, NULL);
    bufferevent_enable(connection->bev, EV_READ);
}

void duet_http_flush_held(struct duet_http_server *server) {
    for (struct http_connection *at = server->connections; at != NULL; at = at->next) {
        if (at->request != NULL && !is_dead(at)) {
            void (*gone)(void *) = at->request->gone;
            void *argument = at->request->gone_argument;
            duet_http_reply_error(at->request, HTTP_SERVUNAVAIL, "unavailable", "the server is going down");
            if (gone != NULL) {
                gone(argument);
            }
            struct evbuffer *output = bufferevent_get_output(at->bev);
            evbuffer_unfreeze(output, 1);
            (void)evbuffer_write(output, bufferevent_getfd(at->bev));
            evbuffer_freeze(output, 1);
        }
    }
}

struct http_connection *duet_http_take(
    struct duet_http_request *request, void (*gone)(void *argument), void *argument) {
    struct http_connection *connection = request->connection;
    connection->taken = true;
    connection->gone = gone;
    connection->gone_argument = argument;
    connection->request = NULL;
    duet_http_request_free(request); // the raw one stays with its connection and goes with it
    bufferevent_setwatermark(connection->bev, EV_READ, 0, 0);
    bufferevent_set_timeouts(connection->bev, NULL, NULL);
    return connection;
}

void duet_http_close(struct http_connection *connection) {
    connection->gone = NULL;
    evhttp_connection_free(connection->evcon); // calls handle_closed()
}
