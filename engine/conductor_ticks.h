/* The conductor's trades and quotes: each is an input of its own, worked off to quiescence, ahead of the bars that
 * close at its time. */
#ifndef DUET_ENGINE_CONDUCTOR_TICKS_H
#define DUET_ENGINE_CONDUCTOR_TICKS_H

#include "engine/conductor.h"

/**
 * What a quote says an instrument is worth: the middle, an odd unit cut off; 0 where a side is absent, and the last
 * mark stays.
 */
static inline int64_t duet_quote_mark(const struct duet_quote *quote) {
    return quote->bid_scaled > 0 && quote->ask_scaled > 0 ? (quote->bid_scaled + quote->ask_scaled) / 2 : 0;
}

/**
 * Play every tick of `now_ns`, by source and then in the order of its file, and then take the curve's point. Returns
 * when the market goes on, as duet_merge_top_ns(); `conductor->failure` where a block of the cache is damaged.
 */
int64_t duet_conductor_play_ticks(struct duet_conductor *conductor, int64_t now_ns);

#endif
