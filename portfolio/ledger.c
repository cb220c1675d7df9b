#include "base/error.h"
#include "portfolio/exact.h"
#include "portfolio/state.h"

enum duet_status duet_slot_notional(
    const struct duet_portfolio_slot *slot, int64_t price, int64_t quantity, duet_money *out) {
    duet_money value = (duet_money)price * quantity;
    if (slot->factor != 0 && duet_fits_int64(value)) {
        value = (duet_money)(int64_t)value * slot->factor;
    } else {
        const struct duet_instrument *instrument = slot->instrument;
        enum duet_status status = duet_money_notional(
            price, quantity, instrument->multiplier, duet_instrument_notional_decimals(instrument), &value);
        if (status != DUET_OK) {
            return status;
        }
    }
    if (!duet_account_in_range(value)) {
        return duet_error(DUET_EOVERFLOW, "%s: the value of an order or position leaves the range of an account",
            slot->instrument->symbol);
    }
    *out = value;
    return DUET_OK;
}

/** The cost that closing `closed` of the position releases; the last part releases all that is left. */
static enum duet_status release_cost(const struct duet_position_state *state, int64_t closed, duet_money *out) {
    int64_t held = state->quantity < 0 ? -state->quantity : state->quantity;
    if (closed == held) {
        *out = state->cost;
        return DUET_OK;
    }
    return duet_scaled_product(state->cost, closed, held, out);
}

/** Both halves of a fill, rounded once each; `money` is what cash receives, commission apart. */
struct parts {
    duet_money opening, closing; // signed: what cash receives
    duet_money released; // cost, signed like the position
    duet_money notional;
};

static enum duet_status split_fill(const struct duet_portfolio_slot *slot, const struct duet_fill *fill,
    const struct duet_fill_effect *effect, struct parts *parts) {
    *parts = (struct parts){0};
    enum duet_status status = DUET_OK;
    if (effect->closed > 0) {
        status = duet_slot_notional(slot, fill->price, effect->closed, &parts->closing);
        if (status == DUET_OK) {
            status = release_cost(&slot->state, effect->closed, &parts->released);
        }
    }
    if (status == DUET_OK && effect->opened > 0) {
        status = duet_slot_notional(slot, fill->price, effect->opened, &parts->opening);
    }
    parts->notional = parts->closing + parts->opening;
    if (fill->side > 0) {
        parts->closing = -parts->closing;
        parts->opening = -parts->opening;
    }
    return status;
}

/** Whether the books after these postings stay in range; amounts are a few times DUET_ACCOUNT_MAX at most until then.
 */
static bool books_in_range(const struct duet_portfolio *portfolio, const struct parts *parts, duet_money commission) {
    const struct duet_ledger *ledger = &portfolio->ledger;
    return duet_account_in_range(portfolio->head.cash + parts->opening + parts->closing - commission) &&
           duet_account_in_range(ledger->cost - parts->opening - parts->released) &&
           duet_account_in_range(ledger->commission + commission) &&
           duet_account_in_range(ledger->income - parts->closing + parts->released);
}

/** The same integers on both sides of each posting. */
static void post(struct duet_portfolio *portfolio, struct duet_position_state *state, const struct parts *parts,
    duet_money commission) {
    struct duet_ledger *ledger = &portfolio->ledger;
    duet_money *cash = &portfolio->head.cash;
    duet_money gain = parts->closing - parts->released;

    *cash += parts->opening; // cash | cost
    ledger->cost -= parts->opening;
    state->cost -= parts->opening;

    *cash += parts->closing; // cash | cost, income
    ledger->cost -= parts->released;
    state->cost -= parts->released;
    ledger->income -= gain;
    state->realized += gain;

    *cash -= commission; // cash | commission
    ledger->commission += commission;
    state->commission += commission;
}

enum duet_status duet_ledger_fill(
    struct duet_portfolio *portfolio, const struct duet_fill *fill, struct duet_fill_effect *effect) {
    struct duet_portfolio_slot *slot = &portfolio->head.slots[fill->instrument];
    struct duet_position_state *state = &slot->state;
    int64_t held = state->quantity < 0 ? -state->quantity : state->quantity;
    bool opposite = state->quantity != 0 && (state->quantity > 0) != (fill->side > 0);
    *effect = (struct duet_fill_effect){0};
    effect->closed = !opposite ? 0 : fill->quantity < held ? fill->quantity : held;
    effect->opened = fill->quantity - effect->closed;
    effect->flat_or_reversed = opposite && effect->closed == held;
    if (fill->quantity > DUET_QUANTITY_MAX || (!opposite && fill->quantity > DUET_QUANTITY_MAX - held) ||
        fill->price > DUET_QUANTITY_MAX || fill->price < -DUET_QUANTITY_MAX || fill->slippage > DUET_QUANTITY_MAX ||
        fill->slippage < -DUET_QUANTITY_MAX || !duet_account_in_range(fill->commission)) {
        return duet_error(
            DUET_EOVERFLOW, "%s: a fill leaves the range of a position or an account", slot->instrument->symbol);
    }
    struct parts parts;
    enum duet_status status = split_fill(slot, fill, effect, &parts);
    if (status != DUET_OK) {
        return status;
    }
    effect->notional = parts.notional;

    // The price before slippage is the market's last one, so the position is valued at it.
    int64_t mark = fill->price - fill->side * fill->slippage;
    int64_t quantity = state->quantity + fill->side * fill->quantity;
    int64_t step;
    duet_money value;
    status = duet_slot_value(slot, quantity, mark, &step, &value);
    if (status == DUET_OK && !books_in_range(portfolio, &parts, fill->commission)) {
        status = duet_error(DUET_EOVERFLOW, "the account leaves its range");
    }
    if (status != DUET_OK) {
        return status;
    }
    post(portfolio, state, &parts, fill->commission);
    state->quantity = quantity;
    portfolio->head.equity += parts.opening + parts.closing - fill->commission;
    duet_slot_set_value(portfolio, slot, mark, step, value);
    return DUET_OK;
}

/* --------------------------------------------------------------------------------------------------- the check */

bool duet_portfolio_ledger_balances(const struct duet_portfolio *portfolio) {
    const struct duet_ledger *ledger = &portfolio->ledger;
    duet_money cash = portfolio->head.cash;
    if (cash + ledger->cost + ledger->commission + ledger->income + ledger->capital != 0) {
        return false;
    }
    duet_money cost = 0, realized = 0, commission = 0, value = 0, gross = 0;
    for (uint32_t i = 0; i < portfolio->options.instruments->count; i++) {
        struct duet_portfolio_slot *slot = &portfolio->head.slots[i];
        duet_slot_refresh(slot);
        duet_money worth = 0;
        if (slot->state.quantity != 0 &&
            duet_slot_notional(slot, slot->state.mark, slot->state.quantity, &worth) != DUET_OK) {
            return false;
        }
        if (worth != slot->state.value || (slot->state.quantity == 0 && slot->state.cost != 0)) {
            return false;
        }
        cost += slot->state.cost;
        realized += slot->state.realized;
        commission += slot->state.commission;
        value += worth;
        gross += duet_money_magnitude(worth);
    }
    return cost == ledger->cost && commission == ledger->commission && realized == -ledger->income &&
           cash + value == portfolio->head.equity && gross == portfolio->head.gross;
}
