/*
 * Brings faulted components back: after a back-off that doubles up to a cap, stop, reset where asked, start again. A
 * start that is pending gets its time-out; one that fails is tried again. Too many attempts within a window, and it
 * gives up and says so: then the owner halts. Who has run for longer than the largest back-off begins with the first
 * one again. A component is left alone while something that it needs is down, where others have stopped it, and until
 * it has run for the first time. To take components down one by one, stop the supervisor first.
 */
#ifndef DUET_COMPONENTS_SUPERVISOR_H
#define DUET_COMPONENTS_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/component.h>

struct duet_supervisor; // opaque

struct duet_supervisor_options {
    int64_t backoff_first_ns, backoff_max_ns; // 0: 500 ms, 30 s
    uint32_t restarts_max; // within window_ns; 0: 10
    int64_t window_ns; // 0: 10 min
    bool reset; // before each start: it begins as after init
    const struct duet_clock *clock;
    struct duet_log *log;
    /** A component runs again, or (gave_up) will not be restarted any more, unless somebody else does. `restarts`: how
     * often it came back. May be NULL. */
    void (*event)(void *argument, const struct duet_component *component, uint32_t restarts, bool gave_up);
    void *argument;
};
DUET_MUST_CHECK enum duet_status duet_supervisor_create(
    const struct duet_supervisor_options *options, struct duet_supervisor **out);
void duet_supervisor_destroy(struct duet_supervisor *supervisor);
/** A source of the loop it is started on. On the bus of its env it hears of LIFECYCLE, so the components it watches
 * have to be there too. */
struct duet_component *duet_supervisor_component(struct duet_supervisor *supervisor);
/** DUET_EEXIST, DUET_EFULL past DUET_STACK_MAX. `component` is borrowed until the supervisor is destroyed. */
DUET_MUST_CHECK enum duet_status duet_supervisor_watch(
    struct duet_supervisor *supervisor, struct duet_component *component);

#endif
