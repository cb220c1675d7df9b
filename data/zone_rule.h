/* The rule at the end of a zone file, e.g. "EST5EDT,M3.2.0,M11.1.0": what clocks do after the listed changes. */
#ifndef DUET_DATA_ZONE_RULE_H
#define DUET_DATA_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** When in a year clocks change. */
struct duet_zone_rule_day {
    enum { DUET_RULE_MONTH_WEEK, DUET_RULE_JULIAN, DUET_RULE_DAY_OF_YEAR } kind;
    int month, week, weekday; // week 5: the last
    int day; // julian: 1..365, 29 February never counted; day of year: 0..365
    int64_t time_s; // after local midnight; may be negative or past a day
};

struct duet_zone_rule {
    int64_t standard_s, summer_s; // east of UTC
    bool has_summer;
    struct duet_zone_rule_day summer_starts, summer_ends;
};

/** False for text that is no such rule. */
bool duet_zone_rule_parse(const char *text, size_t length, struct duet_zone_rule *out);
/** Seconds from 1970 as clocks show them when the change comes in `year`. */
int64_t duet_zone_rule_date(const struct duet_zone_rule_day *day, int year);

#endif
