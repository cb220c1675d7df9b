/*
 * The engine's side of a strategy plugin: loads it, owns its states, turns bus events into callbacks and verbs into
 * portfolio calls.
 */
#ifndef DUET_ENGINE_HOST_H
#define DUET_ENGINE_HOST_H

#include <duet/bus.h>
#include <duet/component.h>
#include <duet/strategy.h>

#include "components/instruments.h"
#include "engine/window.h"
#include "portfolio/portfolio.h"

/* ---- engine/plugin.c: the only caller of dlopen() ---- */

struct duet_plugin {
    const struct duet_strategy_impl *impl; // checked and, where it is an older, smaller table, completed
    struct duet_strategy_impl completed;
    char name[64];
    char sha256[65]; // of the file; of name and version for a bundled one
    void *library; // NULL for a bundled one
};

/** `name`: a bundled strategy, or a path (contains "/" or ends in ".so"). DUET_EINVAL with nearest name, DUET_EABI
   naming both sides' versions, DUET_ENOTFOUND for a missing file or symbol. */
DUET_MUST_CHECK enum duet_status duet_plugin_open(const char *name, struct duet_plugin *out);
void duet_plugin_close(struct duet_plugin *plugin);
/** The bundled strategies, a visible table sorted by name. */
const struct duet_strategy_impl *const *duet_bundled_strategies(size_t *count);
/** Number of parameters, and the i-th (strides by the plugin's own struct size). */
size_t duet_plugin_param_count(const struct duet_strategy_impl *impl);
const struct duet_param *duet_plugin_param(const struct duet_strategy_impl *impl, size_t index);
/** Put every parameter at its default in a state of zeros. */
void duet_plugin_set_defaults(const struct duet_strategy_impl *impl, void *state);
/** Set one parameter in a state from text; DUET_EINVAL names parameter, bounds or the nearest name. */
DUET_MUST_CHECK enum duet_status duet_plugin_set_param(
    const struct duet_strategy_impl *impl, void *state, const char *name, const char *value);
/** Format the value that `state` holds, as it would be typed. */
void duet_plugin_get_param(const struct duet_strategy_impl *impl, const void *state, size_t index, char out[48]);
/** Signals of a crash inside a callback: one line naming plugin and callback, then the process dies of that signal. */
void duet_crash_guard_install(void);

/* ---- engine/host.c ---- */

/** One series as the host sees it. The owner of the array pushes bars into the windows. */
struct duet_host_series {
    uint32_t instrument;
    int64_t interval_ns;
    bool primary; // the instrument's finest, or what bars= names first
    struct duet_window *window; // borrowed
};

/** Largest input of a computation. */
#define DUET_COMPUTE_BYTES_MAX 65536

/** Work that a strategy wants done on a worker; `input` is valid during the call that hands it over. */
struct duet_compute_request {
    uint64_t ticket; // 1, 2, 3 … over the run
    uint32_t context; // whose it is
    const char *plugin, *name; // of the strategy and of the kind of work
    duet_compute_function work;
    const void *input;
    size_t size;
    int64_t deadline_ns; // from now; 0: 30 s
};

struct duet_made; // engine/made.h: series that are made of those

struct duet_host_options {
    const struct duet_plugin *plugin; // borrowed
    const char *const *param_names, *const *param_values; // copied
    size_t param_count;
    const struct duet_instruments *instruments; // borrowed
    struct duet_portfolio *portfolio; // borrowed
    const struct duet_host_series *series; // borrowed
    size_t series_count;
    struct duet_made *made; // borrowed; gets more where init asks for what it has not; NULL: nothing is made
    int64_t trade_from_ns; // orders before it are refused WARMUP; INT64_MIN: none
    uint64_t seed;
    uint16_t strategy; // its number in the run
    /** Hand a computation on (copied where it is kept); its result comes back as a FEATURE input
     * (duet_host_feature()), also where it cannot be done. NULL: computed at once. */
    void (*compute)(void *argument, const struct duet_compute_request *request);
    void *argument;
};

struct duet_host_run; // opaque: one strategy in one run

DUET_MUST_CHECK enum duet_status duet_host_create(
    const struct duet_host_options *options, struct duet_bus *bus, struct duet_host_run **out);
void duet_host_destroy(struct duet_host_run *host);
/** init: states and the plugin's init; start: on_start; stop: on_stop; reset: as after init; teardown: frees states. */
struct duet_component *duet_host_component(struct duet_host_run *host);
/** After init: most bars any state asked to be warmed up with. The windows keep at least as many. */
int64_t duet_host_warm_up_bars(const struct duet_host_run *host);
/** After init: whether the series of this index is delivered to on_bar (primary, or subscribed). */
bool duet_host_wants(const struct duet_host_run *host, size_t series_index);
/** Whether it has an on_feature; only then it asks for computations. */
bool duet_host_computes(const struct duet_host_run *host);
/** Bars of its primary series that this instrument's state, or that of all, still waits for before it is warm. */
int64_t duet_host_warm_up_left(const struct duet_host_run *host, uint32_t instrument);
/**
 * What comes from now on is history: callbacks are made, but nobody is warm, so orders are refused WARMUP. When it
 * ends, everybody is warm again who has had enough bars.
 */
void duet_host_set_history(struct duet_host_run *host, bool history);
/** Whether it has an on_instant; then INSTANT events are worth publishing. */
bool duet_host_wants_instants(const struct duet_host_run *host);
/** States, for saving and comparing: all states one after another. */
const void *duet_host_states(const struct duet_host_run *host, size_t *size);

/** The FEATURE input that a result becomes: tag 0, data = ticket, status, count, values. */
struct duet_feature_payload {
    uint64_t ticket;
    int32_t status;
    uint32_t count;
    double values[DUET_FEATURE_VALUES];
};
void duet_host_feature(const struct duet_feature_payload *result, struct duet_event *out);
/** Do the work of a request, on any thread. A failure is in the payload, with a line. */
void duet_compute_run(const struct duet_compute_request *request, struct duet_feature_payload *out);
/**
 * Publish a FEATURE with `status` for each computation under way, in the order of their tickets: those who did them
 * are gone. After a restart, as part of the input that tells of it, so that a replay does the same.
 */
void duet_host_fail_computations(struct duet_host_run *host, enum duet_status status);

/* ---- engine/state.c: between init and teardown, outside of callbacks ---- */

/** Everything that is needed to go on later: the states (flat, or by the plugin's save), bars counted, timers, tickets
   of computations under way, random generator; the plugin's hash in front. `*bytes` is the caller's; free with free().
 */
DUET_MUST_CHECK enum duet_status duet_host_save(struct duet_host_run *host, void **bytes, size_t *size);
/** Put back what was saved. DUET_EABI where another plugin file saved it, DUET_EINVAL for other parameters or
   instruments, DUET_EDATA where it is damaged; after a failure the host must be reset or torn down. */
DUET_MUST_CHECK enum duet_status duet_host_load(struct duet_host_run *host, const void *bytes, size_t size);

#endif
