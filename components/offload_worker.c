/*
 * Worker threads. Each takes the most urgent job of its lane, works, and puts it on the list of finished ones; the one
 * that finds that list empty wakes the loop.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "components/offload_private.h"

/** How long work may still take at a stop that drains, once its time is over and it has been told to end. */
#define INTERRUPTED_GRACE_NS (200 * INT64_C(1000000))

static struct offload_job *take(struct offload_lane *lane) {
    for (size_t i = 0; i < DUET_PRIORITY_COUNT; i++) {
        struct offload_job *job = lane->queues[i].first;
        if (job != NULL) {
            offload_remove(&lane->queues[i], job);
            lane->depth--;
            return job;
        }
    }
    return NULL;
}

static bool may_retry(const struct offload_job *job) {
    return job->status != DUET_OK && job->attempts < job->request.attempts &&
           !duet_offload_is_cancelled(&job->cancelled) && duet_monotonic_ns() < job->deadline_ns;
}

/** The work, as often as it has attempts; without the lock. */
static void perform(struct offload_worker *worker, struct offload_job *job) {
    job->wall_ns = duet_clock_now_ns(&duet_clock_wall);
    job->began_ns = duet_monotonic_ns();
    do {
        (void)duet_error(DUET_OK, "%s", ""); // what an earlier job left
        job->attempts++;
        job->status = job->call.answer != NULL ? duet_offload_process_run(worker, job)
                                               : job->request.work(job->request.job, &job->cancelled);
        if (job->status > DUET_OK) {
            job->status = duet_error(DUET_EINVAL, "%s: work cannot be pending", job->request.name);
        }
    } while (may_retry(job));
    job->ended_ns = duet_monotonic_ns();
    if (job->status != DUET_OK) {
        const char *line = duet_error_text();
        duet_text_copy(job->error, sizeof(job->error), line[0] != '\0' ? line : duet_status_text(job->status));
    }
}

/** Gives the lock back: the pool may be freed here, by its last worker. */
static void leave_abandoned(struct offload_worker *worker, struct offload_job *job) {
    struct duet_offload *offload = worker->lane->offload;
    duet_offload_process_end(worker);
    free(job->call.bytes);
    free(job);
    free(worker);
    bool last = --offload->abandoned == 0 && offload->destroyed;
    pthread_mutex_unlock(&offload->lock);
    if (last) {
        duet_offload_free(offload);
    }
}

static void *worker_main(void *argument) {
    struct offload_worker *worker = argument;
    struct offload_lane *lane = worker->lane;
    struct duet_offload *offload = lane->offload;
    pthread_mutex_lock(&offload->lock);
    for (;;) {
        struct offload_job *job = take(lane);
        if (job == NULL && lane->stopping) {
            break;
        }
        if (job == NULL) {
            pthread_cond_wait(&lane->work, &offload->lock);
            continue;
        }
        job->state = OFFLOAD_RUNNING;
        job->worker = worker;
        worker->job = job;
        lane->busy++;
        pthread_mutex_unlock(&offload->lock);
        perform(worker, job);
        pthread_mutex_lock(&offload->lock);
        if (worker->abandoned) {
            leave_abandoned(worker, job);
            return NULL;
        }
        lane->busy--;
        worker->job = NULL;
        job->worker = NULL;
        job->state = OFFLOAD_FINISHED;
        offload->retried += job->attempts - 1;
        bool first = offload->finished.first == NULL;
        offload_append(&offload->finished, job);
        pthread_cond_signal(&offload->finished_one);
        if (first) {
            pthread_mutex_unlock(&offload->lock);
            duet_offload_notify(offload);
            pthread_mutex_lock(&offload->lock);
        }
    }
    worker->is_done = true;
    lane->alive--;
    pthread_cond_signal(&offload->finished_one);
    pthread_mutex_unlock(&offload->lock);
    return NULL;
}

/* ---- up ---- */

static enum duet_status worker_up(struct offload_lane *lane, struct offload_worker **out) {
    struct offload_worker *worker = duet_alloc(1, sizeof(*worker));
    worker->lane = lane;
    worker->fd = -1;
    enum duet_status status = lane == &lane->offload->processes ? duet_offload_process_ready(worker) : DUET_OK;
    if (status == DUET_OK) {
        // Signals are the engine thread's business.
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        int failed = pthread_create(&worker->thread, NULL, worker_main, worker);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (failed != 0) {
            duet_offload_process_end(worker);
            status = duet_error(DUET_ENOMEM, "offload: a worker thread cannot be made: %s", strerror(failed));
        }
    }
    if (status != DUET_OK) {
        free(worker);
        return status;
    }
    *out = worker;
    return DUET_OK;
}

enum duet_status duet_offload_lane_up(struct offload_lane *lane) {
    lane->stopping = false;
    uint32_t wanted = lane->worker_count;
    lane->workers = duet_alloc(wanted + 1, sizeof(*lane->workers));
    for (uint32_t i = 0; i < wanted; i++) {
        pthread_mutex_lock(&lane->offload->lock);
        lane->alive++;
        pthread_mutex_unlock(&lane->offload->lock);
        enum duet_status status = worker_up(lane, &lane->workers[i]);
        if (status != DUET_OK) {
            pthread_mutex_lock(&lane->offload->lock);
            lane->alive--;
            pthread_mutex_unlock(&lane->offload->lock);
            return status; // stop takes down what is there
        }
    }
    return DUET_OK;
}

/* ---- down ---- */

/** Wait for every worker of the lane to leave; with the lock held. False: the time was over. */
static bool wait_for_workers(struct offload_lane *lane, int64_t until_ns) {
    const struct timespec until = {.tv_sec = until_ns / 1000000000, .tv_nsec = until_ns % 1000000000};
    while (lane->alive > 0) {
        if (pthread_cond_timedwait(&lane->offload->finished_one, &lane->offload->lock, &until) == ETIMEDOUT) {
            return lane->alive == 0;
        }
    }
    return true;
}

static void interrupt_all(struct offload_lane *lane) {
    for (uint32_t i = 0; i < lane->worker_count; i++) {
        if (lane->workers[i] != NULL && lane->workers[i]->job != NULL) {
            duet_offload_interrupt(lane->workers[i]->job, OFFLOAD_STOPPED);
        }
    }
}

/** Leave those alone that are still at something; with the lock held. Their jobs stay theirs. */
static void abandon(struct offload_lane *lane) {
    struct duet_offload *offload = lane->offload;
    for (uint32_t i = 0; i < lane->worker_count; i++) {
        struct offload_worker *worker = lane->workers[i];
        if (worker == NULL || worker->is_done) {
            continue;
        }
        struct offload_job *job = worker->job;
        duet_log_error(offload->options.log, "offload-abandoned",
            "name=%s has not returned within the stop timeout; its thread is left behind", job->request.name);
        offload_remove_live(&offload->live, job);
        while (job->joiners.first != NULL) { // their jobs are not in anybody's hands
            struct offload_job *joiner = job->joiners.first;
            offload_remove_live(&job->joiners, joiner);
            joiner->leader = NULL;
            offload_append(&offload->ready, joiner);
        }
        offload->counts.discarded++;
        offload->abandoned++;
        worker->abandoned = true;
        lane->workers[i] = NULL;
        lane->alive--;
        lane->busy--;
        pthread_detach(worker->thread);
    }
}

void duet_offload_lane_down(struct offload_lane *lane) {
    struct duet_offload *offload = lane->offload;
    if (lane->workers == NULL) {
        return;
    }
    int64_t until_ns = duet_monotonic_ns() + offload->options.stop_timeout_ns;
    pthread_mutex_lock(&offload->lock);
    lane->stopping = true;
    if (!offload->options.drain_at_stop) {
        (void)duet_offload_discard(lane, OFFLOAD_STOPPED);
        interrupt_all(lane);
    }
    pthread_cond_broadcast(&lane->work);
    if (!wait_for_workers(lane, until_ns)) {
        (void)duet_offload_discard(lane, OFFLOAD_STOPPED);
        interrupt_all(lane);
        if (!wait_for_workers(lane, until_ns + INTERRUPTED_GRACE_NS)) {
            abandon(lane);
        }
    }
    pthread_mutex_unlock(&offload->lock);
    for (uint32_t i = 0; i < lane->worker_count; i++) {
        struct offload_worker *worker = lane->workers[i];
        if (worker != NULL) {
            pthread_join(worker->thread, NULL);
            duet_offload_process_end(worker);
            free(worker);
        }
    }
    free(lane->workers);
    lane->workers = NULL;
}
