#include <string.h>

#include "base/money.h"
#include "base/text.h"
#include "portfolio/state.h"

bool duet_order_is_protective(const struct duet_order *order) {
    return (order->flags & (DUET_REDUCE_ONLY | DUET_ATTACHED)) == (DUET_REDUCE_ONLY | DUET_ATTACHED);
}

/** The position that they protected is gone. The order that has just filled is not asked to go: it ends by itself. */
static void cancel_protection(struct duet_portfolio *portfolio, const struct duet_fill *fill) {
    uint64_t next_id;
    for (uint64_t id = portfolio->head.slots[fill->instrument].first_id; id != 0; id = next_id) {
        const struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, id);
        next_id = entry->next_id;
        // Handlers queue what they publish, so no order ends while this walks.
        if (id != fill->order_id && duet_order_is_protective(&entry->order)) {
            (void)duet_portfolio_cancel(portfolio, id);
        }
    }
}

static void attach_stop(
    struct duet_portfolio *portfolio, const struct duet_fill *fill, int64_t opened, int64_t stop_rate) {
    int64_t tick = portfolio->head.slots[fill->instrument].instrument->tick_scaled;
    // Away from the market: down for the sell stop of a long, up for the buy stop of a short.
    duet_money exact = (duet_money)fill->price * (DUET_RATE_ONE - fill->side * stop_rate);
    duet_money unit = (duet_money)tick * DUET_RATE_ONE;
    duet_money ticks = exact / unit;
    if (fill->side < 0 && ticks * unit < exact) {
        ticks++;
    }
    duet_money stop = ticks * tick;
    struct duet_order_event request = {
        .instrument = fill->instrument,
        .side = fill->side > 0 ? DUET_SELL : DUET_BUY,
        .type = DUET_STOP,
        .time_in_force = DUET_GTC,
        .flags = DUET_REDUCE_ONLY | DUET_ATTACHED | DUET_LOCAL,
        .strategy = fill->strategy,
        .quantity = opened,
        .stop_price = stop > DUET_QUANTITY_MAX ? 0 : (int64_t)stop,
    };
    duet_text_copy(request.reason, sizeof(request.reason), "protect");
    (void)duet_portfolio_send(portfolio, &request, NULL, false, NULL);
}

void duet_protect_fill(
    struct duet_portfolio *portfolio, const struct duet_fill *fill, const struct duet_fill_effect *effect) {
    if (effect->flat_or_reversed) {
        cancel_protection(portfolio, fill);
    }
    if (effect->opened > 0 && fill->strategy < portfolio->wish_strategies &&
        portfolio->wishes[fill->strategy] != NULL) {
        int64_t stop_rate = portfolio->wishes[fill->strategy][fill->instrument].stop_rate;
        // Another fill of the same batch may have closed it again.
        int64_t held = portfolio->head.slots[fill->instrument].state.quantity;
        if (stop_rate > 0 && held != 0 && (held > 0) == (fill->side > 0)) {
            attach_stop(portfolio, fill, effect->opened, stop_rate);
        }
    }
}

void duet_protect_unsent(struct duet_portfolio *portfolio, const struct duet_order *order) {
    int64_t held = portfolio->head.slots[order->instrument].state.quantity;
    if (!duet_order_is_protective(order) || held == 0 || (held > 0) == (order->side > 0)) {
        return;
    }
    struct duet_order_event request = {
        .instrument = order->instrument,
        .side = order->side,
        .type = order->type,
        .time_in_force = order->time_in_force,
        .flags = order->flags,
        .strategy = order->strategy,
        .quantity = order->quantity,
        .price = order->price,
        .stop_price = order->stop_price,
        .expires_ns = order->expires_ns,
    };
    memcpy(request.reason, order->reason, sizeof(request.reason));
    (void)duet_portfolio_send(portfolio, &request, NULL, false, NULL);
}

void duet_portfolio_protect(struct duet_portfolio *portfolio, uint16_t who, uint32_t instrument, double stop_fraction) {
    int64_t rate;
    struct duet_wish *wish = duet_portfolio_wish(portfolio, who, instrument);
    bool sensible =
        stop_fraction > 0 && stop_fraction < 1 && duet_scale(stop_fraction, DUET_RATE_DECIMALS, &rate) == DUET_OK;
    wish->stop_rate = sensible ? rate : 0;
}
