/* What LEAN keeps beside prices: factors for splits and dividends, and the history of a ticker. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "data/csv_text.h"
#include "data/lean.h"
#include "data/time_form.h"

#define FILE_BYTES_MAX ((size_t)1 << 24)
#define PATH_MAX_LENGTH 4096

/** Lines "YYYYMMDD,…" of a small file; each is handed on with its fields. */
static enum duet_status walk_rows(const char *path,
    bool (*take)(void *argument, int64_t day_ns, const struct duet_csv_field *fields, size_t count), void *argument) {
    char *bytes;
    size_t size;
    enum duet_status status = duet_file_read(path, FILE_BYTES_MAX, &bytes, &size);
    if (status != DUET_OK) {
        return status;
    }
    unsigned number = 1;
    for (const char *p = bytes; status == DUET_OK && p < bytes + size; number++) {
        struct duet_csv_field fields[8];
        struct duet_label label = {0};
        size_t length = strcspn(p, "\n");
        size_t count = duet_csv_split(p, length, ',', fields, 8);
        bool blank = count == 1 && fields[0].length == 0;
        bool good = false;
        for (duet_date_form form = 0; !blank && count != SIZE_MAX && !good && form < duet_date_forms(); form++) {
            good = strcmp(duet_date_form_name(form), "Ymd") == 0 &&
                   duet_label_parse(form, fields[0].text, fields[0].length, &label);
        }
        if (!blank && (!good || !take(argument, label.local_ns, fields, count))) {
            status = duet_error(DUET_EDATA, "%s:%u: not a row of this kind of file", path, number);
        }
        p += length + (p[length] != '\0');
    }
    free(bytes);
    return status;
}

static bool take_factor(void *argument, int64_t day_ns, const struct duet_csv_field *fields, size_t count) {
    struct duet_lean_factors *factors = argument;
    struct duet_csv_number price, split;
    if (count < 3 || duet_csv_number_parse(fields[1], DUET_CSV_MARKS_POINT, &price) != NULL ||
        duet_csv_number_parse(fields[2], DUET_CSV_MARKS_POINT, &split) != NULL || price.value <= 0 ||
        split.value <= 0) {
        return false;
    }
    factors->rows = duet_realloc(factors->rows, factors->count + 1, sizeof(*factors->rows));
    factors->rows[factors->count++] = (struct duet_lean_factor){day_ns, price.value, split.value};
    return true;
}

static int compare_factors(const void *a, const void *b) {
    const struct duet_lean_factor *x = a, *y = b;
    return (x->day_ns > y->day_ns) - (x->day_ns < y->day_ns);
}

enum duet_status duet_lean_factors_read(const char *path, struct duet_lean_factors *out) {
    char file[PATH_MAX_LENGTH];
    *out = (struct duet_lean_factors){0};
    if (!duet_lean_companion(path, "factor_files", file, sizeof(file))) {
        return duet_error(DUET_EINVAL,
            "%.300s: adjust= needs the folder factor_files of LEAN, and this file is not beside one", path);
    }
    enum duet_status status = walk_rows(file, take_factor, out);
    if (status != DUET_OK) {
        duet_lean_factors_finish(out);
        return duet_error_prefix(status, "adjust= needs a factor file");
    }
    qsort(out->rows, out->count, sizeof(*out->rows), compare_factors);
    return DUET_OK;
}

void duet_lean_factors_finish(struct duet_lean_factors *factors) {
    free(factors->rows);
    *factors = (struct duet_lean_factors){0};
}

const struct duet_lean_factor *duet_lean_factor_of(const struct duet_lean_factors *factors, int64_t day_ns) {
    size_t low = 0, high = factors->count;
    day_ns -= (day_ns % DUET_DAY_NS + DUET_DAY_NS) % DUET_DAY_NS;
    while (low < high) { // the first row that does not end before this day
        size_t middle = low + (high - low) / 2;
        if (factors->rows[middle].day_ns < day_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < factors->count ? &factors->rows[low] : NULL;
}

struct history {
    char ticker[DUET_LEAN_NAME_MAX];
    int64_t until_ns;
};

/** A row names the ticker up to and with its day. */
static bool take_name(void *argument, int64_t day_ns, const struct duet_csv_field *fields, size_t count) {
    struct history *history = argument;
    bool other = count >= 2 && (strlen(history->ticker) != fields[1].length ||
                                   strncasecmp(history->ticker, fields[1].text, fields[1].length) != 0);
    if (other && day_ns > history->until_ns) {
        history->until_ns = day_ns;
    }
    return count >= 2;
}

int64_t duet_lean_foreign_until_ns(const char *path) {
    char file[PATH_MAX_LENGTH];
    struct duet_lean lean;
    struct history history = {.until_ns = INT64_MIN};
    if (!duet_lean_look(path, NULL, &lean) || !duet_lean_companion(path, "map_files", file, sizeof(file))) {
        return INT64_MIN;
    }
    duet_text_copy(history.ticker, sizeof(history.ticker), lean.ticker);
    return walk_rows(file, take_name, &history) == DUET_OK ? history.until_ns : INT64_MIN;
}
