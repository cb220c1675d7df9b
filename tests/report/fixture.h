/* Small runs made by hand: money and times as text, equity curves as lists. */
#ifndef DUET_TESTS_REPORT_FIXTURE_H
#define DUET_TESTS_REPORT_FIXTURE_H

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "report/stats.h"

static inline duet_money money(const char *text) {
    duet_money money;
    ck_assert_int_eq(duet_money_parse(text, strlen(text), &money), DUET_OK);
    return money;
}

static inline int64_t at(const char *text) {
    int64_t ns;
    bool is_date;
    ck_assert_int_eq(duet_time_parse(text, &ns, &is_date), DUET_OK);
    return ns;
}

#define assert_money(actual, text)                                               \
    do {                                                                         \
        char fixture_shown[DUET_DECIMAL_TEXT_MAX];                               \
        ck_assert_str_eq(duet_money_format((actual), 0, fixture_shown), (text)); \
    } while (0)

static inline void near(const char *what, double actual, double expected, double relative) {
    ck_assert_msg(
        fabs(actual - expected) <= relative * fabs(expected), "%s is %.17g, not %.17g", what, actual, expected);
}

#define assert_near(actual, expected, relative) near(#actual, (actual), (expected), (relative))

#define assert_stat(stat, expected, relative)                                        \
    do {                                                                             \
        ck_assert_msg((stat).na == NULL, "%s is not defined: %s", #stat, (stat).na); \
        assert_near((stat).value, (expected), (relative));                           \
    } while (0)

/** Two instruments: AAA with 4 price decimals and whole units, BBB with 2 and 3. */
static inline struct duet_instruments two_instruments(void) {
    static struct duet_instrument items[] = {
        {.symbol = "AAA",
            .currency = "USD",
            .index = 0,
            .price_decimals = 4,
            .quantity_decimals = 0,
            .tick_scaled = 1,
            .lot_scaled = 1,
            .multiplier = 1000000},
        {.symbol = "BBB",
            .currency = "USD",
            .index = 1,
            .price_decimals = 2,
            .quantity_decimals = 3,
            .tick_scaled = 1,
            .lot_scaled = 1,
            .multiplier = 1000000},
    };
    return (struct duet_instruments){.items = items, .count = 2};
}

static inline struct duet_fill fill_of(
    uint32_t instrument, int side, int64_t quantity, int64_t price, const char *commission, int64_t ns) {
    return (struct duet_fill){.size = sizeof(struct duet_fill),
        .instrument = instrument,
        .side = (int8_t)side,
        .quantity = quantity,
        .price = price,
        .commission = money(commission),
        .timestamp_ns = ns};
}

#endif
