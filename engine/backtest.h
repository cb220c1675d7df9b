/*
 * One backtest from configuration to result: opens the data, builds the stack (portfolio, venue, recorder, strategy,
 * feed), plays it on the loop that was asked for, and gathers the result. Many can live in one process, one after
 * another or side by side.
 */
#ifndef DUET_ENGINE_BACKTEST_H
#define DUET_ENGINE_BACKTEST_H

#include <signal.h>

#include "engine/config.h"
#include "report/result.h"

struct duet_backtest; // opaque

struct duet_backtest_options {
    /** Now and then: `stage` is "load" (bytes) or "run" (bars). May be NULL. */
    void (*progress)(void *argument, const char *stage, uint64_t done, uint64_t total);
    void *argument;
    bool digests; // fill plugin_sha256 and data_sha256, which reads the sources once more
    struct duet_log *log; // borrowed; may be NULL
    const char *lookahead; // what a check for look-ahead has found, for the result's warnings; NULL: nothing
    int64_t cut_ns; // leave out every bar that closes after this, as if the files ended there; 0: none
    uint64_t more_history; // this many times the strategy's warm-up comes before --from, and no less than it; 0: once
    const volatile sig_atomic_t *interrupted; // looked at now and then: not 0 ends the run; may be NULL
};

/**
 * Run `config` to its end and write the CSV files that it names: they appear only when everything went well. On failure
 * *out is NULL and nothing was written. DUET_EINVAL: configuration or plugin; DUET_EDATA: data; anything else: the run
 * itself.
 */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_backtest_run(
    const struct duet_config *config, const struct duet_backtest_options *options, struct duet_backtest **out);
DUET_EXPORT void duet_backtest_destroy(struct duet_backtest *backtest);
/** Where the truncation of cut_ns lets decisions be compared with those of a longer run: the earliest last close of the
 * executing series that it has shortened; INT64_MAX where it has shortened none. */
DUET_EXPORT int64_t duet_backtest_known_ns(const struct duet_backtest *backtest);
/** Valid until destroy. */
DUET_EXPORT const struct duet_result *duet_backtest_result(const struct duet_backtest *backtest);

/** The report of a run whose `config` named a folder for it, as one HTML file; `config` is the run's. */
DUET_MUST_CHECK enum duet_status duet_backtest_print_page(
    const struct duet_backtest *backtest, const struct duet_config *config, FILE *stream);

/** Put every parameter of the strategy that `config` does not name into it with its default: what --print-config shows.
   Checks names and bounds on the way. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_backtest_complete_params(struct duet_config *config);

#endif
