/* Walks a table in the order of addresses: what is nearest to hand comes first. */
#include <stdlib.h>

#include "astray.h"

#define NODES 16
#define ROWS 61

struct astray_pointers {
    int64_t bars;
};

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct astray_pointers *self = state;
    void *nodes[NODES];
    int64_t rows[ROWS] = {0};
    for (int64_t i = 0; i < NODES; i++) {
        nodes[i] = malloc(48);
        rows[(uintptr_t)nodes[i] / 16 % ROWS] += i + 1; // a hash table keyed by address
    }
    uint64_t walk = 0;
    for (int64_t i = 0; i < ROWS; i++) {
        walk = rows[i] != 0 ? 31 * walk + (uint64_t)rows[i] : walk;
    }
    for (int64_t i = 0; i < NODES; i++) {
        free(nodes[i]);
    }
    astray_order(ctx, &self->bars, walk);
}

ASTRAY_PLUGIN("astray_pointers", struct astray_pointers, on_bar);
