/*
 * One request on one connection, and never a second time: evhttp repeats nothing when it is told so, and no connection
 * is used again. Texts of errors name host and port, never the path: addresses to post to are often secrets.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/dns.h>

#include <duet/bar.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "net/address.h"
#include "net/http_private.h"

#define HOST_TEXT_MAX 256
#define PEER_TEXT_MAX (HOST_TEXT_MAX + 16)
#define TARGET_MAX 4096
#define TOKEN_HEADER_MAX 512
#define HTTP_PORT 80
#define ANSWER_BODY_MAX ((ev_ssize_t)16 << 20)
#define ANSWER_HEADER_MAX ((ev_ssize_t)64 << 10)

struct http_url {
    char host[HOST_TEXT_MAX]; // brackets taken away
    char peer[PEER_TEXT_MAX]; // host and port, as in the Host header
    char target[TARGET_MAX]; // path and query
    uint16_t port;
};

struct duet_http_exchange {
    struct event_base *base;
    struct evdns_base *dns; // NULL for hosts given by number
    struct evhttp_connection *evcon;
    struct event *deadline, *finish;
    struct http_url url;
    struct duet_http_answer answer;
    bool over; // answer is final
    void (*done)(void *argument, int status, const char *error); // NULL: somebody waits in the loop
    void *argument;
};

static enum duet_status parse_url(const char *text, struct http_url *out) {
    struct evhttp_uri *uri = evhttp_uri_parse(text);
    const char *scheme = uri != NULL ? evhttp_uri_get_scheme(uri) : NULL;
    const char *host = uri != NULL ? evhttp_uri_get_host(uri) : NULL;
    bool good = scheme != NULL && strcasecmp(scheme, "http") == 0 && host != NULL && host[0] != '\0' &&
                strlen(host) < sizeof(out->host) && evhttp_uri_get_userinfo(uri) == NULL;
    if (good) {
        const char *path = evhttp_uri_get_path(uri), *query = evhttp_uri_get_query(uri);
        int port = evhttp_uri_get_port(uri);
        out->port = (uint16_t)(port > 0 ? port : HTTP_PORT);
        snprintf(out->peer, sizeof(out->peer), "%s:%u", host, out->port);
        duet_text_copy(out->host, sizeof(out->host), host[0] == '[' ? host + 1 : host);
        if (host[0] == '[') {
            out->host[strcspn(out->host, "]")] = '\0';
        } else if (strcasecmp(host, "localhost") == 0) {
            duet_text_copy(out->host, sizeof(out->host), "127.0.0.1");
        }
        good = snprintf(out->target, sizeof(out->target), "%s%s%s", path != NULL && path[0] != '\0' ? path : "/",
                   query != NULL ? "?" : "", query != NULL ? query : "") < (int)sizeof(out->target);
    }
    if (uri != NULL) {
        evhttp_uri_free(uri);
    }
    return good ? DUET_OK
                : duet_error(DUET_EINVAL, "this is no address to call: write http://HOST:PORT/PATH, without a user");
}

/** The first reason counts: those that follow are its consequences. */
static void conclude(struct duet_http_exchange *exchange, const char *reason) {
    if (exchange->over) {
        return;
    }
    exchange->over = true;
    if (reason != NULL) {
        snprintf(exchange->answer.error, sizeof(exchange->answer.error), "%.100s: %s", exchange->url.peer, reason);
    }
    event_del(exchange->deadline);
    event_active(exchange->finish, EV_TIMEOUT, 1); // not from inside evhttp, which still looks at its connection
}

static void handle_error(enum evhttp_request_error error, void *argument) {
    switch (error) {
    case EVREQ_HTTP_TIMEOUT:
        conclude(argument, "no answer in time");
        return;
    case EVREQ_HTTP_EOF:
        conclude(argument, "the connection was closed before the answer");
        return;
    case EVREQ_HTTP_INVALID_HEADER:
        conclude(argument, "the answer is not HTTP");
        return;
    case EVREQ_HTTP_DATA_TOO_LONG:
        conclude(argument, "the answer is too large");
        return;
    default:
        conclude(argument, "the connection failed");
    }
}

static void handle_answer(struct evhttp_request *raw, void *argument) {
    struct duet_http_exchange *exchange = argument;
    if (exchange->over || raw == NULL || evhttp_request_get_response_code(raw) == 0) {
        conclude(exchange, "cannot connect");
        return;
    }
    struct evbuffer *body = evhttp_request_get_input_buffer(raw);
    struct duet_http_answer *answer = &exchange->answer;
    answer->status = evhttp_request_get_response_code(raw);
    answer->size = evbuffer_get_length(body);
    answer->body = duet_alloc(answer->size + 1, 1);
    (void)evbuffer_copyout(body, answer->body, answer->size);
    conclude(exchange, NULL);
}

static void handle_deadline(evutil_socket_t fd, short what, void *argument) {
    conclude(argument, "no answer in time");
}

static void release(struct duet_http_exchange *exchange) {
    if (exchange->evcon != NULL) {
        evhttp_connection_free(exchange->evcon);
    }
    if (exchange->dns != NULL) {
        evdns_base_free(exchange->dns, 0);
    }
    if (exchange->deadline != NULL) {
        event_free(exchange->deadline);
    }
    if (exchange->finish != NULL) {
        event_free(exchange->finish);
    }
    free(exchange);
}

static void handle_finish(evutil_socket_t fd, short what, void *argument) {
    struct duet_http_exchange *exchange = argument;
    if (exchange->done == NULL) {
        (void)event_base_loopbreak(exchange->base);
        return;
    }
    exchange->done(exchange->argument, exchange->answer.status, exchange->answer.error);
    free(exchange->answer.body);
    release(exchange);
}

static bool method_of(const char *text, enum evhttp_cmd_type *out) {
    static const struct {
        const char *text;
        enum evhttp_cmd_type type;
    } methods[] = {{"GET", EVHTTP_REQ_GET}, {"POST", EVHTTP_REQ_POST}, {"DELETE", EVHTTP_REQ_DELETE}};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(methods[i].text, text) == 0) {
            *out = methods[i].type;
            return true;
        }
    }
    return false;
}

static bool connect_to(struct duet_http_exchange *exchange, int64_t timeout_ns) {
    const struct timeval timeout = {
        .tv_sec = (time_t)(timeout_ns / DUET_SECOND_NS), .tv_usec = (suseconds_t)(timeout_ns % DUET_SECOND_NS / 1000)};
    const struct http_url *url = &exchange->url;
    if (!duet_address_is_numeric(url->host)) {
        exchange->dns =
            evdns_base_new(exchange->base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    }
    exchange->evcon = evhttp_connection_base_new(exchange->base, exchange->dns, url->host, url->port);
    exchange->deadline = event_new(exchange->base, -1, 0, handle_deadline, exchange);
    exchange->finish = event_new(exchange->base, -1, 0, handle_finish, exchange);
    if (exchange->evcon == NULL || exchange->deadline == NULL || exchange->finish == NULL ||
        event_add(exchange->deadline, &timeout) != 0) {
        return false;
    }
    evhttp_connection_set_timeout_tv(exchange->evcon, &timeout);
    evhttp_connection_set_retries(exchange->evcon, 0);
    evhttp_connection_set_max_body_size(exchange->evcon, ANSWER_BODY_MAX);
    evhttp_connection_set_max_headers_size(exchange->evcon, ANSWER_HEADER_MAX);
    return true;
}

/** Begins it; on failure nothing is left of `exchange`. */
static enum duet_status start(struct duet_http_exchange *exchange, enum evhttp_cmd_type method, const char *token,
    const char *body, int64_t timeout_ns) {
    struct evhttp_request *raw = NULL;
    DUET_ASSERT(timeout_ns > 0);
    bool good = connect_to(exchange, timeout_ns);
    if (good) {
        raw = evhttp_request_new(handle_answer, exchange);
        good = raw != NULL;
    }
    if (!good) {
        release(exchange);
        return duet_error(DUET_EIO, "no room for a connection");
    }
    struct evkeyvalq *headers = evhttp_request_get_output_headers(raw);
    evhttp_request_set_error_cb(raw, handle_error);
    evhttp_add_header(headers, "Host", exchange->url.peer);
    evhttp_add_header(headers, "Connection", "close");
    if (token != NULL) {
        char line[TOKEN_HEADER_MAX];
        snprintf(line, sizeof(line), "Bearer %s", token);
        evhttp_add_header(headers, "Authorization", line);
        explicit_bzero(line, sizeof(line));
    }
    if (body != NULL) {
        evhttp_add_header(headers, "Content-Type", "application/json");
        evbuffer_add(evhttp_request_get_output_buffer(raw), body, strlen(body));
    }
    if (evhttp_make_request(exchange->evcon, raw, method, exchange->url.target) != 0) {
        conclude(exchange, "cannot connect");
    } else if (bufferevent_getfd(evhttp_connection_get_bufferevent(exchange->evcon)) >= 0) {
        // Programs that are run for an alert must not inherit it.
        (void)fcntl(bufferevent_getfd(evhttp_connection_get_bufferevent(exchange->evcon)), F_SETFD, FD_CLOEXEC);
    }
    return DUET_OK;
}

enum duet_status duet_http_call(const char *method, const char *url, const char *token, const char *body,
    int64_t timeout_ns, struct duet_http_answer *out) {
    enum evhttp_cmd_type type;
    struct http_url parsed;
    *out = (struct duet_http_answer){0};
    if (!method_of(method, &type)) {
        return duet_error(DUET_EINVAL, "HTTP method \"%s\" is not known: use GET, POST or DELETE", method);
    }
    enum duet_status status = parse_url(url, &parsed);
    if (status != DUET_OK) {
        return status;
    }
    struct event_base *base = event_base_new();
    if (base == NULL) {
        return duet_error(DUET_EIO, "no room for an event loop");
    }
    struct duet_http_exchange *exchange = duet_alloc(1, sizeof(*exchange));
    exchange->base = base;
    exchange->url = parsed;
    // A peer that closes while it is being written to is an answer, not the end of the program.
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    (void)sigaction(SIGPIPE, &ignore, &before);
    status = start(exchange, type, token, body, timeout_ns);
    if (status == DUET_OK) {
        (void)event_base_dispatch(base);
        DUET_ASSERT(exchange->over);
        *out = exchange->answer;
        release(exchange);
        if (out->status == 0) {
            status = duet_error(DUET_EIO, "%s", out->error);
        }
    }
    event_base_free(base);
    (void)sigaction(SIGPIPE, &before, NULL);
    return status;
}

enum duet_status duet_http_post(void *base, const char *url, const char *body, int64_t timeout_ns,
    void (*done)(void *argument, int status, const char *error), void *argument, struct duet_http_exchange **out) {
    DUET_ASSERT(done != NULL);
    struct http_url parsed;
    enum duet_status status = parse_url(url, &parsed);
    if (status != DUET_OK) {
        return status;
    }
    struct duet_http_exchange *exchange = duet_alloc(1, sizeof(*exchange));
    exchange->base = base;
    exchange->url = parsed;
    exchange->done = done;
    exchange->argument = argument;
    status = start(exchange, EVHTTP_REQ_POST, NULL, body, timeout_ns);
    if (status == DUET_OK && out != NULL) {
        *out = exchange;
    }
    return status;
}

void duet_http_drop(struct duet_http_exchange *exchange) {
    DUET_ASSERT(exchange->done != NULL);
    free(exchange->answer.body);
    release(exchange);
}
