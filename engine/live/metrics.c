/*
 * GET /metrics: the Prometheus text format 0.0.4. Names carry their units, counters end in _total; docs/api.md lists
 * them. Label values are ours (symbols, reasons, states) and escaped all the same.
 */
#include "engine/live/control_private.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/money.h"
#include "base/text.h"
#include "engine/live/alerts.h"
#include "engine/live/gateway.h"

#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

static void family(struct duet_text *out, const char *name, const char *type, const char *help) {
    duet_text_print(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static const char *number(double value, char out[DUET_DOUBLE_TEXT_MAX]) {
    if (isnan(value)) {
        return "NaN";
    }
    return isinf(value) ? value > 0 ? "+Inf" : "-Inf" : duet_double_format(value, out);
}

static void gauge(struct duet_text *out, const char *name, const char *help, double value) {
    char text[DUET_DOUBLE_TEXT_MAX];
    family(out, name, "gauge", help);
    duet_text_print(out, "%s %s\n", name, number(value, text));
}

static void counter(struct duet_text *out, const char *name, const char *help, uint64_t value) {
    family(out, name, "counter", help);
    duet_text_print(out, "%s %" PRIu64 "\n", name, value);
}

static void money(struct duet_text *out, const char *name, const char *help, duet_money value) {
    char text[DUET_DECIMAL_TEXT_MAX];
    family(out, name, "gauge", help);
    duet_text_print(out, "%s %s\n", name, duet_money_format(value, 0, text));
}

/** One sample with one label. */
static void labelled(
    struct duet_text *out, const char *name, const char *label, const char *value, const char *sample) {
    duet_text_print(out, "%s{%s=\"", name, label);
    for (; *value != '\0'; value++) {
        if (*value == '\\' || *value == '"') {
            duet_text_append(out, "\\", 1);
        }
        if (*value == '\n') {
            duet_text_append(out, "\\n", 2);
        } else {
            duet_text_append(out, value, 1);
        }
    }
    duet_text_print(out, "\"} %s\n", sample);
}

static void labelled_count(
    struct duet_text *out, const char *name, const char *label, const char *value, uint64_t sample) {
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, sample);
    labelled(out, name, label, value, text);
}

static void labelled_number(
    struct duet_text *out, const char *name, const char *label, const char *value, double sample) {
    char text[DUET_DOUBLE_TEXT_MAX];
    labelled(out, name, label, value, number(sample, text));
}

static void write_loop(struct duet_text *out, const struct duet_lag_summary *lag) {
    static const char name[] = "duet_loop_lag_seconds";
    family(out, name, "summary", "How late the loop is, over the probes remembered.");
    bool known = lag->samples > 0;
    labelled_number(out, name, "quantile", "0.5", known ? lag->p50_ms / 1e3 : NAN);
    labelled_number(out, name, "quantile", "0.95", known ? lag->p95_ms / 1e3 : NAN);
    labelled_number(out, name, "quantile", "0.99", known ? lag->p99_ms / 1e3 : NAN);
    duet_text_print(out, "%s_count %" PRIu64 "\n", name, lag->samples);
    gauge(out, "duet_loop_lag_max_seconds", "Largest lag of the probes remembered.", known ? lag->max_ms / 1e3 : NAN);
    counter(out, "duet_loop_probes_missed_total", "Grid points of the probe that passed while the loop was busy.",
        lag->missed);
}

static void write_offload(struct duet_text *out, const struct duet_health_facts *facts) {
    const struct duet_offload_counts *counts = &facts->offload;
    static const char jobs[] = "duet_offload_jobs_total";
    family(out, jobs, "counter", "Jobs of the pool by what became of them.");
    labelled_count(out, jobs, "outcome", "completed", counts->completed);
    labelled_count(out, jobs, "outcome", "failed", counts->failed);
    labelled_count(out, jobs, "outcome", "discarded", counts->discarded);
    labelled_count(out, jobs, "outcome", "refused", counts->refused);
    counter(out, "duet_offload_accepted_total", "Jobs that the pool has taken.", counts->accepted);
    counter(out, "duet_offload_timeouts_total", "Jobs that ran past their deadline.", counts->timed_out);
    counter(out, "duet_offload_process_restarts_total", "Worker processes forked anew.", counts->process_restarts);
    gauge(out, "duet_offload_queue_depth", "Jobs that wait.", counts->depth);
    gauge(out, "duet_offload_queue_capacity", "Jobs that may wait.", counts->capacity);
    gauge(out, "duet_offload_workers", "Worker threads.", counts->workers);
    gauge(out, "duet_offload_workers_busy", "Worker threads that are at work.", counts->busy);
    gauge(out, "duet_offload_breaker_open", "1 while new work is refused because too much of it fails.",
        counts->breaker_open);
    const struct duet_operation_summary *operations = &facts->operations;
    static const char duration[] = "duet_operation_duration_seconds";
    bool known = operations->total > 0;
    family(out, duration, "summary", "Durations of the operations remembered.");
    labelled_number(out, duration, "quantile", "0.5", known ? operations->p50_ms / 1e3 : NAN);
    labelled_number(out, duration, "quantile", "0.95", known ? operations->p95_ms / 1e3 : NAN);
    labelled_number(out, duration, "quantile", "0.99", known ? operations->p99_ms / 1e3 : NAN);
    duet_text_print(out, "%s_count %" PRIu64 "\n", duration, counts->completed + counts->failed);
}

static void write_session(struct duet_text *out, const struct duet_live *live) {
    struct duet_session_status status;
    duet_session_get_status(live->session, &status);
    counter(out, "duet_session_inputs_total", "Inputs journaled over the session.", status.inputs);
    counter(out, "duet_session_outputs_total", "Outputs journaled over the session.", status.outputs);
    counter(out, "duet_session_turns_total", "Turns of this process.", status.turns);
    counter(out, "duet_session_commits_total", "Transactions of this process.", status.commits);
    counter(out, "duet_session_dropped_total", "Market data that found no room.", status.dropped);
    gauge(out, "duet_session_waiting", "Inputs that wait to be worked off.", (double)status.waiting);
    gauge(
        out, "duet_session_commit_max_seconds", "Longest commit of this process.", (double)status.commit_ms_max / 1e3);
    gauge(out, "duet_session_blocked", "1 while the journal cannot be written.", status.blocked);
    gauge(
        out, "duet_session_epoch", "Processes that have had this session.", (double)duet_session_epoch(live->session));
}

static void write_trading(struct duet_text *out, const struct duet_core *core) {
    static const char name[] = "duet_trading_state";
    family(out, name, "gauge", "1 for the state that trading is in.");
    for (unsigned i = DUET_TRADING_DISARMED; i <= DUET_TRADING_HALTED; i++) {
        labelled_count(out, name, "state", duet_trading_name(i), duet_core_trading(core) == i);
    }
}

static void write_orders(struct duet_text *out, const struct duet_core *core) {
    struct duet_portfolio_counts counts;
    duet_portfolio_get_counts(duet_core_portfolio(core), &counts);
    counter(out, "duet_orders_total", "Orders that went to the broker.", counts.orders);
    counter(out, "duet_fills_total", "Fills booked.", counts.fills);
    counter(out, "duet_orders_rejected_total", "Orders that the broker refused.", counts.rejected);
    counter(out, "duet_orders_cancelled_total", "Orders cancelled.", counts.cancelled);
    counter(out, "duet_orders_expired_total", "Orders whose time in force ended.", counts.expired);
    static const char denied[] = "duet_orders_denied_total";
    family(out, denied, "counter", "Orders that our own rules refused, by reason.");
    for (unsigned i = DUET_REASON_NONE + 1; i < DUET_REASON_COUNT; i++) {
        if (counts.denied[i] > 0) {
            labelled_count(out, denied, "reason", duet_reason_name(i), counts.denied[i]);
        }
    }
    gauge(out, "duet_orders_in_doubt", "Orders of which it is not known whether the broker has them.",
        duet_core_in_doubt(core));
}

static void write_books(struct duet_text *out, const struct duet_core *core) {
    const struct duet_portfolio *portfolio = duet_core_portfolio(core);
    const struct duet_instruments *instruments = duet_core_instruments(core);
    money(out, "duet_account_cash", "Cash, in the currency of the account.", duet_portfolio_cash(portfolio));
    money(out, "duet_account_equity", "Cash and positions at their marks.", duet_portfolio_equity(portfolio));
    money(out, "duet_account_gross", "Gross exposure.", duet_portfolio_gross(portfolio));
    static const char units[] = "duet_position_units", value[] = "duet_position_value";
    char text[DUET_DECIMAL_TEXT_MAX];
    family(out, units, "gauge", "Units held, by symbol; negative: short.");
    for (uint32_t i = 0; i < instruments->count; i++) {
        const struct duet_instrument *on = &instruments->items[i];
        int64_t quantity = duet_portfolio_position(portfolio, i)->quantity;
        labelled(out, units, "symbol", on->symbol, duet_decimal_format(quantity, on->quantity_decimals, text));
    }
    family(out, value, "gauge", "Value held at the mark, by symbol.");
    for (uint32_t i = 0; i < instruments->count; i++) {
        duet_money held = duet_portfolio_position(portfolio, i)->value;
        labelled(out, value, "symbol", instruments->items[i].symbol, duet_money_format(held, 0, text));
    }
}

static void write_outside(
    struct duet_text *out, const struct duet_control *control, const struct duet_health_facts *facts) {
    const struct duet_live *live = control->live;
    gauge(out, "duet_feed_age_seconds", "Since the last instant of market data, on the session's clock.",
        facts->feed_age_ns == INT64_MAX ? NAN : (double)facts->feed_age_ns / 1e9);
    if (live->gateway != NULL) {
        struct duet_gateway_status gateway;
        duet_gateway_get_status(live->gateway, &gateway);
        gauge(out, "duet_gateway_up", "1 while the gateway is connected.", gateway.up);
        counter(out, "duet_gateway_reconnects_total", "Connections after the first.", gateway.reconnects);
        counter(out, "duet_gateway_messages_total", "Messages received.", gateway.messages);
        counter(out, "duet_gateway_late_bars_total", "Bars that came after their instant.", gateway.late_bars);
        counter(out, "duet_gateway_missed_bars_total", "Bars waited for in vain.", gateway.missed_bars);
    }
    struct duet_alert_counts alerts;
    duet_alerts_get_counts(live->alerts, &alerts);
    counter(out, "duet_alerts_total", "Alerts raised.", alerts.raised);
    counter(out, "duet_alerts_failed_total", "Alerts that could not be delivered.", alerts.failed);
    struct duet_broadcast_counts clients;
    duet_broadcast_get_counts(control->broadcast, &clients);
    gauge(out, "duet_broadcast_clients", "Listeners of the streams.", clients.clients);
    counter(out, "duet_broadcast_messages_total", "Messages sent, times listeners.", clients.sent);
    counter(out, "duet_broadcast_dropped_clients_total", "Listeners dropped for being slow.", clients.dropped_clients);
    gauge(out, "duet_broadcast_waiting_bytes", "Waiting for listeners.", (double)clients.bytes_waiting);
}

static void write_process(struct duet_text *out, const struct duet_live *live) {
    char *statm;
    size_t size;
    unsigned long long pages = 0;
    if (duet_file_read("/proc/self/statm", 4096, &statm, &size) == DUET_OK) {
        char *end;
        (void)strtoull(statm, &end, 10); // of the address space
        pages = strtoull(end, NULL, 10);
        free(statm);
    }
    uint64_t descriptors = 0;
    DIR *folder = opendir("/proc/self/fd");
    for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        descriptors += entry->d_name[0] != '.';
    }
    if (folder != NULL) {
        closedir(folder);
        descriptors--; // the folder's own
    }
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    double cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                   (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    char text[DUET_DOUBLE_TEXT_MAX];
    gauge(out, "process_resident_memory_bytes", "Resident memory.", (double)pages * (double)sysconf(_SC_PAGESIZE));
    gauge(out, "process_open_fds", "Open descriptors.", (double)descriptors);
    family(out, "process_cpu_seconds_total", "counter", "Processor time, user and system.");
    duet_text_print(out, "process_cpu_seconds_total %s\n", number(cpu_s, text));
    gauge(out, "process_start_time_seconds", "When the daemon began, since 1970.", (double)live->began_ns / 1e9);
}

void control_handle_metrics(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    const struct duet_core *core = duet_session_core(control->live->session);
    struct duet_health_facts facts;
    struct duet_health_report report;
    duet_health_gather(duet_alerts_health(control->live->alerts), control->live, &facts);
    duet_health_judge(&facts, &report);
    struct duet_text out = {0};
    family(&out, "duet_build_info", "gauge", "1, with the version as a label.");
    labelled(&out, "duet_build_info", "version", DUET_VERSION, "1");
    gauge(&out, "duet_healthy", "1 while health has no issues.", report.level == DUET_HEALTH_HEALTHY);
    write_loop(&out, &facts.lag);
    write_offload(&out, &facts);
    write_session(&out, control->live);
    write_trading(&out, core);
    write_orders(&out, core);
    write_books(&out, core);
    write_outside(&out, control, &facts);
    write_process(&out, control->live);
    duet_http_reply_type(request, 200, CONTENT_TYPE, out.text, out.length);
    duet_text_finish(&out);
}
