/*
 * Cache files of series: what a parse produced, ready to be mapped.
 *
 *     offset 0        struct duet_cache_header, 4096 bytes
 *     4096            `count` records of `width` bytes: struct duet_record32 or struct duet_record48 of bars,
 *                     struct duet_trade_tick of trades, struct duet_quote_tick of quotes
 *     checksums_at    one 64-bit checksum per block of records (65,536 bytes rounded down to whole records), the last
 *                     block may be short; begins at the next multiple of 8 after the records and ends the file
 *
 * Numbers are in the machine's own byte order, and `byte_order` says which; a file of another order is rebuilt. The
 * header carries its own checksum.
 *
 * Files are renamed into place without waiting for the disk. As long as the machine stays up, what was written is what
 * is read; after another boot all blocks are verified before the file is used once more, so what a power failure left
 * behind is found before anyone has seen a bar of it.
 *
 * Everything in the header is checked before it is believed, since a file may be damaged, cut short or made up: what is
 * in doubt is DUET_EDATA, and the caller reads the source again.
 */
#ifndef DUET_DATA_CACHE_H
#define DUET_DATA_CACHE_H

#include "data/series.h"
#include "data/source.h"

#define DUET_CACHE_MAGIC "DUETBAR"
/** Raise with every change of the format, and of what the parser makes of the same file. */
#define DUET_CACHE_VERSION 5u
#define DUET_CACHE_HEADER_BYTES 4096
#define DUET_CACHE_BLOCK_BYTES 65536
/** Room for warnings; more than there are kinds of. */
#define DUET_CACHE_WARNINGS_MAX 32

struct duet_cache_header {
    char magic[8];
    uint32_t version;
    uint32_t width; // bytes of a record
    uint64_t byte_order; // DUET_CACHE_BYTE_ORDER
    uint64_t count, checksums_at, file_bytes;
    uint64_t key[2]; // of source path and the spec fields that change a parse
    struct duet_source_identity source;
    uint64_t boot; // boot of the machine that wrote it; 0: it has been synced
    uint64_t content; // fold of the source's bytes, where `recent`
    uint32_t recent; // 1: the source was so young that its identity alone proves nothing
    uint32_t warning_count; // entries used below
    // struct duet_data_info, with fixed widths
    uint32_t kind, stamp, tz_assumed, has_volume, adjusted_differs, descending, price_decimals, quantity_decimals;
    uint32_t ticks_wide, reserved; // see struct duet_series
    int64_t interval_ns, first_ns, last_ns;
    uint64_t rows, skipped;
    char symbol[DUET_SYMBOL_MAX], path[1024], dialect[32], columns[256], tz[48], first[40], last[40];
    char digest[72]; // SHA-256 of the source; "" unknown
    uint64_t warnings[DUET_CACHE_WARNINGS_MAX], warning_line[DUET_CACHE_WARNINGS_MAX];
    uint64_t checksum; // of everything before it; last
};
#define DUET_CACHE_BYTE_ORDER UINT64_C(0x0102030405060708)

/** The private half of a series: its mapping, and where that came from. */
struct duet_series_store {
    unsigned char *map; // owned; NULL of an empty memory
    size_t map_bytes;
    char *path; // cache file; NULL for records in memory
    const uint64_t *checksums; // in the map
    uint64_t blocks, block_records;
    uint64_t *verified; // a bit per block; NULL: all of them, this process wrote them
    uint64_t dropped; // bytes of the map given back behind the reader
    struct duet_cache_header header;
    struct duet_zone *zone; // owned
    struct duet_source source; // empty for a series opened from a bare descriptor
};

/** Checksum of one block. */
uint64_t duet_cache_block_checksum(const void *bytes, size_t size);
uint64_t duet_cache_header_checksum(const struct duet_cache_header *header);
uint64_t duet_cache_block_records(uint32_t width);

/** A number that changes with every boot; 0 where the system does not tell. */
uint64_t duet_cache_boot(void);

void duet_cache_info_store(const struct duet_data_info *info, struct duet_cache_header *header);
void duet_cache_info_load(const struct duet_cache_header *header, struct duet_data_info *info);

/** Read and check the header of an open file: magic, version, checksum, sizes, ranges. */
DUET_MUST_CHECK enum duet_status duet_cache_header_read(int fd, struct duet_cache_header *out);
/** Map an open cache file or memory whose header has been read. `fd` is not kept. */
DUET_MUST_CHECK enum duet_status duet_cache_map(
    int fd, const struct duet_cache_header *header, struct duet_series_store *store);
/** Write a changed header (digest, recent) into the file it came from; no harm where that fails. */
void duet_cache_header_update(const char *path, struct duet_cache_header *header);

/** A series over any open file, its source unknown: for tests and fuzzing. `fd` is not kept. */
DUET_MUST_CHECK enum duet_status duet_series_open_fd(int fd, struct duet_series **out);

#endif
