/*
 * Exact arithmetic on prices, quantities and money; see <duet/money.h>. Every result that leaves its
 * range is DUET_EOVERFLOW and leaves `out` alone.
 */
#ifndef DUET_BASE_MONEY_H
#define DUET_BASE_MONEY_H

#include <stdbool.h>

#include <duet/money.h>
#include <duet/status.h>

/** 10^exponent for 0..18. */
int64_t duet_pow10(unsigned exponent);

DUET_MUST_CHECK enum duet_status duet_money_add(duet_money a, duet_money b, duet_money *out);
DUET_MUST_CHECK enum duet_status duet_money_sub(duet_money a, duet_money b, duet_money *out);

/** a · b / c rounded half to even once; c > 0. The product is kept in 256 bits. */
DUET_MUST_CHECK enum duet_status duet_money_muldiv(duet_money a, duet_money b, duet_money c, duet_money *out);

/**
 * price · quantity · multiplier as money, rounded half to even once. `decimals` is the sum of the
 * decimals of price, quantity and multiplier.
 */
DUET_MUST_CHECK enum duet_status duet_money_notional(
    int64_t price, int64_t quantity, int64_t multiplier, unsigned decimals, duet_money *out);

/** The integer in units of 10^-decimals nearest to `value`, ties to even. DUET_EOVERFLOW beyond ±2^62 or for NaN. */
DUET_MUST_CHECK enum duet_status duet_scale(double value, unsigned decimals, int64_t *out);
/** value / 10^decimals: correctly rounded, so equal to strtod() of the decimal text, while |value| <= 2^53. */
double duet_unscale(int64_t value, unsigned decimals);

/**
 * Parse [+-]digits[.digits] (no exponent, no blanks) into units of 10^-decimals. DUET_EINVAL for
 * anything else or more places than `decimals` holds (trailing zeros apart); DUET_EOVERFLOW.
 */
DUET_MUST_CHECK enum duet_status duet_decimal_parse(const char *text, size_t length, unsigned decimals, int64_t *out);
DUET_MUST_CHECK enum duet_status duet_money_parse(const char *text, size_t length, duet_money *out);

/** Longest text of the three below, with the terminating zero. */
#define DUET_DECIMAL_TEXT_MAX 56

/** Decimal text with exactly `decimals` places; returns `out`. */
char *duet_decimal_format(int64_t value, unsigned decimals, char out[DUET_DECIMAL_TEXT_MAX]);
/** Exact decimal text with at least `places_min` places and no further trailing zeros; returns `out`. */
char *duet_money_format(duet_money money, unsigned places_min, char out[DUET_DECIMAL_TEXT_MAX]);
/** For people: rounded half to even to `places`, thousands separated by commas. */
char *duet_money_format_grouped(duet_money money, unsigned places, char out[DUET_DECIMAL_TEXT_MAX]);

#endif
