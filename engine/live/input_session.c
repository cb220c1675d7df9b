#include "engine/live/input_session.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/live/live_config.h"

/** Of the record's form; a later program may only append keys. */
#define RECORD_VERSION 1

/** Journals are passed on, and such an address may hold a secret. */
static void append_but_secrets(const char *text, struct duet_text *out) {
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        length += text[length] == '\n';
        if (strncmp(text + strspn(text, " "), "alert_url:", strlen("alert_url:")) != 0) {
            duet_text_append(out, text, length);
        }
        text += length;
    }
}

enum duet_status duet_session_config_text(const struct duet_config *config, struct duet_text *out) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL) {
        return duet_error(DUET_ENOMEM, "no memory to write the configuration");
    }
    enum duet_status status = duet_config_print(config, stream);
    if (fclose(stream) != 0 && status == DUET_OK) {
        status = duet_error(DUET_ENOMEM, "no memory to write the configuration");
    }
    if (status == DUET_OK) {
        append_but_secrets(text, out);
    }
    free(text);
    return status;
}

/* ------------------------------------------------------------------------------------------------------ writing */

static json_t *instruments_json(const struct duet_instruments *instruments) {
    json_t *rows = json_array();
    for (uint32_t i = 0; i < instruments->count; i++) {
        const struct duet_instrument *item = &instruments->items[i];
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:i, s:i, s:I, s:I, s:I}", "symbol", item->symbol, "currency", item->currency,
                      "price_decimals", (int)item->price_decimals, "quantity_decimals", (int)item->quantity_decimals,
                      "tick", (json_int_t)item->tick_scaled, "lot", (json_int_t)item->lot_scaled, "multiplier",
                      (json_int_t)item->multiplier));
    }
    return rows;
}

static json_t *series_json(const struct duet_core_options *options) {
    json_t *rows = json_array();
    for (uint32_t i = 0; i < options->series_count; i++) {
        const struct duet_core_series *item = &options->series[i];
        json_array_append_new(
            rows, json_pack("{s:i, s:I, s:i, s:b, s:b, s:i, s:s}", "instrument", (int)item->instrument, "interval_ns",
                      (json_int_t)item->interval_ns, "price_decimals", (int)item->price_decimals, "primary",
                      item->primary, "executes", item->executes, "kind", (int)item->kind, "tz", item->tz));
    }
    return rows;
}

/** The file wherever the next program is started from; the name of a bundled one as it is. */
static char *plugin_path(const struct duet_core_options *options) {
    const char *name = options->config->strategy;
    char *path = options->plugin->library != NULL ? realpath(name, NULL) : NULL;
    return path != NULL ? path : duet_strdup(name);
}

enum duet_status duet_session_record_write(const struct duet_core_options *options, struct duet_text *out) {
    struct duet_text config = {0};
    enum duet_status status = duet_session_config_text(options->config, &config);
    if (status != DUET_OK) {
        duet_text_finish(&config);
        return status;
    }
    char *path = plugin_path(options);
    json_t *record = json_pack("{s:i, s:s, s:{s:s, s:s, s:s}, s:s%, s:o, s:o}", "session", RECORD_VERSION, "duet",
        DUET_VERSION, "plugin", "name", options->plugin->name, "path", path, "sha256", options->plugin->sha256,
        "config", config.text, config.length, "instruments", instruments_json(options->instruments), "series",
        series_json(options));
    char *text = record != NULL ? json_dumps(record, JSON_INDENT(1)) : NULL;
    if (text != NULL) {
        duet_text_append(out, text, strlen(text));
    } else {
        status = duet_error(DUET_EINVAL, "the configuration is not UTF-8 text and cannot be journaled");
    }
    free(text);
    json_decref(record);
    free(path);
    duet_text_finish(&config);
    return status;
}

/* ------------------------------------------------------------------------------------------------------ reading */

static enum duet_status refuse(const char *what) {
    return duet_error(DUET_EDATA, "the first record of the journal is no description of a session: %s", what);
}

static enum duet_status read_instruments(json_t *rows, struct duet_instruments *out) {
    size_t count = json_array_size(rows);
    if (count == 0 || count > DUET_INSTRUMENTS_MAX) {
        return refuse("no instruments");
    }
    struct duet_instrument *items = duet_alloc(count, sizeof(*items));
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < count; i++) {
        const char *symbol, *currency;
        int price_decimals, quantity_decimals;
        json_int_t tick, lot, multiplier;
        if (json_unpack(json_array_get(rows, i), "{s:s, s:s, s:i, s:i, s:I, s:I, s:I}", "symbol", &symbol, "currency",
                &currency, "price_decimals", &price_decimals, "quantity_decimals", &quantity_decimals, "tick", &tick,
                "lot", &lot, "multiplier", &multiplier) != 0 ||
            price_decimals < 0 || quantity_decimals < 0) {
            status = refuse("a damaged instrument");
            break;
        }
        duet_text_copy(items[i].symbol, sizeof(items[i].symbol), symbol);
        duet_text_copy(items[i].currency, sizeof(items[i].currency), currency);
        items[i].price_decimals = (uint32_t)price_decimals;
        items[i].quantity_decimals = (uint32_t)quantity_decimals;
        items[i].tick_scaled = tick;
        items[i].lot_scaled = lot;
        items[i].multiplier = multiplier;
    }
    if (status == DUET_OK) {
        status = duet_instruments_create(items, (uint32_t)count, out);
    }
    free(items);
    return status;
}

static enum duet_status read_series(json_t *rows, struct duet_session_record *out) {
    size_t count = json_array_size(rows);
    if (count == 0 || count > UINT32_MAX) {
        return refuse("no series");
    }
    out->series = duet_alloc(count + 1, sizeof(*out->series));
    out->series_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        int instrument, price_decimals, primary, executes, kind = DUET_KIND_BARS; // older records have bars only
        json_int_t interval_ns;
        const char *tz = ""; // records of before there were longer bars have none
        if (json_unpack(json_array_get(rows, i), "{s:i, s:I, s:i, s:b, s:b, s?i, s?s}", "instrument", &instrument,
                "interval_ns", &interval_ns, "price_decimals", &price_decimals, "primary", &primary, "executes",
                &executes, "kind", &kind, "tz", &tz) != 0 ||
            instrument < 0 || (uint32_t)instrument >= out->instruments.count || price_decimals < 0 ||
            price_decimals > DUET_DECIMALS_MAX || kind < DUET_KIND_BARS || kind > DUET_KIND_QUOTES ||
            (kind == DUET_KIND_BARS ? interval_ns <= 0 : interval_ns != 0)) {
            return refuse("a damaged series");
        }
        out->series[i] = (struct duet_core_series){.instrument = (uint32_t)instrument,
            .price_decimals = (uint32_t)price_decimals,
            .interval_ns = interval_ns,
            .kind = (enum duet_data_kind)kind,
            .primary = primary != 0,
            .executes = executes != 0};
        duet_text_copy(out->series[i].tz, sizeof(out->series[i].tz), tz);
    }
    return DUET_OK;
}

static enum duet_status read_json(json_t *record, struct duet_session_record *out) {
    int version;
    const char *name, *path, *sha256, *config;
    size_t config_size;
    json_t *instruments, *series;
    if (record == NULL || json_unpack(record, "{s:i}", "session", &version) != 0) {
        return refuse("not JSON, or without \"session\"");
    }
    if (version != RECORD_VERSION) {
        return duet_error(
            DUET_EABI, "the session was recorded in form %d, this program reads form %d", version, RECORD_VERSION);
    }
    if (json_unpack(record, "{s:{s:s, s:s, s:s}, s:s%, s:o, s:o}", "plugin", "name", &name, "path", &path, "sha256",
            &sha256, "config", &config, &config_size, "instruments", &instruments, "series", &series) != 0) {
        return refuse("a part is missing");
    }
    duet_text_copy(out->plugin, sizeof(out->plugin), name);
    duet_text_copy(out->plugin_path, sizeof(out->plugin_path), path);
    duet_text_copy(out->plugin_sha256, sizeof(out->plugin_sha256), sha256);
    enum duet_status status = duet_config_load_bytes(&out->config, "the recorded configuration", config, config_size);
    if (status == DUET_OK) {
        status = duet_zone_open(out->config.tz == NULL ? "UTC" : out->config.tz, &out->zone);
    }
    if (status == DUET_OK) {
        status = read_instruments(instruments, &out->instruments);
    }
    return status == DUET_OK ? read_series(series, out) : status;
}

enum duet_status duet_session_record_read(const void *bytes, size_t size, struct duet_session_record *out) {
    *out = (struct duet_session_record){0};
    duet_config_init(&out->config);
    (void)duet_config_live(&out->config);
    json_t *record = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
    enum duet_status status = read_json(record, out);
    json_decref(record);
    if (status != DUET_OK) {
        duet_session_record_finish(out);
    }
    return status;
}

void duet_session_record_finish(struct duet_session_record *record) {
    duet_zone_close(record->zone);
    free(record->series);
    duet_instruments_finish(&record->instruments);
    duet_config_finish(&record->config);
    *record = (struct duet_session_record){0};
}
