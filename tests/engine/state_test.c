/* A strategy's state saved, put back, and refused where it is not its own. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/stage.h"

static struct stage stage;
static void *saved;
static size_t saved_size;

struct counter {
    int64_t step;
    int64_t bars, timers;
    uint64_t drawn;
};
static const struct duet_param params[] = {
    DUET_PARAM_INT(struct counter, step, 1, 1, 9, "added per bar"),
    {0},
};
static enum duet_status count_init(struct duet_context *ctx, void *state) {
    return duet_warm_up(ctx, 3);
}
static void count_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct counter *self = state;
    self->bars += self->step;
    self->drawn = duet_random(ctx);
    if (self->bars == 1) {
        duet_timer(ctx, duet_now(ctx) + DUET_MINUTE_NS, DUET_MINUTE_NS, 5);
    }
}
static void count_timer(struct duet_context *ctx, void *state, uint64_t cookie) {
    struct counter *self = state;
    self->timers++;
}
static const struct duet_strategy_impl counter = {.size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "counter",
    .state_size = sizeof(struct counter),
    .params = params,
    .init = count_init,
    .on_bar = count_bar,
    .on_timer = count_timer};

/* The same with a pointer in its state; saved as text. */
struct owner {
    char *text;
};
static void own_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct owner *self = state;
    size_t length = self->text == NULL ? 0 : strlen(self->text);
    self->text = duet_realloc(self->text, length + 2, 1);
    memcpy(self->text + length, "x", 2);
}
static size_t own_save(struct duet_context *ctx, const void *state, void *out, size_t capacity) {
    const struct owner *self = state;
    size_t length = self->text == NULL ? 0 : strlen(self->text);
    if (length <= capacity && length > 0) {
        memcpy(out, self->text, length);
    }
    return length;
}
static enum duet_status own_load(struct duet_context *ctx, void *state, const void *bytes, size_t size) {
    struct owner *self = state;
    self->text = duet_alloc(size + 1, 1);
    memcpy(self->text, bytes, size);
    return size == 4 ? duet_fail(ctx, DUET_EDATA, "four is no good length") : DUET_OK;
}
static void own_stop(struct duet_context *ctx, void *state) {
    struct owner *self = state;
    free(self->text);
    self->text = NULL;
}
static const struct duet_strategy_impl owner = {.size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "owner",
    .state_size = sizeof(struct owner),
    .on_bar = own_bar,
    .on_stop = own_stop,
    .save = own_save,
    .load = own_load};

static struct duet_host_run *begin(const struct duet_strategy_impl *impl) {
    stage_market(&stage, false, 100000);
    struct duet_host_run *host = stage_host(&stage, impl, NULL);
    stage_up(&stage);
    return host;
}

static void save_after(const struct duet_strategy_impl *impl, int minutes) {
    struct duet_host_run *host = begin(impl);
    for (int i = 0; i < minutes; i++) {
        stage_minute(&stage, 1000, i % 2 == 0 ? 2000 : NO_BAR);
    }
    ck_assert_msg(duet_host_save(host, &saved, &saved_size) == DUET_OK, "%s", duet_error_text());
}

static void check_refused(struct duet_host_run *host, enum duet_status expected, const char *text) {
    ck_assert_int_eq(duet_host_load(host, saved, saved_size), expected);
    ck_assert_msg(strstr(duet_error_text(), text) != NULL, "%s", duet_error_text());
    stage_down(&stage);
    free(saved);
}

START_TEST(goes_on_as_if_it_had_never_stopped) {
    save_after(&counter, 4);
    for (int i = 0; i < 3; i++) {
        stage_minute(&stage, 1000, 2000);
    }
    size_t size;
    const void *states = duet_host_states(stage.hosts[0], &size);
    char *expected = malloc(size);
    memcpy(expected, states, size);
    ck_assert_int_eq(((const struct counter *)(const void *)expected)->bars, 7);
    ck_assert_int_eq(((const struct counter *)(const void *)expected)->timers, 6);
    stage_down(&stage);

    struct duet_host_run *host = begin(&counter);
    ck_assert_msg(duet_host_load(host, saved, saved_size) == DUET_OK, "%s", duet_error_text());
    ck_assert(host->contexts[0].public.is_warm != 0 && host->contexts[1].public.is_warm == 0);
    stage.now_ns = 4 * DUET_MINUTE_NS;
    for (int i = 0; i < 3; i++) {
        stage_minute(&stage, 1000, 2000);
    }
    ck_assert_mem_eq(duet_host_states(host, &size), expected, size);
    free(expected);
    free(saved);
    stage_down(&stage);
}
END_TEST

START_TEST(lets_the_plugin_save_what_it_points_to) {
    save_after(&owner, 3);
    stage_down(&stage);
    struct duet_host_run *host = begin(&owner);
    ck_assert_msg(duet_host_load(host, saved, saved_size) == DUET_OK, "%s", duet_error_text());
    size_t size;
    const struct owner *state = duet_host_states(host, &size);
    ck_assert_str_eq(state->text, "xxx");
    free(saved);
    stage_down(&stage);
}
END_TEST

START_TEST(hands_on_why_a_plugin_cannot_load) {
    save_after(&owner, 4);
    stage_down(&stage);
    check_refused(begin(&owner), DUET_EDATA, "strategy owner: four is no good length");
}
END_TEST

START_TEST(refuses_the_state_of_another_plugin) {
    save_after(&counter, 4);
    stage_down(&stage);
    struct duet_host_run *host = begin(&counter);
    stage.plugins[0].sha256[0] = 'b';
    check_refused(host, DUET_EABI, "saved by plugin aaaaaaaaaaaa, this one is baaaaaaaaaaa");
}
END_TEST

START_TEST(refuses_a_state_saved_with_other_parameters) {
    save_after(&counter, 4);
    stage_down(&stage);
    stage_market(&stage, false, 100000);
    stage_param(&stage, "step", "2");
    struct duet_host_run *host = stage_host(&stage, &counter, NULL);
    stage_up(&stage);
    check_refused(host, DUET_EINVAL, "saved with parameters step=1, now they are step=2");
}
END_TEST

START_TEST(refuses_a_damaged_state) {
    save_after(&counter, 4);
    stage_down(&stage);
    char *bytes = saved;
    for (size_t i = 0; i < saved_size; i += 7) {
        struct duet_host_run *host = begin(&counter);
        bytes[i] = (char)(bytes[i] ^ 0x10);
        ck_assert_int_ne(duet_host_load(host, saved, saved_size), DUET_OK);
        bytes[i] = (char)(bytes[i] ^ 0x10);
        ck_assert_int_ne(duet_host_load(host, saved, i), DUET_OK);
        stage_down(&stage);
    }
    free(saved);
}
END_TEST

DUET_TEST_MAIN("state", NULL, goes_on_as_if_it_had_never_stopped, lets_the_plugin_save_what_it_points_to,
    hands_on_why_a_plugin_cannot_load, refuses_the_state_of_another_plugin, refuses_a_state_saved_with_other_parameters,
    refuses_a_damaged_state)
