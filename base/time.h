/* Civil time, proleptic Gregorian, UTC; pure arithmetic, no libc time zone state. */
#ifndef DUET_BASE_TIME_H
#define DUET_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/status.h>

struct duet_civil {
    int year, month, day; // month and day from 1
    int hour, minute, second;
    int nanosecond;
};

/** Days from 1970-01-01; defined for years 1..9999. */
int64_t duet_days_from_civil(int year, int month, int day);
/** The reverse. */
void duet_civil_from_days(int64_t days, int *year, int *month, int *day);
/** 0 Sunday … 6 Saturday. */
int duet_weekday(int64_t days);
/** Whether year, month, day name a day (years 1..9999). */
bool duet_civil_is_date(int year, int month, int day);

/** int64 nanoseconds reach from 1677-09-21 to 2262-04-11; beyond, the nearest end. */
int64_t duet_ns_from_civil(const struct duet_civil *civil);
struct duet_civil duet_civil_from_ns(int64_t ns);

#define DUET_TIME_TEXT_MAX 40

/** "YYYY-MM-DD HH:MM:SS[.f]" with as many fractional digits as are needed; returns `out`. */
char *duet_time_format(int64_t ns, char out[DUET_TIME_TEXT_MAX]);
/** "YYYY-MM-DDTHH:MM:SS[.f]Z"; returns `out`. */
char *duet_time_format_iso(int64_t ns, char out[DUET_TIME_TEXT_MAX]);

/**
 * What people type for --from and --to: YYYY-MM-DD, or with " " or "T" and HH:MM[:SS[.f]], optionally Z or
 * ±HH:MM; without a zone it is UTC. `is_date` tells a date without a time. DUET_EINVAL with the reason.
 */
DUET_MUST_CHECK enum duet_status duet_time_parse(const char *text, int64_t *ns, bool *is_date);

#endif
