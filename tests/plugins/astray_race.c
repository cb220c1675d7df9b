/* Lets two threads race for who is first. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "astray.h"

#define LAPS 12

struct astray_race {
    int64_t bars;
};

struct race {
    atomic_int waiting;
    _Atomic uint64_t order; // a bit per lap and thread
};

struct runner {
    struct race *race;
    uint64_t bit;
    pthread_t thread;
};

static void *run(void *argument) {
    struct runner *runner = argument;
    for (int lap = 0; lap < LAPS; lap++) {
        (void)usleep(20);
        uint64_t order = atomic_load(&runner->race->order);
        while (!atomic_compare_exchange_weak(&runner->race->order, &order, order * 2 + runner->bit)) {
        }
    }
    return NULL;
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct astray_race *self = state;
    struct race race = {0};
    struct runner runners[2] = {{.race = &race, .bit = 0}, {.race = &race, .bit = 1}};
    for (int i = 0; i < 2; i++) {
        if (pthread_create(&runners[i].thread, NULL, run, &runners[i]) != 0) {
            return;
        }
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(runners[i].thread, NULL);
    }
    astray_order(ctx, &self->bars, atomic_load(&race.order));
}

ASTRAY_PLUGIN("astray_race", struct astray_race, on_bar);
