/*
 * The account: orders and their states, positions, the exact ledger, sizing, and the risk gate every order passes.
 *
 * The only way to send an order is duet_portfolio_submit(): it checks, books the order and publishes ORDER for the
 * broker, or books it DENIED and publishes that. Reports come back as ORDER_STATUS and FILL events; the portfolio
 * subscribes to them before any strategy, so when a strategy hears of a fill, position and account already know ("state
 * is updated before it is published"). After a fill it publishes POSITION and ACCOUNT.
 *
 * Engine thread only. Nothing allocates per order but the order table, which grows by doubling and keeps final orders
 * only while `keep_orders` is set.
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

/** Limits of the risk gate; 0 means none. */
struct duet_limits {
    double max_order_quantity; // units of one order
    double max_position; // units, absolute
    duet_money max_notional; // value of one order
};

struct duet_portfolio_options {
    duet_money initial_cash;
    double leverage; // gross exposure allowed, times equity; 1 by default, longs are then limited by cash
    double cash_buffer; // share of equity that sizing leaves alone, default 0
    bool margin_check_longs; // cash checked at acceptance and fill (both profiles do)
    struct duet_costs costs;
    struct duet_limits limits;
    const struct duet_instruments *instruments; // borrowed
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
/** Book and publish a denial for something that never became an order (WARMUP, BELOW_LOT, NO_PRICE …). */
void duet_portfolio_deny(
    struct duet_portfolio *portfolio, const struct duet_order_event *request, enum duet_reason reason);
/** Ask for a cancel. DUET_ENOTFOUND, or DUET_ESTATE where the order is final. */
enum duet_status duet_portfolio_cancel(struct duet_portfolio *portfolio, uint64_t order_id);
/** Cancel every working order of one strategy on one instrument (UINT16_MAX, UINT32_MAX: any); returns how many. */
size_t duet_portfolio_cancel_all(struct duet_portfolio *portfolio, uint16_t strategy, uint32_t instrument);

/** NULL for an unknown id, or a final order that is no longer kept. Valid until the next submit. */
const struct duet_order *duet_portfolio_order(const struct duet_portfolio *portfolio, uint64_t order_id);
const struct duet_position_state *duet_portfolio_position(const struct duet_portfolio *portfolio, uint32_t instrument);
/** Signed sum of what working orders may still fill, reduce-only ones apart. */
int64_t duet_portfolio_working(const struct duet_portfolio *portfolio, uint32_t instrument);

/**
 * The market moved: value this instrument at `price` from now on. Called for each bar, hence cheap where nothing is
 * held. Equity at or below zero stops trading for good (RUINED): every later order is denied, working ones are
 * cancelled.
 */
void duet_portfolio_mark(struct duet_portfolio *portfolio, uint32_t instrument, int64_t price);

duet_money duet_portfolio_cash(const struct duet_portfolio *portfolio);
duet_money duet_portfolio_equity(const struct duet_portfolio *portfolio);
/** Σ |value| over positions. */
duet_money duet_portfolio_gross(const struct duet_portfolio *portfolio);
bool duet_portfolio_is_ruined(const struct duet_portfolio *portfolio);

/** What cash allows: whether `quantity` of `side` at `price`, commission included, may be filled now. NONE, CASH or
 * LEVERAGE. */
enum duet_reason duet_portfolio_affordable(
    const struct duet_portfolio *portfolio, uint32_t instrument, int side, int64_t quantity, int64_t price);

/* Targets and sizing (portfolio/sizing.c). `who` is the strategy. All return the id of the order sent, or 0. */

uint64_t duet_portfolio_target(
    struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double quantity, const char *reason);
uint64_t duet_portfolio_target_percent(
    struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double weight, const char *reason);
uint64_t duet_portfolio_rebalance(struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double weight,
    double band, const char *reason);
/** Helpers of limit and stop: rounds quantity down to the lot and the price away from the market, and counts it. */
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
};
void duet_portfolio_get_counts(const struct duet_portfolio *portfolio, struct duet_portfolio_counts *out);
/** Double-entry check: Σ of all postings is zero, cash is initial cash plus postings. For tests and the end of a run.
 */
bool duet_portfolio_ledger_balances(const struct duet_portfolio *portfolio);

#endif
