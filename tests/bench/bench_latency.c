/*
 * From a tick to an order, in process: a bar is admitted to a session, and its order may be sent. One turn with the
 * commit on disk, and with the journal on a file system in memory, where a sync costs nothing. Through sockets and a
 * real duetd: bench_gateway.c.
 *
 * The strategy changes its mind with every bar, so every bar is an order.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "engine/live/session.h"

#include "bench/bench_echo.h"

#define TRIPS 400
#define ROUNDS 5
#define GAP_NS 2000000

/* ---- in process ---- */

struct stage {
    struct duet_config config;
    struct duet_plugin plugin;
    struct duet_instruments instruments;
    struct duet_zone *zone;
    struct duet_clock clock;
    struct duet_bus *bus;
    struct duet_loop *loop;
    struct duet_session *session;
    int64_t sent_ns;
};

static void note_send(void *argument, const struct duet_event *order) {
    ((struct stage *)argument)->sent_ns = bench_now_ns();
}

static enum duet_status stage_configure(struct stage *stage, const char *journal) {
    duet_config_init(&stage->config);
    stage->config.live = duet_alloc(1, sizeof(*stage->config.live)); // the configuration's from here on
    duet_live_config_init(stage->config.live);
    const char *const run[][2] = {{"strategy", "sma_cross"}, {"param", "fast=1"}, {"param", "slow=2"},
        {"param", "size=1"}, {"cash", "1000000000"}};
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < sizeof(run) / sizeof(run[0]); i++) {
        status = duet_config_set(&stage->config, run[i][0], run[i][1], NULL);
    }
    const char *const live[][2] = {
        {"session", journal}, {"feed", "gateway"}, {"broker", "gateway"}, {"gateway", "127.0.0.1:1"}};
    for (size_t i = 0; status == DUET_OK && i < sizeof(live) / sizeof(live[0]); i++) {
        status = duet_live_config_set(stage->config.live, live[i][0], live[i][1], NULL);
    }
    return status;
}

static enum duet_status stage_open(struct stage *stage, const char *journal) {
    static const struct duet_core_series series = {
        .price_decimals = 2, .interval_ns = DUET_MINUTE_NS, .primary = true, .executes = true};
    struct duet_instrument instrument = {.symbol = "X",
        .currency = "USD",
        .price_decimals = 2,
        .tick_scaled = 1,
        .lot_scaled = 1,
        .multiplier = 1000000};
    enum duet_status status = stage_configure(stage, journal);
    if (status == DUET_OK) {
        status = duet_plugin_open("sma_cross", &stage->plugin);
    }
    if (status == DUET_OK) {
        status = duet_instruments_create(&instrument, 1, &stage->instruments);
    }
    if (status == DUET_OK) {
        status = duet_zone_open("UTC", &stage->zone);
    }
    stage->clock = duet_clock_virtual(DUET_MINUTE_NS);
    struct duet_session_options options = {.config = &stage->config,
        .live = stage->config.live,
        .plugin = &stage->plugin,
        .instruments = &stage->instruments,
        .series = &series,
        .series_count = 1,
        .zone = stage->zone,
        .clock = &stage->clock,
        .send = note_send,
        .argument = stage};
    return status == DUET_OK ? duet_session_open(&options, &stage->session) : status;
}

static void stage_close(struct stage *stage) {
    duet_session_close(stage->session);
    duet_zone_close(stage->zone);
    duet_instruments_finish(&stage->instruments);
    duet_plugin_close(&stage->plugin);
    duet_config_finish(&stage->config);
}

static void turn(struct stage *stage) {
    int64_t wake_ns;
    struct duet_source *source = duet_session_source(stage->session);
    while (source->run(source, 256, &wake_ns) == DUET_SOURCE_MORE) {
    }
}

static void admit(struct stage *stage, enum duet_input_kind kind, const void *bytes, size_t size) {
    if (duet_session_admit(stage->session, kind, bytes, size, 0) != DUET_OK) {
        fprintf(stderr, "bench_latency: %s\n", duet_error_text());
    }
}

/** The gateway's word on the order that was just sent: filled, so that the next one is free. */
static void answer(struct stage *stage, uint64_t order_id, int side, int64_t price) {
    struct duet_input_report report = {.order_id = order_id,
        .status = DUET_ORDER_FILLED,
        .side = (int8_t)side,
        .fill_quantity = 1,
        .fill_price = price,
        .cumulative = 1,
        .venue_ns = stage->clock.virtual_ns};
    snprintf(report.fill_id, sizeof(report.fill_id), "f%llu", (unsigned long long)order_id);
    admit(stage, DUET_INPUT_REPORT, &report, sizeof(report));
}

static void bar_of(struct stage *stage, int64_t price, void *bytes) {
    int64_t close_ns = stage->clock.virtual_ns += DUET_MINUTE_NS;
    struct duet_input_instant *instant = bytes;
    *instant = (struct duet_input_instant){.instant_ns = close_ns, .closing = 1};
    double value = (double)price / 100;
    *(struct duet_bar *)(void *)(instant + 1) = (struct duet_bar){.size = sizeof(struct duet_bar),
        .open_ns = close_ns - DUET_MINUTE_NS,
        .close_ns = close_ns,
        .interval_ns = DUET_MINUTE_NS,
        .open = value,
        .high = value,
        .low = value,
        .close = value,
        .volume = 1,
        .open_scaled = price,
        .high_scaled = price,
        .low_scaled = price,
        .close_scaled = price,
        .price_decimals = 2};
}

static void make_ready(struct stage *stage) {
    struct duet_input_connection up = {.link = DUET_LINK_FEED | DUET_LINK_BROKER, .up = 1, .epoch = 1};
    admit(stage, DUET_INPUT_CONNECTION, &up, sizeof(up));
    struct duet_input_reconciled told = {.link = DUET_LINK_BROKER, .epoch = 1};
    admit(stage, DUET_INPUT_RECONCILED, &told, sizeof(told));
    struct duet_input_command arm = {.command = DUET_COMMAND_ARM};
    union {
        unsigned char bytes[sizeof(struct duet_input_instant) + sizeof(struct duet_bar)];
        int64_t aligned;
    } bar;
    for (int i = 0; i < 3; i++) {
        bar_of(stage, 10000, bar.bytes);
        admit(stage, DUET_INPUT_INSTANT, bar.bytes, sizeof(bar.bytes));
    }
    admit(stage, DUET_INPUT_COMMAND, &arm, sizeof(arm));
    turn(stage);
}

/** Microseconds from the admission of each of TRIPS bars to its order's release. Returns how many had one. */
static size_t run_in_process(struct stage *stage, double *us) {
    union {
        unsigned char bytes[sizeof(struct duet_input_instant) + sizeof(struct duet_bar)];
        int64_t aligned;
    } bar;
    size_t count = 0;
    struct duet_portfolio *portfolio = duet_core_portfolio(duet_session_core(stage->session));
    for (int i = 0; i < TRIPS; i++) {
        int64_t price = i % 2 == 0 ? 10100 : 10000;
        bar_of(stage, price, bar.bytes);
        stage->sent_ns = 0;
        bench_sleep_ns(GAP_NS / 4);
        int64_t begun_ns = bench_now_ns();
        admit(stage, DUET_INPUT_INSTANT, bar.bytes, sizeof(bar.bytes));
        turn(stage);
        if (stage->sent_ns == 0) {
            continue;
        }
        us[count++] = (double)(stage->sent_ns - begun_ns) / 1e3;
        struct duet_portfolio_counts counts;
        duet_portfolio_get_counts(portfolio, &counts);
        answer(stage, counts.orders, i % 2 == 0 ? DUET_BUY : DUET_SELL, price);
        turn(stage);
    }
    return count;
}

/** What the disk takes for a page at the end of a file, as a write-ahead log does it. Median, microseconds. */
static double bare_sync_us(const char *folder) {
    char path[160];
    static const char page[4096];
    snprintf(path, sizeof(path), "%s/bench-%d.sync", folder, (int)getpid());
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) {
        return 0;
    }
    double us[TRIPS];
    size_t count = 0;
    while (count < TRIPS) {
        bench_sleep_ns(GAP_NS / 4);
        int64_t begun_ns = bench_now_ns();
        if (write(fd, page, sizeof(page)) != (ssize_t)sizeof(page) || fdatasync(fd) != 0) {
            break;
        }
        us[count++] = (double)(bench_now_ns() - begun_ns) / 1e3;
    }
    close(fd);
    unlink(path);
    return count > 0 ? bench_quantile(us, count, 0.5) : 0;
}

static void measure_in_process(const char *folder, const char *p50_row, const char *p99_row) {
    double p50[ROUNDS], p99[ROUNDS], us[TRIPS];
    double floor_us = bare_sync_us(folder);
    size_t rounds = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char path[160];
        snprintf(path, sizeof(path), "%s/bench-%d-%d.db", folder, (int)getpid(), i);
        struct stage stage = {0};
        if (stage_open(&stage, path) != DUET_OK) {
            fprintf(stderr, "bench_latency: %s\n", duet_error_text());
            return;
        }
        make_ready(&stage);
        size_t count = run_in_process(&stage, us);
        if (count > TRIPS / 2) {
            p50[rounds] = bench_quantile(us, count, 0.5);
            p99[rounds++] = bench_quantile(us, count, 0.99);
        } else {
            fprintf(stderr, "bench_latency: %zu orders for %d bars\n", count, TRIPS);
        }
        stage_close(&stage);
        const char *const parts[] = {"", "-wal", "-shm", ".lock"};
        for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++) {
            char name[180];
            snprintf(name, sizeof(name), "%s%s", path, parts[part]);
            unlink(name);
        }
    }
    if (rounds > 0) {
        bench_row(p50_row, "us", p50, rounds, "write and fdatasync", floor_us, 0);
        bench_row(p99_row, "us", p99, rounds, NULL, 0, 0);
    }
}

void bench_latency(void) {
    measure_in_process(".", "tick_to_intent_durable_p50", "tick_to_intent_durable_p99");
    measure_in_process("/dev/shm", "tick_to_intent_memory_p50", "tick_to_intent_memory_p99");
}
