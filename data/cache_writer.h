/*
 * A bar cache file in the making: records arrive in batches and go straight to a temporary file beside the final name,
 * or to memory that has no name. One that is not published leaves nothing under the final name.
 */
#ifndef DUET_DATA_CACHE_WRITER_H
#define DUET_DATA_CACHE_WRITER_H

#include "data/cache.h"

/** A place in the making to return to. */
struct duet_cache_mark {
    uint64_t count;
    uint64_t gaps;
    int64_t last_ns;
    bool ascending;
};

struct duet_cache_writer {
    int fd; // -1: not open
    char *temporary; // NULL: memory
    unsigned char *buffer; // the block being filled
    size_t filled; // bytes
    uint32_t width;
    uint64_t count; // records taken
    int64_t last_ns;
    bool ascending; // so far: strictly, or where times may repeat, never back
    bool repeats; // records of ticks: times may repeat
    int64_t gap_limit_ns; // set by the owner before the first batch; see duet_order_gap_limit()
    uint64_t gaps; // wider steps so far
    bool refused; // the device took no more: worth another try in memory
    double widen_scale; // of narrow records that arrive while the file is wide
    uint64_t *checksums;
    size_t checksum_count, checksum_capacity;
};

/** `path`: the final name; NULL: memory. DUET_EIO where neither can be had. */
DUET_MUST_CHECK enum duet_status duet_cache_writer_open(struct duet_cache_writer *writer, const char *path);
/** Forget all records; those to come are `wide` or not. */
DUET_MUST_CHECK enum duet_status duet_cache_writer_restart(struct duet_cache_writer *writer, bool wide);
/** The same for records of trades or quotes, which are taken as narrow ones. */
DUET_MUST_CHECK enum duet_status duet_cache_writer_restart_ticks(
    struct duet_cache_writer *writer, enum duet_data_kind kind);
struct duet_cache_mark duet_cache_writer_mark(const struct duet_cache_writer *writer);
/** Forget what came after `mark`; the width stays. */
DUET_MUST_CHECK enum duet_status duet_cache_writer_rewind(
    struct duet_cache_writer *writer, const struct duet_cache_mark *mark);
/** `wide` records only while the file is wide; narrow ones are widened where needed. */
DUET_MUST_CHECK enum duet_status duet_cache_writer_take(
    struct duet_cache_writer *writer, const void *records, size_t count, bool wide);
/** All have been taken: sort where they were not ascending, drop duplicates, count them and the gaps in `info`. Of
 * ticks nothing is dropped, and where info->descending they are turned round. */
DUET_MUST_CHECK enum duet_status duet_cache_writer_settle(
    struct duet_cache_writer *writer, struct duet_data_info *info);
/** Complete the file with checksums and `header`, whose sizes are set here. */
DUET_MUST_CHECK enum duet_status duet_cache_writer_finish(
    struct duet_cache_writer *writer, struct duet_cache_header *header);
/** Rename to `path`, after a sync where `sync`; a failure leaves the temporary file in use, without a name. */
DUET_MUST_CHECK enum duet_status duet_cache_writer_publish(
    struct duet_cache_writer *writer, const char *path, bool sync);
/** Release everything; what was not published is gone once unmapped. Safe on a zeroed or closed writer with fd -1. */
void duet_cache_writer_close(struct duet_cache_writer *writer);

#endif
