#include "data/tick_series.h"

uint64_t duet_series_find_tick(const struct duet_series *series, int64_t ns) {
    uint64_t low = 0, high = series->count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (duet_series_tick_ns(series, middle) < ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
