/* What host.c, dispatch.c, verbs.c, state.c, plugin.c, params.c and crash.c share; nobody else includes it. */
#ifndef DUET_ENGINE_HOST_PRIVATE_H
#define DUET_ENGINE_HOST_PRIVATE_H

#include "base/rng.h"
#include "engine/host.h"
#include "engine/made.h"

/** Parameters of one plugin; also guards against a table without end. */
#define DUET_PARAMS_MAX 256
/** Timers one strategy may have running. */
#define DUET_HOST_TIMERS_MAX 1024
/** Computations one strategy may have under way. */
#define DUET_HOST_COMPUTATIONS_MAX 1024
/** Callbacks that can wait for another to return, see dispatch.c. */
#define DUET_HOST_DEFERRED_MAX 4096
/** States begin on a cache line. */
#define DUET_STATE_ALIGNMENT 64

/* ---- params.c, plugin.c ---- */

/** Letters, digits, '_', '-' and '.', 1 to 63 of them: fit for tables, files and JSON. */
bool duet_plugin_name_is_plain(const char *name);
DUET_MUST_CHECK enum duet_status duet_plugin_check_params(const struct duet_strategy_impl *impl);
/** A value of this parameter as it would be typed; returns `out`. */
char *duet_param_format_number(const struct duet_param *param, double value, char out[48]);

/* ---- crash.c ---- */

/** Where a thread is; `callback` NULL: not in a plugin. */
struct duet_crash_mark {
    const char *plugin, *callback;
};
extern _Thread_local struct duet_crash_mark duet_crash_mark __attribute__((tls_model("initial-exec")));

/* ---- the host ---- */

enum host_phase {
    HOST_DOWN = 0, // no states
    HOST_INIT, // in the plugin's init
    HOST_READY,
    HOST_STARTING, // in on_start
    HOST_RUNNING,
    HOST_STOPPING, // in on_stop
};

/** The context of one instrument, or (scope DUET_ALL) of all; the plugin sees the first member. */
struct host_context {
    struct duet_context public;
    struct duet_host_run *run;
    void *state;
    const struct duet_host_series *primary; // NULL: no series, or the context of all
    int64_t primary_interval_ns; // 0: none
    int64_t warm_up_bars; // asked for
    int64_t bars; // of the primary series so far
    double stop_fraction; // of protect_entries
};

struct host_timer {
    uint64_t id; // 0: free
    uint64_t handle; // of the bus
    uint64_t cookie;
    int64_t due_ns, period_ns;
    uint32_t context; // index
};

/** Asked for and not yet answered. */
struct host_computation {
    uint64_t ticket;
    int64_t asked_ns;
    uint32_t context; // index
    uint32_t chain; // of results that asked for the next at the same instant
};

struct duet_host_run {
    struct duet_component component;
    char name[72]; // in the stack
    struct duet_host_options options;
    char **param_texts; // owned; names, then values
    const struct duet_strategy_impl *impl;
    struct duet_bus *bus;
    struct duet_log *log; // while up; may be NULL

    struct host_context *contexts; // one per instrument, then the one of all
    uint32_t instrument_count;
    bool *wanted; // by series
    unsigned char *states;
    size_t state_stride, state_count;

    enum host_phase phase;
    bool is_alone; // in a callback that no input caused
    bool is_history; // nobody is warm
    bool failed; // the plugin has said why
    enum duet_status refused; // what a verb of init last said no with; its line says why
    bool misused; // a verb without a status was given nonsense in init
    bool is_broken; // a reset went wrong; starting is refused
    uint32_t seen_count, warm_count; // instruments that had a bar, and that had enough
    int64_t looked_ns; // when those that had not were last looked at
    int64_t warm_up_bars; // largest that was asked for
    duet_money initial_cash;
    struct duet_rng rng;

    struct host_timer timers[DUET_HOST_TIMERS_MAX];
    uint64_t timers_made, timers_fired;
    int64_t timer_fired_ns; // when the last one fired

    struct host_computation computations[DUET_HOST_COMPUTATIONS_MAX]; // in the order of their tickets
    size_t computation_count;
    uint64_t computations_made;
    const struct host_computation *answering; // in on_feature

    struct duet_event *deferred;
    size_t deferred_count, deferred_capacity;
};

/** The table of verbs that every context points to (verbs.c). */
extern const struct duet_host duet_host_table;

static inline struct host_context *host_context_of(struct duet_context *ctx) {
    return duet_container_of(ctx, struct host_context, public);
}
/** The context of all; in scope DUET_EACH_INSTRUMENT it is not used. */
static inline struct host_context *host_all(struct duet_host_run *run) {
    return &run->contexts[run->instrument_count];
}
/** Who is called about `instrument`: NULL where there is no such instrument. */
static inline struct host_context *host_receiver(struct duet_host_run *run, uint32_t instrument) {
    if (run->impl->scope == DUET_ALL) {
        return host_all(run);
    }
    return instrument < run->instrument_count ? &run->contexts[instrument] : NULL;
}
/** Whether a callback may be made now. */
static inline bool host_is_live(const struct duet_host_run *run) {
    return run->phase == HOST_RUNNING || run->phase == HOST_STARTING;
}

static inline const struct duet_instrument *host_instrument(const struct host_context *context) {
    return &context->run->options.instruments->items[context->public.instrument];
}

/** The series of this instrument and interval, given or made; NULL where there is none. */
const struct duet_host_series *duet_host_find_series(
    const struct duet_host_run *run, uint32_t instrument, int64_t interval_ns);

static inline bool host_has_instrument(const struct host_context *context) {
    return context->public.instrument != DUET_NO_INSTRUMENT;
}

/** Set time and warmth; before each callback, and when a context is handed out. */
void duet_host_refresh(struct host_context *context, int64_t now_ns);

/** Around each callback. */
static inline void host_enter(const struct host_context *context, const char *callback) {
    duet_crash_mark.plugin = context->run->impl->name;
    duet_crash_mark.callback = callback;
}
static inline void host_leave(void) {
    duet_crash_mark.callback = NULL;
}
/** Around callbacks outside of any input: what they cause has to wait, see dispatch.c. */
static inline void host_enter_alone(struct host_context *context, const char *callback) {
    context->run->is_alone = true;
    host_enter(context, callback);
}
static inline void host_leave_alone(struct host_context *context) {
    host_leave();
    context->run->is_alone = false;
}

/* host.c */
/** Defaults, then what the run was given. */
DUET_MUST_CHECK enum duet_status duet_host_set_params(const struct duet_host_options *options, void *state);

/* dispatch.c */
DUET_MUST_CHECK enum duet_status duet_host_subscribe_all(struct duet_host_run *run);
/** Deliver what waited for a callback outside of any input to return. */
void duet_host_deliver_deferred(struct duet_host_run *run);
/** Largest warm-up, instruments that have one; after a warm-up was asked for or the states came back. */
void duet_host_recount(struct duet_host_run *run);

/* verbs.c */
/** A mistake of the plugin that has no order to be denied: an ERROR event and a line. */
void duet_host_complain(struct host_context *context, const char *message);

/* verbs_orders.c */
/** Whether an order may go out now; where not, that is booked as a denial. `size` is signed; 0 where not known yet. */
bool duet_host_may_order(struct host_context *context, int type, double size, double price, const char *reason);
/** Being flat and asked to be flat is no order, warm or not. */
bool duet_host_is_flat_already(const struct host_context *context, double wanted);
uint64_t duet_verb_target(struct duet_context *ctx, double quantity, const char *reason);
uint64_t duet_verb_target_percent(struct duet_context *ctx, double weight, const char *reason);
uint64_t duet_verb_rebalance(struct duet_context *ctx, double weight, double band, const char *reason);
uint64_t duet_verb_trade(struct duet_context *ctx, int type, double signed_quantity, double price, const char *reason);
uint64_t duet_verb_close(struct duet_context *ctx, const char *reason);
uint64_t duet_verb_order(struct duet_context *ctx, const struct duet_order_request *given);
enum duet_status duet_verb_cancel(struct duet_context *ctx, uint64_t order_id);
size_t duet_verb_cancel_all(struct duet_context *ctx);
uint64_t duet_verb_replace(
    struct duet_context *ctx, uint64_t order_id, double quantity, double price, double stop_price);

/* verbs_views.c */
const struct duet_bar *duet_verb_history(struct duet_context *ctx, int64_t interval_ns, size_t bars, size_t *count);
const struct duet_bar *duet_verb_latest(struct duet_context *ctx, uint32_t instrument);
void duet_verb_position(struct duet_context *ctx, struct duet_position *out);
void duet_verb_account(struct duet_context *ctx, struct duet_account *out);
enum duet_status duet_verb_instrument(struct duet_context *ctx, uint32_t instrument, struct duet_instrument_info *out);
enum duet_status duet_verb_find(struct duet_context *ctx, const char *symbol, uint32_t *instrument);
uint64_t duet_verb_random(struct duet_context *ctx);

/* computations.c */
uint64_t duet_verb_compute(struct duet_context *ctx, const char *name, duet_compute_function work, const void *input,
    size_t size, int64_t deadline_ns);
/** A FEATURE event: on_feature of whoever asked. */
void duet_host_computed(struct duet_host_run *run, const struct duet_event *event);
void duet_host_computations_clear(struct duet_host_run *run);

/* timers.c */
uint64_t duet_host_timer_add(struct host_context *context, int64_t due_ns, int64_t period_ns, uint64_t cookie);
DUET_MUST_CHECK enum duet_status duet_host_timer_cancel(struct duet_host_run *run, uint64_t id);
void duet_host_timers_clear(struct duet_host_run *run);
/** The timer that this event belongs to; re-armed or freed. False: not (or no longer) one of ours. */
bool duet_host_timer_fired(struct duet_host_run *run, const struct duet_timer_event *event, struct host_timer *out);
/** Put a saved timer back. */
DUET_MUST_CHECK enum duet_status duet_host_timer_restore(struct duet_host_run *run, const struct host_timer *saved);

#endif
