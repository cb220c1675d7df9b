/*
 * What the files of the control interface share: the interface itself, the writer of its answers, and the handlers of
 * its routes. Nobody else includes it. docs/api.md says what each endpoint shows.
 */
#ifndef DUET_ENGINE_LIVE_CONTROL_PRIVATE_H
#define DUET_ENGINE_LIVE_CONTROL_PRIVATE_H

#include <stdio.h>

#include <duet/loop.h>
#include <duet/money.h>

#include "base/clock.h"
#include "base/json.h"
#include "engine/live/control.h"
#include "engine/live/health.h"
#include "engine/live/live.h"
#include "net/broadcast.h"
#include "net/http_server.h"
#include "net/token.h"

/** Commands that may wait for their answers; one more is refused 503. */
#define CONTROL_CALLS_MAX 64
/** How long a command is waited for before its caller hears 504. */
#define CONTROL_CALL_NS (10 * DUET_SECOND_NS)
/** Rows of one answer. */
#define CONTROL_ROWS_MAX 1000

struct control_bench; // control_bench.c

/** A command on its way through the session. */
struct control_call {
    struct duet_http_request *request; // NULL: the caller has gone, or heard 504
    uint64_t request_id; // 0: the slot is free
    uint64_t operation; // in the registry of the scheduler
    int64_t deadline_ns; // monotonic
    char command[16];
};

struct duet_control {
    struct duet_source source; // deadlines of calls, and the stop that follows its own answer
    struct duet_live *live; // borrowed
    struct duet_http_server *server;
    struct duet_broadcast *broadcast;
    struct control_call calls[CONTROL_CALLS_MAX];
    struct control_bench *bench;
    int64_t stop_ns; // monotonic; 0: not asked to
    char token[DUET_TOKEN_MAX];
};

/* ---- control_json.c: one answer ---- */

struct control_answer {
    struct duet_json json;
    char *text;
    size_t size;
};
/** Opens an object. */
struct duet_json *control_answer_open(struct control_answer *answer);
/** Closes it; the text is `answer->text`, to be freed with free(). */
void control_answer_close(struct control_answer *answer);
/** An answer begins: {"ok":true */
struct duet_json *control_answer_begin(struct control_answer *answer);
/** Closes it and sends it; `request` is gone. */
void control_answer_send(struct control_answer *answer, struct duet_http_request *request, int status);

/** Exact decimal text. */
void control_put_money(struct duet_json *json, const char *name, duet_money money);
void control_put_scaled(struct duet_json *json, const char *name, int64_t value, uint32_t decimals);
/** ISO 8601, UTC. */
void control_put_time(struct duet_json *json, const char *name, int64_t ns);
/** null where it is 0, INT64_MIN or INT64_MAX. */
void control_put_time_or_null(struct duet_json *json, const char *name, int64_t ns);
/** null where it is "". */
void control_put_text_or_null(struct duet_json *json, const char *name, const char *text);
void control_put_seconds(struct duet_json *json, const char *name, int64_t ns);
/** Sixteen hexadecimal digits. */
void control_put_hash(struct duet_json *json, const char *name, uint64_t hash);
/** Members of one event: type, sequence, cause, time, and those of its payload. */
void control_put_event(
    struct duet_json *json, const struct duet_event *event, const struct duet_instruments *instruments);
void control_put_order(
    struct duet_json *json, const char *name, const struct duet_live *live, const struct duet_order *order);
/** Order id of a path, "7" or "name-7". False: answered 422. */
bool control_order_id(const struct duet_control *control, struct duet_http_request *request, uint64_t *order_id);

/* ---- the handlers of the routes; `argument` is the struct duet_control ---- */

// clang-format off
#define CONTROL_HANDLERS(X)                                                                                      \
    X(health)                                                                                                    \
    X(status)                                                                                                    \
    X(orders)                                                                                                    \
    X(order) X(positions) X(account) X(strategies) X(tasks) X(session) /* views */                               \
        X(stream) X(events) /* broadcasts */                                                                     \
        X(arm) X(halt) X(resume) X(flatten) X(cancel_all) X(cancel) X(reload) X(snapshot) X(stop) /* commands */ \
        X(recent) X(summary) X(clear_metrics) X(performance_health) /* performance */                            \
        X(benchmarks) X(benchmark_features) X(benchmark_signals) X(clear_benchmarks) /* benchmarks */            \
        X(metrics)
#define CONTROL_HANDLER(name) void control_handle_##name(void *argument, struct duet_http_request *request);
CONTROL_HANDLERS(CONTROL_HANDLER)
#undef CONTROL_HANDLER
// clang-format on

/** Answer what has waited too long; when the next one will have. */
int64_t control_calls_expire(struct duet_control *control, int64_t now_ns);

enum duet_status control_bench_create(struct duet_control *control);
void control_bench_destroy(struct control_bench *bench);

#endif
