/* A small seeded random generator (xorshift64*, Vigna 2016); the only source of chance in a run. */
#ifndef DUET_BASE_RNG_H
#define DUET_BASE_RNG_H

#include <stdint.h>

struct duet_rng {
    uint64_t state; // never 0
};

void duet_rng_seed(struct duet_rng *rng, uint64_t seed);
/** 64 random bits. */
uint64_t duet_rng_next(struct duet_rng *rng);
/** Uniform in [0, 1), 53 bits. */
double duet_rng_uniform(struct duet_rng *rng);
/** 0 … bound-1, without bias; bound > 0. */
uint64_t duet_rng_below(struct duet_rng *rng, uint64_t bound);

#endif
