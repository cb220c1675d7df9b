#include "report/conventions/backtrader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "report/moments.h"

/** Of SharpeRatio and VWR. */
#define RISK_FREE 0.01
#define TAU 0.20
#define DEVIATION_MAX 2.0
#define CALMAR_MONTHS 36

#define SHARPE(X, span)                                                                             \
    X("SharpeRatio." span ".sharperatio", NUMBER, false, "timeframe=" span ": not annualised")      \
    X("SharpeRatio_A." span ".sharperatio", NUMBER, false, "the same, times √factor (252, 52, 12)") \
    X("SharpeRatio_A." span ".rf0.sample.sharperatio", NUMBER, false, "riskfreerate=0, stddev_sample=True")

#define STATS(X, prefix, what)                                         \
    X(prefix ".average", NUMBER, false, "mean return of " what)        \
    X(prefix ".stddev", NUMBER, false, "population deviation of them") \
    X(prefix ".positive", COUNT, false, what " above 0")               \
    X(prefix ".negative", COUNT, false, what " below 0")               \
    X(prefix ".nochange", COUNT, false, what " at 0")                  \
    X(prefix ".best", NUMBER, false, "largest")                        \
    X(prefix ".worst", NUMBER, false, "smallest")

#define ROWS(X)                                                                                                   \
    X("Returns.rtot", NUMBER, true, "log(final / initial)")                                                       \
    X("Returns.ravg", NUMBER, false, "rtot / days")                                                               \
    X("Returns.rnorm", NUMBER, true, "exp(ravg · 252) - 1")                                                       \
    X("Returns.rnorm100", NUMBER, false, "rnorm in percent")                                                      \
    X("SharpeRatio.sharperatio", NUMBER, true, "of years: mean(r - 1 %) / population deviation")                  \
    X("SharpeRatio_A.sharperatio", NUMBER, false, "the same: a year is a year")                                   \
    SHARPE(X, "Days")                                                                                             \
    SHARPE(X, "Weeks")                                                                                            \
    SHARPE(X, "Months")                                                                                           \
    X("VWR.vwr", NUMBER, true, "of days: rnorm100 · (1 - (s / 2)^0.2), s of the ways off steady growth")          \
    X("Calmar.calmar", NUMBER, true, "log return over 36 month beginnings / 36 / largest drawdown in percent")    \
    X("DrawDown.len", COUNT, false, "bars of the drawdown under way")                                             \
    X("DrawDown.drawdown", NUMBER, false, "percent below the peak now")                                           \
    X("DrawDown.moneydown", NUMBER, false, "money below the peak now")                                            \
    X("DrawDown.max.len", COUNT, true, "longest, in bars")                                                        \
    X("DrawDown.max.drawdown", NUMBER, true, "largest, in percent")                                               \
    X("DrawDown.max.moneydown", NUMBER, true, "largest, in money")                                                \
    X("TimeDrawDown.maxdrawdown", NUMBER, false, "largest at bars, in percent")                                   \
    X("TimeDrawDown.maxdrawdownperiod", COUNT, false, "longest, in bars; a bar back at the peak does not end it") \
    X("GrossLeverage.last", NUMBER, false, "(value - cash) / value at the last bar")                              \
    X("GrossLeverage.average", NUMBER, false, "mean over bars")                                                   \
    X("GrossLeverage.max", NUMBER, false, "largest over bars")                                                    \
    STATS(X, "PeriodStats", "years")                                                                              \
    STATS(X, "PeriodStats.Days", "days")                                                                          \
    STATS(X, "PeriodStats.Months", "months")                                                                      \
    X("AnnualReturn", NUMBER, false, "one per year, AnnualReturn.2006: the first from the first bar's value")     \
    X("TimeReturn.Years", NUMBER, false, "one per year, TimeReturn.Years.2006: the first from the initial cash")  \
    X("TimeReturn.Months", NUMBER, false, "one per month, TimeReturn.Months.2006-01")                             \
    X("LogReturnsRolling.Years", NUMBER, false, "one per year: log(last / last of the year before)")              \
    BACKTRADER_TRADE_ROWS(X)

static const struct duet_figure table[] = {
#define ROW(k, u, m, f) {.key = k, .label = k, .group = "analyzers", .unit = DUET_UNIT_##u, .main = m, .formula = f},
    ROWS(ROW)
#undef ROW
};

enum span { DAYS, WEEKS, MONTHS, YEARS, SPANS };

static const struct {
    const char *name;
    double factor; // of a year
} spans[SPANS] = {{"Days", 252}, {"Weeks", 52}, {"Months", 12}, {"Years", 1}};

/** Equity at the end of each day, week, month or year, with the day of its last bar. */
struct ends {
    double *values, *returns; // owned; returns against the end before, the first against the initial cash
    int64_t *days; // owned
    size_t *first_bars; // owned; the first bar of each
    size_t count;
};

static int64_t number_of(int64_t day, enum span span) {
    int year, month, in_month;
    duet_civil_from_days(day, &year, &month, &in_month);
    switch (span) {
    case WEEKS:
        return (day + 3) / 7; // Monday to Sunday
    case MONTHS:
        return year * 12 + month;
    case YEARS:
        return year;
    default:
        return day;
    }
}

static void ends_take(const struct duet_result *result, enum span span, struct ends *out) {
    const struct duet_tape *tape = result->tape;
    size_t room = tape->bar_count + 1;
    *out = (struct ends){.values = duet_alloc(room, sizeof(double)),
        .returns = duet_alloc(room, sizeof(double)),
        .days = duet_alloc(room, sizeof(int64_t)),
        .first_bars = duet_alloc(room, sizeof(size_t))};
    int64_t before = INT64_MIN;
    for (size_t i = 0; i < tape->bar_count; i++) {
        int64_t day;
        (void)result->curve->day_end(result->curve->argument, tape->bars[i].label_ns, &day);
        int64_t number = number_of(day, span);
        if (number > before) {
            before = number;
            out->first_bars[out->count++] = i;
        }
        out->values[out->count - 1] = tape->bars[i].equity;
        out->days[out->count - 1] = day;
    }
    for (size_t i = 0; i < out->count; i++) {
        out->returns[i] = out->values[i] / (i == 0 ? tape->initial : out->values[i - 1]) - 1;
    }
}

static void ends_finish(struct ends *ends) {
    free(ends->values);
    free(ends->returns);
    free(ends->days);
    free(ends->first_bars);
}

/** Mean over a yearly rate, by the deviation, times √factor if `annual`; NAN where it does not vary. */
static double sharpe_of(const struct ends *ends, double rate, double factor, bool sample, bool annual) {
    double each = pow(1 + rate, 1 / factor) - 1, deviation = duet_deviation(ends->returns, ends->count, sample);
    double ratio = (duet_mean(ends->returns, ends->count) - each) / deviation;
    return deviation > 0 ? (annual ? sqrt(factor) : 1) * ratio : NAN;
}

static void set_sharpe(const struct ends *ends, struct duet_analysis *out) {
    for (int span = DAYS; span < SPANS; span++) {
        char key[64];
        const char *name = span == YEARS ? "" : spans[span].name, *dot = span == YEARS ? "" : ".";
        double factor = spans[span].factor;
        snprintf(key, sizeof(key), "SharpeRatio%s%s.sharperatio", dot, name);
        duet_figure_set(out, key, sharpe_of(&ends[span], RISK_FREE, factor, false, false));
        snprintf(key, sizeof(key), "SharpeRatio_A%s%s.sharperatio", dot, name);
        duet_figure_set(out, key, sharpe_of(&ends[span], RISK_FREE, factor, false, true));
        if (span != YEARS) {
            snprintf(key, sizeof(key), "SharpeRatio_A.%s.rf0.sample.sharperatio", name);
            duet_figure_set(out, key, sharpe_of(&ends[span], 0, factor, true, true));
        }
    }
}

static void set_stats(const struct ends *ends, const char *prefix, struct duet_analysis *out) {
    double up = 0, down = 0, flat = 0, best = -INFINITY, worst = INFINITY;
    for (size_t i = 0; i < ends->count; i++) {
        double r = ends->returns[i];
        up += r > 0;
        down += r < 0;
        flat += r == 0;
        best = fmax(best, r);
        worst = fmin(worst, r);
    }
    const struct {
        const char *name;
        double value;
    } rows[] = {{"average", duet_mean(ends->returns, ends->count)},
        {"stddev", duet_deviation(ends->returns, ends->count, 0)}, {"positive", up}, {"negative", down},
        {"nochange", flat}, {"best", best}, {"worst", worst}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char key[64];
        snprintf(key, sizeof(key), "%s.%s", prefix, rows[i].name);
        duet_figure_set(out, key, rows[i].value);
    }
}

/** How far each span ends off steady growth. A span there ends with the first bar of the next day, and the first bar of
 * all is a span of its own. */
static double off_steady(const struct duet_tape *tape, const struct ends *days, double average) {
    double *off = duet_alloc(days->count + 1, sizeof(*off)), before = tape->initial;
    size_t count = 0, last = tape->bar_count - 1;
    for (size_t i = 0; i <= days->count; i++) {
        size_t bar = i < days->count ? days->first_bars[i] : last;
        if (i == days->count && bar == days->first_bars[i - 1]) {
            break; // the last day has one bar, which has ended a span already
        }
        off[count] = tape->bars[bar].equity / (before * exp(average * (double)(count + 1))) - 1;
        before = tape->bars[bar].equity;
        count++;
    }
    double spread = duet_deviation(off, count, 1);
    free(off);
    return spread;
}

/** Returns, and VWR, which is made of them. */
static void set_returns(const struct duet_tape *tape, const struct ends *days, struct duet_analysis *out) {
    double total = log(tape->bars[tape->bar_count - 1].equity / tape->initial), average = total / (double)days->count;
    double normal = expm1(average * spans[DAYS].factor), spread = off_steady(tape, days, average);
    duet_figure_set(out, "Returns.rtot", total);
    duet_figure_set(out, "Returns.ravg", average);
    duet_figure_set(out, "Returns.rnorm", normal);
    duet_figure_set(out, "Returns.rnorm100", normal * 100);
    duet_figure_set(out, "VWR.vwr", normal * 100 * (1 - pow(spread / DEVIATION_MAX, TAU)));
}

static void set_drawdown(const struct duet_tape *tape, struct duet_analysis *out) {
    double peak = -INFINITY, down = 0, money = 0, length = 0, longest = 0, worst = 0, most = 0, run = 0, runs = 0;
    for (size_t i = 0; i < tape->bar_count; i++) {
        double value = tape->bars[i].equity;
        run = value > peak ? 0 : run; // TimeDrawDown: only a higher peak begins anew
        peak = fmax(peak, value);
        money = peak - value;
        down = 100 * money / peak;
        length = down != 0 ? length + 1 : 0;
        run += down != 0;
        longest = fmax(longest, length);
        runs = fmax(runs, run);
        worst = fmax(worst, down);
        most = fmax(most, money);
    }
    duet_figure_set(out, "DrawDown.len", length);
    duet_figure_set(out, "DrawDown.drawdown", down);
    duet_figure_set(out, "DrawDown.moneydown", money);
    duet_figure_set(out, "DrawDown.max.len", longest);
    duet_figure_set(out, "DrawDown.max.drawdown", worst);
    duet_figure_set(out, "DrawDown.max.moneydown", most);
    duet_figure_set(out, "TimeDrawDown.maxdrawdown", worst);
    duet_figure_set(out, "TimeDrawDown.maxdrawdownperiod", runs);
}

/** Values at the first bar of each month and at the end, after the initial cash; the drawdown at the same bars. */
static void set_calmar(const struct duet_tape *tape, const struct ends *months, struct duet_analysis *out) {
    size_t count = months->count + 2;
    double *values = duet_alloc(count, sizeof(*values)), peak = -INFINITY, worst = 0;
    values[0] = tape->initial;
    values[count - 1] = tape->bars[tape->bar_count - 1].equity;
    for (size_t i = 0; i < months->count; i++) {
        values[i + 1] = tape->bars[months->first_bars[i]].equity;
        peak = fmax(peak, values[i + 1]);
        worst = fmax(worst, 100 * (peak - values[i + 1]) / peak);
    }
    double calmar = NAN;
    if (count >= CALMAR_MONTHS) {
        calmar = log(values[count - 1] / values[count - CALMAR_MONTHS]) / CALMAR_MONTHS;
        calmar = worst > 0 ? calmar / worst : 0;
    }
    duet_figure_set(out, "Calmar.calmar", calmar);
    free(values);
}

static void set_leverage(const struct duet_tape *tape, struct duet_analysis *out) {
    double last = 0, sum = 0, most = -INFINITY;
    for (size_t i = 0; i < tape->bar_count; i++) {
        last = (tape->bars[i].equity - tape->bars[i].cash) / tape->bars[i].equity;
        sum += last;
        most = fmax(most, last);
    }
    duet_figure_set(out, "GrossLeverage.last", last);
    duet_figure_set(out, "GrossLeverage.average", sum / (double)tape->bar_count);
    duet_figure_set(out, "GrossLeverage.max", most);
}

/** One row per month or year; the row that stands for all of them gets the last. */
static void set_each(const struct duet_tape *tape, const struct ends *ends, enum span span, struct duet_analysis *out) {
    for (size_t i = 0; i < ends->count; i++) {
        char key[64];
        int year, month, day;
        duet_civil_from_days(ends->days[i], &year, &month, &day);
        if (span == MONTHS) {
            snprintf(key, sizeof(key), "TimeReturn.Months.%04d-%02d", year, month);
            duet_figure_add(out, "TimeReturn.Months", key, ends->returns[i]);
            continue;
        }
        double first = i == 0 ? tape->bars[0].equity : ends->values[i - 1];
        snprintf(key, sizeof(key), "AnnualReturn.%04d", year);
        duet_figure_add(out, "AnnualReturn", key, ends->values[i] / first - 1);
        snprintf(key, sizeof(key), "TimeReturn.Years.%04d", year);
        duet_figure_add(out, "TimeReturn.Years", key, ends->returns[i]);
        snprintf(key, sizeof(key), "LogReturnsRolling.Years.%04d", year);
        duet_figure_add(out, "LogReturnsRolling.Years", key, log1p(ends->returns[i]));
        duet_figure_set(out, "AnnualReturn", ends->values[i] / first - 1);
    }
    double last = ends->returns[ends->count - 1];
    duet_figure_set(out, span == MONTHS ? "TimeReturn.Months" : "TimeReturn.Years", last);
    if (span == YEARS) {
        duet_figure_set(out, "LogReturnsRolling.Years", log1p(last));
    }
}

static void compute(const struct duet_result *result, struct duet_analysis *out) {
    const struct duet_tape *tape = result->tape;
    if (tape == NULL || tape->bar_count == 0) {
        duet_figures_none(out, "no bars");
        return;
    }
    struct ends ends[SPANS];
    for (int span = DAYS; span < SPANS; span++) {
        ends_take(result, (enum span)span, &ends[span]);
    }
    set_returns(tape, &ends[DAYS], out);
    set_sharpe(ends, out);
    set_stats(&ends[YEARS], "PeriodStats", out);
    set_stats(&ends[DAYS], "PeriodStats.Days", out);
    set_stats(&ends[MONTHS], "PeriodStats.Months", out);
    set_drawdown(tape, out);
    set_calmar(tape, &ends[MONTHS], out);
    set_leverage(tape, out);
    backtrader_compute_trades(tape, out);
    set_each(tape, &ends[YEARS], YEARS, out);
    set_each(tape, &ends[MONTHS], MONTHS, out);
    for (int span = DAYS; span < SPANS; span++) {
        ends_finish(&ends[span]);
    }
}

const struct duet_convention duet_convention_backtrader = {
    .name = "backtrader",
    .about = "the analyzers of backtrader 1.9.78 by their names, at their defaults unless a row says otherwise",
    .wants = DUET_WANTS_BARS,
    .table = table,
    .count = sizeof(table) / sizeof(table[0]),
    .compute = compute,
};
