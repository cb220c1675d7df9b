/*
 * The equity curve, taken once per instant while the run goes on: drawdown per instant, one value per day for returns,
 * exposure by time. Memory grows with days, not with instants.
 *
 * An instant closes what happened before it, so one at midnight belongs to the day that it ends.
 */
#ifndef DUET_REPORT_CURVE_H
#define DUET_REPORT_CURVE_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/money.h>

struct duet_curve_day {
    int64_t last_ns; // last instant of the day
    int64_t day; // days since 1970-01-01 in the run's zone
    duet_money equity; // after it
    duet_money peak; // highest equity at any instant up to it
};

/** Drawdowns that are kept. */
#define DUET_CURVE_DRAWDOWNS_MAX 10

/** From a peak to the instant at which equity was there again. */
struct duet_curve_drawdown {
    int64_t peak_ns, trough_ns, end_ns; // the last instant at the peak; the first at the bottom; 0: not over
    double depth; // (peak - equity) / peak at the bottom
};

struct duet_curve {
    duet_money initial;
    struct duet_curve_day *days; // owned; the last is still open: read it through duet_curve_day()
    uint64_t day_count, day_capacity;
    int64_t first_ns, last_ns; // valid while day_count > 0
    int64_t day_end_ns; // first instant of the next day
    int64_t (*day_end)(const void *argument, int64_t ns, int64_t *day);
    const void *argument;
    duet_money last; // equity at last_ns
    /* drawdown; while equity stays in [fall_at, rise_at) nothing changes */
    duet_money rise_at, fall_at;
    duet_money peak;
    int64_t peak_ns; // under water: the last instant at the peak
    bool under; // below the peak
    double worst_fraction; // (peak - equity) / peak, largest; above 1 where equity fell below zero
    duet_money worst_amount; // peak - equity of that one
    int64_t worst_peak_ns, worst_ns, worst_recovered_ns; // recovered 0: not yet
    int64_t longest_ns; // from a peak to its recovery, the longest that is over
    struct duet_curve_drawdown deepest[DUET_CURVE_DRAWDOWNS_MAX]; // those that are over, deepest first
    uint32_t deepest_count;
    struct duet_curve_drawdown now; // the one under way; depth 0 where it would not be among them so far
    /* exposure */
    int64_t exposure_ns; // counted up to here while exposed
    int64_t exposed_ns; // time with a position
    double leverage_ns; // integral of gross / equity over time
    double leverage; // now
    bool exposed;
};

/**
 * `day_end(argument, ns, &day)` gives the first instant after the day that holds `ns`, and its number. `initial` is the
 * first peak and the base of the first return; the curve begins at the first duet_curve_take().
 */
void duet_curve_init(struct duet_curve *curve, duet_money initial,
    int64_t (*day_end)(const void *argument, int64_t ns, int64_t *day), const void *argument);
void duet_curve_finish(struct duet_curve *curve);

/** A `day_end` for UTC days; `argument` is not looked at. */
int64_t duet_curve_utc_day_end(const void *argument, int64_t ns, int64_t *day);

/** One day, the open one as it stands now; index < day_count. */
struct duet_curve_day duet_curve_day(const struct duet_curve *curve, uint64_t index);

/** The deepest drawdowns up to now, deepest first, the one under way among them; how many. */
uint32_t duet_curve_drawdowns(const struct duet_curve *curve, struct duet_curve_drawdown out[DUET_CURVE_DRAWDOWNS_MAX]);

/** A new day, a new peak, a dip or a deeper one: the slow part of duet_curve_take(). */
void duet_curve_turn(struct duet_curve *curve, int64_t ns, duet_money equity);

/** gross / equity for equity > 0; quick where both fit 64 bits, which is up to nine million units. */
static inline double duet_curve_ratio(duet_money gross, duet_money equity) {
    if (__builtin_expect((gross >> 63) == 0 && (equity >> 63) == 0, 1)) {
        return (double)(int64_t)gross / (double)(int64_t)equity;
    }
    return duet_money_to_double(gross) / duet_money_to_double(equity);
}

/**
 * Positions changed at `ns`, between two takes: from here on `gross` is at risk. Only exposure looks at it; for fills
 * at an opening, which come after the take of the same instant or long before the next one.
 */
static inline void duet_curve_expose(struct duet_curve *curve, int64_t ns, duet_money equity, duet_money gross) {
    if (curve->exposed) {
        int64_t span = ns - curve->exposure_ns;
        curve->exposed_ns += span;
        curve->leverage_ns += (double)span * curve->leverage;
    }
    curve->exposure_ns = ns;
    curve->exposed = gross != 0;
    curve->leverage = gross != 0 && equity > 0 ? duet_curve_ratio(gross, equity) : 0;
}

/**
 * Equity at `ns`, once the bars that close there are valued; `gross` is what is at risk right now. Called at every
 * instant, in order; a second call at the same instant is a later state of it. What an opening at `ns` fills belongs to
 * the bar that begins there: take first, then match the opening, then duet_curve_expose().
 */
static inline void duet_curve_take(struct duet_curve *curve, int64_t ns, duet_money equity, duet_money gross) {
    if (curve->exposed || gross != 0) {
        duet_curve_expose(curve, ns, equity, gross);
    }
    if (__builtin_expect(ns > curve->day_end_ns || equity >= curve->rise_at || equity < curve->fall_at, 0)) {
        duet_curve_turn(curve, ns, equity);
    }
    curve->last_ns = ns;
    curve->last = equity;
}

#endif
