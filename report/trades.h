/*
 * Round trips, flat to flat per instrument: a trade begins with the fill that opens a position and ends with the one
 * that closes it; a reversal ends one and begins another with the rest. Net of commissions, which a reversal shares by
 * quantity. Statistics are kept as running sums; the trades themselves go to a callback.
 */
#ifndef DUET_REPORT_TRADES_H
#define DUET_REPORT_TRADES_H

#include <stdbool.h>
#include <stdint.h>

#include <duet/event.h>

#include "components/instruments.h"

/** A finished trade. */
struct duet_trade_record {
    uint64_t trade_id;
    uint32_t instrument;
    int side; // +1 long
    int64_t entry_ns, exit_ns;
    int64_t quantity; // largest held
    double entry_price, exit_price; // averages
    duet_money gross, commission, net;
    bool at_end; // closed by --at-end close
    char entry_reason[DUET_REASON_MAX], exit_reason[DUET_REASON_MAX];
};

struct duet_trades; // opaque

void duet_trades_create(const struct duet_instruments *instruments,
    void (*finished)(void *argument, const struct duet_trade_record *trade), void *argument, struct duet_trades **out);
void duet_trades_destroy(struct duet_trades *trades);
/** One fill, in order. `reason` is its order's. */
void duet_trades_take(struct duet_trades *trades, const struct duet_fill *fill, const char *reason);

/** Running sums over finished trades; those of --at-end close are counted apart and stay out of the rest. */
struct duet_trades_totals {
    uint64_t count, won, lost, at_end, long_count;
    duet_money net, won_net, lost_net; // lost_net <= 0
    duet_money best, worst;
    double mean, m2; // of net, Welford; for SQN
    double held_ns;
    uint64_t longest_won_streak, longest_lost_streak;
};
void duet_trades_get(const struct duet_trades *trades, struct duet_trades_totals *out);

#endif
