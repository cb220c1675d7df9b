/* Prints, for each row of the catalogue, a hash of all its outputs over bars that walk at random. See
 * indicator_bits_test.py. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/indicator_walk.h"

int main(void) {
    const struct duet_indicator_row *row;
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; i++) {
        double params[DUET_INDICATOR_PARAMS_MAX] = {0}, in[DUET_INDICATOR_INPUTS_MAX] = {0};
        double out[DUET_INDICATOR_OUTPUTS_MAX];
        for (size_t k = 0; k < DUET_INDICATOR_PARAMS_MAX && row->params[k].name != NULL; k++) {
            params[k] = row->params[k].fallback;
        }
        void *state = calloc(1, row->state_size);
        if (state == NULL) {
            return 1;
        }
        row->init(state, params);
        struct walk walk;
        walk_begin(&walk, 42);
        uint64_t hash = UINT64_C(14695981039346656037);
        for (int k = 0; k < 2000; k++) {
            walk_next(&walk);
            walk_inputs(&walk, row, in);
            row->update(state, in, out);
            for (size_t o = 0; row->outputs[o] != NULL; o++) {
                uint64_t bits = 0;
                memcpy(&bits, &out[o], sizeof(bits));
                // The sign of "not a number" is nobody's promise.
                hash = (hash ^ (out[o] == out[o] ? bits : 1)) * UINT64_C(1099511628211);
            }
        }
        free(state);
        printf("%s %016llx\n", row->name, (unsigned long long)hash);
    }
    return 0;
}
