/*
 * Text laid out for people: headings, labelled lines that wrap under themselves, tables with aligned columns. Text that
 * comes from outside (paths, symbols, messages) loses its control characters, so it cannot drive the terminal.
 */
#ifndef DUET_REPORT_PAGE_H
#define DUET_REPORT_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include <duet/status.h>

#include "base/text.h"

/** Columns of a label with the blanks around it. */
#define DUET_PAGE_LABEL 16

struct duet_page {
    FILE *stream; // borrowed
    unsigned width;
    bool colour, unicode;
};

enum duet_page_tone { DUET_TONE_PLAIN = 0, DUET_TONE_HEADING, DUET_TONE_GOOD, DUET_TONE_BAD, DUET_TONE_WARNING };

/** `text` cut to `columns`, the missing end (or beginning) marked; printable. */
void duet_page_elide(
    const struct duet_page *page, const char *text, unsigned columns, bool keep_end, struct duet_text *out);

void duet_page_heading(const struct duet_page *page, const char *text);
/** "  label   text", further lines under the text. An empty label leaves its place blank. */
void duet_page_line(const struct duet_page *page, enum duet_page_tone tone, const char *label, const char *format, ...)
    DUET_PRINTF(4, 5);
/** "!! text", further lines under the text. */
void duet_page_shout(const struct duet_page *page, enum duet_page_tone tone, const char *format, ...) DUET_PRINTF(3, 4);

/** Most columns of a table. */
#define DUET_PAGE_COLUMNS_MAX 8

/** A table kept until it is printed, because every cell decides about widths. Zero-initialise but for `columns`. */
struct duet_table {
    unsigned columns; // the first is flush left, the others flush right
    struct duet_text *cells; // owned
    size_t cell_count, cell_capacity;
};

/** The next cell, row by row; `text` is copied. */
void duet_table_add(struct duet_table *table, const char *text);
/** Print and release. Lines longer than the page are left long: a table is read across. */
void duet_table_print(struct duet_table *table, const struct duet_page *page);

#endif
