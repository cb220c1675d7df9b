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
    return field.length == 0 || (field.length == 1 && *field.text == '-') ||
           (field.length == 4 && strncasecmp(field.text, "null", 4) == 0);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static const char *skip_currency(const char *p, const char *end) {
    static const char *const signs[] = {"$", "\xe2\x82\xac" /* euro */, "\xc2\xa3" /* pound */, "\xc2\xa5" /* yen */};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        size_t length = strlen(signs[i]);
        if ((size_t)(end - p) > length && memcmp(p, signs[i], length) == 0) {
            return p + length;
        }
    }
    return p;
}

/** Commas in threes before a point, or two of them: thousands. A single one could be a decimal comma. */
static bool groups_are_thousands(const char *p, const char *end) {
    size_t commas = 0, run = 0;
    for (; p < end && (is_digit(*p) || *p == ','); p++) {
        if (*p == ',') {
            if (run == 0 || run > 3 || (commas > 0 && run != 3)) {
                return false;
            }
            commas++;
            run = 0;
        } else {
            run++;
        }
    }
    return run == 3 && (commas > 1 || (p < end && *p == '.'));
}

/** Copy sign and number, without currency sign and thousands commas, into `out`; 0 where it does not fit. */
static size_t plain_copy(struct duet_csv_field field, char out[NUMBER_TEXT_MAX]) {
    const char *p = field.text, *end = p + field.length;
    size_t used = 0;
    p = skip_currency(p, end);
    if (p < end && (*p == '-' || *p == '+')) {
        out[used++] = *p++;
        p = skip_currency(p, end);
    }
    bool thousands = groups_are_thousands(p, end);
    for (; p < end; p++) {
        if (*p == ',' && thousands) {
            continue;
        }
        if (used + 1 == NUMBER_TEXT_MAX || *p == '\0') {
            return 0;
        }
        out[used++] = *p;
    }
    out[used] = '\0';
    return used;
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

const char *duet_csv_number_parse(struct duet_csv_field field, struct duet_csv_number *out) {
    char text[NUMBER_TEXT_MAX];
    struct scan scan = {0};
    if (plain_copy(field, text) == 0) {
        return "is not a number";
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

const char *duet_csv_quantity_parse(struct duet_csv_field field, struct duet_csv_number *out) {
    static const char units[] = "KMBT";
    char last = field.length > 1 ? field.text[field.length - 1] : '\0';
    const char *unit = last != '\0' ? strchr(units, last & ~0x20) : NULL;
    if (unit == NULL || !is_digit(field.text[field.length - 2])) {
        return duet_csv_number_parse(field, out);
    }
    unsigned places = 3 * (unsigned)(unit - units + 1);
    field.length--;
    const char *reason = duet_csv_number_parse(field, out);
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
