/*
 * The only doors to libm's rounding-dependent functions. They may differ in the last bit from machine to machine, so
 * they are for reporting; nothing on a decision path may call them.
 */
#ifndef DUET_BASE_MATH_H
#define DUET_BASE_MATH_H

/** base^exponent, as pow() of libm. */
double duet_pow(double base, double exponent);

#endif
