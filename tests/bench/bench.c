#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/assert.h"
#include "base/clock.h"

struct row {
    const char *name, *unit, *floor_name;
    double min, median, max, floor, budget;
    size_t count;
};

static struct row rows[BENCH_ROWS_MAX];
static size_t row_count;

int64_t bench_now_ns(void) {
    return duet_monotonic_ns();
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int64_t bench_cpu_ns(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
           (int64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

double bench_min(const double *samples, size_t count) {
    DUET_ASSERT(count > 0);
    double least = samples[0];
    for (size_t i = 1; i < count; i++) {
        least = samples[i] < least ? samples[i] : least;
    }
    return least;
}

void bench_print_header(FILE *stream) {
    fprintf(stream, "%-28s %-10s %9s %9s %9s %9s  %s\n", "row", "unit", "min", "median", "max", "budget", "floor");
}

void bench_row(const char *name, const char *unit, const double *samples, size_t count, const char *floor_name,
    double floor, double budget) {
    DUET_ASSERT(count > 0 && count <= BENCH_SAMPLES_MAX);
    DUET_ASSERT(row_count < BENCH_ROWS_MAX);

    double sorted[BENCH_SAMPLES_MAX];
    memcpy(sorted, samples, count * sizeof(*samples));
    qsort(sorted, count, sizeof(*sorted), compare_doubles);
    struct row *row = &rows[row_count++];
    *row = (struct row){.name = name,
        .unit = unit,
        .floor_name = floor_name,
        .min = sorted[0],
        .median = count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2,
        .max = sorted[count - 1],
        .floor = floor,
        .budget = budget,
        .count = count};
    printf("%-28s %-10s %9.2f %9.2f %9.2f ", row->name, row->unit, row->min, row->median, row->max);
    if (budget > 0) {
        printf("%9.2f", budget);
    } else {
        printf("%9s", "-");
    }
    if (floor > 0) {
        printf("  %.2fx %s (%.2f)", row->min / floor, floor_name, floor);
    }
    printf("%s\n", budget > 0 && row->min > budget ? "  OVER" : "");
    fflush(stdout);
}

size_t bench_over_budget(void) {
    size_t over = 0;
    for (size_t i = 0; i < row_count; i++) {
        over += rows[i].budget > 0 && rows[i].min > rows[i].budget;
    }
    return over;
}

bool bench_write_json(const char *path) {
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return false;
    }
    fprintf(file, "{\"schema\":1,\"rows\":[");
    for (size_t i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        fprintf(file, "%s\n{\"row\":\"%s\",\"unit\":\"%s\",\"min\":%.3f,\"median\":%.3f,\"max\":%.3f,\"samples\":%zu",
            i > 0 ? "," : "", row->name, row->unit, row->min, row->median, row->max, row->count);
        if (row->budget > 0) {
            fprintf(file, ",\"budget\":%.3f,\"over\":%s", row->budget, row->min > row->budget ? "true" : "false");
        }
        if (row->floor > 0) {
            fprintf(file, ",\"floor\":\"%s\",\"floor_min\":%.3f,\"ratio\":%.3f", row->floor_name, row->floor,
                row->min / row->floor);
        }
        fprintf(file, "}");
    }
    fprintf(file, "\n]}\n");
    bool good = ferror(file) == 0;
    return fclose(file) == 0 && good;
}
