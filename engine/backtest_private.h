/* A backtest under way: for engine/backtest.c, which plays it, and engine/backtest_build.c, which puts it together. */
#ifndef DUET_ENGINE_BACKTEST_PRIVATE_H
#define DUET_ENGINE_BACKTEST_PRIVATE_H

#include "base/clock.h"
#include "engine/backtest.h"
#include "engine/benchmark.h"
#include "engine/cast.h"
#include "engine/computer.h"
#include "engine/conductor.h"
#include "engine/gather.h"
#include "engine/host.h"
#include "engine/recorder.h"
#include "report/conventions/convention.h"

struct duet_backtest {
    const struct duet_config *config; // borrowed while running
    struct duet_backtest_options options;
    struct duet_plugin plugin;
    struct duet_cast cast;
    struct duet_bus *bus;
    struct duet_loop *loop;
    struct duet_clock clock;
    struct duet_env env;
    struct duet_stack stack;
    struct duet_portfolio *portfolio;
    struct duet_venue *venue;
    struct duet_host_run *host;
    struct duet_host_series *host_series;
    struct duet_made *made;
    struct duet_offload *offload; // NULL: nothing is computed, or all of it here
    struct duet_computer *computer;
    struct duet_recorder recorder;
    struct duet_player *players;
    struct duet_conductor conductor;
    struct duet_holder holder;
    struct duet_benchmark benchmark;
    struct duet_tape tape;
    enum duet_convention_wants wants; // what the tape has to hold
    bool over; // the data has been played
    bool damaged; // a cache that only the benchmark has looked at
    struct duet_curve curve;
    struct duet_decisions decisions;
    struct duet_result result;
    int64_t begun_ns;
    int64_t known_ns; // see duet_backtest_known_ns()
};

/** Everything but what runs; what was made is destroyed with the backtest, here and on failure. */
DUET_MUST_CHECK enum duet_status duet_backtest_build(struct duet_backtest *backtest);
DUET_MUST_CHECK enum duet_status duet_backtest_bring_up(struct duet_backtest *backtest);

static inline bool duet_backtest_wants_decisions(const struct duet_config *config) {
    return config->decisions || config->report != NULL;
}

#endif
