/*
 * The mailbox: many threads write, the engine thread reads. A bounded ring with a turn number in each cell tells
 * writers and the reader whose turn it is there, so neither waits for a lock.
 *
 * Waking: the reader sets `armed` when it finds the mailbox empty and looks once more; a writer that clears `armed`
 * wakes it. Both are read-modify-writes of one flag, so either the reader sees the event or the writer sees the flag.
 */
#include "bus/bus_private.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

void duet_bus_mailbox_create(struct bus_mailbox *mailbox, uint32_t capacity) {
    // One cell would not tell full from empty.
    uint32_t cells = capacity < 2 ? 2 : capacity;
    mailbox->cells = duet_alloc(cells, sizeof(*mailbox->cells));
    mailbox->mask = cells - 1;
    for (uint32_t i = 0; i < cells; i++) {
        atomic_init(&mailbox->cells[i].turn, i);
    }
    atomic_init(&mailbox->armed, true);
}

void duet_bus_mailbox_destroy(struct bus_mailbox *mailbox) {
    free(mailbox->cells);
}

enum duet_status duet_bus_post(struct duet_bus *bus, const struct duet_event *event) {
    struct bus_mailbox *mailbox = &bus->mailbox;
    if (!duet_bus_is_storable(event->type)) {
        return duet_error(DUET_EINVAL, "%s cannot be posted", duet_event_type_name(event->type));
    }
    uint64_t position = atomic_load_explicit(&mailbox->write_position, memory_order_relaxed);
    struct bus_mail *cell;
    for (;;) {
        cell = &mailbox->cells[position & mailbox->mask];
        uint64_t turn = atomic_load_explicit(&cell->turn, memory_order_acquire);
        int64_t ahead = (int64_t)(turn - position);
        if (ahead == 0) {
            if (atomic_compare_exchange_weak_explicit(
                    &mailbox->write_position, &position, position + 1, memory_order_relaxed, memory_order_relaxed)) {
                break;
            }
        } else if (ahead < 0) {
            atomic_fetch_add_explicit(&mailbox->refused, 1, memory_order_relaxed);
            return duet_error(DUET_EFULL, "mailbox is full (%llu events)", (unsigned long long)mailbox->mask + 1);
        } else {
            position = atomic_load_explicit(&mailbox->write_position, memory_order_relaxed);
        }
    }
    cell->event = *event;
    atomic_store_explicit(&cell->turn, position + 1, memory_order_release);
    if (atomic_exchange(&mailbox->armed, false) && mailbox->wake != NULL) {
        mailbox->wake(mailbox->argument);
    }
    return DUET_OK;
}

static bool mailbox_has_mail(const struct bus_mailbox *mailbox) {
    const struct bus_mail *cell = &mailbox->cells[mailbox->read_position & mailbox->mask];
    return atomic_load_explicit(&cell->turn, memory_order_acquire) == mailbox->read_position + 1;
}

bool duet_bus_has_posted(const struct duet_bus *bus) {
    return mailbox_has_mail(&bus->mailbox);
}

static bool mailbox_read(struct bus_mailbox *mailbox, struct duet_event *out) {
    if (!mailbox_has_mail(mailbox)) {
        return false;
    }
    struct bus_mail *cell = &mailbox->cells[mailbox->read_position & mailbox->mask];
    *out = cell->event;
    atomic_store_explicit(&cell->turn, mailbox->read_position + mailbox->mask + 1, memory_order_release);
    mailbox->read_position++;
    return true;
}

size_t duet_bus_take_posted(struct duet_bus *bus, int64_t time_ns, size_t budget) {
    struct bus_mailbox *mailbox = &bus->mailbox;
    DUET_ASSERT(bus->dispatching == 0);
    size_t count = 0;
    struct duet_event event;
    while (count < budget && !duet_bus_halted(bus)) {
        if (!mailbox_read(mailbox, &event)) {
            // From here on a post wakes; one that came just before is seen now.
            (void)atomic_exchange(&mailbox->armed, true);
            if (!mailbox_read(mailbox, &event)) {
                break;
            }
        }
        (void)duet_bus_input(bus, &event, time_ns);
        count++;
    }
    return count;
}

void duet_bus_on_posted(struct duet_bus *bus, void (*wake)(void *), void *argument) {
    bus->mailbox.wake = wake;
    bus->mailbox.argument = argument;
}
