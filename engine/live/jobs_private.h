/* Between jobs.c and jobs_scan.c. */
#ifndef DUET_ENGINE_LIVE_JOBS_PRIVATE_H
#define DUET_ENGINE_LIVE_JOBS_PRIVATE_H

#include "engine/live/jobs.h"

struct job_scan; // one scan under way
struct job_command;

struct job_entry {
    struct duet_jobs *jobs;
    char *name, *run;
    int64_t period_ns;
    struct job_command *command; // under way; NULL: none
    int64_t look_ns, look_step_ns; // when to look at it, and then
    struct job_scan *scan; // listened to; NULL: none
};

/** What was told last of one instrument. */
struct job_told {
    int64_t ns;
    int direction; // 0: nothing
};

struct duet_jobs {
    struct duet_jobs_options options;
    struct duet_source source;
    struct job_entry *entries[DUET_LIVE_JOBS_MAX]; // as configured
    size_t entry_count;
    struct job_told *told; // one per instrument
};

/** Ask for the signals of every instrument; the scheduler is told when they are there. */
DUET_MUST_CHECK enum duet_status job_scan_begin(struct job_entry *entry, int64_t due_ns);
/** Listen no longer; it ends by itself. */
void job_scan_leave(struct job_entry *entry);

#endif
