/*
 * Which way, and how strongly: directional movement, Aroon, Vortex and their kin. What holds for all of them stands in
 * <duet/indicators/rolling.h>.
 */
#ifndef DUET_INDICATORS_DIRECTIONAL_H
#define DUET_INDICATORS_DIRECTIONAL_H

#include <duet/indicators/parts.h>

/* ------------------------------------------------------------------ dm, di, dx, adx, adxr */

/**
 * Directional movement (Wilder): plus is the rise of the high where that is more than the fall of the low, minus the
 * reverse, each as Wilder's sum over `length`: the first that many added up, then sum - sum / length + new. range: the
 * true range, alike. value is plus.
 *
 * First with update length + 1. With `early` the sums begin with length - 1 movements, as Tulip and TA-Lib have them;
 * first with update `length`.
 */
struct duet_dm {
    double value, plus, minus, range;
    double high, low, close;
    double sums[3];
    int64_t length, seeds, count;
};

/** `length` is clamped to 2..DUET_LENGTH_MAX. */
static inline void duet_dm_init(struct duet_dm *self, int64_t length, bool early) {
    memset(self, 0, sizeof(*self));
    self->length = duet_clamp_(length, 2, DUET_LENGTH_MAX);
    self->seeds = early ? self->length - 1 : self->length;
    self->value = self->plus = self->minus = self->range = (double)NAN;
}

static inline double duet_dm_update(struct duet_dm *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    if (self->count > 0) {
        double up = high - self->high, down = self->low - low;
        double steps[3] = {
            up > down && up > 0 ? up : 0, down > up && down > 0 ? down : 0, duet_true_range_(high, low, self->close)};
        for (int i = 0; i < 3; i++) {
            double kept =
                self->count > self->seeds ? self->sums[i] - self->sums[i] / (double)self->length : self->sums[i];
            self->sums[i] = kept + steps[i];
        }
    }
    self->count += self->count <= self->seeds;
    if (self->count > self->seeds) {
        self->value = self->plus = self->sums[0];
        self->minus = self->sums[1];
        self->range = self->sums[2];
    }
    self->high = high;
    self->low = low;
    self->close = close;
    return self->value;
}

DUET_INDICATOR_READS_(duet_dm)

/** Directional indicators (Wilder): the movements of duet_dm in percent of the true range; 0 where nothing ranges.
 * value is plus. First as there. */
struct duet_di {
    double value, plus, minus;
    struct duet_dm movement;
};

static inline void duet_di_init(struct duet_di *self, int64_t length, bool early) {
    duet_dm_init(&self->movement, length, early);
    self->value = self->plus = self->minus = (double)NAN;
}

static inline double duet_di_update(struct duet_di *self, double high, double low, double close) {
    (void)duet_dm_update(&self->movement, high, low, close);
    self->plus = 100 * duet_ratio_(self->movement.plus, self->movement.range, 0);
    self->minus = 100 * duet_ratio_(self->movement.minus, self->movement.range, 0);
    return self->value = self->plus;
}

DUET_INDICATOR_READS_(duet_di)

/** Directional index (Wilder): 100 * |plus - minus| / (plus + minus) of duet_di, 0 where nothing moves. First as there.
 */
struct duet_dx {
    double value;
    struct duet_di di;
};

static inline void duet_dx_init(struct duet_dx *self, int64_t length, bool early) {
    duet_di_init(&self->di, length, early);
    self->value = (double)NAN;
}

static inline double duet_dx_update(struct duet_dx *self, double high, double low, double close) {
    (void)duet_di_update(&self->di, high, low, close);
    // Of the sums: the range cancels, and a range of 0 leaves no movement.
    double plus = self->di.movement.plus, minus = self->di.movement.minus;
    return self->value = 100 * duet_ratio_(duet_magnitude_(plus - minus), plus + minus, 0);
}

DUET_INDICATOR_READS_(duet_dx)

/**
 * Average directional index (Wilder): Wilder's mean of duet_dx over `length`, seeded with a simple one; plus and minus
 * beside it. With DI+ and DI- this is also called DMI.
 *
 * First with update 2 * length, with `early` (see duet_dm) one sooner.
 */
struct duet_adx {
    double value, plus, minus;
    struct duet_dx dx;
    struct duet_mean_ mean;
    int64_t count;
};

static inline void duet_adx_init(struct duet_adx *self, int64_t length, bool early) {
    memset(self, 0, sizeof(*self));
    duet_dx_init(&self->dx, length, early);
    duet_mean_init_(&self->mean, DUET_MEAN_WILDER, self->dx.di.movement.length);
    self->value = self->plus = self->minus = (double)NAN;
}

static inline double duet_adx_update(struct duet_adx *self, double high, double low, double close) {
    if (duet_finite_(high, low, close, 0)) {
        double dx = duet_dx_update(&self->dx, high, low, close);
        self->plus = self->dx.di.plus;
        self->minus = self->dx.di.minus;
        self->value = duet_mean_push_(&self->mean, NULL, dx);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_adx)

/**
 * Average directional index rating (Wilder): mean of the ADX and the ADX `lag` bars before. First `lag` updates after
 * duet_adx.
 */
struct duet_adxr {
    double value;
    struct duet_adx adx;
    struct duet_ring_ ring;
    double slots[DUET_PART_MAX];
};

/** `lag` is clamped to 1..DUET_PART_MAX; negative: length - 1. */
static inline void duet_adxr_init(struct duet_adxr *self, int64_t length, int64_t lag, bool early) {
    struct duet_adx adx;
    memset(self, 0, sizeof(*self));
    duet_adx_init(&adx, length, early);
    self->adx = adx;
    lag = lag < 0 ? self->adx.mean.length - 1 : lag;
    duet_ring_init_(&self->ring, duet_clamp_(lag, 1, DUET_PART_MAX));
    self->value = (double)NAN;
}

static inline double duet_adxr_update(struct duet_adxr *self, double high, double low, double close) {
    if (duet_finite_(high, low, close, 0)) {
        double adx = duet_adx_update(&self->adx, high, low, close);
        if (!isnan(adx)) {
            self->value = (adx + duet_ring_push_(&self->ring, self->slots, adx)) / 2;
        }
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_adxr)

/* ------------------------------------------------------------------ aroon, vortex, vhf */

/**
 * Aroon (Chande): up is 100 * (1 - bars since the highest high / length), over the last length + 1 bars; down the same
 * for the lowest low; of equal extremes the newest counts. value, the oscillator, is up - down.
 *
 * First with update length + 1.
 */
struct duet_aroon {
    double value, up, down;
    struct duet_peak_ high, low;
    struct duet_peak_slot_ high_slots[DUET_PART_MAX + 1], low_slots[DUET_PART_MAX + 1];
};

/** `length` is clamped to 1..DUET_PART_MAX. */
static inline void duet_aroon_init(struct duet_aroon *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_peak_init_(&self->high, duet_clamp_(length, 1, DUET_PART_MAX) + 1);
    duet_peak_init_(&self->low, self->high.length);
    self->value = self->up = self->down = (double)NAN;
}

static inline double duet_aroon_update(struct duet_aroon *self, double high, double low) {
    if (duet_finite_(high, low, 0, 0)) {
        (void)duet_peak_push_(&self->high, self->high_slots, high, false);
        (void)duet_trough_push_(&self->low, self->low_slots, low, false);
        if (duet_peak_ready_(&self->high)) {
            double length = (double)(self->high.length - 1);
            self->up = 100 * (length - (double)duet_peak_age_(&self->high, self->high_slots)) / length;
            self->down = 100 * (length - (double)duet_peak_age_(&self->low, self->low_slots)) / length;
            self->value = self->up - self->down;
        }
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_aroon)

/**
 * Vortex (Botes, Siepman): plus is |high - low before| over the true range, minus |low - high before| over it, each
 * summed over `length` bars; 0 where nothing ranges. value is plus - minus.
 *
 * First with update length + 1.
 */
struct duet_vortex {
    double value, plus, minus;
    double high, low, close;
    struct duet_total_ ups, downs, ranges;
    double up_slots[DUET_PART_MAX], down_slots[DUET_PART_MAX], range_slots[DUET_PART_MAX];
};

static inline void duet_vortex_init(struct duet_vortex *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    length = duet_clamp_(length, 1, DUET_PART_MAX);
    duet_total_init_(&self->ups, length);
    duet_total_init_(&self->downs, length);
    duet_total_init_(&self->ranges, length);
    self->value = self->plus = self->minus = self->close = (double)NAN;
}

static inline double duet_vortex_update(struct duet_vortex *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    if (!isnan(self->close)) {
        double up = duet_total_push_(&self->ups, self->up_slots, duet_magnitude_(high - self->low));
        double down = duet_total_push_(&self->downs, self->down_slots, duet_magnitude_(low - self->high));
        double range = duet_true_range_(high, low, self->close);
        range = duet_total_push_(&self->ranges, self->range_slots, range);
        if (duet_total_ready_(&self->ups)) {
            self->plus = duet_ratio_(up, range, 0);
            self->minus = duet_ratio_(down, range, 0);
            self->value = self->plus - self->minus;
        }
    }
    self->high = high;
    self->low = low;
    self->close = close;
    return self->value;
}

DUET_INDICATOR_READS_(duet_vortex)

/**
 * Vertical horizontal filter (White): highest less lowest value over `length` values, over the sum of the magnitudes of
 * the last `length` changes; 0 where nothing changes. First with update length + 1.
 */
struct duet_vhf {
    double value, before;
    struct duet_peak_ high, low;
    struct duet_total_ changes;
    struct duet_peak_slot_ high_slots[DUET_PART_MAX], low_slots[DUET_PART_MAX];
    double slots[DUET_PART_MAX];
};

static inline void duet_vhf_init(struct duet_vhf *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    length = duet_clamp_(length, 1, DUET_PART_MAX);
    duet_peak_init_(&self->high, length);
    duet_peak_init_(&self->low, length);
    duet_total_init_(&self->changes, length);
    self->value = self->before = (double)NAN;
}

static inline double duet_vhf_update(struct duet_vhf *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double high = duet_peak_push_(&self->high, self->high_slots, value, false);
    double low = duet_trough_push_(&self->low, self->low_slots, value, false);
    if (!isnan(self->before)) {
        double way = duet_total_push_(&self->changes, self->slots, duet_magnitude_(value - self->before));
        self->value = duet_total_ready_(&self->changes) ? duet_ratio_(high - low, way, 0) : (double)NAN;
    }
    self->before = value;
    return self->value;
}

DUET_INDICATOR_READS_(duet_vhf)

/* ------------------------------------------------------------------ mass, wad, swing */

/**
 * Mass index (Dorsey): the exponential mean of high - low over that mean's own exponential mean, both over `smoothing`,
 * summed over `length` bars; a bar counts 1 where nothing ranges.
 *
 * Seeded with simple means, or with `of_first` with first values (the second mean beginning when the first has seen
 * `smoothing` bars, as Tulip has it). First with update 2 * smoothing + length - 2.
 */
struct duet_mass {
    double value;
    struct duet_mean_ first, second;
    struct duet_total_ sum;
    int64_t count, wait, from;
    double slots[DUET_PART_MAX];
};

/** `length` is clamped to 1..DUET_PART_MAX; smoothing is usually 9. */
static inline void duet_mass_init(struct duet_mass *self, int64_t length, int64_t smoothing, bool of_first) {
    memset(self, 0, sizeof(*self));
    smoothing = duet_clamp_(smoothing, 1, DUET_LENGTH_MAX);
    enum duet_mean_kind kind = of_first ? DUET_MEAN_EMA_FIRST : DUET_MEAN_EMA;
    duet_mean_init_(&self->first, kind, smoothing);
    duet_mean_init_(&self->second, kind, smoothing);
    duet_total_init_(&self->sum, duet_clamp_(length, 1, DUET_PART_MAX));
    self->wait = smoothing - 1;
    self->from = 2 * (smoothing - 1);
    self->value = (double)NAN;
}

static inline double duet_mass_update(struct duet_mass *self, double high, double low) {
    if (!duet_finite_(high, low, 0, 0)) {
        return self->value;
    }
    double first = duet_mean_push_(&self->first, NULL, high - low);
    double second = duet_mean_push_(&self->second, NULL, self->count >= self->wait ? first : (double)NAN);
    if (self->count >= self->from) {
        double sum = duet_total_push_(&self->sum, self->slots, duet_ratio_(first, second, 1));
        self->value = duet_total_ready_(&self->sum) ? sum : (double)NAN;
    }
    self->count += self->count < self->from;
    return self->value;
}

DUET_INDICATOR_READS_(duet_mass)

/** Accumulation and distribution of Williams: adds close - min(low, close before) after a rise and close - max(high,
 * close before) after a fall. First with update 2. */
struct duet_wad {
    double value, before;
    struct duet_sum sum;
};

static inline void duet_wad_init(struct duet_wad *self) {
    self->value = self->before = (double)NAN;
    self->sum = duet_sum_none_();
}

static inline double duet_wad_update(struct duet_wad *self, double high, double low, double close) {
    if (duet_finite_(high, low, close, 0)) {
        if (!isnan(self->before)) {
            double from = close > self->before   ? duet_smaller_(low, self->before)
                          : close < self->before ? duet_larger_(high, self->before)
                                                 : close;
            duet_sum_add(&self->sum, close - from);
            self->value = duet_sum_value(&self->sum);
        }
        self->before = close;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_wad)

/**
 * Swing index (Wilder), and as `sum` the accumulation of it: 50 * N / R * K / limit, N = close - c + (close - open) / 2
 * + (c - o) / 4 with c and o of the bar before, K the larger of |high - c| and |low - c|, R by which of |high - c|,
 * |low - c| and high - low is the largest. 0 where R is 0. `limit`: the most that a price moves in a bar.
 *
 * First with update 2.
 */
struct duet_swing {
    double value, sum;
    double open, close, limit;
    struct duet_sum total;
};

static inline void duet_swing_init(struct duet_swing *self, double limit) {
    memset(self, 0, sizeof(*self));
    self->limit = limit > 0 ? limit : 1;
    self->value = self->sum = self->close = (double)NAN;
}

static inline double duet_swing_update(struct duet_swing *self, double open, double high, double low, double close) {
    if (!duet_finite_(open, high, low, close)) {
        return self->value;
    }
    if (!isnan(self->close)) {
        double up = duet_magnitude_(high - self->close), down = duet_magnitude_(low - self->close);
        double body = duet_magnitude_(self->close - self->open), height = high - low;
        double range = up >= down && up >= height     ? up - down / 2 + body / 4
                       : down >= up && down >= height ? down - up / 2 + body / 4
                                                      : height + body / 4;
        double move = close - self->close + (close - open) / 2 + (self->close - self->open) / 4;
        self->value = 50 * duet_ratio_(move, range, 0) * (duet_larger_(up, down) / self->limit);
        duet_sum_add(&self->total, self->value);
        self->sum = duet_sum_value(&self->total);
    }
    self->open = open;
    self->close = close;
    return self->value;
}

DUET_INDICATOR_READS_(duet_swing)

#endif
