/* Strategies that decide by what no journal has: a replay finds each of them out, and names output and cause. */
#include <stdlib.h>
#include <unistd.h>

#include "engine/live/replay.h"
#include "live_stage.h"

#define BARS 60

static struct live_stage stage;

static void use(const char *name) {
    struct duet_text path = {0};
    duet_text_print(&path, "%s/%s.so", getenv("DUET_PLUGINS"), name);
    live_stage_init(&stage, path.text, "session.db");
    duet_text_finish(&path);
}

static void play(void) {
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, BARS);
    live_ok(duet_session_stop(stage.session));
    live_stage_crash(&stage);
}

static void is_found_out(void) {
    play();
    // Memory is laid out otherwise in another process; here, by what is in use meanwhile.
    void *held[64];
    for (size_t i = 0; i < 64; i++) {
        held[i] = malloc(48);
        ck_assert_ptr_nonnull(held[i]);
    }
    static struct duet_replay_result result;
    ck_assert_int_eq(duet_replay_verify(stage.options.live->session, NULL, false, 0, NULL, &result), DUET_EDIFF);
    ck_assert_uint_gt(result.first_difference, 0);
    ck_assert_msg(
        strstr(duet_error_text(), "first difference at event ") == duet_error_text(), "%s", duet_error_text());
    ck_assert_msg(strstr(duet_error_text(), "(ORDER): quantity ") != NULL, "%s", duet_error_text());
    ck_assert_msg(strstr(duet_error_text(), "; caused by input ") != NULL, "%s", duet_error_text());
    ck_assert_msg(strstr(duet_error_text(), "INSTANT 2024-03-01 10:") != NULL, "%s", duet_error_text());
    ck_assert_msg(strstr(result.difference, "> quantity ") != NULL, "%s", result.difference);
    ck_assert_msg(strstr(result.difference, "  side ") != NULL, "%s", result.difference);
    for (size_t i = 0; i < 64; i++) {
        free(held[i]);
    }
    live_stage_finish(&stage);
}

START_TEST(finds_out_who_reads_a_clock) {
    use("astray_clock");
    is_found_out();
}
END_TEST

START_TEST(finds_out_who_draws_numbers_of_its_own) {
    use("astray_draw");
    is_found_out();
}
END_TEST

START_TEST(finds_out_who_walks_in_the_order_of_addresses) {
    use("astray_pointers");
    is_found_out();
}
END_TEST

START_TEST(finds_out_who_lets_threads_race) {
    use("astray_race");
    is_found_out();
}
END_TEST

START_TEST(clears_who_does_none_of_that) {
    use("varied");
    play();
    static struct duet_replay_result result;
    live_ok(duet_replay_verify(stage.options.live->session, NULL, false, 0, NULL, &result));
    ck_assert_uint_gt(result.decisions, BARS);
    live_stage_finish(&stage);
}
END_TEST

DUET_TEST_MAIN("astray", duet_test_fresh_folder, finds_out_who_reads_a_clock, finds_out_who_draws_numbers_of_its_own,
    finds_out_who_walks_in_the_order_of_addresses, finds_out_who_lets_threads_race, clears_who_does_none_of_that)
