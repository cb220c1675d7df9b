/* Loading plugins and setting their parameters. DUET_PLUGINS is where the test plugins lie. */
#include "engine/host.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/strategies_list.h"

#include "support/suite.h"

static char path[1024];

static const char *plugin_path(const char *name) {
    const char *folder = getenv("DUET_PLUGINS");
    ck_assert_msg(folder != NULL, "run through meson test");
    snprintf(path, sizeof(path), "%s/%s.so", folder, name);
    return path;
}

/** Opening `name` fails with `status`, and the line holds `text`. */
static void check_refused(const char *name, enum duet_status expected, const char *text) {
    struct duet_plugin plugin;
    enum duet_status status = duet_plugin_open(name, &plugin);
    ck_assert_msg(status == expected, "%d: %s", status, duet_error_text());
    ck_assert_msg(strstr(duet_error_text(), text) != NULL, "%s", duet_error_text());
    ck_assert_msg(strstr(duet_error_text(), name) != NULL, "%s", duet_error_text());
    ck_assert_ptr_null(strchr(duet_error_text(), '\n'));
}

START_TEST(opens_bundled_strategies_by_name) {
    size_t count;
    const struct duet_strategy_impl *const *bundled = duet_bundled_strategies(&count);
    ck_assert_uint_ge(count, 3);
    for (size_t i = 0; i < count; i++) {
        ck_assert(i == 0 || strcmp(bundled[i - 1]->name, bundled[i]->name) < 0);
        struct duet_plugin plugin;
        ck_assert_int_eq(duet_plugin_open(bundled[i]->name, &plugin), DUET_OK);
        ck_assert_str_eq(plugin.name, bundled[i]->name);
        ck_assert_ptr_null(plugin.library);
        ck_assert_uint_eq(strlen(plugin.sha256), 64);
        duet_plugin_close(&plugin);
    }
}
END_TEST

START_TEST(names_the_nearest_bundled_strategy) {
    check_refused("sma_corss", DUET_EINVAL, "did you mean sma_cross?");
    check_refused("nothing_like_it", DUET_EINVAL, "./nothing_like_it.so");
}
END_TEST

START_TEST(refuses_a_missing_file) {
    check_refused("./there_is_none.so", DUET_ENOTFOUND, "No such file");
    check_refused("there_is_none.so", DUET_ENOTFOUND, "No such file");
}
END_TEST

START_TEST(refuses_what_is_no_plugin) {
    char text[] = "/tmp/duet-plugin-XXXXXX.so";
    int file = mkstemps(text, 3);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq((int)write(file, "#!/bin/sh\n", 10), 10);
    close(file);
    check_refused(text, DUET_EINVAL, "not a loadable plugin");
    unlink(text);
    check_refused(plugin_path("no_symbol"), DUET_ENOTFOUND, "duet_strategy_plugin");
}
END_TEST

START_TEST(names_both_versions_of_a_foreign_interface) {
    check_refused(plugin_path("wrong_abi"), DUET_EABI, "interface 2.7, this duet speaks 1.1");
}
END_TEST

START_TEST(refuses_a_table_that_would_write_beside_the_state) {
    check_refused(plugin_path("bad_table"), DUET_EINVAL, "parameter 2 (more) lies outside of the state");
}
END_TEST

START_TEST(opens_a_shared_module_as_it_does_a_bundled_one) {
    struct duet_plugin plugin;
    ck_assert_msg(duet_plugin_open(plugin_path("trend"), &plugin) == DUET_OK, "%s", duet_error_text());
    ck_assert_str_eq(plugin.name, "trend");
    ck_assert_uint_eq(duet_plugin_param_count(plugin.impl), 4);
    ck_assert_str_eq(duet_plugin_param(plugin.impl, 3)->name, "stop_fraction");
    duet_plugin_close(&plugin);
}
END_TEST

START_TEST(completes_an_older_smaller_table) {
    struct duet_plugin plugin;
    ck_assert_msg(duet_plugin_open(plugin_path("older"), &plugin) == DUET_OK, "%s", duet_error_text());
    ck_assert_ptr_eq(plugin.impl, &plugin.completed);
    ck_assert_ptr_nonnull(plugin.impl->on_bar);
    ck_assert_ptr_null(plugin.impl->on_instant);
    ck_assert_ptr_null(plugin.impl->load);
    ck_assert_ptr_null(plugin.impl->summary);
    duet_plugin_close(&plugin);
}
END_TEST

START_TEST(takes_what_it_knows_of_a_newer_larger_table) {
    struct duet_plugin plugin;
    ck_assert_msg(duet_plugin_open(plugin_path("newer"), &plugin) == DUET_OK, "%s", duet_error_text());
    ck_assert_uint_eq(duet_plugin_param_count(plugin.impl), 2);
    ck_assert_str_eq(duet_plugin_param(plugin.impl, 1)->name, "share");
    duet_plugin_close(&plugin);
}
END_TEST

struct sample {
    int64_t bars;
    double share;
    bool both;
    int64_t other;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct sample, bars, 10, 1, 200, "bars"),
    DUET_PARAM_REAL(struct sample, share, 0.1, -1, 1, "share"),
    DUET_PARAM_BOOL(struct sample, both, true, "both sides"),
    {0},
};

static const struct duet_strategy_impl impl = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "sample",
    .state_size = sizeof(struct sample),
    .params = params,
};

START_TEST(sets_parameters_of_each_kind_from_text) {
    struct sample state = {0};
    ck_assert_int_eq(duet_plugin_set_param(&impl, &state, "bars", "200"), DUET_OK);
    ck_assert_int_eq(duet_plugin_set_param(&impl, &state, "share", "-2.5e-1"), DUET_OK);
    ck_assert_int_eq(duet_plugin_set_param(&impl, &state, "both", "Yes"), DUET_OK);
    ck_assert_int_eq(state.bars, 200);
    ck_assert_double_eq(state.share, -0.25);
    ck_assert(state.both);
    ck_assert_int_eq(duet_plugin_set_param(&impl, &state, "both", "0"), DUET_OK);
    ck_assert(!state.both);
    ck_assert_int_eq(state.other, 0);
}
END_TEST

START_TEST(formats_parameters_as_they_are_typed) {
    struct sample state = {.bars = 7, .share = 0.1, .both = true};
    char out[48];
    duet_plugin_get_param(&impl, &state, 0, out);
    ck_assert_str_eq(out, "7");
    duet_plugin_get_param(&impl, &state, 1, out);
    ck_assert_str_eq(out, "0.1");
    duet_plugin_get_param(&impl, &state, 2, out);
    ck_assert_str_eq(out, "true");
    state.share = 1.0 / 3;
    duet_plugin_get_param(&impl, &state, 1, out);
    ck_assert_double_eq(strtod(out, NULL), 1.0 / 3);
}
END_TEST

static void check_param(const char *name, const char *value, const char *line) {
    struct sample state = {.bars = 5};
    ck_assert_int_eq(duet_plugin_set_param(&impl, &state, name, value), DUET_EINVAL);
    ck_assert_str_eq(duet_error_text(), line);
    ck_assert_int_eq(state.bars, 5);
}

START_TEST(says_what_is_wrong_with_a_parameter) {
    check_param("bars", "0", "--param bars=0: below its minimum 1");
    check_param("bars", "201", "--param bars=201: above its maximum 200");
    check_param("bars", "1.5", "--param bars=1.5: not a whole number");
    check_param("bars", "", "--param bars=: not a whole number");
    check_param("bars", "99999999999999999999", "--param bars=99999999999999999999: not a whole number");
    check_param("share", "1.01", "--param share=1.01: above its maximum 1");
    check_param("share", "nan", "--param share=nan: not a number");
    check_param("share", "0,5", "--param share=0,5: not a number");
    check_param("both", "maybe", "--param both=maybe: neither true nor false");
    check_param("brs", "1", "--param brs=1: sample has no such parameter; did you mean bars?");
    check_param("zzzzzz", "1", "--param zzzzzz=1: sample has no such parameter; it has bars, share, both");
}
END_TEST

START_TEST(describes_a_strategy_for_people) {
    char text[4096] = "";
    FILE *out = fmemopen(text, sizeof(text), "w");
    duet_strategies_list(out);
    ck_assert_int_eq(duet_strategies_describe("sma_cross", out), DUET_OK);
    fclose(out);
    const char *row = strstr(text, "buy_and_hold ");
    ck_assert_ptr_nonnull(row);
    ck_assert_ptr_nonnull(strstr(row, " buys once"));
    ck_assert_ptr_nonnull(strstr(text, "  fast  int   default 10   1 .. 1023        fast average, bars\n"));
    ck_assert_ptr_nonnull(strstr(text, "  size  real  default 100  0 .. 1000000000  units held while long\n"));
}
END_TEST

DUET_TEST_MAIN("plugin", NULL, opens_bundled_strategies_by_name, names_the_nearest_bundled_strategy,
    refuses_a_missing_file, refuses_what_is_no_plugin, names_both_versions_of_a_foreign_interface,
    refuses_a_table_that_would_write_beside_the_state, opens_a_shared_module_as_it_does_a_bundled_one,
    completes_an_older_smaller_table, takes_what_it_knows_of_a_newer_larger_table,
    sets_parameters_of_each_kind_from_text, formats_parameters_as_they_are_typed, says_what_is_wrong_with_a_parameter,
    describes_a_strategy_for_people)
