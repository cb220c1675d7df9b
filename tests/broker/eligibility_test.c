/* When an order counts, and in which order orders count. Lines as in stage.h. */
#include "broker/answers.h"

/* ------------------------------------------------------------------------------------------------- eligibility */

START_TEST(meets_the_opening_at_the_instant_of_its_acceptance) {
    stage_up("duet-1", 100000, NULL);
    stage.verbose = true;
    send(market(10));
    stage_open(101);
    ck_assert_str_eq(stage.line, "3:A1 3:B10@101 3:F1");
    ck_assert_int_eq(stage.last_fill.timestamp_ns, stage.now_ns);
    ck_assert_uint_eq(stage.last_fill.fill_id, 1);
    stage_down();
}
END_TEST

START_TEST(waits_for_the_next_opening_when_accepted_inside_a_bar) {
    stage_up("duet-1", 100000, NULL);
    stage_open(100);
    stage.now_ns += DUET_HOUR_NS;
    stage_input();
    duet_bus_drain(stage.bus);
    send(limit(10, 99));
    send(stop(10, 101));
    stage.now_ns -= DUET_HOUR_NS;
    stage_close(100, 105, 95, 100); // through both, perhaps before they were there
    ck_assert_str_eq(stage.line, "");
    stage_bar(100, 100.5, 98, 100);
    ck_assert_str_eq(stage.line, "4:B10@99");
    stage_down();
}
END_TEST

START_TEST(what_is_sent_after_an_opening_touches_neither_it_nor_its_bar) {
    stage_up("duet-1", 100000, NULL);
    strategy_up();
    send(market(10));
    answers[0] = market(5);
    answers[1] = limit(5, 99);
    answer_count = 2;
    stage_bar(100, 100, 90, 100);
    ck_assert_str_eq(stage.line, "3:B10@100");
    stage_bar(101, 101, 98, 100);
    ck_assert_str_eq(stage.line, "3:B10@100 4:B5@101 4:B5@99");
    stage_down();
}
END_TEST

START_TEST(a_second_batch_at_one_instant_is_not_met_by_what_the_first_caused) {
    stage_up("duet-1", 100000, NULL);
    strategy_up();
    send(market(10));
    answers[0] = on(1, market(5));
    answer_count = 1;
    stage_openings((int64_t[STAGE_INSTRUMENTS]){p(100)});
    stage_openings((int64_t[STAGE_INSTRUMENTS]){0, p(100)});
    ck_assert_str_eq(stage.line, "3:B10@100");
    stage_down();
}
END_TEST

START_TEST(an_attached_stop_acts_in_the_bar_whose_opening_filled_its_entry) {
    stage_up("duet-1", 100000, NULL);
    strategy_up();
    send(market(10));
    answers[0] = flagged(stop(-10, 95), DUET_REDUCE_ONLY | DUET_ATTACHED);
    answer_count = 1;
    stage_bar(100, 101, 94, 100);
    ck_assert_str_eq(stage.line, "3:B10@100 3:S10@95");
    stage_down();
}
END_TEST

START_TEST(an_attached_stop_of_an_entry_inside_a_range_acts_from_the_next_opening) {
    stage_up("duet-1", 100000, NULL);
    strategy_up();
    send(limit(10, 98));
    answers[0] = flagged(stop(-10, 95), DUET_REDUCE_ONLY | DUET_ATTACHED);
    answer_count = 1;
    stage_bar(100, 101, 94, 96);
    ck_assert_str_eq(stage.line, "3:B10@98");
    stage_bar(94.5, 96, 93, 96);
    ck_assert_str_eq(stage.line, "3:B10@98 4:S10@94.5");
    stage_down();
}
END_TEST

START_TEST(an_attached_stop_beyond_the_open_fills_at_the_open_and_not_outside_the_bar) {
    stage_up("duet-1", 100000, NULL);
    strategy_up();
    send(market(10));
    answers[0] = flagged(stop(-10, 105), DUET_REDUCE_ONLY | DUET_ATTACHED);
    answer_count = 1;
    stage_bar(100, 101, 99, 100);
    ck_assert_str_eq(stage.line, "3:B10@100 3:S10@100");
    stage_down();
}
END_TEST

START_TEST(an_attached_target_better_than_the_open_fills_at_the_open) {
    stage_up("duet-1", 100000, NULL);
    strategy_up();
    send(market(10));
    answers[0] = flagged(limit(-10, 95), DUET_REDUCE_ONLY | DUET_ATTACHED);
    answer_count = 1;
    stage_bar(100, 101, 99, 100);
    ck_assert_str_eq(stage.line, "3:B10@100 3:S10@100");
    stage_down();
}
END_TEST

START_TEST(a_stop_limit_says_when_it_triggers_and_then_waits_as_a_limit) {
    stage_up("duet-1", 100000, NULL);
    stage.verbose = true;
    send(stop_limit(10, 102, 101));
    stage_bar(101.5, 103, 99.5, 100.5);
    stage_bar(101, 102, 101, 101.5); // 101 is touched only
    stage_bar(101, 102, 100.99, 101.5);
    ck_assert_str_eq(stage.line, "3:A1 3:T1 5:B10@101 5:F1");
    ck_assert_uint_eq(stage.last_fill.liquidity, DUET_LIQUIDITY_MAKER);
    stage_down();
}
END_TEST

/* ------------------------------------------------------------------------------------------ who comes first */

START_TEST(a_stop_comes_before_a_target_of_the_same_bar) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    stage_bar(100, 100, 100, 100);
    send(flagged(limit(-10, 103), DUET_REDUCE_ONLY));
    send(flagged(stop(-10, 98), DUET_REDUCE_ONLY));
    stage_bar(100, 104, 97, 100);
    ck_assert_str_eq(stage.line, "3:B10@100 4:S10@98 4:Cancelled(REDUCE_ONLY)");
    ck_assert_int_eq(stage_position(0), 0);
    stage_down();
}
END_TEST

START_TEST(backtrader_takes_the_orders_of_a_bar_as_they_came) {
    stage_up("backtrader", 100000, NULL);
    send(market(10));
    stage_bar(100, 100, 100, 100);
    send(flagged(limit(-10, 103), DUET_REDUCE_ONLY));
    send(flagged(stop(-10, 98), DUET_REDUCE_ONLY));
    stage_bar(100, 104, 97, 100);
    ck_assert_str_eq(stage.line, "3:B10@100 4:S10@103 4:Cancelled(REDUCE_ONLY)");
    stage_down();
}
END_TEST

static void play_batch(const char *profile) {
    stage_up(profile, 2000, NULL);
    send(on(1, market(10)));
    stage_openings((int64_t[STAGE_INSTRUMENTS]){p(100), p(100)});
    struct duet_bar bars[2] = {bar_of(0, 100, 100, 100, 100), bar_of(1, 100, 100, 100, 100)};
    stage_closings(bars, 2, DUET_DAY_NS);
    send(on(0, market(9))); // 900 of 1000 in cash; at 115 it wants 1035
    send(on(1, market(-10))); // brings 1000
    stage_openings((int64_t[STAGE_INSTRUMENTS]){p(115), p(100)});
}

START_TEST(what_reduces_a_position_goes_first_and_its_cash_is_there_at_once) {
    play_batch("duet-1");
    ck_assert_str_eq(stage.line, "3:B10@100 4:S10@100 4:B9@115");
    stage_down();
}
END_TEST

START_TEST(backtrader_goes_by_submission_and_runs_short_of_cash) {
    play_batch("backtrader");
    ck_assert_str_eq(stage.line, "3:B10@100 4:Cancelled(MARGIN) 4:S10@100");
    stage_down();
}
END_TEST

START_TEST(each_fill_of_a_batch_is_caused_by_its_own_opening) {
    stage_up("backtrader", 100000, NULL);
    send(on(1, market(2)));
    send(on(0, market(1)));
    send(on(1, market(3)));
    stage_openings((int64_t[STAGE_INSTRUMENTS]){p(100), p(101)});
    ck_assert_str_eq(stage.line, "3:B2@101 3:B1@100 3:B3@101");
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_ne(stage.opening_sequence[i], 0);
        ck_assert_uint_eq(stage.fill_cause[i], stage.opening_sequence[i]);
    }
    stage_down();
}
END_TEST

START_TEST(two_closing_orders_of_one_batch_do_not_close_twice) {
    stage_up("duet-1", 100000, NULL);
    send(market(10));
    stage_bar(100, 100, 100, 100);
    send(flagged(market(-10), DUET_REDUCE_ONLY));
    send(flagged(stop(-10, 99), DUET_REDUCE_ONLY));
    stage_bar(98, 99, 97, 98);
    ck_assert_str_eq(stage.line, "3:B10@100 4:S10@98 4:Cancelled(REDUCE_ONLY)");
    ck_assert_int_eq(stage_position(0), 0);
    stage_down();
}
END_TEST

DUET_TEST_MAIN("eligibility", NULL, meets_the_opening_at_the_instant_of_its_acceptance,
    waits_for_the_next_opening_when_accepted_inside_a_bar, what_is_sent_after_an_opening_touches_neither_it_nor_its_bar,
    a_second_batch_at_one_instant_is_not_met_by_what_the_first_caused,
    an_attached_stop_acts_in_the_bar_whose_opening_filled_its_entry,
    an_attached_stop_of_an_entry_inside_a_range_acts_from_the_next_opening,
    an_attached_stop_beyond_the_open_fills_at_the_open_and_not_outside_the_bar,
    an_attached_target_better_than_the_open_fills_at_the_open, each_fill_of_a_batch_is_caused_by_its_own_opening,
    a_stop_limit_says_when_it_triggers_and_then_waits_as_a_limit, a_stop_comes_before_a_target_of_the_same_bar,
    backtrader_takes_the_orders_of_a_bar_as_they_came, what_reduces_a_position_goes_first_and_its_cash_is_there_at_once,
    backtrader_goes_by_submission_and_runs_short_of_cash, two_closing_orders_of_one_batch_do_not_close_twice)
