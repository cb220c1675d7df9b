/*
 * A convention: a named set of figures, each with its definition. One table per convention says what there is (key,
 * group, label, formula, unit) and a function fills the values in; JSON, summary, page and reference show what stands
 * there.
 */
#ifndef DUET_REPORT_CONVENTIONS_CONVENTION_H
#define DUET_REPORT_CONVENTIONS_CONVENTION_H

#include "report/analysis.h"

/** What a convention needs of the run beside days and trades. */
enum duet_convention_wants { DUET_WANTS_NOTHING = 0, DUET_WANTS_FILLS, DUET_WANTS_BARS };

struct duet_convention {
    const char *name, *about; // about: one sentence
    enum duet_convention_wants wants; // what result.tape has to hold
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

/** The row of this key; there has to be one. */
struct duet_figure *duet_figure_at(struct duet_analysis *analysis, const char *key);
/** Its value; "not defined" where that is no finite number. */
void duet_figure_set(struct duet_analysis *analysis, const char *key, double value);
void duet_figure_set_time(struct duet_analysis *analysis, const char *key, int64_t ns);
/** Every row without a value: `reason`. */
void duet_figures_none(struct duet_analysis *analysis, const char *reason);
/** A row more, made of `like`, whose key ends in a text of the run, e.g. a year. */
void duet_figure_add(struct duet_analysis *analysis, const char *like, const char *key, double value);

extern const struct duet_convention duet_convention_backtesting;
extern const struct duet_convention duet_convention_backtrader;
extern const struct duet_convention duet_convention_duet1;
extern const struct duet_convention duet_convention_empyrical;
extern const struct duet_convention duet_convention_lean;

#endif
