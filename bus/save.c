/* What of a bus must survive it: where it stands, what it has counted, and the order of what is scheduled. */
#include "bus/save.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/take.h"
#include "base/text.h"
#include "bus/bus_private.h"

struct saved_bus {
    int64_t now_ns;
    uint64_t sequence, hash, cause_sequence, cause_hop;
    uint64_t delivered, failed, derived, refused, dropped, queue_peak;
    uint64_t by_type[DUET_EVENT_TYPE_COUNT];
    uint64_t calls; // of the schedule
    uint64_t scheduled; // entries that follow
};

struct saved_entry {
    int64_t time_ns;
    uint64_t order;
    uint64_t size;
    unsigned char event[DUET_EVENT_ENCODED_MAX];
};

static void describe(const struct bus_schedule *schedule, uint32_t index, struct saved_entry *out) {
    const struct bus_schedule_key *key = &schedule->heap[index];
    *out = (struct saved_entry){.time_ns = key->time_ns, .order = key->order};
    out->size = duet_event_encode(&schedule->slots[key->slot].event, out->event);
}

void duet_bus_save(const struct duet_bus *bus, struct duet_text *out) {
    DUET_ASSERT(bus->dispatching == 0 && bus->head == bus->tail);
    struct saved_bus saved = {.now_ns = bus->now_ns,
        .sequence = bus->sequence,
        .hash = bus->hash,
        .cause_sequence = bus->cause_sequence,
        .cause_hop = bus->cause_hop,
        .delivered = bus->delivered,
        .failed = bus->failed,
        .derived = bus->derived,
        .refused = bus->refused,
        .dropped = bus->dropped,
        .queue_peak = bus->queue_peak,
        .calls = bus->schedule.calls,
        .scheduled = bus->schedule.count};
    memcpy(saved.by_type, bus->by_type, sizeof(saved.by_type));
    duet_text_append(out, (const char *)&saved, sizeof(saved));
    // In the order in which they come, so that the same state gives the same bytes however the heap has grown.
    uint64_t after_order = 0;
    int64_t after_ns = INT64_MIN;
    for (uint32_t i = 0; i < bus->schedule.count; i++) {
        uint32_t best = UINT32_MAX;
        for (uint32_t k = 0; k < bus->schedule.count; k++) {
            const struct bus_schedule_key *key = &bus->schedule.heap[k];
            bool is_later = key->time_ns > after_ns || (key->time_ns == after_ns && key->order > after_order);
            if (is_later && (best == UINT32_MAX || duet_bus_key_before(key, &bus->schedule.heap[best]))) {
                best = k;
            }
        }
        struct saved_entry entry;
        describe(&bus->schedule, best, &entry);
        duet_text_append(out, (const char *)&entry, sizeof(entry));
        after_ns = entry.time_ns;
        after_order = entry.order;
    }
}

/** Give the scheduled input that is `saved` the order it had; false: there is none. */
static bool restore_order(struct bus_schedule *schedule, bool *done, const struct saved_entry *saved) {
    for (uint32_t i = 0; i < schedule->count; i++) {
        struct saved_entry present;
        describe(schedule, i, &present);
        bool same = present.time_ns == saved->time_ns && present.size == saved->size &&
                    memcmp(present.event, saved->event, saved->size) == 0;
        if (same && !done[schedule->heap[i].slot]) {
            done[schedule->heap[i].slot] = true;
            schedule->heap[i].order = saved->order;
            return true;
        }
    }
    return false;
}

static enum duet_status load_schedule(
    struct bus_schedule *schedule, uint64_t count, const unsigned char **bytes, size_t *size) {
    if (count != schedule->count) {
        return duet_error(DUET_EDATA, "saved bus: %llu inputs were scheduled, and %u are", (unsigned long long)count,
            schedule->count);
    }
    bool *done = duet_alloc(schedule->capacity, sizeof(*done));
    bool found = true;
    for (uint64_t i = 0; found && i < count; i++) {
        struct saved_entry saved;
        found = duet_take(bytes, size, &saved, sizeof(saved)) && saved.size <= sizeof(saved.event) &&
                restore_order(schedule, done, &saved);
    }
    free(done);
    duet_bus_schedule_sort(schedule);
    return found ? DUET_OK : duet_error(DUET_EDATA, "saved bus: other inputs were scheduled than are");
}

enum duet_status duet_bus_load(struct duet_bus *bus, const unsigned char **bytes, size_t *size) {
    DUET_ASSERT(bus->dispatching == 0 && bus->head == bus->tail);
    struct saved_bus saved;
    if (!duet_take(bytes, size, &saved, sizeof(saved))) {
        return duet_error(DUET_EDATA, "saved bus: it is cut short");
    }
    enum duet_status status = load_schedule(&bus->schedule, saved.scheduled, bytes, size);
    if (status != DUET_OK) {
        return status;
    }
    bus->schedule.calls = saved.calls;
    bus->now_ns = saved.now_ns;
    bus->sequence = saved.sequence;
    bus->hash = saved.hash;
    bus->cause_sequence = saved.cause_sequence;
    bus->cause_hop = (uint16_t)saved.cause_hop;
    bus->delivered = saved.delivered;
    bus->failed = saved.failed;
    bus->derived = saved.derived;
    bus->refused = saved.refused;
    bus->dropped = saved.dropped;
    bus->queue_peak = saved.queue_peak;
    memcpy(bus->by_type, saved.by_type, sizeof(saved.by_type));
    return DUET_OK;
}
