#include "data/merge.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "base/text.h"
#include "support/suite.h"

struct element {
    int64_t ns;
    uint32_t source;
    size_t place; // within its source
};

static int compare_elements(const void *a, const void *b) {
    const struct element *x = a, *y = b;
    if (x->ns != y->ns) {
        return x->ns < y->ns ? -1 : 1;
    }
    if (x->source != y->source) {
        return x->source < y->source ? -1 : 1;
    }
    return x->place < y->place ? -1 : x->place > y->place;
}

/** Elements of all sources one after another; source i has `counts[i]` of them, ascending. */
static void assert_merges_like_qsort(const struct element *elements, const size_t *counts, uint32_t sources) {
    size_t total = 0;
    size_t *begin = duet_alloc(sources, sizeof(*begin)), *next = duet_alloc(sources, sizeof(*next));
    int64_t *heads = duet_alloc(sources, sizeof(*heads));
    for (uint32_t i = 0; i < sources; i++) {
        begin[i] = total;
        total += counts[i];
        heads[i] = counts[i] > 0 ? elements[begin[i]].ns : INT64_MAX;
    }
    struct element *expected = duet_alloc(total + 1, sizeof(*expected));
    memcpy(expected, elements, total * sizeof(*expected));
    qsort(expected, total, sizeof(*expected), compare_elements);

    struct duet_merge *merge;
    ck_assert_int_eq(duet_merge_create(heads, sources, &merge), DUET_OK);
    for (size_t i = 0; i < total; i++) {
        uint32_t top = duet_merge_top(merge);
        ck_assert_int_eq(duet_merge_top_ns(merge), expected[i].ns);
        ck_assert_uint_eq(top, expected[i].source);
        ck_assert_uint_eq(next[top], expected[i].place);
        next[top]++;
        int64_t next_ns = next[top] < counts[top] ? elements[begin[top] + next[top]].ns : INT64_MAX;
        int64_t top_ns = duet_merge_advance(merge, next_ns);
        ck_assert_int_eq(top_ns, i + 1 < total ? expected[i + 1].ns : INT64_MAX);
    }
    ck_assert_int_eq(duet_merge_top_ns(merge), INT64_MAX);
    duet_merge_destroy(merge);
    free(expected);
    free(begin);
    free(next);
    free(heads);
}

/** `steps` 0: all sources on one grid; else random steps below it, equal times among them. */
static void merge_made_up(uint32_t sources, size_t length, uint64_t steps, int64_t start_ns, uint64_t seed) {
    struct duet_rng rng;
    duet_rng_seed(&rng, seed);
    size_t *counts = duet_alloc(sources, sizeof(*counts));
    struct element *elements = duet_alloc(sources * length + 1, sizeof(*elements));
    size_t total = 0;
    for (uint32_t i = 0; i < sources; i++) {
        counts[i] = duet_rng_below(&rng, length + 1); // sources end at different times, some are empty
        int64_t ns = start_ns;
        for (size_t k = 0; k < counts[i]; k++) {
            ns += steps == 0 ? 60 : (int64_t)duet_rng_below(&rng, steps);
            elements[total++] = (struct element){ns, i, k};
        }
    }
    assert_merges_like_qsort(elements, counts, sources);
    free(counts);
    free(elements);
}

static const uint32_t source_counts[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 100, 257};

START_TEST(merges_random_times_as_qsort_would) {
    for (size_t i = 0; i < sizeof(source_counts) / sizeof(source_counts[0]); i++) {
        merge_made_up(source_counts[i], 200, 50, 1000, 11 + i);
    }
}
END_TEST

START_TEST(emits_equal_times_in_source_order) {
    for (size_t i = 0; i < sizeof(source_counts) / sizeof(source_counts[0]); i++) {
        merge_made_up(source_counts[i], 200, 0, 1000, 23 + i);
    }
}
END_TEST

START_TEST(takes_times_before_1970_and_at_the_ends_of_time) {
    merge_made_up(9, 100, 1000, -50000, 5);
    const struct element elements[] = {
        {INT64_MIN, 0, 0}, {INT64_MAX - 1, 0, 1}, {INT64_MIN, 1, 0}, {-1, 1, 1}, {0, 2, 0}};
    assert_merges_like_qsort(elements, (const size_t[]){2, 2, 1}, 3);
}
END_TEST

START_TEST(is_at_its_end_when_every_source_is_empty) {
    const int64_t none[] = {INT64_MAX, INT64_MAX, INT64_MAX};
    for (uint32_t sources = 1; sources <= 3; sources++) {
        struct duet_merge *merge;
        ck_assert_int_eq(duet_merge_create(none, sources, &merge), DUET_OK);
        ck_assert_int_eq(duet_merge_top_ns(merge), INT64_MAX);
        duet_merge_destroy(merge);
    }
}
END_TEST

DUET_TEST_MAIN("merge", NULL, merges_random_times_as_qsort_would, emits_equal_times_in_source_order,
    takes_times_before_1970_and_at_the_ends_of_time, is_at_its_end_when_every_source_is_empty)
