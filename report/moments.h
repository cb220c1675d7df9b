/* Arithmetic on lists of numbers: means, spreads, shapes. Nothing here decides a trade. */
#ifndef DUET_REPORT_MOMENTS_H
#define DUET_REPORT_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>

double duet_mean(const double *values, size_t count);
/** Σ (x - mean)² / (count - freedom), its root; NAN where count <= freedom. */
double duet_deviation(const double *values, size_t count, unsigned freedom);
/** Σ (x - mean x)(y - mean y) / (count - 1); NAN under two. */
double duet_covariance(const double *x, const double *y, size_t count);
/** Whether a spread of `deviation` about `mean` is more than the rounding errors of equal numbers. */
bool duet_varies(double mean, double deviation);
/** Adjusted Fisher-Pearson skewness, as of a sample; NAN under three or where nothing varies. */
double duet_skew(const double *values, size_t count);
/** Excess kurtosis, as of a sample; NAN under four or where nothing varies. */
double duet_kurtosis(const double *values, size_t count);
/** Ascending, in place. */
void duet_sort(double *values, size_t count);
/** The q quantile (0 … 1) of ascending numbers, between two of them by proportion; NAN of none. */
double duet_quantile(const double *sorted, size_t count, double q);

#endif
