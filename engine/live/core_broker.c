/* What the gateway tells: reports, connections, its books; and what the workers and the feed tell. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "broker/desk.h"
#include "engine/live/core_private.h"

void duet_core_go_on_flattening(struct duet_core *core) {
    if (core->flattening && core->level == DUET_TRADING_HALTED) {
        (void)duet_core_close_positions(core);
    }
}

/** What market orders on this side will take off anyway. */
struct taking_off {
    uint32_t instrument;
    int side;
    int64_t quantity;
};

static bool sum_taking_off(void *argument, const struct duet_order *order) {
    struct taking_off *sum = argument;
    bool works = order->status == DUET_ORDER_SUBMITTED || order->status == DUET_ORDER_ACCEPTED ||
                 order->status == DUET_ORDER_PARTIALLY_FILLED;
    if (works && order->type == DUET_MARKET && order->instrument == sum->instrument && order->side == sum->side) {
        sum->quantity += order->quantity - order->filled;
    }
    return true;
}

/** How much of a position the broker has left bare by ending this stop of its own accord; 0: nothing. */
static int64_t left_bare(const struct duet_core *core, const struct duet_order *order) {
    const uint16_t protective = DUET_REDUCE_ONLY | DUET_ATTACHED;
    bool ended = order->status == DUET_ORDER_REJECTED || order->status == DUET_ORDER_CANCELLED ||
                 order->status == DUET_ORDER_EXPIRED;
    if (!ended || order->reason_code != DUET_REASON_BROKER || (order->flags & protective) != protective) {
        return 0;
    }
    struct taking_off sum = {.instrument = order->instrument, .side = order->side};
    duet_portfolio_each_order(core->portfolio, sum_taking_off, &sum);
    int64_t bare = -order->side * duet_portfolio_position(core->portfolio, order->instrument)->quantity - sum.quantity;
    int64_t left = order->quantity - order->filled;
    return bare <= 0 ? 0 : bare < left ? bare : left;
}

/** A stop that is through already is what a broker rejects most: then the position is closed, as the stop would have
 * done. Any other is not missed until it is too late, so nothing is added before somebody has looked. */
static void look_at_stop(struct duet_core *core, uint64_t order_id) {
    const struct duet_order *order = duet_portfolio_order(core->portfolio, order_id);
    int64_t bare = order != NULL ? left_bare(core, order) : 0;
    if (bare == 0) {
        return;
    }
    const struct duet_instrument *instrument = &core->options.instruments->items[order->instrument];
    const struct duet_position_state *held = duet_portfolio_position(core->portfolio, order->instrument);
    bool through = held->has_mark && order->side * (held->mark - order->stop_price) >= 0;
    char quantity[DUET_DECIMAL_TEXT_MAX], price[DUET_DECIMAL_TEXT_MAX];
    duet_core_alert(core, "unprotected", "%s of %s without the stop at %s, which the broker has ended: %s",
        duet_decimal_format(bare, instrument->quantity_decimals, quantity), instrument->symbol,
        duet_decimal_format(order->stop_price, instrument->price_decimals, price),
        through ? "its price is there, so they are closed" : "no new risk");
    if (!through) {
        (void)duet_core_halt(core, false, "unprotected: %s", instrument->symbol);
        return;
    }
    struct duet_order_event request = {.instrument = order->instrument,
        .side = order->side,
        .type = DUET_MARKET,
        .time_in_force = DUET_GTC,
        .flags = DUET_REDUCE_ONLY | DUET_LOCAL,
        .strategy = order->strategy,
        .quantity = bare};
    duet_text_copy(request.reason, sizeof(request.reason), "protect");
    (void)duet_portfolio_submit(core->portfolio, &request, NULL);
    duet_bus_drain(core->bus);
}

/** Whether the order has ended; what comes of it later is old. */
static bool has_ended(const struct duet_core *core, uint64_t order_id) {
    const struct duet_order *order = duet_portfolio_order(core->portfolio, order_id);
    return order == NULL || order->status == DUET_ORDER_REJECTED || order->status == DUET_ORDER_CANCELLED ||
           order->status == DUET_ORDER_EXPIRED || order->status == DUET_ORDER_FILLED;
}

enum duet_status duet_core_check_report(const struct duet_core *core, const struct duet_input *input) {
    return core->desk != NULL
               ? DUET_OK
               : duet_error(
                     DUET_EDATA, "input %" PRIu64 ", REPORT: orders of this session go to no gateway", input->number);
}

void duet_core_take_report(struct duet_core *core, const struct duet_input *input) {
    struct duet_input_report report;
    memcpy(&report, input->bytes, sizeof(report));
    struct duet_desk_report told = {.order_id = report.order_id,
        .sequence = report.gateway_sequence,
        .status = report.status,
        .side = report.side,
        .reason_code = report.reason_code,
        .instrument = report.instrument,
        .fill_quantity = report.fill_quantity,
        .fill_price = report.fill_price,
        .cumulative = report.cumulative,
        .commission = report.commission,
        .venue_ns = report.venue_ns,
        .fill_id = report.fill_id};
    bool anomaly = false, was_over = has_ended(core, report.order_id);
    duet_core_roll_day(core, input->time_ns);
    duet_core_admit(core, input, DUET_EVENT_CUSTOM);
    duet_desk_report(core->desk, &told, &anomaly);
    duet_bus_drain(core->bus);
    if (anomaly) {
        duet_core_alert(core, "mismatch", "order %" PRIu64 ": what the broker tells does not fit: %s %s",
            report.order_id, duet_order_status_name(report.status), report.text);
        if (report.gateway_sequence != 0) { // what answers a question leads to no other: that would never end
            duet_core_effect(core, &(struct duet_effect){.kind = DUET_EFFECT_QUERY}); // positions that differ halt
        }
    }
    if (!was_over) {
        look_at_stop(core, report.order_id);
    }
    if (report.fill_quantity != 0) { // an order that is rejected is not sent anew at once: that would never end
        duet_core_go_on_flattening(core);
    }
    duet_core_check_losses(core);
}

void duet_core_take_connection(struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_connection *connection = input->bytes;
    bool down = connection->up == 0;
    duet_core_admit(core, input, DUET_EVENT_CONNECTION);
    if ((connection->link & DUET_LINK_FEED) != 0) {
        core->feed_down = down;
        core->feed_stale = core->feed_stale || down; // until something comes
    }
    if ((connection->link & DUET_LINK_BROKER) != 0 && core->desk != NULL) {
        core->broker_down = down;
        core->unreconciled = true;
        if (down) {
            duet_desk_link_down(core->desk);
        }
    }
    duet_core_update_trading(core);
    duet_bus_drain(core->bus);
    if (down) {
        duet_core_alert(core, "disconnect", "%s%s%s is disconnected: %s",
            (connection->link & DUET_LINK_FEED) != 0 ? "feed" : "",
            connection->link == (DUET_LINK_FEED | DUET_LINK_BROKER) ? " and " : "",
            (connection->link & DUET_LINK_BROKER) != 0 ? "broker" : "", connection->detail);
    }
}

static const struct duet_input_position *told_positions(const struct duet_input *input) {
    return (const void *)((const unsigned char *)input->bytes + sizeof(struct duet_input_reconciled));
}

enum duet_status duet_core_check_reconciled(const struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_reconciled *reconciled = input->bytes;
    bool sound = core->desk != NULL && (reconciled->link & DUET_LINK_BROKER) != 0;
    for (uint32_t i = 0; sound && i < reconciled->positions; i++) {
        sound = told_positions(input)[i].instrument < core->options.instruments->count;
    }
    return sound ? DUET_OK
                 : duet_error(
                       DUET_EDATA, "input %" PRIu64 ", RECONCILED: no gateway, or no such instrument", input->number);
}

/** First instrument whose position is another one there; UINT32_MAX: none. */
static uint32_t first_difference(const struct duet_core *core, const struct duet_input *input, int64_t *there) {
    const struct duet_input_reconciled *reconciled = input->bytes;
    for (uint32_t i = 0; i < core->options.instruments->count; i++) {
        *there = 0;
        for (uint32_t k = 0; k < reconciled->positions; k++) {
            if (told_positions(input)[k].instrument == i) {
                *there = told_positions(input)[k].quantity;
            }
        }
        if (*there != duet_portfolio_position(core->portfolio, i)->quantity) {
            return i;
        }
    }
    return UINT32_MAX;
}

void duet_core_take_reconciled(struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_reconciled *reconciled = input->bytes;
    duet_core_admit(core, input, DUET_EVENT_CUSTOM);
    duet_desk_reconciled(core->desk, reconciled->epoch, reconciled->sequence);
    duet_bus_drain(core->bus);
    int64_t there;
    uint32_t differs = first_difference(core, input, &there);
    core->broker_down = false;
    core->unreconciled = false;
    core->mismatch = differs != UINT32_MAX;
    if (differs == UINT32_MAX) {
        duet_core_update_trading(core);
        duet_core_go_on_flattening(core);
        duet_core_send_unsent(core);
        return;
    }
    const struct duet_instrument *instrument = &core->options.instruments->items[differs];
    char ours[DUET_DECIMAL_TEXT_MAX], theirs[DUET_DECIMAL_TEXT_MAX], text[128];
    snprintf(text, sizeof(text), "%s is %s here and %s at the broker", instrument->symbol,
        duet_decimal_format(
            duet_portfolio_position(core->portfolio, differs)->quantity, instrument->quantity_decimals, ours),
        duet_decimal_format(there, instrument->quantity_decimals, theirs));
    duet_core_alert(core, "mismatch", "positions differ: %s", text);
    (void)duet_core_halt(core, false, "mismatch: %s", text);
}

void duet_core_take_result(struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_result *result = input->bytes;
    struct duet_feature_payload payload = {.ticket = result->ticket, .status = result->status, .count = result->count};
    memcpy(payload.values, result->values, sizeof(payload.values));
    struct duet_event event;
    duet_host_feature(&payload, &event);
    (void)duet_bus_input(core->bus, &event, input->time_ns);
}

void duet_core_take_dropped(struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_dropped *dropped = input->bytes;
    duet_core_admit(core, input, DUET_EVENT_CUSTOM);
    duet_bus_drain(core->bus);
    duet_core_alert(core, "dropped", "%" PRIu64 " of %s were not taken", dropped->count, dropped->what);
}
