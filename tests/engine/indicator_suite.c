#include "engine/indicator_suite.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/** Where `key` stands in "key=value key=value", or NULL; `length` of the value. */
static const char *pair_find(const char *pairs, const char *key, size_t *length) {
    size_t key_length = strlen(key);
    for (const char *at = pairs; at != NULL && *at != '\0'; at += strspn(at, " ")) {
        size_t whole = strcspn(at, " "), name = strcspn(at, "=");
        if (name == key_length && strncmp(at, key, name) == 0) {
            *length = whole - name - 1;
            return at + name + 1;
        }
        at += whole;
    }
    return NULL;
}

static bool theirs_param(const struct suite_case *test, const char *name, size_t length, double *value) {
    char *end;
    if (*name == '$') {
        size_t place = (size_t)strtol(name + 1, &end, 10);
        *value = place < test->param_count ? test->param_values[place] : (double)NAN;
        return !isnan(*value);
    }
    for (size_t i = 0; i < test->param_count; i++) {
        const char *theirs = test->param_names[i];
        if (theirs != NULL && strlen(theirs) == length && strncmp(theirs, name, length) == 0) {
            *value = test->param_values[i];
            return true;
        }
    }
    *value = strtod(name, &end);
    return end != name;
}

/** WHAT, WHAT|NUMBER, WHAT*NUMBER, WHAT+NUMBER. */
static bool param_value(const struct suite_case *test, const char *text, size_t length, double *value) {
    size_t what = strcspn(text, "|*+ ");
    what = what > length ? length : what;
    bool known = theirs_param(test, text, what, value);
    for (const char *at = text + what; at < text + length;) {
        char *end;
        double number = strtod(at + 1, &end);
        if (*at == '|' && !known) {
            *value = number;
            known = true;
        } else if (*at != '|') {
            *value = *at == '*' ? *value * number : *value + number;
        }
        at = end;
    }
    return known;
}

/** The name that the tables have. */
static const char *name_of(const struct suite_case *test) {
    for (const struct suite_alias *alias = suite_aliases; alias->suite != NULL; alias++) {
        if (strcmp(alias->suite, test->suite) == 0 && strcmp(alias->also, test->name) == 0) {
            return alias->theirs;
        }
    }
    return test->name;
}

static const struct suite_mapping *mapping_find(const struct suite_case *test) {
    const char *name = name_of(test);
    const struct suite_mapping *const tables[] = {suite_names_average, suite_names_momentum};
    for (size_t i = 0; i < 2; i++) {
        for (const struct suite_mapping *mapping = tables[i]; mapping->suite != NULL; mapping++) {
            if (strcmp(mapping->suite, test->suite) == 0 && strcmp(mapping->theirs, name) == 0) {
                return mapping;
            }
        }
    }
    return NULL;
}

static const double *input_find(const struct suite_case *test, const char *name, size_t length) {
    for (size_t i = 0; i < test->input_count; i++) {
        if (strlen(test->inputs[i].name) == length && strncasecmp(test->inputs[i].name, name, length) == 0) {
            return test->inputs[i].values;
        }
    }
    return NULL;
}

static const double *input_for(const struct suite_case *test, const struct suite_mapping *mapping, const char *ours) {
    size_t length;
    const char *said = pair_find(mapping->inputs, ours, &length);
    if (said != NULL) {
        return input_find(test, said, length);
    }
    const double *found = input_find(test, ours, strlen(ours));
    if (found == NULL && strcmp(ours, "real") == 0) {
        found = input_find(test, "close", 5);
    }
    return found == NULL && test->input_count == 1 ? test->inputs[0].values : found;
}

static bool complain(const struct suite_case *test, const char *what, const char *name) {
    printf("  %s %s (%s): %s \"%s\"\n", test->suite, test->id, test->name, what, name);
    return false;
}

static bool params_fill(const struct suite_case *test, const struct suite_mapping *mapping,
    const struct duet_indicator_row *row, double *params) {
    for (size_t i = 0; i < DUET_INDICATOR_PARAMS_MAX && row->params[i].name != NULL; i++) {
        size_t length;
        const char *text = pair_find(mapping->params, row->params[i].name, &length);
        params[i] = row->params[i].fallback;
        if (text != NULL && !param_value(test, text, length, &params[i])) {
            return complain(test, "no value for parameter", row->params[i].name);
        }
        if (params[i] < row->params[i].minimum || params[i] > row->params[i].maximum) {
            return complain(test, "out of bounds: parameter", row->params[i].name);
        }
    }
    for (const char *at = mapping->params; at != NULL && *at != '\0'; at += strcspn(at, " "), at += strspn(at, " ")) {
        bool known = false;
        for (size_t i = 0; i < DUET_INDICATOR_PARAMS_MAX && row->params[i].name != NULL; i++) {
            size_t length = strlen(row->params[i].name);
            known = known || (strncmp(at, row->params[i].name, length) == 0 && at[length] == '=');
        }
        if (!known) {
            return complain(test, "the row has no parameter", at);
        }
    }
    return true;
}

/** Where one of theirs is found. */
struct place {
    size_t output, later; // of the row; rows
    double factor;
};

/** "name*factor@later" of the table; false where the row has no such output. */
static bool place_parse(const struct suite_case *test, const struct duet_indicator_row *row, const char *ours,
    size_t length, struct place *place) {
    size_t name = strcspn(ours, "*@ ");
    for (const char *at = ours + name; at < ours + length;) {
        char *end;
        double number = strtod(at + 1, &end);
        if (*at == '*') {
            place->factor = number;
        } else {
            place->later = (size_t)number;
        }
        at = end;
    }
    for (place->output = 0; row->outputs[place->output] != NULL; place->output++) {
        const char *output = row->outputs[place->output];
        if (strlen(output) == name && strncmp(output, ours, name) == 0) {
            return true;
        }
    }
    return complain(test, "the row has no output", ours);
}

/** "upper", "lower", or the middle, whatever words their name has for it. */
static bool band_find(const struct duet_indicator_row *row, const char *theirs, struct place *place) {
    bool upper = strstr(theirs, "upper") != NULL || strstr(theirs, "top") != NULL;
    bool lower = strstr(theirs, "lower") != NULL || strstr(theirs, "bot") != NULL;
    const char *ours = upper ? "upper" : lower ? "lower" : "value";
    for (place->output = 0; row->outputs[place->output] != NULL; place->output++) {
        if (strcmp(row->outputs[place->output], ours) == 0) {
            return true;
        }
    }
    return false;
}

/** Which output of the row one of theirs is; false where it is not offered. */
static bool output_find(const struct suite_case *test, const struct suite_mapping *mapping,
    const struct duet_indicator_row *row, const char *theirs, struct place *place) {
    *place = (struct place){.factor = 1};
    if (mapping->reading != READ_ROWS) {
        size_t digits;
        const char *place_text = pair_find(mapping->outputs, theirs, &digits);
        place->output = place_text != NULL ? (size_t)strtol(place_text, NULL, 10) : 0;
        return place_text != NULL;
    }
    if (mapping->outputs == NULL) {
        for (size_t i = 0; i < test->output_count; i++) {
            if (strcmp(test->outputs[i], theirs) == 0) {
                place->output = i;
                return row->outputs[i] != NULL;
            }
        }
        return false;
    }
    bool asked = test->output_count > 0 && strcmp(test->outputs[0], theirs) == 0;
    if (strcmp(mapping->outputs, "?") == 0) {
        return asked && band_find(row, theirs, place);
    }
    size_t length;
    const char *ours = pair_find(mapping->outputs, theirs, &length);
    ours = ours == NULL && asked ? pair_find(mapping->outputs, "*", &length) : ours;
    return ours != NULL && place_parse(test, row, ours, length, place);
}

/** All outputs at all rows; owned by the caller. NULL where an input is missing. */
static double *compute(
    const struct suite_case *test, const struct suite_mapping *mapping, const struct duet_indicator_row *row) {
    double params[DUET_INDICATOR_PARAMS_MAX] = {0};
    const double *inputs[DUET_INDICATOR_INPUTS_MAX] = {NULL};
    if (!params_fill(test, mapping, row, params)) {
        return NULL;
    }
    for (size_t i = 0; row->inputs[i] != NULL; i++) {
        inputs[i] = input_for(test, mapping, row->inputs[i]);
        if (inputs[i] == NULL) {
            complain(test, "the suite gives no input", row->inputs[i]);
            return NULL;
        }
    }
    double *values = duet_alloc(test->rows * DUET_INDICATOR_OUTPUTS_MAX + 1, sizeof(*values));
    void *state = duet_alloc(1, row->state_size);
    row->init(state, params);
    for (size_t i = 0; i < test->rows; i++) {
        double in[DUET_INDICATOR_INPUTS_MAX] = {0};
        for (size_t k = 0; row->inputs[k] != NULL; k++) {
            in[k] = inputs[k][i];
        }
        row->update(state, in, &values[i * DUET_INDICATOR_OUTPUTS_MAX]);
    }
    free(state);
    return suite_read_as(mapping->reading, values, test->rows, params);
}

/** Whether the points agree; says the first that does not. */
static bool points_agree(const struct suite_case *test, const struct suite_mapping *mapping,
    const struct duet_indicator_row *row, const double *values) {
    size_t compared = 0;
    for (size_t i = 0; i < test->point_count; i++) {
        const struct suite_point *point = &test->points[i];
        struct place place;
        if (!output_find(test, mapping, row, point->output, &place) || point->row + place.later >= test->rows) {
            continue;
        }
        size_t at = (point->row + place.later) * DUET_INDICATOR_OUTPUTS_MAX + place.output;
        double ours = values[at] * place.factor;
        double tolerance = mapping->tolerance > 0 ? mapping->tolerance : point->tolerance;
        if (isnan(point->value) ? isnan(ours) || mapping->early
                                : isnan(ours) && test->late_is_fine && mapping->reading == READ_ROWS) {
            compared += isnan(point->value) ? 1 : 0;
            continue;
        }
        compared++;
        if (!(fabs(ours - point->value) <= tolerance)) {
            printf("  %s %s (%s): %s at row %zu is %.10g, expected %.10g within %g\n", test->suite, test->id,
                mapping->row, point->output, point->row, ours, point->value, tolerance);
            return false;
        }
    }
    for (size_t i = 0; test->point_count == 0 && i < test->rows; i++) {
        // Their series is too short for a value; so it is for ours.
        compared += isnan(values[i * DUET_INDICATOR_OUTPUTS_MAX]) ? 1 : 0;
    }
    return compared > 0 || complain(test, "nothing was compared of", test->name);
}

/** The first row that has all lines of a test is the last one to begin. */
static bool first_agrees(const struct suite_case *test, const struct suite_mapping *mapping,
    const struct duet_indicator_row *row, const double *values) {
    size_t latest = 0;
    if (test->min_period == 0 || mapping->any_start) {
        return true;
    }
    for (size_t i = 0; i < test->output_count; i++) {
        struct place place;
        size_t first = 0;
        if (output_find(test, mapping, row, test->outputs[i], &place) && place.later == 0) {
            while (first < test->rows && isnan(values[first * DUET_INDICATOR_OUTPUTS_MAX + place.output])) {
                first++;
            }
        }
        latest = first > latest ? first : latest;
    }
    if (latest + 1 != test->min_period) {
        printf("  %s %s (%s): first value after %zu updates, expected %zu\n", test->suite, test->id, row->name,
            latest + 1, test->min_period);
        return false;
    }
    return true;
}

void suite_miss(struct suite_result *result, const char *name) {
    size_t length = strlen(name), used = strlen(result->missing);
    for (const char *at = result->missing; (at = strstr(at, name)) != NULL; at += length) {
        if ((at == result->missing || at[-1] == ' ') && (at[length] == ',' || at[length] == '\0')) {
            return;
        }
    }
    snprintf(result->missing + used, sizeof(result->missing) - used, "%s%s", used > 0 ? ", " : "", name);
}

void suite_run_case(const struct suite_case *test, struct suite_result *result) {
    result->suite = test->suite;
    result->total++;
    const struct suite_mapping *mapping = mapping_find(test);
    const struct duet_indicator_row *row = mapping != NULL ? duet_indicator_find(mapping->row) : NULL;
    if (row == NULL) {
        suite_miss(result, test->name);
        if (mapping != NULL) {
            complain(test, "the catalogue has no row", mapping->row);
            result->failed++;
        }
        return;
    }
    double *values = compute(test, mapping, row);
    if (values != NULL && points_agree(test, mapping, row, values) && first_agrees(test, mapping, row, values)) {
        result->passed++;
    } else {
        result->failed++;
    }
    free(values);
}

int64_t suite_warm_up(const struct suite_case *test) {
    double params[DUET_INDICATOR_PARAMS_MAX] = {0};
    const struct suite_mapping *mapping = mapping_find(test);
    const struct duet_indicator_row *row = mapping != NULL ? duet_indicator_find(mapping->row) : NULL;
    return row != NULL && params_fill(test, mapping, row, params) ? row->warm_up(params) : 0;
}

void suite_print(const struct suite_result *result) {
    printf("%s: %zu passed of %zu", result->suite, result->passed, result->total);
    if (result->failed > 0) {
        printf(", %zu failed", result->failed);
    }
    size_t missing = result->total - result->passed - result->failed;
    if (missing > 0) {
        printf(" (%zu not offered: %s)", missing, result->missing);
    }
    printf("\n");
}

/* ------------------------------------------------------------------ tables */

static char *trimmed(char *text) {
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL) {
        text[--length] = '\0';
    }
    return text;
}

/** Cut the next cell off `*at`; quotes are taken away. NULL at the end of the line. */
static char *cell_next(char **at) {
    if (*at == NULL) {
        return NULL;
    }
    char *cell = *at, *end;
    if (*cell == '"' && (end = strchr(cell + 1, '"')) != NULL) {
        cell++;
        *end++ = '\0';
        *at = *end == ',' ? end + 1 : NULL;
        return trimmed(cell);
    }
    end = strchr(cell, ',');
    if (end != NULL) {
        *end = '\0';
    }
    *at = end != NULL ? end + 1 : NULL;
    return trimmed(cell);
}

static char *read_text(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    size_t room = 1 << 24;
    char *text = duet_alloc(room, 1);
    text[fread(text, 1, room - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void line_read(struct suite_table *table, char *line) {
    char *at = line, *cell;
    for (size_t i = 0; i < table->columns; i++) {
        cell = cell_next(&at);
        char *end = cell;
        double value = cell != NULL && *cell != '\0' ? strtod(cell, &end) : (double)NAN;
        table->cells[table->rows * table->columns + i] = cell != NULL ? cell : "";
        table->values[i][table->rows] = end != cell && *end == '\0' ? value : (double)NAN;
    }
    table->rows++;
}

bool suite_table_read(const char *path, struct suite_table *out) {
    *out = (struct suite_table){.text = read_text(path)};
    if (out->text == NULL) {
        return false;
    }
    char *next, *line = out->text + (strncmp(out->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
    for (; line != NULL && *line != '\0'; line = next) {
        next = strchr(line, '\n');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (*trimmed(line) == '\0') {
            continue;
        }
        if (out->columns > 0) {
            if (out->rows < SUITE_VALUES_MAX) {
                line_read(out, line);
            }
            continue;
        }
        for (char *cell, *at = line; out->columns < SUITE_COLUMNS_MAX && (cell = cell_next(&at)) != NULL;) {
            out->values[out->columns] = duet_alloc(SUITE_VALUES_MAX, sizeof(double));
            out->names[out->columns++] = cell;
        }
        out->cells = duet_alloc(SUITE_VALUES_MAX * out->columns, sizeof(*out->cells));
    }
    return true;
}

void suite_table_free(struct suite_table *table) {
    for (size_t i = 0; i < table->columns; i++) {
        free(table->values[i]);
    }
    free((void *)table->cells);
    free(table->text);
}

size_t suite_table_column(const struct suite_table *table, const char *name) {
    size_t i = 0;
    while (i < table->columns && strcasecmp(table->names[i], name) != 0) {
        i++;
    }
    return i;
}

void suite_table_inputs(const struct suite_table *table, struct suite_case *test) {
    test->rows = table->rows;
    test->input_count = table->columns;
    for (size_t i = 0; i < table->columns; i++) {
        size_t k = 0;
        for (; k + 1 < sizeof(test->inputs[i].name) && table->names[i][k] != '\0'; k++) {
            char c = table->names[i][k];
            test->inputs[i].name[k] = (char)(c == ' ' ? '_' : tolower((unsigned char)c));
        }
        test->inputs[i].name[k] = '\0';
        test->inputs[i].values = table->values[i];
    }
}
