/*
 * What a run is held against, day by day: buy and hold of its own instruments, one of its series, or a file of its own
 * that nothing else looks at. Values are looked up when the run is over, so it costs the run nothing, and no strategy
 * can see it.
 *
 * The value of a day is the last that is known at the day's last instant; a bar of a day or longer counts where it
 * closes by the end of the day. Prices are scaled so that the run begins at its initial cash: at the last close before
 * the run, or where there is none, at the first opening in it.
 */
#ifndef DUET_ENGINE_BENCHMARK_H
#define DUET_ENGINE_BENCHMARK_H

#include "engine/cast.h"
#include "engine/holder.h"
#include "report/result.h"

enum duet_benchmark_kind { DUET_BENCHMARK_NONE = 0, DUET_BENCHMARK_HOLD, DUET_BENCHMARK_SERIES };

struct duet_benchmark {
    enum duet_benchmark_kind kind;
    const struct duet_cast *cast; // borrowed
    struct duet_series *series; // SERIES: the cast's, or its own
    bool is_own;
    struct duet_data_spec spec; // owned; of its own series
};

/** By config.benchmark: "none", "buy_and_hold", a symbol of the run, or SYMBOL=PATH[,key=value]…, which is opened here.
 * DUET_EINVAL for anything else, DUET_EDATA for data. */
DUET_MUST_CHECK enum duet_status duet_benchmark_open(
    const struct duet_config *config, const struct duet_cast *cast, struct duet_benchmark *out);
void duet_benchmark_close(struct duet_benchmark *benchmark);

/** Fills result.benchmark and its name, and warns where it does not reach over the run; the result has its curve and
 * times. DUET_EDATA where its cache is damaged, which has then been removed. */
DUET_MUST_CHECK enum duet_status duet_benchmark_sample(
    const struct duet_benchmark *benchmark, const struct duet_holder *holder, struct duet_result *result);

#endif
