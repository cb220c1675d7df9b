/* Series from real files in a folder of their own, with a cache beside them. */
#include "data/series.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/money.h"
#include "base/rng.h"
#include "base/text.h"
#include "base/time.h"
#include "data/cache.h"
#include "data/synth.h"
#include "support/folder.h"
#include "support/suite.h"

static char source[96], cache[96];
static struct duet_series_options options;

static void in_a_folder_of_its_own(void) {
    duet_test_fresh_folder();
    snprintf(source, sizeof(source), "%s/ABC.csv", duet_test_folder);
    snprintf(cache, sizeof(cache), "%s/cache/duet", duet_test_folder);
    options = (struct duet_series_options){.cache_folder = cache};
}

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void write_synth(uint64_t bars, int64_t interval_ns) {
    struct duet_synth_options synth = duet_synth_defaults();
    synth.bars = bars;
    synth.interval_ns = interval_ns;
    ck_assert_int_eq(duet_synth_write(&synth, source), DUET_OK);
}

static enum duet_status opening(const char *text, struct duet_series **out) {
    struct duet_data_spec spec;
    ck_assert_int_eq(duet_data_spec_parse(text, &spec), DUET_OK);
    enum duet_status status = duet_series_open(&spec, &options, out);
    duet_data_spec_finish(&spec);
    return status;
}

static struct duet_series *opened_with(const char *keys) {
    char text[256];
    struct duet_series *series = NULL;
    snprintf(text, sizeof(text), "ABC=%s%s", source, keys);
    enum duet_status status = opening(text, &series);
    ck_assert_msg(status == DUET_OK, "%s", duet_error_text());
    return series;
}

static struct duet_series *opened(void) {
    return opened_with("");
}

/** The cache files; how many, and the path of the first. */
static size_t cache_files(char *first, size_t size) {
    size_t count = 0;
    DIR *open = opendir(cache);
    for (const struct dirent *entry = open != NULL ? readdir(open) : NULL; entry != NULL; entry = readdir(open)) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".bars") == 0) {
            snprintf(first, size, "%s/%s", cache, entry->d_name);
            count++;
        }
    }
    if (open != NULL) {
        (void)closedir(open);
    }
    return count;
}

static void flip_byte(const char *path, off_t place) {
    int fd = open(path, O_RDWR);
    unsigned char byte;
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pread(fd, &byte, 1, place), 1);
    byte ^= 1;
    ck_assert_int_eq(pwrite(fd, &byte, 1, place), 1);
    ck_assert_int_eq(close(fd), 0);
}

START_TEST(cold_and_warm_give_identical_records) {
    write_synth(5000, DUET_MINUTE_NS);
    struct duet_series *cold = opened(), *warm = opened();
    ck_assert(!cold->info.from_cache && warm->info.from_cache);
    ck_assert_uint_eq(cold->count, 5000);
    ck_assert_uint_eq(warm->count, 5000);
    for (uint64_t i = 0; i < 5000; i++) {
        struct duet_bar a, b;
        ck_assert_int_eq(duet_series_verify(warm, i), DUET_OK);
        duet_series_bar(cold, i, &a);
        duet_series_bar(warm, i, &b);
        ck_assert_int_eq(memcmp(&a, &b, sizeof(a)), 0);
    }
    warm->info.from_cache = false;
    warm->info.load_s = cold->info.load_s;
    ck_assert_int_eq(memcmp(&cold->info, &warm->info, sizeof(cold->info)), 0);
    ck_assert_str_eq(warm->info.symbol, "ABC");
    ck_assert_int_eq(warm->interval_ns, DUET_MINUTE_NS);
    ck_assert_int_eq(warm->last_close_ns, duet_synth_defaults().start_ns + 5000 * DUET_MINUTE_NS);
    duet_series_close(cold);
    duet_series_close(warm);
    struct stat stats;
    ck_assert_int_eq(stat(cache, &stats), 0);
    ck_assert_int_eq(stats.st_mode & 0777, 0700);
}
END_TEST

START_TEST(a_change_of_equal_length_and_time_is_seen) {
    write_text(source, "time,open,high,low,close,volume\n2024-01-02 00:00:00,1.5,1.5,1.5,1.5,1\n"
                       "2024-01-02 00:01:00,1.5,1.5,1.5,1.5,1\n2024-01-02 00:02:00,1.5,1.5,1.5,1.5,1\n");
    struct stat stats;
    ck_assert_int_eq(stat(source, &stats), 0);
    duet_series_close(opened());
    write_text(source, "time,open,high,low,close,volume\n2024-01-02 00:00:00,2.5,2.5,2.5,2.5,1\n"
                       "2024-01-02 00:01:00,2.5,2.5,2.5,2.5,1\n2024-01-02 00:02:00,2.5,2.5,2.5,2.5,1\n");
    const struct timespec times[] = {stats.st_atim, stats.st_mtim};
    ck_assert_int_eq(utimensat(AT_FDCWD, source, times, 0), 0);
    struct duet_series *series = opened();
    ck_assert(!series->info.from_cache);
    ck_assert_int_eq(duet_series_open_scaled(series, 0), 25);
    duet_series_close(series);
}
END_TEST

START_TEST(a_young_source_is_compared_by_content_and_later_trusted) {
    write_synth(100, DUET_MINUTE_NS);
    duet_series_close(opened());
    struct duet_series *series = opened();
    ck_assert(series->info.from_cache);
    ck_assert_uint_eq(series->store->header.recent, 1);
    duet_series_close(series);
    const struct timespec pause = {.tv_sec = 2, .tv_nsec = 100000000};
    (void)nanosleep(&pause, NULL);
    duet_series_close(opened()); // the one that finds the same content, and writes down that it did
    series = opened();
    ck_assert(series->info.from_cache);
    ck_assert_uint_eq(series->store->header.recent, 0);
    duet_series_close(series);
}
END_TEST

START_TEST(other_keys_of_the_spec_have_a_cache_of_their_own) {
    write_synth(100, DUET_MINUTE_NS);
    duet_series_close(opened());
    struct duet_series *series = opened_with(",tz=America/New_York");
    ck_assert(!series->info.from_cache);
    ck_assert_int_eq(duet_series_open_ns(series, 0), duet_synth_defaults().start_ns + 5 * DUET_HOUR_NS);
    duet_series_close(series);
    series = opened_with(",tz=America/New_York");
    ck_assert(series->info.from_cache);
    duet_series_close(series);
}
END_TEST

START_TEST(a_symbol_that_chooses_columns_has_a_cache_of_its_own) {
    write_text(source, "time,A:open,A:high,A:low,A:close,B:open,B:high,B:low,B:close\n2024-01-02,1,1,1,1,2,2,2,2\n"
                       "2024-01-03,1,1,1,1,2,2,2,2\n2024-01-04,1,1,1,1,2,2,2,2\n");
    for (int i = 0; i < 4; i++) {
        char text[256];
        struct duet_series *series = NULL;
        snprintf(text, sizeof(text), "%s=%s", i % 2 == 0 ? "A" : "B", source);
        ck_assert_int_eq(opening(text, &series), DUET_OK);
        ck_assert(series->info.from_cache == (i >= 2));
        ck_assert_int_eq(duet_series_open_scaled(series, 1), i % 2 + 1);
        duet_series_close(series);
    }
}
END_TEST

START_TEST(a_damaged_block_is_noticed_removed_and_rebuilt) {
    char path[512];
    write_synth(5000, DUET_MINUTE_NS);
    duet_series_close(opened());
    ck_assert_uint_eq(cache_files(path, sizeof(path)), 1);
    flip_byte(path, DUET_CACHE_HEADER_BYTES + 3000 * 32);
    struct duet_series *series = opened();
    ck_assert(series->info.from_cache);
    ck_assert_int_eq(duet_series_verify(series, 2047), DUET_OK);
    ck_assert_int_eq(duet_series_verify(series, 2048), DUET_EDATA);
    duet_series_close(series);
    ck_assert_uint_eq(cache_files(path, sizeof(path)), 0);
    series = opened();
    ck_assert(!series->info.from_cache);
    ck_assert_uint_eq(series->count, 5000);
    duet_series_close(series);
    ck_assert_uint_eq(cache_files(path, sizeof(path)), 1);
}
END_TEST

START_TEST(a_cut_or_scrambled_cache_is_rebuilt) {
    char path[512];
    write_synth(3000, DUET_MINUTE_NS);
    duet_series_close(opened());
    ck_assert_uint_eq(cache_files(path, sizeof(path)), 1);
    const off_t lengths[] = {0, 100, DUET_CACHE_HEADER_BYTES, 50000};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]) + 1; i++) {
        if (i < sizeof(lengths) / sizeof(lengths[0])) {
            ck_assert_int_eq(truncate(path, lengths[i]), 0);
        } else {
            flip_byte(path, 40);
        }
        struct duet_series *series = opened();
        ck_assert(!series->info.from_cache);
        ck_assert_uint_eq(series->count, 3000);
        duet_series_close(series);
        series = opened();
        ck_assert(series->info.from_cache);
        duet_series_close(series);
    }
}
END_TEST

/** Make a cache file look as if another boot of the machine had written it. */
static void age_by_a_boot(const char *path) {
    struct duet_cache_header header;
    int fd = open(path, O_RDWR);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(duet_cache_header_read(fd, &header), DUET_OK);
    header.boot ^= 2;
    header.checksum = duet_cache_header_checksum(&header);
    ck_assert_int_eq(pwrite(fd, &header, sizeof(header), 0), (ssize_t)sizeof(header));
    ck_assert_int_eq(close(fd), 0);
}

START_TEST(after_another_boot_all_of_it_is_verified_before_use) {
    char path[512];
    write_synth(5000, DUET_MINUTE_NS);
    duet_series_close(opened());
    ck_assert_uint_eq(cache_files(path, sizeof(path)), 1);
    age_by_a_boot(path);
    struct duet_series *series = opened();
    ck_assert(series->info.from_cache);
    ck_assert_uint_eq(series->store->header.boot, 0); // once read back, it is on the disk for good
    duet_series_close(series);
    series = opened();
    ck_assert(series->info.from_cache);
    duet_series_close(series);
    ck_assert_int_eq(unlink(path), 0);
    duet_series_close(opened());
    age_by_a_boot(path);
    flip_byte(path, DUET_CACHE_HEADER_BYTES + 4500 * 32); // in the last block
    series = opened();
    ck_assert(!series->info.from_cache);
    for (uint64_t i = 0; i < 5000; i++) {
        ck_assert_int_eq(duet_series_verify(series, i), DUET_OK);
    }
    duet_series_close(series);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_no_error) {
    write_synth(5000, DUET_MINUTE_NS);
    snprintf(cache, sizeof(cache), "%s/ABC.csv/below-a-file", duet_test_folder);
    for (int i = 0; i < 2; i++) {
        struct duet_series *series = opened();
        ck_assert(!series->info.from_cache);
        ck_assert_uint_eq(series->count, 5000);
        ck_assert_int_eq(duet_series_verify(series, 4999), DUET_OK);
        duet_series_close(series);
    }
}
END_TEST

START_TEST(without_a_cache_no_file_is_left) {
    char path[512];
    write_synth(100, DUET_MINUTE_NS);
    options.no_cache = true;
    struct duet_series *series = opened();
    ck_assert_uint_eq(series->count, 100);
    duet_series_close(series);
    ck_assert_uint_eq(cache_files(path, sizeof(path)), 0);
}
END_TEST

static void die(void *argument, const char *path, uint64_t bytes_done, uint64_t bytes_total) {
    if (bytes_done > bytes_total / 2) {
        (void)raise(SIGKILL);
    }
}

START_TEST(killed_while_writing_it_leaves_no_cache) {
    char path[512];
    write_synth(400000, DUET_MINUTE_NS);
    pid_t child = fork();
    if (child == 0) {
        options.progress = die;
        (void)opened();
        _exit(0);
    }
    int how = 0;
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    ck_assert_uint_eq(cache_files(path, sizeof(path)), 0);
    struct duet_series *series = opened();
    ck_assert(!series->info.from_cache);
    ck_assert_uint_eq(series->count, 400000);
    duet_series_close(series);
}
END_TEST

START_TEST(prices_are_the_doubles_that_strtod_gives) {
    struct duet_rng rng;
    duet_rng_seed(&rng, 17);
    for (unsigned decimals = 0; decimals <= 10; decimals++) {
        // Up to four decimals, small numbers fit narrow records; the rest does not.
        int64_t bound = decimals <= 4 ? 2000000000 : INT64_C(900000000000);
        char(*texts)[DUET_DECIMAL_TEXT_MAX] = duet_alloc(2000, sizeof(*texts));
        FILE *file = fopen(source, "w");
        ck_assert_ptr_nonnull(file);
        fputs("time,open,high,low,close,volume\n", file);
        for (int i = 0; i < 2000; i++) {
            char time[DUET_TIME_TEXT_MAX];
            duet_decimal_format(1 + (int64_t)duet_rng_below(&rng, (uint64_t)bound), decimals, texts[i]);
            duet_time_format(i * DUET_MINUTE_NS, time);
            fprintf(file, "%s,%s,%s,%s,%s,1\n", time, texts[i], texts[i], texts[i], texts[i]);
        }
        ck_assert_int_eq(fclose(file), 0);
        struct duet_series *series = opened();
        ck_assert_uint_eq(series->count, 2000);
        ck_assert_uint_eq(series->info.price_decimals, decimals);
        ck_assert((series->records32 != NULL) == (decimals <= 4));
        for (uint64_t i = 0; i < 2000; i++) {
            struct duet_bar bar;
            int64_t scaled = 0;
            duet_series_bar(series, i, &bar);
            ck_assert(bar.open == strtod(texts[i], NULL));
            ck_assert(bar.close == bar.open);
            ck_assert_int_eq(duet_decimal_parse(texts[i], strlen(texts[i]), decimals, &scaled), DUET_OK);
            ck_assert_int_eq(bar.high_scaled, scaled);
            ck_assert_int_eq(duet_series_open_scaled(series, i), scaled);
        }
        duet_series_close(series);
        free(texts);
    }
}
END_TEST

/** Nanoseconds of a time in text. */
static int64_t at(const char *text) {
    int64_t ns = 0;
    bool is_date;
    ck_assert_int_eq(duet_time_parse(text, &ns, &is_date), DUET_OK);
    return ns;
}

START_TEST(a_bar_closes_after_its_interval_and_never_after_the_next_label) {
    write_text(source, "time,open,high,low,close\n2024-01-02 10:00:00,1,1,1,1\n2024-01-02 10:05:00,1,1,1,1\n"
                       "2024-01-02 10:10:00,1,1,1,1\n2024-01-02 10:12:00,1,1,1,1\n2024-01-02 11:00:00,1,1,1,1\n");
    struct duet_series *series = opened_with(",interval=5m");
    ck_assert_uint_eq(series->count, 5);
    ck_assert_int_eq(duet_series_close_ns(series, 0), at("2024-01-02 10:05"));
    ck_assert_int_eq(duet_series_close_ns(series, 2), at("2024-01-02 10:12"));
    ck_assert_int_eq(duet_series_close_ns(series, 3), at("2024-01-02 10:17"));
    ck_assert_int_eq(series->last_close_ns, at("2024-01-02 11:05"));
    ck_assert_uint_eq(duet_series_find(series, INT64_MIN), 0);
    ck_assert_uint_eq(duet_series_find(series, at("2024-01-02 10:05")), 1);
    ck_assert_uint_eq(duet_series_find(series, at("2024-01-02 10:05") + 1), 2);
    ck_assert_uint_eq(duet_series_find(series, at("2024-01-02 11:01")), 5);
    duet_series_close(series);
}
END_TEST

START_TEST(daily_bars_run_from_midnight_to_midnight_of_their_zone) {
    // In New York clocks went forward on Sunday 10 March 2024 and back on 3 November.
    write_text(source, "date,open,high,low,close\n2024-03-08,1,1,1,1\n2024-03-10,1,1,1,1\n2024-03-11,1,1,1,1\n"
                       "2024-11-02,1,1,1,1\n2024-11-03,1,1,1,1\n");
    struct duet_series *series = opened_with(",tz=America/New_York,interval=1d");
    ck_assert_int_eq(duet_series_open_ns(series, 0), at("2024-03-08 05:00"));
    ck_assert_int_eq(duet_series_close_ns(series, 0), at("2024-03-09 05:00"));
    ck_assert_int_eq(duet_series_close_ns(series, 1), at("2024-03-11 04:00"));
    ck_assert_int_eq(duet_series_close_ns(series, 3), at("2024-11-03 04:00"));
    ck_assert_int_eq(duet_series_close_ns(series, 4), at("2024-11-04 05:00"));
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_GAP], 1);
    duet_series_close(series);
}
END_TEST

START_TEST(the_hour_that_clocks_show_twice_is_told_by_the_order_of_rows) {
    // Read as the first hour, prices of the second would be known an hour before they were.
    write_text(source, "time,open,high,low,close\n2024-11-03 00:30,1,1,1,1\n2024-11-03 01:00,2,2,2,2\n"
                       "2024-11-03 01:30,3,3,3,3\n2024-11-03 01:00,4,4,4,4\n2024-11-03 01:30,5,5,5,5\n"
                       "2024-11-03 02:00,6,6,6,6\n");
    struct duet_series *series = opened_with(",tz=America/New_York");
    ck_assert_uint_eq(series->count, 6);
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(duet_series_open_ns(series, (uint64_t)i), at("2024-11-03 04:30") + i * 30 * DUET_MINUTE_NS);
        ck_assert_int_eq(duet_series_open_scaled(series, (uint64_t)i), i + 1);
    }
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_DUPLICATE], 0);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_OUT_OF_ORDER], 0);
    duet_series_close(series);
    // Latest first; and hours, where the label itself stands twice.
    write_text(source, "time,open,high,low,close\n2024-11-03 03:00,5,5,5,5\n2024-11-03 02:00,4,4,4,4\n"
                       "2024-11-03 01:00,3,3,3,3\n2024-11-03 01:00,2,2,2,2\n2024-11-03 00:00,1,1,1,1\n");
    series = opened_with(",tz=America/New_York");
    ck_assert_uint_eq(series->count, 5);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(duet_series_open_ns(series, (uint64_t)i), at("2024-11-03 04:00") + i * DUET_HOUR_NS);
        ck_assert_int_eq(duet_series_open_scaled(series, (uint64_t)i), i + 1);
    }
    duet_series_close(series);
}
END_TEST

START_TEST(weeks_and_months_close_by_the_calendar) {
    write_text(source, "date,open,high,low,close\n2024-01-31,1,1,1,1\n2024-02-29,1,1,1,1\n2024-12-02,1,1,1,1\n");
    struct duet_series *series = opened_with(",interval=1mo");
    ck_assert_int_eq(duet_series_close_ns(series, 0), at("2024-02-01"));
    ck_assert_int_eq(duet_series_close_ns(series, 1), at("2024-03-01"));
    ck_assert_int_eq(duet_series_close_ns(series, 2), at("2025-01-01"));
    duet_series_close(series);
    write_text(source, "date,open,high,low,close\n2024-03-04,1,1,1,1\n2024-03-12,1,1,1,1\n2024-03-18,1,1,1,1\n");
    series = opened_with(",interval=1w,tz=America/New_York");
    ck_assert_int_eq(duet_series_close_ns(series, 0), at("2024-03-11 04:00")); // a Monday, after clocks went forward
    ck_assert_int_eq(duet_series_close_ns(series, 1), at("2024-03-18 04:00")); // the next label comes first
    ck_assert_int_eq(duet_series_close_ns(series, 2), at("2024-03-25 04:00"));
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_GAP], 0);
    duet_series_close(series);
}
END_TEST

START_TEST(weekends_and_four_days_are_no_gap_between_daily_bars) {
    write_text(source, "date,open,high,low,close\n2024-01-04,1,1,1,1\n2024-01-05,1,1,1,1\n2024-01-08,1,1,1,1\n"
                       "2024-01-12,1,1,1,1\n2024-01-17,1,1,1,1\n");
    struct duet_series *series = opened();
    ck_assert_int_eq(series->interval_ns, DUET_DAY_NS);
    ck_assert_uint_eq(series->info.warnings[DUET_DATA_GAP], 1);
    duet_series_close(series);
}
END_TEST

/** A file in a folder of files. */
static void write_part(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof(path), "%s/parts", duet_test_folder);
    (void)mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/parts/%s", duet_test_folder, name);
    write_text(path, text);
    snprintf(source, sizeof(source), "%s/parts", duet_test_folder);
}

#define PART_HEADER "time,open,high,low,close,volume\n"

START_TEST(a_folder_is_one_series_in_name_order) {
    write_part("b.csv", PART_HEADER "2024-01-02 00:02:00,3,3,3,3,1\n2024-01-02 00:03:00,4,4,4,4,1\n");
    write_part("a.csv", PART_HEADER "2024-01-02 00:00:00,1,1,1,1,1\n2024-01-02 00:01:00,2,2,2,2,1\n");
    write_part("c.txt", PART_HEADER "2024-01-02 00:04:00,5,5,5,5,1\n2024-01-02 00:05:00,6,6,6,6,1\n");
    write_part("notes.md", "not data\n");
    for (int i = 0; i < 2; i++) {
        struct duet_series *series = opened();
        ck_assert(series->info.from_cache == (i == 1));
        ck_assert_uint_eq(series->count, 6);
        ck_assert_uint_eq(series->info.rows, 6);
        for (uint64_t k = 0; k < 6; k++) {
            ck_assert_int_eq(duet_series_open_scaled(series, k), (int64_t)k + 1);
        }
        duet_series_close(series);
    }
    write_part("d.csv", PART_HEADER "2024-01-02 00:06:00,7,7,7,7,1\n2024-01-02 00:07:00,8,8,8,8,1\n");
    struct duet_series *series = opened();
    ck_assert(!series->info.from_cache);
    ck_assert_uint_eq(series->count, 8);
    duet_series_close(series);
}
END_TEST

START_TEST(files_of_a_folder_share_the_larger_decimals_and_the_wider_records) {
    write_part("a.csv", PART_HEADER "2024-01-02 00:00:00,1,1,1,1,1\n2024-01-02 00:01:00,2,2,2,2,1\n");
    write_part("b.csv", PART_HEADER "2024-01-02 00:02:00,1.25,2,1,2,1\n2024-01-02 00:03:00,4,4,4,4,1\n");
    struct duet_series *series = opened();
    ck_assert_uint_eq(series->info.price_decimals, 2);
    ck_assert_ptr_nonnull(series->records32);
    ck_assert_int_eq(series->records32[0].open, 100);
    ck_assert_int_eq(series->records32[2].open, 125);
    duet_series_close(series);
    write_part("c.csv", PART_HEADER "2024-01-02 00:04:00,90000000.5,90000000.5,1,2,1\n2024-01-02 00:05:00,4,4,4,4,1\n");
    write_part("d.csv", PART_HEADER "2024-01-02 00:06:00,7,7,7,7,1\n2024-01-02 00:07:00,8.125,9,8,8,1\n");
    series = opened();
    ck_assert_uint_eq(series->count, 8);
    ck_assert_uint_eq(series->info.price_decimals, 3);
    ck_assert_ptr_null(series->records32);
    const double opens[] = {1, 2, 1.25, 4, 90000000.5, 4, 7, 8.125};
    for (uint64_t i = 0; i < 8; i++) {
        ck_assert(series->records48[i].open == opens[i]);
    }
    duet_series_close(series);
}
END_TEST

START_TEST(files_of_a_folder_that_do_not_belong_together_are_refused) {
    struct duet_series *series = NULL;
    char text[256];
    write_part("a.csv", PART_HEADER "2024-01-02 00:00:00,1,1,1,1,1\n2024-01-02 00:01:00,2,2,2,2,1\n"
                                    "2024-01-02 00:02:00,2,2,2,2,1\n");
    write_part("b.csv", PART_HEADER "2024-01-02 01:00:00,1,1,1,1,1\n2024-01-02 02:00:00,2,2,2,2,1\n"
                                    "2024-01-02 03:00:00,2,2,2,2,1\n");
    snprintf(text, sizeof(text), "ABC=%s", source);
    ck_assert_int_eq(opening(text, &series), DUET_EDATA);
    ck_assert_msg(strstr(duet_error_text(), "b.csv") != NULL && strstr(duet_error_text(), "a.csv") != NULL, "%s",
        duet_error_text());
    char empty[128];
    snprintf(empty, sizeof(empty), "%s/empty", duet_test_folder);
    ck_assert_int_eq(mkdir(empty, 0700), 0);
    snprintf(text, sizeof(text), "ABC=%s", empty);
    ck_assert_int_eq(opening(text, &series), DUET_EDATA);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "without data files"));
}
END_TEST

START_TEST(a_missing_or_bad_file_says_where_and_why) {
    struct duet_series *series = NULL;
    struct duet_data_info refused;
    char text[256];
    options.refused = &refused;
    snprintf(text, sizeof(text), "ABC=%s/none.csv", duet_test_folder);
    ck_assert_int_eq(opening(text, &series), DUET_EDATA);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "none.csv"));
    write_text(source, PART_HEADER "2024-01-02 00:00:00,1,1,1,1,1\n2024-01-02 00:01:00,2,2,2,2,1\n"
                                   "2024-01-02 00:02:00,2,2,2,oops,1\n");
    snprintf(text, sizeof(text), "ABC=%s", source);
    ck_assert_int_eq(opening(text, &series), DUET_EDATA);
    ck_assert_uint_eq(refused.error_line, 4);
    ck_assert_str_eq(refused.error_column, "close");
    ck_assert_ptr_nonnull(strstr(refused.error_reason, "oops"));
    ck_assert_str_eq(refused.symbol, "ABC");
}
END_TEST

START_TEST(the_digest_is_that_of_the_files_bytes_and_is_kept) {
    // printf 'time,open,high,low,close\n2024-01-02,1,1,1,1\n2024-01-03,1,1,1,1\n' | sha256sum
    static const char expected[] = "f685daa95dcebc950b619641a1cc5d8a7988e122892b2a6cc1d2d8daf0b49a40";
    write_text(source, "time,open,high,low,close\n2024-01-02,1,1,1,1\n2024-01-03,1,1,1,1\n");
    for (int i = 0; i < 2; i++) {
        struct duet_series *series = opened();
        ck_assert_str_eq(series->info.digest, i == 0 ? "" : expected);
        ck_assert_int_eq(duet_series_digest(series), DUET_OK);
        ck_assert_str_eq(series->info.digest, expected);
        duet_series_close(series);
    }
}
END_TEST

DUET_TEST_MAIN("series", in_a_folder_of_its_own, cold_and_warm_give_identical_records,
    a_change_of_equal_length_and_time_is_seen, a_young_source_is_compared_by_content_and_later_trusted,
    other_keys_of_the_spec_have_a_cache_of_their_own, a_symbol_that_chooses_columns_has_a_cache_of_its_own,
    a_damaged_block_is_noticed_removed_and_rebuilt, a_cut_or_scrambled_cache_is_rebuilt,
    after_another_boot_all_of_it_is_verified_before_use, a_folder_that_cannot_be_written_is_no_error,
    without_a_cache_no_file_is_left, killed_while_writing_it_leaves_no_cache, prices_are_the_doubles_that_strtod_gives,
    a_bar_closes_after_its_interval_and_never_after_the_next_label,
    daily_bars_run_from_midnight_to_midnight_of_their_zone,
    the_hour_that_clocks_show_twice_is_told_by_the_order_of_rows, weeks_and_months_close_by_the_calendar,
    weekends_and_four_days_are_no_gap_between_daily_bars, a_folder_is_one_series_in_name_order,
    files_of_a_folder_share_the_larger_decimals_and_the_wider_records,
    files_of_a_folder_that_do_not_belong_together_are_refused, a_missing_or_bad_file_says_where_and_why,
    the_digest_is_that_of_the_files_bytes_and_is_kept)
