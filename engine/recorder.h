/*
 * Listens to a run and writes down what people ask for afterwards: fills, orders, round trips and equity as CSV, each
 * only where it was asked for. A component that subscribes after the portfolio, so cash after a fill is cash after that
 * fill.
 */
#ifndef DUET_ENGINE_RECORDER_H
#define DUET_ENGINE_RECORDER_H

#include <duet/component.h>

#include "engine/config.h"
#include "engine/tape.h"
#include "portfolio/portfolio.h"
#include "report/curve.h"
#include "report/diary.h"
#include "report/rows.h"
#include "report/trades.h"

struct duet_recorder {
    struct duet_component component;
    struct duet_portfolio *portfolio; // borrowed
    const struct duet_instruments *instruments; // borrowed
    struct duet_curve *curve; // borrowed; told of what fills put at risk
    struct duet_trades *trades; // owned
    struct duet_diary diary; // for the page of the report
    bool keeps_diary;
    struct duet_tape *tape; // borrowed; NULL: not wanted
    struct duet_rows files[DUET_ROWS_KIND_COUNT];
    bool wanted[DUET_ROWS_KIND_COUNT];
};

/** Open the files that `config` names, in `config.report` too; they have temporary names until duet_recorder_commit().
 */
DUET_MUST_CHECK enum duet_status duet_recorder_init(struct duet_recorder *recorder, const struct duet_config *config,
    struct duet_portfolio *portfolio, const struct duet_instruments *instruments, struct duet_curve *curve);
/** One point of the equity curve. */
void duet_recorder_instant(struct duet_recorder *recorder, int64_t ns);
/** Rename every file into place. */
DUET_MUST_CHECK enum duet_status duet_recorder_commit(struct duet_recorder *recorder);
/** Closes what is open; files not committed leave no trace. */
void duet_recorder_finish(struct duet_recorder *recorder);

#endif
