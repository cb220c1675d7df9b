#include "engine/report_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "data/tick_series.h"
#include "data/zone.h"

/** Bars of a day or longer are known by their date, so that is what their candles show. */
static int64_t candle_time(const struct duet_series *series, int64_t open_ns) {
    if (series->interval_ns >= DUET_DAY_NS && series->zone != NULL) {
        open_ns += duet_zone_offset_ns(series->zone, open_ns);
    }
    return open_ns / DUET_SECOND_NS - (open_ns % DUET_SECOND_NS < 0);
}

static void candle_widen(struct duet_html_candle *candle, const struct duet_bar *bar) {
    candle->high = bar->high_scaled > candle->high ? bar->high_scaled : candle->high;
    candle->low = bar->low_scaled < candle->low ? bar->low_scaled : candle->low;
    candle->close = bar->close_scaled;
}

/** A tick is a bar of one price. */
static void read_bar(const struct duet_series *series, uint64_t index, struct duet_bar *bar) {
    if (!duet_series_is_ticks(series)) {
        duet_series_bar(series, index, bar);
        return;
    }
    int64_t price;
    (void)duet_series_tick_price(series, index, &price);
    *bar = (struct duet_bar){.open_ns = duet_series_tick_ns(series, index),
        .open_scaled = price,
        .high_scaled = price,
        .low_scaled = price,
        .close_scaled = price};
}

static void collect(const struct duet_player *player, uint64_t candles_max, struct duet_html_prices *out) {
    uint64_t bars = player->end - player->start;
    uint64_t group = (bars + candles_max - 1) / candles_max;
    *out = (struct duet_html_prices){
        .instrument = player->instrument, .interval_ns = player->series->interval_ns, .bars_per_candle = group};
    out->candles = duet_alloc(bars / group + 1, sizeof(*out->candles));
    for (uint64_t i = 0; i < bars; i++) {
        struct duet_bar bar;
        read_bar(player->series, player->start + i, &bar);
        int64_t open_s = candle_time(player->series, bar.open_ns);
        struct duet_html_candle *last = out->count > 0 ? &out->candles[out->count - 1] : NULL;
        if (last != NULL && (i % group != 0 || open_s <= last->open_s)) {
            candle_widen(last, &bar);
        } else {
            out->candles[out->count++] = (struct duet_html_candle){.open_s = open_s,
                .open = bar.open_scaled,
                .high = bar.high_scaled,
                .low = bar.low_scaled,
                .close = bar.close_scaled};
        }
    }
}

static void collect_all(const struct duet_conductor *conductor, struct duet_html_prices **prices, size_t *count) {
    uint64_t share = DUET_HTML_CANDLES_MAX / (conductor->instruments->count > 0 ? conductor->instruments->count : 1);
    share = share < DUET_HTML_CANDLES_MIN ? DUET_HTML_CANDLES_MIN : share;
    *prices = duet_alloc(conductor->player_count + 1, sizeof(**prices));
    *count = 0;
    for (uint32_t i = 0; i < conductor->player_count; i++) {
        const struct duet_player *player = &conductor->players[i];
        if (player->executes && player->end > player->start) {
            collect(player, share, &(*prices)[(*count)++]);
        }
    }
}

/** The configuration without where the outputs went: the page is the same wherever it is written to. */
static enum duet_status print_configuration(const struct duet_config *config, char **text) {
    struct duet_config plain = *config;
    plain.report = plain.fills = plain.orders = plain.trades = plain.equity = NULL;
    size_t size = 0;
    *text = NULL;
    FILE *memory = open_memstream(text, &size);
    if (memory == NULL) {
        return duet_error(DUET_EIO, "no memory for the report: %s", strerror(errno));
    }
    enum duet_status status = duet_config_print(&plain, memory);
    if (fclose(memory) != 0 && status == DUET_OK) {
        status = duet_error(DUET_EIO, "no memory for the report");
    }
    return status;
}

enum duet_status duet_report_page_print(const struct duet_report_page *page, FILE *stream) {
    struct duet_analysis analysis;
    enum duet_status status = duet_analysis_compute(page->result, NULL, &analysis);
    if (status != DUET_OK) {
        return status;
    }
    struct duet_html html = {.result = page->result,
        .analysis = &analysis,
        .diary = page->diary,
        .instruments = page->conductor->instruments};
    struct duet_html_prices *prices;
    char *configuration;
    collect_all(page->conductor, &prices, &html.price_count);
    html.prices = prices;
    status = print_configuration(page->config, &configuration);
    html.configuration = configuration;
    if (status == DUET_OK) {
        status = duet_html_print(&html, stream);
    }
    for (size_t i = 0; i < html.price_count; i++) {
        free(prices[i].candles);
    }
    free(prices);
    free(configuration);
    duet_analysis_finish(&analysis);
    return status;
}
