/* Orders as the control interface shows them. */
#include "engine/live/control_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "base/text.h"

static bool order_works(const struct duet_order *order) {
    switch ((enum duet_order_status)order->status) {
    case DUET_ORDER_CREATED:
    case DUET_ORDER_SUBMITTED:
    case DUET_ORDER_ACCEPTED:
    case DUET_ORDER_TRIGGERED:
    case DUET_ORDER_PARTIALLY_FILLED:
        return true;
    default:
        return false;
    }
}

static void put_price_or_null(struct duet_json *json, const char *name, int64_t price, uint32_t decimals) {
    if (price == 0) {
        duet_json_null(json, name);
    } else {
        control_put_scaled(json, name, price, decimals);
    }
}

static void put_flags(struct duet_json *json, unsigned flags) {
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{DUET_REDUCE_ONLY, "reduce_only"}, {DUET_ATTACHED, "attached"}, {DUET_AT_END, "at_end"},
        {DUET_LOCAL, "local"}, {DUET_OPERATOR, "operator"}};
    duet_json_open(json, "flags", '[');
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((flags & names[i].bit) != 0) {
            duet_json_string(json, NULL, names[i].name);
        }
    }
    duet_json_close(json, ']');
}

/** Notional over quantity, in doubles: for display. */
static void put_average(struct duet_json *json, const struct duet_order *order, const struct duet_instrument *on) {
    if (order->filled == 0) {
        duet_json_null(json, "average_price");
        return;
    }
    double multiplier = (double)on->multiplier / (double)duet_pow10(DUET_MULTIPLIER_DECIMALS);
    double units = duet_unscale(order->filled, on->quantity_decimals) * multiplier;
    duet_json_double(json, "average_price", duet_money_to_double(order->filled_notional) / units);
}

void control_put_order(
    struct duet_json *json, const char *name, const struct duet_live *live, const struct duet_order *order) {
    const struct duet_instruments *instruments = duet_core_instruments(duet_session_core(live->session));
    const struct duet_instrument *on = &instruments->items[order->instrument];
    char client_id[96];
    snprintf(client_id, sizeof(client_id), "%s%llu", duet_session_order_prefix(live->session),
        (unsigned long long)order->order_id);
    duet_json_open(json, name, '{');
    duet_json_uint(json, "order_id", order->order_id);
    duet_json_string(json, "client_id", client_id);
    duet_json_string(json, "symbol", on->symbol);
    duet_json_string(json, "side", duet_side_name(order->side));
    duet_json_string(json, "type", duet_order_type_name(order->type));
    duet_json_string(json, "time_in_force", duet_time_in_force_name(order->time_in_force));
    control_put_scaled(json, "quantity", order->quantity, on->quantity_decimals);
    control_put_scaled(json, "filled", order->filled, on->quantity_decimals);
    put_price_or_null(json, "price", order->price, on->price_decimals);
    put_price_or_null(json, "stop_price", order->stop_price, on->price_decimals);
    put_average(json, order, on);
    control_put_money(json, "commission", order->commission);
    duet_json_string(json, "status", duet_order_status_name(order->status));
    if (order->reason_code == DUET_REASON_NONE) {
        duet_json_null(json, "reason_code");
    } else {
        duet_json_string(json, "reason_code", duet_reason_name(order->reason_code));
    }
    duet_json_string(json, "reason", order->reason);
    put_flags(json, order->flags);
    control_put_time_or_null(json, "created", order->created_ns);
    control_put_time_or_null(json, "updated", order->updated_ns);
    duet_json_close(json, '}');
}

/** The last of the orders that are asked for, in a ring. */
struct selection {
    bool working_only;
    size_t limit, total;
    struct duet_order orders[CONTROL_ROWS_MAX];
};

static bool select_order(void *argument, const struct duet_order *order) {
    struct selection *selection = argument;
    if (!selection->working_only || order_works(order)) {
        selection->orders[selection->total++ % selection->limit] = *order;
    }
    return true;
}

void control_handle_orders(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    const char *status = duet_http_query(request, "status");
    if (status != NULL && strcmp(status, "working") != 0 && strcmp(status, "all") != 0) {
        duet_http_reply_error(request, 422, "invalid", "status: \"%s\" is neither \"working\" nor \"all\"", status);
        return;
    }
    int64_t limit;
    if (!duet_http_query_number(request, "limit", 100, 1, CONTROL_ROWS_MAX, &limit)) {
        return;
    }
    struct selection *selection = duet_alloc(1, sizeof(*selection));
    selection->working_only = status != NULL && strcmp(status, "working") == 0;
    selection->limit = (size_t)limit;
    duet_core_each_order(duet_session_core(control->live->session), select_order, selection);
    size_t count = selection->total < selection->limit ? selection->total : selection->limit;
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    duet_json_open(json, "orders", '[');
    for (size_t i = 1; i <= count; i++) { // newest first
        control_put_order(json, NULL, control->live, &selection->orders[(selection->total - i) % selection->limit]);
    }
    duet_json_close(json, ']');
    duet_json_uint(json, "count", count);
    duet_json_uint(json, "total", selection->total);
    control_answer_send(&answer, request, 200);
    free(selection);
}

bool control_order_id(const struct duet_control *control, struct duet_http_request *request, uint64_t *order_id) {
    const char *text = duet_http_segment(request), *prefix = duet_session_order_prefix(control->live->session);
    size_t length = strlen(prefix);
    const char *digits = strncmp(text, prefix, length) == 0 ? text + length : text;
    int64_t number;
    if (!duet_parse_int64(digits, &number) || number <= 0) {
        duet_http_reply_error(request, 422, "invalid", "order id: \"%s\" is neither a number nor %sN", text, prefix);
        return false;
    }
    *order_id = (uint64_t)number;
    return true;
}

struct wanted {
    uint64_t order_id;
    bool found;
    struct duet_order order;
};

static bool match_order(void *argument, const struct duet_order *order) {
    struct wanted *wanted = argument;
    if (order->order_id == wanted->order_id) {
        wanted->found = true;
        wanted->order = *order;
    }
    return !wanted->found;
}

void control_handle_order(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    struct wanted wanted = {0};
    if (!control_order_id(control, request, &wanted.order_id)) {
        return;
    }
    duet_core_each_order(duet_session_core(control->live->session), match_order, &wanted);
    if (!wanted.found) {
        duet_http_reply_error(request, 404, "not_found", "order %llu is unknown, or too old to be kept in memory",
            (unsigned long long)wanted.order_id);
        return;
    }
    struct control_answer answer;
    control_put_order(control_answer_begin(&answer), "order", control->live, &wanted.order);
    control_answer_send(&answer, request, 200);
}
