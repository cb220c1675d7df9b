/*
 * Questions about symbols on their way through the pool. Bars are copied when a question is put, so what a worker sees
 * does not change under it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "engine/live/features.h"

enum question_kind { ASKS_FEATURES = 1, ASKS_SIGNAL };

/** One question. Where it joined another that was under way, its own bars are never looked at. */
struct question {
    struct duet_analyst *analyst;
    enum question_kind kind;
    uint64_t flight;
    union {
        duet_features_done features;
        duet_signal_done signal;
    } done;
    void *argument;
    bool is_computed;
    struct duet_ticker_signal result; // of features, only the features
    char symbol[DUET_SYMBOL_MAX];
    size_t count;
    struct duet_bar bars[];
};

struct watch {
    struct duet_analyst *analyst;
    struct duet_watch_row *rows;
    size_t count, next, under_way, peak, failed;
    duet_watchlist_done done;
    void *argument;
};
/** A row's question knows its row. */
struct watcher {
    struct watch *watch;
    size_t row;
};

struct duet_analyst {
    struct duet_analyst_options options;
    struct duet_bar *bars; // scratch
    size_t under_way;
    uint64_t last_flight; // what was computed last, for those who joined it
    struct duet_ticker_signal last;
};

struct duet_analyst *duet_analyst_create(const struct duet_analyst_options *options) {
    struct duet_analyst *analyst = duet_alloc(1, sizeof(*analyst));
    analyst->options = *options;
    analyst->bars = duet_alloc(DUET_FEATURE_BARS_MAX, sizeof(*analyst->bars));
    return analyst;
}

void duet_analyst_destroy(struct duet_analyst *analyst) {
    if (analyst != NULL && analyst->under_way == 0) { // else work that was left behind may still come to it
        free(analyst->bars);
        free(analyst);
    }
}

static enum duet_status fetch(struct duet_analyst *analyst, const char *symbol, size_t *count) {
    *count = analyst->options.bars(analyst->options.argument, symbol, analyst->bars, DUET_FEATURE_BARS_MAX);
    return *count > 0 ? DUET_OK : duet_error(DUET_ENOTFOUND, "%s: no bars of it here", symbol);
}

static enum duet_status analyse(enum question_kind kind, const char *symbol, const struct duet_bar *bars, size_t count,
    struct duet_ticker_signal *out) {
    struct duet_features features;
    enum duet_status status = duet_features_of(symbol, bars, count, &features);
    if (status == DUET_OK && kind == ASKS_SIGNAL) {
        duet_signal_of(&features, out);
    } else {
        *out = (struct duet_ticker_signal){.features = features};
    }
    return status;
}

static enum duet_status answer_now(
    struct duet_analyst *analyst, enum question_kind kind, const char *symbol, struct duet_ticker_signal *out) {
    size_t count;
    enum duet_status status = fetch(analyst, symbol, &count);
    return status == DUET_OK ? analyse(kind, symbol, analyst->bars, count, out) : status;
}

enum duet_status duet_features_compute_now(
    struct duet_analyst *analyst, const char *symbol, struct duet_features *out) {
    struct duet_ticker_signal signal;
    enum duet_status status = answer_now(analyst, ASKS_FEATURES, symbol, &signal);
    if (status == DUET_OK) {
        *out = signal.features;
    }
    return status;
}

enum duet_status duet_signal_generate_now(
    struct duet_analyst *analyst, const char *symbol, struct duet_ticker_signal *out) {
    return answer_now(analyst, ASKS_SIGNAL, symbol, out);
}

/* ---- on the pool ---- */

static enum duet_status question_work(void *job, const volatile bool *cancelled) {
    struct question *question = job;
    enum duet_status status =
        analyse(question->kind, question->symbol, question->bars, question->count, &question->result);
    question->is_computed = status == DUET_OK;
    return status;
}

static void question_done(void *argument, void *job, enum duet_status status, const char *error) {
    struct question *question = job;
    struct duet_analyst *analyst = question->analyst;
    if (status == DUET_OK && question->is_computed) {
        analyst->last_flight = question->flight;
        analyst->last = question->result;
    } else if (status == DUET_OK) {
        // Those who joined are told right after the one they joined, before anything else is.
        DUET_ASSERT(analyst->last_flight == question->flight);
        question->result = analyst->last;
    }
    const struct duet_ticker_signal *result = status == DUET_OK ? &question->result : NULL;
    analyst->under_way--;
    if (question->kind == ASKS_FEATURES) {
        question->done.features(question->argument, status, result != NULL ? &result->features : NULL, error);
    } else {
        question->done.signal(question->argument, status, result, error);
    }
    free(question);
}

static uint64_t flight_of(enum question_kind kind, const char *symbol, int64_t close_ns) {
    uint64_t hash = duet_hash_bytes(DUET_HASH_SEED ^ (uint64_t)kind, symbol, strlen(symbol));
    hash = duet_hash_step(hash, (uint64_t)close_ns);
    return hash != 0 ? hash : 1;
}

/** `blank` says who is told; the rest is filled in here. */
static enum duet_status put(struct duet_analyst *analyst, const char *symbol, const struct question *blank) {
    size_t count;
    enum duet_status status = fetch(analyst, symbol, &count);
    if (status != DUET_OK) {
        return status;
    }
    struct question *question = duet_alloc(1, sizeof(*question) + count * sizeof(question->bars[0]));
    *question = *blank;
    question->analyst = analyst;
    question->count = count;
    question->flight = flight_of(blank->kind, symbol, analyst->bars[count - 1].close_ns);
    duet_text_copy(question->symbol, sizeof(question->symbol), symbol);
    memcpy(question->bars, analyst->bars, count * sizeof(question->bars[0]));
    const struct duet_offload_request request = {.name = blank->kind == ASKS_FEATURES ? "features" : "signal",
        .work = question_work,
        .done = question_done,
        .job = question,
        .priority = DUET_PRIORITY_LOW, // people and scans wait for orders, not the other way round
        .deadline_ns = analyst->options.deadline_ns,
        .flight = question->flight};
    status = duet_offload_submit(analyst->options.offload, &request, NULL);
    if (status != DUET_OK) {
        free(question);
        return status;
    }
    analyst->under_way++;
    return DUET_OK;
}

enum duet_status duet_features_compute(
    struct duet_analyst *analyst, const char *symbol, duet_features_done done, void *argument) {
    const struct question blank = {.kind = ASKS_FEATURES, .done.features = done, .argument = argument};
    return put(analyst, symbol, &blank);
}

enum duet_status duet_signal_generate(
    struct duet_analyst *analyst, const char *symbol, duet_signal_done done, void *argument) {
    const struct question blank = {.kind = ASKS_SIGNAL, .done.signal = done, .argument = argument};
    return put(analyst, symbol, &blank);
}

/* ---- watchlists ---- */

static void row_fail(struct watch *watch, size_t row, enum duet_status status, const char *error) {
    watch->rows[row].status = status;
    duet_text_copy(watch->rows[row].error, sizeof(watch->rows[row].error), error);
    watch->failed++;
}

static void watch_finish(struct watch *watch) {
    watch->done(watch->argument, watch->rows, watch->count, watch->failed, watch->peak);
    free(watch->rows);
    free(watch);
}

static void row_told(void *argument, enum duet_status status, const struct duet_ticker_signal *out, const char *error);

/** Put as many as the window lets through. A queue that is full is tried again when one of ours comes back. */
static void watch_fill(struct watch *watch) {
    while (watch->next < watch->count && watch->under_way < DUET_WATCHLIST_WINDOW) {
        struct watcher *watcher = duet_alloc(1, sizeof(*watcher));
        *watcher = (struct watcher){.watch = watch, .row = watch->next};
        const struct duet_watch_row *row = &watch->rows[watch->next];
        enum duet_status status = duet_signal_generate(watch->analyst, row->symbol, row_told, watcher);
        if (status != DUET_OK) {
            free(watcher);
        }
        if (status == DUET_EFULL && watch->under_way > 0) {
            return;
        }
        if (status != DUET_OK) {
            row_fail(watch, watch->next, status, duet_error_text());
        } else {
            watch->under_way++;
            watch->peak = watch->under_way > watch->peak ? watch->under_way : watch->peak;
        }
        watch->next++;
    }
}

static void row_told(void *argument, enum duet_status status, const struct duet_ticker_signal *out, const char *error) {
    struct watcher *watcher = argument;
    struct watch *watch = watcher->watch;
    watch->under_way--;
    if (status == DUET_OK) {
        watch->rows[watcher->row].signal = *out;
    } else {
        row_fail(watch, watcher->row, status, error);
    }
    free(watcher);
    watch_fill(watch);
    if (watch->under_way == 0) {
        watch_finish(watch);
    }
}

static enum duet_status nothing(void *job, const volatile bool *cancelled) {
    return DUET_OK;
}

static void nothing_done(void *argument, void *job, enum duet_status status, const char *error) {
    struct watch *watch = job;
    watch->analyst->under_way--;
    watch_finish(watch);
}

enum duet_status duet_signals_watchlist(
    struct duet_analyst *analyst, const char *const *symbols, size_t count, duet_watchlist_done done, void *argument) {
    if (count == 0 || count > DUET_WATCHLIST_MAX) {
        return duet_error(DUET_EINVAL, "a watchlist has 1 to %d symbols, not %zu", DUET_WATCHLIST_MAX, count);
    }
    struct watch *watch = duet_alloc(1, sizeof(*watch));
    *watch = (struct watch){.analyst = analyst, .count = count, .done = done, .argument = argument};
    watch->rows = duet_alloc(count, sizeof(*watch->rows));
    for (size_t i = 0; i < count; i++) {
        duet_text_copy(watch->rows[i].symbol, sizeof(watch->rows[i].symbol), symbols[i]);
    }
    watch_fill(watch);
    if (watch->under_way > 0) {
        return DUET_OK;
    }
    // Not one could be asked about; that too is told later, and not from in here.
    const struct duet_offload_request request = {
        .name = "watchlist", .work = nothing, .done = nothing_done, .job = watch, .priority = DUET_PRIORITY_LOW};
    enum duet_status status = duet_offload_submit(analyst->options.offload, &request, NULL);
    if (status != DUET_OK) {
        free(watch->rows);
        free(watch);
        return status;
    }
    analyst->under_way++;
    return DUET_OK;
}

size_t duet_signals_watchlist_now(
    struct duet_analyst *analyst, const char *const *symbols, size_t count, struct duet_watch_row *rows) {
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct duet_watch_row){0};
        duet_text_copy(rows[i].symbol, sizeof(rows[i].symbol), symbols[i]);
        rows[i].status = duet_signal_generate_now(analyst, rows[i].symbol, &rows[i].signal);
        if (rows[i].status != DUET_OK) {
            duet_text_copy(rows[i].error, sizeof(rows[i].error), duet_error_text());
            failed++;
        }
    }
    return failed;
}
