#include "engine/cast.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "data/tick_series.h"

static enum duet_status open_one(const struct duet_config *config, const struct duet_data_spec *spec, int decimals,
    const struct duet_series_options *options, struct duet_series **out) {
    struct duet_data_spec with = *spec; // borrows the texts
    if (with.tz == NULL) {
        with.tz = config->tz;
    }
    if (decimals >= 0) {
        with.decimals = decimals;
    }
    return duet_data_spec_is_gateway(spec) ? duet_series_open_gateway(&with, out)
                                           : duet_series_open(&with, options, out);
}

static uint32_t most_decimals(const struct duet_cast *cast, const char *symbol, bool of_quantity) {
    uint32_t most = 0;
    for (size_t i = 0; i < cast->count; i++) {
        const struct duet_cast_series *item = &cast->items[i];
        if (strcmp(item->spec->symbol, symbol) == 0) {
            const struct duet_data_info *info = &item->series->info;
            int given = of_quantity ? item->spec->quantity_decimals : item->spec->decimals;
            uint32_t own = given >= 0 ? (uint32_t)given : of_quantity ? info->quantity_decimals : info->price_decimals;
            most = own > most ? own : most;
        }
    }
    return most;
}

/** Every series of an instrument counts in the same units: those that came out coarser are read again. */
static enum duet_status align_decimals(
    const struct duet_config *config, struct duet_cast *cast, const struct duet_series_options *options) {
    for (size_t i = 0; i < cast->count; i++) {
        struct duet_cast_series *item = &cast->items[i];
        uint32_t decimals = most_decimals(cast, item->spec->symbol, false);
        if (item->series->info.price_decimals != decimals) {
            struct duet_series *again;
            enum duet_status status = open_one(config, item->spec, (int)decimals, options, &again);
            if (status != DUET_OK) {
                return status;
            }
            duet_series_close(item->series);
            item->series = again;
        }
    }
    return DUET_OK;
}

static enum duet_status check_zones(const struct duet_cast *cast) {
    const struct duet_data_info *assumes = NULL, *states = NULL;
    for (size_t i = 0; i < cast->count; i++) {
        const struct duet_data_info *info = &cast->items[i].series->info;
        if (duet_data_spec_is_gateway(cast->items[i].spec)) {
            continue; // its times are instants
        }
        *(info->tz_assumed ? &assumes : &states) = info;
    }
    if (assumes != NULL && states != NULL) {
        return duet_error(DUET_EINVAL,
            "%s: its times carry no zone, but those of %s do; say tz=ZONE (for all: --tz, for one: ,tz= after its "
            "path)",
            assumes->path, states->path);
    }
    return DUET_OK;
}

/** Units of a decimal text such as a tick; `fallback` where none is given. */
static enum duet_status scaled(
    const char *text, uint32_t decimals, const char *what, const char *symbol, int64_t fallback, int64_t *out) {
    if (text == NULL) {
        *out = fallback;
        return DUET_OK;
    }
    if (duet_decimal_parse(text, strlen(text), decimals, out) != DUET_OK || *out <= 0) {
        return duet_error(
            DUET_EINVAL, "%s: %s=%s is not a positive number with at most %u decimals", symbol, what, text, decimals);
    }
    return DUET_OK;
}

/** The instrument that all series of `symbol` make up; a detail may be given with any one of them. */
static enum duet_status describe(
    const struct duet_config *config, const struct duet_cast *cast, const char *symbol, struct duet_instrument *out) {
    const char *tick = NULL, *lot = NULL, *multiplier = NULL, *currency = config->currency;
    for (size_t i = 0; i < cast->count; i++) {
        const struct duet_data_spec *spec = cast->items[i].spec;
        if (strcmp(spec->symbol, symbol) == 0) {
            tick = spec->tick != NULL ? spec->tick : tick;
            lot = spec->lot != NULL ? spec->lot : lot;
            multiplier = spec->multiplier != NULL ? spec->multiplier : multiplier;
            if (spec->currency != NULL && config->currency != NULL && strcmp(spec->currency, config->currency) != 0) {
                return duet_error(DUET_EINVAL, "%s is in %s and the account in %s; without a rate that does not go",
                    symbol, spec->currency, config->currency);
            }
            currency = spec->currency != NULL ? spec->currency : currency;
        }
    }
    *out = (struct duet_instrument){
        .price_decimals = most_decimals(cast, symbol, false), .quantity_decimals = most_decimals(cast, symbol, true)};
    if (strlen(symbol) >= DUET_SYMBOL_MAX) {
        return duet_error(DUET_EINVAL, "symbol \"%s\" is longer than %d characters", symbol, DUET_SYMBOL_MAX - 1);
    }
    duet_text_copy(out->symbol, sizeof(out->symbol), symbol);
    duet_text_copy(out->currency, sizeof(out->currency), currency == NULL ? "USD" : currency);
    enum duet_status status = scaled(tick, out->price_decimals, "tick", symbol, 1, &out->tick_scaled);
    if (status == DUET_OK) {
        status = scaled(lot, out->quantity_decimals, "lot", symbol, 1, &out->lot_scaled);
    }
    if (status == DUET_OK) {
        status = scaled(multiplier, DUET_MULTIPLIER_DECIMALS, "multiplier", symbol,
            duet_pow10(DUET_MULTIPLIER_DECIMALS), &out->multiplier);
    }
    return status;
}

static enum duet_status make_instruments(const struct duet_config *config, struct duet_cast *cast) {
    struct duet_instrument *found = duet_alloc(cast->count, sizeof(*found));
    uint32_t count = 0;
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < cast->count; i++) {
        bool known = false;
        for (uint32_t j = 0; j < count; j++) {
            known |= strcmp(found[j].symbol, cast->items[i].spec->symbol) == 0;
        }
        if (!known) {
            status = describe(config, cast, cast->items[i].spec->symbol, &found[count++]);
        }
    }
    if (status == DUET_OK) {
        status = duet_instruments_create(found, count, &cast->instruments);
    }
    free(found);
    return status;
}

/** Ticks before bars, whose intervals are above theirs; of one symbol, quotes before trades. */
static int by_interval_then_symbol(const void *left, const void *right) {
    const struct duet_cast_series *a = left, *b = right;
    if (a->series->interval_ns != b->series->interval_ns) {
        return a->series->interval_ns < b->series->interval_ns ? -1 : 1;
    }
    int order = strcmp(a->spec->symbol, b->spec->symbol);
    return order != 0 ? order : (a->series->quotes == NULL) - (b->series->quotes == NULL);
}

/** Bars of one interval, trades or quotes of one instrument can be there once. */
static bool is_twice(const struct duet_series *a, const struct duet_series *b) {
    return a->interval_ns == b->interval_ns && a->info.kind == b->info.kind;
}

/**
 * The first series of an instrument executes (its quotes, which say what either side gets; else its trades; else its
 * finest bars), unless another one was told to. Its finest bars are its primary series, where bars= says
 * nothing else.
 */
static enum duet_status assign_roles(const struct duet_config *config, struct duet_cast *cast) {
    for (size_t i = 0; i < cast->count; i++) {
        struct duet_cast_series *item = &cast->items[i];
        const struct duet_instrument *instrument = duet_instruments_find(&cast->instruments, item->spec->symbol);
        item->series->instrument = instrument->index;
        item->primary = !duet_series_is_ticks(item->series);
        int64_t named = duet_made_primary(config, item->spec->symbol);
        bool is_first = true;
        size_t told = 0;
        bool told_this = item->spec->exec;
        for (size_t j = 0; j < cast->count; j++) {
            const struct duet_cast_series *other = &cast->items[j];
            if (strcmp(other->spec->symbol, item->spec->symbol) != 0) {
                continue;
            }
            told += other->spec->exec;
            if (j < i) {
                is_first = false;
                item->primary = item->primary && duet_series_is_ticks(other->series);
                if (is_twice(other->series, item->series)) {
                    return duet_error(DUET_EINVAL, "%s: two series of the same %s: %s and %s", item->spec->symbol,
                        duet_series_is_ticks(item->series) ? "kind" : "interval", other->series->info.path,
                        item->series->info.path);
                }
            }
        }
        if (told > 1) {
            return duet_error(
                DUET_EINVAL, "%s: exec=1 stands at %zu series; one can execute", item->spec->symbol, told);
        }
        item->executes = told == 1 ? told_this : is_first;
        item->primary = named == 0 ? item->primary : item->series->interval_ns == named;
    }
    return DUET_OK;
}

enum duet_status duet_cast_open(const struct duet_config *config,
    void (*progress)(void *argument, const char *path, uint64_t done, uint64_t total), void *argument,
    struct duet_cast *out) {
    *out = (struct duet_cast){0};
    int64_t begun_ns = duet_monotonic_ns();
    bool off = config->cache != NULL && strcmp(config->cache, "off") == 0;
    struct duet_series_options options = {
        .cache_folder = off ? NULL : config->cache, .no_cache = off, .progress = progress, .argument = argument};
    enum duet_status status = duet_zone_open(config->tz == NULL ? "UTC" : config->tz, &out->zone);
    out->items = duet_alloc(config->data_count, sizeof(*out->items));
    for (size_t i = 0; status == DUET_OK && i < config->data_count; i++) {
        struct duet_cast_series *item = &out->items[i];
        item->spec = &config->data[i];
        status = open_one(config, item->spec, -1, &options, &item->series);
        out->count += status == DUET_OK;
        if (status == DUET_OK && item->series->count == 0 && !duet_data_spec_is_gateway(item->spec)) {
            status = duet_error(DUET_EDATA, "%s: no rows in it", item->series->info.path);
        }
    }
    if (status == DUET_OK) {
        status = check_zones(out);
    }
    if (status == DUET_OK) {
        status = align_decimals(config, out, &options);
    }
    if (status == DUET_OK) {
        status = make_instruments(config, out);
    }
    if (status == DUET_OK) {
        qsort(out->items, out->count, sizeof(*out->items), by_interval_then_symbol);
        status = assign_roles(config, out);
    }
    out->load_s = (double)(duet_monotonic_ns() - begun_ns) / 1e9;
    if (status != DUET_OK) {
        duet_cast_close(out);
    }
    return status;
}

enum duet_status duet_cast_make(
    const struct duet_cast *cast, const struct duet_config *config, struct duet_made **out) {
    struct duet_made_source *sources = duet_alloc(cast->count, sizeof(*sources));
    for (size_t i = 0; i < cast->count; i++) {
        const struct duet_series *series = cast->items[i].series;
        sources[i] = (struct duet_made_source){.instrument = series->instrument,
            .interval_ns = series->interval_ns,
            .price_decimals = series->info.price_decimals,
            .quantity_decimals = series->info.quantity_decimals,
            .is_quotes = series->quotes != NULL,
            .zone = series->zone};
    }
    *out = duet_made_create(&cast->instruments, sources, (uint32_t)cast->count, config->guard);
    free(sources);
    return duet_made_configure(*out, config);
}

void duet_cast_close(struct duet_cast *cast) {
    for (size_t i = 0; i < cast->count; i++) {
        duet_series_close(cast->items[i].series);
    }
    free(cast->items);
    duet_instruments_finish(&cast->instruments);
    duet_zone_close(cast->zone);
    *cast = (struct duet_cast){0};
}

/** --max-bars counts bars of the first instrument's executing series; everything ends where the next one would open. */
static int64_t end_ns(const struct duet_cast *cast, const struct duet_config *config) {
    int64_t to_ns = config->to_ns;
    for (size_t i = 0; config->max_bars > 0 && i < cast->count; i++) {
        const struct duet_series *series = cast->items[i].series;
        if (cast->items[i].executes && series->instrument == 0) {
            uint64_t after = duet_series_find(series, config->from_ns) + (uint64_t)config->max_bars;
            if (after < series->count && duet_series_begin_ns(series, after) < to_ns) {
                to_ns = duet_series_begin_ns(series, after);
            }
        }
    }
    return to_ns;
}

struct duet_cast_range duet_cast_range(const struct duet_cast *cast, size_t index, const struct duet_config *config,
    uint64_t warm_up, const struct duet_made *made) {
    const struct duet_series *series = cast->items[index].series;
    struct duet_cast_range range = {
        .first = duet_series_find(series, config->from_ns), .end = duet_series_find(series, end_ns(cast, config))};
    uint64_t own = duet_series_is_ticks(series) ? 0 : warm_up; // counted in bars
    range.start = range.first > own ? range.first - own : 0;
    range.start = duet_made_start(made, (uint32_t)index, series, range.first, range.start, warm_up);
    range.start = range.start < range.end ? range.start : range.end;
    return range;
}
