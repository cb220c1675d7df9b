/*
 * The result as one JSON object on one line: `duet backtest --json`.
 *
 * Money, quantities and marks are exact decimal strings, fractions are fractions, times are ISO 8601 with Z, hashes 16
 * hex digits. What is not defined is null, and `na` says why under the same key. Keys stand in a fixed order and are
 * never left out; later versions of schema 1 only add keys.
 */
#ifndef DUET_REPORT_JSON_H
#define DUET_REPORT_JSON_H

#include <stdio.h>

#include "report/result.h"

#define DUET_RESULT_SCHEMA 1

/** One object and a newline. DUET_EIO where the stream took not all of it. */
DUET_MUST_CHECK enum duet_status duet_result_print_json(const struct duet_result *result, FILE *stream);

#endif
