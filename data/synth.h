/* Made-up bars as CSV: a seeded random walk, for demonstrations, tests and benchmarks. The same options give the same
 * bytes on every machine. */
#ifndef DUET_DATA_SYNTH_H
#define DUET_DATA_SYNTH_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/status.h>

struct duet_synth_options {
    uint64_t bars; // > 0
    uint64_t seed;
    int64_t start_ns; // label of the first bar, UTC
    int64_t interval_ns; // DUET_MONTH_NS steps by the calendar
    double price; // of the first opening; the walk stays within its order of magnitude
    double volatility; // standard deviation of one bar's return, e.g. 0.0005
    uint32_t decimals; // of prices
    bool ragged; // fields of all widths: no trailing zeros, prices over two decades, volumes of 1 to 8 digits
};

/** 1000 one-minute bars from 2020-01-01 at 100.00. */
DUET_EXPORT struct duet_synth_options duet_synth_defaults(void);

/** Write `time,open,high,low,close,volume` and the bars to `path` ("-": standard output), whole or not at all.
 * DUET_EINVAL for an option out of range, which it names. */
DUET_MUST_CHECK enum duet_status duet_synth_write(const struct duet_synth_options *options, const char *path);

#endif
