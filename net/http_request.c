#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/http.h>
#include <event2/http_struct.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "net/http_private.h"

#define MESSAGE_MAX 512
#define ERROR_BODY_MAX 4096
#define LOG_PATH_MAX 128

/** Those that evhttp does not know, or calls by an old name. */
static const char *phrase_of(int status) {
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
        if (phrases[i].status == status) {
            return phrases[i].phrase;
        }
    }
    return "Other";
}

const char *duet_http_header(const struct duet_http_request *request, const char *name) {
    return evhttp_find_header(evhttp_request_get_input_headers(request->raw), name);
}

void duet_http_add_header(struct duet_http_request *request, const char *name, const char *value) {
    (void)evhttp_add_header(evhttp_request_get_output_headers(request->raw), name, value);
}

void duet_http_request_free(struct duet_http_request *request) {
    if (request->connection != NULL) {
        request->connection->request = NULL;
    }
    free(request->segment);
    evhttp_clear_headers(&request->query);
    free(request);
}

/** evhttp takes any number below 2 for a version, and answers with the same. */
static bool settle_version(struct duet_http_request *request) {
    struct evhttp_request *raw = request->raw;
    bool good = raw->major == 1 && raw->minor >= 0 && (raw->minor == 0 || duet_http_header(request, "Host") != NULL);
    raw->major = 1;
    raw->minor = raw->minor == 0 ? 0 : 1;
    return good;
}

/** False: its query cannot be read. */
static bool parse_uri(struct duet_http_request *request) {
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request->raw);
    const char *path = evhttp_uri_get_path(uri), *query = evhttp_uri_get_query(uri);
    request->path = path != NULL ? path : "";
    if (strstr(evhttp_request_get_uri(request->raw), "%00") != NULL || evhttp_uri_get_host(uri) != NULL) {
        return false; // a zero would end our texts early; and we are no proxy
    }
    return query == NULL || evhttp_parse_query_str(query, &request->query) == 0;
}

void duet_http_handle(struct evhttp_request *raw, void *argument) {
    struct duet_http_server *server = argument;
    struct http_connection *connection = duet_http_connection_of(server, raw);
    const struct duet_http_route *route = NULL;
    DUET_ASSERT(connection != NULL && connection->request == NULL && !connection->taken);
    struct duet_http_request *request = duet_alloc(1, sizeof(*request));
    request->connection = connection;
    request->raw = raw;
    request->started_ns = duet_monotonic_ns();
    request->path = "";
    request->query.tqh_last = &request->query.tqh_first;
    connection->request = request;
    connection->received = 0;
    if (!settle_version(request)) {
        duet_http_reply_error(
            request, 400, "bad_request", "this server speaks HTTP/1.1, which wants a Host, and HTTP/1.0");
        return;
    }
    if (!parse_uri(request)) {
        duet_http_reply_error(request, 400, "bad_request", "the address of the request cannot be read");
        return;
    }
    if (!duet_http_admit(request, &route)) {
        return;
    }
    route->handle(server->options.argument, request);
    if (connection->request != NULL) {
        duet_http_hold(connection);
    }
}

const char *duet_http_path(const struct duet_http_request *request) {
    return request->path;
}

const char *duet_http_segment(const struct duet_http_request *request) {
    return request->segment != NULL ? request->segment : "";
}

bool duet_http_is_authorized(const struct duet_http_request *request) {
    return request->authorized;
}

const char *duet_http_query(const struct duet_http_request *request, const char *name) {
    return evhttp_find_header(&request->query, name);
}

const char *duet_http_body(const struct duet_http_request *request, size_t *size) {
    struct evbuffer *body = evhttp_request_get_input_buffer(request->raw);
    *size = evbuffer_get_length(body);
    const unsigned char *bytes = *size > 0 ? evbuffer_pullup(body, -1) : NULL;
    return bytes != NULL ? (const char *)bytes : "";
}

bool duet_http_query_number(struct duet_http_request *request, const char *name, int64_t fallback, int64_t minimum,
    int64_t maximum, int64_t *out) {
    const char *text = duet_http_query(request, name);
    int64_t value = fallback;
    if (text != NULL && (!duet_parse_int64(text, &value) || value < minimum || value > maximum)) {
        duet_http_reply_error(request, 422, "out_of_range", "%s must be a whole number from %" PRId64 " to %" PRId64,
            name, minimum, maximum);
        return false;
    }
    *out = value;
    return true;
}

/** The path as a log can take it: printable, and cut. Never the query, which may hold anything. */
static void log_answer(const struct duet_http_request *request, int status) {
    static const struct {
        enum evhttp_cmd_type type;
        const char *name;
    } methods[] = {{EVHTTP_REQ_GET, "GET"}, {EVHTTP_REQ_POST, "POST"}, {EVHTTP_REQ_DELETE, "DELETE"}};
    enum evhttp_cmd_type type = evhttp_request_get_command(request->raw);
    const char *method = "other";
    char path[LOG_PATH_MAX];
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        method = methods[i].type == type ? methods[i].name : method;
    }
    duet_text_copy(path, sizeof(path), request->path);
    for (char *c = path; *c != '\0'; c++) {
        *c = *c > ' ' && *c < 0x7f ? *c : '?';
    }
    // What may have changed something is worth a line in any log; the rest would drown it.
    bool quiet = type == EVHTTP_REQ_GET || status == 429;
    duet_log_write(request->connection->server->options.log, quiet ? DUET_SEVERITY_DEBUG : DUET_SEVERITY_INFO,
        "http-request", "method=%s path=%s status=%d ms=%.3f", method, path, status,
        (double)(duet_monotonic_ns() - request->started_ns) / 1e6);
}

void duet_http_reply_type(
    struct duet_http_request *request, int status, const char *content_type, const char *bytes, size_t size) {
    struct http_connection *connection = request->connection;
    struct evhttp_request *raw = request->raw;
    const struct timeval idle = {.tv_sec = HTTP_IDLE_S};
    struct evbuffer *body = evbuffer_new();
    DUET_ASSERT(body != NULL);
    log_answer(request, status);
    bool headless = evhttp_request_get_command(raw) == EVHTTP_REQ_HEAD;
    if (!headless) {
        DUET_ASSERT(evbuffer_add(body, bytes, size) == 0);
    }
    duet_http_add_header(request, "Content-Type", content_type);
    duet_http_add_header(request, "X-Content-Type-Options", "nosniff");
    duet_http_add_header(request, "Cache-Control", "no-store");
    if (connection->excess || status == 400 || headless) {
        duet_http_add_header(request, "Connection", "close");
    }
    duet_http_request_free(request);
    bufferevent_set_timeouts(connection->bev, &idle, &idle);
    connection->quiet_since_ns = duet_monotonic_ns();
    connection->answering = true;
    evhttp_send_reply(raw, status, phrase_of(status), body);
    connection->answering = false;
    evbuffer_free(body);
}

void duet_http_reply(struct duet_http_request *request, int status, const char *json, size_t size) {
    duet_http_reply_type(request, status, "application/json", json, size);
}

size_t duet_http_error_body(char *out, size_t size, const char *code, const char *message) {
    FILE *stream = fmemopen(out, size, "w");
    DUET_ASSERT(stream != NULL);
    struct duet_json json = {.stream = stream};
    duet_json_open(&json, NULL, '{');
    fprintf(stream, "\"ok\":false");
    json.filled[json.depth] = true;
    duet_json_open(&json, "error", '{');
    duet_json_string(&json, "code", code);
    duet_json_string(&json, "message", message);
    duet_json_close(&json, '}');
    duet_json_close(&json, '}');
    long used = ftell(stream);
    fclose(stream);
    return used > 0 ? (size_t)used : 0;
}

void duet_http_reply_error(struct duet_http_request *request, int status, const char *code, const char *format, ...) {
    char message[MESSAGE_MAX], body[ERROR_BODY_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    duet_http_reply(request, status, body, duet_http_error_body(body, sizeof(body), code, message));
}

void duet_http_on_gone(struct duet_http_request *request, void (*gone)(void *argument), void *argument) {
    request->gone = gone;
    request->gone_argument = argument;
}
