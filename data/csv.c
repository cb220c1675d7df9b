#include "data/csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "data/csv_reader.h"
#include "data/table.h"

/** Decimals above which prices are noise of arithmetic, and those that are kept of them. */
#define WRITTEN_NOISE 12
#define NOISE_DECIMALS 9
#define QUANTITY_DECIMALS_MAX 8
#define SCALED_MAX 4e18
/** Bytes below the rows that may be words. */
#define FOOTER_MAX 2048

static void reset_counts(struct duet_csv_reader *reader) {
    struct duet_data_info *info = reader->info;
    memset(info->warnings, 0, sizeof(info->warnings));
    memset(info->warning_line, 0, sizeof(info->warning_line));
    info->rows = info->skipped = 0;
    memset(reader->written, 0, sizeof(reader->written));
    reader->against = reader->range_against = reader->equal = reader->kept = 0;
    reader->has_last = reader->has_range = false;
    reader->last_ns = reader->descending ? INT64_MAX : INT64_MIN;
    reader->steps = 0;
    reader->steps_near = reader->twin_steps_near = reader->steps_far = reader->twin_steps_far = true;
    reader->dates_open = reader->form.dates_open;
    reader->offset_s = reader->form.offset_s;
    reader->volume_decimals = 0;
    reader->price_max = 0;
    reader->symbol_length = 0;
    reader->batch_count = 0;
    reader->survey_count = 0;
    reader->line = reader->form.data_line;
    duet_csv_fast_init(reader);
}

/** Three words or more at the beginning of a line that is no row. */
static bool is_footer_line(const struct duet_csv_reader *reader, const char *line, size_t length) {
    struct duet_csv_field first;
    size_t count = duet_csv_split(line, length, reader->form.delimiter, &first, 1), blanks = 0;
    if (count == SIZE_MAX || count == reader->form.fields || first.length == 0) {
        return false;
    }
    if (reader->form.columns.of_role[DUET_CSV_SYMBOL] == 0 && first.length >= reader->symbol_length &&
        memcmp(first.text, reader->symbol, reader->symbol_length) == 0) {
        return false; // a row, cut off
    }
    for (size_t i = 0; i < first.length; i++) {
        blanks += first.text[i] == ' ';
    }
    return blanks >= 2 && (*first.text == '*' || ((*first.text | 0x20) >= 'a' && (*first.text | 0x20) <= 'z'));
}

/** What some vendors write below the rows. `end` is the end of the chunk. */
static bool is_footer(const struct duet_csv_reader *reader, const char *p, const char *end) {
    if (reader->source.position != reader->source.size || end - p > FOOTER_MAX) {
        return false;
    }
    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop != NULL ? stop : end;
        size_t blank = 0, length = (size_t)(stop - p);
        while (blank < length && (p[blank] == ' ' || p[blank] == '\t' || p[blank] == '\r')) {
            blank++;
        }
        if (blank < length && !is_footer_line(reader, p, length)) {
            return false;
        }
        p = stop < end ? stop + 1 : end;
    }
    return true;
}

/** Read the lines of one chunk; those of a survey only until it has enough. */
static enum duet_csv_outcome read_lines(struct duet_csv_reader *reader, const char *begin, const char *end) {
    // The fast reader stops in front of a line that it cannot read; the last line of a file may have no end.
    const char *whole = end;
    while (whole > begin && whole[-1] != '\n') {
        whole--;
    }
    for (const char *p = begin; p < end; reader->line++) {
        p = duet_csv_fast_rows(reader, p, p < whole ? whole : p);
        if (p == NULL) {
            return DUET_CSV_ROW_FAILED;
        }
        if (p == end) {
            break;
        }
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        bool cut_off = stop == NULL;
        if (is_footer(reader, p, end)) {
            duet_csv_warn(reader, DUET_DATA_FOOTER);
            break;
        }
        stop = cut_off ? end : stop;
        uint64_t rows = reader->info->rows, kept = reader->kept;
        enum duet_csv_outcome outcome = duet_csv_row_read(reader, p, (size_t)(stop - p), cut_off);
        if (outcome != DUET_CSV_ROW_DONE) {
            return outcome;
        }
        if (reader->info->rows > rows && cut_off) {
            duet_csv_warn(reader, DUET_DATA_TRUNCATED_TAIL);
        } else if (reader->kept > kept) { // rows in error are no pattern
            duet_csv_fast_learn(reader, p, stop);
        }
        p = cut_off ? end : stop + 1;
    }
    return DUET_CSV_ROW_DONE;
}

/** Walk over all rows once. */
static enum duet_csv_outcome walk(struct duet_csv_reader *reader, const struct duet_series_options *options) {
    reset_counts(reader);
    duet_csv_source_seek(&reader->source, reader->form.data_offset);
    reader->source.small_steps = reader->survey;
    for (;;) {
        const char *begin, *end;
        reader->failure = duet_csv_source_next(&reader->source, reader->line, reader->info, &begin, &end);
        if (reader->failure != DUET_OK) {
            return DUET_CSV_ROW_FAILED;
        }
        if (begin == end || (reader->survey && reader->survey_count == DUET_CSV_SURVEY_ROWS)) {
            break;
        }
        enum duet_csv_outcome outcome = read_lines(reader, begin, end);
        if (outcome != DUET_CSV_ROW_DONE) {
            return outcome;
        }
        if (!reader->survey && options != NULL && options->progress != NULL) {
            options->progress(options->argument, reader->info->path, reader->source.position, reader->source.size);
        }
    }
    return duet_csv_flush(reader) ? DUET_CSV_ROW_DONE : DUET_CSV_ROW_FAILED;
}

/** The last word where no row had a day above 12: dates of an intraday file that follow one another closely. */
static enum duet_status settle_open_dates(struct duet_csv_reader *reader, bool *swapped) {
    *swapped = false;
    if (!reader->dates_open) {
        return DUET_OK;
    }
    bool intraday = reader->form.has_clock && reader->interval_ns < DUET_DAY_NS && reader->steps > 2;
    if (intraday && reader->steps_near && reader->twin_steps_far) {
        return DUET_OK;
    }
    if (intraday && reader->twin_steps_near && reader->steps_far) {
        reader->form.date_form = duet_date_form_twin(reader->form.date_form);
        reader->form.dates_open = false;
        *swapped = true;
        return DUET_OK;
    }
    const char *column = reader->form.names[reader->form.columns.of_role[DUET_CSV_TIME]];
    return duet_csv_refuse(reader->info, reader->form.data_line, column,
        "day and month cannot be told apart in any row; say dates=mdy or dates=dmy");
}

static enum duet_status survey(struct duet_csv_reader *reader) {
    reader->survey = true;
    reader->survey_times = duet_alloc(DUET_CSV_SURVEY_ROWS, sizeof(*reader->survey_times));
    enum duet_csv_outcome outcome;
    do {
        outcome = walk(reader, NULL);
    } while (outcome == DUET_CSV_ROW_RESTART);
    if (outcome == DUET_CSV_ROW_DONE) {
        duet_csv_survey_judge(reader);
    }
    reader->survey = false;
    free(reader->survey_times);
    reader->survey_times = NULL;
    if (outcome == DUET_CSV_ROW_FAILED) {
        return reader->failure;
    }
    if (reader->interval_ns == 0) {
        return duet_csv_refuse(
            reader->info, reader->form.data_line, NULL, "too few rows to tell the interval; say e.g. interval=1m");
    }
    reader->info->interval_ns = reader->interval_ns;
    return DUET_OK;
}

static enum duet_status read_rows(struct duet_csv_reader *reader, const struct duet_series_options *options) {
    for (;;) {
        enum duet_csv_outcome outcome = walk(reader, options);
        bool again = outcome == DUET_CSV_ROW_RESTART;
        if (outcome == DUET_CSV_ROW_FAILED) {
            return reader->failure;
        }
        if (!again) {
            enum duet_status status = settle_open_dates(reader, &again);
            if (status != DUET_OK) {
                return status;
            }
        }
        if (!again) {
            if (reader->kept == 0 && reader->form.asset[0] != '\0') {
                return duet_csv_refuse(
                    reader->info, reader->form.data_line, NULL, "no row of asset=%.24s", reader->form.asset);
            }
            return reader->kept > 0 ? DUET_OK
                                    : duet_csv_refuse(reader->info, reader->form.data_line, NULL,
                                          "no row is left: all have blank cells or errors");
        }
        enum duet_status status = reader->sink->restart(reader->sink->argument, reader->wide);
        if (status != DUET_OK) {
            return status;
        }
    }
}

static void understood_zone(const struct duet_csv_reader *reader) {
    struct duet_data_info *info = reader->info;
    const struct duet_csv_form *form = &reader->form;
    if (reader->spec->tz != NULL) {
        duet_text_copy(info->tz, sizeof(info->tz), reader->spec->tz);
    } else if (form->has_zone && form->offset_s != 0) {
        int32_t size = form->offset_s < 0 ? -form->offset_s : form->offset_s;
        snprintf(info->tz, sizeof(info->tz), "%c%02d:%02d", form->offset_s < 0 ? '-' : '+', (int)(size / 3600 % 24),
            (int)(size / 60 % 60));
    } else {
        info->tz_assumed = !form->has_zone && form->zone == NULL;
        duet_text_copy(info->tz, sizeof(info->tz), form->has_zone || form->zone == NULL ? "UTC" : form->zone);
    }
}

/** What is known before the rows have been read. */
static void understood_form(const struct duet_csv_reader *reader) {
    struct duet_data_info *info = reader->info;
    const struct duet_csv_form *form = &reader->form;
    duet_text_copy(info->dialect, sizeof(info->dialect), form->dialect);
    duet_csv_columns_format(&form->columns, info->columns, sizeof(info->columns));
    info->stamp = form->stamp == DUET_STAMP_UNSET ? DUET_STAMP_OPEN : form->stamp;
    if (reader->spec->stamp != DUET_STAMP_UNSET) {
        info->stamp = reader->spec->stamp;
    }
    info->has_volume = form->columns.of_role[DUET_CSV_VOLUME] >= 0;
    understood_zone(reader);
}

static void format_label(const struct duet_csv_reader *reader, int64_t utc_ns, int32_t offset_s, char *out) {
    struct duet_label label = {.has_zone = reader->form.has_zone,
        .has_clock = reader->form.has_clock,
        .is_epoch = reader->form.is_epoch,
        .offset_s = offset_s};
    label.local_ns = utc_ns + (label.has_zone ? offset_s * DUET_SECOND_NS : duet_zone_offset_ns(reader->zone, utc_ns));
    duet_label_format(&label, out);
}

/** Most decimals written; few where they are noise or prices too large for them. */
static uint32_t wide_decimals(const struct duet_csv_reader *reader) {
    uint32_t decimals = 0;
    for (uint32_t i = 0; i <= DUET_CSV_WRITTEN_MAX; i++) {
        decimals = reader->written[i] > 0 ? i : decimals;
    }
    if (reader->spec->decimals >= 0) {
        decimals = (uint32_t)reader->spec->decimals;
    } else if (decimals > WRITTEN_NOISE) {
        decimals = NOISE_DECIMALS;
    }
    while (decimals > 0 && reader->price_max * (double)duet_pow10(decimals) > SCALED_MAX) {
        decimals--;
    }
    return decimals;
}

/** What the rows turned out to be. */
static void understood_rows(const struct duet_csv_reader *reader, struct duet_csv_order *order) {
    struct duet_data_info *info = reader->info;
    info->interval_ns = reader->interval_ns;
    info->price_decimals = reader->wide ? wide_decimals(reader) : reader->decimals;
    for (uint32_t i = info->price_decimals + 1; reader->wide && i <= DUET_CSV_WRITTEN_MAX; i++) {
        if (reader->written[i] > 0) {
            uint64_t *line = &info->warning_line[DUET_DATA_ROUNDED_PRICE];
            *line = *line == 0 || reader->written_line[i] < *line ? reader->written_line[i] : *line;
            info->warnings[DUET_DATA_ROUNDED_PRICE] += reader->written[i];
        }
    }
    info->quantity_decimals =
        reader->volume_decimals < QUANTITY_DECIMALS_MAX ? reader->volume_decimals : QUANTITY_DECIMALS_MAX;
    if (reader->spec->quantity_decimals >= 0) {
        info->quantity_decimals = (uint32_t)reader->spec->quantity_decimals;
    }
    info->adjusted_differs = reader->adjusted_differs;
    info->descending = reader->descending;
    info->first_ns = reader->first_ns;
    info->last_ns = reader->last_label_ns;
    format_label(reader, reader->first_ns, reader->first_offset_s, info->first);
    format_label(reader, reader->last_label_ns, reader->last_offset_s, info->last);
    bool strict = reader->equal == 0 && reader->against == 0;
    order->ascending = strict && !reader->descending;
    order->descending = strict && reader->descending;
}

/** The file's name without folders and the last ending. */
static void symbol_from_path(const char *path, char *out, size_t size) {
    const char *slash = strrchr(path, '/');
    duet_text_copy(out, size, slash == NULL ? path : slash + 1);
    char *dot = strrchr(out, '.');
    if (dot != NULL && dot != out) {
        *dot = '\0';
    }
}

static enum duet_status reader_run(
    struct duet_csv_reader *reader, const struct duet_series_options *options, struct duet_csv_order *order) {
    const struct duet_data_spec *spec = reader->spec;
    const char *head, *head_end;
    enum duet_status status = duet_csv_source_next(&reader->source, 1, reader->info, &head, &head_end);
    if (status != DUET_OK) {
        return status;
    }
    bool whole = reader->source.position == reader->source.size;
    status = duet_csv_detect(head, (size_t)(head_end - head), whole, spec, reader->info, &reader->form);
    if (status != DUET_OK) {
        return status;
    }
    if (reader->dialect != NULL && strcmp(reader->form.dialect, "csv") == 0) {
        reader->form.dialect = reader->dialect;
    }
    if (reader->chunk > 0) {
        reader->source.chunk = reader->chunk;
    }
    if (spec->adjust_total && reader->form.columns.of_role[DUET_CSV_ADJUSTED] < 0) {
        return duet_error(DUET_EINVAL, "%.300s: adjust=total needs an adjusted close column", reader->info->path);
    }
    if (spec->adjust_split) {
        return duet_error(DUET_EINVAL, "%.300s: adjust=split needs the factor files of LEAN", reader->info->path);
    }
    const char *zone = spec->tz != NULL ? spec->tz : reader->form.zone != NULL ? reader->form.zone : "UTC";
    status = duet_zone_open(zone, &reader->zone);
    if (status != DUET_OK) {
        return status;
    }
    reader->trim = spec->decimals >= 0;
    reader->decimals = spec->decimals >= 0 ? (unsigned)spec->decimals : 0;
    reader->steady_from_ns = INT64_MAX;
    understood_form(reader);
    status = survey(reader);
    if (status == DUET_OK) {
        status = reader->sink->restart(reader->sink->argument, reader->wide);
    }
    if (status == DUET_OK) {
        status = read_rows(reader, options);
    }
    if (status == DUET_OK) {
        understood_rows(reader, order);
    }
    return status;
}

static struct duet_csv_reader *reader_create(const char *name, const struct duet_data_spec *spec,
    const struct duet_csv_sink *sink, struct duet_data_info *info) {
    struct duet_csv_reader *reader = duet_alloc(1, sizeof(*reader));
    reader->spec = spec;
    reader->sink = sink;
    reader->info = info;
    memset(info, 0, sizeof(*info));
    duet_text_copy(info->path, sizeof(info->path), name);
    if (spec->symbol != NULL) {
        duet_text_copy(info->symbol, sizeof(info->symbol), spec->symbol);
    } else {
        symbol_from_path(name, info->symbol, sizeof(info->symbol));
    }
    return reader;
}

static void reader_destroy(struct duet_csv_reader *reader) {
    duet_csv_source_close(&reader->source);
    duet_zone_close(reader->zone);
    free(reader);
}

enum duet_status duet_csv_read(const char *path, const struct duet_data_spec *spec,
    const struct duet_series_options *options, const struct duet_csv_sink *sink, struct duet_data_info *info,
    struct duet_csv_order *order) {
    struct duet_csv_reader *reader = reader_create(path, spec, sink, info);
    enum duet_status status = duet_csv_source_open(&reader->source, info);
    if (status == DUET_OK) {
        status = reader_run(reader, options, order);
    }
    reader_destroy(reader);
    return status;
}

enum duet_status duet_csv_read_table(const struct duet_table *table, const struct duet_series_options *options,
    const struct duet_csv_sink *sink, struct duet_data_info *info, struct duet_csv_order *order) {
    struct duet_csv_reader *reader = reader_create(table->name, &table->spec, sink, info);
    enum duet_status status = DUET_OK;
    info->elements = table->elements;
    info->added_lines = table->added_lines;
    reader->dialect = table->dialect;
    if (table->bytes != NULL) {
        duet_csv_source_memory(&reader->source, table->bytes, table->size);
    } else {
        status = duet_csv_source_open(&reader->source, info);
    }
    if (status == DUET_OK && table->book) {
        info->kind = DUET_KIND_BOOK;
        status = duet_csv_refuse(info, 0, NULL, "events of an order book, not bars");
    }
    if (status == DUET_OK) {
        status = reader_run(reader, options, order);
    }
    info->warnings[DUET_DATA_OTHER_SECURITY] = table->foreign_rows;
    info->warning_line[DUET_DATA_OTHER_SECURITY] = table->foreign_line;
    reader_destroy(reader);
    return status;
}

enum duet_status duet_csv_read_chunks(const char *name, const char *bytes, size_t size, size_t chunk, bool careful,
    const struct duet_data_spec *spec, const struct duet_csv_sink *sink, struct duet_data_info *info,
    struct duet_csv_order *order) {
    struct duet_csv_reader *reader = reader_create(name, spec, sink, info);
    reader->careful = careful;
    reader->chunk = chunk;
    duet_csv_source_memory(&reader->source, bytes, size);
    enum duet_status status = reader_run(reader, NULL, order);
    reader_destroy(reader);
    return status;
}

enum duet_status duet_csv_read_bytes(const char *name, const char *bytes, size_t size,
    const struct duet_data_spec *spec, const struct duet_csv_sink *sink, struct duet_data_info *info,
    struct duet_csv_order *order) {
    return duet_csv_read_chunks(name, bytes, size, 0, false, spec, sink, info, order);
}
