/*
 * Cycles and transforms (Ehlers and others). What holds for all of them stands in <duet/indicators/rolling.h>;
 * logarithms and angles come from <duet/indicators/math.h>.
 */
#ifndef DUET_INDICATORS_CYCLE_H
#define DUET_INDICATORS_CYCLE_H

#include <duet/indicators/math.h>
#include <duet/indicators/stochastic.h>

/* ------------------------------------------------------------------ fisher, premier stochastic */

/**
 * Fisher transform (Ehlers): x = 0.33 * (2 * place - 1) + 0.67 * x before, the place of (high + low) / 2 between lowest
 * and highest of the last `length`, 0 to 1; value = ln((1 + x) / (1 - x)) / 2 + value before / 2. Beyond +-0.99 x is
 * +-0.999, with `wide` beyond +-0.9999 that; where all are equal x goes to 0. trigger: the value before.
 *
 * First with update `length`; with `at_once` it begins at 0 with the first bar, over what bars there are. Input is one
 * value, usually (high + low) / 2.
 */
struct duet_fisher {
    double value, trigger, x;
    struct duet_band_ band;
    int64_t at_once, wide, begun;
};

/** `length` is clamped to 1..DUET_PART_MAX. */
static inline void duet_fisher_init(struct duet_fisher *self, int64_t length, bool at_once, bool wide) {
    memset(self, 0, sizeof(*self));
    duet_band_init_(&self->band, length);
    self->at_once = at_once;
    self->wide = wide;
    self->value = self->trigger = (double)NAN;
}

static inline double duet_fisher_update(struct duet_fisher *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    duet_band_push_(&self->band, value, value, self->at_once != 0);
    if (isnan(self->band.top)) {
        return self->value;
    }
    double before = self->begun ? self->value : 0;
    if (!self->begun && self->at_once) {
        self->value = 0;
    } else {
        double height = self->band.top - self->band.bottom;
        double place = duet_ratio_(value - self->band.bottom, height, 0.5);
        self->x = height == 0 && self->at_once ? 0 : 0.66 * (place - 0.5) + 0.67 * self->x;
        double bound = self->wide ? 0.9999 : 0.99, beyond = self->wide ? 0.9999 : 0.999;
        self->x = self->x > bound ? beyond : self->x < -bound ? -beyond : self->x;
        self->value = 0.5 * duet_log((1 + self->x) / (1 - self->x)) + 0.5 * before;
    }
    self->trigger = before;
    self->begun = 1;
    return self->value;
}

DUET_INDICATOR_READS_(duet_fisher)

/**
 * Premier stochastic oscillator (Leibfarth): s = a tenth of the fast stochastic less 50, smoothed by two exponential
 * means; value = (e^s - 1) / (e^s + 1). First with update length + 2 * smoothing - 2.
 */
struct duet_premier {
    double value;
    struct duet_band_ band;
    struct duet_mean_ first, second;
};

static inline void duet_premier_init(struct duet_premier *self, int64_t length, int64_t smoothing) {
    memset(self, 0, sizeof(*self));
    duet_band_init_(&self->band, length);
    duet_mean_init_(&self->first, DUET_MEAN_EMA, duet_clamp_(smoothing, 1, DUET_LENGTH_MAX));
    duet_mean_init_(&self->second, DUET_MEAN_EMA, self->first.length);
    self->value = (double)NAN;
}

static inline double duet_premier_update(struct duet_premier *self, double high, double low, double close) {
    if (duet_finite_(high, low, close, 0)) {
        duet_band_push_(&self->band, high, low, false);
        double raw = 0.1 * (100 * duet_band_place_(&self->band, close) - 50);
        double smooth = duet_mean_push_(&self->second, NULL, duet_mean_push_(&self->first, NULL, raw));
        double power = duet_exp(smooth); // s is within +-5
        self->value = (power - 1) / (power + 1);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_premier)

/* ------------------------------------------------------------------ msw, hilbert */

/**
 * MESA sine wave (Ehlers): the phase of the cycle of `length` in the last `length` values, as its sine, and as lead the
 * sine 45 degrees on. 0 phase's sine where there is no cycle. First with update length + 1.
 */
struct duet_msw {
    double value, lead;
    struct duet_ring_ ring;
    double slots[DUET_PART_MAX], cosines[DUET_PART_MAX], sines[DUET_PART_MAX];
    int64_t count;
};

/** `length` is clamped to 1..DUET_PART_MAX. */
static inline void duet_msw_init(struct duet_msw *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_ring_init_(&self->ring, duet_clamp_(length, 1, DUET_PART_MAX));
    for (int64_t i = 0; i < self->ring.length; i++) {
        self->cosines[i] = duet_cos(2 * DUET_PI * (double)i / (double)self->ring.length);
        self->sines[i] = duet_sin(2 * DUET_PI * (double)i / (double)self->ring.length);
    }
    self->value = self->lead = (double)NAN;
}

static inline double duet_msw_update(struct duet_msw *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_ring_push_(&self->ring, self->slots, value);
    if (self->count < self->ring.length) {
        self->count++;
        return self->value;
    }
    double real = 0, imaginary = 0;
    for (int64_t i = 0; i < self->ring.length; i++) {
        double past = duet_ring_at_(&self->ring, self->slots, i);
        real += self->cosines[i] * past;
        imaginary += self->sines[i] * past;
    }
    double phase = duet_magnitude_(real) > 0.001 ? duet_atan(imaginary / real) : imaginary < 0 ? -DUET_PI : DUET_PI;
    phase += (real < 0 ? DUET_PI : 0) + DUET_PI / 2;
    self->value = duet_sin(phase);
    self->lead = duet_sin(phase + DUET_PI / 4);
    return self->value;
}

DUET_INDICATOR_READS_(duet_msw)

/**
 * Hilbert transform (Ehlers): the change over `length` values, split into a part in phase (value) and its quadrature by
 * a filter with feedback. First with update length + 3.
 */
struct duet_hilbert {
    double value, quadrature;
    double phases[3], quadratures[2], steps[4]; // newest first
    double phase_factor, quadrature_factor;
    struct duet_ring_ ring;
    double slots[DUET_PART_MAX];
    int64_t count;
};

/** Usual: 7, 0.635, 0.338. Factors are clamped to 0..1: beyond, the feedback would not fade. */
static inline void duet_hilbert_init(
    struct duet_hilbert *self, int64_t length, double phase_factor, double quadrature_factor) {
    memset(self, 0, sizeof(*self));
    duet_ring_init_(&self->ring, duet_clamp_(length, 1, DUET_PART_MAX));
    self->phase_factor = duet_clamp_real_(phase_factor, 0, 1);
    self->quadrature_factor = duet_clamp_real_(quadrature_factor, 0, 1);
    self->value = self->quadrature = (double)NAN;
}

static inline double duet_hilbert_update(struct duet_hilbert *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double before = duet_ring_push_(&self->ring, self->slots, value);
    if (isnan(before)) {
        return self->value;
    }
    memmove(self->steps + 1, self->steps, 3 * sizeof(double));
    self->steps[0] = value - before;
    self->count += self->count < 3;
    const double *step = self->steps;
    double quadrature = step[1] - step[0] * self->quadrature_factor + self->quadratures[1] * self->quadrature_factor;
    self->quadratures[1] = self->quadratures[0];
    self->quadratures[0] = quadrature;
    if (self->count == 3) {
        double phase = 1.25 * (step[3] - step[1] * self->phase_factor) + self->phases[2] * self->phase_factor;
        memmove(self->phases + 1, self->phases, 2 * sizeof(double));
        self->phases[0] = phase;
        self->value = phase;
        self->quadrature = quadrature;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_hilbert)

/* ------------------------------------------------------------------ htl, mama */

/** The dominant cycle by Ehlers' homodyne discriminator; begins with the seventh value. Newest first. */
struct duet_cycle_ {
    double prices[4], smooth[7], detrended[7], quadratures[7], phases[7];
    double i2, q2, re, im, period;
    int64_t count;
};

static inline double duet_cycle_turn_(const double *x, double adjust) {
    return (0.0962 * x[0] + 0.5769 * x[2] - 0.5769 * x[4] - 0.0962 * x[6]) * adjust;
}

static inline void duet_cycle_shift_(double *x, int64_t count, double newest) {
    memmove(x + 1, x, (size_t)(count - 1) * sizeof(double));
    x[0] = newest;
}

static inline double duet_cycle_limit_(double period, double before) {
    period = period > 1.5 * before ? 1.5 * before : period;
    period = period < 0.67 * before ? 0.67 * before : period;
    period = period < 6 ? 6 : period > 50 ? 50 : period;
    return 0.2 * period + 0.8 * before;
}

/** True from the seventh value on. */
static inline bool duet_cycle_push_(struct duet_cycle_ *self, double price) {
    duet_cycle_shift_(self->prices, 4, price);
    if (self->count < 6) {
        self->count++;
        return false;
    }
    double adjust = 0.075 * self->period + 0.54;
    const double *p = self->prices;
    duet_cycle_shift_(self->smooth, 7, (4 * p[0] + 3 * p[1] + 2 * p[2] + p[3]) / 10);
    duet_cycle_shift_(self->detrended, 7, duet_cycle_turn_(self->smooth, adjust));
    duet_cycle_shift_(self->quadratures, 7, duet_cycle_turn_(self->detrended, adjust));
    duet_cycle_shift_(self->phases, 7, self->detrended[3]);
    double i2 = self->phases[0] - duet_cycle_turn_(self->quadratures, adjust);
    double q2 = self->quadratures[0] + duet_cycle_turn_(self->phases, adjust);
    i2 = 0.2 * i2 + 0.8 * self->i2;
    q2 = 0.2 * q2 + 0.8 * self->q2;
    self->re = 0.2 * (i2 * self->i2 + q2 * self->q2) + 0.8 * self->re;
    self->im = 0.2 * (i2 * self->q2 - q2 * self->i2) + 0.8 * self->im;
    self->i2 = i2;
    self->q2 = q2;
    bool turns = self->im != 0 && self->re != 0;
    self->period = duet_cycle_limit_(turns ? 2 * DUET_PI / duet_atan(self->im / self->re) : 0, self->period);
    return true;
}

/**
 * Hilbert transform's instantaneous trend line (Ehlers): the mean of values over the dominant cycle (cycle, in values,
 * 0 at first), weighted 4 3 2 1 over four updates; the value itself before update 12. smooth: values weighted alike.
 * Input is one value, usually (high + low) / 2.
 *
 * The value is there with update 1, smooth and cycle with update 7; that is ready.
 */
struct duet_htl {
    double value, cycle, smooth, smooth_period;
    struct duet_cycle_ discriminator;
    double trends[4], history[64]; // newest first
    int64_t count;
};

static inline void duet_htl_init(struct duet_htl *self) {
    memset(self, 0, sizeof(*self));
    self->value = self->cycle = self->smooth = (double)NAN;
}

static inline double duet_htl_update(struct duet_htl *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    duet_cycle_shift_(self->history, 64, value);
    self->count += self->count < 64;
    self->value = value;
    if (duet_cycle_push_(&self->discriminator, value)) {
        self->smooth_period = 0.33 * self->discriminator.period + 0.67 * self->smooth_period;
        int64_t cycle = (int64_t)(self->smooth_period + 0.5);
        cycle = cycle > self->count ? self->count : cycle;
        double sum = 0;
        for (int64_t i = 0; i < cycle; i++) {
            sum += self->history[i];
        }
        duet_cycle_shift_(self->trends, 4, cycle > 0 ? sum / (double)cycle : value);
        const double *t = self->trends;
        self->cycle = (double)cycle;
        self->smooth = self->discriminator.smooth[0];
        self->value = self->count >= 12 ? (4 * t[0] + 3 * t[1] + 2 * t[2] + t[3]) / 10 : value;
    }
    return self->value;
}

static inline double duet_htl_value(const struct duet_htl *self) {
    return self->value;
}

static inline bool duet_htl_ready(const struct duet_htl *self) {
    return !isnan(self->smooth);
}

/**
 * MESA adaptive moving average (Ehlers): value += alpha * (input - value), alpha = fast / the change of phase in
 * degrees, within slow..fast; fama, the following one, moves half as fast after it. Begins with update 6 as the mean
 * of the first six. Input is one value, usually (high + low) / 2.
 */
struct duet_mama {
    double value, fama, fast, slow, phase;
    struct duet_cycle_ discriminator;
    struct duet_sum sum;
    int64_t count;
};

/** Usual: 0.5, 0.05. */
static inline void duet_mama_init(struct duet_mama *self, double fast, double slow) {
    memset(self, 0, sizeof(*self));
    self->fast = duet_clamp_real_(fast, 0, 1);
    self->slow = duet_clamp_real_(slow, 0, 1);
    self->value = self->fama = (double)NAN;
}

static inline double duet_mama_update(struct duet_mama *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    if (duet_cycle_push_(&self->discriminator, value)) {
        double across = self->discriminator.quadratures[0], along = self->discriminator.phases[0];
        double phase = along != 0 ? duet_atan(across / along) * 180 / DUET_PI : 0;
        double step = duet_larger_(self->phase - phase, 1);
        double alpha = duet_larger_(self->fast / step, self->slow);
        self->phase = phase;
        self->value += alpha * (value - self->value);
        self->fama += 0.5 * alpha * (self->value - self->fama);
    } else {
        duet_sum_add(&self->sum, value);
        if (++self->count == 6) {
            self->value = self->fama = duet_sum_value(&self->sum) / 6;
        }
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_mama)

#endif
