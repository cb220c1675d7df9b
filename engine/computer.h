/*
 * Computations in a backtest: kept until the conductor joins, then done (on a pool, where there are several), and
 * scheduled as FEATURE inputs in the order in which they were asked for. So a run does not depend on how many workers
 * there are, or on whether there are any. Deadlines do not apply: they would be of the machine, not of the run.
 */
#ifndef DUET_ENGINE_COMPUTER_H
#define DUET_ENGINE_COMPUTER_H

#include <duet/bus.h>

#include "components/offload.h"
#include "engine/host.h"

struct duet_computer; // opaque

/** `offload` NULL: everything is computed in join. Both are borrowed. */
struct duet_computer *duet_computer_create(struct duet_bus *bus, struct duet_offload *offload);
/** Before its bus and pool. NULL is fine. */
void duet_computer_destroy(struct duet_computer *computer);
/** `compute` of struct duet_host_options; `computer` is its argument. */
void duet_computer_ask(void *computer, const struct duet_compute_request *request);
/** Have everything asked for so far done and scheduled at the bus's present, class RESULT. False: there was nothing. */
bool duet_computer_join(struct duet_computer *computer);

#endif
