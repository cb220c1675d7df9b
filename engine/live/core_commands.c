/* Operator commands. Each is answered with JSON that says what happened, or why nothing did. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/money.h"
#include "engine/live/core_private.h"

/** A reply being written. */
struct reply {
    struct duet_core *core;
    struct duet_input_command command;
    struct duet_json json;
    char *text;
    size_t size;
    enum duet_status status;
};

/** "api: fat finger", "api". */
static const char *who(const struct reply *reply, char out[104]) {
    const struct duet_input_command *command = &reply->command;
    const char *origin = command->origin[0] != '\0' ? command->origin : "operator";
    snprintf(out, 104, "%s%s%s", origin, command->text[0] != '\0' ? ": " : "", command->text);
    return out;
}

static void refuse(struct reply *reply, enum duet_status status, const char *why) {
    reply->status = status;
    duet_json_string(&reply->json, "error", why);
}

static void put_money(struct duet_json *json, const char *name, duet_money money) {
    char text[DUET_DECIMAL_TEXT_MAX];
    duet_json_string(json, name, duet_money_format(money, 0, text));
}

/* ------------------------------------------------------------------------------------------------ what arm shows */

static void put_account(const struct duet_core *core, struct duet_json *json) {
    duet_json_open(json, "account", '{');
    put_money(json, "cash", duet_portfolio_cash(core->portfolio));
    put_money(json, "equity", duet_portfolio_equity(core->portfolio));
    put_money(json, "gross", duet_portfolio_gross(core->portfolio));
    put_money(json, "day_loss", duet_core_day_loss(core));
    duet_json_close(json, '}');
}

static void put_position(const struct duet_core *core, struct duet_json *json, uint32_t index) {
    const struct duet_instrument *instrument = &core->options.instruments->items[index];
    const struct duet_position_state *held = duet_portfolio_position(core->portfolio, index);
    int64_t working = duet_portfolio_working(core->portfolio, index);
    double target = duet_core_target(core, index);
    if (held->quantity == 0 && working == 0 && isnan(target)) {
        return;
    }
    char text[DUET_DECIMAL_TEXT_MAX];
    duet_json_open(json, NULL, '{');
    duet_json_string(json, "symbol", instrument->symbol);
    duet_json_string(json, "quantity", duet_decimal_format(held->quantity, instrument->quantity_decimals, text));
    duet_json_string(json, "working", duet_decimal_format(working, instrument->quantity_decimals, text));
    duet_json_double(json, "target", target);
    if (held->has_mark) {
        duet_json_string(json, "mark", duet_decimal_format(held->mark, instrument->price_decimals, text));
    } else {
        duet_json_null(json, "mark");
    }
    put_money(json, "value", held->value);
    put_money(json, "unrealized", held->value - held->cost);
    duet_json_close(json, '}');
}

static void put_limits(const struct duet_core *core, struct duet_json *json) {
    const struct duet_limits *limits = duet_portfolio_limits(core->portfolio);
    duet_json_open(json, "limits", '{');
    duet_json_double(json, "max_order_quantity", limits->max_order_quantity);
    duet_json_double(json, "max_position", limits->max_position);
    put_money(json, "max_notional", limits->max_notional);
    put_money(json, "max_daily_loss", core->rules.max_daily_loss);
    duet_json_close(json, '}');
}

static void put_warmth(const struct duet_core *core, struct duet_json *json) {
    int64_t left = 0;
    for (uint32_t i = 0; i < core->options.series_count; i++) {
        int64_t own = duet_core_warm_up_left(core, i);
        left = own > left ? own : left;
    }
    duet_json_int(json, "warm_up_left", left);
}

/* ----------------------------------------------------------------------------------------------------- commands */

static void do_arm(struct reply *reply) {
    struct duet_core *core = reply->core;
    char why[160], by[104];
    if (duet_core_refuses_arm(core, why)) {
        refuse(reply, DUET_EDENIED, why);
        if (core->mismatch) { // it may have been set right there
            duet_core_effect(core, &(struct duet_effect){.kind = DUET_EFFECT_QUERY});
        }
    } else {
        core->flattening = false;
        duet_core_set_level(core, DUET_TRADING_ACTIVE, "%s", who(reply, by));
        duet_bus_drain(core->bus);
        duet_core_send_unsent(core);
    }
    put_account(core, &reply->json);
    duet_json_open(&reply->json, "positions", '[');
    for (uint32_t i = 0; i < core->options.instruments->count; i++) {
        put_position(core, &reply->json, i);
    }
    duet_json_close(&reply->json, ']');
    put_limits(core, &reply->json);
    put_warmth(core, &reply->json);
    duet_json_uint(&reply->json, "in_doubt", duet_core_in_doubt(core));
}

static void do_halt(struct reply *reply) {
    char by[104];
    size_t cancelled = duet_core_halt(reply->core, false, "%s", who(reply, by));
    duet_json_uint(&reply->json, "cancelled", cancelled);
    duet_json_uint(&reply->json, "working", duet_portfolio_working_orders(reply->core->portfolio));
}

static void do_resume(struct reply *reply) {
    struct duet_core *core = reply->core;
    char by[104], reason[128];
    if (core->level != DUET_TRADING_HALTED) {
        refuse(reply, DUET_ESTATE, "not halted");
        return;
    }
    core->flattening = false;
    snprintf(reason, sizeof(reason), "resumed by %s", who(reply, by));
    duet_core_set_level(core, DUET_TRADING_REDUCING, "%s", reason);
}

static void do_flatten(struct reply *reply) {
    struct duet_core *core = reply->core;
    char by[104], reason[128];
    snprintf(reason, sizeof(reason), "flatten by %s", who(reply, by));
    size_t cancelled = duet_core_halt(core, true, "%s", reason);
    core->flattening = true;
    size_t closing = duet_core_close_positions(core);
    duet_json_uint(&reply->json, "cancelled", cancelled);
    duet_json_uint(&reply->json, "closing", closing);
    duet_json_uint(&reply->json, "working", duet_portfolio_working_orders(core->portfolio));
}

static void do_cancel_all(struct reply *reply) {
    duet_json_uint(&reply->json, "cancelled", duet_core_cancel_orders(reply->core));
    duet_json_uint(&reply->json, "working", duet_portfolio_working_orders(reply->core->portfolio));
}

static void do_cancel(struct reply *reply) {
    duet_bus_drain(reply->core->bus);
    duet_json_uint(&reply->json, "order", reply->command.order_id);
    enum duet_status status = duet_portfolio_cancel(reply->core->portfolio, reply->command.order_id);
    if (status != DUET_OK) {
        refuse(reply, status, duet_error_text());
    }
}

static void (*const verbs[])(struct reply *reply) = {
    [DUET_COMMAND_ARM] = do_arm,
    [DUET_COMMAND_HALT] = do_halt,
    [DUET_COMMAND_RESUME] = do_resume,
    [DUET_COMMAND_FLATTEN] = do_flatten,
    [DUET_COMMAND_CANCEL_ALL] = do_cancel_all,
    [DUET_COMMAND_CANCEL] = do_cancel,
};

void duet_core_take_command(struct duet_core *core, const struct duet_input *input) {
    struct reply reply = {.core = core};
    memcpy(&reply.command, input->bytes, sizeof(reply.command));
    reply.json.stream = open_memstream(&reply.text, &reply.size);
    if (reply.json.stream == NULL) {
        core->failure = duet_error(DUET_ENOMEM, "no memory for the reply to a command");
        return;
    }
    duet_core_roll_day(core, input->time_ns);
    duet_core_admit(core, input, DUET_EVENT_COMMAND);
    duet_json_open(&reply.json, NULL, '{');
    duet_json_string(&reply.json, "command", duet_command_name(reply.command.command));
    verbs[reply.command.command](&reply);
    duet_bus_drain(core->bus);
    duet_json_bool(&reply.json, "ok", reply.status == DUET_OK);
    duet_json_string(&reply.json, "trading", duet_trading_name(duet_core_trading(core)));
    duet_json_string(&reply.json, "reason", duet_core_trading_reason(core));
    duet_json_close(&reply.json, '}');
    if (fclose(reply.json.stream) == 0 && reply.command.request_id != 0) {
        duet_core_effect(core, &(struct duet_effect){.kind = DUET_EFFECT_REPLY,
                                   .request_id = reply.command.request_id,
                                   .status = reply.status,
                                   .text = reply.text});
    }
    free(reply.text);
    duet_core_check_losses(core);
}
