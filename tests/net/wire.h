/*
 * A server's side and its peers in one process: the loop of the code under test is turned by hand while plain sockets
 * talk to it.
 */
#ifndef DUET_TESTS_NET_WIRE_H
#define DUET_TESTS_NET_WIRE_H

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"

#define WIRE_TEXT_MAX (1 << 20)
/** Nothing here takes that long, even under sanitizers; what is awaited so long never comes. */
#define WIRE_PATIENCE_NS (INT64_C(30) * 1000000000)

/** One look at sockets and timers; waits a moment where nothing is ready. */
static inline void wire_turn(struct event_base *base) {
    const struct timeval moment = {.tv_usec = 2000};
    (void)event_base_loopexit(base, &moment);
    (void)event_base_loop(base, EVLOOP_ONCE);
}

/** Setup function of a suite. */
static inline void wire_ignore_broken_pipes(void) {
    ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
}

static inline int wire_connect(uint16_t port) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/** Writes all of it, turning the loop while the socket is full. False: the other side has closed. */
static inline bool wire_send(struct event_base *base, int fd, const void *bytes, size_t size) {
    const char *at = bytes;
    int64_t until_ns = duet_monotonic_ns() + WIRE_PATIENCE_NS;
    while (size > 0) {
        ssize_t done = send(fd, at, size, MSG_NOSIGNAL);
        if (done < 0 && errno != EAGAIN) {
            return false;
        }
        ck_assert_int_lt(duet_monotonic_ns(), until_ns);
        at += done > 0 ? done : 0;
        size -= done > 0 ? (size_t)done : 0;
        wire_turn(base);
    }
    return true;
}

/** What one peer has received so far. */
struct wire_peer {
    int fd;
    bool closed; // by the other side
    size_t size;
    char *text; // zero-terminated
};

static inline struct wire_peer wire_peer_open(uint16_t port) {
    struct wire_peer peer = {.fd = wire_connect(port), .text = calloc(1, WIRE_TEXT_MAX + 1)};
    ck_assert_ptr_nonnull(peer.text);
    return peer;
}

static inline void wire_peer_close(struct wire_peer *peer) {
    close(peer->fd);
    free(peer->text);
    peer->text = NULL;
}

static inline void wire_forget(struct wire_peer *peer) {
    peer->size = 0;
    peer->text[0] = '\0';
}

/** Takes what has arrived. */
static inline void wire_receive(struct wire_peer *peer) {
    while (!peer->closed && peer->size < WIRE_TEXT_MAX) {
        ssize_t got = recv(peer->fd, peer->text + peer->size, WIRE_TEXT_MAX - peer->size, 0);
        if (got < 0 && errno == EAGAIN) {
            break;
        }
        peer->closed = got <= 0;
        peer->size += got > 0 ? (size_t)got : 0;
    }
    peer->text[peer->size] = '\0';
}

/** Turns the loop until the peer has received `size` bytes, or the other side has closed. */
static inline void wire_await(struct event_base *base, struct wire_peer *peer, size_t size) {
    int64_t until_ns = duet_monotonic_ns() + WIRE_PATIENCE_NS;
    for (wire_receive(peer); !peer->closed && peer->size < size; wire_receive(peer)) {
        ck_assert_msg(duet_monotonic_ns() < until_ns, "received only: %s", peer->text);
        wire_turn(base);
    }
}

/** Until it is there in what has been received. */
static inline void wire_await_text(struct event_base *base, struct wire_peer *peer, const char *text) {
    int64_t until_ns = duet_monotonic_ns() + WIRE_PATIENCE_NS;
    for (wire_receive(peer); !peer->closed && strstr(peer->text, text) == NULL; wire_receive(peer)) {
        ck_assert_msg(duet_monotonic_ns() < until_ns, "received only: %s", peer->text);
        wire_turn(base);
    }
    ck_assert_msg(strstr(peer->text, text) != NULL, "closed after: %s", peer->text);
}

static inline void wire_await_close(struct event_base *base, struct wire_peer *peer) {
    wire_await(base, peer, SIZE_MAX);
    ck_assert(peer->closed);
}

static inline void wire_turns(struct event_base *base, int count) {
    for (int i = 0; i < count; i++) {
        wire_turn(base);
    }
}

/** One whole answer to an HTTP request: head, and as many bytes as its Content-Length says. */
static inline void wire_await_answer(struct event_base *base, struct wire_peer *peer) {
    wire_await_text(base, peer, "\r\n\r\n");
    const char *length = strstr(peer->text, "Content-Length: ");
    size_t head = (size_t)(strstr(peer->text, "\r\n\r\n") + 4 - peer->text);
    if (length != NULL && length < peer->text + head) {
        wire_await(base, peer, head + strtoul(length + 16, NULL, 10));
    }
}

#endif
