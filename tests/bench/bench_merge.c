/*
 * What an event costs in the merge: 1, 2, 10, 100 and 1000 sources, once at random times and once all on one grid. The
 * floor walks the same times in their order of source, without a merge.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/rng.h"
#include "base/text.h"
#include "data/merge.h"

#define EVENTS 1000000
#define REPETITIONS 7
/** Elements ahead in a source whose memory is asked for, as the conductor does with records. */
#define AHEAD 8

struct times {
    int64_t *ns; // source after source
    size_t length; // of each source
    uint32_t sources;
};

static struct times times_make(uint32_t sources, bool aligned) {
    struct times times = {.sources = sources, .length = EVENTS / sources};
    times.ns = duet_alloc(times.length * sources + AHEAD, sizeof(*times.ns));
    struct duet_rng rng;
    duet_rng_seed(&rng, sources);
    for (uint32_t source = 0; source < sources; source++) {
        int64_t ns = 0;
        for (size_t i = 0; i < times.length; i++) {
            ns += aligned ? 60 : 1 + (int64_t)duet_rng_below(&rng, 119);
            times.ns[source * times.length + i] = ns;
        }
    }
    return times;
}

static double merge_ns(const struct times *times) {
    int64_t *heads = duet_alloc(times->sources, sizeof(*heads));
    size_t *next = duet_alloc(times->sources, sizeof(*next));
    for (uint32_t i = 0; i < times->sources; i++) {
        heads[i] = times->ns[i * times->length];
    }
    struct duet_merge *merge;
    enum duet_status status = duet_merge_create(heads, times->sources, &merge);
    DUET_ASSERT(status == DUET_OK);
    uint64_t events = 0, sum = 0;
    int64_t begin = bench_now_ns();
    while (duet_merge_top_ns(merge) != INT64_MAX) {
        uint32_t source = duet_merge_top(merge);
        size_t place = ++next[source];
        const int64_t *ns = &times->ns[source * times->length + place];
        __builtin_prefetch(ns + AHEAD);
        sum += source;
        events++;
        (void)duet_merge_advance(merge, place < times->length ? *ns : INT64_MAX);
    }
    double result = (double)(bench_now_ns() - begin) / (double)events;
    bench_keep(sum);
    DUET_ASSERT(events == times->length * times->sources);
    duet_merge_destroy(merge);
    free(heads);
    free(next);
    return result;
}

static double floor_ns(const struct times *times) {
    uint64_t sum = 0;
    int64_t begin = bench_now_ns();
    for (size_t i = 0; i < times->length; i++) {
        for (uint32_t source = 0; source < times->sources; source++) {
            sum += (uint64_t)times->ns[source * times->length + i];
        }
    }
    double result = (double)(bench_now_ns() - begin) / (double)(times->length * times->sources);
    bench_keep(sum);
    return result;
}

void bench_merge(void) {
    static const struct {
        const char *name;
        uint32_t sources;
        bool aligned;
        double budget;
    } rows[] = {
        {"merge_1", 1, false, 0},
        {"merge_2_random", 2, false, 25},
        {"merge_10_random", 10, false, 25},
        {"merge_100_random", 100, false, 25},
        {"merge_1000_random", 1000, false, 0},
        {"merge_10_aligned", 10, true, 25},
        {"merge_100_aligned", 100, true, 25},
        {"merge_1000_aligned", 1000, true, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct times times = times_make(rows[i].sources, rows[i].aligned);
        double samples[REPETITIONS], floors[REPETITIONS];
        for (size_t k = 0; k < REPETITIONS; k++) {
            floors[k] = floor_ns(&times);
            samples[k] = merge_ns(&times);
        }
        bench_row(
            rows[i].name, "ns/event", samples, REPETITIONS, "walk", bench_min(floors, REPETITIONS), rows[i].budget);
        free(times.ns);
    }
}
