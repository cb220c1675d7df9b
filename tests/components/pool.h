/* A pool on a bus of its own, with a log that is kept and a loop that is the test itself. */
#ifndef DUET_TESTS_POOL_H
#define DUET_TESTS_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "components/offload.h"
#include "support/suite.h"

/** Longest that a test waits for something that must come. */
#define POOL_PATIENCE_NS (90 * INT64_C(1000000000))

struct pool {
    struct duet_bus *bus;
    struct duet_log log;
    struct duet_env env;
    struct duet_offload *offload;
    char text[65536]; // what was logged
    atomic_uint wakes;
};

static inline void pool_hear(void *argument, enum duet_log_severity severity, const char *line) {
    struct pool *pool = argument;
    size_t used = strlen(pool->text);
    snprintf(pool->text + used, sizeof(pool->text) - used, "%s\n", line);
}

static inline void pool_wake(void *argument) {
    struct pool *pool = argument;
    atomic_fetch_add(&pool->wakes, 1);
}

/** Make it; `options` lacks log, wake and argument. */
static inline void pool_make(struct pool *pool, struct duet_offload_options options) {
    memset(pool, 0, sizeof(*pool));
    pool->log = (struct duet_log){.threshold = DUET_SEVERITY_DEBUG, .sink = pool_hear, .argument = pool};
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &pool->bus), DUET_OK);
    pool->env = (struct duet_env){.bus = pool->bus};
    options.log = &pool->log;
    options.wake = pool_wake;
    options.argument = pool;
    ck_assert_msg(duet_offload_create(&options, &pool->offload) == DUET_OK, "%s", duet_error_text());
}

static inline void pool_start(struct pool *pool) {
    struct duet_component *component = duet_offload_component(pool->offload);
    ck_assert_msg(duet_component_init(component, &pool->env) == DUET_OK, "%s", duet_error_text());
    ck_assert_msg(duet_component_start(component) == DUET_OK, "%s", duet_error_text());
}

static inline void pool_up(struct pool *pool, struct duet_offload_options options) {
    pool_make(pool, options);
    pool_start(pool);
}

static inline void pool_stop(struct pool *pool) {
    duet_component_stop(duet_offload_component(pool->offload));
}

static inline void pool_down(struct pool *pool) {
    duet_component_teardown(duet_offload_component(pool->offload));
    duet_offload_destroy(pool->offload);
    duet_bus_destroy(pool->bus);
}

static inline struct duet_offload_counts pool_counts(const struct pool *pool) {
    struct duet_offload_counts counts;
    duet_offload_get_counts(pool->offload, &counts);
    return counts;
}

static inline void pool_nap(void) {
    const struct timespec nap = {.tv_nsec = 1000000};
    nanosleep(&nap, NULL);
}

/** Be the loop until `*count` is `wanted`. */
static inline void pool_until(struct pool *pool, const unsigned *count, unsigned wanted) {
    int64_t until_ns = duet_monotonic_ns() + POOL_PATIENCE_NS;
    while (*count < wanted) {
        ck_assert_msg(duet_monotonic_ns() < until_ns, "%u of %u", *count, wanted);
        if (duet_offload_complete(pool->offload, 64) == 0) {
            pool_nap();
        }
    }
    ck_assert_uint_eq(*count, wanted);
}

/** A gate at which work waits until the test opens it; counts who has come. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    unsigned waiting, passed;
    bool open;
};
#define GATE_SHUT \
    { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER }

static inline void gate_pass(struct gate *gate) {
    pthread_mutex_lock(&gate->lock);
    gate->waiting++;
    pthread_cond_broadcast(&gate->moved);
    while (!gate->open) {
        pthread_cond_wait(&gate->moved, &gate->lock);
    }
    gate->passed++;
    pthread_mutex_unlock(&gate->lock);
}

static inline void gate_open(struct gate *gate) {
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->moved);
    pthread_mutex_unlock(&gate->lock);
}

/** Until so many stand at the gate, or have passed it. */
static inline void gate_await(struct gate *gate, unsigned count) {
    pthread_mutex_lock(&gate->lock);
    while (gate->waiting < count) {
        pthread_cond_wait(&gate->moved, &gate->lock);
    }
    pthread_mutex_unlock(&gate->lock);
}

#endif
