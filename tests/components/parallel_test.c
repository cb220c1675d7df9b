/* Pieces of work on several threads: each once, told of in order. */
#include "components/parallel.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "support/suite.h"

#define PIECES 1000

static struct pieces {
    atomic_uint done_times[PIECES];
    unsigned char told[PIECES];
    size_t told_count;
    bool in_order;
} pieces;

static void work(void *argument, size_t index) {
    struct pieces *all = argument;
    for (volatile int i = 0; i < (int)(index % 7) * 100; i++) {
    }
    atomic_fetch_add(&all->done_times[index], 1);
}

static void tell(void *argument, size_t index) {
    struct pieces *all = argument;
    all->in_order = all->in_order && index == all->told_count && atomic_load(&all->done_times[index]) == 1;
    all->told_count++;
}

static void play(size_t count, unsigned threads) {
    memset(&pieces, 0, sizeof(pieces));
    pieces.in_order = true;
    duet_parallel_for(count, threads, work, tell, &pieces);
    ck_assert_uint_eq(pieces.told_count, count);
    ck_assert(pieces.in_order);
    for (size_t i = 0; i < PIECES; i++) {
        ck_assert_uint_eq(atomic_load(&pieces.done_times[i]), i < count ? 1 : 0);
    }
}

START_TEST(every_piece_is_done_once_and_told_of_in_order) {
    static const unsigned threads[] = {0, 1, 2, 8, 1000};
    for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
        play(PIECES, threads[i]);
        play(1, threads[i]);
        play(0, threads[i]);
    }
}
END_TEST

START_TEST(nobody_has_to_be_told) {
    memset(&pieces, 0, sizeof(pieces));
    duet_parallel_for(PIECES, 4, work, NULL, &pieces);
    for (size_t i = 0; i < PIECES; i++) {
        ck_assert_uint_eq(atomic_load(&pieces.done_times[i]), 1);
    }
}
END_TEST

DUET_TEST_MAIN("parallel", NULL, every_piece_is_done_once_and_told_of_in_order, nobody_has_to_be_told)
