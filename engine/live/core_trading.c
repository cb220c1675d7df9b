/* Trading states: what the operator, a halt, staleness and the links make of them, and what they let through. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/money.h"
#include "broker/desk.h"
#include "engine/live/core_private.h"

static const char *const trading_names[] = {
#define TRADING_NAME(name) [DUET_TRADING_##name] = #name,
    DUET_TRADING_MAP(TRADING_NAME)
#undef TRADING_NAME
};

const char *duet_trading_name(enum duet_trading trading) {
    return (unsigned)trading < sizeof(trading_names) / sizeof(trading_names[0]) ? trading_names[trading] : "?";
}

/* ---------------------------------------------------------------------------------------------- the present state */

/** What takes ACTIVE away by itself, and gives it back when it is over; NULL: nothing. */
static const char *impediment(const struct duet_core *core) {
    if (core->broker_down) {
        return "the broker cannot be reached";
    }
    if (core->mismatch) {
        return "positions differ from the broker's";
    }
    if (core->unreconciled) {
        return "not reconciled with the broker";
    }
    if (core->feed_down) {
        return "the feed is disconnected";
    }
    if (core->feed_stale || core->stale_instruments == core->options.instruments->count) {
        return "data is stale";
    }
    return NULL;
}

bool duet_core_is_impeded(const struct duet_core *core) {
    return impediment(core) != NULL;
}

enum duet_trading duet_core_trading(const struct duet_core *core) {
    return core->level == DUET_TRADING_ACTIVE && impediment(core) != NULL ? DUET_TRADING_REDUCING : core->level;
}

const char *duet_core_trading_reason(const struct duet_core *core) {
    return core->level == DUET_TRADING_ACTIVE && impediment(core) != NULL ? impediment(core) : core->reason;
}

/** The table of DESIGN 7; cancels and operator orders are never refused. */
static void put_permit(struct duet_core *core) {
    struct duet_permit permit = {0};
    switch (duet_core_trading(core)) {
    case DUET_TRADING_DISARMED:
        permit = (struct duet_permit){DUET_REASON_DISARMED, DUET_REASON_DISARMED, DUET_REASON_DISARMED};
        break;
    case DUET_TRADING_REDUCING:
        permit.risk = core->broker_down ? DUET_REASON_DISCONNECTED : DUET_REASON_REDUCING;
        break;
    case DUET_TRADING_HALTED:
        permit.risk = permit.reduce = core->loss_halt ? DUET_REASON_DAILY_LOSS : DUET_REASON_HALTED;
        permit.local = core->rules.on_halt_none ? permit.risk : DUET_REASON_NONE;
        break;
    default:
        break;
    }
    duet_portfolio_set_permit(core->portfolio, &permit);
}

void duet_core_update_trading(struct duet_core *core) {
    put_permit(core);
    enum duet_trading trading = duet_core_trading(core);
    const char *reason = duet_core_trading_reason(core);
    if (trading == core->shown && strcmp(reason, core->shown_reason) == 0) {
        return;
    }
    struct duet_trading_payload payload = {.trading = trading, .previous = core->shown};
    duet_text_copy(payload.reason, sizeof(payload.reason), reason);
    core->shown = trading;
    duet_text_copy(core->shown_reason, sizeof(core->shown_reason), reason);
    struct duet_event event = {.type = DUET_EVENT_COMMAND};
    event.custom.size = sizeof(event.custom);
    event.custom.tag = DUET_TAG_TRADING;
    static_assert(sizeof(payload) == sizeof(event.custom.data), "the payload is the whole of the data");
    memcpy(event.custom.data, &payload, sizeof(payload));
    (void)duet_bus_publish(core->bus, &event);
}

void duet_core_set_level(struct duet_core *core, enum duet_trading level, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    memset(core->reason, 0, sizeof(core->reason));
    vsnprintf(core->reason, sizeof(core->reason), format, arguments);
    va_end(arguments);
    core->level = level;
    core->loss_halt = level == DUET_TRADING_HALTED && core->loss_hit;
    duet_core_update_trading(core);
}

static void rules_of(const struct duet_config *config, struct core_rules *out) {
    *out = (struct core_rules){.limits = config->limits};
    if (config->live != NULL) {
        out->max_daily_loss = config->live->max_daily_loss;
        out->stop_loss = config->live->stop_loss;
        out->take_profit = config->live->take_profit;
        out->trailing = config->live->trailing;
        out->max_age_s = config->live->max_age_s;
        out->on_halt_none = config->live->on_halt_none;
    }
}

void duet_core_begin_trading(struct duet_core *core) {
    rules_of(core->options.config, &core->rules);
    core->unreconciled = core->live->broker_gateway;
    core->day_end_ns = INT64_MIN;
    core->day_start = duet_portfolio_equity(core->portfolio);
    core->level = core->live->arm && !core->live->real_money ? DUET_TRADING_ACTIVE : DUET_TRADING_DISARMED;
    core->shown = duet_core_trading(core);
    duet_text_copy(core->shown_reason, sizeof(core->shown_reason), duet_core_trading_reason(core));
    put_permit(core);
}

/* ---------------------------------------------------------------------------------------- halt, cancel, flatten */

/** Ids of working orders; gathered first, for cancelling changes what is walked. */
struct chosen {
    uint64_t *ids;
    size_t count;
    bool entries; // only those that may open
    const struct duet_portfolio *protects; // without protective stops of what it holds; NULL: those too
};

/** It goes with the position; until that has gone, the way out may still be refused. */
static bool is_needed(const struct duet_portfolio *portfolio, const struct duet_order *order) {
    return portfolio != NULL && (order->flags & DUET_ATTACHED) != 0 && (order->flags & DUET_REDUCE_ONLY) != 0 &&
           duet_portfolio_position(portfolio, order->instrument)->quantity != 0;
}

static bool choose(void *argument, const struct duet_order *order) {
    struct chosen *chosen = argument;
    bool final = order->status == DUET_ORDER_DENIED || order->status == DUET_ORDER_REJECTED ||
                 order->status == DUET_ORDER_FILLED || order->status == DUET_ORDER_CANCELLED ||
                 order->status == DUET_ORDER_EXPIRED;
    if (!final && !(chosen->entries && (order->flags & DUET_REDUCE_ONLY) != 0) && !is_needed(chosen->protects, order)) {
        chosen->ids[chosen->count++] = order->order_id;
    }
    return true;
}

static size_t cancel_chosen(struct duet_core *core, struct chosen chosen) {
    duet_bus_drain(core->bus);
    chosen.ids = duet_alloc((size_t)duet_portfolio_working_orders(core->portfolio) + 1, sizeof(uint64_t));
    duet_portfolio_each_order(core->portfolio, choose, &chosen);
    size_t count = 0;
    for (size_t i = 0; i < chosen.count; i++) {
        // The bus is drained, so each is worked off, with what it causes, before the next.
        count += duet_portfolio_cancel(core->portfolio, chosen.ids[i]) == DUET_OK;
    }
    free(chosen.ids);
    return count;
}

size_t duet_core_cancel_orders(struct duet_core *core) {
    return cancel_chosen(core, (struct chosen){0});
}

size_t duet_core_halt(struct duet_core *core, bool flatten, const char *format, ...) {
    char reason[sizeof(core->reason)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    duet_core_set_level(core, DUET_TRADING_HALTED, "%s", reason);
    struct chosen chosen = {
        .entries = !flatten && !core->rules.on_halt_none, .protects = flatten ? core->portfolio : NULL};
    size_t cancelled = cancel_chosen(core, chosen);
    duet_core_alert(core, "halt", "halted: %s; %zu working orders cancelled", reason, cancelled);
    return cancelled;
}

struct closing_sum {
    uint32_t instrument;
    int64_t quantity; // signed: what working orders of the operator's will do
};

static bool sum_closing(void *argument, const struct duet_order *order) {
    struct closing_sum *sum = argument;
    bool working = order->status == DUET_ORDER_SUBMITTED || order->status == DUET_ORDER_ACCEPTED ||
                   order->status == DUET_ORDER_PARTIALLY_FILLED;
    if (working && order->instrument == sum->instrument && (order->flags & DUET_OPERATOR) != 0) {
        sum->quantity += order->side * (order->quantity - order->filled);
    }
    return true;
}

size_t duet_core_close_positions(struct duet_core *core) {
    size_t count = 0;
    for (uint32_t i = 0; i < core->options.instruments->count; i++) {
        struct closing_sum sum = {.instrument = i};
        if (duet_portfolio_position(core->portfolio, i)->quantity == 0) {
            continue;
        }
        duet_portfolio_each_order(core->portfolio, sum_closing, &sum);
        if (sum.quantity == 0 && duet_portfolio_close(core->portfolio, 0, i, DUET_OPERATOR, "flatten") != 0) {
            count++;
        }
        duet_bus_drain(core->bus);
    }
    return count;
}

bool duet_core_refuses_arm(const struct duet_core *core, char out[160]) {
    const struct duet_limits *limits = duet_portfolio_limits(core->portfolio);
    const char *why = NULL;
    out[0] = '\0';
    if (core->level == DUET_TRADING_HALTED) {
        snprintf(out, 160, "halted (%s); resume first", core->reason);
        return true;
    }
    if (core->ended || core->stopped) {
        why = "the feed has ended";
    } else if (duet_portfolio_is_ruined(core->portfolio)) {
        why = "equity is used up";
    } else if (duet_core_in_doubt(core) > 0) {
        why = "orders are in doubt; wait until the broker has told what became of them";
    } else if (impediment(core) != NULL) {
        why = impediment(core);
    } else if (core->loss_hit) {
        why = "the daily loss limit was reached; raise max_daily_loss, or arm tomorrow";
    } else if (core->live->real_money &&
               (limits->max_position <= 0 || limits->max_notional <= 0 || core->rules.max_daily_loss <= 0)) {
        why = "real money needs max_position, max_notional and max_daily_loss";
    }
    if (why != NULL) {
        snprintf(out, 160, "%s", why);
    }
    return why != NULL;
}

/* --------------------------------------------------------------------------------------------- data that is stale */

void duet_core_set_stale(struct duet_core *core, uint32_t series, bool stale) {
    const struct duet_core_series *given = &core->options.series[series];
    if (core->series[series].stale == stale) {
        return;
    }
    core->series[series].stale = stale;
    if (!given->executes && !given->primary) {
        return; // it informs; nothing is traded on its price
    }
    uint32_t *count = &core->stale_series[given->instrument];
    *count = stale ? *count + 1 : *count - 1;
    if (stale && *count == 1) {
        core->stale_instruments++;
        duet_portfolio_block(core->portfolio, given->instrument, DUET_REASON_REDUCING);
        duet_core_alert(core, "stale", "%s: data is stale; no new risk on it",
            core->options.instruments->items[given->instrument].symbol);
    } else if (!stale && *count == 0) {
        core->stale_instruments--;
        duet_portfolio_block(core->portfolio, given->instrument, DUET_REASON_NONE);
    }
}

bool duet_core_is_stale(const struct duet_core *core) {
    return core->feed_stale || core->stale_instruments > 0;
}

void duet_core_hear_feed(struct duet_core *core) {
    core->feed_stale = false;
}

enum duet_status duet_core_check_stale(const struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_stale *stale = input->bytes;
    return stale->series == UINT32_MAX || stale->series < core->options.series_count
               ? DUET_OK
               : duet_error(
                     DUET_EDATA, "input %" PRIu64 ", STALE: there is no series %" PRIu32, input->number, stale->series);
}

void duet_core_take_stale(struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_stale *stale = input->bytes;
    duet_core_admit(core, input, DUET_EVENT_STALE);
    if (stale->series != UINT32_MAX) {
        duet_core_set_stale(core, stale->series, stale->stale != 0);
    } else {
        if (stale->stale != 0 && !core->feed_stale) {
            duet_core_alert(core, "stale", "the feed is stale; no new risk");
        }
        core->feed_stale = stale->stale != 0;
    }
    duet_core_update_trading(core);
    duet_bus_drain(core->bus);
}

/* -------------------------------------------------------------------------------------------------------- losses */

void duet_core_roll_day(struct duet_core *core, int64_t ns) {
    if (ns <= core->day_end_ns) {
        return; // what closes at midnight belongs to the day before
    }
    core->day_end_ns = core->options.zone != NULL ? duet_zone_next_midnight_ns(core->options.zone, ns - 1)
                                                  : (ns - 1) - (ns - 1) % DUET_DAY_NS + DUET_DAY_NS;
    core->day_start = duet_portfolio_equity(core->portfolio);
    core->loss_hit = false;
}

duet_money duet_core_day_loss(const struct duet_core *core) {
    return core->day_start - duet_portfolio_equity(core->portfolio);
}

static bool loss_is_reached(const struct duet_core *core) {
    return core->rules.max_daily_loss > 0 && duet_core_day_loss(core) >= core->rules.max_daily_loss;
}

void duet_core_check_losses(struct duet_core *core) {
    if (duet_portfolio_is_ruined(core->portfolio) && !core->ruin_told) {
        core->ruin_told = true;
        duet_core_alert(core, "ruin", "equity is used up; trading has stopped");
    }
    bool trades = core->level == DUET_TRADING_ACTIVE || core->level == DUET_TRADING_REDUCING;
    if (trades && !core->loss_hit && loss_is_reached(core)) {
        char loss[DUET_DECIMAL_TEXT_MAX], limit[DUET_DECIMAL_TEXT_MAX];
        core->loss_hit = true;
        (void)duet_core_halt(core, false, "daily-loss: %s lost, limit %s",
            duet_money_format_grouped(duet_core_day_loss(core), 2, loss),
            duet_money_format_grouped(core->rules.max_daily_loss, 2, limit));
    }
}

/* ------------------------------------------------------------------------------------------- restarts and reloads */

void duet_core_take_restart(struct duet_core *core, const struct duet_input *input) {
    const struct duet_input_restart *restart = input->bytes;
    duet_core_admit(core, input, DUET_EVENT_CUSTOM);
    if (core->desk != NULL) {
        duet_desk_restart(core->desk);
        core->unreconciled = true;
    }
    if (core->level == DUET_TRADING_ACTIVE || core->level == DUET_TRADING_REDUCING) {
        duet_core_set_level(core, DUET_TRADING_REDUCING, DUET_RESTARTED "%s", restart->clean ? "" : " after a crash");
    }
    duet_bus_drain(core->bus);
    if (core->stopped && !core->ended) {
        core->stopped = false;
        core->failure = duet_component_start(duet_host_component(core->host));
        duet_bus_drain(core->bus);
    }
    core->stopped = false;
    duet_host_fail_computations(core->host, DUET_ESTATE); // whoever did them is gone
    duet_bus_drain(core->bus);
    duet_core_alert(core, "restart", "session taken up again by process %" PRIu64 ", %s; trading is %s", restart->epoch,
        restart->clean ? "after an orderly stop" : "after a crash", duet_trading_name(duet_core_trading(core)));
}

/** Whether a line of the text, indented where it stands in `live:`, is one of those. */
static bool line_counts(const char *line, size_t length, bool in_live) {
    static const char *const run_keys[] = {"max_order_quantity:", "max_position:", "max_notional:", "live:"};
    static const char *const live_keys[] = {
        "max_daily_loss:", "on_halt:", "stop_loss:", "take_profit:", "trailing:", "max_age_s:"};
    const char *const *keys = in_live ? live_keys : run_keys;
    size_t count = in_live ? 6 : 4, blanks = 0;
    while (in_live && blanks < length && line[blanks] == ' ') {
        blanks++;
    }
    for (size_t i = 0; i < count; i++) {
        size_t key_length = strlen(keys[i]);
        if (length - blanks >= key_length && memcmp(line + blanks, keys[i], key_length) == 0) {
            return true;
        }
    }
    return false;
}

/**
 * The lines of a configuration that a reload may change. Only they are read: the rest (data above all) would make what
 * becomes of a record depend on the files of the machine. False: it is no configuration, for it names no strategy; to
 * take it for one would lift every limit.
 */
static bool filter_lines(const char *text, size_t size, struct duet_text *out) {
    static const char strategy[] = "strategy:";
    bool in_live = false, is_whole = false;
    for (size_t at = 0; at < size;) {
        const char *line = text + at, *end = memchr(line, '\n', size - at);
        size_t length = end != NULL ? (size_t)(end - line) : size - at;
        bool indented = length > 0 && line[0] == ' ';
        is_whole |= length >= sizeof(strategy) - 1 && memcmp(line, strategy, sizeof(strategy) - 1) == 0;
        in_live = indented ? in_live : length >= 5 && memcmp(line, "live:", 5) == 0;
        if ((!indented || in_live) && line_counts(line, length, indented)) {
            duet_text_append(out, line, length);
            duet_text_append(out, "\n", 1);
        }
        at += length + 1;
    }
    return is_whole;
}

static enum duet_status read_rules(const struct duet_input *input, struct core_rules *out) {
    struct duet_text lines = {0};
    duet_text_append(&lines, "seed: 1\n", strlen("seed: 1\n")); // never empty, which would be no document
    if (!filter_lines(input->bytes, input->size, &lines)) {
        duet_text_finish(&lines);
        return duet_error(DUET_EDATA, "names no strategy, so it is no configuration");
    }
    struct duet_config config;
    duet_config_init(&config);
    enum duet_status status = duet_config_load_bytes(&config, "reload", lines.text, lines.length);
    duet_text_finish(&lines);
    if (status == DUET_OK) {
        rules_of(&config, out);
    }
    duet_config_finish(&config);
    return status;
}

enum duet_status duet_core_check_config(const struct duet_core *core, const struct duet_input *input) {
    struct core_rules rules;
    enum duet_status status = read_rules(input, &rules);
    return status == DUET_OK
               ? DUET_OK
               : duet_error(DUET_EDATA, "input %" PRIu64 ", CONFIG: %s", input->number, duet_error_text());
}

void duet_core_set_rules(struct duet_core *core, const struct core_rules *rules) {
    // What a configuration lets through, these let through too.
    if (duet_portfolio_set_limits(core->portfolio, &rules->limits) != DUET_OK ||
        (core->monitor != NULL && duet_monitor_set_rules(core->monitor, rules->stop_loss, rules->take_profit,
                                      rules->trailing, rules->max_age_s * DUET_SECOND_NS) != DUET_OK)) {
        duet_log_error(core->options.log, "reload-refused", "why=%s", duet_error_text());
        return;
    }
    core->rules = *rules;
}

void duet_core_take_config(struct duet_core *core, const struct duet_input *input) {
    struct core_rules rules;
    duet_core_admit(core, input, DUET_EVENT_CUSTOM);
    if (read_rules(input, &rules) == DUET_OK) {
        duet_core_set_rules(core, &rules);
        core->loss_hit = core->loss_hit && loss_is_reached(core);
    }
    duet_core_update_trading(core);
    duet_bus_drain(core->bus);
    duet_core_check_losses(core);
}
