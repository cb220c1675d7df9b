/* Hurst exponents: how a series remembers. What holds for all stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_HURST_H
#define DUET_INDICATORS_HURST_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <duet/indicators/math.h>
#include <duet/indicators/rolling.h>

/** Least squares slope of pairs that come one by one. */
struct duet_slope_ {
    double count, x, y, xx, xy;
};

static inline void duet_slope_add_(struct duet_slope_ *self, double x, double y) {
    self->count += 1;
    self->x += x;
    self->y += y;
    self->xx += x * x;
    self->xy += x * y;
}

static inline double duet_slope_value_(const struct duet_slope_ *self) {
    double divisor = self->count * self->xx - self->x * self->x;
    return self->count > 1 && divisor > 0 ? (self->count * self->xy - self->x * self->y) / divisor : 0;
}

/**
 * Hurst exponent by rescaled range: the log returns of the window are cut into 1, 2, 4 … pieces of 8 or more, from the
 * newest back; the slope of log(range / deviation) on log(size) is the exponent. 0.5 is a random walk, more a trend.
 * O(length * log(length)).
 */
struct duet_hurst {
    double value;
    double last;
    struct duet_rolling returns;
};

/** `length` returns, clamped to 16..DUET_WINDOW_MAX. */
static inline void duet_hurst_init(struct duet_hurst *self, int64_t length) {
    self->value = self->last = (double)NAN;
    duet_rolling_init(&self->returns, duet_clamp_(length, 16, DUET_WINDOW_MAX));
}

/** Range of the cumulated departures from the mean over the deviation, of `size` values from age `oldest` on. */
static inline double duet_hurst_range_(const struct duet_rolling *window, int64_t oldest, int64_t size) {
    double origin = duet_rolling_at(window, oldest), sum = 0, squares = 0;
    for (int64_t i = 1; i < size; i++) {
        sum += duet_rolling_at(window, oldest - i) - origin;
    }
    double mean = origin + sum / (double)size, walk = 0, low = (double)INFINITY, high = -(double)INFINITY;
    for (int64_t i = 0; i < size; i++) {
        double step = duet_rolling_at(window, oldest - i) - mean;
        walk += step;
        squares += step * step;
        low = walk < low ? walk : low;
        high = walk > high ? walk : high;
    }
    double deviation = sqrt(squares / (double)size);
    return deviation > 0 ? (high - low) / deviation : 0;
}

/** 0 where nothing moves. */
static inline double duet_hurst_update(struct duet_hurst *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double last = self->last;
    self->last = value;
    if (isnan(last)) {
        return self->value;
    }
    double ratio = last != 0 ? value / last : 0;
    (void)duet_rolling_push(&self->returns, ratio > 0 ? duet_log(ratio) : 0);
    if (!duet_rolling_full(&self->returns)) {
        return self->value;
    }
    struct duet_slope_ slope = {0, 0, 0, 0, 0};
    int64_t length = self->returns.length;
    for (int64_t pieces = 1; length / pieces >= 8; pieces *= 2) {
        int64_t size = length / pieces;
        double sum = 0;
        for (int64_t piece = 0; piece < pieces; piece++) {
            sum += duet_hurst_range_(&self->returns, (piece + 1) * size - 1, size);
        }
        if (sum > 0) {
            duet_slope_add_(&slope, duet_log((double)size), duet_log(sum / (double)pieces));
        }
    }
    return self->value = duet_slope_value_(&slope);
}

DUET_INDICATOR_READS_(duet_hurst)

/**
 * Hurst exponent by the growth of spread: the slope of log(deviation of value - value lag updates ago) on log(lag), lag
 * 2 … max_lag, over the window. O(length * max_lag).
 */
struct duet_hurst_lags {
    double value;
    int64_t max_lag;
    struct duet_rolling window;
};

/** `length` is clamped to 8..DUET_WINDOW_MAX, `max_lag` to 3..length / 2. */
static inline void duet_hurst_lags_init(struct duet_hurst_lags *self, int64_t length, int64_t max_lag) {
    self->value = (double)NAN;
    duet_rolling_init(&self->window, duet_clamp_(length, 8, DUET_WINDOW_MAX));
    self->max_lag = duet_clamp_(max_lag, 3, self->window.length / 2);
}

static inline double duet_hurst_lag_(const struct duet_rolling *window, int64_t lag) {
    double sum = 0, squares = 0, count = (double)(window->count - lag);
    double origin = duet_rolling_at(window, 0) - duet_rolling_at(window, lag);
    for (int64_t age = 1; age + lag < window->count; age++) {
        double step = duet_rolling_at(window, age) - duet_rolling_at(window, age + lag) - origin;
        sum += step;
        squares += step * step;
    }
    double cancelled = squares - sum * (sum / count);
    return cancelled > squares * 1e-15 ? sqrt(cancelled / count) : 0;
}

/** 0 where nothing moves. */
static inline double duet_hurst_lags_update(struct duet_hurst_lags *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (!duet_rolling_full(&self->window)) {
        return self->value;
    }
    struct duet_slope_ slope = {0, 0, 0, 0, 0};
    for (int64_t lag = 2; lag <= self->max_lag; lag++) {
        double deviation = duet_hurst_lag_(&self->window, lag);
        if (deviation > 0) {
            duet_slope_add_(&slope, duet_log((double)lag), duet_log(deviation));
        }
    }
    return self->value = duet_slope_value_(&slope);
}

DUET_INDICATOR_READS_(duet_hurst_lags)

#endif
