#include "base/money.h"

#include <string.h>

#include "base/assert.h"
#include "base/error.h"

__extension__ typedef unsigned __int128 magnitude;

#define MONEY_MAX ((duet_money)(~(magnitude)0 >> 1))
#define DECIMALS_MAX 18u
/** Places that a price, a quantity and a multiplier can have together. */
#define NOTIONAL_DECIMALS_MAX 48u

static const int64_t powers[DECIMALS_MAX + 1] = {
    INT64_C(1),
    INT64_C(10),
    INT64_C(100),
    INT64_C(1000),
    INT64_C(10000),
    INT64_C(100000),
    INT64_C(1000000),
    INT64_C(10000000),
    INT64_C(100000000),
    INT64_C(1000000000),
    INT64_C(10000000000),
    INT64_C(100000000000),
    INT64_C(1000000000000),
    INT64_C(10000000000000),
    INT64_C(100000000000000),
    INT64_C(1000000000000000),
    INT64_C(10000000000000000),
    INT64_C(100000000000000000),
    INT64_C(1000000000000000000),
};

// Powers of ten up to 10^22 are exact doubles.
static const double exact_powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
    1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static enum duet_status money_overflow(void) {
    return duet_error(DUET_EOVERFLOW, "an amount of money leaves its range of about 1.7e26; use smaller numbers");
}

int64_t duet_pow10(unsigned exponent) {
    DUET_ASSERT(exponent <= DECIMALS_MAX);
    return powers[exponent];
}

static magnitude pow10_wide(unsigned exponent) {
    DUET_ASSERT(exponent <= 2 * DECIMALS_MAX);
    unsigned low = exponent < DECIMALS_MAX ? exponent : DECIMALS_MAX;
    return (magnitude)powers[low] * (magnitude)powers[exponent - low];
}

static magnitude money_magnitude(duet_money money) {
    return money < 0 ? -(magnitude)money : (magnitude)money;
}

enum duet_status duet_money_add(duet_money a, duet_money b, duet_money *out) {
    duet_money sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return money_overflow();
    }
    *out = sum;
    return DUET_OK;
}

enum duet_status duet_money_sub(duet_money a, duet_money b, duet_money *out) {
    duet_money difference;
    if (__builtin_sub_overflow(a, b, &difference)) {
        return money_overflow();
    }
    *out = difference;
    return DUET_OK;
}

/** a · b in 256 bits, by 64-bit halves. */
static void multiply_wide(magnitude a, magnitude b, magnitude *high, magnitude *low) {
    uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64);
    uint64_t b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
    magnitude p00 = (magnitude)a0 * b0, p01 = (magnitude)a0 * b1;
    magnitude p10 = (magnitude)a1 * b0, p11 = (magnitude)a1 * b1;
    magnitude middle = (p00 >> 64) + (uint64_t)p01 + (uint64_t)p10;
    *low = (middle << 64) | (uint64_t)p00;
    *high = p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64);
}

/** Quotient and rest of high:low / c by long division, where high < c < 2^127, so the rest can be doubled. */
static magnitude divide_wide(magnitude high, magnitude low, magnitude c, magnitude *rest) {
    magnitude quotient = 0;
    for (int bit = 127; bit >= 0; bit--) {
        high = (high << 1) | ((low >> bit) & 1);
        quotient <<= 1;
        if (high >= c) {
            high -= c;
            quotient |= 1;
        }
    }
    *rest = high;
    return quotient;
}

static enum duet_status money_signed(magnitude size, bool negative, duet_money *out) {
    if (size > (magnitude)MONEY_MAX + negative) {
        return money_overflow();
    }
    *out = (duet_money)(negative ? -size : size);
    return DUET_OK;
}

enum duet_status duet_money_muldiv(duet_money a, duet_money b, duet_money c, duet_money *out) {
    DUET_ASSERT(c > 0);
    magnitude divisor = (magnitude)c;
    magnitude a_size = money_magnitude(a), b_size = money_magnitude(b);
    magnitude high = 0, low, quotient, rest;
    // Nearly all amounts are small enough for the first branch of each pair, which costs a fraction of the second.
    if (((a_size | b_size) >> 64) == 0) {
        low = (magnitude)(uint64_t)a_size * (uint64_t)b_size;
    } else {
        multiply_wide(a_size, b_size, &high, &low);
    }
    if (high >= divisor) {
        return money_overflow();
    }
    if (high != 0) {
        quotient = divide_wide(high, low, divisor, &rest);
    } else if (divisor == 1) {
        return money_signed(low, (a < 0) != (b < 0), out);
    } else if (((low | divisor) >> 64) == 0) {
        quotient = (uint64_t)low / (uint64_t)divisor;
        rest = (uint64_t)low % (uint64_t)divisor;
    } else {
        quotient = low / divisor;
        rest = low - quotient * divisor;
    }
    magnitude short_of_next = divisor - rest;
    if (rest > short_of_next || (rest == short_of_next && (quotient & 1) != 0)) {
        if (++quotient == 0) {
            return money_overflow();
        }
    }
    return money_signed(quotient, (a < 0) != (b < 0), out);
}

enum duet_status duet_money_notional(
    int64_t price, int64_t quantity, int64_t multiplier, unsigned decimals, duet_money *out) {
    DUET_ASSERT(decimals <= NOTIONAL_DECIMALS_MAX);
    // int64 min squared would be 2^126, which still fits.
    magnitude size = money_magnitude(price) * money_magnitude(quantity);
    duet_money value = (duet_money)((price < 0) != (quantity < 0) ? -size : size);
    if (decimals >= DUET_MONEY_DECIMALS) {
        return duet_money_muldiv(value, multiplier, (duet_money)pow10_wide(decimals - DUET_MONEY_DECIMALS), out);
    }
    magnitude factor = money_magnitude(multiplier) * pow10_wide(DUET_MONEY_DECIMALS - decimals);
    return duet_money_muldiv(value, (duet_money)(multiplier < 0 ? -factor : factor), 1, out);
}

enum duet_status duet_scale(double value, unsigned decimals, int64_t *out) {
    DUET_ASSERT(decimals <= DECIMALS_MAX);
    const uint64_t limit = UINT64_C(1) << 62;
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    int exponent = (int)((bits >> 52) & 0x7ff);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    if (exponent == 0x7ff) {
        return duet_error(DUET_EOVERFLOW, "%g is not a number that can be traded", value);
    }
    // value = fraction · 2^exponent exactly; the product below has at most 53 + 60 bits.
    fraction |= exponent != 0 ? UINT64_C(1) << 52 : 0;
    exponent = (exponent != 0 ? exponent : 1) - 1075;
    magnitude product = (magnitude)fraction * (magnitude)powers[decimals];
    magnitude whole = 0;
    if (exponent >= 0) {
        // A fraction of 2^52 or more is past the limit after ten doublings; a fraction of 0 has exponent < 0.
        whole = exponent > 10 ? ~(magnitude)0 : product << exponent;
    } else if (exponent > -128) {
        unsigned shift = (unsigned)-exponent;
        magnitude half = (magnitude)1 << (shift - 1);
        magnitude rest = product & ((half << 1) - 1);
        whole = product >> shift;
        whole += rest > half || (rest == half && (whole & 1) != 0);
    }
    if (whole > limit) {
        return duet_error(DUET_EOVERFLOW, "%g with %u decimals leaves the range of a scaled number", value, decimals);
    }
    *out = (bits >> 63) != 0 ? -(int64_t)whole : (int64_t)whole;
    return DUET_OK;
}

double duet_unscale(int64_t value, unsigned decimals) {
    DUET_ASSERT(decimals < sizeof(exact_powers) / sizeof(exact_powers[0]));
    // Both operands are exact, so the one rounding is that of the division.
    return (double)value / exact_powers[decimals];
}
