/* Numbers of bars, their texts, and which bars can be made of which. */
#include "data/bars.h"

#include <string.h>

#include "base/error.h"
#include "data/series.h"
#include "support/suite.h"

static const struct {
    const char *text;
    int64_t bars;
} forms[] = {
    {"1s", DUET_SECOND_NS},
    {"90s", 90 * DUET_SECOND_NS},
    {"5m", 5 * DUET_MINUTE_NS},
    {"1h", DUET_HOUR_NS},
    {"1d", DUET_DAY_NS},
    {"2w", 2 * DUET_WEEK_NS},
    {"1mo", DUET_MONTH_NS},
    {"1q", DUET_QUARTER_NS},
    {"1y", DUET_YEAR_NS},
    {"tick:100", DUET_BARS_TICKS(100)},
    {"volume:1000", DUET_BARS_VOLUME(1000)},
    {"volume:0.000001", DUET_BARS_VOLUME(0.000001)},
    {"value:1000000", DUET_BARS_VALUE(1000000)},
    {"value:0.25", DUET_BARS_VALUE(0.25)},
    {"renko:0.5", DUET_BARS_RENKO(0.5)},
    {"renko:12.000000001", DUET_BARS_RENKO(12.000000001)},
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

START_TEST(a_text_names_the_number_of_its_macro_and_back) {
    for (size_t i = 0; i < FORMS; i++) {
        int64_t bars = 0;
        char text[DUET_BARS_TEXT_MAX];
        ck_assert_msg(duet_bars_parse(forms[i].text, &bars) == DUET_OK, "%s", duet_error_text());
        ck_assert_msg(bars == forms[i].bars, "%s: %lld", forms[i].text, (long long)bars);
        ck_assert_str_eq(duet_bars_format(bars, text), forms[i].text);
        ck_assert_int_ne(duet_bars_kind(bars), DUET_BARS_KIND_NONE);
    }
}
END_TEST

START_TEST(longer_ones_come_after_shorter_ones_and_those_of_no_time_last) {
    for (size_t i = 1; i < FORMS; i++) {
        bool same_kind = duet_bars_kind(forms[i].bars) == duet_bars_kind(forms[i - 1].bars);
        if (!same_kind || duet_bars_kind(forms[i].bars) == DUET_BARS_KIND_TIME) {
            ck_assert_msg(duet_bars_before(forms[i - 1].bars, forms[i].bars), "%s", forms[i].text);
            ck_assert(!duet_bars_before(forms[i].bars, forms[i - 1].bars));
        }
    }
    ck_assert(duet_bars_before(DUET_BARS_VOLUME(0.5), DUET_BARS_VOLUME(1000)));
}
END_TEST

START_TEST(a_text_that_names_nothing_is_told_what_would) {
    static const char *const wrong[] = {"", "5", "m", "0m", "2mo", "2q", "3y", "400d", "tick:", "tick:0", "tick:1.5",
        "tick:-3", "ticks:100", "volume:0", "volume:0.0000001", "value:1e6", "value:0.001", "renko:", "renko:0",
        "renko:0.0000000001", "renko:1 ", ":", ":5", "tick:100000000000000000"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        int64_t bars = 7;
        ck_assert_msg(duet_bars_parse(wrong[i], &bars) == DUET_EINVAL, "\"%s\"", wrong[i]);
        ck_assert_ptr_nonnull(strstr(duet_error_text(), wrong[i]));
        ck_assert_int_eq(bars, 7);
    }
}
END_TEST

START_TEST(a_number_that_says_nothing_is_known) {
    const int64_t wrong[] = {0, -1, INT64_MIN, INT64_MIN + 5, DUET_BARS_TICKS(0), DUET_BARS_TICKS(-1),
        DUET_BARS_VOLUME(1e12), DUET_BARS_RENKO(-0.5), DUET_BARS_VALUE(0.001)};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_msg(duet_bars_kind(wrong[i]) == DUET_BARS_KIND_NONE, "%zu", i);
        ck_assert_int_eq(duet_bars_check(wrong[i], DUET_MINUTE_NS), DUET_EINVAL);
    }
}
END_TEST

START_TEST(only_whole_shorter_bars_make_a_longer_one) {
    static const struct {
        const char *bars, *of, *why; // why NULL: they can
    } wanted[] = {
        {"5m", "1m", NULL},
        {"90m", "30m", NULL},
        {"7m", "1m", NULL},
        {"1d", "1h", NULL},
        {"3d", "1d", NULL},
        {"1w", "1d", NULL},
        {"2w", "1w", NULL},
        {"1mo", "1m", NULL},
        {"1mo", "1d", NULL},
        {"1q", "1mo", NULL},
        {"1y", "1q", NULL},
        {"tick:10", "1h", NULL},
        {"renko:1", "1d", NULL},
        {"1m", "5m", "none shorter than 5m"},
        {"5m", "5m", "none shorter than 5m"},
        {"7m", "5m", "whole ones of 5m"},
        {"90m", "1h", "whole ones of 1h"},
        {"1d", "7m", "whole ones of 7m"},
        {"1mo", "1w", "whole ones of 1w"},
        {"36h", "1h", "whole ones of 1h"},
        {"2w", "2d", "whole ones of 2d"},
        {"52w", "1q", "whole ones of 1q"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        int64_t bars, of;
        ck_assert_int_eq(duet_bars_parse(wanted[i].bars, &bars), DUET_OK);
        ck_assert_int_eq(duet_interval_parse(wanted[i].of, &of), DUET_OK);
        enum duet_status status = duet_bars_check(bars, of);
        ck_assert_msg(
            status == (wanted[i].why == NULL ? DUET_OK : DUET_ENOTFOUND), "%s of %s", wanted[i].bars, wanted[i].of);
        if (wanted[i].why != NULL) {
            ck_assert_msg(strstr(duet_error_text(), wanted[i].why) != NULL, "%s", duet_error_text());
        }
    }
}
END_TEST

DUET_TEST_MAIN("bars", NULL, a_text_names_the_number_of_its_macro_and_back,
    longer_ones_come_after_shorter_ones_and_those_of_no_time_last, a_text_that_names_nothing_is_told_what_would,
    a_number_that_says_nothing_is_known, only_whole_shorter_bars_make_a_longer_one)
