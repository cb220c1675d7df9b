/*
 * Replays of journals: `duet replay`, `duet explain`, and the recovery of a session.
 */
#ifndef DUET_ENGINE_LIVE_REPLAY_H
#define DUET_ENGINE_LIVE_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/event.h>
#include <duet/status.h>

struct duet_replay_result {
    uint64_t inputs, outputs, decisions; // decisions: ORDER events
    uint64_t first_difference; // sequence; 0: none
    char difference[4096]; // what was journaled, what came out, and the input that caused it; several lines
    uint64_t event_hash, decision_hash;
};
/** Told now and then how many of the inputs are done. */
struct duet_replay_progress {
    void (*tell)(void *argument, uint64_t done, uint64_t total);
    void *argument;
};
/** Feed every input of the journal (or those up to `last`, 0: all) to a new core and compare every output. DUET_EDIFF
 * with the first difference. `strategy` overrides the plugin's path (NULL: as recorded; another file is refused unless
 * `other_plugin`). */
DUET_MUST_CHECK enum duet_status duet_replay_verify(const char *path, const char *strategy, bool other_plugin,
    uint64_t last, const struct duet_replay_progress *progress, struct duet_replay_result *out);

/** The same up to input `last`, and every input of the bus is shown on the way. */
DUET_MUST_CHECK enum duet_status duet_replay_watch(
    const char *path, uint64_t last, void (*input)(void *argument, const struct duet_event *event), void *argument);

/** `duet replay SESSION.db [--verify]`, `duet explain SESSION.db ORDER`: print, and return the exit code. A strategy
 * that is named may be another file than the recorded one. */
DUET_EXPORT int duet_command_replay(const char *path, bool verify, const char *strategy, bool json);
DUET_EXPORT int duet_command_explain(const char *path, const char *order, bool json);

#endif
