#include "base/text.h"

#include <string.h>

#include "support/suite.h"

START_TEST(a_text_grows_by_pieces_and_stays_terminated) {
    struct duet_text text = {0};
    duet_text_append(&text, "ab", 2);
    ck_assert_str_eq(text.text, "ab");
    duet_text_append(&text, NULL, 0);
    for (int i = 0; i < 100; i++) {
        duet_text_print(&text, "%02d,", i);
    }
    ck_assert_uint_eq(text.length, 302);
    ck_assert_uint_eq(strlen(text.text), 302);
    ck_assert(strncmp(text.text, "ab00,01,", 8) == 0);
    ck_assert_str_eq(text.text + 299, "99,");
    duet_text_finish(&text);
    ck_assert_ptr_null(text.text);
}
END_TEST

START_TEST(names_the_word_that_was_meant) {
    static const char *const names[] = {"sma_cross", "buy_hold", "momentum", "rsi", "target"};
    static const struct {
        const char *word, *nearest;
    } rows[] = {
        {"sma_cros", "sma_cross"},
        {"sma-cross", "sma_cross"},
        {"smacross", "sma_cross"},
        {"sam_cross", "sma_cross"}, // a swap counts once
        {"buyhld", "buy_hold"},
        {"momentmu", "momentum"},
        {"tarteg", "target"}, // two changes, less than half of six
        {"rsi", "rsi"},
        {"rsj", "rsi"},
        {"rji", "rsi"},
        {"xyz", NULL},
        {"ab", NULL},
        {"", NULL},
        {"completely_else", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *nearest = duet_nearest(rows[i].word, names, sizeof(names) / sizeof(names[0]));
        if (rows[i].nearest == NULL) {
            ck_assert_msg(nearest == NULL, "%s: %s", rows[i].word, nearest);
        } else {
            ck_assert_msg(nearest != NULL && strcmp(nearest, rows[i].nearest) == 0, "%s: %s", rows[i].word,
                nearest != NULL ? nearest : "nothing");
        }
    }
    char endless[1000];
    memset(endless, 'a', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    ck_assert_ptr_null(duet_nearest(endless, names, 5));
}
END_TEST

START_TEST(copying_cuts_terminates_and_zero_fills) {
    char out[6];
    memset(out, 'x', sizeof(out));
    duet_text_copy(out, sizeof(out), "ab");
    ck_assert_mem_eq(out, "ab\0\0\0\0", 6);
    duet_text_copy(out, sizeof(out), "abcdefgh");
    ck_assert_mem_eq(out, "abcde\0", 6);
    duet_text_copy(out, 1, "abc");
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(reads_whole_doubles_and_nothing_else) {
    double value = 7;
    ck_assert(duet_parse_double("0.1", &value) && value == 0.1);
    ck_assert(duet_parse_double("-1e3", &value) && value == -1000);
    ck_assert(duet_parse_double("+.5", &value) && value == 0.5);
    ck_assert(duet_parse_double("5.", &value) && value == 5);
    value = 7;
    static const char *const bad[] = {
        "", " 1", "1 ", "1,5", "0x10", "inf", "nan", "1e999", "1e", "-", ".", "1.2.3", "1_0"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(!duet_parse_double(bad[i], &value), "%s", bad[i]);
    }
    ck_assert(value == 7);
}
END_TEST

START_TEST(reads_whole_integers_up_to_both_ends) {
    int64_t value = 7;
    ck_assert(duet_parse_int64("9223372036854775807", &value) && value == INT64_MAX);
    ck_assert(duet_parse_int64("-9223372036854775808", &value) && value == INT64_MIN);
    ck_assert(duet_parse_int64("+12", &value) && value == 12);
    ck_assert(duet_parse_int64("-0", &value) && value == 0);
    value = 7;
    static const char *const bad[] = {"", "-", "+", "1.0", "1e3", " 1", "1 ", "0x1", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(!duet_parse_int64(bad[i], &value), "%s", bad[i]);
    }
    ck_assert_int_eq(value, 7);
}
END_TEST

START_TEST(allocations_are_zeroed_and_never_null) {
    unsigned char *bytes = duet_alloc(3, 5);
    for (int i = 0; i < 15; i++) {
        ck_assert_int_eq(bytes[i], 0);
    }
    bytes[14] = 9;
    bytes = duet_realloc(bytes, 1000, 10);
    ck_assert_int_eq(bytes[14], 9);
    free(bytes);
    void *nothing = duet_alloc(0, 8);
    ck_assert_ptr_nonnull(nothing);
    nothing = duet_realloc(nothing, 0, 8);
    ck_assert_ptr_nonnull(nothing);
    free(nothing);
    char *copy = duet_strdup("");
    ck_assert_str_eq(copy, "");
    free(copy);
}
END_TEST

DUET_TEST_MAIN("text", NULL, a_text_grows_by_pieces_and_stays_terminated, names_the_word_that_was_meant,
    copying_cuts_terminates_and_zero_fills, reads_whole_doubles_and_nothing_else, reads_whole_integers_up_to_both_ends,
    allocations_are_zeroed_and_never_null)
