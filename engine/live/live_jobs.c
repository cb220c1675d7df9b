/* Periodic jobs of the daemon: what `jobs:` names. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/live/alert_command.h"
#include "engine/live/live_private.h"

/** How often a worker looks whether its program has ended. */
#define LOOK_MS 20

static enum duet_status run_snapshot(void *argument, int64_t due_ns) {
    struct live_job *job = argument;
    duet_session_snapshot(job->run->live.session);
    duet_loop_wake(job->run->live.loop);
    return DUET_OK;
}

static enum duet_status run_health(void *argument, int64_t due_ns) {
    struct live_job *job = argument;
    live_tell_health(job->run);
    return DUET_OK;
}

/* ------------------------------------------------------------------------------------------------------ programs */

/** A program under way; what it is about is copied, since a reload may take the job away. */
struct program {
    struct live_run *run;
    char *name;
    struct alert_command command;
};

/** On a worker: waits, so that the loop need not. */
static enum duet_status do_program(void *argument, const volatile bool *cancelled) {
    struct program *program = argument;
    pid_t pid;
    char why[128];
    int error = alert_command_start(&program->command, "", 0, &pid);
    if (error != 0) {
        return duet_error(DUET_EIO, "%s: %s", program->command.words[0], strerror(error));
    }
    enum alert_command_state state;
    while ((state = alert_command_look(pid, why, sizeof(why))) == ALERT_COMMAND_RUNNING) {
        if (duet_offload_is_cancelled(cancelled)) {
            alert_command_kill(pid);
        }
        poll(NULL, 0, LOOK_MS);
    }
    return state == ALERT_COMMAND_DONE ? DUET_OK : duet_error(DUET_EIO, "%s: %s", program->command.words[0], why);
}

static void program_done(void *argument, void *job, enum duet_status status, const char *error) {
    struct live_run *run = argument;
    struct program *program = job;
    if (status != DUET_OK) {
        duet_log_warn(&run->log, "job-failed", "job=%s reason=%s", program->name,
            error[0] != '\0' ? error : duet_status_text(status));
    }
    duet_scheduler_done(run->live.scheduler, program->name, status);
    alert_command_finish(&program->command);
    free(program->name);
    free(program);
}

static enum duet_status run_program(void *argument, int64_t due_ns) {
    struct live_job *job = argument;
    struct program *program = duet_alloc(1, sizeof(*program));
    program->run = job->run;
    program->name = duet_strdup(job->job->name);
    enum duet_status status = alert_command_parse(&program->command, duet_live_job_command(job->job));
    if (status == DUET_OK) {
        struct duet_offload_request request = {.name = "job",
            .work = do_program,
            .done = program_done,
            .job = program,
            .argument = job->run,
            .priority = DUET_PRIORITY_LOW,
            .deadline_ns = job->job->period_ns};
        status = duet_offload_submit(job->run->live.offload, &request, &job->ticket);
    }
    if (status != DUET_OK) {
        alert_command_finish(&program->command);
        free(program->name);
        free(program);
        return status;
    }
    return DUET_PENDING;
}

static void cancel_program(void *argument) {
    struct live_job *job = argument;
    (void)duet_offload_cancel(job->run->live.offload, job->ticket);
}

/* ---------------------------------------------------------------------------------------------------------- table */

static enum duet_status add(struct live_run *run, const struct duet_live_job *wanted, struct duet_job job) {
    struct live_job *own = &run->jobs[run->job_count];
    *own = (struct live_job){.run = run, .job = wanted};
    job.argument = own;
    enum duet_status status = duet_scheduler_add(run->live.scheduler, &job);
    run->job_count += status == DUET_OK;
    return status;
}

enum duet_status live_jobs_set(struct live_run *run, const struct duet_live_config *live) {
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < live->job_count; i++) {
        const struct duet_live_job *wanted = &live->jobs[i];
        struct duet_job job = {.name = wanted->name, .period_ns = wanted->period_ns};
        if (duet_live_job_command(wanted) != NULL) {
            job.run = run_program;
            job.cancel = cancel_program;
        } else if (strcmp(wanted->run, "snapshot") == 0) {
            job.run = run_snapshot;
        } else {
            job.run = run_health;
        }
        status = add(run, wanted, job);
    }
    return status;
}

void live_jobs_clear(struct live_run *run) {
    for (size_t i = 0; i < run->job_count; i++) {
        if (duet_scheduler_remove(run->live.scheduler, run->jobs[i].job->name) != DUET_OK) {
            duet_log_error(&run->log, "job-stays", "job=%s reason=%s", run->jobs[i].job->name, duet_error_text());
        }
    }
    run->job_count = 0;
}
