/*
 * A CSV file (or its cache) played as a live feed, at the wall's pace or faster. The session's clock is then the
 * file's: it stands at the instant being played, so such a session decides exactly what a backtest over the file does.
 *
 * One INSTANT for each moment at which a bar closes or one of an executing series opens, in the order of the conductor.
 * Between two instants the clock stops at what the core has due, so timers fire at their own time. Bars before
 * config->from, as many as the strategy wants, go ahead as history and are not paced. The pace is an absolute grid: an
 * instant's place on the wall follows from the first one's, whatever turns in between took.
 *
 * With a gateway as the feed, the files are history only: everything in them goes ahead, and the wall is the clock.
 */
#ifndef DUET_ENGINE_LIVE_FEED_FILE_H
#define DUET_ENGINE_LIVE_FEED_FILE_H

#include <stdbool.h>

#include <duet/loop.h>

#include "base/clock.h"
#include "engine/cast.h"

struct duet_feed_file; // opaque
struct duet_live;

/** `cast` is borrowed. `speed` 0: as fast as it goes. Needs live->config; nothing is played yet. */
DUET_MUST_CHECK enum duet_status duet_feed_file_create(
    struct duet_live *live, const struct duet_cast *cast, double speed, struct duet_feed_file **out);
void duet_feed_file_destroy(struct duet_feed_file *feed);
/** The file's clock; the session's, where the file is the feed. */
struct duet_clock *duet_feed_file_clock(struct duet_feed_file *feed);
/** Find the place: after the last instant of live->session, or at config->from less the warm-up. DUET_EDATA where
 * nothing lies between from and to. Then add the source to live->loop. */
DUET_MUST_CHECK enum duet_status duet_feed_file_begin(struct duet_feed_file *feed);
struct duet_source *duet_feed_file_source(struct duet_feed_file *feed);
/** Everything has been played and worked off, or `*failure` says why it can go no further. */
bool duet_feed_file_is_over(const struct duet_feed_file *feed, enum duet_status *failure);

struct duet_feed_file_progress {
    uint64_t instants; // played by this process
    uint64_t bars, bars_total; // of the run; history included
};
void duet_feed_file_get_progress(const struct duet_feed_file *feed, struct duet_feed_file_progress *out);

#endif
