/*
 * The ways in which files write times: a table of date forms, each followed by any clock form and any zone suffix. A
 * file keeps to one date form; clock and zone may come and go with the row.
 */
#ifndef DUET_DATA_TIME_FORM_H
#define DUET_DATA_TIME_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Years whose nanoseconds fit into an int64_t, with room for an offset and an interval. */
#define DUET_LABEL_YEAR_MIN 1680
#define DUET_LABEL_YEAR_MAX 2260

/** One label, read. */
struct duet_label {
    int64_t local_ns; // as clocks show it, nanoseconds from 1970
    int32_t offset_s; // east of UTC, where has_zone
    bool has_zone; // Z, an offset, or an epoch number
    bool has_clock; // false: a date alone
    bool is_epoch;
};

/** Index into the table of date forms. */
typedef size_t duet_date_form;
#define DUET_DATE_FORM_NONE ((duet_date_form)-1)

size_t duet_date_forms(void);
/** The pattern as shown to people, e.g. "Y-M-D"; "epoch" for numbers. */
const char *duet_date_form_name(duet_date_form form);
/** For a form in which day and month could change places (M/D/y and the like): the other one; else NONE. */
duet_date_form duet_date_form_twin(duet_date_form form);
/** For a form that may end in a year of two digits: the one that begins with it; else NONE. */
duet_date_form duet_date_form_year_first(duet_date_form form);
/** Of a form with a twin: month first? */
bool duet_date_form_is_mdy(duet_date_form form);

/** Read the whole of text as `form`; false where it is anything else or no date of the calendar. */
bool duet_label_parse(duet_date_form form, const char *text, size_t length, struct duet_label *out);
/** Read the whole of text as a time of day, nanoseconds from midnight. */
bool duet_clock_parse(const char *text, size_t length, int64_t *out_ns);

#define DUET_LABEL_TEXT_MAX 40
/** ISO 8601 as written: date alone, or with a clock, fraction only where it is not zero, offset where stated. */
char *duet_label_format(const struct duet_label *label, char out[DUET_LABEL_TEXT_MAX]);

#endif
