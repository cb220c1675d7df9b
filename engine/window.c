#include "engine/window.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"

/** Fewer slots would move bars too often, more would push others out of the first-level cache. */
#define SLOTS_MIN 16
/** Unreadable bytes behind a guarded window: who looks further ahead than one bar shall not land beyond them. */
#define GUARD_BYTES ((size_t)1 << 20)
/** Bars one window may keep: 8 GiB of them. */
#define WANTED_MAX ((size_t)1 << 26)

static size_t window_slots(const struct duet_window *window, size_t page) {
    if (!window->guard) {
        // Three of four bars are written without a move.
        return window->wanted < SLOTS_MIN / 4 ? SLOTS_MIN : window->wanted * 4;
    }
    size_t per_page = page / sizeof(struct duet_bar);
    return (window->wanted + per_page - 1) / per_page * per_page;
}

static void window_free(struct duet_window *window) {
    if (window->map != NULL) {
        munmap(window->map, window->map_bytes);
    } else {
        free(window->slots);
    }
    window->map = NULL;
    window->slots = NULL;
}

/** New slots for `wanted` bars; the kept ones are carried over to the front. */
static enum duet_status window_grow(struct duet_window *window) {
    size_t page = window->guard ? (size_t)sysconf(_SC_PAGESIZE) : 0;
    DUET_ASSERT(!window->guard || page % sizeof(struct duet_bar) == 0);
    struct duet_window grown = *window;
    grown.capacity = window_slots(window, page);
    size_t bytes = grown.capacity * sizeof(struct duet_bar);
    if (window->guard) {
        grown.map_bytes = bytes + GUARD_BYTES;
        grown.map = mmap(NULL, grown.map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (grown.map == MAP_FAILED) {
            return duet_error(DUET_ENOMEM, "no memory for %zu guarded bars", grown.capacity);
        }
        if (mprotect((char *)grown.map + bytes, GUARD_BYTES, PROT_NONE) != 0) {
            munmap(grown.map, grown.map_bytes);
            return duet_error(DUET_ENOMEM, "the system gives no unreadable page behind %zu bars", grown.capacity);
        }
        grown.slots = grown.map;
    } else {
        grown.slots = duet_alloc(grown.capacity, sizeof(struct duet_bar));
    }
    for (size_t i = 0; i < grown.capacity; i++) {
        grown.slots[i] = window->blank;
    }
    if (window->kept > 0) {
        memcpy(grown.slots, window->slots + window->end - window->kept, window->kept * sizeof(struct duet_bar));
    }
    grown.end = window->kept;
    window_free(window);
    *window = grown;
    return DUET_OK;
}

enum duet_status duet_window_init(struct duet_window *window, size_t wanted, bool guard) {
    *window = (struct duet_window){.wanted = wanted > 0 ? wanted : 1, .guard = guard};
    if (wanted > WANTED_MAX) {
        return duet_error(DUET_EINVAL, "%zu bars of history: at most %zu can be kept", wanted, WANTED_MAX);
    }
    return window_grow(window);
}

void duet_window_set_blank(struct duet_window *window, const struct duet_bar *blank) {
    window->blank = *blank;
    for (size_t i = 0; i < window->capacity; i++) {
        window->slots[i] = *blank;
    }
}

void duet_window_finish(struct duet_window *window) {
    window_free(window);
    *window = (struct duet_window){0};
}

void duet_window_make_room(struct duet_window *window) {
    // Slices that were handed out end with the callback that asked; only here, between two callbacks, bars may move.
    size_t needed = window->guard ? window->wanted : window->wanted * 2;
    if (window->capacity < needed && window_grow(window) != DUET_OK) {
        window->wanted = window->capacity; // go on with what there is
    }
    size_t staying = window->kept < window->wanted ? window->kept : window->wanted - 1;
    size_t end = window->guard ? window->capacity - 1 : staying;
    memmove(window->slots + end - staying, window->slots + window->end - staying, staying * sizeof(struct duet_bar));
    window->end = end;
}

const struct duet_bar *duet_window_slice(struct duet_window *window, size_t bars, size_t *count) {
    if (bars > window->wanted) {
        window->wanted = bars < WANTED_MAX ? bars : WANTED_MAX; // the slots grow when room is made next
    }
    *count = bars < window->kept ? bars : window->kept;
    return *count == 0 ? NULL : window->slots + window->end - *count;
}

const struct duet_bar *duet_window_last(const struct duet_window *window) {
    return window->kept == 0 ? NULL : &window->slots[window->end - 1];
}
