/*
 * JSON to rows. Known shapes, wherever they lie in the document: a list of lists, a list of objects, an object of
 * objects by date, an object of lists side by side, and one list or object per line. Names become a header, values
 * cells; of an object within a row each value is a cell of the name "outer:inner". What is nested deeper has none.
 */
#include <string.h>

#include "data/csv_columns.h"
#include "data/csv_form.h"
#include "data/table.h"
#include "data/time_form.h"
#include "net/json_scan.h"

/** How deep rows may lie in objects around them. */
#define LEVELS_MAX 4
/** A key or a cell with escapes. */
#define CELL_MAX 512
/** Columns of a table of objects; keys behind these are left out. */
#define KEYS_MAX 64

enum shape { SHAPE_NONE = 0, SHAPE_LISTS, SHAPE_OBJECTS, SHAPE_BY_DATE, SHAPE_SIDE_BY_SIDE, SHAPE_BOOK };

static const char *const bid_names[] = {"b", "bids", NULL}, *const ask_names[] = {"a", "asks", NULL};

struct column {
    struct duet_json_slice outer, inner; // keys; inner.text NULL: a value of the row itself
};

struct writer {
    struct duet_text *out;
    struct duet_data_info *info;
    uint64_t row; // number of the element or line at hand
    enum shape shape;
    size_t keys;
    struct column columns[KEYS_MAX]; // of a table of objects, as the first one has them
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static const char *skip_mark(const char *text, size_t *size) {
    bool marked = *size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
    *size -= marked ? 3 : 0;
    return text + (marked ? 3 : 0);
}

/** Digits, a blank, an object: how feeds are logged. */
static size_t stamp_length(const char *text, size_t size) {
    size_t length = 0;
    while (length < size && is_digit(text[length])) {
        length++;
    }
    return length >= 9 && length <= 19 && length + 1 < size && text[length] == ' ' && text[length + 1] == '{' ? length
                                                                                                              : 0;
}

bool duet_json_table_is(const char *head, size_t size) {
    head = skip_mark(head, &size);
    if (stamp_length(head, size) > 0) {
        return true;
    }
    size_t at = 0;
    while (at < size && is_space(head[at])) {
        at++;
    }
    if (at == size || (head[at] != '[' && head[at] != '{')) {
        return false;
    }
    // "[ticker],date" is no JSON: what follows the bracket has to be a value, a key or the end.
    char bracket = head[at++];
    while (at < size && is_space(head[at])) {
        at++;
    }
    return at < size && (bracket == '{' ? head[at] == '"' || head[at] == '}'
                                        : strchr("[{\"]-0123456789tfn", head[at]) != NULL && head[at] != '\0');
}

/** The end of the value that begins at `text`: behind its closing bracket. */
static const char *value_end(const char *text, const char *end) {
    unsigned depth = 0;
    for (const char *p = text; p < end; p++) {
        if (*p == '"') {
            for (p++; p < end && *p != '"'; p++) {
                p += *p == '\\';
            }
        } else if (*p == '[' || *p == '{') {
            depth++;
        } else if ((*p == ']' || *p == '}') && --depth == 0) {
            return p + 1;
        }
        if (p >= end) {
            break;
        }
    }
    return end;
}

static bool is_nested(const struct duet_json_slice *slice) {
    return slice->kind == DUET_JSON_ARRAY || slice->kind == DUET_JSON_OBJECT;
}

static bool slice_is_label(const struct duet_json_slice *slice) {
    struct duet_label label;
    for (duet_date_form form = 0; slice->kind == DUET_JSON_STRING && form < duet_date_forms(); form++) {
        if (duet_label_parse(form, slice->text, slice->size, &label)) {
            return true;
        }
    }
    return false;
}

/** One cell; quoted where it has to be, on one line. */
static void put_cell(struct duet_text *out, const struct duet_json_slice *slice) {
    char copy[CELL_MAX];
    const char *text = slice->text;
    size_t length = slice->size;
    if (slice->kind == DUET_JSON_NULL || is_nested(slice)) {
        return;
    }
    if (slice->kind == DUET_JSON_STRING && slice->escaped) {
        (void)duet_json_copy(slice, copy, sizeof(copy));
        text = copy;
        length = strlen(copy);
    }
    bool plain = true;
    for (size_t i = 0; plain && i < length; i++) {
        plain = text[i] != ',' && text[i] != '"' && (unsigned char)text[i] >= ' ' && text[i] != ';' && text[i] != '|';
    }
    if (plain) {
        duet_text_append(out, text, length);
        return;
    }
    duet_text_append(out, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        char c = (unsigned char)text[i] < ' ' ? ' ' : text[i];
        duet_text_append(out, &c, 1);
        duet_text_append(out, "\"", c == '"' ? 1 : 0);
    }
    duet_text_append(out, "\"", 1);
}

static enum duet_status refuse_json(struct writer *writer, const char *error) {
    return duet_csv_refuse(writer->info, writer->row, NULL, "not JSON: %s", error);
}

static enum duet_status put_list(struct writer *writer, const struct duet_json_slice *row) {
    struct duet_json_scan scan;
    if (row->kind != DUET_JSON_ARRAY || !duet_json_begin(&scan, row->text, row->size)) {
        return duet_csv_refuse(writer->info, writer->row, NULL, "no list, as the elements before are");
    }
    for (bool first = true; duet_json_next(&scan); first = false) {
        duet_text_append(writer->out, ",", first ? 0 : 1);
        put_cell(writer->out, &scan.value);
    }
    duet_text_append(writer->out, "\n", 1);
    return scan.error == NULL ? DUET_OK : refuse_json(writer, scan.error);
}

static bool same_text(const struct duet_json_slice *a, const struct duet_json_slice *b) {
    return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

static void put_name(struct writer *writer, const struct duet_json_slice *outer, const struct duet_json_slice *inner) {
    static const struct duet_json_slice none = {0};
    if (writer->keys == KEYS_MAX - 1) {
        return;
    }
    duet_text_append(writer->out, ",", writer->keys > 0 ? 1 : 0);
    put_cell(writer->out, outer);
    if (inner != NULL) {
        duet_text_append(writer->out, ":", 1);
        put_cell(writer->out, inner);
    }
    writer->columns[writer->keys++] = (struct column){*outer, inner != NULL ? *inner : none};
}

/** The header, from the keys of the first object; `date`: its own key comes first. */
static void put_header(struct writer *writer, const struct duet_json_slice *row, bool date) {
    struct duet_json_scan scan, inner;
    if (date) {
        duet_text_append(writer->out, "date,", 5);
    }
    bool good = duet_json_begin(&scan, row->text, row->size);
    while (good && duet_json_next(&scan)) {
        bool object = scan.value.kind == DUET_JSON_OBJECT && duet_json_begin(&inner, scan.value.text, scan.value.size);
        if (!object) {
            put_name(writer, &scan.key, NULL);
        }
        while (object && duet_json_next(&inner)) {
            put_name(writer, &scan.key, &inner.key);
        }
    }
    duet_text_append(writer->out, "\n", 1);
}

static bool is_column(
    const struct column *column, const struct duet_json_slice *outer, const struct duet_json_slice *inner) {
    return (column->inner.text != NULL) == (inner != NULL) && same_text(&column->outer, outer) &&
           (inner == NULL || same_text(&column->inner, inner));
}

/** Keep a value for its column, which is `at` in most rows. */
static void take_value(const struct writer *writer, struct duet_json_slice cells[KEYS_MAX], size_t at,
    const struct duet_json_slice *outer, const struct duet_json_scan *scan, bool nested) {
    const struct duet_json_slice *inner = nested ? &scan->key : NULL;
    if (at >= writer->keys || !is_column(&writer->columns[at], outer, inner)) {
        at = 0;
        while (at < writer->keys && !is_column(&writer->columns[at], outer, inner)) {
            at++;
        }
    }
    if (at < writer->keys) {
        cells[at] = scan->value;
    }
}

/** Cells in the order of the header; keys that it does not have are left out. */
static enum duet_status put_object(
    struct writer *writer, const struct duet_json_slice *row, const struct duet_json_slice *date) {
    struct duet_json_slice cells[KEYS_MAX] = {0};
    struct duet_json_scan scan, inner;
    if (row->kind != DUET_JSON_OBJECT || !duet_json_begin(&scan, row->text, row->size)) {
        return duet_csv_refuse(writer->info, writer->row, NULL, "no object, as the elements before are");
    }
    for (size_t at = 0; duet_json_next(&scan);) {
        bool object = scan.value.kind == DUET_JSON_OBJECT && duet_json_begin(&inner, scan.value.text, scan.value.size);
        if (!object) {
            take_value(writer, cells, at++, &scan.key, &scan, false);
        }
        while (object && duet_json_next(&inner)) {
            take_value(writer, cells, at++, &scan.key, &inner, true);
        }
    }
    if (date != NULL) {
        put_cell(writer->out, date);
    }
    for (size_t i = 0; i < writer->keys; i++) {
        duet_text_append(writer->out, ",", i > 0 || date != NULL ? 1 : 0);
        if (cells[i].kind != 0) {
            put_cell(writer->out, &cells[i]);
        }
    }
    duet_text_append(writer->out, "\n", 1);
    return scan.error == NULL ? DUET_OK : refuse_json(writer, scan.error);
}

/** The first member whose key is one of `names`, zero-ended; in the object or in those within it. */
static bool find_member(
    const struct duet_json_slice *object, const char *const *names, unsigned depth, struct duet_json_slice *out) {
    for (const char *const *name = names; *name != NULL; name++) {
        struct duet_json_scan scan;
        bool good = object->kind == DUET_JSON_OBJECT && duet_json_begin(&scan, object->text, object->size);
        while (good && duet_json_next(&scan)) {
            if (duet_json_is(&scan.key, *name)) {
                *out = scan.value;
                return true;
            }
        }
    }
    struct duet_json_scan scan;
    bool good = depth > 0 && object->kind == DUET_JSON_OBJECT && duet_json_begin(&scan, object->text, object->size);
    while (good && duet_json_next(&scan)) {
        if (find_member(&scan.value, names, depth - 1, out)) {
            return true;
        }
    }
    return false;
}

/** Levels of bids and asks beside each other. */
static bool is_book_event(const struct duet_json_slice *row) {
    struct duet_json_slice bid, ask;
    return find_member(row, bid_names, 2, &bid) && find_member(row, ask_names, 2, &ask) &&
           bid.kind == DUET_JSON_ARRAY && ask.kind == DUET_JSON_ARRAY;
}

static size_t count_levels(const struct duet_json_slice *row, const char *const *names) {
    struct duet_json_slice levels;
    struct duet_json_scan scan;
    size_t count = 0;
    bool good = find_member(row, names, 2, &levels) && levels.kind == DUET_JSON_ARRAY &&
                duet_json_begin(&scan, levels.text, levels.size);
    while (good && duet_json_next(&scan)) {
        count++;
    }
    return count;
}

/** Time, kind and number of levels of an event of a book or of a feed; the time that the line begins with goes before
 * its own. */
static enum duet_status put_event(
    struct writer *writer, const struct duet_json_slice *row, const char *stamp, size_t stamp_size) {
    static const char *const times[] = {"ts", "timestamp", "time", "E", "T", "t", NULL};
    static const char *const kinds[] = {"e", "type", "event", "channel", "topic", "stream", NULL};
    struct duet_json_slice when = {.text = stamp, .size = (uint32_t)stamp_size, .kind = DUET_JSON_NUMBER}, what;
    if (stamp == NULL && !find_member(row, times, 2, &when)) {
        return duet_csv_refuse(writer->info, writer->row, NULL, "an event of an order book without a time");
    }
    put_cell(writer->out, &when);
    duet_text_append(writer->out, ",", 1);
    if (find_member(row, kinds, 2, &what)) {
        put_cell(writer->out, &what);
    }
    duet_text_print(writer->out, ",%zu\n", count_levels(row, bid_names) + count_levels(row, ask_names));
    return DUET_OK;
}

static enum shape shape_of_row(const struct duet_json_slice *row) {
    if (row->kind == DUET_JSON_OBJECT) {
        return is_book_event(row) ? SHAPE_BOOK : SHAPE_OBJECTS;
    }
    return row->kind == DUET_JSON_ARRAY ? SHAPE_LISTS : SHAPE_NONE;
}

/** Whether an object is rows itself: objects by date, or lists side by side. */
static enum shape shape_of_object(const struct duet_json_slice *object) {
    struct duet_json_scan scan;
    size_t lists = 0, dated = 0, members = 0;
    bool good = duet_json_begin(&scan, object->text, object->size);
    while (good && duet_json_next(&scan) && (members < KEYS_MAX || lists == members)) {
        struct duet_json_scan inner;
        bool scalars = scan.value.kind == DUET_JSON_ARRAY &&
                       duet_json_begin(&inner, scan.value.text, scan.value.size) && duet_json_next(&inner) &&
                       !is_nested(&inner.value);
        lists += scalars;
        dated += scan.value.kind == DUET_JSON_OBJECT && slice_is_label(&scan.key);
        members++;
    }
    if (members > 0 && dated == members) {
        return SHAPE_BY_DATE;
    }
    return lists >= 2 ? SHAPE_SIDE_BY_SIDE : SHAPE_NONE;
}

/** Where the rows are: this container, or the first within it that has some. */
static enum shape find_rows(const struct duet_json_slice *container, unsigned levels, struct duet_json_slice *out) {
    struct duet_json_scan scan;
    if (!is_nested(container) || !duet_json_begin(&scan, container->text, container->size)) {
        return SHAPE_NONE;
    }
    if (container->kind == DUET_JSON_ARRAY) {
        enum shape shape = duet_json_next(&scan) ? shape_of_row(&scan.value) : SHAPE_NONE;
        struct duet_json_scan inner;
        bool deeper = shape == SHAPE_LISTS && levels > 0 && duet_json_begin(&inner, scan.value.text, scan.value.size) &&
                      duet_json_next(&inner) && is_nested(&inner.value);
        *out = *container;
        return deeper ? find_rows(&scan.value, levels - 1, out) : shape;
    }
    enum shape shape = shape_of_object(container);
    *out = *container;
    while (shape == SHAPE_NONE && levels > 0 && duet_json_next(&scan)) {
        shape = find_rows(&scan.value, levels - 1, out);
    }
    return shape;
}

static enum duet_status put_side_by_side(struct writer *writer, const struct duet_json_slice *object) {
    struct duet_json_scan scan, columns[KEYS_MAX];
    size_t count = 0;
    bool good = duet_json_begin(&scan, object->text, object->size);
    while (good && duet_json_next(&scan) && count < KEYS_MAX) {
        if (scan.value.kind == DUET_JSON_ARRAY && duet_json_begin(&columns[count], scan.value.text, scan.value.size)) {
            duet_text_append(writer->out, ",", count > 0 ? 1 : 0);
            put_cell(writer->out, &scan.key);
            count++;
        }
    }
    duet_text_append(writer->out, "\n", 1);
    for (writer->row = 1;; writer->row++) {
        size_t more = 0;
        for (size_t i = 0; i < count; i++) {
            bool has = duet_json_next(&columns[i]);
            if (has != (more > 0) && i > 0) {
                return duet_csv_refuse(writer->info, writer->row, NULL, "lists of different lengths side by side");
            }
            if (has) {
                duet_text_append(writer->out, ",", i > 0 ? 1 : 0);
                put_cell(writer->out, &columns[i].value);
                more++;
            }
        }
        if (more == 0) {
            return DUET_OK;
        }
        duet_text_append(writer->out, "\n", 1);
    }
}

static enum duet_status put_row(
    struct writer *writer, const struct duet_json_slice *row, const struct duet_json_slice *key) {
    switch (writer->shape) {
    case SHAPE_LISTS:
        return put_list(writer, row);
    case SHAPE_BOOK:
        return put_event(writer, row, NULL, 0);
    case SHAPE_BY_DATE:
        return put_object(writer, row, key);
    default:
        return put_object(writer, row, NULL);
    }
}

/** Header and notes for a table whose first row is known. */
static void begin_rows(
    struct writer *writer, enum shape shape, const struct duet_json_slice *first, struct duet_table *table) {
    writer->shape = shape;
    table->book = shape == SHAPE_BOOK;
    table->added_lines = shape == SHAPE_LISTS ? 0 : 1;
    if (shape == SHAPE_BOOK) {
        duet_text_append(writer->out, "time,event,levels\n", 18);
    } else if (shape == SHAPE_OBJECTS || shape == SHAPE_BY_DATE) {
        put_header(writer, first, shape == SHAPE_BY_DATE);
    }
}

static enum duet_status put_document(struct writer *writer, const char *bytes, size_t size, struct duet_table *table) {
    struct duet_json_slice whole = {.text = bytes,
                               .size = (uint32_t)size,
                               .kind = *bytes == '{' ? DUET_JSON_OBJECT : DUET_JSON_ARRAY},
                           rows = whole;
    struct duet_json_scan scan;
    enum shape shape = find_rows(&whole, LEVELS_MAX, &rows);
    table->elements = true;
    writer->row = 1;
    bool good = duet_json_begin(&scan, rows.text, rows.size);
    bool any = shape != SHAPE_NONE && good && duet_json_next(&scan);
    if (!any) {
        (void)duet_json_begin(&scan, bytes, size);
        while (duet_json_next(&scan)) {
        }
        return scan.error != NULL ? duet_csv_refuse(writer->info, 0, NULL, "not JSON: %s", scan.error)
                                  : duet_csv_refuse(writer->info, 0, NULL, "JSON without a list of rows");
    }
    begin_rows(writer, shape, &scan.value, table);
    enum duet_status status = DUET_OK;
    if (shape == SHAPE_SIDE_BY_SIDE) {
        status = put_side_by_side(writer, &rows);
    } else {
        do {
            status = put_row(writer, &scan.value, &scan.key);
            writer->row++;
        } while (status == DUET_OK && duet_json_next(&scan));
        if (status == DUET_OK && scan.error != NULL) {
            status = refuse_json(writer, scan.error);
        }
    }
    // What stands around the rows has been passed over; a file cut short ends there.
    if (status == DUET_OK && rows.text != bytes) {
        (void)duet_json_begin(&scan, bytes, size);
        while (duet_json_next(&scan)) {
        }
        status = scan.error == NULL ? DUET_OK : duet_csv_refuse(writer->info, 0, NULL, "not JSON: %s", scan.error);
    }
    return status;
}

static enum duet_status put_line(struct writer *writer, const char *line, size_t length, struct duet_table *table) {
    size_t stamp = stamp_length(line, length), skip = stamp > 0 ? stamp + 1 : 0;
    struct duet_json_slice row = {.text = line + skip, .size = (uint32_t)(length - skip)};
    struct duet_json_scan scan;
    if (!duet_json_begin(&scan, row.text, row.size)) {
        return refuse_json(writer, scan.error);
    }
    row.kind = scan.closing == '}' ? DUET_JSON_OBJECT : DUET_JSON_ARRAY;
    if (writer->shape == SHAPE_NONE) {
        begin_rows(writer, stamp > 0 ? SHAPE_BOOK : shape_of_row(&row), &row, table);
    }
    if (writer->shape != SHAPE_BOOK) {
        return put_row(writer, &row, NULL);
    }
    while (duet_json_next(&scan)) { // the event is only looked into
    }
    return scan.error != NULL ? refuse_json(writer, scan.error)
                              : put_event(writer, &row, stamp > 0 ? line : NULL, stamp);
}

static enum duet_status put_lines(struct writer *writer, const char *bytes, size_t size, struct duet_table *table) {
    const char *end = bytes + size;
    enum duet_status status = DUET_OK;
    for (writer->row = 1; status == DUET_OK && bytes < end; writer->row++) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *next = stop != NULL ? stop + 1 : end;
        stop = stop != NULL ? stop : end;
        while (bytes < stop && is_space(*bytes)) {
            bytes++;
        }
        while (stop > bytes && is_space(stop[-1])) {
            stop--;
        }
        if (bytes == stop) {
            duet_text_append(writer->out, "\n", 1); // a row keeps the number of its line
        } else {
            status = put_line(writer, bytes, (size_t)(stop - bytes), table);
        }
        bytes = next;
    }
    return status;
}

enum duet_status duet_json_table(const char *bytes, size_t size, struct duet_data_info *info, struct duet_table *out) {
    struct writer writer = {.out = &out->text, .info = info};
    out->dialect = "json";
    bytes = skip_mark(bytes, &size);
    const char *end = bytes + size;
    const char *first = bytes;
    while (first < end && is_space(*first)) {
        first++;
    }
    if (size > UINT32_MAX) {
        return duet_csv_refuse(info, 0, NULL, "JSON of more than 4 GiB; split it");
    }
    bool lines = stamp_length(bytes, size) > 0;
    if (!lines) {
        const char *rest = value_end(first, end);
        while (rest < end && is_space(*rest)) {
            rest++;
        }
        lines = rest < end && (*rest == '{' || *rest == '[');
    }
    return lines ? put_lines(&writer, bytes, size, out) : put_document(&writer, first, (size_t)(end - first), out);
}
