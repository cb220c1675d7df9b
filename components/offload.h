/*
 * Blocking and heavy work away from the loop: a pool of worker threads behind one bounded queue, and a pool of forked
 * processes for work that may crash or must not share memory. Completions come back on the loop's thread, never
 * elsewhere.
 *
 * The queue is bounded: a submit that finds it full is refused at once (DUET_EFULL), logged with the line
 * "Task queue full" and counted. Three priorities; within one, first in first out. Every operation has a name (its
 * kind, not its subject), a deadline, and a row in the metrics.
 */
#ifndef DUET_COMPONENTS_OFFLOAD_H
#define DUET_COMPONENTS_OFFLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/component.h>
#include <duet/status.h>

struct duet_offload; // opaque
struct duet_log;

enum duet_offload_priority { DUET_PRIORITY_HIGH = 0, DUET_PRIORITY_NORMAL, DUET_PRIORITY_LOW, DUET_PRIORITY_COUNT };

/** Environment: ASYNC_FEATURES_WORKERS, ASYNC_FEATURES_QUEUE_SIZE, ASYNC_FEATURES_USE_PROCESS_POOL are read by
 * engine/, which fills this in. */
struct duet_offload_options {
    uint32_t workers; // 0: 8
    uint32_t queue_max; // jobs waiting; 0: 1000
    uint32_t processes; // 0: no process pool
    uint32_t metrics_max; // operations remembered; 0: 10000
    int64_t stop_timeout_ns; // 0: 5 s
    bool drain_at_stop; // else what waits is discarded and counted
    double breaker_error_rate; // share of failures over the last 100 (20 at least) at which NORMAL and LOW are refused;
                               // 0: off
    int64_t breaker_reset_ns; // until one of them is tried again; 0: 5 s
    struct duet_log *log;
    /** Called from worker threads when completions wait: wake the loop, then call duet_offload_complete() there. NULL:
     * the pool is a source of its env's loop from start to stop and sees to that itself. */
    void (*wake)(void *argument);
    void *argument;
    /** A job failed for good after its attempts; engine thread. May be NULL. */
    void (*dead_letter)(void *argument, const char *name, uint32_t attempts, const char *error);
};

/** Runs on a worker thread; the line of a failure is left with duet_error(). `cancelled` becomes true when nobody wants
 * the result any more: return soon. Ask with duet_offload_is_cancelled(). */
typedef enum duet_status (*duet_offload_work)(void *job, const volatile bool *cancelled);
static inline bool duet_offload_is_cancelled(const volatile bool *cancelled) {
    return __atomic_load_n(cancelled, __ATOMIC_RELAXED);
}
/**
 * Runs on the loop's thread, exactly once for each request that was taken, and not before the work has let go of
 * `job`. `status`: the work's, DUET_ETIMEOUT past the deadline, DUET_ESTATE where it was cancelled or discarded.
 * `error` is its line, "" without. May submit more. One exception: work that has not returned when the stop timeout
 * is over is left alone with its job; then done is never called, and the job must never be freed.
 */
typedef void (*duet_offload_done)(void *argument, void *job, enum duet_status status, const char *error);

struct duet_offload_request {
    const char *name; // kind of operation; static or long-lived
    duet_offload_work work;
    duet_offload_done done; // may be NULL: fire and forget
    void *job; // the caller's; must live until done
    void *argument;
    enum duet_offload_priority priority;
    int64_t deadline_ns; // from now; 0: 30 s
    uint32_t attempts; // 0: 1
    uint64_t flight; // not 0: while a job of this key is under way, further ones join it: their own work does not run,
                     // their done is called after the first one's, with their own job and its outcome
};

DUET_MUST_CHECK enum duet_status duet_offload_create(
    const struct duet_offload_options *options, struct duet_offload **out);
void duet_offload_destroy(struct duet_offload *offload);
/** start: workers up; stop: bounded in time; accepted = completed + failed + discarded afterwards. */
struct duet_component *duet_offload_component(struct duet_offload *offload);

/** DUET_EFULL, DUET_EDENIED (breaker open), DUET_ESTATE (not started). `*ticket` may be NULL. Engine thread. */
DUET_MUST_CHECK enum duet_status duet_offload_submit(
    struct duet_offload *offload, const struct duet_offload_request *request, uint64_t *ticket);
/** Still calls done, with DUET_ESTATE: soon where it waits, when the work has returned where it runs. Work that others
 * have joined goes on for them. DUET_ENOTFOUND. */
enum duet_status duet_offload_cancel(struct duet_offload *offload, uint64_t ticket);
/** Discards what waits; returns how many. */
size_t duet_offload_clear_pending(struct duet_offload *offload);
/** Call completions, at most `budget`; from the loop after wake(). Returns how many; `budget`: there may be more. Also
 * looks at deadlines. */
size_t duet_offload_complete(struct duet_offload *offload, size_t budget);
/** When a deadline is next due; INT64_MAX: never (monotonic). */
int64_t duet_offload_next_deadline_ns(const struct duet_offload *offload);
/** Wait until every accepted job has completed, and complete them in the order of submission: for a backtest. */
void duet_offload_join(struct duet_offload *offload);

/* ---- processes ----
 *
 * Forked in init, while there are no threads yet: a nursery, and from it the workers; the nursery replaces a worker
 * that died. Answers come as completions do, through wake() and duet_offload_complete(). Their queue is one of its own,
 * as long as the other.
 */

/** Largest input and output of a process. */
#define DUET_PROCESS_BYTES_MAX (1u << 20)
/** Most processes, and most functions that they can know. */
#define DUET_PROCESSES_MAX 64
#define DUET_PROCESS_FUNCTIONS_MAX 32

/** A function that worker processes know by its index: bytes in, bytes out. Runs in the child; `context` is the child's
 * copy of what stood there at init. */
typedef enum duet_status (*duet_offload_function)(
    void *context, const void *in, size_t in_size, void *out, size_t out_capacity, size_t *out_size);
/** Before init. Returns its index. `name` and `context` are borrowed. */
uint32_t duet_offload_register(
    struct duet_offload *offload, const char *name, duet_offload_function function, void *context);
typedef void (*duet_offload_answer)(
    void *argument, enum duet_status status, const void *out, size_t out_size, const char *error);
/** On a process; `in` is copied. A crash is the job's failure (DUET_EIO), past its deadline it is killed
 * (DUET_ETIMEOUT); either way the process is forked anew. Refusals as duet_offload_submit(). */
DUET_MUST_CHECK enum duet_status duet_offload_process(struct duet_offload *offload, uint32_t function, const void *in,
    size_t in_size, int64_t deadline_ns, duet_offload_answer done, void *argument);

/* ---- metrics ---- */

struct duet_operation_record {
    char name[32];
    int64_t wall_ns; // began
    double duration_ms;
    bool ok;
    char error[64];
};
struct duet_operation_summary {
    uint64_t total, failed;
    double success_rate; // 0..1; 1 without samples
    double average_ms, p50_ms, p95_ms, p99_ms, max_ms; // of successes and failures alike; nearest rank
    double throughput; // per second over the window that the samples span
};
/** The last `count` records, newest first; returns how many. */
size_t duet_offload_recent(const struct duet_offload *offload, struct duet_operation_record *out, size_t count);
/** Over everything remembered, or over one name. */
void duet_offload_summary(const struct duet_offload *offload, const char *name, struct duet_operation_summary *out);
void duet_offload_clear_metrics(struct duet_offload *offload);
/** The same arithmetic over any durations (sorted in place): nearest-rank percentile, `percent` 0..100. */
double duet_percentile(double *sorted, size_t count, double percent);

/** accepted = completed + failed + discarded + what is still under way. Those that joined another are in `joined`
 * alone; timed_out are among failed. */
struct duet_offload_counts {
    uint64_t accepted, completed, failed, discarded, refused, joined, timed_out, retried, process_restarts;
    uint32_t depth, depth_max, capacity; // of the fuller of the two queues
    uint32_t busy, workers, processes;
    bool breaker_open;
};
/** Workers that were left behind in work that did not return within the stop timeout: what that work needs, code
 * included, must stay. */
uint32_t duet_offload_abandoned(const struct duet_offload *offload);
void duet_offload_get_counts(const struct duet_offload *offload, struct duet_offload_counts *out);

#endif
