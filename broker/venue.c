#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"

#include "broker/book.h"

/** Prices beyond this could overflow a difference of two. */
#define PRICE_MAX (INT64_MAX / 4)

/* ---------------------------------------------------------------------------------------------------- reports */

static void publish_status(struct duet_venue *venue, const struct duet_working *order, enum duet_order_status status,
    enum duet_reason reason, int64_t event_ns) {
    struct duet_event event = {.type = DUET_EVENT_ORDER_STATUS,
        .event_ns = event_ns,
        .status = {.size = sizeof(event.status),
            .instrument = order->instrument,
            .order_id = order->order_id,
            .status = (uint8_t)status,
            .previous = order->status,
            .reason_code = (uint16_t)reason,
            .strategy = order->strategy,
            .side = order->side,
            .type = order->type,
            .quantity = order->quantity,
            .cumulative = order->filled,
            .price = order->price,
            .stop_price = order->stop_price}};
    memcpy(event.status.reason, order->reason, sizeof(event.status.reason));
    (void)duet_bus_publish(venue->bus, &event);
}

void duet_venue_report(struct duet_venue *venue, struct duet_working *order, enum duet_order_status status,
    enum duet_reason reason, int64_t event_ns) {
    publish_status(venue, order, status, reason, event_ns);
    order->status = (uint8_t)status;
    switch (status) {
    case DUET_ORDER_FILLED:
        venue->counts.filled++;
        break;
    case DUET_ORDER_CANCELLED:
        venue->counts.cancelled++;
        break;
    case DUET_ORDER_EXPIRED:
        venue->counts.expired++;
        break;
    default:
        return; // still working
    }
    duet_book_remove(venue, order);
    if (venue->head.hot_count == 0) {
        venue->head.next_expiry_ns = INT64_MAX;
    }
}

/* --------------------------------------------------------------------------------------------------- requests */

static int64_t utc_day_end_ns(int64_t ns) {
    int64_t into_day = ns % DUET_DAY_NS;
    if (into_day < 0) {
        into_day += DUET_DAY_NS;
    }
    return ns - into_day + DUET_DAY_NS;
}

static int64_t expiry_ns(const struct duet_venue *venue, const struct duet_order_event *request, int64_t now_ns) {
    switch (request->time_in_force) {
    case DUET_DAY:
        return venue->options.day_end_ns != NULL ? venue->options.day_end_ns(venue->options.argument, now_ns)
                                                 : utc_day_end_ns(now_ns);
    case DUET_GTD:
        return request->expires_ns;
    default:
        return INT64_MAX;
    }
}

static bool price_is_bad(int64_t price, bool used) {
    return used && (price <= 0 || price > PRICE_MAX);
}

/** Why an order cannot work; the gate has asked most of this already, but anybody may publish an ORDER. */
static enum duet_reason problem_of(const struct duet_venue *venue, const struct duet_working *order, int64_t now_ns) {
    if (order->instrument >= venue->options.instruments->count) {
        return DUET_REASON_NOT_TRADED;
    }
    if ((order->side != DUET_BUY && order->side != DUET_SELL) || order->type >= DUET_ORDER_TYPE_COUNT ||
        order->time_in_force >= DUET_TIME_IN_FORCE_COUNT) {
        return DUET_REASON_BAD_REQUEST;
    }
    if (order->quantity <= order->filled) {
        return DUET_REASON_BAD_QUANTITY;
    }
    if (price_is_bad(order->price, order->type == DUET_LIMIT || order->type == DUET_STOP_LIMIT) ||
        price_is_bad(order->stop_price, order->type == DUET_STOP || order->type == DUET_STOP_LIMIT)) {
        return DUET_REASON_BAD_PRICE;
    }
    if (order->expires_ns <= now_ns) {
        return DUET_REASON_TIME;
    }
    if (venue->ended && (order->flags & DUET_AT_END) == 0) {
        return DUET_REASON_END_OF_DATA;
    }
    return venue->working_count < DUET_VENUE_ORDERS_MAX ? DUET_REASON_NONE : DUET_REASON_ORDERS_MAX;
}

/** From which openings and ranges on an order counts that is accepted now. */
static void make_eligible(const struct duet_venue *venue, struct duet_working *order, int64_t now_ns) {
    order->opening_from_ns = now_ns > venue->opened_ns ? now_ns : venue->opened_ns + 1;
    order->range_from_ns = order->opening_from_ns;
    order->tick_after_ns = now_ns;
    if ((order->flags & DUET_ATTACHED) != 0) {
        order->range_from_ns = venue->late_open_ns != INT64_MIN ? venue->late_open_ns : now_ns;
    }
}

static void note_expiry(struct duet_venue *venue, int64_t expires_ns) {
    if (expires_ns < venue->head.next_expiry_ns) {
        venue->head.next_expiry_ns = expires_ns;
    }
}

static enum duet_status take_submit(struct duet_venue *venue, const struct duet_order_event *request, int64_t now_ns) {
    if (duet_book_find(venue, request->order_id) != NULL) {
        return duet_error(
            DUET_EEXIST, "order %llu is already working; ids are used once", (unsigned long long)request->order_id);
    }
    struct duet_working order = {.order_id = request->order_id,
        .instrument = request->instrument,
        .flags = request->flags,
        .strategy = request->strategy,
        .side = request->side,
        .type = request->type,
        .time_in_force = request->time_in_force,
        .status = DUET_ORDER_SUBMITTED,
        .quantity = request->quantity,
        .price = request->price,
        .stop_price = request->stop_price,
        .expires_ns = expiry_ns(venue, request, now_ns)};
    memcpy(order.reason, request->reason, sizeof(order.reason));
    enum duet_reason problem = problem_of(venue, &order, now_ns);
    if (problem != DUET_REASON_NONE) {
        venue->counts.rejected++;
        publish_status(venue, &order, DUET_ORDER_REJECTED, problem, now_ns);
        return DUET_OK;
    }
    make_eligible(venue, &order, now_ns);
    note_expiry(venue, order.expires_ns);
    struct duet_working *added = duet_book_add(venue, &order);
    venue->counts.accepted++;
    duet_venue_report(venue, added, DUET_ORDER_ACCEPTED, DUET_REASON_NONE, now_ns);
    return DUET_OK;
}

static enum duet_status handle_order(void *receiver, const struct duet_event *event) {
    struct duet_venue *venue = receiver;
    const struct duet_order_event *request = &event->order;
    int64_t now_ns = venue->now_ns != INT64_MIN ? venue->now_ns : event->time_ns;
    if (request->action == DUET_SUBMIT) {
        return take_submit(venue, request, now_ns);
    }
    struct duet_working *order = duet_book_find(venue, request->order_id);
    if (order == NULL) {
        venue->counts.too_late++;
        return DUET_OK;
    }
    if (request->action != DUET_CANCEL && request->action != DUET_REPLACE) {
        return duet_error(DUET_EINVAL, "order %llu: action %u is none of submit, cancel and replace",
            (unsigned long long)request->order_id, (unsigned)request->action);
    }
    enum duet_reason reason = request->action == DUET_CANCEL ? DUET_REASON_USER : DUET_REASON_REPLACED;
    duet_venue_report(venue, order, DUET_ORDER_CANCELLED, reason, now_ns);
    return DUET_OK;
}

/* ------------------------------------------------------------------------------------------------ time and end */

/** The passing of time is an input of its own: it may be later than all the market has told. */
static void admit_time(struct duet_venue *venue, int64_t ns) {
    struct duet_event event = {.type = DUET_EVENT_TIMER, .event_ns = ns};
    event.timer = (struct duet_timer_event){
        .size = sizeof(event.timer), .instrument = UINT32_MAX, .due_ns = ns, .owner = DUET_VENUE_TIMER_OWNER};
    duet_bus_admit(venue->bus, &event, ns);
}

/** Expire every order that is due by `ns`, by instrument and then order of submission. */
static void expire(struct duet_venue *venue, int64_t ns, enum duet_reason reason) {
    venue->head.next_expiry_ns = INT64_MAX;
    bool told_time = false;
    uint32_t i = 0;
    while (i < venue->head.hot_count) {
        uint32_t instrument = venue->hot[i];
        struct duet_working *next;
        for (struct duet_working *order = venue->books[instrument].first; order != NULL; order = next) {
            next = order->next;
            if (order->expires_ns > ns) {
                note_expiry(venue, order->expires_ns);
                continue;
            }
            bool timed_out = reason == DUET_REASON_TIME;
            if (timed_out && !told_time) {
                admit_time(venue, ns);
                told_time = true;
            }
            duet_venue_report(
                venue, order, DUET_ORDER_EXPIRED, reason, timed_out ? order->expires_ns : duet_bus_now_ns(venue->bus));
        }
        if (i < venue->head.hot_count && venue->hot[i] == instrument) {
            i++; // else its last order has gone, and the next instrument stands here
        }
    }
}

void duet_venue_expire(struct duet_venue *venue, int64_t ns) {
    if (ns >= venue->head.next_expiry_ns) {
        expire(venue, ns, DUET_REASON_TIME);
    }
}

int64_t duet_venue_next_expiry_ns(const struct duet_venue *venue) {
    return venue->head.next_expiry_ns;
}

void duet_venue_openings_done(struct duet_venue *venue, int64_t ns) {
    if (ns > venue->opened_ns) {
        venue->opened_ns = ns;
    }
}

void duet_venue_set_time(struct duet_venue *venue, int64_t ns) {
    venue->now_ns = ns;
}

void duet_venue_end(struct duet_venue *venue) {
    venue->ended = true;
    expire(venue, INT64_MAX, DUET_REASON_END_OF_DATA);
}

/** Fill the AT_END orders of one instrument; false where there are none. */
static bool fill_at_end(struct duet_venue *venue, uint32_t instrument, int64_t price) {
    const struct duet_offer offer = {.price = price, .slips = true, .liquidity = DUET_LIQUIDITY_TAKER};
    bool found = false;
    struct duet_working *next;
    for (struct duet_working *order = venue->books[instrument].first; order != NULL; order = next) {
        next = order->next;
        if ((order->flags & DUET_AT_END) != 0) {
            found = true;
            duet_venue_fill(venue, order, &offer, duet_bus_now_ns(venue->bus));
        }
    }
    return found;
}

void duet_venue_close_out(struct duet_venue *venue, uint32_t instrument, int64_t price) {
    if (!fill_at_end(venue, instrument, price) &&
        duet_portfolio_position(venue->options.portfolio, instrument)->quantity != 0) {
        (void)duet_portfolio_close(venue->options.portfolio, 0, instrument, DUET_AT_END, "at_end");
        // Not before its acceptance has been told: a fill is booked at once, and would run ahead of that.
        duet_bus_drain(venue->bus);
        (void)fill_at_end(venue, instrument, price);
    }
}

const uint32_t *duet_venue_hot(const struct duet_venue *venue, uint32_t *count) {
    *count = venue->head.hot_count;
    return venue->hot;
}

uint64_t duet_venue_hot_version(const struct duet_venue *venue) {
    return venue->head.hot_version;
}

void duet_venue_get_counts(const struct duet_venue *venue, struct duet_venue_counts *out) {
    *out = venue->counts;
}

/* --------------------------------------------------------------------------------------------------- component */

/** As after init; the hot version goes on, so that nobody takes the old set for the new one. */
static void venue_clear(struct duet_venue *venue) {
    duet_book_clear(venue);
    venue->head.next_expiry_ns = INT64_MAX;
    venue->next_fill_id = 1;
    venue->next_rank = 0;
    venue->opened_ns = venue->now_ns = venue->late_open_ns = INT64_MIN;
    venue->ended = false;
    venue->counts = (struct duet_venue_counts){0};
}

static enum duet_status venue_init(struct duet_component *component) {
    struct duet_venue *venue = duet_container_of(component, struct duet_venue, component);
    venue_clear(venue);
    return duet_bus_subscribe(venue->bus, DUET_EVENT_ORDER, handle_order, venue, component, NULL);
}

static void venue_reset(struct duet_component *component) {
    venue_clear(duet_container_of(component, struct duet_venue, component));
}

static const struct duet_component_impl venue_impl = {
    .size = sizeof(struct duet_component_impl),
    .type = "venue",
    .init = venue_init,
    .reset = venue_reset,
    .teardown = venue_reset,
};

enum duet_status duet_venue_create(
    const struct duet_venue_options *options, struct duet_bus *bus, struct duet_venue **out) {
    if (options->profile == NULL || options->portfolio == NULL || options->instruments == NULL) {
        return duet_error(DUET_EINVAL, "a venue needs a fill profile, instruments and a portfolio");
    }
    struct duet_venue *venue = duet_alloc(1, sizeof(*venue));
    venue->component = (struct duet_component){.impl = &venue_impl, .name = "venue"};
    venue->options = *options;
    venue->bus = bus;
    duet_book_init(venue);
    venue_clear(venue);
    *out = venue;
    return DUET_OK;
}

void duet_venue_destroy(struct duet_venue *venue) {
    if (venue == NULL) {
        return;
    }
    duet_book_finish(venue);
    free(venue->batch);
    free(venue);
}

struct duet_component *duet_venue_component(struct duet_venue *venue) {
    return &venue->component;
}
