/*
 * The report of a run as one HTML file that needs nothing else: `report.html`. What it looks like and what it does is
 * in report/html/ (page.html, page.css and the scripts), put together with the chart library by the build; here the
 * run is written into it as JSON.
 *
 * Everything that comes from outside (symbols, paths, reasons) is data: the JSON stands in an element of its own in
 * which no character can end it, and the page's policy allows no script, style, picture or connection but its own.
 */
#ifndef DUET_REPORT_HTML_H
#define DUET_REPORT_HTML_H

#include <stdio.h>

#include "report/analysis.h"
#include "report/diary.h"
#include "report/result.h"

/** Candles of all instruments together; past it, several bars make one. */
#define DUET_HTML_CANDLES_MAX 500000
/** … and of one instrument at least. */
#define DUET_HTML_CANDLES_MIN 500

/** One or more bars in a row; prices in the instrument's decimals. */
struct duet_html_candle {
    int64_t open_s; // seconds since 1970 UTC; for bars from a day on, midnight of the bar's date
    int64_t open, high, low, close;
};

/** What one instrument cost while the run went on. */
struct duet_html_prices {
    uint32_t instrument;
    int64_t interval_ns; // of a bar; 0: single trades or quotes
    uint64_t bars_per_candle;
    struct duet_html_candle *candles; // in order, no two at the same time
    size_t count;
};

/** All of it borrowed. */
struct duet_html {
    const struct duet_result *result;
    const struct duet_analysis *analysis;
    const struct duet_diary *diary;
    const struct duet_instruments *instruments;
    const struct duet_html_prices *prices;
    size_t price_count;
    const char *configuration; // YAML that repeats the run
};

/** NULL, or why this program has no page to fill. */
const char *duet_html_missing(void);

/** The page; the same bytes for the same run. DUET_EIO where the stream took not all of it, DUET_ENOTFOUND where
 * duet_html_missing(). */
DUET_MUST_CHECK enum duet_status duet_html_print(const struct duet_html *html, FILE *stream);

#endif
