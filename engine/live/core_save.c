/*
 * A core as bytes: a head that says whose they are, each part's own, and a fold of everything at the end. Bytes of one
 * build: another one recovers from the journal's inputs instead.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/take.h"
#include "broker/desk.h"
#include "bus/save.h"
#include "engine/live/core_private.h"

#define SAVED_MAGIC "DUETCO2"

struct saved_core {
    char magic[8];
    char version[16];
    uint64_t layout; // sizes of what is saved as it lies in memory
    uint64_t instruments, series;
    uint64_t has_venue, has_monitor;
    int64_t last_instant_ns, logical_ns;
    uint64_t repeated_bars;
    uint64_t stopped, ended;
    uint64_t level, shown;
    char reason[64], shown_reason[64];
    uint64_t feed_stale, feed_down, broker_down, unreconciled, mismatch;
    uint64_t flattening, ruin_told, loss_hit, loss_halt;
    int64_t day_end_ns;
    duet_money day_start;
    struct core_rules rules;
    struct core_unsent unsent;
    uint64_t host_size;
};

struct saved_series {
    struct duet_core_series given;
    int64_t last_close_ns;
    uint64_t ticks, stale, wanted, kept; // bars follow
};

static uint64_t layout(void) {
    const size_t sizes[] = {sizeof(struct saved_core), sizeof(struct saved_series), sizeof(struct duet_bar),
        sizeof(struct duet_aggregate_state), sizeof(struct duet_order), sizeof(struct duet_position_state),
        sizeof(struct duet_portfolio_counts), sizeof(struct duet_venue_counts), DUET_EVENT_TYPE_COUNT,
        DUET_REASON_COUNT};
    return duet_hash_bytes(DUET_HASH_SEED, sizes, sizeof(sizes));
}

/* -------------------------------------------------------------------------------------------------------- saving */

static void save_series(const struct duet_core *core, struct duet_text *out) {
    for (uint32_t i = 0; i < core->options.series_count; i++) {
        const struct core_series *series = &core->series[i];
        const struct duet_window *window = &series->window;
        struct saved_series saved;
        memset(&saved, 0, sizeof(saved));
        saved.given.instrument = core->options.series[i].instrument;
        saved.given.price_decimals = core->options.series[i].price_decimals;
        saved.given.interval_ns = core->options.series[i].interval_ns;
        saved.given.kind = core->options.series[i].kind;
        saved.given.primary = core->options.series[i].primary;
        saved.given.executes = core->options.series[i].executes;
        saved.last_close_ns = series->last_close_ns;
        saved.ticks = series->ticks;
        saved.stale = series->stale;
        saved.wanted = window->wanted;
        saved.kept = window->kept;
        duet_text_append(out, (const char *)&saved, sizeof(saved));
        duet_text_append(
            out, (const char *)(window->slots + window->end - window->kept), window->kept * sizeof(struct duet_bar));
    }
    duet_text_append(out, (const char *)core->marked_ns, core->options.instruments->count * sizeof(core->marked_ns[0]));
}

static void describe(const struct duet_core *core, struct saved_core *out) {
    memset(out, 0, sizeof(*out));
    duet_text_copy(out->magic, sizeof(out->magic), SAVED_MAGIC);
    duet_text_copy(out->version, sizeof(out->version), DUET_VERSION);
    out->layout = layout();
    out->instruments = core->options.instruments->count;
    out->series = core->options.series_count;
    out->has_venue = core->venue != NULL;
    out->has_monitor = core->monitor != NULL;
    out->unsent = core->unsent;
    out->last_instant_ns = core->last_instant_ns;
    out->logical_ns = core->logical_ns;
    out->repeated_bars = core->repeated_bars;
    out->stopped = core->stopped;
    out->ended = core->ended;
    out->level = core->level;
    out->shown = core->shown;
    duet_text_copy(out->reason, sizeof(out->reason), core->reason);
    duet_text_copy(out->shown_reason, sizeof(out->shown_reason), core->shown_reason);
    out->feed_stale = core->feed_stale;
    out->feed_down = core->feed_down;
    out->broker_down = core->broker_down;
    out->unreconciled = core->unreconciled;
    out->mismatch = core->mismatch;
    out->flattening = core->flattening;
    out->ruin_told = core->ruin_told;
    out->loss_hit = core->loss_hit;
    out->loss_halt = core->loss_halt;
    out->day_end_ns = core->day_end_ns;
    out->day_start = core->day_start;
    out->rules.limits = core->rules.limits; // one by one: what lies between them is not ours
    out->rules.max_daily_loss = core->rules.max_daily_loss;
    out->rules.stop_loss = core->rules.stop_loss;
    out->rules.take_profit = core->rules.take_profit;
    out->rules.trailing = core->rules.trailing;
    out->rules.max_age_s = core->rules.max_age_s;
    out->rules.on_halt_none = core->rules.on_halt_none;
}

enum duet_status duet_core_save(struct duet_core *core, void **bytes, size_t *size) {
    void *host = NULL;
    struct saved_core head;
    describe(core, &head);
    enum duet_status status = duet_core_fault(core);
    if (status == DUET_OK) {
        status = duet_host_save(core->host, &host, &head.host_size);
    }
    if (status != DUET_OK) {
        return status;
    }
    struct duet_text out = {0};
    duet_text_append(&out, (const char *)&head, sizeof(head));
    save_series(core, &out);
    duet_made_save(core->made, &out);
    duet_portfolio_save(core->portfolio, &out);
    if (core->venue != NULL) {
        duet_venue_save(core->venue, &out);
    } else {
        duet_desk_save(core->desk, &out);
    }
    if (core->monitor != NULL) {
        duet_monitor_save(core->monitor, &out);
    }
    duet_text_append(&out, host, head.host_size);
    free(host);
    duet_bus_save(core->bus, &out);
    uint64_t fold = duet_hash_bytes(DUET_HASH_SEED, out.text, out.length);
    duet_text_append(&out, (const char *)&fold, sizeof(fold));
    *bytes = out.text;
    *size = out.length;
    return DUET_OK;
}

/* ------------------------------------------------------------------------------------------------------- loading */

static enum duet_status damaged(void) {
    return duet_error(DUET_EDATA, "saved session: damaged");
}

/** Whether the bytes are whole, and of this build and this run. */
static enum duet_status check(const struct duet_core *core, const void *bytes, size_t size, struct saved_core *head) {
    uint64_t fold;
    if (size < sizeof(*head) + sizeof(fold)) {
        return damaged();
    }
    memcpy(head, bytes, sizeof(*head));
    memcpy(&fold, (const unsigned char *)bytes + size - sizeof(fold), sizeof(fold));
    if (memcmp(head->magic, SAVED_MAGIC, sizeof(head->magic)) != 0 ||
        fold != duet_hash_bytes(DUET_HASH_SEED, bytes, size - sizeof(fold))) {
        return damaged();
    }
    if (head->unsent.count > CORE_UNSENT_MAX) {
        return damaged();
    }
    if (strncmp(head->version, DUET_VERSION, sizeof(head->version)) != 0 || head->layout != layout()) {
        return duet_error(DUET_EABI, "saved session: by version %.16s of another build", head->version);
    }
    if (head->instruments != core->options.instruments->count || head->series != core->options.series_count ||
        head->has_venue != (core->venue != NULL) || head->has_monitor != (core->monitor != NULL)) {
        return duet_error(DUET_EINVAL,
            "saved session: of %" PRIu64 " instruments and %" PRIu64 " series; other data, broker or exits now",
            head->instruments, head->series);
    }
    return DUET_OK;
}

static enum duet_status load_window(struct duet_core *core, struct core_series *series,
    const struct saved_series *saved, const unsigned char **bytes, size_t *size) {
    if (saved->kept > saved->wanted || saved->kept > *size / sizeof(struct duet_bar)) {
        return damaged();
    }
    duet_window_finish(&series->window);
    enum duet_status status = duet_window_init(&series->window, (size_t)saved->wanted, core->options.config->guard);
    for (uint64_t i = 0; status == DUET_OK && i < saved->kept; i++) {
        struct duet_bar bar;
        if (!duet_take(bytes, size, &bar, sizeof(bar))) {
            return damaged();
        }
        *duet_window_next(&series->window) = bar;
    }
    return status;
}

static enum duet_status load_series(struct duet_core *core, const unsigned char **bytes, size_t *size) {
    for (uint32_t i = 0; i < core->options.series_count; i++) {
        const struct duet_core_series *given = &core->options.series[i];
        struct saved_series saved;
        if (!duet_take(bytes, size, &saved, sizeof(saved))) {
            return damaged();
        }
        if (saved.given.instrument != given->instrument || saved.given.interval_ns != given->interval_ns ||
            saved.given.price_decimals != given->price_decimals || saved.given.primary != given->primary ||
            saved.given.executes != given->executes || saved.given.kind != given->kind) {
            return duet_error(DUET_EINVAL, "saved session: series %" PRIu32 " is another one now", i);
        }
        enum duet_status status = load_window(core, &core->series[i], &saved, bytes, size);
        if (status != DUET_OK) {
            return status;
        }
        core->series[i].last_close_ns = saved.last_close_ns;
        core->series[i].ticks = saved.ticks;
        duet_core_set_stale(core, i, saved.stale != 0);
    }
    return duet_take(bytes, size, core->marked_ns, core->options.instruments->count * sizeof(core->marked_ns[0]))
               ? DUET_OK
               : damaged();
}

static enum duet_status load_parts(
    struct duet_core *core, const struct saved_core *head, const unsigned char **bytes, size_t *size) {
    enum duet_status status = load_series(core, bytes, size);
    if (status == DUET_OK) {
        status = duet_made_load(core->made, bytes, size);
    }
    if (status == DUET_OK) {
        status = duet_portfolio_load(core->portfolio, bytes, size);
    }
    if (status == DUET_OK) {
        status =
            core->venue != NULL ? duet_venue_load(core->venue, bytes, size) : duet_desk_load(core->desk, bytes, size);
    }
    if (status == DUET_OK && core->monitor != NULL) {
        status = duet_monitor_load(core->monitor, bytes, size);
    }
    if (status == DUET_OK && head->host_size > *size) {
        status = damaged();
    }
    if (status == DUET_OK) {
        status = duet_host_load(core->host, *bytes, (size_t)head->host_size);
    }
    if (status == DUET_OK) {
        *bytes += head->host_size;
        *size -= (size_t)head->host_size;
        status = duet_bus_load(core->bus, bytes, size);
    }
    return status == DUET_OK && *size != 0 ? damaged() : status;
}

static void load_trading(struct duet_core *core, const struct saved_core *head) {
    core->unsent = head->unsent;
    core->last_instant_ns = head->last_instant_ns;
    core->logical_ns = head->logical_ns;
    core->repeated_bars = head->repeated_bars;
    core->stopped = head->stopped != 0;
    core->ended = head->ended != 0;
    core->level = (enum duet_trading)head->level;
    core->shown = (enum duet_trading)head->shown;
    memcpy(core->reason, head->reason, sizeof(core->reason));
    memcpy(core->shown_reason, head->shown_reason, sizeof(core->shown_reason));
    core->feed_stale = head->feed_stale != 0;
    core->feed_down = head->feed_down != 0;
    core->broker_down = head->broker_down != 0;
    core->unreconciled = head->unreconciled != 0;
    core->mismatch = head->mismatch != 0;
    core->flattening = head->flattening != 0;
    core->ruin_told = head->ruin_told != 0;
    core->loss_hit = head->loss_hit != 0;
    core->loss_halt = head->loss_halt != 0;
    core->day_end_ns = head->day_end_ns;
    core->day_start = head->day_start;
    duet_core_update_trading(core); // nothing is new, so only the permit
}

enum duet_status duet_core_load(struct duet_core *core, const void *bytes, size_t size) {
    struct saved_core head;
    enum duet_status status = check(core, bytes, size, &head);
    if (status != DUET_OK) {
        return status;
    }
    core->quiet = true;
    duet_core_forget_early(core);
    if (head.stopped != 0 || head.ended != 0) {
        duet_component_stop(duet_host_component(core->host));
    }
    const unsigned char *at = (const unsigned char *)bytes + sizeof(head);
    size_t left = size - sizeof(head) - sizeof(uint64_t);
    duet_core_set_rules(core, &head.rules); // before positions and timers that hang on them
    status = load_parts(core, &head, &at, &left);
    if (status == DUET_OK) {
        load_trading(core, &head);
    }
    core->quiet = false;
    return status;
}
