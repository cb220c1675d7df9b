/* What a strategy has computed: whose it is, what becomes of it when the process ends, and what is refused. */
#include <stdio.h>
#include <string.h>

#include "engine/stage.h"

static struct stage stage;

/** What was handed on. */
static struct duet_compute_request requests[2048];
static unsigned char inputs[2048][16];
static size_t request_count;

static void hand_on(void *argument, const struct duet_compute_request *request) {
    requests[request_count] = *request;
    memcpy(inputs[request_count], request->input, request->size);
    requests[request_count].input = inputs[request_count];
    request_count++;
}

struct asker {
    int64_t mode; // 0: at every bar; 1: again with every answer; 2: as many as there is room for
    int64_t asked, refused, answered, failed;
    uint64_t last_ticket;
    double sum;
    int32_t last_status;
    uint32_t last_instrument;
};
static const struct duet_param params[] = {
    DUET_PARAM_INT(struct asker, mode, 0, 0, 2, "when"),
    {0},
};

static int doubled(const void *input, size_t size, double values[DUET_FEATURE_VALUES]) {
    double value;
    memcpy(&value, input, sizeof(value));
    values[0] = 2 * value;
    return value < 0 ? -1 : 1;
}

static void ask(struct duet_context *ctx, struct asker *self, double value) {
    uint64_t ticket = duet_compute(ctx, "double", doubled, &value, sizeof(value), 0);
    self->asked += ticket != 0;
    self->refused += ticket == 0;
}
static void ask_on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct asker *self = state;
    for (int i = 0; i < (self->mode == 2 ? 1030 : 1); i++) {
        ask(ctx, self, bar->close);
    }
}
static void hear(struct duet_context *ctx, void *state, const struct duet_feature *feature) {
    struct asker *self = state;
    self->answered++;
    self->failed += feature->status != DUET_OK;
    self->sum += feature->values[0];
    self->last_ticket = feature->ticket;
    self->last_status = feature->status;
    self->last_instrument = feature->instrument;
    if (self->mode == 1) {
        ask(ctx, self, 1);
    }
}
static enum duet_status ask_too_early(struct duet_context *ctx, void *state) {
    double value = 1;
    return duet_compute(ctx, "double", doubled, &value, sizeof(value), 0) == 0 ? DUET_OK : DUET_EINVAL;
}

static const struct duet_strategy_impl asker = {.size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "asker",
    .state_size = sizeof(struct asker),
    .params = params,
    .init = ask_too_early,
    .on_bar = ask_on_bar,
    .on_feature = hear};
static const struct duet_strategy_impl deaf = {.size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "deaf",
    .state_size = sizeof(struct asker),
    .params = params,
    .on_bar = ask_on_bar};

static struct duet_host_run *begin(const struct duet_strategy_impl *impl, const char *mode, bool elsewhere) {
    stage_market(&stage, false, 100000);
    stage_param(&stage, "mode", mode);
    stage.compute = elsewhere ? hand_on : NULL;
    struct duet_host_run *host = stage_host(&stage, impl, NULL);
    stage_up(&stage);
    request_count = 0;
    return host;
}

static const struct asker *state_of(const struct duet_host_run *host, size_t index) {
    return host->contexts[index].state;
}

static void answer(const struct duet_compute_request *request, int64_t now_ns) {
    struct duet_feature_payload payload;
    struct duet_event event;
    duet_compute_run(request, &payload);
    duet_host_feature(&payload, &event);
    ck_assert_int_ne(duet_bus_input(stage.bus, &event, now_ns), DUET_PUBLISH_REFUSED);
}

START_TEST(hands_on_what_is_asked_and_brings_each_answer_to_its_asker) {
    struct duet_host_run *host = begin(&asker, "0", true);
    stage_minute(&stage, 1000, 2000);
    ck_assert_uint_eq(request_count, 2);
    ck_assert_str_eq(requests[0].name, "double");
    ck_assert_str_eq(requests[0].plugin, "asker");
    ck_assert_uint_eq(requests[0].ticket, 1);
    ck_assert_uint_eq(requests[1].ticket, 2);
    answer(&requests[1], stage.now_ns); // later ones may come first
    ck_assert_int_eq(state_of(host, 0)->answered, 0);
    ck_assert_double_eq(state_of(host, 1)->sum, 40);
    ck_assert_uint_eq(state_of(host, 1)->last_instrument, 1);
    answer(&requests[1], stage.now_ns); // twice is once
    ck_assert_int_eq(state_of(host, 1)->answered, 1);
    answer(&requests[0], stage.now_ns);
    ck_assert_double_eq(state_of(host, 0)->sum, 20);
    ck_assert_uint_eq(host->computation_count, 0);
    stage_down(&stage);
}
END_TEST

START_TEST(computes_at_once_where_nobody_else_does) {
    struct duet_host_run *host = begin(&asker, "0", false);
    stage_minute(&stage, 1000, NO_BAR); // the stage runs what is scheduled after the bars
    ck_assert_int_eq(state_of(host, 0)->answered, 1);
    ck_assert_double_eq(state_of(host, 0)->sum, 20);
    ck_assert_int_eq(state_of(host, 0)->last_status, DUET_OK);
    stage_down(&stage);
}
END_TEST

START_TEST(a_failure_is_an_answer_without_values) {
    struct duet_host_run *host = begin(&asker, "0", true);
    stage_minute(&stage, 1000, NO_BAR);
    double negative = -1;
    memcpy(inputs[0], &negative, sizeof(negative));
    answer(&requests[0], stage.now_ns);
    ck_assert_int_eq(state_of(host, 0)->last_status, DUET_EDATA);
    ck_assert_double_eq(state_of(host, 0)->sum, 0);
    stage_down(&stage);
}
END_TEST

START_TEST(answers_that_ask_for_more_come_to_an_end) {
    struct duet_host_run *host = begin(&asker, "1", false);
    stage_minute(&stage, 1000, NO_BAR);
    const struct asker *state = state_of(host, 0);
    ck_assert_int_eq(state->answered, 1 + DUET_HOP_MAX);
    ck_assert_int_eq(state->asked, state->answered);
    ck_assert_int_eq(state->refused, 1);
    stage_minute(&stage, 1000, NO_BAR); // and begin anew at the next instant
    ck_assert_int_eq(state->answered, 2 * (1 + DUET_HOP_MAX));
    stage_down(&stage);
}
END_TEST

START_TEST(more_than_there_is_room_for_are_refused_and_said) {
    struct duet_host_run *host = begin(&asker, "2", true);
    stage_minute(&stage, 1000, NO_BAR);
    ck_assert_int_eq(state_of(host, 0)->asked, DUET_HOST_COMPUTATIONS_MAX);
    ck_assert_int_eq(state_of(host, 0)->refused, 1030 - DUET_HOST_COMPUTATIONS_MAX);
    struct duet_bus_counts counts;
    duet_bus_get_counts(stage.bus, &counts);
    ck_assert_uint_ge(counts.by_type[DUET_EVENT_ERROR], 6);
    stage_down(&stage);
}
END_TEST

START_TEST(a_strategy_that_cannot_hear_asks_for_nothing) {
    struct duet_host_run *host = begin(&deaf, "0", true);
    ck_assert(!duet_host_computes(host));
    stage_minute(&stage, 1000, NO_BAR);
    ck_assert_uint_eq(request_count, 0);
    ck_assert_int_eq(state_of(host, 0)->refused, 1);
    stage_down(&stage);
}
END_TEST

START_TEST(what_was_under_way_at_a_save_can_be_answered_after_a_load) {
    struct duet_host_run *host = begin(&asker, "0", true);
    stage_minute(&stage, 1000, 2000);
    stage_minute(&stage, 1100, 2100);
    answer(&requests[0], stage.now_ns);
    void *saved;
    size_t size;
    ck_assert_int_eq(duet_host_save(host, &saved, &size), DUET_OK);
    struct duet_compute_request second = requests[1];
    int64_t now_ns = stage.now_ns;
    stage_down(&stage);

    host = begin(&asker, "0", true);
    ck_assert_int_eq(duet_host_load(host, saved, size), DUET_OK);
    ck_assert_uint_eq(host->computation_count, 3);
    answer(&second, now_ns);
    ck_assert_int_eq(state_of(host, 1)->answered, 1);
    ck_assert_double_eq(state_of(host, 1)->sum, 40);
    // Nobody works on the other two any more.
    struct duet_event restart = {.type = DUET_EVENT_CUSTOM};
    duet_bus_admit(stage.bus, &restart, now_ns);
    duet_host_fail_computations(host, DUET_ESTATE);
    duet_bus_drain(stage.bus);
    ck_assert_uint_eq(host->computation_count, 0);
    ck_assert_int_eq(state_of(host, 0)->failed, 1);
    ck_assert_int_eq(state_of(host, 1)->failed, 1);
    ck_assert_uint_eq(state_of(host, 0)->last_ticket, 3);
    ck_assert_uint_eq(state_of(host, 1)->last_ticket, 4);
    ck_assert_int_eq(state_of(host, 1)->last_status, DUET_ESTATE);
    stage.now_ns = now_ns;
    stage_minute(&stage, 1200, NO_BAR);
    ck_assert_uint_eq(requests[request_count - 1].ticket, 5); // numbers go on
    stage_down(&stage);
    free(saved);
}
END_TEST

DUET_TEST_MAIN("computations", NULL, hands_on_what_is_asked_and_brings_each_answer_to_its_asker,
    computes_at_once_where_nobody_else_does, a_failure_is_an_answer_without_values,
    answers_that_ask_for_more_come_to_an_end, more_than_there_is_room_for_are_refused_and_said,
    a_strategy_that_cannot_hear_asks_for_nothing, what_was_under_way_at_a_save_can_be_answered_after_a_load)
