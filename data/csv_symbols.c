#include "data/csv_symbols.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

bool duet_csv_symbol_is(struct duet_csv_field field, const char *symbol) {
    return field.length == strlen(symbol) && strncasecmp(field.text, symbol, field.length) == 0;
}

static bool fields_equal(struct duet_csv_field a, struct duet_csv_field b) {
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static bool is_word(struct duet_csv_field field, enum duet_csv_marks marks) {
    struct duet_csv_number number;
    return !duet_csv_is_blank(field) && duet_csv_number_parse(field, marks, &number) != NULL;
}

/** Words in every row, and different ones in neighbouring rows of one time at least once. */
static bool column_tells_rows_apart(const struct duet_csv_sample *sample, const struct duet_csv_form *form, size_t at) {
    size_t time = (size_t)form->columns.of_role[DUET_CSV_TIME];
    int clock = form->columns.of_role[DUET_CSV_CLOCK];
    bool told = false;
    for (size_t i = sample->data; i < sample->count; i++) {
        const struct duet_csv_line *line = &sample->lines[i], *before = line - 1;
        if (at >= duet_csv_line_kept(line) || !is_word(line->fields[at], sample->marks)) {
            return false;
        }
        bool same = i > sample->data && line->count == before->count &&
                    fields_equal(line->fields[time], before->fields[time]) &&
                    (clock < 0 || fields_equal(line->fields[clock], before->fields[clock]));
        told = told || (same && !fields_equal(line->fields[at], before->fields[at]));
    }
    return told;
}

static void find_symbols(const struct duet_csv_sample *sample, struct duet_csv_form *form) {
    const int *of_role = form->columns.of_role;
    bool bars = of_role[DUET_CSV_OPEN] >= 0 && of_role[DUET_CSV_CLOSE] >= 0 && of_role[DUET_CSV_TIME] >= 0;
    for (size_t i = 0; bars && of_role[DUET_CSV_SYMBOL] < 0 && i < form->columns.count; i++) {
        if (form->columns.roles[i] == DUET_CSV_IGNORE && column_tells_rows_apart(sample, form, i)) {
            form->columns.roles[i] = DUET_CSV_SYMBOL;
            form->columns.of_role[DUET_CSV_SYMBOL] = (int)i;
        }
    }
}

void duet_csv_settle_symbols(
    const struct duet_csv_sample *sample, const struct duet_data_spec *spec, struct duet_csv_form *form) {
    if (!form->columns_given) {
        find_symbols(sample, form);
    }
    int column = form->columns.of_role[DUET_CSV_SYMBOL];
    bool wanted = column >= 0 && spec->asset != NULL;
    for (size_t i = sample->data; column >= 0 && spec->symbol != NULL && !wanted && i < sample->count; i++) {
        const struct duet_csv_line *line = &sample->lines[i];
        wanted = (size_t)column < duet_csv_line_kept(line) && duet_csv_symbol_is(line->fields[column], spec->symbol);
    }
    if (wanted) {
        duet_text_copy(form->asset, sizeof(form->asset), spec->asset != NULL ? spec->asset : spec->symbol);
    }
}

void duet_csv_symbols_add(struct duet_data_info *info, struct duet_csv_field symbol) {
    size_t used = strlen(info->choices);
    for (const char *p = info->choices; *p != '\0'; p += *p == ',') {
        size_t length = strcspn(p, ",");
        if (fields_equal((struct duet_csv_field){p, length}, symbol)) {
            return;
        }
        p += length;
    }
    if (symbol.length > 0 && symbol.length < DUET_SYMBOL_MAX && used + symbol.length + 2 < sizeof(info->choices)) {
        info->choices[used] = ',';
        memcpy(info->choices + used + (used > 0), symbol.text, symbol.length);
        info->choices[used + (used > 0) + symbol.length] = '\0';
    }
}

enum duet_status duet_csv_refuse_symbol(struct duet_data_info *info, uint64_t line, const char *column,
    struct duet_csv_field before, struct duet_csv_field symbol) {
    int length = (int)(symbol.length < 40 ? symbol.length : 40), other = (int)(before.length < 40 ? before.length : 40);
    info->choice_key = "asset";
    info->choices[0] = '\0';
    duet_csv_symbols_add(info, before);
    duet_csv_symbols_add(info, symbol);
    return duet_csv_refuse(info, line, column,
        "\"%.*s\" after rows of \"%.*s\": several instruments in one file; choose one with asset=%.*s", length,
        symbol.text, other, before.text, other, before.text);
}
