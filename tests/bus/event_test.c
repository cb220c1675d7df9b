/* Names, canonical bytes, and what counts in the hash. */
#include <duet/event.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "support/suite.h"

START_TEST(names_every_type_and_nothing_else) {
    ck_assert_str_eq(duet_event_type_name(DUET_EVENT_BAR), "BAR");
    ck_assert_str_eq(duet_event_type_name(DUET_EVENT_ORDER_STATUS), "ORDER_STATUS");
    ck_assert_str_eq(duet_event_type_name(DUET_EVENT_CUSTOM), "CUSTOM");
    ck_assert_str_eq(duet_event_type_name(DUET_EVENT_TYPE_COUNT), "?");
    ck_assert_str_eq(duet_event_type_name((enum duet_event_type) - 1), "?");
    for (unsigned type = 0; type < DUET_EVENT_TYPE_COUNT; type++) {
        ck_assert_int_ne(duet_event_type_name((enum duet_event_type)type)[0], '\0');
    }
}
END_TEST

static void to_hex(const unsigned char *bytes, size_t size, char *out) {
    for (size_t i = 0; i < size; i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
}

START_TEST(encodes_header_and_payload_little_endian_without_holes) {
    struct duet_event event = {.type = DUET_EVENT_TIMER,
        .hop = 2,
        .context_id = 0xffffffff, // not encoded
        .time_ns = 0x0102030405060708,
        .event_ns = -2,
        .sequence = 3,
        .cause_sequence = 0x10,
        .reserved = 99,
        .timer = {
            .size = 48, .instrument = 5, .timer_id = 6, .due_ns = 7, .cookie = 8, .period_ns = 9, .owner = 0x0a0b}};
    unsigned char bytes[DUET_EVENT_ENCODED_MAX];
    char hex[2 * DUET_EVENT_ENCODED_MAX + 1];
    ck_assert_uint_eq(duet_event_encode(&event, bytes), 36 + 48);
    to_hex(bytes, 36 + 48, hex);
    ck_assert_str_eq(hex, "0d00" // TIMER is the 14th name, counted from 0
                          "0200"
                          "0807060504030201"
                          "feffffffffffffff"
                          "0300000000000000"
                          "1000000000000000"
                          "30000000"
                          "05000000"
                          "0600000000000000"
                          "0700000000000000"
                          "0800000000000000"
                          "0900000000000000"
                          "0b0a000000000000");
}
END_TEST

START_TEST(market_data_encodes_the_record_without_its_reserved_tail) {
    struct duet_bar bar = {.size = sizeof(bar), .instrument = 3, .reserved = {1, 2}}, other = bar;
    struct duet_trade trade = {.size = sizeof(trade), .reserved = 7};
    struct duet_quote quote = {.size = sizeof(quote)};
    unsigned char bytes[DUET_EVENT_ENCODED_MAX], again[DUET_EVENT_ENCODED_MAX];
    struct duet_event event = {.type = DUET_EVENT_BAR, .bar = &bar};
    ck_assert_uint_eq(duet_event_encode(&event, bytes), 36 + 112);
    ck_assert_uint_eq(bytes[36 + 4], 3);
    other.reserved[0] = 77;
    event.bar = &other; // another address, another tail: the same bytes
    ck_assert_uint_eq(duet_event_encode(&event, again), 36 + 112);
    ck_assert_int_eq(memcmp(bytes, again, 36 + 112), 0);
    event = (struct duet_event){.type = DUET_EVENT_TRADE, .trade = &trade};
    ck_assert_uint_eq(duet_event_encode(&event, bytes), 36 + 56);
    event = (struct duet_event){.type = DUET_EVENT_QUOTE, .quote = &quote};
    ck_assert_uint_eq(duet_event_encode(&event, bytes), 36 + 64);
}
END_TEST

START_TEST(every_encoding_fits) {
    const struct duet_bar bar = {0};
    const struct duet_trade trade = {0};
    const struct duet_quote quote = {0};
    for (uint16_t type = 0; type < DUET_EVENT_TYPE_COUNT; type++) {
        struct duet_event event = {.type = type};
        if (type == DUET_EVENT_BAR) {
            event.bar = &bar;
        } else if (type == DUET_EVENT_TRADE) {
            event.trade = &trade;
        } else if (type == DUET_EVENT_QUOTE) {
            event.quote = &quote;
        }
        unsigned char bytes[DUET_EVENT_ENCODED_MAX];
        ck_assert_uint_le(duet_event_encode(&event, bytes), DUET_EVENT_ENCODED_MAX);
    }
}
END_TEST

static struct duet_bar sample_bar(void) {
    return (struct duet_bar){.size = sizeof(struct duet_bar),
        .instrument = 1,
        .open_ns = 60 * DUET_SECOND_NS,
        .close_ns = 120 * DUET_SECOND_NS,
        .interval_ns = DUET_MINUTE_NS,
        .volume = 1000,
        .open_scaled = 100,
        .high_scaled = 110,
        .low_scaled = 90,
        .close_scaled = 105,
        .price_decimals = 2};
}
static uint64_t fold_bar(const struct duet_bar *bar, uint64_t sequence) {
    const struct duet_event event = {.type = DUET_EVENT_BAR, .sequence = sequence, .bar = bar};
    return duet_event_fold(1, &event);
}
START_TEST(every_bit_of_what_counts_in_a_bar_changes_the_hash) {
    const struct duet_bar bar = sample_bar();
    uint64_t hash = fold_bar(&bar, 7);
    ck_assert_uint_eq(fold_bar(&bar, 7), hash);
    ck_assert_uint_ne(fold_bar(&bar, 8), hash);
    static const struct {
        size_t offset, size;
    } counted[] = {
#define COUNTED(field) {offsetof(struct duet_bar, field), sizeof(bar.field)}
        COUNTED(instrument),
        COUNTED(open_ns),
        COUNTED(interval_ns),
        COUNTED(volume),
        COUNTED(open_scaled),
        COUNTED(high_scaled),
        COUNTED(low_scaled),
        COUNTED(close_scaled),
#undef COUNTED
    };
    for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
        // Instruments are indices; 4096 of them keep apart from every interval.
        size_t bits = counted[i].offset == offsetof(struct duet_bar, instrument) ? 12 : 8 * counted[i].size;
        for (size_t bit = 0; bit < bits; bit++) {
            struct duet_bar changed = bar;
            ((unsigned char *)&changed)[counted[i].offset + bit / 8] ^= (unsigned char)(1u << bit % 8);
            ck_assert_uint_ne(fold_bar(&changed, 7), hash);
        }
    }
    struct duet_bar swapped = bar;
    swapped.open_scaled = bar.close_scaled;
    swapped.close_scaled = bar.open_scaled;
    ck_assert_uint_ne(fold_bar(&swapped, 7), hash);
}
END_TEST

START_TEST(doubles_header_times_and_reserved_fields_of_a_bar_do_not_count) {
    struct duet_bar bar = sample_bar(), other = sample_bar();
    other.open = other.close = 3.5;
    other.reserved[1] = 9;
    struct duet_event event = {.type = DUET_EVENT_BAR, .sequence = 7, .bar = &bar}, later = event;
    later.bar = &other;
    later.time_ns = 99;
    later.context_id = 4;
    ck_assert_uint_eq(duet_event_fold(1, &event), duet_event_fold(1, &later));
}
END_TEST

START_TEST(every_byte_of_a_derived_event_counts_but_context_and_reserve) {
    for (uint16_t type = DUET_EVENT_OPENING; type < DUET_EVENT_TYPE_COUNT; type++) {
        if (duet_event_is_marker(type) || type == DUET_EVENT_CONNECTION || type == DUET_EVENT_ERROR) {
            continue;
        }
        struct duet_event event = {.type = type};
        unsigned char encoded[DUET_EVENT_ENCODED_MAX];
        size_t payload = duet_event_encode(&event, encoded) - 36;
        uint64_t hash = duet_event_fold(1, &event);
        for (size_t i = 2; i < 48 + payload; i++) {
            struct duet_event changed = event;
            ((unsigned char *)&changed)[i] ^= 0x40;
            bool counts = !(i >= 4 && i < 8) && !(i >= 40 && i < 48);
            ck_assert_msg((duet_event_fold(1, &changed) != hash) == counts, "%s byte %zu",
                duet_event_type_name((enum duet_event_type)type), i);
        }
    }
}
END_TEST

START_TEST(types_are_told_apart) {
    uint64_t seen[DUET_EVENT_TYPE_COUNT];
    size_t count = 0;
    for (uint16_t type = DUET_EVENT_SIGNAL; type < DUET_EVENT_TYPE_COUNT; type++) {
        const struct duet_event event = {.type = type};
        uint64_t hash = duet_event_fold(1, &event);
        for (size_t i = 0; i < count && hash != 1; i++) {
            ck_assert_uint_ne(hash, seen[i]);
        }
        seen[count++] = hash;
    }
}
END_TEST

START_TEST(texts_of_errors_markers_and_connections_do_not_count) {
    struct duet_event error = {.type = DUET_EVENT_ERROR, .error = {.error_type = DUET_EIO, .order_id = 3}};
    uint64_t hash = duet_event_fold(1, &error);
    snprintf(error.error.message, sizeof(error.error.message), "reworded");
    snprintf(error.error.component, sizeof(error.error.component), "renamed");
    ck_assert_uint_eq(duet_event_fold(1, &error), hash);
    error.error.order_id = 4;
    ck_assert_uint_ne(duet_event_fold(1, &error), hash);
    const uint16_t silent[] = {DUET_EVENT_INSTANT, DUET_EVENT_LIFECYCLE, DUET_EVENT_CONNECTION};
    for (size_t i = 0; i < 3; i++) {
        const struct duet_event event = {.type = silent[i], .sequence = 5};
        ck_assert_uint_eq(duet_event_fold(1, &event), 1);
    }
}
END_TEST

START_TEST(order_of_events_counts) {
    const struct duet_event a = {.type = DUET_EVENT_CUSTOM, .custom = {.tag = 1}},
                            b = {.type = DUET_EVENT_CUSTOM, .custom = {.tag = 2}};
    ck_assert_uint_ne(duet_event_fold(duet_event_fold(1, &a), &b), duet_event_fold(duet_event_fold(1, &b), &a));
}
END_TEST

DUET_TEST_MAIN("event", NULL, names_every_type_and_nothing_else, encodes_header_and_payload_little_endian_without_holes,
    market_data_encodes_the_record_without_its_reserved_tail, every_encoding_fits,
    every_bit_of_what_counts_in_a_bar_changes_the_hash, doubles_header_times_and_reserved_fields_of_a_bar_do_not_count,
    every_byte_of_a_derived_event_counts_but_context_and_reserve, types_are_told_apart,
    texts_of_errors_markers_and_connections_do_not_count, order_of_events_counts)
