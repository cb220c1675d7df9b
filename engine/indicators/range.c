#include "engine/indicators/adapt.h"

#define HEADER "duet/indicators/range.h"
#define BARS .group = "range", .inputs = {"high", "low", "close"}, .header = HEADER
#define REAL .group = "range", .inputs = {"real"}, .header = HEADER
#define BANDS "duet/indicators/bands.h"
#define PARAM_FIRST PARAM_WHOLE("first", 0, 0, 1, "1: the first bar counts with high - low")
#define FIRST_CONVENTION                                                                                       \
    "The first bar has no last close and no true range (TA-Lib, LEAN, Stock.Indicators, backtrader); first=1 " \
    "counts it with high - low (Tulip, TradingView)."

ADAPT_INIT_LENGTH(average_range)
ADAPT_INIT_LENGTH(cvi)
ADAPT_INIT_LENGTH(highest)
ADAPT_INIT_LENGTH(lowest)
ADAPT_UPDATE_2(average_range)
ADAPT_UPDATE_2(cvi)
ADAPT_UPDATE_3(atr)
ADAPT_UPDATE_3(choppiness)
ADAPT_UPDATE_3(natr)
ADAPT_UPDATE_3(true_range)

static void acceleration_bands_init_row(void *state, const double *params) {
    duet_acceleration_bands_init(state, (int64_t)params[0], params[1]);
}
static void atr_init_row(void *state, const double *params) {
    static const enum duet_moving_kind kinds[] = {DUET_MOVING_SMMA, DUET_MOVING_SMA, DUET_MOVING_EMA};
    duet_atr_init_kind(state, (int64_t)params[0], kinds[(int)params[1]], params[2] != 0);
}
static void bollinger_init_row(void *state, const double *params) {
    duet_bollinger_init_sample(state, (int64_t)params[0], params[1], params[2] != 0);
}
static void chande_kroll_init_row(void *state, const double *params) {
    duet_chande_kroll_init(state, (int64_t)params[0], params[1], (int64_t)params[2], params[3] != 0);
}
static void chandelier_init_row(void *state, const double *params) {
    duet_chandelier_init(state, (int64_t)params[0], params[1]);
}
static void choppiness_init_row(void *state, const double *params) {
    duet_choppiness_init_extremes(state, (int64_t)params[0], params[1] != 0);
}
static void donchian_init_row(void *state, const double *params) {
    duet_donchian_init_previous(state, (int64_t)params[0], params[1] != 0);
}
static void envelope_init_row(void *state, const double *params) {
    duet_envelope_init(state, (enum duet_moving_kind)params[2], (int64_t)params[0], params[1]);
}
static void keltner_init_row(void *state, const double *params) {
    duet_keltner_init_kind(
        state, (enum duet_moving_kind)params[3], (int64_t)params[0], params[1], (int64_t)params[2], params[4] != 0);
}
static void natr_init_row(void *state, const double *params) {
    duet_natr_init_first(state, (int64_t)params[0], params[1] != 0);
}
static void regression_channel_init_row(void *state, const double *params) {
    duet_regression_channel_init(state, (int64_t)params[0], params[1], params[2] != 0);
}
static void squeeze_init_row(void *state, const double *params) {
    duet_squeeze_init(state, (int64_t)params[0], params[1], (int64_t)params[2], params[3]);
}
static void starc_init_row(void *state, const double *params) {
    duet_starc_init(state, (int64_t)params[0], params[1], (int64_t)params[2]);
}
static void true_range_init_row(void *state, const double *params) {
    duet_true_range_init(state, params[0] != 0);
}

static void regression_channel_update_row(void *state, const double *in, double *out) {
    struct duet_regression_channel *channel = state;
    out[0] = duet_regression_channel_update(channel, in[0]);
    out[1] = channel->upper;
    out[2] = channel->lower;
}
static void squeeze_update_row(void *state, const double *in, double *out) {
    struct duet_squeeze *squeeze = state;
    out[0] = duet_squeeze_update(squeeze, in[0], in[1], in[2]);
    out[1] = squeeze->momentum;
}
static void acceleration_bands_update_row(void *state, const double *in, double *out) {
    struct duet_acceleration_bands *bands = state;
    out[0] = duet_acceleration_bands_update(bands, in[0], in[1], in[2]);
    out[1] = bands->upper;
    out[2] = bands->lower;
}
static void bollinger_update_row(void *state, const double *in, double *out) {
    struct duet_bollinger *bollinger = state;
    out[0] = duet_bollinger_update(bollinger, in[0]);
    out[1] = bollinger->upper;
    out[2] = bollinger->lower;
    out[3] = bollinger->percent;
    out[4] = bollinger->bandwidth;
    out[5] = bollinger->zscore;
}
static void chande_kroll_update_row(void *state, const double *in, double *out) {
    struct duet_chande_kroll *stops = state;
    out[0] = duet_chande_kroll_update(stops, in[0], in[1], in[2]);
    out[1] = stops->long_stop;
}
static void chandelier_update_row(void *state, const double *in, double *out) {
    struct duet_chandelier *chandelier = state;
    out[0] = duet_chandelier_update(chandelier, in[0], in[1], in[2]);
    out[1] = chandelier->short_exit;
}
static void donchian_update_row(void *state, const double *in, double *out) {
    struct duet_donchian *donchian = state;
    out[0] = duet_donchian_update(donchian, in[0], in[1]);
    out[1] = donchian->upper;
    out[2] = donchian->lower;
}
static void envelope_update_row(void *state, const double *in, double *out) {
    struct duet_envelope *envelope = state;
    out[0] = duet_envelope_update(envelope, in[0]);
    out[1] = envelope->upper;
    out[2] = envelope->lower;
}
static void highest_update_row(void *state, const double *in, double *out) {
    struct duet_highest *highest = state;
    out[0] = duet_highest_update(highest, in[0]);
    out[1] = duet_highest_ready(highest) ? (double)highest->age : (double)NAN;
}
static void keltner_update_row(void *state, const double *in, double *out) {
    struct duet_keltner *keltner = state;
    out[0] = duet_keltner_update(keltner, in[0], in[1], in[2]);
    out[1] = keltner->upper;
    out[2] = keltner->lower;
}
static void lowest_update_row(void *state, const double *in, double *out) {
    struct duet_lowest *lowest = state;
    out[0] = duet_lowest_update(lowest, in[0]);
    out[1] = duet_lowest_ready(lowest) ? (double)lowest->age : (double)NAN;
}

static void starc_update_row(void *state, const double *in, double *out) {
    struct duet_starc *starc = state;
    out[0] = duet_starc_update(starc, in[0], in[1], in[2]);
    out[1] = starc->upper;
    out[2] = starc->lower;
}

static int64_t atr_warm_up(const double *params) {
    return (int64_t)params[0] + (params[2] != 0 ? 0 : 1);
}
static int64_t natr_warm_up(const double *params) {
    return (int64_t)params[0] + (params[1] != 0 ? 0 : 1);
}
static int64_t true_range_warm_up(const double *params) {
    return params[0] != 0 ? 1 : 2;
}
static int64_t after_length_warm_up(const double *params) {
    return (int64_t)params[0] + 1;
}
static int64_t chande_kroll_warm_up(const double *params) {
    return (int64_t)params[0] + (int64_t)params[2] - (params[3] != 0 ? 1 : 0);
}
static int64_t donchian_warm_up(const double *params) {
    return (int64_t)params[0] + (params[1] != 0 ? 1 : 0);
}
static int64_t envelope_warm_up(const double *params) {
    return duet_moving_warm_up((enum duet_moving_kind)params[2], (int64_t)params[0]);
}
static int64_t starc_warm_up(const double *params) {
    return params[0] > params[2] ? (int64_t)params[0] : (int64_t)params[2] + 1;
}
static int64_t keltner_warm_up(const double *params) {
    int64_t average = duet_moving_warm_up((enum duet_moving_kind)params[3], (int64_t)params[0]);
    int64_t atr = (int64_t)params[2] + (params[4] != 0 ? 0 : 1);
    return average > atr ? average : atr;
}

static int64_t cvi_warm_up(const double *params) {
    return 2 * (int64_t)params[0];
}
static int64_t squeeze_warm_up(const double *params) {
    // The momentum: a line through values that are there after as many bars.
    int64_t length = (int64_t)params[0], momentum = 2 * (int64_t)params[2] - 1;
    return length > momentum ? length : momentum;
}

const struct duet_indicator_row duet_indicators_range[] = {
    {ADAPT_STATE(acceleration_bands), BARS, .outputs = {"value", "upper", "lower"}, .title = "Acceleration bands",
        .formula = "upper = sma(high * (1 + w)), lower = sma(low * (1 - w)), value = sma(close),\n"
                   "w = factor * (high - low) / (high + low)",
        .source = "P. Headley, Big Trends in Trading, 2002",
        .params = {PARAM_LENGTH(20), PARAM_REAL("factor", 4, 0, 1000, "width")}, .warm_up = adapt_length},
    {ADAPT_STATE(atr), BARS, .outputs = {"value"}, .title = "Average true range", .formula = "smma(true_range, length)",
        .source = "J. W. Wilder, New Concepts in Technical Trading Systems, 1978",
        .convention = "Wilder's smoothing, begun with a mean. " FIRST_CONVENTION,
        .params = {PARAM_LENGTH(14), PARAM_WHOLE("average", 0, 0, 2, "0: Wilder's; 1: simple; 2: exponential"),
            PARAM_FIRST},
        .warm_up = atr_warm_up},
    {ADAPT_STATE(average_range), .group = "range", .inputs = {"high", "low"}, .header = BANDS, .outputs = {"value"},
        .title = "Average range", .formula = "mean of high - low over `length` bars", .source = "average daily range",
        .params = {PARAM_LENGTH(20)}, .warm_up = adapt_length},
    {ADAPT_STATE(bollinger), REAL, .outputs = {"value", "upper", "lower", "percent", "bandwidth", "zscore"},
        .title = "Bollinger bands",
        .formula = "value = sma(length), upper and lower = value ± width * deviation(length),\n"
                   "percent = (real - lower) / (upper - lower), bandwidth = (upper - lower) / value",
        .source = "J. Bollinger, Bollinger on Bollinger Bands, 2001",
        .convention = "The deviation is that of the population; sample=1 divides by length - 1 (pandas). Where all "
                      "values are equal percent is 0.5.",
        .params = {PARAM_LENGTH(20), PARAM_REAL("width", 2, 0, 1000, "deviations"),
            PARAM_WHOLE("sample", 0, 0, 1, "divide by length - 1")},
        .warm_up = adapt_length},
    {ADAPT_STATE(chande_kroll), BARS, .outputs = {"short", "long"}, .title = "Chande Kroll stop",
        .formula = "short = highest(highest(high, length) - factor * atr(length), second),\n"
                   "long = lowest(lowest(low, length) + factor * atr(length), second)",
        .source = "T. Chande, S. Kroll, The New Technical Trader, 1994", .convention = "first=1 is LEAN's.",
        .params = {PARAM_LENGTH(10), PARAM_REAL("factor", 1, 0, 1000, "true ranges"),
            PARAM_WHOLE("second", 9, 1, DUET_WINDOW_MAX, "window of the stops"), PARAM_FIRST},
        .warm_up = chande_kroll_warm_up},
    {ADAPT_STATE(chandelier), BARS, .outputs = {"long", "short"}, .title = "Chandelier exit",
        .formula = "long = highest(high, length) - factor * atr(length), short = lowest(low, length) + factor * atr",
        .source = "C. Le Beau, D. Lucas", .params = {PARAM_LENGTH(22), PARAM_REAL("factor", 3, 0, 1000, "true ranges")},
        .warm_up = after_length_warm_up},
    {ADAPT_STATE(choppiness), BARS, .outputs = {"value"}, .title = "Choppiness index",
        .formula = "100 * log10(sum of true_range / (highest - lowest)) / log10(length)",
        .source = "E. W. Dreiss, 1993",
        .convention = "Of highs and lows; extremes=1 lets the last close of a bar count as its high or low "
                      "(Stock.Indicators). 100 where there is no range.",
        .params = {PARAM_WHOLE("length", 14, 2, DUET_WINDOW_MAX, "window, bars"),
            PARAM_WHOLE("extremes", 0, 0, 1, "1: of true highs and lows")},
        .warm_up = after_length_warm_up},
    {ADAPT_STATE(cvi), .group = "range", .inputs = {"high", "low"}, .header = BANDS, .outputs = {"value"},
        .title = "Chaikin's volatility", .formula = "100 * (e / e `length` ago - 1), e = ema(high - low, length)",
        .source = "M. Chaikin", .convention = "The mean is seeded with its first value; 0 where e was 0.",
        .params = {PARAM_LENGTH(10)}, .warm_up = cvi_warm_up},
    {ADAPT_STATE(donchian), .group = "range", .inputs = {"high", "low"}, .header = HEADER,
        .outputs = {"value", "upper", "lower"}, .title = "Donchian channel",
        .formula = "upper = highest(high, length), lower = lowest(low, length), value = (upper + lower) / 2",
        .source = "R. Donchian",
        .convention = "The present bar counts; previous=1 takes the bars before it (Stock.Indicators).",
        .params = {PARAM_LENGTH(20), PARAM_WHOLE("previous", 0, 0, 1, "1: without the present bar")},
        .warm_up = donchian_warm_up},
    {ADAPT_STATE(envelope), .group = "range", .inputs = {"real"}, .header = "duet/indicators/moving.h",
        .outputs = {"value", "upper", "lower"}, .title = "Envelope about a moving average",
        .formula = "value = average(real, length), upper and lower = value * (1 ± percent / 100)",
        .source = "backtrader: SMAEnvelope and its kin; Stock.Indicators: MaEnvelopes",
        .params = {PARAM_MOVING_LENGTH(20), PARAM_REAL("percent", 2.5, 0, 1000, "distance"), PARAM_MOVING(0)},
        .warm_up = envelope_warm_up},
    {ADAPT_STATE(highest), REAL, .outputs = {"value", "age"}, .title = "Highest",
        .formula = "greatest of the last `length` values, and how many updates ago it came", .source = "maximum",
        .convention = "Of equal values the newest counts.", .params = {PARAM_LENGTH(20)}, .warm_up = adapt_length},
    {ADAPT_STATE(keltner), BARS, .outputs = {"value", "upper", "lower"}, .title = "Keltner channel",
        .formula = "value = average(close, length), upper and lower = value ± factor * atr(atr_length)",
        .source = "C. Keltner, 1960; L. Raschke's form",
        .convention = "The EMA of the close and Wilder's ATR (Stock.Indicators, TradingView); average=0 with typical=1 "
                      "takes simple averages of the typical price and of the true range (LEAN, simple).",
        .params = {PARAM_MOVING_LENGTH(20), PARAM_REAL("factor", 2, 0, 1000, "true ranges"),
            PARAM_WHOLE("atr_length", 10, 1, DUET_WINDOW_MAX, "smoothing of the range, bars"), PARAM_MOVING(1),
            PARAM_WHOLE("typical", 0, 0, 1, "1: of (high + low + close) / 3")},
        .warm_up = keltner_warm_up},
    {ADAPT_STATE(lowest), REAL, .outputs = {"value", "age"}, .title = "Lowest",
        .formula = "least of the last `length` values, and how many updates ago it came", .source = "minimum",
        .convention = "Of equal values the newest counts.", .params = {PARAM_LENGTH(20)}, .warm_up = adapt_length},
    {ADAPT_STATE(natr), BARS, .outputs = {"value"}, .title = "Normalised average true range",
        .formula = "100 * atr(length) / close", .source = "J. Forman, Stocks & Commodities 24:6, 2006",
        .convention = FIRST_CONVENTION, .params = {PARAM_LENGTH(14), PARAM_FIRST}, .warm_up = natr_warm_up},
    {ADAPT_STATE(regression_channel), .group = "range", .inputs = {"real"}, .header = BANDS,
        .outputs = {"value", "upper", "lower"}, .title = "Regression channel",
        .formula = "end of the least squares line through the window, and width * deviation on either side",
        .source = "G. Raff, 1991; LEAN: RegressionChannel",
        .convention =
            "The deviation is that of the window from its mean (LEAN), of the population; residual=1: from the "
            "line.",
        .params = {PARAM_WHOLE("length", 20, 2, DUET_WINDOW_MAX, "window, values"),
            PARAM_REAL("width", 2, 0, 100, "deviations"), PARAM_WHOLE("residual", 0, 0, 1, "1: about the line")},
        .warm_up = adapt_length},
    {ADAPT_STATE(squeeze), .group = "range", .inputs = {"high", "low", "close"}, .header = BANDS,
        .outputs = {"value", "momentum"}, .title = "Squeeze",
        .formula =
            "1 where the Bollinger bands lie inside mean(close) -+ factor * mean(true_range), else -1; momentum =\n"
            "end of the least squares line through close - (donchian + mean) / 2",
        .source = "J. Carter, Mastering the Trade, 2005; LEAN: SqueezeMomentum",
        .convention = "The channel stands about the mean of the bands, its range is averaged simply, and the first bar "
                      "counts with high - low.",
        .params = {PARAM_WHOLE("length", 20, 2, DUET_WINDOW_MAX, "window of the bands"),
            PARAM_REAL("width", 2, 0, 100, "deviations"),
            PARAM_WHOLE("keltner_length", 20, 2, DUET_WINDOW_MAX, "window of the channel and the momentum"),
            PARAM_REAL("factor", 1.5, 0, 100, "ranges")},
        .warm_up = squeeze_warm_up},
    {ADAPT_STATE(starc), BARS, .outputs = {"value", "upper", "lower"}, .title = "Stoller's average range channel",
        .formula = "value = sma(close, length), upper and lower = value ± factor * atr(atr_length)",
        .source = "M. Stoller", .convention = "The middle is there before the range is.",
        .params = {PARAM_LENGTH(5), PARAM_REAL("factor", 2, 0, 1000, "true ranges"),
            PARAM_WHOLE("atr_length", 10, 1, DUET_WINDOW_MAX, "smoothing of the range, bars")},
        .warm_up = starc_warm_up},
    {ADAPT_STATE(true_range), BARS, .outputs = {"value"}, .title = "True range",
        .formula = "max(high, last close) - min(low, last close)",
        .source = "J. W. Wilder, New Concepts in Technical Trading Systems, 1978", .convention = FIRST_CONVENTION,
        .params = {PARAM_FIRST}, .warm_up = true_range_warm_up},
    {0},
};
