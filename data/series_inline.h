/*
 * duet_series_bar() for loops that cannot afford a call per bar.
 *
 * Prices of narrow records are divided, not multiplied by a reciprocal: an integer below 2^53 over a power of ten up to
 * 10^22 is rounded once, which is what strtod() does with the text.
 */
#ifndef DUET_DATA_SERIES_INLINE_H
#define DUET_DATA_SERIES_INLINE_H

#include "data/series.h"

/** Nearest integer to value · scale; what leaves the range of prices is clamped to it. */
static inline int64_t duet_series_scaled(double value, double scale) {
    double scaled = __builtin_rint(value * scale);
    if (__builtin_expect(!(scaled >= -0x1p62 && scaled <= 0x1p62), 0)) {
        return scaled > 0 ? INT64_C(1) << 62 : -(INT64_C(1) << 62);
    }
    return (int64_t)scaled;
}

static inline void duet_series_fill_narrow(
    const struct duet_series *series, const struct duet_record32 *record, struct duet_bar *bar) {
    double scale = series->scale;
    bar->open_ns = record->open_ns;
    bar->open = (double)record->open / scale;
    bar->high = (double)record->high / scale;
    bar->low = (double)record->low / scale;
    bar->close = (double)record->close / scale;
    bar->volume = record->volume;
    bar->open_scaled = record->open;
    bar->high_scaled = record->high;
    bar->low_scaled = record->low;
    bar->close_scaled = record->close;
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

/** duet_series_bar() for a caller that knows when the bar closes. */
static inline void duet_series_bar_closing(
    const struct duet_series *series, uint64_t index, int64_t close_ns, struct duet_bar *bar) {
    bar->size = (uint32_t)sizeof(*bar);
    bar->instrument = series->instrument;
    bar->close_ns = close_ns;
    bar->interval_ns = series->interval_ns;
    bar->price_decimals = series->info.price_decimals;
    bar->flags = 0;
    bar->reserved[0] = 0;
    bar->reserved[1] = 0;
    if (__builtin_expect(series->records32 != NULL, 1)) {
        duet_series_fill_narrow(series, &series->records32[index], bar);
    } else {
        duet_series_fill_wide(series, &series->records48[index], bar);
    }
}

/** duet_series_bar(), inline. */
static inline void duet_series_bar_inline(const struct duet_series *series, uint64_t index, struct duet_bar *bar) {
    duet_series_bar_closing(series, index, duet_series_close_ns(series, index), bar);
}

#endif
