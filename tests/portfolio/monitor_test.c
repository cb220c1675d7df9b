/*
 * Exits that the engine takes by itself. Prices in cents: 10000 is 100.00. Each test moves the mark by hand and then
 * lets the minutes pass; what was sent is compared with what a trader would work out on paper.
 */
#include "portfolio/monitor.h"

#include "base/text.h"
#include "portfolio/stage.h"

static struct duet_monitor *monitor;
static const struct duet_monitor_options no_rules;

/** A stage with two instruments at 100.00, ten minutes past midnight, and a monitor with these rules. */
static void watch(struct duet_monitor_options rules) {
    stage_open(stage_options(100000), stage_stock, 2);
    rules.instruments = &stage.instruments;
    rules.portfolio = stage.portfolio;
    ck_assert_int_eq(duet_monitor_create(&rules, stage.bus, &monitor), DUET_OK);
    struct duet_component *component = duet_monitor_component(monitor);
    ck_assert_int_eq(duet_component_init(component, &stage.env), DUET_OK);
    ck_assert_int_eq(duet_component_start(component), DUET_OK);
    duet_portfolio_mark(stage.portfolio, 0, 10000);
    duet_portfolio_mark(stage.portfolio, 1, 10000);
}
static void unwatch(void) {
    duet_component_teardown(duet_monitor_component(monitor));
    duet_monitor_destroy(monitor);
    stage_close();
}

static void move_to(uint32_t instrument, int64_t price) {
    duet_portfolio_mark(stage.portfolio, instrument, price);
    duet_monitor_mark(monitor, instrument, price);
}
/** An input of no meaning, so that the present is there. */
static void be_at(int64_t seconds) {
    struct duet_event event = {.type = DUET_EVENT_CUSTOM};
    (void)duet_bus_input(stage.bus, &event, seconds * DUET_SECOND_NS);
}
/** Let whatever is due by then happen. */
static size_t pass_until(int64_t seconds) {
    return duet_bus_run_scheduled(stage.bus, seconds * DUET_SECOND_NS, DUET_CLASS_TIMER);
}
static void hold(uint32_t instrument, int side, int64_t quantity, int64_t price) {
    struct duet_order_event request = stage_request(side, quantity);
    request.instrument = instrument;
    enum duet_reason denied;
    uint64_t id = duet_portfolio_submit(stage.portfolio, &request, &denied);
    ck_assert_int_eq(denied, DUET_REASON_NONE);
    stage_fill(id, quantity, price, 0);
}
static size_t orders_before;
/** What the monitor has sent since the last time somebody asked: "A SELL 10 stop-loss". */
static const char *sent(void) {
    static char text[256];
    text[0] = '\0';
    for (size_t i = orders_before; i < stage.order_count; i++) {
        const struct duet_order_event *order = &stage.orders[i];
        ck_assert_int_eq(order->type, DUET_MARKET);
        ck_assert_int_eq(order->flags, DUET_REDUCE_ONLY | DUET_LOCAL);
        size_t used = strlen(text);
        snprintf(text + used, sizeof(text) - used, "%s%s %s %lld %s", used > 0 ? ", " : "",
            stage.instruments.items[order->instrument].symbol, duet_side_name(order->side), (long long)order->quantity,
            order->reason);
    }
    orders_before = stage.order_count;
    return text;
}
static void hold_quietly(uint32_t instrument, int side, int64_t quantity, int64_t price) {
    hold(instrument, side, quantity, price);
    orders_before = stage.order_count;
}
static void fill_last(int64_t price) {
    const struct duet_order_event *order = &stage.orders[stage.order_count - 1];
    stage_fill(order->order_id, order->quantity, price, 0);
}

START_TEST(a_long_leaves_at_its_stop_loss_and_not_a_cent_before) {
    watch((struct duet_monitor_options){.stop_loss = 0.05});
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    move_to(0, 9501);
    ck_assert_uint_eq(pass_until(60), 1);
    ck_assert_str_eq(sent(), "");
    move_to(0, 9500); // 100 less 5 %
    ck_assert_uint_eq(pass_until(119), 0);
    ck_assert_uint_eq(pass_until(120), 1);
    ck_assert_str_eq(sent(), "A SELL 10 stop-loss");
    unwatch();
}
END_TEST

START_TEST(a_short_leaves_at_its_stop_loss_above) {
    watch((struct duet_monitor_options){.stop_loss = 0.05});
    be_at(30);
    hold_quietly(1, DUET_SELL, 7, 10000);
    move_to(1, 10499);
    (void)pass_until(60);
    ck_assert_str_eq(sent(), "");
    move_to(1, 10500);
    (void)pass_until(120);
    ck_assert_str_eq(sent(), "B BUY 7 stop-loss");
    unwatch();
}
END_TEST

START_TEST(entry_is_the_average_of_the_open_part) {
    watch((struct duet_monitor_options){.stop_loss = 0.10});
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    hold_quietly(0, DUET_BUY, 30, 12000); // 40 at 115.00, stop at 103.50
    hold_quietly(0, DUET_SELL, 20, 11000); // the rest keeps its average
    move_to(0, 10351);
    (void)pass_until(60);
    ck_assert_str_eq(sent(), "");
    move_to(0, 10350);
    (void)pass_until(120);
    ck_assert_str_eq(sent(), "A SELL 20 stop-loss");
    unwatch();
}
END_TEST

START_TEST(the_trailing_stop_follows_the_best_mark_between_two_looks_too) {
    watch((struct duet_monitor_options){.trailing = 0.10});
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    move_to(0, 9001);
    (void)pass_until(60);
    ck_assert_str_eq(sent(), "");
    move_to(0, 12000); // best, between two looks
    move_to(0, 10801);
    (void)pass_until(120);
    ck_assert_str_eq(sent(), "");
    move_to(0, 10800); // 120 less 10 %: still a gain
    (void)pass_until(180);
    ck_assert_str_eq(sent(), "A SELL 10 trailing-stop");
    unwatch();
}
END_TEST

START_TEST(the_trailing_stop_of_a_short_follows_the_lowest_mark) {
    watch((struct duet_monitor_options){.trailing = 0.10});
    be_at(30);
    hold_quietly(0, DUET_SELL, 10, 10000);
    move_to(0, 8000);
    move_to(0, 8799);
    (void)pass_until(60);
    ck_assert_str_eq(sent(), "");
    move_to(0, 8800);
    (void)pass_until(120);
    ck_assert_str_eq(sent(), "A BUY 10 trailing-stop");
    unwatch();
}
END_TEST

START_TEST(profit_is_taken_at_its_fraction_of_the_entry) {
    watch((struct duet_monitor_options){.take_profit = 0.20});
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    hold_quietly(1, DUET_SELL, 10, 10000);
    move_to(0, 11999);
    move_to(1, 8001);
    (void)pass_until(60);
    ck_assert_str_eq(sent(), "");
    move_to(0, 12000);
    move_to(1, 8000);
    (void)pass_until(120);
    ck_assert_str_eq(sent(), "A SELL 10 take-profit, B BUY 10 take-profit");
    unwatch();
}
END_TEST

START_TEST(a_position_that_is_too_old_is_closed_at_the_next_point_of_the_grid) {
    watch((struct duet_monitor_options){.max_age_ns = 150 * DUET_SECOND_NS});
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    (void)pass_until(60);
    be_at(70);
    hold_quietly(0, DUET_BUY, 5, 10000); // adding makes it no younger
    (void)pass_until(120);
    ck_assert_str_eq(sent(), "");
    (void)pass_until(180); // opened at 30: 150 s old
    ck_assert_str_eq(sent(), "A SELL 15 time-exit");
    unwatch();
}
END_TEST

START_TEST(of_several_reasons_the_first_in_order_is_given) {
    static const struct duet_monitor_options all = {
        .stop_loss = 0.05, .trailing = 0.05, .take_profit = 0.05, .max_age_ns = DUET_SECOND_NS};
    static const char *const expected[] = {"stop-loss", "trailing-stop", "take-profit", "time-exit"};
    for (size_t i = 0; i < 4; i++) {
        struct duet_monitor_options rules = all;
        rules.stop_loss = i > 0 ? 0 : rules.stop_loss;
        rules.trailing = i > 1 ? 0 : rules.trailing;
        rules.take_profit = i > 2 ? 0 : rules.take_profit;
        orders_before = 0;
        watch(rules);
        be_at(30);
        hold_quietly(0, DUET_BUY, 10, 10000);
        // The stop-loss and the trailing stop see 95, the others 110 after a high of 120.
        move_to(0, 12000);
        move_to(0, i == 0 ? 9500 : 11000);
        (void)pass_until(60);
        char line[64];
        snprintf(line, sizeof(line), "A SELL 10 %s", expected[i]);
        ck_assert_str_eq(sent(), line);
        unwatch();
    }
}
END_TEST

START_TEST(looks_on_the_absolute_grid_however_late_it_was_called) {
    watch((struct duet_monitor_options){.stop_loss = 0.05, .period_ns = 60 * DUET_SECOND_NS});
    be_at(3605);
    hold_quietly(0, DUET_BUY, 10, 10000);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), 3660 * DUET_SECOND_NS);
    be_at(3697); // 37 s late
    (void)pass_until(3697);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), 3720 * DUET_SECOND_NS);
    unwatch();
}
END_TEST

START_TEST(nothing_held_or_no_rule_is_no_timer) {
    watch((struct duet_monitor_options){.stop_loss = 0.05});
    be_at(30);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), INT64_MAX);
    hold(0, DUET_BUY, 10, 10000);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), 60 * DUET_SECOND_NS);
    hold(0, DUET_SELL, 10, 10000);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), INT64_MAX);
    unwatch();
    watch(no_rules);
    hold(0, DUET_BUY, 10, 10000);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), INT64_MAX);
    unwatch();
}
END_TEST

START_TEST(an_exit_that_works_is_not_sent_again_and_a_rejected_one_is) {
    watch((struct duet_monitor_options){.stop_loss = 0.05});
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    move_to(0, 9000);
    (void)pass_until(60);
    ck_assert_str_eq(sent(), "A SELL 10 stop-loss");
    uint64_t exit_id = stage.orders[stage.order_count - 1].order_id;
    (void)pass_until(120);
    ck_assert_str_eq(sent(), "");
    stage_fill(exit_id, 4, 9000, 0);
    (void)pass_until(180);
    ck_assert_str_eq(sent(), "");
    stage_report(exit_id, DUET_ORDER_CANCELLED, DUET_REASON_BROKER);
    (void)pass_until(240);
    ck_assert_str_eq(sent(), "A SELL 6 stop-loss");
    fill_last(9000);
    ck_assert_int_eq(stage_position()->quantity, 0);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), INT64_MAX);
    unwatch();
}
END_TEST

START_TEST(what_the_strategy_is_closing_at_market_already_is_left_to_it) {
    watch((struct duet_monitor_options){.stop_loss = 0.05});
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    (void)stage_market(DUET_SELL, 7);
    orders_before = stage.order_count;
    move_to(0, 9000);
    (void)pass_until(60);
    ck_assert_str_eq(sent(), "A SELL 3 stop-loss");
    unwatch();
}
END_TEST

START_TEST(a_position_that_turns_begins_anew) {
    watch((struct duet_monitor_options){.trailing = 0.10, .max_age_ns = 100 * DUET_SECOND_NS});
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    move_to(0, 20000);
    be_at(90);
    (void)pass_until(60);
    hold_quietly(0, DUET_SELL, 25, 18001); // short 15 from 180.01 at 90 s
    move_to(0, 18001);
    (void)pass_until(180);
    ck_assert_str_eq(sent(), "");
    (void)pass_until(240); // 150 s old
    ck_assert_str_eq(sent(), "A BUY 15 time-exit");
    unwatch();
}
END_TEST

START_TEST(positions_that_were_there_before_it_started_are_watched) {
    watch((struct duet_monitor_options){.stop_loss = 0.05});
    struct duet_component *component = duet_monitor_component(monitor);
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    duet_component_stop(component);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), INT64_MAX);
    hold_quietly(1, DUET_SELL, 5, 10000); // unheard
    ck_assert_int_eq(duet_component_start(component), DUET_OK);
    move_to(0, 9500);
    move_to(1, 10500);
    (void)pass_until(60);
    ck_assert_str_eq(sent(), "A SELL 10 stop-loss, B BUY 5 stop-loss");
    unwatch();
}
END_TEST

START_TEST(what_was_saved_goes_on_as_if_nothing_had_been) {
    watch((struct duet_monitor_options){.trailing = 0.10, .max_age_ns = 1000 * DUET_SECOND_NS});
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    move_to(0, 12000);
    struct duet_text before = {0}, after = {0};
    duet_text_append(&before, "x", 1); // it adds to what is there
    duet_monitor_save(monitor, &before);
    duet_text_append(&before, "tail", 4);

    struct duet_component *component = duet_monitor_component(monitor);
    ck_assert_int_eq(duet_component_reset(component), DUET_ESTATE); // it runs
    duet_component_stop(component);
    ck_assert_int_eq(duet_component_reset(component), DUET_OK);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), INT64_MAX);
    const unsigned char *bytes = (const unsigned char *)before.text + 1;
    size_t size = before.length - 1;
    ck_assert_int_eq(duet_monitor_load(monitor, &bytes, &size), DUET_OK);
    ck_assert_uint_eq(size, 4);
    ck_assert_int_eq(memcmp(bytes, "tail", 4), 0);
    ck_assert_int_eq(duet_component_start(component), DUET_OK);
    duet_monitor_save(monitor, &after);
    ck_assert_uint_eq(after.length, before.length - 5);
    ck_assert_int_eq(memcmp(after.text, before.text + 1, after.length), 0);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), 60 * DUET_SECOND_NS);
    move_to(0, 10800); // the high of 120 is remembered
    ck_assert_uint_eq(pass_until(60), 1); // one timer, not two
    ck_assert_str_eq(sent(), "A SELL 10 trailing-stop");
    duet_text_finish(&before);
    duet_text_finish(&after);
    unwatch();
}
END_TEST

START_TEST(damaged_state_is_refused_whatever_the_damage) {
    watch((struct duet_monitor_options){.stop_loss = 0.05});
    be_at(30);
    hold_quietly(0, DUET_BUY, 10, 10000);
    hold_quietly(1, DUET_SELL, 10, 10000);
    struct duet_text saved = {0};
    duet_monitor_save(monitor, &saved);
    for (size_t size = 0; size < saved.length; size++) {
        const unsigned char *bytes = (const unsigned char *)saved.text;
        size_t left = size;
        ck_assert_int_eq(duet_monitor_load(monitor, &bytes, &left), DUET_EDATA);
        ck_assert_ptr_eq(bytes, saved.text);
    }
    char *second_row = saved.text + saved.length - (saved.length - 24) / 2;
    second_row[0] = 0; // the first instrument twice
    const unsigned char *bytes = (const unsigned char *)saved.text;
    size_t left = saved.length;
    ck_assert_int_eq(duet_monitor_load(monitor, &bytes, &left), DUET_EDATA);
    ck_assert_int_eq(duet_bus_next_scheduled_ns(stage.bus), INT64_MAX);
    duet_text_finish(&saved);
    unwatch();
}
END_TEST

START_TEST(fractions_that_cannot_be_are_refused) {
    stage_open(stage_options(100000), stage_stock, 1);
    const struct duet_monitor_options bad[] = {
        {.stop_loss = -0.01}, {.take_profit = 1001}, {.trailing = 0.0 / 0.0}, {.period_ns = -1}, {.max_age_ns = -1}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct duet_monitor_options options = bad[i];
        options.instruments = &stage.instruments;
        options.portfolio = stage.portfolio;
        ck_assert_int_eq(duet_monitor_create(&options, stage.bus, &monitor), DUET_EINVAL);
        ck_assert_ptr_nonnull(strstr(duet_error_line(), "position monitor"));
    }
    stage_close();
}
END_TEST

/** Equal times and classes fire in the order they were asked for; an exit must not depend on that. */
static enum duet_status note_timer(void *receiver, const struct duet_event *event) {
    *(size_t *)receiver = stage.order_count;
    return DUET_OK;
}
START_TEST(exits_go_out_before_the_strategies_timers_of_the_same_instant) {
    watch((struct duet_monitor_options){.stop_loss = 0.05});
    be_at(30);
    struct duet_event timer = {.type = DUET_EVENT_TIMER, .timer = {.size = sizeof(timer.timer), .owner = 5}};
    ck_assert_int_eq(duet_bus_schedule(stage.bus, 60 * DUET_SECOND_NS, DUET_CLASS_TIMER, &timer, NULL), DUET_OK);
    hold_quietly(0, DUET_BUY, 10, 10000);
    move_to(0, 9000);
    size_t orders_at_timer = 0;
    ck_assert_int_eq(
        duet_bus_subscribe(stage.bus, DUET_EVENT_TIMER, note_timer, &orders_at_timer, NULL, NULL), DUET_OK);
    ck_assert_uint_eq(pass_until(60), 2);
    ck_assert_uint_eq(orders_at_timer, 2); // the entry and its exit
    ck_assert_str_eq(sent(), "A SELL 10 stop-loss");
    unwatch();
}
END_TEST

DUET_TEST_MAIN("monitor", NULL, a_long_leaves_at_its_stop_loss_and_not_a_cent_before,
    a_short_leaves_at_its_stop_loss_above, entry_is_the_average_of_the_open_part,
    the_trailing_stop_follows_the_best_mark_between_two_looks_too, the_trailing_stop_of_a_short_follows_the_lowest_mark,
    profit_is_taken_at_its_fraction_of_the_entry, a_position_that_is_too_old_is_closed_at_the_next_point_of_the_grid,
    of_several_reasons_the_first_in_order_is_given, looks_on_the_absolute_grid_however_late_it_was_called,
    nothing_held_or_no_rule_is_no_timer, an_exit_that_works_is_not_sent_again_and_a_rejected_one_is,
    what_the_strategy_is_closing_at_market_already_is_left_to_it, a_position_that_turns_begins_anew,
    positions_that_were_there_before_it_started_are_watched, what_was_saved_goes_on_as_if_nothing_had_been,
    damaged_state_is_refused_whatever_the_damage, fractions_that_cannot_be_are_refused,
    exits_go_out_before_the_strategies_timers_of_the_same_instant)
