/* Every form in which files write times, and what must not be taken for one. */
#include "data/time_form.h"

#include <string.h>

#include <duet/bar.h>

#include "support/suite.h"

static duet_date_form form_of(const char *pattern) {
    for (duet_date_form form = 0; form < duet_date_forms(); form++) {
        if (strcmp(duet_date_form_name(form), pattern) == 0) {
            return form;
        }
    }
    ck_abort_msg("no form %s", pattern);
}

START_TEST(reads_each_form_as_the_label_it_stands_for) {
    static const struct {
        const char *form, *text, *iso;
    } wanted[] = {
        {"Y-M-D", "2004-08-19", "2004-08-19"},
        {"Y-M-D", "2004-8-9", "2004-08-09"},
        {"Y-M-D", "2012-02-01 00:00:00+00:00", "2012-02-01T00:00:00+00:00"},
        {"Y-M-D", "2022-07-25T09:15:00+05:30", "2022-07-25T09:15:00+05:30"},
        {"Y-M-D", "2022-07-25T09:15:00-0430", "2022-07-25T09:15:00-04:30"},
        {"Y-M-D", "2022-07-25T09:15:00Z", "2022-07-25T09:15:00+00:00"},
        {"Y-M-D", "2022-07-25 09:15:00 UTC", "2022-07-25T09:15:00+00:00"},
        {"Y-M-D", "2021-12-31 23:01:00.000000", "2021-12-31T23:01:00"},
        {"Y-M-D", "2021-12-31 23:01:00.125", "2021-12-31T23:01:00.125"},
        {"Y-M-D", "2021-12-31 23:01:00.1234567891", "2021-12-31T23:01:00.123456789"},
        {"Y-M-D", "2020-12-15 09:30", "2020-12-15T09:30:00"},
        {"Y-M-D", "2019-10-17 09-AM", "2019-10-17T09:00:00"},
        {"Y-M-D", "2019-10-17 12-AM", "2019-10-17T00:00:00"},
        {"Y-M-D", "2019-10-17 12-PM", "2019-10-17T12:00:00"},
        {"Y-M-D", "2019-10-17 1:05:06 PM", "2019-10-17T13:05:06"},
        {"Y-M-D", "2000-02-29", "2000-02-29"},
        {"Y/M/D", "2013/1/4", "2013-01-04"},
        {"Y.M.D", "2013.01.04 10:00", "2013-01-04T10:00:00"},
        {"Ymd", "20200213", "2020-02-13"},
        {"Ymd", "20110301 090100", "2011-03-01T09:01:00"},
        {"Ymd", "20110301 0901", "2011-03-01T09:01:00"},
        {"Ymd", "20110301090100", "2011-03-01T09:01:00"},
        {"Ymd", "20200101 170000065", "2020-01-01T17:00:00.065"},
        {"Ymd", "19980102 00:00", "1998-01-02T00:00:00"},
        {"D.M.y", "01.02.2017 22:00:00.000", "2017-02-01T22:00:00"},
        {"M/D/y", "11/5/2019 9:30", "2019-11-05T09:30:00"},
        {"M/D/y", "01/03/17", "2017-01-03"},
        {"D/M/y", "11/5/2019 9:30", "2019-05-11T09:30:00"},
        {"M-D-y", "11-05-2019", "2019-11-05"},
        {"D-b-y", "31-Dec-10", "2010-12-31"},
        {"D-b-y", "4-Jan-1999", "1999-01-04"},
        {"D-b-y", "4-jan-69", "1969-01-04"},
        {"D b y", "31 December 2010", "2010-12-31"},
        {"b D, y", "Dec 31, 2010", "2010-12-31"},
        {"epoch", "1637971200", "2021-11-27T00:00:00"},
        {"epoch", "1637971200000", "2021-11-27T00:00:00"},
        {"epoch", "1694556000000.0", "2023-09-12T22:00:00"},
        {"epoch", "1637971200.25", "2021-11-27T00:00:00.25"},
        {"epoch", "1637971200000001", "2021-11-27T00:00:00.000001"},
        {"epoch", "1637971200000000001", "2021-11-27T00:00:00.000000001"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct duet_label label;
        char text[DUET_LABEL_TEXT_MAX];
        ck_assert_msg(duet_label_parse(form_of(wanted[i].form), wanted[i].text, strlen(wanted[i].text), &label),
            "%s was refused as %s", wanted[i].text, wanted[i].form);
        ck_assert_str_eq(duet_label_format(&label, text), wanted[i].iso);
    }
}
END_TEST

START_TEST(refuses_what_is_no_time_of_the_form) {
    static const struct {
        const char *form, *text;
    } refused[] = {
        {"Y-M-D", ""},
        {"Y-M-D", "2001-02-29"},
        {"Y-M-D", "1900-02-29"},
        {"Y-M-D", "2020-13-01"},
        {"Y-M-D", "2020-00-10"},
        {"Y-M-D", "2020-01-32"},
        {"Y-M-D", "2020-01-01x"},
        {"Y-M-D", "2020-01-01 "},
        {"Y-M-D", "2020-01-01 24:00"},
        {"Y-M-D", "2020-01-01 23:60"},
        {"Y-M-D", "2020-01-01 23:59:60"},
        {"Y-M-D", "2020-01-01 9"},
        {"Y-M-D", "2020-01-01 13:00 PM"},
        {"Y-M-D", "2020-01-01 00:00:00+25:00"},
        {"Y-M-D", "2020-01-01 00:00:00 EST"},
        {"Y-M-D", "2020-01-0110:00"},
        {"Y-M-D", "0001-01-01"},
        {"Y-M-D", "9999-01-01"},
        {"Y-M-D", "12020-01-01"},
        {"Ymd", "2020021"},
        {"Ymd", "20201301"},
        {"Ymd", "1637971200"},
        {"D.M.y", "32.01.2017"},
        {"M/D/y", "13/1/2019"},
        {"M/D/y", "1/13/201"},
        {"D-b-y", "31-Foo-10"},
        {"epoch", "4e10"},
        {"epoch", "1e300"},
        {"epoch", "12345678"},
        {"epoch", "-1637971200"},
        {"epoch", "16379712000000000000"},
        {"epoch", "9999999999999999999"},
        {"epoch", "1637971200x"},
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct duet_label label;
        ck_assert_msg(!duet_label_parse(form_of(refused[i].form), refused[i].text, strlen(refused[i].text), &label),
            "%s was read as %s", refused[i].text, refused[i].form);
    }
}
END_TEST

START_TEST(knows_which_forms_can_be_taken_for_each_other) {
    duet_date_form mdy = form_of("M/D/y"), dmy = form_of("D/M/y");
    ck_assert_uint_eq(duet_date_form_twin(mdy), dmy);
    ck_assert_uint_eq(duet_date_form_twin(dmy), mdy);
    ck_assert(duet_date_form_is_mdy(mdy));
    ck_assert(!duet_date_form_is_mdy(dmy));
    ck_assert_uint_eq(duet_date_form_twin(form_of("Y-M-D")), DUET_DATE_FORM_NONE);
}
END_TEST

START_TEST(reads_times_of_day_alone) {
    static const struct {
        const char *text;
        int64_t ns;
    } wanted[] = {
        {"09:05:00", 9 * DUET_HOUR_NS + 5 * DUET_MINUTE_NS},
        {"9:05", 9 * DUET_HOUR_NS + 5 * DUET_MINUTE_NS},
        {"0905", 9 * DUET_HOUR_NS + 5 * DUET_MINUTE_NS},
        {"090501", 9 * DUET_HOUR_NS + 5 * DUET_MINUTE_NS + DUET_SECOND_NS},
        {"23:59:59.999", DUET_DAY_NS - DUET_SECOND_NS / 1000},
        {"12:30 am", 30 * DUET_MINUTE_NS},
    };
    int64_t ns = 0;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        ck_assert_msg(duet_clock_parse(wanted[i].text, strlen(wanted[i].text), &ns), "%s", wanted[i].text);
        ck_assert_int_eq(ns, wanted[i].ns);
    }
    ck_assert(!duet_clock_parse("9", 1, &ns));
    ck_assert(!duet_clock_parse("25:00", 5, &ns));
    ck_assert(!duet_clock_parse("", 0, &ns));
}
END_TEST

DUET_TEST_MAIN("time_forms", NULL, reads_each_form_as_the_label_it_stands_for, refuses_what_is_no_time_of_the_form,
    knows_which_forms_can_be_taken_for_each_other, reads_times_of_day_alone)
