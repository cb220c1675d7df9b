/*
 * A run of 100,000 bars that two other programs made (shared/conformance/golden): its fills go through curve, trades
 * and statistics, and what those programs counted must come out. The bars come from the generator that made theirs,
 * written out here again.
 */
#include <inttypes.h>
#include <stdio.h>

#include "report/fixture.h"
#include "report/rows.h"
#include "support/folder.h"
#include "support/shared.h"
#include "support/suite.h"

#define BARS 100000

static struct duet_instrument bars_instrument = {
    .symbol = "BARS", .currency = "USD", .price_decimals = 4, .tick_scaled = 1, .lot_scaled = 1, .multiplier = 1000000};
static struct duet_instruments instruments = {.items = &bars_instrument, .count = 1};

/* Closes, from the seed 20240229. */

static uint64_t generator;

static double uniform(void) {
    generator ^= generator >> 12;
    generator ^= generator << 25;
    generator ^= generator >> 27;
    return (double)((generator * UINT64_C(0x2545F4914F6CDD1D)) >> 11) * (1.0 / 9007199254740992.0);
}

static double normal(void) {
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        sum += uniform();
    }
    return sum - 6;
}

static double next_close(double close) {
    double price = close * (1.0 + 0.2 * 0.0005 * normal());
    for (int step = 0; step < 4; step++) {
        price *= 1.0 + 0.0005 * normal();
    }
    (void)uniform(); // volume
    char text[32];
    snprintf(text, sizeof(text), "%.4f", price);
    return strtod(text, NULL);
}

/* The fills. */

struct golden_fill {
    int64_t ns;
    int64_t quantity, price; // signed; ten-thousandths
    duet_money commission, cash;
    char line[128];
};

static struct golden_fill fills[4096];
static size_t fill_count;

static void read_fills(void) {
    FILE *file = fopen(duet_shared_path("conformance/golden/fills_100000.csv"), "r");
    ck_assert_ptr_nonnull(file);
    char line[128];
    while (fgets(line, sizeof(line), file) != NULL) {
        struct golden_fill *fill = &fills[fill_count++];
        line[strcspn(line, "\r\n")] = '\0';
        duet_text_copy(fill->line, sizeof(fill->line), line);
        const char *fields[6];
        char *rest = line;
        for (int i = 0; i < 6; i++) {
            fields[i] = strsep(&rest, ",");
            ck_assert_ptr_nonnull(fields[i]);
        }
        fill->ns = at(fields[0]);
        ck_assert_int_eq(duet_decimal_parse(fields[2], strlen(fields[2]), 0, &fill->quantity), DUET_OK);
        ck_assert_int_eq(duet_decimal_parse(fields[3], strlen(fields[3]), 4, &fill->price), DUET_OK);
        fill->commission = money(fields[4]);
        fill->cash = money(fields[5]);
    }
    fclose(file);
    ck_assert_uint_eq(fill_count, 2835);
}

static struct duet_fill fill_at(size_t index) {
    const struct golden_fill *golden = &fills[index];
    struct duet_fill fill =
        fill_of(0, golden->quantity > 0 ? 1 : -1, llabs(golden->quantity), golden->price, "0", golden->ns);
    fill.commission = golden->commission;
    fill.fill_id = fill.order_id = index + 1;
    return fill;
}

static struct duet_curve curve;
static struct duet_trades *trades;
static struct duet_result result;
static struct duet_stats stats;

static void play(void) {
    read_fills();
    int64_t start = at("2020-01-01"), position = 0;
    duet_money cash = money("1000000");
    duet_curve_init(&curve, cash, duet_curve_utc_day_end, NULL);
    duet_trades_create(&instruments, NULL, NULL, &trades);
    result = (struct duet_result){.curve = &curve, .trades = trades, .initial_cash = cash, .weekend_bars = true};
    generator = UINT64_C(20240229) * UINT64_C(0x9E3779B97F4A7C15) + 1;
    double close = 100;
    duet_money equity = cash, gross = 0;
    for (int64_t i = 0, next = 0; i < BARS; i++) {
        int64_t label = start + i * DUET_MINUTE_NS;
        close = next_close(close);
        for (; next < (int64_t)fill_count && fills[next].ns == label; next++) {
            struct duet_fill fill = fill_at((size_t)next);
            duet_trades_take(trades, &fill, "");
            position += fills[next].quantity;
            cash = fills[next].cash;
            result.counts.commission += fill.commission;
            result.counts.traded += (duet_money)fill.price * fill.quantity * 100000000;
            duet_curve_expose(&curve, label, equity, position * (duet_money)fill.price * 100000000);
        }
        int64_t scaled;
        ck_assert_int_eq(duet_scale(close, 4, &scaled), DUET_OK);
        gross = (duet_money)scaled * position * 100000000;
        equity = cash + gross;
        duet_curve_take(&curve, label + DUET_MINUTE_NS, equity, gross);
    }
    result.final_equity = equity;
    result.start_ns = start;
    result.end_ns = curve.last_ns;
    duet_stats_compute(&result, &stats);
}

START_TEST(equity_and_drawdown_are_those_of_the_golden_run) {
    assert_money(result.final_equity, "970875.26822");
    assert_stat(stats.total_return, -0.029124731779999213, 1e-12);
    assert_money(curve.peak, "1000017.79059");
    assert_stat(stats.max_drawdown, 0.029175683317381136, 1e-12);
    assert_money(stats.max_drawdown_amount, "29176.20237");
    // From the last instant at the peak to the end, which is one bar after the last label.
    assert_stat(stats.longest_drawdown_s, (69 * 24 + 7) * 3600 + 56 * 60, 1e-12);
    ck_assert_int_eq(stats.max_drawdown_recovered_ns, 0);
}
END_TEST

START_TEST(daily_returns_are_those_of_the_golden_run) {
    ck_assert_uint_eq(stats.daily_returns, 70);
    duet_money second = duet_curve_day(&curve, 1).equity, first = duet_curve_day(&curve, 0).equity;
    assert_near((double)(first - curve.initial) / (double)curve.initial, -0.000760018460000289, 1e-9);
    assert_near((double)(second - first) / (double)first, -0.00036154117796938223, 1e-9);
    assert_stat(stats.best_day, 0.00010771890035288223, 1e-9);
    assert_stat(stats.worst_day, -0.0010140624829950706, 1e-9);
    assert_stat(stats.winning_days, 3.0 / 70, 1e-15);
    // They tell the population deviation and 252 periods a year.
    assert_stat(stats.volatility, sqrt(365) * 0.0002681327514791476 * sqrt(70.0 / 69), 1e-9);
    assert_stat(stats.sharpe, -24.812105106220532 * sqrt(365.0 / 252), 1e-9);
}
END_TEST

START_TEST(trade_statistics_are_those_of_the_golden_run) {
    ck_assert_uint_eq(stats.trades.count, 1417);
    ck_assert_uint_eq(stats.trades.won, 313);
    ck_assert_uint_eq(stats.trades.lost, 1104);
    ck_assert_uint_eq(stats.trades.long_count, 1417);
    assert_money(stats.trades.net, "-29121.81668");
    assert_money(stats.trades.won_net, "17505.34492");
    assert_money(stats.trades.lost_net, "-46627.1616");
    assert_money(stats.trades.best, "296.1479");
    assert_money(stats.trades.worst, "-108.61151");
    ck_assert_uint_eq(stats.trades.longest_won_streak, 4);
    ck_assert_uint_eq(stats.trades.longest_lost_streak, 26);
    assert_stat(stats.win_rate, 0.2208892025405787, 1e-12);
    assert_stat(stats.profit_factor, 17505.34492 / 46627.1616, 1e-12);
    assert_stat(stats.sqn, -14.980305696491609, 1e-9);
    assert_near(duet_money_to_double(stats.expectancy), -20.551740776287915, 1e-12);
    assert_near(duet_money_to_double(stats.average_win), 55.92761955271563, 1e-12);
    assert_near(duet_money_to_double(stats.average_loss), -42.23474782608703, 1e-12);
    assert_stat(stats.average_holding_s, 60 * 34.935074100211715, 1e-12);
}
END_TEST

START_TEST(break_even_of_the_golden_run_is_a_loss_before_costs) {
    // 25740.19668 in finished trades, and the entry of the one that is open
    assert_money(result.counts.commission, "25748.71178");
    // (970875.26822 - 1000000 + 25748.71178) over 25,748,711.78 traded, since commission is a thousandth of it
    assert_money(result.counts.traded, "25748711.78");
    assert_stat(stats.break_even_bps, -3376.02 / 25748711.78 * 1e4, 1e-12);
}
END_TEST

START_TEST(fills_are_written_as_in_the_golden_file) {
    duet_test_fresh_folder();
    struct duet_rows rows;
    ck_assert_int_eq(duet_rows_open(&rows, DUET_ROWS_FILLS, duet_test_path("fills.csv"), &instruments), DUET_OK);
    for (size_t i = 0; i < fill_count; i++) {
        struct duet_fill fill = fill_at(i);
        duet_rows_fill(&rows, &fill, fills[i].cash, "");
    }
    ck_assert_int_eq(duet_rows_commit(&rows), DUET_OK);

    FILE *file = fopen(duet_test_path("fills.csv"), "r");
    char line[256], expected[256];
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
    for (size_t i = 0; i < fill_count; i++) {
        const char *golden = fills[i].line;
        snprintf(expected, sizeof(expected), "%.19s,BARS%s,%zu,%zu,\n", golden, golden + 19, i + 1, i + 1);
        ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
        ck_assert_str_eq(line, expected);
    }
    ck_assert_ptr_null(fgets(line, sizeof(line), file));
    fclose(file);
}
END_TEST

int main(void) {
    if (!duet_shared_has("conformance/golden/fills_100000.csv")) {
        return DUET_TEST_SKIPPED;
    }
    TCase *tcase = tcase_create("golden");
    tcase_set_timeout(tcase, DUET_TEST_TIMEOUT_S);
    tcase_add_unchecked_fixture(tcase, play, NULL); // once for all
    tcase_add_test(tcase, equity_and_drawdown_are_those_of_the_golden_run);
    tcase_add_test(tcase, daily_returns_are_those_of_the_golden_run);
    tcase_add_test(tcase, trade_statistics_are_those_of_the_golden_run);
    tcase_add_test(tcase, break_even_of_the_golden_run_is_a_loss_before_costs);
    tcase_add_test(tcase, fills_are_written_as_in_the_golden_file);
    Suite *suite = suite_create("golden");
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
