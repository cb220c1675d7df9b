/*
 * Outcome codes, and the few macros every public header needs.
 *
 * A function that can fail returns `enum duet_status`; what it produces is an
 * output parameter, last. The layer that knows why also leaves one line of
 * text behind (plugins: duet_fail() in <duet/strategy.h>).
 */
#ifndef DUET_STATUS_H
#define DUET_STATUS_H

#include <stddef.h>

#if defined(__GNUC__)
#define DUET_EXPORT __attribute__((visibility("default")))
#define DUET_MUST_CHECK __attribute__((warn_unused_result))
#define DUET_PRINTF(format_index, first_index) __attribute__((format(printf, format_index, first_index)))
#else
#define DUET_EXPORT
#define DUET_MUST_CHECK
#define DUET_PRINTF(format_index, first_index)
#endif

/** From a pointer to `member` back to the `type` that embeds it. */
#define duet_container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/** name, value, text. A code exists only where some caller treats it differently. */
#define DUET_STATUS_MAP(X)                                     \
    X(DUET_OK, 0, "ok")                                        \
    X(DUET_PENDING, 1, "will complete later")                  \
    X(DUET_EINVAL, -1, "bad argument or configuration")        \
    X(DUET_EDATA, -2, "bad, missing or unreadable input data") \
    X(DUET_EDIFF, -3, "verification found a difference")       \
    X(DUET_EIO, -4, "input or output error")                   \
    X(DUET_EFULL, -5, "no room left")                          \
    X(DUET_EEXIST, -6, "already there")                        \
    X(DUET_ENOTFOUND, -7, "no such thing")                     \
    X(DUET_ESTATE, -8, "not possible in this state")           \
    X(DUET_EOVERFLOW, -9, "number out of range")               \
    X(DUET_ENOMEM, -10, "out of memory")                       \
    X(DUET_ETIMEOUT, -11, "time ran out")                      \
    X(DUET_EDENIED, -12, "refused by a rule")                  \
    X(DUET_EABI, -13, "built for another interface version")

enum duet_status {
#define DUET_STATUS_ENUM(name, value, text) name = value,
    DUET_STATUS_MAP(DUET_STATUS_ENUM)
#undef DUET_STATUS_ENUM
};

/** Static text of a code, e.g. "no room left"; "unknown status" for a foreign value. */
DUET_EXPORT const char *duet_status_text(enum duet_status status);

#endif
