/*
 * What a strategy is called with, and when. The strategies are tables in this file; each callback appends a word to
 * `trace`, so a test ends by comparing one line. Instruments are written by their letter: a is AAA, b is BBB, * all.
 */
#include <stdio.h>
#include <string.h>

#include "engine/stage.h"

static char trace[4096];
static struct stage stage;

static void note(const char *word) {
    size_t used = strlen(trace);
    snprintf(trace + used, sizeof(trace) - used, "%s ", word);
}

static void note_who(const struct duet_context *ctx, const char *word) {
    char text[64];
    snprintf(
        text, sizeof(text), "%c.%s", ctx->instrument == DUET_NO_INSTRUMENT ? '*' : 'a' + (char)ctx->instrument, word);
    note(text);
}

static void check_trace(const char *expected) {
    ck_assert_str_eq(trace, expected);
    trace[0] = '\0';
}

static void setup(void) {
    trace[0] = '\0';
    stage_market(&stage, false, 100000);
}

/* ------------------------------------------------------------ a strategy that tells and does as it is told */

struct teller {
    int64_t bars;
};

/** What the next callbacks do; NULL: nothing. */
static void (*act)(struct duet_context *ctx);
static int64_t warm_up;

static enum duet_status tell_init(struct duet_context *ctx, void *state) {
    note_who(ctx, "init");
    return duet_warm_up(ctx, warm_up);
}
static enum duet_status tell_start(struct duet_context *ctx, void *state) {
    note_who(ctx, "start");
    return DUET_OK;
}
static void tell_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct teller *self = state;
    self->bars++;
    note_who(ctx, duet_is_warm(ctx) ? "bar" : "cold");
    if (act != NULL) {
        act(ctx);
    }
}
static void tell_instant(struct duet_context *ctx, void *state, int64_t now_ns) {
    note_who(ctx, duet_is_warm(ctx) ? "instant" : "cold-instant");
    ck_assert_int_eq(now_ns, duet_now(ctx));
}
static void tell_signal(struct duet_context *ctx, void *state, const struct duet_signal *signal) {
    char word[64];
    snprintf(word, sizeof(word), "signal:%d:%g:%s", signal->direction, signal->strength, signal->reason);
    note_who(ctx, word);
}
static void tell_order(struct duet_context *ctx, void *state, const struct duet_order_update *order) {
    char word[64];
    snprintf(word, sizeof(word), "%s%s%s", duet_order_status_name((enum duet_order_status)order->status),
        order->reason_code != 0 ? ":" : "",
        order->reason_code != 0 ? duet_reason_name((enum duet_reason)order->reason_code) : "");
    note_who(ctx, word);
}
static void tell_fill(struct duet_context *ctx, void *state, const struct duet_fill_update *fill) {
    char word[64];
    snprintf(word, sizeof(word), "fill:%+g@%g:%s:held=%g", fill->side * fill->quantity, fill->price, fill->reason,
        duet_position(ctx).quantity);
    note_who(ctx, word);
}
static void tell_timer(struct duet_context *ctx, void *state, uint64_t cookie) {
    char word[64];
    snprintf(word, sizeof(word), "timer:%d@%d", (int)cookie, (int)(duet_now(ctx) / DUET_SECOND_NS));
    note_who(ctx, word);
}
static void tell_stop(struct duet_context *ctx, void *state) {
    note_who(ctx, "stop");
}

#define TELLER_SLOTS                                                                                    \
    .size = sizeof(struct duet_strategy_impl), .abi = DUET_STRATEGY_ABI, .name = "teller",              \
    .state_size = sizeof(struct teller), .init = tell_init, .on_start = tell_start, .on_bar = tell_bar, \
    .on_signal = tell_signal, .on_order = tell_order, .on_fill = tell_fill, .on_timer = tell_timer,     \
    .on_stop = tell_stop

static const struct duet_strategy_impl teller = {TELLER_SLOTS};
static const struct duet_strategy_impl all_teller = {TELLER_SLOTS, .scope = DUET_ALL, .on_instant = tell_instant};

/* ------------------------------------------------------------------------------------------------- the order */

static void buy_ten_once(struct duet_context *ctx) {
    act = NULL;
    duet_buy(ctx, 10, "why");
}

START_TEST(calls_back_in_the_order_of_the_inputs) {
    stage_host(&stage, &teller, NULL);
    act = buy_ten_once;
    stage_up(&stage);
    check_trace("a.init b.init a.start b.start ");
    stage_minute(&stage, 1000, 2000);
    check_trace("a.bar a.ACCEPTED b.bar a.fill:+10@10:why:held=10 a.FILLED ");
    stage_minute(&stage, NO_BAR, 2000);
    check_trace("b.bar ");
    duet_stack_down(&stage.stack);
    check_trace("a.stop b.stop ");
    stage_down(&stage);
}
END_TEST

START_TEST(calls_one_state_for_all_and_closes_the_instant) {
    struct duet_host_run *host = stage_host(&stage, &all_teller, NULL);
    ck_assert(duet_host_wants_instants(host));
    stage_up(&stage);
    stage_minute(&stage, 1000, 2000);
    stage_minute(&stage, 1000, NO_BAR);
    duet_stack_down(&stage.stack);
    check_trace("*.init *.start *.bar *.bar *.instant *.bar *.instant *.stop ");
    stage_down(&stage);
}
END_TEST

static void ask_for_hours(struct duet_context *ctx) {
    ck_assert_int_eq(duet_subscribe(ctx, DUET_DAY_NS), DUET_ENOTFOUND);
    ck_assert_int_eq(duet_subscribe(ctx, DUET_HOUR_NS), ctx->instrument == 0 ? DUET_OK : DUET_ENOTFOUND);
}
static enum duet_status subscribing_init(struct duet_context *ctx, void *state) {
    ask_for_hours(ctx);
    return DUET_OK;
}
static void subscribing_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    if (bar->interval_ns == DUET_HOUR_NS) {
        size_t hours, minutes;
        ck_assert_ptr_eq(duet_history(ctx, DUET_HOUR_NS, 1, &hours), bar);
        ck_assert_uint_eq(hours, 1);
        ck_assert_ptr_nonnull(duet_history(ctx, 0, 4, &minutes));
        ck_assert_uint_eq(minutes, 4);
        note_who(ctx, "hour");
    }
}
static const struct duet_strategy_impl subscribing = {.size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "subscribing",
    .init = subscribing_init,
    .on_bar = subscribing_bar};

START_TEST(delivers_other_intervals_to_who_asked_for_them) {
    struct duet_host_run *host = stage_host(&stage, &subscribing, NULL);
    stage_host(&stage, &teller, NULL); // a second strategy, which did not ask
    stage_up(&stage);
    ck_assert(duet_host_wants(host, 0) && duet_host_wants(host, 1) && duet_host_wants(host, 2));
    ck_assert(!duet_host_wants(stage.hosts[1], 2));
    trace[0] = '\0';
    for (int i = 0; i < 59; i++) {
        stage_minute(&stage, 1000, NO_BAR);
    }
    trace[0] = '\0';
    stage_minute(&stage, 1000, NO_BAR);
    check_trace("a.bar a.hour ");
    stage_down(&stage);
}
END_TEST

/* ---------------------------------------------------------------------------------------------------- warm-up */

static void buy_one(struct duet_context *ctx) {
    duet_buy(ctx, 1, "");
}

START_TEST(refuses_orders_until_each_instrument_is_warm) {
    warm_up = 3;
    stage_host(&stage, &teller, NULL);
    stage_up(&stage);
    ck_assert_int_eq(duet_host_warm_up_bars(stage.hosts[0]), 3);
    trace[0] = '\0';
    act = buy_one;
    stage_minute(&stage, 1000, NO_BAR);
    check_trace("a.cold a.DENIED:WARMUP ");
    stage_minute(&stage, 1000, NO_BAR);
    stage_minute(&stage, 1000, 2000);
    check_trace("a.cold a.DENIED:WARMUP a.bar a.ACCEPTED b.cold b.DENIED:WARMUP "
                "a.fill:+1@10::held=1 a.FILLED ");
    ck_assert_uint_eq(stage_denied(&stage, DUET_REASON_WARMUP), 3);
    stage_down(&stage);
}
END_TEST

START_TEST(refuses_orders_before_the_run_may_trade) {
    stage.trade_from_ns = 3 * DUET_MINUTE_NS;
    stage_host(&stage, &teller, NULL);
    stage_up(&stage);
    trace[0] = '\0';
    for (int i = 0; i < 3; i++) {
        stage_minute(&stage, 1000, NO_BAR);
    }
    check_trace("a.cold a.cold a.bar ");
    stage_down(&stage);
}
END_TEST

static void buy_b(struct duet_context *ctx) {
    struct duet_context *b = duet_on(ctx, 1);
    note(duet_is_warm(b) ? "b-warm" : "b-cold");
    duet_buy(b, 1, "");
}

START_TEST(is_warm_for_all_once_every_instrument_that_has_bars_has_enough) {
    warm_up = 2;
    stage_host(&stage, &all_teller, NULL);
    stage_up(&stage);
    trace[0] = '\0';
    stage_minute(&stage, 1000, NO_BAR);
    stage_minute(&stage, 1000, NO_BAR);
    check_trace("*.cold *.cold-instant *.bar *.instant ");
    act = buy_b; // begins later: cold on its own, while the rest goes on
    stage_minute(&stage, NO_BAR, 2000);
    check_trace("*.bar b-cold *.DENIED:WARMUP *.instant ");
    act = NULL;
    stage_minute(&stage, NO_BAR, 2000);
    act = buy_b;
    trace[0] = '\0';
    stage_minute(&stage, NO_BAR, 2000);
    check_trace("*.bar b-warm *.ACCEPTED *.instant *.fill:+1@20::held=0 *.FILLED ");
    stage_down(&stage);
}
END_TEST

static void flatten(struct duet_context *ctx) {
    duet_target(ctx, 0, "");
    duet_target_percent(ctx, 0, "");
    duet_close(ctx, "");
}

START_TEST(takes_being_flat_while_cold_for_no_order) {
    warm_up = 5;
    stage_host(&stage, &teller, NULL);
    stage_up(&stage);
    act = flatten;
    stage_minute(&stage, 1000, 2000);
    ck_assert_uint_eq(stage_denied(&stage, DUET_REASON_WARMUP), 0);
    stage_down(&stage);
}
END_TEST

/* ------------------------------------------------------------------------------------------- init, start, stop */

static enum duet_status eager_init(struct duet_context *ctx, void *state) {
    ck_assert_uint_eq(duet_buy(ctx, 1, ""), 0);
    ck_assert_uint_eq(duet_timer(ctx, DUET_MINUTE_NS, 0, 1), 0);
    return DUET_OK;
}
static enum duet_status eager_start(struct duet_context *ctx, void *state) {
    note_who(ctx, "start");
    ck_assert_uint_eq(duet_limit(ctx, 5, 10, "early"), 0); // no price has been seen yet
    note_who(ctx, "started");
    return DUET_OK;
}
static void eager_stop(struct duet_context *ctx, void *state) {
    ck_assert_uint_eq(duet_buy(ctx, 1, ""), 0);
}
static const struct duet_strategy_impl eager = {.size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "eager",
    .init = eager_init,
    .on_start = eager_start,
    .on_order = tell_order,
    .on_stop = eager_stop};

START_TEST(refuses_orders_in_init_and_on_stop) {
    stage_host(&stage, &eager, NULL);
    stage_up(&stage);
    ck_assert_uint_eq(stage_denied(&stage, DUET_REASON_STOPPED), 2);
    duet_stack_down(&stage.stack);
    ck_assert_uint_eq(stage_denied(&stage, DUET_REASON_STOPPED), 4);
    stage_down(&stage);
}
END_TEST

START_TEST(never_calls_back_into_a_callback) {
    stage_host(&stage, &eager, NULL);
    stage_up(&stage);
    check_trace("a.start a.started a.DENIED:NO_PRICE b.start b.started b.DENIED:NO_PRICE ");
    stage_down(&stage);
}
END_TEST

static void check_failure(const char *where, enum duet_status expected, const char *line) {
    setup();
    stage_param(&stage, "where", where);
    char path[1024];
    snprintf(path, sizeof(path), "%s/init_fails.so", getenv("DUET_PLUGINS"));
    stage_host(&stage, NULL, path);
    ck_assert_int_eq(stage_try_up(&stage), expected);
    ck_assert_str_eq(duet_error_text(), line);
    ck_assert_int_eq(duet_host_component(stage.hosts[0])->state, DUET_COMPONENT_NEW);
    stage_down(&stage);
}

START_TEST(tells_why_a_strategy_does_not_begin) {
    stage_down(&stage);
    check_failure("0", DUET_EINVAL, "strategy init_fails: where=0 is not for me");
    check_failure("1", DUET_ESTATE, "strategy init_fails: init: not possible in this state");
    check_failure("2", DUET_EIO, "strategy init_fails: cannot start");
    check_failure("3", DUET_EINVAL, "strategy init_fails: duet_protect_entries(1.5): a fraction from 0 to below 1");
    check_failure("5", DUET_EINVAL, "--param where=5: above its maximum 4");
    setup();
}
END_TEST

START_TEST(is_after_a_reset_as_after_init) {
    warm_up = 2;
    struct duet_host_run *host = stage_host(&stage, &teller, NULL);
    stage_up(&stage);
    size_t size;
    char *before = malloc(1024);
    memcpy(before, duet_host_states(host, &size), 128);
    ck_assert_uint_eq(size, 128);
    for (int i = 0; i < 3; i++) {
        stage_minute(&stage, 1000, 2000);
    }
    ck_assert_int_ne(memcmp(before, duet_host_states(host, &size), size), 0);
    duet_stack_reset(&stage.stack);
    ck_assert_int_eq(memcmp(before, duet_host_states(host, &size), size), 0);
    trace[0] = '\0';
    ck_assert_int_eq(duet_component_start(duet_portfolio_component(stage.portfolio)), DUET_OK);
    ck_assert_int_eq(duet_component_start(duet_venue_component(stage.venue)), DUET_OK);
    ck_assert_int_eq(duet_component_start(duet_host_component(host)), DUET_OK);
    stage_minute(&stage, 1000, NO_BAR);
    check_trace("a.start b.start a.cold ");
    free(before);
    stage_down(&stage);
}
END_TEST

/* --------------------------------------------------------------------------------------------- several strategies */

static void signal_long(struct duet_context *ctx) {
    act = NULL;
    duet_signal(ctx, 7, 0.5, "up");
}

START_TEST(hears_of_own_orders_and_of_the_signals_of_others) {
    stage_host(&stage, &teller, NULL);
    stage_host(&stage, &all_teller, NULL);
    act = signal_long; // the first strategy's first bar
    stage_up(&stage);
    trace[0] = '\0';
    stage_minute(&stage, 1000, NO_BAR);
    // Half of 100000 at 10 is 5000 units; the second strategy hears the signal, and nothing of the order.
    check_trace("a.bar *.bar *.signal:1:0.5:up a.ACCEPTED *.instant "
                "a.fill:+5000@10:up:held=5000 a.FILLED ");
    stage_down(&stage);
}
END_TEST

START_TEST(draws_the_same_chance_in_every_repetition_and_another_per_strategy) {
    uint64_t drawn[3][2];
    for (int round = 0; round < 3; round++) {
        if (round > 0) {
            setup();
        }
        stage.seed = round == 2 ? 8 : 7;
        for (size_t i = 0; i < 2; i++) {
            stage_host(&stage, &teller, NULL);
        }
        stage_up(&stage);
        for (size_t i = 0; i < 2; i++) {
            drawn[round][i] = duet_random(&stage.hosts[i]->contexts[0].public);
        }
        stage_down(&stage);
    }
    ck_assert_uint_eq(drawn[0][0], drawn[1][0]);
    ck_assert_uint_eq(drawn[0][1], drawn[1][1]);
    ck_assert_uint_ne(drawn[0][0], drawn[0][1]);
    ck_assert_uint_ne(drawn[0][0], drawn[2][0]);
}
END_TEST

/* ---------------------------------------------------------------------------------------------------- timers */

static uint64_t timer;

static void set_timers(struct duet_context *ctx) {
    act = NULL;
    timer = duet_timer(ctx, 90 * DUET_SECOND_NS, 0, 1);
    ck_assert_uint_ne(duet_timer(ctx, 120 * DUET_SECOND_NS, 60 * DUET_SECOND_NS, 2), 0);
}

START_TEST(fires_timers_on_their_grid_after_the_bars_of_the_instant) {
    stage_host(&stage, &teller, NULL);
    stage_up(&stage);
    act = set_timers;
    stage_minute(&stage, 1000, NO_BAR);
    trace[0] = '\0';
    (void)duet_bus_run_scheduled(stage.bus, 100 * DUET_SECOND_NS, DUET_CLASS_TIMER);
    check_trace("a.timer:1@90 ");
    ck_assert_int_eq(duet_timer_cancel(&stage.hosts[0]->contexts[0].public, timer), DUET_ENOTFOUND);
    stage_minute(&stage, 1000, NO_BAR);
    stage_minute(&stage, 1000, NO_BAR);
    check_trace("a.bar a.timer:2@120 a.bar a.timer:2@180 ");
    duet_component_stop(duet_host_component(stage.hosts[0]));
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), INT64_MAX);
    stage_down(&stage);
}
END_TEST

START_TEST(cancels_a_timer) {
    stage_host(&stage, &teller, NULL);
    stage_up(&stage);
    act = set_timers;
    stage_minute(&stage, 1000, NO_BAR);
    trace[0] = '\0';
    ck_assert_int_eq(duet_timer_cancel(&stage.hosts[0]->contexts[0].public, timer), DUET_OK);
    ck_assert_int_eq(duet_timer_cancel(&stage.hosts[0]->contexts[0].public, timer), DUET_ENOTFOUND);
    (void)duet_bus_run_scheduled(stage.bus, 100 * DUET_SECOND_NS, DUET_CLASS_TIMER);
    check_trace("");
    stage_down(&stage);
}
END_TEST

DUET_TEST_MAIN("host", setup, calls_back_in_the_order_of_the_inputs, calls_one_state_for_all_and_closes_the_instant,
    delivers_other_intervals_to_who_asked_for_them, refuses_orders_until_each_instrument_is_warm,
    refuses_orders_before_the_run_may_trade, is_warm_for_all_once_every_instrument_that_has_bars_has_enough,
    takes_being_flat_while_cold_for_no_order, refuses_orders_in_init_and_on_stop, never_calls_back_into_a_callback,
    tells_why_a_strategy_does_not_begin, is_after_a_reset_as_after_init,
    hears_of_own_orders_and_of_the_signals_of_others,
    draws_the_same_chance_in_every_repetition_and_another_per_strategy,
    fires_timers_on_their_grid_after_the_bars_of_the_instant, cancels_a_timer)
