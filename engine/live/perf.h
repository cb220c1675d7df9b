/*
 * What the pool is worth, measured: a number of operations that block, first on a loop (the baseline), then on a pool
 * beside it, under the same load: a lag probe of 10 ms and 100 events a second on the bus of that loop. Loop, bus and
 * pool are made for the measurement and run on a thread of their own, never on the serving loop. The baseline does two
 * operations in a turn of its loop, as a handler would that wants features and signal of a symbol; with more of them
 * the pool would only look better.
 *
 * A figure means nothing without its workload: results carry it.
 */
#ifndef DUET_ENGINE_LIVE_PERF_H
#define DUET_ENGINE_LIVE_PERF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/loop.h>
#include <duet/status.h>

#include "base/json.h"
#include "base/log.h"

/** Blocking part of an operation, unless said otherwise. */
#define DUET_PERF_OPERATION_MS 20
#define DUET_PERF_OPERATIONS_MIN 10
#define DUET_PERF_OPERATIONS_MAX 1000
/** Results remembered; the oldest makes room. */
#define DUET_PERF_RESULTS_MAX 64

/** Kind, and its name in the API and in tables. */
#define DUET_PERF_MAP(X)                                                                  \
    X(FEATURES, "feature-computation") /* wait, then the features of 300 bars */          \
    X(SIGNALS, "signal-generation") /* wait, then features and the signal that follows */ \
    X(MIXED, "mixed") /* both in turn */                                                  \
    X(CPU, "cpu-bound") /* no wait: the processor is busy as long; for `./dev bench` */
enum duet_perf_kind {
#define DUET_PERF_ENUM(name, text) DUET_PERF_##name,
    DUET_PERF_MAP(DUET_PERF_ENUM)
#undef DUET_PERF_ENUM
        DUET_PERF_KIND_COUNT
};
const char *duet_perf_kind_name(enum duet_perf_kind kind);

struct duet_perf_load {
    enum duet_perf_kind kind;
    uint32_t operations; // all submitted at once
    uint32_t operation_ms; // 0: DUET_PERF_OPERATION_MS
    uint32_t workers; // 0: 8
    uint32_t queue_max; // 0: 1000
};

/** One side of a comparison. */
struct duet_perf_side {
    uint64_t operations, failed, refused;
    double success_rate; // of those that were asked for
    double wall_s, throughput; // per second
    double latency_average_ms, latency_p95_ms; // of an operation, from its begin to its end
    double lag_average_ms, lag_p50_ms, lag_p95_ms, lag_max_ms;
    uint64_t lag_samples, events; // of the probe; that the bus delivered meanwhile
};

struct duet_perf_result {
    struct duet_perf_load load; // effective
    int64_t began_ns; // wall
    struct duet_perf_side baseline, optimised;
};
/** By how much a figure fell, or rose, in percent of what it was before; 0 where there was nothing. */
double duet_perf_fall(double before, double after);
double duet_perf_rise(double before, double after);

/** Measure one side on the calling thread, which must not be that of a serving loop: it takes as long as the work.
 * `cancelled` (may be NULL) ends it within one operation, with DUET_ESTATE. */
DUET_MUST_CHECK enum duet_status duet_perf_measure(
    const struct duet_perf_load *load, bool on_pool, const volatile bool *cancelled, struct duet_perf_side *out);

/** {kind, operations, …, baseline{}, optimised{}, improvements{}} under `name`. */
void duet_perf_write(struct duet_json *json, const char *name, const struct duet_perf_result *result);
/** The tables for people: lag and throughput before and after. */
void duet_perf_print(FILE *stream, const struct duet_perf_result *results, size_t count);

/* ---- for the API: one at a time, beside a serving loop ---- */

struct duet_perf; // opaque
/** `loop` is the serving one; nothing is made before the first start. */
DUET_MUST_CHECK enum duet_status duet_perf_create(struct duet_loop *loop, struct duet_log *log, struct duet_perf **out);
/** Waits for the end of what is under way, up to one operation. Its done is called, with DUET_ESTATE. NULL is fine. */
void duet_perf_destroy(struct duet_perf *perf);

/** On the serving loop's thread. `result` is NULL where it failed, and then `error` says why. */
typedef void (*duet_perf_done)(
    void *argument, enum duet_status status, const struct duet_perf_result *result, const char *error);
/** DUET_EINVAL: operations outside of MIN … MAX; DUET_ESTATE: one is under way. `workers` and `queue_max` of the
 * service; 0: the defaults. `done` may be NULL. */
DUET_MUST_CHECK enum duet_status duet_perf_start(
    struct duet_perf *perf, const struct duet_perf_load *load, duet_perf_done done, void *argument);
bool duet_perf_is_running(const struct duet_perf *perf);
/** What was measured, newest first; NULL past the last. Valid until the next completion or clear. */
const struct duet_perf_result *duet_perf_at(const struct duet_perf *perf, size_t index);
void duet_perf_clear(struct duet_perf *perf);

#endif
