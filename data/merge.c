#include "data/merge.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/error.h"

/* (time, source) as one number of 127 bits: times are counted from the earliest, the source breaks ties. The topmost
 * bit stays free, so that the sign of a difference is a comparison. */
__extension__ typedef unsigned __int128 merge_key;

#define MERGE_TIME_SHIFT 63
#define MERGE_SIGN (UINT64_C(1) << 63)

struct duet_merge {
    uint32_t count;
    uint32_t top;
    int64_t top_ns;
    merge_key keys[]; // of the losers at nodes 1 … count-1; while there are two sources only [1]
};

static inline merge_key merge_key_of(int64_t ns, uint32_t source) {
    return (merge_key)((uint64_t)ns ^ MERGE_SIGN) << MERGE_TIME_SHIFT | source;
}

static inline int64_t merge_key_ns(merge_key key) {
    return (int64_t)((uint64_t)(key >> MERGE_TIME_SHIFT) ^ MERGE_SIGN);
}

static inline void merge_set_top(struct duet_merge *merge, merge_key winner) {
    merge->top = (uint32_t)winner;
    merge->top_ns = merge_key_ns(winner);
}

enum duet_status duet_merge_create(const int64_t *next_ns, uint32_t count, struct duet_merge **out) {
    DUET_ASSERT(count >= 1);
    struct duet_merge *merge = malloc(sizeof(*merge) + count * sizeof(merge->keys[0]));
    merge_key *winners = malloc(2 * (size_t)count * sizeof(*winners));
    if (merge == NULL || winners == NULL) {
        free(merge);
        free(winners);
        return duet_error(DUET_ENOMEM, "no memory to merge %u sources", count);
    }
    merge->count = count;
    merge->keys[0] = 0;
    for (uint32_t i = 0; i < count; i++) {
        winners[count + i] = merge_key_of(next_ns[i], i);
    }
    for (uint32_t node = count - 1; node >= 1; node--) {
        merge_key left = winners[2 * node], right = winners[2 * node + 1];
        winners[node] = left < right ? left : right;
        merge->keys[node] = left < right ? right : left;
    }
    merge_set_top(merge, winners[1]); // with one source the leaf itself is node 1
    free(winners);
    *out = merge;
    return DUET_OK;
}

void duet_merge_destroy(struct duet_merge *merge) {
    free(merge);
}

uint32_t duet_merge_top(const struct duet_merge *merge) {
    return merge->top;
}

int64_t duet_merge_top_ns(const struct duet_merge *merge) {
    return merge->top_ns;
}

int64_t duet_merge_advance(struct duet_merge *merge, int64_t next_ns) {
    uint32_t count = merge->count;
    merge_key winner = merge_key_of(next_ns, merge->top);
    if (count == 2) {
        // Two sources mostly alternate or run, which a branch predicts and a select cannot.
        if (winner > merge->keys[1]) {
            merge_key loser = winner;
            winner = merge->keys[1];
            merge->keys[1] = loser;
        }
    } else {
        merge_key *keys = merge->keys;
        uint64_t low = (uint64_t)winner, high = (uint64_t)(winner >> 64);
        for (uint32_t node = (count + merge->top) / 2; node >= 1; node /= 2) {
            merge_key rival = keys[node];
            // Which of the two is earlier is anyone's guess: exchange by mask where a branch would be mispredicted.
            uint64_t rival_low = (uint64_t)rival, rival_high = (uint64_t)(rival >> 64);
            uint64_t mask = (uint64_t)((int64_t)(rival_high - high - (rival_low < low)) >> 63);
            uint64_t swap_low = (rival_low ^ low) & mask, swap_high = (rival_high ^ high) & mask;
            keys[node] = (merge_key)(rival_high ^ swap_high) << 64 | (rival_low ^ swap_low);
            low ^= swap_low;
            high ^= swap_high;
        }
        winner = (merge_key)high << 64 | low;
    }
    merge_set_top(merge, winner);
    return merge->top_ns;
}
