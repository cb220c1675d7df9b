#include "report/conventions/convention.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"

static const struct duet_convention *const conventions[] = {&duet_convention_duet1, &duet_convention_backtrader,
    &duet_convention_backtesting, &duet_convention_lean, &duet_convention_empyrical};

#define CONVENTIONS (sizeof(conventions) / sizeof(conventions[0]))

const struct duet_convention *duet_convention_at(size_t index) {
    return index < CONVENTIONS ? conventions[index] : NULL;
}

const char *duet_convention_name(size_t index) {
    return index < CONVENTIONS ? conventions[index]->name : NULL;
}

enum duet_status duet_convention_find(const char *name, const struct duet_convention **out) {
    const char *names[CONVENTIONS];
    for (size_t i = 0; i < CONVENTIONS; i++) {
        names[i] = conventions[i]->name;
        if (strcmp(name, names[i]) == 0) {
            *out = conventions[i];
            return DUET_OK;
        }
    }
    struct duet_text known = {0};
    for (size_t i = 0; i < CONVENTIONS; i++) {
        duet_text_print(&known, "%s%s", i == 0 ? "" : i + 1 == CONVENTIONS ? " and " : ", ", names[i]);
    }
    const char *nearest = duet_nearest(name, names, CONVENTIONS);
    enum duet_status status = duet_error(DUET_EINVAL, "statistics: \"%s\" is unknown%s%s%s; there are %s", name,
        nearest != NULL ? ", did you mean \"" : "", nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "",
        known.text);
    duet_text_finish(&known);
    return status;
}

void duet_convention_compute(
    const struct duet_convention *convention, const struct duet_result *result, struct duet_analysis *out) {
    out->figure_count = convention->count;
    out->figures = duet_alloc(convention->count, sizeof(*out->figures));
    memcpy(out->figures, convention->table, convention->count * sizeof(*out->figures));
    convention->compute(result, out);
}

struct duet_figure *duet_figure_at(struct duet_analysis *analysis, const char *key) {
    for (size_t i = 0; i < analysis->figure_count; i++) {
        if (strcmp(analysis->figures[i].key, key) == 0) {
            return &analysis->figures[i];
        }
    }
    DUET_ASSERT(false); // a convention fills its own table
    return NULL;
}

void duet_figure_set(struct duet_analysis *analysis, const char *key, double value) {
    struct duet_figure *figure = duet_figure_at(analysis, key);
    bool fits = isfinite(value);
    figure->stat = (struct duet_stat){.value = fits ? value : 0, .na = fits ? NULL : "not defined"};
}

void duet_figure_set_time(struct duet_analysis *analysis, const char *key, int64_t ns) {
    duet_figure_at(analysis, key)->time_ns = ns;
}

void duet_figures_none(struct duet_analysis *analysis, const char *reason) {
    for (size_t i = 0; i < analysis->figure_count; i++) {
        analysis->figures[i].stat = (struct duet_stat){.na = reason};
    }
}

void duet_figure_add(struct duet_analysis *analysis, const char *like, const char *key, double value) {
    struct duet_figure row = *duet_figure_at(analysis, like);
    analysis->figures = duet_realloc(analysis->figures, analysis->figure_count + 1, sizeof(*analysis->figures));
    analysis->keys = duet_realloc(analysis->keys, analysis->key_count + 1, sizeof(*analysis->keys));
    row.key = analysis->keys[analysis->key_count++] = duet_strdup(key);
    analysis->figures[analysis->figure_count++] = row;
    duet_figure_set(analysis, key, value);
}
