/*
 * Files that appear whole or not at all: written beside their final name, synced, renamed. What is not committed leaves
 * nothing behind but, after a crash, a file ending in ".tmp-PID".
 */
#ifndef DUET_BASE_FILE_H
#define DUET_BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <duet/status.h>

struct duet_output {
    FILE *stream; // write here
    char *path, *temporary;
};

/** Open `path` for writing; missing folders are an error that names them. "-" is standard output. */
DUET_MUST_CHECK enum duet_status duet_output_open(struct duet_output *output, const char *path);
/** Flush, sync and rename into place. On failure the temporary file is removed. */
DUET_MUST_CHECK enum duet_status duet_output_commit(struct duet_output *output);
/** Throw the temporary file away. Safe on a zeroed or finished output. */
void duet_output_abandon(struct duet_output *output);

/** Create a folder and its parents. */
DUET_MUST_CHECK enum duet_status duet_make_folders(const char *path);

/** A whole file in memory, zero-terminated (the zero is not counted). Free with free(). DUET_EDATA where it cannot be
 * read or is larger than `max`. */
DUET_MUST_CHECK enum duet_status duet_file_read(const char *path, size_t max, char **bytes, size_t *size);

#endif
