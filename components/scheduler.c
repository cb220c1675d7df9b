#include "components/scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

/** Operations under way that are remembered. */
#define OPERATIONS_MAX 1024

struct scheduled_job {
    struct duet_job job;
    int64_t next_ns; // on its grid
    int64_t began_ns;
    int64_t deadline_ns; // point in time; while under way
    uint64_t operation; // 0: none
    uint64_t runs, failures, skipped, timeouts;
    bool is_under_way;
    bool is_gone; // removed while the jobs were walked over
    char error[96];
};

struct duet_scheduler {
    struct duet_component component;
    struct duet_source source;
    const struct duet_clock *clock;
    struct duet_log *log;
    struct scheduled_job jobs[DUET_JOBS_MAX]; // in the order they were added
    size_t job_count;
    bool is_walking;
    struct duet_operation operations[OPERATIONS_MAX]; // the oldest first
    size_t operation_count;
    uint64_t operation_last; // id given last
    uint64_t forgotten;
};

static int64_t scheduler_now(const struct duet_scheduler *scheduler) {
    return duet_clock_now_ns(scheduler->clock);
}

/** Sums of times saturate: past the end of time is never. */
static int64_t after(int64_t ns, int64_t span_ns) {
    int64_t sum;
    return __builtin_add_overflow(ns, span_ns, &sum) ? INT64_MAX : sum;
}

static struct scheduled_job *job_find(struct duet_scheduler *scheduler, const char *name) {
    for (size_t i = 0; i < scheduler->job_count; i++) {
        struct scheduled_job *job = &scheduler->jobs[i];
        if (!job->is_gone && strcmp(job->job.name, name) == 0) {
            return job;
        }
    }
    return NULL;
}

static bool is_running(const struct duet_scheduler *scheduler) {
    return scheduler->component.state == DUET_COMPONENT_RUNNING;
}

/** What it waits for has changed. */
static void look_again(struct duet_scheduler *scheduler) {
    if (is_running(scheduler) && scheduler->component.env->loop != NULL && !scheduler->is_walking) {
        duet_loop_wake(scheduler->component.env->loop);
    }
}

/* ---- operations ---- */

uint64_t duet_operation_begin(struct duet_scheduler *scheduler, const char *name) {
    if (scheduler->operation_count == OPERATIONS_MAX) {
        memmove(&scheduler->operations[0], &scheduler->operations[1],
            (OPERATIONS_MAX - 1) * sizeof(scheduler->operations[0]));
        scheduler->operation_count--;
        if (scheduler->forgotten++ == 0) {
            duet_log_warn(scheduler->log, "operations-forgotten", "max=%d", OPERATIONS_MAX);
        }
    }
    struct duet_operation *operation = &scheduler->operations[scheduler->operation_count++];
    *operation = (struct duet_operation){.id = ++scheduler->operation_last, .began_ns = scheduler_now(scheduler)};
    duet_text_copy(operation->name, sizeof(operation->name), name);
    return operation->id;
}

void duet_operation_end(struct duet_scheduler *scheduler, uint64_t id) {
    for (size_t i = 0; i < scheduler->operation_count; i++) {
        if (scheduler->operations[i].id == id) {
            memmove(&scheduler->operations[i], &scheduler->operations[i + 1],
                (--scheduler->operation_count - i) * sizeof(scheduler->operations[0]));
            return;
        }
    }
}

size_t duet_operations(const struct duet_scheduler *scheduler, struct duet_operation *out, size_t capacity) {
    size_t count = scheduler->operation_count < capacity ? scheduler->operation_count : capacity;
    memcpy(out, scheduler->operations, count * sizeof(*out));
    return scheduler->operation_count;
}

uint64_t duet_operations_forgotten(const struct duet_scheduler *scheduler) {
    return scheduler->forgotten;
}

/* ---- one job ---- */

static void job_fail(struct duet_scheduler *scheduler, struct scheduled_job *job, const char *id, const char *why) {
    job->failures++;
    duet_text_copy(job->error, sizeof(job->error), why);
    duet_log_warn(scheduler->log, id, "job=%s why=\"%s\"", job->job.name, why);
}

/** No longer under way; what became of it is the caller's to say. */
static void job_leave(struct duet_scheduler *scheduler, struct scheduled_job *job) {
    job->is_under_way = false;
    if (job->operation != 0) {
        duet_operation_end(scheduler, job->operation);
        job->operation = 0;
    }
}

static void job_end(struct duet_scheduler *scheduler, struct scheduled_job *job, enum duet_status status) {
    job_leave(scheduler, job);
    if (status != DUET_OK) {
        const char *why = duet_error_text();
        job_fail(scheduler, job, "job-failed", why[0] != '\0' ? why : duet_status_text(status));
    }
}

static void job_cancel(struct duet_scheduler *scheduler, struct scheduled_job *job) {
    if (!job->is_under_way) {
        return;
    }
    job_leave(scheduler, job);
    if (job->job.cancel != NULL) {
        job->job.cancel(job->job.argument);
    }
}

static void job_run(struct duet_scheduler *scheduler, struct scheduled_job *job, int64_t due_ns, int64_t now_ns) {
    job->runs++;
    job->is_under_way = true; // its end may come before run() returns
    job->began_ns = now_ns;
    job->deadline_ns = after(now_ns, job->job.deadline_ns != 0 ? job->job.deadline_ns : job->job.period_ns);
    (void)duet_error(DUET_OK, "%s", ""); // whatever is there afterwards is its own
    enum duet_status status = job->job.run(job->job.argument, due_ns);
    if (!job->is_under_way) {
        return;
    }
    if (status != DUET_PENDING) {
        job_end(scheduler, job, status);
    } else if (job->is_gone) {
        job_cancel(scheduler, job);
    } else {
        job->operation = duet_operation_begin(scheduler, job->job.name);
    }
}

/** What is due of one job at `now_ns`. */
static void job_look(struct duet_scheduler *scheduler, struct scheduled_job *job, int64_t now_ns) {
    if (job->is_under_way && now_ns >= job->deadline_ns) {
        char why[64];
        snprintf(why, sizeof(why), "not done after %lld ms",
            (long long)((job->deadline_ns - job->began_ns) / (DUET_SECOND_NS / 1000)));
        job_cancel(scheduler, job);
        job->timeouts++;
        job_fail(scheduler, job, "job-timeout", why);
    }
    int64_t period_ns = job->job.period_ns;
    if (job->next_ns > now_ns) {
        if (job->next_ns - now_ns > period_ns) {
            job->next_ns = now_ns + period_ns; // the clock was put back
        }
        return;
    }
    // Points that nobody looked at in time are over; the newest one counts.
    int64_t passed = (now_ns - job->next_ns) / period_ns;
    int64_t due_ns = job->next_ns + passed * period_ns;
    job->next_ns = after(due_ns, period_ns);
    job->skipped += (uint64_t)passed;
    if (job->is_under_way) {
        job->skipped++;
        duet_log_warn(scheduler->log, "job-skipped", "job=%s why=\"still under way\"", job->job.name);
        return;
    }
    job_run(scheduler, job, due_ns, now_ns);
}

/* ---- all of them ---- */

/** Close up over jobs that were removed while they were walked over. */
static void drop_gone(struct duet_scheduler *scheduler) {
    size_t kept = 0;
    for (size_t i = 0; i < scheduler->job_count; i++) {
        if (!scheduler->jobs[i].is_gone) {
            if (kept != i) {
                scheduler->jobs[kept] = scheduler->jobs[i];
            }
            kept++;
        }
    }
    scheduler->job_count = kept;
}

static int64_t next_wake_ns(const struct duet_scheduler *scheduler) {
    int64_t wake_ns = INT64_MAX;
    for (size_t i = 0; i < scheduler->job_count; i++) {
        const struct scheduled_job *job = &scheduler->jobs[i];
        wake_ns = job->next_ns < wake_ns ? job->next_ns : wake_ns;
        wake_ns = job->is_under_way && job->deadline_ns < wake_ns ? job->deadline_ns : wake_ns;
    }
    return wake_ns;
}

static enum duet_source_state scheduler_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct duet_scheduler *scheduler = duet_container_of(source, struct duet_scheduler, source);
    scheduler->is_walking = true;
    for (size_t i = 0; i < scheduler->job_count && is_running(scheduler); i++) {
        if (!scheduler->jobs[i].is_gone) {
            job_look(scheduler, &scheduler->jobs[i], scheduler_now(scheduler));
        }
    }
    scheduler->is_walking = false;
    drop_gone(scheduler);
    *wake_ns = next_wake_ns(scheduler);
    return DUET_SOURCE_WAIT;
}

static void job_begin_grid(struct scheduled_job *job, int64_t now_ns) {
    job->next_ns = job->job.at_start ? now_ns : after(now_ns, job->job.period_ns);
}

enum duet_status duet_scheduler_add(struct duet_scheduler *scheduler, const struct duet_job *job) {
    if (job->name == NULL || job->name[0] == '\0' || job->run == NULL || job->period_ns <= 0 || job->deadline_ns < 0) {
        return duet_error(DUET_EINVAL, "job %s: it needs a name, something to run and a period above zero",
            job->name != NULL ? job->name : "");
    }
    if (job_find(scheduler, job->name) != NULL) {
        return duet_error(DUET_EEXIST, "there is already a job named %s", job->name);
    }
    if (scheduler->job_count == DUET_JOBS_MAX) {
        return duet_error(DUET_EFULL, "job %s does not fit: there are %d", job->name, DUET_JOBS_MAX);
    }
    struct scheduled_job *added = &scheduler->jobs[scheduler->job_count++];
    *added = (struct scheduled_job){.job = *job};
    job_begin_grid(added, scheduler_now(scheduler));
    look_again(scheduler);
    return DUET_OK;
}

enum duet_status duet_scheduler_remove(struct duet_scheduler *scheduler, const char *name) {
    struct scheduled_job *job = job_find(scheduler, name);
    if (job == NULL) {
        return duet_error(DUET_ENOTFOUND, "there is no job named %s", name);
    }
    job->is_gone = true;
    job_cancel(scheduler, job);
    if (!scheduler->is_walking) {
        drop_gone(scheduler);
    }
    return DUET_OK;
}

void duet_scheduler_done(struct duet_scheduler *scheduler, const char *name, enum duet_status status) {
    DUET_ASSERT(status != DUET_PENDING);
    struct scheduled_job *job = job_find(scheduler, name);
    if (job != NULL && job->is_under_way) {
        job_end(scheduler, job, status);
    }
}

size_t duet_scheduler_jobs(const struct duet_scheduler *scheduler, struct duet_job_state *out, size_t capacity) {
    size_t count = 0;
    for (size_t i = 0; i < scheduler->job_count; i++) {
        const struct scheduled_job *job = &scheduler->jobs[i];
        if (job->is_gone) {
            continue;
        }
        if (count < capacity) {
            out[count] = (struct duet_job_state){.name = job->job.name,
                .period_ns = job->job.period_ns,
                .next_ns = job->next_ns,
                .began_ns = job->is_under_way ? job->began_ns : 0,
                .runs = job->runs,
                .failures = job->failures,
                .skipped = job->skipped,
                .timeouts = job->timeouts};
            duet_text_copy(out[count].error, sizeof(out[count].error), job->error);
        }
        count++;
    }
    return count;
}

/* ---- lifecycle ---- */

static struct duet_scheduler *scheduler_of(struct duet_component *component) {
    return duet_container_of(component, struct duet_scheduler, component);
}

static enum duet_status scheduler_start(struct duet_component *component) {
    struct duet_scheduler *scheduler = scheduler_of(component);
    int64_t now_ns = scheduler_now(scheduler);
    for (size_t i = 0; i < scheduler->job_count; i++) {
        job_begin_grid(&scheduler->jobs[i], now_ns);
    }
    if (component->env->loop != NULL) {
        duet_loop_add(component->env->loop, &scheduler->source);
    }
    return DUET_OK;
}

static void scheduler_stop(struct duet_component *component) {
    struct duet_scheduler *scheduler = scheduler_of(component);
    if (component->env->loop != NULL) {
        duet_loop_remove(component->env->loop, &scheduler->source);
    }
    bool was_walking = scheduler->is_walking; // where a job stops its own scheduler
    scheduler->is_walking = true;
    for (size_t i = 0; i < scheduler->job_count; i++) {
        job_cancel(scheduler, &scheduler->jobs[i]);
    }
    scheduler->is_walking = was_walking;
    if (!was_walking) {
        drop_gone(scheduler);
    }
    scheduler->operation_count = 0;
}

static void scheduler_reset(struct duet_component *component) {
    struct duet_scheduler *scheduler = scheduler_of(component);
    for (size_t i = 0; i < scheduler->job_count; i++) {
        scheduler->jobs[i] = (struct scheduled_job){.job = scheduler->jobs[i].job};
    }
    scheduler->forgotten = 0;
}

static const struct duet_component_impl scheduler_impl = {
    .size = sizeof(struct duet_component_impl),
    .type = "scheduler",
    .start = scheduler_start,
    .stop = scheduler_stop,
    .reset = scheduler_reset,
};

enum duet_status duet_scheduler_create(
    const struct duet_clock *clock, struct duet_log *log, struct duet_scheduler **out) {
    DUET_ASSERT(clock != NULL);
    struct duet_scheduler *scheduler = duet_alloc(1, sizeof(*scheduler));
    scheduler->clock = clock;
    scheduler->log = log;
    scheduler->component = (struct duet_component){.impl = &scheduler_impl, .name = "scheduler"};
    scheduler->source = (struct duet_source){.name = "scheduler", .run = scheduler_run};
    *out = scheduler;
    return DUET_OK;
}

void duet_scheduler_destroy(struct duet_scheduler *scheduler) {
    if (scheduler != NULL) {
        DUET_ASSERT(scheduler->component.state == DUET_COMPONENT_NEW);
        free(scheduler);
    }
}

struct duet_component *duet_scheduler_component(struct duet_scheduler *scheduler) {
    return &scheduler->component;
}
