#include "data/bars.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "data/series.h"

#define KIND_SHIFT 60
#define SIZE_MASK ((INT64_C(1) << KIND_SHIFT) - 1)

static const struct {
    const char *name;
    unsigned decimals;
    const char *wanted;
} kinds[] = {
    [DUET_BARS_KIND_TICKS] = {"tick", 0, "a whole number of trades, e.g. tick:100"},
    [DUET_BARS_KIND_VOLUME] = {"volume", 6, "a volume with at most 6 decimals, e.g. volume:1000"},
    [DUET_BARS_KIND_VALUE] = {"value", 2, "an amount with at most 2 decimals, e.g. value:1000000"},
    [DUET_BARS_KIND_RENKO] = {"renko", 9, "the height of a brick with at most 9 decimals, e.g. renko:0.5"},
};
/** As the macros of <duet/bar.h> have it: larger ones are refused. */
#define SIZE_END INT64_C(100000000000000000)

enum duet_bars_kind duet_bars_kind(int64_t bars) {
    if (bars > 0) {
        return DUET_BARS_KIND_TIME;
    }
    uint64_t kind = ((uint64_t)bars ^ (UINT64_C(1) << 63)) >> KIND_SHIFT;
    bool known = bars < 0 && kind >= DUET_BARS_KIND_TICKS && kind <= DUET_BARS_KIND_RENKO;
    if (!known || duet_bars_size(bars) == 0 || duet_bars_size(bars) >= SIZE_END) {
        return DUET_BARS_KIND_NONE;
    }
    return (enum duet_bars_kind)kind;
}

int64_t duet_bars_size(int64_t bars) {
    return bars & SIZE_MASK;
}

unsigned duet_bars_decimals(enum duet_bars_kind kind) {
    return kind > DUET_BARS_KIND_TIME && kind < DUET_BARS_KIND_NONE ? kinds[kind].decimals : 0;
}

enum duet_status duet_bars_parse(const char *text, int64_t *bars) {
    size_t length = strcspn(text, ":");
    if (text[length] == '\0') {
        return duet_interval_parse(text, bars);
    }
    for (int kind = DUET_BARS_KIND_TICKS; kind <= DUET_BARS_KIND_RENKO; kind++) {
        if (strncmp(text, kinds[kind].name, length) == 0 && kinds[kind].name[length] == '\0') {
            const char *number = text + length + 1;
            int64_t size;
            if (duet_decimal_parse(number, strlen(number), kinds[kind].decimals, &size) != DUET_OK || size <= 0 ||
                size >= SIZE_END) {
                return duet_error(DUET_EINVAL, "\"%.40s\": %s", text, kinds[kind].wanted);
            }
            *bars = INT64_MIN + ((int64_t)kind << KIND_SHIFT) + size;
            return DUET_OK;
        }
    }
    return duet_error(
        DUET_EINVAL, "\"%.40s\" names no bars; write e.g. 5m, 1h, tick:100, volume:1000, value:1e6 or renko:0.5", text);
}

enum duet_status duet_bars_list_parse(const char *text, int64_t bars[DUET_BARS_LIST_MAX], size_t *count) {
    *count = 0;
    for (const char *at = text; at != NULL; at = strchr(at, '+'), at = at == NULL ? NULL : at + 1) {
        char one[64];
        size_t length = strcspn(at, "+");
        if (length >= sizeof(one) || *count == DUET_BARS_LIST_MAX) {
            return duet_error(DUET_EINVAL, "\"%.60s\": at most %d kinds of bars, e.g. 5m+1h", text, DUET_BARS_LIST_MAX);
        }
        memcpy(one, at, length);
        one[length] = '\0';
        enum duet_status status = duet_bars_parse(one, &bars[*count]);
        if (status != DUET_OK) {
            return status;
        }
        for (size_t i = 0; i < *count; i++) {
            if (bars[i] == bars[*count]) {
                return duet_error(DUET_EINVAL, "\"%.60s\" names %s twice", text, one);
            }
        }
        (*count)++;
    }
    return DUET_OK;
}

char *duet_bars_format(int64_t bars, char out[DUET_BARS_TEXT_MAX]) {
    enum duet_bars_kind kind = duet_bars_kind(bars);
    if (kind == DUET_BARS_KIND_TIME) {
        return duet_interval_format(bars, out);
    }
    if (kind == DUET_BARS_KIND_NONE) {
        snprintf(out, DUET_BARS_TEXT_MAX, "%lld", (long long)bars);
        return out;
    }
    char number[DUET_DECIMAL_TEXT_MAX];
    duet_decimal_format(duet_bars_size(bars), kinds[kind].decimals, number);
    if (kinds[kind].decimals > 0) {
        size_t length = strlen(number);
        while (number[length - 1] == '0') {
            length--;
        }
        number[length - (number[length - 1] == '.')] = '\0';
    }
    snprintf(out, DUET_BARS_TEXT_MAX, "%s:%.20s", kinds[kind].name, number);
    return out;
}

/** Spans of the calendar that are no number of days. */
static bool is_of_months(int64_t interval_ns) {
    return interval_ns == DUET_MONTH_NS || interval_ns == DUET_QUARTER_NS || interval_ns == DUET_YEAR_NS;
}

/** Whether every span of `longer` is made of whole ones of `shorter`, which is below it. */
static bool divides(int64_t shorter, int64_t longer) {
    if (is_of_months(longer)) {
        return is_of_months(shorter) || (shorter <= DUET_DAY_NS && DUET_DAY_NS % shorter == 0);
    }
    if (is_of_months(shorter)) {
        return false;
    }
    if (longer >= DUET_DAY_NS && shorter < DUET_DAY_NS) {
        return longer % DUET_DAY_NS == 0 && DUET_DAY_NS % shorter == 0;
    }
    // Weeks are counted from a Monday, other numbers of days are not.
    bool both =
        shorter <= DUET_DAY_NS || longer < DUET_DAY_NS || longer % DUET_WEEK_NS != 0 || shorter % DUET_WEEK_NS == 0;
    return both && longer % shorter == 0 && (longer < DUET_DAY_NS || longer % DUET_DAY_NS == 0);
}

enum duet_status duet_bars_check(int64_t bars, int64_t interval_ns) {
    char longer[DUET_BARS_TEXT_MAX], shorter[DUET_BARS_TEXT_MAX];
    enum duet_bars_kind kind = duet_bars_kind(bars);
    if (kind == DUET_BARS_KIND_NONE || (kind == DUET_BARS_KIND_TIME && bars > DUET_YEAR_NS)) {
        return duet_error(DUET_EINVAL, "%lld is no length of bars, and none of DUET_BARS_…()", (long long)bars);
    }
    if (kind != DUET_BARS_KIND_TIME || interval_ns == 0) {
        bool whole = kind != DUET_BARS_KIND_TIME || bars < DUET_DAY_NS || bars % DUET_DAY_NS == 0;
        return whole ? DUET_OK
                     : duet_error(DUET_ENOTFOUND, "no bars of %s: longer ones than a day are of whole days",
                           duet_bars_format(bars, longer));
    }
    if (bars <= interval_ns) {
        return duet_error(DUET_ENOTFOUND, "no bars of %s: the data has none shorter than %s",
            duet_bars_format(bars, longer), duet_bars_format(interval_ns, shorter));
    }
    if (!divides(interval_ns, bars)) {
        return duet_error(DUET_ENOTFOUND, "no bars of %s: they are not made of whole ones of %s, which the data has",
            duet_bars_format(bars, longer), duet_bars_format(interval_ns, shorter));
    }
    return DUET_OK;
}
