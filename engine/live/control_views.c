/* What the control interface shows of session, account and daemon. Reads only. */
#include "engine/live/control_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/money.h"
#include "base/text.h"
#include "data/series.h"
#include "engine/live/alerts.h"
#include "engine/live/feed_file.h"
#include "engine/live/gateway.h"

static struct duet_core *core_of(const struct duet_control *control) {
    return duet_session_core(control->live->session);
}

static void put_trading(struct duet_json *json, const struct duet_core *core) {
    duet_json_string(json, "trading", duet_trading_name(duet_core_trading(core)));
    control_put_text_or_null(json, "trading_reason", duet_core_trading_reason(core));
}

static void put_feed(struct duet_json *json, const struct duet_live *live, const struct duet_health_facts *facts) {
    struct duet_feed_file_progress progress = {0};
    enum duet_status failure = DUET_OK;
    bool over = false;
    if (live->feed_file != NULL) {
        duet_feed_file_get_progress(live->feed_file, &progress);
        over = !live->live->feed_gateway && duet_feed_file_is_over(live->feed_file, &failure);
    }
    duet_json_open(json, "feed", '{');
    duet_json_string(json, "kind", live->live->feed_gateway ? "gateway" : "file");
    duet_json_bool(json, "over", over);
    duet_json_bool(json, "stale", facts->feed_stale);
    duet_json_uint(json, "file_bars", progress.bars);
    duet_json_uint(json, "file_bars_total", progress.bars_total);
    control_put_time_or_null(json, "last_instant", duet_session_last_instant_ns(live->session));
    if (facts->feed_age_ns == INT64_MAX) {
        duet_json_null(json, "age_s");
    } else {
        control_put_seconds(json, "age_s", facts->feed_age_ns);
    }
    duet_json_close(json, '}');
}

static void put_gateway(struct duet_json *json, const struct duet_live *live) {
    if (live->gateway == NULL) {
        duet_json_null(json, "gateway");
        return;
    }
    struct duet_gateway_status status;
    duet_gateway_get_status(live->gateway, &status);
    duet_json_open(json, "gateway", '{');
    duet_json_bool(json, "up", status.up);
    duet_json_bool(json, "reconciled", status.reconciled);
    duet_json_uint(json, "epoch", status.epoch);
    duet_json_uint(json, "reconnects", status.reconnects);
    duet_json_uint(json, "messages", status.messages);
    duet_json_uint(json, "ignored", status.ignored);
    duet_json_uint(json, "late_bars", status.late_bars);
    duet_json_uint(json, "missed_bars", status.missed_bars);
    duet_json_uint(json, "feed_sequence", status.feed_sequence);
    control_put_time_or_null(json, "last_message", status.last_message_ns);
    control_put_text_or_null(json, "error", status.error);
    duet_json_close(json, '}');
}

static bool count_working(void *argument, const struct duet_order *order) {
    uint64_t *count = argument;
    *count += order->status != DUET_ORDER_DENIED && order->status != DUET_ORDER_REJECTED &&
              order->status != DUET_ORDER_FILLED && order->status != DUET_ORDER_CANCELLED &&
              order->status != DUET_ORDER_EXPIRED;
    return true;
}

static void put_books(struct duet_json *json, const struct duet_core *core) {
    const struct duet_portfolio *portfolio = duet_core_portfolio(core);
    uint64_t working = 0, open = 0;
    duet_core_each_order(core, count_working, &working);
    for (uint32_t i = 0; i < duet_core_instruments(core)->count; i++) {
        open += duet_portfolio_position(portfolio, i)->quantity != 0;
    }
    control_put_money(json, "cash", duet_portfolio_cash(portfolio));
    control_put_money(json, "equity", duet_portfolio_equity(portfolio));
    control_put_money(json, "gross", duet_portfolio_gross(portfolio));
    duet_json_uint(json, "open_positions", open);
    duet_json_uint(json, "working_orders", working);
    duet_json_uint(json, "in_doubt", duet_core_in_doubt(core));
}

void control_handle_status(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    const struct duet_live *live = control->live;
    struct duet_health_facts facts;
    struct duet_health_report report;
    duet_health_gather(duet_alerts_health(live->alerts), live, &facts);
    duet_health_judge(&facts, &report);
    int64_t wall_ns = duet_clock_now_ns(&duet_clock_wall);
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    duet_json_string(json, "version", DUET_VERSION);
    duet_json_int(json, "pid", getpid());
    control_put_time(json, "started", live->began_ns);
    control_put_seconds(json, "uptime_s", wall_ns - live->began_ns);
    control_put_time(json, "time", duet_clock_now_ns(live->clock));
    duet_json_string(json, "strategy", live->plugin->name);
    duet_json_string(json, "broker", live->live->broker_gateway ? "gateway" : "paper");
    duet_json_bool(json, "real_money", live->live->real_money);
    duet_json_bool(json, "stopping", live->stopping);
    put_trading(json, core_of(control));
    duet_json_string(json, "health", duet_health_level_name(report.level));
    put_feed(json, live, &facts);
    put_gateway(json, live);
    put_books(json, core_of(control));
    control_answer_send(&answer, request, 200);
}

static void put_target(struct duet_json *json, double target) {
    if (isnan(target)) {
        duet_json_null(json, "target");
    } else {
        duet_json_double(json, "target", target);
    }
}

static void put_position(struct duet_json *json, const struct duet_core *core, const struct duet_instrument *on) {
    const struct duet_portfolio *portfolio = duet_core_portfolio(core);
    const struct duet_position_state *state = duet_portfolio_position(portfolio, on->index);
    double multiplier = (double)on->multiplier / (double)duet_pow10(DUET_MULTIPLIER_DECIMALS);
    double units = duet_unscale(state->quantity, on->quantity_decimals) * multiplier;
    duet_json_open(json, NULL, '{');
    duet_json_string(json, "symbol", on->symbol);
    control_put_scaled(json, "quantity", state->quantity, on->quantity_decimals);
    if (state->quantity == 0) {
        duet_json_null(json, "average_price");
    } else {
        duet_json_double(json, "average_price", duet_money_to_double(state->cost) / units);
    }
    if (state->has_mark) {
        control_put_scaled(json, "mark", state->mark, on->price_decimals);
    } else {
        duet_json_null(json, "mark");
    }
    control_put_money(json, "value", state->value);
    control_put_money(json, "cost", state->cost);
    control_put_money(json, "unrealized_pnl", state->value - state->cost);
    control_put_money(json, "realized_pnl", state->realized);
    control_put_money(json, "commission", state->commission);
    control_put_scaled(json, "working", duet_portfolio_working(portfolio, on->index), on->quantity_decimals);
    put_target(json, duet_core_target(core, on->index));
    duet_json_close(json, '}');
}

void control_handle_positions(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    const char *status = duet_http_query(request, "status");
    if (status != NULL && strcmp(status, "open") != 0 && strcmp(status, "all") != 0) {
        duet_http_reply_error(request, 422, "invalid", "status: \"%s\" is neither \"open\" nor \"all\"", status);
        return;
    }
    bool all = status != NULL && strcmp(status, "all") == 0;
    const struct duet_core *core = core_of(control);
    const struct duet_instruments *instruments = duet_core_instruments(core);
    uint64_t count = 0;
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    duet_json_open(json, "positions", '[');
    for (uint32_t i = 0; i < instruments->count; i++) {
        if (all || duet_portfolio_position(duet_core_portfolio(core), i)->quantity != 0) {
            put_position(json, core, &instruments->items[i]);
            count++;
        }
    }
    duet_json_close(json, ']');
    duet_json_uint(json, "count", count);
    control_answer_send(&answer, request, 200);
}

static void put_denials(struct duet_json *json, const struct duet_portfolio_counts *counts) {
    duet_json_open(json, "denied", '{');
    for (unsigned i = 0; i < DUET_REASON_COUNT; i++) {
        if (counts->denied[i] > 0) {
            duet_json_uint(json, duet_reason_name(i), counts->denied[i]);
        }
    }
    duet_json_close(json, '}');
}

void control_handle_account(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    const struct duet_core *core = core_of(control);
    const struct duet_portfolio *portfolio = duet_core_portfolio(core);
    const struct duet_instruments *instruments = duet_core_instruments(core);
    struct duet_portfolio_counts counts;
    duet_portfolio_get_counts(portfolio, &counts);
    duet_money unrealized = 0;
    for (uint32_t i = 0; i < instruments->count; i++) {
        const struct duet_position_state *state = duet_portfolio_position(portfolio, i);
        unrealized += state->value - state->cost;
    }
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    duet_json_string(json, "currency", instruments->count > 0 ? instruments->items[0].currency : "USD");
    control_put_money(json, "initial_cash", control->live->config->cash);
    control_put_money(json, "cash", duet_portfolio_cash(portfolio));
    control_put_money(json, "equity", duet_portfolio_equity(portfolio));
    control_put_money(json, "gross", duet_portfolio_gross(portfolio));
    duet_json_double(json, "leverage", control->live->config->leverage);
    control_put_money(json, "realized_pnl", counts.realized);
    control_put_money(json, "unrealized_pnl", unrealized);
    control_put_money(json, "commission", counts.commission);
    control_put_money(json, "slippage", counts.slippage);
    duet_json_bool(json, "ruined", duet_portfolio_is_ruined(portfolio));
    duet_json_uint(json, "orders", counts.orders);
    duet_json_uint(json, "fills", counts.fills);
    duet_json_uint(json, "rejected", counts.rejected);
    duet_json_uint(json, "cancelled", counts.cancelled);
    duet_json_uint(json, "expired", counts.expired);
    put_denials(json, &counts);
    control_answer_send(&answer, request, 200);
}

void control_handle_tasks(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    struct duet_scheduler *scheduler = control->live->scheduler;
    struct duet_job_state jobs[DUET_JOBS_MAX];
    struct duet_operation *operations = duet_alloc(CONTROL_ROWS_MAX, sizeof(*operations));
    size_t job_count = scheduler == NULL ? 0 : duet_scheduler_jobs(scheduler, jobs, DUET_JOBS_MAX);
    size_t count = scheduler == NULL ? 0 : duet_operations(scheduler, operations, CONTROL_ROWS_MAX);
    int64_t now_ns = duet_clock_now_ns(&duet_clock_wall); // the scheduler's
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    duet_json_open(json, "jobs", '[');
    for (size_t i = 0; i < job_count; i++) {
        const struct duet_job_state *job = &jobs[i];
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "name", job->name);
        control_put_seconds(json, "period_s", job->period_ns);
        control_put_time_or_null(json, "next", job->next_ns);
        duet_json_bool(json, "running", job->began_ns != 0);
        duet_json_uint(json, "runs", job->runs);
        duet_json_uint(json, "failures", job->failures);
        duet_json_uint(json, "skipped", job->skipped);
        duet_json_uint(json, "timeouts", job->timeouts);
        control_put_text_or_null(json, "error", job->error);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
    duet_json_open(json, "operations", '[');
    for (size_t i = 0; i < count; i++) {
        duet_json_open(json, NULL, '{');
        duet_json_uint(json, "id", operations[i].id);
        duet_json_string(json, "name", operations[i].name);
        control_put_time(json, "began", operations[i].began_ns);
        control_put_seconds(json, "age_s", now_ns - operations[i].began_ns);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
    duet_json_uint(json, "pending", count);
    control_answer_send(&answer, request, 200);
    free(operations);
}

void control_handle_session(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    struct duet_session *session = control->live->session;
    const struct duet_core *core = core_of(control);
    struct duet_session_status status;
    duet_session_get_status(session, &status);
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    duet_json_string(json, "journal", control->live->live->session);
    duet_json_string(json, "order_prefix", duet_session_order_prefix(session));
    duet_json_uint(json, "epoch", duet_session_epoch(session));
    duet_json_bool(json, "recovered", duet_session_recovered(session));
    duet_json_bool(json, "ended_clean", duet_session_ended_clean(session));
    duet_json_uint(json, "inputs", status.inputs);
    duet_json_uint(json, "outputs", status.outputs);
    duet_json_uint(json, "turns", status.turns);
    duet_json_uint(json, "commits", status.commits);
    duet_json_uint(json, "dropped", status.dropped);
    duet_json_uint(json, "waiting", status.waiting);
    duet_json_int(json, "commit_ms_max", status.commit_ms_max);
    duet_json_bool(json, "blocked", status.blocked);
    control_put_text_or_null(json, "error", status.error);
    duet_json_uint(json, "feed_sequence", duet_session_feed_sequence(session));
    control_put_time_or_null(json, "last_instant", duet_session_last_instant_ns(session));
    control_put_hash(json, "event_hash", duet_core_event_hash(core));
    control_put_hash(json, "decision_hash", duet_core_decision_hash(core));
    control_answer_send(&answer, request, 200);
}
