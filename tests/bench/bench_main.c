/* duet_bench [--json FILE] [NAME…]: runs the named benches, or all. Exit 0 whatever the figures are: machines are
 * noisy, and whoever compares runs reads the file. */
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"

/** Sorted by name. */
static const struct bench benches[] = {
    {"backtest", "SMA cross from the bar cache against a loop by hand; memory", bench_backtest},
    {"broadcast", "a message to 100 listeners, one of them stalled", bench_broadcast},
    {"bus", "dispatch by pointer, derived ring, mailbox", bench_bus},
    {"csv", "CSV to bars, regular and ragged", bench_csv},
    {"flood", "a gateway that pushes more than the daemon takes: lag of its loop (ten seconds)", bench_flood},
    {"gateway", "from a tick to an order through a real duetd on loopback", bench_gateway},
    {"indicators", "an update of sma, ema, rsi and atr against loops by hand", bench_indicators},
    {"json", "a gateway's message to its fields", bench_json},
    {"latency", "from a tick to an order: one turn in process", bench_latency},
    {"merge", "many sources as one sequence", bench_merge},
    {"offload", "blocking work on a pool, and on the loop: lag, throughput (half a minute)", bench_offload},
    {"series", "bars from the cache: verified, decoded", bench_series},
    {"process", "start-up of the program ($DUET, or the one built beside)", bench_process},
};
#define BENCH_COUNT (sizeof(benches) / sizeof(benches[0]))

static const struct bench *bench_find(const char *name) {
    for (size_t i = 0; i < BENCH_COUNT; i++) {
        if (strcmp(benches[i].name, name) == 0) {
            return &benches[i];
        }
    }
    return NULL;
}

static int usage(const char *complaint, const char *what) {
    fprintf(stderr, "duet_bench: %s%s; usage: duet_bench [--json FILE] [NAME…], where NAME is\n", complaint, what);
    for (size_t i = 0; i < BENCH_COUNT; i++) {
        fprintf(stderr, "  %-12s %s\n", benches[i].name, benches[i].summary);
    }
    return 2;
}

int main(int argc, char **argv) {
    const char *json = NULL;
    bool chosen[BENCH_COUNT] = {false}, any = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            if (++i == argc) {
                return usage("--json needs a file", "");
            }
            json = argv[i];
            continue;
        }
        const struct bench *bench = bench_find(argv[i]);
        if (bench == NULL) {
            return usage("no bench named ", argv[i]);
        }
        chosen[bench - benches] = any = true;
    }

    bench_print_header(stdout);
    for (size_t i = 0; i < BENCH_COUNT; i++) {
        if (!any || chosen[i]) {
            benches[i].run();
        }
    }
    size_t over = bench_over_budget();
    if (over > 0) {
        printf("%zu over budget\n", over);
    }
    if (json != NULL && !bench_write_json(json)) {
        fprintf(stderr, "duet_bench: %s cannot be written\n", json);
        return 1;
    }
    return 0;
}
