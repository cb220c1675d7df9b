/*
 * duet_series_bar() for loops that cannot afford a call per bar.
 *
 * Prices of narrow records are divided, not multiplied by a reciprocal: an integer below 2^53 over a power of ten up to
 * 10^22 is rounded once, which is what strtod() does with the text.
 */
#ifndef DUET_DATA_SERIES_INLINE_H
#define DUET_DATA_SERIES_INLINE_H

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "data/series.h"

/** Nearest integer to value · scale; what leaves the range of prices is clamped to it. */
static inline int64_t duet_series_scaled(double value, double scale) {
    double scaled = __builtin_rint(value * scale);
    if (__builtin_expect(!(scaled >= -0x1p62 && scaled <= 0x1p62), 0)) {
        return scaled > 0 ? INT64_C(1) << 62 : -(INT64_C(1) << 62);
    }
    return (int64_t)scaled;
}

typedef int32_t duet_four_int32 __attribute__((vector_size(16)));
typedef int64_t duet_four_int64 __attribute__((vector_size(32)));
typedef double duet_four_double __attribute__((vector_size(32)));

static_assert(offsetof(struct duet_bar, close) - offsetof(struct duet_bar, open) == 3 * sizeof(double) &&
                  offsetof(struct duet_bar, close_scaled) - offsetof(struct duet_bar, open_scaled) == 24 &&
                  offsetof(struct duet_record32, close) - offsetof(struct duet_record32, open) == 12,
    "four prices in a row, in the same order");

/** The four prices side by side; a true division, so the doubles are those of strtod(). */
static inline void duet_series_fill_narrow(
    const struct duet_series *series, const struct duet_record32 *record, struct duet_bar *bar) {
    duet_four_int32 prices;
    memcpy(&prices, &record->open, sizeof(prices));
    duet_four_double values = __builtin_convertvector(prices, duet_four_double) / series->scale;
    duet_four_int64 scaled = __builtin_convertvector(prices, duet_four_int64);
    bar->open_ns = record->open_ns;
    memcpy(&bar->open, &values, sizeof(values));
    bar->volume = record->volume;
    memcpy(&bar->open_scaled, &scaled, sizeof(scaled));
}

static inline void duet_series_fill_wide(
    const struct duet_series *series, const struct duet_record48 *record, struct duet_bar *bar) {
    double scale = series->scale;
    bar->open_ns = record->open_ns;
    bar->open = record->open;
    bar->high = record->high;
    bar->low = record->low;
    bar->close = record->close;
    bar->volume = record->volume;
    bar->open_scaled = duet_series_scaled(record->open, scale);
    bar->high_scaled = duet_series_scaled(record->high, scale);
    bar->low_scaled = duet_series_scaled(record->low, scale);
    bar->close_scaled = duet_series_scaled(record->close, scale);
}

/** What all bars of a series have in common. Field by field: a copy of a whole bar would be read back before it is
 * stored. */
static inline void duet_series_fill_common(const struct duet_series *series, struct duet_bar *bar) {
    bar->size = (uint32_t)sizeof(*bar);
    bar->instrument = series->instrument;
    bar->interval_ns = series->interval_ns;
    bar->price_decimals = series->info.price_decimals;
    bar->flags = 0;
    bar->reserved[0] = 0;
    bar->reserved[1] = 0;
}

/** The rest of a bar that has been through duet_series_fill_common(), for a caller that knows when it closes. */
static inline void duet_series_bar_closing(
    const struct duet_series *series, uint64_t index, int64_t close_ns, struct duet_bar *bar) {
    bar->close_ns = close_ns;
    if (__builtin_expect(series->records32 != NULL, 1)) {
        duet_series_fill_narrow(series, &series->records32[index], bar);
    } else {
        duet_series_fill_wide(series, &series->records48[index], bar);
    }
}

/** duet_series_bar(), inline. */
static inline void duet_series_bar_inline(const struct duet_series *series, uint64_t index, struct duet_bar *bar) {
    duet_series_fill_common(series, bar);
    duet_series_bar_closing(series, index, duet_series_close_ns(series, index), bar);
}

#endif
