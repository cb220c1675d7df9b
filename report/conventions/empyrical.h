/* The functions of empyrical over two lists of returns; apart, so that they can be had without a run. */
#ifndef DUET_REPORT_CONVENTIONS_EMPYRICAL_H
#define DUET_REPORT_CONVENTIONS_EMPYRICAL_H

#include "report/conventions/convention.h"

/** `returns` and `factor` have `count` values each, NAN where one is missing; `factor` may be NULL. Fills the rows of
 * duet_convention_empyrical. */
void duet_empyrical_compute(const double *returns, const double *factor, size_t count, struct duet_analysis *out);

#endif
