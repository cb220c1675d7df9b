/*
 * The rules of health, on facts made up: each limit from both sides, and that a system with nothing to do is well.
 */
#include "engine/live/health.h"

#include <stdio.h>
#include <string.h>

#include "support/suite.h"

static struct duet_health_facts facts;
static struct duet_health_report report;

static void an_idle_daemon(void) {
    facts = (struct duet_health_facts){.operations.success_rate = 1, .feed_age_ns = INT64_MAX};
    facts.offload.capacity = 1000;
}

/** The codes of the issues, in their order. */
static const char *codes(void) {
    static char text[200];
    duet_health_judge(&facts, &report);
    text[0] = '\0';
    for (size_t i = 0; i < report.count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? " " : "", duet_health_code(report.issues[i].rule));
    }
    return text;
}

START_TEST(an_idle_daemon_is_healthy) {
    ck_assert_str_eq(codes(), "");
    ck_assert_int_eq(report.level, DUET_HEALTH_HEALTHY);
    facts.operations.success_rate = 0; // of no operations at all
    facts.lag.p95_ms = 99; // of no probes
    ck_assert_str_eq(codes(), "");
}
END_TEST

START_TEST(success_counts_below_95_percent) {
    facts.operations = (struct duet_operation_summary){.total = 100, .failed = 5, .success_rate = 0.95};
    ck_assert_str_eq(codes(), "");
    facts.operations.success_rate = 0.94;
    ck_assert_str_eq(codes(), "success");
    ck_assert_int_eq(report.level, DUET_HEALTH_DEGRADED);
    ck_assert_str_eq(report.issues[0].text, "success 94.0 % of 100 operations (limit 95 %)");
}
END_TEST

START_TEST(lag_counts_beyond_10_ms) {
    facts.lag = (struct duet_lag_summary){.samples = 50, .p95_ms = 10.0};
    ck_assert_str_eq(codes(), "");
    facts.lag.p95_ms = 10.5;
    ck_assert_str_eq(codes(), "lag");
    ck_assert_str_eq(report.issues[0].text, "loop lag p95 10.5 ms (limit 10 ms)");
}
END_TEST

START_TEST(a_full_queue_counts_after_three_samples) {
    facts.offload.depth = 800;
    for (facts.depth_samples = 0; facts.depth_samples < 3; facts.depth_samples++) {
        ck_assert_str_eq(codes(), "");
    }
    ck_assert_str_eq(codes(), "queue");
}
END_TEST

START_TEST(throughput_counts_only_under_load) {
    facts.throughput = 0;
    ck_assert_str_eq(codes(), "");
    facts.offered = true;
    ck_assert_str_eq(codes(), "throughput");
    facts.throughput = 50;
    ck_assert_str_eq(codes(), "");
}
END_TEST

START_TEST(no_broker_or_no_journal_is_unhealthy) {
    facts.feed_stale = true;
    facts.feed_age_ns = 90 * DUET_SECOND_NS;
    ck_assert_str_eq(codes(), "stale");
    ck_assert_int_eq(report.level, DUET_HEALTH_DEGRADED);
    ck_assert_str_eq(report.issues[0].text, "market data is missing; the last instant was 90.0 s ago");
    facts.broker_down = true;
    facts.journal_blocked = true;
    ck_assert_str_eq(codes(), "stale broker journal");
    ck_assert_int_eq(report.level, DUET_HEALTH_UNHEALTHY);
}
END_TEST

DUET_TEST_MAIN("health", an_idle_daemon, an_idle_daemon_is_healthy, success_counts_below_95_percent,
    lag_counts_beyond_10_ms, a_full_queue_counts_after_three_samples, throughput_counts_only_under_load,
    no_broker_or_no_journal_is_unhealthy)
