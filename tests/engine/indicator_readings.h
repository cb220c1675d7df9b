/*
 * What some suites write at rows where it was not known yet: turns at the bar that was one, lines drawn back to them,
 * bricks one to a row. Made here from what the rows of the catalogue tell when it is known.
 */
#ifndef DUET_TESTS_INDICATOR_READINGS_H
#define DUET_TESTS_INDICATOR_READINGS_H

#include <stddef.h>

enum suite_reading {
    READ_ROWS = 0, // as it is
    READ_TURNS, // zigzag: output 0 is the turns alone, each at its bar
    READ_LEGS, // zigzag: output 0 is the line through the turns, and to the end of the last leg
    READ_PIVOTS, // pivots: high, low, line of the highs, of the lows, and their trends 0 to 3
    READ_BRICKS, // renko: row k is brick k: whether it rises, open, high, low, close, volume
};

/** New values, `rows` times DUET_INDICATOR_OUTPUTS_MAX, owned by the caller, in place of `values`, which are freed. */
double *suite_read_as(enum suite_reading reading, double *values, size_t rows, const double *params);

#endif
