/* What a user waits for before anything happens: whole processes, from fork to exit. */
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/synth.h"

#include "bench/bench.h"

#define ROUNDS 15

extern char **environ;

/** Milliseconds of one run, or -1 where it failed. */
static double run_ms(char *const *arguments) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child;
    int64_t begun_ns = bench_now_ns();
    int failed = posix_spawn(&child, arguments[0], &actions, NULL, arguments, environ);
    int status = 1;
    if (failed == 0) {
        waitpid(child, &status, 0);
    }
    double ms = (double)(bench_now_ns() - begun_ns) / 1e6;
    posix_spawn_file_actions_destroy(&actions);
    return failed == 0 && status == 0 ? ms : -1;
}

static void measure(const char *row, char *const *arguments, double floor, double budget) {
    double samples[ROUNDS];
    for (int i = -1; i < ROUNDS; i++) {
        double ms = run_ms(arguments);
        if (ms < 0) {
            fprintf(stderr, "bench_process: %s did not run\n", arguments[0]);
            return;
        }
        if (i >= 0) {
            samples[i] = ms;
        }
    }
    bench_row(row, "ms", samples, ROUNDS, floor > 0 ? "/bin/true" : NULL, floor, budget);
}

void bench_process(void) {
    char folder[] = "/tmp/duet-bench-XXXXXX", path[64], data[80], cache[64];
    if (mkdtemp(folder) == NULL) {
        return;
    }
    snprintf(path, sizeof(path), "%s/x.csv", folder);
    snprintf(data, sizeof(data), "X=%s", path);
    snprintf(cache, sizeof(cache), "%s/cache", folder);
    struct duet_synth_options synth = duet_synth_defaults();
    if (duet_synth_write(&synth, path) != DUET_OK) {
        return;
    }
    char *program = getenv("DUET") != NULL ? getenv("DUET") : (char[]){BENCH_DUET};
    char nothing_at_all[] = "/bin/true", ask[] = "--version", run[] = "backtest", which[] = "--strategy";
    char strategy[] = "sma_cross", named[] = "--data", where[] = "--cache";
    char *const nothing[] = {nothing_at_all, NULL};
    char *const version[] = {program, ask, NULL};
    char *const backtest[] = {program, run, which, strategy, named, data, where, cache, NULL};
    double floors[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        floors[i] = run_ms(nothing);
    }
    double floor = bench_min(floors, ROUNDS);
    measure("process_version", version, floor, 5);
    measure("process_backtest_1000_bars", backtest, floor, 20);
    char command[80];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    if (system(command) != 0) {
        fprintf(stderr, "bench_process: %s is left behind\n", folder);
    }
}
