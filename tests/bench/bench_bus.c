/*
 * What an event costs: bars by pointer to one and four subscribers with stamp, sequence and hash, on the inline path
 * that the conductor takes and through the public calls; derived events through the ring; the mailbox on one thread; a
 * schedule of as many timers as there are bars. Handlers are not inlined and read the bar, as a
 * strategy would. Bars come from an array in the first-level cache, so memory is not what is measured.
 */
#include "bench/bench.h"

#include <stdlib.h>

#include "base/assert.h"
#include "bus/bus_private.h"

#define BARS 128
#define ROUNDS 320
#define REPETITIONS 61

static struct duet_bar bars[BARS];

struct sink {
    uint64_t sum;
    uint64_t count;
};

static enum duet_status take_bar(void *receiver, const struct duet_event *event) {
    struct sink *sink = receiver;
    sink->sum += (uint64_t)event->bar->close_scaled;
    return DUET_OK;
}
static enum duet_status take_custom(void *receiver, const struct duet_event *event) {
    struct sink *sink = receiver;
    sink->count += event->custom.tag;
    return DUET_OK;
}

static struct duet_bus *bus_with(enum duet_event_type type, duet_handler handler, struct sink *sinks, int subscribers) {
    struct duet_bus *bus;
    enum duet_status status = duet_bus_create(&(struct duet_bus_options){0}, &bus);
    for (int i = 0; i < subscribers && status == DUET_OK; i++) {
        status = duet_bus_subscribe(bus, type, handler, &sinks[i], NULL, NULL);
    }
    DUET_ASSERT(status == DUET_OK);
    return bus;
}

static void make_bars(void) {
    for (int64_t i = 0; i < BARS; i++) {
        bars[i] = (struct duet_bar){.size = sizeof(bars[i]),
            .open_ns = i * DUET_MINUTE_NS,
            .close_ns = (i + 1) * DUET_MINUTE_NS,
            .interval_ns = DUET_MINUTE_NS,
            .open = 1.5,
            .high = 1.75,
            .low = 1.25,
            .close = 1.5 + 0.01 * (double)(i % 7),
            .volume = (double)(100 + i),
            .open_scaled = 150,
            .high_scaled = 175,
            .low_scaled = 125,
            .close_scaled = 150 + i % 7,
            .price_decimals = 2};
    }
}

/** The floor: the same handlers called through pointers, with no bus. */
static double direct_ns(int subscribers) {
    struct sink sinks[4] = {0};
    duet_handler handlers[4] = {take_bar, take_bar, take_bar, take_bar};
    __asm__ volatile("" : : "r"(handlers) : "memory"); // not to be seen through
    struct duet_event event = {.type = DUET_EVENT_BAR};
    int64_t begin = bench_now_ns();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BARS; i++) {
            event.bar = &bars[i];
            for (int k = 0; k < subscribers; k++) {
                (void)handlers[k](&sinks[k], &event);
            }
        }
    }
    double ns = (double)(bench_now_ns() - begin) / (ROUNDS * BARS);
    bench_keep(sinks[0].sum);
    return ns;
}

enum path { CALLS, INLINE, INLINE_DRAIN };

/** `path` is a constant where this is inlined, so that each path is measured without tests for the others. */
static inline __attribute__((always_inline)) double bars_ns(int subscribers, enum path path) {
    struct sink sinks[4] = {0};
    struct duet_bus *bus = bus_with(DUET_EVENT_BAR, take_bar, sinks, subscribers);
    struct duet_event event = {.type = DUET_EVENT_BAR};
    int64_t begin = bench_now_ns();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BARS; i++) {
            event.event_ns = bars[i].close_ns;
            event.bar = &bars[i];
            if (path == CALLS) {
                duet_bus_admit(bus, &event, bars[i].close_ns);
                (void)duet_bus_dispatch(bus, &event);
            } else {
                duet_bus_admit_bar(bus, &event, bars[i].close_ns);
                (void)duet_bus_deliver(bus, &event, DUET_EVENT_BAR);
            }
            if (path == INLINE_DRAIN) {
                duet_bus_drain_inline(bus);
            }
        }
    }
    double ns = (double)(bench_now_ns() - begin) / (ROUNDS * BARS);
    DUET_ASSERT(sinks[0].sum != 0);
    bench_keep(duet_bus_event_hash(bus));
    duet_bus_destroy(bus);
    return ns;
}

static double ring_ns(void) {
    struct sink sink = {0};
    struct duet_bus *bus = bus_with(DUET_EVENT_CUSTOM, take_custom, &sink, 1);
    struct duet_event root = {.type = DUET_EVENT_TIMER};
    struct duet_event event = {.type = DUET_EVENT_CUSTOM, .custom = {.size = sizeof(event.custom), .tag = 1}};
    int64_t begin = bench_now_ns();
    for (int round = 0; round < ROUNDS; round++) {
        duet_bus_admit(bus, &root, round);
        for (int i = 0; i < BARS; i++) {
            (void)duet_bus_publish(bus, &event);
        }
        duet_bus_drain(bus);
    }
    double ns = (double)(bench_now_ns() - begin) / (ROUNDS * BARS);
    DUET_ASSERT(sink.count == (uint64_t)ROUNDS * BARS);
    duet_bus_destroy(bus);
    return ns;
}

static double mailbox_ns(void) {
    struct sink sink = {0};
    struct duet_bus *bus = bus_with(DUET_EVENT_CUSTOM, take_custom, &sink, 1);
    struct duet_event event = {.type = DUET_EVENT_CUSTOM, .custom = {.size = sizeof(event.custom), .tag = 1}};
    int64_t begin = bench_now_ns();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BARS; i++) {
            if (duet_bus_post(bus, &event) != DUET_OK) {
                abort();
            }
        }
        (void)duet_bus_take_posted(bus, round, SIZE_MAX);
    }
    double ns = (double)(bench_now_ns() - begin) / (ROUNDS * BARS);
    DUET_ASSERT(sink.count == (uint64_t)ROUNDS * BARS);
    duet_bus_destroy(bus);
    return ns;
}

static double schedule_ns(void) {
    struct sink sink = {0};
    struct duet_bus *bus = bus_with(DUET_EVENT_CUSTOM, take_custom, &sink, 1);
    struct duet_event event = {.type = DUET_EVENT_CUSTOM, .custom = {.size = sizeof(event.custom), .tag = 1}};
    int64_t begin = bench_now_ns();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BARS; i++) {
            if (duet_bus_schedule(bus, (i * 37) % BARS + round * BARS, DUET_CLASS_TIMER, &event, NULL) != DUET_OK) {
                abort();
            }
        }
        (void)duet_bus_run_scheduled(bus, INT64_MAX, DUET_CLASS_OPENING);
    }
    double ns = (double)(bench_now_ns() - begin) / (ROUNDS * BARS);
    DUET_ASSERT(sink.count == (uint64_t)ROUNDS * BARS);
    duet_bus_destroy(bus);
    return ns;
}

void bench_bus(void) {
    make_bars();
    // Interleaved, so that a busy phase of the machine hits every row.
    enum { ONE, FOUR, ONE_CALLS, FOUR_CALLS, ONE_DRAIN, RING, MAILBOX, SCHEDULE, DIRECT_ONE, DIRECT_FOUR, ROWS };
    static double samples[ROWS][REPETITIONS];
    for (int i = 0; i < REPETITIONS; i++) {
        samples[DIRECT_ONE][i] = direct_ns(1);
        samples[ONE][i] = bars_ns(1, INLINE);
        samples[ONE_DRAIN][i] = bars_ns(1, INLINE_DRAIN);
        samples[ONE_CALLS][i] = bars_ns(1, CALLS);
        samples[DIRECT_FOUR][i] = direct_ns(4);
        samples[FOUR][i] = bars_ns(4, INLINE);
        samples[FOUR_CALLS][i] = bars_ns(4, CALLS);
        samples[RING][i] = ring_ns();
        samples[MAILBOX][i] = mailbox_ns();
        samples[SCHEDULE][i] = schedule_ns();
    }
    double one = bench_min(samples[DIRECT_ONE], REPETITIONS), four = bench_min(samples[DIRECT_FOUR], REPETITIONS);
    bench_row("bus_1_subscriber", "ns/event", samples[ONE], REPETITIONS, "direct calls", one, 5);
    bench_row("bus_4_subscribers", "ns/event", samples[FOUR], REPETITIONS, "direct calls", four, 10);
    bench_row("bus_1_subscriber_drain", "ns/event", samples[ONE_DRAIN], REPETITIONS, "direct calls", one, 0);
    bench_row("bus_1_subscriber_calls", "ns/event", samples[ONE_CALLS], REPETITIONS, "direct calls", one, 0);
    bench_row("bus_4_subscribers_calls", "ns/event", samples[FOUR_CALLS], REPETITIONS, "direct calls", four, 0);
    bench_row("bus_ring", "ns/event", samples[RING], REPETITIONS, NULL, 0, 0);
    bench_row("bus_mailbox", "ns/event", samples[MAILBOX], REPETITIONS, NULL, 0, 0);
    bench_row("bus_schedule", "ns/event", samples[SCHEDULE], REPETITIONS, NULL, 0, 0);
}
