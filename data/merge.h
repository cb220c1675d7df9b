/*
 * Many sorted sources as one sequence: a loser tree on (time, source). The order among equal times is the order of the
 * sources, so the caller numbers them (shorter interval first, then symbol).
 */
#ifndef DUET_DATA_MERGE_H
#define DUET_DATA_MERGE_H

#include <stdint.h>

#include <duet/status.h>

struct duet_merge; // opaque

/** `next_ns[i]` is the time of source i's first element, INT64_MAX for an empty source; copied. count >= 1. */
DUET_MUST_CHECK enum duet_status duet_merge_create(const int64_t *next_ns, uint32_t count, struct duet_merge **out);
void duet_merge_destroy(struct duet_merge *merge);
/** Source of the earliest element, and its time; INT64_MAX when every source is at its end. */
uint32_t duet_merge_top(const struct duet_merge *merge);
int64_t duet_merge_top_ns(const struct duet_merge *merge);
/** The top source moves on to its next element, at `next_ns` (INT64_MAX: at its end). Returns the new
 * duet_merge_top_ns(). */
int64_t duet_merge_advance(struct duet_merge *merge, int64_t next_ns);

#endif
