#include "net/http_follow.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "net/address.h"

#define HEAD_MAX 8192

/** A connection and what has been read of it but not yet used. */
struct stream {
    int fd;
    int timeout_ms; // -1: none
    bool failed;
    size_t at, end;
    unsigned char bytes[4096];
};

/** The next byte; -1 at the end or after a failure. */
static int next_byte(struct stream *stream) {
    if (stream->at < stream->end) {
        return stream->bytes[stream->at++];
    }
    struct pollfd wait = {.fd = stream->fd, .events = POLLIN};
    int ready;
    while ((ready = poll(&wait, 1, stream->timeout_ms)) < 0 && errno == EINTR) {
    }
    ssize_t got = ready > 0 ? recv(stream->fd, stream->bytes, sizeof(stream->bytes), 0) : -1;
    stream->failed = got < 0;
    if (got <= 0) {
        return -1;
    }
    stream->at = 1;
    stream->end = (size_t)got;
    return stream->bytes[0];
}

/** One line of the head, without its end. */
static bool read_head_line(struct stream *stream, char *out, size_t size) {
    size_t length = 0;
    for (int byte; (byte = next_byte(stream)) >= 0;) {
        if (byte == '\n') {
            out[length] = '\0';
            return true;
        }
        if (byte != '\r' && length + 1 < size) {
            out[length++] = (char)byte;
        }
    }
    return false;
}

/** Status and whether the body comes in chunks. */
static bool read_head(struct stream *stream, int *status, bool *chunked) {
    char line[HEAD_MAX];
    if (!read_head_line(stream, line, sizeof(line)) || sscanf(line, "HTTP/1.%*1d %3d", status) != 1) {
        return false;
    }
    *chunked = false;
    while (read_head_line(stream, line, sizeof(line))) {
        if (line[0] == '\0') {
            return true;
        }
        if (strncasecmp(line, "Transfer-Encoding:", 18) == 0 && strstr(line + 18, "chunked") != NULL) {
            *chunked = true;
        }
    }
    return false;
}

/** The next byte of a body in chunks. `*left` is what remains of the one under way. */
static int next_of_chunk(struct stream *stream, size_t *left) {
    while (*left == 0) {
        char line[64];
        if (!read_head_line(stream, line, sizeof(line))) {
            return -1;
        }
        if (line[0] == '\0') {
            continue; // the end of the chunk before
        }
        *left = (size_t)strtoull(line, NULL, 16);
        if (*left == 0) {
            return -1; // the last one
        }
    }
    (*left)--;
    return next_byte(stream);
}

static void follow_lines(
    struct stream *stream, bool chunked, bool (*line)(void *argument, const char *line), void *argument) {
    char *text = duet_alloc(DUET_FOLLOW_LINE_MAX, 1);
    size_t length = 0, left = 0;
    for (int byte; (byte = chunked ? next_of_chunk(stream, &left) : next_byte(stream)) >= 0;) {
        if (byte == '\n') {
            text[length] = '\0';
            length = 0;
            if (!line(argument, text)) {
                break;
            }
        } else if (byte != '\r' && length + 1 < DUET_FOLLOW_LINE_MAX) {
            text[length++] = (char)byte;
        }
    }
    free(text);
}

/** "http://host:port/path" into its parts; the port is 80 where there is none. */
static enum duet_status split(const char *url, char host[256], const char **path) {
    if (strncmp(url, "http://", 7) != 0) {
        return duet_error(DUET_EINVAL, "%s: only http:// is spoken here", url);
    }
    size_t length = strcspn(url + 7, "/");
    if (length == 0 || length > 240) {
        return duet_error(DUET_EINVAL, "%s: host and port are missing", url);
    }
    snprintf(host, 256, "%.*s", (int)length, url + 7);
    const char *colon = strrchr(host, ':');
    if (colon == NULL || strchr(colon, ']') != NULL) {
        snprintf(host + length, 256 - length, ":80");
    }
    *path = url[7 + length] == '\0' ? "/" : url + 7 + length;
    return DUET_OK;
}

static enum duet_status send_request(int fd, const char *host, const char *path, const char *token) {
    struct duet_text text = {0};
    duet_text_print(&text, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n", path, host);
    if (token != NULL) {
        duet_text_print(&text, "Authorization: Bearer %s\r\n", token);
    }
    duet_text_print(&text, "\r\n");
    size_t sent = 0;
    while (sent < text.length) {
        ssize_t got = send(fd, text.text + sent, text.length - sent, MSG_NOSIGNAL);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        sent += (size_t)got;
    }
    bool whole = sent == text.length;
    memset(text.text, 0, text.length);
    duet_text_finish(&text);
    return whole ? DUET_OK : duet_error(DUET_EIO, "%s: %s", host, strerror(errno));
}

enum duet_status duet_http_follow(const char *url, const char *token, int64_t timeout_ns,
    bool (*line)(void *argument, const char *line), void *argument, int *status) {
    char host[256];
    const char *path = "/";
    struct duet_address address;
    enum duet_status outcome = split(url, host, &path);
    if (outcome == DUET_OK) {
        outcome = duet_address_parse(host, &address);
    }
    if (outcome != DUET_OK) {
        return outcome;
    }
    struct stream stream = {.timeout_ms = (int)(timeout_ns / 1000000),
        .fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (stream.fd < 0 || connect(stream.fd, (const struct sockaddr *)&address.storage, address.size) != 0) {
        outcome = duet_error(DUET_EIO, "%s: %s", host, strerror(errno));
    } else {
        outcome = send_request(stream.fd, host, path, token);
    }
    bool chunked = false;
    if (outcome == DUET_OK && !read_head(&stream, status, &chunked)) {
        outcome = duet_error(DUET_EIO, "%s: no answer", host);
    }
    if (outcome == DUET_OK && *status == 200) {
        stream.timeout_ms = -1;
        follow_lines(&stream, chunked, line, argument);
        if (stream.failed) {
            outcome = duet_error(DUET_EIO, "%s: the connection broke", host);
        }
    }
    if (stream.fd >= 0) {
        close(stream.fd);
    }
    return outcome;
}
