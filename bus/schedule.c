/* Scheduled inputs: a binary heap of keys over slots that stay where they are. */
#include "bus/bus_private.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

#define CLASS_SHIFT 56
#define NO_SLOT UINT32_MAX

void duet_bus_schedule_create(struct bus_schedule *schedule, uint32_t capacity) {
    schedule->heap = duet_alloc(capacity, sizeof(*schedule->heap));
    schedule->slots = duet_alloc(capacity, sizeof(*schedule->slots));
    schedule->capacity = capacity;
    for (uint32_t i = 0; i < capacity; i++) {
        schedule->slots[i].heap_index = i + 1 < capacity ? i + 1 : NO_SLOT;
    }
}

void duet_bus_schedule_destroy(struct bus_schedule *schedule) {
    free(schedule->heap);
    free(schedule->slots);
}

bool duet_bus_key_before(const struct bus_schedule_key *a, const struct bus_schedule_key *b) {
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->order < b->order;
}

static void heap_put(struct bus_schedule *schedule, uint32_t index, struct bus_schedule_key key) {
    schedule->heap[index] = key;
    schedule->slots[key.slot].heap_index = index;
}

static void heap_up(struct bus_schedule *schedule, uint32_t index, struct bus_schedule_key key) {
    while (index > 0 && duet_bus_key_before(&key, &schedule->heap[(index - 1) / 2])) {
        heap_put(schedule, index, schedule->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    heap_put(schedule, index, key);
}

static void heap_down(struct bus_schedule *schedule, uint32_t index, struct bus_schedule_key key) {
    for (;;) {
        uint32_t child = 2 * index + 1;
        if (child >= schedule->count) {
            break;
        }
        if (child + 1 < schedule->count && duet_bus_key_before(&schedule->heap[child + 1], &schedule->heap[child])) {
            child++;
        }
        if (!duet_bus_key_before(&schedule->heap[child], &key)) {
            break;
        }
        heap_put(schedule, index, schedule->heap[child]);
        index = child;
    }
    heap_put(schedule, index, key);
}

void duet_bus_schedule_sort(struct bus_schedule *schedule) {
    for (uint32_t i = schedule->count; i > 0; i--) {
        heap_down(schedule, i - 1, schedule->heap[i - 1]);
    }
}

/** Take the entry at `index` out and give its slot back. */
static void heap_remove(struct bus_schedule *schedule, uint32_t index) {
    uint32_t slot = schedule->heap[index].slot;
    struct bus_schedule_key moved = schedule->heap[--schedule->count];
    if (index < schedule->count) {
        if (index > 0 && duet_bus_key_before(&moved, &schedule->heap[(index - 1) / 2])) {
            heap_up(schedule, index, moved);
        } else {
            heap_down(schedule, index, moved);
        }
    }
    schedule->slots[slot].generation++;
    schedule->slots[slot].heap_index = schedule->free_slot;
    schedule->free_slot = slot;
}

enum duet_status duet_bus_schedule(struct duet_bus *bus, int64_t time_ns, enum duet_input_class input_class,
    const struct duet_event *event, uint64_t *handle) {
    struct bus_schedule *schedule = &bus->schedule;
    DUET_ASSERT((unsigned)input_class < DUET_CLASS_COUNT);
    if (!duet_bus_is_storable(event->type)) {
        return duet_error(DUET_EINVAL, "%s cannot be scheduled", duet_event_type_name(event->type));
    }
    if (schedule->count == schedule->capacity) {
        return duet_error(DUET_EFULL, "%u inputs are scheduled; no room for another", schedule->capacity);
    }
    uint32_t slot = schedule->free_slot;
    schedule->free_slot = schedule->slots[slot].heap_index;
    schedule->slots[slot].event = *event;
    struct bus_schedule_key key = {
        .time_ns = time_ns, .order = (uint64_t)input_class << CLASS_SHIFT | ++schedule->calls, .slot = slot};
    heap_up(schedule, schedule->count++, key);
    if (handle != NULL) {
        *handle = (uint64_t)schedule->slots[slot].generation << 32 | (slot + 1u);
    }
    return DUET_OK;
}

enum duet_status duet_bus_unschedule(struct duet_bus *bus, uint64_t handle) {
    struct bus_schedule *schedule = &bus->schedule;
    uint32_t slot = (uint32_t)handle - 1;
    if (slot < schedule->capacity && schedule->slots[slot].generation == handle >> 32) {
        uint32_t index = schedule->slots[slot].heap_index;
        // A free slot may carry the generation of a handle not yet given out.
        if (index < schedule->count && schedule->heap[index].slot == slot) {
            heap_remove(schedule, index);
            return DUET_OK;
        }
    }
    return duet_error(DUET_ENOTFOUND, "no such scheduled input, or it has fired");
}

int64_t duet_bus_next_scheduled_ns(const struct duet_bus *bus) {
    return bus->schedule.count != 0 ? bus->schedule.heap[0].time_ns : INT64_MAX;
}

size_t duet_bus_run_scheduled_budget(struct duet_bus *bus, int64_t time_ns, enum duet_input_class last, size_t budget) {
    struct bus_schedule *schedule = &bus->schedule;
    DUET_ASSERT(bus->dispatching == 0);
    struct bus_schedule_key end = {.time_ns = time_ns, .order = (uint64_t)(last + 1) << CLASS_SHIFT};
    size_t count = 0;
    while (count < budget && schedule->count != 0 && duet_bus_key_before(&schedule->heap[0], &end) &&
           !duet_bus_halted(bus)) {
        int64_t due_ns = schedule->heap[0].time_ns;
        struct duet_event event = schedule->slots[schedule->heap[0].slot].event;
        heap_remove(schedule, 0);
        (void)duet_bus_input(bus, &event, due_ns);
        count++;
    }
    return count;
}

size_t duet_bus_run_scheduled(struct duet_bus *bus, int64_t time_ns, enum duet_input_class last) {
    return duet_bus_run_scheduled_budget(bus, time_ns, last, SIZE_MAX);
}
