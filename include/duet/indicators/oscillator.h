/*
 * Oscillators that are neither of stochastic nor of RSI kin. What holds for all of them stands in
 * <duet/indicators/rolling.h>.
 */
#ifndef DUET_INDICATORS_OSCILLATOR_H
#define DUET_INDICATORS_OSCILLATOR_H

#include <duet/indicators/parts.h>

/* ------------------------------------------------------------------ cci, dpo, fosc */

/**
 * Commodity channel index (Lambert): (p - mean of p) / (0.015 * mean distance from it), p = (high + low + close) / 3
 * over `length` bars; 0 where all p are equal.
 *
 * Distances are taken from the mean of today, first with update `length`; with `moving` each from the mean of its own
 * bar, as backtrader has it, first with update 2 * length - 1.
 */
struct duet_cci {
    double value, factor;
    struct duet_mean_ mean, distance;
    int64_t moving;
    double slots[DUET_PART_MAX], distance_slots[DUET_PART_MAX];
};

/** `length` is clamped to 1..DUET_PART_MAX; `factor` is 0.015. */
static inline void duet_cci_init(struct duet_cci *self, int64_t length, double factor, bool moving) {
    memset(self, 0, sizeof(*self));
    length = duet_clamp_(length, 1, DUET_PART_MAX);
    duet_mean_init_(&self->mean, DUET_MEAN_SMA, length);
    duet_mean_init_(&self->distance, DUET_MEAN_SMA, length);
    self->factor = factor;
    self->moving = moving;
    self->value = (double)NAN;
}

static inline double duet_cci_update(struct duet_cci *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    double typical = (high + low + close) / 3;
    double mean = duet_mean_push_(&self->mean, self->slots, typical), distance = (double)NAN;
    bool flat = true;
    if (self->moving) {
        distance = duet_mean_push_(&self->distance, self->distance_slots, duet_magnitude_(typical - mean));
        flat = distance == 0;
    } else if (duet_mean_ready_(&self->mean)) {
        distance = 0;
        for (int64_t i = 0; i < self->mean.length; i++) {
            distance += duet_magnitude_(self->slots[i] - mean);
            flat = flat && self->slots[i] == typical;
        }
        distance /= (double)self->mean.length;
    }
    self->value = isnan(distance) ? distance : flat ? 0 : duet_ratio_(typical - mean, self->factor * distance, 0);
    return self->value;
}

DUET_INDICATOR_READS_(duet_cci)

/**
 * Detrended price oscillator: the value of `shift` updates before, less the simple mean of the last `length`; with
 * `lagged` the newest value less the mean of `shift` updates before, as backtrader has it. shift is usually
 * length / 2 + 1.
 *
 * Charts draw the first form back by the shift, where it compares a price with the mean around it; here it stands
 * where it is known. First with update max(length, shift + 1), lagged length + shift.
 */
struct duet_dpo {
    double value, mean;
    struct duet_mean_ average;
    struct duet_ring_ ring;
    int64_t lagged;
    double slots[DUET_PART_MAX], lags[DUET_PART_MAX + 1];
};

/** `length` is clamped to 1..DUET_PART_MAX, `shift` to 0..DUET_PART_MAX; negative: length / 2 + 1. */
static inline void duet_dpo_init(struct duet_dpo *self, int64_t length, int64_t shift, bool lagged) {
    memset(self, 0, sizeof(*self));
    length = duet_clamp_(length, 1, DUET_PART_MAX);
    shift = shift < 0 ? length / 2 + 1 : duet_clamp_(shift, 0, DUET_PART_MAX);
    duet_mean_init_(&self->average, DUET_MEAN_SMA, length);
    duet_ring_init_(&self->ring, shift + 1);
    self->lagged = lagged;
    self->value = self->mean = (double)NAN;
}

static inline double duet_dpo_update(struct duet_dpo *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double mean = duet_mean_push_(&self->average, self->slots, value);
    (void)duet_ring_push_(&self->ring, self->lags, self->lagged ? mean : value);
    if (duet_ring_full_(&self->ring)) {
        double before = duet_ring_at_(&self->ring, self->lags, self->ring.length - 1);
        self->mean = self->lagged ? before : mean;
        self->value = self->lagged ? value - before : before - mean;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_dpo)

/**
 * Forecast oscillator: 100 * (value - forecast) / value, the forecast being where the line of least squares through
 * the `length` values before it points to; 0 where the value is 0. First with update length + 1.
 */
struct duet_fosc {
    double value;
    struct duet_ring_ ring;
    double slots[DUET_WINDOW_MAX];
};

/** `length` is clamped to 2..DUET_WINDOW_MAX. */
static inline void duet_fosc_init(struct duet_fosc *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_ring_init_(&self->ring, duet_clamp_(length, 2, DUET_WINDOW_MAX));
    self->value = (double)NAN;
}

static inline double duet_fosc_update(struct duet_fosc *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    if (duet_ring_full_(&self->ring)) {
        // Measured from the newest value: a line through equal values forecasts exactly that.
        double n = (double)self->ring.length, newest = duet_ring_at_(&self->ring, self->slots, 0);
        double mean = 0, slope = 0, spread = n * (n * n - 1) / 12;
        for (int64_t age = 0; age < self->ring.length; age++) {
            double height = duet_ring_at_(&self->ring, self->slots, age) - newest;
            mean += height / n;
            slope += ((n - 1) / 2 - (double)age) * height / spread;
        }
        double forecast = newest + mean + slope * (n + 1) / 2;
        self->value = 100 * duet_ratio_(value - forecast, value, 0);
    }
    (void)duet_ring_push_(&self->ring, self->slots, value);
    return self->value;
}

DUET_INDICATOR_READS_(duet_fosc)

/* ------------------------------------------------------------------ coppock, kst, pmo */

/**
 * Coppock curve: weighted mean, over `length`, of the sum of two rates of change in percent. First with update
 * max(first, second) + length.
 */
struct duet_coppock {
    double value;
    struct duet_ring_ first, second;
    struct duet_mean_ mean;
    double first_slots[DUET_PART_MAX], second_slots[DUET_PART_MAX], slots[DUET_PART_MAX];
};

static inline void duet_coppock_init(struct duet_coppock *self, int64_t first, int64_t second, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_ring_init_(&self->first, duet_clamp_(first, 1, DUET_PART_MAX));
    duet_ring_init_(&self->second, duet_clamp_(second, 1, DUET_PART_MAX));
    duet_mean_init_(&self->mean, DUET_MEAN_WMA, duet_clamp_(length, 1, DUET_PART_MAX));
    self->value = (double)NAN;
}

/** Percent change against the value that falls out of `ring`; 0 where that is 0. */
static inline double duet_percent_push_(struct duet_ring_ *ring, double *slots, double value) {
    double before = duet_ring_push_(ring, slots, value);
    return 100 * duet_ratio_(value - before, before, 0);
}

static inline double duet_coppock_update(struct duet_coppock *self, double value) {
    if (isfinite(value)) {
        double sum = duet_percent_push_(&self->first, self->first_slots, value);
        sum += duet_percent_push_(&self->second, self->second_slots, value);
        self->value = duet_mean_push_(&self->mean, self->slots, sum);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_coppock)

/** Lengths of duet_kst: rates of change, and simple means of these. */
struct duet_kst_lengths {
    int64_t changes[4], means[4];
};

/**
 * Know sure thing (Pring): four rates of change in percent, each as a simple mean, weighted 1, 2, 3, 4; signal: the
 * simple mean of it.
 *
 * The value is there with update max(changes[i] + means[i]), the signal signal - 1 later; that is ready.
 */
struct duet_kst {
    double value, signal;
    struct duet_ring_ changes[4];
    struct duet_mean_ means[4], mean;
    double change_slots[4][DUET_PART_MAX], mean_slots[4][DUET_PART_MAX], slots[DUET_PART_MAX];
};

/** All lengths are clamped to 1..DUET_PART_MAX. Usual: changes 10 15 20 30, means 10 10 10 15, signal 9. */
static inline void duet_kst_init(struct duet_kst *self, struct duet_kst_lengths lengths, int64_t signal) {
    memset(self, 0, sizeof(*self));
    for (int i = 0; i < 4; i++) {
        duet_ring_init_(&self->changes[i], duet_clamp_(lengths.changes[i], 1, DUET_PART_MAX));
        duet_mean_init_(&self->means[i], DUET_MEAN_SMA, duet_clamp_(lengths.means[i], 1, DUET_PART_MAX));
    }
    duet_mean_init_(&self->mean, DUET_MEAN_SMA, duet_clamp_(signal, 1, DUET_PART_MAX));
    self->value = self->signal = (double)NAN;
}

static inline double duet_kst_update(struct duet_kst *self, double value) {
    if (isfinite(value)) {
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            double change = duet_percent_push_(&self->changes[i], self->change_slots[i], value);
            sum += (i + 1) * duet_mean_push_(&self->means[i], self->mean_slots[i], change);
        }
        self->value = sum;
        self->signal = duet_mean_push_(&self->mean, self->slots, sum);
    }
    return self->value;
}

static inline double duet_kst_value(const struct duet_kst *self) {
    return self->value;
}

static inline bool duet_kst_ready(const struct duet_kst *self) {
    return !isnan(self->signal);
}

/**
 * Price momentum oscillator (DecisionPoint): the percent change over one update, smoothed with factor 2 / first, times
 * 10, smoothed with factor 2 / second; both seeded with a simple mean. signal: its exponential mean.
 *
 * The value is there with update first + second, the signal signal - 1 later; that is ready.
 */
struct duet_pmo {
    double value, signal, before;
    struct duet_mean_ first, second, mean;
};

/** first and second are clamped to 2..DUET_LENGTH_MAX. */
static inline void duet_pmo_init(struct duet_pmo *self, int64_t first, int64_t second, int64_t signal) {
    first = duet_clamp_(first, 2, DUET_LENGTH_MAX);
    second = duet_clamp_(second, 2, DUET_LENGTH_MAX);
    duet_mean_init_(&self->first, DUET_MEAN_EMA, first);
    duet_mean_init_(&self->second, DUET_MEAN_EMA, second);
    self->first.alpha = 2 / (double)first;
    self->second.alpha = 2 / (double)second;
    duet_mean_init_(&self->mean, DUET_MEAN_EMA, duet_clamp_(signal, 1, DUET_LENGTH_MAX));
    self->value = self->signal = self->before = (double)NAN;
}

static inline double duet_pmo_update(struct duet_pmo *self, double value) {
    if (isfinite(value)) {
        double change = 100 * duet_ratio_(value - self->before, self->before, 0);
        self->before = value;
        double smooth = 10 * duet_mean_push_(&self->first, NULL, change);
        self->value = duet_mean_push_(&self->second, NULL, smooth);
        self->signal = duet_mean_push_(&self->mean, NULL, self->value);
    }
    return self->value;
}

static inline double duet_pmo_value(const struct duet_pmo *self) {
    return self->value;
}

static inline bool duet_pmo_ready(const struct duet_pmo *self) {
    return !isnan(self->signal);
}

/* ------------------------------------------------------------------ bop, qstick, rvi */

/** Balance of power: (close - open) / (high - low), 0 where these are equal, as simple mean of `length`. */
struct duet_bop {
    double value;
    struct duet_mean_ mean;
    double slots[DUET_PART_MAX];
};

static inline void duet_bop_init(struct duet_bop *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_mean_init_(&self->mean, DUET_MEAN_SMA, duet_clamp_(length, 1, DUET_PART_MAX));
    self->value = (double)NAN;
}

static inline double duet_bop_update(struct duet_bop *self, double open, double high, double low, double close) {
    if (duet_finite_(open, high, low, close)) {
        self->value = duet_mean_push_(&self->mean, self->slots, duet_ratio_(close - open, high - low, 0));
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_bop)

/** Qstick (Chande): simple mean of close - open over `length` bars. */
struct duet_qstick {
    double value;
    struct duet_mean_ mean;
    double slots[DUET_PART_MAX];
};

static inline void duet_qstick_init(struct duet_qstick *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_mean_init_(&self->mean, DUET_MEAN_SMA, duet_clamp_(length, 1, DUET_PART_MAX));
    self->value = (double)NAN;
}

static inline double duet_qstick_update(struct duet_qstick *self, double open, double close) {
    if (duet_finite_(open, close, 0, 0)) {
        self->value = duet_mean_push_(&self->mean, self->slots, close - open);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_qstick)

/**
 * Relative vigor index (Ehlers): close - open over high - low, each weighted 1 2 2 1 over four bars and then summed
 * over `length`; 0 where the ranges are 0. signal: its mean weighted 1 2 2 1 over four values.
 *
 * The value is there with update length + 3, the signal three later; that is ready.
 */
struct duet_rvi {
    double value, signal;
    struct duet_ring_ bodies, ranges, values;
    struct duet_total_ body, range;
    double body4[4], range4[4], value4[4];
    double body_slots[DUET_PART_MAX], range_slots[DUET_PART_MAX];
};

static inline void duet_rvi_init(struct duet_rvi *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_ring_init_(&self->bodies, 4);
    duet_ring_init_(&self->ranges, 4);
    duet_ring_init_(&self->values, 4);
    duet_total_init_(&self->body, duet_clamp_(length, 1, DUET_PART_MAX));
    duet_total_init_(&self->range, duet_clamp_(length, 1, DUET_PART_MAX));
    self->value = self->signal = (double)NAN;
}

/** Takes one value in and returns the mean of four weighted 1 2 2 1; NAN until there are four. */
static inline double duet_four_push_(struct duet_ring_ *ring, double *slots, double value) {
    (void)duet_ring_push_(ring, slots, value);
    if (!duet_ring_full_(ring)) {
        return (double)NAN;
    }
    return (value + 2 * (duet_ring_at_(ring, slots, 1) + duet_ring_at_(ring, slots, 2)) +
               duet_ring_at_(ring, slots, 3)) /
           6;
}

static inline double duet_rvi_update(struct duet_rvi *self, double open, double high, double low, double close) {
    if (!duet_finite_(open, high, low, close)) {
        return self->value;
    }
    double body = duet_four_push_(&self->bodies, self->body4, close - open);
    double range = duet_four_push_(&self->ranges, self->range4, high - low);
    if (isnan(body)) {
        return self->value;
    }
    body = duet_total_push_(&self->body, self->body_slots, body);
    range = duet_total_push_(&self->range, self->range_slots, range);
    if (duet_total_ready_(&self->body)) {
        self->value = duet_ratio_(body, range, 0);
        self->signal = duet_four_push_(&self->values, self->value4, self->value);
    }
    return self->value;
}

static inline double duet_rvi_value(const struct duet_rvi *self) {
    return self->value;
}

static inline bool duet_rvi_ready(const struct duet_rvi *self) {
    return !isnan(self->signal);
}

/* ------------------------------------------------------------------ pgo, demarker, elder ray */

/**
 * Pretty good oscillator (Johnson): how many average true ranges (a mean of `kind` over `length`) the close stands
 * above its simple mean; 0 where nothing ranges. First with update length + 1: ranges begin with the second bar.
 */
struct duet_pgo {
    double value, before;
    struct duet_mean_ mean, range;
    double slots[DUET_PART_MAX], range_slots[DUET_PART_MAX];
};

static inline void duet_pgo_init(struct duet_pgo *self, int64_t length, int64_t kind) {
    memset(self, 0, sizeof(*self));
    length = duet_clamp_(length, 1, DUET_PART_MAX);
    duet_mean_init_(&self->mean, DUET_MEAN_SMA, length);
    duet_mean_init_(&self->range, kind, length);
    self->value = self->before = (double)NAN;
}

static inline double duet_pgo_update(struct duet_pgo *self, double high, double low, double close) {
    if (duet_finite_(high, low, close, 0)) {
        double mean = duet_mean_push_(&self->mean, self->slots, close);
        if (!isnan(self->before)) {
            double range = duet_true_range_(high, low, self->before);
            range = duet_mean_push_(&self->range, self->range_slots, range);
            self->value = duet_ratio_(close - mean, range, 0);
        }
        self->before = close;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_pgo)

/**
 * DeMarker: mean of the rises of the high over itself plus the mean of the falls of the low, 0 to 1; 0.5 where neither
 * moves. Means of `kind` over `length`, usually simple. First with update length + 1.
 */
struct duet_demarker {
    double value, high, low;
    struct duet_mean_ up, down;
    double up_slots[DUET_PART_MAX], down_slots[DUET_PART_MAX];
};

static inline void duet_demarker_init(struct duet_demarker *self, int64_t length, int64_t kind) {
    memset(self, 0, sizeof(*self));
    length = duet_clamp_(length, 1, DUET_PART_MAX);
    duet_mean_init_(&self->up, kind, length);
    duet_mean_init_(&self->down, kind, length);
    self->value = self->high = self->low = (double)NAN;
}

static inline double duet_demarker_update(struct duet_demarker *self, double high, double low) {
    if (duet_finite_(high, low, 0, 0)) {
        if (!isnan(self->high)) {
            double up = duet_mean_push_(&self->up, self->up_slots, duet_larger_(high - self->high, 0));
            double down = duet_mean_push_(&self->down, self->down_slots, duet_larger_(self->low - low, 0));
            self->value = duet_ratio_(up, up + down, 0.5);
        }
        self->high = high;
        self->low = low;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_demarker)

/** Elder ray: high (bull) and low (bear) less the exponential mean of the close. value is bull + bear. First with
 * update `length`. */
struct duet_elder_ray {
    double value, bull, bear;
    struct duet_mean_ mean;
};

static inline void duet_elder_ray_init(struct duet_elder_ray *self, int64_t length) {
    duet_mean_init_(&self->mean, DUET_MEAN_EMA, duet_clamp_(length, 1, DUET_LENGTH_MAX));
    self->value = self->bull = self->bear = (double)NAN;
}

static inline double duet_elder_ray_update(struct duet_elder_ray *self, double high, double low, double close) {
    if (duet_finite_(high, low, close, 0)) {
        double mean = duet_mean_push_(&self->mean, NULL, close);
        self->bull = high - mean;
        self->bear = low - mean;
        self->value = self->bull + self->bear;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_elder_ray)

#endif
