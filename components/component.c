#include <duet/component.h>

#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "components/component_private.h"

static const char *const state_names[] = {
#define STATE_NAME(name, text) [DUET_COMPONENT_##name] = text,
    DUET_COMPONENT_STATE_MAP(STATE_NAME)
#undef STATE_NAME
};
static const char *const verb_names[] = {
#define VERB_NAME(name, text) [DUET_VERB_##name] = text,
    DUET_COMPONENT_VERB_MAP(VERB_NAME)
#undef VERB_NAME
};

const char *duet_component_state_name(enum duet_component_state state) {
    return (unsigned)state < DUET_COMPONENT_STATE_COUNT ? state_names[state] : "?";
}
const char *duet_component_verb_name(enum duet_component_verb verb) {
    return (unsigned)verb < DUET_VERB_COUNT ? verb_names[verb] : "?";
}
const char *duet_error_line(void) {
    return duet_error_text();
}

/* ---- the transition table ---- */

enum answer {
    NOTHING = 0, // a downhill verb repeated
    PROCEED, // call the component, go to `next`
    STOP_FIRST, // stop, then again from where that leads
    REFUSE, // DUET_ESTATE: "NAME " and `why`
};

/** What each verb does in each state. */
static const struct transition {
    enum answer answer;
    enum duet_component_state next;
    const char *why;
} transitions[DUET_COMPONENT_STATE_COUNT][DUET_VERB_COUNT] = {
    [DUET_COMPONENT_NEW] =
        {
            [DUET_VERB_INIT] = {PROCEED, DUET_COMPONENT_READY},
            [DUET_VERB_START] = {REFUSE, .why = "must be initialized before starting"},
            [DUET_VERB_STOP] = {NOTHING},
            [DUET_VERB_RESET] = {REFUSE, .why = "must be initialized before resetting"},
            [DUET_VERB_TEARDOWN] = {NOTHING},
        },
    [DUET_COMPONENT_READY] =
        {
            [DUET_VERB_INIT] = {REFUSE, .why = "is already initialized"},
            [DUET_VERB_START] = {PROCEED, DUET_COMPONENT_RUNNING},
            [DUET_VERB_STOP] = {NOTHING},
            [DUET_VERB_RESET] = {PROCEED, DUET_COMPONENT_READY},
            [DUET_VERB_TEARDOWN] = {PROCEED, DUET_COMPONENT_NEW},
        },
    [DUET_COMPONENT_STARTING] =
        {
            [DUET_VERB_INIT] = {REFUSE, .why = "is already initialized"},
            [DUET_VERB_START] = {REFUSE, .why = "is already starting"},
            [DUET_VERB_STOP] = {PROCEED, DUET_COMPONENT_READY},
            [DUET_VERB_RESET] = {REFUSE, .why = "must be stopped before resetting"},
            [DUET_VERB_TEARDOWN] = {STOP_FIRST},
        },
    [DUET_COMPONENT_RUNNING] =
        {
            [DUET_VERB_INIT] = {REFUSE, .why = "is already initialized"},
            [DUET_VERB_START] = {REFUSE, .why = "is already running"},
            [DUET_VERB_STOP] = {PROCEED, DUET_COMPONENT_READY},
            [DUET_VERB_RESET] = {REFUSE, .why = "must be stopped before resetting"},
            [DUET_VERB_TEARDOWN] = {STOP_FIRST},
        },
    [DUET_COMPONENT_FAULTED] =
        {
            [DUET_VERB_INIT] = {REFUSE, .why = "is already initialized"},
            [DUET_VERB_START] = {REFUSE, .why = "has faulted and must be stopped before starting"},
            [DUET_VERB_STOP] = {PROCEED, DUET_COMPONENT_READY},
            [DUET_VERB_RESET] = {REFUSE, .why = "must be stopped before resetting"},
            [DUET_VERB_TEARDOWN] = {STOP_FIRST},
        },
};

/** Looks the verb up; on a refusal the line names the component. */
static const struct transition *transition_of(const struct duet_component *component, enum duet_component_verb verb) {
    const struct transition *transition = &transitions[component->state][verb];
    if (transition->answer == REFUSE) {
        (void)duet_error(DUET_ESTATE, "%s %s", component->name, transition->why);
    }
    return transition;
}

/** Change state and tell the bus. `env` is passed because teardown has taken it away by then. */
static void enter(struct duet_component *component, const struct duet_env *env, enum duet_component_verb verb,
    enum duet_component_state state, const char *detail) {
    struct duet_event event = {.type = DUET_EVENT_LIFECYCLE,
        .lifecycle = {.size = sizeof(event.lifecycle),
            .transition = (uint32_t)verb,
            .previous = (uint32_t)component->state,
            .current = (uint32_t)state}};
    duet_text_copy(event.lifecycle.component, sizeof(event.lifecycle.component), component->name);
    duet_text_copy(event.lifecycle.detail, sizeof(event.lifecycle.detail), detail);
    duet_log_debug(env->log, "lifecycle", "component=%s verb=%s from=%s to=%s", component->name,
        duet_component_verb_name(verb), duet_component_state_name(component->state), duet_component_state_name(state));
    component->state = state;
    (void)duet_bus_publish(env->bus, &event);
}

/* ---- dependencies ---- */

/** Every dependency stands below and is up. */
static enum duet_status check_dependencies(const struct duet_component *component) {
    const struct duet_component_impl *impl = component->impl;
    for (size_t i = 0; i < DUET_DEPENDENCIES_MAX; i++) {
        const struct duet_dependency *need = &impl->needs[i];
        if (need->name == NULL && need->type == NULL) {
            break;
        }
        const char *what = need->name != NULL ? need->name : need->type;
        const struct duet_component *peer = NULL;
        bool above = false;
        for (size_t j = 0; component->stack != NULL && j < component->stack->count; j++) {
            const struct duet_component *candidate = component->stack->items[j];
            if (candidate == component) {
                above = true;
            } else if (duet_component_is(candidate, need->name, need->type)) {
                peer = candidate;
                break;
            }
        }
        if (peer == NULL) {
            return duet_error(DUET_EINVAL, "%s needs %s%s%s, which is not there", component->name, what,
                need->name != NULL && need->type != NULL ? " of type " : "",
                need->name != NULL && need->type != NULL ? need->type : "");
        }
        if (above) {
            return duet_error(DUET_EINVAL, "%s needs %s, which must be pushed before it", component->name, peer->name);
        }
        if (peer->state == DUET_COMPONENT_NEW || peer->state == DUET_COMPONENT_FAULTED) {
            return duet_error(DUET_EINVAL, "%s needs %s, which is %s", component->name, peer->name,
                duet_component_state_name(peer->state));
        }
    }
    return DUET_OK;
}

/* ---- verbs ---- */

enum duet_status duet_component_init(struct duet_component *component, const struct duet_env *env) {
    DUET_ASSERT(env != NULL && env->bus != NULL);
    const struct transition *transition = transition_of(component, DUET_VERB_INIT);
    if (transition->answer == REFUSE) {
        return DUET_ESTATE;
    }
    enum duet_status status = check_dependencies(component);
    if (status != DUET_OK) {
        return status;
    }
    component->env = env;
    if (component->impl->init != NULL) {
        status = component->impl->init(component);
    }
    if (status != DUET_OK) {
        (void)duet_bus_unsubscribe_owner(env->bus, component);
        component->env = NULL;
        return status;
    }
    enter(component, env, DUET_VERB_INIT, transition->next, "");
    return DUET_OK;
}

enum duet_status duet_component_start(struct duet_component *component) {
    const struct transition *transition = transition_of(component, DUET_VERB_START);
    if (transition->answer == REFUSE) {
        return DUET_ESTATE;
    }
    const struct duet_env *env = component->env;
    component->start_status = DUET_OK;
    duet_bus_mute_owner(env->bus, component, false);
    enum duet_status status = DUET_OK;
    if (component->impl->start != NULL) {
        status = component->impl->start(component);
    }
    if (status == DUET_PENDING) {
        int64_t timeout_ns = component->impl->start_timeout_ns;
        int64_t now_ns = env->clock != NULL ? duet_clock_now_ns(env->clock) : duet_bus_now_ns(env->bus);
        component->start_deadline_ns = now_ns + (timeout_ns != 0 ? timeout_ns : COMPONENT_START_TIMEOUT_NS);
        enter(component, env, DUET_VERB_START, DUET_COMPONENT_STARTING, "");
        return DUET_PENDING;
    }
    if (status != DUET_OK) {
        duet_bus_mute_owner(env->bus, component, true);
        return status;
    }
    enter(component, env, DUET_VERB_START, transition->next, "");
    return DUET_OK;
}

/** Leave STARTING, RUNNING or FAULTED for READY. */
static void wind_down(struct duet_component *component, enum duet_component_verb verb, const char *detail) {
    const struct duet_env *env = component->env;
    duet_bus_mute_owner(env->bus, component, true);
    if (component->impl->stop != NULL) {
        component->impl->stop(component);
    }
    component->start_deadline_ns = 0;
    enter(component, env, verb, DUET_COMPONENT_READY, detail);
}

void duet_component_stop(struct duet_component *component) {
    if (transition_of(component, DUET_VERB_STOP)->answer == PROCEED) {
        wind_down(component, DUET_VERB_STOP, "");
    }
}

enum duet_status duet_component_reset(struct duet_component *component) {
    const struct transition *transition = transition_of(component, DUET_VERB_RESET);
    if (transition->answer == REFUSE) {
        return DUET_ESTATE;
    }
    if (component->impl->reset != NULL) {
        component->impl->reset(component);
    }
    component->start_status = DUET_OK;
    duet_bus_mute_owner(component->env->bus, component, false);
    enter(component, component->env, DUET_VERB_RESET, transition->next, "");
    return DUET_OK;
}

void duet_component_teardown(struct duet_component *component) {
    if (transition_of(component, DUET_VERB_TEARDOWN)->answer == STOP_FIRST) {
        duet_component_stop(component);
    }
    const struct transition *transition = transition_of(component, DUET_VERB_TEARDOWN);
    if (transition->answer != PROCEED) {
        return;
    }
    const struct duet_env *env = component->env;
    if (component->impl->teardown != NULL) {
        component->impl->teardown(component);
    }
    (void)duet_bus_unsubscribe_owner(env->bus, component);
    component->env = NULL;
    enter(component, env, DUET_VERB_TEARDOWN, transition->next, "");
}

void duet_component_started(struct duet_component *component, enum duet_status status) {
    DUET_ASSERT(status != DUET_PENDING);
    if (component->state != DUET_COMPONENT_STARTING) {
        return;
    }
    component->start_status = status;
    if (status == DUET_OK) {
        component->start_deadline_ns = 0;
        enter(component, component->env, DUET_VERB_START, DUET_COMPONENT_RUNNING, "");
        return;
    }
    duet_log_error(
        component->env->log, "start-failed", "component=%s status=\"%s\"", component->name, duet_status_text(status));
    wind_down(component, DUET_VERB_START, duet_status_text(status));
}

void duet_component_fault(struct duet_component *component, enum duet_status status, const char *why) {
    if (component->state == DUET_COMPONENT_STARTING) {
        duet_component_started(component, status);
    }
    if (component->state != DUET_COMPONENT_RUNNING) {
        return;
    }
    const struct duet_env *env = component->env;
    duet_bus_mute_owner(env->bus, component, true);
    duet_log_error(env->log, "component-faulted", "component=%s status=\"%s\" why=\"%s\"", component->name,
        duet_status_text(status), why);
    // The machine-readable why travels in the ERROR; a fault belongs to no verb but what start began.
    enter(component, env, DUET_VERB_START, DUET_COMPONENT_FAULTED, why);
    struct duet_event error = {
        .type = DUET_EVENT_ERROR, .error = {.size = sizeof(error.error), .error_type = (int32_t)status}};
    duet_text_copy(error.error.component, sizeof(error.error.component), component->name);
    duet_text_copy(error.error.message, sizeof(error.error.message), why);
    (void)duet_bus_publish(env->bus, &error);
}
