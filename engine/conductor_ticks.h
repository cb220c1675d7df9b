/* The conductor's trades and quotes: each is an input of its own, worked off to quiescence, ahead of the bars that
 * close at its time. */
#ifndef DUET_ENGINE_CONDUCTOR_TICKS_H
#define DUET_ENGINE_CONDUCTOR_TICKS_H

#include "engine/conductor.h"

/** A longer bar is an input like any other, and told where it is wanted. */
void duet_conductor_tell_made(
    struct duet_conductor *conductor, const struct duet_made_series *item, const struct duet_bar *bar, int64_t now_ns);

/** INSTANT, where it is wanted, with the stamp of `last`; type NONE: nothing was told. */
void duet_conductor_tell_instant(struct duet_conductor *conductor, const struct duet_event *last, int64_t now_ns);

/**
 * Play every tick of `now_ns`, by source and then in the order of its file, and then take the curve's point. Returns
 * when the market goes on, as duet_merge_top_ns(); `conductor->failure` where a block of the cache is damaged.
 */
int64_t duet_conductor_play_ticks(struct duet_conductor *conductor, int64_t now_ns);

#endif
