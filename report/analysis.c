#include "report/analysis.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"
#include "report/conventions/convention.h"
#include "report/moments.h"

/** Returns of the run and of the benchmark that end on the same days. */
struct pairs {
    double *run, *benchmark; // owned
    size_t count;
};

static double change_of(double value, double base) {
    return base > 0 ? value / base - 1 : NAN; // NAN where either is
}

/** Days with what each says of itself. */
static void fill_days(const struct duet_result *result, struct duet_analysis *out) {
    const struct duet_curve *curve = result->curve;
    bool merge = duet_stats_merges_weekends(result);
    double initial = duet_money_to_double(result->initial_cash), base = initial, base_benchmark = initial;
    out->day_count = (size_t)curve->day_count;
    out->days = duet_alloc(out->day_count + 1, sizeof(*out->days));
    for (size_t i = 0; i < out->day_count; i++) {
        struct duet_curve_day day = duet_curve_day(curve, i);
        struct duet_analysis_day *shown = &out->days[i];
        *shown = (struct duet_analysis_day){.ns = day.last_ns,
            .equity = duet_money_to_double(day.equity),
            .benchmark = result->benchmark != NULL ? result->benchmark[i] : NAN,
            .change = NAN,
            .benchmark_change = NAN,
            .drawdown = day.peak > 0 ? (double)(day.peak - day.equity) / (double)day.peak : 0,
            .rolling_sharpe = NAN,
            .rolling_volatility = NAN,
            .rolling_beta = NAN};
        if (duet_stats_ends_return(curve, merge, i)) {
            shown->change = change_of(shown->equity, base);
            shown->benchmark_change = change_of(shown->benchmark, base_benchmark);
            base = shown->equity;
            base_benchmark = shown->benchmark;
        }
    }
}

/** The rolling figures of the last return, which is number `end` - 1. */
static void roll(const struct pairs *pairs, size_t end, double periods, struct duet_analysis_day *day) {
    const double *run = &pairs->run[end - DUET_ROLLING_RETURNS];
    const double *benchmark = &pairs->benchmark[end - DUET_ROLLING_RETURNS];
    double mean = duet_mean(run, DUET_ROLLING_RETURNS), deviation = duet_deviation(run, DUET_ROLLING_RETURNS, 1);
    day->rolling_volatility = sqrt(periods) * deviation;
    if (duet_varies(mean, deviation)) {
        day->rolling_sharpe = sqrt(periods) * mean / deviation;
    }
    double other = duet_deviation(benchmark, DUET_ROLLING_RETURNS, 1); // NAN where one of them is
    if (duet_varies(duet_mean(benchmark, DUET_ROLLING_RETURNS), other)) {
        day->rolling_beta = duet_covariance(run, benchmark, DUET_ROLLING_RETURNS) / (other * other);
    }
}

static void fill_rolling(struct duet_analysis *out) {
    struct pairs pairs = {.run = duet_alloc(out->day_count + 1, sizeof(double)),
        .benchmark = duet_alloc(out->day_count + 1, sizeof(double))};
    for (size_t i = 0; i < out->day_count; i++) {
        struct duet_analysis_day *day = &out->days[i];
        if (!isnan(day->change)) {
            pairs.run[pairs.count] = day->change;
            pairs.benchmark[pairs.count++] = day->benchmark_change;
            if (pairs.count >= DUET_ROLLING_RETURNS) {
                roll(&pairs, pairs.count, out->stats.periods, day);
            }
        }
    }
    free(pairs.run);
    free(pairs.benchmark);
}

/** Days grouped by year and month, or by year alone; each group's change from the end of the one before. */
static struct duet_analysis_period *periods_of(
    const struct duet_result *result, const struct duet_analysis *analysis, bool by_month, size_t *count) {
    struct duet_analysis_period *periods = duet_alloc(analysis->day_count + 1, sizeof(*periods));
    double initial = duet_money_to_double(result->initial_cash);
    double base = initial, base_benchmark = initial, last = initial, last_benchmark = initial;
    *count = 0;
    for (size_t i = 0; i < analysis->day_count; i++) {
        int year, month, day;
        duet_civil_from_days(duet_curve_day(result->curve, i).day, &year, &month, &day);
        month = by_month ? month : 0;
        struct duet_analysis_period *period = *count > 0 ? &periods[*count - 1] : NULL;
        if (period == NULL || period->year != year || period->month != month) {
            period = &periods[(*count)++];
            period->year = year;
            period->month = month;
            base = last;
            base_benchmark = last_benchmark;
        }
        last = analysis->days[i].equity;
        last_benchmark = analysis->days[i].benchmark;
        period->change = change_of(last, base);
        period->benchmark_change = change_of(last_benchmark, base_benchmark);
    }
    return periods;
}

static void fill_drawdowns(const struct duet_curve *curve, struct duet_analysis *out) {
    struct duet_curve_drawdown deepest[DUET_CURVE_DRAWDOWNS_MAX];
    out->drawdown_count = duet_curve_drawdowns(curve, deepest);
    for (size_t i = 0; i < out->drawdown_count; i++) {
        out->drawdowns[i] = (struct duet_analysis_drawdown){.start_ns = deepest[i].peak_ns,
            .trough_ns = deepest[i].trough_ns,
            .end_ns = deepest[i].end_ns,
            .depth = deepest[i].depth};
    }
}

static void fill_instruments(const struct duet_trades *trades, struct duet_analysis *out) {
    const struct duet_instruments *all = duet_trades_instruments(trades);
    struct duet_analysis_instrument *items = duet_alloc(all->count + 1, sizeof(*items));
    size_t count;
    const struct duet_trade_brief *list = duet_trades_list(trades, &count);
    for (size_t i = 0; i < count; i++) {
        struct duet_analysis_instrument *item = &items[list[i].instrument];
        if (!list[i].at_end) {
            item->trades++;
            item->won += list[i].net > 0;
            item->longs += list[i].side > 0;
            item->net += list[i].net;
            item->net_long += list[i].side > 0 ? list[i].net : 0;
        }
    }
    out->instruments = items;
    for (uint32_t i = 0; i < all->count; i++) {
        if (items[i].trades > 0) {
            items[out->instrument_count] = items[i];
            duet_text_copy(items[out->instrument_count++].symbol, DUET_SYMBOL_MAX, all->items[i].symbol);
        }
    }
}

enum duet_status duet_analysis_compute(
    const struct duet_result *result, const char *convention, struct duet_analysis *out) {
    *out = (struct duet_analysis){0};
    const char *name = convention != NULL ? convention : result->statistics[0] != '\0' ? result->statistics : "duet-1";
    const struct duet_convention *found;
    enum duet_status status = duet_convention_find(name, &found);
    if (status != DUET_OK) {
        return status;
    }
    duet_text_copy(out->convention, sizeof(out->convention), found->name);
    duet_text_copy(out->benchmark, sizeof(out->benchmark), result->benchmark != NULL ? result->benchmark_name : "");
    duet_stats_compute(result, &out->stats);
    if (result->curve != NULL) {
        fill_days(result, out);
        fill_rolling(out);
        out->months = periods_of(result, out, true, &out->month_count);
        out->years = periods_of(result, out, false, &out->year_count);
        fill_drawdowns(result->curve, out);
    }
    if (result->trades != NULL) {
        fill_instruments(result->trades, out);
    }
    duet_convention_compute(found, result, out);
    return DUET_OK;
}

void duet_analysis_finish(struct duet_analysis *analysis) {
    for (size_t i = 0; i < analysis->key_count; i++) {
        free(analysis->keys[i]);
    }
    free(analysis->keys);
    free(analysis->figures);
    free(analysis->days);
    free(analysis->months);
    free(analysis->years);
    free(analysis->instruments);
    *analysis = (struct duet_analysis){0};
}
