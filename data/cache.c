#include "data/cache.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <duet/money.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "data/tick_series.h"

static_assert(sizeof(struct duet_cache_header) <= DUET_CACHE_HEADER_BYTES, "the header fits before the records");
static_assert(offsetof(struct duet_cache_header, checksum) + sizeof(uint64_t) == sizeof(struct duet_cache_header),
    "the checksum covers everything before it");
static_assert(DUET_DATA_WARNING_COUNT <= DUET_CACHE_WARNINGS_MAX, "every warning has a place in the header");
static_assert(
    sizeof(struct duet_record32) == 32 && sizeof(struct duet_record48) == 48, "records are stored as they are");

/** Longest nominal interval that a header may claim. */
#define CACHE_INTERVAL_MAX (400 * DUET_DAY_NS)

/** Words summed side by side; compilers turn them into vectors. */
#define CHECKSUM_LANES 8

uint64_t duet_cache_block_checksum(const void *bytes, size_t size) {
    // Sums, and sums of sums so that places count; the upper halves are folded in because carries only go up. Enough to
    // find damage at the speed of memory; it need not resist anyone.
    uint64_t sums[CHECKSUM_LANES] = {0}, places[CHECKSUM_LANES] = {0};
    const unsigned char *next = bytes;
    size_t left = size;
    for (; left >= sizeof(sums); left -= sizeof(sums), next += sizeof(sums)) {
        uint64_t words[CHECKSUM_LANES];
        memcpy(words, next, sizeof(words));
        for (size_t lane = 0; lane < CHECKSUM_LANES; lane++) {
            sums[lane] += words[lane];
            places[lane] += sums[lane] ^ (sums[lane] >> 32);
        }
    }
    uint64_t hash = duet_hash_bytes(DUET_HASH_SEED, next, left);
    hash = duet_hash_bytes(hash, sums, sizeof(sums));
    hash = duet_hash_bytes(hash, places, sizeof(places));
    return duet_hash_step(hash, size);
}

uint64_t duet_cache_header_checksum(const struct duet_cache_header *header) {
    return duet_hash_bytes(DUET_HASH_SEED, header, offsetof(struct duet_cache_header, checksum));
}

uint64_t duet_cache_block_records(uint32_t width) {
    return DUET_CACHE_BLOCK_BYTES / width;
}

uint64_t duet_cache_boot(void) {
    char text[64];
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text));
    if (fd >= 0) {
        (void)close(fd);
    }
    return length > 0 ? duet_hash_bytes(DUET_HASH_SEED, text, (size_t)length) | 1 : 0;
}

void duet_cache_info_store(const struct duet_data_info *info, struct duet_cache_header *header) {
    header->kind = (uint32_t)info->kind;
    header->stamp = (uint32_t)info->stamp;
    header->tz_assumed = info->tz_assumed;
    header->has_volume = info->has_volume;
    header->adjusted_differs = info->adjusted_differs;
    header->descending = info->descending;
    header->price_decimals = info->price_decimals;
    header->quantity_decimals = info->quantity_decimals;
    header->interval_ns = info->interval_ns;
    header->first_ns = info->first_ns;
    header->last_ns = info->last_ns;
    header->rows = info->rows;
    header->skipped = info->skipped;
    duet_text_copy(header->symbol, sizeof(header->symbol), info->symbol);
    duet_text_copy(header->path, sizeof(header->path), info->path);
    duet_text_copy(header->dialect, sizeof(header->dialect), info->dialect);
    duet_text_copy(header->columns, sizeof(header->columns), info->columns);
    duet_text_copy(header->tz, sizeof(header->tz), info->tz);
    duet_text_copy(header->first, sizeof(header->first), info->first);
    duet_text_copy(header->last, sizeof(header->last), info->last);
    duet_text_copy(header->digest, sizeof(header->digest), info->digest);
    header->warning_count = DUET_DATA_WARNING_COUNT;
    for (size_t i = 0; i < DUET_DATA_WARNING_COUNT; i++) {
        header->warnings[i] = info->warnings[i];
        header->warning_line[i] = info->warning_line[i];
    }
}

void duet_cache_info_load(const struct duet_cache_header *header, struct duet_data_info *info) {
    *info = (struct duet_data_info){
        .kind = (enum duet_data_kind)header->kind,
        .stamp = (enum duet_stamp)header->stamp,
        .tz_assumed = header->tz_assumed != 0,
        .has_volume = header->has_volume != 0,
        .adjusted_differs = header->adjusted_differs != 0,
        .descending = header->descending != 0,
        .price_decimals = header->price_decimals,
        .quantity_decimals = header->quantity_decimals,
        .interval_ns = header->interval_ns,
        .first_ns = header->first_ns,
        .last_ns = header->last_ns,
        .rows = header->rows,
        .skipped = header->skipped,
    };
    duet_text_copy(info->symbol, sizeof(info->symbol), header->symbol);
    duet_text_copy(info->path, sizeof(info->path), header->path);
    duet_text_copy(info->dialect, sizeof(info->dialect), header->dialect);
    duet_text_copy(info->columns, sizeof(info->columns), header->columns);
    duet_text_copy(info->tz, sizeof(info->tz), header->tz);
    duet_text_copy(info->first, sizeof(info->first), header->first);
    duet_text_copy(info->last, sizeof(info->last), header->last);
    duet_text_copy(info->digest, sizeof(info->digest), header->digest);
    for (size_t i = 0; i < DUET_DATA_WARNING_COUNT; i++) {
        info->warnings[i] = header->warnings[i];
        info->warning_line[i] = header->warning_line[i];
    }
}

static bool cache_text_ends(const char *text, size_t size) {
    return memchr(text, '\0', size) != NULL;
}

#define CACHE_TEXT_ENDS(header, field) cache_text_ends((header)->field, sizeof((header)->field))

/** Whether records of `width` bytes are what a series of this kind has. */
static bool cache_width_fits(uint32_t kind, uint32_t width) {
    switch (kind) {
    case DUET_KIND_BARS:
        return width == sizeof(struct duet_record32) || width == sizeof(struct duet_record48);
    case DUET_KIND_TRADES:
        return width == sizeof(struct duet_trade_tick);
    case DUET_KIND_QUOTES:
        return width == sizeof(struct duet_quote_tick);
    default:
        return false;
    }
}

/** NULL for a header whose every field is in range, else what is wrong with it. */
static const char *cache_header_fault(const struct duet_cache_header *header, uint64_t file_bytes) {
    if (memcmp(header->magic, DUET_CACHE_MAGIC, sizeof(DUET_CACHE_MAGIC)) != 0) {
        return "not a cache of ours";
    }
    if (header->version != DUET_CACHE_VERSION || header->byte_order != DUET_CACHE_BYTE_ORDER) {
        return "of another version";
    }
    if (header->checksum != duet_cache_header_checksum(header)) {
        return "header damaged";
    }
    if (!cache_width_fits(header->kind, header->width)) {
        return "unknown record width";
    }
    uint64_t block_records = duet_cache_block_records(header->width);
    // A count beyond what the file could hold is refused before it is multiplied.
    if (header->count > file_bytes / header->width) {
        return "more records than the file holds";
    }
    uint64_t records_end = DUET_CACHE_HEADER_BYTES + header->count * header->width;
    uint64_t blocks = (header->count + block_records - 1) / block_records;
    if (header->checksums_at != (records_end + 7) / 8 * 8 || header->file_bytes != file_bytes ||
        file_bytes != header->checksums_at + blocks * sizeof(uint64_t)) {
        return "cut short or too long";
    }
    if (header->stamp > DUET_STAMP_CLOSE || header->price_decimals > DUET_DECIMALS_MAX ||
        header->quantity_decimals > DUET_DECIMALS_MAX || header->interval_ns < (header->kind == DUET_KIND_BARS) ||
        header->interval_ns > CACHE_INTERVAL_MAX || (header->kind != DUET_KIND_BARS && header->interval_ns != 0) ||
        header->ticks_wide > 1 || header->warning_count != DUET_DATA_WARNING_COUNT) {
        return "a field out of range";
    }
    if (!CACHE_TEXT_ENDS(header, symbol) || !CACHE_TEXT_ENDS(header, path) || !CACHE_TEXT_ENDS(header, dialect) ||
        !CACHE_TEXT_ENDS(header, columns) || !CACHE_TEXT_ENDS(header, tz) || !CACHE_TEXT_ENDS(header, first) ||
        !CACHE_TEXT_ENDS(header, last) || !CACHE_TEXT_ENDS(header, digest)) {
        return "a text without end";
    }
    return NULL;
}

enum duet_status duet_cache_header_read(int fd, struct duet_cache_header *out) {
    struct stat stats;
    if (fstat(fd, &stats) != 0) {
        return duet_error(DUET_EDATA, "bar cache: %s", strerror(errno));
    }
    if (!S_ISREG(stats.st_mode) || stats.st_size < DUET_CACHE_HEADER_BYTES ||
        pread(fd, out, sizeof(*out), 0) != (ssize_t)sizeof(*out)) {
        return duet_error(DUET_EDATA, "bar cache: no header");
    }
    const char *fault = cache_header_fault(out, (uint64_t)stats.st_size);
    return fault == NULL ? DUET_OK : duet_error(DUET_EDATA, "bar cache: %s", fault);
}

enum duet_status duet_cache_map(int fd, const struct duet_cache_header *header, struct duet_series_store *store) {
    void *map = mmap(NULL, (size_t)header->file_bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        return duet_error(DUET_EIO, "bar cache: %s", strerror(errno));
    }
    (void)madvise(map, (size_t)header->file_bytes, MADV_SEQUENTIAL);
    store->header = *header;
    store->map = map;
    store->map_bytes = (size_t)header->file_bytes;
    store->block_records = duet_cache_block_records(header->width);
    store->blocks = (header->count + store->block_records - 1) / store->block_records;
    store->checksums = (const uint64_t *)(const void *)(store->map + header->checksums_at);
    return DUET_OK;
}

void duet_cache_header_update(const char *path, struct duet_cache_header *header) {
    uint64_t before = header->checksum;
    header->checksum = duet_cache_header_checksum(header);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    struct duet_cache_header now;
    // Only the very file that was opened: another process may have put a newer one in its place. A torn write leaves a
    // wrong checksum, and so a rebuild.
    if (duet_cache_header_read(fd, &now) == DUET_OK && now.checksum == before) {
        ssize_t put = pwrite(fd, header, sizeof(*header), 0);
        (void)put;
    }
    (void)close(fd);
}
