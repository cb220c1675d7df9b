/* <duet/run.h> as an embedding program uses it: keys in, JSON out, and a line on what was wrong. */
#include <duet/run.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "support/suite.h"

/** Three bars; the first close, 100, sizes 1000 units of 100000, and the second bar opens there. */
static const char bars[] = "time,open,high,low,close,volume\n"
                           "2024-01-01 00:00:00,100.00,101.00,99.00,100.00,5\n"
                           "2024-01-01 00:01:00,100.00,103.00,100.00,102.00,5\n"
                           "2024-01-01 00:02:00,102.00,104.00,101.00,103.00,5\n";

static void write_bars(const char *path) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(bars, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_run_is_set_played_and_read_as_json) {
    char path[] = "/tmp/duet-run-XXXXXX", data[64];
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    write_bars(path);
    snprintf(data, sizeof(data), "X=%s", path);
    struct duet_run *run = duet_run_create();
    ck_assert_ptr_null(duet_run_json(run));
    ck_assert_int_eq(duet_run_set(run, "strategy", "buy_and_hold"), DUET_OK);
    ck_assert_int_eq(duet_run_set(run, "data", data), DUET_OK);
    ck_assert_int_eq(duet_run_set(run, "cache", "off"), DUET_OK);
    ck_assert_int_eq(duet_run_backtest(run), DUET_OK);
    json_t *result = json_loads(duet_run_json(run), 0, NULL);
    ck_assert_ptr_nonnull(result);
    ck_assert_int_eq(json_integer_value(json_object_get(result, "bars")), 3);
    ck_assert_int_eq(json_integer_value(json_object_get(result, "fills")), 1);
    ck_assert_str_eq(json_string_value(json_object_get(result, "final_cash")), "0");
    ck_assert_str_eq(json_string_value(json_object_get(result, "final_equity")), "103000"); // 1000 · 103
    json_decref(result);
    ck_assert_str_eq(duet_run_error(run), "");
    duet_run_destroy(run);
    (void)remove(path);
}
END_TEST

START_TEST(a_failure_is_told_by_the_run_that_failed) {
    struct duet_run *failed = duet_run_create(), *other = duet_run_create();
    ck_assert_int_eq(duet_run_set(failed, "comission", "1bps"), DUET_EINVAL);
    ck_assert_str_eq(duet_run_error(failed), "unknown key \"comission\"; did you mean \"commission\"?");
    ck_assert_int_eq(duet_run_load(failed, "/nowhere/run.yaml"), DUET_EINVAL);
    ck_assert_ptr_nonnull(strstr(duet_run_error(failed), "/nowhere/run.yaml"));
    ck_assert_int_eq(duet_run_set(failed, "strategy", "buy_and_hold"), DUET_OK);
    ck_assert_int_eq(duet_run_set(failed, "data", "X=/nowhere/x.csv"), DUET_OK);
    ck_assert_int_eq(duet_run_backtest(failed), DUET_EDATA);
    ck_assert_ptr_null(duet_run_json(failed));
    ck_assert_str_eq(duet_run_error(other), "");
    duet_run_destroy(failed);
    duet_run_destroy(other);
    duet_run_destroy(NULL);
}
END_TEST

DUET_TEST_MAIN("run", NULL, a_run_is_set_played_and_read_as_json, a_failure_is_told_by_the_run_that_failed)
