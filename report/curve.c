#include "report/curve.h"

#include <stdlib.h>

#include <duet/bar.h>

#include "base/assert.h"
#include "base/text.h"

void duet_curve_init(struct duet_curve *curve, duet_money initial,
    int64_t (*day_end)(const void *argument, int64_t ns, int64_t *day), const void *argument) {
    *curve = (struct duet_curve){
        .initial = initial,
        .day_end_ns = INT64_MIN,
        .day_end = day_end,
        .argument = argument,
        .last = initial,
        .peak = initial,
        .rise_at = initial + 1,
        .fall_at = initial,
    };
}

void duet_curve_finish(struct duet_curve *curve) {
    free(curve->days);
    curve->days = NULL;
    curve->day_count = curve->day_capacity = 0;
}

int64_t duet_curve_utc_day_end(const void *argument, int64_t ns, int64_t *day) {
    (void)argument;
    *day = ns / DUET_DAY_NS - (ns % DUET_DAY_NS < 0);
    return (*day + 1) * DUET_DAY_NS;
}

struct duet_curve_day duet_curve_day(const struct duet_curve *curve, uint64_t index) {
    DUET_ASSERT(index < curve->day_count);
    struct duet_curve_day day = curve->days[index];
    if (index + 1 == curve->day_count) {
        day.last_ns = curve->last_ns;
        day.equity = curve->last;
    }
    return day;
}

static void curve_next_day(struct duet_curve *curve, int64_t ns) {
    if (curve->day_count > 0) {
        curve->days[curve->day_count - 1].last_ns = curve->last_ns;
        curve->days[curve->day_count - 1].equity = curve->last;
    }
    if (curve->day_count == curve->day_capacity) {
        curve->day_capacity = curve->day_capacity == 0 ? 256 : curve->day_capacity * 2;
        curve->days = duet_realloc(curve->days, curve->day_capacity, sizeof(*curve->days));
    }
    struct duet_curve_day *day = &curve->days[curve->day_count++];
    *day = (struct duet_curve_day){.last_ns = ns};
    curve->day_end_ns = curve->day_end(curve->argument, ns - 1, &day->day);
}

static void curve_rise(struct duet_curve *curve, int64_t ns, duet_money equity) {
    if (curve->under) {
        if (curve->worst_fraction > 0 && curve->worst_peak_ns == curve->peak_ns && curve->worst_recovered_ns == 0) {
            curve->worst_recovered_ns = ns;
        }
        if (ns - curve->peak_ns > curve->longest_ns) {
            curve->longest_ns = ns - curve->peak_ns;
        }
        curve->under = false;
    }
    curve->peak = equity;
    curve->peak_ns = ns;
    curve->rise_at = equity + 1;
    curve->fall_at = equity;
}

static void curve_fall(struct duet_curve *curve, int64_t ns, duet_money equity, bool first) {
    double peak = (double)curve->peak;
    if (!curve->under) {
        curve->under = true;
        curve->peak_ns = first ? ns : curve->last_ns;
        curve->rise_at = curve->peak;
        // A hair above the true floor, so that rounding never hides a deeper drawdown.
        curve->fall_at = curve->peak - (duet_money)(curve->worst_fraction * peak * (1 - 0x1p-50));
    }
    double fraction = (double)(curve->peak - equity) / peak;
    if (fraction > curve->worst_fraction && curve->peak > 0) {
        curve->worst_fraction = fraction;
        curve->worst_amount = curve->peak - equity;
        curve->worst_peak_ns = curve->peak_ns;
        curve->worst_ns = ns;
        curve->worst_recovered_ns = 0;
        curve->fall_at = equity;
    }
}

void duet_curve_turn(struct duet_curve *curve, int64_t ns, duet_money equity) {
    bool first = curve->day_count == 0;
    if (first) {
        curve->first_ns = ns;
        curve->peak_ns = ns;
    }
    if (ns > curve->day_end_ns) {
        curve_next_day(curve, ns);
    }
    if (equity >= curve->rise_at) {
        curve_rise(curve, ns, equity);
    } else if (equity < curve->fall_at) {
        curve_fall(curve, ns, equity, first);
    }
}
