#include "report/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/money.h"
#include "base/time.h"
#include "report/analysis.h"

/** More nulls than any convention has figures. */
#define DUET_NA_MAX 256

/** The object under way, and why the nulls in it are null. */
struct printer {
    struct duet_json json;
    struct {
        const char *key, *reason;
    } na[DUET_NA_MAX];
    size_t na_count;
};

static void put_na(struct printer *printer, const char *key, const char *reason) {
    duet_json_null(&printer->json, key);
    if (printer->na_count < sizeof(printer->na) / sizeof(printer->na[0])) {
        printer->na[printer->na_count].key = key;
        printer->na[printer->na_count++].reason = reason;
    }
}

static void put_stat(struct printer *printer, const char *key, struct duet_stat stat) {
    if (stat.na != NULL) {
        put_na(printer, key, stat.na);
    } else {
        duet_json_double(&printer->json, key, stat.value);
    }
}

static void put_money(struct printer *printer, const char *key, duet_money money) {
    char text[DUET_DECIMAL_TEXT_MAX];
    duet_json_string(&printer->json, key, duet_money_format(money, 0, text));
}

static void put_time_or_na(struct printer *printer, const char *key, int64_t ns, const char *na) {
    char text[DUET_TIME_TEXT_MAX];
    if (na != NULL) {
        put_na(printer, key, na);
    } else {
        duet_json_string(&printer->json, key, duet_time_format_iso(ns, text));
    }
}

static void put_text_or_na(struct printer *printer, const char *key, const char *text, const char *na) {
    if (text[0] == '\0') {
        put_na(printer, key, na);
    } else {
        duet_json_string(&printer->json, key, text);
    }
}

static void put_hash(struct printer *printer, const char *key, uint64_t hash) {
    char text[17];
    snprintf(text, sizeof(text), "%016" PRIx64, hash);
    duet_json_string(&printer->json, key, text);
}

/** Exact, without trailing zeros: 100 rather than 100.00. */
static void put_decimal(struct printer *printer, const char *key, int64_t value, unsigned decimals) {
    char text[DUET_DECIMAL_TEXT_MAX];
    for (; decimals > 0 && value % 10 == 0; decimals--) {
        value /= 10;
    }
    duet_json_string(&printer->json, key, duet_decimal_format(value, decimals, text));
}

static void put_head(struct printer *printer, const struct duet_result *result) {
    struct duet_json *json = &printer->json;
    const char *no_time = result->bars + result->ticks == 0 ? "no bars" : NULL;
    duet_json_uint(json, "schema", DUET_RESULT_SCHEMA);
    duet_json_string(json, "mode", result->mode);
    duet_json_string(json, "version", DUET_VERSION);
    duet_json_string(json, "status", result->status);
    duet_json_string(json, "strategy", result->strategy);
    duet_json_open(json, "params", '{');
    for (size_t i = 0; i < result->param_count; i++) {
        const struct duet_result_param *param = &result->params[i];
        if (param->is_number) {
            duet_json_number_text(json, param->name, param->value);
        } else {
            duet_json_string(json, param->name, param->value);
        }
    }
    duet_json_close(json, '}');
    duet_json_open(json, "settings", '{');
    for (size_t i = 0; i < result->setting_count; i++) {
        duet_json_string(json, result->settings[i].name, result->settings[i].value);
    }
    duet_json_close(json, '}');
    put_text_or_na(printer, "plugin_sha256", result->plugin_sha256, "built in");
    put_text_or_na(printer, "data_sha256", result->data_sha256, "not computed");
    duet_json_string(json, "currency", result->currency);
    duet_json_string(json, "fill_profile", result->fill_profile);
    put_time_or_na(printer, "start", result->start_ns, no_time);
    put_time_or_na(printer, "end", result->end_ns, no_time);
}

static void put_counts(struct printer *printer, const struct duet_result *result) {
    struct duet_json *json = &printer->json;
    const struct duet_portfolio_counts *counts = &result->counts;
    duet_json_uint(json, "bars", result->bars);
    duet_json_uint(json, "ticks", result->ticks);
    duet_json_uint(json, "events", result->events);
    duet_json_uint(json, "orders", counts->orders);
    duet_json_uint(json, "fills", counts->fills);
    duet_json_open(json, "denied", '{');
    for (int reason = 0; reason < DUET_REASON_COUNT; reason++) {
        if (counts->denied[reason] > 0) {
            duet_json_uint(json, duet_reason_name((enum duet_reason)reason), counts->denied[reason]);
        }
    }
    duet_json_close(json, '}');
    duet_json_uint(json, "rejected", counts->rejected);
    duet_json_uint(json, "cancelled", counts->cancelled);
    duet_json_uint(json, "expired", counts->expired);
}

static void put_positions(struct printer *printer, const struct duet_result *result) {
    struct duet_json *json = &printer->json;
    duet_json_open(json, "open_positions", '[');
    for (size_t i = 0; i < result->position_count; i++) {
        const struct duet_result_position *position = &result->positions[i];
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "symbol", position->symbol);
        put_decimal(printer, "quantity", position->quantity, position->quantity_decimals);
        duet_json_double(json, "average_price", position->average_price);
        put_decimal(printer, "mark", position->mark, position->price_decimals);
        put_money(printer, "value", position->value);
        put_money(printer, "unrealized_pnl", position->unrealized);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_money_part(
    struct printer *printer, const struct duet_result *result, const struct duet_analysis *analysis) {
    struct duet_json *json = &printer->json;
    put_money(printer, "initial_cash", result->initial_cash);
    put_money(printer, "final_cash", result->final_cash);
    put_money(printer, "final_equity", result->final_equity);
    duet_json_open(json, "costs", '{');
    put_money(printer, "commission", result->counts.commission);
    put_money(printer, "slippage", result->counts.slippage);
    put_stat(printer, "break_even_bps", analysis->stats.break_even_bps);
    duet_json_close(json, '}');
    put_money(printer, "realized_pnl", result->realized);
    put_money(printer, "unrealized_pnl", result->unrealized);
    put_positions(printer, result);
    if (result->buy_and_hold.available) {
        duet_json_open(json, "buy_and_hold", '{');
        put_money(printer, "final_equity", result->buy_and_hold.final_equity);
        put_money(printer, "commission", result->buy_and_hold.commission);
        duet_json_double(json, "total_return", result->buy_and_hold.total_return);
        duet_json_double(json, "max_drawdown", result->buy_and_hold.max_drawdown);
        duet_json_close(json, '}');
    } else {
        put_na(printer, "buy_and_hold", "no lot that the cash could pay for");
    }
    put_text_or_na(printer, "benchmark", analysis->benchmark, "no benchmark");
    put_hash(printer, "event_hash", result->event_hash);
    put_hash(printer, "decision_hash", result->decision_hash);
}

/** One row of the table of figures. */
static void put_figure(struct printer *printer, const struct duet_figure *figure) {
    struct duet_json *json = &printer->json;
    if (figure->stat.na != NULL) {
        put_na(printer, figure->key, figure->stat.na);
        return;
    }
    switch (figure->unit) {
    case DUET_UNIT_MONEY:
        put_money(printer, figure->key, figure->money);
        break;
    case DUET_UNIT_TIME:
        put_time_or_na(printer, figure->key, figure->time_ns, NULL);
        break;
    case DUET_UNIT_COUNT:
        duet_json_int(json, figure->key, (int64_t)figure->stat.value);
        break;
    case DUET_UNIT_NUMBER:
    case DUET_UNIT_FRACTION:
    case DUET_UNIT_SECONDS:
        duet_json_double(json, figure->key, figure->stat.value);
        break;
    }
}

static void put_stats(struct printer *printer, const struct duet_analysis *analysis) {
    struct duet_json *json = &printer->json;
    duet_json_open(json, "stats", '{');
    duet_json_string(json, "convention", analysis->convention);
    if (strcmp(analysis->convention, DUET_STATS_CONVENTION) == 0) {
        duet_json_open(json, "annualisation", '{');
        duet_json_double(json, "periods", analysis->stats.periods);
        duet_json_string(json, "why", analysis->stats.periods_why);
        duet_json_close(json, '}');
    }
    for (size_t i = 0; i < analysis->figure_count; i++) {
        if (strcmp(analysis->figures[i].group, DUET_GROUP_COSTS) != 0) { // those have an object of their own
            put_figure(printer, &analysis->figures[i]);
        }
    }
    duet_json_close(json, '}');
}

/** What is not defined is left out: a month without a benchmark says nothing about it. */
static void put_periods(
    struct printer *printer, const char *name, const struct duet_analysis_period *periods, size_t count) {
    struct duet_json *json = &printer->json;
    duet_json_open(json, name, '[');
    for (size_t i = 0; i < count; i++) {
        duet_json_open(json, NULL, '{');
        duet_json_int(json, "year", periods[i].year);
        if (periods[i].month != 0) {
            duet_json_int(json, "month", periods[i].month);
        }
        if (!isnan(periods[i].change)) {
            duet_json_double(json, "change", periods[i].change);
        }
        if (!isnan(periods[i].benchmark_change)) {
            duet_json_double(json, "benchmark_change", periods[i].benchmark_change);
        }
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_drawdowns(struct printer *printer, const struct duet_analysis *analysis) {
    struct duet_json *json = &printer->json;
    duet_json_open(json, "drawdowns", '[');
    for (size_t i = 0; i < analysis->drawdown_count; i++) {
        const struct duet_analysis_drawdown *drawdown = &analysis->drawdowns[i];
        const char *not_yet = drawdown->end_ns != 0 ? NULL : "not yet recovered";
        duet_json_open(json, NULL, '{');
        duet_json_double(json, "depth", drawdown->depth);
        put_time_or_na(printer, "from", drawdown->start_ns, NULL);
        put_time_or_na(printer, "trough", drawdown->trough_ns, NULL);
        put_time_or_na(printer, "recovered", drawdown->end_ns, not_yet);
        duet_json_double(json, "to_trough_s", (double)(drawdown->trough_ns - drawdown->start_ns) / 1e9);
        if (not_yet == NULL) {
            duet_json_double(json, "length_s", (double)(drawdown->end_ns - drawdown->start_ns) / 1e9);
        }
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_instruments(struct printer *printer, const struct duet_analysis *analysis) {
    struct duet_json *json = &printer->json;
    duet_json_open(json, "instruments", '[');
    for (size_t i = 0; i < analysis->instrument_count; i++) {
        const struct duet_analysis_instrument *item = &analysis->instruments[i];
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "symbol", item->symbol);
        duet_json_uint(json, "trades", item->trades);
        duet_json_uint(json, "trades_won", item->won);
        duet_json_uint(json, "trades_long", item->longs);
        put_money(printer, "net", item->net);
        put_money(printer, "net_long", item->net_long);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_notes(struct printer *printer, const struct duet_result *result) {
    struct duet_json *json = &printer->json;
    duet_json_open(json, "na", '{');
    for (size_t i = 0; i < printer->na_count; i++) {
        duet_json_string(json, printer->na[i].key, printer->na[i].reason);
    }
    duet_json_close(json, '}');
    duet_json_open(json, "assumptions", '[');
    for (size_t i = 0; i < result->assumption_count; i++) {
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "code", result->assumptions[i].code);
        duet_json_string(json, "text", result->assumptions[i].text);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
    duet_json_open(json, "warnings", '[');
    for (size_t i = 0; i < result->warning_count; i++) {
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "code", result->warnings[i].code);
        duet_json_uint(json, "count", result->warnings[i].count);
        duet_json_string(json, "first", result->warnings[i].first);
        duet_json_string(json, "text", result->warnings[i].text);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_data(struct printer *printer, const struct duet_result *result) {
    struct duet_json *json = &printer->json;
    duet_json_open(json, "data", '[');
    for (size_t i = 0; i < result->data_count; i++) {
        const struct duet_result_data *data = &result->data[i];
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "symbol", data->symbol);
        duet_json_string(json, "path", data->path);
        duet_json_string(json, "kind", data->kind);
        duet_json_string(json, "dialect", data->dialect);
        if (data->interval_ns > 0) {
            duet_json_double(json, "interval_s", (double)data->interval_ns / 1e9);
        } else {
            duet_json_null(json, "interval_s"); // trades and quotes have none, and no stamp
        }
        duet_json_uint(json, "rows", data->rows);
        duet_json_uint(json, "skipped", data->skipped);
        duet_json_string(json, "first", data->first);
        duet_json_string(json, "last", data->last);
        duet_json_string(json, "tz", data->tz);
        if (data->stamp[0] != '\0') {
            duet_json_string(json, "stamp", data->stamp);
        } else {
            duet_json_null(json, "stamp");
        }
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

enum duet_status duet_result_print_json(const struct duet_result *result, FILE *stream) {
    struct printer printer = {.json.stream = stream};
    struct duet_json *json = &printer.json;
    struct duet_analysis analysis;
    enum duet_status status = duet_analysis_compute(result, NULL, &analysis);
    if (status != DUET_OK) {
        return status;
    }

    duet_json_open(json, NULL, '{');
    put_head(&printer, result);
    put_counts(&printer, result);
    put_money_part(&printer, result, &analysis);
    put_stats(&printer, &analysis);
    put_periods(&printer, "months", analysis.months, analysis.month_count);
    put_periods(&printer, "years", analysis.years, analysis.year_count);
    put_drawdowns(&printer, &analysis);
    put_instruments(&printer, &analysis);
    put_notes(&printer, result);
    put_data(&printer, result);
    if (result->decisions != NULL) {
        duet_decisions_put(result->decisions, json, "decisions");
    }
    duet_json_open(json, "timing", '{');
    duet_json_double(json, "load_s", result->load_s);
    duet_json_double(json, "run_s", result->run_s);
    duet_json_double(json, "total_s", result->total_s);
    duet_json_close(json, '}');
    duet_json_close(json, '}');
    duet_analysis_finish(&analysis);
    putc('\n', stream);
    if (fflush(stream) != 0 || ferror(stream)) {
        return duet_error(DUET_EIO, "the JSON result could not be written: is the disk full or the pipe closed?");
    }
    return DUET_OK;
}
