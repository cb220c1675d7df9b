/* Comparisons for the API: one at a time, on a thread of their own, and the list of what came out. */
#include "engine/live/perf.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "components/offload.h"

/** A benchmark ends by itself; this is for one that does not. */
#define DEADLINE_NS (900 * INT64_C(1000000000))

struct duet_perf {
    struct duet_loop *loop;
    struct duet_log *log;
    /* made with the first start */
    struct duet_bus *bus; // for the lifecycle of the one worker, apart from the session's
    struct duet_env env;
    struct duet_offload *runner; // a pool of one: its thread is where measuring is done
    bool is_running;
    struct duet_perf_result result; // under way
    duet_perf_done done;
    void *argument;
    struct duet_perf_result results[DUET_PERF_RESULTS_MAX]; // a ring
    size_t written;
};

const char *duet_perf_kind_name(enum duet_perf_kind kind) {
    static const char *const names[DUET_PERF_KIND_COUNT] = {
#define PERF_NAME(name, text) [DUET_PERF_##name] = text,
        DUET_PERF_MAP(PERF_NAME)
#undef PERF_NAME
    };
    return names[kind];
}

enum duet_status duet_perf_create(struct duet_loop *loop, struct duet_log *log, struct duet_perf **out) {
    struct duet_perf *perf = duet_alloc(1, sizeof(*perf));
    perf->loop = loop;
    perf->log = log;
    *out = perf;
    return DUET_OK;
}

static void runner_down(struct duet_perf *perf) {
    if (perf->runner != NULL) {
        duet_component_teardown(duet_offload_component(perf->runner));
        duet_offload_destroy(perf->runner);
        perf->runner = NULL;
    }
    duet_bus_destroy(perf->bus);
    perf->bus = NULL;
}

static enum duet_status runner_up(struct duet_perf *perf) {
    if (perf->runner != NULL) {
        return DUET_OK;
    }
    // The end of the daemon waits for a measurement no longer than for one operation, see perf_work().
    const struct duet_offload_options options = {.workers = 1, .queue_max = 1, .metrics_max = 1};
    const struct duet_bus_options bus = {0};
    enum duet_status status = duet_bus_create(&bus, &perf->bus);
    if (status == DUET_OK) {
        status = duet_offload_create(&options, &perf->runner);
    }
    perf->env = (struct duet_env){.bus = perf->bus, .loop = perf->loop};
    if (status == DUET_OK) {
        status = duet_component_init(duet_offload_component(perf->runner), &perf->env);
    }
    if (status == DUET_OK) {
        status = duet_component_start(duet_offload_component(perf->runner));
    }
    if (status != DUET_OK) {
        runner_down(perf);
    }
    return status;
}

void duet_perf_destroy(struct duet_perf *perf) {
    if (perf != NULL) {
        runner_down(perf);
        free(perf);
    }
}

/** On the runner's thread. */
static enum duet_status perf_work(void *job, const volatile bool *cancelled) {
    struct duet_perf_result *result = job;
    enum duet_status status = duet_perf_measure(&result->load, false, cancelled, &result->baseline);
    return status == DUET_OK ? duet_perf_measure(&result->load, true, cancelled, &result->optimised) : status;
}

static void perf_told(void *argument, void *job, enum duet_status status, const char *error) {
    struct duet_perf *perf = argument;
    const struct duet_perf_result *result = NULL;
    perf->is_running = false;
    if (status == DUET_OK) {
        perf->results[perf->written++ % DUET_PERF_RESULTS_MAX] = perf->result;
        result = duet_perf_at(perf, 0);
    }
    if (perf->done != NULL) {
        perf->done(perf->argument, status, result, error);
    }
}

enum duet_status duet_perf_start(
    struct duet_perf *perf, const struct duet_perf_load *load, duet_perf_done done, void *argument) {
    DUET_ASSERT((unsigned)load->kind < DUET_PERF_KIND_COUNT);
    if (load->operations < DUET_PERF_OPERATIONS_MIN || load->operations > DUET_PERF_OPERATIONS_MAX) {
        return duet_error(DUET_EINVAL, "num_operations: %u is not from %d to %d", load->operations,
            DUET_PERF_OPERATIONS_MIN, DUET_PERF_OPERATIONS_MAX);
    }
    if (perf->is_running) {
        return duet_error(
            DUET_ESTATE, "a benchmark (%s) is under way; one at a time", duet_perf_kind_name(perf->result.load.kind));
    }
    enum duet_status status = runner_up(perf);
    if (status != DUET_OK) {
        return status;
    }
    perf->result = (struct duet_perf_result){.load = *load, .began_ns = duet_clock_now_ns(&duet_clock_wall)};
    struct duet_perf_load *effective = &perf->result.load;
    effective->operation_ms = load->operation_ms != 0 ? load->operation_ms : DUET_PERF_OPERATION_MS;
    effective->workers = load->workers != 0 ? load->workers : 8;
    effective->queue_max = load->queue_max != 0 ? load->queue_max : 1000;
    perf->done = done;
    perf->argument = argument;
    const struct duet_offload_request request = {.name = "benchmark",
        .work = perf_work,
        .done = perf_told,
        .job = &perf->result,
        .argument = perf,
        .priority = DUET_PRIORITY_NORMAL,
        .deadline_ns = DEADLINE_NS};
    status = duet_offload_submit(perf->runner, &request, NULL);
    perf->is_running = status == DUET_OK;
    return status;
}

bool duet_perf_is_running(const struct duet_perf *perf) {
    return perf->is_running;
}

const struct duet_perf_result *duet_perf_at(const struct duet_perf *perf, size_t index) {
    size_t known = perf->written < DUET_PERF_RESULTS_MAX ? perf->written : DUET_PERF_RESULTS_MAX;
    return index < known ? &perf->results[(perf->written - 1 - index) % DUET_PERF_RESULTS_MAX] : NULL;
}

void duet_perf_clear(struct duet_perf *perf) {
    perf->written = 0;
}

/* ---- telling ---- */

double duet_perf_fall(double before, double after) {
    return before > 0 ? 100 * (before - after) / before : 0;
}

double duet_perf_rise(double before, double after) {
    return before > 0 ? 100 * (after - before) / before : 0;
}

static void write_side(struct duet_json *json, const char *name, const struct duet_perf_side *side) {
    duet_json_open(json, name, '{');
    duet_json_uint(json, "operations", side->operations);
    duet_json_uint(json, "failed", side->failed);
    duet_json_uint(json, "refused", side->refused);
    duet_json_rounded(json, "success_rate", side->success_rate, 3);
    duet_json_rounded(json, "wall_s", side->wall_s, 3);
    duet_json_rounded(json, "throughput", side->throughput, 3);
    duet_json_rounded(json, "latency_average_ms", side->latency_average_ms, 3);
    duet_json_rounded(json, "latency_p95_ms", side->latency_p95_ms, 3);
    duet_json_rounded(json, "lag_average_ms", side->lag_average_ms, 3);
    duet_json_rounded(json, "lag_p50_ms", side->lag_p50_ms, 3);
    duet_json_rounded(json, "lag_p95_ms", side->lag_p95_ms, 3);
    duet_json_rounded(json, "lag_max_ms", side->lag_max_ms, 3);
    duet_json_uint(json, "lag_samples", side->lag_samples);
    duet_json_uint(json, "events", side->events);
    duet_json_close(json, '}');
}

void duet_perf_write(struct duet_json *json, const char *name, const struct duet_perf_result *result) {
    const struct duet_perf_side *before = &result->baseline, *after = &result->optimised;
    char text[DUET_TIME_TEXT_MAX];
    duet_time_format_iso(result->began_ns, text);
    duet_json_open(json, name, '{');
    duet_json_string(json, "benchmark", duet_perf_kind_name(result->load.kind));
    duet_json_string(json, "time", text);
    duet_json_uint(json, "num_operations", result->load.operations);
    duet_json_uint(json, "operation_ms", result->load.operation_ms);
    duet_json_uint(json, "workers", result->load.workers);
    duet_json_uint(json, "queue", result->load.queue_max);
    write_side(json, "baseline", before);
    write_side(json, "optimised", after);
    duet_json_open(json, "improvements", '{');
    duet_json_rounded(json, "lag_p95_percent", duet_perf_fall(before->lag_p95_ms, after->lag_p95_ms), 3);
    duet_json_rounded(json, "lag_average_percent", duet_perf_fall(before->lag_average_ms, after->lag_average_ms), 3);
    duet_json_rounded(json, "lag_max_percent", duet_perf_fall(before->lag_max_ms, after->lag_max_ms), 3);
    duet_json_rounded(json, "throughput_percent", duet_perf_rise(before->throughput, after->throughput), 3);
    duet_json_close(json, '}');
    duet_json_close(json, '}');
}

static void print_row(FILE *stream, const char *name, const char *unit, double before, double after, bool falls) {
    double change = falls ? -duet_perf_fall(before, after) : duet_perf_rise(before, after);
    fprintf(stream, "  %-28s %10.2f %10.2f %+9.1f %%  %s\n", name, before, after, change, unit);
}

void duet_perf_print(FILE *stream, const struct duet_perf_result *results, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct duet_perf_result *result = &results[i];
        fprintf(stream, "%s: %u operations of %u ms, %u workers, queue %u; probe 10 ms, 100 events/s\n",
            duet_perf_kind_name(result->load.kind), result->load.operations, result->load.operation_ms,
            result->load.workers, result->load.queue_max);
        fprintf(stream, "  %-28s %10s %10s %11s\n", "", "on loop", "on pool", "change");
        print_row(stream, "loop lag p95", "ms", result->baseline.lag_p95_ms, result->optimised.lag_p95_ms, true);
        print_row(
            stream, "loop lag average", "ms", result->baseline.lag_average_ms, result->optimised.lag_average_ms, true);
        print_row(stream, "loop lag max", "ms", result->baseline.lag_max_ms, result->optimised.lag_max_ms, true);
        print_row(stream, "throughput", "ops/s", result->baseline.throughput, result->optimised.throughput, false);
        print_row(
            stream, "success", "%", 100 * result->baseline.success_rate, 100 * result->optimised.success_rate, false);
    }
}
