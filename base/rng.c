#include "base/rng.h"

#include "base/assert.h"

void duet_rng_seed(struct duet_rng *rng, uint64_t seed) {
    // Neighbouring seeds, and 0, must give unrelated states: spread the bits first (a bijection, so at most one
    // seed lands on the forbidden 0).
    uint64_t x = seed + UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    rng->state = x != 0 ? x : UINT64_C(0x9e3779b97f4a7c15);
}

uint64_t duet_rng_next(struct duet_rng *rng) {
    DUET_ASSERT(rng->state != 0);
    uint64_t x = rng->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    rng->state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

double duet_rng_uniform(struct duet_rng *rng) {
    return (double)(duet_rng_next(rng) >> 11) * 0x1p-53;
}

uint64_t duet_rng_below(struct duet_rng *rng, uint64_t bound) {
    DUET_ASSERT(bound > 0);
    // Draws below 2^64 mod bound would make small results more likely; draw again.
    uint64_t skip = (UINT64_MAX - bound + 1) % bound;
    for (;;) {
        uint64_t draw = duet_rng_next(rng);
        if (draw >= skip) {
            return draw % bound;
        }
    }
}
