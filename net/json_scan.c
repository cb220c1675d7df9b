#include "net/json_scan.h"

#include <string.h>

#include "base/text.h"

#define DEPTH_MAX 32u
#define NUMBER_TEXT_MAX 1024 // more digits than any double has
#define EXPONENT_MAX 100000 // larger ones are out of range whatever comes before them
#define EXACT_POWER 22 // 10^22 is the largest power of ten that a double holds exactly
#define EXACT_INTEGER (UINT64_C(1) << 53)
#define INT64_DIGITS 18 // 10^18 is the largest power of ten in an int64

/** Bytes that may stand in a string without a further look: ASCII but quote, backslash and control characters. */
static const bool plain[256] = {[' '] = true, ['!'] = true, ['#' ... '['] = true, [']' ... 0x7f] = true};

static bool fail(struct duet_json_scan *scan, const char *error) {
    scan->error = error;
    return false;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void skip_space(struct duet_json_scan *scan) {
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t')) {
        scan->at++;
    }
}

/** Length of the UTF-8 character that begins at `at`; 0 where there is none. */
static unsigned utf8_length(const char *at, const char *end) {
    unsigned char lead = (unsigned char)at[0];
    unsigned length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : (lead & 0xf0) == 0xe0 ? 3 : 4;
    if (lead > 0xf4 || (lead >= 0x80 && lead < 0xc2) || end - at < (ptrdiff_t)length) {
        return 0;
    }
    for (unsigned i = 1; i < length; i++) {
        if (((unsigned char)at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    // Too long a form, half of a surrogate pair, or past the last character.
    unsigned char second = length > 2 ? (unsigned char)at[1] : 0;
    bool wrong = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                 (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return wrong ? 0 : length;
}

static bool hex4(const char *at, const char *end, uint32_t *out) {
    uint32_t value = 0;
    if (end - at < 4) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        uint32_t digit = is_digit(c)            ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16) {
            return false;
        }
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

/** The character that the escape at `*at` (behind its backslash) stands for; moves on. False: it is none. */
static bool take_escape(const char **at, const char *end, uint32_t *out) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (*at == end) {
        return false;
    }
    char name = *(*at)++;
    if (name != 'u') {
        const char *found = name != '\0' ? strchr(names, name) : NULL;
        *out = found != NULL ? (uint32_t)values[found - names] : 0;
        return found != NULL;
    }
    uint32_t low;
    if (!hex4(*at, end, out)) {
        return false;
    }
    *at += 4;
    if (*out < 0xd800 || *out > 0xdfff) {
        return true;
    }
    if (*out > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u' || !hex4(*at + 2, end, &low) ||
        low < 0xdc00 || low > 0xdfff) {
        return false;
    }
    *at += 6;
    *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/** A string; `at` is behind its opening quote. */
static bool take_string(struct duet_json_scan *scan, struct duet_json_slice *slice) {
    const char *at = scan->at, *end = scan->end;
    *slice = (struct duet_json_slice){.text = at, .kind = DUET_JSON_STRING};
    for (;;) {
        while (at < end && plain[(unsigned char)*at]) {
            at++;
        }
        scan->at = at;
        if (at == end) {
            return fail(scan, "a string does not end");
        }
        if (*at == '"') {
            slice->size = (uint32_t)(at - slice->text);
            scan->at = at + 1;
            return true;
        }
        uint32_t ignored;
        unsigned length = 0;
        if (*at == '\\') {
            slice->escaped = true;
            at++;
            if (!take_escape(&at, end, &ignored)) {
                return fail(scan, "a bad escape");
            }
        } else if ((unsigned char)*at < 0x20 || (length = utf8_length(at, end)) == 0) {
            return fail(scan, "a byte that may not stand in a string");
        }
        at += length;
    }
}

static bool take_digits(const char **at, const char *end) {
    const char *from = *at;
    while (*at < end && is_digit(**at)) {
        (*at)++;
    }
    return *at > from;
}

/** Moves behind a number. False: there is none. */
static bool take_number(const char **at, const char *end) {
    *at += *at < end && **at == '-';
    if (*at < end && **at == '0') {
        (*at)++;
    } else if (!take_digits(at, end)) {
        return false;
    }
    if (*at < end && **at == '.') {
        (*at)++;
        if (!take_digits(at, end)) {
            return false;
        }
    }
    if (*at < end && (**at == 'e' || **at == 'E')) {
        (*at)++;
        *at += *at < end && (**at == '+' || **at == '-');
        return take_digits(at, end);
    }
    return true;
}

static bool take_word(struct duet_json_scan *scan, const char *word, size_t length) {
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0) {
        return fail(scan, "not a value");
    }
    scan->at += length;
    return true;
}

static bool take_container(struct duet_json_scan *scan, unsigned depth);

static bool take_value(struct duet_json_scan *scan, struct duet_json_slice *slice, unsigned depth) {
    const char *from = scan->at;
    bool good;
    *slice = (struct duet_json_slice){.text = from};
    switch (*from) {
    case '"':
        scan->at++;
        return take_string(scan, slice);
    case '{':
    case '[':
        slice->kind = *from == '{' ? DUET_JSON_OBJECT : DUET_JSON_ARRAY;
        good = take_container(scan, depth);
        break;
    case 't':
        slice->kind = DUET_JSON_TRUE;
        good = take_word(scan, "true", 4);
        break;
    case 'f':
        slice->kind = DUET_JSON_FALSE;
        good = take_word(scan, "false", 5);
        break;
    case 'n':
        slice->kind = DUET_JSON_NULL;
        good = take_word(scan, "null", 4);
        break;
    default:
        slice->kind = DUET_JSON_NUMBER;
        good = take_number(&scan->at, scan->end) || fail(scan, "not a value");
    }
    slice->size = (uint32_t)(scan->at - from);
    return good;
}

/** The next member at this depth; false at the end, too. */
static bool step(struct duet_json_scan *scan, unsigned depth) {
    skip_space(scan);
    if (scan->at == scan->end) {
        return fail(scan, "the text ends early");
    }
    if (*scan->at == scan->closing) {
        scan->at++;
        scan->closing = '\0';
        return false;
    }
    if (!scan->first) {
        if (*scan->at != ',') {
            return fail(scan, "no comma between members");
        }
        scan->at++;
        skip_space(scan);
    }
    scan->first = false;
    if (scan->closing == '}') {
        if (scan->at == scan->end || *scan->at != '"') {
            return fail(scan, "no name of a member");
        }
        scan->at++;
        if (!take_string(scan, &scan->key)) {
            return false;
        }
        skip_space(scan);
        if (scan->at == scan->end || *scan->at != ':') {
            return fail(scan, "no colon after a name");
        }
        scan->at++;
        skip_space(scan);
    }
    if (scan->at == scan->end) {
        return fail(scan, "the text ends early");
    }
    return take_value(scan, &scan->value, depth);
}

static bool take_container(struct duet_json_scan *scan, unsigned depth) {
    if (depth == DEPTH_MAX) {
        return fail(scan, "more than 32 levels");
    }
    struct duet_json_scan inner = {
        .at = scan->at + 1, .end = scan->end, .closing = *scan->at == '{' ? '}' : ']', .first = true};
    while (step(&inner, depth + 1)) {
    }
    scan->at = inner.at;
    scan->error = inner.error;
    return inner.error == NULL;
}

bool duet_json_begin(struct duet_json_scan *scan, const char *text, size_t size) {
    *scan = (struct duet_json_scan){.at = text, .end = text + size, .first = true};
    skip_space(scan);
    if (size > UINT32_MAX || scan->at == scan->end || (*scan->at != '{' && *scan->at != '[')) {
        return fail(scan, "neither an object nor an array");
    }
    scan->closing = *scan->at == '{' ? '}' : ']';
    scan->at++;
    return true;
}

bool duet_json_next(struct duet_json_scan *scan) {
    if (scan->error != NULL || scan->closing == '\0') {
        return false;
    }
    if (step(scan, 1)) {
        return true;
    }
    if (scan->error == NULL) {
        skip_space(scan);
        return scan->at == scan->end ? false : fail(scan, "text after the end");
    }
    return false;
}

static unsigned utf8_write(uint32_t character, char out[4]) {
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    unsigned length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (unsigned i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    out[0] = (char)((0xf00 >> length & 0xff) | character);
    return length;
}

/** The next character of a string as UTF-8, unescaped; its length, 0 where it is none. */
static unsigned take_character(const char **at, const char *end, char out[4]) {
    uint32_t character;
    if (**at != '\\') {
        unsigned length = utf8_length(*at, end);
        memcpy(out, *at, length);
        *at += length;
        return length;
    }
    (*at)++;
    return take_escape(at, end, &character) ? utf8_write(character, out) : 0;
}

bool duet_json_is(const struct duet_json_slice *slice, const char *text) {
    const char *at = slice->text, *end = at + slice->size;
    if (slice->kind != DUET_JSON_STRING) {
        return false;
    }
    if (!slice->escaped) { // most names part at their first byte; no string has a zero in it, so `text` is not passed
        while (at < end && *at == *text) {
            at++;
            text++;
        }
        return at == end && *text == '\0';
    }
    while (at < end) {
        char character[4];
        unsigned size = take_character(&at, end, character);
        if (size == 0 || strncmp(character, text, size) != 0 || character[0] == '\0') {
            return false;
        }
        text += size;
    }
    return *text == '\0';
}

bool duet_json_copy(const struct duet_json_slice *slice, char *out, size_t size) {
    const char *at = slice->text, *end = at + slice->size;
    size_t used = 0;
    bool cut = false;
    if (slice->kind != DUET_JSON_STRING || size == 0) {
        return false;
    }
    if (!slice->escaped && slice->size < size) {
        memcpy(out, slice->text, slice->size);
        out[slice->size] = '\0';
        return true;
    }
    while (at < end) {
        char character[4];
        unsigned length = take_character(&at, end, character);
        if (length == 0 || character[0] == '\0') { // a zero would end the text early
            out[0] = '\0';
            return false;
        }
        cut = cut || used + length >= size;
        if (!cut) {
            memcpy(out + used, character, length);
            used += length;
        }
    }
    out[used] = '\0';
    return true;
}

/** A number as mantissa x 10^power, the mantissa without trailing zeros. */
struct decimal {
    uint64_t mantissa;
    int32_t power;
    bool negative;
};

/** False: no number, or one with more digits than 64 bits hold. */
static bool parse_decimal(const struct duet_json_slice *slice, struct decimal *out) {
    const char *at = slice->text, *end = at + slice->size, *check = at;
    uint32_t zeros = 0;
    bool fraction = false;
    *out = (struct decimal){0};
    if ((slice->kind != DUET_JSON_NUMBER && slice->kind != DUET_JSON_STRING) || !take_number(&check, end) ||
        check != end) {
        return false;
    }
    out->negative = *at == '-';
    for (at += out->negative; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        out->power -= fraction;
        if (*at == '0') {
            zeros += out->mantissa != 0;
            continue;
        }
        for (; zeros > 0; zeros--) {
            if (__builtin_mul_overflow(out->mantissa, UINT64_C(10), &out->mantissa)) {
                return false;
            }
        }
        if (__builtin_mul_overflow(out->mantissa, UINT64_C(10), &out->mantissa) ||
            __builtin_add_overflow(out->mantissa, (uint64_t)(*at - '0'), &out->mantissa)) {
            return false;
        }
    }
    out->power += (int32_t)zeros;
    if (at < end) {
        int32_t exponent = 0;
        bool down = *++at == '-';
        for (at += *at == '-' || *at == '+'; at < end && exponent < EXPONENT_MAX; at++) {
            exponent = exponent * 10 + (*at - '0');
        }
        out->power += down ? -exponent : exponent;
    }
    return true;
}

bool duet_json_scaled(const struct duet_json_slice *slice, unsigned decimals, int64_t *out) {
    struct decimal number;
    if (decimals > INT64_DIGITS || slice->size > EXPONENT_MAX || !parse_decimal(slice, &number)) {
        return false;
    }
    int64_t power = (int64_t)number.power + decimals;
    if (number.mantissa == 0) {
        *out = 0;
        return true;
    }
    if (power < 0 || power > INT64_DIGITS) {
        return false; // finer than a unit, or out of range
    }
    for (; power > 0; power--) {
        if (__builtin_mul_overflow(number.mantissa, UINT64_C(10), &number.mantissa)) {
            return false;
        }
    }
    if (number.mantissa > (uint64_t)INT64_MAX + number.negative) {
        return false;
    }
    *out = number.negative ? (int64_t)(0 - number.mantissa) : (int64_t)number.mantissa;
    return true;
}

bool duet_json_int64(const struct duet_json_slice *slice, int64_t *out) {
    return duet_json_scaled(slice, 0, out);
}

bool duet_json_real(const struct duet_json_slice *slice, double *out) {
    static const double powers[EXACT_POWER + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
        1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct decimal number;
    char text[NUMBER_TEXT_MAX];
    const char *check = slice->text;
    if (slice->size < sizeof(text) && parse_decimal(slice, &number) && number.mantissa <= EXACT_INTEGER &&
        number.power >= -EXACT_POWER && number.power <= EXACT_POWER) {
        // Both are exact, so one rounding gives what any correct conversion gives.
        double value = (double)number.mantissa;
        value = number.power < 0 ? value / powers[-number.power] : value * powers[number.power];
        *out = number.negative ? -value : value;
        return true;
    }
    if ((slice->kind != DUET_JSON_NUMBER && slice->kind != DUET_JSON_STRING) || slice->size >= sizeof(text) ||
        !take_number(&check, slice->text + slice->size) || check != slice->text + slice->size) {
        return false;
    }
    memcpy(text, slice->text, slice->size);
    text[slice->size] = '\0';
    return duet_parse_double(text, out);
}
