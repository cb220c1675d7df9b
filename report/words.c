#include "report/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include <duet/bar.h>

#include "base/money.h"
#include "base/time.h"

#define SECONDS_PER_YEAR 31557600.0

const char *duet_money_words(duet_money money, struct duet_words *out) {
    char text[DUET_DECIMAL_TEXT_MAX];
    snprintf(out->text, sizeof(out->text), "%s", duet_money_format_grouped(money, 2, text));
    return out->text;
}

const char *duet_count_words(uint64_t count, struct duet_words *out) {
    char text[DUET_DECIMAL_TEXT_MAX];
    snprintf(
        out->text, sizeof(out->text), "%s", duet_money_format_grouped((duet_money)count * DUET_MONEY_ONE, 0, text));
    return out->text;
}

const char *duet_time_words(int64_t ns, struct duet_words *out) {
    char text[DUET_TIME_TEXT_MAX];
    duet_time_format(ns, text);
    if (ns % DUET_MINUTE_NS == 0) {
        text[16] = '\0';
    }
    snprintf(out->text, sizeof(out->text), "%s", text);
    return out->text;
}

const char *duet_percent_words(struct duet_stat stat, bool sign, struct duet_words *out) {
    if (stat.na != NULL) {
        snprintf(out->text, sizeof(out->text), "n/a (%s)", stat.na);
    } else {
        snprintf(out->text, sizeof(out->text), sign ? "%+.2f %%" : "%.2f %%", stat.value * 100);
    }
    return out->text;
}

const char *duet_number_words(struct duet_stat stat, struct duet_words *out) {
    if (stat.na != NULL) {
        snprintf(out->text, sizeof(out->text), "n/a (%s)", stat.na);
    } else {
        snprintf(out->text, sizeof(out->text), "%.*f", fabs(stat.value) < 0.01 && stat.value != 0 ? 4 : 2, stat.value);
    }
    return out->text;
}

const char *duet_decimal_words(int64_t value, unsigned decimals, struct duet_words *out) {
    char text[DUET_DECIMAL_TEXT_MAX];
    for (; decimals > 0 && value % 10 == 0; decimals--) {
        value /= 10;
    }
    snprintf(out->text, sizeof(out->text), "%s", duet_decimal_format(value, decimals, text));
    return out->text;
}

const char *duet_interval_words(int64_t ns, struct duet_words *out) {
    static const struct {
        int64_t ns;
        const char *unit;
    } units[] = {{DUET_MONTH_NS, "mo"}, {DUET_WEEK_NS, "w"}, {DUET_DAY_NS, "d"}, {DUET_HOUR_NS, "h"},
        {DUET_MINUTE_NS, "m"}, {DUET_SECOND_NS, "s"}, {1000000, "ms"}, {1, "ns"}};
    size_t i = 0;
    while (i + 1 < sizeof(units) / sizeof(units[0]) && ns % units[i].ns != 0) {
        i++;
    }
    snprintf(out->text, sizeof(out->text), "%" PRId64 "%s", ns / units[i].ns, units[i].unit);
    return out->text;
}

const char *duet_duration_words(double seconds, struct duet_words *out) {
    if (seconds < 60) {
        snprintf(out->text, sizeof(out->text), "%.0f s", seconds);
    } else if (seconds < 2 * 3600) {
        snprintf(out->text, sizeof(out->text), "%.0f min", seconds / 60);
    } else if (seconds < 2 * 86400) {
        snprintf(out->text, sizeof(out->text), "%.1f h", seconds / 3600);
    } else if (seconds < 1000 * 86400.0) {
        snprintf(out->text, sizeof(out->text), "%.1f days", seconds / 86400);
    } else {
        snprintf(out->text, sizeof(out->text), "%.1f years", seconds / SECONDS_PER_YEAR);
    }
    return out->text;
}

void duet_commission_words(const struct duet_costs *costs, struct duet_text *out) {
    struct duet_words piece;
    char money[DUET_DECIMAL_TEXT_MAX];
    const char *plus = "";
    if (costs->rate != 0) {
        duet_text_print(out, "%s bps", duet_decimal_words(costs->rate, 8, &piece)); // 10^-12 is 10^-8 bps
        plus = " + ";
    }
    if (costs->per_unit != 0) {
        duet_text_print(out, "%s%s/unit", plus, duet_money_format(costs->per_unit, 0, money));
        plus = " + ";
    }
    if (costs->per_order != 0) {
        duet_text_print(out, "%s%s/order", plus, duet_money_format(costs->per_order, 0, money));
        plus = " + ";
    }
    if (costs->minimum != 0) {
        duet_text_print(
            out, "%sat least %s an order", plus[0] != '\0' ? ", " : "", duet_money_format(costs->minimum, 0, money));
    } else if (plus[0] == '\0') {
        duet_text_print(out, "%s", costs->commission_given ? "0" : "none assumed");
    }
}

void duet_slippage_words(const struct duet_costs *costs, struct duet_text *out) {
    struct duet_words piece;
    if (costs->slippage_rate != 0) {
        duet_text_print(out, "%s bps", duet_decimal_words(costs->slippage_rate, 8, &piece));
    }
    if (costs->slippage_ticks != 0) {
        duet_text_print(out, "%s%" PRId64 " tick%s", costs->slippage_rate != 0 ? " + " : "", costs->slippage_ticks,
            costs->slippage_ticks == 1 ? "" : "s");
    }
    if (costs->slippage_rate == 0 && costs->slippage_ticks == 0) {
        duet_text_print(out, "%s", costs->slippage_given ? "0" : "none assumed");
    }
}
