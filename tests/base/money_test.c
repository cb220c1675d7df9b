/* Expected values are worked out by hand, or with a desk calculator of unlimited precision where 2^127 is involved. */
#include "base/money.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "support/suite.h"

#define MONEY_MAX_TEXT "170141183460469231731687303.715884105727"
#define MONEY_MIN_TEXT "-170141183460469231731687303.715884105728"

static duet_money parsed(const char *text) {
    duet_money money = 0;
    ck_assert_int_eq(duet_money_parse(text, strlen(text), &money), DUET_OK);
    return money;
}

static void expect_money(duet_money money, const char *text) {
    char out[DUET_DECIMAL_TEXT_MAX];
    ck_assert_str_eq(duet_money_format(money, 0, out), text);
}

static void expect_muldiv(const char *a, const char *b, const char *c, const char *result) {
    duet_money out = 7;
    ck_assert_int_eq(duet_money_muldiv(parsed(a), parsed(b), parsed(c), &out), DUET_OK);
    expect_money(out, result);
}

START_TEST(prints_money_exactly_without_trailing_zeros) {
    char out[DUET_DECIMAL_TEXT_MAX];
    expect_money((duet_money)970875268220 * 1000000, "970875.26822");
    ck_assert_str_eq(duet_money_format((duet_money)9739410000000, 6, out), "9.739410");
    ck_assert_str_eq(duet_money_format((duet_money)9739410000001, 6, out), "9.739410000001");
    ck_assert_str_eq(duet_money_format(1000000 * DUET_MONEY_ONE, 0, out), "1000000");
    ck_assert_str_eq(duet_money_format(1000000 * DUET_MONEY_ONE, 2, out), "1000000.00");
    expect_money(0, "0");
    expect_money(-1, "-0.000000000001");
    expect_money(-DUET_MONEY_ONE / 2, "-0.5");
}
END_TEST

START_TEST(prints_both_ends_of_the_range) {
    expect_money(parsed(MONEY_MAX_TEXT), MONEY_MAX_TEXT);
    expect_money(parsed(MONEY_MIN_TEXT), MONEY_MIN_TEXT);
    char out[DUET_DECIMAL_TEXT_MAX];
    ck_assert_str_eq(duet_money_format_grouped(parsed(MONEY_MIN_TEXT), 12, out),
        "-170,141,183,460,469,231,731,687,303.715884105728");
}
END_TEST

START_TEST(groups_thousands_and_rounds_half_to_even) {
    static const struct {
        const char *money;
        unsigned places;
        const char *text;
    } rows[] = {
        {"0", 2, "0.00"},
        {"999.994999999999", 2, "999.99"},
        {"999.995", 2, "1,000.00"},
        {"0.125", 2, "0.12"},
        {"0.135", 2, "0.14"},
        {"0.125000000001", 2, "0.13"},
        {"-0.125", 2, "-0.12"},
        {"-0.004", 2, "0.00"},
        {"1234567.891", 0, "1,234,568"},
        {"-1234567.5", 0, "-1,234,568"},
        {"2.5", 0, "2"},
        {"100", 0, "100"},
        {"1000", 0, "1,000"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[DUET_DECIMAL_TEXT_MAX];
        ck_assert_str_eq(duet_money_format_grouped(parsed(rows[i].money), rows[i].places, out), rows[i].text);
    }
}
END_TEST

START_TEST(adds_and_subtracts_up_to_the_last_unit_and_no_further) {
    duet_money max = parsed(MONEY_MAX_TEXT), min = parsed(MONEY_MIN_TEXT), out = 7;
    ck_assert_int_eq(duet_money_add(max - 1, 1, &out), DUET_OK);
    ck_assert(out == max);
    ck_assert_int_eq(duet_money_sub(min + 1, 1, &out), DUET_OK);
    ck_assert(out == min);
    out = 7;
    ck_assert_int_eq(duet_money_add(max, 1, &out), DUET_EOVERFLOW);
    ck_assert_int_eq(duet_money_sub(min, 1, &out), DUET_EOVERFLOW);
    ck_assert_int_eq(duet_money_sub(0, min, &out), DUET_EOVERFLOW);
    ck_assert(out == 7);
}
END_TEST

START_TEST(muldiv_rounds_half_to_even_on_either_side_of_zero) {
    // In units of 10^-12: 1·1/2, 3·1/2, 5·1/2 are 0.5, 1.5, 2.5.
    static const struct {
        int a, b, c, result;
    } rows[] = {{1, 1, 2, 0}, {3, 1, 2, 2}, {5, 1, 2, 2}, {7, 1, 2, 4}, {-1, 1, 2, 0}, {-3, 1, 2, -2}, {3, -1, 2, -2},
        {-3, -1, 2, 2}, {-5, 1, 2, -2}, {1, 1, 3, 0}, {2, 1, 3, 1}, {-2, 1, 3, -1}, {10, 10, 8, 12}, {10, 11, 8, 14},
        {0, -5, 3, 0}, {7, 1, 1, 7}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        duet_money out = 99;
        ck_assert_int_eq(duet_money_muldiv(rows[i].a, rows[i].b, rows[i].c, &out), DUET_OK);
        ck_assert_int_eq((int)out, rows[i].result);
    }
}
END_TEST

START_TEST(muldiv_gives_the_nearest_integer_whatever_the_sizes) {
    __extension__ typedef unsigned __int128 wide;
    struct duet_rng rng;
    duet_rng_seed(&rng, 3);
    for (int i = 0; i < 200000; i++) {
        wide a = duet_rng_next(&rng) >> (2 + duet_rng_below(&rng, 60));
        wide b = duet_rng_next(&rng) >> (2 + duet_rng_below(&rng, 60));
        wide c = 1 + (duet_rng_next(&rng) >> (2 + duet_rng_below(&rng, 62)));
        duet_money out = 0;
        ck_assert_int_eq(duet_money_muldiv(-(duet_money)a, (duet_money)b, (duet_money)c, &out), DUET_OK);
        wide near = (wide)-out * c, product = a * b;
        wide off = near > product ? near - product : product - near;
        ck_assert(2 * off < c || (2 * off == c && out % 2 == 0));
    }
}
END_TEST

START_TEST(muldiv_keeps_products_beyond_128_bits) {
    expect_muldiv(MONEY_MAX_TEXT, MONEY_MAX_TEXT, MONEY_MAX_TEXT, MONEY_MAX_TEXT);
    expect_muldiv(MONEY_MIN_TEXT, "1", "1", MONEY_MIN_TEXT);
    expect_muldiv(MONEY_MIN_TEXT, MONEY_MAX_TEXT, MONEY_MAX_TEXT, MONEY_MIN_TEXT);
    // 10^26 · 3·10^13 / 10^14, in money: 3·10^25.
    expect_muldiv("100000000000000000000000000", "30000000000000", "100000000000000", "30000000000000000000000000");
    // (2^127 - 1) / 2 is a tie between 2^126 - 1 and 2^126: the even one.
    expect_muldiv(MONEY_MAX_TEXT, "1", "2", "85070591730234615865843651.857942052864");
    // (2^127 - 1)·(2^127 - 3) / (2^127 - 2) = 2^127 - 2 - 1/(2^127 - 2).
    duet_money max = parsed(MONEY_MAX_TEXT), out = 0;
    ck_assert_int_eq(duet_money_muldiv(max, max - 2, max - 1, &out), DUET_OK);
    ck_assert(out == max - 1);
    // 2^127 - 1 = 3·56713727820156410577229101238628035242 + 1; here 1/3 is 10^12 units over 3·10^12.
    expect_muldiv(MONEY_MAX_TEXT, "1", "3", "56713727820156410577229101.238628035242");
}
END_TEST

START_TEST(muldiv_refuses_what_leaves_the_range_and_leaves_out_alone) {
    duet_money max = parsed(MONEY_MAX_TEXT), min = parsed(MONEY_MIN_TEXT), out = 7;
    ck_assert_int_eq(duet_money_muldiv(max, 2, 1, &out), DUET_EOVERFLOW);
    ck_assert_int_eq(duet_money_muldiv(max, max, max - 1, &out), DUET_EOVERFLOW);
    ck_assert_int_eq(duet_money_muldiv(min, -1, 1, &out), DUET_EOVERFLOW);
    ck_assert_int_eq(duet_money_muldiv(min, min, 1, &out), DUET_EOVERFLOW);
    ck_assert(out == 7);
}
END_TEST

START_TEST(notional_is_price_times_quantity_times_multiplier) {
    duet_money out;
    // 101.25 · 300 · 1 with 2 + 0 + 6 decimals.
    ck_assert_int_eq(duet_money_notional(10125, 300, 1000000, 8, &out), DUET_OK);
    expect_money(out, "30375");
    // 4200.25 · -2 · 50 (an index future).
    ck_assert_int_eq(duet_money_notional(420025, -2, 50000000, 8, &out), DUET_OK);
    expect_money(out, "-420025");
    // 0.00001234 · 0.00000005 · 1: 6.17e-13, above half of the last place; 8 + 8 + 6 decimals.
    ck_assert_int_eq(duet_money_notional(1234, 5, 1000000, 22, &out), DUET_OK);
    expect_money(out, "0.000000000001");
    // Exactly half of the last place goes to even, here 0.
    ck_assert_int_eq(duet_money_notional(1, 5, 1000000, 19, &out), DUET_OK);
    expect_money(out, "0");
    ck_assert_int_eq(duet_money_notional(-3, 5, 1000000, 19, &out), DUET_OK);
    expect_money(out, "-0.000000000002");
    ck_assert_int_eq(duet_money_notional(0, INT64_MAX, INT64_MAX, 0, &out), DUET_OK);
    expect_money(out, "0");
}
END_TEST

START_TEST(notional_takes_the_ends_of_int64) {
    duet_money out = 7;
    ck_assert_int_eq(duet_money_notional(INT64_MIN, INT64_MIN, 1, 12, &out), DUET_OK);
    // 2^126
    expect_money(out, "85070591730234615865843651.857942052864");
    // 2^126 · (2^63 - 1) / 10^20 = 7846377169233350953944030861707236861.4…
    ck_assert_int_eq(duet_money_notional(INT64_MIN, INT64_MAX, INT64_MIN, 32, &out), DUET_OK);
    expect_money(out, "7846377169233350953944030.861707236861");
    ck_assert_int_eq(duet_money_notional(INT64_MIN, INT64_MAX, INT64_MIN, 30, &out), DUET_EOVERFLOW);
    ck_assert_int_eq(duet_money_notional(INT64_MAX, INT64_MAX, INT64_MAX, 0, &out), DUET_EOVERFLOW);
}
END_TEST

START_TEST(scales_to_the_nearest_integer_with_ties_to_even) {
    static const struct {
        double value;
        unsigned decimals;
        int64_t result;
    } rows[] = {
        {0, 5, 0},
        {-0.0, 5, 0},
        {1.5, 0, 2},
        {2.5, 0, 2},
        {-2.5, 0, -2},
        {-3.5, 0, -4},
        {0.125, 2, 12},
        {0.375, 2, 38},
        {0.1, 1, 1},
        {101.23, 2, 10123},
        {1e-300, 12, 0},
        {5e-324, 18, 0},
        {0.5, 0, 0},
        {0.50000000000000011, 0, 1},
        {9007199254740993.0, 0, INT64_C(9007199254740992)},
        {4611686018427387904.0, 0, INT64_C(1) << 62},
        {-4611686018427387904.0, 0, -(INT64_C(1) << 62)},
        // The double nearest to 1.005 is 1.00499999999999989…, so the nearest cent is 1.00.
        {1.005, 2, 100},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t out = 99;
        ck_assert_int_eq(duet_scale(rows[i].value, rows[i].decimals, &out), DUET_OK);
        ck_assert_int_eq(out, rows[i].result);
    }
}
END_TEST

START_TEST(scaling_refuses_what_is_no_number_or_too_large) {
    static const double values[] = {NAN, INFINITY, -INFINITY, 4611686018427388928.0, 1e19, 1e300, -1e300};
    int64_t out = 7;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        ck_assert_int_eq(duet_scale(values[i], 0, &out), DUET_EOVERFLOW);
    }
    ck_assert_int_eq(duet_scale(1e10, 12, &out), DUET_EOVERFLOW);
    ck_assert_int_eq(out, 7);
}
END_TEST

START_TEST(unscaling_gives_what_strtod_gives_for_the_text) {
    struct duet_rng rng;
    duet_rng_seed(&rng, 1);
    for (int i = 0; i < 200000; i++) {
        int64_t value = (int64_t)(duet_rng_next(&rng) >> (11 + duet_rng_below(&rng, 50)));
        value = duet_rng_below(&rng, 2) == 0 ? -value : value;
        unsigned decimals = (unsigned)duet_rng_below(&rng, 19);
        char text[DUET_DECIMAL_TEXT_MAX];
        double expected = strtod(duet_decimal_format(value, decimals, text), NULL);
        ck_assert_msg(duet_unscale(value, decimals) == expected, "%s", text);
    }
    ck_assert(duet_unscale(INT64_C(9007199254740992), 0) == 9007199254740992.0);
}
END_TEST

START_TEST(scaling_undoes_unscaling) {
    struct duet_rng rng;
    duet_rng_seed(&rng, 2);
    for (int i = 0; i < 100000; i++) {
        int64_t value = (int64_t)(duet_rng_next(&rng) >> 14), out = 0;
        unsigned decimals = (unsigned)duet_rng_below(&rng, 13);
        ck_assert_int_eq(duet_scale(duet_unscale(value, decimals), decimals, &out), DUET_OK);
        ck_assert_int_eq(out, value);
    }
}
END_TEST

START_TEST(parses_and_prints_scaled_integers) {
    static const struct {
        const char *text;
        unsigned decimals;
        int64_t value;
        const char *printed;
    } rows[] = {
        {"12.5", 2, 1250, "12.50"},
        {"+12.5", 1, 125, "12.5"},
        {"-0.05", 2, -5, "-0.05"},
        {"007", 0, 7, "7"},
        {"1.2300000000000000000000000", 2, 123, "1.23"},
        {"1.000", 0, 1, "1"},
        {"0", 4, 0, "0.0000"},
        {"-0", 0, 0, "0"},
        {"9223372036854775807", 0, INT64_MAX, "9223372036854775807"},
        {"-9223372036854775808", 0, INT64_MIN, "-9223372036854775808"},
        {"-9.223372036854775808", 18, INT64_MIN, "-9.223372036854775808"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t value = 99;
        char out[DUET_DECIMAL_TEXT_MAX];
        ck_assert_int_eq(duet_decimal_parse(rows[i].text, strlen(rows[i].text), rows[i].decimals, &value), DUET_OK);
        ck_assert_int_eq(value, rows[i].value);
        ck_assert_str_eq(duet_decimal_format(value, rows[i].decimals, out), rows[i].printed);
    }
}
END_TEST

START_TEST(refuses_text_that_is_no_decimal_number) {
    static const char *const texts[] = {"", "+", "-", ".", ".5", "5.", "1e3", " 1", "1 ", "1,5", "--1", "1.2.3", "0x10",
        "nan", "1.-2", "1.001", "99999999999999999999999x"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t value = 7;
        ck_assert_msg(duet_decimal_parse(texts[i], strlen(texts[i]), 2, &value) == DUET_EINVAL, "%s", texts[i]);
        ck_assert_int_eq(value, 7);
    }
    int64_t value = 7;
    ck_assert_int_eq(duet_decimal_parse("12,5", 4, 2, &value), DUET_EINVAL);
    ck_assert_str_eq(duet_error_text(), "\"12,5\" is not a decimal number");
    ck_assert_int_eq(duet_decimal_parse("12.345", 6, 2, &value), DUET_EINVAL);
    ck_assert_str_eq(duet_error_text(), "\"12.345\" has more than 2 decimal places");
}
END_TEST

START_TEST(refuses_numbers_beyond_the_range) {
    static const struct {
        const char *text;
        unsigned decimals;
    } rows[] = {{"9223372036854775808", 0}, {"-9223372036854775809", 0}, {"92233720368547758.08", 2},
        {"9.223372036854775808", 18}, {"99999999999999999999999999999999999999999999999999999", 0},
        {"340282366920938463463374607431768211456", 0}, {"10", 18}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t value = 7;
        ck_assert_int_eq(
            duet_decimal_parse(rows[i].text, strlen(rows[i].text), rows[i].decimals, &value), DUET_EOVERFLOW);
        ck_assert_int_eq(value, 7);
    }
    duet_money money = 7;
    const char *beyond = "170141183460469231731687303.715884105728";
    ck_assert_int_eq(duet_money_parse(beyond, strlen(beyond), &money), DUET_EOVERFLOW);
    beyond = "1000000000000000000000000000000000000000000";
    ck_assert_int_eq(duet_money_parse(beyond, strlen(beyond), &money), DUET_EOVERFLOW);
    ck_assert(money == 7);
}
END_TEST

DUET_TEST_MAIN("money", NULL, prints_money_exactly_without_trailing_zeros, prints_both_ends_of_the_range,
    groups_thousands_and_rounds_half_to_even, adds_and_subtracts_up_to_the_last_unit_and_no_further,
    muldiv_rounds_half_to_even_on_either_side_of_zero, muldiv_gives_the_nearest_integer_whatever_the_sizes,
    muldiv_keeps_products_beyond_128_bits, muldiv_refuses_what_leaves_the_range_and_leaves_out_alone,
    notional_is_price_times_quantity_times_multiplier, notional_takes_the_ends_of_int64,
    scales_to_the_nearest_integer_with_ties_to_even, scaling_refuses_what_is_no_number_or_too_large,
    unscaling_gives_what_strtod_gives_for_the_text, scaling_undoes_unscaling, parses_and_prints_scaled_integers,
    refuses_text_that_is_no_decimal_number, refuses_numbers_beyond_the_range)
