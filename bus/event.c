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

/** Most words of a record or payload that are folded. */
#define FOLD_WORDS_MAX 10
static_assert(sizeof(((struct duet_event *)NULL)->bytes) == 8 * FOLD_WORDS_MAX, "one key for each word of a payload");

static const uint64_t fold_keys[FOLD_WORDS_MAX] = {
    UINT64_C(0xe99277bc56f08f23),
    UINT64_C(0x8c72b5643c1a6615),
    UINT64_C(0xc1f5b5baae335843),
    UINT64_C(0x993cf912425116eb),
    UINT64_C(0xe808f5c3be1c2c17),
    UINT64_C(0xabc56a27db0c6af9),
    UINT64_C(0xb477115f46925f4f),
    UINT64_C(0x83f4cb29bafa74fd),
    UINT64_C(0x8dc1de874059070f),
    UINT64_C(0x8c4eadc17835da9f),
};

/** A sum of products, as for bars; `size` is a multiple of 8. */
static inline uint64_t fold_words(const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    uint64_t sum = 0;
    for (size_t i = 0; i < size / 8; i++) {
        uint64_t word;
        memcpy(&word, at + 8 * i, sizeof(word));
        sum += word * fold_keys[i];
    }
    return sum;
}

static uint64_t fold_derived(uint64_t hash, const struct duet_event *event) {
    size_t size = payload_sizes[event->type];
    if (event->type == DUET_EVENT_ERROR) {
        size = offsetof(struct duet_error_event, component); // texts may be reworded
    }
    uint64_t word = fold_words(event->bytes, size);
    word += ((uint64_t)event->hop << 16 | event->type) * DUET_FOLD_KEY_0;
    word += (uint64_t)event->time_ns * DUET_FOLD_KEY_1;
    word += (uint64_t)event->event_ns * DUET_FOLD_KEY_2;
    word += event->sequence * DUET_FOLD_KEY_3;
    word += event->cause_sequence * DUET_FOLD_KEY_4;
    return duet_hash_step(hash, word);
}

uint64_t duet_event_fold(uint64_t hash, const struct duet_event *event) {
    DUET_ASSERT(event->type < DUET_EVENT_TYPE_COUNT);

    uint64_t type_and_sequence = event->sequence * DUET_FOLD_KEY_3 + event->type;
    switch (event->type) {
    case DUET_EVENT_BAR:
        return duet_fold_bar(hash, event->bar, event->sequence);
    case DUET_EVENT_TRADE:
        return duet_hash_step(hash, fold_words(event->trade, TRADE_SIZE) + type_and_sequence);
    case DUET_EVENT_QUOTE:
        return duet_hash_step(hash, fold_words(event->quote, QUOTE_SIZE) + type_and_sequence);
    case DUET_EVENT_INSTANT:
    case DUET_EVENT_LIFECYCLE:
    case DUET_EVENT_CONNECTION:
        return hash;
    default:
        return fold_derived(hash, event);
    }
}
