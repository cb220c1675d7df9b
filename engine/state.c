/*
 * Saving and loading a strategy's states: a header that says whose they are, the parameters as text, what the host
 * itself counts, then the states: flat copies, or what the plugin's save wrote. A fold of everything stands at the end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "engine/host_private.h"

#define SAVED_MAGIC "DUETST3"

struct saved_header {
    char magic[8];
    char plugin[72]; // SHA-256 of the plugin
    uint64_t state_size, state_count;
    uint64_t instrument_count, timer_count, timers_made;
    uint64_t rng;
    uint64_t params_size; // bytes of the text that follows
    uint64_t is_custom; // the plugin's save wrote the states
    uint64_t computation_count, computations_made;
    uint64_t timers_fired;
    int64_t timer_fired_ns;
};

struct saved_context {
    char symbol[DUET_SYMBOL_MAX]; // "" for the context of all
    int64_t bars;
    uint64_t is_warm;
    double stop_fraction;
};

struct saved_timer {
    uint64_t id, cookie;
    int64_t due_ns, period_ns;
    uint64_t context;
};

/** "fast=10 slow=50" as configured, whatever the strategy has made of its state since. */
static enum duet_status describe_params(const struct duet_host_run *run, struct duet_text *out) {
    const struct duet_strategy_impl *impl = run->impl;
    void *scratch = duet_alloc(1, run->state_stride);
    enum duet_status status = duet_host_set_params(&run->options, scratch);
    size_t count = duet_plugin_param_count(impl);
    for (size_t i = 0; status == DUET_OK && i < count; i++) {
        char value[48];
        duet_plugin_get_param(impl, scratch, i, value);
        duet_text_print(out, "%s%s=%s", i == 0 ? "" : " ", duet_plugin_param(impl, i)->name, value);
    }
    free(scratch);
    return status;
}

static enum duet_status save_states(struct duet_host_run *run, struct duet_text *out) {
    for (size_t i = 0; i < run->state_count; i++) {
        struct host_context *context = run->impl->scope == DUET_ALL ? host_all(run) : &run->contexts[i];
        if (run->impl->save == NULL) {
            duet_text_append(out, context->state, run->impl->state_size);
            continue;
        }
        host_enter_alone(context, "save");
        size_t needed = run->impl->save(&context->public, context->state, NULL, 0);
        host_leave_alone(context);
        char *bytes = duet_alloc(1, needed > 0 ? needed : 1);
        host_enter_alone(context, "save");
        size_t written = run->impl->save(&context->public, context->state, bytes, needed);
        host_leave_alone(context);
        uint64_t size = written;
        if (written <= needed) {
            duet_text_append(out, (const char *)&size, sizeof(size));
            duet_text_append(out, bytes, written);
        }
        free(bytes);
        if (written > needed) {
            return duet_error(DUET_EINVAL, "strategy %s: save asked for %zu bytes and then for %zu", run->impl->name,
                needed, written);
        }
    }
    return DUET_OK;
}

enum duet_status duet_host_save(struct duet_host_run *run, void **bytes, size_t *size) {
    DUET_ASSERT(run->states != NULL && !run->is_alone);
    struct duet_text params = {0}, out = {0};
    enum duet_status status = describe_params(run, &params);
    if (status != DUET_OK) {
        return status;
    }
    struct saved_header header = {.magic = SAVED_MAGIC,
        .state_size = run->impl->state_size,
        .state_count = run->state_count,
        .instrument_count = run->instrument_count,
        .timers_made = run->timers_made,
        .rng = run->rng.state,
        .params_size = params.length,
        .is_custom = run->impl->save != NULL,
        .computation_count = run->computation_count,
        .computations_made = run->computations_made,
        .timers_fired = run->timers_fired,
        .timer_fired_ns = run->timer_fired_ns};
    duet_text_copy(header.plugin, sizeof(header.plugin), run->options.plugin->sha256);
    for (size_t i = 0; i < DUET_HOST_TIMERS_MAX; i++) {
        header.timer_count += run->timers[i].id != 0;
    }
    duet_text_append(&out, (const char *)&header, sizeof(header));
    duet_text_append(&out, params.text, params.length);
    for (uint32_t i = 0; i <= run->instrument_count; i++) {
        const struct host_context *context = &run->contexts[i];
        struct saved_context saved = {
            .bars = context->bars, .is_warm = context->public.is_warm, .stop_fraction = context->stop_fraction};
        if (i < run->instrument_count) {
            memcpy(saved.symbol, run->options.instruments->items[i].symbol, sizeof(saved.symbol));
        }
        duet_text_append(&out, (const char *)&saved, sizeof(saved));
    }
    for (size_t i = 0; i < DUET_HOST_TIMERS_MAX; i++) {
        const struct host_timer *timer = &run->timers[i];
        if (timer->id != 0) {
            struct saved_timer saved = {timer->id, timer->cookie, timer->due_ns, timer->period_ns, timer->context};
            duet_text_append(&out, (const char *)&saved, sizeof(saved));
        }
    }
    duet_text_append(&out, (const char *)run->computations, run->computation_count * sizeof(run->computations[0]));
    status = save_states(run, &out);
    duet_text_finish(&params);
    if (status != DUET_OK) {
        duet_text_finish(&out);
        return status;
    }
    uint64_t fold = duet_hash_bytes(DUET_HASH_SEED, out.text, out.length);
    duet_text_append(&out, (const char *)&fold, sizeof(fold));
    *bytes = out.text;
    *size = out.length;
    return DUET_OK;
}

/** Reads what was appended, in the same order. */
struct reader {
    const char *at;
    size_t left;
};

static bool take(struct reader *reader, void *out, size_t size) {
    if (reader->left < size) {
        return false;
    }
    memcpy(out, reader->at, size);
    reader->at += size;
    reader->left -= size;
    return true;
}

static enum duet_status damaged(const struct duet_host_run *run) {
    return duet_error(
        DUET_EDATA, "strategy %s: the saved state is damaged or of another version of duet", run->impl->name);
}

static enum duet_status check_header(
    const struct duet_host_run *run, const struct saved_header *header, struct reader *reader) {
    if (strncmp(header->plugin, run->options.plugin->sha256, sizeof(header->plugin)) != 0) {
        return duet_error(DUET_EABI, "strategy %s: state was saved by plugin %.12s, this one is %.12s", run->impl->name,
            header->plugin, run->options.plugin->sha256);
    }
    if (header->state_size != run->impl->state_size || header->state_count != run->state_count ||
        header->instrument_count != run->instrument_count || header->is_custom != (run->impl->save != NULL) ||
        header->timer_count > DUET_HOST_TIMERS_MAX || header->computation_count > DUET_HOST_COMPUTATIONS_MAX ||
        header->params_size > reader->left) {
        return duet_error(DUET_EINVAL, "strategy %s: state was saved in a run of %llu instruments, this one has %u",
            run->impl->name, (unsigned long long)header->instrument_count, run->instrument_count);
    }
    struct duet_text params = {0};
    enum duet_status status = describe_params(run, &params);
    if (status == DUET_OK && (params.length != header->params_size ||
                                 (params.length > 0 && memcmp(params.text, reader->at, params.length) != 0))) {
        status = duet_error(DUET_EINVAL, "strategy %s: state was saved with parameters %.*s, now they are %s",
            run->impl->name, (int)header->params_size, reader->at, params.text != NULL ? params.text : "none");
    }
    duet_text_finish(&params);
    reader->at += header->params_size;
    reader->left -= header->params_size;
    return status;
}

static enum duet_status load_contexts(struct duet_host_run *run, struct reader *reader) {
    for (uint32_t i = 0; i <= run->instrument_count; i++) {
        struct saved_context saved;
        if (!take(reader, &saved, sizeof(saved))) {
            return damaged(run);
        }
        const char *symbol = i < run->instrument_count ? run->options.instruments->items[i].symbol : "";
        if (strncmp(saved.symbol, symbol, sizeof(saved.symbol)) != 0) {
            return duet_error(DUET_EINVAL, "strategy %s: state was saved with instrument %.32s where now is %s",
                run->impl->name, saved.symbol, symbol);
        }
        run->contexts[i].bars = saved.bars;
        run->contexts[i].public.is_warm = saved.is_warm != 0;
        run->contexts[i].stop_fraction = saved.stop_fraction;
    }
    duet_host_recount(run);
    return DUET_OK;
}

static enum duet_status load_timers(struct duet_host_run *run, uint64_t count, struct reader *reader) {
    duet_host_timers_clear(run);
    for (uint64_t i = 0; i < count; i++) {
        struct saved_timer saved;
        if (!take(reader, &saved, sizeof(saved)) || saved.context > run->instrument_count || saved.id == 0) {
            return damaged(run);
        }
        struct host_timer timer = {.id = saved.id,
            .cookie = saved.cookie,
            .due_ns = saved.due_ns,
            .period_ns = saved.period_ns,
            .context = (uint32_t)saved.context};
        enum duet_status status = duet_host_timer_restore(run, &timer);
        if (status != DUET_OK) {
            return status;
        }
    }
    return DUET_OK;
}

static enum duet_status load_computations(struct duet_host_run *run, uint64_t count, struct reader *reader) {
    duet_host_computations_clear(run);
    if (!take(reader, run->computations, count * sizeof(run->computations[0]))) {
        return damaged(run);
    }
    for (uint64_t i = 0; i < count; i++) {
        if (run->computations[i].context > run->instrument_count) {
            return damaged(run);
        }
    }
    run->computation_count = count;
    return DUET_OK;
}

static enum duet_status load_states(struct duet_host_run *run, struct reader *reader) {
    for (size_t i = 0; i < run->state_count; i++) {
        struct host_context *context = run->impl->scope == DUET_ALL ? host_all(run) : &run->contexts[i];
        if (run->impl->load == NULL) {
            if (!take(reader, context->state, run->impl->state_size)) {
                return damaged(run);
            }
            continue;
        }
        uint64_t size;
        if (!take(reader, &size, sizeof(size)) || size > reader->left) {
            return damaged(run);
        }
        run->failed = false;
        host_enter_alone(context, "load");
        enum duet_status status = run->impl->load(&context->public, context->state, reader->at, size);
        host_leave_alone(context);
        if (status != DUET_OK) {
            return run->failed ? status
                               : duet_error(status, "strategy %s: load: %s", run->impl->name, duet_status_text(status));
        }
        reader->at += size;
        reader->left -= size;
    }
    return reader->left == 0 ? DUET_OK : damaged(run);
}

enum duet_status duet_host_load(struct duet_host_run *run, const void *bytes, size_t size) {
    DUET_ASSERT(run->states != NULL && !run->is_alone);
    struct reader reader = {.at = bytes, .left = size};
    struct saved_header header;
    uint64_t fold;
    if (size < sizeof(header) + sizeof(fold)) {
        return damaged(run);
    }
    reader.left -= sizeof(fold);
    memcpy(&fold, reader.at + reader.left, sizeof(fold));
    if (fold != duet_hash_bytes(DUET_HASH_SEED, bytes, reader.left) || !take(&reader, &header, sizeof(header)) ||
        memcmp(header.magic, SAVED_MAGIC, sizeof(header.magic)) != 0) {
        return damaged(run);
    }
    enum duet_status status = check_header(run, &header, &reader);
    if (status == DUET_OK) {
        status = load_contexts(run, &reader);
    }
    if (status == DUET_OK) {
        status = load_timers(run, header.timer_count, &reader);
    }
    if (status == DUET_OK) {
        status = load_computations(run, header.computation_count, &reader);
    }
    if (status == DUET_OK) {
        status = load_states(run, &reader);
    }
    if (status == DUET_OK) {
        run->timers_made = header.timers_made;
        run->timers_fired = header.timers_fired;
        run->timer_fired_ns = header.timer_fired_ns;
        run->computations_made = header.computations_made;
        run->rng.state = header.rng;
    }
    return status;
}
