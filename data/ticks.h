/* Files of single trades or quotes, as far as inspection goes: how many rows, from when to when. */
#ifndef DUET_DATA_TICKS_H
#define DUET_DATA_TICKS_H

#include "data/series.h"

/**
 * Read the file that `spec` names for its rows, labels and decimals; every row is checked. For files whose columns
 * duet_csv_read() has refused as those of trades or quotes. DUET_EDATA as there.
 */
DUET_MUST_CHECK enum duet_status duet_ticks_survey(const struct duet_data_spec *spec, struct duet_data_info *info);

#endif
