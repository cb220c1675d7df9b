/* Which prices a market traded at. What holds for all stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_PROFILE_H
#define DUET_INDICATORS_PROFILE_H

#include <duet/indicators/parts.h>

/** One price of a profile, and what was traded there. */
struct duet_profile_level {
    double price, volume;
    int64_t bars;
};

/**
 * Market profile of the last `length` bars: closes rounded up to whole multiples of `tick`, with the volume at each, or
 * with weight 1 for each bar (time profile).
 *
 * value: the price with the most (point of control; of equals the one nearer the middle of the list, then the lower);
 * volume there; high and low of the profile; area_low and area_high: the value area, which grows from the point of
 * control towards the larger neighbour, upwards where they are equal, until it holds more than `share` of all. All
 * levels are in levels[0..count), rising.
 *
 * First with update `length`. Time grows with `length`.
 */
struct duet_profile {
    double value, volume, high, low, area_low, area_high;
    struct duet_ring_ ring;
    double share, ticks; // ticks: in one unit of price
    int64_t count;
    struct duet_profile_level levels[DUET_PART_MAX + 1];
    double prices[DUET_PART_MAX], volumes[DUET_PART_MAX];
};

/** `length` is clamped to 1..DUET_PART_MAX, `share` to 0..1; usual: tick 0.05, share 0.7. */
static inline void duet_profile_init(struct duet_profile *self, int64_t length, double tick, double share) {
    memset(self, 0, sizeof(*self));
    duet_ring_init_(&self->ring, duet_clamp_(length, 1, DUET_PART_MAX));
    self->ticks = tick > 0 ? 1 / tick : 20;
    self->share = duet_clamp_real_(share, 0, 1);
    self->value = self->volume = self->high = self->low = self->area_low = self->area_high = (double)NAN;
}

/** Where `price` stands or belongs. */
static inline int64_t duet_profile_place_(const struct duet_profile *self, double price) {
    int64_t place = 0;
    while (place < self->count && self->levels[place].price < price) {
        place++;
    }
    return place;
}

/** What the window has at a level, oldest first: the same whatever went before. */
static inline void duet_profile_weigh_(struct duet_profile *self, struct duet_profile_level *level) {
    level->volume = 0;
    for (int64_t age = self->ring.count - 1; age >= 0; age--) {
        if (duet_ring_at_(&self->ring, self->prices, age) == level->price) {
            level->volume += duet_ring_at_(&self->ring, self->volumes, age);
        }
    }
}

static inline void duet_profile_add_(struct duet_profile *self, double price) {
    int64_t place = duet_profile_place_(self, price);
    struct duet_profile_level *level = &self->levels[place];
    if (place == self->count || level->price != price) {
        memmove(level + 1, level, (size_t)(self->count - place) * sizeof(*level));
        memset(level, 0, sizeof(*level));
        level->price = price;
        self->count++;
    }
    level->bars++;
    duet_profile_weigh_(self, level);
}

static inline void duet_profile_take_(struct duet_profile *self, double price) {
    int64_t place = duet_profile_place_(self, price);
    struct duet_profile_level *level = &self->levels[place];
    if (--level->bars == 0) {
        self->count--;
        memmove(level, level + 1, (size_t)(self->count - place) * sizeof(*level));
    } else {
        duet_profile_weigh_(self, level);
    }
}

static inline int64_t duet_profile_control_(const struct duet_profile *self) {
    int64_t best = 0, middle = (self->count - 1) / 2;
    for (int64_t i = 1; i < self->count; i++) {
        int64_t far = i > middle ? i - middle : middle - i, best_far = best > middle ? best - middle : middle - best;
        double volume = self->levels[i].volume, most = self->levels[best].volume;
        best = volume > most || (volume == most && far < best_far) ? i : best;
    }
    return best;
}

static inline void duet_profile_area_(struct duet_profile *self, int64_t control) {
    int64_t low = control, high = control;
    double total = 0, inside = self->levels[control].volume;
    for (int64_t i = 0; i < self->count; i++) {
        total += self->levels[i].volume;
    }
    while (inside <= total * self->share && (low > 0 || high + 1 < self->count)) {
        double below = low > 0 ? self->levels[low - 1].volume : -1;
        double above = high + 1 < self->count ? self->levels[high + 1].volume : -1;
        if (below > above) {
            inside += below;
            low--;
        } else {
            inside += above;
            high++;
        }
    }
    self->area_low = self->levels[low].price;
    self->area_high = self->levels[high].price;
}

/** `volume` of the bar, or 1 for a time profile. */
static inline double duet_profile_update(struct duet_profile *self, double close, double volume) {
    if (!duet_finite_(close, volume, 0, 0)) {
        return self->value;
    }
    double price = ceil(close * self->ticks) / self->ticks;
    self->volumes[self->ring.next] = volume;
    double out = duet_ring_push_(&self->ring, self->prices, price);
    duet_profile_add_(self, price);
    if (!isnan(out)) {
        duet_profile_take_(self, out);
    }
    if (duet_ring_full_(&self->ring)) {
        int64_t control = duet_profile_control_(self);
        self->value = self->levels[control].price;
        self->volume = self->levels[control].volume;
        self->low = self->levels[0].price;
        self->high = self->levels[self->count - 1].price;
        duet_profile_area_(self, control);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_profile)

#endif
