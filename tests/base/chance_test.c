/* The hash and the generator: fixed values, so that results stay the same over versions and machines. */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "support/suite.h"

START_TEST(the_fold_multiplies_and_folds_the_halves) {
    ck_assert_uint_eq(duet_hash_mix(0, 5), 0);
    ck_assert_uint_eq(duet_hash_mix(3, 5), 15);
    // 2^63 · 2 = 2^64: low half 0, high half 1.
    ck_assert_uint_eq(duet_hash_mix(UINT64_C(1) << 63, 2), 1);
    // (2^64 - 1)^2 = 2^128 - 2^65 + 1: low half 1, high half 2^64 - 2.
    ck_assert_uint_eq(duet_hash_mix(UINT64_MAX, UINT64_MAX), UINT64_MAX);
}
END_TEST

START_TEST(bytes_order_and_length_all_count) {
    static const char bytes[24] = "abcdefghijklmnop";
    uint64_t hashes[24];
    for (size_t size = 0; size < 24; size++) {
        hashes[size] = duet_hash_bytes(DUET_HASH_SEED, bytes, size);
        for (size_t other = 0; other < size; other++) {
            ck_assert_uint_ne(hashes[size], hashes[other]);
        }
    }
    ck_assert_uint_ne(duet_hash_bytes(DUET_HASH_SEED, "ab", 2), duet_hash_bytes(DUET_HASH_SEED, "ba", 2));
    ck_assert_uint_eq(duet_hash_bytes(DUET_HASH_SEED, NULL, 0), hashes[0]);
}
END_TEST

START_TEST(a_seed_gives_the_same_numbers_for_good) {
    // By hand from the definition: one step of xorshift64* (12, 25, 27) from state 1 is 33554433, times the
    // multiplier 0x2545f4914f6cdd1d modulo 2^64.
    struct duet_rng rng = {.state = 1};
    ck_assert_uint_eq(duet_rng_next(&rng), UINT64_C(5180492295206395165));
    ck_assert_uint_eq(rng.state, 33554433);

    struct duet_rng a, b, c;
    duet_rng_seed(&a, 42);
    duet_rng_seed(&b, 42);
    duet_rng_seed(&c, 43);
    for (int i = 0; i < 100; i++) {
        uint64_t draw = duet_rng_next(&a);
        ck_assert_uint_eq(draw, duet_rng_next(&b));
        ck_assert_uint_ne(draw, duet_rng_next(&c));
    }
    duet_rng_seed(&a, 0);
    ck_assert_uint_ne(a.state, 0);
}
END_TEST

START_TEST(uniform_numbers_fill_the_unit_interval_evenly) {
    struct duet_rng rng;
    duet_rng_seed(&rng, 7);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        double draw = duet_rng_uniform(&rng);
        ck_assert(draw >= 0 && draw < 1);
        sum += draw;
    }
    // The mean has standard deviation 0.0009.
    ck_assert(fabs(sum / 100000 - 0.5) < 0.005);
}
END_TEST

START_TEST(bounded_numbers_stay_below_and_hit_every_value) {
    struct duet_rng rng;
    duet_rng_seed(&rng, 7);
    int counts[6] = {0};
    for (int i = 0; i < 60000; i++) {
        uint64_t draw = duet_rng_below(&rng, 6);
        ck_assert_uint_lt(draw, 6);
        counts[draw]++;
    }
    for (int i = 0; i < 6; i++) {
        ck_assert_int_gt(counts[i], 9500);
        ck_assert_int_lt(counts[i], 10500);
    }
    ck_assert_uint_eq(duet_rng_below(&rng, 1), 0);
    for (int i = 0; i < 1000; i++) {
        ck_assert_uint_lt(duet_rng_below(&rng, (UINT64_C(1) << 63) + 1), (UINT64_C(1) << 63) + 1);
    }
}
END_TEST

DUET_TEST_MAIN("chance", NULL, the_fold_multiplies_and_folds_the_halves, bytes_order_and_length_all_count,
    a_seed_gives_the_same_numbers_for_good, uniform_numbers_fill_the_unit_interval_evenly,
    bounded_numbers_stay_below_and_hit_every_value)
