/* A client of a server in the same process, for targets that feed it bytes. */
#ifndef DUET_TESTS_FUZZ_WIRE_H
#define DUET_TESTS_FUZZ_WIRE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/assert.h"
#include "net/http_server.h"

/** Looks at the sockets that each step needs: to accept, to read, to write, to close. */
#define WIRE_TURNS 3
#define WIRE_PIECES_MAX 200

static inline void wire_swallow(int severity, const char *text) {}

/** A base whose library keeps its remarks on broken requests to itself. */
static inline struct event_base *wire_base(void) {
    event_set_log_callback(wire_swallow);
    DUET_ASSERT(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    struct event_base *base = event_base_new();
    DUET_ASSERT(base != NULL);
    return base;
}

static inline void wire_turns(struct event_base *base) {
    for (int i = 0; i < WIRE_TURNS; i++) {
        (void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    }
}

static inline int wire_connect(struct event_base *base, uint16_t port) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
    // Ends with a reset, so that no socket lingers: there are thousands a second.
    const struct linger reset = {.l_onoff = 1};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    DUET_ASSERT(fd >= 0);
    DUET_ASSERT(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) == 0);
    DUET_ASSERT(fcntl(fd, F_SETFL, O_NONBLOCK) == 0); // the fuzzer's alarm would interrupt a wait
    DUET_ASSERT(connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0 || errno == EINPROGRESS);
    wire_turns(base);
    return fd;
}

/** Sends in pieces of `piece` bytes, but not too many of them, and lets the server work after each. */
static inline void wire_feed(struct event_base *base, int fd, const uint8_t *bytes, size_t size, size_t piece) {
    piece = piece > size / WIRE_PIECES_MAX ? piece : size / WIRE_PIECES_MAX + 1;
    while (size > 0) {
        size_t part = piece < size ? piece : size;
        ssize_t done = send(fd, bytes, part, MSG_NOSIGNAL);
        wire_turns(base);
        if (done <= 0) {
            return; // the server has had enough
        }
        bytes += done;
        size -= (size_t)done;
    }
}

/** Reads what has come; the size, up to `max`. */
static inline size_t wire_drain(int fd, char *out, size_t max) {
    size_t size = 0;
    for (;;) {
        char rest[4096];
        ssize_t got = size < max ? recv(fd, out + size, max - size, 0) : recv(fd, rest, sizeof(rest), 0);
        if (got <= 0) {
            return size;
        }
        size += size < max ? (size_t)got : 0;
    }
}

#endif
