/*
 * What a bar costs on its way from the cache: checksum and decode over a fresh mapping of 64 MB, and decode alone from
 * warm memory. The floor touches every line of the same mapping.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/text.h"
#include "data/cache_writer.h"
#include "data/series_inline.h"

#define BARS 2000000
#define WARM_BARS 1000
#define REPETITIONS 7
#define AHEAD 128

static int series_write(void) {
    struct duet_cache_writer writer;
    struct duet_data_info info = {.interval_ns = DUET_MINUTE_NS, .price_decimals = 2};
    struct duet_cache_header header = {0};
    enum duet_status status = duet_cache_writer_open(&writer, NULL);
    for (int i = 0; i < BARS && status == DUET_OK; i++) {
        int32_t price = 10000 + i % 777;
        const struct duet_record32 record = {i * DUET_MINUTE_NS, price, price + 3, price - 3, price + 1, i % 1000};
        status = duet_cache_writer_take(&writer, &record, 1, false);
    }
    DUET_ASSERT(status == DUET_OK);
    status = duet_cache_writer_settle(&writer, &info);
    DUET_ASSERT(status == DUET_OK);
    duet_cache_info_store(&info, &header);
    status = duet_cache_writer_finish(&writer, &header);
    DUET_ASSERT(status == DUET_OK);
    int fd = dup(writer.fd);
    DUET_ASSERT(fd >= 0);
    duet_cache_writer_close(&writer);
    return fd;
}

static struct duet_series *series_open(int fd) {
    struct duet_series *series;
    enum duet_status status = duet_series_open_fd(fd, &series);
    DUET_ASSERT(status == DUET_OK);
    return series;
}

static double touch_ns(int fd) {
    struct duet_series *series = series_open(fd);
    int64_t begin = bench_now_ns();
    uint64_t sum = 0;
    for (uint64_t i = 0; i < series->count; i += 2) {
        sum += (uint64_t)series->records32[i].open_ns;
    }
    double ns = (double)(bench_now_ns() - begin) / BARS;
    bench_keep(sum);
    duet_series_close(series);
    return ns;
}

static double stream_ns(int fd) {
    struct duet_series *series = series_open(fd);
    int64_t begin = bench_now_ns();
    uint64_t sum = 0, verified = 0;
    struct duet_bar bar;
    for (uint64_t i = 0; i < series->count; i++) {
        if (i == verified) {
            enum duet_status status = duet_series_verify(series, i);
            DUET_ASSERT(status == DUET_OK);
            verified += duet_series_block_records(series);
        }
        duet_series_bar_inline(series, i, &bar);
        __builtin_prefetch(&series->records32[i + AHEAD]);
        bench_keep((uint64_t)(uintptr_t)&bar);
        sum += (uint64_t)bar.close_scaled;
    }
    double ns = (double)(bench_now_ns() - begin) / BARS;
    bench_keep(sum);
    duet_series_close(series);
    return ns;
}

static double decode_ns(int fd) {
    struct duet_series *series = series_open(fd);
    struct duet_bar bar;
    uint64_t sum = 0;
    int64_t begin = bench_now_ns();
    for (int round = 0; round < BARS / WARM_BARS; round++) {
        for (uint64_t i = 0; i < WARM_BARS; i++) {
            duet_series_bar_inline(series, i, &bar);
            bench_keep((uint64_t)(uintptr_t)&bar);
            sum += (uint64_t)bar.close_scaled;
        }
    }
    double ns = (double)(bench_now_ns() - begin) / BARS;
    bench_keep(sum);
    duet_series_close(series);
    return ns;
}

void bench_series(void) {
    int fd = series_write();
    static double samples[3][REPETITIONS];
    for (size_t i = 0; i < REPETITIONS; i++) {
        samples[0][i] = touch_ns(fd);
        samples[1][i] = stream_ns(fd);
        samples[2][i] = decode_ns(fd);
    }
    double floor = bench_min(samples[0], REPETITIONS);
    bench_row("series_stream", "ns/bar", samples[1], REPETITIONS, "touch", floor, 0);
    bench_row("series_decode", "ns/bar", samples[2], REPETITIONS, NULL, 0, 4);
    (void)close(fd);
}
