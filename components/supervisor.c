#include "components/supervisor.h"

#include <stdlib.h>
#include <string.h>

#include <duet/loop.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

#define BACKOFF_FIRST_NS (DUET_SECOND_NS / 2)
#define BACKOFF_MAX_NS (30 * DUET_SECOND_NS)
#define RESTARTS_MAX 10
#define WINDOW_NS (10 * DUET_MINUTE_NS)

enum ward_phase {
    WARD_WELL = 0, // up, or not ours to bring up
    WARD_RESTING, // down; tried again at retry_ns
    WARD_STARTING, // a start of ours is pending
    WARD_GIVEN_UP,
};

/** One component that is watched. */
struct ward {
    struct duet_component *component;
    enum ward_phase phase;
    enum duet_component_state rested; // the state it was left in
    int64_t retry_ns;
    int64_t backoff_ns; // the next one
    int64_t up_ns; // when it came back last
    int64_t *attempts; // ring of restarts_max times
    uint32_t attempt_count; // ever
    uint32_t restarts; // that led to RUNNING
};

struct duet_supervisor {
    struct duet_component component;
    struct duet_source source;
    struct duet_supervisor_options options;
    struct ward wards[DUET_STACK_MAX];
    size_t ward_count;
};

static int64_t supervisor_now(const struct duet_supervisor *supervisor) {
    return duet_clock_now_ns(supervisor->options.clock);
}

static void tell(const struct duet_supervisor *supervisor, const struct ward *ward, bool gave_up) {
    if (supervisor->options.event != NULL) {
        supervisor->options.event(supervisor->options.argument, ward->component, ward->restarts, gave_up);
    }
}

/** As many attempts as are allowed lie within the window that ends now. */
static bool is_exhausted(const struct duet_supervisor *supervisor, const struct ward *ward, int64_t now_ns) {
    uint32_t max = supervisor->options.restarts_max;
    // The ring is full, and its oldest entry is the next one to be written over.
    return ward->attempt_count >= max &&
           now_ns - ward->attempts[ward->attempt_count % max] < supervisor->options.window_ns;
}

/** It is down: try again after a while that doubles, unless that has been tried too often. */
static void ward_rest(struct duet_supervisor *supervisor, struct ward *ward, int64_t now_ns) {
    const struct duet_supervisor_options *options = &supervisor->options;
    if (is_exhausted(supervisor, ward, now_ns)) {
        ward->phase = WARD_GIVEN_UP;
        duet_log_error(options->log, "supervisor-gave-up", "component=%s restarts=%u within_s=%lld",
            ward->component->name, options->restarts_max, (long long)(options->window_ns / DUET_SECOND_NS));
        tell(supervisor, ward, true);
        return;
    }
    ward->phase = WARD_RESTING;
    ward->rested = ward->component->state;
    ward->retry_ns = now_ns + ward->backoff_ns;
    duet_log_warn(options->log, "supervisor-waits", "component=%s ms=%lld", ward->component->name,
        (long long)(ward->backoff_ns / (DUET_SECOND_NS / 1000)));
    bool is_at_most = ward->backoff_ns > options->backoff_max_ns / 2;
    ward->backoff_ns = is_at_most ? options->backoff_max_ns : 2 * ward->backoff_ns;
}

static void ward_is_up(struct duet_supervisor *supervisor, struct ward *ward, int64_t now_ns) {
    ward->phase = WARD_WELL;
    ward->up_ns = now_ns;
    ward->restarts++;
    duet_log_info(supervisor->options.log, "supervisor-restarted", "component=%s restarts=%u", ward->component->name,
        ward->restarts);
    tell(supervisor, ward, false);
}

/** Whether everything that it needs runs; where not, that has to come back first. */
static bool needs_are_met(const struct duet_component *component) {
    for (size_t i = 0; i < DUET_DEPENDENCIES_MAX; i++) {
        const struct duet_dependency *need = &component->impl->needs[i];
        if (need->name == NULL && need->type == NULL) {
            break;
        }
        const struct duet_component *peer = duet_component_find(component->stack, need->name, need->type);
        if (peer != NULL && peer->state != DUET_COMPONENT_RUNNING) {
            return false;
        }
    }
    return true;
}

static void ward_start(struct duet_supervisor *supervisor, struct ward *ward, int64_t now_ns) {
    struct duet_component *component = ward->component;
    ward->attempts[ward->attempt_count++ % supervisor->options.restarts_max] = now_ns;
    duet_component_stop(component);
    enum duet_status status = DUET_OK;
    if (supervisor->options.reset) {
        status = duet_component_reset(component);
    }
    status = status != DUET_OK ? status : duet_component_start(component);
    if (status == DUET_OK) {
        ward_is_up(supervisor, ward, now_ns);
    } else if (status == DUET_PENDING) {
        ward->phase = WARD_STARTING;
    } else {
        duet_log_warn(
            supervisor->options.log, "restart-failed", "component=%s why=\"%s\"", component->name, duet_error_text());
        ward_rest(supervisor, ward, now_ns);
    }
}

/** A start of ours was pending. */
static void ward_await(struct duet_supervisor *supervisor, struct ward *ward, int64_t now_ns) {
    struct duet_component *component = ward->component;
    if (component->state == DUET_COMPONENT_STARTING && now_ns >= component->start_deadline_ns) {
        duet_component_started(component, DUET_ETIMEOUT);
    }
    if (component->state == DUET_COMPONENT_RUNNING) {
        ward_is_up(supervisor, ward, now_ns);
    } else if (component->state != DUET_COMPONENT_STARTING) {
        bool failed = component->state == DUET_COMPONENT_FAULTED || component->start_status != DUET_OK;
        ward->phase = WARD_WELL; // else somebody stopped it
        if (failed) {
            ward_rest(supervisor, ward, now_ns);
        }
    }
}

static void ward_look(struct duet_supervisor *supervisor, struct ward *ward, int64_t now_ns) {
    enum duet_component_state state = ward->component->state;
    bool is_of_others = state == DUET_COMPONENT_NEW ||
                        (state == DUET_COMPONENT_RUNNING && ward->phase != WARD_STARTING) ||
                        (ward->phase == WARD_RESTING && state != ward->rested);
    if (is_of_others) {
        ward->phase = WARD_WELL; // torn down, stopped or brought up by somebody else
        return;
    }
    if (ward->phase == WARD_STARTING) {
        ward_await(supervisor, ward, now_ns);
    } else if (ward->phase == WARD_WELL && state == DUET_COMPONENT_FAULTED) {
        if (now_ns - ward->up_ns > supervisor->options.backoff_max_ns) {
            ward->backoff_ns = supervisor->options.backoff_first_ns; // it had been well for long
        }
        ward_rest(supervisor, ward, now_ns);
    } else if (ward->phase == WARD_RESTING && now_ns >= ward->retry_ns && needs_are_met(ward->component)) {
        ward_start(supervisor, ward, now_ns);
    }
}

/** When this one is to be looked at though nothing happens. */
static int64_t ward_wake_ns(const struct ward *ward) {
    if (ward->phase == WARD_RESTING) {
        return needs_are_met(ward->component) ? ward->retry_ns : INT64_MAX; // its need's LIFECYCLE tells
    }
    return ward->phase == WARD_STARTING ? ward->component->start_deadline_ns : INT64_MAX;
}

static enum duet_source_state supervisor_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct duet_supervisor *supervisor = duet_container_of(source, struct duet_supervisor, source);
    int64_t now_ns = supervisor_now(supervisor);
    for (size_t i = 0; i < supervisor->ward_count; i++) {
        ward_look(supervisor, &supervisor->wards[i], now_ns);
    }
    *wake_ns = INT64_MAX;
    for (size_t i = 0; i < supervisor->ward_count; i++) {
        int64_t ward_ns = ward_wake_ns(&supervisor->wards[i]);
        *wake_ns = ward_ns < *wake_ns ? ward_ns : *wake_ns;
    }
    return DUET_SOURCE_WAIT;
}

/* ---- lifecycle ---- */

static struct duet_supervisor *supervisor_of(struct duet_component *component) {
    return duet_container_of(component, struct duet_supervisor, component);
}

static enum duet_status handle_lifecycle(void *receiver, const struct duet_event *event) {
    const struct duet_supervisor *supervisor = receiver;
    if (supervisor->component.state == DUET_COMPONENT_RUNNING) {
        duet_loop_wake(supervisor->component.env->loop);
    }
    return DUET_OK;
}

static enum duet_status supervisor_init(struct duet_component *component) {
    return duet_bus_subscribe(
        component->env->bus, DUET_EVENT_LIFECYCLE, handle_lifecycle, supervisor_of(component), component, NULL);
}

static void wards_forget(struct duet_supervisor *supervisor) {
    for (size_t i = 0; i < supervisor->ward_count; i++) {
        struct ward *ward = &supervisor->wards[i];
        ward->phase = WARD_WELL;
        ward->backoff_ns = supervisor->options.backoff_first_ns;
        ward->up_ns = 0;
        ward->attempt_count = 0;
    }
}

static enum duet_status supervisor_start(struct duet_component *component) {
    struct duet_supervisor *supervisor = supervisor_of(component);
    if (component->env->loop == NULL) {
        return duet_error(DUET_ESTATE, "%s needs a loop to wait on", component->name);
    }
    wards_forget(supervisor);
    duet_loop_add(component->env->loop, &supervisor->source);
    return DUET_OK;
}

static void supervisor_stop(struct duet_component *component) {
    if (component->env->loop != NULL) {
        duet_loop_remove(component->env->loop, &supervisor_of(component)->source);
    }
}

static const struct duet_component_impl supervisor_impl = {
    .size = sizeof(struct duet_component_impl),
    .type = "supervisor",
    .init = supervisor_init,
    .start = supervisor_start,
    .stop = supervisor_stop,
};

enum duet_status duet_supervisor_create(const struct duet_supervisor_options *options, struct duet_supervisor **out) {
    DUET_ASSERT(options->clock != NULL);
    if (options->backoff_first_ns < 0 || options->backoff_max_ns < 0 || options->window_ns < 0) {
        return duet_error(DUET_EINVAL, "supervisor: back-off and window cannot be negative");
    }
    struct duet_supervisor *supervisor = duet_alloc(1, sizeof(*supervisor));
    struct duet_supervisor_options *own = &supervisor->options;
    *own = *options;
    own->backoff_first_ns = own->backoff_first_ns != 0 ? own->backoff_first_ns : BACKOFF_FIRST_NS;
    own->backoff_max_ns = own->backoff_max_ns != 0 ? own->backoff_max_ns : BACKOFF_MAX_NS;
    own->restarts_max = own->restarts_max != 0 ? own->restarts_max : RESTARTS_MAX;
    own->window_ns = own->window_ns != 0 ? own->window_ns : WINDOW_NS;
    if (own->backoff_max_ns < own->backoff_first_ns) {
        own->backoff_max_ns = own->backoff_first_ns;
    }
    supervisor->component = (struct duet_component){.impl = &supervisor_impl, .name = "supervisor"};
    supervisor->source = (struct duet_source){.name = "supervisor", .run = supervisor_run};
    *out = supervisor;
    return DUET_OK;
}

void duet_supervisor_destroy(struct duet_supervisor *supervisor) {
    if (supervisor == NULL) {
        return;
    }
    DUET_ASSERT(supervisor->component.state == DUET_COMPONENT_NEW);
    for (size_t i = 0; i < supervisor->ward_count; i++) {
        free(supervisor->wards[i].attempts);
    }
    free(supervisor);
}

struct duet_component *duet_supervisor_component(struct duet_supervisor *supervisor) {
    return &supervisor->component;
}

enum duet_status duet_supervisor_watch(struct duet_supervisor *supervisor, struct duet_component *component) {
    for (size_t i = 0; i < supervisor->ward_count; i++) {
        if (supervisor->wards[i].component == component) {
            return duet_error(DUET_EEXIST, "%s is watched already", component->name);
        }
    }
    if (supervisor->ward_count == DUET_STACK_MAX) {
        return duet_error(DUET_EFULL, "%s does not fit: %d components are watched", component->name, DUET_STACK_MAX);
    }
    struct ward *ward = &supervisor->wards[supervisor->ward_count++];
    *ward = (struct ward){.component = component,
        .backoff_ns = supervisor->options.backoff_first_ns,
        .attempts = duet_alloc(supervisor->options.restarts_max, sizeof(*ward->attempts))};
    if (supervisor->component.state == DUET_COMPONENT_RUNNING) {
        duet_loop_wake(supervisor->component.env->loop);
    }
    return DUET_OK;
}
