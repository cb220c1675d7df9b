/* Working orders and counters of a venue, as bytes of this build and machine. */
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/take.h"
#include "base/text.h"

#include "broker/book.h"

struct saved_venue {
    uint64_t instruments, orders, next_fill_id, next_rank, ended;
    int64_t opened_ns, next_expiry_ns;
    struct duet_venue_counts counts;
};

void duet_venue_save(const struct duet_venue *venue, struct duet_text *out) {
    DUET_ASSERT(venue->now_ns == INT64_MIN);
    struct saved_venue head = {.instruments = venue->options.instruments->count,
        .orders = venue->working_count,
        .next_fill_id = venue->next_fill_id,
        .next_rank = venue->next_rank,
        .ended = venue->ended,
        .opened_ns = venue->opened_ns,
        .next_expiry_ns = venue->head.next_expiry_ns,
        .counts = venue->counts};
    duet_text_append(out, (const char *)&head, sizeof(head));
    for (uint32_t i = 0; i < venue->head.hot_count; i++) {
        for (const struct duet_working *order = venue->books[venue->hot[i]].first; order != NULL; order = order->next) {
            struct duet_working saved = *order;
            saved.next = saved.previous = NULL;
            duet_text_append(out, (const char *)&saved, sizeof(saved));
        }
    }
}

enum duet_status duet_venue_load(struct duet_venue *venue, const unsigned char **bytes, size_t *size) {
    struct saved_venue head;
    bool sound = duet_take(bytes, size, &head, sizeof(head)) && head.instruments == venue->options.instruments->count &&
                 head.orders <= DUET_VENUE_ORDERS_MAX;
    duet_book_clear(venue);
    for (uint64_t i = 0; sound && i < head.orders; i++) {
        struct duet_working saved;
        sound = duet_take(bytes, size, &saved, sizeof(saved)) && saved.instrument < head.instruments &&
                duet_book_find(venue, saved.order_id) == NULL;
        if (sound) {
            duet_book_add(venue, &saved)->rank = saved.rank;
        }
    }
    if (!sound) {
        return duet_error(DUET_EDATA, "saved venue: damaged, or of another run");
    }
    venue->next_fill_id = head.next_fill_id;
    venue->next_rank = head.next_rank;
    venue->ended = head.ended != 0;
    venue->opened_ns = head.opened_ns;
    venue->head.next_expiry_ns = head.next_expiry_ns;
    venue->counts = head.counts;
    return DUET_OK;
}
