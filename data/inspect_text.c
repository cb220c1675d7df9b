#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <duet/bar.h>

#include "base/text.h"
#include "base/time.h"
#include "base/wrap.h"
#include "data/inspect.h"

#define LABEL_COLUMNS 12
/** Columns without a meaning that are shown at the end. */
#define UNUSED_SHOWN 6
#define WIDTH_MIN 60
#define WIDTH_DEFAULT 80

struct inspect_page {
    FILE *out;
    unsigned width;
    bool unicode;
};

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

/** What comes from outside (paths, cells) must not drive the terminal. */
static void make_printable(const struct inspect_page *page, char *text) {
    for (; *text != '\0'; text++) {
        unsigned char code = (unsigned char)*text;
        *text = code < 0x20 || code == 0x7F || (code >= 0x80 && !page->unicode) ? '?' : *text;
    }
}

/** "  label     text", wrapped under itself. */
static void write_line(const struct inspect_page *page, const char *label, const char *format, ...) DUET_PRINTF(3, 4);

static void write_line(const struct inspect_page *page, const char *label, const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    make_printable(page, text);
    const char *rest = text;
    do {
        size_t length = duet_text_line(rest, page->width - LABEL_COLUMNS);
        fprintf(page->out, "  %-*s%.*s\n", LABEL_COLUMNS - 2, label, (int)length, rest);
        rest += length;
        rest += strspn(rest, " ");
        label = "";
    } while (*rest != '\0');
}

/** The columns, without the many that mean nothing at the end. */
static void write_columns(const struct inspect_page *page, const char *columns) {
    size_t length = strlen(columns), unused = 0;
    length -= length > 0 && columns[length - 1] == ','; // of a list cut off
    while (length >= 2 && columns[length - 1] == '-' && columns[length - 2] == ',') {
        length -= 2;
        unused++;
    }
    if (unused > UNUSED_SHOWN) {
        write_line(page, "columns", "%.*s and more that are not used", (int)length, columns);
    } else {
        write_line(page, "columns", "%s", columns);
    }
}

static void write_form(const struct inspect_page *page, const struct duet_data_info *info) {
    char interval[24];
    struct duet_text text = {0};
    duet_text_print(&text, "%s", duet_data_kind_text(info->kind));
    if (info->kind == DUET_KIND_BARS && info->interval_ns > 0) {
        duet_text_print(&text, " of %s, labelled at the %s", duet_interval_format(info->interval_ns, interval),
            info->stamp == DUET_STAMP_CLOSE ? "close (stamp=open says otherwise)" : "open");
    }
    if (info->dialect[0] != '\0') {
        duet_text_print(&text, "; read as %s", info->dialect);
    }
    write_line(page, "kind", "%s", text.text);
    duet_text_finish(&text);
    if (info->columns[0] != '\0') {
        write_columns(page, info->columns);
        write_line(page, "decimals", "%u in prices, %u in quantities%s", info->price_decimals, info->quantity_decimals,
            info->has_volume || info->kind != DUET_KIND_BARS ? "" : "; no volume");
    }
}

static void write_span(const struct inspect_page *page, const struct duet_data_info *info) {
    char rows[32], skipped[32];
    struct duet_text text = {0};
    duet_text_print(&text, "%s", count_text(info->rows, rows));
    if (info->skipped > 0) {
        duet_text_print(&text, ", %s of them skipped", count_text(info->skipped, skipped));
    }
    write_line(page, "rows", "%s%s", text.text, info->descending ? ", latest first" : "");
    duet_text_finish(&text);
    if (info->first[0] != '\0') {
        write_line(page, "span", "%s to %s", info->first, info->last);
        write_line(page, "zone", "%s%s", info->tz, info->tz_assumed ? " assumed (tz= says otherwise)" : "");
    }
}

static void write_choices(const struct inspect_page *page, const struct duet_data_info *info) {
    if (info->choice_key == NULL) {
        return;
    }
    struct duet_text names = {0};
    for (const char *at = info->choices; *at != '\0'; at++) {
        duet_text_append(&names, *at == ',' ? ", " : at, *at == ',' ? 2 : 1);
    }
    write_line(page, "holds", "several instruments; a run chooses one with %s=, of", info->choice_key);
    write_line(page, "", "%s", names.text);
    duet_text_finish(&names);
}

static void write_prices(const struct inspect_page *page, const struct duet_inspection *item) {
    const char *label = item->info.kind == DUET_KIND_BARS ? "closes" : "prices";
    if (item->sample_count < 2) {
        return;
    }
    struct duet_text picture = {0}, figures = {0};
    int decimals = (int)item->info.price_decimals;
    sparkline_text(item, page->unicode, &picture);
    duet_text_print(&figures, "%.*f to %.*f, %.*f last", decimals, item->lowest, decimals, item->highest, decimals,
        item->samples[item->sample_count - 1]);
    if (LABEL_COLUMNS + duet_text_columns(picture.text) + 2 + figures.length <= page->width) {
        write_line(page, label, "%s  %s", picture.text, figures.text);
    } else {
        write_line(page, label, "%s", picture.text);
        write_line(page, "", "%s", figures.text);
    }
    duet_text_finish(&picture);
    duet_text_finish(&figures);
}

static void write_warnings(const struct inspect_page *page, const struct duet_inspection *item) {
    const struct duet_data_info *info = &item->info;
    const char *label = "warnings";
    char count[32], when[DUET_TIME_TEXT_MAX];
    for (int i = 0; i < DUET_DATA_WARNING_COUNT; i++) {
        enum duet_data_warning warning = (enum duet_data_warning)i;
        if (info->warnings[i] == 0) {
            continue;
        }
        struct duet_text text = {0};
        duet_text_print(&text, "%s (%s): %s", duet_data_warning_code(warning), count_text(info->warnings[i], count),
            duet_data_warning_text(warning));
        if (info->warning_line[i] > 0) {
            duet_text_print(&text, "; first on line %llu", (unsigned long long)info->warning_line[i]);
        } else if (warning == DUET_DATA_GAP && item->gap_ns != INT64_MIN) {
            duet_time_format(item->gap_ns, when);
            when[info->interval_ns % DUET_DAY_NS == 0 ? 10 : 19] = '\0';
            duet_text_print(&text, "; first after %s UTC", when);
        }
        write_line(page, label, "%s", text.text);
        duet_text_finish(&text);
        label = "";
    }
    if (info->adjusted_differs) {
        write_line(page, label,
            "adjusted close differs from close (adjust=total scales prices to it, else they are taken as they stand)");
    }
}

static void write_refusal(const struct inspect_page *page, const struct duet_inspection *item) {
    struct duet_text text = {0};
    if (item->info.error_line > 0) {
        duet_text_print(&text, "line %llu: ", (unsigned long long)item->info.error_line);
    }
    if (item->info.error_column[0] != '\0') {
        duet_text_print(&text, "column \"%s\": ", item->info.error_column);
    }
    write_line(page, "refused", "%s%s", text.text == NULL ? "" : text.text, item->reason);
    duet_text_finish(&text);
}

void duet_inspect_write_text(
    const struct duet_inspection *item, const struct duet_inspect_options *options, FILE *out) {
    const struct duet_data_info *info = &item->info;
    const struct inspect_page page = {
        .out = out, .unicode = options->unicode, .width = options->width < WIDTH_MIN ? WIDTH_DEFAULT : options->width};
    char symbol[sizeof(info->symbol)];
    duet_text_copy(symbol, sizeof(symbol), info->symbol);
    make_printable(&page, symbol);
    fprintf(out, "%s\n", symbol);
    write_line(&page, "path", "%s", info->path);
    if (info->dialect[0] != '\0' || !item->refused) {
        write_form(&page, info);
        write_span(&page, info);
        write_choices(&page, info);
        write_prices(&page, item);
        write_warnings(&page, item);
    }
    if (item->refused) {
        write_refusal(&page, item);
    }
    fputc('\n', out);
}
