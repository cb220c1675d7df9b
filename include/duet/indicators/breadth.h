/*
 * Breadth: how many of several instruments rise and fall. The bars of one instant come in turn, those of each member
 * in the same place; with the last of them the values are those of the instant. A member without a bar is skipped. What
 * holds for all stands in <duet/indicators/rolling.h>.
 */
#ifndef DUET_INDICATORS_BREADTH_H
#define DUET_INDICATORS_BREADTH_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <duet/indicators/parts.h>
#include <duet/indicators/rolling.h>

/* ------------------------------------------------------------------ breadth */

/**
 * Members that close above and below their close before: the difference of their numbers, the ratio, that of their
 * volumes, and the Arms index (TRIN), the ratio of these. A ratio to nothing is its upper half; the Arms index is 0
 * where the ratio of the volumes is. First with the second instant.
 */
struct duet_breadth {
    double value; // advances - declines
    double ratio, volume_ratio, arms;
    double line; // sum of all values, the advance and decline line
    int64_t members, turn, instants, advances, declines; // of the instant that is under way
    double up_volume, down_volume;
    double closes[DUET_WINDOW_MAX]; // the last of each, NAN before the first
};

/** `members` is clamped to 1..DUET_WINDOW_MAX. */
static inline void duet_breadth_init(struct duet_breadth *self, int64_t members) {
    memset(self, 0, sizeof(*self));
    self->members = duet_clamp_(members, 1, DUET_WINDOW_MAX);
    self->value = self->ratio = self->volume_ratio = self->arms = self->line = (double)NAN;
    for (int64_t i = 0; i < DUET_WINDOW_MAX; i++) {
        self->closes[i] = (double)NAN;
    }
}

static inline double duet_breadth_over_(double up, double down) {
    return duet_ratio_(up, down, up);
}

static inline double duet_breadth_next_(struct duet_breadth *self) {
    if (++self->turn < self->members) {
        return self->value;
    }
    if (self->instants++ > 0) {
        self->value = (double)(self->advances - self->declines);
        self->ratio = duet_breadth_over_((double)self->advances, (double)self->declines);
        self->volume_ratio = duet_breadth_over_(self->up_volume, self->down_volume);
        self->arms = duet_ratio_(self->ratio, self->volume_ratio, 0);
        self->line = isnan(self->line) ? self->value : self->line + self->value;
    }
    self->turn = self->advances = self->declines = 0;
    self->up_volume = self->down_volume = 0;
    return self->value;
}

/** The bar of the member whose turn it is. */
static inline double duet_breadth_update(struct duet_breadth *self, double close, double volume) {
    if (!duet_finite_(close, volume, 0, 0)) {
        return self->value;
    }
    double last = self->closes[self->turn];
    self->closes[self->turn] = close;
    if (close > last) {
        self->advances++;
        self->up_volume += volume;
    } else if (close < last) {
        self->declines++;
        self->down_volume += volume;
    }
    return duet_breadth_next_(self);
}

/** The member whose turn it is has no bar at this instant: it neither rises nor falls. */
static inline double duet_breadth_skip(struct duet_breadth *self) {
    return duet_breadth_next_(self);
}

DUET_INDICATOR_READS_(duet_breadth)

/* ------------------------------------------------------------------ new highs */

/** Room for the highs and lows of all members: their number times the length. */
#define DUET_NEW_HIGHS_MAX 4096

/**
 * Members with a high above all highs of their `length` bars before, less members with a low below all those lows; the
 * ratio of the numbers, and both of the volumes. A ratio to nothing is its upper half. First with instant length + 1.
 */
struct duet_new_highs {
    double value;
    double ratio, volume, volume_ratio;
    int64_t members, length, turn, instants, highs, lows;
    double high_volume, low_volume;
    double high_slots[DUET_NEW_HIGHS_MAX], low_slots[DUET_NEW_HIGHS_MAX]; // by member and instant
};

/** `members` is clamped to 1..64, `length` to what fits: members * length is at most DUET_NEW_HIGHS_MAX. */
static inline void duet_new_highs_init(struct duet_new_highs *self, int64_t members, int64_t length) {
    memset(self, 0, sizeof(*self));
    self->members = duet_clamp_(members, 1, 64);
    self->length = duet_clamp_(length, 1, DUET_NEW_HIGHS_MAX / self->members);
    self->value = self->ratio = self->volume = self->volume_ratio = (double)NAN;
}

static inline void duet_new_highs_count_(
    struct duet_new_highs *self, const double *highs, const double *lows, double high, double low, double volume) {
    bool above = true, below = true;
    for (int64_t i = 0; i < self->length; i++) {
        above = above && high > highs[i];
        below = below && low < lows[i];
    }
    self->highs += above;
    self->lows += below;
    self->high_volume += above ? volume : 0;
    self->low_volume += below ? volume : 0;
}

/** The bar of the member whose turn it is. */
static inline double duet_new_highs_update(struct duet_new_highs *self, double high, double low, double volume) {
    if (!duet_finite_(high, low, volume, 0)) {
        return self->value;
    }
    double *highs = self->high_slots + self->turn * self->length, *lows = self->low_slots + self->turn * self->length;
    if (self->instants >= self->length) {
        duet_new_highs_count_(self, highs, lows, high, low, volume);
    }
    highs[self->instants % self->length] = high;
    lows[self->instants % self->length] = low;
    if (++self->turn < self->members) {
        return self->value;
    }
    if (self->instants++ >= self->length) {
        self->value = (double)(self->highs - self->lows);
        self->ratio = duet_ratio_((double)self->highs, (double)self->lows, (double)self->highs);
        self->volume = self->high_volume - self->low_volume;
        self->volume_ratio = duet_ratio_(self->high_volume, self->low_volume, self->high_volume);
    }
    self->turn = self->highs = self->lows = 0;
    self->high_volume = self->low_volume = 0;
    return self->value;
}

DUET_INDICATOR_READS_(duet_new_highs)

#endif
