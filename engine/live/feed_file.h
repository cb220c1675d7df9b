/*
 * A CSV file (or its cache) played as a live feed, at the wall's pace or faster. The session's clock is then the
 * file's: it stands at the instant being played, so such a session decides exactly what a backtest over the file does.
 */
#ifndef DUET_ENGINE_LIVE_FEED_FILE_H
#define DUET_ENGINE_LIVE_FEED_FILE_H

#include <stdbool.h>

#include <duet/loop.h>

#include "base/clock.h"
#include "engine/cast.h"

struct duet_feed_file; // opaque
struct duet_live;

/** `cast` is borrowed. `speed` 0: as fast as it goes. Begins after the session's last instant, or at config->from. */
DUET_MUST_CHECK enum duet_status duet_feed_file_create(
    struct duet_live *live, const struct duet_cast *cast, double speed, struct duet_feed_file **out);
void duet_feed_file_destroy(struct duet_feed_file *feed);
/** The file's clock; hand it to the session before creating the feed's source. */
struct duet_clock *duet_feed_file_clock(struct duet_feed_file *feed);
struct duet_source *duet_feed_file_source(struct duet_feed_file *feed);
bool duet_feed_file_is_over(const struct duet_feed_file *feed);

#endif
