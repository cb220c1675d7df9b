/*
 * The catalogue of indicators: one row each, which drives `duet indicators`, the reference page and the conformance
 * tests. The indicators themselves are the public headers <duet/indicators/…>; a row adapts one of them to doubles.
 */
#ifndef DUET_ENGINE_INDICATORS_LIST_H
#define DUET_ENGINE_INDICATORS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <duet/status.h>

#define DUET_INDICATOR_PARAMS_MAX 8
#define DUET_INDICATOR_INPUTS_MAX 6
#define DUET_INDICATOR_OUTPUTS_MAX 9

struct duet_indicator_param {
    const char *name; // as in the init function, e.g. "length"
    double fallback, minimum, maximum;
    bool whole; // an integer
    const char *help;
};

struct duet_indicator_row {
    const char *name; // "sma", as in duet_sma_init()
    const char *title; // "Simple moving average"
    const char *group; // "average", "breadth", "range", "momentum", "trend", "volume", "price", "statistics", "math"
    const char *formula; // plain text; may hold line ends
    const char *source; // who defined it, where
    const char
        *convention; // which variant this is and how others differ (seeding, population or sample …); may be NULL
    const char *header; // "duet/indicators/average.h"
    const char *call; // a line of C with `bar`; NULL: that of duet_NAME_update()
    struct duet_indicator_param params[DUET_INDICATOR_PARAMS_MAX]; // ends with name NULL
    /** What one update takes, in order: "open", "high", "low", "close", "volume", "time" (seconds since 1970, when the
     * bar opens), or "real" and "real2" for any series
     * (the close where nothing else is said). */
    const char *inputs[DUET_INDICATOR_INPUTS_MAX + 1];
    const char *outputs[DUET_INDICATOR_OUTPUTS_MAX + 1]; // "value", or "macd", "signal", "histogram" …
    size_t state_size;
    /** `params` as in the table, checked against their bounds. */
    void (*init)(void *state, const double *params);
    /** One value of each input; writes every output, NAN where it is not ready. */
    void (*update)(void *state, const double *in, double *out);
    bool members; // the bars of several instruments come in turn; the first parameter says of how many
    /** Updates until every output is there (those apart that come and go), by formula; 0: when the calendar says. */
    int64_t (*warm_up)(const double *params);
};

/** Sorted by group, then name. NULL past the last. */
const struct duet_indicator_row *duet_indicator_row(size_t index);
/** NULL where there is none; exact names only. */
const struct duet_indicator_row *duet_indicator_find(const char *name);

/** `duet indicators`: the list, and one row in full (DUET_ENOTFOUND with the nearest). */
void duet_indicators_list(FILE *out);
DUET_MUST_CHECK enum duet_status duet_indicators_describe(const char *name, FILE *out);
/** The reference page, docs/indicators.md. */
void duet_indicators_markdown(FILE *out);

#endif
