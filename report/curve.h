/*
 * The equity curve, taken once per instant while the run goes on: drawdown per instant, one value per day for returns,
 * exposure by time. Memory grows with days, not with instants.
 */
#ifndef DUET_REPORT_CURVE_H
#define DUET_REPORT_CURVE_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/money.h>

struct duet_curve_day {
    int64_t last_ns; // last instant of the day
    int64_t day; // days since 1970-01-01 in the run's zone
    duet_money equity;
};

struct duet_curve {
    duet_money initial;
    struct duet_curve_day *days; // owned; closed days and, at the end, the last
    uint64_t day_count, day_capacity;
    int64_t first_ns, last_ns;
    int64_t day_end_ns; // first instant of the next day
    int64_t (*day_end)(const void *argument, int64_t ns, int64_t *day);
    const void *argument;
    duet_money last; // equity at last_ns
    /* drawdown */
    duet_money peak;
    int64_t peak_ns;
    double peak_d, worst_fraction; // (peak - equity) / peak, largest
    duet_money worst_amount;
    int64_t worst_peak_ns, worst_ns, worst_recovered_ns; // recovered 0: not yet
    /* exposure */
    double exposed_ns; // time with a position
    double leverage_ns; // integral of gross / equity over time
    bool exposed;
    double leverage;
};

/**
 * `day_end(argument, ns, &day)` gives the first instant after the day of `ns`, and its number. `initial` is the first
 * peak and the base of the first return; the curve begins at the first duet_curve_take().
 */
void duet_curve_init(struct duet_curve *curve, duet_money initial,
    int64_t (*day_end)(const void *argument, int64_t ns, int64_t *day), const void *argument);
void duet_curve_finish(struct duet_curve *curve);

/** A new day, a new peak or a deeper drawdown: the slow part of duet_curve_take(). */
void duet_curve_turn(struct duet_curve *curve, int64_t ns, duet_money equity);

/** Equity after everything at `ns`; `gross` is what is at risk right now. Called at every instant, in order. */
static inline void duet_curve_take(struct duet_curve *curve, int64_t ns, duet_money equity, duet_money gross) {
    if (curve->exposed) {
        double span = (double)(ns - curve->last_ns);
        curve->exposed_ns += span;
        curve->leverage_ns += span * curve->leverage;
    }
    curve->exposed = gross != 0;
    if (curve->exposed) {
        curve->leverage = duet_money_to_double(gross) / duet_money_to_double(equity);
    }
    double below = curve->peak_d - duet_money_to_double(equity);
    if (__builtin_expect(
            ns >= curve->day_end_ns || equity > curve->peak || below > curve->worst_fraction * curve->peak_d, 0)) {
        duet_curve_turn(curve, ns, equity);
    }
    curve->last_ns = ns;
    curve->last = equity;
}

#endif
