/*
 * Computations of a strategy in processes of their own: for work that may crash, or that wants the whole of a core. The
 * processes are forked after the plugin was loaded, so they have it; a question names the function by where it lies in
 * the plugin, seen from the plugin's table.
 */
#ifndef DUET_ENGINE_LIVE_COMPUTE_PROCESS_H
#define DUET_ENGINE_LIVE_COMPUTE_PROCESS_H

#include "components/offload.h"
#include "engine/host.h"

/** Before the pool's init; `plugin` is loaded and stays so. Returns what duet_compute_on_process() wants. */
uint32_t duet_compute_register(struct duet_offload *offload, struct duet_plugin *plugin);
/** As duet_offload_process(); the answer's bytes, where the status is DUET_OK, are a struct duet_feature_payload whose
 * own status may be a failure. */
DUET_MUST_CHECK enum duet_status duet_compute_on_process(struct duet_offload *offload, uint32_t function,
    const struct duet_plugin *plugin, const struct duet_compute_request *request, duet_offload_answer done,
    void *argument);

#endif
