#include "data/series_price.h"

#include "data/tick_series.h"

uint64_t duet_series_known(const struct duet_series *series, int64_t ns) {
    if (duet_series_is_ticks(series)) {
        return duet_series_find_tick(series, ns < INT64_MAX ? ns + 1 : ns);
    }
    uint64_t count = duet_series_find(series, ns);
    while (count > 0 && duet_series_close_ns(series, count - 1) > ns) {
        count--;
    }
    return count;
}

static enum duet_status price_of(struct duet_series *series, uint64_t index, bool opening, double *price) {
    enum duet_status status = duet_series_verify(series, index);
    if (status != DUET_OK) {
        return status;
    }
    if (duet_series_is_ticks(series)) {
        int64_t scaled;
        *price = duet_series_tick_price(series, index, &scaled);
    } else {
        struct duet_bar bar;
        duet_series_bar(series, index, &bar);
        *price = opening ? bar.open : bar.close;
    }
    return DUET_OK;
}

enum duet_status duet_series_price(struct duet_series *series, uint64_t index, double *price) {
    return price_of(series, index, false, price);
}

enum duet_status duet_series_first_price(struct duet_series *series, uint64_t index, double *price) {
    return price_of(series, index, true, price);
}
