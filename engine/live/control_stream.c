/* What listeners hear: outputs of the session and alerts, as one JSON object each. */
#include "engine/live/control_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "base/text.h"

/** Symbol and decimals of an instrument; of one that is none, "?" and 0. */
static const struct duet_instrument *instrument_of(const struct duet_instruments *instruments, uint32_t index) {
    static const struct duet_instrument unknown = {.symbol = "?"};
    return index < instruments->count ? &instruments->items[index] : &unknown;
}

static void put_order(struct duet_json *json, const struct duet_order_event *order, const struct duet_instrument *on) {
    static const char *const actions[] = {"submit", "cancel", "replace"};
    duet_json_string(json, "action", order->action <= DUET_REPLACE ? actions[order->action] : "?");
    duet_json_uint(json, "order_id", order->order_id);
    duet_json_string(json, "symbol", on->symbol);
    duet_json_string(json, "side", duet_side_name(order->side));
    duet_json_string(json, "order_type", duet_order_type_name(order->type));
    duet_json_string(json, "time_in_force", duet_time_in_force_name(order->time_in_force));
    control_put_scaled(json, "quantity", order->quantity, on->quantity_decimals);
    control_put_scaled(json, "price", order->price, on->price_decimals);
    control_put_scaled(json, "stop_price", order->stop_price, on->price_decimals);
    duet_json_string(json, "reason", order->reason);
}

static void put_status(
    struct duet_json *json, const struct duet_order_status_event *status, const struct duet_instrument *on) {
    duet_json_uint(json, "order_id", status->order_id);
    duet_json_string(json, "symbol", on->symbol);
    duet_json_string(json, "side", duet_side_name(status->side));
    duet_json_string(json, "status", duet_order_status_name(status->status));
    duet_json_string(json, "previous", duet_order_status_name(status->previous));
    duet_json_string(json, "reason_code", duet_reason_name(status->reason_code));
    control_put_scaled(json, "quantity", status->quantity, on->quantity_decimals);
    control_put_scaled(json, "filled", status->cumulative, on->quantity_decimals);
    duet_json_string(json, "reason", status->reason);
}

static void put_fill(struct duet_json *json, const struct duet_fill *fill, const struct duet_instrument *on) {
    static const char *const liquidity[] = {"unknown", "taker", "maker"};
    duet_json_uint(json, "fill_id", fill->fill_id);
    duet_json_uint(json, "order_id", fill->order_id);
    duet_json_string(json, "symbol", on->symbol);
    duet_json_string(json, "side", duet_side_name(fill->side));
    control_put_scaled(json, "quantity", fill->quantity, on->quantity_decimals);
    control_put_scaled(json, "price", fill->price, on->price_decimals);
    control_put_money(json, "commission", fill->commission);
    duet_json_string(json, "liquidity", fill->liquidity <= DUET_LIQUIDITY_MAKER ? liquidity[fill->liquidity] : "?");
}

static void put_position(
    struct duet_json *json, const struct duet_position_event *position, const struct duet_instrument *on) {
    duet_json_string(json, "symbol", on->symbol);
    control_put_scaled(json, "quantity", position->quantity, on->quantity_decimals);
    duet_json_double(json, "average_price", position->average_price);
    control_put_scaled(json, "mark", position->mark, on->price_decimals);
    control_put_money(json, "cost", position->cost);
    control_put_money(json, "realized_pnl", position->realized);
    control_put_money(json, "commission", position->commission);
}

static void put_account(struct duet_json *json, const struct duet_account_event *account) {
    control_put_money(json, "cash", account->cash);
    control_put_money(json, "equity", account->equity);
    control_put_money(json, "realized_pnl", account->realized);
    control_put_money(json, "commission", account->commission);
}

static void put_signal(struct duet_json *json, const struct duet_signal *signal, const struct duet_instrument *on) {
    duet_json_string(json, "symbol", on->symbol);
    duet_json_int(json, "direction", signal->direction);
    duet_json_double(json, "strength", signal->strength);
    duet_json_string(json, "reason", signal->reason);
}

static void put_error(struct duet_json *json, const struct duet_error_event *error) {
    duet_json_string(json, "component", error->component);
    duet_json_string(json, "message", error->message);
    if (error->order_id != 0) {
        duet_json_uint(json, "order_id", error->order_id);
    }
}

/** A change of the trading state. */
static bool is_trading(const struct duet_event *event) {
    return event->type == DUET_EVENT_COMMAND && event->custom.tag == DUET_TAG_TRADING;
}

static void put_trading(struct duet_json *json, const struct duet_event *event) {
    struct duet_trading_payload payload;
    memcpy(&payload, event->custom.data, sizeof(payload));
    payload.reason[sizeof(payload.reason) - 1] = '\0';
    duet_json_string(json, "trading", duet_trading_name(payload.trading));
    duet_json_string(json, "previous", duet_trading_name(payload.previous));
    duet_json_string(json, "reason", payload.reason);
}

/** What listeners know it by: "fill", "order_status", "trading". */
static void message_name(const struct duet_event *event, char out[24]) {
    duet_text_copy(out, 24, is_trading(event) ? "trading" : duet_event_type_name(event->type));
    for (char *at = out; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
}

void control_put_event(
    struct duet_json *json, const struct duet_event *event, const struct duet_instruments *instruments) {
    char type[24];
    message_name(event, type);
    duet_json_string(json, "type", type);
    duet_json_uint(json, "sequence", event->sequence);
    duet_json_uint(json, "cause", event->cause_sequence);
    control_put_time(json, "time", event->time_ns);
    switch ((enum duet_event_type)event->type) {
    case DUET_EVENT_ORDER:
        put_order(json, &event->order, instrument_of(instruments, event->order.instrument));
        break;
    case DUET_EVENT_ORDER_STATUS:
        put_status(json, &event->status, instrument_of(instruments, event->status.instrument));
        break;
    case DUET_EVENT_FILL:
        put_fill(json, &event->fill, instrument_of(instruments, event->fill.instrument));
        break;
    case DUET_EVENT_POSITION:
        put_position(json, &event->position, instrument_of(instruments, event->position.instrument));
        break;
    case DUET_EVENT_ACCOUNT:
        put_account(json, &event->account);
        break;
    case DUET_EVENT_SIGNAL:
        put_signal(json, &event->signal, instrument_of(instruments, event->signal.instrument));
        break;
    case DUET_EVENT_ERROR:
        put_error(json, &event->error);
        break;
    case DUET_EVENT_COMMAND:
        put_trading(json, event);
        break;
    default:
        break;
    }
}

/** Whether anybody listens; without listeners nothing is written at all. */
static bool somebody_listens(const struct duet_control *control) {
    struct duet_broadcast_counts counts;
    duet_broadcast_get_counts(control->broadcast, &counts);
    return counts.clients > 0;
}

/** Timers and computations are the strategy's own business; people watch orders, and who may send them. */
static bool is_told(const struct duet_event *event) {
    unsigned type = event->type;
    return type == DUET_EVENT_ORDER || type == DUET_EVENT_ORDER_STATUS || type == DUET_EVENT_FILL ||
           type == DUET_EVENT_POSITION || type == DUET_EVENT_ACCOUNT || type == DUET_EVENT_SIGNAL ||
           type == DUET_EVENT_ERROR || is_trading(event);
}

void duet_control_event(struct duet_control *control, const struct duet_event *event) {
    if (!is_told(event) || !somebody_listens(control)) {
        return;
    }
    struct control_answer message;
    const struct duet_core *core = duet_session_core(control->live->session);
    control_put_event(control_answer_open(&message), event, duet_core_instruments(core));
    control_answer_close(&message);
    char type[24];
    message_name(event, type);
    duet_broadcast_send(control->broadcast, type, message.text, message.size);
    free(message.text);
}

void duet_control_alert(struct duet_control *control, const char *code, const char *text, uint64_t count) {
    if (!somebody_listens(control)) {
        return;
    }
    struct control_answer message;
    struct duet_json *json = control_answer_open(&message);
    duet_json_string(json, "type", "alert");
    control_put_time(json, "time", duet_clock_now_ns(&duet_clock_wall));
    duet_json_string(json, "code", code);
    duet_json_string(json, "text", text);
    duet_json_uint(json, "count", count);
    control_answer_close(&message);
    duet_broadcast_send(control->broadcast, "alert", message.text, message.size);
    free(message.text);
}

void control_handle_stream(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    duet_broadcast_websocket(control->broadcast, request);
}

void control_handle_events(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    duet_broadcast_events(control->broadcast, request);
}
