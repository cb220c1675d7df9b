/*
 * Sends one order from every place a strategy can send from, at times that tests/cli/instants_test.py knows, and logs
 * each callback. Instrument 0 trades, instrument 1 only informs; see the test for the story.
 */
#include <duet/strategy.h>

#define MIDNIGHT_NS INT64_C(1704153600000000000) // 2024-01-02 00:00 UTC
#define AT(minute) (MIDNIGHT_NS + (minute)*DUET_MINUTE_NS)
#define GAP_TIMER_NS (AT(3) + 30 * DUET_SECOND_NS)

struct seven {
    int64_t sent_in_seven, sent_in_two;
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    return duet_subscribe(duet_on(ctx, 1), DUET_DAY_NS);
}

static enum duet_status on_start(struct duet_context *ctx, void *state) {
    duet_timer(ctx, AT(0), 0, 5);
    duet_timer(ctx, GAP_TIMER_NS, 0, 6);
    return DUET_OK;
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    duet_log(ctx, DUET_LOG_INFO, "trace %lld bar %u %llds", (long long)((duet_now(ctx) - MIDNIGHT_NS) / DUET_SECOND_NS),
        bar->instrument, (long long)(bar->interval_ns / DUET_SECOND_NS));
    if (bar->instrument == 0 && duet_now(ctx) == AT(0)) {
        duet_buy(duet_on(ctx, 0), 1, "step 3");
        duet_limit(duet_on(ctx, 0), 1, 95, "range"); // the range of bar 00:00 goes through it
    }
    if (bar->instrument == 1 && bar->interval_ns == DUET_MINUTE_NS && duet_now(ctx) == AT(3)) {
        duet_buy(duet_on(ctx, 0), 1, "gap bar");
    }
}

static void on_instant(struct duet_context *ctx, void *state, int64_t now_ns) {
    duet_log(ctx, DUET_LOG_INFO, "trace %lld instant", (long long)((now_ns - MIDNIGHT_NS) / DUET_SECOND_NS));
    if (now_ns == AT(0)) {
        duet_buy(duet_on(ctx, 0), 1, "step 4");
    }
}

static void on_timer(struct duet_context *ctx, void *state, uint64_t cookie) {
    duet_log(ctx, DUET_LOG_INFO, "trace %lld timer %llu", (long long)((duet_now(ctx) - MIDNIGHT_NS) / DUET_SECOND_NS),
        (unsigned long long)cookie);
    duet_buy(duet_on(ctx, 0), 1, cookie == 5 ? "step 5" : "gap timer");
}

static void on_fill(struct duet_context *ctx, void *state, const struct duet_fill_update *fill) {
    struct seven *self = state;
    duet_log(ctx, DUET_LOG_INFO, "trace %lld fill %s at %.2f",
        (long long)((duet_now(ctx) - MIDNIGHT_NS) / DUET_SECOND_NS), fill->reason, fill->price);
    if (duet_now(ctx) == AT(0) && self->sent_in_seven == 0) {
        self->sent_in_seven = 1;
        duet_buy(duet_on(ctx, 0), 1, "step 7");
    }
    if (duet_now(ctx) == AT(1) && self->sent_in_two == 0 && fill->price == 95) {
        self->sent_in_two = 1;
        duet_buy(duet_on(ctx, 0), 1, "step 2");
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "seven",
    .scope = DUET_ALL,
    .state_size = sizeof(struct seven),
    .init = init,
    .on_start = on_start,
    .on_bar = on_bar,
    .on_instant = on_instant,
    .on_timer = on_timer,
    .on_fill = on_fill,
};
