/*
 * Which price meets which order. Prices of a bar are those of the record; slippage comes later (fill.c), so what is
 * decided here always lies inside the bar.
 *
 * While a batch is matched, reports only queue: no strategy hears of them, so nobody changes the book under the loops.
 */
#include <stdlib.h>

#include "base/text.h"

#include "broker/book.h"

/* ------------------------------------------------------------------------------------------------------- rules */

static bool is_pending_stop(const struct duet_working *order) {
    return order->type == DUET_STOP || (order->type == DUET_STOP_LIMIT && !order->triggered);
}

/** Whether `price` is at the stop or beyond it. */
static bool stop_is_met(const struct duet_working *order, int64_t price) {
    return order->side * (price - order->stop_price) >= 0;
}

/** How much better than the limit the profile wants a price to be at which others have dealt. */
static int64_t through_of(const struct duet_venue *venue, const struct duet_working *order) {
    return venue->options.profile->limit_through_ticks *
           venue->options.instruments->items[order->instrument].tick_scaled;
}

/** Whether `price` is as much better than the limit as the profile asks. */
static bool limit_is_met(const struct duet_venue *venue, const struct duet_working *order, int64_t price) {
    return order->side * (order->price - price) >= through_of(venue, order);
}

static bool offer_at(struct duet_offer *offer, int64_t price, bool slips, bool rests) {
    *offer = (struct duet_offer){
        .price = price, .slips = slips, .liquidity = rests ? DUET_LIQUIDITY_MAKER : DUET_LIQUIDITY_TAKER};
    return true;
}

/** One price that can be dealt at: an opening, a trade, one side of a quote. A limit wants it to be `through` better.
 * May trigger a stop-limit. */
static bool meets_price(struct duet_working *order, int64_t price, int64_t through, struct duet_offer *offer) {
    if (order->type == DUET_MARKET) {
        return offer_at(offer, price, true, false);
    }
    if (is_pending_stop(order)) {
        if (!stop_is_met(order, price)) {
            return false;
        }
        if (order->type == DUET_STOP) {
            return offer_at(offer, price, true, false);
        }
        order->triggered = true;
        order->rested = false;
    }
    return order->side * (order->price - price) >= through && offer_at(offer, price, false, order->rested);
}

/** A limit in the range of a bar: at the limit, or at the open where that was better already. */
static bool limit_meets_range(const struct duet_venue *venue, const struct duet_working *order,
    const struct duet_bar *bar, struct duet_offer *offer) {
    if (!limit_is_met(venue, order, order->side == DUET_BUY ? bar->low_scaled : bar->high_scaled)) {
        return false;
    }
    bool opened_better = order->side * (order->price - bar->open_scaled) > 0;
    return offer_at(offer, opened_better ? bar->open_scaled : order->price, false, order->rested || !opened_better);
}

/**
 * A stop-limit whose stop lies inside the bar. What came after the stop is not known from four prices, so it fills at
 * the stop where the limit allows that, and otherwise waits for the next opening; unless the profile takes a bar that
 * ended beyond its open, and within the limit, as proof that the limit was met after the stop.
 */
static bool trigger_inside(
    const struct duet_venue *venue, struct duet_working *order, const struct duet_bar *bar, struct duet_offer *offer) {
    if (limit_is_met(venue, order, order->stop_price)) {
        return offer_at(offer, order->stop_price, false, false);
    }
    bool turned =
        order->side == DUET_BUY ? bar->open_scaled > bar->close_scaled : bar->open_scaled <= bar->close_scaled;
    if (venue->options.profile->stop_limit_same_bar && turned &&
        order->side * (order->price - bar->close_scaled) >= 0) {
        return offer_at(offer, order->price, false, true);
    }
    order->opening_from_ns = order->range_from_ns = bar->close_ns;
    return false;
}

static bool meets_range(
    const struct duet_venue *venue, struct duet_working *order, const struct duet_bar *bar, struct duet_offer *offer) {
    if (order->type == DUET_MARKET) {
        return false;
    }
    if (!is_pending_stop(order)) {
        return limit_meets_range(venue, order, bar, offer);
    }
    if (!stop_is_met(order, order->side == DUET_BUY ? bar->high_scaled : bar->low_scaled)) {
        return false;
    }
    // Only an ATTACHED order can find the open beyond its stop here: all others have met the opening.
    bool opened_beyond = stop_is_met(order, bar->open_scaled);
    if (order->type == DUET_STOP) {
        return offer_at(offer, opened_beyond ? bar->open_scaled : order->stop_price, true, false);
    }
    order->triggered = true;
    order->rested = false;
    return opened_beyond ? limit_meets_range(venue, order, bar, offer) : trigger_inside(venue, order, bar, offer);
}

/* ------------------------------------------------------------------------------------------------------ ranges */

static bool range_counts(const struct duet_venue *venue, const struct duet_working *order, const struct duet_bar *bar) {
    if (order->range_from_ns > bar->open_ns || order->time_in_force >= DUET_IOC) {
        return false;
    }
    // A bar that closes after the expiry may have come to the price too late.
    return bar->close_ns <= order->expires_ns ||
           (venue->options.profile->bar_outlives_expiry && bar->open_ns < order->expires_ns);
}

static void range_pass(struct duet_venue *venue, const struct duet_bar *bar, bool stops, bool limits) {
    struct duet_working *next;
    for (struct duet_working *order = venue->books[bar->instrument].first; order != NULL; order = next) {
        next = order->next;
        if (!(is_pending_stop(order) ? stops : limits) || !range_counts(venue, order, bar)) {
            continue;
        }
        bool was_triggered = order->triggered;
        struct duet_offer offer;
        if (meets_range(venue, order, bar, &offer)) {
            duet_venue_fill(venue, order, &offer, bar->close_ns);
        } else {
            order->rested = true;
            if (order->triggered != was_triggered) {
                duet_venue_report(venue, order, DUET_ORDER_TRIGGERED, DUET_REASON_NONE, bar->close_ns);
            }
        }
    }
}

void duet_venue_range(struct duet_venue *venue, const struct duet_bar *bar) {
    if (venue->books[bar->instrument].first == NULL) {
        return;
    }
    if (venue->options.profile->stops_first) {
        range_pass(venue, bar, true, false);
        range_pass(venue, bar, false, true);
    } else {
        range_pass(venue, bar, true, true);
    }
}

/* ---------------------------------------------------------------------------------------------------- openings */

static int compare_meetings(const void *left, const void *right) {
    const struct duet_meeting *a = left;
    const struct duet_meeting *b = right;
    if (a->class != b->class) {
        return a->class < b->class ? -1 : 1;
    }
    return a->order->rank < b->order->rank ? -1 : 1;
}

/** Copy the orders that meet one opening behind the `count` meetings that are there; returns how many are then. */
static uint32_t collect(struct duet_venue *venue, const struct duet_event *event, uint32_t count) {
    const struct duet_opening *opening = &event->opening;
    struct duet_side_book *book = &venue->books[opening->instrument];
    if (book->count > venue->batch_capacity - count) {
        venue->batch_capacity = 2 * (count + book->count);
        venue->batch = duet_realloc(venue->batch, venue->batch_capacity, sizeof(*venue->batch));
    }
    int64_t held = 0;
    if (venue->options.profile->reduce_first && book->first != NULL) {
        held = duet_portfolio_position(venue->options.portfolio, opening->instrument)->quantity;
    }
    for (struct duet_working *order = book->first; order != NULL; order = order->next) {
        if (order->opening_from_ns <= opening->open_ns && opening->open_ns < order->expires_ns) {
            bool reduces = order->side == DUET_BUY ? held < 0 : held > 0;
            venue->batch[count++] = (struct duet_meeting){.order = order, .opening = event, .class = reduces ? 0 : 1};
        }
    }
    return count;
}

static void meet_opening(struct duet_venue *venue, struct duet_working *order, const struct duet_opening *opening) {
    bool was_triggered = order->triggered;
    struct duet_offer offer;
    if (meets_price(order, opening->open_scaled, through_of(venue, order), &offer)) {
        duet_venue_fill(venue, order, &offer, opening->open_ns);
    } else if (order->time_in_force >= DUET_IOC) {
        duet_venue_report(venue, order, DUET_ORDER_CANCELLED, DUET_REASON_UNFILLED, opening->open_ns);
    } else {
        order->rested = true;
        if (order->triggered != was_triggered) {
            duet_venue_report(venue, order, DUET_ORDER_TRIGGERED, DUET_REASON_NONE, opening->open_ns);
        }
    }
}

void duet_venue_openings(struct duet_venue *venue, const struct duet_event *openings, uint32_t count) {
    uint32_t meetings = 0;
    for (uint32_t i = 0; i < count; i++) {
        duet_venue_openings_done(venue, openings[i].opening.open_ns);
        meetings = collect(venue, &openings[i], meetings);
    }
    if (meetings > 1) {
        qsort(venue->batch, meetings, sizeof(*venue->batch), compare_meetings);
    }
    const struct duet_event *cause = NULL;
    for (uint32_t i = 0; i < meetings; i++) {
        const struct duet_meeting *meeting = &venue->batch[i];
        if (meeting->opening != cause) {
            cause = meeting->opening;
            duet_bus_cause(venue->bus, cause);
        }
        meet_opening(venue, meeting->order, &cause->opening);
    }
}

static int compare_openings(const void *left, const void *right) {
    const struct duet_opening *a = &((const struct duet_event *)left)->opening;
    const struct duet_opening *b = &((const struct duet_event *)right)->opening;
    if (a->open_ns != b->open_ns) {
        return a->open_ns < b->open_ns ? -1 : 1;
    }
    return (a->instrument > b->instrument) - (a->instrument < b->instrument);
}

void duet_venue_openings_at_close(
    struct duet_venue *venue, struct duet_event *openings, uint32_t count, int64_t ns, int64_t time_ns) {
    qsort(openings, count, sizeof(*openings), compare_openings);
    for (uint32_t i = 0; i < count; i++) {
        duet_bus_admit(venue->bus, &openings[i], time_ns);
    }
    int64_t now_ns = venue->now_ns;
    venue->now_ns = ns;
    uint32_t end;
    for (uint32_t begin = 0; begin < count; begin = end) {
        venue->late_open_ns = openings[begin].opening.open_ns;
        for (end = begin + 1; end < count && openings[end].opening.open_ns == venue->late_open_ns; end++) {
        }
        duet_venue_openings(venue, &openings[begin], end - begin);
        duet_bus_drain(venue->bus);
    }
    venue->late_open_ns = INT64_MIN;
    venue->now_ns = now_ns;
}

/* ------------------------------------------------------------------------------------------- trades and quotes */

/** `buy_at`, `sell_at`: what a buyer or seller gets now; 0: nothing. `offered`: somebody stands there to deal with, so
 * that a limit need not be gone through. */
static void meet_prices(
    struct duet_venue *venue, uint32_t instrument, int64_t buy_at, int64_t sell_at, bool offered, int64_t time_ns) {
    int64_t now_ns = duet_bus_now_ns(venue->bus);
    struct duet_working *next;
    for (struct duet_working *order = venue->books[instrument].first; order != NULL; order = next) {
        next = order->next;
        int64_t price = order->side == DUET_BUY ? buy_at : sell_at;
        if (price <= 0 || now_ns <= order->tick_after_ns || time_ns >= order->expires_ns) {
            continue;
        }
        bool was_triggered = order->triggered;
        struct duet_offer offer;
        if (meets_price(order, price, offered ? 0 : through_of(venue, order), &offer)) {
            // The market has come through a limit that lay there: it was dealt at on the way.
            offer.price = offer.liquidity == DUET_LIQUIDITY_MAKER ? order->price : offer.price;
            duet_venue_fill(venue, order, &offer, time_ns);
        } else if (order->time_in_force >= DUET_IOC) {
            duet_venue_report(venue, order, DUET_ORDER_CANCELLED, DUET_REASON_UNFILLED, time_ns);
        } else {
            order->rested = true;
            if (order->triggered != was_triggered) {
                duet_venue_report(venue, order, DUET_ORDER_TRIGGERED, DUET_REASON_NONE, time_ns);
            }
        }
    }
}

void duet_venue_trade(struct duet_venue *venue, const struct duet_trade *trade) {
    meet_prices(venue, trade->instrument, trade->price_scaled, trade->price_scaled, false, trade->time_ns);
}

void duet_venue_quote(struct duet_venue *venue, const struct duet_quote *quote) {
    meet_prices(venue, quote->instrument, quote->ask_scaled, quote->bid_scaled, true, quote->time_ns);
}
