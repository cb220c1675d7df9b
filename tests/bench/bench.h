/*
 * Measuring. A bench is a function that takes samples and reports rows; bench_main.c holds the table of them. Rows
 * compare with a floor measured in the same run wherever there is one: machines are noisy, ratios less so.
 */
#ifndef DUET_TESTS_BENCH_H
#define DUET_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Most samples one row can have. */
#define BENCH_SAMPLES_MAX 64
/** Most rows one program can report. */
#define BENCH_ROWS_MAX 128

/** One line of the table in bench_main.c. */
struct bench {
    const char *name;
    const char *summary;
    void (*run)(void);
};

/** The benches; each in bench_NAME.c. */
void bench_backtest(void);
void bench_broadcast(void);
void bench_bus(void);
void bench_csv(void);
void bench_flood(void);
void bench_indicators(void);
void bench_json(void);
void bench_merge(void);
void bench_offload(void);
void bench_series(void);
void bench_process(void);
void bench_latency(void);
void bench_gateway(void);

/**
 * Report one row: min, median and max of `samples`, each in `unit` (e.g. "ns/event"). `floor` is what the machine
 * does at best for the same work, 0 where there is none; `budget` is the most the minimum may be, 0 for none. Names are
 * borrowed and static.
 */
void bench_row(const char *name, const char *unit, const double *samples, size_t count, const char *floor_name,
    double floor, double budget);

/** Nanoseconds on a clock that never jumps. */
int64_t bench_now_ns(void);
/** Nanoseconds of processor time that this process has used, the kernel's part included: other programs disturb it
 * less. */
int64_t bench_cpu_ns(void);
/** The least of `samples`. */
double bench_min(const double *samples, size_t count);

/** Keep a value that is computed for the measurement only. */
static inline void bench_keep(uint64_t value) {
    __asm__ volatile("" : : "r"(value) : "memory");
}

/** The rows so far, as one JSON object; false where the file cannot be written. */
bool bench_write_json(const char *path);
void bench_print_header(FILE *stream);
/** How many rows were over their budget. */
size_t bench_over_budget(void);

#endif
