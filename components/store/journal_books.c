/* The books as people read them: each output that changes an order, a fill, a position or the account changes a row. */
#include <stdio.h>

#include "base/json.h"
#include "base/money.h"
#include "components/store/journal_private.h"

/** Room for one row's decimal texts. */
struct decimals {
    char quantity[DUET_DECIMAL_TEXT_MAX], filled[DUET_DECIMAL_TEXT_MAX];
    char price[DUET_DECIMAL_TEXT_MAX], other_price[DUET_DECIMAL_TEXT_MAX];
    char money[4][DUET_DECIMAL_TEXT_MAX];
    char symbol[32];
};

static struct journal_instrument instrument_of(const struct duet_journal *journal, uint32_t instrument) {
    if (instrument < journal->instrument_count && journal->instruments[instrument].symbol[0] != '\0') {
        return journal->instruments[instrument];
    }
    struct journal_instrument unknown = {.price_decimals = 0};
    snprintf(unknown.symbol, sizeof(unknown.symbol), "#%u", instrument);
    return unknown;
}

/** A price, or NULL where the order has none. */
static void bind_price(
    sqlite3_stmt *statement, int column, int64_t price, unsigned decimals, char out[DUET_DECIMAL_TEXT_MAX]) {
    if (price == 0) {
        sqlite3_bind_null(statement, column);
    } else {
        journal_bind_text(statement, column, duet_decimal_format(price, decimals, out));
    }
}

/** A text of the event's, which need not end in a zero. */
static void bind_reason(sqlite3_stmt *statement, int column, const char reason[DUET_REASON_MAX]) {
    int length = 0;
    while (length < DUET_REASON_MAX && reason[length] != '\0') {
        length++;
    }
    sqlite3_bind_text(statement, column, reason, length, SQLITE_STATIC);
}

static const char *code_name(unsigned code) {
    return code == DUET_REASON_NONE ? "" : duet_reason_name(code);
}

static enum duet_status write_order(struct duet_journal *journal, const struct duet_event *event) {
    const struct duet_order_event *order = &event->order;
    sqlite3_stmt *statement = NULL;
    if (order->action != DUET_SUBMIT) {
        enum duet_status status = journal_statement(journal, JOURNAL_ASK_CANCEL, &statement);
        if (status != DUET_OK) {
            return status;
        }
        journal_bind_uint(statement, 1, order->order_id);
        sqlite3_bind_int64(statement, 2, event->time_ns);
        return journal_run(journal, statement);
    }
    enum duet_status status = journal_statement(journal, JOURNAL_PUT_ORDER, &statement);
    if (status != DUET_OK) {
        return status;
    }
    struct journal_instrument instrument = instrument_of(journal, order->instrument);
    struct decimals text;
    journal_bind_uint(statement, 1, order->order_id);
    journal_bind_text(statement, 2, instrument.symbol);
    journal_bind_text(statement, 3, duet_side_name(order->side));
    journal_bind_text(statement, 4, duet_order_type_name(order->type));
    journal_bind_text(statement, 5, duet_time_in_force_name(order->time_in_force));
    journal_bind_text(statement, 6, duet_decimal_format(order->quantity, instrument.quantity_decimals, text.quantity));
    bind_price(statement, 7, order->price, instrument.price_decimals, text.price);
    bind_price(statement, 8, order->stop_price, instrument.price_decimals, text.other_price);
    bind_reason(statement, 9, order->reason);
    sqlite3_bind_int64(statement, 10, event->time_ns);
    journal_bind_uint(statement, 11, event->sequence);
    return journal_run(journal, statement);
}

static enum duet_status write_denial(struct duet_journal *journal, const struct duet_event *event,
    const struct journal_instrument *instrument, struct decimals *text) {
    const struct duet_order_status_event *report = &event->status;
    sqlite3_stmt *statement = NULL;
    enum duet_status status = journal_statement(journal, JOURNAL_PUT_DENIAL, &statement);
    if (status != DUET_OK) {
        return status;
    }
    journal_bind_uint(statement, 1, event->sequence);
    sqlite3_bind_int64(statement, 2, event->time_ns);
    if (report->order_id != 0) {
        journal_bind_uint(statement, 3, report->order_id);
    } else {
        sqlite3_bind_null(statement, 3);
    }
    journal_bind_text(statement, 4, instrument->symbol);
    journal_bind_text(statement, 5, duet_side_name(report->side));
    journal_bind_text(statement, 6, duet_order_type_name(report->type));
    journal_bind_text(
        statement, 7, duet_decimal_format(report->quantity, instrument->quantity_decimals, text->quantity));
    bind_price(statement, 8, report->price, instrument->price_decimals, text->price);
    journal_bind_text(statement, 9, code_name(report->reason_code));
    bind_reason(statement, 10, report->reason);
    return journal_run(journal, statement);
}

static enum duet_status write_status(struct duet_journal *journal, const struct duet_event *event) {
    const struct duet_order_status_event *report = &event->status;
    struct journal_instrument instrument = instrument_of(journal, report->instrument);
    struct decimals text;
    enum duet_status status = DUET_OK;
    if (report->status == DUET_ORDER_DENIED) {
        status = write_denial(journal, event, &instrument, &text);
    }
    sqlite3_stmt *statement = NULL;
    if (status == DUET_OK && report->order_id != 0) {
        status = journal_statement(journal, JOURNAL_PUT_STATUS, &statement);
    }
    if (status != DUET_OK || report->order_id == 0) {
        return status;
    }
    journal_bind_uint(statement, 1, report->order_id);
    journal_bind_text(statement, 2, instrument.symbol);
    journal_bind_text(statement, 3, duet_side_name(report->side));
    journal_bind_text(statement, 4, duet_order_type_name(report->type));
    journal_bind_text(statement, 5, duet_decimal_format(report->quantity, instrument.quantity_decimals, text.quantity));
    bind_price(statement, 6, report->price, instrument.price_decimals, text.price);
    bind_price(statement, 7, report->stop_price, instrument.price_decimals, text.other_price);
    journal_bind_text(statement, 8, duet_order_status_name(report->status));
    journal_bind_text(statement, 9, duet_decimal_format(report->cumulative, instrument.quantity_decimals, text.filled));
    journal_bind_text(statement, 10, code_name(report->reason_code));
    bind_reason(statement, 11, report->reason);
    sqlite3_bind_int64(statement, 12, event->time_ns);
    journal_bind_uint(statement, 13, event->sequence);
    return journal_run(journal, statement);
}

static enum duet_status write_fill(struct duet_journal *journal, const struct duet_event *event) {
    static const char *const liquidities[] = {"", "TAKER", "MAKER"};
    const struct duet_fill *fill = &event->fill;
    sqlite3_stmt *statement = NULL;
    enum duet_status status = journal_statement(journal, JOURNAL_PUT_FILL, &statement);
    if (status != DUET_OK) {
        return status;
    }
    struct journal_instrument instrument = instrument_of(journal, fill->instrument);
    struct decimals text;
    journal_bind_uint(statement, 1, event->sequence);
    journal_bind_uint(statement, 2, fill->fill_id);
    journal_bind_uint(statement, 3, fill->order_id);
    sqlite3_bind_int64(statement, 4, fill->timestamp_ns);
    journal_bind_text(statement, 5, instrument.symbol);
    journal_bind_text(statement, 6, duet_side_name(fill->side));
    journal_bind_text(statement, 7, duet_decimal_format(fill->quantity, instrument.quantity_decimals, text.quantity));
    journal_bind_text(statement, 8, duet_decimal_format(fill->price, instrument.price_decimals, text.price));
    journal_bind_text(statement, 9, duet_money_format(fill->commission, 2, text.money[0]));
    journal_bind_text(statement, 10, duet_decimal_format(fill->slippage, instrument.price_decimals, text.other_price));
    journal_bind_text(statement, 11, fill->liquidity <= DUET_LIQUIDITY_MAKER ? liquidities[fill->liquidity] : "");
    return journal_run(journal, statement);
}

static enum duet_status write_position(struct duet_journal *journal, const struct duet_event *event) {
    const struct duet_position_event *position = &event->position;
    sqlite3_stmt *statement = NULL;
    enum duet_status status = journal_statement(journal, JOURNAL_PUT_POSITION, &statement);
    if (status != DUET_OK) {
        return status;
    }
    struct journal_instrument instrument = instrument_of(journal, position->instrument);
    struct decimals text;
    char average[DUET_DOUBLE_TEXT_MAX];
    journal_bind_text(statement, 1, instrument.symbol);
    journal_bind_text(
        statement, 2, duet_decimal_format(position->quantity, instrument.quantity_decimals, text.quantity));
    journal_bind_text(statement, 3, duet_double_format(position->average_price, average));
    journal_bind_text(statement, 4, duet_money_format(position->cost, 2, text.money[0]));
    journal_bind_text(statement, 5, duet_money_format(position->realized, 2, text.money[1]));
    journal_bind_text(statement, 6, duet_money_format(position->commission, 2, text.money[2]));
    journal_bind_text(statement, 7, duet_decimal_format(position->mark, instrument.price_decimals, text.price));
    sqlite3_bind_int64(statement, 8, event->time_ns);
    return journal_run(journal, statement);
}

static enum duet_status write_account(struct duet_journal *journal, const struct duet_event *event) {
    const struct duet_account_event *account = &event->account;
    sqlite3_stmt *statement = NULL;
    enum duet_status status = journal_statement(journal, JOURNAL_PUT_ACCOUNT, &statement);
    if (status != DUET_OK) {
        return status;
    }
    struct decimals text;
    journal_bind_text(statement, 1, duet_money_format(account->cash, 2, text.money[0]));
    journal_bind_text(statement, 2, duet_money_format(account->equity, 2, text.money[1]));
    journal_bind_text(statement, 3, duet_money_format(account->realized, 2, text.money[2]));
    journal_bind_text(statement, 4, duet_money_format(account->commission, 2, text.money[3]));
    sqlite3_bind_int64(statement, 5, event->time_ns);
    return journal_run(journal, statement);
}

enum duet_status journal_write_books(struct duet_journal *journal, const struct duet_event *event) {
    switch (event->type) {
    case DUET_EVENT_ORDER:
        return write_order(journal, event);
    case DUET_EVENT_ORDER_STATUS:
        return write_status(journal, event);
    case DUET_EVENT_FILL:
        return write_fill(journal, event);
    case DUET_EVENT_POSITION:
        return write_position(journal, event);
    case DUET_EVENT_ACCOUNT:
        return write_account(journal, event);
    default:
        return DUET_OK;
    }
}
