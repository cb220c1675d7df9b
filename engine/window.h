/*
 * The bars of one series that strategies may see: the last ones, as one contiguous slice. The conductor decodes each
 * bar straight into the next slot. In guard mode the slice ends at an unreadable page, so touching a bar beyond it is a
 * fault and not a peek.
 */
#ifndef DUET_ENGINE_WINDOW_H
#define DUET_ENGINE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include <duet/bar.h>
#include <duet/status.h>

struct duet_window {
    struct duet_bar *slots; // owned
    size_t capacity, end; // the slice ends before slots[end]
    size_t kept; // bars in the slice that are valid
    size_t wanted; // at least so many are kept
    bool guard;
    struct duet_bar blank; // what every slot holds before its first bar
    void *map; // guard mode
    size_t map_bytes;
};

/** `wanted` bars are kept at least (grows on demand, see duet_window_slice()). */
DUET_MUST_CHECK enum duet_status duet_window_init(struct duet_window *window, size_t wanted, bool guard);
void duet_window_finish(struct duet_window *window);
/** Have every slot hold these fields from now on, so that whoever decodes bars need not write what never changes. */
void duet_window_set_blank(struct duet_window *window, const struct duet_bar *blank);
/** Make room when the buffer is full (moves the kept bars to the front), or in guard mode move everything down by one.
 */
void duet_window_make_room(struct duet_window *window);

/** The slot for the next bar: decode into it, then it is the last of the slice. */
static inline struct duet_bar *duet_window_next(struct duet_window *window) {
    if (__builtin_expect(window->end == window->capacity || window->guard, 0)) {
        duet_window_make_room(window);
    }
    if (window->kept < window->wanted) {
        window->kept++;
    }
    return &window->slots[window->end++];
}

/** The last `bars` bars, oldest first. Fewer where fewer are kept; asking for more than is kept makes the window keep
   that many from now on. `*count` is how many; NULL when 0. */
const struct duet_bar *duet_window_slice(struct duet_window *window, size_t bars, size_t *count);
/** The last bar; NULL before the first. */
const struct duet_bar *duet_window_last(const struct duet_window *window);

#endif
