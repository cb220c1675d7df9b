/*
 * Everything that a portfolio knows, as bytes: of this build and machine, so numbers go out as they lie in memory. What
 * comes from its options (instruments, costs, leverage) is not part of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/take.h"
#include "base/text.h"
#include "portfolio/exact.h"
#include "portfolio/state.h"

struct saved_portfolio {
    duet_money cash, equity, gross, claimed_cash, claimed_gross, announced_cash;
    struct duet_ledger ledger;
    struct duet_portfolio_counts counts;
    struct duet_limits limits;
    uint64_t instruments, orders, next_id, wishes, fills;
    uint64_t ruined;
};

struct saved_slot {
    struct duet_position_state state;
    int64_t step, price_max;
    int64_t working_buy, working_sell, closing;
    uint64_t first_id, last_id;
};

struct saved_wish {
    uint64_t strategy, instrument;
    struct duet_wish wish;
};

static void append(struct duet_text *out, const void *bytes, size_t size) {
    duet_text_append(out, bytes, size);
}

/* -------------------------------------------------------------------------------------------------------- saving */

/** Orders that can be looked up: those that have left the window, then the window's. Returns how many. */
static uint64_t save_orders(const struct duet_order_table *table, struct duet_text *out) {
    uint64_t count = 0;
    for (; count < table->old_count; count++) {
        struct duet_order_entry entry = *table->old[count].entry;
        entry.next_unused = NULL;
        append(out, &entry, sizeof(entry));
    }
    uint64_t first = table->next_id > DUET_ORDER_WINDOW ? table->next_id - DUET_ORDER_WINDOW : 1;
    for (uint64_t id = first; id < table->next_id; id++) {
        append(out, &table->window[id & (DUET_ORDER_WINDOW - 1)], sizeof(table->window[0]));
        count++;
    }
    return count;
}

static uint64_t save_wishes(const struct duet_portfolio *portfolio, struct duet_text *out) {
    uint64_t count = 0;
    for (uint32_t i = 0; i < portfolio->wish_strategies; i++) {
        for (uint32_t k = 0; portfolio->wishes[i] != NULL && k < portfolio->options.instruments->count; k++) {
            struct saved_wish saved = {.strategy = i, .instrument = k, .wish = portfolio->wishes[i][k]};
            append(out, &saved, sizeof(saved));
            count++;
        }
    }
    return count;
}

static void save_slots(const struct duet_portfolio *portfolio, struct duet_text *out) {
    for (uint32_t i = 0; i < portfolio->options.instruments->count; i++) {
        struct duet_portfolio_slot *slot = &portfolio->head.slots[i];
        duet_slot_refresh(slot);
        struct saved_slot saved;
        memset(&saved, 0, sizeof(saved));
        saved.state.quantity = slot->state.quantity;
        saved.state.mark = slot->state.mark;
        saved.state.has_mark = slot->state.has_mark;
        saved.state.cost = slot->state.cost;
        saved.state.value = slot->state.value;
        saved.state.realized = slot->state.realized;
        saved.state.commission = slot->state.commission;
        saved.step = slot->step;
        saved.price_max = slot->price_max;
        saved.working_buy = slot->working_buy;
        saved.working_sell = slot->working_sell;
        saved.closing = slot->closing;
        saved.first_id = slot->first_id;
        saved.last_id = slot->last_id;
        append(out, &saved, sizeof(saved));
    }
}

void duet_portfolio_save(const struct duet_portfolio *portfolio, struct duet_text *out) {
    DUET_ASSERT(portfolio->booked.head == portfolio->booked.tail);
    struct saved_portfolio head;
    memset(&head, 0, sizeof(head));
    head.cash = portfolio->head.cash;
    head.equity = portfolio->head.equity;
    head.gross = portfolio->head.gross;
    head.claimed_cash = portfolio->claimed_cash;
    head.claimed_gross = portfolio->claimed_gross;
    head.announced_cash = portfolio->announced_cash;
    head.ledger = portfolio->ledger;
    head.counts = portfolio->counts;
    head.limits = portfolio->options.limits;
    head.instruments = portfolio->options.instruments->count;
    head.next_id = portfolio->orders.next_id;
    head.ruined = portfolio->ruined;
    struct duet_text orders = {0}, wishes = {0};
    head.orders = save_orders(&portfolio->orders, &orders);
    head.wishes = save_wishes(portfolio, &wishes);
    for (size_t i = 0; i < DUET_FILL_WINDOW; i++) {
        head.fills += portfolio->fill_ids[i] != 0;
    }
    append(out, &head, sizeof(head));
    save_slots(portfolio, out);
    append(out, orders.text, orders.length);
    append(out, wishes.text, wishes.length);
    for (size_t i = 0; i < DUET_FILL_WINDOW; i++) {
        if (portfolio->fill_ids[i] != 0) {
            append(out, &portfolio->fill_ids[i], sizeof(portfolio->fill_ids[i]));
        }
    }
    duet_text_finish(&orders);
    duet_text_finish(&wishes);
}

/* ------------------------------------------------------------------------------------------------------- loading */

static enum duet_status damaged(void) {
    return duet_error(DUET_EDATA, "saved portfolio: damaged, or of another run");
}

static enum duet_status load_slots(struct duet_portfolio *portfolio, const unsigned char **bytes, size_t *size) {
    for (uint32_t i = 0; i < portfolio->options.instruments->count; i++) {
        struct duet_portfolio_slot *slot = &portfolio->head.slots[i];
        struct saved_slot saved;
        if (!duet_take(bytes, size, &saved, sizeof(saved))) {
            return damaged();
        }
        slot->state = saved.state;
        slot->step = saved.step;
        slot->price_max = saved.price_max;
        slot->working_buy = saved.working_buy;
        slot->working_sell = saved.working_sell;
        slot->closing = saved.closing;
        slot->first_id = saved.first_id;
        slot->last_id = saved.last_id;
    }
    return DUET_OK;
}

static enum duet_status load_orders(
    struct duet_portfolio *portfolio, uint64_t count, uint64_t next_id, const unsigned char **bytes, size_t *size) {
    struct duet_order_table *table = &portfolio->orders;
    uint64_t last_id = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct duet_order_entry entry;
        if (!duet_take(bytes, size, &entry, sizeof(entry)) || entry.order.order_id <= last_id ||
            entry.order.order_id >= next_id) {
            return damaged();
        }
        last_id = entry.order.order_id;
        entry.next_unused = NULL;
        duet_order_table_restore(table, &entry, next_id);
    }
    table->next_id = next_id;
    return DUET_OK;
}

static enum duet_status load_wishes(
    struct duet_portfolio *portfolio, uint64_t count, const unsigned char **bytes, size_t *size) {
    for (uint64_t i = 0; i < count; i++) {
        struct saved_wish saved;
        if (!duet_take(bytes, size, &saved, sizeof(saved)) || saved.strategy >= UINT16_MAX ||
            saved.instrument >= portfolio->options.instruments->count) {
            return damaged();
        }
        *duet_portfolio_wish(portfolio, (uint16_t)saved.strategy, (uint32_t)saved.instrument) = saved.wish;
    }
    return DUET_OK;
}

static enum duet_status load_fills(
    struct duet_portfolio *portfolio, uint64_t count, const unsigned char **bytes, size_t *size) {
    memset(portfolio->fill_ids, 0, sizeof(portfolio->fill_ids));
    for (uint64_t i = 0; i < count; i++) {
        uint64_t fill_id;
        if (!duet_take(bytes, size, &fill_id, sizeof(fill_id))) {
            return damaged();
        }
        portfolio->fill_ids[fill_id & (DUET_FILL_WINDOW - 1)] = fill_id;
    }
    return DUET_OK;
}

enum duet_status duet_portfolio_load(struct duet_portfolio *portfolio, const unsigned char **bytes, size_t *size) {
    struct saved_portfolio head;
    if (!duet_take(bytes, size, &head, sizeof(head)) || head.instruments != portfolio->options.instruments->count) {
        return damaged();
    }
    duet_order_table_clear(&portfolio->orders);
    enum duet_status status = load_slots(portfolio, bytes, size);
    if (status == DUET_OK) {
        status = load_orders(portfolio, head.orders, head.next_id, bytes, size);
    }
    if (status == DUET_OK) {
        status = load_wishes(portfolio, head.wishes, bytes, size);
    }
    if (status == DUET_OK) {
        status = load_fills(portfolio, head.fills, bytes, size);
    }
    if (status != DUET_OK) {
        return status;
    }
    portfolio->head.cash = head.cash;
    portfolio->head.equity = head.equity;
    portfolio->head.gross = head.gross;
    portfolio->claimed_cash = head.claimed_cash;
    portfolio->claimed_gross = head.claimed_gross;
    portfolio->announced_cash = head.announced_cash;
    portfolio->ledger = head.ledger;
    portfolio->counts = head.counts;
    portfolio->options.limits = head.limits;
    portfolio->ruined = head.ruined != 0;
    portfolio->booked.head = portfolio->booked.tail = 0;
    return duet_portfolio_ledger_balances(portfolio) ? DUET_OK : damaged();
}
