/*
 * Conformance of indicators with the suites of other libraries. A suite is read as data, whatever its folder holds; one
 * table (struct suite_mapping) says which row of the catalogue one of its names is. What the tables do not name is
 * listed, and what they name must agree.
 */
#ifndef DUET_TESTS_INDICATOR_SUITE_H
#define DUET_TESTS_INDICATOR_SUITE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/indicator_readings.h"
#include "engine/indicators/list.h"

/** Longest series of a suite, and most series of one file. */
#define SUITE_VALUES_MAX 8192
#define SUITE_COLUMNS_MAX 24

/**
 * One name of a suite.
 *
 * params: "ours=WHAT ours=WHAT …", where WHAT is a number, one of their parameters by name, or $0, $1 … by place;
 *   "WHAT|NUMBER" falls back on the number where theirs is not given. "WHAT*NUMBER" and "WHAT+NUMBER" reckon.
 *   Ours that are not named keep their default.
 * inputs: "ours=theirs …" where names differ; "real" and "real2" are the close, or the only input, unless said.
 * outputs: "theirs=ours …", "theirs=ours*NUMBER" where units differ, "theirs=ours@2" where theirs is entered two rows
 *   back, when ours becomes known; "*=ours" whatever the name of their only one; "?" the band that its name speaks of;
 *   NULL: by place.
 * tolerance: 0 is the suite's own. early: ours has values where theirs has none yet. any_start: the row of the first
 *   value is not compared.
 */
struct suite_mapping {
    const char *suite, *theirs, *row;
    const char *params, *inputs, *outputs;
    double tolerance;
    bool early, any_start;
    enum suite_reading reading; // other than READ_ROWS: outputs are "theirs=PLACE", by place in the reading
};

/** Another name that a suite has for one of the tables. */
struct suite_alias {
    const char *suite, *also, *theirs;
};

/** Tables end with suite NULL. */
extern const struct suite_alias suite_aliases[];
extern const struct suite_mapping suite_names_average[]; // average, range, statistics, price
extern const struct suite_mapping suite_names_momentum[]; // momentum, trend, volume

/** One series, NAN where a cell is blank or no number. */
struct suite_series {
    char name[64];
    const double *values;
};

/** One value that a suite expects: of an output, at a row. */
struct suite_point {
    const char *output; // their name
    size_t row;
    double value;
    double tolerance; // absolute; agreement is |ours - value| <= tolerance
};

/** One test of a suite. */
struct suite_case {
    const char *suite, *id, *name; // their name of the indicator
    const char *param_names[16]; // NULL where theirs have none
    double param_values[16];
    size_t param_count;
    struct suite_series inputs[SUITE_COLUMNS_MAX];
    size_t input_count;
    size_t rows;
    struct suite_point *points;
    size_t point_count;
    const char *outputs[SUITE_COLUMNS_MAX]; // theirs, in their order
    size_t output_count;
    size_t min_period; // ours must have its first value exactly there; 0: not said
    bool late_is_fine; // rows that ours has no value for yet are not compared (but one must be)
};

/** Totals of one suite. */
struct suite_result {
    const char *suite;
    size_t passed, total, failed;
    char missing[8192]; // names not offered
};

/** Compute a case by the tables and count it; a line on standard output says where it differs. */
void suite_run_case(const struct suite_case *test, struct suite_result *result);
/** Note a name that is not offered, once. */
void suite_miss(struct suite_result *result, const char *name);
/** Updates until the first value by the row's formula; 0 where it is not offered. */
int64_t suite_warm_up(const struct suite_case *test);
/** "suite: N passed of M (K not offered: …)". */
void suite_print(const struct suite_result *result);

/** A CSV file, header in the first line (a byte order mark is skipped). */
struct suite_table {
    char *text; // owned
    size_t rows, columns;
    char *names[SUITE_COLUMNS_MAX]; // into text, blanks around them cut off
    const char **cells; // owned array, row by row, into text
    double *values[SUITE_COLUMNS_MAX]; // owned
};
bool suite_table_read(const char *path, struct suite_table *out);
void suite_table_free(struct suite_table *table);
/** Its column, or columns where there is none of that name; without regard to case. */
size_t suite_table_column(const struct suite_table *table, const char *name);
/** Hand its columns to a case as inputs, names in lower case. */
void suite_table_inputs(const struct suite_table *table, struct suite_case *test);

#endif
