#include "data/zone_rule.h"

#include <ctype.h>

#include "base/time.h"

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

struct cursor {
    const char *at, *end;
};

static char peek(const struct cursor *cursor) {
    return cursor->at < cursor->end ? *cursor->at : '\0';
}

static bool take(struct cursor *cursor, char wanted) {
    if (peek(cursor) != wanted) {
        return false;
    }
    cursor->at++;
    return true;
}

static bool take_number(struct cursor *cursor, int max, int *out) {
    if (!isdigit((unsigned char)peek(cursor))) {
        return false;
    }
    *out = 0;
    while (isdigit((unsigned char)peek(cursor))) {
        *out = *out * 10 + (*cursor->at++ - '0');
        if (*out > max) {
            return false;
        }
    }
    return true;
}

/** "EST" or "<+0530>". */
static bool take_name(struct cursor *cursor) {
    const char *start = cursor->at;
    if (take(cursor, '<')) {
        while (peek(cursor) != '\0' && peek(cursor) != '>') {
            cursor->at++;
        }
        return take(cursor, '>');
    }
    while (isalpha((unsigned char)peek(cursor))) {
        cursor->at++;
    }
    return cursor->at - start >= 3;
}

/** [+-]hh[:mm[:ss]] in seconds. */
static bool take_clock(struct cursor *cursor, int64_t *out) {
    int64_t sign = 1;
    if (take(cursor, '-')) {
        sign = -1;
    } else {
        (void)take(cursor, '+');
    }
    int hours = 0, minutes = 0, seconds = 0;
    if (!take_number(cursor, 167, &hours)) {
        return false;
    }
    if (take(cursor, ':') && !take_number(cursor, 59, &minutes)) {
        return false;
    }
    if (take(cursor, ':') && !take_number(cursor, 59, &seconds)) {
        return false;
    }
    *out = sign * (hours * HOUR_S + minutes * 60 + seconds);
    return true;
}

static bool take_day(struct cursor *cursor, struct duet_zone_rule_day *out) {
    *out = (struct duet_zone_rule_day){.time_s = 2 * HOUR_S};
    if (!take(cursor, ',')) {
        return false;
    }
    if (take(cursor, 'M')) {
        out->kind = DUET_RULE_MONTH_WEEK;
        if (!take_number(cursor, 12, &out->month) || !take(cursor, '.') || !take_number(cursor, 5, &out->week) ||
            !take(cursor, '.') || !take_number(cursor, 6, &out->weekday) || out->month < 1 || out->week < 1) {
            return false;
        }
    } else if (take(cursor, 'J')) {
        out->kind = DUET_RULE_JULIAN;
        if (!take_number(cursor, 365, &out->day) || out->day < 1) {
            return false;
        }
    } else {
        out->kind = DUET_RULE_DAY_OF_YEAR;
        if (!take_number(cursor, 365, &out->day)) {
            return false;
        }
    }
    return !take(cursor, '/') || take_clock(cursor, &out->time_s);
}

bool duet_zone_rule_parse(const char *text, size_t length, struct duet_zone_rule *out) {
    struct cursor cursor = {text, text + length};
    *out = (struct duet_zone_rule){0};
    if (!take_name(&cursor) || !take_clock(&cursor, &out->standard_s)) {
        return false;
    }
    out->standard_s = -out->standard_s; // the rule counts west
    if (cursor.at == cursor.end) {
        return true;
    }
    out->has_summer = true;
    out->summer_s = out->standard_s + HOUR_S;
    if (!take_name(&cursor)) {
        return false;
    }
    if (peek(&cursor) != ',') {
        if (!take_clock(&cursor, &out->summer_s)) {
            return false;
        }
        out->summer_s = -out->summer_s;
    }
    return take_day(&cursor, &out->summer_starts) && take_day(&cursor, &out->summer_ends) && cursor.at == cursor.end;
}

int64_t duet_zone_rule_date(const struct duet_zone_rule_day *day, int year) {
    int64_t first = duet_days_from_civil(year, 1, 1);
    bool leap = duet_civil_is_date(year, 2, 29);
    int64_t days = first + day->day;
    if (day->kind == DUET_RULE_JULIAN) {
        days = first + day->day - 1 + (leap && day->day >= 60);
    } else if (day->kind == DUET_RULE_MONTH_WEEK) {
        int64_t start = duet_days_from_civil(year, day->month, 1);
        days = start + (day->weekday - duet_weekday(start) + 7) % 7 + (day->week - 1) * 7;
        int64_t next =
            day->month == 12 ? duet_days_from_civil(year + 1, 1, 1) : duet_days_from_civil(year, day->month + 1, 1);
        while (days >= next) {
            days -= 7;
        }
    }
    return days * DAY_S + day->time_s;
}
