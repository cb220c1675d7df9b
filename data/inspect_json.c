#include <string.h>

#include <duet/bar.h>

#include "base/json.h"
#include "data/inspect.h"

static void put_text(struct duet_json *json, const char *name, const char *text) {
    if (text[0] != '\0') {
        duet_json_string(json, name, text);
    } else {
        duet_json_null(json, name);
    }
}

/** A number that counts from 1; 0 is null. */
static void put_number(struct duet_json *json, const char *name, uint64_t number) {
    if (number > 0) {
        duet_json_uint(json, name, number);
    } else {
        duet_json_null(json, name);
    }
}

static void put_interval(struct duet_json *json, int64_t interval_ns) {
    if (interval_ns > 0 && interval_ns % DUET_SECOND_NS != 0) {
        duet_json_double(json, "interval_s", (double)interval_ns / 1e9);
    } else {
        put_number(json, "interval_s", (uint64_t)(interval_ns / DUET_SECOND_NS));
    }
}

static void put_warnings(struct duet_json *json, const struct duet_data_info *info) {
    duet_json_open(json, "warnings", '[');
    for (int i = 0; i < DUET_DATA_WARNING_COUNT; i++) {
        if (info->warnings[i] > 0) {
            duet_json_open(json, NULL, '{');
            duet_json_string(json, "code", duet_data_warning_code((enum duet_data_warning)i));
            duet_json_uint(json, "count", info->warnings[i]);
            put_number(json, "first", info->warning_line[i]);
            duet_json_close(json, '}');
        }
    }
    duet_json_close(json, ']');
}

/** {"inner": [names]}: what a run has to choose from, and with which key; not there where it has no choice. */
static void put_choices(struct duet_json *json, const struct duet_data_info *info) {
    if (info->choice_key == NULL) {
        return;
    }
    duet_json_open(json, "choose", '{');
    duet_json_open(json, info->choice_key, '[');
    for (const char *at = info->choices; *at != '\0';) {
        char name[sizeof(info->choices)];
        size_t length = strcspn(at, ",");
        memcpy(name, at, length);
        name[length] = '\0';
        duet_json_string(json, NULL, name);
        at += length + (at[length] == ',');
    }
    duet_json_close(json, ']');
    duet_json_close(json, '}');
}

static void put_error(struct duet_json *json, const struct duet_inspection *item) {
    duet_json_open(json, "error", '{');
    put_number(json, "line", item->info.error_line);
    put_text(json, "column", item->info.error_column);
    put_text(json, "reason", item->reason);
    duet_json_close(json, '}');
}

static void put_file(struct duet_json *json, const struct duet_inspection *item) {
    static const char *const stamps[] = {"", "open", "close"};
    const struct duet_data_info *info = &item->info;
    duet_json_open(json, NULL, '{');
    put_text(json, "path", info->path);
    duet_json_string(json, "kind", duet_data_kind_text(info->kind));
    put_text(json, "dialect", info->dialect);
    put_text(json, "symbol", info->symbol);
    put_text(json, "columns", info->columns);
    duet_json_uint(json, "rows", info->rows);
    duet_json_uint(json, "skipped", info->skipped);
    put_text(json, "first", info->first);
    put_text(json, "last", info->last);
    put_interval(json, info->interval_ns);
    put_text(json, "tz", info->tz);
    put_text(json, "stamp", stamps[info->stamp]);
    duet_json_uint(json, "decimals", info->price_decimals);
    duet_json_uint(json, "gaps", info->warnings[DUET_DATA_GAP]);
    duet_json_uint(json, "duplicates", info->warnings[DUET_DATA_DUPLICATE]);
    duet_json_uint(json, "out_of_order", info->warnings[DUET_DATA_OUT_OF_ORDER]);
    duet_json_uint(json, "ohlc_violations", info->warnings[DUET_DATA_OHLC_VIOLATION]);
    put_choices(json, info);
    put_warnings(json, info);
    if (item->refused) {
        put_error(json, item);
    }
    duet_json_close(json, '}');
}

void duet_inspect_write_json(const struct duet_inspection *items, size_t count, FILE *out) {
    struct duet_json json = {.stream = out};
    duet_json_open(&json, NULL, '{');
    duet_json_uint(&json, "schema", 1);
    duet_json_open(&json, "files", '[');
    for (size_t i = 0; i < count; i++) {
        put_file(&json, &items[i]);
    }
    duet_json_close(&json, ']');
    duet_json_close(&json, '}');
    fputc('\n', out);
}
