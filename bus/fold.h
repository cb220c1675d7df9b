/* How events enter the hash: whatever of an event can be computed without the hash before it is; one step waits. */
#ifndef DUET_BUS_FOLD_H
#define DUET_BUS_FOLD_H

#include <string.h>

#include <duet/event.h>

#include "base/hash.h"

#define DUET_FOLD_KEY_0 UINT64_C(0xe29dd37d515982e9)
#define DUET_FOLD_KEY_1 UINT64_C(0xbe3e55ec962f1a79)
#define DUET_FOLD_KEY_2 UINT64_C(0xcab8ef32b1e1fd1b)
#define DUET_FOLD_KEY_3 UINT64_C(0xa5e84a4b4f4ffc81)
#define DUET_FOLD_KEY_4 UINT64_C(0xca5b59ccfa7536f5)
#define DUET_FOLD_KEY_5 UINT64_C(0xbf53c0521300a12f)
#define DUET_FOLD_KEY_6 UINT64_C(0xc9eeb0c36e022cbb)
#define DUET_FOLD_KEY_7 UINT64_C(0x9f46906dc5099065)

static inline uint64_t duet_fold_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/**
 * The hash after a bar; see duet_event_fold(). The words enter as a sum of products with odd random keys: each change
 * of a word changes the sum, and the multiplications are independent and cheap. The step then spreads the sum.
 */
static inline uint64_t duet_fold_bar(uint64_t hash, const struct duet_bar *bar, uint64_t sequence) {
    // No interval reaches 2^52 ns, so the instrument has the bits above to itself.
    uint64_t word = ((uint64_t)bar->interval_ns + ((uint64_t)bar->instrument << 52)) * DUET_FOLD_KEY_0 + sequence;
    word += (uint64_t)bar->open_ns * DUET_FOLD_KEY_2;
    word += (uint64_t)bar->open_scaled * DUET_FOLD_KEY_3;
    word += (uint64_t)bar->high_scaled * DUET_FOLD_KEY_4;
    word += (uint64_t)bar->low_scaled * DUET_FOLD_KEY_5;
    word += (uint64_t)bar->close_scaled * DUET_FOLD_KEY_6;
    word += duet_fold_bits(bar->volume) * DUET_FOLD_KEY_7;
    return duet_hash_step(hash, word);
}

#endif
