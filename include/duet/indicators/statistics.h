/* Statistics of windows and of pairs of series. What holds for all stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_STATISTICS_H
#define DUET_INDICATORS_STATISTICS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <duet/indicators/math.h>
#include <duet/indicators/rolling.h>

/* ------------------------------------------------------------------ sum, deviation */

/** Sum of the last `length` values. */
struct duet_total {
    double value;
    struct duet_sum sum;
    struct duet_rolling window;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_total_init(struct duet_total *self, int64_t length) {
    self->value = (double)NAN;
    self->sum = duet_sum_none_();
    duet_rolling_init(&self->window, length);
}

static inline double duet_total_update(struct duet_total *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double left = duet_rolling_push(&self->window, value);
    if (!isnan(left)) {
        duet_sum_add(&self->sum, -left);
    }
    duet_sum_add(&self->sum, value);
    if (duet_rolling_full(&self->window)) {
        self->value = duet_sum_value(&self->sum);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_total)

/** Moments of the last `length` values. */
struct duet_deviation {
    double value, variance, mean; // value: standard deviation
    double zscore, standard_error; // (input - mean) / deviation; deviation / sqrt(length)
    bool sample;
    struct duet_rolling window;
};

/** `sample`: divide by length - 1, else by length. A sample of one has deviation 0. */
static inline void duet_deviation_init_sample(struct duet_deviation *self, int64_t length, bool sample) {
    self->value = self->variance = self->mean = self->zscore = self->standard_error = (double)NAN;
    self->sample = sample;
    duet_rolling_init(&self->window, length);
}

/** Of the population; `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_deviation_init(struct duet_deviation *self, int64_t length) {
    duet_deviation_init_sample(self, length, false);
}

/** Where all values are equal the deviation is exactly 0, and the z-score too. */
static inline double duet_deviation_update(struct duet_deviation *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (!duet_rolling_full(&self->window)) {
        return self->value;
    }
    struct duet_spread spread = duet_rolling_spread(&self->window);
    int64_t length = self->window.length;
    self->mean = spread.mean;
    self->variance = spread.squares / (double)(self->sample && length > 1 ? length - 1 : length);
    self->value = sqrt(self->variance);
    self->zscore = self->value > 0 ? (value - spread.mean) / self->value : 0;
    self->standard_error = self->value / sqrt((double)length);
    return self->value;
}

DUET_INDICATOR_READS_(duet_deviation)

/** Mean absolute deviation from the mean of the window. */
struct duet_mean_deviation {
    double value;
    double mean, square, share; // the mean; of the squares of the deviations, and of their shares of the values
    struct duet_rolling window;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_mean_deviation_init(struct duet_mean_deviation *self, int64_t length) {
    self->value = self->mean = self->square = self->share = (double)NAN;
    duet_rolling_init(&self->window, length);
}

/** A value of 0 has no share of itself and counts 0 to `share`. */
static inline double duet_mean_deviation_update(struct duet_mean_deviation *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (duet_rolling_full(&self->window)) {
        struct duet_spread spread = duet_rolling_spread(&self->window);
        double sum = 0, shares = 0, length = (double)self->window.length;
        for (int64_t age = 0; age < self->window.length; age++) {
            double each = duet_rolling_at(&self->window, age), off = fabs(each - spread.mean);
            sum += off;
            shares += each != 0 ? off / fabs(each) : 0;
        }
        self->value = sum / length;
        self->mean = spread.mean;
        self->square = spread.squares / length;
        self->share = shares / length;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_mean_deviation)

/** Skewness and excess kurtosis of the window, corrected for bias (as pandas, Excel); 0 where all values are equal. */
struct duet_shape {
    double value, kurtosis; // value: skewness
    struct duet_rolling window;
};

/** `length` is clamped to 4..DUET_WINDOW_MAX. */
static inline void duet_shape_init(struct duet_shape *self, int64_t length) {
    self->value = self->kurtosis = (double)NAN;
    duet_rolling_init(&self->window, duet_clamp_(length, 4, DUET_WINDOW_MAX));
}

static inline double duet_shape_update(struct duet_shape *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (!duet_rolling_full(&self->window)) {
        return self->value;
    }
    struct duet_spread spread = duet_rolling_spread(&self->window);
    double n = (double)self->window.length, second = spread.squares / n, third = 0, fourth = 0;
    for (int64_t age = 0; age < self->window.length; age++) {
        double step = duet_rolling_at(&self->window, age) - spread.mean, square = step * step;
        third += square * step;
        fourth += square * square;
    }
    if (!(second > 0)) {
        self->kurtosis = 0;
        return self->value = 0;
    }
    double excess = fourth / n / (second * second) - 3;
    self->kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6);
    return self->value = sqrt(n * (n - 1)) / (n - 2) * (third / n) / (second * sqrt(second));
}

DUET_INDICATOR_READS_(duet_shape)

/* ------------------------------------------------------------------ order */

/** Quantile of the window, between neighbours by linear interpolation; the median is that of 0.5. */
struct duet_quantile {
    double value, share;
    struct duet_rolling window;
    double sorted[DUET_WINDOW_MAX];
};

/** `length` is clamped to 1..DUET_WINDOW_MAX, `share` to 0..1. */
static inline void duet_quantile_init(struct duet_quantile *self, int64_t length, double share) {
    self->value = (double)NAN;
    self->share = duet_clamp_real_(share, 0, 1);
    duet_rolling_init(&self->window, length);
    for (int64_t i = 0; i < DUET_WINDOW_MAX; i++) {
        self->sorted[i] = 0;
    }
}

static inline double duet_quantile_update(struct duet_quantile *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    int64_t count = self->window.count, place = 0;
    double left = duet_rolling_push(&self->window, value);
    if (!isnan(left)) {
        while (self->sorted[place] != left) {
            place++;
        }
        for (count--; place < count; place++) {
            self->sorted[place] = self->sorted[place + 1];
        }
    }
    for (place = count; place > 0 && self->sorted[place - 1] > value; place--) {
        self->sorted[place] = self->sorted[place - 1];
    }
    self->sorted[place] = value;
    if (duet_rolling_full(&self->window)) {
        double at = self->share * (double)count;
        int64_t below = (int64_t)at;
        double low = self->sorted[below], high = self->sorted[below < count ? below + 1 : below];
        self->value = low + (at - (double)below) * (high - low);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_quantile)

enum duet_rank_method {
    DUET_RANK_BELOW = 0, // values below the newest / length
    DUET_RANK_AVERAGE = 1, // its rank from 1 on, the mean of the ranks of its equals, / length
};

/** Where the newest value stands in the window: 0..1. */
struct duet_percent_rank {
    double value;
    int64_t method;
    struct duet_rolling window;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_percent_rank_init(
    struct duet_percent_rank *self, int64_t length, enum duet_rank_method method) {
    self->value = (double)NAN;
    self->method = method;
    duet_rolling_init(&self->window, length);
}

static inline double duet_percent_rank_update(struct duet_percent_rank *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (duet_rolling_full(&self->window)) {
        int64_t below = 0, equal = 0;
        for (int64_t age = 0; age < self->window.length; age++) {
            double other = duet_rolling_at(&self->window, age);
            below += other < value;
            equal += other == value;
        }
        double rank = (double)below + (self->method == DUET_RANK_AVERAGE ? (double)(equal + 1) / 2 : 0);
        self->value = rank / (double)self->window.length;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_percent_rank)

/* ------------------------------------------------------------------ regression */

/** Least squares line through the window. */
struct duet_linreg {
    double value, slope, intercept; // value: of the line at the newest; intercept: at the oldest
    double r2, forecast; // share explained, 0 on a level; value of the next update
    double deviation; // population standard deviation of the window
    double origin; // of the line where its 0 lies one update before the first of all
    int64_t seen;
    struct duet_rolling window;
};

/** `length` is clamped to 2..DUET_WINDOW_MAX. */
static inline void duet_linreg_init(struct duet_linreg *self, int64_t length) {
    self->value = self->slope = self->intercept = (double)NAN;
    self->r2 = self->forecast = self->deviation = self->origin = (double)NAN;
    self->seen = 0;
    duet_rolling_init(&self->window, duet_clamp_(length, 2, DUET_WINDOW_MAX));
}

static inline double duet_linreg_update(struct duet_linreg *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    self->seen++;
    if (!duet_rolling_full(&self->window)) {
        return self->value;
    }
    struct duet_spread spread = duet_rolling_spread(&self->window);
    double n = (double)self->window.length, middle = (n - 1) / 2, cross = 0;
    for (int64_t age = 0; age < self->window.length; age++) {
        cross += (middle - (double)age) * (duet_rolling_at(&self->window, age) - value);
    }
    double squares = n * (n * n - 1) / 12;
    self->slope = cross / squares;
    self->value = spread.mean + self->slope * middle;
    self->intercept = spread.mean - self->slope * middle;
    self->forecast = spread.mean + self->slope * (middle + 1);
    self->origin = self->value - self->slope * (double)self->seen;
    self->deviation = sqrt(spread.squares / n);
    double explained = spread.squares > 0 ? self->slope * cross / spread.squares : 0;
    self->r2 = explained < 1 ? explained : 1;
    return self->value;
}

DUET_INDICATOR_READS_(duet_linreg)

/* ------------------------------------------------------------------ pairs */

/** Covariance, correlation and what belongs to them, of two series over the window. */
struct duet_correlation {
    double value; // correlation, 0 where one of them does not move
    double covariance, variance, variance2, r2;
    double slope; // of the first on the second: covariance / variance2, 0 where that is 0
    bool sample;
    struct duet_rolling first, second;
};

/** `sample`: divide by length - 1, else by length. `length` is clamped to 2..DUET_WINDOW_MAX. */
static inline void duet_correlation_init_sample(struct duet_correlation *self, int64_t length, bool sample) {
    self->value = self->covariance = self->variance = self->variance2 = (double)NAN;
    self->r2 = self->slope = (double)NAN;
    self->sample = sample;
    duet_rolling_init(&self->first, duet_clamp_(length, 2, DUET_WINDOW_MAX));
    duet_rolling_init(&self->second, self->first.length);
}

static inline void duet_correlation_init(struct duet_correlation *self, int64_t length) {
    duet_correlation_init_sample(self, length, true);
}

static inline double duet_correlation_update(struct duet_correlation *self, double value, double value2) {
    if (!isfinite(value) || !isfinite(value2)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->first, value);
    (void)duet_rolling_push(&self->second, value2);
    if (!duet_rolling_full(&self->first)) {
        return self->value;
    }
    struct duet_spread one = duet_rolling_spread(&self->first), two = duet_rolling_spread(&self->second);
    double cross = 0, divisor = (double)(self->first.length - (self->sample ? 1 : 0));
    for (int64_t age = 0; age < self->first.length; age++) {
        cross += (duet_rolling_at(&self->first, age) - one.mean) * (duet_rolling_at(&self->second, age) - two.mean);
    }
    bool moving = one.squares > 0 && two.squares > 0;
    cross = moving ? cross : 0;
    self->covariance = cross / divisor;
    self->variance = one.squares / divisor;
    self->variance2 = two.squares / divisor;
    self->value = moving ? duet_clamp_real_(cross / (sqrt(one.squares) * sqrt(two.squares)), -1, 1) : 0;
    self->r2 = self->value * self->value;
    self->slope = two.squares > 0 ? cross / two.squares : 0;
    return self->value;
}

DUET_INDICATOR_READS_(duet_correlation)

/** Beta of one series' returns on another's: covariance / variance of simple returns over the window. */
struct duet_beta {
    double value, alpha, correlation; // alpha: mean return not explained, per update
    double returned, returned2; // latest returns; 0 with the first
    double last, last2;
    struct duet_correlation returns;
};

/** `length` returns, clamped to 2..DUET_WINDOW_MAX. Inputs: the series, then its market. */
static inline void duet_beta_init(struct duet_beta *self, int64_t length) {
    self->value = self->alpha = self->correlation = self->last = self->last2 = (double)NAN;
    self->returned = self->returned2 = 0;
    duet_correlation_init_sample(&self->returns, length, true);
}

static inline double duet_beta_mean_(const struct duet_rolling *window) {
    struct duet_spread spread = duet_rolling_spread(window);
    return spread.mean;
}

/** 0 where the market does not move. A price of 0 gives a return of 0. */
static inline double duet_beta_update(struct duet_beta *self, double value, double market) {
    if (!isfinite(value) || !isfinite(market)) {
        return self->value;
    }
    if (!isnan(self->last)) {
        self->returned = self->last != 0 ? value / self->last - 1 : 0;
        self->returned2 = self->last2 != 0 ? market / self->last2 - 1 : 0;
        double correlation = duet_correlation_update(&self->returns, self->returned, self->returned2);
        if (!isnan(correlation)) {
            self->value = self->returns.slope;
            self->correlation = correlation;
            double mean = duet_beta_mean_(&self->returns.first), mean2 = duet_beta_mean_(&self->returns.second);
            self->alpha = mean - self->value * mean2;
        }
    }
    self->last = value;
    self->last2 = market;
    return self->value;
}

DUET_INDICATOR_READS_(duet_beta)

/* ------------------------------------------------------------------ expanding */

/** Mean and standard deviation of all that was seen (Welford). */
struct duet_expanding {
    double value, deviation; // deviation: NAN before the second value of a sample
    bool sample;
    int64_t count;
    double squares;
    struct duet_sum sum;
};

static inline void duet_expanding_init(struct duet_expanding *self, bool sample) {
    self->value = self->deviation = (double)NAN;
    self->sample = sample;
    self->count = 0;
    self->squares = 0;
    self->sum = duet_sum_none_();
}

static inline double duet_expanding_update(struct duet_expanding *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double last = self->value;
    duet_sum_add(&self->sum, value);
    self->count++;
    self->value = duet_sum_value(&self->sum) / (double)self->count;
    self->squares += self->count > 1 ? (value - last) * (value - self->value) : 0;
    int64_t divisor = self->count - (self->sample ? 1 : 0);
    self->deviation = divisor > 0 ? sqrt(self->squares > 0 ? self->squares / (double)divisor : 0) : (double)NAN;
    return self->value;
}

DUET_INDICATOR_READS_(duet_expanding)

#endif
