/*
 * A convention: a named set of figures, each with its definition. One table per convention says what there is (key,
 * group, label, formula, unit) and a function fills the values in; JSON, summary, page and reference show what stands
 * there.
 */
#ifndef DUET_REPORT_CONVENTIONS_CONVENTION_H
#define DUET_REPORT_CONVENTIONS_CONVENTION_H

#include "report/analysis.h"

struct duet_convention {
    const char *name, *about; // about: one sentence
    const struct duet_figure *table; // without values
    size_t count;
    /** `out->figures` is a copy of the table, `out->stats` and the days are filled. */
    void (*compute)(const struct duet_result *result, struct duet_analysis *out);
};

/** By its name; DUET_EINVAL with the nearest. */
DUET_MUST_CHECK enum duet_status duet_convention_find(const char *name, const struct duet_convention **out);
/** The index'th; NULL past the last. */
const struct duet_convention *duet_convention_at(size_t index);
/** Fill `out->figures`; the rest of `out` is there. */
void duet_convention_compute(
    const struct duet_convention *convention, const struct duet_result *result, struct duet_analysis *out);

extern const struct duet_convention duet_convention_duet1;

#endif
