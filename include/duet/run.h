/*
 * Running Duet from your own program: a run is configured with the keys of run.yaml, played, and read as JSON.
 *
 *     struct duet_run *run = duet_run_create();
 *     if (duet_run_set(run, "strategy", "sma_cross") == DUET_OK && duet_run_set(run, "data", "X=x.csv") == DUET_OK &&
 *         duet_run_backtest(run) == DUET_OK) {
 *         puts(duet_run_json(run));
 *     } else {
 *         fprintf(stderr, "%s\n", duet_run_error(run));
 *     }
 *     duet_run_destroy(run);
 *
 * Nothing is global: runs may live side by side, each on one thread at a time. Link with `pkg-config --libs duet`.
 */
#ifndef DUET_RUN_H
#define DUET_RUN_H

#include <duet/status.h>

struct duet_run; // opaque

/** A run with every key at its default. Never NULL: out of memory ends the process. */
DUET_EXPORT struct duet_run *duet_run_create(void);
/** NULL is fine. */
DUET_EXPORT void duet_run_destroy(struct duet_run *run);
/** Set one key of run.yaml; "data" (SYMBOL=PATH[,key=value]…) adds a series, "param" (NAME=VALUE) a parameter.
 * DUET_EINVAL. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_run_set(struct duet_run *run, const char *key, const char *value);
/** Read a YAML file over what is there. DUET_EINVAL. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_run_load(struct duet_run *run, const char *path);
/** Play it and write the files that its keys name. May be called again, for instance after other keys were set.
   DUET_EINVAL: configuration or plugin; DUET_EDATA: data; anything else: the run itself failed. On failure no file was
   written. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_run_backtest(struct duet_run *run);
/** The result of the last duet_run_backtest() as the object that `duet backtest --json` prints; NULL without one. Owned
   by the run, valid until the next call that takes it. */
DUET_EXPORT const char *duet_run_json(const struct duet_run *run);
/** One line on what the last failed call on this run disliked; "" if none did. */
DUET_EXPORT const char *duet_run_error(const struct duet_run *run);

#endif
