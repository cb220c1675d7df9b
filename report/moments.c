#include "report/moments.h"

#include <math.h>
#include <stdlib.h>

double duet_mean(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    return count > 0 ? sum / (double)count : NAN;
}

/** Σ (x - mean)^power. */
static double about_mean(const double *values, size_t count, double mean, int power) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double off = values[i] - mean, term = off;
        for (int k = 1; k < power; k++) {
            term *= off;
        }
        sum += term;
    }
    return sum;
}

double duet_deviation(const double *values, size_t count, unsigned freedom) {
    if (count <= freedom) {
        return NAN;
    }
    return sqrt(about_mean(values, count, duet_mean(values, count), 2) / (double)(count - freedom));
}

double duet_covariance(const double *x, const double *y, size_t count) {
    if (count < 2) {
        return NAN;
    }
    double mean_x = duet_mean(x, count), mean_y = duet_mean(y, count), sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return sum / (double)(count - 1);
}

bool duet_varies(double mean, double deviation) {
    return deviation > 0 && deviation > 1e-15 * fabs(mean);
}

double duet_skew(const double *values, size_t count) {
    double n = (double)count, mean = duet_mean(values, count);
    if (count < 3 || !duet_varies(mean, duet_deviation(values, count, 1))) {
        return NAN;
    }
    double second = about_mean(values, count, mean, 2) / n, third = about_mean(values, count, mean, 3) / n;
    return third / (second * sqrt(second)) * sqrt(n * (n - 1)) / (n - 2);
}

double duet_kurtosis(const double *values, size_t count) {
    double n = (double)count, mean = duet_mean(values, count);
    if (count < 4 || !duet_varies(mean, duet_deviation(values, count, 1))) {
        return NAN;
    }
    double second = about_mean(values, count, mean, 2) / n, fourth = about_mean(values, count, mean, 4) / n;
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (fourth / (second * second) - 3) + 6);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void duet_sort(double *values, size_t count) {
    if (count > 0) {
        qsort(values, count, sizeof(*values), ascending);
    }
}

double duet_quantile(const double *sorted, size_t count, double q) {
    if (count == 0) {
        return NAN;
    }
    double place = q * (double)(count - 1);
    size_t below = (size_t)place;
    if (below + 1 >= count) {
        return sorted[count - 1];
    }
    return sorted[below] + (sorted[below + 1] - sorted[below]) * (place - (double)below);
}
