/* Timers of a strategy: slots in the host, firing through the bus as inputs of their own. */
#include "base/error.h"
#include "engine/host_private.h"

/** Tells our TIMER events from those of others, and strategies from each other. */
static uint64_t timer_owner(const struct duet_host_run *run) {
    return UINT64_C(0x5354524154) << 16 | run->options.strategy;
}

static enum duet_status timer_arm(struct duet_host_run *run, struct host_timer *timer) {
    struct duet_event event = {.type = DUET_EVENT_TIMER, .event_ns = timer->due_ns};
    event.timer = (struct duet_timer_event){.size = sizeof(event.timer),
        .instrument = run->contexts[timer->context].public.instrument,
        .timer_id = timer->id,
        .due_ns = timer->due_ns,
        .cookie = timer->cookie,
        .period_ns = timer->period_ns,
        .owner = timer_owner(run)};
    return duet_bus_schedule(run->bus, timer->due_ns, DUET_CLASS_TIMER, &event, &timer->handle);
}

static struct host_timer *timer_find(struct duet_host_run *run, uint64_t id) {
    if (id == 0) {
        return NULL;
    }
    // An id says its slot, so nothing is searched: id = count · MAX + slot, count from 1.
    struct host_timer *timer = &run->timers[id % DUET_HOST_TIMERS_MAX];
    return timer->id == id ? timer : NULL;
}

uint64_t duet_host_timer_add(struct host_context *context, int64_t due_ns, int64_t period_ns, uint64_t cookie) {
    struct duet_host_run *run = context->run;
    int64_t now_ns = duet_bus_now_ns(run->bus);
    if (due_ns <= now_ns && run->timer_fired_ns == now_ns && run->timers_fired > 0) {
        return 0; // a timer that answers a timer at the same instant would never let time go on
    }
    size_t slot = 0;
    while (slot < DUET_HOST_TIMERS_MAX && run->timers[slot].id != 0) {
        slot++;
    }
    if (slot == DUET_HOST_TIMERS_MAX) {
        return 0;
    }
    struct host_timer *timer = &run->timers[slot];
    *timer = (struct host_timer){.id = (run->timers_made + 1) * DUET_HOST_TIMERS_MAX + slot,
        .cookie = cookie,
        .due_ns = due_ns,
        .period_ns = period_ns > 0 ? period_ns : 0,
        .context = (uint32_t)(context - run->contexts)};
    if (timer_arm(run, timer) != DUET_OK) {
        timer->id = 0;
        return 0;
    }
    run->timers_made++;
    return timer->id;
}

enum duet_status duet_host_timer_cancel(struct duet_host_run *run, uint64_t id) {
    struct host_timer *timer = timer_find(run, id);
    if (timer == NULL) {
        return duet_error(DUET_ENOTFOUND, "strategy %s: no timer %llu", run->impl->name, (unsigned long long)id);
    }
    (void)duet_bus_unschedule(run->bus, timer->handle); // in its own callback it has left the bus already
    timer->id = 0;
    return DUET_OK;
}

void duet_host_timers_clear(struct duet_host_run *run) {
    for (size_t i = 0; i < DUET_HOST_TIMERS_MAX; i++) {
        if (run->timers[i].id != 0) {
            (void)duet_bus_unschedule(run->bus, run->timers[i].handle);
            run->timers[i].id = 0;
        }
    }
}

/** First instant of the grid after `now_ns`; INT64_MAX past the end of time. */
static int64_t next_on_grid(int64_t due_ns, int64_t period_ns, int64_t now_ns) {
    int64_t steps = now_ns < due_ns ? 1 : (now_ns - due_ns) / period_ns + 1;
    int64_t ahead, next;
    if (__builtin_mul_overflow(steps, period_ns, &ahead) || __builtin_add_overflow(due_ns, ahead, &next)) {
        return INT64_MAX;
    }
    return next;
}

bool duet_host_timer_fired(struct duet_host_run *run, const struct duet_timer_event *event, struct host_timer *out) {
    struct host_timer *timer = event->owner == timer_owner(run) ? timer_find(run, event->timer_id) : NULL;
    if (timer == NULL) {
        return false;
    }
    *out = *timer;
    run->timers_fired++;
    run->timer_fired_ns = duet_bus_now_ns(run->bus);
    if (timer->period_ns == 0) {
        timer->id = 0;
        return true;
    }
    timer->due_ns = next_on_grid(timer->due_ns, timer->period_ns, duet_bus_now_ns(run->bus));
    if (timer->due_ns == INT64_MAX || timer_arm(run, timer) != DUET_OK) {
        timer->id = 0;
    }
    return true;
}

enum duet_status duet_host_timer_restore(struct duet_host_run *run, const struct host_timer *saved) {
    struct host_timer *timer = &run->timers[saved->id % DUET_HOST_TIMERS_MAX];
    *timer = *saved;
    enum duet_status status = timer_arm(run, timer);
    if (status != DUET_OK) {
        timer->id = 0;
    }
    return status;
}
