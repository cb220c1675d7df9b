#include "engine/gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "data/inspect.h"
#include "data/tick_series.h"
#include "net/digest.h"

static void copy_params(const struct duet_gather *gather, struct duet_result *result) {
    const struct duet_strategy_impl *impl = gather->plugin->impl;
    size_t count = duet_plugin_param_count(impl);
    void *state = duet_alloc(1, impl->state_size);
    duet_plugin_set_defaults(impl, state);
    for (size_t i = 0; i < gather->config->param_count; i++) {
        // Checked when the host took them; a failure here cannot happen and would show as a default.
        (void)!duet_plugin_set_param(impl, state, gather->config->params[i].name, gather->config->params[i].value);
    }
    for (size_t i = 0; i < count && i < DUET_RESULT_PARAMS_MAX; i++) {
        struct duet_result_param *param = &result->params[result->param_count++];
        const struct duet_param *declared = duet_plugin_param(impl, i);
        duet_text_copy(param->name, sizeof(param->name), declared->name);
        duet_plugin_get_param(impl, state, i, param->value);
        param->is_number = declared->kind != DUET_PARAM_KIND_BOOL;
    }
    free(state);
}

static enum duet_status copy_positions(const struct duet_gather *gather, struct duet_result *result) {
    const struct duet_instruments *instruments = &gather->cast->instruments;
    result->positions = duet_alloc(instruments->count, sizeof(*result->positions));
    duet_money unrealized = 0;
    for (uint32_t i = 0; i < instruments->count; i++) {
        const struct duet_position_state *state = duet_portfolio_position(gather->conductor->portfolio, i);
        if (state->quantity == 0) {
            continue;
        }
        const struct duet_instrument *instrument = &instruments->items[i];
        struct duet_result_position *position = &result->positions[result->position_count++];
        *position = (struct duet_result_position){.quantity = state->quantity,
            .quantity_decimals = instrument->quantity_decimals,
            .price_decimals = instrument->price_decimals,
            .mark = state->mark,
            .value = state->value,
            .unrealized = state->value - state->cost};
        duet_text_copy(position->symbol, sizeof(position->symbol), instrument->symbol);
        position->average_price = duet_money_to_double(state->cost) /
                                  duet_unscale(state->quantity, instrument->quantity_decimals) /
                                  ((double)instrument->multiplier / 1e6);
        enum duet_status status = duet_money_add(unrealized, position->unrealized, &unrealized);
        if (status != DUET_OK) {
            return status;
        }
    }
    result->unrealized = unrealized;
    return DUET_OK;
}

/** Where a warning was first due: the line of the file, for a gap the time, else nothing. */
static void first_words(const struct duet_series *series, enum duet_data_warning warning, char *out, size_t size) {
    const struct duet_data_info *info = &series->info;
    uint64_t gap;
    out[0] = '\0';
    if (info->warning_line[warning] > 0) {
        snprintf(out, size, "%s:%llu", info->path, (unsigned long long)info->warning_line[warning]);
    } else if (warning == DUET_DATA_GAP && duet_series_first_gap(series, &gap)) {
        char when[DUET_TIME_TEXT_MAX];
        snprintf(out, size, "%s", duet_time_format(duet_series_open_ns(series, gap), when));
    }
}

static void warn_of_data(const struct duet_cast_series *item, struct duet_result *result) {
    const struct duet_data_info *info = &item->series->info;
    for (int i = 0; i < DUET_DATA_WARNING_COUNT; i++) {
        enum duet_data_warning warning = (enum duet_data_warning)i;
        if (info->warnings[i] > 0) {
            char first[DUET_RESULT_FIRST_MAX];
            first_words(item->series, warning, first, sizeof(first));
            duet_result_warn(result, duet_data_warning_code(warning), info->warnings[i], first, "%s: %s", info->symbol,
                duet_data_warning_text(warning));
        }
    }
    if (item->spec->adjust_total) {
        duet_result_warn(result, "adjusted", 1, NULL,
            "%s: adjust=total: dividends are in the prices; levels and unit counts are fictitious", info->symbol);
    } else if (item->spec->adjust_split) {
        duet_result_warn(result, "adjusted", 1, NULL,
            "%s: adjust=split: prices are scaled by later splits; levels and unit counts are fictitious, dividends are "
            "not included",
            info->symbol);
    } else if (info->adjusted_differs) {
        duet_result_warn(result, "unadjusted", 1, NULL,
            "%s: adjusted close differs from close: prices are used as they stand, dividends are not included "
            "(adjust=total includes them)",
            info->symbol);
    }
}

static void copy_data(const struct duet_gather *gather, struct duet_result *result) {
    const struct duet_cast *cast = gather->cast;
    result->data = duet_alloc(cast->count, sizeof(*result->data));
    for (size_t i = 0; i < cast->count; i++) {
        const struct duet_data_info *info = &cast->items[i].series->info;
        struct duet_result_data *data = &result->data[result->data_count++];
        duet_text_copy(data->symbol, sizeof(data->symbol), cast->items[i].spec->symbol);
        duet_text_copy(data->path, sizeof(data->path), info->path);
        duet_text_copy(data->dialect, sizeof(data->dialect), info->dialect);
        duet_text_copy(data->tz, sizeof(data->tz), info->tz);
        if (info->kind == DUET_KIND_BARS) {
            duet_text_copy(data->stamp, sizeof(data->stamp), info->stamp == DUET_STAMP_CLOSE ? "close" : "open");
        }
        duet_text_copy(data->kind, sizeof(data->kind), duet_data_kind_text(info->kind));
        duet_text_copy(data->first, sizeof(data->first), info->first);
        duet_text_copy(data->last, sizeof(data->last), info->last);
        data->interval_ns = info->interval_ns;
        data->rows = info->rows;
        data->skipped = info->skipped;
        warn_of_data(&cast->items[i], result);
        if (info->tz_assumed) {
            duet_result_assume(result, "tz", "%s: labels carry no zone and are taken as %s", data->symbol, info->tz);
        }
        if (info->stamp == DUET_STAMP_CLOSE && cast->items[i].spec->stamp == DUET_STAMP_UNSET) {
            duet_result_assume(result, "stamp", "%s: the form %s labels a bar at its end; stamp=open says otherwise",
                data->symbol, info->dialect);
        }
    }
}

/** A position whose prices stopped before the run did is worth what its last price says, and nobody may overlook that.
 */
static void warn_of_stale_positions(const struct duet_gather *gather, struct duet_result *result) {
    const struct duet_conductor *conductor = gather->conductor;
    for (uint32_t i = 0; i < conductor->player_count; i++) {
        const struct duet_player *player = &conductor->players[i];
        const struct duet_position_state *state = duet_portfolio_position(conductor->portfolio, player->instrument);
        if (!player->executes || state->quantity == 0 || player->end == 0) {
            continue;
        }
        int64_t last_ns = duet_series_known_ns(player->series, player->end - 1);
        // Ticks come when they come: an hour without one is long enough to say so.
        int64_t patience_ns = player->is_ticks ? DUET_HOUR_NS : player->series->interval_ns;
        if (last_ns + patience_ns < conductor->last_ns) {
            char when[DUET_TIME_TEXT_MAX];
            duet_result_warn(result, "ended_early", 1, duet_time_format(last_ns, when),
                "%s is held past the end of its data", player->series->info.symbol);
        }
    }
}

/** Saturday in over half of the weeks: a market that never closes, so a year has 365 of its days. */
static bool trades_on_weekends(const struct duet_curve *curve) {
    uint64_t saturdays = 0;
    for (uint64_t i = 0; i < curve->day_count; i++) {
        saturdays += duet_weekday(duet_curve_day(curve, i).day) == 6;
    }
    if (curve->day_count == 0) {
        return false;
    }
    int64_t days = duet_curve_day(curve, curve->day_count - 1).day - duet_curve_day(curve, 0).day + 1;
    return saturdays * 14 > (uint64_t)days;
}

static enum duet_status digest(const struct duet_gather *gather, struct duet_result *result) {
    struct duet_digest digest;
    enum duet_status status = DUET_OK;
    duet_digest_init(&digest);
    for (size_t i = 0; status == DUET_OK && i < gather->cast->count; i++) {
        struct duet_series *series = gather->cast->items[i].series;
        status = duet_series_digest(series);
        if (status == DUET_OK) {
            duet_digest_update(&digest, series->info.digest, strlen(series->info.digest));
        }
    }
    // One series: the digest of its file, so that sha256sum agrees; several: of their digests in the run's order.
    (void)duet_digest_final(&digest, result->data_sha256);
    if (status == DUET_OK && gather->cast->count == 1) {
        duet_text_copy(result->data_sha256, sizeof(result->data_sha256), gather->cast->items[0].series->info.digest);
    }
    return status;
}

static void copy_holder(const struct duet_gather *gather, struct duet_result *result) {
    const struct duet_holder *holder = gather->conductor->holder;
    bool holds = false;
    for (uint32_t i = 0; i < holder->instruments->count; i++) {
        holds |= holder->holdings[i].quantity > 0;
    }
    duet_money equity;
    if (holds && duet_holder_equity(holder, &equity) == DUET_OK) {
        result->buy_and_hold.available = true;
        result->buy_and_hold.final_equity = equity;
        result->buy_and_hold.commission = holder->commission;
        result->buy_and_hold.total_return =
            duet_money_to_double(equity) / duet_money_to_double(gather->config->cash) - 1;
        result->buy_and_hold.max_drawdown = holder->worst;
    }
}

/** A strategy of bars over ticks alone is never called, and its result says nothing. */
static void warn_of_silence(const struct duet_gather *gather, struct duet_result *result) {
    const struct duet_strategy_impl *impl = gather->plugin->impl;
    const struct duet_made *made = gather->conductor->made;
    bool has_bars = result->bars > 0 || (made != NULL && made->count > 0);
    if (result->ticks > 0 && !has_bars && impl->on_trade == NULL && impl->on_quote == NULL) {
        duet_result_warn(result, "not_heard", result->ticks, NULL,
            "%s listens to bars, and the run has trades and quotes only; give it bars as well", result->strategy);
    }
}

/** Where the strategy decides on other bars than those that fill its orders, that is said. */
static void assume_bars(const struct duet_gather *gather, struct duet_result *result) {
    const struct duet_made *made = gather->conductor->made;
    for (uint32_t i = 0; made != NULL && i < made->count; i++) {
        const struct duet_made_series *item = made->items[i];
        const struct duet_player *of = &gather->conductor->players[item->source];
        const struct duet_player *fills = &gather->conductor->players[gather->conductor->executing[of->instrument]];
        char bars[DUET_BARS_TEXT_MAX], source[DUET_BARS_TEXT_MAX], meets[DUET_BARS_TEXT_MAX];
        if (item->host.primary) {
            duet_result_assume(result, "bars",
                "%s: the strategy gets bars of %s, made of those of %s; orders meet those of %s",
                gather->conductor->instruments->items[of->instrument].symbol,
                duet_bars_format(item->host.interval_ns, bars), duet_bars_format(of->series->interval_ns, source),
                duet_bars_format(fills->series->interval_ns, meets));
        }
    }
}

static void assume(const struct duet_gather *gather, struct duet_result *result) {
    const struct duet_config *config = gather->config;
    if (config->tz == NULL) {
        duet_result_assume(result, "days", "days run from midnight to midnight UTC");
    }
    if (!config->costs.commission_given && !config->costs.slippage_given) {
        duet_result_assume(result, "costs", "no costs: neither commission nor slippage was given");
    }
}

/** What decides and is not at its default. */
static void copy_settings(const struct duet_config *config, struct duet_result *result) {
    struct duet_config plain;
    const struct duet_config_key *key;
    duet_config_init(&plain);
    for (size_t i = 0; (key = duet_config_key(i)) != NULL; i++) {
        char text[DUET_DECIMAL_TEXT_MAX], plain_text[DUET_DECIMAL_TEXT_MAX];
        const char *value = duet_config_text(config, i, text), *usual = duet_config_text(&plain, i, plain_text);
        bool changed = value != NULL && (usual == NULL || strcmp(value, usual) != 0);
        if (changed && duet_config_decides(i) && strcmp(key->name, "strategy") != 0 &&
            result->setting_count < DUET_RESULT_PARAMS_MAX) {
            struct duet_result_param *setting = &result->settings[result->setting_count++];
            duet_text_copy(setting->name, sizeof(setting->name), key->name);
            duet_text_copy(setting->value, sizeof(setting->value), value);
        }
    }
    duet_config_finish(&plain);
    if (config->environment != NULL) {
        duet_result_assume(result, "environment", "set by the environment: %s", config->environment);
    }
}

enum duet_status duet_gather_result(const struct duet_gather *gather, struct duet_result *result) {
    const struct duet_config *config = gather->config;
    const struct duet_conductor *conductor = gather->conductor;
    const struct duet_portfolio *portfolio = conductor->portfolio;
    struct duet_bus_counts counts;
    duet_bus_get_counts(conductor->bus, &counts);
    duet_portfolio_get_counts(portfolio, &result->counts);
    duet_text_copy(result->mode, sizeof(result->mode), "backtest");
    duet_text_copy(result->status, sizeof(result->status), duet_portfolio_is_ruined(portfolio) ? "RUINED" : "OK");
    duet_text_copy(result->strategy, sizeof(result->strategy), gather->plugin->name);
    duet_text_copy(result->currency, sizeof(result->currency), gather->cast->instruments.items[0].currency);
    duet_text_copy(result->fill_profile, sizeof(result->fill_profile), config->fill_profile);
    duet_text_copy(result->statistics, sizeof(result->statistics), config->statistics);
    duet_text_copy(result->plugin_sha256, sizeof(result->plugin_sha256), gather->plugin->sha256);
    result->start_ns = INT64_MAX;
    for (uint32_t i = 0; i < conductor->player_count; i++) {
        const struct duet_player *player = &conductor->players[i];
        uint64_t first = duet_series_find(player->series, config->from_ns);
        if (first < player->end && duet_series_begin_ns(player->series, first) < result->start_ns) {
            result->start_ns = duet_series_begin_ns(player->series, first);
        }
    }
    result->end_ns = conductor->last_ns;
    result->bars = conductor->bars;
    result->ticks = conductor->ticks;
    result->events = counts.inputs + counts.derived;
    result->initial_cash = config->cash;
    result->final_cash = duet_portfolio_cash(portfolio);
    result->final_equity = duet_portfolio_equity(portfolio);
    result->realized = result->counts.realized;
    result->costs = config->costs;
    result->event_hash = duet_bus_event_hash(conductor->bus);
    result->decision_hash = result->counts.decision_hash;
    result->curve = conductor->curve;
    result->trades = gather->trades;
    result->weekend_bars = trades_on_weekends(conductor->curve);
    copy_params(gather, result);
    copy_settings(config, result);
    copy_data(gather, result);
    copy_holder(gather, result);
    assume_bars(gather, result);
    assume(gather, result);
    warn_of_silence(gather, result);
    warn_of_stale_positions(gather, result);
    enum duet_status status = copy_positions(gather, result);
    if (status == DUET_OK && !duet_portfolio_ledger_balances(portfolio)) {
        status = duet_error(
            DUET_ESTATE, "the ledger does not balance; this is a fault of the program, the result is withheld");
    }
    return status == DUET_OK && gather->digests ? digest(gather, result) : status;
}
