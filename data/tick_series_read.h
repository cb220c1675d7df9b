/* From the rows of a file of trades or quotes to the records of a series. */
#ifndef DUET_DATA_TICK_SERIES_READ_H
#define DUET_DATA_TICK_SERIES_READ_H

#include "data/cache_writer.h"

/**
 * Read all that `spec` names into `writer`, sorted. Prices are stored in units of as many decimals as are written, or
 * `*wide`, as doubles, where units would not hold them. `info` gets everything but digest and from_cache. A trade
 * without a price above zero is left out and counted, and so is a quote with a price below zero; crossed quotes are
 * kept and counted. Errors as duet_ticks_read().
 */
DUET_MUST_CHECK enum duet_status duet_tick_series_read(const struct duet_data_spec *spec,
    const struct duet_series_options *options, struct duet_cache_writer *writer, struct duet_data_info *info,
    bool *wide);

#endif
