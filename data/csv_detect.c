#include "data/csv_sample.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "data/csv_symbols.h"

/** What a file says goes to terminals too: no control characters. */
static void plain_text(char *text) {
    for (; *text != '\0'; text++) {
        *text = (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text;
    }
}

enum duet_status duet_csv_refuse(
    struct duet_data_info *info, uint64_t line, const char *column, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(info->error_reason, sizeof(info->error_reason), format, arguments);
    va_end(arguments);
    plain_text(info->error_reason);
    info->error_line = line;
    duet_text_copy(info->error_column, sizeof(info->error_column), column == NULL ? "" : column);
    const char *unit = info->elements ? " element " : "";
    if (line == 0) {
        return duet_error(DUET_EDATA, "%.300s: %s", info->path, info->error_reason);
    }
    if (column == NULL) {
        return duet_error(DUET_EDATA, "%.300s:%s%" PRIu64 ": %s", info->path, unit, line, info->error_reason);
    }
    return duet_error(
        DUET_EDATA, "%.300s:%s%" PRIu64 ": column \"%.40s\": %s", info->path, unit, line, column, info->error_reason);
}

void duet_csv_form_name(struct duet_csv_form *form, size_t column, const char *text, size_t length) {
    size_t room = DUET_CSV_NAME_MAX - 1;
    memcpy(form->names[column], text, length < room ? length : room);
    form->names[column][length < room ? length : room] = '\0';
    plain_text(form->names[column]);
}

/** Updates of a book look like trades, but for a column that says what kind of update each is, or for its levels. */
static bool is_book(const struct duet_csv_form *form) {
    static const char *const names[] = {"updatetype", "issnapshot", "asks0price", "bids0price"};
    for (size_t i = 0; i < form->columns.count; i++) {
        char name[DUET_CSV_NAME_MAX];
        duet_csv_normalise(form->names[i], strlen(form->names[i]), name, sizeof(name));
        for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            if (strcmp(name, names[k]) == 0) {
                return true;
            }
        }
    }
    return false;
}

static enum duet_data_kind kind_of(const struct duet_csv_form *form, const struct duet_data_info *info) {
    const int *of_role = form->columns.of_role;
    if (form->has_header && is_book(form)) {
        return DUET_KIND_BOOK;
    }
    if (of_role[DUET_CSV_OPEN] >= 0 && of_role[DUET_CSV_HIGH] >= 0 && of_role[DUET_CSV_LOW] >= 0 &&
        of_role[DUET_CSV_CLOSE] >= 0) {
        return DUET_KIND_BARS;
    }
    if (info->choice_key != NULL) {
        return DUET_KIND_BARS; // of several instruments
    }
    bool sized = of_role[DUET_CSV_QUANTITY] >= 0 || of_role[DUET_CSV_VOLUME] >= 0 || form->columns_given;
    bool traded = of_role[DUET_CSV_PRICE] >= 0 && sized;
    if (of_role[DUET_CSV_BID] >= 0 && of_role[DUET_CSV_ASK] >= 0 && !traded) {
        return DUET_KIND_QUOTES;
    }
    return traded ? DUET_KIND_TRADES : DUET_KIND_OTHER;
}

/** The cell of the first row that should have been a time, judging by its column's name. */
static enum duet_status refuse_times(const struct duet_csv_sample *sample, const struct duet_csv_line *at,
    const struct duet_csv_form *form, struct duet_data_info *info) {
    const struct duet_csv_line *first = &sample->lines[sample->data < sample->count ? sample->data : 0];
    for (size_t i = 0; form->has_header && i < form->columns.count && i < duet_csv_line_kept(first); i++) {
        char name[DUET_CSV_NAME_MAX];
        int rank = 0;
        duet_csv_normalise(form->names[i], strlen(form->names[i]), name, sizeof(name));
        if (name[0] != '\0' && duet_csv_name_role(name, &rank) == DUET_CSV_TIME && rank < DUET_CSV_RANK_ID) {
            struct duet_csv_field cell = first->fields[i];
            return duet_csv_refuse(info, first->number, form->names[i], "\"%.*s\" is not a time of a known form",
                (int)(cell.length < 40 ? cell.length : 40), cell.text);
        }
    }
    return duet_csv_refuse(info, at->number, NULL,
        "no column holds times of a known form; name the columns with columns=time,open,high,low,close,volume");
}

static enum duet_status refuse_columns(
    const struct duet_csv_sample *sample, const struct duet_csv_form *form, struct duet_data_info *info) {
    static const char *const kinds[] = {"bars", "trades", "quotes", "book updates", "no market data known here"};
    bool header = sample->header != SIZE_MAX;
    const struct duet_csv_line *line = &sample->lines[header ? sample->header : sample->data];
    if (form->columns.of_role[DUET_CSV_TIME] < 0) {
        return refuse_times(sample, line, form, info);
    }
    if (info->kind == DUET_KIND_TRADES || info->kind == DUET_KIND_QUOTES || info->kind == DUET_KIND_BOOK) {
        return duet_csv_refuse(info, line->number, NULL, "the columns are those of %s, not of bars", kinds[info->kind]);
    }
    if (info->choice_key != NULL) {
        return duet_csv_refuse(info, line->number, NULL,
            "several instruments side by side; choose one with %s=, of %.100s", info->choice_key, info->choices);
    }
    int length = (int)(line->length < 80 ? line->length : 80);
    return duet_csv_refuse(info, line->number, NULL,
        "no columns open, high, low and close in \"%.*s\"; name them with columns= (time,close for one price)", length,
        line->text);
}

static enum duet_status check_count(
    const struct duet_csv_sample *sample, struct duet_csv_form *form, struct duet_data_info *info, const char *whence) {
    const struct duet_csv_line *first = &sample->lines[sample->data];
    form->fields = form->columns.count;
    if (first->count == form->fields) {
        return DUET_OK;
    }
    bool trailing = first->count == form->fields + 1 && form->fields < DUET_CSV_COLUMNS_MAX &&
                    duet_csv_column_is_blank(sample, form->fields);
    bool beyond = form->fields == DUET_CSV_COLUMNS_MAX && first->count > form->fields;
    if (trailing || beyond) {
        form->fields = first->count;
        return DUET_OK;
    }
    if (first->count == 0) {
        return duet_csv_refuse(info, first->number, NULL, "a quote is not closed, or followed by text");
    }
    return duet_csv_refuse(
        info, first->number, NULL, "%zu fields, but %zu columns %s", first->count, form->columns.count, whence);
}

/** Are steps between the dates of neighbouring rows all within the limits, in days? Equal dates do not count. */
static bool steps_are(
    const struct duet_csv_sample *sample, size_t column, duet_date_form date_form, int64_t least, int64_t most) {
    int64_t before = INT64_MIN;
    bool stepped = false;
    for (size_t i = sample->data; i < sample->count; i++) {
        struct duet_label label;
        const struct duet_csv_line *line = &sample->lines[i];
        if (column >= duet_csv_line_kept(line) ||
            !duet_label_parse(date_form, line->fields[column].text, line->fields[column].length, &label)) {
            return false;
        }
        int64_t day = label.local_ns / DUET_DAY_NS, step = before == INT64_MIN ? 0 : day - before;
        step = step < 0 ? -step : step;
        if (step != 0 && (step < least || step > most)) {
            return false;
        }
        stepped = stepped || step != 0;
        before = day;
    }
    return stepped;
}

/** 21-03-01 may be the 1st of March, 2021: where the days that follow one another so would be years apart else. */
static void settle_year_first(const struct duet_csv_sample *sample, size_t column, duet_date_form *date_form) {
    duet_date_form first = duet_date_form_year_first(*date_form);
    duet_date_form twin = first != DUET_DATE_FORM_NONE ? duet_date_form_twin(*date_form) : DUET_DATE_FORM_NONE;
    bool near = first != DUET_DATE_FORM_NONE && steps_are(sample, column, first, 1, 31);
    if (near && !steps_are(sample, column, *date_form, 1, 31) &&
        (twin == DUET_DATE_FORM_NONE || !steps_are(sample, column, twin, 1, 31))) {
        *date_form = first;
    }
}

/** The time form of the chosen column, or as dates= says. */
static enum duet_status settle_times(const struct duet_csv_sample *sample, const struct duet_data_spec *spec,
    struct duet_csv_form *form, struct duet_data_info *info) {
    size_t column = (size_t)form->columns.of_role[DUET_CSV_TIME];
    const struct duet_csv_line *first = &sample->lines[sample->data];
    struct duet_csv_field field = first->fields[column];
    size_t most = duet_csv_column_date_form(sample, column, &form->date_form);
    if (most == 0) {
        return duet_csv_refuse(info, first->number, form->names[column], "\"%.*s\" is not a time of a known form",
            (int)(field.length < 40 ? field.length : 40), field.text);
    }
    if (spec->dates == DUET_DATES_UNSET) {
        settle_year_first(sample, column, &form->date_form);
    }
    duet_date_form twin = duet_date_form_twin(form->date_form);
    if (twin != DUET_DATE_FORM_NONE && spec->dates != DUET_DATES_UNSET) {
        bool wants_mdy = spec->dates == DUET_DATES_MDY;
        form->date_form = duet_date_form_is_mdy(form->date_form) == wants_mdy ? form->date_form : twin;
    } else if (twin != DUET_DATE_FORM_NONE) {
        size_t count = 0;
        for (size_t i = sample->data; i < sample->count; i++) {
            struct duet_label label;
            const struct duet_csv_line *line = &sample->lines[i];
            count += column < duet_csv_line_kept(line) &&
                     duet_label_parse(twin, line->fields[column].text, line->fields[column].length, &label);
        }
        form->dates_open = count == most;
    }
    for (size_t i = sample->data; i < sample->count; i++) {
        struct duet_label label;
        const struct duet_csv_line *line = &sample->lines[i];
        if (column < duet_csv_line_kept(line) &&
            duet_label_parse(form->date_form, line->fields[column].text, line->fields[column].length, &label)) {
            form->has_zone = label.has_zone;
            form->has_clock = label.has_clock || form->columns.of_role[DUET_CSV_CLOCK] >= 0;
            form->is_epoch = label.is_epoch;
            form->offset_s = label.offset_s;
            break;
        }
    }
    return DUET_OK;
}

/** A volume column that is never anything but zero. */
static bool volume_is_zero(const struct duet_csv_sample *sample, size_t column) {
    for (size_t i = sample->data; i < sample->count; i++) {
        struct duet_csv_number number;
        const struct duet_csv_line *line = &sample->lines[i];
        if (column < duet_csv_line_kept(line) &&
            (duet_csv_number_parse(line->fields[column], sample->marks, &number) != NULL || number.value != 0)) {
            return false;
        }
    }
    return true;
}

static void settle_dialect(
    const struct duet_csv_sample *sample, const struct duet_data_info *info, struct duet_csv_form *form) {
    char header[512] = "", preamble[128] = "";
    size_t used = 0;
    struct duet_csv_looks looks = {.kind = info->kind};
    looks.zero_volume = form->fields > 0 && volume_is_zero(sample, form->fields - 1);
    if (sample->header != SIZE_MAX) {
        const struct duet_csv_line *line = &sample->lines[sample->header];
        for (size_t i = 0; i < duet_csv_line_kept(line) && used + DUET_CSV_NAME_MAX + 1 < sizeof(header); i++) {
            if (i > 0) {
                header[used++] = ',';
            }
            duet_csv_normalise(line->fields[i].text, line->fields[i].length, header + used, DUET_CSV_NAME_MAX);
            used += strlen(header + used);
        }
        looks.header = header;
        if (sample->header > 0) {
            size_t length = sample->lines[0].length;
            size_t room = sizeof(preamble) - 1;
            memcpy(preamble, sample->lines[0].text, length < room ? length : room);
            looks.preamble = preamble;
        }
    }
    duet_csv_dialect(&looks, form);
    if (form->zone_named[0] != '\0') {
        form->zone = form->zone_named;
    }
}

/** Files that are no text in one of the encodings we read. */
static enum duet_status check_bytes(const char *head, size_t size, struct duet_data_info *info) {
    static const struct {
        const char *bytes;
        size_t size;
        const char *what;
    } marks[] = {
        {"\x1f\x8b", 2, "gzip data, not text; unpack it first"},
        {"PK\x03\x04", 4, "a zip archive, not text; unpack it first"},
        {"PK\x05\x06", 4, "an empty zip archive, not text"},
        {"\xff\xfe", 2, "UTF-16 text; save it as UTF-8"},
        {"\xfe\xff", 2, "UTF-16 text; save it as UTF-8"},
        {"\x28\xb5\x2f\xfd", 4, "zstd data, not text; unpack it first"},
    };
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (size >= marks[i].size && memcmp(head, marks[i].bytes, marks[i].size) == 0) {
            return duet_csv_refuse(info, 0, NULL, "%s", marks[i].what);
        }
    }
    const char *zero = memchr(head, '\0', size);
    if (zero != NULL) {
        uint64_t line = 1;
        for (const char *p = head; p < zero; p++) {
            line += *p == '\n';
        }
        return duet_csv_refuse(info, line, NULL, "a zero byte: binary data, not text");
    }
    return DUET_OK;
}

static enum duet_status find_columns(struct duet_csv_sample *sample, bool any, const struct duet_data_spec *spec,
    struct duet_csv_form *form, struct duet_data_info *info) {
    if (!duet_csv_sample_find_start(sample, any)) {
        if (spec->columns == NULL || sample->count == 0) {
            return duet_csv_refuse(info, sample->lines[0].number, NULL,
                "neither column names nor rows of times and numbers; name the columns with "
                "columns=time,open,high,low,close,volume");
        }
        sample->header = SIZE_MAX;
        sample->data = 0;
    }
    if (sample->data >= sample->count) {
        return duet_csv_refuse(info, sample->lines[sample->header].number, NULL, "a header but no rows");
    }
    form->has_header = sample->header != SIZE_MAX;
    form->columns_given = spec->columns != NULL;
    enum duet_status status = DUET_OK;
    if (spec->columns != NULL) {
        status = duet_csv_columns_parse(spec->columns, &form->columns);
    } else if (form->has_header) {
        status = duet_csv_columns_from_header(sample, spec, info, form);
    } else {
        duet_csv_columns_from_shape(sample, form);
    }
    for (size_t i = 0; i < form->columns.count; i++) {
        if (form->names[i][0] == '\0') {
            const char *name = duet_csv_role_name(form->columns.roles[i]);
            duet_csv_form_name(form, i, name, strlen(name));
        }
    }
    return status;
}

/** columns=time,close: bars of one price each. */
static void settle_close_alone(struct duet_csv_form *form) {
    int *of_role = form->columns.of_role;
    form->close_alone = of_role[DUET_CSV_CLOSE] >= 0 && of_role[DUET_CSV_OPEN] < 0 && of_role[DUET_CSV_HIGH] < 0 &&
                        of_role[DUET_CSV_LOW] < 0 && form->columns_given;
    if (form->close_alone) {
        of_role[DUET_CSV_OPEN] = of_role[DUET_CSV_HIGH] = of_role[DUET_CSV_LOW] = of_role[DUET_CSV_CLOSE];
    }
}

/** What the first lines have shown, read as the spec says or as it looks. */
static enum duet_status detect_form(struct duet_csv_sample *sample, bool any, const struct duet_data_spec *spec,
    struct duet_data_info *info, struct duet_csv_form *form) {
    form->delimiter = duet_csv_sample_delimiter(sample);
    if (form->delimiter == '\0') {
        return duet_csv_refuse(
            info, sample->lines[0].number, NULL, "no fields separated by comma, semicolon, tab or bar");
    }
    duet_csv_sample_split(sample, form->delimiter);
    sample->marks = spec->comma != DUET_CSV_MARKS_UNKNOWN ? spec->comma : duet_csv_sample_marks(sample);
    form->marks = sample->marks;
    enum duet_status status = find_columns(sample, any, spec, form, info);
    if (status == DUET_OK) {
        settle_close_alone(form);
    }
    if (status != DUET_OK) {
        return status;
    }
    form->data_line = sample->lines[sample->data].number;
    info->kind = kind_of(form, info);
    if (info->kind == DUET_KIND_BARS && info->choice_key == NULL && spec->columns == NULL) {
        duet_csv_settle_flat_bars(sample, form);
        info->kind = kind_of(form, info);
    }
    if (form->columns.of_role[DUET_CSV_TIME] < 0) {
        return refuse_columns(sample, form, info);
    }
    duet_csv_settle_symbols(sample, spec, form);
    if (spec->asset != NULL && form->asset[0] == '\0' && !form->asset_side_by_side) {
        return duet_error(DUET_EINVAL,
            "%.300s: asset=%.40s: neither columns open, high, low and close nor a column of symbols are named so",
            info->path, spec->asset);
    }
    status = check_count(sample, form, info, spec->columns != NULL ? "in columns=" : "in the header");
    if (status == DUET_OK) {
        status = settle_times(sample, spec, form, info);
    }
    bool ticks = info->kind == DUET_KIND_TRADES || info->kind == DUET_KIND_QUOTES;
    if (status == DUET_OK && ticks && !form->has_clock && !form->is_epoch && !form->columns_given) {
        info->kind = DUET_KIND_OTHER; // a price a day is no trade at midnight
    }
    if (status == DUET_OK) {
        int volume = form->columns.of_role[DUET_CSV_VOLUME];
        if (volume >= 0 && duet_csv_column_is_blank(sample, (size_t)volume)) { // named but never filled
            form->columns.roles[volume] = DUET_CSV_IGNORE;
            form->columns.of_role[DUET_CSV_VOLUME] = -1;
        }
        settle_dialect(sample, info, form);
    }
    return status;
}

static enum duet_status detect(const char *head, size_t size, bool whole, bool bars_only,
    const struct duet_data_spec *spec, struct duet_data_info *info, struct duet_csv_form *form) {
    memset(form, 0, sizeof(*form));
    info->kind = DUET_KIND_OTHER;
    size_t skip = size >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    enum duet_status status = check_bytes(head, size, info);
    if (status != DUET_OK) {
        return status;
    }
    struct duet_csv_sample *sample = duet_alloc(1, sizeof(*sample));
    duet_csv_sample_take(sample, head + skip, size - skip, whole, info->added_lines);
    status = sample->count == 0 ? duet_csv_refuse(info, 0, NULL, "empty file")
                                : detect_form(sample, !bars_only, spec, info, form);
    if (status == DUET_OK && bars_only && (info->kind != DUET_KIND_BARS || info->choice_key != NULL)) {
        status = refuse_columns(sample, form, info);
    }
    if (status == DUET_OK) {
        form->data_offset = (size_t)(sample->lines[sample->data].text - head);
    }
    free(sample);
    return status;
}

enum duet_status duet_csv_detect(const char *head, size_t size, bool whole, const struct duet_data_spec *spec,
    struct duet_data_info *info, struct duet_csv_form *form) {
    return detect(head, size, whole, true, spec, info, form);
}

enum duet_status duet_csv_detect_any(const char *head, size_t size, bool whole, const struct duet_data_spec *spec,
    struct duet_data_info *info, struct duet_csv_form *form) {
    return detect(head, size, whole, false, spec, info, form);
}
