#include "components/instruments.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "support/suite.h"

static struct duet_instrument made(const char *symbol, const char *currency) {
    struct duet_instrument instrument = {
        .index = 99, .price_decimals = 2, .tick_scaled = 1, .lot_scaled = 1, .multiplier = 1000000};
    memset(instrument.symbol, 'x', sizeof(instrument.symbol)); // what stands behind the text must not matter
    memset(instrument.currency, 'x', sizeof(instrument.currency));
    snprintf(instrument.symbol, sizeof(instrument.symbol), "%s", symbol);
    snprintf(instrument.currency, sizeof(instrument.currency), "%s", currency);
    return instrument;
}

static void expect_refused(const struct duet_instrument *items, uint32_t count, const char *reason) {
    struct duet_instruments out;
    ck_assert_int_eq(duet_instruments_create(items, count, &out), DUET_EINVAL);
    ck_assert_msg(strstr(duet_error_text(), reason) != NULL, "%s", duet_error_text());
    ck_assert_ptr_null(out.items);
}

START_TEST(the_index_follows_the_symbol_and_not_the_order_given) {
    struct duet_instrument items[] = {
        made("SPY", "USD"), made("AAPL", "USD"), made("BTC/USD", "USD"), made("B", "USD")};
    struct duet_instruments out;
    ck_assert_int_eq(duet_instruments_create(items, 4, &out), DUET_OK);
    static const char *const sorted[] = {"AAPL", "B", "BTC/USD", "SPY"};
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_str_eq(out.items[i].symbol, sorted[i]);
        ck_assert_uint_eq(out.items[i].index, i);
        ck_assert_ptr_eq(duet_instruments_find(&out, sorted[i]), &out.items[i]);
        ck_assert_int_eq(out.items[i].symbol[DUET_SYMBOL_MAX - 1], 0);
        ck_assert_int_eq(out.items[i].currency[DUET_CURRENCY_MAX - 1], 0);
    }
    ck_assert_ptr_null(duet_instruments_find(&out, "QQQ"));
    ck_assert_ptr_null(duet_instruments_find(&out, "spy"));
    ck_assert_ptr_null(duet_instruments_find(&out, ""));
    ck_assert_uint_eq(duet_instrument_notional_decimals(&out.items[0]), 8);
    duet_instruments_finish(&out);
    ck_assert_uint_eq(out.count, 0);
}
END_TEST

START_TEST(none_at_all_is_an_empty_table) {
    struct duet_instruments out;
    ck_assert_int_eq(duet_instruments_create(NULL, 0, &out), DUET_OK);
    ck_assert_ptr_null(duet_instruments_find(&out, "SPY"));
    duet_instruments_finish(&out);
}
END_TEST

START_TEST(refuses_what_cannot_be_told_apart_or_added_up) {
    struct duet_instrument twice[] = {made("SPY", "USD"), made("AAPL", "USD"), made("SPY", "USD")};
    expect_refused(twice, 3, "symbol SPY is there twice");
    struct duet_instrument mixed[] = {made("SPY", "USD"), made("DAX", "EUR")};
    expect_refused(mixed, 2, "DAX is in EUR and SPY in USD");
}
END_TEST

START_TEST(refuses_names_that_files_and_arguments_cannot_carry) {
    static const char *const symbols[] = {"", "A B", "A,B", "A\tB", "A\"B", "A;B", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        struct duet_instrument item = made(symbols[i], "USD");
        expect_refused(&item, 1, "is not a symbol");
    }
    struct duet_instrument endless = made("A", "USD");
    memset(endless.symbol, 'A', DUET_SYMBOL_MAX);
    expect_refused(&endless, 1, "is not a symbol");
    static const char *const currencies[] = {"", "usd", "US$", "U D"};
    for (size_t i = 0; i < sizeof(currencies) / sizeof(currencies[0]); i++) {
        struct duet_instrument item = made("SPY", currencies[i]);
        expect_refused(&item, 1, "is not a currency");
    }
}
END_TEST

START_TEST(refuses_numbers_out_of_range) {
    struct duet_instrument item = made("SPY", "USD");
    item.price_decimals = 13;
    expect_refused(&item, 1, "decimals; at most 12");
    item = made("SPY", "USD");
    item.quantity_decimals = 13;
    expect_refused(&item, 1, "decimals; at most 12");
    item = made("SPY", "USD");
    item.tick_scaled = 0;
    expect_refused(&item, 1, "must be above zero");
    item = made("SPY", "USD");
    item.lot_scaled = -1;
    expect_refused(&item, 1, "must be above zero");
    item = made("SPY", "USD");
    item.multiplier = 0;
    expect_refused(&item, 1, "must be above zero");
    expect_refused(&item, DUET_INSTRUMENTS_MAX + 1, "at most 65536");
}
END_TEST

DUET_TEST_MAIN("instruments", NULL, the_index_follows_the_symbol_and_not_the_order_given, none_at_all_is_an_empty_table,
    refuses_what_cannot_be_told_apart_or_added_up, refuses_names_that_files_and_arguments_cannot_carry,
    refuses_numbers_out_of_range)
