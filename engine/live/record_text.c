/* Events and inputs in one line each. */
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "data/series.h"
#include "engine/live/record_private.h"

/** Series of an INSTANT that are named; the rest is counted. */
#define NAMED_MAX 4

/* -------------------------------------------------------------------------------------------------------- events */

static void describe_order(
    const struct duet_order_event *order, const struct duet_instruments *instruments, struct duet_text *out) {
    char symbol[DUET_SYMBOL_MAX], number[DUET_DECIMAL_TEXT_MAX];
    duet_record_symbol(instruments, order->instrument, symbol, sizeof(symbol));
    duet_text_print(out, "ORDER %" PRIu64 ": ", order->order_id);
    if (order->action != DUET_SUBMIT) {
        duet_text_print(out, "%s asked for", order->action == DUET_CANCEL ? "cancel" : "replacement");
        return;
    }
    duet_text_print(out, "%s %s %s %s", duet_side_name(order->side),
        duet_record_quantity(instruments, order->instrument, order->quantity, number), symbol,
        duet_order_type_name(order->type));
    if (order->price != 0) {
        duet_text_print(out, " at %s", duet_record_price(instruments, order->instrument, order->price, number));
    }
    if (order->stop_price != 0) {
        duet_text_print(out, " stop %s", duet_record_price(instruments, order->instrument, order->stop_price, number));
    }
    if (order->time_in_force != DUET_GTC) {
        duet_text_print(out, " %s", duet_time_in_force_name(order->time_in_force));
    }
    static const struct {
        unsigned flag;
        const char *text;
    } flags[] = {{DUET_REDUCE_ONLY, " reduce-only"}, {DUET_ATTACHED, " attached"}, {DUET_AT_END, " at the end"},
        {DUET_LOCAL, " by the engine"}, {DUET_OPERATOR, " for the operator"}};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        duet_text_print(out, "%s", (order->flags & flags[i].flag) != 0 ? flags[i].text : "");
    }
    if (order->reason[0] != '\0') {
        duet_text_print(out, " (%.*s)", (int)sizeof(order->reason), order->reason);
    }
}

static void describe_status(
    const struct duet_order_status_event *status, const struct duet_instruments *instruments, struct duet_text *out) {
    char number[DUET_DECIMAL_TEXT_MAX];
    duet_text_print(out, "ORDER_STATUS %" PRIu64 ": %s", status->order_id, duet_order_status_name(status->status));
    if (status->cumulative != 0) {
        duet_text_print(out, ", %s", duet_record_quantity(instruments, status->instrument, status->cumulative, number));
        duet_text_print(
            out, " of %s filled", duet_record_quantity(instruments, status->instrument, status->quantity, number));
    }
    if (status->reason_code != DUET_REASON_NONE) {
        duet_text_print(out, ", %s: %s", duet_reason_name(status->reason_code), duet_reason_text(status->reason_code));
    }
}

static void describe_fill(
    const struct duet_fill *fill, const struct duet_instruments *instruments, struct duet_text *out) {
    char symbol[DUET_SYMBOL_MAX], number[DUET_DECIMAL_TEXT_MAX];
    duet_record_symbol(instruments, fill->instrument, symbol, sizeof(symbol));
    duet_text_print(out, "FILL %" PRIu64 " of order %" PRIu64 ": %s %s %s", fill->fill_id, fill->order_id,
        duet_side_name(fill->side), duet_record_quantity(instruments, fill->instrument, fill->quantity, number),
        symbol);
    duet_text_print(out, " at %s", duet_record_price(instruments, fill->instrument, fill->price, number));
    duet_text_print(out, ", commission %s", duet_money_format(fill->commission, 2, number));
}

static void describe_position(
    const struct duet_position_event *position, const struct duet_instruments *instruments, struct duet_text *out) {
    char symbol[DUET_SYMBOL_MAX], number[DUET_DECIMAL_TEXT_MAX];
    duet_record_symbol(instruments, position->instrument, symbol, sizeof(symbol));
    duet_text_print(out, "POSITION %s: %s", symbol,
        duet_record_quantity(instruments, position->instrument, position->quantity, number));
    duet_text_print(out, ", cost %s", duet_money_format(position->cost, 2, number));
    duet_text_print(out, ", realized %s", duet_money_format(position->realized, 2, number));
}

void duet_event_describe(
    const struct duet_event *event, const struct duet_instruments *instruments, struct duet_text *out) {
    char text[DUET_DECIMAL_TEXT_MAX], other[DUET_DECIMAL_TEXT_MAX];
    switch (event->type) {
    case DUET_EVENT_ORDER:
        describe_order(&event->order, instruments, out);
        break;
    case DUET_EVENT_ORDER_STATUS:
        describe_status(&event->status, instruments, out);
        break;
    case DUET_EVENT_FILL:
        describe_fill(&event->fill, instruments, out);
        break;
    case DUET_EVENT_POSITION:
        describe_position(&event->position, instruments, out);
        break;
    case DUET_EVENT_ACCOUNT:
        duet_text_print(out, "ACCOUNT: cash %s, equity %s", duet_money_format(event->account.cash, 2, text),
            duet_money_format(event->account.equity, 2, other));
        break;
    case DUET_EVENT_SIGNAL:
        duet_record_symbol(instruments, event->signal.instrument, text, sizeof(text));
        duet_text_print(out, "SIGNAL %s: direction %d, strength %s (%.*s)", text, (int)event->signal.direction,
            duet_double_format(event->signal.strength, other), DUET_REASON_MAX, event->signal.reason);
        break;
    case DUET_EVENT_ERROR:
        duet_text_print(out, "ERROR of %.*s: %.*s", DUET_COMPONENT_NAME_MAX, event->error.component,
            (int)sizeof(event->error.message), event->error.message);
        break;
    default:
        duet_text_print(out, "%s", duet_event_type_name(event->type));
        break;
    }
}

/* -------------------------------------------------------------------------------------------------------- inputs */

void duet_bar_describe(const struct duet_bar *bar, const struct duet_instruments *instruments, struct duet_text *out) {
    const struct {
        const char *name;
        int64_t value;
    } prices[] = {
        {"open", bar->open_scaled}, {"high", bar->high_scaled}, {"low", bar->low_scaled}, {"close", bar->close_scaled}};
    char symbol[DUET_SYMBOL_MAX], time[DUET_TIME_TEXT_MAX], number[DUET_DECIMAL_TEXT_MAX], interval[24];
    duet_record_symbol(instruments, bar->instrument, symbol, sizeof(symbol));
    duet_text_print(out, "%s %s %s:", symbol, duet_interval_format(bar->interval_ns, interval),
        duet_time_format(bar->open_ns, time));
    unsigned decimals = bar->price_decimals <= DUET_DECIMALS_MAX ? bar->price_decimals : 0;
    for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++) {
        duet_text_print(out, " %s %s", prices[i].name, duet_decimal_format(prices[i].value, decimals, number));
    }
    char volume[DUET_DOUBLE_TEXT_MAX];
    duet_text_print(out, " volume %s", duet_double_format(bar->volume, volume));
}

static void describe_instant(
    const struct duet_input *input, const struct duet_instruments *instruments, struct duet_text *out) {
    const struct duet_input_instant *instant = input->bytes;
    char text[DUET_TIME_TEXT_MAX], symbol[DUET_SYMBOL_MAX];
    duet_text_print(out, " %s", duet_time_format(instant->instant_ns, text));
    duet_text_print(out, "%s", (instant->flags & DUET_INSTANT_HISTORY) != 0 ? " (history)" : "");
    duet_text_print(out, "%s", (instant->flags & DUET_INSTANT_LATE) != 0 ? " (late)" : "");
    const struct duet_bar *bars = duet_input_closing(input);
    for (uint32_t i = 0; i < instant->closing && i < NAMED_MAX; i++) {
        char interval[24];
        duet_record_symbol(instruments, bars[i].instrument, symbol, sizeof(symbol));
        duet_text_print(
            out, "%s%s %s", i == 0 ? " closing " : ", ", symbol, duet_interval_format(bars[i].interval_ns, interval));
    }
    if (instant->closing > NAMED_MAX) {
        duet_text_print(out, " and %" PRIu32 " more", instant->closing - NAMED_MAX);
    }
    const struct duet_opening *openings = duet_input_opening(input);
    for (uint32_t i = 0; i < instant->opening && i < NAMED_MAX; i++) {
        duet_record_symbol(instruments, openings[i].instrument, symbol, sizeof(symbol));
        duet_text_print(out, "%s%s", i == 0 ? ", opening " : ", ", symbol);
    }
    if (instant->opening > NAMED_MAX) {
        duet_text_print(out, " and %" PRIu32 " more", instant->opening - NAMED_MAX);
    }
    if (instant->missing > 0) {
        duet_text_print(out, ", %" PRIu32 " missing", instant->missing);
    }
}

static void describe_report(
    const struct duet_input *input, const struct duet_instruments *instruments, struct duet_text *out) {
    const struct duet_input_report *report = input->bytes;
    char number[DUET_DECIMAL_TEXT_MAX];
    duet_text_print(out, " on order %" PRIu64 ": %s", report->order_id, duet_order_status_name(report->status));
    if (report->fill_quantity != 0) {
        duet_text_print(
            out, ", filled %s", duet_record_quantity(instruments, report->instrument, report->fill_quantity, number));
        duet_text_print(out, " at %s", duet_record_price(instruments, report->instrument, report->fill_price, number));
    }
    if (report->text[0] != '\0') {
        duet_text_print(out, " (%s)", report->text);
    }
}

static void describe_tick(
    const struct duet_input *input, const struct duet_instruments *instruments, struct duet_text *out) {
    char symbol[DUET_SYMBOL_MAX], number[DUET_DECIMAL_TEXT_MAX];
    if (input->kind == DUET_INPUT_TRADE) {
        const struct duet_trade *trade = input->bytes;
        duet_record_symbol(instruments, trade->instrument, symbol, sizeof(symbol));
        duet_text_print(
            out, " %s at %s", symbol, duet_record_price(instruments, trade->instrument, trade->price_scaled, number));
        return;
    }
    const struct duet_quote *quote = input->bytes;
    duet_record_symbol(instruments, quote->instrument, symbol, sizeof(symbol));
    duet_text_print(
        out, " %s bid %s", symbol, duet_record_price(instruments, quote->instrument, quote->bid_scaled, number));
    duet_text_print(out, " ask %s", duet_record_price(instruments, quote->instrument, quote->ask_scaled, number));
}

static void describe_small(const struct duet_input *input, struct duet_text *out) {
    switch (input->kind) {
    case DUET_INPUT_RESTART: {
        const struct duet_input_restart *restart = input->bytes;
        duet_text_print(out, " of process %" PRIu64 "%s", restart->epoch,
            restart->clean != 0 ? "" : ", the one before did not end in order");
        break;
    }
    case DUET_INPUT_COMMAND: {
        const struct duet_input_command *command = input->bytes;
        const char *name = duet_command_name(command->command);
        duet_text_print(out, " %s by %s%s%s", name != NULL ? name : "?", command->origin,
            command->text[0] != '\0' ? ": " : "", command->text);
        break;
    }
    case DUET_INPUT_CONNECTION: {
        const struct duet_input_connection *connection = input->bytes;
        duet_text_print(out, " %s%s%s %s", (connection->link & DUET_LINK_FEED) != 0 ? "feed" : "",
            connection->link == (DUET_LINK_FEED | DUET_LINK_BROKER) ? " and " : "",
            (connection->link & DUET_LINK_BROKER) != 0 ? "broker" : "", connection->up != 0 ? "up" : "down");
        break;
    }
    case DUET_INPUT_STALE: {
        const struct duet_input_stale *stale = input->bytes;
        duet_text_print(out, " %s", stale->stale != 0 ? "nothing came in time" : "data again");
        break;
    }
    case DUET_INPUT_RESULT: {
        const struct duet_input_result *result = input->bytes;
        duet_text_print(
            out, " of computation %" PRIu64 ": %s", result->ticket, duet_status_text((enum duet_status)result->status));
        break;
    }
    case DUET_INPUT_DROPPED: {
        const struct duet_input_dropped *dropped = input->bytes;
        duet_text_print(out, " %" PRIu64 " %s", dropped->count, dropped->what);
        break;
    }
    default:
        break;
    }
}

void duet_input_describe(
    const struct duet_input *input, const struct duet_instruments *instruments, struct duet_text *out) {
    duet_text_print(out, "%s", duet_input_kind_name(input->kind));
    if (duet_input_check(input) != DUET_OK) {
        duet_text_print(out, " (damaged)");
    } else if (input->kind == DUET_INPUT_INSTANT) {
        describe_instant(input, instruments, out);
    } else if (input->kind == DUET_INPUT_REPORT) {
        describe_report(input, instruments, out);
    } else if (input->kind == DUET_INPUT_TRADE || input->kind == DUET_INPUT_QUOTE) {
        describe_tick(input, instruments, out);
    } else {
        describe_small(input, out);
    }
}
