/*
 * The result of a run: everything the summary, the JSON and the CSV files are made of. The engine fills it; `report/`
 * computes the statistics and writes it out.
 */
#ifndef DUET_REPORT_RESULT_H
#define DUET_REPORT_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "portfolio/portfolio.h"
#include "report/curve.h"
#include "report/decisions.h"
#include "report/tape.h"
#include "report/trades.h"

/** One open position at the end. */
struct duet_result_position {
    char symbol[DUET_SYMBOL_MAX];
    int64_t quantity;
    uint32_t quantity_decimals, price_decimals;
    int64_t mark;
    double average_price;
    duet_money value, unrealized;
};

/** One data series as `data` in the JSON. */
struct duet_result_data {
    char symbol[DUET_SYMBOL_MAX], path[1024], dialect[32], tz[48];
    char kind[8]; // "bars", "trades", "quotes"
    char stamp[8]; // "" of trades and quotes
    char first[40], last[40]; // labels as written
    int64_t interval_ns;
    uint64_t rows, skipped;
};

#define DUET_RESULT_FIRST_MAX 1056

/** A counted warning or an assumption. */
struct duet_result_note {
    char code[40];
    char text[240]; // sentence for people
    uint64_t count;
    char first[DUET_RESULT_FIRST_MAX]; // where it was first seen, a file's line or a time; "" if nowhere
};

struct duet_result_param {
    char name[48];
    char value[48]; // as it would be typed
    bool is_number; // printed without quotes in JSON
};

#define DUET_RESULT_NOTES_MAX 64
#define DUET_RESULT_PARAMS_MAX 64

struct duet_result {
    char mode[16]; // "backtest"
    char status[16]; // "OK", "RUINED"
    char strategy[64], currency[DUET_CURRENCY_MAX], fill_profile[24];
    char statistics[24]; // convention of the figures; "": duet-1
    struct duet_result_param params[DUET_RESULT_PARAMS_MAX];
    size_t param_count;
    struct duet_result_param
        settings[DUET_RESULT_PARAMS_MAX]; // what decides and is not at its default, e.g. commission
    size_t setting_count;
    char plugin_sha256[65], data_sha256[65];
    int64_t start_ns, end_ns; // first and last instant of the run
    uint64_t bars, ticks, events; // `ticks`: trades and quotes
    struct duet_portfolio_counts counts;
    duet_money initial_cash, final_cash, final_equity;
    duet_money realized, unrealized;
    struct duet_costs costs;
    struct duet_result_position *positions; // owned
    size_t position_count;
    /** The same cash in the same instruments, equally weighted, bought at the first tradable opening and held, at the
     * same costs. */
    struct {
        bool available;
        duet_money final_equity, commission;
        double total_return, max_drawdown;
    } buy_and_hold;
    /** What the run is held against, in money, at the last instant of each day of the curve: the last value known
     * there, scaled so that the run begins at the initial cash. NAN before there is one. NULL: no benchmark. */
    double *benchmark; // owned; curve->day_count of them
    char benchmark_name[160]; // for people: "buy and hold", "SPY"; "" for none
    uint64_t event_hash, decision_hash;
    struct duet_curve *curve; // owned by the engine; daily equity, drawdown, exposure
    struct duet_trades *trades; // owned by the engine; flat to flat
    const struct duet_decisions *decisions; // owned by the engine; NULL: not kept
    struct duet_tape *tape; // owned by the engine; NULL where the convention does not want it
    bool weekend_bars; // Saturday bars in over half of the weeks
    struct duet_result_note assumptions[DUET_RESULT_NOTES_MAX], warnings[DUET_RESULT_NOTES_MAX];
    size_t assumption_count, warning_count;
    struct duet_result_data *data; // owned
    size_t data_count;
    double load_s, run_s, total_s;
};

/** Add a warning or an assumption; past DUET_RESULT_NOTES_MAX the last one counts the rest. `first` may be NULL. */
void duet_result_warn(struct duet_result *result, const char *code, uint64_t count, const char *first,
    const char *format, ...) DUET_PRINTF(5, 6);
void duet_result_assume(struct duet_result *result, const char *code, const char *format, ...) DUET_PRINTF(3, 4);
/** Frees what is marked as owned. */
void duet_result_finish(struct duet_result *result);

#endif
