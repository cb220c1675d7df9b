#define _GNU_SOURCE // memfd_create
#include "data/cache_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "data/order.h"
#include "data/tick_series.h"

#define WRITER_SUFFIX ".tmp-XXXXXX"

enum duet_status duet_cache_writer_open(struct duet_cache_writer *writer, const char *path) {
    *writer = (struct duet_cache_writer){.fd = -1, .gap_limit_ns = INT64_MAX};
    if (path == NULL) {
        writer->fd = memfd_create("duet-bars", MFD_CLOEXEC);
    } else {
        struct duet_text name = {0};
        duet_text_print(&name, "%s%s", path, WRITER_SUFFIX);
        writer->fd = mkstemp(name.text);
        writer->temporary = name.text;
        if (writer->fd >= 0) {
            (void)fcntl(writer->fd, F_SETFD, FD_CLOEXEC);
        }
    }
    if (writer->fd < 0) {
        free(writer->temporary);
        writer->temporary = NULL;
        return duet_error(DUET_EIO, "%s: %s", path != NULL ? path : "memory for bars", strerror(errno));
    }
    writer->buffer = duet_alloc(1, DUET_CACHE_BLOCK_BYTES);
    return duet_cache_writer_restart(writer, false);
}

static enum duet_status writer_begin(struct duet_cache_writer *writer, size_t width, bool repeats) {
    writer->width = (uint32_t)width;
    writer->repeats = repeats;
    writer->filled = 0;
    writer->count = 0;
    writer->gaps = 0;
    writer->ascending = true;
    writer->last_ns = INT64_MIN;
    writer->checksum_count = 0;
    if (ftruncate(writer->fd, 0) != 0 || lseek(writer->fd, DUET_CACHE_HEADER_BYTES, SEEK_SET) < 0) {
        writer->refused = true;
        return duet_error(DUET_EIO, "bar cache: %s", strerror(errno));
    }
    return DUET_OK;
}

enum duet_status duet_cache_writer_restart(struct duet_cache_writer *writer, bool wide) {
    return writer_begin(writer, wide ? sizeof(struct duet_record48) : sizeof(struct duet_record32), false);
}

enum duet_status duet_cache_writer_restart_ticks(struct duet_cache_writer *writer, enum duet_data_kind kind) {
    bool trades = kind == DUET_KIND_TRADES;
    return writer_begin(writer, trades ? sizeof(struct duet_trade_tick) : sizeof(struct duet_quote_tick), true);
}

struct duet_cache_mark duet_cache_writer_mark(const struct duet_cache_writer *writer) {
    return (struct duet_cache_mark){writer->count, writer->gaps, writer->last_ns, writer->ascending};
}

enum duet_status duet_cache_writer_rewind(struct duet_cache_writer *writer, const struct duet_cache_mark *mark) {
    DUET_ASSERT(mark->count <= writer->count);
    uint64_t block_records = duet_cache_block_records(writer->width);
    uint64_t blocks = mark->count / block_records;
    off_t block_at = (off_t)(DUET_CACHE_HEADER_BYTES + blocks * block_records * writer->width);
    size_t kept = (size_t)(mark->count % block_records) * writer->width;
    // The block that the mark lies in is still in the buffer, or has to come back from the file.
    bool gone = writer->checksum_count > blocks;
    if ((gone && pread(writer->fd, writer->buffer, kept, block_at) != (ssize_t)kept) ||
        ftruncate(writer->fd, block_at) != 0 || lseek(writer->fd, block_at, SEEK_SET) < 0) {
        writer->refused = true;
        return duet_error(DUET_EIO, "bar cache: %s", strerror(errno));
    }
    writer->checksum_count = (size_t)blocks;
    writer->filled = kept;
    writer->count = mark->count;
    writer->gaps = mark->gaps;
    writer->last_ns = mark->last_ns;
    writer->ascending = mark->ascending;
    return DUET_OK;
}

static enum duet_status writer_put(struct duet_cache_writer *writer, const void *bytes, size_t size) {
    const unsigned char *next = bytes;
    while (size > 0) {
        ssize_t put = write(writer->fd, next, size);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            writer->refused = true;
            return duet_error(DUET_EIO, "bar cache: %s", put < 0 ? strerror(errno) : "no progress");
        }
        next += put;
        size -= (size_t)put;
    }
    return DUET_OK;
}

static void writer_add_checksum(struct duet_cache_writer *writer, const void *block, size_t size) {
    if (writer->checksum_count == writer->checksum_capacity) {
        writer->checksum_capacity = writer->checksum_capacity == 0 ? 1024 : 2 * writer->checksum_capacity;
        writer->checksums = duet_realloc(writer->checksums, writer->checksum_capacity, sizeof(uint64_t));
    }
    writer->checksums[writer->checksum_count++] = duet_cache_block_checksum(block, size);
}

static enum duet_status writer_flush(struct duet_cache_writer *writer) {
    if (writer->filled == 0) {
        return DUET_OK;
    }
    writer_add_checksum(writer, writer->buffer, writer->filled);
    size_t filled = writer->filled;
    writer->filled = 0;
    return writer_put(writer, writer->buffer, filled);
}

static void writer_widen(const struct duet_record32 *from, double scale, struct duet_record48 *to) {
    to->open_ns = from->open_ns;
    to->open = (double)from->open / scale;
    to->high = (double)from->high / scale;
    to->low = (double)from->low / scale;
    to->close = (double)from->close / scale;
    to->volume = from->volume;
}

/** Note whether `count` records at `bytes` go on ascending, and how many steps are gaps if they do. */
static void writer_watch(struct duet_cache_writer *writer, const unsigned char *bytes, size_t count) {
    uint64_t limit_ns = (uint64_t)writer->gap_limit_ns, gaps = 0;
    int64_t last_ns = writer->last_ns;
    if (writer->count == 0) {
        memcpy(&last_ns, bytes, sizeof(last_ns));
    }
    bool ascending = writer->ascending, repeats = writer->repeats;
    for (size_t i = writer->count == 0; i < count; i++) {
        int64_t time_ns;
        memcpy(&time_ns, bytes + i * writer->width, sizeof(time_ns));
        ascending &= (time_ns > last_ns) | (repeats & (time_ns == last_ns));
        gaps += (uint64_t)time_ns - (uint64_t)last_ns > limit_ns;
        last_ns = time_ns;
    }
    writer->gaps += gaps;
    writer->ascending = ascending;
    writer->last_ns = last_ns;
}

enum duet_status duet_cache_writer_take(
    struct duet_cache_writer *writer, const void *records, size_t count, bool wide) {
    bool file_wide = writer->width == sizeof(struct duet_record48);
    DUET_ASSERT(file_wide || !wide);
    size_t block_bytes = (size_t)duet_cache_block_records(writer->width) * writer->width;
    for (size_t done = 0; done < count;) {
        size_t room = (block_bytes - writer->filled) / writer->width;
        size_t step = count - done < room ? count - done : room;
        unsigned char *to = writer->buffer + writer->filled;
        if (file_wide && !wide) {
            const struct duet_record32 *from = (const struct duet_record32 *)records + done;
            for (size_t i = 0; i < step; i++) {
                struct duet_record48 record;
                writer_widen(&from[i], writer->widen_scale, &record);
                memcpy(to + i * sizeof(record), &record, sizeof(record));
            }
        } else {
            memcpy(to, (const unsigned char *)records + done * writer->width, step * writer->width);
        }
        writer_watch(writer, to, step);
        writer->filled += step * writer->width;
        writer->count += step;
        done += step;
        if (writer->filled == block_bytes) {
            enum duet_status status = writer_flush(writer);
            if (status != DUET_OK) {
                return status;
            }
        }
    }
    return DUET_OK;
}

/** Sort the records in the file, cut it to those that remain and sum up its blocks again. */
static enum duet_status writer_reorder(struct duet_cache_writer *writer, bool descending) {
    size_t bytes = DUET_CACHE_HEADER_BYTES + (size_t)writer->count * writer->width;
    unsigned char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, writer->fd, 0);
    if (map == MAP_FAILED) {
        writer->refused = true;
        return duet_error(DUET_EIO, "bar cache: %s", strerror(errno));
    }
    unsigned char *records = map + DUET_CACHE_HEADER_BYTES;
    uint64_t kept = writer->count;
    enum duet_status status = DUET_OK;
    if (!writer->repeats) {
        status = duet_order_records(records, writer->count, writer->width, &kept);
    } else if (descending) {
        duet_order_reverse(records, kept, writer->width);
    } else {
        status = duet_order_sort(records, kept, writer->width);
    }
    if (status == DUET_OK) {
        writer->count = kept;
        writer->gaps = duet_order_count_gaps(records, kept, writer->width, writer->gap_limit_ns);
        writer->checksum_count = 0;
        uint64_t block_records = duet_cache_block_records(writer->width);
        for (uint64_t i = 0; i < kept; i += block_records) {
            uint64_t count = kept - i < block_records ? kept - i : block_records;
            writer_add_checksum(writer, records + i * writer->width, (size_t)count * writer->width);
        }
    }
    (void)munmap(map, bytes);
    return status;
}

enum duet_status duet_cache_writer_settle(struct duet_cache_writer *writer, struct duet_data_info *info) {
    uint64_t before = writer->count;
    enum duet_status status = writer_flush(writer);
    if (status == DUET_OK && !writer->ascending) {
        status = writer_reorder(writer, info->descending);
    }
    if (status == DUET_OK) {
        info->warnings[DUET_DATA_DUPLICATE] += before - writer->count;
        info->warnings[DUET_DATA_GAP] += writer->gaps;
    }
    return status;
}

enum duet_status duet_cache_writer_finish(struct duet_cache_writer *writer, struct duet_cache_header *header) {
    DUET_ASSERT(writer->filled == 0);
    uint64_t records_end = DUET_CACHE_HEADER_BYTES + writer->count * writer->width;
    memcpy(header->magic, DUET_CACHE_MAGIC, sizeof(DUET_CACHE_MAGIC));
    header->version = DUET_CACHE_VERSION;
    header->byte_order = DUET_CACHE_BYTE_ORDER;
    header->width = writer->width;
    header->count = writer->count;
    header->checksums_at = (records_end + 7) / 8 * 8;
    header->file_bytes = header->checksums_at + writer->checksum_count * sizeof(uint64_t);
    header->checksum = duet_cache_header_checksum(header);
    if (ftruncate(writer->fd, (off_t)header->checksums_at) != 0 ||
        lseek(writer->fd, (off_t)header->checksums_at, SEEK_SET) < 0) {
        writer->refused = true;
        return duet_error(DUET_EIO, "bar cache: %s", strerror(errno));
    }
    enum duet_status status = writer_put(writer, writer->checksums, writer->checksum_count * sizeof(uint64_t));
    if (status == DUET_OK && lseek(writer->fd, 0, SEEK_SET) < 0) {
        status = duet_error(DUET_EIO, "bar cache: %s", strerror(errno));
    }
    return status == DUET_OK ? writer_put(writer, header, sizeof(*header)) : status;
}

enum duet_status duet_cache_writer_publish(struct duet_cache_writer *writer, const char *path, bool sync) {
    DUET_ASSERT(writer->temporary != NULL);
    if ((sync && fsync(writer->fd) != 0) || rename(writer->temporary, path) != 0) {
        return duet_error(DUET_EIO, "%s: %s", path, strerror(errno));
    }
    free(writer->temporary);
    writer->temporary = NULL;
    return DUET_OK;
}

void duet_cache_writer_close(struct duet_cache_writer *writer) {
    if (writer->temporary != NULL) {
        (void)unlink(writer->temporary);
        free(writer->temporary);
    }
    if (writer->fd >= 0) {
        (void)close(writer->fd);
    }
    free(writer->buffer);
    free(writer->checksums);
    *writer = (struct duet_cache_writer){.fd = -1};
}
