/*
 * Exact arithmetic with a short way for the numbers of every day and base/money for the rest; both give the same
 * integers.
 */
#ifndef DUET_PORTFOLIO_EXACT_H
#define DUET_PORTFOLIO_EXACT_H

#include <stdbool.h>

#include "base/money.h"

static inline bool duet_fits_int64(duet_money value) {
    return value == (int64_t)value;
}

static inline duet_money duet_money_magnitude(duet_money value) {
    return value < 0 ? -value : value;
}

/** value / divisor, rounded half to even; divisor > 0. */
static inline duet_money duet_divide_half_even(duet_money value, int64_t divisor) {
    if (duet_fits_int64(value)) {
        int64_t quotient = (int64_t)value / divisor;
        int64_t rest = (int64_t)value % divisor;
        uint64_t twice = 2 * (rest < 0 ? 0 - (uint64_t)rest : (uint64_t)rest);
        if (twice > (uint64_t)divisor || (twice == (uint64_t)divisor && (quotient & 1) != 0)) {
            quotient += value < 0 ? -1 : 1;
        }
        return quotient;
    }
    duet_money quotient = value / divisor;
    duet_money twice = 2 * duet_money_magnitude(value - quotient * divisor);
    if (twice > divisor || (twice == divisor && (quotient & 1) != 0)) {
        quotient += value < 0 ? -1 : 1;
    }
    return quotient;
}

/** a · b / divisor, rounded half to even once; divisor > 0. */
DUET_MUST_CHECK static inline enum duet_status duet_scaled_product(
    duet_money a, int64_t b, int64_t divisor, duet_money *out) {
    if (duet_fits_int64(a)) {
        *out = duet_divide_half_even((duet_money)(int64_t)a * b, divisor);
        return DUET_OK;
    }
    return duet_money_muldiv(a, b, divisor, out);
}

#endif
