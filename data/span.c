#include "data/span.h"

#include <stdbool.h>
#include <stddef.h>

#include <duet/bar.h>

#include "base/assert.h"
#include "base/time.h"
#include "data/zone.h"

/** Close to the ends of time nothing is calculated by the calendar. */
#define TIME_MARGIN_NS (800 * DUET_DAY_NS)
/** The Monday that weeks are counted from lies three days before 1970-01-01. */
#define MONDAY_DAYS 3

static int64_t floor_to(int64_t value, int64_t step) {
    int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

static int64_t offset_ns(const struct duet_zone *zone, int64_t ns) {
    return zone != NULL ? duet_zone_offset_ns(zone, ns) : 0;
}

static int64_t midnight_ns(const struct duet_zone *zone, int64_t day) {
    return zone != NULL ? duet_zone_to_utc_ns(zone, day * DUET_DAY_NS) : day * DUET_DAY_NS;
}

static int64_t month_day(int64_t months) {
    return duet_days_from_civil((int)(months / 12), (int)(months % 12) + 1, 1);
}

/** First day of a calendar span, and the first one after it. */
static void span_days(int64_t interval_ns, int64_t day, int64_t *first, int64_t *end) {
    int64_t months = interval_ns == DUET_MONTH_NS     ? 1
                     : interval_ns == DUET_QUARTER_NS ? 3
                     : interval_ns == DUET_YEAR_NS    ? 12
                                                      : 0;
    if (months > 0) {
        int year, month, of_month;
        duet_civil_from_days(day, &year, &month, &of_month);
        int64_t index = floor_to((int64_t)year * 12 + month - 1, months);
        *first = month_day(index);
        *end = month_day(index + months);
        return;
    }
    int64_t days = interval_ns / DUET_DAY_NS;
    int64_t ahead = days % 7 == 0 ? MONDAY_DAYS : 0;
    *first = floor_to(day + ahead, days) - ahead;
    *end = *first + days;
}

/** The next instant after `ns` at which clocks reach a multiple of the interval since midnight, or midnight. */
static int64_t next_mark_ns(const struct duet_zone *zone, int64_t interval_ns, int64_t ns) {
    for (;;) {
        int64_t shown_ns = ns + offset_ns(zone, ns);
        int64_t day_ns = floor_to(shown_ns, DUET_DAY_NS);
        int64_t mark_ns = day_ns + floor_to(shown_ns - day_ns, interval_ns) + interval_ns;
        mark_ns = mark_ns < day_ns + DUET_DAY_NS ? mark_ns : day_ns + DUET_DAY_NS;
        int64_t at_ns = ns + (mark_ns - shown_ns);
        int64_t change_ns = zone != NULL ? duet_zone_next_change_ns(zone, ns) : INT64_MAX;
        if (at_ns < change_ns) {
            return at_ns;
        }
        int64_t after_ns = change_ns + offset_ns(zone, change_ns);
        int64_t after_day_ns = floor_to(after_ns, DUET_DAY_NS);
        if (after_ns >= mark_ns || (after_ns - after_day_ns) % interval_ns == 0) {
            return change_ns; // the mark was skipped, or clocks were set back to one
        }
        ns = change_ns;
    }
}

/** On a day on which clocks change, and where it matters. */
static struct duet_span walk_day(const struct duet_zone *zone, int64_t interval_ns, int64_t day, int64_t ns) {
    struct duet_span span = {.open_ns = midnight_ns(zone, day)};
    span.close_ns = next_mark_ns(zone, interval_ns, span.open_ns);
    while (span.close_ns <= ns) {
        span.open_ns = span.close_ns;
        span.close_ns = next_mark_ns(zone, interval_ns, span.open_ns);
    }
    return span;
}

/** Whether clocks show the same distance from a mark before and after every change of that day. */
static bool is_even(const struct duet_zone *zone, int64_t interval_ns, int64_t from_ns, int64_t until_ns) {
    int64_t change_ns = from_ns;
    while ((change_ns = duet_zone_next_change_ns(zone, change_ns)) < until_ns) {
        if ((offset_ns(zone, change_ns) - offset_ns(zone, change_ns - 1)) % interval_ns != 0) {
            return false;
        }
    }
    return true;
}

struct duet_span duet_span_of(const struct duet_zone *zone, int64_t interval_ns, int64_t ns) {
    DUET_ASSERT(interval_ns > 0 && interval_ns <= DUET_YEAR_NS);
    if (ns > INT64_MAX - TIME_MARGIN_NS || ns < INT64_MIN + TIME_MARGIN_NS) {
        return (struct duet_span){.open_ns = ns, .close_ns = INT64_MAX};
    }
    int64_t shown_ns = ns + offset_ns(zone, ns);
    int64_t day = floor_to(shown_ns, DUET_DAY_NS) / DUET_DAY_NS;
    if (interval_ns >= DUET_DAY_NS) {
        int64_t first, end;
        span_days(interval_ns, day, &first, &end);
        return (struct duet_span){.open_ns = midnight_ns(zone, first), .close_ns = midnight_ns(zone, end)};
    }
    if (zone != NULL) {
        // A midnight may come twice or never, so the day is a little wider than it needs to be.
        int64_t from_ns = ns - 2 * DUET_DAY_NS, until_ns = ns + 2 * DUET_DAY_NS;
        if (duet_zone_next_change_ns(zone, from_ns) < until_ns && !is_even(zone, interval_ns, from_ns, until_ns)) {
            int64_t begins_ns = midnight_ns(zone, day);
            return walk_day(zone, interval_ns, begins_ns <= ns ? day : day - 1, ns);
        }
    }
    int64_t into_ns = shown_ns - day * DUET_DAY_NS;
    int64_t first_ns = into_ns - into_ns % interval_ns;
    int64_t end_ns = first_ns + interval_ns < DUET_DAY_NS ? first_ns + interval_ns : DUET_DAY_NS;
    return (struct duet_span){.open_ns = ns - (into_ns - first_ns), .close_ns = ns + (end_ns - into_ns)};
}
