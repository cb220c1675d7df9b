/*
 * What goes into report.html besides the result: the prices, read again from the series once the run is over, the diary
 * of the recorder, and the configuration.
 */
#ifndef DUET_ENGINE_REPORT_PAGE_H
#define DUET_ENGINE_REPORT_PAGE_H

#include <stdio.h>

#include "engine/conductor.h"
#include "engine/config.h"
#include "report/html.h"

/** All borrowed. */
struct duet_report_page {
    const struct duet_config *config;
    const struct duet_conductor *conductor; // after the run, its series still open
    const struct duet_result *result;
    const struct duet_diary *diary;
};

/**
 * Write the page. All instruments together show DUET_HTML_CANDLES_MAX candles at most: where there are more bars, as
 * many in a row as it takes become one candle, with the highest high and the lowest low of them.
 */
DUET_MUST_CHECK enum duet_status duet_report_page_print(const struct duet_report_page *page, FILE *stream);

#endif
