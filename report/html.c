#include "report/html.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "report/html_parts.h"
#include "report/words.h"

const char *duet_html_missing(void) {
    return duet_html_head_size > 0
               ? NULL
               : "this program was built without the chart library of the HTML report (see report/html/meson.build)";
}

static void put_money(struct duet_json *json, const char *name, duet_money money) {
    char text[DUET_DECIMAL_TEXT_MAX];
    duet_json_string(json, name, duet_money_format(money, 0, text));
}

static void put_hash(struct duet_json *json, const char *name, uint64_t hash) {
    char text[17];
    snprintf(text, sizeof(text), "%016" PRIx64, hash);
    duet_json_string(json, name, text);
}

static void put_pairs(struct duet_json *json, const char *name, const struct duet_result_param *pairs, size_t count) {
    duet_json_open(json, name, '[');
    for (size_t i = 0; i < count; i++) {
        duet_json_open(json, NULL, '[');
        duet_json_string(json, NULL, pairs[i].name);
        duet_json_string(json, NULL, pairs[i].value);
        duet_json_close(json, ']');
    }
    duet_json_close(json, ']');
}

static void put_head(struct duet_json *json, const struct duet_html *html) {
    const struct duet_result *result = html->result;
    duet_json_string(json, "version", DUET_VERSION);
    duet_json_string(json, "mode", result->mode);
    duet_json_string(json, "status", result->status);
    duet_json_string(json, "strategy", result->strategy);
    duet_json_string(json, "currency", result->currency);
    duet_json_string(json, "fill_profile", result->fill_profile);
    duet_json_string(json, "convention", html->analysis->convention);
    duet_json_string(json, "periods_why", html->analysis->stats.periods_why);
    duet_json_double(json, "periods", html->analysis->stats.periods);
    duet_json_uint(json, "rolling_returns", DUET_ROLLING_RETURNS);
    duet_json_string(json, "benchmark", html->analysis->benchmark);
    duet_json_bool(json, "daily", duet_html_is_daily(html));
    if (result->bars + result->ticks > 0) {
        duet_json_int(json, "start", duet_html_seconds(html, result->start_ns, false));
        duet_json_int(json, "end", duet_html_seconds(html, result->end_ns, true));
    } else {
        duet_json_null(json, "start");
        duet_json_null(json, "end");
    }
    duet_json_string(json, "plugin_sha256", result->plugin_sha256);
    duet_json_string(json, "data_sha256", result->data_sha256);
    put_hash(json, "event_hash", result->event_hash);
    put_hash(json, "decision_hash", result->decision_hash);
    duet_json_string(json, "configuration", html->configuration);
    put_pairs(json, "params", result->params, result->param_count);
    put_pairs(json, "settings", result->settings, result->setting_count);
}

static void put_counts(struct duet_json *json, const struct duet_html *html) {
    const struct duet_result *result = html->result;
    const struct duet_portfolio_counts *counts = &result->counts;
    duet_json_open(json, "counts", '{');
    duet_json_uint(json, "bars", result->bars);
    duet_json_uint(json, "ticks", result->ticks);
    duet_json_uint(json, "events", result->events);
    duet_json_uint(json, "orders", counts->orders);
    duet_json_uint(json, "fills", counts->fills);
    duet_json_uint(json, "rejected", counts->rejected);
    duet_json_uint(json, "cancelled", counts->cancelled);
    duet_json_uint(json, "expired", counts->expired);
    duet_json_open(json, "denied", '[');
    for (int reason = 0; reason < DUET_REASON_COUNT; reason++) {
        if (counts->denied[reason] > 0) {
            duet_json_open(json, NULL, '[');
            duet_json_string(json, NULL, duet_reason_name((enum duet_reason)reason));
            duet_json_uint(json, NULL, counts->denied[reason]);
            duet_json_string(json, NULL, duet_reason_text((enum duet_reason)reason));
            duet_json_int(json, NULL, duet_html_seconds(html, counts->first_denied_ns[reason], false));
            duet_json_close(json, ']');
        }
    }
    duet_json_close(json, ']');
    duet_json_close(json, '}');
}

static void put_money_part(struct duet_json *json, const struct duet_result *result) {
    struct duet_text words = {0};
    duet_json_open(json, "money", '{');
    put_money(json, "initial_cash", result->initial_cash);
    put_money(json, "final_cash", result->final_cash);
    put_money(json, "final_equity", result->final_equity);
    put_money(json, "realized", result->realized);
    put_money(json, "unrealized", result->unrealized);
    put_money(json, "commission", result->counts.commission);
    put_money(json, "slippage", result->counts.slippage);
    duet_json_bool(json, "costs_given", result->costs.commission_given || result->costs.slippage_given);
    duet_commission_words(&result->costs, &words);
    duet_json_string(json, "commission_words", words.text);
    duet_text_finish(&words);
    words = (struct duet_text){0};
    duet_slippage_words(&result->costs, &words);
    duet_json_string(json, "slippage_words", words.text);
    duet_text_finish(&words);
    duet_json_close(json, '}');
}

static void put_figures(struct duet_json *json, const struct duet_html *html) {
    static const char *const units[] = {[DUET_UNIT_NUMBER] = "number",
        [DUET_UNIT_FRACTION] = "fraction",
        [DUET_UNIT_MONEY] = "money",
        [DUET_UNIT_COUNT] = "count",
        [DUET_UNIT_SECONDS] = "seconds",
        [DUET_UNIT_TIME] = "time"};
    duet_json_open(json, "figures", '[');
    for (size_t i = 0; i < html->analysis->figure_count; i++) {
        const struct duet_figure *figure = &html->analysis->figures[i];
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "key", figure->key);
        duet_json_string(json, "group", figure->group);
        duet_json_string(json, "label", figure->label);
        duet_json_string(json, "formula", figure->formula != NULL ? figure->formula : "");
        duet_json_string(json, "unit", units[figure->unit]);
        if (figure->stat.na != NULL) {
            duet_json_null(json, "value");
            duet_json_string(json, "why", figure->stat.na);
        } else if (figure->unit == DUET_UNIT_MONEY) {
            put_money(json, "value", figure->money);
        } else if (figure->unit == DUET_UNIT_TIME) {
            duet_json_int(json, "value", duet_html_seconds(html, figure->time_ns, true));
        } else {
            duet_json_double(json, "value", figure->stat.value);
        }
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_instruments(struct duet_json *json, const struct duet_html *html) {
    duet_json_open(json, "instruments", '[');
    for (uint32_t i = 0; i < html->instruments->count; i++) {
        const struct duet_instrument *instrument = &html->instruments->items[i];
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "symbol", instrument->symbol);
        duet_json_uint(json, "decimals", instrument->price_decimals);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_by_instrument(struct duet_json *json, const struct duet_analysis *analysis) {
    duet_json_open(json, "by_instrument", '[');
    for (size_t i = 0; i < analysis->instrument_count; i++) {
        const struct duet_analysis_instrument *one = &analysis->instruments[i];
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "symbol", one->symbol);
        duet_json_uint(json, "trades", one->trades);
        duet_json_uint(json, "won", one->won);
        duet_json_uint(json, "longs", one->longs);
        put_money(json, "net", one->net);
        put_money(json, "net_long", one->net_long);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_positions(struct duet_json *json, const struct duet_result *result) {
    char text[DUET_DECIMAL_TEXT_MAX];
    duet_json_open(json, "positions", '[');
    for (size_t i = 0; i < result->position_count; i++) {
        const struct duet_result_position *position = &result->positions[i];
        struct duet_words words;
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "symbol", position->symbol);
        duet_json_string(json, "quantity", duet_decimal_words(position->quantity, position->quantity_decimals, &words));
        duet_json_rounded(json, "average_price", position->average_price, position->price_decimals + 2);
        duet_json_uint(json, "decimals", position->price_decimals);
        duet_json_string(json, "mark", duet_decimal_format(position->mark, position->price_decimals, text));
        put_money(json, "value", position->value);
        put_money(json, "unrealized", position->unrealized);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_data(struct duet_json *json, const struct duet_result *result) {
    duet_json_open(json, "data", '[');
    for (size_t i = 0; i < result->data_count; i++) {
        const struct duet_result_data *data = &result->data[i];
        struct duet_words words;
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "symbol", data->symbol);
        duet_json_string(json, "path", data->path);
        duet_json_string(json, "dialect", data->dialect);
        duet_json_string(json, "kind", data->kind);
        duet_json_string(json, "interval", data->interval_ns > 0 ? duet_interval_words(data->interval_ns, &words) : "");
        duet_json_uint(json, "rows", data->rows);
        duet_json_uint(json, "skipped", data->skipped);
        duet_json_string(json, "first", data->first);
        duet_json_string(json, "last", data->last);
        duet_json_string(json, "tz", data->tz);
        duet_json_string(json, "stamp", data->stamp);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_notes(struct duet_json *json, const char *name, const struct duet_result_note *notes, size_t count) {
    duet_json_open(json, name, '[');
    for (size_t i = 0; i < count; i++) {
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "code", notes[i].code);
        duet_json_string(json, "text", notes[i].text);
        duet_json_uint(json, "count", notes[i].count);
        duet_json_string(json, "first", notes[i].first);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_all(const struct duet_html *html, FILE *stream) {
    const struct duet_result *result = html->result;
    struct duet_json json = {.stream = stream};
    duet_json_open(&json, NULL, '{');
    put_head(&json, html);
    put_counts(&json, html);
    put_money_part(&json, result);
    put_figures(&json, html);
    put_instruments(&json, html);
    put_by_instrument(&json, html->analysis);
    put_positions(&json, result);
    put_data(&json, result);
    put_notes(&json, "assumptions", result->assumptions, result->assumption_count);
    put_notes(&json, "warnings", result->warnings, result->warning_count);
    duet_html_put_curves(&json, html);
    duet_html_put_trades(&json, html);
    duet_html_put_prices(&json, html);
    duet_json_close(&json, '}');
}

/**
 * JSON into a script element: "<" is what could end it or begin a comment in it, and it occurs in strings only, where
 * its escape means the same. ">" and "&" likewise, for readers that are less exact than a browser.
 */
static void write_escaped(const char *json, size_t size, FILE *stream) {
    size_t from = 0;
    for (size_t i = 0; i < size; i++) {
        if (json[i] == '<' || json[i] == '>' || json[i] == '&') {
            fwrite(json + from, 1, i - from, stream);
            fprintf(stream, "\\u%04x", json[i]);
            from = i + 1;
        }
    }
    fwrite(json + from, 1, size - from, stream);
}

enum duet_status duet_html_print(const struct duet_html *html, FILE *stream) {
    if (duet_html_missing() != NULL) {
        return duet_error(DUET_ENOTFOUND, "%s", duet_html_missing());
    }
    char *json = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&json, &size);
    if (memory == NULL) {
        return duet_error(DUET_EIO, "no memory for the report: %s", strerror(errno));
    }
    put_all(html, memory);
    bool whole = !ferror(memory);
    if (fclose(memory) != 0 || !whole) {
        free(json);
        return duet_error(DUET_EIO, "no memory for the report");
    }
    fwrite(duet_html_head, 1, duet_html_head_size, stream);
    write_escaped(json, size, stream);
    fwrite(duet_html_tail, 1, duet_html_tail_size, stream);
    free(json);
    return ferror(stream) ? duet_error(DUET_EIO, "the report could not be written: %s", strerror(errno)) : DUET_OK;
}
