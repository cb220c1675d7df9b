#include "components/instruments.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <duet/money.h>

#include "base/error.h"
#include "base/text.h"

/** Visible ASCII, without what would break a CSV field, a path or a SYMBOL=PATH argument. */
static bool is_symbol(const char *symbol) {
    size_t length = strnlen(symbol, DUET_SYMBOL_MAX);
    for (size_t i = 0; i < length; i++) {
        if (symbol[i] <= ' ' || symbol[i] > '~' || strchr(",;\"'\\", symbol[i]) != NULL) {
            return false;
        }
    }
    return length > 0 && length < DUET_SYMBOL_MAX;
}

static bool is_currency(const char *currency) {
    size_t length = strnlen(currency, DUET_CURRENCY_MAX);
    for (size_t i = 0; i < length; i++) {
        bool letter = currency[i] >= 'A' && currency[i] <= 'Z';
        bool digit = currency[i] >= '0' && currency[i] <= '9';
        if (!letter && !digit) {
            return false;
        }
    }
    return length > 0 && length < DUET_CURRENCY_MAX;
}

static enum duet_status check_instrument(const struct duet_instrument *item) {
    if (!is_symbol(item->symbol)) {
        return duet_error(DUET_EINVAL,
            "\"%.*s\" is not a symbol; use 1 to %d visible characters without comma, semicolon, quote or backslash",
            DUET_SYMBOL_MAX, item->symbol, DUET_SYMBOL_MAX - 1);
    }
    if (!is_currency(item->currency)) {
        return duet_error(DUET_EINVAL,
            "%s: \"%.*s\" is not a currency; use 1 to %d capital letters or digits, like USD", item->symbol,
            DUET_CURRENCY_MAX, item->currency, DUET_CURRENCY_MAX - 1);
    }
    if (item->price_decimals > DUET_DECIMALS_MAX || item->quantity_decimals > DUET_DECIMALS_MAX) {
        return duet_error(DUET_EINVAL, "%s: %u price and %u quantity decimals; at most %d are possible", item->symbol,
            item->price_decimals, item->quantity_decimals, DUET_DECIMALS_MAX);
    }
    if (item->tick_scaled <= 0 || item->lot_scaled <= 0 || item->multiplier <= 0) {
        return duet_error(DUET_EINVAL, "%s: tick, lot and multiplier must be above zero", item->symbol);
    }
    return DUET_OK;
}

static int compare_symbols(const void *a, const void *b) {
    const struct duet_instrument *left = a, *right = b;
    return strcmp(left->symbol, right->symbol);
}

static enum duet_status check_together(const struct duet_instruments *instruments) {
    for (uint32_t i = 1; i < instruments->count; i++) {
        const struct duet_instrument *before = &instruments->items[i - 1], *item = &instruments->items[i];
        if (strcmp(before->symbol, item->symbol) == 0) {
            return duet_error(
                DUET_EINVAL, "symbol %s is there twice; give each instrument a name of its own", item->symbol);
        }
        if (strcmp(before->currency, item->currency) != 0) {
            return duet_error(DUET_EINVAL,
                "%s is in %s and %s in %s; without a rate they cannot share an account, run them apart", before->symbol,
                before->currency, item->symbol, item->currency);
        }
    }
    return DUET_OK;
}

enum duet_status duet_instruments_create(
    const struct duet_instrument *items, uint32_t count, struct duet_instruments *out) {
    *out = (struct duet_instruments){0};
    if (count > DUET_INSTRUMENTS_MAX) {
        return duet_error(DUET_EINVAL, "%u instruments; at most %d fit into one run", count, DUET_INSTRUMENTS_MAX);
    }
    for (uint32_t i = 0; i < count; i++) {
        enum duet_status status = check_instrument(&items[i]);
        if (status != DUET_OK) {
            return status;
        }
    }
    struct duet_instruments made = {.items = duet_alloc(count, sizeof(*items)), .count = count};
    for (uint32_t i = 0; i < count; i++) {
        made.items[i] = items[i];
        // What stands behind the text must not tell two runs apart.
        duet_text_copy(made.items[i].symbol, DUET_SYMBOL_MAX, items[i].symbol);
        duet_text_copy(made.items[i].currency, DUET_CURRENCY_MAX, items[i].currency);
    }
    if (count > 0) {
        qsort(made.items, count, sizeof(*made.items), compare_symbols);
    }
    for (uint32_t i = 0; i < count; i++) {
        made.items[i].index = i;
    }
    enum duet_status status = check_together(&made);
    if (status != DUET_OK) {
        duet_instruments_finish(&made);
        return status;
    }
    *out = made;
    return DUET_OK;
}

void duet_instruments_finish(struct duet_instruments *instruments) {
    free(instruments->items);
    *instruments = (struct duet_instruments){0};
}

const struct duet_instrument *duet_instruments_find(const struct duet_instruments *instruments, const char *symbol) {
    uint32_t low = 0, high = instruments->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(symbol, instruments->items[middle].symbol);
        if (order == 0) {
            return &instruments->items[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}
