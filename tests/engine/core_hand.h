/*
 * A core on two instruments, AAA and BBB (two decimals, whole units), with minute bars that a test writes down one by
 * one. The strategy is the test's: what `hand.on_bar` points to is called with each bar, `hand.act` once with the next
 * bar of AAA. Outputs and effects are kept as lines.
 */
#ifndef DUET_TESTS_CORE_HAND_H
#define DUET_TESTS_CORE_HAND_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/rng.h"
#include "base/text.h"
#include "engine/host.h"
#include "engine/live/core.h"
#include "engine/live/live_config.h"
#include "support/suite.h"

#undef fail // of Check; the host table has a slot of that name

#define HAND_FIRST_NS (INT64_C(1704153600) * DUET_SECOND_NS) // 2024-01-02 00:00 UTC

struct hand {
    struct duet_config config;
    struct duet_plugin plugin;
    struct duet_instruments instruments;
    struct duet_core_series series[2];
    struct duet_zone *zone;
    struct duet_core *core;
    uint64_t number;
    int64_t now_ns; // of the last instant
    int64_t late_ns;
    uint32_t flags;
    void (*act)(struct duet_context *ctx);
    bool warm; // as seen by the last bar
    int bars;
    struct duet_text lines; // "3 FILL AAA 10 101.00", …; the number counts minutes
    struct duet_text effects;
    uint64_t outputs;
};

static struct hand hand;

static void hand_on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    hand.bars++;
    hand.warm = duet_is_warm(ctx);
    if (bar->instrument == 0 && hand.act != NULL) {
        void (*act)(struct duet_context *) = hand.act;
        hand.act = NULL;
        act(ctx);
    }
}

static int64_t hand_warm_up;
static double hand_protection;
static enum duet_status hand_init(struct duet_context *ctx, void *state) {
    duet_protect_entries(ctx, hand_protection);
    return duet_warm_up(ctx, hand_warm_up);
}

static const struct duet_strategy_impl hand_strategy = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "hand",
    .state_size = 8,
    .init = hand_init,
    .on_bar = hand_on_bar,
};

static inline int hand_minute(int64_t ns) {
    return (int)((ns - HAND_FIRST_NS) / DUET_MINUTE_NS);
}

static inline void hand_output(void *argument, const struct duet_event *event) {
    hand.outputs++;
    int minute = hand_minute(event->time_ns);
    if (event->type == DUET_EVENT_FILL) {
        duet_text_print(&hand.lines, "%d %s %s %d at %.2f, bar of %d\n", minute,
            event->fill.side > 0 ? "buys" : "sells", event->fill.instrument == 0 ? "AAA" : "BBB",
            (int)event->fill.quantity, (double)event->fill.price / 100, hand_minute(event->fill.timestamp_ns));
    } else if (event->type == DUET_EVENT_ORDER_STATUS) {
        const struct duet_order_status_event *status = &event->status;
        bool told = status->status == DUET_ORDER_DENIED || status->status == DUET_ORDER_REJECTED ||
                    status->status == DUET_ORDER_CANCELLED || status->status == DUET_ORDER_EXPIRED;
        if (told) {
            duet_text_print(&hand.lines, "%d %s %s\n", minute, duet_order_status_name(status->status),
                duet_reason_name(status->reason_code));
        }
    } else if (event->type == DUET_EVENT_COMMAND) {
        struct duet_trading_payload payload;
        memcpy(&payload, event->custom.data, sizeof(payload));
        duet_text_print(&hand.lines, "%d now %s (%s)\n", minute, duet_trading_name(payload.trading), payload.reason);
    }
}

static inline void hand_effect(void *argument, const struct duet_effect *effect) {
    if (effect->kind == DUET_EFFECT_ALERT) {
        duet_text_print(&hand.effects, "alert %s: %s\n", effect->code, effect->text);
    } else if (effect->kind == DUET_EFFECT_REPLY) {
        duet_text_print(&hand.effects, "reply %d %s\n", (int)effect->status, effect->text);
    } else if (effect->kind == DUET_EFFECT_SEND) {
        duet_text_print(&hand.effects, "send %s %" PRIu64 "\n",
            effect->event->order.action == DUET_SUBMIT ? "submit" : "cancel", effect->event->order.order_id);
    } else if (effect->kind == DUET_EFFECT_QUERY) {
        duet_text_print(&hand.effects, "query %" PRIu64 "\n", effect->order_id);
    }
}

/** Default configuration, not armed; may be changed until hand_open(). */
static inline void hand_config(void) {
    duet_text_finish(&hand.lines);
    duet_text_finish(&hand.effects);
    hand = (struct hand){.now_ns = HAND_FIRST_NS};
    hand_warm_up = 0;
    hand_protection = 0;
    duet_config_init(&hand.config);
    hand.config.live = duet_alloc(1, sizeof(*hand.config.live));
    duet_live_config_init(hand.config.live);
}

static inline struct duet_core *hand_core(void) {
    struct duet_core_options options = {.config = &hand.config,
        .plugin = &hand.plugin,
        .instruments = &hand.instruments,
        .series = hand.series,
        .series_count = 2,
        .zone = hand.zone,
        .output = hand_output,
        .effect = hand_effect};
    struct duet_core *core;
    ck_assert_msg(duet_core_create(&options, &core) == DUET_OK, "%s", duet_error_text());
    return core;
}

static inline void hand_open(void) {
    struct duet_instrument items[2] = {{.symbol = "AAA", .currency = "USD"}, {.symbol = "BBB", .currency = "USD"}};
    for (uint32_t i = 0; i < 2; i++) {
        items[i].price_decimals = 2;
        items[i].tick_scaled = items[i].lot_scaled = 1;
        items[i].multiplier = 1000000;
        hand.series[i] = (struct duet_core_series){
            .instrument = i, .price_decimals = 2, .interval_ns = DUET_MINUTE_NS, .primary = true, .executes = true};
    }
    ck_assert_int_eq(duet_instruments_create(items, 2, &hand.instruments), DUET_OK);
    ck_assert_int_eq(duet_zone_open("UTC", &hand.zone), DUET_OK);
    hand.plugin.impl = &hand_strategy;
    memset(hand.plugin.sha256, 'a', 64);
    hand.core = hand_core();
}

static inline void hand_close(void) {
    duet_core_destroy(hand.core);
    duet_instruments_finish(&hand.instruments);
    duet_zone_close(hand.zone);
    duet_config_finish(&hand.config);
    duet_text_finish(&hand.lines);
    duet_text_finish(&hand.effects);
}

static inline enum duet_status hand_try(enum duet_input_kind kind, int64_t time_ns, const void *bytes, size_t size) {
    struct duet_input input = {
        .number = ++hand.number, .time_ns = time_ns, .kind = (uint16_t)kind, .size = (uint32_t)size, .bytes = bytes};
    return duet_core_take(hand.core, &input);
}

static inline void hand_take(enum duet_input_kind kind, int64_t time_ns, const void *bytes, size_t size) {
    ck_assert_msg(hand_try(kind, time_ns, bytes, size) == DUET_OK, "%s", duet_error_text());
}

static inline struct duet_bar hand_bar(
    uint32_t instrument, int64_t close_ns, int64_t open, int64_t high, int64_t low, int64_t close) {
    return (struct duet_bar){.size = sizeof(struct duet_bar),
        .instrument = instrument,
        .open_ns = close_ns - DUET_MINUTE_NS,
        .close_ns = close_ns,
        .interval_ns = DUET_MINUTE_NS,
        .open = duet_unscale(open, 2),
        .high = duet_unscale(high, 2),
        .low = duet_unscale(low, 2),
        .close = duet_unscale(close, 2),
        .volume = 1,
        .open_scaled = open,
        .high_scaled = high,
        .low_scaled = low,
        .close_scaled = close,
        .price_decimals = 2};
}

/** An instant at which these bars close and the next ones open at `opens` (AAA, BBB; 0: does not). */
static inline void hand_instant(int64_t ns, const struct duet_bar *bars, uint32_t count, const int64_t opens[2],
    const uint32_t *missing, uint32_t missing_count) {
    struct duet_opening openings[2];
    struct duet_input_instant head = {
        .instant_ns = ns, .flags = hand.flags, .closing = count, .missing = missing_count};
    for (uint32_t i = 0; opens != NULL && i < 2; i++) {
        if (opens[i] != 0) {
            openings[head.opening++] = (struct duet_opening){
                .size = sizeof(openings[0]), .instrument = i, .open_ns = ns, .open_scaled = opens[i]};
        }
    }
    struct duet_text payload = {0};
    duet_input_write_instant(&payload, &head, bars, openings, missing);
    hand_take(DUET_INPUT_INSTANT, ns + hand.late_ns, payload.text, payload.length);
    duet_text_finish(&payload);
}

/** A minute passes: AAA's bar as given, which opens at what the caller says next; BBB stays at 50. */
static inline void hand_play(int64_t open, int64_t high, int64_t low, int64_t close, int64_t next_open) {
    hand.now_ns += DUET_MINUTE_NS;
    struct duet_bar bars[2] = {
        hand_bar(0, hand.now_ns, open, high, low, close), hand_bar(1, hand.now_ns, 5000, 5000, 5000, 5000)};
    hand_instant(hand.now_ns, bars, 2, (const int64_t[2]){next_open, 5000}, NULL, 0);
}

/** A minute in which nothing moves. */
static inline void hand_flat(int64_t price) {
    hand_play(price, price, price, price, price);
}

static inline void hand_forget(void) {
    duet_text_finish(&hand.lines);
    duet_text_finish(&hand.effects);
}

static inline void hand_command(enum duet_command command, const char *text) {
    struct duet_input_command payload = {.command = command, .request_id = 1, .origin = "test"};
    duet_text_copy(payload.text, sizeof(payload.text), text);
    hand_take(DUET_INPUT_COMMAND, hand.now_ns + DUET_SECOND_NS, &payload, sizeof(payload));
}

static inline int64_t hand_held(void) {
    return duet_portfolio_position(duet_core_portfolio(hand.core), 0)->quantity;
}

#define assert_lines(expected) ck_assert_str_eq(hand.lines.text != NULL ? hand.lines.text : "", (expected))
#define assert_effect(part)                                                                                      \
    ck_assert_msg(hand.effects.text != NULL && strstr(hand.effects.text, (part)) != NULL, "no %s in %s", (part), \
        hand.effects.text != NULL ? hand.effects.text : "")
#define assert_trading(name) ck_assert_str_eq(duet_trading_name(duet_core_trading(hand.core)), (name))

#endif
