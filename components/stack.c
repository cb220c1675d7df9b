/* Components that live and die together. One component on its own is component.c. */
#include <duet/component.h>

#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "components/component_private.h"

bool duet_component_is(const struct duet_component *component, const char *name, const char *type) {
    return (name == NULL || strcmp(component->name, name) == 0) &&
           (type == NULL || strcmp(component->impl->type, type) == 0);
}

struct duet_component *duet_component_find(const struct duet_stack *stack, const char *name, const char *type) {
    for (size_t i = 0; stack != NULL && i < stack->count; i++) {
        if (duet_component_is(stack->items[i], name, type)) {
            return stack->items[i];
        }
    }
    return NULL;
}

enum duet_status duet_stack_push(struct duet_stack *stack, struct duet_component *component) {
    DUET_ASSERT(component->impl != NULL && component->impl->type != NULL);
    DUET_ASSERT(component->name != NULL);
    DUET_ASSERT(component->state == DUET_COMPONENT_NEW);

    if (stack->count == DUET_STACK_MAX) {
        return duet_error(DUET_EFULL, "%s does not fit: a stack holds %d components", component->name, DUET_STACK_MAX);
    }
    if (duet_component_find(stack, component->name, NULL) != NULL) {
        return duet_error(DUET_EEXIST, "there is already a component named %s", component->name);
    }
    component->stack = stack;
    stack->items[stack->count++] = component;
    return DUET_OK;
}

/** Bring the stack down without losing the line that says why. */
static enum duet_status unwind(struct duet_stack *stack, enum duet_status status) {
    char text[DUET_ERROR_TEXT_MAX];
    duet_text_copy(text, sizeof(text), duet_error_text());
    duet_stack_down(stack);
    return duet_error(status, "%s", text);
}

/** Start whatever does not run yet, from the bottom, up to the first that is pending. */
static enum duet_status start_rest(struct duet_stack *stack) {
    for (size_t i = 0; i < stack->count; i++) {
        struct duet_component *component = stack->items[i];
        if (component->state == DUET_COMPONENT_RUNNING) {
            continue;
        }
        enum duet_status status =
            component->state == DUET_COMPONENT_STARTING ? DUET_PENDING : duet_component_start(component);
        if (status == DUET_PENDING) {
            return DUET_PENDING;
        }
        if (status != DUET_OK) {
            return unwind(stack, status);
        }
    }
    return DUET_OK;
}

enum duet_status duet_stack_up(struct duet_stack *stack, const struct duet_env *env) {
    DUET_ASSERT(env != NULL);
    if (stack->env != NULL) {
        return duet_error(DUET_ESTATE, "this stack is already up");
    }
    // Two passes: once anything may publish, everything has subscribed.
    stack->env = env;
    for (size_t i = 0; i < stack->count; i++) {
        enum duet_status status = duet_component_init(stack->items[i], env);
        if (status != DUET_OK) {
            return unwind(stack, status);
        }
    }
    return start_rest(stack);
}

enum duet_status duet_stack_continue(struct duet_stack *stack, int64_t now_ns) {
    if (stack->env == NULL) {
        return duet_error(DUET_ESTATE, "this stack is not up");
    }
    for (size_t i = 0; i < stack->count; i++) {
        struct duet_component *component = stack->items[i];
        enum duet_status status = component->start_status;
        if (status != DUET_OK) {
            (void)duet_error(status, "%s did not start: %s", component->name, duet_status_text(status));
        } else if (component->state == DUET_COMPONENT_FAULTED) {
            status = duet_error(DUET_ESTATE, "%s has faulted before everything was started", component->name);
        } else if (component->state == DUET_COMPONENT_STARTING && now_ns >= component->start_deadline_ns) {
            int64_t timeout_ns = component->impl->start_timeout_ns;
            timeout_ns = timeout_ns != 0 ? timeout_ns : COMPONENT_START_TIMEOUT_NS;
            status = duet_error(
                DUET_ETIMEOUT, "%s did not start within %lld ms", component->name, (long long)(timeout_ns / 1000000));
        }
        if (status != DUET_OK) {
            return unwind(stack, status);
        }
    }
    return start_rest(stack);
}

void duet_stack_down(struct duet_stack *stack) {
    // Two passes again: nobody is torn down while a peer may still publish to it.
    for (size_t i = stack->count; i > 0; i--) {
        duet_component_stop(stack->items[i - 1]);
    }
    for (size_t i = stack->count; i > 0; i--) {
        duet_component_teardown(stack->items[i - 1]);
    }
    stack->env = NULL;
}

void duet_stack_reset(struct duet_stack *stack) {
    for (size_t i = stack->count; i > 0; i--) {
        duet_component_stop(stack->items[i - 1]);
    }
    for (size_t i = stack->count; i > 0; i--) {
        if (stack->items[i - 1]->state == DUET_COMPONENT_READY) {
            enum duet_status status = duet_component_reset(stack->items[i - 1]);
            DUET_ASSERT(status == DUET_OK);
        }
    }
}
