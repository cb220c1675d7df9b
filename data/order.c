#include "data/order.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <duet/bar.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"

#define ORDER_WIDTH_MAX 64

static inline int64_t order_time(const unsigned char *records, uint64_t index, uint32_t width) {
    int64_t time_ns;
    memcpy(&time_ns, records + index * width, sizeof(time_ns));
    return time_ns;
}

static void order_reverse(unsigned char *records, uint64_t begin, uint64_t end, uint32_t width) {
    unsigned char held[ORDER_WIDTH_MAX];
    while (begin + 1 < end) {
        end--;
        memcpy(held, records + begin * width, width);
        memcpy(records + begin * width, records + end * width, width);
        memcpy(records + end * width, held, width);
        begin++;
    }
}

/** One past the run that begins at `begin`; a strictly descending run is turned round first. */
static uint64_t order_next_run(unsigned char *records, uint64_t begin, uint64_t count, uint32_t width) {
    uint64_t end = begin + 1;
    if (end < count && order_time(records, end, width) < order_time(records, begin, width)) {
        while (end < count && order_time(records, end, width) < order_time(records, end - 1, width)) {
            end++;
        }
        order_reverse(records, begin, end, width);
        return end;
    }
    while (end < count && order_time(records, end, width) >= order_time(records, end - 1, width)) {
        end++;
    }
    return end;
}

static void order_merge(
    const unsigned char *from, unsigned char *to, uint64_t left, uint64_t right, uint64_t end, uint32_t width) {
    uint64_t middle = right;
    unsigned char *out = to + left * width;
    while (left < middle && right < end) {
        uint64_t *next = order_time(from, right, width) < order_time(from, left, width) ? &right : &left;
        memcpy(out, from + *next * width, width);
        (*next)++;
        out += width;
    }
    memcpy(out, from + left * width, (middle - left) * width);
    out += (middle - left) * width;
    memcpy(out, from + right * width, (end - right) * width);
}

/** Merge neighbouring runs until one is left; `ends[i]` is one past run i. */
static void order_merge_runs(
    unsigned char *records, unsigned char *spare, uint64_t *ends, uint64_t runs, uint64_t count, uint32_t width) {
    unsigned char *from = records, *to = spare;
    while (runs > 1) {
        uint64_t merged = 0, begin = 0;
        for (uint64_t run = 0; run < runs; run += 2) {
            uint64_t middle = ends[run];
            uint64_t end = run + 1 < runs ? ends[run + 1] : middle;
            order_merge(from, to, begin, middle, end, width);
            ends[merged++] = end;
            begin = end;
        }
        runs = merged;
        unsigned char *held = from;
        from = to;
        to = held;
    }
    if (from != records) {
        memcpy(records, from, count * width);
    }
}

static uint64_t order_drop_repeated(unsigned char *records, uint64_t count, uint32_t width) {
    uint64_t kept = 0;
    for (uint64_t i = 0; i < count; i++) {
        bool repeats = kept > 0 && order_time(records, kept - 1, width) == order_time(records, i, width);
        uint64_t place = repeats ? kept - 1 : kept++;
        if (place != i) {
            memcpy(records + place * width, records + i * width, width);
        }
    }
    return kept;
}

void duet_order_reverse(void *records, uint64_t count, uint32_t width) {
    DUET_ASSERT(width <= ORDER_WIDTH_MAX);
    order_reverse(records, 0, count, width);
}

enum duet_status duet_order_sort(void *records, uint64_t count, uint32_t width) {
    DUET_ASSERT(width <= ORDER_WIDTH_MAX);
    uint64_t *ends = NULL;
    uint64_t runs = 0, capacity = 0;
    for (uint64_t begin = 0; begin < count;) {
        if (runs == capacity) {
            capacity = capacity == 0 ? 1024 : 2 * capacity;
            ends = duet_realloc(ends, capacity, sizeof(*ends));
        }
        begin = order_next_run(records, begin, count, width);
        ends[runs++] = begin;
    }
    if (runs > 1) {
        unsigned char *spare = malloc(count * width);
        if (spare == NULL) {
            free(ends);
            return duet_error(DUET_ENOMEM, "no memory to sort %llu rows", (unsigned long long)count);
        }
        order_merge_runs(records, spare, ends, runs, count, width);
        free(spare);
    }
    free(ends);
    return DUET_OK;
}

enum duet_status duet_order_records(void *records, uint64_t count, uint32_t width, uint64_t *kept) {
    enum duet_status status = duet_order_sort(records, count, width);
    *kept = status == DUET_OK ? order_drop_repeated(records, count, width) : 0;
    return status;
}

int64_t duet_order_gap_limit(int64_t interval_ns) {
    switch (interval_ns) {
    case 0:
        return INT64_MAX;
    case DUET_DAY_NS:
        return 4 * DUET_DAY_NS + DUET_HOUR_NS; // clocks that change add an hour to what the calendar says
    case DUET_WEEK_NS:
        return 8 * DUET_DAY_NS; // a week that begins after a holiday
    case DUET_MONTH_NS:
        return 34 * DUET_DAY_NS; // labels are often the first day of trading
    default:
        return interval_ns;
    }
}

uint64_t duet_order_count_gaps(const void *records, uint64_t count, uint32_t width, int64_t limit_ns) {
    uint64_t gaps = 0;
    for (uint64_t i = 1; i < count; i++) {
        uint64_t step_ns = (uint64_t)order_time(records, i, width) - (uint64_t)order_time(records, i - 1, width);
        gaps += step_ns > (uint64_t)limit_ns;
    }
    return gaps;
}
