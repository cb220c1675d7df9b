/* Trading states: who may do what in each, what leads from one to another, and what is told of it. */
#include "engine/core_hand.h"

static void buy_ten(struct duet_context *ctx) {
    duet_buy(ctx, 10, "ten");
}

/** ACTIVE and long 10 AAA at 100.00. */
static void hold_ten(void) {
    hand_flat(10000);
    hand_command(DUET_COMMAND_ARM, "");
    hand.act = buy_ten;
    hand_flat(10000);
    ck_assert_int_eq(hand_held(), 10);
    hand_forget();
}

/* ---------------------------------------------------------------------------------------------------- the table */

enum origin { RISK, ADDS, TURNS, REDUCES, CLOSES, REDUCE_ONLY, LOCAL_STOP, OPERATOR, ORIGINS };

static const char *submit_as(enum origin origin) {
    struct duet_order_event request = {.side = DUET_SELL, .type = DUET_MARKET, .quantity = 4};
    switch (origin) {
    case RISK:
        request.instrument = 1;
        request.side = DUET_BUY;
        break;
    case ADDS:
        request.side = DUET_BUY;
        break;
    case TURNS:
        request.type = DUET_LIMIT; // a market order is cut instead
        request.price = 11000;
        request.quantity = 14;
        break;
    case REDUCES:
        break;
    case CLOSES:
        request.quantity = 14;
        break;
    case REDUCE_ONLY:
        request.flags = DUET_REDUCE_ONLY;
        break;
    case LOCAL_STOP:
        request.flags = DUET_REDUCE_ONLY | DUET_ATTACHED | DUET_LOCAL;
        request.type = DUET_STOP;
        request.stop_price = 9000;
        break;
    default:
        request.flags = DUET_REDUCE_ONLY | DUET_OPERATOR;
    }
    struct duet_portfolio *portfolio = duet_core_portfolio(hand.core);
    enum duet_reason denied;
    uint64_t order_id = duet_portfolio_submit(portfolio, &request, &denied);
    if (denied == DUET_REASON_NONE) {
        (void)duet_portfolio_cancel(portfolio, order_id);
    }
    return duet_reason_name(denied);
}

#define NO(reason) #reason
#define YES "NONE"

static const struct {
    const char *name;
    const char *answers[ORIGINS]; // RISK, ADDS, TURNS, REDUCES, CLOSES, REDUCE_ONLY, LOCAL_STOP, OPERATOR
} table[] = {
    {"DISARMED",
        {NO(DISARMED), NO(DISARMED), NO(DISARMED), NO(DISARMED), NO(DISARMED), NO(DISARMED), NO(DISARMED), YES}},
    {"REDUCING", {NO(REDUCING), NO(REDUCING), NO(REDUCING), YES, YES, YES, YES, YES}},
    {"ACTIVE", {YES, YES, YES, YES, YES, YES, YES, YES}},
    {"HALTED", {NO(HALTED), NO(HALTED), NO(HALTED), NO(HALTED), NO(HALTED), NO(HALTED), YES, YES}},
    {"HALTED none", {NO(HALTED), NO(HALTED), NO(HALTED), NO(HALTED), NO(HALTED), NO(HALTED), NO(HALTED), YES}},
};

static void reach(const char *name) {
    hand_config();
    hand.config.live->on_halt_none = strstr(name, "none") != NULL;
    hand_open();
    hold_ten();
    if (strstr(name, "HALTED") != NULL || strcmp(name, "REDUCING") == 0) {
        hand_command(DUET_COMMAND_HALT, "");
    }
    if (strcmp(name, "REDUCING") == 0) {
        hand_command(DUET_COMMAND_RESUME, "");
    }
    if (strcmp(name, "DISARMED") == 0) { // with a position: the permit as it is at the first start
        static const struct duet_permit disarmed = {DUET_REASON_DISARMED, DUET_REASON_DISARMED, DUET_REASON_DISARMED};
        duet_portfolio_set_permit(duet_core_portfolio(hand.core), &disarmed);
    }
}

START_TEST(each_state_lets_through_what_the_table_says) {
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        for (int origin = 0; origin < ORIGINS; origin++) {
            reach(table[i].name);
            const char *answer = submit_as((enum origin)origin);
            ck_assert_msg(strcmp(answer, table[i].answers[origin]) == 0, "%s, origin %d: %s, not %s", table[i].name,
                origin, answer, table[i].answers[origin]);
            hand_close();
        }
    }
}
END_TEST

START_TEST(it_begins_disarmed_and_says_so) {
    hand_config();
    hand_open();
    assert_trading("DISARMED");
    hand.act = buy_ten;
    hand_flat(10000);
    assert_lines("1 DENIED DISARMED\n");
    assert_effect("alert denial: denied BUY 10 AAA: DISARMED, trading is not armed");
    ck_assert_str_eq(submit_as(RISK), "DISARMED");
    hand_close();
}
END_TEST

START_TEST(while_reducing_a_market_order_through_zero_closes_and_no_more) {
    reach("REDUCING");
    hand_forget();
    struct duet_order_event request = {.side = DUET_SELL, .type = DUET_MARKET, .quantity = 14};
    (void)duet_portfolio_submit(duet_core_portfolio(hand.core), &request, NULL);
    hand_flat(10000);
    assert_lines("3 sells AAA 10 at 100.00, bar of 3\n");
    hand_close();
}
END_TEST

/* ---------------------------------------------------------------------------------------------------- commands */

static void rest_orders(struct duet_context *ctx) {
    struct duet_order_request profit = {.size = sizeof(profit),
        .flags = DUET_REDUCE_ONLY,
        .side = DUET_SELL,
        .type = DUET_LIMIT,
        .quantity = 10,
        .price = 120};
    struct duet_order_request stop = profit;
    stop.type = DUET_STOP;
    stop.price = 0;
    stop.stop_price = 80;
    duet_limit(ctx, 5, 90, "entry");
    duet_order(ctx, &profit);
    duet_order(ctx, &stop);
}

START_TEST(a_halt_cancels_entries_and_keeps_what_protects) {
    hand_config();
    hand_open();
    hold_ten();
    hand.act = rest_orders;
    hand_flat(10000);
    ck_assert_uint_eq(duet_portfolio_working_orders(duet_core_portfolio(hand.core)), 3);
    hand_command(DUET_COMMAND_HALT, "fat finger");
    assert_lines("3 now HALTED (test: fat finger)\n3 CANCELLED USER\n");
    assert_effect("alert halt: halted: test: fat finger; 1 working orders cancelled");
    assert_effect("reply 0 {\"command\":\"halt\",\"cancelled\":1,\"working\":2,\"ok\":true,\"trading\":\"HALTED\","
                  "\"reason\":\"test: fat finger\"}");
    hand_forget();
    hand_play(10000, 10000, 7900, 8000, 8000);
    assert_lines("4 sells AAA 10 at 80.00, bar of 4\n"); // the stop was alive
    hand_close();
}
END_TEST

START_TEST(a_halt_that_keeps_nothing_cancels_all) {
    hand_config();
    hand.config.live->on_halt_none = true;
    hand_open();
    hold_ten();
    hand.act = rest_orders;
    hand_flat(10000);
    hand_command(DUET_COMMAND_HALT, "");
    ck_assert_uint_eq(duet_portfolio_working_orders(duet_core_portfolio(hand.core)), 0);
    hand_close();
}
END_TEST

static void close_all(struct duet_context *ctx) {
    duet_close(ctx, "out");
}

START_TEST(where_the_way_out_is_closed_the_stops_stay) {
    hand_config();
    hand_open();
    hold_ten();
    hand.act = rest_orders;
    hand_flat(10000);
    hand_command(DUET_COMMAND_HALT, "");
    hand_forget();
    hand.act = close_all;
    hand_flat(10000);
    assert_lines("4 DENIED HALTED\n");
    ck_assert_uint_eq(duet_portfolio_working_orders(duet_core_portfolio(hand.core)), 2);
    hand_close();
}
END_TEST

START_TEST(flatten_halts_cancels_and_closes) {
    hand_config();
    hand_open();
    hold_ten();
    hand.act = rest_orders;
    hand_flat(10000);
    hand_command(DUET_COMMAND_FLATTEN, "enough");
    assert_trading("HALTED");
    assert_effect("\"cancelled\":3,\"closing\":1,\"working\":1,\"ok\":true");
    hand_forget();
    hand_play(10000, 10000, 10000, 10000, 9900);
    assert_lines("4 sells AAA 10 at 99.00, bar of 4\n");
    ck_assert_int_eq(hand_held(), 0);
    hand_close();
}
END_TEST

START_TEST(only_resume_leaves_a_halt_and_only_arm_adds_risk) {
    hand_config();
    hand_open();
    hand_flat(10000);
    hand_command(DUET_COMMAND_RESUME, "");
    assert_effect("reply -8 {\"command\":\"resume\",\"error\":\"not halted\"");
    hand_command(DUET_COMMAND_HALT, "why");
    hand_forget();
    hand_command(DUET_COMMAND_ARM, "");
    assert_effect("reply -12 {\"command\":\"arm\",\"error\":\"halted (test: why); resume first\"");
    assert_trading("HALTED");
    hand_command(DUET_COMMAND_RESUME, "");
    assert_trading("REDUCING");
    hand_forget();
    hand_command(DUET_COMMAND_ARM, "monday");
    assert_lines("1 now ACTIVE (test: monday)\n");
    hand_close();
}
END_TEST

static void want_percent(struct duet_context *ctx) {
    duet_target_percent(ctx, 0.5, "half");
}

START_TEST(arm_shows_account_targets_against_actual_and_limits) {
    hand_config();
    hand_warm_up = 3;
    ck_assert_int_eq(duet_config_set(&hand.config, "max_position", "70", NULL), DUET_OK);
    hand_open();
    hand_flat(10000);
    hand_command(DUET_COMMAND_ARM, "");
    assert_effect("reply 0 {\"command\":\"arm\",\"account\":{\"cash\":\"100000\",\"equity\":\"100000\",\"gross\":\"0\","
                  "\"day_loss\":\"0\"},\"positions\":[],\"limits\":{\"max_order_quantity\":0,\"max_position\":70,"
                  "\"max_notional\":\"0\",\"max_daily_loss\":\"0\"},\"warm_up_left\":2,\"in_doubt\":0,\"ok\":true,"
                  "\"trading\":\"ACTIVE\",\"reason\":\"test\"}");
    hand_flat(10000);
    hand_flat(10000);
    hand.act = want_percent; // 500 units, of which 70 are allowed: denied, and still wanted
    hand_flat(10000);
    hand_forget();
    hand_command(DUET_COMMAND_ARM, "");
    assert_effect("\"positions\":[{\"symbol\":\"AAA\",\"quantity\":\"0\",\"working\":\"0\",\"target\":500,"
                  "\"mark\":\"100.00\",\"value\":\"0\",\"unrealized\":\"0\"}]");
    ck_assert_double_eq(duet_core_target(hand.core, 0), 500);
    ck_assert_double_nan(duet_core_target(hand.core, 1));
    hand_close();
}
END_TEST

START_TEST(cancel_ends_one_order_and_says_why_not) {
    hand_config();
    hand_open();
    hold_ten();
    hand.act = rest_orders;
    hand_flat(10000);
    struct duet_input_command payload = {.command = DUET_COMMAND_CANCEL, .request_id = 9, .order_id = 2};
    hand_take(DUET_INPUT_COMMAND, hand.now_ns, &payload, sizeof(payload));
    assert_effect("reply 0 {\"command\":\"cancel\",\"order\":2,\"ok\":true");
    payload.order_id = 99;
    hand_take(DUET_INPUT_COMMAND, hand.now_ns, &payload, sizeof(payload));
    assert_effect("reply -7 {\"command\":\"cancel\",\"order\":99,\"error\":\"there is no order 99\",\"ok\":false");
    payload.order_id = 1;
    hand_take(DUET_INPUT_COMMAND, hand.now_ns, &payload, sizeof(payload));
    assert_effect("reply -8 {\"command\":\"cancel\",\"order\":1,\"error\":\"order 1 is FILLED, too late to cancel\"");
    hand_command(DUET_COMMAND_CANCEL_ALL, "");
    assert_effect("{\"command\":\"cancel-all\",\"cancelled\":2,\"working\":0,\"ok\":true,\"trading\":\"ACTIVE\"");
    hand_close();
}
END_TEST

/* ---------------------------------------------------------------------------------------- what takes it away */

START_TEST(a_restart_of_an_armed_session_only_reduces) {
    hand_config();
    hand_open();
    struct duet_input_restart restart = {.epoch = 2, .clean = 0};
    hand_take(DUET_INPUT_RESTART, HAND_FIRST_NS, &restart, sizeof(restart));
    assert_trading("DISARMED");
    hold_ten();
    hand_take(DUET_INPUT_RESTART, hand.now_ns, &restart, sizeof(restart));
    assert_lines("2 now REDUCING (restarted after a crash)\n");
    assert_effect("alert restart: session taken up again by process 2, after a crash; trading is REDUCING");
    hand_command(DUET_COMMAND_HALT, "latched");
    hand_take(DUET_INPUT_RESTART, hand.now_ns, &restart, sizeof(restart));
    assert_trading("HALTED");
    ck_assert_str_eq(duet_core_trading_reason(hand.core), "test: latched");
    hand_close();
}
END_TEST

static void tell_stale(uint32_t series, uint32_t stale) {
    struct duet_input_stale payload = {.series = series, .stale = stale, .last_ns = hand.now_ns};
    hand_take(DUET_INPUT_STALE, hand.now_ns + DUET_SECOND_NS, &payload, sizeof(payload));
}

START_TEST(a_stale_feed_takes_active_away_until_it_is_heard_again) {
    hand_config();
    hand_open();
    hold_ten();
    tell_stale(UINT32_MAX, 1);
    assert_lines("2 now REDUCING (data is stale)\n");
    assert_effect("alert stale: the feed is stale; no new risk");
    ck_assert_str_eq(submit_as(RISK), "REDUCING");
    hand_forget();
    hand_command(DUET_COMMAND_ARM, "");
    assert_effect("reply -12 {\"command\":\"arm\",\"error\":\"data is stale\"");
    hand_flat(10000);
    assert_lines("3 now ACTIVE (test)\n");
    hand_close();
}
END_TEST

START_TEST(a_stale_instrument_takes_no_new_risk_and_the_others_do) {
    hand_config();
    hand_open();
    hold_ten();
    tell_stale(0, 1);
    assert_trading("ACTIVE");
    assert_effect("alert stale: AAA: data is stale; no new risk on it");
    ck_assert_str_eq(submit_as(ADDS), "REDUCING");
    ck_assert_str_eq(submit_as(REDUCES), "NONE");
    ck_assert_str_eq(submit_as(RISK), "NONE"); // on BBB
    tell_stale(1, 1);
    assert_trading("REDUCING");
    tell_stale(1, 0);
    assert_trading("ACTIVE");
    hand_flat(10000);
    ck_assert_str_eq(submit_as(ADDS), "NONE");
    hand_close();
}
END_TEST

START_TEST(a_missing_bar_is_a_stale_event_and_its_return_ends_it) {
    hand_config();
    hand_open();
    hold_ten();
    struct duet_bus_counts before, after;
    duet_bus_get_counts(duet_core_bus(hand.core), &before);
    hand.now_ns += DUET_MINUTE_NS;
    struct duet_bar bar = hand_bar(1, hand.now_ns, 5000, 5000, 5000, 5000);
    hand_instant(hand.now_ns, &bar, 1, (const int64_t[2]){0, 5000}, (const uint32_t[1]){0}, 1);
    duet_bus_get_counts(duet_core_bus(hand.core), &after);
    ck_assert_uint_eq(after.by_type[DUET_EVENT_STALE] - before.by_type[DUET_EVENT_STALE], 1);
    ck_assert_str_eq(submit_as(ADDS), "REDUCING");
    hand_flat(10000);
    ck_assert_str_eq(submit_as(ADDS), "NONE");
    hand_close();
}
END_TEST

START_TEST(the_loss_of_a_day_halts_until_the_next) {
    hand_config();
    hand.config.live->max_daily_loss = 50 * DUET_MONEY_ONE;
    hand_open();
    hold_ten();
    hand_play(10000, 10000, 9501, 9501, 9501); // 49.90 lost
    assert_trading("ACTIVE");
    hand_play(9501, 9501, 9500, 9500, 9500); // 50
    assert_lines("4 now HALTED (daily-loss: 50.00 lost, limit 50.00)\n");
    assert_effect("alert halt: halted: daily-loss: 50.00 lost, limit 50.00; 0 working orders cancelled");
    ck_assert_str_eq(submit_as(ADDS), "DAILY_LOSS");
    hand_command(DUET_COMMAND_RESUME, "");
    hand_forget();
    hand_command(DUET_COMMAND_ARM, "");
    assert_effect("the daily loss limit was reached; raise max_daily_loss, or arm tomorrow");
    hand.now_ns = HAND_FIRST_NS + DUET_DAY_NS;
    hand_flat(9500); // closes a minute into the next day
    hand_command(DUET_COMMAND_ARM, "");
    assert_trading("ACTIVE");
    hand_close();
}
END_TEST

START_TEST(real_money_is_armed_with_limits_only) {
    hand_config();
    hand.config.live->real_money = true;
    hand_open();
    hand_flat(10000);
    hand_command(DUET_COMMAND_ARM, "");
    assert_effect("real money needs max_position, max_notional and max_daily_loss");
    static const char text[] = "strategy: x\nmax_position: 5\nmax_notional: 1000\nlive:\n  session: a.db\n"
                               "  max_daily_loss: 70\ndata:\n  - symbol: Z\n    path: /nowhere\n";
    hand_take(DUET_INPUT_CONFIG, hand.now_ns, text, sizeof(text) - 1);
    hand_command(DUET_COMMAND_ARM, "");
    assert_trading("ACTIVE");
    ck_assert_double_eq(duet_portfolio_limits(duet_core_portfolio(hand.core))->max_position, 5);
    hand.act = buy_ten;
    hand_flat(10000);
    assert_lines("1 now ACTIVE (test)\n2 DENIED MAX_POSITION\n");
    hand_close();
}
END_TEST

START_TEST(a_reload_changes_the_exits_of_the_monitor) {
    hand_config();
    hand_open();
    hold_ten();
    hand_play(10000, 10000, 9890, 9890, 9890);
    hand_flat(9890);
    assert_lines("");
    static const char text[] = "strategy: x\nlive:\n  stop_loss: 0.01\n";
    hand_take(DUET_INPUT_CONFIG, hand.now_ns + 1, text, sizeof(text) - 1);
    hand_flat(9890); // looked at on the minute, filled at the opening there
    assert_lines("5 sells AAA 10 at 98.90, bar of 5\n");
    hand_close();
}
END_TEST

START_TEST(a_reload_that_cannot_be_read_changes_nothing) {
    hand_config();
    ck_assert_int_eq(duet_config_set(&hand.config, "max_position", "7", NULL), DUET_OK);
    hand_open();
    static const char text[] = "strategy: x\nmax_position: five\n";
    ck_assert_int_eq(hand_try(DUET_INPUT_CONFIG, 1, text, sizeof(text) - 1), DUET_EDATA);
    ck_assert_double_eq(duet_portfolio_limits(duet_core_portfolio(hand.core))->max_position, 7);
    hand_close();
}
END_TEST

DUET_TEST_MAIN("core_trading", NULL, each_state_lets_through_what_the_table_says, it_begins_disarmed_and_says_so,
    while_reducing_a_market_order_through_zero_closes_and_no_more, a_halt_cancels_entries_and_keeps_what_protects,
    a_halt_that_keeps_nothing_cancels_all, where_the_way_out_is_closed_the_stops_stay, flatten_halts_cancels_and_closes,
    only_resume_leaves_a_halt_and_only_arm_adds_risk, arm_shows_account_targets_against_actual_and_limits,
    cancel_ends_one_order_and_says_why_not, a_restart_of_an_armed_session_only_reduces,
    a_stale_feed_takes_active_away_until_it_is_heard_again, a_stale_instrument_takes_no_new_risk_and_the_others_do,
    a_missing_bar_is_a_stale_event_and_its_return_ends_it, the_loss_of_a_day_halts_until_the_next,
    real_money_is_armed_with_limits_only, a_reload_changes_the_exits_of_the_monitor,
    a_reload_that_cannot_be_read_changes_nothing)
