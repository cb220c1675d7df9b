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

static struct duet_html_candle candle_of_bar(const struct duet_series *series, uint64_t index) {
    struct duet_bar bar;
    duet_series_bar(series, index, &bar);
    return (struct duet_html_candle){.open_s = candle_time(series, bar.open_ns),
        .open = bar.open_scaled,
        .high = bar.high_scaled,
        .low = bar.low_scaled,
        .close = bar.close_scaled};
}

/** A trade at its price; a quote in the middle, or where it has one side only, there. */
static struct duet_html_candle candle_of_tick(const struct duet_series *series, uint64_t index) {
    int64_t price;
    (void)duet_series_tick_price(series, index, &price);
    return (struct duet_html_candle){.open_s = candle_time(series, duet_series_tick_ns(series, index)),
        .open = price,
        .high = price,
        .low = price,
        .close = price};
}

static void collect(const struct duet_player *player, uint64_t candles_max, struct duet_html_prices *out) {
    const struct duet_series *series = player->series;
    bool is_ticks = duet_series_is_ticks(series);
    uint64_t records = player->end - player->start;
    uint64_t group = (records + candles_max - 1) / candles_max;
    *out = (struct duet_html_prices){
        .instrument = player->instrument, .interval_ns = series->interval_ns, .bars_per_candle = group};
    out->candles = duet_alloc(records / group + 1, sizeof(*out->candles));
    for (uint64_t i = 0; i < records; i++) {
        uint64_t index = player->start + i;
        struct duet_html_candle next = is_ticks ? candle_of_tick(series, index) : candle_of_bar(series, index);
        struct duet_html_candle *last = out->count > 0 ? &out->candles[out->count - 1] : NULL;
        if (last != NULL && (i % group != 0 || next.open_s <= last->open_s)) {
            last->high = next.high > last->high ? next.high : last->high;
            last->low = next.low < last->low ? next.low : last->low;
            last->close = next.close;
        } else {
            out->candles[out->count++] = next;
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
