#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/live/job_command.h"
#include "engine/live/jobs_private.h"

/** How often a program is looked at: soon at first, then less and less. */
#define LOOK_FIRST_NS (2 * INT64_C(1000000))
#define LOOK_MAX_NS (50 * INT64_C(1000000))
/** Operations that a health line names. */
#define TASKS_MAX 16

static int64_t jobs_now(const struct duet_jobs *jobs) {
    return duet_clock_now_ns(jobs->options.clock);
}

/* ---- the kinds ---- */

static enum duet_status run_scan(void *argument, int64_t due_ns) {
    return job_scan_begin(argument, due_ns);
}
static void cancel_scan(void *argument) {
    job_scan_leave(argument);
}

static enum duet_status run_command(void *argument, int64_t due_ns) {
    struct job_entry *entry = argument;
    const struct duet_live_job job = {.name = entry->name, .run = entry->run};
    enum duet_status status =
        job_command_start(duet_live_job_command(&job), entry->name, entry->jobs->options.log, &entry->command);
    if (status != DUET_OK) {
        return status;
    }
    entry->look_step_ns = LOOK_FIRST_NS;
    entry->look_ns = jobs_now(entry->jobs) + LOOK_FIRST_NS;
    duet_loop_wake(entry->jobs->options.loop);
    return DUET_PENDING;
}
static void cancel_command(void *argument) {
    struct job_entry *entry = argument;
    job_command_destroy(entry->command);
    entry->command = NULL;
}

/** What is under way, and for how long: "connect(3s) scan(0s)". */
static void tell_tasks(const struct duet_jobs *jobs) {
    struct duet_operation operations[TASKS_MAX];
    size_t count = duet_operations(jobs->options.scheduler, operations, TASKS_MAX);
    struct duet_text names = {0};
    for (size_t i = 0; i < count && i < TASKS_MAX; i++) {
        duet_text_print(&names, "%s%s(%llds)", i > 0 ? " " : "", operations[i].name,
            (long long)((jobs_now(jobs) - operations[i].began_ns) / DUET_SECOND_NS));
    }
    duet_log_info(jobs->options.log, "tasks", "count=%zu names=\"%s%s\"", count, count > 0 ? names.text : "",
        count > TASKS_MAX ? " …" : "");
    duet_text_finish(&names);
}
static enum duet_status run_health(void *argument, int64_t due_ns) {
    const struct job_entry *entry = argument;
    entry->jobs->options.health(entry->jobs->options.argument);
    tell_tasks(entry->jobs);
    return DUET_OK;
}

static enum duet_status run_snapshot(void *argument, int64_t due_ns) {
    const struct job_entry *entry = argument;
    entry->jobs->options.snapshot(entry->jobs->options.argument);
    return DUET_OK;
}

/** Kinds by what `run` begins with. */
static const struct {
    const char *run;
    enum duet_status (*begin)(void *argument, int64_t due_ns);
    void (*cancel)(void *argument);
} kinds[] = {
    {"command:", run_command, cancel_command},
    {"health", run_health, NULL},
    {"scan", run_scan, cancel_scan},
    {"snapshot", run_snapshot, NULL},
};

/* ---- programs under way ---- */

static void look_at_command(struct job_entry *entry) {
    char why[128];
    enum alert_command_state state = job_command_look(entry->command, why, sizeof(why));
    if (state == ALERT_COMMAND_RUNNING) {
        entry->look_step_ns = 2 * entry->look_step_ns < LOOK_MAX_NS ? 2 * entry->look_step_ns : LOOK_MAX_NS;
        entry->look_ns = jobs_now(entry->jobs) + entry->look_step_ns;
        return;
    }
    cancel_command(entry);
    enum duet_status status = state == ALERT_COMMAND_DONE ? DUET_OK : duet_error(DUET_EIO, "%s", why);
    duet_scheduler_done(entry->jobs->options.scheduler, entry->name, status);
}

static enum duet_source_state jobs_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct duet_jobs *jobs = duet_container_of(source, struct duet_jobs, source);
    *wake_ns = INT64_MAX;
    for (size_t i = 0; i < jobs->entry_count; i++) {
        struct job_entry *entry = jobs->entries[i];
        if (entry->command != NULL && jobs_now(jobs) >= entry->look_ns) {
            look_at_command(entry);
        }
        if (entry->command != NULL && entry->look_ns < *wake_ns) {
            *wake_ns = entry->look_ns;
        }
    }
    return DUET_SOURCE_WAIT;
}

/* ---- the table ---- */

/** Out of the scheduler, which ends what is under way. */
static void entry_destroy(struct job_entry *entry) {
    enum duet_status status = duet_scheduler_remove(entry->jobs->options.scheduler, entry->name);
    DUET_ASSERT(status == DUET_OK);
    job_scan_leave(entry);
    job_command_destroy(entry->command);
    free(entry->name);
    free(entry->run);
    free(entry);
}

static enum duet_status entry_create(struct duet_jobs *jobs, const struct duet_live_job *item, struct job_entry **out) {
    size_t kind = 0;
    while (
        kind < sizeof(kinds) / sizeof(kinds[0]) && strncmp(item->run, kinds[kind].run, strlen(kinds[kind].run)) != 0) {
        kind++;
    }
    if (kind == sizeof(kinds) / sizeof(kinds[0])) {
        return duet_error(DUET_EINVAL, "job \"%s\": nothing is known of \"%s\"", item->name, item->run);
    }
    struct job_entry *entry = duet_alloc(1, sizeof(*entry));
    *entry = (struct job_entry){
        .jobs = jobs, .name = duet_strdup(item->name), .run = duet_strdup(item->run), .period_ns = item->period_ns};
    const struct duet_job job = {.name = entry->name,
        .period_ns = item->period_ns,
        .run = kinds[kind].begin,
        .cancel = kinds[kind].cancel,
        .argument = entry,
        .at_start = true};
    enum duet_status status = duet_scheduler_add(jobs->options.scheduler, &job);
    if (status != DUET_OK) {
        free(entry->name);
        free(entry->run);
        free(entry);
        return status;
    }
    *out = entry;
    return DUET_OK;
}

static bool is_same(const struct job_entry *entry, const struct duet_live_job *item) {
    return strcmp(entry->name, item->name) == 0 && strcmp(entry->run, item->run) == 0 &&
           entry->period_ns == item->period_ns;
}

enum duet_status duet_jobs_set(struct duet_jobs *jobs, const struct duet_live_job *items, size_t count) {
    DUET_ASSERT(count <= DUET_LIVE_JOBS_MAX);
    struct job_entry *next[DUET_LIVE_JOBS_MAX] = {NULL};
    for (size_t i = 0; i < jobs->entry_count; i++) {
        size_t same = 0;
        while (same < count && !is_same(jobs->entries[i], &items[same])) {
            same++;
        }
        if (same < count) {
            next[same] = jobs->entries[i];
        } else {
            entry_destroy(jobs->entries[i]);
        }
    }
    jobs->entry_count = 0;
    enum duet_status status = DUET_OK;
    for (size_t i = 0; i < count; i++) {
        if (next[i] == NULL && status == DUET_OK) {
            status = entry_create(jobs, &items[i], &next[i]);
        }
        if (next[i] != NULL) {
            jobs->entries[jobs->entry_count++] = next[i];
        }
    }
    return status;
}

struct duet_jobs *duet_jobs_create(const struct duet_jobs_options *options) {
    DUET_ASSERT(options->health != NULL && options->snapshot != NULL);
    struct duet_jobs *jobs = duet_alloc(1, sizeof(*jobs));
    jobs->options = *options;
    jobs->source = (struct duet_source){.name = "jobs", .run = jobs_run};
    uint32_t count = options->instruments->count;
    jobs->told = duet_alloc(count > 0 ? count : 1, sizeof(*jobs->told));
    duet_loop_add(options->loop, &jobs->source);
    return jobs;
}

void duet_jobs_destroy(struct duet_jobs *jobs) {
    if (jobs == NULL) {
        return;
    }
    for (size_t i = 0; i < jobs->entry_count; i++) {
        entry_destroy(jobs->entries[i]);
    }
    duet_loop_remove(jobs->options.loop, &jobs->source);
    free(jobs->told);
    free(jobs);
}
