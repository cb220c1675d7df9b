/*
 * What the page of a run wants to know that nobody keeps otherwise: its trades and its equity at every instant, both
 * within bounds. Kept only where a report was asked for.
 */
#ifndef DUET_REPORT_DIARY_H
#define DUET_REPORT_DIARY_H

#include <stddef.h>
#include <stdint.h>

#include "report/trades.h"

/** Trades that are kept, the first ones; trades.csv has them all. */
#define DUET_DIARY_TRADES_MAX 20000
/** Points of the curve; even. When they are full, two neighbours become one. */
#define DUET_DIARY_POINTS_MAX 8192

/** One or more instants in a row. */
struct duet_diary_point {
    int64_t ns; // the last of them
    double equity; // after it
    double drawdown; // the deepest at any of them, 0 … 1 (above 1 where equity is below zero)
};

struct duet_diary {
    struct duet_trade_record *trades; // owned
    size_t trade_count, trade_capacity;
    struct duet_diary_point *points; // owned
    size_t point_count;
    uint64_t instants_per_point, instants_in_last;
    double peak; // of equity, from initial cash on
};

void duet_diary_init(struct duet_diary *diary, double initial_cash);
void duet_diary_finish(struct duet_diary *diary);
/** A finished trade; copied. */
void duet_diary_trade(struct duet_diary *diary, const struct duet_trade_record *trade);
/** Equity at `ns`, in order; once more at the same instant is a later state of it. */
void duet_diary_instant(struct duet_diary *diary, int64_t ns, double equity);

#endif
