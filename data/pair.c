#include "data/pair.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "data/csv.h"
#include "data/csv_form.h"

/** Prices in units of 10^-decimals of the side's info. */
struct pair_bar {
    int64_t open_ns;
    double prices[4];
};

struct pair_side {
    struct pair_bar *bars; // owned
    size_t count, capacity;
    bool wide; // prices are doubles, to be scaled
    struct duet_data_info info;
};

static enum duet_status side_take(void *argument, const void *records, size_t count, bool wide) {
    struct pair_side *side = argument;
    if (side->count + count > side->capacity) {
        side->capacity = side->capacity * 2 + count;
        side->bars = duet_realloc(side->bars, side->capacity, sizeof(*side->bars));
    }
    for (size_t i = 0; i < count; i++) {
        struct pair_bar *bar = &side->bars[side->count++];
        if (wide) {
            const struct duet_record48 *record = (const struct duet_record48 *)records + i;
            *bar = (struct pair_bar){record->open_ns, {record->open, record->high, record->low, record->close}};
        } else {
            const struct duet_record32 *record = (const struct duet_record32 *)records + i;
            *bar = (struct pair_bar){record->open_ns, {record->open, record->high, record->low, record->close}};
        }
    }
    return DUET_OK;
}

static enum duet_status side_restart(void *argument, bool wide) {
    struct pair_side *side = argument;
    side->count = 0;
    side->wide = wide;
    return DUET_OK;
}

static int compare_bars(const void *a, const void *b) {
    const struct pair_bar *x = a, *y = b;
    return (x->open_ns > y->open_ns) - (x->open_ns < y->open_ns);
}

/** All bars of a table, ascending, of one label one; prices in units. */
static enum duet_status side_read(struct pair_side *side, const struct duet_table *table) {
    const struct duet_csv_sink sink = {side_take, side_restart, side};
    struct duet_csv_order order = {0};
    enum duet_status status = duet_csv_read_table(table, NULL, &sink, &side->info, &order);
    size_t kept = 0;
    if (status != DUET_OK) {
        return status;
    }
    if (!order.ascending) {
        qsort(side->bars, side->count, sizeof(*side->bars), compare_bars);
    }
    for (size_t i = 0; i < side->count; i++) {
        kept -= kept > 0 && side->bars[kept - 1].open_ns == side->bars[i].open_ns;
        side->bars[kept] = side->bars[i];
        for (size_t k = 0; side->wide && k < 4; k++) {
            side->bars[kept].prices[k] *= (double)duet_pow10(side->info.price_decimals);
        }
        kept++;
    }
    side->count = kept;
    return DUET_OK;
}

static enum duet_status bid_read(
    struct pair_side *side, const struct duet_data_spec *spec, struct duet_data_info *info) {
    struct duet_documents *documents = NULL;
    struct duet_document document;
    struct duet_table table;
    duet_text_copy(side->info.path, sizeof(side->info.path), spec->bid);
    enum duet_status status = duet_documents_open(spec->bid, &side->info, &documents);
    if (status == DUET_OK && duet_documents_count(documents) != 1) {
        status = duet_csv_refuse(&side->info, 0, NULL, "several files in the archive of the bid; name one of them");
    }
    if (status == DUET_OK) {
        status = duet_documents_get(documents, 0, &side->info, &document);
    }
    if (status == DUET_OK) {
        status = duet_table_open(&document, spec, &side->info, &table);
        if (status == DUET_OK) {
            status = side_read(side, &table);
            duet_table_finish(&table);
        }
    }
    duet_documents_close(documents);
    if (status != DUET_OK) {
        *info = side->info;
    }
    return status;
}

/** A price of `decimals` places from a whole number of units. */
static void put_units(struct duet_text *out, double units, unsigned decimals) {
    int64_t scaled = (int64_t)__builtin_rint(units), scale = duet_pow10(decimals);
    int64_t size = scaled < 0 ? -scaled : scaled;
    duet_text_print(out, ",%s%" PRId64, scaled < 0 ? "-" : "", size / scale);
    if (decimals > 0) {
        duet_text_print(out, ".%0*" PRId64, (int)decimals, size % scale);
    }
}

static void put_row(struct duet_text *out, const struct pair_bar *ask, const struct pair_bar *bid, const char *price,
    const struct pair_side *asks, const struct pair_side *bids) {
    duet_text_print(out, "%" PRId64, (ask != NULL ? ask : bid)->open_ns);
    for (size_t k = 0; k < 4; k++) {
        if (ask == NULL || bid == NULL) {
            duet_text_append(out, ",", 1);
        } else if (price != NULL && strcmp(price, "ask") == 0) {
            put_units(out, ask->prices[k], asks->info.price_decimals);
        } else if (price != NULL && strcmp(price, "bid") == 0) {
            put_units(out, bid->prices[k], bids->info.price_decimals);
        } else {
            unsigned a = asks->info.price_decimals, b = bids->info.price_decimals, most = a > b ? a : b;
            double sum = ask->prices[k] * (double)duet_pow10(most - a) + bid->prices[k] * (double)duet_pow10(most - b);
            put_units(out, sum * 5, most + 1);
        }
    }
    duet_text_append(out, "\n", 1);
}

static void join(struct duet_text *out, const struct pair_side *asks, const struct pair_side *bids, const char *price) {
    for (size_t a = 0, b = 0; a < asks->count || b < bids->count;) {
        const struct pair_bar *ask = a < asks->count ? &asks->bars[a] : NULL;
        const struct pair_bar *bid = b < bids->count ? &bids->bars[b] : NULL;
        if (ask != NULL && bid != NULL && ask->open_ns != bid->open_ns) {
            *(ask->open_ns < bid->open_ns ? &bid : &ask) = NULL;
        }
        a += ask != NULL;
        b += bid != NULL;
        put_row(out, ask, bid, price, asks, bids);
    }
}

static enum duet_status check_sides(
    const struct pair_side *asks, const struct pair_side *bids, struct duet_data_info *info) {
    char a[24], b[24];
    if (asks->info.interval_ns == bids->info.interval_ns) {
        return DUET_OK;
    }
    return duet_csv_refuse(info, 0, NULL, "bars of %s, but those of the bid are of %s",
        duet_interval_format(asks->info.interval_ns, a), duet_interval_format(bids->info.interval_ns, b));
}

enum duet_status duet_pair_join(
    struct duet_table *table, const struct duet_data_spec *spec, struct duet_data_info *info) {
    struct pair_side *asks = duet_alloc(1, sizeof(*asks)), *bids = duet_alloc(1, sizeof(*bids));
    struct duet_text text = {0};
    enum duet_status status = side_read(asks, table);
    if (status != DUET_OK) {
        *info = asks->info;
    } else {
        status = bid_read(bids, spec, info);
    }
    if (status == DUET_OK) {
        status = check_sides(asks, bids, info);
    }
    if (status == DUET_OK) {
        join(&text, asks, bids, spec->price);
        duet_text_finish(&table->text);
        table->text = text;
        table->bytes = text.text;
        table->size = text.length;
        table->added_lines = 0;
        table->elements = false;
        table->dialect = "bid_ask";
        duet_text_copy(table->columns, sizeof(table->columns), "time,open,high,low,close");
        duet_text_copy(table->zone, sizeof(table->zone), asks->info.tz);
        table->spec.columns = table->columns;
        table->spec.tz = table->zone;
        table->spec.interval_ns = asks->info.interval_ns;
        table->spec.stamp = DUET_STAMP_OPEN;
    }
    free(asks->bars);
    free(bids->bars);
    free(asks);
    free(bids);
    return status;
}
