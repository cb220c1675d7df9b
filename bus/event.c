#include <duet/event.h>

#include <string.h>

#include "base/assert.h"
#include "bus/fold.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "events are encoded as they lie in memory");
static_assert(sizeof(struct duet_signal) == 48 && sizeof(struct duet_order_event) == 80 &&
                  sizeof(struct duet_order_status_event) == 80 && sizeof(struct duet_fill) == 80 &&
                  sizeof(struct duet_position_event) == 80 && sizeof(struct duet_account_event) == 80 &&
                  sizeof(struct duet_timer_event) == 48 && sizeof(struct duet_lifecycle_event) == 80 &&
                  sizeof(struct duet_error_event) == 80 && sizeof(struct duet_custom_event) == 80,
    "payloads have no padding holes");

/** Bytes of a record that are encoded: all but its reserved tail. */
#define BAR_SIZE offsetof(struct duet_bar, reserved)
#define TRADE_SIZE offsetof(struct duet_trade, reserved)
#define QUOTE_SIZE sizeof(struct duet_quote)
#define HEADER_SIZE 36
static_assert(HEADER_SIZE + BAR_SIZE <= DUET_EVENT_ENCODED_MAX, "the longest encoding");

static const char *const event_type_names[DUET_EVENT_TYPE_COUNT] = {
#define EVENT_NAME(name) [DUET_EVENT_##name] = #name,
    DUET_EVENT_MAP(EVENT_NAME)
#undef EVENT_NAME
};

const char *duet_event_type_name(enum duet_event_type type) {
    return (unsigned)type < DUET_EVENT_TYPE_COUNT ? event_type_names[type] : "?";
}

/** Payload bytes of the types that carry their payload themselves; 0 for the others. */
static const unsigned char payload_sizes[DUET_EVENT_TYPE_COUNT] = {
    [DUET_EVENT_OPENING] = sizeof(struct duet_opening),
    [DUET_EVENT_SIGNAL] = sizeof(struct duet_signal),
    [DUET_EVENT_ORDER] = sizeof(struct duet_order_event),
    [DUET_EVENT_ORDER_STATUS] = sizeof(struct duet_order_status_event),
    [DUET_EVENT_FILL] = sizeof(struct duet_fill),
    [DUET_EVENT_POSITION] = sizeof(struct duet_position_event),
    [DUET_EVENT_ACCOUNT] = sizeof(struct duet_account_event),
    [DUET_EVENT_TIMER] = sizeof(struct duet_timer_event),
    [DUET_EVENT_LIFECYCLE] = sizeof(struct duet_lifecycle_event),
    [DUET_EVENT_ERROR] = sizeof(struct duet_error_event),
    [DUET_EVENT_FEATURE] = sizeof(struct duet_custom_event),
    [DUET_EVENT_COMMAND] = sizeof(struct duet_custom_event),
    [DUET_EVENT_CONNECTION] = sizeof(struct duet_custom_event),
    [DUET_EVENT_STALE] = sizeof(struct duet_custom_event),
    [DUET_EVENT_CUSTOM] = sizeof(struct duet_custom_event),
    [DUET_EVENT_BOOK] = sizeof(struct duet_custom_event),
};

static const void *event_payload(const struct duet_event *event, size_t *size) {
    switch (event->type) {
    case DUET_EVENT_BAR:
        *size = BAR_SIZE;
        return event->bar;
    case DUET_EVENT_TRADE:
        *size = TRADE_SIZE;
        return event->trade;
    case DUET_EVENT_QUOTE:
        *size = QUOTE_SIZE;
        return event->quote;
    default:
        *size = payload_sizes[event->type];
        return event->bytes;
    }
}

size_t duet_event_encode(const struct duet_event *event, unsigned char *out) {
    DUET_ASSERT(event->type < DUET_EVENT_TYPE_COUNT);

    size_t size;
    const void *payload = event_payload(event, &size);
    memcpy(out, &event->type, 2);
    memcpy(out + 2, &event->hop, 2);
    memcpy(out + 4, &event->time_ns, 8);
    memcpy(out + 12, &event->event_ns, 8);
    memcpy(out + 20, &event->sequence, 8);
    memcpy(out + 28, &event->cause_sequence, 8);
    memcpy(out + HEADER_SIZE, payload, size);
    return HEADER_SIZE + size;
}

static inline uint64_t word_at(const unsigned char *bytes, size_t offset) {
    uint64_t word;
    memcpy(&word, bytes + offset, sizeof(word));
    return word;
}

/** Mixes `size` bytes, a multiple of 8, in pairs of words; a missing second one is 0. Read in place: copying a payload
 * of a size that is known only now costs more than the hash. */
static uint64_t fold_words(const void *payload, size_t size) {
    const unsigned char *bytes = payload;
    uint64_t word = size;
    for (size_t offset = 0; offset < size; offset += 16) {
        uint64_t second = offset + 8 < size ? word_at(bytes, offset + 8) : 0;
        // Distinct odd multiples keep equal pairs at different places apart.
        uint64_t place = (uint64_t)(offset / 8 + 1) * DUET_FOLD_KEY_7;
        word += duet_hash_mix(word_at(bytes, offset) ^ DUET_FOLD_KEY_2 ^ place, second ^ DUET_FOLD_KEY_3 ^ place);
    }
    return word;
}

static uint64_t fold_record(uint64_t hash, const void *record, size_t size, uint64_t type_and_sequence) {
    return duet_hash_step(
        hash, fold_words(record, size) + duet_hash_mix(type_and_sequence ^ DUET_FOLD_KEY_0, DUET_FOLD_KEY_1));
}

static uint64_t fold_derived(uint64_t hash, const struct duet_event *event) {
    size_t size = payload_sizes[event->type];
    if (event->type == DUET_EVENT_ERROR) {
        size = offsetof(struct duet_error_event, component); // texts may be reworded
    }
    uint64_t word = fold_words(event->bytes, size);
    word += duet_hash_mix(
        ((uint64_t)event->hop << 16 | event->type) ^ DUET_FOLD_KEY_0, (uint64_t)event->time_ns ^ DUET_FOLD_KEY_1);
    word += duet_hash_mix((uint64_t)event->event_ns ^ DUET_FOLD_KEY_4, event->sequence ^ DUET_FOLD_KEY_5);
    word += duet_hash_mix(event->cause_sequence ^ DUET_FOLD_KEY_6, DUET_FOLD_KEY_7);
    return duet_hash_step(hash, word);
}

uint64_t duet_event_fold(uint64_t hash, const struct duet_event *event) {
    DUET_ASSERT(event->type < DUET_EVENT_TYPE_COUNT);

    uint64_t type_and_sequence = event->sequence ^ (uint64_t)event->type << 56;
    switch (event->type) {
    case DUET_EVENT_BAR:
        return duet_fold_bar(hash, event->bar, event->sequence);
    case DUET_EVENT_TRADE:
        return fold_record(hash, event->trade, TRADE_SIZE, type_and_sequence);
    case DUET_EVENT_QUOTE:
        return fold_record(hash, event->quote, QUOTE_SIZE, type_and_sequence);
    case DUET_EVENT_INSTANT:
    case DUET_EVENT_LIFECYCLE:
    case DUET_EVENT_CONNECTION:
        return hash;
    default:
        return fold_derived(hash, event);
    }
}
