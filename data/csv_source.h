/*
 * Where the bytes of a CSV file come from, a file or memory, handed out in chunks of whole lines. The middle of a large
 * file is mapped, a window at a time; beginning and end are read, so that bytes around every chunk may be touched.
 */
#ifndef DUET_DATA_CSV_SOURCE_H
#define DUET_DATA_CSV_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/series.h"

/** Bytes before and after a chunk that may be read, though their values mean nothing. */
#define DUET_CSV_PAD 64
/** Longest line. */
#define DUET_CSV_LINE_MAX (1u << 20)
/** Bytes read, and mapped, at a time. */
#define DUET_CSV_CHUNK (128u << 10)
#define DUET_CSV_WINDOW (4u << 20)

struct duet_csv_source {
    int fd; // -1: memory
    const char *bytes; // borrowed
    uint64_t size; // in all, as it was when opened
    uint64_t position; // behind the last byte handed out
    size_t chunk; // bytes read at a time
    bool small_steps; // map nothing: who stops early would map for nothing
    char *buffer; // PAD, then room for `capacity`, then PAD
    size_t capacity, filled; // `filled` bytes begin at PAD; those behind `taken` are still to be handed out
    size_t taken;
    char *window; // NULL: none mapped
    size_t window_size;
};

/** DUET_EDATA where the file is missing, unreadable, a folder or no regular file. */
DUET_MUST_CHECK enum duet_status duet_csv_source_open(struct duet_csv_source *source, struct duet_data_info *info);
void duet_csv_source_memory(struct duet_csv_source *source, const char *bytes, size_t size);
void duet_csv_source_close(struct duet_csv_source *source);

/** Begin again at `offset`. */
void duet_csv_source_seek(struct duet_csv_source *source, uint64_t offset);
/**
 * The next whole lines: each ends in '\n', but the last of the file perhaps. Empty (*begin == *end) at the end of the
 * file. The bytes stay until the next call. `line` is the number of the first of them, for errors. DUET_EDATA for a
 * line above the limit, a read error, or a file that has become shorter.
 */
DUET_MUST_CHECK enum duet_status duet_csv_source_next(
    struct duet_csv_source *source, uint64_t line, struct duet_data_info *info, const char **begin, const char **end);

#endif
