#include "data/csv_sample.h"

#include <string.h>

static bool is_empty_line(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') {
            return false;
        }
    }
    return true;
}

void duet_csv_sample_take(
    struct duet_csv_sample *sample, const char *head, size_t size, bool whole, unsigned added_lines) {
    const char *p = head, *end = head + size;
    for (uint64_t number = 1 - (uint64_t)added_lines; p < end && sample->count < DUET_CSV_SAMPLE_LINES_MAX; number++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        if (stop == NULL && !whole && sample->count > 0) {
            break;
        }
        stop = stop == NULL ? end : stop;
        if (!is_empty_line(p, (size_t)(stop - p))) {
            sample->lines[sample->count++] =
                (struct duet_csv_line){.text = p, .length = (size_t)(stop - p), .number = number};
        }
        p = stop + 1;
    }
}

/** The delimiter that splits the lines into most fields; a comma only where it beats the others, for it may be a
 * decimal comma. */
char duet_csv_sample_delimiter(const struct duet_csv_sample *sample) {
    static const char candidates[] = {'\t', ';', '|', ','};
    char best = '\0';
    size_t most = 0;
    for (size_t i = 0; i < sizeof(candidates); i++) {
        size_t total = 0;
        for (size_t k = 0; k < sample->count; k++) {
            const struct duet_csv_line *line = &sample->lines[k];
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

void duet_csv_sample_split(struct duet_csv_sample *sample, char delimiter) {
    for (size_t i = 0; i < sample->count; i++) {
        struct duet_csv_line *line = &sample->lines[i];
        line->count = duet_csv_split(line->text, line->length, delimiter, line->fields, DUET_CSV_COLUMNS_MAX);
        line->count = line->count == SIZE_MAX ? 0 : line->count;
    }
}

size_t duet_csv_line_kept(const struct duet_csv_line *line) {
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

static bool line_is_row(const struct duet_csv_line *line, bool any) {
    size_t numbers = 0, labels = 0;
    for (size_t i = 0; i < duet_csv_line_kept(line); i++) {
        bool label = is_label(line->fields[i]);
        labels += label;
        numbers += !label && is_number(line->fields[i]);
    }
    return labels >= 1 && (numbers >= 1 || (any && line->count >= 2));
}

/** Names that we know, or at least a line without numbers that has as many fields as the row after it. */
static bool line_is_header(const struct duet_csv_line *line, const struct duet_csv_line *next, bool any) {
    size_t known = 0;
    for (size_t i = 0; i < duet_csv_line_kept(line); i++) {
        char name[DUET_CSV_NAME_MAX];
        int rank = 0;
        duet_csv_normalise(line->fields[i].text, line->fields[i].length, name, sizeof(name));
        known += name[0] != '\0' && duet_csv_name_role(name, &rank) != DUET_CSV_IGNORE;
        if (is_number(line->fields[i])) {
            return false;
        }
    }
    bool fits = next != NULL && line->count == next->count && line_is_row(next, any);
    return line->count >= 2 && (known >= 1 || fits);
}

/** Skip what stands before the header or, without one, before the first row. */
bool duet_csv_sample_find_start(struct duet_csv_sample *sample, bool any) {
    for (size_t i = 0; i < sample->count && i < DUET_CSV_PREAMBLE_LINES_MAX; i++) {
        const struct duet_csv_line *next = i + 1 < sample->count ? &sample->lines[i + 1] : NULL;
        bool header = line_is_header(&sample->lines[i], next, any);
        if (header || line_is_row(&sample->lines[i], any)) {
            sample->header = header ? i : SIZE_MAX;
            sample->data = header ? i + 1 : i;
            return true;
        }
    }
    return false;
}

/** The form that reads most of a column's cells in the rows, and how many; on a tie the first of the table. */
size_t duet_csv_column_date_form(const struct duet_csv_sample *sample, size_t column, duet_date_form *best) {
    size_t most = 0;
    *best = DUET_DATE_FORM_NONE;
    for (duet_date_form form = 0; form < duet_date_forms(); form++) {
        size_t count = 0;
        for (size_t i = sample->data; i < sample->count; i++) {
            struct duet_label label;
            const struct duet_csv_line *line = &sample->lines[i];
            count += column < duet_csv_line_kept(line) &&
                     duet_label_parse(form, line->fields[column].text, line->fields[column].length, &label);
        }
        if (count > most) {
            most = count;
            *best = form;
        }
    }
    return most;
}

bool duet_csv_column_is_clock(const struct duet_csv_sample *sample, size_t column) {
    for (size_t i = sample->data; i < sample->count; i++) {
        int64_t ns = 0;
        const struct duet_csv_line *line = &sample->lines[i];
        if (column >= duet_csv_line_kept(line) ||
            !duet_clock_parse(line->fields[column].text, line->fields[column].length, &ns)) {
            return false;
        }
    }
    return sample->data < sample->count;
}

bool duet_csv_column_is_blank(const struct duet_csv_sample *sample, size_t column) {
    for (size_t i = sample->data; i < sample->count; i++) {
        const struct duet_csv_line *line = &sample->lines[i];
        if (column < duet_csv_line_kept(line) && !duet_csv_is_blank(line->fields[column])) {
            return false;
        }
    }
    return true;
}
