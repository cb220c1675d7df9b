/*
 * What the programs do once their arguments are understood. Each prints its outcome (results to standard output, one
 * error line to standard error) and returns the exit code: 0 done, 1 failed, 2 usage or configuration, 3 bad input
 * data, 4 verification found a difference.
 */
#ifndef DUET_ENGINE_COMMANDS_H
#define DUET_ENGINE_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "data/synth.h"
#include "engine/config.h"

/** The exit code that belongs to a status. */
DUET_EXPORT int duet_exit_code(enum duet_status status);
/** Print "duet: <the error's line>" and return the exit code of `status`. */
DUET_EXPORT int duet_complain(enum duet_status status);
/** The same for a text of the caller's own; exit code 2. */
DUET_EXPORT int duet_complain_usage(const char *format, ...) DUET_PRINTF(1, 2);

/** `duet backtest`: runs, shows progress on a terminal, prints summary or JSON, writes files and the report folder. */
DUET_EXPORT int duet_command_backtest(const struct duet_config *config);
/** `duet backtest --print-config`: the complete effective configuration as YAML. Changes `config` by the strategy's
 * defaults. */
DUET_EXPORT int duet_command_print_config(struct duet_config *config);
/** `duet data inspect`. */
DUET_EXPORT int duet_command_inspect(const char *const *paths, size_t count, bool json);
/** Set one option of `duet data synth` from its text: bars, seed, start, interval, price, volatility, decimals, ragged
 * (no text). */
DUET_EXPORT enum duet_status duet_synth_set(struct duet_synth_options *options, const char *name, const char *value);
/** `duet data synth`. */
DUET_EXPORT int duet_command_synth(const struct duet_synth_options *options, const char *path);
/** `duet strategies [NAME]`: the table, or one of them with its parameters. */
DUET_EXPORT int duet_command_strategies(const char *name);
/** `duet statistics [NAME] [--markdown]`: the conventions, the figures of one, or all tables in Markdown. */
DUET_EXPORT int duet_command_statistics(const char *name, bool markdown);
/** Flush standard output: 1 with an error line where it could not be written (a full disk, a closed pipe). */
DUET_EXPORT int duet_finish_output(int code);

/** The nearest of the words, or NULL; for "did you mean". */
DUET_EXPORT const char *duet_suggest(const char *word, const char *const *words, size_t count);

#endif
