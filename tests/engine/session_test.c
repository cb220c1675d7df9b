/* Live sessions on real journals: turns, crashes, recovery, bad days. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/money.h"
#include "engine/live/input_session.h"
#include "engine/live/replay.h"
#include "live_stage.h"

static struct live_stage stage;

static void fresh_stage(void) {
    duet_test_fresh_folder();
    live_stage_init(&stage, "sma_cross", "session.db");
    live_ok(duet_config_set(&stage.config, "param", "fast=2", NULL));
    live_ok(duet_config_set(&stage.config, "param", "slow=5", NULL));
}

static void use_plugin(const char *name) {
    live_stage_finish(&stage);
    struct duet_text path = {0};
    duet_text_print(&path, "%s/%s.so", getenv("DUET_PLUGINS"), name);
    live_stage_init(&stage, path.text, "session.db");
    duet_text_finish(&path);
}

static void verify(uint64_t inputs) {
    static struct duet_replay_result result;
    live_ok(duet_replay_verify(stage.options.live->session, NULL, false, 0, NULL, &result));
    ck_assert_uint_eq(result.first_difference, 0);
    ck_assert_uint_gt(result.outputs, 0);
    if (inputs > 0) {
        ck_assert_uint_eq(result.inputs, inputs);
    }
}

/** What the books come to: cash, positions, and every fill. */
static const char *books(void) {
    static char text[16384];
    struct duet_portfolio *portfolio = duet_core_portfolio(duet_session_core(stage.session));
    char cash[DUET_DECIMAL_TEXT_MAX];
    int used = snprintf(text, sizeof(text), "cash %s", duet_money_format(duet_portfolio_cash(portfolio), 2, cash));
    for (uint32_t i = 0; i < LIVE_INSTRUMENTS; i++) {
        used += snprintf(text + used, sizeof(text) - (size_t)used, " %lld",
            (long long)duet_portfolio_position(portfolio, i)->quantity);
    }
    struct duet_portfolio_counts counts;
    duet_portfolio_get_counts(portfolio, &counts);
    snprintf(text + used, sizeof(text) - (size_t)used, " orders %llu fills %llu decisions %llx",
        (unsigned long long)counts.orders, (unsigned long long)counts.fills, (unsigned long long)counts.decision_hash);
    return text;
}

/** Without the session, and with the clock where it was. */
static void begin_again(void) {
    live_stage_crash(&stage);
    ck_assert_int_eq(unlink(stage.options.live->session), 0);
    stage.clock.virtual_ns = LIVE_BEGIN_NS;
}

/* -------------------------------------------------------------------------------------------------- a turn */

static char trace[1024];

static void trace_step(void *argument, const char *name) {
    size_t used = strlen(trace);
    snprintf(trace + used, sizeof(trace) - used, "%s ", name);
}

static void trace_reply(void *argument, uint64_t request_id, enum duet_status status, const char *json) {
    trace_step(argument, status == DUET_OK ? "REPLY" : "REFUSAL");
}

START_TEST(lets_nothing_leave_before_the_commit) {
    live_stage_open(&stage);
    live_run(&stage);
    live_stage_crash(&stage);
    stage.options.step = trace_step;
    stage.options.reply = trace_reply;
    stage.options.live = stage.config.live;
    live_stage_open(&stage);
    live_run(&stage);
    trace[0] = '\0';
    live_command(&stage, DUET_COMMAND_ARM);
    char *commit = strstr(trace, "committed "), *reply = strstr(trace, "REPLY ");
    ck_assert_msg(strncmp(trace, "begin input ", 12) == 0, "%s", trace);
    ck_assert_msg(strstr(trace, "taken before-commit committed ") != NULL, "%s", trace);
    ck_assert_msg(commit != NULL && reply != NULL && commit < reply, "%s", trace);
    ck_assert_msg(strcmp(trace + strlen(trace) - strlen("after-effects "), "after-effects ") == 0, "%s", trace);
    live_stage_finish(&stage);
}
END_TEST

static int event_count;
static uint64_t last_event;

static void count_event(void *argument, const struct duet_event *event) {
    event_count++;
    ck_assert_uint_gt(event->sequence, last_event);
    last_event = event->sequence;
}

START_TEST(tells_every_output_once_and_in_order) {
    stage.options.event = count_event;
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 60);
    struct duet_session_status status;
    duet_session_get_status(stage.session, &status);
    ck_assert_int_gt(event_count, 60);
    ck_assert_uint_eq(status.outputs, (uint64_t)event_count);
    ck_assert_uint_eq(status.inputs, 62); // SESSION, arm, 60 instants
    live_ok(duet_session_stop(stage.session));
    verify(63);
    live_stage_finish(&stage);
}
END_TEST

START_TEST(gives_orders_an_id_of_its_own_kind) {
    live_stage_open(&stage);
    char first[96];
    snprintf(first, sizeof(first), "%s", duet_session_order_prefix(stage.session));
    ck_assert_msg(strncmp(first, "stage-", 6) == 0 && first[strlen(first) - 1] == '-', "%s", first);
    live_stage_crash(&stage);
    live_stage_open(&stage); // the same session
    ck_assert_str_eq(duet_session_order_prefix(stage.session), first);
    live_stage_crash(&stage);
    unlink(stage.options.live->session);
    (void)usleep(2000);
    live_stage_open(&stage); // another one of the same name
    ck_assert_str_ne(duet_session_order_prefix(stage.session), first);
    live_stage_finish(&stage);
}
END_TEST

START_TEST(drops_ticks_beyond_their_room_and_counts_them) {
    live_stage_open(&stage);
    live_run(&stage);
    struct duet_quote quote = {
        .size = sizeof(quote), .bid = 1, .ask = 2, .bid_size = 1, .ask_size = 1, .bid_scaled = 100, .ask_scaled = 200};
    quote.time_ns = LIVE_BEGIN_NS;
    size_t taken = 0;
    for (size_t i = 0; i < DUET_SESSION_TICKS_MAX + 10; i++) {
        taken += duet_session_admit(stage.session, DUET_INPUT_QUOTE, &quote, sizeof(quote), 0) == DUET_OK;
        ck_assert_int_eq(duet_session_is_behind(stage.session), i + 1 >= DUET_SESSION_TICKS_MAX / 2);
        ck_assert(!duet_session_is_full(stage.session)); // there is room for bars
    }
    ck_assert_uint_eq(taken, DUET_SESSION_TICKS_MAX);
    struct duet_input_command command = {.command = DUET_COMMAND_HALT, .origin = "api"};
    live_ok(duet_session_admit(stage.session, DUET_INPUT_COMMAND, &command, sizeof(command), 0)); // never dropped
    struct duet_session_status status;
    duet_session_get_status(stage.session, &status);
    ck_assert_uint_eq(status.dropped, 10);
    ck_assert_uint_eq(status.waiting, DUET_SESSION_TICKS_MAX + 2); // the halt, and one record of the ten
    live_run(&stage);
    duet_session_get_status(stage.session, &status);
    ck_assert_uint_eq(status.inputs, DUET_SESSION_TICKS_MAX + 3);
    ck_assert_int_eq(duet_core_trading(duet_session_core(stage.session)), DUET_TRADING_HALTED);
    live_stage_finish(&stage);
}
END_TEST

START_TEST(drops_instants_where_there_is_no_room_at_all) {
    live_stage_open(&stage);
    live_run(&stage);
    struct duet_input_instant instant = {.instant_ns = LIVE_BEGIN_NS};
    size_t taken = 0;
    for (size_t i = 0; i < DUET_SESSION_WAITING_MAX + 10; i++) {
        taken += duet_session_admit(stage.session, DUET_INPUT_INSTANT, &instant, sizeof(instant), 0) == DUET_OK;
        ck_assert_int_eq(duet_session_is_full(stage.session), i + 1 >= DUET_SESSION_WAITING_MAX / 2);
    }
    ck_assert_uint_eq(taken, DUET_SESSION_WAITING_MAX);
    struct duet_session_status status;
    duet_session_get_status(stage.session, &status);
    ck_assert_uint_eq(status.dropped, 10);
    ck_assert_uint_eq(status.waiting, DUET_SESSION_WAITING_MAX + 1);
    live_stage_finish(&stage);
}
END_TEST

static int64_t hold_ns;

static int64_t hold(void *argument) {
    return hold_ns;
}

static uint64_t inputs_taken(void) {
    struct duet_session_status status;
    duet_session_get_status(stage.session, &status);
    return status.inputs;
}

START_TEST(gives_timers_their_time_and_decides_the_same) {
    use_plugin("varied");
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 50); // timers between bars are found when the next bar comes
    uint64_t hash = duet_core_event_hash(duet_session_core(stage.session));
    begin_again();

    stage.options.holds_ns = hold;
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    uint64_t times = 0;
    for (int bar = 0; bar < 50; bar++) {
        int64_t half_ns = live_instant_ns(bar) - DUET_MINUTE_NS / 2;
        bool has_timer = duet_core_due_ns(duet_session_core(stage.session)) == half_ns;
        uint64_t before = inputs_taken();
        stage.clock.virtual_ns = half_ns;
        hold_ns = half_ns;
        live_run(&stage);
        ck_assert_uint_eq(inputs_taken(), before); // an instant of that time is being put together
        hold_ns = half_ns + 1;
        live_run(&stage);
        ck_assert_uint_eq(inputs_taken(), before + has_timer);
        times += has_timer;
        hold_ns = INT64_MAX;
        live_play(&stage, bar + 1);
    }
    ck_assert_uint_gt(times, 40);
    ck_assert_uint_eq(duet_core_event_hash(duet_session_core(stage.session)), hash);
    live_stage_crash(&stage);
    verify(0);
    live_stage_finish(&stage);
}
END_TEST

START_TEST(does_not_let_a_timer_overtake_an_instant_that_waits) {
    use_plugin("varied");
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 50);
    uint64_t hash = duet_core_event_hash(duet_session_core(stage.session));
    begin_again();

    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    for (int bar = 0; bar < 50; bar++) { // the clock runs far ahead of what is taken
        live_ok(live_admit_bar(&stage, bar));
    }
    live_run(&stage);
    ck_assert_uint_eq(duet_core_event_hash(duet_session_core(stage.session)), hash);
    live_stage_finish(&stage);
}
END_TEST

START_TEST(refuses_records_that_cannot_be) {
    live_stage_open(&stage);
    ck_assert_int_eq(duet_session_admit(stage.session, DUET_INPUT_COMMAND, "x", 1, 0), DUET_EDATA);
    ck_assert_int_eq(duet_session_admit(stage.session, (enum duet_input_kind)99, "x", 1, 0), DUET_EDATA);
    live_stage_finish(&stage);
}
END_TEST

/* -------------------------------------------------------------------------------------- crashes and recovery */

START_TEST(goes_on_after_a_crash_as_if_it_had_not_been) {
    char expected[16384];
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 100);
    snprintf(expected, sizeof(expected), "%s", books());
    ck_assert_ptr_null(strstr(expected, "fills 0"));
    begin_again();

    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    for (int bar = 7; bar < 100; bar += 13) {
        live_play(&stage, bar);
        live_stage_crash(&stage);
        live_stage_open(&stage);
        ck_assert(duet_session_recovered(stage.session));
        ck_assert(!duet_session_ended_clean(stage.session));
        ck_assert_int_eq(duet_core_trading(duet_session_core(stage.session)), DUET_TRADING_REDUCING);
        live_command(&stage, DUET_COMMAND_ARM);
    }
    ck_assert_uint_eq(duet_session_epoch(stage.session), 9);
    live_play(&stage, 100);
    ck_assert_str_eq(books(), expected);
    live_ok(duet_session_stop(stage.session));
    verify(0);
    live_stage_finish(&stage);
}
END_TEST

static char told[512];

static void keep_line(void *argument, enum duet_log_severity severity, const char *line) {
    if (strstr(line, "recovered ") != NULL || strstr(line, "snapshot") != NULL) {
        duet_text_copy(told, sizeof(told), line);
    }
}

START_TEST(recovers_from_a_snapshot_and_from_none) {
    use_plugin("varied");
    struct duet_log log = {.threshold = DUET_SEVERITY_INFO, .sink = keep_line};
    stage.options.log = &log;
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 40);
    duet_session_snapshot(stage.session);
    live_play(&stage, 60);
    char expected[16384];
    snprintf(expected, sizeof(expected), "%s", books());
    uint64_t hash = duet_core_event_hash(duet_session_core(stage.session));
    live_stage_crash(&stage);

    static struct duet_replay_result result;
    live_ok(duet_replay_verify(stage.options.live->session, NULL, false, 0, NULL, &result));
    ck_assert_uint_eq(result.event_hash, hash); // from the first record on
    live_stage_open(&stage); // from the snapshot on: SESSION, arm, 40 instants, and the one that it came with
    ck_assert_msg(strstr(told, "recovered snapshot=43 ") != NULL, "%s", told);
    ck_assert_str_eq(books(), expected);
    ck_assert_uint_ne(hash, duet_core_event_hash(duet_session_core(stage.session))); // it has a RESTART by now
    live_play(&stage, 80);
    live_stage_crash(&stage);
    verify(0);
    live_stage_finish(&stage);
}
END_TEST

START_TEST(says_how_the_process_before_ended) {
    live_stage_open(&stage);
    ck_assert(!duet_session_recovered(stage.session));
    ck_assert_int_eq(duet_session_last_instant_ns(stage.session), INT64_MIN);
    live_play(&stage, 3);
    live_ok(duet_session_stop(stage.session));
    live_stage_crash(&stage);
    live_stage_open(&stage);
    ck_assert(duet_session_recovered(stage.session));
    ck_assert(duet_session_ended_clean(stage.session));
    ck_assert_uint_eq(duet_session_epoch(stage.session), 2);
    ck_assert_int_eq(duet_session_last_instant_ns(stage.session), live_instant_ns(2));
    ck_assert_uint_eq(duet_session_feed_sequence(stage.session), 3);
    live_stage_crash(&stage);
    live_stage_open(&stage);
    ck_assert(!duet_session_ended_clean(stage.session));
    live_stage_finish(&stage);
}
END_TEST

START_TEST(knows_after_a_crash_whether_its_feed_had_begun) {
    live_stage_open(&stage);
    ck_assert(!duet_session_feed_has_begun(stage.session));
    duet_session_begin_feed(stage.session, 0);
    ck_assert(!duet_session_feed_has_begun(stage.session)); // not on disk yet
    live_stage_crash(&stage);
    live_stage_open(&stage);
    ck_assert(!duet_session_feed_has_begun(stage.session));
    duet_session_begin_feed(stage.session, 0); // a gateway that has never told anything
    live_run(&stage);
    ck_assert(duet_session_feed_has_begun(stage.session));
    live_stage_crash(&stage);
    live_stage_open(&stage);
    ck_assert(duet_session_feed_has_begun(stage.session));
    ck_assert_uint_eq(duet_session_feed_sequence(stage.session), 0);
    duet_session_begin_feed(stage.session, 7); // it began long ago
    live_play(&stage, 2);
    live_stage_crash(&stage);
    live_stage_open(&stage);
    ck_assert_uint_eq(duet_session_feed_sequence(stage.session), 2);
    live_stage_finish(&stage);
}
END_TEST

#define KILL_BARS 40

static int steps_left;

static void die_at_step(void *argument, const char *name) {
    if (--steps_left == 0) {
        raise(SIGKILL);
    }
}

/** Some bars in another process, which is killed at its n-th step; true: it came to its end. */
static bool play_and_die(int step) {
    pid_t child = fork();
    if (child == 0) {
        steps_left = step;
        stage.options.step = die_at_step;
        if (duet_session_open(&stage.options, &stage.session) != DUET_OK) {
            fprintf(stderr, "%s\n", duet_error_text());
            _exit(2);
        }
        live_run(&stage);
        live_command(&stage, DUET_COMMAND_ARM);
        live_play(&stage, KILL_BARS);
        _exit(duet_session_stop(stage.session) == DUET_OK ? 0 : 3);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0, "status %x", status);
    return WIFEXITED(status);
}

START_TEST(loses_nothing_when_it_is_killed_at_any_step) {
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, KILL_BARS);
    char expected[16384];
    snprintf(expected, sizeof(expected), "%s", books());
    ck_assert_ptr_null(strstr(expected, "fills 0"));
    begin_again();

    // One session, killed again and again, each time a little further on; snapshots in between.
    int kills = 0;
    for (int step = 1; !play_and_die(step); step += 2) {
        kills++;
        ck_assert_int_lt(kills, 1000);
    }
    ck_assert_int_gt(kills, 15);
    live_stage_open(&stage);
    ck_assert(duet_session_ended_clean(stage.session));
    ck_assert_str_eq(books(), expected);
    live_stage_crash(&stage);
    verify(0);
    live_stage_finish(&stage);
}
END_TEST

START_TEST(loses_the_last_turns_only_where_the_log_is_torn) {
    pid_t child = fork();
    if (child == 0) {
        live_stage_open(&stage);
        live_command(&stage, DUET_COMMAND_ARM);
        live_play(&stage, 30);
        raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    char wal[4096];
    snprintf(wal, sizeof(wal), "%s-wal", stage.options.live->session);
    struct stat info;
    ck_assert_int_eq(stat(wal, &info), 0);
    ck_assert_int_eq(truncate(wal, info.st_size - 5000), 0);
    verify(0);
    live_stage_open(&stage);
    int64_t last_ns = duet_session_last_instant_ns(stage.session);
    ck_assert_int_lt(last_ns, live_instant_ns(29));
    ck_assert_int_gt(last_ns, live_instant_ns(20));
    live_play(&stage, 30); // they are asked for again
    ck_assert_int_eq(duet_session_last_instant_ns(stage.session), live_instant_ns(29));
    live_stage_crash(&stage);
    verify(0);
    live_stage_finish(&stage);
}
END_TEST

/* ------------------------------------------------------------------------------------- what it will not take up */

static void refused(const char *why) {
    ck_assert_int_eq(duet_session_open(&stage.options, &stage.session), DUET_EINVAL);
    ck_assert_msg(strstr(duet_error_text(), why) != NULL, "%s", duet_error_text());
    stage.session = NULL;
}

START_TEST(refuses_the_journal_of_another_session) {
    live_stage_open(&stage);
    live_play(&stage, 3);
    live_stage_crash(&stage);
    live_ok(duet_config_set(&stage.config, "param", "slow=6", NULL));
    refused("was begun with slow \"5\", now it is \"6\"; put it back, or name another session");
    live_ok(duet_config_set(&stage.config, "param", "slow=5", NULL));
    live_ok(duet_config_set(&stage.config, "commission", "0.2%", NULL));
    refused("commission \"0.1%\", now it is \"0.2%\"");
    live_ok(duet_config_set(&stage.config, "commission", "0.1%", NULL));
    live_ok(duet_live_config_set(stage.config.live, "monitor_s", "10", NULL));
    refused("monitor_s \"60\", now it is \"10\"");
    live_ok(duet_live_config_set(stage.config.live, "monitor_s", "60", NULL));
    stage.instruments.items[1].tick_scaled = 5;
    refused("instrument BBB is not as it was");
    stage.instruments.items[1].tick_scaled = 1;
    stage.series[1].interval_ns = DUET_HOUR_NS;
    refused("other data");
    stage.series[1].interval_ns = DUET_MINUTE_NS;
    stage.plugin.sha256[0] ^= 1;
    refused("was begun with strategy sma_cross, file");
    stage.plugin.sha256[0] ^= 1;
    live_ok(duet_config_set(&stage.config, "log", "debug", NULL)); // decides nothing
    live_stage_open(&stage);
    live_stage_finish(&stage);
}
END_TEST

START_TEST(takes_changed_limits_as_a_reload) {
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 3);
    live_stage_crash(&stage);
    live_ok(duet_config_set(&stage.config, "max_order_quantity", "7", NULL));
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 60);
    struct duet_portfolio_counts counts;
    duet_portfolio_get_counts(duet_core_portfolio(duet_session_core(stage.session)), &counts);
    ck_assert_uint_gt(counts.denied[DUET_REASON_MAX_ORDER_QUANTITY], 0);
    live_stage_crash(&stage);
    verify(0);
    live_ok(duet_config_set(&stage.config, "commission", "0.2%", NULL)); // which no reload can change
    struct duet_text text = {0};
    live_ok(duet_session_config_text(&stage.config, &text));
    live_ok(duet_config_set(&stage.config, "commission", "0.1%", NULL));
    live_stage_open(&stage);
    live_ok(duet_session_admit(stage.session, DUET_INPUT_CONFIG, text.text, text.length, 0));
    duet_text_finish(&text);
    live_run(&stage);
    live_stage_crash(&stage);
    live_ok(duet_config_set(&stage.config, "commission", "0.2%", NULL));
    refused("commission");
    live_ok(duet_config_set(&stage.config, "commission", "0.1%", NULL));
    live_stage_open(&stage); // no reload any more: it is what is in force
    live_run(&stage);
    struct duet_session_status status;
    duet_session_get_status(stage.session, &status);
    ck_assert_uint_eq(status.inputs, 1);
    live_stage_finish(&stage);
}
END_TEST

/* ---------------------------------------------------------------------------------------------------- bad days */

static char alerts[256];

static void note_alert(void *argument, const char *code, const char *text) {
    size_t used = strlen(alerts);
    snprintf(alerts + used, sizeof(alerts) - used, "%s ", code);
}

START_TEST(stands_still_on_a_full_disk_and_goes_on_after_it) {
    signal(SIGXFSZ, SIG_IGN);
    stage.options.reply = trace_reply;
    stage.options.alert = note_alert;
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 10);
    trace[0] = alerts[0] = '\0';
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 4096;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    live_command(&stage, DUET_COMMAND_HALT);
    struct duet_session_status status;
    duet_session_get_status(stage.session, &status);
    ck_assert(status.blocked);
    ck_assert_msg(strstr(status.error, "disk is full") != NULL, "%s", status.error);
    ck_assert_str_eq(trace, ""); // no answer
    ck_assert_str_eq(alerts, "disk ");
    live_ok(live_admit_bar(&stage, 10));
    live_run(&stage);
    duet_session_get_status(stage.session, &status);
    ck_assert_uint_eq(status.waiting, 1); // and nothing more is taken
    ck_assert_str_eq(alerts, "disk "); // said once
    limit.rlim_cur = before;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    (void)usleep(150000);
    live_run(&stage);
    live_run(&stage);
    duet_session_get_status(stage.session, &status);
    ck_assert(!status.blocked);
    ck_assert_uint_eq(status.waiting, 0);
    ck_assert_str_eq(trace, "REPLY ");
    ck_assert_int_eq(duet_session_last_instant_ns(stage.session), live_instant_ns(10));
    live_ok(duet_session_stop(stage.session));
    verify(15); // SESSION, arm, 10 instants, halt, instant, STOP
    live_stage_finish(&stage);
}
END_TEST

START_TEST(gives_up_a_stop_that_cannot_be_written) {
    signal(SIGXFSZ, SIG_IGN);
    live_ok(duet_live_config_set(stage.config.live, "stop_timeout_ms", "200", NULL));
    live_stage_open(&stage);
    live_play(&stage, 3);
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 4096;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(duet_session_stop(stage.session), DUET_EIO);
    limit.rlim_cur = before;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    live_stage_crash(&stage);
    live_stage_open(&stage); // what was committed is there
    ck_assert(!duet_session_ended_clean(stage.session));
    ck_assert_int_eq(duet_session_last_instant_ns(stage.session), live_instant_ns(2));
    live_stage_finish(&stage);
}
END_TEST

START_TEST(leaves_no_file_where_it_could_not_begin) {
    live_ok(duet_config_set(&stage.config, "param", "fast=9", NULL)); // must be below slow
    ck_assert_int_eq(duet_session_open(&stage.options, &stage.session), DUET_EINVAL);
    ck_assert_msg(strstr(duet_error_text(), "fast must be below slow") != NULL, "%s", duet_error_text());
    ck_assert_int_ne(access(stage.options.live->session, F_OK), 0);
    stage.session = NULL;
    live_stage_finish(&stage);
}
END_TEST

/** Overwrite the last place in the file where `needle` stands. */
static void damage(const void *needle, size_t size, size_t offset) {
    FILE *file = fopen(stage.options.live->session, "r+");
    ck_assert_ptr_nonnull(file);
    static unsigned char content[16 << 20];
    size_t length = fread(content, 1, sizeof(content), file);
    size_t at = SIZE_MAX;
    for (size_t i = 0; i + size <= length; i++) {
        at = content[i] == *(const unsigned char *)needle && memcmp(content + i, needle, size) == 0 ? i : at;
    }
    ck_assert_uint_ne(at, SIZE_MAX);
    fseek(file, (long)(at + offset), SEEK_SET);
    fputc(content[at + offset] ^ 1, file);
    fclose(file);
}

static struct duet_event last_order;

static void note_order(void *argument, const struct duet_event *event) {
    if (event->type == DUET_EVENT_ORDER) {
        last_order = *event;
    }
}

START_TEST(names_the_output_in_which_a_byte_was_flipped) {
    stage.options.event = note_order;
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 60);
    live_stage_crash(&stage);
    ck_assert_uint_ne(last_order.sequence, 0);
    unsigned char bytes[DUET_EVENT_ENCODED_MAX];
    size_t size = duet_event_encode(&last_order, bytes);
    damage(bytes, size, 36 + offsetof(struct duet_order_event, quantity));

    static struct duet_replay_result result;
    ck_assert_int_eq(duet_replay_verify(stage.options.live->session, NULL, false, 0, NULL, &result), DUET_EDIFF);
    ck_assert_uint_eq(result.first_difference, last_order.sequence);
    ck_assert_msg(strstr(duet_error_text(), "quantity 100, not 101") != NULL, "%s", duet_error_text());
    ck_assert_msg(strstr(duet_error_text(), "closing AAA 1m, BBB 1m") != NULL, "%s", duet_error_text());
    ck_assert_msg(strstr(result.difference, "> quantity        101                           100\n") != NULL, "%s",
        result.difference);
    // So does the recovery, which must compare it too.
    ck_assert_int_eq(duet_session_open(&stage.options, &stage.session), DUET_EDIFF);
    ck_assert_msg(strstr(duet_error_text(), "quantity 100, not 101") != NULL, "%s", duet_error_text());
    stage.session = NULL;
    live_stage_finish(&stage);
}
END_TEST

START_TEST(passes_over_a_broken_snapshot) {
    use_plugin("varied");
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 20);
    duet_session_snapshot(stage.session);
    live_play(&stage, 40);
    duet_session_snapshot(stage.session);
    live_play(&stage, 60);
    char expected[16384];
    snprintf(expected, sizeof(expected), "%s", books());
    live_stage_crash(&stage);
    for (uint64_t last = UINT64_MAX, number = 0; last > 0; last = number > 0 ? number - 1 : 0) {
        struct duet_journal *journal;
        void *bytes;
        size_t size;
        live_ok(duet_journal_open(stage.options.live->session, DUET_JOURNAL_READ, &journal));
        enum duet_status status = duet_journal_snapshot(journal, last, &number, &bytes, &size);
        duet_journal_close(journal);
        if (status == DUET_ENOTFOUND) {
            break;
        }
        live_ok(status);
        damage(bytes, size < 400 ? size : 400, 40);
        free(bytes);
        live_stage_open(&stage); // an older one, and at last from the very beginning
        ck_assert_str_eq(books(), expected);
        live_stage_crash(&stage);
    }
    live_stage_finish(&stage);
}
END_TEST

START_TEST(can_be_verified_while_it_runs) {
    live_stage_open(&stage);
    live_command(&stage, DUET_COMMAND_ARM);
    live_play(&stage, 30);
    verify(32);
    live_play(&stage, 40);
    verify(42);
    static struct duet_replay_result result;
    live_ok(duet_replay_verify(stage.options.live->session, NULL, false, 20, NULL, &result));
    ck_assert_uint_eq(result.inputs, 20);
    live_stage_finish(&stage);
}
END_TEST

DUET_TEST_MAIN("session", fresh_stage, lets_nothing_leave_before_the_commit, tells_every_output_once_and_in_order,
    gives_orders_an_id_of_its_own_kind, drops_ticks_beyond_their_room_and_counts_them,
    drops_instants_where_there_is_no_room_at_all, gives_timers_their_time_and_decides_the_same,
    does_not_let_a_timer_overtake_an_instant_that_waits, loses_the_last_turns_only_where_the_log_is_torn,
    refuses_records_that_cannot_be, goes_on_after_a_crash_as_if_it_had_not_been, recovers_from_a_snapshot_and_from_none,
    says_how_the_process_before_ended, knows_after_a_crash_whether_its_feed_had_begun,
    loses_nothing_when_it_is_killed_at_any_step, refuses_the_journal_of_another_session,
    takes_changed_limits_as_a_reload, stands_still_on_a_full_disk_and_goes_on_after_it,
    gives_up_a_stop_that_cannot_be_written, leaves_no_file_where_it_could_not_begin,
    names_the_output_in_which_a_byte_was_flipped, passes_over_a_broken_snapshot, can_be_verified_while_it_runs)
