/*
 * Spans of the clock and of the calendar: where a bar of a length begins and ends, by what clocks of a zone show.
 *
 *   below a day   from midnight on every so much time, and anew at the next midnight: 5m is 00:00, 00:05 …; 7h is
 * 00:00, 07:00, 14:00 and 21:00, the last of them three hours long. Where clocks are set forward or back, spans end at
 * what they show: the 4h span from 00:00 then lasts three or five hours, and those of 1h stay one hour long days from
 * midnight to midnight, 23 or 25 hours where clocks change; several are counted from 1970-01-01 weeks         from
 * Monday; several are counted from that of 1969-12-29 DUET_MONTH_NS, DUET_QUARTER_NS, DUET_YEAR_NS   of the calendar
 */
#ifndef DUET_DATA_SPAN_H
#define DUET_DATA_SPAN_H

#include <stdint.h>

struct duet_zone; // data/zone.h

struct duet_span {
    int64_t open_ns, close_ns; // first instant of it, and first one after it
};

/** The span of this length that holds the instant `ns`. interval_ns > 0, at most DUET_YEAR_NS; zone NULL: UTC. */
struct duet_span duet_span_of(const struct duet_zone *zone, int64_t interval_ns, int64_t ns);

#endif
