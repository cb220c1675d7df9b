/*
 * The link against a peer scripted by hand, on TCP and on Unix sockets. What the owner is told lands in `trace`: "+"
 * for up, "-" for down, lines in between.
 */
#include "net/line_link.h"

#include <stdio.h>
#include <sys/un.h>

#include <event2/event.h>

#include "base/error.h"
#include "base/log.h"
#include "net/wire.h"
#include "support/folder.h"
#include "support/suite.h"

#define MS INT64_C(1000000)
#define TURNS_MAX 5000

static struct event_base *base;
static struct duet_line_link *owned;
static int listener;
static char address[128], trace[4096], why[256];
static size_t line_count, bytes_told;
static bool (*on_line)(char *line, size_t size);
static void (*on_up)(void), (*on_down)(void);

static void note(const char *text) {
    size_t used = strlen(trace);
    snprintf(trace + used, sizeof(trace) - used, "%s", text);
}
static void handle_up(void *argument) {
    note("+");
    if (on_up != NULL) {
        on_up();
    }
}
static void handle_down(void *argument, const char *reason) {
    note("-");
    snprintf(why, sizeof(why), "%s", reason);
    if (on_down != NULL) {
        on_down();
    }
}
static bool handle_line(void *argument, char *line, size_t size) {
    ck_assert_uint_eq(strlen(line), size);
    line_count++;
    bytes_told += size;
    if (size < 20) {
        note(line);
        note(";");
    }
    return on_line == NULL || on_line(line, size);
}

static const struct duet_line_link_options defaults = {
    .address = address, .backoff_first_ns = 20 * MS, .up = handle_up, .line = handle_line, .down = handle_down};

static void listen_again(uint16_t port) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
    socklen_t size = sizeof(name);
    const int on = 1;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&name, &size), 0);
    snprintf(address, sizeof(address), "127.0.0.1:%u", ntohs(name.sin_port));
}

static void set_up(void) {
    wire_ignore_broken_pipes();
    base = event_base_new();
    listen_again(0);
}

static void open_link(struct duet_line_link_options options) {
    options.base = base;
    ck_assert_int_eq(duet_line_link_create(&options, &owned), DUET_OK);
    ck_assert(!duet_line_link_is_up(owned));
}

static void await(bool (*done)(void)) {
    for (int i = 0; !done(); i++) {
        ck_assert_msg(i < TURNS_MAX, "trace: %s", trace);
        wire_turn(base);
    }
}
static bool is_up(void) {
    return duet_line_link_is_up(owned);
}
static bool is_down(void) {
    return trace[strlen(trace) - 1] == '-';
}

static struct wire_peer accept_peer(void) {
    struct wire_peer peer = {.fd = accept(listener, NULL, NULL), .text = calloc(1, WIRE_TEXT_MAX + 1)};
    ck_assert_int_ge(peer.fd, 0);
    ck_assert_int_eq(fcntl(peer.fd, F_SETFL, O_NONBLOCK), 0);
    return peer;
}

static void say(struct wire_peer *peer, const char *text) {
    ck_assert(wire_send(base, peer->fd, text, strlen(text)));
}

static void finish(struct wire_peer *peer) {
    wire_peer_close(peer);
    duet_line_link_destroy(owned);
    wire_turns(base, 2);
    event_base_free(base);
}

static void greet(void) {
    ck_assert_int_eq(duet_line_link_send(owned, "hello", 5), DUET_OK);
}

START_TEST(tells_lines_and_sends_lines) {
    on_up = greet;
    open_link(defaults);
    ck_assert_int_eq(duet_line_link_send(owned, "early", 5), DUET_ESTATE);
    await(is_up);
    struct wire_peer peer = accept_peer();
    wire_await_text(base, &peer, "hello\n");
    say(&peer, "one\ntwo\r\n\nthr");
    wire_turns(base, 3);
    ck_assert_str_eq(trace, "+one;two;;");
    say(&peer, "ee\n");
    wire_turns(base, 3);
    ck_assert_str_eq(trace, "+one;two;;three;");
    finish(&peer);
}
END_TEST

START_TEST(speaks_on_unix_sockets) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct duet_line_link_options options = defaults;
    duet_test_fresh_folder();
    snprintf(name.sun_path, sizeof(name.sun_path), "%s/gateway", duet_test_folder);
    snprintf(address, sizeof(address), "unix:%s/gateway", duet_test_folder);
    open_link(options);
    while (duet_line_link_error(owned)[0] == '\0') { // nobody listens yet
        wire_turn(base);
    }
    ck_assert_str_eq(duet_line_link_error(owned), "No such file or directory");
    close(listener);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    await(is_up);
    ck_assert_str_eq(duet_line_link_error(owned), "");
    struct wire_peer peer = accept_peer();
    say(&peer, "over unix\n");
    greet();
    wire_await_text(base, &peer, "hello\n");
    ck_assert_str_eq(trace, "+over unix;");
    finish(&peer);
}
END_TEST

START_TEST(comes_back_and_tells_last_lines_first) {
    open_link(defaults);
    await(is_up);
    struct wire_peer peer = accept_peer();
    ck_assert_int_eq(send(peer.fd, "last\nwords\ncut o", 16, 0), 16);
    wire_peer_close(&peer);
    await(is_down);
    ck_assert_str_eq(trace, "+last;words;-");
    ck_assert_str_eq(why, "closed by the other side");
    await(is_up);
    peer = accept_peer();
    say(&peer, "again\n");
    wire_turns(base, 3);
    ck_assert_str_eq(trace, "+last;words;-+again;");
    finish(&peer);
}
END_TEST

START_TEST(waits_twice_as_long_after_each_failure_up_to_a_limit) {
    struct duet_line_link_options options = defaults;
    int64_t begun_ns = duet_monotonic_ns();
    options.backoff_first_ns = 10 * MS;
    options.backoff_max_ns = 40 * MS;
    close(listener); // refused from now on
    open_link(options);
    // Attempts at 0, 10, 30, 70, 110, 150 ms and so on.
    while (duet_monotonic_ns() - begun_ns < 300 * MS) {
        wire_turn(base);
    }
    ck_assert_str_eq(duet_line_link_error(owned), "Connection refused");
    ck_assert_str_eq(trace, "");
    uint16_t port = (uint16_t)strtoul(strchr(address, ':') + 1, NULL, 10);
    listen_again(port);
    await(is_up);
    struct wire_peer peer = accept_peer();
    finish(&peer);
}
END_TEST

static size_t failures;
static void count_failures(void *argument, enum duet_log_severity severity, const char *line) {
    failures += strstr(line, "link-connect-failed") != NULL;
}

START_TEST(does_not_hammer_a_peer_that_refuses) {
    struct duet_log log = {.threshold = DUET_SEVERITY_DEBUG, .sink = count_failures};
    struct duet_line_link_options options = defaults;
    options.log = &log;
    options.backoff_first_ns = 50 * MS;
    options.backoff_max_ns = 10000 * MS;
    close(listener);
    int64_t begun_ns = duet_monotonic_ns();
    open_link(options);
    while (failures < 4) { // at 0, 50, 150 and 350 ms, or a little earlier: timers are coarse
        wire_turn(base);
    }
    ck_assert_int_ge(duet_monotonic_ns() - begun_ns, 300 * MS);
    duet_line_link_destroy(owned);
    event_base_free(base);
}
END_TEST

START_TEST(drops_a_peer_whose_line_never_ends) {
    static char flood[5001];
    struct duet_line_link_options options = defaults;
    options.line_max = 4000;
    open_link(options);
    await(is_up);
    struct wire_peer peer = accept_peer();
    memset(flood, 'x', 4000);
    say(&peer, flood);
    say(&peer, "\n");
    wire_turns(base, 3);
    ck_assert_uint_eq(bytes_told, 4000);
    memset(flood, 'x', 5000);
    say(&peer, flood);
    await(is_down);
    ck_assert_str_eq(why, "a line of more than 4000 bytes");
    wire_await_close(base, &peer);
    finish(&peer);
}
END_TEST

START_TEST(drops_a_peer_that_does_not_read) {
    static char line[10000];
    struct duet_line_link_options options = defaults;
    enum duet_status status = DUET_OK;
    options.output_max = 1 << 20;
    open_link(options);
    await(is_up);
    struct wire_peer peer = accept_peer();
    memset(line, 'y', sizeof(line));
    for (int i = 0; i < 100000 && status == DUET_OK; i++) {
        status = duet_line_link_send(owned, line, sizeof(line));
        wire_turns(base, i % 50 == 0);
    }
    ck_assert_int_eq(status, DUET_EFULL);
    ck_assert(!duet_line_link_is_up(owned));
    ck_assert_str_eq(trace, "+"); // not from inside our call
    ck_assert_int_eq(duet_line_link_send(owned, "x", 1), DUET_ESTATE);
    await(is_down);
    ck_assert_ptr_nonnull(strstr(why, "the other side does not read"));
    finish(&peer);
}
END_TEST

START_TEST(tells_no_more_lines_than_a_turn_may_have) {
    struct duet_line_link_options options = defaults;
    options.lines_per_turn = 10;
    open_link(options);
    await(is_up);
    struct wire_peer peer = accept_peer();
    for (int i = 0; i < 95; i++) {
        ck_assert_int_eq(send(peer.fd, "abc\n", 4, 0), 4);
    }
    size_t before = 0;
    for (int turns = 0; line_count < 95; turns++) {
        ck_assert_int_lt(turns, TURNS_MAX);
        (void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        ck_assert_uint_le(line_count - before, 10);
        before = line_count;
    }
    finish(&peer);
}
END_TEST

START_TEST(sends_all_lines_of_a_turn_at_once) {
    char got[64];
    open_link(defaults);
    await(is_up);
    struct wire_peer peer = accept_peer();
    ck_assert_int_eq(duet_line_link_send(owned, "a", 1), DUET_OK);
    ck_assert_int_eq(duet_line_link_send(owned, "b", 1), DUET_OK);
    ck_assert_int_eq(duet_line_link_send(owned, "c", 1), DUET_OK);
    ck_assert_int_lt(recv(peer.fd, got, sizeof(got), 0), 0); // nothing leaves inside the turn
    (void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    ck_assert_int_eq(recv(peer.fd, got, sizeof(got), 0), 6);
    ck_assert_int_eq(memcmp(got, "a\nb\nc\n", 6), 0);
    finish(&peer);
}
END_TEST

START_TEST(notices_a_peer_that_says_nothing) {
    struct duet_line_link_options options = defaults;
    options.silence_ns = 500 * MS;
    open_link(options);
    await(is_up);
    struct wire_peer peer = accept_peer();
    for (int i = 0; i < 4; i++) { // alive, if barely
        say(&peer, "x\n");
        wire_turns(base, 10);
    }
    ck_assert_ptr_null(strchr(trace, '-'));
    int64_t quiet_ns = duet_monotonic_ns();
    await(is_down);
    ck_assert_str_eq(why, "nothing heard for 0.5 s");
    ck_assert_int_ge(duet_monotonic_ns() - quiet_ns, 250 * MS);
    finish(&peer);
}
END_TEST

static bool pause_now(char *line, size_t size) {
    duet_line_link_pause(owned, true);
    return true;
}

START_TEST(stops_reading_while_its_owner_has_no_room) {
    on_line = pause_now;
    open_link(defaults);
    await(is_up);
    struct wire_peer peer = accept_peer();
    say(&peer, "1\n2\n3\n");
    wire_turns(base, 5);
    ck_assert_str_eq(trace, "+1;");
    duet_line_link_pause(owned, false);
    wire_turns(base, 5);
    ck_assert_str_eq(trace, "+1;2;");
    on_line = NULL;
    duet_line_link_pause(owned, false);
    say(&peer, "4\n");
    wire_turns(base, 5);
    ck_assert_str_eq(trace, "+1;2;3;4;");
    // The other side's system fills up: bounded memory here.
    duet_line_link_pause(owned, true);
    static char flood[1 << 16];
    memset(flood, 'z', sizeof(flood));
    ssize_t done = 0;
    for (int i = 0; i < 1000 && done >= 0; i++) {
        done = send(peer.fd, flood, sizeof(flood), MSG_NOSIGNAL);
        wire_turn(base);
    }
    ck_assert_int_lt(done, 0);
    ck_assert_int_eq(errno, EAGAIN);
    finish(&peer);
}
END_TEST

static bool refuse(char *line, size_t size) {
    return false;
}
static bool drop_it(char *line, size_t size) {
    duet_line_link_drop(owned, "enough");
    ck_assert(!duet_line_link_is_up(owned));
    line[0] = '!'; // still ours
    return true;
}

START_TEST(drops_when_its_owner_says_so) {
    on_line = refuse;
    open_link(defaults);
    await(is_up);
    struct wire_peer peer = accept_peer();
    say(&peer, "a\nb\n");
    await(is_down);
    ck_assert_str_eq(trace, "+a;-");
    on_line = drop_it;
    wire_peer_close(&peer);
    await(is_up);
    peer = accept_peer();
    say(&peer, "c\nd\n");
    await(is_down);
    ck_assert_str_eq(trace, "+a;-+c;-");
    ck_assert_str_eq(why, "enough");
    finish(&peer);
}
END_TEST

static void destroy_it(void) {
    duet_line_link_destroy(owned);
    owned = NULL;
}
static bool destroy_on_line(char *line, size_t size) {
    destroy_it();
    return true;
}

START_TEST(may_be_destroyed_in_its_own_callbacks) {
    on_up = destroy_it;
    open_link(defaults);
    while (owned != NULL) {
        wire_turn(base);
    }
    on_up = NULL;
    close(accept(listener, NULL, NULL));
    on_line = destroy_on_line;
    open_link(defaults);
    await(is_up);
    struct wire_peer peer = accept_peer();
    say(&peer, "a\nb\n");
    while (owned != NULL) {
        wire_turn(base);
    }
    wire_peer_close(&peer);
    on_down = destroy_it;
    on_line = NULL;
    open_link(defaults);
    await(is_up);
    peer = accept_peer();
    wire_peer_close(&peer);
    while (owned != NULL) {
        wire_turn(base);
    }
    ck_assert_str_eq(trace, "++a;+-");
    event_base_free(base);
}
END_TEST

START_TEST(refuses_addresses_it_would_have_to_look_up) {
    struct duet_line_link_options options = defaults;
    options.base = base;
    options.address = "gateway.example:7777";
    ck_assert_int_eq(duet_line_link_create(&options, &owned), DUET_EINVAL);
    ck_assert_str_eq(duet_error_text(), "address \"gateway.example:7777\": the host must be a number or localhost");
    event_base_free(base);
}
END_TEST

DUET_TEST_MAIN("line_link", set_up, tells_lines_and_sends_lines, speaks_on_unix_sockets,
    comes_back_and_tells_last_lines_first, waits_twice_as_long_after_each_failure_up_to_a_limit,
    does_not_hammer_a_peer_that_refuses, drops_a_peer_whose_line_never_ends, drops_a_peer_that_does_not_read,
    tells_no_more_lines_than_a_turn_may_have, sends_all_lines_of_a_turn_at_once, notices_a_peer_that_says_nothing,
    stops_reading_while_its_owner_has_no_room, drops_when_its_owner_says_so, may_be_destroyed_in_its_own_callbacks,
    refuses_addresses_it_would_have_to_look_up)
