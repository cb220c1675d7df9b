/* Bars that walk at random, the same on every machine, for tests of indicators. */
#ifndef DUET_TESTS_INDICATOR_WALK_H
#define DUET_TESTS_INDICATOR_WALK_H

#include <stdint.h>
#include <string.h>

#include "engine/indicators/list.h"

struct walk {
    uint64_t seed;
    double open, high, low, close, volume, other, time;
};

static inline double walk_draw(struct walk *walk) {
    walk->seed = walk->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(walk->seed >> 40) / 16777216;
}

/** Prices to the cent, about 100. */
static inline double walk_cents(double price) {
    double cents = (double)(int64_t)(price * 100);
    return (cents < 100 ? 100 : cents) / 100;
}

static inline void walk_begin(struct walk *walk, uint64_t seed) {
    *walk = (struct walk){.seed = seed, .close = 100, .other = 50};
}

static inline void walk_next(struct walk *walk) {
    walk->time += 3600;
    walk->open = walk->close;
    walk->close = walk_cents(walk->close + 2 * walk_draw(walk) - 1 + (100 - walk->close) / 1000);
    double top = walk->open > walk->close ? walk->open : walk->close;
    double bottom = walk->open < walk->close ? walk->open : walk->close;
    walk->high = walk_cents(top + walk_draw(walk));
    walk->low = walk_cents(bottom - walk_draw(walk));
    walk->high = walk->high < top ? top : walk->high;
    walk->low = walk->low > bottom ? bottom : walk->low;
    walk->volume = (double)(int64_t)(1000 * walk_draw(walk));
    walk->other = walk_cents(walk->other + walk_draw(walk) - 0.5 + (50 - walk->other) / 1000);
}

/** All prices `price`, no volume. */
static inline void walk_stand(struct walk *walk, double price) {
    walk->open = walk->high = walk->low = walk->close = walk->other = price;
    walk->volume = 0;
}

static inline void walk_inputs(const struct walk *walk, const struct duet_indicator_row *row, double *in) {
    for (size_t i = 0; row->inputs[i] != NULL; i++) {
        const char *name = row->inputs[i];
        in[i] = strcmp(name, "open") == 0     ? walk->open
                : strcmp(name, "high") == 0   ? walk->high
                : strcmp(name, "low") == 0    ? walk->low
                : strcmp(name, "volume") == 0 ? walk->volume
                : strcmp(name, "real2") == 0  ? walk->other
                : strcmp(name, "time") == 0   ? walk->time
                                              : walk->close;
    }
}

#endif
