#include "data/series.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/error.h"
#include "data/cache.h"
#include "data/order.h"
#include "data/span.h"
#include "data/tick_series.h"
#include "data/zone.h"

/** What the reader has left behind is given back to the system in steps of this many bytes. */
#define SERIES_DROP_BYTES ((uint64_t)2 << 20)
/** Close to the ends of time nothing is calculated by the calendar. */
#define SERIES_TIME_MARGIN_NS (800 * DUET_DAY_NS)

void duet_series_bar(const struct duet_series *series, uint64_t index, struct duet_bar *bar) {
    duet_series_bar_inline(series, index, bar);
}

int64_t duet_series_open_scaled(const struct duet_series *series, uint64_t index) {
    return series->records32 != NULL ? series->records32[index].open
                                     : duet_series_scaled(series->records48[index].open, series->scale);
}

uint64_t duet_series_find(const struct duet_series *series, int64_t ns) {
    if (duet_series_is_ticks(series)) {
        return duet_series_find_tick(series, ns);
    }
    uint64_t low = 0, high = series->count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (duet_series_open_ns(series, middle) < ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool duet_series_first_gap(const struct duet_series *series, uint64_t *index) {
    int64_t limit_ns = duet_order_gap_limit(series->interval_ns);
    for (uint64_t i = 1; i < series->count; i++) {
        if (duet_series_open_ns(series, i) - duet_series_open_ns(series, i - 1) > limit_ns) {
            *index = i - 1;
            return true;
        }
    }
    return false;
}

int64_t duet_series_calendar_close(const struct duet_series *series, int64_t open_ns) {
    if (open_ns > INT64_MAX - SERIES_TIME_MARGIN_NS || open_ns < INT64_MIN + SERIES_TIME_MARGIN_NS) {
        return INT64_MAX;
    }
    const struct duet_zone *zone = series->zone;
    if (series->interval_ns == DUET_DAY_NS) {
        return duet_zone_next_midnight_ns(zone, open_ns);
    }
    if (series->interval_ns != DUET_WEEK_NS) {
        return duet_span_of(zone, series->interval_ns, open_ns).close_ns;
    }
    int64_t local_ns = open_ns + duet_zone_offset_ns(zone, open_ns); // a week may begin on any day
    int64_t into_day = ((local_ns % DUET_DAY_NS) + DUET_DAY_NS) % DUET_DAY_NS;
    return duet_zone_to_utc_ns(zone, local_ns - into_day + 7 * DUET_DAY_NS);
}

uint64_t duet_series_block_records(const struct duet_series *series) {
    return series->store->block_records;
}

/** Give back the pages before block `block`, so that a long run stays small. */
static void series_drop_behind(struct duet_series_store *store, uint64_t block) {
    uint64_t reached = block * DUET_CACHE_BLOCK_BYTES;
    if (reached < store->dropped + 2 * SERIES_DROP_BYTES) {
        return;
    }
    uint64_t upto = (reached - SERIES_DROP_BYTES) / SERIES_DROP_BYTES * SERIES_DROP_BYTES;
    (void)madvise(store->map + store->dropped, (size_t)(upto - store->dropped), MADV_DONTNEED);
    store->dropped = upto;
}

enum duet_status duet_series_verify(struct duet_series *series, uint64_t index) {
    DUET_ASSERT(index < series->count);
    struct duet_series_store *store = series->store;
    uint64_t block = index / store->block_records;
    series_drop_behind(store, block);
    if (store->verified == NULL || (store->verified[block / 64] >> (block % 64) & 1) != 0) {
        return DUET_OK;
    }
    uint64_t first = block * store->block_records;
    uint64_t records = series->count - first < store->block_records ? series->count - first : store->block_records;
    const unsigned char *bytes = store->map + DUET_CACHE_HEADER_BYTES + first * store->header.width;
    if (duet_cache_block_checksum(bytes, (size_t)(records * store->header.width)) != store->checksums[block]) {
        if (store->path != NULL) {
            (void)unlink(store->path);
        }
        return duet_error(DUET_EDATA, "%s: its bar cache is damaged and has been removed; run again to rebuild it",
            series->info.path);
    }
    store->verified[block / 64] |= UINT64_C(1) << (block % 64);
    return DUET_OK;
}
