#include "net/broadcast.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <duet/bar.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "net/broadcast_private.h"

#define WATERMARK_BYTES ((size_t)1 << 20)
#define STALL_NS (10 * DUET_SECOND_NS)
#define PING_NS (20 * DUET_SECOND_NS)
#define CLIENTS_MAX 256u
/** What the system may hold for a client beyond our own buffer: else it grows to megabytes before we see a stall. */
#define SYSTEM_BUFFER_BYTES (256 << 10)
/** How long a client may take to close after its last bytes. */
#define GOODBYE_S 1

struct duet_broadcast {
    struct duet_broadcast_options options; // defaults filled in
    struct broadcast_client *clients;
    struct event *reap, *ping;
    struct duet_broadcast_counts counts;
};

static struct timeval timeval_of(int64_t ns) {
    return (struct timeval){
        .tv_sec = (time_t)(ns / DUET_SECOND_NS), .tv_usec = (suseconds_t)(ns % DUET_SECOND_NS / 1000)};
}

static void unlink_client(struct broadcast_client *client) {
    struct broadcast_client **at = &client->broadcast->clients;
    while (*at != client) {
        DUET_ASSERT(*at != NULL);
        at = &(*at)->next;
    }
    *at = client->next;
}

static void free_client(struct broadcast_client *client) {
    if (client->websocket != NULL) {
        wslay_event_context_free(client->websocket);
    }
    free(client);
}

/** The server closes all its connections. */
static void handle_gone(void *argument) {
    struct broadcast_client *client = argument;
    unlink_client(client);
    free_client(client);
}

/** From now on it gets nothing; it is closed from the loop. */
static void let_die(struct broadcast_client *client) {
    client->dying = true;
    event_active(client->broadcast->reap, EV_TIMEOUT, 1);
}

static void drop(struct broadcast_client *client, const char *reason) {
    char *address = NULL;
    ev_uint16_t port = 0;
    if (client->dying) {
        return;
    }
    evhttp_connection_get_peer(client->connection->evcon, &address, &port);
    client->broadcast->counts.dropped_clients++;
    let_die(client);
    duet_log_warn(client->broadcast->options.log, "broadcast-client-dropped", "peer=%s:%u reason=\"%s\" waiting=%zu",
        address != NULL ? address : "", port, reason, evbuffer_get_length(bufferevent_get_output(client->bev)));
}

static void handle_reap(evutil_socket_t fd, short what, void *argument) {
    struct duet_broadcast *broadcast = argument;
    for (struct broadcast_client **at = &broadcast->clients, *client; (client = *at) != NULL;) {
        if (!client->dying) {
            at = &client->next;
            continue;
        }
        *at = client->next;
        duet_http_close(client->connection);
        free_client(client);
    }
}

/** Its last bytes are queued; when they are out, the other side gets a moment to close. */
static void say_goodbye(struct broadcast_client *client) {
    const struct timeval patience = {.tv_sec = GOODBYE_S};
    client->closing = true;
    bufferevent_set_timeouts(client->bev, &patience, &patience);
    if (evbuffer_get_length(bufferevent_get_output(client->bev)) == 0) {
        (void)shutdown(bufferevent_getfd(client->bev), SHUT_WR);
    }
}

static void handle_read(struct bufferevent *bev, void *argument) {
    struct broadcast_client *client = argument;
    struct evbuffer *input = bufferevent_get_input(bev), *output = bufferevent_get_output(bev);
    if (!client->closing && !client->dying && client->websocket != NULL && !duet_websocket_read(client)) {
        say_goodbye(client);
    }
    if (evbuffer_get_length(output) > client->broadcast->options.watermark_bytes) {
        drop(client, "asks without reading");
    }
    evbuffer_drain(input, evbuffer_get_length(input)); // a stream's client has nothing to say
}

static void handle_written(struct bufferevent *bev, void *argument) {
    const struct broadcast_client *client = argument;
    if (client->closing) {
        (void)shutdown(bufferevent_getfd(bev), SHUT_WR);
    }
}

static void handle_event(struct bufferevent *bev, short what, void *argument) {
    struct broadcast_client *client = argument;
    if ((what & BEV_EVENT_TIMEOUT) != 0 && !client->closing) {
        drop(client, "does not read");
    } else if (!client->dying) {
        let_die(client); // it has gone
    }
}

static void handle_ping(evutil_socket_t fd, short what, void *argument) {
    struct duet_broadcast *broadcast = argument;
    for (struct broadcast_client *client = broadcast->clients; client != NULL; client = client->next) {
        if (client->dying || client->closing) {
            continue;
        }
        if (client->websocket == NULL) {
            (void)bufferevent_write(client->bev, ":\n\n", 3);
        } else if (client->answered) {
            client->answered = false;
            duet_websocket_ping(client);
        } else {
            drop(client, "answers no ping");
        }
    }
}

enum duet_status duet_broadcast_create(const struct duet_broadcast_options *options, struct duet_broadcast **out) {
    DUET_ASSERT(options->base != NULL);
    struct duet_broadcast *broadcast = duet_alloc(1, sizeof(*broadcast));
    struct duet_broadcast_options *own = &broadcast->options;
    *own = *options;
    own->watermark_bytes = own->watermark_bytes > 0 ? own->watermark_bytes : WATERMARK_BYTES;
    own->stall_ns = own->stall_ns > 0 ? own->stall_ns : STALL_NS;
    own->ping_ns = own->ping_ns > 0 ? own->ping_ns : PING_NS;
    own->clients_max = own->clients_max > 0 ? own->clients_max : CLIENTS_MAX;
    const struct timeval between = timeval_of(own->ping_ns);
    broadcast->reap = event_new(options->base, -1, 0, handle_reap, broadcast);
    broadcast->ping = event_new(options->base, -1, EV_PERSIST, handle_ping, broadcast);
    DUET_ASSERT(broadcast->reap != NULL && broadcast->ping != NULL && event_add(broadcast->ping, &between) == 0);
    *out = broadcast;
    return DUET_OK;
}

void duet_broadcast_destroy(struct duet_broadcast *broadcast) {
    if (broadcast == NULL) {
        return;
    }
    for (struct broadcast_client *client = broadcast->clients, *next; client != NULL; client = next) {
        struct evbuffer *output = bufferevent_get_output(client->bev);
        next = client->next;
        if (client->websocket != NULL && !client->closing && !client->dying) {
            duet_websocket_close(client, WSLAY_CODE_GOING_AWAY);
        }
        // What fits into the system's buffer still reaches the client.
        evbuffer_unfreeze(output, 1);
        (void)evbuffer_write(output, bufferevent_getfd(client->bev));
        evbuffer_freeze(output, 1);
        duet_http_close(client->connection);
        free_client(client);
    }
    event_free(broadcast->reap);
    event_free(broadcast->ping);
    free(broadcast);
}

/** False: all places are taken, and the request has been answered. */
static bool has_place(struct duet_broadcast *broadcast, struct duet_http_request *request) {
    struct duet_broadcast_counts counts;
    duet_broadcast_get_counts(broadcast, &counts);
    if (counts.clients < broadcast->options.clients_max) {
        return true;
    }
    duet_http_reply_error(
        request, 503, "too_many_listeners", "all %u places for listeners are taken", broadcast->options.clients_max);
    return false;
}

static struct broadcast_client *join(struct duet_broadcast *broadcast, struct duet_http_request *request) {
    const struct timeval stall = timeval_of(broadcast->options.stall_ns);
    const int on = 1, bytes = SYSTEM_BUFFER_BYTES;
    struct broadcast_client *client = duet_alloc(1, sizeof(*client));
    duet_log_debug(broadcast->options.log, "broadcast-client-joined", "path=%s", duet_http_path(request));
    client->broadcast = broadcast;
    client->connection = duet_http_take(request, handle_gone, client);
    client->bev = client->connection->bev;
    client->answered = true;
    client->next = broadcast->clients;
    broadcast->clients = client;
    (void)setsockopt(bufferevent_getfd(client->bev), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(bufferevent_getfd(client->bev), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    bufferevent_setcb(client->bev, handle_read, handle_written, handle_event, client);
    bufferevent_set_timeouts(client->bev, NULL, &stall);
    bufferevent_enable(client->bev, EV_READ | EV_WRITE);
    if (evbuffer_get_length(bufferevent_get_input(client->bev)) > 0) { // it did not wait for our answer
        bufferevent_trigger(client->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
    }
    return client;
}

void duet_broadcast_websocket(struct duet_broadcast *broadcast, struct duet_http_request *request) {
    char accept[WEBSOCKET_ACCEPT_MAX];
    if (!duet_websocket_check(request) || !has_place(broadcast, request)) {
        return;
    }
    duet_websocket_accept(duet_http_header(request, "Sec-WebSocket-Key"), accept);
    struct broadcast_client *client = join(broadcast, request);
    duet_websocket_open(client);
    evbuffer_add_printf(bufferevent_get_output(client->bev),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        "%s\r\n\r\n",
        accept);
}

void duet_broadcast_events(struct duet_broadcast *broadcast, struct duet_http_request *request) {
    if (!has_place(broadcast, request)) {
        return;
    }
    struct broadcast_client *client = join(broadcast, request);
    evbuffer_add_printf(bufferevent_get_output(client->bev),
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n:\n\n");
}

/** A stream's event is two lines; a WebSocket's message is one object around the event. */
static void send_to(struct broadcast_client *client, const struct duet_text *lines, const struct duet_text *object) {
    struct evbuffer *output = bufferevent_get_output(client->bev);
    const struct duet_text *text = client->websocket != NULL ? object : lines;
    if (evbuffer_get_length(output) + text->length > client->broadcast->options.watermark_bytes) {
        drop(client, "reads too slowly");
        return;
    }
    client->broadcast->counts.sent++;
    if (client->websocket != NULL) {
        duet_websocket_text(client, text->text, text->length);
    } else {
        (void)evbuffer_add(output, text->text, text->length);
    }
}

void duet_broadcast_send(struct duet_broadcast *broadcast, const char *event, const char *json, size_t size) {
    if (broadcast->clients == NULL) {
        return;
    }
    struct duet_text lines = {0}, object = {0};
    duet_text_print(&lines, "event: %s\ndata: ", event);
    duet_text_append(&lines, json, size);
    duet_text_append(&lines, "\n\n", 2);
    duet_text_print(&object, "{\"event\":\"%s\",\"data\":", event);
    duet_text_append(&object, json, size);
    duet_text_append(&object, "}", 1);
    for (struct broadcast_client *client = broadcast->clients; client != NULL; client = client->next) {
        if (!client->dying && !client->closing) {
            send_to(client, &lines, &object);
        }
    }
    duet_text_finish(&lines);
    duet_text_finish(&object);
}

void duet_broadcast_get_counts(const struct duet_broadcast *broadcast, struct duet_broadcast_counts *out) {
    *out = broadcast->counts;
    for (const struct broadcast_client *client = broadcast->clients; client != NULL; client = client->next) {
        out->clients += !client->dying;
        out->bytes_waiting += evbuffer_get_length(bufferevent_get_output(client->bev));
    }
}
