/* Reads a clock. */
#include <sys/time.h>

#include "astray.h"

struct astray_clock {
    int64_t bars;
};

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct astray_clock *self = state;
    struct timeval now;
    gettimeofday(&now, NULL);
    astray_order(ctx, &self->bars, (uint64_t)now.tv_usec);
}

ASTRAY_PLUGIN("astray_clock", struct astray_clock, on_bar);
