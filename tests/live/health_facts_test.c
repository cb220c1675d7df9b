/* What the rules of health remember between samples, taken of a real pool whose one worker is held up. */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "engine/live/health.h"
#include "engine/live/live.h"
#include "support/suite.h"

#define SECOND_NS INT64_C(1000000000)
#define QUEUE 10

static struct duet_bus *bus;
static struct duet_loop *loop;
static struct duet_env env;
static struct duet_live live;
static struct duet_health health;
static struct duet_health_report report;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static enum duet_status wait_at_gate(void *job, const volatile bool *cancelled) {
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return DUET_OK;
}

static void a_pool_of_one(void) {
    const struct duet_offload_options options = {.workers = 1, .queue_max = QUEUE};
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &bus), DUET_OK);
    ck_assert_int_eq(duet_loop_libevent_create(bus, NULL, &loop), DUET_OK);
    env = (struct duet_env){.bus = bus, .loop = loop, .clock = &duet_clock_wall};
    live = (struct duet_live){.loop = loop};
    ck_assert_int_eq(duet_offload_create(&options, &live.offload), DUET_OK);
    struct duet_component *component = duet_offload_component(live.offload);
    ck_assert_int_eq(duet_component_init(component, &env), DUET_OK);
    ck_assert_int_eq(duet_component_start(component), DUET_OK);
    pthread_mutex_lock(&gate);
}

static void finish(void) {
    duet_component_stop(duet_offload_component(live.offload));
    duet_component_teardown(duet_offload_component(live.offload));
    duet_offload_destroy(live.offload);
    duet_loop_destroy(loop);
    duet_bus_destroy(bus);
}

static uint32_t depth(void) {
    struct duet_offload_counts counts;
    duet_offload_get_counts(live.offload, &counts);
    return counts.depth;
}

/** Until `waiting` jobs wait behind the one at the gate. */
static void submit(uint32_t waiting) {
    const struct duet_offload_request request = {.name = "gate", .work = wait_at_gate};
    while (depth() < waiting) {
        ck_assert_int_eq(duet_offload_submit(live.offload, &request, NULL), DUET_OK);
    }
}

/** The codes that a sample at this second leads to. */
static const char *sample_at(int64_t second) {
    static char codes[100];
    struct duet_health_facts facts;
    codes[0] = '\0';
    duet_health_sample(&health, &live, second * SECOND_NS);
    duet_health_gather(&health, &live, &facts);
    duet_health_judge(&facts, &report);
    for (size_t i = 0; i < report.count; i++) {
        size_t used = strlen(codes);
        snprintf(codes + used, sizeof(codes) - used, "%s ", duet_health_code(report.issues[i].rule));
    }
    return codes;
}

START_TEST(a_queue_must_be_full_for_three_samples) {
    ck_assert_str_eq(sample_at(10), "");
    submit(QUEUE * 8 / 10);
    ck_assert_str_eq(sample_at(20), "");
    // Work has been waiting at both ends of the time between, and nothing was done.
    ck_assert_str_eq(sample_at(30), "throughput ");
    ck_assert_str_eq(sample_at(40), "queue throughput ");
    pthread_mutex_unlock(&gate);
    duet_offload_join(live.offload);
    ck_assert_str_eq(sample_at(50), "");
    finish();
}
END_TEST

START_TEST(an_idle_pool_is_no_alarm_however_long) {
    for (int64_t second = 10; second < 100; second += 10) {
        ck_assert_str_eq(sample_at(second), "");
    }
    pthread_mutex_unlock(&gate);
    finish();
}
END_TEST

START_TEST(a_fast_pool_under_load_is_healthy) {
    pthread_mutex_unlock(&gate);
    ck_assert_str_eq(sample_at(10), "");
    const struct duet_offload_request request = {.name = "quick", .work = wait_at_gate};
    for (int i = 0; i < 600; i++) { // 60 a second, as the samples' clock has it
        ck_assert_int_eq(duet_offload_submit(live.offload, &request, NULL), DUET_OK);
        duet_offload_join(live.offload);
    }
    ck_assert_str_eq(sample_at(20), "");
    ck_assert(health.offered);
    ck_assert_double_ge(health.throughput, 59);
    finish();
}
END_TEST

DUET_TEST_MAIN("health facts", a_pool_of_one, a_queue_must_be_full_for_three_samples,
    an_idle_pool_is_no_alarm_however_long, a_fast_pool_under_load_is_healthy)
