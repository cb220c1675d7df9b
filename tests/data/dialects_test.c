/*
 * Dialects told by form: files written here in the way of one vendor or another, under names that say nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "data/csv_support.h"
#include "data/ticks.h"
#include "support/folder.h"
#include "support/suite.h"

static char path[256];

static void fresh(void) {
    duet_test_fresh_folder();
    snprintf(path, sizeof(path), "%s/t.csv", duet_test_folder);
}

static void check_bars(const char *text, const char *dialect, const char *first, const char *columns) {
    struct read_file file = read_text(text, "");
    ck_assert_msg(file.status == DUET_OK, "%s", duet_error_text());
    ck_assert_str_eq(file.info.dialect, dialect);
    ck_assert_str_eq(file.info.first, first);
    ck_assert_str_eq(file.info.columns, columns);
    read_finish(&file);
}

/** What a survey of the text as a file tells. */
static struct duet_data_info survey(const char *text, const char *options) {
    struct duet_data_spec spec;
    struct duet_data_info info;
    char words[400];
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    snprintf(words, sizeof(words), "X=%s%s", path, options);
    ck_assert_int_eq(duet_data_spec_parse(words, &spec), DUET_OK);
    ck_assert_msg(duet_ticks_survey(&spec, &info) == DUET_OK, "%s", duet_error_text());
    duet_data_spec_finish(&spec);
    return info;
}

START_TEST(sites_of_prices_are_known_by_their_headers) {
    check_bars("\xef\xbb\xbf\"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change %\"\n"
               "\"12/29/2023\",\"1,239.56\",\"1,239.10\",\"1,249.99\",\"1,229.01\",\"1.23M\",\"-0.5%\"\n"
               "\"12/28/2023\",\"1,238.56\",\"1,238.10\",\"1,248.99\",\"1,228.01\",\"456.7K\",\"0.5%\"\n",
        "investing", "2023-12-28", "time,close,open,high,low,volume,-");
    check_bars("Date,Close/Last,Volume,Open,High,Low\r\n12/29/2023,$192.53,42672148,$193.90,$194.40,$191.725\r\n"
               "12/28/2023,$193.58,34049898,$194.14,$194.66,$193.17\r\n",
        "nasdaq", "2023-12-28", "time,close,volume,open,high,low");
    check_bars("<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\r\n"
               "2012.02.01\t00:00:00\t1.5710\t1.5720\t1.5700\t1.5715\t5\t0\t10\r\n"
               "2012.02.01\t00:01:00\t1.5711\t1.5720\t1.5700\t1.5715\t6\t0\t10\r\n",
        "metatrader", "2012-02-01T00:00:00", "time,clock,open,high,low,close,volume,-,-");
    check_bars("2012.02.01,00:00,1.5710,1.5720,1.5700,1.5715,5\n2012.02.01,00:01,1.5711,1.5720,1.5700,1.5715,6\n",
        "metatrader", "2012-02-01T00:00:00", "time,clock,open,high,low,close,volume");
}
END_TEST

START_TEST(volumes_in_thousands_and_millions_are_numbers) {
    struct read_file file =
        read_text("Date,Price,Open,High,Low,Vol.,Change %\n2023-12-27,1,1,1,1,1.23M,0\n"
                  "2023-12-28,1,1,1,1,456.7K,0\n2023-12-29,1,1,1,1,2.5B,0\n2023-12-30,1,1,1,1,12,0\n",
            "");
    ck_assert_msg(file.status == DUET_OK, "%s", duet_error_text());
    ck_assert_double_eq(file.records[0].volume, 1230000);
    ck_assert_double_eq(file.records[1].volume, 456700);
    ck_assert_double_eq(file.records[2].volume, 2500000000);
    ck_assert_double_eq(file.records[3].volume, 12);
    ck_assert_uint_eq(file.info.quantity_decimals, 0);
    read_finish(&file);
    file = read_text("Date,Price,Open,High,Low\n2023-12-27,1,1K,1,1\n2023-12-28,1,1,1,1\n", "");
    ck_assert_int_eq(file.status, DUET_EDATA); // a price is no such number
    ck_assert_msg(strstr(duet_error_text(), "\"1K\" is not a number") != NULL, "%s", duet_error_text());
    read_finish(&file);
}
END_TEST

START_TEST(histdata_is_told_from_its_twins_by_a_volume_of_zero) {
    struct read_file file =
        read_text("20120201 000000;1.30;1.31;1.29;1.30;0\n20120201 000100;1.30;1.31;1.29;1.30;0\n", "");
    ck_assert_str_eq(file.info.dialect, "histdata");
    ck_assert_str_eq(file.info.tz, "-05:00");
    ck_assert_int_eq(file.info.stamp, DUET_STAMP_OPEN);
    ck_assert_int_eq(file.records[0].open_ns, INT64_C(1328072400000000000)); // 05:00 UTC
    ck_assert(!file.info.tz_assumed);
    read_finish(&file);
    file = read_text("20120201 000000;1.30;1.31;1.29;1.30;3\n20120201 000100;1.30;1.31;1.29;1.30;0\n", "");
    ck_assert_str_eq(file.info.dialect, "ninjatrader");
    ck_assert_int_eq(file.info.stamp, DUET_STAMP_CLOSE);
    read_finish(&file);
    struct duet_data_info info =
        survey("20200101 170000065,1.121200,1.121720,0\n20200101 170010447,1.1212,1.12192,0\n", "");
    ck_assert_int_eq(info.kind, DUET_KIND_QUOTES);
    ck_assert_str_eq(info.dialect, "histdata_ticks");
    ck_assert_int_eq(info.first_ns, INT64_C(1577916000065000000)); // 22:00:00.065 UTC
}
END_TEST

START_TEST(ticks_without_a_header_are_told_by_what_stands_in_them) {
    static const struct {
        const char *text, *columns;
        enum duet_data_kind kind;
    } files[] = {
        {"1672531436,90.54,1.1044\n1672531471,90.45,1\n1672531647,90.36,0.286\n", "time,price,quantity",
            DUET_KIND_TRADES},
        {"3200000000,0.0014,23,0.03,1570752011620,True,True\n3200000001,0.0015,2,0.03,1570752011720,False,True\n",
            "-,price,quantity,-,time,side,-", DUET_KIND_TRADES},
        {"EUR/USD,20120201 00:00:00.123,1.30661,1.30681\nEUR/USD,20120201 00:00:01.500,1.30660,1.30681\n",
            "symbol,time,bid,ask", DUET_KIND_QUOTES},
        {"20060102 083000 1250000;1250.25;1250.25;1250.50;3\n20060102 083001 0000000;1250.5;1250.25;1250.50;1\n",
            "time,price,bid,ask,quantity", DUET_KIND_TRADES},
        {"2020-01-02 09:30:00.1,buy,10.5,3\n2020-01-02 09:30:00.2,sell,10.4,2\n", "time,side,price,quantity",
            DUET_KIND_TRADES},
        {"2020-01-02 09:30:00.1,10.6,10.5,3,4\n2020-01-02 09:30:00.2,10.6,10.4,2,2\n", "time,ask,bid,asksize,bidsize",
            DUET_KIND_QUOTES},
        {"19980102,0.8613657,0.00892857,1\n20000620,0.8613657,0.00892857,101\n", "time,-,-,-", DUET_KIND_OTHER},
        {"1672531200,5,3,9,1,7,2\n1672531260,5,3,9,1,7,2\n", "time,-,-,-,-,-,-", DUET_KIND_OTHER},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct duet_data_info info = survey(files[i].text, "");
        ck_assert_msg(info.kind == files[i].kind, "%s: kind %d", files[i].text, (int)info.kind);
        ck_assert_str_eq(info.columns, files[i].columns);
    }
}
END_TEST

START_TEST(epochs_come_in_every_unit_and_notation) {
    static const char *const stamps[][2] = {{"1672531200", "1672531260"}, {"1672531200.0", "1672531260.0"},
        {"1672531200000", "1672531260000"}, {"1672531200000000", "1672531260000000"},
        {"1672531200000000000", "1672531260000000000"}, {"1.6725312e+09", "1.67253126e+09"}};
    for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
        char text[200];
        snprintf(text, sizeof(text), "t,o,h,l,c\n%s,1,2,1,1\n%s,1,2,1,1\n", stamps[i][0], stamps[i][1]);
        check_bars(text, "csv", "2023-01-01T00:00:00", "time,open,high,low,close");
    }
}
END_TEST

#define WIDE                                                                         \
    "Date,BTC:open,BTC:high,BTC:low,BTC:close,ETH:open,ETH:high,ETH:low,ETH:close\n" \
    "2020-01-02,1,2,1,1,,,,\n2020-01-03,1,2,1,1,5,6,5,5.5\n2020-01-04,1,2,1,1,5,6,5,5\n"

START_TEST(of_instruments_side_by_side_one_is_chosen) {
    struct read_file file = read_text(WIDE, "");
    ck_assert_int_eq(file.status, DUET_EDATA);
    ck_assert_msg(strstr(duet_error_text(), "choose one with asset=, of BTC,ETH") != NULL, "%s", duet_error_text());
    ck_assert_str_eq(file.info.choices, "BTC,ETH");
    read_finish(&file);
    file = read_text(WIDE, "asset=eth");
    ck_assert_msg(file.status == DUET_OK, "%s", duet_error_text());
    ck_assert_uint_eq(file.info.rows, 3);
    ck_assert_uint_eq(file.count, 2); // it was not listed on the first day
    ck_assert_double_eq(file.records[0].close, 5.5);
    read_finish(&file);
    file = read_text(WIDE, "asset=LTC");
    ck_assert_int_eq(file.status, DUET_EINVAL);
    read_finish(&file);
    struct duet_data_info info = survey(WIDE, "");
    ck_assert_uint_eq(info.rows, 3);
    // One instrument whose columns carry its name needs no choice.
    check_bars("\"\",\"AAPL.Open\",\"AAPL.High\",\"AAPL.Low\",\"AAPL.Close\",\"AAPL.Volume\",\"AAPL.Adjusted\"\n"
               "\"2020-01-02\",1,2,1,1.5,100,1.4\n\"2020-01-03\",1,2,1,1.5,100,1.4\n",
        "csv", "2020-01-02", "time,open,high,low,close,volume,adjclose");
}
END_TEST

START_TEST(one_price_makes_bars_when_the_user_says_so) {
    const char *text = "Date,USD,GBP,EUR\n2013-09-29,1326.5,823.22,982.17\n2013-09-22,1349.25,837.82,\n";
    struct read_file file = read_text(text, "");
    ck_assert_int_eq(file.status, DUET_EDATA);
    ck_assert_int_eq(file.info.kind, DUET_KIND_OTHER);
    read_finish(&file);
    file = read_text(text, "columns=time,close,-,-");
    ck_assert_msg(file.status == DUET_OK, "%s", duet_error_text());
    ck_assert_uint_eq(file.count, 2);
    ck_assert_double_eq(file.records[0].open, 1326.5);
    ck_assert_double_eq(file.records[0].low, 1326.5);
    ck_assert_int_eq(file.info.interval_ns, DUET_WEEK_NS);
    read_finish(&file);
    file = read_text(text, "columns=time,-,-,close");
    ck_assert_uint_eq(file.count, 1);
    ck_assert_uint_eq(file.info.warnings[DUET_DATA_BLANK_CELL], 1);
    read_finish(&file);
}
END_TEST

DUET_TEST_MAIN("dialects", fresh, sites_of_prices_are_known_by_their_headers,
    volumes_in_thousands_and_millions_are_numbers, histdata_is_told_from_its_twins_by_a_volume_of_zero,
    ticks_without_a_header_are_told_by_what_stands_in_them, epochs_come_in_every_unit_and_notation,
    of_instruments_side_by_side_one_is_chosen, one_price_makes_bars_when_the_user_says_so)
