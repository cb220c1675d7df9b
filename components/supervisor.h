/*
 * Brings faulted components back: after a back-off that doubles up to a cap, stop, reset where asked, start again. Too
 * many restarts within a window, and it gives up and says so: then the owner halts.
 */
#ifndef DUET_COMPONENTS_SUPERVISOR_H
#define DUET_COMPONENTS_SUPERVISOR_H

#include <stdint.h>

#include <duet/component.h>

struct duet_supervisor; // opaque

struct duet_supervisor_options {
    int64_t backoff_first_ns, backoff_max_ns; // 0: 500 ms, 30 s
    uint32_t restarts_max; // within window_ns; 0: 10
    int64_t window_ns; // 0: 10 min
    const struct duet_clock *clock;
    struct duet_log *log;
    /** A component was restarted, or (gave_up) will not be any more. May be NULL. */
    void (*event)(void *argument, const struct duet_component *component, uint32_t restarts, bool gave_up);
    void *argument;
};
DUET_MUST_CHECK enum duet_status duet_supervisor_create(
    const struct duet_supervisor_options *options, struct duet_supervisor **out);
void duet_supervisor_destroy(struct duet_supervisor *supervisor);
/** A source of the loop it is started on; watches components that were added before. */
struct duet_component *duet_supervisor_component(struct duet_supervisor *supervisor);
DUET_MUST_CHECK enum duet_status duet_supervisor_watch(
    struct duet_supervisor *supervisor, struct duet_component *component);

#endif
