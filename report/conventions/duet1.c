#include "report/conventions/duet1.h"

#include <math.h>
#include <stdlib.h>

#include "base/money.h"
#include "base/text.h"
#include "report/moments.h"

static void set_stat(struct duet_analysis *out, enum duet1_figure figure, struct duet_stat stat) {
    out->figures[figure].stat = stat;
}

static void set_money(struct duet_analysis *out, enum duet1_figure figure, duet_money money, const char *na) {
    out->figures[figure].stat.na = na;
    out->figures[figure].money = na == NULL ? money : 0;
}

static void set_time(struct duet_analysis *out, enum duet1_figure figure, int64_t ns, const char *na) {
    out->figures[figure].stat.na = na;
    out->figures[figure].time_ns = na == NULL ? ns : 0;
}

static void set_count(struct duet_analysis *out, enum duet1_figure figure, uint64_t count) {
    out->figures[figure].stat.value = (double)count;
}

static void set_returns(struct duet_analysis *out) {
    const struct duet_stats *stats = &out->stats;
    set_stat(out, DUET1_total_return, stats->total_return);
    set_stat(out, DUET1_annual_return, stats->annual_return);
    set_stat(out, DUET1_cagr, stats->cagr);
    set_count(out, DUET1_daily_returns, stats->daily_returns);
    set_stat(out, DUET1_best_day, stats->best_day);
    set_stat(out, DUET1_worst_day, stats->worst_day);
    set_stat(out, DUET1_winning_days, stats->winning_days);
    set_stat(out, DUET1_volatility, stats->volatility);
    set_stat(out, DUET1_sharpe, stats->sharpe);
    set_stat(out, DUET1_sharpe_se, stats->sharpe_se);
    set_stat(out, DUET1_sortino, stats->sortino);
    set_stat(out, DUET1_calmar, stats->calmar);
    set_stat(out, DUET1_exposure, stats->exposure);
    set_stat(out, DUET1_average_gross_leverage, stats->average_gross_leverage);
}

static void set_drawdown(const struct duet_result *result, struct duet_analysis *out) {
    const struct duet_stats *stats = &out->stats;
    const char *none = stats->max_drawdown.na;
    const char *no_dip = none != NULL ? none : stats->max_drawdown.value > 0 ? NULL : "no drawdown";
    const char *not_yet = no_dip != NULL ? no_dip : stats->max_drawdown_recovered_ns != 0 ? NULL : "not yet recovered";
    set_stat(out, DUET1_max_drawdown, stats->max_drawdown);
    set_money(out, DUET1_max_drawdown_amount, stats->max_drawdown_amount, none);
    set_time(out, DUET1_max_drawdown_start, stats->max_drawdown_start_ns, no_dip);
    set_time(out, DUET1_max_drawdown_end, stats->max_drawdown_end_ns, no_dip);
    set_time(out, DUET1_max_drawdown_recovered, stats->max_drawdown_recovered_ns, not_yet);
    set_stat(out, DUET1_longest_drawdown_s, stats->longest_drawdown_s);
    duet1_set(out, DUET1_recovery_factor,
        (double)(result->final_equity - result->initial_cash) / (double)stats->max_drawdown_amount, no_dip);
}

static void set_trades(struct duet_analysis *out) {
    const struct duet_stats *stats = &out->stats;
    const struct duet_trades_totals *trades = &stats->trades;
    set_count(out, DUET1_trades, trades->count);
    set_count(out, DUET1_trades_won, trades->won);
    set_count(out, DUET1_trades_lost, trades->lost);
    set_count(out, DUET1_trades_at_end, trades->at_end);
    set_count(out, DUET1_trades_long, trades->long_count);
    set_count(out, DUET1_trades_short, trades->count - trades->long_count);
    set_stat(out, DUET1_win_rate, stats->win_rate);
    set_stat(out, DUET1_profit_factor, stats->profit_factor);
    set_money(out, DUET1_expectancy, stats->expectancy, stats->expectancy_na);
    set_money(out, DUET1_average_win, stats->average_win, stats->average_win_na);
    set_money(out, DUET1_average_loss, stats->average_loss, stats->average_loss_na);
    set_money(out, DUET1_largest_win, trades->best, stats->average_win_na);
    set_money(out, DUET1_largest_loss, trades->worst, stats->average_loss_na);
    duet1_set(out, DUET1_payoff_ratio, (double)stats->average_win / -(double)stats->average_loss,
        stats->average_win_na != NULL ? stats->average_win_na : stats->average_loss_na);
    set_stat(out, DUET1_average_trade, stats->average_trade);
    set_stat(out, DUET1_best_trade, stats->best_trade);
    set_stat(out, DUET1_worst_trade, stats->worst_trade);
    set_stat(out, DUET1_average_holding_s, stats->average_holding_s);
    set_count(out, DUET1_longest_won_streak, trades->longest_won_streak);
    set_count(out, DUET1_longest_lost_streak, trades->longest_lost_streak);
    set_stat(out, DUET1_sqn, stats->sqn);
}

/** What one of the two sides did. */
struct side {
    uint64_t count, won;
    duet_money net;
};

static int ascending_money(const void *a, const void *b) {
    duet_money x = *(const duet_money *)a, y = *(const duet_money *)b;
    return (x > y) - (x < y);
}

/** Of two middle ones the mean, half-even to the last place. */
static duet_money median_money(duet_money *values, size_t count) {
    qsort(values, count, sizeof(*values), ascending_money);
    duet_money low = values[(count - 1) / 2], high = values[count / 2], half;
    enum duet_status status = duet_money_muldiv(high - low, 1, 2, &half);
    return status == DUET_OK ? low + half : low;
}

/** Figures that need every trade. */
static void set_each_trade(const struct duet_result *result, struct duet_analysis *out) {
    size_t count = 0, listed = 0;
    const struct duet_trade_brief *list = result->trades != NULL ? duet_trades_list(result->trades, &listed) : NULL;
    struct side sides[2] = {0};
    double *fractions = duet_alloc(listed + 1, sizeof(*fractions)), *held_s = duet_alloc(listed + 1, sizeof(*held_s));
    duet_money *nets = duet_alloc(listed + 1, sizeof(*nets));
    for (size_t i = 0; i < listed; i++) {
        if (!list[i].at_end) {
            struct side *side = &sides[list[i].side > 0];
            side->count++;
            side->won += list[i].net > 0;
            side->net += list[i].net;
            fractions[count] = list[i].fraction;
            held_s[count] = (double)(list[i].exit_ns - list[i].entry_ns) / 1e9;
            nets[count++] = list[i].net;
        }
    }
    duet_sort(fractions, count);
    duet_sort(held_s, count);
    const char *none = count > 0 ? NULL : "no finished trade";
    set_money(out, DUET1_median_net, count > 0 ? median_money(nets, count) : 0, none);
    duet1_set(out, DUET1_median_trade, duet_quantile(fractions, count, 0.5), none);
    duet1_set(out, DUET1_median_holding_s, duet_quantile(held_s, count, 0.5), none);
    duet1_set(out, DUET1_longest_holding_s, count > 0 ? held_s[count - 1] : 0, none);
    const char *no_long = sides[1].count > 0 ? NULL : "no long trade",
               *no_short = sides[0].count > 0 ? NULL : "no short trade";
    duet1_set(out, DUET1_win_rate_long, (double)sides[1].won / (double)sides[1].count, no_long);
    duet1_set(out, DUET1_win_rate_short, (double)sides[0].won / (double)sides[0].count, no_short);
    set_money(out, DUET1_net_long, sides[1].net, no_long);
    set_money(out, DUET1_net_short, sides[0].net, no_short);
    free(fractions);
    free(held_s);
    free(nets);
}

static void compute(const struct duet_result *result, struct duet_analysis *out) {
    set_returns(out);
    set_drawdown(result, out);
    set_trades(out);
    set_each_trade(result, out);
    set_money(out, DUET1_commission, result->counts.commission, NULL);
    set_money(out, DUET1_slippage, result->counts.slippage, NULL);
    set_stat(out, DUET1_break_even_bps, out->stats.break_even_bps);
    duet1_compute_series(result, out);
}

static const struct duet_figure table[DUET1_COUNT] = {
#define DUET1_ROW(k, g, l, u, f) {.key = #k, .group = g, .label = l, .unit = DUET_UNIT_##u, .formula = f},
    DUET1_FIGURES(DUET1_ROW)
#undef DUET1_ROW
};

const struct duet_convention duet_convention_duet1 = {
    .name = DUET_STATS_CONVENTION,
    .about = "Duet's own: daily returns, sample deviations, no risk-free rate, trades flat to flat in money",
    .table = table,
    .count = DUET1_COUNT,
    .compute = compute,
};
