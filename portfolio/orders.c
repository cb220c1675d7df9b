#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"
#include "portfolio/exact.h"
#include "portfolio/state.h"

static_assert((DUET_ORDER_WINDOW & (DUET_ORDER_WINDOW - 1)) == 0, "ids are mapped to slots by a mask");

/* --------------------------------------------------------------------------------------------- state machine */

#define TO(status) (1u << DUET_ORDER_##status)

static const uint16_t transitions[DUET_ORDER_STATUS_COUNT] = {
    [DUET_ORDER_CREATED] = TO(DENIED) | TO(SUBMITTED),
    [DUET_ORDER_SUBMITTED] = TO(ACCEPTED) | TO(REJECTED),
    [DUET_ORDER_ACCEPTED] = TO(TRIGGERED) | TO(PARTIALLY_FILLED) | TO(FILLED) | TO(CANCELLED) | TO(EXPIRED),
    [DUET_ORDER_TRIGGERED] = TO(PARTIALLY_FILLED) | TO(FILLED) | TO(CANCELLED) | TO(EXPIRED),
    [DUET_ORDER_PARTIALLY_FILLED] = TO(PARTIALLY_FILLED) | TO(FILLED) | TO(CANCELLED) | TO(EXPIRED),
};

bool duet_order_can_become(enum duet_order_status from, enum duet_order_status to) {
    return (unsigned)from < DUET_ORDER_STATUS_COUNT && (unsigned)to < DUET_ORDER_STATUS_COUNT &&
           (transitions[from] >> to & 1) != 0;
}

bool duet_order_can_fill(enum duet_order_status status) {
    return duet_order_can_become(status, DUET_ORDER_FILLED);
}

bool duet_order_is_final(enum duet_order_status status) {
    return (unsigned)status < DUET_ORDER_STATUS_COUNT && transitions[status] == 0;
}

/* ----------------------------------------------------------------------------------------------------- table */

void duet_order_table_init(struct duet_order_table *table) {
    *table = (struct duet_order_table){.next_id = 1};
    table->window = duet_alloc(DUET_ORDER_WINDOW, sizeof(*table->window));
}

static void entries_free(struct duet_order_entry *entry) {
    while (entry != NULL) {
        struct duet_order_entry *next = entry->next_unused;
        free(entry);
        entry = next;
    }
}

void duet_order_table_clear(struct duet_order_table *table) {
    for (size_t i = 0; i < table->old_count; i++) {
        free(table->old[i].entry);
    }
    table->old_count = 0;
    table->old_final = false;
    memset(table->window, 0, DUET_ORDER_WINDOW * sizeof(*table->window));
    table->next_id = 1;
    table->working_count = 0;
}

void duet_order_table_finish(struct duet_order_table *table) {
    if (table->window != NULL) {
        duet_order_table_clear(table);
    }
    entries_free(table->unused);
    free(table->old);
    free(table->window);
    *table = (struct duet_order_table){0};
}

static void old_sweep(struct duet_order_table *table) {
    size_t kept = 0;
    for (size_t i = 0; i < table->old_count; i++) {
        struct duet_order_entry *entry = table->old[i].entry;
        if (entry->working) {
            table->old[kept++] = table->old[i];
        } else {
            entry->next_unused = table->unused;
            table->unused = entry;
        }
    }
    table->old_count = kept;
    table->old_final = false;
}

/** An order that outlives the window moves out of it. Ids leave in ascending order, so `old` stays sorted. */
static void old_keep(struct duet_order_table *table, const struct duet_order_entry *entry) {
    if (table->old_count == table->old_capacity) {
        table->old_capacity = table->old_capacity == 0 ? 64 : 2 * table->old_capacity;
        table->old = duet_realloc(table->old, table->old_capacity, sizeof(*table->old));
    }
    struct duet_order_entry *moved = table->unused;
    if (moved != NULL) {
        table->unused = moved->next_unused;
    } else {
        moved = duet_alloc(1, sizeof(*moved));
    }
    *moved = *entry;
    table->old[table->old_count++] = (struct duet_old_order){.order_id = entry->order.order_id, .entry = moved};
}

struct duet_order_entry *duet_order_table_add(struct duet_order_table *table) {
    if (table->old_final) {
        old_sweep(table);
    }
    uint64_t id = table->next_id++;
    struct duet_order_entry *entry = &table->window[id & (DUET_ORDER_WINDOW - 1)];
    if (entry->working) {
        old_keep(table, entry);
    }
    // Field by field: clearing the whole entry is the slowest step of a submit, and the request overwrites the rest.
    entry->order.order_id = id;
    entry->order.filled = 0;
    entry->order.reason_code = DUET_REASON_NONE;
    entry->order.filled_notional = entry->order.commission = 0;
    entry->claim = (struct duet_claim){0};
    entry->claimed_cash = entry->claimed_gross = 0;
    entry->next_id = entry->previous_id = 0;
    entry->cancel_ns = INT64_MIN;
    entry->working = entry->from_target = entry->late = false;
    entry->gave_up = DUET_TARGET_NONE;
    return entry;
}

void duet_order_table_restore(struct duet_order_table *table, const struct duet_order_entry *saved, uint64_t next_id) {
    table->working_count += saved->working;
    if (next_id - saved->order.order_id > DUET_ORDER_WINDOW) {
        old_keep(table, saved);
        table->old_final |= !saved->working;
    } else {
        table->window[saved->order.order_id & (DUET_ORDER_WINDOW - 1)] = *saved;
    }
}

static struct duet_order_entry *old_find(const struct duet_order_table *table, uint64_t order_id) {
    size_t low = 0, high = table->old_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->old[middle].order_id < order_id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < table->old_count && table->old[low].order_id == order_id ? table->old[low].entry : NULL;
}

struct duet_order_entry *duet_order_table_find(const struct duet_order_table *table, uint64_t order_id) {
    struct duet_order_entry *entry = &table->window[order_id & (DUET_ORDER_WINDOW - 1)];
    if (entry->order.order_id == order_id) {
        return order_id != 0 ? entry : NULL;
    }
    return old_find(table, order_id);
}

/* --------------------------------------------------------------------------------------------- working orders */

/** Where an order's remaining quantity is summed up; NULL where it is not (resting reduce-only orders). */
static void sums_add(struct duet_portfolio_slot *slot, const struct duet_order *order, int64_t quantity) {
    if ((order->flags & DUET_REDUCE_ONLY) == 0) {
        *(order->side > 0 ? &slot->working_buy : &slot->working_sell) += quantity;
    } else if (order->type == DUET_MARKET) {
        slot->closing += order->side * quantity;
    }
}

void duet_orders_book(struct duet_portfolio *portfolio, struct duet_order_entry *entry) {
    struct duet_order *order = &entry->order;
    struct duet_portfolio_slot *slot = &portfolio->head.slots[order->instrument];
    sums_add(slot, order, order->quantity);
    entry->claimed_cash = entry->claim.cash;
    entry->claimed_gross = entry->claim.gross;
    portfolio->claimed_cash += entry->claimed_cash;
    portfolio->claimed_gross += entry->claimed_gross;
    entry->previous_id = slot->last_id;
    if (slot->last_id != 0) {
        duet_order_table_find(&portfolio->orders, slot->last_id)->next_id = order->order_id;
    } else {
        slot->first_id = order->order_id;
    }
    slot->last_id = order->order_id;
    entry->working = true;
    portfolio->orders.working_count++;
}

void duet_orders_unbook(struct duet_portfolio *portfolio, struct duet_order_entry *entry) {
    DUET_ASSERT(entry->working);
    struct duet_order_table *table = &portfolio->orders;
    struct duet_order *order = &entry->order;
    struct duet_portfolio_slot *slot = &portfolio->head.slots[order->instrument];
    if (order->filled < order->quantity) {
        sums_add(slot, order, order->filled - order->quantity);
    }
    portfolio->claimed_cash -= entry->claimed_cash;
    portfolio->claimed_gross -= entry->claimed_gross;
    *(entry->previous_id != 0 ? &duet_order_table_find(table, entry->previous_id)->next_id : &slot->first_id) =
        entry->next_id;
    *(entry->next_id != 0 ? &duet_order_table_find(table, entry->next_id)->previous_id : &slot->last_id) =
        entry->previous_id;
    entry->working = false;
    table->working_count--;
    if (entry != &table->window[order->order_id & (DUET_ORDER_WINDOW - 1)]) {
        table->old_final = true;
    }
}

void duet_orders_fill(struct duet_portfolio *portfolio, struct duet_order_entry *entry, int64_t quantity) {
    struct duet_order *order = &entry->order;
    int64_t due = order->quantity - order->filled;
    order->filled += quantity;
    if (!entry->working) {
        entry->late = true;
        return; // its claims and sums ended with it
    }
    if (due > 0) {
        sums_add(&portfolio->head.slots[order->instrument], order, quantity < due ? -quantity : -due);
    }
    // What is left lays claim in proportion; rounding only shifts when a claim is given back, never how much in all.
    duet_money cash = 0, gross = 0;
    if (order->filled < order->quantity) {
        int64_t left = order->quantity - order->filled;
        if (duet_scaled_product(entry->claim.cash, left, order->quantity, &cash) != DUET_OK ||
            duet_scaled_product(entry->claim.gross, left, order->quantity, &gross) != DUET_OK) {
            cash = entry->claimed_cash;
            gross = entry->claimed_gross;
        }
    }
    portfolio->claimed_cash += cash - entry->claimed_cash;
    portfolio->claimed_gross += gross - entry->claimed_gross;
    entry->claimed_cash = cash;
    entry->claimed_gross = gross;
}

void duet_portfolio_each_order(const struct duet_portfolio *portfolio,
    bool (*each)(void *argument, const struct duet_order *order), void *argument) {
    const struct duet_order_table *table = &portfolio->orders;
    bool more = true;
    for (size_t i = 0; more && i < table->old_count; i++) {
        if (table->old[i].entry->working) {
            more = each(argument, &table->old[i].entry->order);
        }
    }
    uint64_t first = table->next_id > DUET_ORDER_WINDOW ? table->next_id - DUET_ORDER_WINDOW : 1;
    for (uint64_t id = first; more && id < table->next_id; id++) {
        more = each(argument, &table->window[id & (DUET_ORDER_WINDOW - 1)].order);
    }
}

uint32_t duet_portfolio_working_orders(const struct duet_portfolio *portfolio) {
    return portfolio->orders.working_count;
}
