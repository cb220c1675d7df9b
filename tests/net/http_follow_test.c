/* Following a stream, against servers scripted byte by byte in a second process. */
#include "net/http_follow.h"

#include <stdio.h>
#include <sys/wait.h>

#include "base/error.h"
#include "net/wire.h"
#include "support/suite.h"

#define SECOND_NS INT64_C(1000000000)

static char url[64], lines[400], asked[1000];
static int listener;
static size_t line_count, line_limit;

static void listen_here(void) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    socklen_t size = sizeof(name);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&name, &size), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/events", ntohs(name.sin_port));
    lines[0] = '\0';
    line_count = 0;
    line_limit = SIZE_MAX;
}

static bool take_line(void *argument, const char *line) {
    size_t used = strlen(lines);
    snprintf(lines + used, sizeof(lines) - used, "<%s>", line);
    return ++line_count < line_limit;
}

/** A second process sends `reply` byte by byte, and what it was asked back through a pipe. */
static enum duet_status follow(const char *reply, int *status) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        int fd = accept(listener, NULL, NULL);
        ssize_t got = recv(fd, asked, sizeof(asked) - 1, 0);
        if (got < 0 || write(ends[1], asked, (size_t)got) != got) {
            _exit(1);
        }
        for (; *reply != '\0'; reply++) {
            if (send(fd, reply, 1, MSG_NOSIGNAL) != 1) {
                break;
            }
        }
        close(fd);
        _exit(0);
    }
    *status = 0;
    enum duet_status outcome = duet_http_follow(url, "secret-of-the-daemon", 30 * SECOND_NS, take_line, NULL, status);
    ssize_t got = read(ends[0], asked, sizeof(asked) - 1);
    ck_assert_int_gt(got, 0);
    asked[got] = '\0';
    close(ends[0]);
    close(ends[1]);
    waitpid(child, NULL, 0);
    return outcome;
}

START_TEST(hands_over_the_lines_of_a_stream) {
    int status;
    ck_assert_int_eq(
        follow("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\nevent: x\r\ncut", &status),
        DUET_OK);
    ck_assert_int_eq(status, 200);
    ck_assert_str_eq(lines, "<data: 1><><event: x>");
    ck_assert_ptr_nonnull(strstr(asked, "GET /events HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(asked, "\r\nAuthorization: Bearer secret-of-the-daemon\r\n"));
}
END_TEST

START_TEST(puts_chunks_together) {
    int status;
    ck_assert_int_eq(follow("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "4\r\nda\nt\r\n1\r\na\r\nA\r\n0123456789\r\n1\r\n\n\r\n0\r\n\r\n",
                         &status),
        DUET_OK);
    ck_assert_str_eq(lines, "<da><ta0123456789>");
}
END_TEST

START_TEST(ends_when_nobody_wants_more) {
    int status;
    line_limit = 2;
    ck_assert_int_eq(follow("HTTP/1.1 200 OK\r\n\r\na\nb\nc\n", &status), DUET_OK);
    ck_assert_str_eq(lines, "<a><b>");
}
END_TEST

START_TEST(says_what_is_wrong) {
    int status;
    ck_assert_int_eq(follow("HTTP/1.1 401 Unauthorized\r\n\r\n{}\n", &status), DUET_OK);
    ck_assert_int_eq(status, 401);
    ck_assert_str_eq(lines, "");
    ck_assert_int_eq(follow("hello\r\n", &status), DUET_EIO);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "no answer"));
    close(listener);
    ck_assert_int_eq(duet_http_follow(url, NULL, SECOND_NS, take_line, NULL, &status), DUET_EIO);
    ck_assert_int_eq(duet_http_follow("https://127.0.0.1/", NULL, SECOND_NS, take_line, NULL, &status), DUET_EINVAL);
    ck_assert_int_eq(duet_http_follow("http:///x", NULL, SECOND_NS, take_line, NULL, &status), DUET_EINVAL);
}
END_TEST

DUET_TEST_MAIN("http follow", listen_here, hands_over_the_lines_of_a_stream, puts_chunks_together,
    ends_when_nobody_wants_more, says_what_is_wrong)
