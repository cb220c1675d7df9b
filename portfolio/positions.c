#include <stdio.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/log.h"
#include "portfolio/exact.h"
#include "portfolio/state.h"

enum duet_status duet_slot_value(
    const struct duet_portfolio_slot *slot, int64_t quantity, int64_t mark, int64_t *step, duet_money *value) {
    duet_money exact = (duet_money)quantity * slot->factor;
    if (exact == 0 || !duet_fits_int64(exact)) {
        *step = 0;
        *value = 0;
        return quantity == 0 ? DUET_OK : duet_slot_notional(slot, mark, quantity, value);
    }
    *step = (int64_t)exact;
    *value = exact * mark;
    if (!duet_account_in_range(*value)) {
        return duet_error(
            DUET_EOVERFLOW, "%s: the value of the position leaves the range of an account", slot->instrument->symbol);
    }
    return DUET_OK;
}

/** A price up to which step · price stays in an account; 0 without a step, so that every mark takes the slow way. */
static int64_t price_limit(int64_t step) {
    if (step == 0) {
        return 0;
    }
    int bits = 64 - __builtin_clzll((uint64_t)(step < 0 ? -step : step));
    return bits < 100 - 62 ? INT64_C(1) << 62 : INT64_C(1) << (100 - bits);
}

void duet_slot_set_value(
    struct duet_portfolio *portfolio, struct duet_portfolio_slot *slot, int64_t mark, int64_t step, duet_money value) {
    struct duet_position_state *state = &slot->state;
    struct duet_portfolio_head *head = &portfolio->head;
    duet_slot_refresh(slot);
    head->equity += value - state->value;
    head->gross += duet_money_magnitude(value) - duet_money_magnitude(state->value);
    state->value = value;
    state->mark = mark;
    state->has_mark = true;
    slot->step = step;
    slot->price_max = price_limit(step);
}

void duet_portfolio_overflow(struct duet_portfolio *portfolio, const char *what) {
    struct duet_component *component = &portfolio->component;
    if (component->env != NULL) {
        duet_log_error(component->env->log, "account-overflow", "what=%s why=%s", what, duet_error_text());
    }
    duet_component_fault(component, DUET_EOVERFLOW, what);
}

void duet_portfolio_check_ruin(struct duet_portfolio *portfolio) {
    if (portfolio->head.equity > 0 || portfolio->ruined) {
        return;
    }
    portfolio->ruined = true;
    if (portfolio->component.env != NULL) {
        duet_log_warn(
            portfolio->component.env->log, "ruined", "equity=%.2f", duet_money_to_double(portfolio->head.equity));
    }
    (void)duet_portfolio_cancel_all(portfolio, UINT16_MAX, UINT32_MAX);
}

void duet_portfolio_mark_unsettled(struct duet_portfolio *portfolio, uint32_t instrument, int64_t price) {
    DUET_ASSERT(instrument < portfolio->options.instruments->count);
    struct duet_portfolio_slot *slot = &portfolio->head.slots[instrument];
    int64_t step;
    duet_money value;
    if (duet_slot_value(slot, slot->state.quantity, price, &step, &value) != DUET_OK) {
        duet_portfolio_overflow(portfolio, "mark");
        return;
    }
    duet_slot_set_value(portfolio, slot, price, step, value);
}

void duet_portfolio_settle(struct duet_portfolio *portfolio) {
    duet_portfolio_check_ruin(portfolio);
}

void duet_portfolio_mark_slow(struct duet_portfolio *portfolio, uint32_t instrument, int64_t price) {
    duet_portfolio_mark_unsettled(portfolio, instrument, price);
    duet_portfolio_settle(portfolio);
}

void duet_portfolio_mark(struct duet_portfolio *portfolio, uint32_t instrument, int64_t price) {
    DUET_ASSERT(instrument < portfolio->options.instruments->count);
    duet_portfolio_mark_inline(portfolio, instrument, price);
}

const struct duet_position_state *duet_portfolio_position(const struct duet_portfolio *portfolio, uint32_t instrument) {
    DUET_ASSERT(instrument < portfolio->options.instruments->count);
    duet_slot_refresh(&portfolio->head.slots[instrument]);
    return &portfolio->head.slots[instrument].state;
}

int64_t duet_portfolio_working(const struct duet_portfolio *portfolio, uint32_t instrument) {
    DUET_ASSERT(instrument < portfolio->options.instruments->count);
    const struct duet_portfolio_slot *slot = &portfolio->head.slots[instrument];
    return slot->working_buy - slot->working_sell;
}

duet_money duet_portfolio_cash(const struct duet_portfolio *portfolio) {
    return portfolio->head.cash;
}

duet_money duet_portfolio_equity(const struct duet_portfolio *portfolio) {
    return portfolio->head.equity;
}

duet_money duet_portfolio_gross(const struct duet_portfolio *portfolio) {
    return portfolio->head.gross;
}

bool duet_portfolio_is_ruined(const struct duet_portfolio *portfolio) {
    return portfolio->ruined;
}
