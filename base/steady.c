#include "base/steady.h"

int64_t duet_steady_now_ns(struct duet_steady_clock *clock, int64_t wall_ns, int64_t monotonic_ns, int64_t least_ns) {
    if (clock->last_ns < least_ns) {
        *clock = (struct duet_steady_clock){.last_ns = least_ns, .last_monotonic_ns = monotonic_ns};
    }
    int64_t passed_ns = monotonic_ns - clock->last_monotonic_ns;
    clock->last_ns = wall_ns >= clock->last_ns ? wall_ns : clock->last_ns + passed_ns;
    clock->last_monotonic_ns = monotonic_ns;
    return clock->last_ns;
}
