/* Time zones from the system's zone data (/usr/share/zoneinfo), "UTC", and fixed offsets such as "+05:30". No libc zone
 * state. */
#ifndef DUET_DATA_ZONE_H
#define DUET_DATA_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/status.h>

struct duet_zone; // opaque, immutable

/** DUET_EINVAL for a name that the system does not know, naming what to try. */
DUET_MUST_CHECK enum duet_status duet_zone_open(const char *name, struct duet_zone **out);
void duet_zone_close(struct duet_zone *zone);
/** Offset from UTC in force at an instant, nanoseconds east. */
int64_t duet_zone_offset_ns(const struct duet_zone *zone, int64_t utc_ns);
/** The first instant after `utc_ns` at which another offset comes into force; INT64_MAX: none. */
int64_t duet_zone_next_change_ns(const struct duet_zone *zone, int64_t utc_ns);
/** The instant at which clocks show `local_ns`; in a gap the one after it, of two the first. */
int64_t duet_zone_to_utc_ns(const struct duet_zone *zone, int64_t local_ns);
/** The second of two instants at which clocks show `local_ns`, because they were set back in between; false: there is
 * one at most. */
bool duet_zone_to_second_utc_ns(const struct duet_zone *zone, int64_t local_ns, int64_t *utc_ns);
/** `local_ns` minus the instant it names; every label in *from_ns … *until_ns (exclusive) has the same difference. */
int64_t duet_zone_steady_ns(const struct duet_zone *zone, int64_t local_ns, int64_t *from_ns, int64_t *until_ns);
/** First midnight of the zone after `utc_ns`. */
int64_t duet_zone_next_midnight_ns(const struct duet_zone *zone, int64_t utc_ns);

#endif
