/* LEAN's portfolio and trade statistics; apart, so that they can be had from lists. */
#ifndef DUET_REPORT_CONVENTIONS_LEAN_H
#define DUET_REPORT_CONVENTIONS_LEAN_H

#include "report/conventions/convention.h"

/** What PortfolioStatistics takes. */
struct duet_lean_portfolio {
    double starting_capital, risk_free;
    unsigned days_a_year;
    const int64_t *times_ns; // of the equity
    const double *equity;
    size_t equity_count;
    const double *performance, *benchmark; // daily changes, side by side
    size_t count;
    const double *profit_loss; // of closing fills, in order
    size_t profit_loss_count;
};
/** Fills the rows of group "PortfolioStatistics". */
void duet_lean_portfolio_compute(const struct duet_lean_portfolio *portfolio, struct duet_analysis *out);
/** Fills the rows of group "TradeStatistics"; trades in the order of their ends, gross, fees apart. */
void duet_lean_trades_compute(const struct duet_tape_trade *trades, size_t count, struct duet_analysis *out);

#endif
