#include "broker/book.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"

#define BLOCK_ORDERS 64
#define ID_CAPACITY_MIN 64

struct order_block {
    struct order_block *next;
    struct duet_working orders[BLOCK_ORDERS];
};

/* ------------------------------------------------------------------------------------------------------ by id */

static uint32_t id_slot(const struct duet_venue *venue, uint64_t order_id) {
    return (uint32_t)((order_id * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (venue->id_capacity - 1);
}

/** Slot that holds `order_id`, or the free one where it would go. */
static uint32_t id_find(const struct duet_venue *venue, uint64_t order_id) {
    uint32_t slot = id_slot(venue, order_id);
    while (venue->by_id[slot] != NULL && venue->by_id[slot]->order_id != order_id) {
        slot = (slot + 1) & (venue->id_capacity - 1);
    }
    return slot;
}

static void id_grow(struct duet_venue *venue) {
    struct duet_working **old = venue->by_id;
    uint32_t old_capacity = venue->id_capacity;
    venue->id_capacity *= 2;
    venue->by_id = duet_alloc(venue->id_capacity, sizeof(struct duet_working *));
    for (uint32_t i = 0; i < old_capacity; i++) {
        if (old[i] != NULL) {
            venue->by_id[id_find(venue, old[i]->order_id)] = old[i];
        }
    }
    free(old);
}

static void id_remove(struct duet_venue *venue, uint64_t order_id) {
    uint32_t mask = venue->id_capacity - 1;
    uint32_t hole = id_find(venue, order_id);
    DUET_ASSERT(venue->by_id[hole] != NULL);
    // Close the gap, so that no probe ever meets a tombstone.
    for (uint32_t slot = (hole + 1) & mask; venue->by_id[slot] != NULL; slot = (slot + 1) & mask) {
        uint32_t home = id_slot(venue, venue->by_id[slot]->order_id);
        if (((slot - home) & mask) >= ((slot - hole) & mask)) {
            venue->by_id[hole] = venue->by_id[slot];
            hole = slot;
        }
    }
    venue->by_id[hole] = NULL;
}

/* ---------------------------------------------------------------------------------------------- by instrument */

static void hot_change(struct duet_venue *venue, uint32_t instrument, bool hot) {
    uint32_t low = 0;
    uint32_t high = venue->head.hot_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (venue->hot[middle] < instrument) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    uint32_t *at = &venue->hot[low];
    if (hot) {
        memmove(at + 1, at, (venue->head.hot_count - low) * sizeof(*at));
        *at = instrument;
        venue->head.hot_count++;
    } else {
        DUET_ASSERT(low < venue->head.hot_count && *at == instrument);
        venue->head.hot_count--;
        memmove(at, at + 1, (venue->head.hot_count - low) * sizeof(*at));
    }
    venue->head.hot_version++;
}

static void side_append(struct duet_side_book *book, struct duet_working *order) {
    order->next = NULL;
    order->previous = book->last;
    if (book->last != NULL) {
        book->last->next = order;
    } else {
        book->first = order;
    }
    book->last = order;
    book->count++;
}

static void side_unlink(struct duet_side_book *book, struct duet_working *order) {
    if (order->previous != NULL) {
        order->previous->next = order->next;
    } else {
        book->first = order->next;
    }
    if (order->next != NULL) {
        order->next->previous = order->previous;
    } else {
        book->last = order->previous;
    }
    book->count--;
}

static struct duet_working *order_take(struct duet_venue *venue) {
    if (venue->free_orders == NULL) {
        struct order_block *block = duet_alloc(1, sizeof(*block));
        block->next = venue->blocks;
        venue->blocks = block;
        for (size_t i = BLOCK_ORDERS; i > 0; i--) {
            block->orders[i - 1].next = venue->free_orders;
            venue->free_orders = &block->orders[i - 1];
        }
    }
    struct duet_working *order = venue->free_orders;
    venue->free_orders = order->next;
    return order;
}

/* ------------------------------------------------------------------------------------------------------ steps */

struct duet_working *duet_book_add(struct duet_venue *venue, const struct duet_working *order) {
    DUET_ASSERT(order->instrument < venue->options.instruments->count);
    if (2 * (venue->working_count + 1) > venue->id_capacity) {
        id_grow(venue);
    }
    struct duet_working *added = order_take(venue);
    *added = *order;
    added->rank = venue->next_rank++;
    struct duet_side_book *book = &venue->books[order->instrument];
    side_append(book, added);
    if (book->count == 1) {
        hot_change(venue, order->instrument, true);
    }
    uint32_t slot = id_find(venue, order->order_id);
    DUET_ASSERT(venue->by_id[slot] == NULL);
    venue->by_id[slot] = added;
    venue->working_count++;
    return added;
}

void duet_book_remove(struct duet_venue *venue, struct duet_working *order) {
    id_remove(venue, order->order_id);
    struct duet_side_book *book = &venue->books[order->instrument];
    side_unlink(book, order);
    if (book->count == 0) {
        hot_change(venue, order->instrument, false);
    }
    order->next = venue->free_orders;
    venue->free_orders = order;
    venue->working_count--;
}

struct duet_working *duet_book_find(const struct duet_venue *venue, uint64_t order_id) {
    return venue->by_id[id_find(venue, order_id)];
}

void duet_book_init(struct duet_venue *venue) {
    uint32_t instruments = venue->options.instruments->count;
    venue->books = duet_alloc(instruments, sizeof(*venue->books));
    venue->hot = duet_alloc(instruments, sizeof(*venue->hot));
    venue->id_capacity = ID_CAPACITY_MIN;
    venue->by_id = duet_alloc(venue->id_capacity, sizeof(struct duet_working *));
}

void duet_book_finish(struct duet_venue *venue) {
    while (venue->blocks != NULL) {
        struct order_block *block = venue->blocks;
        venue->blocks = block->next;
        free(block);
    }
    free(venue->books);
    free(venue->hot);
    free(venue->by_id);
}

void duet_book_clear(struct duet_venue *venue) {
    while (venue->head.hot_count > 0) {
        duet_book_remove(venue, venue->books[venue->hot[venue->head.hot_count - 1]].first);
    }
    for (uint32_t i = 0; i < venue->options.instruments->count; i++) {
        venue->books[i] = (struct duet_side_book){0};
    }
}
