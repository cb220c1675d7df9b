/*
 * Component lifecycle: the five verbs every plug in the engine answers to.
 *
 *              init                start (may be pending)
 *      NEW -----------> READY --------> STARTING --------> RUNNING
 *          <-----------       <-----------------------------
 *            teardown            stop
 *                       reset: READY -> READY, as after init
 *
 *      a failure while RUNNING (duet_component_fault) --> FAULTED --stop--> READY
 *
 * The uphill verbs may fail, and then leave the component where it stood. The downhill verbs cannot
 * fail and may be repeated. That asymmetry makes unwinding trivial. One table (component.c) holds every
 * state and verb; the check, the error texts and the diagram in the docs come from it.
 *
 * Memory belongs to the caller; nothing here allocates. Engine thread only.
 */
#ifndef DUET_COMPONENT_H
#define DUET_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>

#include <duet/bus.h>
#include <duet/status.h>

/** Most components one stack can hold. */
#define DUET_STACK_MAX 64
/** Most dependencies one component can name. */
#define DUET_DEPENDENCIES_MAX 8

struct duet_component;
struct duet_stack;
struct duet_log;
struct duet_clock;
struct duet_loop;

/** What a component may touch; handed over at init, borrowed until teardown. */
struct duet_env {
    struct duet_bus *bus;
    struct duet_log *log; // may be NULL
    const struct duet_clock *clock; // of the run: virtual in a backtest
    struct duet_loop *loop; // NULL where a stack is brought up without one
};

#define DUET_COMPONENT_VERB_MAP(X) \
    X(INIT, "init") X(START, "start") X(STOP, "stop") X(RESET, "reset") X(TEARDOWN, "teardown")
enum duet_component_verb {
#define DUET_VERB_ENUM(name, text) DUET_VERB_##name,
    DUET_COMPONENT_VERB_MAP(DUET_VERB_ENUM)
#undef DUET_VERB_ENUM
        DUET_VERB_COUNT
};

#define DUET_COMPONENT_STATE_MAP(X) \
    X(NEW, "NEW") X(READY, "READY") X(STARTING, "STARTING") X(RUNNING, "RUNNING") X(FAULTED, "FAULTED")
enum duet_component_state {
#define DUET_STATE_ENUM(name, text) DUET_COMPONENT_##name, // zeroed memory is a NEW component
    DUET_COMPONENT_STATE_MAP(DUET_STATE_ENUM)
#undef DUET_STATE_ENUM
        DUET_COMPONENT_STATE_COUNT
};
DUET_EXPORT const char *duet_component_state_name(enum duet_component_state state);
DUET_EXPORT const char *duet_component_verb_name(enum duet_component_verb verb);

/** A peer that must be there, and at least READY, when init is called: found by name, or the only one of a type. */
struct duet_dependency {
    const char *name; // NULL: any of `type`
    const char *type;
};

/**
 * Callbacks of one kind of component. Any may be NULL, meaning nothing to do. None may block. A component subscribes
 * with itself as the owner (duet_bus_subscribe): its deliveries then begin with init, so that it hears what peers
 * publish in their start, end with stop, begin again with reset or the next start, and are gone after teardown.
 */
struct duet_component_impl {
    uint32_t size; // sizeof(struct duet_component_impl)
    const char *type; // e.g. "strategy", "venue", "portfolio", "source"; static
    /** Resolve dependencies (duet_component_find), check parameters, acquire, subscribe. On failure, release again;
       subscriptions of the component are ended for it. */
    enum duet_status (*init)(struct duet_component *component);
    /** Begin work; may publish, since every peer has been through init. DUET_PENDING: duet_component_started() follows
     * from the loop. */
    enum duet_status (*start)(struct duet_component *component);
    /** Cease publishing, keep state. Called for RUNNING, STARTING and FAULTED components. */
    void (*stop)(struct duet_component *component);
    /** Back to what init left, parameters kept. Called only when READY. */
    void (*reset)(struct duet_component *component);
    /** Release what init acquired. Subscriptions still there are ended afterwards. */
    void (*teardown)(struct duet_component *component);
    struct duet_dependency needs[DUET_DEPENDENCIES_MAX]; // ends with {0}
    int64_t start_timeout_ns; // of a pending start; 0: 10 s
};

/** Embed in your own struct; get back to it with duet_container_of(). */
struct duet_component {
    const struct duet_component_impl *impl;
    const char *name; // unique in its stack, borrowed, fixed once pushed
    const struct duet_env *env; // borrowed; NULL while NEW
    struct duet_stack *stack; // it was pushed on; NULL before
    enum duet_component_state state; // read-only
    int64_t start_deadline_ns; // while STARTING
    enum duet_status start_status; // why the last pending start failed
};

/** Components that live and die together, in dependency order. Zero-initialise. */
struct duet_stack {
    struct duet_component *items[DUET_STACK_MAX]; // borrowed
    size_t count;
    const struct duet_env *env; // while up
};

/** Add a NEW component on top. DUET_EFULL past DUET_STACK_MAX, DUET_EEXIST for a name already there. */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_stack_push(
    struct duet_stack *stack, struct duet_component *component);

/**
 * Init every component bottom to top, then start every component bottom to top. A dependency that is missing, or stands
 * above, is DUET_EINVAL. All or nothing: on the first failure what was done is undone in reverse and that failure
 * returned. DUET_PENDING: some start is pending; everything below it is RUNNING, everything above waits. Then
 * duet_stack_continue(). `env` is borrowed until duet_stack_down().
 */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_stack_up(struct duet_stack *stack, const struct duet_env *env);
/** Go on after a pending start has completed or failed; `now_ns` is held against its deadline (DUET_ETIMEOUT unwinds).
   Same results as duet_stack_up(). */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_stack_continue(struct duet_stack *stack, int64_t now_ns);
/** Stop every component, then tear down every component, top to bottom. Safe on a stack partly up, or not up. */
DUET_EXPORT void duet_stack_down(struct duet_stack *stack);
/** Stop those that run and reset every READY component, top to bottom: the stack is as after init.
   duet_stack_continue() starts it again. */
DUET_EXPORT void duet_stack_reset(struct duet_stack *stack);

/*
 * One component on its own. Uphill verbs in a wrong state are DUET_ESTATE with a text that names it: "venue must be
 * initialized before starting". Repeating a downhill verb does nothing. Each change of state is a LIFECYCLE event.
 */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_component_init(
    struct duet_component *component, const struct duet_env *env);
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_component_start(struct duet_component *component);
DUET_EXPORT void duet_component_stop(struct duet_component *component);
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_component_reset(struct duet_component *component);
DUET_EXPORT void duet_component_teardown(struct duet_component *component);

/** A pending start is over: DUET_OK, or the reason why not; then its stop is called. Ignored unless STARTING. */
DUET_EXPORT void duet_component_started(struct duet_component *component, enum duet_status status);
/** A RUNNING component can go on no longer: its deliveries end, it is FAULTED, an ERROR event says so. In STARTING it
 * is a start that failed; elsewhere ignored. */
DUET_EXPORT void duet_component_fault(struct duet_component *component, enum duet_status status, const char *why);

/** A peer of the stack by name (NULL: any) and type (NULL: any); the first from the bottom. NULL: none. */
DUET_EXPORT struct duet_component *duet_component_find(
    const struct duet_stack *stack, const char *name, const char *type);

/** The line left by the last failure on this thread. */
DUET_EXPORT const char *duet_error_line(void);

#endif
