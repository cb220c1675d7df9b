#include "data/inspect.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "support/suite.h"

#define HEADER "time,open,high,low,close,volume\n"

static char folder[] = "/tmp/duet-inspect-XXXXXX";
static char good[64], bad[64], missing[64];
static const struct duet_series_options in_memory = {.no_cache = true};
static char *output;
static size_t output_size;

static void remove_all(void) {
    (void)unlink(good);
    (void)unlink(bad);
    (void)rmdir(folder);
}

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void with_a_good_a_bad_and_a_missing_file(void) {
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(good, sizeof(good), "%s/ABC.csv", folder);
    snprintf(bad, sizeof(bad), "%s/BAD.csv", folder);
    snprintf(missing, sizeof(missing), "%s/none.csv", folder);
    ck_assert_int_eq(atexit(remove_all), 0);
    // A gap of one minute after the second row, the last two rows change places, one high is too low.
    write_text(good, HEADER "2024-01-02 09:30:00,10.25,10.5,10,10.5,100\n2024-01-02 09:31:00,10.5,10.4,10.25,10.5,100\n"
                            "2024-01-02 09:33:00,10.5,11,10.25,10.75,100\n2024-01-02 09:35:00,10.5,12,10.25,12,100\n"
                            "2024-01-02 09:34:00,10.5,11,10.25,11,100\n");
    write_text(
        bad, HEADER "2024-01-02 09:30:00,1,1,1,1,1\n2024-01-02 09:31:00,1,1,1,oops,1\n2024-01-02 09:32:00,1,1,1,1,1\n");
}

static enum duet_status inspect(const char *const *paths, size_t count, bool json, bool unicode) {
    struct duet_inspect_options options = {.json = json, .unicode = unicode, .series = &in_memory};
    FILE *out = open_memstream(&output, &output_size);
    enum duet_status status = duet_inspect(paths, count, &options, out);
    ck_assert_int_eq(fclose(out), 0);
    return status;
}

static json_int_t number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_integer(value), "%s is a whole number", key);
    return json_integer_value(value);
}

static void expect_text(const json_t *object, const char *key, const char *expected) {
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_string(value), "%s is a text", key);
    ck_assert_str_eq(json_string_value(value), expected);
}

START_TEST(one_entry_per_path_and_a_refused_one_stops_nobody) {
    const char *const paths[] = {bad, missing, good};
    ck_assert_int_eq(inspect(paths, 3, true, false), DUET_EDATA);
    json_t *root = json_loads(output, 0, NULL);
    ck_assert_int_eq(number(root, "schema"), 1);
    const json_t *files = json_object_get(root, "files");
    ck_assert_uint_eq(json_array_size(files), 3);

    const json_t *file = json_array_get(files, 0), *error = json_object_get(file, "error");
    expect_text(file, "path", bad);
    ck_assert_int_eq(number(error, "line"), 3);
    expect_text(error, "column", "close");
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(error, "reason")), "oops"));

    file = json_array_get(files, 1);
    expect_text(file, "path", missing);
    expect_text(file, "kind", "other");
    ck_assert(json_is_null(json_object_get(json_object_get(file, "error"), "line")));

    file = json_array_get(files, 2);
    expect_text(file, "path", good);
    expect_text(file, "kind", "bars");
    expect_text(file, "symbol", "ABC");
    expect_text(file, "columns", "time,open,high,low,close,volume");
    expect_text(file, "first", "2024-01-02T09:30:00");
    expect_text(file, "last", "2024-01-02T09:35:00");
    expect_text(file, "tz", "UTC");
    expect_text(file, "stamp", "open");
    ck_assert_int_eq(number(file, "rows"), 5);
    ck_assert_int_eq(number(file, "skipped"), 0);
    ck_assert_int_eq(number(file, "interval_s"), 60);
    ck_assert_int_eq(number(file, "decimals"), 2);
    ck_assert_int_eq(number(file, "gaps"), 1);
    ck_assert_int_eq(number(file, "duplicates"), 0);
    ck_assert_int_eq(number(file, "out_of_order"), 1);
    ck_assert_int_eq(number(file, "ohlc_violations"), 1);
    ck_assert_uint_eq(json_array_size(json_object_get(file, "warnings")), 3);
    const json_t *warning = json_array_get(json_object_get(file, "warnings"), 0);
    expect_text(warning, "code", "ohlc_violation");
    ck_assert_int_eq(number(warning, "count"), 1);
    ck_assert_int_eq(number(warning, "first"), 3);
    ck_assert_ptr_null(json_object_get(file, "error"));
    json_decref(root);
    free(output);
}
END_TEST

START_TEST(people_see_a_table_with_a_picture_and_first_lines) {
    const char *const paths[] = {good, bad};
    ck_assert_int_eq(inspect(paths, 2, false, true), DUET_EDATA);
    ck_assert_ptr_nonnull(strstr(output, "ABC"));
    ck_assert_ptr_nonnull(strstr(output, "bars of 1m"));
    ck_assert_ptr_nonnull(strstr(output, "ohlc_violation (1)"));
    ck_assert_ptr_nonnull(strstr(output, "first on line 3"));
    ck_assert_ptr_nonnull(strstr(output, "away;\n            first after 2024-01-02 09:31:00 UTC"));
    ck_assert_ptr_nonnull(strstr(output, "UTC assumed"));
    // Closes 10.50, 10.50, 10.75, 11, 12: of eight heights the 1st, 1st, 2nd, 3rd and 8th.
    ck_assert_ptr_nonnull(strstr(output, "\u2581\u2581\u2582\u2583\u2588  10.50 to 12.00, 12.00 last"));
    ck_assert_ptr_nonnull(strstr(output, "refused   line 3: column \"close\": "));
    free(output);
}
END_TEST

START_TEST(plain_terminals_get_plain_letters) {
    const char *const paths[] = {good};
    ck_assert_int_eq(inspect(paths, 1, false, false), DUET_OK);
    for (size_t i = 0; i < output_size; i++) {
        ck_assert_int_lt((unsigned char)output[i], 0x80);
    }
    ck_assert_ptr_nonnull(strstr(output, "__.-#  10.50 to 12.00"));
    free(output);
}
END_TEST

START_TEST(takes_the_form_with_symbol_and_keys) {
    char spec[128];
    snprintf(spec, sizeof(spec), "XYZ=%s,tz=America/New_York,stamp=close", good);
    const char *const paths[] = {spec};
    ck_assert_int_eq(inspect(paths, 1, true, false), DUET_OK);
    json_t *root = json_loads(output, 0, NULL);
    const json_t *file = json_array_get(json_object_get(root, "files"), 0);
    expect_text(file, "symbol", "XYZ");
    expect_text(file, "tz", "America/New_York");
    expect_text(file, "stamp", "close");
    expect_text(file, "first", "2024-01-02T09:30:00");
    json_decref(root);
    free(output);
    const char *const wrong[] = {"XYZ=file.csv,tzz=UTC"};
    ck_assert_int_eq(inspect(wrong, 1, true, false), DUET_EINVAL);
    ck_assert_uint_eq(output_size, 0);
    free(output);
}
END_TEST

static const json_t *only_file(json_t **root) {
    *root = json_loads(output, 0, NULL);
    ck_assert_ptr_nonnull(*root);
    free(output);
    return json_array_get(json_object_get(*root, "files"), 0);
}

START_TEST(trades_quotes_and_books_are_counted_and_no_error) {
    static const struct {
        const char *text, *kind, *columns, *first, *last;
        json_int_t rows, decimals, out_of_order;
    } files[] = {
        {"timestamp,bid,ask\n2024-01-02T09:30:00.250+00:00,1.5,1.625\n2024-01-02T09:30:00.125+00:00,1.5,1.75\n\n"
         "2024-01-02T09:31:00+00:00,,1.7\n",
            "quotes", "time,bid,ask", "2024-01-02T09:30:00.125+00:00", "2024-01-02T09:31:00+00:00", 3, 3, 1},
        {"timestamp,side,price,amount\n1704187800000,buy,10.25,3\n1704187801500,sell,10.5,1\n", "trades",
            "time,side,price,quantity", "2024-01-02T09:30:00", "2024-01-02T09:30:01.5", 2, 2, 0},
        {"timestamp,update_type,side,price,amount\n1704187800000,set,buy,10.25,3\n1704187800000,set,sell,10.5,1\n",
            "book", "time,-,side,price,quantity", "2024-01-02T09:30:00", "2024-01-02T09:30:00", 2, 2, 0},
    };
    const char *const paths[] = {good};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        json_t *root;
        write_text(good, files[i].text);
        ck_assert_int_eq(inspect(paths, 1, true, false), DUET_OK);
        const json_t *file = only_file(&root);
        expect_text(file, "kind", files[i].kind);
        expect_text(file, "columns", files[i].columns);
        expect_text(file, "first", files[i].first);
        expect_text(file, "last", files[i].last);
        expect_text(file, "tz", "UTC");
        ck_assert_int_eq(number(file, "rows"), files[i].rows);
        ck_assert_int_eq(number(file, "decimals"), files[i].decimals);
        ck_assert_int_eq(number(file, "out_of_order"), files[i].out_of_order);
        ck_assert_ptr_null(json_object_get(file, "error"));
        json_decref(root);
    }
}
END_TEST

START_TEST(a_bad_row_among_trades_is_refused_with_its_line) {
    json_t *root;
    const char *const paths[] = {good};
    write_text(good, "timestamp,side,price,amount\n1704187800000,buy,10.25,3\n1704187801500,sell,1o.5,1\n");
    ck_assert_int_eq(inspect(paths, 1, true, false), DUET_EDATA);
    const json_t *error = json_object_get(only_file(&root), "error");
    ck_assert_int_eq(number(error, "line"), 3);
    expect_text(error, "column", "price");
    json_decref(root);
    write_text(good, "timestamp,side,price,amount\n1704187800000,buy,10.25,3\n17041878x1500,sell,10.5,1\n");
    ck_assert_int_eq(inspect(paths, 1, true, false), DUET_EDATA);
    error = json_object_get(only_file(&root), "error");
    ck_assert_int_eq(number(error, "line"), 3);
    expect_text(error, "column", "timestamp");
    json_decref(root);
}
END_TEST

START_TEST(a_name_that_is_no_utf8_is_still_json) {
    char odd[80];
    snprintf(odd, sizeof(odd), "%s/caf\xe9.csv", folder);
    const char *const paths[] = {odd};
    ck_assert_int_eq(inspect(paths, 1, true, false), DUET_EDATA);
    json_t *root = json_loads(output, 0, NULL);
    ck_assert_ptr_nonnull(root);
    json_decref(root);
    free(output);
}
END_TEST

DUET_TEST_MAIN("inspect", with_a_good_a_bad_and_a_missing_file, one_entry_per_path_and_a_refused_one_stops_nobody,
    people_see_a_table_with_a_picture_and_first_lines, plain_terminals_get_plain_letters,
    takes_the_form_with_symbol_and_keys, trades_quotes_and_books_are_counted_and_no_error,
    a_bad_row_among_trades_is_refused_with_its_line, a_name_that_is_no_utf8_is_still_json)
