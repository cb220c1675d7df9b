/*
 * Buy and hold, the line every strategy is held against: the cash in equal shares, each instrument bought at the first
 * opening that an order could meet (the first after a close has been seen), as many lots as its share pays for with the
 * same costs, and never sold.
 */
#ifndef DUET_ENGINE_HOLDER_H
#define DUET_ENGINE_HOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "components/instruments.h"
#include "portfolio/costs.h"

struct duet_holding {
    int64_t quantity; // in the instrument's units; valid once bought
    bool bought;
    int64_t bought_ns; // the opening
    duet_money paid; // commission included
    double factor; // money per price unit: quantity · multiplier
    double mark;
    int64_t last; // price of the last close
    int64_t highest, lowest; // closes since it was bought, and since the highest; see duet_holder_look()
};

struct duet_holder {
    const struct duet_instruments *instruments; // borrowed
    struct duet_costs costs;
    duet_money share; // per instrument
    duet_money cash, commission;
    struct duet_holding *holdings; // owned
    double cash_d, value_d, peak_d, worst; // the running drawdown, in doubles
    double fall_at; // equity below this is a deeper drawdown
};

void duet_holder_init(struct duet_holder *holder, const struct duet_instruments *instruments,
    const struct duet_costs *costs, duet_money cash);
void duet_holder_finish(struct duet_holder *holder);
/** Buy with this instrument's share at `price` (slippage is added here), at an opening. */
void duet_holder_buy(struct duet_holder *holder, uint32_t instrument, int64_t price, int64_t open_ns);
/** Final equity, exact; DUET_EOVERFLOW where it has no number. */
DUET_MUST_CHECK enum duet_status duet_holder_equity(const struct duet_holder *holder, duet_money *out);

/** An instrument closed at `close`. */
static inline void duet_holder_mark(struct duet_holder *holder, uint32_t instrument, double close, int64_t scaled) {
    struct duet_holding *holding = &holder->holdings[instrument];
    if (holder->instruments->count == 1) {
        holder->value_d = holding->factor * close; // whatever was marked before, so that marks may be left out
    } else {
        holder->value_d += holding->factor * (close - holding->mark);
    }
    holding->mark = close;
    holding->last = scaled;
    if (scaled > holding->highest) {
        holding->highest = holding->lowest = scaled;
    } else if (scaled < holding->lowest) {
        holding->lowest = scaled;
    }
}

/** Every close of this instant is in. */
static inline void duet_holder_take(struct duet_holder *holder) {
    double equity = holder->cash_d + holder->value_d;
    if (__builtin_expect(equity < holder->fall_at || equity > holder->peak_d, 0)) {
        if (equity > holder->peak_d) {
            holder->peak_d = equity;
        } else {
            holder->worst = (holder->peak_d - equity) / holder->peak_d;
        }
        holder->fall_at = holder->peak_d * (1 - holder->worst);
    }
}

/**
 * Mark and take of a run with one instrument: only a new high, or a new low since it, can change the drawdown. The mark
 * is left behind in between; duet_holder_mark() brings it up to date.
 */
static inline void duet_holder_look(struct duet_holder *holder, uint32_t instrument, double close, int64_t scaled) {
    struct duet_holding *holding = &holder->holdings[instrument];
    if (__builtin_expect(scaled > holding->highest || scaled < holding->lowest, 0)) {
        duet_holder_mark(holder, instrument, close, scaled);
        duet_holder_take(holder);
    }
}

#endif
