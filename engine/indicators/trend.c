#include "engine/indicators/adapt_all.h"

#define CYCLE "duet/indicators/cycle.h"
#define DIRECTIONAL "duet/indicators/directional.h"
#define STOPS "duet/indicators/stops.h"
#define TREND "duet/indicators/trend.h"
#define WILDER "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978"
#define LENGTH(fallback_, maximum_) PARAM_WHOLE("length", fallback_, 1, maximum_, "window, bars or values")
#define SMOOTHING(fallback_) PARAM_WHOLE("length", fallback_, 2, DUET_LENGTH_MAX, "smoothing, bars")
#define EARLY PARAM_WHOLE("early", 0, 0, 1, "1: sums begin with length - 1 movements, as Tulip and TA-Lib have them")
#define HIGH_LOW .inputs = {"high", "low"}
#define HIGH_LOW_CLOSE .inputs = {"high", "low", "close"}
#define VALUE_OUT .outputs = {"value"}

static void alligator_begin(struct duet_alligator *self, const double *p) {
    duet_alligator_init(self, (const int64_t[]){P(0), P(2), P(4)}, (const int64_t[]){P(1), P(3), P(5)});
}

static int64_t adxr_longest(const double *p) {
    int64_t lag = P(1) < 0 ? P(0) - 1 : P(1);
    return 2 * P(0) - (P(2) != 0) + adapt_most(lag, 1);
}

ADAPT_ALL(
    adx, 2 * P(0) - P(1), duet_adx_init(self, P(0), P(1) != 0), out[0] = duet_adx_update(self, in[0], in[1], in[2]);
    out[1] = self->plus; out[2] = self->minus; out[3] = self->dx.value)
ADAPT_ALL(adxr, adxr_longest(p), duet_adxr_init(self, P(0), P(1), P(2) != 0),
          out[0] = duet_adxr_update(self, in[0], in[1], in[2]);
          out[1] = self->adx.value; out[2] = self->adx.plus; out[3] = self->adx.minus)
ADAPT_ALL(alligator, adapt_most(adapt_most(P(0) + P(1), P(2) + P(3)), P(4) + P(5)), alligator_begin(self, p),
          out[0] = duet_alligator_update(self, in[0], in[1]);
          out[1] = self->teeth; out[2] = self->lips; out[3] = self->upper; out[4] = self->lower)
ADAPT_ALL(aroon, P(0) + 1, duet_aroon_init(self, P(0)), out[2] = duet_aroon_update(self, in[0], in[1]);
          out[0] = self->up; out[1] = self->down)
ADAPT_ALL(atr_stop, P(0) + 1, duet_atr_stop_init(self, P(0), p[1], P(2) != 0),
          out[0] = duet_atr_stop_update(self, in[0], in[1], in[2]);
          out[1] = (double)self->trail.trend; out[2] = self->upper; out[3] = self->lower;
          out[4] = self->range.mean.value)
ADAPT_ALL(di, P(0) + 1 - P(1), duet_di_init(self, P(0), P(1) != 0), out[0] = duet_di_update(self, in[0], in[1], in[2]);
          out[1] = self->minus)
ADAPT_ALL(dm, P(0) + 1 - P(1), duet_dm_init(self, P(0), P(1) != 0), out[0] = duet_dm_update(self, in[0], in[1], in[0]);
          out[1] = self->minus)
ADAPT_ALL(dx, P(0) + 1 - P(1), duet_dx_init(self, P(0), P(1) != 0), out[0] = duet_dx_update(self, in[0], in[1], in[0]))
ADAPT_ALL(hilbert, P(0) + 3, duet_hilbert_init(self, P(0), p[1], p[2]), out[0] = duet_hilbert_update(self, in[0]);
          out[1] = self->quadrature)
ADAPT_ALL(htl, 7, duet_htl_init(self), out[0] = duet_htl_update(self, (in[0] + in[1]) / 2); out[1] = self->cycle;
          out[2] = self->smooth)
ADAPT_ALL(ichimoku, adapt_most(adapt_most(P(0), P(1)), P(2)) + P(3), duet_ichimoku_init(self, P(0), P(1), P(2), P(3)),
          out[0] = duet_ichimoku_update(self, in[0], in[1], in[2]);
          out[1] = self->kijun; out[2] = self->span_a; out[3] = self->span_b; out[4] = self->chikou;
          out[5] = self->lead_a; out[6] = self->lead_b)
ADAPT_ALL(mama, 6, duet_mama_init(self, p[0], p[1]), out[0] = duet_mama_update(self, (in[0] + in[1]) / 2);
          out[1] = self->fama)
ADAPT_ALL(mass, 2 * P(1) + P(0) - 2, duet_mass_init(self, P(0), P(1), P(2) != 0),
    out[0] = duet_mass_update(self, in[0], in[1]))
ADAPT_ALL(momersion, P(0) + 2, duet_momersion_init(self, P(0)), out[0] = duet_momersion_update(self, in[0]))
ADAPT_ALL(msw, P(0) + 1, duet_msw_init(self, P(0)), out[0] = duet_msw_update(self, in[0]); out[1] = self->lead)
ADAPT_ALL(psar, 2, duet_psar_init(self, p[0], p[1], p[2], (enum duet_psar_style)p[3]),
          out[0] = duet_psar_update(self, in[0], in[1], in[2]);
          out[1] = (double)self->trend; out[2] = (double)self->turned)
ADAPT_ALL(supertrend, P(0) + 1 - P(2), duet_supertrend_init(self, P(0), p[1], P(2) != 0),
          out[0] = duet_supertrend_update(self, in[0], in[1], in[2]);
          out[1] = (double)self->trail.trend; out[2] = self->upper; out[3] = self->lower)
ADAPT_ALL(swing, 2, duet_swing_init(self, p[0]), out[0] = duet_swing_update(self, in[0], in[1], in[2], in[3]);
          out[1] = self->sum)
ADAPT_ALL(
    td_sequential, 6, duet_td_sequential_init(self), out[0] = duet_td_sequential_update(self, in[0], in[1], in[2]))
ADAPT_ALL(vhf, P(0) + 1, duet_vhf_init(self, P(0)), out[0] = duet_vhf_update(self, in[0]))
ADAPT_ALL(volatility_stop, P(0) + 2, duet_volatility_stop_init(self, P(0), p[1]),
          out[0] = duet_volatility_stop_update(self, in[0], in[1], in[2]);
          out[1] = (double)self->trend; out[2] = (double)self->turned)
ADAPT_ALL(vortex, P(0) + 1, duet_vortex_init(self, P(0)), out[2] = duet_vortex_update(self, in[0], in[1], in[2]);
          out[0] = self->plus; out[1] = self->minus)
ADAPT_ALL(wad, 2, duet_wad_init(self), out[0] = duet_wad_update(self, in[0], in[1], in[2]))

const struct duet_indicator_row duet_indicators_trend[] = {
    {ADAPT_ROW(adx), .title = "Average directional index (DMI)", .group = "trend",
        .formula = "Wilder's mean over length of dx; plus and minus: di", .source = WILDER,
        .convention = "all seeded as in Wilder's book, with sums of the first `length`; TA-Lib and Tulip take one less "
                      "(early 1)",
        .header = DIRECTIONAL, .params = {SMOOTHING(14), EARLY}, HIGH_LOW_CLOSE,
        .outputs = {"value", "plus", "minus", "dx"}},
    {ADAPT_ROW(adxr), .title = "Average directional index rating", .group = "trend",
        .formula = "(adx + adx of `lag` bars before) / 2", .source = WILDER,
        .convention = "lag length - 1, as TA-Lib, Tulip, LEAN and Stock.Indicators count; backtrader: length",
        .header = DIRECTIONAL,
        .params = {PARAM_WHOLE("length", 14, 2, DUET_PART_MAX, "smoothing, bars"),
            PARAM_WHOLE("lag", -1, -1, DUET_PART_MAX, "bars back; -1: length - 1"), EARLY},
        HIGH_LOW_CLOSE, .outputs = {"value", "adx", "plus", "minus"}},
    {ADAPT_ROW(alligator), .title = "Alligator and gator", .group = "trend",
        .formula = "Wilder's means of (high + low) / 2, each as it stood some bars before: jaw, teeth, lips; upper = "
                   "|jaw - teeth|, lower = -|teeth - lips|",
        .source = "Bill Williams, Trading Chaos, 1995", .header = TREND,
        .params = {PARAM_WHOLE("jaw", 13, 1, DUET_LENGTH_MAX, "smoothing"),
            PARAM_WHOLE("jaw_shift", 8, 1, DUET_PART_MAX, "bars back"),
            PARAM_WHOLE("teeth", 8, 1, DUET_LENGTH_MAX, "smoothing"),
            PARAM_WHOLE("teeth_shift", 5, 1, DUET_PART_MAX, "bars back"),
            PARAM_WHOLE("lips", 5, 1, DUET_LENGTH_MAX, "smoothing"),
            PARAM_WHOLE("lips_shift", 3, 1, DUET_PART_MAX, "bars back")},
        HIGH_LOW, .outputs = {"jaw", "teeth", "lips", "upper", "lower"}},
    {ADAPT_ROW(aroon), .title = "Aroon", .group = "trend",
        .formula = "up = 100 * (1 - bars since the highest of length + 1 / length); down alike; oscillator: the "
                   "difference",
        .source = "Tushar Chande, Stocks & Commodities, September 1995", .convention = "of equal extremes the newest",
        .header = DIRECTIONAL, .params = {LENGTH(14, DUET_PART_MAX)}, HIGH_LOW,
        .outputs = {"up", "down", "oscillator"}},
    {ADAPT_ROW(atr_stop), .title = "ATR trailing stop", .group = "trend",
        .formula =
            "bands of factor * atr(length) around the close (extremes 1: high and low) that only close in; value: "
            "the one that holds, until a close goes through",
        .source = "usage; Stock.Indicators' ATR-STOP", .header = STOPS,
        .params = {PARAM_SMOOTHING("length", 21, "of the average true range"),
            PARAM_REAL("factor", 3, 0, 1e6, "average true ranges"),
            PARAM_WHOLE("extremes", 0, 0, 1, "1: bands from high and low")},
        HIGH_LOW_CLOSE, .outputs = {"value", "trend", "upper", "lower", "range"}},
    {ADAPT_ROW(di), .title = "Directional indicators", .group = "trend",
        .formula = "plus and minus of dm, 100 times, over Wilder's sum of the true range", .source = WILDER,
        .header = DIRECTIONAL, .params = {SMOOTHING(14), EARLY}, HIGH_LOW_CLOSE, .outputs = {"plus", "minus"}},
    {ADAPT_ROW(dm), .call = "struct duet_dm x; double value = duet_dm_update(&x, bar->high, bar->low, bar->close);",
        .title = "Directional movement", .group = "trend",
        .formula =
            "plus: Wilder's sum over length of the rise of the high where that is more than the fall of the low; "
            "minus: the reverse",
        .source = WILDER, .header = DIRECTIONAL, .params = {SMOOTHING(14), EARLY}, HIGH_LOW,
        .outputs = {"plus", "minus"}},
    {ADAPT_ROW(dx), .call = "struct duet_dx x; double value = duet_dx_update(&x, bar->high, bar->low, bar->close);",
        .title = "Directional index", .group = "trend",
        .formula = "100 * |plus - minus| / (plus + minus) of dm; 0 where nothing moves", .source = WILDER,
        .header = DIRECTIONAL, .params = {SMOOTHING(14), EARLY}, HIGH_LOW, VALUE_OUT},
    {ADAPT_ROW(hilbert), .title = "Hilbert transform", .group = "trend",
        .formula =
            "d = value - value of length before; phase = 1.25 (d4 - d2 * a) + phase3 * a, quadrature = d2 - d * b + "
            "quadrature2 * b, a number being updates back",
        .source = "John Ehlers, Rocket Science for Traders, 2001",
        .convention = "LEAN's reckoning of the delays, from which these names come", .header = CYCLE,
        .params = {PARAM_WHOLE("length", 7, 1, DUET_PART_MAX, "span of the change"),
            PARAM_REAL("phase_factor", 0.635, 0, 1, "a"), PARAM_REAL("quadrature_factor", 0.338, 0, 1, "b")},
        .inputs = {"real"}, .outputs = {"phase", "quadrature"}},
    {ADAPT_ROW(htl), .call = "struct duet_htl x; double value = duet_htl_update(&x, (bar->high + bar->low) / 2);",
        .title = "Hilbert transform's trend line", .group = "trend",
        .formula = "mean of (high + low) / 2 over the dominant cycle, weighted 4 3 2 1; cycle: its length; smooth: the "
                   "input weighted alike",
        .source = "John Ehlers, Rocket Science for Traders, 2001", .convention = "the input itself before update 12",
        .header = CYCLE, HIGH_LOW, .outputs = {"value", "cycle", "smooth"}},
    {ADAPT_ROW(ichimoku), .title = "Ichimoku kinko hyo", .group = "trend",
        .formula =
            "tenkan, kijun: middles of highest and lowest over two lengths; lead_a = (tenkan + kijun) / 2, lead_b = "
            "the middle over span; span_a, span_b: these of `shift` bars before; chikou: close",
        .source = "Goichi Hosoda, 1969",
        .convention = "each value stands at the bar that it is known with or drawn at; chikou is drawn `shift` back",
        .header = TREND,
        .params = {PARAM_WHOLE("tenkan", 9, 1, DUET_PART_MAX, "window, bars"),
            PARAM_WHOLE("kijun", 26, 1, DUET_PART_MAX, "window, bars"),
            PARAM_WHOLE("span", 52, 1, DUET_PART_MAX, "window, bars"),
            PARAM_WHOLE("shift", 26, 1, DUET_PART_MAX, "bars that the cloud is drawn ahead")},
        HIGH_LOW_CLOSE, .outputs = {"tenkan", "kijun", "span_a", "span_b", "chikou", "lead_a", "lead_b"}},
    {ADAPT_ROW(mama), .call = "struct duet_mama x; double value = duet_mama_update(&x, (bar->high + bar->low) / 2);",
        .title = "MESA adaptive moving average", .group = "trend",
        .formula =
            "m = (high + low) / 2; value += alpha * (m - value), alpha = fast / change of phase within slow..fast; "
            "fama follows it half as fast",
        .source = "John Ehlers, Stocks & Commodities, September 2001",
        .convention = "begins as mean of the first six, as Stock.Indicators", .header = CYCLE,
        .params = {PARAM_REAL("fast", 0.5, 0, 1, "largest alpha"), PARAM_REAL("slow", 0.05, 0, 1, "smallest alpha")},
        HIGH_LOW, .outputs = {"value", "fama"}},
    {ADAPT_ROW(mass), .title = "Mass index", .group = "trend",
        .formula = "sum over length of e / ema(e), e = ema of high - low, both over smoothing",
        .source = "Donald Dorsey, Stocks & Commodities, June 1992",
        .convention = "seeded with simple means; Tulip with first values (of_first 1)", .header = DIRECTIONAL,
        .params = {LENGTH(25, DUET_PART_MAX), PARAM_SMOOTHING("smoothing", 9, "of the ranges"),
            PARAM_WHOLE("of_first", 0, 0, 1, "1: seeded with first values")},
        HIGH_LOW, VALUE_OUT},
    {ADAPT_ROW(momersion), .title = "Momersion", .group = "trend",
        .formula = "100 * U / (U + D): of the last length pairs of changes in a row, those of one sign (U) and of two",
        .source = "Michael Harris, 2015", .convention = "50 where no pair has a sign", .header = TREND,
        .params = {LENGTH(20, DUET_PART_MAX)}, .inputs = {"real"}, VALUE_OUT},
    {ADAPT_ROW(msw), .title = "MESA sine wave", .group = "trend",
        .formula = "sine of the phase of the cycle of length in the last length values; lead: 45 degrees on",
        .source = "John Ehlers, Stocks & Commodities, 1996", .convention = "begins one update late, as Tulip does",
        .header = CYCLE, .params = {LENGTH(14, DUET_PART_MAX)}, .inputs = {"real"}, .outputs = {"value", "lead"}},
    {ADAPT_ROW(psar), .title = "Parabolic stop and reverse", .group = "trend",
        .formula =
            "stop += factor * (extreme - stop), factor += step at each new extreme up to most; turns where a bar "
            "goes through",
        .source = WILDER,
        .convention =
            "how it begins is open in the book: style 0 rising (Stock.Indicators), 1 by the middles of two bars "
            "(Tulip), 2 by their closes, turned by a touch (LEAN, TA-Lib)",
        .header = STOPS,
        .params = {PARAM_REAL("start", 0.02, 0, 1, "first factor"), PARAM_REAL("step", 0.02, 0, 1, "at a new extreme"),
            PARAM_REAL("most", 0.2, 0, 1, "largest factor"), PARAM_WHOLE("style", 0, 0, 2, "how it begins")},
        HIGH_LOW_CLOSE, .outputs = {"value", "trend", "turned"}},
    {ADAPT_ROW(supertrend), .title = "SuperTrend", .group = "trend",
        .formula =
            "bands of factor * atr(length) around (high + low) / 2 that only close in; value: the one that holds, "
            "until a close goes through",
        .source = "Olivier Seban",
        .convention = "ranges from the second bar on; with first 1 from the first (TradingView)", .header = STOPS,
        .params = {PARAM_SMOOTHING("length", 10, "of the average true range"),
            PARAM_REAL("factor", 3, 0, 1e6, "average true ranges"),
            PARAM_WHOLE("first", 0, 0, 1, "1: the first bar's range counts")},
        HIGH_LOW_CLOSE, .outputs = {"value", "trend", "upper", "lower"}},
    {ADAPT_ROW(swing), .title = "Swing index and its accumulation", .group = "trend",
        .formula = "50 * N / R * K / limit, see the header; sum: all of them added up", .source = WILDER,
        .header = DIRECTIONAL, .params = {PARAM_REAL("limit", 1, 1e-9, 1e15, "most that a price moves in a bar")},
        .inputs = {"open", "high", "low", "close"}, .outputs = {"value", "sum"}},
    {ADAPT_ROW(td_sequential), .title = "Sequential", .group = "trend",
        .formula = "phase + step / 100: setups 1 2 (nine closes beyond that of four bars before), countdowns 3 4 "
                   "(thirteen beyond low or high of two before), perfect setups 5 6; odd: buy",
        .source = "Thomas DeMark, The New Science of Technical Analysis, 1994", .header = TREND, HIGH_LOW_CLOSE,
        VALUE_OUT},
    {ADAPT_ROW(vhf), .title = "Vertical horizontal filter", .group = "trend",
        .formula = "(highest - lowest over length) / sum of |change| over length; 0 where nothing changes",
        .source = "Adam White, Futures, August 1991", .header = DIRECTIONAL, .params = {LENGTH(28, DUET_PART_MAX)},
        .inputs = {"real"}, VALUE_OUT},
    {ADAPT_ROW(volatility_stop), .title = "Volatility stop", .group = "trend",
        .formula = "best close of the trend -+ factor * atr(length) of the bar before; a close beyond turns it",
        .source = WILDER, .convention = "the first trend is a guess: up where the `length`th close is above the first",
        .header = STOPS,
        .params = {PARAM_SMOOTHING("length", 7, "of the average true range"),
            PARAM_REAL("factor", 3, 0, 1e6, "average true ranges")},
        HIGH_LOW_CLOSE, .outputs = {"value", "trend", "turned"}},
    {ADAPT_ROW(vortex), .title = "Vortex", .group = "trend",
        .formula = "plus = sum of |high - low before|, minus = sum of |low - high before|, each over the sum of true "
                   "ranges over length; difference: plus - minus",
        .source = "Etienne Botes, Douglas Siepman, Stocks & Commodities, January 2010", .header = DIRECTIONAL,
        .params = {LENGTH(14, DUET_PART_MAX)}, HIGH_LOW_CLOSE, .outputs = {"plus", "minus", "difference"}},
    {ADAPT_ROW(wad), .title = "Williams' accumulation and distribution", .group = "trend",
        .formula = "adds close - min(low, close before) after a rise, close - max(high, close before) after a fall",
        .source = "Larry Williams, How I Made One Million Dollars, 1973", .convention = "takes no volume",
        .header = DIRECTIONAL, HIGH_LOW_CLOSE, VALUE_OUT},
    {0},
};
