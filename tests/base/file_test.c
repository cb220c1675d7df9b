/* Each test works in a fresh folder of its own; `entries()` counts what is left in it. */
#include "base/file.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "support/folder.h"
#include "support/suite.h"

static int entries(void) {
    int count = 0;
    DIR *stream = opendir(duet_test_folder);
    ck_assert_ptr_nonnull(stream);
    while (readdir(stream) != NULL) {
        count++;
    }
    closedir(stream);
    return count - 2; // "." and ".."
}

static void expect_content(const char *path, const char *wanted) {
    char *bytes = NULL;
    size_t size = 0;
    ck_assert_int_eq(duet_file_read(path, 1 << 20, &bytes, &size), DUET_OK);
    ck_assert_uint_eq(size, strlen(wanted));
    ck_assert_str_eq(bytes, wanted);
    free(bytes);
}

static void write_file(const char *path, const char *content) {
    struct duet_output output;
    ck_assert_int_eq(duet_output_open(&output, path), DUET_OK);
    fputs(content, output.stream);
    ck_assert_int_eq(duet_output_commit(&output), DUET_OK);
}

START_TEST(a_file_appears_whole_at_commit_and_not_before) {
    struct duet_output output;
    ck_assert_int_eq(duet_output_open(&output, duet_test_path("a.csv")), DUET_OK);
    fputs("hello", output.stream);
    fflush(output.stream);
    ck_assert_int_ne(access(duet_test_path("a.csv"), F_OK), 0);
    ck_assert_int_eq(duet_output_commit(&output), DUET_OK);
    expect_content(duet_test_path("a.csv"), "hello");
    ck_assert_int_eq(entries(), 1);
    duet_output_abandon(&output);
}
END_TEST

START_TEST(abandoning_leaves_the_old_file_and_nothing_else) {
    write_file(duet_test_path("a.csv"), "old");
    struct duet_output output;
    ck_assert_int_eq(duet_output_open(&output, duet_test_path("a.csv")), DUET_OK);
    fputs("new", output.stream);
    ck_assert_int_eq(entries(), 2);
    duet_output_abandon(&output);
    duet_output_abandon(&output);
    ck_assert_int_eq(entries(), 1);
    expect_content(duet_test_path("a.csv"), "old");
    struct duet_output zeroed = {0};
    duet_output_abandon(&zeroed);
}
END_TEST

START_TEST(a_failed_rename_leaves_nothing_behind) {
    struct duet_output output;
    ck_assert_int_eq(duet_output_open(&output, duet_test_path("a.csv")), DUET_OK);
    fputs("new", output.stream);
    // A folder that took the name meanwhile cannot be replaced by a file.
    ck_assert_int_eq(mkdir(duet_test_path("a.csv"), 0777), 0);
    ck_assert_int_eq(duet_output_commit(&output), DUET_EIO);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "a.csv: cannot be written: "));
    ck_assert_int_eq(entries(), 1);
}
END_TEST

START_TEST(a_full_disk_is_told_at_commit) {
    if (access("/dev/full", W_OK) != 0) {
        return; // not on this system
    }
    struct duet_output output;
    ck_assert_int_eq(duet_output_open(&output, "/dev/full"), DUET_OK);
    fputs("new", output.stream);
    ck_assert_int_eq(duet_output_commit(&output), DUET_EIO);
    ck_assert_str_eq(duet_error_text(), "/dev/full: cannot be written: No space left on device");
}
END_TEST

START_TEST(devices_are_written_and_not_replaced) {
    write_file("/dev/null", "gone");
    struct stat info;
    ck_assert_int_eq(stat("/dev/null", &info), 0);
    ck_assert(S_ISCHR(info.st_mode));
}
END_TEST

START_TEST(a_link_stays_and_its_file_is_replaced) {
    write_file(duet_test_path("real"), "old");
    ck_assert_int_eq(chmod(duet_test_path("real"), 0640), 0);
    ck_assert_int_eq(symlink("real", duet_test_path("link")), 0);
    write_file(duet_test_path("link"), "new");
    struct stat info;
    ck_assert_int_eq(lstat(duet_test_path("link"), &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    expect_content(duet_test_path("real"), "new");
    ck_assert_int_eq(stat(duet_test_path("real"), &info), 0);
    ck_assert_int_eq(info.st_mode & 07777, 0640);
    ck_assert_int_eq(entries(), 2);
}
END_TEST

START_TEST(says_which_folder_is_missing) {
    struct duet_output output;
    char wanted[PATH_MAX];
    ck_assert_int_eq(duet_output_open(&output, duet_test_path("no/a.csv")), DUET_EIO);
    snprintf(wanted, sizeof(wanted), "%s/no/a.csv: there is no folder \"%s/no\"; create it first", duet_test_folder,
        duet_test_folder);
    ck_assert_str_eq(duet_error_text(), wanted);
    ck_assert_ptr_null(output.stream);
    duet_output_abandon(&output);
}
END_TEST

START_TEST(says_that_a_folder_is_unwritable) {
    ck_assert_int_eq(chmod(duet_test_folder, 0555), 0);
    uid_t user = geteuid();
    if (user == 0) {
        ck_assert_int_eq(seteuid(65534), 0); // root may write everywhere
    }
    struct duet_output output;
    ck_assert_int_eq(duet_output_open(&output, duet_test_path("a.csv")), DUET_EIO);
    ck_assert_int_eq(seteuid(user), 0);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "no permission to write in folder"));
}
END_TEST

START_TEST(says_that_no_file_can_be_made_below_a_file) {
    write_file(duet_test_path("a"), "x");
    struct duet_output output;
    ck_assert_int_eq(duet_output_open(&output, duet_test_path("a/b")), DUET_EIO);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "Not a directory"));
    ck_assert_int_eq(duet_output_open(&output, duet_test_folder), DUET_EIO);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "is a folder; name a file"));
}
END_TEST

START_TEST(makes_folders_with_their_parents_and_again) {
    ck_assert_int_eq(duet_make_folders(duet_test_path("a/b/c")), DUET_OK);
    ck_assert_int_eq(duet_make_folders(duet_test_path("a/b/c/")), DUET_OK);
    ck_assert_int_eq(duet_make_folders(duet_test_path("a//d")), DUET_OK);
    ck_assert_int_eq(access(duet_test_path("a/b/c"), F_OK), 0);
    ck_assert_int_eq(access(duet_test_path("a/d"), F_OK), 0);
    ck_assert_int_eq(duet_make_folders("/"), DUET_OK);
    ck_assert_int_eq(duet_make_folders("."), DUET_OK);
    ck_assert_int_eq(duet_make_folders(""), DUET_EINVAL);
    write_file(duet_test_path("f"), "x");
    ck_assert_int_eq(duet_make_folders(duet_test_path("f")), DUET_EIO);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "is a file, where a folder is wanted"));
    ck_assert_int_eq(duet_make_folders(duet_test_path("f/g")), DUET_EIO);
}
END_TEST

START_TEST(reads_whole_files_of_any_size_and_no_larger) {
    char *big = malloc(100001);
    memset(big, 'z', 100000);
    big[100000] = '\0';
    write_file(duet_test_path("big"), big);
    expect_content(duet_test_path("big"), big);
    char *bytes = NULL;
    size_t size = 0;
    ck_assert_int_eq(duet_file_read(duet_test_path("big"), 100000, &bytes, &size), DUET_OK);
    free(bytes);
    bytes = NULL;
    ck_assert_int_eq(duet_file_read(duet_test_path("big"), 99999, &bytes, &size), DUET_EDATA);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "big: larger than 99999 bytes"));
    ck_assert_ptr_null(bytes);
    free(big);
    write_file(duet_test_path("empty"), "");
    expect_content(duet_test_path("empty"), "");
    ck_assert_int_eq(duet_file_read("/proc/self/stat", 1 << 20, &bytes, &size), DUET_OK); // has no size
    ck_assert_uint_gt(size, 10);
    free(bytes);
}
END_TEST

START_TEST(says_why_a_file_cannot_be_read) {
    char *bytes = NULL;
    size_t size = 0;
    ck_assert_int_eq(duet_file_read(duet_test_path("no"), 10, &bytes, &size), DUET_EDATA);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "no: cannot be read: No such file"));
    ck_assert_int_eq(duet_file_read(duet_test_folder, 10, &bytes, &size), DUET_EDATA);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "cannot be read: Is a directory"));
}
END_TEST

DUET_TEST_MAIN("file", duet_test_fresh_folder, a_file_appears_whole_at_commit_and_not_before,
    abandoning_leaves_the_old_file_and_nothing_else, a_failed_rename_leaves_nothing_behind,
    a_full_disk_is_told_at_commit, devices_are_written_and_not_replaced, a_link_stays_and_its_file_is_replaced,
    says_which_folder_is_missing, says_that_a_folder_is_unwritable, says_that_no_file_can_be_made_below_a_file,
    makes_folders_with_their_parents_and_again, reads_whole_files_of_any_size_and_no_larger,
    says_why_a_file_cannot_be_read)
