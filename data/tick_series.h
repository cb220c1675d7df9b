/*
 * Trades and quotes as series: duet_series_open() yields them from a file of trades or quotes, cached as bars are, and
 * info.kind says which it is (DUET_KIND_TRADES, DUET_KIND_QUOTES). Their interval is 0, finer than that of any bar.
 *
 * Records lie in the order of time; those of one time keep the order of the file. Nothing is merged or left out, but
 * for rows in error (on_error=skip). Walk them by index:
 *
 *     for (uint64_t i = 0; i < series->count; i++) {
 *         status = duet_series_verify(series, i); // checks a block once, cheap otherwise
 *         duet_series_trade(series, i, &trade);
 *     }
 *
 * interval= of the spec does not change what is read: bars of ticks are made by whoever walks them.
 */
#ifndef DUET_DATA_TICK_SERIES_H
#define DUET_DATA_TICK_SERIES_H

#include <assert.h>

#include "data/series_inline.h"

/** A price as stored: in units of the instrument; in a wide series a double, where units would lose something. */
union duet_tick_price {
    int64_t scaled;
    double value;
};

struct duet_trade_tick {
    int64_t time_ns;
    union duet_tick_price price;
    double quantity; // 0 where the file has none
    int32_t side; // +1 the buyer was the aggressor, -1 the seller, 0 unknown
    uint32_t reserved;
};
/** A side that is absent is 0. */
struct duet_quote_tick {
    int64_t time_ns;
    union duet_tick_price bid, ask;
    double bid_size, ask_size; // 0 where the file has none
};
static_assert(
    sizeof(struct duet_trade_tick) == 32 && sizeof(struct duet_quote_tick) == 40, "records are stored as they are");

static inline bool duet_series_is_ticks(const struct duet_series *series) {
    return series->trades != NULL || series->quotes != NULL;
}

/** Only of series of trades or quotes. */
static inline int64_t duet_series_tick_ns(const struct duet_series *series, uint64_t index) {
    return series->trades != NULL ? series->trades[index].time_ns : series->quotes[index].time_ns;
}

/** When record `index` becomes known: a bar's close, or the time of a tick. */
static inline int64_t duet_series_known_ns(const struct duet_series *series, uint64_t index) {
    return duet_series_is_ticks(series) ? duet_series_tick_ns(series, index) : duet_series_close_ns(series, index);
}

/** When record `index` begins: a bar's opening, or the time of a tick. */
static inline int64_t duet_series_begin_ns(const struct duet_series *series, uint64_t index) {
    return duet_series_is_ticks(series) ? duet_series_tick_ns(series, index) : duet_series_open_ns(series, index);
}

/** First index at or after `ns`; count where there is none. */
uint64_t duet_series_find_tick(const struct duet_series *series, int64_t ns);

static inline void duet_tick_price_read(
    const struct duet_series *series, union duet_tick_price price, double *value, int64_t *scaled) {
    if (__builtin_expect(series->ticks_wide, 0)) {
        *value = price.value;
        *scaled = duet_series_scaled(price.value, series->scale);
    } else {
        *value = (double)price.scaled / series->scale; // rounded once, as strtod() does: units stay below 2^53
        *scaled = price.scaled;
    }
}

/** Fill every field of `trade` from record `index` of a series of trades. */
static inline void duet_series_trade(const struct duet_series *series, uint64_t index, struct duet_trade *trade) {
    const struct duet_trade_tick *record = &series->trades[index];
    *trade = (struct duet_trade){.size = sizeof(*trade),
        .instrument = series->instrument,
        .time_ns = record->time_ns,
        .quantity = record->quantity,
        .quantity_scaled = duet_series_scaled(record->quantity, series->quantity_scale),
        .side = record->side};
    duet_tick_price_read(series, record->price, &trade->price, &trade->price_scaled);
}

/** The same of a series of quotes. */
static inline void duet_series_quote(const struct duet_series *series, uint64_t index, struct duet_quote *quote) {
    const struct duet_quote_tick *record = &series->quotes[index];
    *quote = (struct duet_quote){.size = sizeof(*quote),
        .instrument = series->instrument,
        .time_ns = record->time_ns,
        .bid_size = record->bid_size,
        .ask_size = record->ask_size};
    duet_tick_price_read(series, record->bid, &quote->bid, &quote->bid_scaled);
    duet_tick_price_read(series, record->ask, &quote->ask, &quote->ask_scaled);
}

/**
 * What a quote says an instrument is worth: the middle, an odd unit cut off; 0 where a side is absent, and the last
 * mark stays.
 */
static inline int64_t duet_quote_mark(const struct duet_quote *quote) {
    return quote->bid_scaled > 0 && quote->ask_scaled > 0 ? (quote->bid_scaled + quote->ask_scaled) / 2 : 0;
}

/** A trade's price, or the middle of a quote; of a quote without one of its sides, the other. In units too. */
double duet_series_tick_price(const struct duet_series *series, uint64_t index, int64_t *scaled);

#endif
