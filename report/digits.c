#include "report/digits.h"

#include <string.h>

#include "base/json.h"
#include "base/money.h"

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                  "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                  "8081828384858687888990919293949596979899";

char *duet_put_text(char *at, const char *text) {
    size_t length = strlen(text);
    memcpy(at, text, length);
    return at + length;
}

char *duet_put_field(char *at, const char *text) {
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        return duet_put_text(at, text);
    }
    *at++ = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            *at++ = '"';
        }
        *at++ = *text;
    }
    *at++ = '"';
    return at;
}

char *duet_put_uint(char *at, uint64_t value) {
    unsigned digits = 1;
    for (uint64_t limit = 10; digits < 20 && value >= limit; limit *= 10) {
        digits++;
    }
    return duet_put_padded(at, value, digits);
}

char *duet_put_padded(char *at, uint64_t value, unsigned digits) {
    char *end = at + digits;
    char *to = end;
    for (; digits >= 2; digits -= 2) {
        to -= 2;
        memcpy(to, digit_pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (digits == 1) {
        *--to = (char)('0' + value % 10);
    }
    return end;
}

char *duet_trim_zeros(char *end, const char *keep) {
    while (end > keep && end[-1] == '0') {
        end--;
    }
    return end;
}

char *duet_put_decimal(char *at, int64_t value, unsigned decimals) {
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t one = (uint64_t)duet_pow10(decimals);
    if (value < 0) {
        *at++ = '-';
    }
    at = duet_put_uint(at, size / one);
    if (decimals > 0) {
        *at++ = '.';
        at = duet_put_padded(at, size % one, decimals);
    }
    return at;
}

char *duet_put_quantity(char *at, int64_t value, unsigned decimals) {
    for (; decimals > 0 && value % 10 == 0; decimals--) {
        value /= 10;
    }
    return duet_put_decimal(at, value, decimals);
}

char *duet_put_money(char *at, duet_money money) {
    const duet_money limit = (duet_money)INT64_MAX * DUET_MONEY_ONE;
    if (money > limit || money < -limit) {
        char text[DUET_DECIMAL_TEXT_MAX];
        return duet_put_text(at, duet_money_format(money, DUET_PUT_MONEY_PLACES, text));
    }
    if (money < 0) {
        *at++ = '-';
        money = -money;
    }
    const uint64_t one = (uint64_t)DUET_MONEY_ONE;
    // Up to 9 million the division is one of 64 bits, several times faster.
    uint64_t whole = money <= INT64_MAX ? (uint64_t)money / one : (uint64_t)(money / DUET_MONEY_ONE);
    uint64_t part = (uint64_t)money - whole * one;
    at = duet_put_uint(at, whole);
    *at++ = '.';
    const char *keep = at + DUET_PUT_MONEY_PLACES;
    return duet_trim_zeros(duet_put_padded(at, part, DUET_MONEY_DECIMALS), keep);
}

char *duet_put_double(char *at, double value) {
    char text[DUET_DOUBLE_TEXT_MAX];
    return duet_put_text(at, duet_double_format(value, text));
}
