/* Round trips: what belongs to which trade, and what it earned. */
#include "report/trades.h"

#include "report/fixture.h"
#include "support/suite.h"

static struct duet_instruments instruments;
static struct duet_trades *trades;
static struct duet_trade_record records[16];
static size_t record_count;

static void keep(void *argument, const struct duet_trade_record *trade) {
    ck_assert_ptr_eq(argument, records);
    records[record_count++] = *trade;
}

static void no_trades(void) {
    instruments = two_instruments();
    record_count = 0;
    duet_trades_create(&instruments, keep, records, &trades);
}

static void take(uint32_t instrument, int side, int64_t quantity, int64_t price, const char *commission, int64_t ns) {
    struct duet_fill fill = fill_of(instrument, side, quantity, price, commission, ns);
    duet_trades_take(trades, &fill, side > 0 ? "up" : "down");
}

START_TEST(a_trade_runs_from_flat_to_flat) {
    take(0, +1, 100, 500000, "5", 10); // 100 at 50
    take(0, +1, 50, 520000, "2", 20); // 50 at 52
    ck_assert_uint_eq(record_count, 0);
    take(0, -1, 150, 550000, "7", 30); // all at 55
    ck_assert_uint_eq(record_count, 1);
    const struct duet_trade_record *trade = &records[0];
    ck_assert_int_eq(trade->side, 1);
    ck_assert_int_eq(trade->quantity, 150);
    ck_assert_int_eq(trade->entry_ns, 10);
    ck_assert_int_eq(trade->exit_ns, 30);
    assert_near(trade->entry_price, 50.666666666666664, 1e-15); // 7600 / 150
    ck_assert_double_eq(trade->exit_price, 55);
    assert_money(trade->gross, "650"); // 8250 - 7600
    assert_money(trade->commission, "14");
    assert_money(trade->net, "636");
    assert_near(trade->fraction, 636.0 / 7600, 1e-15);
    ck_assert_str_eq(trade->entry_reason, "up");
    ck_assert_str_eq(trade->exit_reason, "down");
}
END_TEST

START_TEST(a_price_of_one_fill_is_told_as_it_was_written) {
    take(0, +1, 3, 973941, "0", 1);
    take(0, -1, 1, 1000001, "0", 2);
    take(0, -1, 2, 1000001, "0", 3);
    ck_assert(records[0].entry_price == 97.3941);
    ck_assert(records[0].exit_price == 100.0001);
}
END_TEST

START_TEST(a_reversal_ends_one_trade_and_begins_another_with_the_rest) {
    take(0, +1, 100, 500000, "1", 10);
    take(0, -1, 150, 480000, "3", 20); // 100 close at 48, 50 go short; commission 2 and 1
    ck_assert_uint_eq(record_count, 1);
    assert_money(records[0].gross, "-200");
    assert_money(records[0].commission, "3");
    assert_money(records[0].net, "-203");
    take(0, +1, 50, 470000, "1", 30);
    ck_assert_uint_eq(record_count, 2);
    ck_assert_int_eq(records[1].side, -1);
    ck_assert_int_eq(records[1].entry_ns, 20);
    assert_money(records[1].gross, "50");
    assert_money(records[1].commission, "2");
    assert_money(records[1].net, "48");
    ck_assert_str_eq(records[1].entry_reason, "down");
}
END_TEST

START_TEST(a_commission_that_does_not_divide_is_lost_nowhere) {
    take(0, +1, 1, 10000, "0", 1);
    take(0, -1, 3, 10000, "1", 2); // a third, and the rest
    take(0, +1, 2, 10000, "0", 3);
    assert_money(records[0].commission, "0.333333333333");
    assert_money(records[1].commission, "0.666666666667");
}
END_TEST

START_TEST(instruments_do_not_mix) {
    take(0, +1, 1, 10000, "0", 1);
    take(1, -1, 1500, 2000, "0", 2); // 1.5 at 20.00
    take(1, +1, 1500, 1900, "0", 3);
    take(0, -1, 1, 20000, "0", 4);
    ck_assert_uint_eq(record_count, 2);
    ck_assert_uint_eq(records[0].instrument, 1);
    assert_money(records[0].net, "1.5");
    ck_assert_uint_eq(records[1].instrument, 0);
    assert_money(records[1].net, "1");
    ck_assert_uint_eq(records[1].trade_id, 2);
}
END_TEST

START_TEST(totals_count_won_above_zero_and_lost_below) {
    const int64_t exits[] = {11, 12, 10, 9, 8, 7, 13}; // bought at 10: +1 +2 0 -1 -2 -3 +3
    for (size_t i = 0; i < 7; i++) {
        take(0, +1, 1, 100000, "0", (int64_t)i * 10);
        take(0, -1, 1, exits[i] * 10000, "0", (int64_t)i * 10 + 4);
    }
    struct duet_trades_totals totals;
    duet_trades_get(trades, &totals);
    ck_assert_uint_eq(totals.count, 7);
    ck_assert_uint_eq(totals.won, 3);
    ck_assert_uint_eq(totals.lost, 3);
    ck_assert_uint_eq(totals.long_count, 7);
    assert_money(totals.net, "0");
    assert_money(totals.won_net, "6");
    assert_money(totals.lost_net, "-6");
    assert_money(totals.best, "3");
    assert_money(totals.worst, "-3");
    ck_assert_uint_eq(totals.longest_won_streak, 2);
    ck_assert_uint_eq(totals.longest_lost_streak, 3);
    assert_near(totals.m2, 1 + 4 + 0 + 1 + 4 + 9 + 9.0, 1e-14);
    ck_assert_double_eq(totals.held_ns, 28);
}
END_TEST

START_TEST(what_the_end_of_data_closes_is_counted_apart) {
    take(0, +1, 1, 100000, "0", 1);
    struct duet_fill fill = fill_of(0, -1, 1, 200000, "0", 2);
    fill.flags = DUET_AT_END;
    duet_trades_take(trades, &fill, NULL);
    struct duet_trades_totals totals;
    duet_trades_get(trades, &totals);
    ck_assert_uint_eq(totals.at_end, 1);
    ck_assert_uint_eq(totals.count, 0);
    ck_assert(totals.net == 0);
    ck_assert(records[0].at_end);
    ck_assert_str_eq(records[0].exit_reason, "");
}
END_TEST

START_TEST(what_is_open_is_told_until_it_closes) {
    struct duet_trade_record open;
    ck_assert(!duet_trades_open(trades, 0, &open));
    take(0, -1, 100, 500000, "5", 10);
    take(0, -1, 50, 520000, "2", 20);
    take(0, +1, 30, 510000, "1", 25);
    ck_assert(!duet_trades_open(trades, 1, &open));
    ck_assert(duet_trades_open(trades, 0, &open));
    ck_assert_int_eq(open.side, -1);
    ck_assert_int_eq(open.quantity, 150);
    ck_assert_int_eq(open.entry_ns, 10);
    assert_near(open.entry_price, 50.666666666666664, 1e-15); // 7600 / 150
    assert_money(open.commission, "8");
    ck_assert_str_eq(open.entry_reason, "down");
    take(0, +1, 120, 510000, "1", 30);
    ck_assert(!duet_trades_open(trades, 0, &open));
}
END_TEST

START_TEST(the_best_of_only_losses_is_the_smallest_loss) {
    take(0, +1, 1, 100000, "0", 1);
    take(0, -1, 1, 90000, "0", 2);
    struct duet_trades_totals totals;
    duet_trades_get(trades, &totals);
    assert_money(totals.best, "-1");
    assert_money(totals.worst, "-1");
    assert_near(totals.fraction_best, -0.1, 1e-15);
}
END_TEST

DUET_TEST_MAIN("trades", no_trades, a_trade_runs_from_flat_to_flat, a_price_of_one_fill_is_told_as_it_was_written,
    a_reversal_ends_one_trade_and_begins_another_with_the_rest, a_commission_that_does_not_divide_is_lost_nowhere,
    instruments_do_not_mix, totals_count_won_above_zero_and_lost_below, what_the_end_of_data_closes_is_counted_apart,
    what_is_open_is_told_until_it_closes, the_best_of_only_losses_is_the_smallest_loss)
