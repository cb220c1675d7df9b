#include "data/csv_text.h"

#include <string.h>
#include <strings.h>

#include "base/money.h"
#include "base/text.h"

/** Longest number: a double written in full has fewer digits than this. */
#define NUMBER_TEXT_MAX 512
#define EXACT_DOUBLE_MAX (INT64_C(1) << 53)

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static struct duet_csv_field trimmed(const char *start, const char *end) {
    while (start < end && is_blank(*start)) {
        start++;
    }
    while (end > start && is_blank(end[-1])) {
        end--;
    }
    return (struct duet_csv_field){start, (size_t)(end - start)};
}

/** The closing quote of a field that opens at `p`; NULL where there is none. */
static const char *quote_end(const char *p, const char *end) {
    for (p++; p < end; p++) {
        if (*p == '"') {
            if (p + 1 < end && p[1] == '"') {
                p++;
                continue;
            }
            return p;
        }
    }
    return NULL;
}

size_t duet_csv_split(const char *line, size_t length, char delimiter, struct duet_csv_field *fields, size_t room) {
    const char *end = line + length;
    size_t count = 0;
    for (const char *p = line;; p++) {
        const char *start = p;
        while (start < end && is_blank(*start) && *start != delimiter) {
            start++;
        }
        struct duet_csv_field field;
        if (start < end && *start == '"') {
            const char *close = quote_end(start, end);
            if (close == NULL) {
                return SIZE_MAX;
            }
            field = trimmed(start + 1, close);
            for (p = close + 1; p < end && *p != delimiter; p++) {
                if (!is_blank(*p)) {
                    return SIZE_MAX;
                }
            }
        } else {
            p = start < end ? memchr(start, delimiter, (size_t)(end - start)) : NULL;
            p = p == NULL ? end : p;
            field = trimmed(start, p);
        }
        if (count < room) {
            fields[count] = field;
        }
        count++;
        if (p == end) {
            return count;
        }
    }
}

bool duet_csv_is_blank(struct duet_csv_field field) {
    static const char *const words[] = {"-", "--", ".", "null", "n/a", "na", "#n/a", "none", "\\n"};
    if (field.length == 0) {
        return true;
    }
    for (size_t i = 0; field.length <= 4 && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i]) == field.length && strncasecmp(field.text, words[i], field.length) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static const char *const currencies[] = {
    "$", "\xe2\x82\xac" /* euro */, "\xc2\xa3" /* pound */, "\xc2\xa5" /* yen */, "\xe2\x82\xb9" /* rupee */};
#define CURRENCIES_COUNT (sizeof(currencies) / sizeof(currencies[0]))

static const char *skip_currency(const char *p, const char *end) {
    for (size_t i = 0; i < CURRENCIES_COUNT; i++) {
        size_t length = strlen(currencies[i]);
        if ((size_t)(end - p) > length && memcmp(p, currencies[i], length) == 0) {
            p += length;
            break;
        }
    }
    return p;
}

/** A sign behind the number, "12,50 €". */
static const char *drop_currency(const char *p, const char *end) {
    for (size_t i = 0; i < CURRENCIES_COUNT; i++) {
        size_t length = strlen(currencies[i]);
        if ((size_t)(end - p) > length && memcmp(end - length, currencies[i], length) == 0) {
            end -= length;
            while (end > p && is_blank(end[-1])) {
                end--;
            }
            break;
        }
    }
    return end;
}

/** Bytes of what sets groups of digits apart at `p`: the mark, an apostrophe, a blank, plain or not to be broken. */
static size_t group_mark(const char *p, const char *end, char mark) {
    static const char *const marks[] = {"'", " ", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x99"};
    if (p < end && *p == mark) {
        return 1;
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        size_t length = strlen(marks[i]);
        if ((size_t)(end - p) > length && memcmp(p, marks[i], length) == 0) {
            return length;
        }
    }
    return 0;
}

/** The digits of a number before its decimals. */
struct whole_part {
    const char *end;
    size_t groups; // set apart; 0: none are
    bool good; // up to three digits, then threes; the ones between may be pairs, as in India
};

static struct whole_part whole_part(const char *p, const char *end, char mark) {
    struct whole_part part = {.good = true};
    const char *sign = p;
    size_t run = 0, sign_length = 0;
    for (;;) {
        if (p < end && is_digit(*p)) {
            run++;
            p++;
            continue;
        }
        size_t length = group_mark(p, end, mark);
        if (length == 0) {
            break;
        }
        bool same = part.groups == 0 || (length == sign_length && memcmp(p, sign, length) == 0);
        part.good = part.good && same && run > 0 && run <= 3 && (part.groups == 0 || run >= 2);
        sign = p;
        sign_length = length;
        part.groups++;
        p += length;
        run = 0;
    }
    part.good = part.good && part.groups > 0 && run == 3;
    part.end = p;
    return part;
}

/** "1,234" alone is 1234 or 1.234. */
static bool is_ambiguous(const struct whole_part *part, const char *p, const char *end, enum duet_csv_marks marks) {
    const char *comma = memchr(p, ',', (size_t)(part->end - p));
    return marks == DUET_CSV_MARKS_UNKNOWN && part->good && part->groups == 1 && comma != NULL && part->end == end;
}

/** Copy sign and number in plain form, without currency signs and groups, into `out`. */
static const char *plain_copy(struct duet_csv_field field, enum duet_csv_marks marks, char out[NUMBER_TEXT_MAX]) {
    const char *p = field.text, *end = p + field.length;
    size_t used = 0;
    p = skip_currency(p, end);
    if (p < end && (*p == '-' || *p == '+')) {
        out[used++] = *p++;
        p = skip_currency(p, end);
    }
    end = drop_currency(p, end);
    struct whole_part part = whole_part(p, end, marks == DUET_CSV_MARKS_COMMA ? '.' : ',');
    if (is_ambiguous(&part, p, end, marks)) {
        return "has one comma, for thousands or decimals; say comma=thousands or comma=decimal";
    }
    char decimal = marks == DUET_CSV_MARKS_COMMA ? ',' : '.';
    for (; p < end; p++) {
        if (part.good && p < part.end && !is_digit(*p)) {
            continue;
        }
        bool wrong_point = *p == '.' && decimal == ','; // groups that are none
        if (used + 1 == NUMBER_TEXT_MAX || *p == '\0' || wrong_point) {
            return "is not a number";
        }
        out[used++] = *p == decimal ? '.' : *p;
    }
    out[used] = '\0';
    return used > 0 ? NULL : "is not a number";
}

struct scan {
    int64_t mantissa;
    bool overflow;
    size_t digits;
    int decimals;
};

/** The digits of `p`, the point, and the exponent; false where that is not all. */
static bool scan_number(const char *p, struct scan *scan) {
    bool after_point = false;
    for (; is_digit(*p) || (*p == '.' && !after_point); p++) {
        if (*p == '.') {
            after_point = true;
            continue;
        }
        scan->digits++;
        scan->decimals += after_point;
        scan->overflow = scan->overflow || __builtin_mul_overflow(scan->mantissa, 10, &scan->mantissa) ||
                         __builtin_add_overflow(scan->mantissa, *p - '0', &scan->mantissa);
    }
    if (scan->digits == 0) {
        return false;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        int sign = *p == '-' ? -1 : 1;
        p += *p == '-' || *p == '+';
        int exponent = 0;
        if (!is_digit(*p)) {
            return false;
        }
        for (; is_digit(*p); p++) {
            exponent = exponent < 10000 ? exponent * 10 + (*p - '0') : exponent;
        }
        scan->decimals -= sign * exponent;
    }
    return *p == '\0';
}

static bool is_non_finite(const char *p) {
    p += *p == '-' || *p == '+';
    return strcasecmp(p, "nan") == 0 || strcasecmp(p, "inf") == 0 || strcasecmp(p, "infinity") == 0;
}

const char *duet_csv_number_parse(struct duet_csv_field field, enum duet_csv_marks marks, struct duet_csv_number *out) {
    char text[NUMBER_TEXT_MAX];
    struct scan scan = {0};
    const char *complaint = plain_copy(field, marks, text);
    if (complaint != NULL) {
        return complaint;
    }
    bool negative = *text == '-';
    if (!scan_number(text + (*text == '-' || *text == '+'), &scan)) {
        return is_non_finite(text) ? "is not a finite number" : "is not a number";
    }
    bool exact = !scan.overflow;
    while (exact && scan.decimals < 0) { // 12e3
        exact = !__builtin_mul_overflow(scan.mantissa, 10, &scan.mantissa);
        scan.decimals++;
        if (scan.mantissa == 0) {
            scan.decimals = 0;
        }
    }
    out->exact = exact && scan.decimals <= 18;
    out->mantissa = negative ? -scan.mantissa : scan.mantissa;
    out->decimals = scan.decimals < 0 ? 0 : (unsigned)scan.decimals;
    if (out->exact && scan.mantissa <= EXACT_DOUBLE_MAX) {
        double size = (double)scan.mantissa / (double)duet_pow10(out->decimals); // one rounding of exact operands
        out->value = negative ? -size : size;
        return NULL;
    }
    return duet_parse_double(text, &out->value) ? NULL : "is not a finite number";
}

const char *duet_csv_quantity_parse(
    struct duet_csv_field field, enum duet_csv_marks marks, struct duet_csv_number *out) {
    static const char units[] = "KMBT";
    char last = field.length > 1 ? field.text[field.length - 1] : '\0';
    const char *unit = last != '\0' ? strchr(units, last & ~0x20) : NULL;
    if (unit == NULL || !is_digit(field.text[field.length - 2])) {
        return duet_csv_number_parse(field, marks, out);
    }
    unsigned places = 3 * (unsigned)(unit - units + 1);
    field.length--;
    const char *reason = duet_csv_number_parse(field, marks, out);
    if (reason != NULL) {
        return reason;
    }
    unsigned whole = out->decimals < places ? places - out->decimals : 0;
    out->exact = out->exact && !__builtin_mul_overflow(out->mantissa, duet_pow10(whole), &out->mantissa);
    out->decimals -= places - whole;
    out->value = out->exact && out->mantissa <= EXACT_DOUBLE_MAX && out->mantissa >= -EXACT_DOUBLE_MAX
                     ? (double)out->mantissa / (double)duet_pow10(out->decimals)
                     : out->value * (double)duet_pow10(places);
    return NULL;
}
