/* Numbers as people read them: grouped, rounded, with units. Each function writes into `out` and returns its text. */
#ifndef DUET_REPORT_WORDS_H
#define DUET_REPORT_WORDS_H

#include "base/text.h"
#include "report/stats.h"

/** Room for one of them. */
struct duet_words {
    char text[96];
};

/** "1,234.57", rounded to cents. */
const char *duet_money_words(duet_money money, struct duet_words *out);
/** "1,234". */
const char *duet_count_words(uint64_t count, struct duet_words *out);
/** "2020-01-01 03:45", to the minute where the seconds are zero. */
const char *duet_time_words(int64_t ns, struct duet_words *out);
/** A fraction as "2.92 %", with a plus sign if `sign`; "n/a (why)" where it is not defined. */
const char *duet_percent_words(struct duet_stat stat, bool sign, struct duet_words *out);
/** "1.25", "0.0123"; "n/a (why)" where it is not defined. */
const char *duet_number_words(struct duet_stat stat, struct duet_words *out);
/** Exact, without trailing zeros. */
const char *duet_decimal_words(int64_t value, unsigned decimals, struct duet_words *out);
/** The length of a bar: "1m", "4h", "1d", "1mo". */
const char *duet_interval_words(int64_t ns, struct duet_words *out);
/** "35 min", "6.5 h", "69.3 days". */
const char *duet_duration_words(double seconds, struct duet_words *out);

/** Appended: "10 bps + 0.005/unit, at least 1 an order", "0", "none assumed". */
void duet_commission_words(const struct duet_costs *costs, struct duet_text *out);
void duet_slippage_words(const struct duet_costs *costs, struct duet_text *out);

#endif
