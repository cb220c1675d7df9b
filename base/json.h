/*
 * A writer of JSON text: one value after the other, in the order given, commas and escapes being taken care of. Numbers
 * are the shortest text that reads back as the same double; strings become valid UTF-8 whatever their bytes.
 * Independent of the locale. Names are escaped like strings.
 */
#ifndef DUET_BASE_JSON_H
#define DUET_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Objects and arrays inside each other; one more is a programmer's error. */
#define DUET_JSON_DEPTH_MAX 16

/** Zero-initialise and set `stream`. Write errors are the stream's (ferror). */
struct duet_json {
    FILE *stream; // borrowed
    unsigned depth;
    bool filled[DUET_JSON_DEPTH_MAX + 1]; // something stands at this depth, so a comma comes first
};

/* `name` is NULL inside an array and at the top. */

void duet_json_open(struct duet_json *json, const char *name, char bracket); // '{' or '['
void duet_json_close(struct duet_json *json, char bracket); // '}' or ']'
void duet_json_string(struct duet_json *json, const char *name, const char *value);
void duet_json_uint(struct duet_json *json, const char *name, uint64_t value);
void duet_json_int(struct duet_json *json, const char *name, int64_t value);
void duet_json_bool(struct duet_json *json, const char *name, bool value);
/** What is not finite is null. */
void duet_json_double(struct duet_json *json, const char *name, double value);
void duet_json_null(struct duet_json *json, const char *name);
/** `value` as it stands where it is a JSON number, else as a string. */
void duet_json_number_text(struct duet_json *json, const char *name, const char *value);
/** The same, rounded to `places` after the point: measured figures, whose further digits mean nothing. */
void duet_json_rounded(struct duet_json *json, const char *name, double value, unsigned places);
/** `value` as it stands: JSON that somebody else has written and checked. */
void duet_json_raw(struct duet_json *json, const char *name, const char *value);

#define DUET_DOUBLE_TEXT_MAX 32

/** The shortest text that reads back as `value`: "0.1", "1e+20", "-0.25"; "nan", "inf". Returns `out`. */
char *duet_double_format(double value, char out[DUET_DOUBLE_TEXT_MAX]);

#endif
