/* Text for people in lines of a given width. */
#ifndef DUET_BASE_WRAP_H
#define DUET_BASE_WRAP_H

#include <stddef.h>

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

#endif
