/*
 * What stands last before the wire: a session on its journal, the daemon's end of a gateway on a real socket, and the
 * test as the gateway. Whatever happens in the turn that decides an order, it goes out over the connection that the
 * core has reconciled and in a state that allows it, or not at all.
 */
#include "engine/live_stage.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/desk.h"
#include "engine/live/gateway.h"
#include "engine/live/live.h"

#define TEXT_MAX 65536

static struct live_stage stage;
static struct duet_live live;
static struct duet_bus *bus; // of the loop
static int listener, peer;
static char heard[TEXT_MAX]; // what the gateway was told on this connection

static void take_send(void *argument, const struct duet_event *order) {
    (void)argument;
    duet_gateway_send(live.gateway, order);
}

static void take_query(void *argument, uint64_t order_id) {
    (void)argument;
    duet_gateway_ask(live.gateway, order_id);
}

static uint16_t listen_somewhere(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(listener, 4), 0);
    ck_assert_int_eq(fcntl(listener, F_SETFL, O_NONBLOCK), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    return ntohs(address.sin_port);
}

/* ----------------------------------------------------------------------------------------- the loop, for a moment */

/** Ends the loop once it has been round often enough for everything that is due. */
static struct duet_source ender;
static int rounds;

static enum duet_source_state ender_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    (void)source, (void)budget;
    *wake_ns = duet_clock_now_ns(&duet_clock_wall) + 1000000;
    if (--rounds <= 0) {
        duet_loop_stop(live.loop);
    }
    return DUET_SOURCE_WAIT;
}

static void hear(void) {
    size_t used = strlen(heard);
    ssize_t size;
    while (peer >= 0 && (size = recv(peer, heard + used, sizeof(heard) - used - 1, 0)) > 0) {
        used += (size_t)size;
        heard[used] = '\0';
    }
}

static void go_round(void) {
    rounds = 3;
    (void)!duet_loop_run(live.loop);
    hear();
}

/** Until the gateway has been told something. */
static void hear_of(const char *text) {
    for (int i = 0; i < 5000 && strstr(heard, text) == NULL; i++) {
        go_round();
    }
    ck_assert_msg(strstr(heard, text) != NULL, "no %s in %s", text, heard);
}

static void say(const char *format, ...) DUET_PRINTF(1, 2);
static void say(const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    ck_assert_int_eq(send(peer, line, (size_t)size, 0), size);
    ck_assert_int_eq(send(peer, "\n", 1, 0), 1);
}

/** Take the next connection, up to its hello; the one before is closed. */
static void take_connection(void) {
    if (peer >= 0) {
        close(peer);
    }
    heard[0] = '\0';
    for (peer = -1; peer < 0;) {
        go_round();
        peer = accept(listener, NULL, NULL);
    }
    ck_assert_int_eq(fcntl(peer, F_SETFL, O_NONBLOCK), 0);
    hear_of("\"hello\"");
}

static unsigned long long told_epoch(void) {
    const char *at = strstr(heard, "\"epoch\":");
    ck_assert_ptr_nonnull(at);
    return strtoull(at + strlen("\"epoch\":"), NULL, 10);
}

static bool is_reconciled(void) {
    struct duet_gateway_status status;
    duet_gateway_get_status(live.gateway, &status);
    return status.reconciled;
}

static void welcome(void) {
    say("{\"type\":\"welcome\",\"protocol\":1,\"epoch\":%llu,\"roles\":[\"feed\",\"broker\"]}", told_epoch());
    hear_of("\"report\":");
}

static void reconcile(unsigned report) {
    say("{\"type\":\"snapshot_end\",\"report\":%u}", report);
    for (int i = 0; i < 5000 && !is_reconciled(); i++) {
        go_round();
    }
    ck_assert(is_reconciled());
    live_run(&stage);
}

/* ------------------------------------------------------------------------------------------------------ set-up */

static void up(void) {
    char address[32];
    duet_test_fresh_folder();
    live_stage_init(&stage, "buy_and_hold", "s.db");
    snprintf(address, sizeof(address), "127.0.0.1:%u", listen_somewhere());
    struct duet_live_config *config = duet_config_live(&stage.config);
    const char *const keys[][2] = {
        {"feed", "gateway"}, {"broker", "gateway"}, {"gateway", address}, {"heartbeat_ms", "60000"}, {"arm", "true"}};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        live_ok(duet_live_config_set(config, keys[i][0], keys[i][1], NULL));
    }
    stage.options.send = take_send;
    stage.options.query = take_query;
    live_stage_open(&stage);
    live_ok(duet_bus_create(&(struct duet_bus_options){0}, &bus));
    live = (struct duet_live){.config = &stage.config,
        .live = config,
        .plugin = &stage.plugin,
        .series = stage.series,
        .series_count = LIVE_INSTRUMENTS,
        .clock = &stage.clock,
        .session = stage.session};
    live_ok(duet_loop_libevent_create(bus, NULL, &live.loop));
    ender = (struct duet_source){.name = "ender", .run = ender_run};
    duet_loop_add(live.loop, &ender);
    peer = -1;
    live_ok(duet_gateway_create(&live, &live.gateway));
    take_connection();
    welcome();
    reconcile(0);
    ck_assert_int_eq(duet_core_trading(duet_session_core(stage.session)), DUET_TRADING_ACTIVE);
}

static void down(void) {
    duet_gateway_destroy(live.gateway);
    duet_loop_destroy(live.loop);
    duet_bus_destroy(bus);
    live_stage_finish(&stage);
    close(peer);
    close(listener);
}

static const struct duet_order *order(uint64_t order_id) {
    const struct duet_order *found =
        duet_portfolio_order(duet_core_portfolio(duet_session_core(stage.session)), order_id);
    ck_assert_ptr_nonnull(found);
    return found;
}

static void admit_command(enum duet_command command) {
    struct duet_input_command input = {.command = command, .origin = "test"};
    live_ok(duet_session_admit(stage.session, DUET_INPUT_COMMAND, &input, sizeof(input), 0));
}

static unsigned count_of(const char *text) {
    unsigned count = 0;
    for (const char *at = heard; (at = strstr(at, text)) != NULL; at++) {
        count++;
    }
    return count;
}

/* -------------------------------------------------------------------------------------------------------- tests */

START_TEST(an_order_goes_out_once_with_its_id_and_nothing_else_does) {
    live_ok(live_admit_bar(&stage, 0));
    live_run(&stage);
    hear_of("\"submit\"");
    go_round();
    const char *prefix = duet_session_order_prefix(stage.session);
    char id[128];
    snprintf(id, sizeof(id), "\"id\":\"%s1\",\"symbol\":\"AAA\",\"side\":\"buy\",\"order_type\":\"market\"", prefix);
    ck_assert_msg(strstr(heard, id) != NULL, "%s", heard);
    ck_assert_uint_eq(count_of("\"submit\""), 2); // one for each instrument
    down();
}
END_TEST

START_TEST(a_halt_in_the_same_turn_stops_an_order_on_its_way) {
    live_ok(live_admit_bar(&stage, 0)); // decides to buy
    admit_command(DUET_COMMAND_HALT);
    live_run(&stage);
    go_round();
    live_run(&stage);
    go_round();
    ck_assert_uint_eq(count_of("\"submit\""), 0);
    ck_assert_int_eq(order(1)->status, DUET_ORDER_REJECTED);
    ck_assert_str_eq(duet_reason_name(order(1)->reason_code), "HALTED");
    ck_assert_int_eq(order(2)->status, DUET_ORDER_REJECTED);
    ck_assert_uint_eq(duet_core_in_doubt(duet_session_core(stage.session)), 0);
    down();
}
END_TEST

START_TEST(an_order_of_the_turn_in_which_the_link_is_lost_is_never_sent) {
    live_ok(live_admit_bar(&stage, 0));
    struct duet_input_connection lost = {.link = DUET_LINK_FEED | DUET_LINK_BROKER, .detail = "test"};
    live_ok(duet_session_admit(stage.session, DUET_INPUT_CONNECTION, &lost, sizeof(lost), 0));
    live_run(&stage);
    go_round();
    ck_assert_uint_eq(count_of("\"submit\""), 0);
    ck_assert_uint_eq(duet_core_in_doubt(duet_session_core(stage.session)), 2);
    down();
}
END_TEST

START_TEST(what_was_decided_under_the_old_connection_does_not_go_out_over_the_new_one) {
    unsigned long long old_epoch = told_epoch();
    take_connection(); // the core has not heard of it yet: its records wait
    ck_assert_uint_gt(told_epoch(), old_epoch);
    struct duet_session_status status;
    duet_session_get_status(stage.session, &status);
    ck_assert_uint_gt(status.waiting, 0);
    welcome();
    say("{\"type\":\"snapshot_end\",\"report\":0}");
    while (!is_reconciled()) {
        go_round();
    }
    // Now the books of the new connection wait behind the loss of the old one, and a bar behind both.
    live_ok(live_admit_bar(&stage, 0));
    live_run(&stage);
    hear_of("\"submit\"");
    go_round();
    ck_assert_uint_eq(count_of("\"submit\""), 2); // in order, so they went out; but once
    down();
}
END_TEST

/** Orders 1 and 2 are asked about, unknown, and end so. */
static void prove_unsent(void) {
    const char *prefix = duet_session_order_prefix(stage.session);
    for (unsigned id = 1; id <= 2; id++) { // they were not asked about before: the core did not know them
        char asked[128];
        snprintf(asked, sizeof(asked), "\"query\",\"id\":\"%s%u\"", prefix, id);
        hear_of(asked);
        ck_assert_uint_eq(count_of("\"submit\""), 0);
        say("{\"type\":\"order\",\"id\":\"%s%u\",\"status\":\"unknown\"}", prefix, id);
    }
    for (int i = 0; i < 5000 && duet_core_in_doubt(duet_session_core(stage.session)) > 0; i++) {
        go_round();
        live_run(&stage);
    }
    for (unsigned id = 1; id <= 2; id++) {
        ck_assert_int_eq(order(id)->status, DUET_ORDER_REJECTED);
        ck_assert_str_eq(duet_reason_name(order(id)->reason_code), "UNSENT_AT_CRASH");
    }
}

START_TEST(what_waited_before_the_loss_was_known_is_proven_unsent) {
    live_ok(live_admit_bar(&stage, 0)); // waits; then the connection goes, and comes back
    take_connection();
    welcome();
    live_run(&stage); // bar, loss: the order is for the old connection
    go_round();
    ck_assert_uint_eq(count_of("\"submit\""), 0);
    ck_assert_uint_eq(duet_core_in_doubt(duet_session_core(stage.session)), 2);
    reconcile(0);
    prove_unsent();
    down();
}
END_TEST

START_TEST(what_waited_behind_nothing_but_in_front_of_a_whole_new_connection_is_proven_unsent) {
    live_ok(live_admit_bar(&stage, 0));
    take_connection();
    welcome();
    say("{\"type\":\"snapshot_end\",\"report\":0}");
    while (!is_reconciled()) {
        go_round();
    }
    live_run(&stage); // bar, loss, connection and books in one turn; the order leaves the turn after all of it
    go_round();
    ck_assert_uint_eq(count_of("\"submit\""), 0);
    prove_unsent();
    down();
}
END_TEST

START_TEST(a_fill_that_cannot_be_read_ends_the_connection) {
    struct duet_gateway_status before, after;
    duet_gateway_get_status(live.gateway, &before);
    say("{\"type\":\"fill\",\"id\":\"%s1\",\"fill_id\":\"f\",\"symbol\":\"AAA\",\"side\":\"buy\",\"quantity\":\"1.5\","
        "\"price\":\"1\",\"cumulative\":\"2\"}",
        duet_session_order_prefix(stage.session)); // half a share
    take_connection();
    duet_gateway_get_status(live.gateway, &after);
    ck_assert_uint_eq(after.reconnects, before.reconnects + 1);
    down();
}
END_TEST

START_TEST(reports_that_wait_in_the_session_are_not_missing) {
    const char *prefix = duet_session_order_prefix(stage.session);
    for (unsigned report = 1; report <= 3; report++) {
        say("{\"type\":\"order\",\"report\":%u,\"id\":\"%s9\",\"status\":\"cancelled\",\"symbol\":\"AAA\","
            "\"cumulative\":\"0\"}",
            report, prefix);
    }
    heard[0] = '\0';
    const int64_t end_ns = duet_monotonic_ns() + 6 * DUET_SECOND_NS; // longer than an answer may take
    while (duet_monotonic_ns() < end_ns) {
        go_round(); // but no turn of the session
    }
    struct duet_session_status status;
    duet_session_get_status(stage.session, &status);
    ck_assert_uint_ge(status.waiting, 3);
    ck_assert_msg(strstr(heard, "query") == NULL, "%s", heard);
    down();
}
END_TEST

START_TEST(a_wall_clock_that_is_put_back_holds_up_no_bar) {
    const int64_t begin_ns = 2208988800 * DUET_SECOND_NS; // 2040: the wall clock is far behind the session's time
    const int64_t instant_ns = begin_ns + DUET_MINUTE_NS;
    stage.clock.virtual_ns = instant_ns;
    hear_of("\"start\"");
    say("{\"type\":\"resumed\",\"seq\":0}");
    for (unsigned i = 0; i < LIVE_INSTRUMENTS; i++) {
        say("{\"type\":\"bar\",\"seq\":%u,\"symbol\":\"%s\",\"interval\":60,\"time\":%lld,\"open\":\"1\",\"high\":"
            "\"1\","
            "\"low\":\"1\",\"close\":\"1\"}",
            i + 1, i == 0 ? "AAA" : "BBB", (long long)begin_ns);
    }
    for (int i = 0; i < 1000 && duet_session_last_instant_ns(stage.session) != instant_ns; i++) {
        go_round();
        live_run(&stage);
    }
    ck_assert_int_eq(duet_session_last_instant_ns(stage.session), instant_ns);
    down();
}
END_TEST

DUET_TEST_MAIN("gateway_send", up, an_order_goes_out_once_with_its_id_and_nothing_else_does,
    a_halt_in_the_same_turn_stops_an_order_on_its_way, an_order_of_the_turn_in_which_the_link_is_lost_is_never_sent,
    what_was_decided_under_the_old_connection_does_not_go_out_over_the_new_one,
    what_waited_before_the_loss_was_known_is_proven_unsent,
    what_waited_behind_nothing_but_in_front_of_a_whole_new_connection_is_proven_unsent,
    a_fill_that_cannot_be_read_ends_the_connection, a_wall_clock_that_is_put_back_holds_up_no_bar,
    reports_that_wait_in_the_session_are_not_missing)
