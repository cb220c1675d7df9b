/*
 * The scanner against a table of texts, whose verdicts are those of RFC 8259, and against jansson on random texts and
 * on random damage to them: both must accept the same ones and read the same values.
 */
#include "net/json_scan.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/rng.h"
#include "base/text.h"
#include "support/suite.h"

static bool scan_all(const char *text, size_t size) {
    struct duet_json_scan scan;
    bool begun = duet_json_begin(&scan, text, size);
    while (begun && duet_json_next(&scan)) {
    }
    ck_assert(scan.at >= text && scan.at <= text + size);
    return begun && scan.error == NULL;
}

START_TEST(accepts_what_is_json) {
    static const char *const texts[] = {"{}", "[]", " \t\r\n{ } \n", "[1]", "[1,2]", "[[],{}]", "{\"a\":1}",
        "{\"a\":{\"b\":[1,[2,{\"c\":null}]]},\"d\":true}", "[true,false,null]", "{\"\":\"\"}",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\u0041\\u00e9\\u20ac\"]", "[\"\\ud83d\\ude00\"]",
        "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]", "[\"\x7f\"]",
        "[0,-0,1.5,-1.5e10,1E+2,1e-2,0.1,10,123456789012345678901234567890]", "{\"a\":1,\"a\":2}", "[\"\xed\x9f\xbf\"]",
        "[\"\xf4\x8f\xbf\xbf\"]", "[\"\\u0000\"]"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ck_assert_msg(scan_all(texts[i], strlen(texts[i])), "%s", texts[i]);
        for (size_t cut = 0; cut < strlen(texts[i]); cut++) { // a beginning of it is none, but for blanks at its end
            size_t rest = strspn(texts[i] + cut, " \t\r\n");
            ck_assert_msg(scan_all(texts[i], cut) == (texts[i][cut + rest] == '\0'), "%zu of %s", cut, texts[i]);
        }
    }
}
END_TEST

START_TEST(refuses_what_is_not) {
    static const char *const texts[] = {"", " ", "1", "\"a\"", "null", "{", "[", "}", "]", "{]", "[}", "[1}",
        "{\"a\":1]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{,\"a\":1}",
        "{a:1}", "{1:1}", "{'a':1}", "['a']", "[tru]", "[True]", "[nul]", "[NaN]", "[Infinity]", "[-]", "[+1]", "[01]",
        "[-01]", "[1.]", "[.5]", "[1e]", "[1e+]", "[1.e1]", "[0x1]", "[1_0]", "[--1]", "[1.2.3]", "[\"a]", "[\"\t\"]",
        "[\"\n\"]", "[\"\\x41\"]", "[\"\\u12\"]", "[\"\\u12g4\"]", "[\"\\ud800\"]", "[\"\\ud800\\u0041\"]",
        "[\"\\udc00\"]", "[\"\\\"]", "[\"\x80\"]", "[\"\xc3\"]", "[\"\xc0\xaf\"]", "[\"\xed\xa0\x80\"]",
        "[\"\xf5\x80\x80\x80\"]", "[\"\xe0\x80\xaf\"]", "[\"\xf4\x90\x80\x80\"]", "[\"\xf0\x8f\xbf\xbf\"]", "[1]x",
        "[1][2]", "{}{}", "[1] // no", "/**/[1]", "[1\v]", "[1\xc2\xa0]", "\xef\xbb\xbf[1]", "[\"\\U0041\"]",
        "{\"a\":1 \"b\":2}", "{\"a\"::1}"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ck_assert_msg(!scan_all(texts[i], strlen(texts[i])), "%s", texts[i]);
    }
    ck_assert(!scan_all("[1]\0", 4));
    ck_assert(!scan_all("[\"\0\"]", 5));
}
END_TEST

START_TEST(says_what_is_wrong_and_where) {
    static const struct {
        const char *text;
        size_t at;
        const char *error;
    } cases[] = {
        {"[1,tru]", 3, "not a value"},
        {"{\"a\":1 \"b\":2}", 7, "no comma between members"},
        {"{\"a\" 1}", 5, "no colon after a name"},
        {"[\"abc\\x\"]", 5, "a bad escape"},
        {"{\"a\":[1,{\"b\":[}", 14, "not a value"},
        {"[1] 2", 4, "text after the end"},
        {"[1", 2, "the text ends early"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct duet_json_scan scan;
        ck_assert(duet_json_begin(&scan, cases[i].text, strlen(cases[i].text)));
        while (duet_json_next(&scan)) {
        }
        ck_assert_str_eq(scan.error, cases[i].error);
        ck_assert_uint_eq((size_t)(scan.at - cases[i].text), cases[i].at);
        ck_assert(!duet_json_next(&scan)); // it stays wrong
    }
}
END_TEST

START_TEST(limits_the_depth) {
    char text[128];
    for (int depth = 1; depth <= 40; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        ck_assert_int_eq(scan_all(text, (size_t)depth * 2), depth <= 32);
    }
}
END_TEST

static struct duet_json_slice slice_of(const char *array) {
    struct duet_json_scan scan;
    ck_assert(duet_json_begin(&scan, array, strlen(array)));
    ck_assert_msg(duet_json_next(&scan), "%s", array);
    return scan.value;
}

START_TEST(walks_members_in_any_order_and_into_containers) {
    const char *text = "{ \"type\" : \"bar\", \"v\":[10, {\"x\":-1}], \"last\":true }";
    struct duet_json_scan scan, inner;
    ck_assert(duet_json_begin(&scan, text, strlen(text)));
    ck_assert(duet_json_next(&scan));
    ck_assert(duet_json_is(&scan.key, "type"));
    ck_assert(!duet_json_is(&scan.key, "typ") && !duet_json_is(&scan.key, "types"));
    ck_assert(duet_json_is(&scan.value, "bar"));
    ck_assert(duet_json_next(&scan));
    ck_assert_int_eq(scan.value.kind, DUET_JSON_ARRAY);
    ck_assert_int_eq(memcmp(scan.value.text, "[10, {\"x\":-1}]", scan.value.size), 0);
    ck_assert(duet_json_begin(&inner, scan.value.text, scan.value.size));
    ck_assert(duet_json_next(&inner));
    ck_assert_int_eq(inner.value.kind, DUET_JSON_NUMBER);
    ck_assert(duet_json_next(&inner));
    ck_assert_int_eq(inner.value.kind, DUET_JSON_OBJECT);
    ck_assert(!duet_json_next(&inner) && inner.error == NULL);
    ck_assert(duet_json_next(&scan));
    ck_assert_int_eq(scan.value.kind, DUET_JSON_TRUE);
    ck_assert(!duet_json_is(&scan.value, "true"));
    ck_assert(!duet_json_next(&scan) && scan.error == NULL);
    ck_assert(!duet_json_next(&scan) && scan.error == NULL);
}
END_TEST

START_TEST(reads_integers_exactly) {
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"[0]", true, 0},
        {"[-0]", true, 0},
        {"[9223372036854775807]", true, INT64_MAX},
        {"[-9223372036854775808]", true, INT64_MIN},
        {"[9223372036854775808]", false, 0},
        {"[-9223372036854775809]", false, 0},
        {"[18446744073709551616]", false, 0},
        {"[1e18]", true, INT64_C(1000000000000000000)},
        {"[1e19]", false, 0},
        {"[1.0]", true, 1},
        {"[12.50e1]", true, 125},
        {"[1200e-2]", true, 12},
        {"[1.5]", false, 0},
        {"[1e-1]", false, 0},
        {"[0e99999999999999999999]", true, 0},
        {"[1e99999999999999999999]", false, 0},
        {"[1.00000000000000000000000000000]", true, 1},
        {"[100000000000000000000000000000e-29]", true, 1},
        {"[\"42\"]", true, 42},
        {"[\"\"]", false, 0},
        {"[\"4 2\"]", false, 0},
        {"[\" 42\"]", false, 0},
        {"[\"+42\"]", false, 0},
        {"[\"042\"]", false, 0},
        {"[\"\\u0034\"]", false, 0},
        {"[true]", false, 0},
        {"[null]", false, 0},
        {"[[1]]", false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct duet_json_slice slice = slice_of(cases[i].text);
        int64_t value = 7;
        ck_assert_msg(duet_json_int64(&slice, &value) == cases[i].good, "%s", cases[i].text);
        ck_assert_msg(value == (cases[i].good ? cases[i].value : 7), "%s gave %" PRId64, cases[i].text, value);
    }
}
END_TEST

START_TEST(scales_decimals_without_rounding) {
    static const struct {
        const char *text;
        unsigned decimals;
        bool good;
        int64_t value;
    } cases[] = {
        {"[1.25]", 2, true, 125},
        {"[1.25]", 1, false, 0},
        {"[1.250]", 2, true, 125},
        {"[\"0.00000001\"]", 8, true, 1},
        {"[-0.1]", 8, true, -10000000},
        {"[92233720368.54775807]", 8, true, INT64_MAX},
        {"[92233720368.54775808]", 8, false, 0},
        {"[-92233720368.54775808]", 8, true, INT64_MIN},
        {"[1.5e-3]", 4, true, 15},
        {"[2.5E3]", 2, true, 250000},
        {"[0.0000000000000000000000000001]", 18, false, 0},
        {"[1e18]", 1, false, 0},
        {"[5]", 18, true, INT64_C(5000000000000000000)},
        {"[5]", 19, false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct duet_json_slice slice = slice_of(cases[i].text);
        int64_t value = 7;
        ck_assert_msg(duet_json_scaled(&slice, cases[i].decimals, &value) == cases[i].good, "%s", cases[i].text);
        ck_assert_msg(value == (cases[i].good ? cases[i].value : 7), "%s gave %" PRId64, cases[i].text, value);
    }
}
END_TEST

START_TEST(reads_doubles_as_strtod_does) {
    static const char *const texts[] = {"0", "-0", "0.1", "1e22", "1e23", "123456789012345678", "9007199254740993",
        "0.30000000000000004", "5e-324", "2.2250738585072011e-308", "1.7976931348623157e308", "4.35", "1e-22", "100.25",
        "8.5e-23"};
    double value;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char text[64];
        snprintf(text, sizeof(text), "[%s]", texts[i]);
        struct duet_json_slice slice = slice_of(text);
        double expected = strtod(texts[i], NULL);
        ck_assert(duet_json_real(&slice, &value));
        ck_assert_msg(memcmp(&value, &expected, sizeof(value)) == 0, "%s gave %.17g", texts[i], value);
    }
    struct duet_json_slice huge = slice_of("[1e999]"), word = slice_of("[\"x\"]"), text = slice_of("[\"1.5\"]");
    ck_assert(!duet_json_real(&huge, &value));
    ck_assert(!duet_json_real(&word, &value));
    ck_assert(duet_json_real(&text, &value) && value == 1.5);
}
END_TEST

START_TEST(unescapes_and_cuts_between_characters) {
    static const struct {
        const char *text;
        size_t size;
        bool good;
        const char *out;
    } cases[] = {
        {"[\"plain\"]", 16, true, "plain"},
        {"[\"plain\"]", 6, true, "plain"},
        {"[\"plain\"]", 5, true, "plai"},
        {"[\"plain\"]", 1, true, ""},
        {"[\"a\\n\\\"\\u0041\\/\"]", 16, true, "a\n\"A/"},
        {"[\"\\u20ac\\ud83d\\ude00\"]", 16, true, "\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"[\"\\u20ac\\ud83d\\ude00\"]", 7, true, "\xe2\x82\xac"},
        {"[\"a\xc3\xa9z\"]", 3, true, "a"},
        {"[\"a\\u0000b\"]", 16, false, ""},
        {"[1]", 16, false, "untouched"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[16] = "untouched";
        struct duet_json_slice slice = slice_of(cases[i].text);
        ck_assert_msg(duet_json_copy(&slice, out, cases[i].size) == cases[i].good, "%s", cases[i].text);
        ck_assert_str_eq(out, cases[i].out);
    }
    struct duet_json_slice escaped = slice_of("[\"t\\u0079pe\\ud83d\\ude00\"]");
    ck_assert(duet_json_is(&escaped, "type\xf0\x9f\x98\x80"));
    ck_assert(!duet_json_is(&escaped, "type") && !duet_json_is(&escaped, "type\xf0\x9f\x98\x80x"));
}
END_TEST

/* ---- against jansson ---- */

static struct duet_rng rng;
static uint64_t below(uint64_t limit) {
    return duet_rng_below(&rng, limit);
}
static void add(struct duet_text *text, const char *part) {
    duet_text_append(text, part, strlen(part));
}

static void add_string(struct duet_text *text) {
    static const char *const parts[] = {"a", "Zz", "0", " ", "\\n", "\\\"", "\\\\", "\\u0041", "\\u00e9",
        "\\ud83d\\ude00", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\x7f", "/", "\\/",
        "long plain text of some length"};
    add(text, "\"");
    for (uint64_t count = below(5); count > 0; count--) {
        add(text, parts[below(sizeof(parts) / sizeof(parts[0]))]);
    }
    add(text, "\"");
}

static void add_number(struct duet_text *text) {
    int64_t whole = (int64_t)duet_rng_next(&rng) >> below(64);
    switch (below(4)) {
    case 0:
        duet_text_print(text, "%" PRId64, whole);
        return;
    case 1:
        duet_text_print(text, "%" PRId64 ".%06" PRIu64, whole % 1000000, below(1000000));
        return;
    case 2:
        duet_text_print(text, "%.17g", ldexp((double)whole, (int)below(200) - 100));
        return;
    default:
        duet_text_print(text, "%" PRIu64 "E%+d", below(1000), (int)below(40) - 20);
    }
}

static void add_blank(struct duet_text *text) {
    static const char *const blanks[] = {"", "", "", " ", "\n", "\t ", "\r\n"};
    add(text, blanks[below(sizeof(blanks) / sizeof(blanks[0]))]);
}

static void add_value(struct duet_text *text, unsigned depth);

static void add_container(struct duet_text *text, unsigned depth, bool object) {
    add(text, object ? "{" : "[");
    for (uint64_t i = 0, count = below(5); i < count; i++) {
        add(text, i > 0 ? "," : "");
        add_blank(text);
        if (object) {
            add_string(text);
            add_blank(text);
            add(text, ":");
        }
        add_value(text, depth + 1);
    }
    add_blank(text);
    add(text, object ? "}" : "]");
}

static void add_value(struct duet_text *text, unsigned depth) {
    static const char *const words[] = {"true", "false", "null"};
    add_blank(text);
    switch (below(depth < 6 ? 6 : 4)) {
    case 0:
        add(text, words[below(3)]);
        break;
    case 1:
        add_string(text);
        break;
    case 2:
    case 3:
        add_number(text);
        break;
    default:
        add_container(text, depth, below(2) == 0);
    }
    add_blank(text);
}

static void compare(const struct duet_json_slice *slice, const json_t *other);

static void compare_container(const struct duet_json_slice *slice, const json_t *other) {
    struct duet_json_scan scan;
    size_t count = 0;
    bool object = slice->kind == DUET_JSON_OBJECT;
    ck_assert(object ? json_is_object(other) : json_is_array(other));
    ck_assert(duet_json_begin(&scan, slice->text, slice->size));
    while (duet_json_next(&scan)) {
        count++;
    }
    ck_assert_ptr_null(scan.error);
    if (object ? count != json_object_size(other) : false) {
        return; // a name came twice; jansson keeps the last
    }
    ck_assert(object || count == json_array_size(other));
    ck_assert(duet_json_begin(&scan, slice->text, slice->size));
    for (size_t i = 0; duet_json_next(&scan); i++) {
        char key[512];
        if (object) {
            ck_assert(duet_json_copy(&scan.key, key, sizeof(key)));
            ck_assert(duet_json_is(&scan.key, key));
        }
        compare(&scan.value, object ? json_object_get(other, key) : json_array_get(other, i));
    }
}

static void compare(const struct duet_json_slice *slice, const json_t *other) {
    char text[512];
    int64_t integer;
    double real;
    ck_assert_ptr_nonnull(other);
    switch (slice->kind) {
    case DUET_JSON_STRING:
        ck_assert(duet_json_copy(slice, text, sizeof(text)));
        ck_assert_str_eq(text, json_string_value(other));
        return;
    case DUET_JSON_NUMBER:
        ck_assert(duet_json_real(slice, &real));
        ck_assert(real == json_number_value(other));
        if (json_is_integer(other)) {
            ck_assert(duet_json_int64(slice, &integer));
            ck_assert_int_eq(integer, json_integer_value(other));
        }
        return;
    case DUET_JSON_TRUE:
        ck_assert(json_is_true(other));
        return;
    case DUET_JSON_FALSE:
        ck_assert(json_is_false(other));
        return;
    case DUET_JSON_NULL:
        ck_assert(json_is_null(other));
        return;
    default:
        compare_container(slice, other);
    }
}

static size_t accepted, refused;

static void compare_text(const char *text, size_t size) {
    json_error_t error;
    json_t *other = json_loadb(text, size, 0, &error);
    bool good = scan_all(text, size);
    if (json_error_code(&error) == json_error_numeric_overflow ||
        json_error_code(&error) == json_error_null_character ||
        json_error_code(&error) == json_error_null_byte_in_key) {
        json_decref(other);
        return; // JSON all the same, but jansson has no room for it
    }
    ck_assert_msg(good == (other != NULL), "%.*s: jansson says %s", (int)size, text, error.text);
    accepted += good;
    refused += !good;
    if (good) {
        struct duet_json_slice whole = {.text = text, .size = (uint32_t)size, .kind = DUET_JSON_ARRAY};
        whole.kind = json_is_object(other) ? DUET_JSON_OBJECT : DUET_JSON_ARRAY;
        compare_container(&whole, other);
    }
    json_decref(other);
}

START_TEST(agrees_with_jansson_on_random_texts_and_damage_to_them) {
    static const char damage[] = "{}[]\",:\\u0123456789.eE+-tfn \n\x80\xc3";
    duet_rng_seed(&rng, 8259);
    for (int round = 0; round < 3000; round++) {
        struct duet_text text = {0};
        add_container(&text, 0, below(2) == 0);
        compare_text(text.text, text.length);
        for (int i = 0; i < 5; i++) {
            text.text[below(text.length)] = damage[below(sizeof(damage) - 1)];
            compare_text(text.text, text.length);
        }
        compare_text(text.text, below(text.length));
        duet_text_finish(&text);
    }
    ck_assert_uint_ge(accepted, 3000);
    ck_assert_uint_ge(refused, 3000);
}
END_TEST

DUET_TEST_MAIN("json_scan", NULL, accepts_what_is_json, refuses_what_is_not, says_what_is_wrong_and_where,
    limits_the_depth, walks_members_in_any_order_and_into_containers, reads_integers_exactly,
    scales_decimals_without_rounding, reads_doubles_as_strtod_does, unescapes_and_cuts_between_characters,
    agrees_with_jansson_on_random_texts_and_damage_to_them)
