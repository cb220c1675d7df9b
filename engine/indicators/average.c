#include "engine/indicators/adapt.h"

#define HEADER "duet/indicators/average.h"
#define ADAPTIVE_HEADER "duet/indicators/adaptive.h"
#define PARAM_CHAIN_SEED                                                                                       \
    PARAM_WHOLE("seed", 0, 0, 3,                                                                               \
        "0: each average begins with a mean; 1: with its first value; 2: only the first with a mean; 3: with " \
        "their first value, one after the other")
#define CHAIN_CONVENTION                                                                                        \
    "seed=0: each average begins with the mean of its first `length` values and feeds the next from then on "   \
    "(backtrader, LEAN). 1: all begin with the first value. 2: the first with a mean, the others at once with " \
    "its first value (Stock.Indicators). 3: each with its first value, feeding the next after `length` (Tulip)."

static void sma_update_row(void *state, const double *in, double *out) {
    out[0] = duet_sma_next(state, in[0]);
}
ADAPT_INIT_LENGTH(relative_average)
ADAPT_INIT_LENGTH(sma)
ADAPT_INIT_LENGTH(trima)
ADAPT_INIT_LENGTH(vwma)
ADAPT_INIT_LENGTH(wma)
ADAPT_UPDATE_1(alma)
ADAPT_UPDATE_1(average_oscillator)
ADAPT_UPDATE_1(dema)
ADAPT_UPDATE_1(dickson)
ADAPT_UPDATE_1(ema)
ADAPT_UPDATE_1(error_correcting)
ADAPT_UPDATE_2(frama)
ADAPT_UPDATE_1(hma)
ADAPT_UPDATE_1(kama)
ADAPT_UPDATE_1(laguerre)
ADAPT_UPDATE_1(mcginley)
ADAPT_UPDATE_1(relative_average)
ADAPT_UPDATE_1(smma)
ADAPT_UPDATE_1(t3)
ADAPT_UPDATE_1(tema)
ADAPT_UPDATE_1(trima)
ADAPT_UPDATE_1(vidya)
ADAPT_UPDATE_1(vidya_deviation)
ADAPT_UPDATE_2(vwma)
ADAPT_UPDATE_1(wma)
ADAPT_UPDATE_1(zlema)

static void alma_init_row(void *state, const double *params) {
    duet_alma_init(state, (int64_t)params[0], params[1], params[2]);
}
static void average_oscillator_init_row(void *state, const double *params) {
    duet_average_oscillator_init(state, (enum duet_moving_kind)params[1], (int64_t)params[0]);
}
static void dema_init_row(void *state, const double *params) {
    duet_dema_init_seed(state, (int64_t)params[0], (enum duet_seed)params[1]);
}
static void dickson_init_row(void *state, const double *params) {
    duet_dickson_init(state, (int64_t)params[0], (int64_t)params[1], (int64_t)params[2]);
}
static void ema_init_row(void *state, const double *params) {
    duet_ema_init_seed(state, (int64_t)params[0], (enum duet_seed)params[1]);
}
static void error_correcting_init_row(void *state, const double *params) {
    duet_error_correcting_init(state, (int64_t)params[0], (int64_t)params[1]);
}
static void ewm_init_row(void *state, const double *params) {
    duet_ewm_init(state, params[0], params[1] != 0);
}
static void frama_init_row(void *state, const double *params) {
    duet_frama_init(state, (int64_t)params[0], (int64_t)params[1]);
}
static void hma_init_row(void *state, const double *params) {
    duet_hma_init_rounding(state, (int64_t)params[0], (enum duet_hma_rounding)params[1]);
}
static void kama_init_row(void *state, const double *params) {
    duet_kama_init_seed(state, (int64_t)params[0], (int64_t)params[1], (int64_t)params[2], (enum duet_seed)params[3]);
}
static void laguerre_init_row(void *state, const double *params) {
    duet_laguerre_init(state, params[0]);
}
static void mcginley_init_row(void *state, const double *params) {
    duet_mcginley_init_seed(state, (int64_t)params[0], params[1], (enum duet_seed)params[2]);
}
static void smma_init_row(void *state, const double *params) {
    duet_smma_init_seed(state, (int64_t)params[0], (enum duet_seed)params[1]);
}
static void t3_init_row(void *state, const double *params) {
    duet_t3_init_seed(state, (int64_t)params[0], params[1], (enum duet_seed)params[2]);
}
static void tema_init_row(void *state, const double *params) {
    duet_tema_init_seed(state, (int64_t)params[0], (enum duet_seed)params[1]);
}
static void vidya_init_row(void *state, const double *params) {
    duet_vidya_init_smooth(state, (int64_t)params[0], params[1] != 0);
}
static void vidya_deviation_init_row(void *state, const double *params) {
    duet_vidya_deviation_init(state, (int64_t)params[0], (int64_t)params[1], params[2]);
}
static void zlema_init_row(void *state, const double *params) {
    duet_zlema_init_seed(state, (int64_t)params[0], (enum duet_seed)params[1]);
}

static void ewm_update_row(void *state, const double *in, double *out) {
    struct duet_ewm *ewm = state;
    out[0] = duet_ewm_update(ewm, in[0]);
    out[1] = ewm->deviation;
}

static int64_t ewm_warm_up(const double *params) {
    return 2;
}
static int64_t seeded_warm_up(const double *params) {
    return (int64_t)params[1] == DUET_SEED_FIRST ? 1 : (int64_t)params[0];
}
static int64_t chain_warm_up(int64_t length, enum duet_seed seed, int64_t stages) {
    return seed == DUET_SEED_FIRST ? 1 : seed == DUET_SEED_JOINT ? length : stages * (length - 1) + 1;
}
static int64_t dema_warm_up(const double *params) {
    return chain_warm_up((int64_t)params[0], (enum duet_seed)params[1], 2);
}
static int64_t tema_warm_up(const double *params) {
    return chain_warm_up((int64_t)params[0], (enum duet_seed)params[1], 3);
}
static int64_t t3_warm_up(const double *params) {
    enum duet_seed seed = (enum duet_seed)params[2];
    int64_t length = (int64_t)params[0];
    return chain_warm_up(length, seed, 6);
}
static int64_t hma_warm_up(const double *params) {
    return (int64_t)params[0] - 1 + duet_hma_root_((int64_t)params[0], (enum duet_hma_rounding)params[1]);
}
static int64_t kama_warm_up(const double *params) {
    return (int64_t)params[0] + ((int64_t)params[3] == DUET_SEED_SMA ? 1 : 0);
}
static int64_t mcginley_warm_up(const double *params) {
    return (int64_t)params[2] == DUET_SEED_FIRST ? 1 : (int64_t)params[0];
}
static int64_t zlema_warm_up(const double *params) {
    int64_t length = (int64_t)params[0], lag = (length - 1) / 2;
    return (int64_t)params[1] == DUET_SEED_SMA ? length + lag : lag > 1 ? lag : 1;
}
static int64_t relative_average_warm_up(const double *params) {
    return 3 * (int64_t)params[0];
}
static int64_t vidya_warm_up(const double *params) {
    return (int64_t)params[0] + 1;
}
static int64_t vidya_deviation_warm_up(const double *params) {
    return (int64_t)params[1] - 1;
}
static int64_t frama_warm_up(const double *params) {
    return (int64_t)params[0] - (int64_t)params[0] % 2;
}
static int64_t dickson_warm_up(const double *params) {
    int64_t hull = (int64_t)params[2] - 1 + duet_hma_root_((int64_t)params[2], DUET_HMA_DOWN);
    return hull > (int64_t)params[0] ? hull : (int64_t)params[0];
}
static int64_t oscillator_warm_up(const double *params) {
    return duet_moving_warm_up((enum duet_moving_kind)params[1], (int64_t)params[0]);
}

#define GROUP .group = "average", .inputs = {"real"}, .outputs = {"value"}

const struct duet_indicator_row duet_indicators_average[] = {
    {ADAPT_STATE(alma), GROUP, .title = "Arnaud Legoux moving average",
        .formula = "weights exp(-(i - m)^2 / (2 s^2)), i = 0 the oldest, m = offset * (length - 1), s = length / sigma",
        .source = "A. Legoux, D. Kouzis-Loukas, 2009", .header = ADAPTIVE_HEADER,
        .params = {PARAM_LENGTH(9), PARAM_REAL("offset", 0.85, 0, 1, "where the weights peak: 0 oldest, 1 newest"),
            PARAM_REAL("sigma", 6, 0.001, 1000, "how narrow the weights are")},
        .warm_up = adapt_length},
    {ADAPT_STATE(average_oscillator), GROUP, .title = "Oscillator about a moving average",
        .formula = "real - average(length)", .source = "backtrader: SMAOsc, EMAOsc, DEMAOsc and their kin",
        .header = "duet/indicators/moving.h", .params = {PARAM_MOVING_LENGTH(30), PARAM_MOVING(0)},
        .warm_up = oscillator_warm_up},
    {ADAPT_STATE(dema), GROUP, .title = "Double exponential moving average",
        .formula = "2 * e1 - e2, e1 = EMA(real), e2 = EMA(e1)", .source = "P. Mulloy, Stocks & Commodities 12:1, 1994",
        .convention = CHAIN_CONVENTION, .header = HEADER,
        .params = {PARAM_SMOOTHING("length", 20, "smoothing, values"), PARAM_CHAIN_SEED}, .warm_up = dema_warm_up},
    {ADAPT_STATE(dickson), GROUP, .title = "Dickson moving average",
        .formula = "(error_correcting(length, limit) + hma(hull_length)) / 2", .source = "N. Dickson; backtrader's DMA",
        .header = ADAPTIVE_HEADER,
        .params = {PARAM_SMOOTHING("length", 30, "smoothing, values"),
            PARAM_WHOLE("limit", 50, 1, 1000, "gains tried, in tenths, on either side of 0"),
            PARAM_WHOLE("hull_length", 7, 1, DUET_WINDOW_MAX, "window of the Hull average")},
        .warm_up = dickson_warm_up},
    {ADAPT_STATE(ema), GROUP, .title = "Exponential moving average",
        .formula = "value += 2 / (length + 1) * (real - value)",
        .source = "R. G. Brown, Smoothing, Forecasting and Prediction, 1963",
        .convention = "Begins with the mean of the first `length` values, as backtrader, LEAN, TA-Lib and "
                      "Stock.Indicators have it; seed=1 begins with the first value, as Tulip and pandas "
                      "(adjust=False) do.",
        .header = HEADER, .params = {PARAM_SMOOTHING("length", 20, "smoothing, values"), PARAM_SEED},
        .warm_up = seeded_warm_up},
    {ADAPT_STATE(error_correcting), GROUP, .title = "Zero lag indicator (error correcting)",
        .formula = "value += a * (ema + gain * (real - value) - value), a = 2 / (length + 1), the gain among\n"
                   "-limit/10 … limit/10 that brings it nearest to real",
        .source = "J. Ehlers, R. Way, Zero Lag (Well, Almost), 2010", .header = ADAPTIVE_HEADER,
        .params = {PARAM_SMOOTHING("length", 30, "smoothing, values"),
            PARAM_WHOLE("limit", 50, 1, 1000, "gains tried, in tenths, on either side of 0")},
        .warm_up = adapt_length},
    {ADAPT_STATE(ewm), .group = "average", .inputs = {"real"}, .outputs = {"value", "deviation"},
        .title = "Exponentially weighted mean and deviation",
        .formula = "sum of (1 - alpha)^age * value / sum of weights, over all that was seen; the deviation likewise,\n"
                   "corrected for bias",
        .source = "pandas: ewm(alpha).mean(), .std()",
        .convention = "adjust=1 divides by the weights there are; adjust=0 gives the first value the weight of all "
                      "before it. From a span: alpha = 2 / (span + 1); from a centre of mass: 1 / (1 + com). The "
                      "deviation comes with the second value.",
        .header = ADAPTIVE_HEADER,
        .params = {PARAM_REAL("alpha", 0.1, 1e-9, 1, "share of the newest value"),
            PARAM_WHOLE("adjust", 1, 0, 1, "divide by the weights there are")},
        .warm_up = ewm_warm_up},
    {ADAPT_STATE(frama), .group = "average", .inputs = {"high", "low"}, .outputs = {"value"},
        .title = "Fractal adaptive moving average",
        .formula = "value += a * ((high + low) / 2 - value), a = exp(log(2 / (slow + 1)) * (d - 1)) within 0.01..1,\n"
                   "d = log2((range of each half / half, added up) / (range of all / length))",
        .source = "J. Ehlers, FRAMA, 2005",
        .convention = "Begins with the price once the window is full. An odd length is made even.",
        .header = ADAPTIVE_HEADER,
        .params = {PARAM_WHOLE("length", 16, 2, DUET_WINDOW_MAX, "window, bars"),
            PARAM_SMOOTHING("slow", 198, "slowest smoothing, bars")},
        .warm_up = frama_warm_up},
    {ADAPT_STATE(hma), GROUP, .title = "Hull moving average",
        .formula = "wma(2 * wma(real, length / 2) - wma(real, length), sqrt(length))", .source = "A. Hull, 2005",
        .convention = "Half and root are rounded down (backtrader, Tulip, Stock.Indicators); rounding=1 takes the "
                      "nearest, halves to even (LEAN).",
        .header = HEADER, .params = {PARAM_LENGTH(20), PARAM_WHOLE("rounding", 0, 0, 1, "0: down; 1: to the nearest")},
        .warm_up = hma_warm_up},
    {ADAPT_STATE(kama), GROUP, .title = "Kaufman's adaptive moving average",
        .formula =
            "value += c^2 * (real - value), c = s + efficiency * (f - s), f = 2 / (fast + 1), s = 2 / (slow + 1)",
        .source = "P. Kaufman, Smarter Trading, 1995",
        .convention = "Begins with the input of update `length` (Tulip, LEAN, TA-Lib, Stock.Indicators); seed=0 with "
                      "the mean of the last `length` one update later (backtrader).",
        .header = ADAPTIVE_HEADER,
        .params = {PARAM_WHOLE("length", 10, 1, DUET_WINDOW_MAX - 1, "window of the efficiency ratio"),
            PARAM_SMOOTHING("fast", 2, "fastest smoothing"), PARAM_SMOOTHING("slow", 30, "slowest smoothing"),
            PARAM_WHOLE("seed", 1, 0, 1, "0: begins with a mean; 1: with an input")},
        .warm_up = kama_warm_up},
    {ADAPT_STATE(laguerre), GROUP, .title = "Laguerre filter",
        .formula = "(l0 + 2 l1 + 2 l2 + l3) / 6, l0 = (1 - g) real + g l0', l1 = -g l0 + l0' + g l1', and so on",
        .source = "J. Ehlers, Time Warp, 2002", .convention = "Begins with the first input in all four stages.",
        .header = ADAPTIVE_HEADER, .params = {PARAM_REAL("gamma", 0.5, 0, 0.999, "damping")}, .warm_up = adapt_once},
    {ADAPT_STATE(mcginley), GROUP, .title = "McGinley dynamic",
        .formula = "value += (real - value) / (factor * length * (real / value)^4)", .source = "J. McGinley, 1990",
        .convention = "factor=0.6 is McGinley's and Stock.Indicators', 1 LEAN's and TradingView's. Begins with the "
                      "mean of the first `length` values; seed=1 with the first.",
        .header = ADAPTIVE_HEADER,
        .params = {PARAM_SMOOTHING("length", 14, "smoothing, values"),
            PARAM_REAL("factor", 0.6, 0.001, 1000, "of the length"), PARAM_SEED},
        .warm_up = mcginley_warm_up},
    {ADAPT_STATE(relative_average), GROUP, .title = "Relative moving average (of LEAN)",
        .formula = "sma(length) - sma(2 * length) + sma(3 * length)", .source = "LEAN: RelativeMovingAverage",
        .convention = "Not Wilder's RMA, which is smma.", .header = HEADER,
        .params = {PARAM_WHOLE("length", 20, 1, DUET_WINDOW_MAX / 3, "shortest window, values")},
        .warm_up = relative_average_warm_up},
    {ADAPT_STATE(sma), GROUP, .title = "Simple moving average", .formula = "mean of the last `length` values",
        .source = "arithmetic mean", .header = HEADER, .params = {PARAM_LENGTH(20)}, .warm_up = adapt_length},
    {ADAPT_STATE(smma), GROUP, .title = "Smoothed moving average (Wilder's, RMA)",
        .formula = "value += (real - value) / length",
        .source = "J. W. Wilder, New Concepts in Technical Trading Systems, 1978",
        .convention = "Begins with the mean of the first `length` values; seed=1 with the first.", .header = HEADER,
        .params = {PARAM_SMOOTHING("length", 14, "smoothing, values"), PARAM_SEED}, .warm_up = seeded_warm_up},
    {ADAPT_STATE(t3), GROUP, .title = "T3 moving average",
        .formula =
            "gd(gd(gd(real))), gd(x) = (1 + factor) * ema(x) - factor * ema(ema(x)), as a sum of the chain's third to\n"
            "sixth EMA",
        .source = "T. Tillson, Stocks & Commodities 16:1, 1998",
        .convention = CHAIN_CONVENTION " Stock.Indicators has 1 here.", .header = HEADER,
        .params = {PARAM_SMOOTHING("length", 5, "smoothing, values"), PARAM_REAL("factor", 0.7, 0, 1, "of the volume"),
            PARAM_CHAIN_SEED},
        .warm_up = t3_warm_up},
    {ADAPT_STATE(tema), GROUP, .title = "Triple exponential moving average",
        .formula = "3 * e1 - 3 * e2 + e3, e1 = EMA(real), e2 = EMA(e1), e3 = EMA(e2)",
        .source = "P. Mulloy, Stocks & Commodities 12:1, 1994", .convention = CHAIN_CONVENTION, .header = HEADER,
        .params = {PARAM_SMOOTHING("length", 20, "smoothing, values"), PARAM_CHAIN_SEED}, .warm_up = tema_warm_up},
    {ADAPT_STATE(trima), GROUP, .title = "Triangular moving average",
        .formula = "sma(sma(real, (length + 1) / 2), length / 2 + 1), rounded down", .source = "triangular weights",
        .header = HEADER, .params = {PARAM_LENGTH(20)}, .warm_up = adapt_length},
    {ADAPT_STATE(vidya), GROUP, .title = "Variable index dynamic average (CMO)",
        .formula = "value += 2 / (length + 1) * |cmo(length)| / 100 * (real - value)",
        .source = "T. Chande, S. Kroll, The New Technical Trader, 1994",
        .convention =
            "The oscillator is of sums over the window (Chande, TradingView); smooth=1 takes Wilder's averages "
            "(TA-Lib's CMO, LEAN). Begins with the input of update `length`. vidya_deviation is the form of "
            "1992.",
        .header = ADAPTIVE_HEADER,
        .params = {PARAM_LENGTH(9), PARAM_WHOLE("smooth", 0, 0, 1, "1: smoothed oscillator")},
        .warm_up = vidya_warm_up},
    {ADAPT_STATE(vidya_deviation), GROUP, .title = "Variable index dynamic average (deviations)",
        .formula = "value += alpha * deviation(short) / deviation(long) * (real - value)",
        .source = "T. Chande, Stocks & Commodities 10:3, 1992",
        .convention = "Begins with the input of update long - 1 (Tulip's vidya).", .header = ADAPTIVE_HEADER,
        .params = {PARAM_WHOLE("short", 5, 2, DUET_WINDOW_MAX, "short window, values; at most the long one"),
            PARAM_WHOLE("long", 20, 2, DUET_WINDOW_MAX, "long window, values"),
            PARAM_REAL("alpha", 0.2, 0, 1, "smoothing")},
        .warm_up = vidya_deviation_warm_up},
    {ADAPT_STATE(vwma), .group = "average", .inputs = {"close", "volume"}, .outputs = {"value"},
        .title = "Volume weighted moving average", .formula = "sum of close * volume / sum of volume over the window",
        .source = "volume as weight", .convention = "The close where the window holds no volume.", .header = HEADER,
        .params = {PARAM_LENGTH(20)}, .warm_up = adapt_length},
    {ADAPT_STATE(wma), GROUP, .title = "Weighted moving average",
        .formula = "sum of weight * value / sum of weights over the window; weights 1 (oldest) to `length` (newest)",
        .source = "linear weights; also called LWMA", .header = HEADER, .params = {PARAM_LENGTH(20)},
        .warm_up = adapt_length},
    {ADAPT_STATE(zlema), GROUP, .title = "Zero lag exponential moving average",
        .formula = "ema(2 * real - real lag updates ago, length), lag = (length - 1) / 2 rounded down",
        .source = "J. Ehlers, R. Way, Zero Lag (Well, Almost), 2010",
        .convention = "The average begins with a mean (backtrader, LEAN); seed=1: with the last input that has none "
                      "lag updates before it (Tulip).",
        .header = HEADER,
        .params = {PARAM_WHOLE("length", 20, 1, 2 * DUET_WINDOW_MAX - 2, "smoothing, values"), PARAM_SEED},
        .warm_up = zlema_warm_up},
    {0},
};
