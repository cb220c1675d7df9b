/*
 * Bias checks: whether a strategy sees what it cannot know yet, and whether it is warm when it says so.
 *
 *   look-ahead  A run on files cut after some bar has to decide exactly as the whole run did up to there, at several
 *               cuts; and a run whose bars and history end at an unreadable page must not touch it. The latter happens
 *               in a process of its own, because it dies where a strategy peeks.
 *   warm-up     A run from --from on has to decide the same with twice, four and eight times the bars ahead of it that
 *               duet_warm_up() asks for. Without --from it begins in the middle of the data.
 */
#ifndef DUET_ENGINE_CHECK_H
#define DUET_ENGINE_CHECK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/config.h"

/** Cuts tried where nothing else is said; those of the check that a new plugin gets by itself. */
#define DUET_CHECK_CUTS 20
#define DUET_CHECK_CUTS_AUTO 4
/** Bars that the check of a new plugin looks at. */
#define DUET_CHECK_BARS_AUTO 5000

struct duet_check_options {
    size_t cuts; // look-ahead: how many; 0: DUET_CHECK_CUTS
    void (*progress)(void *argument, const char *stage, uint64_t done,
        uint64_t total); // "load" (bytes), "check" (runs); may be NULL
    void *argument;
    const volatile sig_atomic_t *interrupted; // may be NULL
};

struct duet_check {
    bool clean;
    uint64_t runs, decisions, bars, ticks; // all but the first: of the whole run
    char finding[640]; // what is wrong, in a sentence; "" where clean
    char detail[2][400]; // the decision of the whole run, and of the other one; "" where there is none
};

/** DUET_EINVAL, DUET_EDATA where the run itself is refused; DUET_OK with the outcome otherwise. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_check_lookahead(
    const struct duet_config *config, const struct duet_check_options *options, struct duet_check *out);
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_check_warm_up(
    const struct duet_config *config, const struct duet_check_options *options, struct duet_check *out);

/**
 * The look-ahead check of a plugin file that has not been run here yet, over its first DUET_CHECK_BARS_AUTO bars; what
 * came of it is remembered in the cache folder by the file's digest. Not done for bundled strategies, with check: off,
 * without a cache, or where the run itself would be refused. `*out` is clean where nothing was or had been found.
 */
void duet_check_new_plugin(
    const struct duet_config *config, const struct duet_check_options *options, struct duet_check *out);

/** `duet check lookahead|warmup`: exit code 0 clean, 4 something was found. */
DUET_EXPORT int duet_command_check(const struct duet_config *config, const char *what, size_t cuts);

#endif
