/* A wall clock that goes on where the other is put back: from where it was, as fast as time passes. */
#ifndef DUET_BASE_STEADY_H
#define DUET_BASE_STEADY_H

#include <stdint.h>

/** Zeroed, it has not been read. */
struct duet_steady_clock {
    int64_t last_ns, last_monotonic_ns;
};

/** What it says while the wall clock says `wall_ns` and the one that never jumps `monotonic_ns`; never less than
 * before, nor than `least_ns`. */
int64_t duet_steady_now_ns(struct duet_steady_clock *clock, int64_t wall_ns, int64_t monotonic_ns, int64_t least_ns);

#endif
