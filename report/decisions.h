/*
 * What a strategy decided, one request after another: what decision_hash is made of, kept so that two runs can be
 * compared decision by decision (`duet diff`, `duet check`).
 */
#ifndef DUET_REPORT_DECISIONS_H
#define DUET_REPORT_DECISIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/event.h>

#include "base/json.h"
#include "components/instruments.h"

struct duet_decision {
    int64_t time_ns; // of the input that was being worked off
    bool at_edge; // sent in answer to what an opening filled, or when the data was over: more data may change it
    struct duet_order_event request; // its order_id counts for cancels only
};

struct duet_decisions {
    const struct duet_instruments *instruments; // borrowed
    struct duet_decision *items; // owned
    size_t count, capacity;
};

void duet_decisions_add(
    struct duet_decisions *decisions, const struct duet_order_event *request, int64_t time_ns, bool at_edge);
void duet_decisions_finish(struct duet_decisions *decisions);

/** Whether two are the same but for where they came from (at_edge) and the ids of orders. */
bool duet_decision_equal(const struct duet_decision *a, const struct duet_decision *b);

/** Room for the longest duet_decision_text(). */
#define DUET_DECISION_TEXT_MAX 320
/** For people: `2020-01-02 10:05:00 X SUBMIT BUY 100 LIMIT 12.50 GTC "sma"`. Returns `out`. */
char *duet_decision_text(const struct duet_decisions *decisions, size_t index, char out[DUET_DECISION_TEXT_MAX]);

/**
 * An array of objects, in order: time, symbol, action, side, type, quantity, price, stop, tif, reason; also expires
 * (GTD) and reduce_only where they apply. Numbers as decimal strings; price and stop only where the type has them.
 */
void duet_decisions_put(const struct duet_decisions *decisions, struct duet_json *json, const char *name);

#endif
