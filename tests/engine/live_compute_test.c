/*
 * Computations in a live session: they leave after the commit, their results are inputs, what a crash took away is
 * told as failed, and a replay comes to the same without computing anything.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/host_private.h"
#include "engine/live/replay.h"
#include "engine/live_stage.h"

#define WORKS_MAX 1024

static struct live_stage stage;

struct work {
    struct duet_compute_request request;
    unsigned char input[512];
};
static struct work works[WORKS_MAX];
static size_t asked, answered;

static void take_work(void *argument, const struct duet_compute_request *request) {
    ck_assert_uint_lt(asked, WORKS_MAX);
    struct work *work = &works[asked++];
    ck_assert_uint_le(request->size, sizeof(work->input));
    work->request = *request;
    memcpy(work->input, request->input, request->size);
    work->request.input = work->input;
}

static void answer(size_t index) {
    struct duet_feature_payload payload;
    duet_compute_run(&works[index].request, &payload);
    struct duet_input_result result = {.ticket = payload.ticket, .status = payload.status, .count = payload.count};
    memcpy(result.values, payload.values, sizeof(result.values));
    live_ok(duet_session_admit(stage.session, DUET_INPUT_RESULT, &result, sizeof(result), 0));
    live_run(&stage);
    answered++;
}

static void set_up(void) {
    duet_test_fresh_folder();
    char path[1024];
    const char *folder = getenv("DUET_PLUGINS");
    ck_assert_msg(folder != NULL, "run through meson test");
    snprintf(path, sizeof(path), "%s/features.so", folder);
    live_stage_init(&stage, path, "compute.db");
    stage.options.compute = take_work;
    asked = answered = 0;
}

static size_t under_way(void) {
    return duet_core_host(duet_session_core(stage.session))->computation_count;
}

static struct duet_replay_result verified(void) {
    struct duet_replay_result result;
    enum duet_status status = duet_replay_verify(stage.options.live->session, NULL, false, 0, NULL, &result);
    ck_assert_msg(status == DUET_OK, "%s\n%s", duet_error_text(), result.difference);
    return result;
}

/** Play to `end`, answering each question as late as `delay` bars after it was put. */
static void play(int end, size_t delay) {
    int64_t last_ns = duet_session_last_instant_ns(stage.session);
    int bar = last_ns == INT64_MIN ? 0 : (int)((last_ns - LIVE_BEGIN_NS) / DUET_MINUTE_NS);
    for (; bar < end; bar++) {
        live_play(&stage, bar + 1);
        while (asked - answered > LIVE_INSTRUMENTS * delay) {
            answer(answered);
        }
    }
}

START_TEST(results_are_inputs_and_a_replay_computes_nothing) {
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    play(60, 2);
    ck_assert_uint_gt(answered, 60);
    while (answered < asked) {
        answer(answered); // an answer may ask again
    }
    ck_assert_uint_eq(under_way(), 0);
    uint64_t event_hash = duet_core_event_hash(duet_session_core(stage.session));
    live_ok(duet_session_stop(stage.session));
    size_t before = asked;
    struct duet_replay_result result = verified();
    ck_assert_uint_gt(result.decisions, 0);
    ck_assert_uint_eq(result.event_hash, event_hash);
    ck_assert_uint_eq(asked, before);
    live_stage_finish(&stage);
}
END_TEST

START_TEST(what_a_crash_took_away_is_told_as_failed_after_the_restart) {
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    play(40, 3);
    size_t lost = asked - answered;
    ck_assert_uint_eq(lost, LIVE_INSTRUMENTS * 3);
    ck_assert_uint_eq(under_way(), lost);
    live_stage_crash(&stage);
    live_stage_open(&stage);
    live_run(&stage);
    ck_assert(duet_session_recovered(stage.session));
    ck_assert_uint_eq(under_way(), 0);
    size_t before = asked;
    ck_assert_uint_eq(before, answered + lost); // recovery hands nothing out again
    answered = asked;
    live_command(&stage, DUET_COMMAND_ARM);
    play(60, 1);
    ck_assert_uint_gt(asked, before);
    ck_assert_uint_eq(under_way(), LIVE_INSTRUMENTS);
    (void)verified(); // while it runs
    live_ok(duet_session_stop(stage.session));
    (void)verified();
    live_stage_finish(&stage);
}
END_TEST

START_TEST(a_snapshot_remembers_whose_they_are) {
    live_stage_open(&stage);
    play(40, 3);
    duet_session_snapshot(stage.session);
    play(41, 3);
    answer(answered); // in the tail after the snapshot
    size_t lost = under_way();
    live_stage_crash(&stage);
    live_stage_open(&stage);
    live_run(&stage);
    ck_assert_uint_gt(lost, 0);
    ck_assert_uint_eq(under_way(), 0);
    live_ok(duet_session_stop(stage.session));
    (void)verified();
    live_stage_finish(&stage);
}
END_TEST

START_TEST(an_orderly_end_tells_them_at_the_next_begin) {
    live_stage_open(&stage);
    play(40, 3);
    ck_assert_uint_gt(under_way(), 0);
    live_ok(duet_session_stop(stage.session));
    live_stage_crash(&stage); // closed
    live_stage_open(&stage);
    live_run(&stage);
    ck_assert_uint_eq(under_way(), 0);
    live_ok(duet_session_stop(stage.session));
    (void)verified();
    live_stage_finish(&stage);
}
END_TEST

DUET_TEST_MAIN("live_compute", set_up, results_are_inputs_and_a_replay_computes_nothing,
    what_a_crash_took_away_is_told_as_failed_after_the_restart, a_snapshot_remembers_whose_they_are,
    an_orderly_end_tells_them_at_the_next_begin)
