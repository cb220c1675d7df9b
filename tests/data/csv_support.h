/* Reading CSV in tests: a sink that keeps every record as a wide one, and the spec of "key=value,key=value". */
#ifndef DUET_TESTS_DATA_CSV_SUPPORT_H
#define DUET_TESTS_DATA_CSV_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "data/csv.h"
#include "support/suite.h"

/** What was read. Prices of narrow records stay integers in `scaled`. */
struct read_file {
    struct duet_data_info info;
    struct duet_csv_order order;
    enum duet_status status;
    bool wide;
    size_t count, restarts, batches;
    struct duet_record48 *records; // prices in whole units
    int64_t (*scaled)[4]; // narrow only
};

static enum duet_status sink_take(void *argument, const void *records, size_t count, bool wide) {
    struct read_file *file = argument;
    ck_assert(wide == file->wide);
    file->batches++;
    file->records = realloc(file->records, (file->count + count) * sizeof(*file->records));
    file->scaled = realloc(file->scaled, (file->count + count) * sizeof(*file->scaled));
    for (size_t i = 0; i < count; i++) {
        struct duet_record48 *out = &file->records[file->count];
        if (wide) {
            *out = ((const struct duet_record48 *)records)[i];
        } else {
            const struct duet_record32 *in = &((const struct duet_record32 *)records)[i];
            *out = (struct duet_record48){.open_ns = in->open_ns,
                .open = in->open,
                .high = in->high,
                .low = in->low,
                .close = in->close,
                .volume = in->volume};
            int64_t scaled[4] = {in->open, in->high, in->low, in->close};
            memcpy(file->scaled[file->count], scaled, sizeof(scaled));
        }
        file->count++;
    }
    return DUET_OK;
}

static enum duet_status sink_restart(void *argument, bool wide) {
    struct read_file *file = argument;
    file->count = 0;
    file->restarts++;
    file->wide = wide;
    return DUET_OK;
}

static struct duet_data_spec spec_of(const char *options) {
    struct duet_data_spec spec;
    char text[256];
    snprintf(text, sizeof(text), "X=none.csv%s%s", *options == '\0' ? "" : ",", options);
    ck_assert_msg(duet_data_spec_parse(text, &spec) == DUET_OK, "%s: %s", text, duet_error_text());
    return spec;
}

static void unscale(struct read_file *file) {
    for (size_t i = 0; file->status == DUET_OK && !file->wide && i < file->count; i++) {
        struct duet_record48 *record = &file->records[i];
        record->open = duet_unscale(file->scaled[i][0], file->info.price_decimals);
        record->high = duet_unscale(file->scaled[i][1], file->info.price_decimals);
        record->low = duet_unscale(file->scaled[i][2], file->info.price_decimals);
        record->close = duet_unscale(file->scaled[i][3], file->info.price_decimals);
    }
}

/** Read bytes as the file "t.csv". */
static inline struct read_file read_bytes(const char *bytes, size_t size, const char *options) {
    struct read_file file = {0};
    struct duet_csv_sink sink = {sink_take, sink_restart, &file};
    struct duet_data_spec spec = spec_of(options);
    file.status = duet_csv_read_bytes("t.csv", bytes, size, &spec, &sink, &file.info, &file.order);
    duet_data_spec_finish(&spec);
    unscale(&file);
    return file;
}

static inline struct read_file read_text(const char *text, const char *options) {
    return read_bytes(text, strlen(text), options);
}

static inline struct read_file read_path(const char *path, const char *options) {
    struct read_file file = {0};
    struct duet_csv_sink sink = {sink_take, sink_restart, &file};
    struct duet_data_spec spec = spec_of(options);
    file.status = duet_csv_read(path, &spec, NULL, &sink, &file.info, &file.order);
    duet_data_spec_finish(&spec);
    unscale(&file);
    return file;
}

static inline void read_finish(struct read_file *file) {
    free(file->records);
    free(file->scaled);
}

#endif
