/* The conductor's openings: those of instruments for which orders wait. The others are no inputs, and cost nothing. */
#ifndef DUET_ENGINE_CONDUCTOR_OPENINGS_H
#define DUET_ENGINE_CONDUCTOR_OPENINGS_H

#include "engine/conductor.h"

/** Phase 0, where a feed knows closed bars only: openings of the bars that close now. */
void duet_conductor_take_openings_at_close(struct duet_conductor *conductor, int64_t now_ns);
/** When the first pending order meets an opening; INT64_MAX for never. */
int64_t duet_conductor_next_opening_ns(const struct duet_conductor *conductor, int64_t now_ns);
/** Phases 6 and 7. */
void duet_conductor_take_openings(struct duet_conductor *conductor, int64_t now_ns);

#endif
