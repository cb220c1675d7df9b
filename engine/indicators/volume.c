#include "engine/indicators/adapt_all.h"

#define HEADER .header = "duet/indicators/volume.h"
#define LENGTH(fallback_) PARAM_WHOLE("length", fallback_, 1, DUET_PART_MAX, "window, bars")
#define HIGH_LOW_CLOSE_VOLUME .inputs = {"high", "low", "close", "volume"}
#define CLOSE_VOLUME .inputs = {"close", "volume"}
#define VALUE_OUT .outputs = {"value"}

/** Lengths of the volume oscillators, of simple or of exponential means. */
#define FAST_SLOW(fast_, slow_)                                              \
    PARAM_WHOLE("fast", fast_, 1, DUET_PART_MAX, "length of the fast mean"), \
        PARAM_WHOLE("slow", slow_, 1, DUET_PART_MAX, "length of the slow mean")

static int64_t kvo_longest(const double *p) {
    return p[3] == DUET_KVO_FIRST_SEED ? 2 : adapt_most(P(0), P(1)) + 2 + P(2) - 1;
}

/** Outputs of the profiles, by volume or by time. */
#define PROFILE_PARAMS                                                                                      \
    .params = {LENGTH(20), PARAM_REAL("tick", 0.05, 1e-9, 1e9, "closes are rounded up to multiples of it"), \
        PARAM_REAL("share", 0.7, 0, 1, "of all volume, in the value area")}
#define PROFILE_OUT .outputs = {"value", "volume", "high", "low", "area_high", "area_low"}
#define duet_time_profile duet_profile
#define duet_volume_profile duet_profile

static void profile_out(const struct duet_profile *self, double *out) {
    const double values[] = {self->value, self->volume, self->high, self->low, self->area_high, self->area_low};
    memcpy(out, values, sizeof(values));
}

/** The percentage oscillators are those of prices, taken of volumes. */
#define duet_pvo duet_ppo
#define duet_vosc duet_ppo

ADAPT_ALL(ad, 1, duet_ad_init(self), out[0] = duet_ad_update(self, in[0], in[1], in[2], in[3]); out[1] = self->flow;
          out[2] = self->moved)
ADAPT_ALL(adosc, adapt_most(P(0), P(1)), duet_adosc_init(self, P(0), P(1), P(2) != 0),
          out[0] = duet_adosc_update(self, in[0], in[1], in[2], in[3]);
          out[1] = self->fast.value; out[2] = self->slow.value)
ADAPT_ALL(cmf, P(0), duet_cmf_init(self, P(0)), out[0] = duet_cmf_update(self, in[0], in[1], in[2], in[3]);
          out[1] = self->flow; out[2] = self->moved)
ADAPT_ALL(emv, P(0) + 1, duet_emv_init(self, P(0), p[1]), out[0] = duet_emv_update(self, in[0], in[1], in[2]))
ADAPT_ALL(force, P(0) + 1, duet_force_init(self, P(0)), out[0] = duet_force_update(self, in[0], in[1]))
ADAPT_ALL(kvo, kvo_longest(p), duet_kvo_init(self, P(0), P(1), P(2), (enum duet_kvo_style)p[3]),
          out[0] = duet_kvo_update(self, in[0], in[1], in[2], in[3]);
          out[1] = self->signal)
ADAPT_ALL(marketfi, 1, duet_marketfi_init(self), out[0] = duet_marketfi_update(self, in[0], in[1], in[2]))
ADAPT_ALL(mfi, P(0) + 1, duet_mfi_init(self, P(0)), out[0] = duet_mfi_update(self, in[0], in[1], in[2], in[3]))
ADAPT_ALL(nvi, 1, duet_nvi_init(self), out[0] = duet_nvi_update(self, in[0], in[1]))
ADAPT_ALL(obv, P(0), duet_obv_init(self, P(0), P(1) != 0), out[0] = duet_obv_update(self, in[0], in[1]);
          out[1] = self->smooth)
ADAPT_ALL(pvi, 1, duet_pvi_init(self), out[0] = duet_pvi_update(self, in[0], in[1]))
ADAPT_ALL(pvo, adapt_most(P(0), P(1)) + P(2) - 1, duet_ppo_init(self, P(0), P(1), P(2), DUET_MEAN_EMA, false),
          out[0] = duet_ppo_update(self, in[0]);
          out[1] = self->signal; out[2] = self->histogram)
ADAPT_ALL(relative_volume, P(0) * P(1) + 1, duet_relative_volume_init(self, P(0), P(1)),
    out[0] = duet_relative_volume_update(self, in[0]))
ADAPT_ALL(time_profile, P(0), duet_profile_init(self, P(0), p[1], p[2]), duet_profile_update(self, in[0], 1);
          profile_out(self, out))
ADAPT_ALL(volume_profile, P(0), duet_profile_init(self, P(0), p[1], p[2]), duet_profile_update(self, in[0], in[1]);
          profile_out(self, out))
ADAPT_ALL(vosc, adapt_most(P(0), P(1)), duet_ppo_init(self, P(0), P(1), 1, DUET_MEAN_SMA, false),
    out[0] = duet_ppo_update(self, in[0]))
ADAPT_ALL(vwap, 1, duet_vwap_init(self, P(0)), out[0] = duet_vwap_update(self, in[0], in[1], in[2], in[3]))
ADAPT_ALL(vwap_rolling, P(0), duet_vwap_rolling_init(self, P(0)),
    out[0] = duet_vwap_rolling_update(self, (in[0] + in[1] + in[2] + in[3]) / 4, in[4]))

const struct duet_indicator_row duet_indicators_volume[] = {
    {ADAPT_ROW(ad), .title = "Accumulation and distribution line", .group = "volume",
        .formula =
            "sum of flow * volume (moved), flow = ((close - low) - (high - close)) / (high - low), 0 where high = "
            "low",
        .source = "Marc Chaikin", HEADER, HIGH_LOW_CLOSE_VOLUME, .outputs = {"value", "flow", "moved"}},
    {ADAPT_ROW(adosc), .title = "Chaikin oscillator", .group = "volume", .formula = "ema(fast) - ema(slow) of ad",
        .source = "Marc Chaikin",
        .convention =
            "seeded with simple means; Tulip and TA-Lib seed with the first value (of_first 1) and begin alike",
        HEADER, .params = {FAST_SLOW(3, 10), PARAM_WHOLE("of_first", 0, 0, 1, "1: seeded with the first value")},
        HIGH_LOW_CLOSE_VOLUME, .outputs = {"value", "fast", "slow"}},
    {ADAPT_ROW(cmf), .title = "Chaikin money flow", .group = "volume",
        .formula = "sum of flow * volume / sum of volume over length, flow as in ad; 0 without volume",
        .source = "Marc Chaikin", HEADER, .params = {LENGTH(20)}, HIGH_LOW_CLOSE_VOLUME,
        .outputs = {"value", "flow", "moved"}},
    {ADAPT_ROW(emv), .title = "Ease of movement", .group = "volume",
        .formula =
            "mean over length of (m - m before) * (high - low) * scale / volume, m = (high + low) / 2; 0 without "
            "volume",
        .source = "Richard Arms, Volume Cycles in the Stock Market, 1983",
        .convention = "length 1 and scale 10000 are Tulip's", HEADER,
        .params = {LENGTH(1), PARAM_REAL("scale", 10000, 0, 1e15, "of the figures")},
        .inputs = {"high", "low", "volume"}, VALUE_OUT},
    {ADAPT_ROW(force), .title = "Force index", .group = "volume",
        .formula = "ema over length of (close - close before) * volume",
        .source = "Alexander Elder, Trading for a Living, 1993", .convention = "seeded with a simple mean", HEADER,
        .params = {PARAM_SMOOTHING("length", 13, "smoothing, bars")}, CLOSE_VOLUME, VALUE_OUT},
    {ADAPT_ROW(kvo), .title = "Klinger volume oscillator", .group = "volume",
        .formula =
            "ema(fast) - ema(slow) of volume * |2 (range / flow - 1)| * trend * 100, see the header; signal: ema",
        .source = "Stephen Klinger, Stocks & Commodities, December 1997",
        .convention =
            "the article reads in two ways: style 0 as Stock.Indicators, 1 with |2 range / flow - 1| and first "
            "values as Tulip, 2 as LEAN",
        HEADER,
        .params = {PARAM_SMOOTHING("fast", 34, "length of the fast mean"),
            PARAM_SMOOTHING("slow", 55, "length of the slow mean"),
            PARAM_SMOOTHING("signal", 13, "length of the signal's mean"),
            PARAM_WHOLE("style", 0, 0, 2, "whose reading")},
        HIGH_LOW_CLOSE_VOLUME, .outputs = {"value", "signal"}},
    {ADAPT_ROW(marketfi), .title = "Market facilitation index", .group = "volume",
        .formula = "(high - low) / volume, 0 without volume", .source = "Bill Williams, Trading Chaos, 1995", HEADER,
        .inputs = {"high", "low", "volume"}, VALUE_OUT},
    {ADAPT_ROW(mfi), .title = "Money flow index", .group = "volume",
        .formula =
            "100 * U / (U + D): sums over length of p * volume where p = (high + low + close) / 3 rose, and fell; "
            "50 where neither",
        .source = "Gene Quong, Avrum Soudack, Stocks & Commodities, March 1989", HEADER, .params = {LENGTH(14)},
        HIGH_LOW_CLOSE_VOLUME, VALUE_OUT},
    {ADAPT_ROW(nvi), .title = "Negative volume index", .group = "volume",
        .formula = "from 1000: moves with the close, in percent, where the volume fell",
        .source = "Paul Dysart, 1936; Norman Fosback, Stock Market Logic, 1976", HEADER, CLOSE_VOLUME, VALUE_OUT},
    {ADAPT_ROW(obv), .title = "On balance volume", .group = "volume",
        .formula =
            "adds the volume where the close rose, takes it away where it fell; smooth: simple mean over smoothing",
        .source = "Joseph Granville, Granville's New Key to Stock Market Profits, 1963",
        .convention =
            "begins at 0, as Tulip and Stock.Indicators; TA-Lib and LEAN with the first volume (with_first 1)",
        HEADER,
        .params = {PARAM_WHOLE("smoothing", 20, 1, DUET_PART_MAX, "length of smooth"),
            PARAM_WHOLE("with_first", 0, 0, 1, "1: begins with the first volume")},
        CLOSE_VOLUME, .outputs = {"value", "smooth"}},
    {ADAPT_ROW(pvi), .title = "Positive volume index", .group = "volume",
        .formula = "from 1000: moves with the close, in percent, where the volume rose",
        .source = "Paul Dysart, 1936; Norman Fosback, Stock Market Logic, 1976", HEADER, CLOSE_VOLUME, VALUE_OUT},
    {ADAPT_ROW(pvo), .call = "struct duet_ppo x; double value = duet_ppo_update(&x, bar->volume);",
        .title = "Percentage volume oscillator", .group = "volume",
        .formula = "100 * (ema(fast) - ema(slow)) / ema(slow) of the volume; signal: ema; histogram: the difference",
        .source = "usage", .convention = "that is duet_ppo of the volume", .header = "duet/indicators/momentum.h",
        .params = {FAST_SLOW(12, 26), PARAM_WHOLE("signal", 9, 1, DUET_PART_MAX, "length of the signal's mean")},
        .inputs = {"volume"}, .outputs = {"value", "signal", "histogram"}},
    {ADAPT_ROW(relative_volume), .title = "Relative volume of the session", .group = "volume",
        .formula = "volume of the session so far over the mean of what the last length sessions had by then",
        .source = "usage", HEADER,
        .params = {PARAM_WHOLE("length", 2, 1, DUET_WINDOW_MAX, "sessions; length * bars up to 1024"),
            PARAM_WHOLE("bars", 1, 1, DUET_WINDOW_MAX, "bars of a session")},
        .inputs = {"volume"}, VALUE_OUT},
    {ADAPT_ROW(time_profile), .call = "struct duet_profile x; double value = duet_profile_update(&x, bar->close, 1);",
        .title = "Market profile by time", .group = "volume",
        .formula =
            "closes of length bars, rounded up to multiples of tick; value: the price of most bars; area: around "
            "it, with more than share of all",
        .source = "Peter Steidlmayer, Chicago Board of Trade, 1985", .convention = "LEAN's rounding and order of ties",
        .header = "duet/indicators/profile.h", PROFILE_PARAMS, .inputs = {"close"}, PROFILE_OUT},
    {ADAPT_ROW(volume_profile),
        .call = "struct duet_profile x; double value = duet_profile_update(&x, bar->close, bar->volume);",
        .title = "Market profile by volume", .group = "volume",
        .formula = "as time_profile, each bar weighted by its volume", .source = "Peter Steidlmayer",
        .convention = "LEAN's rounding and order of ties", .header = "duet/indicators/profile.h", PROFILE_PARAMS,
        CLOSE_VOLUME, PROFILE_OUT},
    {ADAPT_ROW(vosc), .call = "struct duet_ppo x; double value = duet_ppo_update(&x, bar->volume);",
        .title = "Volume oscillator", .group = "volume",
        .formula = "100 * (simple mean over fast - over slow) / that over slow, of the volume", .source = "usage",
        .convention = "that is duet_ppo of the volume with DUET_MEAN_SMA", .header = "duet/indicators/momentum.h",
        .params = {FAST_SLOW(14, 28)}, .inputs = {"volume"}, VALUE_OUT},
    {ADAPT_ROW(vwap), .title = "Volume weighted average price, by session", .group = "volume",
        .formula = "sum of p * volume / sum of volume since the session began, p = (high + low + close) / 3",
        .source = "usage", .convention = "p itself while there is no volume", HEADER,
        .params = {PARAM_WHOLE("session", 0, 0, DUET_LENGTH_MAX, "bars of a session; 0: it never ends")},
        HIGH_LOW_CLOSE_VOLUME, VALUE_OUT},
    {ADAPT_ROW(vwap_rolling),
        .call = "struct duet_vwap_rolling x; double value = duet_vwap_rolling_update(&x, bar->close, bar->volume);",
        .title = "Volume weighted average price, rolling", .group = "volume",
        .formula = "sum of p * volume / sum of volume over length, p = (open + high + low + close) / 4",
        .source = "usage", .convention = "p itself without volume; in a program p is any price (vwma: the close)",
        HEADER, .params = {LENGTH(20)}, .inputs = {"open", "high", "low", "close", "volume"}, VALUE_OUT},
    {0},
};
