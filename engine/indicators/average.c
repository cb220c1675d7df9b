#include "engine/indicators/groups.h"

#include <duet/indicator.h>

static void sma_init(void *state, const double *params) {
    duet_sma_init(state, (int64_t)params[0]);
}

static void sma_update(void *state, const double *in, double *out) {
    double value = duet_sma_update(state, in[0]);
    out[0] = duet_sma_ready(state) ? value : (double)NAN;
}

static int64_t length_warm_up(const double *params) {
    return (int64_t)params[0];
}

const struct duet_indicator_row duet_indicators_average[] = {
    {.name = "sma",
        .title = "Simple moving average",
        .group = "average",
        .formula = "mean of the last `length` values",
        .source = "arithmetic mean",
        .header = "duet/indicator.h",
        .params = {{.name = "length",
            .fallback = 20,
            .minimum = 1,
            .maximum = DUET_SMA_MAX,
            .whole = true,
            .help = "window, values"}},
        .inputs = {"real"},
        .outputs = {"value"},
        .state_size = sizeof(struct duet_sma),
        .init = sma_init,
        .update = sma_update,
        .warm_up = length_warm_up},
    {0},
};
