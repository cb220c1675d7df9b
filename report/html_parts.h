/* Inside report/html*.c: the page as the build put it together, and the parts of its data. */
#ifndef DUET_REPORT_HTML_PARTS_H
#define DUET_REPORT_HTML_PARTS_H

#include <stdbool.h>

#include "base/json.h"
#include "report/html.h"

/** The page up to its data, and from there on; empty where the build had no chart library. Made by html/embed.py. */
extern const unsigned char duet_html_head[], duet_html_tail[];
extern const size_t duet_html_head_size, duet_html_tail_size;

/** Whether the run's bars are of a day or longer, so that dates say more than times. */
bool duet_html_is_daily(const struct duet_html *html);
/** Seconds since 1970 as the page shows them: of `ns` in UTC; in a daily run midnight of the run's date. An instant
 * that `ends` something belongs to the day before where it falls on midnight. */
int64_t duet_html_seconds(const struct duet_html *html, int64_t ns, bool ends);

/** "days", "points", "months", "years", "drawdowns": each an object of columns, one array each. */
void duet_html_put_curves(struct duet_json *json, const struct duet_html *html);
/** "trades": columns, what is still open, and the reasons that occur. */
void duet_html_put_trades(struct duet_json *json, const struct duet_html *html);
/** "prices": one object per instrument. */
void duet_html_put_prices(struct duet_json *json, const struct duet_html *html);

#endif
