/* The tape of a run: recorded as it plays, labelled and priced from its series when it is over. */
#ifndef DUET_ENGINE_TAPE_H
#define DUET_ENGINE_TAPE_H

#include "engine/cast.h"
#include "portfolio/portfolio.h"
#include "report/tape.h"

/** A fill that the portfolio has booked. */
void duet_tape_take_fill(
    struct duet_tape *tape, const struct duet_instruments *instruments, const struct duet_fill *fill);
/** The bars of this instant have closed. */
void duet_tape_take_instant(struct duet_tape *tape, const struct duet_portfolio *portfolio, int64_t ns);
/** Labels and prices, and what the end of the run changed. DUET_EDATA as duet_series_verify(). */
DUET_MUST_CHECK enum duet_status duet_tape_complete(
    struct duet_tape *tape, const struct duet_cast *cast, const struct duet_portfolio *portfolio);

#endif
