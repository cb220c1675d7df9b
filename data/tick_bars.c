#include "data/tick_bars.h"

#include "base/assert.h"
#include "base/money.h"

static double as_price(const struct duet_tick_bars *bars, int64_t scaled) {
    return duet_unscale(scaled, bars->price_decimals);
}

/** What is under way is a bar now. Its close_ns stays behind, so that ticks from before it are known. */
static void bar_finish(struct duet_tick_bars *bars, struct duet_bar *closed) {
    struct duet_bar *bar = &bars->bar;
    bar->open = as_price(bars, bar->open_scaled);
    bar->high = as_price(bars, bar->high_scaled);
    bar->low = as_price(bars, bar->low_scaled);
    bar->close = as_price(bars, bar->close_scaled);
    bar->volume = duet_unscale(bars->volume_scaled, bars->quantity_decimals);
    *closed = *bar;
    bar->size = 0;
}

static void bar_begin(struct duet_tick_bars *bars, int64_t time_ns, int64_t price_scaled) {
    int64_t open_ns = time_ns - time_ns % bars->interval_ns;
    bars->bar = (struct duet_bar){.size = sizeof(bars->bar),
        .instrument = bars->instrument,
        .open_ns = open_ns,
        .close_ns = open_ns + bars->interval_ns,
        .interval_ns = bars->interval_ns,
        .open_scaled = price_scaled,
        .high_scaled = price_scaled,
        .low_scaled = price_scaled,
        .close_scaled = price_scaled,
        .price_decimals = bars->price_decimals};
    bars->volume_scaled = 0;
}

unsigned duet_tick_bars_take(struct duet_tick_bars *bars, int64_t time_ns, int64_t price_scaled,
    int64_t quantity_scaled, struct duet_bar *closed, struct duet_opening *opening) {
    DUET_ASSERT(bars->interval_ns > 0);
    struct duet_bar *bar = &bars->bar;
    bool is_under_way = bar->size != 0;
    // Before the bar under way, or before the end of the last one.
    if (time_ns < (is_under_way ? bar->open_ns : bar->close_ns) || time_ns > INT64_MAX - bars->interval_ns) {
        bars->late++;
        return 0;
    }
    unsigned known = 0;
    if (is_under_way && time_ns >= bar->close_ns) {
        bar_finish(bars, closed);
        is_under_way = false;
        known |= DUET_TICK_CLOSED;
    }
    if (!is_under_way) {
        bar_begin(bars, time_ns, price_scaled);
        *opening = (struct duet_opening){.size = sizeof(*opening),
            .instrument = bars->instrument,
            .open_ns = bar->open_ns,
            .open_scaled = price_scaled};
        known |= DUET_TICK_OPENED;
    }
    bar->high_scaled = price_scaled > bar->high_scaled ? price_scaled : bar->high_scaled;
    bar->low_scaled = price_scaled < bar->low_scaled ? price_scaled : bar->low_scaled;
    bar->close_scaled = price_scaled;
    if (quantity_scaled > 0 && __builtin_add_overflow(bars->volume_scaled, quantity_scaled, &bars->volume_scaled)) {
        bars->volume_scaled = INT64_MAX;
    }
    return known;
}

bool duet_tick_bars_close(struct duet_tick_bars *bars, int64_t now_ns, struct duet_bar *closed) {
    if (bars->bar.size == 0 || now_ns < bars->bar.close_ns) {
        return false;
    }
    bar_finish(bars, closed);
    return true;
}

int64_t duet_tick_bars_due_ns(const struct duet_tick_bars *bars) {
    return bars->bar.size != 0 ? bars->bar.close_ns : INT64_MAX;
}
