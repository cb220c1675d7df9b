/*
 * Answers of the daemon as text for people. Two forms cover them all: facts, one a line, and tables. What an answer
 * does not have is left away, so an older or newer daemon can be shown too.
 */
#ifndef DUET_ENGINE_LIVE_CTL_TABLE_H
#define DUET_ENGINE_LIVE_CTL_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CTL_CELL_MAX 96
#define CTL_COLUMNS_MAX 12

/** A value as text, in `out` or static. */
typedef const char *(*ctl_format)(const json_t *value, char out[CTL_CELL_MAX]);
/** As it stands: texts without quotes, "-" for null, yes and no, lists with commas. */
const char *ctl_cell(const json_t *value, char out[CTL_CELL_MAX]);
/** "2024-01-02T03:04:05.123456Z" as "2024-01-02 03:04:05". */
const char *ctl_moment(const json_t *value, char out[CTL_CELL_MAX]);
/** Money: "1234567.8" as "1,234,567.80". */
const char *ctl_amount(const json_t *value, char out[CTL_CELL_MAX]);
/** Three places. */
const char *ctl_rounded(const json_t *value, char out[CTL_CELL_MAX]);
/** Seconds as "2 d 3 h", "4 min 5 s", "12 s". */
const char *ctl_duration(const json_t *value, char out[CTL_CELL_MAX]);

/** A column of a table, or a fact. */
struct ctl_field {
    const char *key, *title;
    ctl_format format; // NULL: ctl_cell
    bool right; // aligned
};

/** Rows of objects under their titles; `none` where there are none. */
void ctl_show_table(const json_t *rows, const struct ctl_field *fields, size_t count, const char *none, FILE *out);
/** Title and value, the values under each other. What `from` does not have is left away. */
void ctl_show_facts(const json_t *from, const struct ctl_field *fields, size_t count, FILE *out);
/** One fact, its title in `width` columns. */
void ctl_show_fact(const char *title, size_t width, const char *text, FILE *out);
/** Whatever it is: facts first, then objects and lists one after the other. */
void ctl_show_any(const json_t *object, FILE *out);

#endif
