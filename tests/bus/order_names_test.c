#include <duet/order.h>

#include "support/suite.h"

START_TEST(names_are_those_of_the_constants) {
    ck_assert_str_eq(duet_reason_name(DUET_REASON_NONE), "NONE");
    ck_assert_str_eq(duet_reason_name(DUET_REASON_CASH), "CASH");
    ck_assert_str_eq(duet_reason_text(DUET_REASON_CASH), "not enough cash");
    ck_assert_str_eq(duet_reason_name(DUET_REASON_STOPPED), "STOPPED");
    ck_assert_str_eq(duet_order_status_name(DUET_ORDER_PARTIALLY_FILLED), "PARTIALLY_FILLED");
    ck_assert_str_eq(duet_order_status_name(DUET_ORDER_EXPIRED), "EXPIRED");
    ck_assert_str_eq(duet_order_type_name(DUET_STOP_LIMIT), "STOP_LIMIT");
    ck_assert_str_eq(duet_time_in_force_name(DUET_FOK), "FOK");
    ck_assert_str_eq(duet_side_name(DUET_BUY), "BUY");
    ck_assert_str_eq(duet_side_name(DUET_SELL), "SELL");
}
END_TEST

START_TEST(foreign_values_are_a_question_mark) {
    ck_assert_str_eq(duet_reason_name(DUET_REASON_COUNT), "?");
    ck_assert_str_eq(duet_reason_text((enum duet_reason) - 1), "?");
    ck_assert_str_eq(duet_order_status_name(DUET_ORDER_STATUS_COUNT), "?");
    ck_assert_str_eq(duet_order_type_name((enum duet_order_type) - 1), "?");
    ck_assert_str_eq(duet_time_in_force_name(DUET_TIME_IN_FORCE_COUNT), "?");
    ck_assert_str_eq(duet_side_name((enum duet_side)0), "?");
}
END_TEST

DUET_TEST_MAIN("order_names", NULL, names_are_those_of_the_constants, foreign_values_are_a_question_mark)
