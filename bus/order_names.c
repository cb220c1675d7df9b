/* The names that logs, summaries and JSON print for orders. */
#include <duet/order.h>

#include <assert.h>

#define IN_RANGE(value, table) ((size_t)(value) < sizeof(table) / sizeof((table)[0]))

static const char *const reason_names[] = {
#define REASON_NAME(name, text) #name,
    DUET_REASON_MAP(REASON_NAME)
#undef REASON_NAME
};

static const char *const reason_texts[] = {
#define REASON_TEXT(name, text) text,
    DUET_REASON_MAP(REASON_TEXT)
#undef REASON_TEXT
};

static const char *const status_names[] = {
    [DUET_ORDER_CREATED] = "CREATED",
    [DUET_ORDER_DENIED] = "DENIED",
    [DUET_ORDER_SUBMITTED] = "SUBMITTED",
    [DUET_ORDER_REJECTED] = "REJECTED",
    [DUET_ORDER_ACCEPTED] = "ACCEPTED",
    [DUET_ORDER_TRIGGERED] = "TRIGGERED",
    [DUET_ORDER_PARTIALLY_FILLED] = "PARTIALLY_FILLED",
    [DUET_ORDER_FILLED] = "FILLED",
    [DUET_ORDER_CANCELLED] = "CANCELLED",
    [DUET_ORDER_EXPIRED] = "EXPIRED",
};
static_assert(sizeof(status_names) / sizeof(status_names[0]) == DUET_ORDER_STATUS_COUNT, "every status has a name");

static const char *const type_names[] = {
    [DUET_MARKET] = "MARKET", [DUET_LIMIT] = "LIMIT", [DUET_STOP] = "STOP", [DUET_STOP_LIMIT] = "STOP_LIMIT"};
static_assert(sizeof(type_names) / sizeof(type_names[0]) == DUET_ORDER_TYPE_COUNT, "every type has a name");

static const char *const time_in_force_names[] = {
    [DUET_GTC] = "GTC", [DUET_DAY] = "DAY", [DUET_GTD] = "GTD", [DUET_IOC] = "IOC", [DUET_FOK] = "FOK"};
static_assert(
    sizeof(time_in_force_names) / sizeof(time_in_force_names[0]) == DUET_TIME_IN_FORCE_COUNT, "every one has a name");

const char *duet_reason_name(enum duet_reason reason) {
    return IN_RANGE(reason, reason_names) ? reason_names[reason] : "?";
}

const char *duet_reason_text(enum duet_reason reason) {
    return IN_RANGE(reason, reason_texts) ? reason_texts[reason] : "?";
}

const char *duet_order_status_name(enum duet_order_status status) {
    return IN_RANGE(status, status_names) ? status_names[status] : "?";
}

const char *duet_order_type_name(enum duet_order_type type) {
    return IN_RANGE(type, type_names) ? type_names[type] : "?";
}

const char *duet_time_in_force_name(enum duet_time_in_force time_in_force) {
    return IN_RANGE(time_in_force, time_in_force_names) ? time_in_force_names[time_in_force] : "?";
}

const char *duet_side_name(enum duet_side side) {
    return side == DUET_BUY ? "BUY" : side == DUET_SELL ? "SELL" : "?";
}
