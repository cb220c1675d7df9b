/*
 * The account: orders and their states, positions, the exact ledger, sizing, and the risk gate every order passes.
 *
 * The only way to send an order is duet_portfolio_submit(): it checks, books the order and publishes ORDER for the
 * broker, or books it DENIED and publishes that. Reports come back as ORDER_STATUS and FILL events; the portfolio
 * subscribes to them before any strategy, so when a strategy hears of a fill, position and account already know ("state
 * is updated before it is published"). After a fill it publishes POSITION and ACCOUNT. A fill values the position at
 * its price before slippage, until the next mark. SIGNAL events become targets: direction · strength of equity.
 *
 * A report that cannot be (an unknown order, a transition that the table of <duet/order.h> does not have, more filled
 * than ordered, quantities that contradict each other) is not booked, but logged, counted and an ERROR event; a fill id
 * that was there already is ignored and counted. A fill that is DUET_LATE is booked whatever its order has become, and
 * beyond its quantity. A protective stop that is REJECTED, UNSENT_AT_CRASH is sent anew. A number that leaves its range
 * faults the component: the run ends.
 *
 * Engine thread only. Memory does not grow with the number of orders: the last 1024 orders can be looked up whatever
 * became of them, older ones while they work. Only the lifting of a working order out of that window allocates, and so
 * does a strategy's first target.
 *
 * The gate asks, in this order, and the first "no" is the reason of the denial:
 *   the permit (DISARMED, REDUCING, HALTED …), RUINED, NO_PRICE, BAD_QUANTITY, BAD_PRICE, BAD_REQUEST, OFF_LOT,
 * OFF_TICK, REDUCE_ONLY, MAX_ORDER_QUANTITY, MAX_NOTIONAL, MAX_POSITION, CASH, LEVERAGE, ORDERS_MAX; OVERFLOW where a
 * number left its range on the way. An instrument out of range is BAD_REQUEST. Reduce-only orders pass the three
 * limits, AT_END and OPERATOR orders RUINED as well.
 *
 * Money. An order is checked at its limit price, else its stop price or the last close, those two moved by the
 * slippage. Its quantity splits into what closes (held the other way, less what works on its side already) and what
 * opens. An order that opens nothing passes. Otherwise, with claims of all other working orders counted in:
 *   CASH      a buy while leverage <= 1: notional + commission <= cash - Σ cash claims
 *   LEVERAGE  gross + Σ gross claims + opening notional <= leverage · (equity - commission)
 * A working order claims the cash it will take (buys: notional and commission; market sells give what closing brings)
 * and the gross exposure it opens, less, for market orders, what it closes. So what a market sell frees can be spent in
 * the same instant, if it was sent first; the fill is checked again by duet_portfolio_affordable(), without claims.
 */
#ifndef DUET_PORTFOLIO_PORTFOLIO_H
#define DUET_PORTFOLIO_PORTFOLIO_H

#include <stdbool.h>

#include <duet/bus.h>
#include <duet/component.h>
#include <duet/order.h>

#include "components/instruments.h"
#include "portfolio/costs.h"

struct duet_portfolio; // opaque

/** Most working orders at a time; the next is denied ORDERS_MAX. */
#define DUET_PORTFOLIO_ORDERS_MAX 65536
/** Largest leverage. */
#define DUET_LEVERAGE_MAX 1000

/** Limits of the risk gate; 0 means none. */
struct duet_limits {
    double max_order_quantity; // units of one order
    double max_position; // units, absolute
    duet_money max_notional; // value of one order
};

/**
 * Whether orders may go out at all now, by what they are for; NONE, or the reason of the denial. AT_END and OPERATOR
 * orders always may.
 */
struct duet_permit {
    enum duet_reason risk; // a strategy's order that may open a position or add to one
    enum duet_reason reduce; // a strategy's order that can only reduce
    enum duet_reason local; // DUET_LOCAL: the engine's own, to limit a loss
};

struct duet_portfolio_options {
    duet_money initial_cash;
    double leverage; // gross exposure allowed, times equity; 1 by default, longs are then limited by cash
    double cash_buffer; // share of equity that sizing leaves alone, default 0
    bool margin_check_longs; // cash checked at acceptance and fill (both profiles do)
    bool shorts_unchecked; // opening shorts need neither cash nor exposure (fill profile "backtrader")
    struct duet_costs costs;
    struct duet_limits limits;
    const struct duet_instruments *instruments; // borrowed
    /** Told of everything that decision_hash counts, denied or not; its order_id is not set yet. NULL: nobody wants it.
     */
    void (*on_decision)(void *argument, const struct duet_order_event *request, int64_t now_ns);
    void *argument;
};

/** One order. Quantities and prices in the instrument's units. */
struct duet_order {
    uint64_t order_id; // 1, 2, 3 …
    uint32_t instrument;
    uint16_t strategy, flags;
    int8_t side;
    uint8_t type, time_in_force, status;
    uint16_t reason_code; // why it is denied, rejected, cancelled or expired
    int64_t quantity, filled, price, stop_price, expires_ns;
    int64_t created_ns, updated_ns;
    duet_money filled_notional, commission;
    char reason[DUET_REASON_MAX];
};

/** Position of one instrument; all money exact. */
struct duet_position_state {
    int64_t quantity; // signed
    int64_t mark; // last price; valid while has_mark
    bool has_mark;
    duet_money
        cost; // of the open part, signed like quantity: Σ price·quantity·multiplier; a partial close releases cost·q/Q
    duet_money value; // quantity · mark · multiplier
    duet_money realized, commission;
};

DUET_MUST_CHECK enum duet_status duet_portfolio_create(
    const struct duet_portfolio_options *options, struct duet_bus *bus, struct duet_portfolio **out);
void duet_portfolio_destroy(struct duet_portfolio *portfolio);
/** Its lifecycle: init subscribes, teardown unsubscribes; reset is as after init. */
struct duet_component *duet_portfolio_component(struct duet_portfolio *portfolio);

/**
 * Send an order. `request` has everything but order_id and size; it may be changed (reduce-only is cut to the
 * position). Returns its id, also where it was denied (see `denied`, may be NULL: DUET_REASON_NONE where it went out).
 */
uint64_t duet_portfolio_submit(
    struct duet_portfolio *portfolio, struct duet_order_event *request, enum duet_reason *denied);
/** Send an order that ended unfilled once more, as a new one with an id of its own. Returns that, denied or not; 0: no
 * such order, or it is not final, or has filled in part. */
uint64_t duet_portfolio_submit_again(struct duet_portfolio *portfolio, uint64_t order_id);
/** Book and publish a denial for something that never became an order (WARMUP, BELOW_LOT, NO_PRICE …). */
void duet_portfolio_deny(
    struct duet_portfolio *portfolio, const struct duet_order_event *request, enum duet_reason reason);
/** Ask for a cancel. DUET_ENOTFOUND, or DUET_ESTATE where the order is final. */
enum duet_status duet_portfolio_cancel(struct duet_portfolio *portfolio, uint64_t order_id);
/** Cancel every working order of one strategy on one instrument (UINT16_MAX, UINT32_MAX: any); returns how many. */
size_t duet_portfolio_cancel_all(struct duet_portfolio *portfolio, uint16_t strategy, uint32_t instrument);
/** Everybody's on an instrument, but for the protective stops, which go with the position. */
size_t duet_portfolio_cancel_unprotective(struct duet_portfolio *portfolio, uint32_t instrument);

/**
 * Cancel an order and send it anew with other numbers; 0 leaves a number as it is (the quantity: what is left of it).
 * The gate looks at the new order as if the old one were gone, and where it refuses, the old one stays. Returns the id
 * of the new order, denied or not; 0 where the old one is unknown, or final or already
 * going (`denied` UNKNOWN_ORDER, TOO_LATE).
 */
uint64_t duet_portfolio_replace(struct duet_portfolio *portfolio, uint64_t order_id, int64_t quantity, int64_t price,
    int64_t stop_price, enum duet_reason *denied);

/**
 * From now on. While risk is refused and reducing is not, an order that opens nothing goes out as reduce-only, so that
 * it cannot open later, and a market order is cut to what it closes. Where both are refused, a close cancels nothing.
 * All three are NONE at first, and after a reset.
 */
void duet_portfolio_set_permit(struct duet_portfolio *portfolio, const struct duet_permit *permit);
/** Asked last before the wire: what the permit says now of an order that has passed the gate. NONE, or why it must not
 * go out after all; UNKNOWN_ORDER. */
enum duet_reason duet_portfolio_refuses(const struct duet_portfolio *portfolio, uint64_t order_id);
/** New risk on one instrument is refused as well, for this reason; NONE ends that. */
void duet_portfolio_block(struct duet_portfolio *portfolio, uint32_t instrument, enum duet_reason reason);
/** Other limits from now on; orders that work are not looked at again. DUET_EINVAL for a negative one. */
DUET_MUST_CHECK enum duet_status duet_portfolio_set_limits(
    struct duet_portfolio *portfolio, const struct duet_limits *limits);
const struct duet_limits *duet_portfolio_limits(const struct duet_portfolio *portfolio);

/** NULL for an unknown id, or a final order that is no longer kept. Valid until the next submit. */
const struct duet_order *duet_portfolio_order(const struct duet_portfolio *portfolio, uint64_t order_id);
/** Every order that duet_portfolio_order() knows, in ascending id, until `each` returns false. It must not submit. */
void duet_portfolio_each_order(const struct duet_portfolio *portfolio,
    bool (*each)(void *argument, const struct duet_order *order), void *argument);
uint32_t duet_portfolio_working_orders(const struct duet_portfolio *portfolio);
/**
 * The position that strategy `who` asked for last with a target, in units, reached or not; a weight is turned into
 * units at the present equity and price. NaN where it never did, or has sent an order of its own since.
 */
double duet_portfolio_wanted(const struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument);
const struct duet_position_state *duet_portfolio_position(const struct duet_portfolio *portfolio, uint32_t instrument);
/** Signed sum of what working orders may still fill, reduce-only ones apart. */
int64_t duet_portfolio_working(const struct duet_portfolio *portfolio, uint32_t instrument);

/**
 * Book a fill now, ahead of its FILL event, so that the next fill of the same batch meets the cash and the position
 * that this one leaves. For a simulated venue, just before it publishes the FILL; events in the order of booking. When
 * the event is delivered it publishes POSITION and ACCOUNT as they were right after this fill. A FILL that was not
 * booked before is booked then.
 */
void duet_portfolio_book(struct duet_portfolio *portfolio, const struct duet_fill *fill);
/** Cash right after the fill whose FILL event is being, or was last, delivered. */
duet_money duet_portfolio_cash_at_fill(const struct duet_portfolio *portfolio);

/**
 * The market moved: value this instrument at `price` from now on. Called for each bar, hence cheap where nothing is
 * held. Equity at or below zero stops trading for good (RUINED): every later order is denied, working ones are
 * cancelled.
 */
void duet_portfolio_mark(struct duet_portfolio *portfolio, uint32_t instrument, int64_t price);
/**
 * The same in two steps, where several instruments move at one instant: mark each, then settle once. In between, equity
 * is made of old and new prices, and says nothing about ruin.
 */
void duet_portfolio_mark_unsettled(struct duet_portfolio *portfolio, uint32_t instrument, int64_t price);
void duet_portfolio_settle(struct duet_portfolio *portfolio);

duet_money duet_portfolio_cash(const struct duet_portfolio *portfolio);
duet_money duet_portfolio_equity(const struct duet_portfolio *portfolio);
/** Σ |value| over positions. */
duet_money duet_portfolio_gross(const struct duet_portfolio *portfolio);
bool duet_portfolio_is_ruined(const struct duet_portfolio *portfolio);

/**
 * What cash allows: whether `quantity` of `side` at `price`, commission included, may be filled now. NONE, CASH,
 * LEVERAGE or OVERFLOW. NONE for whatever only reduces. Claims of other orders do not count, and the position is valued
 * at `price` before and after:
 *   CASH      a buy while leverage <= 1: notional + commission <= cash
 *   LEVERAGE  gross after <= leverage · (equity - commission)
 */
enum duet_reason duet_portfolio_affordable(
    const struct duet_portfolio *portfolio, uint32_t instrument, int side, int64_t quantity, int64_t price);

/*
 * Targets and sizing (portfolio/sizing.c). `who` is the strategy. All return the id of the order sent, or 0: nothing to
 * do, or denied (then an event says why).
 *
 * A target counts the position and every working order but resting reduce-only ones, and sends the difference as one
 * market order. Repeating the last target sends nothing, until its order is cancelled or expires, or was denied (but
 * for BELOW_LOT), or the strategy sends an order of its own. Quantities are rounded to lots towards zero; a target that
 * rounds to zero while nothing is held is denied BELOW_LOT.
 *
 * A weight is the largest quantity whose value at the last close, moved by the slippage, and commission are together
 * within |weight| · equity · (1 - cash_buffer), in exact arithmetic; what cash or leverage do not allow is left away.
 */

uint64_t duet_portfolio_target(
    struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double quantity, const char *reason);
uint64_t duet_portfolio_target_percent(
    struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double weight, const char *reason);
uint64_t duet_portfolio_rebalance(struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double weight,
    double band, const char *reason);
/**
 * Helpers of limit and stop: rounds quantity down to the lot and the price away from the market, and counts it. Away is
 * lower for limit buys and stop sells, higher for limit sells and stop buys. `type`: MARKET, LIMIT or STOP.
 */
uint64_t duet_portfolio_trade(struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, int type,
    double signed_quantity, double price, const char *reason);
/** Cancel what works and close the position at market. */
uint64_t duet_portfolio_close(
    struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, uint16_t flags, const char *reason);
/** Every entry fill of `who` on this instrument gets a reduce-only ATTACHED stop; 0 ends that. */
void duet_portfolio_protect(struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double stop_fraction);

/** For the report. */
struct duet_portfolio_counts {
    uint64_t orders; // that went out
    uint64_t fills, rejected, cancelled, expired, rounded;
    uint64_t denied[DUET_REASON_COUNT];
    int64_t first_denied_ns[DUET_REASON_COUNT];
    duet_money commission, slippage, realized;
    duet_money traded; // Σ |notional| of fills
    uint64_t decision_hash; // fold of order requests only
    uint64_t duplicates; // fills whose id was there already; not booked
    uint64_t anomalies; // reports that cannot be; not booked, each an ERROR event
};
void duet_portfolio_get_counts(const struct duet_portfolio *portfolio, struct duet_portfolio_counts *out);
struct duet_text;
/** Append everything: account, positions, orders, targets, counts, limits. Between inputs only. */
void duet_portfolio_save(const struct duet_portfolio *portfolio, struct duet_text *out);
/** Into a portfolio of the same options, from the front of `*bytes` on, which is moved. The permit is the caller's.
 * After DUET_EDATA it must be reset. */
DUET_MUST_CHECK enum duet_status duet_portfolio_load(
    struct duet_portfolio *portfolio, const unsigned char **bytes, size_t *size);
/** Double-entry check: Σ of all postings is zero, cash is initial cash plus postings. For tests and the end of a run.
 */
bool duet_portfolio_ledger_balances(const struct duet_portfolio *portfolio);

#endif
