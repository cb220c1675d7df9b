/* Records into strictly ascending time order, and the holes between them. */
#ifndef DUET_DATA_ORDER_H
#define DUET_DATA_ORDER_H

#include <stdint.h>

#include <duet/status.h>

/**
 * Sort `count` records of `width` bytes that begin with their time; equal times keep their order, then all but the last
 * of each are dropped. `*kept` is how many remain, at the front. Natural merge sort: quick on files that are nearly in
 * order, whichever way. Takes as much memory again unless the records are one ascending or descending run.
 */
DUET_MUST_CHECK enum duet_status duet_order_records(void *records, uint64_t count, uint32_t width, uint64_t *kept);

/** Pairs of neighbours that are too far apart for `interval_ns`: more than one interval; for daily bars more than four
 * days, for weeks and months more than one of them by the calendar. */
uint64_t duet_order_count_gaps(const void *records, uint64_t count, uint32_t width, int64_t interval_ns);

#endif
