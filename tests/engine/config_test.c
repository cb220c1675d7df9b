/* A run as the user writes it down: what is understood, what is refused, and that what is printed says the same again.
 */
#include "engine/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/time.h"
#include "engine/live/live_config.h"
#include "support/suite.h"

static struct duet_config config;

static void fresh(void) {
    duet_config_init(&config);
}

static enum duet_status load(const char *yaml) {
    return duet_config_load_bytes(&config, "run.yaml", yaml, strlen(yaml));
}

static void refused(const char *yaml, const char *line) {
    ck_assert_int_eq(load(yaml), DUET_EINVAL);
    ck_assert_str_eq(duet_error_text(), line);
}

START_TEST(reads_every_kind_of_value) {
    ck_assert_int_eq(load("strategy: sma_cross\n"
                          "params:\n  fast: 10\n  slow: 50\n"
                          "data:\n  - X=x.csv,tz=UTC\n  - {symbol: Y, path: 'y, z.csv', interval: 1d}\n"
                          "from: 2020-01-02\nto: 2020-02-01\ncash: 250000.50\ncommission: 10bps\n"
                          "leverage: 2\nat_end: close\njson: true\nseed: 7\n"),
        DUET_OK);
    ck_assert_str_eq(config.strategy, "sma_cross");
    ck_assert_uint_eq(config.param_count, 2);
    ck_assert_str_eq(config.params[1].name, "slow");
    ck_assert_str_eq(config.params[1].value, "50");
    ck_assert_uint_eq(config.data_count, 2);
    ck_assert_str_eq(config.data[1].path, "y, z.csv");
    ck_assert_int_eq(config.data[1].interval_ns, DUET_DAY_NS);
    ck_assert_int_eq(config.from_ns, 1577923200 * DUET_SECOND_NS); // date -u -d 2020-01-02 +%s
    ck_assert_int_eq(config.to_ns, (1580515200 + 86400) * DUET_SECOND_NS); // a date is included
    ck_assert(config.cash == 250000 * DUET_MONEY_ONE + DUET_MONEY_ONE / 2);
    ck_assert_int_eq(config.costs.rate, 1000000000);
    ck_assert(config.leverage == 2.0);
    ck_assert(config.close_at_end && config.json && !config.quiet);
    ck_assert_uint_eq(config.seed, 7);
}
END_TEST

START_TEST(an_end_with_a_time_is_exclusive) {
    ck_assert_int_eq(duet_config_set(&config, "to", "2020-02-01 12:00", NULL), DUET_OK);
    ck_assert_int_eq(config.to_ns, (1580515200 + 43200) * DUET_SECOND_NS);
}
END_TEST

START_TEST(refuses_unknown_keys_with_line_and_nearest) {
    refused("strategy: x\ncomission: 1bps\n", "run.yaml:2: unknown key \"comission\"; did you mean \"commission\"?");
    refused("zzzzzz: 1\n", "run.yaml:1: unknown key \"zzzzzz\"");
}
END_TEST

START_TEST(refuses_wrong_types_with_their_line) {
    refused("cash: lots\n", "run.yaml:1: cash: \"lots\" is not an amount such as 100000 or 2500.50");
    refused("\n\njson: maybe\n", "run.yaml:3: json: \"maybe\" is neither true nor false");
    refused("strategy: [a]\n", "run.yaml:1: must be a plain word or number");
    refused("- a\n", "run.yaml:1: a map of KEY: VALUE is expected");
    refused("", "run.yaml:1: is empty");
    refused("seed: 1.5\n", "run.yaml:1: seed: \"1.5\" is not a whole number from 0 on");
    refused("at_end: sell\n", "run.yaml:1: at_end: \"sell\" is none of hold|close");
}
END_TEST

START_TEST(refuses_a_key_that_stands_twice) {
    refused("cash: 1\nseed: 1\ncash: 2\n", "run.yaml:3: key \"cash\" stands twice (first in line 1)");
}
END_TEST

START_TEST(refuses_broken_yaml_with_its_line) {
    ck_assert_int_eq(load("strategy: a\nparams: {fast: 1\n"), DUET_EINVAL);
    ck_assert_msg(
        strncmp(duet_error_text(), "run.yaml:", 9) == 0 && strstr(duet_error_text(), "not valid YAML") != NULL, "%s",
        duet_error_text());
}
END_TEST

START_TEST(reads_the_daemons_section) {
    ck_assert_int_eq(load("strategy: a\n"), DUET_OK);
    ck_assert_ptr_null(config.live);
    ck_assert_int_eq(load("live:\n  session: s.db\n  speed: 0\n  on_stop: flatten\n  broker: gateway\n"
                          "  workers: 3\n  max_daily_loss: 2500.50\n  stop_loss: 0.02\n  api_remote: yes\n"
                          "  jobs:\n    - {name: scan, every: 180s, run: scan}\n"
                          "    - {name: mine, every: 5m, run: 'command: ./look'}\n"),
        DUET_OK);
    const struct duet_live_config *live = config.live;
    ck_assert_str_eq(live->session, "s.db");
    ck_assert(live->speed == 0 && live->broker_gateway && !live->feed_gateway && live->api_remote);
    ck_assert_int_eq(live->on_stop, DUET_ON_STOP_FLATTEN);
    ck_assert_int_eq(live->workers, 3);
    ck_assert_int_eq(live->queue, 1000);
    ck_assert(live->max_daily_loss == 2500 * DUET_MONEY_ONE + DUET_MONEY_ONE / 2 && live->stop_loss == 0.02);
    ck_assert_uint_eq(live->job_count, 2);
    ck_assert_int_eq(live->jobs[0].period_ns, 180 * DUET_SECOND_NS);
    ck_assert_ptr_null(duet_live_job_command(&live->jobs[0]));
    ck_assert_str_eq(duet_live_job_command(&live->jobs[1]), "./look");
}
END_TEST

START_TEST(refuses_what_the_daemons_section_cannot_be) {
    refused("live:\n  sesion: a\n", "run.yaml:2: unknown key \"sesion\" in live:; did you mean \"session\"?");
    refused("live: 3\n", "run.yaml:1: live: must be a map of KEY: VALUE");
    refused("live:\n  gateway: {host: h}\n", "run.yaml:2: must be a plain word or number");
    refused("live:\n  workers: many\n", "run.yaml:2: workers: \"many\" is not a whole number, auto-io or auto-cpu");
    refused("live:\n  workers: 0\n", "run.yaml:2: workers: 0 is outside of 1 to 1024");
    refused("live:\n  on_stop: sell\n", "run.yaml:2: on_stop: \"sell\" is none of leave|cancel|flatten");
    refused(
        "live:\n  jobs:\n    - {name: a, run: scan}\n", "run.yaml:3: a job has name, every and run; every is missing");
    refused("live:\n  jobs:\n    - {name: a, every: 1m, run: dance}\n",
        "run.yaml:3: job \"a\": run: \"dance\" is none of scan, health, snapshot, command: FILE");
}
END_TEST

START_TEST(the_environment_stands_over_the_file) {
    struct duet_live_config *live = duet_config_live(&config);
    ck_assert_int_eq(load("live: {workers: 3, queue: 7}\n"), DUET_OK);
    setenv("ASYNC_FEATURES_WORKERS", "auto-io", 1);
    setenv("ASYNC_FEATURES_QUEUE_SIZE", "50", 1);
    setenv("ASYNC_FEATURES_USE_PROCESS_POOL", "true", 1);
    ck_assert_int_eq(duet_live_config_environment(live), DUET_OK);
    ck_assert_int_eq(live->workers, 2 * sysconf(_SC_NPROCESSORS_ONLN));
    ck_assert_int_eq(live->queue, 50);
    ck_assert(live->process_pool);
    setenv("ASYNC_FEATURES_QUEUE_SIZE", "much", 1);
    ck_assert_int_eq(duet_live_config_environment(live), DUET_EINVAL);
    ck_assert_str_eq(duet_error_text(), "ASYNC_FEATURES_QUEUE_SIZE: queue: \"much\" is not a whole number");
    unsetenv("ASYNC_FEATURES_WORKERS");
    unsetenv("ASYNC_FEATURES_QUEUE_SIZE");
    unsetenv("ASYNC_FEATURES_USE_PROCESS_POOL");
}
END_TEST

static void refused_live(bool second_switch, const char *part) {
    ck_assert_int_eq(duet_live_config_check(&config, second_switch), DUET_EINVAL);
    ck_assert_msg(strstr(duet_error_text(), part) != NULL, "%s", duet_error_text());
}

START_TEST(real_money_wants_both_switches_and_every_limit) {
    ck_assert_int_eq(load("live: {gateway: 'h:1', feed: gateway, broker: gateway}\n"), DUET_OK);
    ck_assert_int_eq(duet_live_config_check(&config, false), DUET_OK);
    refused_live(true, "the first, real_money: true in live:, is not set");
    config.live->real_money = true;
    refused_live(false, "start with --real-money");
    refused_live(true, "max_position is not set");
    config.limits.max_position = 100;
    refused_live(true, "max_notional is not set");
    config.limits.max_notional = DUET_MONEY_ONE;
    refused_live(true, "max_daily_loss is not set");
    config.live->max_daily_loss = DUET_MONEY_ONE;
    ck_assert_int_eq(duet_live_config_check(&config, true), DUET_OK);
    config.live->broker_gateway = false;
    refused_live(true, "wants broker: gateway");
}
END_TEST

START_TEST(a_series_of_the_gateway_wants_its_feed) {
    ck_assert_int_eq(load("data: ['X=gateway,interval=1m,decimals=2']\nlive: {name: a}\n"), DUET_OK);
    refused_live(false, "path gateway, but live: feed: is file");
    ck_assert_int_eq(load("live: {feed: gateway}\n"), DUET_OK);
    refused_live(false, "say gateway: HOST:PORT");
    ck_assert_int_eq(load("live: {gateway: 'unix:/tmp/g', name: 'a b'}\n"), DUET_OK);
    refused_live(false, "name: \"a b\"");
}
END_TEST

START_TEST(names_follow_from_the_session) {
    ck_assert_int_eq(load("live: {session: runs/spring 24.db}\n"), DUET_OK);
    duet_live_config_complete(config.live);
    ck_assert_str_eq(config.live->name, "spring-24");
    ck_assert_str_eq(config.live->token_file, "runs/spring 24.db.token");
}
END_TEST

START_TEST(the_command_line_replaces_parameters_by_name) {
    ck_assert_int_eq(load("params: {fast: 10, slow: 50}\n"), DUET_OK);
    ck_assert_int_eq(duet_config_set(&config, "param", "fast=5", NULL), DUET_OK);
    ck_assert_uint_eq(config.param_count, 2);
    ck_assert_str_eq(config.params[0].value, "5");
}
END_TEST

START_TEST(a_bare_rate_above_two_percent_must_be_meant) {
    ck_assert_int_eq(duet_config_set(&config, "commission", "0.05", NULL), DUET_EINVAL);
    ck_assert_msg(strstr(duet_error_text(), "write 5% if you mean it") != NULL, "%s", duet_error_text());
    ck_assert_int_eq(duet_config_set(&config, "commission", "5%", NULL), DUET_OK);
}
END_TEST

static void print_to(char *out, size_t size) {
    FILE *stream = fmemopen(out, size, "w");
    ck_assert_int_eq(duet_config_print(&config, stream), DUET_OK);
    fclose(stream);
}

START_TEST(what_is_printed_reads_back_the_same) {
    ck_assert_int_eq(load("strategy: ./lib'odd \" name.so\nparams: {a: 'yes', b: '# 1', c: -0.5}\n"
                          "data: ['X=a b.csv,tz=America/New_York,stamp=close,interval=15m,on_error=skip,tick=0.25']\n"
                          "cash: 0.000000000001\nleverage: 0.1\nfrom: 2020-01-01T10:00:00Z\ncommission: 1/order+min 2\n"
                          "live: {speed: 0.1, on_stop: cancel, on_halt: none, api: off, jobs: [{name: a, every: 90s, "
                          "run: health}]}\n"),
        DUET_OK);
    char first[8192] = "", second[8192] = "";
    print_to(first, sizeof(first));
    duet_config_finish(&config);
    duet_config_init(&config);
    ck_assert_int_eq(load(first), DUET_OK);
    print_to(second, sizeof(second));
    ck_assert_str_eq(first, second);
    ck_assert_str_eq(config.params[0].value, "yes");
    ck_assert_str_eq(config.params[1].value, "# 1");
    ck_assert(config.data[0].skip_errors && config.data[0].stamp == DUET_STAMP_CLOSE);
    ck_assert(config.leverage == 0.1 && config.cash == 1);
    ck_assert(config.live->speed == 0.1 && config.live->on_stop == DUET_ON_STOP_CANCEL && config.live->on_halt_none);
    ck_assert_str_eq(config.live->api, "off");
    ck_assert_int_eq(config.live->jobs[0].period_ns, 90 * DUET_SECOND_NS);
}
END_TEST

START_TEST(a_run_needs_a_strategy_and_data) {
    ck_assert_int_eq(duet_config_check(&config), DUET_EINVAL);
    ck_assert_int_eq(duet_config_set(&config, "strategy", "a", NULL), DUET_OK);
    ck_assert_int_eq(duet_config_check(&config), DUET_EINVAL);
    ck_assert_int_eq(duet_config_set(&config, "data", "X=x.csv", NULL), DUET_OK);
    ck_assert_int_eq(duet_config_check(&config), DUET_OK);
    ck_assert_int_eq(duet_config_set(&config, "from", "2020-01-02", NULL), DUET_OK);
    ck_assert_int_eq(duet_config_set(&config, "to", "2020-01-01", NULL), DUET_OK);
    ck_assert_int_eq(duet_config_check(&config), DUET_EINVAL);
}
END_TEST

DUET_TEST_MAIN("config", fresh, reads_every_kind_of_value, an_end_with_a_time_is_exclusive,
    refuses_unknown_keys_with_line_and_nearest, refuses_wrong_types_with_their_line, refuses_a_key_that_stands_twice,
    refuses_broken_yaml_with_its_line, reads_the_daemons_section, refuses_what_the_daemons_section_cannot_be,
    the_environment_stands_over_the_file, real_money_wants_both_switches_and_every_limit,
    a_series_of_the_gateway_wants_its_feed, names_follow_from_the_session, the_command_line_replaces_parameters_by_name,
    a_bare_rate_above_two_percent_must_be_meant, what_is_printed_reads_back_the_same, a_run_needs_a_strategy_and_data)
