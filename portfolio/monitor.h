/*
 * Exits that the engine itself takes, whatever the strategy does: stop-loss, trailing stop, take-profit and age of a
 * position, in that order of priority, looked at once a period on the absolute grid, and sent as reduce-only market
 * orders flagged DUET_LOCAL. Part of the core: driven by TIMER inputs, deterministic, saved with it.
 *
 * Prices are the portfolio's marks; entry is the average price of the open part; the trailing stop follows the best
 * mark since the position was opened. A position is opened where it leaves zero or turns; adding to it changes neither
 * its age nor its best mark. What market orders of that side will close anyway is not sent again; a rejected or denied
 * exit is tried again at the next point.
 *
 * The grid is the multiples of the period since 1970. Its timer is under way only while something is held and some
 * rule is set, and comes ahead of the strategies' timers of the same instant.
 */
#ifndef DUET_PORTFOLIO_MONITOR_H
#define DUET_PORTFOLIO_MONITOR_H

#include <duet/component.h>

#include "portfolio/portfolio.h"

struct duet_monitor; // opaque

struct duet_monitor_options {
    int64_t period_ns; // 0: 60 s
    double stop_loss, take_profit, trailing; // fractions of the entry (trailing: of the best mark), up to 1000; 0: none
    int64_t max_age_ns; // 0: none
    const struct duet_instruments *instruments; // borrowed
    struct duet_portfolio *portfolio; // borrowed
};
/** DUET_EINVAL: a number out of range. */
DUET_MUST_CHECK enum duet_status duet_monitor_create(
    const struct duet_monitor_options *options, struct duet_bus *bus, struct duet_monitor **out);
void duet_monitor_destroy(struct duet_monitor *monitor);
struct duet_component *duet_monitor_component(struct duet_monitor *monitor);
/** A new mark, after the portfolio has it: keeps the best one since the position opened. Cheap where nothing is held.
 */
void duet_monitor_mark(struct duet_monitor *monitor, uint32_t instrument, int64_t price);
/** Other rules from now on; as in the options. DUET_EINVAL changes nothing. */
DUET_MUST_CHECK enum duet_status duet_monitor_set_rules(
    struct duet_monitor *monitor, double stop_loss, double take_profit, double trailing, int64_t max_age_ns);
struct duet_text;
void duet_monitor_save(const struct duet_monitor *monitor, struct duet_text *out);
/** Reads what save wrote from `*bytes` on and moves it forward; its timer is under way again. DUET_EDATA: not what save
 * wrote; nothing is watched then. */
DUET_MUST_CHECK enum duet_status duet_monitor_load(
    struct duet_monitor *monitor, const unsigned char **bytes, size_t *size);

#endif
