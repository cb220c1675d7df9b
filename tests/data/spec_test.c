/* What users write behind --data. */
#include "data/series.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "support/suite.h"

static struct duet_data_spec parse(const char *text) {
    struct duet_data_spec spec;
    ck_assert_msg(duet_data_spec_parse(text, &spec) == DUET_OK, "%s: %s", text, duet_error_text());
    return spec;
}

START_TEST(takes_every_option) {
    struct duet_data_spec spec =
        parse("ES=bars.csv,tz=America/New_York,stamp=close,dates=dmy,interval=15m,"
              "columns=time,open,high,low,close,-,volume,adjust=total,on_error=skip,"
              "decimals=2,quantity_decimals=0,tick=0.25,lot=1,multiplier=50,currency=EUR,exec=1");
    ck_assert_str_eq(spec.symbol, "ES");
    ck_assert_str_eq(spec.path, "bars.csv");
    ck_assert_str_eq(spec.tz, "America/New_York");
    ck_assert_str_eq(spec.columns, "time,open,high,low,close,-,volume");
    ck_assert_str_eq(spec.currency, "EUR");
    ck_assert_str_eq(spec.tick, "0.25");
    ck_assert_str_eq(spec.lot, "1");
    ck_assert_str_eq(spec.multiplier, "50");
    ck_assert_int_eq(spec.stamp, DUET_STAMP_CLOSE);
    ck_assert_int_eq(spec.dates, DUET_DATES_DMY);
    ck_assert_int_eq(spec.interval_ns, 15 * DUET_MINUTE_NS);
    ck_assert(spec.skip_errors && spec.exec && spec.adjust_total);
    ck_assert_int_eq(spec.decimals, 2);
    ck_assert_int_eq(spec.quantity_decimals, 0);
    duet_data_spec_finish(&spec);
}
END_TEST

START_TEST(leaves_unset_what_is_not_said) {
    struct duet_data_spec spec = parse("X=bars.csv");
    ck_assert_ptr_null(spec.tz);
    ck_assert_ptr_null(spec.columns);
    ck_assert_ptr_null(spec.currency);
    ck_assert_int_eq(spec.stamp, DUET_STAMP_UNSET);
    ck_assert_int_eq(spec.interval_ns, 0);
    ck_assert_int_eq(spec.decimals, -1);
    ck_assert_int_eq(spec.quantity_decimals, -1);
    ck_assert(!spec.skip_errors && !spec.exec && !spec.adjust_total);
    duet_data_spec_finish(&spec);
    spec = parse("folder/bars.csv,tz=UTC"); // without a symbol
    ck_assert_ptr_null(spec.symbol);
    ck_assert_str_eq(spec.path, "folder/bars.csv");
    ck_assert_str_eq(spec.tz, "UTC");
    duet_data_spec_finish(&spec);
}
END_TEST

START_TEST(lets_an_existing_path_win_over_commas_and_equals_signs) {
    char folder[] = "/tmp/duet-spec-XXXXXX", path[128], text[192];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a,b(c=d).csv", folder);
    fclose(fopen(path, "w"));
    snprintf(text, sizeof(text), "X=%s,tz=UTC", path);
    struct duet_data_spec spec = parse(text);
    ck_assert_str_eq(spec.path, path);
    ck_assert_str_eq(spec.tz, "UTC");
    duet_data_spec_finish(&spec);
    spec = parse(path);
    ck_assert_str_eq(spec.path, path);
    ck_assert_ptr_null(spec.symbol);
    duet_data_spec_finish(&spec);
    unlink(path);
    rmdir(folder);
}
END_TEST

START_TEST(refuses_what_cannot_be_meant_and_says_what_could) {
    static const struct {
        const char *text, *part;
    } refused[] = {
        {"X=a.csv,tzz=UTC", "did you mean \"tz\"?"},
        {"X=a.csv,intervall=1m", "did you mean \"interval\"?"},
        {"X=a.csv,tz=Nowhere/Land", "Nowhere/Land"},
        {"X=a.csv,stamp=end", "open or close"},
        {"X=a.csv,dates=ymd", "mdy or dmy"},
        {"X=a.csv,interval=fortnight", "interval"},
        {"X=a.csv,on_error=ignore", "stop or skip"},
        {"X=a.csv,adjust=yes", "total or split"},
        {"X=a.csv,decimals=13", "0 to 12"},
        {"X=a.csv,decimals=", "0 to 12"},
        {"X=a.csv,tick=0", "above zero"},
        {"X=a.csv,lot=-1", "above zero"},
        {"X=a.csv,multiplier=x", "above zero"},
        {"X=a.csv,currency=usd", "currency"},
        {"X=a.csv,exec=maybe", "0 or 1"},
        {"X=a.csv,columns=time,open,high,low", "\"close\" is missing"},
        {"X=a.csv,columns=time,open,high,low,close,close", "twice"},
        {"X=a.csv,columns=time,open,high,low,clothes", "\"clothes\""},
        {"X=a.csv,tz", "key=value"},
        {"X=", "names no file"},
        {"", "names no file"},
        {"=a.csv", "not a symbol"},
        {"A SYMBOL=a.csv", "not a symbol"},
        {"ASYMBOLOFMORETHANTHIRTYONECHARACTERS=a.csv", "not a symbol"},
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct duet_data_spec spec;
        ck_assert_msg(duet_data_spec_parse(refused[i].text, &spec) == DUET_EINVAL, "%s", refused[i].text);
        ck_assert_msg(strstr(duet_error_text(), refused[i].part) != NULL, "%s: %s", refused[i].text, duet_error_text());
    }
}
END_TEST

START_TEST(reads_intervals_and_writes_them_back) {
    static const struct {
        const char *text, *back;
        int64_t ns;
    } wanted[] = {
        {"90s", "90s", 90 * DUET_SECOND_NS},
        {"60s", "1m", DUET_MINUTE_NS},
        {"15m", "15m", 15 * DUET_MINUTE_NS},
        {"1h", "1h", DUET_HOUR_NS},
        {"24h", "1d", DUET_DAY_NS},
        {"1d", "1d", DUET_DAY_NS},
        {"7d", "1w", DUET_WEEK_NS},
        {"1mo", "1mo", DUET_MONTH_NS},
        {"1q", "1q", DUET_QUARTER_NS},
        {"1y", "1y", DUET_YEAR_NS},
        {"500ms", "500ms", DUET_SECOND_NS / 2},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        int64_t ns = 0;
        char out[24];
        ck_assert_msg(duet_interval_parse(wanted[i].text, &ns) == DUET_OK, "%s", duet_error_text());
        ck_assert_int_eq(ns, wanted[i].ns);
        ck_assert_str_eq(duet_interval_format(ns, out), wanted[i].back);
    }
    static const char *const refused[] = {
        "", "m", "0m", "-1m", "1", "1.5h", "2y", "2q", "2mo", "1M", "99999999999s", "400d", "400d", "1m "};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        int64_t ns = 0;
        ck_assert_msg(duet_interval_parse(refused[i], &ns) == DUET_EINVAL, "%s", refused[i]);
    }
}
END_TEST

START_TEST(names_every_warning) {
    ck_assert_str_eq(duet_data_warning_code(DUET_DATA_OHLC_VIOLATION), "ohlc_violation");
    ck_assert_str_eq(duet_data_warning_code(DUET_DATA_TRUNCATED_TAIL), "truncated_tail");
    for (int i = 0; i < DUET_DATA_WARNING_COUNT; i++) {
        ck_assert_uint_gt(strlen(duet_data_warning_text((enum duet_data_warning)i)), 0);
    }
}
END_TEST

DUET_TEST_MAIN("spec", NULL, takes_every_option, leaves_unset_what_is_not_said,
    lets_an_existing_path_win_over_commas_and_equals_signs, refuses_what_cannot_be_meant_and_says_what_could,
    reads_intervals_and_writes_them_back, names_every_warning)
