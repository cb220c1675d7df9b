/*
 * The long parts of the page's data, as columns: one array of numbers per field is half as long as one object per row.
 * Candles, of which there may be half a million, are packed further: each number as the difference to what one would
 * expect, zigzag and seven bits per byte, the bytes in base64. A quiet minute bar takes seven characters.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "report/html_parts.h"

bool duet_html_is_daily(const struct duet_html *html) {
    for (size_t i = 0; i < html->result->data_count; i++) {
        if (html->result->data[i].interval_ns < DUET_DAY_NS) {
            return false;
        }
    }
    return html->result->data_count > 0;
}

static int64_t floor_seconds(int64_t ns) {
    return ns / DUET_SECOND_NS - (ns % DUET_SECOND_NS < 0);
}

int64_t duet_html_seconds(const struct duet_html *html, int64_t ns, bool ends) {
    const struct duet_curve *curve = html->result->curve;
    if (!duet_html_is_daily(html) || curve == NULL) {
        return floor_seconds(ns);
    }
    int64_t day;
    (void)curve->day_end(curve->argument, ns - (ends ? 1 : 0), &day);
    return day * (DUET_DAY_NS / DUET_SECOND_NS);
}

/* --------------------------------------------------------------------------------------------------- curves */

/** Places after the point that an amount of this account is worth on a chart. */
static unsigned money_places(const struct duet_html *html) {
    return duet_money_to_double(html->result->initial_cash) < 1000 ? 8 : 2;
}

#define FRACTION_PLACES 9

static void put_points(struct duet_json *json, const struct duet_html *html) {
    const struct duet_diary *diary = html->diary;
    unsigned places = money_places(html);
    duet_json_open(json, "points", '{');
    duet_json_uint(json, "instants", diary->instants_per_point);
    duet_json_open(json, "time", '[');
    for (size_t i = 0; i < diary->point_count; i++) {
        duet_json_int(json, NULL, duet_html_seconds(html, diary->points[i].ns, true));
    }
    duet_json_close(json, ']');
    duet_json_open(json, "equity", '[');
    for (size_t i = 0; i < diary->point_count; i++) {
        duet_json_rounded(json, NULL, diary->points[i].equity, places);
    }
    duet_json_close(json, ']');
    duet_json_open(json, "drawdown", '[');
    for (size_t i = 0; i < diary->point_count; i++) {
        duet_json_rounded(json, NULL, diary->points[i].drawdown, FRACTION_PLACES);
    }
    duet_json_close(json, ']');
    duet_json_close(json, '}');
}

/** Columns of a day that are doubles: where they stand, and how many places they are worth; 0: those of money. */
static const struct {
    const char *name;
    size_t offset;
    unsigned places;
} day_columns[] = {
    {"equity", offsetof(struct duet_analysis_day, equity), 0},
    {"benchmark", offsetof(struct duet_analysis_day, benchmark), 0},
    {"change", offsetof(struct duet_analysis_day, change), FRACTION_PLACES},
    {"benchmark_change", offsetof(struct duet_analysis_day, benchmark_change), FRACTION_PLACES},
    {"rolling_sharpe", offsetof(struct duet_analysis_day, rolling_sharpe), 4},
    {"rolling_volatility", offsetof(struct duet_analysis_day, rolling_volatility), FRACTION_PLACES},
};

static void put_days(struct duet_json *json, const struct duet_html *html) {
    const struct duet_analysis *analysis = html->analysis;
    duet_json_open(json, "days", '{');
    duet_json_open(json, "time", '[');
    for (size_t i = 0; i < analysis->day_count; i++) {
        duet_json_int(json, NULL, duet_html_seconds(html, analysis->days[i].ns, true));
    }
    duet_json_close(json, ']');
    for (size_t c = 0; c < sizeof(day_columns) / sizeof(day_columns[0]); c++) {
        unsigned places = day_columns[c].places > 0 ? day_columns[c].places : money_places(html);
        duet_json_open(json, day_columns[c].name, '[');
        for (size_t i = 0; i < analysis->day_count; i++) {
            double value;
            memcpy(&value, (const char *)&analysis->days[i] + day_columns[c].offset, sizeof(value));
            duet_json_rounded(json, NULL, value, places);
        }
        duet_json_close(json, ']');
    }
    duet_json_close(json, '}');
}

static void put_periods(
    struct duet_json *json, const char *name, const struct duet_analysis_period *periods, size_t count) {
    duet_json_open(json, name, '[');
    for (size_t i = 0; i < count; i++) {
        duet_json_open(json, NULL, '[');
        duet_json_int(json, NULL, periods[i].year);
        duet_json_int(json, NULL, periods[i].month);
        duet_json_rounded(json, NULL, periods[i].change, FRACTION_PLACES);
        duet_json_rounded(json, NULL, periods[i].benchmark_change, FRACTION_PLACES);
        duet_json_close(json, ']');
    }
    duet_json_close(json, ']');
}

static void put_drawdowns(struct duet_json *json, const struct duet_html *html) {
    const struct duet_analysis *analysis = html->analysis;
    duet_json_open(json, "drawdowns", '[');
    for (size_t i = 0; i < analysis->drawdown_count; i++) {
        const struct duet_analysis_drawdown *drawdown = &analysis->drawdowns[i];
        duet_json_open(json, NULL, '{');
        duet_json_int(json, "start", duet_html_seconds(html, drawdown->start_ns, true));
        duet_json_int(json, "trough", duet_html_seconds(html, drawdown->trough_ns, true));
        if (drawdown->end_ns == 0) {
            duet_json_null(json, "end");
        } else {
            duet_json_int(json, "end", duet_html_seconds(html, drawdown->end_ns, true));
        }
        duet_json_rounded(json, "depth", drawdown->depth, FRACTION_PLACES);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

void duet_html_put_curves(struct duet_json *json, const struct duet_html *html) {
    put_points(json, html);
    put_days(json, html);
    put_periods(json, "months", html->analysis->months, html->analysis->month_count);
    put_periods(json, "years", html->analysis->years, html->analysis->year_count);
    put_drawdowns(json, html);
}

/* --------------------------------------------------------------------------------------------------- trades */

/** Reasons that occur, each once, in the order of their first use. */
struct reasons {
    char (*names)[DUET_REASON_MAX]; // owned
    size_t count, capacity;
};

/** Past this many, strategies write something else than reasons; the rest is told as the last one. */
#define REASONS_MAX 256

static size_t reason_index(struct reasons *reasons, const char *name) {
    for (size_t i = 0; i < reasons->count; i++) {
        if (strcmp(reasons->names[i], name) == 0) {
            return i;
        }
    }
    if (reasons->count == REASONS_MAX) {
        return REASONS_MAX - 1;
    }
    if (reasons->count == reasons->capacity) {
        reasons->capacity = reasons->capacity == 0 ? 16 : 2 * reasons->capacity;
        reasons->names = duet_realloc(reasons->names, reasons->capacity, sizeof(*reasons->names));
    }
    bool last = reasons->count == REASONS_MAX - 1;
    duet_text_copy(reasons->names[reasons->count], DUET_REASON_MAX, last ? "(other reasons)" : name);
    return reasons->count++;
}

static void put_trade(struct duet_json *json, const struct duet_html *html, const struct duet_trade_record *trade,
    struct reasons *reasons) {
    const struct duet_instrument *instrument = &html->instruments->items[trade->instrument];
    duet_json_open(json, NULL, '[');
    duet_json_uint(json, NULL, trade->trade_id);
    duet_json_uint(json, NULL, trade->instrument);
    duet_json_int(json, NULL, trade->side);
    duet_json_double(json, NULL, duet_unscale(trade->quantity, instrument->quantity_decimals));
    duet_json_int(json, NULL, duet_html_seconds(html, trade->entry_ns, false));
    duet_json_rounded(json, NULL, trade->entry_price, instrument->price_decimals + 2);
    duet_json_int(json, NULL, duet_html_seconds(html, trade->exit_ns, false));
    duet_json_rounded(json, NULL, trade->exit_price, instrument->price_decimals + 2);
    duet_json_rounded(json, NULL, (double)(trade->exit_ns - trade->entry_ns) / 1e9, 3);
    duet_json_rounded(json, NULL, duet_money_to_double(trade->commission), 6);
    duet_json_rounded(json, NULL, duet_money_to_double(trade->net), 6);
    duet_json_rounded(json, NULL, trade->fraction, FRACTION_PLACES);
    duet_json_uint(json, NULL, reason_index(reasons, trade->entry_reason));
    duet_json_uint(json, NULL, reason_index(reasons, trade->exit_reason));
    duet_json_uint(json, NULL, trade->at_end);
    duet_json_close(json, ']');
}

/** A trade that has not ended: what there is of it. */
static void put_open(struct duet_json *json, const struct duet_html *html, const struct duet_trade_record *open) {
    const struct duet_instrument *instrument = &html->instruments->items[open->instrument];
    duet_json_open(json, NULL, '{');
    duet_json_uint(json, "instrument", open->instrument);
    duet_json_int(json, "side", open->side);
    duet_json_int(json, "entry", duet_html_seconds(html, open->entry_ns, false));
    duet_json_rounded(json, "entryPrice", open->entry_price, instrument->price_decimals + 2);
    duet_json_close(json, '}');
}

void duet_html_put_trades(struct duet_json *json, const struct duet_html *html) {
    struct duet_trades_totals totals = {0};
    if (html->result->trades != NULL) {
        duet_trades_get(html->result->trades, &totals);
    }
    struct reasons reasons = {0};
    duet_json_open(json, "trades", '{');
    duet_json_uint(json, "total", totals.count + totals.at_end);
    duet_json_open(json, "rows", '[');
    for (size_t i = 0; i < html->diary->trade_count; i++) {
        put_trade(json, html, &html->diary->trades[i], &reasons);
    }
    duet_json_close(json, ']');
    duet_json_open(json, "open", '[');
    for (uint32_t i = 0; html->result->trades != NULL && i < html->instruments->count; i++) {
        struct duet_trade_record open;
        if (duet_trades_open(html->result->trades, i, &open)) {
            put_open(json, html, &open);
        }
    }
    duet_json_close(json, ']');
    duet_json_open(json, "reasons", '[');
    for (size_t i = 0; i < reasons.count; i++) {
        duet_json_string(json, NULL, reasons.names[i]);
    }
    duet_json_close(json, ']');
    duet_json_close(json, '}');
    free(reasons.names);
}

/* --------------------------------------------------------------------------------------------------- prices */

#define NUMBER_BYTES_MAX 10

static unsigned char *pack(unsigned char *at, int64_t value) {
    uint64_t zigzag = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
    for (; zigzag >= 0x80; zigzag >>= 7) {
        *at++ = (unsigned char)(zigzag | 0x80);
    }
    *at++ = (unsigned char)zigzag;
    return at;
}

/** Zero-terminated; free with free(). */
static char *base64(const unsigned char *bytes, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = duet_alloc((size + 2) / 3 * 4 + 1, 1);
    char *at = text;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t three = (uint32_t)bytes[i] << 16 | (uint32_t)(left > 1 ? bytes[i + 1] : 0) << 8 |
                         (uint32_t)(left > 2 ? bytes[i + 2] : 0);
        *at++ = digits[three >> 18];
        *at++ = digits[three >> 12 & 63];
        *at++ = left > 1 ? digits[three >> 6 & 63] : '=';
        *at++ = left > 2 ? digits[three & 63] : '=';
    }
    return text;
}

/** a - b, wrapping: made-up prices may be anything, and the page only draws them. */
static int64_t apart(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/** Per candle: time since the last one beyond the step, open from the last close, close from open, high above both,
 * low below both. */
static char *pack_candles(const struct duet_html_prices *prices, int64_t step_s) {
    unsigned char *bytes = duet_alloc(prices->count * 5 + 1, NUMBER_BYTES_MAX);
    unsigned char *at = bytes;
    int64_t time_s = 0, price = 0;
    for (size_t i = 0; i < prices->count; i++) {
        const struct duet_html_candle *candle = &prices->candles[i];
        int64_t top = candle->open > candle->close ? candle->open : candle->close;
        int64_t bottom = candle->open > candle->close ? candle->close : candle->open;
        at = pack(at, apart(candle->open_s, time_s + step_s));
        at = pack(at, apart(candle->open, price));
        at = pack(at, apart(candle->close, candle->open));
        at = pack(at, apart(candle->high, top));
        at = pack(at, apart(bottom, candle->low));
        time_s = candle->open_s;
        price = candle->close;
    }
    char *text = base64(bytes, (size_t)(at - bytes));
    free(bytes);
    return text;
}

void duet_html_put_prices(struct duet_json *json, const struct duet_html *html) {
    duet_json_open(json, "prices", '[');
    for (size_t i = 0; i < html->price_count; i++) {
        const struct duet_html_prices *prices = &html->prices[i];
        int64_t step_s = prices->interval_ns / DUET_SECOND_NS * (int64_t)prices->bars_per_candle;
        char *packed = pack_candles(prices, step_s);
        duet_json_open(json, NULL, '{');
        duet_json_uint(json, "instrument", prices->instrument);
        duet_json_int(json, "interval", prices->interval_ns / DUET_SECOND_NS);
        duet_json_uint(json, "bars_per_candle", prices->bars_per_candle);
        duet_json_int(json, "step", step_s);
        duet_json_uint(json, "count", prices->count);
        duet_json_string(json, "candles", packed);
        duet_json_close(json, '}');
        free(packed);
    }
    duet_json_close(json, ']');
}
