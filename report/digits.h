/*
 * Fields of a CSV row, written without printf. Each duet_put_ writes at `at` and returns the end; the caller sees to
 * room: 56 bytes for a number, twice the text and two for a field. No terminating zero.
 */
#ifndef DUET_REPORT_DIGITS_H
#define DUET_REPORT_DIGITS_H

#include <stdint.h>

#include <duet/money.h>

/** Fewest decimal places of money. */
#define DUET_PUT_MONEY_PLACES 6

char *duet_put_text(char *at, const char *text);
/** In quotes where RFC 4180 asks for them. */
char *duet_put_field(char *at, const char *text);
char *duet_put_uint(char *at, uint64_t value);
/** Exactly `digits` digits, leading zeros included. */
char *duet_put_padded(char *at, uint64_t value, unsigned digits);
/** In units of 10^-decimals, all places written. */
char *duet_put_decimal(char *at, int64_t value, unsigned decimals);
/** The same without trailing zeros: 100 rather than 100.000. */
char *duet_put_quantity(char *at, int64_t value, unsigned decimals);
/** Exact, with at least DUET_PUT_MONEY_PLACES places. */
char *duet_put_money(char *at, duet_money money);
/** The shortest text that reads back as the same double. */
char *duet_put_double(char *at, double value);
/** The end of the text that ends at `end` once its last zeros are gone; what stands before `keep` stays. */
char *duet_trim_zeros(char *end, const char *keep);

#endif
