/* The pool as a whole: made, brought up and down, asked for its figures. */
#include "components/offload.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "components/offload_private.h"

#define WORKERS 8
#define WORKERS_MAX 1024
#define QUEUE 1000
#define QUEUE_MAX (1u << 20)
#define METRICS 10000
#define METRICS_MAX (1u << 20)
#define STOP_TIMEOUT_NS (5 * INT64_C(1000000000))
#define BREAKER_RESET_NS (5 * INT64_C(1000000000))
/** Completions in one turn of the loop. */
#define SOURCE_BUDGET 64

static struct duet_offload *offload_of(struct duet_component *component) {
    return duet_container_of(component, struct duet_offload, component);
}

/* ---- the lifecycle ---- */

static enum duet_source_state source_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct duet_offload *offload = duet_container_of(source, struct duet_offload, source);
    size_t share = budget < SOURCE_BUDGET ? budget : SOURCE_BUDGET;
    bool more = duet_offload_complete(offload, share) == share;
    *wake_ns = INT64_MAX;
    int64_t due_ns = duet_offload_next_deadline_ns(offload);
    if (due_ns != INT64_MAX) { // deadlines are monotonic, loops go by the wall
        *wake_ns = duet_clock_now_ns(&duet_clock_wall) + (due_ns - duet_monotonic_ns());
    }
    return more ? DUET_SOURCE_MORE : DUET_SOURCE_WAIT;
}

static enum duet_status offload_init(struct duet_component *component) {
    struct duet_offload *offload = offload_of(component);
    return offload->options.processes > 0 ? duet_offload_nursery_up(offload) : DUET_OK;
}

static void go_down(struct duet_offload *offload) {
    duet_offload_lane_down(&offload->threads);
    duet_offload_lane_down(&offload->processes);
}

static enum duet_status offload_start(struct duet_component *component) {
    struct duet_offload *offload = offload_of(component);
    enum duet_status status = duet_offload_lane_up(&offload->threads);
    if (status == DUET_OK && offload->options.processes > 0) {
        status = duet_offload_lane_up(&offload->processes);
    }
    if (status != DUET_OK) {
        go_down(offload);
        return status;
    }
    if (offload->options.wake == NULL && component->env->loop != NULL) {
        offload->loop = component->env->loop;
        offload->source = (struct duet_source){.name = "offload", .run = source_run};
        duet_loop_add(offload->loop, &offload->source);
    }
    offload->phase = OFFLOAD_UP;
    duet_log_info(offload->options.log, "offload-start", "workers=%u queue=%u processes=%u", offload->options.workers,
        offload->options.queue_max, offload->options.processes);
    return DUET_OK;
}

static void offload_stop(struct duet_component *component) {
    struct duet_offload *offload = offload_of(component);
    if (offload->phase != OFFLOAD_UP) {
        return;
    }
    offload->phase = OFFLOAD_STOPPING;
    go_down(offload);
    if (offload->loop != NULL) { // only now: a worker that has just finished may be waking it
        duet_loop_remove(offload->loop, &offload->source);
        offload->loop = NULL;
    }
    (void)duet_offload_complete(offload, SIZE_MAX);
    DUET_ASSERT(offload->live.first == NULL);
    offload->phase = OFFLOAD_DOWN;
    const struct duet_offload_counts *counts = &offload->counts;
    DUET_ASSERT(counts->accepted == counts->completed + counts->failed + counts->discarded);
    duet_log_info(offload->options.log, "offload-stop", "accepted=%llu completed=%llu failed=%llu discarded=%llu",
        (unsigned long long)counts->accepted, (unsigned long long)counts->completed, (unsigned long long)counts->failed,
        (unsigned long long)counts->discarded);
}

static void offload_teardown(struct duet_component *component) {
    duet_offload_nursery_down(offload_of(component));
}

static const struct duet_component_impl offload_impl = {
    .size = sizeof(struct duet_component_impl),
    .type = "offload",
    .init = offload_init,
    .start = offload_start,
    .stop = offload_stop,
    .teardown = offload_teardown,
};

/* ---- made and unmade ---- */

static enum duet_status check_options(const struct duet_offload_options *options) {
    if (options->workers > WORKERS_MAX) {
        return duet_error(DUET_EINVAL, "offload: %u workers are more than %u", options->workers, WORKERS_MAX);
    }
    if (options->queue_max > QUEUE_MAX) {
        return duet_error(DUET_EINVAL, "offload: a queue of %u is longer than %u", options->queue_max, QUEUE_MAX);
    }
    if (options->processes > DUET_PROCESSES_MAX) {
        return duet_error(
            DUET_EINVAL, "offload: %u processes are more than %u", options->processes, DUET_PROCESSES_MAX);
    }
    if (options->metrics_max > METRICS_MAX) {
        return duet_error(
            DUET_EINVAL, "offload: %u operations to remember are more than %u", options->metrics_max, METRICS_MAX);
    }
    if (!(options->breaker_error_rate >= 0 && options->breaker_error_rate <= 1)) {
        return duet_error(DUET_EINVAL, "offload: the breaker's error rate is a share from 0 to 1");
    }
    return DUET_OK;
}

static void set_defaults(struct duet_offload_options *options) {
    options->workers = options->workers != 0 ? options->workers : WORKERS;
    options->queue_max = options->queue_max != 0 ? options->queue_max : QUEUE;
    options->metrics_max = options->metrics_max != 0 ? options->metrics_max : METRICS;
    options->stop_timeout_ns = options->stop_timeout_ns > 0 ? options->stop_timeout_ns : STOP_TIMEOUT_NS;
    options->breaker_reset_ns = options->breaker_reset_ns > 0 ? options->breaker_reset_ns : BREAKER_RESET_NS;
}

enum duet_status duet_offload_create(const struct duet_offload_options *options, struct duet_offload **out) {
    enum duet_status status = check_options(options);
    if (status != DUET_OK) {
        return status;
    }
    struct duet_offload *offload = duet_alloc(1, sizeof(*offload));
    offload->options = *options;
    set_defaults(&offload->options);
    offload->component = (struct duet_component){.impl = &offload_impl, .name = "offload"};
    offload->deadline_ns = INT64_MAX;
    offload->breaker = (struct offload_breaker){
        .error_rate = options->breaker_error_rate, .reset_ns = offload->options.breaker_reset_ns};
    offload->nursery.fd = -1;
    offload->threads = (struct offload_lane){.offload = offload, .worker_count = offload->options.workers};
    offload->processes = (struct offload_lane){.offload = offload, .worker_count = offload->options.processes};
    duet_offload_metrics_init(&offload->metrics, offload->options.metrics_max);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&offload->lock, NULL);
    pthread_mutex_init(&offload->nursery.lock, NULL);
    pthread_cond_init(&offload->finished_one, &monotonic);
    pthread_cond_init(&offload->threads.work, NULL);
    pthread_cond_init(&offload->processes.work, NULL);
    pthread_condattr_destroy(&monotonic);
    *out = offload;
    return DUET_OK;
}

void duet_offload_free(struct duet_offload *offload) {
    while (offload->idle.first != NULL) {
        struct offload_job *job = offload->idle.first;
        offload_remove(&offload->idle, job);
        free(job);
    }
    duet_offload_metrics_finish(&offload->metrics);
    pthread_cond_destroy(&offload->processes.work);
    pthread_cond_destroy(&offload->threads.work);
    pthread_cond_destroy(&offload->finished_one);
    pthread_mutex_destroy(&offload->nursery.lock);
    pthread_mutex_destroy(&offload->lock);
    free(offload);
}

void duet_offload_destroy(struct duet_offload *offload) {
    if (offload == NULL) {
        return;
    }
    DUET_ASSERT(offload->phase == OFFLOAD_DOWN);
    duet_offload_nursery_down(offload);
    pthread_mutex_lock(&offload->lock);
    offload->destroyed = true;
    bool last = offload->abandoned == 0;
    pthread_mutex_unlock(&offload->lock);
    if (last) {
        duet_offload_free(offload);
    }
}

struct duet_component *duet_offload_component(struct duet_offload *offload) {
    return &offload->component;
}

uint32_t duet_offload_register(
    struct duet_offload *offload, const char *name, duet_offload_function function, void *context) {
    DUET_ASSERT(offload->component.state == DUET_COMPONENT_NEW); // processes know what there is when they are forked
    DUET_ASSERT(offload->function_count < DUET_PROCESS_FUNCTIONS_MAX);
    offload->functions[offload->function_count] =
        (struct offload_function){.name = name, .function = function, .context = context};
    return offload->function_count++;
}

/* ---- figures ---- */

size_t duet_offload_recent(const struct duet_offload *offload, struct duet_operation_record *out, size_t count) {
    return duet_offload_metrics_recent(&offload->metrics, out, count);
}

void duet_offload_summary(const struct duet_offload *offload, const char *name, struct duet_operation_summary *out) {
    duet_offload_metrics_summary(&offload->metrics, name, out);
}

void duet_offload_clear_metrics(struct duet_offload *offload) {
    offload->metrics.written = 0;
}

/** The lock is the one thing about a pool that asking changes. */
static pthread_mutex_t *lock_of(const struct duet_offload *offload) {
    return (pthread_mutex_t *)(uintptr_t)&offload->lock;
}

static uint32_t larger(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

uint32_t duet_offload_abandoned(const struct duet_offload *offload) {
    pthread_mutex_lock(lock_of(offload));
    uint32_t count = offload->abandoned;
    pthread_mutex_unlock(lock_of(offload));
    return count;
}

void duet_offload_get_counts(const struct duet_offload *offload, struct duet_offload_counts *out) {
    *out = offload->counts;
    pthread_mutex_lock(lock_of(offload));
    out->retried = offload->retried;
    out->process_restarts = offload->process_restarts;
    out->depth = larger(offload->threads.depth, offload->processes.depth);
    out->depth_max = larger(offload->threads.depth_max, offload->processes.depth_max);
    out->busy = offload->threads.busy + offload->processes.busy;
    pthread_mutex_unlock(lock_of(offload));
    out->capacity = offload->options.queue_max;
    out->workers = offload->options.workers;
    out->processes = offload->options.processes;
    out->breaker_open = offload->breaker.open;
}
