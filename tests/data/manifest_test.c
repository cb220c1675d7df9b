/*
 * The shared collection of files that users have, against its manifest: rows, first and last label, order, blank
 * cells, zero volumes and bar violations, which another program counted.
 *
 * Plain CSV under daily/, minute/ and dirty/ is read; what is refused must be listed here with its reason.
 */
#include "data/csv_support.h"

#include <unistd.h>

#define EXIT_SKIPPED 77

struct row {
    char path[256];
    unsigned long rows;
    char first[32], last[32];
    char order[64], decimals[16];
    char oddities[512];
};

/** Files that hold no bars of one instrument, or are broken on purpose. */
static const struct {
    const char *path, *reason;
} refused[] = {
    {"daily/other/quandl_gold_2.csv", "no columns open, high, low and close"},
    {"daily/other/bitstamp_(BTC,ETH,LTC)USD_d.csv", "several instruments side by side"},
    {"dirty/kaggle_us/accp.us.txt", "empty file"},
    {"dirty/ADABTC-1m-2021-11-27_corrupt.zip", "a zip archive"},
};

static char folder[512];

/** The n-th cell of a Markdown table row, without the blanks around it. */
static void cell(const char *line, int index, char *out, size_t size) {
    const char *p = line;
    for (int i = 0; i <= index && p != NULL; i++) {
        p = strchr(p, '|');
        p = p == NULL ? NULL : p + 1;
    }
    out[0] = '\0';
    if (p == NULL) {
        return;
    }
    while (*p == ' ') {
        p++;
    }
    size_t length = strcspn(p, "|\n");
    while (length > 0 && p[length - 1] == ' ') {
        length--;
    }
    snprintf(out, size, "%.*s", (int)length, p);
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool is_plain_bars(const char *path) {
    bool ours = strncmp(path, "daily/", 6) == 0 || strncmp(path, "minute/", 7) == 0 || strncmp(path, "dirty/", 6) == 0;
    return ours && (ends_with(path, ".csv") || ends_with(path, ".txt") || ends_with(path, "corrupt.zip"));
}

static bool next_row(FILE *manifest, struct row *row) {
    static char line[4096];
    while (fgets(line, sizeof(line), manifest) != NULL) {
        cell(line, 0, row->path, sizeof(row->path));
        if (is_plain_bars(row->path)) {
            char number[32];
            cell(line, 1, number, sizeof(number));
            row->rows = strtoul(number, NULL, 10);
            cell(line, 2, row->first, sizeof(row->first));
            cell(line, 3, row->last, sizeof(row->last));
            cell(line, 4, row->order, sizeof(row->order));
            cell(line, 5, row->decimals, sizeof(row->decimals));
            cell(line, 7, row->oddities, sizeof(row->oddities));
            return true;
        }
    }
    return false;
}

/** The number in front of `what` among the oddities, 0 where it is not named. */
static unsigned long oddity(const struct row *row, const char *what) {
    const char *p = strstr(row->oddities, what);
    if (p == NULL) {
        return 0;
    }
    while (p > row->oddities && (p[-1] == ' ' || (p[-1] >= '0' && p[-1] <= '9'))) {
        p--;
    }
    return strtoul(p, NULL, 10);
}

/** The manifest writes midnight without a clock and cuts offsets off. */
static void check_label(const char *path, const char *ours, const char *theirs) {
    char plain[40];
    snprintf(plain, sizeof(plain), "%.19s", ours);
    plain[10] = plain[10] == 'T' ? ' ' : plain[10];
    char wanted[40];
    snprintf(wanted, sizeof(wanted), "%.19s%s", theirs, strlen(theirs) == 10 && strlen(plain) > 10 ? " 00:00:00" : "");
    ck_assert_msg(strcmp(plain, wanted) == 0, "%s: label %s, manifest %s", path, ours, theirs);
}

static const char *refusal(const char *path) {
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (strcmp(path, refused[i].path) == 0) {
            return refused[i].reason;
        }
    }
    return NULL;
}

static void check_order(const struct row *row, const struct read_file *file) {
    bool descending = strncmp(row->order, "DESC", 4) == 0;
    bool monotonic = strstr(row->order, "NOT") == NULL;
    ck_assert_msg(file->info.descending == descending, "%s: order", row->path);
    ck_assert_msg(file->info.warnings[DUET_DATA_OUT_OF_ORDER] == oddity(row, " out-of-order"), "%s: %lu out of order",
        row->path, (unsigned long)file->info.warnings[DUET_DATA_OUT_OF_ORDER]);
    if (monotonic && row->rows > 1) {
        ck_assert_msg(file->order.ascending == !descending, "%s: ascending", row->path);
        ck_assert_msg(file->order.descending == descending, "%s: descending", row->path);
    }
}

/** The manifest counts cells where we count rows: there must be some exactly where it has some. */
static void check_oddities(const struct row *row, const struct read_file *file) {
    const uint64_t *warnings = file->info.warnings;
    ck_assert_msg(warnings[DUET_DATA_OHLC_VIOLATION] >= oddity(row, " bars violating"), "%s: %lu violations", row->path,
        (unsigned long)warnings[DUET_DATA_OHLC_VIOLATION]);
    ck_assert_msg(warnings[DUET_DATA_ZERO_VOLUME] == oddity(row, " zero-volume"), "%s: %lu zero volumes", row->path,
        (unsigned long)warnings[DUET_DATA_ZERO_VOLUME]);
    ck_assert_msg(
        (warnings[DUET_DATA_ZERO_PRICE] > 0) == (oddity(row, " zero prices") > 0), "%s: zero prices", row->path);
    ck_assert_msg((warnings[DUET_DATA_NEGATIVE_PRICE] > 0) == (oddity(row, " negative prices") > 0),
        "%s: negative prices", row->path);
    ck_assert_msg(warnings[DUET_DATA_BLANK_CELL] == oddity(row, " empty"), "%s: blank cells", row->path);
}

static void check_file(const struct row *row) {
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", folder, row->path);
    struct read_file file = read_path(path, "");
    const char *reason = refusal(row->path);
    if (reason != NULL) {
        ck_assert_msg(file.status == DUET_EDATA, "%s was read", row->path);
        ck_assert_msg(strstr(duet_error_text(), reason) != NULL, "%s: %s", row->path, duet_error_text());
        read_finish(&file);
        return;
    }
    ck_assert_msg(file.status == DUET_OK, "%s: %s", row->path, duet_error_text());
    ck_assert_msg(file.info.rows == row->rows, "%s: %lu rows", row->path, (unsigned long)file.info.rows);
    ck_assert_msg(file.count + file.info.skipped == row->rows, "%s: kept and skipped", row->path);
    check_label(row->path, file.info.first, row->first);
    check_label(row->path, file.info.last, row->last);
    check_order(row, &file);
    check_oddities(row, &file);
    const char *dash = strchr(row->decimals, '-');
    unsigned long decimals = strtoul(dash == NULL ? row->decimals : dash + 1, NULL, 10);
    ck_assert_msg(file.info.price_decimals == (decimals > 12 ? 9 : decimals), "%s: %u decimals", row->path,
        file.info.price_decimals);
    if (getenv("DUET_TEST_VERBOSE") != NULL) {
        char interval[24];
        printf("%-60s %-18s %-4s %s %s %s..%s\n", row->path, file.info.dialect,
            duet_interval_format(file.info.interval_ns, interval), file.wide ? "wide" : "narrow", file.info.columns,
            file.info.first, file.info.last);
    }
    read_finish(&file);
}

START_TEST(reads_every_plain_file_of_the_collection_as_its_manifest_says) {
    char path[600];
    snprintf(path, sizeof(path), "%s/MANIFEST.md", folder);
    FILE *manifest = fopen(path, "r");
    ck_assert_ptr_nonnull(manifest);
    struct row row;
    unsigned count = 0;
    while (next_row(manifest, &row)) {
        check_file(&row);
        count++;
    }
    fclose(manifest);
    ck_assert_msg(count > 100, "only %u files found in the manifest", count);
}
END_TEST

START_TEST(tells_stamps_intervals_and_zones_of_known_dialects) {
    static const struct {
        const char *path, *dialect, *tz;
        enum duet_stamp stamp;
        int64_t interval_ns;
        bool assumed;
    } wanted[] = {
        {"minute/ninjatrader/nt-spy-minute-2011-03.csv", "ninjatrader", "UTC", DUET_STAMP_CLOSE, DUET_MINUTE_NS, true},
        {"minute/binance_klines/ADABTC-1m-2021-11-27.csv", "binance_klines", "UTC", DUET_STAMP_OPEN, DUET_MINUTE_NS,
            false},
        {"minute/cryptodatadownload/Coinbase_BTCUSD_1h.csv", "cryptodatadownload", "UTC", DUET_STAMP_OPEN, DUET_HOUR_NS,
            false},
        {"minute/dukascopy/FOREX_EURUSD_1H_ASK.csv", "dukascopy", "UTC", DUET_STAMP_OPEN, DUET_HOUR_NS, true},
        {"minute/backtrader/2006-min-005.txt", "csv", "UTC", DUET_STAMP_OPEN, 5 * DUET_MINUTE_NS, true},
        {"minute/fxcm/gbpusd-m1-bid-2012_february.csv", "csv", "UTC", DUET_STAMP_OPEN, DUET_MINUTE_NS, false},
        {"daily/yahoo_v7/orcl-1995-2014.txt", "yahoo", "UTC", DUET_STAMP_OPEN, DUET_DAY_NS, true},
        {"daily/google/orcl-2010-googlefinance.csv", "google", "UTC", DUET_STAMP_OPEN, DUET_DAY_NS, true},
        {"dirty/skender/issue0859_ist_offset.csv", "csv", "+05:30", DUET_STAMP_OPEN, 3 * DUET_MINUTE_NS, false},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        char path[1024];
        snprintf(path, sizeof(path), "%s/%s", folder, wanted[i].path);
        struct read_file file = read_path(path, "");
        ck_assert_msg(file.status == DUET_OK, "%s", duet_error_text());
        ck_assert_str_eq(file.info.dialect, wanted[i].dialect);
        ck_assert_str_eq(file.info.tz, wanted[i].tz);
        ck_assert_int_eq(file.info.stamp, wanted[i].stamp);
        ck_assert_int_eq(file.info.interval_ns, wanted[i].interval_ns);
        ck_assert_int_eq(file.info.tz_assumed, wanted[i].assumed);
        read_finish(&file);
    }
}
END_TEST

static bool find_folder(void) {
    const char *shared = getenv("DUET_SHARED"), *root = getenv("DUET_SOURCE_ROOT");
    if (shared != NULL) {
        snprintf(folder, sizeof(folder), "%.480s/data", shared);
    } else {
        snprintf(folder, sizeof(folder), "%.480s/../shared/data", root == NULL ? "." : root);
    }
    return access(folder, R_OK) == 0;
}

int main(void) {
    if (!find_folder()) {
        printf("skipped: no collection of files at %s (set DUET_SHARED)\n", folder);
        return EXIT_SKIPPED;
    }
    const TTest *const tests[] = {reads_every_plain_file_of_the_collection_as_its_manifest_says,
        tells_stamps_intervals_and_zones_of_known_dialects};
    return duet_suite_run("manifest", NULL, tests, sizeof(tests) / sizeof(tests[0]));
}
