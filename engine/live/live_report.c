/* What people see of the daemon: its log lines, a status line on a terminal, the summary at the end. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/live/live_private.h"
#include "portfolio/state.h"

enum duet_log_severity live_severity(const struct duet_config *config) {
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    for (size_t i = 0; config->log != NULL && i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (strcmp(levels[i], config->log) == 0) {
            return (enum duet_log_severity)i;
        }
    }
    return DUET_SEVERITY_INFO;
}

static bool is_working(const struct duet_order *order) {
    return !duet_order_is_final((enum duet_order_status)order->status);
}

static bool count_working(void *argument, const struct duet_order *order) {
    *(uint32_t *)argument += is_working(order);
    return true;
}

uint32_t live_working_orders(const struct live_run *run) {
    uint32_t count = 0;
    duet_core_each_order(duet_session_core(run->live.session), count_working, &count);
    return count;
}

uint32_t live_positions(const struct live_run *run) {
    const struct duet_portfolio *portfolio = duet_core_portfolio(duet_session_core(run->live.session));
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->cast.instruments.count; i++) {
        count += duet_portfolio_position(portfolio, i)->quantity != 0;
    }
    return count;
}

/** A file that is shared with backtests may ask for what only they write. */
static void tell_unused(struct live_run *run) {
    const struct duet_config *config = run->live.config;
    const char *const names[] = {"report", "fills", "orders", "trades", "equity"};
    const char *const paths[] = {config->report, config->fills, config->orders, config->trades, config->equity};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (paths[i] != NULL) {
            duet_log_warn(
                &run->log, "not-written", "%s=%s why=the journal of a live session holds it", names[i], paths[i]);
        }
    }
}

void live_tell_started(struct live_run *run) {
    const struct duet_live *live = &run->live;
    struct duet_core *core = duet_session_core(live->session);
    tell_unused(run);
    duet_log_info(&run->log, "started",
        "version=%s session=%s name=%s epoch=%llu recovered=%s trading=%s strategy=%s feed=%s broker=%s workers=%lld "
        "queue=%lld processes=%lld api=%s pid=%ld",
        DUET_VERSION, live->live->session, live->live->name, (unsigned long long)duet_session_epoch(live->session),
        !duet_session_recovered(live->session)    ? "no"
        : duet_session_ended_clean(live->session) ? "clean"
                                                  : "crash",
        duet_trading_name(duet_core_trading(core)), live->plugin->name, live->live->feed_gateway ? "gateway" : "file",
        live->live->broker_gateway ? "gateway" : "paper", (long long)live->live->workers, (long long)live->live->queue,
        live->live->process_pool ? (long long)live->live->workers : 0, live->live->api, (long)getpid());
}

void live_tell_slow(void *argument, const char *source, int64_t took_ns) {
    struct live_run *run = argument;
    int64_t now_ns = duet_monotonic_ns();
    if (run->slow_told_ns != 0 && now_ns - run->slow_told_ns < DUET_SECOND_NS) {
        run->slow_untold++;
        return;
    }
    duet_log_warn(&run->log, "slow-source", "source=%s ms=%.1f untold=%llu", source, (double)took_ns / 1e6,
        (unsigned long long)run->slow_untold);
    run->slow_told_ns = now_ns;
    run->slow_untold = 0;
}

/** The figures of the moment, as key=value. */
static void figures(struct live_run *run, char *out, size_t size) {
    const struct duet_live *live = &run->live;
    struct duet_core *core = duet_session_core(live->session);
    struct duet_portfolio_counts counts;
    struct duet_session_status session;
    struct duet_lag_summary lag;
    struct duet_offload_counts offload;
    char equity[DUET_DECIMAL_TEXT_MAX];
    duet_portfolio_get_counts(duet_core_portfolio(core), &counts);
    duet_session_get_status(live->session, &session);
    duet_lag_get(live->lag, &lag);
    duet_offload_get_counts(live->offload, &offload);
    snprintf(out, size,
        "trading=%s equity=%s positions=%u orders=%u fills=%llu inputs=%llu dropped=%llu lag_p95_ms=%.3f "
        "lag_max_ms=%.3f "
        "queue=%u jobs=%llu failed=%llu",
        duet_trading_name(duet_core_trading(core)),
        duet_money_format(duet_portfolio_equity(duet_core_portfolio(core)), 2, equity), live_positions(run),
        live_working_orders(run), (unsigned long long)counts.fills, (unsigned long long)session.inputs,
        (unsigned long long)session.dropped, lag.p95_ms, lag.max_ms, offload.depth,
        (unsigned long long)offload.completed, (unsigned long long)offload.failed);
}

void live_tell_health(struct live_run *run) {
    char text[512];
    figures(run, text, sizeof(text));
    duet_log_info(&run->log, "health", "%s", text);
}

/* ------------------------------------------------------------------------------------------------------ terminal */

void live_clear_status(void *argument) {
    struct live_run *run = argument;
    if (run->status_shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        run->status_shown = false;
    }
}

void live_show_status(struct live_run *run) {
    if (run->phase != LIVE_RUNNING) {
        return;
    }
    const struct duet_live *live = &run->live;
    struct duet_core *core = duet_session_core(live->session);
    struct duet_feed_file_progress progress;
    struct duet_lag_summary lag;
    char equity[DUET_DECIMAL_TEXT_MAX], stamp[DUET_TIME_TEXT_MAX], where[64] = "";
    duet_feed_file_get_progress(live->feed_file, &progress);
    duet_lag_get(live->lag, &lag);
    if (!live->live->feed_gateway) {
        snprintf(where, sizeof(where), "  bar %llu of %llu", (unsigned long long)progress.bars,
            (unsigned long long)progress.bars_total);
    }
    live_clear_status(run);
    fprintf(stderr, "%s  %s  equity %s  positions %u  orders %u  lag p95 %.2f ms%s",
        duet_time_format(duet_clock_now_ns(live->clock) / DUET_SECOND_NS * DUET_SECOND_NS, stamp),
        duet_trading_name(duet_core_trading(core)),
        duet_money_format_grouped(duet_portfolio_equity(duet_core_portfolio(core)), 2, equity), live_positions(run),
        live_working_orders(run), lag.p95_ms, where);
    fflush(stderr);
    run->status_shown = true;
}

/* ----------------------------------------------------------------------------------------------------------- end */

struct left {
    struct live_run *run;
    size_t count;
};

static bool tell_order(void *argument, const struct duet_order *order) {
    struct left *left = argument;
    if (is_working(order)) {
        const struct duet_instrument *instrument = &left->run->cast.instruments.items[order->instrument];
        char quantity[DUET_DECIMAL_TEXT_MAX];
        duet_log_warn(&left->run->log, "left-order", "id=%s%llu symbol=%s side=%s quantity=%s",
            duet_session_order_prefix(left->run->live.session), (unsigned long long)order->order_id, instrument->symbol,
            order->side > 0 ? "buy" : "sell",
            duet_decimal_format(order->quantity - order->filled, instrument->quantity_decimals, quantity));
        left->count++;
    }
    return true;
}

size_t live_tell_left(struct live_run *run) {
    struct duet_core *core = duet_session_core(run->live.session);
    struct left left = {.run = run};
    duet_core_each_order(core, tell_order, &left);
    for (uint32_t i = 0; i < run->cast.instruments.count; i++) {
        const struct duet_position_state *position = duet_portfolio_position(duet_core_portfolio(core), i);
        const struct duet_instrument *instrument = &run->cast.instruments.items[i];
        if (position->quantity != 0) {
            char quantity[DUET_DECIMAL_TEXT_MAX];
            duet_log_warn(&run->log, "left-position", "symbol=%s quantity=%s", instrument->symbol,
                duet_decimal_format(position->quantity, instrument->quantity_decimals, quantity));
            left.count++;
        }
    }
    return left.count;
}

static void print_json(struct live_run *run, const struct duet_portfolio_counts *counts,
    const struct duet_session_status *session, const char *equity, const char *cash) {
    const struct duet_live *live = &run->live;
    struct duet_core *core = duet_session_core(live->session);
    struct duet_json json = {.stream = stdout};
    char hash[20];
    duet_json_open(&json, NULL, '{');
    duet_json_int(&json, "schema", 1);
    duet_json_string(&json, "mode", "live");
    duet_json_string(&json, "version", DUET_VERSION);
    duet_json_string(&json, "strategy", live->plugin->name);
    duet_json_string(&json, "session", live->live->session);
    duet_json_uint(&json, "epoch", duet_session_epoch(live->session));
    duet_json_string(&json, "trading", duet_trading_name(duet_core_trading(core)));
    duet_json_uint(&json, "inputs", session->inputs);
    duet_json_uint(&json, "dropped", session->dropped);
    duet_json_uint(&json, "orders", counts->orders);
    duet_json_uint(&json, "fills", counts->fills);
    duet_json_string(&json, "final_cash", cash);
    duet_json_string(&json, "final_equity", equity);
    duet_json_uint(&json, "open_positions", live_positions(run));
    duet_json_uint(&json, "working_orders", live_working_orders(run));
    snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)duet_core_event_hash(core));
    duet_json_string(&json, "event_hash", hash);
    snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)duet_core_decision_hash(core));
    duet_json_string(&json, "decision_hash", hash);
    duet_json_close(&json, '}');
    putchar('\n');
}

void live_print_summary(struct live_run *run) {
    const struct duet_live *live = &run->live;
    struct duet_portfolio *portfolio = duet_core_portfolio(duet_session_core(live->session));
    struct duet_portfolio_counts counts;
    struct duet_session_status session;
    char equity[DUET_DECIMAL_TEXT_MAX], cash[DUET_DECIMAL_TEXT_MAX];
    duet_portfolio_get_counts(portfolio, &counts);
    duet_session_get_status(live->session, &session);
    if (live->config->json) {
        (void)duet_money_format(duet_portfolio_equity(portfolio), 0, equity);
        (void)duet_money_format(duet_portfolio_cash(portfolio), 0, cash);
        print_json(run, &counts, &session, equity, cash);
        return;
    }
    if (live->config->quiet) {
        return;
    }
    uint64_t denied = 0;
    for (size_t i = 0; i < DUET_REASON_COUNT; i++) {
        denied += counts.denied[i];
    }
    printf("session    %s (epoch %llu, %s)\n", live->live->name, (unsigned long long)duet_session_epoch(live->session),
        duet_trading_name(duet_core_trading(duet_session_core(live->session))));
    printf("decisions  %llu orders, %llu fills, %llu denied\n", (unsigned long long)counts.orders,
        (unsigned long long)counts.fills, (unsigned long long)denied);
    printf("left       %u open positions, %u working orders\n", live_positions(run), live_working_orders(run));
    printf("equity     %s\n", duet_money_format_grouped(duet_portfolio_equity(portfolio), 2, equity));
    printf("journal    %s (%llu inputs)\n", live->live->session, (unsigned long long)session.inputs);
    printf("verify     duet replay %s --verify\n", live->live->session);
}
