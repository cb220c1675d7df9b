/*
 * Where the close stands between the lowest low and the highest high. What holds for all of them stands in
 * <duet/indicators/rolling.h>.
 */
#ifndef DUET_INDICATORS_STOCHASTIC_H
#define DUET_INDICATORS_STOCHASTIC_H

#include <duet/indicators/parts.h>

/** Highest high and lowest low of the last `length` bars. */
struct duet_band_ {
    struct duet_peak_ high, low;
    struct duet_peak_slot_ high_slots[DUET_PART_MAX], low_slots[DUET_PART_MAX];
    double top, bottom;
};

/** `length` is clamped to 1..DUET_PART_MAX. */
static inline void duet_band_init_(struct duet_band_ *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_peak_init_(&self->high, duet_clamp_(length, 1, DUET_PART_MAX));
    duet_peak_init_(&self->low, duet_clamp_(length, 1, DUET_PART_MAX));
    self->top = self->bottom = (double)NAN;
}

/** top and bottom are NAN until `length` bars are in, unless `early`. */
static inline void duet_band_push_(struct duet_band_ *self, double high, double low, bool early) {
    double top = duet_peak_push_(&self->high, self->high_slots, high, false);
    double bottom = duet_trough_push_(&self->low, self->low_slots, low, false);
    if (early || duet_peak_ready_(&self->high)) {
        self->top = top;
        self->bottom = bottom;
    }
}

/** Where `close` stands in it, 0 to 1; 0.5 where it has no height. */
static inline double duet_band_place_(const struct duet_band_ *self, double close) {
    return duet_ratio_(close - self->bottom, self->top - self->bottom, 0.5);
}

/* ------------------------------------------------------------------ stochastic, willr */

/**
 * Stochastic oscillator (Lane). fast: 100 * (close - lowest low) / (highest high - lowest low) over `length` bars, 50
 * where these are equal. value (%K): mean of the last `slowing` of them; d (%D): mean of the last `signal` of these;
 * j: 3 %K - 2 %D. Fast stochastic: slowing 1.
 *
 * %K is there with update length + slowing - 1, %D signal - 1 later; that is ready. `kind` of both means: usually
 * DUET_MEAN_SMA.
 */
struct duet_stochastic {
    double value, d, j, fast;
    struct duet_band_ band;
    struct duet_mean_ slowing, signal;
    double slowing_slots[DUET_PART_MAX], signal_slots[DUET_PART_MAX];
};

/** All lengths are clamped to 1..DUET_PART_MAX. */
static inline void duet_stochastic_init(
    struct duet_stochastic *self, int64_t length, int64_t slowing, int64_t signal, int64_t kind) {
    memset(self, 0, sizeof(*self));
    duet_band_init_(&self->band, length);
    duet_mean_init_(&self->slowing, kind, duet_clamp_(slowing, 1, DUET_PART_MAX));
    duet_mean_init_(&self->signal, kind, duet_clamp_(signal, 1, DUET_PART_MAX));
    self->value = self->d = self->j = self->fast = (double)NAN;
}

static inline double duet_stochastic_update(struct duet_stochastic *self, double high, double low, double close) {
    if (duet_finite_(high, low, close, 0)) {
        duet_band_push_(&self->band, high, low, false);
        self->fast = 100 * duet_band_place_(&self->band, close);
        self->value = duet_mean_push_(&self->slowing, self->slowing_slots, self->fast);
        self->d = duet_mean_push_(&self->signal, self->signal_slots, self->value);
        self->j = 3 * self->value - 2 * self->d;
    }
    return self->value;
}

static inline double duet_stochastic_value(const struct duet_stochastic *self) {
    return self->value;
}

static inline bool duet_stochastic_ready(const struct duet_stochastic *self) {
    return !isnan(self->d);
}

/** Williams %R: -100 * (highest high - close) / (highest high - lowest low), -50 where these are equal. First with
 * update `length`. */
struct duet_willr {
    double value;
    struct duet_band_ band;
};

static inline void duet_willr_init(struct duet_willr *self, int64_t length) {
    duet_band_init_(&self->band, length);
    self->value = (double)NAN;
}

static inline double duet_willr_update(struct duet_willr *self, double high, double low, double close) {
    if (duet_finite_(high, low, close, 0)) {
        duet_band_push_(&self->band, high, low, false);
        double height = self->band.top - self->band.bottom;
        self->value = -100 * duet_ratio_(self->band.top - close, height, 0.5);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_willr)

/* ------------------------------------------------------------------ smi, stc */

/**
 * Stochastic momentum index (Blau): 100 * the close's distance from the middle of the band of `length` bars, smoothed
 * twice, over half the band's height smoothed alike; 0 where that is 0. Exponential means, seeded with the first
 * value. signal: its exponential mean.
 *
 * First with update `length`.
 */
struct duet_smi {
    double value, signal;
    struct duet_band_ band;
    struct duet_mean_ places[2], heights[2], mean;
};

static inline void duet_smi_init(struct duet_smi *self, int64_t length, int64_t first, int64_t second, int64_t signal) {
    memset(self, 0, sizeof(*self));
    duet_band_init_(&self->band, length);
    for (int i = 0; i < 2; i++) {
        int64_t smoothing = duet_clamp_(i == 0 ? first : second, 1, DUET_LENGTH_MAX);
        duet_mean_init_(&self->places[i], DUET_MEAN_EMA_FIRST, smoothing);
        duet_mean_init_(&self->heights[i], DUET_MEAN_EMA_FIRST, smoothing);
    }
    duet_mean_init_(&self->mean, DUET_MEAN_EMA_FIRST, duet_clamp_(signal, 1, DUET_LENGTH_MAX));
    self->value = self->signal = (double)NAN;
}

static inline double duet_smi_update(struct duet_smi *self, double high, double low, double close) {
    if (duet_finite_(high, low, close, 0)) {
        duet_band_push_(&self->band, high, low, false);
        double place = close - 0.5 * (self->band.top + self->band.bottom);
        double height = self->band.top - self->band.bottom;
        for (int i = 0; i < 2; i++) {
            place = duet_mean_push_(&self->places[i], NULL, place);
            height = duet_mean_push_(&self->heights[i], NULL, height);
        }
        self->value = 100 * duet_ratio_(place, 0.5 * height, 0);
        self->signal = duet_mean_push_(&self->mean, NULL, self->value);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_smi)

enum duet_stc_style {
    DUET_STC_SCHAFF = 0, // a stochastic of the macd, smoothed, and a stochastic of that, smoothed
    DUET_STC_ONCE = 1, // one stochastic, smoothed simply, as Stock.Indicators has it
    DUET_STC_EARLY = 2, // as Schaff, but begun at once with means that count as 0 until they are there, as LEAN does
};

/**
 * Schaff trend cycle: a stochastic over `cycle` of the MACD (fast EMA - slow EMA), smoothed over three values,
 * exponentially and seeded with the first; then the same of that. A stochastic without height is 0.
 *
 * First with update max(fast, slow) + 2 * cycle - 2; DUET_STC_ONCE: max(fast, slow) + cycle + 1; DUET_STC_EARLY:
 * max(fast, slow) + cycle - 1.
 */
struct duet_stc {
    double value;
    struct duet_mean_ fast, slow, smooth[2];
    struct duet_band_ bands[2];
    double slots[3];
    int64_t style, count, from;
};

/** fast and slow are clamped to 1..DUET_LENGTH_MAX, cycle to 1..DUET_PART_MAX. */
static inline void duet_stc_init(
    struct duet_stc *self, int64_t cycle, int64_t fast, int64_t slow, enum duet_stc_style style) {
    memset(self, 0, sizeof(*self));
    duet_mean_init_(&self->fast, DUET_MEAN_EMA, duet_clamp_(fast, 1, DUET_LENGTH_MAX));
    duet_mean_init_(&self->slow, DUET_MEAN_EMA, duet_clamp_(slow, 1, DUET_LENGTH_MAX));
    for (int i = 0; i < 2; i++) {
        duet_mean_init_(&self->smooth[i], style == DUET_STC_ONCE ? DUET_MEAN_SMA : DUET_MEAN_EMA_FIRST, 3);
        duet_band_init_(&self->bands[i], cycle);
    }
    self->style = style;
    self->value = (double)NAN;
    int64_t longest = self->fast.length > self->slow.length ? self->fast.length : self->slow.length;
    self->from = style == DUET_STC_EARLY ? longest + self->bands[0].high.length - 1 : 0;
}

static inline double duet_stc_update(struct duet_stc *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    bool early = self->style == DUET_STC_EARLY;
    double fast = duet_mean_push_(&self->fast, NULL, value), slow = duet_mean_push_(&self->slow, NULL, value);
    double line = (early && isnan(fast) ? 0 : fast) - (early && isnan(slow) ? 0 : slow);
    for (int i = 0; i < (self->style == DUET_STC_ONCE ? 1 : 2) && !isnan(line); i++) {
        struct duet_band_ *band = &self->bands[i];
        duet_band_push_(band, line, line, early);
        line = 100 * duet_ratio_(line - band->bottom, band->top - band->bottom, 0);
        line = duet_mean_push_(&self->smooth[i], self->slots, line);
    }
    self->count += self->count < self->from;
    if (self->count == self->from) {
        self->value = line;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_stc)

/* ------------------------------------------------------------------ ultimate */

/**
 * Ultimate oscillator (Williams): buying pressure (close less the true low) over true range, summed over three
 * lengths, weighted 4, 2 and 1; 0 to 100. A sum of ranges that is 0 counts as one half.
 *
 * First with update max(lengths) + 1: the first bar has no close before it.
 */
struct duet_ultosc {
    double value, before;
    struct duet_total_ pressure[3], range[3];
    double pressure_slots[3][DUET_PART_MAX], range_slots[3][DUET_PART_MAX];
};

static inline void duet_ultosc_init(struct duet_ultosc *self, int64_t first, int64_t second, int64_t third) {
    memset(self, 0, sizeof(*self));
    int64_t lengths[3] = {first, second, third};
    for (int i = 0; i < 3; i++) {
        duet_total_init_(&self->pressure[i], duet_clamp_(lengths[i], 1, DUET_PART_MAX));
        duet_total_init_(&self->range[i], duet_clamp_(lengths[i], 1, DUET_PART_MAX));
    }
    self->value = self->before = (double)NAN;
}

static inline double duet_ultosc_update(struct duet_ultosc *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    if (!isnan(self->before)) {
        double bottom = duet_smaller_(low, self->before), sum = 0;
        bool ready = true;
        for (int i = 0; i < 3; i++) {
            double pressure = duet_total_push_(&self->pressure[i], self->pressure_slots[i], close - bottom);
            double height = duet_larger_(high, self->before) - bottom;
            double range = duet_total_push_(&self->range[i], self->range_slots[i], height);
            sum += (double)(4 >> i) * duet_ratio_(pressure, range, 0.5);
            ready = ready && duet_total_ready_(&self->range[i]);
        }
        self->value = ready ? 100 * sum / 7 : (double)NAN;
    }
    self->before = close;
    return self->value;
}

DUET_INDICATOR_READS_(duet_ultosc)

#endif
