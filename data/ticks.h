/*
 * The rows of files that hold single trades or quotes, in the order of the file: plain, packed, JSON or LEAN, one file
 * or the files of a folder. The careful way of reading, for what is read once and then cached.
 */
#ifndef DUET_DATA_TICKS_H
#define DUET_DATA_TICKS_H

#include "data/csv_text.h"
#include "data/series.h"

/** Which numbers a row has. */
#define DUET_TICK_PRICE 1u
#define DUET_TICK_QUANTITY 2u
#define DUET_TICK_BID 4u
#define DUET_TICK_ASK 8u
#define DUET_TICK_BID_SIZE 16u
#define DUET_TICK_ASK_SIZE 32u

/** One trade (price, and perhaps quantity and side) or one quote (bid, ask or both, and perhaps their sizes). */
struct duet_tick_row {
    int64_t time_ns; // UTC
    uint64_t line; // or element of a JSON list
    unsigned has; // bits of DUET_TICK_…; the numbers of other bits are zero
    int side; // of a trade: 1 the buyer was the aggressor, -1 the seller, 0 not stated
    struct duet_csv_number price, quantity, bid, ask, bid_size, ask_size;
};

/** Where rows go. */
struct duet_tick_sink {
    enum duet_status (*take)(void *argument, const struct duet_tick_row *row);
    void *argument;
};

/**
 * Read every row of what `spec` names and hand it to `sink` (NULL: only look). `info` gets kind, dialect, columns,
 * zone, rows, skipped, first and last label, decimals of prices and quantities, and the warnings OUT_OF_ORDER (against
 * the row before), BLANK_CELL and SKIPPED_ERROR; decimals, first and last are final only at the end. A row whose
 * prices are all blank is skipped and counted; a blank or zero side of a quote is absent. DUET_EDATA with
 * `path:line: column "price": …` for a row in error, unless on_error=skip, and for a file that holds neither trades nor
 * quotes; DUET_EINVAL for a bad spec; else what the sink returned. `options` for its progress, may be NULL.
 */
DUET_MUST_CHECK enum duet_status duet_ticks_read(const struct duet_data_spec *spec,
    const struct duet_series_options *options, const struct duet_tick_sink *sink, struct duet_data_info *info);

/**
 * Read what `spec` names for its rows, labels and decimals, whatever it holds, as long as its rows have times: trades,
 * quotes, updates of a book, bars of several instruments, prices of any kind; info->kind tells which. Errors as above.
 */
DUET_MUST_CHECK enum duet_status duet_ticks_survey(const struct duet_data_spec *spec, struct duet_data_info *info);

#endif
