/*
 * Telling: deadlines, outcomes, and the one place where they are booked; engine thread.
 */
#include <stdlib.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/text.h"
#include "components/offload_private.h"

/* ---- deadlines ---- */

static void check_deadlines(struct duet_offload *offload, int64_t now_ns) {
    if (now_ns < offload->deadline_ns) {
        return;
    }
    offload->deadline_ns = INT64_MAX;
    for (struct offload_job *job = offload->live.first; job != NULL; job = job->live.next) {
        if (job->end != OFFLOAD_WANTED) {
            continue;
        }
        if (job->deadline_ns <= now_ns) {
            duet_offload_end(job, OFFLOAD_TIMED_OUT);
        } else if (job->deadline_ns < offload->deadline_ns) {
            offload->deadline_ns = job->deadline_ns;
        }
    }
}

int64_t duet_offload_next_deadline_ns(const struct duet_offload *offload) {
    return offload->live.first == NULL ? INT64_MAX : offload->deadline_ns;
}

/* ---- outcomes ---- */

/** What the outcome is, with its line. */
static enum duet_status settle(const struct offload_job *job, const char **error) {
    *error = job->error;
    if (job->end == OFFLOAD_CANCELLED) {
        *error = "cancelled";
        return DUET_ESTATE;
    }
    bool late = job->began_ns != 0 && job->ended_ns > job->deadline_ns;
    if (job->end == OFFLOAD_TIMED_OUT || (late && job->end == OFFLOAD_WANTED)) {
        *error = job->began_ns == 0 ? "waited past its deadline" : "ran past its deadline";
        return DUET_ETIMEOUT;
    }
    if (job->end == OFFLOAD_STOPPED && (job->began_ns == 0 || job->status != DUET_OK)) {
        *error = "the pool was stopped";
        return DUET_ESTATE;
    }
    return job->status;
}

static void record(struct duet_offload *offload, const struct offload_job *job, bool ok, const char *error) {
    int64_t now_ns = duet_monotonic_ns();
    struct offload_record row = {.wall_ns = job->wall_ns, .began_ns = job->began_ns, .ended_ns = job->ended_ns};
    if (job->began_ns == 0) { // all it did was wait
        row.began_ns = job->submitted_ns;
        row.ended_ns = now_ns;
        row.wall_ns = duet_clock_now_ns(&duet_clock_wall) - (now_ns - job->submitted_ns);
    }
    row.ok = ok;
    duet_text_copy(row.name, sizeof(row.name), job->request.name);
    duet_text_copy(row.error, sizeof(row.error), error);
    duet_offload_metrics_add(&offload->metrics, &row);
    duet_offload_breaker_book(&offload->breaker, ok, now_ns);
}

/** Book an outcome: one row of the metrics for each operation that came to an end of its own. */
static void book(
    struct duet_offload *offload, const struct offload_job *job, enum duet_status status, const char *error) {
    if (status == DUET_ESTATE && job->end != OFFLOAD_WANTED) {
        offload->counts.discarded++;
        duet_offload_breaker_forget(&offload->breaker);
        return;
    }
    record(offload, job, status == DUET_OK, status == DUET_OK ? "" : error);
    if (status == DUET_OK) {
        offload->counts.completed++;
        return;
    }
    offload->counts.failed++;
    offload->counts.timed_out += status == DUET_ETIMEOUT;
    if (offload->options.dead_letter != NULL) {
        offload->options.dead_letter(offload->options.argument, job->request.name, job->attempts, error);
    }
}

static void tell(const struct offload_job *job, enum duet_status status, const char *error) {
    const char *line = status == DUET_OK ? "" : error;
    if (job->call.answer != NULL) {
        bool has_bytes = status == DUET_OK;
        job->call.answer(job->request.argument, status, has_bytes ? job->call.bytes : NULL,
            has_bytes ? job->call.out_size : 0, line);
    } else if (job->request.done != NULL) {
        job->request.done(job->request.argument, job->request.job, status, line);
    }
}

/** A joiner that was cancelled: it is on no list but `ready`. */
static bool is_lone(const struct offload_job *job) {
    return job->state == OFFLOAD_JOINED;
}

/** Tell a finished job, and those that joined it, what came of it; it is on no list but the live one. */
static void deliver(struct duet_offload *offload, struct offload_job *job) {
    if (is_lone(job)) {
        tell(job, DUET_ESTATE, "cancelled");
        offload_append(&offload->idle, job);
        return;
    }
    offload_remove_live(&offload->live, job);
    const char *error;
    enum duet_status status = settle(job, &error);
    book(offload, job, status, error);
    if (job->unwanted) {
        tell(job, DUET_ESTATE, "cancelled");
    } else {
        tell(job, status, error);
    }
    while (job->joiners.first != NULL) {
        struct offload_job *joiner = job->joiners.first;
        offload_remove_live(&job->joiners, joiner);
        joiner->leader = NULL;
        tell(joiner, status, error);
        offload_append(&offload->idle, joiner);
    }
    free(job->call.bytes);
    job->call.bytes = NULL;
    offload_append(&offload->idle, job);
}

/** What workers have finished becomes ours. */
static void collect(struct duet_offload *offload) {
    pthread_mutex_lock(&offload->lock);
    struct offload_list finished = offload->finished;
    offload->finished = (struct offload_list){0};
    pthread_mutex_unlock(&offload->lock);
    while (finished.first != NULL) {
        struct offload_job *job = finished.first;
        offload_remove(&finished, job);
        offload_append(&offload->ready, job);
    }
}

size_t duet_offload_complete(struct duet_offload *offload, size_t budget) {
    DUET_ASSERT(!offload->completing); // not from inside a completion
    offload->completing = true;
    check_deadlines(offload, duet_monotonic_ns());
    collect(offload);
    size_t count = 0;
    while (count < budget && offload->ready.first != NULL) {
        struct offload_job *job = offload->ready.first;
        offload_remove(&offload->ready, job);
        deliver(offload, job);
        count++;
    }
    offload->completing = false;
    return count;
}

/** Wait until the job has finished, its deadline and those of the others in mind. */
static void await(struct duet_offload *offload, const struct offload_job *job) {
    for (;;) {
        check_deadlines(offload, duet_monotonic_ns());
        pthread_mutex_lock(&offload->lock);
        bool finished = job->state == OFFLOAD_FINISHED;
        if (!finished && offload->deadline_ns == INT64_MAX) {
            pthread_cond_wait(&offload->finished_one, &offload->lock);
        } else if (!finished) {
            int64_t due_ns = offload->deadline_ns;
            const struct timespec due = {.tv_sec = due_ns / 1000000000, .tv_nsec = due_ns % 1000000000};
            pthread_cond_timedwait(&offload->finished_one, &offload->lock, &due);
        }
        pthread_mutex_unlock(&offload->lock);
        if (finished) {
            return;
        }
    }
}

void duet_offload_join(struct duet_offload *offload) {
    DUET_ASSERT(!offload->completing);
    if (offload->phase != OFFLOAD_UP) {
        (void)duet_offload_complete(offload, SIZE_MAX);
        return;
    }
    offload->completing = true;
    while (offload->live.first != NULL || offload->ready.first != NULL) {
        struct offload_job *job = offload->live.first;
        if (job == NULL) {
            job = offload->ready.first; // joiners that were cancelled
        } else {
            await(offload, job);
            collect(offload);
        }
        offload_remove(&offload->ready, job);
        deliver(offload, job);
    }
    offload->completing = false;
}
