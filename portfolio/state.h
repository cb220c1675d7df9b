/*
 * The portfolio's insides. Only the files of this room include this:
 *
 *   orders.c     the order table: by id, working ones by instrument; the state machine as one table
 *   ledger.c     postings, and what a fill does to position, cost and cash
 *   positions.c  marks, values, equity, ruin
 *   permit.c     whether orders may go out at all now
 *   risk.c       the gate every order passes; what cash and leverage allow
 *   sizing.c     targets and the helpers of the order verbs
 *   protect.c    protective stops
 *   requests.c   what goes out: submit, cancel, replace, denials, the decision hash
 *   reports.c    what comes back: ORDER_STATUS and FILL
 *   save.c       saving and loading
 *   portfolio.c  component and options
 */
#ifndef DUET_PORTFOLIO_STATE_H
#define DUET_PORTFOLIO_STATE_H

#include "portfolio/portfolio_inline.h"

/** Orders whose ids lie in the last so many can be looked up whatever their state; older ones only while they work. */
#define DUET_ORDER_WINDOW 1024
/** Fill ids that are remembered to know a duplicate. */
#define DUET_FILL_WINDOW 4096
/** Quantities and prices stay within ±2^62, so that a sum of two is safe. */
#define DUET_QUANTITY_MAX (INT64_C(1) << 62)
/** Decimals of rates, weights and leverage as integers. */
#define DUET_RATE_DECIMALS 12
#define DUET_RATE_ONE INT64_C(1000000000000)

/** What a working order lays claim to; see risk.c. Signed. */
struct duet_claim {
    duet_money cash, gross;
};

struct duet_order_entry {
    struct duet_order order;
    struct duet_claim claim; // of the whole order
    duet_money claimed_cash, claimed_gross; // of what is left of it
    uint64_t next_id, previous_id; // of its instrument's working orders
    struct duet_order_entry *next_unused;
    int64_t cancel_ns; // when a cancel was asked for last; INT64_MIN: never
    bool working;
    bool from_target;
    uint8_t gave_up; // enum duet_target_kind of the target that its end put an end to
    bool late; // a DUET_LATE fill came after its end, and has not been told in a status yet
};

struct duet_old_order {
    uint64_t order_id;
    struct duet_order_entry *entry;
};

struct duet_order_table {
    struct duet_order_entry *window; // DUET_ORDER_WINDOW entries, slot = id modulo that
    struct duet_old_order *old; // working orders that left the window, by id; may hold final ones until the next submit
    size_t old_count, old_capacity;
    bool old_final; // `old` holds final orders
    struct duet_order_entry *unused; // entries without an order; linked by next_unused
    uint64_t next_id;
    uint32_t working_count;
};

enum duet_target_kind { DUET_TARGET_NONE = 0, DUET_TARGET_QUANTITY, DUET_TARGET_WEIGHT };

/** What one strategy wants of one instrument. */
struct duet_wish {
    double target; // the last one, unit by kind
    int64_t stop_rate; // of protective stops, in 10^-12; 0: none
    enum duet_target_kind kind; // NONE: the target has not been reached, or has been given up
    enum duet_target_kind said; // what `target` is, for people; NONE: an order of the strategy's own came after it
};

/** Double entry: every posting adds the same integer to one account and takes it from another. */
struct duet_ledger {
    duet_money capital; // -initial cash
    duet_money cost; // of open positions
    duet_money commission;
    duet_money income; // -realized
};

/** What a fill changed. */
struct duet_fill_effect {
    int64_t opened, closed; // quantities, >= 0
    duet_money notional; // >= 0 for a positive price
    bool flat_or_reversed; // a position ended
};
/** A fill that is booked and not yet announced: the POSITION and ACCOUNT events to come. */
struct duet_booked_fill {
    uint64_t fill_id;
    struct duet_fill_effect effect;
    struct duet_event position, account;
};

/** In the order of booking, which is that of the FILL events. */
struct duet_booked_fills {
    struct duet_booked_fill *fills; // ring; capacity a power of two
    uint64_t head, tail, capacity;
};

struct duet_portfolio {
    struct duet_portfolio_head head; // first; see portfolio_inline.h. Holds the ledger's cash account
    struct duet_component component;
    struct duet_portfolio_options options;
    struct duet_bus *bus;
    int64_t leverage; // in 10^-12
    int64_t sizing_share; // of equity that sizing may use, in 10^-12
    struct duet_ledger ledger;
    struct duet_order_table orders;
    duet_money claimed_cash, claimed_gross; // sums over working orders
    struct duet_wish **wishes; // per strategy, one per instrument; NULL until wanted
    uint32_t wish_strategies;
    uint64_t fill_ids[DUET_FILL_WINDOW]; // slot = id modulo that
    struct duet_booked_fills booked;
    duet_money announced_cash;
    struct duet_portfolio_counts counts;
    bool ruined;
    struct duet_permit permit;
    uint8_t *blocked; // enum duet_reason, per instrument; NULL until one is
};

/** -DUET_ACCOUNT_MAX <= money < DUET_ACCOUNT_MAX, seen from its upper half alone. */
static inline bool duet_account_in_range(duet_money money) {
    const int64_t bound = (int64_t)(DUET_ACCOUNT_MAX >> 64);
    return (uint64_t)((int64_t)(money >> 64) + bound) < 2 * (uint64_t)bound;
}

/* ---- orders.c ---- */

/** The state machine: whether an order in `from` can become `to`; FILL events have their own row. */
bool duet_order_can_become(enum duet_order_status from, enum duet_order_status to);
bool duet_order_can_fill(enum duet_order_status status);
bool duet_order_is_final(enum duet_order_status status);

void duet_order_table_init(struct duet_order_table *table);
void duet_order_table_finish(struct duet_order_table *table);
void duet_order_table_clear(struct duet_order_table *table);
/** An entry with the next id, nothing filled; status and what a request says are the caller's to set. Entries that
 * duet_order_table_find() returned before may be gone. */
struct duet_order_entry *duet_order_table_add(struct duet_order_table *table);
struct duet_order_entry *duet_order_table_find(const struct duet_order_table *table, uint64_t order_id);
/** Put a saved entry back as it was; ids ascend, and `next_id` is the one that a new order will get. Chains and sums
 * are the caller's. */
void duet_order_table_restore(struct duet_order_table *table, const struct duet_order_entry *saved, uint64_t next_id);
/** Count an order among those that work, with its claim; the reverse for what is left of it. */
void duet_orders_book(struct duet_portfolio *portfolio, struct duet_order_entry *entry);
void duet_orders_unbook(struct duet_portfolio *portfolio, struct duet_order_entry *entry);
/** `quantity` of an order has filled; it may have ended, or fill beyond its quantity (DUET_LATE). */
void duet_orders_fill(struct duet_portfolio *portfolio, struct duet_order_entry *entry, int64_t quantity);

/* ---- ledger.c ---- */

/** price · quantity · multiplier; DUET_EOVERFLOW past DUET_ACCOUNT_MAX. */
DUET_MUST_CHECK enum duet_status duet_slot_notional(
    const struct duet_portfolio_slot *slot, int64_t price, int64_t quantity, duet_money *out);

/** Post a fill. DUET_EOVERFLOW leaves everything as it was. */
DUET_MUST_CHECK enum duet_status duet_ledger_fill(
    struct duet_portfolio *portfolio, const struct duet_fill *fill, struct duet_fill_effect *effect);

/* ---- positions.c ---- */

/** What `quantity` is worth at `mark`, and the step of the slot for it. DUET_EOVERFLOW past DUET_ACCOUNT_MAX. */
DUET_MUST_CHECK enum duet_status duet_slot_value(
    const struct duet_portfolio_slot *slot, int64_t quantity, int64_t mark, int64_t *step, duet_money *value);
/** Put both in place, and equity and gross with them. */
void duet_slot_set_value(
    struct duet_portfolio *portfolio, struct duet_portfolio_slot *slot, int64_t mark, int64_t step, duet_money value);
/** Stop trading for good if equity is used up. */
void duet_portfolio_check_ruin(struct duet_portfolio *portfolio);
/** A number left its range: the run cannot go on. */
void duet_portfolio_overflow(struct duet_portfolio *portfolio, const char *what);

/* ---- permit.c ---- */

/** The permit's word on a request, which may be cut; see duet_portfolio_set_permit(). */
enum duet_reason duet_permit_check(
    const struct duet_portfolio *portfolio, struct duet_order_event *request, const struct duet_order_entry *instead);

/* ---- risk.c ---- */

/**
 * Pass or refuse a request; reduce-only quantities are cut. `instead` (may be NULL) is a working order that is to go:
 * its claims do not count.
 */
enum duet_reason duet_gate_check(struct duet_portfolio *portfolio, struct duet_order_event *request,
    const struct duet_order_entry *instead, struct duet_claim *claim);
/** The last check alone: cash and leverage. */
enum duet_reason duet_gate_money(const struct duet_portfolio *portfolio, const struct duet_order_event *request,
    const struct duet_order_entry *instead, struct duet_claim *claim);
/** The part of `quantity` on `side` that closes: what is held the other way, less what works on this side already. */
int64_t duet_gate_closing(
    const struct duet_portfolio_slot *slot, int side, int64_t quantity, const struct duet_order_entry *instead);
/** The price a request is checked and sized at: its limit, else its stop or the mark, moved by the slippage. */
int64_t duet_gate_price(const struct duet_portfolio *portfolio, const struct duet_order_event *request);

/* ---- sizing.c ---- */

/** Signed quantity that `weight` of equity buys; see portfolio.h. */
enum duet_reason duet_sizing_weight(
    const struct duet_portfolio *portfolio, const struct duet_portfolio_slot *slot, double weight, int64_t *out);
/** The wish of a strategy; made on first use. */
struct duet_wish *duet_portfolio_wish(struct duet_portfolio *portfolio, uint16_t strategy, uint32_t instrument);
/** A target whose order ended unfilled was not reached; asking for it again is an order again. */
void duet_sizing_order_ended(struct duet_portfolio *portfolio, struct duet_order_entry *entry);

/* ---- protect.c ---- */

/** After a fill: attach stops to what it opened, cancel those of a position that ended. */
void duet_protect_fill(
    struct duet_portfolio *portfolio, const struct duet_fill *fill, const struct duet_fill_effect *effect);
bool duet_order_is_protective(const struct duet_order *order);
/** A protective stop was lost on its way: send it anew where what it protects is still held. */
void duet_protect_unsent(struct duet_portfolio *portfolio, const struct duet_order *order);

/* ---- requests.c ---- */

/** duet_portfolio_submit() with what only this room knows. */
uint64_t duet_portfolio_send(struct duet_portfolio *portfolio, struct duet_order_event *request,
    const struct duet_order_entry *instead, bool from_target, enum duet_reason *denied);

/* ---- reports.c ---- */

enum duet_status duet_portfolio_handle_status(void *receiver, const struct duet_event *event);
enum duet_status duet_portfolio_handle_fill(void *receiver, const struct duet_event *event);
/** An ERROR event and a log line for a report that cannot be. */
void duet_portfolio_anomaly(struct duet_portfolio *portfolio, uint64_t order_id, const char *what);

#endif
