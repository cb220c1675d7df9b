#include "report/curve.h"

#include <stdlib.h>
#include <string.h>

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
        day.peak = curve->peak;
    }
    return day;
}

/** Into its place in `list`, earlier ones first among equals; the last falls off a full list. */
static uint32_t drawdowns_insert(
    struct duet_curve_drawdown *list, uint32_t count, const struct duet_curve_drawdown *drawdown) {
    uint32_t place = count;
    while (place > 0 && list[place - 1].depth < drawdown->depth) {
        place--;
    }
    if (place == DUET_CURVE_DRAWDOWNS_MAX) {
        return count;
    }
    count = count < DUET_CURVE_DRAWDOWNS_MAX ? count + 1 : count;
    memmove(&list[place + 1], &list[place], (count - 1 - place) * sizeof(*list));
    list[place] = *drawdown;
    return count;
}

uint32_t duet_curve_drawdowns(
    const struct duet_curve *curve, struct duet_curve_drawdown out[DUET_CURVE_DRAWDOWNS_MAX]) {
    memcpy(out, curve->deepest, sizeof(curve->deepest));
    if (curve->under && curve->now.depth > 0) {
        return drawdowns_insert(out, curve->deepest_count, &curve->now);
    }
    return curve->deepest_count;
}

static void curve_next_day(struct duet_curve *curve, int64_t ns) {
    if (curve->day_count > 0) {
        curve->days[curve->day_count - 1].last_ns = curve->last_ns;
        curve->days[curve->day_count - 1].equity = curve->last;
        curve->days[curve->day_count - 1].peak = curve->peak;
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
        if (curve->now.depth > 0) {
            curve->now.end_ns = ns;
            curve->deepest_count = drawdowns_insert(curve->deepest, curve->deepest_count, &curve->now);
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
        curve->now = (struct duet_curve_drawdown){.peak_ns = curve->peak_ns};
        // What is no deeper than all those that are kept is not looked at. A hair above the true floor, so that
        // rounding never hides a deeper drawdown.
        double least =
            curve->deepest_count < DUET_CURVE_DRAWDOWNS_MAX ? 0 : curve->deepest[DUET_CURVE_DRAWDOWNS_MAX - 1].depth;
        curve->fall_at = curve->peak - (duet_money)(least * peak * (1 - 0x1p-50));
        if (equity >= curve->fall_at) {
            return;
        }
    }
    double fraction = (double)(curve->peak - equity) / peak;
    if (fraction > curve->now.depth && curve->peak > 0) {
        curve->now.depth = fraction;
        curve->now.trough_ns = ns;
        curve->fall_at = equity;
    }
    if (fraction > curve->worst_fraction && curve->peak > 0) {
        curve->worst_fraction = fraction;
        curve->worst_amount = curve->peak - equity;
        curve->worst_peak_ns = curve->peak_ns;
        curve->worst_ns = ns;
        curve->worst_recovered_ns = 0;
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
