/* What the pool and the loop have been doing: the performance endpoints that only read, or forget. */
#include "engine/live/control_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/live/alerts.h"

/** Kinds of operation that are summed up one by one; further ones only count in the whole. */
#define KINDS_MAX 64
/** As many as the pool remembers. */
#define REMEMBERED_MAX 10000

static void put_ms_or_null(struct duet_json *json, const char *name, double value, uint64_t samples) {
    if (samples == 0) {
        duet_json_null(json, name);
    } else {
        duet_json_rounded(json, name, value, 3);
    }
}

/** null where nothing has been measured, which is neither good nor bad. */
static void put_summary(struct duet_json *json, const char *name, const struct duet_operation_summary *summary) {
    uint64_t total = summary->total;
    duet_json_open(json, name, '{');
    duet_json_uint(json, "total", total);
    duet_json_uint(json, "failed", summary->failed);
    put_ms_or_null(json, "success_rate_percent", 100 * summary->success_rate, total);
    put_ms_or_null(json, "average_ms", summary->average_ms, total);
    put_ms_or_null(json, "p50_ms", summary->p50_ms, total);
    put_ms_or_null(json, "p95_ms", summary->p95_ms, total);
    put_ms_or_null(json, "p99_ms", summary->p99_ms, total);
    put_ms_or_null(json, "max_ms", summary->max_ms, total);
    put_ms_or_null(json, "throughput_per_s", summary->throughput, total);
    duet_json_close(json, '}');
}

static void put_queue(struct duet_json *json, const struct duet_offload_counts *counts) {
    duet_json_open(json, "queue", '{');
    duet_json_uint(json, "depth", counts->depth);
    duet_json_uint(json, "depth_max", counts->depth_max);
    duet_json_uint(json, "capacity", counts->capacity);
    duet_json_uint(json, "accepted", counts->accepted);
    duet_json_uint(json, "completed", counts->completed);
    duet_json_uint(json, "failed", counts->failed);
    duet_json_uint(json, "discarded", counts->discarded);
    duet_json_uint(json, "refused", counts->refused);
    duet_json_uint(json, "joined", counts->joined);
    duet_json_uint(json, "timed_out", counts->timed_out);
    duet_json_uint(json, "retried", counts->retried);
    duet_json_close(json, '}');
    duet_json_open(json, "workers", '{');
    duet_json_uint(json, "count", counts->workers);
    duet_json_uint(json, "busy", counts->busy);
    duet_json_uint(json, "idle", counts->workers > counts->busy ? counts->workers - counts->busy : 0);
    duet_json_uint(json, "processes", counts->processes);
    duet_json_uint(json, "process_restarts", counts->process_restarts);
    duet_json_bool(json, "breaker_open", counts->breaker_open);
    duet_json_close(json, '}');
}

static void put_lag(struct duet_json *json, const struct duet_lag_summary *lag) {
    duet_json_open(json, "loop_lag", '{');
    duet_json_uint(json, "samples", lag->samples);
    put_ms_or_null(json, "average_ms", lag->average_ms, lag->samples);
    put_ms_or_null(json, "p50_ms", lag->p50_ms, lag->samples);
    put_ms_or_null(json, "p95_ms", lag->p95_ms, lag->samples);
    put_ms_or_null(json, "p99_ms", lag->p99_ms, lag->samples);
    put_ms_or_null(json, "max_ms", lag->max_ms, lag->samples);
    duet_json_uint(json, "missed", lag->missed);
    duet_json_close(json, '}');
}

static void gather(const struct duet_control *control, struct duet_health_facts *facts) {
    duet_health_gather(duet_alerts_health(control->live->alerts), control->live, facts);
}

/** Summary, queue, workers and lag, as both metrics endpoints and health show them. */
static void put_facts(struct duet_json *json, const struct duet_health_facts *facts) {
    put_summary(json, "summary", &facts->operations);
    put_queue(json, &facts->offload);
    put_lag(json, &facts->lag);
}

static void put_operation(struct duet_json *json, const struct duet_operation_record *record) {
    duet_json_open(json, NULL, '{');
    duet_json_string(json, "operation", record->name);
    control_put_time(json, "began", record->wall_ns);
    duet_json_rounded(json, "duration_ms", record->duration_ms, 3);
    duet_json_bool(json, "success", record->ok);
    control_put_text_or_null(json, "error", record->error);
    duet_json_close(json, '}');
}

void control_handle_recent(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    int64_t last_n;
    if (!duet_http_query_number(request, "last_n", 100, 1, CONTROL_ROWS_MAX, &last_n)) {
        return;
    }
    struct duet_operation_record *records = duet_alloc((size_t)last_n, sizeof(*records));
    size_t count =
        control->live->offload == NULL ? 0 : duet_offload_recent(control->live->offload, records, (size_t)last_n);
    struct duet_health_facts facts;
    gather(control, &facts);
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    put_facts(json, &facts);
    duet_json_open(json, "recent_operations", '[');
    for (size_t i = 0; i < count; i++) {
        put_operation(json, &records[i]);
    }
    duet_json_close(json, ']');
    duet_json_uint(json, "count", count);
    control_answer_send(&answer, request, 200);
    free(records);
}

/** Names of what is remembered, sorted; returns how many. */
static size_t kinds_of(
    struct duet_offload *offload, char names[KINDS_MAX][sizeof(((struct duet_operation_record *)0)->name)]) {
    struct duet_operation_record *records = duet_alloc(REMEMBERED_MAX, sizeof(*records));
    size_t count = duet_offload_recent(offload, records, REMEMBERED_MAX), kinds = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < kinds && strcmp(names[at], records[i].name) < 0) {
            at++;
        }
        bool known = at < kinds && strcmp(names[at], records[i].name) == 0;
        if (!known && kinds < KINDS_MAX) {
            memmove(names[at + 1 < KINDS_MAX ? at + 1 : at], names[at], (kinds - at) * sizeof(names[0]));
            duet_text_copy(names[at], sizeof(names[0]), records[i].name);
            kinds++;
        }
    }
    free(records);
    return kinds;
}

void control_handle_summary(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    char names[KINDS_MAX][sizeof(((struct duet_operation_record *)0)->name)];
    size_t kinds = control->live->offload == NULL ? 0 : kinds_of(control->live->offload, names);
    struct duet_health_facts facts;
    gather(control, &facts);
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    put_facts(json, &facts);
    duet_json_open(json, "by_operation", '{');
    for (size_t i = 0; i < kinds; i++) {
        struct duet_operation_summary summary;
        duet_offload_summary(control->live->offload, names[i], &summary);
        put_summary(json, names[i], &summary);
    }
    duet_json_close(json, '}');
    control_answer_send(&answer, request, 200);
}

void control_handle_clear_metrics(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    if (control->live->offload != NULL) {
        duet_offload_clear_metrics(control->live->offload);
    }
    if (control->live->lag != NULL) {
        duet_lag_clear(control->live->lag);
    }
    struct control_answer answer;
    control_answer_begin(&answer);
    control_answer_send(&answer, request, 200);
}

/** ok, healthy, status and issues. */
static void put_report(struct duet_json *json, const struct duet_health_report *report) {
    duet_json_open(json, "issues", '[');
    for (size_t i = 0; i < report->count; i++) {
        duet_json_open(json, NULL, '{');
        duet_json_string(json, "code", duet_health_code(report->issues[i].rule));
        duet_json_string(json, "text", report->issues[i].text);
        duet_json_close(json, '}');
    }
    duet_json_close(json, ']');
}

static void reply_health(struct duet_control *control, struct duet_http_request *request, bool details) {
    struct duet_health_facts facts;
    struct duet_health_report report;
    gather(control, &facts);
    duet_health_judge(&facts, &report);
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    duet_json_bool(json, "healthy", report.level == DUET_HEALTH_HEALTHY);
    duet_json_string(json, "status", duet_health_level_name(report.level));
    if (details) {
        put_report(json, &report);
        duet_json_open(json, "metrics", '{');
        put_facts(json, &facts);
        duet_json_bool(json, "feed_stale", facts.feed_stale);
        duet_json_bool(json, "broker_down", facts.broker_down);
        duet_json_bool(json, "journal_blocked", facts.journal_blocked);
        duet_json_close(json, '}');
    }
    control_answer_send(&answer, request, 200);
}

void control_handle_health(void *argument, struct duet_http_request *request) {
    reply_health(argument, request, duet_http_is_authorized(request));
}

void control_handle_performance_health(void *argument, struct duet_http_request *request) {
    reply_health(argument, request, true);
}
