#include "report/json.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/json.h"
#include "base/money.h"
#include "base/time.h"
#include "report/stats.h"

/** The object under way, and why the nulls in it are null. */
struct printer {
    struct duet_json json;
    struct {
        const char *key, *reason;
    } na[48];
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

static void put_money_or_na(struct printer *printer, const char *key, duet_money money, const char *na) {
    if (na != NULL) {
        put_na(printer, key, na);
    } else {
        put_money(printer, key, money);
    }
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
    const char *no_time = result->bars == 0 ? "no bars" : NULL;
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

static void put_money_part(struct printer *printer, const struct duet_result *result, const struct duet_stats *stats) {
    struct duet_json *json = &printer->json;
    put_money(printer, "initial_cash", result->initial_cash);
    put_money(printer, "final_cash", result->final_cash);
    put_money(printer, "final_equity", result->final_equity);
    duet_json_open(json, "costs", '{');
    put_money(printer, "commission", result->counts.commission);
    put_money(printer, "slippage", result->counts.slippage);
    put_stat(printer, "break_even_bps", stats->break_even_bps);
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
    put_hash(printer, "event_hash", result->event_hash);
    put_hash(printer, "decision_hash", result->decision_hash);
}

static void put_drawdown(struct printer *printer, const struct duet_stats *stats) {
    const char *none = stats->max_drawdown.na;
    const char *no_dip = none != NULL ? none : stats->max_drawdown.value > 0 ? NULL : "no drawdown";
    const char *not_yet = no_dip != NULL ? no_dip : stats->max_drawdown_recovered_ns != 0 ? NULL : "not yet recovered";
    put_stat(printer, "max_drawdown", stats->max_drawdown);
    put_money_or_na(printer, "max_drawdown_amount", stats->max_drawdown_amount, none);
    put_time_or_na(printer, "max_drawdown_start", stats->max_drawdown_start_ns, no_dip);
    put_time_or_na(printer, "max_drawdown_end", stats->max_drawdown_end_ns, no_dip);
    put_time_or_na(printer, "max_drawdown_recovered", stats->max_drawdown_recovered_ns, not_yet);
    put_stat(printer, "longest_drawdown_s", stats->longest_drawdown_s);
}

static void put_trades(struct printer *printer, const struct duet_stats *stats) {
    struct duet_json *json = &printer->json;
    const struct duet_trades_totals *trades = &stats->trades;
    duet_json_uint(json, "trades", trades->count);
    duet_json_uint(json, "trades_won", trades->won);
    duet_json_uint(json, "trades_lost", trades->lost);
    duet_json_uint(json, "trades_at_end", trades->at_end);
    duet_json_uint(json, "trades_long", trades->long_count);
    duet_json_uint(json, "trades_short", trades->count - trades->long_count);
    put_stat(printer, "win_rate", stats->win_rate);
    put_stat(printer, "profit_factor", stats->profit_factor);
    put_money_or_na(printer, "expectancy", stats->expectancy, stats->expectancy_na);
    put_money_or_na(printer, "average_win", stats->average_win, stats->average_win_na);
    put_money_or_na(printer, "average_loss", stats->average_loss, stats->average_loss_na);
    put_stat(printer, "average_trade", stats->average_trade);
    put_stat(printer, "best_trade", stats->best_trade);
    put_stat(printer, "worst_trade", stats->worst_trade);
    put_stat(printer, "average_holding_s", stats->average_holding_s);
    duet_json_uint(json, "longest_won_streak", trades->longest_won_streak);
    duet_json_uint(json, "longest_lost_streak", trades->longest_lost_streak);
    put_stat(printer, "sqn", stats->sqn);
}

static void put_stats(struct printer *printer, const struct duet_stats *stats) {
    struct duet_json *json = &printer->json;
    duet_json_open(json, "stats", '{');
    duet_json_string(json, "convention", DUET_STATS_CONVENTION);
    duet_json_open(json, "annualisation", '{');
    duet_json_double(json, "periods", stats->periods);
    duet_json_string(json, "why", stats->periods_why);
    duet_json_close(json, '}');
    put_stat(printer, "total_return", stats->total_return);
    put_stat(printer, "annual_return", stats->annual_return);
    put_stat(printer, "cagr", stats->cagr);
    put_stat(printer, "volatility", stats->volatility);
    put_stat(printer, "sharpe", stats->sharpe);
    put_stat(printer, "sharpe_se", stats->sharpe_se);
    put_stat(printer, "sortino", stats->sortino);
    put_stat(printer, "calmar", stats->calmar);
    put_drawdown(printer, stats);
    duet_json_uint(json, "daily_returns", stats->daily_returns);
    put_stat(printer, "best_day", stats->best_day);
    put_stat(printer, "worst_day", stats->worst_day);
    put_stat(printer, "winning_days", stats->winning_days);
    put_stat(printer, "exposure", stats->exposure);
    put_stat(printer, "average_gross_leverage", stats->average_gross_leverage);
    put_trades(printer, stats);
    duet_json_close(json, '}');
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
        duet_json_string(json, "dialect", data->dialect);
        duet_json_double(json, "interval_s", (double)data->interval_ns / 1e9);
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

enum duet_status duet_result_print_json(const struct duet_result *result, FILE *stream) {
    struct printer printer = {.json.stream = stream};
    struct duet_json *json = &printer.json;
    struct duet_stats stats;
    duet_stats_compute(result, &stats);

    duet_json_open(json, NULL, '{');
    put_head(&printer, result);
    put_counts(&printer, result);
    put_money_part(&printer, result, &stats);
    put_stats(&printer, &stats);
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
    putc('\n', stream);
    if (fflush(stream) != 0 || ferror(stream)) {
        return duet_error(DUET_EIO, "the JSON result could not be written: is the disk full or the pipe closed?");
    }
    return DUET_OK;
}
