#include "base/hash.h"

#include <string.h>

uint64_t duet_hash_bytes(uint64_t hash, const void *bytes, size_t size) {
    const unsigned char *next = bytes;
    size_t left = size;
    for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), next += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, next, sizeof(word));
        hash = duet_hash_step(hash, word);
    }
    uint64_t tail = 0;
    if (left > 0) {
        memcpy(&tail, next, left);
    }
    // The length goes in by a step of its own, so a zero-filled tail differs from zeros that were there.
    return duet_hash_step(duet_hash_step(hash, tail), (uint64_t)size);
}
