/*
 * What the conventions of other programs need beyond days and trades: equity at every bar and every fill, with the bar
 * in which it was. Kept only for runs that ask for such a convention, since it grows with the bars.
 */
#ifndef DUET_REPORT_TAPE_H
#define DUET_REPORT_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duet_tape_bar {
    int64_t label_ns; // opening of the bar
    int64_t close_ns;
    double equity, cash; // at its close
    double price; // close of the first instrument
};

struct duet_tape_fill {
    size_t bar; // index of the bar that it was in
    int64_t ns;
    uint32_t instrument;
    int side; // +1 bought
    double quantity, price, commission; // price in money per unit
};

struct duet_tape {
    double initial;
    struct duet_tape_bar *bars; // owned
    size_t bar_count, bar_capacity;
    struct duet_tape_fill *fills; // owned
    size_t fill_count, fill_capacity;
    size_t first_bar; // the first in which the strategy was warm
};

void duet_tape_finish(struct duet_tape *tape);
/** The next bar; the label and the price may be filled in later. */
void duet_tape_add_bar(struct duet_tape *tape, const struct duet_tape_bar *bar);
/** A fill; its bar is the one that has not been added yet. */
void duet_tape_add_fill(struct duet_tape *tape, const struct duet_tape_fill *fill);

/** A closed piece of a position. */
struct duet_tape_trade {
    uint32_t instrument;
    int side; // +1 long
    size_t entry_bar, exit_bar;
    int64_t entry_ns, exit_ns;
    double quantity, entry, exit; // entry and exit: average prices
    double commission, gross, net;
};

struct duet_tape_trades {
    struct duet_tape_trade *items; // owned; in the order of their ends
    size_t count, open; // open: pieces still held
};

/** First in, first out: each closing fill ends the oldest pieces, splitting the last of them; commission by quantity.
 */
void duet_tape_pieces(const struct duet_tape *tape, struct duet_tape_trades *out);
/** From flat to flat; a fill that reverses ends one and begins the next. */
void duet_tape_round_trips(const struct duet_tape *tape, struct duet_tape_trades *out);
void duet_tape_trades_finish(struct duet_tape_trades *trades);

#endif
