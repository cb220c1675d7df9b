/* A session over a file decides what a backtest over it does, event for event. */
#include "engine/core_stage.h"

static struct core_stage stage;

static void make_data(void) {
    duet_test_fresh_folder();
    stage_csv("a.csv", 1, 900, DUET_MINUTE_NS, 9);
    stage_csv("b.csv", 2, 900, DUET_MINUTE_NS, 3);
    stage_csv("h.csv", 3, 16, DUET_HOUR_NS, 0);
    stage_csv("d.csv", 4, 5, DUET_DAY_NS, 0);
}

/** Play the stage's configuration both ways. Returns how many fills there were. */
static uint64_t play_both(void) {
    struct duet_backtest *backtest;
    ck_assert_msg(duet_backtest_run(&stage.config, &(struct duet_backtest_options){0}, &backtest) == DUET_OK, "%s",
        duet_error_text());
    const struct duet_result *result = duet_backtest_result(backtest);
    stage_open(&stage);
    int64_t last_ns = 0;
    do {
        last_ns = stage_next_ns(&stage) != INT64_MAX ? stage_next_ns(&stage) : last_ns;
    } while (stage_step(&stage));
    stage_end(&stage, last_ns);
    ck_assert_int_eq(stage_take(&stage, DUET_INPUT_STOP, last_ns, NULL, 0), DUET_OK);
    ck_assert_uint_eq(duet_core_event_hash(stage.core), result->event_hash);
    ck_assert_uint_eq(duet_core_decision_hash(stage.core), result->decision_hash);
    ck_assert(duet_portfolio_equity(duet_core_portfolio(stage.core)) == result->final_equity);
    uint64_t fills = result->counts.fills;
    ck_assert_uint_eq(stage.counts[DUET_EVENT_FILL], fills);
    duet_backtest_destroy(backtest);
    stage_close(&stage);
    return fills;
}

START_TEST(bundled_strategies_trade_alike) {
    static const char *const names[] = {"buy_and_hold", "sma_cross", "trend"};
    for (size_t i = 0; i < 3; i++) {
        stage_config(&stage);
        stage_set(&stage, "strategy", names[i]);
        stage_set(&stage, "commission", "0.1%");
        stage_set(&stage, "slippage", "1tick");
        stage_data(&stage, "AAA", "a.csv", "");
        ck_assert_uint_gt(play_both(), 0);
    }
}
END_TEST

START_TEST(several_symbols_and_intervals_trade_alike) {
    static const char *const names[] = {"buy_and_hold", "sma_cross", "trend"};
    for (size_t i = 0; i < 3; i++) {
        stage_config(&stage);
        stage_set(&stage, "strategy", names[i]);
        if (i > 0) {
            stage_set(&stage, "param", i == 1 ? "fast=3" : "fast_bars=3");
            stage_set(&stage, "param", i == 1 ? "slow=8" : "slow_bars=8");
        }
        stage_data(&stage, "AAA", "a.csv", "");
        stage_data(&stage, "BBB", "b.csv", "");
        stage_data(&stage, "CCC", "h.csv", "");
        stage_data(&stage, "DDD", "d.csv", "interval=1d");
        ck_assert_uint_gt(play_both(), 3);
    }
}
END_TEST

START_TEST(everything_a_strategy_can_do_is_done_alike) {
    for (unsigned seed = 1; seed <= 6; seed++) {
        char text[32];
        stage_config(&stage);
        stage_plugin(&stage, "busy");
        snprintf(text, sizeof(text), "%u", seed);
        stage_set(&stage, "seed", text);
        stage_set(&stage, "param", seed % 2 == 0 ? "calm=1" : "calm=4");
        stage_set(&stage, "commission", "1bps");
        stage_set(&stage, "leverage", seed == 3 ? "3" : "1");
        stage_set(&stage, "fill_profile", seed == 4 ? "backtrader" : "duet-1");
        stage_set(&stage, "at_end", seed == 5 ? "close" : "hold");
        stage_set(&stage, "open_known", seed == 6 ? "close" : "open");
        stage_data(&stage, "AAA", "a.csv", "");
        stage_data(&stage, "AAA", "h.csv", seed == 2 ? "interval=1h,exec=1" : "interval=1h");
        stage_data(&stage, "BBB", "b.csv", "");
        ck_assert_uint_gt(play_both(), 50);
    }
}
END_TEST

START_TEST(longer_bars_are_made_alike) {
    // A third of b.csv is missing, so most of its longer bars close at instants of their own.
    static const char *const bars[] = {"bars=5m", "bars=15m+1h", "bars=tick:7", "bars=renko:1", "bars=volume:3000+5m",
        "bars=1h,tz=Australia/Lord_Howe"};
    for (size_t i = 0; i < 6; i++) {
        stage_config(&stage);
        stage_plugin(&stage, i % 2 == 0 ? "busy" : "longer");
        if (i % 2 == 1) {
            stage_set(&stage, "param", "trade=true");
            stage_set(&stage, "param", "seconds=600");
        } else {
            stage_set(&stage, "param", "calm=1");
        }
        if (i > 2) {
            stage_set(&stage, "from", "2024-01-02 05:17:00");
            stage_set(&stage, "param", "warm_up_bars=3");
        }
        stage_data(&stage, "AAA", "a.csv", bars[(i + 1) % 6]);
        stage_data(&stage, "BBB", "b.csv", bars[i]);
        ck_assert_uint_gt(play_both(), 3);
    }
}
END_TEST

START_TEST(an_instant_follows_longer_bars_that_close_alone) {
    stage_config(&stage);
    stage_plugin(&stage, "seven");
    stage_set(&stage, "cash", "100000");
    stage_data(&stage, "AAA", "a.csv", "");
    stage_data(&stage, "BBB", "b.csv", "bars=5m");
    (void)play_both();
}
END_TEST

START_TEST(timers_and_instants_come_alike) {
    static const char *const names[] = {"seven", "rearms", "exerciser"};
    for (size_t i = 0; i < 3; i++) {
        stage_config(&stage);
        stage_plugin(&stage, names[i]);
        stage_set(&stage, "cash", "100000");
        stage_data(&stage, "AAA", "a.csv", "");
        stage_data(&stage, "BBB", "b.csv", "");
        stage_data(&stage, "BBB", "d.csv", "interval=1d");
        (void)play_both();
    }
}
END_TEST

START_TEST(a_first_day_with_a_warm_up_is_played_alike) {
    for (int history = 0; history < 2; history++) {
        stage_config(&stage);
        stage_plugin(&stage, "busy");
        stage_set(&stage, "from", "2024-01-02 05:00:00");
        stage_set(&stage, "param", "warm_up_bars=60");
        stage_data(&stage, "AAA", "a.csv", "");
        stage_data(&stage, "BBB", "b.csv", "");
        ck_assert_uint_gt(play_both(), 20);
    }
}
END_TEST

START_TEST(a_warm_up_marked_as_history_changes_nothing) {
    stage_config(&stage);
    stage_plugin(&stage, "busy");
    stage_set(&stage, "from", "2024-01-02 05:00:00");
    stage_set(&stage, "param", "warm_up_bars=60");
    stage_data(&stage, "AAA", "a.csv", "");
    stage_data(&stage, "BBB", "b.csv", "");
    struct duet_backtest *backtest;
    ck_assert_int_eq(duet_backtest_run(&stage.config, &(struct duet_backtest_options){0}, &backtest), DUET_OK);
    stage_open(&stage);
    do {
        stage.flags = stage_next_ns(&stage) <= stage.config.from_ns ? DUET_INSTANT_HISTORY : 0;
    } while (stage_step(&stage));
    stage_end(&stage, 0);
    ck_assert_uint_eq(duet_core_event_hash(stage.core), duet_backtest_result(backtest)->event_hash);
    duet_backtest_destroy(backtest);
    stage_close(&stage);
}
END_TEST

/** Plays a feed of closed bars whose stamps are `late_ns` behind. Returns what was decided; the caller's. */
static struct duet_text decide_at_close(const char *strategy, int64_t late_ns) {
    stage_config(&stage);
    if (strcmp(strategy, "busy") == 0) {
        stage_plugin(&stage, strategy);
        stage_set(&stage, "param", "timeless=true");
        stage_set(&stage, "param", "calm=1");
    } else {
        stage_set(&stage, "strategy", strategy);
    }
    stage_data(&stage, "AAA", "a.csv", "");
    stage_data(&stage, "BBB", "b.csv", "");
    stage_data(&stage, "CCC", "h.csv", "");
    stage_set(&stage, "open_known", "close");
    struct duet_backtest *backtest;
    ck_assert_int_eq(duet_backtest_run(&stage.config, &(struct duet_backtest_options){0}, &backtest), DUET_OK);
    stage_set(&stage, "open_known", "open"); // the feed says it itself
    stage.flags = DUET_INSTANT_OPENS_AT_CLOSE;
    stage.late_ns = late_ns;
    stage_open(&stage);
    while (stage_step(&stage)) {
    }
    stage_end(&stage, 0);
    bool equal = duet_core_event_hash(stage.core) == duet_backtest_result(backtest)->event_hash;
    ck_assert_int_eq(equal, late_ns == 0);
    ck_assert_uint_eq(stage.counts[DUET_EVENT_FILL], duet_backtest_result(backtest)->counts.fills);
    duet_backtest_destroy(backtest);
    struct duet_text decisions = stage.decisions;
    stage.decisions = (struct duet_text){0};
    stage_close(&stage);
    return decisions;
}

START_TEST(closed_bars_that_come_late_decide_what_a_backtest_with_opens_at_the_close_does) {
    static const char *const names[] = {"buy_and_hold", "sma_cross", "trend", "busy"};
    for (size_t i = 0; i < 4; i++) {
        struct duet_text on_time = decide_at_close(names[i], 0), late = decide_at_close(names[i], 7000000);
        ck_assert_ptr_nonnull(strstr(on_time.text, "fill"));
        ck_assert_str_eq(on_time.text, late.text);
        duet_text_finish(&on_time);
        duet_text_finish(&late);
    }
}
END_TEST

DUET_TEST_MAIN("core_parity", make_data, bundled_strategies_trade_alike, several_symbols_and_intervals_trade_alike,
    everything_a_strategy_can_do_is_done_alike, longer_bars_are_made_alike,
    an_instant_follows_longer_bars_that_close_alone, timers_and_instants_come_alike,
    a_first_day_with_a_warm_up_is_played_alike, a_warm_up_marked_as_history_changes_nothing,
    closed_bars_that_come_late_decide_what_a_backtest_with_opens_at_the_close_does)
