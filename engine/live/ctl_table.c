#include "engine/live/ctl_table.h"

#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "base/wrap.h"

const char *ctl_cell(const json_t *value, char out[CTL_CELL_MAX]) {
    char number[DUET_DOUBLE_TEXT_MAX];
    switch (value == NULL ? JSON_NULL : json_typeof(value)) {
    case JSON_STRING:
        duet_text_copy(out, CTL_CELL_MAX, json_string_value(value));
        break;
    case JSON_INTEGER:
        snprintf(out, CTL_CELL_MAX, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        duet_text_copy(out, CTL_CELL_MAX, duet_double_format(json_real_value(value), number));
        break;
    case JSON_TRUE:
        return "yes";
    case JSON_FALSE:
        return "no";
    case JSON_ARRAY: {
        struct duet_text text = {0};
        for (size_t i = 0; i < json_array_size(value); i++) {
            char item[CTL_CELL_MAX];
            duet_text_print(&text, "%s%s", i > 0 ? ", " : "", ctl_cell(json_array_get(value, i), item));
        }
        duet_text_copy(out, CTL_CELL_MAX, text.text == NULL ? "-" : text.text);
        duet_text_finish(&text);
        break;
    }
    default:
        return "-";
    }
    return out[0] == '\0' ? "-" : out;
}

const char *ctl_moment(const json_t *value, char out[CTL_CELL_MAX]) {
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) < 19) {
        return "-";
    }
    snprintf(out, CTL_CELL_MAX, "%.10s %.8s", text, text + 11);
    return out;
}

const char *ctl_amount(const json_t *value, char out[CTL_CELL_MAX]) {
    const char *text = json_string_value(value);
    duet_money money;
    if (text == NULL || duet_money_parse(text, strlen(text), &money) != DUET_OK) {
        return ctl_cell(value, out);
    }
    char grouped[DUET_DECIMAL_TEXT_MAX];
    duet_text_copy(out, CTL_CELL_MAX, duet_money_format_grouped(money, 2, grouped));
    return out;
}

const char *ctl_rounded(const json_t *value, char out[CTL_CELL_MAX]) {
    if (!json_is_number(value)) {
        return "-";
    }
    snprintf(out, CTL_CELL_MAX, "%.3f", json_number_value(value));
    return out;
}

const char *ctl_duration(const json_t *value, char out[CTL_CELL_MAX]) {
    if (!json_is_number(value)) {
        return "-";
    }
    long long seconds = (long long)json_number_value(value);
    static const struct {
        long long seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    if (seconds < 60) {
        snprintf(out, CTL_CELL_MAX, "%.3g s", json_number_value(value));
        return out;
    }
    size_t unit = 0; // the largest that fits, and the next one
    while (seconds < units[unit].seconds) {
        unit++;
    }
    long long rest = seconds % units[unit].seconds / units[unit + 1].seconds;
    int length = snprintf(out, CTL_CELL_MAX, "%lld %s", seconds / units[unit].seconds, units[unit].name);
    if (rest > 0) {
        snprintf(out + length, CTL_CELL_MAX - (size_t)length, " %lld %s", rest, units[unit + 1].name);
    }
    return out;
}

static const char *field_text(const json_t *row, const struct ctl_field *field, char out[CTL_CELL_MAX]) {
    return (field->format != NULL ? field->format : ctl_cell)(json_object_get(row, field->key), out);
}

static void pad(size_t have, size_t want, FILE *out) {
    for (; have < want; have++) {
        fputc(' ', out);
    }
}

static void show_cell(const char *text, size_t width, bool right, bool last, FILE *out) {
    size_t columns = duet_text_columns(text);
    if (right) {
        pad(columns, width, out);
    }
    fputs(text, out);
    if (!right && !last) {
        pad(columns, width, out);
    }
    fputs(last ? "\n" : "  ", out);
}

void ctl_show_table(const json_t *rows, const struct ctl_field *fields, size_t count, const char *none, FILE *out) {
    size_t widths[CTL_COLUMNS_MAX], index;
    const json_t *row;
    char text[CTL_CELL_MAX];
    if (json_array_size(rows) == 0) {
        fprintf(out, "%s\n", none);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        widths[i] = duet_text_columns(fields[i].title);
        for (index = 0; index < json_array_size(rows); index++) {
            size_t columns = duet_text_columns(field_text(json_array_get(rows, index), &fields[i], text));
            widths[i] = columns > widths[i] ? columns : widths[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        show_cell(fields[i].title, widths[i], fields[i].right, i + 1 == count, out);
    }
    for (index = 0; index < json_array_size(rows); index++) {
        row = json_array_get(rows, index);
        for (size_t i = 0; i < count; i++) {
            show_cell(field_text(row, &fields[i], text), widths[i], fields[i].right, i + 1 == count, out);
        }
    }
}

void ctl_show_facts(const json_t *from, const struct ctl_field *fields, size_t count, FILE *out) {
    size_t widest = 0;
    char text[CTL_CELL_MAX];
    for (size_t i = 0; i < count; i++) {
        size_t columns = duet_text_columns(fields[i].title);
        widest = columns > widest ? columns : widest;
    }
    for (size_t i = 0; i < count; i++) {
        if (json_object_get(from, fields[i].key) != NULL) {
            show_cell(fields[i].title, widest + 2, false, false, out);
            fprintf(out, "%s\n", field_text(from, &fields[i], text));
        }
    }
}

void ctl_show_fact(const char *title, size_t width, const char *text, FILE *out) {
    show_cell(title, width, false, false, out);
    fprintf(out, "%s\n", text);
}

static bool looks_like_number(const json_t *value) {
    const char *text = json_string_value(value);
    double number;
    return json_is_number(value) || (text != NULL && duet_parse_double(text, &number));
}

void ctl_show_any(const json_t *object, FILE *out) {
    const char *key;
    json_t *value;
    char text[CTL_CELL_MAX];
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        if (!json_is_object(value) && !(json_is_array(value) && json_is_object(json_array_get(value, 0)))) {
            ctl_show_fact(key, 18, ctl_cell(value, text), out);
        }
    }
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        if (json_is_object(value)) {
            fprintf(out, "\n%s\n", key);
            ctl_show_any(value, out);
        } else if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
            struct ctl_field fields[CTL_COLUMNS_MAX];
            size_t count = 0;
            const char *column;
            json_t *first;
            json_object_foreach(json_array_get(value, 0), column, first) {
                if (count < CTL_COLUMNS_MAX) {
                    fields[count++] =
                        (struct ctl_field){.key = column, .title = column, .right = looks_like_number(first)};
                }
            }
            fprintf(out, "\n%s\n", key);
            ctl_show_table(value, fields, count, "", out);
        }
    }
}
