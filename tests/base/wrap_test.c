/* Where lines for people break. */
#include "base/wrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

static void expect_line(const char *text, size_t columns, const char *line) {
    size_t bytes = duet_text_line(text, columns);
    ck_assert_msg(
        bytes == strlen(line) && memcmp(text, line, bytes) == 0, "\"%s\" ends at %zu, not \"%s\"", text, bytes, line);
}

START_TEST(a_line_that_fits_is_whole) {
    expect_line("one two", 7, "one two");
    expect_line("one two", 70, "one two");
    expect_line("", 10, "");
}
END_TEST

START_TEST(a_line_ends_at_a_blank_or_is_filled) {
    expect_line("one two three", 8, "one two");
    expect_line("one two three", 7, "one two");
    expect_line("unbreakable", 5, "unbre");
    expect_line("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4", 2, "\xc3\xa4\xc3\xb6");
    expect_line("one", 0, "o");
}
END_TEST

START_TEST(a_line_ends_with_a_clause_where_that_leaves_it_half_full) {
    expect_line("618 sent, 618 filled, 0 expired", 29, "618 sent, 618 filled,");
    expect_line("252 a year (weekdays with data)", 25, "252 a year (weekdays with");
    expect_line("5 times; and a very long rest follows", 30, "5 times; and a very long rest");
    expect_line("252 a year (weekdays with data)", 20, "252 a year");
}
END_TEST

START_TEST(columns_are_characters) {
    ck_assert_uint_eq(duet_text_columns("a\xe2\x96\x81z"), 3);
    ck_assert_uint_eq(duet_text_bytes("a\xe2\x96\x81z", 2), 4);
    ck_assert_uint_eq(duet_text_bytes("az", 5), 2);
}
END_TEST

static void expect_print(const char *head, size_t column, const char *text, const char *wanted) {
    char *printed = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&printed, &size);
    ck_assert_ptr_nonnull(out);
    duet_text_print_wrapped(out, head, column, text);
    (void)fclose(out);
    ck_assert_str_eq(printed, wanted);
    free(printed);
}

START_TEST(a_column_of_text_hangs_under_its_first_line) {
    expect_print("one", 5, "two", "one  two\n");
    expect_print("one", 5, "", "one\n");
    expect_print("", 2, "a\nb", "  a\n  b\n");
    expect_print("  name", 50, "up to the thirty columns that are left of the page",
        "  name                                            up to the thirty columns that\n"
        "                                                  are left of the page\n");
}
END_TEST

START_TEST(a_text_without_room_stands_below_its_head) {
    expect_print("  name            ", 70, "text", "  name\n      text\n");
    expect_print("a longer name", 4, "text", "a longer name\n    text\n");
}
END_TEST

DUET_TEST_MAIN("wrap", NULL, a_line_that_fits_is_whole, a_line_ends_at_a_blank_or_is_filled,
    a_line_ends_with_a_clause_where_that_leaves_it_half_full, columns_are_characters,
    a_column_of_text_hangs_under_its_first_line, a_text_without_room_stands_below_its_head)
