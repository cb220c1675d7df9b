/*
 * The indicators against the vectors of Tulip, LEAN, Stock.Indicators, backtrader, pandas and PyAlgoTrade. One test per
 * suite: whatever its folder holds is read, what the tables of names know must agree to the digits given there, and the
 * rest is listed.
 */
#include <ctype.h>
#include <glob.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "engine/indicator_suite.h"
#include "support/shared.h"
#include "support/suite.h"

static struct suite_result result;

static void begin(void) {
    memset(&result, 0, sizeof(result));
}

static void finish(void) {
    suite_print(&result);
    fflush(stdout);
    ck_assert_uint_gt(result.total, 0);
    ck_assert_uint_eq(result.failed, 0);
}

static json_t *load(const char *name) {
    json_error_t error;
    json_t *root = json_load_file(duet_shared_path(name), 0, &error);
    ck_assert_msg(root != NULL, "%s:%d: %s", name, error.line, error.text);
    return root;
}

static double number(const json_t *value) {
    if (json_is_string(value)) {
        char *end;
        const char *text = json_string_value(value);
        double parsed = strtod(text, &end);
        return end == text ? (double)NAN : parsed;
    }
    if (json_is_boolean(value)) {
        return json_is_true(value) ? 1 : 0;
    }
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static double *numbers(const json_t *array) {
    double *values = duet_alloc(json_array_size(array) + 1, sizeof(*values));
    for (size_t i = 0; i < json_array_size(array); i++) {
        values[i] = number(json_array_get(array, i));
    }
    return values;
}

static void add_point(struct suite_case *test, const char *output, size_t row, double value, double tolerance) {
    test->points[test->point_count++] = (struct suite_point){output, row, value, tolerance};
}

static void add_param(struct suite_case *test, const char *name, double value) {
    ck_assert_uint_lt(test->param_count, sizeof(test->param_values) / sizeof(test->param_values[0]));
    test->param_names[test->param_count] = name;
    test->param_values[test->param_count++] = value;
}

/** "20, 2.0m, name: 3": places without a number (names of types and variables) stay NAN; quoted texts are no place. */
static void add_arguments(struct suite_case *test, const char *text) {
    while (*text != '\0') {
        size_t length = strcspn(text, ",");
        const char *colon = memchr(text, ':', length);
        const char *begin = colon != NULL ? colon + 1 : text;
        begin += strspn(begin, " ");
        char *end;
        double value = strtod(begin, &end);
        if (*begin != '"' && begin < text + length) {
            add_param(test, NULL, end == begin ? (double)NAN : value);
        }
        text += length + (text[length] == ',');
    }
}

static double half_of_last_digit(const char *text) {
    const char *point = strchr(text, '.');
    double unit = 0.505;
    for (size_t i = point != NULL ? strlen(point + 1) : 0; i > 0; i--) {
        unit /= 10;
    }
    return unit;
}

/* ------------------------------------------------------------------ Tulip */

static void run_tulip(const json_t *vector, double tolerance) {
    struct suite_case test = {.suite = "tulip",
        .id = json_string_value(json_object_get(vector, "id")),
        .name = json_string_value(json_object_get(vector, "indicator"))};
    const char *key;
    json_t *value;
    json_t *expected = json_object_get(vector, "expected");
    size_t first = (size_t)json_integer_value(json_object_get(vector, "first_output_index"));
    json_object_foreach(json_object_get(vector, "options"), key, value) {
        add_param(&test, key, number(value));
    }
    json_object_foreach(json_object_get(vector, "inputs"), key, value) {
        struct suite_series *series = &test.inputs[test.input_count++];
        duet_text_copy(series->name, sizeof(series->name), key);
        series->values = numbers(value);
        test.rows = json_array_size(value);
    }
    test.points = duet_alloc(test.rows * SUITE_COLUMNS_MAX + 1, sizeof(*test.points));
    json_object_foreach(expected, key, value) {
        test.outputs[test.output_count++] = key;
        for (size_t i = 0; i < json_array_size(value) && first + i < test.rows; i++) {
            double wanted = number(json_array_get(value, i));
            add_point(&test, key, first + i, wanted, tolerance + 1e-12 * fabs(wanted));
        }
    }
    suite_run_case(&test, &result);
    for (size_t i = 0; i < test.input_count; i++) {
        free((void *)(uintptr_t)test.inputs[i].values);
    }
    free(test.points);
}

START_TEST(agrees_with_tulip) {
    json_t *root = load("conformance/tulip/vectors.json"), *vector;
    double tolerance = number(json_object_get(root, "absolute_tolerance"));
    size_t i;
    json_array_foreach(json_object_get(root, "vectors"), i, vector) {
        run_tulip(vector, tolerance * (1 + 1e-9));
    }
    json_decref(root);
    finish();
}
END_TEST

/* ------------------------------------------------------------------ LEAN */

/** Rows of two symbols in turn: the second one's columns are named with a "_2", and its row holds what is expected. */
static void split_symbols(struct suite_table *table, struct suite_case *test, double **halves) {
    size_t symbol = suite_table_column(table, "symbol");
    if (symbol == table->columns || table->rows < 3 ||
        strcmp(table->cells[symbol], table->cells[table->columns + symbol]) == 0 ||
        strcmp(table->cells[symbol], table->cells[2 * table->columns + symbol]) != 0) {
        return;
    }
    for (size_t i = 0; i < table->columns && 2 * table->columns <= SUITE_COLUMNS_MAX; i++) {
        struct suite_series *second = &test->inputs[test->input_count++];
        snprintf(second->name, sizeof(second->name), "%.60s_2", test->inputs[i].name);
        halves[i] = duet_alloc(table->rows, sizeof(double));
        for (size_t k = 0; k + 1 < table->rows; k += 2) {
            halves[i][k / 2] = table->values[i][k + 1];
            table->values[i][k / 2] = table->values[i][k];
        }
        second->values = halves[i];
    }
    table->rows /= 2;
    test->rows = table->rows;
}

static void run_lean(const json_t *entry) {
    char path[256], column[64];
    struct suite_table table;
    snprintf(path, sizeof(path), "conformance/lean_indicators/%s", json_string_value(json_object_get(entry, "file")));
    ck_assert_msg(suite_table_read(duet_shared_path(path), &table), "%s", path);
    struct suite_case test = {.suite = "lean",
        .id = json_string_value(json_object_get(entry, "test")),
        .name = json_string_value(json_object_get(entry, "indicator")),
        .late_is_fine = true};
    add_arguments(&test, json_string_value(json_object_get(entry, "arguments")));
    suite_table_inputs(&table, &test);
    double *halves[SUITE_COLUMNS_MAX] = {NULL};
    split_symbols(&table, &test, halves);
    test.points = duet_alloc(table.rows * SUITE_COLUMNS_MAX + 1, sizeof(*test.points));
    const char *wanted = json_string_value(json_object_get(entry, "column"));
    for (size_t i = 0; i < table.columns; i++) {
        duet_text_copy(column, sizeof(column), table.names[i]);
        if (wanted != NULL && strcmp(wanted, table.names[i]) == 0) {
            test.outputs[test.output_count++] = test.inputs[i].name;
        }
        for (size_t k = 0; k < table.rows; k++) {
            double value = halves[i] != NULL ? halves[i][k] : table.values[i][k];
            if (!isnan(value)) {
                size_t row = halves[i] != NULL ? 2 * k + 1 : k;
                // One unit of the last digit: the inputs of the files are rounded as well.
                double digit = 2 * half_of_last_digit(table.cells[row * table.columns + i]);
                add_point(&test, test.inputs[i].name, k, value, digit > 1e-3 ? digit : 1e-3);
            }
        }
    }
    suite_run_case(&test, &result);
    for (size_t i = 0; i < SUITE_COLUMNS_MAX; i++) {
        free(halves[i]);
    }
    free(test.points);
    suite_table_free(&table);
}

START_TEST(agrees_with_lean) {
    json_t *root = load("conformance/lean_indicators/INDEX.json"), *entry;
    size_t i;
    json_array_foreach(json_object_get(root, "entries"), i, entry) {
        run_lean(entry);
    }
    json_decref(root);
    finish();
}
END_TEST

/* ------------------------------------------------------------------ Stock.Indicators */

/** "2017-01-03" as seconds since 1970; the calendar is that of the C library, not ours. */
static double *dates(const struct suite_table *table, size_t column) {
    double *seconds = duet_alloc(table->rows + 1, sizeof(*seconds));
    for (size_t i = 0; i < table->rows; i++) {
        struct tm date = {0};
        const char *cell = table->cells[i * table->columns + column];
        ck_assert_int_eq(sscanf(cell, "%d-%d-%d", &date.tm_year, &date.tm_mon, &date.tm_mday), 3);
        date.tm_year -= 1900;
        date.tm_mon -= 1;
        seconds[i] = (double)timegm(&date);
    }
    return seconds;
}

static void run_stock(const char *name, json_t *entry, const struct suite_table *tables) {
    struct suite_case test = {.suite = "stock", .id = name, .name = name};
    add_arguments(&test, json_string_value(json_object_get(entry, "arguments")));
    suite_table_inputs(&tables[0], &test);
    for (size_t i = 0; i < tables[1].columns; i++) {
        struct suite_series *second = &test.inputs[test.input_count++];
        snprintf(second->name, sizeof(second->name), "%.50s_2", test.inputs[i].name);
        second->values = tables[1].values[i];
    }
    struct suite_series *times = &test.inputs[test.input_count++];
    duet_text_copy(times->name, sizeof(times->name), "time");
    double *seconds = dates(&tables[0], suite_table_column(&tables[0], "date"));
    times->values = seconds;
    json_t *rows = json_object_get(entry, "rows"), *row, *column, *value;
    test.points = duet_alloc(json_array_size(rows) * SUITE_COLUMNS_MAX + 1, sizeof(*test.points));
    size_t i, k;
    json_array_foreach(json_object_get(entry, "columns"), i, column) {
        test.outputs[test.output_count++] = json_string_value(column);
        json_array_foreach(rows, k, row) {
            value = json_object_get(row, json_string_value(column));
            size_t index = (size_t)json_integer_value(json_object_get(row, "index"));
            if (value != NULL && !json_is_string(value) && index < test.rows) {
                double expected = number(value), magnitude = isnan(expected) ? 0 : fabs(expected);
                add_point(&test, json_string_value(column), index, expected, 1e-9 * (1 + magnitude));
            }
        }
    }
    suite_run_case(&test, &result);
    free(test.points);
    free(seconds);
}

START_TEST(agrees_with_stock_indicators) {
    struct suite_table tables[2];
    ck_assert(suite_table_read(duet_shared_path("conformance/stock_indicators/default.csv"), &tables[0]));
    ck_assert(suite_table_read(duet_shared_path("conformance/stock_indicators/compare.csv"), &tables[1]));
    ck_assert_uint_eq(tables[0].rows, tables[1].rows);
    json_t *root = load("conformance/stock_indicators/expected.json"), *entry;
    const char *name;
    json_object_foreach(json_object_get(root, "indicators"), name, entry) {
        run_stock(name, entry, tables);
    }
    json_decref(root);
    suite_table_free(&tables[0]);
    suite_table_free(&tables[1]);
    finish();
}
END_TEST

/* ------------------------------------------------------------------ backtrader */

/** Several indicators at once: the longest warm-up of them is the minimum period. */
static void run_backtrader_periods(const json_t *entry) {
    json_t *names = json_object_get(entry, "indicator"), *name, *value;
    int64_t longest = 0;
    const char *key;
    size_t i;
    result.total++;
    json_array_foreach(names, i, name) {
        struct suite_case test = {.suite = "backtrader", .id = "minperiod", .name = json_string_value(name)};
        json_object_foreach(json_array_get(json_object_get(entry, "params"), i), key, value) {
            add_param(&test, key, number(value));
        }
        int64_t warm_up = suite_warm_up(&test);
        if (warm_up == 0) {
            suite_miss(&result, test.name);
            return;
        }
        longest = warm_up > longest ? warm_up : longest;
    }
    bool agrees = longest == json_integer_value(json_object_get(entry, "min_period"));
    result.passed += agrees;
    result.failed += !agrees;
}

static void run_backtrader(const json_t *entry) {
    if (json_is_array(json_object_get(entry, "indicator"))) {
        run_backtrader_periods(entry);
        return;
    }
    bool weekly = strcmp(json_string_value(json_object_get(entry, "bar_unit")), "week") == 0;
    struct suite_table table;
    // What a test makes of daily bars is the weekly file, which has those very bars.
    ck_assert(suite_table_read(duet_shared_path(weekly ? "conformance/backtrader/datas/2006-week-001.txt"
                                                       : "conformance/backtrader/datas/2006-day-001.txt"),
        &table));
    struct suite_case test = {.suite = "backtrader",
        .id = json_string_value(json_object_get(entry, "test")),
        .name = json_string_value(json_object_get(entry, "indicator")),
        .min_period = (size_t)json_integer_value(json_object_get(entry, "min_period"))};
    const char *key;
    json_t *value, *line;
    size_t i, k;
    json_object_foreach(json_object_get(entry, "params"), key, value) {
        add_param(&test, key, number(value));
    }
    suite_table_inputs(&table, &test);
    ck_assert_uint_eq(test.rows, (size_t)json_integer_value(json_object_get(entry, "bars")));
    struct suite_series *times = &test.inputs[test.input_count++];
    duet_text_copy(times->name, sizeof(times->name), "time");
    double *seconds = dates(&table, suite_table_column(&table, "date"));
    times->values = seconds;
    struct suite_point points[3 * SUITE_COLUMNS_MAX];
    test.points = points;
    json_array_foreach(json_object_get(entry, "expected"), i, line) {
        const char *name = json_string_value(json_array_get(json_object_get(entry, "lines"), i));
        test.outputs[test.output_count++] = name;
        json_array_foreach(line, k, value) {
            json_t *index = json_array_get(json_object_get(entry, "check_indexes_0based"), k);
            add_point(&test, name, (size_t)json_integer_value(index), number(value), 0.51e-6);
        }
    }
    suite_run_case(&test, &result);
    free(seconds);
    suite_table_free(&table);
}

START_TEST(agrees_with_backtrader) {
    json_t *root = load("conformance/backtrader/indicators.json"), *entry;
    size_t i;
    json_array_foreach(json_object_get(root, "tests"), i, entry) {
        run_backtrader(entry);
    }
    json_decref(root);
    finish();
}
END_TEST

/* ------------------------------------------------------------------ pandas */

/** "rolling20_std_ddof0" is "rolling_std_ddof" of 20 and 0. */
static void name_without_numbers(const char *name, char *out, struct suite_case *test) {
    size_t used = 0;
    while (*name != '\0') {
        char *end = NULL;
        if (isdigit((unsigned char)*name)) {
            add_param(test, NULL, strtod(name, &end));
            name = end;
            used -= used > 0 && out[used - 1] == '_' && (*name == '_' || *name == '\0');
        } else {
            out[used++] = *name++;
        }
    }
    out[used] = '\0';
}

/** pandas' four ways to say how fast an average forgets, as its smoothing factor. */
static void add_alpha(struct suite_case *test) {
    double given = test->param_values[0], alpha = given;
    alpha = strstr(test->name, "span") != NULL ? 2 / (given + 1) : alpha;
    alpha = strstr(test->name, "com") != NULL ? 1 / (given + 1) : alpha;
    alpha = strstr(test->name, "halflife") != NULL ? 1 - exp(log(0.5) / given) : alpha;
    add_param(test, "alpha", alpha);
}

static void run_pandas(const char *id, const json_t *entry, const struct suite_table *table) {
    char name[96];
    struct suite_case test = {.suite = "pandas", .id = id, .name = name};
    name_without_numbers(id, name, &test);
    if (strncmp(name, "ewm", 3) == 0) {
        add_alpha(&test);
    }
    suite_table_inputs(table, &test);
    test.outputs[test.output_count++] = "value";
    test.min_period = (size_t)json_integer_value(json_object_get(entry, "first_valid")) + 1;
    struct suite_point points[256];
    test.points = points;
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(entry, "values"), key, value) {
        double expected = number(value), magnitude = isnan(expected) ? 0 : fabs(expected);
        add_point(&test, "value", (size_t)strtoul(key, NULL, 10), expected, 1e-9 * (1e-3 + magnitude));
    }
    suite_run_case(&test, &result);
}

START_TEST(agrees_with_pandas) {
    struct suite_table table;
    ck_assert(suite_table_read(duet_shared_path("conformance/backtesting_py/GOOG.csv"), &table));
    json_t *root = load("conformance/pandas/values.json"), *entry;
    const char *name;
    json_object_foreach(json_object_get(root, "series"), name, entry) {
        run_pandas(name, entry, &table);
    }
    json_decref(root);
    suite_table_free(&table);
    finish();
}
END_TEST

/* ------------------------------------------------------------------ PyAlgoTrade */

/** "nt-sma-15.csv": who, what, length; "rsi-test.csv" has Wilder's 14. */
static void run_pyalgotrade(const char *path) {
    char who[16], name[16] = "";
    const char *file = strrchr(path, '/') + 1;
    int length = 14;
    struct suite_table table;
    if (sscanf(file, "%15[a-z]-%15[a-z]-%d.csv", who, name, &length) < 3) {
        length = 14;
        sscanf(file, "%15[a-z]-", name);
    }
    ck_assert(suite_table_read(path, &table));
    size_t input = suite_table_column(&table, "input"), expected = suite_table_column(&table, "expected");
    if (input < table.columns && expected < table.columns) {
        struct suite_case test = {.suite = "pyalgotrade",
            .id = file,
            .name = name,
            .outputs = {"value"},
            .output_count = 1,
            .rows = table.rows,
            .input_count = 1};
        add_param(&test, NULL, length);
        duet_text_copy(test.inputs[0].name, sizeof(test.inputs[0].name), "real");
        test.inputs[0].values = table.values[input];
        test.points = duet_alloc(table.rows + 1, sizeof(*test.points));
        for (size_t i = 0; i < table.rows; i++) {
            double value = table.values[expected][i];
            if (!isnan(value)) {
                double tolerance = half_of_last_digit(table.cells[i * table.columns + expected]);
                add_point(&test, "value", i, value, tolerance + 1e-12 * fabs(value));
            }
        }
        suite_run_case(&test, &result);
        free(test.points);
    }
    suite_table_free(&table);
}

START_TEST(agrees_with_pyalgotrade) {
    glob_t found = {0};
    ck_assert_int_eq(glob(duet_shared_path("conformance/pyalgotrade/*.csv"), 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        run_pyalgotrade(found.gl_pathv[i]);
    }
    globfree(&found);
    finish();
}
END_TEST

int main(void) {
    if (!duet_shared_has("conformance/tulip/vectors.json")) {
        return DUET_TEST_SKIPPED;
    }
    const TTest *const tests[] = {agrees_with_tulip, agrees_with_lean, agrees_with_stock_indicators,
        agrees_with_backtrader, agrees_with_pandas, agrees_with_pyalgotrade};
    return duet_suite_run("indicators conformance", begin, tests, sizeof(tests) / sizeof(tests[0]));
}
