/*
 * The walk over the rows of one file: what is known of it, what has been counted, and the records on their way out.
 * csv_fast.c reads the rows that look like the one before, csv_row.c all others and finds the exact error.
 */
#ifndef DUET_DATA_CSV_READER_H
#define DUET_DATA_CSV_READER_H

#include "data/csv.h"
#include "data/csv_fast.h"
#include "data/csv_form.h"
#include "data/csv_source.h"
#include "data/csv_text.h"
#include "data/zone.h"

/** Records handed to the sink at a time. */
#define DUET_CSV_BATCH 1024
/** Rows from which interval, direction and decimals are judged. */
#define DUET_CSV_SURVEY_ROWS 10000
/** Longest interval that rows can be taken to have. */
#define DUET_CSV_INTERVAL_MAX_NS (366 * DUET_DAY_NS)
/** Decimals written in the price columns are counted up to here. */
#define DUET_CSV_WRITTEN_MAX 32

enum duet_csv_outcome {
    DUET_CSV_ROW_DONE, // kept, or skipped and counted
    DUET_CSV_ROW_RESTART, // the layout of the records or the reading of dates has changed: begin again
    DUET_CSV_ROW_FAILED, // the error text is set
};

struct duet_csv_reader {
    const struct duet_data_spec *spec;
    const struct duet_csv_sink *sink;
    struct duet_data_info *info;
    const char *dialect; // that is known beforehand, or NULL
    struct duet_csv_form form;
    struct duet_csv_source source;
    struct duet_zone *zone; // of labels that state none

    // How records are written.
    bool wide; // struct duet_record48
    bool trim; // decimals that are always zero are left away, for prices to fit 31 bits
    unsigned decimals; // of narrow prices
    unsigned restarts;

    // Labels.
    int64_t steady_offset_ns, steady_from_ns, steady_until_ns; // of the zone, around the last label
    int32_t offset_s; // stated by the last label
    int64_t interval_ns;
    size_t chunk; // bytes read at a time once the form is known; 0: as usual
    bool careful; // never the fast reader
    bool survey; // nothing goes to the sink; times are kept instead
    int64_t *survey_times;
    size_t survey_count;

    // The order of rows.
    bool descending;
    bool has_last;
    int64_t last_ns; // label of the row before
    uint64_t against, equal, kept;

    // The range of labels.
    bool has_range;
    uint64_t range_against; // `against` when the range was last widened
    int64_t first_ns, last_label_ns;
    int32_t first_offset_s, last_offset_s;

    // Day and month, while nothing has told them apart.
    bool dates_open;
    bool steps_near, twin_steps_near, steps_far, twin_steps_far; // all steps between dates so far
    uint64_t steps;
    int64_t last_day_ns, last_twin_day_ns;

    // Numbers.
    unsigned volume_decimals;
    double price_max; // largest size of a price, wide records only
    uint64_t written[DUET_CSV_WRITTEN_MAX + 1]; // rows by most decimals written, wide records only
    uint64_t written_line[DUET_CSV_WRITTEN_MAX + 1]; // the first of each
    bool adjusted_differs;
    char symbol[DUET_SYMBOL_MAX]; // of the symbol column
    size_t symbol_length;

    enum duet_status failure; // after DUET_CSV_ROW_FAILED
    struct duet_csv_fast fast;
    uint64_t line; // of the row at hand
    size_t batch_count;
    union {
        struct duet_record32 narrow[DUET_CSV_BATCH];
        struct duet_record48 wide[DUET_CSV_BATCH];
    } batch;
};

/** A row as read. */
struct duet_csv_row {
    int64_t label_ns; // UTC
    int32_t offset_s; // stated by the label
    struct duet_csv_number prices[4]; // open, high, low, close
    struct duet_csv_number volume;
};

/** duet_csv_read_bytes() in chunks of `chunk` bytes (0: as usual), `careful`: without the fast reader. Neither changes
 * anything. */
DUET_MUST_CHECK enum duet_status duet_csv_read_chunks(const char *name, const char *bytes, size_t size, size_t chunk,
    bool careful, const struct duet_data_spec *spec, const struct duet_csv_sink *sink, struct duet_data_info *info,
    struct duet_csv_order *order);

/** Count a warning at the reader's line. */
void duet_csv_warn(struct duet_csv_reader *reader, enum duet_data_warning warning);
/** UTC of a label without a zone. */
int64_t duet_csv_utc(struct duet_csv_reader *reader, int64_t local_ns);
/** Read one line, without its end, with all care. */
enum duet_csv_outcome duet_csv_row_read(struct duet_csv_reader *reader, const char *line, size_t length, bool cut_off);
/** Count what is odd about a row and add it to the batch. */
enum duet_csv_outcome duet_csv_row_keep(struct duet_csv_reader *reader, const struct duet_csv_row *row);
/** Count what is odd about a row, before it becomes the last one; numbers in any one unit. */
void duet_csv_count_oddities(struct duet_csv_reader *reader, int64_t label_ns, double open, double high, double low,
    double close, double volume);
/** Note the places of a volume, the zeros at its end left away: "6416500.0" is a whole number. */
void duet_csv_count_volume_decimals(struct duet_csv_reader *reader, int64_t mantissa, unsigned decimals);
/** Hand the batch to the sink; false where it refuses, `failure` then says how. */
DUET_MUST_CHECK bool duet_csv_flush(struct duet_csv_reader *reader);
/** Interval and direction from the times of the survey. */
void duet_csv_survey_judge(struct duet_csv_reader *reader);

#endif
