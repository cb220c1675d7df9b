/*
 * The figures of the convention duet-1, X(key, group, label, unit, formula). Those of stats.h are computed there; r are
 * its returns, b those of the benchmark over the same spans, A the returns of a year, n their number.
 */
#ifndef DUET_REPORT_CONVENTIONS_DUET1_H
#define DUET_REPORT_CONVENTIONS_DUET1_H

#include "report/conventions/convention.h"

/** What leaves the 99 % quantile something to be between. */
#define DUET_TAIL_RETURNS_MIN 100

#define DUET1_FIGURES(X)                                                                                               \
    X(total_return, "returns", "total return", FRACTION, "final equity / initial cash - 1")                            \
    X(annual_return, "returns", "annual return", FRACTION, "(1 + total return)^(A / n) - 1; not under a year")         \
    X(cagr, "returns", "CAGR", FRACTION, "(1 + total return)^(1 / years) - 1, a year of 31,557,600 s; not under one")  \
    X(daily_returns, "returns", "returns", COUNT, "n: days, or weeks or months where the bars are")                    \
    X(average_day, "returns", "average day", FRACTION, "mean r")                                                       \
    X(best_day, "returns", "best day", FRACTION, "largest r")                                                          \
    X(worst_day, "returns", "worst day", FRACTION, "smallest r")                                                       \
    X(winning_days, "returns", "winning days", FRACTION, "share of r above 0")                                         \
    X(best_month, "returns", "best month", FRACTION, "largest change over a calendar month; partial months count")     \
    X(worst_month, "returns", "worst month", FRACTION, "smallest change over a calendar month")                        \
    X(winning_months, "returns", "winning months", FRACTION, "share of months above 0")                                \
    X(best_year, "returns", "best year", FRACTION, "largest change over a calendar year; partial years count")         \
    X(worst_year, "returns", "worst year", FRACTION, "smallest change over a calendar year")                           \
    X(volatility, "risk", "volatility", FRACTION, "√A · s, s the sample deviation of r")                               \
    X(sharpe, "risk", "Sharpe", NUMBER, "√A · mean r / s, risk-free rate 0; from 30 returns on")                       \
    X(sharpe_se, "risk", "Sharpe, standard error", NUMBER, "√A · √((1 + S²/2) / n), S = mean r / s")                   \
    X(sortino, "risk", "Sortino", NUMBER, "√A · mean r / √(Σ min(r, 0)² / n)")                                         \
    X(downside_deviation, "risk", "downside deviation", FRACTION, "√A · √(Σ min(r, 0)² / n)")                          \
    X(calmar, "risk", "Calmar", NUMBER, "CAGR / max drawdown")                                                         \
    X(omega, "risk", "Omega", NUMBER, "Σ max(r, 0) / Σ max(-r, 0)")                                                    \
    X(tail_ratio, "risk", "tail ratio", NUMBER, "95 % quantile of r / -(5 % quantile), quantiles by proportion")       \
    X(var_95, "risk", "VaR 95 %", FRACTION, "5 % quantile of r, historical: a loss is negative")                       \
    X(var_99, "risk", "VaR 99 %", FRACTION, "1 % quantile of r; from 100 returns on")                                  \
    X(cvar_95, "risk", "CVaR 95 %", FRACTION, "mean of the r at or below VaR 95 %")                                    \
    X(cvar_99, "risk", "CVaR 99 %", FRACTION, "mean of the r at or below VaR 99 %; from 100 returns on")               \
    X(skew, "risk", "skewness", NUMBER, "adjusted Fisher-Pearson (of a sample)")                                       \
    X(kurtosis, "risk", "excess kurtosis", NUMBER, "of a sample; 0 for a normal distribution")                         \
    X(stability, "risk", "stability", NUMBER, "R² of a line through the sums of log(1 + r)")                           \
    X(max_drawdown, "drawdown", "max drawdown", FRACTION, "(peak - equity) / peak, per instant, initial cash a peak")  \
    X(max_drawdown_amount, "drawdown", "max drawdown, money", MONEY, "peak - equity of that one")                      \
    X(max_drawdown_start, "drawdown", "max drawdown from", TIME, "last instant at the peak")                           \
    X(max_drawdown_end, "drawdown", "max drawdown to", TIME, "the instant at the bottom")                              \
    X(max_drawdown_recovered, "drawdown", "max drawdown over", TIME, "first instant at the peak again")                \
    X(longest_drawdown_s, "drawdown", "longest drawdown", SECONDS, "from a peak to equity being there again, or now")  \
    X(ulcer_index, "drawdown", "ulcer index", FRACTION, "√(mean of the squared drawdowns at days' ends)")              \
    X(ulcer_performance, "drawdown", "ulcer performance", NUMBER, "CAGR / ulcer index")                                \
    X(recovery_factor, "drawdown", "recovery factor", NUMBER, "(final equity - initial cash) / max drawdown in money") \
    X(benchmark_return, "benchmark", "benchmark return", FRACTION, "of the benchmark, over the run")                   \
    X(excess_return, "benchmark", "excess return", FRACTION, "total return - benchmark return")                        \
    X(benchmark_volatility, "benchmark", "benchmark volatility", FRACTION, "√A · sample deviation of b")               \
    X(benchmark_sharpe, "benchmark", "benchmark Sharpe", NUMBER, "√A · mean b / sample deviation of b")                \
    X(benchmark_max_drawdown, "benchmark", "benchmark drawdown", FRACTION, "the largest, at days' ends")               \
    X(alpha, "benchmark", "alpha", FRACTION, "A · (mean r - beta · mean b), a year")                                   \
    X(beta, "benchmark", "beta", NUMBER, "cov(r, b) / var(b)")                                                         \
    X(correlation, "benchmark", "correlation", NUMBER, "cov(r, b) / (s of r · s of b)")                                \
    X(tracking_error, "benchmark", "tracking error", FRACTION, "√A · sample deviation of r - b")                       \
    X(information_ratio, "benchmark", "information ratio", NUMBER, "√A · mean(r - b) / sample deviation of r - b")     \
    X(up_capture, "benchmark", "up capture", NUMBER, "geometric mean r where b > 0 / geometric mean b there")          \
    X(down_capture, "benchmark", "down capture", NUMBER, "geometric mean r where b < 0 / geometric mean b there")      \
    X(exposure, "activity", "exposure", FRACTION, "time with a position / time")                                       \
    X(average_gross_leverage, "activity", "average leverage", NUMBER, "gross / equity over time, flat time 0")         \
    X(turnover, "activity", "turnover a year", NUMBER, "traded value / mean equity at days' ends / years")             \
    X(trades, "trades", "trades", COUNT, "finished, flat to flat per instrument, net of commissions")                  \
    X(trades_won, "trades", "won", COUNT, "net above 0")                                                               \
    X(trades_lost, "trades", "lost", COUNT, "net below 0")                                                             \
    X(trades_at_end, "trades", "closed at the end", COUNT, "by --at-end close; in no other figure")                    \
    X(trades_long, "trades", "long", COUNT, "that began with a purchase")                                              \
    X(trades_short, "trades", "short", COUNT, "that began with a sale")                                                \
    X(win_rate, "trades", "win rate", FRACTION, "won / trades")                                                        \
    X(win_rate_long, "trades", "win rate, long", FRACTION, "of the long ones")                                         \
    X(win_rate_short, "trades", "win rate, short", FRACTION, "of the short ones")                                      \
    X(net_long, "trades", "net, long", MONEY, "sum of the long ones")                                                  \
    X(net_short, "trades", "net, short", MONEY, "sum of the short ones")                                               \
    X(profit_factor, "trades", "profit factor", NUMBER, "Σ net won / -(Σ net lost), in money")                         \
    X(payoff_ratio, "trades", "payoff ratio", NUMBER, "average win / -(average loss), in money")                       \
    X(expectancy, "trades", "expectancy", MONEY, "mean net of a trade")                                                \
    X(median_net, "trades", "median net", MONEY, "half of the trades earned no more")                                  \
    X(average_win, "trades", "average win", MONEY, "mean net of those won")                                            \
    X(average_loss, "trades", "average loss", MONEY, "mean net of those lost; negative")                               \
    X(largest_win, "trades", "largest win", MONEY, "best net")                                                         \
    X(largest_loss, "trades", "largest loss", MONEY, "worst net; negative")                                            \
    X(average_trade, "trades", "average trade", FRACTION, "mean of net / value of the entries")                        \
    X(median_trade, "trades", "median trade", FRACTION, "median of net / value of the entries")                        \
    X(best_trade, "trades", "best trade", FRACTION, "largest net / value of the entries")                              \
    X(worst_trade, "trades", "worst trade", FRACTION, "smallest net / value of the entries")                           \
    X(average_holding_s, "trades", "average holding", SECONDS, "mean time from first to last fill")                    \
    X(median_holding_s, "trades", "median holding", SECONDS, "median of the same")                                     \
    X(longest_holding_s, "trades", "longest holding", SECONDS, "the longest of them")                                  \
    X(longest_won_streak, "trades", "longest run of wins", COUNT, "in the order of their ends")                        \
    X(longest_lost_streak, "trades", "longest run of losses", COUNT, "in the order of their ends")                     \
    X(sqn, "trades", "SQN", NUMBER, "√trades · mean net / sample deviation of net")                                    \
    X(commission, "costs", "commission", MONEY, "paid")                                                                \
    X(slippage, "costs", "slippage", MONEY, "given away against the price met")                                        \
    X(break_even_bps, "costs", "break-even, bps", NUMBER, "result before costs / traded value, a side")

enum duet1_figure {
#define DUET1_ENUM(key, group, label, unit, formula) DUET1_##key,
    DUET1_FIGURES(DUET1_ENUM)
#undef DUET1_ENUM
        DUET1_COUNT
};

/** Those that are made of the days' returns. */
void duet1_compute_series(const struct duet_result *result, struct duet_analysis *out);

/** `value`, or why there is none: `na` if given, else "number out of range" where it is not finite. */
static inline void duet1_set(struct duet_analysis *out, enum duet1_figure figure, double value, const char *na) {
    bool fits = value - value == 0;
    out->figures[figure].stat = (struct duet_stat){.value = na == NULL && fits ? value : 0,
        .na = na != NULL ? na
              : fits     ? NULL
                         : "number out of range"};
}

#endif
