/*
 * The inside of the bus, and its hot path inline: admit and dispatch of a market input. For this room, and for the
 * engine where it works off bars by pointer.
 *
 * Subscriptions of one type lie in one row. What delivery reads (handler, receiver) is apart from what only
 * subscribing reads (owner, handle). A muted or ended subscription has duet_bus_skip() for its handler there; ended
 * ones are closed up when no dispatch is under way, so a row never moves under the loop that walks it.
 */
#ifndef DUET_BUS_PRIVATE_H
#define DUET_BUS_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include <duet/bus.h>

#include "base/assert.h"
#include "bus/fold.h"

struct bus_target {
    duet_handler handler; // duet_bus_skip: muted or ended
    void *receiver;
};

struct bus_subscription {
    duet_handler handler; // NULL: ended
    const void *owner;
    uint64_t handle;
};

struct bus_row {
    uint32_t count; // ended ones included
    uint32_t ended;
    struct bus_target targets[DUET_SUBSCRIBERS_MAX];
};

/** A scheduled input. The heap holds keys only; the events stay where they are. */
struct bus_scheduled {
    struct duet_event event;
    int64_t time_ns;
    uint32_t heap_index; // where its key is; next free slot where it is free
    uint32_t generation; // part of the handle, so that a stale one is known
};

struct bus_schedule_key {
    int64_t time_ns;
    uint64_t order; // class in the upper byte, then the order of the calls
    uint32_t slot;
};

struct bus_schedule {
    struct bus_schedule_key *heap;
    struct bus_scheduled *slots;
    uint32_t count, capacity, free_slot;
    uint64_t calls;
};

struct bus_mail {
    _Atomic uint64_t turn; // position it can be written at; +1 once it can be read
    struct duet_event event;
};

struct bus_mailbox {
    struct bus_mail *cells;
    uint64_t mask;
    void (*wake)(void *);
    void *argument;
    // Writers and the reader on cache lines of their own.
    unsigned char apart_a[64];
    _Atomic uint64_t write_position;
    unsigned char apart_b[64];
    uint64_t read_position; // engine thread only
    unsigned char apart_c[64];
    atomic_bool armed; // the reader found it empty; the next post wakes it
    _Atomic uint64_t refused;
};

struct duet_bus {
    /* hot: read or written for every input */
    int64_t now_ns; // INT64_MIN before the first input
    uint64_t sequence; // last given
    uint64_t hash;
    uint64_t cause_sequence;
    uint64_t bar_head; // duet_bus_input_head() of a BAR
    uint32_t context_id;
    uint16_t cause_hop;
    uint8_t dispatching; // type of the event whose handlers are running; 0: none
    bool open; // an input is being worked off: publishes queue
    uint8_t raised; // BUS_RAISED_… since the ring was last empty
    bool attention; // a handler failed or a subscription ended during this dispatch
    bool failed_now; // a handler failed during this dispatch
    bool tapping;
    void (*tap)(void *, const struct duet_event *);
    void *tap_argument;
    uint64_t delivered, failed;

    struct duet_event *queue; // ring; a slot is given back after its event's dispatch
    uint64_t queue_mask, head, tail, queue_peak;
    uint64_t queue_reserve; // slots that requests may not take

    uint64_t derived, refused, dropped;
    enum duet_status fault;
    atomic_bool stop; // the loop was told to stop; may be set by a signal handler
    uint64_t subscriptions; // ever made; the lower part of the handles
    struct duet_log *log;
    struct bus_schedule schedule;
    struct bus_mailbox mailbox;
    uint64_t by_type[DUET_EVENT_TYPE_COUNT]; // BAR apart: it is what is left of the sequence
    struct bus_row rows[DUET_EVENT_TYPE_COUNT];
    struct bus_subscription subscriptions_of[DUET_EVENT_TYPE_COUNT][DUET_SUBSCRIBERS_MAX];
};

#define BUS_RAISED_FULL 1u
#define BUS_RAISED_HOP 2u
#define BUS_RAISED_INVALID 4u
#define BUS_RAISED_FAULT 8u

/** No status of a handler's. */
#define BUS_SKIPPED (-1000)
/** Stands in for a handler that is not to be called; returns BUS_SKIPPED. */
enum duet_status duet_bus_skip(void *receiver, const struct duet_event *event);
/** A handler did not return DUET_OK: log, count, and one ERROR event. Returns how many calls not to count. */
uint32_t duet_bus_not_ok(struct duet_bus *bus, const struct duet_event *event, enum duet_status status);
/** The rare end of a delivery: a subscription ended, or a handler failed; tells whether the latter. */
bool duet_bus_end_delivery(struct duet_bus *bus, unsigned type);
/** Shows an event to the tap. */
void duet_bus_show_tap(struct duet_bus *bus, const struct duet_event *event);
/** Close up the subscriptions of `type` that have ended. */
void duet_bus_close_up(struct duet_bus *bus, unsigned type);

void duet_bus_schedule_create(struct bus_schedule *schedule, uint32_t capacity);
void duet_bus_schedule_destroy(struct bus_schedule *schedule);
/** Whether `a` comes before `b`. */
bool duet_bus_key_before(const struct bus_schedule_key *a, const struct bus_schedule_key *b);
/** Put the heap in order again, after keys were changed. */
void duet_bus_schedule_sort(struct bus_schedule *schedule);
/** duet_bus_run_scheduled() that stops after `budget` inputs, or when the bus is halted. */
size_t duet_bus_run_scheduled_budget(struct duet_bus *bus, int64_t time_ns, enum duet_input_class last, size_t budget);

void duet_bus_mailbox_create(struct bus_mailbox *mailbox, uint32_t capacity);
void duet_bus_mailbox_destroy(struct bus_mailbox *mailbox);
/** Whether duet_bus_take_posted() would find something; engine thread. */
bool duet_bus_has_posted(const struct duet_bus *bus);
/** Makes duet_bus_halted() true, or takes that back; async-signal-safe. */
void duet_bus_set_stop(struct duet_bus *bus, bool stop);

/** Whether an event can be kept for later: it carries no pointer and stands on its own. */
static inline bool duet_bus_is_storable(unsigned type) {
    return type > DUET_EVENT_NONE && type < DUET_EVENT_TYPE_COUNT && type != DUET_EVENT_BAR &&
           type != DUET_EVENT_TRADE && type != DUET_EVENT_QUOTE && type != DUET_EVENT_INSTANT;
}

static inline bool duet_bus_is_empty(const struct duet_bus *bus) {
    return bus->head == bus->tail;
}

static_assert(offsetof(struct duet_event, type) == 0 && offsetof(struct duet_event, hop) == 2 &&
                  offsetof(struct duet_event, context_id) == 4,
    "the head of an event is its type, hop and context in one word");

/** Type, hop 0 and context of an input, as they lie in memory. */
static inline uint64_t duet_bus_input_head(const struct duet_bus *bus, unsigned type) {
    return (uint64_t)bus->context_id << 32 | type;
}

/** duet_bus_admit() of a BAR; `event_ns` and `bar` are set, the rest need not be. */
static inline void duet_bus_admit_bar(struct duet_bus *bus, struct duet_event *event, int64_t time_ns) {
    int64_t now_ns = bus->now_ns;
    if (time_ns > now_ns) {
        bus->now_ns = now_ns = time_ns;
    }
    uint64_t sequence = ++bus->sequence; // by_type[BAR] follows from it
    memcpy(event, &bus->bar_head, sizeof(bus->bar_head));
    event->time_ns = now_ns;
    event->sequence = sequence;
    event->cause_sequence = 0;
    bus->hash = duet_fold_bar(bus->hash, event->bar, sequence);
    bus->cause_sequence = sequence;
    bus->cause_hop = 0;
    bus->dispatching = 0; // as it is; with its neighbours it makes one store
    bus->open = true;
    if (__builtin_expect(bus->tap != NULL, 0)) {
        duet_bus_show_tap(bus, event);
    }
}

/**
 * Time begins at `ns`, unless it has begun. What was scheduled for earlier, before anybody could know when that would
 * be, comes at `ns`: a period of a second does not begin in 1970.
 */
static inline void duet_bus_begin_time(struct duet_bus *bus, int64_t ns) {
    if (bus->now_ns == INT64_MIN) {
        bus->now_ns = ns;
    }
}

/** duet_bus_drain(). */
static inline void duet_bus_drain_inline(struct duet_bus *bus) {
    if (__builtin_expect(!duet_bus_is_empty(bus), 0)) {
        duet_bus_drain(bus);
    }
    bus->open = false;
    bus->raised = 0;
}

/** duet_bus_next_scheduled_ns(). */
static inline int64_t duet_bus_next_scheduled_inline(const struct duet_bus *bus) {
    return bus->schedule.count != 0 ? bus->schedule.heap[0].time_ns : INT64_MAX;
}

/** What duet_bus_dispatch() does once the cause is set. `type` is the event's. */
static inline enum duet_publish duet_bus_deliver(struct duet_bus *bus, const struct duet_event *event, unsigned type) {
    const struct bus_row *row = &bus->rows[type];
    // Who subscribes now is called from the next dispatch on.
    const struct bus_target *target = row->targets, *end = target + row->count;
    uint32_t delivered = row->count;
    bus->dispatching = (uint8_t)type;
    for (; target != end; target++) {
        enum duet_status status = target->handler(target->receiver, event);
        if (__builtin_expect(status != DUET_OK, 0)) {
            delivered -= duet_bus_not_ok(bus, event, status);
        }
    }
    bus->dispatching = 0;
    bus->delivered += delivered;
    if (__builtin_expect(bus->attention, 0) && duet_bus_end_delivery(bus, type)) {
        return DUET_PUBLISH_DELIVERED_WITH_FAILURES;
    }
    return delivered != 0 ? DUET_PUBLISH_DELIVERED : DUET_PUBLISH_NO_SUBSCRIBER;
}

#endif
