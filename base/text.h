/* Small helpers on text. */
#ifndef DUET_BASE_TEXT_H
#define DUET_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/status.h>

/** A growing string; zero-initialise. `text` is NULL or zero-terminated; free with duet_text_finish(). */
struct duet_text {
    char *text;
    size_t length, capacity;
};

void duet_text_append(struct duet_text *text, const char *bytes, size_t length);
void duet_text_print(struct duet_text *text, const char *format, ...) DUET_PRINTF(2, 3);
void duet_text_finish(struct duet_text *text);

/**
 * The candidate nearest to `word` by edit distance (insert, delete, change, swap), or NULL where none is near
 * enough to be what was meant (distance <= 2, and less than half of the word).
 */
const char *duet_nearest(const char *word, const char *const *candidates, size_t count);

/** Copy and zero-fill: what does not fit is cut, the last byte is always zero. */
void duet_text_copy(char *out, size_t size, const char *text);

/** Whole text as a finite double or an integer; false otherwise. Independent of the locale. */
bool duet_parse_double(const char *text, double *out);
bool duet_parse_int64(const char *text, int64_t *out);

/** Allocation that cannot fail: out of memory ends the process with one line. What duet_alloc() gives is zeroed, what
 * duet_realloc() adds is not. */
void *duet_alloc(size_t count, size_t size);
void *duet_realloc(void *memory, size_t count, size_t size);
char *duet_strdup(const char *text);

#endif
