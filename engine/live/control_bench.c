/*
 * Benchmarks on request. They run beside the serving loop, one at a time; who asked is answered at the end, and what
 * was measured is kept in a list.
 */
#include <stdlib.h>

#include "base/text.h"
#include "engine/live/control_private.h"
#include "engine/live/perf.h"

#define OPERATIONS_DEFAULT 100

struct control_bench {
    struct duet_live *live; // borrowed
    struct duet_perf *perf;
    enum duet_perf_kind kind; // under way
    struct duet_http_request *request; // who waits; NULL: nobody
    uint64_t operation; // in the registry of the scheduler
};

enum duet_status control_bench_create(struct duet_control *control) {
    struct control_bench *bench = duet_alloc(1, sizeof(*bench));
    bench->live = control->live;
    enum duet_status status = duet_perf_create(control->live->loop, control->live->log, &bench->perf);
    if (status != DUET_OK) {
        free(bench);
        return status;
    }
    control->bench = bench;
    return DUET_OK;
}

void control_bench_destroy(struct control_bench *bench) {
    if (bench == NULL) {
        return;
    }
    duet_perf_destroy(bench->perf);
    free(bench);
}

static void handle_gone(void *argument) {
    struct control_bench *bench = argument;
    bench->request = NULL;
}

static void handle_done(
    void *argument, enum duet_status status, const struct duet_perf_result *result, const char *error) {
    struct control_bench *bench = argument;
    struct duet_http_request *request = bench->request;
    bench->request = NULL;
    duet_operation_end(bench->live->scheduler, bench->operation);
    if (request == NULL) {
        return;
    }
    duet_http_on_gone(request, NULL, NULL);
    if (result == NULL) {
        duet_http_reply_error(request, status == DUET_ESTATE ? 503 : 500, "failed", "%s", error);
        return;
    }
    struct control_answer answer;
    duet_perf_write(control_answer_begin(&answer), "result", result);
    control_answer_send(&answer, request, 200);
}

static void start(struct duet_control *control, struct duet_http_request *request, enum duet_perf_kind kind) {
    struct control_bench *bench = control->bench;
    int64_t operations;
    if (!duet_http_query_number(request, "num_operations", OPERATIONS_DEFAULT, DUET_PERF_OPERATIONS_MIN,
            DUET_PERF_OPERATIONS_MAX, &operations)) {
        return;
    }
    if (duet_perf_is_running(bench->perf)) {
        duet_http_reply_error(
            request, 409, "busy", "benchmark %s is running; one at a time", duet_perf_kind_name(bench->kind));
        return;
    }
    const struct duet_perf_load load = {.kind = kind,
        .operations = (uint32_t)operations,
        .workers = (uint32_t)control->live->live->workers,
        .queue_max = (uint32_t)control->live->live->queue};
    enum duet_status status = duet_perf_start(bench->perf, &load, handle_done, bench);
    if (status != DUET_OK) {
        duet_http_reply_error(request, 500, "failed", "%s", duet_status_text(status));
        return;
    }
    char name[48];
    snprintf(name, sizeof(name), "benchmark %s", duet_perf_kind_name(kind));
    bench->operation = duet_operation_begin(control->live->scheduler, name);
    bench->kind = kind;
    bench->request = request;
    duet_http_on_gone(request, handle_gone, bench);
}

void control_handle_benchmark_features(void *argument, struct duet_http_request *request) {
    start(argument, request, DUET_PERF_FEATURES);
}

void control_handle_benchmark_signals(void *argument, struct duet_http_request *request) {
    start(argument, request, DUET_PERF_SIGNALS);
}

void control_handle_benchmarks(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    const struct control_bench *bench = control->bench;
    size_t count = 0;
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    duet_json_open(json, "benchmarks", '[');
    for (const struct duet_perf_result *result; (result = duet_perf_at(bench->perf, count)) != NULL; count++) {
        duet_perf_write(json, NULL, result);
    }
    duet_json_close(json, ']');
    duet_json_uint(json, "count", count);
    control_put_text_or_null(
        json, "running", duet_perf_is_running(bench->perf) ? duet_perf_kind_name(bench->kind) : NULL);
    control_answer_send(&answer, request, 200);
}

void control_handle_clear_benchmarks(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    duet_perf_clear(control->bench->perf);
    struct control_answer answer;
    control_answer_begin(&answer);
    control_answer_send(&answer, request, 200);
}
