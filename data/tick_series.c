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

double duet_series_tick_price(const struct duet_series *series, uint64_t index, int64_t *scaled) {
    if (series->trades != NULL) {
        struct duet_trade trade;
        duet_series_trade(series, index, &trade);
        *scaled = trade.price_scaled;
        return trade.price;
    }
    struct duet_quote quote;
    duet_series_quote(series, index, &quote);
    bool both = quote.bid_scaled > 0 && quote.ask_scaled > 0;
    *scaled = both ? duet_quote_mark(&quote) : quote.bid_scaled + quote.ask_scaled;
    return both ? (quote.bid + quote.ask) / 2 : quote.bid + quote.ask;
}
