#include "data/ticks.h"

#include <stdlib.h>
#include <string.h>

#include <duet/money.h>

#include "base/text.h"
#include "data/csv_form.h"
#include "data/csv_source.h"
#include "data/csv_text.h"
#include "data/source.h"

struct ticks {
    struct duet_data_info *info;
    struct duet_csv_form form;
    struct duet_csv_source source;
    uint64_t line;
    int64_t first_ns, last_ns, before_ns; // as instants, or as clocks show them where no zone is stated
    struct duet_label first, last;
};

static enum duet_status ticks_refuse(struct ticks *ticks, int column, const char *complaint) {
    return duet_csv_refuse(ticks->info, ticks->line, ticks->form.names[column], "%s", complaint);
}

static enum duet_status ticks_take_label(struct ticks *ticks, const struct duet_csv_field *fields) {
    int column = ticks->form.columns.of_role[DUET_CSV_TIME], clock = ticks->form.columns.of_role[DUET_CSV_CLOCK];
    struct duet_label label;
    if (!duet_label_parse(ticks->form.date_form, fields[column].text, fields[column].length, &label)) {
        return ticks_refuse(ticks, column, "not a time of the form of the first row");
    }
    if (clock >= 0) {
        int64_t clock_ns = 0;
        if (!duet_clock_parse(fields[clock].text, fields[clock].length, &clock_ns)) {
            return ticks_refuse(ticks, clock, "not a time of day");
        }
        label.local_ns += clock_ns;
        label.has_clock = true;
    }
    struct duet_data_info *info = ticks->info;
    int64_t ns = label.local_ns - (label.has_zone ? label.offset_s * DUET_SECOND_NS : 0);
    if (info->rows > 0 && ns < ticks->before_ns) {
        info->warning_line[DUET_DATA_OUT_OF_ORDER] =
            info->warnings[DUET_DATA_OUT_OF_ORDER]++ == 0 ? ticks->line : info->warning_line[DUET_DATA_OUT_OF_ORDER];
    }
    if (info->rows == 0 || ns < ticks->first_ns) {
        ticks->first_ns = ns;
        ticks->first = label;
    }
    if (info->rows == 0 || ns >= ticks->last_ns) {
        ticks->last_ns = ns;
        ticks->last = label;
    }
    ticks->before_ns = ns;
    return DUET_OK;
}

static enum duet_status ticks_take_prices(struct ticks *ticks, const struct duet_csv_field *fields) {
    static const enum duet_csv_role roles[] = {DUET_CSV_BID, DUET_CSV_ASK, DUET_CSV_PRICE};
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        int column = ticks->form.columns.of_role[roles[i]];
        struct duet_csv_number number;
        if (column < 0 || duet_csv_is_blank(fields[column])) {
            continue; // a side of the book may be empty
        }
        const char *complaint = duet_csv_number_parse(fields[column], &number);
        if (complaint != NULL) {
            return ticks_refuse(ticks, column, complaint);
        }
        uint32_t decimals = number.decimals < DUET_DECIMALS_MAX ? number.decimals : DUET_DECIMALS_MAX;
        ticks->info->price_decimals = decimals > ticks->info->price_decimals ? decimals : ticks->info->price_decimals;
    }
    return DUET_OK;
}

static enum duet_status ticks_take_line(struct ticks *ticks, const char *line, size_t length) {
    struct duet_csv_field fields[DUET_CSV_COLUMNS_MAX];
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == ' ')) {
        length--;
    }
    if (length == 0) {
        return DUET_OK;
    }
    size_t count = duet_csv_split(line, length, ticks->form.delimiter, fields, DUET_CSV_COLUMNS_MAX);
    if (count < ticks->form.columns.count || count == SIZE_MAX) {
        return duet_csv_refuse(ticks->info, ticks->line, NULL, "%zu fields, but the header has %zu",
            count == SIZE_MAX ? 0 : count, ticks->form.columns.count);
    }
    enum duet_status status = ticks_take_label(ticks, fields);
    if (status == DUET_OK) {
        status = ticks_take_prices(ticks, fields);
    }
    ticks->info->rows += status == DUET_OK;
    return status;
}

static enum duet_status ticks_walk(struct ticks *ticks) {
    enum duet_status status = DUET_OK;
    duet_csv_source_seek(&ticks->source, ticks->form.data_offset);
    while (status == DUET_OK) {
        const char *begin, *end;
        status = duet_csv_source_next(&ticks->source, ticks->line, ticks->info, &begin, &end);
        if (status != DUET_OK || begin == end) {
            return status;
        }
        while (status == DUET_OK && begin < end) {
            const char *stop = memchr(begin, '\n', (size_t)(end - begin));
            stop = stop != NULL ? stop : end;
            status = ticks_take_line(ticks, begin, (size_t)(stop - begin));
            begin = stop < end ? stop + 1 : end;
            ticks->line += status == DUET_OK;
        }
    }
    return status;
}

static void ticks_sum_up(struct ticks *ticks, const struct duet_data_spec *spec) {
    struct duet_data_info *info = ticks->info;
    duet_text_copy(info->dialect, sizeof(info->dialect), ticks->form.dialect != NULL ? ticks->form.dialect : "csv");
    duet_csv_columns_format(&ticks->form.columns, info->columns, sizeof(info->columns));
    info->tz_assumed = !ticks->first.has_zone && spec->tz == NULL;
    duet_text_copy(info->tz, sizeof(info->tz), spec->tz != NULL ? spec->tz : "UTC");
    info->first_ns = ticks->first_ns;
    info->last_ns = ticks->last_ns;
    duet_label_format(&ticks->first, info->first);
    duet_label_format(&ticks->last, info->last);
}

/** Updates of a book look like trades, but for a column that says what kind of update each is. */
static bool ticks_is_book(const struct duet_csv_form *form) {
    static const char *const names[] = {"updatetype", "issnapshot"};
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

/** The form of the file; that its columns are not those of bars is known and no error here. */
static enum duet_status ticks_detect(struct ticks *ticks, const struct duet_data_spec *spec) {
    const char *head, *end;
    struct duet_data_info *info = ticks->info;
    enum duet_status status = duet_csv_source_next(&ticks->source, 1, info, &head, &end);
    if (status != DUET_OK) {
        return status;
    }
    bool whole = ticks->source.position == ticks->source.size;
    status = duet_csv_detect(head, (size_t)(end - head), whole, spec, info, &ticks->form);
    if ((info->kind != DUET_KIND_TRADES && info->kind != DUET_KIND_QUOTES) ||
        ticks->form.columns.of_role[DUET_CSV_TIME] < 0) {
        return status;
    }
    info->error_line = 0;
    info->error_reason[0] = '\0';
    info->kind = ticks_is_book(&ticks->form) ? DUET_KIND_BOOK : info->kind;
    ticks->line = ticks->form.data_line;
    duet_date_form twin = duet_date_form_twin(ticks->form.date_form);
    if (twin != DUET_DATE_FORM_NONE) {
        if (spec->dates == DUET_DATES_UNSET) {
            return ticks_refuse(ticks, ticks->form.columns.of_role[DUET_CSV_TIME],
                "day and month could change places; say dates=mdy or dates=dmy");
        }
        bool mdy = duet_date_form_is_mdy(ticks->form.date_form);
        ticks->form.date_form = mdy == (spec->dates == DUET_DATES_MDY) ? ticks->form.date_form : twin;
    }
    return DUET_OK;
}

enum duet_status duet_ticks_survey(const struct duet_data_spec *spec, struct duet_data_info *info) {
    struct ticks *ticks = duet_alloc(1, sizeof(*ticks));
    *info = (struct duet_data_info){0};
    duet_text_copy(info->path, sizeof(info->path), spec->path);
    if (spec->symbol != NULL) {
        duet_text_copy(info->symbol, sizeof(info->symbol), spec->symbol);
    } else {
        duet_source_symbol(spec->path, info->symbol, sizeof(info->symbol));
    }
    ticks->info = info;
    enum duet_status status = duet_csv_source_open(&ticks->source, info);
    if (status == DUET_OK) {
        status = ticks_detect(ticks, spec);
    }
    if (status == DUET_OK) {
        status = ticks_walk(ticks);
    }
    if (status == DUET_OK) {
        ticks_sum_up(ticks, spec);
    }
    duet_csv_source_close(&ticks->source);
    free(ticks);
    return status;
}
