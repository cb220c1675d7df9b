/*
 * `duet diff A B`: what two backtests did differently, from the first decision on that is not the same. A and B are
 * what `duet backtest --json --decisions` printed, or report folders (their result.json).
 */
#ifndef DUET_ENGINE_DIFF_H
#define DUET_ENGINE_DIFF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <duet/status.h>

#define DUET_DIFF_LINES_MAX 24
#define DUET_DIFF_TEXT_MAX 400

/** What was found. */
struct duet_diff {
    bool same; // decisions, hashes and figures; how long it took and where files lie do not count
    bool decisions_known; // both files have them
    uint64_t decisions_a, decisions_b;
    uint64_t first; // number of the first decision that differs, from 1; 0: none does
    char at_a[DUET_DIFF_TEXT_MAX], at_b[DUET_DIFF_TEXT_MAX]; // that decision; "" where a run has no more
    char field[32]; // the first field in which it differs; "" where one has ended
    size_t line_count; // what else differs: inputs first, then outcomes
    struct {
        char key[64], a[96], b[96];
        bool input; // strategy, parameters, data, costs: a likely cause
    } lines[DUET_DIFF_LINES_MAX];
    uint64_t more_lines; // beyond those
};

/** DUET_EDATA for what is no result of a backtest. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_diff_results(const char *a, const char *b, struct duet_diff *out);
/** Print it for people, or as one JSON object. */
void duet_diff_print(const struct duet_diff *diff, const char *a, const char *b, bool json, FILE *out);
/** The command: exit code 0 where they are the same, 4 where not. */
DUET_EXPORT int duet_command_diff(const char *a, const char *b, bool json);

#endif
