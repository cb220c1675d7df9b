/*
 * What indicators are made of: compensated sums, windows, and the highest or lowest of a window.
 *
 * Rules that hold for every indicator of <duet/indicator.h> (duet_sma apart, where it says so):
 *
 * - Structs are flat: no pointers, no allocation. They can be copied and saved as bytes at any time.
 * - NAME_init() resets; lengths are clamped to their bounds (declare the parameter with the same).
 * - NAME_update() takes one value of each input and returns NAME_value(). NAME_value() is NAN until NAME_ready(), and
 *   a finite number from then on, as long as the result is within the range of a double.
 * - An input that is not finite (NAN, infinity) is not taken in: nothing changes, and the value stays what it was. So
 *   the NAN of an indicator that is still warming up can be fed to the next one as it is.
 * - Only + - * / and sqrt(): the same bits on every machine. Compile with -ffp-contract=off, as pkg-config duet says,
 *   and without -ffast-math.
 * - Windowed indicators depend on their window alone: equal windows give equal values whatever went before.
 */
#ifndef DUET_INDICATORS_ROLLING_H
#define DUET_INDICATORS_ROLLING_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/** Longest window of any indicator. */
#define DUET_WINDOW_MAX 1024
/** Longest length of an average that needs no window (EMA and its kin). */
#define DUET_LENGTH_MAX 1000000

static inline int64_t duet_clamp_(int64_t value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

static inline double duet_clamp_real_(double value, double low, double high) {
    return value >= low ? value <= high ? value : high : low; // NAN: low
}

/** Value and readiness of an indicator whose struct begins with its value. */
#define DUET_INDICATOR_READS_(name)                              \
    /** The latest value; NAN before it is ready. */             \
    static inline double name##_value(const struct name *self) { \
        return self->value;                                      \
    }                                                            \
    /** Whether there is a value. */                             \
    static inline bool name##_ready(const struct name *self) {   \
        return !isnan(self->value);                              \
    }

/* ------------------------------------------------------------------ sum */

/**
 * A running sum kept as an unevaluated pair sum + rest (two-sum, Knuth, TAOCP 4.2.2 theorem B): adding and removing
 * values loses nothing that shows. Zero-initialise it.
 */
struct duet_sum {
    double sum, rest;
};

/** The sum of nothing. */
static inline struct duet_sum duet_sum_none_(void) {
    struct duet_sum none = {0, 0};
    return none;
}

static inline void duet_sum_add(struct duet_sum *self, double value) {
    double sum = self->sum + value;
    double part = sum - self->sum;
    self->rest += (self->sum - (sum - part)) + (value - part);
    self->sum = sum;
}

static inline double duet_sum_value(const struct duet_sum *self) {
    return self->sum + self->rest;
}

/* ------------------------------------------------------------------ window */

/** The last `length` values. */
struct duet_rolling {
    int64_t length, count, next; // count: values in the window
    double values[DUET_WINDOW_MAX];
};

static inline void duet_rolling_init(struct duet_rolling *self, int64_t length) {
    self->length = duet_clamp_(length, 1, DUET_WINDOW_MAX);
    self->count = self->next = 0;
    for (int64_t i = 0; i < DUET_WINDOW_MAX; i++) {
        self->values[i] = 0;
    }
}

static inline bool duet_rolling_full(const struct duet_rolling *self) {
    return self->count == self->length;
}

/** The value `age` updates ago: 0 is the newest, count - 1 the oldest. */
static inline double duet_rolling_at(const struct duet_rolling *self, int64_t age) {
    int64_t index = self->next - 1 - age;
    return self->values[index < 0 ? index + self->length : index];
}

/** The value that the next push displaces; NAN while it fills. */
static inline double duet_rolling_oldest(const struct duet_rolling *self) {
    return self->count == self->length ? self->values[self->next] : (double)NAN;
}

/** Take `value` in. Returns the value that left, NAN while the window fills. */
static inline double duet_rolling_push(struct duet_rolling *self, double value) {
    double left = duet_rolling_oldest(self);
    self->count += self->count < self->length;
    self->values[self->next] = value;
    self->next = self->next + 1 == self->length ? 0 : self->next + 1;
    return left;
}

/** Mean and sum of squares about it. */
struct duet_spread {
    double mean, squares; // squares: sum of (value - mean)^2
};

/** Of the `last` values of a window that holds as many, from scratch in their order: no drift, and exactly 0 where all
 * are equal. O(last). */

static inline struct duet_spread duet_rolling_spread_of(const struct duet_rolling *self, int64_t last) {
    // Measured from a value of the window, so that what cancels below stays small, and nothing does among equals.
    double origin = duet_rolling_at(self, 0), sum = 0, squares = 0, count = (double)last;
    for (int64_t age = 1; age < last; age++) {
        double step = duet_rolling_at(self, age) - origin;
        sum += step;
        squares += step * step;
    }
    double cancelled = squares - sum * (sum / count);
    struct duet_spread spread = {origin + sum / count, cancelled > 0 ? cancelled : 0};
    return spread;
}

/** Of all that a window holds. */
static inline struct duet_spread duet_rolling_spread(const struct duet_rolling *self) {
    return duet_rolling_spread_of(self, self->count);
}

/* ------------------------------------------------------------------ highest and lowest */

/**
 * The greatest (sign 1) or least (sign -1) of the last `length` values, in constant time on average: only values that
 * can still become it are kept, in falling order.
 */
struct duet_extreme {
    double sign;
    int64_t length, count, head, size, seen; // count: values in the window, size: candidates from head on
    double values[DUET_WINDOW_MAX];
    int64_t stamps[DUET_WINDOW_MAX]; // which update brought each
};

static inline void duet_extreme_init(struct duet_extreme *self, int64_t length, int sign) {
    self->sign = sign < 0 ? -1 : 1;
    self->length = duet_clamp_(length, 1, DUET_WINDOW_MAX);
    self->count = self->head = self->size = self->seen = 0;
    for (int64_t i = 0; i < DUET_WINDOW_MAX; i++) {
        self->values[i] = 0;
        self->stamps[i] = 0;
    }
}

static inline bool duet_extreme_full(const struct duet_extreme *self) {
    return self->count == self->length;
}

static inline int64_t duet_extreme_slot_(const struct duet_extreme *self, int64_t place) {
    int64_t slot = self->head + place;
    return slot >= self->length ? slot - self->length : slot;
}

/** The extreme of what the window holds, also while it fills; NAN when empty. */
static inline double duet_extreme_value(const struct duet_extreme *self) {
    return self->size == 0 ? (double)NAN : self->sign * self->values[self->head];
}

/** How many updates ago it came, 0 the latest; of equal values the newest. */
static inline int64_t duet_extreme_age(const struct duet_extreme *self) {
    return self->size == 0 ? 0 : self->seen - 1 - self->stamps[self->head];
}

/** Take `value` in (a finite one) and return duet_extreme_value(). */
static inline double duet_extreme_push(struct duet_extreme *self, double value) {
    double signed_value = self->sign * value;
    if (self->size > 0 && self->stamps[self->head] == self->seen - self->length) {
        self->head = duet_extreme_slot_(self, 1);
        self->size--;
    }
    while (self->size > 0 && self->values[duet_extreme_slot_(self, self->size - 1)] <= signed_value) {
        self->size--;
    }
    int64_t slot = duet_extreme_slot_(self, self->size++);
    self->values[slot] = signed_value;
    self->stamps[slot] = self->seen++;
    self->count += self->count < self->length;
    return duet_extreme_value(self);
}

#endif
