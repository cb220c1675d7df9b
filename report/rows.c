#include "report/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <duet/bar.h>

#include "base/assert.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "report/digits.h"

#define BUFFER_SIZE 65536
/** No row is longer: at most ten numbers, two texts and a symbol, all of limited length. */
#define ROW_MAX 1024
static const char *const headers[] = {
    [DUET_ROWS_FILLS] = "time,symbol,side,quantity,price,commission,cash,order_id,fill_id,reason\n",
    [DUET_ROWS_ORDERS] = "created,updated,symbol,side,type,tif,quantity,filled,price,stop,status,reason_code,"
                         "average_price,commission,reason,order_id\n",
    [DUET_ROWS_TRADES] = "trade_id,symbol,side,quantity,entry_time,entry_price,exit_time,exit_price,gross,commission,"
                         "net,return,at_end,entry_reason,exit_reason\n",
    [DUET_ROWS_EQUITY] = "time,equity,cash,gross\n",
};
static_assert(sizeof(headers) / sizeof(headers[0]) == DUET_ROWS_KIND_COUNT, "a header for each kind");

static void rows_flush(struct duet_rows *rows) {
    (void)!fwrite(rows->buffer, 1, rows->used, rows->output.stream); // the stream remembers a failure
    rows->used = 0;
}

/** Where the next row begins, with room for all of it. */
static char *row_begin(struct duet_rows *rows, enum duet_rows_kind kind) {
    DUET_ASSERT(rows->buffer != NULL && rows->kind == kind);
    if (rows->used > BUFFER_SIZE - ROW_MAX) {
        rows_flush(rows);
    }
    return rows->buffer + rows->used;
}

static void row_end(struct duet_rows *rows, char *at) {
    *at++ = '\n';
    rows->used = (size_t)(at - rows->buffer);
    DUET_ASSERT(rows->used <= BUFFER_SIZE);
}

static char *put_time(struct duet_rows *rows, char *at, int64_t ns) {
    if (ns < rows->day_ns || ns - rows->day_ns >= DUET_DAY_NS) {
        int64_t days = ns / DUET_DAY_NS - (ns % DUET_DAY_NS < 0);
        int year, month, day;
        duet_civil_from_days(days, &year, &month, &day);
        rows->day_ns = days * DUET_DAY_NS;
        char *date = duet_put_padded(rows->date, (uint64_t)year, 4);
        *date++ = '-';
        date = duet_put_padded(date, (uint64_t)month, 2);
        *date++ = '-';
        date = duet_put_padded(date, (uint64_t)day, 2);
        *date = ' ';
    }
    uint64_t left = (uint64_t)(ns - rows->day_ns);
    uint64_t second = left / DUET_SECOND_NS, fraction = left % DUET_SECOND_NS;
    memcpy(at, rows->date, sizeof(rows->date));
    at = duet_put_padded(at + sizeof(rows->date), second / 3600, 2);
    *at++ = ':';
    at = duet_put_padded(at, second / 60 % 60, 2);
    *at++ = ':';
    at = duet_put_padded(at, second % 60, 2);
    if (fraction != 0) {
        *at++ = '.';
        at = duet_trim_zeros(duet_put_padded(at, fraction, 9), at);
    }
    return at;
}

enum duet_status duet_rows_open(
    struct duet_rows *rows, enum duet_rows_kind kind, const char *path, const struct duet_instruments *instruments) {
    DUET_ASSERT(kind < DUET_ROWS_KIND_COUNT);
    DUET_ASSERT(instruments != NULL || kind == DUET_ROWS_EQUITY);
    *rows = (struct duet_rows){.kind = kind, .instruments = instruments, .day_ns = INT64_MAX};
    enum duet_status status = duet_output_open(&rows->output, path);
    if (status != DUET_OK) {
        return status;
    }
    rows->buffer = duet_alloc(1, BUFFER_SIZE);
    rows->used = (size_t)(duet_put_text(rows->buffer, headers[kind]) - rows->buffer);
    return DUET_OK;
}

void duet_rows_fill(struct duet_rows *rows, const struct duet_fill *fill, duet_money cash, const char *reason) {
    const struct duet_instrument *instrument = &rows->instruments->items[fill->instrument];
    char *at = row_begin(rows, DUET_ROWS_FILLS);
    at = put_time(rows, at, fill->timestamp_ns);
    *at++ = ',';
    at = duet_put_field(at, instrument->symbol);
    at = duet_put_text(at, fill->side > 0 ? ",BUY," : ",SELL,");
    at = duet_put_quantity(at, fill->side * fill->quantity, instrument->quantity_decimals);
    *at++ = ',';
    at = duet_put_decimal(at, fill->price, instrument->price_decimals);
    *at++ = ',';
    at = duet_put_money(at, fill->commission);
    *at++ = ',';
    at = duet_put_money(at, cash);
    *at++ = ',';
    at = duet_put_uint(at, fill->order_id);
    *at++ = ',';
    at = duet_put_uint(at, fill->fill_id);
    *at++ = ',';
    row_end(rows, duet_put_field(at, reason != NULL ? reason : ""));
}

/** Nothing where the order has no such price. */
static char *put_price_field(char *at, int64_t price, unsigned decimals, bool has) {
    *at++ = ',';
    return has ? duet_put_decimal(at, price, decimals) : at;
}

/** Σ notional over Σ quantity as a price; nothing without a fill. */
static char *put_average(char *at, const struct duet_order *order, const struct duet_instrument *instrument) {
    if (order->filled == 0) {
        return at;
    }
    double quantity = duet_unscale(order->filled, instrument->quantity_decimals);
    double multiplier = duet_unscale(instrument->multiplier, DUET_MULTIPLIER_DECIMALS);
    double average = fabs(duet_money_to_double(order->filled_notional) / quantity / multiplier);
    int64_t price;
    // One price for all of it, but for the rounding of the divisions: written as the price it was.
    if (duet_scale(average, instrument->price_decimals, &price) == DUET_OK &&
        fabs(duet_unscale(price, instrument->price_decimals) - average) <= 1e-15 * average) {
        return duet_put_decimal(at, price, instrument->price_decimals);
    }
    return duet_put_double(at, average);
}

void duet_rows_order(struct duet_rows *rows, const struct duet_order *order) {
    const struct duet_instrument *instrument = &rows->instruments->items[order->instrument];
    unsigned decimals = instrument->price_decimals;
    bool has_limit = order->type == DUET_LIMIT || order->type == DUET_STOP_LIMIT;
    bool has_stop = order->type == DUET_STOP || order->type == DUET_STOP_LIMIT;
    char *at = row_begin(rows, DUET_ROWS_ORDERS);
    at = put_time(rows, at, order->created_ns);
    *at++ = ',';
    at = put_time(rows, at, order->updated_ns);
    *at++ = ',';
    at = duet_put_field(at, instrument->symbol);
    at = duet_put_text(at, order->side > 0 ? ",BUY," : ",SELL,");
    at = duet_put_text(at, duet_order_type_name((enum duet_order_type)order->type));
    *at++ = ',';
    at = duet_put_text(at, duet_time_in_force_name((enum duet_time_in_force)order->time_in_force));
    *at++ = ',';
    at = duet_put_quantity(at, order->quantity, instrument->quantity_decimals);
    *at++ = ',';
    at = duet_put_quantity(at, order->filled, instrument->quantity_decimals);
    at = put_price_field(at, order->price, decimals, has_limit);
    at = put_price_field(at, order->stop_price, decimals, has_stop);
    *at++ = ',';
    at = duet_put_text(at, duet_order_status_name((enum duet_order_status)order->status));
    *at++ = ',';
    if (order->reason_code != DUET_REASON_NONE) {
        at = duet_put_text(at, duet_reason_name((enum duet_reason)order->reason_code));
    }
    *at++ = ',';
    at = put_average(at, order, instrument);
    *at++ = ',';
    at = duet_put_money(at, order->commission);
    *at++ = ',';
    at = duet_put_field(at, order->reason);
    *at++ = ',';
    row_end(rows, duet_put_uint(at, order->order_id));
}

void duet_rows_trade(struct duet_rows *rows, const struct duet_trade_record *trade) {
    const struct duet_instrument *instrument = &rows->instruments->items[trade->instrument];
    char *at = row_begin(rows, DUET_ROWS_TRADES);
    at = duet_put_uint(at, trade->trade_id);
    *at++ = ',';
    at = duet_put_field(at, instrument->symbol);
    at = duet_put_text(at, trade->side > 0 ? ",LONG," : ",SHORT,");
    at = duet_put_quantity(at, trade->quantity, instrument->quantity_decimals);
    *at++ = ',';
    at = put_time(rows, at, trade->entry_ns);
    *at++ = ',';
    at = duet_put_double(at, trade->entry_price);
    *at++ = ',';
    at = put_time(rows, at, trade->exit_ns);
    *at++ = ',';
    at = duet_put_double(at, trade->exit_price);
    *at++ = ',';
    at = duet_put_money(at, trade->gross);
    *at++ = ',';
    at = duet_put_money(at, trade->commission);
    *at++ = ',';
    at = duet_put_money(at, trade->net);
    *at++ = ',';
    at = duet_put_double(at, trade->fraction);
    at = duet_put_text(at, trade->at_end ? ",1," : ",0,");
    at = duet_put_field(at, trade->entry_reason);
    *at++ = ',';
    row_end(rows, duet_put_field(at, trade->exit_reason));
}

void duet_rows_equity(struct duet_rows *rows, int64_t ns, duet_money equity, duet_money cash, duet_money gross) {
    char *at = row_begin(rows, DUET_ROWS_EQUITY);
    at = put_time(rows, at, ns);
    *at++ = ',';
    at = duet_put_money(at, equity);
    *at++ = ',';
    at = duet_put_money(at, cash);
    *at++ = ',';
    row_end(rows, duet_put_money(at, gross));
}

static void rows_close(struct duet_rows *rows) {
    free(rows->buffer);
    *rows = (struct duet_rows){0};
}

enum duet_status duet_rows_commit(struct duet_rows *rows) {
    DUET_ASSERT(rows->buffer != NULL);
    rows_flush(rows);
    enum duet_status status = duet_output_commit(&rows->output);
    rows_close(rows);
    return status;
}

void duet_rows_abandon(struct duet_rows *rows) {
    if (rows->buffer != NULL) {
        duet_output_abandon(&rows->output);
        rows_close(rows);
    }
}
