/* Events field by field, and back from their bytes. */
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "engine/live/record_private.h"

/** A list of fields being made. */
struct fields {
    struct duet_field *items;
    size_t count;
    const struct duet_instruments *instruments;
    uint32_t instrument;
};

static char *add(struct fields *fields, const char *name) {
    struct duet_field *field = &fields->items[fields->count < DUET_FIELDS_MAX - 1 ? fields->count++ : fields->count];
    field->name = name;
    field->value[0] = '\0';
    return field->value;
}

static void add_text(struct fields *fields, const char *name, const char *value, size_t size) {
    char *out = add(fields, name);
    size_t length = strnlen(value, size);
    snprintf(out, sizeof(fields->items->value), "%.*s", (int)length, value);
}

static void add_name(struct fields *fields, const char *name, const char *value) {
    add_text(fields, name, value, SIZE_MAX / 2);
}

static void add_int(struct fields *fields, const char *name, int64_t value) {
    snprintf(add(fields, name), sizeof(fields->items->value), "%" PRId64, value);
}

static void add_uint(struct fields *fields, const char *name, uint64_t value) {
    snprintf(add(fields, name), sizeof(fields->items->value), "%" PRIu64, value);
}

static void add_time(struct fields *fields, const char *name, int64_t ns) {
    char text[DUET_TIME_TEXT_MAX];
    add_name(fields, name, ns == INT64_MIN ? "-" : duet_time_format(ns, text));
}

static void add_quantity(struct fields *fields, const char *name, int64_t quantity) {
    char text[DUET_DECIMAL_TEXT_MAX];
    add_name(fields, name, duet_record_quantity(fields->instruments, fields->instrument, quantity, text));
}

static void add_price(struct fields *fields, const char *name, int64_t price) {
    char text[DUET_DECIMAL_TEXT_MAX];
    add_name(fields, name, duet_record_price(fields->instruments, fields->instrument, price, text));
}

static void add_money(struct fields *fields, const char *name, duet_money money) {
    char text[DUET_DECIMAL_TEXT_MAX];
    add_name(fields, name, duet_money_format(money, 2, text));
}

static void add_double(struct fields *fields, const char *name, double value) {
    char text[DUET_DOUBLE_TEXT_MAX];
    add_name(fields, name, duet_double_format(value, text));
}

static void add_instrument(struct fields *fields, uint32_t instrument) {
    fields->instrument = instrument;
    duet_record_symbol(fields->instruments, instrument, add(fields, "instrument"), sizeof(fields->items->value));
}

/** Whatever has no fields of its own: as hexadecimal digits, cut to fit. */
static void add_bytes(struct fields *fields, const char *name, const unsigned char *bytes, size_t size) {
    char *out = add(fields, name);
    for (size_t i = 0; i < size && 2 * i + 2 < sizeof(fields->items->value); i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
}

static void order_fields(struct fields *fields, const struct duet_order_event *order) {
    static const char *const actions[] = {"SUBMIT", "CANCEL", "REPLACE"};
    add_uint(fields, "order", order->order_id);
    add_name(fields, "action", order->action <= DUET_REPLACE ? actions[order->action] : "?");
    add_instrument(fields, order->instrument);
    add_name(fields, "side", duet_side_name(order->side));
    add_name(fields, "type", duet_order_type_name(order->type));
    add_name(fields, "time in force", duet_time_in_force_name(order->time_in_force));
    add_quantity(fields, "quantity", order->quantity);
    add_price(fields, "price", order->price);
    add_price(fields, "stop price", order->stop_price);
    add_int(fields, "expires", order->expires_ns);
    add_uint(fields, "flags", order->flags);
    add_uint(fields, "strategy", order->strategy);
    add_text(fields, "reason", order->reason, sizeof(order->reason));
}

static void status_fields(struct fields *fields, const struct duet_order_status_event *status) {
    add_uint(fields, "order", status->order_id);
    add_instrument(fields, status->instrument);
    add_name(fields, "status", duet_order_status_name(status->status));
    add_name(fields, "previous", duet_order_status_name(status->previous));
    add_name(fields, "reason code", duet_reason_name(status->reason_code));
    add_name(fields, "side", duet_side_name(status->side));
    add_name(fields, "type", duet_order_type_name(status->type));
    add_quantity(fields, "quantity", status->quantity);
    add_quantity(fields, "cumulative", status->cumulative);
    add_price(fields, "price", status->price);
    add_price(fields, "stop price", status->stop_price);
    add_uint(fields, "strategy", status->strategy);
    add_text(fields, "reason", status->reason, sizeof(status->reason));
}

static void fill_fields(struct fields *fields, const struct duet_fill *fill) {
    add_uint(fields, "fill", fill->fill_id);
    add_uint(fields, "order", fill->order_id);
    add_instrument(fields, fill->instrument);
    add_name(fields, "side", duet_side_name(fill->side));
    add_quantity(fields, "quantity", fill->quantity);
    add_price(fields, "price", fill->price);
    add_money(fields, "commission", fill->commission);
    add_price(fields, "slippage", fill->slippage);
    add_uint(fields, "liquidity", fill->liquidity);
    add_uint(fields, "flags", fill->flags);
    add_uint(fields, "strategy", fill->strategy);
    add_time(fields, "timestamp", fill->timestamp_ns);
}

static void position_fields(struct fields *fields, const struct duet_position_event *position) {
    add_instrument(fields, position->instrument);
    add_quantity(fields, "quantity", position->quantity);
    add_money(fields, "cost", position->cost);
    add_money(fields, "realized", position->realized);
    add_money(fields, "commission", position->commission);
    add_price(fields, "mark", position->mark);
    add_double(fields, "average price", position->average_price);
}

static void account_fields(struct fields *fields, const struct duet_account_event *account) {
    add_money(fields, "cash", account->cash);
    add_money(fields, "equity", account->equity);
    add_money(fields, "realized", account->realized);
    add_money(fields, "commission", account->commission);
}

static void signal_fields(struct fields *fields, const struct duet_signal *signal) {
    add_instrument(fields, signal->instrument);
    add_uint(fields, "strategy", signal->strategy);
    add_int(fields, "direction", signal->direction);
    add_double(fields, "strength", signal->strength);
    add_text(fields, "reason", signal->reason, sizeof(signal->reason));
}

static void error_fields(struct fields *fields, const struct duet_error_event *error) {
    add_name(fields, "error", duet_status_text((enum duet_status)error->error_type));
    add_uint(fields, "order", error->order_id);
    add_text(fields, "component", error->component, sizeof(error->component));
    add_text(fields, "message", error->message, sizeof(error->message));
}

static void timer_fields(struct fields *fields, const struct duet_timer_event *timer) {
    add_instrument(fields, timer->instrument);
    add_uint(fields, "timer", timer->timer_id);
    add_time(fields, "due", timer->due_ns);
    add_uint(fields, "cookie", timer->cookie);
    add_int(fields, "period", timer->period_ns);
    add_uint(fields, "owner", timer->owner);
}

static void payload_fields(struct fields *fields, const struct duet_event *event) {
    switch (event->type) {
    case DUET_EVENT_ORDER:
        order_fields(fields, &event->order);
        break;
    case DUET_EVENT_ORDER_STATUS:
        status_fields(fields, &event->status);
        break;
    case DUET_EVENT_FILL:
        fill_fields(fields, &event->fill);
        break;
    case DUET_EVENT_POSITION:
        position_fields(fields, &event->position);
        break;
    case DUET_EVENT_ACCOUNT:
        account_fields(fields, &event->account);
        break;
    case DUET_EVENT_SIGNAL:
        signal_fields(fields, &event->signal);
        break;
    case DUET_EVENT_ERROR:
        error_fields(fields, &event->error);
        break;
    case DUET_EVENT_TIMER:
        timer_fields(fields, &event->timer);
        break;
    default:
        add_uint(fields, "tag", event->custom.tag);
        add_bytes(fields, "data", event->custom.data, 24);
        add_bytes(fields, "data, continued", event->custom.data + 24, 24);
        add_bytes(fields, "data, end", event->custom.data + 48, 24);
        break;
    }
}

size_t duet_event_fields(const struct duet_event *event, const struct duet_instruments *instruments,
    struct duet_field out[DUET_FIELDS_MAX]) {
    struct fields fields = {.items = out, .instruments = instruments};
    add_name(&fields, "event", duet_event_type_name(event->type));
    add_uint(&fields, "sequence", event->sequence);
    add_uint(&fields, "cause", event->cause_sequence);
    add_uint(&fields, "hop", event->hop);
    add_time(&fields, "time", event->time_ns);
    add_time(&fields, "event time", event->event_ns);
    payload_fields(&fields, event);
    return fields.count;
}

bool duet_event_decode(const void *bytes, size_t size, struct duet_event *out) {
    enum { HEADER = 36 };
    const unsigned char *at = bytes;
    *out = (struct duet_event){0};
    if (size < HEADER || size > HEADER + sizeof(out->bytes)) {
        return false;
    }
    memcpy(&out->type, at, 2);
    memcpy(&out->hop, at + 2, 2);
    memcpy(&out->time_ns, at + 4, 8);
    memcpy(&out->event_ns, at + 12, 8);
    memcpy(&out->sequence, at + 20, 8);
    memcpy(&out->cause_sequence, at + 28, 8);
    if (out->type == DUET_EVENT_BAR || out->type == DUET_EVENT_TRADE || out->type == DUET_EVENT_QUOTE) {
        return false;
    }
    memcpy(out->bytes, at + HEADER, size - HEADER);
    return out->type > DUET_EVENT_NONE && out->type < DUET_EVENT_TYPE_COUNT;
}
