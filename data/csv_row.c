#include "data/csv_reader.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "data/csv_symbols.h"

/** From here on not every whole number is a double. */
#define VOLUME_MAX 9007199254740992.0
/** Prices are scaled integers too. */
#define PRICE_MAX 4e18
#define PRICE_DECIMALS_MAX 12
#define RESTARTS_MAX 4
#define NEAR_NS (7 * DUET_DAY_NS)
#define FAR_NS (28 * DUET_DAY_NS)

/** Refuse the file, or with on_error=skip count the row. */
static DUET_PRINTF(3, 4) enum duet_csv_outcome
    row_error(struct duet_csv_reader *reader, const char *column, const char *format, ...) {
    reader->info->rows++;
    if (reader->spec->skip_errors) {
        reader->info->skipped++;
        duet_csv_warn(reader, DUET_DATA_SKIPPED_ERROR);
        return DUET_CSV_ROW_DONE;
    }
    char reason[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    reader->failure = duet_csv_refuse(reader->info, reader->line, column, "%s", reason);
    return DUET_CSV_ROW_FAILED;
}

static enum duet_csv_outcome cell_error(
    struct duet_csv_reader *reader, int column, struct duet_csv_field field, const char *reason) {
    int length = (int)(field.length < 60 ? field.length : 60);
    return row_error(reader, reader->form.names[column], "\"%.*s\" %s", length, field.text, reason);
}

static enum duet_csv_outcome restart(struct duet_csv_reader *reader) {
    if (!reader->survey) {
        reader->restarts++;
    }
    return DUET_CSV_ROW_RESTART;
}

static int64_t distance(int64_t a, int64_t b) {
    int64_t difference;
    return __builtin_sub_overflow(a > b ? a : b, a > b ? b : a, &difference) ? INT64_MAX : difference;
}

/** Do the dates so far, read in this way and in the other, follow one another closely? */
static void dates_step(struct duet_csv_reader *reader, int64_t day_ns, int64_t twin_day_ns) {
    if (reader->steps > 0 && day_ns == reader->last_day_ns) {
        return;
    }
    if (reader->steps++ > 0) {
        int64_t step = distance(day_ns, reader->last_day_ns), twin = distance(twin_day_ns, reader->last_twin_day_ns);
        reader->steps_near = reader->steps_near && step <= NEAR_NS;
        reader->steps_far = reader->steps_far && step >= FAR_NS;
        reader->twin_steps_near = reader->twin_steps_near && twin <= NEAR_NS;
        reader->twin_steps_far = reader->twin_steps_far && twin >= FAR_NS;
    }
    reader->last_day_ns = day_ns;
    reader->last_twin_day_ns = twin_day_ns;
}

static int64_t midnight(int64_t local_ns) {
    return local_ns - (local_ns % DUET_DAY_NS + DUET_DAY_NS) % DUET_DAY_NS;
}

/** Read a label; while day and month are not told apart, see what this one says. */
static enum duet_csv_outcome label_read(
    struct duet_csv_reader *reader, struct duet_csv_field field, struct duet_label *label, bool *good) {
    *good = duet_label_parse(reader->form.date_form, field.text, field.length, label);
    if (!reader->dates_open) {
        return DUET_CSV_ROW_DONE;
    }
    struct duet_label other;
    duet_date_form twin = duet_date_form_twin(reader->form.date_form);
    bool twin_good = duet_label_parse(twin, field.text, field.length, &other);
    if (*good && twin_good) {
        dates_step(reader, midnight(label->local_ns), midnight(other.local_ns));
    } else if (*good) {
        reader->dates_open = reader->form.dates_open = false;
    } else if (twin_good) {
        reader->dates_open = reader->form.dates_open = false;
        reader->form.date_form = twin;
        return restart(reader);
    }
    return DUET_CSV_ROW_DONE;
}

static enum duet_csv_outcome row_time(
    struct duet_csv_reader *reader, const struct duet_csv_field *fields, struct duet_csv_row *row, bool *skip) {
    int column = reader->form.columns.of_role[DUET_CSV_TIME], clock = reader->form.columns.of_role[DUET_CSV_CLOCK];
    struct duet_label label;
    bool good = false;
    *skip = true;
    enum duet_csv_outcome outcome = label_read(reader, fields[column], &label, &good);
    if (outcome != DUET_CSV_ROW_DONE) {
        return outcome;
    }
    if (!good) {
        char reason[80];
        snprintf(reason, sizeof(reason), "is not a time of the form %s, as in the first rows",
            duet_date_form_name(reader->form.date_form));
        return cell_error(reader, column, fields[column], reason);
    }
    if (clock >= 0) {
        int64_t clock_ns = 0;
        if (!duet_clock_parse(fields[clock].text, fields[clock].length, &clock_ns)) {
            return cell_error(reader, clock, fields[clock], "is not a time of day");
        }
        label.local_ns += clock_ns;
    }
    if (label.has_zone != reader->form.has_zone) {
        return cell_error(reader, column, fields[column],
            label.has_zone ? "states a zone, the rows before do not" : "states no zone, the rows before do");
    }
    *skip = false;
    if (!label.has_zone) {
        row->label_ns = duet_csv_utc(reader, label.local_ns);
        return DUET_CSV_ROW_DONE;
    }
    row->offset_s = label.offset_s;
    row->label_ns = label.local_ns - label.offset_s * DUET_SECOND_NS;
    return DUET_CSV_ROW_DONE;
}

/** Is the row one of the instrument that is asked for, or else of that of the first row? */
static bool symbol_is_ours(struct duet_csv_reader *reader, struct duet_csv_field field) {
    if (reader->symbol_length == 0) {
        const char *asset = reader->form.asset;
        if (asset[0] != '\0' && !duet_csv_symbol_is(field, asset)) {
            return false;
        }
        reader->symbol_length = field.length < DUET_SYMBOL_MAX ? field.length : DUET_SYMBOL_MAX - 1;
        memcpy(reader->symbol, field.text, reader->symbol_length);
        return true;
    }
    return field.length >= reader->symbol_length && memcmp(field.text, reader->symbol, reader->symbol_length) == 0 &&
           (field.length == reader->symbol_length || reader->symbol_length == DUET_SYMBOL_MAX - 1);
}

static bool has_blank(const struct duet_csv_reader *reader, const struct duet_csv_field *fields) {
    for (enum duet_csv_role role = DUET_CSV_TIME; role <= DUET_CSV_VOLUME; role++) {
        int column = reader->form.columns.of_role[role];
        if (column >= 0 && duet_csv_is_blank(fields[column])) {
            return true;
        }
    }
    int adjusted = reader->form.columns.of_role[DUET_CSV_ADJUSTED];
    return reader->spec->adjust_total && duet_csv_is_blank(fields[adjusted]);
}

/** adjust=total: every price in proportion to the adjusted close; false where that is no price. */
static bool adjust_prices(struct duet_csv_row *row, const struct duet_csv_number *adjusted) {
    double close = row->prices[3].value;
    bool good = close != 0;
    for (size_t i = 0; good && i < 4; i++) {
        // What equals the close stays equal to it, rounding or not.
        bool is_close = row->prices[i].value == close;
        double value = is_close ? adjusted->value : row->prices[i].value * (adjusted->value / close);
        good = value < PRICE_MAX && value > -PRICE_MAX;
        row->prices[i] = (struct duet_csv_number){.value = value, .decimals = adjusted->decimals};
    }
    return good;
}

/** Whole numbers above 2^53 round to it or beyond. */
static bool is_countable(const struct duet_csv_number *volume) {
    return volume->value < VOLUME_MAX && volume->value > -VOLUME_MAX;
}

static enum duet_csv_outcome row_numbers(
    struct duet_csv_reader *reader, const struct duet_csv_field *fields, struct duet_csv_row *row, bool *skip) {
    const int *of_role = reader->form.columns.of_role;
    *skip = true;
    for (int i = 0; i < 5; i++) {
        int column = of_role[DUET_CSV_OPEN + i];
        struct duet_csv_number *number = i < 4 ? &row->prices[i] : &row->volume;
        if (column < 0) {
            continue;
        }
        const char *reason = i < 4 ? duet_csv_number_parse(fields[column], reader->form.marks, number)
                                   : duet_csv_quantity_parse(fields[column], reader->form.marks, number);
        if (reason == NULL && i < 4 && (number->value > PRICE_MAX || number->value < -PRICE_MAX)) {
            reason = "is too large for a price";
        } else if (reason == NULL && i == 4 && !is_countable(number)) {
            reason = "is 2^53 or more, beyond what can be counted exactly";
        }
        if (reason != NULL) {
            return cell_error(reader, column, fields[column], reason);
        }
    }
    int column = of_role[DUET_CSV_ADJUSTED];
    if (column >= 0 && !duet_csv_is_blank(fields[column]) &&
        (!reader->adjusted_differs || reader->spec->adjust_total)) {
        struct duet_csv_number adjusted;
        const char *reason = duet_csv_number_parse(fields[column], reader->form.marks, &adjusted);
        if (reason != NULL) {
            return cell_error(reader, column, fields[column], reason);
        }
        reader->adjusted_differs = reader->adjusted_differs || adjusted.value != row->prices[3].value;
        if (reader->spec->adjust_total && !adjust_prices(row, &adjusted)) {
            return cell_error(reader, column, fields[column], "cannot scale the prices of the row");
        }
    }
    *skip = false;
    return DUET_CSV_ROW_DONE;
}

enum duet_csv_outcome duet_csv_row_read(struct duet_csv_reader *reader, const char *line, size_t length, bool cut_off) {
    struct duet_csv_field fields[DUET_CSV_COLUMNS_MAX];
    struct duet_csv_row row = {0};
    size_t blank = 0;
    while (blank < length && (line[blank] == ' ' || line[blank] == '\t' || line[blank] == '\r' ||
                                 line[blank] == reader->form.delimiter)) { // ",,,," is what spreadsheets leave
        blank++;
    }
    if (blank == length) {
        return DUET_CSV_ROW_DONE;
    }
    if (memchr(line, '\0', length) != NULL) {
        return row_error(reader, NULL, "a zero byte: binary data, not text");
    }
    size_t count = duet_csv_split(line, length, reader->form.delimiter, fields, DUET_CSV_COLUMNS_MAX);
    if (count == SIZE_MAX) {
        return row_error(reader, NULL, "a quote is not closed, or followed by text");
    }
    if (count != reader->form.fields) {
        return row_error(reader, NULL, "%zu fields expected, %zu found%s", reader->form.fields, count,
            cut_off ? "; the file ends within this line" : "");
    }
    int symbol = reader->form.columns.of_role[DUET_CSV_SYMBOL];
    if (symbol >= 0 && !symbol_is_ours(reader, fields[symbol])) {
        if (reader->form.asset[0] != '\0') {
            return DUET_CSV_ROW_DONE;
        }
        reader->failure = duet_csv_refuse_symbol(reader->info, reader->line, reader->form.names[symbol],
            (struct duet_csv_field){reader->symbol, reader->symbol_length}, fields[symbol]);
        return DUET_CSV_ROW_FAILED;
    }
    if (has_blank(reader, fields)) {
        reader->info->rows++;
        reader->info->skipped++;
        duet_csv_warn(reader, DUET_DATA_BLANK_CELL);
        return DUET_CSV_ROW_DONE;
    }
    bool skip = false;
    enum duet_csv_outcome outcome = row_time(reader, fields, &row, &skip);
    if (outcome != DUET_CSV_ROW_DONE || skip) {
        return outcome;
    }
    outcome = row_numbers(reader, fields, &row, &skip);
    return outcome != DUET_CSV_ROW_DONE || skip ? outcome : duet_csv_row_keep(reader, &row);
}

/** The number in units of 10^-decimals; false where it is none or does not fit. `places` gets how many it needs. */
static bool scaled(const struct duet_csv_number *number, unsigned decimals, bool trim, int32_t *out, unsigned *places) {
    int64_t mantissa = number->mantissa;
    *places = number->decimals;
    if (!number->exact) {
        return false;
    }
    while (trim && *places > decimals && mantissa % 10 == 0) {
        mantissa /= 10;
        (*places)--;
    }
    int64_t value = 0;
    if (*places > decimals || __builtin_mul_overflow(mantissa, duet_pow10(decimals - *places), &value) ||
        value > INT32_MAX || value < -INT32_MAX) {
        return false;
    }
    *out = (int32_t)value;
    return true;
}

/** Decide how records are written from now on, after a price that does not go into the present form. */
static enum duet_csv_outcome change_layout(
    struct duet_csv_reader *reader, const struct duet_csv_number *number, unsigned places) {
    bool fixed = reader->spec->decimals >= 0;
    if (!fixed && number->exact && places > reader->decimals && places <= PRICE_DECIMALS_MAX &&
        reader->restarts < RESTARTS_MAX) {
        reader->decimals = places;
    } else if (!fixed && !reader->trim && number->exact && places <= PRICE_DECIMALS_MAX) {
        reader->trim = true; // begin again with no decimals, and add those that are needed
        reader->decimals = 0;
    } else {
        reader->wide = true;
    }
    return restart(reader);
}

static void record_written(struct duet_csv_reader *reader, const struct duet_csv_row *row) {
    unsigned most = 0;
    for (size_t i = 0; i < 4; i++) {
        most = row->prices[i].decimals > most ? row->prices[i].decimals : most;
    }
    most = most < DUET_CSV_WRITTEN_MAX ? most : DUET_CSV_WRITTEN_MAX;
    if (reader->written[most]++ == 0) {
        reader->written_line[most] = reader->line;
    }
}

void duet_csv_count_oddities(struct duet_csv_reader *reader, int64_t label_ns, double open, double high, double low,
    double close, double volume) {
    if (high < open || high < close || high < low || low > open || low > close) {
        duet_csv_warn(reader, DUET_DATA_OHLC_VIOLATION);
    }
    if (open == 0 || high == 0 || low == 0 || close == 0) {
        duet_csv_warn(reader, DUET_DATA_ZERO_PRICE);
    }
    if (open < 0 || high < 0 || low < 0 || close < 0) {
        duet_csv_warn(reader, DUET_DATA_NEGATIVE_PRICE);
    }
    if (reader->info->has_volume && volume == 0) {
        duet_csv_warn(reader, DUET_DATA_ZERO_VOLUME);
    }
    if (volume < 0) {
        duet_csv_warn(reader, DUET_DATA_NEGATIVE_VOLUME);
    }
    if (reader->has_last && label_ns == reader->last_ns) {
        reader->equal++;
    } else if (reader->has_last && (label_ns < reader->last_ns) != reader->descending) {
        reader->against++;
        duet_csv_warn(reader, DUET_DATA_OUT_OF_ORDER);
    }
}

void duet_csv_count_volume_decimals(struct duet_csv_reader *reader, int64_t mantissa, unsigned decimals) {
    while (decimals > reader->volume_decimals && mantissa % 10 == 0) {
        mantissa /= 10;
        decimals--;
    }
    reader->volume_decimals = decimals > reader->volume_decimals ? decimals : reader->volume_decimals;
}

enum duet_csv_outcome duet_csv_row_keep(struct duet_csv_reader *reader, const struct duet_csv_row *row) {
    if (reader->form.has_zone && row->offset_s != reader->offset_s) { // the batch so far has the offset before
        if (!duet_csv_flush(reader)) {
            return DUET_CSV_ROW_FAILED;
        }
        reader->offset_s = row->offset_s;
    }
    if (reader->wide) {
        record_written(reader, row);
        reader->batch.wide[reader->batch_count] = (struct duet_record48){row->label_ns, row->prices[0].value,
            row->prices[1].value, row->prices[2].value, row->prices[3].value, row->volume.value};
    } else {
        int32_t prices[4];
        for (size_t i = 0; i < 4; i++) {
            unsigned places = 0;
            if (!scaled(&row->prices[i], reader->decimals, reader->trim, &prices[i], &places)) {
                return change_layout(reader, &row->prices[i], places);
            }
        }
        reader->batch.narrow[reader->batch_count] =
            (struct duet_record32){row->label_ns, prices[0], prices[1], prices[2], prices[3], row->volume.value};
    }
    duet_csv_count_oddities(reader, row->label_ns, row->prices[0].value, row->prices[1].value, row->prices[2].value,
        row->prices[3].value, row->volume.value);
    // Longer fractions than an integer holds count in full.
    duet_csv_count_volume_decimals(reader, row->volume.exact ? row->volume.mantissa : 1, row->volume.decimals);
    reader->has_last = true;
    reader->last_ns = row->label_ns;
    reader->kept++;
    reader->info->rows++;
    if (++reader->batch_count == DUET_CSV_BATCH && !duet_csv_flush(reader)) {
        return DUET_CSV_ROW_FAILED;
    }
    return DUET_CSV_ROW_DONE;
}
