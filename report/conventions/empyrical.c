#include "report/conventions/empyrical.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/moments.h"

#define DAYS_A_YEAR 252.0
#define NO_VARIANCE 1e-30

#define ROWS(X)                                                                                           \
    X("cum_returns_final", "returns", FRACTION, true, "Π(1 + r) - 1")                                     \
    X("annual_return", "returns", FRACTION, true, "Π(1 + r)^(252 / n) - 1")                               \
    X("cagr", "returns", FRACTION, false, "the same")                                                     \
    X("annual_volatility", "risk", FRACTION, true, "√252 · sample deviation")                             \
    X("sharpe_ratio", "risk", NUMBER, true, "√252 · mean / sample deviation, risk_free 0")                \
    X("calmar_ratio", "risk", NUMBER, true, "annual_return / |max_drawdown|")                             \
    X("stability_of_timeseries", "risk", NUMBER, true, "R² of a line through the sums of log(1 + r)")     \
    X("max_drawdown", "risk", FRACTION, true, "smallest value / peak - 1, at days' ends; negative")       \
    X("omega_ratio", "risk", NUMBER, true, "Σ of the gains / Σ of the losses")                            \
    X("sortino_ratio", "risk", NUMBER, true, "252 · mean / downside_risk")                                \
    X("downside_risk", "risk", FRACTION, false, "√252 · √mean(min(r, 0)²)")                               \
    X("skew", "risk", NUMBER, true, "m3 / m2^1.5, moments of a population")                               \
    X("kurtosis", "risk", NUMBER, true, "m4 / m2² - 3, moments of a population")                          \
    X("tail_ratio", "risk", NUMBER, true, "|95 % quantile| / |5 % quantile|")                             \
    X("value_at_risk", "risk", FRACTION, true, "5 % quantile")                                            \
    X("conditional_value_at_risk", "risk", FRACTION, false, "mean of the worst int((n - 1) · 5 %) + 1")   \
    X("excess_sharpe", "factor", NUMBER, false, "mean(r - f) / sample deviation, not annualised")         \
    X("alpha", "factor", FRACTION, true, "(1 + mean(r - beta · f))^252 - 1")                              \
    X("beta", "factor", NUMBER, true, "cov(r, f) / var(f)")                                               \
    X("beta_fragility_heuristic", "factor", NUMBER, false, "weighted ends less the middle, ordered by f") \
    X("capture", "factor", NUMBER, false, "annual_return of r / of f")                                    \
    X("up_capture", "factor", NUMBER, true, "the same where f > 0")                                       \
    X("down_capture", "factor", NUMBER, true, "the same where f < 0")                                     \
    X("up_down_capture", "factor", NUMBER, false, "up_capture / down_capture")                            \
    X("up_alpha", "factor", FRACTION, false, "alpha where f > 0")                                         \
    X("up_beta", "factor", NUMBER, false, "beta where f > 0")                                             \
    X("down_alpha", "factor", FRACTION, false, "alpha where f < 0")                                       \
    X("down_beta", "factor", NUMBER, false, "beta where f < 0")                                           \
    X("batting_average", "factor", NUMBER, false, "share of r above f")                                   \
    X("batting_average.up_market", "factor", NUMBER, false, "the same where f >= 0")                      \
    X("batting_average.down_market", "factor", NUMBER, false, "the same where f < 0")

static const struct duet_figure table[] = {
#define ROW(k, g, u, m, f) {.key = k, .label = k, .group = g, .unit = DUET_UNIT_##u, .main = m, .formula = f},
    ROWS(ROW)
#undef ROW
};

/** Missing returns count as days, and as no change. */
static double annual_of(const double *returns, size_t count) {
    double growth = 1;
    for (size_t i = 0; i < count; i++) {
        growth *= isnan(returns[i]) ? 1 : 1 + returns[i];
    }
    return count > 0 ? pow(growth, DAYS_A_YEAR / (double)count) - 1 : NAN;
}

struct line {
    double alpha, beta;
};

/** Population moments over those that have both. */
static struct line line_of(const double *returns, const double *factor, size_t count) {
    double f_sum = 0, r_sum = 0, n = 0, across = 0, along = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(returns[i]) && !isnan(factor[i])) {
            f_sum += factor[i];
            r_sum += returns[i];
            n++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!isnan(returns[i]) && !isnan(factor[i])) {
            across += (factor[i] - f_sum / n) * returns[i];
            along += (factor[i] - f_sum / n) * (factor[i] - f_sum / n);
        }
    }
    double beta = count >= 2 && along / n >= NO_VARIANCE ? across / along : NAN;
    double mean = (r_sum - beta * f_sum) / n;
    return (struct line){.alpha = pow(1 + mean, DAYS_A_YEAR) - 1, .beta = beta};
}

static void set_shape(const double *known, size_t n, struct duet_analysis *out) {
    double mean = duet_mean(known, n), m2 = 0, m3 = 0, m4 = 0, up = 0, down = 0, below = 0;
    for (size_t i = 0; i < n; i++) {
        double off = known[i] - mean;
        m2 += off * off / (double)n;
        m3 += off * off * off / (double)n;
        m4 += off * off * off * off / (double)n;
        up += fmax(known[i], 0);
        down += fmax(-known[i], 0);
        below += known[i] < 0 ? known[i] * known[i] : 0;
    }
    double deviation = duet_deviation(known, n, 1), risk = sqrt(below / (double)n) * sqrt(DAYS_A_YEAR);
    duet_figure_set(out, "annual_volatility", deviation * sqrt(DAYS_A_YEAR));
    duet_figure_set(out, "sharpe_ratio", mean / deviation * sqrt(DAYS_A_YEAR));
    duet_figure_set(out, "omega_ratio", n >= 2 && down > 0 ? up / down : NAN);
    duet_figure_set(out, "downside_risk", risk);
    duet_figure_set(out, "sortino_ratio", n >= 2 ? mean * DAYS_A_YEAR / risk : NAN);
    duet_figure_set(out, "skew", m3 / (m2 * sqrt(m2)));
    duet_figure_set(out, "kurtosis", m4 / (m2 * m2) - 3);
}

static void set_tails(const double *known, size_t n, struct duet_analysis *out) {
    double *sorted = duet_alloc(n + 1, sizeof(*sorted)), *sums = duet_alloc(n + 1, sizeof(*sums));
    double *places = duet_alloc(n + 1, sizeof(*places)), sum = 0;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = known[i];
        sum += log1p(known[i]);
        sums[i] = sum;
        places[i] = (double)i;
    }
    duet_sort(sorted, n);
    double low = duet_quantile(sorted, n, 0.05);
    duet_figure_set(out, "tail_ratio", fabs(duet_quantile(sorted, n, 0.95)) / fabs(low));
    duet_figure_set(out, "value_at_risk", low);
    duet_figure_set(
        out, "conditional_value_at_risk", n > 0 ? duet_mean(sorted, (size_t)((double)(n - 1) * 0.05) + 1) : NAN);
    double r = duet_covariance(places, sums, n) / (duet_deviation(places, n, 1) * duet_deviation(sums, n, 1));
    duet_figure_set(out, "stability_of_timeseries", r * r);
    free(sorted);
    free(sums);
    free(places);
}

static void set_growth(const double *returns, size_t count, struct duet_analysis *out) {
    double value = 1, peak = 1, worst = 0;
    for (size_t i = 0; i < count; i++) {
        value *= isnan(returns[i]) ? 1 : 1 + returns[i];
        peak = fmax(peak, value);
        worst = fmin(worst, (value - peak) / peak);
    }
    double annual = annual_of(returns, count);
    duet_figure_set(out, "cum_returns_final", value - 1);
    duet_figure_set(out, "annual_return", annual);
    duet_figure_set(out, "cagr", annual);
    duet_figure_set(out, "max_drawdown", count > 0 ? worst : NAN);
    duet_figure_set(out, "calmar_ratio", worst < 0 ? annual / -worst : NAN);
}

/** Pairs of one sign of the factor: up 1, down -1, all 0. */
static size_t select_pairs(
    const double *returns, const double *factor, size_t count, int sign, double *r_out, double *f_out) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (sign == 0 || factor[i] * sign > 0) {
            r_out[n] = returns[i];
            f_out[n++] = factor[i];
        }
    }
    return n;
}

static void set_market(const double *returns, const double *factor, size_t count, struct duet_analysis *out) {
    double *r = duet_alloc(count + 1, sizeof(*r)), *f = duet_alloc(count + 1, sizeof(*f)), captures[3];
    static const struct {
        const char *capture, *alpha, *beta;
        int sign;
    } kinds[] = {{"capture", "alpha", "beta", 0}, {"up_capture", "up_alpha", "up_beta", 1},
        {"down_capture", "down_alpha", "down_beta", -1}};
    for (size_t i = 0; i < 3; i++) {
        size_t n = select_pairs(returns, factor, count, kinds[i].sign, r, f);
        struct line line = line_of(r, f, n);
        captures[i] = annual_of(r, n) / annual_of(f, n);
        duet_figure_set(out, kinds[i].capture, captures[i]);
        duet_figure_set(out, kinds[i].alpha, line.alpha);
        duet_figure_set(out, kinds[i].beta, line.beta);
    }
    duet_figure_set(out, "up_down_capture", captures[1] / captures[2]);
    free(r);
    free(f);
}

/** A pair, to be ordered by the factor. */
struct pair {
    double r, f;
    size_t index;
};

static int by_factor(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    return x->f != y->f ? (x->f > y->f) - (x->f < y->f) : (x->index > y->index) - (x->index < y->index);
}

static void set_active(const double *returns, const double *factor, size_t count, struct duet_analysis *out) {
    struct pair *pairs = duet_alloc(count + 1, sizeof(*pairs));
    double *over = duet_alloc(count + 1, sizeof(*over)), won = 0, up = 0, up_won = 0, down = 0, down_won = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(returns[i]) && !isnan(factor[i])) {
            bool beats = returns[i] > factor[i], rises = factor[i] >= 0;
            pairs[n] = (struct pair){.r = returns[i], .f = factor[i], .index = i};
            over[n++] = returns[i] - factor[i];
            won += beats;
            up += rises;
            up_won += rises && beats;
            down += !rises;
            down_won += !rises && beats;
        }
    }
    qsort(pairs, n, sizeof(*pairs), by_factor);
    duet_figure_set(out, "batting_average", won / (double)n);
    duet_figure_set(out, "batting_average.up_market", up_won / up);
    duet_figure_set(out, "batting_average.down_market", down_won / down);
    duet_figure_set(out, "excess_sharpe", duet_mean(over, n) / duet_deviation(over, n, 1));
    double fragility = NAN;
    if (n >= 3) {
        const struct pair *first = &pairs[0], *middle = &pairs[n / 2], *last = &pairs[n - 1];
        double range = last->f - first->f;
        double weight_first = range != 0 ? (last->f - middle->f) / range : 0.5;
        double weight_last = range != 0 ? (middle->f - first->f) / range : 0.5;
        fragility = weight_first * first->r + weight_last * last->r - middle->r;
    }
    duet_figure_set(out, "beta_fragility_heuristic", fragility);
    free(pairs);
    free(over);
}

void duet_empyrical_compute(const double *returns, const double *factor, size_t count, struct duet_analysis *out) {
    double *known = duet_alloc(count + 1, sizeof(*known));
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(returns[i])) {
            known[n++] = returns[i];
        }
    }
    duet_figures_none(out, factor == NULL ? "no benchmark" : "no returns");
    set_growth(returns, count, out);
    set_shape(known, n, out);
    set_tails(known, n, out);
    if (factor != NULL) {
        set_market(returns, factor, count, out);
        set_active(returns, factor, count, out);
    }
    free(known);
}

static void compute(const struct duet_result *result, struct duet_analysis *out) {
    double *returns = duet_alloc(out->day_count + 1, sizeof(*returns)), *factor = NULL;
    size_t n = 0;
    if (result->benchmark != NULL) {
        factor = duet_alloc(out->day_count + 1, sizeof(*factor));
    }
    for (size_t i = 0; i < out->day_count; i++) {
        if (!isnan(out->days[i].change)) {
            if (factor != NULL) {
                factor[n] = out->days[i].benchmark_change;
            }
            returns[n++] = out->days[i].change;
        }
    }
    duet_empyrical_compute(returns, factor, n, out);
    free(returns);
    free(factor);
}

const struct duet_convention duet_convention_empyrical = {
    .name = "empyrical",
    .about = "the functions of empyrical at their defaults (252 days, risk-free rate 0) over the days of duet-1",
    .table = table,
    .count = sizeof(table) / sizeof(table[0]),
    .compute = compute,
};
