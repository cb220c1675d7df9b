/* What trading costs, by hand. */
#include "portfolio/costs.h"

#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "support/suite.h"

static struct duet_instrument stock, coin;
static struct duet_costs costs;

static void instruments(void) {
    stock = (struct duet_instrument){.symbol = "S",
        .currency = "USD",
        .price_decimals = 4,
        .tick_scaled = 100,
        .lot_scaled = 1,
        .multiplier = 1000000};
    coin = (struct duet_instrument){.symbol = "C",
        .currency = "USD",
        .price_decimals = 8,
        .quantity_decimals = 8,
        .tick_scaled = 1,
        .lot_scaled = 1,
        .multiplier = 1000000};
    costs = (struct duet_costs){0};
}

static void commission_is(const char *text) {
    ck_assert_msg(duet_costs_parse_commission(text, &costs) == DUET_OK, "%s: %s", text, duet_error_text());
    ck_assert(costs.commission_given);
}

static void money_is(duet_money money, const char *expected) {
    char text[DUET_DECIMAL_TEXT_MAX];
    ck_assert_str_eq(duet_money_format(money, 0, text), expected);
}

static duet_money charge(int64_t quantity, int64_t price, bool first) {
    duet_money out;
    ck_assert_int_eq(duet_costs_commission(&costs, &stock, quantity, price, first, &out), DUET_OK);
    return out;
}

START_TEST(the_same_rate_reads_in_three_forms) {
    const char *const forms[] = {"10bps", "0.1%", "0.001", " 10 bps ", "0.10 %", "10.0bp"};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        commission_is(forms[i]);
        ck_assert_int_eq(costs.rate, 1000000000);
    }
}
END_TEST

START_TEST(golden_commission_is_exact) {
    commission_is("0.001");
    money_is(charge(100, 973941, true), "9.73941"); // 100 @ 97.3941
    money_is(charge(100, 973941, false), "9.73941");
}
END_TEST

START_TEST(a_bare_rate_above_two_percent_is_refused_with_advice) {
    ck_assert_int_eq(duet_costs_parse_commission("0.05", &costs), DUET_EINVAL);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "write 5% if you mean it"));
    ck_assert_int_eq(duet_costs_parse_slippage("0.0201", &costs), DUET_EINVAL);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "write 2.01% if you mean it"));
    ck_assert(!costs.commission_given && !costs.slippage_given);
    commission_is("0.02");
    commission_is("5%");
    ck_assert_int_eq(costs.rate, INT64_C(50000000000));
}
END_TEST

START_TEST(amounts_per_unit_per_order_and_minimum_add_up) {
    commission_is("0.005/unit");
    money_is(charge(300, 1000000, true), "1.5");
    commission_is("1/order");
    money_is(charge(300, 1000000, true), "1");
    money_is(charge(300, 1000000, false), "0"); // once per order
    commission_is("0.005/unit+min 1");
    money_is(charge(100, 1000000, true), "1");
    money_is(charge(300, 1000000, true), "1.5");
    money_is(charge(100, 1000000, false), "0.5");
    commission_is("10bps + 0.005/unit + 0.35/order + min 2");
    money_is(charge(100, 973941, true), "10.58941"); // 9.73941 + 0.5 + 0.35
    money_is(charge(1, 973941, true), "2");
}
END_TEST

START_TEST(what_is_not_understood_is_refused_and_changes_nothing) {
    const char *const bad[] = {"", " ", "x", "-0.001", "-1/order", "1/ordre", "0.1%%", "min", "min x", "min 1/order",
        "1e-3", "10bps+", "+10bps", "10bps+5bps", "1/order+2/order", "100%", "1.5.2%", "0.001 0.002", "/unit", "1,5%",
        "0.0000000000001", "nan", "inf", "min 1+min 2", "1tick"};
    commission_is("0.25%");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(duet_costs_parse_commission(bad[i], &costs) == DUET_EINVAL, "\"%s\" was taken", bad[i]);
        ck_assert_int_eq(costs.rate, 2500000000);
    }
    const char *const bad_slippage[] = {"1.5ticks", "ticks", "0.005/unit", "1/order", "9999999tick", "1tick+2ticks"};
    for (size_t i = 0; i < sizeof(bad_slippage) / sizeof(bad_slippage[0]); i++) {
        ck_assert_msg(
            duet_costs_parse_slippage(bad_slippage[i], &costs) == DUET_EINVAL, "\"%s\" was taken", bad_slippage[i]);
    }
}
END_TEST

START_TEST(nothing_given_costs_nothing_but_zero_counts_as_given) {
    money_is(charge(100, 973941, true), "0");
    ck_assert(!costs.commission_given);
    commission_is("0");
    money_is(charge(100, 973941, true), "0");
}
END_TEST

START_TEST(commission_rounds_once_half_to_even) {
    duet_money out;
    commission_is("0.01");
    // 0.005 @ 0.00000001 is 5e-11; a hundredth of it 5e-13, a tie between 0 and 1e-12
    ck_assert_int_eq(duet_costs_commission(&costs, &coin, 500000, 1, true, &out), DUET_OK);
    ck_assert(out == 0); // 5e-13
    ck_assert_int_eq(duet_costs_commission(&costs, &coin, 1500000, 1, true, &out), DUET_OK);
    ck_assert(out == 2); // 1.5e-12
    ck_assert_int_eq(duet_costs_commission(&costs, &coin, 500001, 1, true, &out), DUET_OK);
    ck_assert(out == 1);
    // Rate and per-unit part together: 4e-13 and 4e-13 are 8e-13, one rounding gives 1e-12, two would give 0.
    commission_is("0.01+0.000000001/unit");
    ck_assert_int_eq(duet_costs_commission(&costs, &coin, 40000, 10, true, &out), DUET_OK);
    ck_assert(out == 1);
}
END_TEST

START_TEST(commission_counts_the_multiplier) {
    commission_is("0.001");
    stock.multiplier = 50000000; // 50 per point
    money_is(charge(2, 40000000, true), "400"); // 2 · 4000 · 50 · 0.001
    commission_is("2.5/unit");
    money_is(charge(2, 40000000, true), "5");
}
END_TEST

START_TEST(commission_on_huge_numbers_is_exact_or_refused) {
    duet_money out;
    commission_is("50%");
    stock.price_decimals = 0;
    ck_assert_int_eq(
        duet_costs_commission(&costs, &stock, INT64_C(3000000000), INT64_C(4000000000), true, &out), DUET_OK);
    money_is(out, "6000000000000000000");
    ck_assert_int_eq(duet_costs_commission(&costs, &stock, INT64_MAX, INT64_MAX, true, &out), DUET_EOVERFLOW);
}
END_TEST

START_TEST(slippage_moves_against_the_order_and_away_to_a_tick) {
    ck_assert_int_eq(duet_costs_slip(&costs, &stock, 1, 973941), 973941); // none: untouched, even off tick
    ck_assert_int_eq(duet_costs_parse_slippage("5bps", &costs), DUET_OK);
    ck_assert_int_eq(duet_costs_slip(&costs, &stock, 1, 1000000), 1000500); // 100.05
    ck_assert_int_eq(duet_costs_slip(&costs, &stock, -1, 1000000), 999500);
    ck_assert_int_eq(duet_costs_slip(&costs, &stock, 1, 1010000), 1010600); // 101.0505 up to 101.06
    ck_assert_int_eq(duet_costs_slip(&costs, &stock, -1, 1010000), 1009400); // 100.9495 down to 100.94
    ck_assert_int_eq(duet_costs_parse_slippage("2ticks", &costs), DUET_OK);
    ck_assert_int_eq(costs.slippage_rate, 0);
    ck_assert_int_eq(duet_costs_slip(&costs, &stock, 1, 1000000), 1000200);
    ck_assert_int_eq(duet_costs_slip(&costs, &stock, -1, 1000000), 999800);
    ck_assert_int_eq(duet_costs_parse_slippage("0.05%+1tick", &costs), DUET_OK);
    ck_assert_int_eq(duet_costs_slip(&costs, &stock, 1, 1000000), 1000600);
    ck_assert_int_eq(duet_costs_slip(&costs, &stock, -1, 150), 100); // nothing is sold for nothing
    ck_assert_int_eq(duet_costs_slip(&costs, &stock, 1, INT64_MAX - 3), INT64_MAX);
}
END_TEST

DUET_TEST_MAIN("costs", instruments, the_same_rate_reads_in_three_forms, golden_commission_is_exact,
    a_bare_rate_above_two_percent_is_refused_with_advice, amounts_per_unit_per_order_and_minimum_add_up,
    what_is_not_understood_is_refused_and_changes_nothing, nothing_given_costs_nothing_but_zero_counts_as_given,
    commission_rounds_once_half_to_even, commission_counts_the_multiplier,
    commission_on_huge_numbers_is_exact_or_refused, slippage_moves_against_the_order_and_away_to_a_tick)
