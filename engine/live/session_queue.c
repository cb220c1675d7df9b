/* What was admitted and waits for its turn: bounded for market data, and open for what must never be lost. */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "engine/live/session_private.h"

#define QUEUE_MIN 64

static const struct {
    enum duet_input_kind kind;
    const char *name;
} market_kinds[] = {{DUET_INPUT_INSTANT, "instant"}, {DUET_INPUT_TRADE, "trade"}, {DUET_INPUT_QUOTE, "quote"}};
#define MARKET_KINDS (sizeof(market_kinds) / sizeof(market_kinds[0]))
static_assert(MARKET_KINDS == sizeof(((struct session_queue *)NULL)->dropped_at) / sizeof(uint64_t),
    "each kind of market data has a record that counts it");

/* ------------------------------------------------------------------------------------------------------ the ring */

static void queue_grow(struct session_queue *queue) {
    uint64_t capacity = queue->capacity == 0 ? QUEUE_MIN : 2 * queue->capacity;
    struct queued *items = duet_alloc(capacity, sizeof(*items));
    int64_t *instants = duet_alloc(capacity, sizeof(*instants));
    for (uint64_t i = queue->head; i != queue->tail; i++) {
        items[i & (capacity - 1)] = queue->items[i & (queue->capacity - 1)];
    }
    for (uint64_t i = queue->instant_head; i != queue->instant_tail; i++) {
        instants[i & (capacity - 1)] = queue->instants[i & (queue->capacity - 1)];
    }
    free(queue->items);
    free(queue->instants);
    queue->items = items;
    queue->instants = instants;
    if (queue->capacity == 0) {
        for (size_t i = 0; i < MARKET_KINDS; i++) {
            queue->dropped_at[i] = UINT64_MAX;
        }
    }
    queue->capacity = capacity;
}

static struct queued *queue_push(
    struct session_queue *queue, enum duet_input_kind kind, const void *bytes, size_t size, int64_t time_ns) {
    if (queue->tail - queue->head == queue->capacity) { // also while there is none
        queue_grow(queue);
    }
    struct queued *queued = &queue->items[queue->tail++ & (queue->capacity - 1)];
    *queued = (struct queued){.kind = kind, .size = (uint32_t)size, .time_ns = time_ns};
    if (size > QUEUED_BYTES) {
        queued->large = duet_alloc(size, 1);
        queue->bytes += size;
    }
    if (size > 0) {
        memcpy(queued->large != NULL ? queued->large : queued->small, bytes, size);
    }
    if (kind == DUET_INPUT_INSTANT) {
        const struct duet_input_instant *instant = queued_bytes(queued);
        queue->instants[queue->instant_tail++ & (queue->capacity - 1)] = instant->instant_ns;
    }
    return queued;
}

struct queued *session_queue_first(struct session_queue *queue) {
    return queue->head == queue->tail ? NULL : &queue->items[queue->head & (queue->capacity - 1)];
}

void session_queue_drop_first(struct session_queue *queue) {
    struct queued *first = session_queue_first(queue);
    DUET_ASSERT(first != NULL);
    if (first->large != NULL) {
        free(first->large);
        first->large = NULL;
        queue->bytes -= first->size;
    }
    queue->instant_head += first->kind == DUET_INPUT_INSTANT;
    queue->head++;
}

int64_t session_queue_instant_ns(const struct session_queue *queue) {
    return queue->instant_head == queue->instant_tail ? INT64_MAX
                                                      : queue->instants[queue->instant_head & (queue->capacity - 1)];
}

void session_queue_finish(struct session_queue *queue) {
    while (session_queue_first(queue) != NULL) {
        session_queue_drop_first(queue);
    }
    free(queue->items);
    free(queue->instants);
    *queue = (struct session_queue){0};
}

/* ----------------------------------------------------------------------------------------------------- admission */

/** Index among the kinds of market data, or MARKET_KINDS. */
static size_t market_index(enum duet_input_kind kind) {
    size_t index = 0;
    while (index < MARKET_KINDS && market_kinds[index].kind != kind) {
        index++;
    }
    return index;
}

static bool queue_is_full(const struct session_queue *queue, uint64_t share) {
    return session_queue_count(queue) >= DUET_SESSION_WAITING_MAX / share || queue->bytes >= WAITING_BYTES_MAX / share;
}

static bool has_no_room(const struct session_queue *queue, enum duet_input_kind kind) {
    return queue_is_full(queue, 1) ||
           (kind != DUET_INPUT_INSTANT && session_queue_count(queue) >= DUET_SESSION_TICKS_MAX);
}

/** Count what is not taken, in a record that stands where the first of it would have stood. */
static void count_dropped(struct duet_session *session, size_t index) {
    struct session_queue *queue = &session->queue;
    struct duet_input_dropped dropped = {.count = 1};
    uint64_t at = queue->dropped_at[index];
    session->dropped++;
    if (at != UINT64_MAX && at >= queue->head) {
        unsigned char *bytes = queue->items[at & (queue->capacity - 1)].small;
        memcpy(&dropped, bytes, sizeof(dropped));
        dropped.count++;
        memcpy(bytes, &dropped, sizeof(dropped));
        return;
    }
    duet_text_copy(dropped.what, sizeof(dropped.what), market_kinds[index].name);
    queue->dropped_at[index] = queue->tail;
    (void)queue_push(queue, DUET_INPUT_DROPPED, &dropped, sizeof(dropped), session_stamp(session));
}

/** The payload where duet_input_check() wants it; it is copied only where it is not there already. */
static enum duet_status check(enum duet_input_kind kind, const void *bytes, size_t size) {
    if (size > DUET_INPUT_BYTES_MAX) {
        return duet_error(DUET_EDATA, "%s: payload of %zu bytes", duet_input_kind_name(kind), size);
    }
    void *copy = NULL;
    if ((uintptr_t)bytes % 8 != 0) {
        copy = duet_alloc(size + 1, 1);
        memcpy(copy, bytes, size);
    }
    struct duet_input input = {.kind = (uint16_t)kind,
        .size = (uint32_t)size,
        .bytes = copy != NULL ? copy
                 : size > 0   ? bytes
                              : ""};
    static_assert(_Alignof(struct queued) >= 8, "payloads in the queue are aligned");
    if (size == 0) {
        input.bytes = NULL;
    }
    enum duet_status status = duet_input_check(&input);
    free(copy);
    return status;
}

enum duet_status duet_session_admit(
    struct duet_session *session, enum duet_input_kind kind, const void *bytes, size_t size, uint64_t feed_sequence) {
    enum duet_status status = check(kind, bytes, size);
    if (status != DUET_OK) {
        return status;
    }
    if (session->fault != DUET_OK || session->stopped) {
        return duet_error(DUET_ESTATE, "%s: the session takes nothing any more", session->options.live->session);
    }
    session->source.wake_ns = INT64_MIN; // its turn comes
    size_t market = market_index(kind);
    if (market < MARKET_KINDS && has_no_room(&session->queue, kind)) {
        count_dropped(session, market);
        return duet_error(DUET_EFULL, "%llu inputs wait; a %s was dropped",
            (unsigned long long)session_queue_count(&session->queue), market_kinds[market].name);
    }
    struct queued *queued = queue_push(&session->queue, kind, bytes, size, session_stamp(session));
    queued->feed_sequence = feed_sequence;
    return DUET_OK;
}

bool duet_session_is_full(const struct duet_session *session) {
    return queue_is_full(&session->queue, 2);
}

bool duet_session_is_behind(const struct duet_session *session) {
    return session_queue_count(&session->queue) >= DUET_SESSION_TICKS_MAX / 2;
}
