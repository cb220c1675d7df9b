/* Each kind of answer as its facts and tables. */
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "engine/live/ctl_private.h"
#include "engine/live/ctl_table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void fact(const char *title, const char *text, FILE *out) {
    ctl_show_fact(title, 10, text, out);
}

/** Where the data comes from, and how old it is. */
static void show_feed(const json_t *answer, FILE *out) {
    const json_t *feed = json_object_get(answer, "feed"), *gateway = json_object_get(answer, "gateway");
    char at[CTL_CELL_MAX], age[CTL_CELL_MAX], text[3 * CTL_CELL_MAX];
    snprintf(text, sizeof(text), "%s, last %s%s%s%s", json_string_value(json_object_get(feed, "kind")),
        ctl_moment(json_object_get(feed, "last_instant"), at), json_is_null(json_object_get(feed, "age_s")) ? "" : ", ",
        json_is_null(json_object_get(feed, "age_s")) ? "" : ctl_duration(json_object_get(feed, "age_s"), age),
        json_is_true(json_object_get(feed, "over"))    ? " ago (the file is over)"
        : json_is_true(json_object_get(feed, "stale")) ? " ago: STALE"
                                                       : " ago");
    fact("feed", text, out);
    if (json_is_object(gateway)) {
        snprintf(text, sizeof(text), "%s, %s, epoch %lld, %lld reconnects",
            json_is_true(json_object_get(gateway, "up")) ? "up" : "DOWN",
            json_is_true(json_object_get(gateway, "reconciled")) ? "reconciled" : "NOT RECONCILED",
            (long long)json_integer_value(json_object_get(gateway, "epoch")),
            (long long)json_integer_value(json_object_get(gateway, "reconnects")));
        fact("gateway", text, out);
    }
}

void ctl_show_status(const json_t *answer, FILE *out) {
    char one[CTL_CELL_MAX], two[CTL_CELL_MAX], text[4 * CTL_CELL_MAX];
    const char *reason = json_string_value(json_object_get(answer, "trading_reason"));
    snprintf(text, sizeof(text), "%s%s%s%s", ctl_cell(json_object_get(answer, "trading"), one),
        reason == NULL ? "" : " (", reason == NULL ? "" : reason, reason == NULL ? "" : ")");
    fact("trading", text, out);
    fact("health", ctl_cell(json_object_get(answer, "health"), one), out);
    snprintf(text, sizeof(text), "%s on %s%s", ctl_cell(json_object_get(answer, "strategy"), one),
        ctl_cell(json_object_get(answer, "broker"), two),
        json_is_true(json_object_get(answer, "real_money")) ? ", REAL MONEY" : "");
    fact("strategy", text, out);
    show_feed(answer, out);
    fact("cash", ctl_amount(json_object_get(answer, "cash"), one), out);
    fact("equity", ctl_amount(json_object_get(answer, "equity"), one), out);
    fact("gross", ctl_amount(json_object_get(answer, "gross"), one), out);
    snprintf(text, sizeof(text), "%lld open", (long long)json_integer_value(json_object_get(answer, "open_positions")));
    fact("positions", text, out);
    long long doubt = json_integer_value(json_object_get(answer, "in_doubt"));
    int length = snprintf(
        text, sizeof(text), "%lld working", (long long)json_integer_value(json_object_get(answer, "working_orders")));
    if (doubt > 0) {
        snprintf(text + length, sizeof(text) - (size_t)length, ", %lld IN DOUBT", doubt);
    }
    fact("orders", text, out);
    snprintf(text, sizeof(text), "%s, process %lld%s", ctl_duration(json_object_get(answer, "uptime_s"), one),
        (long long)json_integer_value(json_object_get(answer, "pid")),
        json_is_true(json_object_get(answer, "stopping")) ? ", STOPPING" : "");
    fact("up", text, out);
}

void ctl_show_orders(const json_t *answer, FILE *out) {
    static const struct ctl_field fields[] = {{"order_id", "id", NULL, true}, {"created", "created", ctl_moment},
        {"symbol", "symbol"}, {"side", "side"}, {"type", "type"}, {"quantity", "quantity", NULL, true},
        {"filled", "filled", NULL, true}, {"price", "price", NULL, true}, {"stop_price", "stop", NULL, true},
        {"status", "status"}, {"reason_code", "why"}, {"reason", "reason"}};
    const json_t *orders = json_object_get(answer, "orders");
    ctl_show_table(orders, fields, COUNT(fields), "no orders", out);
    long long total = json_integer_value(json_object_get(answer, "total"));
    if (total > (long long)json_array_size(orders)) {
        fprintf(out, "(newest %zu of %lld)\n", json_array_size(orders), total);
    }
}

void ctl_show_order(const json_t *answer, FILE *out) {
    static const struct ctl_field fields[] = {{"order_id", "order"}, {"client_id", "client id"}, {"symbol", "symbol"},
        {"side", "side"}, {"type", "type"}, {"time_in_force", "in force"}, {"quantity", "quantity"},
        {"filled", "filled"}, {"price", "price"}, {"stop_price", "stop"}, {"average_price", "average"},
        {"commission", "commission", ctl_amount}, {"status", "status"}, {"reason_code", "why"}, {"reason", "reason"},
        {"flags", "flags"}, {"created", "created", ctl_moment}, {"updated", "updated", ctl_moment}};
    ctl_show_facts(json_object_get(answer, "order"), fields, COUNT(fields), out);
}

static const struct ctl_field position_fields[] = {{"symbol", "symbol"}, {"quantity", "quantity", NULL, true},
    {"average_price", "average", NULL, true}, {"mark", "mark", NULL, true}, {"value", "value", ctl_amount, true},
    {"unrealized_pnl", "unrealized", ctl_amount, true}, {"realized_pnl", "realized", ctl_amount, true},
    {"working", "working", NULL, true}, {"target", "target", NULL, true}};

void ctl_show_positions(const json_t *answer, FILE *out) {
    ctl_show_table(
        json_object_get(answer, "positions"), position_fields, COUNT(position_fields), "no open positions", out);
}

void ctl_show_account(const json_t *answer, FILE *out) {
    static const struct ctl_field fields[] = {{"currency", "currency"}, {"initial_cash", "initial cash", ctl_amount},
        {"cash", "cash", ctl_amount}, {"equity", "equity", ctl_amount}, {"gross", "gross", ctl_amount},
        {"leverage", "leverage"}, {"realized_pnl", "realized", ctl_amount},
        {"unrealized_pnl", "unrealized", ctl_amount}, {"commission", "commission", ctl_amount},
        {"slippage", "slippage", ctl_amount}, {"orders", "orders"}, {"fills", "fills"}, {"rejected", "rejected"},
        {"cancelled", "cancelled"}, {"expired", "expired"}, {"ruined", "ruined"}};
    ctl_show_facts(answer, fields, COUNT(fields), out);
    const char *reason;
    const json_t *denied = json_object_get(answer, "denied"), *count;
    json_object_foreach((json_t *)(uintptr_t)denied, reason, count) {
        fprintf(out, "denied        %lld %s\n", (long long)json_integer_value(count), reason);
    }
}

static void show_strategy(const json_t *strategy, FILE *out) {
    static const struct ctl_field facts[] = {{"name", "strategy"}, {"plugin_sha256", "plugin"}, {"warm", "warm"}};
    static const struct ctl_field series[] = {{"symbol", "series"}, {"interval_s", "interval", ctl_duration, true},
        {"warm_up_left", "bars until warm", NULL, true}, {"executes", "fills"}};
    static const struct ctl_field targets[] = {{"symbol", "symbol"}, {"target", "target", NULL, true},
        {"held", "held", NULL, true}, {"working", "working", NULL, true}};
    ctl_show_facts(strategy, facts, COUNT(facts), out);
    const char *name;
    json_t *value;
    json_t *params = json_object_get(strategy, "params");
    json_object_foreach(params, name, value) {
        char text[CTL_CELL_MAX];
        fprintf(out, "  %s = %s\n", name, ctl_cell(value, text));
    }
    fputc('\n', out);
    ctl_show_table(json_object_get(strategy, "series"), series, COUNT(series), "no series", out);
    fputc('\n', out);
    ctl_show_table(json_object_get(strategy, "targets"), targets, COUNT(targets), "no targets yet", out);
}

void ctl_show_strategies(const json_t *answer, FILE *out) {
    const json_t *strategies = json_object_get(answer, "strategies");
    for (size_t i = 0; i < json_array_size(strategies); i++) {
        show_strategy(json_array_get(strategies, i), out);
    }
}

void ctl_show_tasks(const json_t *answer, FILE *out) {
    static const struct ctl_field jobs[] = {{"name", "job"}, {"period_s", "every", ctl_duration, true},
        {"next", "next", ctl_moment}, {"running", "running"}, {"runs", "runs", NULL, true},
        {"failures", "failed", NULL, true}, {"skipped", "skipped", NULL, true}, {"error", "last error"}};
    static const struct ctl_field operations[] = {
        {"id", "id", NULL, true}, {"age_s", "age", ctl_duration, true}, {"name", "pending operation"}};
    ctl_show_table(json_object_get(answer, "jobs"), jobs, COUNT(jobs), "no jobs", out);
    fputc('\n', out);
    ctl_show_table(json_object_get(answer, "operations"), operations, COUNT(operations), "no pending operations", out);
}

void ctl_show_session(const json_t *answer, FILE *out) {
    static const struct ctl_field fields[] = {{"journal", "journal"}, {"order_prefix", "order prefix"},
        {"epoch", "epoch"}, {"recovered", "recovered"}, {"ended_clean", "ended clean"}, {"inputs", "inputs"},
        {"outputs", "outputs"}, {"commits", "commits"}, {"commit_ms_max", "longest commit, ms"}, {"waiting", "waiting"},
        {"dropped", "dropped"}, {"blocked", "blocked"}, {"error", "error"},
        {"last_instant", "last instant", ctl_moment}, {"event_hash", "event hash"}, {"decision_hash", "decision hash"}};
    ctl_show_facts(answer, fields, COUNT(fields), out);
}

static void show_lag(const json_t *metrics, FILE *out) {
    static const struct ctl_field lag[] = {{"samples", "probes"}, {"average_ms", "average ms", ctl_rounded},
        {"p50_ms", "p50 ms", ctl_rounded}, {"p95_ms", "p95 ms", ctl_rounded}, {"p99_ms", "p99 ms", ctl_rounded},
        {"max_ms", "max ms", ctl_rounded}, {"missed", "missed"}};
    fprintf(out, "loop lag\n");
    ctl_show_facts(json_object_get(metrics, "loop_lag"), lag, COUNT(lag), out);
    const json_t *queue = json_object_get(metrics, "queue"), *workers = json_object_get(metrics, "workers");
    fprintf(out, "\nqueue %lld of %lld, %lld refused; workers %lld, %lld busy\n",
        (long long)json_integer_value(json_object_get(queue, "depth")),
        (long long)json_integer_value(json_object_get(queue, "capacity")),
        (long long)json_integer_value(json_object_get(queue, "refused")),
        (long long)json_integer_value(json_object_get(workers, "count")),
        (long long)json_integer_value(json_object_get(workers, "busy")));
}

void ctl_show_lag(const json_t *answer, FILE *out) {
    static const struct ctl_field operations[] = {{"operation", "operation"}, {"total", "count", NULL, true},
        {"failed", "failed", NULL, true}, {"p50_ms", "p50 ms", ctl_rounded, true},
        {"p95_ms", "p95 ms", ctl_rounded, true}, {"p99_ms", "p99 ms", ctl_rounded, true},
        {"max_ms", "max ms", ctl_rounded, true}};
    show_lag(answer, out);
    json_t *rows = json_array(), *summary;
    const char *name;
    json_object_foreach(json_object_get(answer, "by_operation"), name, summary) {
        json_t *row = json_copy(summary);
        json_object_set_new(row, "operation", json_string(name));
        json_array_append_new(rows, row);
    }
    fputc('\n', out);
    ctl_show_table(rows, operations, COUNT(operations), "no operations yet", out);
    json_decref(rows);
}

void ctl_show_health(const json_t *answer, FILE *out) {
    static const struct ctl_field fields[] = {{"code", "issue"}, {"text", "what"}};
    char text[CTL_CELL_MAX];
    fprintf(out, "%s\n", ctl_cell(json_object_get(answer, "status"), text));
    const json_t *issues = json_object_get(answer, "issues");
    if (json_array_size(issues) > 0) {
        fputc('\n', out);
        ctl_show_table(issues, fields, COUNT(fields), "", out);
    }
}

void ctl_show_command(const json_t *answer, FILE *out) {
    char text[CTL_CELL_MAX];
    fprintf(out, "%s: done\n", ctl_cell(json_object_get(answer, "command"), text));
    json_t *rest = json_copy((json_t *)(uintptr_t)answer);
    json_object_del(rest, "command");
    json_object_del(rest, "ok");
    ctl_show_any(rest, out);
    json_decref(rest);
}

/** A limit as it is set; 0 is none. */
static const char *limit_text(const json_t *value, char out[CTL_CELL_MAX]) {
    double number;
    const char *text = json_is_number(value) ? ctl_cell(value, out) : ctl_amount(value, out);
    const char *exact = json_is_number(value) ? text : json_string_value(value);
    return exact != NULL && duet_parse_double(exact, &number) && number == 0 ? "none" : text;
}

void ctl_show_arm(const json_t *answer, FILE *out) {
    static const struct ctl_field account[] = {{"cash", "cash", ctl_amount}, {"equity", "equity", ctl_amount},
        {"gross", "gross", ctl_amount}, {"day_loss", "lost today", ctl_amount}};
    static const struct ctl_field positions[] = {{"symbol", "symbol"}, {"quantity", "held", NULL, true},
        {"target", "target", NULL, true}, {"working", "working", NULL, true}, {"mark", "mark", NULL, true},
        {"value", "value", ctl_amount, true}, {"unrealized", "unrealized", ctl_amount, true}};
    static const struct ctl_field limits[] = {{"max_order_quantity", "one order, units", limit_text},
        {"max_position", "position, units", limit_text}, {"max_notional", "one order, value", limit_text},
        {"max_daily_loss", "loss of a day", limit_text}};
    char text[CTL_CELL_MAX];
    fprintf(out, "%s\n\n", ctl_cell(json_object_get(answer, "trading"), text));
    ctl_show_facts(json_object_get(answer, "account"), account, COUNT(account), out);
    fputc('\n', out);
    ctl_show_table(json_object_get(answer, "positions"), positions, COUNT(positions), "no positions, no targets", out);
    fprintf(out, "\nlimits\n");
    ctl_show_facts(json_object_get(answer, "limits"), limits, COUNT(limits), out);
    long long cold = json_integer_value(json_object_get(answer, "warm_up_left"));
    if (cold > 0) {
        fprintf(out, "\nThe strategy is not warm yet: its orders are refused for %lld more bars.\n", cold);
    }
}

void ctl_show_message(const json_t *message, FILE *out) {
    char text[CTL_CELL_MAX];
    fprintf(out, "%s  %-12s", ctl_moment(json_object_get(message, "time"), text),
        json_string_value(json_object_get(message, "type")));
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)message, key, value) {
        if (strcmp(key, "type") != 0 && strcmp(key, "time") != 0 && strcmp(key, "cause") != 0 &&
            strcmp(key, "sequence") != 0) {
            fprintf(out, " %s=%s", key, ctl_cell(value, text));
        }
    }
    fputc('\n', out);
    fflush(out);
}
