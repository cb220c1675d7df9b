/*
 * CSV to bars, on a regular file (prices of one width, as exporters print them) and a ragged one (trailing zeros left
 * away, volumes of one to seven digits). The floor counts the lines of the same file, mapped, with memchr(); it and the
 * reading take turns. Times are of the processor, which other programs disturb less.
 */
#include "bench/bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/rng.h"
#include "base/time.h"
#include "data/csv.h"

#define ROWS 300000
#define REPETITIONS 15
/** Times the floor, DESIGN 10. */
#define REGULAR_BUDGET 2.0
#define RAGGED_BUDGET 3.0

/** A price with four decimals, or with as many of them as are not zero. */
static void print_price(FILE *file, int64_t scaled, bool ragged) {
    int64_t whole = scaled / 10000, part = scaled % 10000;
    int places = 4;
    while (ragged && places > 0 && part % 10 == 0) {
        part /= 10;
        places--;
    }
    fprintf(file, places == 0 ? "%lld," : "%lld.%0*lld,", (long long)whole, places, (long long)part);
}

static void write_file(const char *path, bool ragged) {
    FILE *file = fopen(path, "w");
    struct duet_rng rng;
    DUET_ASSERT(file != NULL);
    duet_rng_seed(&rng, 42);
    fprintf(file, "time,open,high,low,close,volume\n");
    int64_t price = 1000000;
    for (int i = 0; i < ROWS; i++) {
        struct duet_civil civil = duet_civil_from_ns((INT64_C(26297280) + i) * 60 * INT64_C(1000000000));
        fprintf(file, "%04d-%02d-%02d %02d:%02d:%02d,", civil.year, civil.month, civil.day, civil.hour, civil.minute,
            civil.second);
        int64_t step = 1; // ragged prices come in steps of 1, 10, 100, 1000 or 10000
        for (uint64_t zeros = duet_rng_below(&rng, ragged ? 5 : 1); zeros > 0; zeros--) {
            step *= 10;
        }
        int64_t open = price / step * step, close = open + ((int64_t)duet_rng_below(&rng, 401) - 200) * 5;
        print_price(file, open, ragged);
        print_price(file, (open > close ? open : close) + 370, ragged);
        print_price(file, (open < close ? open : close) - 250, ragged);
        print_price(file, close, ragged);
        uint64_t volume = 100 + duet_rng_below(&rng, 9900);
        for (uint64_t digits = duet_rng_below(&rng, ragged ? 4 : 1); digits > 0; digits--) {
            volume = volume * 10 + 7;
        }
        fprintf(file, "%llu\n", (unsigned long long)volume);
        price = close > 200000 ? close : 200000;
    }
    DUET_ASSERT(fclose(file) == 0);
}

static double floor_ns(const char *path) {
    int64_t begin = bench_cpu_ns();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    DUET_ASSERT(fd >= 0);
    DUET_ASSERT(fstat(fd, &stat) == 0);
    size_t size = (size_t)stat.st_size;
    char *text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    DUET_ASSERT(text != MAP_FAILED);
    uint64_t lines = 0;
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(text + size - p))) != NULL; p++) {
        lines++;
    }
    bench_keep(lines);
    (void)munmap(text, size);
    (void)close(fd);
    return (double)(bench_cpu_ns() - begin) / ROWS;
}

static enum duet_status take(void *argument, const void *records, size_t count, bool wide) {
    *(uint64_t *)argument += count;
    bench_keep((uint64_t)(uintptr_t)records);
    return DUET_OK;
}

static enum duet_status restart(void *argument, bool wide) {
    *(uint64_t *)argument = 0;
    return DUET_OK;
}

static double read_ns(const char *path) {
    static struct duet_data_info info;
    struct duet_data_spec spec = {.decimals = -1, .quantity_decimals = -1};
    struct duet_csv_order order;
    uint64_t count = 0;
    struct duet_csv_sink sink = {take, restart, &count};
    int64_t begin = bench_cpu_ns();
    enum duet_status status = duet_csv_read(path, &spec, NULL, &sink, &info, &order);
    double ns = (double)(bench_cpu_ns() - begin) / ROWS;
    DUET_ASSERT(status == DUET_OK);
    DUET_ASSERT(count == ROWS);
    return ns;
}

static void bench_file(const char *name, bool ragged, double budget) {
    char path[] = "/tmp/duet-bench-XXXXXX";
    int fd = mkstemp(path);
    DUET_ASSERT(fd >= 0);
    (void)close(fd);
    write_file(path, ragged);
    static double samples[2][REPETITIONS];
    for (size_t i = 0; i < REPETITIONS; i++) {
        samples[0][i] = floor_ns(path);
        samples[1][i] = read_ns(path);
    }
    double floor = bench_min(samples[0], REPETITIONS);
    bench_row(name, "ns/row", samples[1], REPETITIONS, "memchr", floor, budget * floor);
    (void)unlink(path);
}

void bench_csv(void) {
    bench_file("csv_regular", false, REGULAR_BUDGET);
    bench_file("csv_ragged", true, RAGGED_BUDGET);
}
