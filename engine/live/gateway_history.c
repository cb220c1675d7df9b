/*
 * Closed bars on request: what the strategy needs to be warm, and what passed while nobody listened and the gateway did
 * not keep. They are told as history: strategies learn from them, and no order comes of them.
 */
#include "engine/live/gateway_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

/** Most bars of one answer. */
#define HISTORY_MAX 1000000

bool gateway_ask_history(struct duet_gateway *gateway, uint64_t oldest) {
    const struct duet_live *live = gateway->live;
    int64_t known_ns = gateway_last_instant_ns(gateway);
    uint64_t after;
    bool resumes = gateway_resumes_after(gateway, &after);
    if (resumes && oldest <= after + 1) {
        return false; // all there is to know is told by the feed, and what is told as history is not decided upon
    }
    gateway->missed = known_ns != INT64_MIN;
    gateway->history_count = 0;
    gateway->history_open = 0;
    int64_t now_ns = gateway_now_ns(gateway);
    for (uint32_t i = 0; i < live->series_count; i++) {
        const struct duet_core_series *series = &live->series[i];
        int64_t left = duet_core_warm_up_left(duet_session_core(live->session), i);
        gateway->series[i].asked = gateway->missed || left > 0;
        if (!gateway->series[i].asked) {
            continue;
        }
        char line[DUET_GATEWAY_LINE_MAX];
        int64_t from_ns = gateway->missed ? known_ns - series->interval_ns : 0;
        uint32_t last = gateway->missed ? 0 : left < HISTORY_MAX ? (uint32_t)left : HISTORY_MAX;
        (void)gateway_say(gateway, line,
            duet_gateway_history(line, gateway->instruments->items[series->instrument].symbol, series->interval_ns,
                from_ns > 0 ? from_ns : 0, now_ns + series->interval_ns, last));
        gateway->history_open++;
    }
    return gateway->history_open > 0;
}

void gateway_take_history(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    uint32_t series;
    struct duet_bar bar;
    if (gateway->stage != GATEWAY_HISTORY || gateway->history_count == HISTORY_MAX) {
        gateway_ignore(gateway, "history that was not asked for");
        return;
    }
    if (!gateway_bar(gateway, message, &series, &bar)) {
        gateway_ignore(gateway, duet_error_text());
        return;
    }
    if (bar.close_ns <= gateway_last_instant_ns(gateway)) {
        return; // had, or too old to be told after what was
    }
    if (gateway->history_count == gateway->history_capacity) {
        gateway->history_capacity = gateway->history_capacity == 0 ? 256 : 2 * gateway->history_capacity;
        gateway->history = duet_realloc(gateway->history, gateway->history_capacity, sizeof(*gateway->history));
    }
    gateway->history[gateway->history_count++] = bar;
}

bool gateway_take_history_end(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    const struct duet_instrument *instrument = duet_instruments_find(gateway->instruments, message->symbol);
    uint32_t series =
        instrument != NULL ? gateway_series_find(gateway, instrument->index, message->interval_ns) : UINT32_MAX;
    if (series == UINT32_MAX || !gateway->series[series].asked) {
        gateway_ignore(gateway, "the end of a history that was not asked for");
        return false;
    }
    gateway->series[series].asked = false;
    return --gateway->history_open == 0;
}

/** By time of the close, then as bars of an instant are sorted. */
static int compare_bars(const void *left, const void *right) {
    const struct duet_bar *a = left, *b = right;
    if (a->close_ns != b->close_ns) {
        return a->close_ns < b->close_ns ? -1 : 1;
    }
    if (a->interval_ns != b->interval_ns) {
        return a->interval_ns < b->interval_ns ? -1 : 1;
    }
    return a->instrument < b->instrument ? -1 : a->instrument > b->instrument;
}

void gateway_admit_history(struct duet_gateway *gateway) {
    struct duet_bar *bars = gateway->history;
    size_t count = gateway->history_count, admitted = 0;
    if (count > 0) {
        qsort(bars, count, sizeof(*bars), compare_bars);
    }
    for (size_t i = 0; i < count;) {
        size_t end = i;
        uint32_t closing = 0;
        for (; end < count && bars[end].close_ns == bars[i].close_ns; end++) {
            if (closing == 0 || compare_bars(&bars[i + closing - 1], &bars[end]) != 0) { // once each
                bars[i + closing++] = bars[end];
            }
        }
        struct duet_input_instant instant = {
            .instant_ns = bars[i].close_ns, .flags = DUET_INSTANT_HISTORY, .closing = closing};
        gateway_admit_instant(gateway, &instant, bars + i, NULL, NULL, 0);
        admitted += closing;
        i = end;
    }
    duet_log_info(gateway->live->log, "gateway-history", "bars=%zu missed=%d", admitted, gateway->missed);
    if (gateway->missed && admitted > 0) {
        gateway_alert(
            gateway, "missed", "%zu bars passed while the gateway was away and were fetched as history", admitted);
    }
    free(gateway->history);
    gateway->history = NULL;
    gateway->history_count = gateway->history_capacity = 0;
}
