/*
 * What the pool is worth: acceptance A1 and A2, and the tables of before and after, from this machine and this run.
 * Blocking operations of 20 ms, all submitted at once; a probe of 10 ms and 100 events a second on the loop meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/live/perf.h"

#include "bench/bench.h"

#define ROUNDS 3

/** Sides of a load measured `rounds` times; false where one failed. */
static bool measure(const struct duet_perf_load *load, bool on_pool, int rounds, struct duet_perf_side *out) {
    for (int i = 0; i < rounds; i++) {
        if (duet_perf_measure(load, on_pool, NULL, &out[i]) != DUET_OK) {
            fprintf(stderr, "bench_offload: %s\n", duet_error_text());
            return false;
        }
    }
    return true;
}

struct rows {
    const char *lag_p95, *lag_average, *lag_max, *ops, *failures; // NULL: no row
    double lag_budget;
};

/** One operation's share of the wall time is a figure that is better when it is less, like all others here. */
static void report(const struct rows *rows, const struct duet_perf_side *sides, int count, double floor_ms) {
    double p95[ROUNDS], average[ROUNDS], most[ROUNDS], each[ROUNDS], lost[ROUNDS];
    for (int i = 0; i < count; i++) {
        p95[i] = sides[i].lag_p95_ms;
        average[i] = sides[i].lag_average_ms;
        most[i] = sides[i].lag_max_ms;
        each[i] = 1000 / sides[i].throughput;
        lost[i] = 100 * (1 - sides[i].success_rate);
    }
    size_t n = (size_t)count;
    bench_row(rows->lag_p95, "ms", p95, n, NULL, 0, rows->lag_budget);
    bench_row(rows->lag_average, "ms", average, n, NULL, 0, 0);
    bench_row(rows->lag_max, "ms", most, n, NULL, 0, 0);
    // 300 operations a second are 3.33 ms each; 20 ms on 8 workers are 2.5.
    bench_row(rows->ops, "ms/op", each, n, "operation / workers", floor_ms, floor_ms > 0 ? 1000.0 / 300 : 0);
    bench_row(rows->failures, "%", lost, n, NULL, 0, 0);
}

/** The three comparisons in people's units, as the API would give them. */
static void print_tables(void) {
    static const enum duet_perf_kind kinds[] = {DUET_PERF_FEATURES, DUET_PERF_SIGNALS, DUET_PERF_MIXED};
    struct duet_perf_result results[3];
    for (size_t i = 0; i < 3; i++) {
        results[i] = (struct duet_perf_result){.load = {.kind = kinds[i],
                                                   .operations = 100,
                                                   .operation_ms = DUET_PERF_OPERATION_MS,
                                                   .workers = 8,
                                                   .queue_max = 1000}};
        if (!measure(&results[i].load, false, 1, &results[i].baseline) ||
            !measure(&results[i].load, true, 1, &results[i].optimised)) {
            return;
        }
    }
    printf("\n");
    duet_perf_print(stdout, results, 3);
    printf("\n");
}

void bench_offload(void) {
    const struct duet_perf_load load = {
        .kind = DUET_PERF_MIXED, .operations = 500, .operation_ms = 20, .workers = 8, .queue_max = 1000};
    struct duet_perf_side sides[ROUNDS];
    static const struct rows pool = {
        "offload_lag_p95", "offload_lag_average", "offload_lag_max", "offload_operation", "offload_failed", 1};
    static const struct rows loop = {
        "baseline_lag_p95", "baseline_lag_average", "baseline_lag_max", "baseline_operation", "baseline_failed", 0};
    static const struct rows cpu = {"offload_cpu_lag_p95", "offload_cpu_lag_average", "offload_cpu_lag_max",
        "offload_cpu_operation", "offload_cpu_failed", 10};
    if (measure(&load, true, ROUNDS, sides)) {
        report(&pool, sides, ROUNDS, 20.0 / 8);
    }
    if (measure(&load, false, 1, sides)) {
        report(&loop, sides, 1, 0);
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct duet_perf_load busy = load;
    busy.kind = DUET_PERF_CPU;
    busy.operations = 100;
    busy.workers = cores > 1 ? (uint32_t)cores - 1 : 1; // the loop keeps a core
    if (measure(&busy, true, 1, sides)) {
        report(&cpu, sides, 1, 0);
    }
    print_tables();
}
