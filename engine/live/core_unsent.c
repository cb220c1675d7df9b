/*
 * Orders that a restart has proven unsent. They have ended REJECTED, but what they were to reach is still wanted as
 * long as nothing newer has come from the market: so they go out once more, as new intents with ids of their own and
 * through the gate, those that reduce a position as soon as the books agree, the others when the session is armed. With
 * the next instant they are forgotten; then the strategy decides. So they are after an interval of the finest series: a
 * newer bar is due by then, though the feed has not told it yet, and a decision of before an outage is not one of now.
 */
#include <string.h>

#include "engine/live/core_private.h"

void duet_core_note_unsent(struct duet_core *core, const struct duet_order_status_event *status) {
    const struct duet_order *order = duet_portfolio_order(core->portfolio, status->order_id);
    // The engine's own are looked after where they come from: stops by the portfolio, exits by the monitor.
    if (order == NULL || (order->flags & (DUET_LOCAL | DUET_OPERATOR)) != 0 ||
        order->created_ns < core->unsent.instant_time_ns || core->unsent.count == CORE_UNSENT_MAX) {
        return;
    }
    core->unsent.ids[core->unsent.count++] = order->order_id;
}

void duet_core_forget_unsent(struct duet_core *core, int64_t instant_time_ns) {
    memset(&core->unsent, 0, sizeof(core->unsent));
    core->unsent.instant_time_ns = instant_time_ns;
}

static bool reduces(const struct duet_core *core, const struct duet_order *order) {
    int64_t held = duet_portfolio_position(core->portfolio, order->instrument)->quantity;
    int64_t size = held < 0 ? -held : held;
    return held != 0 && (held > 0) == (order->side < 0) && order->quantity <= size;
}

void duet_core_send_unsent(struct duet_core *core) {
    uint32_t kept = 0;
    if (duet_bus_now_ns(core->bus) - core->unsent.instant_time_ns >= core->options.series[0].interval_ns) {
        duet_core_forget_unsent(core, core->unsent.instant_time_ns);
    }
    for (uint32_t i = 0; i < core->unsent.count; i++) {
        uint64_t id = core->unsent.ids[i];
        const struct duet_order *order = duet_portfolio_order(core->portfolio, id);
        if (order == NULL) {
            continue;
        }
        if (core->level == DUET_TRADING_ACTIVE || reduces(core, order)) {
            (void)duet_portfolio_submit_again(core->portfolio, id);
            duet_bus_drain(core->bus);
        } else {
            core->unsent.ids[kept++] = id;
        }
    }
    memset(core->unsent.ids + kept, 0, (core->unsent.count - kept) * sizeof(core->unsent.ids[0]));
    core->unsent.count = kept;
}
