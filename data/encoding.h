/* Texts that are not UTF-8 with line feeds: UTF-16 with its mark, as some terminals export, and lines that end in a
 * lone carriage return. */
#ifndef DUET_DATA_ENCODING_H
#define DUET_DATA_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

/** Does a text that begins so have to be rewritten? */
bool duet_encoding_is_other(const char *head, size_t size);
/** The text as UTF-8 with line feeds, to be freed; half a character and halves of pairs become "?". */
char *duet_encoding_rewrite(const char *bytes, size_t size, size_t *out_size);

#endif
