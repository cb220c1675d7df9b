#include "engine/live/live_signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <duet/loop.h>

static volatile sig_atomic_t stop_signal, reload_wanted;
static struct duet_loop *_Atomic loop_to_wake;

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
#define SIGNAL_COUNT (sizeof(numbers) / sizeof(numbers[0]))
static struct sigaction previous[SIGNAL_COUNT];

static void wake(void) {
    struct duet_loop *loop = atomic_load(&loop_to_wake);
    if (loop != NULL) {
        duet_loop_wake(loop);
    }
}

static void handle_stop(int number) {
    if (stop_signal != 0) {
        static const char words[] = "duet: second signal: left at once, as after a crash; the journal is whole\n";
        ssize_t written = write(STDERR_FILENO, words, sizeof(words) - 1);
        (void)written;
        _exit(1);
    }
    stop_signal = number;
    wake();
}

static void handle_reload(int number) {
    reload_wanted = 1;
    wake();
}

void duet_signals_install(void) {
    stop_signal = reload_wanted = 0;
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        struct sigaction action;
        memset(&action, 0, sizeof(action));
        action.sa_handler = numbers[i] == SIGPIPE ? SIG_IGN : numbers[i] == SIGHUP ? handle_reload : handle_stop;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        sigaction(numbers[i], &action, &previous[i]);
    }
}

void duet_signals_wake(struct duet_loop *loop) {
    atomic_store(&loop_to_wake, loop);
}

void duet_signals_restore(void) {
    duet_signals_wake(NULL);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(numbers[i], &previous[i], NULL);
    }
}

int duet_signals_stop(void) {
    return stop_signal;
}

bool duet_signals_take_reload(void) {
    bool wanted = reload_wanted != 0;
    reload_wanted = 0;
    return wanted;
}
