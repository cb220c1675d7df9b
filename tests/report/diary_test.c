/* What the page is told of a run, and that it stays within its bounds. */
#include "report/diary.h"

#include <stdlib.h>

#include "support/suite.h"

static struct duet_diary diary;

static void begin(void) {
    duet_diary_init(&diary, 100);
}

START_TEST(a_short_run_keeps_every_instant) {
    const double equity[] = {100, 110, 99, 121, 121};
    for (size_t i = 0; i < 5; i++) {
        duet_diary_instant(&diary, (int64_t)i * 10, equity[i]);
    }
    ck_assert_uint_eq(diary.point_count, 5);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(diary.points[i].ns, (int64_t)i * 10);
        ck_assert_double_eq(diary.points[i].equity, equity[i]);
    }
    ck_assert_double_eq_tol(diary.points[2].drawdown, 0.1, 1e-15);
    ck_assert_double_eq(diary.points[3].drawdown, 0);
    duet_diary_finish(&diary);
}
END_TEST

START_TEST(the_first_peak_is_the_initial_cash) {
    duet_diary_instant(&diary, 1, 80);
    ck_assert_double_eq_tol(diary.points[0].drawdown, 0.2, 1e-15);
    duet_diary_finish(&diary);
}
END_TEST

START_TEST(the_same_instant_again_is_its_later_state) {
    duet_diary_instant(&diary, 7, 90);
    duet_diary_instant(&diary, 7, 95);
    ck_assert_uint_eq(diary.point_count, 1);
    ck_assert_double_eq(diary.points[0].equity, 95);
    ck_assert_double_eq_tol(diary.points[0].drawdown, 0.1, 1e-15); // it has been there
    duet_diary_finish(&diary);
}
END_TEST

START_TEST(a_long_run_is_thinned_and_keeps_its_deepest_drawdown) {
    const int64_t instants = 10 * DUET_DIARY_POINTS_MAX + 3, dip = 4711;
    for (int64_t i = 0; i < instants; i++) {
        duet_diary_instant(&diary, i, i == dip ? 40 : 100);
    }
    ck_assert_uint_le(diary.point_count, DUET_DIARY_POINTS_MAX);
    ck_assert_uint_ge(diary.point_count, DUET_DIARY_POINTS_MAX / 2);
    ck_assert_uint_eq(diary.instants_per_point, 16);
    ck_assert_int_eq(diary.points[diary.point_count - 1].ns, instants - 1);
    size_t deep = 0;
    for (size_t i = 0; i < diary.point_count; i++) {
        ck_assert_int_gt(diary.points[i].ns, i > 0 ? diary.points[i - 1].ns : -1);
        if (diary.points[i].drawdown > 0) {
            ck_assert_double_eq_tol(diary.points[i].drawdown, 0.6, 1e-15);
            ck_assert_int_ge(diary.points[i].ns, dip);
            ck_assert_int_lt(diary.points[i].ns, dip + 16);
            deep++;
        }
    }
    ck_assert_uint_eq(deep, 1);
    duet_diary_finish(&diary);
}
END_TEST

START_TEST(the_first_trades_are_kept_up_to_the_limit) {
    for (uint64_t i = 1; i <= DUET_DIARY_TRADES_MAX + 5; i++) {
        duet_diary_trade(&diary, &(struct duet_trade_record){.trade_id = i});
    }
    ck_assert_uint_eq(diary.trade_count, DUET_DIARY_TRADES_MAX);
    ck_assert_uint_eq(diary.trades[0].trade_id, 1);
    ck_assert_uint_eq(diary.trades[DUET_DIARY_TRADES_MAX - 1].trade_id, DUET_DIARY_TRADES_MAX);
    duet_diary_finish(&diary);
}
END_TEST

DUET_TEST_MAIN("diary", begin, a_short_run_keeps_every_instant, the_first_peak_is_the_initial_cash,
    the_same_instant_again_is_its_later_state, a_long_run_is_thinned_and_keeps_its_deepest_drawdown,
    the_first_trades_are_kept_up_to_the_limit)
