/* What Duet makes of data files: `duet data inspect`. */
#ifndef DUET_DATA_INSPECT_H
#define DUET_DATA_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <duet/status.h>

#include "data/series.h"

struct duet_inspect_options {
    bool json; // one object instead of a table per path
    bool unicode; // the terminal shows UTF-8
    unsigned width; // columns of a line; 0: 80
    const struct duet_series_options *series; // how to open; may be NULL
};

/**
 * Write what was understood of each path to `out`. A path is a file, a folder (one series), a pattern with
 * "*", "?" or "[", or `SYMBOL=PATH,key=value`. Files are read on all processors; what is written is in order.
 * A refused file is an entry with its error and does not stop the others; then DUET_EDATA at the end. DUET_EINVAL for a
 * bad key or value, before anything is written.
 */
DUET_MUST_CHECK enum duet_status duet_inspect(
    const char *const *paths, size_t count, const struct duet_inspect_options *options, FILE *out);

/** What such a path names: a plain one needs no symbol, an existing one is taken as it is. Finish with
 * duet_data_spec_finish(). */
DUET_MUST_CHECK enum duet_status duet_inspect_parse(const char *text, struct duet_data_spec *spec);

/** Columns of the picture of closes. */
#define DUET_SPARKLINE_MAX 60

/** One inspected path, for the writers. */
struct duet_inspection {
    struct duet_data_info info;
    bool refused; // then info tells how far it got, and reason why it ended
    char reason[512];
    size_t sample_count;
    double samples[DUET_SPARKLINE_MAX]; // closes, evenly spread
    double lowest, highest; // of all closes sampled
    int64_t gap_ns; // label before the first gap, UTC; INT64_MIN without one
};

/** inspect_json.c and inspect_text.c */
void duet_inspect_write_json(const struct duet_inspection *items, size_t count, FILE *out);
void duet_inspect_write_text(const struct duet_inspection *item, const struct duet_inspect_options *options, FILE *out);
const char *duet_data_kind_text(enum duet_data_kind kind);

#endif
