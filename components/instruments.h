/*
 * The instruments of a run, sorted by symbol; the index in this table names an instrument everywhere, so it does not
 * depend on the order of the command line.
 */
#ifndef DUET_COMPONENTS_INSTRUMENTS_H
#define DUET_COMPONENTS_INSTRUMENTS_H

#include <stdint.h>

#include <duet/status.h>

#define DUET_SYMBOL_MAX 32
#define DUET_CURRENCY_MAX 8
/** Most instruments of one run. */
#define DUET_INSTRUMENTS_MAX 65536
/** Decimal places of a contract multiplier. */
#define DUET_MULTIPLIER_DECIMALS 6

struct duet_instrument {
    char symbol[DUET_SYMBOL_MAX];
    char currency[DUET_CURRENCY_MAX];
    uint32_t index;
    uint32_t price_decimals, quantity_decimals;
    int64_t tick_scaled; // smallest price step, > 0
    int64_t lot_scaled; // smallest quantity step, > 0
    int64_t multiplier; // currency per price unit and quantity unit, in 10^-6, > 0
};

struct duet_instruments {
    struct duet_instrument *items;
    uint32_t count;
};

/** Take `count` instruments over (copied), sort them by symbol and number them. DUET_EINVAL for a bad or repeated
   symbol, two currencies (they would need a rate to share an account), or numbers out of range. */
DUET_MUST_CHECK enum duet_status duet_instruments_create(
    const struct duet_instrument *items, uint32_t count, struct duet_instruments *out);
void duet_instruments_finish(struct duet_instruments *instruments);
/** NULL where there is none. */
const struct duet_instrument *duet_instruments_find(const struct duet_instruments *instruments, const char *symbol);

/** Decimals of price · quantity · multiplier, as duet_money_notional() wants them. */
static inline unsigned duet_instrument_notional_decimals(const struct duet_instrument *instrument) {
    return instrument->price_decimals + instrument->quantity_decimals + DUET_MULTIPLIER_DECIMALS;
}

#endif
