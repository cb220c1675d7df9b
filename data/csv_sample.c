#include "data/csv_sample.h"

#include <string.h>

/** Lines and their fields in which times are looked for to tell the delimiter. */
#define TIME_LINES 20
#define TIME_FIELDS 12
/** Lines of a header behind its first. */
#define STACKED_MAX 3u

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

/** Fields that a delimiter makes of the first lines, and the lines that it makes hold a time. */
struct split_count {
    size_t fields, times;
};

static bool is_label(struct duet_csv_field field);

static struct split_count split_count(const struct duet_csv_sample *sample, char delimiter) {
    struct split_count sum = {0};
    struct duet_csv_field fields[TIME_FIELDS];
    for (size_t i = 0; i < sample->count; i++) {
        const struct duet_csv_line *line = &sample->lines[i];
        size_t count = duet_csv_split(line->text, line->length, delimiter, fields, TIME_FIELDS);
        sum.fields += count == SIZE_MAX ? 0 : count - 1;
        bool timed = false;
        for (size_t k = 0; i < TIME_LINES && count != SIZE_MAX && k < count && k < TIME_FIELDS && !timed; k++) {
            timed = is_label(fields[k]);
        }
        sum.times += timed;
    }
    return sum;
}

/** The delimiter that sets times apart in most lines, and then the one that makes most fields: a comma may be a decimal
 * one or set thousands apart. */
char duet_csv_sample_delimiter(const struct duet_csv_sample *sample) {
    static const char candidates[] = {'\t', ';', '|', ','};
    char best = '\0';
    struct split_count most = {0};
    for (size_t i = 0; i < sizeof(candidates); i++) {
        struct split_count count = split_count(sample, candidates[i]);
        if (count.fields > 0 &&
            (count.times > most.times || (count.times == most.times && count.fields > most.fields))) {
            most = count;
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

/** What the marks in one cell tell: 1 a decimal point, -1 a decimal comma, 0 neither. */
static int cell_marks(struct duet_csv_field field) {
    size_t marks[2] = {0}, digits = 0, behind = 0;
    char last = '\0';
    bool threes = true; // between marks
    for (size_t i = 0; i < field.length; i++) {
        char c = field.text[i];
        if (c == ',' || c == '.') {
            threes = threes && (last == '\0' ? digits > 0 && digits <= 3 && field.text[0] != '0' : behind == 3);
            marks[c == '.']++;
            behind = 0;
            last = c;
        } else if (c >= '0' && c <= '9') {
            digits++;
            behind++;
        } else if (memchr("+-$%KMBT ", c, 9) == NULL && (unsigned char)c < 0x80) {
            return 0;
        }
    }
    if (digits == 0 || last == '\0') {
        return 0;
    }
    int decimal = last == '.' ? 1 : -1; // were it the decimal mark
    if (marks[0] > 0 && marks[1] > 0) {
        return marks[last == '.'] == 1 ? decimal : 0;
    }
    if (marks[0] + marks[1] > 1) {
        return threes && behind == 3 ? -decimal : 0;
    }
    return threes && behind == 3 ? 0 : decimal;
}

enum duet_csv_marks duet_csv_sample_marks(const struct duet_csv_sample *sample) {
    size_t point = 0, comma = 0;
    for (size_t i = 0; i < sample->count; i++) {
        const struct duet_csv_line *line = &sample->lines[i];
        for (size_t k = 0; k < duet_csv_line_kept(line); k++) {
            int told = cell_marks(line->fields[k]);
            point += told > 0;
            comma += told < 0;
        }
    }
    // One that is wrong among many is to be refused where it stands, and a single one tells nothing of the others.
    return point > 0 && point >= 10 * comma                    ? DUET_CSV_MARKS_POINT
           : comma * 2 >= sample->count && comma >= 10 * point ? DUET_CSV_MARKS_COMMA
                                                               : DUET_CSV_MARKS_UNKNOWN;
}

size_t duet_csv_line_kept(const struct duet_csv_line *line) {
    return line->count < DUET_CSV_COLUMNS_MAX ? line->count : DUET_CSV_COLUMNS_MAX;
}

static bool is_number(struct duet_csv_field field, enum duet_csv_marks marks) {
    struct duet_csv_number number;
    return duet_csv_number_parse(field, marks, &number) == NULL;
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

static bool line_is_row(const struct duet_csv_line *line, enum duet_csv_marks marks, bool any) {
    size_t numbers = 0, labels = 0, blanks = 0;
    for (size_t i = 0; i < duet_csv_line_kept(line); i++) {
        bool label = is_label(line->fields[i]);
        labels += label;
        blanks += duet_csv_is_blank(line->fields[i]);
        numbers += !label && is_number(line->fields[i], marks);
    }
    bool empty = line->count >= 3 && labels + blanks == line->count; // without a value, but a row
    return labels >= 1 && (numbers >= 1 || empty || (any && line->count >= 2));
}

/** Names that we know, or at least a line without numbers that has as many fields as the row after it. */
static bool line_is_header(
    const struct duet_csv_line *line, const struct duet_csv_line *next, enum duet_csv_marks marks, bool any) {
    size_t known = 0;
    for (size_t i = 0; i < duet_csv_line_kept(line); i++) {
        char name[DUET_CSV_NAME_MAX];
        int rank = 0;
        duet_csv_normalise(line->fields[i].text, line->fields[i].length, name, sizeof(name));
        known += name[0] != '\0' && duet_csv_name_role(name, &rank) != DUET_CSV_IGNORE;
        if (is_number(line->fields[i], marks)) {
            return false;
        }
    }
    bool fits = next != NULL && line->count == next->count && line_is_row(next, marks, any);
    return line->count >= 2 && (known >= 1 || fits);
}

static bool name_is_time(struct duet_csv_field field, bool *known) {
    char name[DUET_CSV_NAME_MAX];
    int rank = 0;
    duet_csv_normalise(field.text, field.length, name, sizeof(name));
    enum duet_csv_role role = name[0] != '\0' ? duet_csv_name_role(name, &rank) : DUET_CSV_IGNORE;
    *known = role != DUET_CSV_IGNORE && role != DUET_CSV_TIME && role != DUET_CSV_SYMBOL;
    return role == DUET_CSV_TIME;
}

/** Words without a number or a time: a line of a header. */
static bool line_is_words(const struct duet_csv_line *line, enum duet_csv_marks marks) {
    size_t words = 0;
    for (size_t i = 0; i < duet_csv_line_kept(line); i++) {
        if (is_number(line->fields[i], marks) || is_label(line->fields[i])) {
            return false;
        }
        words += line->fields[i].length > 0;
    }
    return words > 0;
}

/** The name of one column of a header of several lines: its time, else "instrument:role", else what the first says. */
static struct duet_csv_field stacked_name(
    struct duet_csv_sample *sample, size_t first, size_t last, size_t column, size_t *used) {
    struct duet_csv_field role = {"", 0}, other = {"", 0}; // a text even where it is empty
    for (size_t i = first; i <= last; i++) {
        struct duet_csv_field field = sample->lines[i].fields[column];
        bool known = false;
        if (field.length > 0 && name_is_time(field, &known)) {
            return field;
        }
        if (field.length > 0 && known && role.length == 0) {
            role = field;
        } else if (field.length > 0 && other.length == 0) {
            other = field;
        }
    }
    size_t length = role.length + other.length + 1;
    if (role.length == 0 || other.length == 0 || *used + length > sizeof(sample->stacked)) {
        return role.length > 0 ? role : other;
    }
    char *name = sample->stacked + *used;
    memcpy(name, other.text, other.length);
    name[other.length] = ':';
    memcpy(name + other.length + 1, role.text, role.length);
    *used += length;
    return (struct duet_csv_field){name, length};
}

/** A header of several lines, as pandas writes it for columns of two levels, becomes one of one line. */
static void stack_header(struct duet_csv_sample *sample) {
    struct duet_csv_line *header = &sample->lines[sample->header];
    size_t last = sample->header, used = 0;
    while (last + 1 < sample->count && last < sample->header + STACKED_MAX &&
           sample->lines[last + 1].count == header->count && line_is_words(&sample->lines[last + 1], sample->marks)) {
        last++;
    }
    if (last == sample->header || last + 1 >= sample->count) {
        return;
    }
    for (size_t i = 0; i < duet_csv_line_kept(header); i++) {
        struct duet_csv_field name = stacked_name(sample, sample->header, last, i, &used);
        sample->lines[last].fields[i] = name;
    }
    sample->header = last;
    sample->data = last + 1;
}

/** Skip what stands before the header or, without one, before the first row. */
bool duet_csv_sample_find_start(struct duet_csv_sample *sample, bool any) {
    for (size_t i = 0; i < sample->count && i < DUET_CSV_PREAMBLE_LINES_MAX; i++) {
        const struct duet_csv_line *next = i + 1 < sample->count ? &sample->lines[i + 1] : NULL;
        bool header = line_is_header(&sample->lines[i], next, sample->marks, any);
        if (header || line_is_row(&sample->lines[i], sample->marks, any)) {
            sample->header = header ? i : SIZE_MAX;
            sample->data = header ? i + 1 : i;
            if (header) {
                stack_header(sample);
            }
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
