/*
 * The configuration of a run: one table of keys (config.c) drives the YAML file, the command line, --print-config, the
 * help text and the reference page. Everything is a value here; nothing has been opened yet.
 */
#ifndef DUET_ENGINE_CONFIG_H
#define DUET_ENGINE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <duet/money.h>
#include <duet/status.h>

#include "base/money.h"
#include "data/series.h"
#include "portfolio/portfolio.h"

struct duet_live_config; // engine/live/live_config.h

struct duet_config_param {
    char *name, *value;
};

struct duet_config {
    char *strategy; // name of a bundled strategy, or a path with a "/" or ending in ".so"
    struct duet_config_param *params;
    size_t param_count;
    struct duet_data_spec *data;
    size_t data_count;
    char *from, *to; // as given, NULL unset; in `tz` where they state no zone
    int64_t from_ns; // INT64_MIN unset
    int64_t to_ns; // first instant after the run; INT64_MAX unset
    duet_money cash;
    char *currency; // of the account; NULL: that of the instruments
    char *tz; // of days and of labels without a zone; NULL: UTC, printed as an assumption
    char *commission, *slippage; // as given, NULL unset
    struct duet_costs costs; // parsed from the two
    double leverage, cash_buffer;
    struct duet_limits limits;
    char *fill_profile; // "duet-1"
    char *statistics; // "duet-1": convention of the figures
    char *benchmark; // "none", "buy_and_hold", a symbol of `data`, or SYMBOL=PATH[,key=value]...
    bool close_at_end; // --at-end close
    char *report, *fills, *equity, *orders, *trades; // where to write; NULL: not
    bool json, quiet;
    char *log; // "error", "warn", "info", "debug"; NULL: warn
    uint64_t seed;
    bool loop_libevent; // loop: libevent (virtual time), for checks
    char *cache; // folder; NULL: the default; "off": none
    bool decisions; // keep every decision for the JSON
    bool check_off; // no look-ahead check of a plugin that is new here
    bool guard; // bars and history end at an unreadable page (no-peeking check)
    int64_t offload_workers; // threads for what strategies have computed; 0: none. Results are the same
    int64_t max_bars; // stop after so many bars of the first instrument; 0: all
    bool opens_at_close; // open_known: close; an opening is met only when its bar has closed, as a feed of closed bars
                         // does
    char *environment; // "DUET_CASH=5000 …": what the environment has set; owned, NULL: nothing
    struct duet_live_config *live; // section `live:`; owned; NULL: there was none
};

/** Everything at its default. */
DUET_EXPORT void duet_config_init(struct duet_config *config);
DUET_EXPORT void duet_config_finish(struct duet_config *config);
/**
 * Set one key as the command line and the file do, e.g. "commission", "0.1%"; "data" adds a series, "param"
 * (NAME=VALUE) adds or replaces a parameter. `where` is NULL or "run.yaml:12", and starts the error line. Unknown keys:
 * DUET_EINVAL with the nearest one.
 */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_config_set(
    struct duet_config *config, const char *key, const char *value, const char *where);
/** The section `live:`, made at its defaults where there was none. */
DUET_EXPORT struct duet_live_config *duet_config_live(struct duet_config *config);
/** Add a series, or one per file where its path is a pattern (see duet_data_spec_expand()). `spec` stays the caller's.
 */
DUET_MUST_CHECK enum duet_status duet_config_add_data(struct duet_config *config, const struct duet_data_spec *spec);
/** Forget the series: what the command line names replaces what the file names. */
DUET_EXPORT void duet_config_clear_data(struct duet_config *config);
/** Read a YAML file over what is there. A section `live:` becomes config->live; a backtest checks it and
 * has no use for it. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_config_load(struct duet_config *config, const char *path);
/** The same over bytes in memory; `name` starts the error lines. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_config_load_bytes(
    struct duet_config *config, const char *name, const char *bytes, size_t size);
/** What cannot be said key by key: a strategy and data are named, from is before to … */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_config_check(const struct duet_config *config);
/** The complete effective configuration as YAML; duet_config_load() of it reproduces the run. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_config_print(const struct duet_config *config, FILE *out);

/** One key, for help texts and option parsing. */
struct duet_config_key {
    const char *name; // with "_"; the option is the same with "-"
    const char *metavar; // NULL: a switch
    const char *help;
};
/** As the key is typed by default; NULL where it is unset then. */
const char *duet_config_default(size_t index);
/** Whether the key can change what a run decides or comes to: not where files go, nor how much is said. */
bool duet_config_decides(size_t index);
/** The variable that overrides a key: DUET_ and its name in capitals; returns `out`. */
char *duet_config_variable(const char *key, char out[48]);
/** The environment over what is there: every key of duet_config_key() by its variable. A bad value is DUET_EINVAL and
 * names the variable. What was set is kept in config->environment for the result's assumptions. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_config_environment(struct duet_config *config);
/** A table for a terminal, docs/configuration.md, the manual page duet.yaml(5). */
enum duet_reference_form { DUET_REFERENCE_TEXT = 0, DUET_REFERENCE_MARKDOWN, DUET_REFERENCE_MAN };
/** The reference of all keys: of the run, of a series, of `live:`. */
DUET_EXPORT void duet_config_reference(enum duet_reference_form form, FILE *out);
/** One row after another, in the order in which help and files show them; data and params apart. NULL past the last. */
DUET_EXPORT const struct duet_config_key *duet_config_key(size_t index);
/** The value of duet_config_key(index) as duet_config_set() takes it, or NULL where it is unset. `out` is used where no
 * text is stored. */
const char *duet_config_text(const struct duet_config *config, size_t index, char out[DUET_DECIMAL_TEXT_MAX]);

#endif
