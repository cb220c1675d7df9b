/*
 * A plugin shares the process; when it crashes, the last words say which plugin and where. Signal dispositions belong
 * to the process, so what is kept here is the process's too, and is written once.
 */
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "engine/host.h"
#include "engine/host_private.h"

/** Where this thread is; read by the handler, which runs on the thread that crashed. */
_Thread_local struct duet_crash_mark duet_crash_mark __attribute__((tls_model("initial-exec")));

static const struct {
    int number;
    const char *name;
} signals[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"}, {SIGABRT, "SIGABRT"}};
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

static struct sigaction previous[SIGNAL_COUNT];
static unsigned char alternate_stack[1 << 16]; // a stack that overflowed cannot be used

static size_t append(char *line, size_t used, size_t size, const char *text) {
    while (*text != '\0' && used < size) {
        line[used++] = *text++;
    }
    return used;
}

static void write_last_words(size_t which) {
    char line[256];
    size_t used = append(line, 0, sizeof(line) - 1, "duet: strategy ");
    used = append(line, used, sizeof(line) - 1, duet_crash_mark.plugin);
    used = append(line, used, sizeof(line) - 1, " crashed in ");
    used = append(line, used, sizeof(line) - 1, duet_crash_mark.callback);
    used = append(line, used, sizeof(line) - 1, " (signal ");
    used = append(line, used, sizeof(line) - 1, signals[which].name);
    used = append(line, used, sizeof(line) - 1, ")");
    line[used++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written; // there is nobody left to tell
}

static void handle_crash(int number, siginfo_t *info, void *ucontext) {
    size_t which = 0;
    while (which + 1 < SIGNAL_COUNT && signals[which].number != number) {
        which++;
    }
    if (duet_crash_mark.callback != NULL) {
        write_last_words(which);
    }
    // Whoever was there before (by default: nobody, and the process dies) gets the signal again. A fault comes back by
    // itself when this returns, at the same instruction, so a debugger, a core or a sanitizer sees the true place.
    sigaction(number, &previous[which], NULL);
    if (info->si_code <= 0) {
        raise(number);
    }
}

void duet_crash_guard_install(void) {
    stack_t current;
    if (sigaltstack(NULL, &current) == 0 && (current.ss_flags & SS_DISABLE) != 0) {
        stack_t stack = {.ss_sp = alternate_stack, .ss_size = sizeof(alternate_stack)};
        sigaltstack(&stack, NULL);
    }
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handle_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        struct sigaction present;
        if (sigaction(signals[i].number, NULL, &present) == 0 &&
            !((present.sa_flags & SA_SIGINFO) != 0 && present.sa_sigaction == handle_crash)) {
            previous[i] = present;
            sigaction(signals[i].number, &action, NULL);
        }
    }
}
