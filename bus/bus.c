/* Life of a bus, its subscriptions, and what can be asked of it. Publishing is publish.c. */
#include "bus/bus_private.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

#define QUEUE_EVENTS_DEFAULT 4096
#define MAILBOX_EVENTS_DEFAULT 1024
#define SCHEDULED_DEFAULT 4096
/** More would be gigabytes. */
#define CAPACITY_MAX (1u << 24)
#define QUEUE_EVENTS_MIN 8

static enum duet_status check_capacity(const char *what, uint32_t value, bool power_of_two) {
    if (value > CAPACITY_MAX || (power_of_two && (value & (value - 1)) != 0)) {
        return duet_error(DUET_EINVAL, "%s is %u: %s up to %u expected", what, value,
            power_of_two ? "a power of two" : "a number", CAPACITY_MAX);
    }
    return DUET_OK;
}

enum duet_status duet_bus_create(const struct duet_bus_options *options, struct duet_bus **out) {
    uint32_t queue = options->queue_events != 0 ? options->queue_events : QUEUE_EVENTS_DEFAULT;
    uint32_t mailbox = options->mailbox_events != 0 ? options->mailbox_events : MAILBOX_EVENTS_DEFAULT;
    uint32_t scheduled = options->scheduled_max != 0 ? options->scheduled_max : SCHEDULED_DEFAULT;
    enum duet_status status = check_capacity("queue_events", queue, true);
    if (status == DUET_OK) {
        status = check_capacity("mailbox_events", mailbox, true);
    }
    if (status == DUET_OK) {
        status = check_capacity("scheduled_max", scheduled, false);
    }
    if (status != DUET_OK) {
        return status;
    }
    if (queue < QUEUE_EVENTS_MIN) {
        queue = QUEUE_EVENTS_MIN;
    }

    struct duet_bus *bus = duet_alloc(1, sizeof(*bus));
    bus->now_ns = INT64_MIN;
    bus->hash = DUET_HASH_SEED;
    bus->context_id = options->context_id;
    bus->bar_head = duet_bus_input_head(bus, DUET_EVENT_BAR);
    bus->log = options->log;
    bus->queue = duet_alloc(queue, sizeof(*bus->queue));
    bus->queue_mask = queue - 1;
    bus->queue_reserve = queue / 8;
    duet_bus_schedule_create(&bus->schedule, scheduled);
    duet_bus_mailbox_create(&bus->mailbox, mailbox);
    *out = bus;
    return DUET_OK;
}

void duet_bus_destroy(struct duet_bus *bus) {
    if (bus == NULL) {
        return;
    }
    DUET_ASSERT(bus->dispatching == 0);
    duet_bus_mailbox_destroy(&bus->mailbox);
    duet_bus_schedule_destroy(&bus->schedule);
    free(bus->queue);
    free(bus);
}

/* ---- subscriptions ---- */

#define HANDLE_TYPE_SHIFT 56

enum duet_status duet_bus_subscribe(struct duet_bus *bus, enum duet_event_type type, duet_handler handler,
    void *receiver, const void *owner, uint64_t *handle) {
    DUET_ASSERT(handler != NULL);
    if (type <= DUET_EVENT_NONE || type >= DUET_EVENT_TYPE_COUNT) {
        return duet_error(DUET_EINVAL, "cannot subscribe to event type %d: no such type", (int)type);
    }

    struct bus_row *row = &bus->rows[type];
    struct bus_subscription *subscriptions = bus->subscriptions_of[type];
    for (uint32_t i = 0; i < row->count; i++) {
        if (subscriptions[i].handler == handler && row->targets[i].receiver == receiver) {
            return duet_error(DUET_EEXIST, "already subscribed to %s", duet_event_type_name(type));
        }
    }
    if (row->count == DUET_SUBSCRIBERS_MAX) {
        return duet_error(
            DUET_EFULL, "%s has %d subscribers; no room for another", duet_event_type_name(type), DUET_SUBSCRIBERS_MAX);
    }
    uint64_t number = (uint64_t)type << HANDLE_TYPE_SHIFT | ++bus->subscriptions;
    row->targets[row->count] = (struct bus_target){handler, receiver};
    subscriptions[row->count] = (struct bus_subscription){handler, owner, number};
    row->count++;
    if (handle != NULL) {
        *handle = number;
    }
    return DUET_OK;
}

static void subscription_end(struct duet_bus *bus, unsigned type, uint32_t index) {
    bus->rows[type].targets[index].handler = duet_bus_skip;
    bus->subscriptions_of[type][index].handler = NULL;
    bus->rows[type].ended++;
}

void duet_bus_close_up(struct duet_bus *bus, unsigned type) {
    struct bus_row *row = &bus->rows[type];
    struct bus_subscription *subscriptions = bus->subscriptions_of[type];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < row->count; i++) {
        if (subscriptions[i].handler != NULL) {
            row->targets[kept] = row->targets[i];
            subscriptions[kept] = subscriptions[i];
            kept++;
        }
    }
    row->count = kept;
    row->ended = 0;
}

/** The row being dispatched closes up after its dispatch, the others at once. */
static void close_up_if_idle(struct duet_bus *bus, unsigned type) {
    if (bus->rows[type].ended == 0) {
        return;
    }
    if (bus->dispatching == type) {
        bus->attention = true;
    } else {
        duet_bus_close_up(bus, type);
    }
}

enum duet_status duet_bus_unsubscribe(struct duet_bus *bus, uint64_t handle) {
    unsigned type = (unsigned)(handle >> HANDLE_TYPE_SHIFT);
    if (type < DUET_EVENT_TYPE_COUNT) {
        for (uint32_t i = 0; i < bus->rows[type].count; i++) {
            const struct bus_subscription *subscription = &bus->subscriptions_of[type][i];
            if (subscription->handle == handle && subscription->handler != NULL) {
                subscription_end(bus, type, i);
                close_up_if_idle(bus, type);
                return DUET_OK;
            }
        }
    }
    return duet_error(DUET_ENOTFOUND, "no such subscription, or it has ended");
}

size_t duet_bus_unsubscribe_owner(struct duet_bus *bus, const void *owner) {
    size_t count = 0;
    for (unsigned type = 0; type < DUET_EVENT_TYPE_COUNT; type++) {
        for (uint32_t i = 0; i < bus->rows[type].count; i++) {
            const struct bus_subscription *subscription = &bus->subscriptions_of[type][i];
            if (subscription->owner == owner && subscription->handler != NULL) {
                subscription_end(bus, type, i);
                count++;
            }
        }
        close_up_if_idle(bus, type);
    }
    return count;
}

void duet_bus_mute_owner(struct duet_bus *bus, const void *owner, bool muted) {
    for (unsigned type = 0; type < DUET_EVENT_TYPE_COUNT; type++) {
        for (uint32_t i = 0; i < bus->rows[type].count; i++) {
            const struct bus_subscription *subscription = &bus->subscriptions_of[type][i];
            if (subscription->owner == owner && subscription->handler != NULL) {
                bus->rows[type].targets[i].handler = muted ? duet_bus_skip : subscription->handler;
            }
        }
    }
}

size_t duet_bus_subscriber_count(const struct duet_bus *bus, enum duet_event_type type) {
    return (unsigned)type < DUET_EVENT_TYPE_COUNT ? bus->rows[type].count - bus->rows[type].ended : 0;
}

/* ---- questions ---- */

int64_t duet_bus_now_ns(const struct duet_bus *bus) {
    return bus->now_ns != INT64_MIN ? bus->now_ns : 0;
}

uint64_t duet_bus_event_hash(const struct duet_bus *bus) {
    return bus->hash;
}

enum duet_status duet_bus_fault(const struct duet_bus *bus) {
    return bus->fault;
}

bool duet_bus_halted(const struct duet_bus *bus) {
    return bus->fault != DUET_OK || atomic_load_explicit(&bus->stop, memory_order_relaxed);
}

void duet_bus_set_stop(struct duet_bus *bus, bool stop) {
    atomic_store(&bus->stop, stop);
}

void duet_bus_get_counts(const struct duet_bus *bus, struct duet_bus_counts *out) {
    *out = (struct duet_bus_counts){
        .inputs = bus->sequence - bus->derived,
        .derived = bus->derived,
        .delivered = bus->delivered,
        .failed = bus->failed,
        .refused = bus->refused + atomic_load(&bus->mailbox.refused),
        .dropped = bus->dropped,
        .queue_peak = bus->queue_peak,
    };
    uint64_t others = 0;
    for (unsigned type = 0; type < DUET_EVENT_TYPE_COUNT; type++) {
        out->by_type[type] = bus->by_type[type];
        others += duet_event_is_marker(type) ? 0 : bus->by_type[type];
    }
    out->by_type[DUET_EVENT_BAR] = bus->sequence - others;
}

void duet_bus_tap(struct duet_bus *bus, void (*tap)(void *, const struct duet_event *), void *argument) {
    bus->tap = tap;
    bus->tap_argument = argument;
}
