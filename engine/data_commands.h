/* `duet data import` and `duet data export`: files read ahead of their use, and series written out clean. */
#ifndef DUET_ENGINE_DATA_COMMANDS_H
#define DUET_ENGINE_DATA_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/status.h>

/**
 * Read every path (as `duet data inspect` takes them) into the cache, on all processors, and print a line each and the
 * sum. A refused file does not stop the others; exit code 3 at the end. Exit code 1 where the cache cannot be written.
 */
DUET_EXPORT int duet_command_import(const char *const *paths, size_t count, bool json);

struct duet_export_options {
    const char *from, *to; // as --from and --to of a run; may be NULL
    const char *out; // file; NULL or "-": standard output
};
/**
 * Write one series as CSV: a header, comma, LF, rows in order of time. Bars: time,open,high,low,close,volume; of a day
 * and longer the time is the date in the series' zone, else UTC with a Z. Trades: time,price,quantity,side; quotes:
 * time,bid,ask,bid_size,ask_size. Prices with the series' decimals. Reading it back gives the same series.
 */
DUET_EXPORT int duet_command_export(const char *spec, const struct duet_export_options *options);

#endif
