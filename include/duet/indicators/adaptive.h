/* Moving averages that adapt or are shaped otherwise. What holds for all stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_ADAPTIVE_H
#define DUET_INDICATORS_ADAPTIVE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <duet/indicators/average.h>
#include <duet/indicators/math.h>
#include <duet/indicators/rolling.h>

/* ------------------------------------------------------------------ efficiency ratio, kama */

/** Kaufman's efficiency ratio: |change over length| / sum of |single changes|; 0 where nothing moves. */
struct duet_efficiency {
    double value;
    struct duet_sum path;
    struct duet_rolling window; // length + 1 values
};

/** `length` is clamped to 1..DUET_WINDOW_MAX - 1. */
static inline void duet_efficiency_init(struct duet_efficiency *self, int64_t length) {
    self->value = (double)NAN;
    self->path = duet_sum_none_();
    duet_rolling_init(&self->window, duet_clamp_(length, 1, DUET_WINDOW_MAX - 1) + 1);
}

static inline double duet_efficiency_update(struct duet_efficiency *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    struct duet_rolling *window = &self->window;
    if (window->count > 0) {
        duet_sum_add(&self->path, fabs(value - duet_rolling_at(window, 0)));
    }
    if (duet_rolling_full(window)) {
        int64_t oldest = window->length - 1;
        duet_sum_add(&self->path, -fabs(duet_rolling_at(window, oldest - 1) - duet_rolling_at(window, oldest)));
    }
    (void)duet_rolling_push(window, value);
    if (duet_rolling_full(window)) {
        double path = duet_sum_value(&self->path);
        double ratio = path > 0 ? fabs(value - duet_rolling_at(window, window->length - 1)) / path : 0;
        self->value = ratio < 1 ? ratio : 1;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_efficiency)

/**
 * Kaufman's adaptive moving average: value += c^2 * (input - value), c between 2 / (slow + 1) and 2 / (fast + 1) by the
 * efficiency ratio over length.
 *
 * DUET_SEED_FIRST: it begins with the input of update `length`, which is its first value (Tulip, LEAN, TA-Lib,
 * Stock.Indicators). DUET_SEED_SMA: its first value is the mean of the last `length` at update length + 1 (backtrader).
 */
struct duet_kama {
    double value;
    double fast, slow;
    int64_t seed;
    struct duet_efficiency efficiency;
};

static inline void duet_kama_init_seed(
    struct duet_kama *self, int64_t length, int64_t fast, int64_t slow, enum duet_seed seed) {
    self->value = (double)NAN;
    self->fast = 2 / (double)(duet_clamp_(fast, 1, DUET_LENGTH_MAX) + 1);
    self->slow = 2 / (double)(duet_clamp_(slow, 1, DUET_LENGTH_MAX) + 1);
    self->seed = seed;
    duet_efficiency_init(&self->efficiency, length);
}

/** DUET_SEED_FIRST; usual are fast 2 and slow 30. */
static inline void duet_kama_init(struct duet_kama *self, int64_t length, int64_t fast, int64_t slow) {
    duet_kama_init_seed(self, length, fast, slow, DUET_SEED_FIRST);
}

static inline double duet_kama_mean_(const struct duet_rolling *window) {
    struct duet_sum sum = {0, 0};
    int64_t length = window->length - 1;
    for (int64_t age = 0; age < length; age++) {
        duet_sum_add(&sum, duet_rolling_at(window, age));
    }
    return duet_sum_value(&sum) / (double)length;
}

static inline double duet_kama_update(struct duet_kama *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double ratio = duet_efficiency_update(&self->efficiency, value);
    const struct duet_rolling *window = &self->efficiency.window;
    if (!isnan(self->value)) {
        double c = self->slow + ratio * (self->fast - self->slow);
        self->value += c * c * (value - self->value);
    } else if (self->seed == DUET_SEED_FIRST) {
        self->value = window->count >= window->length - 1 ? value : self->value;
    } else if (!isnan(ratio)) {
        self->value = duet_kama_mean_(window);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_kama)

/* ------------------------------------------------------------------ vidya */

/**
 * Variable index dynamic average (Chande): an EMA whose factor 2 / (length + 1) is scaled by |CMO| / 100, the momentum
 * oscillator over the same length. It begins with the input of update `length`; its first value is that of the next.
 */
struct duet_vidya {
    double value, running, alpha, last;
    bool smooth;
    struct duet_ema gain, loss; // of a smoothed oscillator
    struct duet_sum rises, falls; // of a plain one
    struct duet_rolling changes;
};

/** `smooth`: the oscillator is of Wilder's averages (TA-Lib, LEAN), else of sums over the window (Chande). */
static inline void duet_vidya_init_smooth(struct duet_vidya *self, int64_t length, bool smooth) {
    duet_rolling_init(&self->changes, length);
    self->value = self->running = self->last = (double)NAN;
    self->alpha = 2 / (double)(self->changes.length + 1);
    self->smooth = smooth;
    duet_ema_init_alpha(&self->gain, 1 / (double)self->changes.length, self->changes.length, DUET_SEED_SMA);
    self->loss = self->gain;
    self->rises = self->falls = duet_sum_none_();
}

/** Chande's; `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_vidya_init(struct duet_vidya *self, int64_t length) {
    duet_vidya_init_smooth(self, length, false);
}

static inline void duet_vidya_count_(struct duet_vidya *self, double change, double sign) {
    if (change > 0) {
        duet_sum_add(&self->rises, sign * change);
    } else if (change < 0) {
        duet_sum_add(&self->falls, -sign * change);
    }
}

static inline double duet_vidya_update(struct duet_vidya *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    if (isnan(self->last)) {
        self->running = self->last = value;
        return self->value;
    }
    double change = value - self->last;
    self->last = value;
    duet_vidya_count_(self, duet_rolling_push(&self->changes, change), -1);
    duet_vidya_count_(self, change, 1);
    double gain = duet_ema_update(&self->gain, change > 0 ? change : 0);
    double loss = duet_ema_update(&self->loss, change < 0 ? -change : 0);
    if (!duet_rolling_full(&self->changes)) {
        self->running = value;
        return self->value;
    }
    double rises = self->smooth ? gain : duet_sum_value(&self->rises);
    double falls = self->smooth ? loss : duet_sum_value(&self->falls);
    double cmo = rises + falls > 0 ? fabs(rises - falls) / (rises + falls) : 0;
    self->running += self->alpha * cmo * (value - self->running);
    return self->value = self->running;
}

DUET_INDICATOR_READS_(duet_vidya)

/**
 * The first form of VIDYA (Chande 1992): value += alpha * deviation(short) / deviation(long) * (input - value). It
 * begins with the input of update long - 1.
 */
struct duet_vidya_deviation {
    double value, alpha;
    int64_t short_length;
    struct duet_rolling window;
};

/** Lengths are clamped to 2..DUET_WINDOW_MAX, the short one to the long one. */
static inline void duet_vidya_deviation_init(
    struct duet_vidya_deviation *self, int64_t short_length, int64_t long_length, double alpha) {
    self->value = (double)NAN;
    self->alpha = duet_clamp_real_(alpha, 0, 1);
    duet_rolling_init(&self->window, duet_clamp_(long_length, 2, DUET_WINDOW_MAX));
    self->short_length = duet_clamp_(short_length, 2, self->window.length);
}

static inline double duet_vidya_deviation_update(struct duet_vidya_deviation *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (self->window.count < self->window.length) {
        self->value = self->window.count == self->window.length - 1 ? value : self->value;
        return self->value;
    }
    double fast = duet_rolling_spread_of(&self->window, self->short_length).squares / (double)self->short_length;
    double slow = duet_rolling_spread(&self->window).squares / (double)self->window.length;
    double ratio = slow > 0 ? sqrt(fast / slow) : 0;
    return self->value += self->alpha * ratio * (value - self->value);
}

DUET_INDICATOR_READS_(duet_vidya_deviation)

/* ------------------------------------------------------------------ alma */

/**
 * Arnaud Legoux moving average: weights exp(-(i - m)^2 / (2 s^2)) over the window, i = 0 the oldest, m = offset *
 * (length - 1), s = length / sigma.
 */
struct duet_alma {
    double value, total;
    struct duet_rolling window;
    double weights[DUET_WINDOW_MAX]; // by age
};

/** `length` is clamped to 1..DUET_WINDOW_MAX; usual are offset 0.85 and sigma 6. */
static inline void duet_alma_init(struct duet_alma *self, int64_t length, double offset, double sigma) {
    self->value = (double)NAN;
    self->total = 0;
    duet_rolling_init(&self->window, length);
    double last = (double)(self->window.length - 1), m = duet_clamp_real_(offset, 0, 1) * last;
    double s = (double)self->window.length / duet_clamp_real_(sigma, 1e-3, 1e3);
    for (int64_t age = 0; age < DUET_WINDOW_MAX; age++) {
        double distance = last - (double)age - m;
        self->weights[age] = age < self->window.length ? duet_exp(-distance * distance / (2 * s * s)) : 0;
        self->total += self->weights[age];
    }
}

static inline double duet_alma_update(struct duet_alma *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (duet_rolling_full(&self->window)) {
        double sum = 0;
        for (int64_t age = 1; age < self->window.length; age++) {
            sum += self->weights[age] * (duet_rolling_at(&self->window, age) - value);
        }
        self->value = value + (self->total > 0 ? sum / self->total : 0);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_alma)

/* ------------------------------------------------------------------ mcginley */

/** McGinley Dynamic: value += (input - value) / (factor * length * (input / value)^4). */
struct duet_mcginley {
    double value, weight;
    struct duet_ema seed;
};

/** `length` is clamped to 1..DUET_LENGTH_MAX; `factor` is usually 0.6, or 1. */
static inline void duet_mcginley_init_seed(
    struct duet_mcginley *self, int64_t length, double factor, enum duet_seed seed) {
    self->value = (double)NAN;
    duet_ema_init_seed(&self->seed, length, seed);
    self->weight = duet_clamp_real_(factor, 1e-3, 1e3) * (double)self->seed.length;
}

static inline void duet_mcginley_init(struct duet_mcginley *self, int64_t length, double factor) {
    duet_mcginley_init_seed(self, length, factor, DUET_SEED_SMA);
}

/** Where the ratio is not above 0, or the step would pass the input, the value becomes the input. */
static inline double duet_mcginley_update(struct duet_mcginley *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    if (isnan(self->value)) {
        return self->value = duet_ema_update(&self->seed, value);
    }
    double ratio = value / self->value, square = ratio * ratio, divisor = self->weight * square * square;
    if (!(ratio > 0) || !(divisor > 1)) {
        return self->value = value;
    }
    return self->value += (value - self->value) / divisor;
}

DUET_INDICATOR_READS_(duet_mcginley)

/* ------------------------------------------------------------------ frama */

/**
 * Fractal adaptive moving average (Ehlers) of (high + low) / 2: alpha = exp(log(2 / (slow + 1)) * (dimension - 1)), at
 * least 0.01 and at most 1, dimension from the ranges of both halves of the window and of all of it. Its first value is
 * the price.
 */
struct duet_frama {
    double value, rate;
    struct duet_rolling highs, lows;
};

/** `length` is clamped to 2..DUET_WINDOW_MAX and made even; usual are 16 and slow 198. */
static inline void duet_frama_init(struct duet_frama *self, int64_t length, int64_t slow) {
    int64_t clamped = duet_clamp_(length, 2, DUET_WINDOW_MAX);
    self->value = (double)NAN;
    self->rate = duet_log(2 / (double)(duet_clamp_(slow, 1, DUET_LENGTH_MAX) + 1));
    duet_rolling_init(&self->highs, clamped - clamped % 2);
    duet_rolling_init(&self->lows, clamped - clamped % 2);
}

static inline double duet_frama_range_(const struct duet_frama *self, int64_t from, int64_t to) {
    double high = duet_rolling_at(&self->highs, from), low = duet_rolling_at(&self->lows, from);
    for (int64_t age = from + 1; age < to; age++) {
        high = duet_rolling_at(&self->highs, age) > high ? duet_rolling_at(&self->highs, age) : high;
        low = duet_rolling_at(&self->lows, age) < low ? duet_rolling_at(&self->lows, age) : low;
    }
    return (high - low) / (double)(to - from);
}

static inline double duet_frama_update(struct duet_frama *self, double high, double low) {
    if (!isfinite(high) || !isfinite(low)) {
        return self->value;
    }
    double price = (high + low) / 2;
    (void)duet_rolling_push(&self->highs, high);
    (void)duet_rolling_push(&self->lows, low);
    if (isnan(self->value)) {
        self->value = duet_rolling_full(&self->highs) ? price : (double)NAN;
        return self->value;
    }
    int64_t length = self->highs.length, half = length / 2;
    double halves = duet_frama_range_(self, 0, half) + duet_frama_range_(self, half, length);
    double whole = duet_frama_range_(self, 0, length);
    double dimension = halves > 0 && whole > 0 ? (duet_log(halves) - duet_log(whole)) / 0.69314718055994530942 : 1;
    double alpha = duet_clamp_real_(duet_exp(self->rate * (dimension - 1)), 0.01, 1);
    return self->value += alpha * (price - self->value);
}

DUET_INDICATOR_READS_(duet_frama)

/* ------------------------------------------------------------------ zero lag, dickson, laguerre */

/**
 * Zero lag indicator, or error correcting (Ehlers and Way): value += alpha * (ema + gain * (input - value) - value),
 * the gain among -limit / 10 … limit / 10 that comes nearest to the input; of equals the first.
 */
struct duet_error_correcting {
    double value;
    int64_t limit;
    struct duet_ema ema;
};

/** `length` is clamped to 1..DUET_LENGTH_MAX, `limit` to 1..1000, usually 50. */
static inline void duet_error_correcting_init(struct duet_error_correcting *self, int64_t length, int64_t limit) {
    self->value = (double)NAN;
    self->limit = duet_clamp_(limit, 1, 1000);
    duet_ema_init(&self->ema, length);
}

static inline double duet_error_correcting_update(struct duet_error_correcting *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double ema = duet_ema_update(&self->ema, value), last = self->value, alpha = self->ema.alpha;
    if (isnan(last)) {
        return self->value = ema;
    }
    double least = (double)INFINITY;
    for (int64_t gain = -self->limit; gain <= self->limit; gain++) {
        double corrected = alpha * (ema + (double)gain / 10 * (value - last)) + (1 - alpha) * last;
        double error = fabs(value - corrected);
        if (error < least) {
            least = error;
            self->value = corrected;
        }
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_error_correcting)

/** Dickson moving average: the mean of a zero lag indicator and a Hull moving average. */
struct duet_dickson {
    double value;
    struct duet_error_correcting corrected;
    struct duet_hma hull;
};

/** As duet_error_correcting_init() and duet_hma_init(), usually 30, 50 and 7. */
static inline void duet_dickson_init(struct duet_dickson *self, int64_t length, int64_t limit, int64_t hull_length) {
    self->value = (double)NAN;
    duet_error_correcting_init(&self->corrected, length, limit);
    duet_hma_init(&self->hull, hull_length);
}

static inline double duet_dickson_update(struct duet_dickson *self, double value) {
    double corrected = duet_error_correcting_update(&self->corrected, value);
    return self->value = (corrected + duet_hma_update(&self->hull, value)) / 2;
}

DUET_INDICATOR_READS_(duet_dickson)

/** Laguerre filter (Ehlers): (l0 + 2 l1 + 2 l2 + l3) / 6 of four all-pass stages with damping gamma. */
struct duet_laguerre {
    double value, gamma;
    double stages[4];
};

/** `gamma` is clamped to 0..0.999; usual are 0.5 to 0.8. It begins with the first input. */
static inline void duet_laguerre_init(struct duet_laguerre *self, double gamma) {
    self->value = (double)NAN;
    self->gamma = duet_clamp_real_(gamma, 0, 0.999);
    for (int i = 0; i < 4; i++) {
        self->stages[i] = 0;
    }
}

static inline double duet_laguerre_update(struct duet_laguerre *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double *stages = self->stages, carried = value;
    for (int i = 0; i < 4; i++) {
        double last = isnan(self->value) ? value : stages[i];
        double next =
            i == 0 ? last + (1 - self->gamma) * (value - last) : carried + self->gamma * (last - stages[i - 1]);
        carried = last;
        stages[i] = isnan(self->value) ? value : next;
    }
    return self->value = (stages[0] + 2 * stages[1] + 2 * stages[2] + stages[3]) / 6;
}

DUET_INDICATOR_READS_(duet_laguerre)

/* ------------------------------------------------------------------ exponentially weighted */

/**
 * Exponentially weighted mean and deviation over all that was seen, as pandas' ewm(alpha): the weight of a value is
 * (1 - alpha)^age. adjust: divided by the sum of the weights there are; else the first value has the weight of all
 * before it. The deviation is corrected for bias.
 */
struct duet_ewm {
    double value, deviation; // deviation: NAN before the second value
    double alpha;
    bool adjust;
    double variance, weight, weights, squares;
};

/** `alpha` is clamped to 1e-9..1. From a span: 2 / (span + 1); a centre of mass: 1 / (1 + com). */
static inline void duet_ewm_init(struct duet_ewm *self, double alpha, bool adjust) {
    self->value = self->deviation = (double)NAN;
    self->alpha = duet_clamp_real_(alpha, 1e-9, 1);
    self->adjust = adjust;
    self->variance = 0;
    self->weight = adjust ? 1 : self->alpha;
    self->weights = self->squares = 1;
}

static inline double duet_ewm_update(struct duet_ewm *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    if (isnan(self->value)) {
        return self->value = value;
    }
    // West 1979: mean and variance move by the share of the new weight.
    double rest = 1 - self->alpha, old = self->weights * rest, total = old + self->weight;
    double step = value - self->value, share = self->weight / total;
    self->variance = (1 - share) * (self->variance + share * step * step);
    self->squares = self->squares * rest * rest + self->weight * self->weight;
    self->weights = total;
    if (!self->adjust) {
        self->squares /= total * total;
        self->weights = 1;
    }
    double bias = self->weights * self->weights - self->squares;
    self->deviation = bias > 0 ? sqrt(self->variance * (self->weights * self->weights / bias)) : 0;
    return self->value += share * step;
}

DUET_INDICATOR_READS_(duet_ewm)

#endif
