/* Dates are checked against a calendar kept by counting days one by one, and against known instants. */
#include "base/time.h"

#include <string.h>

#include "base/error.h"
#include "support/suite.h"

#define SECOND INT64_C(1000000000)

START_TEST(counts_every_day_from_year_1_to_9999_in_order) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    // 0001-01-01 is 719162 days before 1970-01-01, and was a Monday.
    int64_t days = -719162;
    for (int year = 1; year <= 9999; year++) {
        int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 ? leap : 0);
            for (int day = 1; day <= length; day++, days++) {
                int y, m, d;
                duet_civil_from_days(days, &y, &m, &d);
                if (duet_days_from_civil(year, month, day) != days || y != year || m != month || d != day ||
                    !duet_civil_is_date(year, month, day)) {
                    ck_abort_msg("%04d-%02d-%02d", year, month, day);
                }
            }
            ck_assert(!duet_civil_is_date(year, month, length + 1));
        }
    }
    // 9999-12-31 is day 2932896.
    ck_assert_int_eq(days, 2932897);
}
END_TEST

START_TEST(knows_weekdays_before_and_after_1970) {
    ck_assert_int_eq(duet_weekday(0), 4); // Thursday
    ck_assert_int_eq(duet_weekday(3), 0);
    ck_assert_int_eq(duet_weekday(-1), 3);
    ck_assert_int_eq(duet_weekday(-719162), 1);
    ck_assert_int_eq(duet_weekday(duet_days_from_civil(2024, 2, 29)), 4);
    ck_assert_int_eq(duet_weekday(duet_days_from_civil(1999, 12, 31)), 5);
}
END_TEST

START_TEST(refuses_days_that_do_not_exist) {
    static const int rows[][3] = {{2023, 2, 29}, {1900, 2, 29}, {2100, 2, 29}, {2024, 4, 31}, {2024, 0, 1},
        {2024, 13, 1}, {2024, 1, 0}, {0, 1, 1}, {10000, 1, 1}, {2024, 1, 32}, {2024, -1, 5}, {2024, 1, -5}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert(!duet_civil_is_date(rows[i][0], rows[i][1], rows[i][2]));
    }
    ck_assert(duet_civil_is_date(2000, 2, 29));
}
END_TEST

START_TEST(converts_instants_both_ways_and_prints_them) {
    static const struct {
        int64_t ns;
        const char *text, *iso;
    } rows[] = {
        {0, "1970-01-01 00:00:00", "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31 23:59:59.999999999", "1969-12-31T23:59:59.999999999Z"},
        {1709210096 * SECOND + 500000000, "2024-02-29 12:34:56.5", "2024-02-29T12:34:56.5Z"},
        {1000000000 * SECOND + 1000, "2001-09-09 01:46:40.000001", "2001-09-09T01:46:40.000001Z"},
        {-2208988800 * SECOND, "1900-01-01 00:00:00", "1900-01-01T00:00:00Z"},
        {INT64_MAX, "2262-04-11 23:47:16.854775807", "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, "1677-09-21 00:12:43.145224192", "1677-09-21T00:12:43.145224192Z"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[DUET_TIME_TEXT_MAX];
        ck_assert_str_eq(duet_time_format(rows[i].ns, out), rows[i].text);
        ck_assert_str_eq(duet_time_format_iso(rows[i].ns, out), rows[i].iso);
        struct duet_civil civil = duet_civil_from_ns(rows[i].ns);
        ck_assert_int_eq(duet_ns_from_civil(&civil), rows[i].ns);
    }
}
END_TEST

START_TEST(stays_at_the_end_of_the_range_for_instants_beyond_it) {
    struct duet_civil late = {.year = 2262, .month = 4, .day = 11, .hour = 23, .minute = 47, .second = 17};
    struct duet_civil early = {
        .year = 1677, .month = 9, .day = 21, .minute = 12, .second = 43, .nanosecond = 145224191};
    ck_assert_int_eq(duet_ns_from_civil(&late), INT64_MAX);
    ck_assert_int_eq(duet_ns_from_civil(&early), INT64_MIN);
    early.year = 1;
    ck_assert_int_eq(duet_ns_from_civil(&early), INT64_MIN);
    late.year = 9999;
    ck_assert_int_eq(duet_ns_from_civil(&late), INT64_MAX);
}
END_TEST

START_TEST(reads_what_people_type) {
    static const struct {
        const char *text;
        int64_t ns;
        bool is_date;
    } rows[] = {
        {"2024-02-29", 1709164800 * SECOND, true},
        {"2024-02-29 00:00", 1709164800 * SECOND, false},
        {"2024-02-29T12:34", 1709210040 * SECOND, false},
        {"2024-02-29 12:34:56", 1709210096 * SECOND, false},
        {"2024-02-29T12:34:56.5Z", 1709210096 * SECOND + 500000000, false},
        {"2024-02-29 12:34:56.123456789", 1709210096 * SECOND + 123456789, false},
        {"2024-02-29T12:34:56+01:30", 1709204696 * SECOND, false},
        {"2024-02-29T12:34-05:00", 1709228040 * SECOND, false},
        {"1969-12-31 23:59:59.999999999", -1, false},
        {"1677-09-22", -9223286400 * SECOND, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t ns = 7;
        bool is_date = !rows[i].is_date;
        ck_assert_msg(duet_time_parse(rows[i].text, &ns, &is_date) == DUET_OK, "%s", rows[i].text);
        ck_assert_int_eq(ns, rows[i].ns);
        ck_assert(is_date == rows[i].is_date);
    }
}
END_TEST

START_TEST(refuses_other_texts_with_the_reason) {
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"", "is not a time"},
        {"2024", "is not a time"},
        {"2024-2-9", "is not a time"},
        {"24-02-29", "is not a time"},
        {"2024/02/29", "is not a time"},
        {"2024-02-29Z", "is not a time"},
        {"2024-02-29 ", "is not a time"},
        {"2024-02-29  12:34", "is not a time"},
        {"2024-02-29 12", "is not a time"},
        {"2024-02-29 12:34:", "is not a time"},
        {"2024-02-29 12:34:56.", "is not a time"},
        {"2024-02-29 12:34:56.1234567890", "is not a time"},
        {"2024-02-29 12:34.5", "is not a time"},
        {"2024-02-29 12:34 Z", "is not a time"},
        {"2024-02-29 12:34+1:00", "is not a time"},
        {"2024-02-29 12:34+24:00", "is not a time"},
        {"2024-02-29 12:34Zx", "is not a time"},
        {"2023-02-29", "there is no such day"},
        {"2024-13-01", "there is no such day"},
        {"2024-02-29 24:00", "there is no such time of day"},
        {"2024-02-29 12:60", "there is no such time of day"},
        {"2016-12-31 23:59:60", "there is no such time of day"},
        {"1600-01-01", "is outside"},
        {"9999-12-31", "is outside"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t ns = 7;
        bool is_date = false;
        ck_assert_msg(duet_time_parse(rows[i].text, &ns, &is_date) == DUET_EINVAL, "%s", rows[i].text);
        ck_assert_msg(strstr(duet_error_text(), rows[i].reason) != NULL, "%s: %s", rows[i].text, duet_error_text());
        ck_assert_int_eq(ns, 7);
    }
}
END_TEST

DUET_TEST_MAIN("time", NULL, counts_every_day_from_year_1_to_9999_in_order, knows_weekdays_before_and_after_1970,
    refuses_days_that_do_not_exist, converts_instants_both_ways_and_prints_them,
    stays_at_the_end_of_the_range_for_instants_beyond_it, reads_what_people_type, refuses_other_texts_with_the_reason)
