#include "report/decisions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <duet/order.h>

#include "base/money.h"
#include "base/text.h"
#include "base/time.h"

void duet_decisions_add(
    struct duet_decisions *decisions, const struct duet_order_event *request, int64_t time_ns, bool at_edge) {
    if (decisions->count == decisions->capacity) {
        decisions->capacity = decisions->capacity == 0 ? 256 : 2 * decisions->capacity;
        decisions->items = duet_realloc(decisions->items, decisions->capacity, sizeof(*decisions->items));
    }
    struct duet_decision *decision = &decisions->items[decisions->count++];
    *decision = (struct duet_decision){.time_ns = time_ns, .at_edge = at_edge, .request = *request};
    decision->request.reason[DUET_REASON_MAX - 1] = '\0';
}

void duet_decisions_finish(struct duet_decisions *decisions) {
    free(decisions->items);
    *decisions = (struct duet_decisions){0};
}

bool duet_decision_equal(const struct duet_decision *a, const struct duet_decision *b) {
    const struct duet_order_event *x = &a->request, *y = &b->request;
    return a->time_ns == b->time_ns && x->instrument == y->instrument && x->action == y->action && x->side == y->side &&
           x->type == y->type && x->time_in_force == y->time_in_force && x->flags == y->flags &&
           x->strategy == y->strategy && x->quantity == y->quantity && x->price == y->price &&
           x->stop_price == y->stop_price && x->expires_ns == y->expires_ns && strcmp(x->reason, y->reason) == 0;
}

static const char *action_name(unsigned action) {
    return action == DUET_SUBMIT ? "SUBMIT" : action == DUET_CANCEL ? "CANCEL" : "REPLACE";
}

/** Its texts, as JSON and people see them. */
struct words {
    const char *symbol;
    char quantity[DUET_DECIMAL_TEXT_MAX], price[DUET_DECIMAL_TEXT_MAX], stop[DUET_DECIMAL_TEXT_MAX]; // "" for none
};

/** Without trailing zeros: 100 rather than 100.00. */
static void put_decimal(int64_t value, unsigned decimals, char out[DUET_DECIMAL_TEXT_MAX]) {
    for (; decimals > 0 && value % 10 == 0; decimals--) {
        value /= 10;
    }
    duet_decimal_format(value, decimals, out);
}

static void find_words(
    const struct duet_instruments *instruments, const struct duet_order_event *request, struct words *out) {
    *out = (struct words){.symbol = "?"};
    if (request->instrument >= instruments->count) {
        return;
    }
    const struct duet_instrument *instrument = &instruments->items[request->instrument];
    out->symbol = instrument->symbol;
    put_decimal(request->quantity, instrument->quantity_decimals, out->quantity);
    if (request->type == DUET_LIMIT || request->type == DUET_STOP_LIMIT) {
        put_decimal(request->price, instrument->price_decimals, out->price);
    }
    if (request->type == DUET_STOP || request->type == DUET_STOP_LIMIT) {
        put_decimal(request->stop_price, instrument->price_decimals, out->stop);
    }
}

char *duet_decision_text(const struct duet_decisions *decisions, size_t index, char out[DUET_DECISION_TEXT_MAX]) {
    const struct duet_decision *decision = &decisions->items[index];
    const struct duet_order_event *request = &decision->request;
    struct words words;
    char time[DUET_TIME_TEXT_MAX];
    find_words(decisions->instruments, request, &words);
    snprintf(out, DUET_DECISION_TEXT_MAX, "%s %s %s %s %s %s%s%s%s%s %s%s \"%.*s\"",
        duet_time_format_iso(decision->time_ns, time), words.symbol, action_name(request->action),
        request->side > 0 ? "BUY" : "SELL", words.quantity, duet_order_type_name(request->type),
        words.price[0] == '\0' ? "" : " ", words.price, words.stop[0] == '\0' ? "" : " stop ", words.stop,
        duet_time_in_force_name(request->time_in_force), (request->flags & DUET_REDUCE_ONLY) != 0 ? " reduce-only" : "",
        DUET_REASON_MAX, request->reason);
    return out;
}

static void put_one(
    const struct duet_instruments *instruments, const struct duet_decision *decision, struct duet_json *json) {
    const struct duet_order_event *request = &decision->request;
    struct words words;
    char time[DUET_TIME_TEXT_MAX];
    find_words(instruments, request, &words);
    duet_json_open(json, NULL, '{');
    duet_json_string(json, "time", duet_time_format_iso(decision->time_ns, time));
    duet_json_string(json, "symbol", words.symbol);
    duet_json_string(json, "action", action_name(request->action));
    duet_json_string(json, "side", request->side > 0 ? "BUY" : "SELL");
    duet_json_string(json, "type", duet_order_type_name(request->type));
    duet_json_string(json, "quantity", words.quantity);
    if (words.price[0] != '\0') {
        duet_json_string(json, "price", words.price);
    }
    if (words.stop[0] != '\0') {
        duet_json_string(json, "stop", words.stop);
    }
    duet_json_string(json, "tif", duet_time_in_force_name(request->time_in_force));
    if (request->time_in_force == DUET_GTD) {
        duet_json_string(json, "expires", duet_time_format_iso(request->expires_ns, time));
    }
    if ((request->flags & DUET_REDUCE_ONLY) != 0) {
        duet_json_bool(json, "reduce_only", true);
    }
    duet_json_string(json, "reason", request->reason);
    duet_json_close(json, '}');
}

void duet_decisions_put(const struct duet_decisions *decisions, struct duet_json *json, const char *name) {
    duet_json_open(json, name, '[');
    for (size_t i = 0; i < decisions->count; i++) {
        put_one(decisions->instruments, &decisions->items[i], json);
    }
    duet_json_close(json, ']');
}
