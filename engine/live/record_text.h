/*
 * Records and events in words: for `duet replay`, `duet explain`, and the line that says where a recovery went astray.
 */
#ifndef DUET_ENGINE_LIVE_RECORD_TEXT_H
#define DUET_ENGINE_LIVE_RECORD_TEXT_H

#include <stdbool.h>

#include "base/text.h"
#include "components/instruments.h"
#include "engine/live/input.h"

/** An event from its canonical bytes (duet_event_encode()). False for BAR, TRADE, QUOTE and what is damaged. */
bool duet_event_decode(const void *bytes, size_t size, struct duet_event *out);

#define DUET_FIELDS_MAX 24
struct duet_field {
    const char *name; // static
    char value[64];
};
/** Every field of a derived event that its encoding has, header first; returns how many. */
size_t duet_event_fields(
    const struct duet_event *event, const struct duet_instruments *instruments, struct duet_field out[DUET_FIELDS_MAX]);

/** Appends one line without its end: "ORDER 7: BUY 100 X MARKET (sma)". */
void duet_event_describe(
    const struct duet_event *event, const struct duet_instruments *instruments, struct duet_text *out);
/** Appends one line without its end: "INSTANT 2024-03-01 10:00:00 closing X 1m, opening X". */
void duet_input_describe(
    const struct duet_input *input, const struct duet_instruments *instruments, struct duet_text *out);
/** Appends "X 1m 2024-03-01 09:59:00: open 1.00 high 2.00 low 1.00 close 1.50 volume 7". */
void duet_bar_describe(const struct duet_bar *bar, const struct duet_instruments *instruments, struct duet_text *out);

#endif
