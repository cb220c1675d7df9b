#include "data/tick_series_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "data/tick_series.h"
#include "data/ticks.h"

#define STORE_BATCH 1024
/** Units of a price stay below this, so that their double is exact. */
#define UNITS_MAX (INT64_C(1) << 53)
/** Prices with more decimals are noise of arithmetic; so many are kept of them. */
#define NOISE_DECIMALS 9
#define WRITTEN_MAX 32
#define SCALED_MAX 4e18

struct tick_store {
    struct duet_cache_writer *writer;
    struct duet_data_info *info;
    bool fixed; // decimals= was given
    unsigned decimals; // of units
    bool wide;
    bool again; // the layout has changed: read from the beginning
    bool begun;
    int64_t last_ns;
    uint64_t ups; // steps forward in time
    double price_max; // wide: largest price
    uint64_t written[WRITTEN_MAX + 1]; // wide: rows by most decimals needed
    uint64_t written_line[WRITTEN_MAX + 1]; // the first of each
    size_t count;
    union {
        struct duet_trade_tick trades[STORE_BATCH];
        struct duet_quote_tick quotes[STORE_BATCH];
    } batch;
};

static void store_warn(struct tick_store *store, enum duet_data_warning warning, uint64_t line) {
    if (store->info->warnings[warning]++ == 0) {
        store->info->warning_line[warning] = line;
    }
}

static enum duet_status store_flush(struct tick_store *store) {
    size_t count = store->count;
    store->count = 0;
    return count > 0 ? duet_cache_writer_take(store->writer, &store->batch, count, false) : DUET_OK;
}

/** The reader is stopped by a failure that is none: the next pass knows better. */
static enum duet_status store_restart(struct tick_store *store) {
    store->again = true;
    return DUET_ESTATE;
}

static unsigned places_needed(const struct duet_csv_number *number) {
    int64_t mantissa = number->mantissa;
    unsigned places = number->decimals;
    while (number->exact && places > 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        places--;
    }
    return places;
}

/** One price as it is stored; DUET_ESTATE where the present layout cannot hold it. */
static enum duet_status store_price(
    struct tick_store *store, const struct duet_csv_number *number, union duet_tick_price *out) {
    if (store->wide) {
        out->value = number->value;
        double size = number->value < 0 ? -number->value : number->value;
        store->price_max = size > store->price_max ? size : store->price_max;
        return DUET_OK;
    }
    int64_t mantissa = number->mantissa;
    unsigned places = number->decimals;
    while (number->exact && places > store->decimals && (store->fixed || places > DUET_DECIMALS_MAX) &&
           mantissa % 10 == 0) {
        mantissa /= 10;
        places--;
    }
    if (!number->exact || places > DUET_DECIMALS_MAX || (store->fixed && places > store->decimals)) {
        store->wide = true;
        return store_restart(store);
    }
    if (places > store->decimals) {
        store->decimals = places;
        return store_restart(store);
    }
    if (__builtin_mul_overflow(mantissa, duet_pow10(store->decimals - places), &out->scaled) ||
        out->scaled >= UNITS_MAX || out->scaled <= -UNITS_MAX) {
        store->wide = true;
        return store_restart(store);
    }
    return DUET_OK;
}

static void store_count_places(struct tick_store *store, const struct duet_tick_row *row) {
    unsigned most = places_needed(&row->price), bid = places_needed(&row->bid), ask = places_needed(&row->ask);
    most = bid > most ? bid : most;
    most = ask > most ? ask : most;
    most = most < WRITTEN_MAX ? most : WRITTEN_MAX;
    if (store->written[most]++ == 0) {
        store->written_line[most] = row->line;
    }
}

/** Whether a trade can have been one. */
static bool trade_counts(struct tick_store *store, const struct duet_tick_row *row) {
    bool counts = row->price.value > 0;
    if (!counts) {
        store_warn(store, row->price.value < 0 ? DUET_DATA_NEGATIVE_PRICE : DUET_DATA_ZERO_PRICE, row->line);
    }
    if ((row->has & DUET_TICK_QUANTITY) != 0 && row->quantity.value <= 0) {
        store_warn(store, row->quantity.value < 0 ? DUET_DATA_NEGATIVE_VOLUME : DUET_DATA_ZERO_VOLUME, row->line);
    }
    return counts;
}

static bool quote_counts(struct tick_store *store, const struct duet_tick_row *row) {
    if (row->bid.value < 0 || row->ask.value < 0) {
        store_warn(store, DUET_DATA_NEGATIVE_PRICE, row->line);
        return false;
    }
    if (row->bid.value == 0 || row->ask.value == 0) {
        store_warn(store, DUET_DATA_ZERO_PRICE, row->line);
    } else if (row->bid.value > row->ask.value) {
        store_warn(store, DUET_DATA_CROSSED_QUOTE, row->line);
    }
    return true;
}

static enum duet_status store_trade(struct tick_store *store, const struct duet_tick_row *row) {
    struct duet_trade_tick *record = &store->batch.trades[store->count];
    *record = (struct duet_trade_tick){.time_ns = row->time_ns, .quantity = row->quantity.value, .side = row->side};
    return store_price(store, &row->price, &record->price);
}

static enum duet_status store_quote(struct tick_store *store, const struct duet_tick_row *row) {
    struct duet_quote_tick *record = &store->batch.quotes[store->count];
    *record = (struct duet_quote_tick){
        .time_ns = row->time_ns, .bid_size = row->bid_size.value, .ask_size = row->ask_size.value};
    enum duet_status status = store_price(store, &row->bid, &record->bid);
    return status == DUET_OK ? store_price(store, &row->ask, &record->ask) : status;
}

static enum duet_status store_take(void *argument, const struct duet_tick_row *row) {
    struct tick_store *store = argument;
    bool trades = store->info->kind == DUET_KIND_TRADES;
    if (!store->begun) {
        store->begun = true;
        store->last_ns = row->time_ns;
        enum duet_status status = duet_cache_writer_restart_ticks(store->writer, store->info->kind);
        if (status != DUET_OK) {
            return status;
        }
    }
    store->ups += row->time_ns > store->last_ns;
    store->last_ns = row->time_ns;
    if (!(trades ? trade_counts(store, row) : quote_counts(store, row))) {
        store->info->skipped++;
        return DUET_OK;
    }
    if (store->wide) {
        store_count_places(store, row);
    }
    enum duet_status status = trades ? store_trade(store, row) : store_quote(store, row);
    if (status != DUET_OK) {
        return status;
    }
    return ++store->count == STORE_BATCH ? store_flush(store) : DUET_OK;
}

/** Decimals of wide prices, and how many rows have more. */
static void store_judge_wide(struct tick_store *store) {
    struct duet_data_info *info = store->info;
    if (!store->fixed) {
        unsigned most = 0;
        for (unsigned i = 0; i <= WRITTEN_MAX; i++) {
            most = store->written[i] > 0 ? i : most;
        }
        store->decimals = most > DUET_DECIMALS_MAX ? NOISE_DECIMALS : most;
    }
    while (store->decimals > 0 && store->price_max * (double)duet_pow10(store->decimals) > SCALED_MAX) {
        store->decimals--;
    }
    for (unsigned i = store->decimals + 1; i <= WRITTEN_MAX; i++) {
        if (store->written[i] > 0) {
            uint64_t *line = &info->warning_line[DUET_DATA_ROUNDED_PRICE];
            *line = *line == 0 || store->written_line[i] < *line ? store->written_line[i] : *line;
            info->warnings[DUET_DATA_ROUNDED_PRICE] += store->written[i];
        }
    }
}

static enum duet_status store_finish(struct tick_store *store, const struct duet_data_spec *spec) {
    struct duet_data_info *info = store->info;
    if (!store->begun || info->rows == info->skipped) {
        return duet_error(DUET_EDATA, "%.300s: no row is left: all are in error or have no price", info->path);
    }
    if (store->wide) {
        store_judge_wide(store);
    }
    info->price_decimals = store->decimals;
    if (spec->quantity_decimals >= 0) {
        info->quantity_decimals = (uint32_t)spec->quantity_decimals;
    }
    info->interval_ns = 0;
    // A file from the latest to the earliest row is in order, the other way round.
    info->descending = store->ups == 0 && info->warnings[DUET_DATA_OUT_OF_ORDER] > 0;
    if (info->descending) {
        info->warnings[DUET_DATA_OUT_OF_ORDER] = info->warning_line[DUET_DATA_OUT_OF_ORDER] = 0;
    }
    enum duet_status status = store_flush(store);
    return status == DUET_OK ? duet_cache_writer_settle(store->writer, info) : status;
}

enum duet_status duet_tick_series_read(const struct duet_data_spec *spec, const struct duet_series_options *options,
    struct duet_cache_writer *writer, struct duet_data_info *info, bool *wide) {
    struct tick_store *store = duet_alloc(1, sizeof(*store));
    const struct duet_tick_sink sink = {.take = store_take, .argument = store};
    bool fixed = spec->decimals >= 0, is_wide = false;
    unsigned decimals = fixed ? (unsigned)spec->decimals : 0;
    enum duet_status status;
    // Decimals only grow and narrow only becomes wide, so this ends.
    do {
        memset(store, 0, sizeof(*store));
        store->writer = writer;
        store->info = info;
        store->fixed = fixed;
        store->decimals = decimals;
        store->wide = is_wide;
        status = duet_ticks_read(spec, options, &sink, info);
        decimals = store->decimals;
        is_wide = store->wide;
    } while (store->again);
    if (status == DUET_OK) {
        status = store_finish(store, spec);
    }
    *wide = is_wide;
    free(store);
    return status;
}
