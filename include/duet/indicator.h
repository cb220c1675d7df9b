/*
 * Streaming indicators for strategies: no allocation, no pointers, so they can
 * live inline in a strategy's flat state.
 */
#ifndef DUET_INDICATOR_H
#define DUET_INDICATOR_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/** Longest window of a duet_sma. */
#define DUET_SMA_MAX 1024

/**
 * Simple moving average: mean of the last `length` values.
 *
 * The running sum is kept as an unevaluated pair sum + rest (two-sum, Knuth,
 * TAOCP 4.2.2 theorem B), so adding and removing a value loses nothing that shows:
 * equal windows give equal averages whatever went before. That needs strict IEEE
 * arithmetic: compile with -ffp-contract=off, as pkg-config duet says, and
 * without -ffast-math.
 */
struct duet_sma {
    double sum, rest;
    int64_t length, count, next; // count: values in the window
    double window[DUET_SMA_MAX];
};

/** `length` is clamped to 1..DUET_SMA_MAX; declare the parameter with these bounds. */
static inline void duet_sma_init(struct duet_sma *sma, int64_t length) {
    sma->length = length < 1 ? 1 : length > DUET_SMA_MAX ? DUET_SMA_MAX : length;
    sma->sum = sma->rest = 0;
    sma->count = sma->next = 0;
}

static inline void duet_sma_add_(struct duet_sma *sma, double value) {
    double sum = sma->sum + value;
    double part = sum - sma->sum;
    double lost = (sma->sum - (sum - part)) + (value - part);
    sma->sum = sum;
    sma->rest += lost;
}

/** True once `length` values have been seen. */
static inline bool duet_sma_ready(const struct duet_sma *sma) {
    return sma->count == sma->length;
}

/** Mean of the window; of what there is while it fills; NAN before the first value. */
static inline double duet_sma_value(const struct duet_sma *sma) {
    return sma->count == 0 ? (double)NAN : (sma->sum + sma->rest) / (double)sma->count;
}

/** Take one value in and return duet_sma_value(). */
static inline double duet_sma_update(struct duet_sma *sma, double value) {
    if (sma->count == sma->length) {
        duet_sma_add_(sma, -sma->window[sma->next]);
    } else {
        sma->count++;
    }
    duet_sma_add_(sma, value);
    sma->window[sma->next] = value;
    sma->next = sma->next + 1 == sma->length ? 0 : sma->next + 1;
    return duet_sma_value(sma);
}

#endif
