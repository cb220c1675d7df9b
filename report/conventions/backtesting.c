#include <math.h>
#include <stdlib.h>

#include <duet/bar.h>

#include "base/text.h"
#include "base/time.h"
#include "report/conventions/convention.h"
#include "report/moments.h"

/* Percentages stay percentages here, as that library tells them; so the rows are numbers. */

#define ROWS(X)                                                                                                     \
    X("Start", "run", TIME, false, "label of the first bar")                                                        \
    X("End", "run", TIME, false, "label of the last bar")                                                           \
    X("Duration", "run", SECONDS, false, "End - Start")                                                             \
    X("Exposure Time [%]", "run", NUMBER, true, "share of bars in a closed trade, both its ends included")          \
    X("Equity Final [$]", "run", NUMBER, true, "equity at the last bar")                                            \
    X("Equity Peak [$]", "run", NUMBER, true, "highest equity at a bar")                                            \
    X("Commissions [$]", "run", NUMBER, true, "of the closed trades")                                               \
    X("Return [%]", "returns", NUMBER, true, "last equity / first - 1")                                             \
    X("Buy & Hold Return [%]", "returns", NUMBER, true, "close of the last bar / of the first warm bar - 1")        \
    X("Return (Ann.) [%]", "returns", NUMBER, true, "(1 + g)^A - 1, g the geometric mean of the days' returns")     \
    X("Volatility (Ann.) [%]", "risk", NUMBER, true, "√((s² + (1 + g)²)^A - (1 + g)^(2A)), s sample deviation")     \
    X("CAGR [%]", "returns", NUMBER, true, "(last / first equity)^(365.25 days / Duration) - 1")                    \
    X("Sharpe Ratio", "risk", NUMBER, true, "Return (Ann.) / Volatility (Ann.)")                                    \
    X("Sortino Ratio", "risk", NUMBER, true, "Return (Ann.) / (√A · √mean(min(r, 0)²))")                            \
    X("Calmar Ratio", "risk", NUMBER, true, "Return (Ann.) / Max. Drawdown")                                        \
    X("Alpha [%]", "risk", NUMBER, true, "Return - Beta · Buy & Hold Return")                                       \
    X("Beta", "risk", NUMBER, true, "cov / var of log changes of equity and close from bar to bar")                 \
    X("Max. Drawdown [%]", "drawdown", NUMBER, true, "largest, negative, at bars, first equity the first peak")     \
    X("Avg. Drawdown [%]", "drawdown", NUMBER, true, "mean of the depths of the drawdowns; negative")               \
    X("Max. Drawdown Duration", "drawdown", SECONDS, true, "from a peak to the bar back at it; up to a bar's unit") \
    X("Avg. Drawdown Duration", "drawdown", SECONDS, true, "mean of the same; up to a bar's unit")                  \
    X("# Trades", "trades", COUNT, true, "closed pieces, first in, first out")                                      \
    X("Win Rate [%]", "trades", NUMBER, true, "share with a net above 0")                                           \
    X("Best Trade [%]", "trades", NUMBER, true, "largest net / entry value")                                        \
    X("Worst Trade [%]", "trades", NUMBER, true, "smallest net / entry value")                                      \
    X("Avg. Trade [%]", "trades", NUMBER, true, "geometric mean of 1 + net / entry value, - 1")                     \
    X("Max. Trade Duration", "trades", SECONDS, true, "between labels of its bars; up to a bar's unit")             \
    X("Avg. Trade Duration", "trades", SECONDS, true, "mean of the same; up to a bar's unit")                       \
    X("Profit Factor", "trades", NUMBER, true, "Σ of the positive / Σ of the negative net / entry value")           \
    X("Expectancy [%]", "trades", NUMBER, true, "mean net / entry value")                                           \
    X("SQN", "trades", NUMBER, true, "√n · mean / sample deviation of net, in money")                               \
    X("Kelly Criterion", "trades", NUMBER, true, "w - (1 - w) / (mean win / mean loss), w the win rate")

static const struct duet_figure table[] = {
#define ROW(k, g, u, m, f) {.key = k, .label = k, .group = g, .unit = DUET_UNIT_##u, .main = m, .formula = f},
    ROWS(ROW)
#undef ROW
};

static int64_t median_step(const struct duet_tape *tape) {
    double steps[100];
    size_t count = 0, from = tape->bar_count > 100 ? tape->bar_count - 100 : 0;
    for (size_t i = from + 1; i < tape->bar_count; i++) {
        steps[count++] = (double)(tape->bars[i].label_ns - tape->bars[i - 1].label_ns);
    }
    duet_sort(steps, count);
    return count > 0 ? (int64_t)duet_quantile(steps, count, 0.5) : 0;
}

/** Seconds, rounded up to days, hours, minutes or seconds, whichever the bars come in. */
static double rounded_up(double ns, int64_t step) {
    const int64_t units[] = {DUET_DAY_NS, DUET_HOUR_NS, DUET_MINUTE_NS, 1000000000};
    double unit = 1;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && unit == 1; i++) {
        unit = step > 0 && step % units[i] == 0 ? (double)units[i] : 1;
    }
    return ceil(ns / unit) * unit / 1e9;
}

static int64_t day_of(const struct duet_result *result, int64_t ns) {
    int64_t day;
    (void)result->curve->day_end(result->curve->argument, ns, &day);
    return day;
}

/** Number of the day, week, month or year that holds a label. */
static int64_t span_of(const struct duet_result *result, int64_t ns, int64_t step_days) {
    int64_t day = day_of(result, ns);
    int year, month, in_month;
    duet_civil_from_days(day, &year, &month, &in_month);
    switch (step_days) {
    case 7:
        return (day + 3) / 7; // weeks that end on Sundays
    case 31:
        return year * 12 + month;
    case 365:
        return year;
    default:
        return day;
    }
}

static double periods_of(const struct duet_result *result, int64_t step_days) {
    const struct duet_tape *tape = result->tape;
    double weekend = 0;
    for (size_t i = 0; i < tape->bar_count; i++) {
        int weekday = duet_weekday(day_of(result, tape->bars[i].label_ns));
        weekend += weekday == 0 || weekday == 6;
    }
    bool weekends = weekend / (double)tape->bar_count > 2.0 / 7 * 0.6;
    return step_days == 7 ? 52 : step_days == 31 ? 12 : step_days == 365 ? 1 : weekends ? 365 : 252;
}

/** What a year earns and how it varies, from the last equity of each day. */
static void set_annual(const struct duet_result *result, struct duet_analysis *out) {
    const struct duet_tape *tape = result->tape;
    int64_t step_days = median_step(tape) / DUET_DAY_NS;
    double periods = periods_of(result, step_days), logs = 0, below = 0, last = NAN;
    double *returns = duet_alloc(tape->bar_count + 1, sizeof(*returns));
    size_t spans = 0;
    bool ruined = false;
    for (size_t i = 0; i < tape->bar_count; i++) {
        int64_t span = span_of(result, tape->bars[i].label_ns, step_days);
        if (i + 1 < tape->bar_count && span_of(result, tape->bars[i + 1].label_ns, step_days) == span) {
            continue;
        }
        double equity = tape->bars[i].equity;
        if (spans > 0) {
            double change = equity / last - 1;
            returns[spans - 1] = change;
            ruined |= change <= -1;
            logs += log1p(change);
            below += change < 0 ? change * change : 0;
        }
        last = equity;
        spans++;
    }
    double mean = ruined ? 0 : expm1(logs / (double)(spans - 1)), growth = pow(1 + mean, periods);
    double deviation = duet_deviation(returns, spans - 1, 1);
    double spread = pow(deviation * deviation + (1 + mean) * (1 + mean), periods) - pow(1 + mean, 2 * periods);
    double worst = -duet_figure_at(out, "Max. Drawdown [%]")->stat.value / 100;
    duet_figure_set(out, "Return (Ann.) [%]", (growth - 1) * 100);
    duet_figure_set(out, "Volatility (Ann.) [%]", sqrt(spread) * 100);
    duet_figure_set(out, "Sharpe Ratio", (growth - 1) / sqrt(spread));
    duet_figure_set(out, "Sortino Ratio", (growth - 1) / (sqrt(below / (double)(spans - 1)) * sqrt(periods)));
    duet_figure_set(out, "Calmar Ratio", (growth - 1) / worst);
    free(returns);
}

/** From each bar at a peak to the next one at a peak, or the last bar; neighbours are no drawdown. */
static void set_drawdowns(const struct duet_tape *tape, int64_t step, struct duet_analysis *out) {
    double peak = 0, worst = 0, depth = 0, depths = 0, count = 0, longest = 0, lengths = 0;
    size_t at = 0;
    for (size_t i = 0; i < tape->bar_count; i++) {
        double equity = tape->bars[i].equity;
        peak = i == 0 ? equity : fmax(peak, equity);
        double down = 1 - equity / peak;
        worst = fmax(worst, down);
        depth = fmax(depth, down);
        if (down == 0 || i + 1 == tape->bar_count) {
            if (i > at + 1) {
                double length = (double)(tape->bars[i].label_ns - tape->bars[at].label_ns);
                longest = fmax(longest, length);
                lengths += length;
                depths += depth;
                count++;
            }
            at = i;
            depth = 0;
        }
    }
    duet_figure_set(out, "Max. Drawdown [%]", -worst * 100);
    duet_figure_set(out, "Avg. Drawdown [%]", -depths / count * 100);
    duet_figure_set(out, "Max. Drawdown Duration", count > 0 ? rounded_up(longest, step) : NAN);
    duet_figure_set(out, "Avg. Drawdown Duration", rounded_up(lengths / count, step));
}

static void set_market(const struct duet_tape *tape, struct duet_analysis *out) {
    size_t n = tape->bar_count - 1, first = tape->first_bar < n ? tape->first_bar : n;
    double *equity = duet_alloc(n + 1, sizeof(*equity)), *price = duet_alloc(n + 1, sizeof(*price));
    for (size_t i = 0; i < n; i++) {
        equity[i] = log(tape->bars[i + 1].equity / tape->bars[i].equity);
        price[i] = log(tape->bars[i + 1].price / tape->bars[i].price);
    }
    double spread = duet_deviation(price, n, 1), beta = duet_covariance(equity, price, n) / (spread * spread);
    double hold = (tape->bars[n].price / tape->bars[first].price - 1) * 100;
    double total = (tape->bars[n].equity / tape->bars[0].equity - 1) * 100;
    duet_figure_set(out, "Return [%]", total);
    duet_figure_set(out, "Buy & Hold Return [%]", hold);
    duet_figure_set(out, "Beta", beta);
    duet_figure_set(out, "Alpha [%]", total - beta * hold);
    free(equity);
    free(price);
}

static void set_exposure(
    const struct duet_tape *tape, const struct duet_tape_trades *trades, struct duet_analysis *out) {
    bool *held = duet_alloc(tape->bar_count, sizeof(*held));
    double bars = 0;
    for (size_t i = 0; i < trades->count; i++) {
        for (size_t k = trades->items[i].entry_bar; k <= trades->items[i].exit_bar && k < tape->bar_count; k++) {
            bars += !held[k];
            held[k] = true;
        }
    }
    duet_figure_set(out, "Exposure Time [%]", bars / (double)tape->bar_count * 100);
    free(held);
}

static void set_trades(
    const struct duet_tape *tape, const struct duet_tape_trades *trades, int64_t step, struct duet_analysis *out) {
    size_t n = trades->count;
    double *net = duet_alloc(n + 1, sizeof(*net)), won = 0, won_net = 0, lost = 0, lost_net = 0, up = 0, down = 0;
    double best = -INFINITY, worst = INFINITY, logs = 0, sum = 0, longest = 0, lengths = 0, paid = 0;
    for (size_t i = 0; i < n; i++) {
        const struct duet_tape_trade *trade = &trades->items[i];
        double fraction = trade->net / (trade->quantity * trade->entry);
        double length = (double)(tape->bars[trade->exit_bar].label_ns - tape->bars[trade->entry_bar].label_ns);
        net[i] = trade->net;
        paid += trade->commission;
        *(trade->net > 0 ? &won_net : &lost_net) += trade->net;
        won += trade->net > 0;
        lost += trade->net < 0;
        *(fraction > 0 ? &up : &down) += fraction;
        best = fmax(best, fraction);
        worst = fmin(worst, fraction);
        logs = fraction <= -1 ? -INFINITY : logs + log1p(fraction);
        sum += fraction;
        longest = fmax(longest, length);
        lengths += length;
    }
    double count = (double)n, rate = won / count;
    duet_figure_set(out, "# Trades", count);
    duet_figure_set(out, "Commissions [$]", paid);
    duet_figure_set(out, "Win Rate [%]", rate * 100);
    duet_figure_set(out, "Best Trade [%]", best * 100);
    duet_figure_set(out, "Worst Trade [%]", worst * 100);
    duet_figure_set(out, "Avg. Trade [%]", isinf(logs) ? 0 : expm1(logs / count) * 100);
    duet_figure_set(out, "Max. Trade Duration", n > 0 ? rounded_up(longest, step) : NAN);
    duet_figure_set(out, "Avg. Trade Duration", rounded_up(lengths / count, step));
    duet_figure_set(out, "Profit Factor", up / -down);
    duet_figure_set(out, "Expectancy [%]", sum / count * 100);
    duet_figure_set(out, "SQN", sqrt(count) * duet_mean(net, n) / duet_deviation(net, n, 1));
    duet_figure_set(out, "Kelly Criterion", rate - (1 - rate) / ((won_net / won) / (-lost_net / lost)));
    free(net);
}

static void compute(const struct duet_result *result, struct duet_analysis *out) {
    const struct duet_tape *tape = result->tape;
    if (tape == NULL || tape->bar_count < 2) {
        duet_figures_none(out, "under two bars");
        return;
    }
    const struct duet_tape_bar *first = &tape->bars[0], *last = &tape->bars[tape->bar_count - 1];
    int64_t step = median_step(tape);
    double peak = 0, duration = (double)(last->label_ns - first->label_ns);
    for (size_t i = 0; i < tape->bar_count; i++) {
        peak = fmax(peak, tape->bars[i].equity);
    }
    duet_figure_set_time(out, "Start", first->label_ns);
    duet_figure_set_time(out, "End", last->label_ns);
    duet_figure_set(out, "Duration", duration / 1e9);
    duet_figure_set(out, "Equity Final [$]", last->equity);
    duet_figure_set(out, "Equity Peak [$]", peak);
    duet_figure_set(out, "CAGR [%]", (pow(last->equity / first->equity, 365.25 * DUET_DAY_NS / duration) - 1) * 100);
    set_drawdowns(tape, step, out);
    set_annual(result, out);
    set_market(tape, out);
    struct duet_tape_trades trades;
    duet_tape_pieces(tape, &trades);
    set_exposure(tape, &trades, out);
    set_trades(tape, &trades, step, out);
    duet_tape_trades_finish(&trades);
}

const struct duet_convention duet_convention_backtesting = {
    .name = "backtesting",
    .about = "the table of backtesting.py 0.6: bars, percentages, geometric returns, each closed piece a trade",
    .wants = DUET_WANTS_BARS,
    .table = table,
    .count = sizeof(table) / sizeof(table[0]),
    .compute = compute,
};
