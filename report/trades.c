#include "report/trades.h"

#include <math.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/money.h"
#include "base/text.h"

/** Fills of one side of a trade. */
struct leg {
    duet_money value; // Σ price · quantity, in the instrument's raw units
    duet_money notional; // the same in money
    int64_t quantity;
};

/** The trade under way in one instrument; none while `position` is 0. */
struct open_trade {
    int64_t position, largest;
    struct leg entries, exits;
    duet_money commission;
    int64_t entry_ns;
    char entry_reason[DUET_REASON_MAX];
};

struct duet_trades {
    const struct duet_instruments *instruments;
    void (*finished)(void *argument, const struct duet_trade_record *trade);
    void *argument;
    struct open_trade *open; // one per instrument
    struct duet_trades_totals totals;
    uint64_t last_id, won_streak, lost_streak;
    struct duet_trade_brief *list; // owned
    size_t list_count, list_capacity;
};

void duet_trades_create(const struct duet_instruments *instruments,
    void (*finished)(void *argument, const struct duet_trade_record *trade), void *argument, struct duet_trades **out) {
    struct duet_trades *trades = duet_alloc(1, sizeof(*trades));
    trades->instruments = instruments;
    trades->finished = finished;
    trades->argument = argument;
    trades->open = duet_alloc(instruments->count > 0 ? instruments->count : 1, sizeof(*trades->open));
    *out = trades;
}

void duet_trades_destroy(struct duet_trades *trades) {
    if (trades != NULL) {
        free(trades->open);
        free(trades->list);
        free(trades);
    }
}

static double leg_price(const struct leg *leg, const struct duet_instrument *instrument) {
    int64_t whole = (int64_t)(leg->value / leg->quantity);
    if ((duet_money)whole * leg->quantity == leg->value) {
        return duet_unscale(whole, instrument->price_decimals); // one price: exactly as it was written
    }
    return (double)leg->value / (double)leg->quantity / (double)duet_pow10(instrument->price_decimals);
}

static void leg_add(struct leg *leg, int64_t price, int64_t quantity, duet_money notional) {
    if (__builtin_add_overflow(leg->value, (duet_money)price * quantity, &leg->value)) {
        leg->value = INT64_MAX; // only an average price hangs on it; beyond 10^38 raw units
    }
    leg->notional += notional;
    leg->quantity += quantity;
}

static void totals_streak(struct duet_trades *trades, duet_money net) {
    struct duet_trades_totals *totals = &trades->totals;
    trades->won_streak = net > 0 ? trades->won_streak + 1 : 0;
    trades->lost_streak = net < 0 ? trades->lost_streak + 1 : 0;
    if (trades->won_streak > totals->longest_won_streak) {
        totals->longest_won_streak = trades->won_streak;
    }
    if (trades->lost_streak > totals->longest_lost_streak) {
        totals->longest_lost_streak = trades->lost_streak;
    }
}

static void totals_add(struct duet_trades *trades, const struct duet_trade_record *trade) {
    struct duet_trades_totals *totals = &trades->totals;
    if (trade->at_end) {
        totals->at_end++;
        return;
    }
    bool first = totals->count == 0;
    totals->count++;
    totals->long_count += trade->side > 0;
    totals->net += trade->net;
    if (trade->net > 0) {
        totals->won++;
        totals->won_net += trade->net;
    } else if (trade->net < 0) {
        totals->lost++;
        totals->lost_net += trade->net;
    }
    totals->best = first || trade->net > totals->best ? trade->net : totals->best;
    totals->worst = first || trade->net < totals->worst ? trade->net : totals->worst;
    totals->fraction_sum += trade->fraction;
    totals->fraction_best = first ? trade->fraction : fmax(totals->fraction_best, trade->fraction);
    totals->fraction_worst = first ? trade->fraction : fmin(totals->fraction_worst, trade->fraction);
    double net = duet_money_to_double(trade->net);
    double off = net - totals->mean;
    totals->mean += off / (double)totals->count;
    totals->m2 += off * (net - totals->mean);
    totals->held_ns += (double)(trade->exit_ns - trade->entry_ns);
    totals_streak(trades, trade->net);
}

static void list_add(struct duet_trades *trades, const struct duet_trade_record *trade) {
    if (trades->list_count == trades->list_capacity) {
        trades->list_capacity = trades->list_capacity == 0 ? 64 : trades->list_capacity * 2;
        trades->list = duet_realloc(trades->list, trades->list_capacity, sizeof(*trades->list));
    }
    trades->list[trades->list_count++] = (struct duet_trade_brief){.net = trade->net,
        .fraction = trade->fraction,
        .entry_ns = trade->entry_ns,
        .exit_ns = trade->exit_ns,
        .instrument = trade->instrument,
        .side = (int8_t)trade->side,
        .at_end = trade->at_end};
}

static void trade_finish(
    struct duet_trades *trades, struct open_trade *open, int side, const struct duet_fill *fill, const char *reason) {
    const struct duet_instrument *instrument = &trades->instruments->items[fill->instrument];
    struct duet_trade_record record = {
        .trade_id = ++trades->last_id,
        .instrument = fill->instrument,
        .side = side,
        .entry_ns = open->entry_ns,
        .exit_ns = fill->timestamp_ns,
        .quantity = open->largest,
        .entry_price = leg_price(&open->entries, instrument),
        .exit_price = leg_price(&open->exits, instrument),
        .gross = side * (open->exits.notional - open->entries.notional),
        .commission = open->commission,
        .at_end = (fill->flags & DUET_AT_END) != 0,
    };
    record.net = record.gross - record.commission;
    if (open->entries.notional > 0) {
        record.fraction = (double)record.net / (double)open->entries.notional;
    }
    duet_text_copy(record.entry_reason, sizeof(record.entry_reason), open->entry_reason);
    duet_text_copy(record.exit_reason, sizeof(record.exit_reason), reason);
    *open = (struct open_trade){0};
    totals_add(trades, &record);
    list_add(trades, &record);
    if (trades->finished != NULL) {
        trades->finished(trades->argument, &record);
    }
}

/** A part of a fill that does not cross zero. */
static void trade_move(struct duet_trades *trades, const struct duet_fill *fill, int64_t quantity, duet_money notional,
    duet_money commission, const char *reason) {
    struct open_trade *open = &trades->open[fill->instrument];
    if (open->position == 0) {
        open->entry_ns = fill->timestamp_ns;
        duet_text_copy(open->entry_reason, sizeof(open->entry_reason), reason);
    }
    int side = open->position != 0 ? (open->position > 0 ? 1 : -1) : fill->side;
    leg_add(fill->side == side ? &open->entries : &open->exits, fill->price, quantity, notional);
    open->commission += commission;
    open->position += fill->side * quantity;
    int64_t held = open->position * side;
    if (held > open->largest) {
        open->largest = held;
    }
    if (held == 0) {
        trade_finish(trades, open, side, fill, reason);
    }
}

void duet_trades_take(struct duet_trades *trades, const struct duet_fill *fill, const char *reason) {
    DUET_ASSERT(fill->instrument < trades->instruments->count);
    DUET_ASSERT(fill->quantity > 0 && (fill->side == 1 || fill->side == -1));
    const struct duet_instrument *instrument = &trades->instruments->items[fill->instrument];
    unsigned decimals = duet_instrument_notional_decimals(instrument);
    reason = reason != NULL ? reason : "";

    duet_money notional, notional_closing, commission_closing;
    enum duet_status status =
        duet_money_notional(fill->price, fill->quantity, instrument->multiplier, decimals, &notional);
    DUET_ASSERT(status == DUET_OK); // the ledger booked the same product before

    int64_t held = trades->open[fill->instrument].position * -fill->side; // what this side can close
    if (held <= 0 || fill->quantity <= held) {
        trade_move(trades, fill, fill->quantity, notional, fill->commission, reason);
        return;
    }
    status = duet_money_notional(fill->price, held, instrument->multiplier, decimals, &notional_closing);
    DUET_ASSERT(status == DUET_OK);
    status = duet_money_muldiv(fill->commission, held, fill->quantity, &commission_closing);
    DUET_ASSERT(status == DUET_OK);
    trade_move(trades, fill, held, notional_closing, commission_closing, reason);
    trade_move(trades, fill, fill->quantity - held, notional - notional_closing, fill->commission - commission_closing,
        reason);
}

bool duet_trades_open(const struct duet_trades *trades, uint32_t instrument, struct duet_trade_record *out) {
    DUET_ASSERT(instrument < trades->instruments->count);
    const struct open_trade *open = &trades->open[instrument];
    if (open->position == 0) {
        return false;
    }
    *out = (struct duet_trade_record){
        .instrument = instrument,
        .side = open->position > 0 ? 1 : -1,
        .entry_ns = open->entry_ns,
        .quantity = open->largest,
        .entry_price = leg_price(&open->entries, &trades->instruments->items[instrument]),
        .commission = open->commission,
    };
    duet_text_copy(out->entry_reason, sizeof(out->entry_reason), open->entry_reason);
    return true;
}

const struct duet_trade_brief *duet_trades_list(const struct duet_trades *trades, size_t *count) {
    *count = trades->list_count;
    return trades->list;
}

const struct duet_instruments *duet_trades_instruments(const struct duet_trades *trades) {
    return trades->instruments;
}

void duet_trades_get(const struct duet_trades *trades, struct duet_trades_totals *out) {
    *out = trades->totals;
}
