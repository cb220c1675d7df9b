/* Reading back what was saved, from the front: the counterpart of duet_text_append(). */
#ifndef DUET_BASE_TAKE_H
#define DUET_BASE_TAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** Move `count` bytes from the front of what is left into `out`; false, and nothing changed, where there are fewer. */
static inline bool duet_take(const unsigned char **bytes, size_t *size, void *out, size_t count) {
    if (count > *size) {
        return false;
    }
    if (count > 0) {
        memcpy(out, *bytes, count);
    }
    *bytes += count;
    *size -= count;
    return true;
}

#endif
