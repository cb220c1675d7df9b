#include "report/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/math.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"

#define YEAR_S 31557600.0

static const char na_no_data[] = "no bars";
static const char na_few[] = "under 30 returns";
static const char na_flat[] = "returns do not vary";
static const char na_year[] = "under one year";
static const char na_ruined[] = "equity fell to zero or below";
static const char na_no_trades[] = "no finished trade";

static struct duet_stat stat_of(double value) {
    return isfinite(value) ? (struct duet_stat){.value = value} : (struct duet_stat){.na = "number out of range"};
}

static struct duet_stat stat_na(const char *reason) {
    return (struct duet_stat){.na = reason};
}

/** Length of the finest bars, 0 where nothing is known. */
static int64_t finest_interval(const struct duet_result *result) {
    int64_t finest = 0;
    for (size_t i = 0; i < result->data_count; i++) {
        int64_t interval = result->data[i].interval_ns;
        if (interval > 0 && (finest == 0 || interval < finest)) {
            finest = interval;
        }
    }
    return finest;
}

/** Whether weekends count to the Monday after them. */
static bool stats_periods(const struct duet_result *result, struct duet_stats *stats) {
    int64_t days = finest_interval(result) / DUET_DAY_NS;
    const char *why;
    bool merge = false;
    if (days == 7) {
        stats->periods = 52;
        why = "weekly bars";
    } else if (days >= 28 && days <= 31) {
        stats->periods = 12;
        why = "monthly bars";
    } else if (days > 1) {
        stats->periods = 365.0 / (double)days;
        snprintf(stats->periods_why, sizeof(stats->periods_why), "bars of %d days", (int)days);
        return false;
    } else if (result->weekend_bars) {
        stats->periods = 365;
        why = "Saturday bars in over half of the weeks, so all days";
    } else {
        stats->periods = 252;
        why = "weekdays with data; weekend bars count to Monday";
        merge = true;
    }
    duet_text_copy(stats->periods_why, sizeof(stats->periods_why), why);
    return merge;
}

bool duet_stats_merges_weekends(const struct duet_result *result) {
    struct duet_stats stats;
    return stats_periods(result, &stats);
}

/** Not where the Monday after a weekend day has data. */
bool duet_stats_ends_return(const struct duet_curve *curve, bool merge, uint64_t index) {
    if (!merge || index + 1 == curve->day_count) {
        return true;
    }
    int64_t day = curve->days[index].day;
    int weekday = duet_weekday(day);
    int64_t monday = weekday == 6 ? day + 2 : weekday == 0 ? day + 1 : day;
    return curve->days[index + 1].day > monday;
}

/** Returns in `out`, which has room for one per day; how many. They end with the first day at zero or less. */
static uint64_t returns_take(const struct duet_curve *curve, bool merge, double *out, bool *ruined) {
    uint64_t count = 0;
    duet_money base = curve->initial;
    for (uint64_t i = 0; i < curve->day_count && base > 0; i++) {
        if (duet_stats_ends_return(curve, merge, i)) {
            duet_money equity = duet_curve_day(curve, i).equity;
            out[count++] = (double)(equity - base) / (double)base;
            base = equity;
        }
    }
    *ruined = base <= 0;
    return count;
}

static void stats_ratios(struct duet_stats *stats, const double *returns, uint64_t count) {
    double n = (double)count, sum = 0, squares = 0, below = 0, best = -INFINITY, worst = INFINITY;
    uint64_t winning = 0;
    for (uint64_t i = 0; i < count; i++) {
        sum += returns[i];
        below += returns[i] < 0 ? returns[i] * returns[i] : 0;
        best = fmax(best, returns[i]);
        worst = fmin(worst, returns[i]);
        winning += returns[i] > 0;
    }
    double mean = sum / n;
    for (uint64_t i = 0; i < count; i++) {
        squares += (returns[i] - mean) * (returns[i] - mean);
    }
    stats->best_day = stat_of(best);
    stats->worst_day = stat_of(worst);
    stats->winning_days = stat_of((double)winning / n);
    if (count < 2) {
        return;
    }
    double sample = sqrt(squares / (n - 1)), year = sqrt(stats->periods);
    stats->volatility = stat_of(year * sample);
    if (count < DUET_STATS_RETURNS_MIN) {
        return;
    }
    // Equal returns leave a spread of rounding errors; a ratio to that is noise.
    if (sample > 1e-15 * fabs(mean) && sample > 0) {
        double ratio = mean / sample;
        stats->sharpe = stat_of(year * ratio);
        stats->sharpe_se = stat_of(year * sqrt((1 + ratio * ratio / 2) / n));
    } else {
        stats->sharpe = stats->sharpe_se = stat_na(na_flat);
    }
    stats->sortino = below > 0 ? stat_of(year * mean / sqrt(below / n)) : stat_na("no losing day");
}

static void stats_returns(const struct duet_result *result, struct duet_stats *stats) {
    const struct duet_curve *curve = result->curve;
    bool merge = stats_periods(result, stats), ruined = false;
    const char *none = curve == NULL || curve->day_count == 0 ? na_no_data : na_few;
    stats->sharpe = stats->sharpe_se = stats->sortino = stat_na(none);
    stats->volatility = stat_na(none == na_no_data ? na_no_data : "under 2 returns");
    stats->best_day = stats->worst_day = stats->winning_days = stat_na(na_no_data);
    if (none == na_no_data) {
        return;
    }
    double *returns = duet_alloc(curve->day_count, sizeof(*returns));
    stats->daily_returns = returns_take(curve, merge, returns, &ruined);
    if (stats->daily_returns > 0) {
        stats_ratios(stats, returns, stats->daily_returns);
    }
    if (ruined) {
        stats->sharpe = stats->sharpe_se = stats->sortino = stat_na(na_ruined);
    }
    free(returns);
}

static void stats_growth(const struct duet_result *result, struct duet_stats *stats) {
    stats->total_return = stats->cagr = stats->annual_return = stat_na("no initial cash");
    if (result->initial_cash <= 0) {
        return;
    }
    double total = (double)(result->final_equity - result->initial_cash) / (double)result->initial_cash;
    int64_t span = result->end_ns - result->start_ns;
    stats->total_return = stat_of(total);
    if (span < DUET_STATS_YEAR_NS) {
        stats->cagr = stats->annual_return = stat_na(na_year);
    } else if (total <= -1) {
        stats->cagr = stats->annual_return = stat_na(na_ruined);
    } else {
        stats->cagr = stat_of(duet_pow(1 + total, YEAR_S * 1e9 / (double)span) - 1);
        stats->annual_return = stats->daily_returns > 0
                                   ? stat_of(duet_pow(1 + total, stats->periods / (double)stats->daily_returns) - 1)
                                   : stat_na(na_no_data);
    }
}

static void stats_curve(const struct duet_result *result, struct duet_stats *stats) {
    const struct duet_curve *curve = result->curve;
    stats->max_drawdown = stats->longest_drawdown_s = stats->exposure = stats->average_gross_leverage =
        stat_na(na_no_data);
    if (curve == NULL || curve->day_count == 0) {
        return;
    }
    stats->max_drawdown = stat_of(curve->worst_fraction);
    stats->max_drawdown_amount = curve->worst_amount;
    stats->max_drawdown_start_ns = curve->worst_peak_ns;
    stats->max_drawdown_end_ns = curve->worst_ns;
    stats->max_drawdown_recovered_ns = curve->worst_recovered_ns;
    int64_t now = curve->under ? curve->last_ns - curve->peak_ns : 0;
    stats->longest_drawdown_s = stat_of((double)(now > curve->longest_ns ? now : curve->longest_ns) / 1e9);
    double span = (double)(curve->last_ns - curve->first_ns);
    if (span > 0) {
        stats->exposure = stat_of((double)curve->exposed_ns / span);
        stats->average_gross_leverage = stat_of(curve->leverage_ns / span);
    } else {
        stats->exposure = stats->average_gross_leverage = stat_na("one instant only");
    }
}

static duet_money money_mean(duet_money sum, uint64_t count) {
    duet_money mean = 0;
    enum duet_status status = duet_money_muldiv(sum, 1, (duet_money)count, &mean);
    DUET_ASSERT(status == DUET_OK); // no larger than the sum
    return mean;
}

static void stats_trades(const struct duet_result *result, struct duet_stats *stats) {
    if (result->trades != NULL) {
        duet_trades_get(result->trades, &stats->trades);
    }
    const struct duet_trades_totals *trades = &stats->trades;
    double n = (double)trades->count;
    stats->win_rate = stats->profit_factor = stats->sqn = stats->average_trade = stats->best_trade =
        stats->worst_trade = stats->average_holding_s = stat_na(na_no_trades);
    stats->expectancy_na = trades->count > 0 ? NULL : na_no_trades;
    stats->average_win_na = trades->won > 0 ? NULL : "no won trade";
    stats->average_loss_na = trades->lost > 0 ? NULL : "no lost trade";
    if (trades->count == 0) {
        return;
    }
    stats->expectancy = money_mean(trades->net, trades->count);
    stats->average_win = trades->won > 0 ? money_mean(trades->won_net, trades->won) : 0;
    stats->average_loss = trades->lost > 0 ? money_mean(trades->lost_net, trades->lost) : 0;
    stats->win_rate = stat_of((double)trades->won / n);
    stats->profit_factor =
        trades->lost > 0 ? stat_of((double)trades->won_net / -(double)trades->lost_net) : stat_na("no lost trade");
    stats->average_trade = stat_of(trades->fraction_sum / n);
    stats->best_trade = stat_of(trades->fraction_best);
    stats->worst_trade = stat_of(trades->fraction_worst);
    stats->average_holding_s = stat_of(trades->held_ns / n / 1e9);
    double sample = trades->count > 1 ? sqrt(trades->m2 / (n - 1)) : 0;
    if (sample > 0) {
        stats->sqn = stat_of(sqrt(n) * trades->mean / sample);
    } else {
        stats->sqn = stat_na(trades->count > 1 ? "trades do not vary" : "one trade only");
    }
}

void duet_stats_compute(const struct duet_result *result, struct duet_stats *stats) {
    *stats = (struct duet_stats){0};
    stats_returns(result, stats);
    stats_growth(result, stats);
    stats_curve(result, stats);
    stats_trades(result, stats);

    if (stats->cagr.na != NULL) {
        stats->calmar = stat_na(stats->cagr.na);
    } else if (stats->max_drawdown.na != NULL || stats->max_drawdown.value <= 0) {
        stats->calmar = stat_na("no drawdown");
    } else {
        stats->calmar = stat_of(stats->cagr.value / stats->max_drawdown.value);
    }
    const struct duet_portfolio_counts *counts = &result->counts;
    duet_money before_costs = result->final_equity - result->initial_cash + counts->commission + counts->slippage;
    stats->break_even_bps =
        counts->traded > 0 ? stat_of((double)before_costs / (double)counts->traded * 1e4) : stat_na("nothing traded");
}
