/*
 * Kinds of bars by their number, as struct duet_bar has it in interval_ns: a length of time, or one of DUET_BARS_…().
 */
#ifndef DUET_DATA_BARS_H
#define DUET_DATA_BARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/bar.h>
#include <duet/status.h>

enum duet_bars_kind {
    DUET_BARS_KIND_TIME = 0,
    DUET_BARS_KIND_TICKS,
    DUET_BARS_KIND_VOLUME,
    DUET_BARS_KIND_VALUE,
    DUET_BARS_KIND_RENKO,
    DUET_BARS_KIND_NONE, // a number that says nothing
};

enum duet_bars_kind duet_bars_kind(int64_t bars);
/** Of bars that are not of time: how much makes one, in units of 10^-duet_bars_decimals(). */
int64_t duet_bars_size(int64_t bars);
unsigned duet_bars_decimals(enum duet_bars_kind kind);

/** Shorter times first, then bars that are not of time by kind and size: the order in which bars of one instant are
 * told. */
static inline bool duet_bars_before(int64_t a, int64_t b) {
    return (uint64_t)a < (uint64_t)b;
}

#define DUET_BARS_TEXT_MAX 32

/** "5m", "1h", "1mo" (as duet_interval_parse()), "tick:100", "volume:1000", "value:1000000", "renko:0.5". DUET_EINVAL
 * says what is wrong. */
DUET_MUST_CHECK enum duet_status duet_bars_parse(const char *text, int64_t *bars);
/** The text that duet_bars_parse() takes; returns `out`. */
char *duet_bars_format(int64_t bars, char out[DUET_BARS_TEXT_MAX]);

/** Most kinds of bars that one text names. */
#define DUET_BARS_LIST_MAX 8
/** "5m+1h": one or more, each once. */
DUET_MUST_CHECK enum duet_status duet_bars_list_parse(
    const char *text, int64_t bars[DUET_BARS_LIST_MAX], size_t *count);

/** Whether `bars` can be made of bars of `interval_ns` (0: of trades). DUET_EINVAL for a number that says nothing,
 * DUET_ENOTFOUND where they cannot; the line says why. */
DUET_MUST_CHECK enum duet_status duet_bars_check(int64_t bars, int64_t interval_ns);

#endif
