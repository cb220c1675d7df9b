/*
 * Strength of rises against falls: RSI and what is made of it. What holds for all of them stands in
 * <duet/indicators/rolling.h>.
 */
#ifndef DUET_INDICATORS_RSI_H
#define DUET_INDICATORS_RSI_H

#include <duet/indicators/parts.h>

/* ------------------------------------------------------------------ rsi, cmo */

/** Means of rises and of falls (as positive numbers), each 0 where the other is meant. */
struct duet_gains_ {
    struct duet_ring_ ring;
    struct duet_mean_ up, down;
    double before[DUET_PART_MAX], up_slots[DUET_PART_MAX], down_slots[DUET_PART_MAX];
};

static inline void duet_gains_init_(struct duet_gains_ *self, int64_t length, int64_t lookback, int64_t kind) {
    memset(self, 0, sizeof(*self));
    bool windowed = kind == DUET_MEAN_SMA || kind == DUET_MEAN_WMA;
    length = duet_clamp_(length, 1, windowed ? DUET_PART_MAX : DUET_LENGTH_MAX);
    duet_ring_init_(&self->ring, duet_clamp_(lookback, 1, DUET_PART_MAX));
    duet_mean_init_(&self->up, kind, length);
    duet_mean_init_(&self->down, kind, length);
}

static inline void duet_gains_push_(struct duet_gains_ *self, double value) {
    double change = value - duet_ring_push_(&self->ring, self->before, value);
    duet_mean_push_(&self->up, self->up_slots, change < 0 ? 0 : change);
    duet_mean_push_(&self->down, self->down_slots, change > 0 ? 0 : -change);
}

/**
 * Relative strength index (Wilder): 100 * U / (U + D), U and D the means of rises and falls; 50 where nothing moves.
 *
 * duet_rsi_init(): Wilder's means, seeded with the mean of the first `length` changes; first with update length + 1.
 * duet_rsi_init_kind(): any kind of mean (DUET_MEAN_SMA: Cutler's RSI), and changes over `lookback` updates instead of
 * one (5: Altman's relative momentum index); first with update lookback + length.
 */
struct duet_rsi {
    double value;
    struct duet_gains_ gains;
};

/** `length` up to DUET_PART_MAX for kinds with a window, else DUET_LENGTH_MAX; `lookback` up to DUET_PART_MAX. */
static inline void duet_rsi_init_kind(struct duet_rsi *self, int64_t length, int64_t lookback, int64_t kind) {
    duet_gains_init_(&self->gains, length, lookback, kind);
    self->value = (double)NAN;
}

static inline void duet_rsi_init(struct duet_rsi *self, int64_t length) {
    duet_rsi_init_kind(self, length, 1, DUET_MEAN_WILDER);
}

static inline double duet_rsi_update(struct duet_rsi *self, double value) {
    if (isfinite(value)) {
        duet_gains_push_(&self->gains, value);
        double up = self->gains.up.value, down = self->gains.down.value;
        self->value = 100 * duet_ratio_(up, up + down, 0.5);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_rsi)

/**
 * Chande momentum oscillator: 100 * (U - D) / (U + D), U and D the sums of rises and falls over `length` changes; 0
 * where nothing moves. With DUET_MEAN_WILDER for `kind` Wilder's means stand for the sums, as TA-Lib has it. First
 * with update length + 1.
 */
struct duet_cmo {
    double value;
    struct duet_gains_ gains;
};

static inline void duet_cmo_init(struct duet_cmo *self, int64_t length, int64_t kind) {
    duet_gains_init_(&self->gains, length, 1, kind);
    self->value = (double)NAN;
}

static inline double duet_cmo_update(struct duet_cmo *self, double value) {
    if (isfinite(value)) {
        duet_gains_push_(&self->gains, value);
        double up = self->gains.up.value, down = self->gains.down.value;
        self->value = 100 * duet_ratio_(up - down, up + down, 0);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_cmo)

/* ------------------------------------------------------------------ stochrsi, crsi */

/**
 * Stochastic RSI (Chande, Kroll): where the RSI stands between its lowest and highest of `window` values, 0 to 100,
 * as simple mean of the last `slowing` (k), and its simple mean of `signal` (d). 50 where the RSI stands still.
 *
 * k is there with update length + window + slowing - 1, d signal - 1 later; that is ready.
 */
struct duet_stochrsi {
    double value, d; // value: k
    struct duet_rsi rsi;
    struct duet_peak_ high, low;
    struct duet_mean_ slowing, signal;
    struct duet_peak_slot_ high_slots[DUET_PART_MAX], low_slots[DUET_PART_MAX];
    double slowing_slots[DUET_PART_MAX], signal_slots[DUET_PART_MAX];
};

/** All but `length` are clamped to 1..DUET_PART_MAX. */
static inline void duet_stochrsi_init(
    struct duet_stochrsi *self, int64_t length, int64_t window, int64_t slowing, int64_t signal) {
    memset(self, 0, sizeof(*self));
    duet_rsi_init(&self->rsi, length);
    duet_peak_init_(&self->high, duet_clamp_(window, 1, DUET_PART_MAX));
    duet_peak_init_(&self->low, duet_clamp_(window, 1, DUET_PART_MAX));
    duet_mean_init_(&self->slowing, DUET_MEAN_SMA, duet_clamp_(slowing, 1, DUET_PART_MAX));
    duet_mean_init_(&self->signal, DUET_MEAN_SMA, duet_clamp_(signal, 1, DUET_PART_MAX));
    self->value = self->d = (double)NAN;
}

static inline double duet_stochrsi_update(struct duet_stochrsi *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double rsi = duet_rsi_update(&self->rsi, value);
    if (duet_rsi_ready(&self->rsi)) {
        double high = duet_peak_push_(&self->high, self->high_slots, rsi, false);
        double low = duet_trough_push_(&self->low, self->low_slots, rsi, false);
        if (duet_peak_ready_(&self->high)) {
            double raw = 100 * duet_ratio_(rsi - low, high - low, 0.5);
            self->value = duet_mean_push_(&self->slowing, self->slowing_slots, raw);
            self->d = duet_mean_push_(&self->signal, self->signal_slots, self->value);
        }
    }
    return self->value;
}

static inline double duet_stochrsi_value(const struct duet_stochrsi *self) {
    return self->value;
}

static inline bool duet_stochrsi_ready(const struct duet_stochrsi *self) {
    return !isnan(self->d);
}

/**
 * Connors RSI: mean of the RSI, the RSI of the streak (updates in a row that rose, or as negative number fell), and
 * the share of the last `rank` changes, in percent of the value before, that were smaller than the newest, times 100.
 * A value that stays ends the streak, which is 0 then; with `hold` the streak stays too, as LEAN has it.
 *
 * First with update max(length + 1, streak + 1, rank + 2).
 */
struct duet_crsi {
    double value, strength, streak_strength, percent_rank, streak, before;
    struct duet_rsi rsi, streak_rsi;
    struct duet_ring_ ring;
    int64_t hold;
    double changes[DUET_WINDOW_MAX];
};

/** `rank` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_crsi_init(struct duet_crsi *self, int64_t length, int64_t streak, int64_t rank, bool hold) {
    memset(self, 0, sizeof(*self));
    duet_rsi_init(&self->rsi, length);
    duet_rsi_init(&self->streak_rsi, streak);
    duet_ring_init_(&self->ring, duet_clamp_(rank, 1, DUET_WINDOW_MAX));
    self->hold = hold;
    self->value = self->strength = self->streak_strength = self->percent_rank = self->before = (double)NAN;
}

static inline double duet_crsi_update(struct duet_crsi *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double before = self->before, streak = self->streak;
    self->before = value;
    self->strength = duet_rsi_update(&self->rsi, value);
    if (!isnan(before)) {
        double up = streak > 0 ? streak + 1 : 1, down = streak < 0 ? streak - 1 : -1, same = self->hold ? streak : 0;
        self->streak = value > before ? up : value < before ? down : same;
    }
    self->streak_strength = duet_rsi_update(&self->streak_rsi, self->streak);
    if (!isnan(before)) {
        double change = duet_ratio_(value - before, before, 0), smaller = 0;
        if (duet_ring_full_(&self->ring)) {
            for (int64_t i = 0; i < self->ring.length; i++) {
                smaller += self->changes[i] < change;
            }
            self->percent_rank = 100 * smaller / (double)self->ring.length;
        }
        (void)duet_ring_push_(&self->ring, self->changes, change);
    }
    return self->value = (self->strength + self->streak_strength + self->percent_rank) / 3;
}

DUET_INDICATOR_READS_(duet_crsi)

/* ------------------------------------------------------------------ lrsi, derivative */

/**
 * Laguerre RSI (Ehlers): rises over rises and falls between four stages of a Laguerre filter, 0 to 1; 0 where nothing
 * moves. The filter begins, with its stages at 0, and has its first value with update `length`. gamma 0..1: more is
 * smoother.
 */
struct duet_lrsi {
    double value, gamma;
    double stages[4];
    int64_t length, count;
};

static inline void duet_lrsi_init(struct duet_lrsi *self, double gamma, int64_t length) {
    memset(self, 0, sizeof(*self));
    self->gamma = duet_clamp_real_(gamma, 0, 1);
    self->length = duet_clamp_(length, 1, DUET_LENGTH_MAX);
    self->value = (double)NAN;
}

static inline double duet_lrsi_update(struct duet_lrsi *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    self->count += self->count < self->length;
    if (self->count < self->length) {
        return self->value;
    }
    double up = 0, down = 0, before[4];
    memcpy(before, self->stages, sizeof(before));
    self->stages[0] = (1 - self->gamma) * value + self->gamma * before[0];
    for (int i = 1; i < 4; i++) {
        self->stages[i] = before[i - 1] + self->gamma * (before[i] - self->stages[i - 1]);
        double step = self->stages[i - 1] - self->stages[i];
        up += step > 0 ? step : 0;
        down -= step < 0 ? step : 0;
    }
    return self->value = duet_ratio_(up, up + down, 0);
}

DUET_INDICATOR_READS_(duet_lrsi)

/**
 * Derivative oscillator (Brown): the RSI smoothed by two exponential means, less the simple mean of that over `signal`.
 * First with update length + first + second + signal - 2.
 */
struct duet_derivative {
    double value;
    struct duet_rsi rsi;
    struct duet_mean_ first, second, signal;
    double slots[DUET_PART_MAX];
};

static inline void duet_derivative_init(
    struct duet_derivative *self, int64_t length, int64_t first, int64_t second, int64_t signal) {
    memset(self, 0, sizeof(*self));
    duet_rsi_init(&self->rsi, length);
    duet_mean_init_(&self->first, DUET_MEAN_EMA, duet_clamp_(first, 1, DUET_LENGTH_MAX));
    duet_mean_init_(&self->second, DUET_MEAN_EMA, duet_clamp_(second, 1, DUET_LENGTH_MAX));
    duet_mean_init_(&self->signal, DUET_MEAN_SMA, duet_clamp_(signal, 1, DUET_PART_MAX));
    self->value = (double)NAN;
}

static inline double duet_derivative_update(struct duet_derivative *self, double value) {
    if (isfinite(value)) {
        double smooth = duet_mean_push_(&self->first, NULL, duet_rsi_update(&self->rsi, value));
        smooth = duet_mean_push_(&self->second, NULL, smooth);
        self->value = smooth - duet_mean_push_(&self->signal, self->slots, smooth);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_derivative)

#endif
