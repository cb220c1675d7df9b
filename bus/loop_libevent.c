/*
 * The libevent loop: wall clock, sockets, signals. Each round lets libevent look at its descriptors and timers, without
 * waiting where there is work left, and then does one bounded turn; so neither side starves the other.
 *
 * Wakes go through an eventfd of our own rather than event_active(), which takes a lock and so must not be called from
 * a signal handler.
 */
#include <duet/loop.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "bus/loop_private.h"

struct libevent_loop {
    struct duet_loop loop;
    const struct duet_clock *clock; // borrowed
    struct event_base *base;
    struct event *wake_event, *timer;
    int wake_fd;
    int64_t last_ns; // what the clock said last
};

static struct libevent_loop *libevent_loop_of(struct duet_loop *loop) {
    return duet_container_of(loop, struct libevent_loop, loop);
}

/** Only ends the wait; the turn that follows looks at everything. */
static void handle_wake(evutil_socket_t fd, short what, void *argument) {
    uint64_t count;
    while (read((int)fd, &count, sizeof(count)) < 0 && errno == EINTR) {
    }
}
static void handle_timer(evutil_socket_t fd, short what, void *argument) {}

static void libevent_wake(struct duet_loop *loop) {
    int saved = errno;
    const uint64_t one = 1;
    // It fails only where the counter is full, and then the loop wakes anyway.
    while (write(libevent_loop_of(loop)->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
    errno = saved;
}

/** The loop takes the mail itself, or a source does: then that one has to look. */
static void wake_for_mail(void *argument) {
    struct duet_loop *loop = argument;
    if (atomic_load(&loop->leaves_bus)) {
        duet_loop_wake(loop);
    } else {
        libevent_wake(loop);
    }
}

/** Where the clock was put back, whoever waits for a time of it looks again. */
static int64_t read_clock(struct libevent_loop *self) {
    int64_t now_ns = duet_clock_now_ns(self->clock);
    if (now_ns < self->last_ns) {
        atomic_store(&self->loop.woken, true);
    }
    self->last_ns = now_ns;
    return now_ns;
}

/** Sleep until `wake_ns` by the clock, or until a descriptor, signal or wake. */
static void wait_until(struct libevent_loop *self, int64_t wake_ns) {
    if (wake_ns == INT64_MAX) {
        event_base_loop(self->base, EVLOOP_ONCE);
        return;
    }
    // Counted from the clock anew each time, so a late turn makes none of the later ones late.
    int64_t now_ns = read_clock(self);
    if (atomic_load(&self->loop.woken)) {
        return;
    }
    int64_t left_ns = wake_ns > now_ns ? wake_ns - now_ns : 0;
    const struct timeval left = {.tv_sec = (time_t)(left_ns / DUET_SECOND_NS),
        .tv_usec = (suseconds_t)((left_ns % DUET_SECOND_NS + 999) / 1000)};
    if (evtimer_add(self->timer, &left) != 0) {
        return; // look again rather than sleep without an alarm
    }
    event_base_loop(self->base, EVLOOP_ONCE);
    evtimer_del(self->timer);
}

static enum duet_status libevent_run(struct duet_loop *loop) {
    struct libevent_loop *self = libevent_loop_of(loop);
    for (;;) {
        int64_t wake_ns = INT64_MAX;
        int64_t now_ns = loop->is_virtual ? loop->now_ns : read_clock(self);
        enum loop_outlook outlook = duet_loop_turn(loop, now_ns, &wake_ns);
        if (outlook == LOOP_END || outlook == LOOP_HALTED) {
            return duet_loop_finish(loop);
        }
        if (outlook == LOOP_BUSY) {
            event_base_loop(self->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        } else if (loop->is_virtual && wake_ns != INT64_MAX) {
            loop->now_ns = wake_ns;
            event_base_loop(self->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        } else {
            wait_until(self, wake_ns);
        }
    }
}

static void libevent_destroy(struct duet_loop *loop) {
    struct libevent_loop *self = libevent_loop_of(loop);
    duet_bus_on_posted(loop->bus, NULL, NULL);
    if (self->timer != NULL) {
        event_free(self->timer);
    }
    if (self->wake_event != NULL) {
        event_free(self->wake_event);
    }
    if (self->base != NULL) {
        event_base_free(self->base);
    }
    if (self->wake_fd >= 0) {
        close(self->wake_fd);
    }
    free(self);
}

static void *libevent_base(struct duet_loop *loop) {
    return libevent_loop_of(loop)->base;
}

static const struct loop_impl libevent_impl = {
    .run = libevent_run, .wake = libevent_wake, .destroy = libevent_destroy, .base = libevent_base};

static struct event_base *make_base(void) {
    struct event_config *config = event_config_new();
    if (config == NULL) {
        return NULL;
    }
    // Without it timers are milliseconds late.
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

/** A clock that its owner moves makes no sense to sleep on. */
static bool clock_is_virtual(const struct duet_clock *clock) {
    return clock->now_ns == duet_clock_virtual(0).now_ns;
}

enum duet_status duet_loop_libevent_create(
    struct duet_bus *bus, const struct duet_clock *clock, struct duet_loop **out) {
    struct libevent_loop *self = duet_alloc(1, sizeof(*self));
    self->clock = clock != NULL ? clock : &duet_clock_wall;
    self->last_ns = INT64_MIN;
    duet_loop_init(&self->loop, &libevent_impl, bus, clock_is_virtual(self->clock));
    self->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->base = make_base();
    if (self->base != NULL && self->wake_fd >= 0) {
        self->wake_event = event_new(self->base, self->wake_fd, EV_READ | EV_PERSIST, handle_wake, self);
        self->timer = evtimer_new(self->base, handle_timer, self);
    }
    if (self->wake_event == NULL || self->timer == NULL || event_add(self->wake_event, NULL) != 0) {
        libevent_destroy(&self->loop);
        return duet_error(DUET_EIO, "event loop: %s", strerror(errno));
    }
    duet_bus_on_posted(bus, wake_for_mail, &self->loop);
    *out = &self->loop;
    return DUET_OK;
}
