/*
 * Listeners over real sockets. Frames are written and read by hand here, by RFC 6455, so that the library under test
 * does not judge itself.
 */
#include "net/broadcast.h"

#include <stdio.h>

#include "base/log.h"
#include "net/wire.h"
#include "support/suite.h"

#define MS INT64_C(1000000)
#define KEY "dGhlIHNhbXBsZSBub25jZQ==" // the RFC's own example, and what must come back for it
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define HOST "Host: 127.0.0.1\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
#define ASK_WEBSOCKET "GET /ws HTTP/1.1\r\n" HOST UPGRADE "Sec-WebSocket-Key: " KEY "\r\n\r\n"
#define ASK_EVENTS "GET /events HTTP/1.1\r\n" HOST "\r\n"
#define TURNS_MAX 20000

static struct event_base *base;
static struct duet_http_server *server;
static struct duet_broadcast *broadcast;
static char log_lines[65536];
static bool sends_from_log;

static void log_sink(void *argument, enum duet_log_severity severity, const char *line) {
    size_t used = strlen(log_lines);
    if (severity == DUET_SEVERITY_WARN) {
        snprintf(log_lines + used, sizeof(log_lines) - used, "%s\n", line);
        if (sends_from_log) { // as an alert about it would
            duet_broadcast_send(broadcast, "alert", "{}", 2);
        }
    }
}
static struct duet_log test_log = {.threshold = DUET_SEVERITY_DEBUG, .sink = log_sink};

static void handle_websocket(void *argument, struct duet_http_request *request) {
    duet_broadcast_websocket(broadcast, request);
}
static void handle_events(void *argument, struct duet_http_request *request) {
    duet_broadcast_events(broadcast, request);
}
static const struct duet_http_route routes[] = {
    {DUET_HTTP_GET, "/ws", false, handle_websocket}, {DUET_HTTP_GET, "/events", false, handle_events}};

static void serve(struct duet_broadcast_options options) {
    base = event_base_new();
    const struct duet_http_server_options http = {.address = "127.0.0.1:0",
        .requests_per_s = 100000,
        .connections_max = 1000,
        .routes = routes,
        .route_count = 2,
        .base = base,
        .log = &test_log};
    options.base = base;
    options.log = &test_log;
    ck_assert_int_eq(duet_http_server_create(&http, &server), DUET_OK);
    ck_assert_int_eq(duet_broadcast_create(&options, &broadcast), DUET_OK);
}

static void finish(void) {
    duet_broadcast_destroy(broadcast);
    duet_http_server_destroy(server);
    wire_turns(base, 3);
    event_base_free(base);
}

static struct duet_broadcast_counts counts(void) {
    struct duet_broadcast_counts out;
    duet_broadcast_get_counts(broadcast, &out);
    return out;
}

static void await_clients(uint32_t count) {
    for (int i = 0; counts().clients != count; i++) {
        ck_assert_msg(i < TURNS_MAX, "%u clients", counts().clients);
        wire_turn(base);
    }
}

/** Asks, and takes the head of the answer away. */
static struct wire_peer listen_on(const char *request, const char *part) {
    struct wire_peer peer = wire_peer_open(duet_http_server_port(server));
    ck_assert(wire_send(base, peer.fd, request, strlen(request)));
    wire_await_text(base, &peer, "\r\n\r\n");
    ck_assert_msg(strstr(peer.text, part) != NULL, "%s", peer.text);
    return peer;
}

static void cut_head(struct wire_peer *peer) {
    size_t head = (size_t)(strstr(peer->text, "\r\n\r\n") + 4 - peer->text);
    peer->size -= head;
    memmove(peer->text, peer->text + head, peer->size + 1);
}

static struct wire_peer open_websocket(void) {
    struct wire_peer peer = listen_on(ASK_WEBSOCKET, "HTTP/1.1 101 ");
    cut_head(&peer);
    return peer;
}
static struct wire_peer open_events(void) {
    struct wire_peer peer = listen_on(ASK_EVENTS, "HTTP/1.1 200 ");
    cut_head(&peer);
    return peer;
}

static void send_event(const char *json) {
    duet_broadcast_send(broadcast, "fill", json, strlen(json));
}

/** A frame as a client must send it: masked. Returns its size. */
static size_t frame(unsigned char *out, unsigned first, const void *payload, size_t size) {
    static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    size_t used = 0;
    out[used++] = (unsigned char)first;
    out[used++] = (unsigned char)(0x80 | (size < 126 ? size : 126));
    if (size >= 126) {
        out[used++] = (unsigned char)(size >> 8);
        out[used++] = (unsigned char)size;
    }
    memcpy(out + used, mask, 4);
    used += 4;
    for (size_t i = 0; i < size; i++) {
        out[used + i] = (unsigned char)(((const unsigned char *)payload)[i] ^ mask[i % 4]);
    }
    return used + size;
}

/** Waits for exactly these bytes, and takes them away. */
static void expect_bytes(struct wire_peer *peer, const void *bytes, size_t size) {
    wire_await(base, peer, size);
    ck_assert_uint_ge(peer->size, size);
    ck_assert_int_eq(memcmp(peer->text, bytes, size), 0);
    peer->size -= size;
    memmove(peer->text, peer->text + size, peer->size + 1);
}

START_TEST(answers_the_handshake_of_the_standard) {
    serve((struct duet_broadcast_options){.clients_max = 2});
    struct wire_peer peer = listen_on(ASK_WEBSOCKET, ACCEPT);
    ck_assert_uint_eq(counts().clients, 1);
    wire_peer_close(&peer);
    await_clients(0);
    peer = listen_on("GET /ws HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 426 Upgrade Required\r\n");
    ck_assert_ptr_nonnull(strstr(peer.text, "Upgrade: websocket\r\n"));
    wire_peer_close(&peer);
    peer = listen_on("GET /ws HTTP/1.1\r\n" HOST
                     "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n\r\n",
        "HTTP/1.1 426 ");
    ck_assert_ptr_nonnull(strstr(peer.text, "Sec-WebSocket-Version: 13\r\n"));
    wire_peer_close(&peer);
    peer = listen_on("GET /ws HTTP/1.1\r\n" HOST UPGRADE "Sec-WebSocket-Key: short==\r\n\r\n", "HTTP/1.1 400 ");
    wire_peer_close(&peer);
    peer = listen_on("GET /ws HTTP/1.1\r\n" HOST "Origin: http://evil.example\r\n" UPGRADE "Sec-WebSocket-Key: " KEY
                     "\r\n\r\n",
        "HTTP/1.1 403 ");
    wire_peer_close(&peer);
    struct wire_peer first = open_websocket(), second = open_events();
    peer = listen_on(ASK_WEBSOCKET, "HTTP/1.1 503 ");
    ck_assert_ptr_nonnull(strstr(peer.text, "too_many_listeners"));
    wire_peer_close(&peer);
    wire_peer_close(&first);
    wire_peer_close(&second);
    finish();
}
END_TEST

START_TEST(sends_one_message_in_both_forms) {
    serve((struct duet_broadcast_options){0});
    send_event("{}"); // nobody is there
    ck_assert_uint_eq(counts().sent, 0);
    struct wire_peer socket = open_websocket(), events = open_events();
    send_event("{\"a\":1}");
    expect_bytes(&socket, "\x81\x1f{\"event\":\"fill\",\"data\":{\"a\":1}}", 33);
    expect_bytes(&events, ":\n\nevent: fill\ndata: {\"a\":1}\n\n", 30);
    static char json[70001];
    memset(json, '7', 70000);
    send_event(json); // 70,000 + 24 bytes: 0x11188
    wire_await(base, &socket, 10 + 70024);
    ck_assert_uint_eq(socket.size, 10 + 70024);
    ck_assert_int_eq((unsigned char)socket.text[1], 127);
    ck_assert_int_eq(memcmp(socket.text + 2, "\0\0\0\0\0\x01\x11\x88", 8), 0);
    ck_assert_uint_eq(counts().sent, 4);
    wire_peer_close(&socket);
    wire_peer_close(&events);
    finish();
}
END_TEST

START_TEST(keeps_to_the_rules_of_frames) {
    unsigned char bytes[8192], payload[5000] = {0};
    serve((struct duet_broadcast_options){0});
    struct wire_peer peer = open_websocket();
    // A ping is answered with what it brought, also between the parts of a message, also byte by byte.
    size_t size = frame(bytes, 0x01, "par", 3);
    size += frame(bytes + size, 0x89, "ping!", 5);
    size += frame(bytes + size, 0x80, "t", 1);
    size += frame(bytes + size, 0x82, "\xff\xfe", 2);
    size += frame(bytes + size, 0x8a, "unasked", 7);
    for (size_t i = 0; i < size; i++) {
        ck_assert(wire_send(base, peer.fd, bytes + i, 1));
    }
    expect_bytes(&peer, "\x8a\x05ping!", 7);
    // A close is answered with its own code, and then the connection ends.
    size = frame(bytes, 0x88,
        "\x03\xe8"
        "bye",
        5);
    ck_assert(wire_send(base, peer.fd, bytes, size));
    wire_await_close(base, &peer);
    ck_assert_uint_ge(peer.size, 4);
    ck_assert_int_eq(memcmp(peer.text, "\x88", 1), 0);
    ck_assert_int_eq(memcmp(peer.text + 2, "\x03\xe8", 2), 0);
    wire_peer_close(&peer);
    await_clients(0);

    const struct {
        unsigned first;
        size_t size;
        const char *payload;
        bool unmasked;
        const char *code;
    } broken[] = {
        {0x81, 2, "hi", true, "\x03\xea"}, // not masked: 1002
        {0xc1, 2, "hi", false, "\x03\xea"}, // a reserved bit
        {0x83, 2, "hi", false, "\x03\xea"}, // a reserved opcode
        {0x80, 2, "hi", false, "\x03\xea"}, // the rest of nothing
        {0x09, 2, "hi", false, ""}, // a ping in parts: closed without a code
        {0x88, 1, "x", false, ""}, // half a code
        {0x88, 2, "\x03\xed", false, "\x03\xea"}, // a code that must not be sent
        {0x81, 2, "\xc3\x28", false, "\x03\xef"}, // not UTF-8: 1007
        {0x82, 4097, (const char *)payload, false, "\x03\xf1"}, // too large: 1009
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        peer = open_websocket();
        size = frame(bytes, broken[i].first, broken[i].payload, broken[i].size);
        if (broken[i].unmasked) {
            bytes[1] &= 0x7f;
        }
        ck_assert(wire_send(base, peer.fd, bytes, size));
        wire_await_close(base, &peer);
        ck_assert_msg(peer.size >= 2 && (unsigned char)peer.text[0] == 0x88, "case %zu: %zu bytes", i, peer.size);
        ck_assert_msg(strncmp(peer.text + 2, broken[i].code, 2) == 0, "case %zu: code %d", i,
            (unsigned char)peer.text[2] << 8 | (unsigned char)peer.text[3]);
        wire_peer_close(&peer);
        await_clients(0);
    }
    ck_assert_uint_eq(counts().dropped_clients, 0);
    finish();
}
END_TEST

START_TEST(reads_frames_that_came_with_the_handshake) {
    unsigned char bytes[512];
    serve((struct duet_broadcast_options){0});
    memcpy(bytes, ASK_WEBSOCKET, strlen(ASK_WEBSOCKET));
    size_t size = strlen(ASK_WEBSOCKET) + frame(bytes + strlen(ASK_WEBSOCKET), 0x89, "early", 5);
    struct wire_peer peer = wire_peer_open(duet_http_server_port(server));
    ck_assert(wire_send(base, peer.fd, bytes, size));
    wire_await_text(base, &peer,
        "\x8a\x05"
        "early");
    wire_peer_close(&peer);
    finish();
}
END_TEST

/* ---- group H: 100 listeners, one stalled, one gone ---- */

#define LISTENERS 100
#define STALLED 37
#define CLOSED 73
#define MESSAGES 150
#define JSON_SIZE 10000

/** What a listener must receive, byte for byte: by form, all messages one after the other. */
static struct stream {
    char *bytes;
    size_t size;
} streams[2];
static struct listener {
    int fd;
    size_t received;
    bool closed;
} listeners[LISTENERS];

static void stream_add(struct stream *stream, const void *bytes, size_t size) {
    stream->bytes = realloc(stream->bytes, stream->size + size);
    ck_assert_ptr_nonnull(stream->bytes);
    memcpy(stream->bytes + stream->size, bytes, size);
    stream->size += size;
}

static void make_json(char json[JSON_SIZE + 1], int number) {
    memset(json, ' ', JSON_SIZE);
    int used = snprintf(json, JSON_SIZE, "{\"n\":%d", number);
    json[used] = ' ';
    json[JSON_SIZE - 1] = '}';
    json[JSON_SIZE] = '\0';
}

static void expect_message(const char *json) {
    const unsigned char head[] = {0x81, 126, (JSON_SIZE + 24) >> 8, (JSON_SIZE + 24) & 0xff};
    stream_add(&streams[0], head, sizeof(head));
    stream_add(&streams[0], "{\"event\":\"fill\",\"data\":", 23);
    stream_add(&streams[0], json, JSON_SIZE);
    stream_add(&streams[0], "}", 1);
    stream_add(&streams[1], "event: fill\ndata: ", 18);
    stream_add(&streams[1], json, JSON_SIZE);
    stream_add(&streams[1], "\n\n", 2);
}

/** Takes what has arrived for it; it must be the next part of its stream. */
static void listener_receive(size_t index) {
    static char buffer[1 << 16];
    struct listener *listener = &listeners[index];
    for (;;) {
        ssize_t got = recv(listener->fd, buffer, sizeof(buffer), 0);
        if (got <= 0) {
            listener->closed = listener->closed || got == 0 || errno != EAGAIN;
            return;
        }
        const struct stream *stream = &streams[index % 2];
        ck_assert_uint_le(listener->received + (size_t)got, stream->size);
        ck_assert_int_eq(memcmp(stream->bytes + listener->received, buffer, (size_t)got), 0);
        listener->received += (size_t)got;
    }
}

static void open_listeners(void) {
    for (size_t i = 0; i < LISTENERS; i++) {
        struct wire_peer peer = i % 2 == 0 ? open_websocket() : open_events();
        if (i % 2 == 1) {
            expect_bytes(&peer, ":\n\n", 3);
        }
        ck_assert_uint_eq(peer.size, 0);
        listeners[i].fd = peer.fd;
        free(peer.text);
    }
    ck_assert_uint_eq(counts().clients, LISTENERS);
}

START_TEST(no_listener_waits_for_another) {
    serve((struct duet_broadcast_options){
        .watermark_bytes = 64 << 10, .stall_ns = 1000000 * MS, .ping_ns = 1000000 * MS});
    open_listeners();
    close(listeners[CLOSED].fd);
    for (int n = 0; n < MESSAGES; n++) {
        char json[JSON_SIZE + 1];
        make_json(json, n);
        expect_message(json);
        send_event(json);
        // A message is out to everybody who reads before the next one comes.
        for (size_t waiting = 1, turns = 0; waiting > 0; turns++) {
            ck_assert_uint_lt(turns, TURNS_MAX);
            (void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
            waiting = 0;
            for (size_t i = 0; i < LISTENERS; i++) {
                if (i != STALLED && i != CLOSED) {
                    listener_receive(i);
                    waiting += listeners[i].received < streams[i % 2].size;
                }
            }
        }
    }
    for (size_t i = 0; i < LISTENERS; i++) {
        if (i != STALLED && i != CLOSED) {
            ck_assert_uint_eq(listeners[i].received, streams[i % 2].size);
            ck_assert(!listeners[i].closed);
        }
    }
    ck_assert_uint_eq(counts().clients, LISTENERS - 2);
    ck_assert_uint_eq(counts().dropped_clients, 1);
    ck_assert_uint_eq(counts().bytes_waiting, 0);
    ck_assert_ptr_nonnull(strstr(log_lines, "warn broadcast-client-dropped peer=127.0.0.1:"));
    ck_assert_ptr_nonnull(strstr(log_lines, "reason=\"reads too slowly\""));
    ck_assert_ptr_eq(strchr(log_lines, '\n'), strrchr(log_lines, '\n'));
    // What it had received before is a beginning of what the others got.
    while (!listeners[STALLED].closed) {
        listener_receive(STALLED);
        wire_turn(base);
    }
    ck_assert_uint_lt(listeners[STALLED].received, streams[STALLED % 2].size);
    for (size_t i = 0; i < LISTENERS; i++) {
        if (i != CLOSED) {
            close(listeners[i].fd);
        }
    }
    free(streams[0].bytes);
    free(streams[1].bytes);
    finish();
}
END_TEST

START_TEST(drops_who_stalls_below_the_watermark) {
    serve((struct duet_broadcast_options){.watermark_bytes = 64 << 20, .stall_ns = 200 * MS});
    static char json[100001];
    memset(json, '1', 100000);
    struct wire_peer peer = open_events();
    for (int i = 0; i < 100; i++) { // more than the systems' buffers hold
        send_event(json);
    }
    for (int turns = 0; counts().dropped_clients == 0; turns++) {
        ck_assert_int_lt(turns, TURNS_MAX);
        wire_turn(base);
    }
    ck_assert_ptr_nonnull(strstr(log_lines, "reason=\"does not read\""));
    wire_peer_close(&peer);
    await_clients(0);
    finish();
}
END_TEST

START_TEST(notices_who_is_silently_gone) {
    unsigned char pong[64];
    serve((struct duet_broadcast_options){.ping_ns = 300 * MS});
    struct wire_peer dumb = open_websocket(), alive = open_websocket(), events = open_events();
    for (int turns = 0; counts().dropped_clients == 0; turns++) {
        ck_assert_int_lt(turns, TURNS_MAX);
        wire_turn(base);
        wire_receive(&alive);
        if (alive.size > 0) { // an empty ping
            expect_bytes(&alive, "\x89\x00", 2);
            ck_assert(wire_send(base, alive.fd, pong, frame(pong, 0x8a, "", 0)));
        }
    }
    ck_assert_uint_eq(counts().clients, 2);
    ck_assert_ptr_nonnull(strstr(log_lines, "reason=\"answers no ping\""));
    wire_await_close(base, &dumb);
    wire_await_text(base, &events, ":\n\n:\n\n"); // a comment now and then
    wire_peer_close(&dumb);
    wire_peer_close(&alive);
    wire_peer_close(&events);
    finish();
}
END_TEST

START_TEST(drops_who_pings_without_reading) {
    unsigned char pings[131 * 100];
    char payload[125] = {0};
    size_t size = 0;
    serve((struct duet_broadcast_options){.watermark_bytes = 64 << 10});
    struct wire_peer peer = open_websocket();
    for (int i = 0; i < 100; i++) {
        size += frame(pings + size, 0x89, payload, sizeof(payload));
    }
    for (int i = 0; i < 10000 && counts().dropped_clients == 0; i++) {
        ssize_t ignored = send(peer.fd, pings, size, MSG_NOSIGNAL);
        ck_assert(ignored != 0);
        wire_turn(base);
    }
    ck_assert_uint_eq(counts().dropped_clients, 1);
    ck_assert_ptr_nonnull(strstr(log_lines, "reason=\"asks without reading\""));
    wire_peer_close(&peer);
    finish();
}
END_TEST

START_TEST(survives_clients_that_come_and_vanish_at_any_point) {
    unsigned char bytes[512];
    const struct linger reset = {.l_onoff = 1};
    memcpy(bytes, ASK_WEBSOCKET, strlen(ASK_WEBSOCKET));
    size_t whole = strlen(ASK_WEBSOCKET);
    whole += frame(bytes + whole, 0x89, "ping", 4);
    whole += frame(bytes + whole, 0x88, "\x03\xe8", 2);
    serve((struct duet_broadcast_options){.ping_ns = 5 * MS, .watermark_bytes = 3000});
    sends_from_log = true;
    struct wire_peer stays = open_events(), stalls = open_websocket();
    for (size_t cut = 0; cut <= whole; cut++) {
        int fd = wire_connect(duet_http_server_port(server));
        struct wire_peer other = cut % 3 == 0 ? open_websocket() : open_events();
        ck_assert(cut == 0 || wire_send(base, fd, bytes, cut));
        send_event("{\"before\":true}");
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, cut % 2 == 0 ? sizeof(reset) : 0);
        close(fd);
        if (cut % 4 == 0) {
            wire_turn(base);
        }
        send_event("{\"after\":true}");
        wire_peer_close(&other);
        send_event("{\"later\":true}");
    }
    wire_turns(base, 5);
    wire_await_text(base, &stays, "{\"later\":true}");
    wire_peer_close(&stays);
    wire_peer_close(&stalls);
    finish();
}
END_TEST

START_TEST(says_goodbye_when_it_goes) {
    serve((struct duet_broadcast_options){0});
    struct wire_peer socket = open_websocket(), events = open_events();
    send_event("{}");
    finish();
    while (!socket.closed) {
        wire_receive(&socket);
    }
    ck_assert_int_eq(memcmp(socket.text + socket.size - 4, "\x88\x02\x03\xe9", 4), 0); // 1001
    while (!events.closed) {
        wire_receive(&events);
    }
    ck_assert_ptr_nonnull(strstr(events.text, "event: fill\ndata: {}\n\n"));
    wire_peer_close(&socket);
    wire_peer_close(&events);
}
END_TEST

START_TEST(survives_a_server_that_goes_first) {
    serve((struct duet_broadcast_options){0});
    struct wire_peer socket = open_websocket(), events = open_events();
    duet_http_server_destroy(server);
    ck_assert_uint_eq(counts().clients, 0);
    send_event("{}");
    wire_turns(base, 3);
    duet_broadcast_destroy(broadcast);
    event_base_free(base);
    wire_peer_close(&socket);
    wire_peer_close(&events);
}
END_TEST

DUET_TEST_MAIN("broadcast", wire_ignore_broken_pipes, answers_the_handshake_of_the_standard,
    sends_one_message_in_both_forms, keeps_to_the_rules_of_frames, reads_frames_that_came_with_the_handshake,
    no_listener_waits_for_another, drops_who_stalls_below_the_watermark, notices_who_is_silently_gone,
    drops_who_pings_without_reading, survives_clients_that_come_and_vanish_at_any_point, says_goodbye_when_it_goes,
    survives_a_server_that_goes_first)
