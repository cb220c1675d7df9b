/*
 * The server as its peers see it, over real sockets. Handlers note what reached them in `trace`, so a refusal that
 * must change nothing is one that leaves it empty.
 */
#include "net/http_server.h"

#include <stdio.h>

#include "base/error.h"
#include "base/log.h"
#include "net/wire.h"
#include "support/suite.h"

#define TOKEN "0123456789abcdef0123456789abcdef"
#define AUTH "Authorization: Bearer " TOKEN "\r\n"
#define HOST "Host: 127.0.0.1:8000\r\n"
#define JSON_TYPE "application/json"

static struct event_base *base;
static struct duet_http_server *server;
static struct wire_peer peer;
static char trace[1024], log_lines[16384];
static struct duet_http_request *held[16];
static size_t held_count, gone_count;

static void note(const char *text) {
    size_t used = strlen(trace);
    snprintf(trace + used, sizeof(trace) - used, "%s ", text);
}

static void log_sink(void *argument, enum duet_log_severity severity, const char *line) {
    size_t used = strlen(log_lines);
    snprintf(log_lines + used, sizeof(log_lines) - used, "%s\n", line);
}
static struct duet_log test_log = {.threshold = DUET_SEVERITY_DEBUG, .sink = log_sink};

static void handle_echo(void *argument, struct duet_http_request *request) {
    size_t size;
    const char *body = duet_http_body(request, &size);
    note(duet_http_path(request));
    duet_http_reply_type(request, 200, JSON_TYPE, body, size);
}
static void handle_segment(void *argument, struct duet_http_request *request) {
    char body[256];
    const char *query = duet_http_query(request, "q");
    int used = snprintf(body, sizeof(body), "[\"%s\",\"%s\"]", duet_http_segment(request), query != NULL ? query : "-");
    note("segment");
    duet_http_reply(request, 200, body, (size_t)used);
}
static void handle_health(void *argument, struct duet_http_request *request) {
    const char *body = duet_http_is_authorized(request) ? "more" : "less";
    duet_http_reply(request, 200, body, strlen(body));
}
static void handle_number(void *argument, struct duet_http_request *request) {
    int64_t number;
    char body[64];
    if (duet_http_query_number(request, "last_n", 100, 1, 1000, &number)) {
        int used = snprintf(body, sizeof(body), "%lld", (long long)number);
        duet_http_reply(request, 200, body, (size_t)used);
    }
}
static void handle_gone(void *argument) {
    gone_count++;
}
static void handle_later(void *argument, struct duet_http_request *request) {
    note("later");
    held[held_count++] = request;
    duet_http_on_gone(request, handle_gone, NULL);
}

static const struct duet_http_route routes[] = {
    {DUET_HTTP_GET, "/health", true, handle_health},
    {DUET_HTTP_GET, "/orders", false, handle_echo},
    {DUET_HTTP_POST, "/orders", false, handle_echo},
    {DUET_HTTP_GET | DUET_HTTP_DELETE, "/orders/*", false, handle_segment},
    {DUET_HTTP_POST, "/orders/*/cancel", false, handle_segment},
    {DUET_HTTP_GET, "/orders/best", false, handle_echo},
    {DUET_HTTP_GET, "/number", false, handle_number},
    {DUET_HTTP_POST, "/later", false, handle_later},
};
static const struct duet_http_server_options defaults = {
    .address = "127.0.0.1:0",
    .token = TOKEN,
    .requests_per_s = 10000,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .log = &test_log,
};

static void serve(struct duet_http_server_options options) {
    if (base == NULL) {
        base = event_base_new();
    }
    options.base = base;
    ck_assert_int_eq(duet_http_server_create(&options, &server), DUET_OK);
    ck_assert_uint_ne(duet_http_server_port(server), 0);
}

static void finish(void) {
    duet_http_server_destroy(server);
    wire_turns(base, 3);
    event_base_free(base);
}

/** A request on a connection of its own; what came back. */
static const char *ask(const char *request) {
    if (peer.text != NULL) {
        wire_peer_close(&peer);
    }
    peer = wire_peer_open(duet_http_server_port(server));
    ck_assert(wire_send(base, peer.fd, request, strlen(request)));
    wire_await_answer(base, &peer);
    return peer.text;
}

static void check_answer(const char *request, int status, const char *part) {
    char start[32];
    const char *answer = ask(request);
    snprintf(start, sizeof(start), "HTTP/1.1 %d ", status);
    ck_assert_msg(strncmp(answer, start, strlen(start)) == 0, "%s\n  gave %s", request, answer);
    ck_assert_msg(strstr(answer, part) != NULL, "%s\n  gave %s", request, answer);
}

static void check_error(const char *request, int status, const char *code) {
    char part[128];
    snprintf(part, sizeof(part), "{\"ok\":false,\"error\":{\"code\":\"%s\",\"message\":\"", code);
    check_answer(request, status, part);
    ck_assert_ptr_nonnull(strstr(peer.text, "Content-Type: application/json\r\n"));
    ck_assert_ptr_nonnull(strstr(peer.text, "X-Content-Type-Options: nosniff\r\n"));
    ck_assert_ptr_nonnull(strstr(peer.text, "Cache-Control: no-store\r\n"));
    ck_assert_str_eq(peer.text + peer.size - 3, "\"}}");
    ck_assert_str_eq(trace, "");
}

START_TEST(answers_by_route_method_and_segment) {
    serve(defaults);
    check_answer("GET /orders HTTP/1.1\r\n" HOST AUTH "\r\n", 200, "\r\n\r\n");
    check_answer("POST /orders HTTP/1.1\r\n" HOST AUTH "Content-Length: 7\r\n\r\n{\"a\":1}", 200, "\r\n\r\n{\"a\":1}");
    check_answer("DELETE /orders/D-7%2Fx HTTP/1.1\r\n" HOST AUTH "\r\n", 200, "[\"D-7/x\",\"-\"]");
    check_answer("GET /orders/a?q=x%20y&z=1 HTTP/1.1\r\n" HOST AUTH "\r\n", 200, "[\"a\",\"x y\"]");
    check_answer("GET /orders/best HTTP/1.1\r\n" HOST AUTH "\r\n", 200, "\r\n\r\n");
    check_answer("POST /orders/b/cancel HTTP/1.1\r\n" HOST AUTH "\r\n", 200, "[\"b\",\"-\"]");
    ck_assert_str_eq(trace, "/orders /orders segment segment /orders/best segment ");
    finish();
}
END_TEST

START_TEST(takes_chunked_bodies_and_requests_in_one_write) {
    serve(defaults);
    check_answer("POST /orders HTTP/1.1\r\n" HOST AUTH
                 "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        200, "\r\n\r\nabcde");
    peer.size = 0;
    ask("POST /orders HTTP/1.1\r\n" HOST AUTH "Content-Length: 5\r\n\r\nfirst"
        "POST /orders HTTP/1.1\r\n" HOST AUTH "Content-Length: 6\r\n\r\nsecond");
    wire_await_text(base, &peer, "second");
    ck_assert_ptr_nonnull(strstr(peer.text, "first"));
    finish();
}
END_TEST

START_TEST(lets_a_client_wait_for_continue) {
    serve(defaults);
    peer = wire_peer_open(duet_http_server_port(server));
    const char *head = "POST /orders HTTP/1.1\r\n" HOST AUTH "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n";
    ck_assert(wire_send(base, peer.fd, head, strlen(head)));
    wire_await_text(base, &peer, "100 Continue\r\n\r\n");
    wire_forget(&peer);
    ck_assert(wire_send(base, peer.fd, "body", 4));
    wire_await_text(base, &peer, "\r\n\r\nbody");
    finish();
}
END_TEST

START_TEST(asks_for_the_token_on_all_but_open_routes) {
    serve(defaults);
    check_answer("GET /health HTTP/1.1\r\n" HOST "\r\n", 200, "");
    trace[0] = '\0';
    const char *const wrong[] = {"", "Authorization: Bearer \r\n", "Authorization: Basic " TOKEN "\r\n",
        "Authorization: Bearer " TOKEN "0\r\n", "Authorization: Bearer 0123456789abcdef0123456789abcdeF\r\n",
        "Authorization: " TOKEN "\r\n"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char request[512];
        snprintf(request, sizeof(request), "POST /orders HTTP/1.1\r\n" HOST "%sContent-Length: 2\r\n\r\n{}", wrong[i]);
        check_error(request, 401, "unauthorized");
        ck_assert_ptr_nonnull(strstr(peer.text, "WWW-Authenticate: Bearer\r\n"));
    }
    ck_assert_ptr_null(strstr(log_lines, TOKEN));
    ck_assert_ptr_nonnull(strstr(log_lines, "info http-request method=POST path=/orders status=401 ms="));
    finish();
}
END_TEST

START_TEST(open_routes_know_who_showed_the_token) {
    serve(defaults);
    check_answer("GET /health HTTP/1.1\r\n" HOST "\r\n", 200, "\r\n\r\nless");
    check_answer("GET /health HTTP/1.1\r\n" HOST "Authorization: Bearer no\r\n\r\n", 200, "\r\n\r\nless");
    check_answer("GET /health HTTP/1.1\r\n" HOST AUTH "\r\n", 200, "\r\n\r\nmore");
    finish();
}
END_TEST

START_TEST(refuses_what_other_sites_send) {
    serve(defaults);
    check_error("GET /orders HTTP/1.1\r\nHost: evil.example\r\n" AUTH "\r\n", 403, "forbidden_host");
    check_error("GET /orders HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n" AUTH "\r\n", 403, "forbidden_host");
    check_error("GET /orders HTTP/1.1\r\nHost: \r\n" AUTH "\r\n", 403, "forbidden_host");
    check_error("GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403, "forbidden_host");
    check_error("POST /orders HTTP/1.1\r\n" HOST AUTH "Origin: http://evil.example\r\n\r\n", 403, "forbidden_origin");
    check_error("POST /orders HTTP/1.1\r\n" HOST AUTH "Origin: null\r\n\r\n", 403, "forbidden_origin");
    check_error("POST /orders HTTP/1.1\r\n" HOST AUTH "Origin: http://127.0.0.1:9000\r\n\r\n", 403, "forbidden_origin");
    check_answer("POST /orders HTTP/1.1\r\n" HOST AUTH "Origin: http://127.0.0.1:8000\r\n\r\n", 200, "");
    check_answer("GET /orders HTTP/1.1\r\nHost: localhost\r\n" AUTH "\r\n", 200, "");
    check_answer("GET /orders HTTP/1.1\r\nHost: [::1]:8000\r\n" AUTH "\r\n", 200, "");
    ck_assert(strncmp(ask("GET /orders HTTP/1.0\r\n" AUTH "\r\n"), "HTTP/1.0 200 OK\r\n", 17) == 0);
    finish();
}
END_TEST

START_TEST(says_what_is_not_there_and_what_is_not_allowed) {
    serve(defaults);
    check_error("GET /nothing HTTP/1.1\r\n" HOST AUTH "\r\n", 404, "not_found");
    check_error("GET / HTTP/1.1\r\n" HOST AUTH "\r\n", 404, "not_found");
    check_error("GET /orders/ HTTP/1.1\r\n" HOST AUTH "\r\n", 404, "not_found");
    check_error("GET /orders/a/b HTTP/1.1\r\n" HOST AUTH "\r\n", 404, "not_found");
    check_error("POST /orders//cancel HTTP/1.1\r\n" HOST AUTH "\r\n", 404, "not_found");
    check_error("POST /orders/a/cancel/b HTTP/1.1\r\n" HOST AUTH "\r\n", 404, "not_found");
    check_error("GET /orders/a/cancel HTTP/1.1\r\n" HOST AUTH "\r\n", 405, "method_not_allowed");
    check_error("DELETE /orders HTTP/1.1\r\n" HOST AUTH "\r\n", 405, "method_not_allowed");
    ck_assert_ptr_nonnull(strstr(peer.text, "\r\nAllow: GET, POST\r\n"));
    check_error("PUT /orders/x HTTP/1.1\r\n" HOST AUTH "Content-Length: 2\r\n\r\n{}", 405, "method_not_allowed");
    ck_assert_ptr_nonnull(strstr(peer.text, "\r\nAllow: GET, DELETE\r\n"));
    check_error("BREW /orders HTTP/1.1\r\n" HOST AUTH "\r\n", 405, "method_not_allowed");
    check_answer("HEAD /orders HTTP/1.1\r\n" HOST AUTH "\r\n", 405, "Allow: GET, POST\r\n");
    ck_assert_str_eq(strstr(peer.text, "\r\n\r\n"), "\r\n\r\n");
    finish();
}
END_TEST

START_TEST(answers_numbers_out_of_range_with_422) {
    serve(defaults);
    check_answer("GET /number HTTP/1.1\r\n" HOST AUTH "\r\n", 200, "\r\n\r\n100");
    check_answer("GET /number?last_n=1000 HTTP/1.1\r\n" HOST AUTH "\r\n", 200, "\r\n\r\n1000");
    check_error("GET /number?last_n=1001 HTTP/1.1\r\n" HOST AUTH "\r\n", 422, "out_of_range");
    check_error("GET /number?last_n=0 HTTP/1.1\r\n" HOST AUTH "\r\n", 422, "out_of_range");
    check_error("GET /number?last_n=ten HTTP/1.1\r\n" HOST AUTH "\r\n", 422, "out_of_range");
    check_error("GET /number?last_n= HTTP/1.1\r\n" HOST AUTH "\r\n", 422, "out_of_range");
    check_error("GET /number?last_n=1.5 HTTP/1.1\r\n" HOST AUTH "\r\n", 422, "out_of_range");
    finish();
}
END_TEST

START_TEST(answers_what_is_not_http_in_its_own_format) {
    serve(defaults);
    check_error("hello\r\n\r\n", 400, "bad_request");
    check_error("GET /orders HTTP/9.9\r\n\r\n", 400, "bad_request");
    check_error("GET /orders HTTP/0.9\r\n" HOST AUTH "\r\n", 400, "bad_request");
    check_error("GET /orders HTTP/8198552921648689606.5\r\n" HOST AUTH "\r\n", 400, "bad_request");
    check_error("GET /orders HTTP/1.1\r\n" AUTH "\r\n", 400, "bad_request");
    check_error("GET /orders HTTP/1.1\r\nno colon here\r\n\r\n", 400, "bad_request");
    check_error("POST /orders HTTP/1.1\r\n" HOST "Content-Length: many\r\n\r\n", 400, "bad_request");
    check_error("GET /orders?a%00b=1 HTTP/1.1\r\n" HOST AUTH "\r\n", 400, "bad_request");
    check_error("GET /orders?novalue HTTP/1.1\r\n" HOST AUTH "\r\n", 400, "bad_request");
    check_error("GET http://other.example/orders HTTP/1.1\r\n" HOST AUTH "\r\n", 400, "bad_request");
    check_error(
        "POST /orders HTTP/1.1\r\n" HOST AUTH "Expect: magic\r\nContent-Length: 1\r\n\r\nx", 417, "expectation_failed");
    wire_await_close(base, &peer);
    finish();
}
END_TEST

START_TEST(limits_headers_and_bodies) {
    static char request[400000];
    serve(defaults);
    int used = snprintf(request, sizeof(request), "GET /orders HTTP/1.1\r\n" HOST AUTH "X-Long: ");
    memset(request + used, 'x', 20000);
    snprintf(request + used + 20000, 10, "\r\n\r\n");
    check_error(request, 431, "headers_too_large");
    wire_await_close(base, &peer);
    memset(request, 'y', 300000); // a first line without end
    request[300000] = '\0';
    check_error(request, 431, "headers_too_large");
    used = snprintf(request, sizeof(request), "POST /orders HTTP/1.1\r\n" HOST AUTH "Content-Length: 65537\r\n\r\n");
    memset(request + used, 'z', 65537);
    request[used + 65537] = '\0';
    check_error(request, 413, "body_too_large");
    wire_await_close(base, &peer);
    check_error(
        "POST /orders HTTP/1.1\r\n" HOST AUTH "Transfer-Encoding: chunked\r\n\r\n10001\r\n", 413, "body_too_large");
    check_error("POST /orders HTTP/1.1\r\n" HOST AUTH
                "Expect: 100-continue\r\nContent-Length: 9223372036854775807\r\n\r\n",
        413, "body_too_large");
    used = snprintf(request, sizeof(request), "POST /orders HTTP/1.1\r\n" HOST AUTH "Content-Length: 65536\r\n\r\n");
    memset(request + used, 'z', 65536);
    request[used + 65536] = '\0';
    check_answer(request, 200, "zzz");
    finish();
}
END_TEST

START_TEST(limits_the_rate_of_a_peer) {
    struct duet_http_server_options options = defaults;
    options.requests_per_s = 0.05; // a bucket of one, full again after 20 s
    serve(options);
    check_answer("GET /health HTTP/1.1\r\n" HOST "\r\n", 200, "");
    trace[0] = '\0';
    check_error("GET /health HTTP/1.1\r\n" HOST "\r\n", 429, "too_many_requests");
    ck_assert_ptr_nonnull(strstr(peer.text, "\r\nRetry-After: 20\r\n"));
    finish();
}
END_TEST

START_TEST(answers_later_in_any_order) {
    struct wire_peer peers[3];
    serve(defaults);
    for (size_t i = 0; i < 3; i++) {
        const char *request = "POST /later HTTP/1.1\r\n" HOST AUTH "Content-Length: 2\r\n\r\n{}";
        peers[i] = wire_peer_open(duet_http_server_port(server));
        ck_assert(wire_send(base, peers[i].fd, request, strlen(request)));
        while (held_count <= i) {
            wire_turn(base);
        }
    }
    duet_http_reply(held[1], 200, "\"b\"", 3);
    duet_http_reply_error(held[2], 409, "conflict", "not \"now\"");
    duet_http_reply(held[0], 202, "\"a\"", 3);
    wire_await_text(base, &peers[0], "202 Accepted");
    wire_await_text(base, &peers[1], "\"b\"");
    wire_await_text(
        base, &peers[2], "{\"ok\":false,\"error\":{\"code\":\"conflict\",\"message\":\"not \\\"now\\\"\"}}");
    ck_assert_uint_eq(gone_count, 0);
    for (size_t i = 0; i < 3; i++) {
        wire_peer_close(&peers[i]);
    }
    finish();
}
END_TEST

START_TEST(tells_when_a_peer_goes_before_its_answer) {
    serve(defaults);
    const char *request = "POST /later HTTP/1.1\r\n" HOST AUTH "Content-Length: 2\r\n\r\n{}";
    const struct linger reset = {.l_onoff = 1};
    for (size_t i = 0; i < 2; i++) {
        peer = wire_peer_open(duet_http_server_port(server));
        ck_assert(wire_send(base, peer.fd, request, strlen(request)));
        while (held_count <= i) {
            wire_turn(base);
        }
        if (i == 1) { // not with a farewell, but with a reset
            ck_assert_int_eq(setsockopt(peer.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
        }
        wire_peer_close(&peer);
        while (gone_count <= i) {
            wire_turn(base);
        }
    }
    check_answer("GET /health HTTP/1.1\r\n" HOST "\r\n", 200, "");
    finish();
}
END_TEST

START_TEST(holds_back_what_is_pipelined_behind_a_held_request) {
    serve(defaults);
    peer = wire_peer_open(duet_http_server_port(server));
    const char *requests = "POST /later HTTP/1.1\r\n" HOST AUTH "Content-Length: 2\r\n\r\n{}"
                           "GET /number?last_n=7 HTTP/1.1\r\n" HOST AUTH "\r\n";
    ck_assert(wire_send(base, peer.fd, requests, strlen(requests)));
    const char *more = "GET /number?last_n=8 HTTP/1.1\r\n" HOST AUTH "\r\n";
    ck_assert(wire_send(base, peer.fd, more, strlen(more)));
    wire_turns(base, 5);
    wire_receive(&peer);
    ck_assert_uint_eq(peer.size, 0);
    duet_http_reply(held[0], 200, "\"late\"", 6);
    wire_await_text(base, &peer, "\r\n\r\n8");
    ck_assert(strstr(peer.text, "late") < strstr(peer.text, "\r\n\r\n7"));
    ck_assert(strstr(peer.text, "\r\n\r\n7") < strstr(peer.text, "\r\n\r\n8"));
    finish();
}
END_TEST

START_TEST(answers_503_where_all_connections_wait_for_answers) {
    struct wire_peer peers[3];
    struct duet_http_server_options options = defaults;
    options.connections_max = 3;
    serve(options);
    for (size_t i = 0; i < 3; i++) {
        const char *request = "POST /later HTTP/1.1\r\n" HOST AUTH "Content-Length: 2\r\n\r\n{}";
        peers[i] = wire_peer_open(duet_http_server_port(server));
        ck_assert(wire_send(base, peers[i].fd, request, strlen(request)));
        while (held_count <= i) {
            wire_turn(base);
        }
    }
    trace[0] = '\0';
    check_error("GET /health HTTP/1.1\r\n" HOST "\r\n", 503, "too_many_connections");
    wire_await_close(base, &peer);
    duet_http_reply(held[0], 200, "1", 1);
    wire_await_text(base, &peers[0], "\r\n\r\n1");
    check_answer("GET /health HTTP/1.1\r\n" HOST "\r\n", 200, "");
    for (size_t i = 0; i < 3; i++) {
        wire_peer_close(&peers[i]);
    }
    finish();
}
END_TEST

START_TEST(lets_the_quietest_connection_make_room) {
    struct wire_peer peers[3];
    struct duet_http_server_options options = defaults;
    options.connections_max = 3;
    serve(options);
    for (size_t i = 0; i < 3; i++) {
        peers[i] = wire_peer_open(duet_http_server_port(server));
        ck_assert(wire_send(base, peers[i].fd, "GET /he", 7));
        wire_turns(base, 3);
    }
    check_answer("GET /health HTTP/1.1\r\n" HOST "\r\n", 200, "");
    wire_await_close(base, &peers[0]);
    wire_receive(&peers[1]);
    ck_assert(!peers[1].closed);
    for (size_t i = 0; i < 3; i++) {
        wire_peer_close(&peers[i]);
    }
    finish();
}
END_TEST

START_TEST(answers_what_is_held_when_it_goes_down) {
    serve(defaults);
    peer = wire_peer_open(duet_http_server_port(server));
    const char *request = "POST /later HTTP/1.1\r\n" HOST AUTH "Content-Length: 2\r\n\r\n{}";
    ck_assert(wire_send(base, peer.fd, request, strlen(request)));
    while (held_count == 0) {
        wire_turn(base);
    }
    duet_http_server_destroy(server);
    wire_await_text(base, &peer, "\"unavailable\"");
    ck_assert_uint_eq(gone_count, 1);
    wire_await_close(base, &peer);
    event_base_free(base);
}
END_TEST

START_TEST(serves_ipv6_and_refuses_unsafe_addresses) {
    struct duet_http_server_options options = defaults;
    base = event_base_new();
    options.base = base;
    options.address = "0.0.0.0:0";
    ck_assert_int_eq(duet_http_server_create(&options, &server), DUET_EINVAL);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "other machines could reach it"));
    options.allow_remote = true;
    options.token = NULL;
    ck_assert_int_eq(duet_http_server_create(&options, &server), DUET_EINVAL);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "needs a token"));
    const char *const bad[] = {"", "8000", "127.0.0.1", "host.example:80", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80",
        "127.0.0.1:8x", "unix:/x"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        options.address = bad[i];
        ck_assert_msg(duet_http_server_create(&options, &server) == DUET_EINVAL, "%s", bad[i]);
    }
    struct duet_http_server_options taken = defaults;
    char address[32];
    serve(defaults);
    snprintf(address, sizeof(address), "127.0.0.1:%u", duet_http_server_port(server));
    taken.base = base;
    taken.address = address;
    struct duet_http_server *second;
    ck_assert_int_eq(duet_http_server_create(&taken, &second), DUET_EIO);
    int six = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    if (six >= 0 && bind(six, (struct sockaddr *)&name, sizeof(name)) == 0) { // the machine has IPv6
        taken.address = "[::1]:0";
        ck_assert_int_eq(duet_http_server_create(&taken, &second), DUET_OK);
        ck_assert_uint_ne(duet_http_server_port(second), 0);
        duet_http_server_destroy(second);
    }
    close(six);
    finish();
}
END_TEST

START_TEST(survives_peers_that_vanish_at_every_byte) {
    serve(defaults);
    const char *request = "POST /later HTTP/1.1\r\n" HOST AUTH "Content-Length: 2\r\n\r\n{}";
    for (size_t cut = 0; cut <= strlen(request); cut++) {
        const struct linger reset = {.l_onoff = 1};
        held_count = 0;
        peer = wire_peer_open(duet_http_server_port(server));
        ck_assert(cut == 0 || wire_send(base, peer.fd, request, cut));
        (void)setsockopt(peer.fd, SOL_SOCKET, SO_LINGER, &reset, cut % 2 == 0 ? sizeof(reset) : 0);
        wire_peer_close(&peer);
        wire_turns(base, 2);
    }
    check_answer("GET /health HTTP/1.1\r\n" HOST "\r\n", 200, "");
    finish();
}
END_TEST

DUET_TEST_MAIN("http_server", wire_ignore_broken_pipes, answers_by_route_method_and_segment,
    takes_chunked_bodies_and_requests_in_one_write, lets_a_client_wait_for_continue,
    asks_for_the_token_on_all_but_open_routes, open_routes_know_who_showed_the_token, refuses_what_other_sites_send,
    says_what_is_not_there_and_what_is_not_allowed, answers_numbers_out_of_range_with_422,
    answers_what_is_not_http_in_its_own_format, limits_headers_and_bodies, limits_the_rate_of_a_peer,
    answers_later_in_any_order, tells_when_a_peer_goes_before_its_answer,
    holds_back_what_is_pipelined_behind_a_held_request, answers_503_where_all_connections_wait_for_answers,
    lets_the_quietest_connection_make_room, answers_what_is_held_when_it_goes_down,
    serves_ipv6_and_refuses_unsafe_addresses, survives_peers_that_vanish_at_every_byte)
