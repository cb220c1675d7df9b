/*
 * Measured against another series, or against its own past. What holds for all of them stands in
 * <duet/indicators/rolling.h>.
 */
#ifndef DUET_INDICATORS_RELATIVE_H
#define DUET_INDICATORS_RELATIVE_H

#include <duet/indicators/momentum.h>

/**
 * Price relative strength: value over base (0 where the base is 0), and as percent how much more the value changed over
 * `length` updates than the base did, as fractions.
 *
 * The value is there with update 1, percent with update length + 1; that is ready.
 */
struct duet_prs {
    double value, percent;
    struct duet_ring_ ring, base_ring;
    double slots[DUET_PART_MAX], base_slots[DUET_PART_MAX];
};

/** `length` is clamped to 1..DUET_PART_MAX. */
static inline void duet_prs_init(struct duet_prs *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_ring_init_(&self->ring, duet_clamp_(length, 1, DUET_PART_MAX));
    duet_ring_init_(&self->base_ring, self->ring.length);
    self->value = self->percent = (double)NAN;
}

static inline double duet_prs_update(struct duet_prs *self, double value, double base) {
    if (duet_finite_(value, base, 0, 0)) {
        double before = duet_ring_push_(&self->ring, self->slots, value);
        double base_before = duet_ring_push_(&self->base_ring, self->base_slots, base);
        self->value = duet_ratio_(value, base, 0);
        self->percent = duet_ratio_(value - before, before, 0) - duet_ratio_(base - base_before, base_before, 0);
    }
    return self->value;
}

static inline double duet_prs_value(const struct duet_prs *self) {
    return self->value;
}

static inline bool duet_prs_ready(const struct duet_prs *self) {
    return !isnan(self->percent);
}

/**
 * Rate of change with bands: the change in percent over `length`, its exponential mean over `smoothing`, and as band,
 * above and below 0, the root of the mean square of the last `window` changes.
 *
 * The value is there with update length + 1, all of it max(smoothing, window) - 1 later; that is ready.
 */
struct duet_roc_bands {
    double value, mean, band;
    struct duet_roc roc;
    struct duet_mean_ smooth, squares;
    double slots[DUET_PART_MAX];
};

static inline void duet_roc_bands_init(struct duet_roc_bands *self, int64_t length, int64_t smoothing, int64_t window) {
    memset(self, 0, sizeof(*self));
    duet_roc_init(&self->roc, length);
    duet_mean_init_(&self->smooth, DUET_MEAN_EMA, duet_clamp_(smoothing, 1, DUET_LENGTH_MAX));
    duet_mean_init_(&self->squares, DUET_MEAN_SMA, duet_clamp_(window, 1, DUET_PART_MAX));
    self->value = self->mean = self->band = (double)NAN;
}

static inline double duet_roc_bands_update(struct duet_roc_bands *self, double value) {
    if (isfinite(value)) {
        self->value = duet_roc_update(&self->roc, value);
        self->mean = duet_mean_push_(&self->smooth, NULL, self->value);
        double square = duet_mean_push_(&self->squares, self->slots, self->value * self->value);
        self->band = square < 0 ? 0 : sqrt(square);
    }
    return self->value;
}

static inline double duet_roc_bands_value(const struct duet_roc_bands *self) {
    return self->value;
}

static inline bool duet_roc_bands_ready(const struct duet_roc_bands *self) {
    return !isnan(self->mean) && !isnan(self->band);
}

/**
 * DV2 (Varadi): the simple mean, over `smoothing`, of close over the middle of its bar (1 where that is 0), ranked
 * among its last `length`: the share in percent that is smaller. First with update smoothing + length - 1.
 */
struct duet_dv2 {
    double value;
    struct duet_mean_ mean;
    struct duet_ring_ ring;
    double mean_slots[DUET_PART_MAX], slots[DUET_WINDOW_MAX];
};

/** `length` is clamped to 1..DUET_WINDOW_MAX, `smoothing` to 1..DUET_PART_MAX. */
static inline void duet_dv2_init(struct duet_dv2 *self, int64_t length, int64_t smoothing) {
    memset(self, 0, sizeof(*self));
    duet_mean_init_(&self->mean, DUET_MEAN_SMA, duet_clamp_(smoothing, 1, DUET_PART_MAX));
    duet_ring_init_(&self->ring, duet_clamp_(length, 1, DUET_WINDOW_MAX));
    self->value = (double)NAN;
}

static inline double duet_dv2_update(struct duet_dv2 *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    double mean = duet_mean_push_(&self->mean, self->mean_slots, duet_ratio_(close, (high + low) / 2, 1));
    if (!isnan(mean)) {
        (void)duet_ring_push_(&self->ring, self->slots, mean);
    }
    if (duet_ring_full_(&self->ring)) {
        double smaller = 0;
        for (int64_t i = 0; i < self->ring.length; i++) {
            smaller += self->slots[i] < mean;
        }
        self->value = 100 * smaller / (double)self->ring.length;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_dv2)

/**
 * McClellan oscillator of advances less declines (or any breadth): fast EMA - slow EMA; sum: all of them added up, the
 * summation index. First with update max(fast, slow).
 */
struct duet_mcclellan {
    double value, sum;
    struct duet_mean_ fast, slow;
    struct duet_sum total;
    double fast_before, slow_before; // NAN where not known
};

/** Usual: 19, 39. */
static inline void duet_mcclellan_init(struct duet_mcclellan *self, int64_t fast, int64_t slow) {
    memset(self, 0, sizeof(*self));
    duet_mean_init_(&self->fast, DUET_MEAN_EMA, duet_clamp_(fast, 1, DUET_LENGTH_MAX));
    duet_mean_init_(&self->slow, DUET_MEAN_EMA, duet_clamp_(slow, 1, DUET_LENGTH_MAX));
    self->value = self->sum = self->fast_before = self->slow_before = (double)NAN;
}

/** As LEAN: there with the fast mean, a slow one that is not ready yet counts 0, and what is known from before, of
 * which the breadth of the first update is part, goes into the means as their first value; `sum` goes on from
 * `sum_before`. */
static inline void duet_mcclellan_init_known(struct duet_mcclellan *self, int64_t fast, int64_t slow,
    double fast_before, double slow_before, double sum_before) {
    duet_mcclellan_init(self, fast, slow);
    self->fast_before = fast_before;
    self->slow_before = slow_before;
    self->total.sum = sum_before;
}

static inline double duet_mcclellan_update(struct duet_mcclellan *self, double breadth) {
    if (isfinite(breadth)) {
        bool known = !isnan(self->fast_before), first = self->fast.count == 0;
        double fast = duet_mean_push_(&self->fast, NULL, known && first ? self->fast_before : breadth);
        double slow = duet_mean_push_(&self->slow, NULL, known && first ? self->slow_before : breadth);
        self->value = fast - (known && isnan(slow) ? 0 : slow);
        if (!isnan(self->value)) {
            duet_sum_add(&self->total, self->value);
            self->sum = duet_sum_value(&self->total);
        }
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_mcclellan)

#endif
