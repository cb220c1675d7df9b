/* One side of a comparison: a bus, a loop, a probe, a stream of events, and the work either on the loop or beside it.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "components/lag.h"
#include "components/offload.h"
#include "engine/live/features.h"
#include "engine/live/perf.h"

#define PROBE_NS (10 * INT64_C(1000000))
#define EVENTS_EVERY_NS (10 * INT64_C(1000000))
/** Operations that the baseline does in one turn of its loop: what a handler needs of one symbol. */
#define BASELINE_BATCH 2
#define BARS 300
#define DAY_NS (INT64_C(86400) * 1000000000)
/** The longest that a side may take. */
#define PATIENCE_NS (300 * INT64_C(1000000000))

struct operation {
    const struct duet_perf_load *load;
    const struct duet_bar *bars;
    uint32_t number;
    double latency_ms;
};

struct measurement {
    struct duet_perf_load load;
    const volatile bool *cancelled; // may be NULL
    struct duet_bus *bus;
    struct duet_loop *loop;
    struct duet_lag *lag;
    struct duet_offload *offload;
    struct duet_source events, work; // the stream, and on the baseline the work
    int64_t began_ns, ended_ns, next_event_ns;
    struct operation *operations;
    struct duet_bar *bars;
    uint32_t next, told, failed, refused;
    uint64_t heard;
};

/* ---- an operation ---- */

static void wait_ms(uint32_t ms) {
    int64_t until_ns = duet_monotonic_ns() + ms * INT64_C(1000000);
    int64_t left_ns;
    while ((left_ns = until_ns - duet_monotonic_ns()) > 0) {
        (void)poll(NULL, 0, (int)((left_ns + 999999) / 1000000));
    }
}

/** The processor, not the clock: as long as it takes to have used that much of it is hard to say, so rounds of work. */
static enum duet_status burn_ms(const struct duet_bar *bars, uint32_t ms) {
    int64_t until_ns = duet_monotonic_ns() + ms * INT64_C(1000000);
    struct duet_features features;
    enum duet_status status = DUET_OK;
    while (status == DUET_OK && duet_monotonic_ns() < until_ns) {
        status = duet_features_of("BENCH", bars, BARS, &features);
    }
    return status;
}

static enum duet_status operate(void *job, const volatile bool *cancelled) {
    struct operation *operation = job;
    const struct duet_perf_load *load = operation->load;
    int64_t began_ns = duet_monotonic_ns();
    enum duet_status status = DUET_OK;
    if (load->kind == DUET_PERF_CPU) {
        status = burn_ms(operation->bars, load->operation_ms);
    } else {
        struct duet_features features;
        struct duet_ticker_signal signal;
        wait_ms(load->operation_ms);
        status = duet_features_of("BENCH", operation->bars, BARS, &features);
        if (status == DUET_OK &&
            (load->kind == DUET_PERF_SIGNALS || (load->kind == DUET_PERF_MIXED && operation->number % 2 == 1))) {
            duet_signal_of(&features, &signal);
        }
    }
    operation->latency_ms = (double)(duet_monotonic_ns() - began_ns) / 1e6;
    return status;
}

static struct duet_bar *make_bars(void) {
    struct duet_bar *bars = duet_alloc(BARS, sizeof(*bars));
    for (size_t i = 0; i < BARS; i++) {
        double close = 100 + (double)(i * 7 % 31) - (double)(i * 3 % 17);
        bars[i] = (struct duet_bar){.size = sizeof(bars[i]),
            .close_ns = (int64_t)i * DAY_NS,
            .open = close,
            .high = close + 1,
            .low = close - 1,
            .close = close,
            .volume = 1000 + (double)(i % 13)};
    }
    return bars;
}

/* ---- the load of the loop ---- */

static enum duet_status hear(void *receiver, const struct duet_event *event) {
    struct measurement *self = receiver;
    self->heard++;
    return DUET_OK;
}

static int64_t wall_of(int64_t monotonic_ns) {
    return duet_clock_now_ns(&duet_clock_wall) + (monotonic_ns - duet_monotonic_ns());
}

static bool is_cancelled(const struct measurement *self) {
    return self->cancelled != NULL && duet_offload_is_cancelled(self->cancelled);
}

static enum duet_source_state events_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct measurement *self = duet_container_of(source, struct measurement, events);
    int64_t now_ns = duet_monotonic_ns();
    for (uint32_t i = 0; i < budget && self->next_event_ns <= now_ns; i++) {
        struct duet_event event = {.type = DUET_EVENT_CUSTOM};
        (void)duet_bus_input(self->bus, &event, duet_clock_now_ns(&duet_clock_wall));
        self->next_event_ns += EVENTS_EVERY_NS;
    }
    if (now_ns - self->began_ns > PATIENCE_NS || is_cancelled(self)) {
        duet_loop_stop(self->loop);
    }
    *wake_ns = wall_of(self->next_event_ns);
    return DUET_SOURCE_WAIT;
}

static void tell(struct measurement *self, enum duet_status status) {
    self->told++;
    self->failed += status != DUET_OK;
    if (self->told + self->refused == self->load.operations) {
        self->ended_ns = duet_monotonic_ns();
        duet_loop_stop(self->loop);
    }
}

/* ---- the baseline ---- */

static enum duet_source_state work_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct measurement *self = duet_container_of(source, struct measurement, work);
    for (uint32_t i = 0; i < BASELINE_BATCH && self->next < self->load.operations && !is_cancelled(self); i++) {
        tell(self, operate(&self->operations[self->next++], NULL));
    }
    return self->next < self->load.operations ? DUET_SOURCE_MORE : DUET_SOURCE_DONE;
}

/* ---- the pool ---- */

static void handle_done(void *argument, void *job, enum duet_status status, const char *error) {
    tell(argument, status);
}

static enum duet_status submit_all(struct measurement *self) {
    for (uint32_t i = 0; i < self->load.operations; i++) {
        const struct duet_offload_request request = {.name = duet_perf_kind_name(self->load.kind),
            .work = operate,
            .done = handle_done,
            .job = &self->operations[i],
            .argument = self,
            .priority = DUET_PRIORITY_NORMAL,
            .deadline_ns = PATIENCE_NS};
        self->refused += duet_offload_submit(self->offload, &request, NULL) != DUET_OK;
    }
    return self->refused < self->load.operations ? DUET_OK
                                                 : duet_error(DUET_EFULL, "the pool took none of the operations");
}

/* ---- all of it ---- */

static enum duet_status bring_up(struct measurement *self, struct duet_env *env, bool on_pool) {
    const struct duet_bus_options bus = {0};
    enum duet_status status = duet_bus_create(&bus, &self->bus);
    if (status == DUET_OK) {
        status = duet_bus_subscribe(self->bus, DUET_EVENT_CUSTOM, hear, self, NULL, NULL);
    }
    if (status == DUET_OK) {
        status = duet_loop_libevent_create(self->bus, NULL, &self->loop);
    }
    if (status == DUET_OK) {
        status = duet_lag_create(self->loop, PROBE_NS, 0, &self->lag);
    }
    if (status != DUET_OK) {
        return status;
    }
    self->events = (struct duet_source){.name = "events", .run = events_run};
    duet_loop_add(self->loop, &self->events);
    if (!on_pool) {
        self->work = (struct duet_source){.name = "work", .run = work_run};
        duet_loop_add(self->loop, &self->work);
        return DUET_OK;
    }
    const struct duet_offload_options options = {.workers = self->load.workers, .queue_max = self->load.queue_max};
    *env = (struct duet_env){.bus = self->bus, .loop = self->loop};
    status = duet_offload_create(&options, &self->offload);
    if (status == DUET_OK) {
        status = duet_component_init(duet_offload_component(self->offload), env);
    }
    return status == DUET_OK ? duet_component_start(duet_offload_component(self->offload)) : status;
}

static void take_down(struct measurement *self) {
    if (self->offload != NULL) {
        duet_component_teardown(duet_offload_component(self->offload));
        duet_offload_destroy(self->offload);
    }
    duet_lag_destroy(self->lag);
    duet_loop_destroy(self->loop);
    duet_bus_destroy(self->bus);
    free(self->operations);
    free(self->bars);
}

static void summarise(struct measurement *self, struct duet_perf_side *out) {
    struct duet_lag_summary lag;
    duet_lag_get(self->lag, &lag);
    double wall_s = (double)(self->ended_ns - self->began_ns) / 1e9;
    uint32_t good = self->told - self->failed;
    *out = (struct duet_perf_side){.operations = self->load.operations,
        .failed = self->failed,
        .refused = self->refused,
        .success_rate = (double)good / self->load.operations,
        .wall_s = wall_s,
        .throughput = wall_s > 0 ? self->told / wall_s : 0,
        .lag_average_ms = lag.average_ms,
        .lag_p50_ms = lag.p50_ms,
        .lag_p95_ms = lag.p95_ms,
        .lag_max_ms = lag.max_ms,
        .lag_samples = lag.samples,
        .events = self->heard};
    double *latencies = duet_alloc(self->load.operations, sizeof(*latencies));
    size_t count = 0;
    double sum = 0;
    for (uint32_t i = 0; i < self->load.operations; i++) {
        if (self->operations[i].latency_ms > 0) {
            latencies[count++] = self->operations[i].latency_ms;
            sum += self->operations[i].latency_ms;
        }
    }
    out->latency_average_ms = count > 0 ? sum / (double)count : 0;
    out->latency_p95_ms = duet_percentile(latencies, count, 95);
    free(latencies);
}

enum duet_status duet_perf_measure(
    const struct duet_perf_load *load, bool on_pool, const volatile bool *cancelled, struct duet_perf_side *out) {
    struct measurement self = {.load = *load, .cancelled = cancelled};
    struct duet_env env;
    self.load.operation_ms = load->operation_ms != 0 ? load->operation_ms : DUET_PERF_OPERATION_MS;
    self.bars = make_bars();
    self.operations = duet_alloc(load->operations + (size_t)1, sizeof(*self.operations));
    for (uint32_t i = 0; i < load->operations; i++) {
        self.operations[i] = (struct operation){.load = &self.load, .bars = self.bars, .number = i};
    }
    enum duet_status status = bring_up(&self, &env, on_pool);
    self.began_ns = self.ended_ns = duet_monotonic_ns();
    self.next_event_ns = self.began_ns + EVENTS_EVERY_NS;
    if (status == DUET_OK && on_pool) {
        status = submit_all(&self);
    }
    if (status == DUET_OK) {
        status = duet_loop_run(self.loop);
    }
    if (status == DUET_OK && self.told + self.refused < load->operations) {
        status = is_cancelled(&self) ? duet_error(DUET_ESTATE, "cancelled")
                                     : duet_error(DUET_ETIMEOUT, "the operations did not end in time");
    }
    if (status == DUET_OK) {
        summarise(&self, out);
    }
    take_down(&self);
    return status;
}
