#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"

char *duet_double_format(double value, char out[DUET_DOUBLE_TEXT_MAX]) {
    if (!isfinite(value)) {
        duet_text_copy(out, DUET_DOUBLE_TEXT_MAX, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
        return out;
    }
    // Every number of up to 15 significant digits comes back from %.15g, its zeros trimmed; some need one or two more.
    // Subnormal doubles hold fewer digits than that.
    char text[DUET_DOUBLE_TEXT_MAX] = "";
    for (int digits = isnormal(value) || value == 0 ? 15 : 1; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        size_t plain = strspn(text, "0123456789+-e.");
        if (text[plain] != '\0') {
            text[plain] = '.'; // another locale's decimal sign
        }
        double back;
        if (duet_parse_double(text, &back) && back == value) {
            break;
        }
    }
    memcpy(out, text, sizeof(text));
    return out;
}

/** Bytes of the UTF-8 sequence at `text`, 0 where it is none (overlong, surrogate, cut, above U+10FFFF). */
static size_t utf8_length(const unsigned char *text) {
    unsigned char lead = text[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    if ((lead == 0xE0 && text[1] < 0xA0) || (lead == 0xED && text[1] > 0x9F) || (lead == 0xF0 && text[1] < 0x90) ||
        (lead == 0xF4 && text[1] > 0x8F)) {
        return 0;
    }
    return length;
}

static void json_put_string(FILE *stream, const char *value) {
    putc('"', stream);
    for (const unsigned char *at = (const unsigned char *)value; *at != '\0';) {
        size_t length = utf8_length(at);
        if (length == 0) {
            fputs("\\ufffd", stream);
            at++;
        } else if (*at == '"' || *at == '\\') {
            putc('\\', stream);
            putc(*at++, stream);
        } else if (*at < 0x20 || *at == 0x7F) {
            fprintf(stream, "\\u%04x", *at++);
        } else {
            fwrite(at, 1, length, stream);
            at += length;
        }
    }
    putc('"', stream);
}

/** The comma and the name in front of a value. */
static void json_lead(struct duet_json *json, const char *name) {
    if (json->filled[json->depth]) {
        putc(',', json->stream);
    }
    json->filled[json->depth] = true;
    if (name != NULL) {
        json_put_string(json->stream, name);
        putc(':', json->stream);
    }
}

void duet_json_open(struct duet_json *json, const char *name, char bracket) {
    DUET_ASSERT(json->depth < DUET_JSON_DEPTH_MAX);
    json_lead(json, name);
    putc(bracket, json->stream);
    json->filled[++json->depth] = false;
}

void duet_json_close(struct duet_json *json, char bracket) {
    DUET_ASSERT(json->depth > 0);
    json->depth--;
    putc(bracket, json->stream);
}

void duet_json_string(struct duet_json *json, const char *name, const char *value) {
    json_lead(json, name);
    json_put_string(json->stream, value);
}

void duet_json_uint(struct duet_json *json, const char *name, uint64_t value) {
    json_lead(json, name);
    fprintf(json->stream, "%" PRIu64, value);
}

void duet_json_int(struct duet_json *json, const char *name, int64_t value) {
    json_lead(json, name);
    fprintf(json->stream, "%" PRId64, value);
}

void duet_json_bool(struct duet_json *json, const char *name, bool value) {
    duet_json_raw(json, name, value ? "true" : "false");
}

void duet_json_raw(struct duet_json *json, const char *name, const char *value) {
    json_lead(json, name);
    fputs(value, json->stream);
}

void duet_json_double(struct duet_json *json, const char *name, double value) {
    char text[DUET_DOUBLE_TEXT_MAX];
    json_lead(json, name);
    fputs(isfinite(value) ? duet_double_format(value, text) : "null", json->stream);
}

void duet_json_rounded(struct duet_json *json, const char *name, double value, unsigned places) {
    double unit = 1;
    for (unsigned i = 0; i < places; i++) {
        unit *= 10;
    }
    duet_json_double(json, name, round(value * unit) / unit);
}

void duet_json_null(struct duet_json *json, const char *name) {
    json_lead(json, name);
    fputs("null", json->stream);
}

static size_t digits_length(const char *text) {
    return strspn(text, "0123456789");
}

/** RFC 8259, section 6: no plus sign, no leading zero, digits on both sides of a point. */
static bool is_json_number(const char *text) {
    text += *text == '-';
    size_t whole = digits_length(text);
    if (whole == 0 || (whole > 1 && text[0] == '0')) {
        return false;
    }
    text += whole;
    if (*text == '.') {
        size_t fraction = digits_length(text + 1);
        if (fraction == 0) {
            return false;
        }
        text += 1 + fraction;
    }
    if (*text == 'e' || *text == 'E') {
        text += 1 + (text[1] == '+' || text[1] == '-');
        size_t exponent = digits_length(text);
        if (exponent == 0) {
            return false;
        }
        text += exponent;
    }
    return *text == '\0';
}

void duet_json_number_text(struct duet_json *json, const char *name, const char *value) {
    double number;
    if (is_json_number(value)) {
        json_lead(json, name);
        fputs(value, json->stream);
    } else if (duet_parse_double(value, &number)) {
        duet_json_double(json, name, number); // ".5", "+3"
    } else {
        duet_json_string(json, name, value);
    }
}
