/*
 * Inputs of a live session: everything that can change a decision, as records of bytes.
 *
 * What comes from outside (feed, gateway, operator, clock, workers) is turned into such a record once, at admission,
 * stamped, journaled, and only then given to the core. The core is a function of its records alone, so a replay of the
 * journal is a replay of the session. A record is a fixed head and a payload; payloads are the structs below, little-
 * endian and without padding, arrays one after another in the order of their counts.
 */
#ifndef DUET_ENGINE_LIVE_INPUT_H
#define DUET_ENGINE_LIVE_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include <duet/bar.h>
#include <duet/event.h>
#include <duet/status.h>

/** Number, name and payload. Numbers are written into journals: only append. */
#define DUET_INPUT_MAP(X)                                                                                           \
    X(SESSION, 1) /* first of all: text of the effective configuration, instruments, series; see input_session.c */ \
    X(RESTART, 2) /* struct duet_input_restart: a process took the session up again */                              \
    X(INSTANT, 3) /* struct duet_input_instant and its arrays: bars that close, bars that open */                   \
    X(TIME, 4) /* no payload: run what is due by `time_ns` (timers, expiries) */                                    \
    X(TRADE, 5) /* struct duet_trade */                                                                             \
    X(QUOTE, 6) /* struct duet_quote */                                                                             \
    X(REPORT, 7) /* struct duet_input_report: the gateway on one of our orders */                                   \
    X(COMMAND, 8) /* struct duet_input_command: an operator's */                                                    \
    X(CONNECTION, 9) /* struct duet_input_connection */                                                             \
    X(STALE, 10) /* struct duet_input_stale */                                                                      \
    X(RESULT, 11) /* struct duet_input_result: offloaded work is done */                                            \
    X(DROPPED, 12) /* struct duet_input_dropped: something was not taken */                                         \
    X(RECONCILED, 13) /* struct duet_input_reconciled and its positions: the other side has told all it knows */    \
    X(CONFIG, 14) /* whole text of the changed configuration: a reload */                                           \
    X(STOP, 15) /* no payload: the session is being closed in order */                                              \
    X(END, 16) /* no payload: the feed is over for good (a file's end): pending orders expire, as in a backtest */

enum duet_input_kind {
#define DUET_INPUT_ENUM(name, number) DUET_INPUT_##name = number,
    DUET_INPUT_MAP(DUET_INPUT_ENUM)
#undef DUET_INPUT_ENUM
};
/** E.g. "INSTANT"; "?" for a number that is none. */
const char *duet_input_kind_name(unsigned kind);

/** Largest payload. */
#define DUET_INPUT_BYTES_MAX (64u << 20)

struct duet_input {
    uint64_t number; // 1, 2, 3 … in the order of admission; the journal's key
    int64_t time_ns; // stamped once, never goes back
    uint16_t kind; // enum duet_input_kind
    uint16_t reserved;
    uint32_t size; // of the payload
    const void *bytes; // borrowed; 8-byte aligned
};

struct duet_input_restart {
    uint64_t epoch; // of the process that begins: 1, 2, 3 …
    uint32_t clean; // 1: the one before ended in order
    uint32_t reserved;
};

#define DUET_INSTANT_HISTORY 1u /* warm-up: told to the strategy, unknown to the venue, no orders */
#define DUET_INSTANT_LATE 2u /* came after its instant had been given up */
#define DUET_INSTANT_OPENS_AT_CLOSE \
    4u /* the feed knows closed bars only: their opens are met now, before their ranges */

/** Everything that the feed knows of one instant. Bars come sorted by interval, then instrument. */
struct duet_input_instant {
    int64_t instant_ns; // when the bars close and the others open
    uint32_t flags; // DUET_INSTANT_…
    uint32_t closing; // struct duet_bar that follow
    uint32_t opening; // struct duet_opening after those
    uint32_t missing; // uint32_t series indices after those: waited for in vain
};

/** What the gateway says of an order. `status` is the new one; a fill has quantity and price, and status
    PARTIALLY_FILLED or FILLED. */
struct duet_input_report {
    uint64_t order_id; // ours; 0: an order that is not
    uint64_t gateway_sequence; // of the message, rising within a gateway's life
    uint32_t instrument;
    uint8_t status; // enum duet_order_status
    int8_t side;
    uint16_t reason_code; // enum duet_reason
    int64_t fill_quantity; // 0: no fill
    int64_t fill_price;
    int64_t cumulative; // after it
    duet_money commission;
    int64_t venue_ns; // the venue's stamp
    char fill_id[40]; // the gateway's; a fill is booked once per id
    char text[64]; // the gateway's reason, for people
};

/** Operator commands; the numbers are written into journals. */
#define DUET_COMMAND_MAP(X) \
    X(ARM, 1, "arm")        \
    X(HALT, 2, "halt")      \
    X(RESUME, 3, "resume") X(FLATTEN, 4, "flatten") X(CANCEL_ALL, 5, "cancel-all") X(CANCEL, 6, "cancel")
enum duet_command {
#define DUET_COMMAND_ENUM(name, number, text) DUET_COMMAND_##name = number,
    DUET_COMMAND_MAP(DUET_COMMAND_ENUM)
#undef DUET_COMMAND_ENUM
};
/** "arm"; NULL for a number that is none. And back: 0 for none. */
const char *duet_command_name(unsigned command);
unsigned duet_command_find(const char *name);

struct duet_input_command {
    uint32_t command; // enum duet_command
    uint32_t reserved;
    uint64_t request_id; // given back with the reply; 0: nobody waits
    uint64_t order_id; // CANCEL
    char origin[32]; // "api", "signal", "monitor", "daily-loss" …
    char text[64]; // why, as the operator gave it
};

#define DUET_LINK_FEED 1u
#define DUET_LINK_BROKER 2u
struct duet_input_connection {
    uint32_t link; // DUET_LINK_… bits
    uint32_t up; // 0 or 1
    uint64_t epoch; // of the connection, rising over the session
    char detail[48];
};

struct duet_input_stale {
    uint32_t series; // index; UINT32_MAX: the whole feed
    uint32_t stale; // 1: nothing came in time; 0: it has come again
    int64_t last_ns; // when the last came
};

struct duet_input_result {
    uint64_t ticket; // of the request
    int32_t status; // enum duet_status
    uint32_t count; // of values
    double values[7];
};

struct duet_input_dropped {
    uint64_t count;
    char what[32]; // "quote", "trade" …
};

/** The broker's word after a connect; orders that it does not know were REPORTed one by one before. */
struct duet_input_reconciled {
    uint32_t link;
    uint32_t positions; // struct duet_input_position that follow; an instrument without one is flat
    uint64_t epoch;
    uint64_t sequence; // of the gateway's last report
};
struct duet_input_position {
    uint32_t instrument, reserved;
    int64_t quantity;
};

/** DUET_EDATA where kind, size and counts do not go together; whoever takes a record from outside asks first. */
DUET_MUST_CHECK enum duet_status duet_input_check(const struct duet_input *input);
/** Arrays of a checked INSTANT. */
const struct duet_bar *duet_input_closing(const struct duet_input *input);
const struct duet_opening *duet_input_opening(const struct duet_input *input);
const uint32_t *duet_input_missing(const struct duet_input *input);

struct duet_text;
/** The payload of an INSTANT from its head and the arrays that this counts; replaces what `out` held. */
void duet_input_write_instant(struct duet_text *out, const struct duet_input_instant *instant,
    const struct duet_bar *closing, const struct duet_opening *opening, const uint32_t *missing);

#endif
