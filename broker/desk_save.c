#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include "broker/desk_state.h"

static_assert((DUET_DESK_FILLS_MAX & (DUET_DESK_FILLS_MAX - 1)) == 0, "numbers are mapped to slots by a mask");

/* ------------------------------------------------------------------------------------------------------ orders */

struct duet_desk_order *duet_desk_find(const struct duet_desk *desk, uint64_t order_id) {
    size_t low = 0, high = desk->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (desk->orders[middle].order_id < order_id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < desk->count && desk->orders[low].order_id == order_id ? &desk->orders[low] : NULL;
}

static void sweep(struct duet_desk *desk) {
    size_t kept = 0;
    for (size_t i = 0; i < desk->count; i++) {
        const struct duet_desk_order *order = &desk->orders[i];
        if (!duet_desk_is_final(order) || desk->marks.last_id - order->order_id < DUET_DESK_ENDED_MAX) {
            desk->orders[kept++] = *order;
        }
    }
    desk->count = kept;
}

struct duet_desk_order *duet_desk_add(struct duet_desk *desk, const struct duet_desk_order *order) {
    DUET_ASSERT(order->order_id > desk->marks.last_id);
    desk->marks.last_id = order->order_id;
    if (desk->count == desk->capacity) {
        sweep(desk);
        if (2 * desk->count >= desk->capacity) { // so that sweeps are rare
            desk->capacity = desk->capacity == 0 ? 64 : 2 * desk->capacity;
            desk->orders = duet_realloc(desk->orders, desk->capacity, sizeof(*desk->orders));
        }
    }
    desk->orders[desk->count] = *order;
    return &desk->orders[desk->count++];
}

/* ------------------------------------------------------------------------------------------------------- fills */

static uint64_t *fill_head(struct duet_desk *desk, const char *fill_id) {
    uint64_t hash = duet_hash_bytes(DUET_HASH_SEED, fill_id, strlen(fill_id));
    return &desk->fill_heads[hash & (DUET_DESK_FILLS_MAX - 1)];
}

const struct duet_desk_fill *duet_desk_fill_find(const struct duet_desk *desk, const char *fill_id) {
    uint64_t hash = duet_hash_bytes(DUET_HASH_SEED, fill_id, strlen(fill_id));
    uint64_t newest = desk->marks.fills;
    for (uint64_t n = desk->fill_heads[hash & (DUET_DESK_FILLS_MAX - 1)];
         n != 0 && n + DUET_DESK_FILLS_MAX > newest;) { // older ones have been overwritten, and their links with them
        const struct duet_desk_fill *fill = &desk->fills[n & (DUET_DESK_FILLS_MAX - 1)];
        if (strcmp(fill->fill_id, fill_id) == 0) {
            return fill;
        }
        n = desk->fill_chain[n & (DUET_DESK_FILLS_MAX - 1)];
    }
    return NULL;
}

static void fill_put(struct duet_desk *desk, uint64_t number, const struct duet_desk_fill *fill) {
    uint64_t *head = fill_head(desk, fill->fill_id);
    desk->fills[number & (DUET_DESK_FILLS_MAX - 1)] = *fill;
    desk->fill_chain[number & (DUET_DESK_FILLS_MAX - 1)] = *head;
    *head = number;
}

uint64_t duet_desk_fill_add(struct duet_desk *desk, const struct duet_desk_fill *fill) {
    fill_put(desk, ++desk->marks.fills, fill);
    return desk->marks.fills;
}

void duet_desk_clear(struct duet_desk *desk) {
    desk->count = 0;
    desk->marks = (struct duet_desk_marks){0};
    memset(desk->fill_heads, 0, sizeof(desk->fill_heads));
    memset(desk->fill_chain, 0, sizeof(desk->fill_chain));
}

/* ------------------------------------------------------------------------------------------------------ saving */

struct saved_head {
    char magic[8];
    uint64_t orders, fills;
    struct duet_desk_marks marks;
};
static const char saved_magic[8] = "DUETDK1";

/** Number of the oldest fill that is remembered, less one. */
static uint64_t fills_before(const struct duet_desk *desk) {
    return desk->marks.fills > DUET_DESK_FILLS_MAX ? desk->marks.fills - DUET_DESK_FILLS_MAX : 0;
}

void duet_desk_save(const struct duet_desk *desk, struct duet_text *out) {
    struct saved_head head = {.orders = desk->count, .marks = desk->marks};
    memcpy(head.magic, saved_magic, sizeof(head.magic));
    head.fills = desk->marks.fills - fills_before(desk);
    duet_text_append(out, (const char *)&head, sizeof(head));
    if (desk->count > 0) {
        duet_text_append(out, (const char *)desk->orders, desk->count * sizeof(*desk->orders));
    }
    for (uint64_t n = fills_before(desk) + 1; n <= desk->marks.fills; n++) {
        duet_text_append(out, (const char *)&desk->fills[n & (DUET_DESK_FILLS_MAX - 1)], sizeof(struct duet_desk_fill));
    }
}

static bool order_can_be(const struct duet_desk *desk, const struct duet_desk_order *order, uint64_t after) {
    return order->order_id > after && order->order_id <= desk->marks.last_id &&
           order->instrument < desk->options.instruments->count && order->status < DUET_ORDER_STATUS_COUNT &&
           order->knowledge <= DUET_DESK_KNOWN && order->word <= DUET_DESK_TOLD;
}

static enum duet_status damaged(struct duet_desk *desk) {
    duet_desk_clear(desk);
    return duet_error(DUET_EDATA, "the saved state of the gateway desk is damaged");
}

enum duet_status duet_desk_load(struct duet_desk *desk, const unsigned char **bytes, size_t *size) {
    DUET_ASSERT(desk->count == 0 && desk->marks.fills == 0);
    struct saved_head head;
    if (*size < sizeof(head)) {
        return damaged(desk);
    }
    memcpy(&head, *bytes, sizeof(head));
    size_t left = *size - sizeof(head);
    const unsigned char *at = *bytes + sizeof(head);
    if (memcmp(head.magic, saved_magic, sizeof(head.magic)) != 0 ||
        head.orders > left / sizeof(struct duet_desk_order) || head.fills > DUET_DESK_FILLS_MAX ||
        head.fills > head.marks.fills ||
        head.fills * sizeof(struct duet_desk_fill) > left - head.orders * sizeof(struct duet_desk_order)) {
        return damaged(desk);
    }
    uint64_t last_id = 0;
    for (uint64_t i = 0; i < head.orders; i++) {
        struct duet_desk_order order;
        memcpy(&order, at, sizeof(order));
        at += sizeof(order);
        desk->marks.last_id = head.marks.last_id;
        if (!order_can_be(desk, &order, last_id)) {
            return damaged(desk);
        }
        last_id = order.order_id;
        desk->marks.last_id = last_id - 1;
        (void)duet_desk_add(desk, &order);
    }
    desk->marks = head.marks;
    for (uint64_t i = 0; i < head.fills; i++) {
        struct duet_desk_fill fill;
        memcpy(&fill, at, sizeof(fill));
        at += sizeof(fill);
        if (fill.fill_id[sizeof(fill.fill_id) - 1] != '\0') {
            return damaged(desk);
        }
        fill_put(desk, head.marks.fills - head.fills + 1 + i, &fill);
    }
    *size -= (size_t)(at - *bytes);
    *bytes = at;
    return DUET_OK;
}
