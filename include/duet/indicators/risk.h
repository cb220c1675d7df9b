/* Returns, volatility and risk of a series. What holds for all stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_RISK_H
#define DUET_INDICATORS_RISK_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <duet/indicators/math.h>
#include <duet/indicators/rolling.h>
#include <duet/indicators/statistics.h>

/** What a unit normal variable stays below with `probability`, to 1e-15 of it (Wichura's AS 241, Applied Statistics 37,
 * 1988); NAN outside of 0..1. */
static inline double duet_normal_quantile(double probability) {
    static const double middle[2][8] = {
        {3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
            45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727},
        {1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
            39307.895800092710610, 28729.085735721942674, 5226.4952788528545610}};
    static const double near[2][8] = {
        {1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
            1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
        {1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
            1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9}};
    static const double far[2][8] = {
        {6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
            2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
        {1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
            1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}};
    double off = probability - 0.5, r = 0.180625 - off * off, factor = off;
    const double(*table)[8] = middle;
    if (!(probability > 0 && probability < 1)) {
        return (double)NAN;
    }
    if (off < -0.425 || off > 0.425) {
        r = sqrt(-duet_log(off < 0 ? probability : 1 - probability));
        table = r <= 5 ? near : far;
        r -= r <= 5 ? 1.6 : 5;
        factor = off < 0 ? -1 : 1;
    }
    double upper = 0, lower = 0;
    for (int i = 7; i >= 0; i--) {
        upper = upper * r + table[0][i];
        lower = lower * r + table[1][i];
    }
    return factor * upper / lower;
}

/* ------------------------------------------------------------------ downside deviation */

/** Root of the mean squared shortfall of the last `length` returns below `target`; returns above it count 0. */
struct duet_downside {
    double value, target, last;
    bool of_prices;
    struct duet_rolling shortfalls;
};

/** `of_prices`: fed with prices, of which the simple returns are taken (0 after a price of 0); else with returns.
 * `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_downside_init(struct duet_downside *self, int64_t length, double target, bool of_prices) {
    self->value = self->last = (double)NAN;
    self->target = target;
    self->of_prices = of_prices;
    duet_rolling_init(&self->shortfalls, length);
}

static inline double duet_downside_update(struct duet_downside *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double last = self->last, change = value;
    self->last = value;
    if (self->of_prices) {
        if (isnan(last)) {
            return self->value;
        }
        change = last != 0 ? (value - last) / last : 0;
    }
    double shortfall = change < self->target ? change - self->target : 0;
    (void)duet_rolling_push(&self->shortfalls, shortfall);
    if (duet_rolling_full(&self->shortfalls)) {
        double sum = 0;
        for (int64_t i = 0; i < self->shortfalls.length; i++) {
            double each = duet_rolling_at(&self->shortfalls, i);
            sum += each * each;
        }
        self->value = sqrt(sum / (double)self->shortfalls.length);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_downside)

/* ------------------------------------------------------------------ value at risk */

/**
 * Value at risk of one update if returns are normal: mean + quantile(1 - confidence) * sample deviation of the last
 * `length` simple returns; a return, below 0 where something is at risk. Begins with two returns, with update 3.
 */
struct duet_value_at_risk {
    double value, quantile, last;
    struct duet_rolling returns;
};

/** `length` is clamped to 2..DUET_WINDOW_MAX, `confidence` to 0.5..1 - 1e-9. */
static inline void duet_value_at_risk_init(struct duet_value_at_risk *self, int64_t length, double confidence) {
    self->value = self->last = (double)NAN;
    self->quantile = duet_normal_quantile(1 - duet_clamp_real_(confidence, 0.5, 1 - 1e-9));
    duet_rolling_init(&self->returns, duet_clamp_(length, 2, DUET_WINDOW_MAX));
}

static inline double duet_value_at_risk_update(struct duet_value_at_risk *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double last = self->last;
    self->last = value;
    if (isnan(last)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->returns, last != 0 ? (value - last) / last : 0);
    if (self->returns.count > 1) {
        struct duet_spread spread = duet_rolling_spread(&self->returns);
        self->value = spread.mean + self->quantile * sqrt(spread.squares / (double)(self->returns.count - 1));
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_value_at_risk)

/* ------------------------------------------------------------------ returns and risk */

/** Return over `length` updates, as a fraction and as a logarithm; both 0 where a price is not above 0. */
struct duet_change {
    double value, logarithm; // value: input / old - 1
    struct duet_rolling window;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX - 1. */
static inline void duet_change_init(struct duet_change *self, int64_t length) {
    self->value = self->logarithm = (double)NAN;
    duet_rolling_init(&self->window, duet_clamp_(length, 1, DUET_WINDOW_MAX - 1) + 1);
}

static inline double duet_change_update(struct duet_change *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (duet_rolling_full(&self->window)) {
        double old = duet_rolling_at(&self->window, self->window.length - 1), ratio = old != 0 ? value / old : 1;
        self->logarithm = ratio > 0 ? duet_log(ratio) : 0;
        self->value = ratio - 1;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_change)

/**
 * Historical volatility: the standard deviation of the last `length` returns, times the square root of the periods in a
 * year.
 */
struct duet_volatility {
    double value, scale;
    bool logarithm;
    struct duet_change change;
    struct duet_deviation deviation;
};

/** `periods`: 252 for daily bars, 1 for no scaling. `logarithm`: of log returns, else of simple ones. */
static inline void duet_volatility_init(
    struct duet_volatility *self, int64_t length, double periods, bool logarithm, bool sample) {
    self->value = (double)NAN;
    self->scale = sqrt(duet_clamp_real_(periods, 0, 1e9));
    self->logarithm = logarithm;
    duet_change_init(&self->change, 1);
    duet_deviation_init_sample(&self->deviation, length, sample);
}

static inline double duet_volatility_update(struct duet_volatility *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double change = duet_change_update(&self->change, value);
    double deviation = duet_deviation_update(&self->deviation, self->logarithm ? self->change.logarithm : change);
    return self->value = deviation * self->scale;
}

DUET_INDICATOR_READS_(duet_volatility)

/** Drawdown from the highest value so far, as a fraction: 0 at a new high, -0.1 a tenth below. */
struct duet_drawdown {
    double value, peak;
};

static inline void duet_drawdown_init(struct duet_drawdown *self) {
    self->value = self->peak = (double)NAN;
}

static inline double duet_drawdown_update(struct duet_drawdown *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    self->peak = isnan(self->peak) || value > self->peak ? value : self->peak;
    return self->value = self->peak > 0 ? value / self->peak - 1 : 0;
}

DUET_INDICATOR_READS_(duet_drawdown)

/** Ulcer index (Martin): root of the mean squared drawdown in percent, each from the highest up to it in the window. */
struct duet_ulcer {
    double value;
    struct duet_rolling window;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_ulcer_init(struct duet_ulcer *self, int64_t length) {
    self->value = (double)NAN;
    duet_rolling_init(&self->window, length);
}

static inline double duet_ulcer_update(struct duet_ulcer *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    (void)duet_rolling_push(&self->window, value);
    if (duet_rolling_full(&self->window)) {
        double peak = duet_rolling_at(&self->window, self->window.length - 1), sum = 0;
        for (int64_t age = self->window.length - 1; age >= 0; age--) {
            double at = duet_rolling_at(&self->window, age);
            peak = at > peak ? at : peak;
            double drawdown = peak > 0 ? 100 * (at - peak) / peak : 0;
            sum += drawdown * drawdown;
        }
        self->value = sqrt(sum / (double)self->window.length);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_ulcer)

/** Rolling Sharpe ratio: (mean return - risk_free) / deviation of the last `length` simple returns; 0 where none. */
struct duet_sharpe {
    double value, sortino; // sortino: by the deviation of the returns below risk_free
    double risk_free;
    struct duet_change change;
    struct duet_deviation deviation;
};

/** `risk_free` per update. */
static inline void duet_sharpe_init(struct duet_sharpe *self, int64_t length, double risk_free, bool sample) {
    self->value = self->sortino = (double)NAN;
    self->risk_free = risk_free;
    duet_change_init(&self->change, 1);
    duet_deviation_init_sample(&self->deviation, length, sample);
}

static inline double duet_sharpe_update(struct duet_sharpe *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double deviation = duet_deviation_update(&self->deviation, duet_change_update(&self->change, value));
    if (isnan(deviation)) {
        return self->value;
    }
    const struct duet_rolling *window = &self->deviation.window;
    double excess = self->deviation.mean - self->risk_free, squares = 0;
    for (int64_t age = 0; age < window->length; age++) {
        double below = duet_rolling_at(window, age) - self->risk_free;
        squares += below < 0 ? below * below : 0;
    }
    double down = sqrt(squares / (double)window->length);
    self->sortino = down > 0 ? excess / down : 0;
    return self->value = deviation > 0 ? excess / deviation : 0;
}

DUET_INDICATOR_READS_(duet_sharpe)

/** Rogers-Satchell volatility: the root of the mean of log(h/c) log(h/o) + log(l/c) log(l/o) over the window. */
struct duet_rogers_satchell {
    double value;
    struct duet_total total;
};

/** `length` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_rogers_satchell_init(struct duet_rogers_satchell *self, int64_t length) {
    self->value = (double)NAN;
    duet_total_init(&self->total, length);
}

/** A bar with a price not above 0 counts as no movement. */
static inline double duet_rogers_satchell_update(
    struct duet_rogers_satchell *self, double open, double high, double low, double close) {
    if (!isfinite(open) || !isfinite(high) || !isfinite(low) || !isfinite(close)) {
        return self->value;
    }
    double term = 0;
    if (open > 0 && high > 0 && low > 0 && close > 0) {
        term = duet_log(high / close) * duet_log(high / open) + duet_log(low / close) * duet_log(low / open);
    }
    double total = duet_total_update(&self->total, term);
    return self->value = isnan(total) ? total : total > 0 ? sqrt(total / (double)self->total.window.length) : 0;
}

DUET_INDICATOR_READS_(duet_rogers_satchell)

/** Augen's price spike: the change since the last update in standard deviations of the log returns before it. */
struct duet_price_spike {
    double value, last;
    struct duet_change change;
    struct duet_deviation deviation;
};

/** `length` log returns, clamped to 2..DUET_WINDOW_MAX. */
static inline void duet_price_spike_init(struct duet_price_spike *self, int64_t length) {
    self->value = self->last = (double)NAN;
    duet_change_init(&self->change, 1);
    duet_deviation_init(&self->deviation, duet_clamp_(length, 2, DUET_WINDOW_MAX));
}

static inline double duet_price_spike_update(struct duet_price_spike *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double deviation = self->deviation.value, expected = deviation * self->last, change = value - self->last;
    self->last = value;
    (void)duet_change_update(&self->change, value);
    (void)duet_deviation_update(&self->deviation, self->change.logarithm);
    if (!isnan(deviation)) {
        self->value = expected > 0 ? change / expected : 0;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_price_spike)

#endif
