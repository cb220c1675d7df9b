/* Rows of LEAN files, transcribed: dates from names, prices in whole units, quotes' prices as one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/time.h"
#include "data/csv_form.h"
#include "data/csv_text.h"
#include "data/lean.h"

/** Prices of shares and options are integers of this many decimals. */
#define SCALED_DECIMALS 4u
/** Decimals of prices that have been adjusted. */
#define ADJUSTED_DECIMALS 8u
#define FIELDS_MAX 16
/** Rows that are looked at before a file is taken for LEAN's. */
#define LOOK_ROWS 50

enum layout { LAYOUT_NONE = 0, LAYOUT_BARS, LAYOUT_QUOTE_BARS, LAYOUT_TRADES, LAYOUT_QUOTES, LAYOUT_BARE_QUOTES };

struct writer {
    struct duet_text *out;
    struct duet_data_info *info;
    const struct duet_data_spec *spec;
    struct duet_lean lean;
    enum layout layout;
    size_t fields; // of a row
    unsigned shift; // decimals in integers
    struct duet_lean_factors factors;
    int64_t foreign_until_ns;
    uint64_t line, foreign, foreign_line;
};

/** Behind the time: where prices stand, and how many fields there are. */
static const struct {
    enum layout layout;
    size_t fields, fields_max;
    const char *columns;
} layouts[] = {
    {LAYOUT_BARS, 6, 6, "time,open,high,low,close,volume"},
    {LAYOUT_QUOTE_BARS, 11, 11, "time,open,high,low,close"},
    {LAYOUT_TRADES, 3, 7, "time,price,quantity"},
    {LAYOUT_QUOTES, 5, 8, "time,bid,bidsize,ask,asksize"},
    {LAYOUT_BARE_QUOTES, 3, 3, "time,bid,ask"},
};

static size_t layout_index(enum layout layout) {
    size_t index = 0;
    while (layouts[index].layout != layout) {
        index++;
    }
    return index;
}

/** By resolution, kind and the number of fields. */
static enum layout layout_of(const struct duet_lean *lean, size_t fields) {
    bool quotes = lean->kind == DUET_LEAN_QUOTE;
    if (lean->resolution == DUET_LEAN_TICK) {
        enum layout layout = !quotes ? LAYOUT_TRADES : fields == 3 ? LAYOUT_BARE_QUOTES : LAYOUT_QUOTES;
        size_t index = layout_index(layout);
        return fields >= layouts[index].fields && fields <= layouts[index].fields_max ? layout : LAYOUT_NONE;
    }
    if (fields == 6) {
        return LAYOUT_BARS;
    }
    return fields == 11 ? LAYOUT_QUOTE_BARS : LAYOUT_NONE;
}

static bool all_digits(struct duet_csv_field field) {
    for (size_t i = 0; i < field.length; i++) {
        if (field.text[i] < '0' || field.text[i] > '9') {
            return false;
        }
    }
    return field.length > 0;
}

/** Milliseconds of a day, of ticks with a fraction, in nanoseconds. */
static bool field_ms(struct duet_csv_field field, int64_t *ns) {
    int64_t unit_ns = DUET_SECOND_NS / 1000;
    bool fraction = false;
    *ns = 0;
    for (size_t i = 0; i < field.length && field.length <= 20; i++) {
        char c = field.text[i];
        bool point = c == '.' && i > 0 && !fraction;
        if (!point && (c < '0' || c > '9')) {
            return false;
        }
        fraction = fraction || point;
        if (fraction && !point) {
            unit_ns /= 10;
            *ns += (c - '0') * unit_ns; // below a nanosecond nothing
        } else if (!point) {
            *ns = *ns * 10 + (c - '0') * unit_ns;
            if (*ns >= DUET_DAY_NS) {
                return false;
            }
        }
    }
    return field.length > 0 && field.length <= 20;
}

/** "YYYYMMDD HH:MM". */
static bool field_stamp(struct duet_csv_field field, int64_t *ns) {
    int numbers[5] = {0};
    static const unsigned char part[] = {0, 0, 0, 0, 1, 1, 2, 2, 9, 3, 3, 8, 4, 4};
    for (size_t i = 0; field.length == sizeof(part) && i < sizeof(part); i++) {
        char c = field.text[i];
        if (part[i] >= 8 ? c != (part[i] == 9 ? ' ' : ':') : c < '0' || c > '9') {
            return false;
        }
        if (part[i] < 8) {
            numbers[part[i]] = numbers[part[i]] * 10 + (c - '0');
        }
    }
    if (field.length != sizeof(part) || numbers[0] < 1900 || numbers[0] > 2199 || numbers[3] > 23 || numbers[4] > 59 ||
        !duet_civil_is_date(numbers[0], numbers[1], numbers[2])) {
        return false;
    }
    *ns = duet_days_from_civil(numbers[0], numbers[1], numbers[2]) * DUET_DAY_NS +
          (numbers[3] * 60 + numbers[4]) * DUET_MINUTE_NS;
    return true;
}

static bool is_intraday(const struct writer *writer) {
    return writer->lean.resolution < DUET_LEAN_HOUR;
}

static bool row_time(const struct writer *writer, struct duet_csv_field field, int64_t *local_ns) {
    int64_t ns = 0;
    if (!is_intraday(writer)) {
        return field_stamp(field, local_ns);
    }
    bool good = field_ms(field, &ns);
    *local_ns = writer->lean.day_ns + ns;
    return good;
}

/** A number in units of 10^-decimals, written without zeros at its end. */
static void put_scaled(struct duet_text *out, __int128 value, unsigned decimals) {
    char text[64];
    size_t at = sizeof(text);
    bool negative = value < 0;
    value = negative ? -value : value;
    while (decimals > 0 && value % 10 == 0) {
        value /= 10;
        decimals--;
    }
    for (unsigned digit = 0; value > 0 || digit <= decimals; digit++) {
        if (digit == decimals && decimals > 0) {
            text[--at] = '.';
        }
        text[--at] = (char)('0' + (int)(value % 10));
        value /= 10;
    }
    if (negative) {
        text[--at] = '-';
    }
    duet_text_append(out, text + at, sizeof(text) - at);
}

static const struct duet_lean_factor *factor_of(const struct writer *writer, int64_t local_ns) {
    return writer->factors.count > 0 ? duet_lean_factor_of(&writer->factors, local_ns) : NULL;
}

static enum duet_status refuse_field(
    struct writer *writer, const char *column, struct duet_csv_field field, const char *reason) {
    int length = (int)(field.length < 60 ? field.length : 60);
    return duet_csv_refuse(writer->info, writer->line, column, "\"%.*s\" %s", length, field.text, reason);
}

/** One price in whole units, adjusted where that is wanted; blank stays blank. */
static enum duet_status put_price(
    struct writer *writer, const char *column, struct duet_csv_field field, int64_t local_ns) {
    struct duet_csv_number number;
    if (duet_csv_is_blank(field)) {
        return DUET_OK;
    }
    const char *reason = duet_csv_number_parse(field, DUET_CSV_MARKS_POINT, &number);
    if (reason == NULL && (!number.exact || number.decimals + writer->shift > 12)) {
        reason = "has too many digits for a price";
    }
    if (reason != NULL) {
        return refuse_field(writer, column, field, reason);
    }
    const struct duet_lean_factor *factor = factor_of(writer, local_ns);
    if (factor == NULL) {
        put_scaled(writer->out, number.mantissa, number.decimals + writer->shift);
        return DUET_OK;
    }
    double scale = factor->split * (writer->spec->adjust_total ? factor->price : 1);
    double value = number.value / (double)duet_pow10(writer->shift) * scale;
    put_scaled(writer->out, (__int128)__builtin_rint(value * (double)duet_pow10(ADJUSTED_DECIMALS)), ADJUSTED_DECIMALS);
    return DUET_OK;
}

/** Halfway between bid and ask, exactly; blank where one of them is. */
static enum duet_status put_middle(
    struct writer *writer, const char *column, struct duet_csv_field bid, struct duet_csv_field ask) {
    struct duet_csv_number a, b;
    if (duet_csv_is_blank(bid) || duet_csv_is_blank(ask)) {
        return DUET_OK;
    }
    const char *reason = duet_csv_number_parse(bid, DUET_CSV_MARKS_POINT, &a);
    if (reason != NULL || !a.exact || a.decimals > 12) {
        return refuse_field(writer, column, bid, reason != NULL ? reason : "has too many digits for a price");
    }
    reason = duet_csv_number_parse(ask, DUET_CSV_MARKS_POINT, &b);
    if (reason != NULL || !b.exact || b.decimals > 12) {
        return refuse_field(writer, column, ask, reason != NULL ? reason : "has too many digits for a price");
    }
    unsigned decimals = a.decimals > b.decimals ? a.decimals : b.decimals;
    __int128 sum = (__int128)a.mantissa * duet_pow10(decimals - a.decimals) +
                   (__int128)b.mantissa * duet_pow10(decimals - b.decimals);
    put_scaled(writer->out, sum * 5, decimals + 1 + writer->shift);
    return DUET_OK;
}

/** Units of today's shares for those of the day. */
static enum duet_status put_volume(struct writer *writer, struct duet_csv_field field, int64_t local_ns) {
    const struct duet_lean_factor *factor = factor_of(writer, local_ns);
    struct duet_csv_number number;
    if (factor == NULL || factor->split == 1 || duet_csv_is_blank(field)) {
        duet_text_append(writer->out, field.text, field.length);
        return DUET_OK;
    }
    const char *reason = duet_csv_number_parse(field, DUET_CSV_MARKS_POINT, &number);
    if (reason != NULL) {
        return refuse_field(writer, "volume", field, reason);
    }
    duet_text_print(writer->out, "%.0f", number.value / factor->split);
    return DUET_OK;
}

static void put_time(struct writer *writer, int64_t local_ns) {
    struct duet_civil civil = duet_civil_from_ns(local_ns);
    duet_text_print(writer->out, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
    if (writer->lean.resolution == DUET_LEAN_DAILY) {
        return;
    }
    duet_text_print(writer->out, " %02d:%02d:%02d", civil.hour, civil.minute, civil.second);
    if (writer->lean.resolution == DUET_LEAN_TICK) {
        bool whole = civil.nanosecond % 1000000 == 0;
        duet_text_print(writer->out, whole ? ".%03d" : ".%09d", whole ? civil.nanosecond / 1000000 : civil.nanosecond);
    }
}

static enum duet_status put_bar(struct writer *writer, const struct duet_csv_field *fields, int64_t local_ns) {
    static const char *const names[] = {"open", "high", "low", "close"};
    const char *price = writer->spec->price;
    size_t bid = 1, ask = 6;
    enum duet_status status = DUET_OK;
    bool middle = writer->layout == LAYOUT_QUOTE_BARS && (price == NULL || strcmp(price, "mid") == 0);
    size_t from = writer->layout == LAYOUT_QUOTE_BARS && price != NULL && strcmp(price, "ask") == 0 ? ask : bid;
    for (size_t i = 0; status == DUET_OK && i < 4; i++) {
        duet_text_append(writer->out, ",", 1);
        status = middle ? put_middle(writer, names[i], fields[bid + i], fields[ask + i])
                        : put_price(writer, names[i], fields[from + i], local_ns);
    }
    if (status == DUET_OK && writer->layout == LAYOUT_BARS) {
        duet_text_append(writer->out, ",", 1);
        status = put_volume(writer, fields[5], local_ns);
    }
    return status;
}

static enum duet_status put_tick(struct writer *writer, const struct duet_csv_field *fields, int64_t local_ns) {
    bool bare = writer->layout == LAYOUT_BARE_QUOTES, trade = writer->layout == LAYOUT_TRADES;
    duet_text_append(writer->out, ",", 1);
    enum duet_status status = put_price(writer, trade ? "price" : "bid", fields[1], local_ns);
    for (size_t i = 2; status == DUET_OK && i <= (bare || trade ? 2u : 4u); i++) {
        duet_text_append(writer->out, ",", 1);
        bool is_price = bare || (!trade && i == 3);
        status = is_price ? put_price(writer, "ask", fields[i], local_ns) : put_volume(writer, fields[i], local_ns);
    }
    return status;
}

static enum duet_status put_row(struct writer *writer, const char *line, size_t length) {
    struct duet_csv_field fields[FIELDS_MAX];
    int64_t local_ns = 0;
    size_t count = duet_csv_split(line, length, ',', fields, FIELDS_MAX);
    if (count != writer->fields) {
        return duet_csv_refuse(writer->info, writer->line, NULL, "%zu fields expected, %zu found", writer->fields,
            count == SIZE_MAX ? 0 : count);
    }
    if (!row_time(writer, fields[0], &local_ns)) {
        return refuse_field(writer, "time", fields[0],
            is_intraday(writer) ? "is not a time of day in milliseconds" : "is not a time YYYYMMDD HH:MM");
    }
    if (local_ns < writer->foreign_until_ns + DUET_DAY_NS && writer->foreign_until_ns != INT64_MIN &&
        writer->foreign++ == 0) {
        writer->foreign_line = writer->line;
    }
    put_time(writer, local_ns);
    enum duet_status status = writer->layout == LAYOUT_BARS || writer->layout == LAYOUT_QUOTE_BARS
                                  ? put_bar(writer, fields, local_ns)
                                  : put_tick(writer, fields, local_ns);
    duet_text_append(writer->out, "\n", 1);
    return status;
}

/** The next line, without its end; false behind the last. */
static bool next_line(const char **at, const char *end, struct duet_csv_field *line) {
    if (*at == end) {
        return false;
    }
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    stop = stop != NULL ? stop : end;
    size_t length = (size_t)(stop - *at);
    while (length > 0 && ((*at)[length - 1] == '\r' || (*at)[length - 1] == ' ')) {
        length--;
    }
    *line = (struct duet_csv_field){*at, length};
    *at = stop < end ? stop + 1 : end;
    return true;
}

static enum duet_status put_rows(struct writer *writer, const char *bytes, size_t size) {
    const char *at = bytes, *end = bytes + size;
    struct duet_csv_field line;
    enum duet_status status = DUET_OK;
    for (writer->line = 1; status == DUET_OK && next_line(&at, end, &line); writer->line++) {
        if (line.length == 0) {
            duet_text_append(writer->out, "\n", 1); // a row keeps the number of its line
            continue;
        }
        size_t before = writer->out->length;
        status = put_row(writer, line.text, line.length);
        if (status == DUET_EDATA && writer->spec->skip_errors) { // left for the reader of rows to skip and count
            writer->out->length = before;
            duet_text_append(writer->out, line.text, line.length);
            duet_text_append(writer->out, "\n", 1);
            status = DUET_OK;
        }
    }
    return status;
}

/** Of a file outside LEAN's folders, named like the one inside: shares, if all prices are whole cents times 100. */
static bool is_scaled(const struct duet_csv_field *fields, size_t count) {
    for (size_t i = 1; i < count && i < 5; i++) {
        struct duet_csv_field field = fields[i];
        if (!all_digits(field) || field.length < 3 || memcmp(field.text + field.length - 2, "00", 2) != 0) {
            return false;
        }
    }
    return true;
}

struct look {
    size_t rows, scaled, midnights;
    bool whole; // no price has a point
};

static bool look_at_row(struct writer *writer, const struct duet_csv_field *fields, size_t count, struct look *look) {
    int64_t local_ns = 0;
    if (count > FIELDS_MAX || count < 3 || !row_time(writer, fields[0], &local_ns)) {
        return false;
    }
    writer->fields = look->rows == 0 ? count : writer->fields;
    for (size_t i = 1; i < count && i < 5; i++) {
        look->whole = look->whole && memchr(fields[i].text, '.', fields[i].length) == NULL;
    }
    look->scaled += is_scaled(fields, count);
    look->midnights += local_ns % DUET_DAY_NS == 0;
    look->rows++;
    return true;
}

/** Do the first rows look as folders and names say? Settles the layout, and whether prices are scaled. `cut`: the last
 * line is not all there. */
static bool rows_confirm(struct writer *writer, const char *bytes, size_t size, bool cut) {
    const char *at = bytes, *end = bytes + size;
    struct duet_csv_field line, fields[FIELDS_MAX];
    struct look look = {.whole = true};
    while (look.rows < LOOK_ROWS && next_line(&at, end, &line)) {
        if (line.length == 0 || (cut && at == end)) {
            continue;
        }
        if (!look_at_row(writer, fields, duet_csv_split(line.text, line.length, ',', fields, FIELDS_MAX), &look)) {
            break; // a row in error, perhaps, in a file that began well
        }
    }
    struct duet_lean *lean = &writer->lean;
    if (lean->flat) {
        lean->resolution = look.midnights == look.rows ? DUET_LEAN_DAILY : DUET_LEAN_HOUR;
        if (look.scaled * 10 < look.rows * 9 || writer->fields != 6) {
            return false;
        }
    }
    writer->layout = layout_of(lean, writer->fields);
    if (lean->security == DUET_LEAN_UNKNOWN && look.whole) {
        lean->security = DUET_LEAN_EQUITY;
    }
    return look.rows > 0;
}

/** What the user says goes before folders and names. */
static void take_spec(struct writer *writer, const struct duet_data_spec *spec) {
    static const char *const names[] = {"", "equity", "option", "forex", "cfd", "crypto", "future", "index"};
    for (size_t i = 1; spec->lean != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(spec->lean, names[i]) == 0) {
            writer->lean.security = (enum duet_lean_security)i;
            writer->lean.flat = false;
        }
    }
}

/** The zone of the labels; NULL where nobody knows. */
static const char *zone_of(const struct duet_lean *lean) {
    bool usa = lean->market[0] == '\0' || strcasecmp(lean->market, "usa") == 0;
    switch (lean->security) {
    case DUET_LEAN_EQUITY:
    case DUET_LEAN_OPTION:
    case DUET_LEAN_INDEX:
        return usa ? "America/New_York" : NULL;
    case DUET_LEAN_FOREX:
        return strcasecmp(lean->market, "fxcm") == 0 ? "-05:00" : lean->in_tree ? "UTC" : NULL;
    case DUET_LEAN_UNKNOWN:
        return NULL;
    default:
        return "UTC";
    }
}

/** What the reader of rows has to know, beneath what the user says. */
static void describe(const struct writer *writer, struct duet_table *table) {
    static const int64_t intervals[] = {0, 0, DUET_SECOND_NS, DUET_MINUTE_NS, DUET_HOUR_NS, DUET_DAY_NS};
    struct duet_data_spec *spec = &table->spec;
    const char *zone = zone_of(&writer->lean);
    duet_text_copy(table->columns, sizeof(table->columns), layouts[layout_index(writer->layout)].columns);
    spec->columns = table->columns;
    spec->interval_ns = spec->interval_ns != 0 ? spec->interval_ns : intervals[writer->lean.resolution];
    spec->adjust_total = spec->adjust_split = false; // done
    if (spec->tz == NULL && zone != NULL) {
        spec->tz = (char *)(uintptr_t)zone; // never freed: the copy's texts are borrowed
    }
    table->dialect = "lean";
    table->foreign_rows = writer->foreign;
    table->foreign_line = writer->foreign_line;
}

static enum duet_status read_factors(struct writer *writer, const struct duet_document *document) {
    if (!writer->spec->adjust_total && !writer->spec->adjust_split) {
        return DUET_OK;
    }
    if (writer->layout == LAYOUT_QUOTES || writer->layout == LAYOUT_TRADES || writer->layout == LAYOUT_QUOTE_BARS) {
        return duet_error(DUET_EINVAL, "%.300s: adjust= is for bars of trades", document->name);
    }
    return duet_lean_factors_read(document->path, &writer->factors);
}

static enum duet_status transcribe(
    struct writer *writer, const struct duet_document *document, struct duet_table *table) {
    char *read = NULL;
    const char *bytes = document->bytes;
    size_t size = (size_t)document->size;
    bool scaled = writer->lean.security == DUET_LEAN_EQUITY || writer->lean.security == DUET_LEAN_OPTION;
    writer->shift = scaled ? SCALED_DECIMALS : 0;
    writer->foreign_until_ns = scaled ? duet_lean_foreign_until_ns(document->path) : INT64_MIN;
    enum duet_status status = read_factors(writer, document);
    if (status == DUET_OK) {
        status = duet_document_bytes(document, &read, &bytes, &size);
    }
    if (status == DUET_OK) {
        status = put_rows(writer, bytes, size);
    }
    if (status == DUET_OK) {
        describe(writer, table);
    }
    free(read);
    duet_lean_factors_finish(&writer->factors);
    return status;
}

enum duet_status duet_lean_table(const struct duet_document *document, const struct duet_data_spec *spec,
    struct duet_data_info *info, struct duet_table *out, bool *taken) {
    struct writer writer = {.out = &out->text, .info = info, .spec = spec, .foreign_until_ns = INT64_MIN};
    bool off = spec->columns != NULL || (spec->lean != NULL && strcmp(spec->lean, "off") == 0);
    *taken = false;
    if (off || !duet_lean_look(document->path, document->inner, &writer.lean)) {
        return DUET_OK;
    }
    take_spec(&writer, spec);
    bool cut = document->bytes == NULL && document->head_size < document->size;
    if (!rows_confirm(&writer, document->head, document->head_size, cut)) {
        return DUET_OK;
    }
    *taken = true;
    if (writer.lean.kind == DUET_LEAN_OPEN_INTEREST) {
        return duet_csv_refuse(info, 0, NULL, "open interest, neither trades nor quotes");
    }
    if (writer.layout == LAYOUT_NONE) {
        return duet_csv_refuse(
            info, 1, NULL, "%zu fields, which no file of LEAN's has; lean=off reads it as plain CSV", writer.fields);
    }
    return transcribe(&writer, document, out);
}
