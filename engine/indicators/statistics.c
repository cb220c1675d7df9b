#include "engine/indicators/adapt.h"

#define HEADER "duet/indicators/statistics.h"
#define REAL .group = "statistics", .inputs = {"real"}, .header = HEADER
#define RISK_HEADER "duet/indicators/risk.h"
#define RISK .group = "statistics", .inputs = {"real"}, .header = RISK_HEADER
#define HURST .group = "statistics", .inputs = {"real"}, .header = "duet/indicators/hurst.h"
#define PAIR .group = "statistics", .inputs = {"real", "real2"}, .header = HEADER
#define PARAM_SAMPLE(fallback) PARAM_WHOLE("sample", fallback, 0, 1, "1: divide by length - 1")

ADAPT_INIT_LENGTH(efficiency)
ADAPT_INIT_LENGTH(beta)
ADAPT_INIT_LENGTH(change)
ADAPT_INIT_LENGTH(hurst)
ADAPT_INIT_LENGTH(linreg)
ADAPT_INIT_LENGTH(mean_deviation)
ADAPT_INIT_LENGTH(price_spike)
ADAPT_INIT_LENGTH(rogers_satchell)
ADAPT_INIT_LENGTH(shape)
ADAPT_INIT_LENGTH(total)
ADAPT_INIT_LENGTH(ulcer)
ADAPT_UPDATE_1(downside)
ADAPT_UPDATE_1(drawdown)
ADAPT_UPDATE_1(efficiency)
ADAPT_UPDATE_1(hurst)
ADAPT_UPDATE_1(hurst_lags)
ADAPT_UPDATE_1(percent_rank)
ADAPT_UPDATE_1(price_spike)
ADAPT_UPDATE_1(quantile)
ADAPT_UPDATE_4(rogers_satchell)
ADAPT_UPDATE_1(total)
ADAPT_UPDATE_1(ulcer)
ADAPT_UPDATE_1(value_at_risk)
ADAPT_UPDATE_1(volatility)

static void correlation_init_row(void *state, const double *params) {
    duet_correlation_init_sample(state, (int64_t)params[0], params[1] != 0);
}
static void deviation_init_row(void *state, const double *params) {
    duet_deviation_init_sample(state, (int64_t)params[0], params[1] != 0);
}
static void downside_init_row(void *state, const double *params) {
    duet_downside_init(state, (int64_t)params[0], params[1], params[2] != 0);
}
static void drawdown_init_row(void *state, const double *params) {
    duet_drawdown_init(state);
}
static void expanding_init_row(void *state, const double *params) {
    duet_expanding_init(state, params[0] != 0);
}
static void hurst_lags_init_row(void *state, const double *params) {
    duet_hurst_lags_init(state, (int64_t)params[0], (int64_t)params[1]);
}
static void percent_rank_init_row(void *state, const double *params) {
    duet_percent_rank_init(state, (int64_t)params[0], (enum duet_rank_method)params[1]);
}
static void quantile_init_row(void *state, const double *params) {
    duet_quantile_init(state, (int64_t)params[0], params[1]);
}
static void sharpe_init_row(void *state, const double *params) {
    duet_sharpe_init(state, (int64_t)params[0], params[1], params[2] != 0);
}
static void value_at_risk_init_row(void *state, const double *params) {
    duet_value_at_risk_init(state, (int64_t)params[0], params[1]);
}
static void volatility_init_row(void *state, const double *params) {
    duet_volatility_init(state, (int64_t)params[0], params[1], params[2] != 0, params[3] != 0);
}

static void beta_update_row(void *state, const double *in, double *out) {
    struct duet_beta *beta = state;
    out[0] = duet_beta_update(beta, in[0], in[1]);
    out[1] = beta->alpha;
    out[2] = beta->correlation;
}
static void change_update_row(void *state, const double *in, double *out) {
    struct duet_change *change = state;
    out[0] = duet_change_update(change, in[0]);
    out[1] = change->logarithm;
}
static void correlation_update_row(void *state, const double *in, double *out) {
    struct duet_correlation *correlation = state;
    out[0] = duet_correlation_update(correlation, in[0], in[1]);
    out[1] = correlation->covariance;
    out[2] = correlation->variance;
    out[3] = correlation->variance2;
    out[4] = correlation->r2;
    out[5] = correlation->slope;
}
static void deviation_update_row(void *state, const double *in, double *out) {
    struct duet_deviation *deviation = state;
    out[0] = duet_deviation_update(deviation, in[0]);
    out[1] = deviation->variance;
    out[2] = deviation->mean;
    out[3] = deviation->zscore;
    out[4] = deviation->standard_error;
}
static void expanding_update_row(void *state, const double *in, double *out) {
    struct duet_expanding *expanding = state;
    out[0] = duet_expanding_update(expanding, in[0]);
    out[1] = expanding->deviation;
}
static void linreg_update_row(void *state, const double *in, double *out) {
    struct duet_linreg *linreg = state;
    out[0] = duet_linreg_update(linreg, in[0]);
    out[1] = linreg->slope;
    out[2] = linreg->intercept;
    out[3] = linreg->r2;
    out[4] = linreg->forecast;
    out[5] = linreg->deviation;
    out[6] = linreg->origin;
}
static void mean_deviation_update_row(void *state, const double *in, double *out) {
    struct duet_mean_deviation *deviation = state;
    out[0] = duet_mean_deviation_update(deviation, in[0]);
    out[1] = deviation->mean;
    out[2] = deviation->square;
    out[3] = deviation->share;
}
static void shape_update_row(void *state, const double *in, double *out) {
    struct duet_shape *shape = state;
    out[0] = duet_shape_update(shape, in[0]);
    out[1] = shape->kurtosis;
}
static void sharpe_update_row(void *state, const double *in, double *out) {
    struct duet_sharpe *sharpe = state;
    out[0] = duet_sharpe_update(sharpe, in[0]);
    out[1] = sharpe->sortino;
}

static int64_t after_length_warm_up(const double *params) {
    return (int64_t)params[0] + 1;
}

static int64_t downside_warm_up(const double *params) {
    return (int64_t)params[0] + (params[2] != 0);
}
static int64_t value_at_risk_warm_up(const double *params) {
    return 3;
}
static int64_t expanding_warm_up(const double *params) {
    return params[0] != 0 ? 2 : 1;
}
static int64_t price_spike_warm_up(const double *params) {
    return (int64_t)params[0] + 2;
}

const struct duet_indicator_row duet_indicators_statistics[] = {
    {ADAPT_STATE(beta), PAIR, .outputs = {"value", "alpha", "correlation"}, .title = "Beta and alpha",
        .formula = "covariance / variance of the returns of real and real2 over `length`; alpha = mean return of real\n"
                   "less beta times that of real2",
        .source = "W. Sharpe, 1964", .convention = "Of simple returns; real2 is the market. alpha is per update.",
        .params = {PARAM_WHOLE("length", 50, 2, DUET_WINDOW_MAX, "window, returns")}, .warm_up = after_length_warm_up},
    {ADAPT_STATE(change), RISK, .outputs = {"value", "log"}, .title = "Return over a number of updates",
        .formula = "value = real / real `length` ago - 1, log = logarithm of that ratio",
        .source = "simple and logarithmic return",
        .convention = "A fraction, not percent; 0 where the ratio is not above 0.",
        .params = {PARAM_WHOLE("length", 1, 1, DUET_WINDOW_MAX - 1, "updates between")},
        .warm_up = after_length_warm_up},
    {ADAPT_STATE(correlation), PAIR, .outputs = {"value", "covariance", "variance", "variance2", "r2", "slope"},
        .title = "Correlation and covariance",
        .formula = "covariance(real, real2) / sqrt(variance(real) * variance(real2)) over the window;\n"
                   "slope = covariance / variance2",
        .source = "K. Pearson, 1895",
        .convention = "sample=1 divides by length - 1 (pandas); 0 by length (Stock.Indicators). 0 where one does not "
                      "move.",
        .params = {PARAM_WHOLE("length", 20, 2, DUET_WINDOW_MAX, "window, values"), PARAM_SAMPLE(1)},
        .warm_up = adapt_length},
    {ADAPT_STATE(deviation), REAL, .outputs = {"value", "variance", "mean", "zscore", "standard_error"},
        .title = "Standard deviation",
        .formula = "root of the mean squared distance from the mean of the window; zscore = (real - mean) / value,\n"
                   "standard_error = value / sqrt(length)",
        .source = "K. Pearson, 1894", .convention = "Of the population; sample=1 divides by length - 1 (pandas).",
        .params = {PARAM_LENGTH(20), PARAM_SAMPLE(0)}, .warm_up = adapt_length},
    {ADAPT_STATE(downside), RISK, .outputs = {"value"}, .title = "Downside deviation",
        .formula = "root of the mean squared shortfall of the last `length` returns below target, 0 for those above",
        .source = "F. Sortino, 1994; LEAN: TargetDownsideDeviation",
        .convention = "real is a price, of which simple returns are taken; prices=0: it is a return.",
        .params = {PARAM_LENGTH(20), PARAM_REAL("target", 0, -1, 1, "return per update"),
            PARAM_WHOLE("prices", 1, 0, 1, "0: real is a return")},
        .warm_up = downside_warm_up},
    {ADAPT_STATE(drawdown), RISK, .outputs = {"value"}, .title = "Drawdown", .formula = "real / highest so far - 1",
        .source = "peak to trough", .convention = "A fraction, at most 0.", .warm_up = adapt_once},
    {ADAPT_STATE(efficiency), .group = "statistics", .inputs = {"real"}, .header = "duet/indicators/adaptive.h",
        .outputs = {"value"}, .title = "Kaufman's efficiency ratio",
        .formula = "|real - real `length` ago| / sum of |single changes|",
        .source = "P. Kaufman, Smarter Trading, 1995", .convention = "0 where nothing moves.",
        .params = {PARAM_WHOLE("length", 10, 1, DUET_WINDOW_MAX - 1, "changes")}, .warm_up = after_length_warm_up},
    {ADAPT_STATE(expanding), REAL, .outputs = {"value", "deviation"}, .title = "Mean and deviation of all so far",
        .formula = "mean and standard deviation of all values since the start", .source = "B. P. Welford, 1962",
        .convention = "sample=1 divides by one less (pandas); the deviation then comes with the second value.",
        .params = {PARAM_SAMPLE(1)}, .warm_up = expanding_warm_up},
    {ADAPT_STATE(hurst), HURST, .outputs = {"value"}, .title = "Hurst exponent (rescaled range)",
        .formula =
            "slope of log(range / deviation) on log(size), for the returns cut into 1, 2, 4 … pieces of 8 or more",
        .source = "H. E. Hurst, 1951; B. Mandelbrot, J. Wallis, 1969",
        .convention = "As Stock.Indicators, without the correction of Anis and Lloyd.",
        .params = {PARAM_WHOLE("length", 100, 16, DUET_WINDOW_MAX, "window, returns")},
        .warm_up = after_length_warm_up},
    {ADAPT_STATE(hurst_lags), HURST, .outputs = {"value"}, .title = "Hurst exponent (growth of spread)",
        .formula = "slope of log(deviation of real - real lag ago) on log(lag), lag = 2 … max_lag",
        .source = "LEAN: HurstExponent; backtrader: Hurst",
        .params = {PARAM_WHOLE("length", 100, 8, DUET_WINDOW_MAX, "window, values"),
            PARAM_WHOLE("max_lag", 20, 3, DUET_WINDOW_MAX / 2, "longest lag; at most half of the window")},
        .warm_up = adapt_length},
    {ADAPT_STATE(linreg), REAL, .outputs = {"value", "slope", "intercept", "r2", "forecast", "deviation", "origin"},
        .title = "Linear regression",
        .formula = "least squares line through the window: value at the newest, intercept at the oldest, forecast one\n"
                   "beyond, r2 the share explained",
        .source = "least squares",
        .convention = "origin is the line's value one update before the very first. Also known as LSMA, EPMA (value), "
                      "TSF (forecast).",
        .params = {PARAM_WHOLE("length", 14, 2, DUET_WINDOW_MAX, "window, values")}, .warm_up = adapt_length},
    {ADAPT_STATE(mean_deviation), REAL, .outputs = {"value", "mean", "square", "share"},
        .title = "Mean absolute deviation",
        .formula = "mean of |value - mean| over the window; square = mean of the squares, share = mean of\n"
                   "|value - mean| / |value|",
        .source = "mean deviation", .convention = "Also known as MAD, MSE and MAPE of the simple mean.",
        .params = {PARAM_LENGTH(20)}, .warm_up = adapt_length},
    {ADAPT_STATE(percent_rank), REAL, .outputs = {"value"}, .title = "Percent rank",
        .formula = "share of the window that lies below the newest value", .source = "rank",
        .convention = "A fraction. method=0 counts the values below (backtrader); 1 takes the rank from 1 on, equals "
                      "sharing theirs (pandas).",
        .params = {PARAM_LENGTH(50), PARAM_WHOLE("method", 0, 0, 1, "0: values below; 1: mean rank")},
        .warm_up = adapt_length},
    {ADAPT_STATE(price_spike), RISK, .outputs = {"value"}, .title = "Augen's price spike",
        .formula = "(real - last) / (last * deviation of the `length` log returns before)",
        .source = "J. Augen, The Volatility Edge in Options Trading, 2008",
        .params = {PARAM_WHOLE("length", 20, 2, DUET_WINDOW_MAX, "window, returns")}, .warm_up = price_spike_warm_up},
    {ADAPT_STATE(quantile), REAL, .outputs = {"value"}, .title = "Quantile (median)",
        .formula = "the value below which `share` of the window lies, between neighbours by linear interpolation",
        .source = "order statistic",
        .params = {PARAM_LENGTH(20), PARAM_REAL("share", 0.5, 0, 1, "0 lowest, 0.5 median, 1 highest")},
        .warm_up = adapt_length},
    {ADAPT_STATE(rogers_satchell), .group = "statistics", .inputs = {"open", "high", "low", "close"},
        .header = RISK_HEADER, .outputs = {"value"}, .title = "Rogers-Satchell volatility",
        .formula = "root of the mean of log(high/close) log(high/open) + log(low/close) log(low/open)",
        .source = "L. C. G. Rogers, S. E. Satchell, 1991", .convention = "Per bar, not scaled to a year.",
        .params = {PARAM_LENGTH(9)}, .warm_up = adapt_length},
    {ADAPT_STATE(shape), REAL, .outputs = {"value", "kurtosis"}, .title = "Skewness and kurtosis",
        .formula = "third and fourth standardised moments of the window; the kurtosis less 3",
        .source = "K. Pearson, 1895",
        .convention = "Corrected for bias, as pandas and Excel have them; 0 where all values are equal.",
        .params = {PARAM_WHOLE("length", 50, 4, DUET_WINDOW_MAX, "window, values")}, .warm_up = adapt_length},
    {ADAPT_STATE(sharpe), RISK, .outputs = {"value", "sortino"}, .title = "Rolling Sharpe and Sortino ratio",
        .formula = "(mean return - risk_free) / deviation of the returns; sortino by the root of their mean squared\n"
                   "shortfall",
        .source = "W. Sharpe, 1966; F. Sortino, 1994",
        .convention = "Of simple returns per update, not scaled to a year; 0 where the divisor is. sample=1 divides "
                      "by length - 1.",
        .params = {PARAM_LENGTH(50), PARAM_REAL("risk_free", 0, -1, 1, "per update"), PARAM_SAMPLE(0)},
        .warm_up = after_length_warm_up},
    {ADAPT_STATE(total), REAL, .outputs = {"value"}, .title = "Sum", .formula = "sum of the last `length` values",
        .source = "sum", .params = {PARAM_LENGTH(20)}, .warm_up = adapt_length},
    {ADAPT_STATE(ulcer), RISK, .outputs = {"value"}, .title = "Ulcer index",
        .formula = "root of the mean squared drawdown, in percent, each from the highest up to it in the window",
        .source = "P. Martin, B. McCann, The Investor's Guide to Fidelity Funds, 1989", .params = {PARAM_LENGTH(14)},
        .warm_up = adapt_length},
    {ADAPT_STATE(value_at_risk), RISK, .outputs = {"value"}, .title = "Value at risk",
        .formula = "mean + z * deviation of the last `length` simple returns, z the normal quantile of 1 - confidence",
        .source = "J. P. Morgan, RiskMetrics, 1996; LEAN: ValueAtRisk",
        .convention = "A return, below 0 where something is at risk; deviation of the sample. Begins with two returns "
                      "and grows to the window.",
        .params = {PARAM_WHOLE("length", 252, 2, DUET_WINDOW_MAX, "window, returns"),
            PARAM_REAL("confidence", 0.95, 0.5, 0.999999999, "share of the returns above it")},
        .warm_up = value_at_risk_warm_up},
    {ADAPT_STATE(volatility), RISK, .outputs = {"value"}, .title = "Historical volatility",
        .formula = "deviation of the last `length` returns * sqrt(periods)", .source = "standard deviation of returns",
        .convention = "Of log returns as a sample; log=0 and sample=0 is Tulip's volatility. A fraction.",
        .params = {PARAM_LENGTH(20), PARAM_REAL("periods", 252, 0, 1e9, "updates in a year; 1: no scaling"),
            PARAM_WHOLE("log", 1, 0, 1, "1: log returns; 0: simple ones"), PARAM_SAMPLE(1)},
        .warm_up = after_length_warm_up},
    {0},
};
