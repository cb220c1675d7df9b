/*
 * The engine thread's side of the pool: taking requests and ending them (offload_tell.c tells their outcome). A job is
 * on the live list from the request until its outcome has been told, and in the meantime queued, running, finished (the
 * workers' list) or ready (ours).
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "components/offload_private.h"

#define DEADLINE_NS (30 * INT64_C(1000000000))
#define FULL_TOLD_EVERY_NS INT64_C(1000000000)

/** The source always has a loop; others wake theirs. */
void duet_offload_notify(struct duet_offload *offload) {
    if (offload->options.wake != NULL) {
        offload->options.wake(offload->options.argument);
    } else if (offload->loop != NULL) {
        duet_loop_wake(offload->loop);
    }
}

/* ---- taking ---- */

/** A burst is one line and a number, not a thousand lines. */
static void tell_full(struct duet_offload *offload, const struct offload_lane *lane, const char *name, int64_t now_ns) {
    if (offload->full_told != 0 && now_ns - offload->full_told_ns < FULL_TOLD_EVERY_NS) {
        return;
    }
    duet_log_warn(offload->options.log, "offload-full",
        "Task queue full name=%s capacity=%u workers=%u refused=%llu: more workers, a longer queue, or fewer requests",
        name, offload->options.queue_max, lane->worker_count, (unsigned long long)offload->counts.refused);
    offload->full_told = offload->counts.refused;
    offload->full_told_ns = now_ns;
}

static struct offload_job *job_take(struct duet_offload *offload, const struct duet_offload_request *request) {
    struct offload_job *job = offload->idle.first;
    if (job != NULL) {
        offload_remove(&offload->idle, job);
    } else {
        job = duet_alloc(1, sizeof(*job));
    }
    *job = (struct offload_job){.request = *request, .ticket = ++offload->tickets};
    if (job->request.attempts == 0) {
        job->request.attempts = 1;
    }
    return job;
}

static enum duet_status check_open(
    struct duet_offload *offload, const struct duet_offload_request *request, int64_t now_ns) {
    if (offload->phase != OFFLOAD_UP) {
        offload->counts.refused++;
        return duet_error(DUET_ESTATE, "offload must be started before %s can run", request->name);
    }
    if (request->priority != DUET_PRIORITY_HIGH && !duet_offload_breaker_allows(&offload->breaker, now_ns)) {
        offload->counts.refused++;
        return duet_error(DUET_EDENIED, "%s: too many operations fail; the breaker is open for a while", request->name);
    }
    return DUET_OK;
}

static struct offload_job *find_flight(const struct duet_offload *offload, uint64_t flight) {
    for (struct offload_job *job = offload->live.first; flight != 0 && job != NULL; job = job->live.next) {
        if (job->request.flight == flight && job->end == OFFLOAD_WANTED) {
            return job;
        }
    }
    return NULL;
}

static int64_t deadline_of(const struct duet_offload_request *request, int64_t now_ns) {
    int64_t deadline_ns, span_ns = request->deadline_ns > 0 ? request->deadline_ns : DEADLINE_NS;
    return __builtin_add_overflow(now_ns, span_ns, &deadline_ns) ? INT64_MAX : deadline_ns;
}

/** Queue a job on a lane; DUET_EFULL where there is no room. */
static enum duet_status lane_put(struct offload_lane *lane, const struct duet_offload_request *request,
    const struct offload_process_call *call, uint64_t *ticket) {
    struct duet_offload *offload = lane->offload;
    int64_t now_ns = duet_monotonic_ns();
    pthread_mutex_lock(&offload->lock);
    bool full = lane->depth >= offload->options.queue_max;
    pthread_mutex_unlock(&offload->lock);
    if (full) { // it can only have become shorter since
        offload->counts.refused++;
        duet_offload_breaker_forget(&offload->breaker);
        tell_full(offload, lane, request->name, now_ns);
        return duet_error(
            DUET_EFULL, "%s: Task queue full (%u wait already)", request->name, offload->options.queue_max);
    }
    struct offload_job *job = job_take(offload, request);
    job->lane = lane;
    job->submitted_ns = now_ns;
    job->deadline_ns = deadline_of(request, now_ns);
    if (call != NULL) {
        job->call = *call;
    }
    offload->deadline_ns = job->deadline_ns < offload->deadline_ns ? job->deadline_ns : offload->deadline_ns;
    offload_append_live(&offload->live, job);
    offload->counts.accepted++;
    if (ticket != NULL) {
        *ticket = job->ticket;
    }
    pthread_mutex_lock(&offload->lock);
    job->state = OFFLOAD_QUEUED;
    offload_append(&lane->queues[request->priority], job);
    lane->depth++;
    lane->depth_max = lane->depth > lane->depth_max ? lane->depth : lane->depth_max;
    pthread_cond_signal(&lane->work);
    pthread_mutex_unlock(&offload->lock);
    return DUET_OK;
}

enum duet_status duet_offload_submit(
    struct duet_offload *offload, const struct duet_offload_request *request, uint64_t *ticket) {
    DUET_ASSERT(request->name != NULL && request->work != NULL);
    DUET_ASSERT((unsigned)request->priority < DUET_PRIORITY_COUNT);
    struct offload_job *leader = offload->phase == OFFLOAD_UP ? find_flight(offload, request->flight) : NULL;
    if (leader != NULL) {
        struct offload_job *job = job_take(offload, request);
        job->state = OFFLOAD_JOINED;
        job->leader = leader;
        offload_append_live(&leader->joiners, job);
        offload->counts.joined++;
        if (ticket != NULL) {
            *ticket = job->ticket;
        }
        return DUET_OK;
    }
    enum duet_status status = check_open(offload, request, duet_monotonic_ns());
    return status == DUET_OK ? lane_put(&offload->threads, request, NULL, ticket) : status;
}

enum duet_status duet_offload_process(struct duet_offload *offload, uint32_t function, const void *in, size_t in_size,
    int64_t deadline_ns, duet_offload_answer done, void *argument) {
    DUET_ASSERT(function < offload->function_count);
    const struct duet_offload_request request = {.name = offload->functions[function].name,
        .argument = argument,
        .priority = DUET_PRIORITY_NORMAL,
        .deadline_ns = deadline_ns};
    if (offload->options.processes == 0) {
        return duet_error(DUET_ESTATE, "%s: there is no process pool (ASYNC_FEATURES_USE_PROCESS_POOL)", request.name);
    }
    if (in_size > DUET_PROCESS_BYTES_MAX) {
        return duet_error(DUET_EINVAL, "%s: %zu bytes are more than the %u that a process takes", request.name, in_size,
            DUET_PROCESS_BYTES_MAX);
    }
    enum duet_status status = check_open(offload, &request, duet_monotonic_ns());
    if (status != DUET_OK) {
        return status;
    }
    struct offload_process_call call = {.answer = done, .function = function, .in_size = in_size};
    call.bytes = duet_alloc(1, in_size > 0 ? in_size : 1);
    if (in_size > 0) {
        memcpy(call.bytes, in, in_size);
    }
    status = lane_put(&offload->processes, &request, &call, NULL);
    if (status != DUET_OK) {
        free(call.bytes);
    }
    return status;
}

/* ---- ending ---- */

void duet_offload_interrupt(struct offload_job *job, enum offload_end end) {
    if (job->end == OFFLOAD_WANTED) {
        job->end = end;
    }
    __atomic_store_n(&job->cancelled, true, __ATOMIC_RELAXED);
    if (job->worker != NULL && job->worker->pid > 0) {
        kill(job->worker->pid, SIGKILL); // buried by the nursery only when the worker asks, so the number is its own
    }
}

/** Out of its queue, to be told; with the lock held. */
static void unqueue(struct offload_job *job, enum offload_end end) {
    struct offload_lane *lane = job->lane;
    offload_remove(&lane->queues[job->request.priority], job);
    lane->depth--;
    job->state = OFFLOAD_FINISHED;
    job->end = end;
    offload_append(&lane->offload->ready, job);
}

void duet_offload_end(struct offload_job *job, enum offload_end end) {
    struct duet_offload *offload = job->lane->offload;
    pthread_mutex_lock(&offload->lock);
    if (job->state == OFFLOAD_QUEUED) {
        unqueue(job, end);
    } else if (job->state == OFFLOAD_RUNNING) {
        duet_offload_interrupt(job, end);
    } else if (job->end == OFFLOAD_WANTED) {
        job->end = end; // finished, but nobody has been told
    }
    pthread_mutex_unlock(&offload->lock);
}

size_t duet_offload_discard(struct offload_lane *lane, enum offload_end end) {
    size_t count = 0;
    for (size_t i = 0; i < DUET_PRIORITY_COUNT; i++) {
        while (lane->queues[i].first != NULL) {
            unqueue(lane->queues[i].first, end);
            count++;
        }
    }
    return count;
}

size_t duet_offload_clear_pending(struct duet_offload *offload) {
    pthread_mutex_lock(&offload->lock);
    size_t count = duet_offload_discard(&offload->threads, OFFLOAD_CANCELLED) +
                   duet_offload_discard(&offload->processes, OFFLOAD_CANCELLED);
    pthread_mutex_unlock(&offload->lock);
    if (count > 0) {
        duet_offload_notify(offload);
    }
    return count;
}

static struct offload_job *find_ticket(const struct duet_offload *offload, uint64_t ticket) {
    for (struct offload_job *job = offload->live.first; job != NULL; job = job->live.next) {
        if (job->ticket == ticket) {
            return job;
        }
        for (struct offload_job *joiner = job->joiners.first; joiner != NULL; joiner = joiner->live.next) {
            if (joiner->ticket == ticket) {
                return joiner;
            }
        }
    }
    return NULL;
}

enum duet_status duet_offload_cancel(struct duet_offload *offload, uint64_t ticket) {
    struct offload_job *job = find_ticket(offload, ticket);
    if (job == NULL) {
        return duet_error(DUET_ENOTFOUND, "offload: no request %llu is under way", (unsigned long long)ticket);
    }
    struct offload_job *leader = job->leader;
    if (leader != NULL) {
        offload_remove_live(&leader->joiners, job);
        job->leader = NULL;
        job->end = OFFLOAD_CANCELLED;
        offload_append(&offload->ready, job);
        if (leader->unwanted && leader->joiners.first == NULL) {
            duet_offload_end(leader, OFFLOAD_CANCELLED);
        }
    } else if (job->joiners.first != NULL) {
        job->unwanted = true;
    } else {
        duet_offload_end(job, OFFLOAD_CANCELLED);
    }
    duet_offload_notify(offload);
    return DUET_OK;
}
