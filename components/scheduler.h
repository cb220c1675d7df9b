/*
 * Periodic jobs on an absolute grid: due at 0, period, 2·period … from their start, whatever earlier ones took. A job
 * that is still under way when it is due again is skipped and counted, never doubled; a job that fails runs again next
 * time. And the registry of operations under way, which people see as `duet ctl tasks`.
 *
 * Not part of the core: what a job wants to change there it sends as an input.
 */
#ifndef DUET_COMPONENTS_SCHEDULER_H
#define DUET_COMPONENTS_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/component.h>
#include <duet/loop.h>
#include <duet/status.h>

struct duet_scheduler; // opaque
struct duet_clock;

#define DUET_JOBS_MAX 64

struct duet_job {
    const char *name; // unique; borrowed
    int64_t period_ns; // > 0
    /** Begin the work; DUET_OK: done already; DUET_PENDING: duet_scheduler_done() follows; else it failed. May add and
     * remove jobs, itself too. */
    enum duet_status (*run)(void *argument, int64_t due_ns);
    /** End work that is pending, at once; may be NULL. */
    void (*cancel)(void *argument);
    void *argument;
    int64_t deadline_ns; // of pending work; 0: the period; past it: cancelled and counted as failed
    bool at_start; // also at the start, not only one period later
};
struct duet_job_state {
    const char *name;
    int64_t period_ns, next_ns, began_ns; // began_ns 0: not under way
    uint64_t runs, failures; // runs: those that failed too
    uint64_t skipped; // points of the grid at which it was still under way, or nobody looked
    uint64_t timeouts; // of the failures
    char error[96]; // of the last failure
};

/** `clock` of the session (may be virtual in tests); borrowed. */
DUET_MUST_CHECK enum duet_status duet_scheduler_create(
    const struct duet_clock *clock, struct duet_log *log, struct duet_scheduler **out);
void duet_scheduler_destroy(struct duet_scheduler *scheduler);
/** start: the grid begins; stop: every pending job is cancelled, at once. It is a source of its env's loop. */
struct duet_component *duet_scheduler_component(struct duet_scheduler *scheduler);
/** DUET_EEXIST, DUET_EFULL, DUET_EINVAL. */
DUET_MUST_CHECK enum duet_status duet_scheduler_add(struct duet_scheduler *scheduler, const struct duet_job *job);
DUET_MUST_CHECK enum duet_status duet_scheduler_remove(struct duet_scheduler *scheduler, const char *name);
/** Pending work is over; of a failure the error line of this thread says why. Unknown names, and jobs not under way,
 * are ignored. Also from inside its own run(). */
void duet_scheduler_done(struct duet_scheduler *scheduler, const char *name, enum duet_status status);
/** In the order they were added; returns how many there are, and writes at most `capacity`. */
size_t duet_scheduler_jobs(const struct duet_scheduler *scheduler, struct duet_job_state *out, size_t capacity);

/* ---- operations under way: connects, queries, requests, jobs ---- */

struct duet_operation {
    uint64_t id;
    char name[48];
    int64_t began_ns;
};
/** Returns its id. The oldest is forgotten past 1024, and counted. Pending jobs are there by themselves. */
uint64_t duet_operation_begin(struct duet_scheduler *scheduler, const char *name);
/** Unknown ids are ignored. */
void duet_operation_end(struct duet_scheduler *scheduler, uint64_t id);
/** The oldest first; returns how many there are, and writes at most `capacity`. None is left after a stop. */
size_t duet_operations(const struct duet_scheduler *scheduler, struct duet_operation *out, size_t capacity);
uint64_t duet_operations_forgotten(const struct duet_scheduler *scheduler);

#endif
