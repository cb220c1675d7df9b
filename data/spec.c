#include "data/series.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <duet/money.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "data/bars.h"
#include "data/csv_columns.h"
#include "data/zone.h"

static void replace(char **slot, const char *value) {
    char *copy = duet_strdup(value);
    free(*slot);
    *slot = copy;
}

static enum duet_status bad_value(const char *key, const char *value, const char *wanted) {
    return duet_error(DUET_EINVAL, "%s=%.60s: %s", key, value, wanted);
}

/** The position of `value` among the zero-ended `words`, or -1. */
static int word_index(const char *value, const char *const *words) {
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(value, words[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static enum duet_status set_tz(struct duet_data_spec *spec, const char *key, const char *value) {
    struct duet_zone *zone = NULL;
    enum duet_status status = duet_zone_open(value, &zone);
    if (status != DUET_OK) {
        return status;
    }
    duet_zone_close(zone);
    replace(&spec->tz, value);
    return DUET_OK;
}

static enum duet_status set_bars(struct duet_data_spec *spec, const char *key, const char *value) {
    int64_t bars[DUET_BARS_LIST_MAX];
    size_t count;
    enum duet_status status = duet_bars_list_parse(value, bars, &count);
    if (status != DUET_OK) {
        return duet_error_prefix(status, "bars");
    }
    replace(&spec->bars, value);
    return DUET_OK;
}

static enum duet_status set_columns(struct duet_data_spec *spec, const char *key, const char *value) {
    struct duet_csv_columns columns;
    enum duet_status status = duet_csv_columns_parse(value, &columns);
    if (status == DUET_OK) {
        replace(&spec->columns, value);
    }
    return status;
}

static enum duet_status set_currency(struct duet_data_spec *spec, const char *key, const char *value) {
    size_t length = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    if (length == 0 || length >= DUET_CURRENCY_MAX || value[length] != '\0') {
        return bad_value(key, value, "a currency is up to 7 capitals or digits, e.g. USD");
    }
    replace(&spec->currency, value);
    return DUET_OK;
}

static enum duet_status set_stamp(struct duet_data_spec *spec, const char *key, const char *value) {
    static const char *const words[] = {"", "open", "close", NULL};
    int index = word_index(value, words);
    if (index < 1) {
        return bad_value(key, value, "open or close wanted");
    }
    spec->stamp = (enum duet_stamp)index;
    return DUET_OK;
}

static enum duet_status set_dates(struct duet_data_spec *spec, const char *key, const char *value) {
    static const char *const words[] = {"", "mdy", "dmy", NULL};
    int index = word_index(value, words);
    if (index < 1) {
        return bad_value(key, value, "mdy or dmy wanted");
    }
    spec->dates = (enum duet_dates)index;
    return DUET_OK;
}

static enum duet_status set_comma(struct duet_data_spec *spec, const char *key, const char *value) {
    static const char *const words[] = {"", "thousands", "decimal", NULL};
    int index = word_index(value, words);
    if (index < 1) {
        return bad_value(key, value, "thousands or decimal wanted");
    }
    spec->comma = (enum duet_csv_marks)index;
    return DUET_OK;
}

static enum duet_status set_interval(struct duet_data_spec *spec, const char *key, const char *value) {
    return duet_interval_parse(value, &spec->interval_ns);
}

static enum duet_status set_on_error(struct duet_data_spec *spec, const char *key, const char *value) {
    static const char *const words[] = {"stop", "skip", NULL};
    int index = word_index(value, words);
    if (index < 0) {
        return bad_value(key, value, "stop or skip wanted");
    }
    spec->skip_errors = index == 1;
    return DUET_OK;
}

static enum duet_status set_adjust(struct duet_data_spec *spec, const char *key, const char *value) {
    static const char *const words[] = {"none", "total", "split", NULL};
    int index = word_index(value, words);
    if (index < 0) {
        return bad_value(key, value, "none, total or split wanted");
    }
    spec->adjust_total = index == 1;
    spec->adjust_split = index == 2;
    return DUET_OK;
}

/** Any text but none. */
static enum duet_status set_name(char **slot, const char *key, const char *value) {
    if (value[0] == '\0') {
        return bad_value(key, value, "a name wanted");
    }
    replace(slot, value);
    return DUET_OK;
}

static enum duet_status set_asset(struct duet_data_spec *spec, const char *key, const char *value) {
    return set_name(&spec->asset, key, value);
}

static enum duet_status set_bid(struct duet_data_spec *spec, const char *key, const char *value) {
    return set_name(&spec->bid, key, value);
}

static enum duet_status set_inner(struct duet_data_spec *spec, const char *key, const char *value) {
    return set_name(&spec->inner, key, value);
}

static enum duet_status set_word(
    char **slot, const char *key, const char *value, const char *const *words, const char *wanted) {
    if (word_index(value, words) < 0) {
        return bad_value(key, value, wanted);
    }
    replace(slot, value);
    return DUET_OK;
}

static enum duet_status set_kind(struct duet_data_spec *spec, const char *key, const char *value) {
    static const char *const words[] = {"trades", "quotes", NULL};
    return set_word(&spec->kind, key, value, words, "trades or quotes wanted");
}

static enum duet_status set_lean(struct duet_data_spec *spec, const char *key, const char *value) {
    static const char *const words[] = {"equity", "option", "forex", "cfd", "crypto", "future", "index", "off", NULL};
    return set_word(&spec->lean, key, value, words, "equity, option, forex, cfd, crypto, future, index or off wanted");
}

static enum duet_status set_price(struct duet_data_spec *spec, const char *key, const char *value) {
    static const char *const words[] = {"mid", "bid", "ask", NULL};
    return set_word(&spec->price, key, value, words, "mid, bid or ask wanted");
}

static enum duet_status set_exec(struct duet_data_spec *spec, const char *key, const char *value) {
    static const char *const words[] = {"0", "1", NULL};
    int index = word_index(value, words);
    if (index < 0) {
        return bad_value(key, value, "0 or 1 wanted");
    }
    spec->exec = index == 1;
    return DUET_OK;
}

static enum duet_status parse_decimals(const char *key, const char *value, int *out) {
    int64_t number = 0;
    if (!duet_parse_int64(value, &number) || number < 0 || number > DUET_DECIMALS_MAX) {
        return bad_value(key, value, "0 to 12 decimal places wanted");
    }
    *out = (int)number;
    return DUET_OK;
}

static enum duet_status set_decimals(struct duet_data_spec *spec, const char *key, const char *value) {
    return parse_decimals(key, value, &spec->decimals);
}

static enum duet_status set_quantity_decimals(struct duet_data_spec *spec, const char *key, const char *value) {
    return parse_decimals(key, value, &spec->quantity_decimals);
}

static enum duet_status set_positive(char **slot, const char *key, const char *value) {
    int64_t scaled = 0;
    if (duet_decimal_parse(value, strlen(value), DUET_DECIMALS_MAX, &scaled) != DUET_OK || scaled <= 0) {
        return bad_value(key, value, "a decimal number above zero wanted");
    }
    replace(slot, value);
    return DUET_OK;
}

static enum duet_status set_tick(struct duet_data_spec *spec, const char *key, const char *value) {
    return set_positive(&spec->tick, key, value);
}

static enum duet_status set_lot(struct duet_data_spec *spec, const char *key, const char *value) {
    return set_positive(&spec->lot, key, value);
}

static enum duet_status set_multiplier(struct duet_data_spec *spec, const char *key, const char *value) {
    return set_positive(&spec->multiplier, key, value);
}

/* What is set, as the key takes it; NULL where it is not. `out` holds DUET_DATA_TEXT_MAX bytes. */

static const char *get_adjust(const struct duet_data_spec *spec, char *out) {
    return spec->adjust_total ? "total" : spec->adjust_split ? "split" : NULL;
}

static const char *get_dates(const struct duet_data_spec *spec, char *out) {
    return spec->dates == DUET_DATES_MDY ? "mdy" : spec->dates == DUET_DATES_DMY ? "dmy" : NULL;
}

static const char *get_comma(const struct duet_data_spec *spec, char *out) {
    return spec->comma == DUET_CSV_MARKS_POINT ? "thousands" : spec->comma == DUET_CSV_MARKS_COMMA ? "decimal" : NULL;
}

static const char *get_decimals(const struct duet_data_spec *spec, char *out) {
    snprintf(out, DUET_DATA_TEXT_MAX, "%d", spec->decimals);
    return spec->decimals >= 0 ? out : NULL;
}

static const char *get_exec(const struct duet_data_spec *spec, char *out) {
    return spec->exec ? "1" : NULL;
}

static const char *get_interval(const struct duet_data_spec *spec, char *out) {
    return spec->interval_ns != 0 ? duet_interval_format(spec->interval_ns, out) : NULL;
}

static const char *get_on_error(const struct duet_data_spec *spec, char *out) {
    return spec->skip_errors ? "skip" : NULL;
}

static const char *get_quantity_decimals(const struct duet_data_spec *spec, char *out) {
    snprintf(out, DUET_DATA_TEXT_MAX, "%d", spec->quantity_decimals);
    return spec->quantity_decimals >= 0 ? out : NULL;
}

static const char *get_stamp(const struct duet_data_spec *spec, char *out) {
    return spec->stamp == DUET_STAMP_OPEN ? "open" : spec->stamp == DUET_STAMP_CLOSE ? "close" : NULL;
}

/** One row per key, sorted by name: the only place that knows it. */
static const struct row {
    struct duet_data_key shown;
    enum duet_status (*set)(struct duet_data_spec *spec, const char *key, const char *value);
    const char *(*get)(const struct duet_data_spec *spec, char *out); // NULL: the text at `offset`
    size_t offset;
} rows[] = {
    {{"adjust", "none|split|total",
         "total: scale prices by the adjusted close, or by LEAN's factor files; levels and unit counts are then "
         "fictitious; split: by splits alone (LEAN)"},
        set_adjust, get_adjust},
    {{"asset", "NAME",
         "which of several instruments in one file: of columns BTC:open, BTC:high, … or of a column of symbols"},
        set_asset, NULL, offsetof(struct duet_data_spec, asset)},
    {{"bars", "5m+1h|…",
         "what the strategy sees, made of this series: the first is its primary one; also tick:N, volume:X, value:X, "
         "renko:X. Orders still meet the series itself"},
        set_bars, NULL, offsetof(struct duet_data_spec, bars)},
    {{"bid", "PATH", "bars of the bid, where the path holds those of the ask; price= says which become bars"}, set_bid,
        NULL, offsetof(struct duet_data_spec, bid)},
    {{"columns", "NAME,…", "what the columns are: time,open,high,low,close,volume …; \"-\" skips one"}, set_columns,
        NULL, offsetof(struct duet_data_spec, columns)},
    {{"comma", "thousands|decimal", "what 1,234 means, where the file leaves it open"}, set_comma, get_comma},
    {{"currency", "CODE", "of the instrument; default USD"}, set_currency, NULL,
        offsetof(struct duet_data_spec, currency)},
    {{"dates", "mdy|dmy", "what 1/2/2019 means, where the file leaves it open"}, set_dates, get_dates},
    {{"decimals", "N", "of prices, 0 to 12; default what the file shows"}, set_decimals, get_decimals},
    {{"exec", "0|1", "1: this series fills orders; default the instrument's finest"}, set_exec, get_exec},
    {{"inner", "TEXT",
         "which files of an archive or folder: part of the name, or a pattern with * and ?, whose files are one "
         "series"},
        set_inner, NULL, offsetof(struct duet_data_spec, inner)},
    {{"interval", "5m|1h|1d|…", "length of a bar; default what the labels show"}, set_interval, get_interval},
    {{"kind", "trades|quotes", "which of two kinds of files that lie beside each other; default trades"}, set_kind,
        NULL, offsetof(struct duet_data_spec, kind)},
    {{"lean", "equity|forex|crypto|…|off",
         "kind of security whose rules a LEAN file follows; default what its folders say; off: it is plain CSV"},
        set_lean, NULL, offsetof(struct duet_data_spec, lean)},
    {{"lot", "X", "smallest step of a quantity"}, set_lot, NULL, offsetof(struct duet_data_spec, lot)},
    {{"multiplier", "X", "value of one unit at price 1; default 1"}, set_multiplier, NULL,
        offsetof(struct duet_data_spec, multiplier)},
    {{"on_error", "stop|skip", "skip: leave out rows in error and count them; default stop"}, set_on_error,
        get_on_error},
    {{"price", "mid|bid|ask", "which price of quotes becomes the bar; default mid"}, set_price, NULL,
        offsetof(struct duet_data_spec, price)},
    {{"quantity_decimals", "N", "of quantities, 0 to 12"}, set_quantity_decimals, get_quantity_decimals},
    {{"stamp", "open|close", "where a label stands in its bar; default open, unless the dialect says otherwise"},
        set_stamp, get_stamp},
    {{"tick", "X", "smallest step of a price; default one unit of the last decimal"}, set_tick, NULL,
        offsetof(struct duet_data_spec, tick)},
    {{"tz", "ZONE", "of labels that state none, e.g. America/New_York; default that of the run"}, set_tz, NULL,
        offsetof(struct duet_data_spec, tz)},
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

const struct duet_data_key *duet_data_spec_key(size_t index) {
    return index < ROW_COUNT ? &rows[index].shown : NULL;
}

const char *duet_data_spec_text(const struct duet_data_spec *spec, size_t index, char out[DUET_DATA_TEXT_MAX]) {
    const struct row *row = &rows[index];
    return row->get != NULL ? row->get(spec, out) : *(char *const *)((const char *)spec + row->offset);
}

enum duet_status duet_data_spec_set(struct duet_data_spec *spec, const char *key, const char *value) {
    const char *keys[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        keys[i] = rows[i].shown.name;
        if (strcmp(key, keys[i]) == 0) {
            return rows[i].set(spec, key, value);
        }
    }
    const char *nearest = duet_nearest(key, keys, ROW_COUNT);
    if (nearest != NULL) {
        return duet_error(DUET_EINVAL, "unknown data option \"%.40s\"; did you mean \"%s\"?", key, nearest);
    }
    return duet_error(DUET_EINVAL, "unknown data option \"%.40s\"; e.g. tz=, stamp=, interval=, columns=", key);
}

/** Where the path ends: the longest existing one wins, else it ends at the first comma. */
static size_t path_length(const char *text) {
    char *candidate = duet_strdup(text);
    size_t length = strlen(candidate);
    while (access(candidate, F_OK) != 0) {
        char *comma = strrchr(candidate, ',');
        if (comma == NULL) {
            length = strcspn(text, ",");
            break;
        }
        *comma = '\0';
        length = (size_t)(comma - candidate);
    }
    free(candidate);
    return length;
}

/** Does what follows a comma begin another `key=`, or is it still the value before? */
static bool starts_option(const char *text) {
    size_t key = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
    return key > 0 && text[key] == '=';
}

static enum duet_status parse_options(struct duet_data_spec *spec, char *text) {
    while (*text != '\0') {
        char *end = strchr(text, ',');
        while (end != NULL && strncmp(text, "columns=", 8) == 0 && !starts_option(end + 1)) {
            end = strchr(end + 1, ',');
        }
        char *next = end == NULL ? text + strlen(text) : end + 1;
        if (end != NULL) {
            *end = '\0';
        }
        char *equals = strchr(text, '=');
        if (equals == NULL) {
            return duet_error(DUET_EINVAL, "data option \"%.60s\" has no value; write key=value", text);
        }
        *equals = '\0';
        enum duet_status status = duet_data_spec_set(spec, text, equals + 1);
        if (status != DUET_OK) {
            return status;
        }
        text = next;
    }
    return DUET_OK;
}

enum duet_status duet_data_spec_parse(const char *text, struct duet_data_spec *out) {
    struct duet_data_spec spec = {.decimals = -1, .quantity_decimals = -1};
    char *copy = duet_strdup(text);
    char *path = copy;
    enum duet_status status = DUET_OK;
    char *equals = strchr(copy, '=');
    char *comma = strchr(copy, ',');
    // An `=` behind a comma belongs to an option, one in an existing path or behind "./" or "/" to the path.
    if (equals != NULL && (comma == NULL || equals < comma) && *text != '/' && *text != '.' &&
        access(text, F_OK) != 0) {
        *equals = '\0';
        size_t length = strlen(copy);
        if (length == 0 || length >= DUET_SYMBOL_MAX || copy[strcspn(copy, " \t\r\n")] != '\0') {
            status = duet_error(DUET_EINVAL, "\"%.60s\" is not a symbol; write SYMBOL=PATH", copy);
            goto done;
        }
        replace(&spec.symbol, copy);
        path = equals + 1;
    }
    size_t length = path_length(path);
    if (length == 0) {
        status = duet_error(DUET_EINVAL, "\"%.100s\" names no file; write SYMBOL=PATH", text);
        goto done;
    }
    char *options = path + length;
    if (*options == ',') {
        *options++ = '\0';
    }
    replace(&spec.path, path);
    status = parse_options(&spec, options);
done:
    free(copy);
    if (status != DUET_OK) {
        duet_data_spec_finish(&spec);
        return status;
    }
    *out = spec;
    return DUET_OK;
}

void duet_data_spec_finish(struct duet_data_spec *spec) {
    free(spec->symbol);
    free(spec->path);
    free(spec->tz);
    free(spec->columns);
    free(spec->bars);
    free(spec->currency);
    free(spec->tick);
    free(spec->lot);
    free(spec->multiplier);
    free(spec->inner);
    free(spec->asset);
    free(spec->kind);
    free(spec->price);
    free(spec->lean);
    free(spec->bid);
    *spec = (struct duet_data_spec){.decimals = -1, .quantity_decimals = -1};
}

bool duet_data_spec_is_gateway(const struct duet_data_spec *spec) {
    return spec->path != NULL && strcmp(spec->path, "gateway") == 0;
}
