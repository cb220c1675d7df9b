#include "engine/live/recent.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct recent_ring {
    int64_t interval_ns; // of the finest series; 0: none
    uint64_t taken; // ever
    struct duet_bar *bars; // slot = number modulo the capacity; NULL before the first
};

struct duet_recent {
    const struct duet_instruments *instruments;
    struct recent_ring *rings; // one per instrument
    size_t capacity;
};

struct duet_recent *duet_recent_create(const struct duet_instruments *instruments,
    const struct duet_core_series *series, uint32_t series_count, size_t bars) {
    struct duet_recent *recent = duet_alloc(1, sizeof(*recent));
    recent->instruments = instruments;
    recent->capacity = bars > 0 ? bars : 1;
    recent->rings = duet_alloc(instruments->count > 0 ? instruments->count : 1, sizeof(*recent->rings));
    for (uint32_t i = 0; i < series_count; i++) {
        struct recent_ring *ring = &recent->rings[series[i].instrument];
        if (ring->interval_ns == 0 || series[i].interval_ns < ring->interval_ns) {
            ring->interval_ns = series[i].interval_ns;
        }
    }
    return recent;
}

void duet_recent_destroy(struct duet_recent *recent) {
    if (recent == NULL) {
        return;
    }
    for (uint32_t i = 0; i < recent->instruments->count; i++) {
        free(recent->rings[i].bars);
    }
    free(recent->rings);
    free(recent);
}

static void take_bar(struct duet_recent *recent, const struct duet_bar *bar) {
    if (bar->instrument >= recent->instruments->count) {
        return;
    }
    struct recent_ring *ring = &recent->rings[bar->instrument];
    if (bar->interval_ns != ring->interval_ns) {
        return;
    }
    if (ring->bars == NULL) {
        ring->bars = duet_alloc(recent->capacity, sizeof(*ring->bars));
    }
    if (ring->taken > 0 && bar->close_ns <= ring->bars[(ring->taken - 1) % recent->capacity].close_ns) {
        return;
    }
    ring->bars[ring->taken++ % recent->capacity] = *bar;
}

void duet_recent_take(struct duet_recent *recent, const struct duet_input *input) {
    if (input->kind != DUET_INPUT_INSTANT) {
        return;
    }
    const struct duet_input_instant *instant = input->bytes;
    const struct duet_bar *closing = duet_input_closing(input);
    for (uint32_t i = 0; i < instant->closing; i++) {
        take_bar(recent, &closing[i]);
    }
}

size_t duet_recent_bars(void *argument, const char *symbol, struct duet_bar *out, size_t capacity) {
    const struct duet_recent *recent = argument;
    const struct duet_instrument *instrument = duet_instruments_find(recent->instruments, symbol);
    if (instrument == NULL) {
        return 0;
    }
    const struct recent_ring *ring = &recent->rings[instrument->index];
    size_t kept = ring->taken < recent->capacity ? (size_t)ring->taken : recent->capacity;
    size_t count = kept < capacity ? kept : capacity;
    for (size_t i = 0; i < count; i++) {
        out[i] = ring->bars[(ring->taken - count + i) % recent->capacity];
    }
    return count;
}
