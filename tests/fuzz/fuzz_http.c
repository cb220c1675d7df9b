/* Any bytes at the control server, in pieces (first byte: how large). Whatever it answers must be HTTP, and whatever
 * it refuses must say so in its own format. */
#include <string.h>

#include "fuzz/wire.h"

#define HELD_MAX 64
#define ANSWER_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct event_base *base;
static struct duet_http_server *server;
static struct duet_http_request *held[HELD_MAX];
static size_t held_count;

static void handle_now(void *argument, struct duet_http_request *request) {
    size_t size;
    int64_t number;
    const char *body = duet_http_body(request, &size);
    DUET_ASSERT(strlen(duet_http_segment(request)) < ANSWER_MAX && duet_http_path(request)[0] == '/');
    if (duet_http_query_number(request, "n", 1, 1, 1000, &number)) {
        DUET_ASSERT(number >= 1 && number <= 1000);
        duet_http_reply(request, 200, body, size);
    }
}
static void handle_gone(void *argument) {
    size_t index = (size_t)((struct duet_http_request **)argument - held);
    DUET_ASSERT(index < held_count && held[index] != NULL);
    held[index] = NULL;
}
static void handle_later(void *argument, struct duet_http_request *request) {
    if (held_count == HELD_MAX) {
        duet_http_reply_error(request, 503, "busy", "%s", duet_http_path(request));
        return;
    }
    held[held_count] = request;
    duet_http_on_gone(request, handle_gone, &held[held_count++]);
}

static const struct duet_http_route routes[] = {
    {DUET_HTTP_GET | DUET_HTTP_POST, "/a", true, handle_now},
    {DUET_HTTP_GET | DUET_HTTP_DELETE, "/a/*", true, handle_now},
    {DUET_HTTP_POST, "/later", true, handle_later},
    {DUET_HTTP_POST, "/secret", false, handle_now},
};

static void serve(void) {
    base = wire_base();
    const struct duet_http_server_options options = {.address = "127.0.0.1:0",
        .token = "0123456789abcdef",
        .body_max = 1000,
        .header_max = 500,
        .requests_per_s = 1e9,
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(routes[0]),
        .base = base};
    enum duet_status status = duet_http_server_create(&options, &server);
    DUET_ASSERT(status == DUET_OK);
}

static void check_answer(const char *text, size_t size) {
    DUET_ASSERT(size == 0 || (size > 13 && memcmp(text, "HTTP/1.", 7) == 0));
    if (size > 13 && (text[9] == '4' || text[9] == '5')) {
        const char *body = strstr(text, "\r\n\r\n");
        DUET_ASSERT(body != NULL);
        DUET_ASSERT(body + 4 == text + size || memcmp(body + 4, "{\"ok\":false,", 12) == 0); // none after HEAD
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static char answer[ANSWER_MAX + 1];
    if (server == NULL) {
        serve();
    }
    if (size == 0) {
        return 0;
    }
    held_count = 0;
    int fd = wire_connect(base, duet_http_server_port(server));
    wire_feed(base, fd, bytes + 1, size - 1, (size_t)bytes[0] * 4 + 1);
    for (size_t i = 0; i < held_count; i++) {
        if (held[i] != NULL) {
            struct duet_http_request *request = held[i];
            held[i] = NULL;
            duet_http_reply(request, 200, "{}", 2);
            wire_turns(base);
        }
    }
    size_t answered = wire_drain(fd, answer, ANSWER_MAX);
    answer[answered] = '\0';
    check_answer(answer, answered);
    close(fd);
    wire_turns(base);
    for (size_t i = 0; i < held_count; i++) {
        DUET_ASSERT(held[i] == NULL); // all have been told
    }
    return 0;
}
