/* CSV bytes in, records, warnings and one-line errors out. */
#include "data/csv_support.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/time.h"

#define HEADER "Date,Open,High,Low,Close,Volume\n"

static int64_t at(const char *text) {
    int64_t ns = 0;
    bool is_date = false;
    ck_assert_msg(duet_time_parse(text, &ns, &is_date) == DUET_OK, "%s", duet_error_text());
    return ns;
}

/** Read what must be readable. */
static struct read_file good(const char *text, const char *options) {
    struct read_file file = read_text(text, options);
    ck_assert_msg(file.status == DUET_OK, "%s\n%s", duet_error_text(), text);
    return file;
}

/** Read what must be refused with exactly this line. */
static void check_refused(const char *text, const char *options, const char *line) {
    struct read_file file = read_text(text, options);
    ck_assert_msg(file.status == DUET_EDATA, "was read:\n%s", text);
    ck_assert_str_eq(duet_error_text(), line);
    read_finish(&file);
}

static void check_bar(const struct read_file *file, size_t index, const char *time, double open, double high,
    double low, double close, double volume) {
    const struct duet_record48 *record = &file->records[index];
    char out[DUET_TIME_TEXT_MAX];
    ck_assert_uint_lt(index, file->count);
    ck_assert_msg(record->open_ns == at(time), "%s, not %s", duet_time_format(record->open_ns, out), time);
    ck_assert_double_eq(record->open, open);
    ck_assert_double_eq(record->high, high);
    ck_assert_double_eq(record->low, low);
    ck_assert_double_eq(record->close, close);
    ck_assert_double_eq(record->volume, volume);
}

START_TEST(finds_columns_by_name_whatever_their_order_case_and_delimiter) {
    static const char *const texts[] = {
        "Date,Open,High,Low,Close,Volume\n2020-01-02,1.5,4,1,2.25,100\n2020-01-03,2,3,2,3,7\n",
        "volume;CLOSE;low;High;open;time\n100;2.25;1;4;1.5;2020-01-02\n7;3;2;3;2;2020-01-03\n",
        "\xef\xbb\xbf\"Open Price\"\t\"High Price\"\t\"Low Price\"\tLast\tTimestamp\tVol.\r\n"
        "1.5\t4\t1\t2.25\t2020-01-02\t100\r\n2\t3\t2\t3\t2020-01-03\t7\r\n",
        "|Open|High|Low|Close|Volume\n2020-01-02|1.5|4|1|2.25|100\n2020-01-03|2|3|2|3|7\n",
        "made by nobody\n\nid,Date ,Time, Open , High,Low,Close,Volume,Note\n"
        "1,2020-01-02, 00:00:00, 1.5 ,4,1,2.25,100,a\n2,2020-01-03,00:00:00,2,3,2,3,7,\"b,c\"\n",
        "<TICKER>,<DTYYYYMMDD>,<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\nX,1,20200102,$1.50,4,1,2.25,100\n"
        "X,1,20200103,\"$2\",3,2,3,7\n",
        "20200102,1.5,4,1,2.25,100\n20200103,2,3,2,3,7\n",
        "AAPL,2020-01-02,1.5,4,1,2.25,100\nAAPL,2020-01-03,2,3,2,3,7\n",
        "2020-01-02,00:00,1.5,4,1,2.25,100\n2020-01-03,00:00,2,3,2,3,7\n",
        "2020-01-02,1.5,4,1,2.25,2.2,100\n2020-01-03,2,3,2,3,2.9,7\n",
        "2020-01-02,1.5,4,1,2.25,100,0\n2020-01-03,2,3,2,3,7,0\n",
        "2020-01-02,1.5e0,4,1.0,225e-2,1e2\n\n2020-01-03,2,3,2,3,7\n\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct read_file file = good(texts[i], "");
        ck_assert_msg(file.count == 2, "text %zu: %zu rows", i, file.count);
        check_bar(&file, 0, "2020-01-02", 1.5, 4, 1, 2.25, 100);
        check_bar(&file, 1, "2020-01-03", 2, 3, 2, 3, 7);
        ck_assert(file.order.ascending);
        ck_assert_int_eq(file.info.interval_ns, DUET_DAY_NS);
        read_finish(&file);
    }
}
END_TEST

START_TEST(takes_columns_as_told) {
    struct read_file file =
        good("a,b,c,d,e,f\n9,2,1,3,1,2020-01-02\n9,3,2,4,2,2020-01-03\n", "columns=-,close,open,high,low,time");
    check_bar(&file, 0, "2020-01-02", 1, 3, 1, 2, 0);
    ck_assert(!file.info.has_volume);
    ck_assert_str_eq(file.info.columns, "-,close,open,high,low,time");
    read_finish(&file);
    check_refused("2020-01-02,1,2,1,2,5\n2020-01-03,1,2,1,2,5\n", "columns=time,open,high,low,close",
        "t.csv:1: 6 fields, but 5 columns in columns=");
}
END_TEST

START_TEST(picks_one_instrument_of_several_by_its_symbol) {
    const char *text = ",X:open,X:high,X:low,X:close,Y:open,Y:high,Y:low,Y:close\n2020-01-02,1,2,1,2,5,6,5,6\n"
                       "2020-01-03,2,3,2,3,6,7,6,7\n";
    struct read_file file = good(text, ""); // read as symbol X
    check_bar(&file, 1, "2020-01-03", 2, 3, 2, 3, 0);
    read_finish(&file);
}
END_TEST

START_TEST(gives_exactly_what_strtod_gives) {
    struct duet_rng rng;
    duet_rng_seed(&rng, 7);
    struct duet_text text = {0};
    double wanted[400];
    duet_text_print(&text, HEADER);
    for (int i = 0; i < 400; i++) {
        char number[64];
        int decimals = (int)duet_rng_below(&rng, i < 200 ? 5 : 18);
        double value = duet_rng_uniform(&rng) * (i % 3 == 0 ? 1 : i % 3 == 1 ? 1000 : 1e9);
        snprintf(number, sizeof(number), "%.*f", decimals, value);
        wanted[i] = strtod(number, NULL);
        duet_text_print(&text, "2020-01-%02d %02d:%02d,%s,%s,%s,%s,%s\n", 1 + i / 60 / 24, i / 60 % 24, i % 60, number,
            number, number, number, number);
    }
    struct read_file file = good(text.text, "");
    ck_assert(file.wide);
    for (int i = 0; i < 400; i++) {
        ck_assert_double_eq(file.records[i].open, wanted[i]);
        ck_assert_double_eq(file.records[i].close, wanted[i]);
        ck_assert_double_eq(file.records[i].volume, wanted[i]);
    }
    read_finish(&file);
    duet_text_finish(&text);
}
END_TEST

/** Rows of changing widths, written twice: plainly, and with a blank that only the careful reader takes. */
static void write_rows(
    uint64_t seed, int count, const char *time_format, struct duet_text *plain, struct duet_text *padded) {
    struct duet_rng rng;
    duet_rng_seed(&rng, seed);
    static const char *const headers[] = {
        HEADER, "Date,Open,High,Low,Close\n", "Date,Open,High,Low,Close,Volume,OpenInt\n"};
    size_t shape = seed % 3;
    duet_text_print(plain, "%s", headers[shape]);
    duet_text_print(padded, "%s", headers[shape]);
    unsigned places_max = (unsigned)duet_rng_below(&rng, 8);
    for (int i = 0; i < count; i++) {
        struct duet_civil civil = duet_civil_from_ns(at("2020-02-28") + i * 5 * DUET_MINUTE_NS);
        char time[64], cells[5][48];
        snprintf(time, sizeof(time), time_format, civil.year, civil.month, civil.day, civil.hour, civil.minute);
        for (int k = 0; k < 5; k++) {
            // Every other file has long stretches of one width.
            bool same = seed % 2 == 0 && duet_rng_below(&rng, 20) != 0;
            int places = (int)(same ? places_max : duet_rng_below(&rng, places_max + 1));
            double large = seed % 5 == 0 ? 1e7 : 3e4; // for wide records, and for narrow ones of nine digits
            double scale = same || duet_rng_below(&rng, 50) != 0 ? 300 : large;
            snprintf(cells[k], sizeof(cells[k]), "%.*f", places, (same ? 100 : 0) + duet_rng_uniform(&rng) * scale);
        }
        if (duet_rng_below(&rng, 40) == 0) {
            snprintf(cells[4], sizeof(cells[4]), "%llu", (unsigned long long)(duet_rng_next(&rng) >> 12));
        }
        char end[64] = "\n";
        if (shape != 1) {
            snprintf(end, sizeof(end), shape == 0 ? ",%s\n" : ",%s,0\r\n", cells[4]);
        }
        duet_text_print(plain, "%s,%s,%s,%s,%s%s", time, cells[0], cells[1], cells[2], cells[3], end);
        duet_text_print(padded, "%s, %s,%s ,%s, %s%s", time, cells[0], cells[1], cells[2], cells[3], end);
    }
}

START_TEST(fast_and_careful_reader_agree_on_every_row) {
    static const char *const formats[] = {"%04d-%02d-%02d %02d:%02d:00", "%04d-%02d-%02dT%02d:%02d:00.000Z",
        "%04d-%02d-%02d %02d:%02d", "%04d%02d%02d %02d%02d00", "%04d/%02d/%02d %02d:%02d", "%04d-%d-%d %d:%02d",
        "%04d-%02d-%02d %02d:%02d:00+05:30", "%04d%02d%02d%02d%02d00"};
    for (uint64_t seed = 1; seed <= 48; seed++) {
        struct duet_text plain = {0}, padded = {0};
        write_rows(seed, seed == 1 ? 20000 : 700, formats[seed % 8], &plain, &padded);
        struct read_file a = good(plain.text, ""), b = good(padded.text, "");
        ck_assert_uint_eq(a.count, b.count);
        ck_assert_int_eq(a.wide, b.wide);
        for (size_t i = 0; i < a.count; i++) {
            ck_assert_msg(memcmp(&a.records[i], &b.records[i], sizeof(a.records[i])) == 0, "seed %lu row %zu",
                (unsigned long)seed, i);
        }
        ck_assert_uint_eq(a.info.price_decimals, b.info.price_decimals);
        ck_assert_uint_eq(a.info.quantity_decimals, b.info.quantity_decimals);
        ck_assert_mem_eq(a.info.warnings, b.info.warnings, sizeof(a.info.warnings));
        ck_assert_mem_eq(a.info.warning_line, b.info.warning_line, sizeof(a.info.warning_line));
        ck_assert_str_eq(a.info.first, b.info.first);
        ck_assert_str_eq(a.info.last, b.info.last);
        read_finish(&a);
        read_finish(&b);
        duet_text_finish(&plain);
        duet_text_finish(&padded);
    }
}
END_TEST

START_TEST(a_row_of_other_widths_leaves_no_trace_in_the_next) {
    const char *const tails[] = {"", ",7", ",7,0"};
    for (size_t tail = 0; tail < 3; tail++) {
        for (int odd = 0; odd < 4; odd++) {
            struct duet_text text = {0};
            duet_text_print(&text, "Date,Open,High,Low,Close%s\n",
                tail == 0   ? ""
                : tail == 1 ? ",Volume"
                            : ",Volume,X");
            for (int i = 0; i < 40; i++) { // every fifth row has a price of nine digits, which fits 31 bits
                double prices[4] = {215.25, 216.5, 213.75, 214.25};
                prices[odd] = i % 5 == 1 ? 1000000.25 : prices[odd] + i * 0.25;
                duet_text_print(&text, "2020-01-02 10:%02d,%.2f,%.2f,%.2f,%.2f%s\n", i, prices[0], prices[1], prices[2],
                    prices[3], tails[tail]);
            }
            struct read_file file = good(text.text, "");
            ck_assert(!file.wide);
            for (int i = 0; i < 40; i++) {
                double prices[4] = {215.25, 216.5, 213.75, 214.25};
                prices[odd] = i % 5 == 1 ? 1000000.25 : prices[odd] + i * 0.25;
                char time[32];
                snprintf(time, sizeof(time), "2020-01-02T10:%02d", i);
                check_bar(&file, (size_t)i, time, prices[0], prices[1], prices[2], prices[3], tail == 0 ? 0 : 7);
            }
            read_finish(&file);
            duet_text_finish(&text);
        }
    }
}
END_TEST

START_TEST(errors_say_line_column_and_cell) {
    static const struct {
        const char *rows, *line;
    } refused[] = {
        {"2020-01-04,1,2,1,\"12,5\",3\n", "t.csv:4: column \"Close\": \"12,5\" is not a number"},
        {"2020-01-04,1,2,1,x,3\n", "t.csv:4: column \"Close\": \"x\" is not a number"},
        {"2020-01-04,1,2,1,1.2.3,3\n", "t.csv:4: column \"Close\": \"1.2.3\" is not a number"},
        {"2020-01-04,1,2,1,0x10,3\n", "t.csv:4: column \"Close\": \"0x10\" is not a number"},
        {"2020-01-04,NaN,2,1,1,3\n", "t.csv:4: column \"Open\": \"NaN\" is not a finite number"},
        {"2020-01-04,1,-Inf,1,1,3\n", "t.csv:4: column \"High\": \"-Inf\" is not a finite number"},
        {"2020-01-04,1,1e999,1,1,3\n", "t.csv:4: column \"High\": \"1e999\" is not a finite number"},
        {"2020-01-04,1,1e30,1,1,3\n", "t.csv:4: column \"High\": \"1e30\" is too large for a price"},
        {"2020-01-04,1,2,1,1,9007199254740993\n",
            "t.csv:4: column \"Volume\": \"9007199254740993\" is 2^53 or more, beyond what can be counted exactly"},
        {"2020-02-30,1,2,1,1,3\n",
            "t.csv:4: column \"Date\": \"2020-02-30\" is not a time of the form Y-M-D, as in the first rows"},
        {"2020-01-04 00:00Z,1,2,1,1,3\n",
            "t.csv:4: column \"Date\": \"2020-01-04 00:00Z\" states a zone, the rows before do not"},
        {"2020-01-04,1,2,1,1\n", "t.csv:4: 6 fields expected, 5 found"},
        {"2020-01-04,1,2,1,1,3,4\n", "t.csv:4: 6 fields expected, 7 found"},
        {"2020-01-04,1,2,1", "t.csv:4: 6 fields expected, 4 found; the file ends within this line"},
        {"2020-01-04,1,2,1,\"1,3\n", "t.csv:4: a quote is not closed, or followed by text"},
        {"--\n", "t.csv:4: 6 fields expected, 1 found"},
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text), HEADER "2020-01-02,1,2,1,2,3\n2020-01-03,1,2,1,2,3\n%s", refused[i].rows);
        check_refused(text, "", refused[i].line);
    }
    struct read_file file = read_text(HEADER "2020-01-02,1,2,1,\"12,5\",3\n2020-01-03,1,2,1,2,3\n", "");
    ck_assert_uint_eq(file.info.error_line, 2);
    ck_assert_str_eq(file.info.error_column, "Close");
    ck_assert_str_eq(file.info.error_reason, "\"12,5\" is not a number");
    read_finish(&file);
}
END_TEST

START_TEST(skips_and_counts_rows_in_error_where_told_to) {
    struct read_file file =
        good(HEADER "2020-01-02,1,2,1,2,3\nnonsense\n2020-01-03,1,2,1,x,3\n2020-01-06,1,2,1,2,4\n", "on_error=skip");
    ck_assert_uint_eq(file.count, 2);
    ck_assert_uint_eq(file.info.rows, 4);
    ck_assert_uint_eq(file.info.skipped, 2);
    ck_assert_uint_eq(file.info.warnings[DUET_DATA_SKIPPED_ERROR], 2);
    ck_assert_uint_eq(file.info.warning_line[DUET_DATA_SKIPPED_ERROR], 3);
    read_finish(&file);
    struct read_file mixed = good(HEADER "2020-01-02 10:00,1,2,1,2,3\n2020-01-02 10:01,1,2,1,2,3\n"
                                         "2020-01-02 10:02Z,1,2,1,2,3\n2020-01-02 10:03Z,1,2,1,2,3\n",
        "on_error=skip"); // what one row in error looks like is no licence for the next
    ck_assert_uint_eq(mixed.count, 2);
    ck_assert_uint_eq(mixed.info.skipped, 2);
    read_finish(&mixed);
    check_refused(HEADER "2020-01-02,1,2,1,x,3\n2020-01-03,1,2,1,x,3\n", "on_error=skip,interval=1d",
        "t.csv:2: no row is left: all have blank cells or errors");
}
END_TEST

START_TEST(counts_what_is_odd_with_the_line_of_the_first) {
    struct read_file file = good(HEADER "2020-01-01,2,3,1,2,5\n" // 2
                                        "2020-01-02,2,2,1,3,5\n" // 3: high below close
                                        "2020-01-03,2,3,2.5,3,5\n" // 4: low above open
                                        "2020-01-04,0,3,0,2,5\n" // 5: zero
                                        "2020-01-05,2,3,-1,2,5\n" // 6: negative
                                        "2020-01-06,2,3,1,2,0\n" // 7: no volume
                                        "2020-01-07,2,3,1,2,-5\n" // 8: negative volume
                                        "2020-01-07,2,3,1,2,5\n" // 9: the same label
                                        "2020-01-05,2,3,1,2,5\n" // 10: backwards
                                        "2020-01-09,2,-,1,2,5\n" // 11: blank
                                        "2020-01-10,null,3,1,2,5\n" // 12: blank
                                        "2020-01-11,2,3,1,,5\n" // 13: blank
                                        "2020-01-12,2,3,1,2,5",
        "");
    static const struct {
        enum duet_data_warning warning;
        unsigned count, line;
    } wanted[] = {
        {DUET_DATA_OHLC_VIOLATION, 2, 3},
        {DUET_DATA_ZERO_PRICE, 1, 5},
        {DUET_DATA_NEGATIVE_PRICE, 1, 6},
        {DUET_DATA_ZERO_VOLUME, 1, 7},
        {DUET_DATA_NEGATIVE_VOLUME, 1, 8},
        {DUET_DATA_OUT_OF_ORDER, 1, 10},
        {DUET_DATA_BLANK_CELL, 3, 11},
        {DUET_DATA_TRUNCATED_TAIL, 1, 14},
        {DUET_DATA_DUPLICATE, 0, 0},
        {DUET_DATA_GAP, 0, 0},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const char *code = duet_data_warning_code(wanted[i].warning);
        ck_assert_msg(file.info.warnings[wanted[i].warning] == wanted[i].count, "%s", code);
        ck_assert_msg(file.info.warning_line[wanted[i].warning] == wanted[i].line, "%s", code);
    }
    ck_assert_uint_eq(file.info.rows, 13);
    ck_assert_uint_eq(file.info.skipped, 3);
    ck_assert_uint_eq(file.count, 10);
    ck_assert(!file.order.ascending && !file.order.descending);
    read_finish(&file);
}
END_TEST

START_TEST(tells_the_order_of_the_rows) {
    struct read_file file = good(HEADER "2020-01-04,1,1,1,1,1\n2020-01-03,1,1,1,1,1\n2020-01-02,1,1,1,1,1\n", "");
    ck_assert(file.info.descending && file.order.descending && !file.order.ascending);
    ck_assert_uint_eq(file.info.warnings[DUET_DATA_OUT_OF_ORDER], 0);
    ck_assert_str_eq(file.info.first, "2020-01-02");
    ck_assert_str_eq(file.info.last, "2020-01-04");
    read_finish(&file);
    file = good(HEADER "2020-01-04,1,1,1,1,1\n2020-01-03,1,1,1,1,1\n2020-01-05,1,1,1,1,1\n2020-01-02,1,1,1,1,1\n", "");
    ck_assert(file.info.descending && !file.order.descending);
    ck_assert_uint_eq(file.info.warnings[DUET_DATA_OUT_OF_ORDER], 1);
    ck_assert_uint_eq(file.info.warning_line[DUET_DATA_OUT_OF_ORDER], 4);
    read_finish(&file);
}
END_TEST

START_TEST(tells_day_from_month_by_any_row_or_asks) {
    const char *open = HEADER "1/2/2019,1,1,1,1,1\n2/2/2019,1,1,1,1,1\n3/2/2019,1,1,1,1,1\n";
    check_refused(open, "",
        "t.csv:2: column \"Date\": day and month cannot be told apart in any row; say dates=mdy or dates=dmy");
    struct read_file file = good(open, "dates=dmy");
    check_bar(&file, 2, "2019-02-03", 1, 1, 1, 1, 1);
    ck_assert_int_eq(file.info.interval_ns, DUET_DAY_NS);
    read_finish(&file);
    file = good(open, "dates=mdy");
    check_bar(&file, 2, "2019-03-02", 1, 1, 1, 1, 1);
    ck_assert_int_eq(file.info.interval_ns, DUET_MONTH_NS);
    read_finish(&file);
    struct duet_text text = {0};
    duet_text_print(&text, HEADER);
    for (int year = 1800; year < 2000; year++) { // the row that tells comes late, behind what detection looks at
        duet_text_print(&text, "1/2/%d,1,1,1,1,1\n", year);
    }
    duet_text_print(&text, "13/2/2001,1,1,1,1,1\n");
    file = good(text.text, "");
    check_bar(&file, 0, "1800-02-01", 1, 1, 1, 1, 1);
    check_bar(&file, 200, "2001-02-13", 1, 1, 1, 1, 1);
    read_finish(&file);
    duet_text_finish(&text);
    file = good("t,o,h,l,c\n11/5/2019 9:30,1,1,1,1\n11/5/2019 9:31,1,1,1,1\n11/6/2019 9:30,1,1,1,1\n"
                "11/7/2019 9:30,1,1,1,1\n",
        ""); // minutes of three days in a row, not of three months
    check_bar(&file, 3, "2019-11-07T09:30", 1, 1, 1, 1, 0);
    read_finish(&file);
}
END_TEST

START_TEST(reads_labels_in_the_zone_of_the_file_or_as_told) {
    const char *naive = HEADER "2024-03-08 09:30,1,1,1,1,1\n2024-03-08 09:31,1,1,1,1,1\n2024-03-11 09:30,1,1,1,1,1\n";
    struct read_file file = good(naive, "");
    check_bar(&file, 0, "2024-03-08T09:30Z", 1, 1, 1, 1, 1);
    ck_assert(file.info.tz_assumed);
    ck_assert_str_eq(file.info.tz, "UTC");
    read_finish(&file);
    file = good(naive, "tz=America/New_York");
    check_bar(&file, 0, "2024-03-08T14:30Z", 1, 1, 1, 1, 1);
    check_bar(&file, 2, "2024-03-11T13:30Z", 1, 1, 1, 1, 1);
    ck_assert(!file.info.tz_assumed);
    ck_assert_str_eq(file.info.tz, "America/New_York");
    ck_assert_str_eq(file.info.first, "2024-03-08T09:30:00");
    ck_assert_str_eq(file.info.last, "2024-03-11T09:30:00");
    read_finish(&file);
    file = good(HEADER "2024-03-08 09:30:00-05:00,1,1,1,1,1\n2024-03-08 09:31:00-05:00,1,1,1,1,1\n"
                       "2024-03-11 09:30:00-04:00,1,1,1,1,1\n",
        "");
    check_bar(&file, 0, "2024-03-08T14:30Z", 1, 1, 1, 1, 1);
    check_bar(&file, 2, "2024-03-11T13:30Z", 1, 1, 1, 1, 1);
    ck_assert_str_eq(file.info.tz, "-05:00");
    ck_assert_str_eq(file.info.first, "2024-03-08T09:30:00-05:00");
    ck_assert_str_eq(file.info.last, "2024-03-11T09:30:00-04:00");
    read_finish(&file);
    file = good("1700000000,1,1,1,1,1\n1700000060,1,1,1,1,1\n", "");
    check_bar(&file, 0, "2023-11-14T22:13:20Z", 1, 1, 1, 1, 1);
    ck_assert(!file.info.tz_assumed);
    read_finish(&file);
}
END_TEST

START_TEST(moves_closing_stamps_back_by_the_interval) {
    struct read_file file = good("20240102 093100;1;1;1;1;1\n20240102 093200;1;1;1;1;1\n", "");
    ck_assert_str_eq(file.info.dialect, "ninjatrader");
    ck_assert_int_eq(file.info.stamp, DUET_STAMP_CLOSE);
    check_bar(&file, 0, "2024-01-02T09:30", 1, 1, 1, 1, 1);
    ck_assert_str_eq(file.info.first, "2024-01-02T09:31:00"); // as written
    read_finish(&file);
    file = good("20240102 093100;1;1;1;1;1\n20240102 093200;1;1;1;1;1\n", "stamp=open");
    check_bar(&file, 0, "2024-01-02T09:31", 1, 1, 1, 1, 1);
    read_finish(&file);
    file = good(HEADER "2024-01-02 10:00,1,1,1,1,1\n2024-01-02 10:05,1,1,1,1,1\n", "stamp=close,interval=15m");
    check_bar(&file, 0, "2024-01-02T09:45", 1, 1, 1, 1, 1);
    read_finish(&file);
    // A date alone is a whole day, also where it names the last day of a bar.
    file = good(HEADER "2024-01-02,1,1,1,1,1\n2024-01-03,1,1,1,1,1\n", "stamp=close");
    check_bar(&file, 0, "2024-01-02", 1, 1, 1, 1, 1);
    read_finish(&file);
    file = good(HEADER "2024-01-07,1,1,1,1,1\n2024-01-14,1,1,1,1,1\n", "stamp=close,tz=America/New_York");
    check_bar(&file, 0, "2024-01-01T05:00Z", 1, 1, 1, 1, 1);
    ck_assert_int_eq(file.info.interval_ns, DUET_WEEK_NS);
    read_finish(&file);
    file = good(HEADER "2024-01-31,1,1,1,1,1\n2024-02-29,1,1,1,1,1\n2024-03-31,1,1,1,1,1\n", "stamp=close");
    check_bar(&file, 0, "2024-01-01", 1, 1, 1, 1, 1);
    check_bar(&file, 1, "2024-02-01", 1, 1, 1, 1, 1);
    check_bar(&file, 2, "2024-03-01", 1, 1, 1, 1, 1);
    ck_assert_int_eq(file.info.interval_ns, DUET_MONTH_NS);
    read_finish(&file);
}
END_TEST

START_TEST(counts_decimals_as_written_and_grows_wide_only_where_it_must) {
    struct read_file file = good(HEADER "2020-01-02,1.50,2,1,2,3\n2020-01-03,1,2,1,2,3\n", "");
    ck_assert(!file.wide);
    ck_assert_uint_eq(file.info.price_decimals, 2);
    ck_assert_int_eq(file.scaled[0][0], 150);
    read_finish(&file);
    // Eight written decimals that are zeros would not fit 31 bits; the two that count do.
    file = good(
        HEADER "2020-01-02,46319.01000000,46320,46319,46319.50000000,3\n2020-01-03,46319,46320,46319,46320,3\n", "");
    ck_assert(!file.wide);
    ck_assert_uint_eq(file.info.price_decimals, 2);
    ck_assert_int_eq(file.scaled[0][0], 4631901);
    read_finish(&file);
    file = good(HEADER "2020-01-02,251430727.64,260763336.06,246929119.32,254285389.33,0\n", "");
    ck_assert(file.wide);
    ck_assert_uint_eq(file.info.price_decimals, 2);
    ck_assert_double_eq(file.records[0].open, 251430727.64);
    read_finish(&file);
    // What arithmetic leaves behind is no price step.
    file = good(HEADER "2020-01-02,132.08999599999999,133,132,133,3\n2020-01-03,133,134,133,133.5,3\n", "");
    ck_assert(file.wide);
    ck_assert_uint_eq(file.info.price_decimals, 9);
    ck_assert_double_eq(file.records[0].open, 132.08999599999999);
    ck_assert_uint_eq(file.info.warnings[DUET_DATA_ROUNDED_PRICE], 1);
    ck_assert_uint_eq(file.info.warning_line[DUET_DATA_ROUNDED_PRICE], 2);
    read_finish(&file);
    file = good(HEADER "2020-01-02,1.2345,2,1,2,3\n2020-01-03,1,2,1,2,3\n", "decimals=2");
    ck_assert(file.wide);
    ck_assert_uint_eq(file.info.price_decimals, 2);
    ck_assert_uint_eq(file.info.warnings[DUET_DATA_ROUNDED_PRICE], 1);
    read_finish(&file);
    file = good(HEADER "2020-01-02,1.5,2,1,2,6416500.0\n2020-01-03,1,2,1,2,0.25\n", "decimals=4");
    ck_assert_uint_eq(file.info.price_decimals, 4);
    ck_assert_int_eq(file.scaled[0][0], 15000);
    ck_assert_uint_eq(file.info.quantity_decimals, 2);
    read_finish(&file);
}
END_TEST

START_TEST(begins_again_when_later_rows_need_more_room) {
    struct duet_text text = {0};
    duet_text_print(&text, HEADER);
    for (int i = 0; i < 30000; i++) { // behind the rows from which decimals are judged
        struct duet_civil civil = duet_civil_from_ns(at("2020-01-01") + i * DUET_MINUTE_NS);
        duet_text_print(&text, "%04d-%02d-%02d %02d:%02d,%d.5,%d.5,1.5,2.5,7\n", civil.year, civil.month, civil.day,
            civil.hour, civil.minute, 1 + i % 300, 1 + i % 300);
    }
    size_t length = text.length;
    duet_text_print(&text, "2020-02-01,1.2345,2,1,2,7\n");
    struct read_file file = good(text.text, "");
    ck_assert(!file.wide);
    ck_assert_uint_eq(file.info.price_decimals, 4);
    ck_assert_uint_eq(file.count, 30001);
    ck_assert_double_eq(file.records[0].open, 1.5);
    ck_assert_double_eq(file.records[30000].open, 1.2345);
    ck_assert_uint_eq(file.restarts, 2);
    read_finish(&file);
    text.length = length;
    duet_text_print(&text, "2020-02-01,3000000000.25,3000000001,1,2,7\n");
    file = good(text.text, "");
    ck_assert(file.wide);
    ck_assert_uint_eq(file.count, 30001);
    ck_assert_double_eq(file.records[0].open, 1.5);
    ck_assert_double_eq(file.records[30000].open, 3000000000.25);
    read_finish(&file);
    duet_text_finish(&text);
}
END_TEST

START_TEST(notices_and_applies_adjusted_closes) {
    const char *header = "Date,Open,High,Low,Close,Adj Close,Volume\n";
    char text[256];
    snprintf(text, sizeof(text), "%s2020-01-02,10,12,8,10,5,1\n2020-01-03,10,12,8,10,10,1\n", header);
    struct read_file file = good(text, "");
    ck_assert(file.info.adjusted_differs);
    ck_assert_double_eq(file.records[0].close, 10);
    read_finish(&file);
    file = good(text, "adjust=total");
    check_bar(&file, 0, "2020-01-02", 5, 6, 4, 5, 1);
    check_bar(&file, 1, "2020-01-03", 10, 12, 8, 10, 1);
    read_finish(&file);
    snprintf(text, sizeof(text), "%s2020-01-02,10,12,8,10,10,1\n2020-01-03,10,12,8,10,10,1\n", header);
    file = good(text, "");
    ck_assert(!file.info.adjusted_differs);
    read_finish(&file);
    file = read_text(HEADER "2020-01-02,1,2,1,2,3\n2020-01-03,1,2,1,2,3\n", "adjust=total");
    ck_assert_int_eq(file.status, DUET_EINVAL);
    read_finish(&file);
}
END_TEST

START_TEST(infers_the_interval_from_the_most_frequent_step) {
    static const struct {
        const char *rows;
        int64_t interval_ns;
    } wanted[] = {
        {"2020-01-03 10:00,1,1,1,1,1\n2020-01-03 11:00,1,1,1,1,1\n2020-01-06 10:00,1,1,1,1,1\n"
         "2020-01-06 11:00,1,1,1,1,1\n",
            DUET_HOUR_NS},
        {"2020-01-03,1,1,1,1,1\n2020-01-06,1,1,1,1,1\n", DUET_DAY_NS}, // Friday and Monday
        {"2020-01-03,1,1,1,1,1\n", DUET_DAY_NS},
        {"2020-01-03,1,1,1,1,1\n2020-01-10,1,1,1,1,1\n2020-01-17,1,1,1,1,1\n", DUET_WEEK_NS},
        {"2020-01-01,1,1,1,1,1\n2020-02-01,1,1,1,1,1\n2020-03-01,1,1,1,1,1\n2020-04-01,1,1,1,1,1\n", DUET_MONTH_NS},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text), HEADER "%s", wanted[i].rows);
        struct read_file file = good(text, "");
        ck_assert_msg(file.info.interval_ns == wanted[i].interval_ns, "text %zu", i);
        read_finish(&file);
    }
    check_refused(HEADER "1990-01-03,1,1,1,1,1\n2019-01-03,1,1,1,1,1\n", "",
        "t.csv:2: too few rows to tell the interval; say e.g. interval=1m");
    check_refused(
        HEADER "2020-01-03 10:00,1,1,1,1,1\n", "", "t.csv:2: too few rows to tell the interval; say e.g. interval=1m");
}
END_TEST

START_TEST(refuses_what_is_no_text_of_bars_in_one_line) {
    static const struct {
        const char *bytes;
        size_t size;
        const char *line;
    } refused[] = {
        {"", 0, "t.csv: empty file"},
        {"\xef\xbb\xbf", 3, "t.csv: empty file"},
        {"\n\n  \n", 5, "t.csv: empty file"},
        {HEADER, sizeof(HEADER) - 1, "t.csv:1: a header but no rows"},
        {"a\0b,c\n", 6, "t.csv:1: a zero byte: binary data, not text"},
        {"\x1f\x8b\x08", 3, "t.csv: gzip data, not text; unpack it first"},
        {"PK\x03\x04", 4, "t.csv: a zip archive, not text; unpack it first"},
        {"\xff\xfe"
         "D\0",
            4, "t.csv: UTF-16 text; save it as UTF-8"},
        {"hello\nworld\n", 12, "t.csv:1: no fields separated by comma, semicolon, tab or bar"},
        {"Date,USD,GBP\n2013-09-29,1,2\n", 28,
            "t.csv:1: no columns open, high, low and close in \"Date,USD,GBP\"; name them with columns= "
            "(time,close for one price)"},
        {"time,bid,ask\n2013-09-29 10:00,1,2\n", 34, "t.csv:1: the columns are those of quotes, not of bars"},
        {"time,price,amount\n2013-09-29 10:00,1,2\n", 39, "t.csv:1: the columns are those of trades, not of bars"},
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct read_file file = read_bytes(refused[i].bytes, refused[i].size, "");
        ck_assert_int_eq(file.status, DUET_EDATA);
        ck_assert_str_eq(duet_error_text(), refused[i].line);
        read_finish(&file);
    }
}
END_TEST

START_TEST(bounds_lines_and_survives_binary_tails) {
    size_t size = 10u << 20;
    char *text = malloc(size);
    memset(text, 'x', size);
    struct read_file file = read_bytes(text, size, "");
    ck_assert_int_eq(file.status, DUET_EDATA);
    ck_assert_str_eq(duet_error_text(), "t.csv:1: line of more than 1 MiB");
    read_finish(&file);
    const char *head = HEADER "2020-01-02,1,2,1,2,3\n2020-01-03,1,2,1,2,3\n2020-01-04,";
    memcpy(text, head, strlen(head));
    file = read_bytes(text, size, "");
    ck_assert_str_eq(duet_error_text(), "t.csv:4: line of more than 1 MiB");
    read_finish(&file);
    memset(text + strlen(head), 0, 100);
    text[strlen(head) + 100] = '\n';
    file = read_bytes(text, strlen(head) + 101, "");
    ck_assert_str_eq(duet_error_text(), "t.csv:4: a zero byte: binary data, not text");
    read_finish(&file);
    free(text);
}
END_TEST

START_TEST(refuses_paths_that_are_no_readable_file) {
    struct read_file file = read_path("/nowhere/at/all.csv", "");
    ck_assert_int_eq(file.status, DUET_EDATA);
    ck_assert_str_eq(duet_error_text(), "/nowhere/at/all.csv: No such file or directory");
    file = read_path("/tmp", "");
    ck_assert_int_eq(file.status, DUET_EDATA);
    ck_assert_str_eq(duet_error_text(), "/tmp: is a folder, not a file");
    file = read_path("/dev/zero", "");
    ck_assert_int_eq(file.status, DUET_EDATA);
    ck_assert_str_eq(duet_error_text(), "/dev/zero: no regular file");
}
END_TEST

START_TEST(one_file_holds_one_instrument) {
    check_refused("symbol,date,open,high,low,close\nA,2020-01-02,1,1,1,1\nB,2020-01-02,1,1,1,1\n", "",
        "t.csv:3: column \"symbol\": \"B\" after rows of \"A\": several instruments in one file; "
        "choose one with asset=A");
}
END_TEST

DUET_TEST_MAIN("csv", NULL, finds_columns_by_name_whatever_their_order_case_and_delimiter, takes_columns_as_told,
    picks_one_instrument_of_several_by_its_symbol, gives_exactly_what_strtod_gives,
    fast_and_careful_reader_agree_on_every_row, a_row_of_other_widths_leaves_no_trace_in_the_next,
    errors_say_line_column_and_cell, skips_and_counts_rows_in_error_where_told_to,
    counts_what_is_odd_with_the_line_of_the_first, tells_the_order_of_the_rows, tells_day_from_month_by_any_row_or_asks,
    reads_labels_in_the_zone_of_the_file_or_as_told, moves_closing_stamps_back_by_the_interval,
    counts_decimals_as_written_and_grows_wide_only_where_it_must, begins_again_when_later_rows_need_more_room,
    notices_and_applies_adjusted_closes, infers_the_interval_from_the_most_frequent_step,
    refuses_what_is_no_text_of_bars_in_one_line, bounds_lines_and_survives_binary_tails,
    refuses_paths_that_are_no_readable_file, one_file_holds_one_instrument)
