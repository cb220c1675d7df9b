/*
 * CSV to bars. The file's form is detected from its head (delimiter, header, columns, time form, decimals), then every
 * row is parsed and checked; records leave in batches, in file order.
 */
#ifndef DUET_DATA_CSV_H
#define DUET_DATA_CSV_H

#include "data/series.h"

/** Where parsed records go. */
struct duet_csv_sink {
    /** `count` records of the width last announced (struct duet_record32, or struct duet_record48 when wide). */
    enum duet_status (*take)(void *argument, const void *records, size_t count, bool wide);
    /** Forget everything taken so far: parsing begins again, with other decimals or as wide records. */
    enum duet_status (*restart)(void *argument, bool wide);
    void *argument;
};

/** What the rows as a whole turned out to be; the sink's owner sorts and deduplicates where this says so. */
struct duet_csv_order {
    bool ascending; // strictly: nothing to do
    bool descending; // strictly: reverse
};

/**
 * Read `path` (one file) as `spec` says. Fills `info` except digest, from_cache and the warnings that depend on order
 * and interval (DUPLICATE, GAP), which the caller counts after sorting; OUT_OF_ORDER is counted here. Record times are
 * bar openings in UTC (a closing stamp has been moved back by the interval); info->interval_ns is set before the first
 * batch. DUET_EDATA with `path:line: …`, DUET_EINVAL for a bad spec. `progress` as in struct duet_series_options, may
 * be NULL.
 */
DUET_MUST_CHECK enum duet_status duet_csv_read(const char *path, const struct duet_data_spec *spec,
    const struct duet_series_options *options, const struct duet_csv_sink *sink, struct duet_data_info *info,
    struct duet_csv_order *order);

/** The same of a table, whose own spec counts. */
struct duet_table; // data/table.h
DUET_MUST_CHECK enum duet_status duet_csv_read_table(const struct duet_table *table,
    const struct duet_series_options *options, const struct duet_csv_sink *sink, struct duet_data_info *info,
    struct duet_csv_order *order);

/** The same over bytes in memory, for tests and fuzzing; `name` stands in for the path in errors. */
DUET_MUST_CHECK enum duet_status duet_csv_read_bytes(const char *name, const char *bytes, size_t size,
    const struct duet_data_spec *spec, const struct duet_csv_sink *sink, struct duet_data_info *info,
    struct duet_csv_order *order);

#endif
