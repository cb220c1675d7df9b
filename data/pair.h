/* Bars of the ask and bars of the bid, in two files, as one series of the price that is wanted. */
#ifndef DUET_DATA_PAIR_H
#define DUET_DATA_PAIR_H

#include "data/table.h"

/**
 * `table` holds the ask's bars; the file at spec->bid those of the bid. Make it the table of their middle, or of the
 * side that price= names, over the labels of both: where one of them has no bar the row is blank, and so is skipped and
 * counted. DUET_EDATA where they differ in interval, or either cannot be read.
 */
DUET_MUST_CHECK enum duet_status duet_pair_join(
    struct duet_table *table, const struct duet_data_spec *spec, struct duet_data_info *info);

#endif
