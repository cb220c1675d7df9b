/*
 * A session that is saved and taken up again by a fresh core goes on as if nothing had been: outputs and effects byte
 * for byte, hashes, and what the fresh core saves in the end.
 */
#include "engine/core_stage.h"

#define SAVES 12

struct record {
    enum duet_input_kind kind;
    int64_t time_ns;
    void *bytes;
    size_t size;
};

struct saved {
    size_t after; // records
    size_t outputs, effects; // lengths then
    void *bytes;
    size_t size;
};

static struct core_stage stage;
static struct record *records;
static size_t record_count, record_capacity;

static void make_data(void) {
    duet_test_fresh_folder();
    stage_csv("a.csv", 1, 500, DUET_MINUTE_NS, 9);
    stage_csv("b.csv", 2, 500, DUET_MINUTE_NS, 3);
    stage_csv("h.csv", 3, 9, DUET_HOUR_NS, 0);
    stage_csv("d.csv", 4, 3, DUET_DAY_NS, 0);
}

static void record(enum duet_input_kind kind, int64_t time_ns, const void *bytes, size_t size) {
    if (record_count == record_capacity) {
        record_capacity = record_capacity == 0 ? 256 : 2 * record_capacity;
        records = duet_realloc(records, record_capacity, sizeof(*records));
    }
    void *copy = duet_alloc(1, size + 1);
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    records[record_count++] = (struct record){kind, time_ns, copy, size};
}

static void record_command(enum duet_command command, int64_t time_ns, uint64_t order_id) {
    struct duet_input_command payload = {
        .command = command, .request_id = record_count, .order_id = order_id, .origin = "test", .text = "why not"};
    record(DUET_INPUT_COMMAND, time_ns, &payload, sizeof(payload));
}

/** Something that is no bar, by chance. */
static void record_other(struct duet_rng *rng, int64_t now_ns) {
    static const enum duet_command commands[] = {DUET_COMMAND_ARM, DUET_COMMAND_ARM, DUET_COMMAND_HALT,
        DUET_COMMAND_RESUME, DUET_COMMAND_FLATTEN, DUET_COMMAND_CANCEL_ALL, DUET_COMMAND_CANCEL};
    struct duet_input_stale stale = {.series = (uint32_t)duet_rng_below(rng, 3), .stale = 1, .last_ns = 5};
    struct duet_input_restart restart = {.epoch = 2, .clean = 0};
    struct duet_input_dropped dropped = {.count = 3, .what = "quote"};
    int64_t price = 9000 + (int64_t)duet_rng_below(rng, 2000);
    struct duet_trade trade = {.size = sizeof(trade),
        .instrument = (uint32_t)duet_rng_below(rng, 2),
        .time_ns = now_ns,
        .price = (double)price / 100,
        .quantity = 5,
        .price_scaled = price,
        .quantity_scaled = 5};
    struct duet_quote quote = {.size = sizeof(quote),
        .time_ns = now_ns,
        .bid = (double)price / 100,
        .ask = (double)(price + 1) / 100,
        .bid_scaled = price,
        .ask_scaled = price + 1};
    static const char config[] = "strategy: x\nmax_position: 40\nlive:\n  max_daily_loss: 3000\n";
    switch (duet_rng_below(rng, 12)) {
    case 0:
        record(DUET_INPUT_STALE, now_ns, &stale, sizeof(stale));
        break;
    case 1:
        stale.series = UINT32_MAX;
        record(DUET_INPUT_STALE, now_ns, &stale, sizeof(stale));
        break;
    case 2:
        record(DUET_INPUT_RESTART, now_ns, &restart, sizeof(restart));
        record_command(DUET_COMMAND_ARM, now_ns, 0);
        break;
    case 3:
        record(DUET_INPUT_DROPPED, now_ns, &dropped, sizeof(dropped));
        break;
    case 4:
        record(DUET_INPUT_TRADE, now_ns, &trade, sizeof(trade));
        break;
    case 5:
        record(DUET_INPUT_QUOTE, now_ns, &quote, sizeof(quote));
        break;
    case 6:
        record(DUET_INPUT_CONFIG, now_ns, config, sizeof(config) - 1);
        break;
    case 7:
        record(DUET_INPUT_STOP, now_ns, NULL, 0);
        record(DUET_INPUT_RESTART, now_ns, &restart, sizeof(restart));
        record_command(DUET_COMMAND_ARM, now_ns, 0);
        break;
    default:
        record_command(commands[duet_rng_below(rng, 7)], now_ns, duet_rng_below(rng, 40));
        record_command(DUET_COMMAND_RESUME, now_ns + DUET_SECOND_NS, 0);
        record_command(DUET_COMMAND_ARM, now_ns, 0);
    }
}

/** The feed of the stage as records, with times, and with `others` a mixture of everything else. */
static void record_feed(uint64_t seed, bool others) {
    struct duet_rng rng;
    duet_rng_seed(&rng, seed);
    record_count = 0;
    record(DUET_INPUT_SESSION, 0, "text", 4);
    int64_t instant_ns;
    while ((instant_ns = stage_next_ns(&stage)) != INT64_MAX) {
        ck_assert(stage_build(&stage));
        if (duet_rng_below(&rng, 3) == 0) {
            record(DUET_INPUT_TIME, instant_ns - 20 * DUET_SECOND_NS, NULL, 0);
        }
        if (others && duet_rng_below(&rng, 5) == 0) {
            record_other(&rng, instant_ns - 10 * DUET_SECOND_NS);
        }
        record(DUET_INPUT_INSTANT, instant_ns + 3, stage.payload.text, stage.payload.length);
    }
    record(DUET_INPUT_END, INT64_C(1) << 60, NULL, 0);
}

static void take(size_t index) {
    const struct record *given = &records[index];
    struct duet_input input = {.number = index + 1,
        .time_ns = given->time_ns,
        .kind = (uint16_t)given->kind,
        .size = (uint32_t)given->size,
        .bytes = given->bytes};
    enum duet_status status = duet_core_take(stage.core, &input);
    ck_assert_msg(status == DUET_OK, "record %zu: %s", index, duet_error_text());
}

static void save(struct saved *saved, size_t after) {
    saved->after = after;
    saved->outputs = stage.outputs.length;
    saved->effects = stage.effects.length;
    ck_assert_msg(duet_core_save(stage.core, &saved->bytes, &saved->size) == DUET_OK, "%s", duet_error_text());
}

static void assert_same(const struct duet_text *got, size_t from, const struct duet_text *whole, const char *what) {
    ck_assert_msg(got->length == whole->length - from &&
                      (got->length == 0 || memcmp(got->text, whole->text + from, got->length) == 0),
        "%s after byte %zu: %zu bytes, expected %zu", what, from, got->length, whole->length - from);
}

/** Play everything, saving at SAVES random places and at the end; then from each of them on again. */
static void play_from_everywhere(uint64_t seed) {
    struct saved saves[SAVES + 1];
    struct duet_rng rng;
    duet_rng_seed(&rng, seed + 100);
    size_t chosen[SAVES];
    for (size_t i = 0; i < SAVES; i++) {
        chosen[i] = i == 0 ? 0 : (size_t)duet_rng_below(&rng, record_count);
    }
    size_t count = 0;
    for (size_t i = 0; i < record_count; i++) {
        for (size_t k = 0; k < SAVES; k++) {
            if (chosen[k] == i) {
                save(&saves[count++], i);
            }
        }
        take(i);
    }
    struct saved *last = &saves[count];
    ck_assert_uint_gt(stage.counts[DUET_EVENT_FILL], 0);
    save(last, record_count);
    struct duet_text outputs = stage.outputs, effects = stage.effects;
    stage.outputs = stage.effects = (struct duet_text){0};
    uint64_t event_hash = duet_core_event_hash(stage.core);
    for (size_t i = 0; i < count; i++) {
        duet_core_destroy(stage.core);
        stage.core = stage_core(&stage);
        ck_assert_msg(duet_core_load(stage.core, saves[i].bytes, saves[i].size) == DUET_OK, "%s", duet_error_text());
        struct saved again;
        save(&again, saves[i].after);
        ck_assert_uint_eq(again.size, saves[i].size);
        ck_assert_mem_eq(again.bytes, saves[i].bytes, again.size);
        free(again.bytes);
        stage_forget(&stage);
        for (size_t k = saves[i].after; k < record_count; k++) {
            take(k);
        }
        if (saves[i].after > 0) { // what on_start put out belongs to the first record
            assert_same(&stage.outputs, saves[i].outputs, &outputs, "outputs");
            assert_same(&stage.effects, saves[i].effects, &effects, "effects");
        }
        ck_assert_uint_eq(duet_core_event_hash(stage.core), event_hash);
        save(&again, record_count);
        ck_assert_uint_eq(again.size, last->size);
        ck_assert_mem_eq(again.bytes, last->bytes, again.size);
        free(again.bytes);
        free(saves[i].bytes);
    }
    free(last->bytes);
    duet_text_finish(&outputs);
    duet_text_finish(&effects);
    for (size_t i = 0; i < record_count; i++) {
        free(records[i].bytes);
    }
    stage_close(&stage);
}

static void open_busy(const char *calm, const char *seed) {
    stage_config(&stage);
    stage_plugin(&stage, "busy");
    stage_set(&stage, "param", calm);
    stage_set(&stage, "seed", seed);
    stage_set(&stage, "commission", "1bps");
    stage_data(&stage, "AAA", "a.csv", "");
    stage_data(&stage, "AAA", "h.csv", "interval=1h");
    stage_data(&stage, "BBB", "b.csv", "bars=5m+renko:0.5+tick:7");
}

START_TEST(a_run_is_taken_up_anywhere) {
    open_busy("calm=1", "1");
    stage_open(&stage);
    record_feed(1, false);
    play_from_everywhere(1);
}
END_TEST

START_TEST(bundled_strategies_are_taken_up_anywhere) {
    static const char *const names[] = {"buy_and_hold", "sma_cross", "trend", "seven"};
    for (size_t i = 0; i < 4; i++) {
        stage_config(&stage);
        if (i == 3) {
            stage_plugin(&stage, names[i]);
        } else {
            stage_set(&stage, "strategy", names[i]);
        }
        if (i == 1 || i == 2) {
            stage_set(&stage, "param", i == 1 ? "fast=3" : "fast_bars=3");
            stage_set(&stage, "param", i == 1 ? "slow=8" : "slow_bars=8");
        }
        stage_data(&stage, "AAA", "a.csv", "");
        stage_data(&stage, "BBB", "b.csv", "");
        stage_data(&stage, "BBB", "d.csv", "interval=1d");
        stage_open(&stage);
        record_feed(i, false);
        play_from_everywhere(i);
    }
}
END_TEST

START_TEST(whatever_came_in_is_taken_up_anywhere) {
    for (unsigned seed = 1; seed <= 3; seed++) {
        open_busy(seed == 1 ? "calm=1" : "calm=3", seed == 1 ? "7" : "8");
        stage.config.live->stop_loss = 0.002;
        stage.config.live->trailing = 0.003;
        stage.config.live->max_daily_loss = seed == 2 ? 500 * DUET_MONEY_ONE : 0;
        stage.config.live->on_halt_none = seed == 3;
        stage.config.opens_at_close = seed == 3;
        stage_open(&stage);
        record_feed(seed, true);
        play_from_everywhere(seed);
    }
}
END_TEST

START_TEST(what_is_not_its_own_is_refused) {
    open_busy("calm=1", "1");
    stage_open(&stage);
    for (int i = 0; i < 50; i++) {
        ck_assert(stage_step(&stage));
    }
    void *bytes;
    size_t size;
    ck_assert_int_eq(duet_core_save(stage.core, &bytes, &size), DUET_OK);
    struct duet_core *fresh = stage_core(&stage);
    unsigned char *text = bytes;
    text[size / 2] ^= 1;
    ck_assert_int_eq(duet_core_load(fresh, bytes, size), DUET_EDATA);
    text[size / 2] ^= 1;
    ck_assert_int_eq(duet_core_load(fresh, bytes, size - 8), DUET_EDATA);
    ck_assert_int_eq(duet_core_load(fresh, bytes, 3), DUET_EDATA);
    ck_assert_int_eq(duet_core_load(fresh, bytes, size), DUET_OK);
    duet_core_destroy(fresh);
    stage_set(&stage, "param", "calm=2");
    fresh = stage_core(&stage);
    ck_assert_int_eq(duet_core_load(fresh, bytes, size), DUET_EINVAL);
    duet_core_destroy(fresh);
    stage.series[0].interval_ns++;
    fresh = stage_core(&stage);
    ck_assert_int_eq(duet_core_load(fresh, bytes, size), DUET_EINVAL);
    duet_core_destroy(fresh);
    free(bytes);
    stage_close(&stage);
}
END_TEST

DUET_TEST_MAIN("core_save", make_data, a_run_is_taken_up_anywhere, bundled_strategies_are_taken_up_anywhere,
    whatever_came_in_is_taken_up_anywhere, what_is_not_its_own_is_refused)
