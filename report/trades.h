/*
 * Round trips, flat to flat per instrument: a trade begins with the fill that opens a position and ends with the one
 * that closes it; a reversal ends one and begins another with the rest. Net of commissions, which a reversal shares by
 * quantity. Sums and a short form of each trade are kept; the trades with their prices and reasons go to a callback.
 */
#ifndef DUET_REPORT_TRADES_H
#define DUET_REPORT_TRADES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/event.h>

#include "components/instruments.h"

/** A finished trade. */
struct duet_trade_record {
    uint64_t trade_id; // 1, 2, 3 … in the order of their ends
    uint32_t instrument;
    int side; // +1 long
    int64_t entry_ns, exit_ns; // first and last fill
    int64_t quantity; // largest held
    double entry_price, exit_price; // averages
    duet_money gross, commission, net;
    double fraction; // net / value of the entries
    bool at_end; // closed by --at-end close
    char entry_reason[DUET_REASON_MAX], exit_reason[DUET_REASON_MAX]; // of the first and of the last order
};

struct duet_trades; // opaque

/** `instruments` is borrowed. `finished` may be NULL; its `trade` is valid during the call. */
void duet_trades_create(const struct duet_instruments *instruments,
    void (*finished)(void *argument, const struct duet_trade_record *trade), void *argument, struct duet_trades **out);
void duet_trades_destroy(struct duet_trades *trades);
/** One fill that the ledger has booked, in order. `reason` is its order's; NULL counts as "". */
void duet_trades_take(struct duet_trades *trades, const struct duet_fill *fill, const char *reason);

/**
 * The trade that is open in an instrument, as far as it has come: its entries and the commission so far, the largest
 * quantity held, no exit and no result. False where there is none.
 */
bool duet_trades_open(const struct duet_trades *trades, uint32_t instrument, struct duet_trade_record *out);

/** What is kept of every finished trade. */
struct duet_trade_brief {
    duet_money net;
    double fraction; // net / value of the entries
    int64_t entry_ns, exit_ns;
    uint32_t instrument;
    int8_t side; // +1 long
    bool at_end;
};
/** In the order of their ends; valid until the next fill. */
const struct duet_trade_brief *duet_trades_list(const struct duet_trades *trades, size_t *count);
const struct duet_instruments *duet_trades_instruments(const struct duet_trades *trades);

/**
 * Running sums over finished trades; those of --at-end close are counted apart and stay out of the rest. A trade is won
 * above zero, lost below it; one at exactly zero is neither and ends both streaks.
 */
struct duet_trades_totals {
    uint64_t count, won, lost, at_end, long_count;
    duet_money net, won_net, lost_net; // lost_net <= 0
    duet_money best, worst; // 0 while count is 0
    double mean, m2; // of net, Welford; for SQN
    double fraction_sum, fraction_best, fraction_worst;
    double held_ns;
    uint64_t longest_won_streak, longest_lost_streak;
};
void duet_trades_get(const struct duet_trades *trades, struct duet_trades_totals *out);

#endif
