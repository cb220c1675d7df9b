/*
 * What trading costs: commission and slippage. Here, below the broker, because sizing and the cash check need the same
 * numbers as the fill.
 */
#ifndef DUET_PORTFOLIO_COSTS_H
#define DUET_PORTFOLIO_COSTS_H

#include <stdbool.h>

#include <duet/money.h>
#include <duet/status.h>

#include "components/instruments.h"

/** Commission of a fill = max(minimum, notional · rate + quantity · per_unit + per_order once per order). */
struct duet_costs {
    int64_t rate; // of notional, in 10^-12
    duet_money per_unit; // per unit of quantity
    duet_money per_order; // charged with an order's first fill
    duet_money minimum; // of a whole order; charged with its first fill as far as the rest falls short
    int64_t slippage_rate; // of price, in 10^-12, against the order
    int64_t slippage_ticks; // ticks against the order
    bool commission_given, slippage_given; // something was said, if only 0
};

/**
 * `10bps`, `0.1%`, `0.001`, `0.005/unit`, `1/order`, `min 1`, several joined by "+": `0.005/unit+min 1`. A bare rate
 * above 0.02 is refused ("write 5% if you mean it"). DUET_EINVAL otherwise.
 */
DUET_MUST_CHECK enum duet_status duet_costs_parse_commission(const char *text, struct duet_costs *costs);
/** `5bps`, `0.05%`, `0.0005`, `1tick`, `2ticks`. */
DUET_MUST_CHECK enum duet_status duet_costs_parse_slippage(const char *text, struct duet_costs *costs);

/** Commission of a fill of `quantity` at `price`; `first` is the order's first fill. Rounded once, half to even. */
DUET_MUST_CHECK enum duet_status duet_costs_commission(const struct duet_costs *costs,
    const struct duet_instrument *instrument, int64_t quantity, int64_t price, bool first, duet_money *out);
/** `price` moved against `side` (+1 buy) by the slippage, rounded away to a tick. */
int64_t duet_costs_slip(
    const struct duet_costs *costs, const struct duet_instrument *instrument, int side, int64_t price);

#endif
