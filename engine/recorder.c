#include "engine/recorder.h"

#include <stdlib.h>

#include "base/assert.h"
#include "base/text.h"

/** Where one kind of file goes: the path asked for, else its place in the report folder. */
static const char *const report_names[DUET_ROWS_KIND_COUNT] = {
    [DUET_ROWS_FILLS] = "fills.csv",
    [DUET_ROWS_ORDERS] = "orders.csv",
    [DUET_ROWS_TRADES] = "trades.csv",
    [DUET_ROWS_EQUITY] = "equity.csv",
};

static const char *asked_path(const struct duet_config *config, enum duet_rows_kind kind) {
    switch (kind) {
    case DUET_ROWS_FILLS:
        return config->fills;
    case DUET_ROWS_ORDERS:
        return config->orders;
    case DUET_ROWS_TRADES:
        return config->trades;
    case DUET_ROWS_EQUITY:
        return config->equity;
    case DUET_ROWS_KIND_COUNT:
        break;
    }
    return NULL;
}

static enum duet_status open_files(struct duet_recorder *recorder, const struct duet_config *config) {
    enum duet_status status = DUET_OK;
    for (int kind = 0; status == DUET_OK && kind < DUET_ROWS_KIND_COUNT; kind++) {
        struct duet_text path = {0};
        const char *asked = asked_path(config, (enum duet_rows_kind)kind);
        if (asked != NULL) {
            duet_text_print(&path, "%s", asked);
        } else if (config->report != NULL) {
            duet_text_print(&path, "%s/%s", config->report, report_names[kind]);
        }
        if (path.text != NULL) {
            status =
                duet_rows_open(&recorder->files[kind], (enum duet_rows_kind)kind, path.text, recorder->instruments);
            recorder->wanted[kind] = status == DUET_OK;
        }
        duet_text_finish(&path);
    }
    return status;
}

static enum duet_status handle_fill(void *receiver, const struct duet_event *event) {
    struct duet_recorder *recorder = receiver;
    const struct duet_fill *fill = &event->fill;
    const struct duet_order *order = duet_portfolio_order(recorder->portfolio, fill->order_id);
    const char *reason = order == NULL ? "" : order->reason;
    duet_trades_take(recorder->trades, fill, reason);
    if (recorder->tape != NULL) {
        duet_tape_take_fill(recorder->tape, recorder->instruments, fill);
    }
    duet_curve_expose(recorder->curve, event->time_ns, duet_portfolio_equity(recorder->portfolio),
        duet_portfolio_gross(recorder->portfolio));
    if (recorder->wanted[DUET_ROWS_FILLS]) {
        duet_rows_fill(
            &recorder->files[DUET_ROWS_FILLS], fill, duet_portfolio_cash_at_fill(recorder->portfolio), reason);
    }
    return DUET_OK;
}

static bool is_final(unsigned status) {
    return status == DUET_ORDER_DENIED || status == DUET_ORDER_REJECTED || status == DUET_ORDER_FILLED ||
           status == DUET_ORDER_CANCELLED || status == DUET_ORDER_EXPIRED;
}

static enum duet_status handle_status(void *receiver, const struct duet_event *event) {
    struct duet_recorder *recorder = receiver;
    if (is_final(event->status.status)) {
        const struct duet_order *order = duet_portfolio_order(recorder->portfolio, event->status.order_id);
        if (order != NULL) {
            duet_rows_order(&recorder->files[DUET_ROWS_ORDERS], order);
        }
    }
    return DUET_OK;
}

static void handle_trade(void *argument, const struct duet_trade_record *trade) {
    struct duet_recorder *recorder = argument;
    if (recorder->wanted[DUET_ROWS_TRADES]) {
        duet_rows_trade(&recorder->files[DUET_ROWS_TRADES], trade);
    }
    if (recorder->keeps_diary) {
        duet_diary_trade(&recorder->diary, trade);
    }
}

static enum duet_status recorder_up(struct duet_component *component) {
    struct duet_recorder *recorder = duet_container_of(component, struct duet_recorder, component);
    struct duet_bus *bus = component->env->bus;
    enum duet_status status =
        duet_bus_subscribe(bus, DUET_EVENT_FILL, handle_fill, recorder, &recorder->component, NULL);
    if (status == DUET_OK && recorder->wanted[DUET_ROWS_ORDERS]) {
        status = duet_bus_subscribe(bus, DUET_EVENT_ORDER_STATUS, handle_status, recorder, &recorder->component, NULL);
    }
    return status;
}

static const struct duet_component_impl recorder_impl = {
    .size = sizeof(recorder_impl),
    .type = "recorder",
    .init = recorder_up,
    .needs = {{.type = "portfolio"}},
};

enum duet_status duet_recorder_init(struct duet_recorder *recorder, const struct duet_config *config,
    struct duet_portfolio *portfolio, const struct duet_instruments *instruments, struct duet_curve *curve) {
    *recorder = (struct duet_recorder){.component = {.impl = &recorder_impl, .name = "recorder"},
        .portfolio = portfolio,
        .instruments = instruments,
        .curve = curve};
    duet_trades_create(instruments, handle_trade, recorder, &recorder->trades);
    if (config->report != NULL) {
        recorder->keeps_diary = true;
        duet_diary_init(&recorder->diary, duet_money_to_double(config->cash));
    }
    return open_files(recorder, config);
}

void duet_recorder_instant(struct duet_recorder *recorder, int64_t ns) {
    if (recorder->tape != NULL) {
        duet_tape_take_instant(recorder->tape, recorder->portfolio, ns);
    }
    if (recorder->wanted[DUET_ROWS_EQUITY]) {
        duet_rows_equity(&recorder->files[DUET_ROWS_EQUITY], ns, duet_portfolio_equity(recorder->portfolio),
            duet_portfolio_cash(recorder->portfolio), duet_portfolio_gross(recorder->portfolio));
    }
    if (recorder->keeps_diary) {
        duet_diary_instant(&recorder->diary, ns, duet_money_to_double(duet_portfolio_equity(recorder->portfolio)));
    }
}

enum duet_status duet_recorder_commit(struct duet_recorder *recorder) {
    enum duet_status status = DUET_OK;
    for (int kind = 0; status == DUET_OK && kind < DUET_ROWS_KIND_COUNT; kind++) {
        if (recorder->wanted[kind]) {
            recorder->wanted[kind] = false;
            status = duet_rows_commit(&recorder->files[kind]);
        }
    }
    return status;
}

void duet_recorder_finish(struct duet_recorder *recorder) {
    for (int kind = 0; kind < DUET_ROWS_KIND_COUNT; kind++) {
        if (recorder->wanted[kind]) {
            duet_rows_abandon(&recorder->files[kind]);
        }
    }
    duet_trades_destroy(recorder->trades);
    duet_diary_finish(&recorder->diary);
    *recorder = (struct duet_recorder){0};
}
