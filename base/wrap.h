/* Text for people in lines of a given width. */
#ifndef DUET_BASE_WRAP_H
#define DUET_BASE_WRAP_H

#include <stddef.h>
#include <stdio.h>

/** Columns that `text` takes, one per UTF-8 character. */
size_t duet_text_columns(const char *text);
/** Bytes of the first `columns` characters of `text`; all of it where it has no more. */
size_t duet_text_bytes(const char *text, size_t columns);
/**
 * Bytes of `text` that go on a line of `columns`, at least one: all of it where it fits, else up to a blank, by
 * preference one that follows a comma or semicolon or stands before a bracket, and as many as fit where there is none.
 * The blank itself belongs to neither line.
 */
size_t duet_text_line(const char *text, size_t columns);

/** What a page for people is wide. */
#define DUET_PAGE_COLUMNS 80
/**
 * Print `head`, filled up with blanks to `column`, and then `text`; all lines of it begin in that column and end within
 * the page. Where too little of the page is left, `head` stands alone, and `text` below it, a little further in than
 * its first letter. `head` is ASCII; an end of a line in `text` is one.
 */
void duet_text_print_wrapped(FILE *out, const char *head, size_t column, const char *text);

#endif
