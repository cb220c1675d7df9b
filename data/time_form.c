#include "data/time_form.h"

#include <stdio.h>
#include <string.h>

#include <duet/bar.h>

#include "base/assert.h"
#include "base/text.h"
#include "base/time.h"

/*
 * Date patterns: Y four digits, y four or two, k two, M and D one or two digits, m and d exactly two, b a month's name;
 * other characters stand for themselves. The order is that of detection: the first form that reads every sampled label
 * wins.
 */
static const struct {
    const char *pattern;
    const char *twin; // the pattern with month and day in each other's place
} forms[] = {
    {"Y-M-D"},
    {"Y/M/D"},
    {"Y.M.D"},
    {"Ymd"},
    {"D.M.y"},
    {"M/D/y", "D/M/y"},
    {"D/M/y", "M/D/y"},
    {"M-D-y", "D-M-y"},
    {"D-M-y", "M-D-y"},
    {"D-b-y"},
    {"D b y"},
    {"b D, y"},
    {"b D y"},
    {"k-M-D"},
    {"k/M/D"},
    {"k.M.D"},
    {"epoch"},
};
#define FORMS_COUNT (sizeof(forms) / sizeof(forms[0]))
#define EPOCH_FORM (FORMS_COUNT - 1)

struct cursor {
    const char *at, *end;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t digits_ahead(const struct cursor *cursor) {
    const char *p = cursor->at;
    while (p < cursor->end && is_digit(*p)) {
        p++;
    }
    return (size_t)(p - cursor->at);
}

static bool take(struct cursor *cursor, char wanted) {
    if (cursor->at == cursor->end || *cursor->at != wanted) {
        return false;
    }
    cursor->at++;
    return true;
}

/** A number of `min` to `max` digits, as many as there are. */
static bool take_number(struct cursor *cursor, size_t min, size_t max, int *out) {
    size_t count = digits_ahead(cursor);
    if (count > max) {
        count = max;
    }
    if (count < min) {
        return false;
    }
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        *out = *out * 10 + (*cursor->at++ - '0');
    }
    return true;
}

static bool take_year(struct cursor *cursor, int *year) {
    size_t count = digits_ahead(cursor);
    if (count != 2 && count != 4) {
        return false;
    }
    bool good = take_number(cursor, count, count, year);
    if (count == 2) {
        *year += *year < 69 ? 2000 : 1900; // as POSIX reads %y
    }
    return good;
}

static bool take_month_name(struct cursor *cursor, int *month) {
    static const char *const names[] = {"january", "february", "march", "april", "may", "june", "july", "august",
        "september", "october", "november", "december"};
    char word[12];
    size_t length = 0;
    while (cursor->at < cursor->end && length < sizeof(word)) {
        char lower = (char)(*cursor->at | 0x20);
        if (lower < 'a' || lower > 'z') {
            break;
        }
        word[length++] = lower;
        cursor->at++;
    }
    for (int i = 0; i < 12; i++) {
        if ((length == 3 || length == strlen(names[i])) && memcmp(word, names[i], length) == 0) {
            *month = i + 1;
            return true;
        }
    }
    return false;
}

static bool take_date(struct cursor *cursor, const char *pattern, int64_t *days) {
    int year = 0, month = 0, day = 0;
    for (const char *p = pattern; *p != '\0'; p++) {
        bool good = false;
        switch (*p) {
        case 'Y':
            good = take_number(cursor, 4, 4, &year);
            break;
        case 'y':
            good = take_year(cursor, &year);
            break;
        case 'k':
            good = digits_ahead(cursor) == 2 && take_year(cursor, &year);
            break;
        case 'M':
            good = take_number(cursor, 1, 2, &month);
            break;
        case 'm':
            good = take_number(cursor, 2, 2, &month);
            break;
        case 'D':
            good = take_number(cursor, 1, 2, &day);
            break;
        case 'd':
            good = take_number(cursor, 2, 2, &day);
            break;
        case 'b':
            good = take_month_name(cursor, &month);
            break;
        default:
            good = take(cursor, *p);
        }
        if (!good) {
            return false;
        }
    }
    if (year < DUET_LABEL_YEAR_MIN || year > DUET_LABEL_YEAR_MAX || !duet_civil_is_date(year, month, day)) {
        return false;
    }
    *days = duet_days_from_civil(year, month, day);
    return true;
}

/** Digits after the point, as nanoseconds; what lies beyond them is cut off. */
static bool take_fraction(struct cursor *cursor, int64_t *ns) {
    size_t count = digits_ahead(cursor);
    *ns = 0;
    for (size_t i = 0; i < 9; i++) {
        *ns = *ns * 10 + (i < count ? cursor->at[i] - '0' : 0);
    }
    cursor->at += count;
    return count > 0;
}

/** am, pm, with or without a blank or dash before; 12 o'clock is the first hour. */
static bool take_half_day(struct cursor *cursor, int *hour) {
    struct cursor ahead = *cursor;
    if (ahead.at < ahead.end && (*ahead.at == ' ' || *ahead.at == '-')) {
        ahead.at++;
    }
    if (ahead.end - ahead.at < 2 || (ahead.at[1] | 0x20) != 'm') {
        return true;
    }
    char half = (char)(ahead.at[0] | 0x20);
    if (half != 'a' && half != 'p') {
        return true;
    }
    if (*hour < 1 || *hour > 12) {
        return false;
    }
    *hour = *hour % 12 + (half == 'p' ? 12 : 0);
    cursor->at = ahead.at + 2;
    return true;
}

/** h:mm[:ss[.f]], hhmm, hhmmss[fff] or h, the last and the first with AM or PM. */
static bool take_clock(struct cursor *cursor, int64_t *ns) {
    int hour = 0, minute = 0, second = 0;
    int64_t fraction_ns = 0;
    size_t digits = digits_ahead(cursor);
    if (digits == 4 || digits == 6 || digits == 9) {
        if (!take_number(cursor, 2, 2, &hour) || !take_number(cursor, 2, 2, &minute) ||
            (digits > 4 && !take_number(cursor, 2, 2, &second)) ||
            (digits > 6 && !take_fraction(cursor, &fraction_ns))) {
            return false;
        }
        if (digits == 6 && take(cursor, '.') && !take_fraction(cursor, &fraction_ns)) {
            return false;
        }
        if (digits == 6 && cursor->end - cursor->at == 8 && *cursor->at == ' ') { // "083000 1250000" of NinjaTrader
            cursor->at++;
            if (digits_ahead(cursor) != 7 || !take_fraction(cursor, &fraction_ns)) {
                return false;
            }
        }
    } else {
        if (!take_number(cursor, 1, 2, &hour)) {
            return false;
        }
        bool bare = !take(cursor, ':');
        if (!bare && !take_number(cursor, 2, 2, &minute)) {
            return false;
        }
        if (!bare && take(cursor, ':')) {
            if (!take_number(cursor, 2, 2, &second) ||
                ((take(cursor, '.') || take(cursor, ',')) && !take_fraction(cursor, &fraction_ns))) {
                return false;
            }
        }
        const char *before = cursor->at;
        if (!take_half_day(cursor, &hour) || (bare && cursor->at == before)) {
            return false;
        }
    }
    *ns = hour * DUET_HOUR_NS + minute * DUET_MINUTE_NS + second * DUET_SECOND_NS + fraction_ns;
    return hour < 24 && minute < 60 && second < 60;
}

/** Nothing, Z, UTC, GMT, ±hh[[:]mm] or both, with or without a blank before. */
static bool take_zone(struct cursor *cursor, struct duet_label *label) {
    (void)take(cursor, ' ');
    size_t left = (size_t)(cursor->end - cursor->at);
    if (left == 0) {
        return true;
    }
    label->has_zone = true;
    if ((left == 1 && (*cursor->at | 0x20) == 'z') ||
        (left == 3 && (memcmp(cursor->at, "UTC", 3) == 0 || memcmp(cursor->at, "GMT", 3) == 0))) {
        cursor->at = cursor->end;
        return true;
    }
    bool named = left > 3 && (memcmp(cursor->at, "UTC", 3) == 0 || memcmp(cursor->at, "GMT", 3) == 0);
    cursor->at += named ? 3 : 0;
    int sign = *cursor->at == '-' ? -1 : 1;
    int hours = 0, minutes = 0;
    if (!take(cursor, '+') && !take(cursor, '-')) {
        return false;
    }
    if (!take_number(cursor, 2, 2, &hours)) {
        return false;
    }
    if ((take(cursor, ':') || cursor->at < cursor->end) && !take_number(cursor, 2, 2, &minutes)) {
        return false;
    }
    label->offset_s = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

/** 1.6725312e+09, as programs write large numbers: to the precision of a double. */
static bool scientific_parse(struct cursor *cursor, struct duet_label *out) {
    static const struct { double limit, unit_ns; } units[] = {{1e11, 1e9}, {1e14, 1e6}, {1e17, 1e3}, {9e18, 1}};
    char text[40];
    size_t length = (size_t)(cursor->end - cursor->at);
    double value = 0;
    if (length >= sizeof(text) || !is_digit(*cursor->at)) {
        return false;
    }
    memcpy(text, cursor->at, length);
    text[length] = '\0';
    if (!duet_parse_double(text, &value) || value < 1e8) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (value < units[i].limit) {
            double ns = value * units[i].unit_ns;
            if (ns >= 9e18) { // the year 2255; an int64_t ends in 2262
                return false;
            }
            *out = (struct duet_label){.has_zone = true, .has_clock = true, .is_epoch = true, .local_ns = (int64_t)ns};
            cursor->at = cursor->end;
            return true;
        }
    }
    return false;
}

/** Seconds, milliseconds, microseconds or nanoseconds, told by the number of digits; a fraction may follow. */
static bool epoch_parse(struct cursor *cursor, struct duet_label *out) {
    static const struct {
        size_t digits;
        int64_t unit_ns;
    } units[] = {{11, DUET_SECOND_NS}, {14, DUET_SECOND_NS / 1000}, {17, DUET_SECOND_NS / 1000000}, {19, 1}};
    size_t digits = digits_ahead(cursor);
    int64_t unit_ns = 0;
    if (digits == 1 && memchr(cursor->at, 'e', (size_t)(cursor->end - cursor->at)) != NULL) {
        return scientific_parse(cursor, out);
    }
    for (size_t i = 4; i > 0; i--) {
        unit_ns = digits <= units[i - 1].digits ? units[i - 1].unit_ns : unit_ns;
    }
    if (digits < 9 || unit_ns == 0) {
        return false;
    }
    int64_t number = 0;
    for (size_t i = 0; i < digits; i++) {
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, *cursor->at - '0', &number)) {
            return false;
        }
        cursor->at++;
    }
    int64_t fraction_ns = 0;
    if (take(cursor, '.') && digits_ahead(cursor) > 0) {
        (void)take_fraction(cursor, &fraction_ns); // of a second; of another unit it is that much less
        fraction_ns /= DUET_SECOND_NS / unit_ns;
    }
    *out = (struct duet_label){.has_zone = true, .has_clock = true, .is_epoch = true};
    // Two hundred years either side of 1970 leave room for intervals.
    return !__builtin_mul_overflow(number, unit_ns, &out->local_ns) &&
           !__builtin_add_overflow(out->local_ns, fraction_ns, &out->local_ns) &&
           out->local_ns < INT64_C(9000000000) * DUET_SECOND_NS;
}

size_t duet_date_forms(void) {
    return FORMS_COUNT;
}

const char *duet_date_form_name(duet_date_form form) {
    DUET_ASSERT(form < FORMS_COUNT);
    return forms[form].pattern;
}

duet_date_form duet_date_form_twin(duet_date_form form) {
    DUET_ASSERT(form < FORMS_COUNT);
    for (size_t i = 0; forms[form].twin != NULL && i < FORMS_COUNT; i++) {
        if (strcmp(forms[i].pattern, forms[form].twin) == 0) {
            return i;
        }
    }
    return DUET_DATE_FORM_NONE;
}

duet_date_form duet_date_form_year_first(duet_date_form form) {
    const char *pattern = duet_date_form_name(form);
    for (size_t i = 0; strlen(pattern) == 5 && pattern[4] == 'y' && i < FORMS_COUNT; i++) {
        if (forms[i].pattern[0] == 'k' && forms[i].pattern[1] == pattern[1]) {
            return i;
        }
    }
    return DUET_DATE_FORM_NONE;
}

bool duet_date_form_is_mdy(duet_date_form form) {
    return duet_date_form_name(form)[0] == 'M';
}

bool duet_label_parse(duet_date_form form, const char *text, size_t length, struct duet_label *out) {
    DUET_ASSERT(form < FORMS_COUNT);
    struct cursor cursor = {text, text + length};
    if (form == EPOCH_FORM) {
        return epoch_parse(&cursor, out) && cursor.at == cursor.end;
    }
    *out = (struct duet_label){0};
    int64_t days = 0;
    if (!take_date(&cursor, forms[form].pattern, &days)) {
        return false;
    }
    out->local_ns = days * DUET_DAY_NS;
    if (cursor.at == cursor.end) {
        return true;
    }
    bool separated = take(&cursor, ' ') || take(&cursor, 'T') || take(&cursor, 't') ||
                     take(&cursor, 'D'); // 2020-01-01D00:00:03, as kdb writes it
    while (separated && take(&cursor, ' ')) {
    }
    int64_t clock_ns = 0;
    int hour = 0;
    if (!separated && forms[form].pattern[1] == 'm' && digits_ahead(&cursor) == 2 && cursor.end - cursor.at == 2) {
        // YYYYMMDDHH; as seconds such numbers would be after 2030.
        (void)take_number(&cursor, 2, 2, &hour);
        out->has_clock = true;
        out->local_ns += hour * DUET_HOUR_NS;
        return hour < 24;
    }
    // Without a separator only digits may follow digits: YYYYMMDDHHMMSS.
    if ((!separated && forms[form].pattern[1] != 'm') || !take_clock(&cursor, &clock_ns)) {
        return false;
    }
    out->has_clock = true;
    out->local_ns += clock_ns;
    return take_zone(&cursor, out) && cursor.at == cursor.end;
}

bool duet_clock_parse(const char *text, size_t length, int64_t *out_ns) {
    struct cursor cursor = {text, text + length};
    return take_clock(&cursor, out_ns) && cursor.at == cursor.end;
}

char *duet_label_format(const struct duet_label *label, char out[DUET_LABEL_TEXT_MAX]) {
    struct duet_civil civil = duet_civil_from_ns(label->local_ns);
    int used = snprintf(out, DUET_LABEL_TEXT_MAX, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
    if (!label->has_clock) {
        return out;
    }
    size_t room = DUET_LABEL_TEXT_MAX;
    size_t at = (size_t)used;
    at += (size_t)snprintf(out + at, room - at, "T%02d:%02d:%02d", civil.hour, civil.minute, civil.second);
    if (civil.nanosecond != 0) {
        at += (size_t)snprintf(out + at, room - at, ".%09d", civil.nanosecond);
        while (out[at - 1] == '0') {
            out[--at] = '\0';
        }
    }
    if (label->has_zone && !label->is_epoch) {
        int32_t offset = label->offset_s;
        int32_t size = offset < 0 ? -offset : offset;
        snprintf(
            out + at, room - at, "%c%02d:%02d", offset < 0 ? '-' : '+', (int)(size / 3600 % 24), (int)(size / 60 % 60));
    }
    return out;
}
