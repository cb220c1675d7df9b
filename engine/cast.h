/*
 * Who is on stage: the series of a run and the instruments that they make up. Series are sorted by interval, then
 * symbol, so nothing depends on the order in which they were named.
 */
#ifndef DUET_ENGINE_CAST_H
#define DUET_ENGINE_CAST_H

#include "components/instruments.h"
#include "data/series.h"
#include "data/zone.h"
#include "engine/config.h"
#include "engine/made.h"

struct duet_cast_series {
    struct duet_series *series;
    const struct duet_data_spec *spec; // the configuration's, borrowed
    bool executes;
    bool primary; // the instrument's finest bars, or what bars= names first
};

struct duet_cast {
    struct duet_cast_series *items; // owned
    size_t count;
    struct duet_instruments instruments;
    struct duet_zone *zone; // of the run's days
    double load_s;
};

/** Open everything that `config` names; series of the gateway have no bars. DUET_EINVAL for contradictions (zones,
 * currencies, repeated series), DUET_EDATA for data. */
DUET_MUST_CHECK enum duet_status duet_cast_open(const struct duet_config *config,
    void (*progress)(void *argument, const char *path, uint64_t done, uint64_t total), void *argument,
    struct duet_cast *out);
void duet_cast_close(struct duet_cast *cast);

/** Records of one series that a run plays: `start` to `end` (exclusive); those below `first` only warm up. */
struct duet_cast_range {
    uint64_t first, start, end;
};
/** By from, to and max_bars (which counts ticks where those execute), with up to `warm_up` bars of the primary series
 * ahead of from. `made` has the series of the cast, in its order, as sources; NULL: nothing is made. */
struct duet_cast_range duet_cast_range(const struct duet_cast *cast, size_t index, const struct duet_config *config,
    uint64_t warm_up, const struct duet_made *made);

/** What bars= wants, to be made of the series of the cast. As duet_made_configure(); to be destroyed by the caller. */
DUET_MUST_CHECK enum duet_status duet_cast_make(
    const struct duet_cast *cast, const struct duet_config *config, struct duet_made **out);

#endif
