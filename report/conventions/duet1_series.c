#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/conventions/duet1.h"
#include "report/moments.h"

static const char na_none[] = "no bars";
static const char na_few[] = "under 30 returns";
static const char na_tail[] = "under 100 returns";
static const char na_flat[] = "returns do not vary";
static const char na_benchmark[] = "no benchmark";

/** Returns of the run, and beside those that have one, of the benchmark. */
struct series {
    double *r; // owned; in order
    size_t count;
    double *paired, *b, *over; // owned; run and benchmark where both have one, and their difference
    size_t pairs;
    double year; // √A
};

static void series_take(const struct duet_analysis *analysis, struct series *out) {
    size_t room = analysis->day_count + 1;
    *out = (struct series){.r = duet_alloc(room, sizeof(double)),
        .paired = duet_alloc(room, sizeof(double)),
        .b = duet_alloc(room, sizeof(double)),
        .over = duet_alloc(room, sizeof(double)),
        .year = sqrt(analysis->stats.periods)};
    for (size_t i = 0; i < analysis->day_count; i++) {
        const struct duet_analysis_day *day = &analysis->days[i];
        if (isnan(day->change)) {
            continue;
        }
        out->r[out->count++] = day->change;
        if (!isnan(day->benchmark_change)) {
            out->paired[out->pairs] = day->change;
            out->b[out->pairs] = day->benchmark_change;
            out->over[out->pairs++] = day->change - day->benchmark_change;
        }
    }
}

static void series_finish(struct series *series) {
    free(series->r);
    free(series->paired);
    free(series->b);
    free(series->over);
}

static void set_shape(const struct series *series, struct duet_analysis *out) {
    size_t n = series->count;
    double up = 0, down = 0, squares = 0, mean = duet_mean(series->r, n);
    for (size_t i = 0; i < n; i++) {
        up += fmax(series->r[i], 0);
        down += fmax(-series->r[i], 0);
        squares += series->r[i] < 0 ? series->r[i] * series->r[i] : 0;
    }
    const char *none = n > 0 ? NULL : na_none, *few = n >= DUET_STATS_RETURNS_MIN ? NULL : n > 0 ? na_few : na_none;
    const char *flat = few != NULL ? few : duet_varies(mean, duet_deviation(series->r, n, 1)) ? NULL : na_flat;
    duet1_set(out, DUET1_average_day, mean, none);
    duet1_set(out, DUET1_downside_deviation, series->year * sqrt(squares / (double)n), few);
    duet1_set(out, DUET1_omega, up / down, few != NULL ? few : down > 0 ? NULL : "no losing day");
    duet1_set(out, DUET1_skew, duet_skew(series->r, n), flat);
    duet1_set(out, DUET1_kurtosis, duet_kurtosis(series->r, n), flat);
}

/** Mean of the ascending numbers up to `most`. */
static double mean_up_to(const double *sorted, size_t count, double most) {
    size_t used = 0;
    while (used < count && sorted[used] <= most) {
        used++;
    }
    return duet_mean(sorted, used);
}

static void set_tails(const struct series *series, struct duet_analysis *out) {
    size_t n = series->count;
    double *sorted = duet_alloc(n + 1, sizeof(*sorted));
    for (size_t i = 0; i < n; i++) {
        sorted[i] = series->r[i];
    }
    duet_sort(sorted, n);
    double low = duet_quantile(sorted, n, 0.05), lowest = duet_quantile(sorted, n, 0.01);
    const char *few = n >= DUET_STATS_RETURNS_MIN ? NULL : n > 0 ? na_few : na_none;
    const char *thin = n >= DUET_TAIL_RETURNS_MIN ? NULL : n > 0 ? na_tail : na_none;
    duet1_set(out, DUET1_tail_ratio, duet_quantile(sorted, n, 0.95) / -low,
        few != NULL ? few
        : low < 0   ? NULL
                    : "no loss in the lower tail");
    duet1_set(out, DUET1_var_95, low, few);
    duet1_set(out, DUET1_cvar_95, mean_up_to(sorted, n, low), few);
    duet1_set(out, DUET1_var_99, lowest, thin);
    duet1_set(out, DUET1_cvar_99, mean_up_to(sorted, n, lowest), thin);
    free(sorted);
}

/** How straight the sums of log(1 + r) are. */
static void set_stability(const struct series *series, struct duet_analysis *out) {
    size_t n = series->count;
    const char *na = n >= DUET_STATS_RETURNS_MIN ? NULL : n > 0 ? na_few : na_none;
    double *sums = duet_alloc(n + 1, sizeof(*sums)), *places = duet_alloc(n + 1, sizeof(*places)), sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += log1p(series->r[i]);
        sums[i] = sum;
        places[i] = (double)i;
    }
    double across = duet_covariance(places, sums, n), spread = duet_deviation(sums, n, 1);
    double width = duet_deviation(places, n, 1);
    if (na == NULL && !duet_varies(duet_mean(sums, n), spread)) {
        na = na_flat;
    }
    duet1_set(out, DUET1_stability, across * across / (spread * spread * width * width), na);
    free(sums);
    free(places);
}

static void set_periods(const struct duet_analysis_period *periods, size_t count, enum duet1_figure best,
    enum duet1_figure worst, struct duet_analysis *out) {
    double highest = -INFINITY, lowest = INFINITY, won = 0, known = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(periods[i].change)) {
            highest = fmax(highest, periods[i].change);
            lowest = fmin(lowest, periods[i].change);
            won += periods[i].change > 0;
            known++;
        }
    }
    const char *none = known > 0 ? NULL : na_none;
    duet1_set(out, best, highest, none);
    duet1_set(out, worst, lowest, none);
    if (best == DUET1_best_month) {
        duet1_set(out, DUET1_winning_months, won / known, none);
    }
}

static void set_under_water(const struct duet_result *result, struct duet_analysis *out) {
    double squares = 0, equity = 0, n = (double)out->day_count;
    for (size_t i = 0; i < out->day_count; i++) {
        squares += out->days[i].drawdown * out->days[i].drawdown;
        equity += out->days[i].equity;
    }
    const char *none = out->day_count > 0 ? NULL : na_none;
    double ulcer = sqrt(squares / n), years = (double)(result->end_ns - result->start_ns) / (31557600 * 1e9);
    duet1_set(out, DUET1_ulcer_index, ulcer, none);
    duet1_set(out, DUET1_ulcer_performance, out->stats.cagr.value / ulcer,
        out->stats.cagr.na != NULL ? out->stats.cagr.na
        : ulcer > 0                ? NULL
                                   : "no drawdown");
    duet1_set(out, DUET1_turnover, duet_money_to_double(result->counts.traded) / (equity / n) / years,
        none != NULL ? none
        : equity > 0 ? (years > 0 ? NULL : "one instant only")
                     : "equity fell to zero or below");
}

/** Growth of a period, geometric, of those values whose benchmark return has this sign. */
static double growth_where(const double *values, const double *b, size_t count, int sign) {
    double sum = 0, used = 0;
    for (size_t i = 0; i < count; i++) {
        if (b[i] * sign > 0) {
            sum += log1p(values[i]);
            used++;
        }
    }
    return expm1(sum / used);
}

static void set_pairs(const struct series *series, const char *na, struct duet_analysis *out) {
    size_t n = series->pairs;
    double mean = duet_mean(series->b, n), deviation = duet_deviation(series->b, n, 1);
    double own = duet_deviation(series->paired, n, 1), periods = out->stats.periods;
    const char *flat = na != NULL ? na : duet_varies(mean, deviation) ? NULL : "the benchmark does not vary";
    const char *both = flat != NULL ? flat : duet_varies(duet_mean(series->paired, n), own) ? NULL : na_flat;
    double covariance = duet_covariance(series->paired, series->b, n), beta = covariance / (deviation * deviation);
    duet1_set(out, DUET1_benchmark_volatility, series->year * deviation, na);
    duet1_set(out, DUET1_benchmark_sharpe, series->year * mean / deviation, flat);
    duet1_set(out, DUET1_beta, beta, flat);
    duet1_set(out, DUET1_alpha, periods * (duet_mean(series->paired, n) - beta * mean), flat);
    duet1_set(out, DUET1_correlation, covariance / (deviation * own), both);
    double over = duet_mean(series->over, n), error = duet_deviation(series->over, n, 1);
    duet1_set(out, DUET1_tracking_error, series->year * error, na);
    duet1_set(out, DUET1_information_ratio, series->year * over / error,
        na != NULL                 ? na
        : duet_varies(over, error) ? NULL
                                   : "no difference that varies");
    const enum duet1_figure captures[] = {DUET1_down_capture, DUET1_up_capture};
    for (int i = 0; i < 2; i++) {
        int sign = i == 0 ? -1 : 1;
        double there = growth_where(series->b, series->b, n, sign);
        duet1_set(out, captures[i], growth_where(series->paired, series->b, n, sign) / there,
            na != NULL     ? na
            : isnan(there) ? "the benchmark went one way only"
                           : NULL);
    }
}

static void set_benchmark(const struct duet_result *result, const struct series *series, struct duet_analysis *out) {
    double first = NAN, last = NAN, peak = duet_money_to_double(result->initial_cash), worst = 0;
    for (size_t i = 0; i < out->day_count; i++) {
        double value = out->days[i].benchmark;
        if (!isnan(value)) {
            first = isnan(first) ? (i == 0 ? peak : value) : first;
            last = value;
            peak = fmax(peak, value);
            worst = fmax(worst, (peak - value) / peak);
        }
    }
    const char *none = isnan(last) || first <= 0 ? na_benchmark : NULL;
    const struct duet_stat total = out->stats.total_return;
    duet1_set(out, DUET1_benchmark_return, last / first - 1, none);
    duet1_set(out, DUET1_excess_return, total.value - (last / first - 1), none != NULL ? none : total.na);
    duet1_set(out, DUET1_benchmark_max_drawdown, worst, none);
    set_pairs(series, none != NULL ? none : series->pairs < DUET_STATS_RETURNS_MIN ? na_few : NULL, out);
}

void duet1_compute_series(const struct duet_result *result, struct duet_analysis *out) {
    struct series series;
    series_take(out, &series);
    set_shape(&series, out);
    set_tails(&series, out);
    set_stability(&series, out);
    set_periods(out->months, out->month_count, DUET1_best_month, DUET1_worst_month, out);
    set_periods(out->years, out->year_count, DUET1_best_year, DUET1_worst_year, out);
    set_under_water(result, out);
    set_benchmark(result, &series, out);
    series_finish(&series);
}
