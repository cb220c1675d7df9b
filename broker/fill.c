#include "base/assert.h"

#include "broker/book.h"

/** How much of the position an order of `side` can close. */
static int64_t reducible(int64_t held, int side) {
    if (side > 0) {
        return held < 0 ? -held : 0;
    }
    return held > 0 ? held : 0;
}

static bool is_affordable(
    const struct duet_venue *venue, const struct duet_working *order, int64_t quantity, int64_t price) {
    return duet_portfolio_affordable(venue->options.portfolio, order->instrument, order->side, quantity, price) ==
           DUET_REASON_NONE;
}

static void publish_fill(
    struct duet_venue *venue, const struct duet_working *order, const struct duet_fill *fill, int64_t timestamp_ns) {
    struct duet_event event = {.type = DUET_EVENT_FILL, .event_ns = timestamp_ns, .fill = *fill};
    duet_portfolio_book(venue->options.portfolio, &event.fill);
    (void)duet_bus_publish(venue->bus, &event);
    venue->counts.fills++;
}

void duet_venue_fill(
    struct duet_venue *venue, struct duet_working *order, const struct duet_offer *offer, int64_t timestamp_ns) {
    const struct duet_venue_options *options = &venue->options;
    const struct duet_instrument *instrument = &options->instruments->items[order->instrument];
    int64_t price = offer->price;
    if (offer->slips) {
        price = duet_costs_slip(&options->costs, instrument, order->side, price);
    }

    int64_t held = duet_portfolio_position(options->portfolio, order->instrument)->quantity;
    int64_t closable = reducible(held, order->side);
    int64_t quantity = order->quantity - order->filled;
    enum duet_reason short_of = DUET_REASON_NONE; // what the rest is cancelled for
    if ((order->flags & DUET_REDUCE_ONLY) != 0 && quantity > closable) {
        quantity = closable;
        short_of = DUET_REASON_REDUCE_ONLY;
    }
    if (quantity > 0 && !is_affordable(venue, order, quantity, price)) {
        // An order through zero still closes what is open: cash is wanting for the new risk only.
        quantity = quantity > closable && is_affordable(venue, order, closable, price) ? closable : 0;
        short_of = DUET_REASON_MARGIN;
    }
    struct duet_fill fill = {.size = sizeof(fill),
        .instrument = order->instrument,
        .fill_id = venue->next_fill_id,
        .order_id = order->order_id,
        .side = order->side,
        .liquidity = offer->liquidity,
        .flags = (uint16_t)(order->flags | (venue->late_open_ns != INT64_MIN ? DUET_AT_CLOSE : 0)),
        .strategy = order->strategy,
        .quantity = quantity,
        .price = price,
        .slippage = order->side * (price - offer->price),
        .timestamp_ns = timestamp_ns};
    if (quantity > 0 && duet_costs_commission(&options->costs, instrument, quantity, price, order->filled == 0,
                            &fill.commission) != DUET_OK) {
        quantity = 0;
        short_of = DUET_REASON_OVERFLOW;
    }
    if (quantity > 0) {
        venue->next_fill_id++;
        order->filled += quantity;
        publish_fill(venue, order, &fill, timestamp_ns);
        bool whole = order->filled == order->quantity;
        duet_venue_report(
            venue, order, whole ? DUET_ORDER_FILLED : DUET_ORDER_PARTIALLY_FILLED, DUET_REASON_NONE, timestamp_ns);
        if (whole) {
            return;
        }
    }
    DUET_ASSERT(short_of != DUET_REASON_NONE);
    duet_venue_report(venue, order, DUET_ORDER_CANCELLED, short_of, timestamp_ns);
}
