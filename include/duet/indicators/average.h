/* Moving averages. What holds for all of them stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_AVERAGE_H
#define DUET_INDICATORS_AVERAGE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <duet/indicators/rolling.h>

/** Longest window of a duet_sma. */
#define DUET_SMA_MAX 1024

/** What a recursive average begins with. */
enum duet_seed {
    DUET_SEED_SMA = 0, // the mean of its first `length` values, which is also its first value; chains wait in turn
    DUET_SEED_FIRST = 1, // its first value
    DUET_SEED_JOINT = 2, // chains only: the first average as DUET_SEED_SMA, those behind it with its first value
};

/* ------------------------------------------------------------------ sma */

/**
 * Simple moving average: mean of the last `length` values.
 *
 * The running sum is kept as an unevaluated pair sum + rest (two-sum, Knuth,
 * TAOCP 4.2.2 theorem B), so adding and removing a value loses nothing that shows:
 * equal windows give equal averages whatever went before. That needs strict IEEE
 * arithmetic: compile with -ffp-contract=off, as pkg-config duet says, and
 * without -ffast-math.
 *
 * Older than the others, it differs from them: it has a value from the first update on (the mean of what there is),
 * and it takes in whatever it is given, NAN included.
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

/** As duet_sma_update(), with the manners of the other indicators: NAN until it is ready, deaf to what is not finite.
 */
static inline double duet_sma_next(struct duet_sma *sma, double value) {
    if (isfinite(value)) {
        (void)duet_sma_update(sma, value);
    }
    return duet_sma_ready(sma) ? duet_sma_value(sma) : (double)NAN;
}

/* ------------------------------------------------------------------ ema, smma */

/**
 * Exponential moving average: value += alpha * (input - value), alpha = 2 / (length + 1).
 *
 * DUET_SEED_SMA: the first value is the mean of the first `length` inputs and comes with the last of them.
 * DUET_SEED_FIRST: the first value is the first input.
 */
struct duet_ema {
    double value;
    double alpha;
    struct duet_sum sum;
    int64_t length, count, seed; // count: values seen, up to length
};

/** Any smoothing factor in 0..1; `length` values (1..DUET_LENGTH_MAX) for the seed. */
static inline void duet_ema_init_alpha(struct duet_ema *self, double alpha, int64_t length, enum duet_seed seed) {
    self->value = (double)NAN;
    self->alpha = duet_clamp_real_(alpha, 0, 1);
    self->sum = (struct duet_sum){0, 0};
    self->length = duet_clamp_(length, 1, DUET_LENGTH_MAX);
    self->count = 0;
    self->seed = seed;
}

static inline void duet_ema_init_seed(struct duet_ema *self, int64_t length, enum duet_seed seed) {
    int64_t clamped = duet_clamp_(length, 1, DUET_LENGTH_MAX);
    duet_ema_init_alpha(self, 2 / (double)(clamped + 1), clamped, seed);
}

/** DUET_SEED_SMA; `length` is clamped to 1..DUET_LENGTH_MAX. */
static inline void duet_ema_init(struct duet_ema *self, int64_t length) {
    duet_ema_init_seed(self, length, DUET_SEED_SMA);
}

static inline double duet_ema_update(struct duet_ema *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    if (!isnan(self->value)) {
        self->count += self->count < self->length;
        return self->value += self->alpha * (value - self->value);
    }
    self->count++;
    if (self->seed == DUET_SEED_FIRST) {
        return self->value = value;
    }
    duet_sum_add(&self->sum, value);
    if (self->count == self->length) {
        self->value = duet_sum_value(&self->sum) / (double)self->length;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_ema)

/**
 * Smoothed moving average, also Wilder's or RMA: an exponential one with alpha = 1 / length. Everything as there.
 */
struct duet_smma {
    double value;
    struct duet_ema ema;
};

static inline void duet_smma_init_seed(struct duet_smma *self, int64_t length, enum duet_seed seed) {
    int64_t clamped = duet_clamp_(length, 1, DUET_LENGTH_MAX);
    self->value = (double)NAN;
    duet_ema_init_alpha(&self->ema, 1 / (double)clamped, clamped, seed);
}

static inline void duet_smma_init(struct duet_smma *self, int64_t length) {
    duet_smma_init_seed(self, length, DUET_SEED_SMA);
}

static inline double duet_smma_update(struct duet_smma *self, double value) {
    return self->value = duet_ema_update(&self->ema, value);
}

DUET_INDICATOR_READS_(duet_smma)

/* ------------------------------------------------------------------ wma */

/** Weighted moving average: weights 1 (oldest) to length (newest). */
struct duet_wma {
    double value;
    struct duet_rolling window;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_wma_init(struct duet_wma *self, int64_t length) {
    self->value = (double)NAN;
    duet_rolling_init(&self->window, length);
}

static inline double duet_wma_update(struct duet_wma *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    duet_rolling_push(&self->window, value);
    if (duet_rolling_full(&self->window)) {
        // Distances from the newest: equal values give exactly that value.
        double weighted = 0, length = (double)self->window.length;
        for (int64_t age = 1; age < self->window.length; age++) {
            weighted += (length - (double)age) * (duet_rolling_at(&self->window, age) - value);
        }
        self->value = value + weighted / (length * (length + 1) / 2);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_wma)

#endif
