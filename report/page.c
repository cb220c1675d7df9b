#include "report/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/wrap.h"

static const char *const tones[] = {
    [DUET_TONE_PLAIN] = "",
    [DUET_TONE_HEADING] = "\033[1m",
    [DUET_TONE_GOOD] = "\033[32m",
    [DUET_TONE_BAD] = "\033[1;31m",
    [DUET_TONE_WARNING] = "\033[33m",
};

/** What a terminal may get: no controls, and no bytes above ASCII unless it takes UTF-8. */
static char printable(const struct duet_page *page, char byte) {
    unsigned char code = (unsigned char)byte;
    return code < 0x20 || code == 0x7F || (code >= 0x80 && !page->unicode) ? '?' : byte;
}

static void append_printable(const struct duet_page *page, struct duet_text *out, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        char byte = printable(page, text[i]);
        duet_text_append(out, &byte, 1);
    }
}

void duet_page_elide(
    const struct duet_page *page, const char *text, unsigned columns, bool keep_end, struct duet_text *out) {
    const char *mark = page->unicode ? "…" : "..";
    size_t all = duet_text_columns(text), mark_columns = duet_text_columns(mark);
    if (all <= columns || columns <= mark_columns) {
        append_printable(page, out, text, strlen(text));
    } else if (keep_end) {
        size_t skip = duet_text_bytes(text, all - (columns - mark_columns));
        duet_text_append(out, mark, strlen(mark));
        append_printable(page, out, text + skip, strlen(text + skip));
    } else {
        append_printable(page, out, text, duet_text_bytes(text, columns - mark_columns));
        duet_text_append(out, mark, strlen(mark));
    }
}

static void page_tone(const struct duet_page *page, enum duet_page_tone tone) {
    if (page->colour) {
        fputs(tones[tone], page->stream);
    }
}

static void page_plain(const struct duet_page *page, enum duet_page_tone tone) {
    if (page->colour && tone != DUET_TONE_PLAIN) {
        fputs("\033[0m", page->stream);
    }
}

void duet_page_heading(const struct duet_page *page, const char *text) {
    page_tone(page, DUET_TONE_HEADING);
    fputs(text, page->stream);
    page_plain(page, DUET_TONE_HEADING);
    putc('\n', page->stream);
}

static void page_wrap(const struct duet_page *page, enum duet_page_tone tone, const char *text, unsigned indent) {
    size_t columns = page->width > indent + 20 ? page->width - indent : 20;
    bool first = true;
    do {
        size_t length = duet_text_line(text, columns);
        size_t shown = length;
        while (shown > 0 && text[shown - 1] == ' ') {
            shown--;
        }
        fprintf(page->stream, "%*s", first ? 0 : (int)indent, "");
        page_tone(page, tone);
        fwrite(text, 1, shown, page->stream);
        page_plain(page, tone);
        putc('\n', page->stream);
        text += length;
        text += strspn(text, " ");
        first = false;
    } while (*text != '\0');
}

static void page_print(
    const struct duet_page *page, enum duet_page_tone tone, unsigned indent, const char *format, va_list arguments) {
    char raw[2048];
    vsnprintf(raw, sizeof(raw), format, arguments);
    struct duet_text clean = {0};
    append_printable(page, &clean, raw, strlen(raw));
    page_wrap(page, tone, clean.text != NULL ? clean.text : "", indent);
    duet_text_finish(&clean);
}

void duet_page_line(
    const struct duet_page *page, enum duet_page_tone tone, const char *label, const char *format, ...) {
    int blanks = DUET_PAGE_LABEL - 2 - (int)duet_text_columns(label);
    fprintf(page->stream, "  %s%*s", label, blanks > 0 ? blanks : 0, "");
    va_list arguments;
    va_start(arguments, format);
    page_print(page, tone, DUET_PAGE_LABEL, format, arguments);
    va_end(arguments);
}

void duet_page_shout(const struct duet_page *page, enum duet_page_tone tone, const char *format, ...) {
    page_tone(page, tone);
    fputs(tone == DUET_TONE_BAD ? "!! " : "!  ", page->stream);
    page_plain(page, tone);
    va_list arguments;
    va_start(arguments, format);
    page_print(page, tone, 3, format, arguments);
    va_end(arguments);
}

void duet_table_add(struct duet_table *table, const char *text) {
    DUET_ASSERT(table->columns > 0 && table->columns <= DUET_PAGE_COLUMNS_MAX);
    if (table->cell_count == table->cell_capacity) {
        table->cell_capacity = table->cell_capacity == 0 ? 64 : table->cell_capacity * 2;
        table->cells = duet_realloc(table->cells, table->cell_capacity, sizeof(*table->cells));
    }
    struct duet_text *cell = &table->cells[table->cell_count++];
    *cell = (struct duet_text){0};
    duet_text_append(cell, text, strlen(text));
}

void duet_table_print(struct duet_table *table, const struct duet_page *page) {
    size_t widths[DUET_PAGE_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t columns = duet_text_columns(table->cells[i].text);
        size_t *width = &widths[i % table->columns];
        *width = columns > *width ? columns : *width;
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        const char *text = table->cells[i].text;
        size_t column = i % table->columns;
        int blanks = (int)(widths[column] - duet_text_columns(text));
        if (column == 0) {
            fprintf(page->stream, "  %s%*s", text, blanks, "");
        } else {
            fprintf(page->stream, "  %*s%s", blanks, "", text);
        }
        if (column + 1 == table->columns) {
            putc('\n', page->stream);
        }
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        duet_text_finish(&table->cells[i]);
    }
    free(table->cells);
    *table = (struct duet_table){0};
}
