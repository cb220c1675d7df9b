/* The benchmark behind the API: counts, refusals, and that the serving loop is left alone. No figure is a promise here.
 */
#include <stdio.h>
#include <string.h>

#include <duet/loop.h>

#include "base/error.h"
#include "engine/live/perf.h"
#include "support/suite.h"

static struct duet_bus *bus;
static struct duet_loop *loop;
static struct duet_perf *perf;

static void up(void) {
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &bus), DUET_OK);
    ck_assert_int_eq(duet_loop_libevent_create(bus, NULL, &loop), DUET_OK);
    ck_assert_int_eq(duet_perf_create(loop, NULL, &perf), DUET_OK);
}

static void down(void) {
    duet_perf_destroy(perf);
    duet_loop_destroy(loop);
    duet_bus_destroy(bus);
}

static unsigned told;
static enum duet_status told_status;
static struct duet_perf_result told_result;

static void done(void *argument, enum duet_status status, const struct duet_perf_result *result, const char *error) {
    told++;
    told_status = status;
    if (result != NULL) {
        told_result = *result;
    }
    duet_loop_stop(loop);
}

static const struct duet_perf_load few = {.kind = DUET_PERF_MIXED, .operations = 20, .operation_ms = 5, .workers = 4};

START_TEST(measures_both_sides_of_the_same_work) {
    up();
    ck_assert_msg(duet_perf_start(perf, &few, done, NULL) == DUET_OK, "%s", duet_error_text());
    ck_assert(duet_perf_is_running(perf));
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_uint_eq(told, 1);
    ck_assert_int_eq(told_status, DUET_OK);
    ck_assert(!duet_perf_is_running(perf));
    const struct duet_perf_side *sides[] = {&told_result.baseline, &told_result.optimised};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(sides[i]->operations, 20);
        ck_assert_uint_eq(sides[i]->failed + sides[i]->refused, 0);
        ck_assert_double_eq(sides[i]->success_rate, 1);
        ck_assert_double_ge(sides[i]->latency_average_ms, 5); // it blocks at least that long
        ck_assert_uint_gt(sides[i]->lag_samples, 0);
    }
    ck_assert_double_ge(told_result.baseline.wall_s, 0.1); // one after the other
    ck_assert_uint_eq(told_result.load.queue_max, 1000);
    ck_assert_ptr_nonnull(duet_perf_at(perf, 0));
    ck_assert_ptr_null(duet_perf_at(perf, 1));
    duet_perf_clear(perf);
    ck_assert_ptr_null(duet_perf_at(perf, 0));
    down();
}
END_TEST

START_TEST(a_second_one_is_refused_and_so_are_odd_numbers) {
    up();
    struct duet_perf_load load = few;
    load.operations = 9;
    ck_assert_int_eq(duet_perf_start(perf, &load, done, NULL), DUET_EINVAL);
    load.operations = 1001;
    ck_assert_int_eq(duet_perf_start(perf, &load, done, NULL), DUET_EINVAL);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "num_operations: 1001"));
    ck_assert_int_eq(duet_perf_start(perf, &few, done, NULL), DUET_OK);
    ck_assert_int_eq(duet_perf_start(perf, &few, done, NULL), DUET_ESTATE);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "a benchmark (mixed) is under way"));
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_int_eq(duet_perf_start(perf, &few, done, NULL), DUET_OK); // afterwards it may
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_uint_eq(told, 2);
    ck_assert_ptr_nonnull(duet_perf_at(perf, 1));
    down();
}
END_TEST

START_TEST(its_end_does_not_wait_for_all_of_the_work) {
    up();
    const struct duet_perf_load much = {
        .kind = DUET_PERF_FEATURES, .operations = 1000, .operation_ms = 1000}; // a quarter of an hour
    ck_assert_int_eq(duet_perf_start(perf, &much, done, NULL), DUET_OK);
    duet_perf_destroy(perf);
    perf = NULL;
    ck_assert_uint_eq(told, 1);
    ck_assert_int_eq(told_status, DUET_ESTATE);
    down();
}
END_TEST

START_TEST(a_queue_too_short_is_seen_in_the_figures) {
    const struct duet_perf_load load = {
        .kind = DUET_PERF_SIGNALS, .operations = 30, .operation_ms = 50, .workers = 1, .queue_max = 5};
    struct duet_perf_side side;
    ck_assert_msg(duet_perf_measure(&load, true, NULL, &side) == DUET_OK, "%s", duet_error_text());
    ck_assert_uint_ge(side.refused, 20);
    ck_assert_double_eq(side.success_rate, (double)(30 - side.refused) / 30);
}
END_TEST

START_TEST(the_tables_are_of_the_figures) {
    const struct duet_perf_result result = {
        .load = {.kind = DUET_PERF_FEATURES, .operations = 500, .operation_ms = 20, .workers = 8, .queue_max = 1000},
        .began_ns = 0,
        .baseline = {.operations = 500, .success_rate = 1, .throughput = 50, .lag_p95_ms = 40, .lag_average_ms = 20},
        .optimised = {.operations = 500, .success_rate = 1, .throughput = 400, .lag_p95_ms = 0.5, .lag_average_ms = 5}};
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    struct duet_json json = {.stream = stream};
    duet_perf_write(&json, NULL, &result);
    duet_perf_print(stream, &result, 1);
    fclose(stream);
    ck_assert_ptr_nonnull(strstr(text, "\"benchmark\":\"feature-computation\""));
    ck_assert_ptr_nonnull(strstr(text, "\"improvements\":{\"lag_p95_percent\":98.75,\"lag_average_percent\":75,"
                                       "\"lag_max_percent\":0,\"throughput_percent\":700}}"));
    ck_assert_ptr_nonnull(strstr(text, "feature-computation: 500 operations of 20 ms, 8 workers, queue 1000"));
    ck_assert_ptr_nonnull(strstr(text, "loop lag p95                      40.00       0.50     -98.8 %  ms"));
    ck_assert_ptr_nonnull(strstr(text, "throughput                        50.00     400.00    +700.0 %  ops/s"));
    free(text);
}
END_TEST

static void fresh(void) {
    told = 0;
}

DUET_TEST_MAIN("perf", fresh, measures_both_sides_of_the_same_work, a_second_one_is_refused_and_so_are_odd_numbers,
    its_end_does_not_wait_for_all_of_the_work, a_queue_too_short_is_seen_in_the_figures, the_tables_are_of_the_figures)
