/*
 * A small stage for live sessions: two instruments with minute bars of a made-up walk, fed instant by instant to a
 * session whose clock stands where the feed is. No loop: a turn is run where the test says so.
 */
#ifndef DUET_TESTS_LIVE_STAGE_H
#define DUET_TESTS_LIVE_STAGE_H

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/live/live_config.h"
#include "engine/live/session.h"
#include "support/folder.h"
#include "support/suite.h"

#define LIVE_INSTRUMENTS 2
#define LIVE_BEGIN_NS INT64_C(1709287200000000000) // 2024-03-01 10:00 UTC
#define LIVE_BARS_MAX 512

#define live_ok(call) ck_assert_msg((call) == DUET_OK, "%s: %s", #call, duet_error_text())

struct live_stage {
    struct duet_config config;
    struct duet_plugin plugin;
    struct duet_instruments instruments;
    struct duet_core_series series[LIVE_INSTRUMENTS];
    struct duet_zone *zone;
    struct duet_clock clock;
    struct duet_session_options options;
    struct duet_session *session;
    int64_t closes[LIVE_BARS_MAX][LIVE_INSTRUMENTS];
};

/** Everything but the session itself; `strategy` as in a configuration. The session's file is `name`. */
static inline void live_stage_init(struct live_stage *stage, const char *strategy, const char *name) {
    *stage = (struct live_stage){.clock = duet_clock_virtual(LIVE_BEGIN_NS)};
    duet_config_init(&stage->config);
    live_ok(duet_config_set(&stage->config, "strategy", strategy, NULL));
    live_ok(duet_config_set(&stage->config, "commission", "0.1%", NULL));
    live_ok(duet_plugin_open(strategy, &stage->plugin));
    struct duet_live_config *live = duet_config_live(&stage->config);
    live_ok(duet_live_config_set(live, "session", duet_test_path(name), NULL));
    live_ok(duet_live_config_set(live, "name", "stage", NULL));
    struct duet_instrument items[LIVE_INSTRUMENTS] = {
        {.symbol = "AAA", .currency = "USD"}, {.symbol = "BBB", .currency = "USD"}};
    for (uint32_t i = 0; i < LIVE_INSTRUMENTS; i++) {
        items[i].price_decimals = 2;
        items[i].tick_scaled = items[i].lot_scaled = 1;
        items[i].multiplier = 1000000;
        stage->series[i] = (struct duet_core_series){
            .instrument = i, .price_decimals = 2, .interval_ns = DUET_MINUTE_NS, .primary = true, .executes = true};
    }
    live_ok(duet_instruments_create(items, LIVE_INSTRUMENTS, &stage->instruments));
    live_ok(duet_zone_open("UTC", &stage->zone));
    stage->options = (struct duet_session_options){.config = &stage->config,
        .live = live,
        .plugin = &stage->plugin,
        .instruments = &stage->instruments,
        .series = stage->series,
        .series_count = LIVE_INSTRUMENTS,
        .zone = stage->zone,
        .clock = &stage->clock};
    uint64_t state = 12345;
    for (int bar = 0; bar < LIVE_BARS_MAX; bar++) {
        for (int i = 0; i < LIVE_INSTRUMENTS; i++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            int64_t step = (int64_t)(state >> 33) % 101 - 50;
            stage->closes[bar][i] = (bar == 0 ? 10000 + 1000 * i : stage->closes[bar - 1][i]) + step;
        }
    }
}

static inline void live_stage_open(struct live_stage *stage) {
    live_ok(duet_session_open(&stage->options, &stage->session));
}

/** As a crash would leave it. */
static inline void live_stage_crash(struct live_stage *stage) {
    duet_session_close(stage->session);
    stage->session = NULL;
}

static inline void live_stage_finish(struct live_stage *stage) {
    duet_session_close(stage->session);
    duet_zone_close(stage->zone);
    duet_instruments_finish(&stage->instruments);
    duet_plugin_close(&stage->plugin);
    duet_config_finish(&stage->config);
}

/** Turns until nothing is left to do. */
static inline void live_run(struct live_stage *stage) {
    struct duet_source *source = duet_session_source(stage->session);
    int64_t wake_ns;
    while (source->run(source, 256, &wake_ns) == DUET_SOURCE_MORE) {
    }
}

static inline void live_command(struct live_stage *stage, enum duet_command command) {
    struct duet_input_command input = {.command = command};
    input.request_id = duet_session_request_id(stage->session);
    duet_text_copy(input.origin, sizeof(input.origin), "api");
    duet_text_copy(input.text, sizeof(input.text), "test");
    live_ok(duet_session_admit(stage->session, DUET_INPUT_COMMAND, &input, sizeof(input), 0));
    live_run(stage);
}

static inline int64_t live_instant_ns(int bar) {
    return LIVE_BEGIN_NS + (bar + 1) * DUET_MINUTE_NS;
}

static inline struct duet_bar live_bar(const struct live_stage *stage, int bar, uint32_t instrument) {
    int64_t close = stage->closes[bar][instrument];
    int64_t open = bar == 0 ? close : stage->closes[bar - 1][instrument];
    int64_t high = (open > close ? open : close) + 5, low = (open < close ? open : close) - 5;
    return (struct duet_bar){.size = sizeof(struct duet_bar),
        .instrument = instrument,
        .open_ns = live_instant_ns(bar) - DUET_MINUTE_NS,
        .close_ns = live_instant_ns(bar),
        .interval_ns = DUET_MINUTE_NS,
        .open = (double)open / 100,
        .high = (double)high / 100,
        .low = (double)low / 100,
        .close = (double)close / 100,
        .volume = 7,
        .open_scaled = open,
        .high_scaled = high,
        .low_scaled = low,
        .close_scaled = close,
        .price_decimals = 2};
}

/** Bars number `bar` close and the next ones open, at the same price. Admitted, not run. */
static inline enum duet_status live_admit_bar(struct live_stage *stage, int bar) {
    struct {
        struct duet_input_instant head;
        struct duet_bar closing[LIVE_INSTRUMENTS];
        struct duet_opening opening[LIVE_INSTRUMENTS];
    } payload = {
        .head = {.instant_ns = live_instant_ns(bar), .closing = LIVE_INSTRUMENTS, .opening = LIVE_INSTRUMENTS}};
    for (uint32_t i = 0; i < LIVE_INSTRUMENTS; i++) {
        payload.closing[i] = live_bar(stage, bar, i);
        payload.opening[i] = (struct duet_opening){.size = sizeof(struct duet_opening),
            .instrument = i,
            .open_ns = live_instant_ns(bar),
            .open_scaled = stage->closes[bar][i]};
    }
    stage->clock.virtual_ns = live_instant_ns(bar);
    return duet_session_admit(stage->session, DUET_INPUT_INSTANT, &payload, sizeof(payload), (uint64_t)bar + 1);
}

/** Bars from where the session stands up to `end`, one instant a turn. */
static inline void live_play(struct live_stage *stage, int end) {
    int64_t last_ns = duet_session_last_instant_ns(stage->session);
    int bar = last_ns == INT64_MIN ? 0 : (int)((last_ns - LIVE_BEGIN_NS) / DUET_MINUTE_NS);
    for (; bar < end; bar++) {
        live_ok(live_admit_bar(stage, bar));
        live_run(stage);
    }
}

#endif
