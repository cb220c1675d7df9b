/*
 * How a row is made of an indicator NAME of several parameters, inputs or outputs, with its struct duet_NAME:
 * ADAPT_ALL() writes the three functions, ADAPT_ROW() names them in the row. Only for the files of the groups.
 */
#ifndef DUET_ENGINE_INDICATORS_ADAPT_ALL_H
#define DUET_ENGINE_INDICATORS_ADAPT_ALL_H

#include "engine/indicators/adapt.h"

/** `warm_up_` and `init_` may use `p`, the parameters as integers by P(i) and as doubles by p[i]; `init_` and what
 * follows, the update, `self`; the update `in` and `out`. */
#define ADAPT_ALL(id, warm_up_, init_, ...)                               \
    static void id##_init(void *state, const double *p) {                 \
        struct duet_##id *self = state;                                   \
        (void)p;                                                          \
        init_;                                                            \
    }                                                                     \
    static void id##_update(void *state, const double *in, double *out) { \
        struct duet_##id *self = state;                                   \
        __VA_ARGS__;                                                      \
    }                                                                     \
    static int64_t id##_warm_up(const double *p) {                        \
        (void)p;                                                          \
        return warm_up_;                                                  \
    }

#define P(i) ((int64_t)p[i])

#define ADAPT_ROW(id)                                                                              \
    .name = #id, .state_size = sizeof(struct duet_##id), .init = id##_init, .update = id##_update, \
    .warm_up = id##_warm_up

#define PARAM_KIND(fallback_)                                                                                    \
    PARAM_WHOLE("kind", fallback_, 0, DUET_MEAN_KIND_MAX,                                                        \
        "mean: 0 exponential, seeded with a simple mean; 1 exponential, seeded with the first value; 2 simple; " \
        "3 Wilder's; 4 weighted; 5 Wilder's, seeded with the first value")

static inline int64_t adapt_most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

#endif
