#include "engine/tape.h"

#include <math.h>

#include "base/money.h"
#include "data/series_price.h"

void duet_tape_take_fill(
    struct duet_tape *tape, const struct duet_instruments *instruments, const struct duet_fill *fill) {
    const struct duet_instrument *instrument = &instruments->items[fill->instrument];
    double multiplier = duet_unscale(instrument->multiplier, DUET_MULTIPLIER_DECIMALS);
    duet_tape_add_fill(tape, &(struct duet_tape_fill){.ns = fill->timestamp_ns,
                                 .instrument = fill->instrument,
                                 .side = fill->side,
                                 .quantity = duet_unscale(fill->quantity, instrument->quantity_decimals),
                                 .price = duet_unscale(fill->price, instrument->price_decimals) * multiplier,
                                 .commission = duet_money_to_double(fill->commission)});
}

void duet_tape_take_instant(struct duet_tape *tape, const struct duet_portfolio *portfolio, int64_t ns) {
    duet_tape_add_bar(tape, &(struct duet_tape_bar){.label_ns = ns,
                                .close_ns = ns,
                                .equity = duet_money_to_double(duet_portfolio_equity(portfolio)),
                                .cash = duet_money_to_double(duet_portfolio_cash(portfolio)),
                                .price = NAN});
}

/** The opening of the bar that closes at this instant, and the price of the first instrument there. */
static enum duet_status complete_bar(const struct duet_cast *cast, struct duet_tape_bar *bar) {
    enum duet_status status = DUET_OK;
    bool labelled = false;
    for (size_t i = 0; status == DUET_OK && i < cast->count; i++) {
        struct duet_series *series = cast->items[i].series;
        bool priced = cast->items[i].executes && series->instrument == 0;
        if (!cast->items[i].executes || (labelled && !priced)) {
            continue;
        }
        uint64_t known = duet_series_known(series, bar->close_ns);
        if (known > 0 && series->interval_ns > 0 && duet_series_close_ns(series, known - 1) == bar->close_ns) {
            bar->label_ns = labelled ? bar->label_ns : duet_series_open_ns(series, known - 1);
            labelled = true;
        }
        if (priced && known > 0) {
            status = duet_series_price(series, known - 1, &bar->price);
        }
    }
    return status;
}

enum duet_status duet_tape_complete(
    struct duet_tape *tape, const struct duet_cast *cast, const struct duet_portfolio *portfolio) {
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < tape->bar_count; i++) {
        status = complete_bar(cast, &tape->bars[i]);
    }
    if (tape->bar_count > 0) { // positions may have been closed since
        struct duet_tape_bar *last = &tape->bars[tape->bar_count - 1];
        last->equity = duet_money_to_double(duet_portfolio_equity(portfolio));
        last->cash = duet_money_to_double(duet_portfolio_cash(portfolio));
    }
    return status;
}
