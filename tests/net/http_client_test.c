/*
 * The client against servers scripted byte by byte. The blocking call is made from a second process, which reports by
 * its exit code, while this one plays the server.
 */
#include "net/http_server.h"

#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/error.h"
#include "net/wire.h"
#include "support/suite.h"

#define SECOND_NS INT64_C(1000000000)
#define REQUEST_MAX 4096

static int listener;
static char url[64];
static struct event_base *base;

static void listen_here(void) {
    wire_ignore_broken_pipes();
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    socklen_t size = sizeof(name);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&name, &size), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/path?x=1", ntohs(name.sin_port));
    base = event_base_new();
}

/** Plays a server for one connection: reads a request, writes `reply` (NULL: nothing), closes. */
static void play(const char *reply, char request[REQUEST_MAX]) {
    int fd = accept(listener, NULL, NULL);
    size_t size = 0;
    ck_assert_int_ge(fd, 0);
    request[0] = '\0';
    while (strstr(request, "\r\n\r\n") == NULL) {
        ssize_t got = recv(fd, request + size, REQUEST_MAX - 1 - size, 0);
        ck_assert_int_gt(got, 0);
        size += (size_t)got;
        request[size] = '\0';
    }
    if (reply != NULL) {
        ck_assert_int_eq(send(fd, reply, strlen(reply), MSG_NOSIGNAL), (ssize_t)strlen(reply));
    }
    close(fd);
}

/** Whether somebody else connects within a moment. */
static bool comes_again(void) {
    struct pollfd wait = {.fd = listener, .events = POLLIN};
    return poll(&wait, 1, 200) > 0;
}

/** Calls in a second process while `reply` is played; its answer must be as given. */
static void check_call(const char *method, const char *body, const char *reply, int status, const char *text) {
    char request[REQUEST_MAX];
    pid_t child = fork();
    if (child == 0) {
        struct duet_http_answer answer;
        enum duet_status outcome = duet_http_call(method, url, "secret-token", body, 10 * SECOND_NS, &answer);
        bool good = answer.status == status;
        if (status == 0) {
            good = good && outcome == DUET_EIO && strstr(answer.error, text) != NULL && answer.body == NULL;
        } else {
            good = good && outcome == DUET_OK && strcmp(answer.body, text) == 0 && answer.size == strlen(text);
        }
        if (!good) {
            fprintf(stderr, "status %d, error %s, body %s\n", answer.status, answer.error, answer.body);
        }
        free(answer.body);
        event_base_free(base);
        exit(good ? 0 : 1);
    }
    play(reply, request);
    int code = -1;
    ck_assert_int_eq(waitpid(child, &code, 0), child);
    ck_assert_int_eq(code, 0);
    ck_assert_ptr_nonnull(strstr(request, "/path?x=1 HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(request, "\r\nAuthorization: Bearer secret-token\r\n"));
    ck_assert(body == NULL || strstr(request, body) != NULL);
    ck_assert_int_eq(strncmp(request, method, strlen(method)), 0);
}

START_TEST(calls_and_brings_back_status_and_body) {
    check_call("GET", NULL, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello");
    check_call(
        "POST", "{\"a\":1}", "HTTP/1.1 422 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", 422, "no");
    check_call("DELETE", NULL, "HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end");
    check_call("GET", NULL, "HTTP/1.1 204 Nothing\r\n\r\n", 204, "");
    event_base_free(base);
}
END_TEST

START_TEST(never_sends_a_request_twice) {
    check_call("POST", "{}", NULL, 0, "closed before the answer");
    ck_assert(!comes_again());
    check_call("GET", NULL, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut off", 0, "closed before the answer");
    ck_assert(!comes_again());
    event_base_free(base);
}
END_TEST

START_TEST(refuses_answers_that_are_not_http_or_too_large) {
    check_call("GET", NULL, "SSH-2.0-OpenSSH\r\n\r\n", 0, "not HTTP");
    check_call("GET", NULL, "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx", 0, "too large");
    event_base_free(base);
}
END_TEST

START_TEST(gives_up_at_the_deadline) {
    struct duet_http_answer answer;
    // Nobody accepts, but the system lets the connection be made.
    ck_assert_int_eq(duet_http_call("GET", url, NULL, NULL, SECOND_NS / 10, &answer), DUET_EIO);
    ck_assert_ptr_nonnull(strstr(answer.error, "no answer in time"));
    ck_assert_ptr_null(strstr(answer.error, "path"));
    close(listener);
    ck_assert_int_eq(duet_http_call("GET", url, NULL, NULL, 10 * SECOND_NS, &answer), DUET_EIO);
    ck_assert_ptr_nonnull(strstr(answer.error, "cannot connect"));
    event_base_free(base);
}
END_TEST

START_TEST(takes_only_plain_http_addresses) {
    struct duet_http_answer answer;
    const char *const bad[] = {"", "127.0.0.1:80", "https://127.0.0.1/", "http://", "http:///x", "ftp://a/",
        "http://user:word@127.0.0.1/", "http://127.0.0.1:99999999/"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(duet_http_call("GET", bad[i], NULL, NULL, SECOND_NS, &answer) == DUET_EINVAL, "%s", bad[i]);
        ck_assert_ptr_null(strstr(duet_error_text(), "word"));
    }
    ck_assert_int_eq(duet_http_call("BREW", url, NULL, NULL, SECOND_NS, &answer), DUET_EINVAL);
    event_base_free(base);
}
END_TEST

struct outcome {
    int calls, status;
    char error[160];
};
static void handle_done(void *argument, int status, const char *error) {
    struct outcome *outcome = argument;
    outcome->calls++;
    outcome->status = status;
    snprintf(outcome->error, sizeof(outcome->error), "%s", error);
}
static void await_done(struct outcome *outcome) {
    while (outcome->calls == 0) {
        wire_turn(base);
    }
    wire_turns(base, 5);
    ck_assert_int_eq(outcome->calls, 1);
}

START_TEST(posts_from_the_loop_and_tells_once) {
    struct outcome good = {0}, late = {0}, refused = {0};
    char request[REQUEST_MAX];
    ck_assert_int_eq(duet_http_post(base, url, "{\"alert\":1}", 10 * SECOND_NS, handle_done, &good, NULL), DUET_OK);
    pid_t child = fork();
    if (child == 0) {
        play("HTTP/1.1 202 Taken\r\nContent-Length: 2\r\n\r\nok", request);
        _exit(strstr(request, "{\"alert\":1}") != NULL ? 0 : 1);
    }
    await_done(&good);
    ck_assert_int_eq(good.status, 202);
    ck_assert_str_eq(good.error, "");
    int code = -1;
    ck_assert_int_eq(waitpid(child, &code, 0), child);
    ck_assert_int_eq(code, 0);
    ck_assert_int_eq(duet_http_post(base, url, "{}", SECOND_NS / 20, handle_done, &late, NULL), DUET_OK);
    await_done(&late);
    ck_assert_int_eq(late.status, 0);
    ck_assert_ptr_nonnull(strstr(late.error, "no answer in time"));
    close(listener);
    ck_assert_int_eq(duet_http_post(base, url, "{}", SECOND_NS, handle_done, &refused, NULL), DUET_OK);
    await_done(&refused);
    ck_assert_ptr_nonnull(strstr(refused.error, "cannot connect"));
    ck_assert_int_eq(duet_http_post(base, "nonsense", "{}", SECOND_NS, handle_done, &refused, NULL), DUET_EINVAL);
    event_base_free(base);
}
END_TEST

START_TEST(lets_go_of_a_post_without_telling) {
    struct outcome outcome = {0};
    struct duet_http_exchange *under_way = NULL;
    ck_assert_int_eq(duet_http_post(base, url, "{}", 10 * SECOND_NS, handle_done, &outcome, &under_way), DUET_OK);
    wire_turn(base);
    int fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    duet_http_drop(under_way);
    for (int i = 0; i < 20; i++) {
        wire_turn(base);
    }
    ck_assert_int_eq(outcome.calls, 0);
    close(fd);
    event_base_free(base);
}
END_TEST

DUET_TEST_MAIN("http_client", listen_here, calls_and_brings_back_status_and_body, never_sends_a_request_twice,
    refuses_answers_that_are_not_http_or_too_large, gives_up_at_the_deadline, takes_only_plain_http_addresses,
    posts_from_the_loop_and_tells_once, lets_go_of_a_post_without_telling)
