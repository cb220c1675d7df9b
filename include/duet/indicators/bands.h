/* Channels and what is told by comparing them. What holds for all stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_BANDS_H
#define DUET_INDICATORS_BANDS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <duet/indicators/average.h>
#include <duet/indicators/parts.h>
#include <duet/indicators/range.h>
#include <duet/indicators/rolling.h>
#include <duet/indicators/statistics.h>

/* ------------------------------------------------------------------ average range */

/** Mean of high - low over `length` bars. */
struct duet_average_range {
    double value;
    struct duet_sma mean;
};

/** `length` is clamped to 1..DUET_SMA_MAX. */
static inline void duet_average_range_init(struct duet_average_range *self, int64_t length) {
    self->value = (double)NAN;
    duet_sma_init(&self->mean, length);
}

static inline double duet_average_range_update(struct duet_average_range *self, double high, double low) {
    double range = high - low;
    return self->value = isfinite(range) ? duet_sma_next(&self->mean, range) : self->value;
}

DUET_INDICATOR_READS_(duet_average_range)

/* ------------------------------------------------------------------ Chaikin's volatility */

/**
 * Chaikin's volatility: by how many percent the exponential mean of high - low, seeded with the first, is above what it
 * was `length` bars ago; 0 where it was 0. First with update 2 * length.
 */
struct duet_cvi {
    double value;
    struct duet_mean_ mean;
    int64_t length, count;
    struct duet_rolling past;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_cvi_init(struct duet_cvi *self, int64_t length) {
    self->value = (double)NAN;
    self->length = duet_clamp_(length, 1, DUET_WINDOW_MAX);
    self->count = 0;
    duet_mean_init_(&self->mean, DUET_MEAN_EMA_FIRST, self->length);
    duet_rolling_init(&self->past, self->length);
}

static inline double duet_cvi_update(struct duet_cvi *self, double high, double low) {
    double range = high - low;
    if (!isfinite(range)) {
        return self->value;
    }
    double mean = duet_mean_push_(&self->mean, NULL, range), last = duet_rolling_push(&self->past, mean);
    self->count += self->count < 2 * self->length;
    if (self->count == 2 * self->length) {
        self->value = 100 * duet_ratio_(mean - last, last, 0);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_cvi)

/* ------------------------------------------------------------------ regression channel */

/** The end of the least squares line through the window, and so many standard deviations of the window (or, with
 * `residual`, about the line) on either side of it. */
struct duet_regression_channel {
    double value, upper, lower;
    double width;
    bool residual;
    struct duet_linreg line;
    struct duet_deviation deviation;
};

/** `length` is clamped to 2..DUET_WINDOW_MAX. */
static inline void duet_regression_channel_init(
    struct duet_regression_channel *self, int64_t length, double width, bool residual) {
    self->value = self->upper = self->lower = (double)NAN;
    self->width = width;
    self->residual = residual;
    duet_linreg_init(&self->line, length);
    duet_deviation_init(&self->deviation, self->line.window.length);
}

static inline double duet_regression_channel_update(struct duet_regression_channel *self, double value) {
    self->value = duet_linreg_update(&self->line, value);
    double spread = duet_deviation_update(&self->deviation, value);
    if (self->residual && !isnan(spread)) {
        double left = 1 - self->line.r2;
        spread = left > 0 ? spread * sqrt(left) : 0;
    }
    self->upper = self->value + self->width * spread;
    self->lower = self->value - self->width * spread;
    return self->value;
}

DUET_INDICATOR_READS_(duet_regression_channel)

/* ------------------------------------------------------------------ squeeze */

/**
 * Squeeze: 1 while the Bollinger bands lie inside the Keltner channel (simple mean of the closes, simple mean of the
 * true ranges, the first of which is high - low), else -1; `momentum` is the end of the least squares line through
 * close - ((highest + lowest) / 2 + mean) / 2 over the Keltner length.
 */
struct duet_squeeze {
    double value, momentum;
    double factor;
    struct duet_bollinger bands;
    struct duet_sma mean;
    struct duet_atr range;
    struct duet_donchian span;
    struct duet_linreg line;
};

/** Usual: 20, 2, 20, 1.5. Lengths are clamped to 2..DUET_WINDOW_MAX. */
static inline void duet_squeeze_init(
    struct duet_squeeze *self, int64_t length, double width, int64_t keltner_length, double factor) {
    int64_t clamped = duet_clamp_(keltner_length, 2, DUET_WINDOW_MAX);
    self->value = self->momentum = (double)NAN;
    self->factor = factor;
    duet_bollinger_init(&self->bands, duet_clamp_(length, 2, DUET_WINDOW_MAX), width);
    duet_sma_init(&self->mean, clamped);
    duet_atr_init_kind(&self->range, clamped, DUET_MOVING_SMA, true);
    duet_donchian_init(&self->span, clamped);
    duet_linreg_init(&self->line, clamped);
}

static inline double duet_squeeze_update(struct duet_squeeze *self, double high, double low, double close) {
    if (!duet_bar_finite_(high, low, close)) {
        return self->value;
    }
    double middle = duet_bollinger_update(&self->bands, close);
    double reach = self->factor * duet_atr_update(&self->range, high, low, close);
    double mean = duet_sma_next(&self->mean, close), span = duet_donchian_update(&self->span, high, low);
    if (!isnan(middle) && !isnan(reach)) {
        self->value = middle + reach > self->bands.upper && middle - reach < self->bands.lower ? 1 : -1;
    }
    self->momentum = duet_linreg_update(&self->line, close - (span + mean) / 2);
    return self->value;
}

DUET_INDICATOR_READS_(duet_squeeze)

#endif
