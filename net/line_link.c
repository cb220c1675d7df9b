#include "net/line_link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include <duet/bar.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "net/address.h"

#define CONNECT_NS (10 * DUET_SECOND_NS)
#define BACKOFF_FIRST_NS (DUET_SECOND_NS / 2)
#define BACKOFF_MAX_NS (30 * DUET_SECOND_NS)
#define LINE_MAX_BYTES ((size_t)1 << 20)
#define OUTPUT_MAX ((size_t)4 << 20)
/** Bytes taken from the socket in one round. */
#define READ_MAX (64u << 10)
#define LINES_PER_TURN 256u
#define REASON_MAX 160

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_UP };

struct duet_line_link {
    struct duet_line_link_options options; // defaults filled in
    struct duet_address address;
    enum link_state state;
    int fd; // while connecting; then the bufferevent's
    struct event *connecting; // writable, or the deadline
    struct event *retry; // the back-off is over
    struct event *silence; // look whether it has been too long
    struct event *turn; // go on with lines that are there; a timer, as active events would run in the same turn
    struct event *flush; // write what this turn has queued, or drop
    struct bufferevent *bev; // while up
    struct evbuffer *queued; // of this turn
    int64_t backoff_ns, heard_ns;
    bool paused, ended; // ended: no more will come, lines are still to be told
    bool doomed; // to be dropped by `flush`; `reason` says why
    bool busy, destroyed; // inside a callback of the loop; freed at its end
    char reason[REASON_MAX];
    char *name; // the address, for the log
};

static struct timeval timeval_of(int64_t ns) {
    return (struct timeval){
        .tv_sec = (time_t)(ns / DUET_SECOND_NS), .tv_usec = (suseconds_t)(ns % DUET_SECOND_NS / 1000)};
}

static void schedule(struct event *event, int64_t ns) {
    const struct timeval wait = timeval_of(ns);
    DUET_ASSERT(event_add(event, &wait) == 0);
}

/** The first reason counts. */
static void doom(struct duet_line_link *link, const char *format, ...) DUET_PRINTF(2, 3);
static void doom(struct duet_line_link *link, const char *format, ...) {
    if (link->doomed) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(link->reason, sizeof(link->reason), format, arguments);
    va_end(arguments);
    link->doomed = true;
    event_active(link->flush, EV_TIMEOUT, 1);
}

static void retry_later(struct duet_line_link *link) {
    link->state = LINK_DOWN;
    schedule(link->retry, link->backoff_ns);
    link->backoff_ns =
        link->backoff_ns > link->options.backoff_max_ns / 2 ? link->options.backoff_max_ns : 2 * link->backoff_ns;
}

static void connect_failed(struct duet_line_link *link, const char *reason) {
    duet_log_info(link->options.log, "link-connect-failed", "peer=%s reason=\"%s\"", link->name, reason);
    duet_text_copy(link->reason, sizeof(link->reason), reason);
    if (link->fd >= 0) {
        close(link->fd);
        link->fd = -1;
    }
    retry_later(link);
}

static void start_connecting(struct duet_line_link *link) {
    int family = link->address.storage.ss_family;
    link->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link->fd < 0 || (connect(link->fd, (const struct sockaddr *)&link->address.storage, link->address.size) != 0 &&
                            errno != EINPROGRESS)) {
        connect_failed(link, strerror(errno));
        return;
    }
    if (family != AF_UNIX) {
        const int on = 1;
        (void)setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    link->state = LINK_CONNECTING;
    const struct timeval deadline = timeval_of(link->options.connect_ns);
    DUET_ASSERT(event_assign(link->connecting, link->options.base, link->fd, EV_WRITE,
                    event_get_callback(link->connecting), link) == 0);
    DUET_ASSERT(event_add(link->connecting, &deadline) == 0);
}

static void handle_retry(evutil_socket_t fd, short what, void *argument) {
    start_connecting(argument);
}

static void release(struct duet_line_link *link) {
    struct event *const events[] = {link->connecting, link->retry, link->silence, link->turn, link->flush};
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        event_free(events[i]);
    }
    if (link->bev != NULL) {
        bufferevent_free(link->bev);
    } else if (link->fd >= 0) {
        close(link->fd);
    }
    evbuffer_free(link->queued);
    free(link->name);
    free(link);
}

/** Every callback of the loop ends with it: the owner may have destroyed the link meanwhile. */
static void leave(struct duet_line_link *link) {
    link->busy = false;
    if (link->destroyed) {
        release(link);
    }
}

static void drop(struct duet_line_link *link) {
    bufferevent_free(link->bev);
    link->bev = NULL;
    link->fd = -1;
    evbuffer_drain(link->queued, evbuffer_get_length(link->queued));
    event_del(link->turn);
    event_del(link->silence);
    link->doomed = link->ended = false;
    duet_log_warn(link->options.log, "link-down", "peer=%s reason=\"%s\"", link->name, link->reason);
    retry_later(link);
    if (link->options.down != NULL) {
        link->options.down(link->options.argument, link->reason);
    }
}

enum told { TOLD_LINE, TOLD_ALL, TOLD_STOP };

/** Tells one line where there is a whole one. */
static enum told tell_line(struct duet_line_link *link, struct evbuffer *input) {
    struct evbuffer_ptr end = evbuffer_search_eol(input, NULL, NULL, EVBUFFER_EOL_LF);
    size_t size = end.pos >= 0 ? (size_t)end.pos : evbuffer_get_length(input);
    if (size > link->options.line_max) {
        doom(link, "a line of more than %zu bytes", link->options.line_max);
        return TOLD_STOP;
    }
    if (end.pos < 0) {
        return TOLD_ALL;
    }
    char *line = (char *)evbuffer_pullup(input, (ev_ssize_t)(size + 1));
    DUET_ASSERT(line != NULL);
    size_t length = size > 0 && line[size - 1] == '\r' ? size - 1 : size;
    line[length] = '\0';
    link->backoff_ns = link->options.backoff_first_ns;
    if (!link->options.line(link->options.argument, line, length)) {
        doom(link, "refused by its owner");
    }
    evbuffer_drain(input, size + 1);
    return link->doomed || link->paused || link->destroyed ? TOLD_STOP : TOLD_LINE;
}

/** No more lines than a turn may have. What is left waits for the next one, and the socket is not read meanwhile. */
static void tell_lines(struct duet_line_link *link) {
    struct evbuffer *input = bufferevent_get_input(link->bev);
    enum told outcome = link->paused || link->doomed ? TOLD_STOP : TOLD_LINE;
    for (uint32_t count = 0; outcome == TOLD_LINE && count < link->options.lines_per_turn; count++) {
        outcome = tell_line(link, input);
    }
    if (outcome == TOLD_LINE) {
        bufferevent_disable(link->bev, EV_READ);
        schedule(link->turn, 0);
    } else if (outcome == TOLD_ALL && link->ended) {
        link->doomed = true; // `reason` is there
        event_active(link->flush, EV_TIMEOUT, 1);
    } else if (outcome == TOLD_ALL) {
        bufferevent_enable(link->bev, EV_READ);
    }
}

/** A bufferevent reads 4 KiB a round, which is less than a turn's lines: the rest of them right now. What ends the
 * connection is met again by the bufferevent. */
static void read_more(const struct duet_line_link *link) {
    struct evbuffer *input = bufferevent_get_input(link->bev);
    if (evbuffer_unfreeze(input, 0) != 0) {
        return;
    }
    int got = 1;
    while (got > 0 && evbuffer_get_length(input) < READ_MAX) {
        got = evbuffer_read(input, link->fd, READ_MAX);
    }
    DUET_ASSERT(evbuffer_freeze(input, 0) == 0);
}

static void handle_read(struct bufferevent *bev, void *argument) {
    struct duet_line_link *link = argument;
    link->busy = true;
    link->heard_ns = duet_monotonic_ns();
    if (!link->doomed && !link->ended) {
        read_more(link);
    }
    tell_lines(link);
    leave(link);
}

static void handle_turn(evutil_socket_t fd, short what, void *argument) {
    struct duet_line_link *link = argument;
    link->busy = true;
    tell_lines(link);
    leave(link);
}

/** The end of the connection. Lines that came before it are told before it. */
static void handle_event(struct bufferevent *bev, short what, void *argument) {
    struct duet_line_link *link = argument;
    const char *reason = (what & BEV_EVENT_EOF) != 0 ? "closed by the other side" : strerror(errno);
    link->busy = true;
    if (!link->ended && !link->doomed) {
        duet_text_copy(link->reason, sizeof(link->reason), reason);
        link->ended = true;
        tell_lines(link);
    }
    leave(link);
}

static void handle_silence(evutil_socket_t fd, short what, void *argument) {
    struct duet_line_link *link = argument;
    int64_t now_ns = duet_monotonic_ns();
    // Who does not listen hears nothing.
    link->heard_ns = link->paused ? now_ns : link->heard_ns;
    int64_t left_ns = link->heard_ns + link->options.silence_ns - now_ns;
    if (left_ns > 0) {
        schedule(link->silence, left_ns);
    } else {
        doom(link, "nothing heard for %.3g s", (double)link->options.silence_ns / (double)DUET_SECOND_NS);
    }
}

/** Straight to the socket where nothing waits before it, so that a turn's lines leave at its end, in one write. */
static void write_queued(struct duet_line_link *link) {
    struct evbuffer *waiting = bufferevent_get_output(link->bev);
    if (evbuffer_get_length(waiting) == 0) {
        (void)evbuffer_write(link->queued, link->fd);
    }
    if (evbuffer_get_length(link->queued) > 0) {
        // Where the connection is broken, the bufferevent finds out, too.
        DUET_ASSERT(evbuffer_add_buffer(waiting, link->queued) == 0);
    }
}

static void handle_flush(evutil_socket_t fd, short what, void *argument) {
    struct duet_line_link *link = argument;
    link->busy = true;
    if (link->state == LINK_UP && link->doomed) {
        drop(link);
    } else if (link->state == LINK_UP) {
        write_queued(link);
    }
    leave(link);
}

static void go_up(struct duet_line_link *link) {
    link->bev = bufferevent_socket_new(link->options.base, link->fd, BEV_OPT_CLOSE_ON_FREE);
    DUET_ASSERT(link->bev != NULL);
    bufferevent_setcb(link->bev, handle_read, NULL, handle_event, link);
    link->state = LINK_UP;
    link->reason[0] = '\0';
    link->heard_ns = duet_monotonic_ns();
    if (link->options.silence_ns > 0) {
        schedule(link->silence, link->options.silence_ns);
    }
    bufferevent_enable(link->bev, EV_WRITE | (link->paused ? 0 : EV_READ));
    duet_log_info(link->options.log, "link-up", "peer=%s", link->name);
    if (link->options.up != NULL) {
        link->options.up(link->options.argument);
    }
}

static void handle_connecting(evutil_socket_t fd, short what, void *argument) {
    struct duet_line_link *link = argument;
    int reason = 0;
    socklen_t size = sizeof(reason);
    link->busy = true;
    if ((what & EV_TIMEOUT) != 0) {
        connect_failed(link, "no connection in time");
    } else if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &reason, &size) != 0 || reason != 0) {
        connect_failed(link, strerror(reason != 0 ? reason : errno));
    } else {
        go_up(link);
    }
    leave(link);
}

static struct duet_line_link_options with_defaults(const struct duet_line_link_options *given) {
    struct duet_line_link_options options = *given;
    options.connect_ns = options.connect_ns > 0 ? options.connect_ns : CONNECT_NS;
    options.backoff_first_ns = options.backoff_first_ns > 0 ? options.backoff_first_ns : BACKOFF_FIRST_NS;
    options.backoff_max_ns = options.backoff_max_ns > 0 ? options.backoff_max_ns : BACKOFF_MAX_NS;
    if (options.backoff_max_ns < options.backoff_first_ns) {
        options.backoff_max_ns = options.backoff_first_ns;
    }
    options.line_max = options.line_max > 0 ? options.line_max : LINE_MAX_BYTES;
    options.output_max = options.output_max > 0 ? options.output_max : OUTPUT_MAX;
    options.lines_per_turn = options.lines_per_turn > 0 ? options.lines_per_turn : LINES_PER_TURN;
    return options;
}

enum duet_status duet_line_link_create(const struct duet_line_link_options *options, struct duet_line_link **out) {
    DUET_ASSERT(options->base != NULL && options->line != NULL);
    struct duet_address address;
    enum duet_status status = duet_address_parse(options->address, &address);
    if (status != DUET_OK) {
        return status;
    }
    struct duet_line_link *link = duet_alloc(1, sizeof(*link));
    link->options = with_defaults(options);
    link->options.address = NULL; // the caller's text need not outlive this call
    link->name = duet_strdup(options->address);
    link->address = address;
    link->fd = -1;
    link->backoff_ns = link->options.backoff_first_ns;
    link->connecting = event_new(options->base, -1, EV_WRITE, handle_connecting, link);
    link->retry = evtimer_new(options->base, handle_retry, link);
    link->silence = evtimer_new(options->base, handle_silence, link);
    link->turn = evtimer_new(options->base, handle_turn, link);
    link->flush = event_new(options->base, -1, 0, handle_flush, link);
    link->queued = evbuffer_new();
    DUET_ASSERT(link->connecting != NULL && link->retry != NULL && link->silence != NULL && link->turn != NULL &&
                link->flush != NULL && link->queued != NULL);
    schedule(link->retry, 0);
    *out = link;
    return DUET_OK;
}

void duet_line_link_destroy(struct duet_line_link *link) {
    if (link == NULL) {
        return;
    }
    link->destroyed = true;
    if (!link->busy) {
        release(link);
    }
}

enum duet_status duet_line_link_send(struct duet_line_link *link, const char *line, size_t size) {
    DUET_ASSERT(memchr(line, '\n', size) == NULL);
    if (!duet_line_link_is_up(link)) {
        return duet_error(DUET_ESTATE, "%s: not connected", link->name);
    }
    size_t waiting = evbuffer_get_length(link->queued) + evbuffer_get_length(bufferevent_get_output(link->bev));
    if (waiting + size + 1 > link->options.output_max) {
        doom(link, "%zu bytes wait and the other side does not read", waiting);
        return duet_error(DUET_EFULL, "%s: the other side does not read; %zu bytes wait", link->name, waiting);
    }
    if (evbuffer_get_length(link->queued) == 0) {
        event_active(link->flush, EV_TIMEOUT, 1);
    }
    DUET_ASSERT(evbuffer_add(link->queued, line, size) == 0 && evbuffer_add(link->queued, "\n", 1) == 0);
    return DUET_OK;
}

void duet_line_link_drop(struct duet_line_link *link, const char *why) {
    if (duet_line_link_is_up(link)) {
        doom(link, "%s", why);
    }
}

bool duet_line_link_is_up(const struct duet_line_link *link) {
    return link->state == LINK_UP && !link->ended && !link->doomed && !link->destroyed;
}

const char *duet_line_link_error(const struct duet_line_link *link) {
    return duet_line_link_is_up(link) ? "" : link->reason;
}

void duet_line_link_pause(struct duet_line_link *link, bool paused) {
    if (paused == link->paused) {
        return;
    }
    link->paused = paused;
    link->heard_ns = duet_monotonic_ns();
    if (link->state != LINK_UP) {
        return;
    }
    if (paused) {
        bufferevent_disable(link->bev, EV_READ);
        event_del(link->turn);
    } else {
        schedule(link->turn, 0); // lines may have been left
    }
}
