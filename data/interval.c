#include "data/series.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const struct {
    const char *unit;
    int64_t ns;
} units[] = {
    // largest first: formatting takes the first that divides
    {"y", DUET_YEAR_NS},
    {"q", DUET_QUARTER_NS},
    {"mo", DUET_MONTH_NS},
    {"w", DUET_WEEK_NS},
    {"d", DUET_DAY_NS},
    {"h", DUET_HOUR_NS},
    {"m", DUET_MINUTE_NS},
    {"s", DUET_SECOND_NS},
    {"ms", DUET_SECOND_NS / 1000},
    {"us", DUET_SECOND_NS / 1000000},
    {"ns", 1},
};
/** Longer bars are a typing error, and what is added to a time must not overflow. */
#define INTERVAL_MAX_NS (366 * DUET_DAY_NS)
#define UNITS_COUNT (sizeof(units) / sizeof(units[0]))

/** Of different lengths, so there is no counting in them. */
static bool is_uneven(int64_t unit_ns) {
    return unit_ns == DUET_YEAR_NS || unit_ns == DUET_QUARTER_NS || unit_ns == DUET_MONTH_NS;
}

enum duet_status duet_interval_parse(const char *text, int64_t *interval_ns) {
    int64_t number = 0;
    const char *p = text;
    bool good = *p >= '0' && *p <= '9';
    for (; good && *p >= '0' && *p <= '9'; p++) {
        good = number < 1000000000;
        number = number * 10 + (*p - '0');
    }
    if (good && number > 0) {
        for (size_t i = 0; i < UNITS_COUNT; i++) {
            int64_t ns = 0;
            if (strcmp(p, units[i].unit) == 0 && !__builtin_mul_overflow(number, units[i].ns, &ns) &&
                ns <= INTERVAL_MAX_NS && (!is_uneven(units[i].ns) || number == 1)) {
                *interval_ns = ns;
                return DUET_OK;
            }
        }
    }
    return duet_error(
        DUET_EINVAL, "\"%.40s\" is not an interval; write e.g. 90s, 1m, 15m, 1h, 1d, 1w, 1mo, 1q or 1y", text);
}

char *duet_interval_format(int64_t interval_ns, char out[24]) {
    for (size_t i = 0; i < UNITS_COUNT; i++) {
        if (interval_ns % units[i].ns == 0 && (!is_uneven(units[i].ns) || interval_ns == units[i].ns)) {
            snprintf(out, 24, "%" PRId64 "%s", interval_ns / units[i].ns, units[i].unit);
            break;
        }
    }
    return out;
}
