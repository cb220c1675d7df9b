/* Numbers of records as text in their instrument's decimals. */
#ifndef DUET_ENGINE_LIVE_RECORD_PRIVATE_H
#define DUET_ENGINE_LIVE_RECORD_PRIVATE_H

#include <inttypes.h>
#include <stdio.h>

#include "base/money.h"
#include "engine/live/record_text.h"

static inline const struct duet_instrument *duet_record_instrument(
    const struct duet_instruments *instruments, uint32_t index) {
    return instruments != NULL && index < instruments->count ? &instruments->items[index] : NULL;
}

static inline void duet_record_symbol(
    const struct duet_instruments *instruments, uint32_t index, char *out, size_t size) {
    const struct duet_instrument *instrument = duet_record_instrument(instruments, index);
    if (instrument != NULL) {
        snprintf(out, size, "%s", instrument->symbol);
    } else {
        snprintf(out, size, "#%" PRIu32, index);
    }
}

static inline char *duet_record_quantity(
    const struct duet_instruments *instruments, uint32_t index, int64_t quantity, char out[DUET_DECIMAL_TEXT_MAX]) {
    const struct duet_instrument *instrument = duet_record_instrument(instruments, index);
    return duet_decimal_format(quantity, instrument != NULL ? instrument->quantity_decimals : 0, out);
}

static inline char *duet_record_price(
    const struct duet_instruments *instruments, uint32_t index, int64_t price, char out[DUET_DECIMAL_TEXT_MAX]) {
    const struct duet_instrument *instrument = duet_record_instrument(instruments, index);
    return duet_decimal_format(price, instrument != NULL ? instrument->price_decimals : 0, out);
}

#endif
