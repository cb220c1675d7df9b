/* The price of a series at a time, bars, trades and quotes alike; for those who look back at a run. */
#ifndef DUET_DATA_SERIES_PRICE_H
#define DUET_DATA_SERIES_PRICE_H

#include "data/series.h"

/** Records that are known at `ns`: bars that have closed, trades and quotes that have happened. */
uint64_t duet_series_known(const struct duet_series *series, int64_t ns);
/** Price of record `index`: a close, a trade, the middle of a quote. DUET_EDATA as duet_series_verify(). */
DUET_MUST_CHECK enum duet_status duet_series_price(struct duet_series *series, uint64_t index, double *price);
/** The first that record `index` tells: of a bar its opening. */
DUET_MUST_CHECK enum duet_status duet_series_first_price(struct duet_series *series, uint64_t index, double *price);

#endif
