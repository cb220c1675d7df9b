/* How base tells what happened: statuses, the error line, the log, assertions. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/log.h"
#include "support/suite.h"

static char lines[4096];

static void keep_line(void *argument, enum duet_log_severity severity, const char *line) {
    (void)argument;
    size_t used = strlen(lines);
    snprintf(lines + used, sizeof(lines) - used, "%d|%s\n", (int)severity, line);
}

START_TEST(every_status_has_its_text) {
    ck_assert_str_eq(duet_status_text(DUET_OK), "ok");
    ck_assert_str_eq(duet_status_text(DUET_EFULL), "no room left");
    ck_assert_str_eq(duet_status_text(DUET_EABI), "built for another interface version");
    ck_assert_str_eq(duet_status_text((enum duet_status) - 99), "unknown status");
}
END_TEST

START_TEST(an_error_is_one_line_that_may_be_built_from_the_last) {
    ck_assert_str_eq(duet_error_text(), "");
    ck_assert_int_eq(duet_error(DUET_EDATA, "%s:%d: %s", "a.csv", 3, "two\nlines"), DUET_EDATA);
    ck_assert_str_eq(duet_error_text(), "a.csv:3: two lines");
    ck_assert_int_eq(duet_error_prefix(DUET_EDATA, "SPY"), DUET_EDATA);
    ck_assert_str_eq(duet_error_text(), "SPY: a.csv:3: two lines");
    ck_assert_int_eq(duet_error(DUET_EIO, "again: %s", duet_error_text()), DUET_EIO);
    ck_assert_str_eq(duet_error_text(), "again: SPY: a.csv:3: two lines");
}
END_TEST

START_TEST(an_error_too_long_is_cut) {
    char text[2 * DUET_ERROR_TEXT_MAX];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)duet_error(DUET_EIO, "%s", text);
    ck_assert_uint_eq(strlen(duet_error_text()), DUET_ERROR_TEXT_MAX - 1);
    (void)duet_error_prefix(DUET_EIO, "%s", text);
    ck_assert_uint_eq(strlen(duet_error_text()), DUET_ERROR_TEXT_MAX - 1);
}
END_TEST

static void *fail_elsewhere(void *argument) {
    (void)duet_error(DUET_EIO, "elsewhere");
    return strcmp(duet_error_text(), "elsewhere") == 0 ? argument : NULL;
}

START_TEST(each_thread_has_its_own_error) {
    pthread_t thread;
    void *result = NULL;
    (void)duet_error(DUET_EIO, "here");
    ck_assert_int_eq(pthread_create(&thread, NULL, fail_elsewhere, lines), 0);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, lines);
    ck_assert_str_eq(duet_error_text(), "here");
}
END_TEST

START_TEST(a_log_line_has_time_severity_id_and_text) {
    struct duet_clock clock = duet_clock_virtual(INT64_C(1709210096500000000));
    struct duet_log log = {.clock = &clock, .threshold = DUET_SEVERITY_INFO, .sink = keep_line};
    duet_log_warn(&log, "order-refused", "id=%d reason=%s", 7, "CASH");
    clock.virtual_ns += 500000000;
    duet_log_error(&log, "feed-lost", "text=%s", "a\nb");
    duet_log_debug(&log, "bar", "n=%d", 1);
    ck_assert_str_eq(lines, "1|2024-02-29T12:34:56.5Z warn order-refused id=7 reason=CASH\n"
                            "0|2024-02-29T12:34:57Z error feed-lost text=a b\n");
    ck_assert_uint_eq(log.counts[DUET_SEVERITY_ERROR], 1);
    ck_assert_uint_eq(log.counts[DUET_SEVERITY_WARN], 1);
    ck_assert_uint_eq(log.counts[DUET_SEVERITY_INFO], 0);
    ck_assert_uint_eq(log.counts[DUET_SEVERITY_DEBUG], 1);
}
END_TEST

START_TEST(a_log_without_sink_counts_and_no_log_is_silent) {
    struct duet_log log = {0};
    duet_log_error(&log, "x", "y=%d", 1);
    ck_assert_uint_eq(log.counts[DUET_SEVERITY_ERROR], 1);
    duet_log_error(NULL, "x", "y=%d", 1);
    log.sink = keep_line;
    duet_log_error(&log, "x", "y=%d", 1);
    ck_assert_str_eq(lines, "0|error x y=1\n");
}
END_TEST

START_TEST(clocks_stand_or_go_on) {
    struct duet_clock clock = duet_clock_virtual(5);
    ck_assert_int_eq(duet_clock_now_ns(&clock), 5);
    clock.virtual_ns = 9;
    ck_assert_int_eq(duet_clock_now_ns(&clock), 9);
    ck_assert_int_gt(duet_clock_now_ns(&duet_clock_wall), INT64_C(1700000000000000000));
    int64_t before = duet_monotonic_ns();
    ck_assert_int_ge(duet_monotonic_ns(), before);
}
END_TEST

START_TEST(an_assertion_that_holds_is_evaluated_once) {
    int count = 0;
    DUET_ASSERT(++count == 1);
    ck_assert_int_eq(count, 1);
}
END_TEST

START_TEST(an_assertion_that_does_not_hold_ends_the_process) {
    pid_t child = fork();
    if (child == 0) {
        DUET_ASSERT(1 + 1 == 3);
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

DUET_TEST_MAIN("telling", NULL, every_status_has_its_text, an_error_is_one_line_that_may_be_built_from_the_last,
    an_error_too_long_is_cut, each_thread_has_its_own_error, a_log_line_has_time_severity_id_and_text,
    a_log_without_sink_counts_and_no_log_is_silent, clocks_stand_or_go_on, an_assertion_that_holds_is_evaluated_once,
    an_assertion_that_does_not_hold_ends_the_process)
