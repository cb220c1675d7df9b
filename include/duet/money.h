/*
 * Numbers that decide about money.
 *
 * Money is a 128-bit integer counting units of 10^-12 of the account currency;
 * price and quantity are int64 counting units of 10^-decimals, the decimals
 * belonging to the instrument. Nothing on the way from an order to the ledger
 * is a floating-point number.
 */
#ifndef DUET_MONEY_H
#define DUET_MONEY_H

#include <stdint.h>

__extension__ typedef __int128 duet_money;

/** Decimal places of `duet_money`. */
#define DUET_MONEY_DECIMALS 12
/** One whole unit of currency. */
#define DUET_MONEY_ONE ((duet_money)1000000000000)
/** Most decimal places of a price or a quantity. */
#define DUET_DECIMALS_MAX 12

/** Nearest double; for statistics and display, never for bookkeeping. */
static inline double duet_money_to_double(duet_money money) {
    return (double)money / 1e12;
}

#endif
