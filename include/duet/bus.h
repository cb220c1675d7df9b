/*
 * The bus: one per run, totally ordered, run to completion.
 *
 * Inputs (market data, reports, timers, commands) are admitted one at a time.
 * Whatever handlers publish while an input is worked off is a derived event: it
 * waits in one bounded FIFO ring, and the ring drains before the next input is
 * admitted. So there is no recursion, and the order of events is a function of
 * the order of inputs alone.
 *
 * Engine thread only, except duet_bus_post(). Nothing allocates after create.
 */
#ifndef DUET_BUS_H
#define DUET_BUS_H

#include <stdbool.h>

#include <duet/event.h>

struct duet_bus; // opaque
struct duet_log; // base/log.h

/** Subscribers of one event type; one more is refused with DUET_EFULL. */
#define DUET_SUBSCRIBERS_MAX 256

struct duet_bus_options {
    uint32_t context_id;
    uint32_t queue_events; // ring of derived events, a power of two; 0: 4096
    uint32_t mailbox_events; // from other threads, a power of two; 0: 1024
    uint32_t scheduled_max; // timers and scheduled inputs; 0: 4096
    struct duet_log *log; // borrowed; may be NULL
};

DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_bus_create(
    const struct duet_bus_options *options, struct duet_bus **out);
/** NULL is fine. Subscriptions that are left are dropped. */
DUET_EXPORT void duet_bus_destroy(struct duet_bus *bus);

/**
 * What a subscriber is called with. `event` is valid during the call only. Anything
 * but DUET_OK is logged, counted and turned into one ERROR event; the other
 * subscribers still run. A failure while handling ERROR is only logged and counted.
 */
typedef enum duet_status (*duet_handler)(void *receiver, const struct duet_event *event);

/**
 * Deliver events of `type` to `handler(receiver, …)` from the next dispatch on, after all
 * who subscribed before. `owner` groups subscriptions (a component; may be NULL).
 * DUET_EEXIST for the same type, handler and receiver twice; DUET_EFULL past
 * DUET_SUBSCRIBERS_MAX. `handle` may be NULL.
 */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_bus_subscribe(struct duet_bus *bus, enum duet_event_type type,
    duet_handler handler, void *receiver, const void *owner, uint64_t *handle);
/** Ends a subscription at once, also from inside a handler: its own or another's. DUET_ENOTFOUND for a stale handle. */
DUET_EXPORT enum duet_status duet_bus_unsubscribe(struct duet_bus *bus, uint64_t handle);
/** Ends all subscriptions of `owner`; returns how many there were. */
DUET_EXPORT size_t duet_bus_unsubscribe_owner(struct duet_bus *bus, const void *owner);
/** Holds back (or again delivers) what `owner` subscribed to, keeping its place in the order. */
DUET_EXPORT void duet_bus_mute_owner(struct duet_bus *bus, const void *owner, bool muted);
DUET_EXPORT size_t duet_bus_subscriber_count(const struct duet_bus *bus, enum duet_event_type type);

enum duet_publish {
    DUET_PUBLISH_REFUSED = 0, // invalid, no room, or too deep; nothing happened but an ERROR
    DUET_PUBLISH_QUEUED, // inside a handler: delivered before the next input
    DUET_PUBLISH_NO_SUBSCRIBER, // delivered to nobody
    DUET_PUBLISH_DELIVERED, // every subscriber took it
    DUET_PUBLISH_DELIVERED_WITH_FAILURES,
};

/**
 * Publish a derived event; the bus copies it and fills in context, time, cause and hop
 * (event_ns too where it is 0), and the sequence when it is delivered. Inside a handler,
 * and between duet_bus_admit() or duet_bus_cause() and the end of duet_bus_drain(), it
 * queues; otherwise it is delivered, and what it causes, before the call returns.
 *
 * A full ring refuses requests (ORDER, SIGNAL, CUSTOM …); an eighth of it is kept for
 * reports (ORDER_STATUS, FILL, POSITION, ACCOUNT) and ERROR. Where a FILL or
 * ORDER_STATUS still finds no room the bus faults, because a lost report must never go
 * on as if nothing was: see duet_bus_fault(). Requests caused more than DUET_HOP_MAX deep
 * are refused; reports may go twice as deep. Each kind of refusal raises one ERROR per
 * input, none while an ERROR is being handled, and always counts.
 * BAR, TRADE, QUOTE, OPENING and INSTANT are inputs and refused here.
 */
DUET_EXPORT enum duet_publish duet_bus_publish(struct duet_bus *bus, const struct duet_event *event);

/**
 * Take one input: stamp it, fold it into the hash, deliver it and drain. `time_ns` below
 * the present is lifted to it: time never goes back. Not inside a handler (DUET_PUBLISH_REFUSED).
 */
DUET_EXPORT enum duet_publish duet_bus_input(struct duet_bus *bus, struct duet_event *event, int64_t time_ns);

/*
 * The same in three steps, for whoever works off many inputs of one instant in phases:
 * admit stamps (event_ns too where it is 0) and folds, and makes the event the cause of what is published next;
 * dispatch delivers it now; drain works off the ring.
 */
DUET_EXPORT void duet_bus_admit(struct duet_bus *bus, struct duet_event *event, int64_t time_ns);
DUET_EXPORT enum duet_publish duet_bus_dispatch(struct duet_bus *bus, const struct duet_event *event);
DUET_EXPORT void duet_bus_drain(struct duet_bus *bus);
/** Make an admitted event the cause of what is published, and queued, until the next admit or cause. */
DUET_EXPORT void duet_bus_cause(struct duet_bus *bus, const struct duet_event *event);

/**
 * Post from any thread; FIFO per thread. DUET_EFULL where the mailbox is full: nothing was taken. Events that carry a
 * pointer (BAR, TRADE, QUOTE), and INSTANT, are DUET_EINVAL.
 */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_bus_post(struct duet_bus *bus, const struct duet_event *event);
/** Take up to `budget` posted events as inputs stamped `time_ns`; returns how many. */
DUET_EXPORT size_t duet_bus_take_posted(struct duet_bus *bus, int64_t time_ns, size_t budget);
/** Called (from the posting thread) when the mailbox stops being empty; set by the loop. */
DUET_EXPORT void duet_bus_on_posted(struct duet_bus *bus, void (*wake)(void *), void *argument);

/**
 * Have `event` arrive as an input at `time_ns` in its class, once: who wants a period
 * schedules the next from the time that was due. It is stamped `time_ns`, or the present where that is later.
 * Equal time and class: in the order of these calls. DUET_EFULL past scheduled_max, DUET_EINVAL as for
 * duet_bus_post(). `handle` may be NULL.
 */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_bus_schedule(struct duet_bus *bus, int64_t time_ns,
    enum duet_input_class input_class, const struct duet_event *event, uint64_t *handle);
/** DUET_ENOTFOUND where it has fired or was never there. */
DUET_EXPORT enum duet_status duet_bus_unschedule(struct duet_bus *bus, uint64_t handle);
/** When the next scheduled input is due; INT64_MAX for none. */
DUET_EXPORT int64_t duet_bus_next_scheduled_ns(const struct duet_bus *bus);
/** Take, in order, every scheduled input up to and including (`time_ns`, `last`). Returns how many. */
DUET_EXPORT size_t duet_bus_run_scheduled(struct duet_bus *bus, int64_t time_ns, enum duet_input_class last);

/** Time of the input being worked off, or of the last one; 0 before the first. */
DUET_EXPORT int64_t duet_bus_now_ns(const struct duet_bus *bus);
/** Fold of every counted event so far; see duet_event_fold(). */
DUET_EXPORT uint64_t duet_bus_event_hash(const struct duet_bus *bus);
/** DUET_OK, or why the run must end (a report found no room); the log has the line. */
DUET_EXPORT enum duet_status duet_bus_fault(const struct duet_bus *bus);

/** Sources return early when this is true: the bus has faulted, or its loop was told to stop. */
DUET_EXPORT bool duet_bus_halted(const struct duet_bus *bus);

struct duet_bus_counts {
    uint64_t inputs, derived; // sequenced; markers apart
    uint64_t delivered, failed; // calls of handlers, and those that did not return DUET_OK
    uint64_t refused; // publishes, inputs and posts that were not taken
    uint64_t dropped; // ERRORs for which there was no room
    uint64_t queue_peak; // most derived events that ever waited
    uint64_t by_type[DUET_EVENT_TYPE_COUNT];
};
DUET_EXPORT void duet_bus_get_counts(const struct duet_bus *bus, struct duet_bus_counts *out);

/**
 * Called with every input and derived event as it is sequenced, before delivery: the
 * journal's and the tests' ear. At most one; NULL to remove. It must not publish.
 */
DUET_EXPORT void duet_bus_tap(struct duet_bus *bus, void (*tap)(void *, const struct duet_event *), void *argument);

#endif
