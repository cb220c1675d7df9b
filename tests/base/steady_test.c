/* The clock that goes on where the wall clock is put back. */
#include "base/steady.h"

#include "support/suite.h"

START_TEST(follows_the_wall_clock_but_never_back) {
    struct duet_steady_clock clock = {0};
    ck_assert_int_eq(duet_steady_now_ns(&clock, 5000, 10, INT64_MIN), 5000);
    ck_assert_int_eq(duet_steady_now_ns(&clock, 5100, 110, 5000), 5100);
    ck_assert_int_eq(duet_steady_now_ns(&clock, 9000, 120, 5100), 9000); // put forward
    ck_assert_int_eq(duet_steady_now_ns(&clock, 5200, 130, 9000), 9010); // and back: what is due at 9020 comes
    ck_assert_int_eq(duet_steady_now_ns(&clock, 5300, 230, 9010), 9110);
    ck_assert_int_eq(duet_steady_now_ns(&clock, 9200, 240, 9110), 9200);
}
END_TEST

START_TEST(goes_on_from_what_was_stamped_by_a_process_before) {
    struct duet_steady_clock clock = {0};
    ck_assert_int_eq(duet_steady_now_ns(&clock, 5000, 10, 8000), 8000);
    ck_assert_int_eq(duet_steady_now_ns(&clock, 5100, 110, 8000), 8100);
}
END_TEST

DUET_TEST_MAIN("steady", NULL, follows_the_wall_clock_but_never_back, goes_on_from_what_was_stamped_by_a_process_before)
