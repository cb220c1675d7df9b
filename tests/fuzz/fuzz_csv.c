/*
 * Any bytes as a CSV file. The first two choose the spec, the rest is the file. It is read three times, whole, in small
 * chunks and without the fast reader: all three agree in everything, and what they give is fit for a backtest.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "data/csv_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/** Small enough for inputs to have several. */
#define SMALL_CHUNK 100

struct outcome {
    enum duet_status status;
    char error[DUET_ERROR_TEXT_MAX];
    struct duet_data_info info;
    struct duet_csv_order order;
    uint64_t hash, count;
    bool wide;
};

static void check_record(const struct duet_record48 *record) {
    DUET_ASSERT(isfinite(record->open));
    DUET_ASSERT(isfinite(record->high));
    DUET_ASSERT(isfinite(record->low));
    DUET_ASSERT(isfinite(record->close));
    DUET_ASSERT(isfinite(record->volume));
    DUET_ASSERT(fabs(record->volume) < 9007199254740992.0);
}

static enum duet_status take(void *argument, const void *records, size_t count, bool wide) {
    struct outcome *outcome = argument;
    DUET_ASSERT(wide == outcome->wide);
    DUET_ASSERT(count > 0);
    for (size_t i = 0; i < count; i++) {
        size_t size = wide ? sizeof(struct duet_record48) : sizeof(struct duet_record32);
        outcome->hash = duet_hash_bytes(outcome->hash, (const char *)records + i * size, size);
        if (wide) {
            check_record((const struct duet_record48 *)records + i);
        }
    }
    outcome->count += count;
    return DUET_OK;
}

static enum duet_status restart(void *argument, bool wide) {
    struct outcome *outcome = argument;
    outcome->count = 0;
    outcome->hash = DUET_HASH_SEED;
    outcome->wide = wide;
    return DUET_OK;
}

static void read_once(const char *bytes, size_t size, size_t chunk, bool careful, const struct duet_data_spec *spec,
    struct outcome *out) {
    struct duet_csv_sink sink = {take, restart, out};
    memset(out, 0, sizeof(*out));
    out->status = duet_csv_read_chunks("f.csv", bytes, size, chunk, careful, spec, &sink, &out->info, &out->order);
    if (out->status != DUET_OK) {
        duet_text_copy(out->error, sizeof(out->error), duet_error_text());
        DUET_ASSERT(out->error[0] != '\0');
        DUET_ASSERT(strchr(out->error, '\n') == NULL);
        return;
    }
    DUET_ASSERT(out->count > 0);
    DUET_ASSERT(out->count + out->info.skipped == out->info.rows);
    DUET_ASSERT(out->info.interval_ns > 0);
    DUET_ASSERT(out->info.first_ns <= out->info.last_ns);
    DUET_ASSERT(out->info.price_decimals <= 12);
    DUET_ASSERT(out->info.first[0] != '\0');
}

static void check_same(const struct outcome *a, const struct outcome *b) {
    DUET_ASSERT(a->status == b->status);
    DUET_ASSERT(strcmp(a->error, b->error) == 0);
    if (a->status == DUET_OK) {
        DUET_ASSERT(a->wide == b->wide);
        DUET_ASSERT(a->count == b->count);
        DUET_ASSERT(a->hash == b->hash);
        DUET_ASSERT(memcmp(&a->info, &b->info, sizeof(a->info)) == 0);
        DUET_ASSERT(a->order.ascending == b->order.ascending);
        DUET_ASSERT(a->order.descending == b->order.descending);
    }
}

/** Options by the bits of the first two bytes. */
static void choose(const uint8_t *bytes, struct duet_data_spec *spec) {
    static const char *const options[][2] = {{"tz", "America/New_York"}, {"stamp", "close"}, {"dates", "dmy"},
        {"interval", "1m"}, {"on_error", "skip"}, {"decimals", "2"}, {"columns", "time,open,high,low,close,volume"},
        {"adjust", "total"}, {"interval", "1mo"}, {"tz", "+05:30"}, {"dates", "mdy"}, {"decimals", "9"}};
    unsigned bits = (unsigned)bytes[0] | (unsigned)bytes[1] << 8;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (bits >> i & 1) {
            enum duet_status status = duet_data_spec_set(spec, options[i][0], options[i][1]);
            DUET_ASSERT(status == DUET_OK);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 2) {
        return 0;
    }
    struct duet_data_spec spec = {.decimals = -1, .quantity_decimals = -1};
    static struct outcome whole, chunked, careful; // too large for a stack that fuzzers like to count
    choose(bytes, &spec);
    const char *text = (const char *)bytes + 2;
    read_once(text, size - 2, 0, false, &spec, &whole);
    read_once(text, size - 2, 0, true, &spec, &careful);
    check_same(&whole, &careful);
    read_once(text, size - 2, SMALL_CHUNK, false, &spec, &chunked);
    check_same(&whole, &chunked);
    duet_data_spec_finish(&spec);
    return 0;
}
