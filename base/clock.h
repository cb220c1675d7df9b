/* Where time comes from: a table handed in, so tests and backtests set it. The only caller of clock_gettime(). */
#ifndef DUET_BASE_CLOCK_H
#define DUET_BASE_CLOCK_H

#include <stdint.h>

/** A clock. `now_ns` returns nanoseconds since 1970-01-01 UTC. */
struct duet_clock {
    int64_t (*now_ns)(const struct duet_clock *clock);
    int64_t virtual_ns; // of a virtual clock; unused by the others
};

/** The wall clock. */
extern const struct duet_clock duet_clock_wall;
/** Nanoseconds on a clock that never jumps; for durations, never on a decision path. */
int64_t duet_monotonic_ns(void);
/** A clock that stands at `virtual_ns` until its owner moves it. */
struct duet_clock duet_clock_virtual(int64_t start_ns);

static inline int64_t duet_clock_now_ns(const struct duet_clock *clock) {
    return clock->now_ns(clock);
}

#endif
