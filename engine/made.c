#include "engine/made.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/take.h"
#include "base/text.h"
#include "data/tick_series.h"
#include "engine/market.h"

struct duet_made *duet_made_create(
    const struct duet_instruments *instruments, const struct duet_made_source *sources, uint32_t count, bool guard) {
    struct duet_made *made = duet_alloc(1, sizeof(*made));
    made->instruments = instruments;
    made->guard = guard;
    made->due_ns = INT64_MAX;
    made->source_count = count;
    made->sources = duet_alloc(count, sizeof(*made->sources));
    made->first = duet_alloc(count, sizeof(struct duet_made_series *));
    memcpy(made->sources, sources, count * sizeof(*sources));
    return made;
}

void duet_made_destroy(struct duet_made *made) {
    if (made != NULL) {
        for (uint32_t i = 0; i < made->count; i++) {
            duet_window_finish(&made->items[i]->window);
            free(made->items[i]);
        }
        free(made->items);
        free(made->sources);
        free(made->first);
        free(made);
    }
}

/* -------------------------------------------------------------------------------------------------- what is made */

struct duet_made_series *duet_made_find(const struct duet_made *made, uint32_t instrument, int64_t bars) {
    for (uint32_t i = 0; i < made->count; i++) {
        if (made->items[i]->host.instrument == instrument && made->items[i]->host.interval_ns == bars) {
            return made->items[i];
        }
    }
    return NULL;
}

static bool is_before(const struct duet_made_series *item, int64_t interval_ns, uint32_t instrument) {
    return duet_bars_before(item->host.interval_ns, interval_ns) ||
           (item->host.interval_ns == interval_ns && item->host.instrument < instrument);
}

static void insert(struct duet_made *made, struct duet_made_series *item) {
    made->items = duet_realloc(made->items, made->count + 1, sizeof(struct duet_made_series *));
    uint32_t at = made->count++;
    while (at > 0 && !is_before(made->items[at - 1], item->host.interval_ns, item->host.instrument)) {
        made->items[at] = made->items[at - 1];
        at--;
    }
    made->items[at] = item;
    item->next = made->first[item->source];
    made->first[item->source] = item;
}

static enum duet_status add_of(struct duet_made *made, uint32_t source, int64_t bars, struct duet_made_series **out) {
    const struct duet_made_source *given = &made->sources[source];
    const struct duet_aggregate_options options = {.bars = bars,
        .instrument = given->instrument,
        .price_decimals = given->price_decimals,
        .quantity_decimals = given->quantity_decimals,
        .zone = given->zone};
    struct duet_made_series *item = duet_alloc(1, sizeof(*item));
    enum duet_status status = duet_aggregate_init(&item->aggregate, &options);
    if (status == DUET_OK) {
        status = duet_window_init(&item->window, DUET_MARKET_WINDOW_BARS, made->guard);
    }
    if (status != DUET_OK) {
        free(item);
        return status;
    }
    item->host =
        (struct duet_host_series){.instrument = given->instrument, .interval_ns = bars, .window = &item->window};
    item->source = source;
    insert(made, item);
    *out = item;
    return DUET_OK;
}

enum duet_status duet_made_add(
    struct duet_made *made, uint32_t instrument, int64_t bars, struct duet_made_series **out) {
    *out = duet_made_find(made, instrument, bars);
    if (*out != NULL) {
        return DUET_OK;
    }
    uint32_t finest = UINT32_MAX;
    for (uint32_t i = 0; i < 2 * made->source_count; i++) {
        uint32_t source = i % made->source_count;
        const struct duet_made_source *given = &made->sources[source];
        if (given->instrument != instrument || given->is_quotes != (i >= made->source_count)) {
            continue; // quotes come last
        }
        if (duet_bars_check(bars, given->interval_ns) == DUET_OK) {
            return add_of(made, source, bars, out);
        }
        finest = finest == UINT32_MAX ? source : finest;
    }
    return finest == UINT32_MAX ? duet_error(DUET_ENOTFOUND, "no data of it") // the line is that of the finest
                                : duet_bars_check(bars, made->sources[finest].interval_ns);
}

static bool is_given(const struct duet_made *made, uint32_t instrument, int64_t bars) {
    for (uint32_t i = 0; i < made->source_count; i++) {
        if (made->sources[i].instrument == instrument && made->sources[i].interval_ns == bars) {
            return true;
        }
    }
    return false;
}

static enum duet_status configure_one(struct duet_made *made, const struct duet_data_spec *spec) {
    const struct duet_instrument *instrument = duet_instruments_find(made->instruments, spec->symbol);
    int64_t bars[DUET_BARS_LIST_MAX];
    size_t count;
    enum duet_status status = duet_bars_list_parse(spec->bars, bars, &count);
    for (size_t i = 0; status == DUET_OK && i < count; i++) {
        if (!is_given(made, instrument->index, bars[i])) {
            struct duet_made_series *item;
            status = duet_made_add(made, instrument->index, bars[i], &item);
            if (status == DUET_OK) {
                item->host.primary = i == 0;
                item->wanted = i == 0;
            }
        }
    }
    return status == DUET_OK ? DUET_OK
                             : duet_error(DUET_EINVAL, "%s: bars=%s: %s", spec->symbol, spec->bars, duet_error_text());
}

enum duet_status duet_made_configure(struct duet_made *made, const struct duet_config *config) {
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < config->data_count; i++) {
        const struct duet_data_spec *spec = &config->data[i];
        for (size_t j = 0; spec->bars != NULL && j < i; j++) {
            if (config->data[j].bars != NULL && strcmp(config->data[j].symbol, spec->symbol) == 0) {
                return duet_error(DUET_EINVAL, "%s: bars= stands at two of its series; say it once", spec->symbol);
            }
        }
        status = spec->bars != NULL ? configure_one(made, spec) : DUET_OK;
    }
    return status;
}

int64_t duet_made_primary(const struct duet_config *config, const char *symbol) {
    for (size_t i = 0; i < config->data_count; i++) {
        int64_t bars[DUET_BARS_LIST_MAX];
        size_t count;
        const struct duet_data_spec *spec = &config->data[i];
        if (spec->bars != NULL && strcmp(spec->symbol, symbol) == 0 &&
            duet_bars_list_parse(spec->bars, bars, &count) == DUET_OK) {
            return bars[0];
        }
    }
    return 0;
}

/* --------------------------------------------------------------------------------------------------- as it goes */

static const struct duet_bar *close_next(struct duet_made_series *item, int64_t now_ns) {
    struct duet_bar *bar = duet_window_next(&item->window);
    bool closed = duet_aggregate_next(&item->aggregate, now_ns, bar);
    DUET_ASSERT(closed);
    return bar;
}

static bool is_due(const struct duet_made_series *item, int64_t now_ns) {
    int64_t due_ns = item->aggregate.state.due_ns;
    return due_ns <= now_ns && due_ns != INT64_MAX;
}

static void find_due(struct duet_made *made) {
    made->due_ns = INT64_MAX;
    for (uint32_t i = 0; i < made->count; i++) {
        int64_t due_ns = made->items[i]->aggregate.state.due_ns;
        made->due_ns = due_ns < made->due_ns ? due_ns : made->due_ns;
    }
}

const struct duet_bar *duet_made_next(struct duet_made *made, int64_t now_ns, int64_t interval_ns, uint32_t instrument,
    uint32_t *cursor, struct duet_made_series **item) {
    for (; *cursor < made->count; (*cursor)++) {
        struct duet_made_series *next = made->items[*cursor];
        if (!is_before(next, interval_ns, instrument)) {
            return NULL;
        }
        if (is_due(next, now_ns)) {
            *item = next;
            return close_next(next, now_ns); // the same series may have another: bricks
        }
    }
    find_due(made);
    return NULL;
}

const struct duet_bar *duet_made_next_of(
    struct duet_made *made, uint32_t source, int64_t now_ns, struct duet_made_series **item) {
    *item = NULL;
    for (struct duet_made_series *each = made->first[source]; each != NULL; each = each->next) {
        if (is_due(each, now_ns) &&
            (*item == NULL || duet_bars_before(each->host.interval_ns, (*item)->host.interval_ns))) {
            *item = each;
        }
    }
    if (*item == NULL) {
        find_due(made);
        return NULL;
    }
    return close_next(*item, now_ns);
}

uint64_t duet_made_late(const struct duet_made *made) {
    uint64_t late = 0;
    for (uint32_t i = 0; i < made->count; i++) {
        late += made->items[i]->aggregate.state.late;
    }
    return late;
}

void duet_made_end(struct duet_made *made) {
    for (uint32_t i = 0; i < made->count; i++) {
        struct duet_bar bar;
        if (duet_aggregate_flush(&made->items[i]->aggregate, &bar)) {
            *duet_window_next(&made->items[i]->window) = bar;
        }
    }
    made->due_ns = INT64_MAX;
}

static bool is_of_time(const struct duet_made_series *item) {
    return duet_bars_kind(item->host.interval_ns) == DUET_BARS_KIND_TIME;
}

static int64_t begins_ns(const struct duet_series *series, uint64_t index) {
    return duet_series_is_ticks(series) ? duet_series_tick_ns(series, index) : duet_series_open_ns(series, index);
}

/** Index from which on `warm_up` whole bars of `item` have closed by the span that `first` lies in; *had is how many
 * there are, at most. */
static uint64_t start_of(const struct duet_made_series *item, const struct duet_series *series, uint64_t first,
    uint64_t warm_up, uint64_t *had) {
    int64_t bars = item->host.interval_ns;
    *had = 0;
    if (!is_of_time(item)) {
        return 0;
    }
    const struct duet_zone *zone = item->aggregate.options.zone;
    uint64_t index = duet_series_find(series, duet_span_of(zone, bars, begins_ns(series, first)).open_ns);
    for (; *had < warm_up && index > 0; ++*had) {
        index = duet_series_find(series, duet_span_of(zone, bars, begins_ns(series, index - 1)).open_ns);
    }
    return index;
}

uint64_t duet_made_start(const struct duet_made *made, uint32_t source, const struct duet_series *series,
    uint64_t first, uint64_t start, uint64_t warm_up) {
    if (made == NULL || first >= series->count) {
        return start;
    }
    for (const struct duet_made_series *item = made->first[source]; item != NULL; item = item->next) {
        uint64_t had, own = start_of(item, series, first, item->host.primary ? warm_up : 0, &had);
        start = own < start ? own : start;
    }
    return start;
}

uint64_t duet_made_warm_bars(
    const struct duet_made *made, uint32_t source, const struct duet_series *series, uint64_t first, uint64_t warm_up) {
    uint64_t had = warm_up;
    for (const struct duet_made_series *item = first < series->count ? made->first[source] : NULL; item != NULL;
         item = item->next) {
        if (item->host.primary && is_of_time(item)) {
            (void)start_of(item, series, first, warm_up, &had);
        }
    }
    return had;
}

int64_t duet_made_bars_for(const struct duet_made *made, uint32_t source, int64_t bars) {
    int64_t each = 0;
    for (const struct duet_made_series *item = made->first[source]; item != NULL; item = item->next) {
        int64_t code = item->host.interval_ns, length_ns = made->sources[source].interval_ns;
        if (item->host.primary && is_of_time(item) && length_ns > 0) {
            each = (code + length_ns - 1) / length_ns;
        } else if (item->host.primary && duet_bars_kind(code) == DUET_BARS_KIND_TICKS) {
            each = duet_bars_size(code);
        }
    }
    int64_t needed;
    if (bars == 0 || each == 0) {
        return 0;
    }
    // One more, for the one that history begins inside of.
    return __builtin_mul_overflow(bars + 1, each, &needed) ? INT64_MAX : needed;
}

/* ---------------------------------------------------------------------------------------------- saving and loading */

struct saved_made {
    int64_t bars;
    uint32_t instrument, source;
    uint64_t window_wanted, kept; // bars follow
    uint64_t reserved;
    struct duet_aggregate_state state;
};

void duet_made_save(const struct duet_made *made, struct duet_text *out) {
    uint64_t count = made->count;
    duet_text_append(out, (const char *)&count, sizeof(count));
    for (uint32_t i = 0; i < made->count; i++) {
        const struct duet_made_series *item = made->items[i];
        const struct duet_window *window = &item->window;
        struct saved_made saved;
        memset(&saved, 0, sizeof(saved));
        saved.bars = item->host.interval_ns;
        saved.instrument = item->host.instrument;
        saved.source = item->source;
        saved.window_wanted = window->wanted;
        saved.kept = window->kept;
        saved.state = item->aggregate.state;
        duet_text_append(out, (const char *)&saved, sizeof(saved));
        duet_text_append(
            out, (const char *)(window->slots + window->end - window->kept), window->kept * sizeof(struct duet_bar));
    }
}

static enum duet_status damaged(void) {
    return duet_error(DUET_EDATA, "saved session: damaged");
}

static enum duet_status load_one(
    struct duet_made *made, struct duet_made_series *item, const unsigned char **bytes, size_t *size) {
    struct saved_made saved;
    if (!duet_take(bytes, size, &saved, sizeof(saved))) {
        return damaged();
    }
    if (saved.bars != item->host.interval_ns || saved.instrument != item->host.instrument ||
        saved.source != item->source) {
        return duet_error(DUET_EINVAL, "saved session: other longer bars were made in it");
    }
    if (saved.kept > saved.window_wanted || saved.kept > *size / sizeof(struct duet_bar)) {
        return damaged();
    }
    item->aggregate.state = saved.state;
    made->due_ns = saved.state.due_ns < made->due_ns ? saved.state.due_ns : made->due_ns;
    duet_window_finish(&item->window);
    enum duet_status status = duet_window_init(&item->window, (size_t)saved.window_wanted, made->guard);
    for (uint64_t i = 0; status == DUET_OK && i < saved.kept; i++) {
        if (!duet_take(bytes, size, duet_window_next(&item->window), sizeof(struct duet_bar))) {
            return damaged();
        }
    }
    return status;
}

enum duet_status duet_made_load(struct duet_made *made, const unsigned char **bytes, size_t *size) {
    uint64_t count;
    if (!duet_take(bytes, size, &count, sizeof(count))) {
        return damaged();
    }
    if (count != made->count) {
        return duet_error(DUET_EINVAL, "saved session: other longer bars were made in it");
    }
    enum duet_status status = DUET_OK;
    made->due_ns = INT64_MAX;
    for (uint32_t i = 0; status == DUET_OK && i < made->count; i++) {
        status = load_one(made, made->items[i], bytes, size);
    }
    return status;
}
