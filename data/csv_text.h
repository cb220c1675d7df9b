/* Lines, fields and numbers of a delimited text: the careful forms, which accept all that is allowed. */
#ifndef DUET_DATA_CSV_TEXT_H
#define DUET_DATA_CSV_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One field, without the blanks and quotes around it; borrowed from the line. */
struct duet_csv_field {
    const char *text;
    size_t length;
};

/**
 * Split a line (without its end) at `delimiter`. Fills up to `room` fields and returns how many there are;
 * SIZE_MAX where a quote is not closed or is followed by text.
 */
size_t duet_csv_split(const char *line, size_t length, char delimiter, struct duet_csv_field *fields, size_t room);

/** Is there nothing: an empty field, dashes, or a word for it such as "null" or "N/A"? Not "nan", which is what a
 * program made of a number. */
bool duet_csv_is_blank(struct duet_csv_field field);

/** What comma and point mean within the numbers of a file. */
enum duet_csv_marks {
    DUET_CSV_MARKS_UNKNOWN, // nothing tells: a comma is refused where it could be either
    DUET_CSV_MARKS_POINT, // 1,234.5
    DUET_CSV_MARKS_COMMA, // 1.234,5
};

/** A number as it stands in the text. */
struct duet_csv_number {
    double value; // what strtod() gives
    int64_t mantissa; // mantissa · 10^-decimals, where exact
    unsigned decimals; // places written, the exponent taken into account
    bool exact; // the mantissa holds the whole number
};

/**
 * Read a whole field: sign, currency sign, digits in groups or not, decimals, exponent. Groups are set apart by comma
 * or point, whichever is not the decimal mark, by an apostrophe or a blank. NULL, or why not, e.g. "is not a number".
 */
const char *duet_csv_number_parse(struct duet_csv_field field, enum duet_csv_marks marks, struct duet_csv_number *out);

/** The same of a quantity, which may end in K, M, B or T: "1.23M" is 1,230,000. */
const char *duet_csv_quantity_parse(
    struct duet_csv_field field, enum duet_csv_marks marks, struct duet_csv_number *out);

#endif
