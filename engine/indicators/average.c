#include "engine/indicators/adapt.h"

static void sma_update_row(void *state, const double *in, double *out) {
    out[0] = duet_sma_next(state, in[0]);
}
ADAPT_INIT_LENGTH(sma)
ADAPT_INIT_LENGTH(wma)
ADAPT_UPDATE_1(ema)
ADAPT_UPDATE_1(smma)
ADAPT_UPDATE_1(wma)

static void ema_init_row(void *state, const double *params) {
    duet_ema_init_seed(state, (int64_t)params[0], (enum duet_seed)params[1]);
}

static void smma_init_row(void *state, const double *params) {
    duet_smma_init_seed(state, (int64_t)params[0], (enum duet_seed)params[1]);
}

static int64_t seeded_warm_up(const double *params) {
    return (int64_t)params[1] == DUET_SEED_FIRST ? 1 : (int64_t)params[0];
}

const struct duet_indicator_row duet_indicators_average[] = {
    {ADAPT_STATE(ema), .title = "Exponential moving average", .group = "average",
        .formula = "value += 2 / (length + 1) * (real - value)",
        .source = "R. G. Brown, Smoothing, Forecasting and Prediction, 1963",
        .convention = "Seeded with the mean of the first `length` values, as backtrader, LEAN, TA-Lib and "
                      "Stock.Indicators have it; seed=1 begins with the first value, as Tulip does.",
        .header = "duet/indicators/average.h",
        .params = {PARAM_SMOOTHING("length", 20, "smoothing, values"), PARAM_SEED}, .inputs = {"real"},
        .outputs = {"value"}, .warm_up = seeded_warm_up},
    {ADAPT_STATE(sma), .title = "Simple moving average", .group = "average",
        .formula = "mean of the last `length` values", .source = "arithmetic mean",
        .header = "duet/indicators/average.h", .params = {PARAM_LENGTH(20)}, .inputs = {"real"}, .outputs = {"value"},
        .warm_up = adapt_length},
    {ADAPT_STATE(smma), .title = "Smoothed moving average (Wilder's, RMA)", .group = "average",
        .formula = "value += (real - value) / length",
        .source = "J. W. Wilder, New Concepts in Technical Trading Systems, 1978",
        .convention = "Seeded with the mean of the first `length` values; seed=1 begins with the first value.",
        .header = "duet/indicators/average.h",
        .params = {PARAM_SMOOTHING("length", 14, "smoothing, values"), PARAM_SEED}, .inputs = {"real"},
        .outputs = {"value"}, .warm_up = seeded_warm_up},
    {ADAPT_STATE(wma), .title = "Weighted moving average", .group = "average",
        .formula = "sum of weight * value / sum of weights over the window; weights 1 (oldest) to `length` (newest)",
        .source = "linear weights; also called LWMA", .header = "duet/indicators/average.h",
        .params = {PARAM_LENGTH(20)}, .inputs = {"real"}, .outputs = {"value"}, .warm_up = adapt_length},
    {0},
};
