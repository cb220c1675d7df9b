/* The result as a page for people: what ran, what came out, what must not be missed, which files were written. */
#ifndef DUET_REPORT_SUMMARY_H
#define DUET_REPORT_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

#include "report/result.h"

/** A file that the run wrote. */
struct duet_summary_file {
    const char *what; // "fills", "equity", "report"
    const char *path;
};

/** Zeroed: plain ASCII, no colour, 80 columns, no files. */
struct duet_summary_options {
    bool colour; // ANSI; for terminals only
    bool unicode; // "±", "–", "…"
    unsigned width; // columns, 72 … 120; 0: 80
    const struct duet_summary_file *files; // borrowed
    size_t file_count;
};

/** DUET_EIO where the stream took not all of it. */
DUET_MUST_CHECK enum duet_status duet_result_print_summary(
    const struct duet_result *result, const struct duet_summary_options *options, FILE *stream);

#endif
