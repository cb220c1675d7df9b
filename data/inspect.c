#include "data/inspect.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "components/parallel.h"
#include "data/tick_series.h"
#include "data/ticks.h"

const char *duet_data_kind_text(enum duet_data_kind kind) {
    static const char *const texts[] = {"bars", "trades", "quotes", "book", "other"};
    return (size_t)kind < sizeof(texts) / sizeof(texts[0]) ? texts[kind] : "other";
}

enum duet_status duet_inspect_parse(const char *text, struct duet_data_spec *spec) {
    if (access(text, F_OK) == 0 || strchr(text, '=') == NULL) {
        *spec = (struct duet_data_spec){.decimals = -1, .quantity_decimals = -1, .path = duet_strdup(text)};
        return DUET_OK;
    }
    return duet_data_spec_parse(text, spec);
}

/** A close, a trade's price, the middle of a quote; of one without a side, the other. */
static double inspect_value(const struct duet_series *series, uint64_t index) {
    struct duet_bar bar;
    int64_t scaled;
    if (duet_series_is_ticks(series)) {
        return duet_series_tick_price(series, index, &scaled);
    }
    duet_series_bar(series, index, &bar);
    return bar.close;
}

/** Closes or prices at evenly spread places; none where the cache turns out to be damaged, which is no fault of the
 * file. */
static void inspect_sample(struct duet_series *series, struct duet_inspection *item) {
    size_t wanted = series->count < DUET_SPARKLINE_MAX ? (size_t)series->count : DUET_SPARKLINE_MAX;
    for (size_t i = 0; i < wanted; i++) {
        uint64_t index = wanted == 1 ? 0 : (uint64_t)((double)(series->count - 1) / (double)(wanted - 1) * (double)i);
        if (duet_series_verify(series, index) != DUET_OK) {
            item->sample_count = 0;
            return;
        }
        double value = inspect_value(series, index);
        item->samples[i] = value;
        item->lowest = i == 0 || value < item->lowest ? value : item->lowest;
        item->highest = i == 0 || value > item->highest ? value : item->highest;
    }
    item->sample_count = wanted;
}

/** The label after which the first gap begins. */
static void inspect_find_gap(const struct duet_series *series, struct duet_inspection *item) {
    uint64_t index;
    bool found = series->info.warnings[DUET_DATA_GAP] > 0 && duet_series_first_gap(series, &index);
    item->gap_ns = found ? duet_series_open_ns(series, index) : INT64_MIN;
}

/**
 * Of what is no single series of bars, what its rows tell. Trades, quotes, books and bars of several instruments are
 * understood so far; of anything else with times the rows are told and the refusal stands.
 */
static enum duet_status inspect_rows(
    const struct duet_data_spec *spec, enum duet_status refused, struct duet_data_info *info) {
    bool several = info->choice_key != NULL;
    if (refused != DUET_EDATA || (info->kind == DUET_KIND_BARS && !several)) {
        return refused;
    }
    struct duet_data_info rows;
    enum duet_status status = duet_ticks_survey(spec, &rows);
    if (several) {
        if (rows.choices[0] == '\0') {
            duet_text_copy(rows.choices, sizeof(rows.choices), info->choices);
        }
        rows.choice_key = info->choice_key;
        rows.kind = info->kind;
    } else if (rows.kind == DUET_KIND_OTHER || rows.kind == DUET_KIND_BARS) {
        if (status != DUET_OK) {
            return refused;
        }
        status = refused;
        rows.error_line = info->error_line;
        duet_text_copy(rows.error_column, sizeof(rows.error_column), info->error_column);
        duet_text_copy(rows.error_reason, sizeof(rows.error_reason), info->error_reason);
    }
    *info = rows;
    return status;
}

static void inspect_one(
    const struct duet_data_spec *spec, const struct duet_series_options *given, struct duet_inspection *item) {
    struct duet_series_options options = given != NULL ? *given : (struct duet_series_options){0};
    struct duet_series *series = NULL;
    options.refused = &item->info;
    enum duet_status status = duet_series_open(spec, &options, &series);
    if (status == DUET_OK) {
        item->info = series->info;
        inspect_sample(series, item);
        inspect_find_gap(series, item);
        duet_series_close(series);
    } else {
        status = inspect_rows(spec, status, &item->info);
    }
    if (status != DUET_OK) {
        const char *reason = item->info.error_reason[0] != '\0' ? item->info.error_reason : duet_error_text();
        item->refused = true;
        duet_text_copy(item->reason, sizeof(item->reason), reason);
    }
}

/** Everything that is to be inspected; items by index. */
struct inspection_run {
    struct duet_data_spec *specs; // owned
    struct duet_inspection *items; // owned
    size_t count, refused;
    const struct duet_inspect_options *options;
    FILE *out;
};

/** A pattern that the shell has not expanded stands for its files; without a match for itself, which is then refused.
 */
static enum duet_status inspect_add(struct inspection_run *run, const char *path) {
    struct duet_data_spec spec, *files = NULL;
    size_t count = 0;
    enum duet_status status = duet_inspect_parse(path, &spec);
    if (status != DUET_OK) {
        return status;
    }
    status = duet_data_spec_expand(&spec, &files, &count);
    if (status == DUET_EDATA) {
        files = duet_alloc(1, sizeof(*files));
        duet_data_spec_copy(&spec, files);
        count = 1;
        status = DUET_OK;
    }
    if (status == DUET_OK) {
        run->specs = duet_realloc(run->specs, run->count + count, sizeof(*files));
        memcpy(&run->specs[run->count], files, count * sizeof(*files));
        run->count += count;
    }
    free(files);
    duet_data_spec_finish(&spec);
    return status;
}

static void inspect_work(void *argument, size_t index) {
    const struct inspection_run *run = argument;
    inspect_one(&run->specs[index], run->options->series, &run->items[index]);
}

static void inspect_done(void *argument, size_t index) {
    struct inspection_run *run = argument;
    run->refused += run->items[index].refused;
    if (!run->options->json) {
        duet_inspect_write_text(&run->items[index], run->options, run->out);
        (void)fflush(run->out);
    }
}

enum duet_status duet_inspect(
    const char *const *paths, size_t count, const struct duet_inspect_options *options, FILE *out) {
    struct inspection_run run = {.options = options, .out = out};
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < count; i++) {
        status = inspect_add(&run, paths[i]);
    }
    if (status == DUET_OK) {
        run.items = duet_alloc(run.count + 1, sizeof(*run.items));
        duet_parallel_for(run.count, 0, inspect_work, inspect_done, &run);
    }
    if (status == DUET_OK && options->json) {
        duet_inspect_write_json(run.items, run.count, out);
    }
    if (status == DUET_OK && (fflush(out) != 0 || ferror(out))) {
        status = duet_error(DUET_EIO, "the result could not be written");
    }
    if (status == DUET_OK && run.refused > 0) {
        status = duet_error(DUET_EDATA, "%zu of %zu paths could not be read", run.refused, run.count);
    }
    for (size_t i = 0; i < run.count; i++) {
        duet_data_spec_finish(&run.specs[i]);
    }
    free(run.specs);
    free(run.items);
    return status;
}
