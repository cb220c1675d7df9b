/*
 * A stage for the core of a live session: series from CSV files that the stage makes up, fed as a feed would: one
 * INSTANT per time at which a bar closes or opens. What comes out is kept: outputs as bytes, effects as lines.
 */
#ifndef DUET_TESTS_CORE_STAGE_H
#define DUET_TESTS_CORE_STAGE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "base/text.h"
#include "engine/backtest.h"
#include "engine/cast.h"
#include "engine/live/core.h"
#include "engine/live/live_config.h"
#include "support/folder.h"
#include "support/suite.h"

#undef fail // of Check; the host table has a slot of that name

#define STAGE_FIRST_NS (INT64_C(1704153600) * DUET_SECOND_NS) // 2024-01-02 00:00 UTC

struct core_stage {
    struct duet_config config;
    struct duet_plugin plugin;
    struct duet_cast cast;
    struct duet_core_series *series;
    struct duet_core *core;
    uint64_t *next; // per series: index of the bar that closes next
    uint64_t *opening; // and of the one that opens next
    uint64_t number; // of the last input
    int64_t late_ns; // stamps are so much later than their instants
    uint32_t flags; // of every instant
    struct duet_text payload;
    /* what came out */
    struct duet_text outputs; // encoded events
    struct duet_text decisions; // orders and fills as lines, without the times at which they were told
    struct duet_text effects; // "alert halt …\n", "reply 3 0 {…}\n", "send 5\n"
    uint64_t counts[DUET_EVENT_TYPE_COUNT]; // of outputs
};

/** Minutes (or what `interval_ns` says) of a random walk around 100; about one in `gap` is missing, 0: none. */
static inline void stage_csv(const char *name, uint64_t seed, int bars, int64_t interval_ns, uint64_t gap) {
    FILE *file = fopen(duet_test_path(name), "w");
    ck_assert_ptr_nonnull(file);
    struct duet_rng rng;
    duet_rng_seed(&rng, seed);
    int64_t price = 10000;
    (void)fputs("time,open,high,low,close,volume\n", file);
    for (int i = 0; i < bars; i++) {
        int64_t open = price + (int64_t)duet_rng_below(&rng, 41) - 20, close = open;
        int64_t high = open, low = open;
        for (int k = 0; k < 4; k++) {
            close += (int64_t)duet_rng_below(&rng, 61) - 30;
            high = close > high ? close : high;
            low = close < low ? close : low;
        }
        price = close < 5000 ? 5000 : close;
        bool missing = gap > 0 && i > 0 && duet_rng_below(&rng, gap) == 0;
        if (!missing) {
            fprintf(file, "%" PRId64 ",%.2f,%.2f,%.2f,%.2f,%d\n", (STAGE_FIRST_NS + i * interval_ns) / DUET_SECOND_NS,
                (double)open / 100, (double)high / 100, (double)low / 100, (double)close / 100, 100 + i);
        }
    }
    ck_assert_int_eq(fclose(file), 0);
}

static inline void stage_set(struct core_stage *stage, const char *key, const char *value) {
    ck_assert_msg(duet_config_set(&stage->config, key, value, NULL) == DUET_OK, "%s", duet_error_text());
}

static inline void stage_data(struct core_stage *stage, const char *symbol, const char *file, const char *options) {
    char text[4200];
    snprintf(text, sizeof(text), "%s=%s%s%s", symbol, duet_test_path(file), options[0] != '\0' ? "," : "", options);
    stage_set(stage, "data", text);
}

static inline void stage_plugin(struct core_stage *stage, const char *name) {
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s.so", getenv("DUET_PLUGINS"), name);
    stage_set(stage, "strategy", path);
}

static inline void stage_config(struct core_stage *stage) {
    *stage = (struct core_stage){0};
    duet_config_init(&stage->config);
    stage_set(stage, "cache", "off");
    stage->config.live = duet_alloc(1, sizeof(*stage->config.live));
    duet_live_config_init(stage->config.live);
    stage->config.live->arm = true;
}

static inline void stage_output(void *argument, const struct duet_event *event) {
    struct core_stage *stage = argument;
    unsigned char bytes[DUET_EVENT_ENCODED_MAX];
    size_t size = duet_event_encode(event, bytes);
    duet_text_append(&stage->outputs, (const char *)bytes, size);
    stage->counts[event->type]++;
    if (event->type == DUET_EVENT_ORDER) {
        const struct duet_order_event *order = &event->order;
        duet_text_print(&stage->decisions, "order %" PRIu64 " %d %u %d %d %d %x %" PRId64 " %" PRId64 " %" PRId64 "\n",
            order->order_id, order->action, order->instrument, order->side, order->type, order->time_in_force,
            order->flags, order->quantity, order->price, order->stop_price);
    } else if (event->type == DUET_EVENT_FILL) {
        const struct duet_fill *fill = &event->fill;
        duet_text_print(&stage->decisions, "fill %" PRIu64 " %" PRId64 " %" PRId64 " %x at %" PRId64 "\n",
            fill->order_id, fill->quantity, fill->price, fill->flags, fill->timestamp_ns);
    }
}

static inline void stage_effect(void *argument, const struct duet_effect *effect) {
    struct core_stage *stage = argument;
    switch (effect->kind) {
    case DUET_EFFECT_ALERT:
        duet_text_print(&stage->effects, "alert %s %s\n", effect->code, effect->text);
        break;
    case DUET_EFFECT_REPLY:
        duet_text_print(
            &stage->effects, "reply %" PRIu64 " %d %s\n", effect->request_id, (int)effect->status, effect->text);
        break;
    case DUET_EFFECT_SEND:
        duet_text_print(
            &stage->effects, "send %u %" PRIu64 "\n", effect->event->order.action, effect->event->order.order_id);
        break;
    case DUET_EFFECT_QUERY:
        duet_text_print(&stage->effects, "query %" PRIu64 "\n", effect->order_id);
        break;
    case DUET_EFFECT_COMPUTE:
        duet_text_print(&stage->effects, "compute %" PRIu64 "\n", effect->compute->ticket);
        break;
    }
}

static inline bool stage_has(const struct core_stage *stage, const char *line) {
    return stage->effects.text != NULL && strstr(stage->effects.text, line) != NULL;
}

static inline struct duet_core *stage_core(struct core_stage *stage) {
    struct duet_core_options options = {.config = &stage->config,
        .plugin = &stage->plugin,
        .instruments = &stage->cast.instruments,
        .series = stage->series,
        .series_count = (uint32_t)stage->cast.count,
        .zone = stage->cast.zone,
        .output = stage_output,
        .effect = stage_effect,
        .argument = stage};
    struct duet_core *core;
    ck_assert_msg(duet_core_create(&options, &core) == DUET_OK, "%s", duet_error_text());
    return core;
}

/** Opens plugin and data, creates the core. */
static inline void stage_open(struct core_stage *stage) {
    ck_assert_msg(duet_plugin_open(stage->config.strategy, &stage->plugin) == DUET_OK, "%s", duet_error_text());
    ck_assert_msg(duet_cast_open(&stage->config, NULL, NULL, &stage->cast) == DUET_OK, "%s", duet_error_text());
    size_t count = stage->cast.count;
    stage->series = duet_alloc(count, sizeof(*stage->series));
    stage->next = duet_alloc(count, sizeof(*stage->next));
    stage->opening = duet_alloc(count, sizeof(*stage->opening));
    for (size_t i = 0; i < count; i++) {
        const struct duet_cast_series *item = &stage->cast.items[i];
        stage->series[i] = (struct duet_core_series){.instrument = item->series->instrument,
            .price_decimals = item->series->info.price_decimals,
            .interval_ns = item->series->interval_ns,
            .primary = item->primary,
            .executes = item->executes};
        duet_text_copy(stage->series[i].tz, sizeof(stage->series[i].tz), item->series->info.tz);
    }
    stage->core = stage_core(stage);
    for (size_t i = 0; i < count; i++) {
        uint64_t warm_up = (uint64_t)duet_host_warm_up_bars(duet_core_host(stage->core));
        stage->next[i] = stage->opening[i] =
            duet_cast_range(&stage->cast, i, &stage->config, warm_up, duet_core_made(stage->core)).start;
    }
}

static inline enum duet_status stage_take(
    struct core_stage *stage, enum duet_input_kind kind, int64_t time_ns, const void *bytes, size_t size) {
    struct duet_input input = {
        .number = ++stage->number, .time_ns = time_ns, .kind = (uint16_t)kind, .size = (uint32_t)size, .bytes = bytes};
    return duet_core_take(stage->core, &input);
}

/** When the feed has something next; INT64_MAX at its end. */
static inline int64_t stage_next_ns(const struct core_stage *stage) {
    int64_t next_ns = INT64_MAX;
    for (size_t i = 0; i < stage->cast.count; i++) {
        const struct duet_series *series = stage->cast.items[i].series;
        if (stage->next[i] < series->count && duet_series_close_ns(series, stage->next[i]) < next_ns) {
            next_ns = duet_series_close_ns(series, stage->next[i]);
        }
        if (stage->cast.items[i].executes && stage->opening[i] < series->count &&
            duet_series_open_ns(series, stage->opening[i]) < next_ns) {
            next_ns = duet_series_open_ns(series, stage->opening[i]);
        }
    }
    return next_ns;
}

/** Build the next INSTANT into stage->payload; false: the data is over. */
static inline bool stage_build(struct core_stage *stage) {
    struct duet_bar bars[16];
    struct duet_opening openings[16];
    struct duet_input_instant head = {.instant_ns = stage_next_ns(stage), .flags = stage->flags};
    if (head.instant_ns == INT64_MAX) {
        return false;
    }
    ck_assert_uint_le(stage->cast.count, 16);
    for (size_t i = 0; i < stage->cast.count; i++) {
        const struct duet_series *series = stage->cast.items[i].series;
        if (stage->next[i] < series->count && duet_series_close_ns(series, stage->next[i]) == head.instant_ns) {
            duet_series_bar(series, stage->next[i]++, &bars[head.closing++]);
        }
    }
    for (uint32_t instrument = 0; instrument < stage->cast.instruments.count; instrument++) {
        for (size_t i = 0; i < stage->cast.count; i++) {
            const struct duet_series *series = stage->cast.items[i].series;
            if (series->instrument == instrument && stage->cast.items[i].executes &&
                stage->opening[i] < series->count &&
                duet_series_open_ns(series, stage->opening[i]) == head.instant_ns) {
                openings[head.opening++] = (struct duet_opening){.size = sizeof(struct duet_opening),
                    .instrument = instrument,
                    .open_ns = head.instant_ns,
                    .open_scaled = duet_series_open_scaled(series, stage->opening[i]++)};
            }
        }
    }
    if ((stage->flags & DUET_INSTANT_OPENS_AT_CLOSE) != 0) {
        head.opening = 0; // such a feed does not know them
    }
    duet_input_write_instant(&stage->payload, &head, bars, openings, NULL);
    return true;
}

/** The next instant of the feed; false: the data is over. */
static inline bool stage_step(struct core_stage *stage) {
    int64_t instant_ns = stage_next_ns(stage);
    if (!stage_build(stage)) {
        return false;
    }
    ck_assert_msg(stage_take(stage, DUET_INPUT_INSTANT, instant_ns + stage->late_ns, stage->payload.text,
                      stage->payload.length) == DUET_OK,
        "%s", duet_error_text());
    return true;
}

static inline void stage_end(struct core_stage *stage, int64_t time_ns) {
    ck_assert_int_eq(stage_take(stage, DUET_INPUT_END, time_ns, NULL, 0), DUET_OK);
}

static inline void stage_command(struct core_stage *stage, enum duet_command command, int64_t time_ns) {
    struct duet_input_command payload = {.command = command, .request_id = stage->number + 1, .origin = "test"};
    ck_assert_int_eq(stage_take(stage, DUET_INPUT_COMMAND, time_ns, &payload, sizeof(payload)), DUET_OK);
}

static inline void stage_forget(struct core_stage *stage) {
    stage->outputs.length = stage->effects.length = 0;
    if (stage->effects.text != NULL) {
        stage->effects.text[0] = '\0';
    }
    memset(stage->counts, 0, sizeof(stage->counts));
}

static inline void stage_close(struct core_stage *stage) {
    duet_core_destroy(stage->core);
    duet_cast_close(&stage->cast);
    duet_plugin_close(&stage->plugin);
    duet_config_finish(&stage->config);
    free(stage->series);
    free(stage->next);
    free(stage->opening);
    duet_text_finish(&stage->payload);
    duet_text_finish(&stage->outputs);
    duet_text_finish(&stage->decisions);
    duet_text_finish(&stage->effects);
}

#endif
