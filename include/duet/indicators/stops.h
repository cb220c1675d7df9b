/* Stops that trail a trend. What holds for all of them stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_STOPS_H
#define DUET_INDICATORS_STOPS_H

#include <duet/indicators/parts.h>

/* ------------------------------------------------------------------ psar */

/** What a parabolic SAR begins with: Wilder's book leaves it open. */
enum duet_psar_style {
    DUET_PSAR_RISING = 0, // rising from the low of the first bar (Stock.Indicators)
    DUET_PSAR_MIDDLES = 1, // the way the middle of the second bar lies from the first's (Tulip)
    /** The way of the second close; a touch turns it too, and where it turns it keeps off the last two bars' range
     * (LEAN, after TA-Lib). */
    DUET_PSAR_CLOSES = 2,
};

/**
 * Parabolic stop and reverse (Wilder). value: the stop of this bar, which it may have been turned by; trend: 1 while
 * below prices, -1 above; turned: whether this bar turned it. The trend before the first turn is a guess.
 *
 * First with update 2.
 */
struct duet_psar {
    double value;
    int64_t trend, turned;
    double stop, extreme, factor, start, step, most;
    double highs[2], lows[2], close; // of the last bars, the newest first
    int64_t count, style;
};

/** Usual: start 0.02, step 0.02, most 0.2. */
static inline void duet_psar_init(
    struct duet_psar *self, double start, double step, double most, enum duet_psar_style style) {
    memset(self, 0, sizeof(*self));
    self->start = self->factor = duet_clamp_real_(start, 0, 1);
    self->step = duet_clamp_real_(step, 0, 1);
    self->most = duet_clamp_real_(most, 0, 1);
    self->style = style;
    self->value = (double)NAN;
}

static inline void duet_psar_begin_(struct duet_psar *self, double high, double low, double close) {
    double high0 = self->highs[0], low0 = self->lows[0];
    bool up = self->style == DUET_PSAR_RISING || (self->style == DUET_PSAR_MIDDLES && high0 + low0 <= high + low) ||
              (self->style == DUET_PSAR_CLOSES && close >= self->close);
    self->trend = up ? 1 : -1;
    self->stop = up ? low0 : high0;
    self->extreme = up ? high0 : low0;
    if (self->style == DUET_PSAR_CLOSES) {
        self->extreme = up ? duet_smaller_(high, high0) : duet_smaller_(low, low0);
    }
}

/** A new extreme makes the stop follow faster. */
static inline void duet_psar_follow_(struct duet_psar *self, double high, double low) {
    bool further = self->trend > 0 ? high > self->extreme : low < self->extreme;
    if (further) {
        self->extreme = self->trend > 0 ? high : low;
        self->factor = duet_smaller_(self->factor + self->step, self->most);
    }
}

static inline void duet_psar_turn_(struct duet_psar *self, double high, double low) {
    self->trend = -self->trend;
    self->extreme = self->trend > 0 ? high : low;
    self->factor = self->start;
    self->turned = 1;
}

/** `price` kept off what is given: not above both lows of a rising trend, not below both highs of a falling one. */
static inline double duet_psar_off_(const struct duet_psar *self, double price, double one, double other) {
    return self->trend > 0 ? duet_smaller_(price, duet_smaller_(one, other))
                           : duet_larger_(price, duet_larger_(one, other));
}

/** The stop of this bar is known before it; the bar may break it. */
static inline void duet_psar_next_(struct duet_psar *self, double high, double low) {
    double stop = self->stop + self->factor * (self->extreme - self->stop);
    bool two = self->count > 1 || self->style == DUET_PSAR_MIDDLES; // the first bar alone does not hold it off
    int older = self->count > 1 ? 1 : 0;
    if (two && self->trend > 0) {
        stop = duet_psar_off_(self, stop, self->lows[0], self->lows[older]);
    } else if (two) {
        stop = duet_psar_off_(self, stop, self->highs[0], self->highs[older]);
    }
    bool breaks = self->trend > 0 ? low < stop : high > stop;
    if (!breaks || self->style == DUET_PSAR_MIDDLES) { // Tulip's extreme takes in the bar that turns
        duet_psar_follow_(self, high, low);
    }
    if (breaks) {
        stop = self->extreme;
        duet_psar_turn_(self, high, low);
    }
    self->stop = self->value = stop;
}

/** As TA-Lib reckons: the stop of the next bar is made ready with this one. */
static inline void duet_psar_next_touch_(struct duet_psar *self, double high, double low) {
    if (self->trend > 0 ? low <= self->stop : high >= self->stop) {
        double extreme = self->extreme;
        duet_psar_turn_(self, high, low);
        self->stop = self->trend > 0 ? duet_psar_off_(self, extreme, self->lows[0], low)
                                     : duet_psar_off_(self, extreme, self->highs[0], high);
        self->value = self->stop;
    } else {
        self->value = self->stop;
        duet_psar_follow_(self, high, low);
    }
    double next = self->stop + self->factor * (self->extreme - self->stop);
    self->stop = self->trend > 0 ? duet_psar_off_(self, next, self->lows[0], low)
                                 : duet_psar_off_(self, next, self->highs[0], high);
}

static inline double duet_psar_update(struct duet_psar *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    self->turned = 0;
    if (self->count == 1) {
        duet_psar_begin_(self, high, low, close);
    }
    if (self->count == 1 && self->style == DUET_PSAR_CLOSES) {
        self->value = self->stop;
    } else if (self->count > 0 && self->style == DUET_PSAR_CLOSES) {
        duet_psar_next_touch_(self, high, low);
    } else if (self->count > 0) {
        duet_psar_next_(self, high, low);
    }
    self->count += self->count < 2;
    self->highs[1] = self->highs[0];
    self->lows[1] = self->lows[0];
    self->highs[0] = high;
    self->lows[0] = low;
    self->close = close;
    return self->value;
}

DUET_INDICATOR_READS_(duet_psar)

/* ------------------------------------------------------------------ atr of the stops */

/** Average true range as Wilder's mean; the first bar counts as high - low with `first`, else not at all. */
struct duet_atr_ {
    double before;
    struct duet_mean_ mean;
    int64_t first;
};

static inline void duet_atr_init_(struct duet_atr_ *self, int64_t length, bool first) {
    memset(self, 0, sizeof(*self));
    duet_mean_init_(&self->mean, DUET_MEAN_WILDER, duet_clamp_(length, 1, DUET_LENGTH_MAX));
    self->before = (double)NAN;
    self->first = first;
}

static inline double duet_atr_push_(struct duet_atr_ *self, double high, double low, double close) {
    bool counts = self->first || !isnan(self->before);
    double range = counts ? duet_true_range_(high, low, self->before) : (double)NAN;
    self->before = close;
    return duet_mean_push_(&self->mean, NULL, range);
}

/* ------------------------------------------------------------------ supertrend, atr_stop */

/** Two bands that only close in on the price, and which of them holds. */
struct duet_trail_ {
    double upper, lower, close;
    int64_t trend; // 1: above the lower band
};

static inline double duet_trail_push_(struct duet_trail_ *self, double upper, double lower, double close) {
    if (!(upper >= self->upper && self->close <= self->upper)) {
        self->upper = upper;
    }
    if (!(lower <= self->lower && self->close >= self->lower)) {
        self->lower = lower;
    }
    self->trend = close <= (self->trend > 0 ? self->lower : self->upper) ? -1 : 1;
    self->close = close;
    return self->trend > 0 ? self->lower : self->upper;
}

/**
 * SuperTrend (Seban): bands of `factor` average true ranges around the middle of the bar that only close in, until a
 * close goes through. value: the lower band in a rising trend (1), the upper one in a falling (-1); upper and lower:
 * the bands.
 *
 * The first trend is that of the close against the middle. First with update length + 1; with `first` the range of the
 * first bar counts too, one sooner (as TradingView and LEAN have it; LEAN has no trend, 0, until a close breaks out).
 */
struct duet_supertrend {
    double value, upper, lower;
    struct duet_trail_ trail;
    struct duet_atr_ range;
    double factor;
};

static inline void duet_supertrend_init(struct duet_supertrend *self, int64_t length, double factor, bool first) {
    memset(self, 0, sizeof(*self));
    duet_atr_init_(&self->range, length, first);
    self->trail.upper = self->trail.lower = self->trail.close = (double)NAN;
    self->factor = factor;
    self->value = self->upper = self->lower = (double)NAN;
}

static inline double duet_supertrend_update(struct duet_supertrend *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    double range = duet_atr_push_(&self->range, high, low, close), middle = (high + low) / 2;
    if (!isnan(range)) {
        if (isnan(self->value)) {
            self->trail.trend = close >= middle ? 1 : -1;
        }
        self->value =
            duet_trail_push_(&self->trail, middle + self->factor * range, middle - self->factor * range, close);
        self->upper = self->trail.upper;
        self->lower = self->trail.lower;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_supertrend)

/**
 * ATR trailing stop: as SuperTrend, with the bands around the close, or with `extremes` above the high and below the
 * low. The first trend is that of the close against the one before. range: the average true range. First with update
 * length + 1.
 */
struct duet_atr_stop {
    double value, upper, lower;
    struct duet_trail_ trail;
    struct duet_atr_ range;
    double factor;
    int64_t extremes;
};

static inline void duet_atr_stop_init(struct duet_atr_stop *self, int64_t length, double factor, bool extremes) {
    memset(self, 0, sizeof(*self));
    duet_atr_init_(&self->range, length, false);
    self->trail.upper = self->trail.lower = self->trail.close = (double)NAN;
    self->factor = factor;
    self->extremes = extremes;
    self->value = self->upper = self->lower = (double)NAN;
}

static inline double duet_atr_stop_update(struct duet_atr_stop *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    double before = self->range.before, range = duet_atr_push_(&self->range, high, low, close);
    if (!isnan(range)) {
        if (isnan(self->value)) {
            self->trail.trend = close >= before ? 1 : -1;
        }
        double upper = (self->extremes ? high : close) + self->factor * range;
        double lower = (self->extremes ? low : close) - self->factor * range;
        self->value = duet_trail_push_(&self->trail, upper, lower, close);
        self->upper = self->trail.upper;
        self->lower = self->trail.lower;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_atr_stop)

/* ------------------------------------------------------------------ volatility_stop */

/**
 * Volatility stop (Wilder's volatility system): the most favourable close of the trend, less (rising) or plus `factor`
 * average true ranges of the bar before; a close beyond it turns the trend. trend 1 rising, -1 falling; turned: whether
 * this bar turned it. The trend before the first turn is a guess: up where the `length`th close is above the first.
 *
 * First with update length + 2, when an average of the bar before is there.
 */
struct duet_volatility_stop {
    double value;
    int64_t trend, turned;
    struct duet_atr_ range;
    double factor, best, highest, lowest, first;
    int64_t count, length;
};

static inline void duet_volatility_stop_init(struct duet_volatility_stop *self, int64_t length, double factor) {
    memset(self, 0, sizeof(*self));
    duet_atr_init_(&self->range, length, false);
    self->length = self->range.mean.length;
    self->factor = factor;
    self->value = (double)NAN;
}

/** While the range is not known: the best close of either trend, and which one it is. */
static inline void duet_volatility_stop_begin_(struct duet_volatility_stop *self, double close) {
    self->first = self->count == 0 ? close : self->first;
    self->highest = self->count == 0 ? close : duet_larger_(self->highest, close);
    self->lowest = self->count == 0 ? close : duet_smaller_(self->lowest, close);
    if (self->count + 1 <= self->length) {
        self->trend = close > self->first ? 1 : -1;
    }
    self->best = self->trend > 0 ? self->highest : self->lowest;
}

static inline double duet_volatility_stop_update(
    struct duet_volatility_stop *self, double high, double low, double close) {
    if (!duet_finite_(high, low, close, 0)) {
        return self->value;
    }
    double range = self->range.mean.value; // of the bar before
    (void)duet_atr_push_(&self->range, high, low, close);
    self->turned = 0;
    if (self->count <= self->length) {
        duet_volatility_stop_begin_(self, close);
        self->count++;
        return self->value;
    }
    self->value = self->trend > 0 ? self->best - self->factor * range : self->best + self->factor * range;
    self->turned = self->trend > 0 ? close < self->value : close > self->value;
    if (self->turned) {
        self->trend = -self->trend;
        self->best = close;
    } else {
        self->best = self->trend > 0 ? duet_larger_(self->best, close) : duet_smaller_(self->best, close);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_volatility_stop)

#endif
