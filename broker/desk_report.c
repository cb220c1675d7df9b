/*
 * What the gateway says of an order, held against what is known of it. Every path leads to one of: published, counted
 * as old, or an anomaly; nothing is guessed, and a fill is dropped only where it can be shown to be booked already.
 */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

#include "broker/desk_state.h"

bool duet_desk_is_final(const struct duet_desk_order *order) {
    switch (order->status) {
    case DUET_ORDER_REJECTED:
    case DUET_ORDER_FILLED:
    case DUET_ORDER_CANCELLED:
    case DUET_ORDER_EXPIRED:
        return true;
    default:
        return false;
    }
}

void duet_desk_anomaly(struct duet_desk *desk, uint64_t order_id, const char *what) {
    desk->marks.counts.anomalies++;
    if (desk->component.env != NULL) {
        duet_log_error(desk->component.env->log, "report-anomaly", "order=%" PRIu64 " why=%s", order_id, what);
    }
    struct duet_event event = {.type = DUET_EVENT_ERROR};
    event.error.size = sizeof(event.error);
    event.error.error_type = DUET_ESTATE;
    event.error.order_id = order_id;
    duet_text_copy(event.error.component, sizeof(event.error.component), "desk");
    duet_text_copy(event.error.message, sizeof(event.error.message), what);
    (void)duet_bus_publish(desk->bus, &event);
}

void duet_desk_publish(struct duet_desk *desk, struct duet_desk_order *order, enum duet_order_status status,
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
            .cumulative = order->booked,
            .price = order->price,
            .stop_price = order->stop_price}};
    memcpy(event.status.reason, order->reason, sizeof(event.status.reason));
    order->status = (uint8_t)status;
    (void)duet_bus_publish(desk->bus, &event);
    if (duet_desk_is_final(order)) {
        duet_desk_release(desk, order);
    }
}

/* ------------------------------------------------------------------------------------------------------- fills */

static void publish_fill(struct duet_desk *desk, const struct duet_desk_order *order,
    const struct duet_desk_report *report, uint64_t fill_id, bool late) {
    struct duet_event event = {.type = DUET_EVENT_FILL,
        .event_ns = report->venue_ns,
        .fill = {.size = sizeof(event.fill),
            .instrument = order->instrument,
            .fill_id = fill_id,
            .order_id = order->order_id,
            .side = order->side,
            .flags = (uint16_t)(order->flags | (late ? DUET_LATE : 0)),
            .strategy = order->strategy,
            .commission = report->commission,
            .quantity = report->fill_quantity,
            .price = report->fill_price,
            .timestamp_ns = report->venue_ns}};
    (void)duet_bus_publish(desk->bus, &event);
}

/** The gateway's count of what has filled has moved on. True: beyond what is booked, so that a fill is missing. */
static bool take_cumulative(struct duet_desk *desk, struct duet_desk_order *order, int64_t cumulative) {
    if (cumulative <= order->told) {
        return false;
    }
    order->told = cumulative;
    if (cumulative <= order->booked) {
        return false;
    }
    if (desk->options.query != NULL) {
        desk->options.query(desk->options.argument, order->order_id);
    }
    return true;
}

/** A status that has to be told before a fill or an end can be: whatever filled or ended at the venue was accepted. */
static void suppose_accepted(struct duet_desk *desk, struct duet_desk_order *order, int64_t event_ns) {
    if (order->status == DUET_ORDER_SUBMITTED) {
        duet_desk_publish(desk, order, DUET_ORDER_ACCEPTED, DUET_REASON_NONE, event_ns);
    }
}

static bool same_fill(const struct duet_desk_fill *fill, const struct duet_desk_report *report) {
    return fill->order_id == report->order_id && fill->quantity == report->fill_quantity &&
           fill->price == report->fill_price && fill->commission == report->commission;
}

/** What makes a fill one that cannot be booked; NULL: nothing. */
static const char *fill_problem(const struct duet_desk_order *order, const struct duet_desk_report *report) {
    if (report->fill_id == NULL || report->fill_id[0] == '\0') {
        return "fill without an id";
    }
    if (report->fill_quantity < 0 || report->fill_quantity >= DUET_DESK_QUANTITY_MAX ||
        order->booked + report->fill_quantity >= DUET_DESK_QUANTITY_MAX) {
        return "fill of an impossible quantity";
    }
    int64_t told = report->cumulative > order->told ? report->cumulative : order->told;
    if (order->booked + report->fill_quantity > told) {
        return "fill beyond the cumulative quantity";
    }
    return NULL;
}

/** Book what is new. False: the report says no more than what is known, or something that cannot be. */
static bool take_fill(
    struct duet_desk *desk, struct duet_desk_order *order, const struct duet_desk_report *report, bool *anomaly) {
    const struct duet_desk_fill *seen = report->fill_id != NULL ? duet_desk_fill_find(desk, report->fill_id) : NULL;
    if (seen != NULL) {
        desk->marks.counts.duplicates++;
        if (!same_fill(seen, report)) {
            duet_desk_anomaly(desk, report->order_id, "fill id was there with other content");
            *anomaly = true;
        }
        return false;
    }
    const char *problem = fill_problem(order, report);
    if (problem != NULL) {
        duet_desk_anomaly(desk, report->order_id, problem);
        *anomaly = true;
        return false;
    }
    suppose_accepted(desk, order, report->venue_ns);
    bool over = order->booked + report->fill_quantity > order->quantity;
    if (over || order->status == DUET_ORDER_REJECTED) {
        duet_desk_anomaly(desk, report->order_id, over ? "filled beyond its quantity" : "fill of a rejected order");
        *anomaly = true;
    }
    struct duet_desk_fill fill = {.order_id = report->order_id,
        .quantity = report->fill_quantity,
        .price = report->fill_price,
        .commission = report->commission};
    duet_text_copy(fill.fill_id, sizeof(fill.fill_id), report->fill_id);
    uint64_t fill_id = duet_desk_fill_add(desk, &fill);
    desk->marks.counts.fills++;
    publish_fill(desk, order, report, fill_id, over || duet_desk_is_final(order));
    order->booked += report->fill_quantity;
    if (take_cumulative(desk, order, report->cumulative)) {
        duet_desk_anomaly(desk, report->order_id, "a fill is missing");
        *anomaly = true;
    }
    enum duet_order_status status = order->booked >= order->quantity ? DUET_ORDER_FILLED
                                    : duet_desk_is_final(order)      ? (enum duet_order_status)order->status
                                                                     : DUET_ORDER_PARTIALLY_FILLED;
    duet_desk_publish(desk, order, status, DUET_REASON_NONE, report->venue_ns);
    return true;
}

/* ------------------------------------------------------------------------------------------------------ status */

/** Why an order ended, where the gateway gives no reason that has a name here. */
static enum duet_reason reason_of_end(const struct duet_desk_order *order, const struct duet_desk_report *report) {
    if (report->reason_code != DUET_REASON_NONE && report->reason_code < DUET_REASON_COUNT) {
        return report->reason_code;
    }
    if (report->status == DUET_ORDER_EXPIRED) {
        return DUET_REASON_TIME;
    }
    if (report->status == DUET_ORDER_CANCELLED && order->cancel != 0) {
        return order->cancel == DUET_REPLACE ? DUET_REASON_REPLACED : DUET_REASON_USER;
    }
    return DUET_REASON_BROKER;
}

static void take_end(struct duet_desk *desk, struct duet_desk_order *order, const struct duet_desk_report *report) {
    enum duet_reason reason = reason_of_end(order, report);
    if (order->booked < order->told) {
        return; // its missing fill has been asked for; the answer tells the end again
    }
    if (report->status == DUET_ORDER_REJECTED && order->status == DUET_ORDER_SUBMITTED) {
        duet_desk_publish(desk, order, DUET_ORDER_REJECTED, reason, report->venue_ns);
        return;
    }
    suppose_accepted(desk, order, report->venue_ns);
    // Rejected after it had been accepted: what was left of it is cancelled.
    duet_desk_publish(desk, order, report->status == DUET_ORDER_EXPIRED ? DUET_ORDER_EXPIRED : DUET_ORDER_CANCELLED,
        reason, report->venue_ns);
}

/** Something comes for an order that has ended. */
static void take_after_end(
    struct duet_desk *desk, struct duet_desk_order *order, const struct duet_desk_report *report, bool *anomaly) {
    bool lives = report->status == DUET_ORDER_SUBMITTED || report->status == DUET_ORDER_ACCEPTED ||
                 report->status == DUET_ORDER_TRIGGERED || report->status == DUET_ORDER_PARTIALLY_FILLED;
    if (order->status == DUET_ORDER_REJECTED && lives) {
        duet_desk_anomaly(desk, order->order_id, "a rejected order is alive");
        *anomaly = true;
        duet_desk_ask_cancel(desk, order);
        return;
    }
    desk->marks.counts.stale++;
}

static void take_status(
    struct duet_desk *desk, struct duet_desk_order *order, const struct duet_desk_report *report, bool *anomaly) {
    if (take_cumulative(desk, order, report->cumulative)) {
        duet_desk_anomaly(desk, report->order_id, "a fill is missing");
        *anomaly = true;
    }
    if (duet_desk_is_final(order)) {
        take_after_end(desk, order, report, anomaly);
        return;
    }
    bool is_stop = order->type == DUET_STOP || order->type == DUET_STOP_LIMIT;
    switch (report->status) {
    case DUET_ORDER_SUBMITTED:
        return; // it has it, and thinks about it
    case DUET_ORDER_REJECTED:
    case DUET_ORDER_CANCELLED:
    case DUET_ORDER_EXPIRED:
        take_end(desk, order, report);
        return;
    case DUET_ORDER_ACCEPTED:
        if (order->status == DUET_ORDER_SUBMITTED) {
            duet_desk_publish(desk, order, DUET_ORDER_ACCEPTED, DUET_REASON_NONE, report->venue_ns);
            return;
        }
        break;
    case DUET_ORDER_TRIGGERED:
        suppose_accepted(desk, order, report->venue_ns);
        if (order->status == DUET_ORDER_ACCEPTED && is_stop) {
            duet_desk_publish(desk, order, DUET_ORDER_TRIGGERED, DUET_REASON_NONE, report->venue_ns);
            return;
        }
        break;
    default: // PARTIALLY_FILLED, FILLED: follow from fills
        suppose_accepted(desk, order, report->venue_ns);
        return;
    }
    desk->marks.counts.stale++;
}

/** The gateway does not know the order. */
static void take_unknown(
    struct duet_desk *desk, struct duet_desk_order *order, const struct duet_desk_report *report, bool *anomaly) {
    if (duet_desk_is_final(order)) {
        desk->marks.counts.stale++;
        return;
    }
    order->word = DUET_DESK_UNKNOWN;
    if (order->knowledge == DUET_DESK_IN_DOUBT) {
        // Over this connection it can never have been sent, and over no other can anything arrive any more.
        if (desk->marks.link_up != 0) {
            duet_desk_publish(desk, order, DUET_ORDER_REJECTED, DUET_REASON_UNSENT_AT_CRASH, report->venue_ns);
        }
        return; // else duet_desk_reconciled() does
    }
    if (order->knowledge == DUET_DESK_HELD) {
        desk->marks.counts.stale++; // it may be on its way
        return;
    }
    duet_desk_anomaly(desk, order->order_id, "the gateway has lost an order it had");
    *anomaly = true;
    if (order->cancel != 0) { // asked to be gone, and it is
        duet_desk_publish(desk, order, DUET_ORDER_CANCELLED, DUET_REASON_BROKER, report->venue_ns);
    }
}

/* -------------------------------------------------------------------------------------------------------- door */

static void note_sequence(struct duet_desk_marks *marks, uint64_t sequence) {
    if (sequence <= marks->reports || sequence - marks->reports > 64) {
        return; // 0, known, or so far ahead that the gateway will be asked for it again
    }
    marks->reports_ahead |= UINT64_C(1) << (sequence - marks->reports - 1);
    while ((marks->reports_ahead & 1) != 0) {
        marks->reports_ahead >>= 1;
        marks->reports++;
    }
}

void duet_desk_report(struct duet_desk *desk, const struct duet_desk_report *report, bool *anomaly) {
    *anomaly = false;
    note_sequence(&desk->marks, report->sequence);
    struct duet_desk_order *order = duet_desk_find(desk, report->order_id);
    const char *problem = NULL;
    if (order == NULL) {
        desk->marks.counts.unknown++;
        problem = "report of an unknown order";
    } else if (report->status == DUET_ORDER_DENIED || report->status >= DUET_ORDER_STATUS_COUNT ||
               report->cumulative < 0 || report->cumulative >= DUET_DESK_QUANTITY_MAX) {
        problem = "report that makes no sense";
    } else if (report->status != DUET_ORDER_CREATED &&
               (report->instrument != order->instrument || (report->side != 0 && report->side != order->side))) {
        problem = "report does not fit its order";
    }
    if (problem != NULL) {
        duet_desk_anomaly(desk, report->order_id, problem);
        *anomaly = true;
        return;
    }
    if (report->status == DUET_ORDER_CREATED) {
        take_unknown(desk, order, report, anomaly);
        return;
    }
    order->word = DUET_DESK_TOLD;
    order->knowledge = DUET_DESK_KNOWN;
    if (report->fill_quantity != 0) {
        bool booked = take_fill(desk, order, report, anomaly);
        bool ends = report->status == DUET_ORDER_CANCELLED || report->status == DUET_ORDER_EXPIRED;
        if (!ends || (booked && duet_desk_is_final(order))) {
            return; // a cancel or an expiry may carry the last fill
        }
    }
    take_status(desk, order, report, anomaly);
}
