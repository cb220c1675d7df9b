/* The arithmetic: pure functions of bars. */
#include "engine/live/features.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"

static const struct {
    const char *name;
    size_t bars;
} kinds[DUET_FEATURE_COUNT] = {
#define FEATURE_ROW(name, text, bars) [DUET_FEATURE_##name] = {text, bars},
    DUET_FEATURE_MAP(FEATURE_ROW)
#undef FEATURE_ROW
};

const char *duet_feature_name(enum duet_feature_kind kind) {
    return kinds[kind].name;
}

/** The `age`-th bar from the last. */
static const struct duet_bar *back(const struct duet_bar *bars, size_t count, size_t age) {
    return &bars[count - 1 - age];
}

static double return_over(const struct duet_bar *bars, size_t count, size_t span) {
    return back(bars, count, 0)->close / back(bars, count, span)->close - 1;
}

/** Sample deviation of the last `span` returns of one bar. */
static double volatility(const struct duet_bar *bars, size_t count, size_t span) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < span; i++) {
        sum += return_over(bars, count - i, 1);
    }
    double mean = sum / (double)span;
    for (size_t i = 0; i < span; i++) {
        double away = return_over(bars, count - i, 1) - mean;
        squares += away * away;
    }
    return sqrt(squares / (double)(span - 1));
}

static double mean_close(const struct duet_bar *bars, size_t count, size_t span) {
    double sum = 0;
    for (size_t i = 0; i < span; i++) {
        sum += back(bars, count, i)->close;
    }
    return sum / (double)span;
}

/** Wilder's average: the mean of the first `span` values, then one part in `span` of each new one. */
struct wilder {
    double average;
    size_t span, count;
};
static void wilder_take(struct wilder *wilder, double value) {
    wilder->count++;
    if (wilder->count <= wilder->span) {
        wilder->average += value / (double)wilder->span;
    } else {
        wilder->average += (value - wilder->average) / (double)wilder->span;
    }
}

static double rsi(const struct duet_bar *bars, size_t count, size_t span) {
    struct wilder up = {.span = span}, down = {.span = span};
    for (size_t i = 1; i < count; i++) {
        double change = bars[i].close - bars[i - 1].close;
        wilder_take(&up, change > 0 ? change : 0);
        wilder_take(&down, change < 0 ? -change : 0);
    }
    double moved = up.average + down.average;
    return moved > 0 ? 100 * up.average / moved : 50;
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

static double atr(const struct duet_bar *bars, size_t count, size_t span) {
    struct wilder range = {.span = span};
    for (size_t i = 1; i < count; i++) {
        double before = bars[i - 1].close;
        wilder_take(&range,
            larger(bars[i].high - bars[i].low, larger(fabs(bars[i].high - before), fabs(bars[i].low - before))));
    }
    return range.average;
}

static double volume_ratio(const struct duet_bar *bars, size_t count, size_t span) {
    double sum = 0;
    for (size_t i = 1; i <= span; i++) {
        sum += back(bars, count, i)->volume;
    }
    return sum > 0 ? back(bars, count, 0)->volume / (sum / (double)span) : NAN;
}

static double feature_of(enum duet_feature_kind kind, const struct duet_bar *bars, size_t count) {
    switch (kind) {
    case DUET_FEATURE_RETURN_1:
        return return_over(bars, count, 1);
    case DUET_FEATURE_RETURN_5:
        return return_over(bars, count, 5);
    case DUET_FEATURE_RETURN_20:
        return return_over(bars, count, 20);
    case DUET_FEATURE_VOLATILITY_20:
        return volatility(bars, count, 20);
    case DUET_FEATURE_SMA_RATIO:
        return mean_close(bars, count, 10) / mean_close(bars, count, 50) - 1;
    case DUET_FEATURE_RSI_14:
        return rsi(bars, count, 14);
    case DUET_FEATURE_ATR_14:
        return atr(bars, count, 14);
    case DUET_FEATURE_VOLUME_RATIO:
        return volume_ratio(bars, count, 20);
    case DUET_FEATURE_COUNT:
        break;
    }
    return NAN;
}

enum duet_status duet_features_of(
    const char *symbol, const struct duet_bar *bars, size_t count, struct duet_features *out) {
    *out = (struct duet_features){.bars = (uint32_t)count};
    duet_text_copy(out->symbol, sizeof(out->symbol), symbol);
    if (count == 0) {
        return duet_error(DUET_EDATA, "%s: no bars", symbol);
    }
    for (size_t i = 0; i < count; i++) {
        if (!(bars[i].close > 0)) { // ratios of prices mean nothing then
            return duet_error(DUET_EDATA, "%s: a close of %g; features need prices above 0", symbol, bars[i].close);
        }
    }
    out->close_ns = bars[count - 1].close_ns;
    out->close = bars[count - 1].close;
    for (int kind = 0; kind < DUET_FEATURE_COUNT; kind++) {
        out->values[kind] =
            count >= kinds[kind].bars ? feature_of((enum duet_feature_kind)kind, bars, count) : (double)NAN;
    }
    return DUET_OK;
}

/* ---- the signal ---- */

#define VOTES 3
#define RSI_HIGH 70
#define RSI_LOW 30
/** Moves smaller than these, in volatilities of one bar, are none. */
#define TREND_UNITS 1
#define MOMENTUM_UNITS 2

static int vote(double value, double threshold) {
    return value > threshold ? 1 : value < -threshold ? -1 : 0;
}

void duet_signal_of(const struct duet_features *features, struct duet_ticker_signal *out) {
    const double *values = features->values;
    *out = (struct duet_ticker_signal){.features = *features};
    if (features->bars < kinds[DUET_FEATURE_SMA_RATIO].bars) {
        snprintf(out->reason, sizeof(out->reason), "%u bars, %zu are needed", features->bars,
            kinds[DUET_FEATURE_SMA_RATIO].bars);
        return;
    }
    double unit = values[DUET_FEATURE_VOLATILITY_20];
    int trend = vote(values[DUET_FEATURE_SMA_RATIO], TREND_UNITS * unit);
    int momentum = vote(values[DUET_FEATURE_RETURN_20], MOMENTUM_UNITS * unit);
    // A stretched one is expected to come back.
    int stretched = values[DUET_FEATURE_RSI_14] > RSI_HIGH ? -1 : values[DUET_FEATURE_RSI_14] < RSI_LOW ? 1 : 0;
    int sum = trend + momentum + stretched;
    out->direction = (sum > 0) - (sum < 0);
    out->strength = (double)(sum < 0 ? -sum : sum) / VOTES;
    snprintf(out->reason, sizeof(out->reason), "trend %+d, momentum %+d, rsi %+d", trend, momentum, stretched);
}

/* ---- for the API ---- */

static void write_features(struct duet_json *json, const struct duet_features *features) {
    char text[DUET_TIME_TEXT_MAX];
    duet_time_format_iso(features->close_ns, text);
    duet_json_string(json, "symbol", features->symbol);
    duet_json_string(json, "time", text);
    duet_json_double(json, "close", features->close);
    duet_json_uint(json, "bars", features->bars);
    duet_json_open(json, "features", '{');
    for (int kind = 0; kind < DUET_FEATURE_COUNT; kind++) {
        duet_json_double(json, kinds[kind].name, features->values[kind]);
    }
    duet_json_close(json, '}');
}

void duet_features_write(struct duet_json *json, const char *name, const struct duet_features *features) {
    duet_json_open(json, name, '{');
    write_features(json, features);
    duet_json_close(json, '}');
}

void duet_signal_write(struct duet_json *json, const char *name, const struct duet_ticker_signal *signal) {
    duet_json_open(json, name, '{');
    write_features(json, &signal->features);
    duet_json_int(json, "direction", signal->direction);
    duet_json_double(json, "strength", signal->strength);
    duet_json_string(json, "reason", signal->reason);
    duet_json_close(json, '}');
}
