/* The last words of a crashing plugin, heard through a pipe from a child that dies. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/stage.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static void crash(const char *way) {
    struct stage stage;
    stage_market(&stage, true, 100000);
    stage_param(&stage, "way", way);
    char path[1024];
    snprintf(path, sizeof(path), "%s/crashes.so", getenv("DUET_PLUGINS"));
    stage_host(&stage, NULL, path);
    duet_crash_guard_install();
    duet_crash_guard_install(); // twice is once
    stage_up(&stage);
    stage_minute(&stage, 1000, NO_BAR);
}

/** Runs `body` in a child; its first words on standard error, and how it ended. */
static int hear(void (*body)(const char *), const char *way, char *words, size_t size) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        body(way);
        _exit(0);
    }
    close(ends[1]);
    size_t used = 0;
    char rest[4096];
    for (;;) {
        bool full = used == size - 1;
        ssize_t got = read(ends[0], full ? rest : words + used, full ? sizeof(rest) : size - 1 - used);
        if (got <= 0) {
            break;
        }
        used += full ? 0 : (size_t)got;
    }
    words[used] = '\0';
    close(ends[0]);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static void check_crash(const char *way, int number, const char *line) {
    char words[512];
    int status = hear(crash, way, words, sizeof(words));
    ck_assert_msg(strstr(words, line) != NULL, "%s", words);
    if (SANITIZED && number != SIGABRT) {
        // The sanitizer's own handler comes after ours and has its say.
        ck_assert_ptr_nonnull(strstr(words, "AddressSanitizer"));
        return;
    }
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), number);
    ck_assert_uint_eq(strlen(words), strlen(line));
}

START_TEST(names_plugin_and_callback_and_dies_of_the_signal) {
    check_crash("0", SIGSEGV, "duet: strategy crashes crashed in on_bar (signal SIGSEGV)\n");
    check_crash("1", SIGABRT, "duet: strategy crashes crashed in on_bar (signal SIGABRT)\n");
}
END_TEST

START_TEST(catches_a_look_at_the_bar_that_is_not_there_yet) {
    check_crash("2", SIGSEGV, "duet: strategy crashes crashed in on_bar (signal SIGSEGV)\n");
}
END_TEST

START_TEST(has_a_stack_left_when_the_plugin_used_up_its_own) {
    check_crash("3", SIGSEGV, "duet: strategy crashes crashed in on_bar (signal SIGSEGV)\n");
}
END_TEST

static void abort_outside(const char *way) {
    duet_crash_guard_install();
    abort();
}

START_TEST(says_nothing_of_crashes_outside_of_plugins) {
    char words[512];
    int status = hear(abort_outside, "", words, sizeof(words));
    ck_assert_str_eq(words, "");
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

DUET_TEST_MAIN("crash", NULL, names_plugin_and_callback_and_dies_of_the_signal,
    catches_a_look_at_the_bar_that_is_not_there_yet, has_a_stack_left_when_the_plugin_used_up_its_own,
    says_nothing_of_crashes_outside_of_plugins)
