/* Inputs, derived events, and the ring between them. */
#include "bus/bus_private.h"

#include <stdio.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

/** Whether a lost event of this type would hide a change that has already happened. */
static bool is_report(unsigned type) {
    return type == DUET_EVENT_ORDER_STATUS || type == DUET_EVENT_FILL || type == DUET_EVENT_POSITION ||
           type == DUET_EVENT_ACCOUNT || type == DUET_EVENT_ERROR || type == DUET_EVENT_LIFECYCLE;
}

/** The order an event speaks of, or 0. */
static uint64_t order_of(const struct duet_event *event) {
    switch (event->type) {
    case DUET_EVENT_ORDER:
        return event->order.order_id;
    case DUET_EVENT_ORDER_STATUS:
        return event->status.order_id;
    case DUET_EVENT_FILL:
        return event->fill.order_id;
    default:
        return 0;
    }
}

void duet_bus_show_tap(struct duet_bus *bus, const struct duet_event *event) {
    if (bus->tap != NULL) {
        bus->tapping = true;
        bus->tap(bus->tap_argument, event);
        bus->tapping = false;
    }
}

/* ---- refusals and failures ---- */

/** Copy an event into the ring with what publishing fills in. The caller has seen that there is room. */
static void enqueue(struct duet_bus *bus, const struct duet_event *event) {
    struct duet_event *slot = &bus->queue[bus->tail++ & bus->queue_mask];
    *slot = *event;
    slot->context_id = bus->context_id;
    slot->time_ns = duet_bus_now_ns(bus);
    if (slot->event_ns == 0) {
        slot->event_ns = slot->time_ns;
    }
    slot->hop = (uint16_t)(bus->cause_hop + 1);
    slot->sequence = 0;
    slot->cause_sequence = bus->cause_sequence;
    slot->reserved = 0;
    if (bus->tail - bus->head > bus->queue_peak) {
        bus->queue_peak = bus->tail - bus->head;
    }
}

/** Queue one ERROR event; counted where there is no room. */
static void raise_error(struct duet_bus *bus, enum duet_status status, uint64_t order_id, const char *message) {
    if (bus->tail - bus->head > bus->queue_mask || bus->cause_hop >= 2 * DUET_HOP_MAX) {
        bus->dropped++;
        return;
    }
    struct duet_event error = {
        .type = DUET_EVENT_ERROR, .error = {.size = sizeof(error.error), .error_type = status, .order_id = order_id}};
    duet_text_copy(error.error.component, sizeof(error.error.component), "bus");
    duet_text_copy(error.error.message, sizeof(error.error.message), message);
    enqueue(bus, &error);
}

enum duet_status duet_bus_skip(void *receiver, const struct duet_event *event) {
    return (enum duet_status)BUS_SKIPPED;
}

uint32_t duet_bus_not_ok(struct duet_bus *bus, const struct duet_event *event, enum duet_status status) {
    if (status == (enum duet_status)BUS_SKIPPED) {
        return 1;
    }
    bus->failed++;
    bus->attention = bus->failed_now = true;
    duet_log_warn(bus->log, "handler-failed", "event=%s sequence=%llu status=\"%s\" text=\"%s\"",
        duet_event_type_name(event->type), (unsigned long long)event->sequence, duet_status_text(status),
        duet_error_text());
    if (event->type != DUET_EVENT_ERROR) { // else a failing ERROR handler would never see an end
        char message[64];
        snprintf(message, sizeof(message), "%s: %s", duet_event_type_name(event->type), duet_status_text(status));
        raise_error(bus, status, order_of(event), message);
    }
    return 0;
}

bool duet_bus_end_delivery(struct duet_bus *bus, unsigned type) {
    bool failed = bus->failed_now;
    bus->attention = bus->failed_now = false;
    if (bus->rows[type].ended != 0) {
        duet_bus_close_up(bus, type);
    }
    return failed;
}

/** Count a refusal, and say so once per kind and input, but never in answer to an ERROR. */
static enum duet_publish refuse(
    struct duet_bus *bus, const struct duet_event *event, unsigned kind, enum duet_status status, const char *why) {
    bus->refused++;
    if ((bus->raised & kind) != 0 || bus->fault != DUET_OK) {
        return DUET_PUBLISH_REFUSED;
    }
    bus->raised = (uint8_t)(bus->raised | kind);
    const char *name = duet_event_type_name(event->type);
    duet_log_warn(bus->log, "publish-refused", "event=%s hop=%u cause=%llu reason=\"%s\"", name, bus->cause_hop + 1u,
        (unsigned long long)bus->cause_sequence, why);
    if (!(bus->dispatching == DUET_EVENT_ERROR)) {
        char message[64];
        snprintf(message, sizeof(message), "%s: %s", name, why);
        raise_error(bus, status, order_of(event), message);
    }
    return DUET_PUBLISH_REFUSED;
}

/** A report found no room: the run must not go on as if it had not happened. */
static enum duet_publish lose_report(
    struct duet_bus *bus, const struct duet_event *event, unsigned kind, enum duet_status status, const char *why) {
    if (event->type != DUET_EVENT_FILL && event->type != DUET_EVENT_ORDER_STATUS) {
        return refuse(bus, event, kind, status, why);
    }
    bus->refused++;
    bus->fault =
        duet_error(status, "%s of order %llu lost: %s (queue_events %llu, hop %u)", duet_event_type_name(event->type),
            (unsigned long long)order_of(event), why, (unsigned long long)bus->queue_mask + 1, bus->cause_hop + 1u);
    duet_log_error(bus->log, "bus-faulted", "%s", duet_error_text());
    return DUET_PUBLISH_REFUSED;
}

/* ---- derived events ---- */

/** Sequence, hash, tap and delivery of the oldest derived event. */
static enum duet_publish deliver_oldest(struct duet_bus *bus) {
    struct duet_event *event = &bus->queue[bus->head & bus->queue_mask];
    bus->by_type[event->type]++;
    bus->cause_hop = event->hop;
    if (duet_event_is_marker(event->type)) {
        bus->cause_sequence = event->cause_sequence;
    } else {
        event->sequence = ++bus->sequence;
        bus->cause_sequence = event->sequence;
        bus->derived++;
        bus->hash = duet_event_fold(bus->hash, event);
        duet_bus_show_tap(bus, event);
    }
    enum duet_publish result = duet_bus_deliver(bus, event, event->type);
    bus->head++;
    return result;
}

/** Work off the ring; what the first event met with. The input stays the cause of what comes after. */
static enum duet_publish work_off(struct duet_bus *bus) {
    enum duet_publish first = DUET_PUBLISH_NO_SUBSCRIBER;
    if (!duet_bus_is_empty(bus)) {
        uint64_t root_sequence = bus->cause_sequence;
        uint16_t root_hop = bus->cause_hop;
        first = deliver_oldest(bus);
        while (!duet_bus_is_empty(bus)) {
            (void)deliver_oldest(bus);
        }
        bus->cause_sequence = root_sequence;
        bus->cause_hop = root_hop;
    }
    bus->raised = 0;
    bus->open = false;
    return first;
}

void duet_bus_drain(struct duet_bus *bus) {
    DUET_ASSERT(bus->dispatching == 0);
    (void)work_off(bus);
}

static enum duet_publish try_enqueue(struct duet_bus *bus, const struct duet_event *event) {
    bool report = is_report(event->type);
    uint64_t waiting = bus->tail - bus->head;
    uint64_t room = bus->queue_mask + 1 - (report ? 0 : bus->queue_reserve);
    unsigned hop_max = report ? 2 * DUET_HOP_MAX : DUET_HOP_MAX;
    if (bus->fault != DUET_OK) {
        return refuse(bus, event, BUS_RAISED_FAULT, bus->fault, "the bus has faulted");
    }
    if (waiting >= room) {
        return (report ? lose_report : refuse)(bus, event, BUS_RAISED_FULL, DUET_EFULL, "event queue full");
    }
    if (bus->cause_hop >= hop_max) {
        return (report ? lose_report : refuse)(bus, event, BUS_RAISED_HOP, DUET_EDENIED, "caused too deep");
    }
    enqueue(bus, event);
    return DUET_PUBLISH_QUEUED;
}

enum duet_publish duet_bus_publish(struct duet_bus *bus, const struct duet_event *event) {
    DUET_ASSERT(!bus->tapping);
    enum duet_publish result;
    if (!duet_bus_is_storable(event->type) || event->type == DUET_EVENT_OPENING) {
        result = refuse(bus, event, BUS_RAISED_INVALID, DUET_EINVAL, "cannot be published");
    } else {
        result = try_enqueue(bus, event);
    }
    if (bus->dispatching != 0 || bus->open) {
        return result;
    }
    enum duet_publish first = work_off(bus); // also of a refusal's ERROR
    return result == DUET_PUBLISH_QUEUED ? first : result;
}

/* ---- inputs ---- */

/** Every input but a bar; apart, so that the path of bars saves no registers for it. */
static __attribute__((noinline)) void admit_other(struct duet_bus *bus, struct duet_event *event, int64_t time_ns) {
    DUET_ASSERT(event->type > DUET_EVENT_NONE && event->type < DUET_EVENT_TYPE_COUNT);
    DUET_ASSERT(bus->dispatching == 0);

    int64_t now_ns = time_ns > bus->now_ns ? time_ns : bus->now_ns;
    bool timeless = now_ns == INT64_MIN; // a post before there was any time
    if (event->event_ns == 0 && !timeless) {
        event->event_ns = now_ns;
    }
    if (event->type == DUET_EVENT_BAR) {
        duet_bus_admit_bar(bus, event, time_ns);
        return;
    }
    bus->now_ns = now_ns;
    uint64_t head = duet_bus_input_head(bus, event->type);
    memcpy(event, &head, sizeof(head));
    event->time_ns = timeless ? 0 : now_ns;
    event->cause_sequence = 0;
    event->reserved = 0;
    bus->by_type[event->type]++;
    bus->open = true;
    if (duet_event_is_marker(event->type)) {
        event->sequence = 0;
        event->cause_sequence = bus->cause_sequence;
        event->hop = bus->cause_hop;
        return;
    }
    event->sequence = ++bus->sequence;
    bus->cause_sequence = event->sequence;
    bus->cause_hop = 0;
    bus->hash = duet_event_fold(bus->hash, event);
    duet_bus_show_tap(bus, event);
}

void duet_bus_admit(struct duet_bus *bus, struct duet_event *event, int64_t time_ns) {
    if (__builtin_expect(event->type == DUET_EVENT_BAR && event->event_ns != 0 && bus->dispatching == 0, 1)) {
        duet_bus_admit_bar(bus, event, time_ns);
        return;
    }
    admit_other(bus, event, time_ns);
}

void duet_bus_cause(struct duet_bus *bus, const struct duet_event *event) {
    DUET_ASSERT(bus->dispatching == 0);
    bus->cause_sequence = event->sequence != 0 ? event->sequence : event->cause_sequence;
    bus->cause_hop = event->hop;
    bus->open = true;
}

enum duet_publish duet_bus_dispatch(struct duet_bus *bus, const struct duet_event *event) {
    duet_bus_cause(bus, event);
    return duet_bus_deliver(bus, event, event->type);
}

enum duet_publish duet_bus_input(struct duet_bus *bus, struct duet_event *event, int64_t time_ns) {
    DUET_ASSERT(!bus->tapping);
    if (bus->dispatching != 0) {
        return refuse(bus, event, BUS_RAISED_INVALID, DUET_ESTATE, "input inside a handler");
    }
    if (event->type <= DUET_EVENT_NONE || event->type >= DUET_EVENT_TYPE_COUNT || bus->fault != DUET_OK) {
        enum duet_publish result = refuse(bus, event, BUS_RAISED_INVALID, DUET_EINVAL, "no such event type");
        if (!bus->open) {
            (void)work_off(bus);
        }
        return result;
    }
    (void)work_off(bus); // of an earlier admit that was not drained
    duet_bus_admit(bus, event, time_ns);
    enum duet_publish result = duet_bus_deliver(bus, event, event->type);
    (void)work_off(bus);
    return result;
}
