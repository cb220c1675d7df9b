/* Decimal text to scaled integers and back. */
#include "base/money.h"

#include <string.h>

#include "base/assert.h"
#include "base/error.h"

__extension__ typedef unsigned __int128 magnitude;

/** Digits of 2^127. */
#define DIGITS_MAX 39

/** [+-]digits[.digits] as a sign and units of 10^-decimals, at most `limit` (one more below zero). */
static enum duet_status parse_units(
    const char *text, size_t length, unsigned decimals, magnitude limit, bool *negative, magnitude *units) {
    int shown = length < 40 ? (int)length : 40;
    size_t i = 0;
    *negative = length > 0 && text[0] == '-';
    i += length > 0 && (text[0] == '-' || text[0] == '+');
    limit += *negative;

    magnitude value = 0;
    size_t digits = 0;
    unsigned places = 0;
    bool point = false, too_large = false, too_fine = false;
    for (; i < length; i++) {
        if (text[i] == '.' && !point && digits > 0 && i + 1 < length) {
            point = true;
            continue;
        }
        if (text[i] < '0' || text[i] > '9') {
            return duet_error(DUET_EINVAL, "\"%.*s\" is not a decimal number", shown, text);
        }
        unsigned digit = (unsigned)(text[i] - '0');
        digits++;
        if (point && places == decimals) {
            too_fine = too_fine || digit != 0;
            continue;
        }
        places += point;
        too_large = too_large || value > (limit - digit) / 10;
        value = value * 10 + digit;
    }
    if (digits == 0) {
        return duet_error(DUET_EINVAL, "\"%.*s\" is not a decimal number", shown, text);
    }
    if (too_fine) {
        return duet_error(DUET_EINVAL, "\"%.*s\" has more than %u decimal places", shown, text, decimals);
    }
    for (; places < decimals; places++) {
        too_large = too_large || value > limit / 10;
        value *= 10;
    }
    if (too_large) {
        return duet_error(DUET_EOVERFLOW, "\"%.*s\" is out of range with %u decimal places", shown, text, decimals);
    }
    *units = value;
    return DUET_OK;
}

enum duet_status duet_decimal_parse(const char *text, size_t length, unsigned decimals, int64_t *out) {
    DUET_ASSERT(decimals <= 18);
    bool negative;
    magnitude units;
    enum duet_status status = parse_units(text, length, decimals, (magnitude)INT64_MAX, &negative, &units);
    if (status == DUET_OK) {
        *out = (int64_t)(negative ? -units : units);
    }
    return status;
}

enum duet_status duet_money_parse(const char *text, size_t length, duet_money *out) {
    bool negative;
    magnitude units;
    enum duet_status status = parse_units(text, length, DUET_MONEY_DECIMALS, ~(magnitude)0 >> 1, &negative, &units);
    if (status == DUET_OK) {
        *out = (duet_money)(negative ? -units : units);
    }
    return status;
}

/** Sign, whole part (in groups of three if asked) and exactly `places` places. */
static char *format_units(magnitude units, bool negative, unsigned places, bool grouped, char *out) {
    char digits[DIGITS_MAX + 1]; // backwards
    unsigned count = 0;
    while (units != 0 || count <= places) {
        // Below 2^64 the division is a short one.
        if (units <= UINT64_MAX) {
            digits[count++] = (char)('0' + (uint64_t)units % 10);
            units = (uint64_t)units / 10;
        } else {
            digits[count++] = (char)('0' + (unsigned)(units % 10));
            units /= 10;
        }
    }
    char *next = out;
    if (negative) {
        *next++ = '-';
    }
    while (count > 0) {
        *next++ = digits[--count];
        if (count == places && places > 0) {
            *next++ = '.';
        } else if (grouped && count > places && (count - places) % 3 == 0) {
            *next++ = ',';
        }
    }
    *next = '\0';
    return out;
}

char *duet_decimal_format(int64_t value, unsigned decimals, char out[DUET_DECIMAL_TEXT_MAX]) {
    DUET_ASSERT(decimals <= 18);
    magnitude units = value < 0 ? -(magnitude)value : (magnitude)value;
    return format_units(units, value < 0, decimals, false, out);
}

char *duet_money_format(duet_money money, unsigned places_min, char out[DUET_DECIMAL_TEXT_MAX]) {
    DUET_ASSERT(places_min <= DUET_MONEY_DECIMALS);
    magnitude units = money < 0 ? -(magnitude)money : (magnitude)money;
    unsigned places = DUET_MONEY_DECIMALS;
    uint64_t fraction = (uint64_t)(units % (magnitude)DUET_MONEY_ONE); // a short number to count its zeros in
    for (; places > places_min && fraction % 10 == 0; places--) {
        fraction /= 10;
    }
    magnitude cut = (magnitude)duet_pow10(DUET_MONEY_DECIMALS - places);
    units /= cut;
    return format_units(units, money < 0, places, false, out);
}

char *duet_money_format_grouped(duet_money money, unsigned places, char out[DUET_DECIMAL_TEXT_MAX]) {
    DUET_ASSERT(places <= DUET_MONEY_DECIMALS);
    magnitude units = money < 0 ? -(magnitude)money : (magnitude)money;
    magnitude unit = (magnitude)duet_pow10(DUET_MONEY_DECIMALS - places);
    magnitude rest = units % unit;
    units /= unit;
    units += rest > unit - rest || (rest == unit - rest && (units & 1) != 0);
    return format_units(units, money < 0 && units != 0, places, true, out);
}
