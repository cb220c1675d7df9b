/* A stream of lines over HTTP, for a program that does nothing else: `duet ctl watch`. */
#ifndef DUET_NET_HTTP_FOLLOW_H
#define DUET_NET_HTTP_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/status.h>

/** Longest line. */
#define DUET_FOLLOW_LINE_MAX 65536

/**
 * GET `url` (http only, host as in net/address.h) and hand over each line of the answer's body, without its end, until
 * `line` returns false or the other side closes: DUET_OK. `*status` is that of the answer; lines of one that is not 200
 * are not handed over. `timeout_ns` is for connecting and the head; the stream itself may be silent for as long as it
 * likes. DUET_EINVAL, DUET_EIO. Blocking.
 */
DUET_MUST_CHECK enum duet_status duet_http_follow(const char *url, const char *token, int64_t timeout_ns,
    bool (*line)(void *argument, const char *line), void *argument, int *status);

#endif
