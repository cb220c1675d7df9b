/*
 * How late the loop is: a probe on an absolute grid; lag is when it ran less when it was due, on the monotonic clock.
 * Every grid point is a sample: where a busy loop passed several, each counts with its own lateness, so a long stall
 * weighs as much as it lasted. A source of its loop, which must go by the wall clock. Period 200 ms in service, 10 ms
 * in benchmarks.
 */
#ifndef DUET_COMPONENTS_LAG_H
#define DUET_COMPONENTS_LAG_H

#include <stdint.h>

#include <duet/loop.h>

struct duet_lag; // opaque

/** `keep`: samples remembered, 0: 3000. */
DUET_MUST_CHECK enum duet_status duet_lag_create(
    struct duet_loop *loop, int64_t period_ns, uint32_t keep, struct duet_lag **out);
void duet_lag_destroy(struct duet_lag *lag);

struct duet_lag_summary {
    uint64_t samples; // ever
    double average_ms, p50_ms, p95_ms, p99_ms, max_ms; // of those remembered
    uint64_t missed; // grid points that shared a run with a later one, since the loop was busy
};
void duet_lag_get(const struct duet_lag *lag, struct duet_lag_summary *out);
void duet_lag_clear(struct duet_lag *lag);

#endif
