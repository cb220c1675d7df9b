#include "base/time.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"

#define NS_PER_SECOND INT64_C(1000000000)
#define SECONDS_PER_DAY INT64_C(86400)
/** Days from 0000-03-01 to 1970-01-01. */
#define EPOCH_DAYS 719468

/*
 * Years are counted from 1 March, so that the leap day is the last day of its year and the month lengths,
 * 31 30 31 30 31 31 30 31 30 31 31 28, come out of one linear formula.
 */

int64_t duet_days_from_civil(int year, int month, int day) {
    unsigned early = month <= 2;
    unsigned y = (unsigned)year - early;
    unsigned m = (unsigned)month + 12 * early; // 3 March … 14 February
    unsigned day_of_year = (153 * m - 457) / 5 + (unsigned)day - 1;
    unsigned century = y / 100;
    return (int64_t)(365 * y + y / 4 - century + century / 4 + day_of_year) - EPOCH_DAYS;
}

void duet_civil_from_days(int64_t days, int *year, int *month, int *day) {
    DUET_ASSERT(days >= -EPOCH_DAYS && days < INT64_C(4000000));
    unsigned since = (unsigned)(days + EPOCH_DAYS);
    // Four times the day plus three, divided by the length of four centuries, is the century; the same again in years.
    unsigned n1 = 4 * since + 3;
    unsigned century = n1 / 146097;
    unsigned n2 = n1 % 146097 | 3;
    unsigned year_of_century = n2 / 1461;
    unsigned day_of_year = n2 % 1461 / 4;
    unsigned m = (5 * day_of_year + 461) / 153; // 3 March … 14 February
    unsigned early = m > 12;
    *year = (int)(100 * century + year_of_century + early);
    *month = (int)(m - 12 * early);
    *day = (int)(day_of_year - (153 * m - 457) / 5 + 1);
}

int duet_weekday(int64_t days) {
    int64_t weekday = (days + 4) % 7; // 1970-01-01 was a Thursday
    return (int)(weekday < 0 ? weekday + 7 : weekday);
}

bool duet_civil_is_date(int year, int month, int day) {
    static const signed char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= lengths[month - 1] + (month == 2 && leap);
}

int64_t duet_ns_from_civil(const struct duet_civil *civil) {
    int64_t seconds = duet_days_from_civil(civil->year, civil->month, civil->day) * SECONDS_PER_DAY +
                      civil->hour * 3600 + civil->minute * 60 + civil->second;
    int64_t nanosecond = civil->nanosecond;
    if (seconds < 0 && nanosecond > 0) {
        // The first second of the range only exists as a fraction, so step towards zero before multiplying.
        seconds++;
        nanosecond -= NS_PER_SECOND;
    }
    int64_t ns;
    if (__builtin_mul_overflow(seconds, NS_PER_SECOND, &ns) || __builtin_add_overflow(ns, nanosecond, &ns)) {
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    }
    return ns;
}

struct duet_civil duet_civil_from_ns(int64_t ns) {
    int64_t seconds = ns / NS_PER_SECOND, nanosecond = ns % NS_PER_SECOND;
    if (nanosecond < 0) {
        nanosecond += NS_PER_SECOND;
        seconds--;
    }
    int64_t days = seconds / SECONDS_PER_DAY, second = seconds % SECONDS_PER_DAY;
    if (second < 0) {
        second += SECONDS_PER_DAY;
        days--;
    }
    struct duet_civil civil = {
        .hour = (int)(second / 3600),
        .minute = (int)(second / 60 % 60),
        .second = (int)(second % 60),
        .nanosecond = (int)nanosecond,
    };
    duet_civil_from_days(days, &civil.year, &civil.month, &civil.day);
    return civil;
}

static char *put_digits(char *next, int value, int width) {
    for (int i = width - 1; i >= 0; i--) {
        next[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return next + width;
}

/** Date, `between`, time, fraction as long as needed; returns the end. By hand: fills and equity files have many. */
static char *format_civil(int64_t ns, char between, char *out) {
    struct duet_civil civil = duet_civil_from_ns(ns);
    char *next = put_digits(out, civil.year, 4);
    *next++ = '-';
    next = put_digits(next, civil.month, 2);
    *next++ = '-';
    next = put_digits(next, civil.day, 2);
    *next++ = between;
    next = put_digits(next, civil.hour, 2);
    *next++ = ':';
    next = put_digits(next, civil.minute, 2);
    *next++ = ':';
    next = put_digits(next, civil.second, 2);
    if (civil.nanosecond != 0) {
        *next++ = '.';
        next = put_digits(next, civil.nanosecond, 9);
        while (next[-1] == '0') {
            next--;
        }
    }
    return next;
}

char *duet_time_format(int64_t ns, char out[DUET_TIME_TEXT_MAX]) {
    *format_civil(ns, ' ', out) = '\0';
    return out;
}

char *duet_time_format_iso(int64_t ns, char out[DUET_TIME_TEXT_MAX]) {
    char *end = format_civil(ns, 'T', out);
    end[0] = 'Z';
    end[1] = '\0';
    return out;
}

/** Exactly `width` digits; moves `*next` past them. */
static bool take_number(const char **next, int width, int *out) {
    int value = 0;
    for (int i = 0; i < width; i++) {
        char c = (*next)[i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    *next += width;
    *out = value;
    return true;
}

static bool take_char(const char **next, char wanted) {
    if (**next != wanted) {
        return false;
    }
    (*next)++;
    return true;
}

static bool take_fraction(const char **next, int *nanosecond) {
    int digits = 0, value = 0;
    for (; **next >= '0' && **next <= '9'; (*next)++, digits++) {
        if (digits == 9) {
            return false;
        }
        value = value * 10 + (**next - '0');
    }
    for (int i = digits; i < 9; i++) {
        value *= 10;
    }
    *nanosecond = value;
    return digits > 0;
}

/** Z, ±HH:MM or nothing, up to the end of the text. */
static bool take_zone(const char **next, int *offset_minutes) {
    int sign = **next == '-' ? -1 : 1, hours = 0, minutes = 0;
    if (!take_char(next, 'Z') && (take_char(next, '+') || take_char(next, '-'))) {
        if (!take_number(next, 2, &hours) || !take_char(next, ':') || !take_number(next, 2, &minutes) || hours > 23 ||
            minutes > 59) {
            return false;
        }
    }
    *offset_minutes = sign * (60 * hours + minutes);
    return **next == '\0';
}

static bool take_time_of_day(const char **next, struct duet_civil *civil) {
    return take_number(next, 2, &civil->hour) && take_char(next, ':') && take_number(next, 2, &civil->minute) &&
           (!take_char(next, ':') || (take_number(next, 2, &civil->second) &&
                                         (!take_char(next, '.') || take_fraction(next, &civil->nanosecond))));
}

enum duet_status duet_time_parse(const char *text, int64_t *ns, bool *is_date) {
    struct duet_civil civil = {0};
    const char *next = text;
    int offset_minutes = 0;
    bool formed = take_number(&next, 4, &civil.year) && take_char(&next, '-') && take_number(&next, 2, &civil.month) &&
                  take_char(&next, '-') && take_number(&next, 2, &civil.day);
    bool date_only = formed && *next == '\0';
    if (formed && !date_only) {
        formed = (take_char(&next, ' ') || take_char(&next, 'T')) && take_time_of_day(&next, &civil) &&
                 take_zone(&next, &offset_minutes);
    }
    if (!formed) {
        return duet_error(DUET_EINVAL,
            "\"%.60s\" is not a time; write YYYY-MM-DD, or YYYY-MM-DD HH:MM[:SS[.f]] with an optional Z or +HH:MM",
            text);
    }
    if (!duet_civil_is_date(civil.year, civil.month, civil.day)) {
        return duet_error(DUET_EINVAL, "\"%.60s\": there is no such day; check year, month and day", text);
    }
    if (civil.hour > 23 || civil.minute > 59 || civil.second > 59) {
        return duet_error(DUET_EINVAL, "\"%.60s\": there is no such time of day; the last is 23:59:59", text);
    }
    int64_t local = duet_ns_from_civil(&civil), utc;
    if (local == INT64_MIN || local == INT64_MAX ||
        __builtin_sub_overflow(local, offset_minutes * 60 * NS_PER_SECOND, &utc)) {
        return duet_error(DUET_EINVAL, "\"%.60s\" is outside 1677-09-22 to 2262-04-11", text);
    }
    *ns = utc;
    *is_date = date_only;
    return DUET_OK;
}
