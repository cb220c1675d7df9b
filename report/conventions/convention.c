#include "report/conventions/convention.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static const struct duet_convention *const conventions[] = {&duet_convention_duet1};

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
