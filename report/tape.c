#include "report/tape.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"

void duet_tape_finish(struct duet_tape *tape) {
    free(tape->bars);
    free(tape->fills);
    *tape = (struct duet_tape){0};
}

void duet_tape_add_bar(struct duet_tape *tape, const struct duet_tape_bar *bar) {
    if (tape->bar_count == tape->bar_capacity) {
        tape->bar_capacity = tape->bar_capacity == 0 ? 1024 : tape->bar_capacity * 2;
        tape->bars = duet_realloc(tape->bars, tape->bar_capacity, sizeof(*tape->bars));
    }
    tape->bars[tape->bar_count++] = *bar;
}

void duet_tape_add_fill(struct duet_tape *tape, const struct duet_tape_fill *fill) {
    if (tape->fill_count == tape->fill_capacity) {
        tape->fill_capacity = tape->fill_capacity == 0 ? 64 : tape->fill_capacity * 2;
        tape->fills = duet_realloc(tape->fills, tape->fill_capacity, sizeof(*tape->fills));
    }
    tape->fills[tape->fill_count] = *fill;
    tape->fills[tape->fill_count++].bar = tape->bar_count;
}

/** Quantities are sums of decimals in binary: what is left of one below this share of it is nothing. */
#define NOTHING 1e-9

static void trades_add(struct duet_tape_trades *trades, const struct duet_tape_trade *trade) {
    if ((trades->count & (trades->count - 1)) == 0) { // a power of two: full
        trades->items = duet_realloc(trades->items, trades->count == 0 ? 1 : trades->count * 2, sizeof(*trades->items));
    }
    trades->items[trades->count] = *trade;
    struct duet_tape_trade *added = &trades->items[trades->count++];
    added->gross = added->side * (added->exit - added->entry) * added->quantity;
    added->net = added->gross - added->commission;
}

void duet_tape_trades_finish(struct duet_tape_trades *trades) {
    free(trades->items);
    *trades = (struct duet_tape_trades){0};
}

/** Bars that were played to the end; what was filled after the last one counts to it. */
static size_t bar_of(const struct duet_tape *tape, const struct duet_tape_fill *fill) {
    return fill->bar < tape->bar_count || tape->bar_count == 0 ? fill->bar : tape->bar_count - 1;
}

/** What is left of an entry, oldest first in a list of all. */
struct piece {
    const struct duet_tape_fill *fill;
    double left;
};

void duet_tape_pieces(const struct duet_tape *tape, struct duet_tape_trades *out) {
    *out = (struct duet_tape_trades){0};
    struct piece *pieces = duet_alloc(tape->fill_count + 1, sizeof(*pieces));
    size_t count = 0, oldest = 0;
    for (size_t i = 0; i < tape->fill_count; i++) {
        const struct duet_tape_fill *fill = &tape->fills[i];
        double left = fill->quantity;
        for (size_t k = oldest; k < count && left > NOTHING * fill->quantity; k++) {
            struct piece *piece = &pieces[k];
            const struct duet_tape_fill *entry = piece->fill;
            if (piece->left <= 0 || entry->instrument != fill->instrument || entry->side == fill->side) {
                continue;
            }
            double closed = fmin(left, piece->left);
            trades_add(out, &(struct duet_tape_trade){.instrument = fill->instrument,
                                .side = entry->side,
                                .entry_bar = bar_of(tape, entry),
                                .exit_bar = bar_of(tape, fill),
                                .entry_ns = entry->ns,
                                .exit_ns = fill->ns,
                                .quantity = closed,
                                .entry = entry->price,
                                .exit = fill->price,
                                .commission = entry->commission * (closed / entry->quantity) +
                                              fill->commission * (closed / fill->quantity)});
            left -= closed;
            piece->left -= closed;
            piece->left = piece->left > NOTHING * entry->quantity ? piece->left : 0;
        }
        while (oldest < count && pieces[oldest].left <= 0) {
            oldest++;
        }
        if (left > NOTHING * fill->quantity) {
            pieces[count++] = (struct piece){.fill = fill, .left = left};
        }
    }
    for (size_t k = oldest; k < count; k++) {
        out->open += pieces[k].left > 0;
    }
    free(pieces);
}

/** The trade under way in one instrument. */
struct trip {
    double position, entered, exited, entry_value, exit_value;
    struct duet_tape_trade trade;
};

static void trip_take(struct trip *trip, const struct duet_tape *tape, const struct duet_tape_fill *fill,
    double quantity, struct duet_tape_trades *out) {
    if (trip->position == 0) {
        *trip = (struct trip){.trade = {.instrument = fill->instrument,
                                  .side = fill->side,
                                  .entry_bar = bar_of(tape, fill),
                                  .entry_ns = fill->ns}};
    }
    bool enters = fill->side == trip->trade.side;
    *(enters ? &trip->entered : &trip->exited) += quantity;
    *(enters ? &trip->entry_value : &trip->exit_value) += quantity * fill->price;
    trip->trade.commission += fill->commission * (quantity / fill->quantity);
    trip->position += enters ? quantity : -quantity;
    if (trip->position <= NOTHING * trip->entered) {
        trip->trade.exit_bar = bar_of(tape, fill);
        trip->trade.exit_ns = fill->ns;
        trip->trade.quantity = trip->entered;
        trip->trade.entry = trip->entry_value / trip->entered;
        trip->trade.exit = trip->exit_value / trip->exited;
        trip->position = 0;
        trades_add(out, &trip->trade);
    }
}

void duet_tape_round_trips(const struct duet_tape *tape, struct duet_tape_trades *out) {
    *out = (struct duet_tape_trades){0};
    uint32_t instruments = 0;
    for (size_t i = 0; i < tape->fill_count; i++) {
        instruments = tape->fills[i].instrument >= instruments ? tape->fills[i].instrument + 1 : instruments;
    }
    struct trip *trips = duet_alloc(instruments + 1, sizeof(*trips));
    for (size_t i = 0; i < tape->fill_count; i++) {
        const struct duet_tape_fill *fill = &tape->fills[i];
        struct trip *trip = &trips[fill->instrument];
        double closable = trip->position > 0 && fill->side != trip->trade.side ? trip->position : 0;
        double first = closable > 0 && fill->quantity > closable * (1 + NOTHING) ? closable : fill->quantity;
        trip_take(trip, tape, fill, first, out);
        if (fill->quantity > first) {
            trip_take(trip, tape, fill, fill->quantity - first, out);
        }
    }
    for (uint32_t i = 0; i < instruments; i++) {
        out->open += trips[i].position > 0;
    }
    free(trips);
}
