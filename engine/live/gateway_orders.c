/*
 * Orders out and reports in. What is sent has been asked about twice by then: the desk, whether it may still go out
 * over this very connection, and the permit, whether the trading state still allows it.
 */
#include "engine/live/gateway_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/money.h"
#include "broker/desk.h"

/** No answer for so long: ask. And so often, before a new connection has to tell. */
#define ANSWER_NS (5 * DUET_SECOND_NS)
#define ASKED_MAX 3

static const struct duet_core *core_of(const struct duet_gateway *gateway) {
    return duet_session_core(gateway->live->session);
}

/* -------------------------------------------------------------------------------------------------------- names */

static void write_id(const struct duet_gateway *gateway, uint64_t order_id, char out[80]) {
    snprintf(out, 80, "%s%" PRIu64, gateway->prefix, order_id);
}

/** Our order of this id; 0: ours, but none that can be. False: another's. */
static bool read_id(const struct duet_gateway *gateway, const char *text, uint64_t *order_id) {
    size_t length = strlen(gateway->prefix);
    int64_t number;
    *order_id = 0;
    if (strncmp(text, gateway->prefix, length) != 0) {
        return false;
    }
    if (text[length] != '0' && duet_parse_int64(text + length, &number) && number > 0) {
        *order_id = (uint64_t)number;
    }
    return true;
}

/* ---------------------------------------------------------------------------------------------------- await answers */

static struct gateway_awaited *awaited(struct duet_gateway *gateway, uint64_t order_id, bool is_cancel) {
    for (size_t i = 0; i < gateway->awaited_count; i++) {
        if (gateway->awaited[i].order_id == order_id && gateway->awaited[i].is_cancel == is_cancel) {
            return &gateway->awaited[i];
        }
    }
    return NULL;
}

static void await(struct duet_gateway *gateway, uint64_t order_id, bool is_cancel) {
    if (awaited(gateway, order_id, is_cancel) != NULL) {
        return;
    }
    if (gateway->awaited_count == gateway->awaited_capacity) {
        gateway->awaited_capacity = gateway->awaited_capacity == 0 ? 64 : 2 * gateway->awaited_capacity;
        gateway->awaited = duet_realloc(gateway->awaited, gateway->awaited_capacity, sizeof(*gateway->awaited));
    }
    gateway->awaited[gateway->awaited_count++] =
        (struct gateway_awaited){.order_id = order_id, .asked_ns = duet_monotonic_ns(), .is_cancel = is_cancel};
    gateway_wake(gateway);
}

static void answered(struct duet_gateway *gateway, uint64_t order_id, bool is_cancel) {
    struct gateway_awaited *found = awaited(gateway, order_id, is_cancel);
    if (found != NULL) {
        *found = gateway->awaited[--gateway->awaited_count];
    }
}

void gateway_forget_orders(struct duet_gateway *gateway) {
    gateway->awaited_count = 0;
    gateway->lacking_ns = 0;
    gateway->position_count = 0;
    gateway->books_asked = false;
}

static void cancel(struct duet_gateway *gateway, uint64_t order_id) {
    char id[80], line[DUET_GATEWAY_LINE_MAX];
    write_id(gateway, order_id, id);
    (void)gateway_say(gateway, line, duet_gateway_cancel(line, id));
}

static bool has_ended(enum duet_order_status status) {
    return status == DUET_ORDER_REJECTED || status == DUET_ORDER_FILLED || status == DUET_ORDER_CANCELLED ||
           status == DUET_ORDER_EXPIRED;
}

/** A cancel may be repeated until the order has ended, and is: what has to go must not stay because a line got lost at
 * the other side. */
static void cancel_again(struct duet_gateway *gateway, struct gateway_awaited *one) {
    if (one->asked == ASKED_MAX) {
        gateway_alert(gateway, "mismatch", "order %" PRIu64 ": the gateway does not say what became of its cancel",
            one->order_id);
    }
    duet_log_warn(gateway->live->log, "cancel-repeated", "order=%" PRIu64, one->order_id);
    cancel(gateway, one->order_id);
}

/** False: the connection had to be dropped. */
static bool look_after_order(struct duet_gateway *gateway, struct gateway_awaited *one) {
    if (one->is_cancel) {
        cancel_again(gateway, one);
    } else if (one->asked == ASKED_MAX) {
        gateway_drop(gateway, "it gives no answer to an order that it was sent");
        return false;
    } else {
        duet_gateway_ask(gateway, one->order_id);
    }
    one->asked++;
    one->asked_ns = duet_monotonic_ns();
    return true;
}

static void ask_for_books(struct duet_gateway *gateway);

/** Ask for everything after what the desk has had. All numbers from there on come once more. */
static void ask_for_reports(struct duet_gateway *gateway) {
    char line[DUET_GATEWAY_LINE_MAX];
    gateway->position_count = 0;
    uint64_t known = duet_desk_reports(duet_core_desk(core_of(gateway)));
    (void)gateway_say(gateway, line, duet_gateway_query(line, NULL, known));
}

/** Every number up to this one has come, or is not to be had. */
static void have_reports(struct duet_gateway *gateway, uint64_t number) {
    gateway->reports = gateway->reports_last = number;
    gateway->reports_ahead = 0;
}

static void note_report(struct duet_gateway *gateway, uint64_t number) {
    gateway->reports_last = number > gateway->reports_last ? number : gateway->reports_last;
    if (number > gateway->reports && number - gateway->reports <= 64) {
        gateway->reports_ahead |= UINT64_C(1) << (number - gateway->reports - 1);
    }
    for (; (gateway->reports_ahead & 1) != 0; gateway->reports_ahead >>= 1) {
        gateway->reports++;
    }
}

/** Numbers without gaps, as they came, for what came may wait long in the session: one that is missing may have been a
 * fill. */
static int64_t look_after_reports(struct duet_gateway *gateway, int64_t now_ns) {
    if (!gateway->reconciled || gateway->reports_last <= gateway->reports) {
        gateway->lacking_ns = 0;
        return INT64_MAX;
    }
    if (gateway->lacking_ns == 0) {
        gateway->lacking_ns = now_ns;
    } else if (now_ns - gateway->lacking_ns >= ANSWER_NS) {
        duet_log_warn(gateway->live->log, "reports-missing", "after=%" PRIu64 " last=%" PRIu64, gateway->reports,
            gateway->reports_last);
        gateway->lacking_ns = now_ns;
        ask_for_books(gateway);
    }
    return gateway->lacking_ns + ANSWER_NS;
}

int64_t gateway_look_after_orders(struct duet_gateway *gateway, int64_t now_ns) {
    if ((gateway->roles & DUET_GATEWAY_BROKER) == 0) {
        return INT64_MAX;
    }
    const struct duet_portfolio *portfolio = duet_core_portfolio(core_of(gateway));
    int64_t due_ns = look_after_reports(gateway, now_ns);
    for (size_t i = 0; i < gateway->awaited_count;) {
        struct gateway_awaited *one = &gateway->awaited[i];
        const struct duet_order *order = duet_portfolio_order(portfolio, one->order_id);
        if (one->is_cancel && (order == NULL || has_ended(order->status))) {
            *one = gateway->awaited[--gateway->awaited_count];
            continue;
        }
        if (now_ns - one->asked_ns >= ANSWER_NS && !look_after_order(gateway, one)) {
            return INT64_MAX;
        }
        due_ns = one->asked_ns + ANSWER_NS < due_ns ? one->asked_ns + ANSWER_NS : due_ns;
        i++;
    }
    return due_ns;
}

/* -------------------------------------------------------------------------------------------------------- orders */

static const char *const type_names[] = {
    [DUET_MARKET] = "market", [DUET_LIMIT] = "limit", [DUET_STOP] = "stop", [DUET_STOP_LIMIT] = "stop_limit"};
static const char *const time_names[] = {
    [DUET_GTC] = "gtc", [DUET_DAY] = "day", [DUET_GTD] = "gtd", [DUET_IOC] = "ioc", [DUET_FOK] = "fok"};

static bool submit(struct duet_gateway *gateway, const struct duet_order_event *order) {
    const struct duet_instrument *instrument = &gateway->instruments->items[order->instrument];
    char id[80], quantity[DUET_DECIMAL_TEXT_MAX], price[DUET_DECIMAL_TEXT_MAX], stop[DUET_DECIMAL_TEXT_MAX];
    char line[DUET_GATEWAY_LINE_MAX];
    bool has_price = order->type == DUET_LIMIT || order->type == DUET_STOP_LIMIT;
    bool has_stop = order->type == DUET_STOP || order->type == DUET_STOP_LIMIT;
    write_id(gateway, order->order_id, id);
    struct duet_gateway_order said = {.order_id = id,
        .symbol = instrument->symbol,
        .side = order->side > 0 ? "buy" : "sell",
        .type = type_names[order->type],
        .time_in_force = time_names[order->time_in_force],
        .quantity = duet_decimal_format(order->quantity, instrument->quantity_decimals, quantity),
        .price = has_price ? duet_decimal_format(order->price, instrument->price_decimals, price) : NULL,
        .stop_price = has_stop ? duet_decimal_format(order->stop_price, instrument->price_decimals, stop) : NULL,
        .expires_ns = order->expires_ns,
        .reduce_only = (order->flags & DUET_REDUCE_ONLY) != 0};
    return gateway_say(gateway, line, duet_gateway_submit(line, &said));
}

/** It was not sent and never will be: that ends it. */
static void refuse(struct duet_gateway *gateway, const struct duet_order_event *order, enum duet_reason reason) {
    struct duet_input_report report = {.order_id = order->order_id,
        .instrument = order->instrument,
        .status = DUET_ORDER_REJECTED,
        .side = order->side,
        .reason_code = (uint16_t)reason};
    duet_text_copy(report.text, sizeof(report.text), "stopped before it was sent");
    gateway_admit(gateway, DUET_INPUT_REPORT, &report, sizeof(report), 0);
}

void duet_gateway_send(struct duet_gateway *gateway, const struct duet_event *event) {
    const struct duet_order_event *order = &event->order;
    if (order->action != DUET_SUBMIT) {
        if (gateway->stage > GATEWAY_GREETED) { // else the desk asks for it again
            cancel(gateway, order->order_id);
            await(gateway, order->order_id, true);
        }
        return;
    }
    const struct duet_desk *desk = duet_core_desk(core_of(gateway));
    if (!gateway->reconciled || !duet_desk_may_send(desk, order->order_id, gateway->epoch)) {
        // In doubt, or about to be: the next reconciliation finds that it never came.
        duet_log_warn(
            gateway->live->log, "order-not-sent", "order=%" PRIu64 " epoch=%" PRIu64, order->order_id, gateway->epoch);
        return;
    }
    enum duet_reason refusal = duet_portfolio_refuses(duet_core_portfolio(core_of(gateway)), order->order_id);
    if (refusal != DUET_REASON_NONE) {
        duet_log_warn(gateway->live->log, "order-stopped", "order=%" PRIu64 " reason=%s", order->order_id,
            duet_reason_name(refusal));
        refuse(gateway, order, refusal);
        return;
    }
    if (submit(gateway, order)) {
        await(gateway, order->order_id, false);
    }
}

static void ask_for_books(struct duet_gateway *gateway) {
    if (gateway->reconciled && !gateway->books_asked) { // else their end is still to come
        gateway->books_asked = true;
        ask_for_reports(gateway);
    }
}

bool gateway_awaits_books(const struct duet_gateway *gateway) {
    return gateway->stage == GATEWAY_RECONCILING || gateway->books_asked;
}

void duet_gateway_ask(struct duet_gateway *gateway, uint64_t order_id) {
    char id[80], line[DUET_GATEWAY_LINE_MAX];
    if (order_id == 0) {
        ask_for_books(gateway);
    } else if (gateway->stage > GATEWAY_GREETED) {
        write_id(gateway, order_id, id);
        (void)gateway_say(gateway, line, duet_gateway_query(line, id, 0));
    }
}

/* ------------------------------------------------------------------------------------------------ reconciliation */

static bool ask_if_working(void *argument, const struct duet_order *order) {
    bool works = order->status == DUET_ORDER_SUBMITTED || order->status == DUET_ORDER_ACCEPTED ||
                 order->status == DUET_ORDER_TRIGGERED || order->status == DUET_ORDER_PARTIALLY_FILLED;
    if (works) {
        duet_gateway_ask(argument, order->order_id);
    }
    return true;
}

void gateway_reconcile(struct duet_gateway *gateway) {
    enum gateway_stage stage = gateway->stage;
    gateway->stage = GATEWAY_RECONCILING; // from here on it may be asked
    duet_core_each_order(core_of(gateway), ask_if_working, gateway);
    ask_for_reports(gateway);
    gateway->stage = stage;
}

bool gateway_take_position(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    if (!gateway_awaits_books(gateway)) {
        gateway_ignore(gateway, "a position that was not asked for");
        return true;
    }
    const struct duet_instrument *instrument = duet_instruments_find(gateway->instruments, message->symbol);
    if (instrument == NULL) {
        gateway_ignore(gateway, "a position in what this session does not trade");
        return true;
    }
    int64_t quantity;
    bool twice = false;
    for (uint32_t i = 0; i < gateway->position_count; i++) {
        twice = twice || gateway->positions[i].instrument == instrument->index;
    }
    if (twice || !gateway_scaled(message->quantity, instrument->quantity_decimals, &quantity)) {
        (void)duet_error(DUET_EDATA, "position %s: \"%s\" %s", message->symbol, message->quantity,
            twice ? "stands there twice" : "has more places than the instrument");
        return false;
    }
    gateway->positions[gateway->position_count++] =
        (struct duet_input_position){.instrument = instrument->index, .quantity = quantity};
    return true;
}

bool gateway_take_snapshot_end(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    struct duet_input_reconciled reconciled = {.link = DUET_LINK_BROKER,
        .positions = gateway->position_count,
        .epoch = gateway->epoch,
        .sequence = message->report};
    struct duet_text bytes = {0};
    duet_text_append(&bytes, (const char *)&reconciled, sizeof(reconciled));
    if (gateway->position_count > 0) {
        duet_text_append(
            &bytes, (const char *)gateway->positions, gateway->position_count * sizeof(*gateway->positions));
    }
    gateway_admit(gateway, DUET_INPUT_RECONCILED, bytes.text, bytes.length, 0);
    duet_text_finish(&bytes);
    have_reports(gateway, message->report);
    gateway->position_count = 0;
    gateway->books_asked = false;
    return true;
}

/* ------------------------------------------------------------------------------------------------------- reports */

/** Whose it is, and what it is about. False: not for us; true with DUET_EDATA in *status: it contradicts itself. */
static bool begin_report(struct duet_gateway *gateway, const struct duet_gateway_message *message,
    struct duet_input_report *report, const struct duet_instrument **instrument) {
    *report = (struct duet_input_report){
        .gateway_sequence = message->report, .side = message->side, .venue_ns = message->time_ns};
    if (!read_id(gateway, message->order_id, &report->order_id)) {
        gateway_ignore(gateway, "a report of another session's order");
        return false;
    }
    note_report(gateway, message->report);
    const struct duet_order *order = duet_portfolio_order(duet_core_portfolio(core_of(gateway)), report->order_id);
    *instrument = message->symbol[0] != '\0' ? duet_instruments_find(gateway->instruments, message->symbol)
                  : order != NULL            ? &gateway->instruments->items[order->instrument]
                                             : NULL;
    report->instrument = *instrument != NULL ? (*instrument)->index : UINT32_MAX;
    duet_text_copy(report->text, sizeof(report->text), message->reason);
    return true;
}

static bool bad_report(const struct duet_gateway_message *message, const char *what) {
    (void)duet_error(DUET_EDATA, "order %s: %s", message->order_id, what);
    return false;
}

bool gateway_take_order(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    struct duet_input_report report;
    const struct duet_instrument *instrument;
    if (!begin_report(gateway, message, &report, &instrument)) {
        return true;
    }
    report.status = message->status;
    unsigned decimals = instrument != NULL ? instrument->quantity_decimals : 0;
    if (instrument == NULL && message->status != DUET_ORDER_CREATED && report.order_id != 0) {
        return bad_report(message, "of a symbol that this session does not trade");
    }
    if (!gateway_scaled(message->cumulative, decimals, &report.cumulative)) {
        return bad_report(message, "cumulative quantity is no quantity of the instrument");
    }
    if (message->status == DUET_ORDER_CREATED && awaited(gateway, report.order_id, false) != NULL) {
        return bad_report(message, "unknown to the gateway, which was sent it on this connection");
    }
    answered(gateway, report.order_id, false);
    if (has_ended(message->status)) {
        answered(gateway, report.order_id, true);
    }
    gateway_admit(gateway, DUET_INPUT_REPORT, &report, sizeof(report), 0);
    return true;
}

bool gateway_take_fill(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    struct duet_input_report report;
    const struct duet_instrument *instrument;
    if (!begin_report(gateway, message, &report, &instrument)) {
        return true;
    }
    if (instrument == NULL) {
        return bad_report(message, "fill of a symbol that this session does not trade");
    }
    report.status = DUET_ORDER_PARTIALLY_FILLED; // the desk knows when it is whole
    bool sound = gateway_scaled(message->quantity, instrument->quantity_decimals, &report.fill_quantity) &&
                 gateway_scaled(message->price, instrument->price_decimals, &report.fill_price) &&
                 gateway_scaled(message->cumulative, instrument->quantity_decimals, &report.cumulative) &&
                 report.fill_quantity > 0 && report.fill_price > 0 && report.cumulative >= report.fill_quantity;
    if (!sound) {
        return bad_report(message, "fill whose numbers are none of the instrument, or contradict each other");
    }
    if (message->commission[0] != '\0' &&
        duet_money_parse(message->commission, strlen(message->commission), &report.commission) != DUET_OK) {
        return bad_report(message, "commission is no amount of money");
    }
    duet_text_copy(report.fill_id, sizeof(report.fill_id), message->fill_id);
    answered(gateway, report.order_id, false);
    gateway_admit(gateway, DUET_INPUT_REPORT, &report, sizeof(report), 0);
    return true;
}
