#include "engine/holder.h"

#include <stdlib.h>

#include "base/money.h"
#include "base/text.h"

void duet_holder_init(struct duet_holder *holder, const struct duet_instruments *instruments,
    const struct duet_costs *costs, duet_money cash) {
    *holder = (struct duet_holder){.instruments = instruments, .costs = *costs, .cash = cash};
    holder->share = cash / (duet_money)instruments->count;
    holder->holdings = duet_alloc(instruments->count, sizeof(struct duet_holding));
    holder->cash_d = holder->peak_d = holder->fall_at = duet_money_to_double(cash);
}

void duet_holder_finish(struct duet_holder *holder) {
    free(holder->holdings);
    *holder = (struct duet_holder){0};
}

/** What `quantity` at `price` takes from the cash. */
static enum duet_status price_of(const struct duet_holder *holder, const struct duet_instrument *instrument,
    int64_t quantity, int64_t price, duet_money *commission, duet_money *total) {
    duet_money notional;
    enum duet_status status = duet_money_notional(
        price, quantity, instrument->multiplier, duet_instrument_notional_decimals(instrument), &notional);
    if (status == DUET_OK) {
        status = duet_costs_commission(&holder->costs, instrument, quantity, price, true, commission);
    }
    return status == DUET_OK ? duet_money_add(notional, *commission, total) : status;
}

void duet_holder_buy(struct duet_holder *holder, uint32_t index, int64_t price, int64_t open_ns) {
    const struct duet_instrument *instrument = &holder->instruments->items[index];
    struct duet_holding *holding = &holder->holdings[index];
    holding->bought = true;
    int64_t paid = duet_costs_slip(&holder->costs, instrument, 1, price);
    if (paid <= 0) {
        return;
    }
    // Bisect on lots: the price of a quantity grows with it, whatever the commission's form.
    int64_t fits = 0, too_many = INT64_MAX / instrument->lot_scaled;
    duet_money commission, total;
    while (too_many - fits > 1) {
        int64_t lots = fits + (too_many - fits) / 2;
        enum duet_status status =
            price_of(holder, instrument, lots * instrument->lot_scaled, paid, &commission, &total);
        if (status == DUET_OK && total <= holder->share) {
            fits = lots;
        } else {
            too_many = lots;
        }
    }
    if (fits == 0 ||
        price_of(holder, instrument, fits * instrument->lot_scaled, paid, &commission, &total) != DUET_OK) {
        return;
    }
    holding->quantity = fits * instrument->lot_scaled;
    holding->bought_ns = open_ns;
    holding->paid = total;
    holder->cash -= total;
    holder->commission += commission;
    holding->factor =
        duet_unscale(holding->quantity, instrument->quantity_decimals) * ((double)instrument->multiplier / 1e6);
    holder->cash_d -= duet_money_to_double(total);
    holder->value_d += holding->factor * holding->mark;
}

enum duet_status duet_holder_equity(const struct duet_holder *holder, duet_money *out) {
    duet_money equity = holder->cash;
    for (uint32_t i = 0; i < holder->instruments->count; i++) {
        const struct duet_instrument *instrument = &holder->instruments->items[i];
        duet_money value;
        enum duet_status status = duet_money_notional(holder->holdings[i].last, holder->holdings[i].quantity,
            instrument->multiplier, duet_instrument_notional_decimals(instrument), &value);
        if (status == DUET_OK) {
            status = duet_money_add(equity, value, &equity);
        }
        if (status != DUET_OK) {
            return status;
        }
    }
    *out = equity;
    return DUET_OK;
}
