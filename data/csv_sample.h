/*
 * The first lines of a text and what they look like: split into fields, where the rows begin, which columns hold times.
 * csv_header.c and csv_shape.c tell from them what the columns are.
 */
#ifndef DUET_DATA_CSV_SAMPLE_H
#define DUET_DATA_CSV_SAMPLE_H

#include "data/csv_form.h"
#include "data/csv_text.h"

/** Lines looked at, and how many of them may stand before the header. */
#define DUET_CSV_SAMPLE_LINES_MAX 100
#define DUET_CSV_PREAMBLE_LINES_MAX 8

struct duet_csv_line {
    const char *text;
    size_t length;
    uint64_t number;
    size_t count; // of fields; those behind DUET_CSV_COLUMNS_MAX are not kept
    struct duet_csv_field fields[DUET_CSV_COLUMNS_MAX];
};

/** The first lines, blank ones left out. */
struct duet_csv_sample {
    struct duet_csv_line lines[DUET_CSV_SAMPLE_LINES_MAX];
    size_t count;
    size_t header; // index of the header line, SIZE_MAX without
    size_t data; // index of the first row
    enum duet_csv_marks marks; // within numbers
    char stacked[8192]; // names put together from several lines of a header
};

/** The lines of `head` that are not blank; the first of them is number 1 less `added_lines`. */
void duet_csv_sample_take(
    struct duet_csv_sample *sample, const char *head, size_t size, bool whole, unsigned added_lines);
/** The delimiter that splits the lines into most fields; 0 where none does. */
char duet_csv_sample_delimiter(const struct duet_csv_sample *sample);
void duet_csv_sample_split(struct duet_csv_sample *sample, char delimiter);
/** What comma and point mean in the numbers of all lines; DUET_CSV_MARKS_UNKNOWN where nothing tells. */
enum duet_csv_marks duet_csv_sample_marks(const struct duet_csv_sample *sample);
/** Skip what stands before the header or, without one, before the first row. `any`: a row needs no number. */
bool duet_csv_sample_find_start(struct duet_csv_sample *sample, bool any);

/** Fields of a line that have been kept. */
size_t duet_csv_line_kept(const struct duet_csv_line *line);
/** The date form that reads most of a column's cells in the rows, and how many; on a tie the first of the table. */
size_t duet_csv_column_date_form(const struct duet_csv_sample *sample, size_t column, duet_date_form *best);
bool duet_csv_column_is_clock(const struct duet_csv_sample *sample, size_t column);
bool duet_csv_column_is_blank(const struct duet_csv_sample *sample, size_t column);

/** Columns by the names of the header. `spec` may choose one of several instruments; where it has to and does not,
 * info->choices lists them. DUET_EINVAL for an asset that the header does not have. */
DUET_MUST_CHECK enum duet_status duet_csv_columns_from_header(const struct duet_csv_sample *sample,
    const struct duet_data_spec *spec, struct duet_data_info *info, struct duet_csv_form *form);
/** Columns by what stands in them. */
void duet_csv_columns_from_shape(const struct duet_csv_sample *sample, struct duet_csv_form *form);
/** Trades written as bars: each row one price four times, and times that no bar would have. One price, then, and its
 * quantity. Only of columns that are bars. */
void duet_csv_settle_flat_bars(const struct duet_csv_sample *sample, struct duet_csv_form *form);
/** Keep the name of a column, without control characters. */
void duet_csv_form_name(struct duet_csv_form *form, size_t column, const char *text, size_t length);

#endif
