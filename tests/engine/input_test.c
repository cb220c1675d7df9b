/* Records of a live session: names, checks, and the arrays of an INSTANT. */
#include "engine/live/input.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "support/suite.h"

static enum duet_status check_bytes(enum duet_input_kind kind, const void *bytes, size_t size) {
    struct duet_input input = {.number = 7, .kind = (uint16_t)kind, .size = (uint32_t)size, .bytes = bytes};
    return duet_input_check(&input);
}

START_TEST(numbers_have_names_and_names_numbers) {
    ck_assert_str_eq(duet_input_kind_name(DUET_INPUT_INSTANT), "INSTANT");
    ck_assert_str_eq(duet_input_kind_name(DUET_INPUT_END), "END");
    ck_assert_str_eq(duet_input_kind_name(0), "?");
    ck_assert_str_eq(duet_input_kind_name(17), "?");
    ck_assert_str_eq(duet_command_name(DUET_COMMAND_CANCEL_ALL), "cancel-all");
    ck_assert_ptr_null(duet_command_name(0));
    ck_assert_ptr_null(duet_command_name(7));
    ck_assert_uint_eq(duet_command_find("flatten"), DUET_COMMAND_FLATTEN);
    ck_assert_uint_eq(duet_command_find("Flatten"), 0);
}
END_TEST

START_TEST(arrays_of_an_instant_come_back_as_they_were_written) {
    struct duet_bar bars[2] = {{.size = sizeof(struct duet_bar), .instrument = 1, .close_scaled = 11},
        {.size = sizeof(struct duet_bar), .instrument = 2, .close_scaled = 22}};
    struct duet_opening openings[1] = {{.size = sizeof(struct duet_opening), .instrument = 2, .open_scaled = 33}};
    uint32_t missing[3] = {4, 5, 6};
    struct duet_input_instant head = {.instant_ns = 60, .closing = 2, .opening = 1, .missing = 3};
    struct duet_text text = {0};
    duet_input_write_instant(&text, &head, bars, openings, missing);
    ck_assert_uint_eq(text.length, 24 + 2 * 128 + 24 + 3 * 4);
    struct duet_input input = {
        .number = 1, .kind = DUET_INPUT_INSTANT, .size = (uint32_t)text.length, .bytes = text.text};
    ck_assert_int_eq(duet_input_check(&input), DUET_OK);
    ck_assert_int_eq(duet_input_closing(&input)[1].close_scaled, 22);
    ck_assert_int_eq(duet_input_opening(&input)[0].open_scaled, 33);
    ck_assert_uint_eq(duet_input_missing(&input)[2], 6);
    input.size--;
    ck_assert_int_eq(duet_input_check(&input), DUET_EDATA);
    head.closing = UINT32_MAX; // 512 GiB of bars, said in few bytes
    memcpy(text.text, &head, sizeof(head));
    ck_assert_int_eq(duet_input_check(&input), DUET_EDATA);
    duet_text_finish(&text);
}
END_TEST

START_TEST(what_does_not_go_together_is_refused_by_name) {
    _Alignas(16) unsigned char bytes[256] = {0};
    ck_assert_int_eq(check_bytes(99, bytes, 0), DUET_EDATA);
    ck_assert_str_eq(duet_error_text(), "input 7: there is no kind 99");
    ck_assert_int_eq(check_bytes(DUET_INPUT_TIME, bytes, 8), DUET_EDATA);
    ck_assert_str_eq(duet_error_text(), "input 7, TIME: payload of a wrong size");
    ck_assert_int_eq(check_bytes(DUET_INPUT_RESTART, bytes + 4, 16), DUET_EDATA);
    ck_assert_str_eq(duet_error_text(), "input 7, RESTART: payload is not aligned");
    ck_assert_int_eq(check_bytes(DUET_INPUT_RESTART, NULL, 16), DUET_EDATA);
    ck_assert_int_eq(check_bytes(DUET_INPUT_TRADE, bytes, sizeof(struct duet_trade)), DUET_EDATA);
    ck_assert_int_eq(check_bytes(DUET_INPUT_COMMAND, bytes, sizeof(struct duet_input_command)), DUET_EDATA);
    ck_assert_int_eq(check_bytes(DUET_INPUT_CONNECTION, bytes, sizeof(struct duet_input_connection)), DUET_EDATA);
    struct duet_input_command command = {.command = DUET_COMMAND_HALT};
    ck_assert_int_eq(check_bytes(DUET_INPUT_COMMAND, &command, sizeof(command)), DUET_OK);
    memset(command.text, 'x', sizeof(command.text));
    ck_assert_int_eq(check_bytes(DUET_INPUT_COMMAND, &command, sizeof(command)), DUET_EDATA);
    struct duet_input_report report = {.order_id = 1, .status = DUET_ORDER_STATUS_COUNT};
    ck_assert_int_eq(check_bytes(DUET_INPUT_REPORT, &report, sizeof(report)), DUET_EDATA);
    report.status = DUET_ORDER_FILLED;
    report.cumulative = -1;
    ck_assert_int_eq(check_bytes(DUET_INPUT_REPORT, &report, sizeof(report)), DUET_EDATA);
    struct duet_input_result result = {.ticket = 1, .count = 8};
    ck_assert_int_eq(check_bytes(DUET_INPUT_RESULT, &result, sizeof(result)), DUET_EDATA);
    struct duet_input_reconciled reconciled = {.positions = 1};
    ck_assert_int_eq(check_bytes(DUET_INPUT_RECONCILED, &reconciled, sizeof(reconciled)), DUET_EDATA);
    ck_assert_int_eq(check_bytes(DUET_INPUT_STOP, NULL, 0), DUET_OK);
}
END_TEST

DUET_TEST_MAIN("input", NULL, numbers_have_names_and_names_numbers, arrays_of_an_instant_come_back_as_they_were_written,
    what_does_not_go_together_is_refused_by_name)
