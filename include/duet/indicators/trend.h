/* Pictures of a trend. What holds for all of them stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_TREND_H
#define DUET_INDICATORS_TREND_H

#include <duet/indicators/directional.h>
#include <duet/indicators/stochastic.h>
#include <duet/indicators/stops.h>

/* ------------------------------------------------------------------ ichimoku */

/**
 * Ichimoku kinko hyo (Hosoda): middles of highest high and lowest low over three lengths. value (tenkan) of the short
 * one, kijun of the medium one; span_a: (tenkan + kijun) / 2 of `shift` bars before, span_b: the middle of the long
 * one, of `shift` bars before: the cloud that stands at this bar. chikou: the close, which charts draw `shift` bars
 * back. lead_a and lead_b: the cloud known now, for `shift` bars ahead.
 *
 * tenkan is there with update `short`, all of it with max(short, medium, long) + shift; that is ready.
 */
struct duet_ichimoku {
    double value, kijun, span_a, span_b, chikou, lead_a, lead_b;
    struct duet_band_ bands[3];
    struct duet_ring_ a, b;
    double a_slots[DUET_PART_MAX], b_slots[DUET_PART_MAX];
};

/** All are clamped to 1..DUET_PART_MAX. Usual: 9, 26, 52, shift 26. */
static inline void duet_ichimoku_init(
    struct duet_ichimoku *self, int64_t tenkan, int64_t kijun, int64_t span, int64_t shift) {
    memset(self, 0, sizeof(*self));
    duet_band_init_(&self->bands[0], tenkan);
    duet_band_init_(&self->bands[1], kijun);
    duet_band_init_(&self->bands[2], span);
    duet_ring_init_(&self->a, duet_clamp_(shift, 1, DUET_PART_MAX));
    duet_ring_init_(&self->b, duet_clamp_(shift, 1, DUET_PART_MAX));
    self->value = self->kijun = self->span_a = self->span_b = (double)NAN;
    self->chikou = self->lead_a = self->lead_b = (double)NAN;
}

static inline double duet_ichimoku_update(struct duet_ichimoku *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    double middles[3];
    for (int i = 0; i < 3; i++) {
        duet_band_push_(&self->bands[i], high, low, false);
        middles[i] = (self->bands[i].top + self->bands[i].bottom) / 2;
    }
    self->value = middles[0];
    self->kijun = middles[1];
    self->lead_a = (middles[0] + middles[1]) / 2;
    self->lead_b = middles[2];
    self->span_a = duet_ring_push_(&self->a, self->a_slots, self->lead_a);
    self->span_b = duet_ring_push_(&self->b, self->b_slots, self->lead_b);
    self->chikou = close;
    return self->value;
}

static inline double duet_ichimoku_value(const struct duet_ichimoku *self) {
    return self->value;
}

static inline bool duet_ichimoku_ready(const struct duet_ichimoku *self) {
    return !isnan(self->span_a) && !isnan(self->span_b);
}

/* ------------------------------------------------------------------ alligator, gator */

/**
 * Alligator (Williams): Wilder's means of the middles (high + low) / 2 over 13, 8 and 5 bars, as they stood 8, 5 and 3
 * bars before: jaw (value), teeth and lips. Gator: upper = |jaw - teeth|, lower = -|teeth - lips|.
 *
 * All is there with update jaw + its shift, 21; that is ready.
 */
struct duet_alligator {
    double value, teeth, lips, upper, lower;
    struct duet_mean_ means[3];
    struct duet_ring_ rings[3];
    double slots[3][DUET_PART_MAX];
};

/** Lengths and shifts are those of the jaw, the teeth and the lips; shifts are clamped to 1..DUET_PART_MAX. */
static inline void duet_alligator_init(struct duet_alligator *self, const int64_t lengths[3], const int64_t shifts[3]) {
    memset(self, 0, sizeof(*self));
    for (int i = 0; i < 3; i++) {
        duet_mean_init_(&self->means[i], DUET_MEAN_WILDER, duet_clamp_(lengths[i], 1, DUET_LENGTH_MAX));
        duet_ring_init_(&self->rings[i], duet_clamp_(shifts[i], 1, DUET_PART_MAX));
    }
    self->value = self->teeth = self->lips = self->upper = self->lower = (double)NAN;
}

static inline double duet_alligator_update(struct duet_alligator *self, double high, double low) {
    if (duet_finite_(high, low, 0, 0)) {
        double lines[3];
        for (int i = 0; i < 3; i++) {
            double mean = duet_mean_push_(&self->means[i], NULL, (high + low) / 2);
            lines[i] = duet_ring_push_(&self->rings[i], self->slots[i], mean);
        }
        self->value = lines[0];
        self->teeth = lines[1];
        self->lips = lines[2];
        self->upper = duet_magnitude_(lines[0] - lines[1]);
        self->lower = -duet_magnitude_(lines[1] - lines[2]);
    }
    return self->value;
}

static inline double duet_alligator_value(const struct duet_alligator *self) {
    return self->value;
}

static inline bool duet_alligator_ready(const struct duet_alligator *self) {
    return !isnan(self->upper) && !isnan(self->lower);
}

/* ------------------------------------------------------------------ td_sequential, momersion */

enum duet_td_phase {
    DUET_TD_NONE = 0,
    DUET_TD_BUY_SETUP = 1, // nine closes in a row below that of four bars before
    DUET_TD_SELL_SETUP = 2, // nine above
    DUET_TD_BUY_COUNTDOWN = 3, // after it thirteen closes at or below the low of two bars before
    DUET_TD_SELL_COUNTDOWN = 4, // thirteen at or above the high
    DUET_TD_BUY_PERFECT = 5, // the ninth bar of a setup whose eighth or ninth low is below its sixth and seventh
    DUET_TD_SELL_PERFECT = 6, // highs alike
};

/**
 * Sequential (DeMark): phase and step at this bar; value is phase + step / 100, 0 where the bar counts for nothing.
 *
 * A setup that is interrupted is over, and the bar that interrupts it begins nothing. A countdown begins after a full
 * setup and ends with thirteen, or with a close beyond the setup's extreme. First with update 6: a setup begins where
 * closes cross over to the other side, which cannot be seen sooner.
 */
struct duet_td_sequential {
    double value;
    int64_t phase, step; // of the state; value has what the bar counted for
    double bound, highest, lowest; // highest and lowest of the setup
    double highs[4], lows[4], closes[5]; // newest first
    int64_t count;
};

static inline void duet_td_sequential_init(struct duet_td_sequential *self) {
    memset(self, 0, sizeof(*self));
    self->value = (double)NAN;
}

/** The ninth bar: on to the countdown. */
static inline double duet_td_full_(struct duet_td_sequential *self, bool buy) {
    const double *x = buy ? self->lows : self->highs;
    double sign = buy ? 1 : -1, six = sign * x[3], seven = sign * x[2], eight = sign * x[1], nine = sign * x[0];
    bool perfect = (eight < six && eight < seven) || (nine < six && nine < seven);
    self->phase = buy ? DUET_TD_BUY_COUNTDOWN : DUET_TD_SELL_COUNTDOWN;
    self->bound = buy ? self->highest : self->lowest;
    self->step = 0;
    int shown =
        perfect ? (buy ? DUET_TD_BUY_PERFECT : DUET_TD_SELL_PERFECT) : (buy ? DUET_TD_BUY_SETUP : DUET_TD_SELL_SETUP);
    return shown + 0.09;
}

static inline double duet_td_setup_(struct duet_td_sequential *self, double high, double low) {
    double change = self->closes[0] - self->closes[4];
    if (self->phase == DUET_TD_NONE) {
        self->phase = change < 0 ? DUET_TD_BUY_SETUP : change > 0 ? DUET_TD_SELL_SETUP : DUET_TD_NONE;
        self->step = self->phase != DUET_TD_NONE;
        self->highest = high;
        self->lowest = low;
        return (double)self->phase + (double)self->step / 100;
    }
    bool buy = self->phase == DUET_TD_BUY_SETUP;
    if (buy ? !(change < 0) : !(change > 0)) {
        self->phase = DUET_TD_NONE;
        self->step = 0;
        return 0;
    }
    self->highest = duet_larger_(self->highest, high);
    self->lowest = duet_smaller_(self->lowest, low);
    self->step++;
    return self->step == 9 ? duet_td_full_(self, buy) : (double)self->phase + (double)self->step / 100;
}

static inline double duet_td_countdown_(struct duet_td_sequential *self) {
    double close = self->closes[0], value = 0;
    bool buy = self->phase == DUET_TD_BUY_COUNTDOWN;
    if (buy ? close <= self->lows[2] : close >= self->highs[2]) {
        self->step++;
        value = (double)self->phase + (double)self->step / 100;
    } else if (buy ? close > self->bound : close < self->bound) {
        self->phase = DUET_TD_NONE;
    }
    if (self->step == 13 || self->phase == DUET_TD_NONE) {
        self->phase = DUET_TD_NONE;
        self->step = 0;
    }
    return value;
}

static inline double duet_td_sequential_update(struct duet_td_sequential *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    memmove(self->highs + 1, self->highs, 3 * sizeof(double));
    memmove(self->lows + 1, self->lows, 3 * sizeof(double));
    memmove(self->closes + 1, self->closes, 4 * sizeof(double));
    self->highs[0] = high;
    self->lows[0] = low;
    self->closes[0] = close;
    self->count += self->count < 6;
    if (self->count == 6) {
        bool countdown = self->phase == DUET_TD_BUY_COUNTDOWN || self->phase == DUET_TD_SELL_COUNTDOWN;
        self->value = countdown ? duet_td_countdown_(self) : duet_td_setup_(self, high, low);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_td_sequential)

/**
 * Momersion (Harris): of the last `length` products of two changes in a row, the share in percent that is positive,
 * among those that are not 0; 50 where all are. First with update length + 2.
 */
struct duet_momersion {
    double value, before, change;
    struct duet_total_ up, down;
    double up_slots[DUET_PART_MAX], down_slots[DUET_PART_MAX];
};

static inline void duet_momersion_init(struct duet_momersion *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_total_init_(&self->up, duet_clamp_(length, 1, DUET_PART_MAX));
    duet_total_init_(&self->down, self->up.ring.length);
    self->value = self->before = self->change = (double)NAN;
}

static inline double duet_momersion_update(struct duet_momersion *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double change = value - self->before;
    if (!isnan(self->change)) {
        bool same = (change > 0 && self->change > 0) || (change < 0 && self->change < 0);
        bool other = (change > 0 && self->change < 0) || (change < 0 && self->change > 0);
        double up = duet_total_push_(&self->up, self->up_slots, same);
        double down = duet_total_push_(&self->down, self->down_slots, other);
        self->value = duet_total_ready_(&self->up) ? 100 * duet_ratio_(up, up + down, 0.5) : (double)NAN;
    }
    self->before = value;
    self->change = change;
    return self->value;
}

DUET_INDICATOR_READS_(duet_momersion)

#endif
