/*
 * Signals of the daemon. A handler only counts and wakes the loop; what a signal means is worked off there. A second
 * SIGINT or SIGTERM does not wait for the loop: the process leaves at once with 1, as a crash would, and the journal is
 * made for that.
 */
#ifndef DUET_ENGINE_LIVE_SIGNALS_H
#define DUET_ENGINE_LIVE_SIGNALS_H

#include <stdbool.h>

struct duet_loop;

/** SIGINT, SIGTERM, SIGHUP; SIGPIPE is ignored. Counts begin at zero. */
void duet_signals_install(void);
/** The loop that is to be woken, NULL before there is one and once it is gone. */
void duet_signals_wake(struct duet_loop *loop);
/** Back to what was before. */
void duet_signals_restore(void);

/** 0, or the signal that asks to stop. */
int duet_signals_stop(void);
/** Whether SIGHUP has come since the last call. */
bool duet_signals_take_reload(void);

#endif
