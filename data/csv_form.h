/* The form of one CSV file, found out from its first lines: what every row is then read by. */
#ifndef DUET_DATA_CSV_FORM_H
#define DUET_DATA_CSV_FORM_H

#include "data/csv_columns.h"
#include "data/csv_text.h"
#include "data/series.h"
#include "data/time_form.h"

/** Longest column name that is kept, with its end. */
#define DUET_CSV_NAME_MAX 32

struct duet_csv_form {
    char delimiter;
    enum duet_csv_marks marks; // within numbers
    bool has_header;
    uint64_t data_line; // number of the first row's line
    size_t data_offset; // its first byte, from the start of the file
    size_t fields; // per row
    struct duet_csv_columns columns;
    char names[DUET_CSV_COLUMNS_MAX][DUET_CSV_NAME_MAX]; // as in the header; role names where there is none
    duet_date_form date_form;
    char asset[DUET_SYMBOL_MAX]; // the only symbol whose rows count, of a column of symbols; empty: all have to be one
    bool asset_side_by_side; // the columns are those of one instrument among others
    bool columns_given; // by columns=
    bool close_alone; // one column is all four prices
    bool sides_stay; // a blank bid or ask is the one before
    bool side_is_maker; // the side column says whether the buyer's order was the one that waited
    bool dates_open; // nothing in the first lines tells day from month
    bool has_zone; // labels state one, or are epoch numbers
    bool has_clock;
    bool is_epoch;
    int32_t offset_s; // stated by the first label
    const char *dialect; // static
    const char *zone; // that the header states or the dialect is known to use, or NULL
    char zone_named[48]; // in the header
    enum duet_stamp stamp; // that the dialect is known to use
};

/**
 * Find the form from the first bytes of a file (`whole`: these are all there are). Fills info->kind even where it
 * refuses. DUET_EDATA with the line, DUET_EINVAL where columns= does not suit the file.
 */
DUET_MUST_CHECK enum duet_status duet_csv_detect(const char *head, size_t size, bool whole,
    const struct duet_data_spec *spec, struct duet_data_info *info, struct duet_csv_form *form);

/**
 * The same for rows of any kind: what the columns are, info->kind tells, and only a text without times is refused. Of
 * rows without prices that are known kind is DUET_KIND_OTHER.
 */
DUET_MUST_CHECK enum duet_status duet_csv_detect_any(const char *head, size_t size, bool whole,
    const struct duet_data_spec *spec, struct duet_data_info *info, struct duet_csv_form *form);

/** What the first lines look like to the table of dialects. */
struct duet_csv_looks {
    const char *header; // normalised names joined by commas; NULL without a header
    enum duet_data_kind kind;
    bool zero_volume; // the last column is zero in all rows
    const char *preamble; // first line before the header, zero-ended; NULL without
};
/** Name the dialect, and take over what is known of its stamps and zone. */
void duet_csv_dialect(const struct duet_csv_looks *looks, struct duet_csv_form *form);

/** Note where and why a file is refused and return DUET_EDATA: "path:line: column "close": "12,5" is not a number".
    `line` 0 and `column` NULL where there is none. */
enum duet_status duet_csv_refuse(
    struct duet_data_info *info, uint64_t line, const char *column, const char *format, ...) DUET_PRINTF(4, 5);

#endif
