#include "report/diary.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"

void duet_diary_init(struct duet_diary *diary, double initial_cash) {
    *diary = (struct duet_diary){.instants_per_point = 1, .peak = initial_cash};
    diary->points = duet_alloc(DUET_DIARY_POINTS_MAX, sizeof(*diary->points));
}

void duet_diary_finish(struct duet_diary *diary) {
    free(diary->trades);
    free(diary->points);
    *diary = (struct duet_diary){0};
}

void duet_diary_trade(struct duet_diary *diary, const struct duet_trade_record *trade) {
    if (diary->trade_count == DUET_DIARY_TRADES_MAX) {
        return;
    }
    if (diary->trade_count == diary->trade_capacity) {
        diary->trade_capacity = diary->trade_capacity == 0 ? 64 : 2 * diary->trade_capacity;
        diary->trades = duet_realloc(diary->trades, diary->trade_capacity, sizeof(*diary->trades));
    }
    diary->trades[diary->trade_count++] = *trade;
}

/** Half as many points, each of twice as many instants. All points are full when this is called. */
static void diary_thin(struct duet_diary *diary) {
    for (size_t i = 0; i < DUET_DIARY_POINTS_MAX / 2; i++) {
        struct duet_diary_point first = diary->points[2 * i];
        struct duet_diary_point second = diary->points[2 * i + 1];
        second.drawdown = fmax(first.drawdown, second.drawdown);
        diary->points[i] = second;
    }
    diary->point_count = DUET_DIARY_POINTS_MAX / 2;
    diary->instants_per_point *= 2;
    diary->instants_in_last = diary->instants_per_point;
}

void duet_diary_instant(struct duet_diary *diary, int64_t ns, double equity) {
    diary->peak = fmax(diary->peak, equity);
    double drawdown = diary->peak > 0 ? (diary->peak - equity) / diary->peak : 0;
    struct duet_diary_point *last = diary->point_count > 0 ? &diary->points[diary->point_count - 1] : NULL;
    if (last != NULL && (ns == last->ns || diary->instants_in_last < diary->instants_per_point)) {
        diary->instants_in_last += ns != last->ns;
        last->ns = ns;
        last->equity = equity;
        last->drawdown = fmax(last->drawdown, drawdown);
        return;
    }
    if (diary->point_count == DUET_DIARY_POINTS_MAX) {
        diary_thin(diary);
    }
    diary->points[diary->point_count++] = (struct duet_diary_point){.ns = ns, .equity = equity, .drawdown = drawdown};
    diary->instants_in_last = 1;
}
