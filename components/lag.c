#include "components/lag.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/text.h"
#include "components/offload.h"

#define KEEP 3000

struct duet_lag {
    struct duet_source source;
    struct duet_loop *loop;
    int64_t period_ns, due_ns; // monotonic
    double *lags_ms; // a ring
    double *scratch;
    uint32_t keep;
    uint64_t samples, missed, kept; // kept: since the last clear
};

static void lag_take(struct duet_lag *lag, int64_t late_ns) {
    lag->lags_ms[lag->kept++ % lag->keep] = (double)late_ns / 1e6;
    lag->samples++;
}

static enum duet_source_state lag_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct duet_lag *lag = duet_container_of(source, struct duet_lag, source);
    int64_t now_ns = duet_monotonic_ns();
    if (now_ns >= lag->due_ns) {
        int64_t passed = (now_ns - lag->due_ns) / lag->period_ns; // besides the one that is due
        int64_t last_ns = lag->due_ns + passed * lag->period_ns;
        lag->missed += (uint64_t)passed;
        if (passed >= lag->keep) { // after a suspend, say: older ones would be overwritten anyway
            lag->due_ns = last_ns - (lag->keep - 1) * lag->period_ns;
        }
        for (; lag->due_ns <= last_ns; lag->due_ns += lag->period_ns) {
            lag_take(lag, now_ns - lag->due_ns);
        }
    }
    // Counted from now, so the next is due on the grid however late this one is.
    *wake_ns = duet_clock_now_ns(&duet_clock_wall) + (lag->due_ns - duet_monotonic_ns());
    return DUET_SOURCE_WAIT;
}

enum duet_status duet_lag_create(struct duet_loop *loop, int64_t period_ns, uint32_t keep, struct duet_lag **out) {
    DUET_ASSERT(period_ns > 0);
    struct duet_lag *lag = duet_alloc(1, sizeof(*lag));
    *lag = (struct duet_lag){.source = {.name = "lag", .run = lag_run},
        .loop = loop,
        .period_ns = period_ns,
        .due_ns = duet_monotonic_ns() + period_ns,
        .keep = keep != 0 ? keep : KEEP};
    lag->lags_ms = duet_alloc(lag->keep, sizeof(*lag->lags_ms));
    lag->scratch = duet_alloc(lag->keep, sizeof(*lag->scratch));
    duet_loop_add(loop, &lag->source);
    *out = lag;
    return DUET_OK;
}

void duet_lag_destroy(struct duet_lag *lag) {
    if (lag == NULL) {
        return;
    }
    duet_loop_remove(lag->loop, &lag->source);
    free(lag->lags_ms);
    free(lag->scratch);
    free(lag);
}

void duet_lag_get(const struct duet_lag *lag, struct duet_lag_summary *out) {
    *out = (struct duet_lag_summary){.samples = lag->samples, .missed = lag->missed};
    size_t count = lag->kept < lag->keep ? (size_t)lag->kept : lag->keep;
    if (count == 0) {
        return;
    }
    memcpy(lag->scratch, lag->lags_ms, count * sizeof(*lag->scratch));
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += lag->scratch[i];
    }
    out->average_ms = sum / (double)count;
    out->p50_ms = duet_percentile(lag->scratch, count, 50);
    out->p95_ms = duet_percentile(lag->scratch, count, 95);
    out->p99_ms = duet_percentile(lag->scratch, count, 99);
    out->max_ms = lag->scratch[count - 1];
}

void duet_lag_clear(struct duet_lag *lag) {
    lag->kept = 0;
}
