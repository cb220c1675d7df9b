#include "data/synth.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <duet/bar.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "support/suite.h"

#define SYNTH_TEST_LENGTHS 128

static char folder[] = "/tmp/duet-synth-XXXXXX";
static char path[64];
static char *bytes;
static size_t size;

static void in_a_folder_of_its_own(void) {
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.csv", folder);
}

/** The next line of `*rest`, cut off; NULL after the last. */
static char *next_line(char **rest) {
    char *line = *rest, *end = strchr(line, '\n');
    if (end == NULL) {
        return NULL;
    }
    *end = '\0';
    *rest = end + 1;
    return line;
}

static void write_and_read(const struct duet_synth_options *options) {
    enum duet_status status = duet_synth_write(options, path);
    ck_assert_msg(status == DUET_OK, "%s", duet_error_text());
    ck_assert_int_eq(duet_file_read(path, (size_t)1 << 30, &bytes, &size), DUET_OK);
    (void)unlink(path);
    (void)rmdir(folder);
}

START_TEST(writes_a_header_and_one_line_per_bar_on_the_grid) {
    struct duet_synth_options options = duet_synth_defaults();
    options.bars = 3000;
    write_and_read(&options);
    char *rest = bytes, *line = next_line(&rest);
    ck_assert_str_eq(line, "time,open,high,low,close,volume");
    int64_t label_ns = options.start_ns;
    size_t lines = 0;
    double previous = 100;
    for (line = next_line(&rest); line != NULL; line = next_line(&rest), lines++) {
        char expected[DUET_TIME_TEXT_MAX];
        duet_time_format(label_ns, expected);
        ck_assert_int_eq(strncmp(line, expected, strlen(expected)), 0);
        double open, high, low, close, volume;
        ck_assert_int_eq(
            sscanf(line + strlen(expected), ",%lf,%lf,%lf,%lf,%lf", &open, &high, &low, &close, &volume), 5);
        ck_assert(low <= open && low <= close && high >= open && high >= close && low > 0 && volume > 0);
        ck_assert(
            open / previous > 0.99 && open / previous < 1.01); // from one close to the next open there is no chasm
        previous = close;
        label_ns += DUET_MINUTE_NS;
    }
    ck_assert_uint_eq(lines, 3000);
    free(bytes);
}
END_TEST

START_TEST(gives_the_same_bytes_for_the_same_seed_only) {
    struct duet_synth_options options = duet_synth_defaults();
    char *texts[3];
    for (int i = 0; i < 3; i++) {
        options.seed = i == 2 ? 8 : 7;
        ck_assert_int_eq(duet_synth_write(&options, path), DUET_OK);
        ck_assert_int_eq(duet_file_read(path, (size_t)1 << 30, &texts[i], &size), DUET_OK);
    }
    ck_assert_str_eq(texts[0], texts[1]);
    ck_assert_str_ne(texts[0], texts[2]);
    for (int i = 0; i < 3; i++) {
        free(texts[i]);
    }
    (void)unlink(path);
    (void)rmdir(folder);
}
END_TEST

START_TEST(labels_daily_and_monthly_bars_by_date) {
    struct duet_synth_options options = duet_synth_defaults();
    options.bars = 3;
    options.interval_ns = DUET_MONTH_NS;
    write_and_read(&options);
    ck_assert_ptr_nonnull(strstr(bytes, "\n2020-01-01,"));
    ck_assert_ptr_nonnull(strstr(bytes, "\n2020-02-01,"));
    ck_assert_ptr_nonnull(strstr(bytes, "\n2020-03-01,"));
    free(bytes);
}
END_TEST

START_TEST(labels_short_bars_with_the_digits_they_need) {
    struct duet_synth_options options = duet_synth_defaults();
    options.bars = 2;
    options.interval_ns = 250 * DUET_SECOND_NS / 1000;
    write_and_read(&options);
    ck_assert_ptr_nonnull(strstr(bytes, "\n2020-01-01 00:00:00.000,"));
    ck_assert_ptr_nonnull(strstr(bytes, "\n2020-01-01 00:00:00.250,"));
    free(bytes);
}
END_TEST

START_TEST(ragged_files_have_lines_of_many_lengths) {
    struct duet_synth_options options = duet_synth_defaults();
    options.bars = 2000;
    options.ragged = true;
    options.volatility = 0.02;
    write_and_read(&options);
    bool seen[SYNTH_TEST_LENGTHS] = {false};
    size_t lengths = 0;
    char *rest = bytes;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest)) {
        size_t length = strlen(line);
        ck_assert_uint_lt(length, SYNTH_TEST_LENGTHS);
        lengths += !seen[length];
        seen[length] = true;
    }
    ck_assert_uint_ge(lengths, 10);
    free(bytes);
}
END_TEST

START_TEST(refuses_what_it_cannot_write) {
    struct duet_synth_options options = duet_synth_defaults();
    options.bars = 0;
    ck_assert_int_eq(duet_synth_write(&options, path), DUET_EINVAL);
    options = duet_synth_defaults();
    options.price = 0;
    ck_assert_int_eq(duet_synth_write(&options, path), DUET_EINVAL);
    options = duet_synth_defaults();
    options.interval_ns = DUET_DAY_NS;
    options.bars = 1000000; // 2737 years
    ck_assert_int_eq(duet_synth_write(&options, path), DUET_EINVAL);
    ck_assert_int_ne(access(path, F_OK), 0);
    (void)rmdir(folder);
}
END_TEST

DUET_TEST_MAIN("synth", in_a_folder_of_its_own, writes_a_header_and_one_line_per_bar_on_the_grid,
    gives_the_same_bytes_for_the_same_seed_only, labels_daily_and_monthly_bars_by_date,
    labels_short_bars_with_the_digits_they_need, ragged_files_have_lines_of_many_lengths, refuses_what_it_cannot_write)
