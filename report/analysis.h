/*
 * What a report shows beyond the single figures of stats.h: the daily series and what is made of it. One struct, filled
 * once after a run, read by the JSON, the summary and the page.
 *
 * Days are those of the curve (the run's zone). Returns are simple returns of a day's last equity to the next's, the
 * first against initial cash, as in stats.h: a weekend day that counts to its Monday has none. The benchmark is sampled
 * at the same instants, in money: the initial cash at the start of the run.
 */
#ifndef DUET_REPORT_ANALYSIS_H
#define DUET_REPORT_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/result.h"
#include "report/stats.h"

/** Window of the rolling figures, in returns. */
#define DUET_ROLLING_RETURNS 126
/** Drawdowns that are listed, deepest first. */
#define DUET_DRAWDOWNS_MAX DUET_CURVE_DRAWDOWNS_MAX

struct duet_analysis_day {
    int64_t ns; // last instant of the day
    double equity, benchmark; // benchmark: NAN where there is none yet
    double change, benchmark_change; // simple returns; NAN where there is none
    double drawdown; // at the day's end, below the highest equity at any instant so far; 0 … 1
    double rolling_sharpe, rolling_volatility; // annualised, over the last DUET_ROLLING_RETURNS; NAN until there are
    double rolling_beta; // to the benchmark, over the same returns; NAN where one of them has none
};

/** A calendar month, or a year where `month` is 0; the first and the last may be partial. */
struct duet_analysis_period {
    int year, month; // month 1 … 12
    double change, benchmark_change; // NAN where there is none
};

struct duet_analysis_drawdown {
    int64_t start_ns, trough_ns, end_ns; // last instant at the peak, the first at the bottom, back at it (0: not yet)
    double depth; // 0 … 1
};

/** Finished trades of one instrument, those of --at-end close apart; net of commissions. */
struct duet_analysis_instrument {
    char symbol[DUET_SYMBOL_MAX];
    uint64_t trades, won, longs;
    duet_money net, net_long;
};

/** How a figure reads: the number as it stands in the JSON, and what a person sees. */
enum duet_figure_unit {
    DUET_UNIT_NUMBER = 0, // 1.23
    DUET_UNIT_FRACTION, // 0.123 in JSON, 12.3 % for people
    DUET_UNIT_MONEY,
    DUET_UNIT_COUNT,
    DUET_UNIT_SECONDS, // a duration
    DUET_UNIT_TIME, // nanoseconds UTC
};

/** The group of what is paid; the JSON has an object of its own for it. */
#define DUET_GROUP_COSTS "costs"

/** One figure: a row of the table that drives the summary, the JSON, the page and the reference. */
struct duet_figure {
    const char *key; // stable, as in JSON `stats`
    const char *group; // "returns", "risk", "benchmark", "trades", "costs" …
    const char *label; // for people
    const char *formula; // one line
    enum duet_figure_unit unit;
    bool main; // shown in the summary of a run under this convention
    struct duet_stat stat; // `na` counts for every unit; `value` for all but MONEY and TIME
    duet_money money; // unit MONEY: exact
    int64_t time_ns; // unit TIME
};

struct duet_analysis {
    struct duet_stats stats; // by the convention duet-1, whatever `convention` is
    char convention[24]; // of the figures
    struct duet_figure *figures; // owned; in the order in which they are shown
    size_t figure_count;
    char **keys; // owned; of rows that only this run has, such as one per year
    size_t key_count;
    struct duet_analysis_day *days; // owned
    size_t day_count;
    struct duet_analysis_period *months, *years; // owned
    size_t month_count, year_count;
    struct duet_analysis_drawdown drawdowns[DUET_DRAWDOWNS_MAX];
    size_t drawdown_count;
    struct duet_analysis_instrument *instruments; // owned; those with a finished trade, in the run's order
    size_t instrument_count;
    char benchmark[160]; // what it is, for people; "" where there is none
};

/**
 * `convention` is one of duet_convention_name(), or NULL: the one that the result names, else "duet-1". DUET_EINVAL for
 * another, with the nearest. On success release with duet_analysis_finish(); the result is not needed any longer.
 */
DUET_MUST_CHECK enum duet_status duet_analysis_compute(
    const struct duet_result *result, const char *convention, struct duet_analysis *out);
void duet_analysis_finish(struct duet_analysis *analysis);

/** "duet-1", "backtrader", "backtesting", "lean", "empyrical"; NULL past the last. */
const char *duet_convention_name(size_t index);

#endif
