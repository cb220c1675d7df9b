/* The strategy as the control interface shows it: parameters in effect, warmth, targets against what is held. */
#include "engine/live/control_private.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "data/series.h"
#include "engine/host.h"

static void put_params(struct duet_json *json, const struct duet_live *live) {
    const struct duet_strategy_impl *impl = live->plugin->impl;
    void *state = duet_alloc(1, impl->state_size > 0 ? impl->state_size : 1);
    duet_plugin_set_defaults(impl, state);
    for (size_t i = 0; i < live->config->param_count; i++) {
        const struct duet_config_param *param = &live->config->params[i];
        if (duet_plugin_set_param(impl, state, param->name, param->value) != DUET_OK) {
            break; // the session would not have begun
        }
    }
    duet_json_open(json, "params", '{');
    for (size_t i = 0; i < duet_plugin_param_count(impl); i++) {
        char value[48];
        duet_plugin_get_param(impl, state, i, value);
        if (duet_plugin_param(impl, i)->kind == DUET_PARAM_KIND_BOOL) {
            duet_json_raw(json, duet_plugin_param(impl, i)->name, value);
        } else {
            duet_json_number_text(json, duet_plugin_param(impl, i)->name, value);
        }
    }
    duet_json_close(json, '}');
    free(state);
}

static void put_series(struct duet_json *json, const struct duet_live *live, const struct duet_core *core) {
    duet_json_open(json, "series", '[');
    for (uint32_t i = 0; i < live->series_count; i++) {
        const struct duet_core_series *series = &live->series[i];
        int64_t left = duet_core_warm_up_left(core, i);
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "symbol", duet_core_instruments(core)->items[series->instrument].symbol);
        control_put_seconds(json, "interval_s", series->interval_ns);
        duet_json_bool(json, "primary", series->primary);
        duet_json_bool(json, "executes", series->executes);
        duet_json_int(json, "warm_up_left", left);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void put_targets(struct duet_json *json, const struct duet_core *core) {
    const struct duet_instruments *instruments = duet_core_instruments(core);
    duet_json_open(json, "targets", '[');
    for (uint32_t i = 0; i < instruments->count; i++) {
        double target = duet_core_target(core, i);
        if (isnan(target)) {
            continue;
        }
        const struct duet_position_state *held = duet_portfolio_position(duet_core_portfolio(core), i);
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "symbol", instruments->items[i].symbol);
        duet_json_double(json, "target", target);
        control_put_scaled(json, "held", held->quantity, instruments->items[i].quantity_decimals);
        control_put_scaled(json, "working", duet_portfolio_working(duet_core_portfolio(core), i),
            instruments->items[i].quantity_decimals);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

void control_handle_strategies(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    const struct duet_live *live = control->live;
    const struct duet_core *core = duet_session_core(live->session);
    bool warm = true;
    for (uint32_t i = 0; i < live->series_count; i++) {
        warm = warm && duet_core_warm_up_left(core, i) <= 0;
    }
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    duet_json_open(json, "strategies", '[');
    duet_json_open(json, NULL, '{');
    duet_json_string(json, "name", live->plugin->name);
    duet_json_string(json, "plugin_sha256", live->plugin->sha256);
    put_params(json, live);
    duet_json_bool(json, "warm", warm);
    put_series(json, live, core);
    put_targets(json, core);
    duet_json_close(json, '}');
    duet_json_close(json, ']');
    duet_json_uint(json, "count", 1);
    control_answer_send(&answer, request, 200);
}
