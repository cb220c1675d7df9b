/*
 * Orders: what may be asked for, what becomes of it, and why it was refused.
 *
 *                  +--> DENIED                    (our own rules; never sent)
 *                  |
 *   CREATED --> SUBMITTED --> ACCEPTED --> PARTIALLY_FILLED --> FILLED
 *                  |             |   \            |
 *                  +-> REJECTED  |    \-----------+--> CANCELLED, EXPIRED
 *                                +--> TRIGGERED (stop orders) --> as ACCEPTED
 *
 * Every transition is an ORDER_STATUS event. DENIED, REJECTED, FILLED,
 * CANCELLED and EXPIRED are final. A fill that a broker outside tells after that
 * (DUET_LATE) is booked all the same; the order is then told once more, in the same
 * state or FILLED, with its new cumulative quantity.
 */
#ifndef DUET_ORDER_H
#define DUET_ORDER_H

#include <duet/money.h>
#include <duet/status.h>

/** Bytes of a reason text, the terminating zero included; longer ones are cut. */
#define DUET_REASON_MAX 24

enum duet_side { DUET_BUY = 1, DUET_SELL = -1 };

enum duet_order_type { DUET_MARKET = 0, DUET_LIMIT, DUET_STOP, DUET_STOP_LIMIT, DUET_ORDER_TYPE_COUNT };

/** DAY ends with the day of the run's time zone in which it was accepted; IOC and FOK meet one opening only. */
enum duet_time_in_force { DUET_GTC = 0, DUET_DAY, DUET_GTD, DUET_IOC, DUET_FOK, DUET_TIME_IN_FORCE_COUNT };

enum duet_order_action { DUET_SUBMIT = 0, DUET_CANCEL, DUET_REPLACE };

/** May only make the position smaller; cut to what is held, cancelled when nothing is. */
#define DUET_REDUCE_ONLY 1u
/** Belongs to an entry: may act in the bar whose opening filled that entry. */
#define DUET_ATTACHED 2u
/** Sent by the run itself at the end of data (--at-end close). */
#define DUET_AT_END 4u
/** Sent by the engine to limit a loss: protective stops, exits of the position monitor. */
#define DUET_LOCAL 8u
/** Sent for an operator: flatten. */
#define DUET_OPERATOR 16u
/** Of a fill: a broker outside tells it late, and it is true even where its order had ended or now has more than its
 * quantity. */
#define DUET_LATE 32u
/** Of a fill: at an opening that became known only when its bar had closed (open_known: close). */
#define DUET_AT_CLOSE 64u

enum duet_order_status {
    DUET_ORDER_CREATED = 0,
    DUET_ORDER_DENIED,
    DUET_ORDER_SUBMITTED,
    DUET_ORDER_REJECTED,
    DUET_ORDER_ACCEPTED,
    DUET_ORDER_TRIGGERED,
    DUET_ORDER_PARTIALLY_FILLED,
    DUET_ORDER_FILLED,
    DUET_ORDER_CANCELLED,
    DUET_ORDER_EXPIRED,
    DUET_ORDER_STATUS_COUNT,
};

/** name and text; the name is what the summary, the JSON and the logs print. */
#define DUET_REASON_MAP(X)                                          \
    X(NONE, "")                                                     \
    X(WARMUP, "sent before the strategy was warm or before --from") \
    X(NO_PRICE, "no price seen yet to size or check against")       \
    X(BELOW_LOT, "rounds to less than one lot")                     \
    X(OFF_TICK, "price is not a multiple of the tick")              \
    X(OFF_LOT, "quantity is not a multiple of the lot")             \
    X(BAD_QUANTITY, "quantity is not positive, or out of range")    \
    X(BAD_PRICE, "price is missing, not positive, or out of range") \
    X(BAD_REQUEST, "fields do not go together")                     \
    X(CASH, "not enough cash")                                      \
    X(LEVERAGE, "gross exposure would exceed the leverage allowed") \
    X(MAX_ORDER_QUANTITY, "larger than the limit on one order")     \
    X(MAX_POSITION, "position would exceed its limit")              \
    X(MAX_NOTIONAL, "order value exceeds its limit")                \
    X(REDUCE_ONLY, "would not reduce the position")                 \
    X(RUINED, "equity is zero or less; trading has stopped")        \
    X(ORDERS_MAX, "too many working orders")                        \
    X(QUEUE_FULL, "event queue is full")                            \
    X(HOP_LIMIT, "caused by too long a chain of events")            \
    X(UNKNOWN_ORDER, "no such order")                               \
    X(TOO_LATE, "order is already final")                           \
    X(USER, "asked for")                                            \
    X(REPLACED, "replaced by another")                              \
    X(UNFILLED, "could not be filled at once (IOC, FOK)")           \
    X(TIME, "its time in force ended")                              \
    X(END_OF_DATA, "still pending when the data ended")             \
    X(MARGIN, "not enough cash at the fill")                        \
    X(OVERFLOW, "a number left its range")                          \
    X(NOT_TRADED, "instrument has no execution series")             \
    X(STOPPED, "the strategy is not running")                       \
    X(DISARMED, "trading is not armed")                             \
    X(REDUCING, "only orders that reduce a position are allowed")   \
    X(HALTED, "trading is halted")                                  \
    X(UNSENT_AT_CRASH, "proven never sent before a restart")        \
    X(BROKER, "refused by the broker")                              \
    X(DISCONNECTED, "the broker cannot be reached")                 \
    X(IN_DOUBT, "another order of it is still in doubt")            \
    X(DAILY_LOSS, "the daily loss limit was reached")

enum duet_reason {
#define DUET_REASON_ENUM(name, text) DUET_REASON_##name,
    DUET_REASON_MAP(DUET_REASON_ENUM)
#undef DUET_REASON_ENUM
        DUET_REASON_COUNT
};

/** Name of a code, e.g. "CASH", and its text; static. "?" outside the range. */
DUET_EXPORT const char *duet_reason_name(enum duet_reason reason);
DUET_EXPORT const char *duet_reason_text(enum duet_reason reason);
/** E.g. "PARTIALLY_FILLED"; static. */
DUET_EXPORT const char *duet_order_status_name(enum duet_order_status status);
/** E.g. "STOP_LIMIT", "GTC", "BUY"; static. */
DUET_EXPORT const char *duet_order_type_name(enum duet_order_type type);
DUET_EXPORT const char *duet_time_in_force_name(enum duet_time_in_force time_in_force);
DUET_EXPORT const char *duet_side_name(enum duet_side side);

#endif
