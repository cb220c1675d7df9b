/*
 * One backtest in a process of its own, for the checks: what a plugin leaves in its static variables, or what kills it,
 * stays there. Nothing is written, printed or logged.
 */
#ifndef DUET_ENGINE_CHECK_RUN_H
#define DUET_ENGINE_CHECK_RUN_H

#include "engine/backtest.h"
#include "report/decisions.h"

struct duet_check_run {
    enum duet_status status; // of the run; its line is duet_error_text()'s
    bool died; // of a signal, or a sanitizer ended it
    char last_words[256]; // of a run that died: "strategy X crashed in on_bar (signal SIGSEGV)"
    uint64_t bars, ticks;
    int64_t known_ns; // see duet_backtest_known_ns()
    struct duet_decisions decisions; // owned; free with duet_decisions_finish()
};

/** `config` is run with `options`, its decisions kept and its files left out. DUET_EIO where no process could be made;
 * otherwise DUET_OK and the outcome in *out, whatever it was. */
DUET_MUST_CHECK enum duet_status duet_check_run(
    const struct duet_config *config, const struct duet_backtest_options *options, struct duet_check_run *out);

#endif
