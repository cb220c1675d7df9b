/* Records into strictly ascending time order, and the holes between them. */
#ifndef DUET_DATA_ORDER_H
#define DUET_DATA_ORDER_H

#include <stdint.h>

#include <duet/status.h>

/** Sort `count` records of `width` bytes that begin with their time; equal times keep their order. */
DUET_MUST_CHECK enum duet_status duet_order_sort(void *records, uint64_t count, uint32_t width);
/** The last record first. */
void duet_order_reverse(void *records, uint64_t count, uint32_t width);

/**
 * Sort `count` records of `width` bytes that begin with their time; equal times keep their order, then all but the last
 * of each are dropped. `*kept` is how many remain, at the front. Natural merge sort: quick on files that are nearly in
 * order, whichever way. Takes as much memory again unless the records are one ascending or descending run.
 */
DUET_MUST_CHECK enum duet_status duet_order_records(void *records, uint64_t count, uint32_t width, uint64_t *kept);

/** Largest distance between labels that is no gap: one interval; for daily bars four days, for weeks and months one of
 * them by the calendar. INT64_MAX for an interval of 0, which is not known. */
int64_t duet_order_gap_limit(int64_t interval_ns);
/** Pairs of neighbours that are further apart. */
uint64_t duet_order_count_gaps(const void *records, uint64_t count, uint32_t width, int64_t limit_ns);

#endif
