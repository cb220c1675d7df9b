/*
 * What indicators with several windows are made of: rings, sums, extremes and means over memory that their owner
 * lends, so that each has windows of the size it needs. <duet/indicators/rolling.h> has the rules that hold for all,
 * and windows with memory of their own. Names that end with an underscore are not for strategies; enum duet_mean_kind
 * is.
 */
#ifndef DUET_INDICATORS_PARTS_H
#define DUET_INDICATORS_PARTS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <duet/indicators/rolling.h>

/** Longest window of an indicator that holds several. */
#define DUET_PART_MAX 256

/** How an indicator averages. The first is what most charting programs do. */
enum duet_mean_kind {
    DUET_MEAN_EMA = 0, // exponential, alpha 2 / (length + 1), seeded with the mean of the first `length` values
    DUET_MEAN_EMA_FIRST = 1, // exponential, seeded with the first value, there from the first value on
    DUET_MEAN_SMA = 2, // simple
    DUET_MEAN_WILDER = 3, // exponential, alpha 1 / length, seeded with the mean of the first `length` values
    DUET_MEAN_WMA = 4, // linearly weighted, the newest value `length` times
    DUET_MEAN_WILDER_FIRST = 5, // exponential, alpha 1 / length, seeded with the first value
};
#define DUET_MEAN_KIND_MAX 5

/** a / b; `otherwise` where b is 0, and NAN where either is. */
static inline double duet_ratio_(double a, double b, double otherwise) {
    return b == 0 && !isnan(a) ? otherwise : a / b;
}

static inline double duet_larger_(double a, double b) {
    return a > b ? a : b;
}

static inline double duet_smaller_(double a, double b) {
    return a < b ? a : b;
}

static inline double duet_magnitude_(double a) {
    return a < 0 ? -a : a;
}

/** Whether all are finite: then, and only then, a sum of products with 0 is 0. */
static inline bool duet_finite_(double a, double b, double c, double d) {
    return a * 0 + b * 0 + c * 0 + d * 0 == 0;
}

/** The true range of a bar after the close before it; high - low without one (NAN). */
static inline double duet_true_range_(double high, double low, double close_before) {
    double range = high - low;
    if (!isnan(close_before)) {
        range = duet_larger_(range, duet_magnitude_(high - close_before));
        range = duet_larger_(range, duet_magnitude_(low - close_before));
    }
    return range;
}

/** The last `length` values, in slots of the owner. */
struct duet_ring_ {
    int64_t length, count, next;
};

static inline void duet_ring_init_(struct duet_ring_ *self, int64_t length) {
    self->length = length;
    self->count = self->next = 0;
}

static inline bool duet_ring_full_(const struct duet_ring_ *self) {
    return self->count == self->length;
}

/** Returns the value that falls out, the one of `length` updates ago; NAN while the ring fills. */
static inline double duet_ring_push_(struct duet_ring_ *self, double *slots, double value) {
    double out = duet_ring_full_(self) ? slots[self->next] : (double)NAN;
    self->count += self->count < self->length;
    slots[self->next] = value;
    self->next = self->next + 1 == self->length ? 0 : self->next + 1;
    return out;
}

/** The value of `age` updates ago, 0 the newest; `age` below the count. */
static inline double duet_ring_at_(const struct duet_ring_ *self, const double *slots, int64_t age) {
    int64_t place = self->next - 1 - age;
    return slots[place < 0 ? place + self->length : place];
}

/** Sum of the last `length` values, and exactly 0 over zeros: no ratio of sums divides by what rounding left. */
struct duet_total_ {
    struct duet_ring_ ring;
    struct duet_sum sum;
    int64_t nonzero;
};

static inline void duet_total_init_(struct duet_total_ *self, int64_t length) {
    duet_ring_init_(&self->ring, length);
    self->sum = duet_sum_none_();
    self->nonzero = 0;
}

static inline bool duet_total_ready_(const struct duet_total_ *self) {
    return duet_ring_full_(&self->ring);
}

static inline double duet_total_value_(const struct duet_total_ *self) {
    return duet_sum_value(&self->sum);
}

/** Takes one value in and returns the sum of those in the window. */
static inline double duet_total_push_(struct duet_total_ *self, double *slots, double value) {
    double out = duet_ring_push_(&self->ring, slots, value);
    if (!isnan(out)) {
        duet_sum_add(&self->sum, -out);
        self->nonzero -= out != 0;
    }
    duet_sum_add(&self->sum, value);
    self->nonzero += value != 0;
    if (self->nonzero == 0) {
        self->sum = duet_sum_none_();
    }
    return duet_sum_value(&self->sum);
}

/** A candidate for the extreme of a window. */
struct duet_peak_slot_ {
    double value;
    int64_t when;
};

/** Highest of the last `length` values: a ring of candidates, each lower than the one before it. */
struct duet_peak_ {
    int64_t length, first, size, count;
};

static inline void duet_peak_init_(struct duet_peak_ *self, int64_t length) {
    self->length = length;
    self->first = self->size = self->count = 0;
}

static inline bool duet_peak_ready_(const struct duet_peak_ *self) {
    return self->count >= self->length;
}

/** Takes one value in and returns the highest; of equals the newest is kept, or the oldest with `oldest`. */
static inline double duet_peak_push_(
    struct duet_peak_ *self, struct duet_peak_slot_ *slots, double value, bool oldest) {
    if (self->size > 0 && self->count - slots[self->first].when >= self->length) {
        self->first = self->first + 1 == self->length ? 0 : self->first + 1;
        self->size--;
    }
    while (self->size > 0) {
        int64_t last = self->first + self->size - 1;
        last = last >= self->length ? last - self->length : last;
        if (slots[last].value > value || (oldest && slots[last].value == value)) {
            break;
        }
        self->size--;
    }
    int64_t place = self->first + self->size;
    struct duet_peak_slot_ newest = {value, self->count};
    slots[place >= self->length ? place - self->length : place] = newest;
    self->size++;
    self->count++;
    return slots[self->first].value;
}

/** Lowest of the last values: a duet_peak_ of its own, fed with this alone. */
static inline double duet_trough_push_(
    struct duet_peak_ *self, struct duet_peak_slot_ *slots, double value, bool oldest) {
    return -duet_peak_push_(self, slots, -value, oldest);
}

/** Updates since the extreme, 0 where it is the newest value. */
static inline int64_t duet_peak_age_(const struct duet_peak_ *self, const struct duet_peak_slot_ *slots) {
    return self->count - 1 - slots[self->first].when;
}

/** A mean of any kind. Slots (`length` of them) are needed for SMA and WMA only, else NULL. */
struct duet_mean_ {
    double value;
    struct duet_total_ rolling; // SMA; its ring alone for WMA, its sum alone for a seed
    double alpha;
    int64_t length, count; // count: up to length
    int64_t kind; // enum duet_mean_kind
};

static inline bool duet_mean_of_first_(int64_t kind) {
    return kind == DUET_MEAN_EMA_FIRST || kind == DUET_MEAN_WILDER_FIRST;
}

/** `length` as it is: the owner has clamped it. */
static inline void duet_mean_init_(struct duet_mean_ *self, int64_t kind, int64_t length) {
    self->value = (double)NAN;
    self->kind = duet_clamp_(kind, 0, DUET_MEAN_KIND_MAX);
    bool wilder = self->kind == DUET_MEAN_WILDER || self->kind == DUET_MEAN_WILDER_FIRST;
    self->alpha = wilder ? 1 / (double)length : 2 / (double)(length + 1);
    self->length = length;
    self->count = 0;
    duet_total_init_(&self->rolling, length);
}

/** Values until the first mean. */
static inline int64_t duet_mean_warm_up_(int64_t kind, int64_t length) {
    return duet_mean_of_first_(kind) ? 1 : length;
}

static inline bool duet_mean_ready_(const struct duet_mean_ *self) {
    return !isnan(self->value);
}

static inline double duet_mean_weighted_(const struct duet_mean_ *self, const double *slots) {
    // Distances from the newest: equal values give exactly that value.
    double newest = duet_ring_at_(&self->rolling.ring, slots, 0), sum = 0, length = (double)self->length;
    for (int64_t age = 1; age < self->length; age++) {
        sum += (length - (double)age) * (duet_ring_at_(&self->rolling.ring, slots, age) - newest);
    }
    return newest + sum / (length * (length + 1) / 2);
}

/** Takes one value in, NAN excepted, and returns the mean, NAN until it is ready. */
static inline double duet_mean_push_(struct duet_mean_ *self, double *slots, double value) {
    if (isnan(value)) {
        return self->value;
    }
    self->count += self->count < self->length;
    bool full = self->count == self->length;
    if (self->kind == DUET_MEAN_SMA) {
        double sum = duet_total_push_(&self->rolling, slots, value);
        self->value = full ? sum / (double)self->length : (double)NAN;
    } else if (self->kind == DUET_MEAN_WMA) {
        (void)duet_ring_push_(&self->rolling.ring, slots, value);
        self->value = full ? duet_mean_weighted_(self, slots) : (double)NAN;
    } else if (duet_mean_ready_(self)) {
        self->value += self->alpha * (value - self->value);
    } else if (duet_mean_of_first_(self->kind)) {
        self->value = value;
    } else {
        duet_sum_add(&self->rolling.sum, value);
        self->value = full ? duet_sum_value(&self->rolling.sum) / (double)self->length : (double)NAN;
    }
    return self->value;
}

#endif
