#include "engine/live/health.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"

#define SUCCESS_MIN 0.95
#define LAG_P95_MAX_MS 10.0
#define THROUGHPUT_MIN 50.0

static const struct {
    const char *code, *meaning;
    enum duet_health_level level;
} rules[DUET_HEALTH_RULE_COUNT] = {
#define RULE_ROW(name, code_, level_, text) \
    [DUET_HEALTH_##name##_RULE] = {.code = code_, .meaning = text, .level = DUET_HEALTH_##level_},
    DUET_HEALTH_MAP(RULE_ROW)
#undef RULE_ROW
};

const char *duet_health_level_name(enum duet_health_level level) {
    static const char *const names[] = {"healthy", "degraded", "unhealthy"};
    DUET_ASSERT((size_t)level < sizeof(names) / sizeof(names[0]));
    return names[level];
}

const char *duet_health_code(enum duet_health_rule rule) {
    DUET_ASSERT(rule < DUET_HEALTH_RULE_COUNT);
    return rules[rule].code;
}

const char *duet_health_meaning(enum duet_health_rule rule) {
    DUET_ASSERT(rule < DUET_HEALTH_RULE_COUNT);
    return rules[rule].meaning;
}

static void raise(struct duet_health_report *report, enum duet_health_rule rule, const char *format, ...)
    DUET_PRINTF(3, 4);

static void raise(struct duet_health_report *report, enum duet_health_rule rule, const char *format, ...) {
    struct duet_health_issue *issue = &report->issues[report->count++];
    issue->rule = rule;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(issue->text, sizeof(issue->text), format, arguments);
    va_end(arguments);
    if (rules[rule].level > report->level) {
        report->level = rules[rule].level;
    }
}

void duet_health_judge(const struct duet_health_facts *facts, struct duet_health_report *out) {
    *out = (struct duet_health_report){.level = DUET_HEALTH_HEALTHY};
    const struct duet_offload_counts *offload = &facts->offload;
    if (facts->operations.total > 0 && facts->operations.success_rate < SUCCESS_MIN) {
        raise(out, DUET_HEALTH_SUCCESS_RULE, "success %.1f %% of %llu operations (limit 95 %%)",
            100 * facts->operations.success_rate, (unsigned long long)facts->operations.total);
    }
    if (facts->lag.samples > 0 && facts->lag.p95_ms > LAG_P95_MAX_MS) {
        raise(out, DUET_HEALTH_LAG_RULE, "loop lag p95 %.1f ms (limit 10 ms)", facts->lag.p95_ms);
    }
    if (facts->depth_samples >= DUET_HEALTH_DEPTH_SAMPLES) {
        raise(out, DUET_HEALTH_QUEUE_RULE, "queue depth %u of %u, %u samples in a row at 80 %% or more", offload->depth,
            offload->capacity, facts->depth_samples);
    }
    if (facts->offered && facts->throughput < THROUGHPUT_MIN) {
        raise(out, DUET_HEALTH_THROUGHPUT_RULE, "%.1f operations a second while work is waiting (limit 50)",
            facts->throughput);
    }
    if (facts->feed_stale) {
        raise(out, DUET_HEALTH_STALE_RULE, "market data is missing; the last instant was %.1f s ago",
            facts->feed_age_ns == INT64_MAX ? NAN : (double)facts->feed_age_ns / 1e9);
    }
    if (facts->broker_down) {
        raise(out, DUET_HEALTH_BROKER_RULE, "gateway: %s",
            facts->broker_error[0] != '\0' ? facts->broker_error : "not connected and reconciled");
    }
    if (facts->journal_blocked) {
        raise(out, DUET_HEALTH_JOURNAL_RULE, "journal: %s", facts->journal_error);
    }
}
