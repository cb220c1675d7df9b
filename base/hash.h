/*
 * A fast order-dependent fold for event streams; not cryptographic. Each step multiplies 64 by 64 bits and
 * folds the halves, which spreads every input bit over the result. The same on every machine.
 */
#ifndef DUET_BASE_HASH_H
#define DUET_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define DUET_HASH_SEED UINT64_C(0x9b1a6c5f3d2e4870)

__extension__ typedef unsigned __int128 duet_hash_product;

/** Multiply-fold of two words. */
static inline uint64_t duet_hash_mix(uint64_t a, uint64_t b) {
    duet_hash_product product = (duet_hash_product)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** One step of the chain: the only multiplication that waits for the previous step. */
static inline uint64_t duet_hash_step(uint64_t hash, uint64_t word) {
    return duet_hash_mix(hash ^ word, UINT64_C(0xd6e8feb86659fd93));
}

/** Fold `size` bytes; the length counts. */
uint64_t duet_hash_bytes(uint64_t hash, const void *bytes, size_t size);

#endif
