/*
 * Exits that the engine itself takes, whatever the strategy does: stop-loss, trailing stop, take-profit and age of a
 * position, in that order of priority, looked at once a period on the absolute grid, and sent as reduce-only market
 * orders flagged DUET_LOCAL. Part of the core: driven by TIMER inputs, deterministic, saved with it.
 *
 * Prices are the portfolio's marks; entry is the average price of the open part; the trailing stop follows the best
 * mark since the position was opened.
 */
#ifndef DUET_PORTFOLIO_MONITOR_H
#define DUET_PORTFOLIO_MONITOR_H

#include <duet/component.h>

#include "portfolio/portfolio.h"

struct duet_monitor; // opaque

struct duet_monitor_options {
    int64_t period_ns; // 0: 60 s
    double stop_loss, take_profit, trailing; // fractions of the entry (trailing: of the best mark); 0: none
    int64_t max_age_ns; // 0: none
    const struct duet_instruments *instruments; // borrowed
    struct duet_portfolio *portfolio; // borrowed
};
DUET_MUST_CHECK enum duet_status duet_monitor_create(
    const struct duet_monitor_options *options, struct duet_bus *bus, struct duet_monitor **out);
void duet_monitor_destroy(struct duet_monitor *monitor);
struct duet_component *duet_monitor_component(struct duet_monitor *monitor);
/** A new mark: keeps the best one since the position opened. Cheap where nothing is held. */
void duet_monitor_mark(struct duet_monitor *monitor, uint32_t instrument, int64_t price);
struct duet_text;
void duet_monitor_save(const struct duet_monitor *monitor, struct duet_text *out);
/** Reads what save wrote from `*bytes` on and moves it forward. DUET_EDATA. */
DUET_MUST_CHECK enum duet_status duet_monitor_load(
    struct duet_monitor *monitor, const unsigned char **bytes, size_t *size);

#endif
