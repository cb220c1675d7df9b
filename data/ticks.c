#include "data/ticks.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <duet/money.h>

#include "base/text.h"
#include "data/csv_form.h"
#include "data/csv_source.h"
#include "data/csv_symbols.h"
#include "data/parts.h"
#include "data/source.h"
#include "data/table.h"
#include "data/zone.h"

/** From here on not every whole number is a double. */
#define QUANTITY_MAX 9007199254740992.0
#define PRICE_MAX 4e18

struct ticks {
    const struct duet_data_spec *spec; // of the table at hand
    const struct duet_series_options *options;
    const struct duet_tick_sink *sink; // NULL: only look
    bool survey; // whatever has times is good
    struct duet_data_info *info;
    struct duet_csv_form form;
    struct duet_csv_source source;
    uint64_t line;
    struct duet_zone *zone; // of labels that state none
    int64_t steady_offset_ns, steady_from_ns, steady_until_ns; // of the zone, around the last label
    int64_t before_ns;
    bool has_before, has_range;
    char symbol[DUET_SYMBOL_MAX]; // of the first row
    struct duet_csv_number sides[2]; // last bid and ask
    bool has_sides[2];
    struct duet_label first, last;
};

static enum duet_status ticks_refuse(
    struct ticks *ticks, int column, const struct duet_csv_field *field, const char *complaint) {
    int length = (int)(field->length < 60 ? field->length : 60);
    return duet_csv_refuse(
        ticks->info, ticks->line, ticks->form.names[column], "\"%.*s\" %s", length, field->text, complaint);
}

static void ticks_warn(struct ticks *ticks, enum duet_data_warning warning) {
    if (ticks->info->warnings[warning]++ == 0) {
        ticks->info->warning_line[warning] = ticks->line;
    }
}

/** Of two instants that a label may name when clocks are set back, the one that keeps the order of rows. */
static int64_t ticks_utc(struct ticks *ticks, int64_t local_ns) {
    int64_t second_ns;
    if (local_ns >= ticks->steady_from_ns && local_ns < ticks->steady_until_ns) {
        return local_ns - ticks->steady_offset_ns;
    }
    if (duet_zone_to_second_utc_ns(ticks->zone, local_ns, &second_ns)) {
        int64_t first_ns = duet_zone_to_utc_ns(ticks->zone, local_ns);
        return ticks->has_before && first_ns < ticks->before_ns && ticks->before_ns < second_ns + DUET_HOUR_NS
                   ? second_ns
                   : first_ns;
    }
    ticks->steady_offset_ns =
        duet_zone_steady_ns(ticks->zone, local_ns, &ticks->steady_from_ns, &ticks->steady_until_ns);
    return local_ns - ticks->steady_offset_ns;
}

static enum duet_status ticks_read_label(
    struct ticks *ticks, const struct duet_csv_field *fields, struct duet_label *label) {
    int column = ticks->form.columns.of_role[DUET_CSV_TIME], clock = ticks->form.columns.of_role[DUET_CSV_CLOCK];
    if (!duet_label_parse(ticks->form.date_form, fields[column].text, fields[column].length, label)) {
        return ticks_refuse(ticks, column, &fields[column], "is not a time of the form of the first rows");
    }
    if (label->has_zone != ticks->form.has_zone) {
        return ticks_refuse(ticks, column, &fields[column],
            label->has_zone ? "states a zone, the rows before do not" : "states no zone, the rows before do");
    }
    if (clock >= 0) {
        int64_t clock_ns = 0;
        if (!duet_clock_parse(fields[clock].text, fields[clock].length, &clock_ns)) {
            return ticks_refuse(ticks, clock, &fields[clock], "is not a time of day");
        }
        label->local_ns += clock_ns;
        label->has_clock = true;
    }
    return DUET_OK;
}

/** The row's instant, and what it means to order and range of all of them. */
static int64_t ticks_take_label(struct ticks *ticks, const struct duet_label *label) {
    struct duet_data_info *info = ticks->info;
    int64_t ns =
        label->has_zone ? label->local_ns - label->offset_s * DUET_SECOND_NS : ticks_utc(ticks, label->local_ns);
    if (ticks->has_before && ns < ticks->before_ns) {
        ticks_warn(ticks, DUET_DATA_OUT_OF_ORDER);
    }
    if (!ticks->has_range || ns < info->first_ns) {
        info->first_ns = ns;
        ticks->first = *label;
    }
    if (!ticks->has_range || ns >= info->last_ns) {
        info->last_ns = ns;
        ticks->last = *label;
    }
    ticks->has_before = ticks->has_range = true;
    ticks->before_ns = ns;
    return ns;
}

/** Places that a number needs, the zeros at its end left away. */
static uint32_t decimals_needed(const struct duet_csv_number *number) {
    int64_t mantissa = number->mantissa;
    uint32_t decimals = number->decimals;
    while (number->exact && decimals > 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        decimals--;
    }
    return decimals < DUET_DECIMALS_MAX ? decimals : DUET_DECIMALS_MAX;
}

static uint32_t larger(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static enum duet_status ticks_read_numbers(
    struct ticks *ticks, const struct duet_csv_field *fields, struct duet_tick_row *row) {
    const struct {
        enum duet_csv_role role;
        unsigned bit;
        struct duet_csv_number *number;
    } numbers[] = {{DUET_CSV_PRICE, DUET_TICK_PRICE, &row->price}, {DUET_CSV_BID, DUET_TICK_BID, &row->bid},
        {DUET_CSV_ASK, DUET_TICK_ASK, &row->ask}, {DUET_CSV_QUANTITY, DUET_TICK_QUANTITY, &row->quantity},
        {DUET_CSV_BID_SIZE, DUET_TICK_BID_SIZE, &row->bid_size},
        {DUET_CSV_ASK_SIZE, DUET_TICK_ASK_SIZE, &row->ask_size}};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        int column = ticks->form.columns.of_role[numbers[i].role];
        bool quantity = numbers[i].role == DUET_CSV_QUANTITY;
        column = column < 0 && quantity ? ticks->form.columns.of_role[DUET_CSV_VOLUME] : column;
        if (column < 0 || duet_csv_is_blank(fields[column])) {
            continue;
        }
        const char *complaint = i < 3 ? duet_csv_number_parse(fields[column], ticks->form.marks, numbers[i].number)
                                      : duet_csv_quantity_parse(fields[column], ticks->form.marks, numbers[i].number);
        double limit = i < 3 ? PRICE_MAX : QUANTITY_MAX;
        if (complaint == NULL && !(numbers[i].number->value < limit && numbers[i].number->value > -limit)) {
            complaint = i < 3 ? "is too large for a price" : "is 2^53 or more, beyond what can be counted exactly";
        }
        if (complaint != NULL) {
            return ticks_refuse(ticks, column, &fields[column], complaint);
        }
        bool absent = (numbers[i].bit & (DUET_TICK_BID | DUET_TICK_ASK)) != 0 && numbers[i].number->value == 0;
        row->has |= absent ? 0 : numbers[i].bit;
    }
    return DUET_OK;
}

/** Some write only the side that has changed. */
static void ticks_fill_sides(struct ticks *ticks, struct duet_tick_row *row) {
    struct duet_csv_number *sides[2] = {&row->bid, &row->ask};
    static const unsigned bits[2] = {DUET_TICK_BID, DUET_TICK_ASK};
    for (size_t i = 0; ticks->form.sides_stay && i < 2; i++) {
        if ((row->has & bits[i]) != 0) {
            ticks->sides[i] = *sides[i];
            ticks->has_sides[i] = true;
        } else if (ticks->has_sides[i]) {
            *sides[i] = ticks->sides[i];
            row->has |= bits[i];
        }
    }
}

static void ticks_count_decimals(struct ticks *ticks, const struct duet_tick_row *row) {
    struct duet_data_info *info = ticks->info;
    const struct duet_csv_number *prices[] = {&row->price, &row->bid, &row->ask};
    const struct duet_csv_number *quantities[] = {&row->quantity, &row->bid_size, &row->ask_size};
    for (size_t i = 0; i < 3; i++) {
        uint32_t written = prices[i]->decimals < DUET_DECIMALS_MAX ? prices[i]->decimals : DUET_DECIMALS_MAX;
        info->price_decimals = larger(info->price_decimals, written);
        info->quantity_decimals = larger(info->quantity_decimals, decimals_needed(quantities[i]));
    }
}

/** Prices of bars are only looked at. */
static enum duet_status ticks_look_at_bar(struct ticks *ticks, const struct duet_csv_field *fields) {
    for (enum duet_csv_role role = DUET_CSV_OPEN; ticks->survey && role <= DUET_CSV_CLOSE; role++) {
        int column = ticks->form.columns.of_role[role];
        struct duet_csv_number number;
        if (column < 0 || duet_csv_is_blank(fields[column])) {
            continue;
        }
        const char *complaint = duet_csv_number_parse(fields[column], ticks->form.marks, &number);
        if (complaint != NULL) {
            return ticks_refuse(ticks, column, &fields[column], complaint);
        }
        uint32_t written = number.decimals < DUET_DECIMALS_MAX ? number.decimals : DUET_DECIMALS_MAX;
        ticks->info->price_decimals = larger(ticks->info->price_decimals, written);
    }
    return DUET_OK;
}

/** Who took the other's order: by name, or by whether the buyer's was the one that waited. */
static int side_of(const struct ticks *ticks, const struct duet_csv_field *fields) {
    static const struct {
        const char *word;
        int side, when_maker;
    } words[] = {{"buy", 1, 0}, {"b", 1, 0}, {"bid", 1, 0}, {"1", 1, -1}, {"sell", -1, 0}, {"s", -1, 0}, {"ask", -1, 0},
        {"a", -1, 0}, {"-1", -1, 0}, {"true", 0, -1}, {"false", 0, 1}, {"0", 0, 1}};
    int column = ticks->form.columns.of_role[DUET_CSV_SIDE];
    for (size_t i = 0; column >= 0 && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i].word) == fields[column].length &&
            strncasecmp(words[i].word, fields[column].text, fields[column].length) == 0) {
            return ticks->form.side_is_maker ? words[i].when_maker : words[i].side;
        }
    }
    return 0;
}

static bool has_prices(const struct ticks *ticks, const struct duet_tick_row *row) {
    unsigned wanted = ticks->info->kind == DUET_KIND_TRADES ? DUET_TICK_PRICE : DUET_TICK_BID | DUET_TICK_ASK;
    return ticks->survey || (row->has & wanted) != 0;
}

/** Rows of other instruments than the one asked for are passed over; where none is, they are not to be mixed. */
static enum duet_status ticks_check_symbol(struct ticks *ticks, const struct duet_csv_field *fields, bool *ours) {
    struct duet_data_info *info = ticks->info;
    int column = ticks->form.columns.of_role[DUET_CSV_SYMBOL];
    *ours = true;
    if (column < 0 || info->kind == DUET_KIND_BOOK || info->kind == DUET_KIND_OTHER) {
        return DUET_OK;
    }
    struct duet_csv_field cell = fields[column];
    if (ticks->form.asset[0] != '\0') {
        *ours = duet_csv_symbol_is(cell, ticks->form.asset);
        return DUET_OK;
    }
    if (ticks->symbol[0] == '\0') {
        size_t length = cell.length < DUET_SYMBOL_MAX ? cell.length : DUET_SYMBOL_MAX - 1;
        memcpy(ticks->symbol, cell.text, length);
        ticks->symbol[length] = '\0';
        duet_csv_symbols_add(info, cell);
        return DUET_OK;
    }
    size_t length = strlen(ticks->symbol);
    if (memcmp(ticks->symbol, cell.text, length < cell.length ? length : cell.length) == 0 &&
        (length == cell.length || length == DUET_SYMBOL_MAX - 1)) {
        return DUET_OK;
    }
    if (ticks->survey) {
        info->choice_key = "asset";
        duet_csv_symbols_add(info, cell);
        return DUET_OK;
    }
    return duet_csv_refuse_symbol(
        info, ticks->line, ticks->form.names[column], (struct duet_csv_field){ticks->symbol, length}, cell);
}

static enum duet_status ticks_read_row(struct ticks *ticks, const char *line, size_t length) {
    struct duet_csv_field fields[DUET_CSV_COLUMNS_MAX];
    struct duet_tick_row row = {.line = ticks->line};
    struct duet_label label;
    size_t count = duet_csv_split(line, length, ticks->form.delimiter, fields, DUET_CSV_COLUMNS_MAX);
    if (count == SIZE_MAX) {
        return duet_csv_refuse(ticks->info, ticks->line, NULL, "a quote is not closed, or followed by text");
    }
    if (count != ticks->form.fields) {
        return duet_csv_refuse(
            ticks->info, ticks->line, NULL, "%zu fields expected, %zu found", ticks->form.fields, count);
    }
    bool ours;
    enum duet_status status = ticks_check_symbol(ticks, fields, &ours);
    if (status != DUET_OK || !ours) {
        return status;
    }
    status = ticks_read_label(ticks, fields, &label);
    if (status == DUET_OK) {
        status = ticks_read_numbers(ticks, fields, &row);
    }
    if (status == DUET_OK) {
        status = ticks_look_at_bar(ticks, fields);
    }
    if (status != DUET_OK) {
        return status;
    }
    ticks->info->rows++;
    row.time_ns = ticks_take_label(ticks, &label);
    ticks_fill_sides(ticks, &row);
    ticks_count_decimals(ticks, &row);
    if (!has_prices(ticks, &row)) {
        ticks->info->skipped++;
        ticks_warn(ticks, DUET_DATA_BLANK_CELL);
        return DUET_OK;
    }
    row.side = side_of(ticks, fields);
    return ticks->sink != NULL ? ticks->sink->take(ticks->sink->argument, &row) : DUET_OK;
}

static enum duet_status ticks_take_line(struct ticks *ticks, const char *line, size_t length) {
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == ' ' || line[length - 1] == '\t')) {
        length--;
    }
    size_t blank = 0;
    while (blank < length && (line[blank] == ' ' || line[blank] == '\t' || line[blank] == ticks->form.delimiter)) {
        blank++;
    }
    if (blank == length) {
        return DUET_OK;
    }
    uint64_t rows = ticks->info->rows;
    enum duet_status status = ticks_read_row(ticks, line, length);
    if (status == DUET_EDATA && ticks->spec->skip_errors && ticks->info->rows == rows) {
        ticks->info->rows++;
        ticks->info->skipped++;
        ticks->info->error_line = 0;
        ticks->info->error_column[0] = ticks->info->error_reason[0] = '\0';
        ticks_warn(ticks, DUET_DATA_SKIPPED_ERROR);
        return DUET_OK;
    }
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
        if (ticks->options != NULL && ticks->options->progress != NULL) {
            ticks->options->progress(
                ticks->options->argument, ticks->info->path, ticks->source.position, ticks->source.size);
        }
    }
    return status;
}

static void ticks_understood(struct ticks *ticks, const struct duet_table *table) {
    struct duet_data_info *info = ticks->info;
    const struct duet_csv_form *form = &ticks->form;
    const char *zone = form->zone != NULL ? form->zone : "UTC";
    duet_text_copy(info->dialect, sizeof(info->dialect),
        table->dialect != NULL && strcmp(form->dialect, "csv") == 0 ? table->dialect : form->dialect);
    duet_csv_columns_format(&form->columns, info->columns, sizeof(info->columns));
    info->tz_assumed = !form->has_zone && form->zone == NULL && ticks->spec->tz == NULL;
    duet_text_copy(info->tz, sizeof(info->tz),
        ticks->spec->tz != NULL ? ticks->spec->tz
        : form->has_zone        ? "UTC"
                                : zone);
    info->kind = table->book ? DUET_KIND_BOOK : info->kind;
}

/** Day and month that could change places in every row of the beginning: only the user knows. */
static enum duet_status ticks_settle_dates(struct ticks *ticks) {
    duet_date_form twin = duet_date_form_twin(ticks->form.date_form);
    if (twin == DUET_DATE_FORM_NONE || ticks->spec->dates != DUET_DATES_UNSET || !ticks->form.dates_open) {
        return DUET_OK;
    }
    return duet_csv_refuse(ticks->info, ticks->line, ticks->form.names[ticks->form.columns.of_role[DUET_CSV_TIME]],
        "day and month could change places; say dates=mdy or dates=dmy");
}

static enum duet_status ticks_begin(struct ticks *ticks, const struct duet_table *table) {
    const char *head, *end;
    struct duet_data_info *info = ticks->info;
    enum duet_status status = duet_csv_source_next(&ticks->source, 1, info, &head, &end);
    if (status != DUET_OK) {
        return status;
    }
    bool whole = ticks->source.position == ticks->source.size;
    status = duet_csv_detect_any(head, (size_t)(end - head), whole, ticks->spec, info, &ticks->form);
    if (status != DUET_OK) {
        return status;
    }
    ticks_understood(ticks, table);
    ticks->line = ticks->form.data_line;
    if (!ticks->survey && info->kind != DUET_KIND_TRADES && info->kind != DUET_KIND_QUOTES) {
        return duet_csv_refuse(info, ticks->line, NULL, "neither trades nor quotes");
    }
    status = ticks_settle_dates(ticks);
    ticks->steady_from_ns = INT64_MAX;
    return status == DUET_OK ? duet_zone_open(info->tz, &ticks->zone) : status;
}

static enum duet_status ticks_read_table(struct ticks *ticks, const struct duet_table *table) {
    struct duet_data_info *info = ticks->info;
    enum duet_status status = DUET_OK;
    ticks->spec = &table->spec;
    ticks->has_before = false;
    info->added_lines = table->added_lines;
    info->elements = table->elements;
    if (table->bytes != NULL) {
        duet_csv_source_memory(&ticks->source, table->bytes, table->size);
    } else {
        status = duet_csv_source_open(&ticks->source, info);
    }
    if (status == DUET_OK) {
        status = ticks_begin(ticks, table);
    }
    if (status == DUET_OK) {
        status = ticks_walk(ticks);
    }
    duet_csv_source_close(&ticks->source);
    duet_zone_close(ticks->zone);
    ticks->zone = NULL;
    return status;
}

static enum duet_status ticks_read_file(struct ticks *ticks, const char *path, const struct duet_data_spec *spec) {
    struct duet_documents *documents = NULL;
    struct duet_document document;
    struct duet_table table;
    duet_text_copy(ticks->info->path, sizeof(ticks->info->path), path);
    enum duet_status status = duet_documents_open(path, ticks->info, &documents);
    for (size_t i = 0; status == DUET_OK && i < duet_documents_count(documents); i++) {
        if (!duet_parts_wants(spec, path, documents, i)) {
            continue;
        }
        status = duet_documents_get(documents, i, ticks->info, &document);
        if (status == DUET_OK) {
            status = duet_table_open(&document, spec, ticks->info, &table);
        }
        if (status == DUET_OK) {
            status = ticks_read_table(ticks, &table);
            duet_table_finish(&table);
        }
    }
    duet_documents_close(documents);
    return status;
}

static void ticks_sum_up(struct ticks *ticks, const struct duet_data_spec *spec) {
    struct duet_data_info *info = ticks->info;
    if (ticks->has_range) {
        duet_label_format(&ticks->first, info->first);
        duet_label_format(&ticks->last, info->last);
    }
    if (info->choice_key != NULL) { // of several instruments each has an order of its own
        info->warnings[DUET_DATA_OUT_OF_ORDER] = 0;
    }
    info->has_volume = info->kind == DUET_KIND_TRADES || ticks->form.columns.of_role[DUET_CSV_VOLUME] >= 0;
    duet_text_copy(info->path, sizeof(info->path), spec->path);
}

static enum duet_status ticks_run(struct ticks *ticks, const struct duet_data_spec *spec) {
    struct duet_data_info *info = ticks->info;
    struct duet_source source;
    *info = (struct duet_data_info){.kind = DUET_KIND_OTHER};
    duet_text_copy(info->path, sizeof(info->path), spec->path);
    if (spec->symbol != NULL) {
        duet_text_copy(info->symbol, sizeof(info->symbol), spec->symbol);
    } else {
        duet_source_symbol(spec->path, info->symbol, sizeof(info->symbol));
    }
    enum duet_status status = duet_source_open(spec->path, &source);
    if (status == DUET_OK) {
        duet_source_keep_kind(&source, spec->kind);
        info->warnings[DUET_DATA_LEFT_OUT] = source.left_out;
    }
    for (size_t i = 0; status == DUET_OK && i < source.count; i++) {
        status = ticks_read_file(ticks, source.files[i], spec);
    }
    duet_source_finish(&source);
    if (status == DUET_OK) {
        ticks_sum_up(ticks, spec);
    }
    return status;
}

enum duet_status duet_ticks_read(const struct duet_data_spec *spec, const struct duet_series_options *options,
    const struct duet_tick_sink *sink, struct duet_data_info *info) {
    struct ticks *ticks = duet_alloc(1, sizeof(*ticks));
    ticks->options = options;
    ticks->sink = sink;
    ticks->info = info;
    enum duet_status status = ticks_run(ticks, spec);
    free(ticks);
    return status;
}

enum duet_status duet_ticks_survey(const struct duet_data_spec *spec, struct duet_data_info *info) {
    struct ticks *ticks = duet_alloc(1, sizeof(*ticks));
    ticks->survey = true;
    ticks->info = info;
    enum duet_status status = ticks_run(ticks, spec);
    free(ticks);
    return status;
}
