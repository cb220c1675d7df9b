/*
 * Is the daemon well? A few rules over what it measures, looked at every ten seconds and whenever somebody asks.
 * Judging is a function of the facts alone.
 */
#ifndef DUET_ENGINE_LIVE_HEALTH_H
#define DUET_ENGINE_LIVE_HEALTH_H

#include <stdbool.h>

#include "components/lag.h"
#include "components/offload.h"

struct duet_live;

/** Between two samples. */
#define DUET_HEALTH_PERIOD_NS (10 * DUET_SECOND_NS)
/** Samples in a row after which a full queue counts. */
#define DUET_HEALTH_DEPTH_SAMPLES 3

/** code, how bad, what it means. */
#define DUET_HEALTH_MAP(X)                                                               \
    X(SUCCESS, "success", DEGRADED, "less than 95 % of the operations succeed")          \
    X(LAG, "lag", DEGRADED, "95 % of the loop's probes are not within 10 ms")            \
    X(QUEUE, "queue", DEGRADED, "the queue is 80 % full, three samples in a row")        \
    X(THROUGHPUT, "throughput", DEGRADED, "less than 50 operations a second under load") \
    X(STALE, "stale", DEGRADED, "market data has not come in time")                      \
    X(BROKER, "broker", UNHEALTHY, "the broker cannot be reached, or is not reconciled") \
    X(JOURNAL, "journal", UNHEALTHY, "the journal cannot be written; nothing is decided")

enum duet_health_level { DUET_HEALTH_HEALTHY = 0, DUET_HEALTH_DEGRADED, DUET_HEALTH_UNHEALTHY };
/** "healthy", "degraded", "unhealthy". */
const char *duet_health_level_name(enum duet_health_level level);

enum duet_health_rule {
#define DUET_HEALTH_ENUM(name, code, level, text) DUET_HEALTH_##name##_RULE,
    DUET_HEALTH_MAP(DUET_HEALTH_ENUM)
#undef DUET_HEALTH_ENUM
        DUET_HEALTH_RULE_COUNT
};
/** Code of a rule, e.g. "lag"; and what it says, static. */
const char *duet_health_code(enum duet_health_rule rule);
const char *duet_health_meaning(enum duet_health_rule rule);

/** What the rules look at. */
struct duet_health_facts {
    struct duet_operation_summary operations;
    struct duet_offload_counts offload;
    struct duet_lag_summary lag;
    uint32_t depth_samples; // in a row at which the queue was 80 % full
    bool offered; // work was waiting all the time, or at least 50 operations a second came in
    double throughput; // operations finished per second since the sample before
    bool feed_stale, broker_down, journal_blocked;
    int64_t feed_age_ns; // since the last market data; INT64_MAX: none yet
    char journal_error[160], broker_error[120];
};

struct duet_health_issue {
    enum duet_health_rule rule;
    char text[200]; // with the figures
};
struct duet_health_report {
    enum duet_health_level level;
    size_t count;
    struct duet_health_issue issues[DUET_HEALTH_RULE_COUNT];
};
void duet_health_judge(const struct duet_health_facts *facts, struct duet_health_report *out);

/** What has to be remembered between samples; zero-initialise. */
struct duet_health {
    int64_t sampled_ns; // monotonic; 0: never
    uint64_t accepted, finished; // then
    bool waiting; // then
    uint32_t depth_samples;
    bool offered;
    double throughput;
};
/** Take a sample; at most once a period. */
void duet_health_sample(struct duet_health *health, const struct duet_live *live, int64_t monotonic_ns);
/** The facts of now, with what the last samples said. */
void duet_health_gather(const struct duet_health *health, const struct duet_live *live, struct duet_health_facts *out);

#endif
