/* Prices made of prices, crossings and turning points. What holds for all stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_PRICE_H
#define DUET_INDICATORS_PRICE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <duet/indicators/range.h>
#include <duet/indicators/rolling.h>

/* ------------------------------------------------------------------ of one bar */

/** (open + high + low + close) / 4 */
static inline double duet_average_price(double open, double high, double low, double close) {
    return (open + high + low + close) / 4;
}

/** (high + low) / 2 */
static inline double duet_median_price(double high, double low) {
    return (high + low) / 2;
}

/** (high + low + close) / 3 */
static inline double duet_typical_price(double high, double low, double close) {
    return (high + low + close) / 3;
}

/** (high + low + 2 * close) / 4 */
static inline double duet_weighted_close(double high, double low, double close) {
    return (high + low + 2 * close) / 4;
}

/** Internal bar strength: where the close lies between low (0) and high (1); 0 where they are equal. */
static inline double duet_internal_strength(double high, double low, double close) {
    return high > low ? (close - low) / (high - low) : 0;
}

/** Doji: the close is at most `percent` percent of the open away from it. */
static inline bool duet_is_doji(double open, double close, double percent) {
    return fabs(close - open) * 100 <= percent * fabs(open);
}

/** Marubozu: the body is at least `percent` percent of the range; 1 a rising one, -1 a falling one, else 0. */
static inline double duet_marubozu(double open, double high, double low, double close, double percent) {
    bool filled = high > low && fabs(close - open) * 100 >= percent * (high - low);
    return !filled ? 0 : close > open ? 1 : -1;
}

/* ------------------------------------------------------------------ heikin ashi */

/**
 * Heikin-Ashi bars: the close is the average price, the open the middle of the last Heikin-Ashi bar. The first opens in
 * the middle of the body of its bar.
 */
struct duet_heikin_ashi {
    double value, open, high, low; // value: the close
};

static inline void duet_heikin_ashi_init(struct duet_heikin_ashi *self) {
    self->value = self->open = self->high = self->low = (double)NAN;
}

static inline double duet_heikin_ashi_update(
    struct duet_heikin_ashi *self, double open, double high, double low, double close) {
    if (!isfinite(open) || !isfinite(high) || !isfinite(low) || !isfinite(close)) {
        return self->value;
    }
    self->open = isnan(self->value) ? (open + close) / 2 : (self->open + self->value) / 2;
    self->value = duet_average_price(open, high, low, close);
    double top = self->open > self->value ? self->open : self->value;
    double bottom = self->open < self->value ? self->open : self->value;
    self->high = high > top ? high : top;
    self->low = low < bottom ? low : bottom;
    return self->value;
}

DUET_INDICATOR_READS_(duet_heikin_ashi)

/* ------------------------------------------------------------------ midpoint, midprice */

/** (highest + lowest) / 2 of the last `length` values. */
struct duet_midpoint {
    double value;
    struct duet_highest highest;
    struct duet_lowest lowest;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_midpoint_init(struct duet_midpoint *self, int64_t length) {
    self->value = (double)NAN;
    duet_highest_init(&self->highest, length);
    duet_lowest_init(&self->lowest, length);
}

static inline double duet_midpoint_update(struct duet_midpoint *self, double value) {
    return self->value = (duet_highest_update(&self->highest, value) + duet_lowest_update(&self->lowest, value)) / 2;
}

DUET_INDICATOR_READS_(duet_midpoint)

/* ------------------------------------------------------------------ crossover */

enum duet_cross_rule {
    /** From one side to the other, however long they were equal in between: the last difference that was not 0 counts
     * (backtrader). */
    DUET_CROSS_LAST_SIDE = 0,
    /** Above now, not above one update before (Tulip, TradingView); likewise below. */
    DUET_CROSS_LAST_UPDATE = 1,
};

/** 1 where the first series crosses above the second, -1 where below, else 0. */
struct duet_crossover {
    double value;
    int64_t rule;
    double last; // difference that counts as the last
};

static inline void duet_crossover_init(struct duet_crossover *self, enum duet_cross_rule rule) {
    self->value = self->last = (double)NAN;
    self->rule = rule;
}

/** Ready with the second update: one alone cannot cross. */
static inline double duet_crossover_update(struct duet_crossover *self, double value, double value2) {
    if (!isfinite(value) || !isfinite(value2)) {
        return self->value;
    }
    double difference = value - value2, last = self->last;
    if (isnan(last)) {
        self->last = difference;
        return self->value;
    }
    if (self->rule == DUET_CROSS_LAST_UPDATE) {
        self->value = difference > 0 && last <= 0 ? 1 : difference < 0 && last >= 0 ? -1 : 0;
        self->last = difference;
    } else {
        self->value = difference > 0 && last < 0 ? 1 : difference < 0 && last > 0 ? -1 : 0;
        self->last = difference != 0 ? difference : last;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_crossover)

/* ------------------------------------------------------------------ lag, decay */

/** The value `length` updates ago. */
struct duet_lag {
    double value;
    struct duet_rolling window;
};

/** `length` is clamped to 0..DUET_WINDOW_MAX - 1. */
static inline void duet_lag_init(struct duet_lag *self, int64_t length) {
    self->value = (double)NAN;
    duet_rolling_init(&self->window, duet_clamp_(length, 0, DUET_WINDOW_MAX - 1) + 1);
}

static inline double duet_lag_update(struct duet_lag *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (duet_rolling_full(&self->window)) {
        self->value = duet_rolling_at(&self->window, self->window.length - 1);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_lag)

/** Holds peaks and lets them fall: the greater of the input and of the last value, less 1 / length or as a share. */
struct duet_decay {
    double value, step;
    bool exponential;
};

/** `length` is clamped to 1..DUET_LENGTH_MAX. Linear decay ends at 0. */
static inline void duet_decay_init(struct duet_decay *self, int64_t length, bool exponential) {
    self->value = (double)NAN;
    self->step = 1 / (double)duet_clamp_(length, 1, DUET_LENGTH_MAX);
    self->exponential = exponential;
}

static inline double duet_decay_update(struct duet_decay *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double last = isnan(self->value) ? value : self->value;
    double fallen = self->exponential ? last * (1 - self->step) : last - self->step;
    fallen = fallen > 0 ? fallen : 0;
    return self->value = isnan(self->value) || value > fallen ? value : fallen;
}

DUET_INDICATOR_READS_(duet_decay)

/* ------------------------------------------------------------------ pivot points */

enum duet_pivot_kind {
    DUET_PIVOT_STANDARD = 0, // floor pivots
    DUET_PIVOT_WOODIE = 1,
    DUET_PIVOT_CAMARILLA = 2,
    DUET_PIVOT_FIBONACCI = 3,
    DUET_PIVOT_DEMARK = 4,
};

/** What the range of pivot points is taken from. */
enum duet_pivot_period {
    DUET_PIVOT_BARS = 0, // the `length` bars before
    DUET_PIVOT_DAY = 1, // the day before that has bars, and so on; in UTC
    DUET_PIVOT_WEEK = 2, // from Monday
    DUET_PIVOT_MONTH = 3,
    DUET_PIVOT_YEAR = 4,
};

/** A range of bars, and where it opened and closed. */
struct duet_pivot_range_ {
    double open, high, low, close;
};

/** Levels from the range of the `length` bars before the present one, or of the day, week, month or year before its
 * own. Levels that a kind does not have are NAN. */
struct duet_pivot_points {
    double value, resistance[4], support[4]; // value: the pivot
    int64_t kind, period, key; // key: of the day, week, month or year that is under way
    struct duet_pivot_range_ range; // of it
    struct duet_rolling opens, closes;
    struct duet_highest high;
    struct duet_lowest low;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX; 1 is the bar before. */
static inline void duet_pivot_points_init(struct duet_pivot_points *self, int64_t length, enum duet_pivot_kind kind) {
    self->value = (double)NAN;
    for (int i = 0; i < 4; i++) {
        self->resistance[i] = self->support[i] = (double)NAN;
    }
    self->kind = kind;
    self->period = DUET_PIVOT_BARS;
    self->key = 0;
    self->range.open = self->range.high = self->range.low = self->range.close = (double)NAN;
    duet_rolling_init(&self->opens, length);
    duet_rolling_init(&self->closes, length);
    duet_highest_init(&self->high, length);
    duet_lowest_init(&self->low, length);
}

/** Of the day, week, month or year before: feed duet_pivot_points_update_at(). */
static inline void duet_pivot_points_init_period(
    struct duet_pivot_points *self, enum duet_pivot_period period, enum duet_pivot_kind kind) {
    duet_pivot_points_init(self, 1, kind);
    self->period = period;
}

static inline void duet_pivot_points_classic_(struct duet_pivot_points *self, double high, double low) {
    double pivot = self->value, range = high - low;
    self->resistance[0] = pivot * 2 - low;
    self->resistance[1] = pivot + range;
    self->resistance[2] = high + 2 * (pivot - low);
    self->support[0] = pivot * 2 - high;
    self->support[1] = pivot - range;
    self->support[2] = low - 2 * (high - pivot);
}

static inline void duet_pivot_points_spread_(
    struct duet_pivot_points *self, double from, double range, const double *shares, int count) {
    for (int i = 0; i < count; i++) {
        self->resistance[i] = from + shares[i] * range;
        self->support[i] = from - shares[i] * range;
    }
}

/** `open` is that of the present bar, for Woodie. */
static inline void duet_pivot_points_level_(
    struct duet_pivot_points *self, struct duet_pivot_range_ before, double open) {
    static const double fibonacci[3] = {0.382, 0.618, 1};
    static const double camarilla[4] = {1.1 / 12, 1.1 / 6, 1.1 / 4, 1.1 / 2};
    double high = before.high, low = before.low, range = high - low, close = before.close;
    self->value = (high + low + close) / 3;
    switch (self->kind) {
    case DUET_PIVOT_WOODIE:
        self->value = (high + low + 2 * open) / 4;
        duet_pivot_points_classic_(self, high, low);
        break;
    case DUET_PIVOT_CAMARILLA:
        self->value = close;
        duet_pivot_points_spread_(self, close, range, camarilla, 4);
        break;
    case DUET_PIVOT_FIBONACCI:
        duet_pivot_points_spread_(self, self->value, range, fibonacci, 3);
        break;
    case DUET_PIVOT_DEMARK: {
        double x = high + low + close + (close < before.open ? low : close > before.open ? high : close);
        self->value = x / 4;
        self->resistance[0] = x / 2 - low;
        self->support[0] = x / 2 - high;
        break;
    }
    default:
        duet_pivot_points_classic_(self, high, low);
        break;
    }
}

static inline double duet_pivot_points_update(
    struct duet_pivot_points *self, double open, double high, double low, double close) {
    if (!isfinite(open) || !isfinite(high) || !isfinite(low) || !isfinite(close)) {
        return self->value;
    }
    if (duet_rolling_full(&self->closes)) {
        struct duet_pivot_range_ before;
        before.open = duet_rolling_at(&self->opens, self->opens.length - 1);
        before.high = self->high.value;
        before.low = self->low.value;
        before.close = duet_rolling_at(&self->closes, 0);
        duet_pivot_points_level_(self, before, open);
    }
    (void)duet_rolling_push(&self->opens, open);
    (void)duet_rolling_push(&self->closes, close);
    (void)duet_highest_update(&self->high, high);
    (void)duet_lowest_update(&self->low, low);
    return self->value;
}

/** Days since 1970 to months since 1970, or to years (months / 12), by the calendar; before 1970 too. */
static inline int64_t duet_pivot_points_month_(int64_t day) {
    int64_t shifted = day + 719468; // since 0000-03-01, with the leap day last in the year
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097, of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153; // 0 is March
    return (era * 400 + year - 1970) * 12 + month + 2;
}

static inline int64_t duet_pivot_points_floor_(int64_t value, int64_t divisor) {
    return value / divisor - (value % divisor < 0);
}

static inline int64_t duet_pivot_points_key_(int64_t period, int64_t seconds) {
    int64_t day = duet_pivot_points_floor_(seconds, 86400);
    switch (period) {
    case DUET_PIVOT_DAY:
        return day;
    case DUET_PIVOT_WEEK:
        return duet_pivot_points_floor_(day + 3, 7); // 1970-01-01 was a Thursday
    case DUET_PIVOT_YEAR:
        return duet_pivot_points_floor_(duet_pivot_points_month_(day), 12);
    default:
        return duet_pivot_points_month_(day);
    }
}

/** `seconds` since 1970 UTC, when the bar opens (open_ns / 1000000000). The levels change with the first bar of a
 * period. */
static inline double duet_pivot_points_update_at(
    struct duet_pivot_points *self, int64_t seconds, double open, double high, double low, double close) {
    if (self->period == DUET_PIVOT_BARS) {
        return duet_pivot_points_update(self, open, high, low, close);
    }
    if (!isfinite(open) || !isfinite(high) || !isfinite(low) || !isfinite(close)) {
        return self->value;
    }
    int64_t key = duet_pivot_points_key_(self->period, seconds);
    struct duet_pivot_range_ *range = &self->range;
    if (isnan(range->open) || key != self->key) {
        if (!isnan(range->open)) {
            duet_pivot_points_level_(self, *range, open);
        }
        self->key = key;
        range->open = open;
        range->high = high;
        range->low = low;
    }
    range->high = high > range->high ? high : range->high;
    range->low = low < range->low ? low : range->low;
    range->close = close;
    return self->value;
}

DUET_INDICATOR_READS_(duet_pivot_points)

/* ------------------------------------------------------------------ fractal */

/**
 * Fractals (Williams): a high above the `span` highs on either side of it, and a low below. Known only `span` bars
 * later; the update that makes it known has it.
 */
struct duet_fractal {
    double value; // 1 a high became known, -1 a low, 2 both, 0 none
    double high, low; // the one just known, NAN where none
    double last_high, last_low; // the latest known, NAN before the first
    int64_t span;
    struct duet_rolling highs, lows;
};

/** `span` is clamped to 1..(DUET_WINDOW_MAX - 1) / 2, usually 2. */
static inline void duet_fractal_init(struct duet_fractal *self, int64_t span) {
    self->span = duet_clamp_(span, 1, (DUET_WINDOW_MAX - 1) / 2);
    self->value = self->high = self->low = self->last_high = self->last_low = (double)NAN;
    duet_rolling_init(&self->highs, 2 * self->span + 1);
    duet_rolling_init(&self->lows, 2 * self->span + 1);
}

static inline double duet_fractal_update(struct duet_fractal *self, double high, double low) {
    if (!isfinite(high) || !isfinite(low)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->highs, high);
    (void)duet_rolling_push(&self->lows, low);
    self->high = self->low = (double)NAN;
    if (!duet_rolling_full(&self->highs)) {
        return self->value;
    }
    double top = duet_rolling_at(&self->highs, self->span), bottom = duet_rolling_at(&self->lows, self->span);
    bool is_high = true, is_low = true;
    for (int64_t age = 0; age < self->highs.length; age++) {
        is_high = is_high && (age == self->span || duet_rolling_at(&self->highs, age) < top);
        is_low = is_low && (age == self->span || duet_rolling_at(&self->lows, age) > bottom);
    }
    self->high = is_high ? top : self->high;
    self->low = is_low ? bottom : self->low;
    self->last_high = is_high ? top : self->last_high;
    self->last_low = is_low ? bottom : self->last_low;
    return self->value = is_high && is_low ? 2 : is_high ? 1 : is_low ? -1 : 0;
}

DUET_INDICATOR_READS_(duet_fractal)

#endif
