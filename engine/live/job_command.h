/*
 * A program that a job runs: without a shell, nothing on its standard input, each line of its standard output a line of
 * our log. Looked at now and then while it is under way; nothing here waits, but for a program that was killed.
 */
#ifndef DUET_ENGINE_LIVE_JOB_COMMAND_H
#define DUET_ENGINE_LIVE_JOB_COMMAND_H

#include "base/log.h"
#include "engine/live/alert_command.h"

/** Lines of one run that are logged; the rest is counted. */
#define JOB_COMMAND_LINES_MAX 100
/** Bytes of a line; what is beyond becomes another. */
#define JOB_COMMAND_LINE_MAX 400

struct job_command; // opaque

/** DUET_EINVAL, DUET_EIO: it could not be started. `job`, in the log's lines, is copied. */
DUET_MUST_CHECK enum duet_status job_command_start(
    const char *text, const char *job, struct duet_log *log, struct job_command **out);
/** Log what it has said; reap it where it has ended. A failure's `why` is "news: exit code 3" or the like. */
enum alert_command_state job_command_look(struct job_command *command, char *why, size_t size);
/** It and what it has started are killed, where it is under way, and reaped. NULL is fine. */
void job_command_destroy(struct job_command *command);

#endif
