/* Gathers the result of a finished run from the parts that know. */
#ifndef DUET_ENGINE_GATHER_H
#define DUET_ENGINE_GATHER_H

#include "engine/cast.h"
#include "engine/conductor.h"
#include "engine/host.h"
#include "report/result.h"

/** Where to look; all borrowed. */
struct duet_gather {
    const struct duet_config *config;
    const struct duet_plugin *plugin;
    const struct duet_cast *cast;
    const struct duet_conductor *conductor;
    struct duet_trades *trades;
    bool digests;
};

/** Fills everything but the timing; adds to the notes that are there. */
DUET_MUST_CHECK enum duet_status duet_gather_result(const struct duet_gather *gather, struct duet_result *result);

#endif
