/* The slices that strategies see: contents are told by close_scaled, which counts the bars pushed. */
#include "engine/window.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/suite.h"

static void push(struct duet_window *window, int64_t first, int64_t last) {
    for (int64_t i = first; i <= last; i++) {
        *duet_window_next(window) = (struct duet_bar){.size = sizeof(struct duet_bar), .close_scaled = i};
    }
}

/** The slice of `bars` has `expected` bars, consecutive, and ends with `last`. */
static void check_slice(struct duet_window *window, size_t bars, size_t expected, int64_t last) {
    size_t count = 999;
    const struct duet_bar *slice = duet_window_slice(window, bars, &count);
    ck_assert_uint_eq(count, expected);
    ck_assert(expected > 0 ? slice != NULL : slice == NULL);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(slice[i].close_scaled, last - (int64_t)count + 1 + (int64_t)i);
    }
}

static void init(struct duet_window *window, size_t wanted, bool guard) {
    ck_assert_int_eq(duet_window_init(window, wanted, guard), DUET_OK);
}

START_TEST(has_nothing_before_the_first_bar) {
    struct duet_window window;
    init(&window, 5, false);
    check_slice(&window, 5, 0, 0);
    ck_assert_ptr_null(duet_window_last(&window));
    push(&window, 1, 1);
    check_slice(&window, 5, 1, 1);
    check_slice(&window, 0, 0, 0);
    ck_assert_int_eq(duet_window_last(&window)->close_scaled, 1);
    duet_window_finish(&window);
}
END_TEST

START_TEST(keeps_the_wanted_bars_for_ever) {
    for (size_t wanted = 1; wanted <= 70; wanted += 23) {
        for (int guard = 0; guard <= 1; guard++) {
            struct duet_window window;
            init(&window, wanted, guard == 1);
            for (int64_t i = 1; i <= 1000; i++) {
                push(&window, i, i);
                check_slice(&window, wanted, (size_t)i < wanted ? (size_t)i : wanted, i);
            }
            duet_window_finish(&window);
        }
    }
}
END_TEST

START_TEST(keeps_more_from_when_more_is_asked_for) {
    for (int guard = 0; guard <= 1; guard++) {
        struct duet_window window;
        init(&window, 2, guard == 1);
        push(&window, 1, 100);
        check_slice(&window, 300, 2, 100); // only these were kept so far, in either mode
        for (int64_t i = 101; i <= 1000; i++) {
            push(&window, i, i);
            size_t kept = (size_t)(i - 98);
            check_slice(&window, 300, kept < 300 ? kept : 300, i);
        }
        duet_window_finish(&window);
    }
}
END_TEST

START_TEST(leaves_slices_alone_until_the_next_bar) {
    struct duet_window window;
    init(&window, 2, false);
    push(&window, 1, 50);
    size_t count;
    const struct duet_bar *held = duet_window_slice(&window, 2, &count);
    check_slice(&window, 5000, 2, 50); // would grow
    ck_assert_int_eq(held[0].close_scaled, 49);
    ck_assert_int_eq(held[1].close_scaled, 50);
    duet_window_finish(&window);
}
END_TEST

START_TEST(refuses_absurd_sizes) {
    struct duet_window window;
    ck_assert_int_eq(duet_window_init(&window, SIZE_MAX / 2, false), DUET_EINVAL);
}
END_TEST

START_TEST(guard_ends_every_slice_at_an_unreadable_page) {
    struct duet_window window;
    init(&window, 40, true);
    for (int64_t i = 1; i <= 100; i++) {
        push(&window, i, i);
        uintptr_t beyond = (uintptr_t)(duet_window_last(&window) + 1);
        ck_assert_uint_eq(beyond % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
        if (i == 1 || i == 40 || i == 100) {
            pid_t child = fork();
            if (child == 0) {
                signal(SIGSEGV, SIG_DFL); // a sanitizer would turn the signal into an exit code
                volatile double peek = duet_window_last(&window)[1].close;
                _exit(peek == 0 ? 0 : 1);
            }
            int status;
            ck_assert_int_eq(waitpid(child, &status, 0), child);
            ck_assert(WIFSIGNALED(status));
            ck_assert_int_eq(WTERMSIG(status), SIGSEGV);
        }
    }
    duet_window_finish(&window);
}
END_TEST

DUET_TEST_MAIN("window", NULL, has_nothing_before_the_first_bar, keeps_the_wanted_bars_for_ever,
    keeps_more_from_when_more_is_asked_for, leaves_slices_alone_until_the_next_bar, refuses_absurd_sizes,
    guard_ends_every_slice_at_an_unreadable_page)
