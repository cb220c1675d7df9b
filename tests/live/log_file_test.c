/* The daemon's log on disk: lines, rotation by size, reopening. */
#include "engine/live/log_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "support/suite.h"

static char folder[] = "/tmp/duet-log-XXXXXX";
static char path[64];
static struct duet_clock clock_at;
static struct duet_log logger;

static void in_a_folder(void) {
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/d.log", folder);
    clock_at = duet_clock_virtual(1704189600 * INT64_C(1000000000)); // date -u -d '2024-01-02 10:00' +%s
    logger = (struct duet_log){.clock = &clock_at, .threshold = DUET_SEVERITY_INFO, .sink = duet_log_file_sink};
}

static struct duet_log_file *open_log(bool json, int64_t bytes_max, int64_t keep) {
    struct duet_log_file *file;
    struct duet_log_file_options options = {.path = path, .json = json, .bytes_max = bytes_max, .keep = keep};
    ck_assert_int_eq(duet_log_file_open(&options, &file), DUET_OK);
    logger.argument = file;
    return file;
}

static void holds(const char *suffix, const char *wanted) {
    char name[80], *bytes;
    size_t size;
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    ck_assert_int_eq(duet_file_read(name, 1 << 20, &bytes, &size), DUET_OK);
    ck_assert_str_eq(bytes, wanted);
    free(bytes);
    unlink(name);
}

static bool is_there(const char *suffix) {
    char name[80];
    struct stat stats;
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    return stat(name, &stats) == 0;
}

static void done(struct duet_log_file *file) {
    duet_log_file_close(file);
    ck_assert_int_eq(rmdir(folder), 0); // nothing else was left
}

START_TEST(a_line_is_text_with_its_time) {
    struct duet_log_file *file = open_log(false, 1 << 20, 2);
    duet_log_info(&logger, "started", "workers=%d", 8);
    duet_log_debug(&logger, "noise", "x");
    holds("", "2024-01-02T10:00:00Z info started workers=8\n");
    done(file);
}
END_TEST

START_TEST(a_line_is_an_object_where_json_is_wanted) {
    struct duet_log_file *file = open_log(true, 1 << 20, 2);
    duet_log_warn(&logger, "odd", "name=\"a b\"");
    logger.clock = NULL;
    duet_log_error(&logger, "bad", "%s", "");
    holds("", "{\"time\":\"2024-01-02T10:00:00Z\",\"level\":\"warn\",\"id\":\"odd\",\"text\":\"name=\\\"a b\\\"\"}\n"
              "{\"level\":\"error\",\"id\":\"bad\",\"text\":\"\"}\n");
    done(file);
}
END_TEST

START_TEST(a_file_that_has_grown_is_set_aside_and_the_oldest_goes) {
    logger.clock = NULL;
    struct duet_log_file *file = open_log(false, 30, 2); // two lines of 13 bytes fit
    for (int i = 1; i <= 7; i++) {
        duet_log_info(&logger, "count", "%d", i);
    }
    holds("", "info count 7\n");
    holds(".1", "info count 5\ninfo count 6\n");
    holds(".2", "info count 3\ninfo count 4\n");
    ck_assert(!is_there(".3"));
    done(file);
}
END_TEST

START_TEST(nothing_is_kept_where_none_is_wanted) {
    logger.clock = NULL;
    struct duet_log_file *file = open_log(false, 30, 0);
    for (int i = 1; i <= 3; i++) {
        duet_log_info(&logger, "count", "%d", i);
    }
    holds("", "info count 3\n");
    ck_assert(!is_there(".1"));
    done(file);
}
END_TEST

START_TEST(a_file_moved_away_by_others_is_begun_anew_when_told) {
    char moved[80];
    logger.clock = NULL;
    struct duet_log_file *file = open_log(false, 1 << 20, 2);
    duet_log_info(&logger, "count", "1");
    snprintf(moved, sizeof(moved), "%s.old", path);
    ck_assert_int_eq(rename(path, moved), 0);
    duet_log_info(&logger, "count", "2");
    ck_assert_int_eq(duet_log_file_reopen(file), DUET_OK);
    duet_log_info(&logger, "count", "3");
    holds(".old", "info count 1\ninfo count 2\n");
    holds("", "info count 3\n");
    done(file);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_named) {
    struct duet_log_file *file;
    struct duet_log_file_options options = {.path = "/nonexistent/d.log", .bytes_max = 1};
    ck_assert_int_eq(duet_log_file_open(&options, &file), DUET_EIO);
    ck_assert_str_eq(duet_error_text(), "log file /nonexistent/d.log: No such file or directory");
    rmdir(folder);
}
END_TEST

START_TEST(what_is_no_plain_file_is_never_set_aside) {
    struct stat stats;
    char taken[256];
    ck_assert_int_eq(mkfifo(path, 0600), 0); // as /dev/null, or a terminal, would be
    int reader = open(path, O_RDWR);
    ck_assert_int_ge(reader, 0);
    struct duet_log_file *file = open_log(false, 20, 0);
    for (int i = 0; i < 3; i++) {
        duet_log_info(&logger, "line", "number=%d", i);
    }
    ck_assert(lstat(path, &stats) == 0 && S_ISFIFO(stats.st_mode));
    ck_assert_int_gt(read(reader, taken, sizeof(taken)), 100); // all three
    close(reader);
    unlink(path);
    done(file);
}
END_TEST

DUET_TEST_MAIN("log file", in_a_folder, a_line_is_text_with_its_time, a_line_is_an_object_where_json_is_wanted,
    a_file_that_has_grown_is_set_aside_and_the_oldest_goes, nothing_is_kept_where_none_is_wanted,
    a_file_moved_away_by_others_is_begun_anew_when_told, a_folder_that_is_not_there_is_named,
    what_is_no_plain_file_is_never_set_aside)
