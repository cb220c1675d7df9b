/* The CSV files, byte for byte. */
#include "report/rows.h"

#include "base/file.h"
#include "report/fixture.h"
#include "support/folder.h"
#include "support/suite.h"

static struct duet_instruments instruments;
static struct duet_rows rows;

static void a_folder(void) {
    duet_test_fresh_folder();
    instruments = two_instruments();
}

static void begin(enum duet_rows_kind kind) {
    ck_assert_int_eq(duet_rows_open(&rows, kind, duet_test_path("rows.csv"), &instruments), DUET_OK);
}

/** What stands in the file after its header line. */
static const char *end(const char *header) {
    static char *bytes; // of the last call
    size_t size;
    free(bytes);
    ck_assert_int_eq(duet_rows_commit(&rows), DUET_OK);
    ck_assert_int_eq(duet_file_read(duet_test_path("rows.csv"), 1 << 20, &bytes, &size), DUET_OK);
    size_t length = strlen(header);
    ck_assert_uint_ge(size, length);
    ck_assert(memcmp(bytes, header, length) == 0 && bytes[length] == '\n');
    return bytes + length + 1;
}

#define FILLS "time,symbol,side,quantity,price,commission,cash,order_id,fill_id,reason"
#define ORDERS                                                                                                     \
    "created,updated,symbol,side,type,tif,quantity,filled,price,stop,status,reason_code,average_price,commission," \
    "reason,order_id"
#define TRADES                                                                                                      \
    "trade_id,symbol,side,quantity,entry_time,entry_price,exit_time,exit_price,gross,commission,net,return,at_end," \
    "entry_reason,exit_reason"

START_TEST(a_fill_is_a_line) {
    begin(DUET_ROWS_FILLS);
    struct duet_fill fill = fill_of(0, +1, 100, 973941, "9.73941", at("2020-01-01 02:41:00"));
    fill.order_id = 1;
    fill.fill_id = 2;
    duet_rows_fill(&rows, &fill, money("990250.85059"), "sma");
    fill = fill_of(1, -1, 1500, 2000, "0", at("1999-12-31 23:59:59.25"));
    fill.order_id = 18446744073709551615u;
    duet_rows_fill(&rows, &fill, money("-0.000000000001"), NULL);
    ck_assert_str_eq(end(FILLS), "2020-01-01 02:41:00,AAA,BUY,100,97.3941,9.739410,990250.850590,1,2,sma\n"
                                 "1999-12-31 23:59:59.25,BBB,SELL,-1.5,20.00,0.000000,-0.000000000001,"
                                 "18446744073709551615,0,\n");
}
END_TEST

START_TEST(text_is_quoted_where_it_must_be) {
    begin(DUET_ROWS_FILLS);
    duet_text_copy(instruments.items[0].symbol, sizeof(instruments.items[0].symbol), "A,\"B\"");
    struct duet_fill fill = fill_of(0, +1, 1, 10000, "0", 0);
    duet_rows_fill(&rows, &fill, 0, "line\nbreak");
    duet_rows_fill(&rows, &fill, 0, " plain; text");
    ck_assert_str_eq(end(FILLS),
        "1970-01-01 00:00:00,\"A,\"\"B\"\"\",BUY,1,1.0000,0.000000,0.000000,0,0,\"line\nbreak\"\n"
        "1970-01-01 00:00:00,\"A,\"\"B\"\"\",BUY,1,1.0000,0.000000,0.000000,0,0, plain; text\n");
}
END_TEST

START_TEST(an_order_is_a_line) {
    begin(DUET_ROWS_ORDERS);
    struct duet_order order = {.order_id = 7,
        .instrument = 0,
        .side = +1,
        .type = DUET_STOP_LIMIT,
        .time_in_force = DUET_DAY,
        .status = DUET_ORDER_FILLED,
        .quantity = 100,
        .filled = 100,
        .price = 980000,
        .stop_price = 975000,
        .created_ns = at("2020-01-01 02:40"),
        .updated_ns = at("2020-01-01 02:41"),
        .filled_notional = money("9739.41"),
        .commission = money("9.73941")};
    duet_text_copy(order.reason, sizeof(order.reason), "entry");
    duet_rows_order(&rows, &order);
    order = (struct duet_order){.order_id = 8,
        .instrument = 1,
        .side = -1,
        .status = DUET_ORDER_DENIED,
        .reason_code = DUET_REASON_CASH,
        .quantity = 1250};
    duet_rows_order(&rows, &order);
    ck_assert_str_eq(end(ORDERS),
        "2020-01-01 02:40:00,2020-01-01 02:41:00,AAA,BUY,STOP_LIMIT,DAY,100,100,98.0000,97.5000,FILLED,,97.3941,"
        "9.739410,entry,7\n"
        "1970-01-01 00:00:00,1970-01-01 00:00:00,BBB,SELL,MARKET,GTC,1.25,0,,,DENIED,CASH,,0.000000,,8\n");
}
END_TEST

START_TEST(a_trade_is_a_line) {
    begin(DUET_ROWS_TRADES);
    struct duet_trade_record trade = {.trade_id = 3,
        .instrument = 0,
        .side = -1,
        .entry_ns = at("2020-01-01"),
        .exit_ns = at("2020-01-02 00:00:00.000000001"),
        .quantity = 150,
        .entry_price = 50.5,
        .exit_price = 48,
        .gross = money("375"),
        .commission = money("1.5"),
        .net = money("373.5"),
        .fraction = 0.05,
        .at_end = true,
        .entry_reason = "down",
        .exit_reason = "END"};
    duet_rows_trade(&rows, &trade);
    ck_assert_str_eq(end(TRADES), "3,AAA,SHORT,150,2020-01-01 00:00:00,50.5,2020-01-02 00:00:00.000000001,48,"
                                  "375.000000,1.500000,373.500000,0.05,1,down,END\n");
}
END_TEST

START_TEST(equity_is_exact_however_large) {
    begin(DUET_ROWS_EQUITY);
    duet_rows_equity(&rows, at("2020-02-29 12:00"), money("970875.26822"), money("0.123456789012"), 0);
    duet_money huge = (duet_money)INT64_MAX * 1000 * DUET_MONEY_ONE;
    duet_rows_equity(&rows, at("1969-12-31 23:59:59"), huge, -huge, -DUET_MONEY_ONE / 2);
    ck_assert_str_eq(end("time,equity,cash,gross"),
        "2020-02-29 12:00:00,970875.268220,0.123456789012,0.000000\n"
        "1969-12-31 23:59:59,9223372036854775807000.000000,-9223372036854775807000.000000,-0.500000\n");
}
END_TEST

START_TEST(many_rows_arrive_whole_and_in_order) {
    begin(DUET_ROWS_EQUITY);
    for (int64_t i = 0; i < 10000; i++) {
        duet_rows_equity(&rows, i * 13 * DUET_HOUR_NS, i * DUET_MONEY_ONE, 0, 0);
    }
    const char *line = end("time,equity,cash,gross");
    for (int64_t i = 0; i < 10000; i++) {
        char expected[128], stamp[DUET_TIME_TEXT_MAX];
        int length = snprintf(expected, sizeof(expected), "%s,%d.000000,0.000000,0.000000\n",
            duet_time_format(i * 13 * DUET_HOUR_NS, stamp), (int)i);
        ck_assert(strncmp(line, expected, (size_t)length) == 0);
        line += length;
    }
    ck_assert_int_eq(*line, '\0');
}
END_TEST

START_TEST(nothing_is_there_before_the_commit) {
    begin(DUET_ROWS_EQUITY);
    duet_rows_equity(&rows, 0, 0, 0, 0);
    ck_assert_int_ne(access(duet_test_path("rows.csv"), F_OK), 0);
    duet_rows_abandon(&rows);
    ck_assert_int_ne(access(duet_test_path("rows.csv"), F_OK), 0);
    duet_rows_abandon(&rows); // again is fine
}
END_TEST

START_TEST(a_full_disk_shows_at_the_commit) {
    ck_assert_int_eq(duet_rows_open(&rows, DUET_ROWS_EQUITY, "/dev/full", NULL), DUET_OK);
    for (int64_t i = 0; i < 10000; i++) {
        duet_rows_equity(&rows, i, 0, 0, 0);
    }
    ck_assert_int_eq(duet_rows_commit(&rows), DUET_EIO);
}
END_TEST

START_TEST(a_missing_folder_is_an_error_at_once) {
    ck_assert_int_eq(duet_rows_open(&rows, DUET_ROWS_FILLS, duet_test_path("no/rows.csv"), &instruments), DUET_EIO);
    duet_rows_abandon(&rows);
}
END_TEST

DUET_TEST_MAIN("rows", a_folder, a_fill_is_a_line, text_is_quoted_where_it_must_be, an_order_is_a_line,
    a_trade_is_a_line, equity_is_exact_however_large, many_rows_arrive_whole_and_in_order,
    nothing_is_there_before_the_commit, a_full_disk_shows_at_the_commit, a_missing_folder_is_an_error_at_once)
