/*
 * A good cache file with any bytes changed and any length: refused with a reason, or read without harm.
 *
 * Input: a byte of flags (1: wide records, 2: put the header's checksum right again, so that what follows it is
 * reached), two bytes of length (0: whole), then changes of three bytes: place (two bytes, little-endian), value.
 */
#define _GNU_SOURCE // memfd_create
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "data/cache_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define RECORDS 40

static void fuzz_write_good(struct duet_cache_writer *writer, bool wide) {
    struct duet_data_info info = {.interval_ns = DUET_MINUTE_NS, .price_decimals = 2};
    struct duet_cache_header header = {0};
    enum duet_status status = duet_cache_writer_open(writer, NULL);
    DUET_ASSERT(status == DUET_OK);
    status = duet_cache_writer_restart(writer, wide);
    DUET_ASSERT(status == DUET_OK);
    writer->widen_scale = 100;
    for (int i = 0; i < RECORDS; i++) {
        const struct duet_record32 record = {i * DUET_MINUTE_NS, 100 + i, 101 + i, 99 + i, 100 + i, i};
        status = duet_cache_writer_take(writer, &record, 1, false);
        DUET_ASSERT(status == DUET_OK);
    }
    status = duet_cache_writer_settle(writer, &info);
    DUET_ASSERT(status == DUET_OK);
    duet_cache_info_store(&info, &header);
    status = duet_cache_writer_finish(writer, &header);
    DUET_ASSERT(status == DUET_OK);
}

static void fuzz_walk(struct duet_series *series) {
    volatile double sum = 0; // so that the reads are not dropped
    DUET_ASSERT(series->count <= RECORDS);
    for (uint64_t i = 0; i < series->count; i++) {
        struct duet_bar bar;
        if (duet_series_verify(series, i) != DUET_OK) {
            DUET_ASSERT(duet_error_text()[0] != '\0');
        }
        duet_series_bar(series, i, &bar);
        sum += bar.close + (double)bar.close_scaled + (double)duet_series_open_scaled(series, i);
    }
    (void)sum;
    (void)duet_series_find(series, 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 3) {
        return 0;
    }
    struct duet_cache_writer writer;
    fuzz_write_good(&writer, (bytes[0] & 1) != 0);
    for (size_t i = 3; i + 3 <= size; i += 3) {
        ssize_t put = pwrite(writer.fd, &bytes[i + 2], 1, (off_t)(bytes[i] | bytes[i + 1] << 8));
        DUET_ASSERT(put == 1);
    }
    struct duet_cache_header header;
    if ((bytes[0] & 2) != 0 && pread(writer.fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header)) {
        header.checksum = duet_cache_header_checksum(&header);
        ssize_t put = pwrite(writer.fd, &header, sizeof(header), 0);
        DUET_ASSERT(put == (ssize_t)sizeof(header));
    }
    uint32_t length = (uint32_t)bytes[1] | (uint32_t)bytes[2] << 8;
    if (length > 0) {
        int cut = ftruncate(writer.fd, (off_t)length);
        DUET_ASSERT(cut == 0);
    }
    struct duet_series *series = NULL;
    if (duet_series_open_fd(writer.fd, &series) == DUET_OK) {
        fuzz_walk(series);
        duet_series_close(series);
    } else {
        DUET_ASSERT(duet_error_text()[0] != '\0');
    }
    duet_cache_writer_close(&writer);
    return 0;
}
