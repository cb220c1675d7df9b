#include <duet/loop.h>

#include "base/assert.h"
#include "base/clock.h"
#include "bus/bus_private.h"
#include "bus/loop_private.h"

void duet_loop_init(struct duet_loop *loop, const struct loop_impl *impl, struct duet_bus *bus, bool is_virtual) {
    loop->impl = impl;
    loop->bus = bus;
    loop->is_virtual = is_virtual;
    loop->now_ns = INT64_MIN;
}

void duet_loop_destroy(struct duet_loop *loop) {
    if (loop != NULL) {
        DUET_ASSERT(!loop->running);
        loop->impl->destroy(loop);
    }
}

void duet_loop_add(struct duet_loop *loop, struct duet_source *source) {
    source->next = NULL;
    source->state = DUET_SOURCE_MORE;
    source->wake_ns = INT64_MIN;
    struct duet_source **end = &loop->first;
    while (*end != NULL) {
        DUET_ASSERT(*end != source);
        end = &(*end)->next;
    }
    *end = source;
    loop->impl->wake(loop);
}

void duet_loop_remove(struct duet_loop *loop, struct duet_source *source) {
    for (struct duet_source **at = &loop->first; *at != NULL; at = &(*at)->next) {
        if (*at == source) {
            *at = source->next;
            if (loop->next_to_run == source) {
                loop->next_to_run = source->next;
            }
            source->next = NULL;
            return;
        }
    }
}

enum duet_status duet_loop_run(struct duet_loop *loop) {
    DUET_ASSERT(!loop->running);
    loop->running = true;
    enum duet_status status = loop->impl->run(loop);
    loop->running = false;
    return status;
}

// Only atomics and what impl->wake() does: a signal handler may call it.
void duet_loop_stop(struct duet_loop *loop) {
    duet_bus_set_stop(loop->bus, true);
    loop->impl->wake(loop);
}

void duet_loop_wake(struct duet_loop *loop) {
    // One is enough: whoever set the flag ends the wait too, and a turn looks at the flag before it waits.
    if (!atomic_exchange(&loop->woken, true)) {
        loop->impl->wake(loop);
    }
}

void duet_loop_watch(struct duet_loop *loop, int64_t threshold_ns,
    void (*slow)(void *argument, const char *source, int64_t took_ns), void *argument) {
    loop->slow_ns = threshold_ns;
    loop->slow = slow;
    loop->slow_argument = argument;
}

void duet_loop_leave_bus(struct duet_loop *loop) {
    atomic_store(&loop->leaves_bus, true);
}

void *duet_loop_base(struct duet_loop *loop) {
    return loop->impl->base != NULL ? loop->impl->base(loop) : NULL;
}

/* ---- one turn ---- */

static bool source_is_due(const struct duet_source *source, int64_t now_ns) {
    return source->state == DUET_SOURCE_MORE || (source->state == DUET_SOURCE_WAIT && source->wake_ns <= now_ns);
}

static bool loop_holds(const struct duet_loop *loop, const struct duet_source *source) {
    const struct duet_source *at = loop->first;
    while (at != NULL && at != source) {
        at = at->next;
    }
    return at != NULL;
}

static enum duet_source_state run_source(struct duet_loop *loop, struct duet_source *source, int64_t *wake_ns) {
    if (loop->slow == NULL) {
        return source->run(source, LOOP_BUDGET, wake_ns);
    }
    const char *name = source->name; // it may be gone afterwards
    int64_t began_ns = duet_monotonic_ns();
    enum duet_source_state state = source->run(source, LOOP_BUDGET, wake_ns);
    int64_t took_ns = duet_monotonic_ns() - began_ns;
    if (took_ns >= loop->slow_ns && loop->slow != NULL) {
        loop->slow(loop->slow_argument, name, took_ns);
    }
    return state;
}

/** Give every source that is due, or every waiting one too after a wake, its share. */
static void run_sources(struct duet_loop *loop, int64_t now_ns, bool woken) {
    loop->next_to_run = loop->first;
    while (loop->next_to_run != NULL && !duet_bus_halted(loop->bus)) {
        struct duet_source *source = loop->next_to_run;
        loop->next_to_run = source->next;
        if (!source_is_due(source, now_ns) && !(woken && source->state == DUET_SOURCE_WAIT)) {
            continue;
        }
        int64_t wake_ns = INT64_MAX;
        enum duet_source_state state = run_source(loop, source, &wake_ns);
        // It may have been removed, and be gone, by now.
        if (loop_holds(loop, source)) {
            source->state = state;
            source->wake_ns = wake_ns;
        }
    }
    loop->next_to_run = NULL;
}

/** Whether any source is due, is not done, and when the next waiting one is. */
struct source_survey {
    bool due, alive;
    int64_t wake_ns;
};
static struct source_survey survey_sources(const struct duet_loop *loop, int64_t now_ns) {
    struct source_survey survey = {.wake_ns = INT64_MAX};
    for (const struct duet_source *source = loop->first; source != NULL; source = source->next) {
        if (source->state == DUET_SOURCE_DONE) {
            continue;
        }
        survey.alive = true;
        if (source_is_due(source, now_ns)) {
            survey.due = true;
        } else if (source->wake_ns < survey.wake_ns) {
            survey.wake_ns = source->wake_ns;
        }
    }
    return survey;
}

/**
 * Scheduled inputs that are due. In virtual time those of this instant that come after market data wait until no source
 * has more for it; what lies before the present fires in any case.
 */
static size_t run_due(struct duet_loop *loop, int64_t now_ns, bool sources_due) {
    enum duet_input_class last = loop->is_virtual && sources_due ? DUET_CLASS_REPORT : DUET_CLASS_OPENING;
    return duet_bus_run_scheduled_budget(loop->bus, now_ns, last, LOOP_BUDGET);
}

/** Virtual time is where the loop has jumped to, or further where a source has led the bus. */
static int64_t present_ns(const struct duet_loop *loop, int64_t now_ns) {
    return loop->is_virtual && loop->bus->now_ns > now_ns ? loop->bus->now_ns : now_ns;
}

enum loop_outlook duet_loop_turn(struct duet_loop *loop, int64_t now_ns, int64_t *wake_ns) {
    struct duet_bus *bus = loop->bus;
    now_ns = present_ns(loop, now_ns);
    bool woken = atomic_exchange(&loop->woken, false);
    bool leaves_bus = atomic_load(&loop->leaves_bus);
    size_t posted = leaves_bus ? 0 : duet_bus_take_posted(bus, now_ns, LOOP_BUDGET);
    struct source_survey survey = survey_sources(loop, now_ns);
    if (!leaves_bus) {
        (void)run_due(loop, now_ns, survey.due);
    }
    if (survey.due || woken) {
        run_sources(loop, now_ns, woken);
    }
    if (duet_bus_halted(bus)) {
        return LOOP_HALTED;
    }

    now_ns = present_ns(loop, now_ns);
    survey = survey_sources(loop, now_ns);
    int64_t scheduled_ns = leaves_bus ? INT64_MAX : duet_bus_next_scheduled_ns(bus);
    if (survey.due || scheduled_ns <= now_ns || posted == LOOP_BUDGET || atomic_load(&loop->woken)) {
        return LOOP_BUSY;
    }
    if (!survey.alive) {
        return !leaves_bus && duet_bus_has_posted(bus) ? LOOP_BUSY : LOOP_END;
    }
    *wake_ns = survey.wake_ns < scheduled_ns ? survey.wake_ns : scheduled_ns;
    return LOOP_WAIT;
}

enum duet_status duet_loop_finish(struct duet_loop *loop) {
    duet_bus_set_stop(loop->bus, false);
    return duet_bus_fault(loop->bus);
}
