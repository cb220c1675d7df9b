/*
 * The CSV files of a run, one row at a time while it goes on: RFC 4180 (quotes where needed, a header line) but with
 * LF, times `YYYY-MM-DD HH:MM:SS[.f]` UTC, money exact. Made for millions of rows: digits are set by hand into a
 * buffer, and the calendar date is kept until the day turns.
 *
 *   fills   time,symbol,side,quantity,price,commission,cash,order_id,fill_id,reason
 *           quantity is signed; cash is what is left after the fill
 *   orders created,updated,symbol,side,type,tif,quantity,filled,price,stop,status,reason_code,average_price,commission,
 *           reason,order_id
 *           price, stop and average_price are empty where there is none
 *   trades  trade_id,symbol,side,quantity,entry_time,entry_price,exit_time,exit_price,gross,commission,net,return,
 *           at_end,entry_reason,exit_reason
 *   equity  time,equity,cash,gross
 *
 * A file appears under its name only at duet_rows_commit().
 */
#ifndef DUET_REPORT_ROWS_H
#define DUET_REPORT_ROWS_H

#include "base/file.h"
#include "portfolio/portfolio.h"
#include "report/trades.h"

enum duet_rows_kind { DUET_ROWS_FILLS = 0, DUET_ROWS_ORDERS, DUET_ROWS_TRADES, DUET_ROWS_EQUITY, DUET_ROWS_KIND_COUNT };

/** A file being written; zeroed is closed. */
struct duet_rows {
    struct duet_output output;
    const struct duet_instruments *instruments; // borrowed; not needed for equity
    enum duet_rows_kind kind;
    char *buffer; // owned; NULL while closed
    size_t used;
    int64_t day_ns; // first instant of the day that `date` names
    char date[11]; // "YYYY-MM-DD "
};

/** Open and write the header line. "-" is standard output. */
DUET_MUST_CHECK enum duet_status duet_rows_open(
    struct duet_rows *rows, enum duet_rows_kind kind, const char *path, const struct duet_instruments *instruments);

/* One row each; `rows` must be of that kind. A write that failed shows at the commit. */

/** `reason` is the order's; may be NULL. `cash` is after the fill. */
void duet_rows_fill(struct duet_rows *rows, const struct duet_fill *fill, duet_money cash, const char *reason);
/** An order in its final state. */
void duet_rows_order(struct duet_rows *rows, const struct duet_order *order);
void duet_rows_trade(struct duet_rows *rows, const struct duet_trade_record *trade);
void duet_rows_equity(struct duet_rows *rows, int64_t ns, duet_money equity, duet_money cash, duet_money gross);

/** Write out, sync, rename. On failure nothing is left behind, and `rows` is closed either way. */
DUET_MUST_CHECK enum duet_status duet_rows_commit(struct duet_rows *rows);
/** Throw it away. Safe on a closed one. */
void duet_rows_abandon(struct duet_rows *rows);

#endif
