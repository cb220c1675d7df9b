/* Rows of several instruments in one file, told apart by a column of symbols. asset= chooses those of one. */
#ifndef DUET_DATA_CSV_SYMBOLS_H
#define DUET_DATA_CSV_SYMBOLS_H

#include "data/csv_sample.h"

/** Is the cell this symbol, in any case of letters? */
bool duet_csv_symbol_is(struct duet_csv_field field, const char *symbol);

/**
 * Of bars without a column that is named as that of symbols: one of words, where rows of one time have different ones.
 * And the symbol whose rows are wanted: asset=, or the spec's own symbol where the first rows have it.
 */
void duet_csv_settle_symbols(
    const struct duet_csv_sample *sample, const struct duet_data_spec *spec, struct duet_csv_form *form);

/** Add a symbol to info->choices, once; those that no longer fit are left out. */
void duet_csv_symbols_add(struct duet_data_info *info, struct duet_csv_field symbol);

/** DUET_EDATA for a row whose symbol is not that of the rows before; info->choices then has both. */
DUET_MUST_CHECK enum duet_status duet_csv_refuse_symbol(struct duet_data_info *info, uint64_t line, const char *column,
    struct duet_csv_field before, struct duet_csv_field symbol);

#endif
