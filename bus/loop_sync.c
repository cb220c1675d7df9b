/* The synchronous loop: virtual time, no waiting, no system calls. */
#include <duet/loop.h>

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "bus/loop_private.h"

static enum duet_status sync_run(struct duet_loop *loop) {
    for (;;) {
        int64_t wake_ns = INT64_MAX;
        enum loop_outlook outlook = duet_loop_turn(loop, loop->now_ns, &wake_ns);
        if (outlook == LOOP_END || outlook == LOOP_HALTED) {
            return duet_loop_finish(loop);
        }
        if (outlook == LOOP_WAIT) {
            if (wake_ns == INT64_MAX) {
                (void)duet_loop_finish(loop);
                return duet_error(DUET_ESTATE, "every source waits and nothing is scheduled: this run would never end");
            }
            loop->now_ns = wake_ns;
        }
    }
}

// The loop never sleeps.
static void sync_wake(struct duet_loop *loop) {
    (void)loop;
}

static void sync_destroy(struct duet_loop *loop) {
    free(loop);
}

static const struct loop_impl sync_impl = {.run = sync_run, .wake = sync_wake, .destroy = sync_destroy};

enum duet_status duet_loop_sync_create(struct duet_bus *bus, struct duet_loop **out) {
    struct duet_loop *loop = duet_alloc(1, sizeof(*loop));
    duet_loop_init(loop, &sync_impl, bus, true);
    *out = loop;
    return DUET_OK;
}
