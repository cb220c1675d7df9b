#include "report/conventions/lean.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "report/moments.h"

#define RISK_FREE 0.01 // where no interest rates are known
#define DAY_NS 86400e9

#define ROWS(X)                                                                                                       \
    X("AverageWinRate", "PortfolioStatistics", FRACTION, true,                                                        \
        "mean of profit / capital before it, closed with profit")                                                     \
    X("AverageLossRate", "PortfolioStatistics", FRACTION, true, "the same of the rest")                               \
    X("ProfitLossRatio", "PortfolioStatistics", NUMBER, true, "AverageWinRate / |AverageLossRate|")                   \
    X("WinRate", "PortfolioStatistics", FRACTION, true, "share of closing fills with a profit above 0")               \
    X("LossRate", "PortfolioStatistics", FRACTION, false, "share of the rest")                                        \
    X("Expectancy", "PortfolioStatistics", NUMBER, true, "WinRate · ProfitLossRatio - LossRate")                      \
    X("StartEquity", "PortfolioStatistics", NUMBER, false, "initial cash")                                            \
    X("EndEquity", "PortfolioStatistics", NUMBER, false, "final equity")                                              \
    X("CompoundingAnnualReturn", "PortfolioStatistics", FRACTION, true, "(end / start)^(365 / days) - 1")             \
    X("Drawdown", "PortfolioStatistics", FRACTION, true, "largest at days' ends, 3 decimals")                         \
    X("DrawdownRecovery", "PortfolioStatistics", NUMBER, false, "days from the peak of the largest back to it, or 0") \
    X("TotalNetProfit", "PortfolioStatistics", FRACTION, true, "end / start - 1")                                     \
    X("SharpeRatio", "PortfolioStatistics", NUMBER, true, "((1 + mean)^A - 1 - rf) / AnnualStandardDeviation")        \
    X("ProbabilisticSharpeRatio", "PortfolioStatistics", FRACTION, true,                                              \
        "P(daily Sharpe > 1 / √A), by skew and tails")                                                                \
    X("SortinoRatio", "PortfolioStatistics", NUMBER, true, "the same over √A · sample deviation of the losing days")  \
    X("Alpha", "PortfolioStatistics", FRACTION, true, "annual - (rf + Beta · (annual of the benchmark - rf))")        \
    X("Beta", "PortfolioStatistics", NUMBER, true, "cov / var, of a sample")                                          \
    X("AnnualStandardDeviation", "PortfolioStatistics", FRACTION, true, "√AnnualVariance")                            \
    X("AnnualVariance", "PortfolioStatistics", NUMBER, false, "A · sample variance of daily changes")                 \
    X("InformationRatio", "PortfolioStatistics", NUMBER, true, "(annual - annual of the benchmark) / TrackingError")  \
    X("TrackingError", "PortfolioStatistics", FRACTION, true, "√(A · sample variance of the differences)")            \
    X("TreynorRatio", "PortfolioStatistics", NUMBER, true, "(annual - rf) / Beta")                                    \
    X("ValueAtRisk99", "PortfolioStatistics", FRACTION, false, "1 % quantile of a normal distribution, last A days")  \
    X("ValueAtRisk95", "PortfolioStatistics", FRACTION, false, "5 % quantile of the same; both 3 decimals")           \
    X("TotalNumberOfTrades", "TradeStatistics", COUNT, true, "closed pieces, first in, first out")                    \
    X("NumberOfWinningTrades", "TradeStatistics", COUNT, true, "gross above 0; fees are apart")                       \
    X("NumberOfLosingTrades", "TradeStatistics", COUNT, true, "the rest")                                             \
    X("TotalProfitLoss", "TradeStatistics", NUMBER, true, "sum of gross")                                             \
    X("TotalProfit", "TradeStatistics", NUMBER, false, "of the winning")                                              \
    X("TotalLoss", "TradeStatistics", NUMBER, false, "of the losing; negative")                                       \
    X("LargestProfit", "TradeStatistics", NUMBER, false, "in one trade")                                              \
    X("LargestLoss", "TradeStatistics", NUMBER, false, "in one trade; negative")                                      \
    X("AverageProfitLoss", "TradeStatistics", NUMBER, true, "mean gross")                                             \
    X("AverageProfit", "TradeStatistics", NUMBER, false, "of the winning")                                            \
    X("AverageLoss", "TradeStatistics", NUMBER, false, "of the losing")                                               \
    X("AverageTradeDuration", "TradeStatistics", SECONDS, true, "mean time from entry to exit")                       \
    X("AverageWinningTradeDuration", "TradeStatistics", SECONDS, false, "of the winning")                             \
    X("AverageLosingTradeDuration", "TradeStatistics", SECONDS, false, "of the losing")                               \
    X("MedianTradeDuration", "TradeStatistics", SECONDS, false, "median of the same")                                 \
    X("MedianWinningTradeDuration", "TradeStatistics", SECONDS, false, "of the winning")                              \
    X("MedianLosingTradeDuration", "TradeStatistics", SECONDS, false, "of the losing")                                \
    X("MaxConsecutiveWinningTrades", "TradeStatistics", COUNT, false, "most in a row")                                \
    X("MaxConsecutiveLosingTrades", "TradeStatistics", COUNT, false, "most in a row")                                 \
    X("TradeProfitLossRatio", "TradeStatistics", NUMBER, false,                                                       \
        "ProfitLossRatio there: AverageProfit / |AverageLoss|")                                                       \
    X("WinLossRatio", "TradeStatistics", NUMBER, false, "winning / losing; 10 without a loss")                        \
    X("TradeWinRate", "TradeStatistics", FRACTION, false, "WinRate there: winning / all")                             \
    X("TradeLossRate", "TradeStatistics", FRACTION, false, "LossRate there: 1 - WinRate")                             \
    X("MaximumClosedTradeDrawdown", "TradeStatistics", NUMBER, false, "of the running sum of gross; negative")        \
    X("ProfitLossStandardDeviation", "TradeStatistics", NUMBER, false, "sample deviation of gross")                   \
    X("ProfitLossDownsideDeviation", "TradeStatistics", NUMBER, false, "the same of the losing")                      \
    X("ProfitFactor", "TradeStatistics", NUMBER, true, "TotalProfit / |TotalLoss|; 10 without a loss")                \
    X("TradeSharpeRatio", "TradeStatistics", NUMBER, false, "SharpeRatio there: AverageProfitLoss / deviation")       \
    X("TradeSortinoRatio", "TradeStatistics", NUMBER, false, "SortinoRatio there: over the downside deviation")       \
    X("ProfitToMaxDrawdownRatio", "TradeStatistics", NUMBER, false, "TotalProfitLoss / |that drawdown|; 10 without")  \
    X("MaximumDrawdownDuration", "TradeStatistics", SECONDS, false, "between new highs of the running sum")           \
    X("TotalFees", "TradeStatistics", NUMBER, true, "of the closed pieces")

static const struct duet_figure table[] = {
#define ROW(k, g, u, m, f) {.key = k, .label = k, .group = g, .unit = DUET_UNIT_##u, .main = m, .formula = f},
    ROWS(ROW)
#undef ROW
};

static double rounded(double value) {
    return nearbyint(value * 1000) / 1000;
}

/** a / b, and 0 where b is: what that library tells instead of nothing. */
static double ratio(double a, double b) {
    return b != 0 && isfinite(a / b) ? a / b : 0;
}

/** The point below which a standard normal variable falls with probability p: Newton's steps on erfc(). */
static double normal_quantile(double p) {
    double x = 0;
    for (int i = 0; i < 60; i++) {
        double miss = 0.5 * erfc(-x / sqrt(2)) - p, slope = exp(-x * x / 2) / sqrt(2 * M_PI);
        x -= fmax(-1, fmin(1, miss / slope));
    }
    return x;
}

static void set_profits(const struct duet_lean_portfolio *in, struct duet_analysis *out) {
    double capital = in->starting_capital, won = 0, lost = 0, profit = 0, loss = 0;
    for (size_t i = 0; i < in->profit_loss_count; i++) {
        double value = in->profit_loss[i];
        *(value > 0 ? &profit : &loss) += value / capital;
        *(value > 0 ? &won : &lost) += 1;
        capital += value;
    }
    double win = ratio(profit, won), lose = ratio(loss, lost), pay = ratio(win, fabs(lose));
    double win_rate = ratio(won, won + lost), loss_rate = ratio(lost, won + lost);
    duet_figure_set(out, "AverageWinRate", win);
    duet_figure_set(out, "AverageLossRate", lose);
    duet_figure_set(out, "ProfitLossRatio", pay);
    duet_figure_set(out, "WinRate", win_rate);
    duet_figure_set(out, "LossRate", loss_rate);
    duet_figure_set(out, "Expectancy", win_rate * pay - loss_rate);
}

/** The largest drawdown, and the longest way back of those that are as large. */
static void set_drawdown(const struct duet_lean_portfolio *in, struct duet_analysis *out) {
    double high = in->equity_count > 0 ? in->equity[0] : 0, depth = 0, worst = 0, recovery = 0;
    int64_t high_ns = in->equity_count > 0 ? in->times_ns[0] : 0;
    for (size_t i = 0; i < in->equity_count; i++) {
        if (in->equity[i] >= high) {
            double days = (double)(in->times_ns[i] - high_ns) / DAY_NS;
            if (depth > 0 && depth >= worst) {
                recovery = depth > worst ? days : fmax(recovery, days);
                worst = depth;
            }
            high = in->equity[i];
            high_ns = in->times_ns[i];
            depth = 0;
        }
        depth = fmax(depth, 1 - in->equity[i] / high);
    }
    if (depth > worst) { // not yet recovered
        worst = depth;
        recovery = 0;
    }
    duet_figure_set(out, "Drawdown", rounded(worst));
    duet_figure_set(out, "DrawdownRecovery", recovery);
}

static double probable_sharpe(const struct duet_lean_portfolio *in) {
    double observed = duet_mean(in->performance, in->count) / duet_deviation(in->performance, in->count, 1);
    double skew = duet_skew(in->performance, in->count), tails = duet_kurtosis(in->performance, in->count);
    double variance = 1 - skew * observed + (tails - 1) / 4 * observed * observed;
    double error = sqrt(variance / (double)(in->count - 1));
    if (isnan(error)) {
        return 0;
    }
    double beyond = error > 0 ? (observed - 1 / sqrt(in->days_a_year)) / error : 0;
    return 0.5 * erfc(-beyond / sqrt(2));
}

static void set_value_at_risk(const struct duet_lean_portfolio *in, struct duet_analysis *out) {
    size_t used = in->count < in->days_a_year ? in->count : in->days_a_year;
    const double *last = in->performance + (in->count - used);
    double mean = duet_mean(last, used), deviation = duet_deviation(last, used, 1);
    duet_figure_set(out, "ValueAtRisk99", rounded(mean + deviation * normal_quantile(0.01)));
    duet_figure_set(out, "ValueAtRisk95", rounded(mean + deviation * normal_quantile(0.05)));
}

static void set_ratios(const struct duet_lean_portfolio *in, struct duet_analysis *out) {
    double a = in->days_a_year, rf = in->risk_free;
    double annual = pow(1 + duet_mean(in->performance, in->count), a) - 1;
    double other = pow(1 + duet_mean(in->benchmark, in->count), a) - 1;
    double deviation = duet_deviation(in->performance, in->count, 1), variance = deviation * deviation * a;
    double *over = duet_alloc(in->count, sizeof(*over)), *lost = duet_alloc(in->count, sizeof(*lost));
    size_t lost_count = 0;
    for (size_t i = 0; i < in->count; i++) {
        over[i] = in->performance[i] - in->benchmark[i];
        if (in->performance[i] < 0) {
            lost[lost_count++] = in->performance[i];
        }
    }
    double losing = sqrt(a) * duet_deviation(lost, lost_count, 1);
    double spread = duet_deviation(in->benchmark, in->count, 1), error = sqrt(a) * duet_deviation(over, in->count, 1);
    double beta = ratio(duet_covariance(in->performance, in->benchmark, in->count), spread * spread);
    duet_figure_set(out, "AnnualVariance", variance);
    duet_figure_set(out, "AnnualStandardDeviation", sqrt(variance));
    duet_figure_set(out, "SharpeRatio", ratio(annual - rf, sqrt(variance)));
    duet_figure_set(out, "SortinoRatio", ratio(annual - rf, losing));
    duet_figure_set(out, "Beta", beta);
    duet_figure_set(out, "Alpha", beta == 0 ? 0 : annual - (rf + beta * (other - rf)));
    duet_figure_set(out, "TrackingError", error);
    duet_figure_set(out, "InformationRatio", ratio(annual - other, error));
    duet_figure_set(out, "TreynorRatio", ratio(annual - rf, beta));
    duet_figure_set(out, "ProbabilisticSharpeRatio", probable_sharpe(in));
    free(over);
    free(lost);
}

static void none_of(struct duet_analysis *out, const char *group, const char *reason) {
    for (size_t i = 0; i < out->figure_count; i++) {
        if (strcmp(out->figures[i].group, group) == 0) {
            out->figures[i].stat = (struct duet_stat){.na = reason};
        }
    }
}

void duet_lean_portfolio_compute(const struct duet_lean_portfolio *in, struct duet_analysis *out) {
    if (in->count < 2 || in->equity_count < 2) {
        none_of(out, "PortfolioStatistics", "under two returns");
        return;
    }
    double end = in->equity[in->equity_count - 1];
    double days = (double)(in->times_ns[in->equity_count - 1] - in->times_ns[0]) / DAY_NS;
    duet_figure_set(out, "StartEquity", in->starting_capital);
    duet_figure_set(out, "EndEquity", end);
    duet_figure_set(out, "TotalNetProfit", end / in->starting_capital - 1);
    duet_figure_set(out, "CompoundingAnnualReturn", pow(end / in->starting_capital, 365 / days) - 1);
    set_profits(in, out);
    set_drawdown(in, out);
    set_ratios(in, out);
    set_value_at_risk(in, out);
}

/** Sums over all trades, the winning, or the losing. */
struct sums {
    double *gross, *seconds; // owned
    size_t count;
    double total, extreme, streak, longest;
};

static void sums_take(struct sums *sums, const struct duet_tape_trade *trade) {
    sums->gross[sums->count] = trade->gross;
    sums->seconds[sums->count++] = (double)(trade->exit_ns - trade->entry_ns) / 1e9;
    sums->total += trade->gross;
    sums->extreme = fabs(trade->gross) > fabs(sums->extreme) ? trade->gross : sums->extreme;
    sums->longest = fmax(sums->longest, ++sums->streak);
}

static double median_of(struct sums *sums) {
    duet_sort(sums->seconds, sums->count);
    return sums->count > 0 ? duet_quantile(sums->seconds, sums->count, 0.5) : 0;
}

/** The running sum of gross: how far below its high, and how long between highs. */
static void set_running(const struct duet_tape_trade *trades, size_t count, struct duet_analysis *out) {
    double sum = 0, high = 0, deepest = 0, longest = 0, fees = 0;
    bool under = false;
    int64_t high_ns = count > 0 ? trades[0].entry_ns : 0;
    for (size_t i = 0; i < count; i++) {
        sum += trades[i].gross;
        fees += trades[i].commission;
        if (trades[i].gross <= 0) {
            deepest = fmin(deepest, sum - high);
            under = true;
        } else if (sum > high) {
            high = sum;
            longest = under ? fmax(longest, (double)(trades[i].exit_ns - high_ns) / 1e9) : longest;
            high_ns = trades[i].exit_ns;
            under = false;
        }
    }
    duet_figure_set(out, "MaximumClosedTradeDrawdown", deepest);
    duet_figure_set(out, "MaximumDrawdownDuration", longest);
    duet_figure_set(out, "ProfitToMaxDrawdownRatio", sum == 0 ? 0 : deepest < 0 ? sum / -deepest : 10);
    duet_figure_set(out, "TotalFees", fees);
}

static void set_sums(struct sums *all, struct sums *won, struct sums *lost, struct duet_analysis *out) {
    double n = (double)all->count, wins = (double)won->count, losses = (double)lost->count;
    double mean = ratio(all->total, n), win = ratio(won->total, wins), loss = ratio(lost->total, losses);
    double deviation = all->count > 1 ? duet_deviation(all->gross, all->count, 1) : 0;
    double downside = lost->count > 1 ? duet_deviation(lost->gross, lost->count, 1) : 0;
    const struct {
        const char *key;
        double value;
    } rows[] = {{"TotalNumberOfTrades", n}, {"NumberOfWinningTrades", wins}, {"NumberOfLosingTrades", losses},
        {"TotalProfitLoss", all->total}, {"TotalProfit", won->total}, {"TotalLoss", lost->total},
        {"LargestProfit", won->extreme}, {"LargestLoss", lost->extreme}, {"AverageProfitLoss", mean},
        {"AverageProfit", win}, {"AverageLoss", loss}, {"MaxConsecutiveWinningTrades", won->longest},
        {"MaxConsecutiveLosingTrades", lost->longest}, {"TradeProfitLossRatio", ratio(win, fabs(loss))},
        {"WinLossRatio", n == 0       ? 0
                         : losses > 0 ? wins / losses
                                      : 10},
        {"TradeWinRate", ratio(wins, n)}, {"TradeLossRate", n > 0 ? 1 - wins / n : 0},
        {"ProfitLossStandardDeviation", deviation}, {"ProfitLossDownsideDeviation", downside},
        {"ProfitFactor", won->total == 0   ? 0
                         : lost->total < 0 ? won->total / -lost->total
                                           : 10},
        {"TradeSharpeRatio", ratio(mean, deviation)}, {"TradeSortinoRatio", ratio(mean, downside)},
        {"AverageTradeDuration", n > 0 ? duet_mean(all->seconds, all->count) : 0},
        {"AverageWinningTradeDuration", wins > 0 ? duet_mean(won->seconds, won->count) : 0},
        {"AverageLosingTradeDuration", losses > 0 ? duet_mean(lost->seconds, lost->count) : 0},
        {"MedianTradeDuration", median_of(all)}, {"MedianWinningTradeDuration", median_of(won)},
        {"MedianLosingTradeDuration", median_of(lost)}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        duet_figure_set(out, rows[i].key, rows[i].value);
    }
}

void duet_lean_trades_compute(const struct duet_tape_trade *trades, size_t count, struct duet_analysis *out) {
    struct sums sums[3] = {0}; // all, won, lost
    for (int i = 0; i < 3; i++) {
        sums[i].gross = duet_alloc(count + 1, sizeof(double));
        sums[i].seconds = duet_alloc(count + 1, sizeof(double));
    }
    for (size_t i = 0; i < count; i++) {
        bool lost = trades[i].gross <= 0;
        sums_take(&sums[0], &trades[i]);
        sums_take(&sums[1 + lost], &trades[i]);
        sums[2 - lost].streak = 0;
    }
    set_sums(&sums[0], &sums[1], &sums[2], out);
    set_running(trades, count, out);
    for (int i = 0; i < 3; i++) {
        free(sums[i].gross);
        free(sums[i].seconds);
    }
}

/** What each closing fill earned on the average price held, less twice its fee, for the way in and the way out. */
static size_t profits_take(const struct duet_tape *tape, double *out) {
    struct holding {
        double position, price;
    };
    uint32_t instruments = 1;
    size_t count = 0;
    for (size_t i = 0; i < tape->fill_count; i++) {
        instruments = tape->fills[i].instrument >= instruments ? tape->fills[i].instrument + 1 : instruments;
    }
    struct holding *all = duet_alloc(instruments, sizeof(*all));
    for (size_t i = 0; i < tape->fill_count; i++) {
        const struct duet_tape_fill *fill = &tape->fills[i];
        double position = all[fill->instrument].position, change = fill->side * fill->quantity;
        double after = position + change, price = all[fill->instrument].price;
        if (position * change < 0) {
            double closed = fmin(fabs(position), fill->quantity);
            out[count++] = (position > 0 ? 1 : -1) * (fill->price - price) * closed - 2 * fill->commission;
            price = after * position < 0 ? fill->price : price;
        } else {
            price = (fabs(position) * price + fill->quantity * fill->price) / fabs(after);
        }
        all[fill->instrument].position = fabs(after) > 1e-9 * fill->quantity ? after : 0;
        all[fill->instrument].price = price;
    }
    free(all);
    return count;
}

static void compute(const struct duet_result *result, struct duet_analysis *out) {
    if (result->tape == NULL) {
        duet_figures_none(out, "no fills");
        return;
    }
    size_t room = out->day_count + 2, count = 0;
    double *equity = duet_alloc(room, sizeof(double)), *performance = duet_alloc(room, sizeof(double));
    double *benchmark = duet_alloc(room, sizeof(double)),
           *profits = duet_alloc(result->tape->fill_count + 1, sizeof(double));
    int64_t *times = duet_alloc(room, sizeof(int64_t));
    times[0] = result->start_ns;
    equity[0] = duet_money_to_double(result->initial_cash);
    for (size_t i = 0; i < out->day_count; i++) {
        const struct duet_analysis_day *day = &out->days[i];
        times[i + 1] = day->ns;
        equity[i + 1] = day->equity;
        if (!isnan(day->change)) {
            benchmark[count] = isnan(day->benchmark_change) ? 0 : day->benchmark_change;
            performance[count++] = day->change;
        }
    }
    const struct duet_lean_portfolio portfolio = {.starting_capital = equity[0],
        .risk_free = RISK_FREE,
        .days_a_year = result->weekend_bars ? 365 : 252,
        .times_ns = times,
        .equity = equity,
        .equity_count = out->day_count + 1,
        .performance = performance,
        .benchmark = benchmark,
        .count = count,
        .profit_loss = profits,
        .profit_loss_count = profits_take(result->tape, profits)};
    duet_lean_portfolio_compute(&portfolio, out);
    struct duet_tape_trades trades;
    duet_tape_pieces(result->tape, &trades);
    duet_lean_trades_compute(trades.items, trades.count, out);
    duet_tape_trades_finish(&trades);
    free(equity);
    free(performance);
    free(benchmark);
    free(profits);
    free(times);
}

const struct duet_convention duet_convention_lean = {
    .name = "lean",
    .about = "LEAN's PortfolioStatistics and TradeStatistics by their names; risk-free rate 1 %, A 252 or 365 days",
    .wants = DUET_WANTS_FILLS,
    .table = table,
    .count = sizeof(table) / sizeof(table[0]),
    .compute = compute,
};
