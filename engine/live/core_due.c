/* The passing of time: what is due by itself between two records, and longer bars, which the clock closes. */
#include "broker/venue_inline.h"
#include "bus/bus_private.h"
#include "engine/live/core_private.h"

/* ------------------------------------------------------------------------------------------- what is due by itself */

void duet_core_set_logical(struct duet_core *core, int64_t ns) {
    core->logical_ns = ns > core->logical_ns ? ns : core->logical_ns;
    if (core->venue != NULL) {
        duet_venue_set_time(core->venue, ns);
    }
}

void duet_core_end_logical(struct duet_core *core) {
    if (core->venue != NULL) {
        duet_venue_set_time(core->venue, INT64_MIN);
    }
}

static int64_t next_expiry_ns(const struct duet_core *core) {
    return core->venue != NULL ? duet_venue_head(core->venue)->next_expiry_ns : INT64_MAX;
}

/** Of timers and expiries. */
static int64_t next_due_ns(const struct duet_core *core) {
    int64_t scheduled_ns = duet_bus_next_scheduled_ns(core->bus), expiry_ns = next_expiry_ns(core);
    return scheduled_ns < expiry_ns ? scheduled_ns : expiry_ns;
}

/** How far the feed was behind the clock when it last told of an instant. */
static int64_t feed_lag_ns(const struct duet_core *core) {
    int64_t lag_ns = core->last_instant_ns != INT64_MIN ? core->unsent.instant_time_ns - core->last_instant_ns : 0;
    return lag_ns > 0 ? lag_ns : 0;
}

/**
 * A feed in real time may bring the last bar that a longer one is made of a little after the clock has closed that, or
 * much later, where it is behind and catches up. Until a feed that is away has come back, the clock closes nothing.
 */
static int64_t made_grace_ns(const struct duet_core *core) {
    if (!core->live->feed_gateway) {
        return 0;
    }
    return core->feed_down ? DUET_CORE_TIME_MAX : core->live->bar_grace_ms * 1000000 + feed_lag_ns(core);
}

static int64_t made_due_ns(const struct duet_core *core, int64_t grace_ns) {
    return core->made->due_ns < DUET_CORE_TIME_MAX && grace_ns < DUET_CORE_TIME_MAX ? core->made->due_ns + grace_ns
                                                                                    : INT64_MAX;
}

int64_t duet_core_due_ns(const struct duet_core *core) {
    if (core->ended || core->stopped) {
        return INT64_MAX;
    }
    int64_t due_ns = next_due_ns(core), made_ns = made_due_ns(core, made_grace_ns(core));
    return due_ns < made_ns ? due_ns : made_ns;
}

void duet_core_expire(struct duet_core *core, int64_t ns) {
    if (next_expiry_ns(core) <= ns) {
        duet_venue_expire(core->venue, ns);
        duet_bus_drain(core->bus);
    }
}

void duet_core_run_timers(struct duet_core *core, int64_t ns) {
    if (duet_bus_next_scheduled_ns(core->bus) <= ns) {
        (void)duet_bus_run_scheduled(core->bus, ns, DUET_CLASS_TIMER);
    }
}

void duet_core_openings_done(struct duet_core *core, int64_t ns) {
    if (core->venue != NULL) {
        duet_venue_openings_done(core->venue, ns);
    }
}

/* ------------------------------------------------------------------------------------------------- longer bars */

static void tell_one(struct duet_core *core, const struct duet_made_series *item, const struct duet_bar *bar,
    int64_t stamp_ns, struct duet_event *event) {
    *event = (struct duet_event){.type = DUET_EVENT_BAR, .event_ns = bar->close_ns, .bar = bar};
    duet_bus_admit(core->bus, event, stamp_ns);
    if (item->wanted) {
        (void)duet_bus_dispatch(core->bus, event);
    }
    duet_bus_drain(core->bus);
}

void duet_core_tell_made(struct duet_core *core, int64_t now_ns, int64_t stamp_ns, int64_t interval_ns,
    uint32_t instrument, uint32_t *cursor, struct duet_event *last) {
    const struct duet_bar *bar;
    struct duet_made_series *item;
    while ((bar = duet_made_next(core->made, now_ns, interval_ns, instrument, cursor, &item)) != NULL) {
        tell_one(core, item, bar, stamp_ns, last);
    }
}

void duet_core_tell_instant(struct duet_core *core, const struct duet_event *last, int64_t instant_ns) {
    if (last->type != DUET_EVENT_NONE && core->wants_instants) {
        struct duet_event instant = *last;
        instant.type = DUET_EVENT_INSTANT;
        instant.event_ns = instant_ns;
        (void)duet_bus_dispatch(core->bus, &instant);
        duet_bus_drain(core->bus);
    }
}

void duet_core_deliver_made(struct duet_core *core, int64_t now_ns, int64_t stamp_ns) {
    if (core->made->due_ns <= now_ns) {
        uint32_t cursor = 0;
        struct duet_event last = {.type = DUET_EVENT_NONE};
        duet_core_tell_made(core, now_ns, stamp_ns, DUET_MADE_ALL, 0, &cursor, &last);
        duet_core_tell_instant(core, &last, now_ns);
    }
}

void duet_core_tell_made_of(struct duet_core *core, uint32_t source, int64_t now_ns) {
    const struct duet_bar *bar;
    struct duet_made_series *item;
    struct duet_event last = {.type = DUET_EVENT_NONE};
    while (core->made->due_ns <= now_ns && (bar = duet_made_next_of(core->made, source, now_ns, &item)) != NULL) {
        tell_one(core, item, bar, now_ns, &last);
    }
    duet_core_tell_instant(core, &last, now_ns);
}

/** An instant without market data. Longer bars are told that were due so much earlier. */
static void play_due(struct duet_core *core, int64_t due_ns, int64_t grace_ns) {
    int64_t ns = due_ns > core->logical_ns ? due_ns : core->logical_ns;
    duet_core_set_logical(core, ns);
    if (duet_bus_next_scheduled_ns(core->bus) <= due_ns) {
        (void)duet_bus_run_scheduled(core->bus, due_ns, DUET_CLASS_REPORT);
    }
    duet_core_expire(core, due_ns);
    duet_core_deliver_made(core, due_ns - grace_ns, due_ns);
    duet_core_run_timers(core, due_ns);
    duet_core_openings_done(core, ns);
    duet_core_end_logical(core);
}

void duet_core_advance(struct duet_core *core, int64_t end_ns, int64_t begins_ns, int64_t grace_ns) {
    duet_bus_begin_time(core->bus, begins_ns);
    while (!core->ended && !core->stopped && duet_core_fault(core) == DUET_OK) {
        int64_t due_ns = next_due_ns(core), made_ns = made_due_ns(core, grace_ns);
        due_ns = made_ns < due_ns ? made_ns : due_ns;
        if (due_ns >= end_ns) {
            break;
        }
        play_due(core, due_ns, grace_ns);
    }
}

void duet_core_take_time(struct duet_core *core, const struct duet_input *input) {
    duet_core_roll_day(core, input->time_ns);
    duet_core_advance(
        core, input->time_ns < INT64_MAX ? input->time_ns + 1 : INT64_MAX, input->time_ns, made_grace_ns(core));
    duet_core_check_losses(core);
}
