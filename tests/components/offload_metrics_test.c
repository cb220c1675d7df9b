/* The arithmetic over what operations took, by known data. */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "components/offload_private.h"
#include "support/suite.h"

#define MS INT64_C(1000000)

static struct offload_metrics metrics;

static void add(const char *name, int64_t began_ms, int64_t took_ms, bool ok) {
    struct offload_record record = {
        .wall_ns = began_ms * MS, .began_ns = began_ms * MS, .ended_ns = (began_ms + took_ms) * MS, .ok = ok};
    snprintf(record.name, sizeof(record.name), "%s", name);
    snprintf(record.error, sizeof(record.error), "%s", ok ? "" : "broken");
    duet_offload_metrics_add(&metrics, &record);
}

static struct duet_operation_summary summary_of(const char *name) {
    struct duet_operation_summary summary;
    duet_offload_metrics_summary(&metrics, name, &summary);
    return summary;
}

START_TEST(percentiles_of_one_to_a_hundred_are_their_ranks) {
    double samples[100];
    for (int i = 0; i < 100; i++) {
        samples[i] = 100 - i;
    }
    ck_assert_double_eq(duet_percentile(samples, 100, 50), 50);
    ck_assert_double_eq(duet_percentile(samples, 100, 95), 95);
    ck_assert_double_eq(duet_percentile(samples, 100, 99), 99);
    ck_assert_double_eq(duet_percentile(samples, 100, 100), 100);
    ck_assert_double_eq(duet_percentile(samples, 100, 0), 1);
    double one[1] = {7};
    ck_assert_double_eq(duet_percentile(one, 1, 50), 7);
    double four[4] = {4, 1, 3, 2};
    ck_assert_double_eq(duet_percentile(four, 4, 50), 2);
    ck_assert_double_eq(duet_percentile(four, 4, 51), 3);
    ck_assert_double_eq(duet_percentile(NULL, 0, 50), 0);
}
END_TEST

START_TEST(failures_count_in_the_latencies_and_apart) {
    duet_offload_metrics_init(&metrics, 1000);
    for (int i = 100; i >= 1; i--) {
        add("scan", i, i, i % 10 != 0);
    }
    struct duet_operation_summary summary = summary_of(NULL);
    ck_assert_uint_eq(summary.total, 100);
    ck_assert_uint_eq(summary.failed, 10);
    ck_assert_double_eq(summary.success_rate, 0.9);
    ck_assert_double_eq(summary.average_ms, 50.5);
    ck_assert_double_eq(summary.p50_ms, 50);
    ck_assert_double_eq(summary.p95_ms, 95);
    ck_assert_double_eq(summary.p99_ms, 99);
    ck_assert_double_eq(summary.max_ms, 100);
    ck_assert_double_eq_tol(summary.throughput, 100 / 0.199, 1e-9); // from 1 ms to 200 ms
    duet_offload_metrics_finish(&metrics);
}
END_TEST

START_TEST(an_idle_pool_is_a_healthy_one) {
    duet_offload_metrics_init(&metrics, 10);
    struct duet_operation_summary summary = summary_of(NULL);
    ck_assert_uint_eq(summary.total, 0);
    ck_assert_double_eq(summary.success_rate, 1);
    ck_assert_double_eq(summary.p95_ms, 0);
    ck_assert_double_eq(summary.throughput, 0);
    struct duet_operation_record records[2];
    ck_assert_uint_eq(duet_offload_metrics_recent(&metrics, records, 2), 0);
    duet_offload_metrics_finish(&metrics);
}
END_TEST

START_TEST(each_kind_of_operation_has_its_own_figures) {
    duet_offload_metrics_init(&metrics, 10);
    add("features", 0, 20, true);
    add("signal", 10, 40, false);
    add("features", 20, 60, true);
    ck_assert_uint_eq(summary_of("features").total, 2);
    ck_assert_double_eq(summary_of("features").average_ms, 40);
    ck_assert_double_eq(summary_of("features").success_rate, 1);
    ck_assert_double_eq(summary_of("signal").success_rate, 0);
    ck_assert_uint_eq(summary_of("nothing").total, 0);
    struct duet_operation_record records[10];
    ck_assert_uint_eq(duet_offload_metrics_recent(&metrics, records, 2), 2);
    ck_assert_double_eq(records[0].duration_ms, 60); // newest first
    ck_assert_str_eq(records[1].name, "signal");
    ck_assert_str_eq(records[1].error, "broken");
    ck_assert(!records[1].ok);
    duet_offload_metrics_finish(&metrics);
}
END_TEST

START_TEST(a_million_records_fit_into_the_room_of_ten_thousand) {
    duet_offload_metrics_init(&metrics, 10000);
    for (int i = 0; i < 1000000; i++) {
        add("flood", i, i < 990000 ? 1000 : 1, i >= 990000);
        DUET_ASSERT(duet_offload_metrics_count(&metrics) <= 10000);
    }
    struct duet_operation_summary summary = summary_of(NULL);
    ck_assert_uint_eq(summary.total, 10000);
    ck_assert_uint_eq(summary.failed, 0);
    ck_assert_double_eq(summary.max_ms, 1);
    duet_offload_metrics_finish(&metrics);
}
END_TEST

START_TEST(the_breaker_looks_at_the_last_hundred) {
    struct offload_breaker breaker = {.error_rate = 0.5, .reset_ns = 100};
    for (int i = 0; i < 19; i++) {
        duet_offload_breaker_book(&breaker, false, 0);
        ck_assert(duet_offload_breaker_allows(&breaker, 0)); // too few to judge by
    }
    duet_offload_breaker_book(&breaker, true, 0);
    ck_assert(!duet_offload_breaker_allows(&breaker, 99));
    ck_assert(duet_offload_breaker_allows(&breaker, 100)); // one may try
    ck_assert(!duet_offload_breaker_allows(&breaker, 100));
    duet_offload_breaker_book(&breaker, false, 150);
    ck_assert(!duet_offload_breaker_allows(&breaker, 249));
    ck_assert(duet_offload_breaker_allows(&breaker, 250));
    duet_offload_breaker_book(&breaker, true, 260);
    for (int i = 0; i < 1000; i++) {
        ck_assert(duet_offload_breaker_allows(&breaker, 260));
        bool fails = i % 2 == 1 && i % 100 != 1; // 49 of each hundred, and never half of what there is
        duet_offload_breaker_book(&breaker, !fails, 260);
    }
    ck_assert(!breaker.open);
    duet_offload_breaker_book(&breaker, false, 260); // the fiftieth
    ck_assert(breaker.open);
}
END_TEST

DUET_TEST_MAIN("offload_metrics", NULL, percentiles_of_one_to_a_hundred_are_their_ranks,
    failures_count_in_the_latencies_and_apart, an_idle_pool_is_a_healthy_one,
    each_kind_of_operation_has_its_own_figures, a_million_records_fit_into_the_room_of_ten_thousand,
    the_breaker_looks_at_the_last_hundred)
