/*
 * Statistics of a run by the convention `duet-1`.
 *
 * Returns are simple returns of equity from one day's last instant to the next, the first against initial cash. A year
 * has A periods: weekly bars 52, monthly 12, other bars above a day 365 days over their length; else 365, all days,
 * where bars fall on Saturdays in over half of the weeks; else 252, and what happens on a weekend counts to the Monday
 * after it. With mean, s (sample) and n of these returns:
 *
 *   sharpe      √A · mean / s            its standard error: √A · √((1 + S²/2) / n), S = mean / s
 *   sortino     √A · mean / √(Σ min(r, 0)² / n)
 *   volatility  √A · s
 *   annual      (1 + total)^(A / n) − 1
 *   cagr        (1 + total)^(1 / years) − 1, years = seconds / 31,557,600
 *   calmar      cagr / max drawdown
 *   drawdown    (peak − equity) / peak per instant; the peak begins at initial cash; it starts at the last instant at
 *               the peak and is over when equity is there again
 *   exposure    time with a position / time; average gross leverage: gross / equity over time, flat time counting 0
 *   trades      flat to flat, net of commissions, won above 0; those closed by --at-end are only counted
 *   profit factor  cash won / cash lost;  expectancy: mean net;  sqn: √n · mean / s (sample) of net
 *   break-even  (final equity − initial cash + commission + slippage) / traded notional, in bps: the cost per side, all
 *               included, at which the same fills would have earned nothing; negative where they lost before costs
 *
 * Not defined: sharpe and sortino under 30 returns or with a zero denominator; annual, cagr and calmar under a year of
 * 365 days; profit factor without a loss; ratios of nothing. After a day that ends at zero or less there are no
 * returns.
 */
#ifndef DUET_REPORT_STATS_H
#define DUET_REPORT_STATS_H

#include "report/result.h"

#define DUET_STATS_CONVENTION "duet-1"
/** Fewer returns than this make no ratio. */
#define DUET_STATS_RETURNS_MIN 30
/** What counts as a year, at least. */
#define DUET_STATS_YEAR_NS (365 * DUET_DAY_NS)

/** A number, or why there is none. */
struct duet_stat {
    double value; // 0 where it is not defined
    const char *na; // NULL: defined; else the reason, static
};

struct duet_stats {
    double periods; // A
    char periods_why[96];
    uint64_t daily_returns; // n; weekly or monthly where the bars are
    struct duet_stat total_return, annual_return, cagr, volatility, sharpe, sharpe_se, sortino, calmar;
    struct duet_stat best_day, worst_day, winning_days; // winning_days: share of returns above 0
    struct duet_stat max_drawdown;
    duet_money max_drawdown_amount;
    int64_t max_drawdown_start_ns, max_drawdown_end_ns, max_drawdown_recovered_ns; // 0: none, not yet
    struct duet_stat longest_drawdown_s; // the one under way counts up to the last instant
    struct duet_stat exposure, average_gross_leverage;
    struct duet_trades_totals trades;
    struct duet_stat win_rate, profit_factor, sqn, average_trade, best_trade, worst_trade; // trades: net / entry value
    struct duet_stat average_holding_s;
    const char *expectancy_na; // NULL: defined
    duet_money expectancy;
    const char *average_win_na, *average_loss_na;
    duet_money average_win, average_loss; // average_loss < 0
    struct duet_stat break_even_bps;
};

/** Whether what happens on a weekend counts to the Monday after it. */
bool duet_stats_merges_weekends(const struct duet_result *result);
/** Whether day `index` ends a return; `merge` is duet_stats_merges_weekends(). */
bool duet_stats_ends_return(const struct duet_curve *curve, bool merge, uint64_t index);

/** `result` with its curve and trades (both may be NULL: nothing happened). */
void duet_stats_compute(const struct duet_result *result, struct duet_stats *stats);

#endif
