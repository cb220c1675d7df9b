/* Ranges, bands and stops. What holds for all stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_RANGE_H
#define DUET_INDICATORS_RANGE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <duet/indicators/average.h>
#include <duet/indicators/math.h>
#include <duet/indicators/moving.h>
#include <duet/indicators/rolling.h>

/* ------------------------------------------------------------------ highest, lowest */

/** Highest of the last `length` values. */
struct duet_highest {
    double value;
    int64_t age; // how many updates ago it came, the newest of equal ones
    struct duet_extreme extreme;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_highest_init(struct duet_highest *self, int64_t length) {
    self->value = (double)NAN;
    self->age = 0;
    duet_extreme_init(&self->extreme, length, 1);
}

static inline double duet_highest_update(struct duet_highest *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double extreme = duet_extreme_push(&self->extreme, value);
    self->age = duet_extreme_age(&self->extreme);
    self->value = duet_extreme_full(&self->extreme) ? extreme : self->value;
    return self->value;
}

DUET_INDICATOR_READS_(duet_highest)

/** Lowest of the last `length` values; all as in duet_highest. */
struct duet_lowest {
    double value;
    int64_t age;
    struct duet_extreme extreme;
};

static inline void duet_lowest_init(struct duet_lowest *self, int64_t length) {
    self->value = (double)NAN;
    self->age = 0;
    duet_extreme_init(&self->extreme, length, -1);
}

static inline double duet_lowest_update(struct duet_lowest *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double extreme = duet_extreme_push(&self->extreme, value);
    self->age = duet_extreme_age(&self->extreme);
    self->value = duet_extreme_full(&self->extreme) ? extreme : self->value;
    return self->value;
}

DUET_INDICATOR_READS_(duet_lowest)

/* ------------------------------------------------------------------ true range, atr */

static inline bool duet_bar_finite_(double high, double low, double close) {
    return isfinite(high) && isfinite(low) && isfinite(close);
}

/**
 * True range (Wilder): the greatest of high - low, |high - last close| and |low - last close|. The first bar has no
 * last close: it has no value, unless `first` says that it counts with high - low.
 */
struct duet_true_range {
    double value, last_close;
    bool first;
};

static inline void duet_true_range_init(struct duet_true_range *self, bool first) {
    self->value = self->last_close = (double)NAN;
    self->first = first;
}

static inline double duet_true_range_update(struct duet_true_range *self, double high, double low, double close) {
    if (!duet_bar_finite_(high, low, close)) {
        return self->value;
    }
    double last = self->last_close;
    self->last_close = close;
    if (isnan(last)) {
        return self->value = self->first ? high - low : (double)NAN;
    }
    double top = last > high ? last : high, bottom = last < low ? last : low;
    return self->value = top - bottom;
}

DUET_INDICATOR_READS_(duet_true_range)

/** Average true range: Wilder's smoothing (DUET_MOVING_SMMA) or another average of the true range. */
struct duet_atr {
    double value;
    struct duet_true_range range;
    int64_t kind;
    struct duet_ema smooth;
    struct duet_sma simple;
};

/** `kind`: DUET_MOVING_SMMA, DUET_MOVING_EMA or DUET_MOVING_SMA. `first`: see duet_true_range. */
static inline void duet_atr_init_kind(struct duet_atr *self, int64_t length, enum duet_moving_kind kind, bool first) {
    int64_t clamped = duet_clamp_(length, 1, DUET_WINDOW_MAX);
    self->value = (double)NAN;
    self->kind = kind;
    duet_true_range_init(&self->range, first);
    duet_ema_init_alpha(&self->smooth, kind == DUET_MOVING_EMA ? 2 / (double)(clamped + 1) : 1 / (double)clamped,
        clamped, DUET_SEED_SMA);
    duet_sma_init(&self->simple, clamped);
}

/** Wilder's; `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_atr_init(struct duet_atr *self, int64_t length) {
    duet_atr_init_kind(self, length, DUET_MOVING_SMMA, false);
}

static inline double duet_atr_update(struct duet_atr *self, double high, double low, double close) {
    if (!duet_bar_finite_(high, low, close)) {
        return self->value;
    }
    double range = duet_true_range_update(&self->range, high, low, close);
    return self->value = self->kind == DUET_MOVING_SMA ? duet_sma_next(&self->simple, range)
                                                       : duet_ema_update(&self->smooth, range);
}

DUET_INDICATOR_READS_(duet_atr)

/** Normalised average true range: 100 * ATR / close; 0 where the close is 0. */
struct duet_natr {
    double value;
    struct duet_atr atr;
};

static inline void duet_natr_init_first(struct duet_natr *self, int64_t length, bool first) {
    self->value = (double)NAN;
    duet_atr_init_kind(&self->atr, length, DUET_MOVING_SMMA, first);
}

static inline void duet_natr_init(struct duet_natr *self, int64_t length) {
    duet_natr_init_first(self, length, false);
}

static inline double duet_natr_update(struct duet_natr *self, double high, double low, double close) {
    if (!duet_bar_finite_(high, low, close)) {
        return self->value;
    }
    double atr = duet_atr_update(&self->atr, high, low, close);
    return self->value = isnan(atr) ? atr : close != 0 ? 100 * atr / close : 0;
}

DUET_INDICATOR_READS_(duet_natr)

/* ------------------------------------------------------------------ bollinger */

/** Bollinger bands: the mean of the window and so many standard deviations above and below. */
struct duet_bollinger {
    double value, upper, lower; // value: the middle band
    double percent, bandwidth, zscore; // (input - lower) / (upper - lower); (upper - lower) / middle; deviations
    double width;
    bool sample;
    struct duet_rolling window;
};

/** `sample`: divide by length - 1, else by length (Bollinger's own). */
static inline void duet_bollinger_init_sample(struct duet_bollinger *self, int64_t length, double width, bool sample) {
    self->value = self->upper = self->lower = (double)NAN;
    self->percent = self->bandwidth = self->zscore = (double)NAN;
    self->width = width;
    self->sample = sample;
    duet_rolling_init(&self->window, length);
}

/** Usual are 20 and 2; `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_bollinger_init(struct duet_bollinger *self, int64_t length, double width) {
    duet_bollinger_init_sample(self, length, width, false);
}

/** Where all values of the window are equal, percent is 0.5 and zscore 0. */
static inline double duet_bollinger_update(struct duet_bollinger *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (!duet_rolling_full(&self->window)) {
        return self->value;
    }
    struct duet_spread spread = duet_rolling_spread(&self->window);
    int64_t divisor = self->window.length - (self->sample && self->window.length > 1 ? 1 : 0);
    double deviation = sqrt(spread.squares / (double)divisor), distance = self->width * deviation;
    self->upper = spread.mean + distance;
    self->lower = spread.mean - distance;
    bool apart = self->upper > self->lower;
    self->percent = apart ? (value - self->lower) / (self->upper - self->lower) : 0.5;
    self->bandwidth = spread.mean != 0 ? (self->upper - self->lower) / spread.mean : 0;
    self->zscore = deviation > 0 ? (value - spread.mean) / deviation : 0;
    return self->value = spread.mean;
}

DUET_INDICATOR_READS_(duet_bollinger)

/* ------------------------------------------------------------------ keltner, starc */

/** Keltner channel: a moving average and so many average true ranges above and below. */
struct duet_keltner {
    double value, upper, lower; // value: the middle
    double factor;
    bool typical;
    struct duet_moving average;
    struct duet_atr atr;
};

/**
 * `kind`: of the average; the range is averaged by Wilder's way, or by an SMA where `kind` is DUET_MOVING_SMA and
 * `typical` is set. `typical`: the average is of (high + low + close) / 3, else of the close, and the first bar counts
 * in the range (see duet_true_range).
 */
static inline void duet_keltner_init_kind(struct duet_keltner *self, enum duet_moving_kind kind, int64_t length,
    double factor, int64_t atr_length, bool typical) {
    self->value = self->upper = self->lower = (double)NAN;
    self->factor = factor;
    self->typical = typical;
    duet_moving_init(&self->average, kind, length);
    duet_atr_init_kind(
        &self->atr, atr_length, kind == DUET_MOVING_SMA && typical ? DUET_MOVING_SMA : DUET_MOVING_SMMA, typical);
}

/** The EMA of the close; usual are 20, 2 and 10. */
static inline void duet_keltner_init(struct duet_keltner *self, int64_t length, double factor, int64_t atr_length) {
    duet_keltner_init_kind(self, DUET_MOVING_EMA, length, factor, atr_length, false);
}

static inline double duet_keltner_update(struct duet_keltner *self, double high, double low, double close) {
    if (!duet_bar_finite_(high, low, close)) {
        return self->value;
    }
    double middle = duet_moving_update(&self->average, self->typical ? (high + low + close) / 3 : close);
    double atr = duet_atr_update(&self->atr, high, low, close);
    self->upper = middle + self->factor * atr;
    self->lower = middle - self->factor * atr;
    return self->value = isnan(atr) ? atr : middle;
}

DUET_INDICATOR_READS_(duet_keltner)

/** Stoller's average range channel: an SMA of the close and so many ATR above and below. */
struct duet_starc {
    double value, upper, lower; // value: the middle, known before the others
    double factor;
    struct duet_sma average;
    struct duet_atr atr;
};

/** Usual are 5, 2 and 10; lengths are clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_starc_init(struct duet_starc *self, int64_t length, double factor, int64_t atr_length) {
    self->value = self->upper = self->lower = (double)NAN;
    self->factor = factor;
    duet_sma_init(&self->average, length);
    duet_atr_init(&self->atr, atr_length);
}

static inline double duet_starc_update(struct duet_starc *self, double high, double low, double close) {
    if (!duet_bar_finite_(high, low, close)) {
        return self->value;
    }
    double distance = self->factor * duet_atr_update(&self->atr, high, low, close);
    self->value = duet_sma_next(&self->average, close);
    self->upper = self->value + distance;
    self->lower = self->value - distance;
    return self->value;
}

DUET_INDICATOR_READS_(duet_starc)

/* ------------------------------------------------------------------ donchian */

/** Donchian channel: highest high and lowest low of the window, and the middle between them. */
struct duet_donchian {
    double value, upper, lower; // value: the middle
    bool previous;
    struct duet_highest high;
    struct duet_lowest low;
};

/** `previous`: the bars before the present one, so that a close can break out; else the present one included. */
static inline void duet_donchian_init_previous(struct duet_donchian *self, int64_t length, bool previous) {
    self->value = self->upper = self->lower = (double)NAN;
    self->previous = previous;
    duet_highest_init(&self->high, length);
    duet_lowest_init(&self->low, length);
}

/** The present bar included; `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_donchian_init(struct duet_donchian *self, int64_t length) {
    duet_donchian_init_previous(self, length, false);
}

static inline double duet_donchian_update(struct duet_donchian *self, double high, double low) {
    if (!isfinite(high) || !isfinite(low)) {
        return self->value;
    }
    double last_upper = self->high.value, last_lower = self->low.value;
    (void)duet_highest_update(&self->high, high);
    (void)duet_lowest_update(&self->low, low);
    self->upper = self->previous ? last_upper : self->high.value;
    self->lower = self->previous ? last_lower : self->low.value;
    return self->value = (self->upper + self->lower) / 2;
}

DUET_INDICATOR_READS_(duet_donchian)

/* ------------------------------------------------------------------ stops */

/** Chandelier exit (Le Beau): highest high less so many ATR when long, lowest low plus as many when short. */
struct duet_chandelier {
    double value, short_exit; // value: exit of a long position
    double factor;
    struct duet_highest high;
    struct duet_lowest low;
    struct duet_atr atr;
};

/** Usual are 22 and 3; `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_chandelier_init(struct duet_chandelier *self, int64_t length, double factor) {
    self->value = self->short_exit = (double)NAN;
    self->factor = factor;
    duet_highest_init(&self->high, length);
    duet_lowest_init(&self->low, length);
    duet_atr_init(&self->atr, length);
}

static inline double duet_chandelier_update(struct duet_chandelier *self, double high, double low, double close) {
    if (!duet_bar_finite_(high, low, close)) {
        return self->value;
    }
    double distance = self->factor * duet_atr_update(&self->atr, high, low, close);
    self->short_exit = duet_lowest_update(&self->low, low) + distance;
    return self->value = duet_highest_update(&self->high, high) - distance;
}

DUET_INDICATOR_READS_(duet_chandelier)

/** Chande Kroll stop: so many ATR from the extremes of `length` bars, and of those the extremes of `second` bars. */
struct duet_chande_kroll {
    double value, long_stop; // value: stop of a short position
    double factor;
    struct duet_highest high, high_stop;
    struct duet_lowest low, low_stop;
    struct duet_atr atr;
};

/** Usual are 10, 1 and 9; lengths are clamped to 1..DUET_WINDOW_MAX. `first`: see duet_true_range. */
static inline void duet_chande_kroll_init(
    struct duet_chande_kroll *self, int64_t length, double factor, int64_t second, bool first) {
    self->value = self->long_stop = (double)NAN;
    self->factor = factor;
    duet_highest_init(&self->high, length);
    duet_highest_init(&self->high_stop, second);
    duet_lowest_init(&self->low, length);
    duet_lowest_init(&self->low_stop, second);
    duet_atr_init_kind(&self->atr, length, DUET_MOVING_SMMA, first);
}

static inline double duet_chande_kroll_update(struct duet_chande_kroll *self, double high, double low, double close) {
    if (!duet_bar_finite_(high, low, close)) {
        return self->value;
    }
    double distance = self->factor * duet_atr_update(&self->atr, high, low, close);
    double top = duet_highest_update(&self->high, high) - distance;
    double bottom = duet_lowest_update(&self->low, low) + distance;
    self->long_stop = duet_lowest_update(&self->low_stop, bottom);
    return self->value = duet_highest_update(&self->high_stop, top);
}

DUET_INDICATOR_READS_(duet_chande_kroll)

/* ------------------------------------------------------------------ acceleration bands */

/** Acceleration bands (Headley): averages of the high and the low, widened by factor * (high - low) / (high + low). */
struct duet_acceleration_bands {
    double value, upper, lower; // value: mean of the close
    double factor;
    struct duet_sma middle, top, bottom;
};

/** Usual are 20 and 4; `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_acceleration_bands_init(struct duet_acceleration_bands *self, int64_t length, double factor) {
    self->value = self->upper = self->lower = (double)NAN;
    self->factor = factor;
    duet_sma_init(&self->middle, length);
    duet_sma_init(&self->top, length);
    duet_sma_init(&self->bottom, length);
}

static inline double duet_acceleration_bands_update(
    struct duet_acceleration_bands *self, double high, double low, double close) {
    if (!duet_bar_finite_(high, low, close)) {
        return self->value;
    }
    double share = high + low != 0 ? self->factor * (high - low) / (high + low) : 0;
    self->upper = duet_sma_next(&self->top, high * (1 + share));
    self->lower = duet_sma_next(&self->bottom, low * (1 - share));
    return self->value = duet_sma_next(&self->middle, close);
}

DUET_INDICATOR_READS_(duet_acceleration_bands)

/* ------------------------------------------------------------------ choppiness */

/**
 * Choppiness index (Dreiss): 100 * log10(sum of true ranges / (highest - lowest)) / log10(length); 100 where the range
 * is none.
 */
struct duet_choppiness {
    double value, scale;
    bool true_extremes;
    struct duet_true_range range;
    struct duet_sma ranges;
    struct duet_highest high;
    struct duet_lowest low;
};

/** `true_extremes`: the last close of each bar counts as its high or low too. `length`: 2..DUET_WINDOW_MAX. */
static inline void duet_choppiness_init_extremes(struct duet_choppiness *self, int64_t length, bool true_extremes) {
    int64_t clamped = duet_clamp_(length, 2, DUET_WINDOW_MAX);
    self->value = (double)NAN;
    self->scale = 100 / duet_log((double)clamped);
    self->true_extremes = true_extremes;
    duet_true_range_init(&self->range, false);
    duet_sma_init(&self->ranges, clamped);
    duet_highest_init(&self->high, clamped);
    duet_lowest_init(&self->low, clamped);
}

static inline void duet_choppiness_init(struct duet_choppiness *self, int64_t length) {
    duet_choppiness_init_extremes(self, length, false);
}

static inline double duet_choppiness_update(struct duet_choppiness *self, double high, double low, double close) {
    if (!duet_bar_finite_(high, low, close)) {
        return self->value;
    }
    double last = self->range.last_close, top = high, bottom = low;
    if (self->true_extremes && !isnan(last)) {
        top = last > high ? last : high;
        bottom = last < low ? last : low;
    }
    double mean = duet_sma_next(&self->ranges, duet_true_range_update(&self->range, high, low, close));
    double span = duet_highest_update(&self->high, top) - duet_lowest_update(&self->low, bottom);
    if (!isnan(mean) && !isnan(span)) {
        double sum = mean * (double)self->ranges.length;
        self->value = span > 0 && sum > 0 ? self->scale * duet_log(sum / span) : 100;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_choppiness)

#endif
