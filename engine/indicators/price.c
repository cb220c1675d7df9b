#include "engine/indicators/adapt.h"

#define HEADER "duet/indicators/price.h"
#define BARS .group = "price", .inputs = {"high", "low", "close"}, .header = HEADER
#define OHLC .group = "price", .inputs = {"open", "high", "low", "close"}, .header = HEADER
#define HIGH_LOW .group = "price", .inputs = {"high", "low"}, .header = HEADER
#define HIGH_LOW_OF(header_) .group = "price", .inputs = {"high", "low"}, .header = header_
#define REAL .group = "price", .inputs = {"real"}, .header = HEADER
#define VALUE .outputs = {"value"}
#define TURNING "duet/indicators/turning.h"

/** The functions of one bar hold no state; like all others they are deaf to what is not finite. */
struct price_state {
    double value;
};
static void price_init_row(void *state, const double *params) {
    ((struct price_state *)state)->value = (double)NAN;
}
static void price_keep(void *state, double value, double *out) {
    struct price_state *kept = state;
    kept->value = isfinite(value) ? value : kept->value;
    out[0] = kept->value;
}
static void average_price_update_row(void *state, const double *in, double *out) {
    price_keep(state, duet_average_price(in[0], in[1], in[2], in[3]), out);
}
static void internal_strength_update_row(void *state, const double *in, double *out) {
    bool known = duet_bar_finite_(in[0], in[1], in[2]);
    price_keep(state, known ? duet_internal_strength(in[0], in[1], in[2]) : (double)NAN, out);
}
static void median_price_update_row(void *state, const double *in, double *out) {
    price_keep(state, duet_median_price(in[0], in[1]), out);
}
static void typical_price_update_row(void *state, const double *in, double *out) {
    price_keep(state, duet_typical_price(in[0], in[1], in[2]), out);
}
static void weighted_close_update_row(void *state, const double *in, double *out) {
    price_keep(state, duet_weighted_close(in[0], in[1], in[2]), out);
}
/** Candles, by a share of their own. */
struct candle_state {
    double value, percent;
};
static void candle_init_row(void *state, const double *params) {
    *(struct candle_state *)state = (struct candle_state){(double)NAN, params[0]};
}
static void doji_update_row(void *state, const double *in, double *out) {
    struct candle_state *kept = state;
    if (isfinite(in[0]) && isfinite(in[1])) {
        kept->value = duet_is_doji(in[0], in[1], kept->percent) ? 1 : 0;
    }
    out[0] = kept->value;
}
static void marubozu_update_row(void *state, const double *in, double *out) {
    struct candle_state *kept = state;
    if (duet_bar_finite_(in[1], in[2], in[3]) && isfinite(in[0])) {
        kept->value = duet_marubozu(in[0], in[1], in[2], in[3], kept->percent);
    }
    out[0] = kept->value;
}
#define CANDLE_STATE(name_)                                                                                           \
    .name = #name_, .state_size = sizeof(struct candle_state), .init = candle_init_row, .update = name_##_update_row, \
    .warm_up = adapt_once, .group = "price", .header = HEADER, .outputs = {"value"}
#define PRICE_STATE(name_)                                                                                          \
    .name = #name_, .state_size = sizeof(struct price_state), .init = price_init_row, .update = name_##_update_row, \
    .warm_up = adapt_once

ADAPT_INIT_LENGTH(fractal)
ADAPT_INIT_LENGTH(lag)
ADAPT_INIT_LENGTH(midpoint)
ADAPT_UPDATE_1(decay)
ADAPT_UPDATE_1(lag)
ADAPT_UPDATE_1(midpoint)

static void crossover_init_row(void *state, const double *params) {
    duet_crossover_init(state, (enum duet_cross_rule)params[0]);
}
static void decay_init_row(void *state, const double *params) {
    duet_decay_init(state, (int64_t)params[0], params[1] != 0);
}
static void heikin_ashi_init_row(void *state, const double *params) {
    duet_heikin_ashi_init(state);
}
static void pivot_points_init_row(void *state, const double *params) {
    if (params[2] != 0) {
        duet_pivot_points_init_period(state, (enum duet_pivot_period)params[2], (enum duet_pivot_kind)params[1]);
    } else {
        duet_pivot_points_init(state, (int64_t)params[0], (enum duet_pivot_kind)params[1]);
    }
}
static void pivots_init_row(void *state, const double *params) {
    duet_pivots_init(state, (int64_t)params[0], (int64_t)params[1], (int64_t)params[2]);
}
static void renko_init_row(void *state, const double *params) {
    duet_renko_init(state, params[0]);
}
static void zigzag_init_row(void *state, const double *params) {
    duet_zigzag_init(state, params[0], (int64_t)params[1], params[2] != 0);
}

static void crossover_update_row(void *state, const double *in, double *out) {
    double crossed = duet_crossover_update(state, in[0], in[1]);
    out[0] = crossed;
    out[1] = isnan(crossed) ? crossed : crossed > 0 ? 1 : 0;
    out[2] = isnan(crossed) ? crossed : crossed < 0 ? 1 : 0;
    out[3] = fabs(crossed);
}
static void fractal_update_row(void *state, const double *in, double *out) {
    struct duet_fractal *fractal = state;
    out[0] = duet_fractal_update(fractal, in[0], in[1]);
    out[1] = fractal->high;
    out[2] = fractal->low;
    out[3] = fractal->last_high;
    out[4] = fractal->last_low;
}
static void heikin_ashi_update_row(void *state, const double *in, double *out) {
    struct duet_heikin_ashi *bar = state;
    double close = duet_heikin_ashi_update(bar, in[0], in[1], in[2], in[3]);
    out[0] = bar->open;
    out[1] = bar->high;
    out[2] = bar->low;
    out[3] = close;
}
static void pivot_points_update_row(void *state, const double *in, double *out) {
    struct duet_pivot_points *points = state;
    // 2^62: a time is no count of bars, so one that is not finite is not taken in either.
    bool known = in[4] > -0x1p62 && in[4] < 0x1p62;
    out[0] = known ? duet_pivot_points_update_at(points, (int64_t)in[4], in[0], in[1], in[2], in[3]) : points->value;
    for (int i = 0; i < 4; i++) {
        out[1 + i] = points->resistance[i];
        out[5 + i] = points->support[i];
    }
}
static void pivots_update_row(void *state, const double *in, double *out) {
    struct duet_pivots *pivots = state;
    out[0] = duet_pivots_update(pivots, in[0], in[1]);
    out[1] = pivots->high;
    out[2] = pivots->low;
    out[3] = pivots->high_trend;
    out[4] = pivots->low_trend;
    out[5] = pivots->high_step;
    out[6] = pivots->low_step;
}
static void renko_update_row(void *state, const double *in, double *out) {
    struct duet_renko *renko = state;
    out[0] = duet_renko_update(renko, in[0], in[1], in[2], in[3]);
    out[1] = renko->open;
    out[2] = renko->high;
    out[3] = renko->low;
    out[4] = renko->close;
    out[5] = renko->volume;
}
static void zigzag_update_row(void *state, const double *in, double *out) {
    struct duet_zigzag *zigzag = state;
    out[0] = duet_zigzag_update(zigzag, in[0], in[1]);
    out[1] = zigzag->trend;
    out[2] = zigzag->pivot;
    out[3] = zigzag->turned;
    out[4] = (double)zigzag->age;
    out[5] = (double)zigzag->pivot_age;
}
static void midprice_update_row(void *state, const double *in, double *out) {
    out[0] = duet_donchian_update(state, in[0], in[1]);
}
static void midprice_init_row(void *state, const double *params) {
    duet_donchian_init(state, (int64_t)params[0]);
}

static int64_t crossover_warm_up(const double *params) {
    return 2;
}
static int64_t fractal_warm_up(const double *params) {
    return 2 * (int64_t)params[0] + 1;
}
static int64_t pivot_points_warm_up(const double *params) {
    return params[2] != 0 ? 0 : (int64_t)params[0] + 1;
}
static int64_t pivots_warm_up(const double *params) {
    return (int64_t)params[0] + (int64_t)params[1] + 1;
}
static int64_t after_length_warm_up(const double *params) {
    return (int64_t)params[0] + 1;
}

const struct duet_indicator_row duet_indicators_price[] = {
    {PRICE_STATE(average_price), OHLC, VALUE, .title = "Average price", .formula = "(open + high + low + close) / 4",
        .call = "double value = duet_average_price(bar->open, bar->high, bar->low, bar->close);",
        .source = "mean of the bar"},
    {ADAPT_STATE(crossover), .group = "price", .inputs = {"real", "real2"}, .header = HEADER,
        .outputs = {"value", "up", "down", "any"}, .title = "Crossover",
        .formula = "1 where real crosses above real2, -1 where below, else 0; up, down and any are 0 or 1",
        .source = "crossing",
        .convention = "rule=0: from one side to the other, the last difference that was not 0 counts (backtrader). "
                      "rule=1: above now and not above one update before, likewise below (Tulip, TradingView).",
        .params = {PARAM_WHOLE("rule", 0, 0, 1, "0: last side; 1: last update")}, .warm_up = crossover_warm_up},
    {ADAPT_STATE(decay), REAL, VALUE, .title = "Decay",
        .formula = "max(real, last - 1 / length), or max(real, last * (1 - 1 / length)); not below 0",
        .source = "Tulip: decay, edecay",
        .params = {PARAM_SMOOTHING("length", 20, "updates"), PARAM_WHOLE("exponential", 0, 0, 1, "1: as a share")},
        .warm_up = adapt_once},
    {CANDLE_STATE(doji), .inputs = {"open", "close"}, .title = "Doji",
        .formula = "1 where |close - open| <= percent % of |open|, else 0",
        .call = "double value = duet_is_doji(bar->open, bar->close, 0.1);",
        .source = "S. Nison, Japanese Candlestick Charting Techniques, 1991; Stock.Indicators: Doji",
        .params = {PARAM_REAL("percent", 0.1, 0, 100, "of the open")}},
    {ADAPT_STATE(fractal), HIGH_LOW, .outputs = {"value", "high", "low", "last_high", "last_low"}, .title = "Fractals",
        .formula = "a high above the `span` highs on either side, a low below the lows; value 1 for a high, -1 for a\n"
                   "low, 2 for both, 0 for none",
        .source = "B. Williams, Trading Chaos, 1995",
        .convention = "Known `span` bars later, and told then, without looking ahead. high and low have a value only "
                      "there; last_high and last_low keep it.",
        .params = {PARAM_WHOLE("span", 2, 1, (DUET_WINDOW_MAX - 1) / 2, "bars on either side")},
        .warm_up = fractal_warm_up},
    {ADAPT_STATE(heikin_ashi), OHLC, .outputs = {"open", "high", "low", "close"}, .title = "Heikin-Ashi",
        .formula = "close = (o + h + l + c) / 4, open = (last open + last close) / 2, high = max(h, open, close),\n"
                   "low = min(l, open, close)",
        .source = "M. Honma; D. Valcu, Stocks & Commodities 22:2, 2004",
        .convention = "The first bar opens in the middle of its body. backtrader shows it from the second on.",
        .warm_up = adapt_once},
    {PRICE_STATE(internal_strength), BARS, VALUE, .title = "Internal bar strength",
        .formula = "(close - low) / (high - low)",
        .call = "double value = duet_internal_strength(bar->high, bar->low, bar->close);",
        .source = "LEAN: InternalBarStrength", .convention = "0 where high and low are equal."},
    {ADAPT_STATE(lag), REAL, VALUE, .title = "Lag", .formula = "real `length` updates ago", .source = "delay",
        .params = {PARAM_WHOLE("length", 1, 0, DUET_WINDOW_MAX - 1, "updates")}, .warm_up = after_length_warm_up},
    {CANDLE_STATE(marubozu), .inputs = {"open", "high", "low", "close"}, .title = "Marubozu",
        .formula = "1 (rising) or -1 (falling) where |close - open| >= percent % of high - low, else 0",
        .call = "double value = duet_marubozu(bar->open, bar->high, bar->low, bar->close, 95);",
        .source = "S. Nison, Japanese Candlestick Charting Techniques, 1991; Stock.Indicators: Marubozu",
        .params = {PARAM_REAL("percent", 95, 1, 100, "of the range")}},
    {PRICE_STATE(median_price), HIGH_LOW, VALUE, .title = "Median price", .formula = "(high + low) / 2",
        .call = "double value = duet_median_price(bar->high, bar->low);", .source = "middle of the bar"},
    {ADAPT_STATE(midpoint), REAL, VALUE, .title = "Midpoint", .formula = "(highest(length) + lowest(length)) / 2",
        .source = "TA-Lib: MIDPOINT", .params = {PARAM_LENGTH(14)}, .warm_up = adapt_length},
    {.name = "midprice",
        .state_size = sizeof(struct duet_donchian),
        .init = midprice_init_row,
        .update = midprice_update_row,
        .group = "price",
        .inputs = {"high", "low"},
        VALUE,
        .header = "duet/indicators/range.h",
        .title = "Midprice",
        .formula = "(highest(high, length) + lowest(low, length)) / 2",
        .source = "TA-Lib: MIDPRICE",
        .call = "struct duet_donchian x; double value = duet_donchian_update(&x, bar->high, bar->low);",
        .params = {PARAM_LENGTH(14)},
        .warm_up = adapt_length},
    {ADAPT_STATE(pivot_points), .group = "price", .inputs = {"open", "high", "low", "close", "time"}, .header = HEADER,
        .outputs = {"value", "r1", "r2", "r3", "r4", "s1", "s2", "s3", "s4"}, .title = "Pivot points",
        .formula = "from high, low and close of the `length` bars before: value = (h + l + c) / 3, r1 = 2 value - l,\n"
                   "s1 = 2 value - h, r2 = value + h - l, s2 = value - h + l, r3 = h + 2 (value - l),\n"
                   "s3 = l - 2 (h - value); other kinds their own",
        .source = "floor traders; K. Woodie; N. Scott (Camarilla); T. DeMark",
        .convention = "Levels that a kind does not have stay without a value. With a period they are those of the day, "
                      "week (from Monday), month or year before, UTC, and change with the first bar of the next; "
                      "without one time is not looked at and duet_pivot_points_update() does.",
        .call = "struct duet_pivot_points x; double value = duet_pivot_points_update_at(&x, bar->open_ns / 1000000000, "
                "bar->open, bar->high, bar->low, bar->close);",
        .params = {PARAM_WHOLE("length", 1, 1, DUET_WINDOW_MAX, "bars of the range"),
            PARAM_WHOLE("kind", 0, 0, 4, "0 standard, 1 woodie, 2 camarilla, 3 fibonacci, 4 demark"),
            PARAM_WHOLE("period", 0, 0, 4, "0 length bars, 1 day, 2 week, 3 month, 4 year")},
        .warm_up = pivot_points_warm_up},
    {ADAPT_STATE(pivots), HIGH_LOW_OF(TURNING),
        .outputs = {"value", "high", "low", "high_trend", "low_trend", "high_step", "low_step"}, .title = "Pivots",
        .formula =
            "a high above the highs of the `left` bars before and the `right` bars after it, a low below the lows;\n"
            "value 1 for a high, -1 for a low, 2 for both, 0 for none; trend 1 above the one before, else 0; step\n"
            "the way from the one before per bar",
        .source = "turning points; Stock.Indicators: Pivots; LEAN: PivotPointsHighLow",
        .convention = "Known `right` bars later, and told then, without looking ahead; all but value have one only "
                      "there. Trend and step join two of a kind that are at most `most` bars apart.",
        .params = {PARAM_WHOLE("left", 2, 1, DUET_WINDOW_MAX / 2 - 1, "bars before"),
            PARAM_WHOLE("right", 2, 1, DUET_WINDOW_MAX / 2 - 1, "bars after"),
            PARAM_SMOOTHING("most", 20, "bars between two that are joined")},
        .warm_up = pivots_warm_up},
    {ADAPT_STATE(renko), .group = "price", .inputs = {"high", "low", "close", "volume"}, .header = TURNING,
        .outputs = {"value", "open", "high", "low", "close", "volume"}, .title = "Renko bricks",
        .formula =
            "value: bricks of one size that stand since this close, negative where they fall; open of the first,\n"
            "close of the last; high, low and volume per brick of the bars since those before",
        .source = "Renko; S. Nison, Beyond Candlesticks, 1994",
        .convention = "The first begins at the first close, rounded to a whole multiple of the size. A brick the other "
                      "way begins where the last one began. duet backtest has Renko bars as data too.",
        .params = {PARAM_REAL("size", 1, 1e-9, 1e9, "of a brick, in price")}, .warm_up = adapt_once},
    {PRICE_STATE(typical_price), BARS, VALUE, .title = "Typical price", .formula = "(high + low + close) / 3",
        .call = "double value = duet_typical_price(bar->high, bar->low, bar->close);", .source = "also called HLC3"},
    {PRICE_STATE(weighted_close), BARS, VALUE, .title = "Weighted close", .formula = "(high + low + 2 * close) / 4",
        .call = "double value = duet_weighted_close(bar->high, bar->low, bar->close);", .source = "also called HLCC4"},
    {ADAPT_STATE(zigzag), HIGH_LOW_OF(TURNING), .outputs = {"value", "trend", "pivot", "turned", "age", "pivot_age"},
        .title = "Zigzag",
        .formula =
            "legs of at least `share` of the price: value the end of the leg so far, pivot the last turn; trend 1\n"
            "up, -1 down; turned 1 or -1 where a low or a high became the pivot; ages in updates",
        .source = "A. Merrill, Filtered Waves, 1977",
        .convention = "Nothing is drawn again: a pivot is told when the price has gone back by `share` from it. "
                      "from_low=1 takes the first bar for a low (LEAN).",
        .call = "struct duet_zigzag x; double value = duet_zigzag_update(&x, bar->high, bar->low);",
        .params = {PARAM_REAL("share", 0.05, 0, 1, "of the price, to turn"),
            PARAM_WHOLE("bars", 0, 0, DUET_LENGTH_MAX, "that a leg takes at least"),
            PARAM_WHOLE("from_low", 0, 0, 1, "1: the first bar is a low")},
        .warm_up = adapt_once},
    {0},
};
