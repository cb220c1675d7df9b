/* Any bytes as frames on an open WebSocket, in pieces (first byte: how large), while messages go out. A listener that
 * behaves must get every one of them. */
#include <string.h>

#include "fuzz/wire.h"
#include "net/broadcast.h"

#define ANSWER_MAX 65536
#define ASK                                                                                \
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define ASK_EVENTS "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define EVENT "event: e\ndata: {}\n\n"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct event_base *base;
static struct duet_http_server *server;
static struct duet_broadcast *broadcast;
static int listener;

static void handle_websocket(void *argument, struct duet_http_request *request) {
    duet_broadcast_websocket(broadcast, request);
}
static void handle_events(void *argument, struct duet_http_request *request) {
    duet_broadcast_events(broadcast, request);
}
static const struct duet_http_route routes[] = {
    {DUET_HTTP_GET, "/ws", true, handle_websocket}, {DUET_HTTP_GET, "/events", true, handle_events}};

static int open_client(const char *ask, const char *status) {
    char answer[ANSWER_MAX];
    int fd = wire_connect(base, duet_http_server_port(server));
    wire_feed(base, fd, (const uint8_t *)ask, strlen(ask), strlen(ask));
    DUET_ASSERT(wire_drain(fd, answer, sizeof(answer)) > 12 && memcmp(answer + 9, status, 3) == 0);
    return fd;
}

static void serve(void) {
    base = wire_base();
    const struct duet_http_server_options options = {.address = "127.0.0.1:0",
        .requests_per_s = 1e9,
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(routes[0]),
        .base = base};
    const struct duet_broadcast_options limits = {.watermark_bytes = 4096, .ping_ns = INT64_MAX, .base = base};
    enum duet_status status = duet_http_server_create(&options, &server);
    DUET_ASSERT(status == DUET_OK);
    status = duet_broadcast_create(&limits, &broadcast);
    DUET_ASSERT(status == DUET_OK);
    listener = open_client(ASK_EVENTS, "200");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char answer[ANSWER_MAX];
    struct duet_broadcast_counts counts;
    if (server == NULL) {
        serve();
    }
    if (size == 0) {
        return 0;
    }
    int fd = open_client(ASK, "101");
    duet_broadcast_send(broadcast, "e", "{}", 2);
    wire_feed(base, fd, bytes + 1, size - 1, (size_t)bytes[0] + 1);
    duet_broadcast_send(broadcast, "e", "{}", 2);
    wire_turns(base);
    DUET_ASSERT(wire_drain(listener, answer, sizeof(answer)) == 2 * strlen(EVENT));
    DUET_ASSERT(memcmp(answer, EVENT EVENT, 2 * strlen(EVENT)) == 0);
    (void)wire_drain(fd, answer, sizeof(answer));
    close(fd);
    wire_turns(base);
    duet_broadcast_get_counts(broadcast, &counts);
    DUET_ASSERT(counts.clients == 1);
    return 0;
}
