/* Rows of trades and quotes as they come out, from files as small as what they show. */
#include "data/ticks.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "support/folder.h"
#include "support/suite.h"

#define ROWS_MAX 16

static struct taken {
    struct duet_tick_row rows[ROWS_MAX];
    size_t count;
} taken;

static struct duet_data_info info;
static char path[256];

static enum duet_status take(void *argument, const struct duet_tick_row *row) {
    struct taken *into = argument;
    ck_assert_uint_lt(into->count, ROWS_MAX);
    into->rows[into->count++] = *row;
    return DUET_OK;
}

static void fresh(void) {
    duet_test_fresh_folder();
    snprintf(path, sizeof(path), "%s/ABC.csv", duet_test_folder);
}

static void write_file(const char *text) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static enum duet_status read_rows(const char *options) {
    struct duet_data_spec spec;
    char text[512];
    snprintf(text, sizeof(text), "X=%s%s%s", path, *options != '\0' ? "," : "", options);
    ck_assert_int_eq(duet_data_spec_parse(text, &spec), DUET_OK);
    const struct duet_tick_sink sink = {take, &taken};
    taken.count = 0;
    enum duet_status status = duet_ticks_read(&spec, NULL, &sink, &info);
    duet_data_spec_finish(&spec);
    return status;
}

static enum duet_status read_text(const char *text, const char *options) {
    write_file(text);
    return read_rows(options);
}

START_TEST(trades_come_in_the_order_of_the_file_with_sizes_and_sides) {
    ck_assert_int_eq(read_text("timestamp,price,amount,side\n"
                               "1582329602111000,9682.5,0.132,buy\n"
                               "1582329602111000,9682,1,sell\n"
                               "1582329603000000,9683,2.50,\n",
                         ""),
        DUET_OK);
    ck_assert_int_eq(info.kind, DUET_KIND_TRADES);
    ck_assert_uint_eq(taken.count, 3);
    ck_assert_int_eq(taken.rows[0].time_ns, INT64_C(1582329602111000000));
    ck_assert_uint_eq(taken.rows[0].has, DUET_TICK_PRICE | DUET_TICK_QUANTITY);
    ck_assert_double_eq(taken.rows[0].price.value, 9682.5);
    ck_assert_int_eq(taken.rows[0].price.mantissa, 96825);
    ck_assert_double_eq(taken.rows[0].quantity.value, 0.132);
    ck_assert_int_eq(taken.rows[0].side, 1);
    ck_assert_int_eq(taken.rows[1].side, -1);
    ck_assert_int_eq(taken.rows[2].side, 0);
    ck_assert_uint_eq(taken.rows[2].line, 4);
    ck_assert_uint_eq(info.price_decimals, 1);
    ck_assert_uint_eq(info.quantity_decimals, 3);
    ck_assert_str_eq(info.first, "2020-02-22T00:00:02.111");
}
END_TEST

START_TEST(a_maker_column_tells_who_came_to_the_market) {
    ck_assert_int_eq(
        read_text("time,price,qty,is_buyer_maker\n1582329602111,10,1,true\n1582329602112,10,1,False\n", ""), DUET_OK);
    ck_assert_int_eq(taken.rows[0].side, -1);
    ck_assert_int_eq(taken.rows[1].side, 1);
}
END_TEST

START_TEST(an_absent_side_of_a_quote_is_absent) {
    ck_assert_int_eq(read_text("time,bid,ask,bid_size,ask_size\n"
                               "2020-01-02 09:30:00.5,10.1,10.2,300,\n"
                               "2020-01-02 09:30:01,0,10.25,0,200\n"
                               "2020-01-02 09:30:02,,,1,1\n",
                         "tz=America/New_York"),
        DUET_OK);
    ck_assert_int_eq(info.kind, DUET_KIND_QUOTES);
    ck_assert_uint_eq(taken.count, 2);
    ck_assert_int_eq(taken.rows[0].time_ns, INT64_C(1577975400500000000)); // 14:30 UTC
    ck_assert_uint_eq(taken.rows[0].has, DUET_TICK_BID | DUET_TICK_ASK | DUET_TICK_BID_SIZE);
    ck_assert_uint_eq(taken.rows[1].has & (DUET_TICK_BID | DUET_TICK_ASK), DUET_TICK_ASK);
    ck_assert_uint_eq(info.rows, 3);
    ck_assert_uint_eq(info.skipped, 1);
    ck_assert_uint_eq(info.warnings[DUET_DATA_BLANK_CELL], 1);
}
END_TEST

START_TEST(a_row_in_error_is_refused_with_its_line_or_skipped_and_counted) {
    const char *text =
        "time,price,size\n2020-01-02 09:30:00,10,1\n2020-01-02 09:30:01,ten,1\n2020-01-02 09:30:02,11,1\n";
    ck_assert_int_eq(read_text(text, ""), DUET_EDATA);
    ck_assert_msg(strstr(duet_error_text(), "ABC.csv:3: column \"price\": \"ten\" is not a number") != NULL, "%s",
        duet_error_text());
    ck_assert_int_eq(read_text(text, "on_error=skip"), DUET_OK);
    ck_assert_uint_eq(taken.count, 2);
    ck_assert_uint_eq(info.rows, 3);
    ck_assert_uint_eq(info.warnings[DUET_DATA_SKIPPED_ERROR], 1);
    ck_assert_uint_eq(info.warning_line[DUET_DATA_SKIPPED_ERROR], 3);
}
END_TEST

START_TEST(packed_trades_are_the_same_trades) {
    const char *text = "time,price,size\n2020-01-02 09:30:00,10,1\n2020-01-02 09:30:01,10.5,2\n";
    gzFile file = gzopen(path, "wb");
    ck_assert_int_eq(gzputs(file, text), (int)strlen(text));
    ck_assert_int_eq(gzclose(file), Z_OK);
    ck_assert_int_eq(read_rows(""), DUET_OK);
    ck_assert_uint_eq(taken.count, 2);
    ck_assert_double_eq(taken.rows[1].price.value, 10.5);
}
END_TEST

START_TEST(json_trades_are_named_by_their_element) {
    ck_assert_int_eq(
        read_text("[{\"t\":1582329602,\"price\":10.5,\"size\":1},\n {\"size\":2,\"t\":1582329603,\"price\":11}]", ""),
        DUET_OK);
    ck_assert_uint_eq(taken.count, 2);
    ck_assert_double_eq(taken.rows[1].quantity.value, 2);
    ck_assert_uint_eq(taken.rows[1].line, 2);
    ck_assert_int_eq(
        read_text("[{\"t\":1582329602,\"price\":10.5,\"size\":1},{\"t\":1582329603,\"price\":\"x\",\"size\":1}]", ""),
        DUET_EDATA);
    ck_assert_msg(strstr(duet_error_text(), "element 2: column \"price\": \"x\" is not a number") != NULL, "%s",
        duet_error_text());
}
END_TEST

DUET_TEST_MAIN("ticks", fresh, trades_come_in_the_order_of_the_file_with_sizes_and_sides,
    a_maker_column_tells_who_came_to_the_market, an_absent_side_of_a_quote_is_absent,
    a_row_in_error_is_refused_with_its_line_or_skipped_and_counted, packed_trades_are_the_same_trades,
    json_trades_are_named_by_their_element)
