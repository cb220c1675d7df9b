/*
 * What a message costs for each of 100 listeners, half of them WebSockets and one of all stalled, from the call until
 * the system has the bytes. The floor writes as many bytes to as many sockets, with nothing in between. They are read
 * between the measurements.
 */
#include "bench/bench.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/assert.h"
#include "net/broadcast.h"

#define LISTENERS 100
#define STALLED 7
#define MESSAGES 200
#define REPETITIONS 9
#define TURNS 3
#define MESSAGE_SIZE 250
/** Frames, buffers and the loop around each write. */
#define OVER_FLOOR 3.0

static const char ask_websocket[] =
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
static const char ask_events[] = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

static void handle_websocket(void *broadcast, struct duet_http_request *request) {
    duet_broadcast_websocket(*(struct duet_broadcast **)broadcast, request);
}
static void handle_events(void *broadcast, struct duet_http_request *request) {
    duet_broadcast_events(*(struct duet_broadcast **)broadcast, request);
}
static const struct duet_http_route routes[] = {
    {DUET_HTTP_GET, "/ws", true, handle_websocket}, {DUET_HTTP_GET, "/events", true, handle_events}};

static void turn(struct event_base *base) {
    (void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static int connect_to(uint16_t port) {
    struct sockaddr_in name = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    DUET_ASSERT(fd >= 0 && connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0);
    DUET_ASSERT(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    return fd;
}

static void read_all(const int *fds) {
    char bytes[65536];
    for (int i = 0; i < LISTENERS; i++) {
        while (i != STALLED && recv(fds[i], bytes, sizeof(bytes), 0) > 0) {
        }
    }
}

static double broadcast_ns(struct event_base *base, struct duet_broadcast *broadcast, const int *fds) {
    char json[MESSAGE_SIZE];
    int64_t spent_ns = 0;
    memset(json, '1', sizeof(json));
    for (int i = 0; i < MESSAGES; i++) {
        int64_t begin = bench_cpu_ns();
        duet_broadcast_send(broadcast, "fill", json, sizeof(json));
        turn(base);
        spent_ns += bench_cpu_ns() - begin;
        read_all(fds);
    }
    return (double)spent_ns / MESSAGES / LISTENERS;
}

/** On sockets of its own: nothing else must be written into those of listeners. */
static double floor_ns(const int *from, const int *to) {
    char bytes[MESSAGE_SIZE + 24];
    int64_t spent_ns = 0;
    memset(bytes, '1', sizeof(bytes));
    for (int i = 0; i < MESSAGES; i++) {
        int64_t begin = bench_cpu_ns();
        for (int n = 0; n < LISTENERS; n++) {
            if (n != STALLED) {
                DUET_ASSERT(send(from[n], bytes, sizeof(bytes), MSG_NOSIGNAL) == (ssize_t)sizeof(bytes));
            }
        }
        spent_ns += bench_cpu_ns() - begin;
        read_all(to);
    }
    return (double)spent_ns / MESSAGES / LISTENERS;
}

static void open_pairs(int *from, int *to) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(name);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    DUET_ASSERT(bind(listener, (struct sockaddr *)&name, sizeof(name)) == 0 && listen(listener, LISTENERS) == 0);
    DUET_ASSERT(getsockname(listener, (struct sockaddr *)&name, &size) == 0);
    for (int i = 0; i < LISTENERS; i++) {
        to[i] = connect_to(ntohs(name.sin_port));
        from[i] = accept(listener, NULL, NULL);
        DUET_ASSERT(from[i] >= 0);
    }
    close(listener);
}

void bench_broadcast(void) {
    static int fds[LISTENERS], from[LISTENERS], to[LISTENERS];
    struct event_base *base = event_base_new();
    struct duet_http_server *server;
    struct duet_broadcast *broadcast;
    const struct duet_http_server_options http = {.address = "127.0.0.1:0",
        .requests_per_s = 1e6,
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(routes[0]),
        .argument = &broadcast,
        .base = base};
    const struct duet_broadcast_options options = {.base = base};
    DUET_ASSERT(duet_http_server_create(&http, &server) == DUET_OK);
    DUET_ASSERT(duet_broadcast_create(&options, &broadcast) == DUET_OK);
    for (int i = 0; i < LISTENERS; i++) {
        const char *ask = i % 2 == 0 ? ask_websocket : ask_events;
        fds[i] = connect_to(duet_http_server_port(server));
        DUET_ASSERT(send(fds[i], ask, strlen(ask), 0) == (ssize_t)strlen(ask));
        for (int n = 0; n < TURNS; n++) {
            turn(base);
        }
    }
    struct duet_broadcast_counts counts;
    duet_broadcast_get_counts(broadcast, &counts);
    DUET_ASSERT(counts.clients == LISTENERS);
    open_pairs(from, to);
    double samples[REPETITIONS], floor = 0;
    for (int i = 0; i < REPETITIONS; i++) {
        double ns = floor_ns(from, to);
        floor = i == 0 || ns < floor ? ns : floor;
        samples[i] = broadcast_ns(base, broadcast, fds);
    }
    bench_row("broadcast to 100", "ns/listener", samples, REPETITIONS, "bare sends", floor, floor * OVER_FLOOR);
    duet_broadcast_destroy(broadcast);
    duet_http_server_destroy(server);
    event_base_free(base);
    for (int i = 0; i < LISTENERS; i++) {
        close(fds[i]);
        close(from[i]);
        close(to[i]);
    }
}
