/*
 * The two loops behind one interface: what drives a bus. A backtest runs on the synchronous loop and virtual time, live
 * trading on libevent and the wall clock; the sources, the bus and everything behind it cannot tell which.
 */
#ifndef DUET_LOOP_H
#define DUET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/bus.h>
#include <duet/status.h>

struct duet_loop; // opaque
struct duet_clock;

enum duet_source_state {
    DUET_SOURCE_MORE = 0, // has more right now
    DUET_SOURCE_WAIT, // nothing before *wake_ns (INT64_MAX: until duet_loop_wake())
    DUET_SOURCE_DONE, // never again
};

/** Something that feeds inputs into the bus. Embed in your own struct. */
struct duet_source {
    const char *name;
    /** Feed at most about `budget` inputs into the bus and return what comes next. Returns early when
     * duet_bus_halted(). Never blocks. May remove its own or any other source. Called at its time, and whenever the
     * loop is woken, so also for nothing. */
    enum duet_source_state (*run)(struct duet_source *source, uint32_t budget, int64_t *wake_ns);
    /* the loop's */
    struct duet_source *next;
    enum duet_source_state state;
    int64_t wake_ns;
};

/**
 * Virtual time: where everything waits, time jumps to what comes first. At one instant: scheduled inputs of class
 * REPORT, sources in the order they were added, scheduled inputs of the later classes. A source that feeds more than
 * one instant in a run takes its own scheduled inputs along (duet_bus_run_scheduled). Once every source waits for ever
 * and nothing is scheduled, run() ends with DUET_ESTATE.
 */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_loop_sync_create(struct duet_bus *bus, struct duet_loop **out);
/** libevent with precise timers. `clock` NULL: the wall clock; a virtual clock makes waits be skipped instead of waited
 * out, in the same order as on the synchronous loop. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_loop_libevent_create(
    struct duet_bus *bus, const struct duet_clock *clock, struct duet_loop **out);
/** Before its bus. NULL is fine. */
DUET_EXPORT void duet_loop_destroy(struct duet_loop *loop);

/** Sources run in the order they were added; each turn gives each a bounded amount of work, so none starves another. */
DUET_EXPORT void duet_loop_add(struct duet_loop *loop, struct duet_source *source);
DUET_EXPORT void duet_loop_remove(struct duet_loop *loop, struct duet_source *source);
/** Run until every source is DONE and nothing is posted, duet_loop_stop() is called, or the bus faults (that status).
 * Scheduled inputs that are not due by then stay where they are. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_loop_run(struct duet_loop *loop);
/** From a handler or a signal handler: run() returns after the current input; called before, it returns at once. */
DUET_EXPORT void duet_loop_stop(struct duet_loop *loop);
/** From any thread: look at sources and mailbox again. Where the clock is put back the loop does so by itself. */
DUET_EXPORT void duet_loop_wake(struct duet_loop *loop);
/** Hear of every run of a source that took `threshold_ns` or longer: what holds everybody else up. `slow` NULL: nobody
 * listens, and no clock is read. */
DUET_EXPORT void duet_loop_watch(struct duet_loop *loop, int64_t threshold_ns,
    void (*slow)(void *argument, const char *source, int64_t took_ns), void *argument);
/** Leave mailbox and schedule of the bus to the sources: a live session takes both itself, because each input has to be
 * journaled first. A post then wakes the loop as duet_loop_wake() does. */
DUET_EXPORT void duet_loop_leave_bus(struct duet_loop *loop);
/** The event_base of a libevent loop, for sockets and signals; NULL otherwise. */
DUET_EXPORT void *duet_loop_base(struct duet_loop *loop);

#endif
