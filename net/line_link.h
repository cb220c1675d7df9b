/*
 * A connection that speaks lines of text, TCP or Unix socket, and comes back by itself: connect with a deadline,
 * back-off with a cap, bounded lines and buffers both ways, one flush per turn. What the lines mean is the owner's.
 *
 * Callbacks come from the loop, never from inside a call of the owner's; in them everything below may be called. Lines
 * received before the connection ended come before `down`. The back-off begins anew once a line has been received. The
 * process must ignore SIGPIPE.
 */
#ifndef DUET_NET_LINE_LINK_H
#define DUET_NET_LINE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/status.h>

struct duet_line_link; // opaque
struct duet_log;

struct duet_line_link_options {
    const char *address; // "127.0.0.1:7777", "[::1]:7777" or "unix:/path"
    int64_t connect_ns; // deadline; 0: 10 s
    int64_t silence_ns; // nothing received for so long: dropped; 0: never
    int64_t backoff_first_ns, backoff_max_ns; // 0: 500 ms, 30 s; doubles
    size_t line_max; // 0: 1 MiB; a longer line drops the connection
    size_t output_max; // 0: 4 MiB; beyond: the connection is dropped
    uint32_t lines_per_turn; // 0: 256; what is left waits for the next turn, and the socket is not read meanwhile
    void *base;
    struct duet_log *log;
    /** Connected (again): send a greeting. */
    void (*up)(void *argument);
    /** One line without its newline, zero-terminated; may be changed. False: drop the connection. */
    bool (*line)(void *argument, char *line, size_t size);
    /** Gone, after it was up; the next attempt follows by itself. */
    void (*down)(void *argument, const char *why);
    void *argument;
};

DUET_MUST_CHECK enum duet_status duet_line_link_create(
    const struct duet_line_link_options *options, struct duet_line_link **out);
void duet_line_link_destroy(struct duet_line_link *link);
/** Queue one line (newline added). DUET_ESTATE while down; DUET_EFULL past output_max, and it goes down. */
DUET_MUST_CHECK enum duet_status duet_line_link_send(struct duet_line_link *link, const char *line, size_t size);
/** Drop and connect again, after the back-off. Down at once; `down` follows. */
void duet_line_link_drop(struct duet_line_link *link, const char *why);
bool duet_line_link_is_up(const struct duet_line_link *link);
/** Why it is not up: "connection refused", "nothing heard for 30 s"; "" while it is. Valid until the next call. */
const char *duet_line_link_error(const struct duet_line_link *link);
/** Stop reading while the owner has no room; again when it has. */
void duet_line_link_pause(struct duet_line_link *link, bool paused);

#endif
