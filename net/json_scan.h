/*
 * A pull scanner for small JSON objects on the hot path: one pass, no allocation, any key order, slices into the text.
 * For market data and gateway messages; configuration and REST use jansson.
 */
#ifndef DUET_NET_JSON_SCAN_H
#define DUET_NET_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/status.h>

enum duet_json_kind {
    DUET_JSON_STRING = 1, // text between the quotes, escapes as they stand
    DUET_JSON_NUMBER,
    DUET_JSON_TRUE,
    DUET_JSON_FALSE,
    DUET_JSON_NULL,
    DUET_JSON_OBJECT, // text of the whole, braces included: scan it in turn
    DUET_JSON_ARRAY,
};
struct duet_json_slice {
    const char *text;
    uint32_t size;
    enum duet_json_kind kind;
    bool escaped; // a string with backslashes
};
/** One member or element of the container that was begun. */
struct duet_json_scan {
    const char *at, *end;
    char closing;
    bool first;
    struct duet_json_slice key, value; // key only in objects
    const char *error; // NULL, or what is wrong at `at`
};
/** Begin with the text of one object or array. False: it is none. Depth is limited to 32. */
bool duet_json_begin(struct duet_json_scan *scan, const char *text, size_t size);
/** The next member; false at the end or at an error (scan->error). */
bool duet_json_next(struct duet_json_scan *scan);

/** Whether a string slice is `text`. */
bool duet_json_is(const struct duet_json_slice *slice, const char *text);
/** A number, or a string that holds one, exactly. False: it is none, or out of range. */
bool duet_json_int64(const struct duet_json_slice *slice, int64_t *out);
bool duet_json_real(const struct duet_json_slice *slice, double *out);
/** A decimal (number or string) in units of 10^-decimals; false where it is none, out of range, or finer than that. */
bool duet_json_scaled(const struct duet_json_slice *slice, unsigned decimals, int64_t *out);
/** Copy a string, unescaped, as UTF-8; cut to fit. False: not a string or a bad escape. */
bool duet_json_copy(const struct duet_json_slice *slice, char *out, size_t size);

#endif
