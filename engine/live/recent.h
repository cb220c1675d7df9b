/*
 * The latest closed bars of each instrument, of its finest series: what scans and people's questions are computed from.
 * Beside the core, because a strategy must not see more bars live than in a backtest; so it begins empty with each
 * process, and fills with what comes.
 */
#ifndef DUET_ENGINE_LIVE_RECENT_H
#define DUET_ENGINE_LIVE_RECENT_H

#include <stddef.h>
#include <stdint.h>

#include <duet/bar.h>

#include "components/instruments.h"
#include "engine/live/core.h"
#include "engine/live/input.h"

struct duet_recent; // opaque

/** Keeps `bars` of each. `instruments` is borrowed, `series` is not. */
struct duet_recent *duet_recent_create(const struct duet_instruments *instruments,
    const struct duet_core_series *series, uint32_t series_count, size_t bars);
void duet_recent_destroy(struct duet_recent *recent);
/** An input that the session has taken; whatever is no INSTANT is ignored, and so are bars not newer than the last. */
void duet_recent_take(struct duet_recent *recent, const struct duet_input *input);
/** Copies the latest bars of a symbol, oldest first, at most `capacity`; returns how many. `recent` is a struct
 * duet_recent: it is the `bars` of an analyst. */
size_t duet_recent_bars(void *recent, const char *symbol, struct duet_bar *out, size_t capacity);

#endif
