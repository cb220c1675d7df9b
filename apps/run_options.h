/*
 * The command line of a run, backtest or live: options are the keys of the configuration, from the same tables. File
 * first, then the environment (live), then the command line.
 */
#ifndef DUET_APPS_RUN_OPTIONS_H
#define DUET_APPS_RUN_OPTIONS_H

#include <stdbool.h>

#include "engine/config.h"

struct duet_run_command {
    const char *name; // "backtest"
    const char *usage; // printed before the options
    bool live; // keys of `live:` are options too, and --real-money is the second switch
};

/** What is no part of the configuration. */
struct duet_run_switches {
    bool print, real_money;
};

/**
 * `argv[0]` is the command's own name; `config` has been initialised. An exit code where everything is said and done
 * (help, an error that has been printed), or -1.
 */
int duet_run_options_read(const struct duet_run_command *command, int argc, char **argv, struct duet_config *config,
    struct duet_run_switches *switches);

#endif
