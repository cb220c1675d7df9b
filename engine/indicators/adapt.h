/*
 * What the rows of the catalogue share: adapters from a public indicator to the row's init and update, and the
 * parameters that come again and again. Only for the files of the groups.
 */
#ifndef DUET_ENGINE_INDICATORS_ADAPT_H
#define DUET_ENGINE_INDICATORS_ADAPT_H

#include "engine/indicators/groups.h"

#include <duet/indicator.h>

/** NAME_init_row(): an init function of one length. */
#define ADAPT_INIT_LENGTH(name)                                      \
    static void name##_init_row(void *state, const double *params) { \
        duet_##name##_init(state, (int64_t)params[0]);               \
    }
/** NAME_update_row(): one output, from one input and up to four. */
#define ADAPT_UPDATE_1(name)                                                    \
    static void name##_update_row(void *state, const double *in, double *out) { \
        out[0] = duet_##name##_update(state, in[0]);                            \
    }
#define ADAPT_UPDATE_2(name)                                                    \
    static void name##_update_row(void *state, const double *in, double *out) { \
        out[0] = duet_##name##_update(state, in[0], in[1]);                     \
    }
#define ADAPT_UPDATE_3(name)                                                    \
    static void name##_update_row(void *state, const double *in, double *out) { \
        out[0] = duet_##name##_update(state, in[0], in[1], in[2]);              \
    }
#define ADAPT_UPDATE_4(name)                                                    \
    static void name##_update_row(void *state, const double *in, double *out) { \
        out[0] = duet_##name##_update(state, in[0], in[1], in[2], in[3]);       \
    }
/** The members of a row that come from the three functions above. */
#define ADAPT_STATE(name_) \
    .name = #name_, .state_size = sizeof(struct duet_##name_), .init = name_##_init_row, .update = name_##_update_row

/** A window, in values. */
#define PARAM_LENGTH(fallback_)                                                                             \
    {                                                                                                       \
        .name = "length", .fallback = (fallback_), .minimum = 1, .maximum = DUET_WINDOW_MAX, .whole = true, \
        .help = "window, values"                                                                            \
    }
/** A smoothing length without a window. */
#define PARAM_SMOOTHING(name_, fallback_, help_) \
    { .name = name_, .fallback = (fallback_), .minimum = 1, .maximum = DUET_LENGTH_MAX, .whole = true, .help = help_ }
#define PARAM_WHOLE(name_, fallback_, minimum_, maximum_, help_)                                             \
    {                                                                                                        \
        .name = name_, .fallback = (fallback_), .minimum = (minimum_), .maximum = (maximum_), .whole = true, \
        .help = help_                                                                                        \
    }
#define PARAM_REAL(name_, fallback_, minimum_, maximum_, help_) \
    { .name = name_, .fallback = (fallback_), .minimum = (minimum_), .maximum = (maximum_), .help = help_ }
#define PARAM_SEED PARAM_WHOLE("seed", 0, 0, 1, "0: begins with the mean of the first values; 1: with the first")

/** A kind of moving average, and its window. */
#define PARAM_MOVING(fallback_)                                                                                      \
    PARAM_WHOLE("average", fallback_, 0, DUET_MOVING_COUNT - 1,                                                      \
        "0 sma, 1 ema, 2 wma, 3 smma, 4 dema, 5 tema, 6 t3, 7 trima, 8 hma, 9 zlema, 10 kama, 11 alma, 12 dickson, " \
        "13 error_correcting")
#define PARAM_MOVING_LENGTH(fallback_) PARAM_WHOLE("length", fallback_, 1, DUET_WINDOW_MAX - 1, "window, values")

static inline int64_t adapt_length(const double *params) {
    return (int64_t)params[0];
}

static inline int64_t adapt_once(const double *params) {
    (void)params;
    return 1;
}

#endif
