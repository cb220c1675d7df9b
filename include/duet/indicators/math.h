/*
 * exp, log and the functions of angles from + - * / and sqrt() alone: the same bits on every machine and with every
 * compiler, which libm does not promise. Within 3 units in the last place of the true value for usual arguments
 * (angles up to 1e5), tested against libm. Compile with -ffp-contract=off.
 */
#ifndef DUET_INDICATORS_MATH_H
#define DUET_INDICATORS_MATH_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define DUET_PI 3.14159265358979323846
#define DUET_LN2_HIGH_ 0.693147180369123816490 // 32 bits, so that a whole number times it is exact
#define DUET_LN2_LOW_ 1.90821492927058770002e-10

/** e^x; 0 below the range, infinity above. */
static inline double duet_exp(double x) {
    if (!(x < 710)) {
        return x >= 710 ? (double)INFINITY : x;
    }
    if (x < -746) {
        return 0;
    }
    double turns = x * 1.44269504088896338700;
    int64_t k = (int64_t)(turns + (turns < 0 ? -0.5 : 0.5));
    double high = x - (double)k * DUET_LN2_HIGH_, low = (double)k * DUET_LN2_LOW_;
    double r = high - low, term = 0;
    for (int n = 14; n >= 2; n--) {
        term = (term + 1) * r / n; // r/2 (1 + r/3 (1 + …))
    }
    double series = 1 + (r + (r * term + ((high - r) - low)));
    return ldexp(series, (int)k);
}

/** Natural logarithm; -infinity at 0, NAN below. */
static inline double duet_log(double x) {
    if (!(x > 0) || !isfinite(x)) {
        return x == 0 ? -(double)INFINITY : x > 0 ? x : (double)NAN;
    }
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0.70710678118654752440) {
        m *= 2;
        exponent--;
    }
    double f = m - 1, s = f / (2 + f), square = s * s, sum = 0;
    for (int n = 25; n >= 3; n -= 2) {
        sum = (sum + 1.0 / n) * square; // s^2/3 + s^4/5 + …
    }
    // log(1 + f) = f - f^2/2 + s (f^2/2 + 2 (sum)), which keeps f exact.
    double half = f * f / 2, k = exponent;
    return k * DUET_LN2_HIGH_ - ((half - (s * (half + 2 * sum) + k * DUET_LN2_LOW_)) - f);
}

static inline double duet_log10(double x) {
    return duet_log(x) / 2.30258509299404568402;
}

/** base^exponent for a base above 0. */
static inline double duet_power(double base, double exponent) {
    return duet_exp(exponent * duet_log(base));
}

/** Arc tangent, in radians. */
static inline double duet_atan(double x) {
    double a = fabs(x), offset = 0, rest = 0;
    if (isnan(x)) {
        return x;
    }
    if (a > 2.41421356237309504880) {
        offset = 1.57079632679489655800;
        rest = 6.12323399573676603587e-17;
        a = -1 / a;
    } else if (a > 0.41421356237309504880) {
        offset = 0.785398163397448278999;
        rest = 3.06161699786838301793e-17;
        a = (a - 1) / (a + 1);
    }
    double square = a * a, sum = 0;
    for (int n = 45; n >= 3; n -= 2) {
        sum = (1.0 / n - sum) * square;
    }
    double angle = offset + (a - a * sum + rest);
    return x < 0 ? -angle : angle;
}

/** Arc sine; NAN beyond -1..1. */
static inline double duet_asin(double x) {
    if (!(fabs(x) < 1)) {
        return fabs(x) > 1 ? (double)NAN : x * 1.57079632679489655800;
    }
    return duet_atan(x / sqrt((1 - x) * (1 + x)));
}

static inline double duet_acos(double x) {
    return fabs(x) > 1 ? (double)NAN
           : x < -0.5  ? DUET_PI - duet_asin(sqrt((1 - x) * (1 + x)))
           : x > 0.5   ? duet_asin(sqrt((1 - x) * (1 + x)))
                       : 1.57079632679489655800 - duet_asin(x);
}

/** Both at once; 0 and 1 for what is not finite or beyond 2^40. */
struct duet_angle {
    double sine, cosine;
};

static inline struct duet_angle duet_angle_of_(double sine, double cosine) {
    struct duet_angle angle = {sine, cosine};
    return angle;
}

static inline struct duet_angle duet_angle(double x) {
    if (!(fabs(x) < 1099511627776.0)) {
        return duet_angle_of_(0, 1);
    }
    double turns = x * 0.63661977236758134308;
    int64_t k = (int64_t)(turns + (turns < 0 ? -0.5 : 0.5));
    double r = ((x - (double)k * 1.57079632673412561417) - (double)k * 6.07710050630396597660e-11) -
               (double)k * 2.02226624879595063154e-21;
    double square = r * r, sine = 0, cosine = 0;
    for (int n = 20; n >= 2; n -= 2) {
        sine = (1 - sine) * square / (n * (n + 1));
        cosine = (1 - cosine) * square / (n * (n - 1));
    }
    sine = r - r * sine;
    cosine = 1 - cosine;
    switch (k & 3) {
    case 0:
        return duet_angle_of_(sine, cosine);
    case 1:
        return duet_angle_of_(cosine, -sine);
    case 2:
        return duet_angle_of_(-sine, -cosine);
    default:
        return duet_angle_of_(-cosine, sine);
    }
}

static inline double duet_sin(double x) {
    return duet_angle(x).sine;
}

static inline double duet_cos(double x) {
    return duet_angle(x).cosine;
}

static inline double duet_tan(double x) {
    struct duet_angle angle = duet_angle(x);
    return angle.sine / angle.cosine;
}

/** e^x - 1 without loss near 0. */
static inline double duet_expm1_(double x) {
    if (fabs(x) > 0.5) {
        return duet_exp(x) - 1;
    }
    double term = 0;
    for (int n = 18; n >= 2; n--) {
        term = (term + 1) * x / n;
    }
    return x + x * term;
}

static inline double duet_sinh(double x) {
    double m = duet_expm1_(fabs(x)), value = (m + m / (m + 1)) / 2;
    value = isfinite(m) ? value : m;
    return x < 0 ? -value : value;
}

static inline double duet_cosh(double x) {
    double e = duet_exp(fabs(x));
    return e / 2 + 0.5 / e;
}

static inline double duet_tanh(double x) {
    double m = duet_expm1_(2 * fabs(x)), value = isfinite(m) ? m / (m + 2) : 1;
    return x < 0 ? -value : value;
}

/** Functions of one value, by number. New ones come at the end. */
enum duet_function {
    DUET_FUNCTION_ABS = 0,
    DUET_FUNCTION_ACOS,
    DUET_FUNCTION_ASIN,
    DUET_FUNCTION_ATAN,
    DUET_FUNCTION_CEIL,
    DUET_FUNCTION_COS,
    DUET_FUNCTION_COSH,
    DUET_FUNCTION_EXP,
    DUET_FUNCTION_FLOOR,
    DUET_FUNCTION_LN,
    DUET_FUNCTION_LOG10,
    DUET_FUNCTION_ROUND, // halves up
    DUET_FUNCTION_SIN,
    DUET_FUNCTION_SINH,
    DUET_FUNCTION_SQRT,
    DUET_FUNCTION_TAN,
    DUET_FUNCTION_TANH,
    DUET_FUNCTION_DEGREES, // of radians
    DUET_FUNCTION_RADIANS, // of degrees
    DUET_FUNCTION_TRUNC,
    DUET_FUNCTION_COUNT
};

static inline double duet_apply_rounding_(enum duet_function function, double x) {
    double below = floor(x);
    switch (function) {
    case DUET_FUNCTION_CEIL:
        return ceil(x);
    case DUET_FUNCTION_FLOOR:
        return below;
    case DUET_FUNCTION_ROUND:
        return below + (x - below >= 0.5 ? 1 : 0);
    default:
        return x < 0 ? ceil(x) : below;
    }
}

static inline double duet_apply_angle_(enum duet_function function, double x) {
    switch (function) {
    case DUET_FUNCTION_ACOS:
        return duet_acos(x);
    case DUET_FUNCTION_ASIN:
        return duet_asin(x);
    case DUET_FUNCTION_ATAN:
        return duet_atan(x);
    case DUET_FUNCTION_COS:
        return duet_cos(x);
    case DUET_FUNCTION_SIN:
        return duet_sin(x);
    case DUET_FUNCTION_TAN:
        return duet_tan(x);
    case DUET_FUNCTION_DEGREES:
        return x * (180 / DUET_PI);
    default:
        return x * (DUET_PI / 180);
    }
}

/** The function of that number; NAN where it has no value. */
static inline double duet_apply(enum duet_function function, double x) {
    switch (function) {
    case DUET_FUNCTION_ABS:
        return fabs(x);
    case DUET_FUNCTION_SQRT:
        return x < 0 ? (double)NAN : sqrt(x);
    case DUET_FUNCTION_EXP:
        return duet_exp(x);
    case DUET_FUNCTION_LN:
        return duet_log(x);
    case DUET_FUNCTION_LOG10:
        return duet_log10(x);
    case DUET_FUNCTION_COSH:
        return duet_cosh(x);
    case DUET_FUNCTION_SINH:
        return duet_sinh(x);
    case DUET_FUNCTION_TANH:
        return duet_tanh(x);
    case DUET_FUNCTION_CEIL:
    case DUET_FUNCTION_FLOOR:
    case DUET_FUNCTION_ROUND:
    case DUET_FUNCTION_TRUNC:
        return duet_apply_rounding_(function, x);
    default:
        return duet_apply_angle_(function, x);
    }
}

#endif
