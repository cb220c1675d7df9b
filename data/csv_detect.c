#include "data/csv_form.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "data/csv_text.h"

/** Lines looked at, and how many of them may stand before the header. */
#define SAMPLE_LINES_MAX 100
#define PREAMBLE_LINES_MAX 8
/** An ask is no more than so many times its bid. */
#define SPREAD_MAX 1.05

struct sample_line {
    const char *text;
    size_t length;
    uint64_t number;
    size_t count; // of fields; those behind DUET_CSV_COLUMNS_MAX are not kept
    struct duet_csv_field fields[DUET_CSV_COLUMNS_MAX];
};

/** The first lines, blank ones left out. */
struct sample {
    struct sample_line lines[SAMPLE_LINES_MAX];
    size_t count;
    size_t header; // index of the header line, SIZE_MAX without
    size_t data; // index of the first row
};

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

static bool is_empty_line(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') {
            return false;
        }
    }
    return true;
}

static void sample_take(struct sample *sample, const char *head, size_t size, bool whole, unsigned added_lines) {
    const char *p = head, *end = head + size;
    for (uint64_t number = 1 - (uint64_t)added_lines; p < end && sample->count < SAMPLE_LINES_MAX; number++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        if (stop == NULL && !whole && sample->count > 0) {
            break;
        }
        stop = stop == NULL ? end : stop;
        if (!is_empty_line(p, (size_t)(stop - p))) {
            sample->lines[sample->count++] =
                (struct sample_line){.text = p, .length = (size_t)(stop - p), .number = number};
        }
        p = stop + 1;
    }
}

/** The delimiter that splits the lines into most fields; a comma only where it beats the others, for it may be a
 * decimal comma. */
static char sample_delimiter(const struct sample *sample) {
    static const char candidates[] = {'\t', ';', '|', ','};
    char best = '\0';
    size_t most = 0;
    for (size_t i = 0; i < sizeof(candidates); i++) {
        size_t total = 0;
        for (size_t k = 0; k < sample->count; k++) {
            const struct sample_line *line = &sample->lines[k];
            size_t count = duet_csv_split(line->text, line->length, candidates[i], NULL, 0);
            total += count == SIZE_MAX ? 0 : count - 1;
        }
        if (total > most) {
            most = total;
            best = candidates[i];
        }
    }
    return best;
}

static void sample_split(struct sample *sample, char delimiter) {
    for (size_t i = 0; i < sample->count; i++) {
        struct sample_line *line = &sample->lines[i];
        line->count = duet_csv_split(line->text, line->length, delimiter, line->fields, DUET_CSV_COLUMNS_MAX);
        line->count = line->count == SIZE_MAX ? 0 : line->count;
    }
}

static size_t kept(const struct sample_line *line) {
    return line->count < DUET_CSV_COLUMNS_MAX ? line->count : DUET_CSV_COLUMNS_MAX;
}

static bool is_number(struct duet_csv_field field) {
    struct duet_csv_number number;
    return duet_csv_number_parse(field, &number) == NULL;
}

static bool is_label(struct duet_csv_field field) {
    struct duet_label label;
    for (duet_date_form form = 0; form < duet_date_forms(); form++) {
        if (duet_label_parse(form, field.text, field.length, &label)) {
            return true;
        }
    }
    return false;
}

static bool line_is_row(const struct sample_line *line) {
    size_t numbers = 0, labels = 0;
    for (size_t i = 0; i < kept(line); i++) {
        bool label = is_label(line->fields[i]);
        labels += label;
        numbers += !label && is_number(line->fields[i]);
    }
    return labels >= 1 && numbers >= 1;
}

/** Names that we know, or at least a line without numbers that has as many fields as the row after it. */
static bool line_is_header(const struct sample_line *line, const struct sample_line *next) {
    size_t known = 0;
    for (size_t i = 0; i < kept(line); i++) {
        char name[DUET_CSV_NAME_MAX];
        int rank = 0;
        duet_csv_normalise(line->fields[i].text, line->fields[i].length, name, sizeof(name));
        known += name[0] != '\0' && duet_csv_name_role(name, &rank) != DUET_CSV_IGNORE;
        if (is_number(line->fields[i])) {
            return false;
        }
    }
    bool fits = next != NULL && line->count == next->count && line_is_row(next);
    return line->count >= 3 && (known >= 1 || fits);
}

/** Skip what stands before the header or, without one, before the first row. */
static bool sample_find_start(struct sample *sample) {
    for (size_t i = 0; i < sample->count && i < PREAMBLE_LINES_MAX; i++) {
        const struct sample_line *next = i + 1 < sample->count ? &sample->lines[i + 1] : NULL;
        bool header = line_is_header(&sample->lines[i], next);
        if (header || line_is_row(&sample->lines[i])) {
            sample->header = header ? i : SIZE_MAX;
            sample->data = header ? i + 1 : i;
            return true;
        }
    }
    return false;
}

/** The form that reads most of a column's cells in the rows, and how many; on a tie the first of the table. */
static size_t column_date_form(const struct sample *sample, size_t column, duet_date_form *best) {
    size_t most = 0;
    *best = DUET_DATE_FORM_NONE;
    for (duet_date_form form = 0; form < duet_date_forms(); form++) {
        size_t count = 0;
        for (size_t i = sample->data; i < sample->count; i++) {
            struct duet_label label;
            const struct sample_line *line = &sample->lines[i];
            count += column < kept(line) &&
                     duet_label_parse(form, line->fields[column].text, line->fields[column].length, &label);
        }
        if (count > most) {
            most = count;
            *best = form;
        }
    }
    return most;
}

static bool column_is_clock(const struct sample *sample, size_t column) {
    for (size_t i = sample->data; i < sample->count; i++) {
        int64_t ns = 0;
        const struct sample_line *line = &sample->lines[i];
        if (column >= kept(line) || !duet_clock_parse(line->fields[column].text, line->fields[column].length, &ns)) {
            return false;
        }
    }
    return sample->data < sample->count;
}

static bool column_is_blank(const struct sample *sample, size_t column) {
    for (size_t i = sample->data; i < sample->count; i++) {
        const struct sample_line *line = &sample->lines[i];
        if (column < kept(line) && !duet_csv_is_blank(line->fields[column])) {
            return false;
        }
    }
    return true;
}

static void form_name(struct duet_csv_form *form, size_t column, const char *text, size_t length) {
    size_t room = DUET_CSV_NAME_MAX - 1;
    memcpy(form->names[column], text, length < room ? length : room);
    form->names[column][length < room ? length : room] = '\0';
    plain_text(form->names[column]);
}

/** Of the columns that a name makes candidates for time, the best whose cells are times. */
static int choose_time_column(const struct sample *sample, const enum duet_csv_role *roles, const int *ranks,
    size_t count, duet_date_form *date_form) {
    for (int rank = 0; rank <= DUET_CSV_RANK_ID; rank++) {
        for (size_t i = 0; i < count; i++) {
            size_t least = rank < DUET_CSV_RANK_ID ? 1 : sample->count - sample->data; // an id is one in every row
            if (roles[i] == DUET_CSV_TIME && ranks[i] == rank && column_date_form(sample, i, date_form) >= least) {
                return (int)i;
            }
        }
    }
    return -1;
}

/** Give the best-ranked column of each role that role; the others are ignored. */
static void assign_roles(struct duet_csv_form *form, const enum duet_csv_role *roles, const int *ranks, size_t count,
    int time_column, int clock_column) {
    int best[DUET_CSV_ROLES];
    for (size_t role = 0; role < DUET_CSV_ROLES; role++) {
        best[role] = -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (best[roles[i]] < 0 || ranks[i] < ranks[best[roles[i]]]) {
            best[roles[i]] = (int)i;
        }
    }
    best[DUET_CSV_IGNORE] = -1;
    best[DUET_CSV_TIME] = time_column;
    best[DUET_CSV_CLOCK] = clock_column;
    // "Price" is what investing.com calls the close.
    if (best[DUET_CSV_CLOSE] < 0 && best[DUET_CSV_OPEN] >= 0 && best[DUET_CSV_HIGH] >= 0) {
        best[DUET_CSV_CLOSE] = best[DUET_CSV_PRICE];
        best[DUET_CSV_PRICE] = -1;
    }
    for (size_t i = 0; i < count; i++) {
        enum duet_csv_role role = DUET_CSV_IGNORE;
        for (size_t k = 1; k < DUET_CSV_ROLES; k++) {
            role = best[k] == (int)i ? (enum duet_csv_role)k : role;
        }
        duet_csv_columns_add(&form->columns, role);
    }
}

/** "BTC:open" is "open" to the symbol BTC, and a foreign column to others. */
static enum duet_csv_role name_role(struct duet_csv_field field, const char *symbol, int *rank) {
    char name[DUET_CSV_NAME_MAX];
    const char *colon = memchr(field.text, ':', field.length);
    size_t prefix = colon == NULL ? 0 : (size_t)(colon - field.text);
    if (prefix > 0 && symbol != NULL && strlen(symbol) == prefix && strncasecmp(symbol, field.text, prefix) == 0) {
        field = (struct duet_csv_field){colon + 1, field.length - prefix - 1};
    }
    duet_csv_normalise(field.text, field.length, name, sizeof(name));
    return duet_csv_name_role(name, rank);
}

/** Columns by the names of the header. */
static void columns_from_header(const struct sample *sample, const char *symbol, struct duet_csv_form *form) {
    const struct sample_line *header = &sample->lines[sample->header];
    const struct sample_line *first = &sample->lines[sample->data];
    enum duet_csv_role roles[DUET_CSV_COLUMNS_MAX] = {DUET_CSV_IGNORE};
    int ranks[DUET_CSV_COLUMNS_MAX] = {0};
    size_t count = 0;
    for (size_t i = 0; i < kept(header) && count < DUET_CSV_COLUMNS_MAX; i++) {
        form_name(form, count, header->fields[i].text, header->fields[i].length);
        roles[count] = name_role(header->fields[i], symbol, &ranks[count]);
        count++;
        // "Date" over two columns, the second of them a time of day.
        if (roles[count - 1] == DUET_CSV_TIME && first->count == header->count + 1 && count < DUET_CSV_COLUMNS_MAX &&
            column_is_clock(sample, count)) {
            form_name(form, count, "Time", 4);
            roles[count] = DUET_CSV_TIME;
            ranks[count++] = 2;
        }
    }
    int time_column = choose_time_column(sample, roles, ranks, count, &form->date_form);
    int clock_column = -1;
    for (size_t i = 0; i < count && time_column >= 0; i++) {
        if (roles[i] == DUET_CSV_TIME && ranks[i] < DUET_CSV_RANK_ID && (int)i != time_column &&
            column_is_clock(sample, i)) {
            clock_column = (int)i;
            break;
        }
    }
    assign_roles(form, roles, ranks, count, time_column, clock_column);
    int side = form->columns.of_role[DUET_CSV_SIDE];
    form->side_is_maker = side >= 0 && ranks[side] == 1 && strstr(form->names[side], "aker") != NULL;
}

/** Are two columns prices, the second a little above the first, in every row? */
static bool columns_are_bid_ask(const struct sample *sample, size_t bid, size_t ask) {
    for (size_t i = sample->data; i < sample->count; i++) {
        struct duet_csv_number a, b;
        const struct sample_line *line = &sample->lines[i];
        if (ask >= kept(line) || duet_csv_number_parse(line->fields[bid], &a) != NULL ||
            duet_csv_number_parse(line->fields[ask], &b) != NULL || a.value <= 0 || b.value < a.value ||
            b.value > a.value * SPREAD_MAX) {
            return false;
        }
    }
    return true;
}

static bool column_is_epoch(const struct sample *sample, size_t column) {
    duet_date_form form;
    return column_date_form(sample, column, &form) == sample->count - sample->data &&
           strcmp(duet_date_form_name(form), "epoch") == 0;
}

static bool column_is_truth(const struct sample *sample, size_t column) {
    for (size_t i = sample->data; i < sample->count; i++) {
        const struct sample_line *line = &sample->lines[i];
        if (column >= kept(line) ||
            !((line->fields[column].length == 4 && strncasecmp(line->fields[column].text, "true", 4) == 0) ||
                (line->fields[column].length == 5 && strncasecmp(line->fields[column].text, "false", 5) == 0))) {
            return false;
        }
    }
    return true;
}

/** Binance's dumps of trades: id, price, quantity, ids or the quantity's worth, epoch, whether the buyer waited. */
static bool columns_of_binance(const struct sample *sample, struct duet_csv_form *form) {
    size_t count = kept(&sample->lines[sample->data]);
    for (size_t time = 4; time <= 5 && time + 1 < count; time++) {
        if (!column_is_epoch(sample, time) || !column_is_truth(sample, time + 1)) {
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            duet_csv_columns_add(&form->columns, i == 1          ? DUET_CSV_PRICE
                                                 : i == 2        ? DUET_CSV_QUANTITY
                                                 : i == time     ? DUET_CSV_TIME
                                                 : i == time + 1 ? DUET_CSV_SIDE
                                                                 : DUET_CSV_IGNORE);
        }
        form->side_is_maker = true;
        return true;
    }
    return false;
}

/** Two or three numbers behind a time of the day: bid and ask, or price and quantity. */
static void columns_of_ticks(const struct sample *sample, size_t at, size_t count, struct duet_csv_form *form) {
    struct duet_label label;
    const struct duet_csv_field *time = &sample->lines[sample->data].fields[at - 1];
    bool timed = duet_label_parse(form->date_form, time->text, time->length, &label) && label.has_clock;
    bool quotes = timed && columns_are_bid_ask(sample, at, at + 1);
    if (quotes || (timed && count - at == 2 && is_number(sample->lines[sample->data].fields[at + 1]))) {
        duet_csv_columns_add(&form->columns, quotes ? DUET_CSV_BID : DUET_CSV_PRICE);
        duet_csv_columns_add(&form->columns, quotes ? DUET_CSV_ASK : DUET_CSV_QUANTITY);
    }
}

/** Without a header: [symbol,]time or [symbol,]date,clock, then open, high, low, close, what follows. */
static void columns_from_shape(const struct sample *sample, struct duet_csv_form *form) {
    const struct sample_line *first = &sample->lines[sample->data];
    size_t count = kept(first), at = 0;
    duet_date_form ignored;
    if (columns_of_binance(sample, form)) {
        return;
    }
    if (count > 1 && column_date_form(sample, 0, &ignored) == 0 && !is_number(first->fields[0])) {
        duet_csv_columns_add(&form->columns, DUET_CSV_SYMBOL);
        at++;
    }
    bool timed = at < count && column_date_form(sample, at, &form->date_form) > 0;
    if (timed) {
        duet_csv_columns_add(&form->columns, DUET_CSV_TIME);
        at++;
        if (at < count && column_is_clock(sample, at) && count - at >= 5) {
            duet_csv_columns_add(&form->columns, DUET_CSV_CLOCK);
            at++;
        }
    }
    static const enum duet_csv_role order[] = {
        DUET_CSV_OPEN, DUET_CSV_HIGH, DUET_CSV_LOW, DUET_CSV_CLOSE, DUET_CSV_VOLUME};
    for (size_t i = 0; timed && count - at >= 4 && i < 5 && form->columns.count < count; i++) {
        duet_csv_columns_add(&form->columns, order[i]);
    }
    if (timed && (count - at == 2 || count - at == 3)) {
        columns_of_ticks(sample, at, count, form);
    }
    while (form->columns.count < count) {
        duet_csv_columns_add(&form->columns, DUET_CSV_IGNORE);
    }
}

/**
 * Trades written as bars: each row one price four times, and times that no bar would have. One price, then, and its
 * quantity.
 */
static void settle_flat_bars(const struct sample *sample, struct duet_csv_form *form) {
    static const enum duet_csv_role prices[] = {DUET_CSV_OPEN, DUET_CSV_HIGH, DUET_CSV_LOW};
    struct duet_csv_columns *columns = &form->columns;
    int close = columns->of_role[DUET_CSV_CLOSE], time = columns->of_role[DUET_CSV_TIME];
    bool odd_times = false;
    duet_date_form date_form;
    if (time < 0 || column_date_form(sample, (size_t)time, &date_form) == 0) {
        return;
    }
    for (size_t i = sample->data; i < sample->count; i++) {
        const struct sample_line *line = &sample->lines[i];
        struct duet_label label;
        for (size_t k = 0; k < 3; k++) {
            size_t column = (size_t)columns->of_role[prices[k]];
            if (column >= kept(line) || (size_t)close >= kept(line) ||
                line->fields[column].length != line->fields[close].length ||
                memcmp(line->fields[column].text, line->fields[close].text, line->fields[close].length) != 0) {
                return;
            }
        }
        odd_times =
            odd_times || (duet_label_parse(date_form, line->fields[time].text, line->fields[time].length, &label) &&
                             label.local_ns % DUET_SECOND_NS != 0);
    }
    for (size_t k = 0; odd_times && k < 3; k++) {
        columns->roles[columns->of_role[prices[k]]] = DUET_CSV_IGNORE;
        columns->of_role[prices[k]] = -1;
    }
    if (odd_times) {
        columns->roles[close] = DUET_CSV_PRICE;
        columns->of_role[DUET_CSV_PRICE] = close;
        columns->of_role[DUET_CSV_CLOSE] = -1;
    }
}

/** Is the cell a price near that of another column, in every row? */
static bool columns_are_near(const struct sample *sample, size_t column, size_t other) {
    for (size_t i = sample->data; i < sample->count; i++) {
        struct duet_csv_number a, b;
        const struct sample_line *line = &sample->lines[i];
        if (column >= kept(line) || other >= kept(line) || duet_csv_number_parse(line->fields[column], &a) != NULL ||
            duet_csv_number_parse(line->fields[other], &b) != NULL || a.value <= 0 || a.value > b.value * 1.001) {
            return false;
        }
    }
    return true;
}

/** Two columns behind the close: volume and open interest, or adjusted close and volume? The rows tell. */
static void settle_last_two(const struct sample *sample, struct duet_csv_form *form) {
    struct duet_csv_columns *columns = &form->columns;
    int close = columns->of_role[DUET_CSV_CLOSE], volume = columns->of_role[DUET_CSV_VOLUME];
    if (close < 0 || volume != close + 1 || columns->count != (size_t)volume + 2 ||
        !columns_are_near(sample, (size_t)volume, (size_t)close) ||
        columns_are_near(sample, (size_t)volume + 1, (size_t)close)) {
        return;
    }
    columns->roles[volume] = DUET_CSV_ADJUSTED;
    columns->of_role[DUET_CSV_ADJUSTED] = volume;
    columns->roles[volume + 1] = DUET_CSV_VOLUME;
    columns->of_role[DUET_CSV_VOLUME] = volume + 1;
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

static enum duet_data_kind kind_of(const struct duet_csv_form *form) {
    const int *of_role = form->columns.of_role;
    if (form->has_header && is_book(form)) {
        return DUET_KIND_BOOK;
    }
    if (of_role[DUET_CSV_OPEN] >= 0 && of_role[DUET_CSV_HIGH] >= 0 && of_role[DUET_CSV_LOW] >= 0 &&
        of_role[DUET_CSV_CLOSE] >= 0) {
        return DUET_KIND_BARS;
    }
    if (of_role[DUET_CSV_BID] >= 0 && of_role[DUET_CSV_ASK] >= 0) {
        return DUET_KIND_QUOTES;
    }
    bool sized = of_role[DUET_CSV_QUANTITY] >= 0 || of_role[DUET_CSV_VOLUME] >= 0 || form->columns_given;
    return of_role[DUET_CSV_PRICE] >= 0 && sized ? DUET_KIND_TRADES : DUET_KIND_OTHER;
}

static enum duet_status refuse_columns(
    const struct sample *sample, const struct duet_csv_form *form, struct duet_data_info *info) {
    static const char *const kinds[] = {"bars", "trades", "quotes", "book updates", "no market data known here"};
    bool header = sample->header != SIZE_MAX;
    const struct sample_line *line = &sample->lines[header ? sample->header : sample->data];
    if (form->columns.of_role[DUET_CSV_TIME] < 0) {
        return duet_csv_refuse(info, line->number, NULL,
            "no column holds times of a known form; name the columns with columns=time,open,high,low,close,volume");
    }
    if (info->kind == DUET_KIND_TRADES || info->kind == DUET_KIND_QUOTES || info->kind == DUET_KIND_BOOK) {
        return duet_csv_refuse(info, line->number, NULL, "the columns are those of %s, not of bars", kinds[info->kind]);
    }
    int length = (int)(line->length < 80 ? line->length : 80);
    return duet_csv_refuse(info, line->number, NULL,
        "no columns open, high, low and close in \"%.*s\"; name them with columns=", length, line->text);
}

static enum duet_status check_count(
    const struct sample *sample, struct duet_csv_form *form, struct duet_data_info *info, const char *whence) {
    const struct sample_line *first = &sample->lines[sample->data];
    form->fields = form->columns.count;
    if (first->count == form->fields) {
        return DUET_OK;
    }
    bool trailing = first->count == form->fields + 1 && form->fields < DUET_CSV_COLUMNS_MAX &&
                    column_is_blank(sample, form->fields);
    bool beyond = form->fields == DUET_CSV_COLUMNS_MAX && first->count > form->fields;
    if (trailing || beyond) {
        form->fields = first->count;
        return DUET_OK;
    }
    return duet_csv_refuse(
        info, first->number, NULL, "%zu fields, but %zu columns %s", first->count, form->columns.count, whence);
}

/** The time form of the chosen column, or as dates= says. */
static enum duet_status settle_times(const struct sample *sample, const struct duet_data_spec *spec,
    struct duet_csv_form *form, struct duet_data_info *info) {
    size_t column = (size_t)form->columns.of_role[DUET_CSV_TIME];
    const struct sample_line *first = &sample->lines[sample->data];
    struct duet_csv_field field = first->fields[column];
    size_t most = column_date_form(sample, column, &form->date_form);
    if (most == 0) {
        return duet_csv_refuse(info, first->number, form->names[column], "\"%.*s\" is not a time of a known form",
            (int)(field.length < 40 ? field.length : 40), field.text);
    }
    duet_date_form twin = duet_date_form_twin(form->date_form);
    if (twin != DUET_DATE_FORM_NONE && spec->dates != DUET_DATES_UNSET) {
        bool wants_mdy = spec->dates == DUET_DATES_MDY;
        form->date_form = duet_date_form_is_mdy(form->date_form) == wants_mdy ? form->date_form : twin;
    } else if (twin != DUET_DATE_FORM_NONE) {
        size_t count = 0;
        for (size_t i = sample->data; i < sample->count; i++) {
            struct duet_label label;
            const struct sample_line *line = &sample->lines[i];
            count += column < kept(line) &&
                     duet_label_parse(twin, line->fields[column].text, line->fields[column].length, &label);
        }
        form->dates_open = count == most;
    }
    for (size_t i = sample->data; i < sample->count; i++) {
        struct duet_label label;
        const struct sample_line *line = &sample->lines[i];
        if (column < kept(line) &&
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

static void settle_dialect(const struct sample *sample, struct duet_csv_form *form) {
    char header[512] = "", preamble[128] = "";
    size_t used = 0;
    struct duet_csv_looks looks = {0};
    if (sample->header != SIZE_MAX) {
        const struct sample_line *line = &sample->lines[sample->header];
        for (size_t i = 0; i < kept(line) && used + DUET_CSV_NAME_MAX + 1 < sizeof(header); i++) {
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

static enum duet_status find_columns(
    struct sample *sample, const struct duet_data_spec *spec, struct duet_csv_form *form, struct duet_data_info *info) {
    if (!sample_find_start(sample)) {
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
    enum duet_status status = DUET_OK;
    if (spec->columns != NULL) {
        status = duet_csv_columns_parse(spec->columns, &form->columns);
        form->columns_given = true;
    } else if (form->has_header) {
        columns_from_header(sample, spec->symbol, form);
    } else {
        columns_from_shape(sample, form);
        settle_last_two(sample, form);
    }
    for (size_t i = 0; i < form->columns.count; i++) {
        if (form->names[i][0] == '\0') {
            const char *name = duet_csv_role_name(form->columns.roles[i]);
            form_name(form, i, name, strlen(name));
        }
    }
    return status;
}

/** What `sample_take()` has found, read as the spec says or as it looks. */
static enum duet_status detect_form(
    struct sample *sample, const struct duet_data_spec *spec, struct duet_data_info *info, struct duet_csv_form *form) {
    form->delimiter = sample_delimiter(sample);
    if (form->delimiter == '\0') {
        return duet_csv_refuse(
            info, sample->lines[0].number, NULL, "no fields separated by comma, semicolon, tab or bar");
    }
    sample_split(sample, form->delimiter);
    enum duet_status status = find_columns(sample, spec, form, info);
    if (status != DUET_OK) {
        return status;
    }
    form->data_line = sample->lines[sample->data].number;
    info->kind = kind_of(form);
    if (info->kind == DUET_KIND_BARS && spec->columns == NULL) {
        settle_flat_bars(sample, form);
        info->kind = kind_of(form);
    }
    if (form->columns.of_role[DUET_CSV_TIME] < 0) {
        return refuse_columns(sample, form, info);
    }
    status = check_count(sample, form, info, spec->columns != NULL ? "in columns=" : "in the header");
    if (status == DUET_OK) {
        status = settle_times(sample, spec, form, info);
    }
    if (status == DUET_OK) {
        int volume = form->columns.of_role[DUET_CSV_VOLUME];
        if (volume >= 0 && column_is_blank(sample, (size_t)volume)) { // named but never filled
            form->columns.roles[volume] = DUET_CSV_IGNORE;
            form->columns.of_role[DUET_CSV_VOLUME] = -1;
        }
        settle_dialect(sample, form);
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
    struct sample *sample = duet_alloc(1, sizeof(*sample));
    sample_take(sample, head + skip, size - skip, whole, info->added_lines);
    status = sample->count == 0 ? duet_csv_refuse(info, 0, NULL, "empty file") : detect_form(sample, spec, info, form);
    if (status == DUET_OK && bars_only && info->kind != DUET_KIND_BARS) {
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
