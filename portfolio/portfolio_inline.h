/*
 * The part of a portfolio that is touched once per bar, laid open so that marking and asking for equity cost no call.
 * For the conductor; everybody else uses portfolio.h.
 */
#ifndef DUET_PORTFOLIO_PORTFOLIO_INLINE_H
#define DUET_PORTFOLIO_PORTFOLIO_INLINE_H

#include "portfolio/portfolio.h"

/**
 * No amount of the account may leave ±DUET_ACCOUNT_MAX (about 1.2e18 currency units): then sums over all instruments
 * cannot leave 128 bits, and the hot path needs one range check only.
 */
#define DUET_ACCOUNT_MAX ((duet_money)1 << 100)

/** One instrument of the account. */
struct duet_portfolio_slot {
    struct duet_position_state state;
    int64_t step; // quantity · factor, so that value = step · mark exactly; 0: flat, or to be rounded
    int64_t price_max; // while step != 0: no price up to here leads out of an account
    int64_t factor; // money per price unit and quantity unit; 0: not a whole number
    int64_t working_buy, working_sell; // what working orders may still fill, reduce-only ones apart
    int64_t closing; // signed: what working reduce-only market orders may still fill
    uint64_t first_id, last_id; // working orders, in order of submission; 0: none
    const struct duet_instrument *instrument;
};

/** A portfolio begins with this. */
struct duet_portfolio_head {
    struct duet_portfolio_slot *slots; // one per instrument
    duet_money cash, equity, gross;
};

/** The rest of duet_portfolio_mark(): rounded values, prices out of range, ruin. */
void duet_portfolio_mark_slow(struct duet_portfolio *portfolio, uint32_t instrument, int64_t price);

/** state.value after marks that left it behind. */
static inline void duet_slot_refresh(struct duet_portfolio_slot *slot) {
    if (slot->step != 0) {
        slot->state.value = (duet_money)slot->step * slot->state.mark;
    }
}

/** As duet_portfolio_mark(). */
static inline void duet_portfolio_mark_inline(struct duet_portfolio *portfolio, uint32_t instrument, int64_t price) {
    struct duet_portfolio_head *head = (struct duet_portfolio_head *)portfolio;
    struct duet_portfolio_slot *slot = &head->slots[instrument];
    int64_t quantity = slot->state.quantity;
    if (quantity == 0) {
        slot->state.mark = price;
        slot->state.has_mark = true;
        return;
    }
    // Both prices lie within 1 … price_max, so neither product leaves 128 bits. The position's value is left behind;
    // see duet_slot_refresh().
    uint64_t range = (uint64_t)slot->price_max;
    duet_money change = (duet_money)slot->step * (int64_t)((uint64_t)price - (uint64_t)slot->state.mark);
    duet_money equity = head->equity + change;
    if (__builtin_expect((uint64_t)price - 1 >= range || (uint64_t)slot->state.mark - 1 >= range || equity <= 0, 0)) {
        duet_portfolio_mark_slow(portfolio, instrument, price);
        return;
    }
    slot->state.mark = price;
    head->equity = equity;
    head->gross += quantity > 0 ? change : -change;
}

static inline duet_money duet_portfolio_equity_inline(const struct duet_portfolio *portfolio) {
    return ((const struct duet_portfolio_head *)portfolio)->equity;
}
static inline duet_money duet_portfolio_gross_inline(const struct duet_portfolio *portfolio) {
    return ((const struct duet_portfolio_head *)portfolio)->gross;
}

#endif
