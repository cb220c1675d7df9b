/*
 * The gateway protocol, version 1, as bytes: JSON objects, one a line. docs/gateway.md is its manual, with every
 * message, the order of a connection's life and the rules that both sides keep. No I/O here: lines in, messages out.
 *
 * Texts name instruments by symbol, prices and quantities are decimal texts or numbers, times nanoseconds since 1970
 * as numbers or ISO 8601 texts.
 */
#ifndef DUET_NET_GATEWAY_CODEC_H
#define DUET_NET_GATEWAY_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/order.h>
#include <duet/status.h>

#define DUET_GATEWAY_PROTOCOL 1

/** Roles of a gateway, as bits. */
#define DUET_GATEWAY_FEED 1u
#define DUET_GATEWAY_BROKER 2u

/** What a feed gives, as bits. */
#define DUET_GATEWAY_BARS 1u
#define DUET_GATEWAY_OPENINGS 2u
#define DUET_GATEWAY_TRADES 4u
#define DUET_GATEWAY_QUOTES 8u

/** Messages from the gateway. `type` on the wire is the text. */
#define DUET_GATEWAY_IN_MAP(X)                                                                                        \
    X(WELCOME, "welcome") /* protocol, gateway, roles, epoch; seq: the next feed message that it can send */          \
    X(REFUSED, "refused") /* the hello: reason (epoch, protocol, token, session), text; epoch: the newest known */    \
    X(HEARTBEAT, "heartbeat")                                                                                         \
    X(OPENING, "opening") /* a bar opened: symbol, interval, time, open */                                            \
    X(BAR, "bar") /* a bar closed: symbol, interval, time (opening), open, high, low, close, volume; history: true */ \
    X(TRADE, "trade") /* symbol, time, price, quantity, side */                                                       \
    X(QUOTE, "quote") /* symbol, time, bid, ask, bid_size, ask_size */                                                \
    X(RESUMED, "resumed") /* seq: all that was kept has been sent, what follows is new */                             \
    X(HISTORY_END, "history_end") /* symbol, interval: all asked for has been sent */                                 \
    X(ORDER, "order") /* state of one of our orders: id, status, cumulative, reason; unknown: status "unknown" */     \
    X(FILL, "fill") /* id, fill_id, side, quantity, price, commission, cumulative */                                  \
    X(POSITION, "position") /* symbol, quantity (signed) */                                                           \
    X(SNAPSHOT_END, "snapshot_end") /* after a query of everything: all has been told; report: the last */            \
    X(ERROR, "error") /* text, id: something of ours could not be worked off */

enum duet_gateway_in {
    DUET_GATEWAY_NONE = 0,
#define DUET_GATEWAY_ENUM(name, text) DUET_GATEWAY_##name,
    DUET_GATEWAY_IN_MAP(DUET_GATEWAY_ENUM)
#undef DUET_GATEWAY_ENUM
};

#define DUET_GATEWAY_SEQUENCE_UNSAID UINT64_MAX
/** A decoded line. Fields that a message does not have are zero. Prices stay texts: only the receiver knows decimals;
 * they are plain decimals, also where the line had an exponent. */
struct duet_gateway_message {
    enum duet_gateway_in type;
    uint64_t sequence; // "seq" of a feed message, rising; 0: none; of "resumed" it may be ..._UNSAID
    uint64_t report; // of an order or fill, 1, 2, 3 …; 0: an answer to a query
    uint64_t epoch;
    int64_t time_ns, interval_ns;
    int64_t end_ns; // of a bar: when it closes, if that is not time + interval; 0: it is
    char symbol[32];
    char order_id[40]; // ours: prefix and counter
    char fill_id[40];
    uint8_t status; // enum duet_order_status; CREATED: "unknown", SUBMITTED: "pending"
    int8_t side; // enum duet_side; 0: not said
    char reason[64];
    char open[40], high[40], low[40], close[40], volume[40]; // decimal texts
    char price[40], quantity[40], commission[40], cumulative[40];
    char bid[40], ask[40], bid_size[40], ask_size[40];
    bool history;
    uint32_t protocol, roles; // welcome
    uint32_t gives; // welcome; 0: not said, so all of it
    char text[160];
};
/** DUET_EDATA names what is wrong; type, sequence and whatever else could be read are there all the same. Unknown types
 * are DUET_GATEWAY_NONE with DUET_OK (to be counted and ignored). */
DUET_MUST_CHECK enum duet_status duet_gateway_decode(const char *line, size_t size, struct duet_gateway_message *out);

/** What we say; each writes one line without newline, zero-terminated, into `out` (DUET_GATEWAY_LINE_MAX bytes) and
 * returns its length; 0: it does not fit. */
#define DUET_GATEWAY_LINE_MAX 1024
struct duet_gateway_order {
    const char *order_id, *symbol, *side, *type, *time_in_force; // "buy", "market", "gtc"
    const char *quantity, *price, *stop_price; // decimal texts; NULL where none
    int64_t expires_ns; // 0: none
    bool reduce_only;
};
struct duet_gateway_greeting {
    const char *session, *token; // token NULL: none
    uint64_t epoch; // rises with every connection, also over restarts
    uint32_t roles;
    uint64_t feed_sequence;
    int64_t heartbeat_ms;
};
size_t duet_gateway_hello(char *out, const struct duet_gateway_greeting *greeting);
/** interval_ns 0: trades or quotes only. */
size_t duet_gateway_subscribe(char *out, const char *symbol, int64_t interval_ns, bool trades, bool quotes);
/** After the last subscribe. `resume`: first what has seq above `feed_sequence`; else only what is new. */
size_t duet_gateway_start(char *out, bool resume, uint64_t feed_sequence);
/** Closed bars that open in [from_ns, to_ns); `last` > 0: the last so many of them. */
size_t duet_gateway_history(
    char *out, const char *symbol, int64_t interval_ns, int64_t from_ns, int64_t to_ns, uint32_t last);
/** Everything up to `feed_sequence` is durable here, and what it led to has been sent. */
size_t duet_gateway_ack(char *out, uint64_t feed_sequence);
size_t duet_gateway_submit(char *out, const struct duet_gateway_order *order);
size_t duet_gateway_cancel(char *out, const char *order_id);
/** One order with all its fills; NULL: reports after `report`, open orders, positions, snapshot_end. */
size_t duet_gateway_query(char *out, const char *order_id, uint64_t report);
size_t duet_gateway_heartbeat(char *out);

#endif
