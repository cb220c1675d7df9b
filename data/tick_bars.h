/*
 * Bars built from trades (or quotes' middles) on the absolute grid: an interval's bar closes by the clock, not by the
 * next tick; an interval without ticks yields no bar. The opening is known with the first tick, and is that of the
 * interval. Grid: multiples of the interval since 1970, so whatever divides a day. All sums are of scaled integers; a
 * volume out of range stays at the largest one.
 */
#ifndef DUET_DATA_TICK_BARS_H
#define DUET_DATA_TICK_BARS_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/bar.h>
#include <duet/event.h>

struct duet_tick_bars { // one series; zero-initialise but instrument, decimals and interval
    uint32_t instrument, price_decimals, quantity_decimals;
    int64_t interval_ns;
    struct duet_bar bar; // under way; size 0: none
    int64_t volume_scaled;
    uint64_t late; // ticks of an interval that is over, or of no time that can be; left out
};
/** Takes one trade; quantity 0 for a quote's middle. Returns what became known: a bar that closed before it (in
 * *closed), an opening (in *opening). */
#define DUET_TICK_CLOSED 1u
#define DUET_TICK_OPENED 2u
unsigned duet_tick_bars_take(struct duet_tick_bars *bars, int64_t time_ns, int64_t price_scaled,
    int64_t quantity_scaled, struct duet_bar *closed, struct duet_opening *opening);
/** The clock has reached `now_ns`: true where a bar closes by that. */
bool duet_tick_bars_close(struct duet_tick_bars *bars, int64_t now_ns, struct duet_bar *closed);
/** When that is due; INT64_MAX: no bar is under way. */
int64_t duet_tick_bars_due_ns(const struct duet_tick_bars *bars);

#endif
