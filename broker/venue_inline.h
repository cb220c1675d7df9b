/*
 * What the conductor asks of the venue at every instant, without a call. The venue begins with this struct.
 */
#ifndef DUET_BROKER_VENUE_INLINE_H
#define DUET_BROKER_VENUE_INLINE_H

#include "broker/venue.h"

/** Read-only; kept by broker/book.c and broker/venue.c. */
struct duet_venue_head {
    uint32_t hot_count; // instruments with working orders
    uint64_t hot_version;
    int64_t next_expiry_ns; // see duet_venue_next_expiry_ns()
};

static inline const struct duet_venue_head *duet_venue_head(const struct duet_venue *venue) {
    return (const struct duet_venue_head *)(const void *)venue;
}

/** Whether any order works at all. */
static inline uint32_t duet_venue_hot_count(const struct duet_venue *venue) {
    return duet_venue_head(venue)->hot_count;
}

#endif
