#include "portfolio/monitor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/log.h"
#include "base/money.h"
#include "base/text.h"
#include "portfolio/exact.h"
#include "portfolio/state.h"

#define MONITOR_PERIOD_NS DUET_MINUTE_NS
/** Largest fraction: a short may lose more than its entry, but not this much. */
#define MONITOR_FRACTION_MAX 1000.0
/** Tells our TIMER events from those of others: "MONITOR". */
#define MONITOR_OWNER UINT64_C(0x4d4f4e49544f52)
#define MONITOR_MAGIC "DUETMO1"

/** What is watched of one position. */
struct monitor_row {
    int64_t best; // mark
    int64_t opened_ns;
    uint16_t strategy; // whose fill opened it
    int8_t side; // +1 long, -1 short, 0: nothing held
};

struct duet_monitor {
    struct duet_component component;
    struct duet_monitor_options options;
    struct duet_bus *bus;
    int64_t stop_rate, profit_rate, trailing_rate; // in 10^-12; 0: none
    struct monitor_row *rows; // one per instrument
    uint16_t *filled_by; // strategy of the last fill, per instrument
    uint32_t held; // rows in use
    int64_t due_ns; // of the timer that is under way; 0: none
    uint64_t handle;
};

struct saved_monitor {
    char magic[8];
    int64_t due_ns;
    uint64_t count;
};
struct saved_row {
    uint32_t instrument;
    int16_t side;
    uint16_t strategy;
    int64_t best, opened_ns;
};

/* ---- when it looks ---- */

static bool has_rules(const struct duet_monitor *monitor) {
    return monitor->stop_rate != 0 || monitor->profit_rate != 0 || monitor->trailing_rate != 0 ||
           monitor->options.max_age_ns != 0;
}

static void monitor_schedule(struct duet_monitor *monitor, int64_t due_ns) {
    struct duet_event event = {.type = DUET_EVENT_TIMER, .event_ns = due_ns};
    event.timer = (struct duet_timer_event){.size = sizeof(event.timer),
        .instrument = UINT32_MAX,
        .due_ns = due_ns,
        .period_ns = monitor->options.period_ns,
        .owner = MONITOR_OWNER};
    // Ahead of the strategies' timers of that instant whatever the order they were asked for in, which a load loses.
    enum duet_status status = duet_bus_schedule(monitor->bus, due_ns, DUET_CLASS_RESULT, &event, &monitor->handle);
    if (status != DUET_OK) {
        duet_component_fault(&monitor->component, status, "no room for its timer");
        return;
    }
    monitor->due_ns = due_ns;
}

/** Have the next point of the grid looked at, while there is something to look at. */
static void monitor_arm(struct duet_monitor *monitor) {
    if (monitor->due_ns != 0 || monitor->held == 0 || !has_rules(monitor)) {
        return;
    }
    int64_t period_ns = monitor->options.period_ns, now_ns = duet_bus_now_ns(monitor->bus), due_ns;
    if (now_ns < 0 || __builtin_add_overflow(now_ns - now_ns % period_ns, period_ns, &due_ns)) {
        return; // outside of what can be scheduled
    }
    monitor_schedule(monitor, due_ns);
}

static void monitor_disarm(struct duet_monitor *monitor) {
    if (monitor->due_ns != 0) {
        (void)duet_bus_unschedule(monitor->bus, monitor->handle);
        monitor->due_ns = 0;
    }
}

/* ---- what it knows ---- */

static int8_t sign_of(int64_t quantity) {
    return (int8_t)((quantity > 0) - (quantity < 0));
}

/** A position is as large as this now: begin anew where it opened, came back or turned. */
static void row_take(struct duet_monitor *monitor, uint32_t instrument, int64_t quantity, int64_t mark, int64_t ns) {
    struct monitor_row *row = &monitor->rows[instrument];
    int8_t side = sign_of(quantity);
    if (side == row->side) {
        return;
    }
    monitor->held -= row->side != 0;
    *row = (struct monitor_row){0};
    if (side != 0) {
        monitor->held++;
        *row = (struct monitor_row){
            .best = mark, .opened_ns = ns, .strategy = monitor->filled_by[instrument], .side = side};
    }
}

void duet_monitor_mark(struct duet_monitor *monitor, uint32_t instrument, int64_t price) {
    struct monitor_row *row = &monitor->rows[instrument];
    if (row->side != 0 && (row->side > 0 ? price > row->best : price < row->best)) {
        row->best = price;
    }
}

static enum duet_status handle_fill(void *receiver, const struct duet_event *event) {
    struct duet_monitor *monitor = receiver;
    if (event->fill.instrument < monitor->options.instruments->count) {
        monitor->filled_by[event->fill.instrument] = event->fill.strategy;
    }
    return DUET_OK;
}

static enum duet_status handle_position(void *receiver, const struct duet_event *event) {
    struct duet_monitor *monitor = receiver;
    const struct duet_position_event *position = &event->position;
    if (position->instrument >= monitor->options.instruments->count) {
        return DUET_OK;
    }
    row_take(monitor, position->instrument, position->quantity, position->mark, event->time_ns);
    if (monitor->held == 0) {
        monitor_disarm(monitor);
    }
    monitor_arm(monitor);
    return DUET_OK;
}

/* ---- what it does ---- */

/** amount >= basis · rate, rate in 10^-12. */
static bool reaches(duet_money amount, duet_money basis, int64_t rate) {
    duet_money least;
    return rate != 0 && duet_money_muldiv(basis, rate, DUET_RATE_ONE, &least) == DUET_OK && amount >= least;
}

/** The first rule that wants this position closed; NULL: none. */
static const char *exit_reason(
    const struct duet_monitor *monitor, const struct monitor_row *row, uint32_t instrument, int64_t now_ns) {
    const struct duet_position_state *position = duet_portfolio_position(monitor->options.portfolio, instrument);
    // Entry and mark are compared as amounts, cost and value, so that no average has to be rounded.
    duet_money value;
    const struct duet_portfolio_slot *slot = &monitor->options.portfolio->head.slots[instrument];
    bool is_valued = position->has_mark && position->cost != 0 &&
                     duet_slot_notional(slot, position->mark, position->quantity, &value) == DUET_OK;
    if (is_valued) {
        duet_money basis = duet_money_magnitude(position->cost), gain = value - position->cost;
        duet_money given_back = (duet_money)row->side * ((duet_money)row->best - position->mark);
        if (reaches(-gain, basis, monitor->stop_rate)) {
            return "stop-loss";
        }
        if (row->best > 0 && reaches(given_back, row->best, monitor->trailing_rate)) {
            return "trailing-stop";
        }
        if (reaches(gain, basis, monitor->profit_rate)) {
            return "take-profit";
        }
    }
    int64_t max_age_ns = monitor->options.max_age_ns;
    return max_age_ns != 0 && now_ns - row->opened_ns >= max_age_ns ? "time-exit" : NULL;
}

/** What market orders on this side will close anyway. */
static int64_t closing_already(const struct duet_portfolio *portfolio, uint32_t instrument, int side) {
    int64_t sum = 0;
    for (uint64_t id = portfolio->head.slots[instrument].first_id; id != 0;) {
        const struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, id);
        const struct duet_order *order = &entry->order;
        if (order->side == side && order->type == DUET_MARKET) {
            sum += order->quantity - order->filled; // the gate keeps this sum in range
        }
        id = entry->next_id;
    }
    return sum;
}

static void monitor_exit(struct duet_monitor *monitor, uint32_t instrument, const char *reason) {
    const struct monitor_row *row = &monitor->rows[instrument];
    struct duet_portfolio *portfolio = monitor->options.portfolio;
    int64_t held = duet_portfolio_position(portfolio, instrument)->quantity * row->side;
    int64_t left = held - closing_already(portfolio, instrument, -row->side);
    if (left <= 0) {
        return;
    }
    struct duet_order_event request = {.instrument = instrument,
        .side = (int8_t)-row->side,
        .type = DUET_MARKET,
        .time_in_force = DUET_GTC,
        .flags = DUET_REDUCE_ONLY | DUET_LOCAL,
        .strategy = row->strategy,
        .quantity = left};
    duet_text_copy(request.reason, sizeof(request.reason), reason);
    enum duet_reason denied;
    uint64_t id = duet_portfolio_submit(portfolio, &request, &denied);
    duet_log_info(monitor->component.env->log, "monitor-exit", "symbol=%s reason=%s order=%" PRIu64 " denied=%s",
        monitor->options.instruments->items[instrument].symbol, reason, id, duet_reason_name(denied));
}

static enum duet_status handle_timer(void *receiver, const struct duet_event *event) {
    struct duet_monitor *monitor = receiver;
    if (event->timer.owner != MONITOR_OWNER || event->timer.due_ns != monitor->due_ns) {
        return DUET_OK;
    }
    monitor->due_ns = 0;
    for (uint32_t i = 0; i < monitor->options.instruments->count; i++) {
        if (monitor->rows[i].side == 0) {
            continue;
        }
        const char *reason = exit_reason(monitor, &monitor->rows[i], i, event->time_ns);
        if (reason != NULL) {
            monitor_exit(monitor, i, reason);
        }
    }
    monitor_arm(monitor);
    return DUET_OK;
}

/* ---- lifecycle ---- */

static struct duet_monitor *monitor_of(struct duet_component *component) {
    return duet_container_of(component, struct duet_monitor, component);
}

static enum duet_status monitor_init(struct duet_component *component) {
    struct duet_monitor *monitor = monitor_of(component);
    static const struct {
        enum duet_event_type type;
        duet_handler handler;
    } wanted[] = {
        {DUET_EVENT_FILL, handle_fill}, {DUET_EVENT_POSITION, handle_position}, {DUET_EVENT_TIMER, handle_timer}};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        enum duet_status status =
            duet_bus_subscribe(monitor->bus, wanted[i].type, wanted[i].handler, monitor, component, NULL);
        if (status != DUET_OK) {
            return status;
        }
    }
    return DUET_OK;
}

static enum duet_status monitor_start(struct duet_component *component) {
    struct duet_monitor *monitor = monitor_of(component);
    for (uint32_t i = 0; i < monitor->options.instruments->count; i++) {
        const struct duet_position_state *position = duet_portfolio_position(monitor->options.portfolio, i);
        row_take(monitor, i, position->quantity, position->mark, duet_bus_now_ns(monitor->bus));
    }
    monitor_arm(monitor);
    return DUET_OK;
}

static void monitor_stop(struct duet_component *component) {
    monitor_disarm(monitor_of(component));
}

static void monitor_clear(struct duet_monitor *monitor) {
    monitor_disarm(monitor);
    memset(monitor->rows, 0, monitor->options.instruments->count * sizeof(*monitor->rows));
    memset(monitor->filled_by, 0, monitor->options.instruments->count * sizeof(*monitor->filled_by));
    monitor->held = 0;
}

static void monitor_reset(struct duet_component *component) {
    monitor_clear(monitor_of(component));
}

static const struct duet_component_impl monitor_impl = {
    .size = sizeof(struct duet_component_impl),
    .type = "monitor",
    .init = monitor_init,
    .start = monitor_start,
    .stop = monitor_stop,
    .reset = monitor_reset,
    .teardown = monitor_reset,
};

static enum duet_status rate_of(const char *what, double fraction, int64_t *rate) {
    if (!(fraction >= 0 && fraction <= MONITOR_FRACTION_MAX)) {
        return duet_error(
            DUET_EINVAL, "position monitor: %s is %g; it must lie in 0 to %g", what, fraction, MONITOR_FRACTION_MAX);
    }
    return duet_scale(fraction, DUET_RATE_DECIMALS, rate);
}

enum duet_status duet_monitor_set_rules(
    struct duet_monitor *monitor, double stop_loss, double take_profit, double trailing, int64_t max_age_ns) {
    int64_t stop_rate = 0, profit_rate = 0, trailing_rate = 0;
    enum duet_status status = rate_of("stop_loss", stop_loss, &stop_rate);
    status = status != DUET_OK ? status : rate_of("take_profit", take_profit, &profit_rate);
    status = status != DUET_OK ? status : rate_of("trailing", trailing, &trailing_rate);
    if (status == DUET_OK && max_age_ns < 0) {
        status = duet_error(DUET_EINVAL, "position monitor: an age cannot be negative");
    }
    if (status != DUET_OK) {
        return status;
    }
    monitor->stop_rate = stop_rate;
    monitor->profit_rate = profit_rate;
    monitor->trailing_rate = trailing_rate;
    monitor->options.max_age_ns = max_age_ns;
    if (!has_rules(monitor)) {
        monitor_disarm(monitor);
    }
    monitor_arm(monitor);
    return DUET_OK;
}

enum duet_status duet_monitor_create(
    const struct duet_monitor_options *options, struct duet_bus *bus, struct duet_monitor **out) {
    DUET_ASSERT(options->instruments != NULL && options->portfolio != NULL);
    struct duet_monitor *monitor = duet_alloc(1, sizeof(*monitor));
    monitor->options = *options;
    monitor->bus = bus;
    enum duet_status status = duet_monitor_set_rules(
        monitor, options->stop_loss, options->take_profit, options->trailing, options->max_age_ns);
    if (status == DUET_OK && options->period_ns < 0) {
        status = duet_error(DUET_EINVAL, "position monitor: a period cannot be negative");
    }
    if (status != DUET_OK) {
        free(monitor);
        return status;
    }
    if (options->period_ns == 0) {
        monitor->options.period_ns = MONITOR_PERIOD_NS;
    }
    uint32_t count = options->instruments->count;
    monitor->rows = duet_alloc(count > 0 ? count : 1, sizeof(*monitor->rows));
    monitor->filled_by = duet_alloc(count > 0 ? count : 1, sizeof(*monitor->filled_by));
    monitor->component = (struct duet_component){.impl = &monitor_impl, .name = "monitor"};
    *out = monitor;
    return DUET_OK;
}

void duet_monitor_destroy(struct duet_monitor *monitor) {
    if (monitor != NULL) {
        DUET_ASSERT(monitor->component.state == DUET_COMPONENT_NEW);
        free(monitor->rows);
        free(monitor->filled_by);
        free(monitor);
    }
}

struct duet_component *duet_monitor_component(struct duet_monitor *monitor) {
    return &monitor->component;
}

/* ---- saved with the core ---- */

void duet_monitor_save(const struct duet_monitor *monitor, struct duet_text *out) {
    struct saved_monitor head = {.magic = MONITOR_MAGIC, .due_ns = monitor->due_ns, .count = monitor->held};
    duet_text_append(out, (const char *)&head, sizeof(head));
    for (uint32_t i = 0; i < monitor->options.instruments->count; i++) {
        const struct monitor_row *row = &monitor->rows[i];
        if (row->side != 0) {
            struct saved_row saved = {i, row->side, row->strategy, row->best, row->opened_ns};
            duet_text_append(out, (const char *)&saved, sizeof(saved));
        }
    }
}

enum duet_status duet_monitor_load(struct duet_monitor *monitor, const unsigned char **bytes, size_t *size) {
    struct saved_monitor head;
    uint32_t instruments = monitor->options.instruments->count;
    bool fits = *size >= sizeof(head);
    if (fits) {
        memcpy(&head, *bytes, sizeof(head));
        fits = memcmp(head.magic, MONITOR_MAGIC, sizeof(head.magic)) == 0 && head.count <= instruments &&
               head.due_ns >= 0 && (head.due_ns == 0 || head.count > 0) &&
               (*size - sizeof(head)) / sizeof(struct saved_row) >= head.count;
    }
    if (!fits) {
        return duet_error(DUET_EDATA, "saved state of the position monitor is damaged");
    }
    const unsigned char *at = *bytes + sizeof(head);
    monitor_clear(monitor);
    for (uint64_t i = 0; i < head.count; i++) {
        struct saved_row saved;
        memcpy(&saved, at, sizeof(saved));
        at += sizeof(saved);
        if (saved.instrument >= instruments || (saved.side != 1 && saved.side != -1) ||
            monitor->rows[saved.instrument].side != 0) {
            monitor_clear(monitor);
            return duet_error(DUET_EDATA, "saved state of the position monitor names no position");
        }
        monitor->rows[saved.instrument] = (struct monitor_row){
            .best = saved.best, .opened_ns = saved.opened_ns, .strategy = saved.strategy, .side = (int8_t)saved.side};
        monitor->held++;
    }
    if (head.due_ns != 0) {
        monitor_schedule(monitor, head.due_ns);
    }
    *size -= (size_t)(at - *bytes);
    *bytes = at;
    return DUET_OK;
}
