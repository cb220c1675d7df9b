/*
 * Events: what travels on the bus.
 *
 * An event is 128 bytes: a header of 48 and a payload of at most 80, laid out
 * without padding holes, texts zero-filled. On little-endian machines (the only
 * ones supported, see event.c) those bytes are the canonical encoding that hash,
 * journal and comparison use; BAR, TRADE and QUOTE carry a pointer instead and
 * are encoded as the record it points to. Which header fields count is said at
 * duet_event_fold().
 *
 * All times are nanoseconds since 1970-01-01 UTC.
 */
#ifndef DUET_EVENT_H
#define DUET_EVENT_H

#include <duet/bar.h>
#include <duet/money.h>
#include <duet/order.h>

/** A cause deeper than this is refused: some handlers answer each other for ever. */
#define DUET_HOP_MAX 64

#define DUET_EVENT_MAP(X)                                              \
    X(NONE)                                                            \
    X(BAR) /* a bar closed: `bar` */                                   \
    X(TRADE) /* `trade` */                                             \
    X(QUOTE) /* `quote` */                                             \
    X(BOOK) /* level updates; reserved */                              \
    X(OPENING) /* a bar opened while orders were pending: `opening` */ \
    X(INSTANT) /* a marker: every bar that closes now is delivered */  \
    X(SIGNAL) /* `signal` */                                           \
    X(ORDER) /* a request on its way to the broker: `order` */         \
    X(ORDER_STATUS) /* `status` */                                     \
    X(FILL) /* `fill` */                                               \
    X(POSITION) /* after each change: `position` */                    \
    X(ACCOUNT) /* after each change: `account` */                      \
    X(TIMER) /* `timer` */                                             \
    X(FEATURE) /* an offloaded result: `custom` */                     \
    X(LIFECYCLE) /* `lifecycle` */                                     \
    X(COMMAND) /* an operator's: `custom` */                           \
    X(CONNECTION) /* `custom` */                                       \
    X(STALE) /* `custom` */                                            \
    X(ERROR) /* `error` */                                             \
    X(CUSTOM) /* `custom` */

enum duet_event_type {
#define DUET_EVENT_ENUM(name) DUET_EVENT_##name,
    DUET_EVENT_MAP(DUET_EVENT_ENUM)
#undef DUET_EVENT_ENUM
        DUET_EVENT_TYPE_COUNT
};

/** Inputs at one time are taken in this order. */
enum duet_input_class {
    DUET_CLASS_REPORT = 0, // venue report, command, connection, stale
    DUET_CLASS_MARKET,
    DUET_CLASS_RESULT, // offload result, custom
    DUET_CLASS_TIMER,
    DUET_CLASS_OPENING,
    DUET_CLASS_COUNT,
};

/** What a bar tells the venue before it is over. */
struct duet_opening {
    uint32_t size, instrument;
    int64_t open_ns;
    int64_t open_scaled;
};

struct duet_signal {
    uint32_t size, instrument;
    uint32_t strategy;
    int32_t direction; // +1 long, 0 flat, -1 short
    double strength; // 0..1
    char reason[DUET_REASON_MAX];
};

/** A request. Quantity and prices are in the instrument's units; quantity > 0. */
struct duet_order_event {
    uint32_t size, instrument;
    uint64_t order_id;
    uint8_t action; // enum duet_order_action
    int8_t side; // enum duet_side
    uint8_t type; // enum duet_order_type
    uint8_t time_in_force;
    uint16_t flags; // DUET_REDUCE_ONLY …
    uint16_t strategy;
    int64_t quantity;
    int64_t price; // limit; 0 where the type has none
    int64_t stop_price; // 0 where the type has none
    int64_t expires_ns; // GTD only
    char reason[DUET_REASON_MAX];
};

/** An order went from `previous` to `status`. */
struct duet_order_status_event {
    uint32_t size, instrument;
    uint64_t order_id;
    uint8_t status, previous; // enum duet_order_status
    uint16_t reason_code; // enum duet_reason
    uint16_t strategy;
    int8_t side;
    uint8_t type;
    int64_t quantity; // of the whole order
    int64_t cumulative; // filled so far
    int64_t price, stop_price;
    char reason[DUET_REASON_MAX]; // of the order, as its sender gave it
};

#define DUET_LIQUIDITY_UNKNOWN 0
#define DUET_LIQUIDITY_TAKER 1
#define DUET_LIQUIDITY_MAKER 2

struct duet_fill {
    uint32_t size, instrument;
    uint64_t fill_id, order_id;
    int8_t side;
    uint8_t liquidity;
    uint16_t flags;
    uint16_t strategy, reserved;
    duet_money commission; // >= 0 is paid
    int64_t quantity; // > 0
    int64_t price;
    int64_t slippage; // price units lost against the unslipped price; >= 0 is a loss
    int64_t timestamp_ns;
};

struct duet_position_event {
    uint32_t size, instrument;
    int64_t quantity; // signed
    duet_money cost; // signed like quantity: what the open part cost, commissions apart
    duet_money realized; // since the start, commissions apart
    int64_t mark; // price it is valued at
    double average_price;
    duet_money commission; // since the start
};

struct duet_account_event {
    uint32_t size, reserved[3];
    duet_money cash, equity, realized, commission;
};

struct duet_timer_event {
    uint32_t size, instrument;
    uint64_t timer_id;
    int64_t due_ns;
    uint64_t cookie; // the owner's own number
    int64_t period_ns; // 0: fires once
    uint64_t owner;
};

#define DUET_COMPONENT_NAME_MAX 24

struct duet_lifecycle_event {
    uint32_t size;
    uint32_t transition; // enum duet_component_verb
    uint32_t previous, current; // enum duet_component_state
    char component[DUET_COMPONENT_NAME_MAX];
    char detail[40];
};

struct duet_error_event {
    uint32_t size;
    int32_t error_type; // enum duet_status
    uint64_t order_id; // 0 where none is concerned
    char component[DUET_COMPONENT_NAME_MAX];
    char message[40]; // cut to fit; the log has it whole
};

struct duet_custom_event {
    uint32_t size;
    uint32_t tag; // the publisher's own
    unsigned char data[72];
};

struct duet_event {
    uint16_t type; // enum duet_event_type
    uint16_t hop; // depth of its cause; 0 for an input
    uint32_t context_id;
    int64_t time_ns; // of the input that is being worked off
    int64_t event_ns; // what strategies reason with: bar close, venue stamp, timer due
    uint64_t sequence;
    uint64_t cause_sequence; // 0 for an input
    uint64_t reserved;
    union {
        const struct duet_bar *bar; // valid while being dispatched; never queued
        const struct duet_trade *trade;
        const struct duet_quote *quote;
        struct duet_opening opening;
        struct duet_signal signal;
        struct duet_order_event order;
        struct duet_order_status_event status;
        struct duet_fill fill;
        struct duet_position_event position;
        struct duet_account_event account;
        struct duet_timer_event timer;
        struct duet_lifecycle_event lifecycle;
        struct duet_error_event error;
        struct duet_custom_event custom;
        unsigned char bytes[80];
    };
};
static_assert(sizeof(struct duet_event) == 128, "two cache lines");

/** E.g. "ORDER_STATUS"; static. "?" outside the range. */
DUET_EXPORT const char *duet_event_type_name(enum duet_event_type type);

/** Longest encoding of an event. */
#define DUET_EVENT_ENCODED_MAX 160

/**
 * Canonical bytes of an event: type, hop, time_ns, event_ns, sequence,
 * cause_sequence, then the payload of its type (for BAR, TRADE, QUOTE the record
 * pointed to, reserved fields left out). Writes at most DUET_EVENT_ENCODED_MAX
 * bytes and returns how many.
 */
DUET_EXPORT size_t duet_event_encode(const struct duet_event *event, unsigned char *out);

/**
 * Markers carry no sequence of their own (0), are not shown to the tap and do not
 * count in the hash, so a run with more or fewer of them decides the same: INSTANT,
 * which follows from the bars around it, and LIFECYCLE, which differs with the parts a
 * run is put together from. What their handlers publish has their cause as its cause.
 */
static inline int duet_event_is_marker(unsigned type) {
    return type == DUET_EVENT_INSTANT || type == DUET_EVENT_LIFECYCLE;
}

/**
 * `hash` with one event folded in: the same fields as the encoding, eight bytes at a
 * time. Markers and CONNECTION leave it as it is; context_id never counts, nor do the
 * texts of an ERROR. Market inputs fold record and sequence only; of a BAR the
 * instrument, interval, opening time, the four scaled prices and the volume.
 */
DUET_EXPORT uint64_t duet_event_fold(uint64_t hash, const struct duet_event *event);

#endif
