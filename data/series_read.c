#include "data/series_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "data/csv.h"
#include "data/order.h"
#include "data/pair.h"
#include "data/parts.h"
#include "data/table.h"

/* A folder is read with what is known so far, which leaves out the decimals and width of later files. Where one of them
 * disagrees, the rest is read for what it says, and then all of it again. Two repeats settle everything: one for
 * decimals, one for a width that only shows at those decimals. */
#define READ_ATTEMPTS_MAX 3

struct series_reading {
    struct duet_cache_writer *writer;
    const struct duet_data_info *info; // of the file being read
    struct duet_cache_mark mark; // where that begins
    bool discard; // this attempt is lost; go on for what the files say
    bool any_wide, decimals_differ;
    struct duet_parts parts; // what has been read in this attempt
};

static enum duet_status reading_restart(void *argument, bool wide) {
    struct series_reading *reading = argument;
    struct duet_cache_writer *writer = reading->writer;
    reading->any_wide = reading->any_wide || wide;
    if (wide && writer->width != sizeof(struct duet_record48)) {
        if (reading->mark.count == 0) {
            return duet_cache_writer_restart(writer, true);
        }
        reading->discard = true;
    }
    return reading->discard ? DUET_OK : duet_cache_writer_rewind(writer, &reading->mark);
}

static enum duet_status reading_take(void *argument, const void *records, size_t count, bool wide) {
    struct series_reading *reading = argument;
    if (__builtin_expect(wide && reading->writer->width != sizeof(struct duet_record48), 0)) {
        enum duet_status status = reading_restart(reading, true); // the first batch may be what announces the width
        if (status != DUET_OK) {
            return status;
        }
    }
    reading->writer->gap_limit_ns = duet_order_gap_limit(reading->info->interval_ns);
    return reading->discard ? DUET_OK : duet_cache_writer_take(reading->writer, records, count, wide);
}

/** Add what a later file says to what the folder says so far. */
static void series_join(struct duet_data_info *whole, const struct duet_data_info *part) {
    whole->rows += part->rows;
    whole->skipped += part->skipped;
    for (size_t i = 0; i < DUET_DATA_WARNING_COUNT; i++) {
        whole->warnings[i] += part->warnings[i];
        if (whole->warning_line[i] == 0) {
            whole->warning_line[i] = part->warning_line[i];
        }
    }
    if (part->rows > part->skipped) {
        if (part->first_ns < whole->first_ns) {
            whole->first_ns = part->first_ns;
            duet_text_copy(whole->first, sizeof(whole->first), part->first);
        }
        if (part->last_ns > whole->last_ns) {
            whole->last_ns = part->last_ns;
            duet_text_copy(whole->last, sizeof(whole->last), part->last);
        }
    }
    whole->price_decimals = part->price_decimals > whole->price_decimals ? part->price_decimals : whole->price_decimals;
    whole->quantity_decimals =
        part->quantity_decimals > whole->quantity_decimals ? part->quantity_decimals : whole->quantity_decimals;
    whole->tz_assumed = whole->tz_assumed || part->tz_assumed;
    whole->has_volume = whole->has_volume && part->has_volume;
    whole->adjusted_differs = whole->adjusted_differs || part->adjusted_differs;
}

static enum duet_status series_agree(
    const char *first_file, const struct duet_data_info *first, const char *file, const struct duet_data_info *info) {
    char a[24], b[24];
    if (info->kind != first->kind) {
        return duet_error(DUET_EDATA, "%s: other contents than %s; one folder is one series", file, first_file);
    }
    if (info->interval_ns != first->interval_ns) {
        return duet_error(DUET_EDATA, "%s: bars of %s, but %s has bars of %s; give interval= or separate the files",
            file, duet_interval_format(info->interval_ns, a), first_file, duet_interval_format(first->interval_ns, b));
    }
    if (strcmp(info->tz, first->tz) != 0) {
        return duet_error(DUET_EDATA, "%s: labels in %s, but %s has them in %s; give tz= or separate the files", file,
            info->tz, first_file, first->tz);
    }
    return DUET_OK;
}

/** Add one more document's rows to the series. */
static enum duet_status reading_table(struct series_reading *reading, const struct duet_table *table,
    const struct duet_series_options *options, struct duet_data_info *info) {
    struct duet_csv_sink sink = {.take = reading_take, .restart = reading_restart, .argument = reading};
    struct duet_data_info part = {0};
    struct duet_csv_order order = {0};
    bool first = reading->parts.count == 0;
    reading->info = &part;
    reading->mark = duet_cache_writer_mark(reading->writer);
    enum duet_status status = duet_csv_read_table(table, options, &sink, &part, &order);
    if (status == DUET_OK && !first) {
        status = series_agree(reading->parts.items[0].name, info, table->name, &part);
    }
    if (status != DUET_OK) {
        *info = part;
        return status;
    }
    duet_parts_add(&reading->parts, table->name, part.first_ns, part.last_ns);
    if (first) {
        *info = part;
        info->descending = order.descending;
    } else {
        reading->decimals_differ = reading->decimals_differ || part.price_decimals != info->price_decimals;
        series_join(info, &part);
    }
    return DUET_OK;
}

static enum duet_status reading_file(struct series_reading *reading, const char *file,
    const struct duet_data_spec *spec, const struct duet_series_options *options, struct duet_data_info *info) {
    struct duet_documents *documents = NULL;
    struct duet_document document;
    struct duet_table table;
    struct duet_data_info refused = {.kind = DUET_KIND_OTHER};
    duet_text_copy(refused.path, sizeof(refused.path), file);
    enum duet_status status = duet_documents_open(file, &refused, &documents);
    for (size_t i = 0; status == DUET_OK && i < duet_documents_count(documents); i++) {
        if (!duet_parts_wants(spec, file, documents, i)) {
            continue;
        }
        status = duet_documents_get(documents, i, &refused, &document);
        if (status == DUET_OK) {
            status = duet_table_open(&document, spec, &refused, &table);
        }
        if (status == DUET_OK && spec->bid != NULL) {
            status = duet_pair_join(&table, spec, &refused);
            if (status != DUET_OK) {
                duet_table_finish(&table);
            }
        }
        if (status != DUET_OK) {
            break;
        }
        status = reading_table(reading, &table, options, info);
        duet_table_finish(&table);
        if (status != DUET_OK) {
            duet_documents_close(documents);
            return status; // `info` knows
        }
    }
    if (status != DUET_OK) {
        *info = refused;
    }
    duet_documents_close(documents);
    return status;
}

/** One pass over all files. `*again`: they disagree on decimals or width, which `spec` and `reading` now know. */
static enum duet_status series_attempt(const struct duet_source *source, struct duet_data_spec *spec,
    const struct duet_series_options *options, struct series_reading *reading, struct duet_data_info *info,
    bool *again) {
    enum duet_status status = DUET_OK;
    reading->discard = reading->decimals_differ = false;
    duet_parts_finish(&reading->parts);
    for (size_t i = 0; status == DUET_OK && i < source->count; i++) {
        status = reading_file(reading, source->files[i], spec, options, info);
    }
    if (status == DUET_OK) {
        status = duet_parts_check(&reading->parts, source, spec, info);
    }
    *again = reading->discard || reading->decimals_differ;
    spec->decimals = (int)info->price_decimals;
    return status;
}

static enum duet_status reading_all(struct series_reading *reading, const struct duet_source *source,
    const struct duet_data_spec *spec, const struct duet_series_options *options, struct duet_data_info *info) {
    struct duet_cache_writer *writer = reading->writer;
    struct duet_data_spec forced = *spec; // its texts stay the caller's
    bool again = true;
    for (int attempt = 0; again && attempt < READ_ATTEMPTS_MAX; attempt++) {
        enum duet_status status = duet_cache_writer_restart(writer, reading->any_wide && attempt > 0);
        if (status != DUET_OK) {
            return status;
        }
        writer->widen_scale = forced.decimals >= 0 ? (double)duet_pow10((unsigned)forced.decimals) : 1;
        status = series_attempt(source, &forced, options, reading, info, &again);
        if (status != DUET_OK) {
            return status;
        }
    }
    if (again) {
        return duet_error(DUET_EDATA, "%s: its files disagree on decimals; give decimals=", source->path);
    }
    if (source->folder || reading->parts.count > 1) {
        duet_text_copy(info->path, sizeof(info->path), source->path);
        if (spec->symbol == NULL) {
            duet_source_symbol(source->path, info->symbol, sizeof(info->symbol));
        }
    }
    info->warnings[DUET_DATA_LEFT_OUT] = source->left_out;
    return duet_cache_writer_settle(writer, info);
}

enum duet_status duet_series_read(const struct duet_source *source, const struct duet_data_spec *spec,
    const struct duet_series_options *options, struct duet_cache_writer *writer, struct duet_data_info *info) {
    struct series_reading reading = {.writer = writer};
    enum duet_status status = reading_all(&reading, source, spec, options, info);
    duet_parts_finish(&reading.parts);
    return status;
}
