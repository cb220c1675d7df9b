/* Cache files made with the writer and read back through their descriptor, the source left out. */
#define _GNU_SOURCE // memfd_create
#include "data/cache.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/rng.h"
#include "base/text.h"
#include "data/cache_sweep.h"
#include "data/cache_writer.h"
#include "data/order.h"
#include "support/suite.h"

#define BLOCK_32 (DUET_CACHE_BLOCK_BYTES / 32)
#define MINUTES(n) ((int64_t)(n)*DUET_MINUTE_NS)

static struct duet_data_info minutes(void) {
    struct duet_data_info info = {.interval_ns = DUET_MINUTE_NS, .price_decimals = 2, .stamp = DUET_STAMP_OPEN};
    duet_text_copy(info.tz, sizeof(info.tz), "UTC");
    return info;
}

static struct duet_record32 *made_up(size_t count) {
    struct duet_rng rng;
    duet_rng_seed(&rng, 3);
    struct duet_record32 *records = duet_alloc(count + 1, sizeof(*records));
    for (size_t i = 0; i < count; i++) {
        int32_t price = 10000 + (int32_t)duet_rng_below(&rng, 1000);
        records[i] = (struct duet_record32){MINUTES(i), price, price + 5, price - 5, price + 1, (double)i};
    }
    return records;
}

static void finish(struct duet_cache_writer *writer, struct duet_data_info *info) {
    struct duet_cache_header header = {0};
    ck_assert_int_eq(duet_cache_writer_settle(writer, info), DUET_OK);
    duet_cache_info_store(info, &header);
    ck_assert_int_eq(duet_cache_writer_finish(writer, &header), DUET_OK);
}

/** A finished cache of narrow records in memory. */
static struct duet_cache_writer written(
    const struct duet_record32 *records, size_t count, struct duet_data_info *info) {
    struct duet_cache_writer writer;
    ck_assert_int_eq(duet_cache_writer_open(&writer, NULL), DUET_OK);
    writer.gap_limit_ns = duet_order_gap_limit(info->interval_ns);
    for (size_t done = 0; done < count; done += 1000) {
        size_t step = count - done < 1000 ? count - done : 1000;
        ck_assert_int_eq(duet_cache_writer_take(&writer, records + done, step, false), DUET_OK);
    }
    finish(&writer, info);
    return writer;
}

static struct duet_series *opened(int fd) {
    struct duet_series *series = NULL;
    enum duet_status status = duet_series_open_fd(fd, &series);
    ck_assert_msg(status == DUET_OK, "%s", duet_error_text());
    return series;
}

START_TEST(gives_back_the_records_that_were_written) {
    const size_t counts[] = {0, 1, BLOCK_32 - 1, BLOCK_32, BLOCK_32 + 1, 3 * BLOCK_32 + 17};
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        struct duet_record32 *records = made_up(counts[c]);
        struct duet_data_info info = minutes();
        struct duet_cache_writer writer = written(records, counts[c], &info);
        struct duet_series *series = opened(writer.fd);
        ck_assert_uint_eq(series->count, counts[c]);
        ck_assert_uint_eq(duet_series_block_records(series), BLOCK_32);
        for (size_t i = 0; i < counts[c]; i++) {
            ck_assert_int_eq(duet_series_verify(series, i), DUET_OK);
            ck_assert_int_eq(memcmp(&series->records32[i], &records[i], sizeof(records[i])), 0);
        }
        ck_assert_uint_eq(info.warnings[DUET_DATA_GAP], 0);
        duet_series_close(series);
        duet_cache_writer_close(&writer);
        free(records);
    }
}
END_TEST

START_TEST(widens_narrow_records_where_the_file_is_wide) {
    struct duet_record32 *records = made_up(4000);
    struct duet_data_info info = minutes();
    struct duet_cache_writer writer;
    const struct duet_record48 wide = {MINUTES(4000), 1e10, 3e10, 1e9, 2e10, 7};
    ck_assert_int_eq(duet_cache_writer_open(&writer, NULL), DUET_OK);
    ck_assert_int_eq(duet_cache_writer_restart(&writer, true), DUET_OK);
    writer.widen_scale = 100;
    ck_assert_int_eq(duet_cache_writer_take(&writer, records, 4000, false), DUET_OK);
    ck_assert_int_eq(duet_cache_writer_take(&writer, &wide, 1, true), DUET_OK);
    finish(&writer, &info);
    struct duet_series *series = opened(writer.fd);
    ck_assert_uint_eq(series->count, 4001);
    ck_assert_ptr_null(series->records32);
    for (uint64_t i = 0; i < 4000; i++) {
        struct duet_bar bar;
        ck_assert_int_eq(duet_series_verify(series, i), DUET_OK);
        duet_series_bar(series, i, &bar);
        ck_assert(bar.open == records[i].open / 100.0 && bar.close == records[i].close / 100.0);
        ck_assert_int_eq(bar.high_scaled, records[i].high);
        ck_assert_int_eq(bar.low_scaled, records[i].low);
    }
    ck_assert(series->records48[4000].high == 3e10);
    duet_series_close(series);
    duet_cache_writer_close(&writer);
    free(records);
}
END_TEST

START_TEST(sorts_drops_all_but_the_last_duplicate_and_counts) {
    //                              minute:   5     3     3     9     1     3
    const struct duet_record32 records[] = {{MINUTES(5), 1, 1, 1, 1, 0}, {MINUTES(3), 2, 2, 2, 2, 0},
        {MINUTES(3), 3, 3, 3, 3, 0}, {MINUTES(9), 4, 4, 4, 4, 0}, {MINUTES(1), 5, 5, 5, 5, 0},
        {MINUTES(3), 6, 6, 6, 6, 0}};
    const int64_t times[] = {1, 3, 5, 9};
    const int32_t opens[] = {5, 6, 1, 4};
    struct duet_data_info info = minutes();
    struct duet_cache_writer writer = written(records, 6, &info);
    struct duet_series *series = opened(writer.fd);
    ck_assert_uint_eq(series->count, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(duet_series_verify(series, i), DUET_OK);
        ck_assert_int_eq(series->records32[i].open_ns, MINUTES(times[i]));
        ck_assert_int_eq(series->records32[i].open, opens[i]);
    }
    ck_assert_uint_eq(info.warnings[DUET_DATA_DUPLICATE], 2);
    ck_assert_uint_eq(info.warnings[DUET_DATA_GAP], 3);
    duet_series_close(series);
    duet_cache_writer_close(&writer);
}
END_TEST

START_TEST(sorts_many_runs_as_a_stable_sort_would) {
    size_t count = 3 * BLOCK_32 + 5;
    struct duet_record32 *records = duet_alloc(count, sizeof(*records));
    struct duet_rng rng;
    duet_rng_seed(&rng, 9);
    for (size_t i = 0; i < count; i++) {
        records[i].open_ns = MINUTES(duet_rng_below(&rng, 4000));
        records[i].open = (int32_t)i;
    }
    struct duet_data_info info = minutes();
    struct duet_cache_writer writer = written(records, count, &info);
    struct duet_series *series = opened(writer.fd);
    ck_assert_uint_eq(series->count + info.warnings[DUET_DATA_DUPLICATE], count);
    uint64_t next = 0;
    for (int64_t minute = 0; minute < 4000; minute++) {
        int32_t last = -1;
        for (size_t i = 0; i < count; i++) {
            last = records[i].open_ns == MINUTES(minute) ? (int32_t)i : last;
        }
        if (last >= 0) {
            ck_assert_int_eq(series->records32[next].open_ns, MINUTES(minute));
            ck_assert_int_eq(series->records32[next].open, last);
            next++;
        }
    }
    ck_assert_uint_eq(next, series->count);
    duet_series_close(series);
    duet_cache_writer_close(&writer);
    free(records);
}
END_TEST

START_TEST(counts_gaps_across_batches_and_blocks) {
    size_t count = BLOCK_32 + 2000, gaps = 0;
    struct duet_record32 *records = made_up(count);
    int64_t minute = -5;
    for (size_t i = 0; i < count; i++) {
        bool far = i == 1 || i == 999 || i == 1000 || i == BLOCK_32 || i == count - 1;
        gaps += far;
        minute += far ? 2 : 1;
        records[i].open_ns = MINUTES(minute);
    }
    struct duet_data_info info = minutes();
    struct duet_cache_writer writer = written(records, count, &info);
    ck_assert_uint_eq(info.warnings[DUET_DATA_GAP], gaps);
    ck_assert_uint_eq(info.warnings[DUET_DATA_DUPLICATE], 0);
    duet_cache_writer_close(&writer);
    free(records);
}
END_TEST

START_TEST(turns_descending_records_round) {
    size_t count = 2 * BLOCK_32 + 3;
    struct duet_record32 *records = made_up(count);
    for (size_t i = 0; i < count; i++) {
        records[i].open_ns = MINUTES(count - i);
    }
    struct duet_data_info info = minutes();
    struct duet_cache_writer writer = written(records, count, &info);
    struct duet_series *series = opened(writer.fd);
    ck_assert_uint_eq(series->count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(duet_series_verify(series, i), DUET_OK);
        ck_assert_int_eq(memcmp(&series->records32[i], &records[count - 1 - i], sizeof(records[0])), 0);
    }
    duet_series_close(series);
    duet_cache_writer_close(&writer);
    free(records);
}
END_TEST

START_TEST(forgets_what_came_after_a_mark) {
    const size_t marks[] = {0, 1, BLOCK_32 - 1, BLOCK_32, BLOCK_32 + 7, 2 * BLOCK_32};
    const size_t extras[] = {0, 3, BLOCK_32, 2 * BLOCK_32 + 9};
    struct duet_record32 *records = made_up(6 * BLOCK_32);
    for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++) {
        for (size_t e = 0; e < sizeof(extras) / sizeof(extras[0]); e++) {
            struct duet_data_info info = minutes();
            struct duet_cache_writer writer;
            ck_assert_int_eq(duet_cache_writer_open(&writer, NULL), DUET_OK);
            ck_assert_int_eq(duet_cache_writer_take(&writer, records, marks[m], false), DUET_OK);
            struct duet_cache_mark mark = duet_cache_writer_mark(&writer);
            ck_assert_int_eq(duet_cache_writer_take(&writer, records + 5, extras[e], false), DUET_OK);
            ck_assert_int_eq(duet_cache_writer_rewind(&writer, &mark), DUET_OK);
            ck_assert_int_eq(duet_cache_writer_take(&writer, records + marks[m], 10, false), DUET_OK);
            ck_assert(writer.ascending);
            finish(&writer, &info);
            struct duet_series *series = opened(writer.fd);
            ck_assert_uint_eq(series->count, marks[m] + 10);
            for (size_t i = 0; i < series->count; i++) {
                ck_assert_int_eq(duet_series_verify(series, i), DUET_OK);
                ck_assert_int_eq(memcmp(&series->records32[i], &records[i], sizeof(records[0])), 0);
            }
            duet_series_close(series);
            duet_cache_writer_close(&writer);
        }
    }
    free(records);
}
END_TEST

START_TEST(notices_a_single_wrong_bit_in_a_block_and_leaves_the_others_alone) {
    size_t count = 3 * BLOCK_32 + 1;
    struct duet_record32 *records = made_up(count);
    struct duet_data_info info = minutes();
    struct duet_cache_writer writer = written(records, count, &info);
    for (int bit = 0; bit < 8 * 32; bit += 13) {
        off_t place = DUET_CACHE_HEADER_BYTES + (off_t)(BLOCK_32 + 100) * 32 + bit / 8;
        unsigned char byte, wrong;
        ck_assert_int_eq(pread(writer.fd, &byte, 1, place), 1);
        wrong = (unsigned char)(byte ^ (1u << (bit % 8)));
        ck_assert_int_eq(pwrite(writer.fd, &wrong, 1, place), 1);
        struct duet_series *series = opened(writer.fd);
        ck_assert_int_eq(duet_series_verify(series, 0), DUET_OK);
        ck_assert_int_eq(duet_series_verify(series, BLOCK_32), DUET_EDATA);
        ck_assert_int_eq(duet_series_verify(series, 2 * BLOCK_32 - 1), DUET_EDATA);
        ck_assert_int_eq(duet_series_verify(series, 2 * BLOCK_32), DUET_OK);
        ck_assert_int_eq(duet_series_verify(series, 3 * BLOCK_32), DUET_OK);
        duet_series_close(series);
        ck_assert_int_eq(pwrite(writer.fd, &byte, 1, place), 1);
    }
    duet_cache_writer_close(&writer);
    free(records);
}
END_TEST

START_TEST(refuses_a_header_with_any_wrong_byte) {
    struct duet_record32 *records = made_up(10);
    struct duet_data_info info = minutes();
    struct duet_cache_writer writer = written(records, 10, &info);
    for (off_t place = 0; place < (off_t)sizeof(struct duet_cache_header); place++) {
        unsigned char byte, wrong;
        struct duet_series *series;
        ck_assert_int_eq(pread(writer.fd, &byte, 1, place), 1);
        wrong = (unsigned char)(byte ^ 0x40);
        ck_assert_int_eq(pwrite(writer.fd, &wrong, 1, place), 1);
        ck_assert_int_eq(duet_series_open_fd(writer.fd, &series), DUET_EDATA);
        ck_assert_int_eq(pwrite(writer.fd, &byte, 1, place), 1);
    }
    duet_cache_writer_close(&writer);
    free(records);
}
END_TEST

START_TEST(refuses_a_file_of_any_other_length) {
    struct duet_record32 *records = made_up(10);
    struct duet_data_info info = minutes();
    struct duet_cache_writer writer = written(records, 10, &info);
    off_t whole = DUET_CACHE_HEADER_BYTES + 10 * 32 + 8;
    struct duet_series *series;
    ck_assert_int_eq(lseek(writer.fd, 0, SEEK_END), whole);
    ck_assert_int_eq(ftruncate(writer.fd, whole + 1), 0);
    ck_assert_int_eq(duet_series_open_fd(writer.fd, &series), DUET_EDATA);
    for (off_t length = whole - 1; length >= 0; length -= 7) {
        ck_assert_int_eq(ftruncate(writer.fd, length), 0);
        ck_assert_int_eq(duet_series_open_fd(writer.fd, &series), DUET_EDATA);
    }
    duet_cache_writer_close(&writer);
    free(records);
}
END_TEST

/** Put a changed header with a right checksum into a good file. */
static enum duet_status opened_with(int fd, const struct duet_cache_header *changed) {
    struct duet_cache_header header = *changed;
    header.checksum = duet_cache_header_checksum(&header);
    ck_assert_int_eq(pwrite(fd, &header, sizeof(header), 0), (ssize_t)sizeof(header));
    struct duet_series *series = NULL;
    enum duet_status status = duet_series_open_fd(fd, &series);
    duet_series_close(status == DUET_OK ? series : NULL);
    return status;
}

START_TEST(refuses_a_made_up_header_that_would_read_out_of_bounds) {
    struct duet_record32 *records = made_up(10);
    struct duet_data_info info = minutes();
    struct duet_cache_writer writer = written(records, 10, &info);
    struct duet_cache_header good, bad;
    ck_assert_int_eq(duet_cache_header_read(writer.fd, &good), DUET_OK);
    ck_assert_int_eq(opened_with(writer.fd, &good), DUET_OK);
    const uint64_t counts[] = {11, 138, 1000, UINT64_MAX / 32, UINT64_MAX / 32 + 1, UINT64_MAX - 127, UINT64_MAX};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        bad = good;
        bad.count = counts[i];
        ck_assert_int_eq(opened_with(writer.fd, &bad), DUET_EDATA);
        bad.checksums_at = (DUET_CACHE_HEADER_BYTES + bad.count * 32 + 7) / 8 * 8;
        ck_assert_int_eq(opened_with(writer.fd, &bad), DUET_EDATA);
        bad.file_bytes = bad.checksums_at + 8;
        ck_assert_int_eq(opened_with(writer.fd, &bad), DUET_EDATA);
    }
    bad = good;
    bad.width = 48;
    ck_assert_int_eq(opened_with(writer.fd, &bad), DUET_EDATA);
    bad = good;
    bad.price_decimals = 19;
    ck_assert_int_eq(opened_with(writer.fd, &bad), DUET_EDATA);
    bad = good;
    bad.interval_ns = 0;
    ck_assert_int_eq(opened_with(writer.fd, &bad), DUET_EDATA);
    bad = good;
    memset(bad.tz, 'x', sizeof(bad.tz));
    ck_assert_int_eq(opened_with(writer.fd, &bad), DUET_EDATA);
    duet_cache_writer_close(&writer);
    free(records);
}
END_TEST

/** An empty file of `bytes`, last used `age_s` before `now_s`. */
static void put_file(const char *folder, const char *name, off_t bytes, int64_t now_s, int64_t age_s) {
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, bytes), 0);
    const struct timespec times[] = {{.tv_sec = now_s - age_s}, {.tv_sec = now_s - age_s}};
    ck_assert_int_eq(futimens(fd, times), 0);
    ck_assert_int_eq(close(fd), 0);
}

START_TEST(sweeps_what_is_stale_unused_or_too_much) {
    char folder[] = "/tmp/duet-sweep-XXXXXX", own[64];
    const int64_t now_s = 1700000000;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(own, sizeof(own), "%s/own.bars", folder);
    static const struct {
        const char *name;
        off_t bytes;
        int64_t age_s;
        bool stays;
    } files[] = {
        {"own.bars", 5000, 200 * 86400, true}, // the one about to be written
        {"a.bars.tmp-Xyz123", 10, 7200, false}, {"b.bars.tmp-Xyz123", 10, 600, true}, // somebody may be writing it
        {"c.bars", 1000, 91 * 86400, false}, {"d.bars", 3000, 5 * 86400, false}, // d, e and f are 9000 together
        {"e.bars", 4000, 3 * 86400, true}, {"f.bars", 2000, 1 * 86400, true},
        {"letter.txt", 9000, 400 * 86400, true}, // not ours
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        put_file(folder, files[i].name, files[i].bytes, now_s, files[i].age_s);
    }
    duet_cache_sweep(own, now_s, 7000);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
        ck_assert_msg((access(path, F_OK) == 0) == files[i].stays, "%s", files[i].name);
        (void)unlink(path);
    }
    put_file(folder, "g.bars", 1, now_s, 2 * 86400);
    snprintf(own, sizeof(own), "%s/g.bars", folder);
    int fd = open(own, O_RDONLY);
    struct stat stats;
    duet_cache_mark_used(fd, now_s);
    ck_assert_int_eq(fstat(fd, &stats), 0);
    ck_assert_int_gt(stats.st_mtim.tv_sec, now_s); // by the real clock, which is later
    (void)close(fd);
    (void)unlink(own);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

DUET_TEST_MAIN("cache", NULL, gives_back_the_records_that_were_written, widens_narrow_records_where_the_file_is_wide,
    sorts_drops_all_but_the_last_duplicate_and_counts, sorts_many_runs_as_a_stable_sort_would,
    counts_gaps_across_batches_and_blocks, turns_descending_records_round, forgets_what_came_after_a_mark,
    sweeps_what_is_stale_unused_or_too_much, notices_a_single_wrong_bit_in_a_block_and_leaves_the_others_alone,
    refuses_a_header_with_any_wrong_byte, refuses_a_file_of_any_other_length,
    refuses_a_made_up_header_that_would_read_out_of_bounds)
