#include "base/clock.h"

#include <time.h>

static int64_t read_ns(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t wall_now_ns(const struct duet_clock *clock) {
    (void)clock;
    return read_ns(CLOCK_REALTIME);
}

static int64_t virtual_now_ns(const struct duet_clock *clock) {
    return clock->virtual_ns;
}

const struct duet_clock duet_clock_wall = {.now_ns = wall_now_ns};

int64_t duet_monotonic_ns(void) {
    return read_ns(CLOCK_MONOTONIC);
}

struct duet_clock duet_clock_virtual(int64_t start_ns) {
    return (struct duet_clock){.now_ns = virtual_now_ns, .virtual_ns = start_ns};
}
