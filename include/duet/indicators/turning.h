/* Turning points: the zigzag and pivots, and Renko bricks. What holds for all stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_TURNING_H
#define DUET_INDICATORS_TURNING_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <duet/indicators/rolling.h>

/* ------------------------------------------------------------------ zigzag */

/**
 * Zigzag: legs from low to high and back, each at least `share` of the price and begun at least `bars` after the last
 * turn. Nothing is drawn again: `value` is the end of the leg so far, which moves on with each further extreme; `pivot`
 * is the last turn, which is final, and became known when the price had gone back by `share`. Before the first turn
 * `value` is the newer of the extremes so far. First with update 1.
 */
struct duet_zigzag {
    double value;
    double trend; // 1: the leg rises, -1: it falls, 0: not known yet
    double pivot; // where the leg began; NAN before the first turn
    double turned; // 1: with this update a low became known as pivot, -1: a high, 0: nothing
    int64_t age, pivot_age; // updates since value and pivot
    double share, high, low; // high and low: of the first leg, of which the direction is not known yet
    int64_t bars, high_age, low_age;
    bool from_low;
};

/** `share` is clamped to 0..1, usual 0.05; `bars` to 0..DUET_LENGTH_MAX, usual 0. With `from_low` the first bar is
 * taken for a low (LEAN); else the first leg begins at the extreme that it leaves by `share`. */
static inline void duet_zigzag_init(struct duet_zigzag *self, double share, int64_t bars, bool from_low) {
    memset(self, 0, sizeof(*self));
    self->share = duet_clamp_real_(share, 0, 1);
    self->bars = duet_clamp_(bars, 0, DUET_LENGTH_MAX);
    self->from_low = from_low;
    self->value = self->pivot = self->high = self->low = (double)NAN;
}

static inline void duet_zigzag_turn_(
    struct duet_zigzag *self, double trend, double pivot, int64_t pivot_age, double value) {
    self->turned = self->trend = trend;
    self->pivot = pivot;
    self->pivot_age = pivot_age;
    self->value = value;
    self->age = 0;
}

static inline void duet_zigzag_start_(struct duet_zigzag *self, double high, double low) {
    bool first = isnan(self->low);
    self->high_age++;
    self->low_age++;
    if (first || low <= self->low) {
        self->low = low;
        self->low_age = 0;
    }
    if (!self->from_low && (first || high >= self->high)) {
        self->high = high;
        self->high_age = 0;
    }
    bool rising = !self->from_low && self->high_age < self->low_age;
    self->value = rising ? self->high : self->low;
    self->age = rising ? self->high_age : self->low_age;
    if (self->low_age > 0 && high >= self->low * (1 + self->share) && self->low_age >= self->bars) {
        duet_zigzag_turn_(self, 1, self->low, self->low_age, high);
    } else if (self->high_age > 0 && !self->from_low && low <= self->high * (1 - self->share) &&
               self->high_age >= self->bars) {
        duet_zigzag_turn_(self, -1, self->high, self->high_age, low);
    }
}

/** Of one series: the same for both. */
static inline double duet_zigzag_update(struct duet_zigzag *self, double high, double low) {
    if (!isfinite(high) || !isfinite(low)) {
        return self->value;
    }
    if (self->trend == 0) {
        duet_zigzag_start_(self, high, low);
        return self->value;
    }
    self->turned = 0;
    self->age++;
    self->pivot_age++;
    double ahead = self->trend > 0 ? high : low, back = self->trend > 0 ? low : high;
    bool further = self->trend > 0 ? ahead >= self->value : ahead <= self->value;
    double limit = self->value * (self->trend > 0 ? 1 - self->share : 1 + self->share);
    if (further) {
        self->value = ahead;
        self->age = 0;
    } else if ((self->trend > 0 ? back <= limit : back >= limit) && self->age >= self->bars) {
        duet_zigzag_turn_(self, -self->trend, self->value, self->age, back);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_zigzag)

/* ------------------------------------------------------------------ pivots */

/**
 * Pivots: highs above those of the `left` bars before and of the `right` bars after them, lows likewise; known `right`
 * bars later, by the update that has them. A trend joins two of a kind that are at most `most` bars apart.
 */
struct duet_pivots {
    double value; // 1: a high became known, -1: a low, 2: both, 0: none
    double high, low; // just known, `right` bars ago; NAN where none
    double high_trend, low_trend; // 1: above the one before, 0: not above, NAN: none before within `most` bars
    double high_step, low_step; // from the one before to the one just known, per bar; NAN as above
    double last_high, last_low;
    int64_t left, right, most, high_age, low_age;
    struct duet_rolling highs, lows;
};

/** `left` and `right` are clamped to 1..DUET_WINDOW_MAX / 2 - 1, usual 2; `most` to 1..DUET_LENGTH_MAX, usual 20. */
static inline void duet_pivots_init(struct duet_pivots *self, int64_t left, int64_t right, int64_t most) {
    memset(self, 0, sizeof(*self));
    self->left = duet_clamp_(left, 1, DUET_WINDOW_MAX / 2 - 1);
    self->right = duet_clamp_(right, 1, DUET_WINDOW_MAX / 2 - 1);
    self->most = duet_clamp_(most, 1, DUET_LENGTH_MAX);
    self->value = self->high = self->low = self->last_high = self->last_low = (double)NAN;
    self->high_trend = self->low_trend = self->high_step = self->low_step = (double)NAN;
    duet_rolling_init(&self->highs, self->left + self->right + 1);
    duet_rolling_init(&self->lows, self->left + self->right + 1);
}

/** Whether the value `right` updates ago is above (sign 1) or below (-1) all others of the window. */
static inline bool duet_pivots_found_(const struct duet_rolling *window, int64_t right, double sign) {
    double centre = sign * duet_rolling_at(window, right);
    for (int64_t age = 0; age < window->length; age++) {
        if (age != right && sign * duet_rolling_at(window, age) >= centre) {
            return false;
        }
    }
    return true;
}

/** Join the pivot just known to the one `age` bars before it. */
static inline void duet_pivots_join_(
    double now, double *last, int64_t *age, int64_t most, double *trend, double *step) {
    *trend = *step = (double)NAN;
    if (!isnan(*last) && *age <= most) {
        *trend = now > *last ? 1 : 0;
        *step = (now - *last) / (double)*age;
    }
    *last = now;
    *age = 0;
}

static inline double duet_pivots_update(struct duet_pivots *self, double high, double low) {
    if (!isfinite(high) || !isfinite(low)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->highs, high);
    (void)duet_rolling_push(&self->lows, low);
    self->high_age++;
    self->low_age++;
    self->high = self->low = (double)NAN;
    if (!duet_rolling_full(&self->highs)) {
        return self->value;
    }
    bool is_high = duet_pivots_found_(&self->highs, self->right, 1);
    bool is_low = duet_pivots_found_(&self->lows, self->right, -1);
    if (is_high) {
        self->high = duet_rolling_at(&self->highs, self->right);
        duet_pivots_join_(
            self->high, &self->last_high, &self->high_age, self->most, &self->high_trend, &self->high_step);
    }
    if (is_low) {
        self->low = duet_rolling_at(&self->lows, self->right);
        duet_pivots_join_(self->low, &self->last_low, &self->low_age, self->most, &self->low_trend, &self->low_step);
    }
    return self->value = is_high && is_low ? 2 : is_high ? 1 : is_low ? -1 : 0;
}

DUET_INDICATOR_READS_(duet_pivots)

/* ------------------------------------------------------------------ renko */

/**
 * Renko bricks of a fixed size, from closes: a brick stands when the close is a whole size beyond the last brick, on
 * either side of it. The first begins at the first close, rounded to a whole multiple of the size. Between bricks only
 * `value` (0) changes. First with update 1.
 */
struct duet_renko {
    double value; // bricks that stand since this update, negative where they fall
    double open, close; // where the first of them began and the last one ended
    double high, low; // of the bars since the bricks before
    double volume; // of those bars, shared out evenly among the bricks
    double size, highest, lowest;
    struct duet_sum volumes;
};

/** `size` is clamped to 1e-9..1e9. */
static inline void duet_renko_init(struct duet_renko *self, double size) {
    memset(self, 0, sizeof(*self));
    self->size = duet_clamp_real_(size, 1e-9, 1e9);
    self->value = self->open = self->close = self->high = self->low = self->volume = (double)NAN;
    self->highest = self->lowest = (double)NAN;
}

/** Whole bricks that fit into `distance`, at most 2^53. */
static inline double duet_renko_bricks_(double distance, double size) {
    double bricks = distance / size;
    return bricks < 9007199254740992.0 ? (double)(int64_t)bricks : 9007199254740992.0;
}

static inline double duet_renko_update(struct duet_renko *self, double high, double low, double close, double volume) {
    if (!isfinite(high) || !isfinite(low) || !isfinite(close) || !isfinite(volume)) {
        return self->value;
    }
    if (isnan(self->value)) {
        double half = close < 0 ? -self->size / 2 : self->size / 2;
        double bricks = duet_renko_bricks_(close < 0 ? half - close : close + half, self->size);
        self->open = self->close = (close < 0 ? -bricks : bricks) * self->size;
        return self->value = 0; // nothing of this bar goes into a brick
    }
    self->highest = isnan(self->highest) || high > self->highest ? high : self->highest;
    self->lowest = isnan(self->lowest) || low < self->lowest ? low : self->lowest;
    duet_sum_add(&self->volumes, volume);
    // The last brick reaches from `close` one size back, the way it came.
    double back = self->open < self->close ? -self->size : self->open > self->close ? self->size : 0;
    double top = back > 0 ? self->close + back : self->close, bottom = back < 0 ? self->close + back : self->close;
    double bricks = close > top      ? duet_renko_bricks_(close - top, self->size)
                    : close < bottom ? -duet_renko_bricks_(bottom - close, self->size)
                                     : 0;
    self->value = bricks;
    if (bricks != 0) {
        self->open = bricks > 0 ? top : bottom;
        self->close = self->open + bricks * self->size;
        self->high = self->highest;
        self->low = self->lowest;
        self->volume = duet_sum_value(&self->volumes) / (bricks < 0 ? -bricks : bricks);
        self->highest = self->lowest = (double)NAN;
        self->volumes = duet_sum_none_();
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_renko)

#endif
