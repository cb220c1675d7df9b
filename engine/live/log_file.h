/*
 * Where the daemon's log lines go: standard error, or a file that is set aside when it has grown too large (FILE.1 is
 * the youngest, the oldest goes). As text, or one JSON object a line: time, level, id, text.
 *
 * A file that cannot be written any more (a full disk) costs log lines, never the session: they go to standard error
 * until the file takes them again.
 */
#ifndef DUET_ENGINE_LIVE_LOG_FILE_H
#define DUET_ENGINE_LIVE_LOG_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

struct duet_log_file; // opaque

struct duet_log_file_options {
    const char *path; // copied; NULL: standard error
    bool json;
    int64_t bytes_max; // set aside past it
    int64_t keep; // files set aside
    /** Called before a line on standard error, e.g. to clear a status line; may be NULL. */
    void (*before)(void *argument);
    void *argument;
};
/** DUET_EIO where the file cannot be opened. */
DUET_MUST_CHECK enum duet_status duet_log_file_open(
    const struct duet_log_file_options *options, struct duet_log_file **out);
void duet_log_file_close(struct duet_log_file *file);
/** A sink of struct duet_log; `argument` is the file. */
void duet_log_file_sink(void *argument, enum duet_log_severity severity, const char *line);
/** Open the path again: somebody else may have moved the file away. On failure the old one is kept. */
DUET_MUST_CHECK enum duet_status duet_log_file_reopen(struct duet_log_file *file);

#endif
