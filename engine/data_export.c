#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/time.h"
#include "data/inspect.h"
#include "data/tick_series.h"
#include "data/zone.h"
#include "engine/commands.h"
#include "engine/config.h"
#include "engine/data_commands.h"
#include "report/digits.h"

#define ROW_BYTES_MAX 512

/** An open series on its way into a file. */
struct export {
    struct duet_series *series;
    FILE *out;
    uint64_t first, end;
    bool by_date; // labels are dates in the series' zone
};

static char *put_time(const struct export *export, char *at, int64_t ns) {
    char text[DUET_TIME_TEXT_MAX];
    if (export->by_date) {
        duet_time_format(ns + duet_zone_offset_ns(export->series->zone, ns), text);
        text[strlen("YYYY-MM-DD")] = '\0';
        return duet_put_text(at, text);
    }
    return duet_put_text(at, duet_time_format_iso(ns, text));
}

static char *put_price(const struct export *export, char *at, double value, int64_t scaled) {
    *at++ = ',';
    const struct duet_series *series = export->series;
    bool lossless = series->records48 == NULL && !series->ticks_wide;
    return lossless ? duet_put_decimal(at, scaled, series->info.price_decimals) : duet_put_double(at, value);
}

static char *put_number(char *at, double value) {
    *at++ = ',';
    return duet_put_double(at, value);
}

static char *put_bar(const struct export *export, uint64_t index, char *at) {
    struct duet_bar bar;
    duet_series_bar(export->series, index, &bar);
    at = put_time(export, at, bar.open_ns);
    at = put_price(export, at, bar.open, bar.open_scaled);
    at = put_price(export, at, bar.high, bar.high_scaled);
    at = put_price(export, at, bar.low, bar.low_scaled);
    at = put_price(export, at, bar.close, bar.close_scaled);
    return export->series->info.has_volume ? put_number(at, bar.volume) : at;
}

static char *put_trade(const struct export *export, uint64_t index, char *at) {
    struct duet_trade trade;
    duet_series_trade(export->series, index, &trade);
    at = put_time(export, at, trade.time_ns);
    at = put_price(export, at, trade.price, trade.price_scaled);
    at = put_number(at, trade.quantity);
    return duet_put_text(at, trade.side > 0 ? ",buy" : trade.side < 0 ? ",sell" : ",");
}

static char *put_quote(const struct export *export, uint64_t index, char *at) {
    struct duet_quote quote;
    duet_series_quote(export->series, index, &quote);
    at = put_time(export, at, quote.time_ns);
    at = put_price(export, at, quote.bid, quote.bid_scaled);
    at = put_price(export, at, quote.ask, quote.ask_scaled);
    return put_number(put_number(at, quote.bid_size), quote.ask_size);
}

static enum duet_status write_rows(struct export *export) {
    const struct duet_series *series = export->series;
    const char *header = series->trades != NULL    ? "time,price,quantity,side\n"
                         : series->quotes != NULL  ? "time,bid,ask,bid_size,ask_size\n"
                         : series->info.has_volume ? "time,open,high,low,close,volume\n"
                                                   : "time,open,high,low,close\n";
    fputs(header, export->out);
    for (uint64_t i = export->first; i < export->end; i++) {
        char row[ROW_BYTES_MAX];
        enum duet_status status = duet_series_verify(export->series, i);
        if (status != DUET_OK) {
            return status;
        }
        char *end = series->trades != NULL   ? put_trade(export, i, row)
                    : series->quotes != NULL ? put_quote(export, i, row)
                                             : put_bar(export, i, row);
        *end++ = '\n';
        if (fwrite(row, 1, (size_t)(end - row), export->out) != (size_t)(end - row)) {
            return duet_error(DUET_EIO, "the rows could not be written: is the disk full or the pipe closed?");
        }
    }
    return DUET_OK;
}

/** --from and --to as a run understands them. */
static enum duet_status set_range(struct export *export, const struct duet_export_options *options, const char *tz) {
    struct duet_config config;
    duet_config_init(&config);
    enum duet_status status = tz == NULL ? DUET_OK : duet_config_set(&config, "tz", tz, NULL);
    if (status == DUET_OK && options->from != NULL) {
        status = duet_config_set(&config, "from", options->from, NULL);
    }
    if (status == DUET_OK && options->to != NULL) {
        status = duet_config_set(&config, "to", options->to, NULL);
    }
    if (status == DUET_OK) {
        const struct duet_series *series = export->series;
        uint64_t (*find)(const struct duet_series *series, int64_t ns) =
            duet_series_is_ticks(series) ? duet_series_find_tick : duet_series_find;
        export->first = find(series, config.from_ns);
        export->end = find(series, config.to_ns);
    }
    duet_config_finish(&config);
    return status;
}

static enum duet_status export_series(struct export *export, const char *path) {
    struct duet_output output;
    enum duet_status status = duet_output_open(&output, path);
    if (status != DUET_OK) {
        return status;
    }
    export->out = output.stream;
    status = write_rows(export);
    if (status == DUET_OK) {
        return duet_output_commit(&output);
    }
    duet_output_abandon(&output);
    return status;
}

int duet_command_export(const char *text, const struct duet_export_options *options) {
    struct duet_data_spec spec;
    struct export export = {0};
    enum duet_status status = duet_inspect_parse(text, &spec);
    if (status != DUET_OK) {
        return duet_complain(status);
    }
    status = duet_series_open(&spec, NULL, &export.series);
    if (status == DUET_OK) {
        export.by_date = export.series->calendar;
        status = set_range(&export, options, spec.tz);
    }
    if (status == DUET_OK) {
        status = export_series(&export, options->out != NULL ? options->out : "-");
    }
    if (status == DUET_OK && export.by_date && strcmp(export.series->info.tz, "UTC") != 0) {
        fprintf(stderr, "days of %s: read it back with tz=%s\n", export.series->info.tz, export.series->info.tz);
    }
    duet_series_close(export.series);
    duet_data_spec_finish(&spec);
    return status == DUET_OK ? 0 : duet_complain(status);
}
