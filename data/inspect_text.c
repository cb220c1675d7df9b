#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "data/inspect.h"

/** A count with its thousands apart. */
static const char *count_text(uint64_t count, char out[32]) {
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
    char *next = out;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            *next++ = ',';
        }
        *next++ = digits[i];
    }
    *next = '\0';
    return out;
}

/** The closes as one line of bars, eight heights. */
static void sparkline_text(const struct duet_inspection *item, bool unicode, struct duet_text *out) {
    static const char *const blocks[] = {
        "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char *const plain[] = {"_", ".", "-", "=", "+", "*", "%", "#"};
    double range = item->highest - item->lowest;
    for (size_t i = 0; i < item->sample_count; i++) {
        double share = range > 0 ? (item->samples[i] - item->lowest) / range : 0.5;
        size_t height = (size_t)(share * 7.999);
        duet_text_print(out, "%s", (unicode ? blocks : plain)[height < 8 ? height : 7]);
    }
}

static void write_form(const struct duet_data_info *info, FILE *out) {
    char interval[24];
    fprintf(out, "  kind      %s", duet_data_kind_text(info->kind));
    if (info->kind == DUET_KIND_BARS && info->interval_ns > 0) {
        fprintf(out, " of %s, labelled at the %s", duet_interval_format(info->interval_ns, interval),
            info->stamp == DUET_STAMP_CLOSE ? "close" : "open");
    }
    if (info->dialect[0] != '\0') {
        fprintf(out, "; read as %s", info->dialect);
    }
    fputc('\n', out);
    if (info->columns[0] != '\0') {
        fprintf(out, "  columns   %s; %u price decimals\n", info->columns, info->price_decimals);
    }
}

static void write_span(const struct duet_data_info *info, FILE *out) {
    char rows[32], skipped[32];
    fprintf(out, "  rows      %s", count_text(info->rows, rows));
    if (info->skipped > 0) {
        fprintf(out, ", %s of them skipped", count_text(info->skipped, skipped));
    }
    fprintf(out, "%s\n", info->descending ? ", latest first" : "");
    if (info->first[0] != '\0') {
        fprintf(out, "  span      %s to %s, %s%s\n", info->first, info->last, info->tz,
            info->tz_assumed ? " assumed (tz= says otherwise)" : "");
    }
}

static void write_closes(const struct duet_inspection *item, bool unicode, FILE *out) {
    if (item->sample_count < 2) {
        return;
    }
    struct duet_text line = {0};
    int decimals = (int)item->info.price_decimals;
    sparkline_text(item, unicode, &line);
    fprintf(out, "  closes    %s  %.*f to %.*f, %.*f last\n", line.text, decimals, item->lowest, decimals,
        item->highest, decimals, item->samples[item->sample_count - 1]);
    duet_text_finish(&line);
}

static void write_warnings(const struct duet_inspection *item, FILE *out) {
    const struct duet_data_info *info = &item->info;
    const char *title = "warnings";
    char count[32];
    for (int i = 0; i < DUET_DATA_WARNING_COUNT; i++) {
        enum duet_data_warning warning = (enum duet_data_warning)i;
        if (info->warnings[i] == 0) {
            continue;
        }
        fprintf(out, "  %-9s %s (%s): %s", title, duet_data_warning_code(warning), count_text(info->warnings[i], count),
            duet_data_warning_text(warning));
        if (info->warning_line[i] > 0) {
            fprintf(out, "; first on line %llu", (unsigned long long)info->warning_line[i]);
        } else if (warning == DUET_DATA_GAP && item->gap_ns != INT64_MIN) {
            char time[DUET_TIME_TEXT_MAX];
            fprintf(out, "; first after %s UTC", duet_time_format(item->gap_ns, time));
        }
        fputc('\n', out);
        title = "";
    }
    if (info->adjusted_differs) {
        fprintf(out, "  %-9s adjusted close differs from close: prices are used as they stand\n", title);
    }
}

void duet_inspect_write_text(const struct duet_inspection *item, bool unicode, FILE *out) {
    const struct duet_data_info *info = &item->info;
    fprintf(out, "%s  %s\n", info->symbol, info->path);
    if (info->dialect[0] != '\0' || !item->refused) {
        write_form(info, out);
        write_span(info, out);
        write_closes(item, unicode, out);
        write_warnings(item, out);
    }
    if (item->refused) {
        fprintf(out, "  refused   ");
        if (info->error_line > 0) {
            fprintf(out, "line %llu: ", (unsigned long long)info->error_line);
        }
        if (info->error_column[0] != '\0') {
            fprintf(out, "column \"%s\": ", info->error_column);
        }
        fprintf(out, "%s\n", item->reason);
    }
    fputc('\n', out);
}
