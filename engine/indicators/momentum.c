#include "engine/indicators/adapt_all.h"

#define MOMENTUM "duet/indicators/momentum.h"
#define CYCLE "duet/indicators/cycle.h"
#define OSCILLATOR "duet/indicators/oscillator.h"
#define RELATIVE "duet/indicators/relative.h"
#define RSI "duet/indicators/rsi.h"
#define STOCHASTIC "duet/indicators/stochastic.h"
#define LENGTH(fallback_, maximum_) PARAM_WHOLE("length", fallback_, 1, maximum_, "window, bars or values")

#define REAL_IN .inputs = {"real"}
#define HIGH_LOW .inputs = {"high", "low"}
#define HIGH_LOW_CLOSE .inputs = {"high", "low", "close"}
#define OHLC .inputs = {"open", "high", "low", "close"}
#define VALUE_OUT .outputs = {"value"}

/** Updates until a difference of two means of a kind. */
static int64_t pair_warm_up(int64_t kind, int64_t fast, int64_t slow) {
    return duet_mean_warm_up_(kind, adapt_most(fast, slow));
}

static int64_t dpo_longest(const double *p) {
    int64_t length = (int64_t)p[0], shift = p[1] < 0 ? length / 2 + 1 : (int64_t)p[1];
    return p[2] != 0 ? length + shift : adapt_most(length, shift + 1);
}

static struct duet_kst_lengths kst_lengths(const double *p) {
    return (struct duet_kst_lengths){
        .changes = {P(0), P(2), P(4), P(6)},
        .means = {P(1), P(3), P(5), P(7)},
    };
}

static int64_t kst_longest(const double *p) {
    return adapt_most(adapt_most(P(0) + P(1), P(2) + P(3)), adapt_most(P(4) + P(5), P(6) + P(7)));
}

ADAPT_ALL(accelerator, adapt_most(P(0), P(1)) + P(2) - 1, duet_accelerator_init(self, P(0), P(1), P(2)),
    out[0] = duet_accelerator_update(self, in[0], in[1]))
ADAPT_ALL(ao, adapt_most(P(0), P(1)), duet_ao_init(self, P(0), P(1)), out[0] = duet_ao_update(self, in[0], in[1]);
          out[1] = self->percent)
ADAPT_ALL(
    apo, pair_warm_up(P(2), P(0), P(1)), duet_apo_init(self, P(0), P(1), P(2)), out[0] = duet_apo_update(self, in[0]))
ADAPT_ALL(bop, P(0), duet_bop_init(self, P(0)), out[0] = duet_bop_update(self, in[0], in[1], in[2], in[3]))
ADAPT_ALL(cci, P(1) != 0 ? 2 * P(0) - 1 : P(0), duet_cci_init(self, P(0), p[2], P(1) != 0),
    out[0] = duet_cci_update(self, in[0], in[1], in[2]))
ADAPT_ALL(
    cmo, duet_mean_warm_up_(P(1), P(0)) + 1, duet_cmo_init(self, P(0), P(1)), out[0] = duet_cmo_update(self, in[0]))
ADAPT_ALL(coppock, adapt_most(P(0), P(1)) + P(2), duet_coppock_init(self, P(0), P(1), P(2)),
    out[0] = duet_coppock_update(self, in[0]))
ADAPT_ALL(crsi, adapt_most(adapt_most(P(0) + 1, P(1) + 1), P(2) + 2), duet_crsi_init(self, P(0), P(1), P(2), P(3) != 0),
          out[0] = duet_crsi_update(self, in[0]);
          out[1] = self->streak; out[2] = self->strength; out[3] = self->streak_strength; out[4] = self->percent_rank)
ADAPT_ALL(demarker, duet_mean_warm_up_(P(1), P(0)) + 1, duet_demarker_init(self, P(0), P(1)),
    out[0] = duet_demarker_update(self, in[0], in[1]))
ADAPT_ALL(derivative, P(0) + P(1) + P(2) + P(3) - 2, duet_derivative_init(self, P(0), P(1), P(2), P(3)),
    out[0] = duet_derivative_update(self, in[0]))
ADAPT_ALL(dpo, dpo_longest(p), duet_dpo_init(self, P(0), P(1), P(2) != 0), out[0] = duet_dpo_update(self, in[0]);
          out[1] = self->mean)
ADAPT_ALL(dv2, P(0) + P(1) - 1, duet_dv2_init(self, P(0), P(1)), out[0] = duet_dv2_update(self, in[0], in[1], in[2]))
ADAPT_ALL(elder_ray, P(0), duet_elder_ray_init(self, P(0)), out[0] = duet_elder_ray_update(self, in[0], in[1], in[2]);
          out[1] = self->bull; out[2] = self->bear)
ADAPT_ALL(fisher, P(1) != 0 ? 1 : P(0), duet_fisher_init(self, P(0), P(1) != 0, P(2) != 0),
          out[0] = duet_fisher_update(self, (in[0] + in[1]) / 2);
          out[1] = self->trigger)
ADAPT_ALL(fosc, P(0) + 1, duet_fosc_init(self, P(0)), out[0] = duet_fosc_update(self, in[0]))
ADAPT_ALL(kst, kst_longest(p) + 8, duet_kst_init(self, kst_lengths(p), 9), out[0] = duet_kst_update(self, in[0]);
          out[1] = self->signal)
ADAPT_ALL(lrsi, P(1), duet_lrsi_init(self, p[0], P(1)), out[0] = duet_lrsi_update(self, in[0]))
ADAPT_ALL(macd, pair_warm_up(P(3), P(0), P(1)) + duet_mean_warm_up_(P(3), P(2)) - 1,
          duet_macd_init(self, P(0), P(1), P(2), P(3)), out[0] = duet_macd_update(self, in[0]);
          out[1] = self->signal; out[2] = self->histogram)
ADAPT_ALL(macdfix, adapt_most(P(0), P(1)), duet_macdfix_init(self, P(0), P(1), P(2)),
          out[0] = duet_macdfix_update(self, in[0]);
          out[1] = self->signal; out[2] = self->histogram)
/** style=1 is there with the fast mean. */
static int64_t mcclellan_wait(const double *p) {
    return p[2] != 0 ? P(0) : adapt_most(P(0), P(1));
}
static void mcclellan_begin(struct duet_mcclellan *self, const double *p) {
    if (p[2] != 0) {
        duet_mcclellan_init_known(self, P(0), P(1), p[3], p[4], p[5]);
    } else {
        duet_mcclellan_init(self, P(0), P(1));
    }
}
ADAPT_ALL(mcclellan, mcclellan_wait(p), mcclellan_begin(self, p), out[0] = duet_mcclellan_update(self, in[0]);
          out[1] = self->sum)
ADAPT_ALL(momentum, P(0) + 1, duet_momentum_init(self, P(0)), out[0] = duet_momentum_update(self, in[0]))
ADAPT_ALL(pgo, adapt_most(P(0), duet_mean_warm_up_(P(1), P(0)) + 1), duet_pgo_init(self, P(0), P(1)),
    out[0] = duet_pgo_update(self, in[0], in[1], in[2]))
ADAPT_ALL(pmo, P(0) + P(1) + P(2) - 1, duet_pmo_init(self, P(0), P(1), P(2)), out[0] = duet_pmo_update(self, in[0]);
          out[1] = self->signal)
ADAPT_ALL(ppo, pair_warm_up(P(3), P(0), P(1)) + (duet_mean_of_first_(P(3)) ? 0 : P(2) - 1),
          duet_ppo_init(self, P(0), P(1), P(2), P(3), P(4) != 0), out[0] = duet_ppo_update(self, in[0]);
          out[1] = self->signal; out[2] = self->histogram)
ADAPT_ALL(premier, P(0) + 2 * P(1) - 2, duet_premier_init(self, P(0), P(1)),
    out[0] = duet_premier_update(self, in[0], in[1], in[2]))
ADAPT_ALL(prs, P(0) + 1, duet_prs_init(self, P(0)), out[0] = duet_prs_update(self, in[0], in[1]);
          out[1] = self->percent)
ADAPT_ALL(qstick, P(0), duet_qstick_init(self, P(0)), out[0] = duet_qstick_update(self, in[0], in[1]))
ADAPT_ALL(roc, P(0) + 1, duet_roc_init(self, P(0)), out[0] = duet_roc_update(self, in[0]))
ADAPT_ALL(roc_bands, P(0) + adapt_most(P(1), P(2)), duet_roc_bands_init(self, P(0), P(1), P(2)),
          out[0] = duet_roc_bands_update(self, in[0]);
          out[1] = self->mean; out[2] = self->band; out[3] = -self->band)
ADAPT_ALL(rocp, P(0) + 1, duet_rocp_init(self, P(0)), out[0] = duet_rocp_update(self, in[0]))
ADAPT_ALL(rocr, P(0) + 1, duet_rocr_init(self, P(0)), out[0] = duet_rocr_update(self, in[0]))
ADAPT_ALL(rsi, duet_mean_warm_up_(P(2), P(0)) + P(1), duet_rsi_init_kind(self, P(0), P(1), P(2)),
    out[0] = duet_rsi_update(self, in[0]))
ADAPT_ALL(rvi, P(0) + 6, duet_rvi_init(self, P(0)), out[0] = duet_rvi_update(self, in[0], in[1], in[2], in[3]);
          out[1] = self->signal)
ADAPT_ALL(smi, P(0), duet_smi_init(self, P(0), P(1), P(2), P(3)), out[0] = duet_smi_update(self, in[0], in[1], in[2]);
          out[1] = self->signal)
ADAPT_ALL(stc,
    adapt_most(P(1), P(2)) + (P(3) == 0      ? 2 * P(0) - 2
                                 : P(3) == 1 ? P(0) + 1
                                             : P(0) - 1),
    duet_stc_init(self, P(0), P(1), P(2), (enum duet_stc_style)p[3]), out[0] = duet_stc_update(self, in[0]))
ADAPT_ALL(stochastic, P(0) + duet_mean_warm_up_(P(3), P(1)) + duet_mean_warm_up_(P(3), P(2)) - 2,
          duet_stochastic_init(self, P(0), P(1), P(2), P(3)),
          out[0] = duet_stochastic_update(self, in[0], in[1], in[2]);
          out[1] = self->d; out[2] = self->j; out[3] = self->fast)
ADAPT_ALL(stochrsi, P(0) + P(1) + P(2) + P(3) - 2, duet_stochrsi_init(self, P(0), P(1), P(2), P(3)),
          out[0] = duet_stochrsi_update(self, in[0]);
          out[1] = self->d)
ADAPT_ALL(trix, (P(2) == DUET_TRIX_JOINT ? P(0) + 1 : 3 * P(0) - 1) + duet_mean_warm_up_(P(3), P(1)) - 1,
          duet_trix_init(self, P(0), P(1), (enum duet_trix_seed)p[2], (enum duet_mean_kind)p[3]),
          out[0] = duet_trix_update(self, in[0]);
          out[1] = self->signal; out[2] = isnan(out[0]) ? out[0] : self->triple)
ADAPT_ALL(tsi, P(0) + P(1) + P(2) - 1, duet_tsi_init(self, P(0), P(1), P(2)), out[0] = duet_tsi_update(self, in[0]);
          out[1] = self->signal)
ADAPT_ALL(ultosc, adapt_most(adapt_most(P(0), P(1)), P(2)) + 1, duet_ultosc_init(self, P(0), P(1), P(2)),
    out[0] = duet_ultosc_update(self, in[0], in[1], in[2]))
ADAPT_ALL(willr, P(0), duet_willr_init(self, P(0)), out[0] = duet_willr_update(self, in[0], in[1], in[2]))

#define FAST(fallback_) PARAM_WHOLE("fast", fallback_, 1, DUET_PART_MAX, "length of the fast mean")
#define SLOW(fallback_) PARAM_WHOLE("slow", fallback_, 1, DUET_PART_MAX, "length of the slow mean")
#define SIGNAL(fallback_) PARAM_WHOLE("signal", fallback_, 1, DUET_PART_MAX, "length of the signal's mean")

const struct duet_indicator_row duet_indicators_momentum[] = {
    {ADAPT_ROW(accelerator), .title = "Accelerator oscillator", .group = "momentum",
        .formula = "ao - simple mean of ao over length", .source = "Bill Williams, New Trading Dimensions, 1998",
        .header = MOMENTUM, .params = {FAST(5), SLOW(34), LENGTH(5, DUET_PART_MAX)}, HIGH_LOW, VALUE_OUT},
    {ADAPT_ROW(ao), .title = "Awesome oscillator", .group = "momentum",
        .formula = "m = (high + low) / 2; simple mean of m over fast - that over slow; percent: 100 * value / m",
        .source = "Bill Williams, New Trading Dimensions, 1998", .header = MOMENTUM, .params = {FAST(5), SLOW(34)},
        HIGH_LOW, .outputs = {"value", "percent"}},
    {ADAPT_ROW(apo), .title = "Absolute price oscillator", .group = "momentum",
        .formula = "mean over fast - mean over slow", .source = "usage; TA-Lib's APO",
        .convention = "exponential means seeded with simple ones; Tulip seeds with the first value (kind 1), "
                      "LEAN averages simply by default (kind 2)",
        .header = MOMENTUM, .params = {FAST(12), SLOW(26), PARAM_KIND(DUET_MEAN_EMA)}, REAL_IN, VALUE_OUT},
    {ADAPT_ROW(bop), .title = "Balance of power", .group = "momentum",
        .formula = "mean over length of (close - open) / (high - low), 0 where high = low",
        .source = "Igor Livshin, Stocks & Commodities, August 2001",
        .convention = "unsmoothed by default, as TA-Lib, Tulip and LEAN have it; Stock.Indicators smooths over 14",
        .header = OSCILLATOR, .params = {LENGTH(1, DUET_PART_MAX)}, OHLC, VALUE_OUT},
    {ADAPT_ROW(cci), .title = "Commodity channel index", .group = "momentum",
        .formula = "p = (high + low + close) / 3; (p - mean) / (factor * mean of |p - mean|) over length",
        .source = "Donald Lambert, Commodities, October 1980",
        .convention = "distances from the mean of today; backtrader takes each from the mean of its own day "
                      "(moving 1) and so begins length - 1 bars later. 0 where all p are equal",
        .header = OSCILLATOR,
        .params = {LENGTH(20, DUET_PART_MAX), PARAM_WHOLE("moving", 0, 0, 1, "1: distances from each day's own mean"),
            PARAM_REAL("factor", 0.015, 1e-6, 1e6, "scale")},
        HIGH_LOW_CLOSE, VALUE_OUT},
    {ADAPT_ROW(cmo), .title = "Chande momentum oscillator", .group = "momentum",
        .formula = "100 * (U - D) / (U + D), U and D sums of rises and falls over length changes",
        .source = "Tushar Chande, Stanley Kroll, The New Technical Trader, 1994",
        .convention = "plain sums; TA-Lib and LEAN smooth as Wilder did (kind 3). 0 where nothing moves", .header = RSI,
        .params = {LENGTH(14, DUET_PART_MAX), PARAM_KIND(DUET_MEAN_SMA)}, REAL_IN, VALUE_OUT},
    {ADAPT_ROW(coppock), .title = "Coppock curve", .group = "momentum",
        .formula = "weighted mean over length of roc(first) + roc(second), in percent",
        .source = "Edwin Coppock, Barron's, October 1962", .header = OSCILLATOR,
        .params = {PARAM_WHOLE("first", 11, 1, DUET_PART_MAX, "first rate of change"),
            PARAM_WHOLE("second", 14, 1, DUET_PART_MAX, "second rate of change"), LENGTH(10, DUET_PART_MAX)},
        REAL_IN, VALUE_OUT},
    {ADAPT_ROW(crsi), .title = "Connors RSI", .group = "momentum",
        .formula = "(rsi(length) + rsi(streak) of the streak + percent rank of the change over rank) / 3",
        .source = "Larry Connors, An Introduction to ConnorsRSI, 2012",
        .convention = "the rank counts, of the last `rank` changes, those smaller than the newest; a value that stays "
                      "makes the streak 0 (Stock.Indicators), with hold 1 it keeps it (LEAN)",
        .header = RSI,
        .params = {LENGTH(3, DUET_LENGTH_MAX), PARAM_WHOLE("streak", 2, 1, DUET_LENGTH_MAX, "RSI of the streak"),
            PARAM_WHOLE("rank", 100, 1, DUET_WINDOW_MAX, "changes to rank among"),
            PARAM_WHOLE("hold", 0, 0, 1, "1: a value that stays keeps the streak")},
        REAL_IN, .outputs = {"value", "streak", "rsi", "streak_rsi", "percent_rank"}},
    {ADAPT_ROW(demarker), .title = "DeMarker", .group = "momentum",
        .formula = "U / (U + D), means over length: U of max(high - high before, 0), D of max(low before - low, 0)",
        .source = "Thomas DeMark, The New Science of Technical Analysis, 1994",
        .convention = "simple means, 0 to 1; 0.5 where neither moves", .header = OSCILLATOR,
        .params = {LENGTH(14, DUET_PART_MAX), PARAM_KIND(DUET_MEAN_SMA)}, HIGH_LOW, VALUE_OUT},
    {ADAPT_ROW(derivative), .title = "Derivative oscillator", .group = "momentum",
        .formula = "s = ema(second) of ema(first) of rsi(length); s - simple mean of s over signal",
        .source = "Constance Brown, Technical Analysis for the Trading Professional, 1999", .header = RSI,
        .params = {LENGTH(14, DUET_LENGTH_MAX), PARAM_WHOLE("first", 5, 1, DUET_LENGTH_MAX, "first smoothing"),
            PARAM_WHOLE("second", 3, 1, DUET_LENGTH_MAX, "second smoothing"), SIGNAL(9)},
        REAL_IN, VALUE_OUT},
    {ADAPT_ROW(dpo), .title = "Detrended price oscillator", .group = "momentum",
        .formula = "value of `shift` updates before - simple mean over length (mean); lagged: value - mean of `shift` "
                   "updates before",
        .source = "usage; StockCharts' reference",
        .convention =
            "shift length / 2 + 1, given when it is known; charts (and Stock.Indicators) draw it that far back",
        .header = OSCILLATOR,
        .params = {LENGTH(20, DUET_PART_MAX),
            PARAM_WHOLE("shift", -1, -1, DUET_PART_MAX, "updates back; -1: length / 2 + 1"),
            PARAM_WHOLE("lagged", 0, 0, 1, "1: the mean is taken back, not the value (backtrader)")},
        REAL_IN, .outputs = {"value", "mean"}},
    {ADAPT_ROW(dv2), .title = "DV2", .group = "momentum",
        .formula =
            "m = simple mean over smoothing of close / ((high + low) / 2); percent of the last length m that are "
            "smaller than the newest",
        .source = "David Varadi, 2009", .header = RELATIVE,
        .params = {PARAM_WHOLE("length", 252, 1, DUET_WINDOW_MAX, "values to rank among"),
            PARAM_WHOLE("smoothing", 2, 1, DUET_PART_MAX, "length of the mean")},
        HIGH_LOW_CLOSE, VALUE_OUT},
    {ADAPT_ROW(elder_ray), .title = "Elder ray", .group = "momentum",
        .formula = "bull = high - ema(close), bear = low - ema(close); value = bull + bear",
        .source = "Alexander Elder, Trading for a Living, 1993", .convention = "the mean is seeded with a simple one",
        .header = OSCILLATOR, .params = {LENGTH(13, DUET_LENGTH_MAX)}, HIGH_LOW_CLOSE,
        .outputs = {"value", "bull", "bear"}},
    {ADAPT_ROW(fisher),
        .call = "struct duet_fisher x; double value = duet_fisher_update(&x, (bar->high + bar->low) / 2);",
        .title = "Fisher transform", .group = "momentum",
        .formula = "m = (high + low) / 2; x = 0.33 (2 place - 1) + 0.67 x, place of m between lowest and highest over "
                   "length; value = ln((1 + x) / (1 - x)) / 2 + value / 2; trigger: the value before",
        .source = "John Ehlers, Stocks & Commodities, November 2002",
        .convention = "begins when the window is full, as Tulip; Stock.Indicators at once (at_once 1); beyond 0.99 "
                      "x is 0.999, in LEAN beyond 0.9999 that (wide 1)",
        .header = CYCLE,
        .params = {LENGTH(10, DUET_PART_MAX), PARAM_WHOLE("at_once", 0, 0, 1, "1: begins with the first bar"),
            PARAM_WHOLE("wide", 0, 0, 1, "1: x up to 0.9999")},
        HIGH_LOW, .outputs = {"value", "trigger"}},
    {ADAPT_ROW(fosc), .title = "Forecast oscillator", .group = "momentum",
        .formula = "100 * (value - f) / value, f: the line of least squares through the `length` values before, "
                   "one step on",
        .source = "Tushar Chande, Stanley Kroll, The New Technical Trader, 1994", .header = OSCILLATOR,
        .params = {PARAM_WHOLE("length", 14, 2, DUET_WINDOW_MAX, "window, values")}, REAL_IN, VALUE_OUT},
    {ADAPT_ROW(kst), .title = "Know sure thing", .group = "momentum",
        .formula = "sum of i * simple mean over mean_i of roc(change_i) in percent, i 1 to 4; signal: simple mean "
                   "over 9",
        .source = "Martin Pring, Stocks & Commodities, 1992", .header = OSCILLATOR,
        .params = {PARAM_WHOLE("change1", 10, 1, DUET_PART_MAX, "rate of change"),
            PARAM_WHOLE("mean1", 10, 1, DUET_PART_MAX, "its mean"),
            PARAM_WHOLE("change2", 15, 1, DUET_PART_MAX, "rate of change"),
            PARAM_WHOLE("mean2", 10, 1, DUET_PART_MAX, "its mean"),
            PARAM_WHOLE("change3", 20, 1, DUET_PART_MAX, "rate of change"),
            PARAM_WHOLE("mean3", 10, 1, DUET_PART_MAX, "its mean"),
            PARAM_WHOLE("change4", 30, 1, DUET_PART_MAX, "rate of change"),
            PARAM_WHOLE("mean4", 15, 1, DUET_PART_MAX, "its mean")},
        REAL_IN, .outputs = {"value", "signal"}},
    {ADAPT_ROW(lrsi), .title = "Laguerre RSI", .group = "momentum",
        .formula = "rises / (rises + falls) between four stages of a Laguerre filter",
        .source = "John Ehlers, Cybernetic Analysis for Stocks and Futures, 2004",
        .convention = "0 to 1, the stages begin at 0; 0 where nothing moves", .header = RSI,
        .params = {PARAM_REAL("gamma", 0.5, 0, 1, "more is smoother"),
            PARAM_WHOLE("length", 6, 1, DUET_LENGTH_MAX, "updates before the first value")},
        REAL_IN, VALUE_OUT},
    {ADAPT_ROW(macd), .title = "Moving average convergence and divergence", .group = "momentum",
        .formula = "macd = ema(fast) - ema(slow); signal = ema(signal) of it; histogram = macd - signal",
        .source = "Gerald Appel, Systems and Forecasts, 1979",
        .convention =
            "every mean is seeded with a simple one; macdfix seeds with first values, pandas' ewm too (kind 1)",
        .header = MOMENTUM, .params = {FAST(12), SLOW(26), SIGNAL(9), PARAM_KIND(DUET_MEAN_EMA)}, REAL_IN,
        .outputs = {"macd", "signal", "histogram"}},
    {ADAPT_ROW(macdfix), .title = "MACD with historical factors", .group = "momentum",
        .formula = "as macd, but every mean seeded with its first value, shown from update max(fast, slow) on; "
                   "factors 0.15 and 0.075 for 12 and 26",
        .source = "Gerald Appel, Systems and Forecasts, 1979; Tulip Indicators' macd", .header = MOMENTUM,
        .params = {FAST(12), SLOW(26), SIGNAL(9)}, REAL_IN, .outputs = {"macd", "signal", "histogram"}},
    {ADAPT_ROW(mcclellan), .title = "McClellan oscillator and summation index", .group = "momentum",
        .formula = "ema(fast) - ema(slow) of advances less declines; sum: all of them added up",
        .source = "Sherman and Marian McClellan, Patterns for Profit, 1970",
        .convention = "means are seeded with simple ones; known=1 (LEAN): a slow mean that is not ready counts 0, and "
                      "what was known before the series stands for its first value",
        .header = RELATIVE,
        .params = {PARAM_SMOOTHING("fast", 19, "length of the fast mean"),
            PARAM_SMOOTHING("slow", 39, "length of the slow mean"),
            PARAM_WHOLE("known", 0, 0, 1, "1: go on from the three below"),
            PARAM_REAL("fast_before", 0, -1e9, 1e9, "fast mean before the series"),
            PARAM_REAL("slow_before", 0, -1e9, 1e9, "slow mean before the series"),
            PARAM_REAL("sum_before", 0, -1e12, 1e12, "sum before the series")},
        REAL_IN, .outputs = {"value", "sum"}},
    {ADAPT_ROW(momentum), .title = "Momentum", .group = "momentum", .formula = "value - value of `length` before",
        .source = "usage", .header = MOMENTUM, .params = {LENGTH(10, DUET_WINDOW_MAX)}, REAL_IN, VALUE_OUT},
    {ADAPT_ROW(pgo), .title = "Pretty good oscillator", .group = "momentum",
        .formula = "(close - simple mean of close) / mean of the true range, both over length",
        .source = "Mark Johnson, 2003",
        .convention = "the range's mean is exponential as Johnson had it; backtrader averages it simply (kind 2)",
        .header = OSCILLATOR, .params = {LENGTH(14, DUET_PART_MAX), PARAM_KIND(DUET_MEAN_EMA)}, HIGH_LOW_CLOSE,
        VALUE_OUT},
    {ADAPT_ROW(pmo), .title = "Price momentum oscillator", .group = "momentum",
        .formula = "e1: change in percent, smoothed with factor 2 / first; value: 10 * e1, smoothed with 2 / second; "
                   "signal: ema of it",
        .source = "Carl Swenlin, DecisionPoint", .convention = "means are seeded with simple ones",
        .header = OSCILLATOR,
        .params = {PARAM_WHOLE("first", 35, 2, DUET_LENGTH_MAX, "first smoothing"),
            PARAM_WHOLE("second", 20, 2, DUET_LENGTH_MAX, "second smoothing"),
            PARAM_WHOLE("signal", 10, 1, DUET_LENGTH_MAX, "length of the signal's mean")},
        REAL_IN, .outputs = {"value", "signal"}},
    {ADAPT_ROW(ppo), .title = "Percentage price oscillator", .group = "momentum",
        .formula = "100 * (mean over fast - mean over slow) / mean over slow; signal: ema of it; histogram: the "
                   "difference",
        .source = "Gerald Appel; usage",
        .convention = "exponential means seeded with simple ones; Tulip: kind 1, LEAN: kind 2; backtrader's PPOShort "
                      "divides by the fast mean (of_fast 1)",
        .header = MOMENTUM,
        .params = {FAST(12), SLOW(26), SIGNAL(9), PARAM_KIND(DUET_MEAN_EMA),
            PARAM_WHOLE("of_fast", 0, 0, 1, "1: percent of the fast mean")},
        REAL_IN, .outputs = {"value", "signal", "histogram"}},
    {ADAPT_ROW(premier), .title = "Premier stochastic oscillator", .group = "momentum",
        .formula = "s = ema of ema over smoothing of (fast stochastic over length - 50) / 10; (e^s - 1) / (e^s + 1)",
        .source = "Lee Leibfarth, Stocks & Commodities, August 2008", .header = CYCLE,
        .params = {LENGTH(8, DUET_PART_MAX), PARAM_SMOOTHING("smoothing", 5, "of both means")}, HIGH_LOW_CLOSE,
        VALUE_OUT},
    {ADAPT_ROW(prs), .title = "Price relative strength", .group = "momentum",
        .formula = "real / real2; percent: change of real over length less that of real2, as fractions",
        .source = "usage", .header = RELATIVE, .params = {LENGTH(20, DUET_PART_MAX)}, .inputs = {"real", "real2"},
        .outputs = {"value", "percent"}},
    {ADAPT_ROW(qstick), .title = "Qstick", .group = "momentum", .formula = "simple mean over length of close - open",
        .source = "Tushar Chande, Stanley Kroll, The New Technical Trader, 1994", .header = OSCILLATOR,
        .params = {LENGTH(8, DUET_PART_MAX)}, .inputs = {"open", "close"}, VALUE_OUT},
    {ADAPT_ROW(roc), .title = "Rate of change, percent", .group = "momentum",
        .formula = "100 * (value / before - 1), before: `length` ago; 0 where that is 0", .source = "usage",
        .convention = "percent; rocp is the fraction, which Tulip, LEAN and backtrader call ROC", .header = MOMENTUM,
        .params = {LENGTH(10, DUET_WINDOW_MAX)}, REAL_IN, VALUE_OUT},
    {ADAPT_ROW(roc_bands), .title = "Rate of change with bands", .group = "momentum",
        .formula = "roc(length) in percent, its ema over smoothing, and -+ the root of its mean square over window",
        .source = "Gerald Appel; Stock.Indicators' ROC with bands", .header = RELATIVE,
        .params = {LENGTH(20, DUET_WINDOW_MAX), PARAM_SMOOTHING("smoothing", 5, "of the mean"),
            PARAM_WHOLE("window", 5, 1, DUET_PART_MAX, "window of the bands")},
        REAL_IN, .outputs = {"value", "mean", "upper", "lower"}},
    {ADAPT_ROW(rocp), .title = "Rate of change, fraction", .group = "momentum",
        .formula = "value / before - 1, before: `length` ago; 0 where that is 0", .source = "usage; TA-Lib's ROCP",
        .header = MOMENTUM, .params = {LENGTH(10, DUET_WINDOW_MAX)}, REAL_IN, VALUE_OUT},
    {ADAPT_ROW(rocr), .title = "Rate of change, ratio", .group = "momentum",
        .formula = "value / before, before: `length` ago; 1 where that is 0", .source = "usage; TA-Lib's ROCR",
        .convention = "times 100 it is backtrader's MomentumOscillator", .header = MOMENTUM,
        .params = {LENGTH(10, DUET_WINDOW_MAX)}, REAL_IN, VALUE_OUT},
    {ADAPT_ROW(rsi), .title = "Relative strength index", .group = "momentum",
        .formula = "100 * U / (U + D), U and D means of rises and falls over length; 50 where nothing moves",
        .source = "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978",
        .convention = "Wilder's means, seeded with simple ones; Cutler's RSI: kind 2; relative momentum index: "
                      "lookback 5; pandas' ewm(alpha=1/length, adjust=False): kind 5",
        .header = RSI,
        .params = {LENGTH(14, DUET_PART_MAX), PARAM_WHOLE("lookback", 1, 1, DUET_PART_MAX, "span of one change"),
            PARAM_KIND(DUET_MEAN_WILDER)},
        REAL_IN, VALUE_OUT},
    {ADAPT_ROW(rvi), .title = "Relative vigor index", .group = "momentum",
        .formula = "close - open over high - low, each weighted 1 2 2 1 over four bars and summed over length; "
                   "signal: value weighted alike",
        .source = "John Ehlers, Stocks & Commodities, January 2002", .header = OSCILLATOR,
        .params = {LENGTH(10, DUET_PART_MAX)}, OHLC, .outputs = {"value", "signal"}},
    {ADAPT_ROW(smi), .title = "Stochastic momentum index", .group = "momentum",
        .formula = "100 * S / (H / 2): close - middle of the band over length (S) and its height (H), each smoothed "
                   "over first, then second; signal: ema of it",
        .source = "William Blau, Stocks & Commodities, January 1993", .convention = "means seeded with first values",
        .header = STOCHASTIC,
        .params = {LENGTH(13, DUET_PART_MAX), PARAM_WHOLE("first", 25, 1, DUET_LENGTH_MAX, "first smoothing"),
            PARAM_WHOLE("second", 2, 1, DUET_LENGTH_MAX, "second smoothing"),
            PARAM_WHOLE("signal", 3, 1, DUET_LENGTH_MAX, "length of the signal's mean")},
        HIGH_LOW_CLOSE, .outputs = {"value", "signal"}},
    {ADAPT_ROW(stc), .title = "Schaff trend cycle", .group = "momentum",
        .formula = "stochastic over cycle of macd(fast, slow), smoothed over 3, and the same of that",
        .source = "Doug Schaff, 1999",
        .convention =
            "two stochastics with exponential smoothing, 0 without height; Stock.Indicators takes one, simply "
            "smoothed (style 1); LEAN begins at once with means of 0 (style 2), which is forgotten by "
            "half per bar",
        .header = STOCHASTIC,
        .params = {PARAM_WHOLE("cycle", 10, 1, DUET_PART_MAX, "window of the stochastic"),
            PARAM_WHOLE("fast", 23, 1, DUET_LENGTH_MAX, "length of the fast mean"),
            PARAM_WHOLE("slow", 50, 1, DUET_LENGTH_MAX, "length of the slow mean"),
            PARAM_WHOLE("style", 0, 0, 2, "0: Schaff's; 1: one stochastic; 2: Schaff's, begun at once")},
        REAL_IN, VALUE_OUT},
    {ADAPT_ROW(stochastic), .title = "Stochastic oscillator", .group = "momentum",
        .formula = "fast = 100 * (close - L) / (H - L), extremes over length; k = mean of fast over slowing; d = mean "
                   "of k over signal; j = 3 k - 2 d",
        .source = "George Lane, 1957",
        .convention = "simple means; 50 where H = L. Fast stochastic: slowing 1. Full: fast, k and d together",
        .header = STOCHASTIC,
        .params = {LENGTH(14, DUET_PART_MAX), PARAM_WHOLE("slowing", 3, 1, DUET_PART_MAX, "length of k's mean"),
            SIGNAL(3), PARAM_KIND(DUET_MEAN_SMA)},
        HIGH_LOW_CLOSE, .outputs = {"k", "d", "j", "fast"}},
    {ADAPT_ROW(stochrsi), .title = "Stochastic RSI", .group = "momentum",
        .formula = "100 * (rsi - L) / (H - L), extremes over window; k: simple mean over slowing; d: of that over "
                   "signal",
        .source = "Tushar Chande, Stanley Kroll, The New Technical Trader, 1994",
        .convention = "0 to 100 (Tulip: 0 to 1, unsmoothed); 50 where H = L", .header = RSI,
        .params = {LENGTH(14, DUET_LENGTH_MAX), PARAM_WHOLE("window", 14, 1, DUET_PART_MAX, "values of the RSI"),
            PARAM_WHOLE("slowing", 3, 1, DUET_PART_MAX, "length of k's mean"), SIGNAL(3)},
        REAL_IN, .outputs = {"k", "d"}},
    {ADAPT_ROW(trix), .title = "TRIX", .group = "momentum",
        .formula = "change in percent, over one update, of ema of ema of ema over length; signal: mean over signal",
        .source = "Jack Hutson, Stocks & Commodities, 1983",
        .convention = "each mean seeded with the simple one of the mean before it; Tulip seeds with first values "
                      "(seed 1), Stock.Indicators all with the first simple mean (seed 2)",
        .header = MOMENTUM,
        .params = {LENGTH(15, DUET_LENGTH_MAX), SIGNAL(9),
            PARAM_WHOLE("seed", 0, 0, 2, "0: simple means; 1: first values; 2: the first simple mean for all"),
            PARAM_WHOLE("signal_kind", 2, 0, DUET_MEAN_KIND_MAX, "kind of the signal's mean, 2: simple")},
        REAL_IN, .outputs = {"value", "signal", "triple"}},
    {ADAPT_ROW(tsi), .title = "True strength index", .group = "momentum",
        .formula = "100 * M / A, change (M) and its magnitude (A) smoothed over slow, then fast; signal: ema of it",
        .source = "William Blau, Stocks & Commodities, November 1991", .convention = "means seeded with simple ones",
        .header = MOMENTUM,
        .params = {PARAM_WHOLE("slow", 25, 1, DUET_LENGTH_MAX, "first smoothing"),
            PARAM_WHOLE("fast", 13, 1, DUET_LENGTH_MAX, "second smoothing"),
            PARAM_WHOLE("signal", 7, 1, DUET_LENGTH_MAX, "length of the signal's mean")},
        REAL_IN, .outputs = {"value", "signal"}},
    {ADAPT_ROW(ultosc), .title = "Ultimate oscillator", .group = "momentum",
        .formula = "100 * (4 a + 2 b + c) / 7: close - true low over true range, summed over short, medium, long",
        .source = "Larry Williams, Stocks & Commodities, April 1985", .header = STOCHASTIC,
        .params = {PARAM_WHOLE("short", 7, 1, DUET_PART_MAX, "window, bars"),
            PARAM_WHOLE("medium", 14, 1, DUET_PART_MAX, "window, bars"),
            PARAM_WHOLE("long", 28, 1, DUET_PART_MAX, "window, bars")},
        HIGH_LOW_CLOSE, VALUE_OUT},
    {ADAPT_ROW(willr), .title = "Williams %R", .group = "momentum",
        .formula = "-100 * (H - close) / (H - L), extremes over length; -50 where H = L",
        .source = "Larry Williams, How I Made One Million Dollars, 1973", .header = STOCHASTIC,
        .params = {LENGTH(14, DUET_PART_MAX)}, HIGH_LOW_CLOSE, VALUE_OUT},
    {0},
};
