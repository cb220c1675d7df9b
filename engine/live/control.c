#include "engine/live/control.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/live/control_private.h"

/** Listeners of the broadcasts; each holds up to a watermark of memory. */
#define CLIENTS_MAX 256

/** Under /api/v1, and under /api for those who knew it before there were versions. */
#define BOTH(method_, path_, open_, name)                                                               \
    {.method = (method_), .path = "/api/v1" path_, .open = (open_), .handle = control_handle_##name}, { \
        .method = (method_), .path = "/api" path_, .open = (open_), .handle = control_handle_##name     \
    }

static const struct duet_http_route routes[] = {
    BOTH(DUET_HTTP_GET, "/health", true, health),
    BOTH(DUET_HTTP_GET, "/status", false, status),
    BOTH(DUET_HTTP_GET, "/orders", false, orders),
    BOTH(DUET_HTTP_GET, "/orders/*", false, order),
    BOTH(DUET_HTTP_DELETE, "/orders/*", false, cancel),
    BOTH(DUET_HTTP_POST, "/orders/*/cancel", false, cancel),
    BOTH(DUET_HTTP_GET, "/positions", false, positions),
    BOTH(DUET_HTTP_GET, "/account", false, account),
    BOTH(DUET_HTTP_GET, "/strategies", false, strategies),
    BOTH(DUET_HTTP_GET, "/tasks", false, tasks),
    BOTH(DUET_HTTP_GET, "/session", false, session),
    BOTH(DUET_HTTP_GET, "/stream", false, stream),
    BOTH(DUET_HTTP_GET, "/events", false, events),
    BOTH(DUET_HTTP_POST, "/arm", false, arm),
    BOTH(DUET_HTTP_POST, "/halt", false, halt),
    BOTH(DUET_HTTP_POST, "/resume", false, resume),
    BOTH(DUET_HTTP_POST, "/flatten", false, flatten),
    BOTH(DUET_HTTP_POST, "/cancel-all", false, cancel_all),
    BOTH(DUET_HTTP_POST, "/reload", false, reload),
    BOTH(DUET_HTTP_POST, "/snapshot", false, snapshot),
    BOTH(DUET_HTTP_POST, "/stop", false, stop),
    BOTH(DUET_HTTP_GET, "/performance/metrics", false, recent),
    BOTH(DUET_HTTP_GET, "/performance/metrics/summary", false, summary),
    BOTH(DUET_HTTP_POST, "/performance/metrics/clear", false, clear_metrics),
    BOTH(DUET_HTTP_GET, "/performance/benchmarks", false, benchmarks),
    BOTH(DUET_HTTP_POST, "/performance/benchmarks/feature-computation", false, benchmark_features),
    BOTH(DUET_HTTP_POST, "/performance/benchmarks/signal-generation", false, benchmark_signals),
    BOTH(DUET_HTTP_POST, "/performance/benchmarks/clear", false, clear_benchmarks),
    BOTH(DUET_HTTP_GET, "/performance/health", false, performance_health),
    {.method = DUET_HTTP_GET, .path = "/metrics", .handle = control_handle_metrics},
};

/** On the wall clock, which is the loop's. */
static enum duet_source_state control_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct duet_control *control = duet_container_of(source, struct duet_control, source);
    int64_t now_ns = duet_monotonic_ns();
    int64_t due_ns = control_calls_expire(control, now_ns);
    if (control->stop_ns != 0 && now_ns >= control->stop_ns) {
        control->stop_ns = 0;
        duet_live_stop(control->live, "operator");
    }
    if (control->stop_ns != 0 && control->stop_ns < due_ns) {
        due_ns = control->stop_ns;
    }
    *wake_ns = due_ns == INT64_MAX ? INT64_MAX : duet_clock_now_ns(&duet_clock_wall) + (due_ns - now_ns);
    return DUET_SOURCE_WAIT;
}

static enum duet_status listen(struct duet_control *control) {
    const struct duet_live *live = control->live;
    const struct duet_broadcast_options broadcast = {
        .clients_max = CLIENTS_MAX, .base = duet_loop_base(live->loop), .log = live->log};
    enum duet_status status = duet_broadcast_create(&broadcast, &control->broadcast);
    if (status != DUET_OK) {
        return status;
    }
    const struct duet_http_server_options server = {.address = live->live->api,
        .allow_remote = live->live->api_remote,
        .token = control->token,
        .connections_max = 2 * CLIENTS_MAX,
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(routes[0]),
        .argument = control,
        .log = live->log,
        .base = duet_loop_base(live->loop)};
    return duet_http_server_create(&server, &control->server);
}

enum duet_status duet_control_create(struct duet_live *live, struct duet_control **out) {
    struct duet_control *control = duet_alloc(1, sizeof(*control));
    control->live = live;
    control->source = (struct duet_source){.name = "control", .run = control_run};
    enum duet_status status = duet_token_open(live->live->token_file, control->token);
    if (status == DUET_OK) {
        status = listen(control);
    }
    if (status == DUET_OK) {
        status = control_bench_create(control);
    }
    duet_loop_add(live->loop, &control->source);
    if (status != DUET_OK) {
        duet_control_destroy(control);
        return status;
    }
    duet_log_info(live->log, "control-listening", "address=%s port=%u token_file=%s", live->live->api,
        duet_control_port(control), live->live->token_file);
    *out = control;
    return DUET_OK;
}

void duet_control_destroy(struct duet_control *control) {
    if (control == NULL) {
        return;
    }
    duet_loop_remove(control->live->loop, &control->source);
    control_bench_destroy(control->bench);
    if (control->broadcast != NULL) {
        duet_broadcast_destroy(control->broadcast);
    }
    if (control->server != NULL) {
        duet_http_server_destroy(control->server);
    }
    memset(control->token, 0, sizeof(control->token));
    free(control);
}

uint16_t duet_control_port(const struct duet_control *control) {
    return duet_http_server_port(control->server);
}
