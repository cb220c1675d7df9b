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
    // The others are for chains (DEMA, TEMA, T3), where one average feeds the next:
    DUET_SEED_JOINT = 2, // the first average as DUET_SEED_SMA, those behind it begin with its first value
    DUET_SEED_STAGED = 3, // each begins with its first value, and feeds the next once it has seen `length`
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
    self->sum = duet_sum_none_();
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

/* ------------------------------------------------------------------ dema, tema, t3 */

static inline void duet_ema_init_stage_(struct duet_ema *self, int64_t length, enum duet_seed seed, int stage) {
    bool mean = seed == DUET_SEED_SMA || (seed == DUET_SEED_JOINT && stage == 0);
    duet_ema_init_seed(self, length, mean ? DUET_SEED_SMA : DUET_SEED_FIRST);
}

/** Update one average of a chain; NAN while the next one has to wait. */
static inline double duet_ema_pass_(struct duet_ema *self, double value, int64_t seed) {
    double passed = duet_ema_update(self, value);
    return seed == DUET_SEED_STAGED && self->count < self->length ? (double)NAN : passed;
}

/** Double exponential moving average (Mulloy): 2 * e1 - e2, where e1 is the EMA of the input and e2 the EMA of e1. */
struct duet_dema {
    double value;
    int64_t seed;
    struct duet_ema first, second;
};

static inline void duet_dema_init_seed(struct duet_dema *self, int64_t length, enum duet_seed seed) {
    self->value = (double)NAN;
    self->seed = seed;
    duet_ema_init_stage_(&self->first, length, seed, 0);
    duet_ema_init_stage_(&self->second, length, seed, 1);
}

static inline void duet_dema_init(struct duet_dema *self, int64_t length) {
    duet_dema_init_seed(self, length, DUET_SEED_SMA);
}

static inline double duet_dema_update(struct duet_dema *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double first = duet_ema_pass_(&self->first, value, self->seed);
    double second = duet_ema_pass_(&self->second, first, self->seed);
    return self->value = first + (first - second);
}

DUET_INDICATOR_READS_(duet_dema)

/** Triple exponential moving average (Mulloy): 3 * e1 - 3 * e2 + e3. */
struct duet_tema {
    double value;
    int64_t seed;
    struct duet_ema first, second, third;
};

static inline void duet_tema_init_seed(struct duet_tema *self, int64_t length, enum duet_seed seed) {
    self->value = (double)NAN;
    self->seed = seed;
    duet_ema_init_stage_(&self->first, length, seed, 0);
    duet_ema_init_stage_(&self->second, length, seed, 1);
    duet_ema_init_stage_(&self->third, length, seed, 2);
}

static inline void duet_tema_init(struct duet_tema *self, int64_t length) {
    duet_tema_init_seed(self, length, DUET_SEED_SMA);
}

static inline double duet_tema_update(struct duet_tema *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double first = duet_ema_pass_(&self->first, value, self->seed);
    double second = duet_ema_pass_(&self->second, first, self->seed);
    double third = duet_ema_pass_(&self->third, second, self->seed);
    return self->value = 3 * (first - second) + third;
}

DUET_INDICATOR_READS_(duet_tema)

/**
 * Tillson's T3: (1 + factor) * e1 - factor * e2 done three times over, which is a sum of the third to sixth EMA in a
 * chain of six.
 */
struct duet_t3 {
    double value;
    double weights[4]; // of the third to the sixth
    int64_t seed;
    struct duet_ema stages[6];
};

/** `factor` in 0..1, usually 0.7. */
static inline void duet_t3_init_seed(struct duet_t3 *self, int64_t length, double factor, enum duet_seed seed) {
    double v = duet_clamp_real_(factor, 0, 1);
    self->value = (double)NAN;
    self->seed = seed;
    self->weights[0] = (1 + v) * (1 + v) * (1 + v);
    self->weights[1] = -3 * v * (1 + v) * (1 + v);
    self->weights[2] = 3 * v * v * (1 + v);
    self->weights[3] = -v * v * v;
    for (int i = 0; i < 6; i++) {
        duet_ema_init_stage_(&self->stages[i], length, seed, i);
    }
}

static inline void duet_t3_init(struct duet_t3 *self, int64_t length, double factor) {
    duet_t3_init_seed(self, length, factor, DUET_SEED_SMA);
}

static inline double duet_t3_update(struct duet_t3 *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double passed = value, last = 0, sum = 0;
    for (int i = 0; i < 6; i++) {
        passed = duet_ema_pass_(&self->stages[i], passed, self->seed);
        // As departures from the third (the weights add up to 1): equal stages give exactly their value.
        sum += i >= 3 ? self->weights[i - 2] * (passed - last) : 0;
        last = i == 2 ? passed : last;
    }
    return self->value = last + sum;
}

DUET_INDICATOR_READS_(duet_t3)

/* ------------------------------------------------------------------ trima */

/** Triangular moving average: the SMA of an SMA, together `length` values wide. */
struct duet_trima {
    double value;
    struct duet_sma inner, outer;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_trima_init(struct duet_trima *self, int64_t length) {
    int64_t clamped = duet_clamp_(length, 1, DUET_WINDOW_MAX);
    self->value = (double)NAN;
    duet_sma_init(&self->inner, (clamped + 1) / 2);
    duet_sma_init(&self->outer, clamped / 2 + 1);
}

static inline double duet_trima_update(struct duet_trima *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    return self->value = duet_sma_next(&self->outer, duet_sma_next(&self->inner, value));
}

DUET_INDICATOR_READS_(duet_trima)

/** Relative moving average of LEAN: SMA(length) - SMA(2 * length) + SMA(3 * length). */
struct duet_relative_average {
    double value;
    struct duet_sma fast, medium, slow;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX / 3. */
static inline void duet_relative_average_init(struct duet_relative_average *self, int64_t length) {
    int64_t clamped = duet_clamp_(length, 1, DUET_WINDOW_MAX / 3);
    self->value = (double)NAN;
    duet_sma_init(&self->fast, clamped);
    duet_sma_init(&self->medium, 2 * clamped);
    duet_sma_init(&self->slow, 3 * clamped);
}

static inline double duet_relative_average_update(struct duet_relative_average *self, double value) {
    double fast = duet_sma_next(&self->fast, value), medium = duet_sma_next(&self->medium, value);
    return self->value = fast - medium + duet_sma_next(&self->slow, value);
}

DUET_INDICATOR_READS_(duet_relative_average)

/* ------------------------------------------------------------------ hma */

enum duet_hma_rounding {
    DUET_HMA_DOWN = 0, // length / 2 and sqrt(length) rounded down
    DUET_HMA_NEAREST = 1, // to the nearest, halves to even
};

/** Hull moving average: WMA(2 * WMA(length / 2) - WMA(length), sqrt(length)). */
struct duet_hma {
    double value;
    struct duet_wma half, full, smooth;
};

static inline int64_t duet_hma_half_(int64_t length, enum duet_hma_rounding rounding) {
    int64_t half = length / 2;
    half += rounding == DUET_HMA_NEAREST && length % 2 != 0 && half % 2 != 0 ? 1 : 0;
    return half < 1 ? 1 : half;
}

static inline int64_t duet_hma_root_(int64_t length, enum duet_hma_rounding rounding) {
    double root = sqrt((double)length);
    return (int64_t)(rounding == DUET_HMA_NEAREST ? root + 0.5 : root); // a root of a whole number is never a half
}

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_hma_init_rounding(struct duet_hma *self, int64_t length, enum duet_hma_rounding rounding) {
    int64_t clamped = duet_clamp_(length, 1, DUET_WINDOW_MAX);
    self->value = (double)NAN;
    duet_wma_init(&self->half, duet_hma_half_(clamped, rounding));
    duet_wma_init(&self->full, clamped);
    duet_wma_init(&self->smooth, duet_hma_root_(clamped, rounding));
}

static inline void duet_hma_init(struct duet_hma *self, int64_t length) {
    duet_hma_init_rounding(self, length, DUET_HMA_DOWN);
}

static inline double duet_hma_update(struct duet_hma *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double half = duet_wma_update(&self->half, value);
    double full = duet_wma_update(&self->full, value);
    return self->value = duet_wma_update(&self->smooth, half + (half - full));
}

DUET_INDICATOR_READS_(duet_hma)

/* ------------------------------------------------------------------ zlema */

/**
 * Zero lag exponential moving average (Ehlers and Way): the EMA of value + (value - value lag updates ago), where lag =
 * (length - 1) / 2 rounded down.
 *
 * DUET_SEED_SMA: that EMA begins with a mean. DUET_SEED_FIRST: it begins with the last input for which there is none
 * lag updates earlier, which is also its first value.
 */
struct duet_zlema {
    double value;
    int64_t lag, seed;
    struct duet_rolling window;
    struct duet_ema ema;
};

/** `length` is clamped to 1..2 * DUET_WINDOW_MAX - 2. */
static inline void duet_zlema_init_seed(struct duet_zlema *self, int64_t length, enum duet_seed seed) {
    int64_t clamped = duet_clamp_(length, 1, 2 * DUET_WINDOW_MAX - 2);
    self->value = (double)NAN;
    self->lag = (clamped - 1) / 2;
    self->seed = seed;
    duet_rolling_init(&self->window, self->lag + 1);
    duet_ema_init_seed(&self->ema, clamped, seed);
}

static inline void duet_zlema_init(struct duet_zlema *self, int64_t length) {
    duet_zlema_init_seed(self, length, DUET_SEED_SMA);
}

static inline double duet_zlema_update(struct duet_zlema *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (duet_rolling_full(&self->window)) {
        double pushed = value + (value - duet_rolling_at(&self->window, self->lag));
        self->value = duet_ema_update(&self->ema, pushed);
    } else if (self->seed == DUET_SEED_FIRST && self->window.count == self->lag) {
        self->value = duet_ema_update(&self->ema, value);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_zlema)

/* ------------------------------------------------------------------ vwma */

/** Volume weighted moving average: sum of price * volume / sum of volume over the window. */
struct duet_vwma {
    double value;
    struct duet_sum turnover, volume;
    struct duet_rolling turnovers, volumes;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_vwma_init(struct duet_vwma *self, int64_t length) {
    self->value = (double)NAN;
    self->turnover = self->volume = duet_sum_none_();
    duet_rolling_init(&self->turnovers, length);
    duet_rolling_init(&self->volumes, length);
}

/** Where no volume is in the window the value is the price. */
static inline double duet_vwma_update(struct duet_vwma *self, double price, double volume) {
    if (!isfinite(price) || !isfinite(volume) || !isfinite(price * volume)) {
        return self->value;
    }
    double old_turnover = duet_rolling_push(&self->turnovers, price * volume);
    double old_volume = duet_rolling_push(&self->volumes, volume);
    if (!isnan(old_volume)) {
        duet_sum_add(&self->turnover, -old_turnover);
        duet_sum_add(&self->volume, -old_volume);
    }
    duet_sum_add(&self->turnover, price * volume);
    duet_sum_add(&self->volume, volume);
    if (duet_rolling_full(&self->volumes)) {
        double total = duet_sum_value(&self->volume);
        self->value = total != 0 ? duet_sum_value(&self->turnover) / total : price;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_vwma)

#endif
