#include "net/token.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "support/folder.h"
#include "support/suite.h"

static void write_file(const char *path, const char *text, mode_t mode) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    ck_assert_int_eq(chmod(path, mode), 0);
}

START_TEST(makes_a_token_once_and_keeps_it_to_its_owner) {
    char first[DUET_TOKEN_MAX], again[DUET_TOKEN_MAX];
    struct stat info;
    const char *path = duet_test_path("token");
    ck_assert_int_eq(duet_token_open(path, first), DUET_OK);
    ck_assert_uint_eq(strlen(first), 64);
    ck_assert_uint_eq(strspn(first, "0123456789abcdef"), 64);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0600);
    ck_assert_int_eq(duet_token_open(path, again), DUET_OK);
    ck_assert_str_eq(first, again);
    ck_assert_int_eq(duet_token_make(again), DUET_OK);
    ck_assert_str_ne(first, again);
}
END_TEST

START_TEST(refuses_files_that_others_can_use) {
    char token[DUET_TOKEN_MAX] = "untouched";
    const char *path = duet_test_path("token");
    const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0666};
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        write_file(path, "0123456789abcdef\n", modes[i]);
        ck_assert_int_eq(duet_token_open(path, token), DUET_EINVAL);
        ck_assert_ptr_nonnull(strstr(duet_error_text(), "chmod 600"));
        ck_assert_ptr_null(strstr(duet_error_text(), "0123456789abcdef"));
    }
    ck_assert_str_eq(token, "untouched");
    write_file(path, "0123456789abcdef\n", 0600);
    ck_assert_int_eq(duet_token_open(path, token), DUET_OK);
    ck_assert_str_eq(token, "0123456789abcdef");
}
END_TEST

START_TEST(refuses_what_is_no_token) {
    char token[DUET_TOKEN_MAX], longest[DUET_TOKEN_MAX + 8];
    const char *path = duet_test_path("token");
    const char *const bad[] = {"", "\n", "short", "0123456789abcde", "0123456789 abcdef", "0123456789abcdef\nmore"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        write_file(path, bad[i], 0600);
        ck_assert_int_eq(duet_token_read(path, token), DUET_EINVAL);
    }
    memset(longest, 'x', sizeof(longest));
    longest[DUET_TOKEN_MAX - 1] = '\0';
    write_file(path, longest, 0600);
    ck_assert_int_eq(duet_token_read(path, token), DUET_OK);
    ck_assert_str_eq(token, longest);
    longest[DUET_TOKEN_MAX - 1] = 'x';
    longest[DUET_TOKEN_MAX] = '\0';
    write_file(path, longest, 0600);
    ck_assert_int_eq(duet_token_read(path, token), DUET_EINVAL);
}
END_TEST

START_TEST(reads_only_regular_files_of_its_own) {
    char token[DUET_TOKEN_MAX];
    ck_assert_int_eq(duet_token_read(duet_test_path("none"), token), DUET_ENOTFOUND);
    ck_assert_int_eq(duet_token_read(duet_test_folder, token), DUET_EINVAL);
    ck_assert_int_eq(mkfifo(duet_test_path("pipe"), 0600), 0);
    ck_assert_int_eq(duet_token_read(duet_test_path("pipe"), token), DUET_EINVAL);
    write_file(duet_test_path("real"), "0123456789abcdef\n", 0600);
    ck_assert_int_eq(symlink(duet_test_path("real"), duet_test_path("link")), 0);
    ck_assert_int_eq(duet_token_read(duet_test_path("link"), token), DUET_EINVAL);
    ck_assert_int_eq(duet_token_open(duet_test_path("no/folder"), token), DUET_EIO);
}
END_TEST

DUET_TEST_MAIN("token", duet_test_fresh_folder, makes_a_token_once_and_keeps_it_to_its_owner,
    refuses_files_that_others_can_use, refuses_what_is_no_token, reads_only_regular_files_of_its_own)
